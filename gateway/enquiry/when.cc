// SPDX-License-Identifier: Apache-2.0
#include "enquiry/when.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace focalpost::enquiry {
namespace {

bool dash(char32_t sign) {
  return sign == '-' || (sign >= 0x2010 && sign <= 0x2015) || sign == 0x2212 || sign == '~';
}

int number(const Line& line, std::size_t i) {
  if (!line.word(i) || !line[i].number || line[i].fold.size() > 4) return -1;
  return std::atoi(line[i].fold.c_str());
}

bool is_year(const Line& line, std::size_t i) {
  const int n = number(line, i);
  return n >= 1900 && n <= 2199 && line[i].fold.size() == 4;
}

/// Without a year yet: "Q1", "June", "I кв.".
struct Part {
  PeriodKind kind = PeriodKind::kNone;
  int n = 0;
  std::size_t end = 0;
};

std::optional<Period> period_of(int year, const Part& part) {
  const char letter = part.kind == PeriodKind::kQuarter    ? 'Q'
                      : part.kind == PeriodKind::kSemester ? 'S'
                                                           : 'M';
  return Period::parse(letter == 'M' ? fmt::format("{:04}-{:02}", year, part.n)
                                     : fmt::format("{:04}-{}{}", year, letter, part.n));
}

/// "q1", "h2", "s1" of a word in Latin letters, from its byte `from`.
std::optional<Part> coded(std::string_view fold, std::size_t i) {
  if (fold.size() != 2 || fold[1] < '1' || fold[1] > '4') return {};
  Part part{PeriodKind::kQuarter, fold[1] - '0', i + 1};
  if (fold[0] == 'q') return part;
  if ((fold[0] == 'h' || fold[0] == 's') && part.n <= 2) {
    part.kind = PeriodKind::kSemester;
    return part;
  }
  return {};
}

int roman(std::string_view look) {
  return look == "i" ? 1 : look == "ii" ? 2 : look == "iii" ? 3 : look == "iv" ? 4 : 0;
}

/// 1 to 4, a Roman number or a word; `end` goes on behind "1-й", "2nd".
int ordinal(const Line& line, std::size_t i, std::size_t& end) {
  if (!line.word(i)) return 0;
  end = i + 1;
  if (const Meaning* meaning = line.meaning(i, Kind::kOrdinal)) {
    end = line.at(i).end;
    return static_cast<int>(meaning->value);
  }
  if (int n = roman(line[i].look)) return n;
  const int n = number(line, i);
  if (n < 1 || n > 4) return 0;
  // «1-й квартал», «1-е»
  if (dash(line.sign(end)) && line[end].glued && line.word(end + 1) && line[end + 1].glued &&
      line[end + 1].fold.size() <= 3 && is_cyrillic(line[end + 1].fold[0]))
    end += 2;
  else if (line.word(end) && line[end].glued && line[end].fold.size() <= 2)
    ++end;
  return n;
}

std::size_t past_dot(const Line& line, std::size_t i) {
  return line.sign(i) == '.' && line[i].glued ? i + 1 : i;
}

/// «г.», «года», «року» behind a year.
std::size_t past_year_word(const Line& line, std::size_t i) {
  const Meaning* unit = line.meaning(i, Kind::kUnit);
  if (!unit || unit->value != static_cast<std::uint32_t>(Unit::kYear)) return i;
  const std::size_t end = line.at(i).end;
  return line[i].fold.size() <= 2 ? past_dot(line, end) : end;
}

std::optional<Part> part_at(const Line& line, std::size_t i) {
  if (!line.word(i)) return {};
  if (auto part = coded(line[i].fold, i)) return part;
  if (const Meaning* month = line.meaning(i, Kind::kMonth))
    return Part{PeriodKind::kMonth, static_cast<int>(month->value), past_dot(line, line.at(i).end)};
  std::size_t end = i;
  const int n = ordinal(line, i, end);
  if (n == 0) return {};
  const Meaning* unit = line.meaning(end, Kind::kUnit);
  if (!unit) return {};
  const auto what = static_cast<Unit>(unit->value);
  if (what == Unit::kQuarter || (what == Unit::kHalf && n <= 2))
    return Part{what == Unit::kQuarter ? PeriodKind::kQuarter : PeriodKind::kSemester, n,
                past_dot(line, line.at(end).end)};
  return {};
}

/// A year behind a part: "June 2026", "June, 2026", "Q1-2026", "first half of 2026".
std::optional<std::pair<int, std::size_t>> year_behind(const Line& line, std::size_t i) {
  const char32_t sign = line.sign(i);
  if (sign == ',' || sign == '/' || sign == '.' || dash(sign)) {
    ++i;
  } else if (line.word(i) && !is_year(line, i) && line.meaning(i, Kind::kSkip)) {
    i = line.at(i).end;
  }
  if (!is_year(line, i)) return {};
  return std::pair{number(line, i), past_year_word(line, i + 1)};
}

std::optional<When> single(std::optional<Period> period, std::size_t end) {
  if (!period) return {};
  return When{*period, *period, end, false};
}

std::optional<Period> day(int year, int month, int n) {
  return Period::parse(fmt::format("{:04}-{:02}-{:02}", year, month, n));
}

/// What begins with a year.
std::optional<When> with_year_first(const Line& line, std::size_t i) {
  const int year = number(line, i);
  const char32_t sign = line.sign(i + 1);
  const bool joined = i + 2 < line.size() && line[i + 1].glued && line.word(i + 2) &&
                      line[i + 2].glued && (dash(sign) || sign == '/' || sign == '.');
  if (joined) {
    const Token& next = line[i + 2];
    if (auto part = coded(next.fold, i + 2)) return single(period_of(year, *part), part->end);
    const int n = number(line, i + 2);
    if (n >= 1 && n <= 12 && next.fold.size() <= 2) {
      const char32_t second = line.sign(i + 3);
      const int of_month = second == sign && line[i + 3].glued ? number(line, i + 4) : -1;
      if (of_month >= 1 && of_month <= 31 && line[i + 4].glued && line[i + 4].fold.size() <= 2)
        return single(day(year, n, of_month), i + 5);
      if (sign != '.' || next.fold.size() == 2)
        return single(period_of(year, {PeriodKind::kMonth, n, 0}), i + 3);
    }
    // "2019-24"; not "2026-000147"
    if (n > 12 && next.fold.size() == 2 && dash(sign)) {
      const int last = year / 100 * 100 + n;
      if (last >= year)
        return When{*Period::parse(std::to_string(year)), *Period::parse(std::to_string(last)),
                    i + 3, true};
    }
    if (dash(sign) && next.fold[0] >= 'a' && next.fold[0] <= 'z' && next.fold.size() <= 4)
      if (auto period = Period::parse(fmt::format(
              "{}-{}{}", year, static_cast<char>(next.fold[0] - ('a' - 'A')), next.fold.substr(1))))
        return single(period, i + 3);
  }
  if (auto part = part_at(line, i + 1)) {
    // "2026 June", but "2025 June 2026" is a year and a month.
    if (!year_behind(line, part->end)) return single(period_of(year, *part), part->end);
  }
  return single(Period::parse(std::to_string(year)), past_year_word(line, i + 1));
}

std::optional<When> one_at(const Line& line, std::size_t i) {
  if (!line.word(i)) return {};
  const std::string& fold = line[i].fold;
  if (is_year(line, i)) return with_year_first(line, i);
  if (fold.size() == 6 && fold.find_first_not_of("0123456789qhs") == fold.npos) {
    // "2024q1", "1q2024"
    if (auto part = coded(fold.substr(4), i))
      if (fold.find_first_not_of("0123456789") == 4)
        return single(period_of(std::atoi(fold.substr(0, 4).c_str()), *part), i + 1);
    const char turned[] = {fold[1], fold[0]};
    if (auto part = coded({turned, 2}, i))
      if (fold.find_last_not_of("0123456789") == 1)
        return single(period_of(std::atoi(fold.substr(2).c_str()), *part), i + 1);
  }
  const int n = number(line, i);
  if (n >= 1 && n <= 31 && fold.size() <= 2) {
    const char32_t sign = line.sign(i + 1);
    if ((sign == '.' || sign == '/') && line[i + 1].glued && line.word(i + 2) &&
        line[i + 2].glued) {
      const int second = number(line, i + 2);
      if (is_year(line, i + 2) && n <= 12)
        return single(period_of(second, {PeriodKind::kMonth, n, 0}), past_year_word(line, i + 3));
      if (second >= 1 && second <= 12 && line.sign(i + 3) == sign && is_year(line, i + 4))
        return single(day(number(line, i + 4), second, n), past_year_word(line, i + 5));
    }
    if (const Meaning* month = line.meaning(i + 1, Kind::kMonth))
      if (auto year = year_behind(line, past_dot(line, line.at(i + 1).end)))
        return single(day(year->first, static_cast<int>(month->value), n), year->second);
  }
  auto part = part_at(line, i);
  if (!part) return {};
  if (part->kind == PeriodKind::kMonth) {
    const int of_month = number(line, part->end);
    if (of_month >= 1 && of_month <= 31)
      if (auto year = year_behind(line, part->end + 1))
        if (auto date = day(year->first, part->n, of_month)) return single(date, year->second);
  }
  if (auto year = year_behind(line, part->end))
    return single(period_of(year->first, *part), year->second);
  return {};
}

/// Token after what stands between the ends of a range; 0: nothing such.
std::size_t past_range_sign(const Line& line, std::size_t i) {
  if (dash(line.sign(i)) || line.sign(i) == 0x2026) return i + 1;
  if (line.sign(i) == '.' && line.sign(i + 1) == '.') return i + 2 + (line.sign(i + 2) == '.');
  if (line.connects(i, Connect::kTo)) return line.at(i).end;
  return 0;
}

}  // namespace

