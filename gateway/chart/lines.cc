// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "chart/scale.h"
#include "chart/sheet.h"

namespace focalpost::chart {
namespace {

constexpr double kLineWidth = 1.9;
constexpr double kMarkEach = 11;      ///< pixels between values from which each has a mark
constexpr double kMarkSome = 90;      ///< else about so far apart
constexpr double kSparse = 6;         ///< between crosses, and between breaks, of one series
constexpr double kBesidePlot = 10;    ///< from the plot to a name
constexpr double kSwatch = 16;        ///< a line's sample before its name
constexpr double kBesideWidth = 440;  ///< of a picture in which names stand beside the lines
constexpr double kPlotHeight = 120;   ///< at least

/// Words that are written between the edges of the plot, so that none touches another.
struct Taken {
  double last = -1e9;
  bool take(double from, double to) {
    if (from < last) return false;
    last = to;
    return true;
  }
};

struct Dot {
  Spot at;
  const Value* value = nullptr;
  std::size_t run = 0;    ///< of values that are joined
  std::size_t place = 0;  ///< among the values of the series
};

struct Drawn {
  const Row* row = nullptr;
  Colour colour = 0;
  Shape shape = Shape::kCircle;
  int number = 0;
  std::vector<Dot> dots;  ///< as many as can be told apart
  std::vector<std::string> name;
  double name_middle = 0;
};

class Lines {
 public:
  Lines(Sheet& sheet, const Facts& facts)
      : sheet_(sheet), facts_(facts), time_(facts.periods), foot_(sheet) {}
  void lay_out(int height);

 private:
  void choose();
  void explain();
  void names_above(double& y);
  void break_names();
  void value_axis();
  int stride_within_years() const;
  void time_axis();
  void years(double y, bool with_ends);
  void within_years(int stride, double y);
  void some_periods(double y);
  void place(Drawn& drawn);
  void line(const Drawn& drawn);
  void marks(const Drawn& drawn);
  void breaks(const Drawn& drawn);
  void withheld();
  void names_beside();
  using Place = std::pair<long, long>;  ///< in whole pixels
  static Place place_of(const Dot& dot) { return {std::lround(dot.at.x), std::lround(dot.at.y)}; }

  double x(Period period) const { return left_ + time_.share(period) * (right_ - left_); }
  double y(double value) const { return bottom_ - scale_.share(value) * (bottom_ - top_); }
  /// From a value to the next, in pixels.
  double spacing() const {
    double n = time_.regular() ? time_.length() : double(facts_.periods.size());
    return (right_ - left_) / std::max(1.0, n) * (time_.regular() ? sheet_.chart.step : 1);
  }
  bool joined(const Value& before, const Value& value) const {
    if (value.breaks) return false;
    if (!time_.regular()) return true;
    return value.period.ordinal() - before.period.ordinal() <= std::max(1, sheet_.chart.step);
  }

