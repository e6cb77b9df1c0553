// SPDX-License-Identifier: Apache-2.0
//
// The elements:
//
//   2.1  MetadataSet { Name*, DataProvider?, Report* {
//            Target { ReferenceValue* { ObjectReference | DataKey | ReportPeriod | ... } },
//            AttributeSet { ReportedAttribute* { Text* | StructuredText*, AttributeSet? } } } }
//   3.0  MetadataSet { Name*, Metadataflow | MetadataProvisionAgreement, Target*,
//            Attribute* { Value | Text* | StructuredText*, Attribute* } }
#include "sdmx/metadata_reader.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sdmx/kept_xml.h"
#include "sdmx/structure_reader_core.h"

namespace focalpost {
namespace sdmx {
namespace {

enum class M : std::uint8_t {
  kDocument,
  kMessage,
  kHeader,
  kSet,
  kName,
  kProvider,
  kProviderUrn,
  kFlow,
  kReport,
  kTarget,
  kReferenceValue,
  kObject,
  kObjectUrn,
  kTargetUrn,
  kAttributeSet,
  kAttribute,
  kValue,
  kText,
  kStructuredText,
  kEmpty,  ///< nothing inside
};

class MetadataReader final : public XmlPushOf<MetadataReader, StructureReaderStack<M>> {
 public:
  MetadataReader(FindingSink& sink, const Limits& limits, DataMessage& message)
      : XmlPushOf(sink, limits, message) {}

  std::vector<MetadataSet> take() { return std::move(sets_); }

 private:
  friend class XmlPushOf<MetadataReader, StructureReaderStack<M>>;

  // ---- parser events

  void start(const xmlChar* local_name, const xmlChar* uri, const Attributes& attributes,
             const xmlChar** namespaces, int namespace_count) {
    const std::string_view local = view(local_name);
    keeper_.declare(namespaces, namespace_count, depth());
    if (keeper_.keeping()) {
      const std::size_t before = keeper_.size();
      keeper_.start(local, uri, attributes, namespaces, namespace_count);
      return spend(keeper_.size() - before);
    }
    if (skip_start()) return;
    const M in = stack_.back().state;
    if (in == M::kDocument) return push(M::kMessage);
    if (in == M::kHeader) return header_start(local, uri, attributes);
    if (in == M::kStructuredText) {
      // What stands in it is XHTML and of another namespace.
      keeper_.begin(local, uri, attributes, true);
      return spend(keeper_.size());
    }
    if (uri ? sdmx_namespace(view(uri)).version != message_.version
            : local != "Ref" && local != "URN")
      return unknown(local);
    if (local == "Annotations" || (v30() && local == "Link")) return skip();
    if (!begin(in, local, attributes)) unknown(local);
  }

  void end(const xmlChar* local_name, const xmlChar* uri) {
    if (keeper_.keeping()) {
      const bool done = keeper_.end(view(local_name), uri);
      keeper_.undeclare(depth());
      if (done) markup_ += keeper_.take();
      return;
    }
    keeper_.undeclare(depth());
    if (skip_end()) return;
    if (stack_.back().state == M::kHeader && header_end()) return;
    finish_state(stack_.back().state);
    stack_.pop_back();
  }

  void characters(std::string_view text) {
    if (keeper_.keeping()) {
      keeper_.characters(text);
      return spend(text.size());
    }
    if (skip_ > 0) return;
    switch (stack_.back().state) {
      case M::kHeader:
        return header_.characters(text, here());
      case M::kName:
      case M::kText:
      case M::kValue:
      case M::kProviderUrn:
      case M::kObjectUrn:
      case M::kTargetUrn:
      case M::kFlow:
        return add_text(text);
      case M::kProvider:
        if (v30()) return add_text(text);
        break;
      default:
        break;
    }
    if (!is_blank(text)) report(rules::unexpected_text, {}, trim(text));
  }

  // ---- what the elements mean

