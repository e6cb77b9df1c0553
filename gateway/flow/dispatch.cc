// SPDX-License-Identifier: Apache-2.0
#include "flow/dispatch.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "flow/bounces.h"
#include "mime/bounce.h"
#include "smtp/schedule.h"

namespace focalpost {
namespace {

constexpr std::size_t kBatch = 100;
constexpr std::size_t kBatchBytes = 16 << 20;
constexpr std::size_t kFailuresTold = 3;
constexpr int kServiceCloses = 421;
constexpr std::string_view kNullRefusedSetting = "null_return_path_refused";

bool is_automatic_reply(std::string_view kind) {
  return kind == "receipt" || kind == "help" || kind == "answer" || kind == "confirmation";
}

/// "2026-03-01T09:30:00Z smtps://mail.example:465": when, and which server.
std::optional<Time> null_refused_by(const std::optional<std::string>& setting,
                                    std::string_view server) {
  if (!setting) return {};
  std::size_t space = setting->find(' ');
  if (space == std::string::npos || setting->substr(space + 1) != server) return {};
  return parse_time(std::string_view(*setting).substr(0, space));
}

}  // namespace

void Dispatcher::Pause::lengthen(Error error, Time now) {
  if (!since) since = now;
  until = now + backoff.next();
  error.kind = ErrorKind::kTemporary;
  why = std::move(error);
}

Result<std::unique_ptr<Dispatcher>> Dispatcher::make(Home& home,
                                                     const std::optional<Account>& outgoing,
                                                     int stop_fd) {
  FP_ASSIGN(std::string key, read_key(home.paths()));
  std::unique_ptr<Dispatcher> made(new Dispatcher(home, std::move(key)));
  made->options_.line.stop_fd = stop_fd;
  made->options_.dsn = home.settings().outgoing.dsn;
  if (!outgoing) return made;
  made->account_ = outgoing;
  FP_ASSIGN(auto setting, home.store().setting(kNullRefusedSetting));
  made->null_refused_ = null_refused_by(setting, outgoing->endpoint().text());
  return made;
}

bool Dispatcher::stop_wanted() const {
  if (options_.line.stop_fd < 0) return false;
  pollfd poll{options_.line.stop_fd, POLLIN, 0};
  return ::poll(&poll, 1, 0) > 0;
}

void Dispatcher::hang_up() {
  session_.reset();
}

bool Dispatcher::null_path_works(Time now) const {
  return !null_suspect_ && !(null_refused_ && now - *null_refused_ < kNullPathRefusedFor);
}

Result<std::uint64_t> Dispatcher::recover(Time now) {
  Outbox outbox = home_.store().outbox();
  FP_ASSIGN(auto interrupted, outbox.sending());
  if (interrupted.empty()) return std::uint64_t(0);
  constexpr std::string_view why = "the program ended while this was being sent";
  FP_ASSIGN(Transaction transaction, home_.store().begin());
  for (const OutboxEntry& entry : interrupted) {
    if (entry.attempts < kInterruptedAtOnce) {
      FP_TRY(outbox.postpone(entry.id, why, entry.not_before));
      continue;
    }
    auto again = smtp::next_attempt(entry.id, entry.attempts, entry.first_tried.value_or(now), now);
    FP_TRY(again ? outbox.postpone(entry.id, why, *again) : outbox.mark_failed(entry.id, why, now));
  }
  FP_TRY(transaction.commit());
  return std::uint64_t(interrupted.size());
}

Result<DispatchResult> Dispatcher::run(const Clock& clock, Mailbox* sent, const StepHook& step) {
  DispatchResult result;
  Outbox outbox = home_.store().outbox();
  if (!account_) {
    if (sent) {
      FP_ASSIGN(result.sent, dispatch_to_sent(home_.store(), *sent, clock, step));
    }
    FP_ASSIGN(result.next, outbox.next_due());
    return result;
  }
  for (;;) {
    Time now = clock.now();
    FP_ASSIGN(auto due, outbox.due(now, kBatch));
    if (due.empty()) break;
    if ((result.stopped = stop_wanted())) break;
    FP_ASSIGN(bool ready, ensure_session(now));
    if (!ready) {
      result.stopped = stop_wanted();
      break;
    }
    FP_ASSIGN(auto batch, take(std::move(due), now, result));
    if (!batch.empty()) FP_TRY(send(batch, clock, result, step));
    FP_TRY(tell_failures(now));
    // Between batches: so few copies are owed at a time.
    if (sent) FP_TRY(copy_to_sent(*sent, clock, result, step));
  }
  if (sent && !result.stopped) FP_TRY(copy_to_sent(*sent, clock, result, step));

  if (stop_wanted()) return result;
  FP_ASSIGN(result.next, outbox.next_due());
  if (result.next && pause_.until) {
    result.next = std::max(*result.next, *pause_.until);
    result.trouble = pause_.why;
  }
  if (sent && copy_pause_.until) {
    result.copy_trouble = copy_pause_.why;
    result.next = result.next ? std::min(*result.next, *copy_pause_.until) : *copy_pause_.until;
  }
  return result;
}

Status Dispatcher::note_contact(const DispatchResult& result, Time now) {
  if (!account_) return {};
  ServerContacts contacts = home_.store().contacts();
  if (result.trouble) return contacts.failed(kOutgoingServer, result.trouble->what, now);
  if (result.sent + result.postponed + result.failed > 0)
    return contacts.reached(kOutgoingServer, now);
  return {};
}

Result<bool> Dispatcher::ensure_session(Time now) {
  if (session_ && (now - used_ > kWarmFor || !session_->still_there())) session_.reset();
  if (session_) return true;
  if (!pause_.over(now)) return false;
  auto opened = smtp::Submission::open(account_->endpoint(), *account_->credentials(), options_);
  if (!opened.ok()) {
    if (!stop_wanted()) FP_TRY(pause(opened.take_error(), now));
    return false;
  }
  session_ = std::move(*opened);
  session_took_ = false;
  used_ = now;
  return true;
}

Status Dispatcher::pause(Error why, Time now) {
  bool news = !pause_.since;
  pause_.lengthen(std::move(why), now);
  if (!news) return {};
  log::warning(pause_.why->what);
  return home_.store().events().add(EventLevel::kError,
                                    fmt::format("mail cannot be sent: {}", pause_.why->what), now);
}

Result<std::vector<Dispatcher::Piece>> Dispatcher::take(std::vector<OutboxEntry> due, Time now,
                                                        DispatchResult& result) {
  std::vector<Piece> batch;
  std::size_t total = 0;
  Outbox outbox = home_.store().outbox();
  for (OutboxEntry& entry : due) {
    Piece piece;
    auto bytes = outbox.bytes(entry.id);
    if (!bytes.ok()) {
      if (bytes.error().retry_helps()) return bytes.take_error();
      FP_TRY(outbox.mark_failed(entry.id, bytes.error().what, now));
      failures_.push_back(fmt::format("{}: {}", entry.recipient, bytes.error().what));
      ++result.failed;
      continue;
    }
    total += bytes->size();
    if (!batch.empty() && total > kBatchBytes) break;
    piece.bytes = std::move(*bytes);
    piece.automatic = is_automatic_reply(entry.kind);
    if (!piece.automatic || !null_path_works(now)) {
      piece.tag = mime::make_bounce_tag(key_, entry.id);
      piece.return_path = home_.settings().outgoing.bounce_address(piece.tag);
      if (piece.return_path.empty()) piece.return_path = home_.settings().sender();
    }
    piece.entry = std::move(entry);
    batch.push_back(std::move(piece));
  }
  if (batch.empty()) return batch;
  FP_ASSIGN(Transaction transaction, home_.store().begin());
  for (Piece& piece : batch) {
    FP_TRY(outbox.mark_sending(piece.entry.id, piece.return_path, now));
    ++piece.entry.attempts;
    if (!piece.entry.first_tried) piece.entry.first_tried = now;
  }
  FP_TRY(transaction.commit());
  return batch;
}

Status Dispatcher::send(std::vector<Piece>& batch, const Clock& clock, DispatchResult& result,
                        const StepHook& step) {
  at_step(step, "marked");
  std::vector<smtp::Letter> letters;
  for (const Piece& piece : batch)
    letters.push_back({piece.return_path, {piece.entry.recipient}, piece.bytes, piece.tag});
  std::vector<smtp::SendResult> answers = session_->send(letters);
  at_step(step, "spoken");
  Time now = clock.now();
  used_ = now;
  bool any_tried = false;
  FP_ASSIGN(Transaction transaction, begin_to_record());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    any_tried |= answers[i].tried;
    FP_TRY(record(batch[i], answers[i], now, result));
  }
  FP_TRY(transaction.commit());
  at_step(step, "recorded");

