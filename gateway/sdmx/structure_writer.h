// SPDX-License-Identifier: Apache-2.0
//
// structure_writer: structures as SDMX-ML 2.1 and 3.0 structure messages.
//
// Owns: which member of model/structure.h becomes which element, in the order of the official
// schemas. What the structure reader makes of the message is what was written. Never resolves or
// judges. Artefacts that are kept as they came (OtherArtefact) go out as they came, if they are of
// the same version of SDMX-ML.
//
// An artefact that the version cannot express is left out whole and named in what is returned, or,
// where only a part is concerned, written without that part and named: several measures and values
// of 3.0 in 2.1; measure dimensions, reference periods and more than two cube regions of 2.1
// in 3.0; an attachment whose class is not known. To be valid, what has no name gets its id as its
// name, a time dimension without a format that of ObservationalTimePeriod, and a language that
// xml:lang does not allow becomes "und".
//
// Dangers: addresses of contacts are written; who publishes structures takes them out before.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/structure.h"
#include "sdmx/outgoing.h"

namespace focalpost {

enum class StructureFormat { k21, k30 };

/// Something that could not be written.
struct LeftOut {
  std::string artefact;  ///< "Codelist FP:CL_SEX(1.0)"
  std::string reason;
  bool whole = true;  ///< false: only a part of it
};

Result<std::vector<LeftOut>> write_structures(const Structures& structures,
                                              const OutgoingHeader& header, const ByteSink& sink,
                                              StructureFormat format = StructureFormat::k21);

}  // namespace focalpost
