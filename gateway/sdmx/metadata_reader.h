// SPDX-License-Identifier: Apache-2.0
//
// metadata_reader: reference metadata (GenericMetadata of 2.1, 3.0 and 3.1) into model/metadata.h.
//
// Owns: which element of SDMXMetadataGeneric.xsd becomes which member. Never judges what the
// concepts say (validation/metadata_judge.h), never resolves a reference, never builds a tree.
//
// Structured texts (XHTML) are kept as markup. What a target of 2.1 names that has no URN (a key, a
// dataset, a period) has an empty one. Annotations are passed over.
#pragma once

#include <vector>

#include "base/byte_source.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/finding.h"
#include "model/metadata.h"
#include "model/observation.h"
#include "sdmx/detect.h"

namespace focalpost {

/// Whether the file is a message that read_metadata() reads.
bool is_metadata(const Detection& detection);

/// `bytes` from the first byte of the file on. What is wrong is a Finding, and what was read before
/// is returned; if reading broke off (not well-formed, a limit) nothing is returned. An Error comes
/// from the source alone. `message` is filled with what the header says.
Result<std::vector<MetadataSet>> read_metadata(ByteSource& bytes, const Detection& detection,
                                               FindingSink& sink, const Limits& limits,
                                               DataMessage& message);

}  // namespace focalpost
