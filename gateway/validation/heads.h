// SPDX-License-Identifier: Apache-2.0
//
// heads: the values of a dataset by which its sender recognises it: first and last of its total
// series (judge.h, HeadCell). Inside the room only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/lookup.h"
#include "model/observation.h"
#include "validation/judge.h"

namespace focalpost {

/// Remembers kHeadCells series: those with the most totals in their keys, of these the largest.
class Heads {
 public:
  /// A new dataset; null: nothing of it is remembered. Nor is where the key has free words in it.
  void begin(const FlowStructure* structure);
  /// A run without errors of one series. `values`, `skipped`: one for each observation of the
  /// batch; a value that is none is NaN. `series_text` is called when the series is new here.
  template <typename SeriesText>
  void take(const ObservationBatch& batch, std::size_t run, std::uint32_t series,
            std::span<const double> values, std::span<const std::uint8_t> skipped,
            SeriesText series_text) {
    Head* head = place_for(batch, run, series, values);
    if (head && note(*head, batch, run, values, skipped) && head->first.series.empty())
      head->first.series = head->last.series = series_text();
  }
  /// What is remembered, the largest first; kHeadCells at most. Forgets it.
  std::vector<HeadCell> finish();

 private:
  struct Head {
    std::uint32_t series = 0, totals = 0;
    HeadCell first, last;
    double first_size = 0, last_size = 0;
  };
  Head* place_for(const ObservationBatch& batch, std::size_t run, std::uint32_t series,
                  std::span<const double> values);
  /// Whether there was a value.
  bool note(Head& head, const ObservationBatch& batch, std::size_t run,
            std::span<const double> values, std::span<const std::uint8_t> skipped) const;

  const FlowStructure* structure_ = nullptr;
  std::vector<Head> heads_;
  std::vector<std::int32_t> total_codes_;  ///< "_T" of each dimension; empty: nothing is noted
};

}  // namespace focalpost
