// SPDX-License-Identifier: Apache-2.0
//
// structure_reader20: structure messages of SDMX-ML 2.0. Inside the room only; see
// structure_reader.h.
//
// Code lists, concepts, key families and dataflows are read into today's words:
// - a code's label, which 2.0 calls its description, is its name;
// - concepts outside a scheme are those of the scheme STANDALONE_CONCEPT_SCHEME(1.0) of their
//   agency;
// - the time dimension is TIME_PERIOD and the primary measure OBS_VALUE, whatever their concepts
//   are called;
// - what is attached to the series hangs on all dimensions but time;
// - cross-sectional measures are annotations of the dimension whose codes they stand for
//   (kMeasureAnnotation in key_family.h);
// - a reference without an agency or a version means what the message itself has under this id,
//   else the same agency, 1.0.
// Organisations, categories, metadata structures, hierarchies and the rest are kept as they came.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "model/finding.h"
#include "model/observation.h"
#include "model/structure.h"
#include "sdmx/utf8_input.h"

namespace focalpost::sdmx {

Result<Structures> read_structures20(Utf8Input& input, FindingSink& sink, const Limits& limits,
                                     DataMessage& message);

}  // namespace focalpost::sdmx
