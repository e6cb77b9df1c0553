// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <random>

#include "catch.h"
#include "small_world.h"

using namespace small_world;

namespace {

/// SEX with a hierarchy, ages with two levels, and what tells totals from stocks.
struct Plausible : World {
  Plausible() {
    bag.codelists[2] = codelist("CL_SEX", {"_T", "F<_T", "M<_T", "_U<_T", "X"});
    bag.codelists.push_back(codelist(
        "CL_AGE", {"_T", "Y_LT18<_T", "Y0T13<Y_LT18", "Y14T17<Y_LT18", "Y_GE18<_T", "_U<_T"}));
    bag.codelists[5] = codelist("CL_COLLECT", {"S", "E"});
    auto& components = bag.data_structures[0].components;
    components.insert(components.begin() + 3,
                      component("AGE", ComponentKind::kDimension, "CL_AGE"));
    for (Component& c : components) {
      if (c.id == "COLLECT") c.id = "TIME_PER_COLLECT";
      if (c.id == "DECIMALS") c.id = "UNIT_MULT";
      if (c.id == "TIME_PER_COLLECT" || c.id == "UNIT_MULT")
        c.relationship.dimensions.push_back("AGE");
    }
  }
};

const Values kSum{{"TIME_PER_COLLECT", "S"}};

/// A hand that writes series of months or quarters from their numbers; "" leaves a period out.
struct Writer : Hand {
  using Hand::Hand;
  Writer& row(std::vector<std::string> key, std::string_view first,
              const std::vector<std::string>& values, Values attributes = kSum) {
    series(std::move(key), std::move(attributes));
    Period start = *Period::parse(first);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!values[i].empty())
        obs(Period::at(start.kind(), start.ordinal() + std::int64_t(i)).text(), values[i]);
    return *this;
  }
};

/// What is stored, by key and period.
struct Shelf final : HistoryLookup {
  std::map<std::string, std::map<std::string, double>> stored;
  std::vector<std::string> asked;
  Status cells(const FlowStructure&, std::string_view key, const PastWanted& wanted,
               std::vector<PastCell>& cells) override {
    asked.push_back(fmt::format("{} {} {} {}{}", key, wanted.from.text(), wanted.first.text(),
                                wanted.last.text(), wanted.between ? " between" : ""));
    for (const auto& [period, value] : stored[std::string(key)])
      cells.push_back({*Period::parse(period), value});
    return {};
  }
};

}  // namespace

TEST_CASE("jump: against the period before") {
  Plausible world;
  SECTION("over three times and over 100: told with both numbers") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"60", "200", "190"}).compared();
    REQUIRE(hand.rules() == "jump");
    const Finding& f = hand.finding();
    CHECK(f.series == "M.KG._T._T");
    CHECK(f.period == "2026-02");
    CHECK(f.value == "200");
    CHECK(f.expected == "60");
    CHECK(f.detail == "2026-01");
    CHECK(f.component == "OBS_VALUE");
    CHECK(f.at.line == 3);
    CHECK_FALSE(hand.statistics().has_errors);
  }
  SECTION("down as well as up, and from nothing") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"500", "100"});
    hand.row({"M", "KZ", "_T", "_T"}, "2026-01", {"0", "101"}).compared();
    CHECK(hand.rules() == "jump jump");
  }
  SECTION("neither just three times, nor a change of just 100, nor small numbers") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"100", "300", "280"});
    hand.row({"M", "KZ", "_T", "_T"}, "2026-01", {"0", "100", "1", "90", "0"});
    hand.row({"M", "UA", "_T", "_T"}, "2026-01", {"10000", "12900", "29000"}).compared();
    CHECK(hand.rules() == "");
  }
  SECTION("thousands are counted as thousands") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"1", "4"},
             {{"TIME_PER_COLLECT", "S"}, {"UNIT_MULT", "3"}})
        .compared();
    CHECK(hand.rules() == "jump");
  }
  SECTION("a period between them that has no value: nothing to compare with") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"10"});
    hand.obs("2026-02", {{"OBS_VALUE", ""}, {"OBS_STATUS", "O"}}).obs("2026-03", "900").compared();
    CHECK(hand.rules() == "");
  }
  SECTION("a series in pieces, out of order, with others between") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-02", {"900"});
    hand.row({"M", "KZ", "_T", "_T"}, "2026-02", {"12"});
    hand.turn_page();
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"20"}).compared();
    REQUIRE(hand.rules() == "jump");
    CHECK(hand.finding().period == "2026-02");
    CHECK(hand.finding().expected == "20");
  }
  SECTION("2000 are counted, 200 listed, and one error is still seen") {
    Writer hand(world);
    for (int year = 1900; year < 2020; ++year)
      hand.row({"M", "KG", "_T", "_T"}, fmt::format("{}-01", year),
               {"1", "900", "1", "900", "1", "900", "1", "900", "1", "900", "1", "900"});
    hand.row({"M", "ZZ", "_T", "_T"}, "2020-01", {"1"}).compared();
    CHECK(hand.findings().warnings() == 120 * 12 - 1);
    CHECK(hand.findings().errors() == 1);
    CHECK(hand.findings().listed().size() == 200);
    CHECK(hand.finding().rule->id == "unknown-code");
  }
}

