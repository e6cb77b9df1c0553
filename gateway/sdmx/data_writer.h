// SPDX-License-Identifier: Apache-2.0
//
// data_writer: data messages, written as a stream.
//
// Owns: what SDMX-ML 2.1 (StructureSpecificData, GenericData and their time series forms), SDMX-ML
// 3.0 (StructureSpecificData) and SDMX-CSV 1.0 and 2.0 look like when we write them. Batches of
// observations go in, bytes come out of a ByteSink; memory follows neither. Values are written
// digit for digit, what is absent stays absent, what is there and empty stays empty (CSV cannot
// tell the two apart and has both as an empty cell). Never judges values, never looks for a
// structure, never filters: who may see what was decided before (store/reader.h).
//
// Order: begin, then for each dataset begin_dataset, write..., end_dataset, then end. A message
// names its structures in its header, and a dataset its attributes and groups before its series, so
// both must be known before the first observation: who has them (the store) gives them, who copies
// a file reads it once for a DataSurvey and a second time to write (copy_data).
//
// What a format cannot say is an Error, never left out:
// - SDMX-ML 2.1 and SDMX-CSV 1.0 have one measure and know only whole keys, so no Delete with
//   wildcards; a series without observations cannot stand in flat 2.1 data;
// - SDMX-CSV 1.0 has no actions (a Delete is refused, any other is a Replace for who reads it), no
//   rows without an observation, and names a dataflow, not a data structure;
// - a character that XML 1.0 does not have, in any format.
// What says nothing is left out: a group without attributes (generic), a series without attributes
// and observations (CSV). Merge, which only 3.1 has, is written as Append: before 3.1 that is what
// Append meant.
//
// Dangers: after an Error the sink holds half a message; throw it away.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "model/lookup.h"
#include "model/observation.h"
#include "sdmx/outgoing.h"

namespace focalpost {

class DataReader;

enum class DataFormat {
  kStructureSpecific21,            ///< "structurespecific-2.1"
  kStructureSpecificTimeSeries21,  ///< "structurespecific-timeseries-2.1"
  kGeneric21,                      ///< "generic-2.1"
  kGenericTimeSeries21,            ///< "generic-timeseries-2.1"
  kStructureSpecific30,            ///< "structurespecific-3.0"
  kCsv10,                          ///< "csv-1.0"
  kCsv20,                          ///< "csv-2.0"
};
std::string_view data_format_name(DataFormat format);
std::optional<DataFormat> data_format_from_name(std::string_view name);
std::vector<std::string_view> data_format_names();

struct DataWriteOptions {
  /// SDMX-ML but for the time series forms: observations without series around them
  /// (dimensionAtObservation AllDimensions). Data without a time dimension are always flat.
  bool flat = false;
  char separator = ',';  ///< CSV: , ; | or tab
  /// CSV: people open it in a spreadsheet: texts that it would run get an apostrophe in front
  /// (base/spreadsheet.h). Not for files that programs read.
  bool for_people = false;
};

/// A component's value. The view must live as long as the call it is given to.
struct OutgoingValue {
  std::uint16_t component = kNoComponent;
  std::string_view value;
};

struct OutgoingMessage {
  OutgoingHeader header;  ///< SDMX-CSV has none: it is not looked at
  /// Of all datasets, each once. A structure with a dataflow is referred to by it.
  std::vector<std::shared_ptr<const FlowStructure>> structures;
};

struct OutgoingDataset {
  std::shared_ptr<const FlowStructure> structure;  ///< one of OutgoingMessage::structures
  Action action = Action::kReplace;
  std::optional<ProviderRef> provider;
  /// Written where SDMX-ML allows what they are: dates, months, years, date-times.
  std::string reporting_begin, reporting_end, valid_from, valid_to;
  std::vector<OutgoingValue> attributes;  ///< of the dataset
};

class MessageWriter {
 public:
  virtual ~MessageWriter() = default;
  virtual Status begin(const OutgoingMessage& message) = 0;
  virtual Status begin_dataset(const OutgoingDataset& dataset) = 0;
  /// Runs and groups of the open dataset. `dataset_attributes` of the batch are passed over:
  /// begin_dataset() has them. In SDMX-ML 2.1 a group after the first run is an Error.
  virtual Status write(const ObservationBatch& batch) = 0;
  virtual Status end_dataset() = 0;
  virtual Status end() = 0;
};

std::unique_ptr<MessageWriter> make_data_writer(DataFormat format, ByteSink sink,
                                                const DataWriteOptions& options = {},
                                                const Limits& limits = {});

/// Rows one at a time into the open dataset of a writer, by way of batches.
class RowFeed {
 public:
  RowFeed(MessageWriter& writer, std::shared_ptr<const FlowStructure> structure);
  ~RowFeed();

  /// One view per dimension without time, null for what is absent.
  Status group(std::uint16_t group, std::span<const std::string_view> key,
               std::span<const OutgoingValue> attributes);
  Status series(std::span<const std::string_view> key, std::span<const OutgoingValue> attributes);
  /// Of the last series; `time` null where the structure has none.
  Status observation(std::string_view time, std::span<const OutgoingValue> values);
  /// Call it before end_dataset().
  Status finish();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// What must be known of a message before it can be written in another format: header, structures,
/// and of each dataset its action, dates, attributes and groups (each once).
class DataSurvey {
 public:
  /// Reads the message to its end. Attributes and groups are kept in memory: more than
  /// Limits::stage_memory of them is an Error. Datasets whose structure is not known are not in it.
  static Result<DataSurvey> of(DataReader& reader, const Limits& limits);

  /// For who reads the message anyway: an empty survey, all batches in their order, then finish().
  DataSurvey();
  Status take(const ObservationBatch& batch, const Limits& limits);
  void finish(const DataMessage& message);
  DataSurvey(DataSurvey&&) noexcept;
  DataSurvey& operator=(DataSurvey&&) noexcept;
  ~DataSurvey();

  /// The header may be changed before writing; where the message read was CSV, it must be.
  OutgoingMessage message;

 private:
  friend Status copy_data(const DataSurvey&, DataReader&, MessageWriter&);
  struct Dataset;
  std::vector<Dataset> datasets_;
  std::uint64_t bytes_ = 0;  ///< of attributes and groups
};

/// Writes everything that a second reader of the same bytes gives, begin() and end() included.
Status copy_data(const DataSurvey& survey, DataReader& reader, MessageWriter& writer);

}  // namespace focalpost
