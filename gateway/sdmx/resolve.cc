// SPDX-License-Identifier: Apache-2.0
#include "sdmx/resolve.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace focalpost::sdmx {
namespace {

std::shared_ptr<const FlowStructure> by_data_structure(const StructureLookup& lookup,
                                                       const Ref& ref) {
  auto alone = lookup.data_structure(ref);
  if (!alone) return nullptr;
  std::shared_ptr<const FlowStructure> only;
  for (const auto& flow : lookup.flows()) {
    if (flow->data_structure != alone->data_structure) continue;
    if (only) return alone;
    only = flow;
  }
  return only ? only : alone;
}

std::shared_ptr<const FlowStructure> find(const StructureLookup& lookup,
                                          ArtefactClass structure_class, const Ref& ref) {
  switch (structure_class) {
    case ArtefactClass::kDataflow:
      return lookup.flow(ref);
    case ArtefactClass::kDataStructure:
      return by_data_structure(lookup, ref);
    case ArtefactClass::kProvisionAgreement: {
      const AgreementTerms* terms = lookup.agreement(ref);
      return terms ? terms->flow : nullptr;
    }
    default:
      return nullptr;
  }
}

/// "2.1.3" is what "2.1+", "2+.1", "2" and "*" mean, as far as the parts before a wildcard go.
bool version_matches(std::string_view wildcard, std::string_view version) {
  while (!wildcard.empty()) {
    const std::string_view want = wildcard.substr(0, wildcard.find('.'));
    const std::string_view have = version.substr(0, version.find('.'));
    wildcard.remove_prefix(std::min(wildcard.size(), want.size() + 1));
    version.remove_prefix(std::min(version.size(), have.size() + 1));
    if (want == "*") return true;
    if (want.ends_with('+')) {
      const std::string_view least = want.substr(0, want.size() - 1);
      return !version_less(have, least);
    }
    if (want != have) return false;
  }
  return true;
}

std::shared_ptr<const FlowStructure> latest_matching(const StructureLookup& lookup,
                                                     ArtefactClass structure_class,
                                                     const Ref& wanted) {
  const Structures& all = lookup.structures();
  Ref best;
  auto among = [&](const auto& artefacts) {
    for (const auto& artefact : artefacts) {
      const Ref& ref = artefact.ref;
      if (ref.agency == wanted.agency && ref.id == wanted.id &&
          version_matches(wanted.version, ref.version) &&
          (best.empty() || version_less(best.version, ref.version)))
        best = ref;
    }
  };
  if (structure_class == ArtefactClass::kDataStructure)
    among(all.data_structures);
  else if (structure_class == ArtefactClass::kProvisionAgreement)
    among(all.agreements);
  else
    among(all.dataflows);
  return best.empty() ? nullptr : find(lookup, structure_class, best);
}

std::vector<std::string> suggestions(const StructureLookup& lookup, ArtefactClass structure_class,
                                     const Ref& ref) {
  std::vector<std::string> known;
  const Structures& all = lookup.structures();
  if (structure_class == ArtefactClass::kDataStructure)
    for (const DataStructure& dsd : all.data_structures) known.push_back(dsd.ref.text());
  else if (structure_class == ArtefactClass::kProvisionAgreement)
    for (const ProvisionAgreement& agreement : all.agreements)
      known.push_back(agreement.ref.text());
  else
    for (const Dataflow& flow : all.dataflows) known.push_back(flow.ref.text());
  std::vector<std::string_view> views(known.begin(), known.end());
  return nearest(ref.text(), views);
}

}  // namespace

std::shared_ptr<const FlowStructure> resolve_structure(const StructureLookup& lookup,
                                                       ArtefactClass structure_class,
                                                       const Ref& ref, std::uint32_t dataset,
                                                       Position at, FindingSink& sink) {
  std::shared_ptr<const FlowStructure> flow;
  if (!ref.empty()) {
    flow = find(lookup, structure_class, ref);
    // 3.0: "1.0+" and "*" mean the latest of what begins so.
    if (!flow && ref.version.find_first_of("+*") != ref.version.npos)
      flow = latest_matching(lookup, structure_class, ref);
    // The schema's default for a version is 1.0; only what is not there as 1.0 is sought as latest.
    if (ref.version.empty())
      if (auto first = find(lookup, structure_class, Ref{ref.agency, ref.id, "1.0"})) flow = first;
  }
  Finding finding;
  finding.dataset = dataset;
  finding.at = at;
  finding.component = class_name(structure_class);
  finding.value = shorten(one_line(ref.text()), 80);
  if (!flow) {
    finding.rule = &rules::unknown_structure;
    finding.suggestions = suggestions(lookup, structure_class, ref);
    sink.add(std::move(finding));
  } else if (!flow->missing.empty()) {
    finding.rule = &rules::structure_incomplete;
    for (std::size_t i = 0; i < flow->missing.size() && i < 5; ++i)
      finding.detail += (i > 0 ? ", " : "") + flow->missing[i];
    sink.add(std::move(finding));
  }
  return flow;
}

}  // namespace focalpost::sdmx
