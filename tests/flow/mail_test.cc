// SPDX-License-Identifier: Apache-2.0
//
// The whole way over real servers: a letter lies in an IMAP mailbox, is filed and answered, the
// reply is in its sender's mailbox; by `once`, and by `run` while mail comes in.
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <random>
#include <thread>

#include "catch.h"
#include "flow/run.h"
#include "lab.h"
#include "servers/client.h"
#include "servers/dovecot.h"
#include "servers/postfix.h"
#include "smtp/fake_smtp.h"

using namespace lab;

namespace {

using namespace std::chrono_literals;

constexpr const char* kUser = "gateway";

/// A home whose mailbox is at a Dovecot.
class World {
 public:
  explicit World(servers::DovecotOptions options = {}) : dovecot(std::move(options)) {
    must(write_file_durably(lab.root() / "mail.password", "secret\n"));
    lab.configure(fmt::format("[mailbox]\nurl = \"imaps://localhost:{}\"\n{}", dovecot.imaps_port(),
                              account()));
  }
  std::string account(std::string_view user = kUser) const {
    return fmt::format("user = \"{}\"\npassword_file = \"mail.password\"\nca_file = \"{}\"\n", user,
                       dovecot.ca_file().string());
  }
  /// Replies leave by SMTP.
  void with_postfix() {
    postfix = std::make_unique<servers::Postfix>(dovecot);
    lab.configure(fmt::format("[outgoing]\nurl = \"smtps://localhost:{}\"\n{}",
                              postfix->submissions_port(), account()));
  }
  std::size_t count(const std::string& folder) { return dovecot.messages(kUser, folder).size(); }
  std::string folders() {
    std::string all;
    for (Folder folder : kFolders) {
      std::string name(folder_name(folder));
      if (auto n = count(name)) all += fmt::format("{}{}:{}", all.empty() ? "" : " ", name, n);
    }
    return all;
  }
  servers::ImapClient client() { return {dovecot.imap_port(), kUser}; }

