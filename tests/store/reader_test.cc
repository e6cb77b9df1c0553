// SPDX-License-Identifier: Apache-2.0
//
// Who sees which number (DESIGN.md section 6, store/reader.h).
#include "store/reader.h"

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "data_fixture.h"
#include "store/disclosure.h"

using namespace focalpost;
using namespace focalpost::test;

namespace {

const Time kNow = time("2026-06-01T00:00:00Z");

Viewer institution(std::string id, std::vector<std::string> areas, Time now = kNow) {
  return {std::move(id), std::move(areas), false, now};
}
Viewer owner(Time now = kNow) {
  return institution("KG_SMS", {"KG"}, now);
}
Viewer coordinator(Time now = kNow) {
  return {"FP_SECRETARIAT", {}, true, now};
}
Viewer anybody(Time now = kNow) {
  return Viewer::public_at(now);
}

Selection all() {
  Selection s;
  s.dataflow = {"FP", "FLOW", ""};
  return s;
}

/// "M.KG._T._T 2026-01" -> "12", "(confidential)", "(embargo)", "(residual)", "(withdrawn)",
/// "(withdrawn 12)".
using View = std::map<std::string, std::string>;

View view(DataStore& store, const Viewer& viewer, const Selection& selection = all()) {
  View result;
  ObservationReader reader(store.database, store.structures);
  auto read = reader.read(selection, viewer, [&](const DataBatch& batch) -> Status {
    for (const auto& series : batch.series)
      for (std::size_t i = series.first; i < series.first + series.count; ++i) {
        const auto& cell = batch.cells[i];
        std::string text(cell.value);
        if (cell.state == CellState::kWithdrawn)
          text = text.empty() ? "(withdrawn)" : "(withdrawn " + text + ")";
        if (cell.state == CellState::kWithheld) {
          CHECK(text.empty());
          CHECK(cell.attributes.empty());
          text = cell.reason == WithheldReason::kConfidential ? "(confidential)"
                 : cell.reason == WithheldReason::kEmbargo    ? "(embargo)"
                                                              : "(residual)";
        }
        auto [at, fresh] = result.emplace(series.key + " " + cell.period.text(), text);
        CHECK(fresh);
      }
    return {};
  });
  if (!read.ok()) FAIL(read.error().what);
  return result;
}

const std::string kKey = "M.KG._T._T";
const std::string kCell = kKey + " 2026-01";

/// What is given for the only cell; "" if it is not.
std::string cell(DataStore& store, const Viewer& viewer, const Selection& selection = all()) {
  View v = view(store, viewer, selection);
  REQUIRE(v.size() <= 1);
  return v.empty() ? "" : v.begin()->second;
}

Selection as_of(std::string_view at) {
  Selection s = all();
  s.as_of = time(at);
  return s;
}

}  // namespace

TEST_CASE("the audience of the agreement decides who learns of a cell") {
  struct Row {
    const char* agreement;
    bool anybody, other, listed, owner, coordinator;
  };
  const Row rows[] = {
      {"PA_PUBLIC", true, true, true, true, true},
      {"PA_NETWORK", false, true, true, true, true},
      {"PA_LISTED", false, false, true, true, true},
      {"PA_OWN", false, false, false, true, true},
      {"PA_NOT_KNOWN", false, false, false, true, true},
      {"PA_CLOSED_LATER", false, false, false, true, true},  // the newest version's word
  };
  for (const Row& row : rows) {
    INFO(row.agreement);
    DataStore store;
    DataStore::As as;
    as.agreement = row.agreement;
    store.file({{kKey, "2026-01", "12"}}, as);
    auto seen = [](bool yes) { return yes ? "12" : ""; };
    for (const Selection& selection : {all(), as_of("2026-03-01")}) {
      CHECK(cell(store, anybody(), selection) == seen(row.anybody));
      CHECK(cell(store, institution("AM_MS", {"AM"}), selection) == seen(row.other));
      CHECK(cell(store, institution("KZ_MIA", {"KZ"}), selection) == seen(row.listed));
      CHECK(cell(store, owner(), selection) == seen(row.owner));
      CHECK(cell(store, coordinator(), selection) == seen(row.coordinator));
    }
  }
}

