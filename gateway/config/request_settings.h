// SPDX-License-Identifier: Apache-2.0
//
// request_settings: [requests], how long a question waits for a person (flow/requests.h).
#pragma once

#include <cstdint>

namespace focalpost {

/// Days from when it was put before somebody, but for lapse_days.
struct RequestSettings {
  std::uint64_t remind_days = 3;
  std::uint64_t escalate_days = 7;  ///< then the coordinator is asked
  std::uint64_t lapse_days = 30;    ///< from when it was asked; then the asker is told
  /// Of one asker that wait at the same time; further ones are not passed on.
  std::uint64_t most_per_asker = 10;
};

}  // namespace focalpost
