// SPDX-License-Identifier: Apache-2.0
//
// charset_guess: which Cyrillic character set 8-bit text is probably in, where nothing (or nothing
// true) says so.
//
// Scores how well the bytes read in each set: letters as frequent as Russian and Ukrainian have
// them, capitals at the beginning of words, no box drawing inside. A guess is a guess: who uses one
// says so in a finding. Never for the content of data files, which say their set or are refused.
//
// Sets: windows-1251, koi8-r, koi8-u, cp866, iso-8859-5, x-mac-cyrillic is not among them: no mail
// program of today writes it.
#pragma once

#include <string_view>

namespace focalpost {

/// The set in which these bytes read best; empty where no set makes Cyrillic words of them, as of
/// the accented letters of a western language. Looks at the first kGuessBytes.
std::string_view guess_cyrillic(std::string_view bytes);
inline constexpr std::size_t kGuessBytes = 4096;

/// Whether text declared to be in a (Cyrillic or western) single-byte set reads so much better in
/// another one that the declaration cannot be true: that set; else empty.
std::string_view mislabelled_cyrillic(std::string_view bytes, std::string_view declared);

}  // namespace focalpost
