// SPDX-License-Identifier: Apache-2.0
//
// clock: what time it is, as a parameter.
//
// Nothing below `cli` asks the system for the time; a Clock is handed in, so that tests, `--at` and
// a replay run at any moment. Times are UTC, in milliseconds; people's zones are applied in
// `render`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace focalpost {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
};

/// Stands still until it is moved.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(Time at) : at_(at) {}
  Time now() const override { return at_; }
  void set(Time at) { at_ = at; }
  void advance(std::chrono::milliseconds by) { at_ += by; }

 private:
  Time at_;
};

inline std::int64_t to_millis(Time t) {
  return t.time_since_epoch().count();
}
inline Time from_millis(std::int64_t ms) {
  return Time(std::chrono::milliseconds(ms));
}
inline int year_of(Time t) {
  return static_cast<int>(
      std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(t)).year());
}

/// RFC 3339 in UTC to the second, "2026-03-01T09:30:00Z".
std::string format_rfc3339(Time t);
/// RFC 5322 section 3.3 date-time in UTC, "Sun, 01 Mar 2026 09:30:00 +0000".
std::string format_rfc5322(Time t);
/// Reads an xs:dateTime or xs:date; a missing zone means UTC. Fractions to the millisecond.
std::optional<Time> parse_time(std::string_view text);

}  // namespace focalpost
