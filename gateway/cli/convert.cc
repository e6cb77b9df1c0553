// SPDX-License-Identifier: Apache-2.0
#include "flow/convert.h"

#include <fmt/format.h>

#include <iostream>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"
#include "flow/home.h"
#include "flow/load.h"

namespace focalpost::cli {

Result<int> convert(const Options& options, const ConvertArguments& arguments) {
  FP_ASSIGN(OutputFormat format, output_format(arguments.to));
  FP_ASSIGN(Settings settings, read_settings(HomePaths{options.home}.settings()));
  FP_ASSIGN(auto lookup, known_structures(options.home, arguments.structures, settings.limits));
  PhraseStore phrases(share_directory() / "templates", HomePaths{options.home}.templates());
  FP_ASSIGN(const Phrases* words, phrases.in(arguments.lang));
  CheckContext context;
  context.lookup = lookup.get();
  context.limits = &settings.limits;
  context.now = SystemClock().now();
  std::error_code none;
  context.temporary = fs::temp_directory_path(none);
  FP_ASSIGN(Outlet outlet, Outlet::open(arguments.output));
  // What is judged is shown only where nothing is written: data may go to stdout.
  std::vector<std::string> judged;
  FP_ASSIGN(Conversion done, convert_file(
                                 arguments.file, format, context,
                                 [&](const CheckedFile& checked) {
                                   judged.push_back(options.json ? checked_json(checked, *words)
                                                                 : checked_text(checked, *words));
                                 },
                                 outlet.sink()));
  if (!done.right) {
    for (const std::string& text : judged) std::cout << text;
    std::cerr << "Nothing was converted: put right what is wrong first.\n";
    return 1;
  }
  FP_TRY(outlet.commit());
  if (!options.quiet)
    std::cerr << fmt::format("{}: {} series, {} observations as {}.\n", one_line(done.name),
                             done.series, done.observations, arguments.to);
  return 0;
}

}  // namespace focalpost::cli
