// SPDX-License-Identifier: Apache-2.0
#include "flow/alerts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <set>

#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "flow/gate.h"
#include "flow/letter.h"
#include "mime/automatic.h"
#include "mime/compose.h"
#include "spool/spool.h"

extern char** environ;

namespace focalpost {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostOutput = 4096;
constexpr std::chrono::hours kForget{30 * 24};
constexpr std::string_view kMailKind = "alert";

constexpr std::string_view kKinds[] = {"mailbox", "mute", "outgoing", "outbox", "disk", "failed"};

std::string duration(milliseconds length) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(length).count();
  auto some = [](std::int64_t count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  if (minutes >= 2 * 24 * 60) return some(minutes / (24 * 60), "day");
  if (minutes >= 2 * 60) return some(minutes / 60, "hour");
  return some(minutes, "minute");
}

}  // namespace

std::string_view alert_kind_name(AlertKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

// the command

Result<std::vector<std::string>> command_words(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  for (;;) {
    at = line.find_first_not_of(" \t", at);
    if (at == line.npos) break;
    std::string word;
    while (at < line.size() && line[at] != ' ' && line[at] != '\t') {
      const char quote = line[at];
      if (quote != '"' && quote != '\'') {
        word += line[at++];
        continue;
      }
      for (++at; at < line.size() && line[at] != quote; ++at) {
        if (quote == '"' && line[at] == '\\' && at + 1 < line.size() &&
            (line[at + 1] == '"' || line[at + 1] == '\\'))
          ++at;
        word += line[at];
      }
      if (at == line.size())
        return usage_error(fmt::format("[operator] alert_command: the quote {} does not end: {}",
                                       quote, shorten(one_line(line), 100)),
                           "Quote a word with spaces as a whole.");
      ++at;
    }
    words.push_back(std::move(word));
  }
  if (words.empty() || words.front().empty())
    return usage_error("[operator] alert_command names no program",
                       "Write the path of a program, or leave it out.");
  return words;
}

std::string CommandEnd::sentence() const {
  std::string text;
  switch (how) {
    case How::kExited:
      text = number == 0 ? "done" : fmt::format("ended with {}", number);
      break;
    case How::kKilled:
      text = fmt::format("was ended by signal {}", number);
      break;
    case How::kTooSlow:
      text = "was not done in time and was killed";
      break;
    case How::kNotStarted:
      return fmt::format("cannot be started: {}", std::strerror(number));
  }
  const std::string said = shorten(one_line(trim(output)), 300);
  return said.empty() ? text : text + ": " + said;
}

CommandEnd run_command(const std::vector<std::string>& words, const fs::path& directory,
                       std::string_view text, milliseconds limit) {
  CommandEnd end;
  auto not_started = [&](int number) {
    end.how = CommandEnd::How::kNotStarted;
    end.number = number;
    return end;
  };
  // A file in memory: whether and when the command reads it is its own affair.
  const Fd input(::memfd_create("alert", MFD_CLOEXEC));
  if (!input || !write_fully(input.get(), text, "alert").ok() ||
      ::lseek(input.get(), 0, SEEK_SET) != 0)
    return not_started(errno);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return not_started(errno);
  const Fd output(ends[0]);
  Fd childs_output(ends[1]);
  if (::fcntl(output.get(), F_SETFL, O_NONBLOCK) != 0) return not_started(errno);

  std::error_code failed;
  const fs::path home = fs::absolute(directory, failed);
  std::vector<std::string> all = words;
  if (all.front().find('/') != std::string::npos) all.front() = (home / all.front()).string();
  std::vector<char*> arguments;
  for (std::string& word : all) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addchdir_np(&actions, home.c_str());
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, childs_output.get(), 1);
  ::posix_spawn_file_actions_adddup2(&actions, childs_output.get(), 2);
  // A group of its own, to be killed as a whole; signals as any program expects them.
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t none, usual;
  ::sigemptyset(&none);
  ::sigemptyset(&usual);
  for (int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaddset(&usual, signal);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  pid_t child = -1;
  const int error =
      ::posix_spawnp(&child, all.front().c_str(), &actions, &attributes, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) return not_started(error);
  childs_output.reset();

  const auto deadline = Steady::now() + limit;
  bool open = true;
  auto read_all = [&] {
    char bytes[4096];
    for (;;) {
      const ssize_t got = ::read(output.get(), bytes, sizeof bytes);
      if (got > 0) {
        const std::size_t room = kMostOutput - end.output.size();
        end.output.append(bytes, std::min(static_cast<std::size_t>(got), room));
      } else if (got == 0) {
        open = false;
        return;
      } else if (errno != EINTR) {
        return;
      }
      if (Steady::now() >= deadline) return;
    }
  };
  int status = 0;
  for (;;) {
    const pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done == child || (done < 0 && errno != EINTR)) break;
    if (Steady::now() >= deadline) {
      ::kill(-child, SIGKILL);
      while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
      }
      read_all();
      end.how = CommandEnd::How::kTooSlow;
      return end;
    }
    // Its end does not wake the poll; what it started may hold the pipe open longer than it lives.
    const auto left = std::chrono::ceil<milliseconds>(deadline - Steady::now()).count();
    pollfd wanted{output.get(), POLLIN, 0};
    ::poll(&wanted, open ? 1 : 0, static_cast<int>(std::clamp<std::int64_t>(left, 0, 20)));
    if (open) read_all();
  }
  read_all();
  const bool exited = WIFEXITED(status);
  end.how = exited ? CommandEnd::How::kExited : CommandEnd::How::kKilled;
  end.number = exited ? WEXITSTATUS(status) : WTERMSIG(status);
  return end;
}

