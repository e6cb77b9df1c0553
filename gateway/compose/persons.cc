// SPDX-License-Identifier: Apache-2.0
#include "compose/persons.h"

#include <string>

#include "compose/blocks.h"
#include "compose/shown.h"

namespace focalpost {

Result<Receipt> compose_persons(const Docket& docket, const RosterEntry& contact,
                                std::string_view lang, std::string_view zone, const Voice& voice,
                                const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(lang));
  std::string number = docket.number.text();
  std::string who = name_or(contact.contact->names, phrases->lang(), contact.contact->id);
  std::string institution =
      name_or(contact.organisation->names, phrases->lang(), contact.organisation->id);
  const PhraseArgs args = {{"docket", number}, {"contact", who}, {"institution", institution}};
  Words words(*phrases);
  std::string subject = words("persons.subject", args);
  Value values = letter_head(docket, letterhead, zone, subject, *phrases);
  values.set("what", words("persons.what", args))
      .set("next", words("persons.next", args))
      .set("seen", "");
  return finish_letter("notice", values, std::move(subject), words, voice);
}

}  // namespace focalpost
