// SPDX-License-Identifier: Apache-2.0
#include "validation/metadata_judge.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "validation/values.h"

namespace focalpost {
namespace {

constexpr std::size_t kNearest = 3;

/// '*' in `pattern` stands for any characters.
bool fits(std::string pattern, std::string_view text) {
  std::replace(pattern.begin(), pattern.end(), '*', '%');
  return matches_wildcard(pattern, text);
}

class SetJudge {
 public:
  SetJudge(const MetadataSet& set, std::uint32_t dataset, const StructureLookup& lookup,
           const std::optional<ProviderRef>& sender, FindingSink& sink)
      : set_(set), dataset_(dataset), lookup_(lookup), sender_(sender), sink_(sink) {}

  std::vector<MetadataDescription> judge() {
    const MetadataStructure* structure = structure_of(lookup_, set_);
    if (!structure) {
      std::vector<std::string_view> known;
      std::vector<std::string> names;
      for (const auto& one : lookup_.structures().metadata_structures)
        names.push_back(one.ref.text());
      known.assign(names.begin(), names.end());
      Finding& finding = add(rules::unknown_metadata, set_.at);
      finding.value = shorten(set_.structure.text(), 80);
      finding.suggestions = nearest(set_.structure.text(), known, kNearest);
      flush();
      return {};
    }
    if (set_.reports.empty()) {
      add(rules::no_dataset, set_.at);
      flush();
    }
    if (sender_ && !set_.provider.empty() && set_.provider != sender_->id) {
      Finding& finding = add(rules::provider_differs, set_.at);
      finding.value = shorten(set_.provider, 80);
      finding.expected = sender_->id;
      flush();
    }
    std::vector<MetadataDescription> result;
    for (const MetadataReport& report : set_.reports) judge_report(*structure, report, result);
    return result;
  }

 private:
  // ---- findings: one in the making

  Finding& add(const Rule& rule, Position at) {
    flush();
    pending_.emplace();
    pending_->rule = &rule;
    pending_->dataset = dataset_;
    pending_->at = at;
    return *pending_;
  }
  void flush() {
    if (pending_) sink_.add(std::move(*pending_));
    pending_.reset();
  }
  Finding& about(const Rule& rule, const ReportedAttribute& attribute) {
    Finding& finding = add(rule, attribute.at);
    finding.component = shorten(attribute.id, 80);
    return finding;
  }

  // ---- a report

  void judge_report(const MetadataStructure& structure, const MetadataReport& report,
                    std::vector<MetadataDescription>& result) {
    auto shape = report_shape(lookup_, structure, report.id);
    if (!shape) {
      Finding& finding = add(rules::unknown_metadata, report.at);
      finding.value = shorten(report.id, 80);
      for (const ReportStructure& known : structure.reports)
        if (finding.suggestions.size() < kNearest) finding.suggestions.push_back(known.id);
      flush();
      return;
    }
    std::vector<MetadataDescription> about = targets(structure, report);
    std::vector<ReportedAttribute> attributes;
    if (set_.action != Action::kDelete) {
      std::string_view dataflow = about.empty() ? std::string_view() : about.front().dataflow.id;
      attributes = concepts(*shape, report, dataflow);
    }
    flush();
    for (MetadataDescription& description : about) {
      description.structure = structure.ref;
      description.action = set_.action;
      description.attributes = attributes;
      result.push_back(std::move(description));
    }
  }

  // ---- what it is about

  static bool may_target(const MetadataStructure& structure, std::string_view type) {
    if (structure.targets.empty()) return true;
    for (const MetadataTarget& target : structure.targets)
      for (const auto& object : target.objects)
        if (object.object_type == type || object.object_type == "Any") return true;
    return false;
  }

