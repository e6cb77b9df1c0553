// SPDX-License-Identifier: Apache-2.0
//
// csv_data_reader: SDMX-CSV 1.0, 2.0 and 2.1. Inside the room only; see data_reader.h.
#pragma once

#include "sdmx/data_reader.h"

namespace focalpost::sdmx {

std::unique_ptr<DataReader> open_csv_data(ByteSource& bytes, const Detection& detection,
                                          const StructureLookup& structures, FindingSink& sink,
                                          const Limits& limits);

}  // namespace focalpost::sdmx
