// SPDX-License-Identifier: Apache-2.0
//
// The IMAP mailbox against servers that break, lie, fall silent, or merely say things in ways in
// which Dovecot never does.
#include <atomic>

#include "base/text.h"
#include "imap_lab.h"

using namespace imap_lab;
using servers::Fake;
using servers::FakeImap;
using servers::Peer;

namespace {

/// Silence that is taken for the end, where a test is about silence: much longer than any answer
/// takes on a busy machine.
constexpr auto kSoon = 1500ms;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

ImapOptions impatient(std::uint16_t port) {
  ImapOptions options = options_for(port);
  options.answer_timeout = options.done_timeout = kSoon;
  return options;
}

enum class About { kSilence, kOther };

MessageRef ref_of(const std::string& uid) {
  return {Folder::kInbox, 7, uid, 3, {}};
}

const std::vector<MessageRef> kThree = {ref_of("1"), ref_of("2"), ref_of("3")};

/// Answers FETCH with what a test says; everything else as it should be.
FakeImap fetching(std::function<void(Peer&, const std::string& tag, const std::string& set)> how) {
  FakeImap imap;
  imap.exists = 3;
  imap.handle = [how](Peer& peer, const std::string& tag, const std::string& command) {
    if (!command.starts_with("UID FETCH ")) return false;
    const std::string set = command.substr(10, command.find(' ', 10) - 10);
    how(peer, tag, set);
    return true;
  };
  return imap;
}

/// What a fetch of three messages from such a server says, and that everything goes on after it.
Error fault(const FakeImap& imap, Collect& sink, About about = About::kOther) {
  Fake fake(imap);
  ImapMailbox mailbox(about == About::kSilence ? impatient(fake.port()) : options_for(fake.port()));
  must(mailbox.open());
  const auto status = mailbox.fetch(kThree, sink);
  CHECK(fake.failures().empty());
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().retry_helps());
  CHECK(has(status.error().what, "imap://127.0.0.1"));
  CHECK_FALSE(mailbox.connected());
  const auto later = mailbox.list(Folder::kInbox, 0);
  REQUIRE_FALSE(later.ok());
  CHECK(later.error().retry_helps());
  must(mailbox.open());
  return status.error();
}

}  // namespace

