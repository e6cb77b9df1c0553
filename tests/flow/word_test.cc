// SPDX-License-Identifier: Apache-2.0
//
// What waits for its sender's word: the letter that asks, the answer, and every way of answering
// that must not count. Each attack fails when its defence is taken away.
#include "word.h"

#include "flow/held.h"
#include "flow/persons.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

/// A message that waits since nobody is sure who sent it.
struct Waits {
  Lab lab;
  std::string uid;
  explicit Waits(std::string_view more = {}) {
    believe_nobody(lab, more);
    Letter letter;
    letter.subject = "Click here for your prize";
    letter.text = "Secret text of the letter\r\n";
    uid = lab.put(letter.attach("prize.csv", crossings("2026-01", "100")).bytes());
    lab.once();
    REQUIRE(lab.folder_of(uid) == "Held");
  }
  DocketRecord docket() { return *lab.docket_of(uid); }
  std::unique_ptr<Reply> asked() {
    auto letter = newest(lab, "confirmation");
    REQUIRE(letter);
    return letter;
  }
  std::string say(const std::string& bytes) {
    lab.clock.advance(1h);
    std::string said = lab.put(bytes);
    lab.once();
    return said;
  }
  bool filed() { return lab.number("SELECT count(*) FROM data") > 0; }
};

}  // namespace

TEST_CASE(
    "who may not have sent it is asked at the registered address, and told what would change") {
  Waits waits;
  CHECK(letters(waits.lab, "confirmation") == 1);
  CHECK(letters(waits.lab, "receipt") == 0);
  auto asked = waits.asked();
  CHECK(asked->to() == kBorder);
  // In no thread: it was chosen by who wrote the message.
  CHECK(asked->header("In-Reply-To").empty());
  CHECK(asked->header("Auto-Submitted") == "auto-replied");
  CHECK(waits.lab.mails_of(waits.docket()).at(0).kind == "confirmation");
  const std::string text = asked->text() + asked->text("text/html") + asked->subject();
  CHECK(text.find("YES") != text.npos);
  CHECK(text.find("New values: 1") != text.npos);
  CHECK(text.find("January 2026") != text.npos);
  CHECK(text.find(waits.docket().docket.number.text()) != text.npos);
  // Nothing that a stranger chose.
  for (const char* word : {"prize", "Prize", "Secret", "Click"}) {
    INFO(word);
    CHECK(text.find(word) == text.npos);
  }
  const std::string token = token_in(*asked);
  CHECK(find_tokens(asked->id()) == std::vector{token});
  // Nobody is asked twice.
  waits.lab.clock.advance(2h);
  waits.lab.once();
  CHECK(letters(waits.lab, "confirmation") == 1);
}

TEST_CASE(
    "a yes above the quote files it: assurance 3, an answer in the thread, the message moved") {
  const std::string word = GENERATE("YES", "yes!", "Да.", "ТАК", "подтверждаю", "Підтверджую.",
                                    "Confirmed, thank you", "Добрый день!\r\n\r\nДа, всё верно.");
  INFO(word);
  Waits waits;
  auto asked = waits.asked();
  Letter answer = answer_to(
      *asked, word +
                  "\r\n\r\nOn Wed, 20 May 2026, Gateway <gateway@network.example>\r\nwrote:\r\n> "
                  "write NO\r\n");
  const std::string said = waits.say(answer.bytes());
  CHECK(waits.filed());
  CHECK(waits.lab.folder_of(waits.uid) == "Filed");
  const Docket docket = waits.docket().docket;
  CHECK(docket.outcome == Outcome::kFiled);
  CHECK(docket.sender.assurance == Assurance::kConfirmed);
  CHECK(docket.attempt == 2);

  auto own = waits.lab.docket_of(said);
  CHECK(own->docket.outcome == Outcome::kAnswered);
  CHECK(own->docket.items.at(0).kind == "command");
  CHECK(waits.lab.folder_of(said) == "Enquiries");
  CHECK(waits.lab.mails_of(*own).empty());
  auto receipt = newest(waits.lab, "receipt");
  REQUIRE(receipt);
  CHECK(receipt->to() == kBorder);
  CHECK(receipt->header("In-Reply-To") == own->docket.message_id);
  CHECK(receipt->message.top().references() == std::vector{asked->id(), own->docket.message_id});
  CHECK(waits.lab.number("SELECT count(*) FROM release_order") == 0);
  CHECK(waits.lab.once().intake.dockets.empty());
}

