// SPDX-License-Identifier: Apache-2.0
//
// csv_data_writer: SDMX-CSV 1.0 and 2.0. Inside the room only; see data_writer.h.
#pragma once

#include "base/limits.h"
#include "sdmx/data_writer.h"

namespace focalpost::sdmx {

std::unique_ptr<MessageWriter> make_csv_writer(DataFormat format, ByteSink sink,
                                               const DataWriteOptions& options,
                                               const Limits& limits);

}  // namespace focalpost::sdmx
