// SPDX-License-Identifier: Apache-2.0
#include "flow/export.h"

#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "flow/metadata.h"

namespace focalpost::cli {

namespace {

Result<int> export_described(const Options& options, const ExportArguments& arguments,
                             MetadataFormat format) {
  if (!arguments.key.empty() || !arguments.from.empty() || !arguments.until.empty() ||
      !arguments.changes_since.empty())
    return usage_error("metadata have no key and no periods",
                       "Leave out KEY, --from, --until and --changes-since.");
  const MetadataRequest request{arguments.dataflow, arguments.provider, arguments.as_of,
                                arguments.viewer, format};
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  FP_ASSIGN(Outlet outlet,
            Outlet::open(arguments.output, arguments.viewer == "public" ? 0666 : 0600));
  FP_ASSIGN(std::size_t count, export_metadata(home, request, SystemClock().now(), outlet.sink()));
  FP_TRY(outlet.commit());
  if (!options.quiet)
    std::cerr << fmt::format("{}: {} description{}.\n", arguments.dataflow, count,
                             count == 1 ? "" : "s");
  return 0;
}

}  // namespace

Result<int> export_data(const Options& options, const ExportArguments& arguments) {
  if (auto format = metadata_format(arguments.to))
    return export_described(options, arguments, *format);
  if (!arguments.provider.empty())
    return usage_error("--provider is of metadata", "Data are chosen by KEY.");
  ExportRequest request;
  request.dataflow = arguments.dataflow;
  request.key = arguments.key;
  request.from = arguments.from;
  request.until = arguments.until;
  request.as_of = arguments.as_of;
  request.changes_since = arguments.changes_since;
  request.viewer = arguments.viewer;
  FP_ASSIGN(request.format, output_format(arguments.to));
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  // What is not for everybody is nobody else's to read.
  const unsigned mode = arguments.viewer == "public" ? 0666 : 0600;
  FP_ASSIGN(Outlet outlet, Outlet::open(arguments.output, mode));
  FP_ASSIGN(ExportCount count,
            export_observations(home, request, SystemClock().now(), outlet.sink()));
  FP_TRY(outlet.commit());
  // Talk goes beside the data; where these went to a file, the program that asked reads stdout.
  std::ostream& talk = outlet.to_standard_output() || !options.json ? std::cerr : std::cout;
  if (options.json) {
    talk << json_text(Json{{"dataflow", count.dataflow.text()},
                           {"format", arguments.to},
                           {"file", outlet.to_standard_output() ? "" : arguments.output.string()},
                           {"datasets", count.datasets},
                           {"series", count.series},
                           {"observations", count.observations},
                           {"withheld", count.withheld},
                           {"confidential", count.confidential},
                           {"withdrawn", count.withdrawn}})
         << "\n";
    return 0;
  }
  if (options.quiet) return 0;
  if (count.observations + count.withdrawn == 0) {
    talk << fmt::format("{}: there is nothing that fits; the message is empty.\n",
                        count.dataflow.text());
    return 0;
  }
  talk << fmt::format("{}: {} observations in {} series", count.dataflow.text(), count.observations,
                      count.series);
  if (count.withdrawn > 0) talk << fmt::format(", {} withdrawn", count.withdrawn);
  if (count.withheld > 0) talk << fmt::format(", {} of them withheld", count.withheld);
  talk << ".\n";
  if (count.confidential > 0 && arguments.viewer.empty())
    talk << fmt::format(
        "{} values are confidential or under embargo: do not pass this file on. What may be\n"
        "published is written with --as public.\n",
        count.confidential);
  return 0;
}

}  // namespace focalpost::cli
