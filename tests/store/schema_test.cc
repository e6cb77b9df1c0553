// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <fmt/format.h>

#include "temporary_store.h"

using namespace focalpost;

TEST_CASE("a new store has all tables, its marks, and nobody else may read it") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  Store store = must(Store::create(path));
  CHECK(must(store.database().query_integer("PRAGMA user_version")) == kSchemaVersion);
  CHECK(must(store.database().query_integer("PRAGMA application_id")) == kApplicationId);
  CHECK(rows(store, "PRAGMA journal_mode") == std::vector<std::string>{"wal"});
  CHECK(must(store.gateway_id()).size() == 16);
  CHECK((fs::status(path).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
        fs::perms::none);

  // Every table is STRICT, and every reference leads to a table.
  CHECK(rows(store,
             "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND "
             "name NOT LIKE 'sqlite_%'")
            .empty());
  CHECK(rows(store, "PRAGMA foreign_key_check").empty());
  // Every view can be read.
  for (const std::string& view : rows(store, "SELECT name FROM sqlite_master WHERE type = 'view'"))
    CHECK(rows(store, ("SELECT * FROM " + view).c_str()).empty());
}

TEST_CASE("migrating again changes nothing") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  std::string gateway;
  {
    Store store = must(Store::create(path));
    gateway = must(store.gateway_id());
    must(migrate(store.database()));
  }
  Store again = must(Store::open(path));
  CHECK(must(again.gateway_id()) == gateway);
  Store reader = must(Store::open(path, Database::Mode::kReadOnly));
  CHECK(must(reader.gateway_id()) == gateway);
  CHECK_FALSE(reader.set_setting("a", "b").ok());
}

namespace {

/// Takes off what versions after `version` (2 to 6) brought, the newest first.
void back_to(Store& store, int version) {
  constexpr std::pair<int, const char*> kSteps[] = {
      {7, "DROP TABLE digest; DROP TABLE subscription; DROP TABLE address_stop"},
      {6, "DROP TABLE reminder_duty; DROP TABLE reminder; DROP TABLE duty_said"},
      {5,
       "DROP INDEX docket_by_sender; DROP INDEX request_public; "
       "CREATE INDEX request_public ON request (settled_at) WHERE is_public = 1"},
      {4,
       "DROP TABLE request_file; DROP TABLE request_event; DROP TABLE request_letter; "
       "DROP TABLE request; DROP TABLE address_away"},
      {3,
       "DROP TABLE docket_trust; DROP TABLE signed_content; DROP TABLE authserv_probe; "
       "DROP TABLE confirmation_item; DROP TABLE confirmation; DROP TABLE release_order; "
       "CREATE TABLE release_order (docket INTEGER PRIMARY KEY REFERENCES docket ON DELETE "
       "CASCADE, ordered_at INTEGER NOT NULL) STRICT"}};
  for (const auto& [brought, undo] : kSteps)
    if (brought > version) must(store.database().execute(undo));
  must(store.database().execute(fmt::format("PRAGMA user_version={}", version)));
}

}  // namespace

TEST_CASE("a store of the first version gets the tables of metadata and keeps what it has") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  std::string gateway;
  {
    Store store = must(Store::create(path));
    gateway = must(store.gateway_id());
    must(store.database().execute(
        "DROP VIEW metadata; DROP TABLE metadata_text; DROP TABLE metadata_value; "
        "DROP TABLE metadata_set; DROP TABLE artefact_detail"));
    back_to(store, 2);
    must(store.database().execute("PRAGMA user_version=1"));
  }
  CHECK_FALSE(Store::open(path, Database::Mode::kReadOnly).ok());
  Store again = must(Store::open(path));
  CHECK(must(again.gateway_id()) == gateway);
  CHECK(must(again.database().query_integer("PRAGMA user_version")) == kSchemaVersion);
  CHECK(rows(again, "SELECT count(*) FROM metadata") == std::vector<std::string>{"0"});
}

TEST_CASE("a store of the second version gets the tables of confirmations and keeps its orders") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  {
    Store store = must(Store::create(path));
    back_to(store, 2);
    must(store.database().execute(
        "INSERT INTO docket VALUES (7, 2026, 1, 1, '<a>', '', 'a@b.example', '', 1, 'P', 'C', "
        "'en', 1, 1, 1, 'held', 'Held', '', NULL, NULL, ''); "
        "INSERT INTO release_order VALUES (7, 5)"));
  }
  Store again = must(Store::open(path));
  CHECK(must(again.database().query_integer("PRAGMA user_version")) == kSchemaVersion);
  auto orders = must(again.orders().all());
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].docket == 7);
  CHECK(orders[0].decision == Decision::kRelease);
  CHECK_FALSE(orders[0].attempt);
  CHECK(must(again.confirmations().not_asked()).empty());
  CHECK(rows(again, "PRAGMA foreign_key_check").empty());
}

TEST_CASE("a store of the second version gets the tables of trust and keeps its dockets") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  DocketRecord record;
  record.docket.sender.address = "a@b.example";
  {
    Store store = must(Store::create(path));
    Transaction transaction = must(store.begin());
    must(store.dockets().open(record, {"spool", "INBOX", 1, "a"}));
    must(transaction.commit());
    back_to(store, 2);
  }
  CHECK_FALSE(Store::open(path, Database::Mode::kReadOnly).ok());
  Store again = must(Store::open(path));
  CHECK(must(again.database().query_integer("PRAGMA user_version")) == kSchemaVersion);
  auto found = must(again.dockets().find(record.docket.id));
  REQUIRE(found);
  CHECK(found->docket.sender.address == "a@b.example");
  CHECK(found->docket.sender.why.empty());
  CHECK_FALSE(must(again.trust().newest_probe("mx.example")));
}

