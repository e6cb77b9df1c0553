// SPDX-License-Identifier: Apache-2.0
//
// The program ends at every step of its way, and at any moment in between: after it was started
// again until nothing is left to do, everything is as if it had never been disturbed.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

#include "catch.h"
#include "flow/crash_note.h"
#include "lab.h"

using namespace lab;

namespace {

const std::vector<std::string> kLetters = {"01-asylum-xml",      "02-asylum-decisions-generic",
                                           "03-zip-flows-stock", "07-asylum-revision",
                                           "12-out-of-office",   "14-truncated",
                                           "15-large-revision",  "17-question"};

/// What must be the same however often the program ended on the way.
struct State {
  std::vector<std::string> data;     ///< every cell
  std::vector<std::string> dockets;  ///< every docket: Message-ID, outcome, folder, attempt
  std::set<std::string> sent;        ///< recipient and subject of every mail, each once
  std::int64_t filings = 0, history = 0, places = 0;
  std::string inbox, failed;
};

std::vector<std::string> rows(Home& home, std::string_view sql) {
  std::vector<std::string> all;
  Statement statement = must(home.store().database().prepare(sql));
  while (must(statement.step())) {
    std::string& row = all.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement.handle()); ++i)
      row += statement.string(i) + "|";
  }
  std::sort(all.begin(), all.end());
  return all;
}

State state_of(Lab& lab) {
  State state;
  state.data = rows(lab.home(),
                    "SELECT dataflow, key, measure, time_period, value, status, conf, attributes, "
                    "provider FROM data");
  state.dockets = rows(lab.home(), "SELECT message_id, outcome, folder, attempt FROM docket");
  state.filings = lab.number("SELECT count(*) FROM filing");
  state.history = lab.number("SELECT count(*) FROM history");
  state.inbox = std::to_string(lab.count(Folder::kInbox));
  state.failed = std::to_string(lab.count(Folder::kFailed));
  std::map<std::string, std::string> by_id;
  for (const fs::path& file : lab.files(Folder::kSent)) {
    Reply reply;
    reply.raw = must(read_file(file));
    reply.message = mime::parse(reply.raw, Limits{});
    // A second copy of one reply is allowed, under the same id and with the same bytes.
    auto [at, fresh] = by_id.emplace(reply.id(), reply.raw);
    CHECK((fresh || at->second == reply.raw));
    state.sent.insert(reply.to() + " " + reply.header("In-Reply-To"));
  }
  CHECK(by_id.size() == state.sent.size());
  CHECK(std::int64_t(by_id.size()) == lab.number("SELECT count(*) FROM outbox"));
  CHECK(lab.number("SELECT count(*) FROM outbox WHERE state <> 'sent'") == 0);
  CHECK(lab.number("SELECT count(*) FROM in_hand") == 0);
  return state;
}

void check_same(const State& now, const State& undisturbed) {
  CHECK(now.data == undisturbed.data);
  CHECK(now.dockets == undisturbed.dockets);
  CHECK(now.filings == undisturbed.filings);
  CHECK(now.history == undisturbed.history);
  CHECK(now.sent == undisturbed.sent);
  CHECK(now.inbox == "0");
  CHECK(now.failed == "0");
}

/// A home with kLetters in INBOX, closed.
std::unique_ptr<Lab> fresh_lab() {
  auto lab = std::make_unique<Lab>();
  for (const std::string& name : kLetters) lab->put(letter(name));
  lab->close();
  return lab;
}

const State& undisturbed() {
  static const State state = [] {
    auto lab = fresh_lab();
    lab->open();
    lab->once();
    return state_of(*lab);
  }();
  return state;
}

/// Runs one pass in a process of its own; the process id.
pid_t start(const fs::path& root, const Clock& clock,
            const std::function<void(Home&, StepHook&)>& prepare = {}) {
  pid_t child = ::fork();
  if (child != 0) return child;
  for (int s : {SIGABRT, SIGSEGV, SIGTERM}) ::signal(s, SIG_DFL);
  int null = ::open("/dev/null", O_WRONLY);
  ::dup2(null, 1);
  ::dup2(null, 2);
  auto home = Home::open(root, Home::Access::kWork);
  if (!home.ok()) ::_exit(2);
  StepHook step;
  if (prepare) prepare(*home, step);
  auto pass = run_once(*home, clock, step);
  ::_exit(pass.ok() ? 0 : 1);
}
/// True: it ended by itself, and well. False: a signal ended it.
bool wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
    FAIL_CHECK("a pass ended with an Error, exit code " << WEXITSTATUS(status));
    return true;
  }
  return WIFEXITED(status);
}

/// A pass that is killed at its n-th step (from 1); true if it has no so many.
bool pass_until(Lab& lab, int n) {
  return wait_for(start(lab.root(), lab.clock, [n](Home&, StepHook& step) {
    step = [left = n](std::string_view) mutable {
      if (--left == 0) ::kill(::getpid(), SIGKILL);
    };
  }));
}

}  // namespace

TEST_CASE("killed at any step of a pass, nothing is lost and nothing is done twice") {
  int n = 1;
  for (;; ++n) {
    INFO("killed at step " << n);
    auto lab = fresh_lab();
    if (pass_until(*lab, n)) break;
    lab->open();
    lab->once();
    check_same(state_of(*lab), undisturbed());
    CHECK(lab->once().intake.dockets.empty());
  }
  // listed twice, fetched, kept, in hand, eight times judged, committed, moved, appended, sent
  CHECK(n == 18);
}

