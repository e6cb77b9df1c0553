// SPDX-License-Identifier: Apache-2.0
#include "flow/intake.h"

#include <fmt/format.h>

#include <exception>

#include "base/log.h"
#include "base/map_source.h"
#include "base/text.h"
#include "flow/bounces.h"
#include "flow/crash_note.h"
#include "flow/held.h"
#include "flow/persons.h"
#include "flow/strayed.h"
#include "flow/token.h"
#include "spool/spool.h"

namespace focalpost {
namespace {

constexpr std::size_t kBatchMessages = 100;
/// Of many, the first few are soon there to be judged while the next are fetched.
constexpr std::size_t kFirstMessages = 20;
constexpr std::uint64_t kFetchBytes = 32 << 20;
/// What is looked into ahead of its turn: messages of this size, while rows of this size wait.
constexpr std::size_t kAheadMessageBytes = 256 << 10;
constexpr std::size_t kAheadStagedBytes = 8 << 20;

/// How sure it is who sent a message; a confirmation is as good as what a server reports.
Assurance sure_of(const DocketRecord& record) {
  const Assurance sure = record.docket.sender.assurance;
  return sure == Assurance::kConfirmed ? Assurance::kAligned : sure;
}

/// What a mailbox calls a message, in one text; what fits into a crash note.
std::string text_of(const MessageKey& key) {
  return fmt::format("{}/{}/{}/{}", key.mailbox, key.folder, key.uid_validity, key.uid)
      .substr(0, 500);
}

}  // namespace

/// Collects what fetch() brings: mappings of files that lie on this disk; from a line, small
/// messages in memory and large ones in a file that is then mapped. Neither is what keeps them:
/// they are in the kept store before anything is committed, and in the mailbox until they are
/// moved.
class MessageIntake::Fetch final : public MessageSink {
 public:
  Fetch(Batch& batch, const Mailbox& mailbox, Incoming& incoming, const Limits& limits)
      : batch_(batch), mailbox_(mailbox), incoming_(incoming), limits_(limits) {}

  Status mapped(const MessageRef& ref, MappedFile file) override {
    auto owner = std::make_shared<MappedFile>(std::move(file));
    came(ref, owner->bytes(), owner);
    return {};
  }
  Status streamed(const MessageRef& ref, ByteSource& bytes) override {
    FP_ASSIGN(std::string head, read_head(bytes, kInMemory));
    if (head.size() < kInMemory) {
      auto owner = std::make_shared<std::string>(std::move(head));
      came(ref, *owner, owner);
      return {};
    }
    if (ref.size > limits_.message_bytes) {
      // Beyond the limit: its beginning is enough to say so.
      auto owner = std::make_shared<std::string>(std::move(head));
      came(ref, *owner, owner);
      batch_.messages[got_.back()].size = ref.size;
      return {};
    }
    if (!large_) {
      FP_ASSIGN(IncomingWriter writer, incoming_.begin());
      large_.emplace(std::move(writer));
    }
    PrefixedSource whole(std::move(head), bytes);
    // A server that tells sizes wrong: twice the limit is as good as endless.
    FP_TRY(large_->add(mailbox_.identity(ref), whole, 2 * limits_.message_bytes));
    came(ref, {}, nullptr);
    in_file_.push_back(got_.back());
    return {};
  }
  Status gone(const MessageRef&) override { return {}; }
  Status unreadable(const MessageRef& ref, const Error& why) override {
    if (why.retry_helps()) return why;
    log::warning(fmt::format("message {} cannot be read: {}", ref.uid, why.what));
    return {};
  }
  /// Leaves only what came.
  Status finish() {
    if (large_) {
      FP_ASSIGN(IncomingBatch sealed, std::move(*large_).seal());
      auto owner = std::make_shared<IncomingBatch>(std::move(sealed));
      for (std::size_t i = 0; i < in_file_.size(); ++i) {
        Arrived& message = batch_.messages[in_file_[i]];
        message.bytes = owner->messages()[i].raw;
        message.owner = owner;
      }
      batch_.incoming = std::move(owner);
    }
    std::vector<Arrived> all;
    for (std::size_t i : got_) all.push_back(std::move(batch_.messages[i]));
    batch_.messages = std::move(all);
    return {};
  }