TEST_CASE("a fetch that breaks is an Error in time, and nothing counts as gone") {
  Collect sink;
  SECTION("BYE and the end in the middle of a literal") {
    const Error error =
        fault(fetching([](Peer& peer, const std::string&, const std::string&) {
                peer.send("* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n");
                peer.send("* 2 FETCH (UID 2 BODY[] {1000}\r\nabc\r\n* BYE down\r\n");
                throw servers::Gone{};
              }),
              sink);
    CHECK(has(error.what, "closed the connection"));
    CHECK(sink.bytes == std::map<std::string, std::string>{{"1", "abc"}});
  }
  SECTION("BYE between messages") {
    const Error error = fault(fetching([](Peer& peer, const std::string&, const std::string&) {
                                peer.send("* BYE too much mail\r\n");
                                throw servers::Gone{};
                              }),
                              sink);
    CHECK(has(error.what, "too much mail"));
  }
  SECTION("a literal that is shorter than it says: what follows is taken for it") {
    const Error error =
        fault(fetching([](Peer& peer, const std::string& tag, const std::string&) {
                peer.send(
                    "* 1 FETCH (UID 1 BODY[] {20}\r\nabc)\r\n* 2 FETCH (UID 2 BODY[] {3}\r\n"
                    "def)\r\n" +
                    tag + " OK\r\n");
                peer.be_mute();
              }),
              sink);
    CHECK(has(error.what, "does not speak IMAP"));
  }
  SECTION("a literal that is longer than it says") {
    const Error error =
        fault(fetching([](Peer& peer, const std::string& tag, const std::string&) {
                peer.send("* 1 FETCH (UID 1 BODY[] {3}\r\nabcdef\r\nghi)\r\n" + tag + " OK\r\n");
                peer.be_mute();
              }),
              sink);
    CHECK(has(error.what, "does not speak IMAP"));
  }
  SECTION("no tagged answer") {
    const Error error = fault(fetching([](Peer& peer, const std::string&, const std::string&) {
                                peer.send("* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n");
                                peer.be_mute();
                              }),
                              sink, About::kSilence);
    CHECK(has(error.what, "no answer within 1.5 seconds"));
  }
  SECTION("silence in the middle of a literal") {
    const Error error = fault(fetching([](Peer& peer, const std::string&, const std::string&) {
                                peer.send("* 1 FETCH (UID 1 BODY[] {300000}\r\nabc");
                                peer.be_mute();
                              }),
                              sink, About::kSilence);
    CHECK(has(error.what, "no answer within 1.5 seconds"));
  }
  SECTION("talk without an end") {
    const Error error = fault(fetching([](Peer& peer, const std::string&, const std::string&) {
                                for (;;) peer.send("* OK still here\r\n");
                              }),
                              sink, About::kSilence);
    CHECK(has(error.what, "talks on"));
  }
  SECTION("the answer to a command that nobody gave") {
    CHECK(has(fault(fetching([](Peer& peer, const std::string&, const std::string&) {
                      peer.send("fp99 OK\r\n");
                      peer.be_mute();
                    }),
                    sink)
                  .what,
              "answers nothing"));
  }
  SECTION("garbage") {
    const std::string garbage = GENERATE(
        std::string("HTTP/1.1 400 Bad Request\r\n"), std::string("\r\n"), std::string("* \r\n"),
        std::string("* 1\r\n"), std::string("* 1 FETCH\r\n"), std::string("* 1 FETCH (UID\r\n"),
        std::string("* 1 FETCH (UID x)\r\n"), std::string("* 1 FETCH (BODY[ {3}\r\nabc)\r\n"),
        std::string("* 1 FETCH (\"UID\" 1)\r\n"), std::string("* 1 FETCH (UID 1 BODY[] \"abc)\r\n"),
        std::string("* 1 FETCH (UID 1 BODY[] (a))\r\n"), std::string("+ go on\r\n"),
        std::string("\x00\xff\x00\xff\r\n", 6),
        "* 1 FETCH (UID 1 X " + std::string(70'000, '(') + "\r\n",
        std::string(300'000, 'x') + "\r\n");
    INFO(one_line(std::string_view(garbage).substr(0, 60)));
    fault(fetching([&](Peer& peer, const std::string&, const std::string&) {
            peer.send(garbage);
            peer.be_mute();
          }),
          sink);
    CHECK(sink.bytes.empty());
  }
  SECTION("literals without an end in one response") {
    fault(fetching([](Peer& peer, const std::string&, const std::string&) {
            peer.send("* 1 FETCH (UID 1");
            for (;;) peer.send(" X {0}\r\n");
          }),
          sink);
  }
  CHECK(sink.gone_uids.empty());
  CHECK(sink.unreadable_uids.empty());
}

TEST_CASE("a fetch in other servers' ways of saying it") {
  Collect sink;
  auto fetch_from = [&](const FakeImap& imap) {
    Fake fake(imap);
    ImapMailbox mailbox(options_for(fake.port()));
    must(mailbox.open());
    must(mailbox.fetch(kThree, sink));
    CHECK(fake.failures().empty());
  };
  SECTION("quoted strings, NIL, atoms, other items with literals, other cases, flags in between") {
    fetch_from(fetching([](Peer& peer, const std::string& tag, const std::string& set) {
      if (set == "1:3") {
        peer.send(
            "* 1 FETCH (FLAGS (\\Seen) UID 1 BODY[] \"Subject: \\\"x\\\" \\\\ y\")\r\n"
            "* 17 EXISTS\r\n"
            "* 2 fetch (X-ITEM {5}\r\na)(b\" INTERNALDATE \" 1-Mar-2026 09:30:00 +0000\" "
            "ENVELOPE (\"a\" (NIL {3}\r\n))) \"b\")) uid 2 body[] {3}\r\nabc)\r\n"
            "* 1 FETCH (FLAGS (\\Seen \\Answered))\r\n"
            "* OK [ALERT] {3} of your mails {4}\r\n"
            "* 3 FETCH (UID 3 BODY[] NIL)\r\n");
      } else {
        if (set != "3") throw servers::Failure("asked again for " + set);
        peer.send("* 3 FETCH (UID 3 BODY[] NIL)\r\n");
      }
      peer.send(tag + " OK\r\n");
    }));
    CHECK(sink.bytes ==
          std::map<std::string, std::string>{{"1", "Subject: \"x\" \\ y"}, {"2", "abc"}});
    REQUIRE(sink.unreadable_uids.size() == 1);
    CHECK_FALSE(sink.unreadable_uids.at("3").retry_helps());
  }
  SECTION("the body before the UID: asked for one by one") {
    fetch_from(fetching([](Peer& peer, const std::string& tag, const std::string& set) {
      for (const std::string uid : {"1", "2", "3"})
        if (set == "1:3" || set == uid)
          peer.send(fmt::format("* {} FETCH (BODY[] {{5}}\r\nbody{} UID {})\r\n", uid, uid, uid));
      peer.send(tag + " OK\r\n");
    }));
    CHECK(sink.bytes ==
          std::map<std::string, std::string>{{"1", "body1"}, {"2", "body2"}, {"3", "body3"}});
  }
  SECTION("one message that the server cannot read stops no other") {
    const std::string code = GENERATE("", "[SERVERBUG] ", "[EXPUNGEISSUED] ");
    fetch_from(fetching([&](Peer& peer, const std::string& tag, const std::string& set) {
      for (const std::string uid : {"1", "3"})
        if (set == uid || (set == "1:3" && uid == "1"))
          peer.send(fmt::format("* {} FETCH (UID {} BODY[] {{5}}\r\nbody{})\r\n", uid, uid, uid));
      peer.send(tag + (set == "1:3" || set == "2" ? " NO " + code + "damaged\r\n" : " OK\r\n"));
    }));
    CHECK(sink.bytes.size() == 2);
    if (code == "[EXPUNGEISSUED] ") {
      CHECK(sink.gone_uids == std::vector<std::string>{"2"});
    } else {
      REQUIRE(sink.unreadable_uids.size() == 1);
      CHECK(has(sink.unreadable_uids.at("2").what, "damaged"));
      CHECK(sink.unreadable_uids.at("2").retry_helps() == !code.empty());
    }
  }
  SECTION("messages nobody asked for, and messages twice") {
    fetch_from(fetching([](Peer& peer, const std::string& tag, const std::string&) {
      for (const std::string uid : {"9", "1", "1", "2", "3"})
        peer.send(fmt::format("* 5 FETCH (UID {} BODY[] {{5}}\r\nbody{})\r\n", uid, uid));
      peer.send(tag + " OK\r\n");
    }));
    CHECK(sink.order == std::vector<std::string>{"1", "2", "3"});
  }
}

TEST_CASE("the rest of the login that comes behind it does no harm") {
  FakeImap imap;
  bool leftover = false;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (command.starts_with("AUTHENTICATE") || command.starts_with("LOGIN")) {
      leftover = true;
      peer.send(tag + " OK logged in\r\n* OK [ALERT] read this\r\n* 5 EXI");
      return true;
    }
    if (!leftover) return false;
    leftover = false;
    peer.send("STS\r\n");
    return false;
  };
  Fake fake(imap);
  ImapMailbox mailbox(options_for(fake.port()));
  must(mailbox.open());
  CHECK(must(mailbox.list(Folder::kInbox, 0)).empty());
}

TEST_CASE("an idle connection that died is found out, and one that is told of mail is not") {
  FakeImap imap;
  std::atomic<int> idles{0};
  ImapOptions options;
  auto with = [&](const std::function<void(Peer&, const std::string&)>& idle) {
    imap.handle = [&, idle](Peer& peer, const std::string& tag, const std::string& command) {
      if (command != "IDLE") return false;
      ++idles;
      idle(peer, tag);
      return true;
    };
  };
  auto start = [&](Fake& fake, About about = About::kOther) {
    options = about == About::kSilence ? impatient(fake.port()) : options_for(fake.port());
    options.renew = 30ms;
    auto mailbox = std::make_unique<ImapMailbox>(options);
    must(mailbox->open());
    must(mailbox->list(Folder::kInbox, 0));
    must(mailbox->list(Folder::kRetry, 0));
    return mailbox;
  };
  SECTION("no answer to DONE: the line is dead") {
    with([](Peer& peer, const std::string&) {
      peer.send("+ idling\r\n");
      peer.be_mute();
    });
    Fake fake(imap);
    const auto wake = start(fake, About::kSilence)->wait(60s, -1);
    REQUIRE_FALSE(wake.ok());
    CHECK(wake.error().retry_helps());
    CHECK(has(wake.error().what, "no answer within"));
  }
  SECTION("no answer to IDLE") {
    with([](Peer& peer, const std::string&) { peer.be_mute(); });
    Fake fake(imap);
    CHECK_FALSE(start(fake, About::kSilence)->wait(60s, -1).ok());
  }
  SECTION("BYE while idle") {
    with([](Peer& peer, const std::string&) {
      peer.send("+ idling\r\n* BYE idle for too long\r\n");
      throw servers::Gone{};
    });
    Fake fake(imap);
    const auto wake = start(fake)->wait(60s, -1);
    REQUIRE_FALSE(wake.ok());
    CHECK(has(wake.error().what, "idle for too long"));
  }
  SECTION("IDLE is renewed, and what else is said there is no mail") {
    with([&](Peer& peer, const std::string& tag) {
      peer.send("* OK Still here\r\n+ idling\r\n* 2 RECENT\r\n");
      if (idles == 3) peer.send("* 1 EXISTS\r\n");
      peer.expect("DONE");
      peer.send(tag + " OK\r\n");
    });
    Fake fake(imap);
    CHECK(must(start(fake)->wait(60s, -1)) == Wake::kMail);
    CHECK(idles == 3);
    CHECK(fake.failures().empty());
  }
  SECTION("EXISTS before the +, within IDLE, behind DONE") {
    const int where = GENERATE(0, 1, 2);
    with([&](Peer& peer, const std::string& tag) {
      if (where == 0) peer.send("* 1 EXISTS\r\n");
      peer.send("+ idling\r\n");
      if (where == 1) peer.send("* 1 EXISTS\r\n");
      peer.expect("DONE");
      if (where == 2) peer.send("* 1 EXISTS\r\n");
      peer.send(tag + " OK\r\n");
    });
    Fake fake(imap);
    auto mailbox = start(fake);
    CHECK(must(mailbox->wait(60s, -1)) == Wake::kMail);
    CHECK(idles == 1);
    CHECK(must(mailbox->wait(60s, -1)) == Wake::kMail);
    CHECK(idles == 1);  // not entered while there is news
  }
  SECTION("IDLE is offered and refused: NOOP instead") {
    with([](Peer& peer, const std::string& tag) { peer.send(tag + " NO not today\r\n"); });
    Fake fake(imap);
    options.poll = 10ms;
    CHECK(must(start(fake)->wait(100ms, -1)) == Wake::kTimeout);
    CHECK(idles == 1);
  }
  SECTION("the server ends IDLE by itself") {
    with([](Peer& peer, const std::string& tag) {
      peer.send("+ idling\r\n" + tag + " OK enough\r\n");
    });
    Fake fake(imap);
    auto mailbox = start(fake);
    CHECK(must(mailbox->wait(50ms, -1)) == Wake::kTimeout);
    CHECK(must(mailbox->list(Folder::kInbox, 0)).empty());
    CHECK(fake.failures().empty());
  }
}

TEST_CASE("moves on servers of other habits") {
  std::vector<Move> moves;
  for (const MessageRef& ref : kThree) moves.push_back({ref, Folder::kFiled});
  std::vector<std::string> commands;
  FakeImap imap;
  imap.exists = 3;
  std::string answer, copied;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (command.starts_with("UID FETCH")) {
      peer.send(
          "* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (FLAGS (\\Seen) UID 2)\r\n"
          "* 3 FETCH (UID 3 FLAGS (\\Deleted))\r\n" +
          tag + " OK\r\n");
      return true;
    }
    if (!command.starts_with("UID ") && !command.starts_with("EXPUNGE") &&
        !command.starts_with("CREATE"))
      return false;
    commands.push_back(command);
    if (command.starts_with("UID MOVE")) {
      peer.send(fmt::format(fmt::runtime(answer), fmt::arg("tag", tag)));
      return true;
    }
    if (command.starts_with("UID COPY")) {
      peer.send(tag + (copied.empty() ? " OK" : copied) + "\r\n");
      return true;
    }
    return false;
  };
  auto move_them = [&]() -> Result<std::vector<Moved>> {
    Fake fake(imap);
    ImapMailbox mailbox(options_for(fake.port()));
    must(mailbox.open());
    commands.clear();
    return mailbox.move(moves);
  };
  auto outcomes = [&] {
    std::string all;
    for (const Moved& one : must(move_them()))
      all += one.outcome == Moved::Outcome::kNotThere ? "- " : one.now ? one.now->uid + " " : "? ";
    return all;
  };
  SECTION("COPYUID before, behind, not at all") {
    answer = "* OK [COPYUID 9 1,3 11:12] .\r\n* 1 EXPUNGE\r\n* 2 EXPUNGE\r\n{tag} OK\r\n";
    CHECK(outcomes() == "11 - 12 ");
    CHECK(commands == std::vector<std::string>{"UID MOVE 1:3 \"Filed\""});
    answer = "* 1 EXPUNGE\r\n{tag} OK [COPYUID 9 3,1 11:12] done\r\n";
    CHECK(outcomes() == "12 - 11 ");
    answer = "{tag} OK No messages found.\r\n";
    CHECK(outcomes() == "- - - ");
    answer = "* 1 EXPUNGE\r\n{tag} OK\r\n";
    CHECK(outcomes() == "? ? ? ");
    for (const char* odd :
         {"x 1 2", "9 1:3", "9 1:3 4", "9 1:99999999 1:99999999", "9 1:* 5:7", "9 0 5"}) {
      answer = fmt::format("* OK [COPYUID {}] .\r\n* 1 EXPUNGE\r\n{{tag}} OK\r\n", odd);
      CHECK(outcomes() == "? ? ? ");
    }
  }
  SECTION("a refusal is an Error that says whether it passes") {
    answer = "{tag} NO [OVERQUOTA] full\r\n";
    auto moved = move_them();
    REQUIRE_FALSE(moved.ok());
    CHECK(moved.error().retry_helps());
    CHECK(has(moved.error().what, "Filed: [OVERQUOTA] full"));
    answer = "{tag} NO [NOPERM] no\r\n";
    moved = move_them();
    REQUIRE_FALSE(moved.ok());
    CHECK_FALSE(moved.error().retry_helps());
  }
  SECTION("without MOVE: what was copied is deleted, by name, and nothing else") {
    imap.capability = "IMAP4rev1 UIDPLUS AUTH=PLAIN SASL-IR";
    copied = " OK [COPYUID 9 2 44] copied";
    CHECK(outcomes() == "- 44 - ");
    CHECK(commands == std::vector<std::string>{"UID COPY 1:2 \"Filed\"",
                                               "UID STORE 2 +FLAGS.SILENT (\\Deleted)",
                                               "UID EXPUNGE 2"});
  }
  SECTION("a copy that fails deletes nothing") {
    imap.capability = "IMAP4rev1 UIDPLUS AUTH=PLAIN SASL-IR";
    copied = " NO [OVERQUOTA] full";
    CHECK_FALSE(move_them().ok());
    CHECK(commands == std::vector<std::string>{"UID COPY 1:2 \"Filed\""});
  }
  SECTION("without UIDPLUS nothing is expunged") {
    imap.capability = "IMAP4rev1 AUTH=PLAIN SASL-IR";
    CHECK(outcomes() == "? ? - ");
    CHECK(commands ==
          std::vector<std::string>{"UID COPY 1:2 \"Filed\"",
                                   "UID STORE 1:2 +FLAGS.SILENT (\\Seen FocalpostLeft-INBOX)"});
  }
  SECTION("a target that is not there is made") {
    imap.capability = "IMAP4rev1 UIDPLUS AUTH=PLAIN SASL-IR";
    copied = " NO [TRYCREATE] no such folder";
    CHECK_FALSE(move_them().ok());
    CHECK(commands == std::vector<std::string>{"UID COPY 1:2 \"Filed\"", "CREATE \"Filed\"",
                                               "UID COPY 1:2 \"Filed\""});
  }
}

TEST_CASE("names and settings of a server never reach a command as more than a name") {
  std::vector<std::string> lines;
  FakeImap imap;
  std::string space;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    lines.push_back(command);
    if (command == "NAMESPACE") {
      peer.send("* NAMESPACE " + space + " NIL NIL\r\n" + tag + " OK\r\n");
      return true;
    }
    if (command == "LIST \"\" \"\"") {
      peer.send("* LIST (\\Noselect) NIL \"\"\r\n" + tag + " OK\r\n");
      return true;
    }
    return false;
  };
  auto opened = [&](const std::string& personal, const std::string& root = {}) {
    space = personal;
    lines.clear();
    Fake fake(imap);
    ImapOptions options = options_for(fake.port());
    options.root = root;
    ImapMailbox mailbox(options);
    const auto status = mailbox.open();
    return status.ok() ? std::string(mailbox.server_name(Folder::kEnquiriesOpen)) : "";
  };
  CHECK(opened("((\"INBOX.\" \".\" \"X-PARAM\" (\"a\")))") == "INBOX.Enquiries.Open");
  CHECK(opened("(({6}\r\nINBOX. {1}\r\n.))") == "INBOX.Enquiries.Open");
  CHECK(opened("((\"\" NIL))") == "Enquiries-Open");
  CHECK(opened("NIL") == "Enquiries-Open");
  CHECK(opened("((\"a\\\"b\\\\\" \"\\\\\"))") == "a\"b\\Enquiries\\Open");
  CHECK(std::find(lines.begin(), lines.end(), "LIST \"\" \"a\\\"b\\\\Filed\"") != lines.end());
  CHECK(opened("(({9}\r\na\r\nx SEND {1}\r\n.))").empty());
  CHECK(opened("((\"\" \"ab\"))").empty());
  CHECK(opened("((\"\" \"/\"))", "two\r\nlines") == "two&AA0ACg-lines/Enquiries/Open");
  for (const std::string& line : lines) CHECK(line.find("SEND") == std::string::npos);
}

TEST_CASE("a server of UTF-8 names") {
  std::vector<std::string> lines;
  std::string appended;
  FakeImap imap;
  imap.capability = "IMAP4rev1 AUTH=PLAIN SASL-IR NAMESPACE ENABLE UTF8=ACCEPT UIDPLUS";
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    lines.push_back(command);
    if (command.starts_with("ENABLE")) {
      peer.send("* ENABLED UTF8=ACCEPT\r\n" + tag + " OK\r\n");
      return true;
    }
    if (!command.starts_with("APPEND")) return false;
    const std::size_t brace = command.rfind('{');
    peer.send("+ go on\r\n");
    appended = peer.bytes(std::stoul(command.substr(brace + 1)));
    peer.line();
    peer.send(tag + " OK [APPENDUID 9 21] done\r\n");
    return true;
  };
  Fake fake(imap);
  ImapOptions options = options_for(fake.port());
  options.root = "Шлюз";
  ImapMailbox mailbox(options);
  must(mailbox.open());
  CHECK(mailbox.server_name(Folder::kSent) == "Шлюз/Sent");
  const std::string wide = "Subject: отчёт\r\n\r\nx\r\n";
  const auto ref = must(mailbox.append_one({Folder::kSent, wide, {}, {}}));
  REQUIRE(ref);
  CHECK(ref->uid == "21");
  CHECK(appended == wide);
  CHECK(lines.back() == fmt::format("APPEND \"Шлюз/Sent\" UTF8 (~{{{}}}", wide.size()));
  must(mailbox.append_one({Folder::kSent, "Subject: x\r\n\r\nё\r\n", {}, {}}));
  CHECK(lines.back() == "APPEND \"Шлюз/Sent\" {18}");
}

