// SPDX-License-Identifier: Apache-2.0
//
// incoming: what a remote mailbox sent lands here, whole batches in one file each, and is then read
// through memory (a file a message would cost more than everything else done to a small one).
//
//   batch = "FPBATCH2" record*
//   record = identity length u32, raw length u64, checksum of raw u64 (little-endian), identity,
//   raw
//
// A batch is complete or absent: it is written under a ".tmp" name, synced, and renamed; what a
// crash left as ".tmp" is removed at the next open, for the mailbox still has those messages in
// INBOX.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/result.h"

namespace focalpost {

struct IncomingMessage {
  std::string_view identity;  ///< as Mailbox::identity gave it; view into the batch
  std::string_view raw;       ///< view into the batch
};

/// A sealed batch, mapped. Its messages are views that live as long as it does.
class IncomingBatch {
 public:
  const std::vector<IncomingMessage>& messages() const { return messages_; }
  const fs::path& path() const { return path_; }
  /// Once every message is committed to the store: removes the file. The views stay good.
  Status discard();

 private:
  friend class Incoming;
  fs::path path_;
  MappedFile file_;
  std::vector<IncomingMessage> messages_;
};

/// A batch being written. Given up (and its file removed) if it is destroyed before seal().
class IncomingWriter {
 public:
  IncomingWriter(IncomingWriter&&) noexcept;
  IncomingWriter& operator=(IncomingWriter&&) = delete;
  ~IncomingWriter();

  /// Streams one message in. After an Error (out of `raw`, more than `limit` bytes, a full disk)
  /// the batch is as it was before the call and can take others, or be sealed.
  Status add(std::string_view identity, ByteSource& raw, std::uint64_t limit);
  std::size_t messages() const { return messages_; }
  std::uint64_t bytes() const { return size_; }
  /// Makes everything added durable, with one fsync, and gives it back to be read.
  Result<IncomingBatch> seal() &&;

 private:
  friend class Incoming;
  IncomingWriter(Fd fd, fs::path tmp, fs::path path);
  Status add_at_end(std::string_view identity, ByteSource& raw, std::uint64_t limit);
  Status flush();
  Status put(std::string_view bytes);

  Fd fd_;
  fs::path tmp_;  ///< empty once it is sealed
  fs::path path_;
  std::string buffer_;         ///< the last bytes, not yet in the file
  std::uint64_t flushed_ = 0;  ///< bytes in the file
  std::uint64_t size_ = 0;     ///< bytes of whole records, with the head of the file
  std::size_t messages_ = 0;
};

class Incoming {
 public:
  /// Makes the folder, removes what was never sealed.
  static Result<Incoming> open(const fs::path& directory);

  Result<IncomingWriter> begin();
  /// Batches that were sealed and not discarded, oldest first: what a crash left. To be read with
  /// read() and processed like new ones.
  Result<std::vector<fs::path>> pending() const;
  /// Maps a batch. `verify` checks each message against its checksum (after a crash); one that is
  /// damaged makes the batch an Error.
  static Result<IncomingBatch> read(const fs::path& path, bool verify);

 private:
  explicit Incoming(fs::path directory) : directory_(std::move(directory)) {}
  fs::path directory_;
  std::uint64_t next_ = 1;
};

}  // namespace focalpost
