// SPDX-License-Identifier: Apache-2.0
#include "store/stored_history.h"

#include <algorithm>
#include <cmath>

#include "model/decimal.h"

namespace focalpost {

Status StoredHistory::cells(const FlowStructure& flow, std::string_view key,
                            const PastWanted& wanted, std::vector<PastCell>& cells) {
  FP_ASSIGN(auto number, flow_of(flow));
  if (!number) return {};
  std::int64_t series = 0;
  {
    FP_ASSIGN(auto find,
              statements_.get("SELECT id FROM series WHERE flow=? AND key=? AND measure=?"));
    find->bind_all(*number, key, std::string_view(flow.components[flow.measure].id));
    FP_ASSIGN(bool known, find->step());
    if (!known) return {};
    series = find->integer(0);
  }
  {
    // Backwards, to stop at the first one that is too early.
    FP_ASSIGN(auto before,
              statements_.get("SELECT period,value,filing FROM observation WHERE series=? AND "
                              "period<? AND withdrawn IS NULL ORDER BY period DESC"));
    before->bind_all(series, wanted.first.number());
    const auto first = std::ptrdiff_t(cells.size());
    for (;;) {
      FP_ASSIGN(bool there, before->step());
      if (!there) break;
      FP_TRY(add(*before, cells));
      if (before->integer(0) < wanted.from.number()) break;
    }
    std::reverse(cells.begin() + first, cells.end());
  }
  if (wanted.between) {
    FP_ASSIGN(auto inside,
              statements_.get("SELECT period,value,filing FROM observation WHERE series=? AND "
                              "period BETWEEN ? AND ? AND withdrawn IS NULL ORDER BY period"));
    inside->bind_all(series, wanted.first.number(), wanted.last.number());
    for (;;) {
      FP_ASSIGN(bool there, inside->step());
      if (!there) break;
      FP_TRY(add(*inside, cells));
    }
  }
  FP_ASSIGN(auto after,
            statements_.get("SELECT period,value,filing FROM observation WHERE series=? AND "
                            "period>? AND withdrawn IS NULL ORDER BY period LIMIT 1"));
  after->bind_all(series, wanted.last.number());
  FP_ASSIGN(bool there, after->step());
  return there ? add(*after, cells) : Status();
}

Status StoredHistory::add(Statement& row, std::vector<PastCell>& cells) {
  FP_ASSIGN(bool mine, own(row.integer(2)));
  if (!mine) return {};
  PastCell& cell = cells.emplace_back();
  cell.period = Period::from_number(row.integer(0));
  Decimal decimal;
  if (row.type(1) == SQLITE_INTEGER)
    cell.value = static_cast<double>(row.integer(1));
  else if (!row.is_null(1) && read_number(row.text(1), &decimal) != NumberForm::kNone &&
           decimal.exponent != kTooLarge)
    cell.value = decimal.to_double();
  else
    cell.value = std::nan("");
  return {};
}

Result<std::optional<std::int64_t>> StoredHistory::flow_of(const FlowStructure& flow) {
  if (flow_known_ == &flow) return flow_;
  // Versions of a dataflow share their data; another version of the DSD has other series.
  Ref unversioned = flow.dataflow.empty() ? flow.data_structure : flow.dataflow;
  unversioned.version.clear();
  const std::string dataflow = unversioned.text(), dsd = flow.data_structure.text();
  FP_ASSIGN(auto find,
            statements_.get("SELECT id FROM flow WHERE dataflow=? AND data_structure=?"));
  find->bind_all(std::string_view(dataflow), std::string_view(dsd));
  FP_ASSIGN(bool found, find->step());
  flow_known_ = &flow;
  flow_.reset();
  if (found) flow_ = find->integer(0);
  return flow_;
}

Result<bool> StoredHistory::own(std::int64_t filing) {
  if (auto known = own_.find(filing); known != own_.end()) return known->second;
  FP_ASSIGN(auto find, statements_.get("SELECT provider FROM filing WHERE id=?"));
  find->bind_all(filing);
  FP_ASSIGN(bool found, find->step());
  const bool mine = found && find->text(0) == provider_;
  own_.emplace(filing, mine);
  return mine;
}

}  // namespace focalpost
