// SPDX-License-Identifier: Apache-2.0
//
// The elements, from the XSDs of SDMX-ML (structure-specific 2.1 | generic 2.1):
//
//   message:Header
//   message:DataSet
//     common:Annotations?
//     DataProvider?  (local | generic)
//                    | generic:Attributes?
//     Group*         dimensions and attributes as XML attributes | GroupKey, Attributes
//     Series*        likewise | SeriesKey, Attributes?, Obs*
//       Obs*         likewise | ObsDimension, ObsValue?, Attributes?
//     or Obs*        likewise | ObsKey, ObsValue?, Attributes?
//   footer:Footer?
//
// 3.0 and 3.1 are structure-specific, and have more: Atts (attributes of the dataset or of a
// partial key) anywhere among Group, Series and Obs; an Obs may say its whole key beside Series;
// what does not fit into an XML attribute (several values, languages) is an element
//   Comp[@id]  Value*  text, or common:Text[@xml:lang]*, or common:StructuredText
// at the end of Atts, Group, Series or Obs; and Metadata, which are not read.
//
// 2.0 has no Structure in its header; a dataset tells its key family itself, see key_family.h.
//   CompactData: as structure-specific, all elements in the key family's own namespace, a group's
//     element is named after the group.
//   GenericData: KeyFamilyRef before all else; Values are of a concept, not an id; Time is an
//     element with text; a Group may hold its Series.
#include "sdmx/ml_data_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/multi_value.h"
#include "sdmx/key_family.h"
#include "sdmx/ml_cross_reader.h"
#include "sdmx/ml_reader_core.h"

namespace focalpost::sdmx {
namespace {

constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

enum class Place : std::uint8_t {
  kMessage,
  kHeader,
  kDataSet,
  kProvider,
  kGroup,
  kSeries,
  kObs,
  kFooter,
  kProviderText,
  // 3.0
  kAtts,
  kComp,
  kCompValue,
  kCompText,
  // 2.0 generic
  kKeyFamilyRef,
  kTime,
  // generic only
  kGroupKey,
  kSeriesKey,
  kObsKey,
  kDatasetAttributes,
  kGroupAttributes,
  kSeriesAttributes,
  kObsAttributes,
  kLeaf
};

class MlDataReader final : public XmlPushOf<MlDataReader, MlReaderCore> {
 public:
  MlDataReader(ByteSource& bytes, const Detection& detection, const StructureLookup& lookup,
               FindingSink& sink, const Limits& limits)
      : XmlPushOf(bytes, detection, lookup, sink, limits), multi_(limits.text_bytes) {
    generic_ = detection.root.starts_with("Generic");
    compact_ = detection.root == "CompactData";
    time_series_only_ = detection.root.ends_with("TimeSeriesData");
    specific_uri_ = sdmx_uri(compact_ ? "compact" : "data/structurespecific");
    payload_uri_ = !generic_ ? nullptr : sdmx_uri(v20() ? "generic" : "data/generic");
    obs_ = intern("Obs");
    series_ = intern("Series");
    group_ = intern("Group");
    dataset_ = intern("DataSet");
    annotations_ = intern("Annotations");
    provider_ = intern("DataProvider");
    value_ = intern("Value");
    attributes_ = intern("Attributes");
    type_ = intern("type");
    atts_ = intern("Atts");
    comp_name_ = intern("Comp");
    metadata_ = intern("Metadata");
  }

 private:
  friend class XmlPushOf<MlDataReader, MlReaderCore>;

  // ---- parser events

  void start(const xmlChar* local, const xmlChar* uri, const Attributes& attributes,
             const xmlChar**, int) {
    if (skip_ > 0) {
      ++skip_;
      return;
    }
    // The hot path: an observation of a series.
    if (local == obs_ && uri == payload_uri_ &&
        (place_ == Place::kSeries || place_ == Place::kDataSet)) {
      start_obs(attributes);
      return;
    }
    switch (place_) {
      case Place::kMessage:
        start_in_message(local, uri, attributes);
        break;
      case Place::kHeader:
        header_.start(view(local), view(uri), attributes, here());
        break;
      case Place::kDataSet:
        start_in_dataset(local, uri, attributes);
        break;
      case Place::kProvider:
        if (view(local) == "URN") {
          begin_text(Place::kProviderText);
          break;
        }
        if (view(local) == "Ref" && !uri) head().provider = shorten(attributes.get("id"), 200);
        skip_ = 1;
        break;
      case Place::kGroup:
        start_in_group(local, uri, attributes);
        break;
      case Place::kSeries:
        start_in_series(local, uri, attributes);
        break;
      case Place::kObs:
        start_in_obs(local, uri, attributes);
        break;
      case Place::kAtts:
        if (local == comp_name_ && !uri)
          start_comp(attributes, Level::kDataset);
        else
          pass_over(local, uri, "Comp");
        break;
      case Place::kComp:
        start_in_comp(local, uri);
        break;
      case Place::kCompValue:
        start_in_comp_value(local, uri, attributes);
        break;
      case Place::kGroupKey:
      case Place::kSeriesKey:
      case Place::kObsKey:
      case Place::kDatasetAttributes:
      case Place::kGroupAttributes:
      case Place::kSeriesAttributes:
      case Place::kObsAttributes:
        if (local == value_ && uri == payload_uri_) {
          component_value(attributes);
          leaf(place_);
          break;
        }
        unknown(local, "Value");
        skip_ = 1;
        break;
      case Place::kFooter:
        footer(local, attributes);
        break;
      case Place::kCompText:
        if (!in_structured_) unknown(local, {});
        skip_ = 1;
        break;
      case Place::kLeaf:
      case Place::kProviderText:
      case Place::kKeyFamilyRef:
      case Place::kTime:
        unknown(local, {});
        skip_ = 1;
        break;
    }
  }

