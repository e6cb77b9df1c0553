// SPDX-License-Identifier: Apache-2.0
#include "chart/scale.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace focalpost::chart {
namespace {

/// mantissa x 10^exponent as near as a double can be.
double scaled(double mantissa, int exponent) {
  return exponent >= 0 ? mantissa * std::pow(10.0, exponent) : mantissa / std::pow(10.0, -exponent);
}

/// Smaller values are drawn as if they were zero.
constexpr double kSmallestSpan = 1e-30;

struct Step {
  int mantissa;  ///< in tenths
  int exponent;
  double size() const { return scaled(mantissa, exponent - 1); }
};

}  // namespace

ValueScale value_scale(double least, double largest, bool whole, int wanted) {
  ValueScale made;
  double low = std::min(0.0, least), high = std::max(0.0, largest);
  if (high - low < kSmallestSpan) {  // nothing but zeros
    made.ticks = {0, 1};
    return made;
  }
  double at_least = (high - low) / std::max(1, wanted);
  int exponent = int(std::floor(std::log10(at_least))) - 1;
  Step step{10, exponent};
  for (bool found = false; !found; ++exponent)
    for (int mantissa : {10, 20, 25, 50}) {
      step = {mantissa, exponent};
      bool is_whole = exponent >= (mantissa == 25 ? 1 : 0);
      found = step.size() >= at_least * (1 - 1e-9) && (is_whole || !whole);
      if (found) break;
    }
  auto tick = [&](double n) { return scaled(n * step.mantissa, step.exponent - 1); };
  double first = std::floor(low / step.size() + 1e-9);
  double last = std::ceil(high / step.size() - 1e-9);
  for (double n = first; n <= last; ++n) made.ticks.push_back(n == 0 ? 0.0 : tick(n));
  made.low = made.ticks.front();
  made.high = made.ticks.back();
  made.decimals = std::max(0, (step.mantissa == 25 ? 1 : 0) - step.exponent);
  return made;
}

int in_a_year(PeriodKind kind) {
  const int months = months_in(kind);
  return months > 0 ? 12 / months : 0;
}

TimeScale::TimeScale(std::span<const Period> periods) {
  kind_ = periods.front().kind();
  regular_ =
      kind_ >= PeriodKind::kYear && kind_ <= PeriodKind::kDay &&
      std::all_of(periods.begin(), periods.end(), [&](Period p) { return p.kind() == kind_; });
  if (!regular_) kind_ = PeriodKind::kNone;
  if (regular_) {
    start_ = double(periods.front().ordinal());
    end_ = double(periods.back().ordinal()) + 1;
    first_year_ = periods.front().year();
    last_year_ = periods.back().year();
    return;
  }
  std::int64_t start = periods.front().first_day(), end = periods.front().end_day();
  for (Period p : periods) {
    start = std::min(start, p.first_day());
    end = std::max(end, p.end_day());
  }
  start_ = double(start);
  end_ = double(std::max(end, start + 1));
  first_year_ = Period::at(PeriodKind::kDay, start).year();
  last_year_ = Period::at(PeriodKind::kDay, std::max(end - 1, start)).year();
}

double TimeScale::share(Period period) const {
  double middle = regular_ ? double(period.ordinal()) + 0.5
                           : (double(period.first_day()) + double(period.end_day())) / 2;
  return (middle - start_) / (end_ - start_);
}

double TimeScale::year_start(int year) const {
  double at = 0;
  if (int n = in_a_year(kind_); n > 0) {
    at = double(year) * n;
  } else {
    double day = double(Period::at(PeriodKind::kYear, year).first_day());
    at = kind_ == PeriodKind::kWeek ? (day + 3) / 7 : day;
  }
  return (at - start_) / (end_ - start_);
}

std::vector<double> spread(std::span<const double> wanted, std::span<const double> heights,
                           double top, double bottom) {
  const std::size_t n = wanted.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t(0));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  // Blocks stand without gaps; `first` is where a block's first edge would like to be, on average.
  struct Block {
    double sum = 0, height = 0;
    std::size_t count = 0;
    double first() const { return sum / double(count); }
  };
  double all = std::accumulate(heights.begin(), heights.end(), 0.0);
  double lowest_first = std::max(top, bottom - all);
  auto place = [&](const Block& block) {
    return std::clamp(block.first(), top, std::max(lowest_first, bottom - block.height));
  };
  std::vector<Block> blocks;
  for (std::size_t i : order) {
    blocks.push_back({wanted[i] - heights[i] / 2, heights[i], 1});
    while (blocks.size() > 1) {
      Block& before = blocks[blocks.size() - 2];
      const Block& last = blocks.back();
      if (place(before) + before.height <= place(last) + 1e-9) break;
      before.sum += last.sum - double(last.count) * before.height;
      before.height += last.height;
      before.count += last.count;
      blocks.pop_back();
    }
  }
  std::vector<double> middles(n);
  std::size_t next = 0;
  for (const Block& block : blocks) {
    double edge = place(block);
    for (std::size_t k = 0; k < block.count; ++k, ++next) {
      middles[order[next]] = edge + heights[order[next]] / 2;
      edge += heights[order[next]];
    }
  }
  return middles;
}

}  // namespace focalpost::chart