// telling

Alerts::Alerts(Home& home, AlertOptions options) : home_(home), options_(options) {}
Alerts::~Alerts() {
  worker_.wait();
}

bool Alerts::has_mail() const {
  return mime::is_sendable_address(home_.settings().operator_mail);
}
bool Alerts::has_command() const {
  return !home_.settings().alert_command.empty();
}

Alerts::Telling Alerts::telling(const AlertRecord& record, Time now) const {
  const Settings& settings = home_.settings();
  std::error_code failed;
  const std::string folder = fs::absolute(home_.paths().root, failed).string();
  Telling telling;
  const bool happened = record.kind == alert_kind_name(AlertKind::kFailed);
  const bool over = record.cleared && !happened;
  telling.subject =
      fmt::format("[focalpost] {}{}", over ? "over: " : "", shorten(one_line(record.text), 100));
  std::string& text = telling.text;
  auto row = [&](std::string_view name, std::string_view value) {
    text += fmt::format("{:<11} {}\n", name, one_line(value));
  };
  text = over ? "This is over. Nothing needs to be done.\n\n" : "";
  row("What:", record.text);
  if (over) {
    row("From:", format_rfc3339(record.since));
    row("Until:",
        fmt::format("{} ({})", format_rfc3339(now), duration(*record.cleared - record.since)));
  } else if (!happened) {
    row("Since:", format_rfc3339(record.since));
  }
  if (!over && !record.to_do.empty()) row("What to do:", record.to_do);
  row("Gateway:", fmt::format("{} <{}>", settings.name, settings.address));
  row("Home:", folder);
  text += fmt::format(
      "\n`focalpost --home {} status` shows the state of everything, `check` tries the set-up.\n",
      one_line(folder));
  if (!over && !happened)
    text += fmt::format("This is told again in {} if it lasts, and once when it is over.\n",
                        duration(options_.again));
  return telling;
}

Status Alerts::mail(const AlertRecord& record, const Telling& telling, Time now) {
  const Settings& settings = home_.settings();
  FP_ASSIGN(auto pass, may_leave(home_, {kMailKind, settings.operator_mail, record.key}, now));
  if (!pass) return {};
  const std::string digest = to_hex(sha256(record.key)).substr(0, 8);
  Letter letter;
  letter.kind = kMailKind;
  letter.message_id = mime::reply_message_id(fmt::format("alert.{}.{}", digest, to_millis(now)),
                                             record.cleared ? 2 : 1, home_.message_id_domain());
  Receipt text;
  text.subject = telling.subject;
  text.plain = telling.text;
  text.lang = "en";
  return post_letter(home_, *pass, letter, std::move(text), now);
}

