// SPDX-License-Identifier: Apache-2.0
#include "store/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/decimal.h"

namespace focalpost {
namespace {

std::string insert_sql(int rows) {
  std::string sql =
      "INSERT INTO observation(series,period,value,status,conf,attributes,visible_at,withdrawn,"
      "filing) VALUES ";
  for (int i = 0; i < rows; ++i) sql += i ? ",(?,?,?,?,?,?,?,NULL,?)" : "(?,?,?,?,?,?,?,NULL,?)";
  return sql;
}

/// OBS_STATUS: absent is A. CONF_STATUS: absent is F.
bool same_code(std::string_view a, std::string_view b, std::string_view absent) {
  return (a.empty() ? absent : a) == (b.empty() ? absent : b);
}

double as_double(std::string_view text) {
  Decimal number;
  return read_number(text, &number) == NumberForm::kNone || number.exponent == kTooLarge
             ? std::nan("")
             : number.to_double();
}

}  // namespace

/// A stored cell, as read for comparison.
struct DataWriter::Stored {
  std::int64_t period = 0;
  bool has_value = false, is_integer = false;
  std::int64_t number = 0;  ///< if it is one
  std::string value;        ///< else
  std::string status, conf, attributes;
  bool withdrawn = false;
  std::int64_t filing = 0;
};

Result<DataWriter> DataWriter::make(Database& database) {
  DataWriter w(database);
  struct Row {
    Statement DataWriter::*statement;
    std::string sql;
  };
  const Row rows[] = {
      {&DataWriter::find_flow_, "SELECT id FROM flow WHERE dataflow=? AND data_structure=?"},
      {&DataWriter::insert_flow_,
       "INSERT INTO flow(dataflow,data_structure,dimensions) VALUES(?,?,?)"},
      {&DataWriter::find_series_,
       "SELECT id,attributes,attributes_filing FROM series WHERE flow=? AND key=? AND measure=?"},
      {&DataWriter::insert_series_,
       "INSERT INTO series(flow,key,measure,area,attributes,attributes_filing) "
       "VALUES(?,?,?,?,?,?)"},
      {&DataWriter::update_series_,
       "UPDATE series SET attributes=?, attributes_filing=? WHERE id=?"},
      {&DataWriter::insert_series_history_,
       "INSERT OR REPLACE INTO series_history(series,filing,attributes,ended_by) VALUES(?,?,?,?)"},
      {&DataWriter::insert_filing_,
       "INSERT INTO filing(docket,item,dataset,flow,provider,agreement,action,filed_at,prepared,"
       "origin_gateway,origin_docket,origin_order) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"},
      {&DataWriter::finish_filing_,
       "UPDATE filing SET created=?,revised=?,unchanged=?,withdrawn=? WHERE id=?"},
      {&DataWriter::select_range_,
       "SELECT period,value,status,conf,attributes,withdrawn,filing FROM observation "
       "WHERE series=? AND period BETWEEN ? AND ? ORDER BY period"},
      {&DataWriter::count_outside_,
       "SELECT (SELECT count(*) FROM observation WHERE series=?1 AND period<?2 AND withdrawn IS "
       "NULL)+(SELECT count(*) FROM observation WHERE series=?1 AND period>?3 AND withdrawn IS "
       "NULL)"},
      {&DataWriter::insert_1_, insert_sql(1)},
      {&DataWriter::insert_10_, insert_sql(10)},
      {&DataWriter::insert_100_, insert_sql(100)},
      {&DataWriter::update_row_,
       "UPDATE observation SET value=?,status=?,conf=?,attributes=?,visible_at=?,withdrawn=NULL,"
       "filing=? WHERE series=? AND period=?"},
      // OR FAIL, since a statement that could be undone by itself writes down what it changes;
      // ending that walks through everything that the savepoint around it has changed so far.
      {&DataWriter::to_history_,
       "INSERT OR FAIL INTO "
       "history(series,period,filing,value,status,conf,attributes,visible_at,withdrawn,"
       "ended_by) SELECT series,period,filing,value,status,conf,attributes,visible_at,withdrawn,? "
       "FROM observation WHERE series=? AND period=?"},
      {&DataWriter::insert_touched_,
       "INSERT OR IGNORE INTO filing_series(filing,series) VALUES(?,?)"},
      {&DataWriter::find_filing_,
       "SELECT prepared,origin_order,origin_gateway,filed_at FROM filing WHERE id=?"},
      {&DataWriter::insert_period_,
       "INSERT OR IGNORE INTO period(id,text,kind,first_day,last_day) VALUES(?,?,?,?,?)"},
      {&DataWriter::find_attribute_,
       "SELECT value,filing FROM attribute WHERE flow=? AND target=? AND component=?"},
      {&DataWriter::put_attribute_,
       "INSERT OR REPLACE INTO attribute(flow,target,component,value,filing) VALUES(?,?,?,?,?)"},
      {&DataWriter::insert_attribute_history_,
       "INSERT OR REPLACE INTO attribute_history(flow,target,component,filing,value,ended_by) "
       "VALUES(?,?,?,?,?,?)"},
      {&DataWriter::list_series_, "SELECT id,key FROM series WHERE flow=?"},
      {&DataWriter::list_area_series_, "SELECT id,key FROM series WHERE flow=? AND area=?"},
      {&DataWriter::list_cells_,
       "SELECT period,value,filing FROM observation WHERE series=? AND withdrawn IS NULL "
       "ORDER BY period"},
      {&DataWriter::withdraw_,
       "UPDATE observation SET value=NULL,status=NULL,conf=NULL,attributes=NULL,visible_at=NULL,"
       "withdrawn=1,filing=? WHERE series=? AND period=?"},
  };
  for (const Row& row : rows) {
    FP_ASSIGN(w.*row.statement, database.prepare(row.sql));
  }
  return w;
}

Result<std::int64_t> DataWriter::flow_row(const FlowStructure& structure) {
  // Versions of a dataflow share their data; a new version of the DSD makes new series.
  Ref unversioned = structure.dataflow.empty() ? structure.data_structure : structure.dataflow;
  unversioned.version.clear();
  std::string dataflow = unversioned.text(), dsd = structure.data_structure.text();
  find_flow_.bind_all(std::string_view(dataflow), std::string_view(dsd));
  FP_ASSIGN(bool found, find_flow_.step());
  if (found) {
    std::int64_t id = find_flow_.integer(0);
    find_flow_.reset();
    return id;
  }
  std::string dimensions;
  for (std::size_t d = 0; d < structure.dimension_count; ++d)
    dimensions += (d ? "." : "") + structure.components[d].id;
  insert_flow_.bind_all(std::string_view(dataflow), std::string_view(dsd),
                        std::string_view(dimensions));
  FP_TRY(insert_flow_.run());
  return database_->last_row();
}

Status DataWriter::begin(FilingFacts facts, LargeChangeLimits limits) {
  facts_ = std::move(facts);
  limits_ = limits;
  outcome_ = {};
  compared_ = strongly_changed_ = 0;
  total_changed_ = much_deleted_ = false;
  pending_.clear();
  touched_.assign(touched_.size(), false);
  notes_.clear();
  periods_.clear();
  deleted_in_.clear();
  unchanged_.clear();
  recent_periods_.fill(INT64_MIN);
  FP_ASSIGN(flow_, flow_row(*facts_.structure));
  insert_filing_.bind(1, facts_.docket)
      .bind(2, std::int64_t(facts_.item))
      .bind(3, std::int64_t(facts_.dataset))
      .bind(4, flow_)
      .bind(5, std::string_view(facts_.provider))
      .bind(6, std::string_view(facts_.agreement))
      .bind(7, action_name(facts_.action))
      .bind(8, to_millis(facts_.filed_at))
      .bind(10, std::string_view(facts_.origin_gateway))
      .bind(11, std::string_view(facts_.origin_docket))
      .bind(12, facts_.origin_order);
  if (facts_.prepared) insert_filing_.bind(9, to_millis(*facts_.prepared));
  FP_TRY(insert_filing_.run());
  outcome_.filing = database_->last_row();
  return {};
}

bool DataWriter::first_touch(std::int64_t series) {
  auto place = static_cast<std::size_t>(series);
  if (place >= touched_.size()) touched_.resize(place + place / 2 + 64);
  bool first = !touched_[place];
  touched_[place] = true;
  return first;
}

void DataWriter::note_period(std::int64_t period) {
  auto slot = static_cast<std::size_t>((period >> 4) * 31 + period) & 255;
  if (recent_periods_[slot] == period) return;
  recent_periods_[slot] = period;
  if (period != 0) periods_.insert(period);
}

void DataWriter::note_cell(CellChange change) {
  constexpr std::size_t most = 20;
  auto& cells = outcome_.change.cells;
  // Revised and withdrawn cells before new ones, then the largest relative change first.
  auto before = [](const CellChange& a, const CellChange& b) {
    bool a_new = a.kind == CellChange::Kind::kNew, b_new = b.kind == CellChange::Kind::kNew;
    return a_new != b_new ? b_new : a.relative > b.relative;
  };
  if (cells.size() == most && !before(change, cells.back())) return;
  if (cells.size() == most) cells.pop_back();
  auto place = std::upper_bound(cells.begin(), cells.end(), change, before);
  cells.insert(place, std::move(change));
}

Status DataWriter::note_touched(std::int64_t series) {
  insert_touched_.bind_all(outcome_.filing, series);
  return insert_touched_.run();
}

Status DataWriter::move_to_history(std::int64_t series, std::int64_t period) {
  to_history_.bind_all(outcome_.filing, series, period);
  return to_history_.run();
}

Result<const DataWriter::FilingNote*> DataWriter::note_of(std::int64_t filing) {
  if (auto known = notes_.find(filing); known != notes_.end()) return &known->second;
  find_filing_.bind_all(filing);
  FP_ASSIGN(bool found, find_filing_.step());
  FilingNote note;
  if (found) {
    if (!find_filing_.is_null(0)) note.prepared = from_millis(find_filing_.integer(0));
    note.order = find_filing_.integer(1);
    note.same_gateway = find_filing_.text(2) == facts_.origin_gateway;
    note.filed = from_millis(find_filing_.integer(3));
    find_filing_.reset();
  }
  return &notes_.emplace(filing, note).first->second;
}

void DataWriter::note_overwritten(const FilingNote& note) {
  if (facts_.prepared && note.prepared && *facts_.prepared < *note.prepared) outcome_.older = true;
  if (facts_.judged_before && note.filed && *note.filed > *facts_.judged_before)
    outcome_.touched = true;
}

void DataWriter::bind_row(Statement& statement, int& index, std::int64_t series,
                          std::int64_t filing, const StagedRows& rows, const StagedRows::Row& row) {
  statement.bind(++index, series);
  statement.bind(++index, row.period);
  ++index;
  switch (row.kind) {
    case StagedRows::ValueKind::kNull:
      statement.bind_null(index);
      break;
    case StagedRows::ValueKind::kInteger:
      statement.bind(index, row.number);
      break;
    case StagedRows::ValueKind::kText:
      statement.bind(index, std::string_view(row.text, row.text_size));
      break;
  }
  statement.bind_optional(++index, rows.codes_[row.status]);
  statement.bind_optional(++index, rows.codes_[row.conf]);
  if (row.extra) {
    const StagedRows::Extra& extra = rows.extras_[row.extra - 1];
    statement.bind_optional(++index, extra.json);
    ++index;
    if (extra.embargo)
      statement.bind(index, to_millis(*extra.embargo));
    else
      statement.bind_null(index);
  } else {
    statement.bind_null(++index);
    statement.bind_null(++index);
  }
  statement.bind(++index, filing);
}

Status DataWriter::add_row(std::int64_t series, const StagedRows& rows,
                           const StagedRows::Row& row) {
  pending_.push_back({series, &rows, &row});
  note_period(row.period);
  ++outcome_.change.created;
  if (pending_.size() < 100) return {};
  return flush_rows();
}

Status DataWriter::flush_rows() {
  std::size_t done = 0;
  while (done < pending_.size()) {
    std::size_t rest = pending_.size() - done;
    Statement& statement = rest >= 100 ? insert_100_ : rest >= 10 ? insert_10_ : insert_1_;
    std::size_t count = rest >= 100 ? 100 : rest >= 10 ? 10 : 1;
    int index = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Pending& p = pending_[done + i];
      bind_row(statement, index, p.series, outcome_.filing, *p.rows, *p.row);
    }
    // Every parameter is bound anew each time, so the bindings need no clearing.
    FP_TRY(statement.step());
    done += count;
  }
  pending_.clear();
  return {};
}

