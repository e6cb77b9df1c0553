// SPDX-License-Identifier: Apache-2.0
//
// SDMX-ML 2.1 data: layouts, levels, header, and where findings point.
#include "sdmx_fixture.h"

namespace focalpost {

using Lines = std::vector<std::string>;

TEST_CASE("structure-specific time series") {
  auto network = small_network();
  Reading r = read_text(ss_message(R"(
<Group xsi:type="n:ByArea" AREA="KG" PLACE="all"/>
<Series FREQ="M" AREA="KG" SEX="F" UNIT="PER">
<Obs TIME_PERIOD="2026-01" OBS_VALUE="12" OBS_STATUS="A"/>
<Obs TIME_PERIOD="2026-02" OBS_VALUE="" NOTE="a &amp; &lt;b&gt; &#233;"/>
</Series><Series FREQ="M" AREA="KG" SEX="M"/>)"),
                        network);
  CHECK(lines_of(r.findings) == Lines{});
  CHECK(r.rows == Lines{"group ByArea - 'KG' -: PLACE='all'", "run 'M' 'KG' 'F': UNIT='PER'",
                        "  '2026-01' OBS_VALUE='12' OBS_STATUS='A' @6",
                        "  '2026-02' OBS_VALUE='' NOTE='a & <b> é' @7", "run 'M' 'KG' 'M':"});
  CHECK(r.message.id == "M1");
  CHECK(r.message.sender == "XX");
  REQUIRE(r.message.datasets.size() == 1);
  // The DSD was referred to; its only dataflow is where the data can be filed.
  CHECK(r.message.datasets[0].flow->dataflow.text() == "T:FLOW(1.0)");
  CHECK(r.message.datasets[0].action == Action::kReplace);
  CHECK_FALSE(r.message.datasets[0].action_given);
  CHECK(r.datasets_ended == 1);
}

TEST_CASE("a DSD of two dataflows stands alone") {
  auto network = small_network(true);
  Reading r = read_text(ss_message(R"(<Series FREQ="M" AREA="KG" SEX="F"/>)"), network);
  CHECK(r.message.datasets[0].flow->dataflow.empty());
}

TEST_CASE("generic data say the same as structure-specific ones") {
  auto network = small_network();
  Reading r = read_text(generic_message(R"(
<g:Attributes><g:Value id="SOURCE" value="census"/></g:Attributes>
<g:Group type="ByArea"><g:GroupKey><g:Value id="AREA" value="KG"/></g:GroupKey>
<g:Attributes><g:Value id="PLACE" value="all"/></g:Attributes></g:Group>
<g:Series><g:SeriesKey><g:Value id="FREQ" value="M"/><g:Value id="AREA" value="KG"/><g:Value id="SEX" value="F"/></g:SeriesKey>
<g:Attributes><g:Value id="UNIT" value="PER"/></g:Attributes>
<g:Obs><g:ObsDimension value="2026-01"/><g:ObsValue value="12"/><g:Attributes><g:Value id="OBS_STATUS" value="A"/></g:Attributes></g:Obs>
<g:Obs><g:ObsDimension value="2026-02"/></g:Obs></g:Series>)"),
                        network);
  CHECK(lines_of(r.findings) == Lines{});
  CHECK(r.rows == Lines{"dataset SOURCE='census'", "group ByArea - 'KG' -: PLACE='all'",
                        "run 'M' 'KG' 'F': UNIT='PER'",
                        "  '2026-01' OBS_VALUE='12' OBS_STATUS='A' @9", "  '2026-02' @10"});
}

TEST_CASE("flat data: neighbouring observations of one key are one run") {
  auto network = small_network();
  Reading r = read_text(ss_message(R"(
<Obs FREQ="M" AREA="KG" SEX="F" UNIT="PER" TIME_PERIOD="2026-01" OBS_VALUE="1"/>
<Obs FREQ="M" AREA="KG" SEX="F" UNIT="PER" TIME_PERIOD="2026-02" OBS_VALUE="2"/>
<Obs FREQ="M" AREA="KG" SEX="F" UNIT="DOC" TIME_PERIOD="2026-03" OBS_VALUE="3"/>
<Obs FREQ="M" AREA="KG" SEX="M" UNIT="DOC" TIME_PERIOD="2026-01" OBS_VALUE="4"/>)",
                                   "AllDimensions"),
                        network);
  CHECK(lines_of(r.findings) == Lines{"attribute-conflict 6:1 UNIT=DOC"});
  CHECK(r.rows == Lines{"run 'M' 'KG' 'F': UNIT='PER'", "  '2026-01' OBS_VALUE='1' @4",
                        "  '2026-02' OBS_VALUE='2' @5", "  '2026-03' OBS_VALUE='3' @6",
                        "run 'M' 'KG' 'M': UNIT='DOC'", "  '2026-01' OBS_VALUE='4' @7"});
}

