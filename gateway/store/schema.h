// SPDX-License-Identifier: Apache-2.0
//
// schema: which tables the store has, and how an older store becomes one of today.
//
// The version of the tables is SQLite's user_version; a number in application_id marks the file as
// ours (`file store.sqlite` shows it). A published version is never edited: a change is a new step.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/database.h"

namespace focalpost {

inline constexpr std::int64_t kApplicationId = 0x46505354;  // "FPST"
inline constexpr std::int64_t kSchemaVersion = 7;

/// Brings the tables to kSchemaVersion in one transaction; nothing happens if they are there. A
/// file of another program and a store of a newer focalpost are refused (ErrorKind::kUsage)
/// untouched.
Status migrate(Database& database);

/// For connections that must not write: an Error unless the tables are of this version.
Status check_schema(Database& database);

}  // namespace focalpost
