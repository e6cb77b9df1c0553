// SPDX-License-Identifier: Apache-2.0
//
// digest_settings: [digests], what subscribers get and when (flow/digests.h).
#pragma once

#include <cstdint>
#include <string>

namespace focalpost {

struct DigestSettings {
  /// IANA name: in which zone days begin for who is not in the roster.
  std::string zone = "UTC";
  std::uint64_t most_per_address = 10;  ///< subscriptions
};

}  // namespace focalpost
