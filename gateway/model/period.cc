// SPDX-License-Identifier: Apache-2.0
#include "model/period.h"

#include <fmt/format.h>

#include <chrono>

#include "base/clock.h"

namespace focalpost {
namespace {

using namespace std::chrono;

constexpr std::int64_t days_of(int y, unsigned m, unsigned d) {
  return sys_days(year_month_day{std::chrono::year(y), month(m), day(d)})
      .time_since_epoch()
      .count();
}
year_month_day civil(std::int64_t day) {
  return year_month_day(sys_days(days(day)));
}

/// Monday of ISO week 1, which is the week with 4 January in it.
std::int64_t first_week(int year) {
  std::int64_t fourth = days_of(year, 1, 4);
  unsigned iso = weekday(sys_days(days(fourth))).iso_encoding();
  return fourth - std::int64_t(iso) + 1;
}

constexpr std::int64_t pack(PeriodKind kind, std::int64_t start) {
  return start * 16 + static_cast<std::int64_t>(kind);
}
std::int64_t unpack(std::int64_t number) {
  return number >> 4;
}

int number_in(std::string_view digits) {
  if (digits.size() > 9) return -1;  // no part of a period is that long, and an int holds nine
  int n = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return -1;
    n = n * 10 + (c - '0');
  }
  return digits.empty() ? -1 : n;
}

/// Cuts "Z", "+05:00", "-05:00" off the end. A "-05" of a date is no zone: zones have a colon.
std::string_view without_zone(std::string_view text) {
  if (!text.empty() && text.back() == 'Z') return text.substr(0, text.size() - 1);
  if (text.size() > 6 && text[text.size() - 3] == ':' &&
      (text[text.size() - 6] == '+' || text[text.size() - 6] == '-') &&
      number_in(text.substr(text.size() - 5, 2)) >= 0 &&
      number_in(text.substr(text.size() - 2)) >= 0)
    return text.substr(0, text.size() - 6);
  return text;
}

// Duration units of a range, in the top 3 of its 20 bits; the count is in the low 17.
enum Unit : unsigned { kMonths = 1, kDays = 2, kSeconds = 3, kMinutes = 4, kHours = 5 };

/// xs:duration with whole numbers; 0 when it is none or does not fit.
std::int64_t parse_duration(std::string_view text) {
  if (text.size() < 3 || text.front() != 'P') return 0;
  text.remove_prefix(1);
  std::int64_t months_count = 0, days_count = 0, seconds_count = 0;
  bool in_time = false, any = false;
  while (!text.empty()) {
    if (text.front() == 'T') {
      if (in_time || text.size() == 1) return 0;
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    std::int64_t n = 0;
    std::size_t i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && i < 7; ++i)
      n = n * 10 + (text[i] - '0');
    if (i == 0 || i == text.size()) return 0;
    char unit = text[i];
    text.remove_prefix(i + 1);
    any = true;
    if (!in_time && unit == 'Y')
      months_count += 12 * n;
    else if (!in_time && unit == 'M')
      months_count += n;
    else if (!in_time && unit == 'W')
      days_count += 7 * n;
    else if (!in_time && unit == 'D')
      days_count += n;
    else if (in_time && unit == 'H')
      seconds_count += 3600 * n;
    else if (in_time && unit == 'M')
      seconds_count += 60 * n;
    else if (in_time && unit == 'S')
      seconds_count += n;
    else
      return 0;
  }
  constexpr std::int64_t most = (1 << 17) - 1;
  auto code = [](Unit unit, std::int64_t n) { return (std::int64_t(unit) << 17) | n; };
  if (!any) return 0;
  if (months_count > 0 && days_count == 0 && seconds_count == 0)
    return months_count <= most ? code(kMonths, months_count) : 0;
  if (months_count != 0) return 0;
  if (seconds_count == 0) return days_count > 0 && days_count <= most ? code(kDays, days_count) : 0;
  seconds_count += days_count * 86400;
  if (seconds_count <= most) return code(kSeconds, seconds_count);
  if (seconds_count % 60 == 0 && seconds_count / 60 <= most)
    return code(kMinutes, seconds_count / 60);
  if (seconds_count % 3600 == 0 && seconds_count / 3600 <= most)
    return code(kHours, seconds_count / 3600);
  return 0;
}

std::string duration_text(std::int64_t code) {
  std::int64_t n = code & ((1 << 17) - 1);
  switch (code >> 17) {
    case kMonths:
      return n % 12 == 0 ? fmt::format("P{}Y", n / 12) : fmt::format("P{}M", n);
    case kDays:
      return fmt::format("P{}D", n);
    case kSeconds:
      return fmt::format("PT{}S", n);
    case kMinutes:
      return fmt::format("PT{}M", n);
    default:
      return fmt::format("PT{}H", n);
  }
}

std::int64_t add_months(std::int64_t day, std::int64_t n) {
  year_month_day date = civil(day);
  date += std::chrono::months(n);
  if (!date.ok()) date = date.year() / date.month() / last;
  return sys_days(date).time_since_epoch().count();
}

}  // namespace