TEST_CASE("a code of the listed countries is matched whole") {
  DataStore store;
  DataStore::As as;
  as.agreement = "PA_LISTED";  // "KZ UA"
  store.file({{kKey, "2026-01", "12"}}, as);
  CHECK(cell(store, institution("X", {"K"})) == "");
  CHECK(cell(store, institution("X", {""})) == "");
  CHECK(cell(store, institution("X", {"AM", "UA"})) == "12");
  CHECK(cell(store, {"", {"UA"}, false, kNow}) == "");  // the public is nobody's institution
}

TEST_CASE("only free values are for others") {
  for (const char* conf : {"F", "", "N", "C", "S", "D", "A", "X", "E"}) {
    INFO(conf);
    DataStore store;
    store.file({{kKey, "2026-01", "12", {{"CONF_STATUS", conf}, {"COMMENT_OBS", "twelve"}}}});
    bool free = conf == std::string("F") || conf == std::string();
    for (const Viewer& viewer : {anybody(), institution("KZ_MIA", {"KZ"})})
      CHECK(cell(store, viewer) == (free ? "12" : "(confidential)"));  // E without a date is N
    CHECK(cell(store, owner()) == "12");
    CHECK(cell(store, coordinator()) == "12");
  }
}

TEST_CASE("an embargo ends at its time, for others") {
  DataStore store;
  store.file(
      {{kKey, "2026-01", "12", {{"CONF_STATUS", "E"}, {"EMBARGO_TIME", "2026-03-01T10:00:00Z"}}}});
  const Time end = time("2026-03-01T10:00:00Z"), before = end - std::chrono::milliseconds(1);
  CHECK(cell(store, anybody(before)) == "(embargo)");
  CHECK(cell(store, anybody(end)) == "12");
  CHECK(cell(store, owner(before)) == "12");
  CHECK(cell(store, coordinator(before)) == "12");

  SECTION("a vintage before its end shows it to nobody else, even later") {
    CHECK(cell(store, anybody(), as_of("2026-02-01")) == "(embargo)");
    CHECK(cell(store, anybody(), as_of("2026-03-02")) == "12");
    CHECK(cell(store, owner(), as_of("2026-02-01")) == "12");
    CHECK(cell(store, coordinator(), as_of("2026-02-01")) == "12");
    CHECK(cell(store, anybody(), as_of("2026-01-09")) == "");  // not filed yet
  }
  SECTION("a moment to come is now") {
    CHECK(cell(store, anybody(before), as_of("2026-05-01")) == "(embargo)");
  }
}

TEST_CASE("vintages: the newest version filed by then, and seen by then") {
  DataStore store;
  auto at = [](const char* when) {
    DataStore::As as;
    as.at = when;
    return as;
  };
  store.file({{kKey, "2026-01", "10"}}, at("2026-01-10"));
  store.file({{kKey, "2026-01", "11"}}, at("2026-02-10"));
  store.file(
      {{kKey, "2026-01", "12", {{"CONF_STATUS", "E"}, {"EMBARGO_TIME", "2026-04-01T00:00:00Z"}}}},
      at("2026-03-10"));

  CHECK(cell(store, anybody(), as_of("2026-01-31")) == "10");
  CHECK(cell(store, anybody(), as_of("2026-02-28")) == "11");
  CHECK(cell(store, anybody(), as_of("2026-03-20")) == "11");  // 12 could not be seen yet
  CHECK(cell(store, owner(), as_of("2026-03-20")) == "12");
  CHECK(cell(store, anybody(), as_of("2026-04-02")) == "12");
  CHECK(cell(store, anybody()) == "12");

  SECTION("while the newest is under embargo, so are all vintages") {
    Time march = time("2026-03-20");
    CHECK(cell(store, anybody(march)) == "(embargo)");
    CHECK(cell(store, anybody(march), as_of("2026-01-31")) == "(embargo)");
    CHECK(cell(store, owner(march), as_of("2026-01-31")) == "10");
  }
  SECTION("what is confidential now was confidential always") {
    store.file({{kKey, "2026-01", "12", {{"CONF_STATUS", "C"}}}}, at("2026-05-10"));
    CHECK(cell(store, anybody(), as_of("2026-01-31")) == "(confidential)");
    CHECK(cell(store, coordinator(), as_of("2026-01-31")) == "10");
    SECTION("and a vintage that was stays so when it is freed") {
      store.file({{kKey, "2026-01", "13"}}, at("2026-05-20"));
      CHECK(cell(store, anybody()) == "13");
      CHECK(cell(store, anybody(), as_of("2026-05-15")) == "(confidential)");
      CHECK(cell(store, anybody(), as_of("2026-02-28")) == "11");
    }
  }
}

