// SPDX-License-Identifier: Apache-2.0
#include "store/statements.h"

#include <fmt/format.h>

namespace focalpost {

Result<Statements::Use> Statements::get(const char* sql) {
  auto found = prepared_.find(sql);
  if (found == prepared_.end()) {
    FP_ASSIGN(Statement statement, database_.prepare(sql));
    found = prepared_.emplace(sql, std::move(statement)).first;
  }
  return Use(found->second);
}

Status Statements::need_transaction(const char* what) const {
  if (!sqlite3_get_autocommit(database_.handle())) return {};
  return bug(fmt::format("{} outside a transaction", what));
}

Status Statements::need_no_transaction(const char* what) const {
  if (sqlite3_get_autocommit(database_.handle())) return {};
  return bug(fmt::format("{} inside a transaction", what));
}

}  // namespace focalpost
