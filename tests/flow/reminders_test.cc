// SPDX-License-Identifier: Apache-2.0
//
// Who is reminded of what is due, when, and what is answered. What the letters say word for word is
// in golden/due/.
#include "compose/calendar_file.h"
#include "due.h"
#include "enquiry/duty_words.h"
#include "enquiry/read.h"
#include "flow/desk_coordinator.h"
#include "golden.h"
#include "render/local_time.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

// CROSSINGS of Moldova: April is due on Monday 15 June 2026 (the 14th is a Sunday), May on
// Wednesday 15 July. Q1 of most others on Monday 1 June (30 May is a Saturday).
constexpr std::string_view kSubstituteMd = "analysis@border.md.example";

void golden(std::string_view name, std::string_view lang, const Reply& letter) {
  check_golden("due", fmt::format("{}.{}.txt", name, lang), &letter);
}

/// The border unit of Moldova has CROSSINGS alone to think of.
struct Quiet : Due {
  explicit Quiet(std::string_view more = {}) : Due(more) { silence("MD_GIB", "REFUSALS"); }
};

/// In the first week in which it is asked for April.
struct Asked_ : Quiet {
  Asked_() { tend("2026-06-09T07:00:00Z"); }
  std::string refused(const std::string& text) {
    const std::string uid = answer(text);
    CHECK(said_about(lab, uid) == "duty-refused");
    auto record = lab.docket_of(uid);
    return record && !record->docket.items.empty() && !record->docket.items[0].findings.empty()
               ? record->docket.items[0].findings[0].detail
               : "";
  }
  std::unique_ptr<Reply> asked() { return letter(kBorder); }
  std::string answer(std::string text) { return say(answer_to(*asked(), std::move(text))); }
  std::string april() { return state("MD_GIB", "CROSSINGS", "2026-04"); }
};

}  // namespace

TEST_CASE("what somebody's clock says") {
  const LocalMoment bishkek = local_time(at("2026-06-30T20:30:00Z"), "Asia/Bishkek");
  CHECK(date_text(bishkek.day) == "2026-07-01");
  CHECK(bishkek.minute == 2 * 60 + 30);
  // Summer time began on 29 March 2026 at 1:00 UTC.
  CHECK(local_time(at("2026-03-29T00:59:00Z"), "Europe/Kyiv").minute == 2 * 60 + 59);
  CHECK(local_time(at("2026-03-29T01:00:00Z"), "Europe/Kyiv").minute == 4 * 60);
  CHECK(local_time(at("2026-06-30T20:30:00Z"), "No/Such").minute == 20 * 60 + 30);
}

TEST_CASE(
    "a letter leaves ten days before, on Tuesday to Thursday, from nine on the reader's clock") {
  Quiet due;
  due.tend("2026-06-04T12:00:00Z");  // Thursday; eleven days before
  CHECK(due.count(kBorder) == 0);
  due.tend("2026-06-05T12:00:00Z");  // ten days before is a Friday
  due.tend("2026-06-08T12:00:00Z");  // a Monday
  due.tend("2026-06-09T05:59:00Z");  // Tuesday, 8:59
  CHECK(due.count(kBorder) == 0);
  due.tend("2026-06-09T06:00:00Z");
  CHECK(due.count(kBorder) == 1);
  due.tend("2026-06-09T06:30:00Z");
  due.tend("2026-06-10T06:00:00Z");
  due.tend("2026-06-11T06:00:00Z");
  CHECK(due.count(kBorder) == 1);
  auto letter = due.letter(kBorder);
  CHECK(letter->header("Auto-Submitted") == "auto-generated");
  CHECK(letter->header("In-Reply-To").empty());
  const auto tokens = find_reminder_tokens(letter->subject());
  REQUIRE(tokens.size() == 1);
  CHECK(find_reminder_tokens(letter->id()) == tokens);
  CHECK(has(letter->text(), "2026"));
}

TEST_CASE("no letter on a holiday of the reader's country") {
  Quiet due("holidays = [\"MD 2026-06-09\"]");
  due.tend("2026-06-09T07:00:00Z");
  CHECK(due.count(kBorder) == 0);
  CHECK(due.count(kAsylum) == 1);
  due.tend("2026-06-10T07:00:00Z");
  CHECK(due.count(kBorder) == 1);
}

