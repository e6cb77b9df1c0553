// SPDX-License-Identifier: Apache-2.0
//
// dispatch: empties the outbox, to the outgoing mail server or, without one, into the mailbox's
// Sent folder.
//
// A batch goes in these steps, each committed before the next:
//
//   marked    the attempt is counted, so that a crash in it is seen
//   spoken    the server has said what it thinks of each
//   recorded  accepted: sent, its copy owed; refused for now: waits, a growing while, for five days
//             (smtp/schedule.h); refused for ever: failed, with the server's sentence; nobody was
//             asked: waits, and it was no attempt
//   appended  the copies are in Sent
//   copied    they are no longer owed
//
// A crash between the server's yes and `recorded` sends a second copy with the same Message-ID; a
// lost answer does the same. A crash between `appended` and `copied` leaves two copies in Sent. The
// other ways round would lose mail, or the copy; Sent copies come after `recorded`, so that a slow
// mailbox never makes the first window wider.
//
// Return path: automatic replies leave with the null one (RFC 3834 3.3). Everything else has the
// row's own bounce address where [outgoing] bounce gives one, else From. A server that refuses the
// null path gets the other; that is remembered for kNullPathRefusedFor.
//
// Server trouble is a result, not an Error: what was done is done, what was not waits. The pauses
// between attempts to reach a server grow to kLongestPause.
//
// Dangers:
// - A copy that the mailbox refuses for good is given up, with an event: the mail itself has left.
// - A message that ends the program in every attempt must not be sent at every start: after
//   kInterruptedAtOnce attempts it waits like one that was refused.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "flow/accounts.h"
#include "flow/backoff.h"
#include "flow/home.h"
#include "flow/intake.h"
#include "mailbox/mailbox.h"
#include "smtp/submission.h"
#include "store/store.h"

namespace focalpost {

struct DispatchResult {
  std::uint64_t sent = 0;       ///< accepted by the server, or put into Sent
  std::uint64_t postponed = 0;  ///< refused for now
  std::uint64_t failed = 0;     ///< refused for ever
  std::uint64_t copied = 0;     ///< to Sent
  bool stopped = false;         ///< there was more to do, but the program is to stop
  /// Why mail that waits does not leave, also in a pause between two attempts; always kTemporary,
  /// whatever it is: an operator can put it right at any time.
  std::optional<Error> trouble;
  /// Why copies that are owed do not get into Sent. The mailbox may want to be opened again.
  std::optional<Error> copy_trouble;
  /// When the next call makes sense; nothing: not before something new is in the outbox.
  std::optional<Time> next;
};

class Dispatcher {
 public:
  static constexpr std::chrono::seconds kFirstPause{5};
  static constexpr std::chrono::seconds kLongestPause{300};
  /// A session that nobody used for so long is not trusted: something on the way may have forgotten
  /// it without a word.
  static constexpr std::chrono::seconds kWarmFor{120};
  static constexpr std::chrono::hours kNullPathRefusedFor{7 * 24};
  static constexpr std::uint32_t kInterruptedAtOnce = 5;
  static constexpr std::chrono::minutes kBusyAtMost{10};

  /// `home` outlives this; after its settings were read again a new one is to be made. `outgoing`:
  /// Accounts::outgoing(); nothing: into Sent. `stop_fd` readable: no further letter is begun (-1:
  /// none).
  static Result<std::unique_ptr<Dispatcher>> make(Home& home,
                                                  const std::optional<Account>& outgoing,
                                                  int stop_fd = -1);

  /// To be called once before the first run(): what was being sent when the program ended waits
  /// again. How many those were.
  Result<std::uint64_t> recover(Time now);

  /// Everything that is due. `sent`: where copies go, open; null while it is not to be had (copies
  /// are made later; without an outgoing server nothing leaves then). Connects only if something is
  /// due. The Error is the store's. Not inside a transaction.
  Result<DispatchResult> run(const Clock& clock, Mailbox* sent, const StepHook& step = {});

  /// Writes down (store/contact.h) whether the server was reached in a run, if it was asked.
  Status note_contact(const DispatchResult& result, Time now);

  /// Ends the session, if there is one; the next run() opens another.
  void hang_up();
  bool connected() const { return session_ != nullptr; }
  /// Since when nothing can be sent; nothing: as far as is known, mail leaves.
  const std::optional<Time>& trouble_since() const { return pause_.since; }

 private:
  /// A server that is not there is asked less and less often.
  struct Pause {
    std::optional<Time> since, until;
    std::optional<Error> why;
    Backoff backoff{kFirstPause, kLongestPause};
    bool over(Time now) const { return !until || now >= *until; }
    void lengthen(Error error, Time now);
  };
  struct Piece {
    OutboxEntry entry;
    std::string bytes, return_path, tag;
    bool automatic = false;  ///< would have the null path
  };

  Dispatcher(Home& home, std::string key) : home_(home), key_(std::move(key)) {}

  bool stop_wanted() const;
  /// A session that can be used, or false and pause_.
  Result<bool> ensure_session(Time now);
  Status pause(Error why, Time now);
  /// Marks those that are taken.
  Result<std::vector<Piece>> take(std::vector<OutboxEntry> due, Time now, DispatchResult& result);
  Status send(std::vector<Piece>& batch, const Clock& clock, DispatchResult& result,
              const StepHook& step);
  /// For the verdicts on letters that have left: waits for a store that is busy with a great filing
  /// longer than one is ready to elsewhere, since a verdict that is lost sends the letter again.
  Result<Transaction> begin_to_record();
  Status record(const Piece& piece, const smtp::SendResult& answer, Time now,
                DispatchResult& result);
  Status fail(const Piece& piece, const std::string& why, Time now, DispatchResult& result);
  Status copy_to_sent(Mailbox& sent, const Clock& clock, DispatchResult& result,
                      const StepHook& step);
  Status tell_failures(Time now);
  bool null_path_works(Time now) const;

  Home& home_;
  std::string key_;
  std::optional<Account> account_;
  smtp::Options options_;
  std::unique_ptr<smtp::Submission> session_;
  Time used_{};                ///< when session_ last was
  bool session_took_ = false;  ///< it accepted a letter
  Pause pause_, copy_pause_;
  std::optional<Time> null_refused_;   ///< the server is known not to take the null path
  bool null_suspect_ = false;          ///< it just said so; not yet known if the other is better
  std::vector<std::string> failures_;  ///< of the present batch, for an event
};

/// Without an outgoing server: what is due becomes files in Sent, each as new mail once read. How
/// many messages left. A crash between the append and its note leaves a second copy.
Result<std::uint64_t> dispatch_to_sent(Store& store, Mailbox& mailbox, const Clock& clock,
                                       const StepHook& step = {});

}  // namespace focalpost
