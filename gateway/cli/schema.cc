// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>

#include "base/text.h"
#include "cli/verbs.h"
#include "flow/export.h"
#include "flow/load.h"
#include "sdmx/schema_writer.h"
#include "sdmx/structure_writer.h"

namespace focalpost::cli {
namespace {

Status write_xsd(const FlowStructure& flow, std::string_view kind, const std::string& official,
                 const ByteSink& sink) {
  SchemaOptions how;
  how.v30 = kind.find("3.0") != kind.npos;
  how.flat = kind.ends_with("-flat");
  how.official = official;
  if (!official.empty() && official.back() != '/') how.official += '/';
  return write_data_schema(flow, sink, how);
}

Status write_structure_message(const StructureLookup& lookup, const FlowStructure& flow,
                               StructureFormat format, const Settings& settings,
                               const ByteSink& sink) {
  OutgoingHeader header;
  header.id = legal_id(flow.name().id + "-STRUCTURES");
  header.prepared = format_rfc3339(SystemClock().now());
  header.sender = legal_id(settings.domain());
  if (flow.names_of) header.names = flow.names_of->names;
  FP_ASSIGN(auto left_out, write_structures(structures_of(lookup, flow), header, sink, format));
  for (const LeftOut& one : left_out) {
    const std::string what = one_line(one.artefact), why = one_line(one.reason);
    if (one.whole) return not_right(fmt::format("{} cannot be written: {}", what, why));
    std::cerr << fmt::format("not all of {}: {}\n", what, why);
  }
  return {};
}

}  // namespace

std::vector<std::string> schema_kinds() {
  return {"xsd", "xsd-flat", "xsd-3.0", "xsd-3.0-flat", "structures-2.1", "structures-3.0"};
}

Result<int> schema(const Options& options, const SchemaArguments& arguments) {
  FP_ASSIGN(Settings settings, read_settings(HomePaths{options.home}.settings()));
  FP_ASSIGN(auto lookup, known_structures(options.home, arguments.structures, settings.limits));
  FP_ASSIGN(auto flow, find_dataflow(*lookup, arguments.dataflow));
  FP_ASSIGN(Outlet outlet, Outlet::open(arguments.output));
  if (arguments.to.starts_with("xsd")) {
    FP_TRY(write_xsd(*flow, arguments.to, arguments.xsd_folder, outlet.sink()));
  } else {
    FP_TRY(write_structure_message(
        *lookup, *flow,
        arguments.to == "structures-3.0" ? StructureFormat::k30 : StructureFormat::k21, settings,
        outlet.sink()));
  }
  FP_TRY(outlet.commit());
  return 0;
}

}  // namespace focalpost::cli
