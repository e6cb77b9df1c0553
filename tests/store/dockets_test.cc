// SPDX-License-Identifier: Apache-2.0
#include "store/dockets.h"

#include <limits>

#include "temporary_store.h"

using namespace focalpost;

namespace {

/// A docket with something in every field.
DocketRecord rich() {
  DocketRecord record;
  Docket& d = record.docket;
  d.attempt = 2;
  d.message_id = "<abc@stat.example>";
  d.subject = "Данные за март";
  d.sender = {"focal@stat.example",
              "Focal Point (example)",
              true,
              "KG_NSC",
              "FP1",
              "ru",
              Assurance::kAligned,
              "dkim",
              "stat.example",
              "looks like somebody"};
  d.received = at("2026-03-01T09:30:00.250Z");
  d.outcome = Outcome::kHeld;
  d.reason = "waits";
  record.finished = at("2026-03-01T09:30:01Z");
  record.folder = "Held";
  record.content_hash = "00ff";
  record.kept = DocketRecord::Kept{3, 5'000'000'000};

  Item item;
  item.number = 1;
  item.path = "a.zip!b.xml";
  item.kind = "sdmx-ml 2.1 StructureSpecificData";
  item.sha256 = "ab12";
  item.outcome = Outcome::kHeld;
  item.hold = HoldReason::kLargeChange;
  item.test = true;
  item.prepared = "2026-02-28T23:00:00+06:00";
  item.errors = 1;
  item.warnings = 1000;
  item.infos = 3;
  DatasetOutcome set;
  set.structure = "FP:ASYLUM(1.0)";
  set.name_lang_id = "ASYLUM";
  set.action = Action::kAppend;
  set.series = 2;
  set.observations = 24;
  set.first_period = "2025-01";
  set.last_period = "2025-12";
  set.areas = {"KG", "KG-C"};
  set.change = {1, 2, 3, 4, 5, 6, 1.5, {}};
  set.change.cells = {
      {CellChange::Kind::kRevised, "M.KG._T", "2025-01", "OBS_VALUE", "100.0", "250", 1.5},
      {CellChange::Kind::kNew, "M.KG._T", "2025-02", "OBS_VALUE", "", "7", 0},
      {CellChange::Kind::kWithdrawn, "M.KG.F", "2025-03", "COMMENT_OBS", "\"x\"\n", "", 0}};
  item.datasets = {set, DatasetOutcome{}};
  Finding finding;
  finding.rule = &rules::unknown_code;
  finding.dataset = 0;
  finding.at = {12, 40};
  finding.series = "M.KG._T";
  finding.period = "2025-01";
  finding.component = "SEX";
  finding.value = "W";
  finding.expected = "CL_SEX";
  finding.suggestions = {"F", "_T"};
  finding.detail = "detail";
  finding.count = 40;
  Finding whole;
  whole.rule = &rules::empty_file;
  item.findings = {finding, whole};
  d.items = {item, Item{}};
  d.items[1].number = 2;
  d.items[1].path = "command";
  d.items[1].outcome = Outcome::kAnswered;
  return record;
}

void check_equal(const DocketRecord& a, const DocketRecord& b) {
  const Docket &x = a.docket, &y = b.docket;
  CHECK(x.id == y.id);
  CHECK(x.number == y.number);
  CHECK(x.attempt == y.attempt);
  CHECK(x.message_id == y.message_id);
  CHECK(x.subject == y.subject);
  CHECK(x.sender.address == y.sender.address);
  CHECK(x.sender.display == y.sender.display);
  CHECK(x.sender.registered == y.sender.registered);
  CHECK(x.sender.provider == y.sender.provider);
  CHECK(x.sender.contact == y.sender.contact);
  CHECK(x.sender.lang == y.sender.lang);
  CHECK(x.sender.assurance == y.sender.assurance);
  CHECK(x.sender.why == y.sender.why);
  CHECK(x.sender.why_detail == y.sender.why_detail);
  CHECK(x.sender.remark == y.sender.remark);
  CHECK(x.received == y.received);
  CHECK(x.outcome == y.outcome);
  CHECK(x.reason == y.reason);
  CHECK(a.finished == b.finished);
  CHECK(a.folder == b.folder);
  CHECK(a.content_hash == b.content_hash);
  CHECK(a.kept == b.kept);
  REQUIRE(x.items.size() == y.items.size());
  for (std::size_t i = 0; i < x.items.size(); ++i) {
    const Item &s = x.items[i], &t = y.items[i];
    CHECK(s.number == t.number);
    CHECK(s.path == t.path);
    CHECK(s.kind == t.kind);
    CHECK(s.sha256 == t.sha256);
    CHECK(s.outcome == t.outcome);
    CHECK(s.hold == t.hold);
    CHECK(s.test == t.test);
    CHECK(s.prepared == t.prepared);
    CHECK(s.errors == t.errors);
    CHECK(s.warnings == t.warnings);
    CHECK(s.infos == t.infos);
    REQUIRE(s.datasets.size() == t.datasets.size());
    for (std::size_t n = 0; n < s.datasets.size(); ++n) {
      const DatasetOutcome &f = s.datasets[n], &g = t.datasets[n];
      CHECK(f.structure == g.structure);
      CHECK(f.name_lang_id == g.name_lang_id);
      CHECK(f.action == g.action);
      CHECK(f.series == g.series);
      CHECK(f.observations == g.observations);
      CHECK(f.first_period == g.first_period);
      CHECK(f.last_period == g.last_period);
      CHECK(f.areas == g.areas);
      CHECK(f.change.created == g.change.created);
      CHECK(f.change.revised == g.change.revised);
      CHECK(f.change.unchanged == g.change.unchanged);
      CHECK(f.change.withdrawn == g.change.withdrawn);
      CHECK(f.change.left == g.change.left);
      CHECK(f.change.series == g.change.series);
      CHECK(f.change.largest_relative == g.change.largest_relative);
      REQUIRE(f.change.cells.size() == g.change.cells.size());
      for (std::size_t k = 0; k < f.change.cells.size(); ++k) {
        const CellChange &p = f.change.cells[k], &q = g.change.cells[k];
        CHECK(p.kind == q.kind);
        CHECK(p.series == q.series);
        CHECK(p.period == q.period);
        CHECK(p.component == q.component);
        CHECK(p.before == q.before);
        CHECK(p.after == q.after);
        CHECK(p.relative == q.relative);
      }
    }
    REQUIRE(s.findings.size() == t.findings.size());
    for (std::size_t n = 0; n < s.findings.size(); ++n) {
      const Finding &f = s.findings[n], &g = t.findings[n];
      CHECK(f.rule == g.rule);
      CHECK(f.dataset == g.dataset);
      CHECK(f.at.line == g.at.line);
      CHECK(f.at.column == g.at.column);
      CHECK(f.series == g.series);
      CHECK(f.period == g.period);
      CHECK(f.component == g.component);
      CHECK(f.value == g.value);
      CHECK(f.expected == g.expected);
      CHECK(f.suggestions == g.suggestions);
      CHECK(f.detail == g.detail);
      CHECK(f.count == g.count);
    }
  }
}

DocketRecord saved(Store& store, DocketRecord record, const char* uid) {
  Transaction transaction = must(store.begin());
  must(store.dockets().open(record, inbox(uid)));
  must(store.dockets().finish(record));
  must(transaction.commit());
  return record;
}

}  // namespace

TEST_CASE("a docket comes back complete, by id, number and message") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  DocketRecord record;
  {
    Store store = must(Store::create(path));
    record = saved(store, rich(), "1");
  }
  Store store = must(Store::open(path));
  CHECK(record.docket.number.text() == "2026-000001");
  Dockets dockets = store.dockets();
  check_equal(*must(dockets.find(record.docket.id)), record);
  check_equal(*must(dockets.find(DocketNumber{2026, 1})), record);
  check_equal(*must(dockets.find(inbox("1"))), record);
  CHECK_FALSE(must(dockets.find(record.docket.id + 1)).has_value());
  CHECK_FALSE(must(dockets.find(DocketNumber{2025, 1})).has_value());
  CHECK_FALSE(must(dockets.find(inbox("2"))).has_value());
}

