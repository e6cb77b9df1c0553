// SPDX-License-Identifier: Apache-2.0
//
// waiting: letters about what is held: the one that asks its sender for a word, the reminder, and
// what coordinators are told.
//
// Owns: what they say: what would change (datasets, periods, counts, the largest changes), what a
// yes does, by when. Never: quotes anything that the sender chose freely: no subject, no name of a
// file, no text of the mail. Who asks somebody for a word must not let a stranger put words beside
// the question.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compose/receipt.h"

namespace focalpost {

/// Why somebody is written to.
enum class WaitingLetter {
  kConfirm,     ///< its sender: is it right?
  kRemind,      ///< its sender, once more
  kReview,      ///< a coordinator: nobody else can decide
  kStillWaits,  ///< a coordinator: its sender has not answered yet
  kExpired,     ///< a coordinator: nobody answered, it was rejected
};

/// A docket and those of its items that it is about.
struct WaitingCase {
  const Docket* docket = nullptr;
  std::set<std::uint32_t> items;
};

struct Waiting {
  WaitingLetter letter = WaitingLetter::kConfirm;
  std::vector<WaitingCase> cases;
  std::string token;                     ///< to the sender: in the subject
  Time until{};                          ///< when it is rejected
  std::uint64_t days = 0;                ///< kExpired: after how many
  const RosterEntry* contact = nullptr;  ///< to coordinators: whose it is
  std::string lang, zone;                ///< of the reader
};

/// Error: as compose_receipt().
Result<Receipt> compose_waiting(const Waiting& waiting, const StructureLookup& structures,
                                const Voice& voice, const Letterhead& letterhead);

}  // namespace focalpost
