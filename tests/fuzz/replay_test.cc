// SPDX-License-Identifier: Apache-2.0
//
// The corpora that fuzzing has grown (docs/proof.md), once more: an input that broke something
// stays here as a test. A broken promise ends the program.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "fuzz/inputs.h"

TEST_CASE("the corpora of the fuzzers are read without harm") {
  for (const auto& target : focalpost::fuzz::kTargets) {
    std::size_t inputs = 0, taken = 0;
    const auto folder = std::filesystem::path(SOURCE_DIR "/tests/fuzz/corpus") / target.name;
    INFO(folder);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << in.rdbuf();
      const std::string bytes = text.str();
      ++inputs;
      taken += target.one_input(std::as_bytes(std::span(bytes))) == 0;
    }
    CHECK(inputs >= 50);
    CHECK(taken * 2 > inputs);
  }
}
