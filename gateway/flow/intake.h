// SPDX-License-Identifier: Apache-2.0
//
// intake: the way of incoming messages, from the mailbox to a verdict and a reply in the outbox.
//
// Messages are taken from INBOX, then Retry, a batch at a time, in these steps; a crash between any
// two of them loses nothing and files nothing twice:
//
//   list      what is there; what has its docket already was only not moved yet, and is moved now
//   in hand   the keys are committed, so that after a crash the suspects are known (store/intake.h)
//   keep      raw bytes into spool/kept, one fsync for the batch, then a look at what is small
//             (ahead.h); a worker does this for the next batch while the present one is judged
//   judge     each message by itself: docket, items, filings, findings, reply; a second worker
//             writes the letters meanwhile
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
#include "spool/incoming.h"
#include "spool/kept.h"

namespace focalpost {

/// Called between the steps of the way, with the step's name; lets a test end the program there.
using StepHook = std::function<void(std::string_view step)>;
inline void at_step(const StepHook& hook, std::string_view step) {
  if (hook) hook(step);
}

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

  /// Asked between batches; true ends run() with what is done so far.
  void stop_when(std::function<bool()> stop) { stop_ = std::move(stop); }

  /// Carries out what was decided about the held items of a docket: judges them again, from the
  /// kept bytes, or rejects them; its sender is told. The mailbox is not touched. An Error if
  /// nothing of it waits.
  Result<Docket> settle(const HeldOrder& order);
  /// What lies in this folder of the mailbox of a docket that was settled (kHeld) or answered
  /// (kEnquiriesOpen), or is open again (kEnquiries), goes to the folder of its outcome.
  Status move_from(Folder folder, DocketNumber number);

 private:
  struct Opened {
    Case judged;
    DocketRecord record;
  };
  struct Arrived {
    MessageRef ref;
    MessageKey key;
    std::string_view bytes;
    std::shared_ptr<const void> owner;  ///< of bytes
    std::uint64_t size = 0;             ///< if bytes are only the beginning of too much
    KeptRecord kept;
    std::optional<DocketRecord> known;  ///< judged before: a Retry
    std::unique_ptr<Opened> opened;     ///< looked into before its turn
    std::int64_t docket = 0;            ///< once judged
    Folder target = Folder::kFailed;
  };
  struct Batch {
    std::vector<Arrived> messages;
    std::shared_ptr<IncomingBatch> incoming;  ///< holds the large ones that came over a line
    std::vector<MessageKey> keys;             ///< of them
    bool suspected = false;                   ///< one of them may have ended the program
    Status kept;                              ///< the worker's, once it is done
  };
  class Fetch;

  MessageIntake(Home& home, Mailbox& mailbox, KeptStore& kept, const Clock& clock,
                DataWriter writer, Incoming incoming);

  Status run_folder(Folder folder, IntakeResult& result, const StepHook& step);
  /// The next messages to be judged, at most `most`, off `rest`, none at its end; the worker is
  /// putting them into the kept store when this returns.
  Result<std::shared_ptr<Batch>> fetch_batch(std::span<const MessageRef>& rest, std::size_t most,
                                             const StepHook& step);
  // The worker's part: raw bytes to disk, then a look at what is small.
  Status keep(Batch& batch);
  void open_ahead(Batch& batch);
  Status process_batch(Batch& batch, IntakeResult& result, const StepHook& step);
  /// Sorts out what was judged before; fills `fresh` with what is to be judged now.
  Status look_up(std::span<const MessageRef> refs, std::vector<Arrived>& fresh);
  /// Where the gateway put a known message before it came back: its folders beside INBOX and Retry.
  Result<std::vector<MessageKey>> settled_places(const Arrived& message);
  /// Whether the message of a docket is no longer where the gateway put it: what looks like a
  /// second copy is then the message itself, moved back.
  bool came_back(const DocketRecord& earlier);
  /// Notes in the docket of a known message that it is here now, and no longer there.
  Status arrived_again(const Arrived& message);
  Status process(std::span<Arrived> batch, bool alone, IntakeResult& result, const StepHook& step);
  Status try_batch(std::span<Arrived> batch, const std::string& failed_reason, bool tell,
                   IntakeResult& result, const StepHook& step);
  Status judge_one(Arrived& message, IntakeResult& result);
  /// `tell`: look at the header once more, for the sender's sake.
  Status fail_one(Arrived& message, const std::string& reason, bool tell, IntakeResult& result);
  /// The docket of the same message from the same sender, if there is one: it came once more, or
  /// was moved back.
  Result<std::optional<DocketRecord>> find_earlier(const Case& judged, DocketRecord& record);
  /// What the message says about addresses: a bounce that one is not reached, a letter that one is.
  Status note_sender(const Case& judged, Docket& docket);
  /// The docket as it is now goes to the store. Returns the reply that is to be written. `order`:
  /// what it was judged again for.
  Result<std::optional<ReplyOrder>> finish(Case& judged, DocketRecord& record, Arrived& message,
                                           const HeldOrder* order = nullptr);
  /// A confirmed docket is answered in the thread of the message that confirmed it.
  Status into_thread(ReplyOrder& reply, const HeldOrder& order);
  /// After the commit: the worker notes the verdicts in the kept store.
  void write_notes();
  Status notes_written();
  Status move_batch(std::span<Arrived> batch);
  MessageKey key_of(const MessageRef& ref) const;

  Home& home_;
  Mailbox& mailbox_;
  KeptStore& kept_;
  const Clock& clock_;
  DataWriter writer_;
  Incoming incoming_;
  std::function<bool()> stop_;
  std::unordered_map<std::string, std::int64_t>
      charges_;  ///< of suspects, by mailbox, folder and uid
  std::vector<std::pair<std::string, std::string>> notes_;  ///< key and text, of this batch
  Status noted_;                                            ///< the worker's
  // Last: ended before what their jobs write to. Letters have a worker of their own: a batch that
  // is to be committed waits for its letters, and not for the next batch.
  std::unique_ptr<Worker> worker_, writing_;
  Responder responder_;
};

}  // namespace focalpost
