// SPDX-License-Identifier: Apache-2.0
//
// kept: every message that was judged, as it came, in append-only compressed segments; and beside
// it small notes (docket, assurance, verdict) written after the commit. `rebuild` replays them.
//
//   kept-000001.seg = "FPKEPT02", salt (16 random bytes), check u64; then records
//   record  = header of 48 bytes, key, payload (one zstd frame with its checksum of the content)
//   header  = "FPRC", version u8 2, kind u8, state u8, 0, key length u32, 0 u32,
//             raw length u64, stored length u64, synced-to u64, check u64
//
// Numbers are little-endian. `check` is the first 8 bytes of SHA-256(salt, header, key), where the
// header goes in without check and state (so that forget() never breaks a header half-way): nobody
// who does not know the salt can write something into a message that looks like a record. A segment
// takes records until it has 256 MB; a record is never split.
//
// After a crash: the header is written last, so a record cut off by a crash has no valid one. At
// the next open for writing such a tail is cut off. `synced-to` says up to where the segment was
// known to be on disk when the record was begun; records after that are read through at
// open, since a disk writes pages in any order. Damage in the middle is never cut off:
// records behind it are found again by their checks, damaged_bytes() tells that there is a hole.
//
// Memory: some 2 MB whatever the size of a message.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/result.h"

namespace focalpost {

/// Where a record is; stays the same for ever. The store keeps the two numbers.
struct Location {
  std::uint32_t segment = 0;  ///< from 1
  std::uint64_t offset = 0;   ///< of the record's header

  friend bool operator==(const Location&, const Location&) = default;
  friend auto operator<=>(const Location&, const Location&) = default;
};

enum class KeptKind : std::uint8_t { kMessage = 1, kNote = 2 };

struct KeptRecord {
  Location at;
  KeptKind kind = KeptKind::kMessage;
  std::string key;               ///< the docket or identity it was appended under
  std::uint64_t raw_length = 0;  ///< bytes
  bool forgotten = false;        ///< its payload was purged: read() gives no bytes
};

class KeptStore {
 public:
  enum class Access {
    kWrite,     ///< repairs a torn tail; the caller holds the home's lock
    kReadOnly,  ///< beside a running writer: changes nothing, sees what is whole
  };
  static constexpr std::uint64_t kSegmentBytes = 256ull << 20;

  /// With kWrite the folder is made if it is missing. `segment_bytes` is for tests.
  static Result<KeptStore> open(const fs::path& directory, Access access = Access::kWrite,
                                std::uint64_t segment_bytes = kSegmentBytes);
  KeptStore(KeptStore&&) noexcept;
  KeptStore& operator=(KeptStore&&) noexcept;
  ~KeptStore();

  /// Appends a message, streaming. Not durable before sync(). After an Error out of `raw` or of a
  /// full disk the store is as it was before the call. After a failed sync() nothing can be
  /// appended until the store is opened again (the system forgets which pages it could not write).
  /// `key` is at most 64 KB.
  Result<KeptRecord> append_message(std::string_view key, ByteSource& raw);
  Result<KeptRecord> append_message(std::string_view key, std::string_view raw);
  /// Appends a small record that says something about `key`; the bytes mean nothing here.
  Result<KeptRecord> append_note(std::string_view key, std::string_view bytes);
  /// Makes everything appended durable: one write, one fsync for the batch.
  Status sync();

  /// The raw bytes of a record, checked: an Error at their end if they are not what was appended.
  /// The source may outlive the store.
  Result<std::unique_ptr<ByteSource>> read(Location at);
  /// Every record in the order of appending. The source gives the raw bytes; `visit` may leave them
  /// unread. The first Error of `visit` ends it.
  Status for_each(const std::function<Status(const KeptRecord&, ByteSource&)>& visit);
  /// Purges personal data: overwrites payload and hash of each record with zeros, durably. Key,
  /// lengths and place stay. Repeating it after a crash is right. (A copying file system or a flash
  /// disk may keep old blocks: encrypt the disk.)
  Status forget(std::span<const Location> records);

  /// What open() cut off as torn, and what it found unreadable between records, in the last
  /// segment.
  std::uint64_t torn_bytes() const;
  std::uint64_t damaged_bytes() const;

 private:
  struct State;
  explicit KeptStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace focalpost
