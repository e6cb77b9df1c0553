// SPDX-License-Identifier: Apache-2.0
#include "store/intake.h"

#include "temporary_store.h"

using namespace focalpost;

// A crash is the end of a Store with things not done; the next one opens the same file.

TEST_CASE("a message that ends the program is found out and charged; the others go through") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  Time now = at("2026-03-01T09:00:00Z");
  const MessageKey good = inbox("1"), poison = inbox("2"), later = inbox("3");

  {  // a batch of three: the first is committed, then the program ends
    Store store = must(Store::create(path));
    CHECK(must(store.intake().suspects()).empty());
    must(store.intake().begin_batch(std::vector{good, poison, later}, now));
    Transaction transaction = must(store.begin());
    DocketRecord record;
    record.docket.received = now;
    must(store.dockets().open(record, good));
    must(store.intake().done(good));
    must(transaction.commit());
    Transaction lost = must(store.begin());
    must(store.intake().done(poison));  // never committed
  }
  {  // start: two suspects, nobody is charged yet; the first is charged, and the program ends
    Store store = must(Store::open(path));
    auto suspects = must(store.intake().suspects());
    REQUIRE(suspects.size() == 2);
    CHECK(suspects[0].key == poison);
    CHECK(suspects[0].charge == 0);
    CHECK(suspects[0].since == now);
    CHECK(suspects[1].key == later);
    CHECK(must(store.intake().charge(poison, 2, now)) == 2);
  }
  {  // start again: the sum is remembered, and only the one that was being parsed has one
    Store store = must(Store::open(path));
    CHECK(must(store.intake().charge_of(poison)) == 2);
    CHECK(must(store.intake().charge_of(later)) == 0);
    CHECK(must(store.intake().charge(poison, 1, now)) == 3);
    must(store.intake().charge(later, 1, now));
    must(store.intake().done(later));
  }
  Store store = must(Store::open(path));
  auto suspects = must(store.intake().suspects());
  REQUIRE(suspects.size() == 1);
  CHECK(suspects[0].key == poison);
  CHECK(suspects[0].charge == 3);
  must(store.intake().done(poison));  // it goes to Failed with a docket
  CHECK(must(store.intake().suspects()).empty());
}

TEST_CASE("a failure that is nobody's fault is taken back") {
  Store store = memory_store();
  Intake intake = store.intake();
  Time now = at("2026-03-01T09:00:00Z");
  const MessageKey suspect = inbox("1"), fresh = inbox("2");
  must(intake.charge(suspect, 1, now));
  must(intake.begin_batch(std::vector{suspect, fresh}, now));
  CHECK(must(intake.charge_of(suspect)) == 1);  // taken in hand again, it keeps its charge

  CHECK(must(intake.charge(suspect, 1, now)) == 2);
  CHECK(must(intake.charge(suspect, -1, now)) == 1);  // the disk was full
  must(intake.put_back(std::vector{suspect, fresh}));
  auto left = must(intake.suspects());
  REQUIRE(left.size() == 1);
  CHECK(left[0].key == suspect);

  CHECK(must(intake.charge(suspect, -5, now)) == 0);
}

TEST_CASE("the same uid in another folder, mailbox or validity is another message") {
  Store store = memory_store();
  Intake intake = store.intake();
  Time now{};
  must(intake.charge({"a", "INBOX", 1, "5"}, 1, now));
  CHECK(must(intake.charge_of({"a", "INBOX", 2, "5"})) == 0);
  CHECK(must(intake.charge_of({"a", "Retry", 1, "5"})) == 0);
  CHECK(must(intake.charge_of({"b", "INBOX", 1, "5"})) == 0);
}

TEST_CASE("what must survive a crash cannot be written inside a transaction") {
  Store store = memory_store();
  Transaction transaction = must(store.begin());
  CHECK(store.intake().begin_batch(std::vector{inbox("1")}, {}).error().kind == ErrorKind::kBug);
  CHECK(store.intake().charge(inbox("1"), 1, {}).error().kind == ErrorKind::kBug);
}