TEST_CASE("a withdrawn value is for the owner and the coordinators") {
  DataStore store;
  store.file({{kKey, "2026-01", "12"}});
  DataStore::As back;
  back.at = "2026-02-10";
  back.action = Action::kDelete;
  store.file({{kKey, "2026-01", ""}}, back);
  CHECK(cell(store, anybody()) == "(withdrawn)");
  CHECK(cell(store, institution("KZ_MIA", {"KZ"})) == "(withdrawn)");
  CHECK(cell(store, owner()) == "(withdrawn 12)");
  CHECK(cell(store, coordinator()) == "(withdrawn 12)");
  CHECK(cell(store, anybody(), as_of("2026-01-20")) == "(withdrawn)");
  CHECK(cell(store, owner(), as_of("2026-01-20")) == "12");

  Selection latest = all();
  latest.latest = true;
  CHECK(cell(store, anybody(), latest) == "");

  DataStore::As again;
  again.at = "2026-03-10";
  store.file({{kKey, "2026-01", "15"}}, again);
  CHECK(cell(store, anybody()) == "15");
  CHECK(cell(store, anybody(), as_of("2026-02-20")) == "(withdrawn)");
  CHECK(cell(store, owner(), as_of("2026-02-20")) == "(withdrawn 12)");
  CHECK(cell(store, anybody(), as_of("2026-01-20")) == "12");
}

TEST_CASE("a selection: codes, periods, the latest") {
  DataStore store;
  store.file({{"M.KG._T._T", "2025-12", "1"},
              {"M.KG._T._T", "2026-01", "2"},
              {"M.KG._T._T", "2026-02", "3"},
              {"A.KG._T._T", "2025", "4"},
              {"A.KG._T._T", "2026", "5"},
              {"M.KZ._T._T", "2026-01", "6"},
              {"M.KZ.F._T", "2026-01", "7"}});
  Selection s = all();
  for (const Viewer& viewer : {anybody(), owner(), coordinator()}) {
    CHECK(view(store, viewer).size() == 7);
    s = all();
    s.codes["REF_AREA"] = {"KZ"};
    CHECK(view(store, viewer, s) == View{{"M.KZ._T._T 2026-01", "6"}, {"M.KZ.F._T 2026-01", "7"}});
    s.codes["SEX"] = {"F", "M"};
    CHECK(view(store, viewer, s) == View{{"M.KZ.F._T 2026-01", "7"}});
    s.codes = {{"FREQ", {"M"}}, {"REF_AREA", {"KG"}}, {"SEX", {"_T"}}, {"AGE", {"_T"}}};
    CHECK(view(store, viewer, s).size() == 3);
    s.latest = true;
    CHECK(view(store, viewer, s) == View{{"M.KG._T._T 2026-02", "3"}});
    s = all();
    s.from = Period::parse("2026");
    CHECK(view(store, viewer, s) == View{{"M.KG._T._T 2026-01", "2"},
                                         {"M.KG._T._T 2026-02", "3"},
                                         {"A.KG._T._T 2026", "5"},
                                         {"M.KZ._T._T 2026-01", "6"},
                                         {"M.KZ.F._T 2026-01", "7"}});
    s.to = Period::parse("2026-01");
    CHECK(view(store, viewer, s).size() == 3);  // the year 2026 does not lie in January
    s = all();
    s.to = Period::parse("2025");
    CHECK(view(store, viewer, s) == View{{"M.KG._T._T 2025-12", "1"}, {"A.KG._T._T 2025", "4"}});
    s = all();
    s.codes["COLOUR"] = {"red"};
    CHECK(view(store, viewer, s).empty());
  }
}

