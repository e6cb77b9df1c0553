// SPDX-License-Identifier: Apache-2.0
#include "store/outbox.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace focalpost {
namespace {

constexpr std::string_view kStates[] = {"waiting", "sending",   "sent",
                                        "failed",  "delivered", "bounced"};

#define FP_OUTBOX_COLUMNS                                                                        \
  "id, docket, attempt, kind, message_id, recipient, envelope_from, subject, lang, created_at, " \
  "not_before, state, attempts, last_error, sent_at, first_tried, settled_at"

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
    if (!rows.is_null(15)) e.first_tried = from_millis(rows.integer(15));
    if (!rows.is_null(16)) e.settled = from_millis(rows.integer(16));
  }
}

Result<std::optional<OutboxEntry>> read_one(Statement& rows) {
  FP_ASSIGN(auto found, read_entries(rows));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace

std::string_view outbox_state_name(OutboxState state) {
  return kStates[static_cast<std::size_t>(state)];
}

Result<Enqueued> Outbox::add_row(const OutboxEntry& entry) {
  FP_TRY(statements_.need_transaction("the outbox takes a message"));
  Database& database = statements_.database();
  {
    FP_ASSIGN(auto insert,
              statements_.get("INSERT INTO outbox (docket, attempt, kind, message_id, recipient, "
                              "envelope_from, subject, lang, created_at, not_before, state, "
                              "attempts, last_error, copy_due) "
                              "VALUES (?, ?, ?, ?, ?, '', ?, ?, ?, ?, 'waiting', 0, '', 0) "
                              "ON CONFLICT (message_id) DO NOTHING"));
    insert->bind_all(0, entry.attempt, entry.kind, entry.message_id, entry.recipient, entry.subject,
                     entry.lang, to_millis(entry.created), to_millis(entry.not_before));
    entry.docket ? insert->bind(1, *entry.docket) : insert->bind_null(1);
    FP_TRY(insert->run());
  }
  if (database.changes() > 0) return Enqueued{database.last_row(), true};
  FP_ASSIGN(auto rows, statements_.get("SELECT id FROM outbox WHERE message_id = ?"));
  rows->bind_all(entry.message_id);
  FP_TRY(rows->step());
  return Enqueued{rows->integer(0), false};
}

Status Outbox::add_piece(std::int64_t outbox, std::int64_t position, std::int64_t blob) {
  return statements_.run("INSERT INTO outbox_piece (outbox, position, blob) VALUES (?, ?, ?)",
                         outbox, position, blob);
}

namespace {

/// Empty `hash`: shares nothing with others, and is not looked for among them.
Result<std::int64_t> blob_of(Statements& statements, std::string_view piece,
                             const std::string& hash) {
  if (!hash.empty()) {
    FP_ASSIGN(auto rows, statements.get("SELECT id FROM blob WHERE hash = ?"));
    rows->bind_all(hash);
    FP_ASSIGN(bool known, rows->step());
    if (known) return rows->integer(0);
  }
  FP_ASSIGN(auto insert, statements.get("INSERT INTO blob (hash, bytes) VALUES (?, ?)"));
  insert->bind_optional(1, hash).bind_blob(2, piece);
  FP_TRY(insert->run());
  return statements.database().last_row();
}

}  // namespace

Result<Enqueued> Outbox::enqueue(const OutboxEntry& entry,
                                 std::span<const std::string_view> pieces) {
  FP_ASSIGN(Enqueued result, add_row(entry));
  if (!result.fresh) return result;
  std::int64_t position = 0;
  for (std::string_view piece : pieces) {
    FP_ASSIGN(std::int64_t blob,
              blob_of(statements_, piece, pieces.size() > 1 ? to_hex(sha256(piece)) : ""));
    FP_TRY(add_piece(result.id, position++, blob));
  }
  return result;
}

Result<std::int64_t> Outbox::keep(std::string_view bytes) {
  FP_TRY(statements_.need_transaction("a piece of messages is kept"));
  return blob_of(statements_, bytes, to_hex(sha256(bytes)));
}

Result<Enqueued> Outbox::enqueue(const OutboxEntry& entry, std::string_view header,
                                 std::span<const std::int64_t> kept) {
  FP_ASSIGN(Enqueued result, add_row(entry));
  if (!result.fresh) return result;
  FP_ASSIGN(std::int64_t first, blob_of(statements_, header, {}));
  FP_TRY(add_piece(result.id, 0, first));
  std::int64_t position = 1;
  for (std::int64_t blob : kept) FP_TRY(add_piece(result.id, position++, blob));
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

Result<std::optional<OutboxEntry>> Outbox::find(std::int64_t id) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_OUTBOX_COLUMNS " FROM outbox WHERE id = ?"));
  rows->bind_all(id);
  return read_one(*rows);
}

Result<std::optional<OutboxEntry>> Outbox::find(std::string_view message_id) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT " FP_OUTBOX_COLUMNS " FROM outbox WHERE message_id = ?"));
  rows->bind_all(message_id);
  return read_one(*rows);
}

Result<std::vector<OutboxEntry>> Outbox::of_docket(std::int64_t docket) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_OUTBOX_COLUMNS
                                       " FROM outbox WHERE docket = ? ORDER BY id"));
  rows->bind_all(docket);
  return read_entries(*rows);
}

Result<std::vector<OutboxEntry>> Outbox::sending() {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_OUTBOX_COLUMNS
                                       " FROM outbox WHERE state = 'sending' ORDER BY id"));
  return read_entries(*rows);
}

