// SPDX-License-Identifier: Apache-2.0
#include "sdmx/structure_out.h"

#include <algorithm>

#include "base/text.h"

namespace focalpost::sdmx {

std::string xml_language(std::string_view lang) {
  std::string tag(lang.empty() ? "und" : lang);
  std::replace(tag.begin(), tag.end(), '_', '-');
  bool first = true;
  for (std::string_view part : split(tag, '-')) {
    bool ok =
        !part.empty() && part.size() <= 8 && std::all_of(part.begin(), part.end(), [&](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 (!first && c >= '0' && c <= '9');
        });
    if (!ok) return "und";
    first = false;
  }
  return tag;
}

}  // namespace focalpost::sdmx
