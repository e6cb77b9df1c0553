// SPDX-License-Identifier: Apache-2.0
#include "chart/type.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace focalpost::chart {
namespace {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <typename T>
using Held = std::unique_ptr<T, Unref>;

struct FreeOptions {
  void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
};
struct FreeDescription {
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};

/// Widths that are remembered; the same few words and numbers come again and again.
constexpr std::size_t kRemembered = 4096;

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

}  // namespace

struct Type::State {
  Held<PangoFontMap> map;
  Held<PangoContext> context;
  Held<PangoLayout> layout;
  std::unique_ptr<PangoFontDescription, FreeDescription> font;
  double size = 0;
  bool bold = false;
  std::unordered_map<std::string, double> widths;

  void set(std::string_view text, double wanted, bool heavy) {
    if (wanted != size || heavy != bold) {
      size = wanted, bold = heavy;
      pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
      pango_font_description_set_weight(font.get(), bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
      pango_layout_set_font_description(layout.get(), font.get());
    }
    pango_layout_set_text(layout.get(), text.data(), int(text.size()));
  }
};

Type::Type(std::unique_ptr<State> state) : state_(std::move(state)) {}
Type::~Type() = default;

Result<Type*> Type::here() {
  thread_local std::unique_ptr<Type> type;
  if (type) return type.get();
  auto state = std::make_unique<State>();
  state->map.reset(pango_cairo_font_map_new());
  PangoFontFamily** families = nullptr;
  int count = 0;
  pango_font_map_list_families(state->map.get(), &families, &count);
  g_free(families);
  if (count == 0)
    return usage_error("there are no fonts to draw a chart with",
                       "Install the package fonts-dejavu-core.");
  // Of 72 points to the inch, so that a size is one of pixels.
  pango_cairo_font_map_set_resolution(reinterpret_cast<PangoCairoFontMap*>(state->map.get()), 72);
  state->context.reset(pango_font_map_create_context(state->map.get()));
  std::unique_ptr<cairo_font_options_t, FreeOptions> options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(state->context.get(), options.get());
  pango_context_set_language(state->context.get(), pango_language_from_string("en"));
  pango_context_set_base_dir(state->context.get(), PANGO_DIRECTION_LTR);
  pango_context_set_round_glyph_positions(state->context.get(), FALSE);
  state->layout.reset(pango_layout_new(state->context.get()));
  pango_layout_set_auto_dir(state->layout.get(), FALSE);
  pango_layout_set_single_paragraph_mode(state->layout.get(), TRUE);
  state->font.reset(pango_font_description_new());
  pango_font_description_set_family_static(state->font.get(), kFamily);
  type.reset(new Type(std::move(state)));
  return type.get();
}

double Type::width(std::string_view text, double size, bool bold) {
  if (text.empty()) return 0;
  std::string key(text);
  key += bold ? '\x01' : '\x02';
  key += std::to_string(size);
  if (auto found = state_->widths.find(key); found != state_->widths.end()) return found->second;
  state_->set(text, size, bold);
  PangoRectangle logical;
  pango_layout_get_extents(state_->layout.get(), nullptr, &logical);
  // Rounded up to a tenth, so that a new version of a shaper does not move everything.
  double width = std::ceil(pango_units_to_double(logical.width) * 10) / 10;
  if (state_->widths.size() >= kRemembered) state_->widths.clear();
  state_->widths.emplace(std::move(key), width);
  return width;
}

std::string Type::fit(std::string_view text, double size, bool bold, double most) {
  if (width(text, size, bold) <= most) return std::string(text);
  std::size_t fits = 0, too_long = text.size();
  while (too_long - fits > 1) {
    std::size_t middle = (fits + too_long) / 2;
    while (middle > fits && !starts_character(text[middle])) --middle;
    if (middle == fits) {
      middle = (fits + too_long) / 2 + 1;
      while (middle < too_long && !starts_character(text[middle])) ++middle;
      if (middle == too_long) break;
    }
    if (width(std::string(text.substr(0, middle)) + "…", size, bold) <= most)
      fits = middle;
    else
      too_long = middle;
  }
  std::string_view kept = text.substr(0, fits);
  while (!kept.empty() && kept.back() == ' ') kept.remove_suffix(1);
  return std::string(kept) + "…";
}

std::vector<std::string> Type::broken(std::string_view text, double size, bool bold, double most,
                                      std::size_t lines) {
  std::vector<std::string> made;
  while (!text.empty()) {
    if (made.size() + 1 == lines || width(text, size, bold) <= most) {
      made.push_back(fit(text, size, bold, most));
      break;
    }
    std::vector<std::size_t> spaces;
    for (std::size_t space = text.find(' ', 1); space != text.npos;
         space = text.find(' ', space + 1))
      spaces.push_back(space);
    auto fits = std::partition_point(spaces.begin(), spaces.end(), [&](std::size_t space) {
      return width(text.substr(0, space), size, bold) <= most;
    });
    const std::size_t taken = fits == spaces.begin() ? 0 : *(fits - 1);
    if (taken == 0) {  // a word wider than the line
      made.push_back(fit(text, size, bold, most));
      break;
    }
    made.emplace_back(text.substr(0, taken));
    text.remove_prefix(taken);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  return made;
}

void Type::show(cairo_t* target, std::string_view text, double size, bool bold) {
  state_->set(text, size, bold);
  pango_cairo_update_layout(target, state_->layout.get());
  pango_cairo_show_layout_line(target, pango_layout_get_line_readonly(state_->layout.get(), 0));
}

}  // namespace focalpost::chart

#if defined(__SANITIZE_ADDRESS__)
// Fontconfig links what it keeps by offsets, not by pointers (FcPattern's elements), so that the
// leak checker does not see that it is kept.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig.so";
}
#endif
