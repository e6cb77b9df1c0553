// SPDX-License-Identifier: Apache-2.0
//
// read_ahead: a data message read on a thread beside the caller's, one batch ahead of it.
//
// What open_data() gives, but while the caller judges a batch the next one is read. The same
// batches and findings come in the same order: findings made while reading a batch go to the sink
// when that batch is handed out. message() is what had been read when the last batch was handed
// out.
//
// A message that fits into one batch is read on the caller's thread alone, as most are.
//
// Dangers: from the first next() on, `bytes` belongs to the other thread until the reader is gone
// or has come to its end.
#pragma once

#include "sdmx/data_reader.h"

namespace focalpost {

/// As open_data(); `sink` is used on the caller's thread only.
std::unique_ptr<DataReader> open_data_ahead(ByteSource& bytes, const Detection& detection,
                                            const StructureLookup& structures, FindingSink& sink,
                                            const Limits& limits);

}  // namespace focalpost