  std::vector<MetadataDescription> targets(const MetadataStructure& structure,
                                           const MetadataReport& report) {
    std::vector<MetadataDescription> result;
    if (report.targets.empty()) add(rules::metadata_target, report.at);
    for (const ReportTarget& target : report.targets) {
      const auto urn = parse_urn(target.urn);
      const std::size_t before = result.size();
      std::string_view wanted = "ProvisionAgreement";
      bool not_own = false;
      if (urn && urn->artefact_class == ArtefactClass::kDataProviderScheme && !urn->item.empty()) {
        wanted = "DataProvider";
        const ProviderRef provider{urn->ref, urn->item};
        not_own = sender_ && sender_->id != urn->item;
        if (may_target(structure, wanted) && !not_own && lookup_.organisation(provider))
          result.push_back({{}, {}, urn->item, {}, {}});
      } else if (urn && may_target(structure, wanted)) {
        for (const AgreementTerms& terms : lookup_.agreements()) {
          const ProvisionAgreement& agreement = *terms.agreement;
          if (!means(*urn, agreement)) continue;
          if (sender_ && agreement.provider.id != sender_->id) {
            // A wildcard and a dataflow mean the sender's own.
            not_own = not_own || urn->artefact_class == ArtefactClass::kProvisionAgreement;
            continue;
          }
          if (!sender_ && urn->artefact_class == ArtefactClass::kDataflow &&
              agreement.provider.id != set_.provider)
            continue;
          Ref flow = agreement.dataflow;
          flow.version.clear();
          const bool known =
              std::any_of(result.begin(), result.end(), [&](const MetadataDescription& one) {
                return one.dataflow == flow && one.provider == agreement.provider.id;
              });
          if (!known) result.push_back({{}, flow, agreement.provider.id, {}, {}});
        }
      }
      if (result.size() > before) continue;
      Finding& finding = add(not_own ? rules::not_owner : rules::metadata_target, target.at);
      finding.value = shorten(target.urn, 200);
      if (!not_own && !target.urn.empty() && urn && !may_target(structure, wanted))
        finding.expected = structure.ref.text();
    }
    return result;
  }

  bool means(const Urn& urn, const ProvisionAgreement& agreement) const {
    if (urn.artefact_class == ArtefactClass::kDataflow)
      return urn.ref.agency == agreement.dataflow.agency && urn.ref.id == agreement.dataflow.id;
    if (urn.artefact_class != ArtefactClass::kProvisionAgreement) return false;
    return fits(urn.ref.agency, agreement.ref.agency) && fits(urn.ref.id, agreement.ref.id) &&
           (urn.ref.version.empty() || fits(urn.ref.version, agreement.ref.version));
  }

  // ---- the concepts

  /// The attributes in the order of the structure; what has no place is left out, and said.
  std::vector<ReportedAttribute> concepts(const ReportShape& shape, const MetadataReport& report,
                                          std::string_view dataflow) {
    const auto& defined = shape.report->attributes;
    const auto& given = report.attributes;
    std::map<std::pair<std::int32_t, std::string_view>, std::int32_t> places;
    for (std::size_t i = 0; i < defined.size(); ++i)
      places.emplace(std::pair(defined[i].parent, std::string_view(defined[i].id)),
                     static_cast<std::int32_t>(i));
    std::vector<std::int32_t> defined_as(given.size(), -1);
    std::vector<std::vector<std::size_t>> inside(given.size() + 1);  // by parent + 1
    for (std::size_t i = 0; i < given.size(); ++i) {
      const ReportedAttribute& one = given[i];
      std::int32_t around = -1;
      if (one.parent >= 0) {
        around = defined_as[static_cast<std::size_t>(one.parent)];
        if (around < 0) continue;  // said of what is around it
      }
      auto found = places.find({around, one.id});
      if (found == places.end()) {
        unknown_concept(defined, around, one);
        continue;
      }
      const ConceptShape& concept_shape = shape.concepts[static_cast<std::size_t>(found->second)];
      if (concept_shape.automatic) {
        about(rules::concept_automatic, one);
        continue;
      }
      defined_as[i] = found->second;
      inside[static_cast<std::size_t>(one.parent + 1)].push_back(i);
      judge_value(concept_shape, one);
    }
    return in_order(shape, report, defined_as, inside, dataflow);
  }

