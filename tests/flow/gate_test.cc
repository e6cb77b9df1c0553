// SPDX-License-Identifier: Apache-2.0
//
// What may leave: the one gate, its budgets, and loops.
#include "flow/gate.h"

#include "word.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

/// Mails of a lab that were not looked at yet, in the order in which they left.
std::vector<std::string> fresh_mails(Lab& lab, std::int64_t& seen) {
  std::vector<std::string> all;
  for (;;) {
    const std::int64_t next =
        lab.number(fmt::format("SELECT coalesce(min(id), 0) FROM outbox WHERE id > {}", seen));
    if (next == 0) return all;
    seen = next;
    all.push_back(must(lab.home().store().outbox().bytes(next)));
  }
}

std::string without(std::string mail, std::string_view field) {
  const std::size_t at = mail.find("\r\n" + std::string(field) + ":");
  if (at == mail.npos) return mail;
  return mail.erase(at, mail.find("\r\n", at + 2) - at);
}

std::int64_t sent(Lab& lab) {
  return lab.number("SELECT count(*) FROM outbox");
}

Letter stranger(std::string from = "somebody@elsewhere.example") {
  Letter letter;
  letter.from = std::move(from);
  letter.subject = "Buy my pills";
  letter.text = "What is this?\r\n";
  return letter;
}

}  // namespace

TEST_CASE("two gateways that face each other stop within three messages") {
  Lab ours, theirs;
  must(theirs.home().store().set_setting("gateway_id", "fedcba9876543210"));
  theirs.configure("");
  // Each knows the other's address as a contact's.
  const std::string settings = must(read_file(theirs.root() / "focalpost.toml"));
  theirs.close();
  must(write_file_durably(theirs.root() / "focalpost.toml",
                          replaced(settings, "\n[gateway]\n",
                                   "\n[gateway]\naddress = \"" + std::string(kBorder) + "\"")));
  theirs.open();
  ours.close();
  must(
      write_file_durably(ours.root() / "focalpost.toml",
                         replaced(settings, "\n[gateway]\n",
                                  "\n[gateway]\naddress = \"" + std::string(kCoordinator) + "\"")));
  ours.open();
  std::string_view stripped = GENERATE("", "X-Focalpost-Gateway", "Auto-Submitted");
  INFO("without " << stripped);

  Letter first;
  first.from = std::string(kBorder);
  first.attach("c.csv", crossings("2026-01", "100"));
  ours.put(first.bytes());
  int messages = 1;
  std::int64_t seen_ours = 0, seen_theirs = 0;
  for (int round = 0; round < 10; ++round) {
    ours.once();
    for (const std::string& mail : fresh_mails(ours, seen_ours)) {
      ++messages;
      theirs.put(without(mail, stripped));
    }
    theirs.once();
    for (const std::string& mail : fresh_mails(theirs, seen_theirs)) {
      ++messages;
      ours.put(without(mail, stripped));
    }
  }
  CHECK(messages >= 2);
  CHECK(messages <= 3);
}

TEST_CASE("our own mail that comes back is known and ignored, whatever was lost on the way") {
  Lab lab;
  lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  std::int64_t seen = 0;
  const std::string mail = fresh_mails(lab, seen).at(0);
  std::string back = mail;
  SECTION("as it was") {}
  SECTION("without the gateway's mark") {
    back = without(back, "X-Focalpost-Gateway");
  }
  SECTION("without both marks") {
    back = without(without(back, "X-Focalpost-Gateway"), "Auto-Submitted");
  }
  SECTION("as if a contact had sent it on") {
    back = without(without(without(back, "X-Focalpost-Gateway"), "Auto-Submitted"), "From");
    back = "From: " + std::string(kBorder) + "\r\n" + back;
  }
  const std::string uid = lab.put(back);
  lab.once();
  CHECK(lab.docket_of(uid)->docket.outcome == Outcome::kIgnored);
  CHECK(lab.folder_of(uid) == "Ignored");
  CHECK(sent(lab) == 1);
}

TEST_CASE("the letter that asks, coming back, confirms nothing") {
  Lab lab;
  believe_nobody(lab);
  const std::string uid = lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  auto asked = newest(lab, "confirmation");
  lab.put("From: " + std::string(kBorder) + "\r\n" + without(asked->raw, "From"));
  lab.once();
  CHECK(lab.folder_of(uid) == "Held");
  CHECK(sent(lab) == 1);
}

TEST_CASE("a stranger gets one short text a day, without a word of his own") {
  Lab lab;
  const std::string uid = lab.put(stranger().bytes());
  lab.once();
  auto mails = lab.replies_to(*lab.docket_of(uid));
  REQUIRE(mails.size() == 1);
  CHECK(mails[0]->raw.find("pills") == std::string::npos);
  CHECK(mails[0]->to() == "somebody@elsewhere.example");
  lab.clock.advance(23h);
  lab.put(stranger().bytes());
  lab.once();
  CHECK(sent(lab) == 1);
  lab.clock.advance(2h);
  lab.put(stranger().bytes());
  lab.once();
  CHECK(sent(lab) == 2);
}

