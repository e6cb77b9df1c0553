// SPDX-License-Identifier: Apache-2.0
//
// ledger: which keys and cells of a dataset have been seen, in little memory.
//
// A key is remembered by 128 bits of hash under a seed drawn for the process, so that nobody can
// choose two keys that look the same. A cell costs 3 bytes in a series whose periods lie close
// together (a fingerprint of value and attributes in an array over the periods), 24 to 48 otherwise
// (an open hash table). Memory grows with the dataset.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/period.h"

namespace focalpost {

struct KeyHash {
  std::uint64_t high = 0, low = 0;
  friend bool operator==(const KeyHash&, const KeyHash&) = default;
};
KeyHash hash_key(std::string_view bytes);

/// Keys numbered in the order in which they first came.
class KeyIndex {
 public:
  struct Place {
    std::uint32_t number;
    bool fresh;
  };
  Place find_or_add(KeyHash key);
  std::size_t size() const { return keys_.size(); }
  void clear();

 private:
  void grow();
  std::vector<KeyHash> keys_;
  std::vector<std::uint32_t> table_;  ///< number + 1, 0 empty; size a power of two
};

class CellLedger {
 public:
  /// A fingerprint has 24 bits and is never 0: of two different values for one cell one in 16
  /// million looks like the other, and nobody can choose it.
  static constexpr std::uint32_t kFingerprintBits = 24;
  static std::uint32_t fingerprint(std::uint64_t hash) {
    const auto bits = static_cast<std::uint32_t>(hash >> (64 - kFingerprintBits));
    return bits + (bits == 0);
  }

  /// Longest stretch of periods of one series that is kept as an array.
  static constexpr std::int64_t kLongest = 32768;

  void clear();
  /// A series more; its number is how many there were.
  void add_series() { series_.emplace_back(); }

  /// Writes a cell down. Gives the fingerprint that stood there before, 0 if there was none (then,
  /// and only then, the new one is kept).
  std::uint32_t put(std::uint32_t series, Period period, std::int64_t ordinal,
                    std::uint32_t fingerprint);
  /// The usual case at once: the first cells of a series, all of one kind, in ascending order,
  /// fingerprint 0 for no cell. False if it is not that case; then nothing was done.
  bool put_run(std::uint32_t series, std::span<const Period> periods,
               std::span<const std::int64_t> ordinals, std::span<const std::uint32_t> fingerprints);

  std::size_t bytes() const;

 private:
  /// Cells lie in blocks that stay where they are: nothing is ever copied to make room for all.
  static constexpr std::size_t kBlockCells = 1 << 18;
  static_assert(kBlockCells >= std::size_t(kLongest));
  static constexpr std::size_t kCellBytes = kFingerprintBits / 8;

  struct Series {
    std::uint32_t offset = 0, capacity = 0;  ///< its stretch of cells, within one block
    std::int32_t base = 0;                   ///< ordinal of the first of them
    std::uint32_t filled = 0;
    PeriodKind kind = PeriodKind::kNone;  ///< of the array
    bool sparse = false;                  ///< has cells in the table too
  };
  bool make_room(Series& s, std::int64_t ordinal);
  std::uint32_t reserve(std::size_t count);
  /// Three bytes each, the lowest first.
  unsigned char* cells(std::uint32_t offset) {
    return blocks_[offset / kBlockCells].get() + offset % kBlockCells * kCellBytes;
  }
  std::uint32_t put_sparse(std::uint32_t series, Period period, std::uint32_t fingerprint);
  std::uint32_t* find_sparse(std::uint64_t key);
  static std::uint64_t sparse_key(std::uint32_t series, Period period);

  std::vector<Series> series_;
  std::vector<std::unique_ptr<unsigned char[]>> blocks_;
  std::size_t used_ = 0;                    ///< cells given away, gaps at the ends of blocks too
  std::vector<std::uint64_t> sparse_keys_;  ///< 0 empty; size a power of two
  std::vector<std::uint32_t> sparse_values_;
  std::size_t sparse_used_ = 0;
};

}  // namespace focalpost
