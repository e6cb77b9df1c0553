// SPDX-License-Identifier: Apache-2.0
//
// letter: what every letter of ours has beside what it says: who it is from, marks by which we and
// other programs know it (RFC 3834), its row in the outbox.
//
// Never: decides whether it may leave (gate.h), or what it says (compose/).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compose/receipt.h"
#include "flow/gate.h"
#include "flow/home.h"
#include "mime/compose.h"
#include "model/docket.h"

namespace focalpost {

struct LetterFields {
  std::string from_name, from, to;
  std::string message_id;
  std::string in_reply_to;              ///< empty: begins a thread
  std::vector<std::string> references;  ///< oldest first
  std::string auto_submitted;           ///< "auto-replied" or "auto-generated"
  std::string gateway_id;
  Time date{};
};
/// The letter as it is sent. Touches no home, so that a worker may do it.
Result<std::string> write_letter(const LetterFields& fields, Receipt text);

/// A letter that is no reply to the message in hand.
struct Letter {
  std::string kind;  ///< of the outbox: "persons", "reminder", ...
  std::string message_id;
  std::string in_reply_to;
  std::vector<std::string> references;  ///< empty: in_reply_to alone
  std::string auto_submitted = "auto-generated";
  const Docket* about = nullptr;  ///< null: no docket's
  std::vector<mime::OutgoingAttachment> attachments;
};
/// Writes it and puts it into the outbox. Inside a transaction.
Status post_letter(Home& home, const Pass& pass, const Letter& letter, Receipt text, Time now);

/// For who writes several such letters.
class LetterWriter {
 public:
  static Result<LetterWriter> make(Home& home, Time now);

  Home& home() { return home_; }
  Time now() const { return now_; }
  const std::string& key() const { return key_; }
  Voice voice() const { return {templates_, phrases_}; }
  Letterhead letterhead() const;
  /// letter_message_id() with the home's key and domain.
  std::string message_id(std::string_view what) const;
  Status post(const Pass& pass, const Letter& letter, Receipt text) {
    return post_letter(home_, pass, letter, std::move(text), now_);
  }

 private:
  LetterWriter(Home& home, Time now, std::string key);

  Home& home_;
  Time now_;
  std::string key_;
  // Not the home's own: those may be rendering in another thread now.
  TemplateStore templates_;
  PhraseStore phrases_;
};

}  // namespace focalpost
