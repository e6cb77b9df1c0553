// SPDX-License-Identifier: Apache-2.0
#include "mailbox/utf7.h"

#include <cstdint>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_plain(char c) {
  return c >= 0x20 && c <= 0x7e;
}

void add_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

/// The next code point of text that is known to be UTF-8.
std::uint32_t take(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  std::uint32_t c = length == 1 ? byte(0) : byte(0) & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) c = c << 6 | (byte(i) & 0x3fu);
  text.remove_prefix(length);
  return c;
}

/// Base64 of UTF-16, big-endian, without padding.
class Shifted {
 public:
  explicit Shifted(std::string& out) : out_(out) {}
  void add(std::uint32_t c) {
    if (c >= 0x10000) {
      unit(0xd800 + ((c - 0x10000) >> 10));
      unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
      unit(c);
    }
  }
  void end() {
    if (bits_ > 0) out_ += kDigits[(held_ << (6 - bits_)) & 63];
    bits_ = 0;
    held_ = 0;
  }

 private:
  void unit(std::uint32_t value) {
    held_ = held_ << 16 | value;
    for (bits_ += 16; bits_ >= 6; bits_ -= 6) out_ += kDigits[(held_ >> (bits_ - 6)) & 63];
    held_ &= (1u << bits_) - 1;
  }
  std::string& out_;
  std::uint64_t held_ = 0;
  unsigned bits_ = 0;
};

}  // namespace

std::string to_utf7(std::string_view utf8) {
  const std::string valid = to_valid_utf8(utf8);
  std::string_view rest = valid;
  std::string out;
  Shifted shifted(out);
  bool inside = false;
  while (!rest.empty()) {
    const bool plain = is_plain(rest.front());
    if (plain && inside) {
      shifted.end();
      out += '-';
    } else if (!plain && !inside) {
      out += '&';
    }
    inside = !plain;
    const std::uint32_t c = take(rest);
    if (!plain) {
      shifted.add(c);
    } else if (c == '&') {
      out += "&-";
    } else {
      out += static_cast<char>(c);
    }
  }
  if (inside) {
    shifted.end();
    out += '-';
  }
  return out;
}

std::string from_utf7(std::string_view utf7) {
  std::string out;
  for (std::size_t i = 0; i < utf7.size(); ++i) {
    if (!is_plain(utf7[i])) return std::string(utf7);
    if (utf7[i] != '&') {
      out += utf7[i];
      continue;
    }
    const std::size_t end = utf7.find('-', i);
    if (end == utf7.npos) return std::string(utf7);
    if (end == i + 1) out += '&';
    std::uint32_t held = 0, high = 0;
    unsigned bits = 0;
    for (++i; i < end; ++i) {
      const std::size_t digit = kDigits.find(utf7[i]);
      if (digit == kDigits.npos) return std::string(utf7);
      held = held << 6 | static_cast<std::uint32_t>(digit);
      bits += 6;
      if (bits < 16) continue;
      bits -= 16;
      const std::uint32_t unit = held >> bits & 0xffff;
      held &= (1u << bits) - 1;
      if (unit >= 0xd800 && unit < 0xdc00 && high == 0) {
        high = unit;
      } else if (unit >= 0xdc00 && unit < 0xe000 && high != 0) {
        add_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
        high = 0;
      } else if (high != 0 || (unit >= 0xd800 && unit < 0xe000)) {
        return std::string(utf7);
      } else {
        add_utf8(out, unit);
      }
    }
    if (high != 0 || held != 0 || bits >= 6) return std::string(utf7);
  }
  return out;
}

}  // namespace focalpost
