// SPDX-License-Identifier: Apache-2.0
//
// desk_data: numbers and descriptions for an enquiry, as this asker may see them.
//
// Owns: what a command leaves open (an unnamed dimension takes its usual code, else each code is a
// row of its own), how cells become tables, how much is read for one mail.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "compose/transcript.h"
#include "enquiry/enquiry.h"
#include "flow/home.h"
#include "model/viewer.h"
#include "store/reader.h"

namespace focalpost {

inline constexpr std::size_t kSeriesRead = 2000;      ///< for one indicator of one command
inline constexpr std::size_t kCellsRead = 50'000;     ///< likewise
inline constexpr std::size_t kPeriodsInTable = 1200;  ///< a hundred years of months
/// Where more years than this are asked for, each country is shown by its rarest frequency only.
inline constexpr int kYearsInDetail = 2;
inline constexpr std::size_t kBytesAttached = 5 << 20;

/// What a command asks of one indicator.
Selection selection_for(const enquiry::Command& command, const FlowStructure& flow);

/// Tables and definitions. Never more than the limits above: then `cut`.
Result<AnswerData> read_data(Home& home, std::shared_ptr<const FlowStructure> flow,
                             const Selection& selection, const Viewer& viewer);

/// The first and the last period that there is of a selection; nothing: nothing is there.
Result<std::optional<std::pair<Period, Period>>> period_range(Home& home,
                                                              const Selection& selection,
                                                              const Viewer& viewer);
/// "2015 – 2025-Q3": of what there is without the selection's periods; empty: nothing.
Result<std::string> periods_known(Home& home, Selection selection, const Viewer& viewer);

/// As a file; empty if it would be larger than `most` bytes.
Result<std::string> data_file(Home& home, std::shared_ptr<const FlowStructure> flow,
                              const Selection& selection, const Viewer& viewer,
                              enquiry::Format format, std::size_t most = kBytesAttached);

/// Descriptions after the metadata structure of `metadataflow` ("METHOD", "INVENTORY").
/// `flow` null: of the providers themselves. `areas` empty: all.
Result<std::vector<AnswerDefinition>> read_definitions(Home& home, std::string_view metadataflow,
                                                       const FlowStructure* flow,
                                                       const std::vector<std::string>& areas,
                                                       const Viewer& viewer);

}  // namespace focalpost
