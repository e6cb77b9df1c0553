// SPDX-License-Identifier: Apache-2.0
#include "sdmx/metadata_structure_writer.h"

#include <algorithm>

namespace focalpost::sdmx {
namespace {

using Kind = MetadataTarget::Object::Kind;

struct ObjectRow {
  Kind kind;
  std::string_view element, id;
};
/// What the schema fixes for each kind (SDMXStructureMetadataStructure.xsd 2.1).
constexpr ObjectRow kObjects[] = {
    {Kind::kKeyValues, "str:KeyDescriptorValuesTarget", "DIMENSION_DESCRIPTOR_VALUES_TARGET"},
    {Kind::kDataset, "str:DataSetTarget", "DATA_SET_TARGET"},
    {Kind::kConstraint, "str:ConstraintContentTarget", "CONSTRAINT_CONTENT_TARGET"},
    {Kind::kPeriod, "str:ReportPeriodTarget", "REPORT_PERIOD_TARGET"},
    {Kind::kIdentifiable, "str:IdentifiableObjectTarget", ""},
};

std::string_view text_type(Kind kind) {
  switch (kind) {
    case Kind::kKeyValues:
      return "KeyValues";
    case Kind::kDataset:
      return "DataSetReference";
    case Kind::kConstraint:
      return "AttachmentConstraintReference";
    case Kind::kPeriod:
      return "ObservationalTimePeriod";
    case Kind::kIdentifiable:
      break;
  }
  return "IdentifiableReference";
}

}  // namespace

std::vector<const MetadataStructure*> MetadataStructureWriter::writable(
    const std::vector<MetadataStructure>& all) {
  std::vector<const MetadataStructure*> result;
  for (const MetadataStructure& one : all) {
    const bool about_something =
        !one.targets.empty() &&
        std::all_of(one.reports.begin(), one.reports.end(),
                    [](const ReportStructure& report) { return !report.targets.empty(); });
    if (!v30_ && !one.reports.empty() && !about_something)
      to_.left_out("MetadataStructure", one.ref, "in SDMX-ML 2.1 a report says what it is about");
    else if (v30_ && one.reports.size() > 1)
      to_.left_out("MetadataStructure", one.ref, "SDMX-ML 3.0 has one list of attributes");
    else
      result.push_back(&one);
  }
  return result;
}

void MetadataStructureWriter::metadata_structure(const MetadataStructure& structure) {
  to_.open_artefact("MetadataStructure", structure);
  to_.named_artefact(structure);
  const bool empty = structure.reports.empty() || structure.reports.front().attributes.empty();
  if (empty) return out_.close();
  out_.open("str:MetadataStructureComponents");
  if (v30_) {
    if (!structure.targets.empty())
      to_.left_out("MetadataStructure", structure.ref,
                   "in SDMX-ML 3.0 the flow says what reports are about", false);
    out_.open("str:MetadataAttributeList");
    out_.attribute("id", "MetadataAttributeDescriptor");
    to_.annotations(structure.reports.front().annotations);
    attributes(structure.reports.front().attributes);
    out_.close();
  } else {
    for (const MetadataTarget& one : structure.targets) target(one);
    for (const ReportStructure& report : structure.reports) {
      out_.open("str:ReportStructure");
      out_.attribute("id", report.id.empty() ? "REPORT" : report.id);
      to_.annotations(report.annotations);
      attributes(report.attributes);
      for (const std::string& id : report.targets) to_.local_reference("str:MetadataTarget", id);
      out_.close();
    }
  }
  out_.close();
  out_.close();
}

void MetadataStructureWriter::target(const MetadataTarget& target) {
  out_.open("str:MetadataTarget");
  out_.attribute("id", target.id);
  for (const auto& object : target.objects) {
    const ObjectRow* row = std::find_if(std::begin(kObjects), std::end(kObjects),
                                        [&](const ObjectRow& r) { return r.kind == object.kind; });
    out_.open(row->element);
    out_.attribute("id", row->id.empty() ? std::string_view(object.id) : row->id);
    if (object.kind == Kind::kIdentifiable) out_.attribute("objectType", object.object_type);
    out_.open("str:LocalRepresentation");
    auto scheme = parse_urn(object.enumeration);
    if (scheme) {
      // Its reference names the package too (ItemSchemeReferenceType); the URN has it.
      std::string_view package = object.enumeration;
      package.remove_prefix(package.find("infomodel.") + 10);
      package = package.substr(0, package.find('.'));
      to_.reference("str:Enumeration", scheme->artefact_class, scheme->ref, package);
    } else {
      out_.open("str:TextFormat");
      out_.attribute("textType", object.kind == Kind::kPeriod && object.format
                                     ? data_type_name(object.format->type)
                                     : text_type(object.kind));
      if (object.kind == Kind::kPeriod && object.format) {
        if (!object.format->start_time.empty())
          out_.attribute("startTime", object.format->start_time);
        if (!object.format->end_time.empty()) out_.attribute("endTime", object.format->end_time);
      }
      out_.close();
    }
    out_.close();
    out_.close();
  }
  out_.close();
}

void MetadataStructureWriter::attributes(const std::vector<MetadataAttribute>& list) {
  // In document order: an attribute closes what it does not lie in.
  std::vector<std::int32_t> open;
  for (std::size_t i = 0; i < list.size(); ++i) {
    while (!open.empty() && open.back() != list[i].parent) {
      out_.close();
      open.pop_back();
    }
    open_attribute(list[i]);
    open.push_back(static_cast<std::int32_t>(i));
  }
  for (; !open.empty(); open.pop_back()) out_.close();
}

void MetadataStructureWriter::open_attribute(const MetadataAttribute& attribute) {
  out_.open("str:MetadataAttribute");
  out_.attribute("id", attribute.id);
  out_.attribute("minOccurs", std::to_string(attribute.min_occurs));
  out_.attribute("maxOccurs", attribute.max_occurs == 0 ? std::string("unbounded")
                                                        : std::to_string(attribute.max_occurs));
  if (attribute.presentational) out_.attribute("isPresentational", "true");
  to_.annotations(attribute.annotations);
  if (!attribute.concept_identity.id.empty())
    to_.item_reference("str:ConceptIdentity", "conceptscheme.Concept",
                       attribute.concept_identity.scheme, attribute.concept_identity.id);
  if (attribute.local)
    to_.representation("str:LocalRepresentation", *attribute.local, ArtefactClass::kCodelist, true);
}

void MetadataStructureWriter::metadataflow(const Metadataflow& flow) {
  to_.open_artefact("Metadataflow", flow);
  to_.named_artefact(flow);
  if (!flow.structure.empty())
    to_.reference("str:Structure", ArtefactClass::kMetadataStructure, flow.structure);
  if (v30_) {
    // One at least is asked for; of a flow of 2.1 nothing is known, so anything.
    if (flow.targets.empty())
      out_.element("str:Target", "urn:sdmx:org.sdmx.infomodel.base.Any=*:*(*)");
    for (const std::string& target : flow.targets) out_.element("str:Target", target);
  } else if (!flow.targets.empty()) {
    to_.left_out("Metadataflow", flow.ref, "SDMX-ML 2.1 has no targets of flows", false);
  }
  out_.close();
}

void MetadataStructureWriter::agreement(const MetadataAgreement& agreement) {
  to_.open_artefact(v30_ ? "MetadataProvisionAgreement" : "ProvisionAgreement", agreement);
  to_.named_artefact(agreement);
  to_.reference(v30_ ? "str:Metadataflow" : "str:StructureUsage", ArtefactClass::kMetadataflow,
                agreement.metadataflow, "metadatastructure");
  to_.item_reference(v30_ ? "str:MetadataProvider" : "str:DataProvider",
                     v30_ ? "base.MetadataProvider" : "base.DataProvider",
                     agreement.provider.scheme, agreement.provider.id);
  if (v30_)
    for (const std::string& target : agreement.targets) out_.element("str:Target", target);
  else if (!agreement.targets.empty())
    to_.left_out("ProvisionAgreement", agreement.ref, "SDMX-ML 2.1 has no targets of agreements",
                 false);
  out_.close();
}

}  // namespace focalpost::sdmx
