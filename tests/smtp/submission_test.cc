// SPDX-License-Identifier: Apache-2.0
#include "smtp/submission.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>

#include "base/files.h"
#include "catch.h"
#include "fake_smtp.h"

using namespace focalpost;
using namespace focalpost::smtp;

namespace {

const std::string kText = "Subject: Report\r\n\r\nhello\r\n";
const std::string kBounce = "gateway+tag@network.example";

net::Endpoint at(std::uint16_t port) {
  net::Endpoint endpoint;
  endpoint.protocol = net::Protocol::kSmtp;
  endpoint.host = "127.0.0.1";
  endpoint.port = port;
  endpoint.tls = net::Tls::kNone;
  return endpoint;
}

/// Long enough for any machine; only a script that falls silent is waited for that long.
Options options() {
  Options options;
  options.line.ehlo_name = "gateway.example";
  return options;
}

std::unique_ptr<Submission> open(std::uint16_t port, const Options& how = options()) {
  net::FixedCredentials nobody;
  auto session = Submission::open(at(port), nobody, how);
  INFO((session.ok() ? "" : session.error().what));
  REQUIRE(session.ok());
  return std::move(*session);
}

Letter letter(std::vector<std::string_view> to, std::string_view bytes = kText,
              std::string_view from = kBounce) {
  return {from, std::move(to), bytes, {}};
}

std::string told(const SendResult& result) {
  constexpr const char* verdicts[] = {"accepted", "temporary", "permanent"};
  constexpr const char* stages[] = {"here", "MAIL", "RCPT", "DATA", "end"};
  std::string out;
  for (const RecipientResult& one : result.recipients)
    out += fmt::format("{} at {}: {}\n", verdicts[int(one.verdict)], stages[int(one.stage)],
                       one.sentence());
  if (!result.tried) out += "not tried\n";
  if (result.uncertain) out += "uncertain\n";
  if (result.null_sender_refused) out += "null sender refused\n";
  return out;
}

std::string told(const std::vector<SendResult>& results) {
  std::string out;
  for (const SendResult& result : results) out += told(result);
  return out;
}

const std::string kFine = "accepted at end: 250 2.0.0 queued as 17\n";

/// Answers one command (by its start) otherwise, the `nth` time that it comes.
Script other(const std::string& command, const std::string& answer, int nth = 1) {
  Script script;
  script.answer = [=, seen = std::make_shared<std::atomic<int>>(0)](const std::string& got) {
    return got.starts_with(command) && ++*seen == nth ? answer : std::string();
  };
  return script;
}

}  // namespace

