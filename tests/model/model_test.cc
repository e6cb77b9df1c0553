// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of model's period, decimal, reference and finding.
#include "catch.h"
#include "model/decimal.h"
#include "model/finding.h"
#include "model/period.h"
#include "model/reference.h"

using namespace focalpost;

TEST_CASE("Period: every legal spelling, and the canonical one") {
  struct Case {
    const char *text, *canonical;
    PeriodKind kind;
  };
  const Case cases[] = {
      {"2026", "2026", PeriodKind::kYear},
      {"2026-A1", "2026", PeriodKind::kYear},
      {"2026Z", "2026", PeriodKind::kYear},
      {"2026-S2", "2026-S2", PeriodKind::kSemester},
      {"2026-T3", "2026-T3", PeriodKind::kTrimester},
      {"2026-Q4", "2026-Q4", PeriodKind::kQuarter},
      {"2026-02", "2026-02", PeriodKind::kMonth},
      {"2026-M02", "2026-02", PeriodKind::kMonth},
      {"2026-02+05:00", "2026-02", PeriodKind::kMonth},
      {"2026-W53", "2026-W53", PeriodKind::kWeek},
      {"2025-W01", "2025-W01", PeriodKind::kWeek},
      {"2026-02-28", "2026-02-28", PeriodKind::kDay},
      {"2026-D059", "2026-02-28", PeriodKind::kDay},
      {"2024-D366", "2024-12-31", PeriodKind::kDay},
      {"2026-01-31T12:00:00", "2026-01-31T12:00:00", PeriodKind::kDateTime},
      {"2026-01-15/P1M", "2026-01-15/P1M", PeriodKind::kRange},
      {"2026-01-15T06:00:00/PT12H", "2026-01-15T06:00:00/PT43200S", PeriodKind::kRange},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    auto period = Period::parse(c.text);
    REQUIRE(period);
    CHECK(period->kind() == c.kind);
    CHECK(period->text() == c.canonical);
    CHECK(Period::parse(period->text()) == period);
    if (c.kind <= PeriodKind::kDay) CHECK(Period::at(c.kind, period->ordinal()) == *period);
  }
}

TEST_CASE("Period: what is none") {
  for (const char* text : {"",
                           "26",
                           "2026-",
                           "2026-1",
                           "2026-13",
                           "2026-00",
                           "2026-Q0",
                           "2026-Q5",
                           "2026-Q",
                           "2026-S3",
                           "2026-T4",
                           "2026-A2",
                           "2026-M13",
                           "2026-M1",
                           "2025-W53",
                           "2026-D366",
                           "2026-D000",
                           "2026-02-29",
                           "2026-2-2",
                           "2026/01",
                           "2026-01-15/",
                           "2026-01-15/P",
                           "2026-01-15/P0D",
                           "2026-01-15/P1MT1H",
                           "2026-01-15T25:00:00",
                           "2026-x",
                           "2026-Q999999999999999999999",
                           "99999",
                           "x026",
                           "2026 "}) {
    INFO(text);
    CHECK_FALSE(Period::parse(text));
  }
}

TEST_CASE("Period: days, order and neighbours") {
  auto at = [](const char* text) { return *Period::parse(text); };
  CHECK(date_text(at("2026-Q2").first_day()) == "2026-04-01");
  CHECK(date_text(at("2026-Q2").end_day()) == "2026-07-01");
  CHECK(date_text(at("2026-W01").first_day()) == "2025-12-29");
  CHECK(at("2026-W01").year() == 2026);
  CHECK(at("1969-12-31").first_day() == -1);
  CHECK(date_text(at("2026-01-31/P1M").end_day()) == "2026-02-28");
  CHECK(at("2025-12") < at("2026-01"));
  CHECK(at("2026-01").ordinal() == at("2025-12").ordinal() + 1);
  CHECK(at("2026-W01").ordinal() == at("2025-W52").ordinal() + 1);
  CHECK(Period().empty());
  CHECK_FALSE(at("1970").empty());
}

TEST_CASE("Period: kinds and frequencies") {
  CHECK(agrees(PeriodKind::kMonth, "M"));
  CHECK_FALSE(agrees(PeriodKind::kMonth, "Q"));
  CHECK(agrees(PeriodKind::kDay, "B"));
  CHECK_FALSE(agrees(PeriodKind::kMonth, "B"));
  CHECK(agrees(PeriodKind::kMonth, "H"));  // says nothing about the kind
  CHECK(agrees(PeriodKind::kRange, "M"));  // goes with any
  CHECK(frequency_of(PeriodKind::kQuarter) == 'Q');
  CHECK(frequency_of(PeriodKind::kDateTime) == 0);
}

TEST_CASE("Decimal: what a text is") {
  struct Case {
    const char* text;
    NumberForm form;
  };
  const Case cases[] = {
      {"0", NumberForm::kInteger},   {"-12", NumberForm::kInteger},    {"+7", NumberForm::kInteger},
      {"1.5", NumberForm::kDecimal}, {"1.", NumberForm::kDecimal},     {".5", NumberForm::kDecimal},
      {"1e3", NumberForm::kDouble},  {"-1.5E-3", NumberForm::kDouble}, {"INF", NumberForm::kDouble},
      {"-INF", NumberForm::kDouble}, {"NaN", NumberForm::kNaN},        {"", NumberForm::kNone},
      {".", NumberForm::kNone},      {"-", NumberForm::kNone},         {"1 2", NumberForm::kNone},
      {"1,5", NumberForm::kNone},    {"1e", NumberForm::kNone},        {"+INF", NumberForm::kNone},
      {"0x1", NumberForm::kNone},    {" 1", NumberForm::kNone},        {"1.2.3", NumberForm::kNone},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(read_number(c.text) == c.form);
  }
}

