// SPDX-License-Identifier: Apache-2.0
//
// What a filing does to the store (NETWORK.md section 3, store/merge.h).
#include "store/merge.h"

#include "data_fixture.h"

using namespace focalpost;
using namespace focalpost::test;

namespace {

const std::string kTotal = "M.KG._T._T", kWomen = "M.KG.F._T";

DataStore::As at(const char* when) {
  DataStore::As as;
  as.at = when;
  return as;
}
DataStore::As act(Action action) {
  DataStore::As as;
  as.at = "2026-02-10";
  as.action = action;
  as.action_given = true;
  return as;
}

/// "created/revised/unchanged/withdrawn/left/series"
std::string counts(const MergeOutcome& o) {
  const ChangeSummary& c = o.change;
  std::string text;
  for (std::uint64_t n : {c.created, c.revised, c.unchanged, c.withdrawn, c.left, c.series})
    text += (text.empty() ? "" : "/") + std::to_string(n);
  return text;
}

std::string stored(DataStore& store, const std::string& key, const std::string& period) {
  return store.row(
      "SELECT value,status,conf,o.attributes,visible_at,withdrawn,filing FROM observation o "
      "JOIN series ON series.id=series WHERE key='" +
      key + "' AND period=" + std::to_string(Period::parse(period).value().number()));
}

/// One series, one cell, from `before` to `after`.
MergeOutcome revise(const std::string& key, const std::string& before, const std::string& after) {
  DataStore store;
  store.file({{key, "2026-01", before}});
  return store.file({{key, "2026-01", after}});
}

}  // namespace

TEST_CASE("a new filing: flow, series, periods, cells") {
  DataStore store;
  auto outcome =
      store.file({{kTotal, "2026-01", "12"}, {kTotal, "2026-02", "13"}, {kWomen, "2026-01", "5"}});
  CHECK(counts(outcome) == "3/0/0/0/0/2");
  CHECK(!outcome.large_change);
  CHECK(outcome.conflicts == 0);
  CHECK(outcome.change.cells.size() == 3);
  CHECK(outcome.change.cells[0].kind == CellChange::Kind::kNew);
  CHECK(store.row("SELECT dataflow,data_structure,dimensions FROM flow") ==
        "FP:FLOW|FP:DSD_FLOW(1.0)|FREQ.REF_AREA.SEX.AGE");
  CHECK(store.rows("SELECT flow,key,measure,area,attributes FROM series ORDER BY key") ==
        std::vector<std::string>{"1|M.KG.F._T|OBS_VALUE|KG|-", "1|M.KG._T._T|OBS_VALUE|KG|-"});
  CHECK(store.rows("SELECT text,kind,first_day,last_day FROM period ORDER BY text") ==
        std::vector<std::string>{"2026-01|M|2026-01-01|2026-01-31",
                                 "2026-02|M|2026-02-01|2026-02-28"});
  CHECK(store.row(
            "SELECT provider,agreement,action,created,revised,unchanged,withdrawn FROM filing") ==
        "KG_SMS|FP:PA_PUBLIC(1.0)|Replace|3|0|0|0");
  CHECK(store.rows("SELECT filing,series FROM filing_series").size() == 2);
  CHECK(store.row("SELECT count(*) FROM data") == "3");
}

TEST_CASE("the same again changes nothing and says so") {
  DataStore store;
  std::vector<Obs> file = {
      {kTotal, "2026-01", "12", {{"CONF_STATUS", "C"}, {"COMMENT_OBS", "x"}}, {{"UNIT_MULT", "0"}}},
      {kTotal, "2026-02", "", {{"OBS_STATUS", "M"}}},
      {kWomen, "2026-01", "5.50"}};
  store.file(file);
  auto before = store.rows("SELECT * FROM observation");
  auto outcome = store.file(file, at("2026-02-10"));
  CHECK(counts(outcome) == "0/0/3/0/0/2");
  CHECK(!outcome.change.changed());
  CHECK(outcome.change.cells.empty());
  CHECK(store.rows("SELECT * FROM observation") == before);
  CHECK(store.rows("SELECT * FROM history").empty());
  CHECK(store.rows("SELECT * FROM series_history").empty());
  CHECK(store.rows("SELECT * FROM filing_series WHERE filing=2").empty());
}

