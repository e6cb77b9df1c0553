// SPDX-License-Identifier: Apache-2.0
//
// structure_reader: SDMX-ML structure messages of 2.0, 2.1, 3.0 and 3.1 into model/structure.h.
//
// Owns: which element of SDMXStructure.xsd becomes which member (of 2.0 in structure_reader20.h).
// Never resolves a reference (lookup does), never judges whether artefacts fit together
// (`validation`), never builds a tree: a stack of small states, as deep as Limits::xml_depth at
// most, is driven by parser events.
//
// Artefacts that the program has no shape for (hierarchies, categorisations, mappings, reporting
// taxonomies, stubs with isExternalReference) are kept as OtherArtefact with their own XML, and an
// info finding `structure-kept` names each. Legal elements inside known artefacts that nothing is
// made of (concept roles, ISO concepts, annotation URLs, data sources) are passed over. What
// matters and cannot be taken (metadata attributes in a DSD) is `structure-left-out`. What a
// geographic codelist of 3.0 codes is judged as text. Codelists that extend others are read as they
// are written (model/codelist_extension.h works them out).
#pragma once

#include "base/byte_source.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/finding.h"
#include "model/observation.h"
#include "model/structure.h"

namespace focalpost {

/// `bytes` from the first byte of the file on. What is wrong is a Finding, and what was read before
/// is returned; if reading broke off (not well-formed, a limit) nothing is returned, since half a
/// codelist is worse than none. An Error comes from the source alone. `message`, if given, is
/// filled with what the header says (id, test, prepared, sender).
Result<Structures> read_structures(ByteSource& bytes, FindingSink& sink, const Limits& limits,
                                   DataMessage* message = nullptr);

}  // namespace focalpost