std::optional<When> when_at(const Line& line, std::size_t i) {
  if (!line.word(i)) return {};
  // "Jan-Mar 2026", "I-III кв. 2026": the year, or the unit, too, comes with the second.
  if (!is_year(line, i)) {
    auto part = part_at(line, i);
    std::size_t plain_end = i;
    const int plain = part ? 0 : ordinal(line, i, plain_end);
    const std::size_t sign_at = part ? part->end : plain_end;
    if (part || plain)
      if (const std::size_t next = past_range_sign(line, sign_at))
        if (auto second = part_at(line, next))
          if (auto year = year_behind(line, second->end)) {
            if (plain) part = Part{second->kind, plain, 0};
            if (part->kind == second->kind && part->n <= second->n)
              if (auto from = period_of(year->first, *part))
                if (auto to = period_of(year->first, *second))
                  return When{*from, *to, year->second, true};
          }
  }
  auto when = one_at(line, i);
  if (!when || when->range) return when;
  if (const std::size_t next = past_range_sign(line, when->end))
    if (auto last = one_at(line, next); last && !last->range) {
      when->to = last->from;
      when->end = last->end;
      when->range = true;
      if (when->to.first_day() < when->from.first_day()) std::swap(when->from, when->to);
    }
  return when;
}

std::optional<std::pair<int, std::size_t>> bare_month_at(const Line& line, std::size_t i) {
  if (const Meaning* month = line.meaning(i, Kind::kMonth))
    return std::pair{static_cast<int>(month->value), past_dot(line, line.at(i).end)};
  return {};
}

}  // namespace focalpost::enquiry
