// SPDX-License-Identifier: Apache-2.0
#include "flow/digest_calendar.h"

#include <algorithm>
#include <chrono>

namespace focalpost {
namespace {

using CivilDays = std::chrono::days;

std::chrono::year_month_day civil(std::int64_t day) {
  return std::chrono::year_month_day(std::chrono::sys_days(CivilDays(day)));
}

std::int64_t first_of(std::chrono::year_month month) {
  return std::chrono::sys_days(month / 1).time_since_epoch().count();
}

PeriodEnd end_at(std::int64_t day, const LocalTime& local) {
  return {day, local.at(day, 0), local.at(day, kDigestHour)};
}

}  // namespace

std::int64_t period_begin(std::string_view rhythm, std::int64_t day) {
  if (rhythm == "daily") return day;
  const auto date = civil(day);
  if (rhythm == "monthly") return first_of(date.year() / date.month());
  if (rhythm == "quarterly") {
    const unsigned month = (unsigned(date.month()) - 1) / 3 * 3 + 1;
    return first_of(date.year() / std::chrono::month(month));
  }
  const std::chrono::weekday weekday{std::chrono::sys_days(CivilDays(day))};
  return day - static_cast<std::int64_t>(weekday.iso_encoding()) + 1;
}

std::int64_t period_next(std::string_view rhythm, std::int64_t day) {
  const std::int64_t begin = period_begin(rhythm, day);
  if (rhythm == "daily") return begin + 1;
  const auto date = civil(begin);
  if (rhythm == "monthly") return first_of(date.year() / date.month() + std::chrono::months(1));
  if (rhythm == "quarterly") return first_of(date.year() / date.month() + std::chrono::months(3));
  return begin + 7;
}

PeriodEnd last_due(std::string_view rhythm, const LocalTime& local, Time now) {
  const std::int64_t today = local.day(now);
  PeriodEnd end = end_at(period_begin(rhythm, today), local);
  if (end.due > now) end = end_at(period_begin(rhythm, end.day - 1), local);
  return end;
}

PeriodEnd next_due(std::string_view rhythm, const LocalTime& local, Time now, std::int64_t told) {
  PeriodEnd end = end_at(period_begin(rhythm, std::max(local.day(now), told)), local);
  while (end.due <= now || end.day <= told) end = end_at(period_next(rhythm, end.day), local);
  return end;
}

}  // namespace focalpost