TEST_CASE("numbers count from 1 in each year, in the order of opening, without holes") {
  Store store = memory_store();
  CHECK(opened(store, "1", at("2025-12-31T23:59:59Z")).docket.number.text() == "2025-000001");
  CHECK(opened(store, "2", at("2026-01-01T00:00:00Z")).docket.number.text() == "2026-000001");
  CHECK(opened(store, "3", at("2025-12-31T23:00:00Z")).docket.number.text() == "2025-000002");
  {
    Transaction given_up = must(store.begin());
    DocketRecord record;
    record.docket.received = at("2026-01-02T00:00:00Z");
    must(store.dockets().open(record, inbox("4")));
    CHECK(record.docket.number.text() == "2026-000002");
    must(store.dockets().open(record, inbox("5")));
    CHECK(record.docket.number.text() == "2026-000003");
  }
  CHECK(opened(store, "6", at("2026-01-02T00:00:00Z")).docket.number.text() == "2026-000002");
}

TEST_CASE("a retry replaces items and findings, the number stays") {
  Store store = memory_store();
  DocketRecord record = saved(store, rich(), "1");
  record.docket.attempt = 3;
  record.docket.outcome = Outcome::kFiled;
  record.docket.sender.assurance = Assurance::kConfirmed;
  record.folder = "Filed";
  record.kept.reset();
  record.docket.items.resize(1);
  record.docket.items[0].outcome = Outcome::kFiled;
  record.docket.items[0].hold = HoldReason::kNone;
  record.docket.items[0].findings.clear();
  {
    Transaction transaction = must(store.begin());
    must(store.dockets().finish(record));
    must(transaction.commit());
  }
  check_equal(*must(store.dockets().find(DocketNumber{2026, 1})), record);
  CHECK(rows(store, "SELECT count(*) FROM finding") == std::vector<std::string>{"0"});
}