  Sheet& sheet_;
  const Facts& facts_;
  TimeScale time_;
  ValueScale scale_;
  Foot foot_;
  std::vector<Drawn> drawn_;
  std::vector<std::string> tick_names_;
  std::map<Place, std::vector<int>> meetings_;  ///< numbers of the series, where each has marks
  bool beside_ = true;
  int stride_ = 0;
  double left_ = 0, right_ = 0, top_ = 0, bottom_ = 0;
};

void Lines::choose() {
  std::vector<std::string> left_out, without, all_withheld;
  for (const Row& row : facts_.rows) {
    if (!row.any_value()) {
      (row.any_withheld() ? all_withheld : without).push_back(row.label);
      continue;
    }
    if (drawn_.size() >= kLinesDrawn) {
      left_out.push_back(row.label);
      continue;
    }
    Drawn drawn;
    drawn.row = &row;
    drawn.number = int(drawn_.size());
    drawn.colour = kColours[drawn_.size()];
    drawn.shape = Shape(drawn_.size());
    drawn_.push_back(std::move(drawn));
  }
  const ChartWords& words = sheet_.chart.words;
  foot_.names({}, without, clean(words.missing, 60));
  foot_.names({}, all_withheld, clean(words.withheld, 60));
  foot_.names(clean(words.not_drawn, 60), left_out, {});
}

void Lines::explain() {
  using Kind = Foot::Key::Kind;
  for (const Drawn& drawn : drawn_)
    for (const Value& value : drawn.row->values) {
      if (value.there && value.estimated) foot_.explain({Kind::kEstimated});
      if (value.there && value.provisional && !value.estimated) foot_.explain({Kind::kProvisional});
      if (value.there && value.breaks) foot_.explain({Kind::kBreak});
      if (value.withheld) foot_.explain({Kind::kWithheld});
    }
  foot_.notes();
}

/// Names in rows above the plot: where there is no room beside it.
void Lines::names_above(double& y) {
  double at = sheet_.left();
  y += 14;
  for (const Drawn& drawn : drawn_) {
    std::string name = sheet_.type.fit(drawn.row->label, kNameSize, false,
                                       sheet_.right() - sheet_.left() - kSwatch - 4);
    double width = kSwatch + 4 + sheet_.type.width(name, kNameSize);
    if (at > sheet_.left() && at + width > sheet_.right()) at = sheet_.left(), y += 17;
    sheet_.add(Line{{{at, y - 4}, {at + kSwatch, y - 4}},
                    drawn.colour,
                    kLineWidth,
                    Dash::kSolid,
                    Role::kName,
                    drawn.number});
    sheet_.add(Mark{{at + kSwatch / 2, y - 4},
                    3.5,
                    drawn.shape,
                    Fill::kFull,
                    drawn.colour,
                    Role::kName,
                    drawn.number,
                    {}});
    sheet_.text({at + kSwatch + 4, y}, std::move(name), kNameSize, Role::kName).series =
        drawn.number;
    at += width + 16;
  }
  y += 14;
}

void Lines::break_names() {
  const double most = (sheet_.right() - sheet_.left()) * 0.27 - kSwatch;
  double widest = 0, height = 0;
  for (std::size_t lines : {2, 1}) {  // two lines each if there is room
    widest = height = 0;
    for (Drawn& drawn : drawn_) {
      drawn.name = sheet_.type.broken(drawn.row->label, kNameSize, false, most, lines);
      for (const std::string& line : drawn.name)
        widest = std::max(widest, sheet_.type.width(line, kNameSize));
      height += double(drawn.name.size()) * kNameLine + (drawn.name.size() > 1 ? 4 : 0);
    }
    if (height <= bottom_ - top_) break;
  }
  beside_ = height <= bottom_ - top_ && sheet_.picture.width >= kBesideWidth;
  right_ = std::floor(sheet_.right() - (widest > 0 ? widest + kSwatch + kBesidePlot : 0));
}

void Lines::value_axis() {
  double least = 0, largest = 0;
  bool whole = true;
  for (const Drawn& drawn : drawn_)
    for (const Value& value : drawn.row->values)
      if (value.there) {
        least = std::min(least, value.value);
        largest = std::max(largest, value.value);
        whole = whole && value.value == std::floor(value.value);
      }
  const int wanted = std::clamp(int((bottom_ - top_) / 46), 2, 6);
  scale_ = value_scale(least, largest, whole, wanted);
  double widest = 0;
  for (double tick : scale_.ticks) {
    tick_names_.push_back(sheet_.number(tick, tick == 0 ? 0 : scale_.decimals));
    widest = std::max(widest, sheet_.type.width(tick_names_.back(), kTickSize));
  }
  left_ = std::round(sheet_.left() + widest + 8);
}

void Lines::years(double y, bool with_ends) {
  const double width = right_ - left_;
  auto edge = [&](int year) {
    return std::clamp(left_ + time_.year_start(year) * width, left_, right_);
  };
  // of how many years each one is named
  double widest = 0;
  const int first = time_.first_year(), last = time_.last_year();
  auto name = [&](int year) { return sheet_.tick(Period::at(PeriodKind::kYear, year)); };
  for (int year : {first, (first + last) / 2, last})
    widest = std::max(widest, sheet_.type.width(name(year), kTickSize));
  const double one = width * (time_.year_start(first + 1) - time_.year_start(first));
  int stride = 1;
  for (int wide : {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000}) {
    stride = wide;
    if (wide * one >= widest + 10) break;
  }
  Taken taken;
  for (int year = first - first % stride; year <= last; year += stride) {
    if (year < first) continue;
    const double from = edge(year), to = edge(year + 1), middle = (from + to) / 2;
    if (with_ends && from > left_) {
      const double down =
          stride_ == 1 ? 28 : 6;  // not through names that are wider than their room
      sheet_.add(Line{
          {{from, bottom_}, {from, bottom_ + down}}, 0x999999, 0.75, Dash::kSolid, Role::kFrame});
    }
    std::string said = name(year);
    const double half = sheet_.type.width(said, kTickSize) / 2;
    // a year of which only a month is shown has no room for its name
    if (stride == 1 && to - from < 2 * half + 2 && with_ends) continue;
    if (middle - half < sheet_.left() || middle + half > sheet_.right() ||
        !taken.take(middle - half, middle + half + 6))
      continue;
    if (!with_ends)
      sheet_.add(Line{
          {{middle, bottom_}, {middle, bottom_ + 4}}, 0x999999, 0.75, Dash::kSolid, Role::kFrame});
    sheet_.text({middle, y}, std::move(said), kTickSize, Role::kTick, Anchor::kMiddle, kSoft);
  }
}

/// Names of months, quarters and the like, every `stride`th of a year.
void Lines::within_years(int stride, double y) {
  const int in_year = in_a_year(time_.kind());
  const std::int64_t first = facts_.periods.front().ordinal(),
                     last = facts_.periods.back().ordinal();
  for (std::int64_t at = first; at <= last; ++at) {
    if ((at % in_year) % stride != 0) continue;
    Period period = Period::at(time_.kind(), at);
    sheet_.text({x(period), y}, sheet_.tick(period), kTickSize, Role::kTick, Anchor::kMiddle,
                kSoft);
  }
}

/// Weeks, days, and what is of several kinds: the last one and those before it that have room.
void Lines::some_periods(double y) {
  double free_to = sheet_.right();
  double half = sheet_.type.width(sheet_.period(facts_.periods.back()), kTickSize) / 2;
  for (auto period = facts_.periods.rbegin(); period != facts_.periods.rend(); ++period) {
    const double at = x(*period);
    if (at + half > free_to) continue;  // by the last one's measure, so that few are asked for
    if (at - half < sheet_.left()) break;
    std::string said = sheet_.period(*period);
    half = sheet_.type.width(said, kTickSize) / 2;
    if (at + half > free_to || at - half < sheet_.left()) continue;
    sheet_.add(
        Line{{{at, bottom_}, {at, bottom_ + 4}}, 0x999999, 0.75, Dash::kSolid, Role::kFrame});
    sheet_.text({at, y}, std::move(said), kTickSize, Role::kTick, Anchor::kMiddle, kSoft);
    free_to = at - half - 24;
  }
}

/// Of months, quarters and the like each how manyeth is named; 0: none, years alone.
int Lines::stride_within_years() const {
  const int in_year = in_a_year(time_.kind());
  if (in_year < 2) return 0;
  double widest = 0;
  for (int i = 0; i < in_year; ++i) {
    Period period = Period::at(time_.kind(), facts_.periods.front().ordinal() + i);
    widest = std::max(widest, sheet_.type.width(sheet_.tick(period), kTickSize));
  }
  const double one = (right_ - left_) / time_.length();
  for (int stride : {1, 2, 3})
    if (in_year % stride == 0 && in_year / stride >= 2 && widest + 5 <= one * stride) return stride;
  return 0;
}

void Lines::time_axis() {
  const double first_line = bottom_ + 17, second_line = bottom_ + 31;
  const int in_year = in_a_year(time_.kind());
  if (in_year == 1) return years(first_line, false);
  if (in_year == 0 && time_.last_year() - time_.first_year() < 3) return some_periods(first_line);
  if (stride_ == 0) return years(first_line, true);
  within_years(stride_, first_line);
  years(second_line, true);
}

void Lines::place(Drawn& drawn) {
  std::vector<Dot> all;
  const Value* before = nullptr;
  std::size_t run = 0;
  const auto& values = drawn.row->values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Value& value = values[i];
    if (!value.there) {
      before = nullptr;
      continue;
    }
    if (!before || !joined(*before, value)) ++run;
    all.push_back({{x(value.period), y(value.value)}, &value, run, i});
    before = &value;
  }
  // Of each pixel's column the first, the lowest, the highest and the last: the picture is the
  // same.
  if (double(all.size()) <= 2 * (right_ - left_)) {
    drawn.dots = std::move(all);
    return;
  }
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from, lowest = from, highest = from;
    for (; to < all.size() && std::floor(all[to].at.x) == std::floor(all[from].at.x); ++to) {
      if (all[to].at.y > all[lowest].at.y) lowest = to;
      if (all[to].at.y < all[highest].at.y) highest = to;
    }
    std::size_t kept[] = {from, std::min(lowest, highest), std::max(lowest, highest), to - 1};
    for (std::size_t k = 0; k < 4; ++k)
      if (k == 0 || kept[k] != kept[k - 1]) drawn.dots.push_back(all[kept[k]]);
    from = to;
  }
}

