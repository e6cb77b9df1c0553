// SPDX-License-Identifier: Apache-2.0
//
// observation: how data travels between the reader, the judge and the store.
//
// An ObservationBatch is a piece of one dataset: some thousand observations as columns of views
// into the batch's own arena. It knows no XML and no CSV. The reader fills in the texts and
// positions; validation fills in code numbers, periods and number forms beside them; the store
// takes the lot. A batch is reused: clear() keeps its memory.
//
// Shapes. A *run* is a stretch of observations with one series key, as it stood in the file: a
// Series element, or neighbouring rows of a flat file. One series may come in several runs. Keys
// and run attributes lie in flat vectors, addressed by the run. A view with data() == nullptr is
// absent; a view of length 0 with data() is present and empty.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/lookup.h"
#include "model/period.h"

namespace focalpost {

/// 1-based; 0 where not known. In CSV, column is the number of the field.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// Memory for the texts of one batch; views stay valid until clear().
class Arena {
 public:
  std::string_view copy(std::string_view text) {
    if (text.size() > room_) grow(text.size());
    if (text.empty()) return {top_, 0};
    std::memcpy(top_, text.data(), text.size());
    std::string_view stored(top_, text.size());
    top_ += text.size();
    room_ -= text.size();
    return stored;
  }
  void clear();
  std::size_t bytes() const;

 private:
  void grow(std::size_t at_least);
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t used_blocks_ = 0;
  char empty_ = 0;
  char* top_ = &empty_;
  std::size_t room_ = 0;

 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
};

/// SDMX dataset actions; kInformation is judged, never filed. Merge is 3.1's.
enum class Action : std::uint8_t { kReplace, kAppend, kDelete, kInformation, kMerge };
std::string_view action_name(Action action);

inline constexpr std::size_t kBatchObservations = 4096;

struct ObservationBatch {
  struct AttributeValue {
    std::uint16_t component = kNoComponent;
    std::string_view value;
    Position at;
    std::int32_t code = kNoCode;  ///< by validation
  };
  struct Run {
    std::uint32_t first = 0, count = 0;  ///< observations
    std::uint32_t attribute_first = 0, attribute_count = 0;
    Position at;
    bool continued = false;   ///< the rest of a series whose start was in the batch before
    bool judged_bad = false;  ///< by validation: the key cannot be used
  };
  struct GroupValue {
    std::uint16_t group = 0;      ///< place in FlowStructure::groups
    std::uint32_t key_first = 0;  ///< dimension_count views in `group_keys`
    std::uint32_t attribute_first = 0, attribute_count = 0;
    Position at;
  };
  /// A measure or an observation attribute: one text for each observation.
  struct Column {
    std::uint16_t component = kNoComponent;
    std::vector<std::string_view> text;
    std::vector<std::int32_t> code;  ///< by validation, if coded
  };

  std::uint32_t dataset = 0;  ///< place in DataMessage::datasets
  std::shared_ptr<const FlowStructure> structure;
  bool last_of_dataset = false;

  std::vector<Run> runs;
  std::vector<std::string_view> keys;  ///< runs x dimension_count
  std::vector<GroupValue> groups;
  std::vector<std::string_view> group_keys;
  std::vector<AttributeValue> attributes;          ///< of runs and groups
  std::vector<AttributeValue> dataset_attributes;  ///< given with the batch in which they were read

  std::vector<std::string_view> time;  ///< TIME_PERIOD; empty vector if the DSD has none
  std::vector<Position> at;
  std::vector<Column> columns;  ///< in the order of first use in the dataset

  // by validation
  std::vector<std::int32_t> key_codes;  ///< runs x dimension_count, kNoCode if unknown
  std::vector<Period> period;           ///< empty() where it could not be read

  Arena arena;

  std::size_t size() const { return at.size(); }
  std::span<const std::string_view> key(std::size_t run) const {
    return {keys.data() + run * structure->dimension_count, structure->dimension_count};
  }
  std::span<const std::int32_t> codes(std::size_t run) const {
    return {key_codes.data() + run * structure->dimension_count, structure->dimension_count};
  }
  const Column* column(std::uint16_t component) const {
    for (const Column& c : columns)
      if (c.component == component) return &c;
    return nullptr;
  }
  /// Forgets everything but the memory; `structure` and `dataset` too.
  void clear();
};

/// A dataset as its head declares it.
struct DatasetHead {
  Ref structure;  ///< as declared: of `structure_class`
  ArtefactClass structure_class = ArtefactClass::kDataflow;
  std::shared_ptr<const FlowStructure> flow;  ///< null: not known here (a finding said so)
  Action action = Action::kReplace;
  bool action_given = false;
  std::string provider;  ///< DataProvider's id, if the dataset says one
  std::string reporting_begin, reporting_end, valid_from, valid_to;
  Position at;
};

/// What a data message says about itself. Grows while the message is read.
struct DataMessage {
  std::string format;   ///< "sdmx-ml", "sdmx-csv"
  std::string version;  ///< "2.1", "1.0"
  std::string root;     ///< "StructureSpecificData", "GenericTimeSeriesData", "" for CSV
  std::string id;
  bool test = false;
  std::string prepared;  ///< as written
  std::string sender;    ///< id
  std::string receiver;
  std::vector<DatasetHead> datasets;
};

}  // namespace focalpost
