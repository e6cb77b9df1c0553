// SPDX-License-Identifier: Apache-2.0
//
// continuity: whether a series goes on as one would expect: jumps, gaps, totals since January.
//
// NETWORK.md section 3. Looks at one series after the other, at the cells of the file and, where
// they are known, at those stored before; what concerns stored cells alone is never told.
// - Jump: against the period before, or else the same period of the year before (half-years to
//   weeks); only when the ratio is over 3 and the change over 100, UNIT_MULT counted in. One
//   finding a cell; a level that changed once differs from a whole year: that is one finding with a
//   count.
// - Gap: periods missing between two that are there, but for days. The same gap in many series is
//   one finding. A cell without value but with a status is there.
// - Looks cumulative: in a year, 90 % or more of the all-total series with three or more periods
//   never fall and end at 2.5 times their beginning or more. Zeros before the first number do not
//   count, neither do stocks (TIME_PER_COLLECT other than S).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "model/finding.h"
#include "model/history.h"
#include "validation/kept_cells.h"

namespace focalpost {

/// How many periods back the same one of the year before is; 0 where there is none (years, days).
int periods_in_a_year(PeriodKind kind);

class Continuity {
 public:
  /// Findings are made for the first `listed` of each rule; the rest is counted.
  explicit Continuity(std::uint64_t listed) : listed_(listed) {}

  /// `rows` are those of one series, in order of time; `past` is what is stored of it.
  void judge(const KeptCells& cells, std::span<const KeptCells::Row> rows,
             std::span<const PastCell> past);
  /// Gaps may not be gaps: the series came in several places of a file too large to be kept.
  void forget_gaps() { gaps_.clear(), more_gaps_ = 0; }

  /// What was found, most important first; afterwards nothing is left.
  std::vector<Finding> findings();

 private:
  using Point = KeptCells::Row;
  using Points = std::span<const Point>;
  /// In place of its number: not of the file, but stored.
  static constexpr std::uint32_t kStored = UINT32_MAX;
  static bool in_file(const Point& point) { return point.series != kStored; }

  struct Year {
    std::uint64_t looked_at = 0, growing = 0;
    Finding example;
  };
  struct Told {
    std::vector<Finding> listed;
    std::uint64_t more = 0;
  };

  void judge_gap(const KeptCells& cells, const Point& before, const Point& after);
  void judge_jumps(const KeptCells& cells, std::uint32_t series, Points points);
  void judge_years(const KeptCells& cells, std::uint32_t series, Points points);
  template <typename Fill>
  void tell(Told& to, const Rule& rule, Fill fill);

  std::uint64_t listed_;
  std::vector<Point> both_;  ///< of a series, where some are stored
  Told jumps_, jumps_from_filed_;
  std::map<std::tuple<PeriodKind, std::int32_t, std::int32_t>, Finding> gaps_;
  std::uint64_t more_gaps_ = 0;
  std::map<int, Year> years_;
};

}  // namespace focalpost
