// SPDX-License-Identifier: Apache-2.0
#include "sdmx/batch_builder.h"

#include <algorithm>

namespace focalpost::sdmx {

void BatchBuilder::begin_dataset(std::uint32_t dataset, std::shared_ptr<const FlowStructure> flow) {
  flow_ = std::move(flow);
  dataset_ = dataset;
  has_time_ = flow_->time != kNoComponent;
  empty_ = true;
  column_order_.clear();
  column_of_.assign(flow_->components.size(), -1);
  row_run_open_ = false;
  row_run_texts_.assign(flow_->components.size(), {});
  open_batch();
}

void BatchBuilder::end_dataset() {
  close_batch(true);
  flow_.reset();
}

void BatchBuilder::open_batch() {
  if (pool_.empty()) {
    batch_ = std::make_unique<ObservationBatch>();
  } else {
    batch_ = std::move(pool_.back());
    pool_.pop_back();
  }
  batch_->dataset = dataset_;
  batch_->structure = flow_;
  batch_->columns.resize(column_order_.size());
  for (std::size_t i = 0; i < column_order_.size(); ++i)
    batch_->columns[i].component = column_order_[i];
  text_bytes_ = 0;
}

void BatchBuilder::close_batch(bool last) {
  for (ObservationBatch::Column& column : batch_->columns) column.text.resize(batch_->at.size());
  batch_->last_of_dataset = last;
  queue_.push_back(std::move(batch_));
}

std::int16_t BatchBuilder::add_column(std::uint16_t component) {
  auto place = static_cast<std::int16_t>(column_order_.size());
  column_order_.push_back(component);
  column_of_[component] = place;
  batch_->columns.emplace_back().component = component;
  return place;
}

void BatchBuilder::continue_in_next() {
  close_batch(false);
  const ObservationBatch& before = *queue_.back();
  open_batch();
  if (before.runs.empty()) return;
  ObservationBatch::Run run;
  run.at = before.runs.back().at;
  run.continued = true;
  run.attribute_first = static_cast<std::uint32_t>(batch_->attributes.size());
  batch_->runs.push_back(run);
  for (std::string_view part : before.key(before.runs.size() - 1))
    batch_->keys.push_back(copy(part));
}

void BatchBuilder::close_if_full() {
  if (batch_->at.size() < kBatchObservations && batch_->runs.size() < kBatchObservations &&
      batch_->groups.size() < kBatchObservations && text_bytes_ < kBatchText)
    return;
  close_batch(false);
  open_batch();
}

void BatchBuilder::begin_run(std::span<const std::string_view> key, Position at) {
  close_if_full();
  ObservationBatch::Run run;
  run.first = static_cast<std::uint32_t>(batch_->at.size());
  run.attribute_first = static_cast<std::uint32_t>(batch_->attributes.size());
  run.at = at;
  batch_->runs.push_back(run);
  for (std::string_view part : key) batch_->keys.push_back(copy(part));
  empty_ = false;
}

void BatchBuilder::run_attribute(std::uint16_t component, std::string_view value, Position at) {
  ObservationBatch::Run& run = batch_->runs.back();
  std::vector<ObservationBatch::AttributeValue>& all = batch_->attributes;
  // A group may have come between the rows of a run; its attributes must lie side by side.
  if (run.attribute_first + run.attribute_count != all.size()) {
    auto first = static_cast<std::uint32_t>(all.size());
    for (std::uint32_t i = 0; i < run.attribute_count; ++i) {
      ObservationBatch::AttributeValue moved = all[run.attribute_first + i];
      all.push_back(moved);
    }
    run.attribute_first = first;
  }
  all.push_back({component, copy(value), at, kNoCode});
  ++run.attribute_count;
}

void BatchBuilder::open_row_run(std::span<const std::string_view> key, Position at) {
  if (row_run_is(key)) return;
  begin_run(key, at);
  for (RunText& text : row_run_texts_) text.known = false;
  row_run_open_ = true;
}

void BatchBuilder::add_run_values(std::span<const RowValue> values,
                                  std::vector<RowValue>& conflicts) {
  for (const RowValue& value : values) {
    RunText& known = row_run_texts_[value.component];
    if (!known.known) {
      known.known = true;
      known.text = value.value;
      run_attribute(value.component, value.value, value.at);
    } else if (known.text != value.value) {
      conflicts.push_back(value);
    }
  }
}

void BatchBuilder::add_row(std::span<const std::string_view> key, std::string_view time,
                           std::span<const RowValue> values, std::span<const RowValue> run_values,
                           Position at, std::vector<RowValue>& conflicts, bool again) {
  conflicts.clear();
  if (!again || !row_run_open_) open_row_run(key, at);
  add_observation(at);
  if (has_time_ && time.data()) set_time(time);
  for (const RowValue& value : values) set(value.component, value.value);
  add_run_values(run_values, conflicts);
}

void BatchBuilder::add_attributes(std::span<const std::string_view> key,
                                  std::span<const RowValue> run_values, Position at,
                                  std::vector<RowValue>& conflicts) {
  conflicts.clear();
  open_row_run(key, at);
  add_run_values(run_values, conflicts);
}

void BatchBuilder::group(std::uint16_t group, std::span<const std::string_view> key,
                         std::span<const RowValue> attributes, Position at) {
  // A run of rows that is open here goes on behind the group, so its batch must stay open too.
  if (!row_run_open_) close_if_full();
  ObservationBatch::GroupValue value;
  value.group = group;
  value.key_first = static_cast<std::uint32_t>(batch_->group_keys.size());
  value.attribute_first = static_cast<std::uint32_t>(batch_->attributes.size());
  value.attribute_count = static_cast<std::uint32_t>(attributes.size());
  value.at = at;
  for (std::string_view part : key) batch_->group_keys.push_back(copy(part));
  for (const RowValue& attribute : attributes)
    batch_->attributes.push_back(
        {attribute.component, copy(attribute.value), attribute.at, kNoCode});
  batch_->groups.push_back(value);
  empty_ = false;
}

void BatchBuilder::dataset_attribute(std::uint16_t component, std::string_view value, Position at) {
  batch_->dataset_attributes.push_back({component, copy(value), at, kNoCode});
}

ObservationBatch* BatchBuilder::take() {
  if (before_ && pool_.size() < 4) {
    before_->clear();
    pool_.push_back(std::move(before_));
  }
  before_ = std::move(given_);
  if (queue_.empty()) return nullptr;
  given_ = std::move(queue_.front());
  queue_.pop_front();
  return given_.get();
}

}  // namespace focalpost::sdmx
