// SPDX-License-Identifier: Apache-2.0
#include "validation/totals.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

namespace focalpost {
namespace {

/// Fewer different numbers than this may be multiples of 5 by chance.
constexpr std::size_t kNumbersThatShowRounding = 10;

std::uint64_t mark(std::size_t dimension, std::int32_t code) {
  std::uint64_t h = (std::uint64_t(std::uint32_t(code)) + 1) * 0x9E3779B97F4A7C15ull ^
                    (dimension + 1) * 0xD6E8FEB86659FD93ull;
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93ull;
  return h ^ (h >> 29);
}

/// Series found by their key with one code replaced. A key's hash is the sum of its codes' marks;
/// what it finds is compared, so that a collision costs time and nothing else.
class Finder {
 public:
  explicit Finder(const KeptCells& cells) : cells_(cells) {
    std::size_t size = 16;
    while (size < 2 * cells.series().size()) size *= 2;
    table_.assign(size, 0);
    hashes_.resize(cells.series().size());
    for (std::uint32_t s = 0; s < cells.series().size(); ++s) {
      if (cells.series()[s].kind == PeriodKind::kNone) continue;
      auto codes = cells.codes(s);
      for (std::size_t d = 0; d < codes.size(); ++d) hashes_[s] += mark(d, codes[d]);
      std::size_t at = hashes_[s] & (size - 1);
      while (table_[at] != 0) at = (at + 1) & (size - 1);
      table_[at] = s + 1;
    }
  }

  /// The series that is like `like` but for `code`; -1 if there is none.
  std::int64_t find(std::uint32_t like, std::size_t dimension, std::int32_t code) const {
    auto codes = cells_.codes(like);
    const std::uint64_t hash =
        hashes_[like] - mark(dimension, codes[dimension]) + mark(dimension, code);
    for (std::size_t at = hash & (table_.size() - 1); table_[at] != 0;
         at = (at + 1) & (table_.size() - 1)) {
      const std::uint32_t s = table_[at] - 1;
      if (hashes_[s] != hash || cells_.series()[s].kind != cells_.series()[like].kind) continue;
      auto other = cells_.codes(s);
      bool same = other[dimension] == code;
      for (std::size_t d = 0; d < codes.size() && same; ++d)
        same = d == dimension || other[d] == codes[d];
      if (same) return s;
    }
    return -1;
  }

 private:
  const KeptCells& cells_;
  std::vector<std::uint32_t> table_;  ///< series + 1, 0 empty; size a power of two
  std::vector<std::uint64_t> hashes_;
};

/// 1, or what all numbers of the dataset are multiples of.
double common_rounding(const KeptCells& cells) {
  std::int64_t divisor = 0;
  std::set<std::int64_t> different;
  for (const KeptCells::Row& row : cells.rows()) {
    if (!std::isfinite(row.value) || row.value == 0) continue;
    const double value = std::fabs(row.value) * cells.series()[row.series].factor();
    if (value > 9e15 || value != std::floor(value)) return 1;
    divisor = std::gcd(divisor, static_cast<std::int64_t>(value));
    if (divisor % 5 != 0) return 1;
    if (different.size() < kNumbersThatShowRounding)
      different.insert(static_cast<std::int64_t>(value));
  }
  if (different.size() < kNumbersThatShowRounding) return 1;
  for (std::int64_t base : {1000, 100, 10, 5})
    if (divisor % base == 0) return static_cast<double>(base);
  return 1;
}

double last_digit(const KeptCells::Series& series) {
  return std::pow(10.0, series.power - series.decimals);
}

}  // namespace

void compare_totals(const KeptCells& cells, const std::function<void(const TotalFault&)>& tell) {
  const FlowStructure& flow = cells.structure();
  const auto& rows = cells.rows();
  const auto& series = cells.series();
  std::vector<std::uint32_t> first(series.size() + 1, 0);  // of each series among the rows
  for (const KeptCells::Row& row : rows) ++first[row.series + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  const Finder finder(cells);
  const double rounding = common_rounding(cells);
  std::vector<std::uint32_t> parts, place;
  std::vector<std::int32_t> codes;
  for (std::uint32_t s = 0; s < series.size(); ++s) {
    if (series[s].kind == PeriodKind::kNone) continue;
    for (std::uint16_t d = 0; d < flow.dimension_count; ++d) {
      if (!flow.components[d].coded()) continue;
      const std::int32_t parent = cells.codes(s)[d];
      parts.clear();
      codes.clear();
      bool complete = true;
      double base = std::max(rounding, last_digit(series[s]));
      int decimals = series[s].decimals - series[s].power;
      for (std::int32_t child : flow.components[d].codes->children(parent)) {
        const std::int64_t part = child == parent ? -1 : finder.find(s, d, child);
        complete = part >= 0;
        if (!complete) break;
        parts.push_back(static_cast<std::uint32_t>(part));
        codes.push_back(child);
        base = std::max(base, last_digit(series[parts.back()]));
        decimals = std::max(decimals, series[parts.back()].decimals - series[parts.back()].power);
      }
      if (!complete || parts.empty()) continue;
      place.clear();
      for (std::uint32_t part : parts) place.push_back(first[part]);
      for (std::uint32_t r = first[s]; r < first[s + 1] && complete; ++r) {
        double sum = std::isfinite(rows[r].value) ? 0 : kNoNumber;
        for (std::size_t k = 0; k < parts.size(); ++k) {
          std::uint32_t& at = place[k];
          while (at < first[parts[k] + 1] && rows[at].ordinal < rows[r].ordinal) ++at;
          const bool there = at < first[parts[k] + 1] && rows[at].ordinal == rows[r].ordinal;
          sum += there ? rows[at].value * series[parts[k]].factor() : kNoNumber;
        }
        if (!std::isfinite(sum)) continue;
        const double total = rows[r].value * series[s].factor();
        const double tolerance = static_cast<double>(parts.size()) * base / 2;
        // What is lost in computing with doubles is no difference.
        if (std::fabs(total - sum) <= tolerance + 1e-9 * (1 + std::fabs(total))) continue;
        tell({rows[r], d, sum / series[s].factor(), decimals + series[s].power, codes});
      }
    }
  }
}

}  // namespace focalpost
