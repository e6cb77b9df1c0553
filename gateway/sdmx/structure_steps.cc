// SPDX-License-Identifier: Apache-2.0
#include "sdmx/structure_steps.h"

namespace focalpost::sdmx {
namespace {

using S = StructureState;
using Step = StructureStep;

constexpr Step kSteps[] = {
    {S::kStructures, Ns::kStructure, "OrganisationSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "Dataflows", S::kContainer},
    {S::kStructures, Ns::kStructure, "Codelists", S::kContainer},
    {S::kStructures, Ns::kStructure, "Concepts", S::kContainer},
    {S::kStructures, Ns::kStructure, "DataStructures", S::kContainer},
    {S::kStructures, Ns::kStructure, "Constraints", S::kContainer},
    {S::kStructures, Ns::kStructure, "ProvisionAgreements", S::kContainer},
    {S::kStructures, Ns::kStructure, "MetadataStructures", S::kContainer},
    {S::kStructures, Ns::kStructure, "Metadataflows", S::kContainer},
    // the other containers: everything in them is kept
    {S::kStructures, Ns::kStructure, "CategorySchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "Categorisations", S::kContainer},
    {S::kStructures, Ns::kStructure, "HierarchicalCodelists", S::kContainer},
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
    // reference metadata
    {S::kContainer, Ns::kStructure, "MetadataStructure", S::kMetadataStructure},
    {S::kMetadataStructure, Ns::kStructure, "MetadataStructureComponents", S::kMetadataComponents},
    {S::kMetadataComponents, Ns::kStructure, "MetadataTarget", S::kTarget},
    {S::kTarget, Ns::kStructure, "KeyDescriptorValuesTarget", S::kTargetObject},
    {S::kTarget, Ns::kStructure, "DataSetTarget", S::kTargetObject},
    {S::kTarget, Ns::kStructure, "ConstraintContentTarget", S::kTargetObject},
    {S::kTarget, Ns::kStructure, "ReportPeriodTarget", S::kTargetObject},
    {S::kTarget, Ns::kStructure, "IdentifiableObjectTarget", S::kTargetObject},
    {S::kTargetObject, Ns::kStructure, "LocalRepresentation", S::kRepresentation},
    {S::kMetadataComponents, Ns::kStructure, "ReportStructure", S::kReport},
    {S::kReport, Ns::kStructure, "MetadataAttribute", S::kMetadataAttribute},
    {S::kReport, Ns::kStructure, "MetadataTarget", S::kReportTarget},
    {S::kMetadataAttribute, Ns::kStructure, "MetadataAttribute", S::kMetadataAttribute},
    {S::kMetadataAttribute, Ns::kStructure, "ConceptIdentity", S::kConceptIdentity},
    {S::kMetadataAttribute, Ns::kStructure, "LocalRepresentation", S::kRepresentation},
    {S::kContainer, Ns::kStructure, "Metadataflow", S::kMetadataflow},
    {S::kMetadataflow, Ns::kStructure, "Structure", S::kMetadataflowStructure},
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
    {S::kStructures, Ns::kStructure, "MetadataProvisionAgreements", S::kContainer},
    {S::kStructures, Ns::kStructure, "ValueLists", S::kContainer},
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
    {S::kStructures, Ns::kStructure, "NamePersonalisationSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "OrganisationSchemeMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "OrganisationUnitSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "ReportingTaxonomyMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "RepresentationMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "RulesetSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "StructureMaps", S::kContainer},
    {S::kStructures, Ns::kStructure, "TransformationSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "UserDefinedOperatorSchemes", S::kContainer},
    {S::kStructures, Ns::kStructure, "VtlMappingSchemes", S::kContainer},
    {S::kCodelist, Ns::kStructure, "CodelistExtension", S::kExtension},
    {S::kExtension, Ns::kStructure, "Codelist", S::kExtendedList},
    {S::kExtension, Ns::kStructure, "InclusiveCodeSelection", S::kOnlyCodes},
    {S::kExtension, Ns::kStructure, "ExclusiveCodeSelection", S::kAllButCodes},
    {S::kOnlyCodes, Ns::kStructure, "MemberValue", S::kMember},
    {S::kAllButCodes, Ns::kStructure, "MemberValue", S::kMember},
    {S::kContainer, Ns::kStructure, "ValueList", S::kValueList},
    {S::kValueList, Ns::kStructure, "ValueItem", S::kValueItem},
    {S::kMetadataComponents, Ns::kStructure, "MetadataAttributeList", S::kMetadataAttributeList},
    {S::kMetadataAttributeList, Ns::kStructure, "MetadataAttribute", S::kMetadataAttribute},
    {S::kMetadataflow, Ns::kStructure, "Target", S::kTargetUrn},
    {S::kContainer, Ns::kStructure, "MetadataProvisionAgreement", S::kMetadataAgreement},
    {S::kMetadataAgreement, Ns::kStructure, "Metadataflow", S::kMetadataAgreementFlow},
    {S::kMetadataAgreement, Ns::kStructure, "MetadataProvider", S::kMetadataProvider},
    {S::kMetadataAgreement, Ns::kStructure, "Target", S::kTargetUrn},
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

}  // namespace

const StructureStep* find_step(StructureState in, Ns ns, std::string_view name, bool v30) {
  if (v30)
    for (const Step& step : kSteps30)
      if (step.in == in && step.ns == ns && step.name == name) return &step;
  for (const Step& step : kSteps)
    if (step.in == in && step.ns == ns && step.name == name) return &step;
  return nullptr;
}

bool holds_reference(StructureState state) {
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
    case S::kExtendedList:
    case S::kReportTarget:
    case S::kMetadataflowStructure:
    case S::kMetadataAgreementFlow:
    case S::kMetadataProvider:
      return true;
    default:
      return false;
  }
}

bool holds_text(StructureState state) {
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
    case S::kMember:
    case S::kTargetUrn:
      return true;
    default:
      return false;
  }
}

}  // namespace focalpost::sdmx
