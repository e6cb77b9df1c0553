// SPDX-License-Identifier: Apache-2.0
#include "flow/alerts.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <set>

#include "catch.h"
#include "flow/lab.h"
#include "servers/process.h"

using namespace focalpost;
using namespace std::chrono_literals;
using lab::Lab;
using lab::must;

namespace {

const Alert kLost{AlertKind::kMailbox,
                  "mailbox:gateway@mail.example",
                  "[mailbox] imaps://mail.example:993 cannot be reached: nobody answers",
                  "Look at the server.",
                  {}};

/// Mails of kind alert in the outbox, in the order in which they were made.
std::vector<std::unique_ptr<lab::Reply>> mails(Lab& lab) {
  std::vector<std::unique_ptr<lab::Reply>> all;
  for (const OutboxEntry& entry : must(lab.home().store().outbox().due(lab.clock.now(), 100))) {
    if (entry.kind != "alert") continue;
    auto mail = std::make_unique<lab::Reply>();
    mail->raw = must(lab.home().store().outbox().bytes(entry.id));
    mail->message = mime::parse(mail->raw, Limits{});
    all.push_back(std::move(mail));
  }
  return all;
}

std::size_t warnings(Lab& lab, std::string_view text) {
  auto events = must(lab.home().store().events().last(100, EventLevel::kInfo));
  return static_cast<std::size_t>(std::count_if(
      events.begin(), events.end(),
      [&](const Event& event) { return event.text.find(text) != std::string::npos; }));
}

/// A script in the home; it runs by name.
void script(Lab& lab, const std::string& name, const std::string& text) {
  must(write_file_durably(lab.root() / name, "#!/bin/sh\n" + text, 0700));
}

/// What the script that appends its input to "told" was told, one line a telling.
std::vector<std::string> told(Lab& lab) {
  std::vector<std::string> lines;
  std::error_code none;
  if (!fs::exists(lab.root() / "told", none)) return lines;
  const std::string all = must(read_file(lab.root() / "told"));
  for (std::string_view line : split(all, '\n'))
    if (line.starts_with("[focalpost] ")) lines.emplace_back(line.substr(12));
  return lines;
}

const std::string kMail = "[operator]\nmail = \"operator@other.example\"\n";
const std::string kCommand = "[operator]\nalert_command = \"./tell\"\n";

}  // namespace

TEST_CASE("a thing that is wrong is told once in six hours while it lasts, and when it is over") {
  Lab lab;
  lab.configure(kMail);
  Alerts alerts(lab.home());
  must(alerts.raise(kLost, lab.clock.now()));
  CHECK(mails(lab).size() == 1);
  lab.clock.advance(5h);
  must(alerts.raise(kLost, lab.clock.now()));
  CHECK(mails(lab).size() == 1);
  // Another thing is told by itself.
  Alert other = kLost;
  other.key = "mailbox:second@mail.example";
  must(alerts.raise(other, lab.clock.now()));
  CHECK(mails(lab).size() == 2);
  {
    // So is a new start of the program, which remembers.
    Alerts again(lab.home());
    must(again.raise(kLost, lab.clock.now()));
    CHECK(mails(lab).size() == 2);
  }
  lab.clock.advance(1h);
  must(alerts.raise(kLost, lab.clock.now()));
  CHECK(mails(lab).size() == 3);
  CHECK(must(lab.home().store().alerts().open()).size() == 2);

  lab.clock.advance(1h);
  must(alerts.clear(kLost.key, lab.clock.now()));
  must(alerts.clear(kLost.key, lab.clock.now()));
  must(alerts.clear("never raised", lab.clock.now()));
  CHECK(must(lab.home().store().alerts().open()).size() == 1);
  auto all = mails(lab);
  REQUIRE(all.size() == 4);

  const lab::Reply& first = *all[0];
  CHECK(first.to() == "operator@other.example");
  CHECK(first.header("Auto-Submitted") == "auto-generated");
  CHECK(first.header("X-Focalpost-Gateway") == std::string(lab::kGatewayId));
  CHECK(first.subject() == "[focalpost] " + kLost.what);
  const std::string text = first.text();
  CHECK(text.find("What:       " + kLost.what) != std::string::npos);
  CHECK(text.find("Since:      2026-05-20T09:00:00Z") != std::string::npos);
  CHECK(text.find("What to do: Look at the server.") != std::string::npos);
  CHECK(text.find(fs::absolute(lab.root()).string()) != std::string::npos);
  CHECK(text.find("told again in 6 hours") != std::string::npos);
  CHECK(all[3]->subject() == "[focalpost] over: " + kLost.what);
  CHECK(all[3]->text().find("From:       2026-05-20T09:00:00Z") != std::string::npos);
  CHECK(all[3]->text().find("Until:      2026-05-20T16:00:00Z (7 hours)") != std::string::npos);
  CHECK(all[3]->text().find("What to do") == std::string::npos);
  std::set<std::string> ids;
  for (const auto& mail : all) ids.insert(mail->id());
  CHECK(ids.size() == 4);
  CHECK(warnings(lab, "cannot be reached") == 3);  // two began, one ended
}