TEST_CASE("putting messages in: at once, together, refused") {
  std::vector<std::string> lines, bodies;
  FakeImap imap;
  std::string answer = " OK [APPENDUID 9 21:22] done";
  bool go_on = true;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (!command.starts_with("APPEND")) return false;
    std::string line = command;
    for (;;) {
      lines.push_back(line);
      const std::size_t brace = line.rfind('{');
      if (brace == line.npos) break;
      if (!line.ends_with("+}")) {
        if (!go_on) {
          peer.send(tag + " NO [TOOBIG] no\r\n");
          return true;
        }
        peer.send("* 3 EXISTS\r\n+ go on\r\n");
      }
      bodies.push_back(peer.bytes(std::stoul(line.substr(brace + 1))));
      line = peer.line();
    }
    peer.send(tag + answer + "\r\n");
    return true;
  };
  const std::vector<Append> two = {{Folder::kSent, "Subject: 1\r\n\r\n", {}, {}},
                                   {Folder::kSent, "Subject: 2\r\n\r\n", {}, {}}};
  auto put = [&](const std::string& more) {
    imap.capability = "IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS " + more;
    lines.clear();
    bodies.clear();
    Fake fake(imap);
    ImapMailbox mailbox(options_for(fake.port()));
    must(mailbox.open());
    auto refs = mailbox.append(two);
    CHECK(fake.failures().empty());
    return refs;
  };
  SECTION("MULTIAPPEND") {
    const auto refs = must(put("LITERAL+ MULTIAPPEND"));
    CHECK(lines == std::vector<std::string>{"APPEND \"Sent\" {14+}", " {14+}", ""});
    CHECK(bodies == std::vector<std::string>{"Subject: 1\r\n\r\n", "Subject: 2\r\n\r\n"});
    REQUIRE(refs[1]);
    CHECK(refs[1]->uid == "22");
  }
  SECTION("LITERAL-, plain literals") {
    answer = " OK [APPENDUID 9 21] done";
    CHECK(must(put("LITERAL-"))[1]->uid == "21");
    CHECK(lines[0] == "APPEND \"Sent\" {14+}");
    CHECK(must(put(""))[1]->uid == "21");
    CHECK(lines[0] == "APPEND \"Sent\" {14}");
    CHECK(bodies.size() == 2);
  }
  SECTION("refused before, and behind") {
    go_on = false;
    const auto refused = put("");
    REQUIRE_FALSE(refused.ok());
    CHECK(has(refused.error().what, "[TOOBIG] no"));
    answer = " NO [OVERQUOTA] full";
    const auto full = put("LITERAL+");
    REQUIRE_FALSE(full.ok());
    CHECK(full.error().retry_helps());
  }
}