TEST_CASE("jump: against the same period of the year before") {
  Plausible world;
  SECTION("a slow rise that is a jump from year to year is one finding with a count") {
    Writer hand(world);
    hand.row({"Q", "KG", "_T", "_T"}, "2025-Q1", {"100", "200", "400", "900"});
    hand.row({"Q", "KG", "_T", "_T"}, "2026-Q1", {"950", "1000"}).compared();
    // Rises of 1.5 to 2.3 times each; a year apart 9.5 and 5 times.
    REQUIRE(hand.findings().by_rule().size() == 2);
    CHECK(hand.rules() == "looks-cumulative jump");
    CHECK(hand.finding(1).period == "2026-Q1");
    CHECK(hand.finding(1).detail == "2025-Q1");
    CHECK(hand.finding(1).expected == "100");
    CHECK(hand.finding(1).count == 2);
  }
  SECTION("what is told against the period before is not told once more") {
    Writer hand(world);
    hand.row({"Q", "KG", "_T", "_T"}, "2025-Q1", {"100", "110", "105", "100", "900"}).compared();
    REQUIRE(hand.rules() == "jump");
    CHECK(hand.finding().detail == "2025-Q4");
  }
  SECTION("years have no year before but the period before") {
    Writer hand(world);
    hand.row({"A", "KG", "_T", "_T"}, "2020", {"100", "250", "500", "1100"}).compared();
    CHECK(hand.rules() == "");
  }
}

TEST_CASE("jump-from-filed: against what is stored") {
  Plausible world;
  Shelf shelf;
  shelf.stored["M.KG._T._T"] = {{"2025-03", 20}, {"2026-02", 210}};
  SECTION("the period before") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-03", {"1200"}).compared(&shelf);
    REQUIRE(hand.rules() == "jump-from-filed");
    for (const Finding& f : hand.findings().listed()) {
      if (f.rule != &rules::jump_from_filed) continue;
      CHECK(f.value == "1200");
      CHECK(f.expected == "210");
      CHECK(f.detail == "2026-02");
    }
    CHECK(shelf.asked == std::vector<std::string>{"M.KG._T._T 2025-03 2026-03 2026-03"});
  }
  SECTION("last year's period") {
    shelf.stored["M.KG._T._T"] = {{"2025-03", 20}};
    for (int m = 4; m <= 14; ++m)
      shelf.stored["M.KG._T._T"][Period::at(PeriodKind::kMonth, 2025 * 12 + m - 1).text()] = 150;
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-03", {"200"}).compared(&shelf);
    REQUIRE(hand.rules() == "jump-from-filed");
    CHECK(hand.finding().detail == "2025-03");
  }
  SECTION("what the file itself says of a period counts, not what is stored of it") {
    Writer hand(world);
    shelf.stored["M.KG._T._T"] = {{"2026-02", 210}};
    hand.row({"M", "KG", "_T", "_T"}, "2026-02", {"1100", "1200"}).compared(&shelf);
    CHECK(hand.rules() == "");
  }
  SECTION("nothing is said of stored cells alone") {
    shelf.stored["M.KG._T._T"] = {{"2025-01", 5}, {"2025-03", 900}, {"2026-02", 1000}};
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-03", {"1200"}).compared(&shelf);
    CHECK(hand.rules() == "");
  }
  SECTION("another series, and a stored cell without a number") {
    shelf.stored["M.KG._T._T"] = {{"2026-02", kNoNumber}};
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-03", {"1200"});
    hand.row({"M", "KZ", "_T", "_T"}, "2026-03", {"1200"}).compared(&shelf);
    CHECK(hand.rules() == "");
  }
}

