// SPDX-License-Identifier: Apache-2.0
//
// Cubes: what a data message says, whatever form it says it in; messages written and read again;
// the official schemas through xmllint.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <map>
#include <set>

#include "sdmx/data_writer.h"
#include "sdmx/schema_writer.h"
#include "sdmx/structure_writer.h"
#include "sdmx_fixture.h"

namespace focalpost {

/// A message without its form. An attribute is its value at the part of the key that it hangs on,
/// whether a series, a group or every row said it.
struct Cube {
  std::multiset<std::string> observations;
  std::set<std::string> attributes, series;
  friend bool operator==(const Cube&, const Cube&) = default;
};
/// By structure and action.
using Cubes = std::map<std::string, Cube>;

struct CubeOptions {
  bool table = false;  ///< CSV: what is empty is absent, a series without anything is not there
  bool any_action = false;  ///< CSV 1.0
};

inline void add_to_cube(Cube& cube, const ObservationBatch& batch, const CubeOptions& options) {
  const FlowStructure& flow = *batch.structure;
  auto there = [&](std::string_view value) {
    return value.data() && !(options.table && value.empty());
  };
  auto attribute = [&](const ObservationBatch::AttributeValue& value,
                       std::span<const std::string_view> key) {
    if (!there(value.value)) return;
    const FlowComponent& component = flow.components[value.component];
    std::string line = component.id + " @";
    for (std::uint16_t d : component.dimensions)
      if (d < key.size()) line += " " + std::string(key[d]);
    cube.attributes.insert(line + " = " + std::string(value.value));
  };
  for (const auto& value : batch.dataset_attributes) attribute(value, {});
  for (const auto& group : batch.groups)
    for (std::uint32_t a = 0; a < group.attribute_count; ++a)
      attribute(batch.attributes[group.attribute_first + a],
                std::span(batch.group_keys).subspan(group.key_first, flow.dimension_count));
  for (std::size_t r = 0; r < batch.runs.size(); ++r) {
    const auto& run = batch.runs[r];
    auto key = batch.key(r);
    std::string name;
    bool whole = true;
    for (std::string_view part : key) {
      name += text_of(part) + " ";
      whole = whole && part.data();
    }
    for (std::uint32_t a = 0; a < run.attribute_count; ++a)
      attribute(batch.attributes[run.attribute_first + a], key);
    if (whole && !options.table) cube.series.insert(name);
    for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
      std::set<std::string> values;
      for (const auto& column : batch.columns)
        if (there(column.text[i]))
          values.insert(flow.components[column.component].id + "=" + text_of(column.text[i]));
      std::string line = name;
      if (flow.time != kNoComponent) {
        if (!batch.time[i].data() && values.empty()) continue;
        line += text_of(batch.time[i]);
      }
      for (const std::string& value : values) line += " " + value;
      cube.observations.insert(line);
    }
  }
}

struct CubeReading {
  Cubes cubes;
  FindingList findings{50};
  std::size_t observations = 0;
  bool failed() const { return findings.errors() > 0; }
};

inline CubeReading read_cubes(std::string_view text, const StructureLookup& lookup,
                              const CubeOptions& options = {}) {
  CubeReading reading;
  Limits limits;
  MemorySource source(text);
  auto reader = open_data(source, detect(text), lookup, reading.findings, limits);
  for (;;) {
    auto batch = reader->next();
    REQUIRE(batch.ok());
    if (!*batch) break;
    const DatasetHead& head = reader->message().datasets[(*batch)->dataset];
    std::string name = head.flow->name().text();
    if (!options.any_action) name += " " + std::string(action_name(head.action));
    add_to_cube(reading.cubes[name], **batch, options);
    reading.observations += (*batch)->size();
  }
  return reading;
}

/// `text` in another format, in pieces as the writer gave them.
inline Result<std::string> rewrite(std::string_view text, const StructureLookup& lookup,
                                   DataFormat format, const DataWriteOptions& options = {}) {
  FindingList findings(10);
  Limits limits;
  const Detection detection = detect(text);
  MemorySource first(text), second(text);
  auto reader = open_data(first, detection, lookup, findings, limits);
  FP_ASSIGN(DataSurvey survey, DataSurvey::of(*reader, limits));
  if (survey.message.header.prepared.empty())
    survey.message.header.prepared = "2026-01-15T09:00:00Z";
  std::string out;
  auto again = open_data(second, detection, lookup, findings, limits);
  auto writer = make_data_writer(format, sink_to(out), options);
  FP_TRY(copy_data(survey, *again, *writer));
  return out;
}

