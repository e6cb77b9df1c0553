// SPDX-License-Identifier: Apache-2.0
//
// schedule: when a message that was refused for now is tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace focalpost::smtp {

/// RFC 5321 4.5.4.1: at least four to five days.
inline constexpr std::chrono::hours kGiveUpAfter{5 * 24};

/// After `attempts` (1 or more) attempts of the outbox row `row`, the first of them at
/// `first_tried`: 2, 5, 10, 20 and 40 minutes, 1 hour 20 and 2 hours 40, then every 5 hours; each
/// up to a fifth longer or shorter, by row and attempt alone, so that what was refused together
/// does not come back together. The last attempt is at five days; after it: nothing, give up.
std::optional<Time> next_attempt(std::int64_t row, std::uint32_t attempts, Time first_tried,
                                 Time now);

}  // namespace focalpost::smtp
