// SPDX-License-Identifier: Apache-2.0
//
// ml_data_writer: SDMX-ML 2.1 and 3.0. Inside the room only; see data_writer.h.
#pragma once

#include "sdmx/data_writer.h"

namespace focalpost::sdmx {

std::unique_ptr<MessageWriter> make_ml_writer(DataFormat format, ByteSink sink, bool flat);

}  // namespace focalpost::sdmx
