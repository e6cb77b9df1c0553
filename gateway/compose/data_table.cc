// SPDX-License-Identifier: Apache-2.0
#include "compose/data_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "compose/chart_words.h"
#include "compose/names.h"
#include "compose/shown.h"

namespace focalpost {
namespace {

constexpr std::string_view kNothing = "…", kWithheld = "×";
constexpr std::size_t kHeadCharacters = 34, kGap = 2;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string spaces(std::size_t wanted, std::string_view text) {
  const std::size_t has = characters(text);
  return std::string(wanted > has ? wanted - has : 0, ' ');
}

}  // namespace

std::string grouped_number(std::string_view value, const Phrases& phrases) {
  std::string_view rest = value;
  const bool minus = rest.starts_with('-');
  if (minus) rest.remove_prefix(1);
  const std::size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  const std::string_view part = point == rest.npos ? std::string_view() : rest.substr(point + 1);
  auto digits = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  // Beyond 15 digits a double is not exact any more.
  if (whole.empty() || whole.size() > 15 || !digits(whole) || !digits(part))
    return shown(value, 40);
  std::string made = minus ? "−" : "";
  made += phrases.number(std::strtod(std::string(whole).c_str(), nullptr));
  if (part.empty()) return made;
  const std::string half = phrases.number(0.5);
  made += half.size() > 2 ? half.substr(1, half.size() - 2) : ".";
  made += part;
  return made;
}

std::string cell_text(const AnswerCell& cell, const Phrases& phrases, TableMarks& marks) {
  switch (cell.mark) {
    case CellMark::kNothing:
      marks.nothing = true;
      return std::string(kNothing);
    case CellMark::kEmbargo:
      if (cell.until) marks.until.insert(*cell.until);
      [[fallthrough]];
    case CellMark::kWithheld:
      marks.withheld = true;
      return std::string(kWithheld);
    case CellMark::kValue:
      break;
  }
  std::string text =
      cell.value.empty() ? std::string(kNothing) : grouped_number(cell.value, phrases);
  if (!cell.status.empty() && cell.status != "A") {
    marks.statuses.insert(cell.status);
    text += fmt::format(" ({})", shown(cell.status, 4));
  } else if (cell.value.empty()) {
    marks.nothing = true;
  }
  return text;
}

std::string grid_text(const Grid& grid, std::size_t width) {
  std::size_t head = characters(grid.corner);
  for (const Grid::Row& row : grid.rows) head = std::max(head, characters(row.head));
  head = std::min(head, kHeadCharacters);
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < grid.columns.size(); ++c) {
    std::size_t widest = characters(grid.columns[c]);
    for (const Grid::Row& row : grid.rows) widest = std::max(widest, characters(row.cells[c]));
    widths.push_back(std::min(widest, width - head - kGap));
  }
  std::string out;
  for (std::size_t first = 0; first < widths.size();) {
    std::size_t end = first, used = head;
    while (end < widths.size() && (end == first || used + kGap + widths[end] <= width))
      used += kGap + widths[end++];
    if (!out.empty()) out += '\n';
    auto line = [&](const std::string& name, const std::vector<std::string>& cells) {
      const std::string shortened = shorten(name, head);
      out += shortened + spaces(head, shortened);
      for (std::size_t c = first; c < end; ++c) {
        const std::string cell = shorten(cells[c], widths[c]);
        out += std::string(kGap, ' ') + spaces(widths[c], cell) + cell;
      }
      out += '\n';
    };
    line(grid.corner, grid.columns);
    out += std::string(used, '-') + '\n';
    for (const Grid::Row& row : grid.rows) line(row.head, row.cells);
    first = end;
  }
  return out;
}

Value grid_value(const Grid& grid) {
  Value made;
  Value::List columns, rows;
  for (const std::string& column : grid.columns) columns.push_back(Value().set("text", column));
  for (const Grid::Row& row : grid.rows) {
    Value::List cells;
    for (const std::string& cell : row.cells) cells.push_back(Value().set("text", cell));
    rows.push_back(Value().set("head", row.head).set("cells", std::move(cells)));
  }
  return made.set("corner", grid.corner)
      .set("columns", std::move(columns))
      .set("rows", std::move(rows));
}