TEST_CASE("Decimal: exact to 18 digits, told when it is more") {
  Decimal d;
  read_number("-123.450", &d);
  CHECK(d.mantissa == -123450);
  CHECK(d.exponent == -3);
  CHECK(d.decimals() == 3);
  CHECK(d.to_double() == Approx(-123.45));
  read_number("999999999999999999", &d);
  CHECK(d.mantissa == 999999999999999999);
  read_number("1000000000000000000000", &d);  // zeros at the end only move the point
  CHECK(d.mantissa == 100000000000000000);
  CHECK(d.exponent == 4);
  read_number("0.00000000000000000000000001", &d);
  CHECK(d.mantissa == 1);
  CHECK(d.exponent == -26);
  read_number("1234567890123456789", &d);
  CHECK(d.exponent == kTooLarge);
  read_number("1e999", &d);
  CHECK(d.exponent == kTooLarge);
}

TEST_CASE("Decimal: compared as numbers") {
  auto less = [](const char* a, const char* b) {
    Decimal x, y;
    read_number(a, &x);
    read_number(b, &y);
    return compare(x, y) < 0 && compare(y, x) > 0;
  };
  auto equal = [](const char* a, const char* b) {
    Decimal x, y;
    read_number(a, &x);
    read_number(b, &y);
    return compare(x, y) == 0 && compare(y, x) == 0;
  };
  CHECK(equal("1.50", "1.5"));
  CHECK(equal("-0", "0.0"));
  CHECK(equal("1e3", "1000"));
  CHECK(equal("-1200", "-1.2e3"));
  CHECK(less("1.49", "1.5"));
  CHECK(less("-1.5", "-1.49"));
  CHECK(less("-1e300", "1e-300"));
  CHECK(less("1e-300", "1e300"));
  CHECK(less("-1e300", "-999999999999999999"));
  CHECK(less("0", "0.001"));
}

TEST_CASE("Ref and URN") {
  CHECK(parse_ref("FP:ASYLUM(1.0)") == Ref{"FP", "ASYLUM", "1.0"});
  CHECK(parse_ref("FP:ASYLUM") == Ref{"FP", "ASYLUM", ""});
  CHECK(parse_ref(" ASYLUM ") == Ref{"", "ASYLUM", ""});
  CHECK(parse_ref("FP.STAT:ASYLUM(1.0+.0)")->version == "1.0+.0");
  for (const char* bad :
       {"", "FP:", ":X", "A(", "A()", "(1.0)", "A:B:C", "A B", "A:B(1.0)x", "a/b"}) {
    INFO(bad);
    CHECK_FALSE(parse_ref(bad));
  }
  const Ref ref{"FP", "CL_SEX", "1.0"};
  const std::string text = urn(ArtefactClass::kCodelist, ref);
  CHECK(text == "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=FP:CL_SEX(1.0)");
  CHECK(parse_urn(text)->ref == ref);
  CHECK(parse_urn(text)->artefact_class == ArtefactClass::kCodelist);
  auto item =
      parse_urn("urn:sdmx:org.sdmx.infomodel.base.DataProvider=FP:DATA_PROVIDERS(1.0).KG_NSC");
  REQUIRE(item);
  CHECK(item->artefact_class == ArtefactClass::kDataProviderScheme);
  CHECK(item->item == "KG_NSC");
  auto space = parse_urn(
      "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=FP:DSD(1.0):ObsLevelDim:TIME_"
      "PERIOD");
  REQUIRE(space);
  CHECK(space->ref == Ref{"FP", "DSD", "1.0"});
  CHECK(space->item == "");
  CHECK_FALSE(parse_urn("urn:sdmx:org.sdmx.infomodel.codelist.Codelist"));
  CHECK_FALSE(parse_urn("http://x.example"));
}

TEST_CASE("versions are ordered by their numbers") {
  CHECK(version_less("1.9", "1.10"));
  CHECK(version_less("1.0", "2.0.0"));
  CHECK_FALSE(version_less("2.0", "1.9"));
  CHECK_FALSE(version_less("1.0", "1.0"));
  CHECK_FALSE(version_less("1.0", "1"));
}

TEST_CASE("findings: the first are listed for each dataset, all are counted") {
  FindingList list(2);
  auto add = [&](const Rule& rule, std::uint32_t dataset, std::uint64_t count = 1) {
    Finding finding;
    finding.rule = &rule;
    finding.dataset = dataset;
    finding.count = count;
    list.add(finding);
  };
  add(rules::unknown_code, 0);
  CHECK(list.listing(0));
  add(rules::not_provided, 0, 5);
  CHECK_FALSE(list.listing(0));
  add(rules::unknown_code, 0);
  list.count(rules::unknown_code, 0);
  CHECK(list.listing(1));
  add(rules::duplicate_equal, 1);
  add(rules::no_dataset, Finding::kNoDataset);
  CHECK(list.listed().size() == 4);
  CHECK(list.errors() == 4);
  CHECK(list.warnings() == 1);
  CHECK(list.infos() == 5);
  CHECK(list.total() == 10);
  auto by_rule = list.by_rule();
  REQUIRE(by_rule.size() == 4);
  CHECK(by_rule[0].first->id == "no-dataset");
  CHECK(by_rule[1].second == 5);
  CHECK(by_rule[2].second == 3);
}

TEST_CASE("the catalogue of rules: ids are unique and found") {
  for (const Rule* rule : kRules) {
    INFO(rule->id);
    CHECK(find_rule(rule->id) == rule);
  }
  CHECK(find_rule("no-such-rule") == nullptr);
}
