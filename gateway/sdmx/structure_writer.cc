// SPDX-License-Identifier: Apache-2.0
//
// Containers come in the order of SDMXStructure.xsd 2.1; 3.0 takes them in any order. References
// are a Ref element in 2.1 and a URN in 3.0; references inside an artefact are a Ref with an id, or
// the id.
#include "sdmx/structure_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sdmx/metadata_structure_writer.h"
#include "sdmx/structure_out.h"

namespace focalpost {
namespace sdmx {
namespace {

using Kind = AttributeRelationship::Kind;

/// The namespace of the root of an artefact that was kept as it came.
std::string_view namespace_of(std::string_view xml) {
  std::string_view tag = xml.substr(0, xml.find('>'));
  std::string_view name = tag.substr(0, tag.find_first_of(" \t\r\n/"));
  if (!name.empty()) name.remove_prefix(1);
  std::string declaration = " xmlns";
  if (auto colon = name.find(':'); colon != name.npos)
    declaration += ":" + std::string(name.substr(0, colon));
  declaration += "=\"";
  auto at = tag.find(declaration);
  if (at == tag.npos) return {};
  tag.remove_prefix(at + declaration.size());
  return tag.substr(0, tag.find('"'));
}

class StructureWriter : private StructureOut {
 public:
  StructureWriter(const Structures& all, const OutgoingHeader& header, const ByteSink& sink,
                  bool v30)
      : StructureOut(sink, v30), all_(all), header_(header) {}

  Result<std::vector<LeftOut>> write() {
    FP_TRY(check_header(header_));
    const std::string base =
        fmt::format("http://www.sdmx.org/resources/sdmxml/schemas/{}/", v30_ ? "v3_0" : "v2_1");
    space_ = base + "structure";
    out_.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out_.open("mes:Structure");
    out_.attribute("xmlns:mes", base + "message");
    out_.attribute("xmlns:str", space_);
    out_.attribute("xmlns:com", base + "common");
    write_header();
    out_.open("mes:Structures");
    find_others();
    if (v30_)
      containers_30();
    else
      containers_21();
    out_.close();
    out_.close();
    out_.raw("\n");
    FP_TRY(out_.flush());
    for (const OtherArtefact* other : others_)
      left_out(other->element, other->ref, "no structure message has a place for it");
    return std::move(left_out_);
  }

 private:
  void write_header() {
    sdmx::write_header_head(out_, header_);
    texts("com:Name", header_.names);
    out_.close();
  }

  // ---- containers

  /// A container is opened when the first thing comes that belongs into it.
  template <typename Artefact, typename Write>
  void list(std::string_view container, const std::vector<Artefact>& artefacts, Write write) {
    for (const Artefact& artefact : artefacts) {
      in_container(container);
      write(artefact);
      static_cast<void>(out_.pass_on());  // an Error stays and comes again at the end
    }
  }
  void in_container(std::string_view name) {
    if (!container_open_) {
      out_.open("str:" + std::string(name));
      container_open_ = true;
    }
  }
  /// What is kept as it came and belongs here, and the end of the container.
  void others(std::string_view container, std::initializer_list<std::string_view> elements) {
    for (auto it = others_.begin(); it != others_.end();) {
      if (std::find(elements.begin(), elements.end(), (*it)->element) == elements.end()) {
        ++it;
        continue;
      }
      in_container(container);
      out_.whole((*it)->xml);
      it = others_.erase(it);
    }
    if (container_open_) out_.close();
    container_open_ = false;
  }

  void find_others() {
    for (const OtherArtefact& other : all_.others)
      if (namespace_of(other.xml) == space_)
        others_.push_back(&other);
      else
        left_out(other.element, other.ref, "its version of SDMX-ML is another one");
  }

