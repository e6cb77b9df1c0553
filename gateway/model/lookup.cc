// SPDX-License-Identifier: Apache-2.0
#include "model/lookup.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>

#include "base/domain.h"
#include "base/hash.h"
#include "base/text.h"

namespace focalpost {

void NameTable::build(const std::vector<std::string_view>& names) {
  names_ = names;
  std::size_t capacity = 16;
  while (capacity < names.size() * 2) capacity *= 2;
  slots_.assign(capacity, -1);
  std::fill(single_.begin(), single_.end(), -1);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (find(names_[i]) >= 0) continue;  // the first of equal names counts
    if (names_[i].size() == 1) {
      single_[static_cast<unsigned char>(names_[i][0])] = static_cast<std::int32_t>(i);
      continue;
    }
    std::size_t at = fast_hash(names_[i], hash_seed()) & (capacity - 1);
    while (slots_[at] >= 0) at = (at + 1) & (capacity - 1);
    slots_[at] = static_cast<std::int32_t>(i);
  }
}

std::int32_t NameTable::find(std::string_view name) const {
  if (name.size() == 1) return single_[static_cast<unsigned char>(name[0])];
  if (slots_.empty()) return -1;
  static const std::uint64_t seed = hash_seed();
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = fast_hash(name, seed) & mask;; at = (at + 1) & mask) {
    std::int32_t place = slots_[at];
    if (place < 0 || names_[std::size_t(place)] == name) return place;
  }
}

CodeTable::CodeTable(const Codelist& list) : list_(list) {
  std::vector<std::string_view> ids;
  ids.reserve(list.codes.size());
  for (const Code& code : list.codes) ids.push_back(code.id);
  names_.build(ids);
  parents_.assign(ids.size(), kNoCode);
  std::vector<std::int32_t> counts(ids.size() + 1, 0);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (list.codes[i].parent.empty()) continue;
    parents_[i] = names_.find(list.codes[i].parent);
    if (parents_[i] >= 0) ++counts[std::size_t(parents_[i]) + 1];
  }
  for (std::size_t i = 1; i < counts.size(); ++i) counts[i] += counts[i - 1];
  child_first_ = counts;
  child_list_.resize(std::size_t(counts.back()));
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (parents_[i] >= 0)
      child_list_[std::size_t(counts[std::size_t(parents_[i])]++)] = static_cast<std::int32_t>(i);
}

std::span<const std::int32_t> CodeTable::children(std::int32_t code) const {
  auto first = std::size_t(child_first_[std::size_t(code)]);
  auto last = std::size_t(child_first_[std::size_t(code) + 1]);
  return {child_list_.data() + first, last - first};
}

std::vector<std::int32_t> CodeTable::by_alias(std::string_view text) const {
  std::vector<std::int32_t> found;
  for (std::size_t i = 0; i < list_.codes.size(); ++i)
    for (const Annotation& annotation : list_.codes[i].annotations)
      if (annotation.id == "FP_ALIAS" && annotation.title == text)
        found.push_back(static_cast<std::int32_t>(i));
  return found;
}

bool RegionRule::Keys::holds(std::span<const std::int32_t> codes, bool unknown_agrees) const {
  return std::any_of(keys.begin(), keys.end(), [&](const Key& key) {
    for (std::size_t c = 0; c < codes.size() && c < key.size(); ++c) {
      if (key[c].empty()) continue;
      if (codes[c] < 0 ? !unknown_agrees
                       : std::find(key[c].begin(), key[c].end(), codes[c]) == key[c].end())
        return false;
    }
    return true;
  });
}