TEST_CASE("no reminder of what a coordinator paused, until the end of that day") {
  Quiet due;
  due.go("2026-06-01T07:00:00Z");
  Home& home = due.lab.home();
  const auto words = must(home.vocabulary());
  const auto read = enquiry::read("", "PAUSE MD_GIB CROSSINGS until 2026-06-16", *words,
                                  home.settings().limits, due.lab.clock.now());
  REQUIRE(read.commands.size() == 1);
  const RosterEntry* coordinator = home.lookup().contact(kSecretariat);
  REQUIRE(coordinator);
  DocketRecord record;
  {
    Transaction transaction = must(home.store().begin());
    must(home.store().dockets().open(record, {"spool", "INBOX", 98, "pause"}));
    const ActDone done =
        must(carry_out_coordinators(home, read.commands[0], *coordinator, Assurance::kSigned,
                                    record.docket.id, due.lab.clock.now()));
    CHECK_FALSE(done.waits);
    must(transaction.commit());
  }
  due.tend("2026-06-09T07:00:00Z");
  due.tend("2026-06-16T07:00:00Z");
  CHECK(due.count(kBorder) == 0);
  due.tend("2026-06-17T07:00:00Z");
  CHECK(due.count(kBorder) == 1);
}

TEST_CASE("who wrote STOP is not reminded; the substitute is asked instead") {
  Quiet due;
  Transaction transaction = must(due.lab.home().store().begin());
  must(due.lab.home().store().subscriptions().stop(kBorder, due.lab.clock.now()));
  must(transaction.commit());
  due.tend("2026-06-09T07:00:00Z");
  CHECK(due.count(kBorder) == 0);
  CHECK(due.count(kSubstituteMd) == 1);
}

TEST_CASE("three working days after, the substitute after 14 days, the coordinator after 30") {
  Asked_ due;
  // The grace is over on the 24th; nobody hears of that.
  due.tend("2026-06-17T07:00:00Z");
  CHECK(due.count(kBorder) == 1);
  due.tend("2026-06-18T07:00:00Z");  // three working days after Monday
  CHECK(due.count(kBorder) == 2);
  CHECK(has(due.letter(kBorder)->subject(), "Not received yet"));
  due.tend("2026-06-25T07:00:00Z");
  CHECK(due.count(kSubstituteMd) == 0);
  due.tend("2026-06-30T07:00:00Z");  // the 29th is a Monday
  CHECK(due.count(kSubstituteMd) == 1);
  CHECK(due.count(kBorder) == 2);
  CHECK(has(due.letter(kSubstituteMd)->text(), "substitute"));
  due.tend("2026-07-02T07:00:00Z");
  const std::int64_t before = due.count(kCoordinator);
  due.tend("2026-07-14T07:00:00Z");
  CHECK(due.count(kCoordinator) == before);
  due.tend("2026-07-15T07:00:00Z");
  CHECK(due.count(kCoordinator) == before + 1);
  CHECK(has(due.letter(kCoordinator)->text("text/html"), "Border crossings, April 2026"));
  // And so it ends.
  for (const char* day : {"2026-08-18T07:00:00Z", "2026-08-25T07:00:00Z", "2026-09-01T07:00:00Z"}) {
    due.tend(day);
    if (auto letter = newest(due.lab, kDueLetter, kBorder))
      CHECK_FALSE(has(letter->text(), "April 2026, "));
  }
}

TEST_CASE("what was received is asked for no more, and who sent part is told what is missing") {
  Asked_ due;
  due.say(crossings_letter("2026-04", "1000", "900"));
  due.tend("2026-06-18T07:00:00Z");
  CHECK(due.count(kBorder) == 1);
}

