// SPDX-License-Identifier: Apache-2.0
//
// reminder: one letter to one person that lists what is due.
//
// Owns: what it says: what is expected by when, what is attached, which words answer it. Never:
// blames. Words of delay and fault do not occur; "expected by", "not received yet" do.
//
// Sections, in this order, each only if there is something in it: what the reader is asked for;
// what is asked of the reader as a substitute; what a coordinator looks after, by institution.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compose/receipt.h"
#include "model/period.h"

namespace focalpost {

/// Lines of a section; the rest is counted.
inline constexpr std::size_t kDueShown = 40;

struct DueLine {
  std::string dataflow;  ///< id: "ASYLUM"
  Period period;
  std::int64_t due = 0;  ///< day since 1970-01-01
  bool past = false;     ///< the day is over
  std::vector<std::string>
      missing;            ///< countries of which something is missing, where it is not all
  bool partly = false;    ///< some of it came
  std::string provider;   ///< whose; shown to coordinators
  bool disowned = false;  ///< who was asked says that somebody else has it
};

struct ReminderFacts {
  std::vector<DueLine> own, substitute, coordinator;
  std::vector<std::string> forms;  ///< names of the attached forms
  bool calendar = false;           ///< calendar.ics is attached
  std::string token;
  std::string lang, zone;
};

/// Error: as compose_receipt().
Result<Receipt> compose_reminder(const ReminderFacts& facts, const StructureLookup& structures,
                                 const Voice& voice, const Letterhead& letterhead);

/// "Asylum applicants, April 2026": a dataflow's name and a period.
std::string due_name(std::string_view dataflow, Period period, const StructureLookup& structures,
                     const Phrases& phrases);

}  // namespace focalpost
