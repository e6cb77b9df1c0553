// SPDX-License-Identifier: Apache-2.0
#include "compose/roster_letter.h"

#include <fmt/format.h>

#include "compose/blocks.h"
#include "compose/request.h"
#include "compose/shown.h"

namespace focalpost {

Result<Receipt> compose_roster_news(const RosterNews& news, const Voice& voice,
                                    const Letterhead& letterhead) {
  FP_ASSIGN(const Phrases* phrases, voice.phrases.in(news.lang));
  Words words(*phrases);
  auto institution_of = [&](const RosterEntry& entry) {
    return name_or(entry.organisation->names, phrases->lang(), entry.organisation->id);
  };
  const std::string institution = institution_of(*news.added), address = shown(news.address);
  std::string role;
  for (std::string_view one : {"focal point", "substitute", "coordinator"})
    if (role.empty() && news.added->has_role(one)) role = words("word." + role_word(one));
  const PhraseArgs args = {{"institution", institution}, {"role", role}, {"address", address}};
  const std::string_view whom = news.to_new ? "new" : "others";
  auto key = [&](std::string_view what) { return fmt::format("roster.{}.{}", whom, what); };
  std::string subject = words(key("subject"), args);

  Docket docket;
  docket.number = news.docket;
  Value values = letter_head(docket, letterhead, news.zone, subject, *phrases);
  Value::List about, steps;
  auto fact = [&](std::string_view name, std::string text) {
    about.push_back(Value()
                        .set("label", words("roster.fact." + std::string(name)))
                        .set("text", std::move(text)));
  };
  fact("institution", institution);
  fact("role", role);
  fact("address", address);
  fact("lang", phrases->text_or("roster.lang." + news.added->lang, news.added->lang));
  fact("by", institution_of(*news.by));
  for (std::string_view step : {"first", "second", "third"})
    if (auto said = phrases->text(key(step), args); said.ok())
      steps.push_back(Value().set("text", std::move(*said)));
  without_request_parts(values, words)
      .set("what", words(key("what"), args))
      .set("has_about", true)
      .set("about", std::move(about))
      .set("has_steps", true)
      .set("steps", std::move(steps))
      .set("foot", words("roster.foot"));
  return finish_letter("request", values, std::move(subject), words, voice);
}

}  // namespace focalpost
