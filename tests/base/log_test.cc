// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "catch.h"

using namespace focalpost;

namespace {

/// What a piece of the program writes to stderr.
template <typename Work>
std::string stderr_of(Work work) {
  char name[] = "/tmp/log-test-XXXXXX";
  const int file = ::mkstemp(name);
  REQUIRE(file >= 0);
  std::fflush(stderr);
  const int before = ::dup(STDERR_FILENO);
  ::dup2(file, STDERR_FILENO);
  work();
  std::fflush(stderr);
  ::dup2(before, STDERR_FILENO);
  ::close(before);
  ::close(file);
  auto text = read_file(name);
  ::unlink(name);
  REQUIRE(text.ok());
  return std::move(*text);
}

}  // namespace

TEST_CASE("attack: text from outside makes one line of the log, for controls are shown as such") {
  const std::vector<std::string> nasty = {"a\r\nfocalpost: error: forged",
                                          "a\nb",
                                          "a\rb",
                                          std::string("a\0b", 3),
                                          "\x1B[2J",
                                          "a\u2028b",
                                          "a\u202Eb",
                                          "\xFF\xFE",
                                          "%s%n{}",
                                          "{0}"};
  const std::string said = stderr_of([&] {
    log::set_level(log::Level::kDebug);
    for (const std::string& text : nasty) {
      log::error(text);
      log::warning(text);
      log::info(text);
      log::debug(text);
    }
    log::set_level(log::Level::kWarning);
  });
  auto lines = split(said, '\n');
  REQUIRE(lines.size() == 4 * nasty.size() + 1);  // and what is behind the last
  CHECK(lines.back().empty());
  lines.pop_back();
  for (std::string_view line : lines) {
    INFO(line);
    CHECK(line.starts_with("focalpost: "));
    CHECK(one_line(line) == line);
  }
  CHECK(lines[0] == "focalpost: error: a<U+000D><U+000A>focalpost: error: forged");
}
