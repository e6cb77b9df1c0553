// SPDX-License-Identifier: Apache-2.0
#include "store/confirmations.h"

#include "base/text.h"

namespace focalpost {

Status Confirmations::add(Confirmation& asked) {
  FP_TRY(statements_.need_transaction("somebody is asked"));
  asked.address = ascii_lower(asked.address);
  FP_TRY(statements_.run(
      "INSERT INTO confirmation (address, provider, contact, asked_at, expires_at, answer) "
      "VALUES (?, ?, ?, ?, ?, '')",
      asked.address, asked.provider, asked.contact, to_millis(asked.asked),
      to_millis(asked.expires)));
  asked.id = statements_.database().last_row();
  for (const AskedItem& one : asked.items)
    FP_TRY(statements_.run(
        "INSERT INTO confirmation_item (confirmation, docket, attempt, item, act, content_hash) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        asked.id, one.docket, one.attempt, one.item, one.act, one.content_hash));
  return {};
}

Result<std::optional<Confirmation>> Confirmations::find(std::int64_t id) {
  Confirmation found;
  {
    FP_ASSIGN(auto rows,
              statements_.get("SELECT id, address, provider, contact, asked_at, expires_at, "
                              "reminded_at, answered_at, answer FROM confirmation WHERE id = ?"));
    rows->bind_all(id);
    FP_ASSIGN(bool row, rows->step());
    if (!row) return std::optional<Confirmation>();
    found.id = rows->integer(0);
    found.address = rows->string(1);
    found.provider = rows->string(2);
    found.contact = rows->string(3);
    found.asked = from_millis(rows->integer(4));
    found.expires = from_millis(rows->integer(5));
    if (!rows->is_null(6)) found.reminded = from_millis(rows->integer(6));
    if (!rows->is_null(7)) found.answered = from_millis(rows->integer(7));
    found.answer = rows->string(8);
  }
  FP_ASSIGN(auto rows, statements_.get("SELECT docket, attempt, item, act, content_hash "
                                       "FROM confirmation_item WHERE confirmation = ? "
                                       "ORDER BY docket, item"));
  rows->bind_all(id);
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return std::optional(std::move(found));
    found.items.push_back({rows->integer(0), static_cast<std::uint32_t>(rows->integer(1)),
                           static_cast<std::uint32_t>(rows->integer(2)), rows->string(3),
                           rows->string(4)});
  }
}

Result<bool> Confirmations::answered(std::int64_t id, std::string_view answer, Time now) {
  FP_TRY(statements_.need_transaction("an answer is noted"));
  FP_TRY(
      statements_.run("UPDATE confirmation SET answered_at = ?, answer = ? "
                      "WHERE id = ? AND answered_at IS NULL",
                      to_millis(now), answer, id));
  return statements_.database().changes() == 1;
}

Status Confirmations::reminded(std::int64_t id, Time now) {
  return statements_.run("UPDATE confirmation SET reminded_at = ? WHERE id = ?", to_millis(now),
                         id);
}

Result<std::vector<std::int64_t>> Confirmations::ids(Statements::Use rows) {
  std::vector<std::int64_t> all;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return all;
    all.push_back(rows->integer(0));
  }
}

Result<std::vector<std::int64_t>> Confirmations::not_asked() {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT d.id FROM docket d WHERE d.id IN "
                            "(SELECT docket FROM item WHERE outcome = 'held') AND NOT EXISTS "
                            "(SELECT 1 FROM confirmation_item c WHERE c.docket = d.id "
                            "AND c.attempt = d.attempt) AND NOT EXISTS "
                            "(SELECT 1 FROM release_order o WHERE o.docket = d.id) ORDER BY d.id"));
  return ids(std::move(rows));
}

Result<std::vector<std::int64_t>> Confirmations::to_remind(Time asked_before) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT c.id FROM confirmation c WHERE c.answered_at IS NULL "
                            "AND c.reminded_at IS NULL AND c.asked_at <= ? AND EXISTS "
                            "(SELECT 1 FROM confirmation_item w JOIN docket d ON d.id = w.docket "
                            "JOIN item i ON i.docket = w.docket AND i.number = w.item "
                            "WHERE w.confirmation = c.id AND d.attempt = w.attempt "
                            "AND i.outcome = 'held') ORDER BY c.id"));
  rows->bind_all(to_millis(asked_before));
  return ids(std::move(rows));
}

Result<std::vector<std::int64_t>> Confirmations::held_before(Time judged_before) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT d.id FROM docket d WHERE d.finished_at <= ? AND d.id IN "
                            "(SELECT docket FROM item WHERE outcome = 'held') AND NOT EXISTS "
                            "(SELECT 1 FROM release_order o WHERE o.docket = d.id) ORDER BY d.id"));
  rows->bind_all(to_millis(judged_before));
  return ids(std::move(rows));
}

}  // namespace focalpost