TEST_CASE("a week off is made up for with one letter, and a month with one") {
  Quiet due;
  // Nothing ran from before the first letter until the substitute's time.
  due.tend("2026-07-01T07:00:00Z");
  CHECK(due.count(kBorder) == 1);
  CHECK(due.count(kSubstituteMd) == 1);
  due.tend("2026-07-02T07:00:00Z");
  CHECK(due.count(kBorder) == 1);
  CHECK(due.count(kSubstituteMd) == 1);
}

TEST_CASE("never twice after a crash: the rows and the letter are one") {
  Asked_ due;
  due.lab.open();
  must(
      due.lab.home().store().database().execute("DELETE FROM setting WHERE key = 'duties_looked'"));
  must(tend_duties(due.lab.home(), due.lab.clock.now()));
  due.tend("2026-06-09T09:00:00Z");
  CHECK(due.count(kBorder) == 1);
  // What was not committed has not happened: without the row there is no letter either.
  CHECK(due.lab.number("SELECT count(*) FROM reminder WHERE address <> ''") == due.count());
}

TEST_CASE("never more than one a week, with everything in it") {
  Due due;
  // The asylum unit of Kyrgyzstan: first ASYLUM for April (15 June), then decisions for the
  // quarter.
  std::map<std::string, std::vector<std::int64_t>> days;
  for (Time t = at("2026-05-21T10:00:00Z"); t < at("2026-12-31T00:00:00Z"); t += 24h) {
    due.lab.clock.set(t);
    must(tend_duties(due.lab.home(), t));
  }
  Statement rows = must(due.lab.home().store().database().prepare(
      "SELECT address, at FROM reminder WHERE address <> '' ORDER BY address, at"));
  std::string address;
  std::int64_t last = 0, all = 0;
  while (must(rows.step())) {
    const std::int64_t now = rows.integer(1);
    if (address == rows.text(0)) CHECK(now - last >= 7 * 86'400'000ll);
    address = rows.text(0);
    last = now;
    ++all;
    const LocalMoment utc = local_time(from_millis(now), "UTC");
    const auto weekday = std::chrono::weekday(std::chrono::sys_days(std::chrono::days(utc.day)));
    CHECK((weekday.iso_encoding() >= 2 && weekday.iso_encoding() <= 4));
  }
  CHECK(all > 100);
}

TEST_CASE("nothing is owed from before, and a new network is left in peace for a day") {
  Due due;
  due.silence("MD_GIB", "REFUSALS");
  // March of CROSSINGS was due on 15 May, five days before the agreements came.
  due.tend("2026-05-21T08:00:00Z");
  CHECK(due.count() == 0);
  due.tend("2026-05-26T08:00:00Z");
  CHECK(due.count(kBorder) == 0);
  CHECK(
      due.lab.number("SELECT count(*) FROM reminder_duty WHERE provider = 'MD_GIB' AND dataflow = "
                     "'FP:CROSSINGS'") == 0);
}

TEST_CASE("nobody is reminded where [calendar] says so") {
  Due due("remind = false");
  due.tend("2026-07-01T07:00:00Z");
  CHECK(due.count() == 0);
}

TEST_CASE("who is away or cannot be reached is passed over for the substitute") {
  Due due;
  due.silence("MD_GIB", "REFUSALS");
  due.go("2026-06-09T07:00:00Z");
  must(due.lab.home().store().correspondents().note_away(kBorder, due.lab.clock.now()));
  must(tend_duties(due.lab.home(), due.lab.clock.now()));
  CHECK(due.count(kBorder) == 0);
  CHECK(due.count(kSubstituteMd) == 1);
}