  void containers_21() {
    list("OrganisationSchemes", all_.organisation_schemes,
         [&](const auto& a) { organisation_scheme(a); });
    others("OrganisationSchemes",
           {"AgencyScheme", "DataConsumerScheme", "DataProviderScheme", "OrganisationUnitScheme"});
    list("Dataflows", all_.dataflows, [&](const auto& a) { dataflow(a); });
    others("Dataflows", {"Dataflow"});
    list("Metadataflows", all_.metadataflows, [&](const auto& a) { metadata_.metadataflow(a); });
    others("Metadataflows", {"Metadataflow"});
    others("CategorySchemes", {"CategoryScheme"});
    others("Categorisations", {"Categorisation"});
    list("Codelists", all_.codelists, [&](const auto& a) { codelist(a); });
    others("Codelists", {"Codelist"});
    others("HierarchicalCodelists", {"HierarchicalCodelist"});
    list("Concepts", all_.concept_schemes, [&](const auto& a) { concept_scheme(a); });
    others("Concepts", {"ConceptScheme"});
    list("MetadataStructures", metadata_.writable(all_.metadata_structures),
         [&](const MetadataStructure* a) { metadata_.metadata_structure(*a); });
    others("MetadataStructures", {"MetadataStructure"});
    list("DataStructures", writable_data_structures(),
         [&](const DataStructure* a) { data_structure(*a); });
    others("DataStructures", {"DataStructure"});
    others("StructureSets", {"StructureSet"});
    others("ReportingTaxonomies", {"ReportingTaxonomy"});
    others("Processes", {"Process"});
    list("Constraints", writable_constraints(),
         [&](const ContentConstraint* a) { constraint(*a); });
    others("Constraints", {"AttachmentConstraint", "ContentConstraint"});
    list("ProvisionAgreements", all_.agreements, [&](const auto& a) { agreement(a); });
    list("ProvisionAgreements", all_.metadata_agreements,
         [&](const auto& a) { metadata_.agreement(a); });
    others("ProvisionAgreements", {"ProvisionAgreement"});
    for (const Codelist& list : all_.value_lists)
      left_out("ValueList", list.ref, "SDMX-ML 2.1 has no value lists");
    others("CustomTypes", {"CustomTypeScheme"});
    others("VtlMappings", {"VtlMappingScheme"});
    others("NamePersonalisations", {"NamePersonalisationScheme"});
    others("Rulesets", {"RulesetScheme"});
    others("Transformations", {"TransformationScheme"});
    others("UserDefinedOperators", {"UserDefinedOperatorScheme"});
  }

  void containers_30() {
    for (auto scheme_class : {ArtefactClass::kAgencyScheme, ArtefactClass::kDataProviderScheme,
                              ArtefactClass::kDataConsumerScheme}) {
      const std::string element(class_name(scheme_class));
      std::vector<const OrganisationScheme*> schemes;
      for (const OrganisationScheme& scheme : all_.organisation_schemes)
        if (scheme.scheme_class == scheme_class) schemes.push_back(&scheme);
      list(element + "s", schemes, [&](const auto* a) { organisation_scheme(*a); });
      others(element + "s", {element});
    }
    list("Dataflows", all_.dataflows, [&](const auto& a) { dataflow(a); });
    others("Dataflows", {"Dataflow"});
    list("Codelists", all_.codelists, [&](const auto& a) { codelist(a); });
    others("Codelists", {"Codelist"});
    list("ConceptSchemes", all_.concept_schemes, [&](const auto& a) { concept_scheme(a); });
    others("ConceptSchemes", {"ConceptScheme"});
    list("DataStructures", writable_data_structures(),
         [&](const DataStructure* a) { data_structure(*a); });
    others("DataStructures", {"DataStructure"});
    list("DataConstraints", writable_constraints(),
         [&](const ContentConstraint* a) { constraint(*a); });
    others("DataConstraints", {"DataConstraint"});
    list("ProvisionAgreements", all_.agreements, [&](const auto& a) { agreement(a); });
    others("ProvisionAgreements", {"ProvisionAgreement"});
    list("ValueLists", all_.value_lists, [&](const auto& a) { value_list(a); });
    others("ValueLists", {"ValueList"});
    list("MetadataStructures", metadata_.writable(all_.metadata_structures),
         [&](const MetadataStructure* a) { metadata_.metadata_structure(*a); });
    others("MetadataStructures", {"MetadataStructure"});
    list("Metadataflows", all_.metadataflows, [&](const auto& a) { metadata_.metadataflow(a); });
    others("Metadataflows", {"Metadataflow"});
    list("MetadataProvisionAgreements", all_.metadata_agreements,
         [&](const auto& a) { metadata_.agreement(a); });
    others("MetadataProvisionAgreements", {"MetadataProvisionAgreement"});
    static constexpr std::string_view rest[] = {"Categorisation",
                                                "CategoryScheme",
                                                "CategorySchemeMap",
                                                "ConceptSchemeMap",
                                                "CustomTypeScheme",
                                                "GeographicCodelist",
                                                "GeoGridCodelist",
                                                "HierarchyAssociation",
                                                "MetadataConstraint",
                                                "MetadataProviderScheme",
                                                "NamePersonalisationScheme",
                                                "OrganisationSchemeMap",
                                                "OrganisationUnitScheme",
                                                "ReportingTaxonomyMap",
                                                "RepresentationMap",
                                                "RulesetScheme",
                                                "StructureMap",
                                                "TransformationScheme",
                                                "UserDefinedOperatorScheme",
                                                "VtlMappingScheme"};
    for (std::string_view element : rest) others(std::string(element) + "s", {element});
    others("Hierarchies", {"Hierarchy"});
    others("Processes", {"Process"});
    others("ReportingTaxonomies", {"ReportingTaxonomy"});
  }