TEST_CASE("another dimension at the observation") {
  auto network = small_network();
  Reading r = read_text(ss_message(R"(
<Series FREQ="M" AREA="KG" TIME_PERIOD="2026-01"><Obs SEX="F" OBS_VALUE="1" UNIT="PER"/><Obs SEX="M" OBS_VALUE="2"/></Series>)",
                                   "SEX"),
                        network);
  CHECK(lines_of(r.findings) == Lines{});
  CHECK(r.rows == Lines{"run 'M' 'KG' 'F': UNIT='PER'", "  '2026-01' OBS_VALUE='1' @4",
                        "run 'M' 'KG' 'M':", "  '2026-01' OBS_VALUE='2' @4"});
}

TEST_CASE("components that are unknown, twice, or at the wrong level") {
  auto network = small_network();
  SECTION("structure-specific") {
    Reading r = read_text(ss_message(R"(
<Series FREQ="M" AREA="KG" SEXX="F" OBS_STATUS="A">
  <Obs TIME_PERIOD="2026-01" UNIT="PER" OBS_VALU="3"/></Series>)"),
                          network);
    CHECK(lines_of(r.findings) ==
          Lines{"unknown-component 4:1 SEXX=", "wrong-level 4:1 OBS_STATUS=",
                "wrong-level 5:3 UNIT=", "unknown-component 5:3 OBS_VALU="});
    CHECK(r.findings.listed()[0].suggestions == Lines{"SEX"});
    CHECK(r.findings.listed()[1].expected == "observation");
    CHECK(r.findings.listed()[2].expected == "series");
    // The dimension that is missing is left to validation: absent in the key.
    CHECK(r.rows[0] == "run 'M' 'KG' -:");
  }
  SECTION("generic") {
    Reading r = read_text(
        generic_message(
            R"(<g:Series><g:SeriesKey><g:Value id="FREQ" value="M"/><g:Value id="FREQ" value="Q"/><g:Value id="UNIT" value="PER"/></g:SeriesKey>
<g:Obs><g:ObsDimension value="2026"/><g:ObsValue value="1"/><g:Attributes><g:Value id="NOTE" value="a"/><g:Value id="NOTE" value="b"/></g:Attributes></g:Obs></g:Series>)"),
        network);
    CHECK(rules_of(r.findings) == Lines{"component-twice", "wrong-level", "component-twice"});
  }
  SECTION("a group that the DSD does not have, and one with a foreign attribute") {
    Reading r = read_text(
        ss_message(
            R"(<Group xsi:type="n:ByAre" AREA="KG" PLACE="x"/><Group xsi:type="n:ByArea" AREA="KG" UNIT="x"/><Series/>)"),
        network);
    CHECK(rules_of(r.findings) == Lines{"unknown-group", "wrong-level"});
    CHECK(r.findings.listed()[0].suggestions == Lines{"ByArea"});
  }
}

TEST_CASE("elements are as strict as the schema") {
  auto network = small_network();
  auto rules = [&](std::string_view inside) {
    return rules_of(read_text(ss_message(inside), network).findings);
  };
  const std::string series =
      R"(<Series FREQ="M" AREA="KG" SEX="F"><Obs TIME_PERIOD="2026"/></Series>)";
  CHECK(rules(series) == Lines{});
  CHECK(rules("<com:Annotations><com:Annotation id=\"x\"/></com:Annotations>" + series) == Lines{});
  CHECK(rules(series + "<Sery/>") == Lines{"unknown-element"});
  CHECK(rules(series + "<mes:Series/>") == Lines{"unknown-element"});
  CHECK(rules(series + R"(<Group xsi:type="n:ByArea" AREA="KG"/>)") == Lines{"unknown-element"});
  CHECK(rules(series + "<Obs FREQ=\"M\"/>").front() == "unknown-element");
  CHECK(rules("12" + series) == Lines{"unexpected-text"});
  CHECK(rules("") == Lines{"no-observation"});
}

