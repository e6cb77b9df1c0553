// SPDX-License-Identifier: Apache-2.0
//
// Charts for tests, and what a test asks of a picture.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "chart/picture.h"

namespace focalpost::chart {

inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Values from a period on; NaN is missing.
inline ChartSeries series(std::string label, std::string_view first,
                          const std::vector<double>& values, int decimals = 0) {
  ChartSeries made;
  made.label = std::move(label);
  Period start = *Period::parse(first);
  for (std::size_t i = 0; i < values.size(); ++i) {
    ChartPoint point;
    point.period = Period::at(start.kind(), start.ordinal() + std::int64_t(i));
    if (!std::isnan(values[i])) point.value = fmt::format("{:.{}f}", values[i], decimals);
    made.points.push_back(point);
  }
  return made;
}

inline Chart chart_of(std::vector<ChartSeries> all) {
  Chart made;
  made.title = "Asylum applicants";
  made.subtitle = "First applications, all citizenships";
  made.unit = "Persons";
  made.source = "Source: example network.";
  made.series = std::move(all);
  return made;
}

inline Picture picture_of(const Chart& chart, const ChartSize& size = {}) {
  auto made = lay_out(chart, size);
  INFO((made ? "" : made.error().what));
  REQUIRE(made.ok());
  return std::move(made).value();
}

template <typename T>
std::vector<T> all(const Picture& picture) {
  std::vector<T> found;
  for (const Piece& piece : picture.pieces)
    if (const T* one = std::get_if<T>(&piece)) found.push_back(*one);
  return found;
}
template <typename T>
std::vector<T> all(const Picture& picture, Role role, int of_series = -1) {
  std::vector<T> found;
  for (T& one : all<T>(picture))
    if (one.role == role && (of_series < 0 || one.series == of_series))
      found.push_back(std::move(one));
  return found;
}

struct Area {
  double left, top, right, bottom;
};
/// What letters take up: from the top of a capital to below a comma.
inline Area area_of(const Text& text) {
  double left = text.at.x - (text.anchor == Anchor::kMiddle ? text.width / 2
                             : text.anchor == Anchor::kEnd  ? text.width
                                                            : 0);
  return {left, text.at.y - 0.73 * text.size, left + text.width, text.at.y + 0.15 * text.size};
}
inline bool overlap(const Area& a, const Area& b) {
  constexpr double touch = 0.05;
  return a.left + touch < b.right && b.left + touch < a.right && a.top + touch < b.bottom &&
         b.top + touch < a.bottom;
}

/// What must hold of any picture.
inline void check_sound(const Picture& picture) {
  const double slack = 0.6;
  auto inside = [&](const Area& a) {
    return a.left >= -slack && a.top >= -slack && a.right <= picture.width + slack &&
           a.bottom <= picture.height + slack;
  };
  const std::vector<Text> texts = all<Text>(picture);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    INFO("text: " << texts[i].text << ", role " << int(texts[i].role) << ", at " << texts[i].at.x);
    CHECK(inside(area_of(texts[i])));
    for (std::size_t k = i + 1; k < texts.size(); ++k) {
      INFO("and: " << texts[k].text);
      CHECK_FALSE(overlap(area_of(texts[i]), area_of(texts[k])));
    }
  }
  for (const Mark& mark : all<Mark>(picture))
    CHECK(inside({mark.at.x - 3, mark.at.y - 3, mark.at.x + 3, mark.at.y + 3}));
  for (const Line& line : all<Line>(picture)) {
    if (line.role == Role::kFrame && line.spots.size() == 2 && line.spots[0].x == line.spots[1].x)
      for (const Text& tick : all<Text>(picture, Role::kTick)) {
        INFO("a line through " << tick.text);
        CHECK_FALSE(overlap(area_of(tick), {line.spots[0].x - 0.5, line.spots[0].y,
                                            line.spots[0].x + 0.5, line.spots[1].y}));
      }
    CHECK(line.spots.size() > 1);
    for (Spot spot : line.spots) CHECK(inside({spot.x, spot.y, spot.x, spot.y}));
  }
  for (const Box& box : all<Box>(picture)) {
    CHECK(box.width >= 0);
    CHECK(inside({box.x, box.y, box.x + box.width, box.y + box.height}));
  }
}

}  // namespace focalpost::chart