TEST_CASE("a revision moves the old version into history") {
  DataStore store;
  store.file({{kTotal, "2026-01", "100", {{"COMMENT_OBS", "first"}}}});
  auto outcome = store.file({{kTotal, "2026-01", "110"}}, at("2026-02-10"));
  CHECK(counts(outcome) == "0/1/0/0/0/1");
  REQUIRE(outcome.change.cells.size() == 1);
  const CellChange& change = outcome.change.cells[0];
  CHECK(change.kind == CellChange::Kind::kRevised);
  CHECK(change.series == kTotal);
  CHECK(change.period == "2026-01");
  CHECK(change.component == "OBS_VALUE");
  CHECK(change.before == "100");
  CHECK(change.after == "110");
  CHECK(change.relative == Approx(0.1));
  CHECK(outcome.change.largest_relative == Approx(0.1));
  CHECK(stored(store, kTotal, "2026-01") == "110|-|-|-|-|-|2");
  CHECK(store.row("SELECT filing,value,attributes,ended_by FROM history") ==
        R"(1|100|{"COMMENT_OBS":"first"}|2)");
  store.file({{kTotal, "2026-01", "120"}}, at("2026-03-10"));
  CHECK(store.rows("SELECT filing,value,ended_by FROM history ORDER BY filing") ==
        std::vector<std::string>{"1|100|2", "2|110|3"});
  CHECK(store.rows("SELECT filing FROM filing_series ORDER BY 1") ==
        std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("a change of status or attributes alone is a revision") {
  DataStore store;
  store.file({{kTotal, "2026-01", "100"}});
  auto component = [&](Pairs attributes) {
    auto outcome = store.file({{kTotal, "2026-01", "100", std::move(attributes)}});
    CHECK(outcome.change.revised == 1);
    CHECK(outcome.change.largest_relative == 0);
    REQUIRE(outcome.change.cells.size() == 1);
    return outcome.change.cells[0].component;
  };
  CHECK(component({{"OBS_STATUS", "P"}}) == "OBS_STATUS");
  CHECK(component({{"OBS_STATUS", "P"}, {"CONF_STATUS", "C"}}) == "CONF_STATUS");
  CHECK(component({{"OBS_STATUS", "P"}, {"CONF_STATUS", "C"}, {"COMMENT_OBS", "x"}}) ==
        "attributes");
}

TEST_CASE("absent OBS_STATUS is A, absent CONF_STATUS is F") {
  DataStore store;
  store.file({{kTotal, "2026-01", "1"},
              {kTotal, "2026-02", "2", {{"OBS_STATUS", "A"}, {"CONF_STATUS", "F"}}}});
  auto outcome = store.file({{kTotal, "2026-01", "1", {{"OBS_STATUS", "A"}, {"CONF_STATUS", "F"}}},
                             {kTotal, "2026-02", "2"}});
  CHECK(counts(outcome) == "0/0/2/0/0/1");
}

TEST_CASE("a value comes back digit for digit") {
  const std::vector<std::string> texts = {"0",
                                          "-1",
                                          "1.50",
                                          "007",
                                          "-0",
                                          "+1",
                                          "1e5",
                                          "1E+05",
                                          "0.10",
                                          ".5",
                                          "-12.00",
                                          "INF",
                                          "999999999999999999",
                                          "-999999999999999999",
                                          "1234567890123456789",
                                          "9223372036854775808",
                                          "12345678901234567890123",
                                          "0.1000000000000000055511151231257827"};
  DataStore store;
  std::vector<Obs> file;
  for (std::size_t i = 0; i < texts.size(); ++i)
    file.push_back(
        {kTotal, Period::at(PeriodKind::kMonth, 2000 * 12 + std::int64_t(i)).text(), texts[i]});
  store.file(file);
  CHECK(store.rows("SELECT value FROM observation ORDER BY period") == texts);
  CHECK(store.file(file).change.unchanged == texts.size());

  SECTION("the same number in other digits is a revision without a change") {
    auto outcome = revise(kTotal, "1.50", "1.5");
    CHECK(outcome.change.revised == 1);
    CHECK(outcome.change.largest_relative == 0);
    CHECK(!outcome.large_change);
  }
}

TEST_CASE("without value: with a status a missing value, without one not provided") {
  DataStore store;
  store.file({{kTotal, "2026-01", "", {{"OBS_STATUS", "M"}}},
              {kTotal, "2026-02", "NaN", {{"OBS_STATUS", "L"}}},
              {kTotal, "2026-03", ""},
              {kTotal, "2026-04", "NaN"},
              {kTotal, "2026-05", "5"}});
  CHECK(store.rows("SELECT value,status FROM observation ORDER BY period") ==
        std::vector<std::string>{"-|M", "-|L", "5|-"});
  auto outcome = store.file({{kTotal, "2026-05", ""}});
  CHECK(!outcome.change.changed());
  CHECK(stored(store, kTotal, "2026-05") == "5|-|-|-|-|-|1");
  outcome = store.file({{kTotal, "2026-05", "", {{"OBS_STATUS", "M"}}}});
  CHECK(outcome.change.revised == 1);
  CHECK(stored(store, kTotal, "2026-05").substr(0, 4) == "-|M|");
  outcome = store.file({{kTotal, "2026-05", "6"}});
  CHECK(outcome.change.revised == 1);
  CHECK(outcome.change.largest_relative == 0);
}

TEST_CASE("attributes in JSON, in the order of the DSD, and the end of an embargo") {
  DataStore store;
  store.file({{kTotal,
               "2026-01",
               "1",
               {{"COMMENT_OBS", "\"a\\b\"\n\xD1\x8F"},
                {"CONF_STATUS", "E"},
                {"EMBARGO_TIME", "2026-03-01T12:00:00+05:00"}}},
              {kTotal, "2026-02", "2", {{"EMBARGO_TIME", "2026-03-01T12:00:00Z"}}}});
  CHECK(stored(store, kTotal, "2026-01") ==
        "1|-|E|{\"EMBARGO_TIME\":\"2026-03-01T12:00:00+05:00\",\"COMMENT_OBS\":"
        "\"\\\"a\\\\b\\\"\\u000a\xD1\x8F\"}|" +
            std::to_string(to_millis(time("2026-03-01T07:00:00Z"))) + "|-|1");
  // Without CONF_STATUS E it is no embargo.
  CHECK(stored(store, kTotal, "2026-02") ==
        "2|-|-|{\"EMBARGO_TIME\":\"2026-03-01T12:00:00Z\"}|-|-|1");
  CHECK(store.row("SELECT json_extract(attributes,'$.COMMENT_OBS') FROM observation LIMIT 1") ==
        "\"a\\b\"\n\xD1\x8F");
  auto read = read_attributes_json(store.row("SELECT attributes FROM observation LIMIT 1"));
  REQUIRE(read.size() == 2);
  CHECK(read[1] == std::pair<std::string, std::string>("COMMENT_OBS", "\"a\\b\"\n\xD1\x8F"));
  // Freed: the embargo's end goes with it.
  store.file({{kTotal, "2026-01", "1"}});
  CHECK(stored(store, kTotal, "2026-01") == "1|-|-|-|-|-|2");
  CHECK(store.row("SELECT visible_at FROM history") ==
        std::to_string(to_millis(time("2026-03-01T07:00:00Z"))));
}

TEST_CASE("an explicit Append that meets another value is flagged") {
  auto conflict = [](const Obs& stored_cell, const Obs& sent, Action action, bool given) {
    DataStore store;
    store.file({stored_cell});
    auto as = act(action);
    as.action_given = given;
    return store.file({sent}, as).append_conflict;
  };
  const Obs ten{kTotal, "2026-01", "10"}, eleven{kTotal, "2026-01", "11"},
      next{kTotal, "2026-02", "11"}, noted{kTotal, "2026-01", "10", {{"COMMENT_OBS", "x"}}},
      missing{kTotal, "2026-01", "", {{"OBS_STATUS", "M"}}};
  CHECK(conflict(ten, eleven, Action::kAppend, true));
  CHECK(conflict(ten, missing, Action::kAppend, true));
  CHECK(!conflict(ten, ten, Action::kAppend, true));
  CHECK(!conflict(ten, next, Action::kAppend, true));
  CHECK(!conflict(ten, noted, Action::kAppend, true));
  CHECK(!conflict(missing, ten, Action::kAppend, true));
  CHECK(!conflict(ten, eleven, Action::kAppend, false));
  CHECK(!conflict(ten, eleven, Action::kReplace, true));
}

TEST_CASE("Prepared before that of what it would overwrite is flagged") {
  auto older = [](const char* first, const char* second, const char* value, Action action) {
    DataStore store;
    auto as = at("2026-01-10");
    as.prepared = first;
    store.file({{kTotal, "2026-01", "10"}}, as);
    as = act(action);
    as.prepared = second;
    return store.file({{kTotal, "2026-01", value}}, as).older;
  };
  const char* early = "2026-01-05T10:00:00Z";
  const char* late = "2026-01-05T10:00:01Z";
  CHECK(older(late, early, "11", Action::kReplace));
  CHECK(older(late, early, "", Action::kDelete));
  CHECK(!older(late, early, "10", Action::kReplace));  // overwrites nothing
  CHECK(!older(early, early, "11", Action::kReplace));
  CHECK(!older(early, late, "11", Action::kReplace));
  CHECK(!older(early, late, "", Action::kDelete));
  CHECK(!older("", early, "11", Action::kReplace));
  CHECK(!older(late, "", "11", Action::kReplace));
}

TEST_CASE("Delete takes back at the lowest level given, of what the provider owns") {
  DataStore store;
  store.file({{"M.KG._T._T", "2026-01", "1"},
              {"M.KG._T._T", "2026-02", "2"},
              {"M.KG.F._T", "2026-01", "3"},
              {"M.KZ._T._T", "2026-01", "4"},
              {"A.KG._T._T", "2025", "5"}});
  auto left = [&] {
    return store.row(
        "SELECT group_concat(value,'') FROM (SELECT value FROM observation "
        "WHERE withdrawn IS NULL ORDER BY value)");
  };
  auto as = act(Action::kDelete);
  SECTION("a cell") {
    auto outcome = store.file({{kTotal, "2026-01", ""}}, as);
    CHECK(counts(outcome) == "0/0/0/1/0/1");
    CHECK(outcome.change.cells.at(0).kind == CellChange::Kind::kWithdrawn);
    CHECK(outcome.change.cells.at(0).before == "1");
    CHECK(left() == "2345");
    CHECK(store.row("SELECT value,status,withdrawn,filing FROM observation WHERE withdrawn=1") ==
          "-|-|1|2");
    CHECK(store.row("SELECT filing,value,ended_by FROM history") == "1|1|2");
    SECTION("twice changes nothing") {
      CHECK(counts(store.file({{kTotal, "2026-01", ""}}, as)) == "0/0/0/0/0/1");
      CHECK(store.rows("SELECT * FROM history").size() == 1);
    }
    SECTION("and sent again it is new again") {
      CHECK(counts(store.file({{kTotal, "2026-01", "1"}})) == "1/0/0/0/1/1");
      CHECK(stored(store, kTotal, "2026-01") == "1|-|-|-|-|-|3");
      CHECK(store.rows("SELECT filing,value,withdrawn,ended_by FROM history ORDER BY 1") ==
            std::vector<std::string>{"1|1|-|2", "2|-|1|3"});
    }
  }
  SECTION("a series") {
    CHECK(counts(store.file({{kTotal, "", ""}}, as)) == "0/0/0/2/0/1");
    CHECK(left() == "345");
  }
  SECTION("a wildcard") {
    CHECK(counts(store.file({{"M.KG..", "", ""}}, as)) == "0/0/0/3/0/2");
    CHECK(left() == "45");
  }
  SECTION("a wildcard with a period") {
    CHECK(counts(store.file({{"M...", "2026-01", ""}}, as)).substr(0, 8) == "0/0/0/3/");
    CHECK(left() == "25");
  }
  SECTION("everything, but only what is owned") {
    std::vector<std::string> asked;
    as.owns = [&](std::string_view key) {
      asked.emplace_back(key);
      return key.substr(2, 2) == "KG";
    };
    CHECK(counts(store.file({{"...", "", ""}}, as)) == "0/0/0/4/0/3");
    CHECK(left() == "4");
    CHECK(asked.size() == 4);
  }
  SECTION("what is not there") {
    CHECK(counts(store.file({{"M.KG.M._T", "2026-01", ""}, {kTotal, "2030-01", ""}}, as)) ==
          "0/0/0/0/0/1");
    CHECK(left() == "12345");
  }
}

TEST_CASE("what is stored and not in the file is counted as left, over several pieces") {
  DataStore store;
  std::vector<Obs> year;
  for (int m = 1; m <= 12; ++m)
    year.push_back(
        {kTotal, Period::at(PeriodKind::kMonth, 2025 * 12 + m - 1).text(), std::to_string(m)});
  store.file(year);
  store.file({{kWomen, "2025-01", "1"}});
  CHECK(counts(store.file({{kTotal, "2025-03", "3"}})) == "0/0/1/0/11/1");
  CHECK(counts(store.file({{kTotal, "2026-03", "3"}})) == "1/0/0/0/12/1");
  // In any order, and with a new one between: 5 unchanged, 1 new, 1 revised of 13.
  auto outcome = store.file_pieces(
      {{{kTotal, "2025-06", "6"}, {kTotal, "2025-08", "8"}},
       {{kTotal, "2025-07", "7"}, {kTotal, "2026-01", "1"}},
       {{kTotal, "2025-01", "1"}, {kTotal, "2025-12", "12.0"}, {kTotal, "2025-02", "2"}}},
      at("2026-04-01"));
  CHECK(counts(outcome) == "1/1/5/0/7/1");
}

TEST_CASE("one cell twice in a filing: the first counts, a contradiction is a conflict") {
  const Obs a{kTotal, "2026-01", "1"}, b{kTotal, "2026-01", "2"},
      a_status{kTotal, "2026-01", "1", {{"OBS_STATUS", "A"}}},
      a_note{kTotal, "2026-01", "1", {{"COMMENT_OBS", "x"}}}, a_text{kTotal, "2026-01", "1.0"},
      b_text{kTotal, "2026-01", "2.0"};
  struct Row {
    Obs first, second;
    bool conflict;
  };
  const Row rows[] = {{a, a, false},         {a, a_status, false}, {a, b, true},
                      {a, a_note, true},     {a, a_text, true},    {a_text, a_text, false},
                      {a_text, b_text, true}};
  for (const Row& row : rows)
    for (bool one_piece : {true, false})
      for (const char* before : {"", "1", "2", "9"}) {
        INFO(row.first.value << " then " << row.second.value << ", one piece " << one_piece
                             << ", stored " << before);
        DataStore store;
        if (*before) store.file({{kTotal, "2026-01", before}});
        std::vector<std::vector<Obs>> pieces;
        if (one_piece)
          pieces = {{row.first, row.second}};
        else
          pieces = {{row.first}, {row.second}};
        auto outcome = store.file_pieces(pieces, at("2026-02-10"));
        CHECK(outcome.conflicts == (row.conflict ? 1u : 0u));
        const ChangeSummary& c = outcome.change;
        CHECK(c.created + c.revised + c.unchanged == 1);
        CHECK(c.left == 0);
        CHECK(store.row("SELECT value FROM observation") == row.first.value);
      }
}

TEST_CASE("large changes: an all-total value by over 25 % and over 50") {
  CHECK(revise(kTotal, "1000", "1260").large_change);
  CHECK(revise(kTotal, "1000", "740").large_change);
  CHECK(revise(kTotal, "1000.5", "1251.5").large_change);
  CHECK(!revise(kTotal, "1000", "1250").large_change);  // 25 %, not over
  CHECK(!revise(kTotal, "200", "250").large_change);    // 25 %, 50
  // Of few cells 10 % is less than one: beside 20 unchanged ones only this clause speaks.
  auto among = [](const std::string& key, const char* before, const char* after) {
    DataStore store;
    std::vector<Obs> file;
    for (int i = 0; i < 20; ++i) file.push_back({"A.KG.F._T", std::to_string(1990 + i), "100"});
    file.push_back({key, "2026-01", before});
    store.file(file);
    file.back().value = after;
    return store.file(file);
  };
  CHECK(among(kTotal, "150", "201").large_change);   // 34 %, 51
  CHECK(!among(kTotal, "150", "200").large_change);  // 33 %, 50
  CHECK(among(kTotal, "150", "201").strong_changes == 1);
  CHECK(!among(kWomen, "150", "1000").large_change);  // not an all-total series
  CHECK(among(kTotal, "0", "51").large_change);       // from zero, as large as can be
  CHECK(!among(kTotal, "0", "50").large_change);
  CHECK(!among(kTotal, "", "500").large_change);  // a new value is no change
}

TEST_CASE("large changes: over 10 % of the stored cells by over 30 %") {
  auto outcome = [](int changed, const char* to) {
    DataStore store;
    std::vector<Obs> file;
    for (int i = 0; i < 20; ++i)
      file.push_back({kWomen, Period::at(PeriodKind::kMonth, 2024 * 12 + i).text(), "10"});
    store.file(file);
    for (int i = 0; i < changed; ++i) file[std::size_t(i)].value = to;
    file.push_back({kWomen, "2026-01", "99"});  // new cells do not dilute
    return store.file(file);
  };
  CHECK(outcome(3, "14").large_change);
  CHECK(outcome(3, "14").strong_changes == 3);
  CHECK(!outcome(2, "14").large_change);   // 10 %, not over
  CHECK(!outcome(20, "13").large_change);  // 30 %, not over
  CHECK(outcome(3, "6.9").large_change);
  CHECK(!outcome(20, "7").large_change);
}

TEST_CASE("large changes: over 10 % of a series deleted") {
  auto outcome = [](int deleted, bool one_by_one) {
    DataStore store;
    std::vector<Obs> file;
    for (int i = 0; i < 20; ++i)
      file.push_back({kWomen, Period::at(PeriodKind::kMonth, 2024 * 12 + i).text(), "10"});
    file.push_back({kTotal, "2026-01", "1"});
    store.file(file);
    std::vector<std::vector<Obs>> pieces(1);
    for (int i = 0; i < deleted; ++i) {
      if (one_by_one) pieces.emplace_back();
      pieces.back().push_back({kWomen, file[std::size_t(i)].period, ""});
    }
    return store.file_pieces(pieces, act(Action::kDelete));
  };
  for (bool one_by_one : {false, true}) {
    CHECK(outcome(3, one_by_one).large_change);
    CHECK(!outcome(2, one_by_one).large_change);  // 10 %, not over
    CHECK(outcome(2, one_by_one).change.withdrawn == 2);
  }
}

TEST_CASE("limits of an agreement stand in the place of the general ones") {
  DataStore store;
  store.file({{kTotal, "2026-01", "100"}});
  LargeChangeLimits wide;
  wide.total_share = 5;
  wide.cell_share = 5;
  REQUIRE(store.writer.begin(store.facts(at("2026-02-10")), wide).ok());
  Batch batch(store.flow);
  batch.add({kTotal, "2026-01", "400"});
  StagedRows rows;
  rows.begin(store.flow, Action::kReplace);
  rows.take(batch.get());
  REQUIRE(store.writer.merge(rows).ok());
  auto outcome = store.writer.finish();
  REQUIRE(outcome.ok());
  CHECK(!outcome->large_change);
  CHECK(outcome->change.largest_relative == Approx(3));
}

TEST_CASE("a rolled back savepoint leaves nothing") {
  DataStore store;
  store.file({{kTotal, "2026-01", "10", {}, {{"UNIT_MULT", "0"}}}, {kWomen, "2026-01", "1"}});
  const auto before = store.everything();
  auto transaction = Transaction::begin(store.database);
  REQUIRE(transaction.ok());
  {
    auto savepoint = Savepoint::begin(store.database);
    REQUIRE(savepoint.ok());
    Batch batch(store.flow);
    batch.add({kTotal, "2026-01", "1000", {}, {{"UNIT_MULT", "3"}}})
        .add({"M.KZ._T._T", "2026-07", "1"})
        .group("KG", "COVERAGE_GEO", "x")
        .dataset("COMMENT_DSET", "y");
    CHECK(store.file(batch, at("2026-02-10")).large_change);
    CHECK(counts(store.file({{kWomen, "", ""}}, act(Action::kDelete))) == "0/0/0/1/0/1");
    CHECK(store.everything() != before);
    REQUIRE(savepoint->rollback().ok());
  }
  REQUIRE(transaction->commit().ok());
  CHECK(store.everything() == before);

  SECTION("and the writer goes on, with ids used anew") {
    CHECK(counts(store.file({{"M.KZ.F._T", "2026-07", "1"}, {kTotal, "2026-01", "10"}})) ==
          "1/0/1/0/0/2");
    CHECK(store.rows("SELECT text FROM period ORDER BY 1") ==
          std::vector<std::string>{"2026-01", "2026-07"});
  }
}

TEST_CASE("in pieces or in one: the same tables") {
  auto filed = [](std::size_t piece) {
    DataStore store;
    for (int round = 0; round < 3; ++round) {
      std::vector<std::vector<Obs>> pieces(1);
      for (int m = 0; m < 30; ++m)  // as a flat file sorted by time: all series in every piece
        for (const char* sex : {"_T", "F", "M", "_U"}) {
          if ((m + round) % 7 == 0) continue;
          if (pieces.back().size() == piece) pieces.emplace_back();
          Obs obs{std::string("M.KG.") + sex + "._T",
                  Period::at(PeriodKind::kMonth, 2023 * 12 + m).text(),
                  std::to_string(m * (m % 5 == round ? 3 : 2))};
          if (m % 4 == round) obs.attributes = {{"COMMENT_OBS", std::to_string(round)}};
          if (m == 20) obs.series_attributes = {{"UNIT_MULT", std::to_string(round)}};
          pieces.back().push_back(std::move(obs));
        }
      store.file_pieces(pieces, at(round == 0   ? "2026-01-10"
                                   : round == 1 ? "2026-02-10"
                                                : "2026-03-10"));
    }
    CHECK(store.row("SELECT count(*) FROM history") != "0");
    CHECK(store.row("SELECT sum(unchanged) FROM filing") != "0");
    return store.everything();
  };
  const auto whole = filed(100000);
  CHECK(filed(1) == whole);
  CHECK(filed(7) == whole);
  CHECK(filed(32) == whole);
}

TEST_CASE("series attributes: what is given overwrites, the rest stays, the old goes to history") {
  DataStore store;
  auto attributes = [&] { return store.row("SELECT attributes,attributes_filing FROM series"); };
  store.file({{kTotal, "2026-01", "1", {}, {{"UNIT_MULT", "0"}, {"COMMENT_TS", "a"}}}});
  CHECK(attributes() == R"({"COMMENT_TS":"a","UNIT_MULT":"0"}|1)");
  store.file({{kTotal, "2026-01", "1"}});
  store.file({{kTotal, "2026-01", "1", {}, {{"UNIT_MULT", "0"}}}});
  CHECK(attributes() == R"({"COMMENT_TS":"a","UNIT_MULT":"0"}|1)");
  CHECK(store.rows("SELECT * FROM series_history").empty());
  store.file({{kTotal, "", "", {}, {{"UNIT_MULT", "3"}}}});  // attributes alone
  CHECK(attributes() == R"({"COMMENT_TS":"a","UNIT_MULT":"3"}|4)");
  CHECK(store.row("SELECT series,filing,attributes,ended_by FROM series_history") ==
        R"(1|1|{"COMMENT_TS":"a","UNIT_MULT":"0"}|4)");
  CHECK(store.rows("SELECT series FROM filing_series WHERE filing=4").size() == 1);
  store.file({{kWomen, "", "", {}, {{"UNIT_MULT", "3"}}}});  // no series to hang it on
  CHECK(store.rows("SELECT id FROM series").size() == 1);
}

TEST_CASE("a series in several runs has the attributes of all of them") {
  DataStore store;
  store.file({{kTotal, "2026-01", "1", {}, {{"UNIT_MULT", "0"}}},
              {kTotal, "2026-02", "2", {}, {{"COMMENT_TS", "a"}}}});
  CHECK(store.row("SELECT attributes FROM series") == R"({"COMMENT_TS":"a","UNIT_MULT":"0"})");
}

TEST_CASE("attributes of groups and of a provider's datasets") {
  DataStore store;
  auto file = [&](const char* group, const char* dataset, const char* provider) {
    Batch batch(store.flow);
    batch.add({kTotal, "2026-01", "1"})
        .group("KG", "COVERAGE_GEO", group)
        .dataset("COMMENT_DSET", dataset);
    DataStore::As as;
    as.provider = provider;
    store.file(batch, as);
  };
  file("all", "d", "KG_SMS");
  file("all", "d", "KG_SMS");
  CHECK(store.rows("SELECT * FROM attribute_history").empty());
  file("without Osh", "e", "KG_NSC");
  CHECK(store.rows("SELECT target,component,value,filing FROM attribute ORDER BY target") ==
        std::vector<std::string>{"d:KG_NSC|COMMENT_DSET|e|3", "d:KG_SMS|COMMENT_DSET|d|1",
                                 "g:Area:KG|COVERAGE_GEO|without Osh|3"});
  CHECK(store.row("SELECT target,component,filing,value,ended_by FROM attribute_history") ==
        "g:Area:KG|COVERAGE_GEO|1|all|3");
}

TEST_CASE("runs judged bad are left out") {
  DataStore store;
  Batch batch(store.flow);
  batch.add({kTotal, "2026-01", "1"}).add({"M.XX._T._T", "2026-01", "2"});
  batch.get().runs[1].judged_bad = true;
  CHECK(counts(store.file(batch, at("2026-01-10"))) == "1/0/0/0/0/1");
}

TEST_CASE("at most 20 changes are listed, revised before new, the largest first") {
  DataStore store;
  std::vector<Obs> file;
  for (int i = 0; i < 40; ++i)
    file.push_back({kTotal, Period::at(PeriodKind::kMonth, 2020 * 12 + i).text(), "1000"});
  CHECK(store.file(file).change.cells.size() == 20);
  for (int i = 0; i < 30; ++i) file[std::size_t(i)].value = std::to_string(1000 + i + 1);
  file.insert(file.begin(), {kTotal, "2019-12", "1"});
  auto outcome = store.file(file);
  const auto& cells = outcome.change.cells;
  REQUIRE(cells.size() == 20);
  CHECK(cells.front().after == "1030");
  CHECK(cells.back().after == "1011");
}
