// SPDX-License-Identifier: Apache-2.0
//
// The elements (SDMXStructure.xsd of 2.0; SDMXMessage.xsd for the containers):
//
//   message:Structure
//     message:Header
//     message:CodeLists     CodeList*      Name*, Code* { Description* }
//     message:Concepts      Concept*, ConceptScheme* { Concept* }    Name*, Description*,
//     TextFormat? message:KeyFamilies   KeyFamily*     Name*, Components {
//         Dimension*, TimeDimension?, Group* { DimensionRef* }, PrimaryMeasure,
//         CrossSectionalMeasure*, Attribute* { TextFormat?, AttachmentGroup* } }
//     message:Dataflows     Dataflow*      Name*, KeyFamilyRef { URN | KeyFamilyID, ...AgencyID,
//                                          Version }
//
// What an element means follows from its name and that of its parent; the namespace must be one of
// 2.0's.
#include "sdmx/structure_reader20.h"

#include <algorithm>
#include <array>
#include <map>

#include "sdmx/detect.h"
#include "sdmx/key_family.h"
#include "sdmx/structure_reader_core.h"

namespace focalpost::sdmx {
namespace {

constexpr std::string_view kStandalone = "STANDALONE_CONCEPT_SCHEME";

enum class State20 : std::uint8_t {
  kDocument,
  kMessage,
  kHeader,
  kOthers,  ///< artefacts that are kept as they came
  kCodeLists,
  kCodeList,
  kCode,
  kConcepts,
  kConceptScheme,
  kConcept,
  kKeyFamilies,
  kKeyFamily,
  kComponents,
  kComponent,
  kGroup,
  kDataflows,
  kDataflow,
  kKeyFamilyRef,
  kAnnotations,
  kAnnotation,
  kText,   ///< text_ is wanted; text_of_ says for what
  kEmpty,  ///< nothing inside
};

class StructureReader20 final : public XmlPushOf<StructureReader20, StructureReaderStack<State20>> {
 public:
  StructureReader20(FindingSink& sink, const Limits& limits, DataMessage& message)
      : XmlPushOf(sink, limits, message) {}

  Structures take() {
    complete_references();
    return std::move(result_);
  }

 private:
  friend class XmlPushOf<StructureReader20, StructureReaderStack<State20>>;

  using S = State20;
  enum class Of : std::uint8_t {
    kName,
    kDescription,
    kDimensionRef,
    kAttachmentGroup,
    kUrn,
    kKeyFamilyId,
    kKeyFamilyAgency,
    kKeyFamilyVersion,
    kAnnotationTitle,
    kAnnotationType,
    kAnnotationText,
  };

  // ---- parser events

