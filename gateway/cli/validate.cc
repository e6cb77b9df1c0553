// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "compose/receipt.h"
#include "flow/check_file.h"
#include "flow/home.h"
#include "flow/load.h"

namespace focalpost::cli {
namespace {

Json finding_json(const Finding& finding, const Phrases& phrases) {
  return {{"rule", finding.rule->id},
          {"severity", severity_name(finding.rule->severity)},
          {"line", finding.at.line},
          {"column", finding.at.column},
          {"series", finding.series},
          {"period", finding.period},
          {"component", finding.component},
          {"value", finding.value},
          {"message", finding_sentence(finding, phrases)},
          {"suggestions", finding.suggestions},
          {"count", finding.count}};
}

Json file_json(const CheckedFile& checked, const Phrases& phrases) {
  const ExaminedFile& file = checked.file;
  Json datasets = Json::array();
  for (std::size_t d = 0; d < file.message.datasets.size(); ++d) {
    const DatasetHead& head = file.message.datasets[d];
    Json dataset = {{"structure", urn(head.structure_class, head.structure)},
                    {"dataflow", head.flow ? head.flow->dataflow.text() : ""},
                    {"action", action_name(head.action)},
                    {"series", 0},
                    {"observations", 0}};
    if (d < file.datasets.size()) {
      dataset["series"] = file.datasets[d].series;
      dataset["observations"] = file.datasets[d].observations;
    }
    datasets.push_back(std::move(dataset));
  }
  Json findings = Json::array();
  for (const Finding& finding : file.findings.listed())
    findings.push_back(finding_json(finding, phrases));
  std::string format = file.message.format, version = file.message.version,
              root = file.message.root;
  if (file.structures) format = "sdmx-ml", version = "2.1", root = "Structure";
  return {{"file", checked.name},
          {"format", format},
          {"version", version},
          {"message", root},
          {"test", file.message.test},
          {"datasets", std::move(datasets)},
          {"structures", file.structures ? file.structures->urns() : std::vector<std::string>()},
          {"findings", std::move(findings)},
          {"errors", file.findings.errors()},
          {"warnings", file.findings.warnings()},
          {"verdict", verdict_name(file.verdict())}};
}

void print(const CheckedFile& checked, const Phrases& phrases) {
  const ExaminedFile& file = checked.file;
  std::cout << fmt::format("{}: {}", one_line(checked.name), verdict_name(file.verdict()));
  if (!file.kind.empty()) std::cout << fmt::format(" ({})", file.kind);
  std::cout << "\n";
  for (std::size_t d = 0; d < file.datasets.size() && d < file.message.datasets.size(); ++d) {
    const DatasetHead& head = file.message.datasets[d];
    const DatasetStatistics& dataset = file.datasets[d];
    std::cout << fmt::format("  {} {}: {} series, {} observations", one_line(head.structure.text()),
                             action_name(head.action), dataset.series, dataset.observations);
    if (!dataset.first.empty())
      std::cout << fmt::format(", {} to {}", dataset.first.text(), dataset.last.text());
    std::cout << "\n";
  }
  if (file.structures) std::cout << fmt::format("  {} artefacts\n", file.structures->size());
  for (const Finding& finding : file.findings.listed())
    std::cout << fmt::format("  {}: {} [{}]\n", severity_name(finding.rule->severity),
                             finding_sentence(finding, phrases), finding.rule->id);
  std::uint64_t listed = 0;
  for (const Finding& finding : file.findings.listed()) listed += finding.count;
  if (file.findings.total() > listed) {
    std::cout << fmt::format("  ... and {} more, in all:", file.findings.total() - listed);
    for (auto [rule, count] : file.findings.by_rule())
      std::cout << fmt::format(" {} {}", count, rule->id);
    std::cout << "\n";
  }
}

/// What the home knows, else the default network; with more structures over it.
Result<std::shared_ptr<const StructureLookup>> structures(const Options& options,
                                                          const std::vector<fs::path>& more,
                                                          const Limits& limits) {
  std::error_code none;
  Structures known;
  if (fs::exists(HomePaths{options.home}.store(), none)) {
    FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
    if (more.empty()) return home.snapshot();
    known = home.lookup().structures();
  } else if (more.empty()) {
    FP_ASSIGN(known, load_structures(default_network(share_directory(), false), limits));
  }
  FP_ASSIGN(Structures given, load_structures(more, limits));
  known.merge(std::move(given));
  return std::make_shared<const StructureLookup>(std::move(known));
}

}  // namespace

Result<int> validate(const Options& options, const ValidateArguments& arguments) {
  const auto& [files, structure_files, lang] = arguments;
  std::error_code none;
  Settings settings;
  if (fs::exists(HomePaths{options.home}.store(), none)) {
    FP_ASSIGN(settings, read_settings(HomePaths{options.home}.settings()));
  }
  FP_ASSIGN(auto lookup, structures(options, structure_files, settings.limits));
  PhraseStore phrases(share_directory() / "templates", HomePaths{options.home}.templates());
  FP_ASSIGN(const Phrases* words, phrases.in(lang));
  CheckContext context;
  context.lookup = lookup.get();
  context.limits = &settings.limits;
  context.now = SystemClock().now();
  context.temporary = fs::temp_directory_path(none);
  bool all_right = true;
  for (const fs::path& path : files) {
    FP_TRY(check_file(path, context, [&](CheckedFile checked) {
      all_right = all_right && checked.file.verdict() == Verdict::kAccepted;
      if (options.json)
        std::cout << json_text(file_json(checked, *words)) << "\n";
      else
        print(checked, *words);
    }));
  }
  return all_right ? 0 : 1;
}

}  // namespace focalpost::cli
