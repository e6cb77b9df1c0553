// SPDX-License-Identifier: Apache-2.0
//
// ml_data_reader: SDMX-ML data messages of 2.0, 2.1, 3.0 and 3.1. Inside the room only; see
// data_reader.h. What 2.0 has alone is in key_family.h and ml_cross_reader.h.
#pragma once

#include "sdmx/data_reader.h"

namespace focalpost::sdmx {

/// Whether a data message of this kind and version is read: not 1.0, and of 2.0 neither UtilityData
/// nor MessageGroup.
bool reads_ml_data(const Detection& detection);

std::unique_ptr<DataReader> open_ml_data(ByteSource& bytes, const Detection& detection,
                                         const StructureLookup& structures, FindingSink& sink,
                                         const Limits& limits);

}  // namespace focalpost::sdmx