TEST_CASE("killed again at any step while picking up what a first kill left") {
  int n = 1;
  for (;; ++n) {
    INFO("killed at the second judged, then at step " << n);
    auto lab = fresh_lab();
    REQUIRE_FALSE(pass_until(*lab, 6));
    if (pass_until(*lab, n)) break;
    lab->open();
    lab->once();
    check_same(state_of(*lab), undisturbed());
  }
  CHECK(n > 18);  // one commit for each message now
}

TEST_CASE("killed at any moment, a hundred times and more") {
  // How long a pass takes depends on the machine and its load: the span follows what is seen.
  double span = 50'000;  // microseconds
  std::mt19937 random(20260520);
  std::uniform_real_distribution<double> part(0, 1);
  int kills = 0;
  for (int home = 0; kills < 100 && home < 50; ++home) {
    INFO("home " << home);
    Lab lab;
    lab.close();
    // One more letter each time, so that there is always work. A message is charged for each death
    // it was at: no more of them than it may have.
    for (const std::string& name : kLetters) {
      lab.put(letter(name));
      lab.clock.advance(std::chrono::seconds(1));
      pid_t child = start(lab.root(), lab.clock);
      ::usleep(static_cast<useconds_t>(span * part(random)));
      ::kill(child, SIGKILL);
      bool killed = !wait_for(child);
      kills += killed;
      span *= killed ? 1.1 : 0.8;
    }
    lab.open();
    lab.once();
    check_same(state_of(lab), undisturbed());
  }
  CHECK(kills >= 100);
}

namespace {

constexpr std::string_view kPoison = "<poison@border.md.example>";

/// Lets the program end inside the judging of one message, always: when the docket that is being
/// written is the poison's.
class PoisonedClock final : public Clock {
 public:
  PoisonedClock(Time at, Home& home) : at_(at), home_(home) {}
  Time now() const override {
    auto poison = home_.store().database().query_integer(
        fmt::format("SELECT message_id = '{}' AND finished_at = 0 FROM docket "
                    "ORDER BY id DESC LIMIT 1",
                    kPoison));
    if (poison.ok() && *poison == 1) std::abort();
    return at_;
  }

 private:
  Time at_;
  Home& home_;
};

std::unique_ptr<Lab> poisoned_lab(std::string& poison) {
  auto lab = std::make_unique<Lab>();
  lab->put(letter("01-asylum-xml"));
  Letter bad;
  bad.id = kPoison;
  poison = lab->put(bad.attach("c.csv", crossings("2026-01", "100")).bytes());
  lab->put(letter("02-asylum-decisions-generic"));
  lab->close();
  return lab;
}

void check_poison_out(Lab& lab, const std::string& poison) {
  lab.open();
  CHECK(lab.folder_of(poison) == "Failed");
  CHECK(lab.count(Folder::kFiled) == 2);
  CHECK(lab.count(Folder::kInbox) == 0);
  auto record = lab.docket_of(poison);
  REQUIRE(record);
  CHECK(record->docket.outcome == Outcome::kFailed);
  CHECK(record->docket.reason.find("repeatedly") != std::string::npos);
  CHECK(lab.number("SELECT count(*) FROM docket") == 3);
  CHECK(lab.number("SELECT count(DISTINCT docket) FROM filing") == 2);
  CHECK(lab.number("SELECT count(*) FROM in_hand") == 0);
  // The sender is told, once.
  auto mails = lab.replies_to(*record);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0]->to() == "border.statistics@border.md.example");
  CHECK(mails[0]->header("In-Reply-To") == kPoison);
}

}  // namespace

TEST_CASE("a message that crashes the program is set aside after three attempts of its own") {
  std::string poison;
  auto lab = poisoned_lab(poison);
  int starts = 0;
  for (bool done = false; !done && starts < 20; ++starts) {
    pid_t child = ::fork();
    if (child == 0) {
      int null = ::open("/dev/null", O_WRONLY);
      ::dup2(null, 2);
      auto home = Home::open(lab->root(), Home::Access::kWork);
      if (!home.ok()) ::_exit(2);
      note_crashes_in(home->paths().temporary());
      PoisonedClock clock(lab->clock.now(), *home);
      ::_exit(run_once(*home, clock).ok() ? 0 : 1);
    }
    done = wait_for(child);
  }
  // The batch, three times alone, and the pass that sets it aside.
  CHECK(starts == 5);
  check_poison_out(*lab, poison);
}

TEST_CASE("a message at which the program is killed every time is set aside in the end") {
  std::string poison;
  auto lab = poisoned_lab(poison);
  int starts = 0;
  for (bool done = false; !done && starts < 20; ++starts)
    done = wait_for(start(lab->root(), lab->clock, [](Home& home, StepHook& step) {
      step = [&home](std::string_view name) {
        if (name != "judged") return;
        auto poisoned = home.store().database().query_integer(
            fmt::format("SELECT message_id = '{}' AND outcome <> 'failed' FROM docket "
                        "ORDER BY id DESC LIMIT 1",
                        kPoison));
        if (poisoned.ok() && *poisoned == 1) ::kill(::getpid(), SIGKILL);
      };
    }));
  CHECK(starts <= 12);
  check_poison_out(*lab, poison);
}