Status DataWriter::merge(StagedRows& rows) {
  auto& staged = rows.rows_;
  auto before = [](const StagedRows::Row& a, const StagedRows::Row& b) {
    return a.series != b.series ? a.series < b.series : a.period < b.period;
  };
  if (!std::is_sorted(staged.begin(), staged.end(), before))
    std::stable_sort(staged.begin(), staged.end(), before);
  std::vector<bool> seen(rows.series_.size(), false);
  for (std::size_t first = 0; first < staged.size();) {
    std::size_t last = first;
    while (last < staged.size() && staged[last].series == staged[first].series) ++last;
    seen[staged[first].series] = true;
    FP_TRY(merge_series(rows, first, last));
    first = last;
  }
  FP_TRY(flush_rows());
  // Series that came with attributes alone.
  for (std::size_t i = 0; i < rows.series_.size(); ++i) {
    StagedRows::Series& series = rows.series_[i];
    if (seen[i] || series.attributes.empty()) continue;
    const std::string& measure = facts_.structure->components[series.measure].id;
    find_series_.bind_all(flow_, series.key, std::string_view(measure));
    FP_ASSIGN(bool found, find_series_.step());
    if (!found) continue;  // attributes of a series without observations: nothing to hang them on
    std::int64_t id = find_series_.integer(0), filing = find_series_.integer(2);
    std::string stored = find_series_.string(1);
    find_series_.reset();
    FP_TRY(merge_series_attributes(series, id, std::move(stored), filing));
  }
  FP_TRY(merge_attributes(rows));
  return take_back(rows);
}

