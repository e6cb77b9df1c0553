// SPDX-License-Identifier: Apache-2.0
#include "compose/chart_words.h"

#include "base/files.h"
#include "catch.h"

using namespace focalpost;

TEST_CASE("a chart speaks its reader's language: numbers, months, what its marks mean") {
  const PhraseStore phrases(fs::path(SOURCE_DIR) / "templates");
  auto drawn = [&](std::string_view lang) {
    Chart chart;
    chart.title = "…";
    chart.words = *chart_words(**phrases.in(lang));
    chart.lang = lang;
    for (const char* label : {"KG", "KZ"}) {
      ChartSeries series;
      series.label = label;
      for (int month = 0; month < 14; ++month) {
        ChartPoint point;
        point.period = Period::at(PeriodKind::kMonth, 2025 * 12 + month);
        if (month != 4)
          point.value = std::to_string(1000 * month + (chart.series.empty() ? 0 : 600)) + ".5";
        point.withheld = month == 4;
        point.provisional = month == 13;
        point.breaks = month == 9;
        series.points.push_back(point);
      }
      chart.series.push_back(series);
    }
    auto svg = draw_svg(chart);
    REQUIRE(svg.ok());
    return *svg;
  };
  auto has = [](const std::string& svg, std::string_view part) {
    INFO(part);
    CHECK(svg.find(part) != svg.npos);
  };
  const std::string en = drawn("en"), ru = drawn("ru"), uk = drawn("uk");
  for (std::string_view part :
       {">15,000<", ">Jan<", ">2025<", ">provisional<", ">break in series<", ">may not be shown<",
        "<title>KG, February 2026: 13,000.5 (provisional)</title>"})
    has(en, part);
  for (std::string_view part :
       {">15\u00A0000<", ">янв.<", ">предварительные данные<", ">разрыв ряда<",
        "<title>KZ, февраль 2026 г.: 13\u00A0600,5 (предварительные данные)</title>"})
    has(ru, part);
  for (std::string_view part : {">січ", ">розрив ряду<", ">показувати не можна<"}) has(uk, part);
}
