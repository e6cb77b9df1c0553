// SPDX-License-Identifier: Apache-2.0
//
// SDMX-ML 2.0, CrossSectionalData (SDMXCrossSectionalData.xsd and section 3B of the standard):
//
//   message:Header
//   key family's namespace: DataSet
//     Group*      often one per period: the time is an attribute here
//       Section*
//         <measure>*   named after a measure (STOCKS), its value in the attribute `value`
//     or Section*
//
// Any dimension and any attribute may stand at any of the four levels as an XML attribute; what
// the key family says about it (crossSectionalAttach...) is not needed to read it: a value counts
// for all that is below. Each measure is one observation; the element's name is the value of the
// measure dimension, or of the code that the key family gives to this measure (kMeasureAnnotation).
#include "sdmx/ml_cross_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sdmx/key_family.h"
#include "sdmx/ml_reader_core.h"

namespace focalpost::sdmx {
namespace {

class MlCrossReader final : public XmlPushOf<MlCrossReader, MlReaderCore> {
 public:
  MlCrossReader(ByteSource& bytes, const Detection& detection, const StructureLookup& lookup,
                FindingSink& sink, const Limits& limits)
      : XmlPushOf(bytes, detection, lookup, sink, limits) {
    cross_uri_ = sdmx_uri("cross");
  }

 private:
  friend class XmlPushOf<MlCrossReader, MlReaderCore>;

  enum class Place : std::uint8_t { kOutside, kDataSet, kGroup, kSection, kObs };
  enum { kOfDataset, kOfGroup, kOfSection, kOfObs, kLevels };

  // ---- parser events

  void start(const xmlChar* local, const xmlChar* uri, const Attributes& attributes,
             const xmlChar**, int) {
    if (skip_ > 0) {
      ++skip_;
      return;
    }
    const std::string_view name = view(local);
    switch (place_) {
      case Place::kOutside:
        return start_outside(local, uri, attributes);
      case Place::kObs:
        if (name != "Annotations") unknown(local, {});
        skip_ = 1;
        return;
      default:
        break;
    }
    if (name == "Annotations") {
      skip_ = 1;
    } else if (name == "Group" && place_ == Place::kDataSet) {
      open_level(Place::kGroup, kOfGroup, attributes);
    } else if (name == "Section" && place_ != Place::kSection) {
      section_in_ = place_;
      open_level(Place::kSection, kOfSection, attributes);
    } else if (place_ == Place::kSection) {
      start_obs(local, attributes);
    } else {
      unknown(local, place_ == Place::kDataSet ? "Group, Section" : "Section");
      skip_ = 1;
    }
  }

  void end(const xmlChar*, const xmlChar*) {
    if (skip_ > 0) {
      --skip_;
      return;
    }
    switch (place_) {
      case Place::kOutside:
        return end_outside();
      case Place::kDataSet:
        close_dataset();
        place_ = Place::kOutside;
        return;
      case Place::kGroup:
        close_level(kOfGroup);
        place_ = Place::kDataSet;
        return;
      case Place::kSection:
        close_level(kOfSection);
        place_ = section_in_;
        return;
      case Place::kObs:
        place_ = Place::kSection;
        return;
    }
  }

  void characters(std::string_view text) {
    if (place_ == Place::kOutside)
      text_outside(text);
    else if (skip_ == 0)
      stray_text(text);
  }

  // ---- the dataset

  bool dataset_space(const xmlChar* uri) override {
    if (!uri || uri == message_uri_ || uri == cross_uri_)
      // QUIRK: no namespace of the key family's own, see ml_data_reader.
      report(rules::header_quirk, "DataSet", view(uri), "urn:sdmx:...:cross");
    return true;
  }