Status DataWriter::merge_series(StagedRows& rows, std::size_t first, std::size_t last) {
  auto& staged = rows.rows_;
  StagedRows::Series& series = rows.series_[staged[first].series];
  const std::string& measure = facts_.structure->components[series.measure].id;
  ChangeSummary& change = outcome_.change;
  find_series_.bind_all(flow_, series.key, std::string_view(measure));
  FP_ASSIGN(bool found, find_series_.step());
  std::int64_t id = 0;
  if (!found) {
    insert_series_.bind_all(flow_, series.key, std::string_view(measure));
    insert_series_.bind_optional(4, series.area).bind_optional(5, series.attributes);
    if (!series.attributes.empty()) insert_series_.bind(6, outcome_.filing);
    FP_TRY(insert_series_.run());
    id = database_->last_row();
    first_touch(id);
    ++change.series;
    FP_TRY(note_touched(id));
  } else {
    id = find_series_.integer(0);
    std::int64_t attributes_filing = find_series_.integer(2);
    std::string stored = series.attributes.empty() ? std::string() : find_series_.string(1);
    find_series_.reset();
    if (!series.attributes.empty())
      FP_TRY(merge_series_attributes(series, id, std::move(stored), attributes_filing));
  }
  const bool fresh = !found;
  bool first_time = false;
  std::vector<Stored> cells;
  if (!fresh) {
    first_time = first_touch(id);
    if (first_time) {
      ++change.series;
      count_outside_.bind_all(id, staged[first].period, staged[last - 1].period);
      FP_TRY(count_outside_.step());
      change.left += std::uint64_t(count_outside_.integer(0));
      count_outside_.reset();
    }
    cells.reserve(last - first);
    select_range_.bind_all(id, staged[first].period, staged[last - 1].period);
    for (;;) {
      FP_ASSIGN(bool row, select_range_.step());
      if (!row) break;
      Stored& cell = cells.emplace_back();
      cell.period = select_range_.integer(0);
      // Most values are integers and unchanged: they are compared without becoming text.
      const int type = select_range_.type(1);
      cell.has_value = type != SQLITE_NULL;
      cell.is_integer = type == SQLITE_INTEGER;
      if (cell.is_integer)
        cell.number = select_range_.integer(1);
      else if (cell.has_value)
        cell.value = select_range_.string(1);
      cell.status = select_range_.string(2);
      cell.conf = select_range_.string(3);
      cell.attributes = select_range_.string(4);
      cell.withdrawn = select_range_.integer(5) != 0;
      cell.filing = select_range_.integer(6);
    }
  }
  bool changed = false;
  std::size_t c = 0;
  std::vector<std::int64_t>* met = fresh ? nullptr : &unchanged_[id];
  const std::size_t met_before = met ? met->size() : 0;
  for (std::size_t i = first; i < last; ++i) {
    const StagedRows::Row& row = staged[i];
    if (i > first && staged[i - 1].period == row.period) {
      // Twice in the file: validation has judged it; a contradiction it could not see counts here.
      const StagedRows::Row& other = staged[i - 1];
      auto extra = [&](const StagedRows::Row& r) {
        return r.extra ? std::string_view(rows.extras_[r.extra - 1].json) : std::string_view{};
      };
      bool same = other.kind == row.kind &&
                  same_code(rows.codes_[other.status], rows.codes_[row.status], "A") &&
                  same_code(rows.codes_[other.conf], rows.codes_[row.conf], "F") &&
                  extra(other) == extra(row) &&
                  (row.kind == StagedRows::ValueKind::kText
                       ? std::string_view(row.text, row.text_size) ==
                             std::string_view(other.text, other.text_size)
                       : row.number == other.number);
      if (!same) ++outcome_.conflicts;
      continue;
    }
    while (c < cells.size() && cells[c].period < row.period) {
      if (first_time && !cells[c].withdrawn) ++change.left;
      ++c;
    }
    if (c == cells.size() || cells[c].period != row.period) {
      FP_TRY(add_row(id, rows, row));
      changed = true;
      if (change.cells.size() < 20)
        note_cell({CellChange::Kind::kNew, std::string(series.key),
                   Period::from_number(row.period).text(), measure, "",
                   row.kind == StagedRows::ValueKind::kInteger ? std::to_string(row.number)
                   : row.kind == StagedRows::ValueKind::kText ? std::string(row.text, row.text_size)
                                                              : std::string(),
                   0});
      continue;
    }
    Stored& cell = cells[c++];
    bool same_value = false;
    switch (row.kind) {
      case StagedRows::ValueKind::kNull:
        same_value = !cell.has_value;
        break;
      case StagedRows::ValueKind::kInteger:
        same_value = cell.is_integer && cell.number == row.number;
        break;
      case StagedRows::ValueKind::kText:
        same_value = cell.has_value && !cell.is_integer &&
                     cell.value == std::string_view(row.text, row.text_size);
        break;
    }
    std::string_view attributes =
        row.extra ? std::string_view(rows.extras_[row.extra - 1].json) : std::string_view{};
    bool same = same_value && !cell.withdrawn &&
                same_code(cell.status, rows.codes_[row.status], "A") &&
                same_code(cell.conf, rows.codes_[row.conf], "F") && cell.attributes == attributes;
    if (cell.filing == outcome_.filing) {
      if (!same) ++outcome_.conflicts;
      continue;
    }
    if (!first_time &&
        std::binary_search(met->begin(), met->begin() + std::ptrdiff_t(met_before), row.period)) {
      if (!same) ++outcome_.conflicts;
      continue;
    }
    // A series that came in an earlier piece counted this cell as left.
    if (!first_time && !fresh && !cell.withdrawn && change.left > 0) --change.left;
    if (!cell.withdrawn) ++compared_;
    if (same) {
      ++change.unchanged;
      met->push_back(row.period);
      continue;
    }
    if (cell.is_integer) cell.value = std::to_string(cell.number);
    std::string text;
    if (row.kind == StagedRows::ValueKind::kInteger)
      text = std::to_string(row.number);
    else if (row.kind == StagedRows::ValueKind::kText)
      text.assign(row.text, row.text_size);
    FP_ASSIGN(const FilingNote* note, note_of(cell.filing));
    note_overwritten(*note);
    if (facts_.action == Action::kAppend && facts_.action_given && !same_value && cell.has_value)
      outcome_.append_conflict = true;
    CellChange cell_change{CellChange::Kind::kRevised,
                           std::string(series.key),
                           Period::from_number(row.period).text(),
                           measure,
                           cell.value,
                           text,
                           0};
    if (!same_value && cell.has_value && !text.empty()) {
      double old_value = as_double(cell.value), new_value = as_double(text);
      double difference = std::fabs(new_value - old_value);
      if (std::isfinite(difference)) {
        // From zero to something is a change without a measure: as large as can be.
        double relative = old_value != 0   ? difference / std::fabs(old_value)
                          : difference > 0 ? 1e9
                                           : 0;
        cell_change.relative = relative;
        if (old_value != 0) change.largest_relative = std::max(change.largest_relative, relative);
        bool strong = relative > limits_.cell_share;
        if (strong) ++strongly_changed_;
        if (series.all_total && relative > limits_.total_share &&
            difference > limits_.total_least) {
          total_changed_ = true;
          strong = true;
        }
        if (strong) ++outcome_.strong_changes;
      }
    }
    FP_TRY(move_to_history(id, row.period));
    // UPDATE binds in another order than INSERT: by hand.
    switch (row.kind) {
      case StagedRows::ValueKind::kNull:
        update_row_.bind_null(1);
        break;
      case StagedRows::ValueKind::kInteger:
        update_row_.bind(1, row.number);
        break;
      case StagedRows::ValueKind::kText:
        update_row_.bind(1, std::string_view(row.text, row.text_size));
        break;
    }
    update_row_.bind_optional(2, rows.codes_[row.status])
        .bind_optional(3, rows.codes_[row.conf])
        .bind_optional(4, attributes)
        .bind(6, outcome_.filing)
        .bind(7, id)
        .bind(8, row.period);
    if (row.extra && rows.extras_[row.extra - 1].embargo)
      update_row_.bind(5, to_millis(*rows.extras_[row.extra - 1].embargo));
    FP_TRY(update_row_.run());
    if (cell.withdrawn)
      ++change.created;
    else
      ++change.revised;
    changed = true;
    if (same_value) {
      cell_change.component = !same_code(cell.status, rows.codes_[row.status], "A") ? "OBS_STATUS"
                              : !same_code(cell.conf, rows.codes_[row.conf], "F")   ? "CONF_STATUS"
                                                                                    : "attributes";
      cell_change.before = cell_change.component == "OBS_STATUS"    ? cell.status
                           : cell_change.component == "CONF_STATUS" ? cell.conf
                                                                    : cell.attributes;
      cell_change.after = cell_change.component == "OBS_STATUS"    ? rows.codes_[row.status]
                          : cell_change.component == "CONF_STATUS" ? rows.codes_[row.conf]
                                                                   : std::string(attributes);
    }
    note_cell(std::move(cell_change));
  }
  for (; c < cells.size(); ++c)
    if (first_time && !cells[c].withdrawn) ++change.left;
  if (met) std::inplace_merge(met->begin(), met->begin() + std::ptrdiff_t(met_before), met->end());
  if (changed && !fresh) FP_TRY(note_touched(id));
  return {};
}

