// SPDX-License-Identifier: Apache-2.0
#include <cairo-pdf.h>
#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "chart/picture.h"
#include "chart/png.h"
#include "chart/type.h"

namespace focalpost::chart {
namespace {

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct DestroyPen {
  void operator()(cairo_t* pen) const { cairo_destroy(pen); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;
using Pen = std::unique_ptr<cairo_t, DestroyPen>;

/// cairo_write_func_t
cairo_status_t keep(void* to, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

Error failed(cairo_status_t status) {
  Error error = status == CAIRO_STATUS_NO_MEMORY ? temporary("") : bug("");
  error.what = fmt::format("chart: it cannot be drawn: {}", cairo_status_to_string(status));
  return error;
}

struct Drawer {
  cairo_t* pen;
  Type& type;

  void colour(Colour c) {
    cairo_set_source_rgb(pen, double(c >> 16 & 255) / 255, double(c >> 8 & 255) / 255,
                         double(c & 255) / 255);
  }
  void stroke(Colour c, double width, Dash dash) {
    const std::vector<double> lengths = dash_of(dash);
    cairo_set_dash(pen, lengths.data(), int(lengths.size()), 0);
    cairo_set_line_width(pen, width);
    colour(c);
    cairo_stroke(pen);
  }
  void path(const std::vector<Spot>& spots) {
    cairo_new_path(pen);
    for (Spot spot : spots) cairo_line_to(pen, spot.x, spot.y);
  }
  void circle(Spot at, double radius) {
    cairo_new_path(pen);
    cairo_arc(pen, at.x, at.y, radius, 0, 2 * std::numbers::pi);
    cairo_close_path(pen);
  }

  void operator()(const Line& line) {
    path(line.spots);
    stroke(line.colour, line.width, line.dash);
  }
  void operator()(const Box& box) {
    cairo_new_path(pen);
    cairo_rectangle(pen, box.x, box.y, box.width, box.height);
    colour(box.fill);
    cairo_fill_preserve(pen);
    if (box.edge_width > 0) stroke(box.edge, box.edge_width, box.dash);
    cairo_new_path(pen);
  }
  void operator()(const Mark& mark) {
    const std::vector<Spot> corners = corners_of(mark);
    if (mark.shape == Shape::kCross) {
      cairo_new_path(pen);
      for (std::size_t i = 0; i + 1 < corners.size(); i += 2) {
        cairo_move_to(pen, corners[i].x, corners[i].y);
        cairo_line_to(pen, corners[i + 1].x, corners[i + 1].y);
      }
      stroke(mark.colour, 1.5, Dash::kSolid);
      return;
    }
    if (mark.shape == Shape::kCircle) {
      circle(mark.at, mark.radius);
    } else {
      path(corners);
      cairo_close_path(pen);
    }
    const bool full = mark.fill == Fill::kFull;
    colour(full ? mark.colour : 0xFFFFFF);
    cairo_fill_preserve(pen);
    stroke(full ? 0xFFFFFF : mark.colour, full ? 0.75 : 1.5, Dash::kSolid);
    if (mark.fill == Fill::kDot) {
      circle(mark.at, 1.2);
      colour(mark.colour);
      cairo_fill(pen);
    }
  }
  void operator()(const Text& text) {
    double x = text.at.x;
    if (text.anchor == Anchor::kMiddle) x -= text.width / 2;
    if (text.anchor == Anchor::kEnd) x -= text.width;
    colour(text.colour);
    cairo_move_to(pen, x, text.at.y);
    type.show(pen, text.text, text.size, text.bold);
    cairo_new_path(pen);
  }
};

Status draw(cairo_surface_t* surface, const Picture& picture, double scale) {
  FP_ASSIGN(Type * type, Type::here());
  Pen pen(cairo_create(surface));
  cairo_scale(pen.get(), scale, scale);
  cairo_set_line_join(pen.get(), CAIRO_LINE_JOIN_ROUND);
  Drawer drawer{pen.get(), *type};
  for (const Piece& piece : picture.pieces) std::visit(drawer, piece);
  if (cairo_status_t status = cairo_status(pen.get()); status != CAIRO_STATUS_SUCCESS)
    return failed(status);
  return {};
}

std::vector<Colour> inks_of(const Picture& picture) {
  std::vector<Colour> inks;
  auto add = [&](Colour c) {
    if (std::find(inks.begin(), inks.end(), c) == inks.end()) inks.push_back(c);
  };
  for (const Piece& piece : picture.pieces) {
    if (const Line* line = std::get_if<Line>(&piece)) add(line->colour);
    if (const Mark* mark = std::get_if<Mark>(&piece)) add(mark->colour);
    if (const Text* text = std::get_if<Text>(&piece)) add(text->colour);
    if (const Box* box = std::get_if<Box>(&piece)) {
      add(box->fill);
      if (box->edge_width > 0) add(box->edge);
    }
  }
  return inks;
}

}  // namespace

Result<std::string> png_of(const Picture& picture, double scale) {
  if (!(scale >= 0.5 && scale <= 4))
    return not_right(fmt::format("chart: {} is no scale for a picture", scale),
                     "Give one from 0.5 to 4.");
  const int width = int(std::lround(picture.width * scale));
  const int height = int(std::lround(picture.height * scale));
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  FP_TRY(draw(surface.get(), picture, scale));
  cairo_surface_flush(surface.get());
  const unsigned char* pixels = cairo_image_surface_get_data(surface.get());
  if (!pixels) return failed(cairo_surface_status(surface.get()));
  return write_png({pixels, width, height, cairo_image_surface_get_stride(surface.get())},
                   inks_of(picture), scale);
}

Result<std::string> pdf_of(const Picture& picture) {
  std::string out;
  Surface surface(cairo_pdf_surface_create_for_stream(keep, &out, picture.width, picture.height));
  // Without a date the PDF would say when it was made, and be another each time.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE,
                                 "2000-01-01T00:00:00Z");
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, picture.title.c_str());
  FP_TRY(draw(surface.get(), picture, 1));
  cairo_surface_finish(surface.get());
  if (cairo_status_t status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
    return failed(status);
  return out;
}

}  // namespace focalpost::chart
