// SPDX-License-Identifier: Apache-2.0
#include "store/intake.h"

namespace focalpost {

Status Intake::begin_batch(std::span<const MessageKey> keys, Time now) {
  FP_TRY(statements_.need_no_transaction("intake begins a batch"));
  FP_ASSIGN(Transaction transaction, Transaction::begin(statements_.database()));
  for (const MessageKey& key : keys)
    FP_TRY(statements_.run(
        "INSERT INTO in_hand (mailbox, folder, uid_validity, uid, since, working, charge) "
        "VALUES (?, ?, ?, ?, ?, 1, 0) "
        "ON CONFLICT (mailbox, folder, uid_validity, uid) DO UPDATE SET working = 1",
        key.mailbox, key.folder, key.uid_validity, key.uid, to_millis(now)));
  return transaction.commit();
}

Status Intake::done(const MessageKey& key) {
  return statements_.run(
      "DELETE FROM in_hand WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND uid = ?",
      key.mailbox, key.folder, key.uid_validity, key.uid);
}

Status Intake::put_back(std::span<const MessageKey> keys) {
  FP_TRY(statements_.need_no_transaction("intake puts a batch back"));
  FP_ASSIGN(Transaction transaction, Transaction::begin(statements_.database()));
  for (const MessageKey& key : keys) {
    FP_TRY(
        statements_.run("UPDATE in_hand SET working = 0 "
                        "WHERE mailbox = ? AND folder = ? AND uid_validity = ? AND uid = ?",
                        key.mailbox, key.folder, key.uid_validity, key.uid));
    FP_TRY(
        statements_.run("DELETE FROM in_hand WHERE mailbox = ? AND folder = ? "
                        "AND uid_validity = ? AND uid = ? AND charge = 0",
                        key.mailbox, key.folder, key.uid_validity, key.uid));
  }
  return transaction.commit();
}

Result<std::vector<Suspect>> Intake::suspects() {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT mailbox, folder, uid_validity, uid, since, charge FROM in_hand "
                            "ORDER BY since, mailbox, folder, uid_validity, uid"));
  std::vector<Suspect> result;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    result.push_back({{rows->string(0), rows->string(1), rows->integer(2), rows->string(3)},
                      from_millis(rows->integer(4)),
                      rows->integer(5)});
  }
}

Result<std::int64_t> Intake::charge(const MessageKey& key, std::int64_t weight, Time now) {
  FP_TRY(statements_.need_no_transaction("intake charges a message"));
  FP_TRY(statements_.run(
      "INSERT INTO in_hand (mailbox, folder, uid_validity, uid, since, working, charge) "
      "VALUES (?1, ?2, ?3, ?4, ?5, 1, CASE WHEN ?6 > 0 THEN ?6 ELSE 0 END) "
      "ON CONFLICT (mailbox, folder, uid_validity, uid) DO UPDATE SET charge = CASE WHEN "
      "in_hand.charge + ?6 > 0 THEN in_hand.charge + ?6 ELSE 0 END",
      key.mailbox, key.folder, key.uid_validity, key.uid, to_millis(now), weight));
  return charge_of(key);
}

Result<std::int64_t> Intake::charge_of(const MessageKey& key) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT charge FROM in_hand WHERE mailbox = ? AND folder = ? "
                            "AND uid_validity = ? AND uid = ?"));
  rows->bind_all(key.mailbox, key.folder, key.uid_validity, key.uid);
  FP_ASSIGN(bool row, rows->step());
  return row ? rows->integer(0) : std::int64_t{0};
}

}  // namespace focalpost
