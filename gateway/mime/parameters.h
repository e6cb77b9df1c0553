// SPDX-License-Identifier: Apache-2.0
//
// parameters: fields that are a value and parameters, as Content-Type and Content-Disposition.
//
// Ours and not mimetic's ContentType: that one knows no RFC 2231, cuts a quoted value at a
// semicolon, loses the type to a comment, and takes seconds for 200,000 parameters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace focalpost::mime {

struct Parameter {
  std::string name;   ///< lower case, without the asterisks of RFC 2231
  std::string value;  ///< UTF-8
  std::string assumed_charset;
};

struct Parameterised {
  std::string value;  ///< "text/xml", "attachment": lower case, empty if there was none
  std::vector<Parameter> parameters;

  /// Null where there is none of this (lower-case) name.
  const Parameter* find(std::string_view name) const;
  std::string_view get(std::string_view name) const;
};

/// Parameters (or pieces of them) that are looked at; what follows is not.
inline constexpr std::size_t kMostParameters = 200;

/// Reads a folded or unfolded value. Quoted strings, comments, continuations and character sets
/// (RFC 2231), and encoded words where they do not belong. Of a name given twice the first counts;
/// the RFC 2231 form goes before the plain one (RFC 6266 4.3 says it best).
Parameterised parse_parameterised(std::string_view raw);

}  // namespace focalpost::mime
