// SPDX-License-Identifier: Apache-2.0
//
// alerts: tells the operator what needs a person, by another way than the mailbox.
//
// Two routes ([operator] in the settings), either or both: a mail to `mail` through the outbox, and
// `alert_command` with the same text on its standard input. One thing that is wrong has one key: it
// is told once in six hours while it lasts, and once more when it is over. What is wrong is
// remembered in the store (store/alerts.h), so that neither a restart nor a line that comes and
// goes tells more often. Without any route it is an event, shown by `status`, and no more.
//
// The command is no shell's: words are separated by spaces; a word in double quotes may hold
// spaces, and in it \" and \\ stand for " and \; a word in single quotes is taken as it is. Nothing
// else is special: no variables, no wildcards, no pipes. The first word is looked for in PATH
// unless it holds a "/"; relative paths are below the home, where it also runs. It has 30 seconds,
// then it and what it started is killed. The first 4 KB of what it prints is kept for the log.
//
// Never: sends by itself (that is dispatch's), decides what an operator is told of a single letter.
//
// Dangers:
// - raise(), clear() and settle() write to the store in transactions of their own: not inside
//   another.
// - The command runs beside the caller, on a thread; the end of this object waits for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/worker.h"
#include "flow/accounts.h"
#include "flow/home.h"
#include "store/alerts.h"

namespace focalpost {

enum class AlertKind : std::uint8_t {
  kMailbox,   ///< cannot be reached
  kMute,      ///< nothing came for longer than its `quiet`
  kOutgoing,  ///< the outgoing server cannot be reached: not told by mail until it is over
  kOutbox,    ///< letters wait for too long
  kDisk,      ///< too little space is left
  kFailed,    ///< messages could not be processed: it happens, it does not last
};
std::string_view alert_kind_name(AlertKind kind);

struct Alert {
  AlertKind kind = AlertKind::kMailbox;
  std::string key;            ///< what is wrong, once and for all: "mailbox:gateway@mail.example"
  std::string what;           ///< one sentence
  std::string to_do;          ///< one sentence
  std::optional<Time> since;  ///< now if nothing is known
};

struct AlertOptions {
  std::chrono::milliseconds again = std::chrono::hours(6);
  std::chrono::milliseconds command_limit = std::chrono::seconds(30);
  /// After a command that failed, where no mail went out either.
  std::chrono::milliseconds command_again = std::chrono::minutes(15);
};

class Alerts {
 public:
  /// `home` is open for writing and outlives this; its settings are looked at each time.
  explicit Alerts(Home& home, AlertOptions options = {});
  /// Waits for a command that runs, at most for its limit.
  ~Alerts();
  Alerts(const Alerts&) = delete;
  Alerts& operator=(const Alerts&) = delete;

  /// It is so now. To be said as often as it is noticed.
  Status raise(const Alert& alert, Time now);
  /// It is not, or no longer. Costs a look into the store if it was not.
  Status clear(std::string_view key, Time now);
  /// It no longer concerns anybody (a mailbox left the settings): nobody is told.
  Status drop(std::string_view key, Time now);
  /// Writes down how commands ended so far. raise() and clear() do the same.
  Status note_commands(Time now);
  /// Waits for commands that run, then note_commands().
  Status settle(Time now);

  const AlertOptions& options() const { return options_; }

 private:
  struct Ended {
    std::string key;
    bool worked = false, retry = false;
    std::string sentence;
  };
  struct Telling {
    std::string subject, text;
  };
  Telling telling(const AlertRecord& record, Time now) const;
  /// Inside a transaction.
  Status mail(const AlertRecord& record, const Telling& telling, Time now);
  void run_command(const AlertRecord& record, const Telling& telling, bool retry);
  bool has_mail() const;
  bool has_command() const;

  Home& home_;
  AlertOptions options_;
  std::map<std::string, Time, std::less<>> command_again_at_;
  std::map<std::string, Time, std::less<>> told_anyway_;  ///< what could not be written down
  std::mutex mutex_;
  std::vector<Ended> ended_;  ///< under mutex_
  // Last: ended before what its jobs write to.
  Worker worker_;
};

/// How long things may be wrong before it is an alert.
struct Patience {
  std::chrono::milliseconds unreachable = std::chrono::minutes(15);
  std::chrono::milliseconds letter_waits = std::chrono::hours(4);
};

/// Raises and clears what can be read off the store and the disk: servers that do not answer
/// (store/contact.h), mute mailboxes, letters that wait, a full disk, messages that failed. To be
/// called every minute or so; cheap.
Status watch(Home& home, const Accounts& accounts, Alerts& alerts, Time now,
             const Patience& patience = {});

/// The words of a command line, by the rule above; an Error if a quote does not end, or there is no
/// word.
Result<std::vector<std::string>> command_words(std::string_view line);

struct CommandEnd {
  enum class How : std::uint8_t { kExited, kKilled, kTooSlow, kNotStarted };
  How how = How::kNotStarted;
  int number = 0;      ///< exit status, signal, or errno
  std::string output;  ///< the first 4 KB, as printed

  bool worked() const { return how == How::kExited && number == 0; }
  /// "ended with 1: no route to host"; one line.
  std::string sentence() const;
};

/// Runs it in `directory` with `text` on its standard input, and waits for its end.
CommandEnd run_command(const std::vector<std::string>& words, const fs::path& directory,
                       std::string_view text, std::chrono::milliseconds limit);

}  // namespace focalpost
