// SPDX-License-Identifier: Apache-2.0
//
// receipt: from a docket to the answer that its sender gets, in the sender's language.
//
// Owns: what a receipt says and in which order: the number, the verdict in plain words, what to do
// next, what changed, what is wrong and where, what was recognised. The words themselves are in
// templates/<language>/ (render/templates.h, render/phrases.h).
//
// Never does: decide a verdict, look into the store, make headers or MIME (`mime`'s), quote the
// body of a message.
//
// Dangers: names of files, subjects, codes and values are a stranger's. They enter templates as
// values only, on one line, with controls made visible; nothing in them is ever run or interpreted.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "mime/compose.h"
#include "model/docket.h"
#include "model/finding.h"
#include "model/lookup.h"
#include "render/phrases.h"
#include "render/templates.h"

namespace focalpost {

struct Receipt {
  std::string subject;  ///< "Re: Asylum data March [2026-000147]", UTF-8, one line
  std::string plain;    ///< UTF-8, lines end in LF, at most 78 characters but for longer words
  std::string html;     ///< a whole HTML document
  std::string lang;     ///< of both, for Content-Language
  std::vector<mime::OutgoingAttachment> attachments;
};

/// What stands under every letter.
struct Letterhead {
  std::string name;              ///< of the gateway
  std::string address;           ///< where it is reached
  bool example_network = false;  ///< every letter then says that the data are invented
  /// The subject and names of files are repeated. Not to who may not be the one who wrote them.
  bool quote = true;
};

/// Where the words come from.
struct Voice {
  const TemplateStore& templates;
  const PhraseStore& phrases;
};

/// How much of a docket is listed; everything is counted.
inline constexpr std::size_t kErrorsShown = 50;    ///< of one file
inline constexpr std::size_t kWarningsShown = 20;  ///< of one file; notes too
inline constexpr std::size_t kCellsShown = 20;     ///< of one dataset
inline constexpr std::size_t kAreasShown = 20;     ///< of one dataset
inline constexpr std::size_t kPlainWidth = 78;

/// The answer to a message of a registered sender: one block for each item that was judged. A
/// docket that failed as a whole gets compose_failed(), one in which nothing was judged
/// compose_no_data(). Language: docket.sender.lang; times in the zone of the sender's roster entry.
/// Error: templates or phrases are missing altogether (ErrorKind::kNotRight).
Result<Receipt> compose_receipt(const Docket& docket, const StructureLookup& structures,
                                const Voice& voice, const Letterhead& letterhead);

/// "We could not process your message; it is kept; the operator has been told." Does not say why:
/// the reason is the operator's.
Result<Receipt> compose_failed(const Docket& docket, const StructureLookup& structures,
                               const Voice& voice, const Letterhead& letterhead);

/// "We found no data in your message", and what to send.
Result<Receipt> compose_no_data(const Docket& docket, const StructureLookup& structures,
                                const Voice& voice, const Letterhead& letterhead);

/// What became of an answer to a letter that asked, or of a command: the sentence of its finding.
Result<Receipt> compose_answer(const Docket& docket, const StructureLookup& structures,
                               const Voice& voice, const Letterhead& letterhead);

/// To who is not registered: what this address is for, and how to become registered. Repeats
/// nothing of the message but its subject. `lang`: of the home, since a stranger's is not known.
Result<Receipt> compose_help(const Docket& docket, std::string_view lang, const Voice& voice,
                             const Letterhead& letterhead);

/// One finding as a text that stands alone: 'Line 14: code "Y18-34" is not in the list of AGE. Did
/// you mean Y18T34? (Series M.KG.Y18-34, period 2026-03.)' A rule without a phrase gives its id.
std::string finding_sentence(const Finding& finding, const Phrases& phrases);

/// "Re: Asylum data March [2026-000147]": without the marks of earlier replies and their numbers.
std::string reply_subject(std::string_view subject, const DocketNumber& number,
                          const Phrases& phrases);

}  // namespace focalpost
