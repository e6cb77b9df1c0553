// SPDX-License-Identifier: Apache-2.0
//
// validation: judges the content of data, batch by batch.
//
// The reader has already said what is wrong with the form (XML, CSV, header, unknown or misplaced
// components). The Judge says the rest of SDMX.md, "What the best validators check": codes, types
// and facets, presence by level, periods, duplicates, groups, constraints, embargo, and whether the
// sender may report this. It fills in key_codes, period, the codes of columns and attributes, and
// Run::judged_bad. It reads no file, knows no store, and corrects nothing: suggestions are words.
//
// How it counts. One finding a fault: a wrong key or series attribute once for its series, however
// many observations or runs the series has. What concerns many observations alike is one finding
// with a count: periods against the frequency, equal duplicates, a missing mandatory attribute or
// embargo for a run; `not-provided` and `future-period` for the dataset, at its end. Findings
// follow the order of the batches, not of the lines within one.
//
// What it decides:
// - A text of length 0 is an absent value, but for OBS_VALUE, where it is `not-provided` or, under
// a
//   status that does not say why, `missing-measure`. NaN (and #N/A for what is no number) counts as
//   empty. What is not provided can be told later from the batch alone: all measures missing and no
//   OBS_STATUS (is_missing() below); in Append and Merge it may still carry other attributes.
// - Delete: absent dimensions and TIME_PERIOD are wildcards; values and attributes are not judged;
//   a wildcard must lie in the sender's agreement with every code it stands for.
// - Append and Merge need no mandatory attribute, and no measure where one is not given at all.
// - A series may come in several runs. A mandatory series attribute is asked of all of them
// together,
//   an attribute of group or dataset of the whole dataset, in any order.
// - A series whose every cell came before with equal content is one `duplicate-series`; single
// cells
//   are `duplicate-equal` (with a count) or `duplicate-conflict`, whose detail is the line in which
//   the series first began.
// - Codes are valid at the reference period, or at `now` where there is none.
// - A DSD without EMBARGO_TIME cannot be asked for one.
// - Of a component with several values (model/multi_value.h) the first wrong one is told. Codes and
//   numbers are in no language.
//
// Dangers: hold the batch's structure alive while judging (the batch does). Memory grows with the
// series and cells of the greatest dataset (ledger.h), about 5 bytes an observation in time series,
// and by some 30 bytes for each of the first `compared_cells` of a message (plausibility.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "model/finding.h"
#include "model/lookup.h"
#include "model/observation.h"
#include "validation/plausibility.h"

namespace focalpost {

struct JudgeOptions {
  Time now{};
  /// Null: the defaults. Read: findings_listed, compared_cells.
  const Limits* limits = nullptr;
  /// The sender's institution with the snapshot that holds its agreements. Without both nobody's
  /// rights are judged (a test run by a stranger). Must outlive the judge.
  std::optional<ProviderRef> provider;
  const StructureLookup* lookup = nullptr;
};

/// One value of a dataset, by which its sender can recognise it.
struct HeadCell {
  std::string series;
  Period period;
  std::string value;  ///< a number, as written
};
inline constexpr std::size_t kHeadCells = 5;

/// What one dataset turned out to hold.
struct DatasetStatistics {
  std::uint64_t series = 0;
  std::uint64_t observations = 0;  ///< all of them, also those not provided
  std::uint64_t not_provided = 0;
  Period first, last;              ///< of the right periods; empty if there is none
  std::vector<std::string> areas;  ///< codes of REF_AREA in the order they came, 1,000 at most
  /// First and last values of its total series, the largest first; kHeadCells at most. None where
  /// the key has free words in it.
  std::vector<HeadCell> head;
  bool has_errors = false;  ///< among what was judged here; the reader may know others
};

/// Whether a measure's text says that there is no value.
bool is_missing(const FlowComponent& measure, std::string_view text);

class Judge {
 public:
  Judge(FindingSink& findings, JudgeOptions options);
  ~Judge();
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  /// The next batch; those of one dataset follow each other. The dataset is finished with the batch
  /// that says so, or when another dataset's batch comes.
  void judge(ObservationBatch& batch, const DataMessage& message);
  /// After the last batch: what is left to say about the last dataset.
  void finish(const DataMessage& message);

  /// One for each dataset so far; complete once the dataset is finished.
  const std::vector<DatasetStatistics>& statistics() const;
  /// What is left to say where several numbers stand side by side, a dataset each, once finished;
  /// whoever has the store concludes it (plausibility.h).
  std::vector<std::unique_ptr<Plausibility>> take_plausibility();
  /// Memory held for keys and cells.
  std::size_t bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace focalpost
