// SPDX-License-Identifier: Apache-2.0
//
// merge: how a judged dataset becomes rows.
//
// Owns the way from ObservationBatch to the tables of data_schema.h. `StagedRows` collects judged
// batches in a compact form, knows no database and may be filled by one thread while another merges
// the one before it. `DataWriter` merges staged rows series by series with what is stored, moves
// what they end into history, and counts. It works inside the caller's transaction and savepoint
// and never commits: whoever does not like the outcome (an error later in the file, a change so
// large that it must wait) rolls the savepoint back and nothing has happened.
//
// Rules (NETWORK.md section 3, DESIGN.md section 6): Replace and Append touch only the cells in the
// file; a cell without value and status is "not provided" and is left alone; Delete takes back at
// the lowest level given; absent OBS_STATUS is A, absent CONF_STATUS is F; values are compared and
// kept as they were written; equal cells stay untouched, so that filing twice changes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/docket.h"
#include "model/observation.h"
#include "store/database.h"

namespace focalpost {

/// Rows of one dataset, some ten thousand at a time. Reusable: clear() keeps its memory.
class StagedRows {
 public:
  /// Before the first take(), and after clear() for another dataset.
  void begin(std::shared_ptr<const FlowStructure> structure, Action action);
  /// Copies what the batch holds; runs judged bad are left out.
  void take(const ObservationBatch& batch);
  void clear();

  bool empty() const {
    return rows_.empty() && series_.empty() && attributes_.empty() && deletes_.empty();
  }
  std::size_t rows() const { return rows_.size(); }
  /// What it holds in memory, for stage_memory.
  std::size_t bytes() const;

 private:
  friend class DataWriter;
  enum class ValueKind : std::uint32_t { kNull, kInteger, kText };
  struct Row {
    std::int64_t period;
    union {
      std::int64_t number;
      const char* text;
    };
    std::uint32_t text_size;
    std::uint32_t series;
    std::uint32_t extra;         ///< place in extras_ + 1; 0: no other attributes
    std::uint16_t status, conf;  ///< places in codes_; 0: absent
    ValueKind kind;
  };
  struct Series {
    std::string_view key;
    std::string_view area;
    std::uint16_t measure;   ///< component number
    bool all_total;          ///< every dimension that has a _T takes it
    std::string attributes;  ///< JSON of the series attributes given in the file
  };
  struct Extra {
    std::string json;
    std::optional<Time> embargo;
  };
  struct AttributeRow {
    std::string target, component, value;
  };
  struct Delete {
    std::vector<std::string> key;  ///< one per dimension; empty: any
    Period period;                 ///< empty(): all
  };

  std::uint32_t series_number(const ObservationBatch& batch, std::size_t run,
                              std::uint16_t measure);
  std::uint16_t code_number(std::string_view code);

  std::shared_ptr<const FlowStructure> structure_;
  Action action_ = Action::kReplace;
  std::vector<std::int32_t> total_codes_;  ///< per dimension, kNoCode if it has no _T
  std::vector<Row> rows_;
  std::vector<Series> series_;
  std::unordered_map<std::string_view, std::uint32_t> series_places_;
  std::vector<std::string> codes_;  ///< OBS_STATUS and CONF_STATUS values seen; [0] is ""
  std::vector<Extra> extras_;
  std::vector<AttributeRow> attributes_;  ///< of groups and the dataset
  std::vector<Delete> deletes_;
  std::string key_buffer_;
  Arena arena_;
};

/// Who files what, for one dataset.
struct FilingFacts {
  std::int64_t docket = 0;
  std::uint32_t item = 0;
  std::uint32_t dataset = 0;
  std::shared_ptr<const FlowStructure> structure;
  std::string provider;
  std::string agreement;
  Action action = Action::kReplace;
  bool action_given = false;
  Time filed_at{};
  std::optional<Time> prepared;
  /// When this was judged before, if somebody has confirmed it since: see MergeOutcome::touched.
  std::optional<Time> judged_before;
  std::string origin_gateway, origin_docket;
  std::int64_t origin_order = 0;
  /// Whether the provider may touch a stored series; asked where a Delete leaves dimensions open.
  std::function<bool(std::string_view key)> owns;
};

/// Limits of the large-change rule, NETWORK.md section 3.
struct LargeChangeLimits {
  double total_share = 0.25;
  double total_least = 50;
  double cell_share = 0.30;     ///< a cell changed by more than this ...
  double cells_share = 0.10;    ///< ... in more than this share of the stored cells compared
  double deleted_share = 0.10;  ///< of a series
};

struct MergeOutcome {
  std::int64_t filing = 0;
  ChangeSummary change;
  bool large_change = false;
  std::uint64_t strong_changes = 0;  ///< existing values changed by more than a limit
  bool append_conflict = false;      ///< an explicit Append met another stored value
  bool older = false;                ///< Prepared is before that of something it overwrites
  bool touched = false;              ///< overwrites what was filed after judged_before
  std::uint64_t conflicts = 0;       ///< one cell twice in this filing, with different contents
};

/// Holds the prepared statements of a connection; one filing at a time.
class DataWriter {
 public:
  static Result<DataWriter> make(Database& database);

