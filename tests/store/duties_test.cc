// SPDX-License-Identifier: Apache-2.0
#include "store/duties.h"

#include <fmt/format.h>

#include "temporary_store.h"

using namespace focalpost;

namespace {

const DutyKey kApril{"KG_SMS", "FP:ASYLUM", *Period::parse("2026-04")};
const DutyKey kMay{"KG_SMS", "FP:ASYLUM", *Period::parse("2026-05")};

std::int64_t message(Store& store, int serial) {
  DocketRecord record;
  record.docket.sender.address = "a@b.example";
  must(store.dockets().open(record, {"spool", "INBOX", 1, std::to_string(serial)}));
  return record.docket.id;
}

}  // namespace

TEST_CASE("what was said about a duty is kept, the same of one message once") {
  Store store = memory_store();
  DutySaid said{kApril, DutySaid::What::kExtended, 14, "asylum", from_millis(1000), 0};
  CHECK_FALSE(store.duties().say(said).ok());  // no transaction
  Transaction transaction = must(store.begin());
  const std::int64_t first = message(store, 1), second = message(store, 2);
  said.said_in = first;
  must(store.duties().say(said));
  must(store.duties().say(said));
  said.said_in = second;
  said.days = 7;
  must(store.duties().say(said));
  must(
      store.duties().say({kMay, DutySaid::What::kNotMine, 0, "asylum", from_millis(3000), second}));
  must(transaction.commit());

  auto all = must(store.duties().said(kApril));
  REQUIRE(all.size() == 2);
  CHECK(all[0].days == 14);
  CHECK(all[0].said_in == first);
  CHECK(all[0].duty == kApril);
  CHECK(all[0].contact == "asylum");
  CHECK(to_millis(all[0].at) == 1000);
  CHECK(all[1].days == 7);
  auto of_second = must(store.duties().said_in(second));
  REQUIRE(of_second.size() == 2);
  CHECK(of_second[1].what == DutySaid::What::kNotMine);
  CHECK(must(store.duties().said({"KG_NSC", "FP:ASYLUM", kApril.period})).empty());
  CHECK(must(store.duties().longest_extension(from_millis(0))) == 21);
  CHECK(must(store.duties().longest_extension(from_millis(5000))) == 0);
}

TEST_CASE("who was reminded of what") {
  Store store = memory_store();
  Reminder reminder;
  reminder.address = "Focal@KG.example";
  reminder.provider = "KG_SMS";
  reminder.contact = "asylum";
  reminder.at = from_millis(1000);
  reminder.listed = {{kApril, ReminderStage::kAfter}, {kMay, ReminderStage::kBefore}};
  CHECK_FALSE(store.duties().add(reminder).ok());  // no transaction
  Transaction transaction = must(store.begin());
  must(store.duties().add(reminder));
  Reminder later = reminder;
  later.at = from_millis(9000);
  later.listed = {{kMay, ReminderStage::kAfter}, {kMay, ReminderStage::kCoordinator}};
  must(store.duties().add(later));
  must(transaction.commit());

  auto found = must(store.duties().reminder(reminder.id));
  REQUIRE(found);
  CHECK(found->address == "focal@kg.example");
  CHECK(found->contact == "asylum");
  REQUIRE(found->listed.size() == 2);
  CHECK(found->listed[0].stage == ReminderStage::kAfter);
  CHECK(found->listed[1].duty == kMay);
  CHECK_FALSE(must(store.duties().reminder(77)));
  CHECK(to_millis(*must(store.duties().last_to("FOCAL@kg.example"))) == 9000);
  CHECK_FALSE(must(store.duties().last_to("other@kg.example")));
  auto heard = must(store.duties().reminded(kMay));
  REQUIRE(heard.size() == 3);
  CHECK(heard[0].stage == ReminderStage::kBefore);
  CHECK(heard[2].stage == ReminderStage::kCoordinator);
  CHECK(heard[2].address == "focal@kg.example");
}

TEST_CASE("a cell came when its first version was filed, whatever was revised or taken back") {
  Store store = memory_store();
  const std::int64_t april = kApril.period.number();
  {
    Transaction transaction = must(store.begin());
    const std::int64_t docket = message(store, 1);
    must(store.database().execute(fmt::format(
        "INSERT INTO flow VALUES (1, 'FP:ASYLUM', 'FP:DSD(1.0)', 'FREQ.REF_AREA'); "
        "INSERT INTO series VALUES (1, 1, 'M.KG', 'OBS_VALUE', 'KG', NULL, NULL); "
        "INSERT INTO series VALUES (2, 1, 'M.KZ', 'OBS_VALUE', 'KZ', NULL, NULL); "
        "INSERT INTO filing (id, docket, item, dataset, flow, provider, agreement, action, "
        "filed_at, origin_gateway, origin_docket, origin_order, revised) VALUES "
        "(1, {0}, 1, 0, 1, 'KG_SMS', '', 'Replace', 1000, '', '', 1, 0), "
        "(2, {0}, 1, 0, 1, 'KG_SMS', '', 'Replace', 5000, '', '', 2, 3); "
        "INSERT INTO observation VALUES (1, {1}, 7, NULL, NULL, NULL, NULL, NULL, 2); "
        "INSERT INTO history VALUES (1, {1}, 1, 6, NULL, NULL, NULL, NULL, NULL, 2); "
        "INSERT INTO observation VALUES (2, {1}, NULL, 'O', NULL, NULL, NULL, NULL, 2)",
        docket, april)));
    must(transaction.commit());
  }
  Duties duties = store.duties();
  CHECK(to_millis(*must(duties.first_filed("FP:ASYLUM", "M.KG", kApril.period))) == 1000);
  // A status without a value is an answer too.
  CHECK(to_millis(*must(duties.first_filed("FP:ASYLUM", "M.KZ", kApril.period))) == 5000);
  CHECK_FALSE(must(duties.first_filed("FP:ASYLUM", "M.KG", kMay.period)));
  CHECK_FALSE(must(duties.first_filed("FP:OTHER", "M.KG", kApril.period)));
  CHECK(to_millis(*must(duties.first_filed_by("FP:ASYLUM", "KG_SMS", "", kApril.period))) == 1000);
  CHECK(to_millis(*must(duties.first_filed_by("FP:ASYLUM", "KG_SMS", "KZ", kApril.period))) ==
        5000);
  CHECK_FALSE(must(duties.first_filed_by("FP:ASYLUM", "KG_NSC", "", kApril.period)));
  CHECK(must(duties.revisions("KG_SMS", from_millis(0))) == 1);
  CHECK(must(duties.revisions("KG_SMS", from_millis(6000))) == 0);
  must(store.database().execute("UPDATE observation SET withdrawn = 1 WHERE series = 1"));
  CHECK_FALSE(must(duties.first_filed("FP:ASYLUM", "M.KG", kApril.period)));
}
