// SPDX-License-Identifier: Apache-2.0
//
// undeliverable: the letter that tells a coordinator that a contact's address does not work.
//
// Owns: what it says: who, where, since when, what the mail server answered, what to do. Never:
// decides that an address is dead, chooses who is told, makes headers or MIME. Danger: what the
// server answered is a stranger's text; it enters as a value, on one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compose/receipt.h"

namespace focalpost {

struct Undeliverable {
  const RosterEntry& contact;
  std::string_view address;   ///< as it is in the roster
  Time since{};               ///< the first message came back
  std::uint64_t letters = 0;  ///< that came back
  std::string_view said;      ///< by the mail server, last; may be empty
};

/// `lang` and `zone` are the reader's. Error: as compose_receipt().
Result<Receipt> compose_undeliverable(const Undeliverable& facts, std::string_view lang,
                                      std::string_view zone, const Voice& voice,
                                      const Letterhead& letterhead);

}  // namespace focalpost