TEST_CASE("the form has the last period's series, ready to be sent back") {
  Quiet due;
  due.say(crossings_letter("2026-03", "1000", "900"));
  due.tend("2026-06-09T07:00:00Z");
  auto letter = due.letter(kBorder);
  CHECK(files_of(*letter) == "CROSSINGS-2026-04.csv calendar.ics");
  std::string form;
  for (const mime::Candidate& one : mime::find_attachments(letter->message))
    if (one.name.ends_with(".csv"))
      form = must(read_all(*mime::body_source(letter->message.parts[one.part]), 1 << 20));
  CHECK(has(form, "2026-M04"));
  // Filled in and sent back it is filed, and the duty is received.
  std::string filled;
  int number = 0;
  for (std::string_view line : split(form, '\n')) {
    std::string text(trim(line));
    if (has(text, "2026-M04"))
      text = replaced(text, "2026-M04;", fmt::format("2026-M04;{}", ++number));
    if (!text.empty()) filled += text + "\r\n";
  }
  REQUIRE(number == 2);
  Letter answer = answer_to(*letter, "Hello, please find the form attached.\r\n");
  answer.attach("CROSSINGS-2026-04.csv", filled);
  due.say(answer);
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "received");
  // The calendar comes with the first letter only.
  due.tend("2026-07-07T07:00:00Z");
  CHECK(due.count(kBorder) == 2);
  CHECK_FALSE(has(files_of(*due.letter(kBorder)), "calendar.ics"));
}

TEST_CASE("no data: it is asked for no more, and data that come after all count") {
  Asked_ due;
  const std::string said = due.answer("No data\r\n" + quote_of(*due.asked()));
  CHECK(said_about(due.lab, said) == "duty-empty");
  CHECK(due.april() == "empty");
  auto reply = due.lab.replies_to(*due.lab.docket_of(said));
  REQUIRE(reply.size() == 1);
  CHECK(has(reply[0]->text(), "Border crossings, April 2026"));
  CHECK(reply[0]->header("In-Reply-To") == due.lab.docket_of(said)->docket.message_id);
  due.tend("2026-06-30T07:00:00Z");
  due.tend("2026-07-15T07:00:00Z");
  CHECK(due.count(kSubstituteMd) == 0);
  due.say(crossings_letter("2026-04", "1000", "900"));
  CHECK(due.april() == "late");
}

TEST_CASE("extend: the days move, twice at most and ninety in all") {
  Asked_ due;
  const std::string said = due.answer("Extend 14\r\n");
  CHECK(said_about(due.lab, said) == "duty-extended");
  CHECK(due.april() == "extended");
  CHECK(date_of(due.standing("MD_GIB", "CROSSINGS", "2026-04").due) == "2026-06-29");  // the 28th
  CHECK(has(due.told(said), "29 June 2026"));
  due.tend("2026-06-30T07:00:00Z");
  CHECK(due.count(kBorder) == 1);
  due.tend("2026-07-02T07:00:00Z");  // three working days after the new day
  CHECK(due.count(kBorder) == 2);
  CHECK(due.count(kSubstituteMd) == 0);
  CHECK(due.refused("extend\r\n") == "duty-days");
  CHECK(due.refused("extend 0\r\n") == "duty-days");
  CHECK(due.refused("extend 91\r\n") == "duty-days");
  CHECK(due.refused("extend 80 CROSSINGS 2026-04\r\n") == "duty-too-long");
  due.answer("extend by 2 weeks: CROSSINGS 2026-04\r\n");
  CHECK(due.standing("MD_GIB", "CROSSINGS", "2026-04").extended_days == 28);
  CHECK(due.refused("extend 1 CROSSINGS 2026-04\r\n") == "duty-often");
  due.say(crossings_letter("2026-04", "1000", "900"));
  CHECK(due.april() == "received");
  CHECK(due.refused("extend 1 CROSSINGS 2026-04\r\n") == "duty-settled");
}

TEST_CASE("not mine: the coordinator is told, and nobody else is asked again") {
  Asked_ due;
  const std::string said = due.answer("Not mine.\r\n");
  CHECK(said_about(due.lab, said) == "duty-not-mine");
  CHECK(due.april() == "open");
  due.tend("2026-06-10T09:00:00Z");
  CHECK(has(due.letter(kCoordinator)->text("text/html"), "somebody else sends these data"));
  due.tend("2026-06-18T07:00:00Z");
  due.tend("2026-06-30T07:00:00Z");
  CHECK(due.count(kSubstituteMd) == 0);
}