  // ---- codelists, concepts

  void codelist(const Codelist& list) {
    open_artefact("Codelist", list, true, list.is_partial);
    named_artefact(list);
    for (const Code& code : list.codes) {
      out_.open("str:Code");
      out_.attribute("id", code.id);
      named(code);
      if (!code.parent.empty()) local_reference("str:Parent", code.parent);
      out_.close();
    }
    for (const CodelistExtension& one : list.extensions)
      if (v30_)
        extension(one);
      else
        left_out("Codelist", list.ref, "SDMX-ML 2.1 has no extension of codelists", false);
    out_.close();
  }

  void extension(const CodelistExtension& extension) {
    using Selection = CodelistExtension::Selection;
    out_.open("str:CodelistExtension");
    if (!extension.prefix.empty()) out_.attribute("prefix", extension.prefix);
    reference("str:Codelist", ArtefactClass::kCodelist, extension.codelist);
    if (extension.selection != Selection::kAll) {
      out_.open(extension.selection == Selection::kOnly ? "str:InclusiveCodeSelection"
                                                        : "str:ExclusiveCodeSelection");
      for (const auto& member : extension.members) {
        out_.open("str:MemberValue");
        cascade(member.cascade, member.without_root);
        out_.text(member.code);
        out_.close();
      }
      out_.close();
    }
    out_.close();
  }

  void cascade(bool cascade, bool without_root) {
    if (cascade) out_.attribute("cascadeValues", without_root && v30_ ? "excluderoot" : "true");
  }

  void value_list(const Codelist& list) {
    open_artefact("ValueList", list);
    named_artefact(list);
    for (const Code& value : list.codes) {
      out_.open("str:ValueItem");
      out_.attribute("id", value.id);
      annotations(value.annotations);
      texts("com:Name", value.names);
      texts("com:Description", value.descriptions);
      out_.close();
    }
    out_.close();
  }

  void concept_scheme(const ConceptScheme& scheme) {
    open_artefact("ConceptScheme", scheme);
    named_artefact(scheme);
    for (const Concept& item : scheme.concepts) {
      out_.open("str:Concept");
      out_.attribute("id", item.id);
      named(item);
      if (!item.parent.empty()) local_reference("str:Parent", item.parent);
      if (item.core && item.core->value_list && !v30_)
        left_out("ConceptScheme", scheme.ref, "SDMX-ML 2.1 has no value lists", false);
      if (item.core)
        representation("str:CoreRepresentation", *item.core, ArtefactClass::kCodelist, true);
      out_.close();
    }
    out_.close();
  }

  // ---- data structures

  std::vector<const DataStructure*> writable_data_structures() {
    std::vector<const DataStructure*> result;
    for (const DataStructure& dsd : all_.data_structures) {
      std::size_t measures = 0;
      bool obs_value = true, measure_dimension = false, value_list = false;
      for (const Component& component : dsd.components) {
        if (component.kind == ComponentKind::kMeasure) {
          ++measures;
          obs_value = obs_value && component.id == "OBS_VALUE";
        }
        measure_dimension = measure_dimension || component.kind == ComponentKind::kMeasureDimension;
        value_list = value_list || (component.local && component.local->value_list);
      }
      if (!v30_ && (measures != 1 || !obs_value))
        left_out("DataStructure", dsd.ref, "SDMX-ML 2.1 has one measure, called OBS_VALUE");
      else if (v30_ && measure_dimension)
        left_out("DataStructure", dsd.ref, "SDMX-ML 3.0 has no measure dimension");
      else
        result.push_back(&dsd);
      if (!v30_ && value_list && !result.empty() && result.back() == &dsd)
        left_out("DataStructure", dsd.ref, "SDMX-ML 2.1 has no value lists", false);
    }
    return result;
  }

  static bool is_dimension(const Component& component) {
    return component.kind != ComponentKind::kMeasure && component.kind != ComponentKind::kAttribute;
  }

