// SPDX-License-Identifier: Apache-2.0
//
// batch_builder: fills observation batches and keeps those that are ready in a small queue.
//
// Inside the room only; knows no format. Texts are copied into the batch's arena at once, so that
// views into a parser's buffer may be handed in. A batch is closed when it holds kBatchObservations
// observations, runs or groups, or some megabytes of text, so that memory does not follow the
// input.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/observation.h"

namespace focalpost::sdmx {

/// A value on its way into a batch.
struct RowValue {
  std::uint16_t component = kNoComponent;
  std::string_view value;
  Position at;
};

class BatchBuilder {
 public:
  void begin_dataset(std::uint32_t dataset, std::shared_ptr<const FlowStructure> flow);
  /// Closes the last batch of the dataset.
  void end_dataset();
  bool in_dataset() const { return flow_ != nullptr; }
  /// Nothing came in this dataset: no observation, no run, no group.
  bool empty_dataset() const { return empty_; }

  // A series after the other (Series elements).
  /// `key`: dimension_count views, null for absent parts.
  void begin_run(std::span<const std::string_view> key, Position at);
  void run_attribute(std::uint16_t component, std::string_view value, Position at);
  /// A new observation in the open run; values are set on it.
  void add_observation(Position at) {
    if (batch_->at.size() >= kBatchObservations || text_bytes_ >= kBatchText) continue_in_next();
    batch_->at.push_back(at);
    if (has_time_) batch_->time.emplace_back();
    ++batch_->runs.back().count;
    empty_ = false;
  }
  void set_time(std::string_view value) { batch_->time.back() = copy(value); }
  bool time_is_set() const { return batch_->time.back().data() != nullptr; }
  /// False if the component has a value in this observation already.
  bool set(std::uint16_t component, std::string_view value) {
    std::string_view& place = cell(component);
    if (place.data()) return false;
    place = copy(value);
    return true;
  }

  /// Whether the component has a value in the last observation.
  bool is_set(std::uint16_t component) const {
    const std::int16_t place = column_of_[component];
    if (place < 0) return false;
    const auto& text = batch_->columns[static_cast<std::size_t>(place)].text;
    return text.size() >= batch_->at.size() && text[batch_->at.size() - 1].data() != nullptr;
  }

  /// For the hot path: a stretch of text is kept once, then its pieces are set as they are.
  std::string_view keep(std::string_view text) { return copy(text); }
  void set_kept(std::uint16_t component, std::string_view kept) { cell(component) = kept; }
  void set_kept_time(std::string_view kept) { batch_->time.back() = kept; }

  /// A row that says its whole key (flat and cross-sectional layouts, CSV). It goes on with the
  /// open run if the key is the same, which `again` says without a comparison. Components of
  /// `run_values` that the run already has with another value come back in `conflicts`.
  void add_row(std::span<const std::string_view> key, std::string_view time,
               std::span<const RowValue> values, std::span<const RowValue> run_values, Position at,
               std::vector<RowValue>& conflicts, bool again = false);
  /// A row of attributes without an observation: opens or goes on with the run of this key.
  void add_attributes(std::span<const std::string_view> key, std::span<const RowValue> run_values,
                      Position at, std::vector<RowValue>& conflicts);
  /// Whether a row with this key goes on with the open run.
  bool row_run_is(std::span<const std::string_view> key) const {
    if (!row_run_open_ || batch_->runs.empty()) return false;
    auto open = batch_->key(batch_->runs.size() - 1);
    for (std::size_t i = 0; i < key.size(); ++i)
      if (open[i] != key[i] || (open[i].data() == nullptr) != (key[i].data() == nullptr))
        return false;
    return true;
  }
  /// The next row starts a new run.
  void close_run() { row_run_open_ = false; }

  void group(std::uint16_t group, std::span<const std::string_view> key,
             std::span<const RowValue> attributes, Position at);
  void dataset_attribute(std::uint16_t component, std::string_view value, Position at);

  /// The next batch that is ready; null if there is none. The one given before the last is used
  /// again.
  ObservationBatch* take();
  bool ready() const { return !queue_.empty(); }

 private:
  static constexpr std::size_t kBatchText = 4 << 20;

  std::string_view copy(std::string_view text) {
    if (!text.data()) return {};
    text_bytes_ += text.size();
    return batch_->arena.copy(text);
  }
  /// The component's text in the last observation. Columns grow in steps and are cut to the number
  /// of observations when the batch is closed.
  std::string_view& cell(std::uint16_t component) {
    std::int16_t place = column_of_[component];
    if (place < 0) place = add_column(component);
    std::vector<std::string_view>& text = batch_->columns[static_cast<std::size_t>(place)].text;
    const std::size_t size = batch_->at.size();
    if (text.size() < size) text.resize(std::max<std::size_t>(16, 2 * size));
    return text[size - 1];
  }
  std::int16_t add_column(std::uint16_t component);
  void open_row_run(std::span<const std::string_view> key, Position at);
  void add_run_values(std::span<const RowValue> values, std::vector<RowValue>& conflicts);
  void open_batch();
  void close_batch(bool last);
  void continue_in_next();
  void close_if_full();

  std::shared_ptr<const FlowStructure> flow_;
  std::uint32_t dataset_ = 0;
  bool has_time_ = false, empty_ = true;
  std::unique_ptr<ObservationBatch> batch_, given_, before_;
  std::deque<std::unique_ptr<ObservationBatch>> queue_;
  std::vector<std::unique_ptr<ObservationBatch>> pool_;
  std::vector<std::uint16_t> column_order_;  ///< of the dataset
  std::vector<std::int16_t> column_of_;      ///< by component; -1: not used yet
  std::size_t text_bytes_ = 0;               ///< in the open batch
  bool row_run_open_ = false;
  struct RunText {
    bool known = false;
    std::string text;
  };
  std::vector<RunText> row_run_texts_;  ///< by component: attributes of the open row run
};

}  // namespace focalpost::sdmx