TEST_CASE("strangers in all get a bounded number of texts a day") {
  Lab lab;
  lab.configure("[limits]\nstrangers_per_day = 7\n");
  for (int hour = 0; hour < 5; ++hour) {
    for (int i = 0; i < 4; ++i)
      lab.put(stranger(fmt::format("somebody{}.{}@elsewhere.example", hour, i)).bytes());
    lab.once();
    lab.clock.advance(61min);
  }
  CHECK(sent(lab) == 7);
  CHECK(lab.number("SELECT count(*) FROM event WHERE text LIKE '%strangers%'") >= 1);
  lab.clock.advance(25h);
  lab.put(stranger("another@elsewhere.example").bytes());
  lab.once();
  CHECK(sent(lab) == 8);
}

TEST_CASE("strangers in all get so many texts an hour") {
  Lab lab;
  for (int i = 0; i < 40; ++i)
    lab.put(stranger(fmt::format("somebody{}@elsewhere.example", i)).bytes());
  lab.once();
  CHECK(sent(lab) == std::int64_t(kStrangersPerHour));
}

TEST_CASE("what no program may answer gets nothing") {
  Lab lab;
  Letter letter = stranger();
  SECTION("a stranger's list") {
    letter.headers = "List-Id: <news.elsewhere.example>\r\n";
  }
  SECTION("any field of a list") {
    letter.headers = "List-Help: <mailto:a@b.example>\r\n";
  }
  SECTION("bulk") {
    letter.headers = "Precedence: bulk\r\n";
  }
  SECTION("Exchange's wish") {
    letter.headers = "X-Auto-Response-Suppress: DR, OOF, AutoReply\r\n";
  }
  SECTION("everything suppressed") {
    letter.headers = "X-Auto-Response-Suppress: All\r\n";
  }
  SECTION("the null path") {
    letter.headers = "Return-Path: <>\r\n";
  }
  SECTION("auto-generated") {
    letter.headers = "Auto-Submitted: auto-generated\r\n";
  }
  SECTION("a vendor's vacation") {
    letter.subject = "Автоответ: в отпуске";
  }
  SECTION("a robot by its name") {
    letter.from = GENERATE("noreply@shop.example", "MAILER-DAEMON@mx.example",
                           "owner-list@lists.example", "list-request@lists.example",
                           "news-bounces@lists.example", "no-reply+17@shop.example");
  }
  SECTION("our own address") {
    letter.from = "gateway@network.example";
  }
  SECTION("our own address with a tag") {
    letter.from = "gateway+Retry@Network.example";
  }
  SECTION("several senders") {
    letter.from = "a@b.example, c@d.example";
  }
  lab.put(letter.bytes());
  lab.once();
  CHECK(sent(lab) == 0);
}

TEST_CASE("a registered contact is answered though Outlook wishes no automatic replies") {
  Lab lab;
  Letter letter;
  letter.headers = "X-Auto-Response-Suppress: DR, OOF, AutoReply\r\n";
  lab.put(letter.attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  CHECK(sent(lab) == 1);
}

TEST_CASE("an absence notice that does not say that it is one does not go round and round") {
  Lab lab;
  lab.put(Letter().attach("c.csv", crossings("2026-01", "100")).bytes());
  lab.once();
  REQUIRE(sent(lab) == 1);
  SECTION("by how its subject begins, in answer to a letter of ours") {
    const std::string begins =
        GENERATE("Out of Office: ", "Automatic reply - ",
                 "Автоответ: ", "Вне офиса: ", "RE: Автоматична відповідь. ", "On leave: ");
    Letter notice = answer_to(*newest(lab, "receipt"), "I am back on Monday.\r\n");
    notice.subject = begins + notice.subject;
    const std::string uid = lab.put(notice.bytes());
    lab.once();
    CHECK(lab.docket_of(uid)->docket.outcome == Outcome::kNotice);
    CHECK(sent(lab) == 1);
    // Not in answer to us a person may well write it.
    Letter fresh;
    fresh.subject = "Out of office until Monday, who is to send the data";
    lab.put(fresh.bytes());
    lab.once();
    CHECK(sent(lab) == 2);
  }
  SECTION("whatever its wording: three a day") {
    for (int round = 0; round < 10; ++round) {
      lab.put(answer_to(*newest(lab, "receipt"), "We have got your letter.\r\n").bytes());
      lab.once();
    }
    // Each of the three is a question to a person, too.
    CHECK(sent(lab) == 7);
    CHECK(letters(lab, "request") == 3);
    CHECK(lab.number("SELECT count(*) FROM docket WHERE outcome = 'notice'") == 7);
    // Data, and commands, in the same thread are answered all the same.
    Letter data = answer_to(*newest(lab, "receipt"), "New ones.\r\n");
    lab.put(data.attach("c.csv", crossings("2026-02", "100")).bytes());
    lab.put(answer_to(*newest(lab, "receipt"), "HELP\r\n").bytes());
    lab.once();
    CHECK(sent(lab) == 9);
    lab.clock.advance(25h);
    lab.put(answer_to(*newest(lab, "receipt"), "We have got your letter.\r\n").bytes());
    lab.once();
    CHECK(sent(lab) == 11);
  }
}

TEST_CASE("nothing gets into the outbox but through the gate") {
  for (const char* room : {"flow", "cli"})
    for (const auto& entry : fs::directory_iterator(fs::path(SOURCE_DIR) / "gateway" / room)) {
      if (entry.path().filename() == "gate.cc") continue;
      INFO(entry.path());
      CHECK(must(read_file(entry.path())).find("outbox().enqueue(") == std::string::npos);
    }
}
