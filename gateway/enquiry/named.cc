// SPDX-License-Identifier: Apache-2.0
#include "enquiry/named.h"

#include <algorithm>

#include "base/text.h"
#include "enquiry/fold.h"
#include "enquiry/lexicon.h"
#include "enquiry/line.h"

namespace focalpost::enquiry {

std::vector<NamedFlow> flows_named(std::string_view text, const Vocabulary& vocabulary,
                                   const Limits& limits) {
  constexpr std::size_t kTokensOfLine = 1000;
  const Lexicon& lexicon = vocabulary.lexicon();
  const std::string clean = clean_text(text.substr(0, limits.enquiry_bytes));
  std::vector<NamedFlow> named;
  for (std::string_view written : split(clean, '\n')) {
    const Line line(written, lexicon, kTokensOfLine);
    for (std::size_t i = 0; i < line.size();) {
      const Found& found = line.at(i);
      const Meaning* flow = found.of(Kind::kFlow);
      const std::size_t end = std::max(found.end, i + 1);
      if (flow && !found.of(Kind::kCode) && !found.of(Kind::kDimension)) {
        const std::string& id = lexicon.flows[flow->value].id;
        if (std::none_of(named.begin(), named.end(),
                         [&](const NamedFlow& one) { return one.id == id; }))
          named.push_back({id, std::string(line.written(i, end))});
      }
      i = end;
    }
  }
  return named;
}

bool says_public(std::string_view written, const Vocabulary& vocabulary) {
  constexpr std::size_t kTokensOfLine = 40;
  const std::string clean = clean_text(written.substr(0, 400));
  if (clean.find('\n') != clean.npos || clean.starts_with('>')) return false;
  const Line line(clean, vocabulary.lexicon(), kTokensOfLine);
  std::size_t i = 0;
  bool said = false;
  while (i < line.size()) {
    if (line.sign(i)) {
      ++i;
      continue;
    }
    const Found& found = line.at(i);
    const bool mark =
        std::any_of(found.meanings.begin(), found.meanings.end(), [](const Meaning& one) {
          return one.kind == Kind::kMark && one.value == static_cast<std::uint32_t>(Mark::kPublic);
        });
    if (!mark || said) return false;
    said = true;
    i = std::max(found.end, i + 1);
  }
  return said && !line.cut();
}

}  // namespace focalpost::enquiry
