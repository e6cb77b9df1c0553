// SPDX-License-Identifier: Apache-2.0
//
// `check` tries the server that is believed: forged reports are mailed to the gateway, and what
// arrives decides. By a real Postfix, and by a scripted server that delivers what the test wants.
#include "flow/check_trust.h"

#include "catch.h"
#include "lab.h"
#include "servers/dovecot.h"
#include "servers/postfix.h"
#include "signature/identities.h"
#include "smtp/fake_smtp.h"

using namespace lab;

namespace {

struct Said {
  std::vector<CheckLine> lines;

  bool has(CheckMark mark, std::string_view what) const {
    return std::any_of(lines.begin(), lines.end(), [&](const CheckLine& line) {
      return line.mark == mark && line.topic == "trust" &&
             line.what.find(what) != std::string::npos;
    });
  }
  std::string text() const {
    std::string all;
    for (const CheckLine& line : lines)
      all += fmt::format("{:<5} {}: {} | {}\n", check_mark_name(line.mark), line.topic, line.what,
                         line.to_do);
    return all;
  }
};

/// The trust part of `check` alone.
Said try_trust(Lab& lab, CheckOptions options = {}) {
  Said said;
  Settings settings = must(read_settings(lab.root() / "focalpost.toml"));
  Accounts accounts = Accounts::of(settings, HomePaths{lab.root()}, lab.clock);
  check_trust(settings, HomePaths{lab.root()}, accounts, options, lab.clock,
              [&](const CheckLine& line) {
                said.lines.push_back(line);
                INFO(line.what);
                CHECK((line.mark != CheckMark::kWrong || !line.to_do.empty()));
              });
  return said;
}

/// A mail server that puts what it gets into the lab's Maildir, changed as the test wants.
class Deliverer {
 public:
  std::function<std::string(std::string)> change = [](std::string text) { return text; };
  bool deliver = true;
  Folder folder = Folder::kInbox;

  explicit Deliverer(Lab& lab) : lab_(lab) {
    smtp::Script script;
    script.answer = [this](const std::string& command) {
      if (command == "<text>") {
        last_ = server_->texts().back();
        if (deliver) lab_.put(change(last_), folder);
      }
      return std::string();
    };
    server_ = std::make_unique<smtp::FakeSmtp>(std::move(script));
    lab_.configure(
        fmt::format("[outgoing]\nurl = \"smtp://127.0.0.1:{}\"\ntls = \"none\"\n"
                    "[trust]\nauthserv_id = \"mx.host.example\"\n",
                    server_->port()));
  }
  const std::string& last() const { return last_; }
  std::vector<std::string> commands() { return server_->commands(); }