TEST_CASE("cells come with what is known of them") {
  DataStore store;
  store.file({{kKey,
               "2026-01",
               "1.50",
               {{"OBS_STATUS", "P"}, {"COMMENT_OBS", "n"}},
               {{"UNIT_MULT", "3"}}}});
  DataStore::As later;
  later.at = "2026-03-01";
  store.file({{kKey, "2026-02", "2", {}, {{"UNIT_MULT", "0"}}}}, later);
  ObservationReader reader(store.database, store.structures);
  std::string attributes;
  Selection selection = all();
  auto take = [&](const DataBatch& batch) -> Status {
    REQUIRE(batch.series.size() == 1);
    const auto& series = batch.series[0];
    CHECK(series.key == kKey);
    CHECK(series.parts == std::vector<std::string_view>{"M", "KG", "_T", "_T"});
    CHECK(series.measure == "OBS_VALUE");
    CHECK(series.structure->data_structure.id == "DSD_FLOW");
    attributes = series.attributes;
    const auto& first = batch.cells[series.first];
    CHECK(first.value == "1.50");
    CHECK(first.status == "P");
    CHECK(first.attributes == R"({"COMMENT_OBS":"n"})");
    CHECK(first.provider == "KG_SMS");
    CHECK(first.filed_at == time("2026-01-10"));
    return {};
  };
  REQUIRE(reader.read(selection, anybody(), take).ok());
  CHECK(attributes == R"({"UNIT_MULT":"0"})");
  selection.as_of = time("2026-02-01");
  REQUIRE(reader.read(selection, anybody(), take).ok());
  CHECK(attributes == R"({"UNIT_MULT":"3"})");

  SECTION("an Error of the sink ends the reading, and the reader can be used again") {
    auto failed = reader.read(
        all(), anybody(), [](const DataBatch&) -> Status { return temporary("the line is gone"); });
    REQUIRE(!failed.ok());
    CHECK(failed.error().retry_helps());
    CHECK(reader.read(all(), anybody(), [](const DataBatch&) -> Status { return {}; }).ok());
    CHECK(sqlite3_get_autocommit(store.database.handle()) != 0);
  }
  SECTION("a DSD that is not known any more is an Error: its hierarchies are needed") {
    ObservationReader blind(store.database, std::make_shared<StructureLookup>(Structures()));
    CHECK(!blind.read(all(), anybody(), [](const DataBatch&) -> Status { return {}; }).ok());
  }
}

TEST_CASE("attributes of groups and datasets have an audience too") {
  DataStore store;
  Batch batch(store.flow);
  batch.add({kKey, "2026-01", "1"})
      .group("KG", "COVERAGE_GEO", "without Osh")
      .dataset("COMMENT_DSET", "d");
  DataStore::As as;
  as.agreement = "PA_NETWORK";
  store.file(batch, as);
  ObservationReader reader(store.database, store.structures);
  CHECK(reader.attributes({"FP", "FLOW", ""}, anybody())->empty());
  auto seen = reader.attributes({"FP", "FLOW", ""}, institution("KZ_MIA", {"KZ"}));
  REQUIRE(seen.ok());
  REQUIRE(seen->size() == 2);
  CHECK((*seen)[0].target == "d:KG_SMS");
  CHECK((*seen)[1].target == "g:Area:KG");
  CHECK((*seen)[1].value == "without Osh");
}

