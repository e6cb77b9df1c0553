// SPDX-License-Identifier: Apache-2.0
#include "validation/heads.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace focalpost {

void Heads::begin(const FlowStructure* structure) {
  heads_.clear();
  total_codes_.clear();
  structure_ = structure;
  for (std::uint16_t d = 0; structure && d < structure->dimension_count; ++d) {
    const FlowComponent& component = structure->components[d];
    if (!component.coded()) {
      total_codes_.clear();
      return;
    }
    total_codes_.push_back(component.codes->find("_T"));
  }
}

Heads::Head* Heads::place_for(const ObservationBatch& batch, std::size_t run, std::uint32_t series,
                              std::span<const double> values) {
  const ObservationBatch::Run& it = batch.runs[run];
  if (total_codes_.empty() || it.count == 0) return nullptr;
  const auto codes = batch.codes(run);
  std::uint32_t totals = 0;
  for (std::size_t d = 0; d < codes.size(); ++d)
    totals += codes[d] >= 0 && codes[d] == total_codes_[d];
  auto known = std::find_if(heads_.begin(), heads_.end(),
                            [&](const Head& head) { return head.series == series; });
  if (known != heads_.end()) return &*known;
  if (heads_.size() == kHeadCells) {
    const double size = std::fabs(values[it.first]);
    known = std::min_element(heads_.begin(), heads_.end(), [](const Head& a, const Head& b) {
      return std::pair(a.totals, a.first_size) < std::pair(b.totals, b.first_size);
    });
    // What begins without a value gives way to nothing, and takes no place of its like.
    if (totals < known->totals || (totals == known->totals && !(size > known->first_size)))
      return nullptr;
    heads_.erase(known);
  }
  Head& made = heads_.emplace_back();
  made.series = series;
  made.totals = totals;
  return &made;
}

bool Heads::note(Head& head, const ObservationBatch& batch, std::size_t run,
                 std::span<const double> values, std::span<const std::uint8_t> skipped) const {
  const ObservationBatch::Column* measure = batch.column(structure_->measure);
  if (!measure) return false;
  const ObservationBatch::Run& it = batch.runs[run];
  bool any = false;
  for (std::size_t i = it.first; i < it.first + it.count; ++i) {
    const Period period = batch.period[i];
    if (std::isnan(values[i]) || skipped[i] || period.empty()) continue;
    any = true;
    auto keep = [&](HeadCell& cell, double& size) {
      cell.period = period;
      cell.value = shorten(one_line(measure->text[i]), 40);
      size = std::fabs(values[i]);
    };
    const bool first = head.first.value.empty();
    if (first || period.first_day() < head.first.period.first_day())
      keep(head.first, head.first_size);
    if (first || period.first_day() > head.last.period.first_day()) keep(head.last, head.last_size);
  }
  return any;
}

std::vector<HeadCell> Heads::finish() {
  std::vector<std::pair<double, HeadCell>> cells;
  std::uint32_t most = 0;
  for (const Head& head : heads_)
    if (!head.first.value.empty()) most = std::max(most, head.totals);
  for (Head& head : heads_) {
    if (head.first.value.empty() || head.totals < most) continue;
    const bool one = head.first.period.first_day() == head.last.period.first_day();
    cells.emplace_back(head.first_size, std::move(head.first));
    if (!one) cells.emplace_back(head.last_size, std::move(head.last));
  }
  std::stable_sort(cells.begin(), cells.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<HeadCell> result;
  for (auto& [size, cell] : cells)
    if (result.size() < kHeadCells) result.push_back(std::move(cell));
  heads_.clear();
  return result;
}

}  // namespace focalpost
