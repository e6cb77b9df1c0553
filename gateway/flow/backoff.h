// SPDX-License-Identifier: Apache-2.0
//
// backoff: how long to leave a server alone that failed again.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace focalpost {

/// Pauses that double from failure to failure, each by chance up to a quarter shorter: after an
/// outage not everybody comes back in the same second.
class Backoff {
 public:
  using Millis = std::chrono::milliseconds;

  Backoff(Millis first, Millis longest) : first_(first), longest_(longest) {}
  /// The pause after one more failure; never more than `longest`.
  Millis next() {
    const Millis pause = std::min(longest_, first_ * (1 << std::min(failures_, 20)));
    ++failures_;
    std::random_device random;
    return pause - Millis(std::uniform_int_distribution<Millis::rep>(0, pause.count() / 4)(random));
  }
  /// It works again.
  void reset() { failures_ = 0; }

 private:
  Millis first_, longest_;
  int failures_ = 0;
};

}  // namespace focalpost
