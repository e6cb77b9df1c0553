// SPDX-License-Identifier: Apache-2.0
//
// Digests: once for each period, whatever happens; for whom what is in them; and that another home
// can file what is attached. The letters are in golden/digest/.
#include "flow/digests.h"

#include "flow/bounces.h"
#include "flow/digest_calendar.h"
#include "flow/digest_facts.h"
#include "golden.h"
#include "request.h"

using namespace lab;
using namespace std::chrono_literals;

namespace digests_test {

using lab::has;

constexpr std::string_view kAsylumKz = "asylum.statistics@migration.kz.example",
                           kAsylumUa = "asylum.statistics@migration.ua.example",
                           kReader = "reader@university.example";
constexpr std::string_view kAsylumHead =
    "DATAFLOW,FREQ,REF_AREA,CITIZENSHIP,APPLICANT,SEX,AGE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,"
    "OBS_STATUS,CONF_STATUS,EMBARGO_TIME,TIME_PER_COLLECT\r\n";

/// A day after the structures came: they are no news.
struct LaterLab : Lab {
  LaterLab() { clock.set(at("2026-05-21T09:00:00Z")); }
};

std::string cell(std::string_view area, std::string_view sex, std::string_view period,
                 std::string_view value, std::string_view conf = "",
                 std::string_view embargo = "") {
  return fmt::format("FP:ASYLUM(1.0),{},{},_T,_T,{},_T,PER,{},{},,{},{},S\r\n",
                     has(period, "Q") ? "Q" : "M", area, sex, period, value, conf, embargo);
}

void file(Lab& lab, std::string_view from, const std::string& cells) {
  Letter letter;
  letter.from = std::string(from);
  letter.attach("data.csv", std::string(kAsylumHead) + cells);
  const std::string uid = lab.put(letter.bytes());
  lab.once();
  REQUIRE(lab.folder_of(uid) == "Filed");
}

/// Three months of Kyrgyzstan.
std::string quarter(std::string_view march = "1034") {
  return cell("KG", "_T", "2026-01", "1000") + cell("KG", "_T", "2026-02", "1017") +
         cell("KG", "_T", "2026-03", march);
}

/// A subscription without the letters that lead to it.
Subscription subscribe(Lab& lab, std::string_view address, std::string rhythm = "weekly",
                       std::vector<std::string> flows = {}, std::vector<std::string> areas = {},
                       std::string lang = "en") {
  Subscription one;
  one.address = std::string(address);
  one.rhythm = std::move(rhythm);
  one.lang = std::move(lang);
  one.flows = std::move(flows);
  one.areas = std::move(areas);
  one.opened = lab.clock.now();
  const RosterEntry* contact = lab.home().lookup().contact(address);
  const LocalTime local(contact ? contact->zone : "UTC");
  one.told_day = period_begin(one.rhythm, local.day(lab.clock.now()));
  one.told_until = local.at(one.told_day, 0);
  Transaction transaction = must(lab.home().store().begin());
  must(lab.home().store().subscriptions().add(one));
  must(transaction.commit());
  return one;
}

std::int64_t digests(Lab& lab, std::string_view to = "%") {
  return letters(lab, "digest", to);
}

/// On one line.
std::string text_of(Lab& lab, std::string_view to) {
  auto letter = newest(lab, "digest", to);
  std::string text;
  const std::string all = letter ? letter->text() : std::string();
  for (std::string_view line : split(all, '\n'))
    text += (text.empty() ? "" : " ") + std::string(trim(line));
  return text;
}

/// An attached file of the newest digest.
std::string attached(Lab& lab, std::string_view to, std::string_view name) {
  auto letter = newest(lab, "digest", to);
  REQUIRE(letter);
  for (const mime::Candidate& one : mime::find_attachments(letter->message))
    if (one.name == name)
      return must(read_all(*mime::body_source(letter->message.parts[one.part]), 1 << 20));
  return "";
}

TEST_CASE("periods end where the local calendar says, also when the clock changes") {
  const LocalTime berlin("Europe/Berlin"), bishkek("Asia/Bishkek"), beirut("Asia/Beirut"),
      nowhere("No/Where");
  auto day = [](std::string_view date) {
    return std::chrono::floor<std::chrono::days>(at(date)).time_since_epoch().count();
  };
  // 29 March 2026: an hour is left out at 2; 25 October: one comes twice at 3.
  CHECK(berlin.at(day("2026-03-29"), 0) == at("2026-03-28T23:00:00Z"));
  CHECK(berlin.at(day("2026-03-29"), 2) == at("2026-03-29T01:00:00Z"));
  CHECK(berlin.at(day("2026-03-29"), 8) == at("2026-03-29T06:00:00Z"));
  CHECK(berlin.at(day("2026-10-25"), 2) == at("2026-10-25T00:00:00Z"));
  CHECK(berlin.at(day("2026-10-25"), 8) == at("2026-10-25T07:00:00Z"));
  CHECK(berlin.day(at("2026-10-25T22:59:59Z")) == day("2026-10-25"));
  // Where the day begins at one o'clock.
  CHECK(beirut.at(day("2026-03-29"), 0) == at("2026-03-28T22:00:00Z"));
  CHECK(bishkek.day(at("2026-05-31T18:00:00Z")) == day("2026-06-01"));
  CHECK(nowhere.at(day("2026-06-01"), 8) == at("2026-06-01T08:00:00Z"));

  CHECK(period_begin("weekly", day("2026-05-24")) == day("2026-05-18"));
  CHECK(period_begin("weekly", day("2026-05-25")) == day("2026-05-25"));
  CHECK(period_begin("monthly", day("2026-02-28")) == day("2026-02-01"));
  CHECK(period_begin("quarterly", day("2026-12-31")) == day("2026-10-01"));
  CHECK(period_next("monthly", day("2026-12-05")) == day("2027-01-01"));
  CHECK(period_next("quarterly", day("2026-12-05")) == day("2027-01-01"));
  CHECK(period_next("daily", day("2026-12-31")) == day("2027-01-01"));

  const PeriodEnd early = last_due("daily", berlin, at("2026-10-25T06:59:59Z"));
  CHECK(early.day == day("2026-10-24"));
  const PeriodEnd due = last_due("daily", berlin, at("2026-10-25T07:00:00Z"));
  CHECK(due.day == day("2026-10-25"));
  CHECK(next_due("daily", berlin, at("2026-10-25T07:00:00Z"), due.day).due ==
        at("2026-10-26T07:00:00Z"));
}

TEST_CASE("what came in and what was revised is told once, at eight in the morning there") {
  LaterLab lab;
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-26T09:00:00Z"));
  subscribe(lab, kAsylumUa);
  subscribe(lab, kReader);
  file(lab, kAsylum, cell("KG", "_T", "2026-03", "1100") + cell("KG", "_T", "2026-04", "1200"));
  // Monday 1 June: 8:00 in Kyiv is 5:00.
  lab.clock.set(at("2026-06-01T04:59:00Z"));
  lab.once();
  CHECK(digests(lab) == 0);
  lab.clock.set(at("2026-06-01T05:00:00Z"));
  lab.once();
  CHECK(digests(lab, kAsylumUa) == 1);
  CHECK(digests(lab, kReader) == 0);
  const std::string text = text_of(lab, kAsylumUa);
  CHECK(has(text, "1 нове значення"));
  CHECK(has(text, "1 значення переглянуто"));
  CHECK(has(text, "+6,4"));
  lab.clock.set(at("2026-06-01T08:00:00Z"));
  lab.once();
  CHECK(digests(lab, kReader) == 1);
  for (int i = 0; i < 5; ++i) {
    lab.clock.advance(20h);
    lab.once();
  }
  CHECK(digests(lab) == 2);
  // A week without news: a row, and no letter.
  lab.clock.set(at("2026-06-08T12:00:00Z"));
  lab.once();
  CHECK(digests(lab) == 2);
  CHECK(lab.number("SELECT count(*) FROM digest WHERE what = 'nothing'") == 2);
  CHECK(lab.number("SELECT count(*) FROM digest WHERE what = 'sent'") == 2);
}

TEST_CASE(
    "after an outage everything is told in one digest, and nothing when the clock goes back") {
  LaterLab lab;
  subscribe(lab, kReader, "daily");
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-29T07:00:00Z"));
  lab.open();
  lab.once();
  // Seven days of silence, of which one has news.
  REQUIRE(digests(lab) == 1);
  CHECK(has(newest(lab, "digest")->subject(), "21 May 2026 – 27 May 2026"));
  CHECK(lab.number("SELECT count(*) FROM digest") == 1);
  lab.clock.set(at("2026-05-21T10:00:00Z"));
  lab.once();
  lab.clock.set(at("2026-05-29T07:59:00Z"));
  lab.once();
  CHECK(digests(lab) == 1);
  CHECK(lab.number("SELECT count(*) FROM digest") == 1);
  lab.clock.set(at("2026-05-29T08:00:00Z"));
  lab.once();
  CHECK(digests(lab) == 1);
  CHECK(lab.number("SELECT count(*) FROM digest") == 2);
}

TEST_CASE("a digest that was not committed has not been made, and is made once afterwards") {
  LaterLab lab;
  subscribe(lab, kReader, "daily");
  subscribe(lab, kAsylumKz, "daily");
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-22T09:00:00Z"));
  {
    // Another program's lock: as if the power went before the commit.
    Store other = must(Store::open(lab.root() / "store.sqlite"));
    Transaction held = must(other.begin());
    must(lab.home().store().database().execute("PRAGMA busy_timeout=1"));
    CHECK_FALSE(make_digests(lab.home(), lab.clock.now()).ok());
  }
  lab.open();
  CHECK(lab.number("SELECT count(*) FROM digest") == 0);
  CHECK(digests(lab) == 0);
  CHECK(must(make_digests(lab.home(), lab.clock.now())).sent == 2);
  CHECK(must(make_digests(lab.home(), lab.clock.now())).sent == 0);
  CHECK(digests(lab) == 2);
}

TEST_CASE("who moves to another zone is told of every day once") {
  LaterLab lab;
  lab.configure("[digests]\nzone = \"Asia/Bishkek\"\n");
  Subscription one = subscribe(lab, kReader, "daily");
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-22T02:00:00Z"));
  lab.once();
  CHECK(digests(lab) == 1);
  // The same morning once more, this time of UTC.
  must(write_file_durably(
      lab.root() / "focalpost.toml",
      replaced(must(read_file(lab.root() / "focalpost.toml")), "Asia/Bishkek", "UTC")));
  lab.open();
  file(lab, kAsylum, cell("KG", "_T", "2026-04", "1200"));
  lab.clock.set(at("2026-05-22T08:00:00Z"));
  lab.once();
  CHECK(digests(lab) == 1);
  lab.clock.set(at("2026-05-23T08:00:00Z"));
  lab.once();
  CHECK(digests(lab) == 2);
  CHECK(has(text_of(lab, kReader), "1 new value"));
}

TEST_CASE("what may not be seen is not told; the end of an embargo is a change") {
  LaterLab lab;
  subscribe(lab, kReader, "daily");
  subscribe(lab, kAsylumUa, "daily");
  file(lab, kAsylum,
       quarter() + cell("KG", "_T", "2026-04", "4321", "E", "2026-05-23T06:00:00Z") +
           cell("KG", "_T", "2026-05", "8765", "N"));
  lab.clock.set(at("2026-05-22T08:00:00Z"));
  lab.once();
  for (std::string_view who : {kReader, kAsylumUa}) {
    const std::string text = text_of(lab, who), csv = attached(lab, who, "ASYLUM.KG_SMS.csv");
    CHECK(has(text, who == kReader ? "3 new values" : "3 нові значення"));
    CHECK(has(csv, "1034"));
    for (const char* secret : {"4321", "8765"}) {
      CHECK_FALSE(has(text, secret));
      CHECK_FALSE(has(csv, secret));
    }
    CHECK_FALSE(has(csv, "2026-04,4321"));
  }
  lab.clock.set(at("2026-05-23T08:00:00Z"));
  lab.once();
  CHECK(digests(lab, kReader) == 1);  // it ended after the day did
  lab.clock.set(at("2026-05-24T08:00:00Z"));
  lab.once();
  REQUIRE(digests(lab, kReader) == 2);
  CHECK(has(text_of(lab, kReader), "1 new value"));
  CHECK(has(attached(lab, kReader, "ASYLUM.KG_SMS.csv"), "4321"));
  CHECK_FALSE(has(newest(lab, "digest", kReader)->raw, "8765"));
}

TEST_CASE("data for the network are told to the network, those of an institution to nobody else") {
  const auto [audience, network, outside] =
      GENERATE(std::tuple{"network", true, false}, std::tuple{"institution", false, false},
               std::tuple{"KZ", true, false}, std::tuple{"public", true, true});
  LaterLab lab;
  {
    Structures changed;
    for (const ProvisionAgreement& one : lab.home().lookup().structures().agreements) {
      if (one.provider.id != "KG_SMS" || one.dataflow.id != "ASYLUM") continue;
      ProvisionAgreement copy = one;
      std::erase_if(copy.annotations, [](const Annotation& a) { return a.id == "FP_AUDIENCE"; });
      Annotation& added = copy.annotations.emplace_back();
      added.id = "FP_AUDIENCE";
      added.title = audience;
      changed.agreements.push_back(std::move(copy));
    }
    Transaction transaction = must(lab.home().store().begin());
    must(lab.home().store().structures().save(changed, at("2026-05-01T00:00:00Z")));
    must(transaction.commit());
    lab.open();
  }
  subscribe(lab, kReader, "daily");
  subscribe(lab, kAsylumKz, "daily");
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-22T08:00:00Z"));
  lab.once();
  CHECK(digests(lab, kReader) == (outside ? 1 : 0));
  CHECK(digests(lab, kAsylumKz) == (network ? 1 : 0));
}

TEST_CASE("a digest is of its selection") {
  LaterLab lab;
  subscribe(lab, "a@b.example", "daily", {"ASYLUM"});
  subscribe(lab, "b@b.example", "daily", {}, {"KG"});
  subscribe(lab, "c@b.example", "daily", {"LABOUR"});
  subscribe(lab, "d@b.example", "daily", {"ASYLUM"}, {"KZ"});
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-22T08:00:00Z"));
  const DigestsMade made = must(make_digests(lab.home(), lab.clock.now()));
  CHECK(made.sent == 2);
  CHECK(made.nothing == 2);
  CHECK(made.drawn == 1);  // both letters have the same picture
  CHECK(digests(lab, "a@b.example") == 1);
  CHECK(digests(lab, "b@b.example") == 1);
}

TEST_CASE("many subscribers share what the letter says, and each can leave by a link of its own") {
  LaterLab lab;
  for (int i = 0; i < 30; ++i) subscribe(lab, fmt::format("r{}@university.example", i), "daily");
  file(lab, kAsylum, quarter());
  const std::int64_t before = lab.number("SELECT count(*) FROM blob");
  lab.clock.set(at("2026-05-22T08:00:00Z"));
  const DigestsMade made = must(make_digests(lab.home(), lab.clock.now()));
  CHECK(made.sent == 30);
  CHECK(made.composed == 1);
  // 30 headers; text, picture, file and what is between them.
  CHECK(lab.number("SELECT count(*) FROM blob") - before <= 30 + 5);

  auto one = newest(lab, "digest", "r7@university.example");
  auto two = newest(lab, "digest", "r8@university.example");
  CHECK(one->text() == two->text());
  CHECK(one->id() != two->id());
  CHECK(one->header("Auto-Submitted") == "auto-generated");
  CHECK(has(one->header("List-Id"), "<digest."));
  CHECK(one->header("Content-Language") == "en");
  CHECK(has(one->text(), "Names and codes express no opinion"));
  CHECK(has(one->text("text/html"), "Names and codes express no opinion"));
  const std::string link = one->header("List-Unsubscribe");
  CHECK(link.starts_with("<mailto:gateway@network.example?subject=UNSUBSCRIBE%20SU-"));
  CHECK(link != two->header("List-Unsubscribe"));
  CHECK(has(one->raw, "List-Unsubscribe: " + link + "\r\n"));  // as it is, for programs

  // What a mail program makes of the link.
  Letter leave;
  leave.from = "somebody.else@university.example";
  leave.subject = replaced(link.substr(link.find('=') + 1), "%20", " ");
  leave.subject.pop_back();
  leave.text = "";
  lab.put(leave.bytes());
  lab.once();
  CHECK(must(lab.home().store().subscriptions().of("r7@university.example")).empty());
  CHECK(must(lab.home().store().subscriptions().of("r8@university.example")).size() == 1);
  CHECK(newest(lab, "subscription", "r7@university.example"));
}

TEST_CASE("a digest has a return path of its own, which ties a report to it") {
  LaterLab lab;
  subscribe(lab, kReader, "daily");
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-22T08:00:00Z"));
  CHECK(must(make_digests(lab.home(), lab.clock.now())).sent == 1);
  const auto row = lab.number("SELECT outbox FROM digest");
  CHECK(must(lab.home().store().outbox().find(row))->recipient == kReader);
  // As it is with every letter that is no automatic reply: dispatch_test.
  CHECK(must(lab.home().store().outbox().find(row))->kind == kDigestKind);
}

TEST_CASE("what was withdrawn is told without its value; what was made secret is not told") {
  LaterLab lab;
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-22T09:00:00Z"));
  subscribe(lab, kReader, "daily");
  SECTION("made secret") {
    file(lab, kAsylum, cell("KG", "_T", "2026-02", "1017", "N"));
    lab.clock.set(at("2026-05-23T08:00:00Z"));
    lab.once();
    CHECK(digests(lab) == 0);
    // Nor is it in the file of other changes.
    file(lab, kAsylum, cell("KG", "_T", "2026-04", "1200"));
    lab.clock.set(at("2026-05-24T08:00:00Z"));
    lab.once();
    REQUIRE(digests(lab) == 1);
    CHECK_FALSE(has(attached(lab, kReader, "ASYLUM.KG_SMS.csv"), "1017"));
  }
  SECTION("withdrawn") {
    Letter letter;
    letter.from = std::string(kAsylum);
    letter.attach("delete.csv",
                  "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,CITIZENSHIP,APPLICANT,SEX,AGE,"
                  "UNIT_MEASURE,TIME_PERIOD,OBS_VALUE\r\n"
                  "dataflow,FP:ASYLUM(1.0),D,M,KG,_T,_T,_T,_T,PER,2026-02,\r\n");
    const std::string uid = lab.put(letter.bytes());
    lab.once();
    if (lab.folder_of(uid) == "Held") {
      lab.release(lab.docket_of(uid)->docket.number);
    }
    lab.clock.set(at("2026-05-23T08:00:00Z"));
    lab.once();
    REQUIRE(digests(lab) == 1);
    CHECK(has(text_of(lab, kReader), "1 value withdrawn"));
    const std::string csv = attached(lab, kReader, "ASYLUM.KG_SMS.csv");
    CHECK(has(csv, "2026-02"));
    CHECK_FALSE(has(csv, "1017"));
  }
}

TEST_CASE("a coordinator also gets what waits, and addresses that do not work") {
  LaterLab lab;
  believe_nobody(lab);
  subscribe(lab, kKgCoordinator, "daily");
  subscribe(lab, kAsylum, "daily");
  Letter letter;
  letter.from = std::string(kAsylum);
  letter.attach("quarter.csv", std::string(kAsylumHead) + quarter());
  lab.put(letter.bytes());
  lab.once();
  lab.clock.set(at("2026-05-22T09:00:00Z"));
  lab.once();
  // Nothing else happened.
  CHECK(digests(lab, kAsylum) == 0);
  REQUIRE(digests(lab, kKgCoordinator) == 1);
  auto digest = newest(lab, "digest", kKgCoordinator);
  CHECK(has(digest->text(), "quarter.csv"));
  // Waiting as before is no news.
  lab.clock.set(at("2026-05-23T09:00:00Z"));
  lab.once();
  CHECK(digests(lab, kKgCoordinator) == 1);
  for (int day = 0; day < 3; ++day) {
    Transaction transaction = must(lab.home().store().begin());
    must(lab.home().store().correspondents().note_bounce(kDeputy, "550", lab.clock.now()));
    must(transaction.commit());
    lab.clock.advance(24h);
  }
  lab.once();
  REQUIRE(digests(lab, kKgCoordinator) == 2);
  CHECK(has(text_of(lab, kKgCoordinator), kDeputy));
}

TEST_CASE("a coordinator hears how those who are looked after kept their promises") {
  LaterLab lab;
  const StructureLookup& lookup = lab.home().lookup();
  const RosterEntry* coordinator = lookup.contact(kKgCoordinator);
  REQUIRE(coordinator);
  Timeliness kg, ua, nothing;
  kg.provider = "KG_SMS";
  kg.promised = 12;
  kg.in_time = 9;
  kg.late = 2;
  kg.missed = 1;
  ua.provider = "UA_SMS";
  ua.promised = 4;
  nothing.provider = "KG_SMS";
  DigestFacts facts;
  add_kept(lookup, *coordinator, {kg, ua, nothing}, facts);
  REQUIRE(facts.kept.size() == 1);
  CHECK(facts.kept[0].provider == "KG_SMS");
  facts.rhythm = "monthly";
  for (auto [lang, line] : {std::pair("en", ": 9 of 12 in time, 2 later, 1 not received."),
                            std::pair("ru", ": вовремя 9 из 12, позже 2, не получено 1."),
                            std::pair("uk", ": вчасно 9 із 12, пізніше 2, не отримано 1.")}) {
    facts.lang = lang;
    DigestPictures pictures;
    const Receipt letter = must(compose_digest(
        facts, pictures, lookup, {lab.home().templates(), lab.home().phrases()}, Letterhead()));
    CHECK(has(replaced(letter.plain, "\n  ", " "), line));
  }
}

TEST_CASE("the subscription of somebody outside ends with the address") {
  LaterLab lab;
  subscribe(lab, kReader, "daily");
  subscribe(lab, kAsylumKz, "daily");
  file(lab, kAsylum, quarter());
  for (int day = 0; day < 3; ++day) {
    Transaction transaction = must(lab.home().store().begin());
    for (std::string_view who : {kReader, kAsylumKz})
      must(lab.home().store().correspondents().note_bounce(who, "550", lab.clock.now()));
    must(transaction.commit());
    lab.clock.advance(24h);
  }
  lab.once();
  CHECK(digests(lab, kReader) == 0);
  CHECK(must(lab.home().store().subscriptions().of(kReader)).empty());
  // Of a contact the coordinators know.
  CHECK(digests(lab, kAsylumKz) == 1);
}

TEST_CASE("what is attached is filed by another home as it is") {
  LaterLab first;
  file(first, kAsylum, quarter());
  first.clock.set(at("2026-05-26T09:00:00Z"));
  subscribe(first, kReader, "daily");
  file(first, kAsylum, cell("KG", "_T", "2026-03", "1100") + cell("KG", "F", "2026-03", "400"));
  file(first, kAsylumKz, cell("KZ", "_T", "2026-Q1", "77"));
  first.clock.set(at("2026-05-27T08:00:00Z"));
  first.once();
  const std::string kg = attached(first, kReader, "ASYLUM.KG_SMS.csv"),
                    kz = attached(first, kReader, "ASYLUM.KZ_MSC.csv");
  CHECK_FALSE(has(kg, "1017"));  // what did not change
  CHECK_FALSE(has(kg, ",KZ,"));
  CHECK(has(kz, ",KZ,"));

  LaterLab second;
  second.clock.set(at("2026-05-28T09:00:00Z"));
  for (const auto& [who, csv] : {std::pair{kAsylum, kg}, std::pair{kAsylumKz, kz}}) {
    Letter letter;
    letter.from = std::string(who);
    letter.attach("digest.csv", csv);
    const std::string uid = second.put(letter.bytes());
    second.once();
    INFO(csv);
    CHECK(second.folder_of(uid) == "Filed");
  }
  for (const char* value : {"1100", "400", "77"})
    CHECK(second.number(fmt::format("SELECT count(*) FROM data WHERE value = {}", value)) == 1);
  CHECK(second.number("SELECT count(*) FROM observation") == 3);
}

TEST_CASE("digests as people read them, in three languages") {
  const auto [lang, reader] =
      GENERATE(std::pair<std::string_view, std::string_view>{"en", kSecretariat},
               std::pair<std::string_view, std::string_view>{"ru", kAsylumKz},
               std::pair<std::string_view, std::string_view>{"uk", kAsylumUa});
  LaterLab lab;
  file(lab, kAsylum, quarter());
  lab.clock.set(at("2026-05-26T09:00:00Z"));
  subscribe(lab, reader);
  file(lab, kAsylum,
       cell("KG", "_T", "2026-03", "1100") + cell("KG", "_T", "2026-04", "1187") +
           cell("KG", "F", "2026-04", "512") + cell("KG", "M", "2026-04", "675"));
  file(lab, kAsylumKz, cell("KZ", "_T", "2026-Q1", "77"));
  {
    Letter letter;
    letter.attach("crossings.csv", crossings("2026-04", "120345"));
    lab.put(letter.bytes());
    lab.once();
  }
  {
    MetadataDescription description;
    description.structure = {"FP", "MSD_METHOD", "1.0"};
    description.dataflow = {"FP", "ASYLUM", ""};
    description.provider = "KG_SMS";
    description.attributes.emplace_back().id = "STAT_UNIT";
    description.attributes.back().value = "PER";
    Transaction transaction = must(lab.home().store().begin());
    must(lab.home().store().metadata().file(description, {0, 0, lab.clock.now(), {}}));
    Structures some;
    for (const Codelist& list : lab.home().lookup().structures().codelists)
      if (list.ref.id == "CL_AREA") some.codelists.push_back(list);
    REQUIRE(some.codelists.size() == 1);
    some.codelists[0].codes.back().names.push_back({"kk", "?"});
    must(lab.home().store().structures().save(some, lab.clock.now()));
    must(transaction.commit());
    lab.open();
  }
  lab.put(question().bytes());
  lab.once();
  lab.clock.set(at("2026-06-01T09:00:00Z"));
  lab.once();
  auto letter = newest(lab, "digest", reader);
  check_golden("digest", fmt::format("digest.{}.txt", lang), letter.get());
  // What is in golden/ shows the text; here that the HTML says the same and has its pictures.
  const std::string html = letter->text("text/html");
  CHECK(has(html, "<img src=\"cid:"));
  CHECK(has(html, "alt=\""));
  CHECK(has(html, fmt::format("<html lang=\"{}\">", lang)));
}

}  // namespace digests_test