TEST_CASE("the header") {
  auto network = small_network();
  std::string good =
      ss_message(R"(<Series FREQ="M" AREA="KG" SEX="F"><Obs TIME_PERIOD="2026"/></Series>)");
  auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    auto at = text.find(from);
    REQUIRE(at != text.npos);
    text.replace(at, from.size(), to);
    return read_text(text, network);
  };
  auto rules = [&](std::string_view from, std::string_view to) {
    return lines_of(with(from, to).findings);
  };
  CHECK(rules("M1", "M1") == Lines{});
  CHECK(rules_of(with("<mes:ID>M1</mes:ID>", "").findings) == Lines{"header-incomplete"});
  CHECK(rules("M1", "IREF.1") == Lines{"header-quirk 2:13 ID=IREF.1"});
  CHECK(rules("M1", "a&lt;b") == Lines{"header-value 2:13 ID=a<b"});
  CHECK(rules_of(with("2026-01-01T00:00:00Z", "yesterday").findings) == Lines{"header-value"});
  CHECK(rules_of(with(R"(<mes:Sender id="XX"/>)", "").findings) == Lines{"header-incomplete"});
  CHECK(rules_of(with(R"("T" id="DSD")", R"("T" id="DSE")").findings) ==
        Lines{"unknown-structure"});
  CHECK(with(R"("T" id="DSD")", R"("T" id="DSE")").findings.listed()[0].suggestions ==
        Lines{"T:DSD(1.0)"});
  CHECK(with(R"("T" id="DSD")", R"("T" id="DSE")").message.datasets.size() == 1);
  CHECK(rules_of(with(R"(ss:structureRef="S")", R"(ss:structureRef="Z")").findings) ==
        Lines{"structure-ref"});
  SECTION("a test message") {
    Reading r = with("false", "true");
    CHECK(r.message.test);
    CHECK(rules_of(r.findings) == Lines{"test-message"});
  }
  SECTION("the structure by URN, by dataflow") {
    Reading r = with(kReference,
                     "<com:StructureUsage><URN>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow="
                     "T:FLOW(1.0)</URN></com:StructureUsage>");
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.message.datasets[0].structure_class == ArtefactClass::kDataflow);
    CHECK(r.observations == 1);
  }
  SECTION("QUIRK: action without its prefix, DataSet in the DSD's namespace") {
    Reading r = with("<mes:DataSet ", R"(<mes:DataSet action="Append" )");
    CHECK(lines_of(r.findings) == Lines{"header-quirk 3:1 action=Append"});
    CHECK(r.message.datasets[0].action == Action::kAppend);
    std::string eurostat = good;
    for (std::size_t at; (at = eurostat.find("mes:DataSet")) != eurostat.npos;)
      eurostat.replace(at, 3, "n");
    CHECK(rules_of(read_text(eurostat, network).findings) == Lines{"header-quirk"});
  }
  SECTION("actions") {
    CHECK(with("ss:data", R"(ss:action="Delete" ss:data)").message.datasets[0].action ==
          Action::kDelete);
    CHECK(rules_of(with("ss:data", R"(ss:action="Merge" ss:data)").findings) ==
          Lines{"unknown-action"});
  }
  SECTION("explicit measures where the DSD has no measure dimension") {
    CHECK(rules_of(with("namespace=", R"(explicitMeasures="true" namespace=)").findings) ==
          Lines{"header-value"});
  }
  SECTION("an error in the footer") {
    Reading r = with(
        "</mes:StructureSpecificData>",
        R"(<f:Footer xmlns:f="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message/footer"><f:Message code="510" severity="Error"><com:Text>too large</com:Text></f:Message></f:Footer></mes:StructureSpecificData>)");
    CHECK(rules_of(r.findings) == Lines{"header-value"});
  }
}

