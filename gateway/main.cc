// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "base/log.h"
#include "base/text.h"
#include "cli/verbs.h"

namespace {

int exit_code(focalpost::ErrorKind kind) {
  switch (kind) {
    case focalpost::ErrorKind::kNotRight: return 1;
    case focalpost::ErrorKind::kUsage: return 2;
    case focalpost::ErrorKind::kTemporary: return 3;
    case focalpost::ErrorKind::kBug: return 4;
  }
  return 4;
}

int run(int argc, char** argv) {
  using namespace focalpost;
  CLI::App app{"focalpost: a gateway that exchanges migration statistics by e-mail", "focalpost"};
  app.set_version_flag("--version", std::string("focalpost ") + FOCALPOST_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  cli::Options options;
  const char* from_environment = std::getenv("FOCALPOST_HOME");
  options.home = from_environment && *from_environment ? from_environment : ".";
  bool verbose = false, quiet = false;
  app.add_option("--home", options.home, "the gateway's folder ($FOCALPOST_HOME, else here)");
  app.add_flag("--json", options.json, "machine-readable output");
  app.add_flag("-v,--verbose", verbose, "say more");
  app.add_flag("-q,--quiet", quiet, "say only errors");

  cli::Verb chosen;
  cli::add_init(app, options, chosen);
  cli::add_once(app, options, chosen);
  cli::add_validate(app, options, chosen);
  cli::add_load(app, options, chosen);
  cli::add_status(app, options, chosen);
  cli::add_show(app, options, chosen);
  cli::add_release(app, options, chosen);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  log::set_level(quiet     ? log::Level::kError
                 : verbose ? log::Level::kInfo
                           : log::Level::kWarning);
  Result<int> done = chosen();
  if (done.ok()) return *done;
  std::cerr << "focalpost: " << one_line(done.error().what) << "\n";
  if (!done.error().to_do.empty()) std::cerr << one_line(done.error().to_do) << "\n";
  return exit_code(done.error().kind);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::cerr << "focalpost: out of memory\n";
    return 3;
  } catch (const std::exception& error) {
    std::cerr << "focalpost: bug: " << error.what() << "\n";
    return 4;
  }
}