bool RegionRule::allows_key(std::span<const std::int32_t> codes) const {
  // An unknown code gets the benefit of the doubt: it lies in what is included and outside of what
  // is excluded.
  auto inside = [&](const Region& region) {
    for (std::size_t c = 0; c < codes.size() && c < region.allowed.size(); ++c) {
      if (region.allowed[c].empty()) continue;
      if (codes[c] < 0 ? !region.include : !region.allowed[c][std::size_t(codes[c])]) return false;
    }
    return true;
  };
  // What a region excludes by its times, texts or attributes too, the key alone does not decide.
  auto by_key_alone = [&](const Region& region) {
    if (!region.times.empty() || !region.texts.empty()) return false;
    for (std::size_t c = codes.size(); c < region.allowed.size(); ++c)
      if (!region.allowed[c].empty()) return false;
    return true;
  };
  bool any_including = false, included = false;
  for (const Region& region : regions) {
    if (region.include) {
      any_including = true;
      included = included || inside(region);
    } else if (by_key_alone(region) && inside(region)) {
      return false;
    }
  }
  if (any_including && !included) return false;
  for (const Keys& set : key_sets)
    if (set.holds(codes, set.include) != set.include) return false;
  return true;
}

bool RegionRule::allows_value(std::uint16_t component, std::int32_t code) const {
  if (code < 0) return true;
  auto restricts = [&](const Region& region, std::size_t c) {
    return c < region.allowed.size() && !region.allowed[c].empty();
  };
  bool any_including = false, included = false;
  for (const Region& region : regions) {
    if (region.include) {
      any_including = true;
      included =
          included || !restricts(region, component) || region.allowed[component][std::size_t(code)];
      continue;
    }
    // An excluding region forbids a value only where it speaks of nothing else.
    bool alone = region.times.empty() && region.texts.empty();
    for (std::size_t c = 0; c < region.allowed.size(); ++c)
      alone = alone && (c == component || !restricts(region, c));
    if (alone && restricts(region, component) && region.allowed[component][std::size_t(code)])
      return false;
  }
  return included || !any_including;
}

const FlowGroup* FlowStructure::find_group(std::string_view id) const {
  for (const FlowGroup& group : groups)
    if (group.id == id) return &group;
  return nullptr;
}

std::string FlowStructure::series_key(std::span<const std::string_view> values) const {
  std::string key;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) key += '.';
    key += values[i];
  }
  return key;
}

void FlowStructure::index() {
  std::vector<std::string_view> ids;
  for (const FlowComponent& component : components) ids.push_back(component.id);
  table_.build(ids);
  freq = find("FREQ");
  ref_area = find("REF_AREA");
  obs_status = find("OBS_STATUS");
  conf_status = find("CONF_STATUS");
  embargo_time = find("EMBARGO_TIME");
}

bool FlowStructure::is_country(std::string_view area) const {
  const CodeTable* codes = ref_area < dimension_count ? components[ref_area].codes.get() : nullptr;
  const std::int32_t code = codes ? codes->find(area) : kNoCode;
  return code < 0 || codes->parent(code) < 0;
}

std::vector<std::string> FlowStructure::countries_among(std::vector<std::string> areas) const {
  std::erase_if(areas, [&](const std::string& area) { return !is_country(area); });
  return areas;
}

std::vector<std::string> AgreementTerms::areas() const {
  std::set<std::string> found;
  const std::uint16_t place = flow ? flow->ref_area : kNoComponent;
  if (place == kNoComponent || !flow->components[place].coded()) return {};
  const CodeTable& table = *flow->components[place].codes;
  for (const RegionRule& rule : rules)
    for (const Region& region : rule.regions) {
      if (!region.include || place >= region.allowed.size()) continue;
      const std::vector<bool>& allowed = region.allowed[place];
      for (std::size_t code = 0; code < allowed.size(); ++code)
        if (allowed[code]) found.emplace(table.id(static_cast<std::int32_t>(code)));
    }
  return {found.begin(), found.end()};
}

bool AgreementTerms::valid_at(Time t) const {
  if (auto from = parse_time(agreement->valid_from); from && t < *from) return false;
  if (auto to = parse_time(agreement->valid_to); to && t > *to) return false;
  return true;
}

bool RosterEntry::has_role(std::string_view role) const {
  return std::any_of(contact->roles.begin(), contact->roles.end(),
                     [&](const LocalText& text) { return ascii_iequal(text.text, role); });
}

