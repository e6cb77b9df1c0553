// SPDX-License-Identifier: Apache-2.0
#include "compose/subscription.h"

#include "compose/blocks.h"
#include "compose/described.h"

namespace focalpost {

std::string selection_words(const std::vector<std::string>& flows,
                            const std::vector<std::string>& areas, const Names& names,
                            Words& words) {
  if (flows.empty() && areas.empty()) return words("digest.selection_all");
  return words("digest.selection", {{"flows", names.flows(flows)}, {"areas", names.areas(areas)}});
}

Result<Receipt> compose_subscription(const SubscriptionFacts& facts,
                                     const StructureLookup& structures, const Voice& voice,
                                     const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(facts.lang));
  Words words(*phrases);
  const Names names(structures, phrases->lang());
  const std::string key = facts.text == SubscriptionText::kConfirm ? "subscription.confirm"
                          : facts.text == SubscriptionText::kBegun ? "subscription.begun"
                                                                   : "subscription.ended";
  const std::string rhythm = words("rhythm." + facts.rhythm);
  const std::string selection = selection_words(facts.flows, facts.areas, names, words);
  const std::string date = phrases->date(facts.next, facts.zone);
  const PhraseArgs args = {
      {"rhythm", rhythm}, {"selection", selection}, {"date", date}, {"token", facts.token}};
  std::string subject = words(key + ".subject", args);
  Value values = letter_head(*facts.about, letterhead, facts.zone, subject, *phrases);
  values.set("what", words(key + ".what", args))
      .set("next", words(key + ".next", args))
      .set("seen", "");
  return finish_letter("notice", values, std::move(subject), words, voice);
}

}  // namespace focalpost