int months_in(PeriodKind kind) {
  switch (kind) {
    case PeriodKind::kYear:
      return 12;
    case PeriodKind::kSemester:
      return 6;
    case PeriodKind::kTrimester:
      return 4;
    case PeriodKind::kQuarter:
      return 3;
    case PeriodKind::kMonth:
      return 1;
    default:
      return 0;
  }
}

std::optional<Period> Period::parse(std::string_view text) {
  // the common case first: YYYY-MM
  if (text.size() < 4 || text.size() > 64) return {};
  int y = number_in(text.substr(0, 4));
  if (y < 1) return {};  // XML Schema has no year 0000
  if (text.size() == 4) return from_number(pack(PeriodKind::kYear, days_of(y, 1, 1)));
  if (auto slash = text.find('/'); slash != text.npos) {
    auto start = parse_time(text.substr(0, slash));
    std::int64_t duration = parse_duration(text.substr(slash + 1));
    if (!start || duration == 0) return {};
    std::int64_t seconds_count = floor<seconds>(*start).time_since_epoch().count();
    return from_number(pack(PeriodKind::kRange, seconds_count * (1 << 20) + duration));
  }
  if (text.find('T', 5) != text.npos && text.size() > 10 && text[10] == 'T') {
    auto time = parse_time(text);
    if (!time) return {};
    return from_number(
        pack(PeriodKind::kDateTime, floor<seconds>(*time).time_since_epoch().count()));
  }
  std::string_view plain = without_zone(text);
  if (plain.size() == 4) return from_number(pack(PeriodKind::kYear, days_of(y, 1, 1)));
  if (plain[4] != '-' || plain.size() < 6) return {};
  std::string_view rest = plain.substr(5);
  if (rest.size() == 2 && rest[0] >= '0' && rest[0] <= '9') {
    int m = number_in(rest);
    if (m < 1 || m > 12) return {};
    return from_number(pack(PeriodKind::kMonth, days_of(y, unsigned(m), 1)));
  }
  if (rest.size() == 5 && rest[2] == '-') {
    int m = number_in(rest.substr(0, 2)), d = number_in(rest.substr(3));
    if (m < 1 || d < 1) return {};
    year_month_day date{std::chrono::year(y), month(unsigned(m)), day(unsigned(d))};
    if (!date.ok()) return {};
    return from_number(pack(PeriodKind::kDay, sys_days(date).time_since_epoch().count()));
  }
  int n = number_in(rest.substr(1));
  std::size_t digits = rest.size() - 1;
  auto by_months = [&](PeriodKind kind, std::size_t width, int most) -> std::optional<Period> {
    if (digits != width || n < 1 || n > most) return {};
    return from_number(pack(kind, days_of(y, unsigned((n - 1) * months_in(kind) + 1), 1)));
  };
  switch (rest[0]) {
    case 'A':
      return by_months(PeriodKind::kYear, 1, 1);
    case 'S':
      return by_months(PeriodKind::kSemester, 1, 2);
    case 'T':
      return by_months(PeriodKind::kTrimester, 1, 3);
    case 'Q':
      return by_months(PeriodKind::kQuarter, 1, 4);
    case 'M':
      return by_months(PeriodKind::kMonth, 2, 12);
    case 'W': {
      if (digits != 2 || n < 1 || n > 53) return {};
      std::int64_t monday = first_week(y) + 7 * (n - 1);
      if (monday >= first_week(y + 1)) return {};  // a year with 52 weeks
      return from_number(pack(PeriodKind::kWeek, monday));
    }
    case 'D': {
      if (digits != 3 || n < 1) return {};
      std::int64_t date = days_of(y, 1, 1) + n - 1;
      if (date >= days_of(y + 1, 1, 1)) return {};
      return from_number(pack(PeriodKind::kDay, date));
    }
    default:
      return {};
  }
}

Period Period::at(PeriodKind kind, std::int64_t ordinal) {
  if (int m = months_in(kind); m > 0) {
    std::int64_t month_count = ordinal * m;
    return from_number(
        pack(kind, days_of(int(month_count / 12), unsigned(month_count % 12) + 1, 1)));
  }
  if (kind == PeriodKind::kWeek) return from_number(pack(kind, ordinal * 7 - 3));
  if (kind == PeriodKind::kDay) return from_number(pack(kind, ordinal));
  return from_number(ordinal);
}

