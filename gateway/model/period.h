// SPDX-License-Identifier: Apache-2.0
//
// period: SDMX time periods as one sortable number.
//
// Gregorian and reporting spellings of the same time are the same period ("2026-01" and "2026-M01",
// "2026" and "2026-A1"), so that a value sent in the one spelling revises what was sent in the
// other. This holds for reporting years that start on 1 January. SDMX 2.1 section 6, chapter 4.2.
//
// The number: the low 4 bits are the kind. Above it: days since 1970-01-01 of the first day (kinds
// A to D), seconds since 1970-01-01T00:00Z (dateTime), or those seconds << 20 | duration (range).
// Within one kind numbers sort in time; across kinds they do not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace focalpost {

enum class PeriodKind : std::uint8_t {
  kNone = 0,
  kYear = 1,       ///< 2026, 2026-A1
  kSemester = 2,   ///< 2026-S1
  kTrimester = 3,  ///< 2026-T1
  kQuarter = 4,    ///< 2026-Q1
  kMonth = 5,      ///< 2026-01, 2026-M01
  kWeek = 6,       ///< 2026-W01 (ISO 8601 weeks)
  kDay = 7,        ///< 2026-01-31, 2026-D031
  kDateTime = 8,   ///< 2026-01-31T12:00:00
  kRange = 9,      ///< 2026-01-15/P1M
};

class Period {
 public:
  constexpr Period() = default;
  static constexpr Period from_number(std::int64_t number) {
    Period p;
    p.number_ = number;
    return p;
  }
  /// Any legal SDMX time period; nothing for anything else. A zone is read and, but for dateTime,
  /// means nothing.
  static std::optional<Period> parse(std::string_view text);
  /// The n-th period of a kind (kYear to kDay), inverse of ordinal().
  static Period at(PeriodKind kind, std::int64_t ordinal);
  /// The period of a kind (kYear to kDay) in which a day lies (days since 1970-01-01).
  static Period containing(PeriodKind kind, std::int64_t day);

  constexpr std::int64_t number() const { return number_; }
  constexpr PeriodKind kind() const { return static_cast<PeriodKind>(number_ & 15); }
  constexpr bool empty() const { return number_ == 0; }

  /// Canonical spelling: "2026", "2026-S1", "2026-T1", "2026-Q1", "2026-01", "2026-W01",
  /// "2026-01-31".
  std::string text() const;
  /// Days since 1970-01-01 of the first day and of the day after the last.
  std::int64_t first_day() const;
  std::int64_t end_day() const;
  int year() const;
  /// Consecutive within a kind (months since year 0, ...); for dateTime and range the number
  /// itself.
  std::int64_t ordinal() const;

  friend constexpr auto operator<=>(Period, Period) = default;

 private:
  std::int64_t number_ = 0;
};

/// How long a period of a kind is in months; 0 for weeks, days and what has no such length.
int months_in(PeriodKind kind);

/// The code of CL_FREQ that periods of this kind go with; 0 for dateTime and range, which go with
/// any.
char frequency_of(PeriodKind kind);
/// Whether a period of `kind` may stand under the CL_FREQ code. Codes outside A S T Q M W D (B, H,
/// N, multi-letter ones) say nothing about the kind and agree with any.
bool agrees(PeriodKind kind, std::string_view freq_code);

/// "2026-03-31" of days since 1970-01-01.
std::string date_text(std::int64_t day);

}  // namespace focalpost
