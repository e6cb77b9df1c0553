// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <random>
#include <set>

#include "chart/facts.h"

using namespace focalpost;
using namespace focalpost::chart;

namespace {

std::vector<double> numbered_ticks(const Picture& picture) {
  std::vector<double> made;
  for (const Text& text : all<Text>(picture, Role::kTick))
    if (text.anchor == Anchor::kEnd) made.push_back(std::stod(text.text));
  return made;
}

/// Where a value must stand, from the lines of the grid.
double height_of(const Picture& picture, double value) {
  std::vector<double> ticks = numbered_ticks(picture);
  std::vector<Line> grid = all<Line>(picture, Role::kGrid);
  REQUIRE(ticks.size() == grid.size());
  double low = grid.front().spots[0].y, high = grid.back().spots[0].y;
  return low + (high - low) * (value - ticks.front()) / (ticks.back() - ticks.front());
}

std::string joined(const std::vector<Text>& texts) {
  std::string made;
  for (const Text& text : texts) made += (made.empty() ? "" : "|") + text.text;
  return made;
}

}  // namespace

TEST_CASE("every value has its mark in its place") {
  std::vector<double> values{120, 180, 240, 0, 290, 150, 1240};
  Picture picture = picture_of(chart_of({series("Kyrgyzstan", "2018", values)}));
  check_sound(picture);
  std::vector<Mark> marks = all<Mark>(picture, Role::kData);
  REQUIRE(marks.size() == values.size());
  for (std::size_t i = 0; i < marks.size(); ++i) {
    CHECK(marks[i].at.y == Approx(height_of(picture, values[i])).margin(1));
    if (i > 1) CHECK(marks[i].at.x - marks[i - 1].at.x == Approx(marks[1].at.x - marks[0].at.x));
    CHECK(marks[i].said == fmt::format("Kyrgyzstan, {}: {}", 2018 + i, values[i]));
  }
  CHECK(numbered_ticks(picture) == std::vector<double>{0, 250, 500, 750, 1000, 1250});
  CHECK(joined(all<Text>(picture, Role::kName)) == "Kyrgyzstan");
  // each year stands under its mark
  std::vector<Text> years;
  for (const Text& text : all<Text>(picture, Role::kTick))
    if (text.anchor == Anchor::kMiddle) years.push_back(text);
  REQUIRE(years.size() == values.size());
  for (std::size_t i = 0; i < years.size(); ++i) CHECK(years[i].at.x == Approx(marks[i].at.x));
}

TEST_CASE("a gap is never bridged, and what stands alone is seen") {
  Picture picture = picture_of(chart_of(
      {series("A", "2012", {320, 280, kNone, 310, 390, kNone, kNone, 680, kNone, 5}),
       series("B", "2012", {kNone, kNone, 10, kNone, kNone, kNone, kNone, kNone, kNone, kNone})}));
  check_sound(picture);
  std::vector<Mark> marks = all<Mark>(picture, Role::kData, 0);
  REQUIRE(marks.size() == 6);
  double year = marks[1].at.x - marks[0].at.x;
  std::vector<Line> lines = all<Line>(picture, Role::kData, 0);
  REQUIRE(lines.size() == 2);  // 2012 to 2013, 2015 to 2016
  for (const Line& line : lines)
    for (std::size_t i = 1; i < line.spots.size(); ++i)
      CHECK(line.spots[i].x - line.spots[i - 1].x == Approx(year));
  CHECK(all<Line>(picture, Role::kData, 1).empty());
  CHECK(all<Mark>(picture, Role::kData, 1).size() == 1);

  SECTION("a period that is not even given is a gap") {
    Chart chart = chart_of({series("A", "2012", {320, 280, 300, 310})});
    chart.series[0].points.erase(chart.series[0].points.begin() + 2);
    CHECK(all<Line>(picture_of(chart), Role::kData).size() == 1);
    CHECK(all<Line>(picture_of(chart), Role::kData)[0].spots.size() == 2);
  }
  SECTION("but not where so many lie between any two") {
    Chart chart = chart_of({series("Census", "1989", std::vector<double>(21, 7))});
    auto& points = chart.series[0].points;
    points = {points[0], points[10], points[20]};
    CHECK(all<Line>(picture_of(chart), Role::kData).empty());
    chart.step = 10;
    REQUIRE(all<Line>(picture_of(chart), Role::kData).size() == 1);
    CHECK(all<Line>(picture_of(chart), Role::kData)[0].spots.size() == 3);
  }
}

