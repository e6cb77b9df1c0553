// SPDX-License-Identifier: Apache-2.0
//
// Three years of twelve countries and ten indicators, day by day, against what was reckoned by
// hand.
//
// Eight indicators are due by quarter (60 days after it), two by year (120 days), with 15 days of
// grace, from 2027 to 2029. In these three years 11 quarters come due (Q1 2027 on 30 May 2027 to Q3
// 2029 on 29 November 2029) and 2 years (2027 and 2028, on 29 and 30 April): 13 days on which
// something is due, and 8 x 11 + 2 x 2 = 92 duties of a country. What is due on one day is in one
// letter. The institutions differ in what they do:
//
//   3 "early"     file 20 days before: nobody is written to
//   3 "grace"     file 10 days after: before and after, 13 x 2 letters; all received in time
//   3 "late"      file 20 days after: the substitute too, 13 letters
//   1 "never"     the coordinator too: 12 letters, since the last quarter's 30 days end on
//   Saturday,
//                 29 December 2029, and no letter leaves before 1 January
//   1 "no data"   says so three days before: 13 letters
//   1 "extend"    asks for 30 days on the day after, and files 44 days after: 13 letters before,
//   and
//                 12 after the new day, since the last one is in January 2030
#include "compose/names.h"
#include "due.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

enum class Habit { kEarly, kGrace, kLate, kNever, kNoData, kExtend };

constexpr std::array<std::string_view, 12> kCountries = {"AM", "AZ", "BY", "GE", "KG", "KZ",
                                                         "MD", "RU", "TJ", "TM", "UA", "UZ"};
constexpr std::array<std::string_view, 10> kFlows = {
    "ASYLUM",  "ASYLUM_DEC", "CROSSINGS", "IRREGULAR", "LABOUR",
    "PERMITS", "REFUGEES",   "REFUSALS",  "FLOWS",     "STOCK"};
constexpr std::array<Habit, 12> kHabits = {
    Habit::kEarly, Habit::kEarly, Habit::kEarly, Habit::kGrace, Habit::kGrace,  Habit::kGrace,
    Habit::kLate,  Habit::kLate,  Habit::kLate,  Habit::kNever, Habit::kNoData, Habit::kExtend};

bool yearly(std::string_view flow) {
  return flow == "FLOWS" || flow == "STOCK";
}
std::string institution(std::size_t country) {
  return std::string(kCountries[country]) + "_SIM";
}
std::string address(std::string_view who, std::size_t country) {
  return fmt::format("{}@{}.sim.example", who, ascii_lower(kCountries[country]));
}

Structures network() {
  Structures made;
  OrganisationScheme& scheme = made.organisation_schemes.emplace_back();
  scheme.ref = {"SIM", "DATA_PROVIDERS", "1.0"};
  scheme.scheme_class = ArtefactClass::kDataProviderScheme;
  for (std::size_t c = 0; c < kCountries.size(); ++c) {
    Organisation& one = scheme.organisations.emplace_back();
    one.id = institution(c);
    one.names = {{"en", one.id}};
    for (std::string_view role : {"focal point", "substitute", "coordinator"}) {
      Contact& contact = one.contacts.emplace_back();
      contact.id = role.substr(0, role.find(' '));
      contact.roles = {{"en", std::string(role)}};
      contact.emails = {address(contact.id, c)};
      one.annotations.push_back({"FP_LANG:" + contact.id,
                                 "",
                                 c % 2 ? "ru" : "en",
                                 {{"en", c % 2 ? "Asia/Bishkek" : "Europe/Chisinau"}}});
    }
    for (std::string_view flow : kFlows) {
      ProvisionAgreement& agreement = made.agreements.emplace_back();
      agreement.ref = {"SIM", fmt::format("PA_{}_{}", one.id, flow), "1.0"};
      agreement.dataflow = {"FP", std::string(flow), "1.0"};
      agreement.provider = {scheme.ref, one.id};
      agreement.valid_from = "2027-01-01T00:00:00";
      ContentConstraint& constraint = made.constraints.emplace_back();
      constraint.ref = {"SIM", fmt::format("CC_{}_{}", one.id, flow), "1.0"};
      constraint.allowed = true;
      constraint.attached_to = {{ArtefactClass::kProvisionAgreement, agreement.ref, ""}};
      CubeRegion& region = constraint.regions.emplace_back();
      for (auto [dimension, code] :
           {std::pair<std::string_view, std::string_view>("FREQ", yearly(flow) ? "A" : "Q"),
            {"REF_AREA", kCountries[c]}}) {
        KeyValues& values = region.keys.emplace_back();
        values.component = dimension;
        values.values.emplace_back().code = code;
      }
      constraint.reference_from = "2027-01-01T00:00:00";
      constraint.reference_to = "2099-12-31T23:59:59";
      constraint.periodicity = yearly(flow) ? "P1Y" : "P3M";
      constraint.offset = yearly(flow) ? "P120D" : "P60D";
      constraint.tolerance = "P15D";
    }
  }
  return made;
}

