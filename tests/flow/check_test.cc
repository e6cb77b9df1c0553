// SPDX-License-Identifier: Apache-2.0
//
// check_setup against real servers (Dovecot, Postfix), and scripted ones for what these do not do.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <utility>

#include "base/text.h"
#include "catch.h"
#include "flow/check_setup.h"
#include "flow/lab.h"
#include "servers/dovecot.h"
#include "servers/fake.h"
#include "servers/postfix.h"
#include "smtp/fake_smtp.h"

using namespace focalpost;
using lab::Lab;
using lab::must;

namespace {

struct Checked {
  bool right = false;
  std::vector<CheckLine> lines;

  std::size_t count(CheckMark mark) const {
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [&](const CheckLine& line) { return line.mark == mark; }));
  }
  /// The line of that topic that says so; fails the test with all of them if there is none.
  const CheckLine& line(CheckMark mark, std::string_view topic, std::string_view what) const {
    for (const CheckLine& line : lines)
      if (line.mark == mark && line.topic == topic && line.what.find(what) != std::string::npos)
        return line;
    FAIL("no line \"" << check_mark_name(mark) << " " << topic << ": " << what << "\" in\n"
                      << text());
    return lines.front();
  }
  bool has(CheckMark mark, std::string_view topic, std::string_view what) const {
    return std::any_of(lines.begin(), lines.end(), [&](const CheckLine& line) {
      return line.mark == mark && line.topic == topic && line.what.find(what) != std::string::npos;
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

Checked check(Lab& lab, CheckOptions options = {}) {
  Checked checked;
  checked.right = must(check_setup(lab.root(), options, lab.clock,
                                   [&](const CheckLine& line) { checked.lines.push_back(line); }));
  // Whatever is wrong says what to do.
  for (const CheckLine& line : checked.lines)
    if (line.mark == CheckMark::kWrong) {
      INFO(line.what);
      CHECK_FALSE(line.to_do.empty());
    }
  CHECK(checked.right == (checked.count(CheckMark::kWrong) == 0));
  return checked;
}

void put(Lab& lab, const std::string& name, const std::string& text, unsigned mode = 0600) {
  must(write_file_durably(lab.root() / name, text, mode));
}

/// A lab whose home is private, as `init` makes it.
struct PrivateLab : Lab {
  PrivateLab() { fs::permissions(root(), fs::perms::owner_all); }
};

}  // namespace

TEST_CASE("check: the embedded demonstration is right, beside the program that holds the lock") {
  PrivateLab lab;
  const Checked checked = check(lab);
  INFO(checked.text());
  CHECK(checked.right);
  for (std::string_view topic : {"home", "key", "settings", "disk", "store", "structures",
                                 "templates", "mailbox", "outgoing", "policy"})
    CHECK(checked.has(CheckMark::kOk, topic, ""));
  checked.line(CheckMark::kOk, "store", "tables of version");
  checked.line(CheckMark::kOk, "templates", "en, ru, uk");
  checked.line(CheckMark::kOk, "mailbox", "all 11 folders are there; 0 waiting in INBOX");
  checked.line(CheckMark::kNote, "structures", "example network");
  checked.line(CheckMark::kNote, "operator", "nobody is told");
}

TEST_CASE("check: a folder that is no home is an error") {
  servers::Folder folder;
  FixedClock clock{lab::at("2026-05-20T09:00:00Z")};
  auto checked = check_setup(folder.path(), {}, clock, [](const CheckLine&) {});
  REQUIRE_FALSE(checked.ok());
  CHECK(checked.error().kind == ErrorKind::kUsage);
  CHECK(checked.error().what.find("is not a focalpost home") != std::string::npos);
}

TEST_CASE("check: a store that is gone or damaged is called so") {
  PrivateLab lab;
  const fs::path store = lab.home().paths().store();
  SECTION("gone") {
    fs::rename(store, fs::path(store) += ".away");
    auto opened = Home::open(lab.home().paths().root, Home::Access::kLook);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().what.find("store.sqlite is missing") != std::string::npos);
    fs::rename(fs::path(store) += ".away", store);
  }
  SECTION("damaged") {
    must(lab.home().store().database().execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    {
      std::fstream file(store, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(5 * 4096);
      for (int i = 0; i < 3 * 4096; ++i) file.put(char(i * 37 + 11));
    }
    const Checked checked = check(lab);
    INFO(checked.text());
    CHECK_FALSE(checked.right);
    CHECK(checked.has(CheckMark::kWrong, "store", ""));
  }
}

TEST_CASE("check: what is wrong at home, all of it") {
  PrivateLab lab;
  lab.close();
  fs::permissions(lab.root(), fs::perms::owner_all | fs::perms::others_read);
  fs::permissions(lab.root() / "key", fs::perms::owner_read | fs::perms::group_read);
  fs::permissions(lab.root() / "store.sqlite",
                  fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
  fs::create_directories(lab.root() / "templates" / "ru");
  put(lab, "templates/ru/receipt.txt.mustache", "{{#open}}");
  fs::create_directories(lab.root() / "templates" / "en");
  put(lab, "templates/en/notice.txt.mustache", "{{not_a_value}}");
  put(lab, "focalpost.toml", "[gatway]\nname = \"x\"\n");
  const Checked checked = check(lab);
  INFO(checked.text());
  CHECK_FALSE(checked.right);
  CHECK(checked.line(CheckMark::kWrong, "home", "other users").to_do.starts_with("chmod 700 "));
  CHECK(checked.line(CheckMark::kWrong, "key", "other users").to_do.starts_with("chmod 600 "));
  CHECK(checked.line(CheckMark::kWrong, "store", "other users").to_do.starts_with("chmod 600 "));
  CHECK(checked.line(CheckMark::kWrong, "settings", "there is no table [gatway]")
            .to_do.find("gateway") != std::string::npos);
  checked.line(CheckMark::kWrong, "templates", "receipt.txt");
  checked.line(CheckMark::kNote, "templates", "not_a_value");
  checked.line(CheckMark::kOk, "disk", "free");
  checked.line(CheckMark::kOk, "structures", "dataflows");

  fs::remove(lab.root() / "key");
  put(lab, "focalpost.toml", "[gateway]\nlow_disk_mb = 1000000000\n");
  put(lab, "store.sqlite", "this is no database at all, whatever its name says");
  const Checked second = check(lab);
  INFO(second.text());
  second.line(CheckMark::kWrong, "key", "No such file");
  second.line(CheckMark::kWrong, "disk", "nothing is taken in");
  second.line(CheckMark::kWrong, "store", "");
  second.line(CheckMark::kOk, "mailbox", "folders are there");
}

TEST_CASE("check: an empty network is said so") {
  PrivateLab lab;
  lab.close();
  fs::remove_all(lab.root());
  {
    auto home = must(focalpost::Home::create(lab.root(), false, lab.clock.now()));
    fs::permissions(lab.root(), fs::perms::owner_all);
  }
  const Checked checked = check(lab);
  INFO(checked.text());
  CHECK(checked.line(CheckMark::kWrong, "structures", "no file can be judged")
            .to_do.find("focalpost load") != std::string::npos);
  CHECK(checked.line(CheckMark::kNote, "policy", "nobody has 2").to_do.find("file = 1") !=
        std::string::npos);
}

TEST_CASE("check: real servers, all well") {
  if (!servers::Postfix::possible()) {
    WARN("no root, no Postfix");
    return;
  }
  servers::Dovecot dovecot;
  servers::Postfix postfix(dovecot);
  dovecot.deliver("gateway", "Subject: one\r\n\r\nx\r\n");
  PrivateLab lab;
  put(lab, "password", "secret\n");
  lab.configure(fmt::format(R"(
[mailbox]
url = "imaps://localhost:{}"
user = "gateway"
password_file = "password"
ca_file = "{}"
[mailbox.second]
url = "imap://localhost:{}"
user = "second"
password_file = "password"
ca_file = "{}"
[outgoing]
url = "smtps://localhost:{}"
user = "gateway"
password_file = "password"
ca_file = "{}"
bounce = "gateway+{{tag}}@network.example"
[operator]
mail = "operator@other.example"
)",
                            dovecot.imaps_port(), dovecot.ca_file().string(), dovecot.imap_port(),
                            dovecot.ca_file().string(), postfix.submissions_port(),
                            dovecot.ca_file().string()));
  const Checked checked = check(lab);
  INFO(checked.text());
  CHECK(checked.right);
  checked.line(
      CheckMark::kOk, "[mailbox]",
      fmt::format("imaps://localhost:{} answers, certificate valid until ", dovecot.imaps_port()));
  checked.line(CheckMark::kOk, "[mailbox]", ", login as gateway");
  checked.line(CheckMark::kOk, "[mailbox]", "the server offers IDLE, MOVE, UIDPLUS");
  checked.line(CheckMark::kOk, "[mailbox]", "all 11 folders are there; 1 waiting in INBOX");
  checked.line(CheckMark::kOk, "[mailbox.second]", "by STARTTLS, certificate valid until ");
  checked.line(CheckMark::kOk, "[mailbox.second]", "0 waiting in INBOX");
  CHECK(fs::exists(dovecot.directory("second", "Enquiries/Open")));
  checked.line(CheckMark::kOk, "[outgoing]", "answers, certificate valid until ");
  checked.line(CheckMark::kOk, "[outgoing]", ", login as gateway");
  checked.line(CheckMark::kOk, "[outgoing]", "the server offers PIPELINING");
  checked.line(CheckMark::kOk, "[outgoing]", "null return path");
  checked.line(CheckMark::kOk, "[outgoing]", "gateway@network.example may send");
  checked.line(CheckMark::kOk, "[outgoing]", "bounces come back to gateway+{tag}@network.example");
  checked.line(CheckMark::kOk, "[outgoing]", "letters to the operator are taken");
  // Nothing was sent to anybody.
  CHECK(dovecot.messages("gateway").size() == 1);
  CHECK(postfix.log().find("status=sent") == std::string::npos);
}

TEST_CASE("check: one server's trouble does not hide the other's state") {
  servers::Dovecot dovecot;
  PrivateLab lab;
  put(lab, "password", "secret\n", 0644);
  put(lab, "wrong", "not the password\n");
  const std::string ca = fmt::format("ca_file = \"{}\"", dovecot.ca_file().string());
  const std::uint16_t closed = servers::free_port();
  std::string text;
  auto mailbox = [&](const std::string& name, std::uint16_t port, const std::string& more) {
    text += fmt::format("[mailbox{}]\nurl = \"imaps://localhost:{}\"\nuser = \"gateway{}\"\n{}\n",
                        name.empty() ? "" : "." + name, port, name, more);
  };
  servers::Authority stranger(lab.root());
  mailbox("", dovecot.imaps_port(), "password_file = \"wrong\"\n" + ca);
  mailbox("ca", dovecot.imaps_port(),
          fmt::format("password_file = \"password\"\nca_file = \"{}\"", stranger.file().string()));
  mailbox("closed", closed, "password_file = \"wrong\"\n" + ca);
  mailbox("missing", dovecot.imaps_port(), "password_file = \"nowhere\"\n" + ca);
  mailbox("good", dovecot.imaps_port(), "password_file = \"password\"\n" + ca);
  text += fmt::format("[outgoing]\nurl = \"smtps://localhost:{}\"\n", closed);
  lab.configure(text);
  const Checked checked = check(lab);
  INFO(checked.text());
  CHECK_FALSE(checked.right);
  CHECK(checked.line(CheckMark::kWrong, "[mailbox]", "refused the login of gateway")
            .to_do.find("password") != std::string::npos);
  CHECK(checked.line(CheckMark::kWrong, "[mailbox.ca]", "an authority that is not trusted here")
            .to_do.find("ca_file") != std::string::npos);
  CHECK(
      checked.line(CheckMark::kWrong, "[mailbox.closed]", "cannot be reached").to_do.find("port") !=
      std::string::npos);
  checked.line(CheckMark::kWrong, "[mailbox.missing]", "[mailbox.missing] password");
  CHECK(checked.line(CheckMark::kWrong, "[mailbox.good]", "other users of this machine can read")
            .to_do.starts_with("chmod 600 "));
  checked.line(CheckMark::kOk, "[mailbox.good]", "folders are there");
  checked.line(CheckMark::kWrong, "[outgoing]", "cannot be reached");
  checked.line(CheckMark::kNote, "operator", "nobody is told");
}

TEST_CASE("check: how long certificates last, and that one is over") {
  using std::chrono::hours;
  servers::Folder folder;
  servers::Authority authority(folder.path());
  auto lasting = [&](hours from, hours until) {
    servers::Wanted wanted;
    wanted.valid_from = from;
    wanted.valid_until = until;
    return authority.issue(wanted);
  };
  SystemClock system;
  PrivateLab lab;
  lab.clock.set(system.now());
  put(lab, "password", "secret\n");
  std::string text;
  std::vector<std::unique_ptr<servers::Fake>> fakes;
  auto add = [&](const std::string& table, hours from, hours until) {
    fakes.push_back(std::make_unique<servers::Fake>(servers::FakeImap{}, lasting(from, until)));
    text += fmt::format(
        "[{}]\nurl = \"imaps://localhost:{}\"\nuser = \"gateway\"\npassword_file = "
        "\"password\"\nca_file = \"{}\"\n",
        table, fakes.back()->port(), authority.file().string());
  };
  add("mailbox", hours(-1), hours(24 * 400));
  add("mailbox.late", hours(-1), hours(24 * 20 + 12));
  add("mailbox.last", hours(-1), hours(24 + 12));
  add("mailbox.hours", hours(-1), hours(5));
  add("mailbox.over", hours(-48), hours(-24));
  smtp::FakeSmtp outgoing({}, lasting(hours(-1), hours(24 * 3 + 12)));
  text += fmt::format("[outgoing]\nurl = \"smtps://localhost:{}\"\nca_file = \"{}\"\n",
                      outgoing.port(), authority.file().string());
  lab.configure(text);
  const Checked checked = check(lab);
  INFO(checked.text());
  CHECK_FALSE(checked.right);
  // They were issued between the two moments, on one of two days at most.
  auto says = [&](std::string_view topic, std::string_view before, Time from, hours later) {
    return checked.has(CheckMark::kOk, topic,
                       fmt::format("{}{}", before, format_rfc3339(from + later).substr(0, 10)));
  };
  for (const auto& [topic, until] :
       {std::pair("[mailbox]", hours(24 * 400)), std::pair("[mailbox.late]", hours(24 * 20 + 12)),
        std::pair("[outgoing]", hours(24 * 3 + 12))}) {
    INFO(topic);
    CHECK((says(topic, "answers, certificate valid until ", lab.clock.now(), until) ||
           says(topic, "answers, certificate valid until ", system.now(), until)));
  }
  CHECK_FALSE(checked.has(CheckMark::kNote, "[mailbox]", "certificate"));
  CHECK(
      checked.line(CheckMark::kNote, "[mailbox.late]", ": 20 days are left").to_do.find("renew") !=
      std::string::npos);
  checked.line(CheckMark::kNote, "[mailbox.last]", ": one day is left");
  checked.line(CheckMark::kNote, "[mailbox.hours]", ": less than a day is left");
  checked.line(CheckMark::kNote, "[outgoing]", ": 3 days are left");
  CHECK(checked.line(CheckMark::kWrong, "[mailbox.over]", "has expired").to_do.find("renew") !=
        std::string::npos);
}

TEST_CASE("check: a plain server, and what its lacks mean") {
  servers::DovecotOptions plain;
  plain.capability = "IMAP4rev1";
  plain.prefix = "INBOX.";
  plain.separator = '.';
  servers::Dovecot dovecot(plain);
  PrivateLab lab;
  put(lab, "password", "secret\n");
  lab.configure(
      fmt::format("[mailbox]\nurl = \"imap://localhost:{}\"\ntls = \"none\"\nuser = "
                  "\"gateway\"\npassword_file = \"password\"\nfolder_prefix = \"INBOX.\"\n",
                  dovecot.imap_port()));
  const Checked checked = check(lab);
  INFO(checked.text());
  CHECK(checked.right);
  checked.line(CheckMark::kNote, "[mailbox]", "no IDLE");
  checked.line(CheckMark::kOk, "[mailbox]", "(INBOX.Enquiries.Open for one)");
  CHECK(checked.line(CheckMark::kNote, "[mailbox]", "neither MOVE nor UIDPLUS")
            .to_do.find("Delete the read ones") != std::string::npos);
  checked.line(CheckMark::kNote, "policy", "which anybody can forge");
}

TEST_CASE("check: folders that cannot be made") {
  servers::FakeImap script;
  script.handle = [](servers::Peer& peer, const std::string& tag, const std::string& command) {
    const bool list = ascii_istarts_with(command, "LIST \"\" \"") && command != "LIST \"\" \"\"";
    if (!list && !ascii_istarts_with(command, "CREATE")) return false;
    peer.send(tag + (list ? " OK there is none\r\n" : " NO [NOPERM] not for you\r\n"));
    return true;
  };
  servers::Fake server(script);
  PrivateLab lab;
  put(lab, "password", "secret\n");
  lab.configure(
      fmt::format("[mailbox]\nurl = \"imap://localhost:{}\"\ntls = \"none\"\nuser = "
                  "\"gateway\"\npassword_file = \"password\"\n",
                  server.port()));
  const Checked checked = check(lab);
  INFO(checked.text());
  CHECK_FALSE(checked.right);
  checked.line(CheckMark::kOk, "[mailbox]", "login as gateway");
  const CheckLine& wrong = checked.line(CheckMark::kWrong, "[mailbox]", "cannot be made");
  CHECK(wrong.what.find("not for you") != std::string::npos);
  CHECK(wrong.to_do.find("folder_prefix") != std::string::npos);
  checked.line(CheckMark::kOk, "outgoing", "no [outgoing] is set");
}

namespace {

/// What `check` says of an outgoing server that answers so, and what that was asked.
Checked check_smtp(smtp::Script script, const std::string& more, std::string* dialogue = nullptr) {
  smtp::FakeSmtp server(std::move(script));
  PrivateLab lab;
  lab.configure(fmt::format("[outgoing]\nurl = \"smtp://localhost:{}\"\ntls = \"none\"\n{}",
                            server.port(), more));
  const Checked checked = check(lab);
  if (dialogue) *dialogue = server.dialogue();
  CHECK(server.failures().empty());
  CHECK(server.texts().empty());
  return checked;
}

const std::string kOperator = "[operator]\nmail = \"operator@other.example\"\n";

}  // namespace

TEST_CASE("check: senders and recipients are only named, and taken back") {
  std::string dialogue;
  const Checked checked = check_smtp({}, kOperator, &dialogue);
  INFO(checked.text());
  CHECK(checked.right);
  CHECK(dialogue ==
        "MAIL FROM:<>\nRCPT TO:<gateway@network.example>\nRSET\n"
        "MAIL FROM:<gateway@network.example>\nRCPT TO:<gateway@network.example>\nRSET\n"
        "MAIL FROM:<gateway@network.example>\nRCPT TO:<operator@other.example>\nRSET\nQUIT\n");
}

TEST_CASE("check: a server without the null return path") {
  // Postfix and others say it only when they hear a recipient.
  for (const char* when : {"MAIL", "RCPT"}) {
    auto null_path = std::make_shared<bool>(false);
    smtp::Script script;
    script.answer = [null_path, when](const std::string& command) -> std::string {
      if (command.starts_with("MAIL FROM:")) *null_path = command.starts_with("MAIL FROM:<>");
      return *null_path && command.starts_with(when) ? "550 5.1.8 no such sender\r\n" : "";
    };
    const Checked checked = check_smtp(script, "");
    INFO(checked.text());
    CHECK(checked.right);
    CHECK(checked.line(CheckMark::kNote, "[outgoing]", "refuses MAIL FROM:<>, the null return path")
              .what.find("550 5.1.8 no such sender") != std::string::npos);
    checked.line(CheckMark::kOk, "[outgoing]", "gateway@network.example may send");
  }
}

TEST_CASE("check: a server that refuses our sender, our bounces, our operator") {
  smtp::Script script;
  script.ehlo = "250-fake.example\r\n250 SIZE 100000\r\n";
  script.answer = [](const std::string& command) -> std::string {
    if (command == "MAIL FROM:<gateway@network.example>") return "553 5.7.1 not your address\r\n";
    if (command.starts_with("RCPT TO:<gateway+")) return "550 5.1.1 no such mailbox\r\n";
    return "";
  };
  Checked checked = check_smtp(script, "bounce = \"gateway+{tag}@network.example\"\n" + kOperator);
  INFO(checked.text());
  CHECK_FALSE(checked.right);
  checked.line(CheckMark::kOk, "[outgoing]", "null return path");
  CHECK(checked.line(CheckMark::kWrong, "[outgoing]", "553 5.7.1 not your address")
            .to_do.find("Set from") != std::string::npos);
  CHECK(checked.line(CheckMark::kWrong, "[outgoing]", "so that bounces do not come back")
            .to_do.find("leave bounce out") != std::string::npos);
  checked.line(CheckMark::kNote, "[outgoing]", "DSN");
  checked.line(CheckMark::kNote, "[outgoing]", "letters of more than that are given up");

  script.answer = [](const std::string& command) -> std::string {
    return command.starts_with("RCPT TO:<operator@") ? "554 5.7.1 relaying denied\r\n" : "";
  };
  checked = check_smtp(script, kOperator);
  INFO(checked.text());
  checked.line(CheckMark::kWrong, "[outgoing]", "refuses letters to the operator");

  // What passes is no fault of the settings; what breaks off is.
  script.answer = [](const std::string& command) -> std::string {
    return command.starts_with("RCPT") ? "451 4.7.1 greylisted\r\n" : "";
  };
  checked = check_smtp(script, "");
  INFO(checked.text());
  CHECK(checked.right);
  checked.line(CheckMark::kNote, "[outgoing]", "for now: 451 4.7.1 greylisted");
  script.answer = [](const std::string& command) -> std::string {
    return command.starts_with("MAIL") ? smtp::kDrop : "";
  };
  checked = check_smtp(script, "");
  INFO(checked.text());
  CHECK_FALSE(checked.right);
}

TEST_CASE("check: the operator's route") {
  PrivateLab lab;
  lab.configure(
      "[operator]\nmail = \"gateway@network.example\"\nalert_command = \"./tell 'a b'\"\n");
  Checked checked = check(lab);
  INFO(checked.text());
  checked.line(CheckMark::kWrong, "operator", "it would write to itself");
  CHECK(checked.line(CheckMark::kWrong, "operator", "./tell is no program that can be run")
            .to_do.find("executable") != std::string::npos);

  put(lab, "tell", "#!/bin/sh\ncat > told\nprintf %s \"$1\"\nexit $(cat status)\n", 0700);
  put(lab, "status", "0");
  checked = check(lab);
  checked.line(CheckMark::kOk, "operator", "check --alert");
  CHECK_FALSE(fs::exists(lab.root() / "told"));

  CheckOptions options;
  options.alert = true;
  checked = check(lab, options);
  checked.line(CheckMark::kOk, "operator", "done: a b");
  CHECK(must(read_file(lab.root() / "told")).find("Nothing is wrong.") != std::string::npos);
  put(lab, "status", "3");
  checked = check(lab, options);
  checked.line(CheckMark::kWrong, "operator", "alert_command ended with 3: a b");
  put(lab, "tell", "#!/bin/sh\nsleep 1000\n", 0700);
  options.command_limit = std::chrono::milliseconds(50);
  checked = check(lab, options);
  checked.line(CheckMark::kWrong, "operator", "was not done in time and was killed");
}

TEST_CASE("check: what was found wrong lately is repeated") {
  PrivateLab lab;
  AlertRecord record;
  record.key = "disk";
  record.kind = "disk";
  record.text = "too little disk space was left";
  record.since = lab::at("2026-05-19T09:00:00Z");
  must(lab.home().store().alerts().put(record));
  const Checked checked = check(lab);
  checked.line(CheckMark::kNote, "alert", "since 2026-05-19T09:00:00Z: too little disk space");
}
