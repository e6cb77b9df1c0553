// SPDX-License-Identifier: Apache-2.0
//
// duty_answer: the word that answers a reminder of what is due (reminders.h): no data, extend 14,
// not mine.
//
// It counts if all of this is so: a person wrote it (the caller sees to that); it replies to a
// reminder (token.h); From is a contact of the institution that was asked, or a coordinator who
// looks after it; it is as sure as [policy] extend wants, else it is held and confirmed as any
// other (held.h); and the words are such, and all of them understood (enquiry/duty_words.h).
//
// A word is for everything that the reminder lists, unless it names an indicator, a country or a
// period. What was received meanwhile is left as it is. An extension is 1 to kMostExtension days,
// these in all, and kMostExtensions of them (duties.h). Nothing is ever deleted: data that come
// after "no data" are filed as always, and count.
//
// Everything is written in the caller's transaction; the same message judged again does nothing
// twice.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/requests.h"

namespace focalpost {

/// Item::path of an answer that is held: "DUTY NO DATA ASYLUM 2026-04".
inline constexpr std::string_view kDutyPath = "DUTY ";

/// The items for the answers in it: one for each thing said. `authorised`: somebody confirmed or
/// released it. None: no reminder is answered in these words.
Result<std::vector<Item>> read_duty_answer(Home& home, const Heard& heard, bool authorised);

/// It replies to a reminder, brings neither data nor one of the words, and is no question: the item
/// that says how to answer.
Result<std::optional<Item>> unclear_duty_answer(Home& home, const Heard& heard);

bool is_held_duty_answer(const Item& item);

}  // namespace focalpost
