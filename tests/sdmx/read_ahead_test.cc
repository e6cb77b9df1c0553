// SPDX-License-Identifier: Apache-2.0
#include "sdmx/read_ahead.h"

#include "sdmx_fixture.h"

using namespace focalpost;

namespace {

/// What a reader gives, with findings where they came: between the rows.
std::vector<std::string> all_of(const std::string& text, bool ahead,
                                const StructureLookup& lookup) {
  MemorySource bytes(text);
  Limits limits;
  FindingList findings(limits.findings_listed);
  Detection detection = detect(text.substr(0, 4096));
  auto reader = ahead ? open_data_ahead(bytes, detection, lookup, findings, limits)
                      : open_data(bytes, detection, lookup, findings, limits);
  std::vector<std::string> all;
  std::uint64_t told = 0;
  for (;;) {
    auto batch = reader->next();
    REQUIRE(batch.ok());
    for (; told < findings.total(); ++told) all.push_back("finding");
    if (!*batch) break;
    for (std::string& row : rows_of(**batch)) all.push_back(std::move(row));
    all.push_back(fmt::format("{} datasets known", reader->message().datasets.size()));
  }
  for (std::string& line : lines_of(findings)) all.push_back(std::move(line));
  for (const auto& [rule, count] : findings.by_rule())
    all.push_back(fmt::format("{} {}", rule->id, count));
  return all;
}

}  // namespace

TEST_CASE("reading ahead gives the same batches and findings in the same order", "[ahead]") {
  // Two datasets of some batches each, with a stray attribute (a finding) here and there.
  StructureLookup lookup = small_network();
  std::string text = header();
  for (int dataset = 0; dataset < 2; ++dataset) {
    text += R"(<mes:DataSet ss:structureRef="S" xsi:type="n:T" ss:action="Replace">)";
    for (int series = 0; series < 100; ++series) {
      text += fmt::format(R"(<Series FREQ="M" AREA="A{}" SEX="F"{}>)", series,
                          series % 7 == 0 ? " STRAY=\"1\"" : "");
      for (int i = 0; i < 120; ++i)
        text += fmt::format(
            "\n"
            R"(<Obs TIME_PERIOD="{}-{:02}" OBS_VALUE="{}"{}/>)",
            2010 + i / 12, i % 12 + 1, i, i % 50 == 0 ? " ODD=\"x\"" : "");
      text += "</Series>";
    }
    text += "</mes:DataSet>";
  }
  text += "</mes:StructureSpecificData>";

  auto plain = all_of(text, false, lookup);
  CHECK(plain.size() > 20'000);
  CHECK(plain == all_of(text, true, lookup));
  SECTION("cut in the middle") {
    text.resize(text.size() * 2 / 3);
    CHECK(all_of(text, false, lookup) == all_of(text, true, lookup));
  }
  SECTION("given up while it reads") {
    MemorySource bytes(text);
    FindingList findings(200);
    Limits limits;
    auto reader = open_data_ahead(bytes, detect(text.substr(0, 4096)), lookup, findings, limits);
    REQUIRE(reader->next().ok());
    REQUIRE(reader->next().ok());
  }
}
