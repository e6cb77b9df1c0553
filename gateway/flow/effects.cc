// SPDX-License-Identifier: Apache-2.0
#include "flow/effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::size_t kListed = 100;

/// "Codelist FP:CL_SEX(1.0)": of a URN.
std::string short_name(std::string_view urn) {
  const auto equals = urn.find('=');
  const auto dot = urn.substr(0, equals).rfind('.');
  if (equals == urn.npos || dot == urn.npos) return std::string(urn);
  return fmt::format("{} {}", urn.substr(dot + 1, equals - dot - 1), urn.substr(equals + 1));
}

class Effects {
 public:
  Effects(const Structures& newer, Home& home)
      : newer_(newer), home_(home), before_(home.snapshot()) {}

  Result<StructureEffects> find() {
    Structures all = before_->structures();
    all.merge(newer_);
    compare(before_->structures(), all);
    if (result_.findings.empty()) return std::move(result_);
    after_ = std::make_shared<const StructureLookup>(std::move(all));
    FP_TRY(series());
    agreements();
    return std::move(result_);
  }

 private:
  void add(const Rule& rule, std::string component, std::string value, std::string detail = {},
           std::string series = {}, std::uint64_t count = 1) {
    if (rule.severity == Severity::kWarning) result_.invalidates = true;
    if (result_.findings.size() >= kListed && rule.severity == Severity::kInfo) return;
    if (result_.findings.size() >= 2 * kListed) return;
    Finding finding;
    finding.rule = &rule;
    finding.component = shorten(one_line(component), 80);
    finding.value = shorten(one_line(value), 120);
    finding.detail = std::move(detail);
    finding.series = std::move(series);
    finding.count = count;
    result_.findings.push_back(std::move(finding));
  }

  // ---- what is new, what changes

  static std::string how(const Codelist& before, const Codelist& after) {
    std::set<std::string_view> was, is;
    for (const Code& code : before.codes) was.insert(code.id);
    for (const Code& code : after.codes) is.insert(code.id);
    const auto count = [](const auto& a, const auto& b) {
      return std::count_if(a.begin(), a.end(), [&](auto id) { return !b.contains(id); });
    };
    const auto added = count(is, was), removed = count(was, is);
    return added + removed == 0 ? "" : fmt::format("+{} -{}", added, removed);
  }
  template <typename T>
  static std::string how(const T&, const T&) {
    return {};
  }

