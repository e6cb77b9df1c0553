// SPDX-License-Identifier: Apache-2.0
#include "net/certificate.h"

#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "base/text.h"

namespace focalpost::net {
namespace {

constexpr std::size_t kLongest = 40;
constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

/// All of it, or nothing.
std::optional<unsigned> number(std::string_view digits) {
  unsigned value = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value);
  if (digits.empty() || digits.size() > 4 || read.ec != std::errc() || read.ptr != end) return {};
  return value;
}

/// "09:30:00", with or without a fraction.
std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
  const auto parts = split(text.substr(0, text.find('.')), ':');
  if (parts.size() != 3) return {};
  const auto hour = number(parts[0]), minute = number(parts[1]), second = number(parts[2]);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return {};
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

}  // namespace

std::optional<Time> read_certificate_time(std::string_view text) {
  text = trim(text);
  if (text.size() > kLongest) return {};
  std::vector<std::string_view> words;
  for (std::string_view word : split(text, ' '))
    if (!word.empty()) words.push_back(word);
  if (words.size() < 3 || words.back() != "GMT") return {};

  std::optional<unsigned> year, month, day;
  std::optional<std::chrono::seconds> within;
  if (words.size() == 5) {
    const std::string name = ascii_lower(words[0]);
    for (unsigned m = 0; m < kMonths.size(); ++m)
      if (kMonths[m] == name) month = m + 1;
    day = number(words[1]);
    within = time_of_day(words[2]);
    year = number(words[3]);
  } else if (words.size() == 3) {
    const auto date = split(words[0], '-');
    if (date.size() != 3) return {};
    year = number(date[0]);
    month = number(date[1]);
    day = number(date[2]);
    within = time_of_day(words[1]);
  }
  if (!year || !month || !day || !within) return {};
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return {};
  return Time(std::chrono::sys_days(date)) + *within;
}

}  // namespace focalpost::net
