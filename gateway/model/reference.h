// SPDX-License-Identifier: Apache-2.0
//
// reference: how SDMX artefacts are named.
//
// A maintainable artefact is agency, id and version; an item (a code, a provider) adds its own id.
// SDMX 2.1 section 3A (SDMXCommonReferences.xsd) and the URN syntax of section 5 chapter 6.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace focalpost {

struct Ref {
  std::string agency;
  std::string id;
  std::string version;  ///< empty: the latest there is

  friend auto operator<=>(const Ref&, const Ref&) = default;
  bool empty() const { return id.empty(); }
  /// "FP:ASYLUM(1.0)"; without a version "FP:ASYLUM".
  std::string text() const;
};

/// Reads "AGENCY:ID(VERSION)", "AGENCY:ID" or "ID".
std::optional<Ref> parse_ref(std::string_view text);

enum class ArtefactClass {
  kCodelist,
  kConceptScheme,
  kDataStructure,
  kDataflow,
  kAgencyScheme,
  kDataProviderScheme,
  kDataConsumerScheme,
  kProvisionAgreement,
  kContentConstraint,
  kMetadataStructure,
  kMetadataflow,
  kCategoryScheme,
  kCategorisation,
  kValueList,
  kMetadataProviderScheme,
  kMetadataAgreement,
  kMetadataSet,
  kOther,  ///< kept as it came
};

/// "Codelist", "DataStructure", ... as in the URN.
std::string_view class_name(ArtefactClass c);
std::optional<ArtefactClass> class_from_name(std::string_view name);

/// "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=FP:CL_SEX(1.0)"
std::string urn(ArtefactClass c, const Ref& ref);

struct Urn {
  ArtefactClass artefact_class = ArtefactClass::kOther;
  Ref ref;           ///< of the maintainable artefact
  std::string item;  ///< id of the item inside it ("KG_NSC"), empty for the artefact itself
};

/// Reads a URN of a maintainable or of an item; the part after the closing parenthesis is the item
/// (or, in data namespaces, ":ObsLevelDim:X", which is left out here).
std::optional<Urn> parse_urn(std::string_view text);

/// Orders versions by their numbers: "1.10" after "1.9", "2.0.0" after "1.0".
bool version_less(std::string_view a, std::string_view b);

}  // namespace focalpost
