// SPDX-License-Identifier: Apache-2.0
#include "model/observation.h"

#include <algorithm>

namespace focalpost {

void Arena::clear() {
  used_blocks_ = 0;
  top_ = &empty_;
  room_ = 0;
  if (!blocks_.empty()) {
    used_blocks_ = 1;
    top_ = blocks_[0].bytes.get();
    room_ = blocks_[0].size;
  }
}

void Arena::grow(std::size_t at_least) {
  // Small at first: most messages are, and pages that are never written cost nothing.
  constexpr std::size_t least = 16 * 1024, most = 256 * 1024;
  // A kept block that is too small is passed over; it serves again after clear().
  while (used_blocks_ < blocks_.size() && blocks_[used_blocks_].size < at_least) ++used_blocks_;
  if (used_blocks_ == blocks_.size()) {
    std::size_t usual = blocks_.empty() ? least : std::min(blocks_.back().size * 4, most);
    std::size_t size = std::max(usual, at_least);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
  }
  top_ = blocks_[used_blocks_].bytes.get();
  room_ = blocks_[used_blocks_].size;
  ++used_blocks_;
}

std::size_t Arena::bytes() const {
  std::size_t total = 0;
  for (const Block& block : blocks_) total += block.size;
  return total;
}

std::string_view action_name(Action action) {
  switch (action) {
    case Action::kReplace:
      return "Replace";
    case Action::kAppend:
      return "Append";
    case Action::kDelete:
      return "Delete";
    case Action::kInformation:
      return "Information";
    case Action::kMerge:
      return "Merge";
  }
  return "";
}

void ObservationBatch::clear() {
  dataset = 0;
  structure.reset();
  last_of_dataset = false;
  runs.clear();
  keys.clear();
  groups.clear();
  group_keys.clear();
  attributes.clear();
  dataset_attributes.clear();
  time.clear();
  at.clear();
  columns.clear();
  key_codes.clear();
  period.clear();
  arena.clear();
}

}  // namespace focalpost
