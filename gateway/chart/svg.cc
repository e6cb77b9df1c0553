// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "chart/picture.h"
#include "chart/type.h"

namespace focalpost::chart {
namespace {

/// At most two decimals, without zeros behind them.
std::string n(double value) {
  double rounded = std::round(value * 100) / 100;
  return fmt::format("{}", rounded == 0 ? 0.0 : rounded);
}

std::string colour(Colour c) {
  return fmt::format("#{:06x}", c);
}

std::string points(const std::vector<Spot>& spots) {
  std::string made;
  for (Spot spot : spots) made += (made.empty() ? "" : " ") + n(spot.x) + "," + n(spot.y);
  return made;
}

std::string dashes(Dash dash) {
  std::string made;
  for (double length : dash_of(dash)) made += (made.empty() ? "" : " ") + n(length);
  return made.empty() ? made : fmt::format(" stroke-dasharray=\"{}\"", made);
}

/// The end of an element that may have a title in it.
std::string closed(std::string_view element, const std::string& said) {
  return said.empty() ? "/>\n"
                      : fmt::format("><title>{}</title></{}>\n", escape_html(said), element);
}

struct Writer {
  std::string& out;

  void operator()(const Line& line) {
    out +=
        fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}/>\n",
                    points(line.spots), colour(line.colour), n(line.width), dashes(line.dash));
  }
  void operator()(const Box& box) {
    out += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"", n(box.x),
                       n(box.y), n(box.width), n(box.height), colour(box.fill));
    if (box.edge_width > 0)
      out += fmt::format(" stroke=\"{}\" stroke-width=\"{}\"{}", colour(box.edge),
                         n(box.edge_width), dashes(box.dash));
    out += closed("rect", box.said);
  }
  void operator()(const Mark& mark) {
    std::string paint;
    if (mark.shape == Shape::kCross)
      paint = fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"", colour(mark.colour));
    else if (mark.fill == Fill::kFull)
      paint =
          fmt::format("fill=\"{}\" stroke=\"#ffffff\" stroke-width=\"0.75\"", colour(mark.colour));
    else
      paint =
          fmt::format("fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"1.5\"", colour(mark.colour));
    const std::vector<Spot> corners = corners_of(mark);
    if (mark.shape == Shape::kCircle)
      out += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}{}", n(mark.at.x), n(mark.at.y),
                         n(mark.radius), paint, closed("circle", mark.said));
    else if (mark.shape == Shape::kCross)
      out +=
          fmt::format("<path d=\"M{},{}L{},{}M{},{}L{},{}\" {}{}", n(corners[0].x), n(corners[0].y),
                      n(corners[1].x), n(corners[1].y), n(corners[2].x), n(corners[2].y),
                      n(corners[3].x), n(corners[3].y), paint, closed("path", mark.said));
    else
      out += fmt::format("<polygon points=\"{}\" {}{}", points(corners), paint,
                         closed("polygon", mark.said));
    if (mark.fill == Fill::kDot)
      out += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"1.2\" fill=\"{}\"/>\n", n(mark.at.x),
                         n(mark.at.y), colour(mark.colour));
  }
  void operator()(const Text& text) {
    std::string_view anchor = text.anchor == Anchor::kMiddle ? " text-anchor=\"middle\""
                              : text.anchor == Anchor::kEnd  ? " text-anchor=\"end\""
                                                             : "";
    out += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{}{}>{}</text>\n",
                       n(text.at.x), n(text.at.y), n(text.size), colour(text.colour),
                       text.bold ? " font-weight=\"bold\"" : "", anchor, escape_html(text.text));
  }
};

}  // namespace

std::string svg_of(const Picture& picture) {
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{0}\" width=\"{1}\" height=\"{2}\" "
      "viewBox=\"0 0 {1} {2}\" role=\"img\" aria-labelledby=\"{0}-title {0}-desc\"",
      picture.id, picture.width, picture.height);
  if (!picture.lang.empty()) out += fmt::format(" lang=\"{0}\" xml:lang=\"{0}\"", picture.lang);
  out += fmt::format(
      ">\n<title id=\"{0}-title\">{1}</title>\n<desc id=\"{0}-desc\">{2}</desc>\n"
      "<g font-family=\"{3}, Verdana, Arial, sans-serif\" stroke-linejoin=\"round\">\n",
      picture.id, escape_html(picture.title), escape_html(picture.description), kFamily);
  for (const Piece& piece : picture.pieces) std::visit(Writer{out}, piece);
  return out + "</g>\n</svg>\n";
}

}  // namespace focalpost::chart
