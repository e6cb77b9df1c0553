// SPDX-License-Identifier: Apache-2.0
//
// history: what is stored of a series, for whoever judges and knows no store.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/lookup.h"
#include "model/period.h"

namespace focalpost {

struct PastCell {
  Period period;
  double value = 0;  ///< NaN: it has none, or not one that is a number
};

/// What is asked of a series: cells around those that a file brings from `first` to `last`.
struct PastWanted {
  Period from;           ///< all from here to before `first`, and the nearest one before
  Period first, last;    ///< all of one kind; of what comes after `last` the nearest one
  bool between = false;  ///< those between `first` and `last` too
};

class HistoryLookup {
 public:
  virtual ~HistoryLookup() = default;
  /// Puts into `cells`, in order of time, what is stored of the first measure of the series `key`
  /// ("M.KG._T").
  virtual Status cells(const FlowStructure& flow, std::string_view key, const PastWanted& wanted,
                       std::vector<PastCell>& cells) = 0;
};

}  // namespace focalpost
