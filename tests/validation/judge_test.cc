// SPDX-License-Identifier: Apache-2.0
#include "catch.h"
#include "small_world.h"

using namespace small_world;
using Suggestions = std::vector<std::string>;

TEST_CASE("data in which nothing is wrong: no finding, everything filled in") {
  World world;
  Hand hand(world);
  hand.dataset({{"COMMENT", "first delivery"}});
  hand.group({"-", "KG", "-"}, {{"COVERAGE", "whole country"}});
  hand.series({"M", "KG", "_T"}, {{"COLLECT", "S"}, {"DECIMALS", "0"}});
  hand.obs("2026-01", {{"OBS_VALUE", "12"}, {"OBS_STATUS", "P"}});
  hand.obs("2026-M02",
           {{"OBS_VALUE", "12.5"}, {"CONF_STATUS", "E"}, {"EMBARGO_TIME", "2026-07-01T09:00:00"}});
  hand.series({"A", "KZ", "F"}).obs("2025", "0").done();
  CHECK(hand.rules() == "");
  const ObservationBatch& batch = hand.batch();
  CHECK(batch.codes(0)[1] == 0);
  CHECK(batch.codes(1)[1] == 2);
  CHECK(batch.period[0].text() == "2026-01");
  CHECK(batch.period[1].text() == "2026-02");
  CHECK(batch.column(hand.flow().obs_status)->code == std::vector<std::int32_t>{4, -1, -1});
  CHECK_FALSE(batch.runs[0].judged_bad);
  CHECK(hand.statistics().series == 2);
  CHECK(hand.statistics().observations == 3);
  CHECK(hand.statistics().first.text() == "2025");
  CHECK(hand.statistics().last.text() == "2026-02");
  CHECK(hand.statistics().areas == Suggestions{"KG", "KZ"});
  CHECK_FALSE(hand.statistics().has_errors);
}

TEST_CASE("missing-dimension: once for the series, in however many runs it comes") {
  World world;
  Hand hand(world);
  hand.series({"M", "-", "_T"}).obs("2026-01", "1").obs("2026-02", "1");
  hand.series({"M", "KG", "_T"}).obs("2026-01", "1").turn_page();
  hand.series({"M", "-", "_T"}).obs("2026-03", "1").done();
  REQUIRE(hand.rules() == "missing-dimension");
  CHECK(hand.finding().component == "REF_AREA");
  CHECK(hand.finding().series == "M.._T");
  CHECK(hand.finding().at.line == 1);
  CHECK(hand.batch().runs[0].judged_bad);
  CHECK(hand.statistics().has_errors);
}

TEST_CASE("missing-time") {
  World world;
  Hand hand(world);
  hand.series({"M", "KG", "_T"}).obs("-", "1").obs("", "2").obs("2026-01", "3").done();
  CHECK(hand.rules() == "missing-time missing-time");
}

TEST_CASE("unknown-code") {
  World world;
  SECTION("in the key: one finding a series, an alias suggested first") {
    Hand hand(world);
    hand.series({"M", "KGZ", "_T"}).obs("2026-01", "1").obs("2026-02", "1").done();
    REQUIRE(hand.rules() == "unknown-code");
    CHECK(hand.finding().component == "REF_AREA");
    CHECK(hand.finding().value == "KGZ");
    REQUIRE_FALSE(hand.finding().suggestions.empty());
    CHECK(hand.finding().suggestions[0] == "KG");
    CHECK(hand.batch().runs[0].judged_bad);
    CHECK(hand.batch().codes(0)[1] == kNoCode);
  }
  SECTION("what a constraint allows is suggested before what it does not") {
    world.constrain(ArtefactClass::kDataflow, {"FP", "FLOW", "1.0"},
                    {{"REF_AREA", {{"KZ", false}, {"UA", false}}, "", ""}});
    Hand hand(world);
    hand.series({"M", "KA", "_T"}).obs("2026-01", "1").done();
    REQUIRE(hand.rules() == "unknown-code");
    CHECK(hand.finding().suggestions == Suggestions{"KZ", "UA", "KG"});
  }
  SECTION("in an observation's attribute: for each observation") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"});
    hand.obs("2026-01", {{"OBS_VALUE", "1"}, {"OBS_STATUS", "p"}});
    hand.obs("2026-02", {{"OBS_VALUE", "1"}, {"OBS_STATUS", "P"}}).done();
    REQUIRE(hand.rules() == "unknown-code");
    CHECK(hand.finding().period == "2026-01");
    CHECK(hand.finding().at.line == 2);
    CHECK(hand.finding().suggestions[0] == "P");
  }
  SECTION("in a series attribute: once, though the series comes twice") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"}, {{"COLLECT", "X"}}).obs("2026-01", "1");
    hand.series({"M", "KZ", "_T"}).obs("2026-01", "1");
    hand.series({"M", "KG", "_T"}, {{"COLLECT", "X"}}).obs("2026-02", "1").done();
    CHECK(hand.rules() == "unknown-code");
  }
  SECTION("500 are counted, 200 listed") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"});
    for (int year = 1960; year < 2010; ++year)
      for (int month = 1; month <= 10; ++month)
        hand.obs(Period::at(PeriodKind::kMonth, year * 12 + month).text(),
                 {{"OBS_VALUE", "1"}, {"OBS_STATUS", "Z"}});
    hand.done();
    CHECK(hand.findings().errors() == 500);
    CHECK(hand.findings().listed().size() == 200);
  }
}