TEST_CASE("gap-in-time") {
  Plausible world;
  SECTION("what is missing, and between what; once for all series that lack it") {
    Writer hand(world);
    for (const char* area : {"KG", "KZ", "UA"})
      hand.row({"M", area, "_T", "_T"}, "2026-01", {"10", "", "", "12"});
    hand.row({"M", "KG", "F", "_T"}, "2026-01", {"10", "11", "", "12"}).compared();
    REQUIRE(hand.rules() == "gap-in-time gap-in-time");
    CHECK(hand.finding().value == "2026-02 – 2026-03");
    CHECK(hand.finding().detail == "2026-01");
    CHECK(hand.finding().expected == "2026-04");
    CHECK(hand.finding().series == "M.KG._T._T");
    CHECK(hand.finding().count == 3);
    CHECK(hand.finding(1).value == "2026-03");
    CHECK(hand.finding(1).count == 1);
  }
  SECTION("a cell with a status but no value is there; one that is not provided is not") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"10"});
    hand.obs("2026-02", {{"OBS_VALUE", ""}, {"OBS_STATUS", "O"}}).obs("2026-03", "9");
    hand.row({"M", "KZ", "_T", "_T"}, "2026-01", {"10"});
    hand.obs("2026-02", {{"OBS_VALUE", ""}}).obs("2026-03", "9").compared();
    REQUIRE(hand.rules() == "not-provided gap-in-time");
    CHECK(hand.finding(1).series == "M.KZ._T._T");
  }
  SECTION("not where the order of the file is another, and not for days") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-03", {"10"});
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"10", "11"});
    hand.row({"D", "KG", "_T", "_T"}, "2026-01-30", {"10", "", "", "11"}).compared();
    CHECK(hand.rules() == "");
  }
  SECTION("filled by what is stored") {
    Writer hand(world);
    Shelf shelf;
    shelf.stored["M.KG._T._T"] = {{"2026-02", 10}};
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"10", "", "12"}).compared(&shelf);
    CHECK(hand.rules() == "");
    CHECK(shelf.asked == std::vector<std::string>{"M.KG._T._T 2025-01 2026-01 2026-03 between"});
  }
  SECTION("against what is stored, on either side") {
    Writer hand(world);
    Shelf shelf;
    shelf.stored["M.KG._T._T"] = {{"2025-10", 10}, {"2026-05", 12}};
    hand.row({"M", "KG", "_T", "_T"}, "2025-12", {"10", "11", "12"}).compared(&shelf);
    REQUIRE(hand.rules() == "gap-in-time gap-in-time");
    CHECK(hand.finding().value == "2025-11");
    CHECK(hand.finding(1).value == "2026-03 – 2026-04");
  }
}

TEST_CASE("looks-cumulative") {
  Plausible world;
  SECTION("the totals of a year only grow, to 2.5 times and more") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"100", "180", "250"}).compared();
    REQUIRE(hand.rules() == "looks-cumulative");
    CHECK(hand.finding().period == "2026");
    CHECK(hand.finding().value == "100, 180, 250");
    CHECK(hand.finding().series == "M.KG._T._T");
    CHECK(hand.finding().count == 1);
  }
  SECTION("not to less than 2.5 times, nor with a fall, nor in two periods, nor zeros") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"100", "180", "249"});
    hand.row({"M", "KZ", "_T", "_T"}, "2026-01", {"100", "99", "290"});
    hand.row({"M", "UA", "_T", "_T"}, "2025-11", {"100", "180", "250", "300"});
    hand.row({"Q", "KZ", "_T", "_T"}, "2025-Q1", {"0", "0", "0", "3"}).compared();
    CHECK(hand.rules() == "");
  }
  SECTION("only totals are looked at, and no stocks") {
    Writer hand(world);
    hand.row({"M", "KG", "F", "_T"}, "2026-01", {"100", "180", "250"});
    hand.row({"M", "KZ", "_T", "_T"}, "2026-01", {"100", "180", "250"}, {{"TIME_PER_COLLECT", "E"}})
        .compared();
    CHECK(hand.rules() == "");
  }
  SECTION("90 % of the series of the year") {
    auto rules_with = [&](int growing, int others) {
      world.bag.codelists[1].codes.clear();
      for (int i = 0; i < growing + others; ++i)
        world.bag.codelists[1].codes.push_back({fmt::format("A{:02}", i), "", {}, {}, {}});
      Writer hand(world);
      for (int i = 0; i < growing + others; ++i)
        hand.row({"M", fmt::format("A{:02}", i), "_T", "_T"}, "2026-01",
                 i < growing ? std::vector<std::string>{"10", "20", "30"}
                             : std::vector<std::string>{"30", "20", "30"});
      hand.compared();
      return hand.rules();
    };
    CHECK(rules_with(9, 1) == "looks-cumulative");
    CHECK(rules_with(8, 1) == "");
  }
  SECTION("with the months that are stored") {
    Writer hand(world);
    Shelf shelf;
    shelf.stored["M.KG._T._T"] = {{"2026-01", 100}, {"2026-02", 170}};
    hand.row({"M", "KG", "_T", "_T"}, "2026-03", {"260"}).compared(&shelf);
    CHECK(hand.rules() == "looks-cumulative");
  }
}

