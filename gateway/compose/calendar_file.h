// SPDX-License-Identifier: Apache-2.0
//
// calendar_file: what is due as a file that calendar programs read (iCalendar, RFC 5545).
//
// One VEVENT a day-long event (3.6.1, VALUE=DATE), no METHOD: it is a file to be opened, not an
// invitation to be answered. The same event has the same UID in every file, so that a program that
// reads a newer one moves it rather than showing it twice. Texts are escaped (3.3.11), lines folded
// at 75 octets between characters (3.1), CRLF throughout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace focalpost {

inline constexpr std::size_t kMostEvents = 400;

struct CalendarEvent {
  std::string uid;       ///< without "@" and domain; the same for the same thing
  std::int64_t day = 0;  ///< since 1970-01-01
  std::string summary, description;
};

/// At most kMostEvents of them. `name`: of the calendar. `domain`: behind the "@" of UIDs.
std::string calendar_file(const std::vector<CalendarEvent>& events, const std::string& name,
                          const std::string& domain, Time now);

}  // namespace focalpost