TEST_CASE("the token comes back in the subject, in the thread or in the text") {
  Waits waits;
  auto asked = waits.asked();
  Letter answer = answer_to(*asked, "YES\r\n");
  SECTION("in the subject alone") {
    answer.headers.clear();
  }
  SECTION("in the thread alone") {
    answer.subject = "Data";
  }
  SECTION("in References alone") {
    answer.subject = "Data";
    answer.headers = "References: <other@border.md.example> " + asked->id() + "\r\n";
  }
  SECTION("in the text alone, in lower case") {
    answer.headers.clear();
    answer.subject = "Data";
    answer.text = "yes\r\n> Please confirm [" + ascii_lower(token_in(*asked)) + "]\r\n";
  }
  waits.say(answer.bytes());
  CHECK(waits.filed());
}

TEST_CASE("an answer in HTML alone, as Outlook and Gmail write it") {
  Waits waits;
  Letter answer = answer_to(*waits.asked(), "");
  answer.headers += "Content-Type: text/html; charset=utf-8\r\nX-Rest: ";
  bool yes = true;
  SECTION("Outlook") {
    answer.text =
        "<html><body><div><p>Да</p></div><div id=\"divRplyFwdMsg\"><b>От:</b> Gateway<br>"
        "<b>Отправлено:</b> 20 мая<br></div><div>write NO</div></body></html>";
  }
  SECTION("Gmail") {
    answer.text =
        "<div dir=\"ltr\">YES</div><br><div class=\"gmail_quote\"><div>ср, 20 мая 2026 г. "
        "в 12:00, Gateway &lt;gateway@network.example&gt;:<br></div><blockquote>write "
        "NO</blockquote></div>";
  }
  SECTION("only in the quote") {
    yes = false;
    answer.text = "<p>I am not sure.</p><blockquote><p>YES</p></blockquote>";
  }
  SECTION("only below Outlook's header") {
    yes = false;
    answer.text = "<div><b>From:</b> Gateway<br><b>Sent:</b> today<br></div><div>YES</div>";
  }
  waits.say(replaced(answer.bytes(), "X-Rest: Content-Type: text/plain; charset=utf-8\r\n", ""));
  CHECK(waits.filed() == yes);
}

TEST_CASE("a no rejects what waited, and says so") {
  const std::string word = GENERATE("NO", "Нет.", "ні", "Не подтверждаю");
  INFO(word);
  Waits waits;
  const std::string said = waits.say(answer_to(*waits.asked(), word + "\r\n").bytes());
  CHECK_FALSE(waits.filed());
  CHECK(waits.docket().docket.outcome == Outcome::kRejected);
  CHECK(waits.docket().docket.items.at(0).findings.at(0).rule == &rules::held_refused);
  CHECK(waits.lab.folder_of(waits.uid) == "Rejected");
  CHECK(said_about(waits.lab, said) == "answer-no");
  auto mails = waits.lab.replies_to(*waits.lab.docket_of(said));
  REQUIRE(mails.size() == 1);
  CHECK(mails[0]->text().find("nothing was filed") != std::string::npos);
  // The one answer is enough.
  CHECK(waits.lab.mails_of(waits.docket()).size() == 1);
}

TEST_CASE("answers that confirm nothing") {
  Waits waits;
  auto asked = waits.asked();
  Letter answer = answer_to(*asked, "YES\r\n");
  std::string_view rule;
  Outcome outcome = Outcome::kAnswered;
  bool answered = true;
  SECTION("an out-of-office that quotes the token, with a yes above") {
    answer.headers += "Auto-Submitted: auto-replied\r\n";
    outcome = Outcome::kNotice;
    answered = false;
  }
  SECTION("one of a vendor that says so in the subject alone") {
    answer.subject = "Автоответ: " + asked->subject();
    outcome = Outcome::kNotice;
    answered = false;
  }
  SECTION("late") {
    waits.lab.clock.advance(31 * 24h);
    rule = "answer-expired";
  }
  SECTION("from another contact") {
    answer.from = "population@stat.md.example";
    rule = "answer-foreign";
  }
  SECTION("from a stranger who has seen it") {
    answer.from = "somebody@elsewhere.example";
    answer.headers +=
        "Sender: " + std::string(kBorder) + "\r\nReply-To: " + std::string(kBorder) + "\r\n";
  }
  SECTION("from a stranger with the contact's name") {
    answer.from = "\"" + std::string(kBorder) + "\" <somebody@elsewhere.example>";
  }
  SECTION("guessed") {
    std::string wrong = token_in(*asked);
    wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
    answer.headers.clear();
    answer.subject = "[" + wrong + "]";
    rule = "answer-unknown";
  }
  SECTION("with the number of the docket and the thread, but no token") {
    answer.subject = "Re: [" + waits.docket().docket.number.text() + "]";
    answer.headers = "In-Reply-To: " + waits.docket().docket.message_id + "\r\n";
    outcome = Outcome::kOpen;
  }
  SECTION("without the word") {
    answer.text = "What is this about?\r\n";
    outcome = Outcome::kOpen;
    rule = "answer-unclear";
  }
  SECTION("the word only in the quote") {
    answer.text = "I shall look at it tomorrow.\r\n\r\n> YES\r\n";
    outcome = Outcome::kOpen;
    rule = "answer-unclear";
  }
  SECTION("nothing but the quote") {
    answer.text = "> YES\r\n";
    outcome = Outcome::kOpen;
    rule = "answer-unclear";
  }
  SECTION("the word only below Outlook's line") {
    answer.text = "-----Original Message-----\r\nYES\r\n";
    outcome = Outcome::kOpen;
    rule = "answer-unclear";
  }
  SECTION("yes, but") {
    answer.text = "Yes, but not March.\r\n";
    outcome = Outcome::kOpen;
    rule = "answer-unclear";
  }
  const std::string said = waits.say(answer.bytes());
  CHECK_FALSE(waits.filed());
  auto own = waits.lab.docket_of(said);
  REQUIRE(own);
  CHECK(own->docket.outcome == outcome);
  if (!rule.empty()) CHECK(said_about(waits.lab, said) == rule);
  // Whoever wrote by hand is told in a sentence.
  // (What is then a question of its own goes to a person as well.)
  auto mails = waits.lab.mails_of(*own);
  std::erase_if(
      mails, [&](const OutboxEntry& mail) { return mail.recipient != own->docket.sender.address; });
  CHECK(mails.size() == (answered ? 1u : 0u));
}

