// SPDX-License-Identifier: Apache-2.0
#include "compose/undeliverable.h"

#include <string>

#include "compose/shown.h"

namespace focalpost {

Result<Receipt> compose_undeliverable(const Undeliverable& facts, std::string_view lang,
                                      std::string_view zone, const Voice& voice,
                                      const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(lang));
  const RosterEntry& who = facts.contact;
  std::string contact = name_or(who.contact->names, phrases->lang(), who.contact->id);
  std::string institution = name_or(who.organisation->names, phrases->lang(), who.organisation->id);

  Receipt letter;
  FP_ASSIGN(letter.subject, phrases->text("undeliverable.subject",
                                          {{"contact", contact}, {"institution", institution}}));
  FP_ASSIGN(std::string what, phrases->text("undeliverable.what"));
  FP_ASSIGN(std::string next, phrases->text("undeliverable.next"));
  Value values;
  values.set("lang", phrases->found_lang())
      .set("subject", letter.subject)
      .set("example", letterhead.example_network)
      .set("gateway_name", shown(letterhead.name))
      .set("gateway_address", shown(letterhead.address))
      .set("what", what)
      .set("next", next)
      .set("contact", contact)
      .set("institution", institution)
      .set("address", shown(facts.address))
      .set("since", phrases->date(facts.since, zone))
      .set("letters", phrases->number(static_cast<double>(facts.letters)))
      .set("said", shown(facts.said, 400));
  const std::string names[] = {"undeliverable.txt", "undeliverable.html"};
  FP_ASSIGN(auto texts, voice.templates.render(phrases->lang(), names, values));
  letter.plain = wrap_text(texts[0], kPlainWidth);
  letter.html = std::move(texts[1]);
  letter.lang = phrases->found_lang();
  return letter;
}

}  // namespace focalpost
