// SPDX-License-Identifier: Apache-2.0
//
// structure_steps.h says which element leads to which state. begin() acts on a start tag,
// finish_state() on its end, when the text in between is known. Names, descriptions and annotations
// are the same everywhere and go to where the stack's frames point.
#include "sdmx/structure_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>

#include "base/text.h"
#include "model/period.h"
#include "sdmx/detect.h"
#include "sdmx/structure_reader20.h"
#include "sdmx/structure_reader_core.h"
#include "sdmx/structure_steps.h"

namespace focalpost {
namespace sdmx {
namespace {

using S = StructureState;

/// The period before or after, for a range that leaves its end out.
std::string neighbour(const std::string& text, int step) {
  auto period = Period::parse(text);
  if (!period || period->kind() > PeriodKind::kDay) return text;
  return Period::at(period->kind(), period->ordinal() + step).text();
}

class StructureReader final
    : public XmlPushOf<StructureReader, StructureReaderStack<StructureState>> {
 public:
  StructureReader(FindingSink& sink, const Limits& limits, DataMessage& message)
      : XmlPushOf(sink, limits, message), v30_(v30()) {}

  Structures take() { return std::move(result_); }

 private:
  friend class XmlPushOf<StructureReader, StructureReaderStack<StructureState>>;

  // ---- parser events

  void start(const xmlChar* local_name, const xmlChar* uri, const Attributes& attributes,
             const xmlChar** namespaces, int namespace_count) {
    const std::string_view local = view(local_name);
    if (kept_start(local, uri, attributes, namespaces, namespace_count) || skip_start()) return;
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
        return header_start(local, uri, attributes);
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
    const StructureStep* step = find_step(in, ns, local, v30_);
    if (step && !(in == S::kContainer && is_stub(attributes)))
      return begin(step->to, local, attributes);
    if (in == S::kContainer && ns == Ns::kStructure)
      return keep(local, uri, attributes, artefact_ref(attributes));
    unknown(local);
  }

  void end(const xmlChar* local_name, const xmlChar* uri) {
    if (kept_end(view(local_name), uri) || skip_end()) return;
    if (stack_.back().state == S::kHeader && header_end()) return;
    finish_state(stack_.back().state);
    stack_.pop_back();
  }

  void characters(std::string_view text) {
    if (kept_characters(text) || skip_ > 0) return;
    const S state = stack_.back().state;
    if (state == S::kHeader) return header_.characters(text, here());
    if (has_text(state)) return add_text(text);
    if (is_blank(text) || state == S::kIgnored) return;
    report(rules::unexpected_text, {}, trim(text));
  }

  // ---- the stack

  /// In 3.0 a reference is a URN, or an id in the same artefact, as text.
  bool has_text(S state) const { return holds_text(state) || (v30_ && holds_reference(state)); }

  void begin_text(S state, const Attributes& attributes) {
    text_begins(attributes);
    push(state);
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
    ref_class_ = class_from_name(attributes.get("class")).value_or(ArtefactClass::kOther);
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

  /// true, false or, in 3.0, "excluderoot": what is below, but not itself.
  void cascades(std::string_view text) {
    without_root_ = v30_ && trim(text) == "excluderoot";
    cascade_ = without_root_ || read_boolean(text).value_or(false);
  }

  void target_object(std::string_view local, const Attributes& attributes) {
    using Kind = MetadataTarget::Object::Kind;
    struct Row {
      std::string_view element, id;
      Kind kind;
    };
    static constexpr Row rows[] = {
        {"KeyDescriptorValuesTarget", "DIMENSION_DESCRIPTOR_VALUES_TARGET", Kind::kKeyValues},
        {"DataSetTarget", "DATA_SET_TARGET", Kind::kDataset},
        {"ConstraintContentTarget", "CONSTRAINT_CONTENT_TARGET", Kind::kConstraint},
        {"ReportPeriodTarget", "REPORT_PERIOD_TARGET", Kind::kPeriod},
        {"IdentifiableObjectTarget", "", Kind::kIdentifiable},
    };
    auto& object = add(msd_.targets.back().objects, attributes);
    for (const Row& row : rows)
      if (row.element == local) {
        object.kind = row.kind;
        if (object.id.empty()) object.id = row.id;
      }
    object.object_type = attributes.get("objectType");
  }

  void metadata_attribute(const Attributes& attributes) {
    auto& list = msd_.reports.back().attributes;
    const auto parent = around_.empty() ? -1 : static_cast<std::int32_t>(around_.back());
    MetadataAttribute& added = add(list, attributes);
    added.parent = parent;
    auto occurs = [&](std::string_view name, std::uint32_t otherwise) {
      std::string_view text = attributes.get(name);
      std::uint32_t count = 0;
      std::from_chars(text.data(), text.data() + text.size(), count);
      return text.empty() ? otherwise : count;  // "unbounded" is 0
    };
    added.min_occurs = occurs("minOccurs", 1);
    added.max_occurs = occurs("maxOccurs", 1);
    added.presentational = read_boolean(attributes.get("isPresentational")).value_or(false);
    around_.push_back(list.size() - 1);
    push(S::kMetadataAttribute);
    // The list may grow while the element is open: its annotations wait.
    stack_.back().annotations = &pending_annotations_.emplace_back();
  }

  /// The metadata attribute whose element is open.
  MetadataAttribute& open_attribute() { return msd_.reports.back().attributes[around_.back()]; }

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
        representation_.format = text_format(attributes);
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
        about_metadata_ = false;
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
      case S::kMember:
        item();
        cascades(attributes.get("cascadeValues"));
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
      case S::kExtension:
        item();
        codelist_.extensions.emplace_back().prefix = attributes.get("prefix");
        break;
      case S::kOnlyCodes:
        codelist_.extensions.back().selection = CodelistExtension::Selection::kOnly;
        break;
      case S::kAllButCodes:
        codelist_.extensions.back().selection = CodelistExtension::Selection::kAllBut;
        break;
      case S::kValueList:
        codelist_ = {};
        maintainable(codelist_, attributes);
        return push_named(state, codelist_);
      case S::kValueItem:
        return push_named(state, add(codelist_.codes, attributes));
      case S::kMetadataStructure:
        msd_ = {};
        maintainable(msd_, attributes);
        return push_named(state, msd_);
      case S::kTarget:
        add(msd_.targets, attributes);
        break;
      case S::kTargetObject:
        target_object(local, attributes);
        break;
      case S::kReport:
      case S::kMetadataAttributeList: {
        item();
        msd_.reports.emplace_back();
        around_.clear();
        // What 3.0 calls the list says nothing.
        if (state == S::kReport) msd_.reports.back().id = attributes.get("id");
        return push(state, nullptr, nullptr, &msd_.reports.back().annotations);
      }
      case S::kMetadataAttribute:
        return metadata_attribute(attributes);
      case S::kMetadataflow:
        metadataflow_ = {};
        maintainable(metadataflow_, attributes);
        return push_named(state, metadataflow_);
      case S::kMetadataAgreement:
        metadata_agreement_ = {};
        maintainable(metadata_agreement_, attributes);
        return push_named(state, metadata_agreement_);
      case S::kAnnotation: {
        item();
        Annotations* list = stack_[stack_.size() - 2].annotations;
        list->emplace_back().id = attributes.get("id");
        annotation_ = &list->back();
        break;
      }
      case S::kLeftOut:
        return left_out(local);
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
        // A list of places is kept as it came; what it codes is judged as text.
        if (stack_.size() > 2 && stack_[stack_.size() - 3].state == S::kTargetObject) {
          if (ref_class_ != ArtefactClass::kOther)
            msd_.targets.back().objects.back().enumeration = urn(ref_class_, ref_);
          return;
        }
        representation_.value_list = v30_ && ref_class_ == ArtefactClass::kValueList;
        if (!v30_ || representation_.value_list || ref_class_ == ArtefactClass::kCodelist ||
            ref_class_ == ArtefactClass::kConceptScheme)
          representation_.enumeration = ref_;
        return;
      case S::kRepresentation:
        if (around() == S::kTargetObject)
          msd_.targets.back().objects.back().format = representation_.format;
        else if (around() == S::kMetadataAttribute)
          open_attribute().local = std::move(representation_);
        else if (around() == S::kConcept)
          concepts_.concepts.back().core = std::move(representation_);
        else
          component_.local = std::move(representation_);
        return;
      case S::kDataStructure:
        finish_dsd();
        return;
      case S::kConceptIdentity:
        (around() == S::kMetadataAttribute ? open_attribute().concept_identity
                                           : component_.concept_identity) = {ref_, ref_item_};
        return;
      case S::kExtendedList:
        codelist_.extensions.back().codelist = ref_;
        return;
      case S::kValueList:
        result_.value_lists.push_back(std::move(codelist_));
        return;
      case S::kMetadataAttribute: {
        MetadataAttribute& attribute = open_attribute();
        // An id that is not given is that of the concept.
        if (attribute.id.empty()) attribute.id = attribute.concept_identity.id;
        attribute.annotations = std::move(pending_annotations_.back());
        pending_annotations_.pop_back();
        around_.pop_back();
        return;
      }
      case S::kReportTarget:
        msd_.reports.back().targets.push_back(ref_item_);
        return;
      case S::kMetadataStructure:
        result_.metadata_structures.push_back(std::move(msd_));
        return;
      case S::kMetadataflowStructure:
        metadataflow_.structure = ref_;
        return;
      case S::kMetadataflow:
        result_.metadataflows.push_back(std::move(metadataflow_));
        return;
      case S::kMetadataAgreementFlow:
        metadata_agreement_.metadataflow = ref_;
        return;
      case S::kMetadataProvider:
        metadata_agreement_.provider = {ref_, ref_item_};
        return;
      case S::kMetadataAgreement:
        result_.metadata_agreements.push_back(std::move(metadata_agreement_));
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
        // 2.1: an agreement about metadata names a Metadataflow.
        about_metadata_ = !v30_ && ref_class_ == ArtefactClass::kMetadataflow;
        agreement_.dataflow = ref_;
        return;
      case S::kAgreementProvider:
        agreement_.provider = {ref_, ref_item_};
        return;
      case S::kAgreement:
        if (about_metadata_)
          result_.metadata_agreements.push_back({static_cast<Maintainable&&>(agreement_),
                                                 std::move(agreement_.dataflow),
                                                 std::move(agreement_.provider),
                                                 {}});
        else
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
        if (around() == S::kKey)
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
          ref_class_ = urn->artefact_class;
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
        key_values_.values.push_back({plain, cascade_, without_root_});
        break;
      case S::kMember:
        codelist_.extensions.back().members.push_back({plain, cascade_, without_root_});
        break;
      case S::kTargetUrn:
        (of.state == S::kMetadataflow ? metadataflow_.targets : metadata_agreement_.targets)
            .push_back(plain);
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

  bool v30_;

  // texts and references
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
  bool cascade_ = false, without_root_ = false, inclusive_ = true;
  MetadataStructure msd_;
  std::vector<std::size_t> around_;  ///< metadata attributes whose elements are open
  std::deque<Annotations> pending_annotations_;
  Metadataflow metadataflow_;
  MetadataAgreement metadata_agreement_;
  bool about_metadata_ = false;
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
