// SPDX-License-Identifier: Apache-2.0
#include "flow/site.h"

#include <iostream>

#include "base/json.h"
#include "base/text.h"
#include "cli/verbs.h"

namespace focalpost::cli {

Result<int> site(const Options& options, const SiteArguments& arguments) {
  FP_ASSIGN(Home home, Home::open(options.home, Home::Access::kLook));
  const fs::path root = arguments.output.empty() ? home.paths().site() : arguments.output;
  FP_ASSIGN(SiteWritten done, write_site(home, root, SystemClock().now()));
  for (const std::string& warning : home.templates().take_warnings())
    std::cerr << one_line(warning) << "\n";
  for (const std::string& warning : home.phrases().take_warnings())
    std::cerr << one_line(warning) << "\n";
  for (const std::string& path : done.foreign)
    std::cerr << fmt::format("{} is not a file of the site; it was left as it is. Move it away.\n",
                             (root / path).string());
  if (options.json)
    std::cout << json_text(Json{{"site", root.string()},
                                {"written", done.written},
                                {"unchanged", done.unchanged},
                                {"removed", done.removed},
                                {"foreign", done.foreign}})
              << "\n";
  else if (!options.quiet)
    std::cout << fmt::format("{}: {} written, {} unchanged, {} removed.\n", root.string(),
                             done.written, done.unchanged, done.removed);
  return done.foreign.empty() ? 0 : 1;
}

}  // namespace focalpost::cli
