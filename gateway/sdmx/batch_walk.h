// SPDX-License-Identifier: Apache-2.0
//
// batch_walk: what all data writers do with a batch: the order of calls, which keys and
// observations may be written, and where a series ends.
//
// Inside the room only. Self has these, called once per batch, group, run or observation:
//   Status start(message), Status start_dataset(), Status finish_dataset(), Status finish()
//   void bind(batch)                                the batch whose observations come next
//   Status group(batch, group)
//   Status begin_run(key, attributes)               a new series
//   Status observation(batch, i)
//   Status end_run(observations)                    none: nothing was written of it but begin_run
//   bool wildcards() const                          the format can leave parts of a key out
//   Status flush_if_full()
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>

#include "base/text.h"
#include "sdmx/data_writer.h"

namespace focalpost::sdmx {

/// Nothing, or why components of this structure cannot be names of attributes or columns.
Status check_names(const FlowStructure& structure);

template <typename Self>
class BatchWalk : public MessageWriter {
 public:
  Status begin(const OutgoingMessage& message) final {
    if (state_ != State::kNew) return bug("a data writer was begun twice");
    state_ = State::kMessage;
    if (message.structures.empty())
      return not_right("there is no dataset of a known structure to write");
    for (const auto& structure : message.structures) FP_TRY(check_names(*structure));
    structures_ = message.structures;
    return self().start(message);
  }

  Status begin_dataset(const OutgoingDataset& dataset) final {
    if (state_ != State::kMessage) return bug("a dataset was begun outside a message");
    state_ = State::kDataset;
    dataset_ = dataset;
    flow_ = dataset.structure.get();
    place_ = 0;
    while (place_ < structures_.size() && structures_[place_]->name() != flow_->name()) ++place_;
    if (place_ == structures_.size())
      return bug("the message does not name the structure of a dataset");
    run_open_ = any_run_ = false;
    return self().start_dataset();
  }

  Status write(const ObservationBatch& batch) final {
    if (state_ != State::kDataset) return bug("observations were written outside a dataset");
    if (batch.structure->name() != flow_->name() ||
        batch.structure->components.size() != flow_->components.size())
      return bug("observations of another structure were written into a dataset");
    for (const auto& group : batch.groups) {
      FP_TRY(check_group(batch, group));
      FP_TRY(self().group(batch, group));
    }
    self().bind(batch);
    for (std::size_t r = 0; r < batch.runs.size(); ++r) {
      const ObservationBatch::Run& run = batch.runs[r];
      if (!run.continued || !run_open_) {
        FP_TRY(close_run());
        FP_TRY(check_key(batch.key(r)));
        run_open_ = any_run_ = true;
        run_observations_ = 0;
        FP_TRY(self().begin_run(
            batch.key(r),
            std::span(batch.attributes).subspan(run.attribute_first, run.attribute_count)));
      }
      for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
        if (flow_->time != kNoComponent && !batch.time[i].data()) {
          // Neither time nor value: a line of a table that speaks of its series alone.
          if (!has_value(batch, i)) continue;
          if (!partial_allowed())
            return not_right(
                fmt::format("an observation of series {} has no time period", shown(batch.key(r))));
        }
        ++run_observations_;
        FP_TRY(self().observation(batch, i));
      }
      FP_TRY(self().flush_if_full());
    }
    return self().flush_if_full();
  }

  Status end_dataset() final {
    if (state_ != State::kDataset) return bug("a dataset was ended that was not begun");
    FP_TRY(close_run());
    state_ = State::kMessage;
    FP_TRY(self().finish_dataset());
    dataset_ = {};
    flow_ = nullptr;
    return {};
  }

  Status end() final {
    if (state_ != State::kMessage) return bug("a data message was ended that was not begun");
    state_ = State::kEnded;
    return self().finish();
  }

 protected:
  const FlowStructure& flow() const { return *flow_; }
  const OutgoingDataset& dataset() const { return dataset_; }
  std::size_t place() const { return place_; }  ///< of the structure in the message
  bool any_run() const { return any_run_; }
  bool partial_allowed() const { return dataset_.action == Action::kDelete && self().wildcards(); }
  std::string shown(std::span<const std::string_view> key) const {
    return one_line(shorten(flow_->series_key(key), 120));
  }

 private:
  enum class State { kNew, kMessage, kDataset, kEnded };

  Self& self() { return static_cast<Self&>(*this); }
  const Self& self() const { return static_cast<const Self&>(*this); }

  Status close_run() {
    if (!run_open_) return {};
    run_open_ = false;
    return self().end_run(run_observations_);
  }

  Status check_key(std::span<const std::string_view> key) const {
    if (partial_allowed()) return {};
    for (std::size_t d = 0; d < key.size(); ++d)
      if (!key[d].data())
        return not_right(
            fmt::format("series {} has no {}", shown(key), flow_->components[d].id),
            dataset_.action == Action::kDelete
                ? "Only SDMX-ML 3.0 and SDMX-CSV 2.0 can delete with parts of a key left out."
                : "Every series needs all its dimensions.");
    return {};
  }

  Status check_group(const ObservationBatch& batch, const ObservationBatch::GroupValue& group) {
    const FlowGroup& declared = flow_->groups[group.group];
    for (std::uint16_t d : declared.dimensions)
      if (d < flow_->dimension_count && !batch.group_keys[group.key_first + d].data())
        return not_right(fmt::format("a group {} has no {}", declared.id, flow_->components[d].id),
                         "A group needs all its dimensions.");
    return {};
  }

  static bool has_value(const ObservationBatch& batch, std::size_t i) {
    for (const ObservationBatch::Column& column : batch.columns)
      if (column.text[i].data()) return true;
    return false;
  }

  State state_ = State::kNew;
  std::vector<std::shared_ptr<const FlowStructure>> structures_;
  OutgoingDataset dataset_;
  const FlowStructure* flow_ = nullptr;
  std::size_t place_ = 0;
  bool run_open_ = false, any_run_ = false;
  std::uint64_t run_observations_ = 0;
};

}  // namespace focalpost::sdmx
