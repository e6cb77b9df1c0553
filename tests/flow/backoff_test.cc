// SPDX-License-Identifier: Apache-2.0
#include "flow/backoff.h"

#include "catch.h"

using focalpost::Backoff;
using std::chrono::milliseconds;

TEST_CASE("pauses double up to the longest, each at most a quarter shorter") {
  Backoff backoff(milliseconds(1000), milliseconds(10'000));
  for (int turn = 0; turn < 2; ++turn) {
    for (int whole : {1000, 2000, 4000, 8000, 10'000, 10'000}) {
      const milliseconds pause = backoff.next();
      INFO(whole);
      CHECK(pause <= milliseconds(whole));
      CHECK(pause >= milliseconds(whole * 3 / 4));
    }
    for (int i = 0; i < 100; ++i) CHECK(backoff.next() <= milliseconds(10'000));
    backoff.reset();
  }
}

TEST_CASE("pauses differ by chance") {
  Backoff backoff(milliseconds(1'000'000), milliseconds(1'000'000));
  const milliseconds first = backoff.next();
  bool differs = false;
  for (int i = 0; i < 20; ++i) differs = differs || backoff.next() != first;
  CHECK(differs);
}
