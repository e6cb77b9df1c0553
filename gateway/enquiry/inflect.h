// SPDX-License-Identifier: Apache-2.0
//
// inflect: the endings that a word may have.
//
// A rule of prefixes, not a dictionary: by its last letters a Russian or Ukrainian word in the
// nominative is given a stem and the endings of its declension. "Нигерия" is нигери- with я, и, ю,
// ей; "Нигер" is нигер with none, а, у, ом, е: no form of the one is a form of the other. English
// words have their -s. What follows no rule (Египет, Египта) stands in words.txt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace focalpost::enquiry {

enum class Inflection : std::uint8_t {
  kNone,     ///< as it is
  kAny,      ///< with any ending
  kEnglish,  ///< with or without -s
  kRussian,
  kUkrainian,
};

struct Stem {
  std::string stem;      ///< folded
  std::uint8_t set = 0;  ///< of endings, for takes_ending()
};

/// The longest ending there is, in letters.
inline constexpr std::size_t kLongestEnding = 5;

/// Adds the stems of a folded word.
void stems_of(std::string_view folded, Inflection inflection, std::vector<Stem>& out);

/// `ending` in look-alike letters (fold.h).
bool takes_ending(std::uint8_t set, std::string_view ending);

}  // namespace focalpost::enquiry
