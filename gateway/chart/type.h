// SPDX-License-Identifier: Apache-2.0
//
// type: letters: how wide a text is, how it is cut and broken. With cairo.cc the door to Pango.
//
// The font is DejaVu Sans, which has Latin and Cyrillic and comes with every Debian; what it has
// not is taken from whatever is there. It is wide: a browser that shows the same text in another
// font rarely needs more room. Fonts are read once per thread and kept. Sizes are not rounded to
// pixels, so that a picture has the same measures on screen and on paper.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

typedef struct _cairo cairo_t;

namespace focalpost::chart {

inline constexpr const char* kFamily = "DejaVu Sans";

class Type {
 public:
  /// Of this thread. Error: no font at all.
  static Result<Type*> here();
  ~Type();

  double width(std::string_view text, double size, bool bold = false);
  /// `text` if it is at most `most` wide, else its beginning with "…".
  std::string fit(std::string_view text, double size, bool bold, double most);
  /// In lines at spaces, at most `lines`; what is left over ends in "…".
  std::vector<std::string> broken(std::string_view text, double size, bool bold, double most,
                                  std::size_t lines);
  /// With its baseline's start at the current point of `target`, in its current colour.
  void show(cairo_t* target, std::string_view text, double size, bool bold);

 private:
  struct State;
  explicit Type(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace focalpost::chart
