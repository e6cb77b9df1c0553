// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace focalpost {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? char(c + 32) : c;
}

/// Reads one code point off the front of `text`; an invalid byte gives 0xFFFD, takes one byte and
/// sets `valid` to false. RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
char32_t take_code_point(std::string_view& text, bool& valid) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  std::size_t length = first < 0x80                    ? 1
                       : first >= 0xC2 && first < 0xE0 ? 2
                       : first >= 0xE0 && first < 0xF0 ? 3
                       : first >= 0xF0 && first < 0xF5 ? 4
                                                       : 0;
  char32_t point = length == 1   ? first
                   : length == 2 ? first & 0x1Fu
                   : length == 3 ? first & 0x0Fu
                                 : first & 0x07u;
  bool ok = length > 0 && text.size() >= length;
  for (std::size_t i = 1; ok && i < length; ++i) {
    ok = (byte(i) & 0xC0) == 0x80;
    point = point << 6 | (byte(i) & 0x3Fu);
  }
  if (ok && length == 3) ok = point >= 0x800 && (point < 0xD800 || point > 0xDFFF);
  if (ok && length == 4) ok = point >= 0x10000 && point <= 0x10FFFF;
  if (!ok) {
    valid = false;
    text.remove_prefix(1);
    return 0xFFFD;
  }
  text.remove_prefix(length);
  return point;
}

bool is_unsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
         c == 0x200F || c == 0x061C;
}

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > most) return most + 1;
  std::vector<std::size_t> row(a.size() + 1);
  for (std::size_t i = 0; i <= a.size(); ++i) row[i] = i;
  for (std::size_t j = 1; j <= b.size(); ++j) {
    std::size_t diagonal = row[0];
    row[0] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      std::size_t above = row[i];
      row[i] =
          std::min({row[i] + 1, row[i - 1] + 1, diagonal + (lower(a[i - 1]) != lower(b[j - 1]))});
      diagonal = above;
    }
  }
  return row[a.size()];
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  auto first = text.find_first_not_of(white);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    auto at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == text.npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

std::string ascii_lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::string ascii_upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

bool ascii_iequal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool ascii_istarts_with(std::string_view text, std::string_view prefix) {
  return ascii_iequal(text.substr(0, prefix.size()), prefix);
}

bool is_utf8(std::string_view text) {
  bool valid = true;
  while (!text.empty() && valid) take_code_point(text, valid);
  return valid;
}

std::string to_valid_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string result;
  while (!text.empty()) {
    std::string_view before = text;
    bool valid = true;
    take_code_point(text, valid);
    if (valid)
      result += before.substr(0, before.size() - text.size());
    else
      result += "\xEF\xBF\xBD";
  }
  return result;
}

std::string shorten(std::string_view text, std::size_t limit) {
  std::string_view rest = text;
  std::size_t last_but_one = 0;
  for (std::size_t points = 0; !rest.empty(); ++points) {
    if (points == limit) return std::string(text.substr(0, last_but_one)) + "…";
    if (points + 1 <= limit) last_but_one = text.size() - rest.size();
    bool valid = true;
    take_code_point(rest, valid);
  }
  return std::string(text);
}

std::string one_line(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    std::string_view before = text;
    bool valid = true;
    char32_t point = take_code_point(text, valid);
    if (!valid)
      result += "\xEF\xBF\xBD";
    else if (is_unsafe(point))
      result += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(point));
    else
      result += before.substr(0, before.size() - text.size());
  }
  return result;
}

std::string escape_html(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::vector<std::string> nearest(std::string_view wanted,
                                 const std::vector<std::string_view>& candidates,
                                 std::size_t most) {
  const std::size_t reach = std::clamp<std::size_t>(wanted.size() / 3, 1, 3);
  std::vector<std::tuple<std::size_t, std::size_t>> found;
  if (wanted.size() > 256) return {};
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    std::size_t distance = edit_distance(wanted, candidates[i], reach);
    if (distance <= reach) found.emplace_back(distance, i);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> result;
  for (auto [distance, i] : found) {
    if (result.size() == most) break;
    result.emplace_back(candidates[i]);
  }
  return result;
}

std::optional<std::string> with_crlf(std::string_view bytes) {
  bool bare = false;
  for (std::size_t at = bytes.find('\n'); at != bytes.npos && !bare; at = bytes.find('\n', at + 1))
    bare = at == 0 || bytes[at - 1] != '\r';
  if (!bare) return {};
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 32);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) out += '\r';
    out += bytes[i];
  }
  return out;
}

bool among(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace focalpost