TEST_CASE("a token is good for once, and for its own dockets") {
  Waits waits;
  auto first = waits.asked();
  const std::string second =
      waits.say(Letter().attach("b.csv", crossings("2026-02", "100")).bytes());
  REQUIRE(waits.lab.folder_of(second) == "Held");
  waits.say(answer_to(*first, "YES\r\n").bytes());
  CHECK(waits.lab.number("SELECT count(*) FROM data") == 1);
  CHECK(waits.lab.folder_of(second) == "Held");
  const std::string again = waits.say(answer_to(*first, "YES\r\n").bytes());
  CHECK(said_about(waits.lab, again) == "answer-used");
  CHECK(waits.lab.number("SELECT count(*) FROM data") == 1);
  CHECK(waits.lab.folder_of(second) == "Held");
  // A no after a yes comes too late as well.
  CHECK(said_about(waits.lab, waits.say(answer_to(*first, "NO\r\n").bytes())) == "answer-used");
  CHECK(waits.lab.folder_of(waits.uid) == "Filed");
}

TEST_CASE("a token is not good for what was judged again since") {
  Waits waits;
  auto first = waits.asked();
  waits.lab.drag(waits.uid, Folder::kHeld, Folder::kRetry);
  waits.lab.once();
  REQUIRE(waits.docket().docket.attempt == 2);
  CHECK(letters(waits.lab, "confirmation") == 2);
  CHECK(said_about(waits.lab, waits.say(answer_to(*first, "YES\r\n").bytes())) == "answer-gone");
  CHECK_FALSE(waits.filed());
  waits.say(answer_to(*waits.asked(), "YES\r\n").bytes());
  CHECK(waits.filed());
}

TEST_CASE("what waits for one person is asked about in one letter, and one yes is for all of it") {
  Lab lab;
  believe_nobody(lab);
  std::vector<std::string> uids;
  for (int month = 1; month <= 3; ++month)
    uids.push_back(lab.put(
        Letter().attach("c.csv", crossings(fmt::format("2026-{:02}", month), "100")).bytes()));
  const std::string other = lab.put([] {
    Letter letter;
    letter.from = "population@stat.md.example";
    return letter.attach("x.csv", crossings("2026-04", "1", "AM")).bytes();
  }());
  lab.once();
  CHECK(letters(lab, "confirmation", kBorder) == 1);
  auto asked = newest(lab, "confirmation", kBorder);
  for (const std::string& uid : uids)
    CHECK(asked->text().find(lab.docket_of(uid)->docket.number.text()) != std::string::npos);
  CHECK(replaced(asked->text(), "\n", " ").find("One answer is for everything") !=
        std::string::npos);
  lab.put(answer_to(*asked, "YES\r\n").bytes());
  lab.once();
  for (const std::string& uid : uids) CHECK(lab.folder_of(uid) == "Filed");
  CHECK(lab.number("SELECT count(*) FROM data") == 3);
  CHECK(letters(lab, "receipt", kBorder) == 3);
}

