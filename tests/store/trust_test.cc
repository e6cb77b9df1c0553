// SPDX-License-Identifier: Apache-2.0
#include "store/trust.h"

#include "temporary_store.h"

using namespace focalpost;

namespace {
Time at(int minutes) {
  return Time{} + std::chrono::hours(24 * 365) + std::chrono::minutes(minutes);
}
}  // namespace

TEST_CASE("a signed content belongs to the docket in which it came first, even once that is gone") {
  Store store = memory_store();
  CHECK_FALSE(store.trust().accept_signed("aa", 1, at(0)).ok());  // outside a transaction
  Transaction transaction = must(store.begin());
  CHECK(must(store.trust().accept_signed("aa", 1, at(0))) == 1);
  CHECK(must(store.trust().accept_signed("aa", 1, at(1))) == 1);  // a retry
  CHECK(must(store.trust().accept_signed("aa", 2, at(2))) == 1);
  CHECK(must(store.trust().accept_signed("bb", 2, at(2))) == 2);
  must(transaction.commit());
}

TEST_CASE("the newest probe of a pinned server counts, and only of that one") {
  Store store = memory_store();
  CHECK_FALSE(must(store.trust().newest_probe("mx.example")));
  must(store.trust().note_probe("mx.example", true, at(0)));
  CHECK(must(store.trust().newest_probe("mx.example"))->removed);
  must(store.trust().note_probe("mx.example", false, at(1)));
  must(store.trust().note_probe("other.example", true, at(2)));
  auto newest = must(store.trust().newest_probe("mx.example"));
  REQUIRE(newest);
  CHECK_FALSE(newest->removed);
  CHECK(newest->at == at(1));
}
