// SPDX-License-Identifier: Apache-2.0
#include "compose/undeliverable.h"

#include <string>

#include "compose/blocks.h"
#include "compose/shown.h"

namespace focalpost {

Result<Receipt> compose_undeliverable(const Undeliverable& facts, std::string_view lang,
                                      std::string_view zone, const Voice& voice,
                                      const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(lang));
  const RosterEntry& who = facts.contact;
  std::string contact = name_or(who.contact->names, phrases->lang(), who.contact->id);
  std::string institution = name_or(who.organisation->names, phrases->lang(), who.organisation->id);

  Words words(*phrases);
  std::string subject =
      words("undeliverable.subject", {{"contact", contact}, {"institution", institution}});
  Value values;
  values.set("lang", phrases->found_lang())
      .set("subject", subject)
      .set("example", letterhead.example_network)
      .set("gateway_name", shown(letterhead.name))
      .set("gateway_address", shown(letterhead.address))
      .set("what", words("undeliverable.what"))
      .set("next", words("undeliverable.next"))
      .set("contact", contact)
      .set("institution", institution)
      .set("address", shown(facts.address))
      .set("since", phrases->date(facts.since, zone))
      .set("letters", phrases->number(static_cast<double>(facts.letters)))
      .set("said", shown(facts.said, 400));
  return finish_letter("undeliverable", values, std::move(subject), words, voice);
}

}  // namespace focalpost