TEST_CASE("code-not-valid: a code outside its time") {
  World world;
  SECTION("for the periods outside it, with what took its place") {
    Hand hand(world);
    hand.series({"A", "EX_SU", "_T"})
        .obs("1990", "1")
        .obs("1991", "2")
        .obs("1992", "3")
        .obs("1993", "4");
    hand.done();
    REQUIRE(hand.rules() == "code-not-valid");
    CHECK(hand.finding().component == "REF_AREA");
    CHECK(hand.finding().period == "1992");
    CHECK(hand.finding().count == 2);
    CHECK(hand.finding().expected == "..1991-12-31");
    CHECK(hand.finding().suggestions == Suggestions{"UA"});
  }
  SECTION("inside it there is nothing to say") {
    Hand hand(world);
    hand.series({"A", "EX_SU", "_T"}).obs("1990", "1").obs("1991", "2").done();
    CHECK(hand.rules() == "");
  }
  SECTION("replaced without a date: never") {
    world.bag.codelists[1].codes[3].annotations = {{"FP_REPLACED_BY", "", "KZ", {}}};
    Hand hand(world);
    hand.series({"A", "UA", "_T"}).obs("1990", "1").done();
    CHECK(hand.rules() == "code-not-valid");
  }
}

TEST_CASE("OBS_VALUE: numbers as XML Schema writes them, with suggestions for the rest") {
  World world;
  for (const char* good :
       {"0", "12", "007", "12.50", "123456789012345678901234567890", " 12 ", "+1"}) {
    INFO(good);
    CHECK(rules_of_value(world, good) == "");
  }
  struct Case {
    const char* value;
    Suggestions suggestions;
  };
  SECTION("number-with-separator") {
    const Case cases[] = {{"1 234", {"1234"}},          {"1\u00A0234", {"1234"}},
                          {"1,234", {"1234", "1.234"}}, {"1,5", {"1.5"}},
                          {"1.234,5", {"1234.5"}},      {"1,234.5", {"1234.5"}},
                          {"1.234.567", {"1234567"}},   {"1'234", {"1234"}}};
    for (const Case& c : cases) {
      INFO(c.value);
      Hand hand(world);
      hand.series({"M", "KG", "_T"}).obs("2026-01", c.value).done();
      REQUIRE(hand.rules() == "number-with-separator");
      CHECK(hand.finding().suggestions == c.suggestions);
      CHECK(hand.finding().component == "OBS_VALUE");
      CHECK(hand.finding().series == "M.KG._T");
    }
  }
  SECTION("sign-for-missing") {
    const Case cases[] = {{"-", {"0"}},
                          {"…", {"OBS_STATUS=O"}},
                          {"..", {"OBS_STATUS=O"}},
                          {":", {"OBS_STATUS=O"}},
                          {"N/A", {"OBS_STATUS=O"}},
                          {"х", {"OBS_STATUS=M"}},
                          {"x", {"OBS_STATUS=M"}}};
    for (const Case& c : cases) {
      INFO(c.value);
      Hand hand(world);
      hand.series({"M", "KG", "_T"}).obs("2026-01", c.value).done();
      REQUIRE(hand.rules() == "sign-for-missing");
      CHECK(hand.finding().suggestions == c.suggestions);
    }
  }
  SECTION("type-mismatch") {
    CHECK(rules_of_value(world, "many") == "type-mismatch");
    CHECK(rules_of_value(world, "1e3") == "type-mismatch");
    format(world.part("OBS_VALUE"), DataType::kDouble);
    CHECK(rules_of_value(world, "1e3") == "");
    format(world.part("OBS_VALUE"), DataType::kInteger);
    CHECK(rules_of_value(world, "2147483647") == "");
    CHECK(rules_of_value(world, "2147483648") == "type-mismatch");
    CHECK(rules_of_value(world, "1.0") == "type-mismatch");
  }
  SECTION("too-small, too-large, too-many-decimals") {
    CHECK(rules_of_value(world, "-1") == "too-small");
    CHECK(rules_of_value(world, "-0") == "");
    TextFormat& f = format(world.part("OBS_VALUE"), DataType::kDecimal);
    f.min_value = "0.5";
    f.max_value = "99.5";
    f.decimals = 1;
    CHECK(rules_of_value(world, "0") == "too-small");
    CHECK(rules_of_value(world, "0.5") == "");
    CHECK(rules_of_value(world, "1") == "");
    CHECK(rules_of_value(world, "99") == "");
    CHECK(rules_of_value(world, "100") == "too-large");
    CHECK(rules_of_value(world, "99.6") == "too-large");
    CHECK(rules_of_value(world, "123456789012345678901234567890") == "too-large");
    CHECK(rules_of_value(world, "1.25") == "too-many-decimals");
  }
}

TEST_CASE("missing values") {
  World world;
  Hand hand(world);
  hand.series({"M", "KG", "_T"});
  SECTION("not-provided: empty or NaN, and no status; once for the dataset, an info") {
    hand.obs("2026-01", "")
        .obs("2026-02", "NaN")
        .obs("2026-03", Values{})
        .obs("2026-04", "4")
        .done();
    REQUIRE(hand.rules() == "not-provided");
    CHECK(hand.finding().count == 3);
    CHECK(hand.finding().period == "2026-01");
    CHECK(hand.findings().errors() == 0);
    CHECK(hand.statistics().not_provided == 3);
  }
  SECTION("a status that says why: nothing to say") {
    hand.obs("2026-01", {{"OBS_STATUS", "M"}});
    hand.obs("2026-02", {{"OBS_VALUE", ""}, {"OBS_STATUS", "O"}});
    hand.obs("2026-03", {{"OBS_VALUE", "NaN"}, {"OBS_STATUS", "Q"}}).done();
    CHECK(hand.rules() == "");
  }
  SECTION("missing-measure: a status that does not say why") {
    hand.obs("2026-01", {{"OBS_STATUS", "A"}})
        .obs("2026-02", {{"OBS_VALUE", ""}, {"OBS_STATUS", "P"}});
    hand.done();
    CHECK(hand.rules() == "missing-measure missing-measure");
    CHECK(hand.finding(1).detail == "OBS_STATUS=P");
  }
  SECTION("Append may bring an attribute alone") {
    hand.head().action = Action::kAppend;
    hand.obs("2026-01", {{"OBS_STATUS", "P"}}).obs("2026-02", {{"COMMENT_OBS", "late"}}).done();
    CHECK(hand.rules() == "");
  }
  SECTION("value-with-missing: a suppressed value that is there") {
    hand.obs("2026-01", {{"OBS_VALUE", "3"}, {"OBS_STATUS", "Q"}});
    hand.obs("2026-02", {{"OBS_VALUE", "3"}, {"OBS_STATUS", "E"}}).done();
    CHECK(hand.rules() == "value-with-missing");
  }
}

