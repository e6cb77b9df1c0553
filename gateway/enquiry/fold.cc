// SPDX-License-Identifier: Apache-2.0
#include "enquiry/fold.h"

#include <array>

#include "base/text.h"

namespace focalpost::enquiry {
namespace {

constexpr char byte(int value) {
  return static_cast<char>(value);
}

/// windows-1251 of the letters that Russian does not have.
constexpr char kUkrainianI = byte(0xB3), kYi = byte(0xBF), kYe = byte(0xBA);

constexpr std::u32string_view
    kLatin1 =  // U+00C0 to U+00FF; the signs for times and divided by are none
    U"aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty";
constexpr std::u32string_view kLatinA =  // U+0100 to U+017F
    U"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooo"
    U"rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatin1.size() == 64 && kLatinA.size() == 128);

/// Of the Cyrillic letters from U+0460: those of living alphabets, as people type them without.
constexpr std::array<std::pair<char32_t, char32_t>, 18> kOtherCyrillic = {{{0x491, U'г'},
                                                                           {0x493, U'г'},
                                                                           {0x497, U'ж'},
                                                                           {0x499, U'з'},
                                                                           {0x49B, U'к'},
                                                                           {0x49D, U'к'},
                                                                           {0x4A1, U'к'},
                                                                           {0x4A3, U'н'},
                                                                           {0x4AB, U'с'},
                                                                           {0x4AF, U'у'},
                                                                           {0x4B1, U'у'},
                                                                           {0x4B3, U'х'},
                                                                           {0x4B7, U'ч'},
                                                                           {0x4BB, U'х'},
                                                                           {0x4D9, U'а'},
                                                                           {0x4E3, U'и'},
                                                                           {0x4E9, U'о'},
                                                                           {0x4EF, U'у'}}};

/// Greek letters that look like Latin ones, from U+0391 and U+03B1.
constexpr std::string_view kGreek = "ab--ezh-ik-mno-p-ctyoxwy";

bool unseen(char32_t c) {
  return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFE00 && c <= 0xFE0F);
}

bool white(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool apostrophe(char32_t c) {
  return c == '\'' || c == '`' || c == 0xB4 || c == 0x2018 || c == 0x2019 || c == 0x2BC ||
         c == 0x2032 || c == 0xFF07;
}

/// What a code point is in a folded word; nothing: it is no letter. Capitals: `upper`.
char fold_letter(char32_t c, bool& upper, std::string& other) {
  upper = false;
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;  // full width
  if (c < 0x80) {
    if (c >= 'A' && c <= 'Z') {
      upper = true;
      return byte(static_cast<int>(c) + 32);
    }
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ? byte(static_cast<int>(c))
                                                                        : '\0';
  }
  if (c >= 0xC0 && c <= 0xFF) {
    upper = c < 0xDF;
    const char32_t letter = kLatin1[c - 0xC0];
    return letter == U'-' ? '\0' : byte(static_cast<int>(letter));
  }
  if (c >= 0x100 && c < 0x100 + kLatinA.size()) {
    upper = c % 2 == 0;
    return byte(static_cast<int>(kLatinA[c - 0x100]));
  }
  if (c >= 0x391 && c < 0x391 + kGreek.size() && kGreek[c - 0x391] != '-') {
    upper = true;
    return kGreek[c - 0x391];
  }
  if (c >= 0x3B1 && c < 0x3B1 + kGreek.size() && kGreek[c - 0x3B1] != '-') return kGreek[c - 0x3B1];
  if (c >= 0x400 && c < 0x530) {
    if (c < 0x410) {
      upper = true;
      c += 0x50;
    } else if (c < 0x430) {
      upper = true;
      c += 0x20;
    } else if (c >= 0x460 && c != 0x4C0 && c != 0x4CF) {
      const bool pairs_even = c < 0x4C1 || c > 0x4CE;
      upper = (c % 2 == 0) == pairs_even;
      if (upper) ++c;
    }
    if (c == 0x450 || c == 0x451) c = U'е';
    if (c == 0x45E) c = U'у';
    if (c == 0x45D) c = U'и';
    if (c >= 0x430 && c <= 0x44F) return byte(static_cast<int>(c - 0x430 + 0xE0));
    if (c == 0x456) return kUkrainianI;
    if (c == 0x457) return kYi;
    if (c == 0x454) return kYe;
    if (c == 0x455) return 's';
    if (c == 0x458) return 'j';
    if (c == 0x4C0 || c == 0x4CF) return 'i';
    for (const auto& [from, to] : kOtherCyrillic)
      if (c == from) return byte(static_cast<int>(to - 0x430 + 0xE0));
  }
  // Signs and symbols are no letters; what else there is belongs to some script.
  if ((c >= 0x80 && c < 0xC0) || (c >= 0x2B0 && c < 0x300) || (c >= 0x2000 && c < 0x2C00) ||
      (c >= 0x3000 && c < 0x3040) || (c >= 0xE000 && c < 0xF900) || (c >= 0xFE10 && c < 0xFE70) ||
      (c >= 0xFF5F && c < 0xFF66) || (c >= 0xFFE0 && c <= 0xFFFF) ||
      (c >= 0x1F000 && c < 0x20000) || c >= 0xE0000)
    return '\0';
  other = {'\x01', byte(static_cast<int>(0x10 | (c >> 15 & 0x3F))),
           byte(static_cast<int>(0x80 | (c >> 7 & 0x7F))),
           byte(static_cast<int>(0x80 | (c & 0x7F)))};
  return '\x01';
}

/// й, ї, ё, ў typed as two: the letter and a combining mark (what macOS sends).
void combine(std::string& fold, char32_t mark) {
  if (fold.empty()) return;
  char& last = fold.back();
  if (mark == 0x306 && last == byte(0xE8)) last = byte(0xE9);
  if (mark == 0x308 && last == kUkrainianI) last = kYi;
}

constexpr std::array<char, 256> look_table() {
  std::array<char, 256> table{};
  for (int i = 0; i < 256; ++i) table[static_cast<std::size_t>(i)] = byte(i);
  constexpr std::string_view latin = "abekmhopctyxi";
  constexpr std::array<int, 13> cyrillic = {0xE0, 0xE2, 0xE5, 0xEA, 0xEC, 0xED, 0xEE,
                                            0xF0, 0xF1, 0xF2, 0xF3, 0xF5, 0xB3};
  for (std::size_t i = 0; i < cyrillic.size(); ++i)
    table[static_cast<std::size_t>(cyrillic[i])] = latin[i];
  return table;
}
constexpr std::array<char, 256> kLook = look_table();

}  // namespace

char32_t next_point(std::string_view text, std::size_t& at) {
  const auto at_byte = [&](std::size_t i) -> char32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const char32_t lead = at_byte(at);
  if (lead < 0xC0) return ++at, lead;
  const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  char32_t point = lead & (0x3Fu >> more);
  for (std::size_t i = 1; i <= more; ++i) point = point << 6 | (at_byte(at + i) & 0x3F);
  at += more + 1;
  return point;
}

std::string look_of(std::string_view folded) {
  std::string look(folded);
  for (char& c : look) c = kLook[static_cast<unsigned char>(c)];
  return look;
}

std::vector<Token> tokens_of(std::string_view line, std::size_t most) {
  std::vector<Token> tokens;
  bool inside = false, small = false, gap = true;
  std::size_t end = 0;
  std::string other;
  const auto close = [&] {
    if (!inside) return;
    Token& word = tokens.back();
    word.end = static_cast<std::uint32_t>(end);
    word.upper = word.upper && !small;
    word.number = word.fold.find_first_not_of("0123456789") == word.fold.npos;
    word.look = look_of(word.fold);
    inside = false;
  };
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = at;
    const char32_t c = next_point(line, at);
    if (unseen(c)) continue;
    if (c >= 0x300 && c < 0x370) {
      if (inside) {
        combine(tokens.back().fold, c);
        end = at;
      }
      continue;
    }
    bool upper = false;
    const char letter = fold_letter(c, upper, other);
    if (letter == '\0') {
      // An apostrophe between two letters is part of the word.
      if (inside && apostrophe(c) && at < line.size()) {
        std::size_t next = at;
        bool ignored = false;
        std::string unused;
        if (fold_letter(next_point(line, next), ignored, unused) != '\0') continue;
      }
      close();
      if (white(c)) {
        gap = true;
        continue;
      }
      if (tokens.size() == most) return tokens;
      Token sign;
      sign.sign = c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c;
      sign.glued = !gap;
      sign.begin = static_cast<std::uint32_t>(begin);
      sign.end = static_cast<std::uint32_t>(at);
      tokens.push_back(std::move(sign));
      gap = false;
      continue;
    }
    if (!inside) {
      if (tokens.size() == most) return tokens;
      Token word;
      word.begin = static_cast<std::uint32_t>(begin);
      word.glued = !gap;
      tokens.push_back(std::move(word));
      inside = true;
      small = false;
      gap = false;
    }
    if (letter == '\x01')
      tokens.back().fold += other;
    else
      tokens.back().fold += letter;
    const bool cased = letter != '\x01' && letter != '_' && !(letter >= '0' && letter <= '9');
    tokens.back().upper = tokens.back().upper || upper;
    small = small || (cased && !upper);
    end = at;
  }
  close();
  return tokens;
}

