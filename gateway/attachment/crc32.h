// SPDX-License-Identifier: Apache-2.0
//
// crc32: the checksum of RFC 1952 section 8, which libarchive's gzip filter does not check. Eight
// bytes a step ("slicing by 8"), as it must not slow down inflating. Internal to the room.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace focalpost {

class Crc32 {
 public:
  void update(std::string_view bytes) {
    const auto& t = kTables;
    std::uint32_t crc = ~value_;
    auto byte = [](char c) { return std::uint32_t{static_cast<unsigned char>(c)}; };
    while (bytes.size() >= 8) {
      const char* p = bytes.data();
      std::uint32_t low =
          crc ^ (byte(p[0]) | byte(p[1]) << 8 | byte(p[2]) << 16 | byte(p[3]) << 24);
      crc = t[7][low & 0xFF] ^ t[6][low >> 8 & 0xFF] ^ t[5][low >> 16 & 0xFF] ^ t[4][low >> 24] ^
            t[3][byte(p[4])] ^ t[2][byte(p[5])] ^ t[1][byte(p[6])] ^ t[0][byte(p[7])];
      bytes.remove_prefix(8);
    }
    for (char c : bytes) crc = t[0][(crc ^ byte(c)) & 0xFF] ^ crc >> 8;
    value_ = ~crc;
  }
  std::uint32_t value() const { return value_; }

 private:
  using Tables = std::array<std::array<std::uint32_t, 256>, 8>;
  static constexpr Tables make_tables() {
    Tables t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = c >> 1 ^ (c & 1 ? 0xEDB88320u : 0);
      t[0][i] = c;
    }
    for (std::size_t k = 1; k < 8; ++k)
      for (std::size_t i = 0; i < 256; ++i) t[k][i] = t[k - 1][i] >> 8 ^ t[0][t[k - 1][i] & 0xFF];
    return t;
  }
  static const Tables kTables;
  std::uint32_t value_ = 0;
};

inline constexpr Crc32::Tables Crc32::kTables = Crc32::make_tables();

}  // namespace focalpost