TEST_CASE("where something was filed in the same cells meanwhile, the sender is asked again") {
  Lab lab;
  const std::string first = lab.put(Letter().attach("a.csv", crossings("2026-01", "1000")).bytes());
  lab.once();
  lab.clock.advance(1h);
  // From 1000 to 2000: too much to be filed without a second look.
  const std::string large = lab.put(Letter().attach("b.csv", crossings("2026-01", "2000")).bytes());
  lab.once();
  REQUIRE(lab.docket_of(large)->docket.items.at(0).hold == HoldReason::kLargeChange);
  auto asked = newest(lab, "confirmation");
  CHECK(asked->header("In-Reply-To") == lab.docket_of(large)->docket.message_id);
  lab.clock.advance(1h);
  lab.put(Letter().attach("c.csv", crossings("2026-01", "1100")).bytes());
  lab.once();
  REQUIRE(lab.number("SELECT value FROM data") == 1100);
  lab.clock.advance(1h);

  SECTION("on the sender's word") {
    lab.put(answer_to(*asked, "YES\r\n").bytes());
    lab.once();
  }
  SECTION("on the operator's") {
    lab.release(lab.docket_of(large)->docket.number);
  }
  CHECK(lab.number("SELECT value FROM data") == 1100);
  CHECK(lab.folder_of(large) == "Held");
  CHECK(lab.docket_of(large)->docket.items.at(0).hold == HoldReason::kTouched);
  lab.once();
  CHECK(letters(lab, "confirmation") == 2);
  auto again = newest(lab, "confirmation");
  CHECK(again->text().find("1100") != std::string::npos);
  lab.clock.advance(1h);
  lab.put(answer_to(*again, "YES\r\n").bytes());
  lab.once();
  CHECK(lab.number("SELECT value FROM data") == 2000);
  CHECK(lab.folder_of(large) == "Filed");
}

TEST_CASE("Append over other values, and older than what is there: filed when the sender says so") {
  Lab lab;
  std::string newer = letter("01-asylum-xml"), later = letter("07-asylum-revision");
  lab.put(later);
  lab.once();
  lab.clock.advance(1h);
  const std::string older = lab.put(newer);
  lab.once();
  REQUIRE(lab.docket_of(older)->docket.items.at(0).hold == HoldReason::kOlder);
  lab.clock.advance(1h);
  lab.put(answer_to(*newest(lab, "confirmation"), "Да\r\n").bytes());
  lab.once();
  CHECK(lab.docket_of(older)->docket.outcome == Outcome::kFiled);
}

TEST_CASE("a sender's yes does not give rights that he has not") {
  // A structure message of a focal point: the scheme of others is not his, whatever he confirms.
  Lab lab;
  lab.configure("");
  Letter letter;
  const std::string network = must(read_file(fs::path(SOURCE_DIR) / "schemas" / "codelists.xml"));
  const std::string uid = lab.put(letter.attach("codelists.xml", network).bytes());
  lab.once();
  REQUIRE(lab.docket_of(uid)->docket.outcome == Outcome::kHeld);
  lab.clock.advance(1h);
  lab.put(answer_to(*newest(lab, "confirmation"), "YES\r\n").bytes());
  lab.once();
  CHECK(lab.docket_of(uid)->docket.outcome == Outcome::kRejected);
  CHECK(lab.folder_of(uid) == "Rejected");
}

TEST_CASE("delivered straight into Held or Retry: a folder gives no right") {
  Waits waits;
  Letter forged;
  forged.attach("c.csv", crossings("2026-05", "5"));
  SECTION("in Held, the store knows nothing of it") {
    const std::string uid = waits.lab.put(forged.bytes(), Folder::kHeld);
    waits.lab.once();
    CHECK(waits.lab.folder_of(uid) == "Held");
    CHECK_FALSE(waits.lab.docket_of(uid));
    waits.say(answer_to(*waits.asked(), "YES\r\n").bytes());
    CHECK(waits.lab.folder_of(uid) == "Held");
    CHECK(waits.lab.number("SELECT count(*) FROM data WHERE time_period = '2026-05'") == 0);
  }
  SECTION("in Retry, from a stranger") {
    forged.from = "somebody@elsewhere.example";
    const std::string uid = waits.lab.put(forged.bytes(), Folder::kRetry);
    waits.lab.once();
    CHECK(waits.lab.docket_of(uid)->docket.outcome == Outcome::kAnswered);
    CHECK_FALSE(waits.filed());
  }
  SECTION("in Retry, in a contact's name") {
    const std::string uid = waits.lab.put(forged.bytes(), Folder::kRetry);
    waits.lab.once();
    CHECK(waits.lab.docket_of(uid)->docket.outcome == Outcome::kHeld);
    CHECK_FALSE(waits.filed());
  }
  SECTION("in Retry, an answer without its token") {
    Letter answer = answer_to(*waits.asked(), "YES\r\n");
    answer.headers.clear();
    answer.subject = "Yes";
    waits.lab.put(answer.bytes(), Folder::kRetry);
    waits.lab.once();
    CHECK_FALSE(waits.filed());
  }
}

