// SPDX-License-Identifier: Apache-2.0
//
// png: pixels of a chart as a PNG with a palette: a third of the bytes of one with three channels,
// and a tenth of libpng's time. A chart has few inks on white; what lies between an ink and white
// at the edges of letters and lines is shown in steps that nobody can see. The door to zlib.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "chart/picture.h"

namespace focalpost::chart {

/// 0x00RRGGBB each, in the machine's byte order (Cairo's RGB24). A view.
struct Pixels {
  const unsigned char* data;
  int width, height, stride;
};

/// `inks`: colours that come back exactly, the first 64 of them. `scale`: pixels to 1/72 inch, told
/// to who prints it.
Result<std::string> write_png(const Pixels& pixels, const std::vector<Colour>& inks, double scale);

}  // namespace focalpost::chart
