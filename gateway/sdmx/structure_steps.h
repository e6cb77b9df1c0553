// SPDX-License-Identifier: Apache-2.0
//
// structure_steps: which element may stand where in a structure message of 2.1, 3.0 and 3.1.
//
// Inside the room only; structure_reader.cc says what each means. Every element that is understood
// is a row of a table: inside state `in`, an element of this namespace and name leads to state
// `to`. Sources: SDMXStructure.xsd of 2.1 and 3.0 and the schemas that it includes.
#pragma once

#include <cstdint>
#include <string_view>

namespace focalpost::sdmx {

enum class Ns : std::uint8_t { kNone, kMessage, kStructure, kCommon, kOther };

enum class StructureState : std::uint8_t {
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
  // codelists that extend others, value lists
  kExtension,
  kExtendedList,
  kOnlyCodes,
  kAllButCodes,
  kMember,
  kValueList,
  kValueItem,
  // reference metadata
  kMetadataStructure,
  kMetadataComponents,
  kTarget,
  kTargetObject,
  kReport,
  kReportTarget,
  kMetadataAttributeList,
  kMetadataAttribute,
  kMetadataflow,
  kMetadataflowStructure,
  kTargetUrn,
  kMetadataAgreement,
  kMetadataAgreementFlow,
  kMetadataProvider,
};

struct StructureStep {
  StructureState in;
  Ns ns;
  std::string_view name;
  StructureState to;
};

/// The step that an element is; null if it may not stand there. `v30`: of 3.0 and 3.1, which have
/// steps of their own beside those of 2.1.
const StructureStep* find_step(StructureState in, Ns ns, std::string_view name, bool v30);

/// Its elements are references: a Ref or URN in 2.1, text in 3.0.
bool holds_reference(StructureState state);
/// Its element's text is wanted.
bool holds_text(StructureState state);

}  // namespace focalpost::sdmx