  void unknown_concept(const std::vector<MetadataAttribute>& defined, std::int32_t around,
                       const ReportedAttribute& one) {
    for (const MetadataAttribute& other : defined)
      if (other.id == one.id) {
        Finding& finding = about(rules::concept_place, one);
        if (other.parent >= 0)
          finding.expected = defined[static_cast<std::size_t>(other.parent)].id;
        return;
      }
    std::vector<std::string_view> ids;
    for (const MetadataAttribute& other : defined)
      if (other.parent == around) ids.push_back(other.id);
    about(rules::unknown_concept, one).suggestions = nearest(one.id, ids, kNearest);
  }

  /// Counts, and puts what is given in the order of the structure, without recursion.
  std::vector<ReportedAttribute> in_order(const ReportShape& shape, const MetadataReport& report,
                                          const std::vector<std::int32_t>& defined_as,
                                          const std::vector<std::vector<std::size_t>>& inside,
                                          std::string_view dataflow) {
    const auto& defined = shape.report->attributes;
    std::vector<std::vector<std::int32_t>> children(defined.size() + 1);  // by parent + 1
    for (std::size_t i = 0; i < defined.size(); ++i)
      children[static_cast<std::size_t>(defined[i].parent + 1)].push_back(
          static_cast<std::int32_t>(i));

    std::vector<ReportedAttribute> result;
    struct Step {
      std::size_t given;  ///< place in `inside`, that of the report first
      std::int32_t defined, parent;
    };
    std::vector<Step> waiting{{0, -1, -1}};
    while (!waiting.empty()) {
      const Step step = waiting.back();
      waiting.pop_back();
      std::int32_t parent = step.parent;
      if (step.given > 0) {
        ReportedAttribute added = report.attributes[step.given - 1];
        added.parent = step.parent;
        parent = static_cast<std::int32_t>(result.size());
        result.push_back(std::move(added));
      }
      std::vector<Step> below;
      for (std::int32_t child : children[static_cast<std::size_t>(step.defined + 1)]) {
        const MetadataAttribute& attribute = defined[static_cast<std::size_t>(child)];
        std::uint32_t count = 0;
        for (std::size_t place : inside[step.given])
          if (defined_as[place] == child) {
            ++count;
            if (count == attribute.max_occurs + 1 && attribute.max_occurs > 0)
              about(rules::concept_twice, report.attributes[place]).expected =
                  std::to_string(attribute.max_occurs);
            below.push_back({place + 1, child, parent});
          }
        // What is appended need not be whole.
        if (count == 0 && set_.action != Action::kAppend && set_.action != Action::kMerge &&
            shape.concepts[static_cast<std::size_t>(child)].required(dataflow)) {
          const Position at = step.given > 0 ? report.attributes[step.given - 1].at : report.at;
          Finding& finding = add(rules::missing_concept, at);
          finding.component = attribute.id;
          if (step.defined >= 0)
            finding.expected = defined[static_cast<std::size_t>(step.defined)].id;
        }
      }
      // The last one pushed comes next.
      waiting.insert(waiting.end(), below.rbegin(), below.rend());
    }
    return result;
  }

