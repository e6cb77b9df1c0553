// SPDX-License-Identifier: Apache-2.0
#include "flow/calendar.h"

#include <algorithm>
#include <charconv>

namespace focalpost {
namespace {

constexpr int kLongestMonths = 1200, kLongestDays = 36600;

using std::chrono::days;

/// The day `duration` after a day.
std::int64_t after(std::int64_t day, const CalendarDuration& duration) {
  if (duration.months == 0) return day + duration.days;
  using namespace std::chrono;
  const year_month_day date{sys_days{days{day}}};
  year_month_day moved = date + months{duration.months};
  if (!moved.ok()) moved = moved.year() / moved.month() / last;
  return sys_days{moved}.time_since_epoch().count() + duration.days;
}

/// The kind of period that is as long; nothing for lengths that have none.
std::optional<PeriodKind> kind_of(const CalendarDuration& length) {
  if (length.days == 0) switch (length.months) {
      case 1:
        return PeriodKind::kMonth;
      case 3:
        return PeriodKind::kQuarter;
      case 4:
        return PeriodKind::kTrimester;
      case 6:
        return PeriodKind::kSemester;
      case 12:
        return PeriodKind::kYear;
      default:
        return {};
    }
  if (length.months == 0 && length.days == 7) return PeriodKind::kWeek;
  if (length.months == 0 && length.days == 1) return PeriodKind::kDay;
  return {};
}

/// The day that a reference period begins with or ends before.
std::optional<std::int64_t> day_of(std::string_view text) {
  if (text.empty()) return {};
  if (auto time = parse_time(text))
    return std::chrono::floor<days>(*time).time_since_epoch().count();
  if (auto period = Period::parse(text)) return period->first_day();
  return {};
}

std::int64_t day_number(Time t) {
  return std::chrono::floor<days>(t).time_since_epoch().count();
}

}  // namespace

std::optional<CalendarDuration> parse_duration(std::string_view text) {
  if (text.size() < 3 || text.front() != 'P') return {};
  text.remove_prefix(1);
  CalendarDuration made;
  while (!text.empty()) {
    int number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0 || number > kLongestDays ||
        end == text.data() + text.size())
      return {};
    switch (*end) {
      case 'Y':
        if (number > 100) return {};
        made.months += 12 * number;
        break;
      case 'M':
        made.months += number;
        break;
      case 'W':
        made.days += 7 * number;
        break;
      case 'D':
        made.days += number;
        break;
      default:
        return {};
    }
    text.remove_prefix(static_cast<std::size_t>(end + 1 - text.data()));
  }
  if (made.months > kLongestMonths || made.days > kLongestDays) return {};
  return made;
}

namespace {

/// What the release calendar of an agreement says, read once.
struct Rhythm {
  PeriodKind kind{};
  CalendarDuration length, offset, tolerance;
  std::optional<std::int64_t> begins, ends;
};

std::optional<Rhythm> rhythm_of(const AgreementTerms& terms) {
  const auto length = parse_duration(terms.periodicity);
  const auto kind = length ? kind_of(*length) : std::nullopt;
  if (!kind || !terms.flow) return {};
  return Rhythm{*kind,
                *length,
                parse_duration(terms.offset).value_or(CalendarDuration()),
                parse_duration(terms.tolerance).value_or(CalendarDuration()),
                day_of(terms.reference_from),
                day_of(terms.reference_to)};
}

std::int64_t due_day(const Rhythm& rhythm, Period period) {
  return after(period.end_day() - 1, rhythm.offset);
}

std::optional<Duty> promised(const AgreementTerms& terms, const Rhythm& rhythm, Period one) {
  if ((rhythm.begins && one.first_day() < *rhythm.begins) ||
      (rhythm.ends && one.end_day() - 1 > *rhythm.ends))
    return {};
  const std::int64_t due = due_day(rhythm, one);
  const Time day{days{due}};
  if (!terms.valid_at(day)) return {};
  return Duty{&terms, one, day, Time{days{after(due, rhythm.tolerance)}}};
}

}  // namespace

std::vector<Duty> duties(const StructureLookup& lookup, Time from, Time to, std::size_t most) {
  std::vector<Duty> all;
  const std::int64_t first = day_number(from), end = day_number(to);
  for (const AgreementTerms& terms : lookup.agreements()) {
    const auto rhythm = rhythm_of(terms);
    if (!rhythm) continue;
    // A period is due some time after it has ended: the search begins early enough.
    const std::int64_t back = 31 * std::int64_t(rhythm->offset.months + rhythm->length.months) +
                              rhythm->offset.days + rhythm->length.days;
    for (std::int64_t n = Period::containing(rhythm->kind, first - back).ordinal();; ++n) {
      const Period one = Period::at(rhythm->kind, n);
      const std::int64_t due = due_day(*rhythm, one);
      if (due >= end) break;
      if (due < first) continue;
      if (auto duty = promised(terms, *rhythm, one)) all.push_back(*duty);
    }
  }
  std::sort(all.begin(), all.end(), [](const Duty& a, const Duty& b) {
    if (a.due != b.due) return a.due < b.due;
    return a.terms->agreement->ref < b.terms->agreement->ref;
  });
  if (all.size() > most) all.resize(most);
  return all;
}

std::optional<Duty> duty_of(const AgreementTerms& terms, Period period) {
  const auto rhythm = rhythm_of(terms);
  if (!rhythm || rhythm->kind != period.kind()) return {};
  return promised(terms, *rhythm, period);
}

}  // namespace focalpost
