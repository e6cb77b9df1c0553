// SPDX-License-Identifier: Apache-2.0
#include "store/outbox.h"

#include "temporary_store.h"

using namespace focalpost;

namespace {

const Time kNow = at("2026-03-01T09:30:00Z");

OutboxEntry receipt(const char* message_id, Time not_before = kNow) {
  OutboxEntry entry;
  entry.kind = "receipt";
  entry.message_id = message_id;
  entry.recipient = "focal@stat.example";
  entry.subject = "№ 2026-000001";
  entry.lang = "ru";
  entry.created = kNow;
  entry.not_before = not_before;
  return entry;
}

std::int64_t enqueued(Store& store, const OutboxEntry& entry,
                      std::vector<std::string_view> pieces = {"head\r\n\r\n", "body\r\n"}) {
  Transaction transaction = must(store.begin());
  Enqueued result = must(store.outbox().enqueue(entry, pieces));
  must(transaction.commit());
  CHECK(result.fresh);
  return result.id;
}

}  // namespace

TEST_CASE("an outgoing message comes back as it was put in") {
  Store store = memory_store();
  DocketRecord cause = opened(store, "1");
  OutboxEntry entry = receipt("<1.1@gw.example>");
  entry.docket = cause.docket.id;
  entry.attempt = 2;
  std::int64_t id = enqueued(store, entry);

  auto found = must(store.outbox().of_docket(cause.docket.id));
  REQUIRE(found.size() == 1);
  const OutboxEntry& e = found[0];
  CHECK(e.id == id);
  CHECK(e.docket == cause.docket.id);
  CHECK(e.attempt == 2);
  CHECK(e.kind == "receipt");
  CHECK(e.message_id == "<1.1@gw.example>");
  CHECK(e.recipient == "focal@stat.example");
  CHECK(e.envelope_from.empty());
  CHECK(e.subject == "№ 2026-000001");
  CHECK(e.lang == "ru");
  CHECK(e.created == kNow);
  CHECK(e.not_before == kNow);
  CHECK(e.state == OutboxState::kWaiting);
  CHECK(e.attempts == 0);
  CHECK_FALSE(e.first_tried.has_value());
  CHECK_FALSE(e.sent.has_value());
  CHECK_FALSE(e.settled.has_value());
  CHECK(must(store.outbox().find(id))->message_id == "<1.1@gw.example>");
  CHECK(must(store.outbox().find("<1.1@gw.example>"))->id == id);
  CHECK_FALSE(must(store.outbox().find("<1.2@gw.example>")).has_value());
  CHECK_FALSE(must(store.outbox().find(id + 1)).has_value());
  CHECK(must(store.outbox().bytes(id)) == "head\r\n\r\nbody\r\n");
  CHECK_FALSE(store.outbox().bytes(id + 1).ok());
}

