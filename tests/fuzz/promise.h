// SPDX-License-Identifier: Apache-2.0
//
// promise: what a fuzzer holds the program to.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace focalpost::fuzz {

/// Ends the program with a word of which promise was broken.
inline void promise(bool kept, const char* which) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", which);
  std::abort();
}

}  // namespace focalpost::fuzz
