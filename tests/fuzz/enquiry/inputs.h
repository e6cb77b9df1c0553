// SPDX-License-Identifier: Apache-2.0
//
// One input of a fuzzer for what reads enquiries: the first line is a subject, the rest a mail's
// text. Run by libFuzzer (fuzzer.cc) and by the replay of the kept corpus (replay_test.cc). What
// breaks a promise of enquiry/read.h ends the program with a word of which.
#pragma once

#include <cstddef>
#include <span>

namespace focalpost::fuzz {

int enquiry(std::span<const std::byte> input);

}  // namespace focalpost::fuzz
