// SPDX-License-Identifier: Apache-2.0
//
// reminders: who is written to about what is due, and when.
//
//   10 days before the due day      the focal point
//   3 working days after it         the focal point once more
//   14 days after                   the substitute
//   30 days after, or "not mine"    the coordinator
//   60 days after                   nobody any more
//
// Whoever has something new to hear gets one letter that lists everything that is due from this
// person, on Tuesday to Thursday, from 9:00 on the person's own clock, not on a holiday of the
// country, and never within seven days of the last such letter. So who was not reached for a week
// (the gateway was off) gets one letter, not one for each step missed. The letter to who is asked
// has forms with the series of the last period (data_form.h), and the first letter to a person has
// calendar.ics. Who is away or cannot be reached is passed over for the substitute.
//
// What was received, or has no data, is asked for no more; an extension moves all days, and the new
// day is not announced once more. What was due before this gateway knew the agreements is nobody's
// debt to it, and for a day after it came to know them nobody is reminded, so that a network can be
// set up in peace.
//
// A reminder is a row in the store (store/duties.h), written with its letter in one transaction: a
// crash makes none twice and none lost. Once an hour is looked, and only then.
//
// Never: writes to somebody outside the institution but its coordinator, speaks of fault.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "compose/calendar_file.h"
#include "flow/duties.h"
#include "flow/home.h"
#include "mime/compose.h"
#include "mime/message.h"
#include "render/phrases.h"

namespace focalpost {

inline constexpr int kRemindBefore = 10, kRemindAfterWorking = 3, kAskSubstitute = 14,
                     kAskCoordinator = 30, kRemindUntil = 60, kDaysBetweenLetters = 7;
inline constexpr int kLetterMinute = 9 * 60;  ///< of the reader's day
inline constexpr std::size_t kMostForms = 10, kMostFormBytes = 4u << 20;

/// Outbox kind of these letters.
inline constexpr std::string_view kDueLetter = "due";

/// Letters that are due now. Commits by itself.
Status tend_duties(Home& home, Time now);

/// Since when duties are watched; nothing: there are no agreements.
Result<std::optional<Time>> duties_since(Home& home);

/// The reminder that a message replies to, by its thread and subject.
Result<std::optional<Reminder>> reminder_replied_to(Home& home, const mime::Message& message);

/// calendar.ics of these duties, in a language; at most kMostEvents.
mime::OutgoingAttachment calendar_of(Home& home, DutyBook& book, const std::vector<Duty>& duties,
                                     const Phrases& phrases);

}  // namespace focalpost
