// SPDX-License-Identifier: Apache-2.0
//
// Enquiries by mail: what is asked, what comes back, and who gets to see what. The letters are in
// golden/desk/.
#include "flow/desk.h"

#include "base/domain.h"
#include "golden.h"
#include "request.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kAsylumKg = "asylum.statistics@migration.kg.example";
constexpr std::string_view kAsylumKz = "asylum.statistics@migration.kz.example";
constexpr std::string_view kAsylumUa = "asylum.statistics@migration.ua.example";
constexpr std::string_view kStranger = "reader@university.example";

constexpr std::string_view kAsylumHead =
    "DATAFLOW,FREQ,REF_AREA,CITIZENSHIP,APPLICANT,SEX,AGE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,"
    "OBS_STATUS,CONF_STATUS,TIME_PER_COLLECT\r\n";

std::string row(std::string_view area, std::string_view sex, std::string_view period,
                std::string_view value, std::string_view status = "", std::string_view conf = "") {
  const std::string_view freq = period.find('Q') != period.npos ? "Q"
                                : period.size() > 4             ? "M"
                                                                : "A";
  return fmt::format("FP:ASYLUM(1.0),{},{},_T,_T,{},_T,PER,{},{},{},{},S\r\n", freq, area, sex,
                     period, value, status, conf);
}

/// Sends a letter from somebody and gives its name in the mailbox.
std::string ask(Lab& lab, std::string_view from, std::string text,
                std::string subject = "Numbers") {
  Letter letter;
  letter.from = from;
  letter.subject = std::move(subject);
  letter.text = std::move(text);
  const std::string uid = lab.put(letter.bytes());
  lab.once();
  return uid;
}

/// Two countries, one of them with sexes, a provisional and a secret value.
void file_asylum(Lab& lab) {
  std::string kg(kAsylumHead), kz(kAsylumHead);
  int n = 0;
  for (const char* month : {"2026-01", "2026-02", "2026-03", "2026-04"}) {
    kg += row("KG", "_T", month, std::to_string(1000 + 17 * n), n == 3 ? "P" : "");
    kg += row("KG", "F", month, std::to_string(400 + 5 * n));
    kg += row("KG", "M", month, std::to_string(600 + 12 * n));
    ++n;
  }
  n = 0;
  for (const char* quarter : {"2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"}) {
    kz += row("KZ", "_T", quarter, std::to_string(2500 - 40 * n), "", n == 1 ? "N" : "");
    ++n;
  }
  Letter letter;
  letter.from = kAsylumKg;
  letter.attach("kg.csv", kg);
  const std::string first = lab.put(letter.bytes());
  Letter other;
  other.from = kAsylumKz;
  other.attach("kz.csv", kz);
  const std::string second = lab.put(other.bytes());
  lab.once();
  REQUIRE(lab.folder_of(first) == "Filed");
  REQUIRE(lab.folder_of(second) == "Filed");
}

struct Described {
  std::string_view provider, time_crit, population, text;
};

/// What a provider says about ASYLUM, as a filed description.
void describe(Lab& lab, const Described& what) {
  MetadataDescription description;
  description.structure = {"FP", "MSD_METHOD", "1.0"};
  description.dataflow = {"FP", "ASYLUM", ""};
  description.provider = what.provider;
  auto add = [&](std::string id, std::string value, std::string text = {}) {
    ReportedAttribute& one = description.attributes.emplace_back();
    one.id = std::move(id);
    one.value = std::move(value);
    if (!text.empty()) one.texts = {{"en", std::move(text)}};
  };
  add("STAT_CONC_DEF", "", std::string(what.text));
  add("STAT_UNIT", "PER");
  add("STAT_POP", std::string(what.population));
  add("TIME_CRIT", std::string(what.time_crit));
  auto transaction = must(lab.home().store().begin());
  must(lab.home().store().metadata().file(description, {0, 0, lab.clock.now(), {}}));
  must(transaction.commit());
}

std::string answer(Lab& lab, std::string_view to) {
  auto reply = newest(lab, "answer", to);
  return reply ? reply->text() : std::string();
}

}  // namespace