Status DataWriter::merge_series_attributes(StagedRows::Series& series, std::int64_t id,
                                           std::string stored, std::int64_t stored_filing) {
  if (stored == series.attributes) return {};
  // What the file gives overwrites, what it does not give stays.
  std::string json = attributes_over(stored, series.attributes);
  if (json == stored) return {};
  if (!stored.empty() && stored_filing != outcome_.filing) {
    insert_series_history_.bind_all(id, stored_filing, std::string_view(stored), outcome_.filing);
    FP_TRY(insert_series_history_.run());
  }
  update_series_.bind_all(std::string_view(json), outcome_.filing, id);
  FP_TRY(update_series_.run());
  return note_touched(id);
}

Status DataWriter::merge_attributes(StagedRows& rows) {
  for (const StagedRows::AttributeRow& row : rows.attributes_) {
    std::string target = row.target == "d:" ? "d:" + facts_.provider : row.target;
    find_attribute_.bind_all(flow_, std::string_view(target), std::string_view(row.component));
    FP_ASSIGN(bool found, find_attribute_.step());
    if (found) {
      std::string stored = find_attribute_.string(0);
      std::int64_t filing = find_attribute_.integer(1);
      find_attribute_.reset();
      if (stored == row.value) continue;
      if (filing != outcome_.filing) {
        insert_attribute_history_.bind_all(flow_, std::string_view(target),
                                           std::string_view(row.component), filing,
                                           std::string_view(stored), outcome_.filing);
        FP_TRY(insert_attribute_history_.run());
      }
    }
    put_attribute_.bind_all(flow_, std::string_view(target), std::string_view(row.component),
                            std::string_view(row.value), outcome_.filing);
    FP_TRY(put_attribute_.run());
  }
  return {};
}

