// SPDX-License-Identifier: Apache-2.0
//
// calendar: what the provision agreements promise, period by period.
//
// Owns: from a release calendar (Periodicity, Offset, Tolerance: SDMX 2.1 section 3, xs:duration)
// to days. Never: knows what came in.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/lookup.h"
#include "model/period.h"

namespace focalpost {

/// How far ahead people are told what is due.
inline constexpr std::chrono::days kCalendarAhead{92};

/// What an agreement promises for one period.
struct Duty {
  const AgreementTerms* terms = nullptr;  ///< lives as long as the lookup
  Period period;
  Time due{};    ///< the beginning of the day (UTC) by whose end it is expected
  Time grace{};  ///< the last day that is not late
};

/// xs:duration of whole years, months, weeks and days; nothing for any other, negative or over 100
/// years.
struct CalendarDuration {
  int months = 0, days = 0;
};
std::optional<CalendarDuration> parse_duration(std::string_view text);

/// Duties that are due in [from, to), by day; of agreements that are valid then. At most `most`.
std::vector<Duty> duties(const StructureLookup& lookup, Time from, Time to,
                         std::size_t most = 1000);

/// What an agreement promises for this very period; nothing: it does not.
std::optional<Duty> duty_of(const AgreementTerms& terms, Period period);

}  // namespace focalpost