TEST_CASE("a copy that is less sure than what it repeats changes nothing, even in Retry") {
  Lab lab;
  const std::string bytes = Letter().attach("c.csv", crossings("2026-01", "100")).bytes();
  const std::string uid = lab.put(bytes);
  lab.once();
  must(lab.home().store().database().execute("UPDATE docket SET assurance = 2"));
  const std::string copy = lab.put(bytes, Folder::kRetry);
  PassResult pass = lab.once();
  CHECK(pass.intake.redelivered == 1);
  CHECK(lab.docket_of(uid)->docket.attempt == 1);
  CHECK(lab.folder_of(copy) == "Filed");
}

TEST_CASE("a forged message that took the Message-ID before keeps the genuine one out of nothing") {
  Lab lab;
  believe_nobody(lab);
  Letter forged;
  forged.id = "<taken@border.md.example>";
  forged.attach("c.csv", crossings("2026-01", "666"));
  Letter genuine;
  genuine.id = forged.id;
  bool same = false;
  SECTION("with other contents") {
    genuine.attach("c.csv", crossings("2026-01", "100"));
  }
  SECTION("with the same contents, but less sure") {
    genuine = forged;
    same = true;
  }
  const std::string first = lab.put(forged.bytes());
  lab.once();
  if (same) must(lab.home().store().database().execute("UPDATE docket SET assurance = 0"));
  const std::string second = lab.put(genuine.bytes());
  CHECK(lab.once().intake.redelivered == 0);
  REQUIRE(lab.docket_of(second));
  CHECK(lab.docket_of(second)->docket.number != lab.docket_of(first)->docket.number);
  CHECK(lab.docket_of(second)->docket.outcome == Outcome::kHeld);
}

