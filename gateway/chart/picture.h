// SPDX-License-Identifier: Apache-2.0
//
// picture: what a chart consists of, before anything draws it: lines, boxes, marks and texts with
// their places. lay_out() makes it; svg_of(), png_of() and pdf_of() only draw what stands here.
//
// Origin at the top left, in CSS pixels, later shapes over earlier ones. Texts are ready: escaped
// by nobody yet, but on one line, valid UTF-8 and short.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "chart/chart.h"

namespace focalpost::chart {

struct Spot {
  double x = 0, y = 0;
};

/// 0xRRGGBB
using Colour = std::uint32_t;

/// What a shape is for; tests and nobody else ask.
enum class Role : std::uint8_t {
  kGround,
  kFrame,     ///< axes, grid, leaders: no data
  kGrid,      ///< a line at a tick of the value axis
  kData,      ///< a line, a bar, a mark at a value
  kBreak,     ///< between two values that are not comparable
  kWithheld,  ///< in place of a value
  kKey,       ///< what marks mean
  kTick,      ///< texts under and beside the axes
  kName,      ///< of a series
  kHead,
  kFoot,
  kValue,  ///< a number beside its bar
};

enum class Dash : std::uint8_t { kSolid, kDashed, kDotted };

struct Line {
  std::vector<Spot> spots;
  Colour colour = 0;
  double width = 1;
  Dash dash = Dash::kSolid;
  Role role = Role::kFrame;
  int series = -1;
};

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  Colour fill = 0xFFFFFF;
  Colour edge = 0;
  double edge_width = 0;  ///< 0: none
  Dash dash = Dash::kSolid;
  Role role = Role::kGround;
  int series = -1;
  std::string said;  ///< shown where the mouse rests, on the site
};

/// Shapes of marks, in the order in which series take them; kCross is for what is withheld.
enum class Shape : std::uint8_t {
  kCircle,
  kSquare,
  kTriangle,
  kDiamond,
  kPointDown,
  kStar,
  kPointRight,
  kPlus,
  kCross,
};

enum class Fill : std::uint8_t { kFull, kHollow, kDot };

struct Mark {
  Spot at;
  double radius = 3.5;
  Shape shape = Shape::kCircle;
  Fill fill = Fill::kFull;
  Colour colour = 0;
  Role role = Role::kData;
  int series = -1;
  std::string said;
};

enum class Anchor : std::uint8_t { kStart, kMiddle, kEnd };

struct Text {
  Spot at;  ///< on the baseline
  std::string text;
  double size = 11;
  bool bold = false;
  Anchor anchor = Anchor::kStart;
  Colour colour = 0x222222;
  Role role = Role::kFoot;
  int series = -1;
  double width = 0;  ///< as measured
};

using Piece = std::variant<Line, Box, Mark, Text>;

struct Picture {
  int width = 0, height = 0;
  std::string id, lang, title, description;
  std::vector<Piece> pieces;
};

/// Error: as draw_png().
Result<Picture> lay_out(const Chart& chart, const ChartSize& size);

std::string svg_of(const Picture& picture);
Result<std::string> png_of(const Picture& picture, double scale);
Result<std::string> pdf_of(const Picture& picture);

/// Corners of the shapes that have any; nothing for a circle and for the cross, which is two
/// strokes from corner to corner of a square.
std::vector<Spot> corners_of(const Mark& mark);

/// How a dash is drawn, in pixels: stroke, space; nothing for a whole line.
std::vector<double> dash_of(Dash dash);

}  // namespace focalpost::chart
