// SPDX-License-Identifier: Apache-2.0
#include "model/structure.h"

#include <algorithm>
#include <map>
#include <utility>

namespace focalpost {
namespace {

constexpr std::pair<DataType, std::string_view> kTypeNames[] = {
    {DataType::kString, "String"},
    {DataType::kAlpha, "Alpha"},
    {DataType::kAlphaNumeric, "AlphaNumeric"},
    {DataType::kNumeric, "Numeric"},
    {DataType::kBigInteger, "BigInteger"},
    {DataType::kInteger, "Integer"},
    {DataType::kLong, "Long"},
    {DataType::kShort, "Short"},
    {DataType::kDecimal, "Decimal"},
    {DataType::kFloat, "Float"},
    {DataType::kDouble, "Double"},
    {DataType::kBoolean, "Boolean"},
    {DataType::kCount, "Count"},
    {DataType::kInclusiveValueRange, "InclusiveValueRange"},
    {DataType::kExclusiveValueRange, "ExclusiveValueRange"},
    {DataType::kIncremental, "Incremental"},
    {DataType::kUri, "URI"},
    {DataType::kObservationalTimePeriod, "ObservationalTimePeriod"},
    {DataType::kStandardTimePeriod, "StandardTimePeriod"},
    {DataType::kBasicTimePeriod, "BasicTimePeriod"},
    {DataType::kGregorianTimePeriod, "GregorianTimePeriod"},
    {DataType::kGregorianYear, "GregorianYear"},
    {DataType::kGregorianYearMonth, "GregorianYearMonth"},
    {DataType::kGregorianDay, "GregorianDay"},
    {DataType::kReportingTimePeriod, "ReportingTimePeriod"},
    {DataType::kReportingYear, "ReportingYear"},
    {DataType::kReportingSemester, "ReportingSemester"},
    {DataType::kReportingTrimester, "ReportingTrimester"},
    {DataType::kReportingQuarter, "ReportingQuarter"},
    {DataType::kReportingMonth, "ReportingMonth"},
    {DataType::kReportingWeek, "ReportingWeek"},
    {DataType::kReportingDay, "ReportingDay"},
    {DataType::kDateTime, "DateTime"},
    {DataType::kTimeRange, "TimeRange"},
    {DataType::kMonth, "Month"},
    {DataType::kMonthDay, "MonthDay"},
    {DataType::kDay, "Day"},
    {DataType::kTime, "Time"},
    {DataType::kDuration, "Duration"},
    {DataType::kXhtml, "XHTML"},
};

template <typename T>
Ref& ref_of(T& artefact) {
  return artefact.ref;
}

/// Replaces what has the same reference, appends the rest; keeps the order of what was there.
template <typename T>
void replace_all(std::vector<T>& old, std::vector<T>&& newer) {
  std::map<Ref, std::size_t> places;
  for (std::size_t i = 0; i < old.size(); ++i) places.emplace(ref_of(old[i]), i);
  for (T& artefact : newer) {
    auto [place, fresh] = places.emplace(ref_of(artefact), old.size());
    if (fresh)
      old.push_back(std::move(artefact));
    else
      old[place->second] = std::move(artefact);
  }
}

void merge_schemes(std::vector<OrganisationScheme>& old, std::vector<OrganisationScheme>&& newer) {
  for (OrganisationScheme& scheme : newer) {
    auto same = std::find_if(old.begin(), old.end(), [&](const OrganisationScheme& s) {
      return s.scheme_class == scheme.scheme_class && s.ref == scheme.ref;
    });
    if (same == old.end()) {
      old.push_back(std::move(scheme));
      continue;
    }
    std::vector<Organisation> items = std::move(same->organisations);
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < items.size(); ++i) places.emplace(items[i].id, i);
    for (Organisation& organisation : scheme.organisations) {
      auto [place, fresh] = places.emplace(organisation.id, items.size());
      if (fresh)
        items.push_back(std::move(organisation));
      else
        items[place->second] = std::move(organisation);
    }
    static_cast<Maintainable&>(*same) = static_cast<Maintainable&&>(scheme);
    same->organisations = std::move(items);
  }
}

}  // namespace

