// SPDX-License-Identifier: Apache-2.0
//
// desk_coordinator: commands of coordinators by mail, beside RELEASE and REJECT (answer.h):
//
//     ADD CONTACT KG_NSC name@institution.example focal_point ru
//     PAUSE KG_NSC ASYLUM until 2026-12-31
//     RESUME KG_NSC ASYLUM
//
// ADD CONTACT makes a contact of an institution, as a mailed scheme of data providers could, and
// under the same right (effects.h): of the own institution, or, for the network's secretariat, of
// any. The new contact is told, and so are the focal points and coordinators that there were: they
// know best whether that is right. An address that is in the roster already is not taken over.
//
// PAUSE says until which day (included) nobody is to be reminded of what an agreement promises: an
// annotation of the agreement, kPausedUntil, whose title is the date. Without an indicator: all
// agreements of the institution. Allowed about institutions that the coordinator looks after
// (bounces.h). Only reminders stop; what is due is due.
//
// Danger: words of a command are a stranger's until its sender is sure enough; what is held and
// shown to be confirmed is made of codes of the roster and the address alone.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "enquiry/enquiry.h"
#include "flow/desk_acts.h"
#include "flow/home.h"

namespace focalpost {

/// Annotation of a provision agreement: "2026-12-31".
inline constexpr std::string_view kPausedUntil = "FP_PAUSED_UNTIL";
/// Whether its reminders are paused at this moment.
bool is_paused(const ProvisionAgreement& agreement, Time now);

inline constexpr std::size_t kMostContacts = 50;  ///< of an institution
inline constexpr std::chrono::hours kLongestPause{2 * 366 * 24};

bool is_coordinators(enquiry::Verb verb);

/// Inside the caller's transaction. Any contact's command; says so where it is none of a
/// coordinator.
Result<ActDone> carry_out_coordinators(Home& home, const enquiry::Command& command,
                                       const RosterEntry& contact, Assurance assurance,
                                       std::int64_t docket, Time now);

}  // namespace focalpost
