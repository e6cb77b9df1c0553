// SPDX-License-Identifier: Apache-2.0
//
// flat_rows: from rows that say their whole key to batches: which value belongs to the observation,
// the series, a group or the dataset.
//
// Inside the room only; SDMX-CSV and SDMX-JSON come this way. A row is a key, perhaps a time and
// any components with values, at whatever level the format presents them; the DSD says where a
// value belongs. What a row is:
// - with a measure or an attribute of the observation, or with a whole key and a time: an
//   observation. Its attributes of higher levels are kept once, and a second, different value is
//   `attribute_conflict`;
// - with attributes of higher levels alone: these, for the part of the key they depend on: the
//   series, or the group of just these dimensions;
// - in a Delete: the key without the parts left out, with a time an observation. Values only mark
//   what is to go. The store deletes whole observations and series, so a row that marks less than
//   all measures is `delete_part` and nothing of it is deleted.
//
// Dangers: the views of a row must live until finish_row().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"
#include "sdmx/batch_builder.h"

namespace focalpost::sdmx {

class FlatRows {
 public:
  enum class Place : std::uint8_t { kKey, kTime, kColumn, kRun, kGroup, kDataset };

  FlatRows(BatchBuilder& builder, FindingSink& sink) : builder_(builder), sink_(sink) {}

  void begin_dataset(std::uint32_t index, std::shared_ptr<const FlowStructure> flow, Action action);
  void end_dataset() { builder_.end_dataset(); }
  /// Where values of the component belong.
  Place place(std::uint16_t component) const { return places_[component]; }

  void clear_row() {
    std::fill(key_.begin(), key_.end(), std::string_view());
    clear_values();
  }
  /// `place` as place() says. Not twice a row for one component.
  void add(Place place, const RowValue& value) {
    switch (place) {
      case Place::kKey:
        key_[value.component] = value.value;
        break;
      case Place::kTime:
        time_ = value.value;
        break;
      case Place::kColumn:
        columns_.push_back(value);
        break;
      case Place::kRun:
        run_.push_back(value);
        break;
      case Place::kGroup:
        group_.push_back(value);
        break;
      case Place::kDataset:
        dataset_.push_back(value);
        break;
    }
  }
  /// A dimension that has the same text as in the row before, which was an observation; the view
  /// alone is a new one.
  void add_again(std::uint16_t dimension, std::string_view text) {
    if (key_[dimension].data()) key_[dimension] = text;
  }
  /// clear_row(), but for the key, all of which add_again() is about to give.
  void clear_values() {
    time_ = {};
    columns_.clear();
    run_.clear();
    group_.clear();
    dataset_.clear();
  }
  /// Whether the row is an observation, which needs its whole key; any other may lack parts.
  bool is_observation() const;
  /// `again`: its key is that of the row before. True: it was an observation.
  bool finish_row(Position at, bool again = false);

 private:
  struct KnownText {
    bool known = false;
    std::string text;
  };
  struct GroupText {
    std::vector<std::string> key;
    std::vector<std::pair<std::uint16_t, std::string>> texts;
  };
  bool complete() const;
  void finish_delete(Position at);
  void attributes_alone(Position at);
  bool lacks(const FlowComponent& attribute, Position at);
  void dataset_attribute(const RowValue& value);
  void group_attributes(Position at);
  void give_to_group(const FlowGroup& group, const RowValue& value, Position at);
  const FlowGroup* group_of(const FlowComponent& component) const;
  void report(const Rule& rule, const RowValue& value);
  void conflicts();

  BatchBuilder& builder_;
  FindingSink& sink_;
  std::uint32_t index_ = 0;
  Action action_ = Action::kReplace;
  std::shared_ptr<const FlowStructure> flow_;
  std::vector<Place> places_;  ///< by component
  std::vector<KnownText> dataset_texts_;
  std::vector<GroupText> groups_;

  // the row
  std::vector<std::string_view> key_, group_key_;
  std::string_view time_;
  std::vector<RowValue> columns_, run_, group_, dataset_, fresh_, conflicts_;
};

}  // namespace focalpost::sdmx
