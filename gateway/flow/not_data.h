// SPDX-License-Identifier: Apache-2.0
//
// not_data: what people send instead of data, and what in a letter deserves a remark beside it.
//
// Owns: which rule says it (the sentences are the templates': explain.<rule>.what and .next, or the
// rule's own), how a list of persons is known by its column headings, and which addresses in a text
// are those of places where files are left to be fetched.
//
// Never: fetches anything, keeps or gives out a word of a list of persons or a password: findings
// made here say that there is one, and quote nothing.
//
// Dangers: all of it is guessing from a stranger's words. Being wrong must be harmless: a table
// taken for a list of persons is refused with a sentence that says why, and can be sent with other
// headings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "attachment/attachment.h"
#include "mime/message.h"
#include "model/docket.h"
#include "model/finding.h"
#include "sdmx/detect.h"

namespace focalpost {

/// An image below this size (as sent, encoded) is a logo or a smiley, not a table.
inline constexpr std::size_t kPictureBytes = 12 << 10;
/// How much of a letter's text is looked at.
inline constexpr std::size_t kTextLookedAt = 64 << 10;

/// Why an attachment or a member cannot be used. `name`: an office document is told by its ending.
const Rule& rule_of(AttachmentProblem problem, AttachmentKind kind, std::string_view name);

/// `set` empty: it is not known which.
Finding charset_assumed(std::string component, std::string what, std::string_view set);

/// Does a file (its first bytes) list persons: headings such as ФИО, ПІБ, surname, passport, date
/// of birth? Looks at tables and at XML that is not SDMX.
bool lists_persons(std::string_view head, FileKind kind);
/// The same of a text in UTF-8.
bool lists_persons(std::string_view utf8);

/// A letter without data whose text says why: a list of persons in it, or a link to a file.
std::optional<Finding> explain_text(std::string_view utf8);
/// The host of the first such link, "disk.yandex.ru".
std::optional<std::string> cloud_link(std::string_view utf8);
/// Whether a short text speaks of an attachment, and asks nothing: "the data are attached".
bool speaks_of_attachment(std::string_view utf8);
/// "password: ...", «пароль: ...», «пароль — ...».
bool gives_password(std::string_view utf8);

/// Addresses in To and Cc that are not the gateway's own.
std::size_t other_recipients(const mime::Message& message, std::string_view own);

/// Adds to the items of a judged message what concerns all of it.
/// `text`: its body_text().
void remark(Docket& docket, const mime::Message& message, std::string_view text,
            std::string_view own, std::vector<Finding> notes);

}  // namespace focalpost
