// SPDX-License-Identifier: Apache-2.0
#include "sdmx/flat_rows.h"

#include <algorithm>

#include "base/text.h"
#include "model/multi_value.h"

namespace focalpost::sdmx {
namespace {

using Kind = AttributeRelationship::Kind;

}  // namespace

void FlatRows::begin_dataset(std::uint32_t index, std::shared_ptr<const FlowStructure> flow,
                             Action action) {
  index_ = index;
  action_ = action;
  flow_ = std::move(flow);
  places_.clear();
  for (std::size_t c = 0; c < flow_->components.size(); ++c) {
    const FlowComponent& component = flow_->components[c];
    Place place = Place::kColumn;
    if (c < flow_->dimension_count)
      place = Place::kKey;
    else if (c == flow_->time)
      place = Place::kTime;
    else if (component.kind == ComponentKind::kMeasure)
      place = Place::kColumn;
    else if (component.level == Kind::kDataset)
      place = Place::kDataset;
    else if (component.level == Kind::kDimensions)
      place = Place::kRun;
    else if (component.level == Kind::kGroup && flow_->find_group(component.group))
      place = Place::kGroup;
    places_.push_back(place);
  }
  dataset_texts_.assign(flow_->components.size(), {});
  groups_.assign(flow_->groups.size(), {});
  key_.assign(flow_->dimension_count, {});
  builder_.begin_dataset(index_, flow_);
}

/// That of an attribute of some of the dimensions.
const FlowGroup* FlatRows::group_of(const FlowComponent& component) const {
  for (const FlowGroup& group : flow_->groups)
    if ((!component.group.empty() && group.id == component.group) ||
        std::is_permutation(group.dimensions.begin(), group.dimensions.end(),
                            component.dimensions.begin(), component.dimensions.end()))
      return &group;
  return nullptr;
}

bool FlatRows::complete() const {
  return std::none_of(key_.begin(), key_.end(), [](std::string_view part) { return !part.data(); });
}

bool FlatRows::is_observation() const {
  if (action_ == Action::kDelete) return false;
  const bool attributes = !run_.empty() || !group_.empty() || !dataset_.empty();
  return !columns_.empty() || !attributes || (time_.data() && complete());
}

bool FlatRows::finish_row(Position at, bool again) {
  if (action_ == Action::kDelete) {
    finish_delete(at);
    return false;
  }
  for (const RowValue& value : dataset_) dataset_attribute(value);
  if (!is_observation()) {
    attributes_alone(at);
    return false;
  }
  builder_.add_row(key_, time_, columns_, run_, at, conflicts_, again);
  if (!conflicts_.empty()) conflicts();
  if (!group_.empty()) group_attributes(at);
  return true;
}

void FlatRows::finish_delete(Position at) {
  std::size_t measures = 0, attributes = run_.size() + group_.size() + dataset_.size();
  for (const RowValue& value : columns_)
    (flow_->components[value.component].kind == ComponentKind::kMeasure ? measures : attributes) +=
        1;
  if (measures + attributes > 0 && measures < flow_->measure_count) {
    for (const auto* values : {&columns_, &run_, &group_, &dataset_})
      if (!values->empty()) return report(rules::delete_part, values->front());
  }
  if (time_.data()) {
    builder_.add_row(key_, time_, {}, {}, at, conflicts_);
  } else {
    builder_.close_run();
    builder_.add_attributes(key_, {}, at, conflicts_);
    builder_.close_run();
  }
}

/// Reports the first dimension of the attribute that the key has not.
bool FlatRows::lacks(const FlowComponent& attribute, Position at) {
  for (std::uint16_t d : attribute.dimensions) {
    if (d >= key_.size() || key_[d].data()) continue;
    report(rules::missing_dimension, {d, {}, at});
    return true;
  }
  return false;
}

void FlatRows::attributes_alone(Position at) {
  std::erase_if(group_,
                [&](const RowValue& v) { return lacks(flow_->components[v.component], at); });
  if (!group_.empty()) group_attributes(at);
  if (run_.empty()) return;
  if (complete()) {
    builder_.add_attributes(key_, run_, at, conflicts_);
    return conflicts();
  }
  for (const RowValue& value : run_) {
    const FlowComponent& attribute = flow_->components[value.component];
    if (lacks(attribute, at)) continue;
    if (const FlowGroup* group = group_of(attribute))
      give_to_group(*group, value, at);
    else
      report(rules::wrong_level, value);
  }
}

void FlatRows::conflicts() {
  for (const RowValue& value : conflicts_) report(rules::attribute_conflict, value);
}

void FlatRows::dataset_attribute(const RowValue& value) {
  KnownText& known = dataset_texts_[value.component];
  if (!known.known) {
    known = {true, std::string(value.value)};
    builder_.dataset_attribute(value.component, value.value, value.at);
  } else if (known.text != value.value) {
    report(rules::attribute_conflict, value);
  }
}

/// A group is written once for neighbouring rows that agree on its key.
void FlatRows::group_attributes(Position at) {
  for (std::size_t g = 0; g < flow_->groups.size(); ++g) {
    const FlowGroup& group = flow_->groups[g];
    GroupText& known = groups_[g];
    fresh_.clear();
    bool same = known.key.size() == group.dimensions.size();
    for (std::size_t d = 0; same && d < group.dimensions.size(); ++d)
      same = group.dimensions[d] < key_.size() && known.key[d] == key_[group.dimensions[d]];
    bool any = false;
    for (const RowValue& value : group_) {
      if (flow_->components[value.component].group != group.id) continue;
      if (!any && !same) {
        known.key.clear();
        known.texts.clear();
        for (std::uint16_t d : group.dimensions)
          known.key.emplace_back(d < key_.size() ? key_[d] : std::string_view());
      }
      any = true;
      auto text = std::find_if(known.texts.begin(), known.texts.end(),
                               [&](const auto& t) { return t.first == value.component; });
      if (text == known.texts.end()) {
        known.texts.emplace_back(value.component, std::string(value.value));
        fresh_.push_back(value);
      } else if (text->second != value.value) {
        report(rules::attribute_conflict, value);
      }
    }
    if (fresh_.empty()) continue;
    group_key_.assign(flow_->dimension_count, {});
    for (std::uint16_t d : group.dimensions)
      if (d < key_.size()) group_key_[d] = key_[d];
    builder_.group(static_cast<std::uint16_t>(g), group_key_, fresh_, at);
  }
}

void FlatRows::give_to_group(const FlowGroup& group, const RowValue& value, Position at) {
  group_key_.assign(flow_->dimension_count, {});
  for (std::uint16_t d : group.dimensions)
    if (d < key_.size()) group_key_[d] = key_[d];
  builder_.group(static_cast<std::uint16_t>(&group - flow_->groups.data()), group_key_, {&value, 1},
                 at);
}

void FlatRows::report(const Rule& rule, const RowValue& value) {
  if (!sink_.listing(index_)) return sink_.count(rule, index_);
  Finding finding;
  finding.rule = &rule;
  finding.dataset = index_;
  finding.at = value.at;
  finding.series = one_line(shorten(flow_->series_key(key_), 200));
  finding.component = flow_->components[value.component].id;
  finding.value = shorten(multi_value_shown(value.value), 80);
  sink_.add(std::move(finding));
}

}  // namespace focalpost::sdmx