TEST_CASE("breaks, provisional, estimated and withheld values are marked and explained") {
  Chart chart = chart_of({series("A", "2015", {320, 280, 300, 900, 950, 1080, kNone})});
  auto& points = chart.series[0].points;
  points[3].breaks = true;
  points[4].estimated = true;
  points[5].provisional = true;
  points[6].withheld = true;
  Picture picture = picture_of(chart);
  check_sound(picture);

  std::vector<Line> breaks = all<Line>(picture, Role::kBreak);
  REQUIRE(breaks.size() == 1);
  std::vector<Mark> marks = all<Mark>(picture, Role::kData);
  REQUIRE(marks.size() == 6);
  CHECK(breaks[0].spots[0].x == Approx((marks[2].at.x + marks[3].at.x) / 2));
  for (const Line& line : all<Line>(picture, Role::kData)) {  // interrupted there
    CHECK_FALSE((line.spots.front().x < breaks[0].spots[0].x &&
                 line.spots.back().x > breaks[0].spots[0].x));
  }
  CHECK(marks[3].fill == Fill::kFull);
  CHECK(marks[4].fill == Fill::kDot);
  CHECK(marks[5].fill == Fill::kHollow);
  CHECK(marks[3].said == "A, 2018: 900 (break in series)");
  CHECK(marks[5].said == "A, 2020: 1080 (provisional)");
  std::multiset<Dash> dashes;
  for (const Line& line : all<Line>(picture, Role::kData)) dashes.insert(line.dash);
  CHECK(dashes == std::multiset<Dash>{Dash::kSolid, Dash::kDashed, Dash::kDotted});

  std::vector<Mark> crosses = all<Mark>(picture, Role::kWithheld);
  REQUIRE(crosses.size() == 1);
  CHECK(crosses[0].shape == Shape::kCross);
  CHECK(crosses[0].at.y == Approx(height_of(picture, 0)).margin(8));
  CHECK(joined(all<Text>(picture, Role::kKey)) == "provisional|estimated|break in series|withheld");

  SECTION("what does not occur is not explained") {
    CHECK(all<Text>(picture_of(chart_of({series("A", "2015", {1, 2, 3})})), Role::kKey).empty());
  }
}

TEST_CASE("names stand beside the lines, and above them where there is no room") {
  std::vector<ChartSeries> five;
  for (const char* name : {"Armenia", "Belarus", "Georgia", "Kazakhstan", "Ukraine"})
    five.push_back(series(name, "2015", {5, 6, 7, 100}));
  Picture wide = picture_of(chart_of(five));
  check_sound(wide);
  std::vector<Text> names = all<Text>(wide, Role::kName);
  REQUIRE(names.size() == 5);
  for (const Text& name : names) CHECK(name.at.x == names[0].at.x);
  // each has its mark's shape and colour of its own
  std::set<std::pair<Shape, Colour>> looks;
  for (const Mark& mark : all<Mark>(wide, Role::kName)) looks.emplace(mark.shape, mark.colour);
  CHECK(looks.size() == 5);

  Picture narrow = picture_of(chart_of(five), {360, 300, 1});
  check_sound(narrow);
  double first_line = all<Line>(narrow, Role::kGrid).back().spots[0].y;
  for (const Text& name : all<Text>(narrow, Role::kName)) CHECK(name.at.y < first_line);
}

TEST_CASE("where series have the same values their marks take turns") {
  Picture picture = picture_of(
      chart_of({series("A", "2015", {5, 5, 5, 5, 9}), series("B", "2015", {5, 5, 5, 5, 2})}));
  CHECK(all<Mark>(picture, Role::kData, 0).size() == 3);
  CHECK(all<Mark>(picture, Role::kData, 1).size() == 3);
}

TEST_CASE("more series than can be told apart are named below") {
  std::vector<ChartSeries> eleven;
  for (int i = 0; i < 11; ++i)
    eleven.push_back(series(fmt::format("Country {}", i), "2015", {1.0 * i, 2.0 * i, 3.0 * i}));
  eleven[2] = series("Silent", "2015", {kNone, kNone, kNone});
  Picture picture = picture_of(chart_of(eleven));
  check_sound(picture);
  CHECK(all<Text>(picture, Role::kName).size() == 8);
  CHECK(joined(all<Text>(picture, Role::kFoot)) ==
        "Silent: no data|Not drawn: Country 9, Country 10|Source: example network.");
}