  void end(const xmlChar*, const xmlChar*) {
    if (skip_ > 0) {
      --skip_;
      return;
    }
    switch (place_) {
      case Place::kMessage:
        break;
      case Place::kHeader:
        if (depth() == 2) {
          header_.finish(here());
          place_ = Place::kMessage;
        } else {
          header_.end();
        }
        break;
      case Place::kDataSet:
        if (structure_pending_) use_key_family({});
        close_dataset();
        place_ = Place::kMessage;
        break;
      case Place::kProviderText:
        take_provider();
        place_ = Place::kProvider;
        break;
      case Place::kProvider:
        take_provider();
        place_ = Place::kDataSet;
        break;
      case Place::kKeyFamilyRef:
        use_key_family(trim(text_));
        place_ = Place::kDataSet;
        break;
      case Place::kFooter:
        if (depth() == 2) place_ = Place::kMessage;
        break;
      case Place::kGroup:
        end_group();
        place_ = Place::kDataSet;
        break;
      case Place::kSeries:
        end_series();
        place_ = series_in_;
        break;
      case Place::kObs:
        end_obs();
        place_ = in_series_ ? Place::kSeries : Place::kDataSet;
        break;
      case Place::kAtts:
        end_atts();
        place_ = Place::kDataSet;
        break;
      case Place::kComp:
        end_comp();
        place_ = comp_in_;
        break;
      case Place::kCompValue:
        end_comp_value();
        place_ = Place::kComp;
        break;
      case Place::kCompText:
        multi_.value_in(lang_, text_);
        text_.clear();
        in_structured_ = false;
        place_ = Place::kCompValue;
        break;
      case Place::kTime:
        end_time();
        place_ = Place::kObs;
        break;
      case Place::kGroupKey:
      case Place::kGroupAttributes:
        place_ = Place::kGroup;
        break;
      case Place::kSeriesKey:
        if (group_pending_) emit_group();
        place_ = Place::kSeries;
        break;
      case Place::kSeriesAttributes:
        place_ = Place::kSeries;
        break;
      case Place::kObsKey:
      case Place::kObsAttributes:
        place_ = Place::kObs;
        break;
      case Place::kDatasetAttributes:
        place_ = Place::kDataSet;
        break;
      case Place::kLeaf:
        place_ = leaf_in_;
        break;
    }
  }

  void characters(std::string_view text) {
    switch (place_) {
      case Place::kFooter:
        return;
      case Place::kHeader:
        if (skip_ == 0) header_.characters(text, here());
        return;
      case Place::kProvider:
      case Place::kProviderText:
      case Place::kKeyFamilyRef:
      case Place::kTime:
        if (skip_ == 0) collect(text);
        return;
      case Place::kCompValue:
      case Place::kCompText:
        // Inside StructuredText too: its words are kept, its mark-up is not.
        if (skip_ == 0 || in_structured_) collect(text);
        return;
      default:
        if (skip_ == 0) stray_text(text);
    }
  }

  void begin_text(Place place) {
    text_.clear();
    text_too_long_ = false;
    place_ = place;
  }

  void collect(std::string_view text) {
    if (text_too_long_) return;
    if (text_.size() + text.size() <= limits_.text_bytes) {
      text_ += text;
      return;
    }
    text_too_long_ = true;
    too_long(comp_id_);
  }

  /// What may stand at the end of any part of a dataset, or is not known there.
  void pass_over(const xmlChar* local, const xmlChar* uri, std::string_view expected) {
    if (local == annotations_ && uri == common_uri_) {
      // may stand anywhere
    } else if (v20() && local == annotations_ && uri == payload_uri_) {
      // in the part's own namespace, at its end
    } else if (v30() && local == metadata_ && !uri) {
      metadata_left_out();
    } else {
      unknown(local, expected);
    }
    skip_ = 1;
  }

  // ---- the message

  void start_in_message(const xmlChar* local, const xmlChar* uri, const Attributes& attributes) {
    if (depth() == 1) return;  // the root; detect() has judged it
    const std::string_view name = view(local);
    if (name == "Header" && uri == message_uri_) {
      if (header_seen_ || !message_.datasets.empty()) unknown(local, {});
      header_seen_ = true;
      place_ = Place::kHeader;
    } else if (local == dataset_) {
      if (!dataset_space(uri)) {
        unknown(local, "message:DataSet");
        skip_ = 1;
        return;
      }
      start_dataset(uri, attributes);
    } else if (name == "Footer" && uri == footer_uri_) {
      place_ = Place::kFooter;
    } else {
      unknown(local, "Header, DataSet");
      skip_ = 1;
    }
  }

  /// Whether a DataSet may be in this namespace; what is only let pass is reported.
  bool dataset_space(const xmlChar* uri) {
    if (compact_) {
      // Any namespace that is not one of SDMX's own is the key family's.
      if (sdmx_namespace(view(uri)).version.empty() && uri) return true;
      if (uri != message_uri_ && uri != specific_uri_ && uri) return false;
      // QUIRK: Compact data without a schema for the key family: the elements stand in
      // the message's namespace, in compact's, or in none.
      report(rules::header_quirk, "DataSet", view(uri), "urn:sdmx:...:compact");
      return true;
    }
    if (uri == message_uri_) return true;
    // QUIRK: DataSet belongs to the message namespace; Eurostat's dissemination puts it into
    // the one of the DSD (<ns1:DataSet>), some tools into the payload's.
    bool known_space = uri == specific_uri_ || (payload_uri_ && uri == payload_uri_) || !uri;
    for (const HeaderStructure& structure : header_.structures())
      known_space = known_space || (uri && view(uri) == structure.space);
    if (known_space) report(rules::header_quirk, "DataSet", view(uri), "message:DataSet");
    return known_space;
  }

  void start_dataset(const xmlChar* uri, const Attributes& attributes) {
    DatasetHead* opened = open_dataset();
    if (!opened) return;
    DatasetHead& dataset = *opened;
    place_ = Place::kDataSet;
    phase_ = Phase::kAnnotations;
    mixed_reported_ = in_series_ = group_pending_ = structure_pending_ = false;
    const HeaderStructure* structure = v20() ? nullptr : header_structure(attributes);
    judge_set_attributes(attributes);
    dataset.action = action_of(set_attribute(attributes, "action"), dataset.action_given);
    auto either = [&](std::string_view name, const std::string& otherwise) {
      std::string_view text = set_attribute(attributes, name, false);
      return std::string(text.data() ? std::string_view(text).substr(0, 80)
                                     : std::string_view(otherwise));
    };
    dataset.reporting_begin = either("reportingBeginDate", header_.reporting_begin());
    dataset.reporting_end = either("reportingEndDate", header_.reporting_end());
    dataset.valid_from = either("validFromDate", {});
    dataset.valid_to = either("validToDate", {});
    if (v20()) {
      space_ = view(uri);
      if (std::string_view id = attributes.get("dataProviderID"); id.data())
        dataset.provider = shorten(id, 200);
      named_ = {};
      named_.uri = attributes.get("keyFamilyURI");
      named_.flow = attributes.get("dataflowID");
      named_.flow_agency = attributes.get("dataflowAgencyID");
      if (generic_) {
        structure_pending_ = true;  // a KeyFamilyRef follows
      } else {
        payload_uri_ = uri;
        use_key_family({});
        if (flow_) dataset_components(attributes);
      }
      return;
    }
    if (!structure || structure->ref.empty()) return;
    use_structure(structure->structure_class, structure->ref);
    if (!flow_) return;
    choose_layout(*structure);
    begin_components();
    dataset_components(attributes);
  }

