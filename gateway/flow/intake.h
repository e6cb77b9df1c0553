// SPDX-License-Identifier: Apache-2.0
//
// intake: the way of incoming messages, from the mailbox to a verdict and a reply in the outbox.
//
// Messages are taken from INBOX, then Retry, a batch at a time, in these steps; a crash between any
// two of them loses nothing and files nothing twice:
//
//   list      what is there; what has its docket already was only not moved yet, and is moved now
//   keep      raw bytes into spool/kept, one fsync for the batch
//   in hand   the keys are committed, so that after a crash the suspects are known (store/intake.h)
//   judge     each message by itself, in a savepoint: docket, items, filings, findings, reply
//   commit    one transaction for the batch
//   move      each message to its folder; a move that is repeated does nothing
//
// One message never stops the next. After a crash what was in hand is taken one message a
// transaction, each charged before it is looked at; three attempts, then Failed with the reason in
// the docket. A process that was killed says nothing about its message, so that is charged a third
// of a crash. What is nobody's fault (disk full, BUSY) ends the pass with a temporary Error and
// charges nobody.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "flow/case.h"
#include "flow/home.h"
#include "flow/respond.h"
#include "mailbox/mailbox.h"
#include "spool/kept.h"

namespace focalpost {

/// Called between the steps of the way, with the step's name; lets a test end the program there.
using StepHook = std::function<void(std::string_view step)>;

struct IntakeResult {
  std::vector<DocketNumber> dockets;  ///< judged in this pass, in order
  std::uint64_t redelivered = 0;
};

class MessageIntake {
 public:
  /// A crash of the program is charged this much, a silent death a third of it; at three crashes
  /// the message has failed.
  static constexpr std::int64_t kCrashCharge = 3;
  static constexpr std::int64_t kDeathCharge = 1;
  static constexpr std::int64_t kFailedAt = 9;

  static Result<MessageIntake> make(Home& home, Mailbox& mailbox, KeptStore& kept,
                                    const Clock& clock);

  /// Everything that is in INBOX and Retry now.
  Result<IntakeResult> run(const StepHook& step = {});

  /// Judges the held items of a docket again, on the operator's word, from the kept bytes. The
  /// message is moved too.
  Result<Docket> release(DocketNumber number);

 private:
  struct Arrived {
    MessageRef ref;
    MessageKey key;
    MappedFile file;
    KeptRecord kept;
    std::optional<DocketRecord> known;  ///< judged before: a Retry
    std::int64_t docket = 0;            ///< once judged
    Folder target = Folder::kFailed;
  };
  class Fetch;

  MessageIntake(Home& home, Mailbox& mailbox, KeptStore& kept, const Clock& clock,
                DataWriter writer);

  Status run_folder(Folder folder, IntakeResult& result, const StepHook& step);
  /// Sorts out what was judged before; fills `fresh` with what is to be judged now.
  Status look_up(const std::vector<MessageRef>& refs, std::vector<Arrived>& fresh);
  /// Where the gateway put a known message before it came back: its folders beside INBOX and Retry.
  Result<std::vector<MessageKey>> settled_places(const Arrived& message);
  /// Notes in the docket of a known message that it is here now, and no longer there.
  Status arrived_again(const Arrived& message);
  Status process(std::span<Arrived> batch, bool alone, IntakeResult& result, const StepHook& step);
  Status try_batch(std::span<Arrived> batch, const std::string& failed_reason, bool tell,
                   IntakeResult& result, const StepHook& step);
  Status judge_one(Arrived& message, IntakeResult& result);
  /// `tell`: look at the header once more, for the sender's sake.
  Status fail_one(Arrived& message, const std::string& reason, bool tell, IntakeResult& result);
  Status finish(Case& judged, DocketRecord& record, Arrived& message);
  Status move_from_held(const DocketRecord& record, const std::vector<MessageKey>& places);
  Status move_batch(std::span<Arrived> batch);
  MessageKey key_of(const MessageRef& ref) const;

  Home& home_;
  Mailbox& mailbox_;
  KeptStore& kept_;
  const Clock& clock_;
  DataWriter writer_;
  Responder responder_;
  std::int64_t origin_order_ = 0;
  std::unordered_map<std::string, std::int64_t> charges_;  ///< of suspects, by uid
};

/// Installs handlers that note, if the program crashes, which message it was at; `directory` is the
/// home's spool. Safe to call once per process.
void note_crashes_in(const fs::path& directory);
/// The key that the last crash was at, if there was one; forgets it.
std::optional<std::string> take_crash_note(const fs::path& directory);

}  // namespace focalpost
