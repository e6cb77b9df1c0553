// SPDX-License-Identifier: Apache-2.0
//
// request_answer: the reply to a letter that put a question before somebody, and what it makes.
//
// It counts if all of this is so: a person wrote it (the caller sees to that); it replies to such a
// letter (token.h); From is a contact of the institution that was asked, or a coordinator who looks
// after it; and it is as sure as the policy wants for answering, else the message is held and
// confirmed as any other (held.h), or a coordinator releases it. Whoever else replies has not
// answered: what that message is, is decided as if it came by itself.
//
// The first line above the quote may be a command: DECLINE and a reason, FORWARD and a name, CLOSE;
// in capitals or with a colon, since "Decline of applications" may begin an answer. A line with
// PUBLIC alone lets everybody read the answer. Everything else above quote and signature is the
// answer: the text and the files of allowed kinds, put into a new letter. Of the original nothing
// else is taken: no header, no name, no address.
//
// All or nothing: a file that may not go on, or a list of persons, keeps the whole answer back, and
// its sender is told why. What replies to a question is never filed as data.
//
// A request that is settled can be answered again, kMostAnswers in all: corrections are worth more
// than order. DECLINE, FORWARD and CLOSE of a settled one change nothing.
//
// Danger: what is in a Word, Excel or PDF file is not looked at; its author's name may stand in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "enquiry/vocabulary.h"
#include "flow/requests.h"

namespace focalpost {

inline constexpr std::size_t kMostAnswers = 5;
inline constexpr std::uint64_t kAnswerFileBytes = 5 << 20, kAnswerBytes = 10 << 20;
inline constexpr std::size_t kAnswerFiles = 10;
/// Item::path of an answer that is held: "ANSWER 2026-000147".
inline constexpr std::string_view kAnswerPath = "ANSWER ";

/// The item for the answer in it, if there is one. `authorised`: somebody confirmed or released it.
Result<std::optional<Item>> read_request_answer(Home& home, const Heard& heard, bool authorised);

/// Whether the item is an answer to a request that is held.
bool is_held_answer(const Item& item);

/// What a reply says, taken apart. For tests too.
struct AnswerWords {
  enum class Kind { kAnswer, kDecline, kForward, kClose };
  Kind kind = Kind::kAnswer;
  std::string argument;  ///< of the command: the reason, the name
  std::string text;      ///< the answer; lines end in LF
  bool is_public = false;
};
/// `body`: body_text(). `vocabulary`: for PUBLIC in the words of all languages (words.txt).
AnswerWords answer_words(std::string_view body, const enquiry::Vocabulary& vocabulary);

}  // namespace focalpost
