// SPDX-License-Identifier: Apache-2.0
//
// public_answers: answers that their writers let everybody read, offered when a like question
// comes.
//
// An answer is kept as public if its writer put PUBLIC on a line of its own (request_answer.h). Who
// asks later is offered one, the most alike, beside the notice that the question goes to a person:
// an offer replaces nobody.
//
// Alike are two questions that name the same countries and the same indicators, that have most of
// their words in common (by the beginnings of words, so that endings do not matter; is_like()), and
// of which, where both name years, one year is the same. Everything of it can be seen by eye.
//
// Of the earlier question nothing is shown, since its words may tell who asked: the reader gets the
// answer, its date and the institution that gave it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compose/offered.h"
#include "flow/home.h"
#include "mime/compose.h"
#include "model/docket.h"

namespace focalpost {

inline constexpr std::size_t kAnswersCompared = 50;        ///< the newest about a subject
inline constexpr std::size_t kOfferedFileBytes = 2 << 20;  ///< with more, an answer is not offered
inline constexpr std::size_t kLetterOfStem = 5;            ///< characters of a word that count

struct Offer {
  OfferedAnswer answer;
  std::vector<mime::OutgoingAttachment> files;
};

/// `areas` and `flows`: sorted. `docket`: of the question that is asked now, which is not offered
/// its own answer. Nothing where it names neither country nor indicator.
Result<std::optional<Offer>> answer_to_offer(Home& home, const std::vector<std::string>& areas,
                                             const std::vector<std::string>& flows,
                                             std::string_view question, std::int64_t docket);

/// The same for a question that was opened as a request; nothing where `item` says that it was not
/// passed on.
Result<std::optional<Offer>> offer_beside(Home& home, std::int64_t docket, std::uint32_t part,
                                          const std::optional<Item>& item);

/// How much two questions have in common, 0 to 1: twice the beginnings of words that stand in both,
/// by those of either; 0 where both name years and none is the same.
double likeness(std::string_view a, std::string_view b);
/// likeness() of at least two thirds, with three beginnings in common.
bool is_like(std::string_view a, std::string_view b);

}  // namespace focalpost
