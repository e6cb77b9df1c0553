// SPDX-License-Identifier: Apache-2.0
//
// timeliness: how each institution kept its own promises in the last twelve months.
//
// For coordinators and the operator alone: nobody else is told of anybody's delays (NETWORK.md
// section 5). Institutions stand in the order of their ids, never of their numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "flow/home.h"

namespace focalpost {

/// How far back is counted.
inline constexpr std::chrono::days kTimelinessBack{365};

struct Timeliness {
  std::string provider;            ///< "KG_SMS"
  std::vector<std::string> areas;  ///< countries that it reports for
  std::uint64_t promised = 0;      ///< duties whose last day is over, without those without data
  std::uint64_t in_time = 0, late = 0, partly = 0, missed = 0;
  std::uint64_t empty = 0;      ///< without data
  std::uint64_t extended = 0;   ///< that had more time, whatever came of them
  std::uint64_t revisions = 0;  ///< filings that changed earlier values
  /// Days from the due day to when it was received, of what was; before it: below 0. The middle
  /// one, of an even number the mean of both.
  std::optional<double> median_delay;

  /// In time of what was promised; nothing: nothing was.
  std::optional<double> share() const {
    if (promised == 0) return {};
    return static_cast<double>(in_time) / static_cast<double>(promised);
  }
};

/// Of all institutions that promised something. What was due before this gateway knew the
/// agreements is not counted.
Result<std::vector<Timeliness>> timeliness(Home& home, Time now);

}  // namespace focalpost
