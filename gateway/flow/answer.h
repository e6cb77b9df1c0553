// SPDX-License-Identifier: Apache-2.0
//
// answer: what a person's message decides about something that is held: YES or NO to a letter that
// asked (held.h), or a coordinator's RELEASE or REJECT.
//
// An answer counts if all of this is so: a person wrote it (the caller sees to that); it brings a
// token of ours back, in In-Reply-To, the subject, References or the text (token.h); From is the
// registered address that the letter went to, or another one of the same contact; it begins with a
// yes or a no above any quote (mime/own_words.h); and the token is neither late nor used up. From
// alone may be forged: the token is the proof that the letter was received. Numbers of dockets and
// threads decide nothing.
//
// Commands are lines of a coordinator's message, behind a greeting, or its subject: "RELEASE
// 2026-000147", "reject No. 2026-000147, 2026-000148". Nothing but numbers may stand in such a
// line, and the first other line ends them. What assurance they need the policy says; below that
// each is held itself, and its sender is asked. Who wants to release and reject the same gets
// neither.
//
// Nothing is filed from here: what was decided becomes an order (store/orders.h), carried out by
// release.h. Everything here is written in the caller's transaction.
//
// Danger: sentences to who answers wrongly tell nothing of what waits, or whose it is.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/home.h"
#include "mime/message.h"
#include "model/docket.h"
#include "model/lookup.h"

namespace focalpost {

/// Item::kind of an answer or a command.
inline constexpr std::string_view kCommandKind = "command";

/// A registered person's message.
struct Said {
  const mime::Message& message;
  std::string_view text;  ///< its body_text()
  const Docket& docket;   ///< opened: its sender and assurance
  const RosterEntry& contact;
  bool has_data = false;
  Time now{};
};

/// An item that says what became of an answer, a command or a question, by a rule's sentence.
Item command_item(const Rule& rule, std::string value = {}, std::string detail = {},
                  Outcome outcome = Outcome::kAnswered);

/// The item for the answer in it, if there is one; its number is the caller's.
Result<std::optional<Item>> read_answer(Home& home, const Said& said);
/// An item for each command, in their order; at most Limits::enquiry_commands are carried out.
/// `only`: this one of them ("RELEASE 2026-000147").
Result<std::vector<Item>> read_commands(Home& home, const Said& said, std::string_view only = {});

/// Whether the docket gets no reply of its own, since what becomes of what it confirmed is one, or
/// since it says nothing but thanks.
bool answered_by_deeds(const Docket& docket);

}  // namespace focalpost
