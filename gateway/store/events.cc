// SPDX-License-Identifier: Apache-2.0
#include "store/events.h"

#include "base/text.h"

namespace focalpost {
namespace {
constexpr std::string_view kLevels[] = {"info", "warning", "error"};
}

std::string_view event_level_name(EventLevel level) {
  return kLevels[static_cast<std::size_t>(level)];
}

Status Events::add(EventLevel level, std::string_view text, Time now) {
  std::string line = shorten(one_line(text), 500);
  FP_TRY(statements_.run("INSERT INTO event (at, level, text) VALUES (?, ?, ?)", to_millis(now),
                         event_level_name(level), line));
  return statements_.run("DELETE FROM event WHERE id <= ?",
                         statements_.database().last_row() - kKept);
}

Result<std::vector<Event>> Events::last(std::size_t count, EventLevel least) {
  FP_ASSIGN(auto rows,
            statements_.get("SELECT at, level, text FROM event "
                            "WHERE level = 'error' OR (level = 'warning' AND ?1 <= 1) OR ?1 = 0 "
                            "ORDER BY id DESC LIMIT ?2"));
  rows->bind_all(static_cast<std::int64_t>(least), static_cast<std::int64_t>(count));
  std::vector<Event> result;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    Event& event = result.emplace_back();
    event.at = from_millis(rows->integer(0));
    for (std::size_t i = 0; i < std::size(kLevels); ++i)
      if (rows->text(1) == kLevels[i]) event.level = static_cast<EventLevel>(i);
    event.text = rows->string(2);
  }
}

}  // namespace focalpost