TEST_CASE("a store of the third version gets the tables of requests and keeps its confirmations") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  DocketRecord record;
  record.docket.sender.address = "a@b.example";
  Confirmation asked;
  asked.address = "a@b.example";
  {
    Store store = must(Store::create(path));
    Transaction transaction = must(store.begin());
    must(store.dockets().open(record, {"spool", "INBOX", 1, "a"}));
    asked.items = {{record.docket.id, 1, 1, "assurance", "hash"}};
    must(store.confirmations().add(asked));
    must(transaction.commit());
    back_to(store, 3);
  }
  CHECK_FALSE(Store::open(path, Database::Mode::kReadOnly).ok());
  Store again = must(Store::open(path));
  CHECK(must(again.database().query_integer("PRAGMA user_version")) == kSchemaVersion);
  CHECK(must(again.confirmations().find(asked.id)));
  CHECK(must(again.requests().open()).empty());
  Request request;
  request.docket = record.docket.id;
  Transaction transaction = must(again.begin());
  must(again.requests().add(request));
  must(transaction.commit());
  CHECK(must(again.requests().open()).size() == 1);
  CHECK(rows(again, "PRAGMA foreign_key_check").empty());
}

TEST_CASE("a store of the fifth version gets the tables of duties and keeps its requests") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  DocketRecord record;
  record.docket.sender.address = "a@b.example";
  Request request;
  request.asker = "a@b.example";
  {
    Store store = must(Store::create(path));
    Transaction transaction = must(store.begin());
    must(store.dockets().open(record, {"spool", "INBOX", 1, "a"}));
    request.docket = record.docket.id;
    must(store.requests().add(request));
    must(transaction.commit());
    back_to(store, 5);
  }
  CHECK_FALSE(Store::open(path, Database::Mode::kReadOnly).ok());
  Store again = must(Store::open(path));
  CHECK(must(again.database().query_integer("PRAGMA user_version")) == kSchemaVersion);
  CHECK(must(again.requests().open()).size() == 1);
  CHECK_FALSE(must(again.duties().last_to("a@b.example")));
  CHECK(rows(again, "PRAGMA foreign_key_check").empty());
}

TEST_CASE("two stores do not get the same gateway id") {
  CHECK(must(memory_store().gateway_id()) != must(memory_store().gateway_id()));
}

TEST_CASE("what is not a store of this version is refused with a sentence and left alone") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");

  SECTION("a newer one") {
    must(must(Store::create(path))
             .database()
             .execute(fmt::format("PRAGMA user_version={}", kSchemaVersion + 1)));
    for (auto mode : {Database::Mode::kReadWrite, Database::Mode::kReadOnly}) {
      auto store = Store::open(path, mode);
      REQUIRE_FALSE(store.ok());
      CHECK(store.error().kind == ErrorKind::kUsage);
      CHECK(store.error().what.find("newer focalpost") != std::string::npos);
      CHECK_FALSE(store.error().to_do.empty());
    }
  }
  SECTION("another program's database") {
    Database other = must(Database::open(path, Database::Mode::kReadWrite));
    must(other.execute("CREATE TABLE recipe (name TEXT)"));
    auto store = Store::open(path);
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().what.find("another program") != std::string::npos);
    CHECK(must(other.query_integer("SELECT count(*) FROM sqlite_master")) == 1);
  }
  SECTION("not a database at all") {
    must(write_file_durably(path, std::string(4096, 'x')));
    auto store = Store::open(path);
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().kind == ErrorKind::kUsage);
  }
  SECTION("nothing there: no empty store appears at a mistyped place") {
    auto store = Store::open(path);
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().kind == ErrorKind::kUsage);
    CHECK_FALSE(fs::exists(path));
  }
  SECTION("create over an existing one") {
    must(Store::create(path));
    CHECK_FALSE(Store::create(path).ok());
  }
}

TEST_CASE("a store of the fourth version gets its ways of finding, which the questions take") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  {
    Store store = must(Store::create(path));
    back_to(store, 4);
  }
  CHECK_FALSE(Store::open(path, Database::Mode::kReadOnly).ok());
  Store again = must(Store::open(path));
  CHECK(must(again.database().query_integer("PRAGMA user_version")) == kSchemaVersion);
  auto plan = [&](const char* sql) {
    std::string all;
    for (const std::string& row : rows(again, sql)) all += row + "\n";
    return all;
  };
  // A sender's own messages: neither a walk over all nor a sort.
  const std::string own = plan(
      "EXPLAIN QUERY PLAN SELECT * FROM docket WHERE address='a@b.example' "
      "ORDER BY received_at DESC, id DESC LIMIT 10");
  CHECK(own.find("USING INDEX docket_by_sender (address=?)") != own.npos);
  CHECK(own.find("TEMP B-TREE") == own.npos);
  const std::string answers = plan(
      "EXPLAIN QUERY PLAN SELECT * FROM request r WHERE r.is_public = 1 AND r.areas = 'KG' "
      "AND r.flows = 'ASYLUM' ORDER BY r.settled_at DESC LIMIT 10");
  CHECK(answers.find("request_public (areas=? AND flows=?)") != answers.npos);
  CHECK(answers.find("TEMP B-TREE") == answers.npos);
}

TEST_CASE("a store of the sixth version gets the tables of subscriptions") {
  TemporaryFolder folder;
  {
    Store store = must(Store::create(folder.file("store.sqlite")));
    back_to(store, 6);
  }
  Store again = must(Store::open(folder.file("store.sqlite")));
  CHECK(must(again.database().query_integer("PRAGMA user_version")) == kSchemaVersion);
  CHECK(must(again.subscriptions().counts()).subscriptions == 0);
  CHECK(must(again.requests().open()).empty());
}
