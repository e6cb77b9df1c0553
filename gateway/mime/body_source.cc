// SPDX-License-Identifier: Apache-2.0
#include "mime/body_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "mime/words.h"

namespace focalpost::mime {
namespace {

/// Room for what a body can decode to, a span's worth at most; not cleared, for most bodies are
/// small and a large block costs more than decoding them.
class Room {
 public:
  Room(std::size_t body, std::size_t slack)
      : size_(std::clamp(body, std::size_t(64), BodySource::kMaxSpan) + slack),
        bytes_(std::make_unique_for_overwrite<char[]>(size_)) {}
  char* data() { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

class IdentitySource final : public BodySource {
 public:
  explicit IdentitySource(std::string_view body) : source_(body) {}
  Result<std::span<const char>> next() override { return source_.next(); }

 private:
  MemorySource source_;
};

constexpr std::uint32_t kBad = 0x80000000;
constexpr unsigned char kNoDigit = 0xFF;

/// kDigits[n][c]: the bits of digit c at place n of a group of four, laid out so that the first
/// decoded byte is the lowest; kBad if c is no digit. Four lookups and two ORs decode a group.
struct Base64Tables {
  std::array<std::array<std::uint32_t, 256>, 4> place{};
  std::array<unsigned char, 256> digit{};
};
constexpr Base64Tables make_tables() {
  Base64Tables t;
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (auto& place : t.place)
    for (auto& entry : place) entry = kBad;
  for (auto& entry : t.digit) entry = kNoDigit;
  for (std::uint32_t v = 0; v < 64; ++v) {
    auto c = static_cast<unsigned char>(alphabet[v]);
    t.digit[c] = static_cast<unsigned char>(v);
    for (unsigned n = 0; n < 4; ++n) {
      std::uint32_t big = v << (18 - 6 * n);
      t.place[n][c] = (big >> 16 & 0xFF) | (big & 0xFF00) | (big & 0xFF) << 16;
    }
  }
  return t;
}
constexpr Base64Tables kTables = make_tables();

class Base64Source final : public BodySource {
 public:
  explicit Base64Source(std::string_view body) : body_(body), out_(body.size(), 4) {}

  Result<std::span<const char>> next() override {
    std::size_t written = 0;
    const auto* in = reinterpret_cast<const unsigned char*>(body_.data());
    const std::size_t size = body_.size();
    char* out = out_.data();
    const std::size_t room = out_.size() - 4;
    while (!done_ && written + 3 <= room) {
      // Whole groups and the line ends between them, as long as they last.
      if (held_count_ == 0) {
        const unsigned char* p = in + at_;
        char* o = out + written;
        char* const full = out + room - 3;
        const unsigned char* const stop = in + (size - at_ >= 4 ? size - 3 : at_);
        while (p < stop && o <= full) {
          std::uint32_t bits = kTables.place[0][p[0]] | kTables.place[1][p[1]] |
                               kTables.place[2][p[2]] | kTables.place[3][p[3]];
          if (bits & kBad) {
            if (p[0] == '\r' && p[1] == '\n') {
              p += 2;
            } else if (p[0] == '\n') {
              p += 1;
            } else {
              break;
            }
            continue;
          }
          if constexpr (std::endian::native == std::endian::little) {
            std::memcpy(o, &bits, 4);  // the fourth byte is overwritten by the next group
          } else {
            for (int k = 0; k < 3; ++k) o[k] = static_cast<char>(bits >> 8 * k);
          }
          p += 4;
          o += 3;
        }
        at_ = static_cast<std::size_t>(p - in);
        written = static_cast<std::size_t>(o - out);
        if (written + 3 > room) break;
      }
      // One byte that may be anything.
      if (at_ == size) {
        finish(out, written);
        break;
      }
      unsigned char c = in[at_];
      if (kTables.digit[c] != kNoDigit) {
        held_ = held_ << 6 | kTables.digit[c];
        if (++held_count_ == 4) {
          out[written++] = static_cast<char>(held_ >> 16);
          out[written++] = static_cast<char>(held_ >> 8);
          out[written++] = static_cast<char>(held_);
          held_ = 0;
          held_count_ = 0;
        }
      } else if (c == '=') {
        finish(out, written);
        at_ = std::min(body_.find_first_not_of("= \t\r\n", at_), size);
        damage_.trailing = at_ < size;
        break;
      } else if (c != '\n' && c != '\r' && c != ' ' && c != '\t') {
        bad_byte(at_);
      }
      ++at_;
    }
    return std::span<const char>(out, written);
  }

 private:
  void finish(char* out, std::size_t& written) {
    // QUIRK: RFC 4648 3.2 wants padding; without it the digits still say what is meant: "YQ" is
    // "a". A single digit says nothing: something was lost.
    if (held_count_ == 1) damage_.cut_off = true;
    if (held_count_ >= 2) out[written++] = static_cast<char>(held_ >> (held_count_ == 2 ? 4 : 10));
    if (held_count_ == 3) out[written++] = static_cast<char>(held_ >> 2);
    held_count_ = 0;
    done_ = true;
  }

  std::string_view body_;
  std::size_t at_ = 0;
  std::uint32_t held_ = 0;  ///< digits of a group that a line end cut
  int held_count_ = 0;
  bool done_ = false;
  Room out_;
};

class QuotedPrintableSource final : public BodySource {
 public:
  explicit QuotedPrintableSource(std::string_view body) : body_(body), out_(body.size(), 1) {}

  Result<std::span<const char>> next() override {
    std::size_t written = 0;
    char* out = out_.data();
    while (written < kMaxSpan) {
      if (at_ == content_end_) {
        if (tail_ < tail_end_) {
          out[written++] = body_[tail_++];
        } else if (next_ == body_.size()) {
          break;
        } else {
          begin_line();
        }
        continue;
      }
      std::size_t room = std::min(content_end_ - at_, kMaxSpan - written);
      const void* equals = std::memchr(body_.data() + at_, '=', room);
      std::size_t plain =
          equals ? static_cast<std::size_t>(static_cast<const char*>(equals) - body_.data()) - at_
                 : room;
      std::memcpy(out + written, body_.data() + at_, plain);
      written += plain;
      at_ += plain;
      if (!equals || written == kMaxSpan) continue;
      int high = at_ + 2 < content_end_ ? hex_value(body_[at_ + 1]) : -1;
      int low = at_ + 2 < content_end_ ? hex_value(body_[at_ + 2]) : -1;
      if (high >= 0 && low >= 0) {
        out[written++] = static_cast<char>(high * 16 + low);
        at_ += 3;
      } else {
        // QUIRK: RFC 2045 6.7 (1): '=' is always followed by two digits or a line end; a mailer
        // that does not encode at all leaves it bare, e.g. <a href="x">. It stays, and is reported.
        bad_byte(at_);
        out[written++] = '=';
        ++at_;
      }
    }
    return std::span<const char>(out, written);
  }

 private:
  /// The next line: its white space at the end goes (RFC 2045 6.7 (3)), with a soft break ("=") at
  /// its end the line end does too.
  void begin_line() {
    at_ = next_;
    std::size_t newline = body_.find('\n', at_);
    next_ = newline == body_.npos ? body_.size() : newline + 1;
    content_end_ = newline == body_.npos ? next_ : newline;
    if (content_end_ < next_ && content_end_ > at_ && body_[content_end_ - 1] == '\r')
      --content_end_;
    tail_ = content_end_;
    tail_end_ = next_;
    while (content_end_ > at_ &&
           (body_[content_end_ - 1] == ' ' || body_[content_end_ - 1] == '\t'))
      --content_end_;
    if (newline == body_.npos) tail_ = tail_end_;
    if (content_end_ > at_ && body_[content_end_ - 1] == '=') {
      --content_end_;
      tail_ = tail_end_;
    }
  }

  std::string_view body_;
  std::size_t at_ = 0, content_end_ = 0;  ///< what is left of the line's content
  std::size_t tail_ = 0, tail_end_ = 0;   ///< what is left of its line end
  std::size_t next_ = 0;                  ///< the next line
  Room out_;
};

class UuencodeSource final : public BodySource {
 public:
  explicit UuencodeSource(std::string_view body) : body_(body), out_(kMaxSpan, 64) {}

  Result<std::span<const char>> next() override {
    std::size_t written = 0;
    while (!done_ && written < kMaxSpan - 64) {
      if (at_ >= body_.size()) {
        damage_.cut_off = true;
        done_ = true;
        break;
      }
      std::size_t start = at_;
      std::size_t newline = body_.find('\n', at_);
      at_ = newline == body_.npos ? body_.size() : newline + 1;
      std::string_view line = body_.substr(start, (newline == body_.npos ? at_ : newline) - start);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (!begun_) {
        begun_ = line.starts_with("begin ");
        continue;
      }
      if (line == "end") {
        done_ = true;
        damage_.trailing = body_.find_first_not_of(" \t\r\n", at_) != body_.npos;
      } else if (!line.empty()) {
        decode_line(line, start, written);
      }
    }
    return std::span<const char>(out_.data(), written);
  }

 private:
  void decode_line(std::string_view line, std::size_t offset, std::size_t& written) {
    auto digit = [&](std::size_t i) {
      // QUIRK: the space is digit 0, and mailers cut spaces off the ends of lines.
      if (i >= line.size()) return 0u;
      auto c = static_cast<unsigned char>(line[i]);
      if (c < 32 || c > 96) {
        bad_byte(offset + i);
        return 0u;
      }
      return static_cast<unsigned>(c - 32) & 63u;
    };
    std::size_t length = digit(0);
    for (std::size_t i = 1, got = 0; got < length; i += 4) {
      unsigned bits = digit(i) << 18 | digit(i + 1) << 12 | digit(i + 2) << 6 | digit(i + 3);
      for (int shift = 16; shift >= 0 && got < length; shift -= 8, ++got)
        out_.data()[written++] = static_cast<char>(bits >> shift);
    }
  }

  std::string_view body_;
  std::size_t at_ = 0;
  bool begun_ = false, done_ = false;
  Room out_;
};

}  // namespace

std::string BodySource::damage_sentence() const {
  if (damage_.bad_bytes > 0)
    return fmt::format(
        "The transfer encoding is damaged: {} byte{} without a meaning, the first at byte {}.",
        damage_.bad_bytes, damage_.bad_bytes == 1 ? "" : "s", damage_.first_bad_at + 1);
  if (damage_.cut_off) return "The transfer encoding is cut off: its end is missing.";
  return {};
}

std::unique_ptr<BodySource> body_source(std::string_view body, Encoding encoding) {
  switch (encoding) {
    case Encoding::kBase64:
      return std::make_unique<Base64Source>(body);
    case Encoding::kQuotedPrintable:
      return std::make_unique<QuotedPrintableSource>(body);
    case Encoding::kUuencode:
      return std::make_unique<UuencodeSource>(body);
    case Encoding::kIdentity:
    case Encoding::kUnknown:
      break;
  }
  return std::make_unique<IdentitySource>(body);
}

std::unique_ptr<BodySource> body_source(const Part& part) {
  return body_source(part.body, part.encoding);
}

}  // namespace focalpost::mime
