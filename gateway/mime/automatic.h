// SPDX-License-Identifier: Apache-2.0
//
// automatic: whether a machine sent a message. What a machine sent gets no reply (RFC 3834 section
// 2), and nothing inside a bounce is data.
//
// Danger: every field looked at can be forged. Both ways of being wrong are harmless by design: a
// person taken for a machine gets no letter (but the message is in a folder that is looked at), and
// a machine taken for a person gets one, within the budget for replies.
#pragma once

#include <string>
#include <string_view>

#include "mime/message.h"

namespace focalpost::mime {

enum class Sender {
  kPersonal,     ///< nothing says that it is automatic
  kBounce,       ///< a report about a delivery
  kAutoReply,    ///< out of office, a ticket system, a robot, bulk mail
  kMailingList,  ///< by way of a list server
  kOwn,          ///< one of our own came back: a loop
};

struct Classified {
  Sender sender = Sender::kPersonal;
  std::string reason;  ///< what said so, for the docket: "Auto-Submitted: auto-replied"
};

/// By which we know what we sent ourselves.
struct OwnMarks {
  std::string_view gateway_id;         ///< in X-Focalpost-Gateway
  std::string_view message_id_domain;  ///< of our Message-IDs; a domain that only we use
};

inline constexpr std::string_view kGatewayHeader = "X-Focalpost-Gateway";

Classified classify(const Message& message, const OwnMarks& own);

/// Whether an automatic message says that its owner is away (out of office), rather than that a
/// ticket was opened or a mail was read. Guessed from the words of subject and text.
bool says_away(const Message& message);
/// Whether it answers a message of ours: In-Reply-To or References name an id in our domain.
bool answers_own(const Headers& headers, std::string_view message_id_domain);

/// Whether a subject begins as vacation programs begin theirs, before the subject that they answer:
/// "Out of Office: Re: ...", «Автоответ: ...». People write some of these too: it counts together
/// with answers_own(), where there is nothing else in the message.
bool begins_as_absence(std::string_view subject);

/// Whether a message asks not to be answered by a program, or went by way of a list or in bulk:
/// X-Auto-Response-Suppress (All, AutoReply), Precedence, List-*. A person may have sent it all the
/// same: to whom we owe an answer it is given; a stranger gets none.
bool wants_no_answer(const Headers& headers);

}  // namespace focalpost::mime
