// SPDX-License-Identifier: Apache-2.0
//
// run: serves a home until it is told to stop.
//
//   the caller's thread   takes in what lies in the mailboxes, one after the other, and otherwise
//                         waits in the first one's IDLE; looks after alerts and the watchdog
//   the sender            empties the outbox as soon as something is in it; has a connection to the
//                         store and to the mailbox (for Sent copies) of its own
//   the keeper of the site (site_keeper.h) writes what changed of the public site, if there is one
//   a watcher each        waits in IDLE for the second mailbox and the further ones
//   the listener          takes signals: SIGTERM and SIGINT stop, SIGHUP reads the settings again
//
// A mailbox that cannot be reached is tried again after a growing, jittered pause, while the others
// are served. Stopping finishes the batch in hand and the letter on the line; what is not done
// waits in INBOX and in the outbox. Settings that cannot be read leave the old ones in force.
//
// Danger: signals are blocked in every thread from here on; one run() a process.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "flow/home.h"

namespace focalpost {

struct RunOptions {
  /// Mailboxes are looked into this often even if nothing was heard; alerts are looked after.
  std::chrono::milliseconds look = std::chrono::seconds(60);
  std::chrono::milliseconds first_pause = std::chrono::seconds(1);
  std::chrono::milliseconds longest_pause = std::chrono::minutes(5);
  /// Called once everything is up, with what to call to stop; for tests.
  std::function<void(std::function<void()> stop)> up;
};

/// Returns when it was stopped. An Error: it could not begin, or the store failed for good.
Status run(Home& home, const Clock& clock, const RunOptions& options = {});

}  // namespace focalpost
