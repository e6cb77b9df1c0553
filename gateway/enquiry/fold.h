// SPDX-License-Identifier: Apache-2.0
//
// fold: words in the one form in which they are compared, one byte a letter.
//
// A folded word has ASCII letters in lower case, digits, '_', and Cyrillic letters in lower case as
// windows-1251 numbers them. Accents and the dots of ё are gone; letters of other Cyrillic
// alphabets are the Russian ones that people type in their stead (ұ, ү: у; қ: к), letters of other
// scripts are kept under names of their own. The bytes are for comparing, never for showing.
//
// Look-alikes (UTS #39): `look` has the Latin letter for each Cyrillic one that looks like it in
// either case. Two words that people take for one another have the same `look`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace focalpost::enquiry {

struct Token {
  char32_t sign = 0;                 ///< a sign that is no letter; 0: a word
  bool upper = false;                ///< a word with a capital letter and no small one
  bool glued = false;                ///< nothing between it and the token before
  bool number = false;               ///< digits alone
  std::uint32_t begin = 0, end = 0;  ///< bytes of the line
  std::string fold;
  std::string look;
};

/// Words and signs of a line in UTF-8. White space and what cannot be seen are none. An apostrophe
/// inside a word is left out (м’я is мя). At most `most` tokens.
std::vector<Token> tokens_of(std::string_view line, std::size_t most);

/// The words of `text` alone, folded.
std::vector<std::string> folded_words(std::string_view text);

std::string look_of(std::string_view folded);

/// The code point at `at`, which goes on; `text` is valid UTF-8.
char32_t next_point(std::string_view text, std::size_t& at);

/// What `folded` would be had the keyboard been switched to the other alphabet: "ghbdtn" is
/// "привет". Empty for a word of both alphabets. `ukrainian`: і, ї and є where Russian has ы, ъ, э.
std::string other_layout(std::string_view folded, bool ukrainian);

/// Any bytes as text to be read and kept: valid UTF-8, lines ended by LF, without control
/// characters and marks of direction.
std::string clean_text(std::string_view bytes);

inline bool is_cyrillic(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace focalpost::enquiry
