// SPDX-License-Identifier: Apache-2.0
//
// persons: the letter that tells a coordinator that somebody sent a list of persons.
//
// Owns: what it says: who, when, which docket, what to do. Never: quotes the message, its subject
// or the names of its files; any of them may name a person.
#pragma once

#include <string_view>

#include "compose/receipt.h"

namespace focalpost {

/// `contact` sent it; `lang` and `zone` are the reader's. Error: as compose_receipt().
Result<Receipt> compose_persons(const Docket& docket, const RosterEntry& contact,
                                std::string_view lang, std::string_view zone, const Voice& voice,
                                const Letterhead& letterhead);

}  // namespace focalpost