  if (session_->usable() && any_tried) {
    pause_ = {};
    return {};
  }
  std::optional<Error> why = session_->failure();
  session_.reset();
  result.stopped = stop_wanted();
  if (result.stopped) return {};
  if (!why) why = bug("the mail server was asked nothing");
  // It may have had enough of one session, or closed just as we began. A server that takes nothing
  // at all is not asked again at once.
  if (!session_took_) return pause(std::move(*why), now);
  pause_ = {};
  return {};
}

Result<Transaction> Dispatcher::begin_to_record() {
  const auto until = std::chrono::steady_clock::now() + kBusyAtMost;
  for (;;) {
    auto begun = home_.store().begin();
    if (begun.ok() || !begun.error().retry_helps() || std::chrono::steady_clock::now() >= until)
      return begun;
    (void)::poll(nullptr, 0, 50);
  }
}

Status Dispatcher::record(const Piece& piece, const smtp::SendResult& answer, Time now,
                          DispatchResult& result) {
  Outbox outbox = home_.store().outbox();
  const OutboxEntry& entry = piece.entry;
  if (!answer.tried) return outbox.take_back(entry.id);
  const smtp::RecipientResult& one = answer.recipients.front();
  const bool instead = piece.automatic && !piece.return_path.empty();
  switch (one.verdict) {
    case smtp::Verdict::kAccepted:
      session_took_ = true;
      ++result.sent;
      if (instead && null_suspect_) {
        null_suspect_ = false;
        null_refused_ = now;
        FP_TRY(home_.store().set_setting(
            kNullRefusedSetting,
            fmt::format("{} {}", format_rfc3339(now), account_->endpoint().text())));
      }
      return outbox.mark_sent(entry.id, now, home_.settings().outgoing.save_sent);
    case smtp::Verdict::kTemporary: {
      // A server that has had enough of this session says nothing about the letter.
      if (one.code == kServiceCloses && one.stage == smtp::Stage::kMail && session_took_)
        return outbox.take_back(entry.id);
      auto again = smtp::next_attempt(entry.id, entry.attempts, *entry.first_tried, now);
      if (!again) return fail(piece, "given up after five days: " + one.sentence(), now, result);
      ++result.postponed;
      return outbox.postpone(entry.id, one.sentence(), *again);
    }
    case smtp::Verdict::kPermanent:
      break;
  }
  if (answer.null_sender_refused) {
    null_suspect_ = true;
    return outbox.postpone(entry.id, one.sentence(), entry.not_before);
  }
  if (instead) null_suspect_ = false;
  FP_TRY(fail(piece, one.sentence(), now, result));
  if (!refuses_address(one)) return {};
  auto letters = charge_address(home_, entry, one.sentence(), now);
  return letters.ok() ? Status() : letters.take_error();
}

