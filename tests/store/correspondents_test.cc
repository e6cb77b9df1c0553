// SPDX-License-Identifier: Apache-2.0
#include "store/correspondents.h"

#include "temporary_store.h"

using namespace focalpost;
using std::chrono::hours;

namespace {

const Time kNow = at("2026-03-01T09:30:00Z");
constexpr const char* kAddress = "Asylum.Statistics@migration.kg.example";

AddressTrouble bounced(Store& store, Time when, const char* text = "550 no such user",
                       const char* address = kAddress) {
  Transaction transaction = must(store.begin());
  AddressTrouble known = must(store.correspondents().note_bounce(address, text, when));
  must(transaction.commit());
  return known;
}

}  // namespace

TEST_CASE("an address is dead after three messages over a day") {
  Store store = memory_store();
  Correspondents correspondents = store.correspondents();
  CHECK_FALSE(must(correspondents.trouble(kAddress)).has_value());
  bounced(store, kNow);
  bounced(store, kNow + hours(23));
  AddressTrouble known = bounced(store, kNow + hours(24), "550 5.1.1 gone");
  CHECK(known.bounces == 3);
  CHECK(known.dead_since == kNow + hours(24));
  CHECK(known.address == "asylum.statistics@migration.kg.example");

  auto dead = must(correspondents.dead(10));
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].address == "asylum.statistics@migration.kg.example");
  CHECK(dead[0].first == kNow);
  CHECK(dead[0].last == kNow + hours(24));
  CHECK(dead[0].text == "550 5.1.1 gone");
  CHECK_FALSE(dead[0].told.has_value());
  // Asked for in any spelling.
  CHECK(must(correspondents.trouble("ASYLUM.statistics@MIGRATION.kg.example")).has_value());
}

TEST_CASE("many messages in an hour, or two in a week, are not yet a dead address") {
  Store store = memory_store();
  for (int i = 0; i < 20; ++i) bounced(store, kNow + std::chrono::minutes(i));
  CHECK(must(store.correspondents().dead(10)).empty());
  // It goes on the day after: it was no passing trouble.
  CHECK(bounced(store, kNow + hours(25)).dead_since.has_value());

  bounced(store, kNow, "550", "other@stat.example");
  bounced(store, kNow + hours(24 * 7), "550", "other@stat.example");
  CHECK(must(store.correspondents().dead(10)).size() == 1);
}

TEST_CASE("a bounce that stood alone for long is forgotten at the next") {
  Store store = memory_store();
  bounced(store, kNow);
  bounced(store, kNow + hours(1));
  AddressTrouble known = bounced(store, kNow + hours(2) + kBounceMemory);
  CHECK(known.bounces == 1);
  CHECK(known.first == known.last);
  CHECK_FALSE(known.dead_since.has_value());
}

TEST_CASE("a dead address stays dead however long nothing was sent there") {
  Store store = memory_store();
  for (int day = 0; day < 3; ++day) bounced(store, kNow + hours(24 * day));
  AddressTrouble known = bounced(store, kNow + 2 * kBounceMemory);
  CHECK(known.bounces == 4);
  CHECK(known.first == kNow);
  CHECK(known.dead_since == kNow + hours(48));
}

TEST_CASE("a sign of life clears what came before it, and nothing after") {
  Store store = memory_store();
  Correspondents correspondents = store.correspondents();
  for (int day = 0; day < 3; ++day) bounced(store, kNow + hours(24 * day));
  must(correspondents.note_told(kAddress, kNow + hours(48)));
  CHECK(must(correspondents.trouble(kAddress))->told == kNow + hours(48));
  // What is remembered of the telling survives further bounces.
  CHECK(bounced(store, kNow + hours(72)).told == kNow + hours(48));

  must(correspondents.note_alive(kAddress, kNow + hours(71)));  // written before the last bounce
  CHECK(must(correspondents.dead(10)).size() == 1);
  must(correspondents.note_alive("asylum.STATISTICS@migration.kg.example", kNow + hours(73)));
  CHECK(must(correspondents.dead(10)).empty());
  CHECK_FALSE(must(correspondents.trouble(kAddress)).has_value());
  CHECK(bounced(store, kNow + hours(74)).bounces == 1);
}

TEST_CASE("a bounce is noted with what it causes, or not at all") {
  Store store = memory_store();
  auto alone = store.correspondents().note_bounce(kAddress, "550", kNow);
  REQUIRE_FALSE(alone.ok());
  CHECK(alone.error().kind == ErrorKind::kBug);
}
