// SPDX-License-Identifier: Apache-2.0
//
// bounces: what becomes of a message of ours that could not be delivered.
//
// A report that came back (mime/bounce.h) is believed if it names the row of the outbox with a tag
// that only this home can make, or else the Message-ID of a message that left with a return path
// without a tag, and its recipient. Then the row says what happened to it, and, if the reason will
// stay, the address is charged; once that is dead (store/correspondents.h) the coordinators get one
// letter each, again after kTellAgainAfter if nothing has arrived there meanwhile. What is not
// believed changes nothing.
//
// Who is told: coordinators of the same institution, of institutions that report for the same
// areas, and of those that report nothing themselves (the network's secretariat). Nobody else's
// business. An address that is dead itself is not written to; if nobody is left, the operator knows
// by the event.
//
// Never: sends, takes an address out of the roster, keeps mail from a dead address (what goes there
// is little, and shows when it works again).
//
// Dangers:
// - Anybody can write a report. Message-IDs of receipts can be guessed by everyone who ever got
//   one; so receipts (which leave with the null return path and cannot come back) are never tied by
//   it. Message-IDs of other letters come from letter_message_id().
// - Everything here runs inside the caller's transaction, so that a report that is judged again
//   counts once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flow/home.h"
#include "mime/automatic.h"
#include "mime/bounce.h"
#include "mime/message.h"
#include "model/lookup.h"
#include "smtp/submission.h"
#include "store/outbox.h"

namespace focalpost {

inline constexpr std::chrono::hours kTellAgainAfter{30 * 24};

/// The key that tags are made with.
Result<std::string> read_key(const HomePaths& paths);

/// "<digest.2026-03.kg.0123456789abcdef@domain>": the same `what` (letters, digits, "-" and ".")
/// gives the same id, and nobody without the key can tell it beforehand.
std::string letter_message_id(std::string_view key, std::string_view what, std::string_view domain);

struct NotedBounce {
  mime::BounceKind kind = mime::BounceKind::kUnknown;
  std::optional<std::int64_t> row;  ///< of the outbox; nothing: not believed, nothing was changed
  std::string recipient;            ///< whom we wrote to; not believed: whom the report names
  std::string text;                 ///< what the server said
  std::uint64_t letters = 0;        ///< to coordinators
  /// For the docket: "a@b.example is not reached: 550 5.1.1 no such user".
  std::string sentence() const;
};

/// Inside the transaction that files the message as a notice. Nothing if it is no report about a
/// delivery.
Result<std::optional<NotedBounce>> note_bounce(Home& home, const mime::Message& message,
                                               const mime::Classified& classified, Time now);

/// Somebody who looks after a contact, and an address where that person is reached.
struct Told {
  const RosterEntry* who;
  std::string address;
};
/// Coordinators of the same institution, of institutions that report for the same areas, and of
/// those that report nothing themselves; alphabetical as the roster is. Not whose address is dead.
Result<std::vector<Told>> coordinators(Home& home, const RosterEntry& contact);

/// Whether a coordinator is one of those; of the own institution's contacts every coordinator is.
bool looks_after(const StructureLookup& lookup, const RosterEntry& coordinator,
                 const RosterEntry& contact);

/// Whether this refusal is about the recipient's address, so that it is as good as a report. Not:
/// refusals of the sender, of relaying, of the content.
bool refuses_address(const smtp::RecipientResult& result);

/// Charges the recipient of a row that cannot be delivered, and tells the coordinators if that was
/// one too many. Once a row. Inside a transaction. How many letters were put into the outbox.
Result<std::uint64_t> charge_address(Home& home, const OutboxEntry& row, std::string_view text,
                                     Time now);

}  // namespace focalpost