  void data_structure(const DataStructure& dsd) {
    open_artefact("DataStructure", dsd);
    named_artefact(dsd);
    if (dsd.components.empty()) return out_.close();
    out_.open("str:DataStructureComponents");
    out_.open("str:DimensionList");
    out_.attribute("id", "DimensionDescriptor");
    int position = 0;
    for (const Component& component : dsd.components)
      if (is_dimension(component)) dimension(component, ++position);
    out_.close();
    for (const GroupDimensions& group : dsd.groups) {
      if (group.dimensions.empty()) {
        left_out("DataStructure", dsd.ref, fmt::format("its group {} has no dimension", group.id),
                 false);
        continue;
      }
      out_.open("str:Group");
      out_.attribute("id", group.id);
      for (const std::string& id : group.dimensions) {
        out_.open("str:GroupDimension");
        local_reference("str:DimensionReference", id);
        out_.close();
      }
      out_.close();
    }
    of_kind(dsd, ComponentKind::kAttribute, "str:AttributeList", "AttributeDescriptor",
            [&](const Component& component) { attribute(dsd, component); });
    of_kind(dsd, ComponentKind::kMeasure, "str:MeasureList", "MeasureDescriptor",
            [&](const Component& component) { measure(component); });
    out_.close();
    out_.close();
  }

  template <typename Write>
  void of_kind(const DataStructure& dsd, ComponentKind kind, std::string_view element,
               std::string_view id, Write write) {
    auto is = [&](const Component& component) { return component.kind == kind; };
    if (std::none_of(dsd.components.begin(), dsd.components.end(), is)) return;
    out_.open(element);
    out_.attribute("id", id);
    for (const Component& component : dsd.components)
      if (is(component)) write(component);
    out_.close();
  }

  /// Annotations, concept and representation, the same for all components.
  void component(const Component& component, ArtefactClass enumerated, bool multilingual) {
    annotations(component.annotations);
    if (!component.concept_identity.id.empty())
      item_reference("str:ConceptIdentity", "conceptscheme.Concept",
                     component.concept_identity.scheme, component.concept_identity.id);
    if (component.local)
      representation("str:LocalRepresentation", *component.local, enumerated, multilingual);
  }

  void dimension(const Component& source, int position) {
    const bool time = source.kind == ComponentKind::kTimeDimension;
    const bool measure = source.kind == ComponentKind::kMeasureDimension;
    out_.open(time ? "str:TimeDimension" : measure ? "str:MeasureDimension" : "str:Dimension");
    out_.attribute("id", source.id);
    if (!time || !v30_) out_.attribute("position", std::to_string(position));
    component(source, measure ? ArtefactClass::kConceptScheme : ArtefactClass::kCodelist, false);
    if (time && !(source.local && (source.local->format || source.local->enumeration))) {
      TextFormat format;
      format.type = DataType::kObservationalTimePeriod;
      representation("str:LocalRepresentation", {{}, format}, ArtefactClass::kCodelist, false);
    }
    out_.close();
  }

  void measure(const Component& source) {
    out_.open(v30_ ? "str:Measure" : "str:PrimaryMeasure");
    out_.attribute("id", source.id);
    if (v30_ && source.mandatory) out_.attribute("usage", "mandatory");
    component(source, ArtefactClass::kCodelist, v30_);
    out_.close();
  }

  void attribute(const DataStructure& dsd, const Component& source) {
    const bool start_day = !v30_ && source.id == "REPORTING_YEAR_START_DAY" && source.local &&
                           source.local->format &&
                           source.local->format->type == DataType::kMonthDay;
    out_.open(start_day ? "str:ReportingYearStartDay" : "str:Attribute");
    out_.attribute("id", source.id);
    if (v30_)
      out_.attribute("usage", source.mandatory ? "mandatory" : "optional");
    else
      out_.attribute("assignmentStatus", source.mandatory ? "Mandatory" : "Conditional");
    component(source, ArtefactClass::kCodelist, v30_);
    out_.open("str:AttributeRelationship");
    relationship(dsd, source.relationship);
    out_.close();
    out_.close();
  }

