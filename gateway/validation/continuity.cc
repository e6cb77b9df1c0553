// SPDX-License-Identifier: Apache-2.0
#include "validation/continuity.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr double kJumpRatio = 3, kJumpLeast = 100;
constexpr double kGrowth = 2.5, kGrowingShare = 0.9;
constexpr std::size_t kPeriodsOfAYear = 3;

/// NaN is none. `least`: what a change must be over.
inline bool is_jump(double before, double after, double least) {
  if (!(std::fabs(after - before) > least)) return false;
  if (before * after < 0) return true;
  const double a = std::fabs(before), b = std::fabs(after);
  return std::max(a, b) > kJumpRatio * std::min(a, b);
}

std::string period_text(PeriodKind kind, std::int64_t ordinal) {
  return Period::at(kind, ordinal).text();
}

}  // namespace

int periods_in_a_year(PeriodKind kind) {
  if (kind == PeriodKind::kWeek) return 52;
  const int months = kind == PeriodKind::kYear ? 0 : months_in(kind);
  return months > 0 ? 12 / months : 0;
}

template <typename Fill>
void Continuity::tell(Told& to, const Rule& rule, Fill fill) {
  if (to.listed.size() >= listed_) {
    ++to.more;
    return;
  }
  Finding& finding = to.listed.emplace_back();
  finding.rule = &rule;
  fill(finding);
}

void Continuity::judge(const KeptCells& cells, std::span<const KeptCells::Row> rows,
                       std::span<const PastCell> past) {
  const std::uint32_t number = rows.front().series;
  const KeptCells::Series& series = cells.series()[number];
  Points points = rows;
  if (!past.empty()) {
    both_.clear();
    std::size_t p = 0;
    auto add_past = [&](std::int64_t before) {
      for (; p < past.size(); ++p) {
        if (past[p].period.kind() != series.kind) continue;
        const std::int64_t ordinal = past[p].period.ordinal();
        if (ordinal > before) return;
        if (ordinal < before)
          both_.push_back({past[p].value, static_cast<std::int32_t>(ordinal), kStored, {}});
      }
    };
    for (const Point& row : rows) {
      add_past(row.ordinal);
      both_.push_back(row);
    }
    add_past(INT64_MAX);
    points = both_;
  }
  const bool dense =
      std::size_t(points.back().ordinal - points.front().ordinal) + 1 == points.size();
  for (std::size_t i = 1; series.regular && !dense && i < points.size(); ++i)
    if (points[i].ordinal - points[i - 1].ordinal > 1 &&
        (in_file(points[i]) || in_file(points[i - 1])))
      judge_gap(cells, points[i - 1], points[i]);
  judge_jumps(cells, number, points);
  if (series.all_total && series.adds_up && periods_in_a_year(series.kind) >= int(kPeriodsOfAYear))
    judge_years(cells, number, points);
}

void Continuity::judge_gap(const KeptCells& cells, const Point& before, const Point& after) {
  const Point& row = in_file(after) ? after : before;
  const PeriodKind kind = cells.series()[row.series].kind;
  const std::tuple place(kind, before.ordinal + 1, after.ordinal - 1);
  auto known = gaps_.find(place);
  if (known != gaps_.end()) {
    ++known->second.count;
    return;
  }
  if (gaps_.size() >= listed_) {
    ++more_gaps_;
    return;
  }
  Finding& f = gaps_[place];
  f.rule = &rules::gap_in_time;
  f.at = row.at;
  f.series = cells.shown_key(row.series);
  f.component = "TIME_PERIOD";
  f.value = period_text(kind, before.ordinal + 1);
  if (after.ordinal - before.ordinal > 2) f.value += " – " + period_text(kind, after.ordinal - 1);
  f.detail = period_text(kind, before.ordinal);
  f.expected = period_text(kind, after.ordinal);
}

