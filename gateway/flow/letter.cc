// SPDX-License-Identifier: Apache-2.0
#include "flow/letter.h"

#include "flow/bounces.h"

namespace focalpost {

Result<std::string> write_letter(const LetterFields& fields, Receipt text) {
  mime::Outgoing mail;
  mail.from = {fields.from_name, fields.from};
  mail.to = {"", fields.to};
  mail.subject = std::move(text.subject);
  mail.message_id = fields.message_id;
  mail.in_reply_to = fields.in_reply_to;
  mail.references = fields.references;
  mail.date = fields.date;
  mail.auto_submitted = fields.auto_submitted;
  mail.language = std::move(text.lang);
  mail.headers = {{std::string(mime::kGatewayHeader), fields.gateway_id}};
  mail.plain = std::move(text.plain);
  mail.html = std::move(text.html);
  mail.attachments = std::move(text.attachments);
  return mime::compose(mail);
}

Status post_letter(Home& home, const Pass& pass, const Letter& letter, Receipt text, Time now) {
  LetterFields fields;
  fields.from_name = home.settings().name;
  fields.from = home.settings().sender();
  fields.to = pass.to();
  fields.message_id = letter.message_id;
  fields.in_reply_to = letter.in_reply_to;
  fields.references = letter.references;
  if (fields.references.empty() && !letter.in_reply_to.empty())
    fields.references = {letter.in_reply_to};
  text.attachments.insert(text.attachments.end(), letter.attachments.begin(),
                          letter.attachments.end());
  fields.auto_submitted = letter.auto_submitted;
  fields.gateway_id = home.gateway_id();
  fields.date = now;
  OutboxEntry entry;
  if (letter.about) {
    entry.docket = letter.about->id;
    entry.attempt = letter.about->attempt;
  }
  entry.kind = letter.kind;
  entry.message_id = letter.message_id;
  entry.subject = text.subject;
  entry.lang = text.lang;
  entry.created = entry.not_before = now;
  FP_ASSIGN(const std::string bytes, write_letter(fields, std::move(text)));
  FP_TRY(post(home, pass, std::move(entry), bytes));
  return {};
}

Result<LetterWriter> LetterWriter::make(Home& home, Time now) {
  FP_ASSIGN(std::string key, read_key(home.paths()));
  return LetterWriter(home, now, std::move(key));
}

LetterWriter::LetterWriter(Home& home, Time now, std::string key)
    : home_(home),
      now_(now),
      key_(std::move(key)),
      templates_(share_directory() / "templates", home.paths().templates()),
      phrases_(share_directory() / "templates", home.paths().templates()) {}

Letterhead LetterWriter::letterhead() const {
  return {home_.settings().name, home_.settings().address, home_.is_example()};
}

std::string LetterWriter::message_id(std::string_view what) const {
  return letter_message_id(key_, what, home_.message_id_domain());
}

}  // namespace focalpost