  void begin_components() {
    obs_names_.clear();
    flat_names_.clear();
    series_names_.clear();
    key_.assign(flow_->dimension_count, {});
    obs_key_.assign(flow_->dimension_count, {});
    parts_deleted_ = v30() && head().action == Action::kDelete;
  }

  /// 2.0: the structure of the open dataset by everything that names it. `ref`: its KeyFamilyRef.
  void use_key_family(std::string_view ref) {
    structure_pending_ = false;
    named_.id = ref;
    const KeyFamilyChoice choice = choose_key_family(lookup_, named_, header_.key_family(), space_);
    if (choice.ref.empty()) {
      report(rules::structure_ref, "KeyFamilyRef", {});
      return;
    }
    use_structure(choice.structure_class, choice.ref);
    if (!flow_) return;
    placement_ = {Layout::kTimeSeries, flow_->time};
    begin_components();
  }

  /// structureRef and its like: in the structure-specific namespace, or unqualified in generic
  /// data and in 2.0.
  std::string_view set_attribute(const Attributes& attributes, std::string_view name,
                                 bool quirk = true) {
    std::string_view plain = attributes.get(name);
    if (generic_ || v20()) return plain;
    std::string_view qualified = attributes.get(name, view(specific_uri_));
    if (qualified.data() || !plain.data()) return qualified;
    // QUIRK: these attributes are qualified (ss:action); files have action="Replace" and
    // structureRef="S1" without a prefix.
    if (quirk) report(rules::header_quirk, name, plain, "ss:" + std::string(name));
    return plain;
  }

  const HeaderStructure* header_structure(const Attributes& attributes) {
    const std::vector<HeaderStructure>& all = header_.structures();
    std::string_view wanted = set_attribute(attributes, "structureRef");
    for (const HeaderStructure& structure : all)
      if (wanted.data() && structure.id == trim(wanted)) return &structure;
    if (!wanted.data() && all.size() == 1) {
      // QUIRK: structureRef is required even where the header has one Structure only.
      report(rules::header_quirk, "structureRef", {}, all.front().id);
      return &all.front();
    }
    std::string expected;
    for (std::size_t i = 0; i < all.size() && i < 5; ++i) expected += (i ? ", " : "") + all[i].id;
    report(rules::structure_ref, "structureRef", wanted, expected);
    return nullptr;
  }

  void choose_layout(const HeaderStructure& structure) {
    const std::string& at = structure.dimension_at_observation;
    placement_ = {flow_->time == kNoComponent ? Layout::kFlat : Layout::kTimeSeries, flow_->time};
    measure_dimension_ = kNoComponent;
    if (!at.empty()) {  // the header's finding said so
      std::uint16_t component = flow_->find(at);
      if (at == "AllDimensions") {
        placement_.layout = Layout::kFlat;
      } else if (component < flow_->dimension_count) {
        placement_ = {Layout::kCross, component};
      } else if (component != flow_->time || component == kNoComponent) {
        report(rules::header_value, "dimensionAtObservation", at);
      }
    }
    if (time_series_only_ && placement_.layout != Layout::kTimeSeries)
      report(rules::header_value, "dimensionAtObservation", at, "TIME_PERIOD");
    if (!structure.explicit_measures) return;
    for (std::uint16_t d = 0; d < flow_->dimension_count; ++d)
      if (flow_->components[d].kind == ComponentKind::kMeasureDimension) measure_dimension_ = d;
    const bool possible =
        measure_dimension_ != kNoComponent &&
        (placement_.layout == Layout::kFlat || placement_.at_observation == measure_dimension_);
    if (!possible) {
      report(rules::header_value, "explicitMeasures", "true");
      measure_dimension_ = kNoComponent;
    }
  }

  void take_provider() {
    // QUIRK: 3.0 has the URN itself in DataProvider; some have the id alone.
    std::string_view text = trim(text_);
    if (auto urn = parse_urn(text))
      head().provider = shorten(urn->item, 200);
    else if (!text.empty())
      report(rules::header_value, "DataProvider", text, "urn:sdmx:...");
    text_.clear();
  }

  // ---- the dataset

  enum class Phase : std::uint8_t { kAnnotations, kProvider, kAttributes, kGroups, kData };

  /// Elements come in the order of the schema; reported once for a dataset.
  void in_order(Phase phase, const xmlChar* local) {
    const bool again =
        phase == phase_ && (phase == Phase::kProvider || phase == Phase::kAttributes);
    if (phase < phase_ || (again && !v20() && !v30())) misordered(local);
    phase_ = std::max(phase_, phase);
  }

  void start_in_dataset(const xmlChar* local, const xmlChar* uri, const Attributes& attributes) {
    if (v20() && start_in_dataset20(local, uri, attributes)) return;
    if (local == annotations_ && uri == common_uri_) {
      if (!v20()) in_order(Phase::kAnnotations, local);
      skip_ = 1;
    } else if (local == provider_ && uri == payload_uri_ && !v20()) {
      in_order(Phase::kProvider, local);
      begin_text(Place::kProvider);
    } else if (generic_ && local == attributes_ && uri == payload_uri_) {
      in_order(Phase::kAttributes, local);
      only(attributes);
      place_ = Place::kDatasetAttributes;
    } else if (local == group_ && uri == payload_uri_) {
      in_order(v30() ? Phase::kData : Phase::kGroups, local);
      start_group(attributes, {});
    } else if (local == series_ && uri == payload_uri_) {
      in_order(Phase::kData, local);
      start_series(attributes);
    } else if (v30() && local == atts_ && !uri) {
      in_order(Phase::kData, local);
      start_atts(attributes);
    } else {
      pass_over(local, uri, v30() ? "Atts, Group, Series, Obs" : "Group, Series, Obs");
    }
  }

  /// What 2.0 alone has; false: go on as in 2.1.
  bool start_in_dataset20(const xmlChar* local, const xmlChar* uri, const Attributes& attributes) {
    if (generic_) {
      if (view(local) == "KeyFamilyRef" && uri == payload_uri_) {
        begin_text(Place::kKeyFamilyRef);
        return true;
      }
      if (structure_pending_) use_key_family({});
      return false;
    }
    if (uri == common_uri_ || local == series_ || local == group_ || local == annotations_) {
      // QUIRK: DataSet in one namespace and what is in it in another (compact's, or none).
      if (uri != common_uri_ && uri != payload_uri_ && phase_ == Phase::kAnnotations)
        payload_uri_ = uri;
      return false;
    }
    // A group by the name of its own.
    in_order(Phase::kGroups, local);
    if (flow_ && !flow_->find_group(view(local))) {
      unknown_group(view(local));
      skip_ = 1;
      return true;
    }
    start_group(attributes, view(local));
    return true;
  }

