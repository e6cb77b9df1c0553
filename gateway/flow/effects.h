// SPDX-License-Identifier: Apache-2.0
//
// effects: what a structure message would do to a home, before it is done.
//
// Owns: the dry run of `focalpost load --dry-run` and of structures that come by mail. Says what is
// new and what changes, which filed series would have a code that is no longer there or lie outside
// of what a dataflow allows, and which agreements would lose their dataflow, their provider or
// codes that they name. Writes nothing.
//
// Not looked at: codes of attributes, and values; a series whose key stays right keeps its data.
// That a data structure with data is immutable the store says itself (store/structures.h).
//
// Costs one walk over the keys of all series, if anything that they follow changes.
#pragma once

#include <vector>

#include "base/result.h"
#include "flow/home.h"
#include "model/finding.h"
#include "model/lookup.h"
#include "model/structure.h"

namespace focalpost {

struct StructureEffects {
  /// structure-new, structure-changed, structure-orphans, agreement-broken; listed up to a bound,
  /// counted in full by what `count` says.
  std::vector<Finding> findings;
  bool invalidates = false;  ///< filed data or agreements
};

Result<StructureEffects> effects_of(const Structures& newer, Home& home);

/// What is wrong with the extensions of codelists in `message`, beside what is known: a circle, a
/// list that is nowhere.
void check_extensions(const Structures& message, const StructureLookup& known, FindingSink& sink);

/// Who may change what: a coordinator of the network (of an institution that supplies no data and
/// so has no agreement) everything, any other contact the entry of its own institution in the
/// scheme of data providers. A finding for each artefact that is not the sender's.
std::vector<Finding> not_allowed(const Structures& message, const RosterEntry& sender,
                                 const StructureLookup& known);

}  // namespace focalpost
