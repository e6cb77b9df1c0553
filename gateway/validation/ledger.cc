// SPDX-License-Identifier: Apache-2.0
#include "validation/ledger.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"

namespace focalpost {

KeyHash hash_key(std::string_view bytes) {
  static const std::uint64_t seed = hash_seed();
  return {fast_hash(bytes, seed), fast_hash(bytes, ~seed * 0x9E3779B97F4A7C15ull)};
}

KeyIndex::Place KeyIndex::find_or_add(KeyHash key) {
  if (table_.size() < 2 * (keys_.size() + 1)) grow();
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = key.low & mask;; at = (at + 1) & mask) {
    if (table_[at] == 0) {
      keys_.push_back(key);
      table_[at] = static_cast<std::uint32_t>(keys_.size());
      return {table_[at] - 1, true};
    }
    if (keys_[table_[at] - 1] == key) return {table_[at] - 1, false};
  }
}

void KeyIndex::grow() {
  table_.assign(std::max<std::size_t>(32, table_.size() * 2), 0);
  const std::size_t mask = table_.size() - 1;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    std::size_t at = keys_[i].low & mask;
    while (table_[at] != 0) at = (at + 1) & mask;
    table_[at] = static_cast<std::uint32_t>(i + 1);
  }
}

void KeyIndex::clear() {
  keys_.clear();
  std::fill(table_.begin(), table_.end(), 0);
}

void CellLedger::clear() {
  series_.clear();
  // One block is kept for the next dataset, which is small as a rule.
  if (blocks_.size() > 1) blocks_.resize(1);
  used_ = 0;
  std::fill(sparse_keys_.begin(), sparse_keys_.end(), 0);
  sparse_used_ = 0;
}

namespace {
/// An array may be four times as long as what is in it, and a little more.
bool dense_enough(std::int64_t span, std::size_t filled) {
  return span <= CellLedger::kLongest && span <= std::int64_t(4 * filled + 16);
}
std::uint32_t load(const unsigned char* cell) {
  return std::uint32_t(cell[0]) | std::uint32_t(cell[1]) << 8 | std::uint32_t(cell[2]) << 16;
}
void save(unsigned char* cell, std::uint32_t fingerprint) {
  cell[0] = static_cast<unsigned char>(fingerprint);
  cell[1] = static_cast<unsigned char>(fingerprint >> 8);
  cell[2] = static_cast<unsigned char>(fingerprint >> 16);
}
bool has_array(PeriodKind kind) {
  return kind >= PeriodKind::kYear && kind <= PeriodKind::kDay;
}
}  // namespace

std::uint32_t CellLedger::reserve(std::size_t count) {
  std::size_t offset = used_;
  if (offset / kBlockCells != (offset + count - 1) / kBlockCells)
    offset = (offset / kBlockCells + 1) * kBlockCells;
  // Not initialized: pages that are never used never exist.
  if (offset / kBlockCells >= blocks_.size())
    blocks_.push_back(std::make_unique_for_overwrite<unsigned char[]>(kBlockCells * kCellBytes));
  used_ = offset + count;
  auto given = static_cast<std::uint32_t>(offset);
  std::fill_n(cells(given), count * kCellBytes, 0);
  return given;
}

bool CellLedger::make_room(Series& s, std::int64_t ordinal) {
  const std::int64_t base = s.base, end = base + s.capacity;
  const std::int64_t low = s.capacity ? std::min(base, ordinal) : ordinal;
  const std::int64_t high = s.capacity ? std::max(end, ordinal + 1) : ordinal + 1;
  if (!dense_enough(high - low, s.filled + 1)) return false;
  // Doubling on the side on which it grows, so that newest-first costs no more than oldest-first.
  std::int64_t capacity =
      std::min(kLongest, std::max<std::int64_t>(high - low, 2 * std::int64_t(s.capacity)));
  std::int64_t new_base = ordinal < base && s.capacity ? high - capacity : low;
  std::uint32_t offset = reserve(static_cast<std::size_t>(capacity));
  if (s.capacity > 0)
    std::copy_n(cells(s.offset), s.capacity * kCellBytes,
                cells(offset) + std::size_t(base - new_base) * kCellBytes);
  s.offset = offset;
  s.capacity = static_cast<std::uint32_t>(capacity);
  s.base = static_cast<std::int32_t>(new_base);
  return true;
}