TEST_CASE("a folder that a mail client took away ends nothing, however the server says it") {
  std::vector<std::string> commands;
  bool there = false, creates = true;
  FakeImap imap;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (command.starts_with("STATUS \"Retry\"") && !there) {
      commands.push_back("STATUS");
      peer.send(tag + " NO no such mailbox\r\n");
      return true;
    }
    if (command == "CREATE \"Retry\"") {
      commands.push_back("CREATE");
      there = creates;
      peer.send(tag + (creates ? " OK\r\n" : " NO not today\r\n"));
      return true;
    }
    return false;
  };
  Fake fake(imap);
  ImapMailbox mailbox(options_for(fake.port()));
  must(mailbox.open());
  commands.clear();
  there = false;
  SECTION("it is made anew") {
    CHECK(must(mailbox.list(Folder::kRetry, 0)).empty());
    CHECK(commands == std::vector<std::string>{"STATUS", "CREATE"});
    CHECK(must(mailbox.wait(0ms, -1)) == Wake::kTimeout);
  }
  SECTION("where that does not work it may work later") {
    creates = false;
    const auto listed = mailbox.list(Folder::kRetry, 0);
    REQUIRE_FALSE(listed.ok());
    CHECK(listed.error().retry_helps());
    CHECK(has(listed.error().what, "the folder Retry cannot be made: not today"));
  }
}