TEST_CASE("numbers with their definitions, and what makes two countries not comparable") {
  Lab lab;
  file_asylum(lab);
  describe(lab, {"KG_SMS", "M6", "NAT", "Persons who applied for asylum, once a year."});
  describe(lab, {"KZ_MSC", "M12", "NAT", "Applications registered by the committee."});
  const std::string uid = ask(lab, kAsylumUa, "GET ASYLUM KG,KZ 2025-2026\r\n\r\nThanks!\r\n");
  CHECK(lab.folder_of(uid) == "Enquiries");
  auto record = lab.docket_of(uid);
  REQUIRE(record->docket.items.size() == 1);
  CHECK(record->docket.items[0].kind == kEnquiryKind);
  CHECK(record->docket.outcome == Outcome::kAnswered);

  const std::string text = answer(lab, kAsylumUa);
  CHECK(has(text, "1\u00A0000"));  // Ukrainian groups with a no-break space
  CHECK(has(text, "×"));           // the secret quarter
  CHECK_FALSE(has(text, "2\u00A0460"));
  CHECK_FALSE(has(text, "2460"));
  auto reply = newest(lab, "answer");
  check_golden("desk", "get.uk.txt", reply.get());
  CHECK(has(reply->text("text/html"), "scope=\"row\""));
  CHECK(has(reply->text("text/html"), "<caption"));
  CHECK(has(reply->raw, "image/png"));
  CHECK(has(reply->raw, "multipart/related"));
  CHECK(reply->header("Auto-Submitted") == "auto-replied");
}

TEST_CASE("the same enquiry in three languages is answered in the language of the contact") {
  Lab lab;
  file_asylum(lab);
  ask(lab, kAsylumKg, "ДАННЫЕ убежище Кыргызстан 2026 по полу\r\n");
  check_golden("desk", "by-sex.ru.txt", newest(lab, "answer").get());
  ask(lab, kBorder, "get asylum kyrgyzstan 2026-Q1\r\n");
  check_golden("desk", "quarter.en.txt", newest(lab, "answer").get());
  ask(lab, kAsylumUa, "ДАНІ ASYLUM Киргизстан 2026-01\r\n");
  check_golden("desk", "month.uk.txt", newest(lab, "answer").get());
}

TEST_CASE("tables name countries in the alphabetical order of the reader's language") {
  Lab lab;
  struct Filed {
    std::string_view area, value;
  };
  for (const auto& [area, value] : {Filed{"AM", "11"}, Filed{"AZ", "22"}, Filed{"KZ", "33"},
                                    Filed{"MD", "44"}, Filed{"KG", "55"}}) {
    std::string csv(kAsylumHead);
    csv += row(area, "_T", area == "KG" ? "2026-01" : "2026-Q1", value);
    if (area == "KG")
      for (const auto& [citizens, count] :
           {Filed{"AT", "71"}, Filed{"AU", "72"}, Filed{"STLS", "73"}})
        csv += replaced(row(area, "_T", "2026-01", count), ",KG,_T,",
                        fmt::format(",KG,{},", citizens));
    Letter letter;
    letter.from =
        fmt::format("asylum.statistics@migration.{}.example", ascii_lower(std::string(area)));
    letter.attach("data.csv", csv);
    const std::string uid = lab.put(letter.bytes());
    lab.once();
    INFO(area);
    CHECK(lab.folder_of(uid) == "Filed");
  }
  auto order = [&](std::string_view from, const std::string& text,
                   std::initializer_list<std::string_view> numbers) {
    ask(lab, from, text);
    const std::string said = answer(lab, from);
    INFO(said);
    std::map<std::size_t, std::string> found;
    for (std::string_view number : numbers)
      found[said.find(fmt::format("  {}\n", number))] = number;
    CHECK(found.size() == numbers.size());
    CHECK(found.count(said.npos) == 0);
    std::string all;
    for (const auto& [at, number] : found) all += " " + number;
    return all;
  };
  const auto four = {std::string_view("11"), std::string_view("22"), std::string_view("33"),
                     std::string_view("44")};
  const std::string text = "GET ASYLUM AM,AZ,KZ,MD 2026-Q1 AS table\r\n";
  CHECK(order(kBorder, text, four) == " 11 22 33 44");    // Armenia, Azerbaijan
  CHECK(order(kAsylumKg, text, four) == " 22 11 33 44");  // Азербайджан, Армения
  CHECK(order(kAsylumUa, text, four) == " 22 11 33 44");  // Азербайджан, Вірменія
  // Citizenship too: Australia before Austria; who has none stays behind the countries.
  CHECK(order(kBorder, "GET ASYLUM KG 2026-01 BY citizenship AS table\r\n", {"71", "72", "73"}) ==
        " 72 71 73");
}