TEST_CASE("two letters with everything that the server offers") {
  FakeSmtp server;
  {
    auto session = open(server.port());
    CHECK(session->offers().pipelining);
    CHECK(session->offers().size == 100'000);
    Letter first = letter({"a@b.example", "c+d@e.example"});
    first.envelope_id = "row+17";
    CHECK(told(session->send(std::vector{first, letter({"f@g.example"}, kText, "")})) ==
          kFine + kFine + kFine);
    CHECK(session->usable());
  }
  CHECK(server.dialogue() ==
        "MAIL FROM:<gateway+tag@network.example> SIZE=26 RET=HDRS ENVID=row+2B17\n"
        "RCPT TO:<a@b.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@b.example\n"
        "RCPT TO:<c+d@e.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;c+2Bd@e.example\n"
        "DATA\n"
        "MAIL FROM:<> SIZE=26\n"
        "RCPT TO:<f@g.example>\n"
        "DATA\n"
        "QUIT\n");
  CHECK(server.texts() == std::vector<std::string>(2, "Subject: Report\n\nhello\n"));
}

TEST_CASE("a server that offers nothing is asked for nothing, command by command") {
  for (const char* ehlo : {"250 fake.example\r\n", "500 5.5.1 EHLO? say HELO\r\n"}) {
    Script script;
    script.one_by_one = true;
    script.ehlo = ehlo;
    script.answer = [](const std::string& command) {
      return command.starts_with("HELO") ? "250 fake.example\r\n" : "";
    };
    FakeSmtp server(script);
    {
      auto session = open(server.port());
      CHECK_FALSE(session->offers().pipelining);
      CHECK(session->offers().extended == (ehlo[0] == '2'));
      CHECK(told(session->send(std::vector{letter({"a@b.example", "c@d.example"}),
                                           letter({"e@f.example"})})) == kFine + kFine + kFine);
    }
    CHECK(server.dialogue() ==
          "MAIL FROM:<gateway+tag@network.example>\nRCPT TO:<a@b.example>\n"
          "RCPT TO:<c@d.example>\nDATA\nMAIL FROM:<gateway+tag@network.example>\n"
          "RCPT TO:<e@f.example>\nDATA\nQUIT\n");
    CHECK(server.failures().empty());
  }
}

TEST_CASE("each recipient has a verdict of its own") {
  for (bool pipelining : {true, false}) {
    Script script;
    if (!pipelining) script.ehlo = "250 fake.example\r\n";
    script.answer = [](const std::string& command) -> std::string {
      if (command.starts_with("RCPT TO:<full@")) return "452-4.2.2 no\r\n452 4.2.2 room\r\n";
      if (command.starts_with("RCPT TO:<nobody@")) return "550 5.1.1 nobody of that name\r\n";
      if (command.starts_with("RCPT TO:<forwarded@")) return "251 will forward\r\n";
      return {};
    };
    FakeSmtp server(script);
    auto session = open(server.port());
    CHECK(told(session->send(std::vector{
              letter({"a@b.example", "full@b.example", "forwarded@b.example"}),
              letter({"nobody@b.example", "full@b.example"}), letter({"nobody@b.example"}),
              letter({"a@b.example", "nobody@b.example"})})) ==
          kFine + "temporary at RCPT: 452 4.2.2 no room\n" + kFine +
              "permanent at RCPT: 550 5.1.1 nobody of that name\n"
              "temporary at RCPT: 452 4.2.2 no room\n"
              "permanent at RCPT: 550 5.1.1 nobody of that name\n" +
              kFine + "permanent at RCPT: 550 5.1.1 nobody of that name\n");
    CHECK(session->usable());
    CHECK(server.texts().size() == 2);
    // And the session goes on.
    CHECK(told(session->send(std::vector{letter({"a@b.example"})})) == kFine);
  }
}

TEST_CASE("refusals at each stage, and the letters after them") {
  struct {
    const char* command;
    const char* answer;
    const char* told;
  } cases[] = {
      {"MAIL", "451 4.3.0 later\r\n", "temporary at MAIL: 451 4.3.0 later\n"},
      {"MAIL", "550 5.7.1 no\r\n", "permanent at MAIL: 550 5.7.1 no\n"},
      {"RCPT", "450 greylisted\r\n", "temporary at RCPT: 450 greylisted\n"},
      {"RCPT", "552 5.2.2 full\r\n", "permanent at RCPT: 552 5.2.2 full\n"},
      {"DATA", "451 4.3.0 later\r\n", "temporary at DATA: 451 4.3.0 later\n"},
      {"DATA", "554 5.7.1 no\r\n", "permanent at DATA: 554 5.7.1 no\n"},
      {"<text>", "452 4.3.1 disk\r\n", "temporary at end: 452 4.3.1 disk\n"},
      {"<text>", "554-5.7.1 looks\r\n554 5.7.1 like spam\r\n",
       "permanent at end: 554 5.7.1 looks like spam\n"},
  };
  for (bool pipelining : {true, false})
    for (const auto& c : cases) {
      INFO(c.command << " " << c.answer << pipelining);
      Script script = other(c.command, c.answer, 2);
      if (!pipelining) script.ehlo = "250 fake.example\r\n";
      FakeSmtp server(script);
      auto session = open(server.port());
      CHECK(told(session->send(std::vector{letter({"a@b.example"}), letter({"c@d.example"}),
                                           letter({"e@f.example"})})) == kFine + c.told + kFine);
      CHECK(session->usable());
      CHECK(server.texts().size() == (std::string(c.command) == "<text>" ? 3 : 2));
    }
}

TEST_CASE("421 at each stage: verdicts before stay, what was not begun is not charged") {
  for (bool pipelining : {true, false})
    for (const char* command : {"MAIL", "RCPT", "DATA", "<text>"}) {
      INFO(command << pipelining);
      Script script = other(command, "421 4.3.2 shutting down\r\n", 2);
      if (!pipelining) script.ehlo = "250 fake.example\r\n";
      FakeSmtp server(script);
      auto session = open(server.port());
      auto results = session->send(
          std::vector{letter({"a@b.example"}), letter({"c@d.example"}), letter({"e@f.example"})});
      REQUIRE(results.size() == 3);
      CHECK(told(results[0]) == kFine);
      CHECK(told(results[1]) == fmt::format("temporary at {}: 421 4.3.2 shutting down\n",
                                            std::string(command) == "<text>" ? "end" : command));
      CHECK_FALSE(results[2].tried);
      CHECK(results[2].recipients[0].verdict == Verdict::kTemporary);
      CHECK(results[2].recipients[0].text.find("shutting down") != std::string::npos);
      CHECK_FALSE(session->usable());
      CHECK(session->failure()->retry_helps());
      CHECK_FALSE(session->still_there());
    }
}

TEST_CASE("421 for the second of three recipients") {
  FakeSmtp server(other("RCPT", "421 too much\r\n", 2));
  auto session = open(server.port());
  auto results = session->send(std::vector{letter({"a@b.example", "c@d.example", "e@f.example"})});
  for (const RecipientResult& one : results[0].recipients)
    CHECK(one.verdict == Verdict::kTemporary);
  CHECK(results[0].recipients[1].code == 421);
  CHECK(results[0].tried);
  CHECK_FALSE(results[0].uncertain);
}

TEST_CASE("a connection that ends is a temporary matter; after the final dot an open one") {
  for (const char* how : {kDrop, kReset})
    for (bool pipelining : {true, false})
      for (const char* command : {"MAIL", "RCPT", "DATA", "<text>"}) {
        INFO(command << " " << how << pipelining);
        Script script = other(command, how, 2);
        if (!pipelining) script.ehlo = "250 fake.example\r\n";
        FakeSmtp server(script);
        auto session = open(server.port());
        auto results = session->send(
            std::vector{letter({"a@b.example"}), letter({"c@d.example"}), letter({"e@f.example"})});
        // With a reset, an answer that was on its way may be lost with the rest; without, never.
        if (how == kDrop) CHECK(told(results[0]) == kFine);
        if (results[0].recipients[0].verdict != Verdict::kAccepted) CHECK(results[0].uncertain);
        if (how == kDrop) {
          CHECK(results[1].tried);
          CHECK(results[1].uncertain == (std::string(command) == "<text>"));
        }
        CHECK(results[1].recipients[0].verdict == Verdict::kTemporary);
        CHECK(results[1].recipients[0].code == 0);
        CHECK_FALSE(results[1].recipients[0].text.empty());
        CHECK_FALSE(results[2].tried);
        CHECK_FALSE(results[2].uncertain);
        CHECK_FALSE(session->usable());
      }
}

TEST_CASE("what is no SMTP ends the session with a sentence") {
  std::string long_line = "250 " + std::string(10'000, 'x') + "\r\n", endless, different;
  for (int i = 0; i < 1000; ++i) endless += "250-and\r\n";
  for (const std::string& answer :
       {std::string("hello\r\n"), std::string("\r\n"), std::string("25\r\n"),
        std::string("2500 x\r\n"), std::string("999 x\r\n"), long_line, endless,
        std::string("250-a\r\n251 b\r\n"), std::string("354 go on\r\n"),
        std::string("150 wait\r\n"), std::string("\0\0\0\r\n", 5),
        std::string("HTTP/1.1 200 OK\r\n")}) {
    INFO(answer.substr(0, 40));
    FakeSmtp server(other("MAIL", answer));
    auto session = open(server.port());
    auto results = session->send(std::vector{letter({"a@b.example"}), letter({"c@d.example"})});
    CHECK(results[0].recipients[0].verdict == Verdict::kTemporary);
    CHECK(results[0].tried);
    CHECK_FALSE(results[0].uncertain);
    CHECK_FALSE(results[1].tried);
    REQUIRE(session->failure());
    CHECK(session->failure()->retry_helps());
    CHECK(session->failure()->what.size() < 400);
  }
  FakeSmtp server(other("DATA", "250 ok\r\n"));
  auto session = open(server.port());
  CHECK(session->send(std::vector{letter({"a@b.example"})})[0].recipients[0].verdict ==
        Verdict::kTemporary);
  CHECK(server.texts().empty());
}

TEST_CASE("answers are bounded and without controls") {
  std::string answer;
  for (int i = 0; i < 90; ++i) answer += "550-5.1.1 " + std::string(500, 'x') + "\r\n";
  FakeSmtp server(other("RCPT", answer + "550 5.1.1 \x1b[31m\xff\r\n"));
  auto session = open(server.port());
  auto results = session->send(std::vector{letter({"a@b.example"})});
  CHECK(results[0].recipients[0].enhanced == "5.1.1");
  CHECK(results[0].recipients[0].text.size() <= kMostReplyText + 3);
  FakeSmtp second(other("RCPT",
                        "550 \x1b[31mred \xE2\x80\xAE"
                        "5.1.1 \xff\r\n"));
  auto other_session = open(second.port());
  CHECK(told(other_session->send(std::vector{letter({"a@b.example"})})) ==
        "permanent at RCPT: 550 <U+001B>[31mred <U+202E>5.1.1 \xEF\xBF\xBD\n");
}

TEST_CASE("enhanced codes are taken only where they are ones") {
  struct {
    const char* answer;
    const char* told;
  } cases[] = {
      {"550 5.1.1 no\r\n", "550 5.1.1 no"},
      {"550 4.1.1 no\r\n", "550 4.1.1 no"},
      {"550 5.1 no\r\n", "550 5.1 no"},
      {"550 5.1.1.1 no\r\n", "550 5.1.1.1 no"},
      {"550 5.1.1\r\n", "550 5.1.1"},
      {"550\r\n", "550"},
      {"550 \r\n", "550"},
      {"550-5.7.1 a\r\n550 b\r\n", "550 5.7.1 a b"},
  };
  for (const auto& c : cases) {
    FakeSmtp server(other("RCPT", c.answer));
    auto session = open(server.port());
    auto results = session->send(std::vector{letter({"a@b.example"})});
    CHECK(results[0].recipients[0].sentence() == c.told);
    CHECK(results[0].recipients[0].verdict == Verdict::kPermanent);
  }
}

TEST_CASE("what cannot be sent is said before a byte of it leaves") {
  FakeSmtp server;
  auto session = open(server.port());
  const std::string large = "A: b\r\n\r\n" + std::string(100'000, 'x');
  const std::string nul("A: b\r\n\r\n\0\r\n", 11);
  CHECK(told(session->send(std::vector{
            letter({"a@b.example"}, large), letter({"a@b.example"}, nul),
            letter({"a@b.example"}, ""), letter({"a@b.example"}, kText, "no address"),
            letter({"a@b.example\r\nRCPT TO:<c@d.example>", "x y@b.example"}), letter({})})) ==
        "permanent at here: 552 5.3.4 the message has 100010 bytes, the server takes 100000 at "
        "most\n"
        "permanent at here: 554 5.6.0 the message contains a NUL byte\n"
        "permanent at here: 554 5.6.0 the message is empty\n"
        "permanent at here: 553 5.1.7 the return path is no address\n"
        "permanent at here: 553 5.1.3 this is no mail address\n"
        "permanent at here: 553 5.1.3 this is no mail address\n");
  CHECK(server.dialogue().empty());
  // One bad recipient does not stop the others.
  CHECK(told(session->send(std::vector{letter({"bad", "a@b.example"})})) ==
        "permanent at here: 553 5.1.3 this is no mail address\n" + kFine);
  CHECK(server.dialogue() ==
        "MAIL FROM:<gateway+tag@network.example> SIZE=26 RET=HDRS\n"
        "RCPT TO:<a@b.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@b.example\nDATA\n");
}

TEST_CASE("international mail where it is offered") {
  const std::string eight_bit = "Subject: x\r\n\r\nпривет\r\n";
  const std::string header = "To: почта@b.example\r\n\r\nx\r\n";
  FakeSmtp server;
  {
    auto session = open(server.port());
    CHECK(told(session->send(std::vector{letter({"a@b.example"}, eight_bit),
                                         letter({"почта+x@b.example"}, header)})) == kFine + kFine);
  }
  CHECK(server.dialogue() ==
        "MAIL FROM:<gateway+tag@network.example> SIZE=28 BODY=8BITMIME RET=HDRS\n"
        "RCPT TO:<a@b.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@b.example\nDATA\n"
        "MAIL FROM:<gateway+tag@network.example> SIZE=31 BODY=8BITMIME SMTPUTF8 RET=HDRS\n"
        "RCPT TO:<почта+x@b.example> NOTIFY=FAILURE,DELAY ORCPT=utf-8;почта\\x{2B}x@b.example\n"
        "DATA\nQUIT\n");

  Script plain;
  plain.ehlo = "250-fake.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
  FakeSmtp old(plain);
  auto session = open(old.port());
  const std::string unknown = " and the server does not know international mail (SMTPUTF8)\n";
  CHECK(told(session->send(std::vector{letter({"a@b.example"}, header),
                                       letter({"почта@b.example", "a@b.example"})})) ==
        "permanent at here: 553 5.6.7 an address or a header is not ASCII," + unknown +
            "permanent at here: 553 5.6.7 the address is not ASCII," + unknown + kFine);
  Script seven;
  seven.ehlo = "250-fake.example\r\n250-SMTPUTF8\r\n250 PIPELINING\r\n";
  FakeSmtp older(seven);
  session = open(older.port());
  CHECK_FALSE(session->offers().utf8);
  CHECK(told(session->send(std::vector{letter({"a@b.example"}, eight_bit)})) ==
        "permanent at here: 554 5.6.3 the message is 8-bit text, the server takes 7-bit only\n");
}

TEST_CASE("reports are asked for only where wanted and offered") {
  FakeSmtp server;
  Options how = options();
  how.dsn = false;
  auto session = open(server.port(), how);
  session->send(std::vector{letter({"a@b.example"})});
  CHECK(server.dialogue() ==
        "MAIL FROM:<gateway+tag@network.example> SIZE=26\nRCPT TO:<a@b.example>\nDATA\n");
}

TEST_CASE("a refused null sender is told from other refusals") {
  struct {
    const char* command;
    const char* answer;
    bool refused;
  } cases[] = {
      {"MAIL", "550 5.7.1 no null sender\r\n", true},
      {"MAIL", "501 5.1.7 bad address\r\n", true},
      {"MAIL", "451 4.7.1 later\r\n", false},
      {"MAIL", "552 5.3.4 too large\r\n", false},
      {"RCPT", "553 5.1.8 <>: Sender address rejected\r\n", true},
      {"RCPT", "550 <>: Sender address rejected: not owned\r\n", true},
      {"RCPT", "550 5.1.1 nobody of that name\r\n", false},
      {"<text>", "554 5.2.252 SendAsDenied; not allowed to send as <>\r\n", true},
      {"<text>", "554 5.7.1 spam\r\n", false},
  };
  for (const auto& c : cases) {
    INFO(c.command << " " << c.answer);
    FakeSmtp server(other(c.command, c.answer));
    auto session = open(server.port());
    auto results = session->send(std::vector{letter({"a@b.example"}, kText, "")});
    CHECK(results[0].null_sender_refused == c.refused);
    CHECK(session->usable());
    FakeSmtp again(other(c.command, c.answer));
    session = open(again.port());
    CHECK_FALSE(session->send(std::vector{letter({"a@b.example"})})[0].null_sender_refused);
  }
}

TEST_CASE("a server that wants a login gives no letter up") {
  FakeSmtp server(other("MAIL", "530 5.7.0 Authentication required\r\n"));
  auto session = open(server.port());
  auto results = session->send(std::vector{letter({"a@b.example"}, kText, "")});
  CHECK(told(results) == "temporary at MAIL: 530 5.7.0 Authentication required\n");
  REQUIRE(session->failure());
  CHECK(session->failure()->kind == ErrorKind::kUsage);
}

TEST_CASE("a server that says 354 although nobody is to get it") {
  Script script;
  script.answer = [](const std::string& command) {
    return command.starts_with("RCPT TO:<nobody@") ? "550 5.1.1 no\r\n"
           : command == "DATA"                     ? "354 whatever\r\n"
                                                   : "";
  };
  FakeSmtp server(script);
  auto session = open(server.port());
  CHECK(told(session->send(std::vector{letter({"nobody@b.example"}), letter({"a@b.example"})})) ==
        "permanent at RCPT: 550 5.1.1 no\n" + kFine);
  CHECK(server.texts() == std::vector<std::string>{"", "Subject: Report\n\nhello\n"});
}

TEST_CASE("many letters and many recipients in one session") {
  Script script;
  script.answer = [](const std::string& command) {
    return command.find("<7@") != command.npos ? "550 5.1.1 no seven\r\n" : "";
  };
  FakeSmtp server(script);
  auto session = open(server.port());
  std::vector<std::string> addresses, texts;
  for (int i = 0; i < 1000; ++i) {
    addresses.push_back(fmt::format("{}@b.example", i));
    texts.push_back(fmt::format("Subject: {}\r\n\r\n{}\r\n", i, std::string(5000, 'x')));
  }
  std::vector<Letter> letters;
  for (int i = 0; i < 1000; ++i) letters.push_back(letter({addresses[i]}, texts[i]));
  letters.push_back(letter({addresses.begin(), addresses.end()}));
  auto results = session->send(letters);
  REQUIRE(results.size() == 1001);
  for (int i = 0; i < 1000; ++i) {
    const bool refused = i == 7;
    CHECK(results[i].recipients[0].verdict == (refused ? Verdict::kPermanent : Verdict::kAccepted));
    CHECK(results[1000].recipients[i].verdict ==
          (refused ? Verdict::kPermanent : Verdict::kAccepted));
  }
  auto got = server.texts();
  REQUIRE(got.size() == 1000);
  CHECK(got[6].starts_with("Subject: 6\n"));
  CHECK(got[7].starts_with("Subject: 8\n"));
  CHECK(server.connections() == 1);
  // A sender of a refused envelope only, all the time.
  letters.assign(500, letter({addresses[7]}));
  results = session->send(letters);
  for (const SendResult& result : results) CHECK(result.recipients[0].code == 550);
  CHECK(session->usable());
  CHECK(session->send({}).empty());
}

TEST_CASE("the end of an idle session is noticed before something is sent") {
  FakeSmtp server(other("<text>", "250 2.0.0 queued as 17\r\n421 4.4.2 idle too long\r\n"));
  auto session = open(server.port());
  CHECK(session->still_there());
  CHECK(told(session->send(std::vector{letter({"a@b.example"})})) == kFine);
  CHECK_FALSE(session->still_there());
  CHECK_FALSE(session->usable());
  auto results = session->send(std::vector{letter({"a@b.example"})});
  CHECK_FALSE(results[0].tried);
  CHECK(results[0].recipients[0].verdict == Verdict::kTemporary);
}

TEST_CASE("when the program stops no further letter is begun, what was begun is finished") {
  const Fd stop(::eventfd(0, EFD_CLOEXEC));
  Script script;
  script.answer = [&](const std::string& command) -> std::string {
    const std::uint64_t one = 1;
    if (command == "DATA") (void)!::write(stop.get(), &one, sizeof one);
    return {};
  };
  FakeSmtp server(script);
  Options how = options();
  how.line.stop_fd = stop.get();
  auto session = open(server.port(), how);
  auto results = session->send(std::vector{letter({"a@b.example"}), letter({"c@d.example"})});
  CHECK(told(results[0]) == kFine);
  CHECK_FALSE(results[1].tried);
  CHECK(session->usable());
  CHECK(server.texts().size() == 1);
}

TEST_CASE("a server that falls silent is given up") {
  for (const char* command : {"MAIL", "<text>"}) {
    Script script;
    script.ehlo = "250 fake.example\r\n";
    script.answer = [command](const std::string& got) -> std::string {
      return got.starts_with(command) ? "250-not the whole\r\n" : "";
    };
    FakeSmtp server(script);
    Options how = options();
    how.reply_timeout = how.end_timeout = net::Millis(50);
    // The login's own answers are quick, and it has another deadline.
    auto session = open(server.port(), how);
    auto results = session->send(std::vector{letter({"a@b.example"})});
    CHECK(results[0].recipients[0].verdict == Verdict::kTemporary);
    CHECK(results[0].uncertain == (std::string(command) == "<text>"));
    REQUIRE(session->failure());
    INFO(session->failure()->what);
    CHECK(session->failure()->what.find("no answer within") != std::string::npos);
  }
}

TEST_CASE("a greeting that is no welcome") {
  for (auto [ehlo, kind] : {std::pair("421 4.3.2 too busy\r\n", ErrorKind::kTemporary),
                            {"451 later\r\n", ErrorKind::kTemporary},
                            {"554 5.7.1 go away\r\n", ErrorKind::kUsage}}) {
    Script script;
    auto greetings = std::make_shared<std::atomic<int>>(0);
    script.answer = [=, said = std::string(ehlo)](const std::string& command) -> std::string {
      const bool greeting = command.starts_with("EHLO") || command.starts_with("HELO");
      return greeting && ++*greetings > 1 ? said : std::string();  // the login's own is answered
    };
    FakeSmtp server(script);
    net::FixedCredentials nobody;
    auto session = Submission::open(at(server.port()), nobody, options());
    REQUIRE_FALSE(session.ok());
    CHECK(session.error().kind == kind);
  }
}

TEST_CASE("STARTTLS: what was offered before it does not count") {
  servers::Folder folder;
  servers::Authority authority(folder.path());
  const servers::Certificate certificate = authority.issue();
  servers::Fake server([&](servers::Peer& peer) {
    peer.send("220 ready\r\n");
    peer.expect("EHLO");
    peer.send("250-fake.example\r\n250-PIPELINING\r\n250-SIZE 5\r\n250 STARTTLS\r\n");
    peer.expect("STARTTLS");
    peer.send("220 go on\r\n");
    if (!peer.start_tls(certificate)) throw servers::Failure("no TLS");
    peer.expect("EHLO");
    peer.send("250-fake.example\r\n250 SIZE 1000\r\n");
    peer.expect("EHLO");
    peer.send("250-fake.example\r\n250 SIZE 1000\r\n");
    peer.expect("MAIL FROM:<gateway+tag@network.example> SIZE=26");
    peer.send("250 ok\r\n");
    peer.expect("RCPT");
    peer.send("250 ok\r\n");
    peer.expect("DATA");
    peer.send("354 go on\r\n");
    while (peer.line() != ".") {
    }
    peer.send("250 2.0.0 queued as 17\r\n");
    peer.expect("QUIT");
    peer.send("221 bye\r\n");
  });
  {
    net::Endpoint endpoint = at(server.port());
    endpoint.tls = net::Tls::kStartTls;
    endpoint.ca_file = authority.file();
    net::FixedCredentials nobody;
    auto session = Submission::open(endpoint, nobody, options());
    INFO((session.ok() ? "" : session.error().what));
    REQUIRE(session.ok());
    CHECK_FALSE((*session)->offers().pipelining);
    CHECK((*session)->offers().size == 1000);
    CHECK(told((*session)->send(std::vector{letter({"a@b.example"})})) == kFine);
  }
  CHECK(server.failures().empty());
}