/// Three years, lived once.
class Life {
 public:
  Life() {
    Home& home = lab().home();
    must(home.store().database().execute("DELETE FROM artefact WHERE kind = 'agreement'"));
    const Structures made = network();
    Transaction transaction = must(home.store().begin());
    must(home.store().structures().save(made, at("2027-01-01T00:00:00Z")));
    DocketRecord record;
    must(home.store().dockets().open(record, {"spool", "INBOX", 99, "simulation"}));
    docket_ = record.docket.id;
    must(transaction.commit());
    must(home.reload_structures());
    for (const Duty& duty :
         duties(home.lookup(), at("2027-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"), 100'000))
      all_.push_back(duty);
    lookup_ = home.snapshot();
    for (std::size_t c = 0; c < kCountries.size(); ++c) countries_.emplace(institution(c), c);
    for (Time day = at("2027-01-01T08:00:00Z"); day < at("2030-01-01T00:00:00Z"); day += 24h) {
      lab().clock.set(day);
      act(day);
      must(tend_duties(home, day));
    }
  }

  std::int64_t letters_to(std::string_view who, std::size_t country) {
    return due_.count(address(who, country));
  }
  std::map<std::string, int> states(std::size_t country) {
    std::map<std::string, int> made;
    DutyBook book(lab().home(), lab().clock.now());
    for (const Duty& duty : all_)
      if (duty.terms->agreement->provider.id == institution(country))
        ++made[std::string(duty_state_name(must(book.standing(duty)).state))];
    return made;
  }
  Lab& lab() { return due_.lab; }

 private:
  void act(Time day) {
    const Time today = std::chrono::floor<std::chrono::days>(day);
    Transaction transaction = must(lab().home().store().begin());
    for (const Duty& duty : all_) {
      const std::size_t country = countries_.at(duty.terms->agreement->provider.id);
      const auto since = (today - duty.due) / std::chrono::days(1);
      switch (kHabits[country]) {
        case Habit::kEarly:
          if (since == -20) file(duty, day);
          break;
        case Habit::kGrace:
          if (since == 10) file(duty, day);
          break;
        case Habit::kLate:
          if (since == 20) file(duty, day);
          break;
        case Habit::kNever:
          break;
        case Habit::kNoData:
          if (since == -3) say(duty, DutySaid::What::kEmpty, 0, day);
          break;
        case Habit::kExtend:
          if (since == 1) say(duty, DutySaid::What::kExtended, 30, day);
          if (since == 44) file(duty, day);
          break;
      }
    }
    must(transaction.commit());
  }

  void say(const Duty& duty, DutySaid::What what, std::uint32_t days, Time now) {
    must(lab().home().store().duties().say({key_of(duty), what, days, "focal", now, docket_}));
  }

  /// The all-total cell alone.
  void file(const Duty& duty, Time now) {
    const FlowStructure& flow = *duty.terms->flow;
    const std::string area = duty.terms->areas().front();
    std::string key;
    for (std::uint16_t d = 0; d < flow.dimension_count; ++d) {
      std::string code(usual_code(flow.components[d]));
      if (d == flow.freq) code = frequency_of(duty.period.kind());
      if (d == flow.ref_area) code = area;
      if (code.empty()) code = flow.components[d].codes->id(0);
      key += (d ? "." : "") + code;
    }
    ++serial_;
    must(lab().home().store().database().execute(fmt::format(
        "INSERT OR IGNORE INTO flow (dataflow, data_structure, dimensions) VALUES ('{0}', '{1}', "
        "''); "
        "INSERT OR IGNORE INTO series (flow, key, measure, area) SELECT id, '{2}', 'OBS_VALUE', "
        "'{3}' "
        "FROM flow WHERE dataflow = '{0}'; "
        "INSERT INTO filing (id, docket, item, dataset, flow, provider, agreement, action, "
        "filed_at, "
        "origin_gateway, origin_docket, origin_order) SELECT {4}, {5}, 1, 0, id, '{6}', '', "
        "'Replace', {7}, '', '', 1 FROM flow WHERE dataflow = '{0}'; "
        "INSERT INTO observation (series, period, value, filing) SELECT s.id, {8}, 1, {4} FROM "
        "series "
        "s JOIN flow f ON f.id = s.flow WHERE f.dataflow = '{0}' AND s.key = '{2}'",
        key_of(duty).dataflow, flow.data_structure.text(), key, area, serial_, docket_,
        duty.terms->agreement->provider.id, to_millis(now), duty.period.number())));
  }

  Due due_;
  std::shared_ptr<const StructureLookup> lookup_;
  std::vector<Duty> all_;
  std::map<std::string, std::size_t> countries_;
  std::int64_t docket_ = 0, serial_ = 1'000'000;
};

}  // namespace

TEST_CASE("three years of twelve countries and ten indicators") {
  Life life;
  struct Expected {
    std::int64_t focal, substitute, coordinator;
    std::map<std::string, int> states;
  };
  const std::map<Habit, Expected> expected = {
      {Habit::kEarly, {0, 0, 0, {{"received", 92}}}},
      {Habit::kGrace, {26, 0, 0, {{"received", 92}}}},
      {Habit::kLate, {26, 13, 0, {{"late", 92}}}},
      {Habit::kNever, {26, 13, 12, {{"missed", 92}}}},
      {Habit::kNoData, {13, 0, 0, {{"empty", 92}}}},
      {Habit::kExtend, {25, 0, 0, {{"received", 84}, {"extended", 8}}}},
  };
  for (std::size_t c = 0; c < kCountries.size(); ++c) {
    INFO(kCountries[c]);
    const Expected& wanted = expected.at(kHabits[c]);
    CHECK(life.letters_to("focal", c) == wanted.focal);
    CHECK(life.letters_to("substitute", c) == wanted.substitute);
    CHECK(life.letters_to("coordinator", c) == wanted.coordinator);
    CHECK(life.states(c) == wanted.states);
  }
  // 3 x 26 + 3 x 39 + 51 + 13 + 25, and nobody else was written to.
  CHECK(letters(life.lab(), kDueLetter) == 284);
  CHECK(life.lab().number("SELECT count(*) FROM event WHERE text LIKE '%no coordinator%'") == 0);
}
