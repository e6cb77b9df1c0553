// SPDX-License-Identifier: Apache-2.0
//
// metadata_judge: is a metadata set right by its structure, and about what is it?
//
// Judges: structure and report known; targets known and the sender's own; concepts known, in their
// place, not too often, none missing that is required; codes in their lists; texts with their
// languages, formats. Files nothing, reads nothing.
//
// What a structure may say beside SDMX (NETWORK.md section 4), by annotations of its attributes:
// FP_REQUIRED_FOR, title "FLOWS STOCK": required when one of these dataflows is described; FP_AUTO:
// the gateway sets it, what a sender writes there is passed over.
//
// Targets. A provision agreement means its dataflow and its provider; a dataflow means the sender's
// agreement for it; a data provider means the provider itself. '*' in a URN of 3.0 means all
// agreements of the sender that fit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"
#include "model/lookup.h"
#include "model/metadata.h"

namespace focalpost {

inline constexpr std::string_view kRequiredFor = "FP_REQUIRED_FOR";
inline constexpr std::string_view kAutomatic = "FP_AUTO";

/// An attribute of a metadata structure with what its concept adds.
struct ConceptShape {
  const MetadataAttribute* attribute = nullptr;
  const Concept* item = nullptr;           ///< null: the concept is not known
  std::shared_ptr<const CodeTable> codes;  ///< null: not coded
  TextFormat format;
  bool automatic = false;

  bool multilingual() const { return !codes && format.is_multilingual; }
  /// In what describes this dataflow (its id).
  bool required(std::string_view dataflow) const;
};

/// A report of a metadata structure, resolved. Points into the lookup, which must outlive it.
struct ReportShape {
  const MetadataStructure* structure = nullptr;
  const ReportStructure* report = nullptr;
  std::vector<ConceptShape> concepts;  ///< beside report->attributes
};

/// The report of this id, or without one the only report there is.
std::optional<ReportShape> report_shape(const StructureLookup& lookup,
                                        const MetadataStructure& structure,
                                        std::string_view report);

/// The structure that a set is made after; null if it is not known.
const MetadataStructure* structure_of(const StructureLookup& lookup, const MetadataSet& set);

/// Adds what is wrong to `sink`, with `dataset` in each finding. Gives what may be filed if nothing
/// is. `sender`: not known, ownership is not judged.
std::vector<MetadataDescription> judge_metadata(const MetadataSet& set, std::uint32_t dataset,
                                                const StructureLookup& lookup,
                                                const std::optional<ProviderRef>& sender,
                                                FindingSink& sink);

}  // namespace focalpost