  void start_dataset(const xmlChar* uri, const Attributes& attributes) override {
    DatasetHead* opened = open_dataset();
    if (!opened) return;
    DatasetHead& dataset = *opened;
    place_ = Place::kDataSet;
    dataset.action = action_of(attributes.get("action"), dataset.action_given);
    take_dates([&](std::string_view name) { return attributes.get(name); });
    use_key_family(take_names20(attributes), view(uri));
    if (!flow_) return;
    for (Values& values : levels_) values.clear(flow_->components.size());
    dataset_texts_.assign(flow_->components.size(), {});
    group_texts_.assign(flow_->groups.size(), {});
    take(kOfDataset, attributes);
  }

  // ---- levels

  struct Values {
    std::vector<std::string_view> text;  ///< by component
    Arena arena;
    void clear(std::size_t components) {
      text.assign(components, {});
      arena.clear();
    }
  };

  void open_level(Place place, int level, const Attributes& attributes) {
    place_ = place;
    if (flow_) take(level, attributes);
  }
  void close_level(int level) {
    if (flow_) levels_[std::size_t(level)].clear(flow_->components.size());
  }

  void take(int level, const Attributes& attributes) {
    Values& values = levels_[std::size_t(level)];
    values.clear(flow_->components.size());
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (attributes.qualified(i)) continue;
      const std::string_view name = view(attributes.local(i));
      if (level == kOfObs && name == "value") continue;
      const std::uint16_t component = find_component(name);
      if (component == kNoComponent) {
        if (level != kOfDataset || !is_set_attribute(name)) misplaced(component, name);
      } else if (flow_->components[component].kind == ComponentKind::kMeasure) {
        misplaced(component, name);
      } else {
        values.text[component] = values.arena.copy(attributes.value(i));
      }
    }
  }

