// SPDX-License-Identifier: Apache-2.0
#include "smtp/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hash.h"

namespace focalpost::smtp {

using namespace std::chrono_literals;

std::optional<Time> next_attempt(std::int64_t row, std::uint32_t attempts, Time first_tried,
                                 Time now) {
  constexpr std::array<std::chrono::minutes, 8> kDelays = {2min,  5min,  10min,  20min,
                                                           40min, 80min, 160min, 300min};
  const Time end = first_tried + kGiveUpAfter;
  if (now >= end) return std::nullopt;
  const std::chrono::milliseconds delay =
      kDelays[std::min<std::size_t>(std::max(attempts, 1u), kDelays.size()) - 1];
  // A fixed seed: the same row is tried at the same times after a restart.
  const std::uint64_t hash = fast_hash(fmt::format("{}.{}", row, attempts), 0x736d7470);
  const auto fifth = delay.count() / 5;
  const auto jitter =
      static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(2 * fifth + 1)) - fifth;
  return std::min(now + delay + std::chrono::milliseconds(jitter), end);
}

}  // namespace focalpost::smtp