TEST_CASE("what comes and goes is not told each time") {
  Lab lab;
  lab.configure(kMail);
  Alerts alerts(lab.home());
  for (int i = 0; i < 10; ++i) {
    must(alerts.raise(kLost, lab.clock.now()));
    lab.clock.advance(5min);
    must(alerts.clear(kLost.key, lab.clock.now()));
    lab.clock.advance(5min);
  }
  // It began once, it was over once: of what followed nobody was told the beginning.
  CHECK(mails(lab).size() == 2);
  // But if it then stays so, it is told in the end.
  must(alerts.raise(kLost, lab.clock.now()));
  CHECK(mails(lab).size() == 2);
  lab.clock.advance(6h);
  must(alerts.raise(kLost, lab.clock.now()));
  CHECK(mails(lab).size() == 3);
}

TEST_CASE("without a route it is an event, and shows in the status, once") {
  Lab lab;
  Alerts alerts(lab.home());
  for (int i = 0; i < 3; ++i) {
    must(alerts.raise(kLost, lab.clock.now()));
    lab.clock.advance(7h);
  }
  CHECK(mails(lab).empty());
  CHECK(warnings(lab, "cannot be reached") == 1);
  REQUIRE(must(lab.home().store().alerts().open()).size() == 1);
  CHECK(must(lab.home().store().alerts().open())[0].since == lab::at("2026-05-20T09:00:00Z"));
}

TEST_CASE("the command gets the text; what it cannot do is tried again sooner") {
  Lab lab;
  lab.configure(kCommand);
  script(lab, "tell", "test -e broken && { echo 'no route to host' >&2; exit 3; }\ncat >> told\n");
  Alerts alerts(lab.home());
  must(alerts.raise(kLost, lab.clock.now()));
  must(alerts.settle(lab.clock.now()));
  REQUIRE(told(lab).size() == 1);
  CHECK(told(lab)[0] == kLost.what);
  CHECK(must(read_file(lab.root() / "told")).find("What to do: Look at the server.") !=
        std::string::npos);
  must(alerts.clear(kLost.key, lab.clock.now()));
  must(alerts.settle(lab.clock.now()));
  REQUIRE(told(lab).size() == 2);
  CHECK(told(lab)[1] == "over: " + kLost.what);

  lab.clock.advance(24h);
  must(write_file_durably(lab.root() / "broken", ""));
  must(alerts.raise(kLost, lab.clock.now()));
  must(alerts.settle(lab.clock.now()));
  CHECK(told(lab).size() == 2);
  CHECK(warnings(lab, "ended with 3: no route to host") == 1);
  fs::remove(lab.root() / "broken");
  lab.clock.advance(14min);
  must(alerts.raise(kLost, lab.clock.now()));
  must(alerts.settle(lab.clock.now()));
  CHECK(told(lab).size() == 2);
  lab.clock.advance(1min);
  must(alerts.raise(kLost, lab.clock.now()));
  must(alerts.settle(lab.clock.now()));
  CHECK(told(lab).size() == 3);
  lab.clock.advance(15min);
  must(alerts.raise(kLost, lab.clock.now()));
  must(alerts.settle(lab.clock.now()));
  CHECK(told(lab).size() == 3);
}

