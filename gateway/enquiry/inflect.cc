// SPDX-License-Identifier: Apache-2.0
#include "enquiry/inflect.h"

#include <algorithm>
#include <array>

#include "enquiry/fold.h"

namespace focalpost::enquiry {
namespace {

/// A word that ends in `last` loses `cut` letters and has `endings` then.
struct Rule {
  Inflection inflection;
  std::string_view last;  ///< empty: any other consonant
  std::size_t cut;
  std::size_t least;         ///< letters that must be left; a shorter word is not inflected
  std::string_view endings;  ///< "-" is none
};

constexpr Inflection kRu = Inflection::kRussian, kUk = Inflection::kUkrainian;

// The first rule that fits counts.
constexpr std::array kRules = {
    Rule{kRu, "ия", 1, 2, "я и ю ей ею й ем ям ями ях"},
    Rule{kRu, "ая", 2, 2, "ая ой ую ою"},
    Rule{kRu, "яя", 2, 2, "яя ей юю ею"},
    Rule{kRu, "ый", 2, 2, "ый ого ому ым ом ая ой ую ою ое ые ых ыми"},
    Rule{kRu, "ий", 2, 2,
         "ий его ему им ем ого ому ом ая ой ую ою ое ие их ими ия ию ием ии яя ей юю ее"},
    Rule{kRu, "ой", 2, 3, "ой ого ому ым ом ая ую ою ое ые ых ыми"},
    Rule{kRu, "ое", 2, 2, "ое ого ому ым ом ая ой ую ые ых ыми"},
    Rule{kRu, "ее", 2, 2, "ее его ему им ем ей"},
    Rule{kRu, "ые", 2, 2, "ые ых ым ыми"},
    Rule{kRu, "ие", 2, 2, "ие их им ими ия ию ием ии ий"},
    Rule{kRu, "а", 1, 2, "а ы и у е ой ою ей ею - ов ев ам ами ах"},
    Rule{kRu, "я", 1, 2, "я и ю е ей ею й ь ям ями ях -"},
    Rule{kRu, "ь", 1, 2, "ь и ью я ю ем е ей ям ями ях"},
    Rule{kRu, "й", 1, 2, "й я ю ем е и ев ям ями ях"},
    Rule{kRu, "о", 1, 4, "о а у ом е - ам ами ах"},
    Rule{kRu, "ы", 1, 3, "ы ов ев ам ами ах -"},
    Rule{kRu, "и", 1, 4, "и ов ев ей ам ами ах ям ями ях -"},
    Rule{kRu, "е", 1, 4, "е а у ем я ю и"},
    Rule{kUk, "ія", 1, 2, "я ї ю єю є й"},
    Rule{kUk, "ий", 2, 2, "ий ого ому им ім а ої ій у ою е і их ими"},
    Rule{kUk, "а", 1, 2, "а и і у ю ою ею е о - ь ам ами ах ів ої ій"},
    Rule{kUk, "я", 1, 2, "я і ї ю єю ею є е - ь й ям ями ях ів"},
    Rule{kUk, "ь", 1, 2, "ь і ю я е ем єм ей еві єві ям ями ях"},
    Rule{kUk, "й", 1, 2, "й я ю єм єві ї є"},
    Rule{kUk, "о", 1, 4, "о а у ом і ові - ам ами ах"},
    Rule{kUk, "е", 1, 3, "е ого ому им ім я ю ем і а у"},
    Rule{kUk, "и", 1, 4, "и ів ам ами ах - ей ям ями ях"},
    Rule{kUk, "і", 1, 4, "і их им ими ів ей ям ями ях ам ами ах - ь"},
    Rule{kUk, "ї", 1, 3, "ї й їв ям ями ях"},
    // What is left ends in a consonant, or is not inflected.
    Rule{kRu, "", 0, 2, "- а у ом ем е ы и ов ев ей ам ами ах"},
    Rule{kUk, "", 0, 2, "- а у ові еві ом ем і и ів ам ами ах е"},
    Rule{Inflection::kEnglish, "s", 1, 3, "s -"},
    Rule{Inflection::kEnglish, "", 0, 4, "- s"},
};

// Ukrainian stems that change: Республіка, у Республіці; Білорусь, Білоруссю.
struct Change {
  std::string_view last, becomes, ending;
};
constexpr std::array kChanges = {Change{"ка", "ц", "і"},  Change{"га", "з", "і"},
                                 Change{"ха", "с", "і"},  Change{"сь", "сс", "ю"},
                                 Change{"нь", "нн", "ю"}, Change{"ль", "лл", "ю"}};

constexpr std::uint8_t kExactSet = 0, kAnySet = 1, kFirstRule = 2;
constexpr std::uint8_t kFirstChange = kFirstRule + kRules.size();

std::string first_folded(std::string_view text) {
  const std::vector<std::string> words = folded_words(text);
  return words.empty() ? std::string() : words.front();
}

struct Made {
  std::vector<std::string> rule_last, change_last, change_becomes;
  std::vector<std::vector<std::string>> sets;  ///< look-alike letters

  Made() {
    sets.resize(kFirstRule);
    for (const Rule& rule : kRules) {
      rule_last.push_back(first_folded(rule.last));
      auto& set = sets.emplace_back();
      std::string_view rest = rule.endings;
      while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        set.push_back(one == "-" ? std::string() : look_of(first_folded(one)));
      }
    }
    for (const Change& change : kChanges) {
      change_last.push_back(first_folded(change.last));
      change_becomes.push_back(first_folded(change.becomes));
      sets.push_back({look_of(first_folded(change.ending))});
    }
  }
};

const Made& made() {
  static const Made tables;
  return tables;
}

bool consonant_last(std::string_view word, Inflection inflection) {
  if (inflection == Inflection::kEnglish) return !word.empty() && word.back() >= 'a';
  static const std::string others = [] {
    std::string letters;
    for (const std::string& one : folded_words("а е и о у ы э ю я і ї є й ь ъ")) letters += one;
    return letters;
  }();
  return !word.empty() && is_cyrillic(word.back()) && others.find(word.back()) == others.npos;
}

}  // namespace

void stems_of(std::string_view word, Inflection inflection, std::vector<Stem>& out) {
  if (inflection == Inflection::kNone || word.empty()) {
    out.push_back({std::string(word), kExactSet});
    return;
  }
  if (inflection == Inflection::kAny) {
    out.push_back({std::string(word), kAnySet});
    return;
  }
  const Made& tables = made();
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    const Rule& rule = kRules[i];
    if (rule.inflection != inflection) continue;
    const bool fits =
        rule.last.empty() ? consonant_last(word, inflection) : word.ends_with(tables.rule_last[i]);
    if (!fits) continue;
    if (word.size() < rule.cut + rule.least) break;
    out.push_back({std::string(word.substr(0, word.size() - rule.cut)),
                   static_cast<std::uint8_t>(kFirstRule + i)});
    if (inflection == Inflection::kUkrainian && word.size() > 4)
      for (std::size_t c = 0; c < kChanges.size(); ++c)
        if (word.ends_with(tables.change_last[c]))
          out.push_back({std::string(word.substr(0, word.size() - 2)) + tables.change_becomes[c],
                         static_cast<std::uint8_t>(kFirstChange + c)});
    return;
  }
  out.push_back({std::string(word), kExactSet});
}

bool takes_ending(std::uint8_t set, std::string_view ending) {
  if (set == kExactSet) return ending.empty();
  if (set == kAnySet) return true;
  const auto& endings = made().sets[set];
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

}  // namespace focalpost::enquiry