TEST_CASE("servers on which nobody can work, in words") {
  FakeImap imap;
  std::string select;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (!command.starts_with("SELECT")) return false;
    peer.send(fmt::format(fmt::runtime(select), fmt::arg("tag", tag)));
    return true;
  };
  auto error_of = [&](const std::string& answer) {
    select = answer;
    Fake fake(imap);
    ImapMailbox mailbox(options_for(fake.port()));
    must(mailbox.open());
    auto refs = mailbox.list(Folder::kInbox, 0);
    REQUIRE_FALSE(refs.ok());
    return refs.take_error();
  };
  CHECK(has(error_of("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n{tag} OK [READ-ONLY] done\r\n").what,
            "may only be read"));
  CHECK(has(error_of("* 0 EXISTS\r\n{tag} OK done\r\n").what, "UIDVALIDITY"));
  CHECK(has(error_of("{tag} NO [NOPERM] not yours\r\n").what, "not yours"));
  CHECK(error_of("{tag} NO [INUSE] locked\r\n").retry_helps());

  SECTION("a server without UIDNEXT: news is told all the same, and once") {
    select = "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n{tag} OK done\r\n";
    const auto plain = imap.handle;
    imap.capability = "IMAP4rev1 AUTH=PLAIN SASL-IR";
    imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
      if (plain(peer, tag, command)) return true;
      if (command.starts_with("STATUS")) {
        peer.send("* STATUS \"Retry\" (MESSAGES 1)\r\n" + tag + " OK\r\n");
        return true;
      }
      if (command.find("FETCH") == command.npos) return false;
      peer.send("* 1 FETCH (UID 5 RFC822.SIZE 3 INTERNALDATE \"rubbish\" FLAGS ())\r\n" + tag +
                " OK\r\n");
      return true;
    };
    Fake fake(imap);
    ImapOptions options = options_for(fake.port());
    options.poll = 10ms;
    ImapMailbox mailbox(options);
    must(mailbox.open());
    CHECK(must(mailbox.wait(60s, -1)) == Wake::kMail);
    CHECK(must(mailbox.list(Folder::kInbox, 0)).size() == 1);
    CHECK(must(mailbox.list(Folder::kRetry, 0)).size() == 1);
    CHECK(must(mailbox.wait(50ms, -1)) == Wake::kTimeout);
  }
}

TEST_CASE("a folder that cannot be made is said with the server's words") {
  FakeImap imap;
  std::string answer;
  imap.handle = [&](Peer& peer, const std::string& tag, const std::string& command) {
    if (command.starts_with("LIST") && command.find("Filed") != command.npos) {
      peer.send("* LIST (\\Noselect \\HasChildren) \"/\" Filed\r\n" + tag + " OK\r\n");
      return true;
    }
    if (!command.starts_with("CREATE")) return false;
    peer.send(tag + answer + "\r\n");
    return true;
  };
  auto open = [&](const std::string& with) {
    answer = with;
    Fake fake(imap);
    ImapMailbox mailbox(options_for(fake.port()));
    return mailbox.open();
  };
  CHECK(open(" OK made").ok());
  CHECK(open(" NO [ALREADYEXISTS] there").ok());
  const auto status = open(" NO [NOPERM] not here");
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == ErrorKind::kUsage);
  CHECK(has(status.error().what, "the folder Filed cannot be made: [NOPERM] not here"));
}
