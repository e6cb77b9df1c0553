// SPDX-License-Identifier: Apache-2.0
//
// metadata_json: what codelists of 3.0 and metadata structures have beyond columns, as JSON; used
// by structures.cc only.
//
// The functions from JSON throw nlohmann's exceptions: call them inside read_json().
#pragma once

#include "model/structure.h"
#include "store/json.h"

namespace focalpost {

/// Null where there is nothing to say.
Json detail_of(const Codelist& list);
Json detail_of(const MetadataStructure& structure);
Json detail_of(const Metadataflow& flow);
Json detail_of(const MetadataAgreement& agreement);

void take_detail(const Json& json, Codelist& list);
void take_detail(const Json& json, MetadataStructure& structure);
void take_detail(const Json& json, Metadataflow& flow);
void take_detail(const Json& json, MetadataAgreement& agreement);

}  // namespace focalpost
