// SPDX-License-Identifier: Apache-2.0
//
// The outbox against servers that say yes, no, later, or nothing any more.
#include "flow/dispatch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "catch.h"
#include "outgoing.h"
#include "smtp/fake_smtp.h"

using namespace lab;
using focalpost::smtp::FakeSmtp;
using focalpost::smtp::kDrop;
using focalpost::smtp::Script;

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kFocal = "asylum.statistics@migration.kg.example";

std::size_t count(const std::vector<std::string>& all, std::string_view part) {
  return std::size_t(std::count_if(all.begin(), all.end(), [&](const std::string& one) {
    return one.find(part) != std::string::npos;
  }));
}

std::string message_id_of(const std::string& text) {
  std::size_t begin = text.find("Message-ID: ") + 12;
  return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

}  // namespace

TEST_CASE("replies leave with the null path, all else with a return path that names its row") {
  FakeSmtp server;
  Post post(server.port());
  CHECK_FALSE(post.run().next.has_value());
  CHECK(server.connections() == 0);  // nothing is due

  std::int64_t receipt = post.put("receipt", kFocal, "receipt");
  std::int64_t digest = post.put("digest", "border.statistics@border.md.example", "digest");
  DispatchResult done = post.run();
  CHECK(done.sent == 2);
  CHECK(done.copied == 2);
  CHECK_FALSE(done.trouble.has_value());
  CHECK_FALSE(done.next.has_value());
  CHECK(server.failures().empty());
  std::string said = server.dialogue();
  INFO(said);
  CHECK(said.find("MAIL FROM:<> ") != std::string::npos);
  CHECK(said.find(fmt::format("MAIL FROM:<{}> ", post.return_path(digest))) != std::string::npos);
  // Reports are asked for where there is a way back for them.
  CHECK(count(server.commands(), "RET=HDRS ENVID=" + post.tag(digest)) == 1);
  CHECK(count(server.commands(), "NOTIFY=") == 1);
  CHECK(count(server.commands(), fmt::format("RCPT TO:<{}>", kFocal)) == 1);

  OutboxEntry row = post.row(receipt);
  CHECK(row.state == OutboxState::kSent);
  CHECK(row.envelope_from.empty());
  CHECK(row.attempts == 1);
  CHECK(row.sent == post.lab.clock.now());
  CHECK(post.row(digest).envelope_from == post.return_path(digest));
  CHECK(post.lab.count(Folder::kSent) == 2);

  // The session stays for what comes later, but not for ever.
  post.put("digest", kFocal, "second");
  post.lab.clock.advance(minutes(1));
  CHECK(post.run().sent == 1);
  CHECK(server.connections() == 1);
  post.put("digest", kFocal, "third");
  post.lab.clock.advance(Dispatcher::kWarmFor + seconds(1));
  CHECK(post.run().sent == 1);
  CHECK(server.connections() == 2);
}

TEST_CASE("without a bounce address the return path is From; no copies where none are wanted") {
  FakeSmtp server;
  Post post(server.port(), "from = \"post@network.example\"\nsave_sent = false\ndsn = false\n");
  post.put("digest", kFocal, "digest");
  DispatchResult done = post.run();
  CHECK(done.sent == 1);
  CHECK(done.copied == 0);
  CHECK(post.lab.count(Folder::kSent) == 0);
  CHECK(count(server.commands(), "MAIL FROM:<post@network.example> ") == 1);
  CHECK(count(server.commands(), "RET=") == 0);
}

