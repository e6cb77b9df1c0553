// SPDX-License-Identifier: Apache-2.0
//
// The door for libFuzzer; FUZZ_TARGET names one of the functions of FUZZ_INPUTS.
#include <cstdint>

#include FUZZ_INPUTS

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return focalpost::fuzz::FUZZ_TARGET(std::as_bytes(std::span(data, size)));
}
