// SPDX-License-Identifier: Apache-2.0
#include "compose/example.h"

#include <utility>

#include "compose/digest.h"
#include "compose/names.h"
#include "compose/persons.h"
#include "compose/subscription.h"
#include "compose/transcript.h"
#include "compose/undeliverable.h"
#include "compose/waiting.h"
#include "model/rules.h"

namespace focalpost {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

/// The month before `now`, and further back: "2026-03".
std::string month(Time now, int back = 1) {
  const std::int64_t day = std::chrono::floor<days>(now).time_since_epoch().count();
  const Period today = Period::at(PeriodKind::kDay, day);
  const auto parsed = Period::parse(today.text().substr(0, 7));
  return Period::at(PeriodKind::kMonth, parsed->ordinal() - back).text();
}

Docket docket(const ExampleFacts& facts, std::vector<Item> items) {
  Docket made;
  const std::int64_t day = std::chrono::floor<days>(facts.now).time_since_epoch().count();
  made.number = {Period::at(PeriodKind::kDay, day).year(), 147};
  made.subject = "ASYLUM " + month(facts.now);
  made.sender.address = "focal.point@statistics.example";
  made.sender.registered = true;
  made.sender.lang = facts.lang;
  made.received = facts.now;
  for (std::size_t i = 0; i < items.size(); ++i) items[i].number = std::uint32_t(i + 1);
  made.outcome = outcome_of(items);
  made.items = std::move(items);
  return made;
}

DatasetOutcome dataset(Time now) {
  DatasetOutcome made;
  made.structure = "FP:ASYLUM(1.0)";
  made.name_lang_id = "ASYLUM";
  made.series = 24;
  made.observations = 1440;
  made.first_period = month(now, 3);
  made.last_period = month(now);
  made.areas = {"KG"};
  return made;
}

Item file(std::string path, Outcome outcome) {
  Item made;
  made.path = std::move(path);
  made.kind = "sdmx-ml 2.1 StructureSpecificData";
  made.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  made.outcome = outcome;
  return made;
}

CellChange revised(std::string series, std::string period, std::string before, std::string after,
                   double relative) {
  return {CellChange::Kind::kRevised, std::move(series), std::move(period), "OBS_VALUE",
          std::move(before),          std::move(after),  relative};
}

Item filed(Time now) {
  Item made = file("asylum.xml", Outcome::kFiled);
  made.datasets = {dataset(now)};
  ChangeSummary& change = made.datasets[0].change;
  change.created = 480;
  change.revised = 2;
  change.withdrawn = 1;
  change.unchanged = 957;
  change.left = 120;
  change.largest_relative = 0.253;
  change.cells = {revised("M.KG.AF._T.F._T.PER", month(now, 3), "150", "188", 0.253),
                  revised("M.KG._T._T._T._T.PER", month(now, 3), "1204", "1242", 0.0316),
                  {CellChange::Kind::kWithdrawn, "M.KG.SY._T._T._T.CASE", month(now, 2),
                   "OBS_VALUE", "3", "", 0}};
  Finding empty;
  empty.rule = &rules::not_provided;
  empty.at = {61, 9};
  empty.series = "M.KG.SY._T.F._T.PER";
  empty.period = month(now);
  empty.count = 2;
  made.findings = {empty};
  made.infos = 2;
  return made;
}

Item rejected(Time now) {
  Item made = file("asylum-2.csv", Outcome::kRejected);
  made.kind = "sdmx-csv 1.0";
  made.datasets = {dataset(now)};
  Finding cumulative;
  cumulative.rule = &rules::looks_cumulative;
  cumulative.period = month(now, 1).substr(0, 4);
  cumulative.value = month(now, 3) + ": 12, " + month(now) + ": 40";
  Finding code;
  code.rule = &rules::unknown_code;
  code.at = {14, 22};
  code.component = "SEX";
  code.value = "Femal";
  code.suggestions = {"F"};
  code.series = "M.KG.AF._T.Femal._T.PER";
  Finding number;
  number.rule = &rules::number_with_separator;
  number.at = {18, 35};
  number.component = "OBS_VALUE";
  number.value = "1 234";
  number.suggestions = {"1234"};
  number.series = "M.KG._T._T._T._T.PER";
  number.period = month(now, 2);
  number.count = 3;
  made.findings = {cumulative, code, number};
  made.errors = 61;  // more than are listed
  made.warnings = 1;
  return made;
}

Item held(Time now) {
  Item made = file("asylum-3.xml", Outcome::kHeld);
  made.hold = HoldReason::kLargeChange;
  made.datasets = {dataset(now)};
  ChangeSummary& change = made.datasets[0].change;
  change.revised = 6;
  change.unchanged = 1434;
  change.largest_relative = 9.0;
  change.cells = {revised("M.KG._T._T._T._T.PER", month(now), "1204", "12040", 9.0),
                  revised("M.KG.AF._T._T._T.PER", month(now), "150", "1500", 9.0)};
  return made;
}

Item unsure(Time now) {
  Item made = file("asylum.xml", Outcome::kHeld);
  made.hold = HoldReason::kAssurance;
  made.datasets = {dataset(now)};
  made.datasets[0].change.created = 1440;
  return made;
}

/// An institution and its focal point, as a roster has them.
struct Example {
  Organisation institution;
  Contact contact;
  RosterEntry entry;

