// SPDX-License-Identifier: Apache-2.0
//
// chart: from plain facts to a picture of them: PNG for mail, SVG for the site, PDF for paper.
//
// Owns: what a chart looks like. Three or more periods are drawn as lines, one or two as bars. Zero
// is always on the axis; ticks are round (1, 2, 2.5, 5 x 10^n); names stand beside the lines, a row
// of names above them only where there is no room. Where a value is missing the line has a gap,
// where a series breaks it is interrupted and marked; a provisional value is hollow with a dashed
// line before it, an estimated one has a dot in it and a dotted line, a withheld one is a cross on
// the axis. Colours are those of Okabe and Ito ("Color universal design", 2008) without yellow, two
// of them darkened to a contrast of 3 : 1 on white (WCAG 2.2, 1.4.11); every series has a marker of
// its own shape too, so that a grey print can be read.
//
// Never does: choose what is drawn, sort it, add anything up, know a language (words and the forms
// of numbers and periods come in), look at what a viewer may see.
//
// The same facts make the same bytes on one machine (fonts differ between machines).
//
// Dangers: labels are a stranger's. They are shown on one line with controls made visible, cut at
// kLabelCharacters, escaped. A series of any number of points is drawn in a time that grows with
// their number alone, and in a picture of bounded size. Not a table: who publishes a chart
// publishes the numbers beside it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/period.h"

namespace focalpost {

struct ChartPoint {
  Period period;
  std::string value;         ///< as filed, "1234.5"; empty or NaN: missing
  bool provisional = false;  ///< preliminary
  bool estimated = false;
  bool breaks = false;    ///< not comparable with what was before
  bool withheld = false;  ///< there is a value that may not be shown; `value` is empty
};

/// In any order; of a period given twice the last counts. What is missing is best given as missing:
/// bars say so in words.
struct ChartSeries {
  std::string label;
  std::vector<ChartPoint> points;
};

/// What the language gives. Functions that are not set write as SDMX does.
struct ChartWords {
  /// "1,234.50" of a value and how many decimals it has.
  std::function<std::string(double value, int decimals)> number;
  /// "March 2026": in names of bars and in the texts of points.
  std::function<std::string(Period)> period;
  /// "Mar", "Q1", "2026": under the axis, where the year stands below it.
  std::function<std::string(Period)> tick;
  std::string provisional = "provisional";
  std::string estimated = "estimated";
  std::string series_break = "break in series";
  std::string withheld = "withheld";
  std::string missing = "no data";
  std::string not_drawn = "Not drawn:";  ///< before the names of series for which there is no room
};

struct Chart {
  std::string id = "chart";  ///< of the SVG element, unique on its page: letters, digits, - and _
  std::string lang;          ///< "ru"
  std::string title;
  std::string subtitle;
  std::string unit;      ///< "Persons", above the axis
  std::string footnote;  ///< lines end in LF
  std::string source;
  std::string example;  ///< "Example: the data are invented"; empty: they are not
  /// What somebody hears who does not see it; empty: title, subtitle and the names of the series.
  std::string description;
  std::vector<ChartSeries> series;  ///< the first come first: kLinesDrawn, kRowsDrawn
  /// How many periods lie from one value to the next, where none is missing: 10 for a census.
  int step = 1;
  ChartWords words;
};

/// In CSS pixels, which are also points of the PDF. Lines take the height given, or what they need
/// if that is more; bars are as high as their rows. What came of it is in Picture (picture.h), in
/// the SVG's width and height, in the PNG's first 24 bytes.
struct ChartSize {
  int width = 720;
  int height = 420;
  double scale = 2;  ///< PNG only: pixels of the picture to one of these
};

inline constexpr std::size_t kLinesDrawn = 8;
inline constexpr std::size_t kRowsDrawn = 24;  ///< with bars
inline constexpr std::size_t kLabelCharacters = 200;
inline constexpr double kLargestDrawn = 1e15;
inline constexpr int kSmallestWidth = 320, kSmallestHeight = 200, kLargestSide = 4000;

/// Error: there is no value at all to be drawn, a value is no number or beyond kLargestDrawn, a
/// size is out of bounds; there is no font to be had (kUsage).
Result<std::string> draw_png(const Chart& chart, const ChartSize& size = {});
/// One SVG element, without XML declaration, fit for an HTML page and for a file of its own. Text
/// is text; no script, style, link or font from elsewhere; ids begin with chart.id.
Result<std::string> draw_svg(const Chart& chart, const ChartSize& size = {});
/// One page of exactly the picture's size, fonts embedded.
Result<std::string> draw_pdf(const Chart& chart, const ChartSize& size = {});

}  // namespace focalpost