TEST_CASE("lists and helps") {
  Lab lab;
  file_asylum(lab);
  ask(lab, kBorder, "HELP\r\nINDICATORS MD\r\nCOUNTRIES ASYLUM\r\nWHO MD CROSSINGS\r\n");
  check_golden("desk", "lists.en.txt", newest(lab, "answer").get());
  ask(lab, kBorder, "CALENDAR MD\r\nHOW ASYLUM KG\r\nINVENTORY KG\r\nSTATUS\r\n");
  check_golden("desk", "more-lists.en.txt", newest(lab, "answer").get());
}

TEST_CASE("what was not understood is said, with what would work for this very person") {
  Lab lab;
  file_asylum(lab);
  ask(lab, kBorder, "GET ASYLUMM Kirgyzstan 2026\r\n");
  check_golden("desk", "typo.en.txt", newest(lab, "answer").get());
  ask(lab, kBorder, "GET ASYLUM KG 2031\r\n");
  check_golden("desk", "future.en.txt", newest(lab, "answer").get());
}

TEST_CASE("a stranger sees what is public, ten times a day, and none of his own words") {
  Lab lab;
  file_asylum(lab);
  const std::string uid = ask(lab, kStranger, "GET ASYLUM KG 2026-01 {{x}}\r\n");
  CHECK(lab.folder_of(uid) == "Enquiries");
  auto reply = newest(lab, "answer", kStranger);
  REQUIRE(reply);
  INFO(reply->text());
  CHECK(has(reply->text(), "1,000"));
  CHECK_FALSE(has(reply->raw, "{{x}}"));
  CHECK_FALSE(has(reply->text("text/html"), "<b>{{"));
  // Who collects what, and persons, are for the network.
  ask(lab, kStranger, "WHO KG\r\nSTATUS\r\n");
  CHECK_FALSE(has(answer(lab, kStranger), "…@"));
  for (int i = 0; i < 12; ++i) ask(lab, kStranger, "GET ASYLUM KG 2026-01\r\n");
  CHECK(letters(lab, "answer", kStranger) == std::int64_t(kAnswersToStranger));
}

TEST_CASE("what is for the network is not there for others") {
  Lab lab;
  file_asylum(lab);
  {
    auto structures = lab.home().lookup().structures();
    Structures changed;
    for (ProvisionAgreement& agreement : structures.agreements)
      if (agreement.ref.id == "PA_KG_SMS_ASYLUM") {
        for (Annotation& one : agreement.annotations)
          if (one.id == "FP_AUDIENCE") one.title = "network";
        changed.agreements.push_back(agreement);
      }
    auto transaction = must(lab.home().store().begin());
    must(lab.home().store().structures().save(changed, lab.clock.now()));
    must(transaction.commit());
    must(lab.home().reload_structures());
  }
  ask(lab, kStranger, "GET ASYLUM KG 2026\r\n");
  CHECK_FALSE(has(answer(lab, kStranger), "1,000"));
  CHECK(has(answer(lab, kStranger), "no data"));
  ask(lab, kBorder, "GET ASYLUM KG 2026\r\n");
  CHECK(has(answer(lab, kBorder), "1,000"));
}

TEST_CASE("a number of somebody else's docket tells nothing") {
  Lab lab;
  file_asylum(lab);
  const std::string number = must(lab.home().store().dockets().latest(1))[0].docket.number.text();
  ask(lab, kBorder, "STATUS " + number + "\r\n");
  CHECK(has(answer(lab, kBorder), "no message of yours"));
  ask(lab, kAsylumKz, "STATUS " + number + "\r\n");
  CHECK_FALSE(has(answer(lab, kAsylumKz), "no message"));
}

TEST_CASE("data are attached when asked, and a form comes back filled in") {
  Lab lab;
  file_asylum(lab);
  ask(lab, kBorder, "GET ASYLUM KG 2026 AS csv sdmx\r\n");
  auto reply = newest(lab, "answer");
  auto attached = mime::find_attachments(reply->message);
  REQUIRE(attached.size() == 2);

  ask(lab, kAsylumKg, "FORM ASYLUM 2026-05\r\n");
  reply = newest(lab, "answer", kAsylumKg);
  check_golden("desk", "form.ru.txt", reply.get());
  attached = mime::find_attachments(reply->message);
  REQUIRE(attached.size() == 2);
  std::string form =
      must(read_all(*mime::body_source(reply->message.parts[attached[0].part]), 1 << 20));
  CHECK(form.starts_with("\xEF\xBB\xBF"));
  CHECK(has(form, "2026-M05"));
  CHECK_FALSE(has(form, "1051"));  // last month's values are not in it

  // Sent back as it is: nothing is said to be filed.
  Letter blank;
  blank.from = kAsylumKg;
  blank.attach("form.csv", form);
  lab.clock.advance(40 * 24h);
  lab.put(blank.bytes());
  lab.once();
  const std::string said = newest(lab, "receipt", kAsylumKg)->text();
  CHECK(has(said, "ни одно значение не заполнено"));
  CHECK_FALSE(has(said, "уже внесены"));

  // Filled in as a person would: the one number that is known.
  const auto at = form.find(";_T;_T;_T;_T;PER;2026-M05;");
  REQUIRE(at != form.npos);
  form.insert(at + std::string(";_T;_T;_T;_T;PER;2026-M05;").size(), "1234");
  Letter filled;
  filled.from = kAsylumKg;
  filled.attach("form.csv", form);
  const std::string uid = lab.put(filled.bytes());
  lab.once();
  CHECK(lab.folder_of(uid) == "Filed");
  ask(lab, kBorder, "GET ASYLUM KG 2026-05\r\n");
  CHECK(has(answer(lab, kBorder), "1,234"));
}