  /// Writes the filing's row; its flow's too if it is the first.
  Status begin(FilingFacts facts, LargeChangeLimits limits = {});
  /// Merges what is staged; may be called often. The rows may be sorted in place.
  Status merge(StagedRows& rows);
  /// Completes the filing's row and gives what happened.
  Result<MergeOutcome> finish();

 private:
  struct Stored;
  struct FilingNote {
    std::optional<Time> prepared, filed;
    std::int64_t order = 0;
    bool same_gateway = true;
  };

  explicit DataWriter(Database& database) : database_(&database) {}
  Result<std::int64_t> flow_row(const FlowStructure& structure);
  Status merge_series(StagedRows& rows, std::size_t first, std::size_t last);
  Status merge_series_attributes(StagedRows::Series& series, std::int64_t id, std::string stored,
                                 std::int64_t stored_filing);
  Status merge_attributes(StagedRows& rows);
  Status take_back(StagedRows& rows);
  Status withdraw_cell(std::int64_t series, std::int64_t period);
  Status withdraw_series(std::int64_t series, std::string_view key, Period period);
  Status add_row(std::int64_t series, const StagedRows& rows, const StagedRows::Row& row);
  Status flush_rows();
  Status note_touched(std::int64_t series);
  Status move_to_history(std::int64_t series, std::int64_t period);
  Result<const FilingNote*> note_of(std::int64_t filing);
  /// Something of an earlier filing is overwritten.
  void note_overwritten(const FilingNote& note);
  void note_period(std::int64_t period);
  void note_cell(CellChange change);
  bool first_touch(std::int64_t series);
  static void bind_row(Statement& statement, int& index, std::int64_t series, std::int64_t filing,
                       const StagedRows& rows, const StagedRows::Row& row);

  Database* database_;
  Statement find_flow_, insert_flow_, find_series_, insert_series_, update_series_,
      insert_series_history_, insert_filing_, finish_filing_, select_range_, count_outside_,
      insert_1_, insert_10_, insert_100_, update_row_, to_history_, insert_touched_, find_filing_,
      insert_period_, find_attribute_, put_attribute_, insert_attribute_history_, list_series_,
      list_area_series_, list_cells_, withdraw_;

  FilingFacts facts_;
  LargeChangeLimits limits_;
  std::int64_t flow_ = 0;
  MergeOutcome outcome_;
  std::uint64_t compared_ = 0, strongly_changed_ = 0;
  bool total_changed_ = false, much_deleted_ = false;
  struct Pending {
    std::int64_t series;
    const StagedRows* rows;
    const StagedRows::Row* row;
  };
  std::vector<Pending> pending_;
  std::vector<bool> touched_;  ///< by series id
  std::unordered_map<std::int64_t, FilingNote> notes_;
  /// Per series: the cells that this filing has met and found unchanged, so that it cannot meet
  /// them again in a later piece.
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> unchanged_;
  std::unordered_set<std::int64_t> periods_;        ///< of this filing
  std::unordered_set<std::int64_t> saved_periods_;  ///< in their table, unless undone since
  std::uint64_t rollbacks_ = 0;                     ///< when that was last known
  std::array<std::int64_t, 256> recent_periods_{};
  /// Per series: cells taken back by this filing, and how many it had.
  std::unordered_map<std::int64_t, std::pair<std::uint64_t, std::uint64_t>> deleted_in_;
};

/// The JSON object of a list of attributes, names as given, in that order; "" for none.
std::string attributes_json(
    const std::vector<std::pair<std::string_view, std::string_view>>& values);
/// Reads what attributes_json wrote (or any flat object of texts).
std::vector<std::pair<std::string, std::string>> read_attributes_json(std::string_view json);
/// Both objects in one, by name: what `given` has stands, the rest of `before` stays.
std::string attributes_over(std::string_view before, std::string_view given);

}  // namespace focalpost
