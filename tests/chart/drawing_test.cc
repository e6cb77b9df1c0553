// SPDX-License-Identifier: Apache-2.0
//
// What the back ends make of a picture. tests/chart/golden/ holds charts as SVG, to be looked at in
// any browser; UPDATE_GOLDEN=1 writes them anew: look at them before you commit.
#include <cstdlib>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "chart/facts.h"

using namespace focalpost;
using namespace focalpost::chart;

namespace {

const fs::path kGolden = fs::path(SOURCE_DIR) / "tests/chart/golden";

void check_golden(const std::string& name, const std::string& svg) {
  fs::path path = kGolden / (name + ".svg");
  if (std::getenv("UPDATE_GOLDEN")) REQUIRE(write_file_durably(path, svg, 0644));
  auto want = read_file(path);
  INFO(path);
  REQUIRE(want.ok());
  CHECK(*want == svg);
}

/// Names and nothing else than what a chart may consist of; the first thing that is wrong.
std::string fault_of(std::string_view svg) {
  static const std::set<std::string_view> elements = {
      "svg", "title", "desc", "g", "polyline", "rect", "polygon", "circle", "path", "text"};
  static const std::set<std::string_view> attributes = {"xmlns",
                                                        "id",
                                                        "width",
                                                        "height",
                                                        "viewBox",
                                                        "role",
                                                        "aria-labelledby",
                                                        "lang",
                                                        "xml:lang",
                                                        "font-family",
                                                        "stroke-linejoin",
                                                        "points",
                                                        "fill",
                                                        "stroke",
                                                        "stroke-width",
                                                        "stroke-dasharray",
                                                        "x",
                                                        "y",
                                                        "cx",
                                                        "cy",
                                                        "r",
                                                        "d",
                                                        "font-size",
                                                        "font-weight",
                                                        "text-anchor"};
  auto text_fault = [](std::string_view text) -> std::string {
    if (!is_utf8(text)) return "not UTF-8";
    if (one_line(text) != text && text.find('\n') == text.npos) return "controls in text";
    for (std::size_t at = text.find('&'); at != text.npos; at = text.find('&', at + 1)) {
      bool known = false;
      for (std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
        known = known || text.substr(at).starts_with(entity);
      if (!known) return "a bare &";
    }
    return {};
  };
  std::vector<std::string_view> open;
  std::set<std::string> ids;
  while (!svg.empty()) {
    auto tag = svg.find('<');
    if (std::string fault = text_fault(svg.substr(0, tag)); !fault.empty()) return fault;
    if (svg.substr(0, tag).find('>') != svg.npos) return "a bare >";
    if (tag == svg.npos) break;
    auto end = svg.find('>', tag);
    if (end == svg.npos) return "an open tag";
    std::string_view inside = svg.substr(tag + 1, end - tag - 1);
    svg.remove_prefix(end + 1);
    if (inside.starts_with('/')) {
      if (open.empty() || open.back() != inside.substr(1)) return "crossed tags";
      open.pop_back();
      continue;
    }
    bool empty = inside.ends_with('/');
    if (empty) inside.remove_suffix(1);
    auto space = inside.find(' ');
    std::string_view name = inside.substr(0, space);
    if (!elements.contains(name)) return "element " + std::string(name);
    inside = space == inside.npos ? std::string_view() : inside.substr(space);
    std::set<std::string_view> seen;
    while (!inside.empty()) {
      if (inside.front() != ' ') return "attributes of " + std::string(name);
      auto equals = inside.find("=\"");
      if (equals == inside.npos) return "attributes of " + std::string(name);
      auto close = inside.find('"', equals + 2);
      if (close == inside.npos) return "attributes of " + std::string(name);
      std::string_view key = inside.substr(1, equals - 1);
      std::string_view value = inside.substr(equals + 2, close - equals - 2);
      if (!attributes.contains(key) || !seen.insert(key).second) return std::string(key);
      if (std::string fault = text_fault(value); !fault.empty()) return fault;
      if (key == "id" && !ids.insert(std::string(value)).second) return "an id twice";
      if (value.find("url") != value.npos || value.find("nan") != value.npos ||
          value.find("inf") != value.npos)
        return std::string(value);
      inside.remove_prefix(close + 1);
    }
    if (!empty) open.push_back(name);
  }
  return open.empty() ? "" : "not closed";
}

Chart five_countries() {
  Chart chart = chart_of(
      {series("Armenia", "2015", {320, 280, 240, 310, 390, 250, 410, 680, 740, 1105}),
       series("Belarus", "2015", {1220, 1180, 940, 810, 790, 450, 610, 580, 640, 705}),
       series("Georgia", "2015", {1450, 1380, 1240, 1110, 990, 650, 710, 780, 740, 905}),
       series("Kazakhstan", "2015", {420, 380, 340, 310, 290, kNone, kNone, 780, 840, 405}),
       series("Republic of Moldova", "2015", {150, 80, 140, 110, 90, 150, 110, 1380, 1240, 1105})});
  chart.lang = "en";
  chart.example = "Example network: the data are invented";
  for (ChartSeries& one : chart.series) one.points[9].provisional = true;
  chart.series[3].points[7].breaks = true;
  chart.series[3].points[5].withheld = true;
  return chart;
}

Chart quarters_in_russian() {
  Chart chart = chart_of(
      {series("Кыргызстан", "2021-Q1", {12000, 18000, 24000, 31000, 29000, 15000, 41000, 98000}),
       series("Республика Молдова", "2021-Q1",
              {2000, 8000, 14000, 21000, 19000, 25000, kNone, 18000}),
       series("Україна", "2021-Q1", {52000, 58000, 54000, 51000, 59000, 55000, 51000, 48000})});
  chart.id = "asylum-ru";
  chart.lang = "ru";
  chart.title = "Лица, обратившиеся за убежищем";
  chart.subtitle = "Первичные ходатайства, все гражданства";
  chart.unit = "Человек";
  chart.source = "Источник: координаторы стран.";
  chart.series[1].points[7].estimated = true;
  chart.words.estimated = "оценка";
  chart.words.number = [](double value, int decimals) {
    std::string made = fmt::format("{:.{}f}", value, decimals);
    return made.size() > 3 ? made.insert(made.size() - 3, "\u00A0") : made;
  };
  chart.words.tick = [](Period period) {
    return period.kind() == PeriodKind::kYear ? period.text() : period.text().substr(6) + " кв.";
  };
  return chart;
}

Chart bars() {
  Chart chart = chart_of(
      {series("Armenia", "2023", {1240, 1860}), series("Belarus", "2023", {12030, 18045}),
       series("Georgia", "2023", {0, 3}), series("Kyrgyzstan", "2023", {4500, 6750}),
       series("United Kingdom of Great Britain and Northern Ireland", "2023", {9870, kNone})});
  chart.series[3].points[1].provisional = true;
  return chart;
}

}  // namespace

TEST_CASE("charts are as people have looked at them and approved them") {
  for (auto [name, chart] :
       {std::pair("five-countries", five_countries()),
        std::pair("quarters-ru", quarters_in_russian()), std::pair("bars", bars())}) {
    Picture picture = picture_of(chart);
    check_sound(picture);
    std::string svg = svg_of(picture);
    CHECK(fault_of(svg) == "");
    check_golden(name, svg);
  }
}

TEST_CASE("the checker sees what it is to see") {
  CHECK(fault_of("<svg><script/></svg>") == "element script");
  CHECK(fault_of("<svg onload=\"x\"/>") == "onload");
  CHECK(fault_of("<svg><g></svg></g>") == "crossed tags");
  CHECK(fault_of("<svg>a & b</svg>") == "a bare &");
  CHECK(fault_of("<svg>") == "not closed");
  CHECK(fault_of("<g fill=\"url(#x)\"/>") == "url(#x)");
}

TEST_CASE("an SVG says what it is, and its text is text") {
  std::string svg = *draw_svg(quarters_in_russian());
  auto has = [&](std::string_view part) { return svg.find(part) != svg.npos; };
  CHECK(
      has("id=\"asylum-ru\" width=\"720\" height=\"420\" viewBox=\"0 0 720 420\" role=\"img\" "
          "aria-labelledby=\"asylum-ru-title asylum-ru-desc\" lang=\"ru\" xml:lang=\"ru\""));
  CHECK(has("<title id=\"asylum-ru-title\">Лица, обратившиеся за убежищем</title>"));
  CHECK(
      has("<desc id=\"asylum-ru-desc\">Первичные ходатайства, все гражданства: Кыргызстан, "
          "Республика Молдова, Україна</desc>"));
  CHECK(has(">Республика Молдова</text>"));
  CHECK(has("<title>Україна, 2022-Q4: 48\u00A0000</title>"));
  Chart told = quarters_in_russian();
  told.description = "Рост";
  CHECK(draw_svg(told)->find(">Рост</desc>") != std::string::npos);
}

TEST_CASE("whatever labels say, they stay labels") {
  std::string everything;
  for (int c = 1; c < 256; ++c) everything += static_cast<char>(c);
  for (const std::string& hostile :
       {std::string("<script>alert(1)</script>"), std::string("\"/><image href=\"x\"/>"),
        std::string("]]><!--&lt;&#0;--"), std::string("a\nb\r\tc\x01\x1F\x7F\0d", 12),
        std::string("\u202Eabc\u2066\u200F\u200Eא\u061C"), std::string("\uFFFE\uFFFF\uFEFF"),
        std::string("\xFF\xFE\xC0\x80\xED\xA0\x80"), everything, std::string(10000, 'w'),
        std::string(10000, ' '), std::string(1 << 20, '<'), [] {
          std::string zalgo = "z";
          for (int i = 0; i < 3000; ++i) zalgo += "\u0301";
          return zalgo;
        }()}) {
    INFO(one_line(hostile.substr(0, 40)));
    Chart chart = chart_of({series(hostile, "2015", {1, 2, 3}), series(hostile, "2015", {3, 2, 1}),
                            series(hostile, "2015", {kNone, kNone, kNone})});
    for (std::string* text : {&chart.id, &chart.lang, &chart.title, &chart.subtitle, &chart.unit,
                              &chart.footnote, &chart.source, &chart.example, &chart.description,
                              &chart.words.provisional, &chart.words.missing})
      *text = hostile;
    chart.words.number = [&](double, int) { return hostile.substr(0, 30); };
    chart.words.period = chart.words.tick = [&](Period) { return hostile; };
    chart.series[0].points[0].provisional = true;
    for (bool as_bars : {false, true}) {
      if (as_bars)
        for (ChartSeries& one : chart.series) one.points.resize(2);
      Picture picture = picture_of(chart);
      check_sound(picture);
      std::string svg = svg_of(picture);
      CHECK(fault_of(svg) == "");
      CHECK(svg.size() < 100'000);
      CHECK(png_of(picture, 1).ok());
    }
  }
  CHECK(fault_of(*draw_svg(chart_of({series("a & <b> \"c\" 'd'", "2015", {1, 2, 3})}))) == "");
}

TEST_CASE("the same facts make the same bytes") {
  for (const Chart& chart : {five_countries(), quarters_in_russian(), bars()}) {
    CHECK(*draw_png(chart) == *draw_png(chart));
    CHECK(*draw_svg(chart) == *draw_svg(chart));
    CHECK(*draw_pdf(chart) == *draw_pdf(chart));
  }
}

TEST_CASE("a PNG has its size, a palette and the inks it was drawn with") {
  Picture picture = picture_of(five_countries());
  for (double scale : {1.0, 1.5, 2.0}) {
    std::string png = *png_of(picture, scale);
    auto number = [&](std::size_t at) {
      std::uint32_t n = 0;
      for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(png[at + i]);
      return n;
    };
    CHECK(png.starts_with("\x89PNG\r\n\x1A\n"));
    CHECK(png.substr(12, 4) == "IHDR");
    CHECK(number(16) == 720 * scale);
    CHECK(number(20) == 420 * scale);
    CHECK(png.ends_with(std::string("\0\0\0\0IEND\xAE\x42\x60\x82", 12)));
    auto palette = png.find("PLTE");
    REQUIRE(palette != png.npos);
    CHECK(png.substr(palette + 4, 3) == "\xFF\xFF\xFF");
    std::string colours = png.substr(palette + 4, number(palette - 4));
    CHECK(colours.size() <= 3 * 256);
    CHECK(colours.find(std::string("\x00\x72\xB2", 3)) != colours.npos);  // Armenia's
    CHECK(png.size() < 100'000);
  }
  CHECK_FALSE(png_of(picture, 0).ok());
  CHECK_FALSE(png_of(picture, 100).ok());
  CHECK_FALSE(png_of(picture, std::nan("")).ok());
}

TEST_CASE("a PDF is one page of the picture's size with its font in it") {
  std::string pdf = *draw_pdf(bars());
  Picture picture = picture_of(bars());
  CHECK(pdf.starts_with("%PDF-1."));
  CHECK(pdf.find(fmt::format("/MediaBox [ 0 0 {} {} ]", picture.width, picture.height)) !=
        pdf.npos);
  CHECK(pdf.find("DejaVuSans") != pdf.npos);
  CHECK(pdf.find("/FontFile") != pdf.npos);
  CHECK(pdf.find("/Count 1") != pdf.npos);
}