  void relationship(const DataStructure& dsd, const AttributeRelationship& relation) {
    auto empty = [&](std::string_view element) {
      out_.open(element);
      out_.close();
    };
    switch (relation.kind) {
      case Kind::kDimensions:
        if (relation.dimensions.empty()) break;
        for (const std::string& id : relation.dimensions) local_reference("str:Dimension", id);
        if (!relation.group.empty() && !v30_)
          local_reference("str:AttachmentGroup", relation.group);
        return;
      case Kind::kGroup:
        return local_reference("str:Group", relation.group);
      case Kind::kObservation:
        if (v30_) return empty("str:Observation");
        for (const Component& component : dsd.components)
          if (component.kind == ComponentKind::kMeasure)
            return local_reference("str:PrimaryMeasure", component.id);
        return local_reference("str:PrimaryMeasure", "OBS_VALUE");
      case Kind::kDataset:
        break;
    }
    empty(v30_ ? "str:Dataflow" : "str:None");
  }

  void dataflow(const Dataflow& flow) {
    open_artefact("Dataflow", flow);
    named_artefact(flow);
    if (!flow.structure.empty())
      reference("str:Structure", ArtefactClass::kDataStructure, flow.structure);
    out_.close();
  }

  // ---- organisations and agreements

  void organisation_scheme(const OrganisationScheme& scheme) {
    const std::string_view item = scheme.scheme_class == ArtefactClass::kAgencyScheme ? "str:Agency"
                                  : scheme.scheme_class == ArtefactClass::kDataConsumerScheme
                                      ? "str:DataConsumer"
                                      : "str:DataProvider";
    // Their version is always 1.0 and never final; 3.0 does not even name it.
    Maintainable head = scheme;
    head.is_final = false;
    open_artefact(class_name(scheme.scheme_class), head, !v30_);
    named_artefact(scheme);
    for (const Organisation& organisation : scheme.organisations) {
      out_.open(item);
      out_.attribute("id", organisation.id);
      named(organisation);
      for (const Contact& one : organisation.contacts) contact(one);
      out_.close();
    }
    out_.close();
  }

  void contact(const Contact& contact) {
    out_.open("str:Contact");
    if (!contact.id.empty()) out_.attribute("id", contact.id);
    texts("com:Name", contact.names);
    texts("str:Department", contact.departments);
    texts("str:Role", contact.roles);
    auto each = [&](std::string_view element, const std::vector<std::string>& values) {
      for (const std::string& value : values) out_.element(element, value);
    };
    each("str:Telephone", contact.phones);
    each("str:Fax", contact.faxes);
    each("str:URI", contact.uris);
    each("str:Email", contact.emails);
    out_.close();
  }

  void agreement(const ProvisionAgreement& agreement) {
    open_artefact("ProvisionAgreement", agreement);
    named_artefact(agreement);
    if (!agreement.dataflow.empty())
      reference(v30_ ? "str:Dataflow" : "str:StructureUsage", ArtefactClass::kDataflow,
                agreement.dataflow, "datastructure");
    if (!agreement.provider.id.empty())
      item_reference("str:DataProvider", "base.DataProvider", agreement.provider.scheme,
                     agreement.provider.id);
    out_.close();
  }

  // ---- constraints

  std::vector<const ContentConstraint*> writable_constraints() {
    std::vector<const ContentConstraint*> result;
    for (const ContentConstraint& constraint : all_.constraints) {
      const char* reason = nullptr;
      for (const auto& to : constraint.attached_to) {
        if (attachment_element(to.artefact_class).empty())
          reason = "it is attached to something that has no data";
        else if (to.artefact_class != constraint.attached_to.front().artefact_class ||
                 (to.artefact_class == ArtefactClass::kDataProviderScheme &&
                  constraint.attached_to.size() > 1))
          reason = "it is attached to too different things";
      }
      if (v30_ && constraint.regions.size() > 2)
        reason = "SDMX-ML 3.0 has two cube regions at most";
      if (reason)
        left_out("ContentConstraint", constraint.ref, reason);
      else
        result.push_back(&constraint);
    }
    return result;
  }

  std::string_view attachment_element(ArtefactClass c) const {
    switch (c) {
      case ArtefactClass::kDataProviderScheme:
        return "str:DataProvider";
      case ArtefactClass::kDataStructure:
        return "str:DataStructure";
      case ArtefactClass::kDataflow:
        return "str:Dataflow";
      case ArtefactClass::kProvisionAgreement:
        return "str:ProvisionAgreement";
      case ArtefactClass::kMetadataStructure:
        return v30_ ? "" : "str:MetadataStructure";
      case ArtefactClass::kMetadataflow:
        return v30_ ? "" : "str:Metadataflow";
      default:
        return "";
    }
  }

