// SPDX-License-Identifier: Apache-2.0
//
// suggest: which word was probably meant.
//
// By edit distance over folded words (a letter changed, left out, put in, two exchanged): 1 for
// words of 3 to 5 letters, 2 to 8, 3 beyond; and by the keyboard left in the wrong alphabet. What
// is shorter than three letters looks like anything and has none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "enquiry/lexicon.h"

namespace focalpost::enquiry {

/// What may stand there.
enum class Wanted : std::uint8_t { kCommand, kArgument, kCode, kFlow, kArea };

/// At most 3, nearest first; `flow` narrows codes and dimensions, may be null. `list`: for kCode.
std::vector<std::string> suggest(const Lexicon& lexicon, std::string_view folded, Wanted wanted,
                                 const Lexicon::Flow* flow = nullptr, std::int32_t list = -1);

/// The nearest command, its candidate; null: none.
const Candidate* nearest_command(const Lexicon& lexicon, std::string_view folded);

}  // namespace focalpost::enquiry
