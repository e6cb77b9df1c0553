// SPDX-License-Identifier: Apache-2.0
//
// measure: runs a program, and tells how long it took and how much memory of its own it had.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace focalpost::bench {

inline double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Ran {
  double seconds = 0;
  int status = -1;  ///< of exit(); -1 if a signal ended it
  std::string output;
  /// Greatest RssAnon of /proc/PID/status, read every 3 ms: memory of its own, without mapped
  /// files.
  std::uint64_t peak_anonymous = 0;
};

/// argv[0] is a path or a name in PATH. Standard error goes where ours goes.
Ran run(const std::vector<std::string>& argv);

double median(std::vector<double> values);
/// The number behind `name ` at the start of a line of output; 0 if there is none.
double number_in(const std::string& output, const std::string& name);

}  // namespace focalpost::bench