std::uint32_t CellLedger::put(std::uint32_t series, Period period, std::int64_t ordinal,
                              std::uint32_t fingerprint) {
  Series& s = series_[series];
  const PeriodKind kind = period.kind();
  if (!has_array(kind) || (s.kind != PeriodKind::kNone && s.kind != kind))
    return put_sparse(series, period, fingerprint);
  s.kind = kind;
  std::int64_t at = ordinal - s.base;
  if (at < 0 || at >= std::int64_t(s.capacity)) {
    if (!make_room(s, ordinal)) return put_sparse(series, period, fingerprint);
    at = ordinal - s.base;
  }
  unsigned char* cell = cells(s.offset) + std::size_t(at) * kCellBytes;
  if (const std::uint32_t before = load(cell); before != 0) return before;
  if (s.sparse) {
    // The array has grown over what was put into the table before.
    if (const std::uint32_t* before = find_sparse(sparse_key(series, period)); before && *before)
      return *before;
  }
  save(cell, fingerprint);
  ++s.filled;
  return 0;
}

bool CellLedger::put_run(std::uint32_t series, std::span<const Period> periods,
                         std::span<const std::int64_t> ordinals,
                         std::span<const std::uint32_t> fingerprints) {
  Series& s = series_[series];
  if (s.capacity != 0 || s.sparse || periods.empty()) return false;
  const PeriodKind kind = periods.front().kind();
  if (!has_array(kind)) return false;
  bool ascending = periods.back().kind() == kind;
  for (std::size_t i = 1; i < periods.size(); ++i)
    ascending &= (ordinals[i] > ordinals[i - 1]) & (periods[i].kind() == kind);
  const std::int64_t span = ordinals.back() - ordinals.front() + 1;
  if (!ascending || !dense_enough(span, periods.size())) return false;
  s.kind = kind;
  s.base = static_cast<std::int32_t>(ordinals.front());
  s.capacity = static_cast<std::uint32_t>(span);
  s.offset = reserve(static_cast<std::size_t>(span));
  unsigned char* stretch = cells(s.offset);
  for (std::size_t i = 0; i < periods.size(); ++i) {
    save(stretch + std::size_t(ordinals[i] - s.base) * kCellBytes, fingerprints[i]);
    s.filled += fingerprints[i] != 0;
  }
  return true;
}

std::uint64_t CellLedger::sparse_key(std::uint32_t series, Period period) {
  static const std::uint64_t seed = hash_seed();
  char bytes[12];
  const std::int64_t number = period.number();
  std::memcpy(bytes, &number, 8);
  std::memcpy(bytes + 8, &series, 4);
  std::uint64_t key = fast_hash({bytes, sizeof bytes}, seed);
  return key + (key == 0);
}

/// Its value, or where it would go (a value of 0); null while there is no table.
std::uint32_t* CellLedger::find_sparse(std::uint64_t key) {
  if (sparse_keys_.empty()) return nullptr;
  const std::size_t mask = sparse_keys_.size() - 1;
  std::size_t at = key & mask;
  while (sparse_keys_[at] != 0 && sparse_keys_[at] != key) at = (at + 1) & mask;
  if (sparse_keys_[at] == 0) sparse_values_[at] = 0;
  return &sparse_values_[at];
}

std::uint32_t CellLedger::put_sparse(std::uint32_t series, Period period,
                                     std::uint32_t fingerprint) {
  series_[series].sparse = true;
  if (sparse_keys_.size() * 3 < (sparse_used_ + 1) * 4) {
    std::vector<std::uint64_t> keys = std::move(sparse_keys_);
    std::vector<std::uint32_t> values = std::move(sparse_values_);
    sparse_keys_.assign(std::max<std::size_t>(64, keys.size() * 2), 0);
    sparse_values_.assign(sparse_keys_.size(), 0);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == 0) continue;
      std::uint32_t* value = find_sparse(keys[i]);
      sparse_keys_[static_cast<std::size_t>(value - sparse_values_.data())] = keys[i];
      *value = values[i];
    }
  }
  const std::uint64_t key = sparse_key(series, period);
  std::uint32_t* value = find_sparse(key);
  if (*value != 0) return *value;
  sparse_keys_[static_cast<std::size_t>(value - sparse_values_.data())] = key;
  *value = fingerprint;
  ++sparse_used_;
  return 0;
}

std::size_t CellLedger::bytes() const {
  return series_.capacity() * sizeof(Series) + used_ * kCellBytes + sparse_keys_.capacity() * 8 +
         sparse_values_.capacity() * 4;
}

}  // namespace focalpost
