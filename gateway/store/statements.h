// SPDX-License-Identifier: Apache-2.0
//
// statements: every SQL text is prepared once for a connection and used again.
#pragma once

#include <unordered_map>
#include <utility>

#include "base/result.h"
#include "store/database.h"

namespace focalpost {

class Statements {
 public:
  /// A statement lent out; reset and its bindings forgotten at the end of the loan. Two loans of
  /// the same text must not overlap.
  class Use {
   public:
    explicit Use(Statement& statement) : statement_(&statement) {}
    Use(Use&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Use& operator=(Use&&) = delete;
    ~Use() {
      if (statement_) statement_->reset();
    }
    Statement* operator->() { return statement_; }
    Statement& operator*() { return *statement_; }

   private:
    Statement* statement_;
  };

  /// The database must outlive this.
  explicit Statements(Database& database) : database_(database) {}
  Statements(const Statements&) = delete;
  Statements& operator=(const Statements&) = delete;

  /// `sql` is a literal: it is known by its address.
  Result<Use> get(const char* sql);

  /// Prepared, bound and run; for statements that give no rows.
  template <typename... Values>
  Status run(const char* sql, const Values&... values) {
    FP_ASSIGN(Use statement, get(sql));
    statement->bind_all(values...);
    return statement->run();
  }

  Database& database() { return database_; }
  /// A bug Error unless a transaction is open: what follows must not be committed piece by piece.
  Status need_transaction(const char* what) const;
  /// A bug Error if a transaction is open: what follows must be on disk by itself.
  Status need_no_transaction(const char* what) const;

 private:
  Database& database_;
  std::unordered_map<const char*, Statement> prepared_;
};

}  // namespace focalpost
