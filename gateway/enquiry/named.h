// SPDX-License-Identifier: Apache-2.0
//
// named: which indicators a text in free words names, and the word of consent in an answer.
//
// By their ids and by their names and the further words of words.txt, in any language and with any
// ending, as commands name them. A word that may as well be a code or a dimension ("decision",
// «граждане») names none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "enquiry/vocabulary.h"

namespace focalpost::enquiry {

struct NamedFlow {
  std::string id;
  std::string words;  ///< as written
};

/// In the order of the text, each indicator once. Reads Limits::enquiry_bytes of any bytes.
std::vector<NamedFlow> flows_named(std::string_view text, const Vocabulary& vocabulary,
                                   const Limits& limits);

/// Whether a line is nothing but the word that lets everybody read an answer («ПУБЛИЧНО»; `mark
/// public` of words.txt), in any writing.
bool says_public(std::string_view line, const Vocabulary& vocabulary);

}  // namespace focalpost::enquiry
