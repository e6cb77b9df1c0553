// SPDX-License-Identifier: Apache-2.0
//
// plausibility: what is legal and yet may be a mistake. Warnings, never more.
//
// Owns the numbers of one dataset while it is judged, and says in the end whether totals are the
// sum of their parts (totals.h) and whether series go on as one would expect (continuity.h), also
// beside what is stored. That is known only when the dataset's turn to be filed has come, which may
// be long after it was judged: hence conclude() is called by whoever has the store, or with
// nothing.
//
// Limits: as long as a dataset fits into the cells allowed, order does not matter. A larger one is
// judged in pieces as it streams past: series by series, without totals and without what is stored,
// and `not-compared` says so. A series that comes back after its piece is then passed over.
#pragma once

#include <memory>

#include "base/result.h"
#include "model/finding.h"
#include "model/history.h"
#include "validation/continuity.h"
#include "validation/kept_cells.h"

namespace focalpost {

class Plausibility {
 public:
  /// `most_cells` may be kept; `listed` findings of each rule are told with their words.
  Plausibility(std::shared_ptr<const FlowStructure> structure, std::uint32_t dataset,
               std::uint64_t most_cells, std::uint64_t listed);

  /// A run whose key is right. Numbers of series count from 0 in the order in which they came.
  void take(const ObservationBatch& batch, std::size_t run, std::uint32_t series,
            const JudgedNumbers& numbers);
  /// After the last run, once. `history` may be null. An Error is about the store.
  Status conclude(HistoryLookup* history, FindingSink& findings);

  std::uint32_t dataset() const { return dataset_; }
  std::size_t cells() const { return cells_.rows().size(); }
  std::size_t bytes() const { return cells_.bytes(); }

 private:
  void judge_series(bool but_the_last);
  Status judge_with(HistoryLookup& history);
  void judge_totals(std::vector<Finding>& findings);

  KeptCells cells_;
  Continuity continuity_;
  std::uint32_t dataset_;
  std::uint64_t most_cells_, listed_;
  std::uint32_t base_ = 0;  ///< number of the first series in cells_
  bool whole_ = true;       ///< all of the dataset is in cells_
  bool came_back_ = false;  ///< a series did, after its piece
};

}  // namespace focalpost
