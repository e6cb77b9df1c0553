// SPDX-License-Identifier: Apache-2.0
#include "validation/plausibility.h"

#include <algorithm>
#include <iterator>

#include "validation/totals.h"

namespace focalpost {
namespace {

/// A piece of a dataset that is too large: small enough to stay in the processor's cache.
constexpr std::uint64_t kPiece = 8192;
constexpr std::size_t kPartsNamed = 8;

/// The rows of the series that comes first; `rows` are sorted and not empty.
std::span<const KeptCells::Row> series_at(std::span<const KeptCells::Row> rows) {
  std::size_t n = 1;
  while (n < rows.size() && rows[n].series == rows[0].series) ++n;
  return rows.first(n);
}

}  // namespace

Plausibility::Plausibility(std::shared_ptr<const FlowStructure> structure, std::uint32_t dataset,
                           std::uint64_t most_cells, std::uint64_t listed)
    : cells_(std::move(structure)),
      continuity_(listed),
      dataset_(dataset),
      most_cells_(most_cells),
      listed_(listed) {}

void Plausibility::take(const ObservationBatch& batch, std::size_t run, std::uint32_t series,
                        const JudgedNumbers& numbers) {
  const std::uint64_t more = batch.runs[run].count;
  if (cells_.rows().size() + more > (whole_ ? most_cells_ : std::min(most_cells_, kPiece))) {
    whole_ = false;
    const bool goes_on = base_ + cells_.series().size() == std::size_t(series) + 1;
    judge_series(goes_on);
    base_ += cells_.forget(!goes_on);
    if (goes_on && cells_.rows().size() + more > most_cells_) base_ += cells_.forget(true);
  }
  if (series < base_ || more > most_cells_) {
    came_back_ = true;
    return;
  }
  cells_.add(batch, run, series - base_, numbers);
}

void Plausibility::judge_series(bool but_the_last) {
  cells_.sort();
  std::span<const KeptCells::Row> rows = cells_.rows();
  const std::size_t series = cells_.series().size() - (but_the_last ? 1 : 0);
  while (!rows.empty() && rows.front().series < series) {
    auto one = series_at(rows);
    continuity_.judge(cells_, one, {});
    rows = rows.subspan(one.size());
  }
}

Status Plausibility::judge_with(HistoryLookup& history) {
  cells_.sort();
  std::vector<PastCell> past;
  std::span<const KeptCells::Row> rows = cells_.rows();
  while (!rows.empty()) {
    auto one = series_at(rows);
    const PeriodKind kind = cells_.series()[one.front().series].kind;
    // A year before the first one, for the same period of that year.
    const std::int64_t year = std::max(1, periods_in_a_year(kind));
    PastWanted wanted;
    wanted.from = Period::at(kind, one.front().ordinal - year);
    wanted.first = Period::at(kind, one.front().ordinal);
    wanted.last = Period::at(kind, one.back().ordinal);
    wanted.between = std::size_t(one.back().ordinal - one.front().ordinal) + 1 != one.size();
    past.clear();
    FP_TRY(history.cells(cells_.structure(), cells_.key(one.front().series), wanted, past));
    continuity_.judge(cells_, one, past);
    rows = rows.subspan(one.size());
  }
  return {};
}

void Plausibility::judge_totals(std::vector<Finding>& findings) {
  std::uint64_t more = 0;
  const FlowStructure& flow = cells_.structure();
  compare_totals(cells_, [&](const TotalFault& fault) {
    if (findings.size() >= listed_) {
      ++more;
      return;
    }
    const CodeTable& codes = *flow.components[fault.dimension].codes;
    Finding& f = findings.emplace_back();
    f.rule = &rules::total_differs;
    f.at = fault.total.at;
    f.series = cells_.shown_key(fault.total.series);
    f.period = Period::at(cells_.series()[fault.total.series].kind, fault.total.ordinal).text();
    f.component = flow.components[fault.dimension].id;
    f.value = number_text(fault.total.value);
    f.expected = number_text(fault.sum, fault.decimals);
    for (std::size_t k = 0; k < fault.parts.size(); ++k) {
      if (k == kPartsNamed) {
        f.detail += ", …";
        break;
      }
      f.detail += (k ? ", " : "") + std::string(codes.id(fault.parts[k]));
    }
  });
  if (more == 0) return;
  Finding& rest = findings.emplace_back();
  rest.rule = &rules::total_differs;
  rest.count = more;
}

Status Plausibility::conclude(HistoryLookup* history, FindingSink& sink) {
  std::vector<Finding> findings;
  if (history && whole_)
    FP_TRY(judge_with(*history));
  else
    judge_series(false);
  if (whole_) {
    judge_totals(findings);
  } else {
    // A gap may not be one if the rest of the series came later.
    if (came_back_) continuity_.forget_gaps();
    Finding& note = findings.emplace_back();
    note.rule = &rules::not_compared;
    note.detail = std::to_string(most_cells_);
  }
  std::vector<Finding> others = continuity_.findings();
  std::move(others.begin(), others.end(), std::back_inserter(findings));
  for (Finding& finding : findings) {
    finding.dataset = dataset_;
    sink.add(std::move(finding));
  }
  cells_.forget(true);
  return {};
}

}  // namespace focalpost