  void dataset_components(const Attributes& attributes) {
    if (generic_) return;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      std::string_view name = view(attributes.local(i));
      if (attributes.qualified(i)) continue;
      static constexpr std::array<std::string_view, 17> set_names = {
          "structureRef", "setID", "action", "reportingBeginDate", "reportingEndDate",
          "validFromDate", "validToDate", "publicationYear", "publicationPeriod", "dataScope",
          // 2.0
          "keyFamilyURI", "datasetID", "dataProviderSchemeAgencyId", "dataProviderSchemeId",
          "dataProviderID", "dataflowAgencyID", "dataflowID"};
      if (std::find(set_names.begin(), set_names.end(), name) != set_names.end() &&
          flow_->find(name) == kNoComponent)
        continue;
      NameCache::Entry entry = entry_of(attributes.local(i), Level::kDataset);
      if (entry.use == Use::kDatasetAttribute)
        builder_.dataset_attribute(entry.component, attributes.value(i), here());
      else
        misplaced(entry, name);
    }
  }

  /// Attributes of DataSet that are no components: one that is passed over unread could have been
  /// an action.
  void judge_set_attributes(const Attributes& attributes) {
    if (v20() || v30()) return;
    static constexpr std::array<std::string_view, 10> names = {
        "structureRef",  "setID",       "action",          "reportingBeginDate", "reportingEndDate",
        "validFromDate", "validToDate", "publicationYear", "publicationPeriod",  "dataScope"};
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      std::string_view name = view(attributes.local(i));
      const bool known = std::find(names.begin(), names.end(), name) != names.end();
      if (attributes.qualified(i)) {
        if (generic_ || !known || attributes.uri(i) != specific_uri_)
          foreign_attribute(attributes, i);
      } else if (generic_ && !known) {
        report(rules::unknown_component, name, attributes.value(i));
      } else if (!generic_ && known && attributes.get(name, view(specific_uri_)).data()) {
        report(rules::component_twice, name, attributes.value(i));
      }
    }
  }

  NameCache::Entry entry_of(const xmlChar* name, Level level) const {
    const std::uint16_t component = find_component(view(name));
    return {name, component, use_at(component, level)};
  }
  Use use_at(std::uint16_t component, Level level) const {
    if (component == kNoComponent) return Use::kUnknown;
    return placement_.use_of(*flow_, component, level, current_group_);
  }

  // ---- attributes of the dataset or of a partial key (3.0)

