// SPDX-License-Identifier: Apache-2.0
#include "chart/scale.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "catch.h"

using namespace focalpost;
using namespace focalpost::chart;

namespace {

std::vector<Period> periods(std::initializer_list<const char*> written) {
  std::vector<Period> made;
  for (const char* text : written) made.push_back(*Period::parse(text));
  return made;
}

}  // namespace

TEST_CASE("ticks are round, have zero among them and hold every value") {
  CHECK(value_scale(0, 1450, true, 6).ticks ==
        std::vector<double>{0, 250, 500, 750, 1000, 1250, 1500});
  CHECK(value_scale(12, 97, true, 5).ticks == std::vector<double>{0, 20, 40, 60, 80, 100});
  CHECK(value_scale(0, 3, true, 6).ticks == std::vector<double>{0, 1, 2, 3});
  CHECK(value_scale(0, 3, false, 6).ticks == std::vector<double>{0, 0.5, 1, 1.5, 2, 2.5, 3});
  CHECK(value_scale(-1240, 410, true, 4).ticks == std::vector<double>{-1500, -1000, -500, 0, 500});
  CHECK(value_scale(-7, -3, true, 4).ticks == std::vector<double>{-8, -6, -4, -2, 0});
  CHECK(value_scale(0, 0.0031, false, 4).ticks ==
        std::vector<double>{0, 0.001, 0.002, 0.003, 0.004});
  CHECK(value_scale(0, 0.0031, false, 4).decimals == 3);
  CHECK(value_scale(0, 1, false, 4).decimals == 2);  // by quarters
  CHECK(value_scale(0, 1e15, true, 5).ticks.back() == 1e15);

  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    double largest = std::pow(10.0, double(random() % 30) - 14) * double(1 + random() % 999);
    double least = random() % 3 == 0 ? -largest * double(random() % 100) / 50 : 0;
    bool whole = random() % 2 == 0;
    if (whole) largest = std::ceil(largest), least = std::floor(least);
    int wanted = 2 + int(random() % 6);
    ValueScale made = value_scale(least, largest, whole, wanted);
    INFO(least << " to " << largest << ", " << wanted);
    CHECK(std::count(made.ticks.begin(), made.ticks.end(), 0.0) == 1);
    CHECK(made.low <= least);
    CHECK(made.high >= largest * (1 - 1e-9));
    CHECK(made.ticks.size() >= 2);
    CHECK(made.ticks.size() <= std::size_t(wanted) + 3);
    double step = made.ticks[1] - made.ticks[0];
    double mantissa = step / std::pow(10.0, std::floor(std::log10(step) + 1e-9));
    CHECK(std::min({std::abs(mantissa - 1), std::abs(mantissa - 2), std::abs(mantissa - 2.5),
                    std::abs(mantissa - 5)}) < 1e-6);
    if (whole)
      for (double tick : made.ticks) CHECK(tick == std::floor(tick));
  }
}

TEST_CASE("zeros alone still have an axis") {
  CHECK(value_scale(0, 0, true, 5).ticks == std::vector<double>{0, 1});
  CHECK(value_scale(0, 0, true, 5).share(0) == 0);
}

TEST_CASE("periods of one kind stand at equal distances, of several by their days") {
  TimeScale years(periods({"2015", "2016", "2019"}));
  CHECK(years.regular());
  CHECK(years.share(*Period::parse("2015")) == Approx(0.1));
  CHECK(years.share(*Period::parse("2019")) == Approx(0.9));
  TimeScale months(periods({"2024-12", "2025-01", "2025-02"}));
  CHECK(months.share(*Period::parse("2025-01")) == Approx(0.5));
  CHECK(months.year_start(2025) == Approx(1.0 / 3));
  CHECK(months.first_year() == 2024);
  CHECK(months.last_year() == 2025);
  TimeScale mixed(periods({"2024", "2025-Q1"}));
  CHECK_FALSE(mixed.regular());
  CHECK(mixed.share(*Period::parse("2024")) == Approx(183.0 / 456));
  CHECK(mixed.year_start(2025) == Approx(366.0 / 456));
}

TEST_CASE("names are pushed apart no more than they must") {
  auto spread_of = [](std::vector<double> wanted, double height, double top, double bottom) {
    return spread(wanted, std::vector<double>(wanted.size(), height), top, bottom);
  };
  CHECK(spread_of({50, 20, 80}, 14, 0, 100) == std::vector<double>{50, 20, 80});
  CHECK(spread_of({50, 50}, 14, 0, 100) == std::vector<double>{43, 57});
  CHECK(spread_of({0, 0}, 14, 0, 100) == std::vector<double>{7, 21});
  CHECK(spread_of({100, 100, 100}, 10, 0, 100) == std::vector<double>{75, 85, 95});

  std::mt19937 random(2);
  for (int round = 0; round < 2000; ++round) {
    std::vector<double> wanted, heights;
    double all = 0;
    for (std::size_t i = 0; i < 1 + random() % 8; ++i) {
      wanted.push_back(double(random() % 300));
      heights.push_back(random() % 2 ? 14 : 28);
      all += heights.back();
    }
    std::vector<double> made = spread(wanted, heights, 0, 240);
    std::vector<std::pair<double, double>> edges;
    for (std::size_t i = 0; i < made.size(); ++i)
      edges.emplace_back(made[i] - heights[i] / 2, made[i] + heights[i] / 2);
    std::sort(edges.begin(), edges.end());
    for (std::size_t i = 1; i < edges.size(); ++i)
      CHECK(edges[i].first >= edges[i - 1].second - 1e-6);
    CHECK(edges.front().first >= -1e-6);
    if (all <= 240) CHECK(edges.back().second <= 240 + 1e-6);
    for (std::size_t a = 0; a < made.size(); ++a)
      for (std::size_t b = 0; b < made.size(); ++b)
        if (wanted[a] - heights[a] / 2 < wanted[b] - heights[b] / 2 && heights[a] == heights[b])
          CHECK(made[a] <= made[b]);
  }
}