  Example() {
    contact.id = "FOCAL";
    contact.names = {{"en", "Focal point (example)"},
                     {"ru", "Координатор (пример)"},
                     {"uk", "Координатор (приклад)"}};
    contact.emails = {"focal.point@statistics.example"};
    institution.id = "XX_STAT";
    institution.names = {{"en", "Statistical office (example)"},
                         {"ru", "Статистическое ведомство (пример)"},
                         {"uk", "Статистичне відомство (приклад)"}};
    entry.organisation = &institution;
    entry.contact = &contact;
    entry.zone = "UTC";
  }
  Example(const Example&) = delete;
  Example& operator=(const Example&) = delete;
};

Result<Receipt> receipt(const ExampleFacts& facts, std::vector<Item> items) {
  return compose_receipt(docket(facts, std::move(items)), facts.structures, facts.voice,
                         facts.letterhead);
}

Result<Receipt> waiting(const ExampleFacts& facts, WaitingLetter kind, Item item) {
  const Example example;
  const Docket about = docket(facts, {std::move(item)});
  Waiting letter;
  letter.letter = kind;
  letter.cases = {{&about, {1}}};
  letter.token = "FP-7K3Q-9XHD";
  letter.until = facts.now + days(30);
  letter.days = 30;
  letter.contact = &example.entry;
  letter.lang = facts.lang;
  letter.zone = "UTC";
  return compose_waiting(letter, facts.structures, facts.voice, facts.letterhead);
}

/// Two areas over three years, of the network's first indicator if it has one.
AnswerData numbers(const ExampleFacts& facts) {
  AnswerData data;
  const auto flows = facts.structures.flows();
  if (flows.empty()) return data;
  data.flow = flows.front();
  AnswerTable& table = data.tables.emplace_back();
  table.flow = data.flow;
  table.collect = "S";
  const std::int64_t day = std::chrono::floor<days>(facts.now).time_since_epoch().count();
  const std::int64_t year = Period::containing(PeriodKind::kYear, day).ordinal();
  for (std::int64_t n = year - 3; n < year; ++n)
    table.periods.push_back(Period::at(PeriodKind::kYear, n));
  for (int i = 0; i < 2; ++i) {
    AnswerSeries& series = table.series.emplace_back();
    for (std::uint16_t d = 0; d < data.flow->dimension_count; ++d) {
      const FlowComponent& dimension = data.flow->components[d];
      std::string code(usual_code(dimension));
      if (dimension.coded() && (code.empty() || d == data.flow->ref_area))
        code = dimension.codes->id(static_cast<std::int32_t>(
            d == data.flow->ref_area ? std::min<std::size_t>(i, dimension.codes->size() - 1) : 0));
      series.codes.push_back(std::move(code));
    }
    for (int p = 0; p < 3; ++p)
      series.cells.push_back(
          {CellMark::kValue, std::to_string(1200 + 340 * i + 55 * p), p == 2 ? "P" : "A", {}});
    series.cells[1].mark = i == 1 ? CellMark::kWithheld : CellMark::kValue;
  }
  return data;
}

Transcript transcript(const ExampleFacts& facts) {
  Transcript made;
  Answered& help = made.answers.emplace_back();
  help.command.emplace();
  help.command->line = "HELP";
  help.sentences.push_back({"help", {}});
  AnswerFact example;
  example.text = "indicators";
  help.facts = {example};
  if (AnswerData data = numbers(facts); data.flow) {
    Answered& get = made.answers.emplace_back();
    get.command.emplace();
    get.command->verb = enquiry::Verb::kGet;
    get.command->line = "GET " + data.flow->dataflow.id;
    get.command->flows = {data.flow->dataflow.id};
    get.command->unknown.push_back({"ATLANTIS", {}});
    get.data.push_back(std::move(data));
    made.examples = {example};
  }
  return made;
}

Result<Receipt> digest(const ExampleFacts& facts) {
  DigestFacts made;
  made.lang = std::string(facts.lang);
  made.zone = "UTC";
  made.rhythm = "weekly";
  made.since = facts.now - days(7);
  made.until = facts.now;
  if (AnswerData data = numbers(facts); data.flow && !data.tables.empty()) {
    const AnswerTable& table = data.tables.front();
    auto chart = std::make_shared<AnswerTable>(table);
    chart->series.resize(1);
    DigestChange& change = made.changes.emplace_back();
    change.flow = data.flow->dataflow.id;
    change.area = table.series.front().codes[data.flow->ref_area];
    change.provider = table.series.front().provider;
    change.structure = data.flow;
    change.added = 12;
    change.revised = 2;
    change.first = table.periods.front();
    change.last = table.periods.back();
    std::vector<std::string_view> key(table.series.front().codes.begin(),
                                      table.series.front().codes.end());
    change.largest =
        DigestRevision{data.flow->series_key(key), table.periods.front(), "1200", "1310", 0.09};
    made.due.push_back(
        {change.flow, change.provider, {change.area}, table.periods.back(), facts.now + days(14)});
    made.charts.push_back(std::move(chart));
  }
  made.structures.push_back({"Codelist", "CL_AREA", "1.0", {}});
  made.requests.push_back({"2026-000147", {}, {}, "", true, 5});
  made.held.push_back({"2026-000148", "", "data.xml", 1});
  made.dead.push_back({"focal.point@statistics.example", "", facts.now - days(3)});
  made.files.push_back({"changes.csv", "text/csv", "", ""});
  DigestPictures pictures;
  return compose_digest(made, pictures, facts.structures, facts.voice, facts.letterhead);
}

TranscriptReader reader(const ExampleFacts& facts) {
  return {{}, std::string(facts.lang), "UTC"};
}

}  // namespace

