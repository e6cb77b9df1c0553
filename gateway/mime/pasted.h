// SPDX-License-Identifier: Apache-2.0
//
// pasted: data that somebody put into the text of a mail instead of attaching a file.
//
// Looks for what only SDMX has: the root element of a message with its namespace, the first cells
// of an SDMX-CSV table; and for uuencoded files. One pass over the text each, in linear time. Never
// takes what is quoted ("> "): that is an answer to somebody's data, not data.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace focalpost::mime {

struct Pasted {
  enum class Kind { kXml, kCsv, kUuencoded };
  Kind kind = Kind::kXml;
  std::size_t begin = 0, end = 0;  ///< in the text
  std::string_view name;           ///< kUuencoded: as written
};

/// Every piece, in the order of the text, at most `most`. `text` is in UTF-8 or any set of one byte
/// a character.
std::vector<Pasted> find_pasted(std::string_view text, std::size_t most);

/// RFC 3676: soft line ends joined, stuffed spaces removed.
std::string unflow(std::string_view text, bool delete_spaces);

/// RFC 4880 section 7.1: "- " at the front of lines of a clear-signed text.
std::string undash(std::string_view text);

/// Whether a line is "-----BEGIN PGP MESSAGE-----".
bool holds_pgp_message(std::string_view text);
bool holds_pgp_signed(std::string_view text);

}  // namespace focalpost::mime
