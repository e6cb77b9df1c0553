// SPDX-License-Identifier: Apache-2.0
//
// correspondents: how many replies an address got lately, against loops of two robots.
//
// Never decides: the budget is Limits::replies_per_hour, its use is the caller's.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/statements.h"

namespace focalpost {

class Correspondents {
 public:
  explicit Correspondents(Statements& statements) : statements_(statements) {}

  /// Replies to this address after `since`. Addresses are compared without ASCII case.
  Result<std::uint64_t> replies_since(std::string_view address, Time since);
  /// In the transaction that enqueues the reply.
  Status note_reply(std::string_view address, Time now);
  /// Forgets what no budget looks at any more.
  Status forget_before(Time before);

 private:
  Statements& statements_;
};

}  // namespace focalpost