  void start(const xmlChar* local_name, const xmlChar* uri, const Attributes& attributes,
             const xmlChar** namespaces, int namespace_count) {
    const std::string_view local = view(local_name);
    if (kept_start(local, uri, attributes, namespaces, namespace_count) || skip_start()) return;
    const S in = stack_.back().state;
    if (in == S::kDocument) return push(S::kMessage);
    if (in == S::kHeader) return header_start(local, uri, attributes);
    if (sdmx_namespace(view(uri)).version != "2.0") return unknown(local);
    if (start_text(local, attributes)) return;
    switch (in) {
      case S::kMessage:
        return start_in_message(local);
      case S::kOthers:
        return keep(local, uri, attributes, artefact_ref(attributes));
      case S::kCodeLists:
        if (local == "CodeList") return start_code_list(attributes);
        break;
      case S::kCodeList:
        if (local == "Code") {
          Code& code = codelist_.codes.emplace_back();
          code.id = attributes.get("value");
          code.parent = attributes.get("parentCode");
          item();
          // The description of a code is what people call its name today.
          return push(S::kCode, nullptr, &code.names, &code.annotations);
        }
        break;
      case S::kConcepts:
        if (local == "ConceptScheme") {
          concepts_ = {};
          maintainable(concepts_, attributes);
          return push_named(S::kConceptScheme, concepts_);
        }
        if (local == "Concept") {
          concepts_ = {};
          concepts_.ref = {std::string(attributes.get("agencyID")), std::string(kStandalone),
                           "1.0"};
          return start_concept(attributes);
        }
        break;
      case S::kConceptScheme:
        if (local == "Concept") return start_concept(attributes);
        break;
      case S::kConcept:
        if (local == "TextFormat") {
          core_.format = text_format(attributes);
          return push(S::kEmpty);
        }
        break;
      case S::kKeyFamilies:
        if (local == "KeyFamily") {
          dsd_ = {};
          maintainable(dsd_, attributes);
          return push_named(S::kKeyFamily, dsd_);
        }
        break;
      case S::kKeyFamily:
        if (local == "Components") return push(S::kComponents);
        break;
      case S::kComponents:
        if (start_component(local, attributes)) return;
        break;
      case S::kComponent:
        if (local == "TextFormat") {
          if (!component_.local) component_.local.emplace();
          component_.local->format = text_format(attributes);
          return push(S::kEmpty);
        }
        if (local == "AttachmentMeasure") return skip();
        break;
      case S::kGroup:
        if (local == "AttachmentConstraintRef") return skip();
        break;
      case S::kDataflows:
        if (local == "Dataflow") {
          dataflow_ = {};
          maintainable(dataflow_, attributes);
          return push_named(S::kDataflow, dataflow_);
        }
        break;
      case S::kDataflow:
        if (local == "KeyFamilyRef") {
          dataflow_.structure = {};
          return push(S::kKeyFamilyRef);
        }
        if (local == "CategoryRef") return left_out(local);
        break;
      case S::kAnnotations:
        if (local == "Annotation") {
          item();
          stack_.back().annotations->emplace_back();
          return push(S::kAnnotation, nullptr, nullptr, stack_.back().annotations);
        }
        break;
      case S::kAnnotation:
        if (local == "AnnotationURL") return skip();
        break;
      default:
        break;
    }
    if (local == "Annotations") {
      if (!stack_.back().annotations) return skip();
      return push(S::kAnnotations, nullptr, nullptr, stack_.back().annotations);
    }
    unknown(local);
  }

  void end(const xmlChar* local_name, const xmlChar* uri) {
    if (kept_end(view(local_name), uri) || skip_end()) return;
    const S state = stack_.back().state;
    if (state == S::kHeader && header_end()) return;
    stack_.pop_back();
    finish_state(state);
  }

  void characters(std::string_view text) {
    if (kept_characters(text) || skip_ > 0) return;
    const S state = stack_.back().state;
    if (state == S::kHeader) return header_.characters(text, here());
    if (state == S::kText) return add_text(text);
    if (!is_blank(text)) report(rules::unexpected_text, {}, trim(text));
  }

  /// An element of text, if it is one here.
  bool start_text(std::string_view local, const Attributes& attributes) {
    struct Row {
      S in;
      std::string_view name;
      Of of;
    };
    static constexpr Row rows[] = {
        {S::kGroup, "DimensionRef", Of::kDimensionRef},
        {S::kComponent, "AttachmentGroup", Of::kAttachmentGroup},
        {S::kKeyFamilyRef, "URN", Of::kUrn},
        {S::kKeyFamilyRef, "KeyFamilyID", Of::kKeyFamilyId},
        {S::kKeyFamilyRef, "KeyFamilyAgencyID", Of::kKeyFamilyAgency},
        {S::kKeyFamilyRef, "Version", Of::kKeyFamilyVersion},
        {S::kAnnotation, "AnnotationTitle", Of::kAnnotationTitle},
        {S::kAnnotation, "AnnotationType", Of::kAnnotationType},
        {S::kAnnotation, "AnnotationText", Of::kAnnotationText},
    };
    const Frame& frame = stack_.back();
    const Row* found = std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) {
      return row.in == frame.state && row.name == local;
    });
    if (found != std::end(rows))
      text_of_ = found->of;
    else if (local == "Name" && frame.names)
      text_of_ = Of::kName;
    else if (local == "Description" && frame.descriptions)
      text_of_ = Of::kDescription;
    else if (local == "Description" && frame.state == S::kGroup)
      return skip(), true;
    else
      return false;
    text_begins(attributes);
    push(S::kText);
    return true;
  }

