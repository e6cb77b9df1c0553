// SPDX-License-Identifier: Apache-2.0
#include "chart/png.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace focalpost::chart {
namespace {

constexpr std::size_t kInks = 64;
constexpr int kEffort = 3;  ///< of zlib's nine; six takes twice the time for a fifth less
constexpr int kGreys = 32;
constexpr int kSteps = 14;  ///< from an ink to white
constexpr Colour kWhite = 0xFFFFFF;

int red(Colour c) {
  return int(c >> 16 & 255);
}
int green(Colour c) {
  return int(c >> 8 & 255);
}
int blue(Colour c) {
  return int(c & 255);
}

class Palette {
 public:
  explicit Palette(const std::vector<Colour>& inks) {
    add(kWhite);
    std::vector<Colour> coloured;
    for (std::size_t i = 0; i < std::min(inks.size(), kInks); ++i) {
      add(inks[i]);
      int most = std::max({red(inks[i]), green(inks[i]), blue(inks[i])});
      int least = std::min({red(inks[i]), green(inks[i]), blue(inks[i])});
      if (most - least > 8) coloured.push_back(inks[i]);
    }
    for (int i = 0; i < kGreys; ++i) add(Colour(0x010101) * Colour(255 * i / kGreys));
    for (Colour ink : coloured)
      for (int i = 1; i < kSteps; ++i) {
        auto between = [&](int of) { return Colour(of + (255 - of) * i / kSteps); };
        add(between(red(ink)) << 16 | between(green(ink)) << 8 | between(blue(ink)));
      }
    nearest_.fill(-1);
    // Cells are coarser than colours: an ink's own cell is the ink's.
    for (std::size_t i = std::min(inks.size(), kInks); i-- > 0;)
      nearest_[cell(inks[i])] = std::int16_t(nearest(inks[i]));
    nearest_[cell(kWhite)] = 0;
  }

  const std::vector<Colour>& colours() const { return colours_; }
  unsigned char of(Colour c) {
    std::int16_t& known = nearest_[cell(c)];
    if (known < 0) known = std::int16_t(nearest(c));
    return static_cast<unsigned char>(known);
  }

 private:
  /// Of five, six and five bits.
  static std::size_t cell(Colour c) {
    return (c >> 19 & 31) << 11 | (c >> 10 & 63) << 5 | (c >> 3 & 31);
  }
  void add(Colour c) {
    if (colours_.size() < 256 && std::find(colours_.begin(), colours_.end(), c) == colours_.end())
      colours_.push_back(c);
  }
  std::size_t nearest(Colour c) const {
    std::size_t best = 0;
    int least = 1 << 30;
    for (std::size_t i = 0; i < colours_.size(); ++i) {
      int r = red(colours_[i]) - red(c), g = green(colours_[i]) - green(c),
          b = blue(colours_[i]) - blue(c);
      int far = 3 * r * r + 6 * g * g + b * b;
      if (far < least) least = far, best = i;
    }
    return best;
  }

  std::vector<Colour> colours_;
  std::array<std::int16_t, 1 << 16> nearest_;
};

void number(std::string& out, std::uint32_t n) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 255);
}

/// PNG specification, section 5.3.
void chunk(std::string& out, const char* type, const std::string& data) {
  number(out, std::uint32_t(data.size()));
  std::string body = type + data;
  out += body;
  number(out, std::uint32_t(crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                                  static_cast<uInt>(body.size()))));
}

}  // namespace

Result<std::string> write_png(const Pixels& pixels, const std::vector<Colour>& inks, double scale) {
  auto palette = std::make_unique<Palette>(inks);
  const auto width = std::size_t(pixels.width), height = std::size_t(pixels.height);
  // Each row begins with its filter: none (section 9).
  std::string rows(height * (width + 1), '\0');
  for (std::size_t y = 0; y < height; ++y) {
    const unsigned char* from = pixels.data + y * std::size_t(pixels.stride);
    char* to = rows.data() + y * (width + 1) + 1;
    Colour last = kWhite;
    char index = 0;
    for (std::size_t x = 0; x < width; ++x) {
      // Most of a chart is white, which is 0 already.
      for (std::uint64_t two = 0; x + 1 < width; x += 2) {
        std::memcpy(&two, from + 4 * x, 8);
        if ((two & 0x00FFFFFF00FFFFFF) != 0x00FFFFFF00FFFFFF) break;
      }
      if (x == width) break;
      Colour c;
      std::memcpy(&c, from + 4 * x, 4);
      c &= kWhite;
      if (c != last) last = c, index = static_cast<char>(palette->of(c));
      to[x] = index;
    }
  }
  std::string squeezed(compressBound(uLong(rows.size())), '\0');
  uLongf size = uLongf(squeezed.size());
  if (compress2(reinterpret_cast<Bytef*>(squeezed.data()), &size,
                reinterpret_cast<const Bytef*>(rows.data()), uLong(rows.size()), kEffort) != Z_OK)
    return temporary("chart: no memory to compress a picture", "Try again.");
  squeezed.resize(size);

  std::string out = "\x89PNG\r\n\x1A\n", head, colours, density;
  number(head, std::uint32_t(width));
  number(head, std::uint32_t(height));
  head += std::string("\x08\x03\x00\x00\x00", 5);  // eight bits, a palette
  for (Colour c : palette->colours()) {
    colours += static_cast<char>(red(c));
    colours += static_cast<char>(green(c));
    colours += static_cast<char>(blue(c));
  }
  const auto a_metre = std::uint32_t(std::lround(72 * scale / 0.0254));
  number(density, a_metre);
  number(density, a_metre);
  density += '\x01';
  chunk(out, "IHDR", head);
  chunk(out, "pHYs", density);
  chunk(out, "PLTE", colours);
  chunk(out, "IDAT", squeezed);
  chunk(out, "IEND", {});
  return out;
}

}  // namespace focalpost::chart
