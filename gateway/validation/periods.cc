// SPDX-License-Identifier: Apache-2.0
#include "validation/periods.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "base/text.h"

namespace focalpost {

DayRange days_between(std::string_view from, std::string_view to) {
  DayRange range;
  if (auto p = Period::parse(from)) range.first = p->first_day();
  if (auto p = Period::parse(to)) range.last = p->end_day() - 1;
  return range;
}

/// "2026-Q1" has a letter after the first dash, "2026-01" a digit; "2026" has neither.
static bool is_reporting(std::string_view text) {
  return text.size() > 5 && text[5] >= 'A' && text[5] <= 'W';
}

bool spelled_as(DataType type, std::string_view text, Period period) {
  const PeriodKind kind = period.kind();
  const bool reporting = is_reporting(text);
  auto gregorian = [&] {
    return !reporting &&
           (kind == PeriodKind::kYear || kind == PeriodKind::kMonth || kind == PeriodKind::kDay);
  };
  switch (type) {
    case DataType::kGregorianYear:
      return kind == PeriodKind::kYear && !reporting;
    case DataType::kGregorianYearMonth:
      return kind == PeriodKind::kMonth && !reporting;
    case DataType::kGregorianDay:
      return kind == PeriodKind::kDay && !reporting;
    case DataType::kGregorianTimePeriod:
      return gregorian();
    case DataType::kDateTime:
      return kind == PeriodKind::kDateTime;
    case DataType::kBasicTimePeriod:
      return gregorian() || kind == PeriodKind::kDateTime;
    case DataType::kReportingTimePeriod:
      return reporting;
    case DataType::kReportingYear:
      return kind == PeriodKind::kYear && reporting;
    case DataType::kReportingSemester:
      return kind == PeriodKind::kSemester;
    case DataType::kReportingTrimester:
      return kind == PeriodKind::kTrimester;
    case DataType::kReportingQuarter:
      return kind == PeriodKind::kQuarter;
    case DataType::kReportingMonth:
      return kind == PeriodKind::kMonth && reporting;
    case DataType::kReportingWeek:
      return kind == PeriodKind::kWeek;
    case DataType::kReportingDay:
      return kind == PeriodKind::kDay && reporting;
    case DataType::kTimeRange:
      return kind == PeriodKind::kRange;
    case DataType::kStandardTimePeriod:
      return kind != PeriodKind::kRange;
    default:
      return true;
  }
}

std::string_view period_form(std::string_view freq_code) {
  if (freq_code.size() != 1) return {};
  switch (freq_code[0]) {
    case 'A':
      return "YYYY";
    case 'S':
      return "YYYY-Sn";
    case 'T':
      return "YYYY-Tn";
    case 'Q':
      return "YYYY-Qn";
    case 'M':
      return "YYYY-MM";
    case 'W':
      return "YYYY-Wnn";
    case 'B':
    case 'D':
      return "YYYY-MM-DD";
    default:
      return {};
  }
}

std::vector<std::string> period_suggestions(std::string_view text) {
  // Numbers and letters in the order they stand; everything else only parts them.
  struct Number {
    int value;
    std::size_t digits;
  };
  std::vector<Number> numbers;
  std::string letters;
  if (text.size() > 40) return {};
  // "I кв. 2026", "1 кв. 2026": a quarter in Russian and Ukrainian.
  if (text.find("кв") != text.npos || text.find("Кв") != text.npos) letters = "Q";
  for (std::size_t i = 0; i < text.size();) {
    auto digit = [&](std::size_t at) {
      return at < text.size() && text[at] >= '0' && text[at] <= '9';
    };
    auto letter = [&](std::size_t at) {
      return at < text.size() && ((text[at] | 32) >= 'a' && (text[at] | 32) <= 'z');
    };
    std::size_t start = i;
    if (digit(i)) {
      int value = 0;
      for (; digit(i) && i - start < 9; ++i) value = value * 10 + (text[i] - '0');
      if (digit(i)) return {};
      numbers.push_back({value, i - start});
    } else if (letter(i)) {
      while (letter(i)) ++i;
      std::string_view word = text.substr(start, i - start);
      constexpr std::string_view kRoman[] = {"I", "II", "III", "IV"};
      bool roman = false;
      for (int n = 0; n < 4; ++n)
        if (ascii_iequal(word, kRoman[n])) numbers.push_back({n + 1, 1}), roman = true;
      if (!roman) letters += static_cast<char>(word[0] & ~32);
    } else {
      ++i;
    }
  }
  if (numbers.empty() || numbers.size() > 3 || letters.size() > 1) return {};
  std::string guess;
  auto year = [](const Number& n) { return n.digits == 4; };
  const Number& first = numbers.front();
  const Number& last = numbers.back();
  if (letters.size() == 1 && numbers.size() == 2 && (year(first) != year(last))) {
    int y = year(first) ? first.value : last.value, n = year(first) ? last.value : first.value;
    switch (letters[0]) {
      case 'M':
        guess = fmt::format("{:04}-{:02}", y, n);
        break;
      case 'W':
        guess = fmt::format("{:04}-W{:02}", y, n);
        break;
      case 'D':
        guess = fmt::format("{:04}-D{:03}", y, n);
        break;
      default:
        guess = fmt::format("{:04}-{}{}", y, letters, n);
    }
  } else if (!letters.empty()) {
    return {};
  } else if (numbers.size() == 1 && first.digits == 6) {
    guess = fmt::format("{:04}-{:02}", first.value / 100, first.value % 100);
  } else if (numbers.size() == 1 && first.digits == 8) {
    guess = fmt::format("{:04}-{:02}-{:02}", first.value / 10000, first.value / 100 % 100,
                        first.value % 100);
  } else if (numbers.size() == 1 && year(first)) {
    guess = fmt::format("{:04}", first.value);
  } else if (numbers.size() == 2 && year(first) != year(last)) {
    guess = fmt::format("{:04}-{:02}", year(first) ? first.value : last.value,
                        year(first) ? last.value : first.value);
  } else if (numbers.size() == 3 && year(first)) {
    guess = fmt::format("{:04}-{:02}-{:02}", first.value, numbers[1].value, last.value);
  } else if (numbers.size() == 3 && year(last)) {
    guess = fmt::format("{:04}-{:02}-{:02}", last.value, numbers[1].value, first.value);
  }
  if (guess == text || !Period::parse(guess)) return {};
  return {guess};
}

void PeriodMemo::begin(const TextFormat* format, std::int64_t today) {
  format_ = format;
  today_ = today;
  range_ = format ? days_between(format->start_time, format->end_time) : DayRange{};
  first_ = last_ = Period();
  ++turn_;
  absent_ = PeriodFacts{};
  absent_.fault = PeriodFault::kAbsent;
}

const PeriodFacts& PeriodMemo::look(std::string_view text) {
  const std::size_t n = text.size();
  if (n == 0) return absent_;
  if (n > 16 || n < 4) {
    other_ = read(text);
    return other_;
  }
  // Two loads that overlap hold all of 4 to 16 bytes, and with the length tell all texts apart.
  std::uint64_t head = 0, tail = 0;
  if (n >= 8) {
    std::memcpy(&head, text.data(), 8);
    std::memcpy(&tail, text.data() + n - 8, 8);
  } else {
    std::memcpy(&head, text.data(), 4);
    std::memcpy(&tail, text.data() + n - 4, 4);
  }
  std::uint64_t mixed = (head ^ (tail * 0x9E3779B97F4A7C15ull)) * 0xD6E8FEB86659FD93ull;
  static_assert(kSets == 1u << (64 - 58));
  Entry* set = &entries_[(mixed >> 58) * kWays];
  for (std::size_t way = 0; way < kWays; ++way)
    if (set[way].head == head && set[way].tail == tail && set[way].length == n &&
        set[way].turn == turn_)
      return set[way].facts;
  Entry& entry = set[next_way_++ % kWays];
  entry = {head, tail, static_cast<std::uint32_t>(n), turn_, read(text)};
  return entry.facts;
}

PeriodFacts PeriodMemo::read(std::string_view text) {
  PeriodFacts facts;
  auto period = Period::parse(text);
  if (!period) {
    facts.fault = PeriodFault::kUnreadable;
    return facts;
  }
  facts.period = *period;
  facts.ordinal = period->ordinal();
  facts.first_day = static_cast<std::int32_t>(period->first_day());
  // Where the sender lives it may be tomorrow already.
  facts.future = facts.first_day > today_ + 1;
  facts.reporting = is_reporting(text);
  if (format_ && !spelled_as(format_->type, text, *period))
    facts.fault = PeriodFault::kType;
  else if (facts.first_day < range_.first || period->end_day() - 1 > range_.last)
    facts.fault = PeriodFault::kRange;
  if (facts.fault == PeriodFault::kNone && !facts.future)
    facts.bit = static_cast<std::uint16_t>(1u << static_cast<unsigned>(period->kind()));
  if (facts.fault == PeriodFault::kNone) {
    if (first_.empty() || period->first_day() < first_.first_day()) first_ = *period;
    if (last_.empty() || period->end_day() > last_.end_day()) last_ = *period;
  }
  return facts;
}

}  // namespace focalpost
