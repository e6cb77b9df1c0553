// SPDX-License-Identifier: Apache-2.0
//
// metadata: what providers wrote about their data, with its history.
//
// Owns: which version holds, what a new one changes. One history for each metadata structure (all
// its versions), dataflow and provider; a version is never altered. Judges nothing: what comes in
// was judged (validation/metadata_judge.h).
//
// Replace puts a new description in the place of the old one; Append and Merge replace the concepts
// that are given and leave the others; Delete leaves an empty description behind. What changes
// nothing makes no version.
//
// Dangers: descriptions are for whom their data are: read() needs a Viewer, whose audience the
// agreement of provider and dataflow decides (FP_AUDIENCE, as reader.h has it); the inventory,
// which no agreement covers, is for the network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/docket.h"
#include "model/lookup.h"
#include "model/metadata.h"
#include "model/viewer.h"
#include "store/statements.h"

namespace focalpost {

/// Where a description comes from.
struct MetadataOrigin {
  std::int64_t docket = 0;  ///< 0: none
  std::uint32_t item = 0;
  Time filed_at{};
  std::optional<Time> prepared;
};

struct MetadataFiled {
  ChangeSummary change;  ///< concepts instead of cells; `component` is the way to one
  bool first = false;    ///< nothing was known before
  bool older = false;    ///< prepared before what it would replace; filed nothing
};

/// A description as it was filed.
struct FiledMetadata {
  Ref structure;  ///< with its version
  Ref dataflow;   ///< without version; empty: the provider itself
  std::string provider;
  std::int64_t version = 0;
  Time filed_at{};
  std::vector<ReportedAttribute> attributes;  ///< empty: taken back
};

/// Which descriptions are asked for; what is empty is any.
struct MetadataSelection {
  Ref structure;                ///< agency and id
  std::optional<Ref> dataflow;  ///< agency and id; an empty Ref: the providers themselves
  std::string provider;
  std::optional<Time> as_of;  ///< what held at a moment
};

class MetadataTables {
 public:
  explicit MetadataTables(Statements& statements) : statements_(statements) {}

  /// Inside a transaction. `even_if_older`: somebody released it.
  Result<MetadataFiled> file(const MetadataDescription& description, const MetadataOrigin& origin,
                             bool even_if_older = false);

  /// What holds (at a moment), for who may see it; by dataflow and provider. Descriptions that were
  /// taken back are left out.
  Result<std::vector<FiledMetadata>> read(const MetadataSelection& selection,
                                          const StructureLookup& structures, const Viewer& viewer);

 private:
  struct Known {
    std::int64_t id = 0, version = 0;
    std::optional<Time> prepared;
    std::vector<ReportedAttribute> attributes;
  };
  Result<Known> newest(const MetadataDescription& description);
  Result<std::vector<ReportedAttribute>> attributes(std::int64_t set);
  Status write(const MetadataDescription& description, const MetadataOrigin& origin,
               std::int64_t version, const std::vector<ReportedAttribute>& attributes);

  Statements& statements_;
};

}  // namespace focalpost