TEST_CASE("equal pieces are stored once, any bytes are kept") {
  Store store = memory_store();
  std::string digest(10'000, 'd');
  std::string zeros("\0\xff\0", 3);
  std::int64_t a = enqueued(store, receipt("<a@gw.example>"), {"To: a\r\n", digest, zeros});
  std::int64_t b = enqueued(store, receipt("<b@gw.example>"), {"To: b\r\n", digest, zeros});
  CHECK(rows(store, "SELECT count(*) FROM blob") == std::vector<std::string>{"4"});
  CHECK(must(store.outbox().bytes(a)) == "To: a\r\n" + digest + zeros);
  CHECK(must(store.outbox().bytes(b)) == "To: b\r\n" + digest + zeros);
}

TEST_CASE("the same Message-ID is enqueued once") {
  Store store = memory_store();
  std::int64_t first = enqueued(store, receipt("<a@gw.example>"));
  Transaction transaction = must(store.begin());
  std::string_view other = "other";
  Enqueued again = must(store.outbox().enqueue(receipt("<a@gw.example>"), {&other, 1}));
  must(transaction.commit());
  CHECK_FALSE(again.fresh);
  CHECK(again.id == first);
  CHECK(must(store.outbox().bytes(first)) == "head\r\n\r\nbody\r\n");
}

TEST_CASE("outgoing mail needs the transaction of its cause, and goes with it") {
  Store store = memory_store();
  CHECK(store.outbox().enqueue(receipt("<a@gw.example>"), {}).error().kind == ErrorKind::kBug);
  {
    Transaction given_up = must(store.begin());
    std::string_view piece = "x";
    must(store.outbox().enqueue(receipt("<a@gw.example>"), {&piece, 1}));
  }
  CHECK(must(store.outbox().counts()).waiting == 0);
  CHECK(rows(store, "SELECT count(*) FROM blob") == std::vector<std::string>{"0"});
}

TEST_CASE("the way of an outgoing message") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  using std::chrono::minutes;
  std::int64_t late = 0, early = 0, future = 0;
  {
    Store store = must(Store::create(path));
    Outbox outbox = store.outbox();
    CHECK_FALSE(must(outbox.next_due()).has_value());
    late = enqueued(store, receipt("<late@gw.example>", kNow));
    early = enqueued(store, receipt("<early@gw.example>", kNow - minutes(5)));
    future = enqueued(store, receipt("<future@gw.example>", kNow + minutes(1)));

    auto due = must(outbox.due(kNow, 10));
    REQUIRE(due.size() == 2);
    CHECK(due[0].id == early);
    CHECK(due[1].id == late);
    CHECK(must(outbox.due(kNow, 1)).size() == 1);

    must(outbox.mark_sending(early, "gw@focalpost.example", kNow));
    must(outbox.mark_sent(early, kNow));
    must(outbox.mark_sending(late, "", kNow));
    must(outbox.postpone(late, "450 mailbox busy", kNow + minutes(10)));
    CHECK(must(outbox.due(kNow, 10)).empty());
    CHECK(must(outbox.next_due()) == kNow + minutes(1));
    auto retry = must(outbox.due(kNow + minutes(10), 10));
    REQUIRE(retry.size() == 2);
    CHECK(retry[1].last_error == "450 mailbox busy");
    CHECK(retry[1].attempts == 1);

    must(outbox.mark_sending(late, "", kNow + minutes(10)));  // the program ends here
    CHECK(must(outbox.find(late))->first_tried == kNow);
  }
  Store store = must(Store::open(path));
  Outbox outbox = store.outbox();
  CHECK(must(outbox.counts()).sending == 1);
  REQUIRE(must(outbox.sending()).size() == 1);
  CHECK(must(outbox.sending())[0].id == late);
  CHECK(must(outbox.recover()) == 1);
  CHECK(must(outbox.recover()) == 0);
  CHECK(must(outbox.due(kNow + minutes(10), 10)).size() == 2);
  must(outbox.mark_failed(late, "550 no such user", kNow + minutes(10)));
  OutboxCounts counts = must(outbox.counts());
  CHECK(counts.waiting == 1);
  CHECK(counts.sending == 0);
  CHECK(counts.sent == 1);
  CHECK(counts.failed == 1);
  CHECK(must(store.figures(kNow)).last_sent == kNow);
  CHECK_FALSE(outbox.mark_sent(future + 1, kNow).ok());

  auto shown = must(outbox.undelivered(10));
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].last_error == "550 no such user");
  CHECK(shown[0].settled == kNow + minutes(10));
}

TEST_CASE("an attempt that did not take place does not count") {
  Store store = memory_store();
  Outbox outbox = store.outbox();
  std::int64_t id = enqueued(store, receipt("<a@gw.example>"));
  must(outbox.mark_sending(id, "gw@focalpost.example", kNow));
  auto entry = *must(outbox.find(id));
  CHECK(entry.state == OutboxState::kSending);
  CHECK(entry.attempts == 1);
  CHECK(entry.envelope_from == "gw@focalpost.example");
  must(outbox.take_back(id));
  entry = *must(outbox.find(id));
  CHECK(entry.state == OutboxState::kWaiting);
  CHECK(entry.attempts == 0);
  CHECK_FALSE(entry.first_tried.has_value());
  CHECK(entry.not_before == kNow);

  // After one that did, the five days go on from there.
  must(outbox.mark_sending(id, "", kNow));
  must(outbox.postpone(id, "450 busy", kNow));
  must(outbox.mark_sending(id, "", kNow + std::chrono::hours(1)));
  must(outbox.take_back(id));
  entry = *must(outbox.find(id));
  CHECK(entry.attempts == 1);
  CHECK(entry.first_tried == kNow);
}

