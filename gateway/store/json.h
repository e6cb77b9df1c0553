// SPDX-License-Identifier: Apache-2.0
//
// json: reading back what is too nested for columns and stands in them as JSON texts.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace focalpost {

/// Hands the value to `take`; what is not the JSON that this program writes is an Error.
template <typename Take>
Status read_json(std::string_view text, Take take) {
  try {
    take(Json::parse(text));
    return {};
  } catch (const nlohmann::json::exception& e) {
    return usage_error(
        fmt::format("the store holds a text that it did not write ({}): {:.80}", e.what(), text),
        "Somebody changed the store by hand: put back a backup.");
  }
}

}  // namespace focalpost
