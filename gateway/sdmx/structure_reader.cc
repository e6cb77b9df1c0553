// SPDX-License-Identifier: Apache-2.0
//
// Every element that is understood is a row of kSteps: inside state `in`, an element of this
// namespace and name leads to state `to`. begin() acts on a start tag, finish_state() on its end,
// when the text in between is known. Names, descriptions and annotations are the same everywhere
// and go to where the stack's frames point.
#include "sdmx/structure_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "model/period.h"
#include "sdmx/detect.h"
#include "sdmx/header_reader.h"
#include "sdmx/structure_parts.h"
#include "sdmx/structure_reader20.h"
#include "sdmx/utf8_input.h"
#include "sdmx/xml_out.h"
#include "sdmx/xml_push.h"

namespace focalpost {
namespace sdmx {
namespace {

enum class Ns : std::uint8_t { kNone, kMessage, kStructure, kCommon, kOther };

enum class S : std::uint8_t {
  kDocument,
  kMessage,
  kHeader,
  kStructures,
  kIgnored,
  kLeftOut,  ///< passed over, and said
  kContainer,
  // texts and references, wherever they stand
  kName,
  kDescription,
  kAnnotations,
  kAnnotation,
  kAnnotationTitle,
  kAnnotationType,
  kAnnotationText,
  kRef,
  kUrn,
  // codelists and concepts
  kCodelist,
  kCode,
  kCodeParent,
  kConceptScheme,
  kConcept,
  kConceptParent,
  kRepresentation,
  kEnumeration,
  kTextFormat,
  // data structures
  kDataStructure,
  kComponents,
  kDimensionList,
  kDimension,
  kMeasureDimension,
  kTimeDimension,
  kGroup,
  kGroupDimension,
  kDimensionReference,
  kMeasureList,
  kPrimaryMeasure,
  kAttributeList,
  kAttribute,
  kConceptIdentity,
  kRelationship,
  kRelationNone,
  kRelationDimension,
  kRelationAttachment,
  kRelationGroup,
  kRelationMeasure,
  kDataflow,
  kFlowStructure,
  // organisations and agreements
  kOrganisationScheme,
  kOrganisation,
  kContact,
  kContactName,
  kDepartment,
  kRole,
  kEmail,
  kTelephone,
  kFax,
  kUri,
  kAgreement,
  kAgreementFlow,
  kAgreementProvider,
  // constraints
  kConstraint,
  kAttachment,
  kAttachedProvider,
  kAttachedStructure,
  kAttachedFlow,
  kAttachedAgreement,
  kAttachedOther,
  kCubeRegion,
  kKeyValue,
  kRegionAttribute,
  kValue,
  kTimeRange,
  kBefore,
  kAfter,
  kFrom,
  kTo,
  kKeySet,
  kKey,
  kReleaseCalendar,
  kPeriodicity,
  kOffset,
  kTolerance,
  kReferencePeriod,
};

struct Step {
  S in;
  Ns ns;
  std::string_view name;
  S to;
};

constexpr Step kSteps[] = {
    {S::kStructures, Ns::kStructure, "OrganisationSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "Dataflows", S::kContainer},
    {S::kStructures, Ns::kStructure, "Codelists", S::kContainer},
    {S::kStructures, Ns::kStructure, "Concepts", S::kContainer},
    {S::kStructures, Ns::kStructure, "DataStructures", S::kContainer},
    {S::kStructures, Ns::kStructure, "Constraints", S::kContainer},
    {S::kStructures, Ns::kStructure, "ProvisionAgreements", S::kContainer},
    // the other containers: everything in them is kept
    {S::kStructures, Ns::kStructure, "Metadataflows", S::kContainer},
    {S::kStructures, Ns::kStructure, "CategorySchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "Categorisations", S::kContainer},
    {S::kStructures, Ns::kStructure, "HierarchicalCodelists", S::kContainer},
    {S::kStructures, Ns::kStructure, "MetadataStructures", S::kContainer},
    {S::kStructures, Ns::kStructure, "StructureSets", S::kContainer},
    {S::kStructures, Ns::kStructure, "ReportingTaxonomies", S::kContainer},
    {S::kStructures, Ns::kStructure, "Processes", S::kContainer},
    {S::kStructures, Ns::kStructure, "CustomTypes", S::kContainer},
    {S::kStructures, Ns::kStructure, "VtlMappings", S::kContainer},
    {S::kStructures, Ns::kStructure, "NamePersonalisations", S::kContainer},
    {S::kStructures, Ns::kStructure, "Rulesets", S::kContainer},
    {S::kStructures, Ns::kStructure, "Transformations", S::kContainer},
    {S::kStructures, Ns::kStructure, "UserDefinedOperators", S::kContainer},
    // codelists and concepts
    {S::kContainer, Ns::kStructure, "Codelist", S::kCodelist},
    {S::kCodelist, Ns::kStructure, "Code", S::kCode},
    {S::kCode, Ns::kStructure, "Parent", S::kCodeParent},
    {S::kContainer, Ns::kStructure, "ConceptScheme", S::kConceptScheme},
    {S::kConceptScheme, Ns::kStructure, "Concept", S::kConcept},
    {S::kConcept, Ns::kStructure, "Parent", S::kConceptParent},
    {S::kConcept, Ns::kStructure, "CoreRepresentation", S::kRepresentation},
    {S::kConcept, Ns::kStructure, "ISOConceptReference", S::kIgnored},
    {S::kRepresentation, Ns::kStructure, "Enumeration", S::kEnumeration},
    {S::kRepresentation, Ns::kStructure, "EnumerationFormat", S::kTextFormat},
    {S::kRepresentation, Ns::kStructure, "TextFormat", S::kTextFormat},
    // data structures
    {S::kContainer, Ns::kStructure, "DataStructure", S::kDataStructure},
    {S::kDataStructure, Ns::kStructure, "DataStructureComponents", S::kComponents},
    {S::kComponents, Ns::kStructure, "DimensionList", S::kDimensionList},
    {S::kDimensionList, Ns::kStructure, "Dimension", S::kDimension},
    {S::kDimensionList, Ns::kStructure, "MeasureDimension", S::kMeasureDimension},
    {S::kDimensionList, Ns::kStructure, "TimeDimension", S::kTimeDimension},
    {S::kComponents, Ns::kStructure, "Group", S::kGroup},
    {S::kGroup, Ns::kStructure, "GroupDimension", S::kGroupDimension},
    {S::kGroup, Ns::kStructure, "AttachmentConstraint", S::kIgnored},
    {S::kGroupDimension, Ns::kStructure, "DimensionReference", S::kDimensionReference},
    {S::kComponents, Ns::kStructure, "MeasureList", S::kMeasureList},
    {S::kMeasureList, Ns::kStructure, "PrimaryMeasure", S::kPrimaryMeasure},
    {S::kComponents, Ns::kStructure, "AttributeList", S::kAttributeList},
    {S::kAttributeList, Ns::kStructure, "Attribute", S::kAttribute},
    {S::kAttributeList, Ns::kStructure, "ReportingYearStartDay", S::kAttribute},
    {S::kDimension, Ns::kStructure, "ConceptIdentity", S::kConceptIdentity},
    {S::kDimension, Ns::kStructure, "LocalRepresentation", S::kRepresentation},
    {S::kDimension, Ns::kStructure, "ConceptRole", S::kIgnored},
    {S::kMeasureDimension, Ns::kStructure, "ConceptIdentity", S::kConceptIdentity},
    {S::kMeasureDimension, Ns::kStructure, "LocalRepresentation", S::kRepresentation},
    {S::kMeasureDimension, Ns::kStructure, "ConceptRole", S::kIgnored},
    {S::kTimeDimension, Ns::kStructure, "ConceptIdentity", S::kConceptIdentity},
    {S::kTimeDimension, Ns::kStructure, "LocalRepresentation", S::kRepresentation},
    {S::kPrimaryMeasure, Ns::kStructure, "ConceptIdentity", S::kConceptIdentity},
    {S::kPrimaryMeasure, Ns::kStructure, "LocalRepresentation", S::kRepresentation},
    {S::kAttribute, Ns::kStructure, "ConceptIdentity", S::kConceptIdentity},
    {S::kAttribute, Ns::kStructure, "LocalRepresentation", S::kRepresentation},
    {S::kAttribute, Ns::kStructure, "ConceptRole", S::kIgnored},
    {S::kAttribute, Ns::kStructure, "AttributeRelationship", S::kRelationship},
    {S::kRelationship, Ns::kStructure, "None", S::kRelationNone},
    {S::kRelationship, Ns::kStructure, "Dimension", S::kRelationDimension},
    {S::kRelationship, Ns::kStructure, "AttachmentGroup", S::kRelationAttachment},
    {S::kRelationship, Ns::kStructure, "Group", S::kRelationGroup},
    {S::kRelationship, Ns::kStructure, "PrimaryMeasure", S::kRelationMeasure},
    {S::kContainer, Ns::kStructure, "Dataflow", S::kDataflow},
    {S::kDataflow, Ns::kStructure, "Structure", S::kFlowStructure},
    // organisations and agreements
    {S::kContainer, Ns::kStructure, "AgencyScheme", S::kOrganisationScheme},
    {S::kContainer, Ns::kStructure, "DataProviderScheme", S::kOrganisationScheme},
    {S::kContainer, Ns::kStructure, "DataConsumerScheme", S::kOrganisationScheme},
    {S::kOrganisationScheme, Ns::kStructure, "Agency", S::kOrganisation},
    {S::kOrganisationScheme, Ns::kStructure, "DataProvider", S::kOrganisation},
    {S::kOrganisationScheme, Ns::kStructure, "DataConsumer", S::kOrganisation},
    {S::kOrganisation, Ns::kStructure, "Contact", S::kContact},
    {S::kContact, Ns::kStructure, "Department", S::kDepartment},
    {S::kContact, Ns::kStructure, "Role", S::kRole},
    {S::kContact, Ns::kStructure, "Email", S::kEmail},
    {S::kContact, Ns::kStructure, "Telephone", S::kTelephone},
    {S::kContact, Ns::kStructure, "Fax", S::kFax},
    {S::kContact, Ns::kStructure, "X400", S::kIgnored},
    {S::kContact, Ns::kStructure, "URI", S::kUri},
    {S::kContainer, Ns::kStructure, "ProvisionAgreement", S::kAgreement},
    {S::kAgreement, Ns::kStructure, "StructureUsage", S::kAgreementFlow},
    {S::kAgreement, Ns::kStructure, "DataProvider", S::kAgreementProvider},
    // constraints
    {S::kContainer, Ns::kStructure, "ContentConstraint", S::kConstraint},
    {S::kConstraint, Ns::kStructure, "ConstraintAttachment", S::kAttachment},
    {S::kAttachment, Ns::kStructure, "DataProvider", S::kAttachedProvider},
    {S::kAttachment, Ns::kStructure, "DataStructure", S::kAttachedStructure},
    {S::kAttachment, Ns::kStructure, "Dataflow", S::kAttachedFlow},
    {S::kAttachment, Ns::kStructure, "ProvisionAgreement", S::kAttachedAgreement},
    {S::kAttachment, Ns::kStructure, "MetadataStructure", S::kAttachedOther},
    {S::kAttachment, Ns::kStructure, "Metadataflow", S::kAttachedOther},
    {S::kAttachment, Ns::kStructure, "DataSet", S::kIgnored},
    {S::kAttachment, Ns::kStructure, "MetadataSet", S::kIgnored},
    {S::kAttachment, Ns::kStructure, "SimpleDataSource", S::kIgnored},
    {S::kAttachment, Ns::kStructure, "QueryableDataSource", S::kIgnored},
    {S::kConstraint, Ns::kStructure, "CubeRegion", S::kCubeRegion},
    {S::kCubeRegion, Ns::kCommon, "KeyValue", S::kKeyValue},
    {S::kCubeRegion, Ns::kCommon, "Attribute", S::kRegionAttribute},
    {S::kKeyValue, Ns::kCommon, "Value", S::kValue},
    {S::kKeyValue, Ns::kCommon, "TimeRange", S::kTimeRange},
    {S::kRegionAttribute, Ns::kCommon, "Value", S::kValue},
    {S::kRegionAttribute, Ns::kCommon, "TimeRange", S::kTimeRange},
    {S::kTimeRange, Ns::kCommon, "BeforePeriod", S::kBefore},
    {S::kTimeRange, Ns::kCommon, "AfterPeriod", S::kAfter},
    {S::kTimeRange, Ns::kCommon, "StartPeriod", S::kFrom},
    {S::kTimeRange, Ns::kCommon, "EndPeriod", S::kTo},
    {S::kConstraint, Ns::kStructure, "DataKeySet", S::kKeySet},
    {S::kKeySet, Ns::kStructure, "Key", S::kKey},
    {S::kKey, Ns::kCommon, "KeyValue", S::kKeyValue},
    {S::kConstraint, Ns::kStructure, "MetadataKeySet", S::kIgnored},
    {S::kConstraint, Ns::kStructure, "MetadataTargetRegion", S::kIgnored},
    {S::kConstraint, Ns::kStructure, "ReleaseCalendar", S::kReleaseCalendar},
    {S::kReleaseCalendar, Ns::kStructure, "Periodicity", S::kPeriodicity},
    {S::kReleaseCalendar, Ns::kStructure, "Offset", S::kOffset},
    {S::kReleaseCalendar, Ns::kStructure, "Tolerance", S::kTolerance},
    {S::kConstraint, Ns::kStructure, "ReferencePeriod", S::kReferencePeriod},
    // annotations
    {S::kAnnotations, Ns::kCommon, "Annotation", S::kAnnotation},
    {S::kAnnotation, Ns::kCommon, "AnnotationTitle", S::kAnnotationTitle},
    {S::kAnnotation, Ns::kCommon, "AnnotationType", S::kAnnotationType},
    {S::kAnnotation, Ns::kCommon, "AnnotationURL", S::kIgnored},
    {S::kAnnotation, Ns::kCommon, "AnnotationText", S::kAnnotationText},
};

/// What 3.0 and 3.1 have beside these, or in another way.
constexpr Step kSteps30[] = {
    {S::kStructures, Ns::kStructure, "AgencySchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "ConceptSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "DataConstraints", S::kContainer},
    {S::kStructures, Ns::kStructure, "DataConsumerSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "DataProviderSchemes", S::kContainer},
    // everything in these is kept
    {S::kStructures, Ns::kStructure, "AvailabilityConstraints", S::kContainer},
    {S::kStructures, Ns::kStructure, "CategorySchemeMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "ConceptSchemeMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "CustomTypeSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "GeographicCodelists", S::kContainer},
    {S::kStructures, Ns::kStructure, "GeoGridCodelists", S::kContainer},
    {S::kStructures, Ns::kStructure, "Hierarchies", S::kContainer},
    {S::kStructures, Ns::kStructure, "HierarchyAssociations", S::kContainer},
    {S::kStructures, Ns::kStructure, "MetadataConstraints", S::kContainer},
    {S::kStructures, Ns::kStructure, "MetadataProviderSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "MetadataProvisionAgreements", S::kContainer},
    {S::kStructures, Ns::kStructure, "NamePersonalisationSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "OrganisationSchemeMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "OrganisationUnitSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "ReportingTaxonomyMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "RepresentationMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "RulesetSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "StructureMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "TransformationSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "UserDefinedOperatorSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "ValueLists", S::kContainer},
    {S::kStructures, Ns::kStructure, "VtlMappingSchemes", S::kContainer},
    {S::kCodelist, Ns::kStructure, "CodelistExtension", S::kLeftOut},
    {S::kDataStructure, Ns::kStructure, "Metadata", S::kIgnored},
    {S::kMeasureList, Ns::kStructure, "Measure", S::kPrimaryMeasure},
    {S::kPrimaryMeasure, Ns::kStructure, "ConceptRole", S::kIgnored},
    {S::kAttributeList, Ns::kStructure, "MetadataAttributeUsage", S::kLeftOut},
    {S::kAttribute, Ns::kStructure, "MeasureRelationship", S::kIgnored},
    {S::kRelationship, Ns::kStructure, "Dataflow", S::kRelationNone},
    {S::kRelationship, Ns::kStructure, "Observation", S::kRelationMeasure},
    {S::kAgreement, Ns::kStructure, "Dataflow", S::kAgreementFlow},
    {S::kContainer, Ns::kStructure, "DataConstraint", S::kConstraint},
    {S::kAttachment, Ns::kStructure, "MetadataProvisionAgreement", S::kIgnored},
    {S::kCubeRegion, Ns::kStructure, "KeyValue", S::kKeyValue},
    {S::kCubeRegion, Ns::kStructure, "Component", S::kRegionAttribute},
    {S::kKeyValue, Ns::kStructure, "Value", S::kValue},
    {S::kKeyValue, Ns::kStructure, "TimeRange", S::kTimeRange},
    {S::kRegionAttribute, Ns::kStructure, "Value", S::kValue},
    {S::kRegionAttribute, Ns::kStructure, "TimeRange", S::kTimeRange},
    {S::kTimeRange, Ns::kStructure, "BeforePeriod", S::kBefore},
    {S::kTimeRange, Ns::kStructure, "AfterPeriod", S::kAfter},
    {S::kTimeRange, Ns::kStructure, "StartPeriod", S::kFrom},
    {S::kTimeRange, Ns::kStructure, "EndPeriod", S::kTo},
    {S::kKey, Ns::kStructure, "KeyValue", S::kKeyValue},
    {S::kKey, Ns::kStructure, "Component", S::kIgnored},
    {S::kAnnotation, Ns::kCommon, "AnnotationValue", S::kIgnored},
};

bool holds_reference(S state) {
  switch (state) {
    case S::kCodeParent:
    case S::kConceptParent:
    case S::kEnumeration:
    case S::kConceptIdentity:
    case S::kDimensionReference:
    case S::kRelationDimension:
    case S::kRelationAttachment:
    case S::kRelationGroup:
    case S::kRelationMeasure:
    case S::kFlowStructure:
    case S::kAgreementFlow:
    case S::kAgreementProvider:
    case S::kAttachedProvider:
    case S::kAttachedStructure:
    case S::kAttachedFlow:
    case S::kAttachedAgreement:
    case S::kAttachedOther:
      return true;
    default:
      return false;
  }
}

bool holds_text(S state) {
  switch (state) {
    case S::kName:
    case S::kDescription:
    case S::kAnnotationTitle:
    case S::kAnnotationType:
    case S::kAnnotationText:
    case S::kUrn:
    case S::kDepartment:
    case S::kRole:
    case S::kEmail:
    case S::kTelephone:
    case S::kFax:
    case S::kUri:
    case S::kValue:
    case S::kBefore:
    case S::kAfter:
    case S::kFrom:
    case S::kTo:
    case S::kPeriodicity:
    case S::kOffset:
    case S::kTolerance:
      return true;
    default:
      return false;
  }
}

std::string qualified(std::string_view prefix, std::string_view local) {
  return prefix.empty() ? std::string(local) : std::string(prefix) + ":" + std::string(local);
}

/// The period before or after, for a range that leaves its end out.
std::string neighbour(const std::string& text, int step) {
  auto period = Period::parse(text);
  if (!period || period->kind() > PeriodKind::kDay) return text;
  return Period::at(period->kind(), period->ordinal() + step).text();
}

class StructureReader final : public XmlPushOf<StructureReader> {
 public:
  StructureReader(FindingSink& sink, const Limits& limits, DataMessage& message)
      : XmlPushOf(limits),
        v30_(message.version.starts_with("3.")),
        sink_(sink),
        message_(message),
        header_(message, sink, limits, false, message.version == "2.0") {
    stack_.push_back({S::kDocument, nullptr, nullptr, nullptr});
  }

  Structures take() { return std::move(result_); }

 private:
  friend class XmlPushOf<StructureReader>;

  struct Frame {
    S state;
    Texts* names;
    Texts* descriptions;
    Annotations* annotations;
  };

  // ---- parser events

  void start(const xmlChar* local_name, const xmlChar* uri, const Attributes& attributes,
             const xmlChar** namespaces, int namespace_count) {
    const std::string_view local = view(local_name);
    declare(namespaces, namespace_count);
    if (keep_depth_ > 0) {
      keep_start(local, prefix_of(uri), attributes, namespaces, namespace_count, false);
      return;
    }
    if (skip_ > 0) {
      ++skip_;
      return;
    }
    const S in = stack_.back().state;
    const Ns ns = ns_of(uri);
    switch (in) {
      case S::kDocument:
        push(S::kMessage);
        return;
      case S::kMessage:
        if (local == "Header" && ns == Ns::kMessage) return push(S::kHeader);
        if (local == "Structures" && ns == Ns::kMessage) return push(S::kStructures);
        if (local == "Footer") return skip();
        return unknown(local);
      case S::kHeader:
        header_.start(local, view(uri), attributes, here());
        ++header_depth_;
        return;
      case S::kIgnored:
        return skip();
      default:
        break;
    }
    if (holds_reference(in) && ns == Ns::kNone) {
      if (local == "Ref") {
        read_ref(attributes);
        return push(S::kRef);
      }
      if (local == "URN") return begin_text(S::kUrn, attributes);
    }
    if (ns == Ns::kCommon) {
      const Frame frame = stack_.back();
      if (local == "Name" && frame.names) return begin_text(S::kName, attributes);
      if (local == "Description" && frame.descriptions)
        return begin_text(S::kDescription, attributes);
      if (local == "Annotations" && frame.annotations) return push(S::kAnnotations);
      // Names and annotations where nothing is made of them (of a list of components).
      if (local == "Annotations" || (v30_ && local == "Link")) return skip();
    }
    if (v30_)
      for (const Step& step : kSteps30)
        if (step.in == in && step.ns == ns && step.name == local) {
          if (in == S::kContainer && is_stub(attributes)) break;
          return begin(step.to, local, attributes);
        }
    for (const Step& step : kSteps)
      if (step.in == in && step.ns == ns && step.name == local) {
        if (in == S::kContainer && is_stub(attributes)) break;
        return begin(step.to, local, attributes);
      }
    if (in == S::kContainer && ns == Ns::kStructure) {
      keep_start(local, prefix_of(uri), attributes, namespaces, namespace_count, true);
      return;
    }
    unknown(local);
  }

  void end(const xmlChar* local_name, const xmlChar* uri) {
    if (keep_depth_ > 0) {
      // The prefix may be declared by the element itself: it ends as it began.
      close_kept_tag();
      kept_.xml += "</" + qualified(prefix_of(uri), view(local_name)) + ">";
      undeclare();
      if (--keep_depth_ == 0) finish_kept();
      return;
    }
    undeclare();
    if (skip_ > 0) {
      --skip_;
      return;
    }
    if (stack_.back().state == S::kHeader && header_depth_ > 0) {
      --header_depth_;
      header_.end();
      return;
    }
    finish_state(stack_.back().state);
    stack_.pop_back();
  }

  void characters(std::string_view text) {
    if (keep_depth_ > 0) {
      close_kept_tag();
      append_escaped(kept_.xml, text, false);
      spend(text.size());
      return;
    }
    if (skip_ > 0) return;
    const S state = stack_.back().state;
    if (state == S::kHeader) return header_.characters(text, here());
    if (has_text(state)) {
      if (text_.size() + text.size() > limits_.text_bytes)
        return stop(rules::text_too_long, {}, std::to_string(limits_.text_bytes));
      text_ += text;
      return;
    }
    if (is_blank(text) || state == S::kIgnored) return;
    report(rules::unexpected_text, {}, trim(text));
  }

  // ---- the stack

  void push(S state, Texts* names = nullptr, Texts* descriptions = nullptr,
            Annotations* annotations = nullptr) {
    stack_.push_back({state, names, descriptions, annotations});
  }
  template <typename Named>
  void push_named(S state, Named& item) {
    push(state, &item.names, &item.descriptions, &item.annotations);
  }
  void skip() { skip_ = 1; }
  /// In 3.0 a reference is a URN, or an id in the same artefact, as text.
  bool has_text(S state) const { return holds_text(state) || (v30_ && holds_reference(state)); }

  void begin_text(S state, const Attributes& attributes) {
    text_.clear();
    std::string_view lang = attributes.get("lang", kXmlNamespace);
    // xml:lang is "en" where it is not given (SDMXCommon.xsd, TextType).
    lang_ = lang.data() ? shorten(lang, 40) : "en";
    push(state);
  }

  void item() {
    if (++items_ > limits_.structure_items)
      stop(rules::message_too_large, {},
           "structure_items " + std::to_string(limits_.structure_items));
  }
  void spend(std::size_t bytes) {
    stored_ += bytes;
    if (stored_ > kStructureTextBytes)
      stop(rules::message_too_large, {}, std::to_string(kStructureTextBytes));
  }

  Ns ns_of(const xmlChar* uri) const {
    if (!uri) return Ns::kNone;
    SdmxNamespace ns = sdmx_namespace(view(uri));
    if (ns.version != message_.version) return Ns::kOther;
    if (ns.part == "structure") return Ns::kStructure;
    if (ns.part == "common") return Ns::kCommon;
    return ns.part == "message" ? Ns::kMessage : Ns::kOther;
  }

  // ---- what the elements mean

  static bool is_stub(const Attributes& attributes) {
    return read_boolean(attributes.get("isExternalReference")).value_or(false);
  }

  void maintainable(Maintainable& artefact, const Attributes& attributes) {
    item();
    artefact.ref = artefact_ref(attributes);
    artefact.is_final = read_boolean(attributes.get("isFinal")).value_or(false);
    // 3.0: what has a whole semantic version (1.0.0) is not changed any more.
    if (v30_ && std::count(artefact.ref.version.begin(), artefact.ref.version.end(), '.') == 2 &&
        artefact.ref.version.find_first_not_of("0123456789.") == std::string::npos)
      artefact.is_final = true;
    artefact.valid_from = attributes.get("validFrom");
    artefact.valid_to = attributes.get("validTo");
    if (artefact.ref.id.empty()) report(rules::header_value, "id", {}, "id");
  }

  static Ref artefact_ref(const Attributes& attributes) {
    std::string_view version = attributes.get("version");
    Ref ref{std::string(attributes.get("agencyID")), std::string(attributes.get("id")),
            version.empty() ? "1.0" : std::string(version)};
    return ref;
  }

  void read_ref(const Attributes& attributes) {
    item();
    ref_ = ref_of(attributes);
    // The schema's default (SDMXCommonReferences.xsd).
    if (ref_.version.empty()) ref_.version = "1.0";
    ref_item_ = attributes.get("id");
  }

  template <typename Item>
  Item& add(std::vector<Item>& list, const Attributes& attributes) {
    item();
    Item& added = list.emplace_back();
    added.id = attributes.get("id");
    return added;
  }

  void component(S state, ComponentKind kind, const Attributes& attributes,
                 std::string_view usual_id) {
    item();
    component_ = {};
    component_.kind = kind;
    std::string_view id = attributes.get("id");
    component_.id = id.data() ? id : usual_id;
    position_ = -1;
    std::string_view position = attributes.get("position");
    std::from_chars(position.data(), position.data() + position.size(), position_);
    component_.mandatory = v30_ ? attributes.get("usage") == "mandatory"
                                : attributes.get("assignmentStatus") == "Mandatory";
    push(state, nullptr, nullptr, &component_.annotations);
  }

  void begin(S state, std::string_view local, const Attributes& attributes) {
    switch (state) {
      case S::kCodelist:
        codelist_ = {};
        maintainable(codelist_, attributes);
        codelist_.is_partial = read_boolean(attributes.get("isPartial")).value_or(false);
        return push_named(state, codelist_);
      case S::kCode:
        return push_named(state, add(codelist_.codes, attributes));
      case S::kConceptScheme:
        concepts_ = {};
        maintainable(concepts_, attributes);
        return push_named(state, concepts_);
      case S::kConcept:
        return push_named(state, add(concepts_.concepts, attributes));
      case S::kDataStructure:
        dsd_ = {};
        placed_.clear();
        maintainable(dsd_, attributes);
        return push_named(state, dsd_);
      case S::kDimension:
        return component(state, ComponentKind::kDimension, attributes, {});
      case S::kMeasureDimension:
        return component(state, ComponentKind::kMeasureDimension, attributes, {});
      case S::kTimeDimension:
        return component(state, ComponentKind::kTimeDimension, attributes, "TIME_PERIOD");
      case S::kPrimaryMeasure:
        return component(state, ComponentKind::kMeasure, attributes, "OBS_VALUE");
      case S::kAttribute:
        return component(state, ComponentKind::kAttribute, attributes,
                         local == "ReportingYearStartDay" ? "REPORTING_YEAR_START_DAY" : "");
      case S::kGroup:
        add(dsd_.groups, attributes);
        break;
      case S::kRelationNone:
        component_.relationship = {AttributeRelationship::Kind::kDataset, {}, {}};
        break;
      case S::kRepresentation:
        representation_ = {};
        if (std::string_view most = attributes.get("maxOccurs"); v30_ && most.data()) {
          std::uint32_t count = 0;
          std::from_chars(most.data(), most.data() + most.size(), count);
          representation_.max_occurs = count;  // "unbounded" is 0
        }
        break;
      case S::kTextFormat:
        text_format(attributes);
        break;
      case S::kDataflow:
        dataflow_ = {};
        maintainable(dataflow_, attributes);
        return push_named(state, dataflow_);
      case S::kOrganisationScheme:
        organisations_ = {};
        maintainable(organisations_, attributes);
        organisations_.scheme_class =
            class_from_name(local).value_or(ArtefactClass::kDataProviderScheme);
        return push_named(state, organisations_);
      case S::kOrganisation:
        return push_named(state, add(organisations_.organisations, attributes));
      case S::kContact: {
        Contact& contact = add(organisations_.organisations.back().contacts, attributes);
        return push(state, &contact.names);
      }
      case S::kAgreement:
        agreement_ = {};
        maintainable(agreement_, attributes);
        return push_named(state, agreement_);
      case S::kConstraint:
        constraint_ = {};
        maintainable(constraint_, attributes);
        constraint_.allowed = attributes.get(v30_ ? "role" : "type") == "Allowed";
        return push_named(state, constraint_);
      case S::kCubeRegion:
        item();
        constraint_.regions.emplace_back().include =
            read_boolean(attributes.get("include")).value_or(true);
        break;
      case S::kKeySet:
        item();
        constraint_.key_sets.emplace_back().included =
            read_boolean(attributes.get("isIncluded")).value_or(true);
        break;
      case S::kKey:
        item();
        constraint_.key_sets.back().keys.emplace_back();
        break;
      case S::kKeyValue:
      case S::kRegionAttribute:
        item();
        key_values_ = {};
        key_values_.component = attributes.get("id");
        if (!read_boolean(attributes.get("include")).value_or(true))
          report(rules::unsupported_message, key_values_.component, "include=\"false\"");
        break;
      case S::kValue:
        item();
        cascade_ = read_boolean(attributes.get("cascadeValues")).value_or(false);
        break;
      case S::kBefore:
      case S::kAfter:
      case S::kFrom:
      case S::kTo:
        inclusive_ = read_boolean(attributes.get("isInclusive")).value_or(true);
        break;
      case S::kReferencePeriod:
        constraint_.reference_from = attributes.get("startTime");
        constraint_.reference_to = attributes.get("endTime");
        break;
      case S::kAnnotation: {
        item();
        Annotations* list = stack_[stack_.size() - 2].annotations;
        list->emplace_back().id = attributes.get("id");
        annotation_ = &list->back();
        break;
      }
      case S::kLeftOut:
        report(rules::structure_left_out, local, {});
        return skip();
      case S::kIgnored:
        return skip();
      default:
        break;
    }
    if (holds_reference(state)) {
      ref_ = {};
      ref_item_.clear();
      ref_class_ = ArtefactClass::kOther;
    }
    if (has_text(state)) return begin_text(state, attributes);
    push(state);
  }

  void text_format(const Attributes& attributes) {
    representation_.format =
        read_text_format(attributes, [this](std::string_view name, std::string_view value) {
          report(rules::header_value, name, value);
        });
  }

  void finish_state(S state) {
    if (holds_text(state))
      finish_text(state);
    else if (has_text(state))
      finish_reference();
    switch (state) {
      case S::kHeader:
        header_.finish(here());
        return;
      case S::kCodelist:
        result_.codelists.push_back(std::move(codelist_));
        return;
      case S::kCodeParent:
        codelist_.codes.back().parent = ref_item_;
        return;
      case S::kConceptScheme:
        result_.concept_schemes.push_back(std::move(concepts_));
        return;
      case S::kConceptParent:
        concepts_.concepts.back().parent = ref_item_;
        return;
      case S::kEnumeration:
        // A list of values, or of places, is kept as it came; what it codes is judged as text.
        if (!v30_ || ref_class_ == ArtefactClass::kCodelist ||
            ref_class_ == ArtefactClass::kConceptScheme)
          representation_.enumeration = ref_;
        return;
      case S::kRepresentation:
        if (stack_[stack_.size() - 2].state == S::kConcept)
          concepts_.concepts.back().core = std::move(representation_);
        else
          component_.local = std::move(representation_);
        return;
      case S::kDataStructure:
        finish_dsd();
        return;
      case S::kConceptIdentity:
        component_.concept_identity = {ref_, ref_item_};
        return;
      case S::kDimension:
      case S::kMeasureDimension:
      case S::kTimeDimension:
      case S::kPrimaryMeasure:
      case S::kAttribute:
        // An id that is not given is that of the concept.
        if (component_.id.empty()) component_.id = component_.concept_identity.id;
        placed_.emplace_back(position_, std::move(component_));
        return;
      case S::kDimensionReference:
        dsd_.groups.back().dimensions.push_back(ref_item_);
        return;
      case S::kRelationDimension:
        component_.relationship.kind = AttributeRelationship::Kind::kDimensions;
        component_.relationship.dimensions.push_back(ref_item_);
        return;
      case S::kRelationAttachment:
        component_.relationship.group = ref_item_;
        return;
      case S::kRelationGroup:
        component_.relationship.kind = AttributeRelationship::Kind::kGroup;
        component_.relationship.group = ref_item_;
        return;
      case S::kRelationMeasure:
        component_.relationship.kind = AttributeRelationship::Kind::kObservation;
        return;
      case S::kFlowStructure:
        dataflow_.structure = ref_;
        return;
      case S::kDataflow:
        result_.dataflows.push_back(std::move(dataflow_));
        return;
      case S::kOrganisationScheme:
        result_.organisation_schemes.push_back(std::move(organisations_));
        return;
      case S::kAgreementFlow:
        agreement_.dataflow = ref_;
        return;
      case S::kAgreementProvider:
        agreement_.provider = {ref_, ref_item_};
        return;
      case S::kAgreement:
        result_.agreements.push_back(std::move(agreement_));
        return;
      case S::kAttachedProvider:
        constraint_.attached_to.push_back({ArtefactClass::kDataProviderScheme, ref_, ref_item_});
        return;
      case S::kAttachedStructure:
        attach(ArtefactClass::kDataStructure);
        return;
      case S::kAttachedFlow:
        attach(ArtefactClass::kDataflow);
        return;
      case S::kAttachedAgreement:
        attach(ArtefactClass::kProvisionAgreement);
        return;
      case S::kAttachedOther:
        attach(ArtefactClass::kOther);
        return;
      case S::kKeyValue:
        if (stack_[stack_.size() - 2].state == S::kKey)
          constraint_.key_sets.back().keys.back().push_back(std::move(key_values_));
        else
          constraint_.regions.back().keys.push_back(std::move(key_values_));
        return;
      case S::kRegionAttribute:
        constraint_.regions.back().attributes.push_back(std::move(key_values_));
        return;
      case S::kConstraint:
        result_.constraints.push_back(std::move(constraint_));
        return;
      default:
        return;
    }
  }

  void attach(ArtefactClass artefact_class) {
    constraint_.attached_to.push_back({artefact_class, ref_, {}});
  }

  void finish_dsd() {
    // Dimensions by position where positions are given, in document order where not; time last.
    std::stable_sort(placed_.begin(), placed_.end(), [](const auto& a, const auto& b) {
      auto rank = [](const auto& p) {
        switch (p.second.kind) {
          case ComponentKind::kDimension:
          case ComponentKind::kMeasureDimension:
            return 0;
          case ComponentKind::kTimeDimension:
            return 1;
          case ComponentKind::kMeasure:
            return 2;
          case ComponentKind::kAttribute:
            return 3;
        }
        return 4;
      };
      if (rank(a) != rank(b)) return rank(a) < rank(b);
      return rank(a) == 0 && a.first < b.first;
    });
    for (auto& [position, part] : placed_) dsd_.components.push_back(std::move(part));
    placed_.clear();
    result_.data_structures.push_back(std::move(dsd_));
  }

  void finish_reference() {
    spend(text_.size());
    item();
    const std::string plain(trim(text_));
    text_.clear();
    if (auto urn = parse_urn(plain)) {
      ref_ = urn->ref;
      ref_item_ = urn->item.empty() ? urn->ref.id : urn->item;
      ref_class_ = urn->artefact_class;
    } else {
      ref_item_ = plain;
    }
  }

  void finish_text(S state) {
    spend(text_.size());
    item();
    // The frame below the text's own belongs to what the text is of.
    const Frame& of = stack_[stack_.size() - 2];
    Contact* contact =
        of.state == S::kContact ? &organisations_.organisations.back().contacts.back() : nullptr;
    // QUIRK: mail addresses, numbers, ids and dates are written with line ends around them in
    // indented files ("<Email>\n  a@b.example\n</Email>"); texts for people keep theirs.
    const std::string plain(trim(text_));
    switch (state) {
      case S::kName:
        of.names->push_back({lang_, text_});
        break;
      case S::kDescription:
        of.descriptions->push_back({lang_, text_});
        break;
      case S::kAnnotationTitle:
        annotation_->title = text_;
        break;
      case S::kAnnotationType:
        annotation_->type = text_;
        break;
      case S::kAnnotationText:
        annotation_->texts.push_back({lang_, text_});
        break;
      case S::kUrn:
        if (auto urn = parse_urn(plain)) {
          ref_ = urn->ref;
          ref_item_ = urn->item.empty() ? urn->ref.id : urn->item;
        } else {
          report(rules::header_value, "URN", plain, "urn:sdmx:...");
        }
        break;
      case S::kDepartment:
        contact->departments.push_back({lang_, text_});
        break;
      case S::kRole:
        contact->roles.push_back({lang_, text_});
        break;
      case S::kEmail:
        contact->emails.push_back(plain);
        break;
      case S::kTelephone:
        contact->phones.push_back(plain);
        break;
      case S::kFax:
        contact->faxes.push_back(plain);
        break;
      case S::kUri:
        contact->uris.push_back(plain);
        break;
      case S::kValue:
        key_values_.values.push_back({plain, cascade_});
        break;
      case S::kBefore:
        key_values_.time_to = inclusive_ ? plain : neighbour(plain, -1);
        break;
      case S::kTo:
        key_values_.time_to = inclusive_ ? plain : neighbour(plain, -1);
        break;
      case S::kAfter:
        key_values_.time_from = inclusive_ ? plain : neighbour(plain, 1);
        break;
      case S::kFrom:
        key_values_.time_from = inclusive_ ? plain : neighbour(plain, 1);
        break;
      case S::kPeriodicity:
        constraint_.periodicity = plain;
        break;
      case S::kOffset:
        constraint_.offset = plain;
        break;
      case S::kTolerance:
        constraint_.tolerance = plain;
        break;
      default:
        break;
    }
    text_.clear();
  }

  // ---- artefacts kept as they came

  struct Declared {
    std::string prefix, uri;
    std::size_t depth;
  };

  void declare(const xmlChar** namespaces, int count) {
    for (int i = 0; i < count; ++i)
      declared_.push_back({std::string(view(namespaces[i * 2])),
                           std::string(view(namespaces[i * 2 + 1])), depth()});
  }
  void undeclare() {
    while (!declared_.empty() && declared_.back().depth >= depth()) declared_.pop_back();
  }
  /// A prefix in scope for the namespace of an element.
  std::string_view prefix_of(const xmlChar* uri) const {
    for (auto it = declared_.rbegin(); it != declared_.rend(); ++it)
      if (it->uri == view(uri)) return it->prefix;
    return {};
  }

  void keep_start(std::string_view local, std::string_view prefix, const Attributes& attributes,
                  const xmlChar** namespaces, int namespace_count, bool first) {
    if (first) {
      item();
      kept_ = {};
      kept_.element = local;
      kept_.ref = artefact_ref(attributes);
      kept_at_ = here();
    }
    close_kept_tag();
    ++keep_depth_;
    const std::size_t before = kept_.xml.size();
    kept_.xml += "<" + qualified(prefix, local);
    auto declaration = [&](std::string_view name, std::string_view uri) {
      kept_.xml += name.empty() ? " xmlns=\"" : " xmlns:" + std::string(name) + "=\"";
      append_escaped(kept_.xml, uri, true);
      kept_.xml += '"';
    };
    if (first) {
      // All that are in scope: values may use prefixes too (xsi:type). The innermost of a name
      // wins.
      for (std::size_t i = 0; i < declared_.size(); ++i) {
        bool hidden = false;
        for (std::size_t k = i + 1; k < declared_.size(); ++k)
          hidden = hidden || declared_[k].prefix == declared_[i].prefix;
        if (!hidden) declaration(declared_[i].prefix, declared_[i].uri);
      }
    } else {
      for (int i = 0; i < namespace_count; ++i)
        declaration(view(namespaces[i * 2]), view(namespaces[i * 2 + 1]));
    }
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      kept_.xml += " " + qualified(attributes.prefix(i), view(attributes.local(i))) + "=\"";
      append_escaped(kept_.xml, attributes.value(i), true);
      kept_.xml += '"';
    }
    tag_open_ = true;
    spend(kept_.xml.size() - before);
  }

  void close_kept_tag() {
    if (tag_open_) kept_.xml += '>';
    tag_open_ = false;
  }

  void finish_kept() {
    Finding finding;
    finding.rule = &rules::structure_kept;
    finding.at = kept_at_;
    finding.component = shorten(kept_.element, 80);
    finding.value = shorten(one_line(kept_.ref.text()), 80);
    sink_.add(std::move(finding));
    result_.others.push_back(std::move(kept_));
    kept_ = {};
  }

  // ---- findings

  void report(const Rule& rule, std::string_view component, std::string_view value,
              std::string_view expected = {}) {
    Finding finding;
    finding.rule = &rule;
    finding.at = here();
    finding.component = shorten(component, 80);
    finding.value = shorten(value, 80);
    finding.expected = expected;
    sink_.add(std::move(finding));
  }

  void unknown(std::string_view local) {
    report(rules::unknown_element, local, {});
    skip();
    if (++unknown_elements_ >= kUnknownElements)
      stop(rules::unsupported_message, shorten(local, 80), "unknown-element");
  }

  bool v30_;
  FindingSink& sink_;
  DataMessage& message_;
  HeaderReader header_;
  std::size_t header_depth_ = 0;
  Structures result_;
  std::vector<Frame> stack_;
  std::size_t skip_ = 0, unknown_elements_ = 0;
  std::uint64_t items_ = 0, stored_ = 0;

  // texts and references
  std::string text_, lang_;
  Ref ref_;
  std::string ref_item_;
  ArtefactClass ref_class_ = ArtefactClass::kOther;
  Annotation* annotation_ = nullptr;

  // artefacts in the making
  Codelist codelist_;
  ConceptScheme concepts_;
  Representation representation_;
  DataStructure dsd_;
  Component component_;
  int position_ = -1;
  std::vector<std::pair<int, Component>> placed_;
  Dataflow dataflow_;
  OrganisationScheme organisations_;
  ProvisionAgreement agreement_;
  ContentConstraint constraint_;
  KeyValues key_values_;
  bool cascade_ = false, inclusive_ = true;

  // kept artefacts
  std::vector<Declared> declared_;
  std::size_t keep_depth_ = 0;
  bool tag_open_ = false;
  OtherArtefact kept_;
  Position kept_at_;
};

}  // namespace
}  // namespace sdmx

Result<Structures> read_structures(ByteSource& bytes, FindingSink& sink, const Limits& limits,
                                   DataMessage* message) {
  using namespace sdmx;
  FP_ASSIGN(std::string head, read_head(bytes, kDetectBytes));
  const Detection detection = detect(head);
  const bool v20 = detection.version == "2.0";
  if (detection.kind != FileKind::kSdmxMlStructure ||
      !(v20 || detection.version == "2.1" || detection.version == "3.0" ||
        detection.version == "3.1")) {
    const bool sdmx_ml = !detection.version.empty();
    if (detection.kind == FileKind::kEmpty)
      sink.add(file_finding(rules::empty_file, {}));
    else if (detection.kind == FileKind::kOtherXml)
      sink.add(file_finding(rules::not_sdmx, detection.root));
    else
      sink.add(file_finding(sdmx_ml ? rules::unsupported_message : rules::not_data,
                            sdmx_ml ? describe(detection) : "", describe(detection)));
    return Structures{};
  }
  DataMessage unused;
  DataMessage& said = message ? *message : unused;
  said.format = "sdmx-ml";
  said.version = detection.version;
  said.root = detection.root;
  PrefixedSource all(std::move(head), bytes);
  Utf8Input input(all, detection);
  if (v20) return read_structures20(input, sink, limits, said);
  return read_with<StructureReader>(input, sink, limits, said);
}

}  // namespace focalpost
