// SPDX-License-Identifier: Apache-2.0
//
// database: a thin, honest wrapper of SQLite; the rest of the room is written on it.
//
// Owns the connection and its statements. Turns SQLite's codes into Errors: BUSY, FULL, IOERR,
// NOMEM and CANTOPEN are temporary, CORRUPT and NOTADB say what to do, anything else is a bug of
// ours. Not thread safe: one connection is used by one thread at a time (a writer thread may borrow
// it).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace focalpost {

/// A prepared statement, reset when it goes out of a Use. Columns and parameters count from 0 and 1
/// as in SQLite. Texts are bound without copying: they must live until the step.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Statement() { sqlite3_finalize(handle_); }

  Statement& bind(int index, std::int64_t value) {
    sqlite3_bind_int64(handle_, index, value);
    return *this;
  }
  Statement& bind(int index, std::string_view text) {
    // An empty view may have no address, which SQLite would take for NULL.
    sqlite3_bind_text64(handle_, index, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
    return *this;
  }
  Statement& bind_blob(int index, std::string_view bytes) {
    sqlite3_bind_blob64(handle_, index, bytes.empty() ? "" : bytes.data(), bytes.size(),
                        SQLITE_STATIC);
    return *this;
  }
  Statement& bind_real(int index, double value) {
    sqlite3_bind_double(handle_, index, value);
    return *this;
  }
  Statement& bind_null(int index) {
    sqlite3_bind_null(handle_, index);
    return *this;
  }
  /// NULL when the text is empty.
  Statement& bind_optional(int index, std::string_view text) {
    return text.empty() ? bind_null(index) : bind(index, text);
  }
  template <typename... Values>
  Statement& bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }

  /// True: a row is there. False: done (the statement is reset).
  Result<bool> step();
  /// For statements that give no rows: runs, resets and forgets the bindings.
  Status run();
  void reset() {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  double real(int column) const { return sqlite3_column_double(handle_, column); }
  /// Valid until the next step.
  std::string_view text(int column) const {
    auto bytes = sqlite3_column_blob(handle_, column);
    return {static_cast<const char*>(bytes), std::size_t(sqlite3_column_bytes(handle_, column))};
  }
  std::string string(int column) const { return std::string(text(column)); }
  bool is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
  int type(int column) const { return sqlite3_column_type(handle_, column); }
  sqlite3_stmt* handle() { return handle_; }

 private:
  friend class Database;
  sqlite3_stmt* handle_ = nullptr;
};

class Database {
 public:
  enum class Mode { kReadWrite, kReadOnly, kMemory };
  /// Opens (and, for kReadWrite, makes) the file; sets WAL, synchronous=FULL, foreign keys, a busy
  /// timeout and a bounded page cache. Does not know any table.
  static Result<Database> open(const std::filesystem::path& path, Mode mode);

  Database(Database&&) noexcept = default;
  Database& operator=(Database&&) noexcept = default;

  Result<Statement> prepare(std::string_view sql);
  /// One or several statements without parameters or rows.
  Status execute(const std::string& sql);
  /// One statement without parameters or rows, prepared at its first use. `sql` is a literal.
  Status execute_often(const char* sql);
  /// The first column of the first row; nothing if there is no row.
  Result<std::optional<std::int64_t>> query_integer(std::string_view sql);
  std::int64_t last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
  std::int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  /// How often a Transaction or Savepoint was undone: what was remembered of rows may be gone then.
  std::uint64_t rollbacks() const { return rollbacks_; }
  sqlite3* handle() { return handle_.get(); }
  Error error(int code, std::string_view doing) const;

 private:
  friend class Transaction;
  friend class Savepoint;
  Database() = default;
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::uint64_t rollbacks_ = 0;
  std::unique_ptr<sqlite3, Close> handle_;
  std::vector<std::pair<const char*, Statement>>
      often_;  ///< a handful; finalized before the handle
};

/// BEGIN IMMEDIATE ... COMMIT; rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

/// A savepoint inside a transaction; rolled back unless released. They nest.
class Savepoint {
 public:
  static Result<Savepoint> begin(Database& database);
  Savepoint(Savepoint&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Savepoint& operator=(Savepoint&&) = delete;
  ~Savepoint();
  Status release();
  Status rollback();

 private:
  explicit Savepoint(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace focalpost
