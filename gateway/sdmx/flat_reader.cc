// SPDX-License-Identifier: Apache-2.0
#include "sdmx/flat_reader.h"

#include "base/text.h"
#include "sdmx/resolve.h"

namespace focalpost::sdmx {

FlatReader::FlatReader(std::string_view format, ByteSource& bytes, const Detection& detection,
                       const StructureLookup& lookup, FindingSink& sink, const Limits& limits)
    : input_(bytes, detection),
      lookup_(lookup),
      sink_(sink),
      limits_(limits),
      rows_(builder_, sink) {
  message_.format = format;
  message_.version = detection.version;
}

// ---------------------------------------------------------------------------------------- datasets

DatasetHead* FlatReader::open_dataset(Position at) {
  if (message_.datasets.size() >= limits_.datasets) {
    report(rules::too_many_datasets, at, {}, {}, std::to_string(limits_.datasets));
    stop_ = true;
    return nullptr;
  }
  index_ = static_cast<std::uint32_t>(message_.datasets.size());
  DatasetHead& opened = message_.datasets.emplace_back();
  opened.at = at;
  in_dataset_ = true;
  usable_ = false;
  flow_.reset();
  return &opened;
}

void FlatReader::use_structure() {
  DatasetHead& dataset = head();
  flow_ = resolve_structure(lookup_, dataset.structure_class, dataset.structure, index_, dataset.at,
                            sink_);
  dataset.flow = flow_;
  if (flow_) rows_.begin_dataset(index_, flow_, dataset.action);
}

void FlatReader::end_dataset(Position at) {
  if (in_dataset_ && flow_ && builder_.in_dataset()) {
    rows_.end_dataset();
    if (builder_.empty_dataset() && usable_) report(rules::no_observation, at, {}, {});
  }
  in_dataset_ = false;
  flow_.reset();
}

void FlatReader::end_message(bool whole, Position at) {
  Finding finding;
  if (input_.fault()) {
    finding = make(rules::bad_encoding, at, {}, input_.fault()->encoding);
    finding.dataset = Finding::kNoDataset;
    finding.suggestions = input_.fault()->suggestions;
  } else if (whole && message_.datasets.empty()) {
    finding.rule = &rules::no_dataset;
  } else {
    return;
  }
  sink_.add(std::move(finding));
}

// ---------------------------------------------------------------------------------------- findings

Finding FlatReader::make(const Rule& rule, Position at, std::string_view component,
                         std::string_view value) const {
  Finding finding;
  finding.rule = &rule;
  if (in_dataset_) finding.dataset = index_;
  finding.at = at;
  finding.component = shorten(component, 80);
  finding.value = shorten(one_line(value), 80);
  return finding;
}

void FlatReader::add(Finding finding) {
  if (sink_.listing(finding.dataset))
    sink_.add(std::move(finding));
  else
    sink_.count(*finding.rule, finding.dataset);
}

void FlatReader::report(const Rule& rule, Position at, std::string_view component,
                        std::string_view value, std::string_view expected,
                        std::string_view detail) {
  const std::uint32_t dataset = in_dataset_ ? index_ : Finding::kNoDataset;
  if (!sink_.listing(dataset)) return sink_.count(rule, dataset);
  Finding finding = make(rule, at, component, value);
  finding.expected = expected;
  finding.detail = detail;
  sink_.add(std::move(finding));
}

}  // namespace focalpost::sdmx
