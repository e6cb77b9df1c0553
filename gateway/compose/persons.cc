// SPDX-License-Identifier: Apache-2.0
#include "compose/persons.h"

#include <string>

#include "base/text.h"

namespace focalpost {
namespace {

std::string name_in(const Texts& names, std::string_view lang, std::string_view id) {
  std::string_view name = text_in(names, lang);
  return shorten(one_line(name.empty() ? id : name), 200);
}

}  // namespace

Result<Receipt> compose_persons(const Docket& docket, const RosterEntry& contact,
                                std::string_view lang, std::string_view zone, const Voice& voice,
                                const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(lang));
  std::string number = docket.number.text();
  std::string who = name_in(contact.contact->names, phrases->lang(), contact.contact->id);
  std::string institution =
      name_in(contact.organisation->names, phrases->lang(), contact.organisation->id);
  const PhraseArgs args = {{"docket", number}, {"contact", who}, {"institution", institution}};
  Receipt letter;
  FP_ASSIGN(letter.subject, phrases->text("persons.subject", args));
  FP_ASSIGN(std::string what, phrases->text("persons.what", args));
  FP_ASSIGN(std::string next, phrases->text("persons.next", args));
  Value values;
  values.set("lang", phrases->found_lang())
      .set("subject", letter.subject)
      .set("example", letterhead.example_network)
      .set("docket", number)
      .set("received", phrases->date_time(docket.received, zone))
      .set("gateway_name", shorten(one_line(letterhead.name), 200))
      .set("gateway_address", shorten(one_line(letterhead.address), 200))
      .set("what", what)
      .set("next", next)
      .set("seen", "");
  const std::string names[] = {"notice.txt", "notice.html"};
  FP_ASSIGN(auto texts, voice.templates.render(phrases->lang(), names, values));
  letter.plain = wrap_text(texts[0], kPlainWidth);
  letter.html = std::move(texts[1]);
  letter.lang = phrases->found_lang();
  return letter;
}

}  // namespace focalpost
