// SPDX-License-Identifier: Apache-2.0
#include "fuzz/inputs.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "base/text.h"
#include "fuzz/promise.h"
#include "sdmx/data_reader.h"
#include "sdmx/networks.h"
#include "sdmx/structure_reader.h"
#include "sdmx/structure_writer.h"
#include "validation/judge.h"

namespace focalpost::fuzz {
namespace {

/// T:DSD with everything that 3.0 has, T:CROSS with a measure dimension.
const StructureLookup& network() {
  static const StructureLookup lookup = [] {
    Structures all = network30().structures(), cross = cross_network().structures();
    DataStructure dsd = cross.data_structures.front();
    Dataflow flow = cross.dataflows.front();
    dsd.ref.id = "CROSS";
    flow.ref.id = "CROSS";
    flow.structure = dsd.ref;
    all.codelists = std::move(cross.codelists);
    all.data_structures.push_back(std::move(dsd));
    all.dataflows.push_back(std::move(flow));
    return StructureLookup(std::move(all));
  }();
  return lookup;
}

/// Findings are listed so far that whether reading broke off can be told from them.
constexpr std::uint64_t kListed = 10'000;

std::size_t touched = 0;  ///< keeps the compiler from leaving out the reading of texts

void touch(std::string_view text) {
  for (char c : text) touched += static_cast<unsigned char>(c);
}

struct Told {
  std::size_t observations = 0, runs = 0, texts = 0, ended = 0, errors = 0;
  std::vector<std::string_view> rules;
  bool broke_off = false;
  friend bool operator==(const Told&, const Told&) = default;
};

void look_at(const FindingList& findings, Told& told) {
  for (const Finding& finding : findings.listed()) {
    promise(finding.rule != nullptr, "a finding has a rule");
    promise(is_utf8(finding.component) && is_utf8(finding.value) && is_utf8(finding.expected) &&
                is_utf8(finding.detail) && is_utf8(finding.series) && is_utf8(finding.period),
            "findings are UTF-8");
    for (const std::string& suggestion : finding.suggestions)
      promise(is_utf8(suggestion), "suggestions are UTF-8");
    told.rules.push_back(finding.rule->id);
    // How far libxml2 came before it saw the fault depends on the pieces.
    for (const Rule* rule : {&rules::not_well_formed, &rules::truncated, &rules::bad_encoding,
                             &rules::xml_too_deep, &rules::xml_tag_too_long, &rules::dtd_refused,
                             &rules::json_not_well_formed, &rules::json_too_deep})
      told.broke_off = told.broke_off || finding.rule == rule;
  }
  told.errors = findings.errors();
}

void look_at(const ObservationBatch& batch, const DataMessage& message, Told& told) {
  const FlowStructure& flow = *batch.structure;
  promise(batch.dataset < message.datasets.size(), "a dataset is known before its batch");
  promise(message.datasets[batch.dataset].flow == batch.structure, "a batch has its structure");
  promise(batch.size() <= kBatchObservations, "a batch is small");
  promise(batch.keys.size() == batch.runs.size() * flow.dimension_count, "a key for each run");
  promise(batch.time.size() == (flow.time == kNoComponent ? 0 : batch.size()), "times");
  auto attributes = [&](std::size_t first, std::size_t count) {
    promise(first + count <= batch.attributes.size(), "attributes are there");
    for (std::size_t a = first; a < first + count; ++a) {
      promise(batch.attributes[a].component < flow.components.size(), "attributes are known");
      touch(batch.attributes[a].value);
      ++told.texts;
    }
  };
  std::size_t observations = 0;
  for (std::size_t r = 0; r < batch.runs.size(); ++r) {
    const auto& run = batch.runs[r];
    promise(run.first == observations, "runs follow each other");
    observations += run.count;
    for (std::string_view part : batch.key(r)) touch(part);
    attributes(run.attribute_first, run.attribute_count);
    told.runs += !run.continued;
  }
  promise(observations == batch.size(), "each observation is in a run");
  for (const auto& column : batch.columns) {
    promise(column.component < flow.components.size(), "columns are known");
    promise(column.text.size() == batch.size(), "columns are as long as the batch");
    for (std::string_view text : column.text) {
      touch(text);
      told.texts += text.data() != nullptr;
    }
  }
  for (std::string_view time : batch.time) touch(time);
  for (const auto& group : batch.groups) {
    promise(group.group < flow.groups.size(), "groups are known");
    promise(group.key_first + flow.dimension_count <= batch.group_keys.size(), "keys of groups");
    attributes(group.attribute_first, group.attribute_count);
  }
  for (std::string_view part : batch.group_keys) touch(part);
  for (const auto& value : batch.dataset_attributes) {
    promise(value.component < flow.components.size(), "attributes of the dataset are known");
    touch(value.value);
    ++told.texts;
  }
  told.observations += batch.size();
  told.ended += batch.last_of_dataset;
}

Told read(std::string_view text, const Detection& detection, std::size_t span) {
  static const Limits limits;
  Told told;
  FindingList findings(kListed);
  MemorySource source(text, span);
  auto reader = open_data(source, detection, network(), findings, limits);
  JudgeOptions options;
  options.now = *parse_time("2026-06-01");
  FindingList judged(kListed);
  Judge judge(judged, options);
  for (;;) {
    auto batch = reader->next();
    promise(batch.ok(), "no error without one of the source");
    if (!*batch) break;
    look_at(**batch, reader->message(), told);
    judge.judge(**batch, reader->message());
  }
  judge.finish(reader->message());
  std::size_t with_structure = 0;
  for (const DatasetHead& head : reader->message().datasets) {
    with_structure += head.flow != nullptr;
    for (const std::string* part : {&head.provider, &head.reporting_begin, &head.reporting_end,
                                    &head.valid_from, &head.valid_to, &head.structure.id})
      promise(is_utf8(*part), "heads are UTF-8");
  }
  promise(told.ended == with_structure, "the last batch of each dataset says so");
  look_at(findings, told);
  Told of_judge;
  look_at(judged, of_judge);
  told.errors += of_judge.errors;
  return told;
}

int data(std::span<const std::byte> input, FileKind kind) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const Detection detection = detect(text.substr(0, kDetectBytes));
  // What is nobody's is refused with a finding, for which the bytes are looked at, too.
  static constexpr FileKind kOthers[] = {FileKind::kSdmxMlStructure, FileKind::kSdmxMlData,
                                         FileKind::kSdmxCsv, FileKind::kSdmxJsonData};
  if (detection.kind != kind &&
      std::find(std::begin(kOthers), std::end(kOthers), detection.kind) != std::end(kOthers))
    return -1;
  const Told whole = read(text, detection, ByteSource::kMaxSpan);
  const Told pieces = read(text, detection, 1 + input.size() % 31);
  if (!whole.broke_off && !pieces.broke_off)
    promise(whole == pieces, "pieces of any size come to the same");
  return 0;
}

}  // namespace

