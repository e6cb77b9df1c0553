// SPDX-License-Identifier: Apache-2.0
//
// The elements, from the XSDs of SDMX-ML 2.1 (structure-specific | generic):
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
// Three layouts, by the header's dimensionAtObservation: a time series keeps all dimensions but
// time at the Series; a cross-section keeps all but one other dimension there, time among them;
// flat data (AllDimensions) have no Series. In the last two every Obs may have a key of its own and
// becomes a row for the batch builder.
#include "sdmx/ml_data_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sdmx/batch_builder.h"
#include "sdmx/header_reader.h"
#include "sdmx/resolve.h"
#include "sdmx/utf8_input.h"
#include "sdmx/xml_push.h"

namespace focalpost::sdmx {
namespace {

constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";
/// So many unknown names are listed and passed over; a file with more is another kind of file.
constexpr std::size_t kUnknownElements = 100;

enum class Level : std::uint8_t { kDataset, kGroup, kSeries, kObs };
enum class Layout : std::uint8_t { kTimeSeries, kCross, kFlat };
/// What a component is good for at the place where it was found.
enum class Use : std::uint8_t {
  kKey,
  kTime,
  kColumn,
  kRunAttribute,
  kDatasetAttribute,
  kGroupAttribute,
  kWrongLevel,
  kUnknown
};
enum class Place : std::uint8_t {
  kMessage,
  kHeader,
  kDataSet,
  kProvider,
  kGroup,
  kSeries,
  kObs,
  kFooter,
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

std::string_view level_name(const FlowStructure& flow, const FlowComponent& component) {
  using Kind = AttributeRelationship::Kind;
  if (component.kind == ComponentKind::kMeasure) return "observation";
  if (component.kind != ComponentKind::kAttribute)
    return &component == flow.components.data() + flow.time ? "observation" : "series";
  switch (component.level) {
    case Kind::kDataset:
      return "dataset";
    case Kind::kDimensions:
      return "series";
    case Kind::kGroup:
      return component.group;
    case Kind::kObservation:
      return "observation";
  }
  return "";
}

/// What the attribute names of one level mean, by the parser's unique name pointers. The n-th
/// attribute of a tag is mostly the one that was n-th the last time.
class NameCache {
 public:
  struct Entry {
    const xmlChar* name = nullptr;
    std::uint16_t component = kNoComponent;
    Use use = Use::kUnknown;
  };
  void clear() {
    entries_.clear();
    order_.clear();
  }
  template <typename Make>
  const Entry& find(const xmlChar* name, std::size_t place, Make make) {
    if (place < order_.size()) {
      const Entry& likely = entries_[order_[place]];
      if (likely.name == name) return likely;
    } else {
      order_.resize(place + 1, 0);
    }
    std::size_t i = 0;
    while (i < entries_.size() && entries_[i].name != name) ++i;
    if (i == entries_.size()) {
      // Names that no DSD has are not worth remembering without end.
      if (i >= 1024) return other_ = make(name);
      entries_.push_back(make(name));
    }
    order_[place] = static_cast<std::uint16_t>(i);
    return entries_[i];
  }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint16_t> order_;
  Entry other_;
};

class MlDataReader final : public DataReader, public XmlPushOf<MlDataReader> {
 public:
  MlDataReader(ByteSource& bytes, const Detection& detection, const StructureLookup& lookup,
               FindingSink& sink, const Limits& limits)
      : XmlPushOf(limits),
        input_(bytes, detection),
        lookup_(lookup),
        sink_(sink),
        header_(message_, sink, limits, true) {
    message_.format = "sdmx-ml";
    message_.version = detection.version;
    message_.root = detection.root;
    generic_ = detection.root.starts_with("Generic");
    time_series_only_ = detection.root.ends_with("TimeSeriesData");
    const std::string base = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/";
    message_uri_ = intern(base + "message");
    footer_uri_ = intern(base + "message/footer");
    common_uri_ = intern(base + "common");
    specific_uri_ = intern(base + "data/structurespecific");
    payload_uri_ = generic_ ? intern(base + "data/generic") : nullptr;
    xsi_uri_ = intern(kXsi);
    obs_ = intern("Obs");
    series_ = intern("Series");
    group_ = intern("Group");
    dataset_ = intern("DataSet");
    annotations_ = intern("Annotations");
    provider_ = intern("DataProvider");
    value_ = intern("Value");
    attributes_ = intern("Attributes");
    type_ = intern("type");
  }

