// SPDX-License-Identifier: Apache-2.0
//
// The example letters of spool/ on their way from INBOX to a reply in Sent, and what happens to a
// letter that comes twice, is released, or is moved by hand.
#include "catch.h"
#include "lab.h"
#include "mime/compose.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

struct Expected {
  std::string_view letter;
  Outcome outcome;
  std::string_view folder;
  std::uint64_t created, revised, unchanged;
  std::string_view reply;  ///< language; "" for none
};

// clang-format off
constexpr Expected kLetters[] = {
    {"01-asylum-xml",               Outcome::kFiled,    "Filed",          54, 0,  0,   "ru"},
    {"02-asylum-decisions-generic", Outcome::kFiled,    "Filed",          36, 0,  0,   "uk"},
    {"03-zip-flows-stock",          Outcome::kFiled,    "Filed",          62, 0,  0,   "en"},
    {"04-gz-flows",                 Outcome::kFiled,    "Filed",          30, 0,  0,   "ru"},
    {"05-crossings-csv1",           Outcome::kFiled,    "Filed",          60, 0,  0,   "en"},
    {"06-labour-csv2",              Outcome::kFiled,    "Filed",          32, 0,  0,   "ru"},
    {"07-asylum-revision",          Outcome::kFiled,    "Filed",           0, 7, 47,   "ru"},
    {"08-permits-and-refusals",     Outcome::kFiled,    "Filed",          37, 0,  0,   "en"},
    {"09-asylum-with-errors",       Outcome::kRejected, "Rejected",        0, 0,  0,   "ru"},
    {"10-other-country",            Outcome::kRejected, "Rejected",        0, 0,  0,   "ru"},
    {"11-unknown-sender",           Outcome::kAnswered, "Enquiries",       0, 0,  0,   "ru"},
    {"12-out-of-office",            Outcome::kNotice,   "Notices",         0, 0,  0,   ""},
    {"13-forwarded",                Outcome::kFiled,    "Filed",          14, 0,  0,   "ru"},
    {"14-truncated",                Outcome::kRejected, "Rejected",        0, 0,  0,   "uk"},
    {"15-large-revision",           Outcome::kHeld,     "Held",            0, 11, 4,  "uk"},
    {"16-test",                     Outcome::kTested,   "Enquiries",       0, 0,  0,   "ru"},
    {"17-question",                 Outcome::kOpen,     "Enquiries/Open",  0, 0,  0,   "ru"},
};
// clang-format on

/// All letters of spool/ in INBOX; the uid of each by its name.
std::map<std::string, std::string> deliver_all(Lab& lab) {
  std::map<std::string, std::string> uids;
  for (const std::string& name : letter_names()) uids[name] = lab.put(letter(name));
  return uids;
}

ChangeSummary sum(const Docket& docket) {
  ChangeSummary all;
  for (const Item& item : docket.items)
    for (const DatasetOutcome& dataset : item.datasets) {
      all.created += dataset.change.created;
      all.revised += dataset.change.revised;
      all.unchanged += dataset.change.unchanged;
      all.withdrawn += dataset.change.withdrawn;
    }
  return all;
}

}  // namespace