TEST_CASE("changes since a filing or a moment") {
  DataStore store;
  auto at = [](const char* when) {
    DataStore::As as;
    as.at = when;
    return as;
  };
  auto first = store.file({{"M.KG._T._T", "2026-01", "1"},
                           {"M.KZ._T._T", "2026-01", "2"},
                           {"M.KG.F._T",
                            "2026-01",
                            "3",
                            {{"CONF_STATUS", "E"}, {"EMBARGO_TIME", "2026-04-01T00:00:00Z"}}}},
                          at("2026-02-01"));
  auto second = store.file({{"M.KG._T._T", "2026-01", "1"}, {"M.KG._T._T", "2026-02", "9"}},
                           at("2026-03-01"));
  store.file({{"M.KZ._T._T", "2026-01", "2"}}, at("2026-03-15"));  // nothing new

  Selection s = all();
  s.since_filing = 0;
  CHECK(view(store, coordinator(), s).size() == 4);
  s.since_filing = first.filing;
  for (const Viewer& viewer : {anybody(), owner(), coordinator()})
    CHECK(view(store, viewer, s) == View{{"M.KG._T._T 2026-02", "9"}});
  s.since_filing = second.filing;
  CHECK(view(store, coordinator(), s).empty());

  s = all();
  s.since = time("2026-02-15");
  CHECK(view(store, coordinator(), s) == View{{"M.KG._T._T 2026-02", "9"}});
  // The end of an embargo is news for those who waited for it.
  CHECK(view(store, anybody(), s) == View{{"M.KG._T._T 2026-02", "9"}, {"M.KG.F._T 2026-01", "3"}});
  CHECK(view(store, anybody(time("2026-03-20")), s) == View{{"M.KG._T._T 2026-02", "9"}});
  s.codes["SEX"] = {"F"};
  CHECK(view(store, anybody(), s) == View{{"M.KG.F._T 2026-01", "3"}});
  s = all();
  s.since = time("2026-03-01");  // after this moment, not at it
  CHECK(view(store, anybody(), s) == View{{"M.KG.F._T 2026-01", "3"}});
  s.since = time("2026-04-01");
  CHECK(view(store, anybody(), s).empty());
  s.as_of = time("2026-05-01");
  ObservationReader reader(store.database, store.structures);
  CHECK(!reader.read(s, anybody(), [](const DataBatch&) -> Status { return {}; }).ok());
}

TEST_CASE("residual disclosure in one dimension: the smallest other part is hidden too") {
  DataStore store;
  store.file({{"M.KG._T._T", "2026-01", "100"},
              {"M.KG.F._T", "2026-01", "3", {{"CONF_STATUS", "C"}}},
              {"M.KG.M._T", "2026-01", "90"},
              {"M.KG._U._T", "2026-01", "7"},
              {"M.KG._T._T", "2026-02", "50"},
              {"M.KG.F._T", "2026-02", "20"},
              {"M.KZ.F._T", "2026-01", "30"}});
  const View expected{{"M.KG._T._T 2026-01", "100"}, {"M.KG.F._T 2026-01", "(confidential)"},
                      {"M.KG.M._T 2026-01", "90"},   {"M.KG._U._T 2026-01", "(residual)"},
                      {"M.KG._T._T 2026-02", "50"},  {"M.KG.F._T 2026-02", "20"},
                      {"M.KZ.F._T 2026-01", "30"}};
  CHECK(view(store, anybody()) == expected);
  for (const Viewer& viewer : {owner(), coordinator()})
    for (const auto& [at, text] : view(store, viewer)) CHECK(text.front() != '(');

  SECTION("whatever part is asked for, it is judged on the whole") {
    for (const auto& [at, text] : expected) {
      INFO(at);
      Selection s = all();
      std::string sex = at.substr(5, at.find('.', 5) - 5);
      s.codes = {{"FREQ", {"M"}}, {"REF_AREA", {at.substr(2, 2)}}, {"SEX", {sex}}, {"AGE", {"_T"}}};
      s.from = s.to = Period::parse(at.substr(at.find(' ') + 1));
      CHECK(view(store, anybody(), s) == View{{at, text}});
    }
    Selection s = all();
    s.codes["SEX"] = {"_U"};
    s.latest = true;
    CHECK(view(store, anybody(), s) == View{{"M.KG._U._T 2026-01", "(residual)"}});
  }
  SECTION("vintages hide what the newest data hide") {
    DataStore::As later;
    later.at = "2026-03-01";
    store.file({{"M.KG._U._T", "2026-01", "8"}, {"M.KG._T._T", "2026-01", "101"}}, later);
    CHECK(view(store, anybody(), as_of("2026-02-01")) == expected);
  }
}