Period Period::containing(PeriodKind kind, std::int64_t day) {
  // ordinal() asks only where a period begins, and does not mind if it begins in the middle.
  return at(kind, from_number(pack(kind, day)).ordinal());
}

std::int64_t Period::first_day() const {
  switch (kind()) {
    case PeriodKind::kDateTime: {
      std::int64_t s = unpack(number_);
      return (s >= 0 ? s : s - 86399) / 86400;
    }
    case PeriodKind::kRange: {
      std::int64_t s = unpack(number_) >> 20;
      return (s >= 0 ? s : s - 86399) / 86400;
    }
    default:
      return unpack(number_);
  }
}

std::int64_t Period::end_day() const {
  std::int64_t start = first_day();
  if (int m = months_in(kind()); m > 0) return add_months(start, m);
  switch (kind()) {
    case PeriodKind::kWeek:
      return start + 7;
    case PeriodKind::kRange: {
      std::int64_t code = unpack(number_) & ((1 << 20) - 1);
      std::int64_t n = code & ((1 << 17) - 1);
      if (code >> 17 == kMonths) return add_months(start, n);
      if (code >> 17 == kDays) return start + n;
      return start + 1 +
             n *
                 (code >> 17 == kHours     ? 3600
                  : code >> 17 == kMinutes ? 60
                                           : 1) /
                 86400;
    }
    default:
      return start + 1;
  }
}

int Period::year() const {
  std::int64_t day = first_day();
  if (kind() == PeriodKind::kWeek) day += 3;  // the year of its Thursday, ISO 8601
  return int(civil(day).year());
}

std::int64_t Period::ordinal() const {
  if (int m = months_in(kind()); m > 0) {
    year_month_day date = civil(first_day());
    return (std::int64_t(int(date.year())) * 12 + unsigned(date.month()) - 1) / m;
  }
  if (kind() == PeriodKind::kWeek) {
    const std::int64_t day = first_day() + 3;
    return (day >= 0 ? day : day - 6) / 7;
  }
  if (kind() == PeriodKind::kDay) return first_day();
  return number_;
}

std::string Period::text() const {
  year_month_day date = civil(first_day());
  int y = int(date.year());
  unsigned m = unsigned(date.month());
  switch (kind()) {
    case PeriodKind::kNone:
      return {};
    case PeriodKind::kYear:
      return fmt::format("{:04}", y);
    case PeriodKind::kSemester:
      return fmt::format("{:04}-S{}", y, (m - 1) / 6 + 1);
    case PeriodKind::kTrimester:
      return fmt::format("{:04}-T{}", y, (m - 1) / 4 + 1);
    case PeriodKind::kQuarter:
      return fmt::format("{:04}-Q{}", y, (m - 1) / 3 + 1);
    case PeriodKind::kMonth:
      return fmt::format("{:04}-{:02}", y, m);
    case PeriodKind::kWeek:
      return fmt::format("{:04}-W{:02}", year(), (first_day() - first_week(year())) / 7 + 1);
    case PeriodKind::kDay:
      return date_text(first_day());
    case PeriodKind::kDateTime: {
      std::string t = format_rfc3339(Time(seconds(unpack(number_))));
      t.pop_back();
      return t;
    }
    case PeriodKind::kRange: {
      std::int64_t s = unpack(number_) >> 20;
      std::string start = format_rfc3339(Time(seconds(s)));
      start.pop_back();
      if (s % 86400 == 0) start.resize(10);
      return start + "/" + duration_text(unpack(number_) & ((1 << 20) - 1));
    }
  }
  return {};
}

char frequency_of(PeriodKind kind) {
  switch (kind) {
    case PeriodKind::kYear:
      return 'A';
    case PeriodKind::kSemester:
      return 'S';
    case PeriodKind::kTrimester:
      return 'T';
    case PeriodKind::kQuarter:
      return 'Q';
    case PeriodKind::kMonth:
      return 'M';
    case PeriodKind::kWeek:
      return 'W';
    case PeriodKind::kDay:
      return 'D';
    default:
      return 0;
  }
}

bool agrees(PeriodKind kind, std::string_view freq_code) {
  char wanted = frequency_of(kind);
  if (wanted == 0 || freq_code.size() != 1) return true;
  constexpr std::string_view judged = "ASTQMWD";
  if (judged.find(freq_code[0]) == judged.npos) return freq_code[0] != 'B' || wanted == 'D';
  return freq_code[0] == wanted;
}

std::string date_text(std::int64_t day) {
  year_month_day date = civil(day);
  return fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()));
}

}  // namespace focalpost