Status DataWriter::take_back(StagedRows& rows) {
  for (const StagedRows::Delete& item : rows.deletes_) {
    const FlowStructure& flow = *facts_.structure;
    std::string_view area;
    if (flow.ref_area < item.key.size()) area = item.key[flow.ref_area];
    Statement& list = area.empty() ? list_series_ : list_area_series_;
    list.bind(1, flow_);
    if (!area.empty()) list.bind(2, area);
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (;;) {
      FP_ASSIGN(bool row, list.step());
      if (!row) break;
      std::string_view key = list.text(1), rest = key;
      bool match = true;
      for (std::size_t d = 0; d < item.key.size() && match; ++d) {
        auto dot = rest.find('.');
        std::string_view part = rest.substr(0, dot);
        match = item.key[d].empty() || item.key[d] == part;
        rest.remove_prefix(dot == rest.npos ? rest.size() : dot + 1);
      }
      if (match && (!facts_.owns || facts_.owns(key))) found.emplace_back(list.integer(0), key);
    }
    for (auto& [series, key] : found) FP_TRY(withdraw_series(series, key, item.period));
  }
  return {};
}

Status DataWriter::withdraw_cell(std::int64_t series, std::int64_t period) {
  FP_TRY(move_to_history(series, period));
  withdraw_.bind_all(outcome_.filing, series, period);
  FP_TRY(withdraw_.run());
  ++outcome_.change.withdrawn;
  return {};
}

