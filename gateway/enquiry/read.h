// SPDX-License-Identifier: Apache-2.0
//
// read: a mail's subject and text to what is asked in it.
//
// Reading ends at a signature, at a quote, or at a blank line after the last command: commands may
// have blank lines between them as long as commands follow. Greetings are passed over. A line ends
// a command, but a list that ends in a comma goes on in the next, and ASK and DECLINE take all
// words to the end.
//
// What is a command. A line that begins with a command's word, of which the rest is understood; one
// that has the word in capital letters and is not much longer than what was understood of it; and,
// without a word, an indicator with a country or a time where everything is understood. "Help us
// with our report", "Get well" and «Данные за июнь прилагаем» are none. What is nearly one is in
// `lines`.
//
// Commands of the subject, behind Re:, Fwd: and [2026-000147], stand before those of the text if
// they are not the same. A subject of a command's word alone ("Help", «Вопрос») is none where the
// text is free words; ASK takes those for the question.
//
// Time is linear in the length of what is read, which limits.h bounds; a usual mail takes some tens
// of microseconds.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/limits.h"
#include "enquiry/enquiry.h"
#include "enquiry/vocabulary.h"

namespace focalpost::enquiry {

/// Any bytes, which should be UTF-8; `body` as mime::body_text() and above_quote() give it. `now`:
/// for "last 5 years". What comes out is valid UTF-8 without control characters.
Enquiry read(std::string_view subject, std::string_view body, const Vocabulary& vocabulary,
             const Limits& limits, Time now);

}  // namespace focalpost::enquiry
