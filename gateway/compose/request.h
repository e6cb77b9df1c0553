// SPDX-License-Identifier: Apache-2.0
//
// request: letters about a question that a person answers: to who asks, to who is to answer.
//
// Owns: what they say. The question stands in them as a quotation, the answer as what it is;
// neither brings a header, an address or a file name of its writer. In the question links are made
// to be none, since a stranger may have written it, and what looks like a token of ours is taken
// out, so that it cannot come back in a reply.
//
// Never: gives the name or the address of who answers to who asks, or of who asks to who answers:
// people are known to one another by role and institution.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/offered.h"
#include "compose/receipt.h"
#include "model/period.h"
#include "render/value.h"

namespace focalpost {

class Words;

enum class RequestText : std::uint8_t {
  // to who asks
  kConfirm,   ///< somebody outside: is it you?
  kReceived,  ///< whom it was passed on to
  kMoved,     ///< passed on to another institution
  kAnswer,
  kDeclined,
  kClosed,
  kLapsed,
  // to who is to answer
  kAsk,
  kSubstitute,  ///< since the other one is away
  kForwarded,   ///< since `from` thinks so
  kRemind,
  kEscalated,  ///< since nobody answered
};

/// A table that goes with a question: what the store holds about it.
struct HeldTable {
  std::string file;  ///< its name
  std::string flow;
  Period first, last;
};

struct RequestFacts {
  RequestText text = RequestText::kReceived;
  DocketNumber docket;
  std::string name;                    ///< of the request, "2026-000147"
  std::string token;                   ///< in the subject, if an answer is to be told by it
  std::string subject;                 ///< of the asker's message; empty: not to be repeated
  std::string lang, zone;              ///< of the reader
  const RosterEntry* asker = nullptr;  ///< null: a person outside the network
  bool sure = false;                   ///< it was the asker who wrote
  const RosterEntry* with = nullptr;   ///< who answers; null: nobody any more
  std::string role;                    ///< of `with`: "focal point"
  const RosterEntry* from = nullptr;   ///< who had it before
  std::vector<std::string> areas, flows;
  std::string question;                ///< empty: it is not repeated
  std::string answer;                  ///< or the reason
  std::vector<std::string> files;      ///< names of what is attached
  std::vector<HeldTable> held;         ///< attached too
  std::optional<OfferedAnswer> offer;  ///< with kReceived
  Time opened{};
  std::uint64_t days = 0;  ///< until the coordinator is asked, or after which it lapsed
};

/// Error: as compose_receipt().
Result<Receipt> compose_request(const RequestFacts& facts, const StructureLookup& structures,
                                const Voice& voice, const Letterhead& letterhead);

/// The same as kReceived, as the reply to a registered contact's message: its item says to whom the
/// question went. `offer`: an answer to a like question; may be null.
Result<Receipt> compose_request_received(const Docket& docket, const StructureLookup& structures,
                                         const Voice& voice, const Letterhead& letterhead,
                                         const OfferedAnswer* offer = nullptr);

/// "Perhaps this helps meanwhile: the answer to a similar question, of 3 May 2026, from: ..."
std::string offer_heading(const OfferedAnswer& offer, const StructureLookup& structures,
                          std::string_view zone, Words& words);
/// Its lines, wrapped, each fit to be shown; bounded.
std::vector<std::string> offer_lines(const OfferedAnswer& offer);

/// All that the template "request" may have and this letter does not.
Value& without_request_parts(Value& values, Words& words);

/// "role-focal-point": what a finding calls a role.
std::string role_word(std::string_view role);

/// A stranger's text in which nothing can be clicked on: "hxxp://", "www[.]"; of mail addresses the
/// part before the "@" is left out.
std::string without_links(std::string_view utf8);

}  // namespace focalpost