TableWords table_words(const AnswerTable& table, const StructureLookup& structures, Words& words) {
  const FlowStructure& flow = *table.flow;
  const Phrases& phrases = words.phrases();
  TableWords made;
  made.title = flow.names_of ? name_or(flow.names_of->names, phrases.lang(), flow.name().id)
                             : shown(flow.name().id);
  made.labels.resize(table.series.size());
  auto add = [](std::string& to, const std::string& more, std::string_view between) {
    if (!to.empty()) to += between;
    to += more;
  };
  for (std::uint16_t d = 0; d < flow.dimension_count; ++d) {
    if (d == flow.freq) continue;
    const FlowComponent& dimension = flow.components[d];
    const std::string& first = table.series.front().codes[d];
    const bool same = std::all_of(table.series.begin(), table.series.end(),
                                  [&](const AnswerSeries& s) { return s.codes[d] == first; });
    if (!same) {
      for (std::size_t i = 0; i < table.series.size(); ++i)
        add(made.labels[i], code_name(dimension, table.series[i].codes[d], phrases.lang()), ", ");
      continue;
    }
    // A total that nobody asked about says nothing; a code that was assumed does.
    if (first == "_T") continue;
    add(made.subtitle,
        fmt::format("{}: {}", component_name(dimension, structures.structures(), phrases.lang()),
                    code_name(dimension, first, phrases.lang())),
        "; ");
  }
  if (!table.multiplier.empty() && table.multiplier != "0")
    add(made.subtitle,
        words(table.multiplier == "3" ? "table.thousands" : "table.multiplier",
              {{"power", table.multiplier}}),
        "; ");
  if (table.collect == "A") add(made.subtitle, words("table.average"), "; ");
  // One series: the table needs a name for it all the same.
  for (std::string& label : made.labels)
    if (label.empty()) {
      const std::uint16_t area = flow.ref_area;
      label =
          area < flow.dimension_count
              ? code_name(flow.components[area], table.series.front().codes[area], phrases.lang())
              : made.title;
    }
  return made;
}

std::string period_words(const AnswerTable& table, Period period, const Phrases& phrases) {
  const bool stock = table.collect == "B" || table.collect == "E" || table.collect == "M";
  if (!stock || period.kind() == PeriodKind::kNone || period.kind() >= PeriodKind::kDay)
    return shown(phrases.period(period));
  const std::int64_t first = period.first_day(), end = period.end_day();
  const std::int64_t day = table.collect == "B"   ? first
                           : table.collect == "E" ? end - 1
                                                  : first + (end - first) / 2;
  return phrases.date(Time(std::chrono::days(day)));
}

Grid data_grid(const AnswerTable& table, const TableWords& names, const Phrases& phrases,
               TableMarks& marks) {
  Grid grid;
  std::vector<std::string> periods;
  for (Period period : table.periods) periods.push_back(period_words(table, period, phrases));
  if (table.series.size() <= kAcross && table.periods.size() > 1) {
    grid.columns = names.labels;
    // The newest are what is asked for mostly.
    const std::size_t skip =
        table.periods.size() > kRowsShown ? table.periods.size() - kRowsShown : 0;
    grid.rows_left_out = skip;
    for (std::size_t p = skip; p < table.periods.size(); ++p) {
      Grid::Row& row = grid.rows.emplace_back();
      row.head = periods[p];
      for (const AnswerSeries& series : table.series)
        row.cells.push_back(cell_text(series.cells[p], phrases, marks));
    }
    return grid;
  }
  constexpr std::size_t kColumns = 12;
  const std::size_t skip = periods.size() > kColumns ? periods.size() - kColumns : 0;
  grid.columns.assign(periods.begin() + static_cast<std::ptrdiff_t>(skip), periods.end());
  for (std::size_t i = 0; i < table.series.size(); ++i) {
    if (i == kRowsShown) break;
    Grid::Row& row = grid.rows.emplace_back();
    row.head = names.labels[i];
    for (std::size_t p = skip; p < periods.size(); ++p)
      row.cells.push_back(cell_text(table.series[i].cells[p], phrases, marks));
  }
  if (table.series.size() > kRowsShown) grid.rows_left_out = table.series.size() - kRowsShown;
  if (skip > 0) grid.rows_left_out += skip;
  return grid;
}

std::optional<Chart> data_chart(const AnswerTable& table, const TableWords& names, bool example,
                                Words& words, std::size_t least) {
  const Phrases& phrases = words.phrases();
  Chart chart;
  bool enough = false;
  for (std::size_t i = 0; i < table.series.size() && i < 2 * kLinesDrawn; ++i) {
    const AnswerSeries& from = table.series[i];
    ChartSeries& series = chart.series.emplace_back();
    series.label = names.labels[i];
    std::size_t values = 0;
    for (std::size_t p = 0; p < from.cells.size(); ++p) {
      const AnswerCell& cell = from.cells[p];
      ChartPoint& point = series.points.emplace_back();
      point.period = table.periods[p];
      point.value = cell.value;
      point.provisional = cell.status == "P";
      point.estimated = cell.status == "E";
      point.breaks = cell.status == "B";
      point.withheld = cell.mark == CellMark::kWithheld || cell.mark == CellMark::kEmbargo;
      if (!cell.value.empty()) ++values;
    }
    enough = enough || values >= least;
  }
  if (!enough) return {};
  chart.lang = phrases.found_lang();
  chart.title = names.title;
  chart.subtitle = names.subtitle;
  if (example) chart.example = words("chart.example");
  auto spoken = chart_words(phrases);
  if (!spoken.ok()) return {};
  chart.words = std::move(*spoken);
  // Of stocks the day that they are counted on.
  chart.words.period = [&phrases, &table](Period period) {
    return period_words(table, period, phrases);
  };
  return chart;
}

}  // namespace focalpost
