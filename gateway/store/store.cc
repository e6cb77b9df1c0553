// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "base/files.h"
#include "base/hash.h"
#include "store/schema.h"

namespace focalpost {
namespace {

/// An empty file that only its owner can read, before SQLite (which takes over an empty one, and
/// the permissions for the files beside it) writes the first byte.
Status make_private_file(const fs::path& path) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error)))
    return usage_error(path.string() + " exists already",
                       "Choose another name, or remove it first.");
  return write_file_durably(path, {}, 0600);
}

}  // namespace

Result<Store> Store::create(const fs::path& path) {
  FP_TRY(make_private_file(path));
  FP_ASSIGN(Database database, Database::open(path, Database::Mode::kReadWrite));
  FP_TRY(migrate(database));
  Store store(std::move(database));
  FP_TRY(store.draw_gateway_id());
  return store;
}

Result<Store> Store::open(const fs::path& path, Database::Mode mode) {
  if (mode != Database::Mode::kMemory) {
    // SQLite would make the file: a mistyped home must not become an empty one.
    std::error_code error;
    if (!fs::exists(path, error))
      return usage_error("there is no store at " + path.string(),
                         "Is this a home? Make one with `focalpost init DIR`.");
  }
  FP_ASSIGN(Database database, Database::open(path, mode));
  if (mode == Database::Mode::kReadOnly)
    FP_TRY(check_schema(database));
  else
    FP_TRY(migrate(database));
  Store store(std::move(database));
  if (mode == Database::Mode::kMemory) FP_TRY(store.draw_gateway_id());
  return store;
}

Status Store::draw_gateway_id() {
  return set_setting("gateway_id", to_hex(sha256(random_bytes(32))).substr(0, 16));
}

Result<std::optional<std::string>> Store::setting(std::string_view key) {
  FP_ASSIGN(auto rows, core_->statements.get("SELECT value FROM setting WHERE key = ?"));
  rows->bind_all(key);
  FP_ASSIGN(bool row, rows->step());
  return row ? std::optional(rows->string(0)) : std::nullopt;
}

Status Store::set_setting(std::string_view key, std::string_view value) {
  return core_->statements.run(
      "INSERT INTO setting (key, value) VALUES (?, ?) "
      "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      key, value);
}

Result<std::int64_t> Store::damages() {
  FP_ASSIGN(auto found, database().query_integer("SELECT count(*) FROM pragma_quick_check(10) "
                                                 "WHERE quick_check <> 'ok'"));
  return found.value_or(0);
}

Result<std::string> Store::gateway_id() {
  FP_ASSIGN(auto id, setting("gateway_id"));
  if (!id) return usage_error("the store has no gateway id", "Put back a backup.");
  return *std::move(id);
}

Status Store::backup(const fs::path& path) {
  FP_TRY(core_->statements.need_no_transaction("a backup is made"));
  FP_TRY(make_private_file(path));
  return core_->statements.run("VACUUM INTO ?", path.string());
}

}  // namespace focalpost