TEST_CASE("a command that does not end is killed, and said so") {
  Lab lab;
  lab.configure(kCommand);
  script(lab, "tell", "sleep 1000\n");
  AlertOptions options;
  options.command_limit = 50ms;
  Alerts alerts(lab.home(), options);
  must(alerts.raise(kLost, lab.clock.now()));
  must(alerts.settle(lab.clock.now()));
  CHECK(warnings(lab, "was not done in time and was killed") == 1);
}

TEST_CASE("a command line is words, not a line for a shell") {
  auto words = [](std::string_view line) { return must(command_words(line)); };
  CHECK(words("  /bin/tell  -s \"two words\" 'it''s' a\\b $HOME *|x ") ==
        std::vector<std::string>{"/bin/tell", "-s", "two words", "its", "a\\b", "$HOME", "*|x"});
  CHECK(words(R"("a \"quoted\" \\ word\n" --to="x y"z)") ==
        std::vector<std::string>{R"(a "quoted" \ word\n)", "--to=x yz"});
  CHECK(words("tell '' \"\"") == std::vector<std::string>{"tell", "", ""});
  for (std::string_view bad : {"", "   ", "tell \"open", "tell 'open", "\"\" x"})
    CHECK_FALSE(command_words(bad).ok());
}

TEST_CASE("a command: its end, its output, its input, its folder") {
  servers::Folder folder;
  auto run = [&](const std::string& text, std::string_view input = {}) {
    return run_command({"sh", "-c", text}, folder.path(), input, 30s);
  };
  CommandEnd end = run("cat; pwd; echo more >&2", "the text\n");
  CHECK(end.worked());
  CHECK(end.output == fmt::format("the text\n{}\nmore\n", folder.path().string()));
  end = run("echo one; exit 7");
  CHECK_FALSE(end.worked());
  CHECK(end.sentence() == "ended with 7: one");
  end = run("kill -9 $$");
  CHECK(end.how == CommandEnd::How::kKilled);
  CHECK(end.sentence() == "was ended by signal 9");
  // What nobody reads and what nobody bounds holds nothing up.
  end = run("exit 0", std::string(1 << 20, 'x'));
  CHECK(end.worked());
  end = run("head -c 1000000 /dev/zero | tr '\\0' 'y'");
  CHECK(end.worked());
  CHECK(end.output == std::string(4096, 'y'));
  // Nor does what it leaves behind with its output open.
  end = run("sleep 1000 & echo $! > pid; echo done");
  CHECK(end.worked());
  CHECK(end.output == "done\n");
  ::kill(std::stoi(servers::read_text(folder.path() / "pid")), SIGKILL);
  end = run_command({"./not-there"}, folder.path(), "", 30s);
  CHECK(end.how == CommandEnd::How::kNotStarted);
  CHECK(end.sentence().find("cannot be started: No such file") == 0);
  // The group goes as a whole.
  end = run_command({"sh", "-c", "sleep 1000 | cat"}, folder.path(), "", 50ms);
  CHECK(end.how == CommandEnd::How::kTooSlow);
}

// what is watched

namespace {

const std::string kServers = R"(
[mailbox]
url = "imaps://mail.example"
user = "gateway"
password_file = "imap.password"
quiet_hours = 48
[outgoing]
url = "smtps://mail.example"
)";

