// SPDX-License-Identifier: Apache-2.0
#include "flow/desk_data.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "compose/names.h"
#include "flow/export.h"
#include "store/merge.h"

namespace focalpost {
namespace {

/// Frequencies from the rarest to the most frequent; others after them.
int rarity(std::string_view freq) {
  constexpr std::string_view kOrder = "ASTQMWD";
  const auto place = freq.size() == 1 ? kOrder.find(freq.front()) : kOrder.npos;
  return place == kOrder.npos ? int(kOrder.size()) : int(place);
}

AnswerCell cell_of(const DataBatch::Cell& from) {
  AnswerCell cell;
  switch (from.state) {
    case CellState::kShown:
      cell.mark = CellMark::kValue;
      if (from.has_value) cell.value = std::string(from.value);
      cell.status = std::string(from.status);
      break;
    case CellState::kWithheld:
      cell.mark =
          from.reason == WithheldReason::kEmbargo ? CellMark::kEmbargo : CellMark::kWithheld;
      if (cell.mark == CellMark::kEmbargo) cell.until = from.visible_at;
      break;
    case CellState::kWithdrawn:
      break;  // as if it had never been filed
  }
  return cell;
}

/// The country that a region lies in, as the codelist has it.
std::string country_of(const FlowStructure& flow, const std::string& area) {
  const FlowComponent& dimension = flow.components[flow.ref_area];
  std::int32_t code = dimension.coded() ? dimension.codes->find(area) : kNoCode;
  for (std::size_t up = 0; code >= 0 && up < 10; ++up) {
    const std::int32_t parent = dimension.codes->parent(code);
    if (parent < 0) return std::string(dimension.codes->id(code));
    code = parent;
  }
  return area;
}

/// Collects what the reader gives.
class Collector {
 public:
  Collector(std::shared_ptr<const FlowStructure> flow) : flow_(std::move(flow)) {}

  /// Whether there is room for more.
  bool take(const DataBatch& batch) {
    for (const DataBatch::Series& series : batch.series) {
      if (series.structure->measure != kNoComponent &&
          series.measure != series.structure->components[series.structure->measure].id)
        continue;
      if (series_ >= kSeriesRead || cells_ + series.count > kCellsRead) {
        cut_ = true;
        return false;
      }
      ++series_;
      cells_ += series.count;
      add(batch, series);
    }
    return true;
  }

  bool cut() const { return cut_; }
  bool seen(const std::string& area) const { return areas_.count(area) > 0; }

  std::vector<AnswerTable> tables() {
    std::vector<AnswerTable> made;
    for (auto& [key, table] : tables_) {
      AnswerTable& one = made.emplace_back();
      one.flow = table.structure;
      one.freq = std::get<1>(key);
      one.collect = std::get<2>(key);
      one.multiplier = std::get<3>(key);
      one.periods = periods(table);
      std::sort(table.series.begin(), table.series.end(),
                [](const Series& a, const Series& b) { return a.order < b.order; });
      for (Series& series : table.series) {
        AnswerSeries& row = one.series.emplace_back();
        row.codes = std::move(series.codes);
        row.provider = std::move(series.provider);
        for (Period period : one.periods) {
          auto found = series.cells.find(period);
          row.cells.push_back(found == series.cells.end() ? AnswerCell()
                                                          : std::move(found->second));
        }
      }
    }
    return made;
  }

 private:
  struct Series {
    std::vector<std::int32_t> order;  ///< code numbers: as the codelists have them
    std::vector<std::string> codes;
    std::string provider;
    std::map<Period, AnswerCell> cells;
  };
  struct Table {
    std::shared_ptr<const FlowStructure> structure;
    std::vector<Series> series;
  };
  /// DSD, then what may not stand in one table.
  using Key = std::tuple<int, std::string, std::string, std::string, Ref>;

