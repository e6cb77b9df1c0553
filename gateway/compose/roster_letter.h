// SPDX-License-Identifier: Apache-2.0
//
// roster_letter: that a coordinator has registered a contact: to the new contact, and to the others
// of the institution, who know best whether that is right.
//
// Names the institution and the role of who did it, never that person.
#pragma once

#include <string>
#include <string_view>

#include "compose/receipt.h"

namespace focalpost {

struct RosterNews {
  DocketNumber docket;                 ///< of the coordinator's message
  const RosterEntry* added = nullptr;  ///< the new contact, as it is in the roster now
  std::string address;                 ///< its
  const RosterEntry* by = nullptr;     ///< the coordinator
  bool to_new = false;                 ///< the reader is the new contact
  std::string_view lang, zone;         ///< the reader's
};

/// Error: as compose_receipt().
Result<Receipt> compose_roster_news(const RosterNews& news, const Voice& voice,
                                    const Letterhead& letterhead);

}  // namespace focalpost
