// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions, digests that were made, addresses that want none; pieces that letters share.
#include "store/subscriptions.h"

#include "temporary_store.h"

using namespace focalpost;

namespace {

Subscription subscriber(Store& store, std::string address, std::vector<std::string> flows = {}) {
  Subscription one;
  one.address = std::move(address);
  one.flows = std::move(flows);
  one.opened = at("2026-05-20T09:00:00Z");
  one.told_until = at("2026-05-18T00:00:00Z");
  one.told_day = 20591;
  Transaction transaction = must(store.begin());
  must(store.subscriptions().add(one));
  must(transaction.commit());
  return one;
}

}  // namespace

TEST_CASE("a subscription comes back as it was written") {
  Store store = memory_store();
  Subscription one = subscriber(store, "Reader@University.Example", {"ASYLUM", "LABOUR"});
  one.areas = {"KG"};
  one.rhythm = "monthly";
  one.lang = "uk";
  {
    Transaction transaction = must(store.begin());
    must(store.subscriptions().update(one));
    must(transaction.commit());
  }
  auto found = must(store.subscriptions().find(one.id));
  REQUIRE(found);
  CHECK(found->address == "reader@university.example");
  CHECK(found->flows == std::vector<std::string>{"ASYLUM", "LABOUR"});
  CHECK(found->areas == std::vector<std::string>{"KG"});
  CHECK(found->rhythm == "monthly");
  CHECK(found->lang == "uk");
  CHECK(found->told_day == 20591);
  CHECK(found->told_until == at("2026-05-18T00:00:00Z"));
  CHECK(must(store.subscriptions().of("READER@university.example")).size() == 1);
  CHECK(must(store.subscriptions().counts()).subscriptions == 1);
}

TEST_CASE("an address has a selection once, and again after it ended") {
  Store store = memory_store();
  Subscription one = subscriber(store, "a@b.example", {"ASYLUM"});
  subscriber(store, "a@b.example");
  {
    Transaction transaction = must(store.begin());
    Subscription twice = one;
    CHECK_FALSE(store.subscriptions().add(twice).ok());
  }
  {
    Transaction transaction = must(store.begin());
    one.state = SubscriptionState::kEnded;
    one.ended = at("2026-05-21T00:00:00Z");
    one.address.clear();
    must(store.subscriptions().update(one));
    must(transaction.commit());
  }
  CHECK(must(store.subscriptions().of("a@b.example")).size() == 1);
  subscriber(store, "a@b.example", {"ASYLUM"});
  CHECK(must(store.subscriptions().counts()).subscriptions == 2);
  CHECK(must(store.subscriptions().counts()).addresses == 1);
  CHECK(rows(store, "SELECT count(*) FROM subscription WHERE address = ''") ==
        std::vector<std::string>{"1"});
}

TEST_CASE("a period has one digest, and the subscription is told until its end") {
  Store store = memory_store();
  const Subscription one = subscriber(store, "a@b.example");
  DigestMade made{one.id,    20598, at("2026-05-18T00:00:00Z"), at("2026-05-25T00:00:00Z"),
                  "nothing", {},    at("2026-05-25T08:00:00Z")};
  auto note = [&](const DigestMade& which) {
    Transaction transaction = must(store.begin());
    const bool noted = must(store.subscriptions().note(which));
    must(transaction.commit());
    return noted;
  };
  CHECK(note(made));
  CHECK_FALSE(note(made));
  auto now = *must(store.subscriptions().find(one.id));
  CHECK(now.told_day == 20598);
  CHECK(now.told_until == made.until);
  // A clock that was set back moves nothing back.
  made.day = 20591;
  made.until = at("2026-05-18T00:00:00Z");
  CHECK(note(made));
  now = *must(store.subscriptions().find(one.id));
  CHECK(now.told_day == 20598);
  CHECK(now.told_until == at("2026-05-25T00:00:00Z"));
  REQUIRE(must(store.subscriptions().digests(one.id)).size() == 2);
  CHECK(must(store.subscriptions().digests(one.id))[0].what == "nothing");
}

TEST_CASE("an address that wants nothing but answers") {
  Store store = memory_store();
  Transaction transaction = must(store.begin());
  CHECK_FALSE(must(store.subscriptions().stopped("a@b.example")));
  must(store.subscriptions().stop("A@b.example", at("2026-05-20T09:00:00Z")));
  must(store.subscriptions().stop("a@b.example", at("2026-05-21T09:00:00Z")));
  CHECK(must(store.subscriptions().stopped("a@B.example")));
  must(store.subscriptions().lift_stop("a@b.example"));
  CHECK_FALSE(must(store.subscriptions().stopped("a@b.example")));
}

TEST_CASE("what letters share is kept once") {
  Store store = memory_store();
  Transaction transaction = must(store.begin());
  const std::int64_t body = must(store.outbox().keep("the body\r\n")),
                     file = must(store.outbox().keep("a file\r\n"));
  CHECK(must(store.outbox().keep("the body\r\n")) == body);
  CHECK(body != file);
  const std::vector<std::int64_t> kept = {body, file};
  for (const char* name : {"a", "b", "c"}) {
    OutboxEntry entry;
    entry.kind = "digest";
    entry.message_id = fmt::format("<{}@x.example>", name);
    entry.recipient = fmt::format("{}@x.example", name);
    CHECK(must(store.outbox().enqueue(entry, fmt::format("To: {}\r\n\r\n", name), kept)).fresh);
  }
  must(transaction.commit());
  CHECK(must(store.outbox().bytes(2)) == "To: b\r\n\r\nthe body\r\na file\r\n");
  CHECK(rows(store, "SELECT count(*) FROM blob") == std::vector<std::string>{"5"});
  OutboxEntry again;
  again.message_id = "<b@x.example>";
  Transaction other = must(store.begin());
  CHECK_FALSE(must(store.outbox().enqueue(again, "To: b\r\n\r\n", kept)).fresh);
}

TEST_CASE("structures that changed in a time") {
  Store store = memory_store();
  Structures some;
  Codelist& list = some.codelists.emplace_back();
  list.ref = {"FP", "CL_X", "1.0"};
  {
    Transaction transaction = must(store.begin());
    must(store.structures().save(some, at("2026-05-20T09:00:00Z")));
    must(transaction.commit());
  }
  auto changed = [&](const char* since, const char* until) {
    return must(store.changed_structures(at(since), at(until), 10)).size();
  };
  CHECK(changed("2026-05-20T08:00:00Z", "2026-05-20T09:00:00Z") == 1);
  CHECK(changed("2026-05-20T09:00:00Z", "2026-05-21T09:00:00Z") == 0);
  CHECK(changed("2026-05-19T09:00:00Z", "2026-05-20T08:59:59Z") == 0);
  CHECK(
      must(store.changed_structures(at("2026-05-01T00:00:00Z"), at("2026-06-01T00:00:00Z"), 10))[0]
          .id == "CL_X");
}
