// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <iostream>

#include "base/log.h"
#include "base/text.h"
#include "cli/verbs.h"

namespace {

int exit_code(focalpost::ErrorKind kind) {
  switch (kind) {
    case focalpost::ErrorKind::kNotRight:
      return 1;
    case focalpost::ErrorKind::kUsage:
      return 2;
    case focalpost::ErrorKind::kTemporary:
      return 3;
    case focalpost::ErrorKind::kBug:
      return 4;
  }
  return 4;
}

int run(int argc, char** argv) {
  using namespace focalpost;
  cli::CommandLine line = cli::read_command_line(argc, argv);
  if (!line.verb) return line.exit_code;
  log::set_level(line.options.quiet     ? log::Level::kError
                 : line.options.verbose ? log::Level::kInfo
                                        : log::Level::kWarning);
  Result<int> done = line.verb(line.options);
  if (done.ok() && !std::cout.flush()) {
    std::cerr
        << "focalpost: not all of the output could be written\nLook for room where it goes.\n";
    return 3;
  }
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