namespace {

/// The artefact with this reference; without a version, the one with the highest.
template <typename Map>
auto find_version(const Map& map, const Ref& ref) -> decltype(map.begin()) {
  if (!ref.version.empty()) return map.find(ref);
  auto best = map.end();
  for (auto it = map.lower_bound(Ref{ref.agency, ref.id, ""});
       it != map.end() && it->first.agency == ref.agency && it->first.id == ref.id; ++it)
    if (best == map.end() || version_less(best->first.version, it->first.version)) best = it;
  return best;
}

struct Builder {
  const Structures& bag;
  const std::map<Ref, std::shared_ptr<const CodeTable>>&codelists, &value_lists;
  std::map<Ref, const ConceptScheme*> schemes;

  const Concept* concept_of(const ConceptRef& ref) const {
    auto scheme = find_version(schemes, ref.scheme);
    if (scheme == schemes.end()) return nullptr;
    for (const Concept& item : scheme->second->concepts)
      if (item.id == ref.id) return &item;
    return nullptr;
  }

  const ConceptScheme* concept_scheme(const Ref& ref) const {
    auto found = find_version(schemes, ref);
    return found == schemes.end() ? nullptr : found->second;
  }

  /// The measures of a measure dimension are concepts; they are judged and named as codes are.
  static std::shared_ptr<const CodeTable> codes_of(const ConceptScheme& scheme) {
    auto list = std::make_shared<Codelist>();
    static_cast<Maintainable&>(*list) = scheme;
    for (const Concept& item : scheme.concepts)
      list->codes.push_back({item.id, item.parent, item.names, item.descriptions, {}});
    auto table = std::make_shared<std::pair<std::shared_ptr<const Codelist>, CodeTable>>(
        list, CodeTable(*list));
    return {table, &table->second};
  }

  FlowComponent component(const Component& source, std::vector<std::string>& missing) const {
    FlowComponent result;
    result.id = source.id;
    result.kind = source.kind;
    result.source = &source;
    result.mandatory = source.mandatory;
    result.level = source.relationship.kind;
    result.group = source.relationship.group;
    const Representation* representation = source.local ? &*source.local : nullptr;
    if (representation) result.max_values = representation->max_occurs;
    // A local representation may say how many values there are and leave what they are to the
    // concept.
    if (!representation || (!representation->enumeration && !representation->format)) {
      const Concept* item = concept_of(source.concept_identity);
      if (item && item->core) {
        representation = &*item->core;
        if (!source.local) result.max_values = representation->max_occurs;
      }
    }
    if (representation && representation->enumeration) {
      const auto& lists = representation->value_list ? value_lists : codelists;
      auto found = find_version(lists, *representation->enumeration);
      const ConceptScheme* scheme =
          found == lists.end() && source.kind == ComponentKind::kMeasureDimension
              ? concept_scheme(*representation->enumeration)
              : nullptr;
      if (scheme)
        result.codes = codes_of(*scheme);
      else if (found == lists.end())
        missing.push_back(
            urn(representation->value_list ? ArtefactClass::kValueList : ArtefactClass::kCodelist,
                *representation->enumeration));
      else
        result.codes = found->second;
    }
    if (representation && representation->format) {
      result.format = *representation->format;
      result.format_given = true;
    } else if (source.kind == ComponentKind::kTimeDimension) {
      result.format.type = DataType::kObservationalTimePeriod;
    }
    return result;
  }

  /// Partial keys can bear attributes, whether the DSD has a group for them or not.
  static void imply_group(FlowStructure& flow, const std::vector<std::uint16_t>& dimensions) {
    FlowGroup group{"", dimensions, true};
    std::sort(group.dimensions.begin(), group.dimensions.end());
    if (dimensions.empty() || dimensions.size() >= flow.dimension_count ||
        group.dimensions.back() >= flow.dimension_count)
      return;
    for (const FlowGroup& known : flow.groups)
      if (std::is_permutation(known.dimensions.begin(), known.dimensions.end(),
                              group.dimensions.begin(), group.dimensions.end()))
        return;
    for (std::uint16_t d : group.dimensions)
      group.id += (group.id.empty() ? "" : "+") + flow.components[d].id;
    flow.groups.push_back(std::move(group));
  }

