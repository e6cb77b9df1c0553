// SPDX-License-Identifier: Apache-2.0
#include "flow/desk_acts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "flow/desk_coordinator.h"

namespace focalpost {
namespace {

using enquiry::Command;
using enquiry::Verb;

void annotate(Annotations& annotations, std::string_view id, std::string title) {
  for (Annotation& one : annotations)
    if (one.id == id) {
      one.title = std::move(title);
      return;
    }
  Annotation& added = annotations.emplace_back();
  added.id = std::string(id);
  added.title = std::move(title);
}

/// The scheme with this one contact's organisation alone: schemes are merged item by item.
std::optional<OrganisationScheme> scheme_of(const StructureLookup& lookup,
                                            const RosterEntry& contact) {
  for (const OrganisationScheme& scheme : lookup.structures().organisation_schemes) {
    if (scheme.ref != contact.provider.scheme) continue;
    for (const Organisation& one : scheme.organisations)
      if (one.id == contact.provider.id) {
        OrganisationScheme alone = scheme;
        alone.organisations = {one};
        return alone;
      }
  }
  return {};
}

Result<ActDone> set_language(Home& home, const Command& command, const RosterEntry& contact,
                             std::int64_t docket, Time now) {
  auto scheme = scheme_of(home.lookup(), contact);
  if (!scheme) return bug("a contact's institution is in no scheme");
  annotate(scheme->organisations.front().annotations, "FP_LANG:" + contact.contact->id,
           command.language);
  Structures changed;
  changed.organisation_schemes.push_back(std::move(*scheme));
  FP_ASSIGN(StructuresSaved saved, home.store().structures().save(changed, now, docket));
  FP_TRY(home.reload_structures());
  return ActDone{{"language", {}}, false, {}};
}

/// "public", "network", "institution", or countries: as FP_AUDIENCE has it.
std::string audience_of(const Command& command) {
  if (command.verb == Verb::kPublish) return "public";
  if (!command.areas.empty()) return fmt::format("{}", fmt::join(command.areas, " "));
  return command.text;
}

Result<ActDone> set_audience(Home& home, const Command& command, const RosterEntry& contact,
                             std::int64_t docket, Time now) {
  const std::string audience = audience_of(command);
  Structures changed;
  for (const ProvisionAgreement& agreement : home.lookup().structures().agreements) {
    if (agreement.provider != contact.provider || !among(command.flows, agreement.dataflow.id))
      continue;
    ProvisionAgreement copy = agreement;
    annotate(copy.annotations, "FP_AUDIENCE", audience);
    changed.agreements.push_back(std::move(copy));
  }
  FP_ASSIGN(StructuresSaved saved, home.store().structures().save(changed, now, docket));
  FP_TRY(home.reload_structures());
  return ActDone{
      {"audience." + std::string(command.verb == Verb::kPublish || audience == "public" ? "public"
                                 : !command.areas.empty() ? "countries"
                                                          : audience),
       {{"flows", fmt::format("{}", fmt::join(command.flows, ", "))},
        {"areas", fmt::format("{}", fmt::join(command.areas, ", "))}}},
      false,
      {}};
}

/// What is wrong with the command, if something is.
std::optional<AnswerSentence> fault_of(Home& home, const Command& command,
                                       const RosterEntry& contact) {
  if (command.verb == Verb::kLanguage) {
    const auto languages = home.phrases().languages();
    if (!among(languages, command.language))
      return AnswerSentence{"language_unknown",
                            {{"languages", fmt::format("{}", fmt::join(languages, ", "))}}};
    return {};
  }
  if (command.flows.empty()) return AnswerSentence{"audience.which", {}};
  for (const std::string& id : command.flows) {
    const auto& all = home.lookup().structures().agreements;
    if (std::none_of(all.begin(), all.end(), [&](const ProvisionAgreement& one) {
          return one.provider == contact.provider && one.dataflow.id == id;
        }))
      return AnswerSentence{"audience.not_yours", {{"flow", id}}};
  }
  const std::string audience = audience_of(command);
  if (command.areas.empty() && audience != "public" && audience != "network" &&
      audience != "institution")
    return AnswerSentence{"audience.whom", {}};
  return {};
}

}  // namespace

bool is_act(Verb verb) {
  return verb == Verb::kLanguage || verb == Verb::kPublish || verb == Verb::kAudience ||
         is_coordinators(verb);
}

Result<ActDone> carry_out(Home& home, const Command& command, const RosterEntry& contact,
                          Assurance assurance, std::int64_t docket, Time now) {
  if (is_coordinators(command.verb))
    return carry_out_coordinators(home, command, contact, assurance, docket, now);
  if (auto fault = fault_of(home, command, contact)) return ActDone{std::move(*fault), false, {}};
  const Act act = command.verb == Verb::kLanguage ? Act::kSubscribe : Act::kCommand;
  if (assurance < home.settings().policy[act]) {
    ActDone waits{{"act_waits", {}}, true, {}};
    waits.understood =
        command.verb == Verb::kLanguage
            ? "LANGUAGE " + command.language
            : fmt::format("AUDIENCE {} {}", fmt::join(command.flows, ","), audience_of(command));
    return waits;
  }
  return command.verb == Verb::kLanguage ? set_language(home, command, contact, docket, now)
                                         : set_audience(home, command, contact, docket, now);
}

}  // namespace focalpost
