// SPDX-License-Identifier: Apache-2.0
//
// calendar_settings: [calendar], who is reminded, and on which days nobody works.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace focalpost {

struct CalendarSettings {
  bool remind = true;  ///< letters about what is due leave (flow/reminders.h)
  /// Days on which a country does not work, beside Saturdays and Sundays: its code in REF_AREA, and
  /// the days since 1970-01-01.
  std::set<std::pair<std::string, long>> holidays;

  bool is_holiday(std::string_view area, long day) const {
    return holidays.count({std::string(area), day}) > 0;
  }
};

}  // namespace focalpost