  void judge_value(const ConceptShape& shape, const ReportedAttribute& one) {
    if (shape.attribute->presentational) return;
    std::set<std::string_view> languages;
    bool text = false;
    for (const LocalText& local : one.texts) {
      text = text || !trim(local.text).empty();
      if (!languages.insert(local.lang).second)
        about(rules::language_twice, one).value = shorten(local.lang, 40);
    }
    if (shape.codes) {
      if (one.value.empty()) {
        about(rules::concept_without_value, one).value =
            text ? shorten(one_line(text_in(one.texts, "en")), 80) : "";
      } else if (shape.codes->find(one.value) == kNoCode) {
        Finding& finding = about(rules::unknown_code, one);
        finding.value = shorten(one.value, 80);
        for (std::int32_t code : shape.codes->by_alias(one.value))
          finding.suggestions.emplace_back(shape.codes->id(code));
        if (finding.suggestions.empty())
          finding.suggestions = nearest(one.value, shape.codes->ids(), kNearest);
      }
      return;
    }
    if (shape.multilingual()) {
      if (!text)
        about(one.value.empty() ? rules::concept_without_value : rules::concept_without_text, one)
            .value = shorten(one.value, 80);
    } else if (!text && one.value.empty()) {
      about(rules::concept_without_value, one);
    }
    ValueCheck check(shape.format);
    auto check_text = [&](std::string_view value) {
      if (value.empty()) return;
      const Rule* fault = check.fault(value);
      if (!fault) return;
      Finding& finding = about(*fault, one);
      finding.value = shorten(one_line(value), 80);
      finding.expected = check.expected(*fault);
    };
    check_text(one.value);
    if (!one.structured)
      for (const LocalText& local : one.texts) check_text(local.text);
  }

  const MetadataSet& set_;
  std::uint32_t dataset_;
  const StructureLookup& lookup_;
  const std::optional<ProviderRef>& sender_;
  FindingSink& sink_;
  std::optional<Finding> pending_;
};

}  // namespace

bool ConceptShape::required(std::string_view dataflow) const {
  if (automatic) return false;
  if (attribute->min_occurs > 0) return true;
  const Annotation* flows = find_annotation(attribute->annotations, kRequiredFor);
  if (!flows || dataflow.empty()) return false;
  const std::vector<std::string_view> ids = split(flows->title, ' ');
  return std::find(ids.begin(), ids.end(), dataflow) != ids.end();
}

std::optional<ReportShape> report_shape(const StructureLookup& lookup,
                                        const MetadataStructure& structure,
                                        std::string_view report) {
  ReportShape shape;
  shape.structure = &structure;
  for (const ReportStructure& one : structure.reports)
    if (one.id == report || structure.reports.size() == 1) shape.report = &one;
  // What names no report, or one of another version, means the only one there is.
  if (!shape.report || (!report.empty() && !shape.report->id.empty() && shape.report->id != report))
    return {};
  for (const MetadataAttribute& attribute : shape.report->attributes) {
    ConceptShape& made = shape.concepts.emplace_back();
    made.attribute = &attribute;
    made.item = lookup.concept_of(attribute.concept_identity);
    made.automatic = find_annotation(attribute.annotations, kAutomatic) != nullptr;
    const Representation* representation = attribute.local ? &*attribute.local : nullptr;
    if (!representation && made.item && made.item->core) representation = &*made.item->core;
    if (!representation) continue;
    if (representation->enumeration)
      made.codes = representation->value_list ? lookup.value_list(*representation->enumeration)
                                              : lookup.codelist(*representation->enumeration);
    if (representation->format) made.format = *representation->format;
  }
  return shape;
}

const MetadataStructure* structure_of(const StructureLookup& lookup, const MetadataSet& set) {
  switch (set.structure_class) {
    case ArtefactClass::kMetadataflow: {
      const Metadataflow* flow = lookup.metadataflow(set.structure);
      return flow ? lookup.metadata_structure(flow->structure) : nullptr;
    }
    case ArtefactClass::kMetadataAgreement:
      for (const MetadataAgreement& agreement : lookup.structures().metadata_agreements)
        if (agreement.ref == set.structure) {
          const Metadataflow* flow = lookup.metadataflow(agreement.metadataflow);
          return flow ? lookup.metadata_structure(flow->structure) : nullptr;
        }
      return nullptr;
    default:
      return lookup.metadata_structure(set.structure);
  }
}

std::vector<MetadataDescription> judge_metadata(const MetadataSet& set, std::uint32_t dataset,
                                                const StructureLookup& lookup,
                                                const std::optional<ProviderRef>& sender,
                                                FindingSink& sink) {
  return SetJudge(set, dataset, lookup, sender, sink).judge();
}

}  // namespace focalpost
