// SPDX-License-Identifier: Apache-2.0
//
// sentence: what the words behind a command come to.
//
// Indicators are found first, for they say which dimensions and codes there are; then the words are
// read from left to right. A word in doubt is what fits the indicator. A code of two letters that
// is also a word (BY, AS, IN, TO, NO, ME) is the word where the word makes sense, and the code in
// capital letters between indicators, countries and commas.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "enquiry/enquiry.h"
#include "enquiry/line.h"

namespace focalpost::enquiry {

struct Reading {
  Command command;
  std::size_t understood = 0;  ///< things that say something
  std::size_t skipped = 0;     ///< words that say nothing
  /// Words not understood, not in `unknown` of the command yet.
  struct Strange {
    std::size_t from, to;              ///< tokens
    std::int32_t list = -1;            ///< place of the codelist of which a code was awaited
    std::vector<std::string> instead;  ///< known already
  };
  std::vector<Strange> strange;
  std::size_t strange_words = 0;
  bool speech = false;  ///< a word as sentences have it, not commands: "attached", «прилагаем»
};

/// Reads from token `from` on. Gives up, with what it has, once more than `most_strange` words are
/// strange.
Reading read_sentence(const Line& line, std::size_t from, Verb verb, Time now,
                      std::size_t most_strange);

/// Puts the strange words into `unknown`, with suggestions, of which as many are looked for as
/// `looks` has left; returns how many words have none.
std::size_t explain_strange(const Line& line, Reading& reading, std::size_t& looks);

/// "2026-000147" at `i`; the token after it, 0 if there is none.
std::size_t docket_at(const Line& line, std::size_t i, std::string& docket);

}  // namespace focalpost::enquiry
