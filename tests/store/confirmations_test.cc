// SPDX-License-Identifier: Apache-2.0
#include "store/confirmations.h"

#include "temporary_store.h"

using namespace focalpost;

namespace {

/// A docket with one held item, judged at `at`.
std::int64_t held(Store& store, int serial, std::int64_t at) {
  DocketRecord record;
  record.docket.received = record.finished = from_millis(at);
  Sender& sender = record.docket.sender;
  sender.address = "a@b.example";
  sender.registered = true;
  sender.provider = "KG_NSC";
  sender.contact = "focal";
  sender.lang = "ru";
  sender.assurance = Assurance::kFrom;
  record.docket.outcome = Outcome::kHeld;
  record.content_hash = "hash";
  Transaction transaction = must(store.begin());
  must(store.dockets().open(record, {"spool", "INBOX", 1, std::to_string(serial)}));
  Item item;
  item.number = 1;
  item.outcome = Outcome::kHeld;
  item.hold = HoldReason::kAssurance;
  record.docket.items.push_back(item);
  must(store.dockets().finish(record));
  must(transaction.commit());
  return record.docket.id;
}

Confirmation ask(Store& store, std::int64_t docket, std::int64_t at) {
  Confirmation asked;
  asked.address = "A@B.example";
  asked.provider = "KG_NSC";
  asked.contact = "focal";
  asked.asked = from_millis(at);
  asked.expires = from_millis(at + 1000);
  asked.items = {{docket, 1, 1, "assurance", "hash"}};
  Transaction transaction = must(store.begin());
  must(store.confirmations().add(asked));
  must(transaction.commit());
  return asked;
}

}  // namespace

TEST_CASE("who was asked comes back as it was written, and is answered once") {
  Store store = memory_store();
  const std::int64_t docket = held(store, 1, 100);
  CHECK(must(store.confirmations().not_asked()) == std::vector{docket});
  const Confirmation asked = ask(store, docket, 200);
  CHECK(must(store.confirmations().not_asked()).empty());
  auto found = must(store.confirmations().find(asked.id));
  REQUIRE(found);
  CHECK(found->address == "a@b.example");
  CHECK(found->expires == asked.expires);
  REQUIRE(found->items.size() == 1);
  CHECK(found->items[0].act == "assurance");
  CHECK_FALSE(found->answered);
  CHECK_FALSE(store.confirmations().answered(asked.id, "yes", from_millis(300)).ok());

  Transaction transaction = must(store.begin());
  CHECK(must(store.confirmations().answered(asked.id, "yes", from_millis(300))));
  CHECK_FALSE(must(store.confirmations().answered(asked.id, "no", from_millis(400))));
  must(transaction.commit());
  found = must(store.confirmations().find(asked.id));
  CHECK(found->answer == "yes");
  CHECK(found->answered == from_millis(300));
  CHECK_FALSE(must(store.confirmations().find(asked.id + 1)));
}

TEST_CASE("due is what still waits as it was asked, and about which nothing is decided") {
  Store store = memory_store();
  const std::int64_t docket = held(store, 1, 100);
  const Confirmation asked = ask(store, docket, 200);
  Confirmations confirmations = store.confirmations();
  CHECK(must(confirmations.to_remind(from_millis(199))).empty());
  CHECK(must(confirmations.to_remind(from_millis(200))) == std::vector{asked.id});
  CHECK(must(confirmations.held_before(from_millis(99))).empty());
  CHECK(must(confirmations.held_before(from_millis(100))) == std::vector{docket});

  SECTION("reminded once") {
    must(confirmations.reminded(asked.id, from_millis(300)));
    CHECK(must(confirmations.to_remind(from_millis(900))).empty());
  }
  SECTION("ordered") {
    HeldOrder order;
    order.docket = docket;
    order.decision = Decision::kReject;
    order.attempt = 1;
    must(store.orders().add(order, from_millis(300)));
    order.decision = Decision::kConfirm;
    must(store.orders().add(order, from_millis(400)));
    CHECK(must(confirmations.held_before(from_millis(900))).empty());
    auto orders = must(store.orders().all());
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].decision == Decision::kReject);  // the first word counts
    CHECK(orders[0].attempt == 1u);
  }
  SECTION("judged again") {
    must(store.database().execute("UPDATE docket SET attempt = 2"));
    CHECK(must(confirmations.to_remind(from_millis(900))).empty());
    CHECK(must(confirmations.not_asked()) == std::vector{docket});
  }
}
