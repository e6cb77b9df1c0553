// SPDX-License-Identifier: Apache-2.0
//
// crash_note: which message the program was at when it crashed, written down by the signal handler
// itself, so that the next start charges the right one.
//
// One note for a process; any thread may be at a message of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"

namespace focalpost {

/// Installs the handlers; `directory` is the home's spool. Safe to call once per process.
void note_crashes_in(const fs::path& directory);
/// The key that the last crash was at, if there was one; forgets it.
std::optional<std::string> take_crash_note(const fs::path& directory);

/// While it lives, this thread is at the message `key` (at most 512 bytes of it are noted).
class WorkingOn {
 public:
  explicit WorkingOn(std::string_view key);
  ~WorkingOn();
  WorkingOn(const WorkingOn&) = delete;
  WorkingOn& operator=(const WorkingOn&) = delete;
};

}  // namespace focalpost
