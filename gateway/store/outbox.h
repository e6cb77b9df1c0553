// SPDX-License-Identifier: Apache-2.0
//
// outbox: mail that is to leave, as rows written in the transaction that caused it.
//
// A message is composed once, with its final Message-ID, and stored as pieces (header, body,
// attachments) whose bytes one after the other are the RFC 5322 message; equal pieces are stored
// once. Every row has one recipient.
//
//   waiting --mark_sending--> sending --mark_sent--> sent --mark_delivered--> delivered
//      ^                        |  \                  \---mark_bounced------> bounced
//      +--postpone, take_back---+   \--mark_failed--> failed
//
// `sent` means that a server has taken the message over; what becomes of it there is known only if
// it says so in a report.
//
// Danger: a crash while `sending` leaves it open whether the server took the message. recover()
// makes it waiting again: a second copy with the same Message-ID is possible, a lost one is not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/statements.h"

namespace focalpost {

enum class OutboxState : std::uint8_t { kWaiting, kSending, kSent, kFailed, kDelivered, kBounced };
std::string_view outbox_state_name(OutboxState state);

struct OutboxEntry {
  std::int64_t id = 0;                 ///< the store's own
  std::optional<std::int64_t> docket;  ///< id of the docket that caused it
  std::uint32_t attempt = 1;           ///< of the docket
  std::string kind;                    ///< "receipt", "notice", "answer", "digest", ...
  std::string message_id;              ///< "<...>", unique
  std::string recipient;               ///< one envelope recipient
  std::string envelope_from;           ///< of the last attempt; empty: the null path <>
  std::string subject;
  std::string lang;
  Time created{};
  Time not_before{};
  OutboxState state = OutboxState::kWaiting;
  std::uint32_t attempts = 0;  ///< to send
  std::optional<Time> first_tried;
  std::string last_error;  ///< what the server, or a report about the delivery, said last
  std::optional<Time> sent;
  std::optional<Time> settled;  ///< when it failed, was delivered or came back
};

struct OutboxCounts {
  std::uint64_t waiting = 0, sending = 0;
  std::uint64_t sent = 0, delivered = 0;  ///< handed over; and of others: known to have arrived
  std::uint64_t failed = 0, bounced = 0;  ///< refused; handed over, but came back
};

struct Enqueued {
  std::int64_t id = 0;
  bool fresh = true;  ///< false: a message with this Message-ID was there already; nothing was done
};

class Outbox {
 public:
  explicit Outbox(Statements& statements) : statements_(statements) {}

  /// Inside a transaction. Of `entry` only what is known of a message that was never tried is
  /// looked at: not id, envelope_from, state, attempts, times of sending.
  Result<Enqueued> enqueue(const OutboxEntry& entry, std::span<const std::string_view> pieces);

  /// The same of a message of which only the header is its own: the other pieces were kept with
  /// keep(). For many letters that say the same.
  Result<Enqueued> enqueue(const OutboxEntry& entry, std::string_view header,
                           std::span<const std::int64_t> kept);
  /// A piece that several messages share; equal bytes give the same number. Inside a transaction,
  /// in which a message takes it up.
  Result<std::int64_t> keep(std::string_view bytes);

  /// Waiting ones whose time has come, the longest due first.
  Result<std::vector<OutboxEntry>> due(Time now, std::size_t limit);
  /// When the next waiting one is due; nothing if none waits.
  Result<std::optional<Time>> next_due();
  /// The whole message. An Error if its bytes are no longer kept.
  Result<std::string> bytes(std::int64_t id);
  Result<std::optional<OutboxEntry>> find(std::int64_t id);
  /// By "<...>".
  Result<std::optional<OutboxEntry>> find(std::string_view message_id);
  Result<std::vector<OutboxEntry>> of_docket(std::int64_t docket);
  /// Being sent now, or when the program ended.
  Result<std::vector<OutboxEntry>> sending();
  /// What failed or came back, the newest first.
  Result<std::vector<OutboxEntry>> undelivered(std::size_t limit);
  Result<OutboxCounts> counts();

  // Each of these is one statement: alone it commits by itself; a batch goes into a transaction.

  /// An attempt begins, and counts.
  Status mark_sending(std::int64_t id, std::string_view return_path, Time now);
  /// The attempt did not take place: waits as before, and it does not count.
  Status take_back(std::int64_t id);
  /// `copy_wanted`: into the folder Sent, see copies_due().
  Status mark_sent(std::int64_t id, Time now, bool copy_wanted = false);
  /// A refusal for now: waits again until `retry_at`.
  Status postpone(std::int64_t id, std::string_view error, Time retry_at);
  /// A refusal for ever.
  Status mark_failed(std::int64_t id, std::string_view error, Time now);
  /// At start: what was being sent when the program ended waits again, as before. How many.
  Result<std::uint64_t> recover();

  // What a report says. False, and nothing changes, where it cannot be: of a message that nobody
  // tried to send, or that has failed or come back already. One that waits for another attempt
  // after an uncertain one needs none any more.

  Result<bool> mark_delivered(std::int64_t id, Time now);
  Result<bool> mark_bounced(std::int64_t id, std::string_view text, Time now);
  /// For people; the state stays.
  Result<bool> note_report(std::int64_t id, std::string_view text);

  // Copies for the folder Sent: owed from mark_sent() to mark_copied().

  Result<std::vector<OutboxEntry>> copies_due(std::size_t limit);
  Status mark_copied(std::int64_t id);

  /// Of what a docket caused, the texts and subjects go; the rows stay. For purging personal data.
  Status forget_texts(std::int64_t docket);

 private:
  Result<Enqueued> add_row(const OutboxEntry& entry);
  Status add_piece(std::int64_t outbox, std::int64_t position, std::int64_t blob);
  Status changed_one(std::int64_t id);
  Result<bool> changed_any(Status done);
  Statements& statements_;
};

}  // namespace focalpost
