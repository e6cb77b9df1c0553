// SPDX-License-Identifier: Apache-2.0
//
// How a letter shows what others wrote.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "model/structure.h"

namespace focalpost {

inline constexpr std::size_t kNameCharacters = 200;

/// Whatever a stranger wrote, fit to be shown: one line, no controls, at most so many characters.
inline std::string shown(std::string_view text, std::size_t limit = kNameCharacters) {
  return shorten(one_line(text), limit);
}

/// A thing's name in the reader's language, else its id.
inline std::string name_or(const Texts& names, std::string_view lang, std::string_view id) {
  std::string_view name = text_in(names, lang);
  return shown(name.empty() ? id : name);
}

}  // namespace focalpost
