// SPDX-License-Identifier: Apache-2.0
//
// own_words: what somebody wrote above what they quote, with or without a signature, and whether it
// is a yes or a no.
//
// A quote begins with a line that starts with ">", with what mail programs write above one ("On ...
// wrote:", «... пишет:», "-----Original Message-----", a block of From: and Sent:, Yandex's and
// Gmail's "20.05.2026, 12:00, Name <a@b>:"), or with Outlook's line of underscores. HTML comes here
// by way of body_text(), which has marked what stands in a <blockquote> and drawn <hr> as such a
// line.
//
// Danger: a yes files data. So only the first word counts, and not even that where a question, a
// negation, a "but" or more than one short sentence of their own stands beside it («Да? А что это
// за письмо?», «Так кто это отправил», "Yes, received. We did not send this."): who is not
// understood is asked once more, which costs a minute. What follows a signature ("-- ", "Kind
// regards", a notice of confidentiality) is no part of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace focalpost::mime {

/// `text` in UTF-8, lines ended by LF.
std::string above_quote(std::string_view text);

/// Without the signature at its end: from a line "-- ", or a closing phrase ("Best regards", «С
/// уважением», «З повагою», "Sent from my iPhone") near the end. `own`: above_quote().
std::string without_signature(std::string_view own);

/// Nothing but thanks: "Thank you!", «Спасибо большое», «Дякую». `own`: above_quote().
bool only_thanks(std::string_view own);

/// Its words of Latin and Cyrillic letters, in lower case.
std::vector<std::string> words_of(std::string_view line);
/// Whether a line begins as a greeting does.
bool is_greeting(std::string_view line);

enum class SaidWord { kNone, kYes, kNo };

/// The first word of the first line that is no greeting: yes, да, так, confirm, подтверждаю,
/// підтверджую; no, нет, ні; none where the rest of the text takes it back. `own`: above_quote().
SaidWord said_word(std::string_view own);

}  // namespace focalpost::mime