TEST_CASE("missing-attribute") {
  World world;
  SECTION("of a series: any of its runs may give it") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"}, {}).obs("2026-01", "1");
    hand.series({"M", "KZ", "_T"}, {}).obs("2026-01", "1").turn_page();
    hand.series({"M", "KG", "_T"}).obs("2026-02", "1").done();
    REQUIRE(hand.rules() == "missing-attribute");
    CHECK(hand.finding().component == "COLLECT");
    CHECK(hand.finding().series == "M.KZ._T");
    CHECK(hand.finding().expected == "series");
    CHECK(hand.finding().at.line == 3);
  }
  SECTION("of a series without observations: of it too") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"}, {{"DECIMALS", "0"}}).done();
    CHECK(hand.rules() == "missing-attribute");
  }
  SECTION("of a group: before, after, or with the series; only for groups with series") {
    world.part("COVERAGE").mandatory = true;
    Hand hand(world);
    hand.group({"-", "KG", "-"}, {{"COVERAGE", "all"}});
    hand.series({"M", "KG", "_T"}).obs("2026-01", "1");
    hand.series({"M", "KZ", "_T"}).obs("2026-01", "1");
    hand.series({"M", "KG-B", "_T"}, {{"COLLECT", "S"}, {"COVERAGE", "part"}}).obs("2026-01", "1");
    hand.series({"M", "UA", "_T"}).obs("2026-01", "1").series({"M", "UA", "F"}).obs("2026-01", "1");
    hand.turn_page();
    hand.group({"-", "KZ", "-"}, {{"COVERAGE", "all"}}).done();
    REQUIRE(hand.rules() == "missing-attribute");
    CHECK(hand.finding().expected == "group");
    CHECK(hand.finding().series == ".UA.");
  }
  SECTION("of the dataset") {
    world.part("COMMENT").mandatory = true;
    Hand without(world), with(world);
    without.series({"M", "KG", "_T"}).obs("2026-01", "1").done();
    REQUIRE(without.rules() == "missing-attribute");
    CHECK(without.finding().expected == "dataset");
    with.series({"M", "KG", "_T"})
        .obs("2026-01", "1")
        .turn_page()
        .dataset({{"COMMENT", "x"}})
        .done();
    CHECK(with.rules() == "");
  }
  SECTION("of observations: once for the run, not for what is not provided") {
    world.part("OBS_STATUS").mandatory = true;
    Hand hand(world);
    hand.series({"M", "KG", "_T"}).obs("2026-01", "1").obs("2026-02", "1");
    hand.obs("2026-03", {{"OBS_VALUE", "1"}, {"OBS_STATUS", "A"}}).obs("2026-04", "").done();
    REQUIRE(hand.rules() == "missing-attribute not-provided");
    CHECK(hand.finding().expected == "observation");
    CHECK(hand.finding().count == 2);
  }
  SECTION("Append, Merge and Delete need none") {
    for (Action action : {Action::kAppend, Action::kMerge, Action::kDelete}) {
      Hand hand(world);
      hand.head().action = action;
      hand.series({"M", "KG", "_T"}, {}).obs("2026-01", "1").done();
      CHECK(hand.rules() == "");
    }
  }
}

TEST_CASE("attribute-conflict: two values for one place") {
  World world;
  SECTION("runs of one series") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"}, {{"COLLECT", "S"}}).obs("2026-01", "1").turn_page();
    hand.series({"M", "KG", "_T"}, {{"COLLECT", "E"}}).obs("2026-02", "1");
    hand.series({"M", "KG", "_T"}, {{"COLLECT", "S"}}).obs("2026-03", "1");
    hand.series({"M", "KZ", "_T"}, {{"COLLECT", "E"}}).obs("2026-03", "1").done();
    REQUIRE(hand.rules() == "attribute-conflict");
    CHECK(hand.finding().component == "COLLECT");
    CHECK(hand.finding().value == "E");
  }
  SECTION("statements of one group") {
    Hand hand(world);
    hand.group({"-", "KG", "-"}, {{"COVERAGE", "all"}})
        .group({"-", "KG", "-"}, {{"COVERAGE", "part"}});
    hand.group({"-", "KZ", "-"}, {{"COVERAGE", "part"}}).done();
    CHECK(hand.rules() == "attribute-conflict");
  }
  SECTION("a dataset attribute in two batches") {
    Hand hand(world);
    hand.dataset({{"COMMENT", "a"}}).turn_page().dataset({{"COMMENT", "a"}}).turn_page();
    hand.dataset({{"COMMENT", "b"}}).done();
    CHECK(hand.rules() == "attribute-conflict");
  }
}

TEST_CASE("groups: group-key, and codes and types of what they say") {
  World world;
  Hand hand(world);
  SECTION("a dimension of the group absent") {
    hand.group({"-", "-", "-"}, {{"COVERAGE", "all"}}).done();
    REQUIRE(hand.rules() == "group-key");
    CHECK(hand.finding().component == "REF_AREA");
  }
  SECTION("a dimension that is not the group's") {
    hand.group({"-", "KG", "F"}, {{"COVERAGE", "all"}}).done();
    REQUIRE(hand.rules() == "group-key");
    CHECK(hand.finding().component == "SEX");
  }
  SECTION("a code that is none") {
    hand.group({"-", "KX", "-"}, {{"COVERAGE", "all"}}).done();
    CHECK(hand.rules() == "unknown-code");
  }
}

