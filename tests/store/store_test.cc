// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include "temporary_store.h"

using namespace focalpost;

TEST_CASE("settings are kept") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  {
    Store store = must(Store::create(path));
    CHECK_FALSE(must(store.setting("last_digest")).has_value());
    must(store.set_setting("last_digest", "2026-02"));
    must(store.set_setting("last_digest", "2026-03"));
  }
  Store store = must(Store::open(path));
  CHECK(must(store.setting("last_digest")) == "2026-03");
}

TEST_CASE("a second connection reads what was committed while a write transaction is open") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  Store writer = must(Store::create(path));
  opened(writer, "1");
  Store reader = must(Store::open(path, Database::Mode::kReadOnly));

  Transaction transaction = must(writer.begin());
  DocketRecord second;
  second.docket.received = at("2026-03-02T10:00:00Z");
  must(writer.dockets().open(second, inbox("2")));
  CHECK(must(writer.dockets().latest(10)).size() == 2);
  CHECK(must(reader.dockets().latest(10)).size() == 1);
  CHECK_FALSE(must(reader.dockets().find(inbox("2"))).has_value());

  must(transaction.commit());
  CHECK(must(reader.dockets().find(inbox("2")))->docket.number.text() == "2026-000002");
}

TEST_CASE("a second writer gets a temporary error, not a wrong one") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  Store first = must(Store::create(path));
  Store second = must(Store::open(path));
  must(second.database().execute("PRAGMA busy_timeout=0"));

  {
    Transaction transaction = must(first.begin());
    auto busy = second.begin();
    REQUIRE_FALSE(busy.ok());
    CHECK(busy.error().kind == ErrorKind::kTemporary);
  }
  CHECK(second.begin().ok());
}

TEST_CASE("a full disk is a temporary error, and nothing of the transaction stays") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  Store store = must(Store::create(path));
  std::int64_t pages = *must(store.database().query_integer("PRAGMA page_count"));
  must(store.database().execute("PRAGMA max_page_count=" + std::to_string(pages + 4)));
  {
    Transaction transaction = must(store.begin());
    DocketRecord record;
    record.docket.received = at("2026-03-01T09:30:00Z");
    must(store.dockets().open(record, inbox("1")));
    std::string body(1 << 20, 'b');
    std::string_view piece = body;
    OutboxEntry reply;
    reply.message_id = "<1@gw.example>";
    auto full = store.outbox().enqueue(reply, {&piece, 1});
    REQUIRE_FALSE(full.ok());
    CHECK(full.error().kind == ErrorKind::kTemporary);
    CHECK(full.error().to_do.find("disk") != std::string::npos);
  }
  CHECK(must(store.dockets().latest(10)).empty());
  CHECK(must(store.outbox().counts()).waiting == 0);

  // Once there is room the same store works on.
  must(store.database().execute("PRAGMA max_page_count=1000000"));
  CHECK(opened(store, "1").docket.number.text() == "2026-000001");
}

TEST_CASE("a backup is made beside a running writer and holds what was committed") {
  TemporaryFolder folder;
  Store store = must(Store::create(folder.file("store.sqlite")));
  opened(store, "1");
  Store beside = must(Store::open(folder.file("store.sqlite"), Database::Mode::kReadWrite));
  Transaction transaction = must(store.begin());
  DocketRecord unfinished;
  unfinished.docket.received = at("2026-03-01T09:30:00Z");
  must(store.dockets().open(unfinished, inbox("2")));
  must(beside.backup(folder.file("copy.sqlite")));
  must(transaction.commit());

  Store copy = must(Store::open(folder.file("copy.sqlite")));
  CHECK(must(copy.dockets().latest(10)).size() == 1);
  CHECK(must(copy.gateway_id()) == must(store.gateway_id()));
  CHECK_FALSE(store.backup(folder.file("copy.sqlite")).ok());
}