TEST_CASE("writing a docket needs a transaction, and finishing one needs opening") {
  Store store = memory_store();
  DocketRecord record = rich();
  CHECK(store.dockets().open(record, inbox("1")).error().kind == ErrorKind::kBug);
  CHECK(store.dockets().finish(record).error().kind == ErrorKind::kBug);
  Transaction transaction = must(store.begin());
  record.docket.id = 99;
  CHECK(store.dockets().finish(record).error().kind == ErrorKind::kBug);
}

TEST_CASE("a redelivery is the same sender, Message-ID and content, nothing less") {
  Store store = memory_store();
  Dockets dockets = store.dockets();
  DocketRecord first = saved(store, rich(), "1");
  saved(store, rich(), "2");
  const char *sender = "focal@stat.example", *id = "<abc@stat.example>", *hash = "00ff";

  auto found = must(dockets.find_redelivery(sender, id, hash));
  REQUIRE(found.has_value());
  CHECK(found->docket.id == first.docket.id);  // the first of them
  CHECK_FALSE(must(dockets.find_redelivery("other@stat.example", id, hash)).has_value());
  CHECK_FALSE(must(dockets.find_redelivery(sender, "<xyz@stat.example>", hash)).has_value());
  CHECK_FALSE(must(dockets.find_redelivery(sender, id, "00fe")).has_value());

  SECTION("it joins its docket under its own key") {
    Transaction transaction = must(store.begin());
    must(dockets.join(first.docket.id, inbox("3")));
    must(dockets.join(first.docket.id, inbox("3")));
    must(transaction.commit());
    CHECK(must(dockets.find(inbox("3")))->docket.id == first.docket.id);
    CHECK(must(dockets.messages(first.docket.id)).size() == 2);
  }
  SECTION("letters without Message-ID or content are never taken for one another") {
    DocketRecord bare = rich();
    bare.docket.message_id.clear();
    saved(store, bare, "4");
    CHECK_FALSE(must(dockets.find_redelivery(sender, "", hash)).has_value());
    bare = rich();
    bare.content_hash.clear();
    saved(store, bare, "5");
    CHECK_FALSE(must(dockets.find_redelivery(sender, id, "")).has_value());
  }
}