TEST_CASE("facets of texts and attributes") {
  World world;
  auto comment = [&](std::string text) {
    Hand hand(world);
    hand.series({"M", "KG", "_T"})
        .obs("2026-01", {{"OBS_VALUE", "1"}, {"COMMENT_OBS", text}})
        .done();
    return hand.rules();
  };
  SECTION("too-long counts code points, not bytes") {
    CHECK(comment("десятьбукв") == "");
    CHECK(comment("одиннадцать") == "too-long");
  }
  SECTION("too-short") {
    world.part("COMMENT_OBS").local->format->min_length = 2;
    CHECK(comment("ok") == "");
    CHECK(comment("я") == "too-short");
  }
  SECTION("pattern-mismatch: whole text, Unicode, no surprises") {
    world.part("COMMENT_OBS").local->format->pattern = "[а-я]{2}\\d+";
    CHECK(comment("ал12") == "");
    CHECK(comment("al12") == "pattern-mismatch");
    CHECK(comment("ал12x") == "pattern-mismatch");
    world.part("COMMENT_OBS").local->format->pattern = "a^b$";  // literal in XML Schema
    CHECK(comment("a^b$") == "");
    world.part("COMMENT_OBS").local->format->pattern = "\\p{Lu}+";  // not judged: not ECMAScript
    CHECK(comment("abc") == "");
    world.part("COMMENT_OBS").local->format->max_length.reset();
    world.part("COMMENT_OBS").local->format->pattern = "(a+)+b";  // no backtracking
    CHECK(comment(std::string(900, 'a')) == "pattern-mismatch");
  }
  SECTION("types of attributes, at the series") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"}, {{"COLLECT", "S"}, {"DECIMALS", "16"}}).obs("2026-01", "1");
    hand.series({"M", "KZ", "_T"}, {{"COLLECT", "S"}, {"DECIMALS", "15"}})
        .obs("2026-01", "1")
        .done();
    REQUIRE(hand.rules() == "too-large");
    CHECK(hand.finding().expected == "15");
  }
  SECTION("every data type: one that is, one that is not") {
    struct Case {
      DataType type;
      const char *good, *bad;
    };
    const Case cases[] = {
        {DataType::kAlpha, "abc", "ab1"},
        {DataType::kAlphaNumeric, "ab1", "ab-1"},
        {DataType::kNumeric, "007", "7.0"},
        {DataType::kBigInteger, "-12345678", "1.5"},
        {DataType::kLong, "-1", "1e2"},
        {DataType::kShort, "-32768", "32768"},
        {DataType::kDecimal, "-1.5", "INF"},
        {DataType::kDouble, "-INF", "inf"},
        {DataType::kBoolean, "true", "yes"},
        {DataType::kUri, "urn:a:b", "a b"},
        {DataType::kObservationalTimePeriod, "2026-W01", "2026-W60"},
        {DataType::kGregorianYear, "2026", "2026-A1"},
        {DataType::kGregorianYearMonth, "2026-01", "2026-M01"},
        {DataType::kGregorianDay, "2026-01-31", "2026-02-30"},
        {DataType::kReportingQuarter, "2026-Q4", "2026-Q5"},
        {DataType::kReportingMonth, "2026-M12", "2026-12"},
        {DataType::kDateTime, "2026-01-31T10:00:00Z", "2026-01-31"},
        {DataType::kMonth, "--12", "--13"},
        {DataType::kMonthDay, "--02-29", "--02-30"},
        {DataType::kDay, "---31", "---32"},
        {DataType::kTime, "09:00:00", "09:60:00"},
        {DataType::kDuration, "P1Y2M", "P1H"},
        {DataType::kDuration, "PT1.5S", "P"},
    };
    for (const Case& c : cases) {
      format(world.part("COMMENT_OBS"), c.type);
      INFO(c.good << " and " << c.bad);
      CHECK(comment(c.good) == "");
      CHECK(comment(c.bad) == "type-mismatch");
    }
  }
}

TEST_CASE("periods") {
  World world;
  SECTION("bad-period, with what it may have meant") {
    struct Case {
      const char* text;
      Suggestions suggestions;
    };
    const Case cases[] = {{"2026-13", {}},
                          {"2026-1", {"2026-01"}},
                          {"2026Q1", {"2026-Q1"}},
                          {"Q1 2026", {"2026-Q1"}},
                          {"01.2026", {"2026-01"}},
                          {"202601", {"2026-01"}},
                          {"31.01.2026", {"2026-01-31"}},
                          {"2026/01", {"2026-01"}},
                          {"2026-Q5", {}},
                          {"I кв. 2026", {"2026-Q1"}},
                          {"last year", {}},
                          {"2026-Q99999999999999999999", {}}};
    for (const Case& c : cases) {
      INFO(c.text);
      Hand hand(world);
      hand.series({"M", "KG", "_T"}).obs(c.text, "1").done();
      REQUIRE(hand.rules() == "bad-period");
      CHECK(hand.finding().suggestions == c.suggestions);
      CHECK(hand.batch().period[0].empty());
    }
  }
  SECTION("bad-period: a period, but not of the component's type") {
    format(world.part("TIME_PERIOD"), DataType::kGregorianYear);
    Hand hand(world);
    hand.series({"A", "KG", "_T"}).obs("2024-A1", "1").obs("2025", "1").done();
    REQUIRE(hand.rules() == "bad-period");
    CHECK(hand.finding().expected == "GregorianYear");
  }
  SECTION("period-frequency: once a run, and the expected form") {
    Hand hand(world);
    hand.series({"Q", "KG", "_T"})
        .obs("2026-01", "1")
        .obs("2026-02", "1")
        .obs("2025-Q4", "1")
        .done();
    REQUIRE(hand.rules() == "period-frequency");
    CHECK(hand.finding().count == 2);
    CHECK(hand.finding().expected == "YYYY-Qn");
    CHECK(hand.finding().detail == "Q");
  }
  SECTION("period-range") {
    TextFormat& f = format(world.part("TIME_PERIOD"), DataType::kObservationalTimePeriod);
    f.start_time = "2000-01";
    f.end_time = "2030";
    Hand hand(world);
    hand.series({"M", "KG", "_T"}).obs("1999-12", "1").obs("2000-01", "1").done();
    CHECK(hand.rules() == "period-range");
  }
  SECTION("future-period: begins after today; once for the dataset") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"}).obs("2026-06", "1").obs("2026-07", "1").obs("2026-08", "1");
    hand.obs("2026-09", "").done();
    REQUIRE(hand.rules() == "not-provided future-period");
    CHECK(hand.finding(1).count == 2);
    CHECK(hand.finding(1).period == "2026-07");
  }
  SECTION("future-period: a forecast may be one") {
    Hand hand(world);
    hand.series({"M", "KG", "_T"}).obs("2026-07", {{"OBS_VALUE", "1"}, {"OBS_STATUS", "F"}});
    hand.obs("2026-08", {{"OBS_VALUE", "1"}, {"OBS_STATUS", "E"}}).done();
    REQUIRE(hand.rules() == "future-period");
    CHECK(hand.finding().count == 1);
    CHECK(hand.finding().period == "2026-08");
  }
}

