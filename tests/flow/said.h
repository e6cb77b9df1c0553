// SPDX-License-Identifier: Apache-2.0
//
// said: what a data message says, whatever its format, for comparison.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "catch.h"
#include "lab.h"
#include "sdmx/data_reader.h"

namespace lab {

/// What a message, or the store, says: cells by "Replace KEY PERIOD", each with its values sorted;
/// attributes of series, groups and datasets where they hang.
struct Said {
  std::map<std::string, std::set<std::string>> cells;
  std::map<std::string, std::set<std::string>> series;  ///< without those that say nothing
  std::set<std::string> groups, datasets;
  friend bool operator==(const Said&, const Said&) = default;
};

/// SDMX-ML 3.0 may be written and not read.
inline bool can_be_read(const StructureLookup& lookup, std::string_view text) {
  FindingList findings(20);
  Limits limits;
  MemorySource source(text);
  auto reader = open_data(source, detect(text), lookup, findings, limits);
  for (auto [rule, count] : findings.by_rule())
    if (rule == &rules::unsupported_message) return false;
  return true;
}

inline Said read_again(const StructureLookup& lookup, std::string_view text) {
  Said said;
  FindingList findings(20);
  Limits limits;
  MemorySource source(text);
  auto reader = open_data(source, detect(text), lookup, findings, limits);
  for (;;) {
    ObservationBatch* batch = must(reader->next());
    if (!batch) break;
    const DatasetHead& head = reader->message().datasets[batch->dataset];
    const FlowStructure& flow = *batch->structure;
    auto value_of = [&](const ObservationBatch::AttributeValue& value) {
      return flow.components[value.component].id + "=" + std::string(value.value);
    };
    for (const auto& value : batch->dataset_attributes)
      said.datasets.insert(head.provider + " " + value_of(value));
    for (const auto& group : batch->groups)
      for (std::uint32_t a = 0; a < group.attribute_count; ++a)
        said.groups.insert(
            flow.series_key({batch->group_keys.data() + group.key_first, flow.dimension_count}) +
            " " + value_of(batch->attributes[group.attribute_first + a]));
    for (std::size_t r = 0; r < batch->runs.size(); ++r) {
      const auto& run = batch->runs[r];
      const std::string key = flow.series_key(batch->key(r));
      for (std::uint32_t a = 0; a < run.attribute_count; ++a)
        said.series[key].insert(value_of(batch->attributes[run.attribute_first + a]));
      for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
        auto& cell = said.cells[std::string(action_name(head.action)) + " " + key + " " +
                                std::string(batch->time[i])];
        CHECK(cell.empty());  // no cell twice
        cell.insert("there");
        for (const auto& column : batch->columns)
          if (!column.text[i].empty())
            cell.insert(flow.components[column.component].id + "=" + std::string(column.text[i]));
      }
    }
  }
  for (const Finding& finding : findings.listed())
    if (finding.rule->severity == Severity::kError) FAIL(finding.rule->id << " " << finding.value);
  return said;
}

}  // namespace lab
