// SPDX-License-Identifier: Apache-2.0
//
// flat_reader: what the readers of SDMX-CSV and SDMX-JSON have in common: the datasets of a message
// whose rows say their whole key, and findings about them.
//
// Inside the room only. Knows neither records nor objects; where something stands is told to it.
#pragma once

#include <memory>
#include <string_view>

#include "sdmx/batch_builder.h"
#include "sdmx/data_reader.h"
#include "sdmx/flat_rows.h"
#include "sdmx/utf8_input.h"

namespace focalpost::sdmx {

class FlatReader : public DataReader {
 public:
  const DataMessage& message() const final { return message_; }

 protected:
  FlatReader(std::string_view format, ByteSource& bytes, const Detection& detection,
             const StructureLookup& lookup, FindingSink& sink, const Limits& limits);

  // ---- datasets

  /// A new dataset at this place; null when there are too many, and reading is to stop.
  DatasetHead* open_dataset(Position at);
  DatasetHead& head() { return message_.datasets.back(); }
  bool deleting() const { return message_.datasets.back().action == Action::kDelete; }
  /// The structure that head() names, if it is known here; rows begin.
  void use_structure();
  void end_dataset(Position at);
  /// The end of the message. `whole`: it came to its end, so that what is missing is said.
  void end_message(bool whole, Position at);

  // ---- findings

  Finding make(const Rule& rule, Position at, std::string_view component,
               std::string_view value) const;
  void add(Finding finding);
  void report(const Rule& rule, Position at, std::string_view component, std::string_view value,
              std::string_view expected = {}, std::string_view detail = {});

  /// CONTACT.NAME, CONTACT[].NAME: an attribute of reference metadata within another. The id of a
  /// component has no dot.
  static bool is_metadata_path(std::string_view id) { return id.find('.') != id.npos; }

  Utf8Input input_;
  const StructureLookup& lookup_;
  FindingSink& sink_;
  const Limits& limits_;
  BatchBuilder builder_;
  FlatRows rows_;
  DataMessage message_;
  bool stop_ = false;

  // the dataset
  bool in_dataset_ = false;
  bool usable_ = false;  ///< its rows can be read
  std::uint32_t index_ = 0;
  std::shared_ptr<const FlowStructure> flow_;  ///< null: the dataset is passed over
};

}  // namespace focalpost::sdmx
