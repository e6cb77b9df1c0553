// SPDX-License-Identifier: Apache-2.0
//
// totals: whether parents are what their children add up to, along the hierarchies of codelists.
//
// NETWORK.md section 3: a parent is compared with its children only where all children declared in
// the codelist (_U too) are present in the dataset and every cell of that period has a value; codes
// without a parent take no part. Each dimension for itself. Tolerance: number of parts x half the
// rounding base. The rounding base of some cells is the last digit that the coarsest of them was
// written with (1, 0.1, or 1000 under UNIT_MULT 3); more where the whole dataset is in multiples of
// 5, 10, 100 or 1000, as statistical offices round small counts.
#pragma once

#include <cstdint>
#include <functional>

#include "validation/kept_cells.h"

namespace focalpost {

struct TotalFault {
  KeptCells::Row total;
  std::uint16_t dimension = 0;
  double sum = 0;  ///< in the total's own unit
  int decimals = 0;
  std::span<const std::int32_t> parts;  ///< codes; valid during the call
};

/// `cells` are sorted.
void compare_totals(const KeptCells& cells, const std::function<void(const TotalFault&)>& tell);

}  // namespace focalpost