Result<std::vector<OutboxEntry>> Outbox::undelivered(std::size_t limit) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_OUTBOX_COLUMNS
                                       " FROM outbox WHERE state IN ('failed', 'bounced') "
                                       "ORDER BY settled_at DESC, id DESC LIMIT ?"));
  rows->bind_all(static_cast<std::int64_t>(limit));
  return read_entries(*rows);
}

Result<std::vector<OutboxEntry>> Outbox::copies_due(std::size_t limit) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_OUTBOX_COLUMNS
                                       " FROM outbox WHERE copy_due = 1 ORDER BY id LIMIT ?"));
  rows->bind_all(static_cast<std::int64_t>(limit));
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
    if (state == "delivered") counts.delivered = n;
    if (state == "failed") counts.failed = n;
    if (state == "bounced") counts.bounced = n;
  }
}

Status Outbox::changed_one(std::int64_t id) {
  if (statements_.database().changes() == 1) return {};
  return not_right(fmt::format("there is no outgoing message {}", id));
}

Result<bool> Outbox::changed_any(Status done) {
  FP_TRY(std::move(done));
  return statements_.database().changes() > 0;
}

Status Outbox::mark_sending(std::int64_t id, std::string_view return_path, Time now) {
  FP_TRY(
      statements_.run("UPDATE outbox SET state = 'sending', attempts = attempts + 1, "
                      "envelope_from = ?, first_tried = coalesce(first_tried, ?) WHERE id = ?",
                      return_path, to_millis(now), id));
  return changed_one(id);
}

Status Outbox::take_back(std::int64_t id) {
  FP_TRY(
      statements_.run("UPDATE outbox SET state = 'waiting', attempts = attempts - 1, "
                      "first_tried = iif(attempts > 1, first_tried, NULL) WHERE id = ?",
                      id));
  return changed_one(id);
}

Status Outbox::mark_sent(std::int64_t id, Time now, bool copy_wanted) {
  FP_TRY(
      statements_.run("UPDATE outbox SET state = 'sent', sent_at = ?, last_error = '', "
                      "copy_due = ? WHERE id = ?",
                      to_millis(now), std::int64_t(copy_wanted), id));
  return changed_one(id);
}

Status Outbox::postpone(std::int64_t id, std::string_view error, Time retry_at) {
  FP_TRY(statements_.run(
      "UPDATE outbox SET state = 'waiting', last_error = ?, not_before = ? WHERE id = ?", error,
      to_millis(retry_at), id));
  return changed_one(id);
}

Status Outbox::mark_failed(std::int64_t id, std::string_view error, Time now) {
  FP_TRY(statements_.run(
      "UPDATE outbox SET state = 'failed', last_error = ?, settled_at = ? WHERE id = ?", error,
      to_millis(now), id));
  return changed_one(id);
}

Result<std::uint64_t> Outbox::recover() {
  FP_TRY(statements_.run("UPDATE outbox SET state = 'waiting' WHERE state = 'sending'"));
  return static_cast<std::uint64_t>(statements_.database().changes());
}

Result<bool> Outbox::mark_delivered(std::int64_t id, Time now) {
  return changed_any(
      statements_.run("UPDATE outbox SET state = 'delivered', last_error = '', settled_at = ?, "
                      "sent_at = coalesce(sent_at, ?1) WHERE id = ? AND attempts > 0 "
                      "AND state IN ('waiting', 'sending', 'sent')",
                      to_millis(now), id));
}

Result<bool> Outbox::mark_bounced(std::int64_t id, std::string_view text, Time now) {
  return changed_any(
      statements_.run("UPDATE outbox SET state = 'bounced', last_error = ?, settled_at = ? "
                      "WHERE id = ? AND attempts > 0 "
                      "AND state IN ('waiting', 'sending', 'sent', 'delivered')",
                      text, to_millis(now), id));
}

Result<bool> Outbox::note_report(std::int64_t id, std::string_view text) {
  return changed_any(
      statements_.run("UPDATE outbox SET last_error = ? WHERE id = ? AND attempts > 0 "
                      "AND state IN ('waiting', 'sending', 'sent')",
                      text, id));
}

Status Outbox::mark_copied(std::int64_t id) {
  FP_TRY(statements_.run("UPDATE outbox SET copy_due = 0 WHERE id = ?", id));
  return changed_one(id);
}

Status Outbox::forget_texts(std::int64_t docket) {
  FP_TRY(statements_.need_transaction("texts are forgotten"));
  // What still waits is not sent any more: it would go without its text.
  FP_TRY(
      statements_.run("UPDATE outbox SET state = 'failed', last_error = 'purged' WHERE docket = ? "
                      "AND state IN ('waiting', 'sending')",
                      docket));
  FP_TRY(statements_.run("UPDATE outbox SET subject = '', copy_due = 0 WHERE docket = ?", docket));
  // A piece that another message has, too, stays for that one.
  FP_TRY(statements_.run(
      "UPDATE blob SET bytes = zeroblob(length(bytes)), hash = NULL WHERE id IN "
      "(SELECT p.blob FROM outbox_piece p JOIN outbox o ON o.id = p.outbox WHERE o.docket = ?1) "
      "AND NOT EXISTS (SELECT 1 FROM outbox_piece p JOIN outbox o ON o.id = p.outbox "
      "WHERE p.blob = blob.id AND o.docket IS NOT ?1)",
      docket));
  return statements_.run(
      "DELETE FROM outbox_piece WHERE outbox IN (SELECT id FROM outbox WHERE docket = ?)", docket);
}

}  // namespace focalpost