TEST_CASE("every example letter comes to its verdict, its folder and one reply in its thread") {
  Lab lab;
  auto uids = deliver_all(lab);
  PassResult pass = lab.once();
  CHECK(pass.intake.dockets.size() == std::size(kLetters));
  CHECK(lab.count(Folder::kInbox) == 0);
  REQUIRE(uids.size() == std::size(kLetters));

  std::size_t replies = 0;
  std::uint32_t serial = 0;
  for (const Expected& expected : kLetters) {
    INFO(expected.letter);
    const std::string& uid = uids.at(std::string(expected.letter));
    auto record = lab.docket_of(uid);
    REQUIRE(record);
    const Docket& docket = record->docket;
    CHECK(docket.number.text() == fmt::format("2026-{:06}", ++serial));
    CHECK(outcome_name(docket.outcome) == outcome_name(expected.outcome));
    CHECK(docket.attempt == 1);
    CHECK(record->folder == expected.folder);
    CHECK(lab.folder_of(uid) == expected.folder);
    ChangeSummary change = sum(docket);
    CHECK(change.created == expected.created);
    CHECK(change.revised == expected.revised);
    CHECK(change.unchanged == expected.unchanged);
    CHECK(change.withdrawn == 0);

    auto mails = lab.replies_to(*record);
    if (expected.outcome == Outcome::kOpen && !mails.empty()) {
      // A question has gone to a person, too.
      CHECK(mails.front()->to() != docket.sender.address);
      mails.erase(mails.begin());
      ++replies;
    }
    REQUIRE(mails.size() == (expected.reply.empty() ? 0u : 1u));
    if (mails.empty()) continue;
    ++replies;
    const Reply& reply = *mails[0];
    std::string raw_letter = letter(expected.letter);
    mime::Message original = mime::parse(raw_letter, Limits{});
    CHECK(reply.to() == original.top().addresses("From").at(0).spec);
    CHECK(reply.header("Content-Language") == expected.reply);
    CHECK(reply.header("Auto-Submitted") == "auto-replied");
    CHECK(reply.header(mime::kGatewayHeader) == kGatewayId);
    // What waits is answered by the letter that asks, whose id has its token.
    if (expected.outcome != Outcome::kHeld)
      CHECK(reply.id() ==
            mime::reply_message_id(docket.number.text(), 1, lab.home().message_id_domain()));
    CHECK(reply.header("In-Reply-To") == docket.message_id);
    CHECK(reply.message.top().references().back() == docket.message_id);
    CHECK(reply.message.top().has("Return-Path") == false);
    OutboxEntry entry = lab.mails_of(*record).back();
    CHECK(entry.envelope_from.empty());  // RFC 3834 3.3: the null path
    CHECK(entry.state == OutboxState::kSent);
    CHECK(entry.message_id == reply.id());
    CHECK(reply.text().find(docket.number.text()) != std::string::npos);
    CHECK(reply.text("text/html").find(docket.number.text()) != std::string::npos);
  }
  CHECK(pass.sent == replies);
  CHECK(lab.count(Folder::kSent) == replies);

  SECTION("the revision answers in the thread it came in") {
    auto mails = lab.replies_to(*lab.docket_of(uids["07-asylum-revision"]));
    auto references = mails.at(0)->message.top().references();
    REQUIRE(references.size() == 2);
    CHECK(references[0] == "<000c01dccbf2$5e1a7b40$1a4f71c0$@migration.kg.example>");
  }
  SECTION("what was rejected, tested, held or asked left nothing in the store") {
    CHECK(lab.number("SELECT count(*) FROM filing i JOIN docket d ON d.id = i.docket "
                     "WHERE d.outcome <> 'filed'") == 0);
    CHECK(lab.number("SELECT count(*) FROM data WHERE provider = 'UA_SMS' AND value = '652'") == 0);
    CHECK(lab.number(
              "SELECT count(*) FROM data WHERE provider IN ('TJ_SMS', 'KG_NSC', 'AZ_SMS')") == 0);
  }
  SECTION("the same letters delivered again join their dockets: no reply, no filing") {
    std::int64_t filings = lab.number("SELECT count(*) FROM filing");
    std::map<std::string, std::string> again;
    for (const std::string& name : letter_names()) again[name] = lab.put(letter(name));
    lab.clock.advance(1h);
    PassResult second = lab.once();
    CHECK(second.intake.dockets.empty());
    CHECK(second.intake.redelivered == std::size(kLetters));
    CHECK(second.sent == 0);
    CHECK(lab.number("SELECT count(*) FROM filing") == filings);
    CHECK(lab.count(Folder::kSent) == replies);
    CHECK(lab.count(Folder::kInbox) == 0);
    for (const Expected& expected : kLetters) {
      INFO(expected.letter);
      std::string name(expected.letter);
      CHECK(lab.folder_of(again[name]) == expected.folder);
      CHECK(lab.docket_of(again[name])->docket.number == lab.docket_of(uids[name])->docket.number);
    }
  }
  SECTION("the same data in another message change nothing, and the receipt says so") {
    std::string uid =
        lab.put(replaced(letter("05-crossings-csv1"), "<2f6e0c3d-9b84", "<another-9b84"));
    lab.once();
    auto record = lab.docket_of(uid);
    REQUIRE(record);
    CHECK(record->docket.outcome == Outcome::kUnchanged);
    CHECK(record->folder == "Filed");
    CHECK(sum(record->docket).unchanged == 60);
    CHECK(lab.replies_to(*record).size() == 1);
  }
  SECTION("a release files what was held, answers again, and moves the message") {
    const std::string uid = uids["15-large-revision"];
    auto held = lab.docket_of(uid);
    REQUIRE(held->docket.items.size() == 1);
    CHECK(held->docket.items[0].hold == HoldReason::kLargeChange);
    lab.clock.advance(2h);
    Docket released = lab.release(held->docket.number);
    CHECK(released.outcome == Outcome::kFiled);
    CHECK(released.attempt == 2);
    CHECK(lab.number("SELECT count(*) FROM data WHERE provider = 'UA_SMS' AND value = 652") == 1);
    CHECK(lab.folder_of(uid) == "Filed");
    auto mails = lab.replies_to(*lab.docket_of(uid));
    REQUIRE(mails.size() == 2);
    CHECK(mails[0]->id() != mails[1]->id());
    CHECK(mails[1]->header("In-Reply-To") == held->docket.message_id);
    CHECK(lab.count(Folder::kSent) == replies + 1);
    // It is done: nothing waits any more, and another pass finds nothing to do.
    CHECK(must(lab.home().store().dockets().held()).empty());
    CHECK(lab.once().intake.dockets.empty());
  }
}