  static bool is_set_attribute(std::string_view name) {
    static constexpr std::array<std::string_view, 14> names = {
        "keyFamilyURI",
        "datasetID",
        "dataProviderSchemeAgencyId",
        "dataProviderID",
        "dataflowAgencyID",
        "dataProviderSchemeId",
        "dataflowID",
        "action",
        "reportingBeginDate",
        "validFromDate",
        "reportingEndDate",
        "validToDate",
        "publicationYear",
        "publicationPeriod",
    };
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  /// The value of a component that counts here: the innermost.
  std::string_view value_of(std::uint16_t component) const {
    for (std::size_t level = kLevels; level-- > 0;)
      if (levels_[level].text[component].data()) return levels_[level].text[component];
    return {};
  }

  // ---- observations

  void start_obs(const xmlChar* local, const Attributes& attributes) {
    place_ = Place::kObs;
    if (!flow_) return;
    take(kOfObs, attributes);
    std::uint16_t measure = flow_->measure;
    if (!measure_named(view(local), measure)) {
      unknown(local, measure_names());
      return;
    }
    const Position at = here();
    key_.assign(flow_->dimension_count, {});
    values_.clear();
    run_values_.clear();
    group_values_.clear();
    for (std::uint16_t c = 0; c < flow_->components.size(); ++c) {
      const std::string_view value = value_of(c);
      if (!value.data()) continue;
      using Kind = AttributeRelationship::Kind;
      const FlowComponent& component = flow_->components[c];
      const RowValue row{c, value, at};
      if (c < flow_->dimension_count)
        key_[c] = value;
      else if (component.kind != ComponentKind::kAttribute)
        continue;  // the time
      else if (component.level == Kind::kDataset)
        dataset_attribute(row);
      else if (component.level == Kind::kDimensions)
        run_values_.push_back(row);
      else if (component.level == Kind::kGroup && flow_->find_group(component.group))
        group_values_.push_back(row);
      else
        values_.push_back(row);
    }
    if (std::string_view value = attributes.get("value"); value.data() && measure != kNoComponent)
      values_.push_back({measure, value, at});
    const std::string_view time =
        flow_->time == kNoComponent ? std::string_view() : value_of(flow_->time);
    builder_.add_row(key_, time, values_, run_values_, at, conflicts_);
    for (const RowValue& conflict : conflicts_) conflicting(conflict);
    group_attributes(at);
  }

  /// Whether the element is a measure; the measure dimension gets its value.
  bool measure_named(std::string_view name, std::uint16_t& measure) {
    for (std::uint16_t d = 0; d < flow_->dimension_count; ++d) {
      const FlowComponent& component = flow_->components[d];
      if (!component.source) continue;
      std::string_view code;
      for (const Annotation& annotation : component.source->annotations)
        if (annotation.type == kMeasureAnnotation && annotation.id == name) code = annotation.title;
      if (!code.data() && component.kind == ComponentKind::kMeasureDimension && component.coded() &&
          component.codes->find(name) >= 0)
        code = name;
      if (!code.data()) continue;
      levels_[kOfObs].text[d] = levels_[kOfObs].arena.copy(code);
      return true;
    }
    if (name == "Obs") return true;
    const std::uint16_t component = find_component(name);
    if (component == kNoComponent || flow_->components[component].kind != ComponentKind::kMeasure)
      return false;
    measure = component;
    return true;
  }

  std::string measure_names() const {
    std::string names;
    std::size_t count = 0;
    auto add = [&](std::string_view name) {
      if (count++ < 5) names += (names.empty() ? "" : ", ") + std::string(name);
    };
    for (const FlowComponent& component : flow_->components) {
      if (component.kind == ComponentKind::kMeasure) add(component.id);
      if (!component.source) continue;
      for (const Annotation& annotation : component.source->annotations)
        if (annotation.type == kMeasureAnnotation) add(annotation.id);
    }
    return names;
  }

  void conflicting(const RowValue& value) {
    Finding finding =
        make(rules::attribute_conflict, flow_->components[value.component].id, value.value);
    finding.at = value.at;
    finding.series = flow_->series_key(key_);
    sink_.add(std::move(finding));
  }

  void dataset_attribute(const RowValue& value) {
    std::string& known = dataset_texts_[value.component];
    if (known == value.value && !known.empty()) return;
    known = value.value;
    builder_.dataset_attribute(value.component, value.value, value.at);
  }

  /// Written once for neighbouring observations that agree on the group's key and its attributes.
  void group_attributes(Position at) {
    if (group_values_.empty()) return;
    for (std::size_t g = 0; g < flow_->groups.size(); ++g) {
      const FlowGroup& group = flow_->groups[g];
      fresh_.clear();
      for (const RowValue& value : group_values_)
        if (flow_->components[value.component].group == group.id) fresh_.push_back(value);
      if (fresh_.empty()) continue;
      std::string text;
      group_key_.assign(flow_->dimension_count, {});
      auto add = [&](std::string_view part) {
        text += part;
        text += '\n';  // never in an attribute's value
      };
      for (std::uint16_t d : group.dimensions)
        if (d < group_key_.size()) add(group_key_[d] = key_[d]);
      for (const RowValue& value : fresh_) {
        add(flow_->components[value.component].id);
        add(value.value);
      }
      if (text == group_texts_[g]) continue;
      group_texts_[g] = std::move(text);
      builder_.group(static_cast<std::uint16_t>(g), group_key_, fresh_, at);
    }
  }

  const xmlChar* cross_uri_;
  Place place_ = Place::kOutside, section_in_ = Place::kDataSet;
  std::array<Values, kLevels> levels_;
  std::vector<std::string> dataset_texts_;  ///< by component, as last given
  std::vector<std::string> group_texts_;    ///< by group, key and attributes as last given
  std::vector<std::string_view> key_, group_key_;
  std::vector<RowValue> values_, run_values_, group_values_, fresh_, conflicts_;
};

}  // namespace

std::unique_ptr<DataReader> open_ml_cross_data(ByteSource& bytes, const Detection& detection,
                                               const StructureLookup& structures, FindingSink& sink,
                                               const Limits& limits) {
  return std::make_unique<MlCrossReader>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost::sdmx
