// SPDX-License-Identifier: Apache-2.0
//
// held: what waits for a word: who is asked, reminded and told, and when it ends.
//
//   judged, held        nothing leaves yet
//   ask_about_held()    its sender gets a letter that shows what would change, with a token; all
//                       that waits for one person in one letter. What only a coordinator can decide
//                       is put before the coordinators.
//   after remind_days   the same letter once more; coordinators hear of it
//   the word            comes back as a message (answer.h) and becomes an order (release.h)
//   after expire_days   an order to reject it; sender and coordinators are told
//
// The letter goes to the registered address, never to Reply-To, and quotes nothing of the message
// (compose/waiting.h). Where it is not sure who wrote the message the letter stands in no thread,
// since the thread was chosen by who wrote it.
//
// Each step is a row in the store first, written with its letter in one transaction: after a crash
// nobody is asked twice, and nobody is forgotten.
//
// Dangers:
// - Whoever forges a contact's From makes us write to that contact. So: most_per_contact files wait
//   at most, further ones are rejected; what waits is asked about together; unsure_per_day
//   (gate.h), and at most kUnsureLettersAnHour letters that ask.
// - docket.reason of what a machine sent says so; then a person of its institution is asked.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "flow/home.h"
#include "model/docket.h"
#include "store/confirmations.h"

namespace focalpost {

inline constexpr std::uint64_t kUnsureLettersAnHour = 3;
/// Dockets in one letter.
inline constexpr std::size_t kMostCases = 20;

/// Whether the item waits for the word of its sender; else only a coordinator can release it.
bool waits_for_sender(const Item& item, const Policy& policy);
/// Whether a letter will ask, so that the docket needs no other reply.
bool asks_sender(const Docket& docket, const Policy& policy);

/// What of a confirmation is as it was when it was asked.
struct StillWaiting {
  DocketRecord record;
  std::set<std::uint32_t> items;
};
Result<std::vector<StillWaiting>> still_waiting(Home& home, const Confirmation& asked);

/// Held items of a contact beyond [held] most_per_contact become rejected, each with its sentence.
Status bound_held(Home& home, Docket& docket);
/// The numbers of the items that are held.
std::set<std::uint32_t> held_items(const Docket& docket);
/// Held items become rejected, for this reason.
void reject_held(Docket& docket, const Rule& rule, std::string detail);

/// What has waited for expire_days: orders, and letters to coordinators. Commits by itself.
Status expire_held(Home& home, Time now);
/// Letters that ask and remind. Commits by itself.
Status ask_about_held(Home& home, Time now);

/// The address of somebody of the institution who is not the robot itself: a focal point before
/// others. Empty: there is nobody.
std::string human_beside(const StructureLookup& lookup, std::string_view robot);

}  // namespace focalpost