TEST_CASE("a message moved back to INBOX or to Retry is judged again in its docket") {
  Lab lab;
  Folder from = GENERATE(Folder::kInbox, Folder::kRetry);
  std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  REQUIRE(lab.folder_of(uid) == "Filed");
  DocketNumber number = lab.docket_of(uid)->docket.number;

  for (std::uint32_t attempt = 2; attempt <= 4; ++attempt) {
    INFO("attempt " << attempt);
    lab.clock.advance(1h);
    lab.drag(uid, Folder::kFiled, from);
    PassResult pass = lab.once();
    REQUIRE(pass.intake.dockets.size() == 1);
    CHECK(pass.intake.dockets[0] == number);
    auto record = lab.docket_of(uid);
    CHECK(record->docket.attempt == attempt);
    CHECK(record->docket.outcome == Outcome::kUnchanged);
    CHECK(lab.folder_of(uid) == "Filed");
    auto mails = lab.replies_to(*record);
    REQUIRE(mails.size() == attempt);
    CHECK(mails.back()->id() ==
          mime::reply_message_id(number.text(), attempt, lab.home().message_id_domain()));
  }
  // First one way, then the other: still the same docket.
  lab.drag(uid, Folder::kFiled, from == Folder::kInbox ? Folder::kRetry : Folder::kInbox);
  lab.once();
  CHECK(lab.docket_of(uid)->docket.attempt == 5);
  CHECK(lab.number("SELECT count(*) FROM docket") == 1);
  CHECK(lab.number("SELECT count(*) FROM filing") >= 1);
  CHECK(lab.number("SELECT count(*) FROM history") == 0);
}

TEST_CASE("a retry that was judged but not moved when the program ended is only moved") {
  Lab lab;
  Folder from = GENERATE(Folder::kInbox, Folder::kRetry);
  std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  lab.drag(uid, Folder::kFiled, from);
  struct Stop {};
  bool stopped = false;
  try {
    (void)run_once(lab.home(), lab.clock, [](std::string_view step) {
      if (step == "committed") throw Stop{};
    });
  } catch (const Stop&) {
    stopped = true;
  }
  REQUIRE(stopped);
  lab.open();
  CHECK(lab.folder_of(uid) == folder_name(from));
  lab.once();
  CHECK(lab.folder_of(uid) == "Filed");
  CHECK(lab.docket_of(uid)->docket.attempt == 2);
  CHECK(lab.replies_to(*lab.docket_of(uid)).size() == 2);
}

TEST_CASE("what a person moved elsewhere stays where it is") {
  Lab lab;
  std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  lab.drag(uid, Folder::kFiled, Folder::kEnquiries);
  PassResult pass = lab.once();
  CHECK(pass.intake.dockets.empty());
  CHECK(lab.folder_of(uid) == "Enquiries");
  CHECK(lab.docket_of(uid)->folder == "Filed");
}

TEST_CASE("a held message that a person moved away can still be released") {
  Lab lab;
  lab.put(letter("02-asylum-decisions-generic"));
  std::string uid = lab.put(letter("15-large-revision"));
  lab.once();
  REQUIRE(lab.folder_of(uid) == "Held");
  lab.drag(uid, Folder::kHeld, Folder::kEnquiries);
  CHECK(lab.release(lab.docket_of(uid)->docket.number).outcome == Outcome::kFiled);
  CHECK(lab.folder_of(uid) == "Enquiries");
}