 private:
  static constexpr std::size_t kInMemory = 1 << 20;

  void came(const MessageRef& ref, std::string_view bytes, std::shared_ptr<const void> owner) {
    auto& wanted = batch_.messages;
    for (std::size_t n = 0; n < wanted.size(); ++n) {
      next_ = (start_ + n) % wanted.size();
      if (wanted[next_].ref == ref) break;
    }
    start_ = next_ + 1;
    wanted[next_].bytes = bytes;
    wanted[next_].owner = std::move(owner);
    got_.push_back(next_);
  }

  Batch& batch_;
  const Mailbox& mailbox_;
  Incoming& incoming_;
  const Limits& limits_;
  std::optional<IncomingWriter> large_;
  std::vector<std::size_t> got_, in_file_;  ///< places in the batch
  std::size_t next_ = 0, start_ = 0;
};

MessageIntake::MessageIntake(Home& home, Mailbox& mailbox, KeptStore& kept, const Clock& clock,
                             DataWriter writer, Incoming incoming)
    : home_(home),
      mailbox_(mailbox),
      kept_(kept),
      clock_(clock),
      writer_(std::move(writer)),
      incoming_(std::move(incoming)),
      worker_(std::make_unique<Worker>()),
      writing_(std::make_unique<Worker>()),
      responder_(home, *writing_) {}

Result<MessageIntake> MessageIntake::make(Home& home, Mailbox& mailbox, KeptStore& kept,
                                          const Clock& clock) {
  FP_ASSIGN(DataWriter writer, DataWriter::make(home.store().database()));
  FP_ASSIGN(Incoming incoming, Incoming::open(home.paths().incoming()));
  return MessageIntake(home, mailbox, kept, clock, std::move(writer), std::move(incoming));
}

MessageKey MessageIntake::key_of(const MessageRef& ref) const {
  return {std::string(mailbox_.name()), std::string(folder_name(ref.folder)),
          std::int64_t(ref.uid_validity), ref.uid};
}

Result<IntakeResult> MessageIntake::run(const StepHook& step) {
  IntakeResult result;
  FP_TRY(home_.refresh_trust());
  // What was in hand when the program last ended: charged, then taken one by one.
  Intake marks = home_.store().intake();
  auto crashed = take_crash_note(home_.paths().temporary());
  FP_ASSIGN(auto suspects, marks.suspects());
  charges_.clear();
  for (const Suspect& suspect : suspects) {
    std::int64_t charge = suspect.charge;
    if (crashed && crashed->find(text_of(suspect.key)) != std::string::npos) {
      FP_ASSIGN(charge, marks.charge(suspect.key, kCrashCharge - kDeathCharge, clock_.now()));
    }
    charges_[text_of(suspect.key)] = charge;
  }
  FP_TRY(run_folder(Folder::kInbox, result, step));
  FP_TRY(run_folder(Folder::kRetry, result, step));
  FP_TRY(notes_written());
  return result;
}

Status MessageIntake::run_folder(Folder folder, IntakeResult& result, const StepHook& step) {
  FP_ASSIGN(auto refs, mailbox_.list(folder, 0));
  at_step(step, "listed");
  std::span<const MessageRef> rest(refs);
  // While one batch is judged the next is put on disk: that takes no look into the store.
  const std::size_t first = rest.size() > kBatchMessages ? kFirstMessages : kBatchMessages;
  FP_ASSIGN(std::shared_ptr<Batch> next, fetch_batch(rest, first, step));
  while (next) {
    std::shared_ptr<Batch> batch = std::move(next);
    worker_->wait();
    if (!batch->kept.ok() || (stop_ && stop_())) {
      FP_TRY(home_.store().intake().put_back(batch->keys));
      return std::move(batch->kept);
    }
    at_step(step, "kept");
    auto ahead = fetch_batch(rest, kBatchMessages, step);
    if (Status done = process_batch(*batch, result, step); !done.ok()) {
      worker_->wait();
      if (ahead.ok() && *ahead) (void)home_.store().intake().put_back((*ahead)->keys);
      return done;
    }
    if (!ahead.ok()) return ahead.take_error();
    next = std::move(*ahead);
  }
  return {};
}

Result<std::shared_ptr<MessageIntake::Batch>> MessageIntake::fetch_batch(
    std::span<const MessageRef>& rest, std::size_t most, const StepHook& step) {
  auto batch = std::make_shared<Batch>();
  while (batch->messages.empty()) {
    if (rest.empty()) return std::shared_ptr<Batch>();
    std::size_t count = 0;
    for (std::uint64_t bytes = 0; count < std::min(rest.size(), most); ++count) {
      bytes += rest[count].size;
      if (count > 0 && bytes > kFetchBytes) break;
    }
    FP_TRY(look_up(rest.first(count), batch->messages));
    rest = rest.subspan(count);
    if (batch->messages.empty()) continue;
    FP_ASSIGN(DiskSpace disk, disk_space(home_.paths().root));
    if (disk.free_bytes < home_.settings().low_disk_bytes)
      return temporary(
          fmt::format("only {} MB are free on the disk of the home: nothing is taken in",
                      disk.free_bytes >> 20),
          "Make room; the messages stay in INBOX until then.");
    Fetch fetch(*batch, mailbox_, incoming_, home_.settings().limits);
    std::vector<MessageRef> wanted;
    for (const Arrived& message : batch->messages) wanted.push_back(message.ref);
    FP_TRY(mailbox_.fetch(wanted, fetch));
    FP_TRY(fetch.finish());
  }
  at_step(step, "fetched");
  for (const Arrived& message : batch->messages) {
    batch->keys.push_back(message.key);
    batch->suspected = batch->suspected || charges_.count(text_of(message.key)) > 0;
  }
  FP_TRY(home_.store().intake().begin_batch(batch->keys, clock_.now()));
  at_step(step, "in hand");
  // A suspect is charged before it is looked at, so nothing of its batch is looked at ahead.
  if (!batch->suspected)
    for (Arrived& message : batch->messages)
      if (message.bytes.size() <= kAheadMessageBytes)
        message.opened = std::make_unique<Opened>(Opened{Case(home_, writer_, clock_.now()), {}});
  worker_->start([this, batch] {
    batch->kept = keep(*batch);
    if (batch->kept.ok()) open_ahead(*batch);
  });
  return batch;
}

Status MessageIntake::keep(Batch& batch) {
  for (Arrived& message : batch.messages) {
    FP_ASSIGN(message.kept, kept_.append_message(mailbox_.identity(message.ref), message.bytes));
  }
  return kept_.sync();
}

void MessageIntake::open_ahead(Batch& batch) {
  std::size_t room = kAheadStagedBytes;
  for (Arrived& message : batch.messages) {
    if (!message.opened) continue;
    WorkingOn mark(text_of(message.key));
    try {
      message.opened->judged.open(message.bytes, message.opened->record, message.size);
      message.opened->judged.examine_ahead(room);
    } catch (const std::exception&) {
      message.opened.reset();  // it happens again in its turn, and is reported then
    }
  }
}

Status MessageIntake::process_batch(Batch& batch, IntakeResult& result, const StepHook& step) {
  std::span<Arrived> fresh = batch.messages;
  auto one_by_one = [&]() -> Status {
    for (std::size_t i = 0; i < fresh.size(); ++i)
      FP_TRY(process(fresh.subspan(i, 1), true, result, step));
    return {};
  };
  Status done = batch.suspected ? one_by_one() : process(fresh, false, result, step);
  if (!done.ok() && !done.error().retry_helps() && !batch.suspected) {
    // One of them could not be done: all again, each by itself, to find out which.
    log::warning(done.error().what);
    done = one_by_one();
  }
  if (!done.ok()) {
    (void)home_.store().intake().put_back(batch.keys);
    return done;
  }
  FP_TRY(move_batch(fresh));
  at_step(step, "moved");
  return batch.incoming ? batch.incoming->discard() : Status();
}

Status MessageIntake::look_up(std::span<const MessageRef> refs, std::vector<Arrived>& fresh) {
  Dockets dockets = home_.store().dockets();
  std::vector<Arrived> not_moved;
  for (const MessageRef& ref : refs) {
    Arrived message;
    message.ref = ref;
    message.key = key_of(ref);
    FP_ASSIGN(message.known, dockets.find(message.key));
    if (!message.known && ref.folder == Folder::kRetry) {
      // Dragged there: a Maildir's message keeps its uid, so its docket knows it from INBOX.
      MessageKey was = message.key;
      was.folder = folder_name(Folder::kInbox);
      FP_ASSIGN(message.known, dockets.find(was));
    } else if (message.known) {
      // A place other than those where letters arrive: it was moved, and somebody moved it back.
      FP_ASSIGN(auto settled, settled_places(message));
      if (settled.empty()) {
        message.docket = message.known->docket.id;
        auto target = folder_from_name(message.known->folder);
        message.target = target.value_or(Folder::kFailed);
        not_moved.push_back(std::move(message));
        continue;
      }
    }
    fresh.push_back(std::move(message));
  }
  return move_batch(not_moved);
}

Result<std::vector<MessageKey>> MessageIntake::settled_places(const Arrived& message) {
  FP_ASSIGN(auto places, home_.store().dockets().messages(message.known->docket.id));
  std::erase_if(places, [&](const MessageKey& place) {
    return place.uid != message.key.uid || place.folder == folder_name(Folder::kInbox) ||
           place.folder == folder_name(Folder::kRetry);
  });
  return places;
}

bool MessageIntake::came_back(const DocketRecord& earlier) {
  if (mailbox_.uid_survives_move()) return false;  // look_up() has seen that
  struct Look final : MessageSink {
    bool there = false;
    Status mapped(const MessageRef&, MappedFile) override { return there = true, Status(); }
    Status streamed(const MessageRef&, ByteSource&) override { return there = true, Status(); }
    Status gone(const MessageRef&) override { return {}; }
    Status unreadable(const MessageRef&, const Error&) override { return there = true, Status(); }
  } look;
  auto places = home_.store().dockets().messages(earlier.docket.id);
  if (!places.ok()) return false;
  bool known = false;
  for (const MessageKey& place : *places) {
    auto folder = folder_from_name(place.folder);
    if (place.mailbox != mailbox_.name() || !folder || *folder == Folder::kInbox ||
        *folder == Folder::kRetry)
      continue;
    known = true;
    MessageRef ref{*folder, std::uint64_t(place.uid_validity), place.uid, 0, {}};
    if (!mailbox_.fetch({&ref, 1}, look).ok()) return false;
  }
  return known && !look.there;
}

Status MessageIntake::arrived_again(const Arrived& message) {
  // Where it lay before is forgotten with the new verdict: after a crash before the move
  // look_up() sees that it was judged and only has to be moved.
  Dockets dockets = home_.store().dockets();
  if (mailbox_.uid_survives_move()) {
    FP_ASSIGN(auto settled, settled_places(message));
    for (const MessageKey& place : settled) FP_TRY(dockets.leave(place));
  } else {
    FP_ASSIGN(auto places, dockets.messages(message.known->docket.id));
    for (const MessageKey& place : places)
      if (place.mailbox == message.key.mailbox) FP_TRY(dockets.leave(place));
  }
  return dockets.join(message.known->docket.id, message.key);
}

Status MessageIntake::process(std::span<Arrived> batch, bool alone, IntakeResult& result,
                              const StepHook& step) {
  Intake marks = home_.store().intake();
  std::string failed_reason;
  bool tell = true;  // the sender; not if even that ended the program
  if (alone) {
    // The mark of this attempt is on disk before the message is looked at.
    FP_ASSIGN(std::int64_t charge, marks.charge(batch[0].key, kDeathCharge, clock_.now()));
    if (charge > kFailedAt)
      failed_reason = "the program ended repeatedly while this message was being processed";
    tell = charge <= kFailedAt + kCrashCharge;
  }
  // Alone a message gets three attempts; in company the first that cannot be done ends the batch.
  constexpr int attempts = 3;
  for (int attempt = 1;; ++attempt) {
    // What was rolled back may have held structures: the snapshot is of what is committed.
    if (attempt > 1) FP_TRY(home_.reload_structures());
    Status done = try_batch(batch, failed_reason, tell, result, step);
    if (done.ok()) return {};
    if (done.error().retry_helps() || !alone) {
      // Nobody's fault, or nobody's yet: what the attempt was charged is taken back.
      FP_TRY(home_.reload_structures());
      if (alone) FP_TRY(marks.charge(batch[0].key, -kDeathCharge, clock_.now()));
      return done;
    }
    log::error(fmt::format("{}: {}", batch[0].key.uid, done.error().what));
    if (!failed_reason.empty()) {
      // Not even its failure can be written down: it stays where it is, and the next is taken.
      batch[0].docket = 0;
      return home_.store().events().add(EventLevel::kError, done.error().what, clock_.now());
    }
    if (attempt == attempts) failed_reason = done.error().what;
  }
}

Status MessageIntake::try_batch(std::span<Arrived> batch, const std::string& failed_reason,
                                bool tell, IntakeResult& result, const StepHook& step) {
  IntakeResult made;
  // What an attempt that was rolled back left behind.
  responder_.forget();
  notes_.clear();
  FP_ASSIGN(Transaction transaction, home_.store().begin());
  for (Arrived& message : batch) {
    Status done;
    WorkingOn mark(text_of(message.key));
    try {
      done = failed_reason.empty() ? judge_one(message, made)
                                   : fail_one(message, failed_reason, tell, made);
    } catch (const std::exception& thrown) {
      done = bug(fmt::format("message {}: {}", message.key.uid, thrown.what()));
    }
    FP_TRY(std::move(done));
    FP_TRY(home_.store().intake().done(message.key));
    at_step(step, "judged");
  }
  FP_TRY(responder_.settle());
  FP_TRY(transaction.commit());
  write_notes();
  at_step(step, "committed");
  result.dockets.insert(result.dockets.end(), made.dockets.begin(), made.dockets.end());
  result.redelivered += made.redelivered;
  return {};
}

Status MessageIntake::judge_one(Arrived& message, IntakeResult& result) {
  Dockets dockets = home_.store().dockets();
  std::unique_ptr<Opened> opened = std::move(message.opened);
  if (!opened || !opened->judged.up_to_date()) {
    opened = std::make_unique<Opened>(Opened{Case(home_, writer_, clock_.now()), {}});
    opened->judged.open(message.bytes, opened->record, message.size);
  }
  Case& judged = opened->judged;
  DocketRecord& record = opened->record;

  if (!message.known) {
    FP_ASSIGN(auto earlier, find_earlier(judged, record));
    // Less sure than what it repeats, it changes nothing, wherever it was delivered; more sure, it
    // is no repetition: who forged it first, with this very Message-ID, does not keep it out.
    const Assurance sure = record.docket.sender.assurance;
    if (earlier && sure > sure_of(*earlier) && !came_back(*earlier)) earlier.reset();
    if (earlier && ((message.ref.folder != Folder::kRetry && !came_back(*earlier)) ||
                    sure < sure_of(*earlier))) {
      FP_TRY(dockets.join(earlier->docket.id, message.key));
      message.docket = earlier->docket.id;
      message.target = folder_from_name(earlier->folder).value_or(Folder::kFailed);
      ++result.redelivered;
      return {};
    }
    message.known = std::move(earlier);
  }
  if (message.known) {
    record.docket.id = message.known->docket.id;
    record.docket.number = message.known->docket.number;
    record.docket.attempt = message.known->docket.attempt + 1;
    record.docket.received = message.known->docket.received;
    FP_TRY(arrived_again(message));
  } else {
    FP_TRY(dockets.open(record, message.key));
  }
  FP_TRY(judged.judge(record, {}));
  FP_TRY(note_sender(judged, record.docket));
  FP_TRY(tell_of_persons(home_, record.docket, judged.contact(), clock_.now()));
  record.kept = DocketRecord::Kept{message.kept.at.segment, message.kept.at.offset};
  FP_ASSIGN(auto reply, finish(judged, record, message));
  result.dockets.push_back(record.docket.number);
  return reply ? responder_.write(std::move(*reply), std::move(record.docket), judged.take_reply())
               : Status();
}

Result<std::optional<DocketRecord>> MessageIntake::find_earlier(const Case& judged,
                                                                DocketRecord& record) {
  Dockets dockets = home_.store().dockets();
  const std::string& sender = record.docket.sender.address;
  // Known by sender and Message-ID: only then is it worth hashing everything beforehand.
  FP_ASSIGN(bool seen, dockets.seen(sender, record.docket.message_id));
  if (!seen) return std::optional<DocketRecord>();
  FP_ASSIGN(record.content_hash, judged.content_hash());
  return dockets.find_redelivery(sender, record.docket.message_id, record.content_hash);
}

Status MessageIntake::note_sender(const Case& judged, Docket& docket) {
  Time now = clock_.now();
  switch (judged.classified().sender) {
    case mime::Sender::kBounce:
    case mime::Sender::kAutoReply: {
      FP_ASSIGN(auto noted, note_bounce(home_, judged.message(), judged.classified(), now));
      if (noted && docket.outcome == Outcome::kNotice)
        docket.reason = shorten(one_line(noted->sentence()), 400);
      // Questions go to somebody else meanwhile (request_route.h).
      if (!noted && docket.sender.registered &&
          judged.classified().sender == mime::Sender::kAutoReply &&
          mime::says_away(judged.message()))
        return home_.store().correspondents().note_away(docket.sender.address, now);
      return {};
    }
    case mime::Sender::kPersonal:
      // Whoever writes can be reached, if it is really them: the policy says how sure that is.
      if (docket.sender.registered &&
          docket.sender.assurance >= home_.settings().policy[Act::kFile]) {
        FP_TRY(home_.store().correspondents().note_back(docket.sender.address));
        return home_.store().correspondents().note_alive(docket.sender.address, now);
      }
      return {};
    default:
      return {};
  }
}

Result<std::optional<ReplyOrder>> MessageIntake::finish(Case& judged, DocketRecord& record,
                                                        Arrived& message, const HeldOrder* order) {
  Time now = clock_.now();
  // What is held is confirmed for this content and no other.
  if (record.content_hash.empty() &&
      (!record.docket.message_id.empty() || record.docket.outcome == Outcome::kHeld)) {
    FP_ASSIGN(record.content_hash, judged.content_hash());
  }
  record.finished = now;
  message.docket = record.docket.id;
  message.target = folder_of(record.docket.outcome);
  std::optional<ReplyOrder> reply;
  // Who said no has been answered where it was said.
  if (!order || order->decision != Decision::kRefuse) {
    FP_ASSIGN(reply, responder_.decide(record.docket, judged.message().top(),
                                       judged.classified().sender, now));
  }
  if (reply) reply->crash_key = text_of(message.key);
  if (reply && order) FP_TRY(into_thread(*reply, *order));
  record.folder = folder_name(message.target);
  FP_TRY(home_.store().dockets().finish(record));
  notes_.push_back(
      {record.docket.number.text(),
       fmt::format("{{\"docket\":\"{}\",\"attempt\":{},\"segment\":{},\"offset\":{},"
                   "\"assurance\":{},\"outcome\":\"{}\"}}",
                   record.docket.number.text(), record.docket.attempt,
                   record.kept ? record.kept->segment : 0, record.kept ? record.kept->offset : 0,
                   int(record.docket.sender.assurance), outcome_name(record.docket.outcome))});
  return reply;
}

void MessageIntake::write_notes() {
  worker_->start([this, notes = std::exchange(notes_, {})] {
    for (const auto& [key, text] : notes)
      if (auto added = kept_.append_note(key, text); !added.ok() && noted_.ok())
        noted_ = added.take_error();
  });
}

Status MessageIntake::fail_one(Arrived& message, const std::string& reason, bool tell,
                               IntakeResult& result) {
  DocketRecord record;
  if (message.known) record = *message.known;
  Time now = clock_.now();
  // The header alone, bounded: who it is from, so that the sender can be told.
  std::string_view bytes = message.bytes;
  std::string_view head = bytes.substr(0, home_.settings().limits.header_block_bytes);
  head = head.substr(0, std::min(head.find("\r\n\r\n"), head.find("\n\n")));
  Case who(home_, writer_, now);
  if (tell) who.open(head, record);
  record.docket.received = message.known ? message.known->docket.received : now;
  record.kept = DocketRecord::Kept{message.kept.at.segment, message.kept.at.offset};
  if (!message.known) {
    FP_TRY(home_.store().dockets().open(record, message.key));
  } else {
    ++record.docket.attempt;
    FP_TRY(arrived_again(message));
  }
  record.docket.outcome = Outcome::kFailed;
  record.docket.reason = shorten(one_line(reason), 400);
  record.docket.items.clear();
  record.finished = now;
  message.docket = record.docket.id;
  message.target = Folder::kFailed;
  record.folder = folder_name(Folder::kFailed);
  std::optional<ReplyOrder> reply;
  if (tell && record.docket.sender.registered &&
      who.classified().sender == mime::Sender::kPersonal) {
    FP_ASSIGN(reply,
              responder_.decide(record.docket, who.message().top(), mime::Sender::kPersonal, now));
  }
  FP_TRY(home_.store().dockets().finish(record));
  FP_TRY(home_.store().events().add(
      EventLevel::kError,
      fmt::format("{}: could not be processed: {}", record.docket.number.text(), reason), now));
  result.dockets.push_back(record.docket.number);
  return reply ? responder_.write(std::move(*reply), std::move(record.docket)) : Status();
}

Status MessageIntake::move_batch(std::span<Arrived> batch) {
  std::vector<Move> moves;
  std::vector<std::int64_t> dockets;
  for (const Arrived& message : batch) {
    if (message.docket == 0) continue;  // without a docket it stays where it is
    moves.push_back({message.ref, message.target});
    dockets.push_back(message.docket);
  }
  if (moves.empty()) return {};
  FP_ASSIGN(auto moved, mailbox_.move(moves));
  FP_ASSIGN(Transaction transaction, home_.store().begin());
  for (std::size_t i = 0; i < moved.size(); ++i) {
    if (!moved[i].now) continue;  // nobody knows what it is called there
    FP_TRY(home_.store().dockets().join(dockets[i], key_of(*moved[i].now)));
  }
  return transaction.commit();
}

Status MessageIntake::notes_written() {
  worker_->wait();
  return std::exchange(noted_, {});
}

Status MessageIntake::into_thread(ReplyOrder& reply, const HeldOrder& order) {
  if (order.decision != Decision::kConfirm || !order.said_in || !order.confirmation) return {};
  FP_ASSIGN(auto said_in, home_.store().dockets().find(*order.said_in));
  FP_ASSIGN(auto asked, home_.store().confirmations().find(*order.confirmation));
  if (!said_in || !asked || !fits_thread(said_in->docket.message_id) ||
      !ascii_iequal(said_in->docket.sender.address, reply.pass.to()))
    return {};
  FP_ASSIGN(const std::string key, read_key(home_.paths()));
  reply.in_reply_to = said_in->docket.message_id;
  reply.references = {confirmation_message_id(make_token(key, *asked), home_.message_id_domain()),
                      said_in->docket.message_id};
  return {};
}

Result<Docket> MessageIntake::settle(const HeldOrder& order) {
  FP_ASSIGN(auto found, home_.store().dockets().find(order.docket));
  if (!found) return bug("an order about a docket that is not there");
  const std::string number = found->docket.number.text();
  std::set<std::uint32_t> held = held_items(found->docket);
  Authority authority;
  authority.judged_before = found->finished;
  if (order.decision == Decision::kConfirm && order.confirmation) {
    FP_ASSIGN(auto asked, home_.store().confirmations().find(*order.confirmation));
    if (!asked) return bug(fmt::format("docket {} was confirmed by nobody", number));
    for (const AskedItem& one : asked->items)
      if (one.docket == order.docket && held.count(one.item)) authority.confirmed.insert(one.item);
    held = authority.confirmed;
  } else {
    authority.released = held;
  }
  if (held.empty())
    return not_right(fmt::format("docket {} holds nothing that waits ({})", number,
                                 outcome_name(found->docket.outcome)));
  if (!found->kept) return bug(fmt::format("docket {} has no kept message", number));
  FP_ASSIGN(auto source, kept_.read({found->kept->segment, found->kept->offset}));
  FP_ASSIGN(MappedFile raw, map_source(*source, home_.paths().temporary()));

  Arrived message;
  FP_ASSIGN(Transaction transaction, home_.store().begin());
  Case judged(home_, writer_, clock_.now());
  DocketRecord record = *found;
  std::vector<Item> items = std::move(record.docket.items);
  judged.open(raw.bytes(), record);
  record.docket.items = std::move(items);
  record.docket.received = found->docket.received;
  ++record.docket.attempt;
  Sender& sender = record.docket.sender;
  switch (order.decision) {
    case Decision::kConfirm:
      sender.assurance = std::max(sender.assurance, Assurance::kConfirmed);
      [[fallthrough]];
    case Decision::kRelease:
      FP_TRY(judged.judge(record, authority));
      break;
    case Decision::kRefuse:
      reject_held(record.docket, rules::held_refused, {});
      break;
    case Decision::kReject:
      reject_held(record.docket, rules::held_rejected, {});
      break;
    case Decision::kExpire:
      reject_held(record.docket, rules::held_expired,
                  std::to_string(home_.settings().held.expire_days));
      break;
  }
  FP_ASSIGN(auto reply, finish(judged, record, message, &order));
  if (reply) FP_TRY(responder_.write(std::move(*reply), record.docket, judged.take_reply()));
  FP_TRY(responder_.settle());
  FP_TRY(transaction.commit());
  write_notes();
  FP_TRY(notes_written());
  FP_TRY(kept_.sync());
  return record.docket;
}

Status MessageIntake::move_from(Folder folder, DocketNumber number) {
  FP_ASSIGN(auto found, home_.store().dockets().find(number));
  if (!found) return {};
  const Folder target = folder_of(found->docket.outcome);
  if (target == folder) return {};
  bool there = false;
  auto move = [&](const MessageRef& ref) -> Status {
    const Move one{ref, target};
    FP_ASSIGN(auto moved, mailbox_.move({&one, 1}));
    there = there || moved[0].outcome == Moved::Outcome::kMoved;
    if (!moved[0].now) return {};
    FP_ASSIGN(Transaction transaction, home_.store().begin());
    FP_TRY(home_.store().dockets().join(found->docket.id, key_of(*moved[0].now)));
    return transaction.commit();
  };
  FP_ASSIGN(auto places, home_.store().dockets().messages(found->docket.id));
  for (const MessageKey& place : places)
    if (place.mailbox == mailbox_.name() && place.folder == folder_name(folder))
      FP_TRY(move({folder, std::uint64_t(place.uid_validity), place.uid, 0, {}}));
  if (there || !found->kept || folder != Folder::kHeld) return {};
  // Somebody has moved it out of Held by hand; where people put such things it is looked for.
  std::vector<Folder> folders;
  for (Folder other : {Folder::kRejected, Folder::kEnquiriesOpen, Folder::kFailed})
    if (other != target) folders.push_back(other);
  FP_ASSIGN(auto source, kept_.read({found->kept->segment, found->kept->offset}));
  FP_ASSIGN(MappedFile raw, map_source(*source, home_.paths().temporary()));
  FP_ASSIGN(auto strayed, find_strayed(mailbox_, folders, raw.bytes()));
  if (strayed) FP_TRY(move(*strayed));
  return {};
}

}  // namespace focalpost
