// SPDX-License-Identifier: Apache-2.0
//
// structure: SDMX structural metadata as plain data, in the words of the information model.
//
// What a structure message says, no more: references are not resolved here (see lookup.h), nothing
// is judged. Any version of SDMX-ML is read into these shapes and written from them. What the
// program does not know is kept whole in `OtherArtefact`. SDMX 2.1 section 2 (information model)
// and SDMXStructure.xsd.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/reference.h"

namespace focalpost {

/// A text in several languages, in the order they came. Language tags as sent ("en", "ru", "uk").
struct LocalText {
  std::string lang;
  std::string text;
  friend bool operator==(const LocalText&, const LocalText&) = default;
};
using Texts = std::vector<LocalText>;

/// The text in `lang`, else in English, else the first, else "". "ru-KG" finds "ru".
std::string_view text_in(const Texts& texts, std::string_view lang);

/// FP_ALIAS, FP_DEFAULT, FP_LANG:<contact>, ... (NETWORK.md); order and repetition count.
struct Annotation {
  std::string id;
  std::string type;
  std::string title;
  Texts texts;
  friend bool operator==(const Annotation&, const Annotation&) = default;
};
using Annotations = std::vector<Annotation>;
/// The first with this id; null if there is none.
const Annotation* find_annotation(const Annotations& annotations, std::string_view id);

/// What every maintainable artefact has.
struct Maintainable {
  Ref ref;
  Texts names;
  Texts descriptions;
  Annotations annotations;
  bool is_final = false;
  std::string valid_from, valid_to;  ///< xs:dateTime as written; empty: open
  friend bool operator==(const Maintainable&, const Maintainable&) = default;
};

struct Code {
  std::string id;
  std::string parent;  ///< id within the same codelist; empty: a top code
  Texts names;
  Texts descriptions;
  Annotations annotations;
  friend bool operator==(const Code&, const Code&) = default;
};

/// Codes of another list that a list takes over (3.0, CodelistExtension). What they come to is
/// worked out by codelist_extension.h.
struct CodelistExtension {
  enum class Selection : std::uint8_t { kAll, kOnly, kAllBut };
  struct Member {
    std::string code;           ///< '%' stands for any characters, also none
    bool cascade = false;       ///< with everything below it in the codelist
    bool without_root = false;  ///< with `cascade`: but without itself
    friend bool operator==(const Member&, const Member&) = default;
  };
  Ref codelist;
  std::string prefix;  ///< before each code that is taken over
  Selection selection = Selection::kAll;
  std::vector<Member> members;
  friend bool operator==(const CodelistExtension&, const CodelistExtension&) = default;
};

/// Also 3.0's ValueList: its values have ids of any characters, no parents and no extensions.
struct Codelist : Maintainable {
  bool is_partial = false;
  std::vector<Code> codes;  ///< its own
  std::vector<CodelistExtension> extensions;
  friend bool operator==(const Codelist&, const Codelist&) = default;
};

/// SDMX data types (TextFormat/@textType), those that a value can be judged by.
enum class DataType : std::uint8_t {
  kString,
  kAlpha,
  kAlphaNumeric,
  kNumeric,
  kBigInteger,
  kInteger,
  kLong,
  kShort,
  kDecimal,
  kFloat,
  kDouble,
  kBoolean,
  kCount,
  kInclusiveValueRange,
  kExclusiveValueRange,
  kIncremental,
  kUri,
  kObservationalTimePeriod,
  kStandardTimePeriod,
  kBasicTimePeriod,
  kGregorianTimePeriod,
  kGregorianYear,
  kGregorianYearMonth,
  kGregorianDay,
  kReportingTimePeriod,
  kReportingYear,
  kReportingSemester,
  kReportingTrimester,
  kReportingQuarter,
  kReportingMonth,
  kReportingWeek,
  kReportingDay,
  kDateTime,
  kTimeRange,
  kMonth,
  kMonthDay,
  kDay,
  kTime,
  kDuration,
  kXhtml,
  kOther,
};
std::string_view data_type_name(DataType type);
std::optional<DataType> data_type_from_name(std::string_view name);

/// Facets of a text format; an absent facet says nothing. Numbers are kept as written.
struct TextFormat {
  DataType type = DataType::kString;
  std::optional<std::uint32_t> min_length, max_length, decimals;
  std::string min_value, max_value, start_value, end_value, interval;
  std::string start_time, end_time, pattern;
  bool is_sequence = false;
  bool is_multilingual = false;
  friend bool operator==(const TextFormat&, const TextFormat&) = default;
};

/// Coded (an enumeration) or not (a text format); both absent means: that of the concept.
struct Representation {
  std::optional<Ref> enumeration;  ///< of a codelist, or of a value list
  std::optional<TextFormat> format;
  /// 3.0: how many values an attribute or a measure may have; 0 is any number (multi_value.h).
  std::uint32_t max_occurs = 1;
  bool value_list = false;  ///< the enumeration is a value list (3.0)
  friend bool operator==(const Representation&, const Representation&) = default;
};

struct Concept {
  std::string id;
  std::string parent;
  Texts names;
  Texts descriptions;
  Annotations annotations;
  std::optional<Representation> core;
  friend bool operator==(const Concept&, const Concept&) = default;
};

struct ConceptScheme : Maintainable {
  std::vector<Concept> concepts;
  friend bool operator==(const ConceptScheme&, const ConceptScheme&) = default;
};

/// A concept inside a scheme.
struct ConceptRef {
  Ref scheme;
  std::string id;
  friend bool operator==(const ConceptRef&, const ConceptRef&) = default;
};

enum class ComponentKind : std::uint8_t {
  kDimension,
  kMeasureDimension,
  kTimeDimension,
  kMeasure,  ///< 2.1's PrimaryMeasure is the measure OBS_VALUE
  kAttribute,
};

/// Where an attribute is attached, SDMX 2.1's AttributeRelationship.
struct AttributeRelationship {
  enum class Kind : std::uint8_t { kDataset, kDimensions, kGroup, kObservation };
  Kind kind = Kind::kObservation;
  std::vector<std::string> dimensions;  ///< kDimensions: their ids
  std::string group;                    ///< kGroup: its id; kDimensions: an AttachmentGroup or ""
  friend bool operator==(const AttributeRelationship&, const AttributeRelationship&) = default;
};

struct Component {
  std::string id;
  ComponentKind kind = ComponentKind::kDimension;
  ConceptRef concept_identity;
  std::optional<Representation> local;
  Annotations annotations;
  // attributes only
  bool mandatory = false;  ///< assignmentStatus Mandatory, usage mandatory
  AttributeRelationship relationship;
  friend bool operator==(const Component&, const Component&) = default;
};

struct GroupDimensions {
  std::string id;
  std::vector<std::string> dimensions;
  friend bool operator==(const GroupDimensions&, const GroupDimensions&) = default;
};

/// Components in the order dimensions (by position, the time dimension last), measures, attributes.
struct DataStructure : Maintainable {
  std::vector<Component> components;
  std::vector<GroupDimensions> groups;
  friend bool operator==(const DataStructure&, const DataStructure&) = default;
};

struct Dataflow : Maintainable {
  Ref structure;
  friend bool operator==(const Dataflow&, const Dataflow&) = default;
};

struct Contact {
  std::string id;
  Texts names;
  Texts departments;
  Texts roles;  ///< "focal point", "coordinator", "substitute"
  std::vector<std::string> emails, phones, faxes, uris;
  friend bool operator==(const Contact&, const Contact&) = default;
};

/// An agency, a data provider or a data consumer.
struct Organisation {
  std::string id;
  Texts names;
  Texts descriptions;
  Annotations annotations;  ///< FP_LANG:<contact id>: title the language, text the time zone
  std::vector<Contact> contacts;
  friend bool operator==(const Organisation&, const Organisation&) = default;
};

struct OrganisationScheme : Maintainable {
  ArtefactClass scheme_class = ArtefactClass::kDataProviderScheme;
  std::vector<Organisation> organisations;
  friend bool operator==(const OrganisationScheme&, const OrganisationScheme&) = default;
};

struct ProviderRef {
  Ref scheme;      ///< FP:DATA_PROVIDERS(1.0)
  std::string id;  ///< KG_NSC
  friend auto operator<=>(const ProviderRef&, const ProviderRef&) = default;
};

struct ProvisionAgreement : Maintainable {
  Ref dataflow;
  ProviderRef provider;
  friend bool operator==(const ProvisionAgreement&, const ProvisionAgreement&) = default;
};

/// Allowed values of one component in a cube region. In a code '%' stands for any characters (3.0);
/// no code has one.
struct KeyValues {
  std::string component;
  struct Value {
    std::string code;
    bool cascade = false;       ///< with everything below it in the codelist
    bool without_root = false;  ///< 3.0, with `cascade`: but without itself
    friend bool operator==(const Value&, const Value&) = default;
  };
  std::vector<Value> values;
  std::string time_from, time_to;  ///< a TimeRange instead of values; inclusive; empty: open
  friend bool operator==(const KeyValues&, const KeyValues&) = default;
};

struct CubeRegion {
  bool include = true;
  std::vector<KeyValues> keys;        ///< of dimensions
  std::vector<KeyValues> attributes;  ///< of attributes and measures
  friend bool operator==(const CubeRegion&, const CubeRegion&) = default;
};

struct DataKeySet {
  bool included = true;
  std::vector<std::vector<KeyValues>> keys;  ///< each a (partial) key
  friend bool operator==(const DataKeySet&, const DataKeySet&) = default;
};

/// 2.1 ContentConstraint, 3.0 DataConstraint.
struct ContentConstraint : Maintainable {
  bool allowed = false;  ///< type="Allowed"; the default, Actual, only describes
  struct Attachment {
    ArtefactClass artefact_class = ArtefactClass::kOther;
    Ref ref;
    std::string item;  ///< the organisation, where a provider is meant
    friend bool operator==(const Attachment&, const Attachment&) = default;
  };
  std::vector<Attachment> attached_to;
  std::vector<CubeRegion> regions;
  std::vector<DataKeySet> key_sets;
  std::string reference_from, reference_to;    ///< ReferencePeriod
  std::string periodicity, offset, tolerance;  ///< ReleaseCalendar: xs:duration each
  friend bool operator==(const ContentConstraint&, const ContentConstraint&) = default;
};

// ---- reference metadata: what texts about data may say

/// What a report is about, in a metadata structure of 2.1.
struct MetadataTarget {
  struct Object {
    enum class Kind : std::uint8_t { kKeyValues, kDataset, kConstraint, kPeriod, kIdentifiable };
    Kind kind = Kind::kIdentifiable;
    std::string id;
    std::string object_type;  ///< kIdentifiable: "ProvisionAgreement", "DataProvider", ...
    std::string enumeration;  ///< kIdentifiable: URN of the scheme whose items are meant, or ""
    std::optional<TextFormat> format;
    friend bool operator==(const Object&, const Object&) = default;
  };
  std::string id;
  std::vector<Object> objects;
  friend bool operator==(const MetadataTarget&, const MetadataTarget&) = default;
};

/// One concept of a report.
struct MetadataAttribute {
  std::string id;
  std::int32_t parent = -1;  ///< place of the attribute around it in the same list; it comes first
  ConceptRef concept_identity;
  std::optional<Representation> local;
  Annotations annotations;
  std::uint32_t min_occurs = 1;
  std::uint32_t max_occurs = 1;  ///< 0: any number
  bool presentational = false;   ///< has no value, only attributes in it
  friend bool operator==(const MetadataAttribute&, const MetadataAttribute&) = default;
};

/// 2.1's; 3.0 has one without id and without targets.
struct ReportStructure {
  std::string id;
  Annotations annotations;
  std::vector<std::string> targets;  ///< ids of MetadataTargets
  std::vector<MetadataAttribute> attributes;
  friend bool operator==(const ReportStructure&, const ReportStructure&) = default;
};

struct MetadataStructure : Maintainable {
  std::vector<MetadataTarget> targets;  ///< 2.1 only
  std::vector<ReportStructure> reports;
  friend bool operator==(const MetadataStructure&, const MetadataStructure&) = default;
};

struct Metadataflow : Maintainable {
  Ref structure;
  std::vector<std::string> targets;  ///< 3.0: URNs, with '*' in them
  friend bool operator==(const Metadataflow&, const Metadataflow&) = default;
};

/// 3.0's MetadataProvisionAgreement; in 2.1 a ProvisionAgreement whose usage is a Metadataflow.
struct MetadataAgreement : Maintainable {
  Ref metadataflow;
  ProviderRef provider;
  std::vector<std::string> targets;  ///< 3.0: URNs, with '*' in them
  friend bool operator==(const MetadataAgreement&, const MetadataAgreement&) = default;
};

/// Something this version does not use: its own XML, with the namespaces it needs.
struct OtherArtefact {
  std::string element;  ///< local name
  Ref ref;
  std::string xml;
  friend bool operator==(const OtherArtefact&, const OtherArtefact&) = default;
};

/// A bag of artefacts: one structure message, or everything a home knows.
struct Structures {
  std::vector<Codelist> codelists;
  std::vector<ConceptScheme> concept_schemes;
  std::vector<DataStructure> data_structures;
  std::vector<Dataflow> dataflows;
  std::vector<OrganisationScheme> organisation_schemes;
  std::vector<ProvisionAgreement> agreements;
  std::vector<ContentConstraint> constraints;
  std::vector<Codelist> value_lists;
  std::vector<MetadataStructure> metadata_structures;
  std::vector<Metadataflow> metadataflows;
  std::vector<MetadataAgreement> metadata_agreements;
  std::vector<OtherArtefact> others;

  friend bool operator==(const Structures&, const Structures&) = default;
  std::size_t size() const;
  /// URNs of everything in the bag.
  std::vector<std::string> urns() const;

  /// Takes over `newer`: an artefact with the same class and reference is replaced, except that
  /// schemes of organisations are merged item by item (NETWORK.md section 2).
  void merge(Structures newer);
};

}  // namespace focalpost