  std::shared_ptr<FlowStructure> structure(const DataStructure& dsd) const {
    auto flow = std::make_shared<FlowStructure>();
    flow->data_structure = dsd.ref;
    flow->names_of = &dsd;
    auto add = [&](auto wanted) {
      for (const Component& source : dsd.components)
        if (wanted(source.kind)) flow->components.push_back(component(source, flow->missing));
    };
    add([](ComponentKind k) {
      return k == ComponentKind::kDimension || k == ComponentKind::kMeasureDimension;
    });
    flow->dimension_count = static_cast<std::uint16_t>(flow->components.size());
    add([](ComponentKind k) { return k == ComponentKind::kTimeDimension; });
    if (flow->components.size() > flow->dimension_count) flow->time = flow->dimension_count;
    auto before = flow->components.size();
    add([](ComponentKind k) { return k == ComponentKind::kMeasure; });
    flow->measure_count = static_cast<std::uint16_t>(flow->components.size() - before);
    if (flow->measure_count > 0) flow->measure = static_cast<std::uint16_t>(before);
    add([](ComponentKind k) { return k == ComponentKind::kAttribute; });
    flow->index();
    for (const GroupDimensions& group : dsd.groups) {
      FlowGroup g{group.id, {}};
      for (const std::string& id : group.dimensions)
        if (auto c = flow->find(id); c != kNoComponent) g.dimensions.push_back(c);
      flow->groups.push_back(std::move(g));
    }
    for (FlowComponent& c : flow->components) {
      if (c.kind != ComponentKind::kAttribute) continue;
      const AttributeRelationship& relation = c.source->relationship;
      for (const std::string& id : relation.dimensions)
        if (auto d = flow->find(id); d != kNoComponent) c.dimensions.push_back(d);
      if (relation.kind == AttributeRelationship::Kind::kGroup)
        if (const FlowGroup* group = flow->find_group(relation.group))
          c.dimensions = group->dimensions;
      // An attribute that hangs on the time dimension too hangs on the observation.
      if (flow->time != kNoComponent &&
          std::find(c.dimensions.begin(), c.dimensions.end(), flow->time) != c.dimensions.end())
        c.level = AttributeRelationship::Kind::kObservation;
      if (c.level == AttributeRelationship::Kind::kDimensions) imply_group(*flow, c.dimensions);
    }
    return flow;
  }

  static void cascade(const CodeTable& table, std::int32_t top, std::vector<bool>& allowed) {
    // A child may be allowed by its own name already, and its children not yet: hence `seen`.
    std::vector<bool> seen(table.size(), false);
    std::vector<std::int32_t> waiting{top};
    while (!waiting.empty()) {
      std::int32_t code = waiting.back();
      waiting.pop_back();
      for (std::int32_t child : table.children(code))
        if (!seen[std::size_t(child)]) {
          seen[std::size_t(child)] = true;
          allowed[std::size_t(child)] = true;
          waiting.push_back(child);
        }
    }
  }

  static void restrict_to(const FlowStructure& flow, const KeyValues& key, Region& region) {
    std::uint16_t c = flow.find(key.component);
    if (c == kNoComponent) return;
    const FlowComponent& component = flow.components[c];
    if (!key.time_from.empty() || !key.time_to.empty()) {
      auto from = Period::parse(key.time_from), to = Period::parse(key.time_to);
      region.times.push_back(
          {c, from ? from->first_day() : INT64_MIN, to ? to->end_day() - 1 : INT64_MAX});
      return;
    }
    if (!component.coded()) {
      std::vector<std::string> texts;
      for (const auto& value : key.values) texts.push_back(value.code);
      region.texts.emplace_back(c, std::move(texts));
      return;
    }
    if (region.allowed.size() < flow.components.size())
      region.allowed.resize(flow.components.size());
    std::vector<bool>& allowed = region.allowed[c];
    if (allowed.empty()) allowed.assign(component.codes->size(), false);
    allow(*component.codes, key, allowed);
  }

