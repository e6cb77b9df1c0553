// SPDX-License-Identifier: Apache-2.0
#include "store/metadata.h"

#include <fmt/format.h>

#include "temporary_store.h"

using namespace focalpost;

namespace {

ReportedAttribute said(const char* id, std::int32_t parent, const char* value, Texts texts = {}) {
  ReportedAttribute made;
  made.id = id;
  made.parent = parent;
  made.value = value;
  made.texts = std::move(texts);
  return made;
}

MetadataDescription description(std::vector<ReportedAttribute> attributes,
                                Action action = Action::kReplace) {
  return {{"FP", "MSD_METHOD", "1.0"},
          {"FP", "ASYLUM", "1.0"},
          "KG_NSC",
          action,
          std::move(attributes)};
}

MetadataFiled file(Store& store, const MetadataDescription& description, const char* when,
                   const char* prepared = nullptr) {
  MetadataOrigin origin;
  origin.filed_at = at(when);
  if (prepared) origin.prepared = at(prepared);
  Transaction transaction = must(store.begin());
  MetadataFiled filed = must(store.metadata().file(description, origin));
  must(transaction.commit());
  return filed;
}

std::string counts(const MetadataFiled& filed) {
  return fmt::format("{} new {} revised {} unchanged {} withdrawn", filed.change.created,
                     filed.change.revised, filed.change.unchanged, filed.change.withdrawn);
}

StructureLookup agreements(const char* audience) {
  Structures all;
  ProvisionAgreement agreement;
  agreement.ref = {"FP", "PA", "1.0"};
  agreement.dataflow = {"FP", "ASYLUM", "1.0"};
  agreement.provider = {{"FP", "DP", "1.0"}, "KG_NSC"};
  agreement.annotations = {{"FP_AUDIENCE", "", audience, {}}};
  all.agreements = {agreement};
  return StructureLookup(std::move(all));
}

const std::vector<ReportedAttribute> kFirst = {
    said("DATA_DESCR", -1, "", {{"en", "One"}, {"ru", "Раз"}}), said("STAT_UNIT", -1, "PER"),
    said("NOTE", 1, "", {{"en", "note"}})};

Viewer coordinator(const char* now = "2026-06-01") {
  Viewer viewer;
  viewer.coordinator = true;
  viewer.now = at(now);
  return viewer;
}

}  // namespace

TEST_CASE("metadata: new, unchanged, revised, appended, deleted, each with its history") {
  Store store = memory_store();
  const StructureLookup lookup = agreements("public");
  MetadataFiled filed = file(store, description(kFirst), "2026-03-01");
  CHECK(filed.first);
  CHECK(counts(filed) == "3 new 0 revised 0 unchanged 0 withdrawn");
  filed = file(store, description(kFirst), "2026-03-02");
  CHECK_FALSE(filed.first);
  CHECK(counts(filed) == "0 new 0 revised 3 unchanged 0 withdrawn");
  CHECK(must(store.database().query_integer("SELECT count(*) FROM metadata_set")) == 1);

  auto second = kFirst;
  second[0].texts[1].text = "Два";
  second.pop_back();
  filed = file(store, description(second), "2026-03-03");
  CHECK(counts(filed) == "0 new 1 revised 1 unchanged 1 withdrawn");
  REQUIRE(filed.change.cells.size() == 2);
  CHECK(filed.change.cells[0].component == "DATA_DESCR");
  CHECK(filed.change.cells[0].before == "en: One; ru: Раз");
  CHECK(filed.change.cells[1].component == "STAT_UNIT.NOTE");

  filed = file(store,
               description({said("STAT_UNIT", -1, "CASE"), said("NOTE", 0, "", {{"en", "n"}})},
                           Action::kAppend),
               "2026-03-04");
  CHECK(counts(filed) == "1 new 1 revised 1 unchanged 0 withdrawn");
  auto now = must(store.metadata().read({}, lookup, coordinator()));
  REQUIRE(now.size() == 1);
  CHECK(now[0].version == 3);
  CHECK(now[0].structure.text() == "FP:MSD_METHOD(1.0)");
  CHECK(attribute_paths(now[0].attributes) ==
        std::vector<std::string>{"DATA_DESCR", "STAT_UNIT", "STAT_UNIT.NOTE"});
  CHECK(now[0].attributes[1].value == "CASE");

  MetadataSelection then;
  then.as_of = at("2026-03-02");
  auto old = must(store.metadata().read(then, lookup, coordinator()));
  REQUIRE(old.size() == 1);
  CHECK(old[0].attributes == kFirst);

  filed = file(store, description({}, Action::kDelete), "2026-03-05");
  CHECK(counts(filed) == "0 new 0 revised 0 unchanged 3 withdrawn");
  CHECK(must(store.metadata().read({}, lookup, coordinator())).empty());
  CHECK(must(store.metadata().read(then, lookup, coordinator())).size() == 1);
}

TEST_CASE("metadata: what was prepared earlier does not overwrite what is there") {
  Store store = memory_store();
  file(store, description(kFirst), "2026-03-01", "2026-02-20");
  auto other = kFirst;
  other[1].value = "CASE";
  MetadataFiled filed = file(store, description(other), "2026-03-02", "2026-02-10");
  CHECK(filed.older);
  CHECK(must(store.database().query_integer("SELECT max(version) FROM metadata_set")) == 1);
  Transaction transaction = must(store.begin());
  MetadataOrigin origin;
  origin.filed_at = at("2026-03-03");
  origin.prepared = at("2026-02-10");
  CHECK_FALSE(must(store.metadata().file(description(other), origin, true)).older);
  must(transaction.commit());
  CHECK(must(store.database().query_integer("SELECT max(version) FROM metadata_set")) == 2);
}

TEST_CASE("metadata: who may read follows the agreement's audience") {
  Store store = memory_store();
  file(store, description(kFirst), "2026-03-01");
  MetadataDescription inventory = description({said("COLLECTION", -1, "x")});
  inventory.structure.id = "MSD_INVENTORY";
  inventory.dataflow = {};
  file(store, inventory, "2026-03-01");
  auto seen = [&](const char* audience, Viewer viewer) {
    viewer.now = at("2026-06-01");
    std::string ids;
    for (const FiledMetadata& one : must(store.metadata().read({}, agreements(audience), viewer)))
      ids += one.structure.id + " ";
    return ids;
  };
  const Viewer everybody, owner{"KG_NSC", {}, false, {}}, other{"KZ_BNS", {"KZ"}, false, {}};
  CHECK(seen("public", everybody) == "MSD_METHOD ");
  CHECK(seen("network", everybody) == "");
  CHECK(seen("network", other) == "MSD_INVENTORY MSD_METHOD ");
  CHECK(seen("KZ AM", other) == "MSD_INVENTORY MSD_METHOD ");
  CHECK(seen("AM", other) == "MSD_INVENTORY ");
  CHECK(seen("institution", other) == "MSD_INVENTORY ");
  CHECK(seen("institution", owner) == "MSD_INVENTORY MSD_METHOD ");
  MetadataSelection selection;
  selection.dataflow = Ref{};
  CHECK(must(store.metadata().read(selection, agreements("public"), coordinator())).size() == 1);
  selection.dataflow = Ref{"FP", "ASYLUM", ""};
  selection.provider = "KZ_BNS";
  CHECK(must(store.metadata().read(selection, agreements("public"), coordinator())).empty());
}