void Continuity::judge_jumps(const KeptCells& cells, std::uint32_t number, Points points) {
  const KeptCells::Series& series = cells.series()[number];
  const double least = kJumpLeast / series.factor();
  const int back = periods_in_a_year(series.kind);
  constexpr std::size_t kNone = SIZE_MAX;
  std::size_t of_year[2] = {kNone, kNone};  // that finding's place: in the file, filed before
  for (std::size_t i = 0, ago = 0; i < points.size(); ++i) {
    const Point& point = points[i];
    if (!in_file(point)) continue;
    auto tell_of = [&](const Point& before) {
      tell(in_file(before) ? jumps_ : jumps_from_filed_,
           in_file(before) ? rules::jump : rules::jump_from_filed, [&](Finding& f) {
             f.at = point.at;
             f.series = cells.shown_key(number);
             f.period = period_text(series.kind, point.ordinal);
             f.component = cells.structure().components[cells.structure().measure].id;
             f.value = number_text(point.value);
             f.expected = number_text(before.value);
             f.detail = period_text(series.kind, before.ordinal);
           });
    };
    if (i > 0 && points[i - 1].ordinal == point.ordinal - 1 &&
        is_jump(points[i - 1].value, point.value, least)) {
      tell_of(points[i - 1]);
      continue;
    }
    if (back == 0) continue;
    while (points[ago].ordinal < point.ordinal - back) ++ago;
    const Point& before = points[ago];
    if (before.ordinal != point.ordinal - back || !is_jump(before.value, point.value, least))
      continue;
    Told& told = in_file(before) ? jumps_ : jumps_from_filed_;
    std::size_t& place = of_year[in_file(before) ? 0 : 1];
    if (place == kNone) {
      place = told.listed.size();
      tell_of(before);
    } else if (place < told.listed.size()) {
      ++told.listed[place].count;
    } else {
      ++told.more;
    }
  }
}

void Continuity::judge_years(const KeptCells& cells, std::uint32_t number, Points points) {
  const KeptCells::Series& series = cells.series()[number];
  auto year_of = [&](const Point& point) { return Period::at(series.kind, point.ordinal).year(); };
  for (std::size_t first = 0; first < points.size();) {
    const int year = year_of(points[first]);
    std::size_t last = first;
    bool of_file = false, rising = true;
    std::vector<const Point*> numbers;  // from the first that is not 0
    for (; last < points.size() && year_of(points[last]) == year; ++last) {
      const Point& point = points[last];
      of_file = of_file || in_file(point);
      if (std::isnan(point.value) || (numbers.empty() && point.value == 0)) continue;
      if (!numbers.empty() && point.value < numbers.back()->value) rising = false;
      numbers.push_back(&point);
    }
    first = last;
    if (!of_file || numbers.size() < kPeriodsOfAYear) continue;
    Year& facts = years_[year];
    ++facts.looked_at;
    if (!rising || numbers.back()->value < kGrowth * numbers.front()->value) continue;
    if (facts.growing++ > 0) continue;
    Finding& f = facts.example;
    f.rule = &rules::looks_cumulative;
    for (const Point* point : numbers)
      if (in_file(*point)) f.at = point->at;
    f.series = cells.shown_key(number);
    f.period = std::to_string(year);
    f.component = cells.structure().components[cells.structure().measure].id;
    for (const Point* point : numbers)
      f.value += (f.value.empty() ? "" : ", ") + number_text(point->value);
    f.value = shorten(f.value, 80);
  }
}

std::vector<Finding> Continuity::findings() {
  std::vector<Finding> all;
  for (auto& [year, facts] : years_)
    if (facts.growing > 0 && double(facts.growing) >= kGrowingShare * double(facts.looked_at)) {
      facts.example.count = facts.growing;
      all.push_back(std::move(facts.example));
    }
  auto add = [&](std::vector<Finding>& listed, std::uint64_t more, const Rule& rule) {
    std::move(listed.begin(), listed.end(), std::back_inserter(all));
    if (more == 0) return;
    Finding& rest = all.emplace_back();
    rest.rule = &rule;
    rest.count = more;
  };
  std::vector<Finding> gaps;
  for (auto& [place, finding] : gaps_) gaps.push_back(std::move(finding));
  add(gaps, more_gaps_, rules::gap_in_time);
  add(jumps_.listed, jumps_.more, rules::jump);
  add(jumps_from_filed_.listed, jumps_from_filed_.more, rules::jump_from_filed);
  years_.clear();
  gaps_.clear();
  more_gaps_ = 0;
  jumps_ = jumps_from_filed_ = {};
  return all;
}

}  // namespace focalpost
