// SPDX-License-Identifier: Apache-2.0
//
// outbox: mail that is to leave, as rows written in the transaction that caused it.
//
// A message is composed once, with its final Message-ID, and stored as pieces (header, body,
// attachments) whose bytes one after the other are the RFC 5322 message; equal pieces are stored
// once.
//
//   waiting --mark_sending--> sending --mark_sent--> sent
//      ^                        |  \---mark_failed-> failed
//      +------postpone----------+
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

enum class OutboxState : std::uint8_t { kWaiting, kSending, kSent, kFailed };
std::string_view outbox_state_name(OutboxState state);

struct OutboxEntry {
  std::int64_t id = 0;                 ///< the store's own
  std::optional<std::int64_t> docket;  ///< id of the docket that caused it
  std::uint32_t attempt = 1;           ///< of the docket
  std::string kind;                    ///< "receipt", "notice", "answer", "digest", ...
  std::string message_id;              ///< "<...>", unique
  std::string recipient;               ///< one envelope recipient
  std::string envelope_from;           ///< empty: the null path <>
  std::string subject;
  std::string lang;
  Time created{};
  Time not_before{};
  OutboxState state = OutboxState::kWaiting;
  std::uint32_t attempts = 0;  ///< to send
  std::string last_error;
  std::optional<Time> sent;
};

struct OutboxCounts {
  std::uint64_t waiting = 0, sending = 0, sent = 0, failed = 0;
};

struct Enqueued {
  std::int64_t id = 0;
  bool fresh = true;  ///< false: a message with this Message-ID was there already; nothing was done
};

class Outbox {
 public:
  explicit Outbox(Statements& statements) : statements_(statements) {}

  /// Inside a transaction. `entry.id`, `state`, `attempts`, `last_error`, `sent` are not looked at.
  Result<Enqueued> enqueue(const OutboxEntry& entry, std::span<const std::string_view> pieces);

  /// Waiting ones whose time has come, the longest due first.
  Result<std::vector<OutboxEntry>> due(Time now, std::size_t limit);
  /// When the next waiting one is due; nothing if none waits.
  Result<std::optional<Time>> next_due();
  /// The whole message. An Error if its bytes are no longer kept.
  Result<std::string> bytes(std::int64_t id);
  Result<std::vector<OutboxEntry>> of_docket(std::int64_t docket);
  Result<OutboxCounts> counts();

  // Each of these is one statement: alone it commits by itself; a batch goes into a transaction.
  Status mark_sending(std::int64_t id);
  Status mark_sent(std::int64_t id, Time now);
  /// A refusal for now: waits again until `retry_at`.
  Status postpone(std::int64_t id, std::string_view error, Time retry_at);
  /// A refusal for ever.
  Status mark_failed(std::int64_t id, std::string_view error);
  /// At start: what was being sent when the program ended waits again. How many those were.
  Result<std::uint64_t> recover();

 private:
  Status changed_one(std::int64_t id);
  Statements& statements_;
};

}  // namespace focalpost
