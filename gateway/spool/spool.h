// SPDX-License-Identifier: Apache-2.0
//
// spool: raw messages on disk, before anything is understood of them and long after.
//
// Owns: incoming/ (incoming.h: what a remote mailbox sent, safe before it is looked at) and kept/
// (kept.h: every judged message and its verdicts, compressed, for `rebuild`); the only door to
// zstd.
//
// Never does: look into a message, decide what is kept or for how long, talk to a mailbox.
//
// Dangers:
// - What is written is promised only after seal() or sync(): one fsync for a whole batch.
// - Everything here is as confidential as the mailbox: folders are 0700, files 0600.
// - incoming/ and kept/ have one writer, the holder of the home's lock.
#pragma once

#include <cstdint>

#include "base/files.h"
#include "base/result.h"

namespace focalpost {

struct DiskSpace {
  std::uint64_t free_bytes = 0;  ///< that this user may still write
  std::uint64_t total_bytes = 0;
};

/// Of the file system `path` lies on. For the low-disk rule (DESIGN "limits").
Result<DiskSpace> disk_space(const fs::path& path);

}  // namespace focalpost