TEST_CASE("total-differs") {
  Plausible world;
  SECTION("told with the sum and the parts") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"100", "100"});
    hand.row({"M", "KG", "F", "_T"}, "2026-01", {"40", "40"});
    hand.row({"M", "KG", "M", "_T"}, "2026-01", {"50", "50"});
    hand.row({"M", "KG", "_U", "_T"}, "2026-01", {"10", "8"}).compared();
    REQUIRE(hand.rules() == "total-differs");
    CHECK(hand.finding().period == "2026-02");
    CHECK(hand.finding().series == "M.KG._T._T");
    CHECK(hand.finding().component == "SEX");
    CHECK(hand.finding().value == "100");
    CHECK(hand.finding().expected == "98");
    CHECK(hand.finding().detail == "F, M, _U");
  }
  SECTION("not where a part is missing, has no value, or is another dimension's") {
    Writer hand(world);
    hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"100", "100"});
    hand.row({"M", "KG", "F", "_T"}, "2026-01", {"4", "4"});
    hand.row({"M", "KG", "M", "_T"}, "2026-01", {"5", "5"});
    hand.row({"M", "KZ", "_T", "_T"}, "2026-01", {"100"});
    hand.row({"M", "KZ", "F", "_T"}, "2026-01", {"4"});
    hand.row({"M", "KZ", "M", "_T"}, "2026-01", {"5"});
    hand.series({"M", "KZ", "_U", "_T"}, kSum);
    hand.obs("2026-01", {{"OBS_VALUE", ""}, {"OBS_STATUS", "O"}}).compared();
    CHECK(hand.rules() == "");
  }
  SECTION("half a unit for each part, and no more") {
    auto rules_with = [&](const char* total, const char* part, const Values& attributes) {
      Writer hand(world);
      hand.row({"A", "KG", "_T", "_T"}, "2026", {total}, attributes);
      hand.row({"A", "KG", "F", "_T"}, "2026", {part}, attributes);
      hand.row({"A", "KG", "M", "_T"}, "2026", {part}, attributes);
      hand.row({"A", "KG", "_U", "_T"}, "2026", {"0"}, attributes).compared();
      return hand.rules();
    };
    CHECK(rules_with("9", "4", kSum) == "");
    CHECK(rules_with("10", "4", kSum) == "total-differs");
    // With a decimal each the base is 0.1, in thousands it is 1000.
    CHECK(rules_with("4.4", "2.0", kSum) == "");  // "0" was written without decimals
    CHECK(rules_with("9", "4", {{"TIME_PER_COLLECT", "S"}, {"UNIT_MULT", "3"}}) == "");
    CHECK(rules_with("10", "4", {{"TIME_PER_COLLECT", "S"}, {"UNIT_MULT", "3"}}) ==
          "total-differs");
  }
  SECTION("data rounded to fives add up as rounded data do") {
    Writer hand(world);
    std::vector<std::string> t, f, m, u;
    for (int i = 1; i <= 12; ++i) {
      f.push_back(std::to_string(5 * i));
      m.push_back(std::to_string(5 * i + 10));
      u.push_back("5");
      t.push_back(std::to_string(10 * i + 20));
    }
    hand.row({"M", "KG", "_T", "_T"}, "2025-01", t).row({"M", "KG", "F", "_T"}, "2025-01", f);
    hand.row({"M", "KG", "M", "_T"}, "2025-01", m).row({"M", "KG", "_U", "_T"}, "2025-01", u);
    hand.compared();
    CHECK(hand.findings().by_rule().size() <= 1);  // numbers that rise by fives look cumulative
    CHECK(hand.rules().find("total-differs") == std::string::npos);
  }
  SECTION("each unit in its own power") {
    Writer hand(world);
    hand.row({"A", "KG", "_T", "_T"}, "2026", {"12"},
             {{"TIME_PER_COLLECT", "S"}, {"UNIT_MULT", "3"}});
    hand.row({"A", "KG", "F", "_T"}, "2026", {"7000"});
    hand.row({"A", "KG", "M", "_T"}, "2026", {"5000"});
    hand.row({"A", "KG", "_U", "_T"}, "2026", {"100"}).compared();
    CHECK(hand.rules() == "");
  }
}