  /// merge() keeps places and appends: what is equal at its place is unchanged.
  template <typename T, typename Name>
  void compare_lists(const std::vector<T>& before, const std::vector<T>& after, Name name) {
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (i >= before.size())
        add(rules::structure_new, {}, name(after[i]));
      else if (!(before[i] == after[i]))
        add(rules::structure_changed, {}, name(after[i]), how(before[i], after[i]));
    }
  }

  void compare(const Structures& before, const Structures& after) {
    auto of = [](ArtefactClass c) {
      return [c](const auto& artefact) { return short_name(urn(c, artefact.ref)); };
    };
    using C = ArtefactClass;
    compare_lists(before.codelists, after.codelists, of(C::kCodelist));
    compare_lists(before.value_lists, after.value_lists, of(C::kValueList));
    compare_lists(before.concept_schemes, after.concept_schemes, of(C::kConceptScheme));
    compare_lists(before.data_structures, after.data_structures, of(C::kDataStructure));
    compare_lists(before.dataflows, after.dataflows, of(C::kDataflow));
    compare_lists(before.organisation_schemes, after.organisation_schemes,
                  [](const OrganisationScheme& scheme) {
                    return short_name(urn(scheme.scheme_class, scheme.ref));
                  });
    compare_lists(before.agreements, after.agreements, of(C::kProvisionAgreement));
    compare_lists(before.constraints, after.constraints, of(C::kContentConstraint));
    compare_lists(before.metadata_structures, after.metadata_structures, of(C::kMetadataStructure));
    compare_lists(before.metadataflows, after.metadataflows, of(C::kMetadataflow));
    compare_lists(before.metadata_agreements, after.metadata_agreements, of(C::kMetadataAgreement));
    compare_lists(before.others, after.others, [](const OtherArtefact& other) {
      return fmt::format("{} {}", other.element, other.ref.text());
    });
  }

  // ---- filed series

  struct Lost {
    std::string first;  ///< a series that loses it
    std::uint64_t count = 0;
  };

  Status series() {
    std::string at_flow, at_structure;
    std::shared_ptr<const FlowStructure> old_flow, new_flow;
    std::map<std::pair<std::string, std::string>, Lost> codes;  // by component and code
    std::map<std::string, Lost> outside;                        // by constraint
    FP_TRY(home_.store().structures().each_series(
        [&](std::string_view dataflow, std::string_view structure, std::string_view key) -> Status {
          if (dataflow != at_flow || structure != at_structure) {
            at_flow = dataflow;
            at_structure = structure;
            old_flow = under(*before_, dataflow, structure);
            new_flow = under(*after_, dataflow, structure);
          }
          if (!old_flow || !new_flow) return {};
          const std::vector<std::string_view> parts = split(key, '.');
          if (parts.size() != old_flow->dimension_count ||
              parts.size() != new_flow->dimension_count)
            return {};
          std::vector<std::int32_t> was, is;
          bool lost = false;
          for (std::size_t d = 0; d < parts.size(); ++d) {
            was.push_back(code_of(old_flow->components[d], parts[d]));
            is.push_back(code_of(new_flow->components[d], parts[d]));
            if (was[d] < 0 || is[d] >= 0 || !new_flow->components[d].coded()) continue;
            lost = true;
            note(codes[{new_flow->components[d].id, std::string(parts[d])}], key);
          }
          if (lost || allows(*new_flow, is) || !allows(*old_flow, was)) return {};
          for (const RegionRule& rule : new_flow->constraints)
            if (!rule.allows_key(is)) note(outside[rule.constraint.text()], key);
          return {};
        }));
    for (const auto& [what, lost] : codes)
      add(rules::structure_orphans, what.first, what.second, {}, lost.first, lost.count);
    for (const auto& [constraint, lost] : outside)
      add(rules::structure_orphans, {}, {}, constraint, lost.first, lost.count);
    return {};
  }

  static void note(Lost& lost, std::string_view key) {
    if (lost.count++ == 0) lost.first = key;
  }
  static std::int32_t code_of(const FlowComponent& component, std::string_view id) {
    return component.coded() ? component.codes->find(id) : kNoCode;
  }
  static bool allows(const FlowStructure& flow, const std::vector<std::int32_t>& codes) {
    return std::all_of(flow.constraints.begin(), flow.constraints.end(),
                       [&](const RegionRule& rule) { return rule.allows_key(codes); });
  }

  /// The structure of filed series, with the constraints of their dataflow.
  static std::shared_ptr<const FlowStructure> under(const StructureLookup& lookup,
                                                    std::string_view dataflow,
                                                    std::string_view structure) {
    auto flow_ref = parse_ref(dataflow), structure_ref = parse_ref(structure);
    if (!structure_ref) return nullptr;
    if (flow_ref)
      if (auto flow = lookup.flow(*flow_ref); flow && flow->data_structure == *structure_ref)
        return flow;
    return lookup.data_structure(*structure_ref);
  }

  // ---- agreements

  void agreements() {
    for (const AgreementTerms& now : after_->agreements()) {
      const AgreementTerms* old = before_->agreement(now.agreement->ref);
      if (!old) continue;
      const std::string name = now.agreement->ref.text();
      if (old->flow && !now.flow) {
        add(rules::agreement_broken, now.agreement->dataflow.text(), name);
        continue;
      }
      if (before_->organisation(old->agreement->provider) &&
          !after_->organisation(now.agreement->provider))
        add(rules::agreement_broken, now.agreement->provider.id, name);
      if (old->flow && now.flow) lost_codes(*old->flow, *now.flow, *now.agreement, name);
    }
  }

  /// Codes that the agreement's constraints name, that were there and are not any more.
  void lost_codes(const FlowStructure& was, const FlowStructure& is,
                  const ProvisionAgreement& agreement, const std::string& name) {
    std::set<std::string> lost;
    for (const ContentConstraint& constraint : after_->structures().constraints) {
      const bool attached =
          std::any_of(constraint.attached_to.begin(), constraint.attached_to.end(),
                      [&](const ContentConstraint::Attachment& to) {
                        return to.artefact_class == ArtefactClass::kProvisionAgreement &&
                               to.ref == agreement.ref;
                      });
      if (!attached || !constraint.allowed) continue;
      for (const CubeRegion& region : constraint.regions)
        for (const KeyValues& key : region.keys) {
          const auto old_place = was.find(key.component), new_place = is.find(key.component);
          if (old_place == kNoComponent || new_place == kNoComponent) continue;
          for (const auto& value : key.values)
            if (code_of(was.components[old_place], value.code) >= 0 &&
                is.components[new_place].coded() &&
                code_of(is.components[new_place], value.code) < 0)
              lost.insert(key.component + " " + value.code);
        }
    }
    for (const std::string& one : lost) add(rules::agreement_broken, one, name);
  }

  const Structures& newer_;
  Home& home_;
  std::shared_ptr<const StructureLookup> before_, after_;
  StructureEffects result_;
};

}  // namespace

