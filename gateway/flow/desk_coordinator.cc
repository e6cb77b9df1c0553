// SPDX-License-Identifier: Apache-2.0
#include "flow/desk_coordinator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/domain.h"
#include "base/text.h"
#include "compose/request.h"
#include "compose/roster_letter.h"
#include "flow/bounces.h"
#include "flow/effects.h"
#include "flow/letter.h"
#include "flow/request_route.h"
#include "mime/compose.h"
#include "mime/own_words.h"

namespace focalpost {
namespace {

using enquiry::Command;
using enquiry::Verb;

constexpr std::size_t kMostTokens = 40, kMostNameWords = 6, kNameLength = 100, kMostTold = 20;

ActDone sentence(std::string key, std::vector<std::pair<std::string, std::string>> args = {}) {
  return ActDone{{std::move(key), std::move(args)}, false, {}};
}

/// The words of a command, without what people put around them.
std::vector<std::string> command_words(std::string_view text) {
  std::string plain(text.substr(0, text.find('\n')));
  for (char& c : plain)
    if (std::string_view(",;<>()\"\t").find(c) != std::string_view::npos) c = ' ';
  for (std::string_view quote : {"\u00AB", "\u00BB", "\u201C", "\u201D", "\u201E", "\u00A0"})
    for (auto at = plain.find(quote); at != plain.npos; at = plain.find(quote, at))
      plain.replace(at, quote.size(), " ");
  std::vector<std::string> tokens;
  for (std::string_view token : split(plain, ' ')) {
    while (token.ends_with('.') || token.ends_with(':') || token.ends_with('!'))
      token.remove_suffix(1);
    if (!token.empty() && tokens.size() < kMostTokens) tokens.emplace_back(token);
  }
  return tokens;
}

const OrganisationScheme* providers_of(const StructureLookup& lookup, const ProviderRef& provider) {
  for (const OrganisationScheme& scheme : lookup.structures().organisation_schemes)
    if (scheme.ref == provider.scheme) return &scheme;
  return nullptr;
}

/// All institutions that data may come from.
std::vector<ProviderRef> all_providers(const StructureLookup& lookup) {
  std::vector<ProviderRef> all;
  for (const OrganisationScheme& scheme : lookup.structures().organisation_schemes)
    if (scheme.scheme_class == ArtefactClass::kDataProviderScheme)
      for (const Organisation& one : scheme.organisations) all.push_back({scheme.ref, one.id});
  return all;
}

/// Takes the code of an institution out of the tokens.
std::optional<ProviderRef> take_provider(const StructureLookup& lookup,
                                         std::vector<std::string>& tokens) {
  const auto all = all_providers(lookup);
  for (auto token = tokens.begin(); token != tokens.end(); ++token)
    for (const ProviderRef& one : all)
      if (ascii_iequal(*token, one.id)) {
        tokens.erase(token);
        return one;
      }
  return {};
}

/// What is said where no institution was named that there is.
ActDone which_institution(const StructureLookup& lookup, const std::vector<std::string>& tokens) {
  const auto all = all_providers(lookup);
  std::vector<std::string_view> ids;
  for (const ProviderRef& one : all) ids.push_back(one.id);
  std::string near;
  for (const std::string& token : tokens)
    if (near.empty() && token.find('@') == token.npos && token.size() > 3)
      near = fmt::format("{}", fmt::join(nearest(token, ids, 3), ", "));
  return sentence("coordinator.institution", {{"suggestions", near}});
}

// ---- ADD CONTACT --------------------------------------------------------------------------------

struct NewContact {
  ProviderRef provider;
  std::string address, role, lang, name;