  void constraint(const ContentConstraint& constraint) {
    open_artefact(v30_ ? "DataConstraint" : "ContentConstraint", constraint);
    out_.attribute(v30_ ? "role" : "type", constraint.allowed ? "Allowed" : "Actual");
    named_artefact(constraint);
    if (!constraint.attached_to.empty()) {
      out_.open("str:ConstraintAttachment");
      for (const auto& to : constraint.attached_to) {
        std::string_view element = attachment_element(to.artefact_class);
        if (to.artefact_class == ArtefactClass::kDataProviderScheme)
          item_reference(element, "base.DataProvider", to.ref, to.item);
        else
          reference(element, to.artefact_class, to.ref);
      }
      out_.close();
    }
    if (v30_) {
      release_calendar(constraint);
      for (const DataKeySet& set : constraint.key_sets) key_set(set);
      for (const CubeRegion& region : constraint.regions) cube_region(region);
    } else {
      for (const CubeRegion& region : constraint.regions) cube_region(region);
      for (const DataKeySet& set : constraint.key_sets) key_set(set);
      release_calendar(constraint);
    }
    reference_period(constraint);
    out_.close();
  }

  void release_calendar(const ContentConstraint& constraint) {
    if (constraint.periodicity.empty() && constraint.offset.empty() && constraint.tolerance.empty())
      return;
    out_.open("str:ReleaseCalendar");
    out_.element("str:Periodicity", constraint.periodicity);
    out_.element("str:Offset", constraint.offset);
    out_.element("str:Tolerance", constraint.tolerance);
    out_.close();
  }

  void reference_period(const ContentConstraint& constraint) {
    if (constraint.reference_from.empty() && constraint.reference_to.empty()) return;
    if (v30_ || constraint.reference_from.empty() || constraint.reference_to.empty())
      return left_out(
          "ContentConstraint", constraint.ref,
          v30_ ? "SDMX-ML 3.0 has no reference period" : "its reference period has one end only",
          false);
    out_.open("str:ReferencePeriod");
    out_.attribute("startTime", constraint.reference_from);
    out_.attribute("endTime", constraint.reference_to);
    out_.close();
  }

  std::string_view in_region(std::string_view v21, std::string_view v30) const {
    return v30_ ? v30 : v21;
  }

  void cube_region(const CubeRegion& region) {
    out_.open("str:CubeRegion");
    out_.attribute("include", region.include ? "true" : "false");
    for (const KeyValues& key : region.keys)
      key_values(in_region("com:KeyValue", "str:KeyValue"), key);
    for (const KeyValues& key : region.attributes)
      key_values(in_region("com:Attribute", "str:Component"), key);
    out_.close();
  }

  void key_set(const DataKeySet& set) {
    out_.open("str:DataKeySet");
    out_.attribute("isIncluded", set.included ? "true" : "false");
    for (const auto& key : set.keys) {
      out_.open("str:Key");
      for (const KeyValues& part : key) key_values(in_region("com:KeyValue", "str:KeyValue"), part);
      out_.close();
    }
    out_.close();
  }

  void key_values(std::string_view element, const KeyValues& key) {
    out_.open(element);
    out_.attribute("id", key.component);
    for (const KeyValues::Value& value : key.values) {
      out_.open(in_region("com:Value", "str:Value"));
      cascade(value.cascade, value.without_root);
      out_.text(value.code);
      out_.close();
    }
    if (!key.time_from.empty() || !key.time_to.empty()) {
      const bool both = !key.time_from.empty() && !key.time_to.empty();
      auto end = [&](std::string_view name, const std::string& text) {
        if (text.empty()) return;
        out_.open(std::string(in_region("com:", "str:")) + std::string(name));
        out_.attribute("isInclusive", "true");
        out_.text(text);
        out_.close();
      };
      out_.open(in_region("com:TimeRange", "str:TimeRange"));
      end(both ? "StartPeriod" : "AfterPeriod", key.time_from);
      end(both ? "EndPeriod" : "BeforePeriod", key.time_to);
      out_.close();
    }
    out_.close();
  }

  const Structures& all_;
  const OutgoingHeader& header_;
  MetadataStructureWriter metadata_{*this};
  std::string space_;
  bool container_open_ = false;
  std::vector<const OtherArtefact*> others_;
};

}  // namespace
}  // namespace sdmx

Result<std::vector<LeftOut>> write_structures(const Structures& structures,
                                              const OutgoingHeader& header, const ByteSink& sink,
                                              StructureFormat format) {
  return sdmx::StructureWriter(structures, header, sink, format == StructureFormat::k30).write();
}

}  // namespace focalpost
