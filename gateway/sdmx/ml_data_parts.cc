// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "sdmx/ml_data_parser.h"

namespace focalpost::sdmx {
namespace {

constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

/// xs:language: letters, then letters and digits, in parts of at most eight.
bool is_language(std::string_view text) {
  std::size_t size = 0;
  bool first = true;
  for (char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == '-' && size > 0) {
      size = 0;
      first = false;
    } else if (++size > 8 || !(letter || (!first && c >= '0' && c <= '9'))) {
      return false;
    }
  }
  return size > 0;
}

}  // namespace

// --------------------------------------------- attributes of the dataset or of a partial key (3.0)

void MlDataReader::start_atts(const Attributes& attributes) {
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

void MlDataReader::atts_component(std::uint16_t component, std::string_view name,
                                  std::string_view value, Position at) {
  const ComponentKind kind =
      component == kNoComponent ? ComponentKind::kMeasure : flow_->components[component].kind;
  if (kind == ComponentKind::kMeasure) return misplaced({nullptr, component, Use::kUnknown}, name);
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

void MlDataReader::end_atts() {
  if (!flow_) return;
  if (head().action == Action::kDelete) {
    if (!atts_values_.empty())
      report(rules::delete_part, flow_->components[atts_values_.front().component].id, {});
    return;
  }
  using Kind = AttributeRelationship::Kind;
  std::vector<RowValue> at_series, at_observation;
  for (const RowValue& value : atts_values_) {
    const FlowComponent& component = flow_->components[value.component];
    const bool covered =
        std::all_of(component.dimensions.begin(), component.dimensions.end(), [&](std::uint16_t d) {
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

void MlDataReader::partial_key_attribute(const RowValue& value) {
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

// -------------------------------------------------------------- components that are elements (3.0)

void MlDataReader::start_comp(const Attributes& attributes, Level level) {
  comp_in_ = place_;
  place_ = Place::kComp;
  multi_.clear();
  text_.clear();
  text_too_long_ = false;
  if (!flow_) return;
  only(attributes, "id");
  comp_id_ = shorten(trim(attributes.get("id")), 200);
  const std::uint16_t component = flow_->find(comp_id_);
  comp_ = {nullptr, component, use_at(component, level)};
  comp_at_ = here();
}

void MlDataReader::start_in_comp(const xmlChar* local, const xmlChar* uri,
                                 const Attributes& attributes) {
  if (local == value_ && !uri) {
    only(attributes);
    begin_text(Place::kCompValue);
    value_texts_ = 0;
  } else {
    pass_over(local, uri, "Value");
  }
}

void MlDataReader::start_in_comp_value(const xmlChar* local, const xmlChar* uri,
                                       const Attributes& attributes) {
  const std::string_view name = view(local);
  if (uri != common_uri_ || (name != "Text" && name != "StructuredText")) {
    unknown(local, "Text, StructuredText");
    skip_ = 1;
    return;
  }
  if (!is_blank(text_)) stray_text(text_);
  if (value_texts_++ == 0) multi_.next_value();
  lang_.clear();
  bool right = true;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (attributes.uri(i) && view(attributes.uri(i)) == kXmlNamespace &&
        view(attributes.local(i)) == "lang")
      right = is_language(lang_ = shorten(trim(attributes.value(i)), 40));
    else if (attributes.qualified(i))
      foreign_attribute(attributes, i);
    else
      report(rules::unknown_component, view(attributes.local(i)), attributes.value(i));
  }
  if (!right) report(rules::type_mismatch, comp_id_, lang_, "xml:lang");
  begin_text(Place::kCompText);
  if (name == "StructuredText") {
    // QUIRK: structured text (XHTML) is taken as its words.
    report(rules::header_quirk, comp_id_, name, "Text");
    in_structured_ = true;
  }
}

void MlDataReader::end_comp_value() {
  if (value_texts_ == 0) multi_.value(text_);
  text_.clear();
}

void MlDataReader::end_comp() {
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

// ------------------------------------------------------------------------------------------ groups

void MlDataReader::start_group(const Attributes& attributes, std::string_view name) {
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

void MlDataReader::group_component(const NameCache::Entry& entry, std::string_view name,
                                   std::string_view value, Position at) {
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

void MlDataReader::start_in_group(const xmlChar* local, const xmlChar* uri,
                                  const Attributes& attributes) {
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

void MlDataReader::end_group() {
  emit_group();
  current_group_ = nullptr;
}

void MlDataReader::emit_group() {
  if (!group_pending_ || !flow_ || !current_group_) return;
  group_pending_ = false;
  if (v20() && place_ == Place::kSeriesKey)
    for (std::uint16_t d : current_group_->dimensions)
      if (d < group_key_.size() && !group_key_[d].data()) group_key_[d] = key_[d];
  auto number = static_cast<std::uint16_t>(current_group_ - flow_->groups.data());
  builder_.group(number, group_key_, group_attributes_, group_at_);
}

}  // namespace focalpost::sdmx