Status DataWriter::withdraw_series(std::int64_t series, std::string_view key, Period period) {
  std::vector<std::pair<std::int64_t, std::string>> cells;
  list_cells_.bind_all(series);
  std::uint64_t stored = 0;
  for (;;) {
    FP_ASSIGN(bool row, list_cells_.step());
    if (!row) break;
    ++stored;
    if (!period.empty() && list_cells_.integer(0) != period.number()) continue;
    cells.emplace_back(list_cells_.integer(0), list_cells_.string(1));
    FP_ASSIGN(const FilingNote* note, note_of(list_cells_.integer(2)));
    note_overwritten(*note);
  }
  if (first_touch(series)) ++outcome_.change.series;
  if (cells.empty()) return {};
  for (auto& [at, value] : cells) {
    FP_TRY(withdraw_cell(series, at));
    note_cell({CellChange::Kind::kWithdrawn, std::string(key), Period::from_number(at).text(),
               facts_.structure->components[facts_.structure->measure].id, value, "", 1});
  }
  auto& tally = deleted_in_[series];
  tally.first += cells.size();
  tally.second = std::max(tally.second, stored);
  if (double(tally.first) > limits_.deleted_share * double(tally.second)) much_deleted_ = true;
  return note_touched(series);
}

Result<MergeOutcome> DataWriter::finish() {
  if (rollbacks_ != database_->rollbacks()) saved_periods_.clear();
  rollbacks_ = database_->rollbacks();
  for (std::int64_t number : periods_) {
    if (!saved_periods_.insert(number).second) continue;
    Period period = Period::from_number(number);
    std::string text = period.text(), first = date_text(period.first_day()),
                last = date_text(period.end_day() - 1);
    char frequency = frequency_of(period.kind());
    insert_period_.bind_all(number, std::string_view(text),
                            std::string_view(&frequency, frequency ? 1 : 0),
                            std::string_view(first), std::string_view(last));
    FP_TRY(insert_period_.run());
  }
  const ChangeSummary& change = outcome_.change;
  finish_filing_.bind_all(std::int64_t(change.created), std::int64_t(change.revised),
                          std::int64_t(change.unchanged), std::int64_t(change.withdrawn),
                          outcome_.filing);
  FP_TRY(finish_filing_.run());
  outcome_.large_change =
      total_changed_ || much_deleted_ ||
      (compared_ > 0 && double(strongly_changed_) > limits_.cells_share * double(compared_));
  facts_ = {};
  return std::move(outcome_);
}

}  // namespace focalpost
