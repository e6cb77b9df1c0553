// SPDX-License-Identifier: Apache-2.0
//
// dispatch: empties the outbox.
//
// Without an outgoing server what leaves ends as a file in the mailbox's Sent folder. A crash
// between the append and its note in the store makes a second copy with the same Message-ID;
// nothing is lost.
#pragma once

#include "base/clock.h"
#include "flow/intake.h"
#include "mailbox/mailbox.h"
#include "store/store.h"

namespace focalpost {

/// Everything that is due; how many messages left.
Result<std::uint64_t> dispatch_to_sent(Store& store, Mailbox& mailbox, const Clock& clock,
                                       const StepHook& step = {});

}  // namespace focalpost
