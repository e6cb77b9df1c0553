// SPDX-License-Identifier: Apache-2.0
#include "store/metadata_json.h"

#include "store/structure_json.h"

namespace focalpost {
namespace {

using Selection = CodelistExtension::Selection;
constexpr std::string_view kSelections[] = {"all", "only", "all_but"};

using Kind = MetadataTarget::Object::Kind;
constexpr std::string_view kKinds[] = {"key_values", "dataset", "constraint", "period",
                                       "identifiable"};

template <typename Enum, std::size_t N>
Enum enum_of(const std::string_view (&names)[N], const Json& json) {
  const auto name = json.get<std::string>();
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return Enum{};
}
template <typename Enum, std::size_t N>
std::string name_of(const std::string_view (&names)[N], Enum value) {
  return std::string(names[static_cast<std::size_t>(value)]);
}

Json object_json(const MetadataTarget::Object& object) {
  Json json{{"kind", name_of(kKinds, object.kind)}, {"id", object.id}};
  if (!object.object_type.empty()) json["object_type"] = object.object_type;
  if (!object.enumeration.empty()) json["enumeration"] = object.enumeration;
  if (object.format) json["representation"] = to_json(Representation{{}, object.format});
  return json;
}

MetadataTarget::Object object_of(const Json& json) {
  MetadataTarget::Object object;
  object.kind = enum_of<Kind>(kKinds, json.at("kind"));
  object.id = json.at("id");
  object.object_type = json.value("object_type", "");
  object.enumeration = json.value("enumeration", "");
  if (auto found = json.find("representation"); found != json.end())
    object.format = representation_of(*found).format;
  return object;
}

Json attribute_json(const MetadataAttribute& attribute) {
  Json json{{"id", attribute.id},
            {"parent", attribute.parent},
            {"concept_scheme", attribute.concept_identity.scheme.text()},
            {"concept", attribute.concept_identity.id},
            {"min_occurs", attribute.min_occurs},
            {"max_occurs", attribute.max_occurs}};
  if (attribute.presentational) json["presentational"] = true;
  if (attribute.local) json["representation"] = to_json(*attribute.local);
  if (!attribute.annotations.empty()) json["annotations"] = to_json(attribute.annotations);
  return json;
}

MetadataAttribute attribute_of(const Json& json) {
  MetadataAttribute attribute;
  attribute.id = json.at("id");
  attribute.parent = json.at("parent");
  attribute.concept_identity = {stored_ref(json.at("concept_scheme").get<std::string>()),
                                json.at("concept")};
  attribute.min_occurs = json.at("min_occurs");
  attribute.max_occurs = json.at("max_occurs");
  attribute.presentational = json.value("presentational", false);
  if (auto found = json.find("representation"); found != json.end())
    attribute.local = representation_of(*found);
  if (auto found = json.find("annotations"); found != json.end())
    attribute.annotations = annotations_of(*found);
  return attribute;
}

}  // namespace

Json detail_of(const Codelist& list) {
  if (list.extensions.empty()) return {};
  Json json = Json::array();
  for (const CodelistExtension& extension : list.extensions) {
    Json members = Json::array();
    for (const auto& member : extension.members) {
      Json one{{"code", member.code}};
      if (member.cascade) one["cascade"] = true;
      if (member.without_root) one["without_root"] = true;
      members.push_back(std::move(one));
    }
    json.push_back({{"codelist", extension.codelist.text()},
                    {"prefix", extension.prefix},
                    {"selection", name_of(kSelections, extension.selection)},
                    {"members", std::move(members)}});
  }
  return Json{{"extensions", std::move(json)}};
}

void take_detail(const Json& json, Codelist& list) {
  for (const Json& one : json.at("extensions")) {
    CodelistExtension& extension = list.extensions.emplace_back();
    extension.codelist = stored_ref(one.at("codelist").get<std::string>());
    extension.prefix = one.at("prefix");
    extension.selection = enum_of<Selection>(kSelections, one.at("selection"));
    for (const Json& member : one.at("members"))
      extension.members.push_back(
          {member.at("code"), member.value("cascade", false), member.value("without_root", false)});
  }
}

Json detail_of(const MetadataStructure& structure) {
  Json targets = Json::array(), reports = Json::array();
  for (const MetadataTarget& target : structure.targets) {
    Json objects = Json::array();
    for (const auto& object : target.objects) objects.push_back(object_json(object));
    targets.push_back({{"id", target.id}, {"objects", std::move(objects)}});
  }
  for (const ReportStructure& report : structure.reports) {
    Json attributes = Json::array();
    for (const MetadataAttribute& one : report.attributes)
      attributes.push_back(attribute_json(one));
    reports.push_back({{"id", report.id},
                       {"annotations", to_json(report.annotations)},
                       {"targets", report.targets},
                       {"attributes", std::move(attributes)}});
  }
  return Json{{"targets", std::move(targets)}, {"reports", std::move(reports)}};
}

void take_detail(const Json& json, MetadataStructure& structure) {
  for (const Json& one : json.at("targets")) {
    MetadataTarget& target = structure.targets.emplace_back();
    target.id = one.at("id");
    for (const Json& object : one.at("objects")) target.objects.push_back(object_of(object));
  }
  for (const Json& one : json.at("reports")) {
    ReportStructure& report = structure.reports.emplace_back();
    report.id = one.at("id");
    report.annotations = annotations_of(one.at("annotations"));
    report.targets = one.at("targets").get<std::vector<std::string>>();
    for (const Json& attribute : one.at("attributes"))
      report.attributes.push_back(attribute_of(attribute));
  }
}

Json detail_of(const Metadataflow& flow) {
  return Json{{"structure", flow.structure.text()}, {"targets", flow.targets}};
}

void take_detail(const Json& json, Metadataflow& flow) {
  flow.structure = stored_ref(json.at("structure").get<std::string>());
  flow.targets = json.at("targets").get<std::vector<std::string>>();
}

Json detail_of(const MetadataAgreement& agreement) {
  return Json{{"metadataflow", agreement.metadataflow.text()},
              {"provider_scheme", agreement.provider.scheme.text()},
              {"provider", agreement.provider.id},
              {"targets", agreement.targets}};
}

void take_detail(const Json& json, MetadataAgreement& agreement) {
  agreement.metadataflow = stored_ref(json.at("metadataflow").get<std::string>());
  agreement.provider = {stored_ref(json.at("provider_scheme").get<std::string>()),
                        json.at("provider")};
  agreement.targets = json.at("targets").get<std::vector<std::string>>();
}

}  // namespace focalpost