void Lines::line(const Drawn& drawn) {
  Line line;
  auto end = [&] {
    if (line.spots.size() > 1) sheet_.add(line);
    line.spots.clear();
  };
  for (std::size_t i = 0; i < drawn.dots.size(); ++i) {
    const Dot& dot = drawn.dots[i];
    const bool goes_on = i > 0 && drawn.dots[i - 1].run == dot.run;
    if (!goes_on) end();
    if (goes_on && line.spots.size() > 1 && line.dash != dot.value->dash()) {
      Spot from = line.spots.back();
      end();
      line.spots.push_back(from);
    }
    if (goes_on) line.dash = dot.value->dash();
    line.colour = drawn.colour;
    line.width = kLineWidth;
    line.role = Role::kData;
    line.series = drawn.number;
    line.spots.push_back(dot.at);
  }
  end();
}

void Lines::marks(const Drawn& drawn) {
  const double apart = spacing();
  const bool each = apart >= kMarkEach;
  const auto some = std::size_t(std::max(1.0, std::ceil(kMarkSome / std::max(apart, 0.01))));
  const std::size_t offset =
      some * std::size_t(drawn.number) / std::max<std::size_t>(1, drawn_.size());
  Spot last_small{-1e9, 0};
  for (std::size_t i = 0; i < drawn.dots.size(); ++i) {
    const Dot& dot = drawn.dots[i];
    const bool alone = (i == 0 || drawn.dots[i - 1].run != dot.run) &&
                       (i + 1 == drawn.dots.size() || drawn.dots[i + 1].run != dot.run);
    const bool last = i + 1 == drawn.dots.size();
    const bool told = drawn_.size() > 1 && dot.place % some == offset;
    if (!each && !last && !told) {
      // a value without neighbours is a mark or nothing
      if (!alone || std::hypot(dot.at.x - last_small.x, dot.at.y - last_small.y) < 1) continue;
      last_small = dot.at;
    }
    // Where series run along the same values their marks take turns, so that none hides another.
    if (auto met = meetings_.find(place_of(dot)); met != meetings_.end()) {
      const auto& numbers = met->second;
      if (numbers[dot.place % numbers.size()] != drawn.number) continue;
    }
    Mark mark;
    mark.at = dot.at;
    mark.radius = each ? 3.6 : last || told ? 3.2 : 1.8;
    mark.shape = drawn.shape;
    mark.fill = each || last || told ? dot.value->fill() : Fill::kFull;
    mark.colour = drawn.colour;
    mark.series = drawn.number;
    if (each || last || told) mark.said = sheet_.said(*drawn.row, *dot.value);
    sheet_.add(std::move(mark));
  }
}

