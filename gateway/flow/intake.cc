// SPDX-License-Identifier: Apache-2.0
#include "flow/intake.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <exception>

#include "base/log.h"
#include "base/map_source.h"
#include "base/text.h"
#include "spool/spool.h"

namespace focalpost {
namespace {

constexpr std::size_t kBatchMessages = 100;
constexpr std::uint64_t kBatchBytes = 32 << 20;

// What a signal handler may touch: memory that is there already, and write().
char g_crash_key[512];
volatile std::sig_atomic_t g_crash_size = 0;
int g_crash_file = -1;

void on_crash(int signal_number) {
  if (g_crash_file >= 0 && g_crash_size > 0) {
    ssize_t ignored = ::write(g_crash_file, g_crash_key, std::size_t(g_crash_size));
    (void)ignored;
    ::fsync(g_crash_file);
  }
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void working_on(std::string_view key) {
  g_crash_size = 0;
  std::size_t size = std::min(key.size(), sizeof g_crash_key);
  std::memcpy(g_crash_key, key.data(), size);
  g_crash_size = static_cast<std::sig_atomic_t>(size);
}

void at_step(const StepHook& hook, std::string_view step) {
  if (hook) hook(step);
}

}  // namespace

void note_crashes_in(const fs::path& directory) {
  g_crash_file =
      ::open((directory / "crashed").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
  for (int s : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(s, on_crash);
}

std::optional<std::string> take_crash_note(const fs::path& directory) {
  fs::path file = directory / "crashed";
  auto note = read_file(file, 64 * 1024);
  if (!note.ok() || note->empty()) return {};
  (void)::truncate(file.c_str(), 0);
  return std::move(*note);
}

/// Collects what fetch() brings: mappings of files that lie on this disk.
class MessageIntake::Fetch final : public MessageSink {
 public:
  explicit Fetch(std::vector<Arrived>& wanted) : wanted_(wanted) {}

  Status mapped(const MessageRef& ref, MappedFile file) override {
    find(ref).file = std::move(file);
    got_.push_back(next_);
    return {};
  }
  Status streamed(const MessageRef& ref, ByteSource&) override {
    return bug(fmt::format("message {} came over a line to an embedded mailbox", ref.uid));
  }
  Status gone(const MessageRef&) override { return {}; }
  Status unreadable(const MessageRef& ref, const Error& why) override {
    if (why.retry_helps()) return why;
    log::warning(fmt::format("message {} cannot be read: {}", ref.uid, why.what));
    return {};
  }
  /// Leaves only what came.
  void keep_what_came() {
    std::vector<Arrived> came;
    for (std::size_t i : got_) came.push_back(std::move(wanted_[i]));
    wanted_ = std::move(came);
  }

 private:
  Arrived& find(const MessageRef& ref) {
    for (std::size_t n = 0; n < wanted_.size(); ++n) {
      next_ = (start_ + n) % wanted_.size();
      if (wanted_[next_].ref == ref) break;
    }
    start_ = next_ + 1;
    return wanted_[next_];
  }
  std::vector<Arrived>& wanted_;
  std::vector<std::size_t> got_;
  std::size_t next_ = 0, start_ = 0;
};

MessageIntake::MessageIntake(Home& home, Mailbox& mailbox, KeptStore& kept, const Clock& clock,
                             DataWriter writer)
    : home_(home),
      mailbox_(mailbox),
      kept_(kept),
      clock_(clock),
      writer_(std::move(writer)),
      responder_(home) {}

Result<MessageIntake> MessageIntake::make(Home& home, Mailbox& mailbox, KeptStore& kept,
                                          const Clock& clock) {
  FP_ASSIGN(DataWriter writer, DataWriter::make(home.store().database()));
  MessageIntake intake(home, mailbox, kept, clock, std::move(writer));
  FP_ASSIGN(auto last, home.store().database().query_integer(
                           "SELECT origin_order FROM filing ORDER BY id DESC LIMIT 1"));
  intake.origin_order_ = last.value_or(0);
  return intake;
}

MessageKey MessageIntake::key_of(const MessageRef& ref) const {
  return {std::string(mailbox_.name()), std::string(folder_name(ref.folder)),
          std::int64_t(ref.uid_validity), ref.uid};
}

Result<IntakeResult> MessageIntake::run(const StepHook& step) {
  IntakeResult result;
  // What was in hand when the program last ended: charged, then taken one by one.
  Intake marks = home_.store().intake();
  auto crashed = take_crash_note(home_.paths().temporary());
  FP_ASSIGN(auto suspects, marks.suspects());
  charges_.clear();
  for (const Suspect& suspect : suspects) {
    std::int64_t charge = suspect.charge;
    if (crashed && crashed->find(suspect.key.uid) != std::string::npos) {
      FP_ASSIGN(charge, marks.charge(suspect.key, kCrashCharge - kDeathCharge, clock_.now()));
    }
    charges_[suspect.key.uid] = charge;
  }
  FP_TRY(run_folder(Folder::kInbox, result, step));
  FP_TRY(run_folder(Folder::kRetry, result, step));
  return result;
}

Status MessageIntake::run_folder(Folder folder, IntakeResult& result, const StepHook& step) {
  FP_ASSIGN(auto refs, mailbox_.list(folder, 0));
  at_step(step, "listed");
  std::vector<MessageRef> piece;
  std::uint64_t bytes = 0;
  auto flush = [&]() -> Status {
    std::vector<Arrived> fresh;
    FP_TRY(look_up(piece, fresh));
    piece.clear();
    bytes = 0;
    if (fresh.empty()) return {};
    FP_ASSIGN(DiskSpace disk, disk_space(home_.paths().root));
    if (disk.free_bytes < home_.settings().low_disk_bytes)
      return temporary(
          fmt::format("only {} MB are free on the disk of the home: nothing is taken in",
                      disk.free_bytes >> 20),
          "Make room; the messages stay in INBOX until then.");
    Fetch fetch(fresh);
    std::vector<MessageRef> wanted;
    for (const Arrived& message : fresh) wanted.push_back(message.ref);
    FP_TRY(mailbox_.fetch(wanted, fetch));
    fetch.keep_what_came();
    at_step(step, "fetched");
    for (Arrived& message : fresh) {
      FP_ASSIGN(message.kept,
                kept_.append_message(mailbox_.identity(message.ref), message.file.bytes()));
    }
    FP_TRY(kept_.sync());
    at_step(step, "kept");
    std::vector<MessageKey> keys;
    bool suspected = false;
    for (const Arrived& message : fresh) {
      keys.push_back(message.key);
      suspected = suspected || charges_.count(message.key.uid) > 0;
    }
    FP_TRY(home_.store().intake().begin_batch(keys, clock_.now()));
    at_step(step, "in hand");
    Status done;
    if (suspected) {
      for (std::size_t i = 0; i < fresh.size() && done.ok(); ++i)
        done = process(std::span(fresh).subspan(i, 1), true, result, step);
    } else {
      done = process(fresh, false, result, step);
      // One of them could not be done: all again, each by itself, to find out which.
      if (!done.ok() && !done.error().retry_helps()) {
        log::warning(done.error().what);
        done = Status();
        for (std::size_t i = 0; i < fresh.size() && done.ok(); ++i)
          done = process(std::span(fresh).subspan(i, 1), true, result, step);
      }
    }
    if (!done.ok()) {
      (void)home_.store().intake().put_back(keys);
      return done;
    }
    FP_TRY(move_batch(fresh));
    at_step(step, "moved");
    return {};
  };
  for (const MessageRef& ref : refs) {
    if (!piece.empty() && (piece.size() == kBatchMessages || bytes + ref.size > kBatchBytes))
      FP_TRY(flush());
    piece.push_back(ref);
    bytes += ref.size;
  }
  if (!piece.empty()) FP_TRY(flush());
  return {};
}

Status MessageIntake::look_up(const std::vector<MessageRef>& refs, std::vector<Arrived>& fresh) {
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

Status MessageIntake::arrived_again(const Arrived& message) {
  // Where it lay before is forgotten with the new verdict: after a crash before the move look_up()
  // sees that it was judged and only has to be moved.
  Dockets dockets = home_.store().dockets();
  FP_ASSIGN(auto settled, settled_places(message));
  for (const MessageKey& place : settled) FP_TRY(dockets.leave(place));
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
  FP_ASSIGN(Transaction transaction, home_.store().begin());
  for (Arrived& message : batch) {
    Status done;
    working_on(message.key.uid);
    try {
      done = failed_reason.empty() ? judge_one(message, made)
                                   : fail_one(message, failed_reason, tell, made);
    } catch (const std::exception& thrown) {
      done = bug(fmt::format("message {}: {}", message.key.uid, thrown.what()));
    }
    working_on("");
    FP_TRY(std::move(done));
    FP_TRY(home_.store().intake().done(message.key));
    at_step(step, "judged");
  }
  FP_TRY(transaction.commit());
  at_step(step, "committed");
  result.dockets.insert(result.dockets.end(), made.dockets.begin(), made.dockets.end());
  result.redelivered += made.redelivered;
  return {};
}

Status MessageIntake::judge_one(Arrived& message, IntakeResult& result) {
  FP_ASSIGN(Savepoint savepoint, Savepoint::begin(home_.store().database()));
  Dockets dockets = home_.store().dockets();
  Time now = clock_.now();
  Case judged(home_, writer_, now, origin_order_);
  DocketRecord record;
  judged.open(message.file.bytes(), record);
  record.kept = DocketRecord::Kept{message.kept.at.segment, message.kept.at.offset};

  bool again = message.known.has_value();
  if (!again) {
    // Known by sender and Message-ID: only then is it worth hashing everything beforehand.
    FP_ASSIGN(bool seen, dockets.seen(record.docket.sender.address, record.docket.message_id));
    if (seen) {
      FP_ASSIGN(record.content_hash, judged.content_hash());
      FP_ASSIGN(auto earlier,
                dockets.find_redelivery(record.docket.sender.address, record.docket.message_id,
                                        record.content_hash));
      if (earlier) {
        FP_TRY(dockets.join(earlier->docket.id, message.key));
        message.docket = earlier->docket.id;
        message.target = folder_from_name(earlier->folder).value_or(Folder::kFailed);
        ++result.redelivered;
        return savepoint.release();
      }
    }
    FP_TRY(dockets.open(record, message.key));
  } else {
    record.docket.id = message.known->docket.id;
    record.docket.number = message.known->docket.number;
    record.docket.attempt = message.known->docket.attempt + 1;
    record.docket.received = message.known->docket.received;
    FP_TRY(arrived_again(message));
  }
  FP_TRY(judged.judge(record, {}));
  FP_TRY(finish(judged, record, message));
  result.dockets.push_back(record.docket.number);
  return savepoint.release();
}

Status MessageIntake::finish(Case& judged, DocketRecord& record, Arrived& message) {
  Time now = clock_.now();
  if (record.content_hash.empty() && !record.docket.message_id.empty()) {
    FP_ASSIGN(record.content_hash, judged.content_hash());
  }
  record.finished = now;
  message.docket = record.docket.id;
  message.target = folder_of(record.docket.outcome);
  FP_TRY(responder_.respond(record.docket, judged.message().top(),
                            judged.classified().sender != mime::Sender::kPersonal, now));
  record.folder = folder_name(message.target);
  FP_TRY(home_.store().dockets().finish(record));
  FP_TRY(kept_.append_note(
      record.docket.number.text(),
      fmt::format("{{\"docket\":\"{}\",\"attempt\":{},\"segment\":{},\"offset\":{},"
                  "\"assurance\":{},\"outcome\":\"{}\"}}",
                  record.docket.number.text(), record.docket.attempt,
                  record.kept ? record.kept->segment : 0, record.kept ? record.kept->offset : 0,
                  int(record.docket.sender.assurance), outcome_name(record.docket.outcome))));
  return {};
}

Status MessageIntake::fail_one(Arrived& message, const std::string& reason, bool tell,
                               IntakeResult& result) {
  FP_ASSIGN(Savepoint savepoint, Savepoint::begin(home_.store().database()));
  DocketRecord record;
  if (message.known) record = *message.known;
  Time now = clock_.now();
  // The header alone, bounded: who it is from, so that the sender can be told.
  std::string_view bytes = message.file.bytes();
  std::string_view head = bytes.substr(0, home_.settings().limits.header_block_bytes);
  head = head.substr(0, std::min(head.find("\r\n\r\n"), head.find("\n\n")));
  Case who(home_, writer_, now, origin_order_);
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
  if (tell && record.docket.sender.registered && who.classified().sender == mime::Sender::kPersonal)
    FP_TRY(responder_.respond(record.docket, who.message().top(), false, now));
  FP_TRY(home_.store().dockets().finish(record));
  FP_TRY(home_.store().events().add(
      EventLevel::kError,
      fmt::format("{}: could not be processed: {}", record.docket.number.text(), reason), now));
  result.dockets.push_back(record.docket.number);
  return savepoint.release();
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
    MessageRef now = moved[i].now.value_or(moves[i].message);
    now.folder = moves[i].target;
    FP_TRY(home_.store().dockets().join(dockets[i], key_of(now)));
  }
  return transaction.commit();
}

Result<Docket> MessageIntake::release(DocketNumber number) {
  FP_ASSIGN(auto found, home_.store().dockets().find(number));
  if (!found)
    return not_right(fmt::format("there is no docket {}", number.text()),
                     "`focalpost status` lists the newest.");
  Authority authority;
  for (const Item& item : found->docket.items)
    if (item.outcome == Outcome::kHeld) authority.released.insert(item.number);
  FP_ASSIGN(auto places, home_.store().dockets().messages(found->docket.id));
  if (authority.released.empty()) {
    // Released before, but the program ended before the message was moved: that is made good.
    FP_TRY(move_from_held(*found, places));
    return not_right(fmt::format("docket {} holds nothing that waits ({})", number.text(),
                                 outcome_name(found->docket.outcome)));
  }
  if (!found->kept) return bug(fmt::format("docket {} has no kept message", number.text()));
  FP_ASSIGN(auto source, kept_.read({found->kept->segment, found->kept->offset}));
  FP_ASSIGN(MappedFile raw, map_source(*source, home_.paths().temporary()));

  Arrived message;
  FP_ASSIGN(Transaction transaction, home_.store().begin());
  Case judged(home_, writer_, clock_.now(), origin_order_);
  DocketRecord record = *found;
  std::vector<Item> items = std::move(record.docket.items);
  judged.open(raw.bytes(), record);
  record.docket.items = std::move(items);
  record.docket.received = found->docket.received;
  ++record.docket.attempt;
  FP_TRY(judged.judge(record, authority));
  FP_TRY(finish(judged, record, message));
  FP_TRY(transaction.commit());
  FP_TRY(kept_.sync());
  FP_TRY(move_from_held(record, places));
  return record.docket;
}

Status MessageIntake::move_from_held(const DocketRecord& record,
                                     const std::vector<MessageKey>& places) {
  Arrived message;
  message.docket = record.docket.id;
  message.target = folder_of(record.docket.outcome);
  for (const MessageKey& place : places) {
    if (place.folder != folder_name(Folder::kHeld)) continue;
    message.ref = {Folder::kHeld, std::uint64_t(place.uid_validity), place.uid, 0, {}};
    FP_TRY(move_batch({&message, 1}));
  }
  return {};
}

}  // namespace focalpost