TEST_CASE("Reply-To is not asked") {
  Lab lab;
  believe_nobody(lab);
  Letter letter;
  letter.headers = "Reply-To: thief@elsewhere.example\r\nSender: thief@elsewhere.example\r\n";
  lab.put(letter.attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM outbox WHERE recipient LIKE '%elsewhere%'") == 0);
  REQUIRE(newest(lab, "confirmation"));
  CHECK(newest(lab, "confirmation")->to() == kBorder);
}

TEST_CASE("whoever forges a contact's From cannot flood the contact") {
  Lab lab;
  believe_nobody(lab, "[held]\nmost_per_contact = 5\n[limits]\nunsure_per_day = 4\n");
  for (int i = 0; i < 40; ++i) {
    Letter letter;
    letter.attach("c.csv", crossings("2026-01", std::to_string(1000 + i)));
    if (i % 3 == 0) letter.attach("d.csv", crossings("2026-13", "1"));
    lab.put(letter.bytes());
    if (i % 4 == 0) {
      lab.once();
      lab.clock.advance(10min);
    }
  }
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM item WHERE outcome = 'held'") == 5);
  CHECK(lab.number("SELECT count(*) FROM finding WHERE rule = 'held-too-many'") > 20);
  CHECK(letters(lab, "confirmation") <= 4);
  CHECK(letters(lab, "receipt") <= 4);
  CHECK(lab.number("SELECT count(*) FROM outbox") <= 8);
  CHECK(lab.number("SELECT count(*) FROM event WHERE text LIKE '%perhaps they are forged%'") >= 1);
  // The next day what still waits is asked about together.
  lab.clock.advance(25h);
  const std::int64_t before = lab.number("SELECT count(*) FROM outbox");
  lab.once();
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM outbox") <= before + 1);
  CHECK(
      lab.number("SELECT count(*) FROM item i WHERE outcome = 'held' AND NOT EXISTS (SELECT 1 FROM "
                 "confirmation_item c WHERE c.docket = i.docket)") == 0);
}

TEST_CASE(
    "letters that ask an unsure sender come three an hour at most; the rest is asked together") {
  Lab lab;
  believe_nobody(lab);
  for (int i = 1; i <= 5; ++i) {
    lab.put(Letter().attach("c.csv", crossings(fmt::format("2026-{:02}", i), "1")).bytes());
    lab.once();
  }
  CHECK(letters(lab, "confirmation") == 3);
  lab.clock.advance(61min);
  lab.once();
  CHECK(letters(lab, "confirmation") == 4);
  auto last = newest(lab, "confirmation");
  lab.put(answer_to(*last, "YES\r\n").bytes());
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM data") == 2);
}

TEST_CASE("what waits is reminded once, then it ends, and both sides hear of it") {
  Waits waits("[held]\nremind_days = 7\nexpire_days = 30\n");
  Lab& lab = waits.lab;
  lab.clock.advance(6 * 24h);
  lab.once();
  CHECK(letters(lab, "reminder") == 0);
  lab.clock.advance(25h);
  lab.once();
  lab.once();
  REQUIRE(letters(lab, "reminder") == 1);
  auto reminder = newest(lab, "reminder");
  CHECK(reminder->to() == kBorder);
  CHECK(token_in(*reminder) == token_in(*waits.asked()));
  CHECK(letters(lab, "held", kCoordinator) == 1);
  CHECK(newest(lab, "held", kCoordinator)->text().find("RELEASE ") != std::string::npos);

  SECTION("an answer to the reminder counts like one to the letter") {
    waits.say(answer_to(*reminder, "YES\r\n").bytes());
    CHECK(waits.filed());
    lab.clock.advance(40 * 24h);
    lab.once();
    CHECK(letters(lab, "held", kCoordinator) == 1);
  }
  SECTION("without one it ends") {
    lab.clock.advance(24 * 24h);
    lab.once();
    CHECK_FALSE(waits.filed());
    CHECK(waits.docket().docket.outcome == Outcome::kRejected);
    CHECK(waits.docket().docket.items.at(0).findings.at(0).rule == &rules::held_expired);
    CHECK(lab.folder_of(waits.uid) == "Rejected");
    auto ended = newest(lab, "receipt");
    REQUIRE(ended);
    CHECK(ended->to() == kBorder);
    CHECK(ended->text().find("30 days") != std::string::npos);
    CHECK(ended->text().find("prize") == std::string::npos);
    CHECK(letters(lab, "held", kCoordinator) == 2);
    lab.clock.advance(40 * 24h);
    const std::int64_t all = lab.number("SELECT count(*) FROM outbox");
    lab.once();
    CHECK(lab.number("SELECT count(*) FROM outbox") == all);
  }
}

TEST_CASE("a coordinator releases or rejects with one line, after a confirmation of his own") {
  Waits waits;
  Lab& lab = waits.lab;
  const std::string number = waits.docket().docket.number.text();
  Letter command;
  command.from = std::string(kCoordinator);
  command.subject = "decision";
  SECTION("release") {
    command.text = "release " + number + "\r\nRegards\r\n";
    const std::string uid = waits.say(command.bytes());
    CHECK(lab.docket_of(uid)->docket.outcome == Outcome::kHeld);
    CHECK_FALSE(waits.filed());
    auto asked = newest(lab, "confirmation", kCoordinator);
    REQUIRE(asked);
    CHECK(asked->text().find("RELEASE " + number) != std::string::npos);
    waits.say(answer_to(*asked, "YES\r\n").bytes());
    CHECK(waits.filed());
    CHECK(lab.folder_of(waits.uid) == "Filed");
    CHECK(lab.folder_of(uid) == "Enquiries");
    CHECK(said_about(lab, uid) == "command-done");
    auto done = newest(lab, "receipt", kCoordinator);
    REQUIRE(done);
    CHECK(done->text().find(number + " is released") != std::string::npos);
    CHECK(newest(lab, "receipt", kBorder));
    // A second time there is nothing to do.
    command.id = "<again@migration.md.example>";
  }
  SECTION("reject") {
    command.text = "REJECT " + number + "\r\n";
    waits.say(command.bytes());
    waits.say(answer_to(*newest(lab, "confirmation", kCoordinator), "YES\r\n").bytes());
    CHECK_FALSE(waits.filed());
    CHECK(waits.docket().docket.outcome == Outcome::kRejected);
    auto told = newest(lab, "receipt", kBorder);
    REQUIRE(told);
    CHECK(told->text().find("coordinator") != std::string::npos);
  }
  SECTION("a focal point may not") {
    command.from = std::string(kBorder);
    command.text = "RELEASE " + number + "\r\n";
    const std::string uid = waits.say(command.bytes());
    CHECK(said_about(lab, uid) == "command-refused");
    CHECK_FALSE(waits.filed());
  }
  SECTION("nor another country's coordinator, even with his word") {
    command.from = "coordinator@migration.am.example";
    command.text = "RELEASE " + number + "\r\n";
    const std::string uid = waits.say(command.bytes());
    waits.say(answer_to(*newest(lab, "confirmation", "coordinator@migration.am.example"), "YES\r\n")
                  .bytes());
    CHECK(said_about(lab, uid) == "command-refused");
    CHECK_FALSE(waits.filed());
    CHECK(lab.folder_of(waits.uid) == "Held");
  }
}

TEST_CASE("what somebody moved by hand out of Held goes where it belongs when the word comes") {
  Waits waits;
  waits.lab.drag(waits.uid, Folder::kHeld, Folder::kRejected);
  waits.say(answer_to(*waits.asked(), "YES\r\n").bytes());
  CHECK(waits.filed());
  CHECK(waits.lab.count(Folder::kRejected) == 0);
  CHECK(waits.lab.count(Folder::kFiled) == 1);
}

TEST_CASE("who is asked about new data sees some of them, and what the judge warns of") {
  Lab lab;
  believe_nobody(lab);
  std::string bytes(kCrossingsHead);
  for (const char* month : {"2026-01", "2026-02", "2026-03"})
    for (const char* entry : {"ENTRY,_T", "ENTRY,RU"})
      bytes += fmt::format(
          "FP:CROSSINGS(1.0),M,MD,{},_T,_T,_T,EVT,{},{},S\r\n", entry, month,
          std::string(entry) == "ENTRY,_T" ? (month[6] == '3' ? "98765" : "1234") : "77");
  Letter letter;
  lab.put(letter.attach("c.csv", bytes).bytes());
  lab.once();
  const auto asked = newest(lab, "confirmation");
  REQUIRE(asked);
  const std::string text = asked->text();
  INFO(text);
  // The totals: the first and the last value of their series, the larger one first.
  CHECK(text.find("January 2026: 1234") != text.npos);
  CHECK(text.find("March 2026: 98765") < text.find("January 2026: 1234"));
  CHECK(text.find("February 2026:") == text.npos);
  CHECK(text.find(": 77") == text.npos);
  CHECK(text.find("Warnings:") != text.npos);
  CHECK(text.find("please check 98765") != text.npos);
  CHECK(asked->text("text/html").find("98765") != std::string::npos);
}

TEST_CASE("several commands in one message are all carried out, and the reply says it of each") {
  Lab lab;
  believe_nobody(lab);
  std::vector<std::string> uids, numbers;
  for (const char* month : {"2026-01", "2026-02", "2026-03"})
    uids.push_back(lab.put(Letter().attach("c.csv", crossings(month, "100")).bytes()));
  lab.once();
  for (const std::string& uid : uids) numbers.push_back(lab.docket_of(uid)->docket.number.text());
  Letter command;
  command.from = std::string(kCoordinator);
  bool third = true;
  SECTION("in the subject, behind a greeting, in several lines") {
    command.subject = "release No. " + numbers[0];
    command.text = "Dear colleagues,\r\n\r\nRELEASE № " + numbers[1] + "\r\nReject " + numbers[2] +
                   ", 2026-000999.\r\n\r\nKind regards\r\n> REJECT " + numbers[0] + "\r\n";
    third = false;
  }
  SECTION("in one line") {
    command.text =
        fmt::format("Добрый день!\r\nRelease {}, №{} and «{}»\r\nrelease 2026-000999\r\n",
                    numbers[0], numbers[1], numbers[2]);
  }
  const std::string uid = lab.put(command.bytes());
  lab.once();
  REQUIRE(lab.docket_of(uid)->docket.items.size() == 4);
  lab.put(answer_to(*newest(lab, "confirmation", kCoordinator), "YES\r\n").bytes());
  lab.once();
  lab.once();
  CHECK(lab.folder_of(uids[0]) == "Filed");
  CHECK(lab.folder_of(uids[1]) == "Filed");
  CHECK(lab.folder_of(uids[2]) == (third ? "Filed" : "Rejected"));
  const std::string told = newest(lab, "receipt", kCoordinator)->text();
  for (const std::string& number : numbers) CHECK(told.find(number) != told.npos);
  CHECK(told.find("2026-000999: there is no such number") != told.npos);
}

TEST_CASE("what only looks like a command is none") {
  Lab lab;
  believe_nobody(lab);
  const std::string held = lab.put(Letter().attach("c.csv", crossings("2026-01", "1")).bytes());
  lab.once();
  const std::string number = lab.docket_of(held)->docket.number.text();
  Letter command;
  command.from = std::string(kCoordinator);
  SECTION("a sentence") {
    command.text = GENERATE_COPY("Please do not\r\nrelease " + number + "\r\n",
                                 "Release " + number + " only if it is right\r\n",
                                 "> RELEASE " + number + "\r\n");
  }
  SECTION("the subject of an answer") {
    command.subject = "Re: RELEASE " + number;
  }
  SECTION("both") {
    command.text = "RELEASE " + number + "\r\nREJECT " + number + "\r\n";
  }
  lab.put(command.bytes());
  lab.once();
  CHECK(lab.folder_of(held) == "Held");
  CHECK(letters(lab, "confirmation", kCoordinator) == 0);
}

TEST_CASE("where the policy wants a signature nobody is asked for a word that would not do") {
  Lab lab;
  lab.close();
  std::string text = must(read_file(lab.root() / "focalpost.toml"));
  must(write_file_durably(lab.root() / "focalpost.toml", replaced(text, "file = 1 ", "file = 4 ")));
  lab.open();
  const std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  CHECK(lab.docket_of(uid)->docket.outcome == Outcome::kHeld);
  CHECK(letters(lab, "confirmation") == 0);
  CHECK(letters(lab, "receipt", kBorder) == 1);
  CHECK(letters(lab, "held", kCoordinator) == 1);
}

TEST_CASE("what a robot of an institution sent is asked about at a person there") {
  Lab lab;
  believe_nobody(lab);
  Letter letter;
  letter.headers = "Auto-Submitted: auto-generated\r\n";
  const std::string uid = lab.put(letter.attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  REQUIRE(lab.docket_of(uid)->docket.outcome == Outcome::kHeld);
  auto asked = newest(lab, "confirmation");
  REQUIRE(asked);
  CHECK(asked->to() == "analysis@border.md.example");
  lab.clock.advance(1h);
  lab.put(answer_to(*asked, "YES\r\n").bytes());
  lab.once();
  CHECK(lab.docket_of(uid)->docket.outcome == Outcome::kFiled);
}

TEST_CASE("a crash after the answer was taken loses nothing and files nothing twice") {
  Waits waits;
  waits.lab.clock.advance(1h);
  waits.lab.put(answer_to(*waits.asked(), "YES\r\n").bytes());
  struct Stop {};
  try {
    (void)run_once(waits.lab.home(), waits.lab.clock, [](std::string_view step) {
      if (step == "moved") throw Stop{};
    });
  } catch (const Stop&) {
  }
  waits.lab.open();
  CHECK_FALSE(waits.filed());
  waits.lab.once();
  CHECK(waits.filed());
  CHECK(waits.lab.folder_of(waits.uid) == "Filed");
  CHECK(letters(waits.lab, "receipt") == 1);
}

TEST_CASE("whoever writes in a contact's name does not keep the letters that ask from leaving") {
  Lab lab;
  believe_nobody(lab, "[limits]\nunsure_per_day = 3\n");
  for (int i = 0; i < 10; ++i) {
    Letter guess;
    guess.subject = "[FP-BAAAAAAAAAAAAAAAA]";
    guess.text = "YES\r\n";
    lab.put(guess.bytes());
  }
  lab.once();
  CHECK(letters(lab, "receipt") == 3);
  lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  CHECK(letters(lab, "confirmation") == 1);
}

TEST_CASE("a yes that brings a file too counts, and the file is judged by itself") {
  Waits waits;
  Letter answer = answer_to(*waits.asked(), "YES\r\n");
  answer.attach("b.csv", crossings("2026-02", "200"));
  const std::string said = waits.say(answer.bytes());
  CHECK(waits.lab.folder_of(waits.uid) == "Filed");
  auto own = waits.lab.docket_of(said);
  REQUIRE(own->docket.items.size() == 2);
  CHECK(own->docket.items[0].outcome == Outcome::kHeld);
  CHECK(own->docket.items[1].kind == "command");
  // Its own confirmation says nothing twice.
  waits.say(answer_to(*waits.asked(), "YES\r\n").bytes());
  CHECK(waits.lab.number("SELECT count(*) FROM data") == 2);
  CHECK(waits.lab.docket_of(said)->docket.items.size() == 2);
}

TEST_CASE("what was purged or has lost its bytes does not wait, and stops nothing") {
  Waits waits;
  auto asked = waits.asked();
  bool purged = false;
  SECTION("purged") {
    purged = true;
    CHECK_FALSE(purge_docket(waits.lab.home(), waits.docket().docket.number, waits.lab.clock).ok());
    must(purge_docket(waits.lab.home(), waits.docket().docket.number, waits.lab.clock, true));
  }
  SECTION("lost") {
    must(waits.lab.home().store().database().execute(
        "UPDATE docket SET kept_segment = NULL, kept_offset = NULL"));
  }
  const std::string said = waits.say(answer_to(*asked, "YES\r\n").bytes());
  CHECK_FALSE(waits.filed());
  CHECK(must(waits.lab.home().store().dockets().held()).empty());
  CHECK(said_about(waits.lab, said) == (purged ? "answer-gone" : "answer-yes"));
  CHECK(waits.lab.number("SELECT count(*) FROM release_order") == 0);
}

TEST_CASE("not even the notes of a letter that asks repeat what the sender wrote") {
  Lab lab;
  lab.put(Letter().attach("a.csv", crossings("2026-01", "1000")).bytes());
  lab.once();
  lab.clock.advance(1h);
  Letter letter;
  letter.subject = "\xf0\xd2\xc9\xda \xf0\xd2\xc9\xda";  // KOI8-R without a word about it
  const std::string uid = lab.put(letter.attach("prize.csv", crossings("2026-01", "2000")).bytes());
  lab.once();
  auto record = lab.docket_of(uid);
  REQUIRE(record->docket.outcome == Outcome::kHeld);
  REQUIRE(record->docket.subject == "Приз Приз");
  REQUIRE(record->docket.items.at(0).findings.size() == 1);  // what the subject was taken for
  auto asked = newest(lab, "confirmation");
  REQUIRE(asked);
  const std::string text = asked->text() + asked->text("text/html") + asked->subject();
  CHECK(text.find("Приз") == text.npos);
  CHECK(text.find("prize") == text.npos);
}