 private:
  Lab& lab_;
  std::string last_;
  std::unique_ptr<smtp::FakeSmtp> server_;
};

/// The letter without forged fields, but for the one of that number (from 0), if any.
std::string stripped(const std::string& letter, std::optional<std::size_t> but = {}) {
  std::string out;
  std::size_t number = 0;
  bool keep = true, header = true;
  for (std::string_view line : split(letter, '\n')) {
    const bool fold = line.starts_with(' ') || line.starts_with('\t');
    if (line.empty()) header = false;
    if (!header)
      keep = true;
    else if (!fold)
      keep = !ascii_istarts_with(line, "Authentication-Results:") || but == number++;
    if (keep) out += std::string(line) + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("a server that removes forged reports is believed from then on") {
  Lab lab;
  Deliverer server(lab);
  server.change = [](std::string text) {
    return "Authentication-Results: mx.host.example; dkim=none\n" + stripped(text);
  };
  CHECK(lab.home().trust().pin == Pin::kUnproven);
  Said said = try_trust(lab);
  INFO(said.text());
  CHECK(said.has(CheckMark::kOk, "mx.host.example removes forged reports"));
  CHECK(said.lines.size() == 1);
  must(lab.home().refresh_trust());
  CHECK(lab.home().trust().pin == Pin::kHolds);
  // The letter went to the gateway, from the gateway, and lies in Ignored.
  CHECK(lab.count(Folder::kIgnored) == 1);
  CHECK(lab.count(Folder::kInbox) == 0);
  lab.once();
  CHECK(lab.number("SELECT count(*) FROM docket") == 0);
  CHECK(lab.number("SELECT count(*) FROM outbox") == 0);

  server.change = [](std::string text) { return stripped(text); };
  said = try_trust(lab);
  CHECK(said.has(CheckMark::kNote, "it reported nothing"));
}

TEST_CASE(
    "attack: forged reports that survive on arrival are found, in each shape, and the pin is "
    "refused") {
  Lab lab;
  Deliverer server(lab);
  must(lab.home().store().trust().note_probe("mx.host.example", true, lab.clock.now()));
  // All, then each alone, also below a true one.
  for (int shape = -1; shape < 5; ++shape) {
    INFO(shape);
    const std::string own =
        shape % 2 == 0 ? "Authentication-Results: mx.host.example; dkim=none\n" : "";
    server.change = [&](std::string text) {
      return own + (shape < 0 ? text : stripped(text, std::size_t(shape)));
    };
    Said said = try_trust(lab);
    INFO(said.text());
    INFO(server.last());
    CHECK(said.has(CheckMark::kWrong, "mx.host.example leaves forged reports in"));
    CHECK(said.lines.size() == 1);
    must(lab.home().refresh_trust());
    CHECK(lab.home().trust().pin == Pin::kRefused);
  }
  // Once the server does as it should, so does the gateway.
  server.change = [](std::string text) { return stripped(text); };
  try_trust(lab);
  must(lab.home().refresh_trust());
  CHECK(lab.home().trust().pin == Pin::kHolds);
}

TEST_CASE(
    "a running gateway that takes the trial's letter in first ignores it, and it is found there") {
  Lab lab;
  Deliverer server(lab);
  server.deliver = false;
  CheckOptions at_once;
  at_once.probe_wait = std::chrono::milliseconds(0);
  Said said = try_trust(lab, at_once);
  INFO(said.text());
  CHECK(said.has(CheckMark::kNote, "did not arrive in time"));
  CHECK(lab.home().trust().pin == Pin::kUnproven);
  // It arrives later: judged as what it is, and nobody is answered.
  std::string uid = lab.put(server.last());
  lab.once();
  CHECK(lab.folder_of(uid) == "Ignored");
  CHECK(lab.number("SELECT count(*) FROM outbox") == 0);
  must(lab.home().refresh_trust());
  CHECK(lab.home().trust().pin == Pin::kUnproven);

  // This time the gateway is faster than `check`.
  server.deliver = true;
  server.folder = Folder::kIgnored;
  server.change = [](std::string text) { return stripped(text); };
  CHECK(try_trust(lab).has(CheckMark::kOk, "removes forged reports"));
}

TEST_CASE("where nothing can be tried the pin is not believed but on the operator's word") {
  Lab lab;
  lab.configure("[trust]\nauthserv_id = \"mx.host.example\"\n");
  CHECK(try_trust(lab).has(CheckMark::kWrong, "cannot be tried without [outgoing]"));
  CHECK(lab.home().trust().pin == Pin::kUnproven);
  lab.configure("authserv_tested = true\n");
  CHECK(try_trust(lab).has(CheckMark::kOk, "believed on your word"));
  CHECK(lab.home().trust().pin == Pin::kHolds);
}

TEST_CASE("no pin, no letter") {
  Lab lab;
  CHECK(try_trust(lab).lines.empty());
}

TEST_CASE("attack: Postfix as it comes leaves forged reports in, which the trial finds",
          "[servers]") {
  if (!servers::Postfix::possible()) {
    WARN("skipped: Postfix needs root");
    return;
  }
  servers::Dovecot dovecot;
  Lab lab;
  must(write_file_durably(lab.root() / "mail.password", "secret\n"));
  auto with = [&](servers::PostfixOptions options) {
    servers::Postfix postfix(dovecot, std::move(options));
    lab.close();
    const std::string account =
        fmt::format("user = \"gateway\"\npassword_file = \"mail.password\"\nca_file = \"{}\"\n",
                    dovecot.ca_file().string());
    must(write_file_durably(
        lab.root() / "focalpost.toml",
        fmt::format("[mailbox]\nurl = \"imaps://localhost:{}\"\n{}[outgoing]\nurl = "
                    "\"smtps://localhost:{}\"\n{}[trust]\nauthserv_id = \"mx.host.example\"\n",
                    dovecot.imaps_port(), account, postfix.submissions_port(), account)));
    lab.open();
    Said said = try_trust(lab);
    must(lab.home().refresh_trust());
    return said;
  };
  Said said = with({});
  INFO(said.text());
  CHECK(said.has(CheckMark::kWrong, "leaves forged reports in"));
  CHECK(lab.home().trust().pin == Pin::kRefused);
  CHECK(dovecot.messages("gateway").empty());
  CHECK(dovecot.messages("gateway", "Ignored").size() == 1);

  servers::PostfixOptions removing;
  removing.more =
      "header_checks = regexp:{{/^Authentication-Results:[[:space:]]*mx\\.host\\.example/ "
      "IGNORE}}\n";
  said = with(removing);
  INFO(said.text());
  CHECK(said.has(CheckMark::kOk, "removes forged reports"));
  CHECK(lab.home().trust().pin == Pin::kHolds);
}

TEST_CASE("check lists whose keys are believed, and until when") {
  Lab lab;
  lab.clock.set(SystemClock().now());
  identities::Workshop shop;
  shop.self_signed("focal", "x@y.example");
  const std::string name =
      key_name(*lab.home().lookup().contact("border.statistics@border.md.example"));
  must(make_directories(lab.root() / "keys"));
  auto put = [&](const std::string& file, const std::string& bytes) {
    must(write_file_durably(lab.root() / "keys" / file, bytes));
  };
  put(name + ".pem", shop.get("focal.pem"));
  put("XX_NOBODY.FP1.pem", shop.get("focal.pem"));
  put("notes.txt", "no key");
  Said said = try_trust(lab);
  INFO(said.text());
  CHECK(said.lines.size() == 2);
  CHECK(said.has(CheckMark::kOk, name + ".pem ("));
  CHECK(said.has(CheckMark::kOk, "signs for its contact, valid until 20"));
  CHECK(said.has(CheckMark::kNote, "XX_NOBODY.FP1.pem: there is no contact XX_NOBODY.FP1"));
  lab.clock.advance(std::chrono::hours(24 * 31));
  CHECK(try_trust(lab).has(CheckMark::kNote, "expired"));
  fs::permissions(lab.root() / "keys", fs::perms::owner_all | fs::perms::others_write);
  CHECK(try_trust(lab).has(CheckMark::kWrong, "other users of this machine can write into it"));
}
