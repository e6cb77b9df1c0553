// SPDX-License-Identifier: Apache-2.0
//
// map_source: what comes in pieces, as one view, without holding it in memory.
#pragma once

#include "base/byte_source.h"
#include "base/files.h"

namespace focalpost {

/// All of a source, mapped from a file of `directory` that has no name and goes with the mapping.
Result<MappedFile> map_source(ByteSource& source, const fs::path& directory);

}  // namespace focalpost