void Alerts::run_command(const AlertRecord& record, const Telling& telling, bool retry) {
  auto words = command_words(home_.settings().alert_command);
  if (!words.ok()) {
    const std::lock_guard lock(mutex_);
    ended_.push_back({record.key, false, false, words.error().what});
    return;
  }
  worker_.start([this, key = record.key, retry, words = *std::move(words),
                 home = home_.paths().root, text = telling.subject + "\n\n" + telling.text] {
    CommandEnd end;
    try {
      end = focalpost::run_command(words, home, text, options_.command_limit);
    } catch (const std::exception&) {
      end.number = ENOMEM;
    }
    const std::lock_guard lock(mutex_);
    ended_.push_back({key, end.worked(), retry, end.sentence()});
  });
}

Status Alerts::note_commands(Time now) {
  std::vector<Ended> ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(ended_);
  }
  for (const Ended& one : ended) {
    if (one.worked) {
      log::info(fmt::format("alert command for {}: {}", one.key, one.sentence));
      command_again_at_.erase(one.key);
      continue;
    }
    const std::string line = fmt::format("the alert command for {} {}", one.key, one.sentence);
    log::warning(line);
    if (one.retry) command_again_at_[one.key] = now + options_.command_again;
    FP_TRY(home_.store().events().add(EventLevel::kWarning, line, now));
  }
  return {};
}

Status Alerts::settle(Time now) {
  worker_.wait();
  return note_commands(now);
}

Status Alerts::raise(const Alert& alert, Time now) {
  FP_TRY(note_commands(now));
  AlertTable table = home_.store().alerts();
  const bool happens = alert.kind == AlertKind::kFailed;
  FP_ASSIGN(auto known, table.find(alert.key));
  const bool fresh = !known || !known->open();

  AlertRecord record;
  if (known) record = *known;
  record.key = alert.key;
  record.kind = alert_kind_name(alert.kind);
  record.text = alert.what;
  record.to_do = alert.to_do;
  if (fresh) {
    record.since = std::min(alert.since.value_or(now), now);
    // What was told up to then belongs to the last time.
    if (known && known->cleared)
      record.since = std::max(record.since, *known->cleared + milliseconds(1));
  }
  record.cleared = happens ? std::optional(now) : std::nullopt;

  const bool due = !record.told || now - *record.told >= options_.again;
  const bool by_mail = due && has_mail() && alert.kind != AlertKind::kOutgoing;
  const auto again = command_again_at_.find(record.key);
  const bool repeat = !due && again != command_again_at_.end() && now >= again->second;
  const bool by_command = (due || repeat) && has_command();
  if (repeat) command_again_at_.erase(again);
  const bool changed = fresh || record.text != known->text || record.to_do != known->to_do;
  if (!changed && !by_mail && !by_command) return {};

  const Telling telling = this->telling(record, now);
  if (by_mail || (due && by_command)) record.told = now;
  auto write = [&]() -> Status {
    FP_ASSIGN(Transaction transaction, home_.store().begin());
    FP_TRY(table.put(record));
    if (fresh) FP_TRY(home_.store().events().add(EventLevel::kError, record.text, now));
    if (by_mail) FP_TRY(mail(record, telling, now));
    return transaction.commit();
  };
  auto written = write();
  if (!written.ok()) {
    // A full disk is what the command is to tell of.
    const auto before = told_anyway_.find(record.key);
    if (!by_command || (before != told_anyway_.end() && now - before->second < options_.again))
      return written;
    told_anyway_[record.key] = now;
  } else if (fresh) {
    log::error(record.text);
  }
  if (by_command) run_command(record, telling, !by_mail);
  return written;
}

