// SPDX-License-Identifier: Apache-2.0
#include "store/correspondents.h"

#include <string>

#include "base/text.h"

namespace focalpost {
namespace {

std::int64_t minute_of(Time time) {
  return std::chrono::floor<std::chrono::minutes>(time.time_since_epoch()).count();
}

#define FP_TROUBLE_COLUMNS "address, bounces, first_at, last_at, last_text, dead_since, told_at"

Result<std::vector<AddressTrouble>> read_troubles(Statement& rows) {
  std::vector<AddressTrouble> all;
  for (;;) {
    FP_ASSIGN(bool row, rows.step());
    if (!row) return all;
    AddressTrouble& one = all.emplace_back();
    one.address = rows.string(0);
    one.bounces = rows.integer(1);
    one.first = from_millis(rows.integer(2));
    one.last = from_millis(rows.integer(3));
    one.text = rows.string(4);
    if (!rows.is_null(5)) one.dead_since = from_millis(rows.integer(5));
    if (!rows.is_null(6)) one.told = from_millis(rows.integer(6));
  }
}

}  // namespace

Result<std::uint64_t> Correspondents::replies_since(std::string_view address, Time since) {
  std::string lower = ascii_lower(address);
  FP_ASSIGN(
      auto rows,
      statements_.get("SELECT total(replies) FROM reply_log WHERE address = ? AND minute > ?"));
  rows->bind_all(lower, minute_of(since));
  FP_TRY(rows->step());
  return static_cast<std::uint64_t>(rows->integer(0));
}

Status Correspondents::note_reply(std::string_view address, Time now) {
  return statements_.run(
      "INSERT INTO reply_log (address, minute, replies) VALUES (?, ?, 1) "
      "ON CONFLICT DO UPDATE SET replies = replies + 1",
      ascii_lower(address), minute_of(now));
}

Status Correspondents::forget_before(Time before) {
  return statements_.run("DELETE FROM reply_log WHERE minute < ?", minute_of(before));
}

Result<std::optional<AddressTrouble>> Correspondents::trouble(std::string_view address) {
  std::string lower = ascii_lower(address);
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_TROUBLE_COLUMNS
                                       " FROM address_trouble WHERE address = ?"));
  rows->bind_all(lower);
  FP_ASSIGN(auto found, read_troubles(*rows));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<AddressTrouble> Correspondents::note_bounce(std::string_view address, std::string_view text,
                                                   Time now) {
  FP_TRY(statements_.need_transaction("a bounce is noted"));
  FP_ASSIGN(auto known, trouble(address));
  AddressTrouble one = known.value_or(AddressTrouble{});
  if (!one.dead_since && now - one.last > kBounceMemory) one.bounces = 0;
  if (one.bounces == 0) one.first = now;
  one.address = ascii_lower(address);
  one.last = now;
  one.text = text;
  ++one.bounces;
  if (!one.dead_since && one.bounces >= kDeadAfterBounces && one.last - one.first >= kDeadAfter)
    one.dead_since = now;
  FP_ASSIGN(auto insert, statements_.get("INSERT OR REPLACE INTO address_trouble "
                                         "(" FP_TROUBLE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?)"));
  insert->bind_all(one.address, one.bounces, to_millis(one.first), to_millis(one.last), one.text);
  one.dead_since ? insert->bind(6, to_millis(*one.dead_since)) : insert->bind_null(6);
  one.told ? insert->bind(7, to_millis(*one.told)) : insert->bind_null(7);
  FP_TRY(insert->run());
  return one;
}

Status Correspondents::note_alive(std::string_view address, Time when) {
  return statements_.run("DELETE FROM address_trouble WHERE address = ? AND last_at <= ?",
                         ascii_lower(address), to_millis(when));
}

Status Correspondents::note_away(std::string_view address, Time when) {
  return statements_.run("INSERT OR REPLACE INTO address_away (address, noted_at) VALUES (?, ?)",
                         ascii_lower(address), to_millis(when));
}

Status Correspondents::note_back(std::string_view address) {
  return statements_.run("DELETE FROM address_away WHERE address = ?", ascii_lower(address));
}

Result<std::optional<Time>> Correspondents::away_since(std::string_view address) {
  const std::string lower = ascii_lower(address);
  FP_ASSIGN(auto rows, statements_.get("SELECT noted_at FROM address_away WHERE address = ?"));
  rows->bind_all(lower);
  FP_ASSIGN(bool row, rows->step());
  return row ? std::optional(from_millis(rows->integer(0))) : std::optional<Time>();
}

Status Correspondents::note_told(std::string_view address, Time now) {
  return statements_.run("UPDATE address_trouble SET told_at = ? WHERE address = ?", to_millis(now),
                         ascii_lower(address));
}

Result<std::vector<AddressTrouble>> Correspondents::dead(std::size_t limit) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_TROUBLE_COLUMNS
                                       " FROM address_trouble WHERE dead_since IS NOT NULL "
                                       "ORDER BY first_at, address LIMIT ?"));
  rows->bind_all(static_cast<std::int64_t>(limit));
  return read_troubles(*rows);
}

}  // namespace focalpost