  Result<ObservationBatch*> next() override {
    while (!builder_.ready() && !done_) {
      FP_ASSIGN(auto text, input_.next());
      // In slices: many tiny datasets in one piece would each want a batch at the same time.
      for (std::size_t at = 0; at < text.size() && !stopped(); at += kSlice)
        feed(text.subspan(at, std::min(kSlice, text.size() - at)));
      if (text.empty() || stopped()) finish_reading();
    }
    return builder_.take();
  }
  const DataMessage& message() const override { return message_; }

 private:
  friend class XmlPushOf<MlDataReader>;
  static constexpr std::size_t kSlice = 32 * 1024;

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
        if (view(local) == "Ref" && !uri && in_known_dataset())
          head().provider = shorten(attributes.get("id"), 200);
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
      case Place::kGroupKey:
      case Place::kSeriesKey:
      case Place::kObsKey:
      case Place::kDatasetAttributes:
      case Place::kGroupAttributes:
      case Place::kSeriesAttributes:
      case Place::kObsAttributes:
        if (local == value_ && uri == payload_uri_)
          component_value(attributes);
        else
          unknown(local, "Value");
        skip_ = 1;
        break;
      case Place::kFooter:
        footer(local, attributes);
        break;
      case Place::kLeaf:
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
        end_dataset();
        place_ = Place::kMessage;
        break;
      case Place::kProvider:
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
        place_ = Place::kDataSet;
        break;
      case Place::kObs:
        end_obs();
        place_ = in_series_ ? Place::kSeries : Place::kDataSet;
        break;
      case Place::kGroupKey:
      case Place::kGroupAttributes:
        place_ = Place::kGroup;
        break;
      case Place::kSeriesKey:
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
    if (skip_ > 0 || place_ == Place::kFooter) return;
    if (place_ == Place::kHeader) {
      header_.characters(text, here());
      return;
    }
    if (is_blank(text)) return;
    // libxml2 may give one text in pieces; what counts is that there is one.
    Position at = here();
    if (at.line == last_text_line_) return;
    last_text_line_ = at.line;
    report(rules::unexpected_text, {}, trim(text));
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
      if (uri != message_uri_) {
        // QUIRK: DataSet belongs to the message namespace; Eurostat's dissemination puts it into
        // the one of the DSD (<ns1:DataSet>), some tools into the payload's.
        bool known_space = uri == specific_uri_ || (payload_uri_ && uri == payload_uri_) || !uri;
        for (const HeaderStructure& structure : header_.structures())
          known_space = known_space || (uri && view(uri) == structure.space);
        if (!known_space) {
          unknown(local, "message:DataSet");
          skip_ = 1;
          return;
        }
        report(rules::header_quirk, "DataSet", view(uri), "message:DataSet");
      }
      start_dataset(attributes);
    } else if (name == "Footer" && uri == footer_uri_) {
      place_ = Place::kFooter;
    } else {
      unknown(local, "Header, DataSet");
      skip_ = 1;
    }
  }

  /// What the sender's own service said about this message (SDMXMessageFooter.xsd).
  void footer(const xmlChar* local, const Attributes& attributes) {
    if (view(local) != "Message" || attributes.get("severity") != "Error") return;
    report(rules::header_value, "Footer", attributes.get("code"), {}, "severity=\"Error\"");
  }