  void start_atts(const Attributes& attributes) {
    place_ = Place::kAtts;
    group_at_ = here();
    scratch_.clear();
    atts_time_ = {};
    atts_values_.clear();
    if (!flow_) return;
    atts_key_.assign(flow_->dimension_count, {});
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes.qualified(i)) {
        foreign_attribute(attributes, i);
        continue;
      }
      const std::uint16_t component = flow_->find(view(attributes.local(i)));
      atts_component(component, view(attributes.local(i)), attributes.value(i), group_at_);
    }
  }

  void atts_component(std::uint16_t component, std::string_view name, std::string_view value,
                      Position at) {
    const ComponentKind kind =
        component == kNoComponent ? ComponentKind::kMeasure : flow_->components[component].kind;
    if (kind == ComponentKind::kMeasure)
      return misplaced({nullptr, component, Use::kUnknown}, name);
    value = scratch_.copy(value);
    if (component < flow_->dimension_count) {
      atts_key_[component] = value;
    } else if (component == flow_->time) {
      atts_time_ = value;
    } else {
      for (const RowValue& known : atts_values_)
        if (known.component == component) return twice(name);
      atts_values_.push_back({component, value, at});
    }
  }

  /// Each attribute goes to its own level: the dataset, the partial key of the dimensions it hangs
  /// on, the series or the observation.
  void end_atts() {
    if (!flow_) return;
    if (head().action == Action::kDelete) {
      report(rules::unsupported_message, "Atts", "Delete");
      return;
    }
    using Kind = AttributeRelationship::Kind;
    std::vector<RowValue> at_series, at_observation;
    for (const RowValue& value : atts_values_) {
      const FlowComponent& component = flow_->components[value.component];
      const bool covered = std::all_of(
          component.dimensions.begin(), component.dimensions.end(), [&](std::uint16_t d) {
            return (d < atts_key_.size() ? atts_key_[d] : atts_time_).data() != nullptr;
          });
      if (component.level == Kind::kDataset)
        builder_.dataset_attribute(value.component, value.value, value.at);
      else if (component.level == Kind::kObservation)
        at_observation.push_back(value);
      else if (!covered)
        misplaced({nullptr, value.component, Use::kWrongLevel}, component.id);
      else if (component.level == Kind::kDimensions &&
               component.dimensions.size() == flow_->dimension_count)
        at_series.push_back(value);
      else
        partial_key_attribute(value);
    }
    if (!at_observation.empty()) {
      builder_.add_row(atts_key_, atts_time_, at_observation, at_series, group_at_, conflicts_);
      builder_.close_run();
    } else if (!at_series.empty()) {
      builder_.close_run();
      builder_.begin_run(atts_key_, group_at_);
      for (const RowValue& value : at_series)
        builder_.run_attribute(value.component, value.value, value.at);
    }
  }

  void partial_key_attribute(const RowValue& value) {
    const FlowComponent& component = flow_->components[value.component];
    const bool of_group = component.level == AttributeRelationship::Kind::kGroup;
    for (std::size_t g = 0; g < flow_->groups.size(); ++g) {
      const FlowGroup& group = flow_->groups[g];
      if (of_group ? group.id != component.group
                   : !std::is_permutation(group.dimensions.begin(), group.dimensions.end(),
                                          component.dimensions.begin(), component.dimensions.end()))
        continue;
      group_key_.assign(flow_->dimension_count, {});
      for (std::uint16_t d : group.dimensions)
        if (d < group_key_.size()) group_key_[d] = atts_key_[d];
      builder_.group(static_cast<std::uint16_t>(g), group_key_, {&value, 1}, group_at_);
      return;
    }
    misplaced({nullptr, value.component, Use::kWrongLevel}, component.id);
  }

  // ---- components that are elements (3.0)

  void start_comp(const Attributes& attributes, Level level) {
    comp_in_ = place_;
    place_ = Place::kComp;
    multi_.clear();
    text_.clear();
    text_too_long_ = false;
    if (!flow_) return;
    comp_id_ = shorten(trim(attributes.get("id")), 200);
    const std::uint16_t component = flow_->find(comp_id_);
    comp_ = {nullptr, component, use_at(component, level)};
    comp_at_ = here();
  }

  void start_in_comp(const xmlChar* local, const xmlChar* uri) {
    if (local == value_ && !uri) {
      begin_text(Place::kCompValue);
      value_texts_ = 0;
    } else {
      pass_over(local, uri, "Value");
    }
  }

  void start_in_comp_value(const xmlChar* local, const xmlChar* uri, const Attributes& attributes) {
    const std::string_view name = view(local);
    if (uri != common_uri_ || (name != "Text" && name != "StructuredText")) {
      unknown(local, "Text, StructuredText");
      skip_ = 1;
      return;
    }
    if (!is_blank(text_)) stray_text(text_);
    if (value_texts_++ == 0) multi_.next_value();
    std::string_view lang = attributes.get("lang", kXmlNamespace);
    lang_ = shorten(lang, 40);
    begin_text(Place::kCompText);
    if (name == "StructuredText") {
      // QUIRK: structured text (XHTML) is taken as its words.
      report(rules::header_quirk, comp_id_, name, "Text");
      in_structured_ = true;
    }
  }

  void end_comp_value() {
    if (value_texts_ == 0) multi_.value(text_);
    text_.clear();
  }

  void end_comp() {
    if (!flow_) return;
    if (multi_.refused()) too_long(comp_id_);
    // A Comp without a Value says that there is none.
    const std::string_view value = multi_.values() == 0 ? std::string_view("") : multi_.text();
    if (comp_in_ == Place::kAtts) {
      atts_component(comp_.component, comp_id_, value, comp_at_);
    } else if (comp_in_ == Place::kGroup) {
      if (current_group_) group_component(comp_, comp_id_, value, comp_at_);
    } else if (comp_in_ == Place::kSeries) {
      series_component(comp_, comp_id_, value);
    } else {
      obs_component(comp_, comp_id_, value);
    }
  }

  // ---- groups

  /// `name`: 2.0, where the element's name is the group's.
  void start_group(const Attributes& attributes, std::string_view name) {
    place_ = Place::kGroup;
    current_group_ = nullptr;
    group_pending_ = false;
    group_at_ = here();
    group_attributes_.clear();
    scratch_.clear();
    if (!flow_) return;
    std::string_view type = name.data() ? name : attributes.get("type");
    if (!generic_ && !name.data()) {
      // xsi:type="ns1:Sibling": the type's name is the group's id (SDMX 2.1 section 3A).
      for (std::size_t i = 0; i < attributes.size(); ++i)
        if (attributes.local(i) == type_ && attributes.qualified(i)) type = attributes.value(i);
      type = type.substr(type.find(':') + 1);
    }
    type = trim(type);
    current_group_ = flow_->find_group(type);
    if (!current_group_ && type.ends_with("Type") && !v20()) {
      // QUIRK: the type of a group Sibling is called Sibling; some call it SiblingType.
      current_group_ = flow_->find_group(type.substr(0, type.size() - 4));
      if (current_group_) report(rules::header_quirk, "Group", type, current_group_->id);
    }
    if (!current_group_) return unknown_group(type);
    group_key_.assign(flow_->dimension_count, {});
    group_pending_ = true;
    if (generic_) return only(attributes, "type");
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes.qualified(i)) {
        foreign_attribute(attributes, i);
        continue;
      }
      if (attributes.local(i) == type_ && flow_->find("type") == kNoComponent) {
        // May repeat the group's id, without a prefix.
        if (attributes.value(i) != current_group_->id)
          report(rules::unknown_group, "type", attributes.value(i), current_group_->id);
        continue;
      }
      group_component(entry_of(attributes.local(i), Level::kGroup), view(attributes.local(i)),
                      attributes.value(i), group_at_);
    }
  }

  void group_component(const NameCache::Entry& entry, std::string_view name, std::string_view value,
                       Position at) {
    if (entry.use == Use::kKey) {
      if (group_key_[entry.component].data()) return twice(name);
      group_key_[entry.component] = scratch_.copy(value);
    } else if (entry.use == Use::kGroupAttribute) {
      for (const RowValue& known : group_attributes_)
        if (known.component == entry.component) return twice(name);
      group_attributes_.push_back({entry.component, scratch_.copy(value), at});
    } else {
      misplaced(entry, name);
    }
  }

  void start_in_group(const xmlChar* local, const xmlChar* uri, const Attributes& attributes) {
    const std::string_view name = view(local);
    if (generic_ && uri == payload_uri_ && name == "GroupKey") {
      if (!v20() && !group_attributes_.empty()) misordered(local);
      only(attributes);
      place_ = Place::kGroupKey;
    } else if (generic_ && uri == payload_uri_ && local == attributes_) {
      only(attributes);
      place_ = Place::kGroupAttributes;
    } else if (generic_ && v20() && uri == payload_uri_ && local == series_) {
      start_series(attributes);
    } else if (v30() && local == comp_name_ && !uri) {
      start_comp(attributes, Level::kGroup);
    } else {
      pass_over(local, uri, {});
    }
  }

  void end_group() {
    emit_group();
    current_group_ = nullptr;
  }

  /// 2.0: a group that holds its series may leave its key to them. Called again when the first
  /// series' key is known.
  void emit_group() {
    if (!group_pending_ || !flow_ || !current_group_) return;
    group_pending_ = false;
    if (v20() && place_ == Place::kSeriesKey)
      for (std::uint16_t d : current_group_->dimensions)
        if (d < group_key_.size() && !group_key_[d].data()) group_key_[d] = key_[d];
    auto number = static_cast<std::uint16_t>(current_group_ - flow_->groups.data());
    builder_.group(number, group_key_, group_attributes_, group_at_);
  }

  // ---- series

  void start_series(const Attributes& attributes) {
    series_in_ = place_;
    place_ = Place::kSeries;
    in_series_ = true;
    if (!flow_) return;
    if (placement_.layout == Layout::kFlat && !mixed_reported_) {
      mixed_reported_ = true;
      report(rules::unknown_element, "Series", {}, "Obs");
    }
    series_at_ = here();
    run_begun_ = false;
    series_step_ = 0;
    std::fill(key_.begin(), key_.end(), std::string_view());
    series_attributes_.clear();
    series_time_ = {};
    // The parser's text goes with this call; findings name the key as long as the series is open.
    if (!group_pending_) scratch_.clear();
    if (v30()) builder_.close_run();
    if (generic_) return only(attributes);
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes.qualified(i)) {
        foreign_attribute(attributes, i);
        continue;
      }
      NameCache::Entry entry = series_names_.find(attributes.local(i), i, [&](const xmlChar* name) {
        return entry_of(name, Level::kSeries);
      });
      std::string_view value = scratch_.copy(attributes.value(i));
      switch (entry.use) {
        case Use::kKey:
          key_[entry.component] = value;
          break;
        case Use::kTime:
          series_time_ = value;
          break;
        case Use::kRunAttribute:
          series_attributes_.push_back({entry.component, value, series_at_});
          break;
        default:
          misplaced(entry, view(attributes.local(i)));
      }
    }
    // Elsewhere, and where Comp elements may follow, the first observation says more.
    if (placement_.layout == Layout::kTimeSeries && !v30()) begin_run();
  }

  void begin_run() {
    if (run_begun_) return;
    run_begun_ = true;
    builder_.begin_run(key_, series_at_);
    for (const RowValue& attribute : series_attributes_)
      builder_.run_attribute(attribute.component, attribute.value, attribute.at);
    series_attributes_.clear();
  }

  void start_in_series(const xmlChar* local, const xmlChar* uri, const Attributes& attributes) {
    const std::string_view name = view(local);
    if (generic_ && uri == payload_uri_ && name == "SeriesKey") {
      if (series_step_ > 0) misordered(local);
      series_step_ = 1;
      only(attributes);
      place_ = Place::kSeriesKey;
    } else if (generic_ && uri == payload_uri_ && local == attributes_) {
      if (series_step_ != 1) misordered(local);
      series_step_ = 2;
      only(attributes);
      place_ = Place::kSeriesAttributes;
    } else if (v30() && local == comp_name_ && !uri) {
      if (series_step_ == 3) {
        misordered(local);
        skip_ = 1;
      } else {
        start_comp(attributes, Level::kSeries);
      }
    } else {
      pass_over(local, uri, "Obs");
    }
  }

  void end_series() {
    in_series_ = false;
    if (!flow_) return;
    if (group_pending_) emit_group();  // its first series had no key
    if (series_step_ != 3 && parts_deleted_ && !series_attributes_.empty()) {
      // 3.0: only these attributes are to go, not the series. Nobody can do that here.
      report(rules::unsupported_message, "Series", "Delete");
      series_attributes_.clear();
      return;
    }
    if (placement_.layout == Layout::kTimeSeries) {
      begin_run();
    } else if (series_step_ != 3) {
      // A cross-section without observations still says its (partial) key.
      begin_run();
      builder_.close_run();
    }
  }

  // ---- observations

  void start_obs(const Attributes& attributes) {
    const bool in_series = place_ == Place::kSeries;
    place_ = Place::kObs;
    if (!flow_) return;
    Position at = here();
    const bool flat = placement_.layout == Layout::kFlat;
    if (in_series == flat && !mixed_reported_ && (in_series || !v30())) {
      mixed_reported_ = true;
      report(rules::unknown_element, "Obs", {}, in_series ? "DataSet/Obs" : "Series/Obs");
    }
    if (!in_series) phase_ = Phase::kData;
    series_step_ = 3;
    obs_at_ = at;
    obs_step_ = 0;
    direct_ = in_series && placement_.layout == Layout::kTimeSeries;
    if (direct_) {
      if (!run_begun_) begin_run();
      builder_.add_observation(at);
      if (generic_) return only(attributes);
      // The values of a tag lie behind each other in the parser's buffer, unless a reference had to
      // be resolved in one. They are copied in one go, with what is between them.
      std::string_view from, kept;
      if (const std::string_view stretch = attributes.stretch();
          stretch.data() && in_buffer(stretch)) {
        from = stretch;
        kept = builder_.keep(stretch);
      }
      for (std::size_t i = 0; i < attributes.size(); ++i) {
        const NameCache::Entry& entry = obs_entry(attributes, i);
        std::string_view value = attributes.value(i);
        if (entry.use == Use::kColumn && from.data())
          builder_.set_kept(
              entry.component,
              kept.substr(static_cast<std::size_t>(value.data() - from.data()), value.size()));
        else if (entry.use == Use::kTime && from.data())
          builder_.set_kept_time(
              kept.substr(static_cast<std::size_t>(value.data() - from.data()), value.size()));
        else if (entry.use == Use::kColumn)
          builder_.set(entry.component, value);
        else if (entry.use == Use::kTime)
          builder_.set_time(value);
        else
          obs_other(entry, attributes, i);
      }
      return;
    }
    if (in_series) {
      obs_key_ = key_;
      obs_time_ = series_time_;
    } else {
      std::fill(obs_key_.begin(), obs_key_.end(), std::string_view());
      obs_time_ = {};
    }
    obs_level_ = !in_series && !flat ? Level::kFlatObs : Level::kObs;
    obs_values_.clear();
    obs_attributes_ = in_series ? series_attributes_ : std::vector<RowValue>();
    obs_scratch_.clear();
    if (generic_) return only(attributes);
    if (measure_dimension_ != kNoComponent) explicit_measure(attributes);
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      const NameCache::Entry& entry = obs_entry(attributes, i);
      if (entry.use == Use::kUnknown || entry.use == Use::kWrongLevel)
        obs_other(entry, attributes, i);
      else
        row_component(entry, view(attributes.local(i)), obs_scratch_.copy(attributes.value(i)));
    }
  }

  /// 2.1: with explicit measures the type of an Obs is the value of the measure dimension:
  /// xsi:type="ns1:LEXP", which fixes type="LEXP" (SDMX 2.1 section 3A).
  void explicit_measure(const Attributes& attributes) {
    std::string_view type = attributes.get("type");
    for (std::size_t i = 0; i < attributes.size() && !type.data(); ++i)
      if (attributes.local(i) == type_ && attributes.qualified(i)) {
        type = trim(attributes.value(i));
        type.remove_prefix(type.find(':') + 1);
      }
    if (!type.data()) return;
    for (std::size_t i = 0; i < attributes.size(); ++i)
      if (!attributes.qualified(i) && attributes.value(i) == type &&
          view(attributes.local(i)) == flow_->components[measure_dimension_].id)
        return;  // said twice, and the same
    row_component({nullptr, measure_dimension_, Use::kKey}, "xsi:type", obs_scratch_.copy(type));
  }

  const NameCache::Entry& obs_entry(const Attributes& attributes, std::size_t i) {
    static constexpr NameCache::Entry foreign{};
    if (attributes.qualified(i)) return foreign;
    if (!direct_ && obs_level_ == Level::kFlatObs)
      return flat_names_.find(attributes.local(i), i,
                              [&](const xmlChar* name) { return entry_of(name, obs_level_); });
    return obs_names_.find(attributes.local(i), i,
                           [&](const xmlChar* name) { return entry_of(name, Level::kObs); });
  }

  void obs_other(const NameCache::Entry& entry, const Attributes& attributes, std::size_t i) {
    if (attributes.qualified(i))
      foreign_attribute(attributes, i);
    else if (measure_dimension_ == kNoComponent || attributes.local(i) != type_)
      misplaced(entry, view(attributes.local(i)));
  }

  /// A value of an observation that says its own key.
  void row_component(const NameCache::Entry& entry, std::string_view name, std::string_view value) {
    switch (entry.use) {
      case Use::kKey:
        if (obs_key_[entry.component].data()) return twice(name);
        obs_key_[entry.component] = value;
        return;
      case Use::kTime:
        if (obs_time_.data()) return twice(name);
        obs_time_ = value;
        return;
      case Use::kColumn:
        for (const RowValue& known : obs_values_)
          if (known.component == entry.component) return twice(name);
        obs_values_.push_back({entry.component, value, obs_at_});
        return;
      case Use::kRunAttribute:
        for (const RowValue& known : obs_attributes_)
          if (known.component == entry.component) return twice(name);
        obs_attributes_.push_back({entry.component, value, obs_at_});
        return;
      default:
        misplaced(entry, name);
    }
  }

  void start_in_obs(const xmlChar* local, const xmlChar* uri, const Attributes& attributes) {
    const std::string_view name = view(local);
    const bool flat = !in_series_;
    if (v30() && local == comp_name_ && !uri) {
      start_comp(attributes, direct_ ? Level::kObs : obs_level_);
    } else if (!generic_ || uri != payload_uri_) {
      pass_over(local, uri, {});
    } else if (v20() && name == "Time") {
      step_in_obs(1, local);
      begin_text(Place::kTime);
    } else if (!v20() && name == (flat ? "ObsKey" : "ObsDimension")) {
      step_in_obs(1, local);
      if (flat) {
        only(attributes);
        place_ = Place::kObsKey;
      } else {
        leaf(Place::kObs);
        obs_dimension(attributes);
      }
    } else if (name == "ObsValue") {
      step_in_obs(2, local);
      leaf(Place::kObs);
      only(attributes, "id", "value");
      if (flow_ && flow_->measure != kNoComponent)
        obs_component({nullptr, flow_->measure, Use::kColumn}, "ObsValue", value_of(attributes));
    } else if (local == attributes_) {
      step_in_obs(3, local);
      only(attributes);
      place_ = Place::kObsAttributes;
    } else {
      pass_over(local, uri,
                flat ? "ObsKey, ObsValue, Attributes" : "ObsDimension, ObsValue, Attributes");
    }
  }

  void step_in_obs(int step, const xmlChar* local) {
    if (step <= obs_step_) misordered(local);
    obs_step_ = std::max(obs_step_, step);
  }

  /// The id of ObsDimension is optional, and "CURRENY" in the standard's own samples: the header's
  /// dimensionAtObservation decides.
  void obs_dimension(const Attributes& attributes) {
    const std::uint16_t at = placement_.at_observation;
    if (!flow_) return;
    only(attributes, "id", "value");
    if (at == kNoComponent) return;
    obs_component({nullptr, at, at == flow_->time ? Use::kTime : Use::kKey}, "ObsDimension",
                  value_of(attributes));
  }

  /// 2.0: <Time>2000-01</Time>.
  void end_time() {
    if (!flow_) return;
    if (flow_->time == kNoComponent)
      misplaced({}, "Time");
    else
      obs_component({nullptr, flow_->time, Use::kTime}, "Time", trim(text_));
  }

  void end_obs() {
    if (!flow_) return;
    if (parts_deleted_ && deletes_attributes_alone()) {
      // 3.0: only these attributes are to go, not the observation. Nobody can do that here.
      report(rules::unsupported_message, "Obs", "Delete");
    }
    if (direct_) return;
    builder_.add_row(obs_key_, obs_time_, obs_values_, obs_attributes_, obs_at_, conflicts_);
    for (const RowValue& conflict : conflicts_) {
      Finding finding =
          make(rules::attribute_conflict, flow_->components[conflict.component].id, conflict.value);
      finding.at = conflict.at;
      finding.series = flow_->series_key(obs_key_);
      sink_.add(std::move(finding));
    }
  }

  bool deletes_attributes_alone() const {
    bool attribute = false;
    for (std::uint16_t c = 0; c < flow_->components.size(); ++c) {
      const ComponentKind kind = flow_->components[c].kind;
      const bool given =
          direct_ ? builder_.is_set(c)
                  : std::any_of(obs_values_.begin(), obs_values_.end(),
                                [&](const RowValue& value) { return value.component == c; });
      if (given && kind == ComponentKind::kMeasure) return false;
      attribute = attribute || (given && kind == ComponentKind::kAttribute);
    }
    return attribute;
  }

  // ---- generic values

  /// generic:Value with id (2.0: concept) and value, wherever it stands.
  void component_value(const Attributes& attributes) {
    if (!flow_) return;
    std::string_view id = attributes.get(v20() ? "concept" : "id");
    if (attributes.size() != 2 || !id.data() || !attributes.get("value").data())
      only(attributes, "id", "value");
    std::uint16_t component = find_component(trim(id));
    Level level = Level::kObs;
    if (place_ == Place::kGroupKey || place_ == Place::kGroupAttributes) level = Level::kGroup;
    if (place_ == Place::kSeriesKey || place_ == Place::kSeriesAttributes) level = Level::kSeries;
    if (place_ == Place::kDatasetAttributes) level = Level::kDataset;
    NameCache::Entry entry{nullptr, component, use_at(component, level)};
    // A dimension among the attributes, or the other way round.
    const bool key_place =
        place_ == Place::kGroupKey || place_ == Place::kSeriesKey || place_ == Place::kObsKey;
    const bool key_use = entry.use == Use::kKey || entry.use == Use::kTime;
    const bool measure =
        component != kNoComponent && flow_->components[component].kind == ComponentKind::kMeasure;
    if (entry.use != Use::kUnknown && (key_place != key_use || measure))
      entry.use = Use::kWrongLevel;
    std::string_view value = value_of(attributes);
    switch (level) {
      case Level::kDataset:
        if (entry.use == Use::kDatasetAttribute)
          builder_.dataset_attribute(component, value, here());
        else
          misplaced(entry, id);
        return;
      case Level::kGroup:
        if (current_group_) group_component(entry, id, value, here());
        return;
      case Level::kSeries:
        series_component(entry, id, value);
        return;
      default:
        obs_component(entry, id, value);
        return;
    }
  }

  /// What says something in a place where generic data say nothing, which would be lost unseen.
  void only(const Attributes& attributes, std::string_view one = {}, std::string_view other = {}) {
    if (v20()) return;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      std::string_view name = view(attributes.local(i));
      if (attributes.qualified(i))
        foreign_attribute(attributes, i);
      else if (name != one && name != other)
        report(rules::unknown_component, name, attributes.value(i));
    }
  }

  /// The schema requires `value`; a Value without one is the same as an empty one, which validation
  /// judges.
  static std::string_view value_of(const Attributes& attributes) {
    std::string_view value = attributes.get("value");
    return value.data() ? value : std::string_view("");
  }

  void series_component(const NameCache::Entry& entry, std::string_view id,
                        std::string_view value) {
    switch (entry.use) {
      case Use::kKey:
        if (key_[entry.component].data()) return twice(id);
        key_[entry.component] = scratch_.copy(value);
        return;
      case Use::kTime:
        if (series_time_.data()) return twice(id);
        series_time_ = scratch_.copy(value);
        return;
      case Use::kRunAttribute:
        for (const RowValue& known : series_attributes_)
          if (known.component == entry.component) return twice(id);
        series_attributes_.push_back({entry.component, scratch_.copy(value), here()});
        return;
      default:
        misplaced(entry, id);
    }
  }

  void obs_component(const NameCache::Entry& entry, std::string_view id, std::string_view value) {
    if (!direct_) {
      if (entry.use == Use::kUnknown || entry.use == Use::kWrongLevel)
        misplaced(entry, id);
      else
        row_component(entry, id, obs_scratch_.copy(value));
    } else if (entry.use == Use::kTime) {
      if (builder_.time_is_set()) return twice(id);
      builder_.set_time(value);
    } else if (entry.use == Use::kColumn) {
      if (!builder_.set(entry.component, value)) twice(id);
    } else {
      misplaced(entry, id);
    }
  }

  void leaf(Place back) {
    leaf_in_ = back;
    place_ = Place::kLeaf;
  }

  // ---- findings

  void misplaced(const NameCache::Entry& entry, std::string_view name) {
    MlReaderCore::misplaced(
        entry.component, name,
        in_series_ ? std::span<const std::string_view>(key_) : std::span<const std::string_view>());
  }

  /// A qualified attribute of a Series or an Obs: xsi:type is allowed (and means explicit measures,
  /// which the header declares), anything else is not.
  void foreign_attribute(const Attributes& attributes, std::size_t i) {
    static constexpr std::array<std::string_view, 4> of_instance = {"type", "nil", "schemaLocation",
                                                                    "noNamespaceSchemaLocation"};
    const bool instance =
        attributes.uri(i) == xsi_uri_ && std::find(of_instance.begin(), of_instance.end(),
                                                   view(attributes.local(i))) != of_instance.end();
    // In 3.0 a series, group or observation may have an action of its own.
    const bool own = attributes.uri(i) == specific_uri_ && (v20() || v30());
    if (instance || own || !attributes.uri(i)) return;
    report(rules::unknown_component,
           std::string(attributes.prefix(i)) + ":" + std::string(view(attributes.local(i))), {});
  }

  // names and namespaces as unique pointers; payload_uri_ is null where elements are unqualified
  const xmlChar *specific_uri_, *payload_uri_;
  const xmlChar *obs_, *series_, *group_, *dataset_, *annotations_, *provider_, *value_,
      *attributes_, *type_, *atts_, *comp_name_, *metadata_;
  bool generic_ = false, compact_ = false, time_series_only_ = false;

  // where we are
  Place place_ = Place::kMessage, leaf_in_ = Place::kMessage;
  std::string text_;  ///< of the element whose text is wanted
  bool text_too_long_ = false;

  // the dataset
  Placement placement_;
  std::uint16_t measure_dimension_ = kNoComponent;  ///< whose values are the types of Obs
  Phase phase_ = Phase::kAnnotations;
  bool mixed_reported_ = false;
  bool parts_deleted_ = false;  ///< 3.0's Delete, which may be of attributes alone
  NameCache obs_names_, flat_names_, series_names_;
  // 2.0
  bool structure_pending_ = false;
  std::string_view space_;  ///< the namespace of the DataSet element
  KeyFamilyNames named_;

  // the group, or the partial key
  const FlowGroup* current_group_ = nullptr;
  bool group_pending_ = false;
  Position group_at_;
  std::vector<std::string_view> group_key_;
  std::vector<RowValue> group_attributes_;
  std::vector<std::string_view> atts_key_;
  std::string_view atts_time_;
  std::vector<RowValue> atts_values_;

  // the series
  Place series_in_ = Place::kDataSet;
  bool in_series_ = false, run_begun_ = false;
  int series_step_ = 0;  ///< generic: 1 key, 2 attributes; 3 observations
  Position series_at_;
  std::vector<std::string_view> key_;
  std::vector<RowValue> series_attributes_;
  std::string_view series_time_;
  Arena scratch_;  ///< texts of the group or series while it is read

  // the observation
  bool direct_ = false;  ///< goes straight into the batch
  Level obs_level_ = Level::kObs;
  int obs_step_ = 0;
  Position obs_at_;
  std::vector<std::string_view> obs_key_;
  std::string_view obs_time_;
  std::vector<RowValue> obs_values_, obs_attributes_, conflicts_;
  Arena obs_scratch_;

  // the component that is an element
  Place comp_in_ = Place::kObs;
  std::string comp_id_, lang_;
  NameCache::Entry comp_;
  Position comp_at_;
  MultiText multi_;
  std::size_t value_texts_ = 0;
  bool in_structured_ = false;
};

}  // namespace

bool reads_ml_data(const Detection& detection) {
  auto is = [&](auto... roots) { return ((detection.root == roots) || ...); };
  if (detection.version == "2.0") return is("CompactData", "GenericData", "CrossSectionalData");
  if (detection.version == "2.1")
    return is("GenericData", "GenericTimeSeriesData", "StructureSpecificData",
              "StructureSpecificTimeSeriesData");
  return (detection.version == "3.0" || detection.version == "3.1") && is("StructureSpecificData");
}

std::unique_ptr<DataReader> open_ml_data(ByteSource& bytes, const Detection& detection,
                                         const StructureLookup& structures, FindingSink& sink,
                                         const Limits& limits) {
  if (detection.root == "CrossSectionalData")
    return open_ml_cross_data(bytes, detection, structures, sink, limits);
  return std::make_unique<MlDataReader>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost::sdmx
