// SPDX-License-Identifier: Apache-2.0
//
// charset: from the character sets of mails and files to UTF-8; the door to ICU's converters.
//
// Never guesses silently: a caller that assumes a set says so in a finding. Only the sets in the
// allow-list are known (a name outside it is an Error), whatever ICU itself could convert.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/byte_source.h"
#include "base/result.h"

namespace focalpost {

/// The canonical name of a known set ("windows-1251" for "CP1251", "cp-1251"), empty if unknown.
/// Known: UTF-8, UTF-16[LE|BE], UTF-32[LE|BE], US-ASCII, ISO-8859-1..16, windows-125x, koi8-r,
/// koi8-u, cp866, macintosh, mac-cyrillic, gb18030, Shift_JIS, EUC-KR and their usual aliases.
std::string_view canonical_charset(std::string_view name);

struct Converted {
  std::string text;   ///< UTF-8; what could not be read is U+FFFD
  bool clean = true;  ///< nothing had to be replaced
};

/// All of `bytes` to UTF-8.
Result<Converted> to_utf8(std::string_view bytes, std::string_view charset);

/// A source that converts as it goes. An invalid sequence is an Error (strict with data).
Result<std::unique_ptr<ByteSource>> utf8_source(ByteSource& bytes, std::string_view charset);

}  // namespace focalpost