TEST_CASE("the same words in Russian and Ukrainian, and what is not one of them") {
  Lab lab;
  const auto vocabulary = must(lab.home().vocabulary());
  using What = enquiry::DutyWord::What;
  auto read = [&](std::string_view text) {
    return enquiry::read_duty_words(text, *vocabulary, Limits{}, lab.clock.now());
  };
  auto what = [&](std::string_view text) -> std::optional<What> {
    auto all = read(text);
    if (all.size() != 1) return {};
    return all[0].what;
  };
  for (const char* text :
       {"no data", "No data.", "NO DATA", "нет данных", "Нет данных", "НЕТ ДАННЫХ!", "данных нет",
        "немає даних", "Немає даних.", "Добрый день!\n\nНет данных.", "Добрый день! Нет данных",
        "Dear colleagues,\nno data for ASYLUM 2026-04", "Нет данных за апрель 2026 г.",
        "no data, thank you"}) {
    INFO(text);
    CHECK(what(text) == What::kNoData);
  }
  for (const char* text : {"extend 14", "Extend by 14 days", "please extend 14 days",
                           "перенести 14", "Перенести на 14 дней", "Прошу продлить на 14 дней",
                           "перенести 14 днів", "Прошу перенести на 14 днів, дякую",
                           "Просим перенести срок на 2 недели", "extend 2 weeks"}) {
    INFO(text);
    auto all = read(text);
    REQUIRE(all.size() == 1);
    CHECK(all[0].what == What::kExtend);
    CHECK(all[0].days == 14u);
  }
  for (const char* text : {"not mine", "Not mine!", "не моё", "не мое", "Не моє", "НЕ МОЁ"}) {
    INFO(text);
    CHECK(what(text) == What::kNotMine);
  }
  for (const char* text :
       {"", "No data yet, we will send them tomorrow", "There is no data", "нет", "no",
        "Нет данных только за июнь и, к сожалению, заболел коллега", "extending our thanks",
        "Мы не можем перенести", "data attached", "I am out of office. No data.", "> no data",
        "not mine but I will ask", "Не моё дело, но спрошу"}) {
    INFO(text);
    CHECK(read(text).empty());
  }
  auto two = read("NO DATA ASYLUM 2026-04\nперенести 7 LABOUR 2026-Q1\n\nС уважением,\nИмя");
  REQUIRE(two.size() == 2);
  CHECK(two[0].flows == std::vector<std::string>{"ASYLUM"});
  CHECK(two[0].from == Period::parse("2026-04"));
  CHECK(two[1].days == 7u);
  CHECK(two[1].flows == std::vector<std::string>{"LABOUR"});
}

TEST_CASE("an answer that names one thing is for that alone") {
  Quiet due;
  // Two months are asked for in one letter.
  due.tend("2026-07-07T07:00:00Z");
  auto letter = due.letter(kBorder);
  CHECK(has(letter->text(), "CROSSINGS 2026-04"));
  CHECK(has(letter->text(), "CROSSINGS 2026-05"));
  due.say(answer_to(*letter, "no data 2026-04\r\n"));
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-04") == "empty");
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-05") == "open");
  const std::string none = due.say(answer_to(*letter, "no data LABOUR\r\n"));
  CHECK(due.lab.docket_of(none)->docket.items[0].findings[0].detail == "duty-which");
  due.say(answer_to(*letter, "EXTEND 14\r\n"));
  CHECK(due.state("MD_GIB", "CROSSINGS", "2026-05") == "extended");
}

TEST_CASE("a due day is moved from the day that was named, and not into the past") {
  Asked_ due;
  // Sunday 14 June is Monday 15 June to people: four days later is Friday.
  due.answer("EXTEND 4\r\n");
  CHECK(date_of(due.standing("MD_GIB", "CROSSINGS", "2026-04").due) == "2026-06-19");
  Asked_ late;
  late.tend("2026-06-18T07:00:00Z");
  late.go("2026-07-01T07:00:00Z");
  CHECK(late.refused("EXTEND 5\r\n") == "duty-past");
  CHECK(late.april() == "missed");
}

