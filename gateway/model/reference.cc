// SPDX-License-Identifier: Apache-2.0
#include "model/reference.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "base/text.h"

namespace focalpost {
namespace {

struct ClassRow {
  ArtefactClass artefact_class;
  std::string_view name;
  std::string_view package;
};
constexpr ClassRow kClasses[] = {
    {ArtefactClass::kCodelist, "Codelist", "codelist"},
    {ArtefactClass::kConceptScheme, "ConceptScheme", "conceptscheme"},
    {ArtefactClass::kDataStructure, "DataStructure", "datastructure"},
    {ArtefactClass::kDataflow, "Dataflow", "datastructure"},
    {ArtefactClass::kAgencyScheme, "AgencyScheme", "base"},
    {ArtefactClass::kDataProviderScheme, "DataProviderScheme", "base"},
    {ArtefactClass::kDataConsumerScheme, "DataConsumerScheme", "base"},
    {ArtefactClass::kProvisionAgreement, "ProvisionAgreement", "registry"},
    {ArtefactClass::kContentConstraint, "ContentConstraint", "registry"},
    {ArtefactClass::kMetadataStructure, "MetadataStructure", "metadatastructure"},
    {ArtefactClass::kMetadataflow, "Metadataflow", "metadatastructure"},
    {ArtefactClass::kCategoryScheme, "CategoryScheme", "categoryscheme"},
    {ArtefactClass::kCategorisation, "Categorisation", "categoryscheme"},
    {ArtefactClass::kValueList, "ValueList", "codelist"},
    {ArtefactClass::kMetadataProviderScheme, "MetadataProviderScheme", "base"},
    {ArtefactClass::kMetadataAgreement, "MetadataProvisionAgreement", "registry"},
    {ArtefactClass::kMetadataSet, "MetadataSet", "metadatastructure"},
};
/// Items and other spellings, by the scheme they live in.
constexpr std::pair<std::string_view, ArtefactClass> kItemClasses[] = {
    {"Code", ArtefactClass::kCodelist},
    {"Concept", ArtefactClass::kConceptScheme},
    {"Agency", ArtefactClass::kAgencyScheme},
    {"DataProvider", ArtefactClass::kDataProviderScheme},
    {"DataConsumer", ArtefactClass::kDataConsumerScheme},
    {"MetadataProvider", ArtefactClass::kMetadataProviderScheme},
    {"Category", ArtefactClass::kCategoryScheme},
    // QUIRK: 2.0 and some tools call a DSD a KeyFamily or DataStructureDefinition.
    {"KeyFamily", ArtefactClass::kDataStructure},
    {"DataStructureDefinition", ArtefactClass::kDataStructure},
    // QUIRK: the 2.1 schema's own spelling of an element, seen in references too.
    {"ProvisionAgrement", ArtefactClass::kProvisionAgreement},
};

}  // namespace

std::string Ref::text() const {
  std::string result = agency.empty() ? id : agency + ":" + id;
  if (!version.empty()) result += "(" + version + ")";
  return result;
}

std::optional<Ref> parse_ref(std::string_view text) {
  text = trim(text);
  Ref ref;
  if (auto open = text.find('('); open != text.npos) {
    if (text.back() != ')' || text.size() < open + 3) return {};
    ref.version = text.substr(open + 1, text.size() - open - 2);
    text = text.substr(0, open);
  }
  if (auto colon = text.find(':'); colon != text.npos) {
    ref.agency = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    if (ref.agency.empty()) return {};
  }
  ref.id = text;
  auto bad = [](std::string_view s, bool dots) {
    for (char c : s) {
      bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '_' || c == '-' || c == '@' || c == '$' ||
                (dots && (c == '.' || c == '+' || c == '*'));
      if (!ok) return true;
    }
    return false;
  };
  if (ref.id.empty() || bad(ref.id, true) || bad(ref.agency, true) || bad(ref.version, true))
    return {};
  return ref;
}

std::string_view class_name(ArtefactClass c) {
  for (const ClassRow& row : kClasses)
    if (row.artefact_class == c) return row.name;
  return "Artefact";
}

std::optional<ArtefactClass> class_from_name(std::string_view name) {
  for (const ClassRow& row : kClasses)
    if (row.name == name) return row.artefact_class;
  for (auto [item, scheme] : kItemClasses)
    if (item == name) return scheme;
  return {};
}

std::string urn(ArtefactClass c, const Ref& ref) {
  std::string_view package = "base";
  for (const ClassRow& row : kClasses)
    if (row.artefact_class == c) package = row.package;
  return fmt::format("urn:sdmx:org.sdmx.infomodel.{}.{}={}", package, class_name(c), ref.text());
}

std::optional<Urn> parse_urn(std::string_view text) {
  constexpr std::string_view start = "urn:sdmx:org.sdmx.infomodel.";
  text = trim(text);
  if (!ascii_istarts_with(text, start)) return {};
  text.remove_prefix(start.size());
  auto equals = text.find('=');
  auto dot = text.substr(0, equals).rfind('.');
  if (equals == text.npos || dot == text.npos) return {};
  Urn urn;
  auto found = class_from_name(text.substr(dot + 1, equals - dot - 1));
  urn.artefact_class = found.value_or(ArtefactClass::kOther);
  text.remove_prefix(equals + 1);
  auto close = text.find(')');
  std::string_view rest = close == text.npos ? std::string_view{} : text.substr(close + 1);
  auto ref = parse_ref(text.substr(0, close == text.npos ? close : close + 1));
  if (!ref) return {};
  urn.ref = *ref;
  if (!rest.empty() && rest.front() == '.') urn.item = rest.substr(1);
  return urn;
}

bool version_less(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    auto take = [](std::string_view& v) {
      auto dot = v.find('.');
      std::string_view piece = v.substr(0, dot);
      v.remove_prefix(dot == v.npos ? v.size() : dot + 1);
      long number = 0;
      std::from_chars(piece.data(), piece.data() + piece.size(), number);
      return number;
    };
    long x = take(a), y = take(b);
    if (x != y) return x < y;
  }
  return false;
}

}  // namespace focalpost