std::string_view text_in(const Texts& texts, std::string_view lang) {
  for (std::string_view wanted : {lang, lang.substr(0, lang.find('-')), std::string_view("en")})
    for (const LocalText& text : texts)
      if (text.lang == wanted) return text.text;
  return texts.empty() ? std::string_view{} : std::string_view(texts.front().text);
}

const Annotation* find_annotation(const Annotations& annotations, std::string_view id) {
  for (const Annotation& annotation : annotations)
    if (annotation.id == id) return &annotation;
  return nullptr;
}

std::string_view data_type_name(DataType type) {
  for (auto [t, name] : kTypeNames)
    if (t == type) return name;
  return "Other";
}

std::optional<DataType> data_type_from_name(std::string_view name) {
  for (auto [type, n] : kTypeNames)
    if (n == name) return type;
  return {};
}

std::size_t Structures::size() const {
  return codelists.size() + concept_schemes.size() + data_structures.size() + dataflows.size() +
         organisation_schemes.size() + agreements.size() + constraints.size() + value_lists.size() +
         metadata_structures.size() + metadataflows.size() + metadata_agreements.size() +
         others.size();
}

std::vector<std::string> Structures::urns() const {
  std::vector<std::string> result;
  for (const auto& a : codelists) result.push_back(urn(ArtefactClass::kCodelist, a.ref));
  for (const auto& a : concept_schemes) result.push_back(urn(ArtefactClass::kConceptScheme, a.ref));
  for (const auto& a : data_structures) result.push_back(urn(ArtefactClass::kDataStructure, a.ref));
  for (const auto& a : dataflows) result.push_back(urn(ArtefactClass::kDataflow, a.ref));
  for (const auto& a : organisation_schemes) result.push_back(urn(a.scheme_class, a.ref));
  for (const auto& a : agreements) result.push_back(urn(ArtefactClass::kProvisionAgreement, a.ref));
  for (const auto& a : constraints) result.push_back(urn(ArtefactClass::kContentConstraint, a.ref));
  for (const auto& a : value_lists) result.push_back(urn(ArtefactClass::kValueList, a.ref));
  for (const auto& a : metadata_structures)
    result.push_back(urn(ArtefactClass::kMetadataStructure, a.ref));
  for (const auto& a : metadataflows) result.push_back(urn(ArtefactClass::kMetadataflow, a.ref));
  for (const auto& a : metadata_agreements)
    result.push_back(urn(ArtefactClass::kMetadataAgreement, a.ref));
  for (const auto& a : others)
    result.push_back(urn(class_from_name(a.element).value_or(ArtefactClass::kOther), a.ref));
  return result;
}

void Structures::merge(Structures newer) {
  replace_all(codelists, std::move(newer.codelists));
  replace_all(concept_schemes, std::move(newer.concept_schemes));
  replace_all(data_structures, std::move(newer.data_structures));
  replace_all(dataflows, std::move(newer.dataflows));
  merge_schemes(organisation_schemes, std::move(newer.organisation_schemes));
  replace_all(agreements, std::move(newer.agreements));
  replace_all(constraints, std::move(newer.constraints));
  replace_all(value_lists, std::move(newer.value_lists));
  replace_all(metadata_structures, std::move(newer.metadata_structures));
  replace_all(metadataflows, std::move(newer.metadataflows));
  replace_all(metadata_agreements, std::move(newer.metadata_agreements));
  for (OtherArtefact& artefact : newer.others) {
    auto same = std::find_if(others.begin(), others.end(), [&](const OtherArtefact& o) {
      return o.element == artefact.element && o.ref == artefact.ref;
    });
    if (same == others.end())
      others.push_back(std::move(artefact));
    else
      *same = std::move(artefact);
  }
}

}  // namespace focalpost
