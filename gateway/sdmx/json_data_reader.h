// SPDX-License-Identifier: Apache-2.0
//
// json_data_reader: SDMX-JSON data messages 1.0, 2.0 and 2.1, and the draft before 1.0. Inside the
// room only; see data_reader.h.
#pragma once

#include "sdmx/data_reader.h"

namespace focalpost::sdmx {

std::unique_ptr<DataReader> open_json_data(ByteSource& bytes, const Detection& detection,
                                           const StructureLookup& structures, FindingSink& sink,
                                           const Limits& limits);

}  // namespace focalpost::sdmx