std::vector<std::string> folded_words(std::string_view text) {
  std::vector<std::string> words;
  for (Token& token : tokens_of(text, text.size()))
    if (!token.sign) words.push_back(std::move(token.fold));
  return words;
}

std::string other_layout(std::string_view folded, bool ukrainian) {
  // Keys of the Latin keyboard in order and what is on them; only those that are letters on both.
  constexpr std::string_view kLatin = "qwertyuiopasdfghjklzxcvbnm";
  constexpr std::u32string_view kRussian = U"йцукенгшщзфывапролдячсмить";
  std::string other;
  bool latin = false, cyrillic = false;
  for (char c : folded) {
    if (c >= 'a' && c <= 'z') {
      char32_t key = kRussian[kLatin.find(c)];
      latin = true;
      if (ukrainian && key == U'ы')
        other += kUkrainianI;
      else
        other += byte(static_cast<int>(key - 0x430 + 0xE0));
    } else if (is_cyrillic(c)) {
      cyrillic = true;
      char32_t letter = static_cast<unsigned char>(c) + 0x430u - 0xE0u;
      if (c == kUkrainianI) letter = U'ы';
      const auto key = kRussian.find(letter);
      if (key == kRussian.npos) return {};
      other += kLatin[key];
    } else {
      return {};
    }
  }
  return latin != cyrillic ? other : std::string();
}

std::string clean_text(std::string_view bytes) {
  const std::string text = to_valid_utf8(bytes);
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = next_point(text, at);
    if (c == '\r') {
      if (at >= text.size() || text[at] != '\n') clean += '\n';
    } else if (c == '\n' || c == 0x2028 || c == 0x2029 || c == 0x85 || c == 0x0B || c == 0x0C) {
      clean += '\n';
    } else if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
      clean += ' ';
    } else if (c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
               (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF) {
      continue;
    } else {
      clean.append(text, begin, at - begin);
    }
  }
  return clean;
}

}  // namespace focalpost::enquiry
