// SPDX-License-Identifier: Apache-2.0
#include "store/outbox.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace focalpost {
namespace {

constexpr std::string_view kStates[] = {"waiting", "sending", "sent", "failed"};

#define FP_OUTBOX_COLUMNS                                                                        \
  "id, docket, attempt, kind, message_id, recipient, envelope_from, subject, lang, created_at, " \
  "not_before, state, attempts, last_error, sent_at"

Result<std::vector<OutboxEntry>> read_entries(Statement& rows) {
  std::vector<OutboxEntry> result;
  for (;;) {
    FP_ASSIGN(bool row, rows.step());
    if (!row) return result;
    OutboxEntry& e = result.emplace_back();
    e.id = rows.integer(0);
    if (!rows.is_null(1)) e.docket = rows.integer(1);
    e.attempt = static_cast<std::uint32_t>(rows.integer(2));
    e.kind = rows.string(3);
    e.message_id = rows.string(4);
    e.recipient = rows.string(5);
    e.envelope_from = rows.string(6);
    e.subject = rows.string(7);
    e.lang = rows.string(8);
    e.created = from_millis(rows.integer(9));
    e.not_before = from_millis(rows.integer(10));
    for (std::size_t i = 0; i < std::size(kStates); ++i)
      if (rows.text(11) == kStates[i]) e.state = static_cast<OutboxState>(i);
    e.attempts = static_cast<std::uint32_t>(rows.integer(12));
    e.last_error = rows.string(13);
    if (!rows.is_null(14)) e.sent = from_millis(rows.integer(14));
  }
}

}  // namespace

std::string_view outbox_state_name(OutboxState state) {
  return kStates[static_cast<std::size_t>(state)];
}

Result<Enqueued> Outbox::enqueue(const OutboxEntry& entry,
                                 std::span<const std::string_view> pieces) {
  FP_TRY(statements_.need_transaction("the outbox takes a message"));
  Database& database = statements_.database();
  {
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO outbox (docket, attempt, kind, message_id, recipient, "
                              "envelope_from, subject, lang, created_at, not_before, state, "
                              "attempts, last_error) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0, '') "
                              "ON CONFLICT (message_id) DO NOTHING"));
    insert->bind_all(0, entry.attempt, entry.kind, entry.message_id, entry.recipient,
                     entry.envelope_from, entry.subject, entry.lang, to_millis(entry.created),
                     to_millis(entry.not_before));
    entry.docket ? insert->bind(1, *entry.docket) : insert->bind_null(1);
    FP_TRY(insert->run());
  }
  if (database.changes() == 0) {
    FP_ASSIGN(auto rows, statements_.get("SELECT id FROM outbox WHERE message_id = ?"));
    rows->bind_all(entry.message_id);
    FP_TRY(rows->step());
    return Enqueued{rows->integer(0), false};
  }
  Enqueued result{database.last_row(), true};
  std::int64_t position = 0;
  for (std::string_view piece : pieces) {
    std::string hash = to_hex(sha256(piece));
    std::int64_t blob = 0;
    {
      FP_ASSIGN(auto rows, statements_.get("SELECT id FROM blob WHERE hash = ?"));
      rows->bind_all(hash);
      FP_ASSIGN(bool known, rows->step());
      if (known) blob = rows->integer(0);
    }
    if (blob == 0) {
      FP_ASSIGN(auto insert, statements_.get("INSERT INTO blob (hash, bytes) VALUES (?, ?)"));
      insert->bind(1, hash).bind_blob(2, piece);
      FP_TRY(insert->run());
      blob = database.last_row();
    }
    FP_TRY(statements_.run("INSERT INTO outbox_piece (outbox, position, blob) VALUES (?, ?, ?)",
                           result.id, position++, blob));
  }
  return result;
}

Result<std::vector<OutboxEntry>> Outbox::due(Time now, std::size_t limit) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_OUTBOX_COLUMNS
                                       " FROM outbox WHERE state = 'waiting' AND not_before <= ? "
                                       "ORDER BY not_before, id LIMIT ?"));
  rows->bind_all(to_millis(now), static_cast<std::int64_t>(limit));
  return read_entries(*rows);
}

Result<std::optional<Time>> Outbox::next_due() {
  FP_ASSIGN(auto at, statements_.database().query_integer(
                         "SELECT min(not_before) FROM outbox WHERE state = 'waiting'"));
  if (!at) return std::optional<Time>{};
  return std::optional<Time>{from_millis(*at)};
}

Result<std::string> Outbox::bytes(std::int64_t id) {
  FP_ASSIGN(auto rows, statements_.get("SELECT b.bytes FROM outbox_piece p JOIN blob b "
                                       "ON b.id = p.blob WHERE p.outbox = ? ORDER BY p.position"));
  rows->bind_all(id);
  std::string result;
  bool any = false;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) break;
    result += rows->text(0);
    any = true;
  }
  if (!any) return not_right(fmt::format("the bytes of outgoing message {} are not kept", id));
  return result;
}

Result<std::vector<OutboxEntry>> Outbox::of_docket(std::int64_t docket) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_OUTBOX_COLUMNS
                                       " FROM outbox WHERE docket = ? ORDER BY id"));
  rows->bind_all(docket);
  return read_entries(*rows);
}

Result<OutboxCounts> Outbox::counts() {
  FP_ASSIGN(auto rows, statements_.get("SELECT state, count(*) FROM outbox GROUP BY state"));
  OutboxCounts counts;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return counts;
    std::string_view state = rows->text(0);
    auto n = static_cast<std::uint64_t>(rows->integer(1));
    if (state == "waiting") counts.waiting = n;
    if (state == "sending") counts.sending = n;
    if (state == "sent") counts.sent = n;
    if (state == "failed") counts.failed = n;
  }
}

Status Outbox::changed_one(std::int64_t id) {
  if (statements_.database().changes() == 1) return {};
  return not_right(fmt::format("there is no outgoing message {}", id));
}

Status Outbox::mark_sending(std::int64_t id) {
  FP_TRY(statements_.run(
      "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?", id));
  return changed_one(id);
}

Status Outbox::mark_sent(std::int64_t id, Time now) {
  FP_TRY(
      statements_.run("UPDATE outbox SET state = 'sent', sent_at = ?, last_error = '' WHERE id = ?",
                      to_millis(now), id));
  return changed_one(id);
}

Status Outbox::postpone(std::int64_t id, std::string_view error, Time retry_at) {
  FP_TRY(statements_.run(
      "UPDATE outbox SET state = 'waiting', last_error = ?, not_before = ? WHERE id = ?", error,
      to_millis(retry_at), id));
  return changed_one(id);
}

Status Outbox::mark_failed(std::int64_t id, std::string_view error) {
  FP_TRY(statements_.run("UPDATE outbox SET state = 'failed', last_error = ? WHERE id = ?", error,
                         id));
  return changed_one(id);
}

Result<std::uint64_t> Outbox::recover() {
  FP_TRY(statements_.run("UPDATE outbox SET state = 'waiting' WHERE state = 'sending'"));
  return static_cast<std::uint64_t>(statements_.database().changes());
}

}  // namespace focalpost