  void start_dataset(const Attributes& attributes) {
    if (message_.datasets.size() >= limits_.datasets) {
      stop(rules::too_many_datasets, {}, std::to_string(limits_.datasets));
      return;
    }
    place_ = Place::kDataSet;
    dataset_index_ = static_cast<std::uint32_t>(message_.datasets.size());
    DatasetHead& dataset = message_.datasets.emplace_back();
    dataset.at = here();
    flow_.reset();
    phase_ = Phase::kAnnotations;
    mixed_reported_ = order_reported_ = in_series_ = false;
    const HeaderStructure* structure = header_structure(attributes);
    dataset.action = action_of(attributes, dataset.action_given);
    dataset.provider = header_.provider();
    auto either = [&](std::string_view name, const std::string& otherwise) {
      std::string_view text = set_attribute(attributes, name, false);
      return std::string(text.data() ? std::string_view(text).substr(0, 80)
                                     : std::string_view(otherwise));
    };
    dataset.reporting_begin = either("reportingBeginDate", header_.reporting_begin());
    dataset.reporting_end = either("reportingEndDate", header_.reporting_end());
    dataset.valid_from = either("validFromDate", {});
    dataset.valid_to = either("validToDate", {});
    if (!structure || structure->ref.empty()) return;
    dataset.structure = structure->ref;
    dataset.structure_class = structure->structure_class;
    if (structure->explicit_measures) {
      report(rules::unsupported_message, "explicitMeasures", "true");
      return;
    }
    flow_ = resolve_structure(lookup_, structure->structure_class, structure->ref, dataset_index_,
                              dataset.at, sink_);
    if (!flow_) return;
    dataset.flow = flow_;
    choose_layout(*structure);
    obs_names_.clear();
    series_names_.clear();
    key_.assign(flow_->dimension_count, {});
    obs_key_.assign(flow_->dimension_count, {});
    builder_.begin_dataset(dataset_index_, flow_);
    dataset_components(attributes);
  }