  // ---- what the elements mean

  void start_in_message(std::string_view local) {
    static constexpr std::pair<std::string_view, S> containers[] = {
        {"Header", S::kHeader},           {"CodeLists", S::kCodeLists}, {"Concepts", S::kConcepts},
        {"KeyFamilies", S::kKeyFamilies}, {"Dataflows", S::kDataflows},
    };
    for (auto [name, state] : containers)
      if (name == local) return push(state);
    static constexpr std::array<std::string_view, 9> others = {"OrganisationSchemes",
                                                               "Metadataflows",
                                                               "CategorySchemes",
                                                               "StructureSets",
                                                               "HierarchicalCodelists",
                                                               "MetadataStructureDefinitions",
                                                               "ReportingTaxonomies",
                                                               "Processes",
                                                               "Agencies"};
    if (std::find(others.begin(), others.end(), local) != others.end()) return push(S::kOthers);
    unknown(local);
  }

  static Ref artefact_ref(const Attributes& attributes) {
    std::string_view version = attributes.get("version");
    return {std::string(attributes.get("agencyID")), std::string(attributes.get("id")),
            version.empty() ? "1.0" : std::string(version)};
  }
  void maintainable(Maintainable& artefact, const Attributes& attributes) {
    item();
    artefact.ref = artefact_ref(attributes);
    artefact.is_final = read_boolean(attributes.get("isFinal")).value_or(false);
    artefact.valid_from = attributes.get("validFrom");
    artefact.valid_to = attributes.get("validTo");
    if (artefact.ref.id.empty()) report(rules::header_value, "id", {}, "id");
  }

  void start_code_list(const Attributes& attributes) {
    codelist_ = {};
    maintainable(codelist_, attributes);
    push_named(S::kCodeList, codelist_);
  }

  void start_concept(const Attributes& attributes) {
    item();
    Concept& added = concepts_.concepts.emplace_back();
    added.id = attributes.get("id");
    added.parent = attributes.get("parent");
    core_ = {};
    if (std::string_view list = attributes.get("coreRepresentation"); !list.empty())
      core_.enumeration =
          Ref{std::string(attributes.get("coreRepresentationAgency")), std::string(list), {}};
    push_named(S::kConcept, added);
  }

  bool start_component(std::string_view local, const Attributes& attributes) {
    if (local == "Group") {
      item();
      dsd_.groups.emplace_back().id = attributes.get("id");
      push(S::kGroup);
      return true;
    }
    component_ = {};
    measure_dimension_.clear();
    const std::string name(attributes.get("conceptRef"));
    component_.id = name;
    if (local == "Dimension") {
      component_.kind = ComponentKind::kDimension;
    } else if (local == "TimeDimension") {
      component_.kind = ComponentKind::kTimeDimension;
      component_.id = "TIME_PERIOD";
    } else if (local == "PrimaryMeasure") {
      component_.kind = ComponentKind::kMeasure;
      component_.id = "OBS_VALUE";
    } else if (local == "CrossSectionalMeasure") {
      measure_dimension_ = attributes.get("measureDimension");
      measure_code_ = attributes.get("code");
    } else if (local == "Attribute") {
      component_.kind = ComponentKind::kAttribute;
      component_.mandatory = attributes.get("assignmentStatus") == "Mandatory";
      using Kind = AttributeRelationship::Kind;
      const std::string_view level = attributes.get("attachmentLevel");
      AttributeRelationship& relationship = component_.relationship;
      if (level == "DataSet")
        relationship.kind = Kind::kDataset;
      else if (level == "Group")
        relationship.kind = Kind::kGroup;
      else if (level == "Series")
        relationship.kind = Kind::kDimensions;
      else if (level != "Observation")
        report(rules::header_value, "attachmentLevel", level,
               "DataSet, Group, Series, Observation");
    } else {
      return false;
    }
    item();
    auto text = [&](std::string_view attribute) { return std::string(attributes.get(attribute)); };
    std::string agency = text("conceptSchemeAgency");
    if (agency.empty()) agency = text("conceptAgency");
    component_.concept_identity = {{agency, text("conceptSchemeRef"), {}}, name};
    if (std::string list = text("codelist"); !list.empty())
      component_.local =
          Representation{Ref{text("codelistAgency"), list, text("codelistVersion")}, {}};
    push(S::kComponent, nullptr, nullptr, &component_.annotations);
    return true;
  }