struct Watched {
  explicit Watched(const std::string& settings) {
    lab.configure(settings);
    accounts.emplace(Accounts::of(lab.home().settings(), lab.home().paths(), lab.clock));
    alerts.emplace(lab.home());
  }
  std::vector<std::string> look() {
    must(watch(lab.home(), *accounts, *alerts, lab.clock.now()));
    std::vector<std::string> keys;
    for (const AlertRecord& record : must(lab.home().store().alerts().open()))
      keys.push_back(record.key);
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  ServerContacts contacts() { return lab.home().store().contacts(); }

  Lab lab;
  std::optional<Accounts> accounts;
  std::optional<Alerts> alerts;
};

using Keys = std::vector<std::string>;
const std::string kBox = "gateway@mail.example";

}  // namespace

TEST_CASE("a mailbox that cannot be reached for a while") {
  Watched w(kServers + kMail);
  CHECK(w.look() == Keys{});
  must(w.contacts().reached(kBox, w.lab.clock.now()));
  w.lab.clock.advance(10min);
  must(w.contacts().failed(kBox, "nobody answers", w.lab.clock.now()));
  CHECK(w.look() == Keys{});
  w.lab.clock.advance(14min);
  must(w.contacts().failed(kBox, "the password\nis refused", w.lab.clock.now()));
  CHECK(w.look() == Keys{});
  w.lab.clock.advance(1min);
  CHECK(w.look() == Keys{"mailbox:" + kBox});
  const AlertRecord open = must(w.lab.home().store().alerts().open())[0];
  CHECK(open.since == lab::at("2026-05-20T09:10:00Z"));
  CHECK(open.text.find("[mailbox] imaps://mail.example:993 cannot be reached: the password") == 0);
  auto contact = must(w.contacts().of(kBox));
  REQUIRE(contact);
  CHECK(contact->reached == lab::at("2026-05-20T09:00:00Z"));
  CHECK(contact->failing_since == lab::at("2026-05-20T09:10:00Z"));
  CHECK(contact->failed == lab::at("2026-05-20T09:24:00Z"));
  CHECK(contact->error.find('\n') == std::string::npos);

  must(w.contacts().reached(kBox, w.lab.clock.now()));
  CHECK(w.look() == Keys{});
  CHECK_FALSE(must(w.contacts().of(kBox))->failing_since);
  CHECK(mails(w.lab).size() == 2);

  // A mailbox that is no longer in the settings concerns nobody.
  must(w.contacts().failed(kBox, "gone", w.lab.clock.now()));
  w.lab.clock.advance(7h);
  CHECK(w.look() == Keys{"mailbox:" + kBox});
  CHECK(mails(w.lab).size() == 3);
  w.accounts.emplace(Accounts::of(Settings{}, w.lab.home().paths(), w.lab.clock));
  CHECK(w.look() == Keys{});
  CHECK(mails(w.lab).size() == 3);
  must(w.contacts().keep_only(std::vector<std::string>{"spool"}));
  CHECK(must(w.contacts().all()).empty());
}

TEST_CASE("a mailbox that is silent for longer than is usual") {
  Watched w(kServers + kMail);
  must(w.contacts().reached(kBox, w.lab.clock.now()));
  w.lab.clock.advance(48h);
  must(w.contacts().reached(kBox, w.lab.clock.now()));
  CHECK(w.look() == Keys{});
  w.lab.clock.advance(1h);
  CHECK(w.look() == Keys{"mute:" + kBox});
  must(w.contacts().mail_came(kBox, w.lab.clock.now()));
  CHECK(w.look() == Keys{});
  w.lab.clock.advance(48h);
  CHECK(w.look() == Keys{});
  w.lab.clock.advance(1h);
  CHECK(w.look() == Keys{"mute:" + kBox});
}

