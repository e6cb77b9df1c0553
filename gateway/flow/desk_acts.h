// SPDX-License-Identifier: Apache-2.0
//
// desk_acts: commands that change something: in which language a contact is written to, and who may
// see an institution's data.
//
// Only the owner: a contact changes its own language, and a contact of the institution that a
// provision agreement names changes the audience of that agreement. Coordinators' commands are in
// desk_coordinator.h. What is changed is an
// annotation (FP_LANG:<contact>, FP_AUDIENCE), as a structure message could.
#pragma once

#include "base/result.h"
#include "compose/transcript.h"
#include "enquiry/enquiry.h"
#include "flow/home.h"
#include "model/docket.h"

namespace focalpost {

struct ActDone {
  AnswerSentence sentence;
  /// Not done: it needs more assurance than there is. What was understood, for the letter that
  /// asks.
  bool waits = false;
  std::string understood;
};

bool is_act(enquiry::Verb verb);

/// Inside the caller's transaction.
Result<ActDone> carry_out(Home& home, const enquiry::Command& command, const RosterEntry& contact,
                          Assurance assurance, std::int64_t docket, Time now);

}  // namespace focalpost
