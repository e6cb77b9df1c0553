// SPDX-License-Identifier: Apache-2.0
//
// gate: the one place that decides whether a letter may leave, and the one way into the outbox.
//
// What is looked at, for every letter whatever its kind:
//
//   whom        an address that can be written to, and never the gateway's own
//   machines    nothing goes to a machine that wrote to us (RFC 3834 2), whatever says that it is
//               one (mime/automatic.h); to a stranger nothing if the message asked for no automatic
//               reply, came by way of a list, or the address is a robot's by its name
//   budgets     so many letters an hour to one correspondent (replies_per_hour): a reply beyond
//   that
//               leaves in a later hour, up to kLongestWait; so many a day to
//               somebody in whose name an unsure sender writes (unsure_per_day); one help text a
//               day to a stranger (ten answers to enquiries), so many a day and an hour to all of
//               them (strangers_per_day)
//
// post() takes what may_leave() gave, so that nothing gets past it; a test sees to it that nobody
// else in the program puts letters into the outbox.
//
// Danger: letters are counted when they are allowed, in the caller's transaction: what is then not
// posted was counted all the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/home.h"
#include "mime/automatic.h"
#include "mime/message.h"
#include "store/outbox.h"

namespace focalpost {

/// Help texts to strangers in an hour, all together: forged senders must not make us a source of
/// mail.
inline constexpr std::uint64_t kStrangersPerHour = 30;

/// A reply beyond replies_per_hour is booked in a later hour, at most so much later. Each is kept,
/// rather than one letter in their stead that names their numbers: a receipt says what is to be
/// corrected. Two robots that answer each other gain nothing: they stay within the budget.
inline constexpr std::chrono::hours kLongestWait{24};

/// Outbox kind of the answer to an enquiry, and how many of them a stranger gets in a day.
inline constexpr std::string_view kAnswerLetter = "answer";
inline constexpr std::uint64_t kAnswersToStranger = 10;

/// A letter that somebody wants to send, and why.
struct Leaving {
  std::string_view kind;  ///< of the outbox: "receipt", "help", "confirmation", ...
  std::string to;
  std::string about;  ///< for the operator: "2026-000147"
  /// `to` is not in the roster, and has not confirmed that it wants an answer (requests.h).
  bool stranger = false;
  /// Because of a message that came in the name of `to`, and nobody is sure that it did.
  bool unsure = false;
  /// The message that it answers, if it answers one; with what that was taken for.
  const mime::Headers* answers = nullptr;
  mime::Sender answered = mime::Sender::kPersonal;
  std::string_view answered_from = {};  ///< its From
  /// A reply that may leave hours later. Others are asked for again by whoever wants to send them.
  bool may_wait = false;
  /// Why a budget keeps it back, for the docket; may be null.
  std::string* why_not = nullptr;
};

/// Under which letters to somebody in whose name an unsure sender writes are counted.
std::string unsure_key(std::string_view kind, std::string_view to);

/// That a letter to this address may leave.
class Pass {
 public:
  const std::string& to() const { return to_; }
  /// It leaves no sooner.
  Time not_before() const { return not_before_; }

 private:
  friend Result<std::optional<Pass>> may_leave(Home& home, const Leaving& letter, Time now);
  Pass(std::string to, Time not_before) : to_(std::move(to)), not_before_(not_before) {}
  std::string to_;
  Time not_before_{};
};

/// Nothing: it may not. Then the operator finds the reason among the events where a budget is it,
/// once an hour. Inside a transaction.
Result<std::optional<Pass>> may_leave(Home& home, const Leaving& letter, Time now);

/// Puts it into the outbox; the recipient is the pass's, whatever `entry` says, and it leaves no
/// sooner than that says. Inside a transaction.
Result<Enqueued> post(Home& home, const Pass& pass, OutboxEntry entry, std::string_view bytes);
/// The same of a letter of which only the header is its own (Outbox::keep()).
Result<Enqueued> post(Home& home, const Pass& pass, OutboxEntry entry, std::string_view header,
                      std::span<const std::int64_t> kept);

}  // namespace focalpost