  void add(const DataBatch& batch, const DataBatch::Series& from) {
    const FlowStructure& structure = *from.structure;
    std::string freq, collect, multiplier;
    if (structure.freq < structure.dimension_count) freq = std::string(from.parts[structure.freq]);
    for (auto& [id, value] : read_attributes_json(from.attributes)) {
      if (id == "TIME_PER_COLLECT") collect = value;
      if (id == "UNIT_MULT") multiplier = value;
    }
    if (multiplier == "0") multiplier.clear();
    Series series;
    for (std::uint16_t d = 0; d < structure.dimension_count; ++d) {
      series.codes.emplace_back(from.parts[d]);
      const FlowComponent& dimension = structure.components[d];
      series.order.push_back(dimension.coded() ? dimension.codes->find(from.parts[d]) : kNoCode);
    }
    for (std::uint32_t c = from.first; c < from.first + from.count; ++c) {
      const DataBatch::Cell& cell = batch.cells[c];
      AnswerCell made = cell_of(cell);
      if (made.mark == CellMark::kNothing) continue;
      series.provider = std::string(cell.provider);
      series.cells.emplace(cell.period, std::move(made));
    }
    if (series.cells.empty()) return;
    if (structure.ref_area < structure.dimension_count)
      areas_.insert(series.codes[structure.ref_area]);
    Table& table = tables_[Key{rarity(freq), freq, collect, multiplier, structure.data_structure}];
    // Names come from the dataflow, where the DSD is the one it has now.
    table.structure = structure.data_structure == flow_->data_structure ? flow_ : from.structure;
    table.series.push_back(std::move(series));
  }

  /// From the first to the last, if they can be counted; else those that occur.
  static std::vector<Period> periods(const Table& table) {
    std::set<Period> all;
    for (const Series& series : table.series)
      for (const auto& [period, cell] : series.cells) all.insert(period);
    std::vector<Period> list(all.begin(), all.end());
    const PeriodKind kind = list.front().kind();
    const bool even =
        kind >= PeriodKind::kYear && kind <= PeriodKind::kDay &&
        std::all_of(list.begin(), list.end(), [&](Period period) { return period.kind() == kind; });
    if (!even) return list;
    const std::int64_t first = list.front().ordinal(), last = list.back().ordinal();
    if (last - first >= std::int64_t(kPeriodsInTable)) return list;
    list.clear();
    for (std::int64_t n = first; n <= last; ++n) list.push_back(Period::at(kind, n));
    return list;
  }