TEST_CASE("a total that is hidden is a part too; zeros are no cover") {
  DataStore store;
  SECTION("total hidden") {
    store.file({{"M.KG._T._T", "2026-01", "100", {{"CONF_STATUS", "C"}}},
                {"M.KG.F._T", "2026-01", "40"},
                {"M.KG.M._T", "2026-01", "60"}});
    CHECK(view(store, anybody()) == View{{"M.KG._T._T 2026-01", "(confidential)"},
                                         {"M.KG.F._T 2026-01", "(residual)"},
                                         {"M.KG.M._T 2026-01", "60"}});
  }
  SECTION("the other part is zero: the total goes") {
    store.file({{"M.KG._T._T", "2026-01", "3"},
                {"M.KG.F._T", "2026-01", "3", {{"CONF_STATUS", "C"}}},
                {"M.KG.M._T", "2026-01", "0"}});
    CHECK(view(store, anybody()) == View{{"M.KG._T._T 2026-01", "(residual)"},
                                         {"M.KG.F._T 2026-01", "(confidential)"},
                                         {"M.KG.M._T 2026-01", "0"}});
  }
  SECTION("a code without a parent takes no part") {
    store.file({{"M.KG._T._T", "2026-01", "9"},
                {"M.KG._T.NAT", "2026-01", "5", {{"CONF_STATUS", "C"}}},
                {"M.KG._T.Y_GE18", "2026-01", "9"}});
    CHECK(view(store, anybody())["M.KG._T.Y_GE18 2026-01"] == "9");
  }
  SECTION("an absent parent is stood for by its children") {
    store.file({{"M.KG._T._T", "2026-01", "60"},
                {"M.KG._T.Y0T13", "2026-01", "10", {{"CONF_STATUS", "C"}}},
                {"M.KG._T.Y14T17", "2026-01", "20"},
                {"M.KG._T.Y_GE18", "2026-01", "30"}});
    CHECK(view(store, anybody())["M.KG._T.Y14T17 2026-01"] == "(residual)");
  }
  SECTION("a missing value is no cover") {
    store.file({{"M.KG._T._T", "2026-01", "60"},
                {"M.KG.F._T", "2026-01", "10", {{"CONF_STATUS", "C"}}},
                {"M.KG._U._T", "2026-01", "", {{"OBS_STATUS", "M"}}},
                {"M.KG.M._T", "2026-01", "50"}});
    CHECK(view(store, anybody())["M.KG.M._T 2026-01"] == "(residual)");
  }
}

TEST_CASE("residual disclosure in two dimensions goes on until nothing changes") {
  DataStore store;
  //          _T   F   M
  //  _T     100  40  60
  //  Y_LT18  30   5C 25
  //  Y_GE18  70  35  35
  store.file({{"M.KG._T._T", "2026-01", "100"},
              {"M.KG.F._T", "2026-01", "40"},
              {"M.KG.M._T", "2026-01", "60"},
              {"M.KG._T.Y_LT18", "2026-01", "30"},
              {"M.KG.F.Y_LT18", "2026-01", "5", {{"CONF_STATUS", "C"}}},
              {"M.KG.M.Y_LT18", "2026-01", "25"},
              {"M.KG._T.Y_GE18", "2026-01", "70"},
              {"M.KG.F.Y_GE18", "2026-01", "35"},
              {"M.KG.M.Y_GE18", "2026-01", "35"}});
  View v = view(store, anybody());
  CHECK(v["M.KG.M.Y_LT18 2026-01"] == "(residual)");
  CHECK(v["M.KG.F.Y_GE18 2026-01"] == "(residual)");
  CHECK(v["M.KG.M.Y_GE18 2026-01"] == "(residual)");
  CHECK(v["M.KG._T._T 2026-01"] == "100");
  CHECK(v["M.KG.F._T 2026-01"] == "40");
  CHECK(v["M.KG._T.Y_GE18 2026-01"] == "70");
}

