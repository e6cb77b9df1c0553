// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "compose/receipt.h"
#include "flow/check_file.h"
#include "flow/check_xsd.h"
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
  if (file.structures) format = "sdmx-ml", root = "Structure";
  Json described = Json::array();
  if (file.metadata)
    for (const MetadataDescription& one : file.metadata->descriptions)
      described.push_back({{"structure", urn(ArtefactClass::kMetadataStructure, one.structure)},
                           {"dataflow", one.dataflow.text()},
                           {"provider", one.provider},
                           {"action", action_name(one.action)},
                           {"attributes", one.attributes.size()}});
  return {{"file", checked.name},
          {"format", format},
          {"version", version},
          {"message", root},
          {"test", file.message.test},
          {"datasets", std::move(datasets)},
          {"structures", file.structures ? file.structures->urns() : std::vector<std::string>()},
          {"metadata", std::move(described)},
          {"findings", std::move(findings)},
          {"errors", file.findings.errors()},
          {"warnings", file.findings.warnings()},
          {"verdict", verdict_name(file.verdict())}};
}

Json xsd_json(const XsdResult& xsd) {
  Json messages = Json::array();
  for (const XsdMessage& message : xsd.messages)
    messages.push_back(
        {{"line", message.at.line}, {"column", message.at.column}, {"message", message.text}});
  return {{"checked", xsd.not_checked.empty()},
          {"reason", xsd.not_checked},
          {"valid", xsd.valid()},
          {"messages", std::move(messages)},
          {"stopped", xsd.stopped}};
}

std::string xsd_text(const XsdResult& xsd) {
  if (!xsd.not_checked.empty())
    return fmt::format("  The XSD was not asked: {}.\n", one_line(xsd.not_checked));
  if (xsd.valid()) return "  The XSD says: valid.\n";
  std::string text = "  The XSD says:\n";
  for (const XsdMessage& message : xsd.messages) {
    text += fmt::format("    Line {}", message.at.line);
    if (message.at.column > 0) text += fmt::format(", column {}", message.at.column);
    text += fmt::format(": {}\n", message.text);
  }
  if (xsd.stopped) text += "    ... and was asked no further.\n";
  return text;
}

}  // namespace

std::string checked_json(const CheckedFile& checked, const Phrases& phrases, const XsdResult* xsd) {
  Json json = file_json(checked, phrases);
  if (xsd) json["xsd"] = xsd_json(*xsd);
  return json_text(json) + "\n";
}

std::string checked_text(const CheckedFile& checked, const Phrases& phrases, const XsdResult* xsd) {
  const ExaminedFile& file = checked.file;
  std::string text = fmt::format("{}: {}", one_line(checked.name), verdict_name(file.verdict()));
  if (!file.kind.empty()) text += fmt::format(" ({})", file.kind);
  text += "\n";
  for (std::size_t d = 0; d < file.datasets.size() && d < file.message.datasets.size(); ++d) {
    const DatasetHead& head = file.message.datasets[d];
    const DatasetStatistics& dataset = file.datasets[d];
    text += fmt::format("  {} {}: {} series, {} observations", one_line(head.structure.text()),
                        action_name(head.action), dataset.series, dataset.observations);
    if (!dataset.first.empty())
      text += fmt::format(", {} to {}", dataset.first.text(), dataset.last.text());
    text += "\n";
  }
  if (file.structures) text += fmt::format("  {} artefacts\n", file.structures->size());
  if (file.metadata)
    for (const MetadataDescription& one : file.metadata->descriptions)
      text += fmt::format("  {} {}: {}{}{}, {} answers\n", one.structure.text(),
                          action_name(one.action), one.dataflow.text(),
                          one.dataflow.empty() ? "" : " by ", one_line(one.provider),
                          one.attributes.size());
  for (const Finding& finding : file.findings.listed())
    text += fmt::format("  {}: {} [{}]\n", severity_name(finding.rule->severity),
                        finding_sentence(finding, phrases), finding.rule->id);
  std::uint64_t listed = 0;
  for (const Finding& finding : file.findings.listed()) listed += finding.count;
  if (file.findings.total() > listed) {
    text += fmt::format("  ... and {} more, in all:", file.findings.total() - listed);
    for (auto [rule, count] : file.findings.by_rule())
      text += fmt::format(" {} {}", count, rule->id);
    text += "\n";
  }
  if (xsd) text += xsd_text(*xsd);
  return text;
}

Result<int> validate(const Options& options, const ValidateArguments& arguments) {
  std::error_code none;
  Settings settings;
  if (fs::exists(HomePaths{options.home}.store(), none)) {
    FP_ASSIGN(settings, read_settings(HomePaths{options.home}.settings()));
  }
  FP_ASSIGN(auto lookup, known_structures(options.home, arguments.structures, settings.limits));
  PhraseStore phrases(share_directory() / "templates", HomePaths{options.home}.templates());
  FP_ASSIGN(const Phrases* words, phrases.in(arguments.lang));
  std::optional<XsdFiles> xsd;
  if (arguments.by_xsd) {
    FP_ASSIGN(xsd, XsdFiles::open(arguments.xsd_folders, arguments.xsd));
  } else if (!arguments.xsd_folders.empty()) {
    return usage_error("--xsd-folder says nothing without --xsd", "Say --xsd too.");
  }
  CheckContext context;
  context.lookup = lookup.get();
  context.limits = &settings.limits;
  context.now = SystemClock().now();
  context.temporary = fs::temp_directory_path(none);
  bool all_right = true;
  auto print = [&](const CheckedFile& checked, const XsdResult* by_xsd) {
    all_right = all_right && checked.file.verdict() == Verdict::kAccepted &&
                (!by_xsd || by_xsd->messages.empty());
    std::cout << (options.json ? checked_json(checked, *words, by_xsd)
                               : checked_text(checked, *words, by_xsd));
  };
  for (const fs::path& path : arguments.files) {
    if (!xsd) {
      FP_TRY(check_file(path, context, [&](CheckedFile checked) { print(checked, nullptr); }));
      continue;
    }
    std::vector<CheckedFile> judged;
    FP_TRY(check_file(path, context,
                      [&](CheckedFile checked) { judged.push_back(std::move(checked)); }));
    FP_ASSIGN(auto results, xsd->check(path, context));
    for (std::size_t i = 0; i < judged.size(); ++i)
      print(judged[i], i < results.size() ? &results[i] : nullptr);
  }
  return all_right ? 0 : 1;
}

}  // namespace focalpost::cli