TEST_CASE("TEST in the subject: judged and answered, not filed") {
  Lab lab;
  Letter letter;
  auto judged = [&](std::string subject) {
    letter.subject = std::move(subject);
    std::string uid = lab.put(letter.bytes());
    lab.once();
    return lab.docket_of(uid)->docket.outcome;
  };
  letter.attach("c.csv", crossings("2026-01", "100"));
  CHECK(judged("TEST") == Outcome::kTested);
  CHECK(judged("Re: TEST: January") == Outcome::kTested);
  CHECK(judged("ТЕСТ, январь") == Outcome::kTested);
  CHECK(lab.number("SELECT count(*) FROM filing") == 0);
  CHECK(judged("Latest figures, Test run of May, TESTING") == Outcome::kFiled);

  letter.attachments.clear();
  letter.attach("c.csv", crossings("2026-13", "100"));
  CHECK(judged("TEST") == Outcome::kRejected);
}

TEST_CASE("data sent by a registered robot are filed, and a person of the institution is told") {
  Lab lab;
  Letter letter;
  letter.headers = "Auto-Submitted: auto-generated\r\n";
  letter.attach("c.csv", crossings("2026-01", "100"));
  std::string uid = lab.put(letter.bytes());
  lab.once();
  auto record = lab.docket_of(uid);
  CHECK(record->docket.outcome == Outcome::kFiled);
  auto mails = lab.replies_to(*record);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0]->to() == "analysis@border.md.example");

  SECTION("a robot without data is a notice") {
    letter.attachments.clear();
    std::string notice = lab.put(letter.bytes());
    lab.once();
    CHECK(lab.docket_of(notice)->docket.outcome == Outcome::kNotice);
    CHECK(lab.replies_to(*lab.docket_of(notice)).empty());
  }
  SECTION("nothing inside a bounce is filed") {
    letter.attachments.clear();
    letter.attach("c.csv", crossings("2026-02", "200"));
    std::string bounce = replaced(letter.bytes(), "multipart/mixed",
                                  "multipart/report; report-type=delivery-status");
    std::string bounced = lab.put(bounce);
    lab.once();
    CHECK(lab.folder_of(bounced) == "Notices");
    CHECK(lab.number("SELECT count(*) FROM filing") == 1);
  }
}

TEST_CASE("our own reply that comes back is a loop: ignored, not answered") {
  Lab lab;
  std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  std::string sent = must(read_file(lab.files(Folder::kSent).at(0)));
  std::string loop = lab.put(sent);
  PassResult pass = lab.once();
  CHECK(pass.sent == 0);
  CHECK(lab.folder_of(loop) == "Ignored");
}

TEST_CASE("strangers get one short text a day, and nothing of theirs is filed") {
  Lab lab;
  Letter letter;
  letter.from = "Somebody <somebody@else.example>";
  letter.attach("c.csv", crossings("2026-01", "100"));
  auto replies = [&] {
    std::string uid = lab.put(letter.bytes());
    lab.once();
    auto record = lab.docket_of(uid);
    CHECK(record->docket.outcome == Outcome::kAnswered);
    CHECK(record->folder == "Enquiries");
    CHECK(record->docket.items.empty());
    return lab.replies_to(*record).size();
  };
  CHECK(replies() == 1);
  CHECK(replies() == 0);
  lab.clock.advance(23h);
  CHECK(replies() == 0);
  lab.clock.advance(2h);
  CHECK(replies() == 1);
  CHECK(lab.number("SELECT count(*) FROM filing") == 0);
}

TEST_CASE("a From that names two people names nobody") {
  Lab lab;
  Letter letter;
  letter.attach("c.csv", crossings("2026-01", "100"));
  SECTION("two addresses in one field") {
    letter.from = "border.statistics@border.md.example, somebody@else.example";
  }
  SECTION("two fields") {
    letter.headers = "From: somebody@else.example\r\n";
  }
  SECTION("no address at all") {
    letter.from = "undisclosed-senders:;";
  }
  std::string uid = lab.put(letter.bytes());
  lab.once();
  auto record = lab.docket_of(uid);
  CHECK_FALSE(record->docket.sender.registered);
  CHECK(lab.replies_to(*record).empty());
  CHECK(lab.number("SELECT count(*) FROM filing") == 0);
  CHECK(lab.count(Folder::kInbox) == 0);
}

