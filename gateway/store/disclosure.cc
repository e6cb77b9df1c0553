// SPDX-License-Identifier: Apache-2.0
#include "store/disclosure.h"

#include <cmath>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace focalpost {

std::vector<std::int32_t> parents_without_circles(const CodeTable& table) {
  enum : char { kUnseen, kOnPath, kSound, kCircle };
  std::vector<std::int32_t> parents(table.size());
  std::vector<char> state(table.size(), kUnseen);
  std::vector<std::int32_t> path;
  for (std::size_t c = 0; c < table.size(); ++c) {
    path.clear();
    auto code = static_cast<std::int32_t>(c);
    while (code >= 0 && state[std::size_t(code)] == kUnseen) {
      state[std::size_t(code)] = kOnPath;
      path.push_back(code);
      code = table.parent(code);
    }
    bool circle =
        code >= 0 && (state[std::size_t(code)] == kOnPath || state[std::size_t(code)] == kCircle);
    for (std::int32_t p : path) state[std::size_t(p)] = circle ? kCircle : kSound;
  }
  for (std::size_t c = 0; c < table.size(); ++c)
    parents[c] = state[c] == kCircle ? kNoCode : table.parent(static_cast<std::int32_t>(c));
  return parents;
}

AdditiveSeries::AdditiveSeries(std::vector<const CodeTable*> dimensions)
    : dimensions_(std::move(dimensions)) {
  for (const CodeTable* table : dimensions_)
    parents_.push_back(table ? parents_without_circles(*table) : std::vector<std::int32_t>());
}

std::uint32_t AdditiveSeries::add(std::span<const std::int32_t> codes) {
  codes_.insert(codes_.end(), codes.begin(), codes.end());
  return static_cast<std::uint32_t>(count_++);
}

void AdditiveSeries::link() {
  const std::size_t width = dimensions_.size();
  auto bytes = [](const std::vector<std::int32_t>& codes) {
    return std::string_view(reinterpret_cast<const char*>(codes.data()),
                            codes.size() * sizeof(std::int32_t));
  };
  std::unordered_map<std::string_view, std::uint32_t> places;
  places.reserve(count_);
  for (std::size_t s = 0; s < count_; ++s)
    places.emplace(std::string_view(reinterpret_cast<const char*>(codes_.data() + s * width),
                                    width * sizeof(std::int32_t)),
                   static_cast<std::uint32_t>(s));
  above_.assign(count_ * width, kNone);
  std::vector<std::int32_t> key(width);
  for (std::size_t s = 0; s < count_; ++s) {
    key.assign(codes_.begin() + std::ptrdiff_t(s * width),
               codes_.begin() + std::ptrdiff_t((s + 1) * width));
    for (std::size_t d = 0; d < width; ++d) {
      const std::int32_t own = key[d];
      if (own < 0 || parents_[d].empty()) continue;
      for (key[d] = parents_[d][std::size_t(own)]; key[d] >= 0;
           key[d] = parents_[d][std::size_t(key[d])])
        if (auto found = places.find(bytes(key)); found != places.end()) {
          above_[s * width + d] = found->second;
          break;
        }
      key[d] = own;
    }
  }
}

void AdditiveSeries::protect(std::span<Cell> cells) const {
  const std::size_t width = dimensions_.size();
  std::vector<std::uint32_t> place(count_, kNone);
  for (std::size_t i = 0; i < cells.size(); ++i)
    place[cells[i].series] = static_cast<std::uint32_t>(i);

  // A relation is numbered by its parent cell and dimension; its members are the parent's parts.
  std::vector<std::vector<std::uint32_t>> parts(cells.size() * width);
  std::vector<std::uint32_t> parent_of(cells.size() * width, kNone);
  for (std::size_t i = 0; i < cells.size(); ++i)
    for (std::size_t d = 0; d < width; ++d) {
      std::uint32_t up = above_[cells[i].series * width + d];
      while (up != kNone && place[up] == kNone) up = above_[up * width + d];
      if (up == kNone) continue;
      parent_of[i * width + d] = place[up];
      parts[place[up] * width + d].push_back(static_cast<std::uint32_t>(i));
    }

  std::vector<std::uint32_t> hidden(parts.size(), 0);
  std::vector<std::size_t> work;
  auto count = [&](std::size_t cell, bool queue) {
    for (std::size_t d = 0; d < width; ++d) {
      std::size_t as_parent = cell * width + d;
      if (!parts[as_parent].empty() && ++hidden[as_parent] == 1 && queue) work.push_back(as_parent);
      if (parent_of[cell * width + d] == kNone) continue;
      std::size_t as_part = parent_of[cell * width + d] * width + d;
      if (++hidden[as_part] == 1 && queue) work.push_back(as_part);
    }
  };
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (cells[i].hidden) count(i, false);
  for (std::size_t r = 0; r < parts.size(); ++r)
    if (hidden[r] == 1) work.push_back(r);

  for (std::size_t w = 0; w < work.size(); ++w) {
    const std::size_t relation = work[w];
    if (hidden[relation] != 1) continue;
    std::uint32_t best = kNone;
    auto consider = [&](std::uint32_t i) {
      if (cells[i].hidden || cells[i].open) return;
      // Zeros come last: hiding one protects little, but more than hiding nothing.
      auto rank = [&](std::uint32_t c) {
        return std::pair(cells[c].value == 0, std::fabs(cells[c].value));
      };
      if (best == kNone || rank(i) < rank(best)) best = i;
    };
    for (std::uint32_t part : parts[relation]) consider(part);
    consider(static_cast<std::uint32_t>(relation / width));
    if (best == kNone) continue;
    cells[best].hidden = true;
    count(best, true);
  }
}

}  // namespace focalpost
