// SPDX-License-Identifier: Apache-2.0
#include "store/alerts.h"

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::size_t kMostText = 500;

#define FP_ALERT_COLUMNS "key, kind, text, to_do, since, told_at, cleared_at"

AlertRecord read_alert(Statement& rows) {
  auto moment = [&](int column) {
    return rows.is_null(column) ? std::nullopt : std::optional(from_millis(rows.integer(column)));
  };
  AlertRecord record;
  record.key = rows.string(0);
  record.kind = rows.string(1);
  record.text = rows.string(2);
  record.to_do = rows.string(3);
  record.since = from_millis(rows.integer(4));
  record.told = moment(5);
  record.cleared = moment(6);
  return record;
}

}  // namespace

Result<std::optional<AlertRecord>> AlertTable::find(std::string_view key) {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_ALERT_COLUMNS " FROM alert WHERE key = ?"));
  rows->bind_all(key);
  FP_ASSIGN(bool row, rows->step());
  return row ? std::optional(read_alert(*rows)) : std::nullopt;
}

Result<std::vector<AlertRecord>> AlertTable::open() {
  FP_ASSIGN(auto rows, statements_.get("SELECT " FP_ALERT_COLUMNS
                                       " FROM alert WHERE cleared_at IS NULL ORDER BY since, key"));
  std::vector<AlertRecord> result;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    result.push_back(read_alert(*rows));
  }
}

Status AlertTable::put(const AlertRecord& record) {
  const std::string text = shorten(one_line(record.text), kMostText);
  const std::string to_do = shorten(one_line(record.to_do), kMostText);
  FP_ASSIGN(auto insert, statements_.get("INSERT OR REPLACE INTO alert (" FP_ALERT_COLUMNS
                                         ") VALUES (?, ?, ?, ?, ?, ?, ?)"));
  insert->bind_all(record.key, record.kind, text, to_do, to_millis(record.since));
  record.told ? insert->bind(6, to_millis(*record.told)) : insert->bind_null(6);
  record.cleared ? insert->bind(7, to_millis(*record.cleared)) : insert->bind_null(7);
  return insert->run();
}

Status AlertTable::forget_before(Time before) {
  return statements_.run("DELETE FROM alert WHERE cleared_at < ?1 AND ifnull(told_at, 0) < ?1",
                         to_millis(before));
}

Result<OutboxBacklog> outbox_backlog(Statements& statements, std::string_view without_kind) {
  OutboxBacklog backlog;
  {
    FP_ASSIGN(auto rows, statements.get("SELECT count(*) FROM outbox "
                                        "WHERE state IN ('waiting', 'sending') AND kind <> ?"));
    rows->bind_all(without_kind);
    FP_TRY(rows->step());
    backlog.waiting = static_cast<std::uint64_t>(rows->integer(0));
  }
  // What is to leave later has not waited yet.
  FP_ASSIGN(auto rows,
            statements.get("SELECT max(created_at, iif(attempts = 0, not_before, created_at)) AS "
                           "since, last_error FROM outbox "
                           "WHERE state IN ('waiting', 'sending') AND kind <> ? "
                           "ORDER BY since, id LIMIT 1"));
  rows->bind_all(without_kind);
  FP_ASSIGN(bool row, rows->step());
  if (row) {
    backlog.oldest = from_millis(rows->integer(0));
    backlog.error = rows->string(1);
  }
  return backlog;
}

Result<FailedDockets> failed_dockets_after(Statements& statements, Time after) {
  FailedDockets failed;
  {
    FP_ASSIGN(auto rows, statements.get("SELECT count(*) FROM docket "
                                        "WHERE outcome = 'failed' AND finished_at > ?"));
    rows->bind_all(to_millis(after));
    FP_TRY(rows->step());
    failed.count = static_cast<std::uint64_t>(rows->integer(0));
  }
  FP_ASSIGN(auto rows, statements.get("SELECT year, serial, reason FROM docket "
                                      "WHERE outcome = 'failed' AND finished_at > ? "
                                      "ORDER BY finished_at DESC, id DESC LIMIT 1"));
  rows->bind_all(to_millis(after));
  FP_ASSIGN(bool row, rows->step());
  if (row) {
    failed.newest = DocketNumber{static_cast<int>(rows->integer(0)),
                                 static_cast<std::uint32_t>(rows->integer(1))};
    failed.reason = rows->string(2);
  }
  return failed;
}

}  // namespace focalpost
