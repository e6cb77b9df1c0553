// SPDX-License-Identifier: Apache-2.0
//
// words: text in header fields, to and from UTF-8 (RFC 2047 encoded words, RFC 5322 folding).
//
// Ours and not mimetic's: mimetic knows nothing of RFC 2047 and folds in the middle of words.
// Everything here takes time linear in the length of its input, whatever that holds.
#pragma once

#include <string>
#include <string_view>

namespace focalpost::mime {

/// UTF-8, and what had to be assumed to get it.
struct Text {
  std::string text;
  /// Not empty where bytes beyond ASCII came without a (known) character set and were not UTF-8, or
  /// with one that cannot be true: the set that was assumed. The caller says so in a finding.
  std::string assumed_charset;
};

/// What is assumed for 8-bit text that names no character set, is not UTF-8 and does not read as
/// Cyrillic in any set (base/charset_guess.h).
inline constexpr std::string_view kAssumedCharset = "windows-1251";

/// Bytes to UTF-8; never fails. An empty or unknown charset, or one that is plainly wrong: UTF-8 if
/// the bytes are, else assumed.
Text decode_bytes(std::string_view bytes, std::string_view charset);

/// A field's value on one line: line ends and NULs are removed, the white space after them stays.
std::string unfold(std::string_view value);

/// An unfolded value with its encoded words (RFC 2047) decoded; adjacent ones are joined as bytes
/// before they are decoded. What only looks like an encoded word stays as it is.
Text decode_words(std::string_view unfolded);

/// Text without line ends and control characters (they become one space), fit for a field's value.
std::string clean_text(std::string_view utf8);

/// The value of an unstructured field ("Subject") called `name`, folded with CRLF and a space so
/// that no line is longer than 78; text that is not plain ASCII becomes encoded words of at most 75
/// characters that never split a code point. The text is cleaned first.
std::string encode_text(std::string_view name, std::string_view utf8);

/// A display name: an atom, a quoted string or encoded words (folded). `column` is where it starts.
std::string encode_phrase(std::string_view utf8, std::size_t column);

/// 0 to 15, or -1 for what is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// The percent encoding of RFC 2231 (everything but attribute-char).
std::string percent_encode(std::string_view bytes);

}  // namespace focalpost::mime
