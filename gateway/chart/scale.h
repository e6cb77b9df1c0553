// SPDX-License-Identifier: Apache-2.0
//
// scale: where values and periods stand on their axes, and which of them are named. Pure
// arithmetic.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/period.h"

namespace focalpost::chart {

/// A value axis with zero on it. Ticks are whole multiples of 1, 2, 2.5 or 5 x 10^n, from the first
/// at or below the least value to the first at or above the largest.
struct ValueScale {
  double low = 0, high = 1;
  std::vector<double> ticks;
  int decimals = 0;  ///< that the ticks need

  /// 0 at `low`, 1 at `high`.
  double share(double value) const { return (value - low) / (high - low); }
};
/// `whole`: only whole ticks, since there are no halves of a person. `wanted`: about so many steps.
ValueScale value_scale(double least, double largest, bool whole, int wanted);

/// A time axis. Periods of one kind stand at equal distances, of several kinds by their days; each
/// stands in the middle of its room, which is one wide (or as many days as it has).
class TimeScale {
 public:
  /// `periods`: sorted, at least one.
  explicit TimeScale(std::span<const Period> periods);

  /// 0 at the axis' beginning, 1 at its end.
  double share(Period period) const;
  /// Where a year begins; it may lie outside.
  double year_start(int year) const;
  int first_year() const { return first_year_; }
  int last_year() const { return last_year_; }
  /// One kind that has a place in time: consecutive periods have consecutive ordinals.
  bool regular() const { return regular_; }
  PeriodKind kind() const { return kind_; }
  /// Whole periods (or days) on the axis.
  double length() const { return end_ - start_; }

 private:
  double start_ = 0, end_ = 1;
  int first_year_ = 0, last_year_ = 0;
  bool regular_ = false;
  PeriodKind kind_ = PeriodKind::kNone;
};

/// Periods of this kind in a year; 0 where it is no whole number.
int in_a_year(PeriodKind kind);

/// Pushes what has `heights` and wants to stand with its middle at `wanted` apart so that nothing
/// overlaps and all lies within [top, bottom], moving it as little as possible (least squares; the
/// pool-adjacent-violators algorithm). The middles, in the order given. Where all together are
/// higher than there is room they stand from the top without gaps.
std::vector<double> spread(std::span<const double> wanted, std::span<const double> heights,
                           double top, double bottom);

}  // namespace focalpost::chart
