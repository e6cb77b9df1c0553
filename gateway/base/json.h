// SPDX-License-Identifier: Apache-2.0
//
// json: the door to the JSON library. For .cc files only: it is large.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace focalpost {

/// Keeps the order in which keys were added.
using Json = nlohmann::ordered_json;

/// Compact; bytes that are not UTF-8 become U+FFFD, since nothing must fail for a stranger's text.
inline std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace focalpost