TEST_CASE("the latest dockets and the held items") {
  Store store = memory_store();
  DocketRecord old = rich();
  old.docket.received = at("2026-02-01T00:00:00Z");
  DocketRecord recent = saved(store, rich(), "1");
  old = saved(store, old, "2");
  DocketRecord other = rich();
  other.docket.received = at("2026-02-15T00:00:00Z");
  other.docket.sender.contact = "FP2";
  other.docket.items[0].outcome = Outcome::kFiled;
  saved(store, other, "3");

  auto latest = must(store.dockets().latest(2));
  REQUIRE(latest.size() == 2);
  CHECK(latest[0].docket.id == recent.docket.id);
  CHECK(latest[1].docket.sender.contact == "FP2");
  CHECK(latest[0].docket.items.empty());

  auto held = must(store.dockets().held());
  REQUIRE(held.size() == 2);
  CHECK(held[0].docket == old.docket.id);
  CHECK(held[0].number == old.docket.number);
  CHECK(held[0].item == 1);
  CHECK(held[0].path == "a.zip!b.xml");
  CHECK(held[0].reason == HoldReason::kLargeChange);
  CHECK(held[0].address == "focal@stat.example");
  CHECK(held[0].received == old.docket.received);
  CHECK(must(store.dockets().held_of("KG_NSC", "FP1")) == 2);
  CHECK(must(store.dockets().held_of("KG_NSC", "FP2")) == 0);
}

TEST_CASE("nothing that a stranger writes keeps a docket from being stored") {
  Store store = memory_store();
  DocketRecord record = rich();
  record.docket.subject = std::string("'; DROP TABLE docket; --\0\xff", 26);
  record.docket.items[0].findings[0].suggestions = {"\xff\xfe"};
  record.docket.items[0].datasets[0].areas = {"\xff"};
  record.docket.items[0].datasets[0].change.largest_relative =
      std::numeric_limits<double>::infinity();
  record.docket.items[0].datasets[0].change.cells[0].relative =
      std::numeric_limits<double>::quiet_NaN();
  record = saved(store, record, "1");
  auto found = must(store.dockets().find(record.docket.id));
  CHECK(found->docket.subject == record.docket.subject);
  CHECK(found->docket.items[0].datasets[0].change.cells[0].relative == 0);
}

TEST_CASE("a finding of a rule that is no more is left out, its count stays") {
  Store store = memory_store();
  DocketRecord record = saved(store, rich(), "1");
  must(store.database().execute("UPDATE finding SET rule = 'no-such-rule' WHERE seq = 0"));
  auto found = must(store.dockets().find(record.docket.id));
  REQUIRE(found->docket.items[0].findings.size() == 1);
  CHECK(found->docket.items[0].findings[0].rule == &rules::empty_file);
  CHECK(found->docket.items[0].warnings == 1000);
}

TEST_CASE("JSON that somebody changed by hand is an error with a sentence") {
  Store store = memory_store();
  DocketRecord record = saved(store, rich(), "1");
  must(store.database().execute("UPDATE item_dataset SET cells = '[{\"kind\": 5}]'"));
  auto found = store.dockets().find(record.docket.id);
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().kind == ErrorKind::kUsage);
}