TEST_CASE("what reports say of a message, each where it can be") {
  Store store = memory_store();
  Outbox outbox = store.outbox();
  auto state = [&](std::int64_t id) { return must(outbox.find(id))->state; };
  std::int64_t never = enqueued(store, receipt("<never@gw.example>"));
  CHECK_FALSE(must(outbox.mark_bounced(never, "550 forged", kNow)));
  CHECK_FALSE(must(outbox.mark_delivered(never, kNow)));
  CHECK_FALSE(must(outbox.note_report(never, "delayed")));
  CHECK(state(never) == OutboxState::kWaiting);
  CHECK(must(outbox.find(never))->last_error.empty());

  std::int64_t one = enqueued(store, receipt("<one@gw.example>"));
  must(outbox.mark_sending(one, "", kNow));
  must(outbox.mark_sent(one, kNow));
  CHECK(must(outbox.note_report(one, "delayed: mailbox full")));
  CHECK(state(one) == OutboxState::kSent);
  CHECK(must(outbox.find(one))->last_error == "delayed: mailbox full");
  CHECK(must(outbox.mark_delivered(one, kNow)));
  CHECK_FALSE(must(outbox.mark_delivered(one, kNow)));
  CHECK(state(one) == OutboxState::kDelivered);
  // Handed on to a server that reports after all.
  CHECK(must(outbox.mark_bounced(one, "550 gone", kNow)));
  CHECK_FALSE(must(outbox.mark_bounced(one, "550 gone", kNow)));
  CHECK_FALSE(must(outbox.mark_delivered(one, kNow)));
  CHECK_FALSE(must(outbox.note_report(one, "later")));
  CHECK(state(one) == OutboxState::kBounced);

  std::int64_t failed = enqueued(store, receipt("<failed@gw.example>"));
  must(outbox.mark_sending(failed, "", kNow));
  must(outbox.mark_failed(failed, "554 no", kNow));
  CHECK_FALSE(must(outbox.mark_bounced(failed, "again", kNow)));
  CHECK(must(outbox.find(failed))->last_error == "554 no");

  // An attempt ended without an answer, and the report comes before the next: there is no next.
  std::int64_t uncertain = enqueued(store, receipt("<uncertain@gw.example>"));
  must(outbox.mark_sending(uncertain, "", kNow));
  must(outbox.postpone(uncertain, "connection lost", kNow));
  CHECK(must(outbox.mark_bounced(uncertain, "550 gone", kNow)));
  auto due = must(outbox.due(kNow, 10));
  REQUIRE(due.size() == 1);
  CHECK(due[0].id == never);

  OutboxCounts counts = must(outbox.counts());
  CHECK(counts.waiting == 1);
  CHECK(counts.failed == 1);
  CHECK(counts.bounced == 2);
}

TEST_CASE("a copy is owed from the sending to its note") {
  Store store = memory_store();
  Outbox outbox = store.outbox();
  std::int64_t with = enqueued(store, receipt("<with@gw.example>"));
  std::int64_t without = enqueued(store, receipt("<without@gw.example>"));
  CHECK(must(outbox.copies_due(10)).empty());
  for (std::int64_t id : {with, without}) must(outbox.mark_sending(id, "", kNow));
  must(outbox.mark_sent(with, kNow, true));
  must(outbox.mark_sent(without, kNow));
  auto due = must(outbox.copies_due(10));
  REQUIRE(due.size() == 1);
  CHECK(due[0].id == with);
  must(outbox.mark_copied(with));
  CHECK(must(outbox.copies_due(10)).empty());
}
