// SPDX-License-Identifier: Apache-2.0
#include "sdmx/utf8_input.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/charset.h"

namespace focalpost::sdmx {
namespace {

/// Cyrillic of Windows has nearly all its letters from 0xC0 on; Ukrainian's are a few below.
bool looks_like_windows_1251(std::span<const char> bytes) {
  std::size_t letters = 0, others = 0;
  for (char c : bytes.first(std::min<std::size_t>(bytes.size(), 256))) {
    auto b = static_cast<unsigned char>(c);
    if (b < 0x80) continue;
    bool letter = b >= 0xC0 || b == 0xA8 || b == 0xB8 || b == 0xAA || b == 0xBA || b == 0xAF ||
                  b == 0xBF || b == 0xB2 || b == 0xB3 || b == 0xA5 || b == 0xB4 || b == 0xB9;
    ++(letter ? letters : others);
  }
  // One accented letter among Latin ones says nothing.
  return letters >= 3 && others * 5 <= letters;
}

}  // namespace

std::size_t Utf8Gate::good(std::span<const char> bytes) {
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  while (at < end) {
    if (need_ == 0) {
      std::uint64_t word;
      while (end - at >= 8 && (std::memcpy(&word, at, 8), (word & 0x8080808080808080u) == 0))
        at += 8;
      if (at == end) break;
      auto b = static_cast<unsigned char>(*at);
      if (b >= 0x80) {
        // RFC 3629 section 4: no overlong forms, no surrogates, nothing above U+10FFFF.
        low_ = 0x80;
        high_ = 0xBF;
        if (b >= 0xC2 && b <= 0xDF) {
          need_ = 1;
        } else if (b >= 0xE0 && b <= 0xEF) {
          need_ = 2;
          if (b == 0xE0) low_ = 0xA0;
          if (b == 0xED) high_ = 0x9F;
        } else if (b >= 0xF0 && b <= 0xF4) {
          need_ = 3;
          if (b == 0xF0) low_ = 0x90;
          if (b == 0xF4) high_ = 0x8F;
        } else {
          break;
        }
        begun_ = 1;
      }
    } else {
      auto b = static_cast<unsigned char>(*at);
      if (b < low_ || b > high_) break;
      low_ = 0x80;
      high_ = 0xBF;
      begun_ = --need_ > 0 ? begun_ + 1 : 0;
    }
    ++at;
  }
  return static_cast<std::size_t>(at - bytes.data());
}

Utf8Input::Utf8Input(ByteSource& bytes, const Detection& detection)
    : tap_(bytes), encoding_(detection.encoding) {
  if (encoding_.empty()) {
    fault_ = Fault{detection.declared_encoding, {"UTF-8"}};
    return;
  }
  // A file of nothing but ASCII is UTF-8 too; one that says ASCII and is not gets the usual
  // finding.
  if (encoding_ == "UTF-8" || encoding_ == "US-ASCII") {
    bom_left_ = detection.bom ? 3 : 0;
    return;
  }
  auto source = utf8_source(tap_, encoding_);
  if (source.ok())
    converted_ = std::move(source).value();
  else
    fault_ = Fault{encoding_, {}};
}

Result<std::span<const char>> Utf8Input::next() {
  while (!fault_) {
    std::span<const char> bytes = std::exchange(rest_, {});
    if (bytes.empty()) {
      auto result = converted_ ? converted_->next() : tap_.next();
      if (!result.ok()) {
        if (tap_.failed()) return result;
        fault_ = Fault{encoding_, {}};
        break;
      }
      bytes = result.value();
      if (bytes.empty()) return bytes;
      if (std::size_t drop = std::min(bom_left_, bytes.size()); drop > 0) {
        bom_left_ -= drop;
        bytes = bytes.subspan(drop);
        if (bytes.empty()) continue;
      }
    }
    if (converted_) return bytes;
    if (gate_.inside_character()) {
      std::size_t used = 0;
      while (used < bytes.size() && gate_.inside_character() &&
             gate_.good(bytes.subspan(used, 1)) == 1)
        held_[held_size_++] = bytes[used++];
      if (used < bytes.size() && gate_.inside_character()) {
        broken(bytes.subspan(used));
        break;
      }
      if (gate_.inside_character()) continue;
      rest_ = bytes.subspan(used);
      return std::span<const char>(held_.data(), std::exchange(held_size_, 0));
    }
    const std::size_t good = gate_.good(bytes), whole = good - gate_.begun();
    if (good < bytes.size()) {
      broken(bytes.subspan(whole));
    } else {
      held_size_ = good - whole;
      std::copy(bytes.begin() + std::ptrdiff_t(whole), bytes.end(), held_.begin());
    }
    if (whole > 0) return bytes.first(whole);
  }
  return std::span<const char>();
}

void Utf8Input::broken(std::span<const char> from) {
  fault_ = Fault{encoding_, {}};
  if (looks_like_windows_1251(from)) fault_->suggestions = {"windows-1251"};
}

}  // namespace focalpost::sdmx