  /// structureRef and its like: in the structure-specific namespace, or unqualified in generic
  /// data.
  std::string_view set_attribute(const Attributes& attributes, std::string_view name,
                                 bool quirk = true) {
    std::string_view plain = attributes.get(name);
    if (generic_) return plain;
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

  Action action_of(const Attributes& attributes, bool& given) {
    std::string_view text = set_attribute(attributes, "action");
    if (!text.data()) text = header_.action();
    given = !text.empty();
    if (text.empty()) return Action::kReplace;
    for (Action action : {Action::kReplace, Action::kAppend, Action::kDelete, Action::kInformation})
      if (text == action_name(action)) return action;
    report(rules::unknown_action, "action", text, "Replace, Append, Delete, Information");
    return Action::kInformation;
  }

  void choose_layout(const HeaderStructure& structure) {
    const std::string& at = structure.dimension_at_observation;
    at_observation_ = flow_->time;
    layout_ = flow_->time == kNoComponent ? Layout::kFlat : Layout::kTimeSeries;
    if (at.empty()) return;  // the header's finding said so
    std::uint16_t component = flow_->find(at);
    if (at == "AllDimensions") {
      layout_ = Layout::kFlat;
    } else if (component < flow_->dimension_count) {
      layout_ = Layout::kCross;
      at_observation_ = component;
    } else if (component != flow_->time || component == kNoComponent) {
      report(rules::header_value, "dimensionAtObservation", at);
    }
    if (time_series_only_ && layout_ != Layout::kTimeSeries)
      report(rules::header_value, "dimensionAtObservation", at, "TIME_PERIOD");
  }

  void end_dataset() {
    if (!flow_) return;
    if (builder_.empty_dataset()) report(rules::no_observation, {}, {});
    builder_.end_dataset();
    flow_.reset();
  }

  // ---- the dataset

  enum class Phase : std::uint8_t { kAnnotations, kProvider, kAttributes, kGroups, kData };

  /// Elements come in the order of the schema; reported once for a dataset.
  void in_order(Phase phase, const xmlChar* local) {
    if (phase < phase_ && !order_reported_) {
      order_reported_ = true;
      report(rules::unknown_element, view(local), {}, {}, "order");
    }
    phase_ = std::max(phase_, phase);
  }

  void start_in_dataset(const xmlChar* local, const xmlChar* uri, const Attributes& attributes) {
    if (local == annotations_ && uri == common_uri_) {
      in_order(Phase::kAnnotations, local);
      skip_ = 1;
    } else if (local == provider_ && uri == payload_uri_) {
      in_order(Phase::kProvider, local);
      place_ = Place::kProvider;
    } else if (generic_ && local == attributes_ && uri == payload_uri_) {
      in_order(Phase::kAttributes, local);
      place_ = Place::kDatasetAttributes;
    } else if (local == group_ && uri == payload_uri_) {
      in_order(Phase::kGroups, local);
      start_group(attributes);
    } else if (local == series_ && uri == payload_uri_) {
      in_order(Phase::kData, local);
      start_series(attributes);
    } else {
      unknown(local, "Group, Series, Obs");
      skip_ = 1;
    }
  }

  void dataset_components(const Attributes& attributes) {
    if (generic_) return;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      std::string_view name = view(attributes.local(i));
      if (attributes.qualified(i)) continue;
      static constexpr std::array<std::string_view, 8> set_names = {
          "structureRef",     "setID",         "action",      "reportingBeginDate",
          "reportingEndDate", "validFromDate", "validToDate", "dataScope"};
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

  NameCache::Entry entry_of(const xmlChar* name, Level level) const {
    std::uint16_t component = flow_->find(view(name));
    return {name, component, component == kNoComponent ? Use::kUnknown : use_of(component, level)};
  }

  Use use_of(std::uint16_t c, Level level) const {
    using Kind = AttributeRelationship::Kind;
    const FlowComponent& component = flow_->components[c];
    const bool attribute = component.kind == ComponentKind::kAttribute;
    switch (level) {
      case Level::kDataset:
        return attribute && component.level == Kind::kDataset ? Use::kDatasetAttribute
                                                              : Use::kWrongLevel;
      case Level::kGroup:
        if (c < flow_->dimension_count) return Use::kKey;
        return attribute && group_holds(component) ? Use::kGroupAttribute : Use::kWrongLevel;
      case Level::kSeries:
        if (attribute)
          return component.level == Kind::kDimensions && !hangs_on_observation(component)
                     ? Use::kRunAttribute
                     : Use::kWrongLevel;
        if (c < flow_->dimension_count)
          return layout_ == Layout::kCross && c == at_observation_ ? Use::kWrongLevel : Use::kKey;
        return c == flow_->time && layout_ == Layout::kCross ? Use::kTime : Use::kWrongLevel;
      case Level::kObs:
        if (attribute) {
          if (component.level == Kind::kObservation) return Use::kColumn;
          return component.level == Kind::kDimensions && hangs_on_observation(component)
                     ? Use::kRunAttribute
                     : Use::kWrongLevel;
        }
        if (c < flow_->dimension_count) {
          bool here =
              layout_ == Layout::kFlat || (layout_ == Layout::kCross && c == at_observation_);
          return here ? Use::kKey : Use::kWrongLevel;
        }
        if (c == flow_->time) return layout_ == Layout::kCross ? Use::kWrongLevel : Use::kTime;
        return Use::kColumn;
    }
    return Use::kWrongLevel;
  }

  /// An attribute of some dimensions stands where the last of them does: at the Obs if the
  /// dimension at the observation is one of them, and always in flat data.
  bool hangs_on_observation(const FlowComponent& component) const {
    if (layout_ == Layout::kFlat) return true;
    return layout_ == Layout::kCross &&
           std::find(component.dimensions.begin(), component.dimensions.end(), at_observation_) !=
               component.dimensions.end();
  }

  bool group_holds(const FlowComponent& component) const {
    using Kind = AttributeRelationship::Kind;
    if (!current_group_) return false;
    if (component.level == Kind::kGroup) return component.group == current_group_->id;
    if (component.level != Kind::kDimensions) return false;
    // Attributes of dimensions may be reported at a group that is named as their AttachmentGroup or
    // has just these dimensions.
    return component.group == current_group_->id ||
           component.dimensions == current_group_->dimensions;
  }

  // ---- groups

  void start_group(const Attributes& attributes) {
    place_ = Place::kGroup;
    current_group_ = nullptr;
    group_at_ = here();
    group_attributes_.clear();
    scratch_.clear();
    if (!flow_) return;
    std::string_view type = attributes.get("type");
    if (!generic_) {
      // xsi:type="ns1:Sibling": the type's name is the group's id (SDMX 2.1 section 3A).
      for (std::size_t i = 0; i < attributes.size(); ++i)
        if (attributes.local(i) == type_ && attributes.qualified(i)) type = attributes.value(i);
      type = type.substr(type.find(':') + 1);
    }
    current_group_ = flow_->find_group(trim(type));
    if (!current_group_) {
      std::vector<std::string_view> known;
      for (const FlowGroup& group : flow_->groups) known.push_back(group.id);
      Finding finding = make(rules::unknown_group, "Group", type);
      finding.suggestions = nearest(type, known);
      sink_.add(std::move(finding));
      return;
    }
    group_key_.assign(flow_->dimension_count, {});
    if (generic_) return;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes.qualified(i)) continue;
      if (attributes.local(i) == type_ && flow_->find("type") == kNoComponent) continue;
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

  void start_in_group(const xmlChar* local, const xmlChar* uri, const Attributes&) {
    const std::string_view name = view(local);
    if (local == annotations_ && uri == common_uri_) {
      skip_ = 1;
    } else if (generic_ && uri == payload_uri_ && name == "GroupKey") {
      place_ = Place::kGroupKey;
    } else if (generic_ && uri == payload_uri_ && local == attributes_) {
      place_ = Place::kGroupAttributes;
    } else {
      unknown(local, {});
      skip_ = 1;
    }
  }

  void end_group() {
    if (!flow_ || !current_group_) return;
    auto number = static_cast<std::uint16_t>(current_group_ - flow_->groups.data());
    builder_.group(number, group_key_, group_attributes_, group_at_);
    current_group_ = nullptr;
  }

  // ---- series

  void start_series(const Attributes& attributes) {
    place_ = Place::kSeries;
    in_series_ = true;
    if (!flow_) return;
    if (layout_ == Layout::kFlat && !mixed_reported_) {
      mixed_reported_ = true;
      report(rules::unknown_element, "Series", {}, "Obs");
    }
    series_at_ = here();
    run_begun_ = false;
    series_step_ = 0;
    std::fill(key_.begin(), key_.end(), std::string_view());
    series_attributes_.clear();
    series_time_ = {};
    if (generic_ || layout_ != Layout::kTimeSeries) scratch_.clear();
    if (generic_) return;
    const bool direct = layout_ == Layout::kTimeSeries;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes.qualified(i)) {
        foreign_attribute(attributes, i);
        continue;
      }
      NameCache::Entry entry = series_names_.find(attributes.local(i), i, [&](const xmlChar* name) {
        return entry_of(name, Level::kSeries);
      });
      // In time series the builder copies the values before this call returns.
      std::string_view value = direct ? attributes.value(i) : scratch_.copy(attributes.value(i));
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
    if (direct) begin_run();
  }

  void begin_run() {
    if (run_begun_) return;
    run_begun_ = true;
    builder_.begin_run(key_, series_at_);
    for (const RowValue& attribute : series_attributes_)
      builder_.run_attribute(attribute.component, attribute.value, attribute.at);
    series_attributes_.clear();
  }

  void start_in_series(const xmlChar* local, const xmlChar* uri, const Attributes&) {
    const std::string_view name = view(local);
    if (local == annotations_ && uri == common_uri_) {
      skip_ = 1;
    } else if (generic_ && uri == payload_uri_ && name == "SeriesKey") {
      if (series_step_ > 0) misordered(local);
      series_step_ = 1;
      place_ = Place::kSeriesKey;
    } else if (generic_ && uri == payload_uri_ && local == attributes_) {
      if (series_step_ != 1) misordered(local);
      series_step_ = 2;
      place_ = Place::kSeriesAttributes;
    } else {
      unknown(local, "Obs");
      skip_ = 1;
    }
  }

  void end_series() {
    in_series_ = false;
    if (!flow_) return;
    if (layout_ == Layout::kTimeSeries) {
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
    if (in_series != (layout_ != Layout::kFlat) && !mixed_reported_) {
      mixed_reported_ = true;
      report(rules::unknown_element, "Obs", {}, in_series ? "DataSet/Obs" : "Series/Obs");
    }
    if (!in_series) phase_ = Phase::kData;
    series_step_ = 3;
    obs_at_ = at;
    obs_step_ = 0;
    direct_ = in_series && layout_ == Layout::kTimeSeries;
    if (direct_) {
      if (!run_begun_) begin_run();
      builder_.add_observation(at);
      if (generic_) return;
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
    obs_values_.clear();
    obs_attributes_ = in_series ? series_attributes_ : std::vector<RowValue>();
    obs_scratch_.clear();
    if (generic_) return;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      const NameCache::Entry& entry = obs_entry(attributes, i);
      if (entry.use == Use::kUnknown || entry.use == Use::kWrongLevel)
        obs_other(entry, attributes, i);
      else
        row_component(entry, view(attributes.local(i)), obs_scratch_.copy(attributes.value(i)));
    }
  }

  const NameCache::Entry& obs_entry(const Attributes& attributes, std::size_t i) {
    static constexpr NameCache::Entry foreign{};
    if (attributes.qualified(i)) return foreign;
    return obs_names_.find(attributes.local(i), i,
                           [&](const xmlChar* name) { return entry_of(name, Level::kObs); });
  }

  void obs_other(const NameCache::Entry& entry, const Attributes& attributes, std::size_t i) {
    if (attributes.qualified(i))
      foreign_attribute(attributes, i);
    else
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
    if (local == annotations_ && uri == common_uri_) {
      skip_ = 1;
      return;
    }
    const bool flat = !in_series_;
    if (!generic_ || uri != payload_uri_) {
      unknown(local, {});
      skip_ = 1;
    } else if (name == (flat ? "ObsKey" : "ObsDimension")) {
      step_in_obs(1, local);
      if (flat) {
        place_ = Place::kObsKey;
      } else {
        leaf(Place::kObs);
        obs_dimension(attributes);
      }
    } else if (name == "ObsValue") {
      step_in_obs(2, local);
      leaf(Place::kObs);
      if (flow_ && flow_->measure != kNoComponent)
        obs_component({nullptr, flow_->measure, Use::kColumn}, "ObsValue", attributes);
    } else if (local == attributes_) {
      step_in_obs(3, local);
      place_ = Place::kObsAttributes;
    } else {
      unknown(local, flat ? "ObsKey, ObsValue, Attributes" : "ObsDimension, ObsValue, Attributes");
      skip_ = 1;
    }
  }

  void step_in_obs(int step, const xmlChar* local) {
    if (step <= obs_step_) misordered(local);
    obs_step_ = std::max(obs_step_, step);
  }

  /// The id of ObsDimension is optional, and "CURRENY" in the standard's own samples: the header's
  /// dimensionAtObservation decides.
  void obs_dimension(const Attributes& attributes) {
    if (!flow_) return;
    Use use = at_observation_ == flow_->time ? Use::kTime : Use::kKey;
    if (at_observation_ == kNoComponent) return;
    obs_component({nullptr, at_observation_, use}, "ObsDimension", attributes);
  }

  void end_obs() {
    if (!flow_ || direct_) return;
    builder_.add_row(obs_key_, obs_time_, obs_values_, obs_attributes_, obs_at_, conflicts_);
    for (const RowValue& conflict : conflicts_) {
      Finding finding =
          make(rules::attribute_conflict, flow_->components[conflict.component].id, conflict.value);
      finding.at = conflict.at;
      finding.series = flow_->series_key(obs_key_);
      sink_.add(std::move(finding));
    }
  }

  // ---- generic values

  /// generic:Value with id and value, wherever it stands.
  void component_value(const Attributes& attributes) {
    if (!flow_) return;
    std::string_view id = attributes.get("id");
    std::uint16_t component = flow_->find(trim(id));
    Level level = Level::kObs;
    if (place_ == Place::kGroupKey || place_ == Place::kGroupAttributes) level = Level::kGroup;
    if (place_ == Place::kSeriesKey || place_ == Place::kSeriesAttributes) level = Level::kSeries;
    if (place_ == Place::kDatasetAttributes) level = Level::kDataset;
    NameCache::Entry entry{nullptr, component, Use::kUnknown};
    if (component != kNoComponent) entry.use = use_of(component, level);
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
      case Level::kObs:
        obs_component(entry, id, attributes);
        return;
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

  void obs_component(const NameCache::Entry& entry, std::string_view id,
                     const Attributes& attributes) {
    std::string_view value = value_of(attributes);
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

  std::uint32_t dataset_here() const {
    bool outside =
        place_ == Place::kMessage || place_ == Place::kHeader || place_ == Place::kFooter;
    return outside ? Finding::kNoDataset : dataset_index_;
  }

  Finding make(const Rule& rule, std::string_view component, std::string_view value) const {
    Finding finding;
    finding.rule = &rule;
    finding.at = here();
    finding.dataset = dataset_here();
    finding.component = shorten(component, 80);
    finding.value = shorten(value, 80);
    return finding;
  }

  void report(const Rule& rule, std::string_view component, std::string_view value,
              std::string_view expected = {}, std::string_view detail = {}) {
    if (!sink_.listing(dataset_here())) return sink_.count(rule, dataset_here());
    Finding finding = make(rule, component, value);
    finding.expected = expected;
    finding.detail = detail;
    sink_.add(std::move(finding));
  }

  void unknown(const xmlChar* local, std::string_view expected) {
    report(rules::unknown_element, view(local), {}, expected);
    if (++unknown_elements_ >= kUnknownElements)
      stop(rules::unsupported_message, shorten(view(local), 80), "unknown-element");
  }

  void misordered(const xmlChar* local) {
    if (order_reported_ || !flow_) return;
    order_reported_ = true;
    report(rules::unknown_element, view(local), {}, {}, "order");
  }

  void twice(std::string_view name) { report(rules::component_twice, name, {}); }

  void misplaced(const NameCache::Entry& entry, std::string_view name) {
    const Rule& rule =
        entry.component == kNoComponent ? rules::unknown_component : rules::wrong_level;
    if (!sink_.listing(dataset_index_)) return sink_.count(rule, dataset_index_);
    Finding finding = make(rule, name, {});
    if (entry.component == kNoComponent) {
      std::vector<std::string_view> known;
      for (const FlowComponent& component : flow_->components) known.push_back(component.id);
      finding.suggestions = nearest(name, known);
    } else {
      finding.expected = level_name(*flow_, flow_->components[entry.component]);
    }
    if (in_series_) finding.series = flow_->series_key(key_);
    sink_.add(std::move(finding));
  }

  /// A qualified attribute of a Series or an Obs: xsi:type is allowed (and means explicit measures,
  /// which the header declares), anything else is not.
  void foreign_attribute(const Attributes& attributes, std::size_t i) {
    if (attributes.uri(i) == xsi_uri_ || attributes.uri(i) == specific_uri_ || !attributes.uri(i))
      return;
    report(rules::unknown_component,
           std::string(attributes.prefix(i)) + ":" + std::string(view(attributes.local(i))), {});
  }

  void finish_reading() {
    done_ = true;
    finish(input_.fault());
    for (const XmlFault& prefix : undeclared_prefixes()) {
      // QUIRK: a prefix without a declaration is a namespace error; "xsi" is forgotten so often,
      // and means so little here, that it is let pass.
      Finding finding;
      finding.rule = prefix.value == "xsi" ? &rules::header_quirk : prefix.rule;
      finding.at = prefix.at;
      finding.component = "xmlns:" + prefix.value;
      finding.detail = prefix.detail;
      sink_.add(std::move(finding));
    }
    if (const auto& broken = fault()) {
      Finding finding;
      finding.rule = broken->rule;
      finding.at = broken->at;
      finding.value = broken->value;
      finding.detail = broken->detail;
      if (input_.fault()) finding.suggestions = input_.fault()->suggestions;
      sink_.add(std::move(finding));
      if (builder_.in_dataset()) builder_.end_dataset();
      return;
    }
    if (!header_seen_) {
      Finding finding;
      finding.rule = &rules::header_incomplete;
      finding.component = "Header";
      sink_.add(std::move(finding));
    }
    if (message_.datasets.empty()) {
      Finding finding;
      finding.rule = &rules::no_dataset;
      sink_.add(std::move(finding));
    }
  }

  DatasetHead& head() { return message_.datasets.back(); }
  bool in_known_dataset() const { return !message_.datasets.empty(); }

  Utf8Input input_;
  const StructureLookup& lookup_;
  FindingSink& sink_;
  DataMessage message_;
  HeaderReader header_;
  BatchBuilder builder_;
  bool done_ = false;

  // names and namespaces as unique pointers; payload_uri_ is null where elements are unqualified
  const xmlChar *message_uri_, *footer_uri_, *common_uri_, *specific_uri_, *payload_uri_, *xsi_uri_;
  const xmlChar *obs_, *series_, *group_, *dataset_, *annotations_, *provider_, *value_,
      *attributes_, *type_;
  bool generic_ = false, time_series_only_ = false;

  // where we are
  Place place_ = Place::kMessage, leaf_in_ = Place::kMessage;
  std::size_t skip_ = 0;  ///< depth below an element that is passed over, that one included
  bool header_seen_ = false;
  std::size_t unknown_elements_ = 0;
  std::uint32_t last_text_line_ = 0;

  // the dataset
  std::uint32_t dataset_index_ = 0;
  std::shared_ptr<const FlowStructure> flow_;  ///< null: the dataset is passed over
  Layout layout_ = Layout::kTimeSeries;
  std::uint16_t at_observation_ = kNoComponent;
  Phase phase_ = Phase::kAnnotations;
  bool order_reported_ = false, mixed_reported_ = false;
  NameCache obs_names_, series_names_;

  // the group
  const FlowGroup* current_group_ = nullptr;
  Position group_at_;
  std::vector<std::string_view> group_key_;
  std::vector<RowValue> group_attributes_;

  // the series
  bool in_series_ = false, run_begun_ = false;
  int series_step_ = 0;  ///< generic: 1 key, 2 attributes, 3 observations
  Position series_at_;
  std::vector<std::string_view> key_;
  std::vector<RowValue> series_attributes_;
  std::string_view series_time_;
  Arena scratch_;  ///< texts of the group or series while it is read

  // the observation
  bool direct_ = false;  ///< goes straight into the batch
  int obs_step_ = 0;
  Position obs_at_;
  std::vector<std::string_view> obs_key_;
  std::string_view obs_time_;
  std::vector<RowValue> obs_values_, obs_attributes_, conflicts_;
  Arena obs_scratch_;
};

}  // namespace

std::unique_ptr<DataReader> open_ml_data(ByteSource& bytes, const Detection& detection,
                                         const StructureLookup& structures, FindingSink& sink,
                                         const Limits& limits) {
  return std::make_unique<MlDataReader>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost::sdmx
