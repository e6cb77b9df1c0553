// SPDX-License-Identifier: Apache-2.0
//
// codelist_extension: which codes a codelist has in the end.
//
// A codelist of 3.0 may take over the codes of others (SDMX 3.0 section 2, Codelist Extension;
// SDMXStructureCodelist.xsd): all, only those that are named, or all but those; with a prefix.
// First come the codes taken over, in the order of the extensions, then its own. Of two codes with
// one id the later takes the place of the earlier: a list's own codes win. A parent that was not
// taken over is forgotten. The order is kept as told, since people see it.
//
// Never recurses on what somebody sent: the lists are worked out one after the other, each after
// those that it extends; a circle, a list that is not known, and more codes than a structure
// message may have (Limits::structure_items) leave a list with its own codes and a fault.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/structure.h"

namespace focalpost {

/// '%' in `pattern` stands for any characters.
bool matches_wildcard(std::string_view pattern, std::string_view text);

struct ExtensionFault {
  enum class Kind : std::uint8_t { kUnknownList, kCycle, kTooManyCodes };
  Kind kind = Kind::kUnknownList;
  Ref codelist;        ///< that extends others
  Ref other;           ///< kUnknownList: which is not known
  std::string detail;  ///< kCycle: "FP:A(1.0) > FP:B(1.0) > FP:A(1.0)"; kTooManyCodes: the limit
  friend bool operator==(const ExtensionFault&, const ExtensionFault&) = default;
};

/// The lists among `all` that extend others, worked out, by reference.
std::map<Ref, Codelist> extended_codelists(const std::vector<Codelist>& all,
                                           std::vector<ExtensionFault>& faults);

}  // namespace focalpost
