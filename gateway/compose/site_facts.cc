// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compose/site.h"

namespace focalpost {
namespace {

/// Without what is empty before the first and behind the last period of which something is known.
void trim_periods(AnswerTable& table) {
  std::size_t first = table.periods.size(), end = 0;
  for (const AnswerSeries& series : table.series)
    for (std::size_t p = 0; p < series.cells.size(); ++p)
      if (series.cells[p].mark != CellMark::kNothing) {
        first = std::min(first, p);
        end = std::max(end, p + 1);
      }
  if (first >= end) return;
  auto cut = [&](auto& list) {
    list.erase(list.begin() + std::ptrdiff_t(end), list.end());
    list.erase(list.begin(), list.begin() + std::ptrdiff_t(first));
  };
  cut(table.periods);
  for (AnswerSeries& series : table.series) cut(series.cells);
}

}  // namespace

std::string site_name(std::string_view id) {
  std::string made;
  for (char c : id.substr(0, 80)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (plain)
      made += c;
    else
      made += fmt::format("={:02X}", static_cast<unsigned char>(c));
  }
  return made.empty() ? "=" : made;
}

std::vector<AnswerTable> by_country(const AnswerTable& table) {
  std::vector<AnswerTable> made;
  std::vector<std::vector<std::string>> keys;
  const std::uint16_t area = table.flow->ref_area;
  for (const AnswerSeries& series : table.series) {
    std::vector<std::string> key = series.codes;
    if (area < key.size()) {
      if (!table.flow->is_country(key[area])) continue;
      key[area].clear();
    }
    auto place = std::size_t(std::find(keys.begin(), keys.end(), key) - keys.begin());
    if (place == keys.size()) {
      keys.push_back(std::move(key));
      AnswerTable& group = made.emplace_back();
      group.flow = table.flow;
      group.freq = table.freq;
      group.collect = table.collect;
      group.multiplier = table.multiplier;
      group.periods = table.periods;
    }
    made[place].series.push_back(series);
  }
  for (AnswerTable& group : made) trim_periods(group);
  return made;
}

std::vector<SiteFigure> newest_figures(const AnswerData& data) {
  std::vector<SiteFigure> made;
  for (const AnswerTable& table : data.tables)
    for (const AnswerTable& group : by_country(table))
      for (const AnswerSeries& series : group.series)
        for (std::size_t p = series.cells.size(); p-- > 0;) {
          if (series.cells[p].mark == CellMark::kNothing) continue;
          SiteFigure& figure = made.emplace_back();
          if (table.flow->ref_area < series.codes.size())
            figure.area = series.codes[table.flow->ref_area];
          figure.codes = series.codes;
          figure.collect = table.collect;
          figure.multiplier = table.multiplier;
          figure.period = group.periods[p];
          figure.cell = series.cells[p];
          break;
        }
  return made;
}

}  // namespace focalpost