TEST_CASE("one or two periods are bars with their numbers") {
  Chart chart =
      chart_of({series("Armenia", "2023", {200, 400}), series("Belarus", "2023", {100, 0}),
                series("Georgia", "2023", {kNone, 300}), series("Kazakhstan", "2023", {kNone, 1})});
  chart.series[2].points[0].withheld = true;
  chart.series[0].points[1].breaks = true;
  chart.series[1].points[0].provisional = true;
  Picture picture = picture_of(chart);
  check_sound(picture);
  CHECK(joined(all<Text>(picture, Role::kValue)) ==
        "200|400 (break in series)|100|0|withheld|300|no data|1");
  std::vector<Box> bars = all<Box>(picture, Role::kData);
  REQUIRE(bars.size() == 5);  // none for a zero
  for (const Box& bar : bars) CHECK(bar.x == bars[0].x);
  CHECK(bars[1].width == Approx(2 * bars[0].width));
  CHECK(bars[2].width == Approx(bars[0].width / 2));
  CHECK(bars[2].fill == 0xFFFFFF);
  CHECK(bars[4].width >= 1);
  CHECK(joined(all<Text>(picture, Role::kKey)) == "2023|2024|provisional");

  SECTION("of one period, the period stands with the unit") {
    for (ChartSeries& one : chart.series) one.points.erase(one.points.begin());
    Picture single = picture_of(chart);
    check_sound(single);
    CHECK(joined(all<Text>(single, Role::kHead)).ends_with("Persons, 2024"));
    CHECK(single.height < picture.height);
  }
  SECTION("less than nothing goes to the left") {
    chart.series[1].points[0].value = "-150";
    Picture both = picture_of(chart);
    check_sound(both);
    std::vector<Box> made = all<Box>(both, Role::kData);
    CHECK(made[2].x + made[2].width == Approx(made[0].x));
  }
}

TEST_CASE("months and quarters are named within their years, while there is room") {
  auto ticks = [](const Picture& picture) {
    std::vector<Text> found;
    for (const Text& text : all<Text>(picture, Role::kTick))
      if (text.anchor == Anchor::kMiddle) found.push_back(text);
    return joined(found);
  };
  Picture quarters = picture_of(chart_of({series("A", "2024-Q3", {1, 2, 3, 4, 5, 6})}));
  CHECK(ticks(quarters) == "Q3|Q4|Q1|Q2|Q3|Q4|2024|2025");
  Picture months = picture_of(chart_of({series("A", "2015-01", std::vector<double>(120, 3))}));
  CHECK(ticks(months) == "2015|2016|2017|2018|2019|2020|2021|2022|2023|2024");
  Picture centuries = picture_of(chart_of({series("A", "1800", std::vector<double>(226, 3))}));
  CHECK(ticks(centuries) == "1800|1820|1840|1860|1880|1900|1920|1940|1960|1980|2000|2020");
  for (const Picture* picture : {&quarters, &months, &centuries}) check_sound(*picture);
}

TEST_CASE("order and repetition of points do not matter") {
  Chart chart = chart_of({series("A", "2015", {10, 20, 30, 40})});
  Picture sorted = picture_of(chart);
  std::reverse(chart.series[0].points.begin(), chart.series[0].points.end());
  chart.series[0].points.insert(chart.series[0].points.begin(), chart.series[0].points[2]);
  chart.series[0].points[0].value = "999";  // said again later
  CHECK(svg_of(picture_of(chart)) == svg_of(sorted));
}

TEST_CASE("what cannot be drawn is refused with a reason") {
  auto error = [](const Chart& chart, ChartSize size = {}) {
    auto made = lay_out(chart, size);
    return made ? std::string() : made.error().what;
  };
  CHECK(error(chart_of({})) == "chart: there is no value to be drawn");
  CHECK(error(chart_of({series("A", "2015", {kNone, kNone, kNone})})) ==
        "chart: there is no value to be drawn");
  Chart chart = chart_of({series("A", "2015", {1, 2, 3})});
  for (const char* written : {"1e16", "INF", "-INF", "123456789012345678901234567890"}) {
    chart.series[0].points[1].value = written;
    CHECK(error(chart) == fmt::format("chart: {} of A is too large to be drawn", written));
  }
  chart.series[0].points[1].value = "1 234";
  CHECK(error(chart) == "chart: \"1 234\" of A is not a number");
  for (const char* written : {"NaN", "1e15", "-1e15", "0.00000000000000000000000012345", "1e-300",
                              "999999999999999.123456789123456789"}) {
    chart.series[0].points[1].value = written;
    INFO(written);
    CHECK(error(chart).empty());
    check_sound(picture_of(chart));
  }
  CHECK(error(chart, {100, 100, 1}) == "chart: 100 x 100 is no size for a picture");
  CHECK(error(chart, {100000, 400, 1}) == "chart: 100000 x 400 is no size for a picture");
}