  void finish_state(S state) {
    switch (state) {
      case S::kHeader:
        header_.finish(here());
        return;
      case S::kText:
        return finish_text();
      case S::kCodeList:
        result_.codelists.push_back(std::move(codelist_));
        return;
      case S::kConcept:
        if (core_.enumeration || core_.format) concepts_.concepts.back().core = std::move(core_);
        // A concept outside a scheme joins those of its agency.
        if (stack_.back().state == S::kConcepts) join_standalone();
        return;
      case S::kConceptScheme:
        result_.concept_schemes.push_back(std::move(concepts_));
        return;
      case S::kComponent:
        if (measure_dimension_.empty())
          dsd_.components.push_back(std::move(component_));
        else
          measures_.push_back(
              {measure_dimension_,
               {component_.id, std::string(kMeasureAnnotation), measure_code_, {}}});
        return;
      case S::kKeyFamily:
        finish_key_family();
        return;
      case S::kDataflow:
        result_.dataflows.push_back(std::move(dataflow_));
        return;
      default:
        return;
    }
  }

  void join_standalone() {
    auto [place, fresh] = standalone_.emplace(concepts_.ref.agency, result_.concept_schemes.size());
    if (!fresh) {
      result_.concept_schemes[place->second].concepts.push_back(
          std::move(concepts_.concepts.back()));
      return;
    }
    concepts_.names = {{"en", "Concepts outside a scheme"}};
    result_.concept_schemes.push_back(std::move(concepts_));
  }

  void finish_key_family() {
    std::vector<std::string> dimensions;
    for (const Component& component : dsd_.components)
      if (component.kind == ComponentKind::kDimension) dimensions.push_back(component.id);
    for (Component& component : dsd_.components) {
      if (component.kind == ComponentKind::kAttribute &&
          component.relationship.kind == AttributeRelationship::Kind::kDimensions)
        component.relationship.dimensions = dimensions;
      for (const auto& [dimension, annotation] : measures_)
        if (component.id == dimension) component.annotations.push_back(annotation);
    }
    measures_.clear();
    auto rank = [](const Component& component) {
      switch (component.kind) {
        case ComponentKind::kTimeDimension:
          return 1;
        case ComponentKind::kMeasure:
          return 2;
        case ComponentKind::kAttribute:
          return 3;
        default:
          return 0;
      }
    };
    std::stable_sort(dsd_.components.begin(), dsd_.components.end(),
                     [&](const Component& a, const Component& b) { return rank(a) < rank(b); });
    result_.data_structures.push_back(std::move(dsd_));
  }

  void finish_text() {
    spend(text_.size());
    if (stopped()) return;
    item();
    const std::string plain(trim(text_));
    const Frame& of = stack_.back();
    Annotation* annotation = of.state == S::kAnnotation ? &of.annotations->back() : nullptr;
    switch (text_of_) {
      case Of::kName:
        of.names->push_back({lang_, text_});
        break;
      case Of::kDescription:
        of.descriptions->push_back({lang_, text_});
        break;
      case Of::kDimensionRef:
        dsd_.groups.back().dimensions.push_back(plain);
        break;
      case Of::kAttachmentGroup:
        // Of several groups the first; 2.1 and later know one.
        if (component_.relationship.group.empty()) component_.relationship.group = plain;
        break;
      case Of::kUrn:
        if (Ref ref = key_family_in(plain); !ref.empty())
          dataflow_.structure = ref;
        else
          report(rules::header_value, "URN", plain, "urn:sdmx:...");
        break;
      case Of::kKeyFamilyId:
        dataflow_.structure.id = plain;
        break;
      case Of::kKeyFamilyAgency:
        dataflow_.structure.agency = plain;
        break;
      case Of::kKeyFamilyVersion:
        dataflow_.structure.version = plain;
        break;
      case Of::kAnnotationTitle:
        annotation->title = text_;
        break;
      case Of::kAnnotationType:
        annotation->type = text_;
        break;
      case Of::kAnnotationText:
        annotation->texts.push_back({lang_, text_});
        break;
    }
    text_.clear();
  }