TEST_CASE("duplicates") {
  World world;
  Hand hand(world);
  SECTION("duplicate-equal: the same cell twice, in another spelling of number and period") {
    hand.series({"M", "KG", "_T"}).obs("2026-01", "5").obs("2026-02", "6").turn_page();
    hand.series({"M", "KG", "_T"});
    hand.obs("2026-M01", {{"OBS_VALUE", "5.0"}, {"OBS_STATUS", "A"}}).obs("2026-03", "7").done();
    REQUIRE(hand.rules() == "duplicate-equal");
    CHECK(hand.finding().period == "2026-M01");
    CHECK(hand.findings().errors() == 0);
  }
  SECTION("duplicate-conflict: another value, or another status") {
    hand.series({"M", "KG", "_T"}).obs("2026-01", "50").obs("2026-02", "6").turn_page();
    hand.series({"M", "KZ", "_T"}).obs("2026-01", "7");
    hand.series({"M", "KG", "_T"}).obs("2026-01", "51");
    hand.obs("2026-02", {{"OBS_VALUE", "6"}, {"OBS_STATUS", "E"}}).done();
    REQUIRE(hand.rules() == "duplicate-conflict duplicate-conflict");
    CHECK(hand.finding().value == "51");
    CHECK(hand.finding().detail == "1");
  }
  SECTION("duplicate-series: every cell again and equal, said once") {
    for (int times = 0; times < 2; ++times)
      hand.series({"M", "KG", "_T"}).obs("2026-01", "5").obs("2026-02", "6").obs("2026-03", "6");
    hand.done();
    CHECK(hand.rules() == "duplicate-series");
  }
  SECTION("a series in pieces, out of order, is none") {
    hand.series({"M", "KG", "_T"}).obs("2026-05", "5").obs("2026-03", "6").turn_page();
    hand.series({"M", "KG", "_T"}).obs("2026-04", "5").obs("1990-01", "6").turn_page();
    hand.series({"M", "KG", "_T"}).obs("2026-02", "5").obs("2020-01", "6").done();
    CHECK(hand.rules() == "");
  }
  SECTION("what is not provided collides with nothing") {
    hand.series({"M", "KG", "_T"}).obs("2026-01", "").obs("2026-01", "5").done();
    CHECK(hand.rules() == "not-provided");
  }
  SECTION("sparse days, date and time, and cells that the array grows over later") {
    hand.series({"D", "KG", "_T"});
    for (int year = 1980; year < 2020; ++year) hand.obs(std::to_string(year) + "-01-01", "1");
    for (int day = 0; day < 200; ++day) hand.obs(date_text(4000 + day), "2");
    hand.obs("2020-01-01T10:00:00", "3").obs("2020-01-01T11:00:00", "3").turn_page();
    hand.series({"D", "KG", "_T"}).obs("1985-01-01", "9").obs("2020-01-01T10:00:00", "3");
    hand.obs(date_text(4100), "2").done();
    CHECK(hand.rules() == "duplicate-conflict duplicate-conflict duplicate-equal");
    CHECK(hand.finding(2).count == 2);
  }
}

TEST_CASE("a DSD without time: one observation a key") {
  World world;
  auto& components = world.bag.data_structures[0].components;
  components.erase(components.begin() + 3);
  Hand hand(world);
  hand.series({"M", "KG", "_T"}).obs("-", "1").series({"M", "KZ", "_T"}).obs("-", "1");
  hand.series({"M", "KG", "_T"}).obs("-", "2").done();
  CHECK(hand.rules() == "duplicate-conflict");
}

