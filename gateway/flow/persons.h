// SPDX-License-Identifier: Apache-2.0
//
// persons: what happens when somebody sends a list of persons instead of totals (NETWORK.md section
// 5): the file is refused unread (not_data.h), the coordinators and the operator are told, and
// purge_docket() removes what is kept of it.
//
// purge leaves a tombstone: the docket with its number, times, sender, outcome and rules; without
// subject, file names, checksums and texts. It can be repeated after a crash.
//
// Dangers:
// - A message at an IMAP server is not deleted from here: that would need a right over the mailbox
//   that nothing else needs. Where it lies is said, so that a person deletes it.
// - Backups, and blocks that a disk has not reused, may hold it still.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flow/home.h"
#include "model/docket.h"
#include "model/lookup.h"

namespace focalpost {

/// If an item of the docket was refused for that: tells the operator and the coordinators. Inside
/// the transaction that finishes the docket.
Status tell_of_persons(Home& home, const Docket& docket, const RosterEntry* contact, Time now);

struct PurgeResult {
  std::uint64_t kept = 0;     ///< copies in spool/kept
  std::uint64_t mailbox = 0;  ///< messages in the embedded mailbox
  std::uint64_t sent = 0;     ///< copies of replies in its Sent
  /// Where a person has to delete it: "gateway@mail.example: Rejected".
  std::vector<std::string> by_hand;
};

/// Takes the home with Access::kWork.
/// `anything`: also where no list of persons was recognized; an Error otherwise.
Result<PurgeResult> purge_docket(Home& home, DocketNumber number, const Clock& clock,
                                 bool anything = false);

}  // namespace focalpost