  servers::Dovecot dovecot;
  std::unique_ptr<servers::Postfix> postfix;
  Lab lab;
};

Reply parsed(std::string raw) {
  Reply reply;
  reply.raw = std::move(raw);
  reply.message = mime::parse(reply.raw, Limits{});
  return reply;
}

/// Until it is so; false after a time in which it should long have been.
template <typename Condition>
bool until(Condition condition) {
  auto end = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

/// run() on a thread, as long as it lives.
class Running {
 public:
  explicit Running(Home& home, RunOptions options = {}) {
    // As in a program of its own, where run() is called before there are other threads.
    sigset_t hang_up;
    sigemptyset(&hang_up);
    sigaddset(&hang_up, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &hang_up, nullptr);
    options.up = [this](std::function<void()> stop) {
      stop_ = std::move(stop);
      up_ = true;
    };
    thread_ =
        std::thread([this, &home, options] { ended_ = focalpost::run(home, clock_, options); });
    REQUIRE(until([this] { return up_.load(); }));
  }
  ~Running() { end(); }
  void end() {
    if (!thread_.joinable()) return;
    stop_();
    thread_.join();
    CHECK(ended_.ok());
  }

 private:
  SystemClock clock_;
  std::atomic<bool> up_ = false;
  std::function<void()> stop_;
  Status ended_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a letter in an IMAP mailbox is filed, answered and moved", "[servers]") {
  servers::DovecotOptions options;
  SECTION("everything offered") {}
  SECTION("no MOVE, UIDPLUS or IDLE") {
    options.capability = "IMAP4rev1";
  }
  SECTION("UIDPLUS without MOVE") {
    options.capability = "IMAP4rev1 UIDPLUS";
  }
  SECTION("a namespace prefix") {
    options.prefix = "INBOX.";
    options.separator = '.';
  }
  bool moves = options.capability != "IMAP4rev1";
  World world(options);
  for (const char* name : {"01-asylum-xml", "09-asylum-with-errors"})
    world.dovecot.deliver(kUser, letter(name));
  auto pass = world.lab.once();
  CHECK_FALSE(pass.trouble);
  CHECK(pass.intake.dockets.size() == 2);
  CHECK(pass.sent == 2);
  CHECK(world.count("Filed") == 1);
  CHECK(world.count("Rejected") == 1);
  CHECK(world.count("Sent") == 2);
  CHECK(world.count("INBOX") == (moves ? 0 : 2));  // they stay, marked, for the operator to delete
  // Nothing is done twice.
  CHECK(world.lab.once().intake.dockets.empty());
  CHECK(world.count("Sent") == 2);
  CHECK(world.lab.number("SELECT count(*) FROM filing") == 1);
}

TEST_CASE("the reply is in the sender's mailbox, threaded", "[servers]") {
  if (!servers::Postfix::possible()) {
    WARN("skipped: Postfix needs root");
    return;
  }
  World world;
  world.with_postfix();
  world.dovecot.deliver(kUser, letter("01-asylum-xml"));
  Reply sent = parsed(letter("01-asylum-xml"));
  std::string sender = sent.message.top().addresses("From").at(0).spec;
  std::string box = sender.substr(0, sender.find('@'));
  CHECK(world.lab.once().sent == 1);
  REQUIRE(until([&] { return world.dovecot.messages(box).size() == 1; }));
  Reply reply = parsed(world.dovecot.messages(box).at(0));
  CHECK(reply.to() == sender);
  CHECK(reply.header("In-Reply-To") == sent.id());
  CHECK(reply.header("Auto-Submitted") == "auto-replied");
  CHECK(reply.header("Return-Path") == "<>");
  CHECK(reply.text().find("2026-000001") != std::string::npos);
  CHECK(world.folders() == "Filed:1 Sent:1");
}

TEST_CASE("dragged to Retry or back to INBOX, a message is judged again in its docket",
          "[servers]") {
  World world;
  Letter mail;
  mail.id = "<again@border.md.example>";
  world.dovecot.deliver(kUser, mail.attach("c.csv", crossings("2026-01", "100")).bytes());
  world.lab.once();
  REQUIRE(world.folders() == "Filed:1 Sent:1");
  std::string back = GENERATE("Retry", "INBOX");
  INFO(back);
  {
    auto client = world.client();
    client.run("SELECT Filed");
    client.run("UID MOVE 1:* " + back);
  }
  auto pass = world.lab.once();
  CHECK(pass.intake.dockets.size() == 1);
  CHECK(world.lab.number("SELECT count(*) FROM docket") == 1);
  CHECK(world.lab.number("SELECT attempt FROM docket") == 2);
  CHECK(world.folders() == "Filed:1 Sent:2");
  CHECK(world.lab.once().intake.dockets.empty());

  // The same letter delivered once more is a redelivery: no second answer.
  world.dovecot.deliver(kUser, mail.bytes());
  CHECK(world.lab.once().intake.redelivered == 1);
  CHECK(world.folders() == "Filed:2 Sent:2");
}

namespace {

/// Two letters: the second changes so much that it is held.
void hold_one(World& world) {
  for (const char* name : {"02-asylum-decisions-generic", "15-large-revision"}) {
    world.dovecot.deliver(kUser, letter(name));
    world.lab.once();
  }
}

}  // namespace

TEST_CASE("a release moves the message on its server and answers by the outgoing one",
          "[servers]") {
  if (!servers::Postfix::possible()) {
    WARN("skipped: Postfix needs root");
    return;
  }
  World world;
  world.with_postfix();
  // A run asks the real clock, on which what was held in the lab has waited for long.
  world.lab.configure("[held]\nremind_days = 3650\nexpire_days = 3650\n");
  hold_one(world);
  REQUIRE(world.folders() == "Filed:1 Held:1 Sent:2");
  auto held = must(world.lab.home().store().dockets().held());
  REQUIRE(held.size() == 1);
  std::string box = held[0].address.substr(0, held[0].address.find('@'));
  REQUIRE(until([&] { return world.dovecot.messages(box).size() == 2; }));

  SECTION("by the verb") {
    CHECK(world.lab.release(held[0].number).outcome == Outcome::kFiled);
  }
  SECTION("by the verb while the mailbox is away: it is filed, and moved later") {
    world.dovecot.stop();
    ReleaseResult done = must(release_docket(world.lab.home(), held[0].number, world.lab.clock));
    CHECK(done.docket.outcome == Outcome::kFiled);
    CHECK(done.trouble);
    world.dovecot.start();
    CHECK_FALSE(world.lab.once().trouble);
  }
  SECTION("ordered beside a run") {
    RunOptions options;
    options.look = 50ms;
    Running running(world.lab.home(), options);
    Home beside = must(Home::open(world.lab.root(), Home::Access::kWrite));
    must(order_release(beside, held[0].number, world.lab.clock.now()));
    REQUIRE(until([&] { return world.folders() == "Filed:2 Sent:3"; }));
  }
  CHECK(world.folders() == "Filed:2 Sent:3");
  REQUIRE(until([&] { return world.dovecot.messages(box).size() == 3; }));
  CHECK(world.lab.number("SELECT count(*) FROM release_order") == 0);
  CHECK(world.lab.number("SELECT count(*) FROM outbox WHERE state = 'sent'") == 3);
  CHECK_FALSE(order_release(world.lab.home(), held[0].number, world.lab.clock.now()).ok());
}

TEST_CASE("a new UIDVALIDITY makes nothing happen twice", "[servers]") {
  World world(servers::DovecotOptions{.capability = "IMAP4rev1", .prefix = "", .more = ""});
  world.dovecot.deliver(kUser, letter("01-asylum-xml"));
  world.lab.once();
  world.dovecot.stop();
  world.dovecot.forget_uids(kUser);
  world.dovecot.start();
  world.lab.once();
  CHECK(world.lab.number("SELECT count(*) FROM docket") == 1);
  CHECK(world.lab.number("SELECT count(*) FROM outbox") == 1);
}

TEST_CASE("a message too large for memory comes through a file", "[servers]") {
  World world;
  Letter mail;
  mail.text = std::string(3 << 20, 'x') + "\r\n";
  world.dovecot.deliver(kUser, mail.attach("c.csv", crossings("2026-01", "100")).bytes());
  world.dovecot.deliver(kUser, letter("01-asylum-xml"));
  CHECK(world.lab.once().intake.dockets.size() == 2);
  CHECK(world.folders() == "Filed:2 Sent:2");
  CHECK(must(list_directory(world.lab.home().paths().incoming())).empty());
}

TEST_CASE("a message over the limit is refused by its beginning", "[servers]") {
  World world;
  world.lab.configure("[limits]\nmessage_bytes = 2000000\n");
  Letter mail;
  mail.text = std::string(3 << 20, 'x') + "\r\n";
  world.dovecot.deliver(kUser, mail.attach("c.csv", crossings("2026-01", "100")).bytes());
  world.lab.once();
  CHECK(world.folders() == "Rejected:1 Sent:1");
  CHECK(parsed(world.dovecot.messages(kUser, "Sent").at(0)).text().find("2000000") !=
        std::string::npos);
}

TEST_CASE("what cannot be reached is said, and what can be done is done", "[servers]") {
  World world;
  servers::Dovecot other;
  world.lab.configure(fmt::format("[mailbox.other]\nurl = \"imaps://localhost:{}\"\n{}",
                                  other.imaps_port(),
                                  fmt::format("user = \"second\"\npassword_file = "
                                              "\"mail.password\"\nca_file = \"{}\"\n",
                                              other.ca_file().string())));
  world.dovecot.deliver(kUser, letter("01-asylum-xml"));
  other.deliver("second", letter("02-asylum-decisions-generic"));
  SECTION("both there") {
    CHECK(world.lab.once().intake.dockets.size() == 2);
    CHECK(other.messages("second", "Filed").size() == 1);
    CHECK(world.folders() == "Filed:1 Sent:2");
    CHECK(world.lab.number("SELECT count(DISTINCT origin_order) FROM filing") ==
          world.lab.number("SELECT count(*) FROM filing"));
  }
  SECTION("one is away") {
    other.stop();
    auto pass = world.lab.once();
    REQUIRE(pass.trouble);
    CHECK(pass.trouble->retry_helps());
    CHECK(pass.intake.dockets.size() == 1);
    CHECK(world.folders() == "Filed:1 Sent:1");
    other.start();
    CHECK(world.lab.once().intake.dockets.size() == 1);
  }
}

TEST_CASE("run answers mail as it comes, over a server that goes and comes back", "[servers]") {
  World world;
  bool postfix = servers::Postfix::possible();
  if (postfix) world.with_postfix();
  RunOptions options;
  options.first_pause = 50ms;
  options.longest_pause = 200ms;
  options.look = 500ms;
  {
    Running running(world.lab.home(), options);
    world.dovecot.deliver(kUser, letter("01-asylum-xml"));
    CHECK(until([&] { return world.count("Filed") == 1 && world.count("Sent") == 1; }));
    world.dovecot.deliver(kUser, letter("09-asylum-with-errors"));
    CHECK(until([&] { return world.count("Rejected") == 1 && world.count("Sent") == 2; }));
    world.dovecot.kick(kUser);
    world.dovecot.deliver(kUser, letter("02-asylum-decisions-generic"));
    CHECK(until([&] { return world.count("Filed") == 2 && world.count("Sent") == 3; }));
    world.dovecot.stop();
    world.dovecot.deliver(kUser, letter("04-gz-flows"));
    world.dovecot.start();
    CHECK(until([&] { return world.count("Sent") == 4; }));
    // Whatever a mail client does to folders, it goes on.
    servers::ImapClient client(world.dovecot.imap_port(), kUser);
    client.run("DELETE Retry");
    client.run("RENAME Filed Old");
    world.dovecot.deliver(kUser, letter("05-crossings-csv1"));
    CHECK(until([&] { return world.count("Filed") == 1 && world.count("Sent") == 5; }));
    // While it runs nobody else can.
    auto second = Home::open(world.lab.root(), Home::Access::kWork);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().what.find("process") != std::string::npos);
  }
  CHECK(world.count("INBOX") == 0);
  CHECK(world.lab.number("SELECT count(*) FROM outbox WHERE state <> 'sent'") == 0);
  CHECK(world.lab.number("SELECT count(*) FROM in_hand") == 0);
}

TEST_CASE("a letter sent while Sent was away gets its copy when Sent is back", "[servers]") {
  smtp::FakeSmtp smtp;
  World world;
  world.lab.configure(
      fmt::format("[outgoing]\nurl = \"smtp://127.0.0.1:{}\"\ntls = \"none\"\n", smtp.port()));
  OutboxEntry entry;
  entry.kind = "receipt";
  entry.message_id = "<1@id.network.example>";
  entry.recipient = "asylum@border.md.example";
  entry.created = entry.not_before = world.lab.clock.now();
  {
    Store& store = world.lab.home().store();
    Transaction transaction = must(store.begin());
    std::string_view text =
        "From: gateway@network.example\r\nTo: asylum@border.md.example\r\nSubject: x\r\n"
        "Message-ID: <1@id.network.example>\r\n\r\nText.\r\n";
    must(store.outbox().enqueue(entry, {&text, 1}));
    must(transaction.commit());
  }
  RunOptions options;
  options.first_pause = 20ms;
  options.longest_pause = 200ms;
  world.dovecot.stop();
  Running running(world.lab.home(), options);
  CHECK(until([&] { return smtp.texts().size() == 1; }));
  world.dovecot.start();
  // Nothing else is sent that would remind it.
  CHECK(until([&] { return world.count("Sent") == 1; }));
}

TEST_CASE("run serves two mailboxes, and reads its settings again", "[servers]") {
  World world;
  servers::Dovecot other;
  std::string settings = must(read_file(world.lab.root() / "focalpost.toml"));
  RunOptions options;
  options.look = 60s;  // IDLE has to do it
  Running running(world.lab.home(), options);
  // Broken settings are not taken, and stop nothing.
  must(write_file_durably(world.lab.root() / "focalpost.toml", settings + "\n[mailbox\n"));
  ::kill(::getpid(), SIGHUP);
  world.dovecot.deliver(kUser, letter("01-asylum-xml"));
  CHECK(until([&] { return world.count("Sent") == 1; }));
  must(write_file_durably(
      world.lab.root() / "focalpost.toml",
      settings + fmt::format("\n[mailbox.other]\nurl = \"imaps://localhost:{}\"\nuser = "
                             "\"second\"\npassword_file = \"mail.password\"\nca_file = \"{}\"\n",
                             other.imaps_port(), other.ca_file().string())));
  ::kill(::getpid(), SIGHUP);
  other.deliver("second", letter("02-asylum-decisions-generic"));
  CHECK(until([&] { return world.count("Sent") == 2; }));
  other.deliver("second", letter("04-gz-flows"));
  CHECK(until([&] { return world.count("Sent") == 3; }));
  world.dovecot.deliver(kUser, letter("09-asylum-with-errors"));
  CHECK(until([&] { return world.count("Sent") == 4; }));
}

TEST_CASE("killed three hundred times, nothing is lost and nothing is answered twice",
          "[servers]") {
  constexpr int kKills = 300, kMonths = 5;
  World world;
  // On a slow machine many letters wait until a pass lives long enough, and one sender gets only so
  // many replies in an hour.
  world.lab.configure("[limits]\nreplies_per_hour = 1000\n");
  world.lab.close();
  std::mt19937 random(20260521);
  std::uniform_real_distribution<double> part(0, 1);
  double span = 60'000;  // microseconds; follows what is seen
  int kills = 0, letters = 0;
  auto pass = [&](bool kill_it) {
    pid_t child = ::fork();
    if (child == 0) {
      auto home = Home::open(world.lab.root(), Home::Access::kWork);
      if (!home.ok()) ::_exit(2);
      auto done = run_once(*home, world.lab.clock);
      ::_exit(done.ok() ? 0 : 1);
    }
    if (kill_it) {
      ::usleep(static_cast<useconds_t>(span * part(random)));
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0);
    bool killed = WIFSIGNALED(status);
    span *= killed ? 1.05 : 0.85;
    return killed;
  };
  for (int round = 0; kills < kKills && round < 3 * kKills; ++round) {
    Letter mail;
    mail.id = fmt::format("<kill.{}@border.md.example>", letters);
    // Every letter changes something: another month, or a month's value a little.
    int month = letters % kMonths;
    mail.attach("c.csv",
                crossings(fmt::format("2026-{:02}", month + 1), std::to_string(1000 + letters)));
    world.dovecot.deliver(kUser, mail.bytes());
    ++letters;
    kills += pass(true);
    world.lab.clock.advance(2min);
  }
  CHECK(kills >= kKills);
  // What was on the line at its fifth death waits by the schedule.
  pass(false);
  world.lab.clock.advance(std::chrono::hours(24));
  pass(false);
  world.lab.open();
  CHECK(world.count("INBOX") == 0);
  CHECK(world.count("Failed") == 0);
  CHECK(world.count("Filed") == std::size_t(letters));
  CHECK(world.lab.number("SELECT count(*) FROM docket") == letters);
  CHECK(world.lab.number("SELECT count(*) FROM filing") == letters);
  CHECK(world.lab.number("SELECT count(*) FROM observation") == kMonths);
  CHECK(world.lab.number("SELECT count(*) FROM history") == letters - kMonths);
  CHECK(world.lab.number("SELECT count(*) FROM outbox WHERE state = 'sent'") == letters);
  // A second copy of a reply is the same reply.
  std::map<std::string, std::string> replies;
  for (const std::string& raw : world.dovecot.messages(kUser, "Sent")) {
    auto [at, fresh] = replies.emplace(parsed(raw).id(), raw);
    CHECK((fresh || at->second == raw));
  }
  CHECK(replies.size() == std::size_t(letters));
}
