// SPDX-License-Identifier: Apache-2.0
//
// One input of a fuzzer, for each of the readers that meet what strangers send.
//
// The same functions are run by libFuzzer (fuzzer.cc) and by the replay of the kept corpora
// (replay_test.cc). An input is a whole file. Each is read twice, in one piece and in small ones,
// which must come to the same; everything that was read is looked at, judged, and held against the
// promises of the reader's header. What breaks one ends the program with a word of which.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace focalpost::fuzz {

/// 0; -1 if detect() gives the input to another reader, so that a fuzzer does not keep it.
int ml_data(std::span<const std::byte> input);
int csv_data(std::span<const std::byte> input);
int json_data(std::span<const std::byte> input);
int structure(std::span<const std::byte> input);

struct Target {
  std::string_view name;
  int (*one_input)(std::span<const std::byte>);
};
inline constexpr Target kTargets[] = {{"ml_data", ml_data},
                                      {"csv_data", csv_data},
                                      {"json_data", json_data},
                                      {"structure", structure}};

}  // namespace focalpost::fuzz