  static void allow(const CodeTable& codes, const KeyValues& key, std::vector<bool>& allowed) {
    auto mean = [&](std::int32_t code, const KeyValues::Value& value) {
      if (!(value.cascade && value.without_root)) allowed[std::size_t(code)] = true;
      if (value.cascade) cascade(codes, code, allowed);
    };
    for (const auto& value : key.values) {
      if (value.code.find('%') != value.code.npos) {
        for (std::size_t code = 0; code < codes.size(); ++code)
          if (matches_wildcard(value.code, codes.id(static_cast<std::int32_t>(code))))
            mean(static_cast<std::int32_t>(code), value);
      } else if (std::int32_t code = codes.find(value.code); code >= 0) {
        mean(code, value);
      }
    }
  }

  static RegionRule rule(const FlowStructure& flow, const ContentConstraint& constraint,
                         ArtefactClass attached_to) {
    RegionRule rule;
    rule.constraint = constraint.ref;
    rule.attached_to = attached_to;
    for (const CubeRegion& source : constraint.regions) {
      Region region;
      region.include = source.include;
      for (const KeyValues& key : source.keys) restrict_to(flow, key, region);
      for (const KeyValues& key : source.attributes) restrict_to(flow, key, region);
      rule.regions.push_back(std::move(region));
    }
    for (const DataKeySet& source : constraint.key_sets) {
      RegionRule::Keys keys;
      keys.include = source.included;
      for (const auto& one : source.keys) {
        RegionRule::Keys::Key codes(flow.dimension_count);
        bool possible = true;
        for (const KeyValues& key : one) {
          std::uint16_t c = flow.find(key.component);
          if (c >= flow.dimension_count || key.values.empty() || !flow.components[c].coded())
            continue;
          std::vector<bool> meant(flow.components[c].codes->size(), false);
          allow(*flow.components[c].codes, key, meant);
          for (std::size_t code = 0; code < meant.size(); ++code)
            if (meant[code]) codes[c].push_back(static_cast<std::int32_t>(code));
          // Only codes that the list does not have: no series can be meant.
          possible = possible && !codes[c].empty();
        }
        if (possible) keys.keys.push_back(std::move(codes));
      }
      rule.key_sets.push_back(std::move(keys));
    }
    return rule;
  }

  static bool attached(const ContentConstraint& constraint, ArtefactClass c, const Ref& ref) {
    for (const auto& to : constraint.attached_to)
      if (to.artefact_class == c && to.ref.agency == ref.agency && to.ref.id == ref.id &&
          (to.ref.version.empty() || to.ref.version == ref.version))
        return true;
    return false;
  }

  void constrain(FlowStructure& flow, ArtefactClass c, const Ref& ref) const {
    for (const ContentConstraint& constraint : bag.constraints)
      if (constraint.allowed && attached(constraint, c, ref))
        flow.constraints.push_back(rule(flow, constraint, c));
  }
};

}  // namespace