  std::shared_ptr<const FlowStructure> flow_;
  std::map<Key, Table> tables_;
  std::set<std::string> areas_;
  std::size_t series_ = 0, cells_ = 0;
  bool cut_ = false;
};

/// Does it go over more years than are shown in detail?
bool is_long(const Selection& selection, Time now) {
  if (selection.latest) return false;
  if (!selection.from) return true;
  const std::int64_t today = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
  const std::int64_t end = selection.to ? selection.to->end_day() : today;
  return end - selection.from->first_day() > kYearsInDetail * 366;
}

/// The areas of which there may be data: those asked for, else those that agreements cover.
std::vector<std::string> areas_in_question(const StructureLookup& lookup, const FlowStructure& flow,
                                           const Selection& selection) {
  const std::string& dimension = flow.components[flow.ref_area].id;
  if (auto named = selection.codes.find(dimension); named != selection.codes.end())
    return named->second;
  std::set<std::string> all;
  for (const AgreementTerms& terms : lookup.agreements())
    if (terms.flow && terms.flow->dataflow.agency == flow.dataflow.agency &&
        terms.flow->dataflow.id == flow.dataflow.id)
      for (std::string& area : terms.areas()) all.insert(std::move(area));
  return {all.begin(), all.end()};
}

/// Reads frequency by frequency, from the rarest on, each for the areas that have not been shown
/// yet: what nobody wants to see is not worth deciding what of it must be hidden.
Status read_rarest(ObservationReader& reader, const StructureLookup& lookup,
                   const FlowStructure& flow, const Selection& selection, const Viewer& viewer,
                   Collector& collector) {
  std::vector<std::string> frequencies;
  for (std::string_view code : flow.components[flow.freq].codes->ids())
    frequencies.emplace_back(code);
  std::stable_sort(
      frequencies.begin(), frequencies.end(),
      [](const std::string& a, const std::string& b) { return rarity(a) < rarity(b); });
  std::vector<std::string> areas = areas_in_question(lookup, flow, selection);
  for (const std::string& frequency : frequencies) {
    if (areas.empty()) break;
    Selection one = selection;
    one.codes[flow.components[flow.freq].id] = {frequency};
    one.codes[flow.components[flow.ref_area].id] = areas;
    FP_ASSIGN(const bool all, reader.read_some(one, viewer, [&](const DataBatch& batch) {
      return Result<bool>(collector.take(batch));
    }));
    if (!all) break;
    std::erase_if(areas, [&](const std::string& area) { return collector.seen(area); });
  }
  return {};
}

}  // namespace

Selection selection_for(const enquiry::Command& command, const FlowStructure& flow) {
  Selection selection;
  selection.dataflow = flow.dataflow;
  selection.from = command.from;
  selection.to = command.to;
  selection.latest = command.latest;
  selection.as_of = command.as_of;
  for (std::uint16_t d = 0; d < flow.dimension_count; ++d) {
    const FlowComponent& dimension = flow.components[d];
    auto named = command.codes.find(dimension.id);
    if (named != command.codes.end() && !named->second.empty()) {
      selection.codes[dimension.id] = named->second;
      continue;
    }
    if (d == flow.ref_area) {
      if (!command.areas.empty()) selection.codes[dimension.id] = command.areas;
      continue;
    }
    auto is = [&](const std::vector<std::string>& ids) { return among(ids, dimension.id); };
    if (command.rest || is(command.by) || is(command.open)) continue;
    if (const std::string_view usual = usual_code(dimension); !usual.empty())
      selection.codes[dimension.id] = {std::string(usual)};
  }
  return selection;
}

Result<AnswerData> read_data(Home& home, std::shared_ptr<const FlowStructure> flow,
                             const Selection& selection, const Viewer& viewer) {
  AnswerData data;
  data.flow = flow;
  Collector collector(flow);
  ObservationReader reader(home.store().database(), home.snapshot());
  const auto coded = [&](std::uint16_t place) {
    return place < flow->dimension_count && flow->components[place].coded();
  };
  data.rarest = coded(flow->freq) && coded(flow->ref_area) &&
                !selection.codes.contains(flow->components[flow->freq].id) &&
                is_long(selection, viewer.now);
  if (data.rarest) {
    FP_TRY(read_rarest(reader, home.lookup(), *flow, selection, viewer, collector));
  } else {
    FP_TRY(reader.read_some(selection, viewer, [&](const DataBatch& batch) {
      return Result<bool>(collector.take(batch));
    }));
  }
  data.cut = collector.cut();
  data.tables = collector.tables();

  // Beside the numbers of each country: what they count.
  std::map<std::string, std::string> whose;
  for (const AnswerTable& table : data.tables)
    for (const AnswerSeries& series : table.series)
      if (table.flow->ref_area < series.codes.size())
        whose.try_emplace(country_of(*table.flow, series.codes[table.flow->ref_area]),
                          series.provider);
  if (whose.empty()) return data;
  std::vector<std::string> areas;
  for (const auto& [area, provider] : whose) areas.push_back(area);
  FP_ASSIGN(auto known, read_definitions(home, "METHOD", flow.get(), areas, viewer));
  for (const auto& [area, provider] : whose) {
    auto found = std::find_if(known.begin(), known.end(), [&](const AnswerDefinition& one) {
      return one.area == area && one.provider == provider;
    });
    if (found != known.end()) {
      data.definitions.push_back(*found);
    } else {
      AnswerDefinition& missing = data.definitions.emplace_back();
      missing.area = area;
      missing.provider = provider;
    }
  }
  return data;
}

Result<std::optional<std::pair<Period, Period>>> period_range(Home& home,
                                                              const Selection& selection,
                                                              const Viewer& viewer) {
  std::optional<std::pair<Period, Period>> nothing;
  std::optional<Period> first, last;
  std::size_t seen = 0;
  ObservationReader reader(home.store().database(), home.snapshot());
  FP_TRY(reader.read_some(selection, viewer, [&](const DataBatch& batch) -> Result<bool> {
    for (const DataBatch::Cell& cell : batch.cells) {
      if (cell.state == CellState::kWithdrawn) continue;
      if (!first || cell.period.first_day() < first->first_day()) first = cell.period;
      if (!last || cell.period.end_day() > last->end_day()) last = cell.period;
    }
    seen += batch.series.size();
    return seen < kSeriesRead;
  }));
  if (!first) return nothing;
  return std::optional(std::pair(*first, *last));
}

Result<std::string> periods_known(Home& home, Selection selection, const Viewer& viewer) {
  selection.from.reset();
  selection.to.reset();
  FP_ASSIGN(const auto range, period_range(home, selection, viewer));
  if (!range) return std::string();
  const auto& [first, last] = *range;
  return first == last ? first.text() : first.text() + " – " + last.text();
}

Result<std::string> data_file(Home& home, std::shared_ptr<const FlowStructure> flow,
                              const Selection& selection, const Viewer& viewer,
                              enquiry::Format format, std::size_t most) {
  OutputFormat wanted;
  wanted.format =
      format == enquiry::Format::kCsv ? DataFormat::kCsv10 : DataFormat::kStructureSpecific21;
  if (format == enquiry::Format::kCsv && flow->measure_count > 1)
    wanted.format = DataFormat::kCsv20;
  wanted.for_people = format == enquiry::Format::kCsv;
  std::string bytes;
  bool full = false;
  auto count = export_selection(home, flow, selection, viewer, wanted, viewer.now,
                                [&](std::string_view piece) -> Status {
                                  full = bytes.size() + piece.size() > most;
                                  if (full) return usage_error("enough has been written");
                                  bytes += piece;
                                  return {};
                                });
  if (full) return std::string();
  if (!count.ok()) return count.error();
  return bytes;
}

Result<std::vector<AnswerDefinition>> read_definitions(Home& home, std::string_view metadataflow,
                                                       const FlowStructure* flow,
                                                       const std::vector<std::string>& areas,
                                                       const Viewer& viewer) {
  std::vector<AnswerDefinition> made;
  const StructureLookup& lookup = home.lookup();
  const Metadataflow* named = nullptr;
  for (const Metadataflow& one : lookup.structures().metadataflows)
    if (one.ref.id == metadataflow && (!named || version_less(named->ref.version, one.ref.version)))
      named = &one;
  if (!named) return made;
  MetadataSelection selection;
  selection.structure = named->structure;
  selection.dataflow = flow ? flow->dataflow : Ref();
  FP_ASSIGN(auto filed, home.store().metadata().read(selection, lookup, viewer));
  for (const FiledMetadata& one : filed) {
    const std::vector<std::string> covered =
        lookup.areas_covered(one.provider, flow ? &flow->dataflow : nullptr, viewer.now);
    auto add = [&](std::string area) {
      AnswerDefinition& definition = made.emplace_back();
      definition.area = std::move(area);
      definition.provider = one.provider;
      definition.structure = lookup.metadata_structure(one.structure);
      definition.attributes = one.attributes;
      definition.filed_at = one.filed_at;
    };
    if (areas.empty() && covered.empty()) add("");
    for (const std::string& area : covered)
      if (areas.empty() || among(areas, area)) add(area);
  }
  std::sort(made.begin(), made.end(), [](const AnswerDefinition& a, const AnswerDefinition& b) {
    return std::tie(a.area, a.provider) < std::tie(b.area, b.provider);
  });
  return made;
}

}  // namespace focalpost
