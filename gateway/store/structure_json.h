// SPDX-License-Identifier: Apache-2.0
//
// structure_json: the nested parts of SDMX structures as JSON; used by structures.cc only.
//
// The functions from JSON throw nlohmann's exceptions: call them inside read_json().
#pragma once

#include <string>
#include <string_view>

#include "model/structure.h"
#include "store/json.h"

namespace focalpost {

/// The reverse of Ref::text(), exact for every Ref whose agency has no ':' and version no '('.
Ref stored_ref(std::string_view text);

Json to_json(const Texts& texts);
Json to_json(const Annotations& annotations);
Json to_json(const Representation& representation);
Json to_json(const std::vector<CubeRegion>& regions);
Json to_json(const std::vector<DataKeySet>& key_sets);

Texts texts_of(const Json& json);
Annotations annotations_of(const Json& json);
Representation representation_of(const Json& json);
std::vector<CubeRegion> regions_of(const Json& json);
std::vector<DataKeySet> key_sets_of(const Json& json);

}  // namespace focalpost
