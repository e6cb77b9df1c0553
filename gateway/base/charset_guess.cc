// SPDX-License-Identifier: Apache-2.0
#include "base/charset_guess.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/charset.h"

namespace focalpost {
namespace {

struct Set {
  std::string_view name;
  std::array<char16_t, 128> high;  ///< what bytes 0x80 to 0xFF mean
};

/// The tables are ICU's, read once through the one door to it.
const std::array<Set, 5>& sets() {
  static const std::array<Set, 5> made = [] {
    std::array<Set, 5> all{
        {{"windows-1251", {}}, {"koi8-r", {}}, {"koi8-u", {}}, {"cp866", {}}, {"iso-8859-5", {}}}};
    for (Set& set : all)
      for (unsigned byte = 0x80; byte <= 0xFF; ++byte) {
        char c = static_cast<char>(byte);
        auto converted = to_utf8({&c, 1}, set.name);
        char16_t point = 0xFFFD;
        if (converted.ok() && converted->clean) {
          std::string_view text = converted->text;
          auto at = [&](std::size_t i) { return char16_t(static_cast<unsigned char>(text[i])); };
          if (text.size() == 1) point = at(0);
          if (text.size() == 2) point = char16_t((at(0) & 0x1F) << 6 | (at(1) & 0x3F));
          if (text.size() == 3)
            point = char16_t((at(0) & 0x0F) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F));
        }
        set.high[byte - 0x80] = point;
      }
    return all;
  }();
  return made;
}

/// How usual a small letter is in Russian and Ukrainian words, up to 9; below 0 where it is one of
/// other languages; kNoLetter for what is none.
constexpr int kNoLetter = -100;
int usual(char16_t small) {
  // а б в г д е ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я
  constexpr int kUsual[32] = {9, 5, 7, 5, 6, 9, 4, 5, 9, 4, 7, 7, 6, 8, 9, 6,
                              8, 8, 8, 6, 2, 4, 2, 4, 3, 2, 1, 4, 4, 1, 3, 5};
  if (small >= u'а' && small <= u'я') return kUsual[small - u'а'];
  if (small == u'і') return 7;
  if (small == u'ї' || small == u'є') return 3;
  if (small == u'ё' || small == u'ґ') return 1;
  // Letters of Belarusian, Serbian and Macedonian, which the sets have too.
  if (small == u'ў') return 2;
  return small >= u'ѐ' && small <= u'џ' ? -4 : kNoLetter;
}

/// Small letter of a Cyrillic one; `capital` says what it was.
char16_t to_small(char16_t point, bool& capital) {
  capital = true;
  if (point >= u'А' && point <= u'Я') return char16_t(point + 32);
  if (point >= u'Ѐ' && point <= u'Џ') return char16_t(point + 80);
  if (point == u'Ґ') return u'ґ';
  capital = false;
  return point;
}

struct Score {
  int points = 0;   ///< may be negative
  int letters = 0;  ///< Cyrillic ones
  int longest = 0;  ///< in a row
  /// Of a usual text a letter brings some 6 points; read in the wrong set it brings few or none.
  bool plausible() const { return letters >= 2 && longest >= 2 && points >= 4 * letters; }
};

Score score(std::string_view bytes, const Set& set) {
  constexpr int kWrongCase = 20, kNotText = 12, kMixed = 10, kCapitals = 2, kBegins = 6;
  Score sum;
  enum { kNothing, kLatin, kSmall, kCapital } before = kNothing;
  int row = 0, word_capitals = 0;
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      bool latin = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
      if (latin && (before == kSmall || before == kCapital)) sum.points -= kMixed;
      before = latin ? kLatin : kNothing;
      row = word_capitals = 0;
      continue;
    }
    char16_t point = set.high[byte - 0x80];
    bool capital = false;
    char16_t small = to_small(point, capital);
    int worth = usual(small);
    if (worth == kNoLetter) {
      // Quotation marks, dashes, the no-break space and the number sign stand in texts.
      bool text = point == u'«' || point == u'»' || point == 0xA0 ||
                  (point == u'№' && before == kNothing) || (point >= 0x2010 && point <= 0x2026);
      if (!text) sum.points -= kNotText;
      before = kNothing;
      row = word_capitals = 0;
      continue;
    }
    sum.points += worth;
    if (sum.letters == 0 && capital) sum.points += kBegins;
    ++sum.letters;
    sum.longest = std::max(sum.longest, ++row);
    if (before == kLatin) sum.points -= kMixed;
    if (capital && before == kSmall) sum.points -= kWrongCase;
    // After two capitals a word goes on in capitals, as an abbreviation does.
    if (!capital && before == kCapital && word_capitals > 1) sum.points -= kWrongCase / 3;
    // A whole word in capitals is less usual than one in small letters.
    if (capital && before == kCapital) sum.points -= kCapitals;
    word_capitals += capital;
    before = capital ? kCapital : kSmall;
  }
  return sum;
}

const Set* best_of(std::string_view bytes, Score& best) {
  const Set* found = nullptr;
  for (const Set& set : sets()) {
    Score one = score(bytes, set);
    if (one.plausible() && (!found || one.points > best.points)) {
      best = one;
      found = &set;
    }
  }
  return found;
}

}  // namespace

std::string_view guess_cyrillic(std::string_view bytes) {
  Score best;
  const Set* found = best_of(bytes.substr(0, kGuessBytes), best);
  return found ? found->name : std::string_view();
}

std::string_view mislabelled_cyrillic(std::string_view bytes, std::string_view declared) {
  // Fewer letters prove nothing against what a program wrote down.
  constexpr int kLettersThatProve = 4;
  bytes = bytes.substr(0, kGuessBytes);
  const std::string canonical(canonical_charset(declared));
  const Set* labelled = nullptr;
  for (const Set& set : sets())
    if (canonical_charset(set.name) == canonical) labelled = &set;
  // Western sets have no Cyrillic letters: rows of accented ones in words of their own are none.
  const bool western = canonical == "ISO-8859-1" || canonical == "windows-1252" ||
                       canonical == "ISO-8859-15" || canonical == "US-ASCII";
  if (!labelled && !western) return {};
  Score as_declared;
  if (labelled) as_declared = score(bytes, *labelled);
  if (as_declared.plausible()) return {};
  Score best;
  const Set* found = best_of(bytes, best);
  if (!found || found == labelled || best.letters < kLettersThatProve || best.longest < 3)
    return {};
  // Not a little better: nonsense on the one side, words on the other.
  return 2 * as_declared.points < best.points ? found->name : std::string_view();
}

}  // namespace focalpost
