// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "chart/sheet.h"

namespace focalpost::chart {

Result<Picture> lay_out(const Chart& chart, const ChartSize& size) {
  if (size.width < kSmallestWidth || size.height < kSmallestHeight || size.width > kLargestSide ||
      size.height > kLargestSide)
    return not_right(
        fmt::format("chart: {} x {} is no size for a picture", size.width, size.height),
        fmt::format("Give from {} x {} to {} x {}.", kSmallestWidth, kSmallestHeight, kLargestSide,
                    kLargestSide));
  FP_ASSIGN(Type * type, Type::here());
  FP_ASSIGN(Facts facts, read_facts(chart));
  Sheet sheet(chart, *type, size.width);
  if (facts.periods.size() >= 3)
    lay_out_lines(sheet, facts, size.height);
  else
    lay_out_bars(sheet, facts);
  return std::move(sheet.picture);
}

std::vector<Spot> corners_of(const Mark& mark) {
  const auto [x, y] = mark.at;
  const double r = mark.radius;
  auto round = [&](int corners, double first, double inner = 0) {
    std::vector<Spot> made;
    const int n = inner > 0 ? 2 * corners : corners;
    for (int i = 0; i < n; ++i) {
      double angle = (first + 360.0 * i / n) * std::numbers::pi / 180;
      double length = inner > 0 && i % 2 == 1 ? inner : 1;
      made.push_back(
          {x + r * length * 1.25 * std::cos(angle), y + r * length * 1.25 * std::sin(angle)});
    }
    return made;
  };
  switch (mark.shape) {
    case Shape::kCircle:
      return {};
    case Shape::kSquare:
      return {{x - r * 0.9, y - r * 0.9},
              {x + r * 0.9, y - r * 0.9},
              {x + r * 0.9, y + r * 0.9},
              {x - r * 0.9, y + r * 0.9}};
    case Shape::kTriangle:
      return round(3, -90);
    case Shape::kDiamond:
      return round(4, -90);
    case Shape::kPointDown:
      return round(3, 90);
    case Shape::kStar:
      return round(5, -90, 0.45);
    case Shape::kPointRight:
      return round(3, 0);
    case Shape::kPlus: {
      const double a = r * 0.42, b = r * 1.15;
      return {{x - a, y - b}, {x + a, y - b}, {x + a, y - a}, {x + b, y - a},
              {x + b, y + a}, {x + a, y + a}, {x + a, y + b}, {x - a, y + b},
              {x - a, y + a}, {x - b, y + a}, {x - b, y - a}, {x - a, y - a}};
    }
    case Shape::kCross:
      return {{x - r, y - r}, {x + r, y + r}, {x - r, y + r}, {x + r, y - r}};
  }
  return {};
}

std::vector<double> dash_of(Dash dash) {
  switch (dash) {
    case Dash::kSolid:
      return {};
    case Dash::kDashed:
      return {5, 3};
    case Dash::kDotted:
      return {1.5, 3};
  }
  return {};
}

}  // namespace focalpost::chart

namespace focalpost {

Result<std::string> draw_png(const Chart& chart, const ChartSize& size) {
  FP_ASSIGN(chart::Picture picture, chart::lay_out(chart, size));
  return chart::png_of(picture, size.scale);
}

Result<std::string> draw_svg(const Chart& chart, const ChartSize& size) {
  FP_ASSIGN(chart::Picture picture, chart::lay_out(chart, size));
  return chart::svg_of(picture);
}

Result<std::string> draw_pdf(const Chart& chart, const ChartSize& size) {
  FP_ASSIGN(chart::Picture picture, chart::lay_out(chart, size));
  return chart::pdf_of(picture);
}

}  // namespace focalpost
