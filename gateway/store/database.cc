// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <fmt/format.h>

namespace focalpost {

namespace {

constexpr const char* kSavepoint = "SAVEPOINT s";
constexpr const char* kRelease = "RELEASE s";
constexpr const char* kRollbackTo = "ROLLBACK TO s";

Error store_error(sqlite3* handle, int code, std::string_view doing) {
  std::string what = fmt::format("the store failed {}: {}", doing,
                                 handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR:
      return temporary(std::move(what));
    case SQLITE_FULL:
      return temporary(std::move(what), "Make room on the disk; work goes on then.");
    case SQLITE_CANTOPEN:
      return usage_error(std::move(what), "Is this a home? Make one with `focalpost init DIR`.");
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return usage_error(std::move(what), "Give the user that runs focalpost write access.");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return usage_error(std::move(what),
                         "The file is damaged: put the newest backup in its place.");
    default:
      return bug(std::move(what));
  }
}

}  // namespace

Error Database::error(int code, std::string_view doing) const {
  return store_error(handle_.get(), code, doing);
}

Result<Database> Database::open(const std::filesystem::path& path, Mode mode) {
  Database database;
  sqlite3* handle = nullptr;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
    case Mode::kReadWrite:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
      break;
    case Mode::kReadOnly:
      flags |= SQLITE_OPEN_READONLY;
      break;
    case Mode::kMemory:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY;
      break;
  }
  int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  database.handle_.reset(handle);
  if (code != SQLITE_OK) return database.error(code, "to open " + path.string());
  sqlite3_busy_timeout(handle, 10'000);
  // Slots for small allocations: the prepared statements alone use up the default of 40.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_LOOKASIDE, nullptr, 1200, 500);
  // The cache is bounded so that memory does not grow with the store; 16 MB hold the inner pages of
  // the trees of some 100 million observations.
  FP_TRY(
      database.execute("PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384; "
                       "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"));
  if (mode == Mode::kReadWrite)
    FP_TRY(
        database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                         "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;"));
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  Statement statement;
  int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement.handle_, nullptr);
  if (code != SQLITE_OK) return error(code, fmt::format("to prepare \"{}\"", sql));
  return statement;
}

Status Database::execute(const std::string& sql) {
  int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, fmt::format("at \"{:.200}\"", sql));
  return {};
}

Status Database::execute_often(const char* sql) {
  for (auto& [known, statement] : often_)
    if (known == sql) return statement.run();
  FP_ASSIGN(Statement made, prepare(sql));
  return often_.emplace_back(sql, std::move(made)).second.run();
}

Result<std::optional<std::int64_t>> Database::query_integer(std::string_view sql) {
  FP_ASSIGN(Statement statement, prepare(sql));
  FP_ASSIGN(bool row, statement.step());
  if (!row || statement.is_null(0)) return std::optional<std::int64_t>{};
  return std::optional<std::int64_t>{statement.integer(0)};
}

Result<bool> Statement::step() {
  int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(handle_);
  if (code == SQLITE_DONE) return false;
  // The message is the connection's: reset() above leaves it as the failed step set it.
  return store_error(sqlite3_db_handle(handle_), code, "at a statement");
}

Status Statement::run() {
  FP_ASSIGN(bool row, step());
  if (row) sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  return {};
}

Result<Transaction> Transaction::begin(Database& database) {
  FP_TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (!database_) return;
  ++database_->rollbacks_;
  // After some errors SQLite has rolled back by itself.
  if (!sqlite3_get_autocommit(database_->handle())) (void)database_->execute("ROLLBACK");
}

Status Transaction::commit() {
  FP_TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

Result<Savepoint> Savepoint::begin(Database& database) {
  FP_TRY(database.execute_often(kSavepoint));
  return Savepoint(database);
}

Savepoint::~Savepoint() {
  if (database_ && !sqlite3_get_autocommit(database_->handle())) (void)rollback();
}

Status Savepoint::release() {
  FP_TRY(database_->execute_often(kRelease));
  database_ = nullptr;
  return {};
}

Status Savepoint::rollback() {
  ++database_->rollbacks_;
  // ROLLBACK TO leaves the savepoint on the stack, hence the RELEASE. Names may repeat: SQLite
  // takes the innermost, which is this one because savepoints end in the reverse order of their
  // beginning.
  FP_TRY(database_->execute_often(kRollbackTo));
  FP_TRY(database_->execute_often(kRelease));
  database_ = nullptr;
  return {};
}

}  // namespace focalpost
