// SPDX-License-Identifier: Apache-2.0
#include "base/byte_source.h"

#include <fmt/format.h>

#include <algorithm>

namespace focalpost {

Result<std::string> read_all(ByteSource& source, std::uint64_t limit) {
  std::string all;
  for (;;) {
    FP_ASSIGN(auto span, source.next());
    if (span.empty()) return all;
    if (all.size() + span.size() > limit)
      return not_right(fmt::format("more than {} bytes where a small text was expected", limit));
    all.append(span.data(), span.size());
  }
}

Result<std::span<const char>> PrefixedSource::next() {
  if (given_ < head_.size()) {
    std::span<const char> rest = std::span<const char>(head_).subspan(given_);
    rest = rest.first(std::min(rest.size(), kMaxSpan));
    given_ += rest.size();
    return rest;
  }
  return tail_.next();
}

Result<std::string> read_head(ByteSource& source, std::size_t want) {
  std::string head;
  while (head.size() < want) {
    FP_ASSIGN(auto span, source.next());
    if (span.empty()) break;
    head.append(span.data(), span.size());
  }
  return head;
}

}  // namespace focalpost