TEST_CASE("what answers nothing") {
  Asked_ due;
  SECTION("an automatic reply") {
    Letter away = answer_to(*due.asked(), "No data\r\n");
    away.headers += "Auto-Submitted: auto-replied\r\n";
    due.say(away);
    CHECK(due.april() == "open");
  }
  SECTION("something else: how to answer is said") {
    const std::string said = due.answer("We will see next week.\r\n");
    CHECK(said_about(due.lab, said) == "duty-unclear");
    CHECK(has(due.told(said), "EXTEND 14"));
    CHECK(letters(due.lab, "request") == 0);
  }
  SECTION("a question: a person answers it") {
    const std::string said = due.answer("Do you count crossings of crews?\r\n");
    CHECK(said_about(due.lab, said) == "request-opened");
  }
  SECTION("somebody of another institution") {
    Letter other = answer_to(*due.asked(), "No data\r\n");
    other.from = std::string(kAsylum);
    const std::string said = due.say(other);
    CHECK(said_about(due.lab, said) == "duty-refused");
    CHECK(due.april() == "open");
  }
  SECTION("a stranger with the token") {
    Letter other = answer_to(*due.asked(), "No data\r\n");
    other.from = std::string(kSomebody);
    due.say(other);
    CHECK(due.april() == "open");
  }
  SECTION("a token that was made up") {
    Letter other = answer_to(*due.asked(), "No data\r\n");
    other.subject = "Re: [DU-BAAAAAAAAAAAAAAAA]";
    other.headers = "";
    due.say(other);
    CHECK(due.april() == "open");
  }
}

TEST_CASE("a colleague and the coordinator may answer") {
  Asked_ due;
  const std::string_view who = GENERATE(kSubstituteMd, kCoordinator);
  Letter other = answer_to(*due.asked(), "no data\r\n");
  other.from = std::string(who);
  due.say(other);
  CHECK(due.april() == "empty");
}

TEST_CASE("a less sure answer waits for its sender's yes") {
  Asked_ due;
  due.lab.close();
  const fs::path file = due.lab.root() / "focalpost.toml";
  must(write_file_durably(file, replaced(must(read_file(file)), "extend = 1", "extend = 2")));
  due.lab.open();
  const std::string said = due.answer("no data\r\n");
  CHECK(due.lab.folder_of(said) == "Held");
  CHECK(due.april() == "open");
  auto confirm = newest(due.lab, "confirmation", kBorder);
  REQUIRE(confirm);
  CHECK(has(confirm->text(), "NO DATA CROSSINGS 2026-04"));
  due.say(answer_to(*confirm, "YES\r\n"));
  CHECK(due.april() == "empty");
  CHECK(said_about(due.lab, said) == "duty-empty");
}

TEST_CASE("the same message judged again extends once") {
  Asked_ due;
  const std::string said = due.answer("extend 14\r\n");
  due.lab.drag(said, Folder::kEnquiries, Folder::kRetry);
  due.lab.once();
  CHECK(due.standing("MD_GIB", "CROSSINGS", "2026-04").extended_days == 14);
  CHECK(said_about(due.lab, said) == "duty-extended");
}