const std::vector<ExampleLetter>& example_letters() {
  using F = const ExampleFacts&;
  static const std::vector<ExampleLetter> letters = {
      {"receipt", "filed", [](F f) { return receipt(f, {filed(f.now)}); }},
      {"receipt", "rejected", [](F f) { return receipt(f, {rejected(f.now)}); }},
      {"receipt", "held", [](F f) { return receipt(f, {held(f.now)}); }},
      {"receipt", "several",
       [](F f) {
         return receipt(
             f, {filed(f.now), rejected(f.now), held(f.now), file("logo.png", Outcome::kIgnored)});
       }},
      {"answer", "yes",
       [](F f) {
         Item word = file("", Outcome::kAnswered);
         word.kind = "command";
         Finding said;
         said.rule = &rules::answer_yes;
         said.value = docket(f, {}).number.text();
         word.findings = {said};
         return compose_answer(docket(f, {word}), f.structures, f.voice, f.letterhead);
       }},
      {"transcript", "numbers",
       [](F f) {
         return compose_transcript(docket(f, {}), transcript(f), reader(f), f.structures, f.voice,
                                   f.letterhead);
       }},
      {"digest", "coordinator", [](F f) { return digest(f); }},
      {"notice", "no-data",
       [](F f) {
         return compose_no_data(docket(f, {file("logo.png", Outcome::kIgnored)}), f.structures,
                                f.voice, f.letterhead);
       }},
      {"notice", "failed",
       [](F f) { return compose_failed(docket(f, {}), f.structures, f.voice, f.letterhead); }},
      {"notice", "help",
       [](F f) { return compose_help(docket(f, {}), f.lang, f.voice, f.letterhead); }},
      {"notice", "subscription",
       [](F f) {
         SubscriptionFacts made;
         const Docket about = docket(f, {});
         made.about = &about;
         made.lang = std::string(f.lang);
         made.zone = "UTC";
         made.rhythm = "monthly";
         made.next = f.now + days(7);
         return compose_subscription(made, f.structures, f.voice, f.letterhead);
       }},
      {"notice", "persons",
       [](F f) {
         const Example example;
         return compose_persons(docket(f, {}), example.entry, f.lang, "UTC", f.voice, f.letterhead);
       }},
      {"undeliverable", "coordinator",
       [](F f) {
         const Example example;
         const Undeliverable dead{example.entry, "focal.point@statistics.example", f.now - days(3),
                                  3, "550 5.1.1 no such user"};
         return compose_undeliverable(dead, f.lang, "UTC", f.voice, f.letterhead);
       }},
      {"waiting", "confirm", [](F f) { return waiting(f, WaitingLetter::kConfirm, held(f.now)); }},
      {"waiting", "confirm-unsure",
       [](F f) { return waiting(f, WaitingLetter::kConfirm, unsure(f.now)); }},
      {"waiting", "remind", [](F f) { return waiting(f, WaitingLetter::kRemind, held(f.now)); }},
      {"waiting", "review", [](F f) { return waiting(f, WaitingLetter::kReview, held(f.now)); }},
      {"waiting", "still-waits",
       [](F f) { return waiting(f, WaitingLetter::kStillWaits, held(f.now)); }},
      {"waiting", "expired", [](F f) { return waiting(f, WaitingLetter::kExpired, held(f.now)); }},
  };
  return letters;
}

}  // namespace focalpost