TEST_CASE("QUIRK: a group's type with Type behind it") {
  auto network = small_network();
  Reading r =
      read_text(ss_message(R"(<Group xsi:type="n:ByAreaType" AREA="KG" PLACE="all"/>)"), network);
  CHECK(lines_of(r.findings) == Lines{"header-quirk 3:88 Group=ByAreaType"});
  CHECK(r.rows == Lines{"group ByArea - 'KG' -: PLACE='all'"});
}

TEST_CASE("a Delete of whole series and of part of a key") {
  auto network = small_network();
  Reading r =
      read_text(ss_message(R"(<Series FREQ="M" AREA="KG" SEX="F"/><Series AREA="KZ"/>)"), network);
  CHECK(r.rows == Lines{"run 'M' 'KG' 'F':", "run - 'KZ' -:"});
  CHECK(r.observations == 0);
  CHECK(lines_of(r.findings) == Lines{});
}

TEST_CASE("a long series goes on from batch to batch") {
  auto network = small_network();
  std::string series = R"(<Series FREQ="D" AREA="KG" SEX="F" UNIT="PER">)";
  for (int i = 0; i < 10000; ++i)
    series += fmt::format("<Obs TIME_PERIOD=\"t{}\" OBS_VALUE=\"{}\"/>\n", i, i);
  series += "</Series>";
  std::string text = ss_message(series);
  FindingList findings(10);
  MemorySource source(text);
  Limits limits;  // outlives the reader
  auto reader = open_data(source, detect(text), network, findings, limits);
  std::vector<std::size_t> sizes;
  std::vector<bool> continued, last;
  std::size_t attributes = 0;
  while (auto* batch = reader->next().value()) {
    sizes.push_back(batch->size());
    REQUIRE(batch->runs.size() == 1);
    continued.push_back(batch->runs[0].continued);
    last.push_back(batch->last_of_dataset);
    attributes += batch->attributes.size();
    CHECK(batch->key(0)[1] == "KG");
  }
  CHECK(sizes == std::vector<std::size_t>{4096, 4096, 1808});
  CHECK(continued == std::vector<bool>{false, true, true});
  CHECK(last == std::vector<bool>{false, false, true});
  CHECK(attributes == 1);
}

TEST_CASE("the size of the pieces in which a file comes does not matter") {
  auto network = small_network();
  std::string text = ss_message(R"(
<Group xsi:type="n:ByArea" AREA="KG" PLACE="Кыргызстан"/>
<Series FREQ="M" AREA="KG" SEX="F" UNIT="PER"><Obs TIME_PERIOD="2026-01" OBS_VALUE="12" NOTE="&#x41;é"/><Obs
   TIME_PERIOD="2026-02"   OBS_VALUE="13"/></Series><Wrong/><!-- c --><Series BAD="1"/>)");
  Reading whole = read_text(text, network);
  for (std::size_t span : {1, 2, 3, 7, 64, 1000}) {
    Reading r = read_text(text, network, span);
    CHECK(r.rows == whole.rows);
    CHECK(lines_of(r.findings) == lines_of(whole.findings));
  }
}

TEST_CASE("a file cut anywhere is truncated, and nothing worse") {
  auto network = small_network();
  std::string text = ss_message(
      R"(<Series FREQ="M" AREA="KG" SEX="F" UNIT="é"><Obs TIME_PERIOD="2026-01" OBS_VALUE="12"/></Series>)");
  const std::size_t root = text.find("<mes:StructureSpecificData") + 700;
  for (std::size_t size = root; size < text.size(); ++size) {
    Reading r;
    MemorySource source(std::string_view(text).substr(0, size));
    read_data(source, text, network, r);
    REQUIRE_FALSE(r.error);
    INFO(size << " " << text.substr(0, size));
    auto rules = rules_of(r.findings);
    REQUIRE_FALSE(rules.empty());
    CHECK(rules.back() == "truncated");
  }
}

TEST_CASE("a failing source is an Error, not a finding") {
  struct Failing final : ByteSource {
    Result<std::span<const char>> next() override { return temporary("connection lost"); }
  } source;
  auto network = small_network();
  Reading r;
  read_data(source, ss_message(""), network, r);
  CHECK(r.error);
  CHECK(r.findings.total() == 0);
}

}  // namespace focalpost
