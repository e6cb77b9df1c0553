// SPDX-License-Identifier: Apache-2.0
#include "flow/data_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "sdmx/data_writer.h"
#include "store/merge.h"
#include "store/reader.h"

namespace focalpost {
namespace {

constexpr std::size_t kPeriods = 60;  ///< of one series; five years of months

struct Series {
  std::vector<std::string> codes;
  std::vector<std::pair<std::string, std::string>> attributes;
  Period last;
};

/// The newest period of each series of the provider that lies before `period`.
Result<std::vector<Series>> last_series(Home& home, const FlowStructure& flow,
                                        std::string_view provider, Period period, Time now) {
  std::vector<Series> found;
  Selection selection;
  selection.dataflow = flow.dataflow;
  selection.latest = true;
  if (period.first_day() > 0) selection.to = Period::parse(date_text(period.first_day() - 1));
  Viewer viewer{std::string(provider), {}, false, now};
  ObservationReader reader(home.store().database(), home.snapshot());
  FP_TRY(reader.read_some(selection, viewer, [&](const DataBatch& batch) -> Result<bool> {
    for (const DataBatch::Series& series : batch.series) {
      if (series.count == 0 || series.structure->data_structure != flow.data_structure) continue;
      const DataBatch::Cell& cell = batch.cells[series.first];
      if (cell.provider != provider || cell.state == CellState::kWithdrawn) continue;
      if (found.size() == kFormSeries) return false;
      Series& one = found.emplace_back();
      one.codes.assign(series.parts.begin(), series.parts.end());
      one.attributes = read_attributes_json(series.attributes);
      one.last = cell.period;
    }
    return true;
  }));
  // Series that have ended are not asked for again.
  std::map<PeriodKind, Period> newest;
  for (const Series& one : found) {
    Period& last = newest[one.last.kind()];
    if (last.empty() || last < one.last) last = one.last;
  }
  std::erase_if(found, [&](const Series& one) { return one.last < newest[one.last.kind()]; });
  std::sort(found.begin(), found.end(),
            [](const Series& a, const Series& b) { return a.codes < b.codes; });
  return found;
}

std::vector<Period> periods_within(Period wanted, PeriodKind kind) {
  std::vector<Period> all;
  if (kind < PeriodKind::kYear || kind > PeriodKind::kDay) return all;
  for (std::int64_t n = Period::containing(kind, wanted.first_day()).ordinal();; ++n) {
    const Period one = Period::at(kind, n);
    if (one.first_day() >= wanted.end_day() || all.size() == kPeriods) return all;
    all.push_back(one);
  }
}

/// As the reporting period that no spreadsheet takes for a date.
std::string spreadsheet_text(Period period) {
  std::string text = period.text();
  if (period.kind() == PeriodKind::kMonth && text.size() == 7) text.insert(5, "M");
  return text;
}

Status write(MessageWriter& writer, const std::shared_ptr<const FlowStructure>& flow,
             const OutgoingMessage& message, const std::vector<Series>& series, Period wanted,
             bool for_spreadsheet, std::size_t& rows) {
  FP_TRY(writer.begin(message));
  OutgoingDataset dataset;
  dataset.structure = flow;
  dataset.action = Action::kReplace;
  FP_TRY(writer.begin_dataset(dataset));
  {
    RowFeed feed(writer, flow);
    std::vector<std::string_view> key;
    std::vector<OutgoingValue> values;
    for (const Series& one : series) {
      const auto periods = periods_within(wanted, one.last.kind());
      if (periods.empty()) continue;
      key.assign(one.codes.begin(), one.codes.end());
      values.clear();
      for (const auto& [id, value] : one.attributes)
        if (const std::uint16_t component = flow->find(id); component != kNoComponent)
          values.push_back({component, value});
      FP_TRY(feed.series(key, values));
      for (Period period : periods) {
        const std::string time = for_spreadsheet ? spreadsheet_text(period) : period.text();
        FP_TRY(feed.observation(time, {}));
        ++rows;
      }
    }
    FP_TRY(feed.finish());
  }
  FP_TRY(writer.end_dataset());
  return writer.end();
}

}  // namespace

Result<DataForm> write_data_form(Home& home, const std::shared_ptr<const FlowStructure>& flow,
                                 std::string_view provider, Period period, Time now) {
  DataForm form;
  FP_ASSIGN(auto series, last_series(home, *flow, provider, period, now));
  if (series.empty()) return form;
  OutgoingMessage message;
  message.header.id = legal_id(fmt::format("FORM_{}_{}", flow->dataflow.id, period.text()));
  message.header.prepared = format_rfc3339(now);
  message.header.sender = legal_id(provider);
  message.structures = {flow};
  DataWriteOptions options;
  options.separator = ';';
  options.for_people = true;
  const Limits& limits = home.settings().limits;
  const DataFormat table = flow->measure_count > 1 ? DataFormat::kCsv20 : DataFormat::kCsv10;
  form.csv = "\xEF\xBB\xBF";
  auto csv = make_data_writer(table, sink_to(form.csv), options, limits);
  FP_TRY(write(*csv, flow, message, series, period, true, form.rows));
  form.rows = 0;
  auto xml = make_data_writer(DataFormat::kStructureSpecific21, sink_to(form.xml), {}, limits);
  FP_TRY(write(*xml, flow, message, series, period, false, form.rows));
  return form;
}

}  // namespace focalpost
