// SPDX-License-Identifier: Apache-2.0
//
// once: one pass over everything that waits: the mailbox, then the outbox.
#pragma once

#include "flow/home.h"
#include "flow/intake.h"

namespace focalpost {

struct PassResult {
  IntakeResult intake;
  std::uint64_t sent = 0;
};

Result<PassResult> run_once(Home& home, const Clock& clock, const StepHook& step = {});

}  // namespace focalpost