  std::string text() const {
    std::string role_id = role;
    std::replace(role_id.begin(), role_id.end(), ' ', '_');
    return fmt::format("ADD CONTACT {} {} {} {}", provider.id, address, role_id, lang);
  }
};

/// Takes the role out of the tokens, in the words of any language: "focal_point",
/// «контактное лицо».
std::string take_role(Home& home, std::vector<std::string>& tokens) {
  for (std::string_view role : {kCoordinatorRole, kSubstitute, kFocalPoint}) {
    std::vector<std::string> forms = {std::string(role)};
    for (const std::string& lang : home.phrases().languages())
      if (auto phrases = home.phrases().in(lang); phrases.ok())
        for (const std::string& key : {"role." + std::string(role), "word." + role_word(role)})
          forms.push_back((*phrases)->text_or(key, role));
    for (const std::string& form : forms) {
      const auto wanted = mime::words_of(form);
      for (std::size_t from = 0; !wanted.empty() && from < tokens.size(); ++from) {
        std::vector<std::string> here;
        for (std::size_t end = from; end < tokens.size() && here.size() < wanted.size(); ++end) {
          std::string token = tokens[end];
          std::replace(token.begin(), token.end(), '_', ' ');
          for (std::string& word : mime::words_of(token)) here.push_back(std::move(word));
          if (here != wanted) continue;
          tokens.erase(tokens.begin() + std::ptrdiff_t(from),
                       tokens.begin() + std::ptrdiff_t(end + 1));
          return std::string(role);
        }
      }
    }
  }
  return {};
}

std::string take_language(Home& home, std::vector<std::string>& tokens) {
  const auto languages = home.phrases().languages();
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token)
    for (const std::string& lang : languages)
      if (ascii_iequal(*token, lang)) {
        tokens.erase(std::next(token).base());
        return lang;
      }
  return {};
}

/// An id that no other contact of the institution has, and that is none of an indicator's
/// (request_route.h: "asylum" is who answers about ASYLUM).
std::string new_id(const Organisation& organisation, std::string_view address) {
  std::string id = "contact-";
  for (char c : ascii_lower(address.substr(0, address.rfind('@'))))
    id += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  id.resize(std::min<std::size_t>(id.size(), 50));
  auto taken = [&](const std::string& one) {
    return std::any_of(organisation.contacts.begin(), organisation.contacts.end(),
                       [&](const Contact& contact) { return contact.id == one; });
  };
  std::string made = id;
  for (int n = 2; taken(made); ++n) made = fmt::format("{}-{}", id, n);
  return made;
}

/// The new contact, and those who were there, hear of it.
Status tell_of(Home& home, const NewContact& added, std::string_view commander, std::int64_t docket,
               Time now) {
  const StructureLookup& lookup = home.lookup();
  const RosterEntry* entry = lookup.contact(added.address);
  const RosterEntry* by = lookup.contact(commander);
  if (!entry || !by) return bug("a contact was added that is not in the roster");
  FP_ASSIGN(auto record, home.store().dockets().find(docket));
  FP_ASSIGN(LetterWriter writer, LetterWriter::make(home, now));
  std::size_t told = 0;
  for (const RosterEntry& one : lookup.roster()) {
    const bool fresh = one.contact == entry->contact;
    if (one.provider != entry->provider || one.contact == by->contact || told == kMostTold ||
        (!fresh && !one.has_role(kFocalPoint) && !one.has_role(kCoordinatorRole)))
      continue;
    const std::string address = fresh                         ? added.address
                                : one.contact->emails.empty() ? std::string()
                                                              : one.contact->emails.front();
    FP_ASSIGN(auto pass, may_leave(home, {"roster", address, added.provider.id}, now));
    if (!pass) continue;
    RosterNews news;
    if (record) news.docket = record->docket.number;
    news.added = entry;
    news.address = added.address;
    news.by = by;
    news.to_new = fresh;
    news.lang = one.lang;
    news.zone = one.zone;
    FP_ASSIGN(Receipt text, compose_roster_news(news, writer.voice(), writer.letterhead()));
    Letter letter;
    letter.kind = "roster";
    letter.message_id = writer.message_id(fmt::format("roster.{}.{}", docket, ++told));
    if (record) letter.about = &record->docket;
    FP_TRY(writer.post(*pass, letter, std::move(text)));
  }
  return {};
}

Result<ActDone> add_contact(Home& home, const Command& command, const RosterEntry& contact,
                            Assurance assurance, std::int64_t docket, Time now) {
  const StructureLookup& lookup = home.lookup();
  std::vector<std::string> tokens = command_words(command.text);
  NewContact wanted;
  for (auto token = tokens.begin(); token != tokens.end(); ++token)
    if (token->find('@') != token->npos) {
      wanted.address = *token;
      tokens.erase(token);
      break;
    }
  auto provider = take_provider(lookup, tokens);
  if (!provider) return which_institution(lookup, tokens);
  wanted.provider = *provider;
  wanted.role = take_role(home, tokens);
  wanted.lang = take_language(home, tokens);
  if (!mime::is_sendable_address(wanted.address) ||
      without_tag(wanted.address) == without_tag(home.settings().address))
    return sentence("contact.address", {{"institution", provider->id}});
  if (wanted.role.empty()) return sentence("contact.role", {{"institution", provider->id}});
  if (wanted.lang.empty())
    return sentence(
        "contact.language",
        {{"languages", fmt::format("{}", fmt::join(home.phrases().languages(), ", "))}});
  if (tokens.size() <= kMostNameWords)
    wanted.name = shorten(one_line(fmt::format("{}", fmt::join(tokens, " "))), kNameLength);

  const OrganisationScheme* scheme = providers_of(lookup, *provider);
  const Organisation* organisation = lookup.organisation(*provider);
  if (!scheme || !organisation) return bug("an institution is in no scheme");
  Structures changed;
  OrganisationScheme& alone = changed.organisation_schemes.emplace_back(*scheme);
  alone.organisations = {*organisation};
  if (!not_allowed(changed, contact, lookup).empty())
    return sentence("coordinator.own", {{"institution", provider->id}});
  if (lookup.contact(wanted.address)) return sentence("contact.known");
  if (organisation->contacts.size() >= kMostContacts) return sentence("contact.many");
  if (assurance < home.settings().policy[Act::kCommand])
    return ActDone{{"act_waits", {}}, true, wanted.text()};

  Organisation& grown = alone.organisations.front();
  Contact& added = grown.contacts.emplace_back();
  added.id = new_id(*organisation, wanted.address);
  added.roles = {{"en", wanted.role}};
  added.emails = {wanted.address};
  if (!wanted.name.empty()) {
    added.names = {{wanted.lang, wanted.name}};
  } else {
    for (const std::string& lang : home.phrases().languages())
      if (auto phrases = home.phrases().in(lang); phrases.ok())
        added.names.push_back({lang, (*phrases)->text_or("role." + wanted.role, wanted.role)});
  }
  // The zone of those who are there already: an office has one.
  std::string zone = "UTC";
  for (const RosterEntry& one : lookup.roster())
    if (one.provider == *provider && one.contact->id != added.id) {
      zone = one.zone;
      break;
    }
  Annotation& lang = grown.annotations.emplace_back();
  lang.id = "FP_LANG:" + added.id;
  lang.title = wanted.lang;
  lang.texts = {{"en", zone}};
  const std::string commander =
      contact.contact->emails.empty() ? std::string() : contact.contact->emails.front();
  FP_ASSIGN(StructuresSaved saved, home.store().structures().save(changed, now, docket));
  FP_TRY(home.reload_structures());
  FP_TRY(tell_of(home, wanted, commander, docket, now));
  return sentence("contact.added",
                  {{"institution", wanted.provider.id}, {"address", wanted.address}});
}

// ---- PAUSE, RESUME ------------------------------------------------------------------------------

/// The last day that somebody means: "2026-12-31", "31.12.2026", "2026-12", "2026-Q4".
std::optional<std::int64_t> last_day_meant(std::string_view text) {
  std::string iso(text);
  if (text.size() == 10 && text[2] == '.' && text[5] == '.')
    iso = fmt::format("{}-{}-{}", text.substr(6), text.substr(3, 2), text.substr(0, 2));
  const auto period = Period::parse(iso);
  return period ? std::optional(period->end_day() - 1) : std::nullopt;
}

std::int64_t day_now(Time now) {
  return std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
}

Result<ActDone> set_pause(Home& home, const Command& command, const RosterEntry& contact,
                          Assurance assurance, std::int64_t docket, Time now) {
  const bool resume = command.verb == Verb::kResume;
  const StructureLookup& lookup = home.lookup();
  std::vector<std::string> tokens = command_words(command.text);
  auto provider = take_provider(lookup, tokens);
  if (!provider) return which_institution(lookup, tokens);
  RosterEntry about;
  about.provider = *provider;
  if (!looks_after(lookup, contact, about))
    return sentence("coordinator.own", {{"institution", provider->id}});
  std::vector<std::string> flows;
  std::vector<const ProvisionAgreement*> agreements;
  std::optional<std::int64_t> until;
  for (const std::string& token : tokens) {
    if (auto day = last_day_meant(token)) until = day;
    for (const auto& flow : lookup.flows())
      if (ascii_iequal(token, flow->dataflow.id) && !among(flows, flow->dataflow.id))
        flows.push_back(flow->dataflow.id);
  }
  for (const std::string& flow : flows)
    if (std::none_of(lookup.structures().agreements.begin(), lookup.structures().agreements.end(),
                     [&](const ProvisionAgreement& one) {
                       return one.provider == *provider && one.dataflow.id == flow;
                     }))
      return sentence("pause.agreement", {{"institution", provider->id}, {"flow", flow}});
  for (const ProvisionAgreement& one : lookup.structures().agreements)
    if (one.provider == *provider && (flows.empty() || among(flows, one.dataflow.id)))
      agreements.push_back(&one);
  if (agreements.empty())
    return sentence("pause.agreement", {{"institution", provider->id}, {"flow", ""}});
  if (!resume && !until) return sentence("pause.until", {{"institution", provider->id}});
  const std::int64_t most =
      day_now(now) + std::chrono::duration_cast<std::chrono::days>(kLongestPause).count();
  if (!resume && (*until < day_now(now) || *until > most))
    return sentence("pause.when", {{"last", date_text(most)}});
  const std::string day = until ? date_text(*until) : std::string();
  const std::string list = fmt::format("{}", fmt::join(flows, ", "));
  if (assurance < home.settings().policy[Act::kCommand]) {
    std::string text = fmt::format("{} {}", resume ? "RESUME" : "PAUSE", provider->id);
    if (!flows.empty()) text += fmt::format(" {}", fmt::join(flows, ","));
    if (!resume) text += " until " + day;
    return ActDone{{"act_waits", {}}, true, std::move(text)};
  }
  Structures changed;
  for (const ProvisionAgreement* one : agreements) {
    ProvisionAgreement& copy = changed.agreements.emplace_back(*one);
    std::erase_if(copy.annotations, [](const Annotation& a) { return a.id == kPausedUntil; });
    if (resume) continue;
    Annotation& added = copy.annotations.emplace_back();
    added.id = std::string(kPausedUntil);
    added.title = day;
  }
  FP_ASSIGN(StructuresSaved saved, home.store().structures().save(changed, now, docket));
  FP_TRY(home.reload_structures());
  return sentence(resume ? "pause.resumed" : "pause.done",
                  {{"institution", provider->id}, {"flows", list}, {"until", day}});
}

}  // namespace

bool is_paused(const ProvisionAgreement& agreement, Time now) {
  const Annotation* paused = find_annotation(agreement.annotations, kPausedUntil);
  const auto until = paused ? last_day_meant(paused->title) : std::nullopt;
  return until && day_now(now) <= *until;
}

bool is_coordinators(Verb verb) {
  return verb == Verb::kAddContact || verb == Verb::kPause || verb == Verb::kResume;
}

Result<ActDone> carry_out_coordinators(Home& home, const Command& command,
                                       const RosterEntry& contact, Assurance assurance,
                                       std::int64_t docket, Time now) {
  if (!contact.has_role(kCoordinatorRole)) return sentence("coordinator.only");
  return command.verb == Verb::kAddContact
             ? add_contact(home, command, contact, assurance, docket, now)
             : set_pause(home, command, contact, assurance, docket, now);
}

}  // namespace focalpost
