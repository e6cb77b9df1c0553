// SPDX-License-Identifier: Apache-2.0
#include "compose/calendar_file.h"

#include "base/text.h"
#include "compose/shown.h"
#include "model/period.h"

namespace focalpost {
namespace {

constexpr std::size_t kOctets = 75;

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : one_line(text)) {
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    out += c;
  }
  return out;
}

void line(std::string& file, const std::string& text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    if (width + (next - at) > kOctets) {
      file += "\r\n ";
      width = 1;
    }
    file.append(text, at, next - at);
    width += next - at;
    at = next;
  }
  file += "\r\n";
}

/// "20260331"
std::string date_of(std::int64_t day) {
  std::string text = date_text(day);
  std::erase(text, '-');
  return text;
}

/// "20260331T090000Z"
std::string stamp_of(Time t) {
  std::string text = format_rfc3339(t);
  std::erase(text, '-');
  std::erase(text, ':');
  return text;
}

}  // namespace

std::string calendar_file(const std::vector<CalendarEvent>& events, const std::string& name,
                          const std::string& domain, Time now) {
  std::string file;
  line(file, "BEGIN:VCALENDAR");
  line(file, "VERSION:2.0");
  line(file, "PRODID:-//focalpost//timetable//EN");
  line(file, "CALSCALE:GREGORIAN");
  line(file, "X-WR-CALNAME:" + escaped(name));
  std::size_t count = 0;
  for (const CalendarEvent& event : events) {
    if (count++ == kMostEvents) break;
    line(file, "BEGIN:VEVENT");
    line(file, "UID:" + escaped(event.uid) + "@" + domain);
    line(file, "DTSTAMP:" + stamp_of(now));
    line(file, "DTSTART;VALUE=DATE:" + date_of(event.day));
    line(file, "DTEND;VALUE=DATE:" + date_of(event.day + 1));
    line(file, "SUMMARY:" + escaped(shown(event.summary)));
    if (!event.description.empty()) line(file, "DESCRIPTION:" + escaped(shown(event.description)));
    line(file, "TRANSP:TRANSPARENT");
    line(file, "END:VEVENT");
  }
  line(file, "END:VCALENDAR");
  return file;
}

}  // namespace focalpost
