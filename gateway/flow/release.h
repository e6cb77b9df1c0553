// SPDX-License-Identifier: Apache-2.0
//
// release: carrying out what was decided about what a docket holds: by the operator, by its
// sender's word, by a coordinator's, by time.
//
// The word is an order in the store first (store/orders.h). Whoever has the home's lock carries it
// out: the verb itself, or the `run` beside which it was called. The held items are judged again,
// filed (or held once more, if something was filed in the same cells meanwhile) and answered, or
// they are rejected; and the message is moved in the mailbox it came to. What is filed stays filed
// if a mail server cannot be reached: the reply then waits in the outbox, and the order stands
// until the message has left Held.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "flow/accounts.h"
#include "flow/home.h"
#include "model/docket.h"

namespace focalpost {

/// Writes the order down; needs no lock. An Error if there is no such docket, or if nothing of it
/// waits and nothing was ordered.
Status order_release(Home& home, DocketNumber number, Time now);

struct Released {
  std::uint64_t dockets = 0;     ///< judged and answered
  std::optional<Error> trouble;  ///< a mailbox that did not do its part
};
/// Everything ordered and everything due: what has waited too long is rejected, and whoever is to
/// be asked or reminded is written to (held.h, requests.h). `open`: those mailboxes of the home
/// that can be used now. The Error is the store's.
Result<Released> tend_held(Home& home, const Accounts& accounts, KeptStore& kept,
                           std::span<Mailbox* const> open, const Clock& clock);

struct ReleaseResult {
  Docket docket;                 ///< as it is now
  std::uint64_t sent = 0;        ///< replies that left, older ones of the outbox too
  std::optional<Error> trouble;  ///< a server that did not do its part; the rest was done
};
/// order_release(), carried out at once: for whoever has the lock.
Result<ReleaseResult> release_docket(Home& home, DocketNumber number, const Clock& clock);

}  // namespace focalpost