TEST_CASE("replies never go to Reply-To") {
  Lab lab;
  Letter letter;
  letter.headers = "Reply-To: somebody@else.example\r\n";
  std::string uid = lab.put(letter.attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  auto mails = lab.replies_to(*lab.docket_of(uid));
  REQUIRE(mails.size() == 1);
  CHECK(mails[0]->to() == "border.statistics@border.md.example");
}

TEST_CASE("a correspondent gets no more replies an hour than the budget allows") {
  Lab lab;
  lab.configure("[limits]\nreplies_per_hour = 3\n");
  std::vector<std::string> uids;
  for (int i = 0; i < 7; ++i)
    uids.push_back(
        lab.put(Letter().attach("c.csv", crossings("2026-01", std::to_string(100 + i))).bytes()));
  CHECK(lab.once().sent == 3);
  CHECK(lab.number("SELECT count(*) FROM filing") >= 1);
  CHECK(lab.count(Folder::kInbox) == 0);
  CHECK(lab.number("SELECT count(*) FROM event WHERE text LIKE '%wait for a later hour%'") == 1);
  // None of them is lost: the others leave in the hours after.
  const auto last = must(lab.home().store().outbox().of_docket(lab.docket_of(uids[6])->docket.id));
  REQUIRE(last.size() == 1);
  CHECK(last[0].not_before == lab.clock.now() + 2h);
  lab.clock.advance(61min);
  CHECK(lab.once().sent == 3);
  lab.clock.advance(61min);
  CHECK(lab.once().sent == 1);
  lab.clock.advance(61min);
  lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  CHECK(lab.once().sent == 1);
}

TEST_CASE("a reply that would wait longer than a day is not written, and the docket says so") {
  Lab lab;
  lab.configure("[limits]\nreplies_per_hour = 1\n");
  std::string uid;
  for (int i = 0; i < 27; ++i)
    uid = lab.put(Letter().attach("c.csv", crossings("2026-01", std::to_string(100 + i))).bytes());
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM outbox") == 25);
  const auto record = lab.docket_of(uid);
  CHECK(lab.replies_to(*record).empty());
  CHECK(record->docket.reason.find("no reply to") == 0);
}

TEST_CASE("who sent nothing anew is not told about newer data when a letter is dragged to Retry") {
  Lab lab;
  const std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  lab.drag(uid, Folder::kFiled, Folder::kRetry);
  lab.once();
  auto mails = lab.replies_to(*lab.docket_of(uid));
  REQUIRE(mails.size() == 2);
  for (const auto& mail : mails) CHECK(mail->text().find("newer data") == std::string::npos);
  // Who sends the same again is.
  lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM outbox") == 3);
}

TEST_CASE("attachments of one mail are judged each by itself") {
  Lab lab;
  Letter letter;
  letter.attach("good.csv", crossings("2026-01", "100"))
      .attach("bad.csv", crossings("2026-13", "1"));
  std::string uid = lab.put(letter.bytes());
  lab.once();
  auto record = lab.docket_of(uid);
  REQUIRE(record->docket.items.size() == 2);
  CHECK(record->docket.items[0].outcome == Outcome::kFiled);
  CHECK(record->docket.items[1].outcome == Outcome::kRejected);
  CHECK(record->docket.outcome == Outcome::kRejected);
  CHECK(lab.folder_of(uid) == "Rejected");
  CHECK(lab.replies_to(*record).size() == 1);
  CHECK(lab.number("SELECT count(*) FROM data") == 1);
}

TEST_CASE("without a mail server that reports, what is not assured is held until its release") {
  Lab lab;
  lab.close();
  std::string settings = must(read_file(lab.root() / "focalpost.toml"));
  must(write_file_durably(
      lab.root() / "focalpost.toml",
      replaced(replaced(settings, "file = 1 ", "file = 2 "), "revise = 1", "revise = 2")));
  lab.open();
  std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  auto record = lab.docket_of(uid);
  CHECK(record->docket.outcome == Outcome::kHeld);
  CHECK(record->docket.items.at(0).hold == HoldReason::kAssurance);
  CHECK(lab.number("SELECT count(*) FROM data") == 0);
  CHECK(lab.release(record->docket.number).outcome == Outcome::kFiled);
  CHECK(lab.number("SELECT count(*) FROM data") == 1);
  CHECK(lab.folder_of(uid) == "Filed");
}

TEST_CASE("a value goes through the gateway digit for digit") {
  Lab lab;
  lab.put(Letter().attach("c.csv", crossings("2026-01", "587972")).bytes());
  lab.once();
  CHECK(lab.number("SELECT value FROM data WHERE key = 'M.MD.ENTRY._T._T._T._T.EVT' "
                   "AND time_period = '2026-01'") == 587972);
}
