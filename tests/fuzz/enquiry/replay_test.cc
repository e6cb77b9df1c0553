// SPDX-License-Identifier: Apache-2.0
//
// The corpus that fuzzing the reading of enquiries has grown, once more: an input that broke
// something stays in it as a test. A broken promise ends the program.
#include "base/files.h"
#include "catch.h"
#include "fuzz/enquiry/inputs.h"

TEST_CASE("the corpus of the fuzzer of enquiries is read without harm") {
  using namespace focalpost;
  std::size_t inputs = 0;
  for (const auto& entry : fs::directory_iterator(SOURCE_DIR "/tests/fuzz/corpus/enquiry")) {
    auto bytes = read_file(entry.path());
    REQUIRE(bytes.ok());
    ++inputs;
    CHECK(fuzz::enquiry(std::as_bytes(std::span(*bytes))) == 0);
    // and cut off in the middle
    CHECK(fuzz::enquiry(std::as_bytes(std::span(*bytes).first(bytes->size() / 2))) == 0);
  }
  CHECK(inputs >= 50);
}
