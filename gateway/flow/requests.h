// SPDX-License-Identifier: Apache-2.0
//
// requests: questions in free words: from who asks to who answers, and back.
//
//   asked        open_request(): a registered contact's question goes to who is responsible
//                (request_route.h); somebody outside gets one letter and must confirm first
//   confirmed    read_asker_word(): a yes, from the address that was asked, with the token
//   answered     read_request_answer() (request_answer.h): a plain reply, or DECLINE, FORWARD,
//   CLOSE in time      tend_requests(): the substitute of who is away, a reminder, the coordinator,
//   the
//                end; what was never confirmed ends without a word
//
// The letters are compose/request.h's. A token "RQ-..." (token.h) in Message-ID and subject says
// which request a reply is about; what its sender may do the roster and the policy say. Everything
// is written in the caller's transaction (but tend_requests(), which commits by itself), so that a
// message that is judged again after a crash has done nothing before; a message that is judged
// again later finds what it did (store/requests.h, done_by()) and does it no second time.
//
// The docket of a question is open while one of its requests is, then answered; its message moves
// between Enquiries/Open and Enquiries when whoever has the lock looks around next (release.h).
//
// Dangers:
// - What somebody wrote is read by somebody else who trusts us: it stands as a quotation, with
// links
//   made to be none where a stranger wrote it, without tokens and attachments; and the letter says
//   where it is not sure who wrote it.
// - Strangers cost one letter a day each and all together no more than help texts did (gate.h); a
//   stranger without a letter gets no row either.
// - Nobody is told anybody's address: who asks hears role and institution, who answers the
//   institution.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compose/request.h"
#include "flow/home.h"
#include "flow/request_route.h"
#include "mime/compose.h"
#include "mime/message.h"
#include "model/docket.h"
#include "model/lookup.h"
#include "store/requests.h"

namespace focalpost {

class LetterWriter;

/// Code points of a question and of an answer; what is longer is cut, and refused.
inline constexpr std::size_t kMostQuestion = 6000, kMostAnswer = 20000, kMostReason = 2000;
/// Of the text of a message that may answer.
inline constexpr std::size_t kAnswerLookedAt = 256 << 10;
inline constexpr std::chrono::hours kConfirmWithin{7 * 24};

/// A person's message, opened.
struct Heard {
  const mime::Message& message;  ///< for its headers
  const mime::Message& content;  ///< what was signed, or the message
  const Docket& docket;          ///< with id, number, sender and assurance
  const RosterEntry* contact;    ///< null: not registered
  Time now{};
};

struct Question {
  std::string text;  ///< UTF-8; bounded here
  /// Codes of REF_AREA, ids of dataflows. Both empty: what the text names is looked for
  /// (request_route.h).
  std::vector<std::string> areas, flows;
  std::vector<mime::OutgoingAttachment> attached;  ///< what the store holds, for who answers
  std::uint32_t part = 1;                          ///< the n-th question of the message
};

/// What of a message is a question: subject and own words, without quote and signature; empty:
/// nothing.
std::string question_in(const Heard& heard);
/// Areas and flows of the request whose answer this message replies to; else none.
Result<Question> in_thread_of(Home& home, const Heard& heard);

/// Opens a request, or finds it open where the message is judged once more. The item of the docket:
/// open (rules::request_opened names institution and role), or answered where it was refused or
/// waits for a stranger's confirmation. Nothing: a stranger who gets no letter now.
Result<std::optional<Item>> open_request(Home& home, const Heard& heard, Question question);

/// The item for YES or NO to the letter that asks a stranger to confirm.
Result<std::optional<Item>> read_asker_word(Home& home, const Heard& heard);

/// What is due, see above. Commits by itself.
Status tend_requests(Home& home, Time now);

// ---- for request_answer.h -----------------------------------------------------------------------

/// The letter of ours that a message replies to, by its thread and subject; its text is not looked
/// at, since it may quote what others wrote.
Result<std::optional<RequestLetter>> letter_replied_to(Home& home, const mime::Message& message);

/// Puts the request before somebody and writes that down. False: no letter may leave to that
/// address now, nothing was changed. `from`: who had it before, for kForwarded and kEscalated.
Result<bool> pass_on(LetterWriter& writer, Request& request, const Responsible& to,
                     RequestText text, const RosterEntry* from, std::string_view what,
                     std::optional<std::int64_t> said_in);

/// A letter to who asks; false as above. `with`: who answers, with which role.
struct AskerLetter {
  RequestText text = RequestText::kReceived;
  const RosterEntry* with = nullptr;
  std::string role;
  std::string answer;
  std::vector<mime::OutgoingAttachment> files;
  std::optional<OfferedAnswer> offer = {};  ///< its files are among `files`
};
Result<bool> tell_asker(LetterWriter& writer, const Request& request, AskerLetter letter);

/// The request ends in this state, its docket with the last one; `who` and `said_in` for its
/// history.
Status settle_request(Home& home, Request& request, RequestState state, std::string_view who,
                      std::optional<std::int64_t> said_in, Time now);

/// "focal point", "substitute" or "coordinator", as the first that applies.
std::string role_of(const RosterEntry& entry);
/// "KG_SMS, focal point", for the history.
std::string holder_text(const RosterEntry& entry, std::string_view role);
/// An item of kind kCommandKind with this finding.
Item request_item(const Rule& rule, std::string value, std::string detail = {},
                  std::string expected = {}, Outcome outcome = Outcome::kAnswered);

}  // namespace focalpost