TEST_CASE("refused for now: the same message again later, and then it is accepted") {
  std::atomic<bool> busy = true;
  Script script;
  script.answer = [&](const std::string& command) -> std::string {
    return busy && command.starts_with("RCPT") ? "452 4.2.2 mailbox full\r\n" : "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  std::int64_t id = post.put("digest", kFocal, "digest");
  DispatchResult done = post.run();
  CHECK(done.postponed == 1);
  CHECK(done.sent == 0);
  CHECK_FALSE(done.trouble.has_value());
  OutboxEntry row = post.row(id);
  CHECK(row.state == OutboxState::kWaiting);
  CHECK(row.attempts == 1);
  CHECK(row.last_error == "452 4.2.2 mailbox full");
  CHECK(row.not_before > post.lab.clock.now());
  CHECK(done.next == row.not_before);
  CHECK(post.lab.count(Folder::kSent) == 0);

  CHECK(post.run().postponed == 0);  // not yet
  busy = false;
  post.lab.clock.set(*done.next);
  CHECK(post.run().sent == 1);
  CHECK(post.row(id).state == OutboxState::kSent);
  CHECK(post.row(id).attempts == 2);
  CHECK(post.row(id).last_error.empty());
  CHECK_FALSE(must(post.store().correspondents().trouble(kFocal)).has_value());
}

TEST_CASE("refused for now for five days: given up, and to be seen") {
  Script script;
  script.answer = [](const std::string& command) -> std::string {
    return command.starts_with("RCPT") ? "450 4.7.1 come again\r\n" : "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  std::int64_t id = post.put("digest", kFocal, "digest");
  const Time begin = post.lab.clock.now();
  int rounds = 0;
  for (DispatchResult done = post.run(); done.next && rounds < 100; ++rounds) {
    CHECK(*done.next - begin <= hours(5 * 24));
    post.lab.clock.set(*done.next);
    done = post.run();
  }
  CHECK(rounds > 10);
  OutboxEntry row = post.row(id);
  CHECK(row.state == OutboxState::kFailed);
  CHECK(row.last_error == "given up after five days: 450 4.7.1 come again");
  CHECK(row.settled == post.lab.clock.now());
  CHECK(*row.settled - begin == hours(5 * 24));
  CHECK(must(post.outbox().undelivered(10)).size() == 1);
  CHECK(post.event_says("given up after five days"));
}

TEST_CASE("refused for ever: failed, with the server's sentence") {
  std::map<std::string, std::string> says = {
      {"gone@stat.example", "550 5.1.1 no such user\r\n"},
      {"plain@stat.example", "550 Unrouteable address\r\n"},
      {"relay@stat.example", "550 relay not permitted\r\n"},
      {"policy@stat.example", "550 5.7.1 not from here\r\n"},
  };
  Script script;
  script.answer = [&](const std::string& command) -> std::string {
    for (const auto& [address, answer] : says)
      if (command.find("RCPT TO:<" + address) == 0) return answer;
    return "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  std::vector<std::int64_t> refused;
  for (const auto& [address, answer] : says)
    refused.push_back(post.put("digest", address, address.substr(0, 4)));
  std::int64_t fine = post.put("digest", kFocal, "fine");
  DispatchResult done = post.run();
  CHECK(done.failed == 4);
  CHECK(done.sent == 1);
  CHECK(done.copied == 1);
  CHECK_FALSE(done.next.has_value());
  CHECK(post.state(fine) == OutboxState::kSent);
  for (std::int64_t id : refused) CHECK(post.state(id) == OutboxState::kFailed);
  CHECK(post.row(refused[0]).last_error == "550 5.1.1 no such user");
  CHECK(post.event_says("4 messages could not be sent: gone@stat.example: 550 5.1.1"));
  // Only what was said of the address is held against it.
  CHECK(post.rows("SELECT address FROM address_trouble ORDER BY 1") ==
        std::vector<std::string>{"gone@stat.example", "plain@stat.example"});
}

TEST_CASE("a server that is not there: everything waits, and it is asked less and less often") {
  std::atomic<bool> down = true;
  Script script;
  script.answer = [&](const std::string& command) -> std::string {
    return down && command.starts_with("EHLO") ? "421 4.3.2 not now\r\n" : "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  std::int64_t id = post.put("digest", kFocal, "digest");
  DispatchResult done = post.run();
  REQUIRE(done.trouble.has_value());
  CHECK(done.trouble->kind == ErrorKind::kTemporary);
  CHECK_FALSE(done.trouble->what.empty());
  CHECK_FALSE(done.trouble->to_do.empty());
  CHECK(post.dispatcher().trouble_since() == post.lab.clock.now());
  CHECK(post.row(id).state == OutboxState::kWaiting);
  CHECK(post.row(id).attempts == 0);
  CHECK(post.event_says("mail cannot be sent"));
  const int asked = server.connections();

  // Not before the pause is over, which grows.
  CHECK(post.run().trouble.has_value());
  CHECK(server.connections() == asked);
  std::chrono::milliseconds last{0};
  for (int i = 0; i < 12; ++i) {
    REQUIRE(done.next.has_value());
    auto pause = *done.next - post.lab.clock.now();
    CHECK(pause > std::chrono::milliseconds(0));
    CHECK(pause <= Dispatcher::kLongestPause);
    if (i < 5) CHECK(pause > last);
    last = pause;
    post.lab.clock.set(*done.next);
    done = post.run();
    CHECK(done.trouble.has_value());
  }
  CHECK(post.rows("SELECT count(*) FROM event") == std::vector<std::string>{"1"});

  down = false;
  post.lab.clock.set(*done.next);
  done = post.run();
  CHECK(done.sent == 1);
  CHECK_FALSE(done.trouble.has_value());
  CHECK_FALSE(post.dispatcher().trouble_since().has_value());
  CHECK(post.row(id).attempts == 1);
}

TEST_CASE("a server that wants a login is the operator's to put right: nothing is given up") {
  std::atomic<bool> wants = true;
  Script script;
  script.answer = [&](const std::string& command) -> std::string {
    return wants && command.starts_with("MAIL") ? "530 5.7.0 authentication required\r\n" : "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  for (int i = 0; i < 3; ++i) post.put("digest", kFocal, fmt::format("digest-{}", i));
  DispatchResult done = post.run();
  CHECK(done.failed == 0);
  REQUIRE(done.trouble.has_value());
  CHECK(done.trouble->kind == ErrorKind::kTemporary);
  CHECK(done.trouble->what.find("login") != std::string::npos);
  wants = false;
  post.lab.clock.advance(hours(1));
  CHECK(post.run().sent == 3);
}

TEST_CASE("a server that refuses the null path gets the bounce address, and that is remembered") {
  std::atomic<bool> refuses = true;
  Script script;
  script.answer = [&](const std::string& command) -> std::string {
    return refuses && command.starts_with("MAIL FROM:<>") ? "550 5.1.8 sender refused\r\n" : "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(post.put("receipt", kFocal, fmt::format("r{}", i)));
  DispatchResult done = post.run();
  CHECK(done.sent == 3);
  CHECK(done.failed == 0);
  for (std::int64_t id : ids) {
    CHECK(post.row(id).state == OutboxState::kSent);
    CHECK(post.row(id).envelope_from == post.return_path(id));
  }
  CHECK(count(server.commands(), "MAIL FROM:<>") == 3);

  // A new process knows it, for a week.
  post.restart();
  post.lab.clock.advance(Dispatcher::kNullPathRefusedFor - hours(1));
  post.put("receipt", kFocal, "r3");
  CHECK(post.run().sent == 1);
  CHECK(count(server.commands(), "MAIL FROM:<>") == 3);
  post.lab.clock.advance(hours(2));
  post.put("receipt", kFocal, "r4");
  CHECK(post.run().sent == 1);
  CHECK(count(server.commands(), "MAIL FROM:<>") == 4);
  // Asked again a week later, it takes it.
  refuses = false;
  post.lab.clock.advance(Dispatcher::kNullPathRefusedFor + hours(1));
  std::int64_t last = post.put("receipt", kFocal, "r5");
  CHECK(post.run().sent == 1);
  CHECK(post.row(last).envelope_from.empty());
}

TEST_CASE("a refusal that another return path does not cure is not remembered") {
  Script script;
  script.answer = [&](const std::string& command) -> std::string {
    return command.starts_with("MAIL") ? "550 5.7.1 not from this host\r\n" : "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  std::int64_t id = post.put("receipt", kFocal, "receipt");
  CHECK(post.run().failed == 1);
  CHECK(post.row(id).state == OutboxState::kFailed);
  CHECK(post.row(id).attempts == 2);
  CHECK(post.rows("SELECT count(*) FROM setting WHERE key LIKE 'null%'") ==
        std::vector<std::string>{"0"});
}

TEST_CASE("a server that has had enough of a session gets another at once") {
  std::mutex mutex;
  int letters = 0;
  Script script;
  script.ehlo = "250-fake.example\r\n250 8BITMIME\r\n";  // the client waits for each answer
  script.answer = [&](const std::string& command) -> std::string {
    const std::lock_guard lock(mutex);
    if (command.starts_with("EHLO")) letters = 0;
    if (command.starts_with("MAIL") && ++letters > 4) return "421 4.7.0 too many messages\r\n";
    return "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  for (int i = 0; i < 10; ++i) post.put("digest", kFocal, fmt::format("digest-{}", i));
  DispatchResult done = post.run();
  CHECK(done.sent == 10);
  CHECK(done.postponed == 0);
  CHECK_FALSE(done.trouble.has_value());
  CHECK(post.rows("SELECT DISTINCT attempts FROM outbox") == std::vector<std::string>{"1"});
}

TEST_CASE("a lost answer: sent again, the same bytes under the same Message-ID") {
  std::atomic<int> texts = 0;
  Script script;
  script.answer = [&](const std::string& command) -> std::string {
    return command == "<text>" && ++texts == 1 ? kDrop : "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  std::int64_t id = post.put("digest", kFocal, "digest");
  DispatchResult done = post.run();
  CHECK(done.sent == 0);
  CHECK(done.postponed == 1);
  CHECK(done.trouble.has_value());
  CHECK(post.row(id).state == OutboxState::kWaiting);
  CHECK(post.row(id).attempts == 1);
  post.lab.clock.advance(hours(1));
  CHECK(post.run().sent == 1);
  auto all = server.texts();
  REQUIRE(all.size() == 2);
  CHECK(all[0] == all[1]);
}

TEST_CASE("told to stop: no further letter is begun, and none is lost") {
  int stop = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  Script script;
  script.ehlo = "250-fake.example\r\n250 8BITMIME\r\n";  // no pipelining: one letter at a time
  std::atomic<bool> stopping = true;
  script.answer = [&](const std::string& command) -> std::string {
    if (command == "<text>" && stopping) {
      std::uint64_t one = 1;
      if (::write(stop, &one, sizeof one) != sizeof one) return kDrop;
    }
    return "";
  };
  FakeSmtp server(script);
  Post post(server.port());
  post.restart(stop);
  for (int i = 0; i < 5; ++i) post.put("digest", kFocal, fmt::format("digest-{}", i));
  DispatchResult done = post.run();
  CHECK(done.stopped);
  CHECK_FALSE(done.trouble.has_value());
  // One more may have been begun while the server looked at the first.
  const std::uint64_t sent = done.sent;
  CHECK((sent == 1 || sent == 2));
  CHECK(done.copied == 0);
  CHECK(post.rows("SELECT state, attempts, count(*) FROM outbox GROUP BY 1, 2 ORDER BY 1") ==
        std::vector<std::string>{fmt::format("sent|1|{}", sent),
                                 fmt::format("waiting|0|{}", 5 - sent)});
  // Asked again, it does nothing.
  const int asked = server.connections();
  CHECK(post.run().stopped);
  CHECK(server.connections() == asked);

  stopping = false;
  post.restart();
  done = post.run();
  CHECK(done.sent == 5 - sent);
  CHECK(done.copied == 5);
  CHECK(server.texts().size() == 5);
  ::close(stop);
}

namespace {

/// A Maildir whose Sent folder has its moods.
class MoodyMailbox final : public Mailbox {
 public:
  explicit MoodyMailbox(Mailbox& real) : real_(real) {}
  std::function<std::optional<Error>(std::span<const Append>)> mood;

  std::string_view name() const override { return real_.name(); }
  bool uid_survives_move() const override { return real_.uid_survives_move(); }
  Status open() override { return real_.open(); }
  Result<std::vector<MessageRef>> list(Folder folder, std::size_t limit) override {
    return real_.list(folder, limit);
  }
  Status fetch(std::span<const MessageRef> all, MessageSink& sink) override {
    return real_.fetch(all, sink);
  }
  Result<std::vector<Moved>> move(std::span<const Move> all) override { return real_.move(all); }
  Result<std::vector<std::optional<MessageRef>>> append(std::span<const Append> all) override {
    if (mood)
      if (auto why = mood(all)) return *why;
    return real_.append(all);
  }
  Result<Wake> wait(std::chrono::milliseconds at_most, int fd) override {
    return real_.wait(at_most, fd);
  }
  Result<FolderCounts> counts() override { return real_.counts(); }

 private:
  Mailbox& real_;
};

}  // namespace

TEST_CASE("copies wait for a mailbox that is not there; the mail does not") {
  FakeSmtp server;
  Post post(server.port());
  MoodyMailbox sent(post.mailbox());
  sent.mood = [](auto) { return temporary("the line is down", "It is opened again."); };
  for (int i = 0; i < 3; ++i) post.put("digest", kFocal, fmt::format("digest-{}", i));
  DispatchResult done = must(post.dispatcher().run(post.lab.clock, &sent));
  CHECK(done.sent == 3);
  CHECK(done.copied == 0);
  REQUIRE(done.copy_trouble.has_value());
  CHECK(done.copy_trouble->what == "the line is down");
  REQUIRE(done.next.has_value());
  CHECK(*done.next > post.lab.clock.now());
  // While there is no mailbox at all, mail leaves as well.
  post.put("digest", kFocal, "digest-3");
  CHECK(must(post.dispatcher().run(post.lab.clock, nullptr)).sent == 1);

  sent.mood = {};
  post.restart();  // what is owed outlives the program
  done = must(post.dispatcher().run(post.lab.clock, &sent));
  CHECK(done.sent == 0);
  CHECK(done.copied == 4);
  CHECK_FALSE(done.next.has_value());
  CHECK(post.lab.count(Folder::kSent) == 4);
  CHECK(server.texts().size() == 4);
}

TEST_CASE("a copy that the mailbox will never take keeps back no other") {
  FakeSmtp server;
  Post post(server.port());
  MoodyMailbox sent(post.mailbox());
  sent.mood = [](std::span<const Append> all) -> std::optional<Error> {
    for (const Append& one : all)
      if (one.bytes.find("Text of bad.") != one.bytes.npos) return not_right("too large for Sent");
    return {};
  };
  post.put("digest", kFocal, "good-1");
  post.put("digest", kFocal, "bad");
  post.put("digest", kFocal, "good-2");
  DispatchResult done = must(post.dispatcher().run(post.lab.clock, &sent));
  CHECK(done.sent == 3);
  CHECK(done.copied == 2);
  CHECK_FALSE(done.next.has_value());
  CHECK(post.lab.count(Folder::kSent) == 2);
  CHECK(post.event_says("too large for Sent"));
}

TEST_CASE("what was being sent when the program ended is sent again, but not at every start") {
  FakeSmtp server;
  Post post(server.port());
  std::int64_t id = post.put("digest", kFocal, "digest");
  for (std::uint32_t death = 1; death <= Dispatcher::kInterruptedAtOnce; ++death) {
    INFO("death " << death);
    CHECK(must(post.outbox().due(post.lab.clock.now(), 10)).size() == 1);
    must(post.outbox().mark_sending(id, "", post.lab.clock.now()));
    post.restart();
    CHECK(post.row(id).state == OutboxState::kWaiting);
    CHECK(post.row(id).attempts == death);
  }
  CHECK(post.row(id).not_before > post.lab.clock.now());
  CHECK(post.run().sent == 0);
  post.lab.clock.set(post.row(id).not_before);
  CHECK(post.run().sent == 1);
}

TEST_CASE("without an outgoing server what leaves ends in Sent") {
  Post post(25);
  std::string text = must(read_file(post.lab.root() / "focalpost.toml"));
  must(write_file_durably(post.lab.root() / "focalpost.toml",
                          text.substr(0, text.rfind("[outgoing]"))));
  post.restart();
  std::int64_t id = post.put("digest", kFocal, "digest");
  DispatchResult done = post.run();
  CHECK(done.sent == 1);
  CHECK_FALSE(done.next.has_value());
  CHECK(post.state(id) == OutboxState::kSent);
  CHECK(post.lab.count(Folder::kSent) == 1);
}

// ---- crashes ------------------------------------------------------------------------------------

namespace {

constexpr int kMails = 4;

/// A home with mail in its outbox, closed.
std::unique_ptr<Post> loaded(std::uint16_t port) {
  auto post = std::make_unique<Post>(port);
  for (int i = 0; i < kMails; ++i)
    post->put(i % 2 ? "receipt" : "digest", kFocal, fmt::format("mail-{}", i));
  post->close();
  return post;
}

/// Empties the outbox in a process of its own, which waits for a byte on `go` before it begins.
pid_t start(const fs::path& root, const Clock& clock, const StepHook& step, int go) {
  pid_t child = ::fork();
  if (child != 0) return child;
  for (int s : {SIGABRT, SIGSEGV, SIGTERM}) ::signal(s, SIG_DFL);
  int null = ::open("/dev/null", O_WRONLY);
  ::dup2(null, 1);
  ::dup2(null, 2);
  char byte = 0;
  if (::read(go, &byte, 1) != 1) ::_exit(3);
  auto home = Home::open(root, Home::Access::kWork);
  if (!home.ok()) ::_exit(4);
  Accounts accounts = Accounts::of(home->settings(), home->paths(), clock);
  auto dispatcher = Dispatcher::make(*home, accounts.outgoing());
  if (!dispatcher.ok() || !(*dispatcher)->recover(clock.now()).ok()) ::_exit(5);
  Maildir mailbox(home->paths().mailbox(), clock);
  if (!mailbox.open().ok()) ::_exit(6);
  auto done = (*dispatcher)->run(clock, &mailbox, step);
  ::_exit(done.ok() ? 0 : 1);
}

/// True: it ended by itself, and well. False: it was killed.
bool wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) CHECK(WEXITSTATUS(status) == 0);
  return WIFEXITED(status);
}

struct Go {
  Go() { REQUIRE(::pipe(fds) == 0); }
  ~Go() {
    ::close(fds[0]);
    ::close(fds[1]);
  }
  void say() const { REQUIRE(::write(fds[1], "g", 1) == 1); }
  int fds[2];
};

/// After a new start everything has arrived and lies in Sent, and what came twice is the same.
void check_all_arrived(Post& post, FakeSmtp& server) {
  post.restart();
  post.run();
  CHECK(post.rows("SELECT state, copy_due FROM outbox") ==
        std::vector<std::string>(kMails, "sent|0"));
  std::map<std::string, std::string> arrived;
  for (const std::string& text : server.texts()) {
    auto [at, fresh] = arrived.emplace(message_id_of(text), text);
    CHECK((fresh || at->second == text));
  }
  CHECK(arrived.size() == kMails);
  std::set<std::string> copied;
  for (const fs::path& file : post.lab.files(Folder::kSent))
    copied.insert(message_id_of(must(read_file(file))));
  CHECK(copied.size() == kMails);
}

}  // namespace

TEST_CASE("killed at any step of the sending, all arrives, and all is copied") {
  std::set<std::string> steps;
  for (int n = 1;; ++n) {
    INFO("killed at step " << n);
    FakeSmtp server;
    auto post = loaded(server.port());
    Go go;
    pid_t child = start(
        post->lab.root(), post->lab.clock,
        [left = n](std::string_view) mutable {
          if (--left == 0) ::kill(::getpid(), SIGKILL);
        },
        go.fds[0]);
    go.say();
    bool whole = wait_for(child);
    check_all_arrived(*post, server);
    if (whole) {
      CHECK(server.texts().size() == kMails);
      CHECK(n == 6);  // marked, spoken, recorded, appended, copied
      break;
    }
    // Killed before the server was asked, or after its answers were on disk: no mail twice.
    if (n != 2) CHECK(server.texts().size() == kMails);
    if (n == 2) CHECK(server.texts().size() == 2 * kMails);
  }
}

TEST_CASE("killed at any word of the dialogue, all arrives, and all is copied") {
  int killed = 0;
  for (int n = 1;; ++n) {
    INFO("killed at answer " << n);
    std::mutex mutex;
    int left = n;
    pid_t victim = 0;
    Script script;
    script.answer = [&](const std::string&) -> std::string {
      const std::lock_guard lock(mutex);
      if (--left == 0 && victim > 0) ::kill(victim, SIGKILL);
      return "";
    };
    FakeSmtp server(script);
    auto post = loaded(server.port());
    Go go;
    pid_t child = start(post->lab.root(), post->lab.clock, {}, go.fds[0]);
    {
      const std::lock_guard lock(mutex);
      victim = child;
    }
    go.say();
    siginfo_t ended;
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
    {
      const std::lock_guard lock(mutex);
      victim = 0;  // before its number can be another's
    }
    if (wait_for(child)) break;
    ++killed;
    check_all_arrived(*post, server);
  }
  // EHLO twice, then MAIL, RCPT, DATA and the text of each, at least.
  CHECK(killed >= 4 * kMails);
}