StructureLookup::StructureLookup(Structures structures)
    : structures_(std::make_shared<const Structures>(std::move(structures))) {
  const Structures& bag = *structures_;
  // Code tables and flows point into the bag; the alias keeps it alive for whoever holds one.
  struct Owned {
    std::shared_ptr<const Structures> bag;
    Codelist list;
    CodeTable codes;
    Owned(std::shared_ptr<const Structures> all, Codelist worked_out)
        : bag(std::move(all)), list(std::move(worked_out)), codes(list) {}
  };
  auto table_of = [&](const Codelist& list) {
    auto table = std::make_shared<std::pair<std::shared_ptr<const Structures>, CodeTable>>(
        structures_, CodeTable(list));
    return std::shared_ptr<const CodeTable>(table, &table->second);
  };
  std::map<Ref, Codelist> extended = extended_codelists(bag.codelists, extension_faults_);
  for (const Codelist& list : bag.codelists) {
    auto worked_out = extended.find(list.ref);
    if (worked_out == extended.end()) {
      codelists_[list.ref] = table_of(list);
      continue;
    }
    auto owned = std::make_shared<Owned>(structures_, std::move(worked_out->second));
    codelists_[list.ref] = std::shared_ptr<const CodeTable>(owned, &owned->codes);
    extended.erase(worked_out);
  }
  for (const Codelist& list : bag.value_lists) value_lists_[list.ref] = table_of(list);
  Builder builder{bag, codelists_, value_lists_, {}};
  for (const ConceptScheme& scheme : bag.concept_schemes) builder.schemes[scheme.ref] = &scheme;

  auto keep = [&](std::shared_ptr<FlowStructure> flow) {
    auto both = std::make_shared<
        std::pair<std::shared_ptr<const Structures>, std::shared_ptr<const FlowStructure>>>(
        structures_, flow);
    return std::shared_ptr<const FlowStructure>(both, flow.get());
  };
  std::map<Ref, const DataStructure*> dsds;
  for (const DataStructure& dsd : bag.data_structures) {
    dsds[dsd.ref] = &dsd;
    auto flow = builder.structure(dsd);
    builder.constrain(*flow, ArtefactClass::kDataStructure, dsd.ref);
    data_structures_[dsd.ref] = keep(std::move(flow));
  }
  for (const Dataflow& dataflow : bag.dataflows) {
    auto dsd = find_version(dsds, dataflow.structure);
    if (dsd == dsds.end()) continue;
    auto flow = builder.structure(*dsd->second);
    flow->dataflow = dataflow.ref;
    flow->names_of = &dataflow;
    builder.constrain(*flow, ArtefactClass::kDataStructure, dsd->first);
    builder.constrain(*flow, ArtefactClass::kDataflow, dataflow.ref);
    flows_[dataflow.ref] = keep(std::move(flow));
  }
  for (const ProvisionAgreement& agreement : bag.agreements) {
    AgreementTerms terms;
    terms.agreement = &agreement;
    terms.flow = flow(agreement.dataflow);
    if (const Annotation* audience = find_annotation(agreement.annotations, "FP_AUDIENCE"))
      terms.audience = audience->title;
    for (const ContentConstraint& constraint : bag.constraints) {
      if (!constraint.allowed ||
          !Builder::attached(constraint, ArtefactClass::kProvisionAgreement, agreement.ref))
        continue;
      if (terms.flow && !(constraint.regions.empty() && constraint.key_sets.empty()))
        terms.rules.push_back(
            Builder::rule(*terms.flow, constraint, ArtefactClass::kProvisionAgreement));
      if (!constraint.reference_from.empty()) terms.reference_from = constraint.reference_from;
      if (!constraint.reference_to.empty()) terms.reference_to = constraint.reference_to;
      if (!constraint.periodicity.empty()) {
        terms.periodicity = constraint.periodicity;
        terms.offset = constraint.offset;
        terms.tolerance = constraint.tolerance;
      }
    }
    agreements_.push_back(std::move(terms));
  }
  for (const OrganisationScheme& scheme : bag.organisation_schemes) {
    if (scheme.scheme_class != ArtefactClass::kDataProviderScheme) continue;
    for (const Organisation& organisation : scheme.organisations)
      for (const Contact& contact : organisation.contacts) {
        RosterEntry entry{{scheme.ref, organisation.id}, &organisation, &contact, "en", "UTC"};
        if (const Annotation* lang =
                find_annotation(organisation.annotations, "FP_LANG:" + contact.id)) {
          if (!lang->title.empty()) entry.lang = lang->title;
          if (!lang->texts.empty()) entry.zone = lang->texts.front().text;
        }
        roster_.push_back(entry);
        for (const std::string& email : contact.emails)
          by_address_.emplace(canonical_address(email), roster_.size() - 1);
      }
  }
}

std::shared_ptr<const FlowStructure> StructureLookup::flow(const Ref& dataflow) const {
  auto found = find_version(flows_, dataflow);
  return found == flows_.end() ? nullptr : found->second;
}

