// SPDX-License-Identifier: Apache-2.0
//
// events: what the operator should know later too; `status` shows the last ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/statements.h"

namespace focalpost {

enum class EventLevel : std::uint8_t { kInfo, kWarning, kError };
std::string_view event_level_name(EventLevel level);

struct Event {
  Time at{};
  EventLevel level = EventLevel::kInfo;
  std::string text;
};

class Events {
 public:
  static constexpr std::int64_t kKept = 1000;

  explicit Events(Statements& statements) : statements_(statements) {}

  /// `text` is made one line of at most 500 characters. The oldest beyond kKept are forgotten.
  Status add(EventLevel level, std::string_view text, Time now);
  /// The newest first; `least` leaves out what is less grave.
  Result<std::vector<Event>> last(std::size_t count, EventLevel least = EventLevel::kInfo);

 private:
  Statements& statements_;
};

}  // namespace focalpost
