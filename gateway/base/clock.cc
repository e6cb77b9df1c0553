// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <fmt/format.h>

#include <array>

namespace focalpost {
namespace {

using namespace std::chrono;

struct Civil {
  year_month_day date;
  hh_mm_ss<milliseconds> time;
};

Civil split(Time t) {
  auto day = floor<days>(t);
  return {year_month_day(day), hh_mm_ss<milliseconds>(t - day)};
}

constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Reads exactly `digits` decimal digits off the front; -1 when they are not there.
int take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Time SystemClock::now() const {
  return floor<milliseconds>(system_clock::now());
}

std::string format_rfc3339(Time t) {
  auto [date, time] = split(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::string format_rfc5322(Time t) {
  auto [date, time] = split(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000",
                     kDays[weekday(sys_days(date)).c_encoding()], unsigned(date.day()),
                     kMonths[unsigned(date.month()) - 1], int(date.year()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::optional<Time> parse_time(std::string_view text) {
  int y = take_number(text, 4);
  if (y < 0 || !take(text, '-')) return {};
  int m = take_number(text, 2);
  if (m < 0 || !take(text, '-')) return {};
  int d = take_number(text, 2);
  if (d < 0) return {};
  year_month_day date{year(y), month(unsigned(m)), day(unsigned(d))};
  if (!date.ok()) return {};
  Time t = sys_days(date);
  if (take(text, 'T')) {
    int h = take_number(text, 2);
    if (h < 0 || h > 24 || !take(text, ':')) return {};
    int min = take_number(text, 2);
    if (min < 0 || min > 59 || !take(text, ':')) return {};
    int s = take_number(text, 2);
    if (s < 0 || s > 60 || (h == 24 && (min || s))) return {};
    t += hours(h) + minutes(min) + seconds(s);
    if (take(text, '.')) {
      int scale = 100, digits = 0;
      while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        t += milliseconds((text.front() - '0') * scale);
        scale /= 10;
        ++digits;
        text.remove_prefix(1);
      }
      if (digits == 0) return {};
    }
  }
  if (text.empty() || text == "Z") return t;
  int sign = text.front() == '+' ? 1 : text.front() == '-' ? -1 : 0;
  if (sign == 0) return {};
  text.remove_prefix(1);
  int zh = take_number(text, 2);
  if (zh < 0 || zh > 14 || !take(text, ':')) return {};
  int zm = take_number(text, 2);
  if (zm < 0 || zm > 59 || !text.empty()) return {};
  return t - sign * (hours(zh) + minutes(zm));
}

}  // namespace focalpost