TEST_CASE("a file for calendar programs") {
  const std::string file = calendar_file(
      {{"KG_SMS.ASYLUM.2026-04", 20619,
        "Лица, ищущие убежища; апрель 2026 г., с запятой и обратной чертой \\ и ещё немного слов",
        "Institution\r\nBEGIN:VEVENT"}},
      "Сроки", "gateway.example", at("2026-06-01T09:00:00Z"));
  CHECK(file.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"));
  CHECK(file.ends_with("END:VCALENDAR\r\n"));
  CHECK(has(file, "\r\nUID:KG_SMS.ASYLUM.2026-04@gateway.example\r\n"));
  CHECK(has(file, "\r\nDTSTAMP:20260601T090000Z\r\n"));
  CHECK(has(file, "\r\nDTSTART;VALUE=DATE:20260615\r\nDTEND;VALUE=DATE:20260616\r\n"));
  std::size_t events = 0, longest = 0;
  for (std::string_view line : split(file, '\n')) {
    events += line == "BEGIN:VEVENT\r";
    longest = std::max(longest, line.size() - (line.ends_with('\r') ? 1 : 0));
    CHECK(is_utf8(line));  // no letter is cut
  }
  CHECK(events == 1);
  CHECK(longest <= 75);
  const std::string unfolded = replaced(file, "\r\n ", "");
  CHECK(has(unfolded, "ищущие убежища\\; апрель 2026 г.\\, с запятой и обратной чертой \\\\ и"));
}

TEST_CASE("the letters about what is due, word for word") {
  Due due;
  // The key is drawn at random, and the tokens with it: here it stands still.
  due.lab.close();
  must(write_file_durably(due.lab.root() / "key", std::string(32, 'k')));
  due.lab.open();
  due.lab.put(letter("01-asylum-xml"));
  due.lab.once();
  due.say(crossings_letter("2026-03", "1000", "900"));
  const std::string_view lang = GENERATE("en", "ru", "uk");
  const std::string_view who = lang == "en" ? kBorder : lang == "ru" ? kAsylum : kUaAsylum;
  due.tend("2026-06-09T07:00:00Z");
  golden("before", lang, *due.letter(who));
  SECTION("no data") {
    const std::string said =
        due.say(answer_to(*due.letter(who), lang == "en"   ? "no data\r\n"
                                            : lang == "ru" ? "нет данных\r\n"
                                                           : "немає даних\r\n"));
    golden("no-data", lang, *due.lab.replies_to(*due.lab.docket_of(said)).back());
  }
  SECTION("extend") {
    const std::string said =
        due.say(answer_to(*due.letter(who), lang == "en" ? "extend 14\r\n" : "перенести 14\r\n"));
    golden("extend", lang, *due.lab.replies_to(*due.lab.docket_of(said)).back());
    const std::string late =
        due.say(answer_to(*due.letter(who), lang == "en" ? "extend 90\r\n" : "перенести 90\r\n"));
    golden("extend-refused", lang, *due.lab.replies_to(*due.lab.docket_of(late)).back());
  }
  SECTION("not mine") {
    const std::string said = due.say(answer_to(*due.letter(who), lang == "en"   ? "not mine\r\n"
                                                                 : lang == "ru" ? "не моё\r\n"
                                                                                : "не моє\r\n"));
    golden("not-mine", lang, *due.lab.replies_to(*due.lab.docket_of(said)).back());
  }
  SECTION("unclear") {
    const std::string said =
        due.say(answer_to(*due.letter(who), lang == "en"   ? "Next week.\r\n"
                                            : lang == "ru" ? "На той неделе.\r\n"
                                                           : "За тиждень.\r\n"));
    golden("unclear", lang, *due.lab.replies_to(*due.lab.docket_of(said)).back());
  }
  SECTION("after, to the substitute, to the coordinator") {
    due.tend("2026-06-18T07:00:00Z");
    golden("after", lang, *due.letter(who));
    due.tend("2026-07-01T07:00:00Z");
    golden("substitute", lang,
           *due.letter(lang == "en"   ? kSubstituteMd
                       : lang == "ru" ? kDeputy
                                      : std::string_view("analysis@migration.ua.example")));
    due.tend("2026-07-15T07:00:00Z");
    golden("coordinator", lang,
           *due.letter(lang == "en"   ? kCoordinator
                       : lang == "ru" ? kKgCoordinator
                                      : std::string_view("coordinator@migration.ua.example")));
  }
}

TEST_CASE("a letter about one thing alone, word for word") {
  Due due;
  due.lab.close();
  must(write_file_durably(due.lab.root() / "key", std::string(32, 'k')));
  due.lab.open();
  due.silence("MD_GIB", "REFUSALS");
  due.silence("KG_SMS", "ASYLUM_DEC");
  due.silence("UA_SMS", "ASYLUM_DEC");
  due.silence("UA_SMS", "IRREGULAR");
  const std::string_view lang = GENERATE("en", "ru", "uk");
  const std::string_view who = lang == "en" ? kBorder : lang == "ru" ? kAsylum : kUaAsylum;
  if (lang == "en") due.say(crossings_letter("2026-04", "1000"));
  due.tend("2026-06-09T07:00:00Z");
  golden("one", lang, *due.letter(who));
  due.tend("2026-06-18T07:00:00Z");
  golden("one-after", lang, *due.letter(who));
}