TEST_CASE("constraints") {
  World world;
  const Ref flow{"FP", "FLOW", "1.0"};
  SECTION("constraint-key: once a series, names what decides and what is allowed") {
    world.constrain(ArtefactClass::kDataflow, flow, {{"SEX", {{"_T", false}}, "", ""}});
    Hand hand(world);
    hand.series({"M", "KG", "F"}).obs("2026-01", "1").obs("2026-02", "1");
    hand.series({"M", "KG", "_T"}).obs("2026-01", "1").done();
    REQUIRE(hand.rules() == "constraint-key");
    CHECK(hand.finding().component == "SEX");
    CHECK(hand.finding().detail == "FP:CC_FLOW(1.0)");
    CHECK(hand.finding().suggestions == Suggestions{"_T"});
    CHECK(hand.batch().runs[0].judged_bad);
  }
  SECTION("constraint-key: two dimensions together") {
    auto& constraint =
        world.constrain(ArtefactClass::kDataflow, flow,
                        {{"SEX", {{"F", false}}, "", ""}, {"FREQ", {{"A", false}}, "", ""}});
    constraint.regions[0].include = false;
    Hand hand(world);
    hand.series({"A", "KG", "F"})
        .obs("2025", "1")
        .series({"M", "KG", "F"})
        .obs("2026-01", "1")
        .done();
    REQUIRE(hand.rules() == "constraint-key");
    CHECK(hand.finding().component == "");
    CHECK(hand.finding().series == "A.KG.F");
  }
  SECTION("constraint-key: a time range") {
    world.constrain(ArtefactClass::kDataflow, flow, {{"TIME_PERIOD", {}, "2020", "2025"}});
    Hand hand(world);
    hand.series({"A", "KG", "F"}).obs("2019", "1").obs("2020", "1").obs("2025", "1").done();
    REQUIRE(hand.rules() == "constraint-key");
    CHECK(hand.finding().component == "TIME_PERIOD");
    CHECK(hand.finding().period == "2019");
  }
  SECTION("constraint-value: of attributes, coded and not") {
    auto& constraint = world.constrain(ArtefactClass::kDataflow, flow, {});
    constraint.regions[0].attributes = {{"COLLECT", {{"S", false}}, "", ""},
                                        {"DECIMALS", {{"0", false}, {"1", false}}, "", ""}};
    Hand hand(world);
    hand.series({"M", "KG", "_T"}, {{"COLLECT", "E"}, {"DECIMALS", "2"}}).obs("2026-01", "1");
    hand.series({"M", "KZ", "_T"}, {{"COLLECT", "S"}, {"DECIMALS", "1"}})
        .obs("2026-01", "1")
        .done();
    REQUIRE(hand.rules() == "constraint-value constraint-value");
    CHECK(hand.finding().suggestions == Suggestions{"S"});
  }
}

TEST_CASE("embargo") {
  World world;
  Hand hand(world);
  hand.series({"M", "KG", "_T"});
  SECTION("embargo-missing") {
    hand.obs("2026-01", {{"OBS_VALUE", "1"}, {"CONF_STATUS", "E"}});
    hand.obs("2026-02", {{"OBS_VALUE", "1"}, {"CONF_STATUS", "C"}}).done();
    CHECK(hand.rules() == "embargo-missing");
  }
  SECTION("embargo-without-status") {
    hand.obs("2026-01", {{"OBS_VALUE", "1"}, {"EMBARGO_TIME", "2026-07-01T00:00:00"}}).done();
    CHECK(hand.rules() == "embargo-without-status");
    CHECK(hand.findings().errors() == 0);
  }
  SECTION("embargo-over: a time that has passed, most likely a slip of the year") {
    auto until = [&](const char* month, const char* time) {
      hand.obs(month, {{"OBS_VALUE", "1"}, {"CONF_STATUS", "E"}, {"EMBARGO_TIME", time}});
    };
    until("2026-01", "2026-07-01T00:00:00");
    until("2026-02", "2025-07-01T00:00:00");
    until("2026-03", "2026-06-14T23:00:00");
    hand.done();
    REQUIRE(hand.rules() == "embargo-over");
    CHECK(hand.finding().value == "2025-07-01T00:00:00");
    CHECK(hand.finding().period == "2026-02");
    CHECK(hand.finding().count == 2);
    CHECK(hand.findings().errors() == 0);
  }
}

TEST_CASE(
    "reporting-year: periods of a year that begins in July cannot be told from the calendar's") {
  World world;
  auto place = [&](Level level, std::vector<std::string> dimensions) {
    Component& c = world.bag.data_structures[0].components.emplace_back(
        attribute("REPORTING_YEAR_START_DAY", level));
    format(c, DataType::kMonthDay);
    c.relationship.dimensions = std::move(dimensions);
  };
  SECTION("said for the dataset; periods of the calendar may stand beside it") {
    place(Level::kDataset, {});
    Hand hand(world);
    hand.dataset({{"REPORTING_YEAR_START_DAY", "--07-01"}});
    hand.series({"Q", "KG", "_T"}).obs("2025-Q1", "1").obs("2025-Q2", "1");
    hand.series({"M", "KG", "_T"}).obs("2025-01", "1").obs("2025-M02", "1");
    hand.series({"A", "KG", "_T"}).obs("2024", "1").done();
    REQUIRE(hand.rules() == "reporting-year reporting-year");
    CHECK(hand.finding().count == 2);
    CHECK(hand.finding().component == "REPORTING_YEAR_START_DAY");
    CHECK(hand.finding().value == "--07-01");
    CHECK(hand.finding(1).period == "2025-M02");
  }
  SECTION("1 January is what everybody means") {
    place(Level::kDataset, {});
    Hand hand(world);
    hand.dataset({{"REPORTING_YEAR_START_DAY", "--01-01"}});
    hand.series({"Q", "KG", "_T"}).obs("2025-Q1", "1").done();
    CHECK(hand.rules() == "");
  }
  SECTION("said for a series, which goes on in the next batch") {
    place(Level::kDimensions, {"FREQ", "REF_AREA", "SEX"});
    Hand hand(world);
    hand.series({"Q", "KG", "_T"}, {{"COLLECT", "S"}, {"REPORTING_YEAR_START_DAY", "--04-01"}});
    hand.obs("2025-Q1", "1").turn_page();
    hand.series({"Q", "KG", "_T"}, {}).obs("2025-Q2", "1");
    hand.batch().runs.back().continued = true;
    hand.series({"Q", "KZ", "_T"}).obs("2025-Q1", "1").done();
    CHECK(hand.rules() == "reporting-year reporting-year");
  }
  SECTION("said for an observation") {
    place(Level::kObservation, {});
    Hand hand(world);
    hand.series({"Q", "KG", "_T"});
    hand.obs("2025-Q1", "1");
    hand.obs("2025-Q2", {{"OBS_VALUE", "1"}, {"REPORTING_YEAR_START_DAY", "--07-01"}}).done();
    REQUIRE(hand.rules() == "reporting-year");
    CHECK(hand.finding().period == "2025-Q2");
    CHECK(hand.finding().count == 1);
  }
}

