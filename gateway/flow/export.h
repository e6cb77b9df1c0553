// SPDX-License-Identifier: Apache-2.0
//
// export: from the store to a data message, as a stream.
//
// Owns: what the words of `focalpost export` mean (a dataflow's name, an SDMX REST key, dates, a
// viewer's name), and which datasets a message is made of. What a viewer may see is decided by
// store/reader.h alone; how a message looks is decided by sdmx/data_writer.h.
//
// The message. One dataset (action Replace) for each DSD version under which there are data; more
// only where dataset attributes of several providers differ: then each provider that has some gets
// a dataset of its own, which names it. Only for changes: what was withdrawn since comes first, as
// Delete datasets; in other exports it is left out. A structure with several measures is written as
// Append, since each measure stands by itself. Without any cell the message has one empty dataset.
//
// A cell. As it was sent, but for its time period, which has the canonical spelling. What is
// withheld has no value: OBS_STATUS Q, its CONF_STATUS if the reader gives one, and EMBARGO_TIME
// where it will be shown later. Attributes of the series, of the groups of exported series and of
// the datasets come along, as of the same moment.
//
// The store is read twice in one state: once for which datasets there are, once to write; and once
// more for each further dataset. Memory: the keys of one group of series (reader.h), the attributes
// of groups, some batches; never the observations.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "flow/home.h"
#include "flow/outlet.h"
#include "model/lookup.h"
#include "model/viewer.h"
#include "store/reader.h"

namespace focalpost {

/// "ASYLUM", "FP:ASYLUM" or "FP:ASYLUM(1.0)". An Error names the nearest known, or where an id is
/// of several agencies, all of them.
Result<std::shared_ptr<const FlowStructure>> find_dataflow(const StructureLookup& lookup,
                                                           std::string_view name);

/// The key of an SDMX REST query: codes by dimension id, those that are not restricted left out.
/// Parts are separated by dots, codes of a part by +; an empty part or * is any; trailing dots may
/// be left out; "", "all": everything. Codes that are not in the codelist are an Error.
Result<std::map<std::string, std::vector<std::string>>> parse_key(const FlowStructure& flow,
                                                                  std::string_view key);

/// "public", or a data provider's id with the countries of its agreements; "": a coordinator.
Result<Viewer> viewer_named(const StructureLookup& lookup, std::string_view name, Time now);

/// What stands on the command line; empty: not given.
struct ExportRequest {
  std::string dataflow, key;
  std::string from, until;    ///< periods
  std::string as_of;          ///< date (its end) or date-time
  std::string changes_since;  ///< date (its beginning) or date-time
  std::string viewer;
  OutputFormat format;
};

struct ExportCount {
  Ref dataflow;
  std::uint64_t datasets = 0, series = 0, observations = 0;
  std::uint64_t withheld = 0;      ///< of the observations: without value for this viewer
  std::uint64_t confidential = 0;  ///< of the observations: with value, and not for everybody
  std::uint64_t withdrawn = 0;     ///< in Delete datasets
};

Result<ExportCount> export_observations(Home& home, const ExportRequest& request, Time now,
                                        const ByteSink& sink);

/// The same of what is already known.
Result<ExportCount> export_selection(Home& home, const std::shared_ptr<const FlowStructure>& flow,
                                     const Selection& selection, const Viewer& viewer,
                                     const OutputFormat& format, Time now, const ByteSink& sink);

/// What a reading comes across, before anything is written.
struct ExportSeen {
  Ref data_structure;                                  ///< of the newest DSD version met
  std::map<std::string, std::set<std::string>> areas;  ///< with the frequencies of each
  /// By dimension id; over all DSD versions.
  std::map<std::string, std::set<std::string>> codes;
  std::optional<Period> first, last;  ///< of cells that are not withdrawn
};

/// One of several messages that are written in one reading.
struct ExportTarget {
  OutputFormat format;
  std::string area, freq;  ///< series of this REF_AREA and FREQ alone; "": of any
  ByteSink sink;
  std::set<std::string, std::less<>> areas = {};  ///< series of these REF_AREAs; none: of any
};
/// Which messages; told before the first byte.
using ExportTargets = std::function<Result<std::vector<ExportTarget>>(const ExportSeen&)>;

/// export_selection() into several messages at once: the store is read as often as for one. All of
/// them have the same header and the same datasets, whether or not there are series in them.
/// `provider`: only cells whose newest version is of this institution; empty: of any.
Result<ExportCount> export_selection(Home& home, const std::shared_ptr<const FlowStructure>& flow,
                                     const Selection& selection, const Viewer& viewer,
                                     Time prepared, const ExportTargets& targets,
                                     std::string_view provider = {});

/// A dataflow with its data structure and the codelists and concept schemes that these need.
Structures structures_of(const StructureLookup& lookup, const FlowStructure& flow);

}  // namespace focalpost
