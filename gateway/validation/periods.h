// SPDX-License-Identifier: Apache-2.0
//
// periods: time periods of one dataset, read once for each spelling.
//
// Monthly files repeat the same 120 texts in every series, so what is known of a text lies in a
// small cache of four ways; a text that is not in it costs a Period::parse, nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/period.h"
#include "model/structure.h"

namespace focalpost {

/// Days since 1970-01-01, both inclusive.
struct DayRange {
  std::int64_t first = INT64_MIN, last = INT64_MAX;
  friend auto operator<=>(const DayRange&, const DayRange&) = default;
};
/// From the first day of `from` to the last of `to`; what is empty or no period leaves it open.
DayRange days_between(std::string_view from, std::string_view to);

/// Whether `text`, which is the period `period`, is spelled as the time type `type` wants it.
bool spelled_as(DataType type, std::string_view text, Period period);

/// How a period is written under a frequency code: "YYYY-MM"; "" for codes that do not say.
std::string_view period_form(std::string_view freq_code);

/// What a text that is no period may have meant: "2026-1" and "01.2026" -> "2026-01".
std::vector<std::string> period_suggestions(std::string_view text);

enum class PeriodFault : std::uint8_t {
  kNone,
  kAbsent,
  kUnreadable,
  kType,   ///< a period, but not of the component's type
  kRange,  ///< outside startTime..endTime
};

/// What is known of one spelling.
struct PeriodFacts {
  Period period;
  std::int64_t ordinal = 0;
  std::int32_t first_day = 0;
  PeriodFault fault = PeriodFault::kNone;
  bool future = false;     ///< begins after today
  bool reporting = false;  ///< spelled as a part of a reporting year: 2026-Q1, 2026-M01
  /// 1 << kind where there is nothing to say about it, else bit 0.
  std::uint16_t bit = 1;
};

class PeriodMemo {
 public:
  /// Forgets all. `today` in days since 1970-01-01; `format` outlives the memo.
  void begin(const TextFormat* format, std::int64_t today);
  /// A view with nothing in it is absent. The reference is good until the next call.
  const PeriodFacts& look(std::string_view text);

  /// First and last of all right periods looked at since begin().
  Period first() const { return first_; }
  Period last() const { return last_; }

 private:
  PeriodFacts read(std::string_view text);
  struct Entry {
    std::uint64_t head = 0, tail = 0;
    std::uint32_t length = 0;
    std::uint32_t turn = 0;  ///< of begin(); others are old
    PeriodFacts facts;
  };
  static constexpr std::size_t kSets = 64, kWays = 4;
  const TextFormat* format_ = nullptr;
  DayRange range_;
  std::int64_t today_ = 0;
  Period first_, last_;
  PeriodFacts absent_, other_;
  std::uint32_t turn_ = 0, next_way_ = 0;
  std::array<Entry, kSets * kWays> entries_{};
};

}  // namespace focalpost
