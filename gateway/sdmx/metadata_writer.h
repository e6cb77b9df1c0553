// SPDX-License-Identifier: Apache-2.0
//
// metadata_writer: reference metadata as GenericMetadata messages of SDMX-ML 2.1 and 3.0.
//
// Owns: which member of model/metadata.h becomes which element. Valid by the official schemas; what
// the reader makes of the message is what was written. Never judges. A set names its
// MetadataStructure in 2.1 and its Metadataflow in 3.0; a report without target, or a set without a
// report, which no schema allows, is an Error.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/metadata.h"
#include "sdmx/outgoing.h"

namespace focalpost {

enum class MetadataFormat { k21, k30 };

/// A set ready to be written.
struct OutgoingMetadata {
  MetadataSet set;  ///< `structure` is that of its MetadataStructure
  Ref metadataflow;
};

Status write_metadata(const std::vector<OutgoingMetadata>& sets, const OutgoingHeader& header,
                      const ByteSink& sink, MetadataFormat format = MetadataFormat::k21);

}  // namespace focalpost