void Lines::breaks(const Drawn& drawn) {
  const auto& values = drawn.row->values;
  double last = -1e9;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].there || !values[i].breaks) continue;
    const double apart = std::min(spacing() / 2, 12.0);
    const bool follows = i > 0 && values[i - 1].there;
    const double at = follows ? (x(values[i - 1].period) + x(values[i].period)) / 2
                              : std::max(left_, x(values[i].period) - apart);
    if (at - last < kSparse) continue;
    last = at;
    const double middle =
        follows ? (y(values[i - 1].value) + y(values[i].value)) / 2 : y(values[i].value);
    const double from = std::max(top_, middle - 15), to = std::min(bottom_, middle + 15);
    sheet_.add(
        Line{{{at, from}, {at, to}}, drawn.colour, 1.5, Dash::kDashed, Role::kBreak, drawn.number});
  }
}

void Lines::withheld() {
  std::map<double, int> at_place;
  for (const Drawn& drawn : drawn_) {
    double last = -1e9;
    for (const Value& value : drawn.row->values) {
      if (!value.withheld) continue;
      const double at = x(value.period);
      if (at - last < kSparse) continue;
      last = at;
      const double up = y(0) - 6 - 9 * at_place[std::round(at)]++;
      sheet_.add(Mark{{at, std::max(top_ + 3, up)},
                      3,
                      Shape::kCross,
                      Fill::kFull,
                      drawn.colour,
                      Role::kWithheld,
                      drawn.number,
                      fmt::format("{}, {}: {}", drawn.row->label, sheet_.period(value.period),
                                  clean(sheet_.chart.words.withheld, 60))});
    }
  }
}