TEST_CASE("a status at the series holds in all its runs") {
  World world;
  world.part("OBS_STATUS").relationship = {Level::kDimensions, {"FREQ", "REF_AREA", "SEX"}, ""};
  Hand hand(world);
  hand.series({"M", "KG", "_T"}, {{"COLLECT", "S"}, {"OBS_STATUS", "O"}});
  hand.obs("2026-01", "").turn_page();
  hand.series({"M", "KG", "_T"}, {}).obs("2026-02", "");
  hand.batch().runs.back().continued = true;
  hand.turn_page();
  hand.series({"M", "KG", "_T"}, {}).obs("2026-03", "");
  hand.batch().runs.back().continued = true;
  // The next one has none.
  hand.series({"M", "KZ", "_T"}).obs("2026-01", "").done();
  REQUIRE(hand.rules() == "not-provided");
  CHECK(hand.finding().count == 1);
  CHECK(hand.finding().series == "M.KZ._T");
}

TEST_CASE("constraints: key sets, and the cascade of DSD, dataflow and agreement") {
  World world;
  auto key = [](const char* area, const char* sex) {
    return std::vector<KeyValues>{{"REF_AREA", {{area, false}}, "", ""},
                                  {"SEX", {{sex, false}}, "", ""}};
  };
  auto rules_of = [&](const char* area, const char* sex, bool with_provider = false) {
    Hand hand(world, with_provider);
    hand.series({"M", area, sex}).obs("2026-01", "1").done();
    return hand.rules();
  };
  SECTION("a key set that includes, one that excludes") {
    world.constrain(ArtefactClass::kDataflow, {"FP", "FLOW", "1.0"}, {}).key_sets = {
        {true, {key("KG", "_T"), key("KZ", "F")}}};
    CHECK(rules_of("KG", "_T") == "");
    CHECK(rules_of("KZ", "F") == "");
    CHECK(rules_of("KG", "F") == "constraint-key");
    world.bag.constraints.back().key_sets[0].included = false;
    CHECK(rules_of("KG", "_T") == "constraint-key");
    CHECK(rules_of("KG", "F") == "");
  }
  SECTION("a key may name several codes, or one that the codelist does not have") {
    auto several = key("KG", "_T");
    several[1].values.push_back({"F", false});
    world.constrain(ArtefactClass::kDataflow, {"FP", "FLOW", "1.0"}, {}).key_sets = {
        {true, {several, key("KZ", "GONE")}}};
    CHECK(rules_of("KG", "_T") == "");
    CHECK(rules_of("KG", "F") == "");
    CHECK(rules_of("KG", "M") == "constraint-key");
    CHECK(rules_of("KZ", "F") == "constraint-key");
  }
  SECTION("each level narrows what the one above leaves") {
    world.constrain(ArtefactClass::kDataStructure, {"FP", "DSD", "1.0"},
                    {{"SEX", {{"_T", false}, {"F", false}}, "", ""}});
    world.constrain(ArtefactClass::kDataflow, {"FP", "FLOW", "1.0"},
                    {{"REF_AREA", {{"KG", true}, {"KZ", false}}, "", ""}});
    world.agree();
    CHECK(rules_of("KG", "F", true) == "");
    CHECK(rules_of("KG-B", "_T", true) == "");
    CHECK(rules_of("KG", "M", true) == "constraint-key");
    CHECK(rules_of("UA", "F", true) == "constraint-key");
    CHECK(rules_of("KZ", "F", true) == "not-owner");
  }
  SECTION("an agreement may narrow an attribute too") {
    world.agree();
    world.bag.constraints.back().regions[0].attributes = {{"CONF_STATUS", {{"F", false}}, "", ""}};
    auto rules_under = [&](bool with_provider) {
      Hand hand(world, with_provider);
      hand.series({"M", "KG", "_T"});
      hand.obs("2026-01", {{"OBS_VALUE", "1"}, {"CONF_STATUS", "F"}});
      hand.obs("2026-02", {{"OBS_VALUE", "1"}, {"CONF_STATUS", "C"}}).done();
      if (with_provider) CHECK(hand.finding().detail == "FP:CC_PA_KG(1.0)");
      return hand.rules();
    };
    CHECK(rules_under(true) == "constraint-value");
    CHECK(rules_under(false) == "");
  }
}

