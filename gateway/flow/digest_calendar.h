// SPDX-License-Identifier: Apache-2.0
//
// digest_calendar: when a subscriber's periods end, and when the digest of each is due.
//
// A period begins and ends at the beginning of a local day: of every day, of Monday, of the first
// of a month, of the first of a quarter. Its digest is due at kDigestHour of the day at whose
// beginning it ended. A period is known by that day (counted from 1970-01-01), which neither a
// change of the clock nor of the zone can make come twice.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "render/local_time.h"

namespace focalpost {

inline constexpr int kDigestHour = 8;

/// The end of a period.
struct PeriodEnd {
  std::int64_t day = 0;
  Time at{};   ///< the day's beginning
  Time due{};  ///< when its digest leaves
};

/// The first day of the period in which a day lies; an unknown rhythm counts as weekly.
std::int64_t period_begin(std::string_view rhythm, std::int64_t day);
/// The first day of the one after it.
std::int64_t period_next(std::string_view rhythm, std::int64_t day);

/// The end of the last period whose digest is due by now.
PeriodEnd last_due(std::string_view rhythm, const LocalTime& local, Time now);
/// The end of the first period whose digest is due later than now, and that ends after `told`.
PeriodEnd next_due(std::string_view rhythm, const LocalTime& local, Time now, std::int64_t told);

}  // namespace focalpost