TEST_CASE("several institutions share a table") {
  DataStore store;
  DataStore::As other;
  other.provider = "KG_NSC";
  store.file(
      {{"M.KG.F._T", "2026-01", "3", {{"CONF_STATUS", "C"}}}, {"M.KG.M._T", "2026-01", "90"}});
  store.file({{"M.KG._T._T", "2026-01", "100"}, {"M.KG._U._T", "2026-01", "7"}}, other);

  // Everybody alike; only what is one's own stays open.
  CHECK(view(store, anybody())["M.KG._U._T 2026-01"] == "(residual)");
  View nsc = view(store, institution("KG_NSC", {"KG"}));
  CHECK(nsc["M.KG.F._T 2026-01"] == "(confidential)");
  CHECK(nsc["M.KG._U._T 2026-01"] == "7");
  CHECK(nsc["M.KG.M._T 2026-01"] == "(residual)");
  CHECK(view(store, owner())["M.KG.F._T 2026-01"] == "3");

  SECTION("what somebody is not in the audience of counts as hidden") {
    DataStore closed;
    DataStore::As own;
    own.agreement = "PA_OWN";
    closed.file({{"M.KG.F._T", "2026-01", "3"}}, own);
    closed.file({{"M.KG._T._T", "2026-01", "10"}, {"M.KG.M._T", "2026-01", "7"}});
    CHECK(view(closed, anybody()) ==
          View{{"M.KG._T._T 2026-01", "10"}, {"M.KG.M._T 2026-01", "(residual)"}});
    CHECK(view(closed, coordinator()).size() == 3);
  }
}

