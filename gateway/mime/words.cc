// SPDX-License-Identifier: Apache-2.0
#include "mime/words.h"

#include <algorithm>

#include "base/charset.h"
#include "base/charset_guess.h"
#include "base/text.h"

namespace focalpost::mime {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return !(c & 0x80); });
}
bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t") == text.npos;
}

std::string decode_q(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      bytes += ' ';
    } else if (text[i] == '=' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
               hex_value(text[i + 2]) >= 0) {
      bytes += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

std::string decode_b(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (char c : text) {
    auto value = kBase64.find(c);
    // QUIRK: RFC 2047 2 wants whole groups of four; padding may be missing or stand in the middle
    // where two words were glued together, e.g. =?utf-8?B?YQ?=
    if (c == '=') count = 0, bits = 0;
    if (value == kBase64.npos) continue;
    bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return bytes;
}

struct Word {
  std::string_view charset;
  std::string bytes;
  std::size_t end = 0;
};

/// The encoded word that starts at `at` ("=?").
bool read_word(std::string_view in, std::size_t at, Word& word) {
  constexpr std::size_t kMostCharset = 64;
  std::size_t charset = at + 2;
  std::size_t mark = in.substr(0, charset + kMostCharset).find('?', charset);
  if (mark == in.npos || mark == charset || mark + 2 >= in.size() || in[mark + 2] != '?')
    return false;
  char encoding = in[mark + 1];
  if (encoding != 'b' && encoding != 'B' && encoding != 'q' && encoding != 'Q') return false;
  word.charset = in.substr(charset, mark - charset);
  if (word.charset.find_first_of(" \t\"<>()") != word.charset.npos) return false;
  // RFC 2231 5: a language may follow the set.
  word.charset = word.charset.substr(0, word.charset.find('*'));

  std::size_t text = mark + 3;
  // QUIRK: RFC 2047 2 allows neither spaces nor '?' inside, nor more than 75 characters; all are
  // taken, e.g. =?utf-8?Q?What is this??=. The start of another word ends the attempt, which also
  // keeps the time linear.
  for (std::size_t i = text;; ++i) {
    i = in.find('?', i);
    if (i == in.npos) return false;
    if (i + 1 < in.size() && in[i + 1] == '=') {
      // "=?x?Q??=" is an empty word; in "a??=" the first '?' belongs to the text.
      std::string_view encoded = in.substr(text, i - text);
      bool b = encoding == 'b' || encoding == 'B';
      word.bytes = b ? decode_b(encoded) : decode_q(encoded);
      word.end = i + 2;
      return true;
    }
    if (i > text && in[i - 1] == '=') return false;
  }
}

/// Length of the code point at the front (the text is valid UTF-8).
std::size_t point_length(std::string_view text) {
  auto c = static_cast<unsigned char>(text[0]);
  std::size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  return std::min(length, text.size());
}

/// What needs no encoding in a Q word anywhere, in a phrase too (RFC 2047 5 (3)).
bool is_q_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '!' ||
         c == '*' || c == '+' || c == '-' || c == '/';
}
bool is_atom(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

/// Encoded words, each but the first on a line of its own; the first may start at `column`.
std::string encoded_words(std::string_view text, std::size_t column) {
  constexpr std::size_t kFrame = 12;  // =?UTF-8?B??=
  std::size_t q_length = 0;
  for (char c : text) q_length += is_q_safe(c) || c == ' ' ? 1 : 3;
  bool q = q_length <= (text.size() + 2) / 3 * 4;
  std::string out;
  std::size_t room = column + kFrame + 12 < 78 ? std::min<std::size_t>(75, 78 - column) : 0;
  if (room == 0) {
    out += "\r\n ";
    room = 75;
  }
  while (!text.empty()) {
    std::size_t budget = room - kFrame;
    std::string body;
    std::size_t taken = 0, used = 0;
    while (taken < text.size()) {
      std::size_t length = point_length(text.substr(taken));
      if (q) {
        std::string piece;
        for (char c : text.substr(taken, length)) {
          auto byte = static_cast<unsigned char>(c);
          if (is_q_safe(c)) {
            piece += c;
          } else if (c == ' ') {
            piece += '_';
          } else {
            piece += '=';
            piece += kHex[byte >> 4];
            piece += kHex[byte & 15];
          }
        }
        used += piece.size();
        if (used > budget) break;
        body += piece;
      } else if ((taken + length + 2) / 3 * 4 > budget) {
        break;
      }
      taken += length;
    }
    if (!q) {
      for (std::size_t i = 0; i < taken; i += 3) {
        unsigned bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
          bits = bits << 8 | (i + k < taken ? static_cast<unsigned char>(text[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
          body += i + k <= taken ? kBase64[bits >> (18 - 6 * k) & 63] : '=';
      }
    }
    out += q ? "=?UTF-8?Q?" : "=?UTF-8?B?";
    out += body;
    out += "?=";
    text.remove_prefix(taken);
    if (!text.empty()) out += "\r\n ";
    room = 75;
  }
  return out;
}

}  // namespace

Text decode_bytes(std::string_view bytes, std::string_view charset) {
  const std::string canonical(canonical_charset(charset));
  if (is_ascii(bytes) && !canonical.starts_with("UTF-") && !canonical.starts_with("ISO-2022"))
    return {std::string(bytes), {}};
  auto read_as = [&](std::string_view set) -> Text {
    auto converted = to_utf8(bytes, set);
    if (!converted.ok()) return {};
    return {std::move(converted.value().text), std::string(set)};
  };
  const bool utf8 = is_utf8(bytes);
  if (!canonical.empty()) {
    // QUIRK: RFC 2045 4.1.2: us-ascii is 7-bit; a mailer that labels whatever it has "us-ascii"
    // says nothing by it, e.g. charset=us-ascii over windows-1251.
    const bool said_nothing = canonical == "US-ASCII";
    // QUIRK: the same: programs that copy a label from another message; windows-1251 said to be
    // koi8-r or iso-8859-1, UTF-8 said to be windows-1251. Taken as what it reads as, and told.
    const bool one_byte = canonical.starts_with("ISO-8859") || canonical.starts_with("windows-") ||
                          canonical.starts_with("KOI8") || canonical == "IBM866" || said_nothing;
    if (one_byte && utf8) return {std::string(bytes), said_nothing ? "" : "UTF-8"};
    if (one_byte)
      if (auto better = mislabelled_cyrillic(bytes, canonical); !better.empty())
        return read_as(better);
    if (!said_nothing)
      if (auto converted = to_utf8(bytes, charset); converted.ok()) {
        if (!converted->clean && !utf8)
          if (auto better = guess_cyrillic(bytes); !better.empty()) return read_as(better);
        return {std::move(converted.value().text), {}};
      }
  }
  if (utf8) return {std::string(bytes), {}};
  const std::string_view guess = guess_cyrillic(bytes);
  if (Text text = read_as(guess.empty() ? kAssumedCharset : guess); !text.assumed_charset.empty())
    return text;
  return {to_valid_utf8(bytes), {}};
}

std::string unfold(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (char c : value)
    if (c != '\r' && c != '\n' && c != '\0') out += c;
  return out;
}

Text decode_words(std::string_view in) {
  Text out;
  auto append = [&](std::string_view bytes, std::string_view charset) {
    if (bytes.empty()) return;
    Text text = decode_bytes(bytes, charset);
    out.text += text.text;
    if (!text.assumed_charset.empty()) out.assumed_charset = std::move(text.assumed_charset);
  };
  std::string bytes;
  std::string_view charset;
  std::size_t from = 0;
  bool after_word = false;
  for (std::size_t at = in.find("=?"); at != in.npos;) {
    Word word;
    if (!read_word(in, at, word)) {
      at = in.find("=?", at + 1);
      continue;
    }
    std::string_view between = in.substr(from, at - from);
    bool joined = after_word && is_blank(between);
    // QUIRK: RFC 2047 5: a word holds whole characters; mailers split them across adjacent words of
    // one set, so these are joined as bytes.
    if (!joined || !ascii_iequal(charset, word.charset)) {
      append(bytes, charset);
      bytes.clear();
    }
    if (!joined) append(between, {});
    bytes += word.bytes;
    charset = word.charset;
    after_word = true;
    from = word.end;
    at = in.find("=?", from);
  }
  append(bytes, charset);
  append(in.substr(from), {});
  return out;
}

std::string clean_text(std::string_view utf8) {
  std::string valid = to_valid_utf8(utf8);
  std::string out;
  out.reserve(valid.size());
  bool gap = false;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    auto c = static_cast<unsigned char>(valid[i]);
    bool c1 = c == 0xC2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F || c1) {
      gap = true;
      i += c1 ? 1 : 0;
      continue;
    }
    if (gap && !out.empty() && out.back() != ' ' && c != ' ') out += ' ';
    gap = false;
    out += static_cast<char>(c);
  }
  return out;
}

std::string encode_text(std::string_view name, std::string_view utf8) {
  std::string text(trim(clean_text(utf8)));
  std::size_t column = name.size() + 2;
  // Plain ASCII is folded at its spaces; where there is none to fold at, words can be encoded.
  if (is_ascii(text) && text.find("=?") == text.npos) {
    std::string out;
    bool fits = true;
    std::size_t at = 0;
    while (at < text.size() && fits) {
      std::size_t space = text.find_first_not_of(' ', at);
      std::size_t end = std::min(text.find(' ', space), text.size());
      std::size_t length = end - at;
      if (column + length > 78 && space > at) {
        out += "\r\n";
        column = 0;
      }
      fits = column + length <= 78;
      out += std::string_view(text).substr(at, length);
      column += length;
      at = end;
    }
    if (fits) return out;
    column = name.size() + 2;
  }
  return encoded_words(text, column);
}

std::string encode_phrase(std::string_view utf8, std::size_t column) {
  std::string text(trim(clean_text(utf8)));
  bool plain = is_ascii(text) && text.find("=?") == text.npos && column + text.size() < 70;
  if (!plain) return encoded_words(text, column);
  if (std::all_of(text.begin(), text.end(), is_atom)) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string percent_encode(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
        c == '-' || c == '_') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace focalpost::mime