  bool begin(M in, std::string_view local, const Attributes& attributes) {
    switch (in) {
      case M::kMessage:
        if (local == "Header") return push(M::kHeader), true;
        if (local == "MetadataSet") return begin_set(attributes), true;
        if (local == "Footer") return skip(), true;
        return false;
      case M::kSet:
        return begin_in_set(local, attributes);
      case M::kProvider:
        if (local == "Ref") set().provider = shorten(attributes.get("id"), 200);
        if (local == "URN") return text(M::kProviderUrn, attributes), true;
        return local == "Ref" ? (push(M::kEmpty), true) : false;
      case M::kReport:
        if (local == "Target") {
          the_report().target_id = attributes.get("id");
          return push(M::kTarget), true;
        }
        if (local == "AttributeSet") return push(M::kAttributeSet), true;
        return false;
      case M::kTarget:
        if (local != "ReferenceValue") return false;
        item();
        the_report().targets.push_back({std::string(attributes.get("id")), {}, here()});
        return push(M::kReferenceValue), true;
      case M::kReferenceValue:
        if (local == "ObjectReference") return push(M::kObject), true;
        for (std::string_view other :
             {"DataKey", "DataSetReference", "ConstraintContentReference", "ReportPeriod"})
          if (local == other) return skip(), true;
        return false;
      case M::kObject:
        if (local == "URN") return text(M::kObjectUrn, attributes), true;
        if (local != "Ref") return false;
        object_reference(attributes);
        return push(M::kEmpty), true;
      case M::kAttributeSet:
        if (local != "ReportedAttribute") return false;
        return begin_attribute(attributes), true;
      case M::kAttribute:
        if (v30() ? local == "Attribute" : local == "AttributeSet") {
          if (v30())
            begin_attribute(attributes);
          else
            push(M::kAttributeSet);
          return true;
        }
        if (local == "Text") return text(M::kText, attributes), true;
        if (local == "Value" && v30()) return text(M::kValue, attributes), true;
        if (local != "StructuredText") return false;
        markup_.clear();
        return text(M::kStructuredText, attributes), true;
      default:
        return false;
    }
  }

  bool begin_in_set(std::string_view local, const Attributes& attributes) {
    if (local == "Name") return text(M::kName, attributes), true;
    if (local == "Description") return skip(), true;
    if (local == "DataProvider") {
      text_.clear();
      return push(M::kProvider), true;
    }
    if (!v30()) {
      if (local != "Report") return false;
      begin_report(attributes.get("id"));
      return push(M::kReport), true;
    }
    if (local == "Metadataflow" || local == "MetadataProvisionAgreement")
      return text(M::kFlow, attributes), true;
    if (local == "Target") return text(M::kTargetUrn, attributes), true;
    if (local != "Attribute") return false;
    begin_attribute(attributes);
    return true;
  }

  MetadataSet& set() { return sets_.back(); }
  MetadataReport& the_report() {
    // In 3.0 the set is its only report.
    if (set().reports.empty()) begin_report({});
    return set().reports.back();
  }
  void begin_report(std::string_view id) {
    item();
    MetadataReport& added = set().reports.emplace_back();
    added.id = id;
    added.at = here();
    around_.clear();
  }

  void begin_set(const Attributes& attributes) {
    if (sets_.size() >= limits_.datasets)
      return stop(rules::too_many_datasets, {}, std::to_string(limits_.datasets));
    item();
    MetadataSet& added = sets_.emplace_back();
    added.at = here();
    added.ref.agency = attributes.get("agencyID");
    added.ref.id = attributes.get(v30() ? "id" : "setID");
    added.ref.version = attributes.get("version");
    added.provider = header_.provider();
    action(attributes.get("action"));
    const std::string_view structure = trim(attributes.get("structureRef"));
    const HeaderStructure* meant = nullptr;
    for (const HeaderStructure& one : header_.structures())
      if (one.id == structure || (structure.empty() && header_.structures().size() == 1))
        meant = &one;
    if (meant) {
      added.structure_class = meant->structure_class == ArtefactClass::kDataStructure
                                  ? ArtefactClass::kMetadataStructure
                              : meant->structure_class == ArtefactClass::kDataflow
                                  ? ArtefactClass::kMetadataflow
                              : meant->structure_class == ArtefactClass::kProvisionAgreement
                                  ? ArtefactClass::kMetadataAgreement
                                  : meant->structure_class;
      added.structure = meant->ref;
    } else if (!v30()) {
      report(rules::structure_ref, "structureRef", structure);
    }
    around_.clear();
    push(M::kSet);
  }

  void action(std::string_view text) {
    if (text.empty()) text = header_.action();
    if (text.empty()) return;
    for (Action known :
         {Action::kReplace, Action::kAppend, Action::kDelete, Action::kInformation, Action::kMerge})
      if (ascii_iequal(trim(text), action_name(known))) {
        set().action = known;
        return;
      }
    report(rules::unknown_action, "action", text);
  }