TEST_CASE("no mail tells that mail cannot be sent, before it can again") {
  Watched w(kServers + kMail);
  const std::string name(kOutgoingServer);
  must(w.contacts().failed(name, "nobody answers", w.lab.clock.now()));
  w.lab.clock.advance(15min);
  CHECK(w.look() == Keys{"outgoing"});
  CHECK(mails(w.lab).empty());
  w.lab.clock.advance(12h);
  CHECK(w.look() == Keys{"outgoing"});
  CHECK(mails(w.lab).empty());
  must(w.contacts().reached(name, w.lab.clock.now()));
  CHECK(w.look() == Keys{});
  auto all = mails(w.lab);
  REQUIRE(all.size() == 1);
  CHECK(all[0]->subject().find("[focalpost] over: nothing can be sent") == 0);
  // Not each time that it comes and goes.
  must(w.contacts().failed(name, "nobody answers", w.lab.clock.now()));
  w.lab.clock.advance(20min);
  CHECK(w.look() == Keys{"outgoing"});
  must(w.contacts().reached(name, w.lab.clock.now()));
  CHECK(w.look() == Keys{});
  CHECK(mails(w.lab).size() == 1);
}

TEST_CASE("letters that wait for hours, and a disk that is full") {
  Watched w("");
  {
    OutboxEntry entry;
    entry.kind = "receipt";
    entry.message_id = "<1@network.example>";
    entry.recipient = "focal@migration.kg.example";
    entry.created = entry.not_before = w.lab.clock.now();
    Transaction transaction = must(w.lab.home().store().begin());
    const std::string_view bytes = "x";
    must(w.lab.home().store().outbox().enqueue(entry, {&bytes, 1}));
    must(transaction.commit());
  }
  w.lab.clock.advance(3h);
  CHECK(w.look() == Keys{});
  w.lab.clock.advance(1h);
  CHECK(w.look() == Keys{"outbox"});
  CHECK(must(w.lab.home().store().alerts().open())[0].text ==
        "1 letter waits to be sent, the oldest since 2026-05-20T09:00:00Z, which was not tried");
  Maildir mailbox(w.lab.home().paths().mailbox(), w.lab.clock);
  must(mailbox.open());
  must(dispatch_to_sent(w.lab.home().store(), mailbox, w.lab.clock));
  CHECK(w.look() == Keys{});

  w.alerts.reset();
  w.lab.close();
  const fs::path file = w.lab.root() / "focalpost.toml";
  must(write_file_durably(file, lab::replaced(must(read_file(file)), "\n[gateway]\n",
                                              "\n[gateway]\nlow_disk_mb = 1000000000\n")));
  w.lab.open();
  w.alerts.emplace(w.lab.home());
  CHECK(w.look() == Keys{"disk"});
}

TEST_CASE("messages that failed are told together") {
  Watched w(kMail);
  int serial = 0;
  auto fail = [&](const std::string& reason) {
    DocketRecord record;
    record.docket.received = w.lab.clock.now();
    Dockets dockets = w.lab.home().store().dockets();
    Transaction transaction = must(w.lab.home().store().begin());
    must(dockets.open(record, {"spool", "INBOX", 1, std::to_string(++serial)}));
    record.docket.outcome = Outcome::kFailed;
    record.docket.reason = reason;
    record.finished = w.lab.clock.now();
    must(dockets.finish(record));
    must(transaction.commit());
    return record.docket.number.text();
  };
  const std::string first = fail("it ended the program three times");
  CHECK(w.look() == Keys{});  // it does not last
  auto all = mails(w.lab);
  REQUIRE(all.size() == 1);
  CHECK(all[0]->subject() ==
        fmt::format("[focalpost] a message could not be processed: No. {}: it ended the program "
                    "three times",
                    first));
  w.lab.clock.advance(1h);
  fail("again");
  const std::string newest = fail("and again");
  w.look();
  CHECK(mails(w.lab).size() == 1);
  w.lab.clock.advance(5h);
  w.look();
  all = mails(w.lab);
  REQUIRE(all.size() == 2);
  CHECK(all[1]->subject() ==
        fmt::format("[focalpost] 2 messages could not be processed, the newest: No. {}: and again",
                    newest));
  CHECK(all[1]->text().find(fmt::format("focalpost show {}", newest)) != std::string::npos);
  w.lab.clock.advance(12h);
  w.look();
  CHECK(mails(w.lab).size() == 2);
}