Result<StructureEffects> effects_of(const Structures& newer, Home& home) {
  return Effects(newer, home).find();
}

void check_extensions(const Structures& message, const StructureLookup& known, FindingSink& sink) {
  if (message.codelists.empty()) return;
  // A list that others extend may come alone: all of them are worked out.
  Structures all, newer;
  all.codelists = known.structures().codelists;
  newer.codelists = message.codelists;
  all.merge(std::move(newer));
  std::vector<ExtensionFault> faults;
  extended_codelists(all.codelists, faults);
  for (const ExtensionFault& fault : faults) {
    if (std::find(known.extension_faults().begin(), known.extension_faults().end(), fault) !=
        known.extension_faults().end())
      continue;
    Finding finding;
    finding.value = fault.codelist.text();
    finding.expected = fault.other.text();
    finding.detail = fault.detail;
    switch (fault.kind) {
      case ExtensionFault::Kind::kUnknownList:
        finding.rule = &rules::extension_unknown;
        break;
      case ExtensionFault::Kind::kCycle:
        finding.rule = &rules::extension_cycle;
        break;
      case ExtensionFault::Kind::kTooManyCodes:
        finding.rule = &rules::extension_too_large;
        break;
    }
    sink.add(std::move(finding));
  }
}

std::vector<Finding> not_allowed(const Structures& message, const RosterEntry& sender,
                                 const StructureLookup& known) {
  std::vector<Finding> findings;
  const bool supplies = std::any_of(
      known.agreements().begin(), known.agreements().end(),
      [&](const AgreementTerms& terms) { return terms.agreement->provider == sender.provider; });
  if (sender.has_role("coordinator") && !supplies) return findings;
  auto refuse = [&](const std::string& what) {
    if (findings.size() >= kListed) return;
    Finding finding;
    finding.rule = &rules::not_owner;
    finding.value = shorten(one_line(what), 120);
    findings.push_back(std::move(finding));
  };
  for (const OrganisationScheme& scheme : message.organisation_schemes) {
    const bool providers = scheme.scheme_class == ArtefactClass::kDataProviderScheme &&
                           scheme.ref == sender.provider.scheme;
    for (const Organisation& one : scheme.organisations)
      if (!providers || one.id != sender.provider.id) refuse(one.id);
    if (!providers && scheme.organisations.empty())
      refuse(short_name(urn(scheme.scheme_class, scheme.ref)));
  }
  Structures rest = message;
  rest.organisation_schemes.clear();
  for (const std::string& urn : rest.urns()) refuse(short_name(urn));
  return findings;
}

}  // namespace focalpost