std::shared_ptr<const FlowStructure> StructureLookup::data_structure(const Ref& dsd) const {
  auto found = find_version(data_structures_, dsd);
  return found == data_structures_.end() ? nullptr : found->second;
}

const AgreementTerms* StructureLookup::agreement(const Ref& ref) const {
  for (const AgreementTerms& terms : agreements_)
    if (terms.agreement->ref.agency == ref.agency && terms.agreement->ref.id == ref.id &&
        (ref.version.empty() || terms.agreement->ref.version == ref.version))
      return &terms;
  return nullptr;
}

std::shared_ptr<const CodeTable> StructureLookup::codelist(const Ref& ref) const {
  auto found = find_version(codelists_, ref);
  return found == codelists_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const FlowStructure>> StructureLookup::flows() const {
  std::vector<std::shared_ptr<const FlowStructure>> result;
  for (const auto& [ref, flow] : flows_) {
    auto latest = find_version(flows_, Ref{ref.agency, ref.id, ""});
    if (latest->first == ref) result.push_back(flow);
  }
  return result;
}

std::vector<const AgreementTerms*> StructureLookup::agreements(const ProviderRef& provider,
                                                               const Ref& dataflow) const {
  std::vector<const AgreementTerms*> result;
  for (const AgreementTerms& terms : agreements_)
    if (terms.agreement->provider.id == provider.id &&
        terms.agreement->provider.scheme.agency == provider.scheme.agency &&
        terms.agreement->dataflow.agency == dataflow.agency &&
        terms.agreement->dataflow.id == dataflow.id)
      result.push_back(&terms);
  return result;
}

const RosterEntry* StructureLookup::contact(std::string_view address) const {
  auto found = by_address_.find(canonical_address(address));
  return found == by_address_.end() ? nullptr : &roster_[found->second];
}

std::shared_ptr<const CodeTable> StructureLookup::value_list(const Ref& ref) const {
  auto found = find_version(value_lists_, ref);
  return found == value_lists_.end() ? nullptr : found->second;
}

namespace {

/// Of the same agency and id: the version that is asked for, else the latest.
template <typename T>
const T* find_artefact(const std::vector<T>& all, const Ref& ref) {
  const T* best = nullptr;
  for (const T& one : all) {
    if (one.ref.agency != ref.agency || one.ref.id != ref.id) continue;
    if (one.ref.version == ref.version) return &one;
    if (!best || version_less(best->ref.version, one.ref.version)) best = &one;
  }
  return best;
}

}  // namespace

const MetadataStructure* StructureLookup::metadata_structure(const Ref& ref) const {
  return find_artefact(structures_->metadata_structures, ref);
}

const Metadataflow* StructureLookup::metadataflow(const Ref& ref) const {
  return find_artefact(structures_->metadataflows, ref);
}

const Concept* StructureLookup::concept_of(const ConceptRef& ref) const {
  const ConceptScheme* scheme = find_artefact(structures_->concept_schemes, ref.scheme);
  if (!scheme) return nullptr;
  for (const Concept& item : scheme->concepts)
    if (item.id == ref.id) return &item;
  return nullptr;
}

std::vector<std::string> StructureLookup::areas_covered(std::string_view provider,
                                                        const Ref* dataflow, Time at) const {
  std::set<std::string> all;
  for (const AgreementTerms& terms : agreements_)
    if (terms.agreement->provider.id == provider && terms.valid_at(at) &&
        (!dataflow || (terms.flow && terms.flow->dataflow.agency == dataflow->agency &&
                       terms.flow->dataflow.id == dataflow->id)))
      for (std::string& area : terms.areas()) all.insert(std::move(area));
  return {all.begin(), all.end()};
}

const Organisation* StructureLookup::organisation(const ProviderRef& provider) const {
  for (const OrganisationScheme& scheme : structures_->organisation_schemes)
    if (scheme.ref.agency == provider.scheme.agency && scheme.ref.id == provider.scheme.id)
      for (const Organisation& organisation : scheme.organisations)
        if (organisation.id == provider.id) return &organisation;
  return nullptr;
}

}  // namespace focalpost
