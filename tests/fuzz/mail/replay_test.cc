// SPDX-License-Identifier: Apache-2.0
//
// The corpora that fuzzing the mail targets has grown, once more: an input that broke something
// stays in them as a test. A broken promise ends the program.
#include <filesystem>

#include "base/files.h"
#include "catch.h"
#include "fuzz/mail/inputs.h"

TEST_CASE("the corpora of the mail fuzzers are read without harm") {
  using namespace focalpost;
  for (const auto& target : fuzz::kMailTargets) {
    std::size_t inputs = 0;
    const fs::path folder = fs::path(SOURCE_DIR "/tests/fuzz/corpus") / target.name;
    INFO(folder);
    for (const auto& entry : fs::directory_iterator(folder)) {
      auto bytes = read_file(entry.path());
      REQUIRE(bytes.ok());
      ++inputs;
      CHECK(target.one_input(std::as_bytes(std::span(*bytes))) == 0);
      // and cut off in the middle
      CHECK(target.one_input(std::as_bytes(std::span(*bytes).first(bytes->size() / 2))) == 0);
    }
    CHECK(inputs >= 30);
  }
}
