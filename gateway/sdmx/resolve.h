// SPDX-License-Identifier: Apache-2.0
//
// resolve: from the reference in a message to the structure known here.
//
// Inside the room only; both formats use it.
#pragma once

#include <memory>

#include "model/finding.h"
#include "model/lookup.h"

namespace focalpost::sdmx {

/// The structure of a dataset. A DSD that exactly one dataflow has is taken as that dataflow, so
/// that the data can be filed. Null, after a finding that names the nearest known references: there
/// is none. Reports also what the structure itself misses.
std::shared_ptr<const FlowStructure> resolve_structure(const StructureLookup& lookup,
                                                       ArtefactClass structure_class,
                                                       const Ref& ref, std::uint32_t dataset,
                                                       Position at, FindingSink& sink);

}  // namespace focalpost::sdmx
