// SPDX-License-Identifier: Apache-2.0
//
// digests: who is due a digest, what is in it, and that it leaves once.
//
// A subscriber's periods end and its digests are due as digest_calendar.h says, in the zone of the
// contact, or of the network for who is not in the roster. A digest tells what became known after
// the end of the last period that was told of (store/subscriptions.h), so that periods that were
// slept through are told in one digest, the last. Its row in the store is written in the same
// transaction as the letter; a period without news has a row, too, and no letter.
//
// What a digest may show: what the institution of the contact may see at the end of the period; who
// is not in the roster sees what is public. An embargo's end is a change, what is withheld is none.
//
// Cost. What changed is read once for each viewer and period, letters are composed once for each
// selection, viewer, language and period, pictures drawn and files written once for each content;
// of every single letter only the header is made anew (List-Unsubscribe has a token of its own).
//
// A subscription of somebody outside ends when the address does not work any more.
//
// Commits by itself, many letters at a time: after a crash the rest is made, and nothing twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "compose/receipt.h"
#include "flow/home.h"
#include "store/subscriptions.h"

namespace focalpost {

/// Outbox kind: leaves with a return path of its own (dispatch.h).
inline constexpr std::string_view kDigestKind = "digest";

struct DigestsMade {
  std::uint64_t sent = 0;      ///< letters put into the outbox
  std::uint64_t nothing = 0;   ///< subscriptions of which there was nothing to tell
  std::uint64_t refused = 0;   ///< letters that may not leave (gate.h)
  std::uint64_t composed = 0;  ///< different letters
  std::uint64_t drawn = 0;     ///< different pictures
};
Result<DigestsMade> make_digests(Home& home, Time now);

/// The same, for whoever looks around.
Status tend_digests(Home& home, Time now);

/// What a subscriber would get now, of everything since the last digest; nothing: there is no news.
/// Writes nothing. `lang` empty: the subscriber's.
Result<std::optional<Receipt>> preview_digest(Home& home, const Subscription& subscriber,
                                              std::string_view lang, Time now);

}  // namespace focalpost