TEST_CASE("who may see data is the owner's to say, once it is sure who says it") {
  Lab lab;
  lab.close();
  must(write_file_durably(lab.root() / "key", std::string(32, 'k')));
  lab.open();
  file_asylum(lab);
  believe_nobody(lab);
  const std::string uid = ask(lab, kAsylumKg, "AUDIENCE ASYLUM institution\r\n");
  CHECK(lab.folder_of(uid) == "Held");
  auto asked = newest(lab, "confirmation", kAsylumKg);
  check_golden("desk", "audience-asked.ru.txt", asked.get());
  ask(lab, kBorder, "GET ASYLUM KG 2026-01\r\n");
  CHECK(has(answer(lab, kBorder), "1,000"));
  lab.put(answer_to(*asked, "Да\r\n").bytes());
  lab.once();
  CHECK(lab.folder_of(uid) == "Enquiries");
  check_golden("desk", "audience.ru.txt", newest(lab, "answer", kAsylumKg).get());
  ask(lab, kBorder, "GET ASYLUM KG 2026-01\r\n");
  CHECK_FALSE(has(answer(lab, kBorder), "1,000"));
  // Others' data are not theirs to open.
  const std::string other = ask(lab, kAsylumKz, "PUBLISH CROSSINGS\r\n");
  CHECK(lab.folder_of(other) == "Enquiries");
}

TEST_CASE("a contact chooses its language") {
  Lab lab;
  lab.configure("");
  const std::string uid = ask(lab, kBorder, "LANGUAGE uk\r\n");
  CHECK(lab.folder_of(uid) == "Held");
  auto asked = newest(lab, "confirmation", kBorder);
  REQUIRE(asked);
  lab.put(answer_to(*asked, "YES\r\n").bytes());
  lab.once();
  CHECK(lab.home().lookup().contact(kBorder)->lang == "uk");
  CHECK(lab.home().lookup().contact(kBorder)->zone == "Europe/Chisinau");
}

TEST_CASE("nothing in an enquiry is run") {
  Lab lab;
  file_asylum(lab);
  for (std::string_view evil :
       {"GET ASYLUM' OR 1=1;-- KG 2026", "GET {{#x}}ASYLUM{{/x}} KG", "GET <script>ASYLUM KG",
        "STATUS 2026-000001'; DROP TABLE docket;--", "FORM ../../ASYLUM 2026-Q1",
        "LANGUAGE ../../../etc", "HOW ASYLUM \r\nBcc: victim@x.example"}) {
    const std::string uid = ask(lab, kBorder, std::string(evil) + "\r\n");
    INFO(evil);
    CHECK(lab.folder_of(uid) != "Failed");
    auto reply = newest(lab, "answer");
    if (!reply) continue;
    CHECK(reply->header("Bcc").empty());
    CHECK_FALSE(has(reply->text("text/html"), "<script"));
  }
  CHECK(lab.number("SELECT count(*) FROM docket") > 0);
}

TEST_CASE("a training module by mail, in the contact's language, and its three questions") {
  Lab lab;
  ask(lab, kAsylumKg, "МОДУЛЬ 5\r\n");
  check_golden("desk", "module.ru.txt", newest(lab, "answer", kAsylumKg).get());
  const std::string html = newest(lab, "answer", kAsylumKg)->text("text/html");
  CHECK(has(html, "<h3"));
  CHECK_FALSE(has(html, "&lt;!--"));

  ask(lab, kAsylumUa, "MODULE\r\nMODULE 5 a b\r\nMODULE 5 c c c\r\n");
  check_golden("desk", "module-answers.uk.txt", newest(lab, "answer", kAsylumUa).get());
}
