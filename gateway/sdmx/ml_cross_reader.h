// SPDX-License-Identifier: Apache-2.0
//
// ml_cross_reader: CrossSectionalData of SDMX-ML 2.0. Inside the room only; see data_reader.h.
#pragma once

#include "sdmx/data_reader.h"

namespace focalpost::sdmx {

std::unique_ptr<DataReader> open_ml_cross_data(ByteSource& bytes, const Detection& detection,
                                               const StructureLookup& structures, FindingSink& sink,
                                               const Limits& limits);

}  // namespace focalpost::sdmx