int ml_data(std::span<const std::byte> input) {
  return data(input, FileKind::kSdmxMlData);
}
int csv_data(std::span<const std::byte> input) {
  return data(input, FileKind::kSdmxCsv);
}
int json_data(std::span<const std::byte> input) {
  return data(input, FileKind::kSdmxJsonData);
}

int structure(std::span<const std::byte> input) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  if (detect(text.substr(0, kDetectBytes)).kind != FileKind::kSdmxMlStructure) return -1;
  static const Limits limits;
  Told told[2];
  for (int i = 0; i < 2; ++i) {
    FindingList findings(kListed);
    DataMessage message;
    MemorySource source(text, i == 0 ? ByteSource::kMaxSpan : 1 + input.size() % 31);
    auto read = read_structures(source, findings, limits, &message);
    promise(read.ok(), "no error without one of the source");
    look_at(findings, told[i]);
    if (i == 0) continue;
    // What was read can be used and written, whatever it is.
    std::string out;
    for (StructureFormat format : {StructureFormat::k21, StructureFormat::k30}) {
      auto written = write_structures(*read, {"M", false, "2026-01-01T00:00:00Z", "XX", {}, {}},
                                      sink_to(out), format);
      promise(!written.ok() || is_utf8(out), "what is written is UTF-8");
    }
    const StructureLookup lookup(std::move(*read));
    for (const auto& flow : lookup.flows())
      for (const FlowComponent& component : flow->components) touch(component.id);
  }
  if (!told[0].broke_off && !told[1].broke_off)
    promise(told[0] == told[1], "pieces of any size come to the same");
  return 0;
}

}  // namespace focalpost::fuzz
