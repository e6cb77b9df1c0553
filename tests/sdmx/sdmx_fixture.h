// SPDX-License-Identifier: Apache-2.0
//
// A small network and ways to read messages in tests: structures by hand, findings as lines of
// text, batches as lines of text.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "catch.h"
#include "networks.h"
#include "sdmx/data_reader.h"
#include "sdmx/structure_reader.h"

namespace focalpost {

/// "rule 12:3 component=value" of each finding, in order.
inline std::vector<std::string> lines_of(const FindingList& list) {
  std::vector<std::string> lines;
  for (const Finding& f : list.listed()) {
    std::string line = fmt::format("{} {}:{}", f.rule->id, f.at.line, f.at.column);
    if (!f.component.empty() || !f.value.empty())
      line += fmt::format(" {}={}", f.component, f.value);
    lines.push_back(line);
  }
  return lines;
}
inline std::vector<std::string> rules_of(const FindingList& list) {
  std::vector<std::string> ids;
  for (const Finding& f : list.listed()) ids.emplace_back(f.rule->id);
  return ids;
}

inline std::string text_of(std::string_view value) {
  return value.data() ? "'" + std::string(value) + "'" : "-";
}

/// What was read, in a form that does not depend on where batches end: per dataset its attributes,
/// groups and runs, per run its key, attributes and observations.
inline std::vector<std::string> rows_of(const ObservationBatch& batch) {
  std::vector<std::string> rows;
  const auto& components = batch.structure->components;
  auto attributes = [&](std::uint32_t first, std::uint32_t count) {
    std::string text;
    for (std::uint32_t i = first; i < first + count; ++i)
      text += " " + components[batch.attributes[i].component].id + "=" +
              text_of(batch.attributes[i].value);
    return text;
  };
  for (const auto& value : batch.dataset_attributes)
    rows.push_back("dataset " + components[value.component].id + "=" + text_of(value.value));
  for (const auto& group : batch.groups) {
    std::string row = "group " + batch.structure->groups[group.group].id;
    for (std::uint32_t d = 0; d < batch.structure->dimension_count; ++d)
      row += " " + text_of(batch.group_keys[group.key_first + d]);
    rows.push_back(row + ":" + attributes(group.attribute_first, group.attribute_count));
  }
  for (std::size_t r = 0; r < batch.runs.size(); ++r) {
    const auto& run = batch.runs[r];
    std::string row = "run";
    for (std::string_view part : batch.key(r)) row += " " + text_of(part);
    row += ":" + attributes(run.attribute_first, run.attribute_count);
    if (!run.continued) rows.push_back(row);
    for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
      std::string obs = fmt::format("  {}", batch.time.empty() ? "-" : text_of(batch.time[i]));
      for (const auto& column : batch.columns)
        if (column.text[i].data())
          obs += " " + components[column.component].id + "=" + text_of(column.text[i]);
      rows.push_back(obs + fmt::format(" @{}", batch.at[i].line));
    }
  }
  return rows;
}

struct Reading {
  FindingList findings{200};
  DataMessage message;
  std::vector<std::string> rows;
  std::size_t observations = 0, runs = 0, groups = 0, batches = 0, datasets_ended = 0;
  bool error = false;
};

/// $FOCALPOST_SEEDS, a folder into which every small message goes that a test reads: seeds for the
/// fuzzers (docs/proof.md).
inline const char* seed_folder() {
  return std::getenv("FOCALPOST_SEEDS");
}
inline void keep_as_seed(std::string_view text) {
  if (!seed_folder() || text.size() > 4096) return;
  const std::string name = fmt::format("{:016x}", std::hash<std::string_view>()(text));
  std::ofstream(std::filesystem::path(seed_folder()) / name, std::ios::binary) << text;
}

inline void read_data(ByteSource& source, std::string_view head, const StructureLookup& lookup,
                      Reading& reading, const Limits& limits = {}) {
  auto reader = open_data(source, detect(head), lookup, reading.findings, limits);
  for (;;) {
    auto batch = reader->next();
    if (!batch.ok()) {
      reading.error = true;
      break;
    }
    if (!*batch) break;
    const ObservationBatch& b = **batch;
    ++reading.batches;
    reading.observations += b.size();
    for (const auto& run : b.runs) reading.runs += !run.continued;
    reading.groups += b.groups.size();
    reading.datasets_ended += b.last_of_dataset;
    for (const auto& column : b.columns) REQUIRE(column.text.size() == b.size());
    if (b.structure->time != kNoComponent) REQUIRE(b.time.size() == b.size());
    if (reading.rows.size() < 20000)
      for (std::string& row : rows_of(b)) reading.rows.push_back(std::move(row));
  }
  reading.message = reader->message();
}

inline Reading read_text(std::string_view text, const StructureLookup& lookup,
                         std::size_t span = ByteSource::kMaxSpan, const Limits& limits = {}) {
  Reading reading;
  keep_as_seed(text);
  MemorySource source(text, span);
  read_data(source, text, lookup, reading, limits);
  return reading;
}

inline Structures read_structure_text(std::string_view text, FindingList& findings,
                                      const Limits& limits = {}) {
  keep_as_seed(text);
  MemorySource source(text);
  auto result = read_structures(source, findings, limits);
  REQUIRE(result.ok());
  return std::move(result).value();
}

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The official samples, where they lie beside the project; empty if they do not, or if seeds are
/// collected.
inline std::filesystem::path reference_folder() {
  if (seed_folder()) return {};
  std::filesystem::path folder = SOURCE_DIR "/../shared/reference/sdmx";
  return std::filesystem::exists(folder) ? folder : std::filesystem::path();
}

inline constexpr std::string_view kReference =
    R"(<com:Structure><Ref agencyID="T" id="DSD" version="1.0"/></com:Structure>)";

/// The start of a message up to the end of its header, on two lines.
inline std::string header(std::string_view root = "StructureSpecificData",
                          std::string_view at_observation = "TIME_PERIOD",
                          std::string_view reference = kReference) {
  return fmt::format(
      R"(<?xml version="1.0"?><mes:{0} xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" )"
      R"(xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific" )"
      R"(xmlns:g="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic" )"
      R"(xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" xmlns:n="urn:n" )"
      R"(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">)"
      "\n<mes:Header><mes:ID>M1</mes:ID><mes:Test>false</"
      "mes:Test><mes:Prepared>2026-01-01T00:00:00Z"
      R"(</mes:Prepared><mes:Sender id="XX"/><mes:Structure structureID="S" namespace="urn:n" )"
      R"(dimensionAtObservation="{1}">{2}</mes:Structure></mes:Header>)"
      "\n",
      root, at_observation, reference);
}
/// A structure-specific time series message with this inside its only dataset; the dataset's tag is
/// on line 3.
inline std::string ss_message(std::string_view inside,
                              std::string_view at_observation = "TIME_PERIOD") {
  return header("StructureSpecificData", at_observation) +
         R"(<mes:DataSet ss:structureRef="S" ss:dataScope="DataStructure" xsi:type="n:DataSetType">)" +
         std::string(inside) + "</mes:DataSet></mes:StructureSpecificData>";
}
inline std::string generic_message(std::string_view inside,
                                   std::string_view at_observation = "TIME_PERIOD") {
  return header("GenericData", at_observation) + R"(<mes:DataSet structureRef="S">)" +
         std::string(inside) + "</mes:DataSet></mes:GenericData>";
}

}  // namespace focalpost
