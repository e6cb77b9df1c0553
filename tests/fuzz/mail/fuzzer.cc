// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer's door to one of the functions of inputs.h: FUZZ_TARGET says which.
#include <cstddef>
#include <cstdint>

#include "fuzz/mail/inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return focalpost::fuzz::FUZZ_TARGET(std::as_bytes(std::span(data, size)));
}