Status Alerts::clear(std::string_view key, Time now) {
  FP_TRY(note_commands(now));
  AlertTable table = home_.store().alerts();
  FP_ASSIGN(auto known, table.find(key));
  if (!known || !known->open()) return {};
  AlertRecord record = *std::move(known);
  record.cleared = now;
  command_again_at_.erase(record.key);

  // Who was not told that it began is not told that it ended; but what kept mail from leaving is
  // told by mail only now.
  const bool told = record.told && *record.told >= record.since;
  const bool late = record.kind == alert_kind_name(AlertKind::kOutgoing) &&
                    (!record.told || now - *record.told >= options_.again);
  const bool by_mail = has_mail() && (told || late);
  const bool by_command = has_command() && told;
  const Telling telling = this->telling(record, now);
  if (late && by_mail) record.told = now;
  {
    FP_ASSIGN(Transaction transaction, home_.store().begin());
    FP_TRY(table.put(record));
    FP_TRY(table.forget_before(now - kForget));
    FP_TRY(home_.store().events().add(
        EventLevel::kInfo, fmt::format("over since {}: {}", format_rfc3339(now), record.text),
        now));
    if (by_mail) FP_TRY(mail(record, telling, now));
    FP_TRY(transaction.commit());
  }
  log::info(fmt::format("over: {}", record.text));
  if (by_command) run_command(record, telling, false);
  return {};
}

Status Alerts::drop(std::string_view key, Time now) {
  AlertTable table = home_.store().alerts();
  FP_ASSIGN(auto known, table.find(key));
  if (!known || !known->open()) return {};
  known->cleared = now;
  command_again_at_.erase(known->key);
  return table.put(*known);
}

// what is to be told