TEST_CASE("thousands of points make a picture of bounded size with its highs and lows in it") {
  std::vector<double> values(20000);
  std::mt19937 random(4);
  for (double& value : values) value = double(random() % 1000);
  values[7777] = 5000;
  std::vector<ChartSeries> eight(8, series("Daily", "1970-01-01", values));
  Picture picture = picture_of(chart_of(eight));
  std::size_t spots = 0;
  double highest = 1e9;
  for (const Line& line : all<Line>(picture, Role::kData)) {
    spots += line.spots.size();
    for (Spot spot : line.spots) highest = std::min(highest, spot.y);
  }
  CHECK(spots < 8 * 4 * 720);
  CHECK(highest == Approx(height_of(picture, 5000)).margin(1));

  SECTION("with a hole at every other day") {
    for (ChartSeries& one : eight)
      for (std::size_t i = 0; i < one.points.size(); i += 2) {
        one.points[i].value.clear();
        one.points[i].withheld = true;
        one.points[i + 1].breaks = true;
      }
    CHECK(picture_of(chart_of(eight)).pieces.size() < 8 * 5 * 720);
  }
}

TEST_CASE("any chart is sound: nothing outside the picture, no text over another") {
  std::mt19937 random(5);
  auto one_of = [&](std::size_t n) { return random() % n; };
  const char* words[] = {"Kyrgyzstan",
                         "Республика Молдова",
                         "Україна",
                         "A",
                         "United Kingdom of Great Britain and Northern Ireland",
                         "Лица_с_неурегулированным_статусом_в_стране_без_единого_пробела",
                         "非常に長い"};
  const char* starts[] = {"1999",    "2019-S2",  "2020-T1",   "2021-Q3",
                          "2022-11", "2023-W50", "2024-02-27"};
  for (int round = 0; round < 200; ++round) {
    Chart chart;
    auto text = [&](std::size_t most) {
      std::string made;
      for (std::size_t i = one_of(most + 1); i > 0; --i)
        made += (made.empty() ? "" : " ") + std::string(words[one_of(7)]);
      return made;
    };
    chart.title = text(6);
    chart.subtitle = text(9);
    chart.unit = text(2);
    chart.footnote = text(20) + (one_of(2) ? "\n" + text(4) : "");
    chart.source = text(5);
    if (one_of(2)) chart.example = text(2);
    const char* start = starts[one_of(7)];
    const std::size_t points = one_of(3) == 0 ? 1 + one_of(2) : 1 + one_of(150);
    const double size = std::pow(10.0, double(one_of(17)) - 2);
    for (std::size_t s = 1 + one_of(10); s > 0; --s) {
      std::vector<double> values;
      for (std::size_t i = 0; i < points; ++i)
        values.push_back(one_of(9) == 0 ? kNone
                                        : std::min(1e15, size * double(one_of(1000)) / 1000 *
                                                             (one_of(40) == 0 ? -1 : 1)));
      chart.series.push_back(series(text(2), start, values, int(one_of(3))));
      for (ChartPoint& point : chart.series.back().points) {
        if (one_of(12) == 0) point.breaks = true;
        if (one_of(12) == 0) point.provisional = true;
        if (one_of(12) == 0) point.estimated = true;
        if (point.value.empty() && one_of(2)) point.withheld = true;
      }
    }
    ChartSize wanted{int(320 + one_of(900)), int(200 + one_of(600)), 1};
    auto made = lay_out(chart, wanted);
    if (!made) {
      CHECK(made.error().what == "chart: there is no value to be drawn");
      continue;
    }
    INFO("round " << round << ", " << points << " points from " << start << ", " << wanted.width
                  << " x " << wanted.height);
    check_sound(*made);
    CHECK(made->width == wanted.width);
  }
}