TEST_CASE("no additive relation leaves exactly one hidden cell") {
  // Brute force: every complete relation of every cube, from the codelists, without the code
  // tested.
  const std::vector<std::pair<std::string, std::vector<std::string>>> sexes = {
      {"_T", {"F", "M", "_U"}}};
  const std::vector<std::pair<std::string, std::vector<std::string>>> ages = {
      {"_T", {"Y_LT18", "Y_GE18"}}, {"Y_LT18", {"Y0T13", "Y14T17"}}};
  const std::vector<std::pair<std::string, std::vector<std::string>>> areas = {
      {"KG", {"KG-B", "KG-O"}}};
  std::mt19937 random(20260301);
  auto below = [&](unsigned n) { return random() % n; };
  int hidden_cells = 0, residual_cells = 0;
  for (int cube = 0; cube < 60; ++cube) {
    INFO("cube " << cube);
    std::map<std::string, int> value;
    for (const char* area : {"KG-B", "KG-O"})
      for (const char* sex : {"F", "M", "_U"})
        for (const char* age : {"Y0T13", "Y14T17", "Y_GE18"}) {
          int n = below(4) == 0 ? 0 : static_cast<int>(below(40));
          for (std::string a : {std::string(area), std::string("KG")})
            for (std::string s : {std::string(sex), std::string("_T")}) {
              std::set<std::string> up{age, "_T"};
              if (age[1] != '_') up.insert("Y_LT18");
              for (const std::string& g : up) value["M." + a + "." + s + "." + g] += n;
            }
        }
    std::vector<Obs> file;
    for (const auto& [key, n] : value) {
      Obs obs{key, "2026-01", std::to_string(n)};
      if (below(12) == 0) obs.attributes = {{"CONF_STATUS", "C"}};
      file.push_back(obs);
    }
    DataStore store;
    store.file(file);
    View seen = view(store, anybody());
    REQUIRE(seen.size() == value.size());
    auto hidden = [&](const std::string& key) { return seen.at(key + " 2026-01").front() == '('; };
    for (const auto& [key, text] : seen) {
      hidden_cells += text.front() == '(';
      residual_cells += text == "(residual)";
    }
    auto check = [&](const std::string& parent, const std::vector<std::string>& parts) {
      int count = hidden(parent);
      for (const std::string& part : parts) count += hidden(part);
      INFO(parent);
      CHECK(count != 1);
    };
    std::set<std::string> all_sexes{"_T", "F", "M", "_U"}, all_areas{"KG", "KG-B", "KG-O"},
        all_ages{"_T", "Y_LT18", "Y0T13", "Y14T17", "Y_GE18"};
    auto key = [](const std::string& a, const std::string& s, const std::string& g) {
      return "M." + a + "." + s + "." + g;
    };
    for (const auto& a : all_areas)
      for (const auto& g : all_ages)
        for (const auto& [parent, parts] : sexes) {
          std::vector<std::string> keys;
          for (const auto& p : parts) keys.push_back(key(a, p, g));
          check(key(a, parent, g), keys);
        }
    for (const auto& a : all_areas)
      for (const auto& s : all_sexes)
        for (const auto& [parent, parts] : ages) {
          std::vector<std::string> keys;
          for (const auto& p : parts) keys.push_back(key(a, s, p));
          check(key(a, s, parent), keys);
        }
    for (const auto& s : all_sexes)
      for (const auto& g : all_ages)
        for (const auto& [parent, parts] : areas) {
          std::vector<std::string> keys;
          for (const auto& p : parts) keys.push_back(key(p, s, g));
          check(key(parent, s, g), keys);
        }
    // The same for every subset: one cell at a time.
    if (cube % 10 == 0)
      for (const auto& [at, text] : seen) {
        Selection s = all();
        std::string rest = at.substr(0, at.find(' '));
        for (const char* d : {"FREQ", "REF_AREA", "SEX", "AGE"}) {
          s.codes[d] = {rest.substr(0, rest.find('.'))};
          rest.erase(0, rest.find('.') == rest.npos ? rest.size() : rest.find('.') + 1);
        }
        CHECK(view(store, anybody(), s) == View{{at, text}});
      }
  }
  CHECK(hidden_cells > 300);
  CHECK(residual_cells > 100);
}

TEST_CASE("a codelist whose parents go in a circle ends all the same") {
  Codelist list =
      codelist("CL", {{"A", "B"}, {"B", "C"}, {"C", "B"}, {"S", "S"}, {"T", ""}, {"X", "T"}});
  CodeTable table(list);
  auto parents = parents_without_circles(table);
  CHECK(parents == std::vector<std::int32_t>{kNoCode, kNoCode, kNoCode, kNoCode, kNoCode, 4});
}

TEST_CASE("changes are found through indexes, without a look at every observation") {
  DataStore store;
  std::vector<Obs> many;
  for (int month = 1; month <= 12; ++month)
    for (int year = 1930; year < 2026; ++year)
      many.push_back({kKey, Period::at(PeriodKind::kMonth, year * 12 + month - 1).text(), "1"});
  auto first = store.file(many);
  DataStore::As later;
  later.at = "2026-03-01";
  store.file({{"M.KZ._T._T", "2026-01", "5"}}, later);
  for (int by_time = 0; by_time < 2; ++by_time) {
    Selection s = all();
    if (by_time)
      s.since = time("2026-02-01");
    else
      s.since_filing = first.filing;
    ObservationReader reader(store.database, store.structures);
    int steps = 0;
    sqlite3_progress_handler(
        store.database.handle(), 1, [](void* n) { return ++*static_cast<int*>(n), 0; }, &steps);
    REQUIRE(reader.read(s, anybody(), [](const DataBatch&) -> Status { return {}; }).ok());
    sqlite3_progress_handler(store.database.handle(), 0, nullptr, nullptr);
    CHECK(steps < 1000);  // virtual machine steps; there are 1,152 observations in the other series
  }
}