TEST_CASE("who may report: agreements of the sender") {
  World world;
  SECTION("no-agreement") {
    Hand hand(world, true);
    hand.series({"M", "KG", "_T"}).obs("2026-01", "1").done();
    REQUIRE(hand.rules() == "no-agreement");
    CHECK(hand.finding().value == "FP:FLOW(1.0)");
  }
  SECTION("a sender who is not known is not asked") {
    Hand hand(world, false);
    hand.series({"M", "KG", "_T"}).obs("2026-01", "1").done();
    CHECK(hand.rules() == "");
  }
  SECTION("agreement-expired") {
    world.agree().valid_to = "2026-01-01T00:00:00";
    Hand hand(world, true);
    hand.series({"M", "KG", "_T"}).obs("2026-01", "1").done();
    CHECK(hand.rules() == "agreement-expired");
  }
  SECTION("its own area and what lies below it") {
    world.agree();
    Hand hand(world, true);
    hand.series({"M", "KG", "_T"})
        .obs("2026-01", "1")
        .series({"M", "KG-B", "_T"})
        .obs("2026-01", "1")
        .done();
    CHECK(hand.rules() == "");
  }
  SECTION("not-owner: once an area, however many series") {
    world.agree();
    Hand hand(world, true);
    for (const char* sex : {"F", "M", "_T"}) hand.series({"M", "KZ", sex}).obs("2026-01", "1");
    hand.done();
    REQUIRE(hand.rules() == "not-owner");
    CHECK(hand.finding().value == "KZ");
    CHECK(hand.finding().expected == "KG");  // the country, not each of its regions
    CHECK(hand.finding().suggestions.empty());
    CHECK(hand.batch().runs[2].judged_bad);
  }
  SECTION("frequency-not-agreed: its area, another frequency") {
    world.agree();
    Hand hand(world, true);
    hand.series({"A", "KG", "_T"}).obs("2025", "1").done();
    REQUIRE(hand.rules() == "frequency-not-agreed");
    CHECK(hand.finding().component == "FREQ");
    CHECK(hand.finding().value == "A");
    CHECK(hand.finding().expected == "M");
  }
  SECTION("any of several agreements will do") {
    world.agree();
    world.agree("PA_KG_ANNUAL");
    world.bag.constraints[1].regions[0].keys[0].values[0].code = "A";
    Hand hand(world, true);
    hand.series({"A", "KG", "_T"})
        .obs("2025", "1")
        .series({"M", "KG", "_T"})
        .obs("2026-01", "1")
        .done();
    CHECK(hand.rules() == "");
  }
  SECTION("agreement-period: outside the reference period") {
    world.agree();
    world.bag.constraints[0].reference_from = "2026-01-01T00:00:00";
    world.bag.constraints[0].reference_to = "2026-12-31T23:59:59";
    Hand hand(world, true);
    hand.series({"M", "KG", "_T"})
        .obs("2025-11", "1")
        .obs("2025-12", "1")
        .obs("2026-01", "1")
        .done();
    REQUIRE(hand.rules() == "agreement-period");
    CHECK(hand.finding().count == 2);
    CHECK(hand.finding().expected == "2026-01-01..2026-12-31");
  }
  SECTION("an agreement for an older version of the flow counts, by the ids of codes") {
    world.agree();
    Codelist areas = codelist("CL_AREA", {"UA", "KZ", "KG"});
    areas.ref.version = "2.0";
    DataStructure dsd = world.bag.data_structures[0];
    dsd.ref.version = "2.0";
    dsd.components[1].local->enumeration->version = "2.0";
    world.bag.codelists.push_back(areas);
    world.bag.data_structures.push_back(dsd);
    world.bag.dataflows.push_back(world.bag.dataflows[0]);
    world.bag.dataflows[1].ref.version = "2.0";
    world.bag.dataflows[1].structure.version = "2.0";
    world.bag.agreements[0].dataflow.version = "2.0";
    Hand hand(world, true);
    hand.series({"M", "KG", "_T"})
        .obs("2026-01", "1")
        .series({"M", "KZ", "_T"})
        .obs("2026-01", "1")
        .done();
    REQUIRE(hand.rules() == "not-owner");
    CHECK(hand.finding().value == "KZ");
  }
  SECTION("provider-differs") {
    world.agree();
    Hand other(world, true), same(world, true);
    other.head().provider = "KZ_BNS";
    other.series({"M", "KG", "_T"}).obs("2026-01", "1").done();
    REQUIRE(other.rules() == "provider-differs");
    CHECK(other.finding().expected == "KG_NSC");
    same.head().provider = "KG_NSC";
    same.series({"M", "KG", "_T"}).obs("2026-01", "1").done();
    CHECK(same.rules() == "");
  }
}

TEST_CASE("Delete: absent is a wildcard, values are not judged") {
  World world;
  SECTION("nothing to say without a sender") {
    Hand hand(world);
    hand.head().action = Action::kDelete;
    hand.series({"M", "-", "_T"}, {})
        .obs("-", Values{})
        .obs("2026-01", "")
        .obs("2026-01", "x")
        .done();
    CHECK(hand.rules() == "");
    CHECK(hand.batch().period[1].text() == "2026-01");
  }
  SECTION("codes and periods that are there are judged") {
    Hand hand(world);
    hand.head().action = Action::kDelete;
    hand.series({"M", "KX", "-"}, {}).obs("2026-1", Values{}).done();
    CHECK(hand.rules() == "unknown-code bad-period");
  }
  SECTION("a wildcard over others' areas is not the sender's to give") {
    world.agree();
    Hand narrow(world, true), wide(world, true);
    narrow.head().action = wide.head().action = Action::kDelete;
    narrow.series({"M", "KG", "-"}, {}).done();
    CHECK(narrow.rules() == "");
    wide.series({"M", "-", "_T"}, {}).done();
    REQUIRE(wide.rules() == "not-owner");
    CHECK(wide.finding().component == "REF_AREA");
  }
}

TEST_CASE("texts of strangers are shortened and made safe for one line") {
  World world;
  Hand hand(world);
  hand.series({"M", "KG\n\u202E" + std::string(300, 'x'), "_T"}).obs("2026-01", "1").done();
  REQUIRE(hand.rules() == "unknown-code");
  CHECK(hand.finding().value.find('\n') == std::string::npos);
  CHECK(hand.finding().value.size() < 120);
  CHECK(hand.finding().series.size() < 250);
}

TEST_CASE("memory: a long time series costs about three bytes an observation") {
  World world;
  Hand hand(world, false, 200, 1000);  // what is kept for plausibility has a limit of its own
  hand.series({"D", "KG", "_T"});
  for (int day = 0; day < 20'000; ++day) hand.obs(date_text(day), "1");
  hand.turn_page();
  CHECK(hand.judge().bytes() < 5 * 20'000);
  hand.done();
  CHECK(hand.rules() == "");
}