TEST_CASE("totals: random complete hierarchies") {
  Plausible world;
  std::mt19937 random(20260615);
  auto number = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  const std::vector<std::string> sexes{"F", "M", "_U"}, ages{"Y0T13", "Y14T17", "Y_GE18", "_U"};
  for (int round = 0; round < 300; ++round) {
    // Parts at random, totals added up.
    std::map<std::pair<std::string, std::string>, int> cells;
    for (const auto& sex : sexes)
      for (const auto& age : ages) cells[{sex, age}] = number(1) ? number(9999) : number(20);
    for (const auto& sex : sexes) {
      cells[{sex, "Y_LT18"}] = cells[{sex, "Y0T13"}] + cells[{sex, "Y14T17"}];
      cells[{sex, "_T"}] = cells[{sex, "Y_LT18"}] + cells[{sex, "Y_GE18"}] + cells[{sex, "_U"}];
    }
    for (const char* age : {"Y0T13", "Y14T17", "Y_LT18", "Y_GE18", "_U", "_T"})
      cells[{"_T", age}] = cells[{"F", age}] + cells[{"M", age}] + cells[{"_U", age}];
    std::vector<std::pair<std::string, std::string>> order;
    for (const auto& [key, value] : cells) order.push_back(key);
    std::shuffle(order.begin(), order.end(), random);
    auto judged = [&](const std::map<std::pair<std::string, std::string>, int>& values) {
      Writer hand(world);
      for (const auto& key : order)
        hand.row({"A", "KG", key.first, key.second}, "2025", {std::to_string(values.at(key))});
      hand.compared();
      return hand.findings().warnings();
    };
    INFO("round " << round);
    CHECK(judged(cells) == 0);
    // No relation has more than three parts: 1 is within every tolerance, 2 is beyond every one.
    auto off = cells;
    auto& cell = off[order[std::size_t(number(int(order.size()) - 1))]];
    ++cell;
    CHECK(judged(off) == 0);
    ++cell;
    CHECK(judged(off) > 0);
  }
}

TEST_CASE("not-compared: a dataset larger than what may be kept") {
  Plausible world;
  Writer hand(world, false, 200, 10);
  Shelf shelf;
  hand.row({"A", "KG", "_T", "_T"}, "2020", {"100", "100", "900"});
  hand.row({"A", "KG", "F", "_T"}, "2020", {"4", "4", "4"});
  hand.row({"A", "KG", "M", "_T"}, "2020", {"5", "5", "5"});
  hand.row({"A", "KG", "_U", "_T"}, "2020", {"1", "1", "1"});
  hand.row({"A", "KZ", "_T", "_T"}, "2020", {"100", "", "120", "700"}).compared(&shelf);
  // Series by series all is seen; totals and what is stored are left out, and that is said.
  CHECK(hand.rules() == "not-compared gap-in-time jump jump");
  CHECK(hand.finding().detail == "10");
  CHECK(hand.finding().rule->severity == Severity::kInfo);
  CHECK(shelf.asked.empty());

  SECTION("by time instead of by series: no gap is made up") {
    Writer by_time(world, false, 200, 4);
    for (const char* year : {"2020", "2021", "2023", "2022"})
      for (const char* area : {"KG", "KZ", "UA"})
        by_time.row({"A", area, "_T", "_T"}, year, {"100"});
    by_time.compared();
    CHECK(by_time.rules() == "not-compared");
  }
  SECTION("a series that crosses the border of a piece is judged whole") {
    Writer one(world, false, 200, 10);
    one.row({"A", "KG", "_T", "_T"}, "2000", {"1", "1", "1", "1", "1", "1"});
    one.row({"A", "KZ", "_T", "_T"}, "2000", {"1", "1", "1"}).turn_page();
    one.row({"A", "KZ", "_T", "_T"}, "2003", {"900", "900"}, {}).compared();
    REQUIRE(one.rules() == "not-compared jump");
    CHECK(one.finding(1).detail == "2002");
  }
}

TEST_CASE("plausibility leaves alone what is deleted, and series with a wrong key") {
  Plausible world;
  Writer hand(world);
  hand.head().action = Action::kDelete;
  hand.row({"M", "KG", "_T", "_T"}, "2026-01", {"1", "", "900"}).compared();
  CHECK(hand.rules() == "");
  Writer wrong(world);
  wrong.row({"M", "QQ", "_T", "_T"}, "2026-01", {"1", "", "900", "1"}).compared();
  CHECK(wrong.rules() == "unknown-code");
}