TEST_CASE("events for the operator: one line each, the last 1,000") {
  Store store = memory_store();
  Time now = at("2026-03-01T00:00:00Z");
  Transaction transaction = must(store.begin());
  for (int i = 1; i <= 1100; ++i)
    must(store.events().add(i == 500 ? EventLevel::kError : EventLevel::kInfo,
                            "event " + std::to_string(i), now + std::chrono::seconds(i)));
  must(store.events().add(EventLevel::kWarning, "two\nlines", now));
  must(transaction.commit());

  CHECK(rows(store, "SELECT count(*) FROM event") == std::vector<std::string>{"1000"});
  auto last = must(store.events().last(2));
  REQUIRE(last.size() == 2);
  CHECK(last[0].text.find('\n') == std::string::npos);
  CHECK(last[1].text == "event 1100");
  CHECK(last[1].at == now + std::chrono::seconds(1100));
  auto grave = must(store.events().last(10, EventLevel::kWarning));
  REQUIRE(grave.size() == 2);
  CHECK(grave[0].level == EventLevel::kWarning);
  CHECK(grave[1].text == "event 500");
  CHECK(must(store.events().last(10, EventLevel::kError)).size() == 1);
}

TEST_CASE("the budget of a correspondent counts replies of the last hour, in any spelling") {
  Store store = memory_store();
  auto people = store.correspondents();
  Time now = at("2026-03-01T12:00:00Z");
  using std::chrono::minutes;
  must(people.note_reply("Robot@Office.example", now - minutes(61)));
  must(people.note_reply("robot@office.example", now - minutes(59)));
  must(people.note_reply("ROBOT@office.example", now));
  must(people.note_reply("other@office.example", now));
  CHECK(must(people.replies_since("robot@OFFICE.example", now - minutes(60))) == 2);
  must(people.forget_before(now - minutes(60)));
  CHECK(must(people.replies_since("robot@office.example", now - minutes(600))) == 2);
}

TEST_CASE("figures for status") {
  Store store = memory_store();
  Time now = at("2026-03-10T15:00:00Z");
  Figures empty = must(store.figures(now));
  CHECK(empty.dockets.empty());
  CHECK_FALSE(empty.last_received.has_value());
  CHECK(empty.store_bytes > 0);

  auto docket = [&](const char* uid, const char* received, Outcome outcome) {
    DocketRecord record;
    record.docket.received = at(received);
    record.docket.outcome = outcome;
    record.docket.items.resize(1);
    record.docket.items[0].outcome = outcome;
    Transaction transaction = must(store.begin());
    must(store.dockets().open(record, inbox(uid)));
    must(store.dockets().finish(record));
    must(transaction.commit());
  };
  docket("1", "2026-03-03T23:59:59Z", Outcome::kFiled);  // eight days: today and six before
  docket("2", "2026-03-04T00:00:00Z", Outcome::kFiled);
  docket("3", "2026-03-10T09:00:00Z", Outcome::kFiled);
  docket("4", "2026-03-10T10:00:00Z", Outcome::kFiled);
  docket("5", "2026-03-10T11:00:00Z", Outcome::kHeld);
  must(store.intake().charge(inbox("6"), 1, now));
  must(store.events().add(EventLevel::kInfo, "started", now));
  must(store.events().add(EventLevel::kError, "the mailbox is mute", now));

  Figures figures = must(store.figures(now));
  std::uint64_t filed = 0, held = 0;
  for (auto [outcome, count] : figures.dockets)
    (outcome == Outcome::kFiled ? filed : held) += count;
  CHECK(filed == 4);
  CHECK(held == 1);
  REQUIRE(figures.days.size() == 3);
  CHECK(figures.days[0].date == "2026-03-10");
  CHECK(figures.days[0].outcome == Outcome::kFiled);
  CHECK(figures.days[0].dockets == 2);
  CHECK(figures.days[1].outcome == Outcome::kHeld);
  CHECK(figures.days[2].date == "2026-03-04");
  CHECK(figures.held_items == 1);
  CHECK(figures.in_hand == 1);
  CHECK(figures.last_received == at("2026-03-10T11:00:00Z"));
  CHECK_FALSE(figures.last_filed.has_value());
  REQUIRE(figures.events.size() == 1);
  CHECK(figures.events[0].text == "the mailbox is mute");
}
