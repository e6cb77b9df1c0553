// SPDX-License-Identifier: Apache-2.0
//
// once: one pass over everything that waits: the mailboxes, then the outbox.
//
// A mailbox that cannot be reached does not keep the others waiting; its Error comes at the end.
#pragma once

#include <optional>

#include "flow/home.h"
#include "flow/intake.h"

namespace focalpost {

struct PassResult {
  IntakeResult intake;
  std::uint64_t sent = 0;
  std::optional<Error> trouble;  ///< a server that did not do its part; the rest was done
};

Result<PassResult> run_once(Home& home, const Clock& clock, const StepHook& step = {});

/// In a copy of a home (rehearse.h): mailboxes on a server are read but nothing in them is moved,
/// and what would leave ends in the copy's own Sent.
Result<PassResult> rehearse_once(Home& copy, const Clock& clock);

}  // namespace focalpost