  // ---- references that leave something out

  /// Artefacts of this message by an id; of one id only so many are looked at.
  using Known = std::map<std::string_view, std::vector<const Ref*>>;
  static constexpr std::size_t kSameId = 100;

  static void know(Known& known, std::string_view id, const Ref& ref) {
    std::vector<const Ref*>& list = known[id];
    if (list.size() < kSameId) list.push_back(&ref);
  }
  template <typename Artefact>
  static Known known_by_id(const std::vector<Artefact>& artefacts) {
    Known known;
    for (const Artefact& artefact : artefacts) know(known, artefact.ref.id, artefact.ref);
    return known;
  }

  /// The one of these that `ref` means: of `agency` (that of the artefact in which it stands)
  /// before others where it names none, the latest where it names no version. Null if there is
  /// none.
  static const Ref* best(const Known& known, std::string_view id, const Ref& ref,
                         const std::string& agency) {
    auto list = known.find(id);
    if (list == known.end()) return nullptr;
    const Ref* found = nullptr;
    for (const Ref* one : list->second) {
      if (!ref.agency.empty() && ref.agency != one->agency) continue;
      if (!ref.version.empty() && ref.version != one->version) continue;
      const bool nearer = found && (one->agency == agency) != (found->agency == agency);
      if (!found || (nearer ? one->agency == agency : version_less(found->version, one->version)))
        found = one;
    }
    return found;
  }

  static void complete(Ref& ref, const Known& known, const std::string& agency) {
    if (const Ref* found = best(known, ref.id, ref, agency)) {
      ref = *found;
      return;
    }
    if (ref.agency.empty()) ref.agency = agency;
    if (ref.version.empty()) ref.version = "1.0";
  }

  void complete_references() {
    const Known codelists = known_by_id(result_.codelists);
    const Known schemes = known_by_id(result_.concept_schemes);
    const Known families = known_by_id(result_.data_structures);
    Known concepts;  // the schemes that have one of this id
    for (const ConceptScheme& scheme : result_.concept_schemes)
      for (const Concept& one : scheme.concepts) know(concepts, one.id, scheme.ref);
    for (ConceptScheme& scheme : result_.concept_schemes)
      for (Concept& one : scheme.concepts)
        if (one.core && one.core->enumeration)
          complete(*one.core->enumeration, codelists, scheme.ref.agency);
    for (DataStructure& dsd : result_.data_structures)
      for (Component& component : dsd.components) {
        ConceptRef& identity = component.concept_identity;
        if (!identity.scheme.id.empty()) {
          complete(identity.scheme, schemes, dsd.ref.agency);
        } else {
          // The agency is the concept's, and the scheme any that has it.
          const std::string agency =
              identity.scheme.agency.empty() ? dsd.ref.agency : identity.scheme.agency;
          const Ref* found = best(concepts, identity.id, {}, agency);
          identity.scheme = found ? *found : Ref{agency, std::string(kStandalone), "1.0"};
        }
        if (component.local && component.local->enumeration)
          complete(*component.local->enumeration, codelists, dsd.ref.agency);
      }
    for (Dataflow& flow : result_.dataflows)
      if (!flow.structure.id.empty()) complete(flow.structure, families, flow.ref.agency);
  }

  Of text_of_ = Of::kName;

  // artefacts in the making
  Codelist codelist_;
  ConceptScheme concepts_;
  std::map<std::string, std::size_t> standalone_;  ///< by agency: place in concept_schemes
  Representation core_;
  DataStructure dsd_;
  Component component_;
  std::string measure_dimension_, measure_code_;
  std::vector<std::pair<std::string, Annotation>> measures_;
  Dataflow dataflow_;
};

}  // namespace

Result<Structures> read_structures20(Utf8Input& input, FindingSink& sink, const Limits& limits,
                                     DataMessage& message) {
  return read_with<StructureReader20>(input, sink, limits, message);
}

}  // namespace focalpost::sdmx
