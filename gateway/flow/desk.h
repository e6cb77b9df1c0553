// SPDX-License-Identifier: Apache-2.0
//
// desk: carries out what a person's message asks for, and says what came of it.
//
// Owns: what each command means, who may have it, what is answered where something is missing.
// Never: writes a letter (compose/transcript.h), decides what of the data may leave
// (store/reader.h). Every answer holds what the asker's institution may see, and the public what is
// public.
//
// What changes something (who may see data, in which language letters are) is an act: the policy
// says what assurance it needs; below that nothing is done, and the item waits for the sender's
// word like held data (held.h). Then the whole message is answered anew.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/transcript.h"
#include "enquiry/enquiry.h"
#include "flow/home.h"
#include "model/docket.h"
#include "model/viewer.h"

namespace focalpost {

/// Item::kind of a command that was answered.
inline constexpr std::string_view kEnquiryKind = "enquiry";

/// Indicators answered for one command.
inline constexpr std::size_t kFlowsAnswered = 10;
/// Lines of a list.
inline constexpr std::size_t kFactsListed = 200;

/// Who asks.
struct Asker {
  const RosterEntry* contact = nullptr;  ///< null: not registered
  std::string address;
  Assurance assurance = Assurance::kNone;
  Viewer viewer;
  std::string lang;         ///< of the answer; empty: English
  std::int64_t docket = 0;  ///< of the message; 0: none, from the command line
};
Asker asker_of(const StructureLookup& lookup, const Docket& docket, Time now);
/// What a contact may see: what its institution may. A coordinator too: numbers of others that are
/// withheld do not travel by mail.
Viewer viewer_of(const StructureLookup& lookup, const RosterEntry& contact, Time now);

struct DeskAnswer {
  Transcript transcript;
  std::vector<Item> items;  ///< one for each command; numbers from 1
};

/// Inside the caller's transaction. `enquiry`: has at least a command or a line.
Result<DeskAnswer> answer_enquiry(Home& home, const enquiry::Enquiry& enquiry, const Asker& asker,
                                  Time now);

/// How the transcript is read.
TranscriptReader reader_of(const Asker& asker, std::string_view lang);

/// What a docket's reply says, where it answers an enquiry.
struct DeskReply {
  Transcript transcript;
  TranscriptReader reader;
  /// The message is a question alone: there is no transcript, but an answer to a like one.
  std::optional<OfferedAnswer> offer = {};
  std::vector<mime::OutgoingAttachment> files = {};  ///< the offer's
};

}  // namespace focalpost