/// A message of the flow with an empty dataset, or one with this series of three months of 12.
inline std::string small_message(const std::shared_ptr<const FlowStructure>& flow,
                                 DataFormat format, bool flat,
                                 std::span<const std::string_view> key = {}) {
  std::string text;
  auto writer = make_data_writer(format, sink_to(text), {flat, ','});
  OutgoingMessage message;
  message.header = {"M", false, "2026-01-01", "XX", "", {}};
  message.structures = {flow};
  REQUIRE(writer->begin(message).ok());
  OutgoingDataset dataset;
  dataset.structure = flow;
  REQUIRE(writer->begin_dataset(dataset).ok());
  if (!key.empty()) {
    RowFeed feed(*writer, flow);
    REQUIRE(feed.series(key, {}).ok());
    for (const char* month : {"2026-01", "2026-02", "2026-03"}) {
      const OutgoingValue value[] = {{flow->measure, "12"}};
      REQUIRE(feed.observation(month, value).ok());
    }
    REQUIRE(feed.finish().ok());
  }
  REQUIRE(writer->end_dataset().ok());
  REQUIRE(writer->end().ok());
  return text;
}

inline bool is_csv(DataFormat format) {
  return format == DataFormat::kCsv10 || format == DataFormat::kCsv20;
}

/// A folder of this test alone, gone at its end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "focalpost-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

/// Messages by the schema they must obey; xmllint starts once for each schema.
class Validator {
 public:
  /// The official schemas of "2.1" or "3.0" and a program to use them are here.
  static bool ready() {
    static const bool found = !reference_folder().empty() &&
                              std::filesystem::exists(reference_folder() / "xsd-2.1") &&
                              std::system("command -v xmllint >/dev/null 2>&1") == 0;
    return found;
  }
  static std::string official(bool v30) {
    auto folder = reference_folder() / (v30 ? "xsd-3.0" : "xsd-2.1");
    return std::filesystem::weakly_canonical(folder).string() + "/";
  }

  void add(const FlowStructure* flow, bool flat, bool v30, const std::string& name,
           std::string_view text) {
    const std::string key = flow  ? data_schema_namespace(*flow, flat) + (v30 ? " 3.0" : " 2.1")
                            : v30 ? "3.0"
                                  : "2.1";
    Batch& batch = batches_[key];
    if (batch.driver.empty()) {
      SchemaOptions options;
      options.flat = flat;
      options.v30 = v30;
      options.official = official(v30);
      const std::string number = std::to_string(batches_.size());
      std::vector<SchemaPlace> beside;
      if (flow) {
        std::string schema;
        Status made = write_data_schema(*flow, sink_to(schema), options);
        INFO((made.ok() ? "" : made.error().what));
        REQUIRE(made.ok());
        beside.push_back(
            {data_schema_namespace(*flow, flat), folder_.write("dsd" + number + ".xsd", schema)});
      }
      std::string driver;
      REQUIRE(write_message_schema(beside, sink_to(driver), options).ok());
      batch.driver = folder_.write("driver" + number + ".xsd", driver);
    }
    std::string plain = std::to_string(++files_) + "-" + name;
    for (char& c : plain)
      if (!isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
    batch.files.push_back(folder_.write(plain, text));
  }

  /// What xmllint says against them; empty when all are valid.
  std::string run() {
    std::string complaints;
    for (const auto& [key, batch] : batches_) {
      std::string command = "xmllint --nonet --noout --schema " + batch.driver;
      for (const std::string& file : batch.files) command += " " + file;
      command += " 2>&1";
      FILE* pipe = popen(command.c_str(), "r");
      REQUIRE(pipe);
      std::string said;
      char line[4096];
      while (std::fgets(line, sizeof line, pipe))
        if (std::string text = line; text.find(" validates\n") == text.npos && said.size() < 4000)
          said += text;
      if (pclose(pipe) != 0 || !said.empty()) complaints += key + ":\n" + said;
    }
    return complaints;
  }
  std::size_t files() const { return files_; }

 private:
  struct Batch {
    std::string driver;
    std::vector<std::string> files;
  };
  TestFolder folder_;
  std::map<std::string, Batch> batches_;
  std::size_t files_ = 0;
};

/// The network in schemas/, with the example institutions.
inline Structures shipped_structures() {
  Structures all;
  for (const auto& entry : std::filesystem::directory_iterator(SOURCE_DIR "/schemas")) {
    if (entry.path().extension() != ".xml") continue;
    FindingList findings(10);
    all.merge(read_structure_text(file_text(entry.path()), findings));
  }
  return all;
}

}  // namespace focalpost
