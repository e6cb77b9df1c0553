// SPDX-License-Identifier: Apache-2.0
//
// when: periods and dates as people write them.
//
// 2024, 2024-Q1, Q1 2024, 1Q2024, 2 кв. 2026 г., I півріччя 2026, H1 2024, 2024-01, 01.2024,
// June 2026, 2026-03-01, 01.03.2024 (day first), 1 марта 2024 г., March 1, 2024; ranges with -, –,
// .., to, по, до; 2019-24, Jan-Mar 2026, "с июня по сентябрь 2026", I-III кв. 2026.
#pragma once

#include <cstddef>
#include <optional>

#include "enquiry/line.h"
#include "model/period.h"

namespace focalpost::enquiry {

struct When {
  Period from, to;      ///< the same for a single period
  std::size_t end = 0;  ///< token after it
  bool range = false;
};

/// A period or a range that begins at token `i`.
std::optional<When> when_at(const Line& line, std::size_t i);

/// A month without a year at `i`: 1 to 12, and the token after it.
std::optional<std::pair<int, std::size_t>> bare_month_at(const Line& line, std::size_t i);

}  // namespace focalpost::enquiry