Status Dispatcher::fail(const Piece& piece, const std::string& why, Time now,
                        DispatchResult& result) {
  ++result.failed;
  failures_.push_back(fmt::format("{}: {}", piece.entry.recipient, why));
  return home_.store().outbox().mark_failed(piece.entry.id, why, now);
}

Status Dispatcher::tell_failures(Time now) {
  if (failures_.empty()) return {};
  std::string text = fmt::format("{} messages could not be sent", failures_.size());
  if (failures_.size() == 1) text = "a message could not be sent";
  for (std::size_t i = 0; i < std::min(failures_.size(), kFailuresTold); ++i)
    text += (i == 0 ? ": " : "; ") + shorten(failures_[i], 140);
  failures_.clear();
  log::warning(text);
  return home_.store().events().add(EventLevel::kWarning, text, now);
}

Status Dispatcher::copy_to_sent(Mailbox& sent, const Clock& clock, DispatchResult& result,
                                const StepHook& step) {
  Outbox outbox = home_.store().outbox();
  std::size_t most = kBatch;
  while (!stop_wanted()) {
    Time now = clock.now();
    if (!copy_pause_.over(now)) return {};
    FP_ASSIGN(auto owed, outbox.copies_due(most));
    if (owed.empty()) {
      copy_pause_ = {};
      return {};
    }
    std::vector<std::string> bytes;
    std::vector<Append> appends;
    std::size_t total = 0, taken = 0;
    bytes.reserve(owed.size());
    for (; taken < owed.size() && (taken == 0 || total < kBatchBytes); ++taken) {
      auto message = outbox.bytes(owed[taken].id);
      if (!message.ok()) {
        if (message.error().retry_helps()) return message.take_error();
        continue;  // no longer kept: there is nothing to copy
      }
      total += message->size();
      bytes.push_back(std::move(*message));
      appends.push_back({Folder::kSent, bytes.back(), {.seen = true}, now});
    }
    if (!appends.empty()) {
      auto appended = sent.append(appends);
      if (!appended.ok() && appended.error().retry_helps()) {
        copy_pause_.lengthen(appended.take_error(), now);
        return {};
      }
      if (!appended.ok() && taken > 1) {
        most = 1;  // one of them is the reason: each by itself
        continue;
      }
      if (!appended.ok())
        FP_TRY(
            home_.store().events().add(EventLevel::kWarning,
                                       fmt::format("no copy in Sent of the message to {}: {}",
                                                   owed.front().recipient, appended.error().what),
                                       now));
      else
        result.copied += appends.size();
    }
    at_step(step, "appended");
    FP_ASSIGN(Transaction transaction, home_.store().begin());
    for (std::size_t i = 0; i < taken; ++i) FP_TRY(outbox.mark_copied(owed[i].id));
    FP_TRY(transaction.commit());
    at_step(step, "copied");
  }
  return {};
}

Result<std::uint64_t> dispatch_to_sent(Store& store, Mailbox& mailbox, const Clock& clock,
                                       const StepHook& step) {
  constexpr std::size_t batch = 200;
  std::uint64_t sent = 0;
  Outbox outbox = store.outbox();
  FP_TRY(outbox.recover());
  for (;;) {
    Time now = clock.now();
    FP_ASSIGN(auto due, outbox.due(now, batch));
    if (due.empty()) return sent;
    std::vector<std::string> bytes;
    std::vector<Append> appends;
    bytes.reserve(due.size());
    for (const OutboxEntry& entry : due) {
      FP_ASSIGN(std::string message, outbox.bytes(entry.id));
      bytes.push_back(std::move(message));
      appends.push_back({Folder::kSent, bytes.back(), {.seen = true}, now});
    }
    FP_TRY(mailbox.append(appends));
    at_step(step, "appended");
    FP_ASSIGN(Transaction transaction, store.begin());
    for (const OutboxEntry& entry : due) FP_TRY(outbox.mark_sent(entry.id, now));
    FP_TRY(transaction.commit());
    at_step(step, "sent");
    sent += due.size();
  }
}

}  // namespace focalpost