namespace {

Status watch_server(Home& home, Alerts& alerts, const Alert& wrong, std::string_view name,
                    const Patience& patience, Time now) {
  FP_ASSIGN(auto contact, home.store().contacts().of(name));
  if (!contact || !contact->failing_since) return alerts.clear(wrong.key, now);
  if (now - *contact->failing_since < patience.unreachable) return {};
  Alert alert = wrong;
  alert.what = fmt::format("{}: {}", wrong.what, without_server(contact->error, wrong.what));
  alert.since = contact->failing_since;
  return alerts.raise(alert, now);
}

Status watch_mailbox(Home& home, const MailboxPlace& place, Alerts& alerts,
                     const Patience& patience, Time now, std::set<std::string>& keys) {
  Alert lost{AlertKind::kMailbox,
             "mailbox:" + place.name,
             fmt::format("{} cannot be reached", place.text()),
             "`focalpost check` says what is wrong there and what to do; letters wait at the "
             "server meanwhile.",
             {}};
  keys.insert(lost.key);
  FP_TRY(watch_server(home, alerts, lost, place.name, patience, now));

  Alert mute;
  mute.kind = AlertKind::kMute;
  mute.key = "mute:" + place.name;
  keys.insert(mute.key);
  FP_ASSIGN(auto contact, home.store().contacts().of(place.name));
  if (!contact || place.quiet.count() == 0 || now - contact->mute_since() <= place.quiet)
    return alerts.clear(mute.key, now);
  mute.since = contact->mute_since();
  mute.what = fmt::format("nothing has come to {} since {}", place.text(),
                          format_rfc3339(contact->mute_since()));
  mute.to_do =
      "Send a letter to the gateway's address and see whether it arrives; if such silence is "
      "usual, raise quiet_hours.";
  return alerts.raise(mute, now);
}

/// True: it was not reached when it was tried last.
Result<bool> watch_outgoing(Home& home, const Account& account, Alerts& alerts,
                            const Patience& patience, Time now, std::set<std::string>& keys) {
  const Alert lost{AlertKind::kOutgoing,
                   "outgoing",
                   fmt::format("nothing can be sent by [outgoing] {}", account.endpoint().text()),
                   "`focalpost check` says what is wrong there and what to do; letters wait in the "
                   "outbox for up to five days.",
                   {}};
  keys.insert(lost.key);
  FP_TRY(watch_server(home, alerts, lost, kOutgoingServer, patience, now));
  FP_ASSIGN(auto contact, home.store().contacts().of(kOutgoingServer));
  return contact && contact->failing_since;
}

Status watch_outbox(Home& home, Alerts& alerts, const Patience& patience, Time now) {
  Alert stuck;
  stuck.kind = AlertKind::kOutbox;
  stuck.key = "outbox";
  FP_ASSIGN(OutboxBacklog backlog, home.store().outbox_backlog(kMailKind));
  if (!backlog.oldest || now - *backlog.oldest < patience.letter_waits)
    return alerts.clear(stuck.key, now);
  stuck.what = fmt::format(
      "{} letter{} to be sent, the oldest since {}{}", backlog.waiting,
      backlog.waiting == 1 ? " waits" : "s wait", format_rfc3339(*backlog.oldest),
      backlog.error.empty() ? ", which was not tried" : fmt::format(": {}", backlog.error));
  stuck.to_do =
      "`focalpost check` tries the outgoing server; a single address that refuses for now needs "
      "nothing but time.";
  stuck.since = backlog.oldest;
  return alerts.raise(stuck, now);
}

Status watch_disk(Home& home, Alerts& alerts, Time now) {
  Alert low;
  low.kind = AlertKind::kDisk;
  low.key = "disk";
  FP_ASSIGN(DiskSpace space, disk_space(home.paths().root));
  const std::uint64_t least = home.settings().low_disk_bytes;
  if (space.free_bytes >= least) return alerts.clear(low.key, now);
  low.what = "too little disk space is left, so that nothing is taken in";
  low.to_do = fmt::format(
      "Make room where the home lies, {} MB at least (low_disk_mb); letters wait in INBOX.",
      least >> 20);
  return alerts.raise(low, now);
}

Status watch_failed(Home& home, Alerts& alerts, Time now) {
  Alert alert;
  alert.kind = AlertKind::kFailed;
  alert.key = "failed";
  FP_ASSIGN(auto before, home.store().alerts().find(alert.key));
  if (before && before->told && now - *before->told < alerts.options().again) return {};
  FP_ASSIGN(FailedDockets failed,
            home.store().failed_dockets_after(before ? before->since : Time{}));
  if (failed.count == 0 || !failed.newest) return {};
  const std::string newest = failed.newest->text();
  alert.what =
      failed.count == 1
          ? fmt::format("a message could not be processed: No. {}: {}", newest, failed.reason)
          : fmt::format("{} messages could not be processed, the newest: No. {}: {}", failed.count,
                        newest, failed.reason);
  alert.to_do = fmt::format(
      "`focalpost show {}` tells more; the message lies in Failed and is judged again when it is "
      "dragged to Retry.",
      newest);
  return alerts.raise(alert, now);
}

}  // namespace

Status watch(Home& home, const Accounts& accounts, Alerts& alerts, Time now,
             const Patience& patience) {
  FP_TRY(alerts.note_commands(now));
  // First what needs no other part of the store: a full disk keeps the rest from being written.
  FP_TRY(watch_disk(home, alerts, now));
  std::set<std::string> keys;
  for (const MailboxPlace& place : accounts.mailboxes())
    FP_TRY(watch_mailbox(home, place, alerts, patience, now, keys));
  bool unreachable = false;
  if (accounts.outgoing()) {
    FP_ASSIGN(unreachable, watch_outgoing(home, *accounts.outgoing(), alerts, patience, now, keys));
  }
  FP_ASSIGN(auto open, home.store().alerts().open());
  for (const AlertRecord& record : open)
    if ((record.kind == alert_kind_name(AlertKind::kMailbox) ||
         record.kind == alert_kind_name(AlertKind::kMute) ||
         record.kind == alert_kind_name(AlertKind::kOutgoing)) &&
        !keys.contains(record.key))
      FP_TRY(alerts.drop(record.key, now));
  // That letters wait for a server that does not answer was said just now.
  if (!unreachable) FP_TRY(watch_outbox(home, alerts, patience, now));
  return watch_failed(home, alerts, now);
}

}  // namespace focalpost