void Lines::names_beside() {
  std::vector<double> wanted, heights;
  std::vector<Drawn*> named;
  for (Drawn& drawn : drawn_)
    if (!drawn.name.empty()) {
      named.push_back(&drawn);
      wanted.push_back(drawn.dots.back().at.y);
      heights.push_back(double(drawn.name.size()) * kNameLine + (drawn.name.size() > 1 ? 4 : 0));
    }
  std::vector<double> middles = spread(wanted, heights, top_ - 4, bottom_ + 8);
  for (std::size_t i = 0; i < named.size(); ++i) {
    const Drawn& drawn = *named[i];
    const Spot end = drawn.dots.back().at;
    const double middle = middles[i], at = right_ + kBesidePlot;
    // a thin line from the last value to its name
    std::vector<Spot> way{
        {std::min(end.x + 5, right_), end.y}, {right_ + 1, end.y}, {at - 3, middle}};
    if (right_ - end.x < 7) way.erase(way.begin());
    sheet_.add(Line{std::move(way), drawn.colour, 0.75,
                    right_ - end.x > 2 * spacing() + 7 ? Dash::kDotted : Dash::kSolid, Role::kFrame,
                    drawn.number});
    sheet_.add(Line{{{at, middle}, {at + kSwatch - 3, middle}},
                    drawn.colour,
                    kLineWidth,
                    Dash::kSolid,
                    Role::kName,
                    drawn.number});
    sheet_.add(Mark{{at + (kSwatch - 3) / 2, middle},
                    3.3,
                    drawn.shape,
                    Fill::kFull,
                    drawn.colour,
                    Role::kName,
                    drawn.number,
                    {}});
    double line = middle + 4 - double(drawn.name.size() - 1) * kNameLine / 2;
    for (const std::string& part : drawn.name) {
      sheet_.text({at + kSwatch, line}, part, kNameSize, Role::kName).series = drawn.number;
      line += kNameLine;
    }
  }
}

void Lines::lay_out(int height) {
  choose();
  explain();
  top_ = sheet_.head(sheet_.chart.unit);
  // The axes need each other: how high the plot is depends on whether periods take two lines, that
  // on how wide it is, that on the numbers beside it.
  auto below = [&](int lines) { return (lines == 2 ? 40 : 26) + foot_.height() + kMargin; };
  auto set_bottom = [&](int lines) {
    bottom_ = std::floor(std::max(height - below(lines), top_ + kPlotHeight));
  };
  set_bottom(2);
  break_names();
  if (!beside_) {
    right_ = sheet_.right();
    names_above(top_);
    set_bottom(2);
  }
  top_ = std::round(top_ + 2);
  value_axis();
  stride_ = stride_within_years();
  const int lines = stride_ > 0 ? 2 : 1;
  set_bottom(lines);
  for (std::size_t i = 0; i < scale_.ticks.size(); ++i) {
    const double at = std::round(y(scale_.ticks[i])) + 0.5;
    const bool zero = scale_.ticks[i] == 0;
    sheet_.add(Line{{{left_, at}, {right_, at}},
                    zero ? Colour(0x444444) : kGridColour,
                    1,
                    Dash::kSolid,
                    Role::kGrid});
    sheet_.text({left_ - 7, at + 3.5}, tick_names_[i], kTickSize, Role::kTick, Anchor::kEnd, kSoft);
  }
  time_axis();
  for (Drawn& drawn : drawn_) place(drawn);
  if (spacing() >= kMarkEach)
    for (const Drawn& drawn : drawn_)
      for (const Dot& dot : drawn.dots) meetings_[place_of(dot)].push_back(drawn.number);
  if (beside_) names_beside();
  withheld();
  for (auto drawn = drawn_.rbegin(); drawn != drawn_.rend(); ++drawn) {
    line(*drawn);
    breaks(*drawn);
    marks(*drawn);
  }
  foot_.draw(bottom_ + below(lines) - foot_.height() - kMargin);
  sheet_.set_height(bottom_ + below(lines));
}

}  // namespace

void lay_out_lines(Sheet& sheet, const Facts& facts, int height) {
  Lines(sheet, facts).lay_out(height);
}

}  // namespace focalpost::chart
