// SPDX-License-Identifier: Apache-2.0
#include "store/contact.h"

#include <algorithm>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::int64_t kMinute = 60'000;

#define FP_CONTACT_COLUMNS "name, known_at, reached_at, mail_at, failing_since, failed_at, error"

ServerContact read_contact(Statement& rows) {
  auto moment = [&](int column) {
    return rows.is_null(column) ? std::nullopt : std::optional(from_millis(rows.integer(column)));
  };
  ServerContact contact;
  contact.name = rows.string(0);
  contact.known = from_millis(rows.integer(1));
  contact.reached = moment(2);
  contact.mail = moment(3);
  contact.failing_since = moment(4);
  contact.failed = moment(5);
  contact.error = rows.string(6);
  return contact;
}

}  // namespace

Status ServerContacts::reached(std::string_view name, Time now) {
  return statements_.run(
      "INSERT INTO server_contact (name, known_at, reached_at, error) VALUES (?1, ?2, ?2, '') "
      "ON CONFLICT (name) DO UPDATE SET reached_at = excluded.reached_at, failing_since = NULL "
      "WHERE failing_since IS NOT NULL OR reached_at IS NULL "
      "OR reached_at <= excluded.reached_at - ?3",
      name, to_millis(now), kMinute);
}

Status ServerContacts::failed(std::string_view name, std::string_view why, Time now) {
  const std::string line = shorten(one_line(why), 500);
  return statements_.run(
      "INSERT INTO server_contact (name, known_at, failing_since, failed_at, error) "
      "VALUES (?1, ?2, ?2, ?2, ?3) "
      "ON CONFLICT (name) DO UPDATE SET failed_at = excluded.failed_at, error = excluded.error, "
      "failing_since = coalesce(failing_since, excluded.failing_since)",
      name, to_millis(now), line);
}

Status ServerContacts::mail_came(std::string_view name, Time now) {
  return statements_.run(
      "INSERT INTO server_contact (name, known_at, reached_at, mail_at, error) "
      "VALUES (?1, ?2, ?2, ?2, '') "
      "ON CONFLICT (name) DO UPDATE SET mail_at = excluded.mail_at, "
      "reached_at = excluded.reached_at, failing_since = NULL",
      name, to_millis(now));
}

Result<std::optional<ServerContact>> ServerContacts::of(std::string_view name) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT " FP_CONTACT_COLUMNS " FROM server_contact WHERE name = ?"));
  rows->bind_all(name);
  FP_ASSIGN(bool row, rows->step());
  return row ? std::optional(read_contact(*rows)) : std::nullopt;
}

Result<std::vector<ServerContact>> ServerContacts::all() {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT " FP_CONTACT_COLUMNS " FROM server_contact ORDER BY name"));
  std::vector<ServerContact> result;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    result.push_back(read_contact(*rows));
  }
}

Status ServerContacts::keep_only(std::span<const std::string> names) {
  FP_ASSIGN(auto known, all());
  for (const ServerContact& contact : known)
    if (std::find(names.begin(), names.end(), contact.name) == names.end())
      FP_TRY(statements_.run("DELETE FROM server_contact WHERE name = ?", contact.name));
  return {};
}

}  // namespace focalpost