  void object_reference(const Attributes& attributes) {
    const Ref ref = ref_of(attributes);
    const std::string_view name = attributes.get("class");
    auto known = class_from_name(name);
    if (!known || ref.id.empty()) return report(rules::header_value, "Ref", name, "class, id");
    std::string target = urn(*known, ref);
    if (attributes.get("maintainableParentID").data())
      target = fmt::format("urn:sdmx:org.sdmx.infomodel.{}.{}={}.{}", attributes.get("package"),
                           name, ref.text(), attributes.get("id"));
    the_report().targets.back().urn = std::move(target);
  }

  void begin_attribute(const Attributes& attributes) {
    item();
    auto& list = the_report().attributes;
    if (++attributes_ > limits_.metadata_attributes)
      return stop(rules::message_too_large, {},
                  "metadata_attributes " + std::to_string(limits_.metadata_attributes));
    ReportedAttribute& added = list.emplace_back();
    added.id = attributes.get("id");
    added.parent = around_.empty() ? -1 : around_.back();
    added.at = here();
    if (!v30()) added.value = attributes.get("value");
    spend(added.value.size());
    around_.push_back(static_cast<std::int32_t>(list.size() - 1));
    push(M::kAttribute);
  }

  ReportedAttribute& attribute() {
    return the_report().attributes[static_cast<std::size_t>(around_.back())];
  }

  void text(M state, const Attributes& attributes) {
    text_begins(attributes);
    push(state);
  }

  void finish_state(M state) {
    spend(text_.size());
    const std::string plain(trim(text_));
    switch (state) {
      case M::kHeader:
        header_.finish(here());
        return;
      case M::kName:
        set().names.push_back({lang_, text_});
        break;
      case M::kProvider:
        if (plain.empty()) return;
        [[fallthrough]];
      case M::kProviderUrn:
        if (auto urn = parse_urn(plain)) set().provider = shorten(urn->item, 200);
        break;
      case M::kFlow:
        if (auto urn = parse_urn(plain)) {
          set().structure = urn->ref;
          set().structure_class = urn->artefact_class;
        } else {
          report(rules::header_value, "Metadataflow", plain, "URN");
        }
        break;
      case M::kObjectUrn:
        the_report().targets.back().urn = shorten(plain, 1000);
        break;
      case M::kTargetUrn:
        item();
        the_report().targets.push_back({{}, shorten(plain, 1000), here()});
        break;
      case M::kValue:
        if (attribute().value.empty()) {
          attribute().value = plain;
        } else {
          // QUIRK: several Values in one Attribute, where the schema has one: each is taken as an
          // attribute of its own.
          ReportedAttribute again;
          again.id = attribute().id;
          again.parent = attribute().parent;
          again.at = attribute().at;
          again.value = plain;
          if (++attributes_ > limits_.metadata_attributes) return;
          the_report().attributes.push_back(std::move(again));
        }
        break;
      case M::kText:
        item();
        attribute().texts.push_back({lang_, plain});
        break;
      case M::kStructuredText:
        item();
        attribute().structured = true;
        attribute().texts.push_back({lang_, std::exchange(markup_, {})});
        break;
      case M::kAttribute:
        around_.pop_back();
        return;
      default:
        return;
    }
    text_.clear();
  }

  KeptXml keeper_;
  std::string markup_;
  std::vector<MetadataSet> sets_;
  std::vector<std::int32_t> around_;  ///< attributes whose elements are open
  std::uint64_t attributes_ = 0;
};

}  // namespace
}  // namespace sdmx

bool is_metadata(const Detection& detection) {
  return detection.kind == FileKind::kSdmxMlOther && detection.root == "GenericMetadata" &&
         (detection.version == "2.1" || detection.version == "3.0" || detection.version == "3.1");
}

Result<std::vector<MetadataSet>> read_metadata(ByteSource& bytes, const Detection& detection,
                                               FindingSink& sink, const Limits& limits,
                                               DataMessage& message) {
  message.format = "sdmx-ml";
  message.version = detection.version;
  message.root = detection.root;
  sdmx::Utf8Input input(bytes, detection);
  return sdmx::read_with<sdmx::MetadataReader, std::vector<MetadataSet>>(input, sink, limits,
                                                                         message);
}

}  // namespace focalpost
