// SPDX-License-Identifier: Apache-2.0
//
// SDMX-ML 3.0 and 3.1 data: Atts, Comp, Metadata, references by URN, actions; and what 2.1 has of
// explicit measures.
#include "model/multi_value.h"
#include "write_fixture.h"

namespace focalpost {

using Lines = std::vector<std::string>;

namespace {

std::string message30(
    std::string_view inside, std::string_view at_observation = "TIME_PERIOD",
    std::string_view attributes = "", std::string_view version = "3_0",
    std::string_view reference =
        "<c:Structure>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=T:DSD(1.0)"
        "</c:Structure>") {
  return fmt::format(
      R"(<m:StructureSpecificData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v{0}/message" )"
      R"(xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v{0}/data/structurespecific" )"
      R"(xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v{0}/common" xmlns:n="urn:n" )"
      R"(xmlns:md="http://www.sdmx.org/resources/sdmxml/schemas/v{0}/metadata/generic" )"
      R"(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><m:Header><m:ID>M3</m:ID>)"
      R"(<m:Test>false</m:Test><m:Prepared>2026-01-01T00:00:00Z</m:Prepared><m:Sender id="XX"/>)"
      R"(<m:Structure structureID="S" namespace="urn:n" dimensionAtObservation="{1}">{2})"
      R"(</m:Structure></m:Header>)"
      "\n"
      R"(<m:DataSet ss:structureRef="S" xsi:type="n:DataSetType" {3}>{4}</m:DataSet>)"
      R"(</m:StructureSpecificData>)",
      version, at_observation, reference, attributes, inside);
}

/// Rows with the marks of multi_value.h made visible: '|' and '~'.
Lines visible(Lines rows) {
  for (std::string& row : rows)
    for (char& c : row) {
      if (c == kNextValue) c = '|';
      if (c == kNextText) c = '~';
    }
  return rows;
}

}  // namespace

TEST_CASE("3.0: attributes of the dataset and of partial keys, groups, two measures") {
  auto network = network30();
  for (const char* version : {"3_0", "3_1"}) {
    Reading r = read_text(message30(R"(
<DataProvider>urn:sdmx:org.sdmx.infomodel.base.DataProvider=T:PROVIDERS(1.0).XX</DataProvider>
<Atts SOURCE="census"/>
<Series FREQ="M" AREA="KG" SEX="F" UNIT="PER"><Obs TIME_PERIOD="2026-01" OBS_VALUE="12" OBS_COUNT="3"/></Series>
<Group xsi:type="n:ByArea" AREA="KG" PLACE="all"/>
<Atts FREQ="M" AREA="KG" REGION="south"/>
<Atts FREQ="M" AREA="KG" SEX="M" UNIT="DOC"/>
<Atts AREA="KZ" PLACE="north"/>)",
                                    "TIME_PERIOD", "", version),
                          network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"dataset SOURCE='census'", "group ByArea - 'KG' -: PLACE='all'",
                          "group FREQ+AREA 'M' 'KG' -: REGION='south'",
                          "group ByArea - 'KZ' -: PLACE='north'", "run 'M' 'KG' 'F': UNIT='PER'",
                          "  '2026-01' OBS_VALUE='12' OBS_COUNT='3' @5",
                          "run 'M' 'KG' 'M': UNIT='DOC'"});
    CHECK(r.message.datasets[0].provider == "XX");
    CHECK(r.message.datasets[0].flow->dataflow.text() == "T:FLOW(1.0)");
  }
}

TEST_CASE("3.0: several values and languages travel as one text") {
  auto network = network30();
  Reading r = read_text(message30(R"(
<Series FREQ="M" AREA="KG" SEX="F">
<Comp id="TITLE" xsi:type="n:T"><Value>one</Value><Value>two &amp; a half</Value></Comp>
<Comp id="UNIT" xsi:type="n:U"><Value>PER</Value></Comp>
<Obs TIME_PERIOD="2026-01" OBS_VALUE="12"><Comp id="NOTE" xsi:type="n:N"><Value>
  <c:Text xml:lang="ru">да</c:Text><c:Text>yes</c:Text></Value></Comp></Obs>
<Obs TIME_PERIOD="2026-02"><Comp id="OBS_VALUE"><Value>7</Value></Comp></Obs></Series>
<Atts><Comp id="SOURCE"><Value>a</Value><Value>b</Value></Comp></Atts>
<Group xsi:type="n:ByArea" AREA="KG"><Comp id="PLACE"><Value>x</Value></Comp></Group>)"),
                        network);
  CHECK(lines_of(r.findings) == Lines{});
  CHECK(visible(r.rows) == Lines{"dataset SOURCE='|a|b'", "group ByArea - 'KG' -: PLACE='x'",
                                 "run 'M' 'KG' 'F': TITLE='|one|two & a half' UNIT='PER'",
                                 "  '2026-01' OBS_VALUE='12' NOTE='|~ru~да~en~yes' @6",
                                 "  '2026-02' OBS_VALUE='7' @8"});
}

TEST_CASE("3.0: Comp in flat data, and rows of their own beside series") {
  auto network = network30();
  SECTION("flat") {
    Reading r = read_text(message30(R"(
<Obs FREQ="M" AREA="KG" SEX="F" TIME_PERIOD="2026-01" OBS_VALUE="1"><Comp id="TITLE"><Value>a</Value><Value>b</Value></Comp></Obs>)",
                                    "AllDimensions"),
                          network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(visible(r.rows) ==
          Lines{"run 'M' 'KG' 'F': TITLE='|a|b'", "  '2026-01' OBS_VALUE='1' @3"});
  }
  SECTION("beside series") {
    Reading r = read_text(message30(R"(
<Series FREQ="M" AREA="KG" SEX="F"><Obs TIME_PERIOD="2026-01" OBS_VALUE="1"/></Series>
<Obs FREQ="M" AREA="KG" SEX="M" UNIT="PER" TIME_PERIOD="2026-01" OBS_VALUE="2"/>
<Series FREQ="M" AREA="KG" SEX="M"><Obs TIME_PERIOD="2026-02" OBS_VALUE="3"/></Series>)"),
                          network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"run 'M' 'KG' 'F':", "  '2026-01' OBS_VALUE='1' @3",
                          "run 'M' 'KG' 'M': UNIT='PER'", "  '2026-01' OBS_VALUE='2' @4",
                          "run 'M' 'KG' 'M':", "  '2026-02' OBS_VALUE='3' @5"});
  }
}

TEST_CASE("3.0: what is wrong with components is said where they stand") {
  auto network = network30();
  Reading r = read_text(message30(R"(
<Atts AREA="KG" REGION="south"/>
<Atts AREA="KG" OBS_VALUE="1"/>
<Series FREQ="M" AREA="KG" SEX="F" UNIT="a">
<Comp id="UNIT"><Value>b</Value></Comp>
<Comp id="NOTES"><Value>b</Value></Comp>
<Obs TIME_PERIOD="2026-01" OBS_VALUE="1"/><Comp id="TITLE"><Value>late</Value></Comp></Series>)"),
                        network);
  CHECK(lines_of(r.findings) ==
        Lines{"wrong-level 3:1 REGION=", "wrong-level 4:1 OBS_VALUE=", "component-twice 6:33 UNIT=",
              "unknown-component 7:34 NOTES=", "unknown-element 8:43 Comp="});
}

TEST_CASE("3.0: metadata stay out with one warning a dataset; structured text loses its mark-up") {
  auto network = network30();
  Reading r = read_text(message30(R"(
<Series FREQ="M" AREA="KG" SEX="F"><Obs TIME_PERIOD="2026-01" OBS_VALUE="1" ><Metadata><md:Attribute id="X"><md:Value>OBS</md:Value></md:Attribute></Metadata></Obs>
<Metadata><md:Attribute id="X"/></Metadata></Series><Metadata/>)"),
                        network);
  CHECK(lines_of(r.findings) == Lines{"metadata-left-out 3:78 Metadata="});
  CHECK(r.observations == 1);
  r = read_text(message30(R"(
<Series FREQ="M" AREA="KG" SEX="F"><Comp id="TITLE"><Value><c:StructuredText><p>one <b>two</b></p></c:StructuredText></Value></Comp></Series>)"),
                network);
  CHECK(rules_of(r.findings) == Lines{"header-quirk"});
  CHECK(visible(r.rows) == Lines{"run 'M' 'KG' 'F': TITLE='|~en~one two'"});
}

TEST_CASE("3.0: references by URN, by dataflow and by provision agreement") {
  auto network = network30();
  auto flow_of = [&](std::string_view reference) {
    Reading r = read_text(
        message30(R"(<Series FREQ="M" AREA="KG" SEX="F"/>)", "TIME_PERIOD", "", "3_0", reference),
        network);
    CHECK(lines_of(r.findings) == Lines{});
    const DatasetHead& head = r.message.datasets.at(0);
    return head.flow ? std::string(class_name(head.structure_class)) : "";
  };
  CHECK(flow_of("<c:StructureUsage>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOW(1.0)"
                "</c:StructureUsage>") == "Dataflow");
  CHECK(flow_of("<c:StructureUsage>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOW(1+)"
                "</c:StructureUsage>") == "Dataflow");
  CHECK(flow_of("<c:ProvisionAgreement>\n urn:sdmx:org.sdmx.infomodel.registry.ProvisionAgreement="
                "T:PA(1.0) </c:ProvisionAgreement>") == "ProvisionAgreement");
  Reading none = read_text(message30("", "TIME_PERIOD", "", "3_0", "<c:Structure/>"), network);
  CHECK(lines_of(none.findings)[0].starts_with("header-incomplete"));
}

TEST_CASE("3.0: actions; a Delete takes parts of a key, but not attributes alone") {
  auto network = network30();
  auto action = [&](std::string_view attribute, std::string_view version) {
    Reading r = read_text(
        message30(R"(<Series FREQ="M" AREA="KG" SEX="F"/>)", "TIME_PERIOD", attribute, version),
        network);
    return std::pair(r.message.datasets.at(0).action, rules_of(r.findings));
  };
  CHECK(action(R"(ss:action="Merge")", "3_1") == std::pair(Action::kMerge, Lines{}));
  CHECK(action(R"(ss:action="Merge")", "3_0") == std::pair(Action::kMerge, Lines{"header-quirk"}));
  CHECK(action(R"(ss:action="Append")", "3_1") == std::pair(Action::kAppend, Lines{}));
  CHECK(action(R"(ss:action="Change")", "3_1").second == Lines{"unknown-action"});
  Reading r = read_text(message30(R"(<Series AREA="KG"/>
<Obs AREA="KZ" TIME_PERIOD="2026-01"/>
<Obs AREA="KZ" OBS_VALUE="1" NOTE="x"/>)",
                                  "TIME_PERIOD", R"(ss:action="Delete")"),
                        network);
  CHECK(lines_of(r.findings) == Lines{});
  CHECK(r.rows ==
        Lines{"run - 'KG' -:", "run - 'KZ' -:", "  '2026-01' @3", "  - OBS_VALUE='1' NOTE='x' @4"});
  for (const char* attributes_alone :
       {R"(<Series FREQ="M" AREA="KG" SEX="F" UNIT="x"/>)", R"(<Atts SOURCE="x"/>)",
        R"(<Obs FREQ="M" AREA="KG" SEX="F" TIME_PERIOD="2026" NOTE="x"/>)",
        R"(<Series FREQ="M" AREA="KG" SEX="F"><Obs TIME_PERIOD="2026" NOTE="x"/></Series>)"}) {
    Reading refused =
        read_text(message30(attributes_alone, "TIME_PERIOD", R"(ss:action="Delete")"), network);
    REQUIRE_FALSE(refused.findings.listed().empty());
    CHECK(rules_of(refused.findings)[0] == "delete-part");
  }
}

TEST_CASE("3.0: what would be passed over unseen is said") {
  auto network = network30();
  Reading r = read_text(message30(R"(
<Series FREQ="M" AREA="KG" SEX="F" ss:action="Delete">
<Comp id="TITLE" OBS_VALUE="1"><Value ss:action="Delete">a</Value></Comp>
<Obs TIME_PERIOD="2026-01" OBS_VALUE="1"><Comp id="NOTE"><Value>
<c:Text xml:lang="1en" AREA="KG">a</c:Text><c:Text xml:lang="zh-Hant-TW">b</c:Text></Value></Comp></Obs></Series>)"),
                        network);
  CHECK(lines_of(r.findings) ==
        Lines{"unknown-component 3:1 ss:action=", "unknown-component 4:1 OBS_VALUE=1",
              "unknown-component 4:32 ss:action=", "unknown-component 6:1 AREA=KG",
              "type-mismatch 6:1 NOTE=1en"});
  Reading action = read_text(
      message30(R"(<Series FREQ="M" AREA="KG" SEX="F"/>)", "TIME_PERIOD", R"(n:action="Delete")"),
      network);
  CHECK(rules_of(action.findings) == Lines{"unknown-component"});
}

TEST_CASE("3.0: too many values are a finding, and memory has a bound") {
  auto network = network30();
  Limits limits;
  limits.text_bytes = 100;
  std::string values;
  for (int i = 0; i < 60; ++i) values += "<Value>v</Value>";
  Reading r = read_text(message30(R"(<Series FREQ="M" AREA="KG" SEX="F"><Comp id="TITLE">)" +
                                  values + "</Comp></Series>"),
                        network, ByteSource::kMaxSpan, limits);
  CHECK(rules_of(r.findings) == Lines{"text-too-long"});
  REQUIRE(r.rows.size() == 1);
  CHECK(r.rows[0].size() < 200);
}

TEST_CASE("3.0: values, languages and partial keys are written as they were read") {
  auto network = network30();
  const std::string text = message30(R"(
<Atts><Comp id="SOURCE"><Value>a</Value><Value>b &lt; c</Value></Comp></Atts>
<Atts FREQ="M" AREA="KG" REGION="south"/><Group xsi:type="n:ByArea" AREA="KG"><Comp id="PLACE"><Value>x</Value><Value>y</Value></Comp></Group>
<Series FREQ="M" AREA="KG" SEX="F"><Comp id="TITLE"><Value><c:Text xml:lang="ru">да</c:Text><c:Text xml:lang="en">yes</c:Text></Value></Comp>
<Obs TIME_PERIOD="2026-01" OBS_VALUE="12"><Comp id="NOTE"><Value>1</Value><Value>2</Value></Comp></Obs></Series>
<Series FREQ="M" AREA="KG" SEX="M" UNIT="PER"><Obs TIME_PERIOD="2026-01" OBS_VALUE="1"/></Series>)");
  const Reading original = read_text(text, network);
  REQUIRE(lines_of(original.findings) == Lines{});
  auto without_lines = [](Lines rows) {
    for (std::string& row : rows) row = row.substr(0, row.find(" @"));
    return rows;
  };
  for (bool flat : {false, true}) {
    DataWriteOptions options;
    options.flat = flat;
    auto written = rewrite(text, network, DataFormat::kStructureSpecific30, options);
    REQUIRE(written.ok());
    const Reading back = read_text(*written, network);
    INFO(*written);
    CHECK(lines_of(back.findings) == Lines{});
    CHECK(without_lines(back.rows) == without_lines(original.rows));
  }
}

TEST_CASE("attributes of partial keys in 2.1 stand at each of their series; lists cannot") {
  Structures all = network30().structures();
  std::vector<Component>& parts = all.data_structures[0].components;
  parts.erase(std::find_if(parts.begin(), parts.end(),
                           [](const Component& c) { return c.id == "OBS_COUNT"; }));
  StructureLookup network(std::move(all));
  const std::string text = message30(R"(<Atts FREQ="M" AREA="KG" REGION="south"/>
<Series FREQ="M" AREA="KG" SEX="F"><Obs TIME_PERIOD="2026-01" OBS_VALUE="12"/></Series>
<Series FREQ="Q" AREA="KG" SEX="M"><Obs TIME_PERIOD="2026-Q1" OBS_VALUE="1"/></Series>)");
  auto written = rewrite(text, network, DataFormat::kStructureSpecific21);
  REQUIRE(written.ok());
  const Reading back = read_text(*written, network);
  CHECK(lines_of(back.findings) == Lines{});
  REQUIRE(back.rows.size() == 4);
  CHECK(back.rows[0] == "run 'M' 'KG' 'F': REGION='south'");
  CHECK(back.rows[2] == "run 'Q' 'KG' 'M':");

  for (
      const char* impossible :
      {R"(<Atts FREQ="M" AREA="KG" REGION="south"/>)",
       R"(<Series FREQ="M" AREA="KG" SEX="F"><Comp id="TITLE"><Value>a</Value><Value>b</Value></Comp></Series>)",
       R"(<Series FREQ="M" AREA="KG" SEX="F"><Obs TIME_PERIOD="2026"><Comp id="NOTE"><Value>a</Value><Value>b</Value></Comp></Obs></Series>)"}) {
    auto refused = rewrite(message30(impossible), network, DataFormat::kStructureSpecific21);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().kind == ErrorKind::kNotRight);
  }
}

TEST_CASE("3.0: a file cut anywhere is truncated, and nothing worse") {
  auto network = network30();
  const std::string text = message30(R"(<Atts FREQ="M" AREA="KG" REGION="é"/>
<Series FREQ="M" AREA="KG" SEX="F"><Comp id="TITLE"><Value>one</Value><Value><c:Text xml:lang="ru">два</c:Text></Value></Comp>
<Obs TIME_PERIOD="2026-01" OBS_VALUE="12"><Comp id="NOTE"><Value><c:StructuredText><p>x</p></c:StructuredText></Value></Comp><Metadata/></Obs></Series>)");
  for (std::size_t size = text.find("<m:DataSet"); size < text.size(); ++size) {
    Reading r;
    MemorySource source(std::string_view(text).substr(0, size));
    read_data(source, text, network, r);
    INFO(text.substr(0, size));
    REQUIRE_FALSE(r.findings.listed().empty());
    CHECK(rules_of(r.findings).back() == "truncated");
  }
}

TEST_CASE("3.0: the size of the pieces in which a file comes does not matter") {
  auto network = network30();
  std::string text = message30(R"(
<Atts SOURCE="é"/><Series FREQ="M" AREA="KG" SEX="F"><Comp id="TITLE"><Value>one</Value><Value><c:Text xml:lang="ru">два</c:Text></Value></Comp>
<Obs TIME_PERIOD="2026-01" OBS_VALUE="12"><Comp id="NOTE"><Value>a&#x42;&lt;c</Value></Comp><Wrong/></Obs></Series>)");
  Reading whole = read_text(text, network);
  CHECK(rules_of(whole.findings) == Lines{"unknown-element"});
  CHECK(visible(whole.rows).back() == "  '2026-01' OBS_VALUE='12' NOTE='aB<c' @4");
  for (std::size_t span : {1, 2, 3, 7, 64, 1000}) {
    Reading r = read_text(text, network, span);
    CHECK(r.rows == whole.rows);
    CHECK(lines_of(r.findings) == lines_of(whole.findings));
  }
}

// ------------------------------------------------------------------------------- explicit measures

namespace {

StructureLookup measure_network() {
  Structures all;
  ConceptScheme measures;
  measures.ref = {"T", "MEASURES", "1.0"};
  for (const char* id : {"BIRTHS", "DEATHS"}) measures.concepts.emplace_back().id = id;
  all.concept_schemes.push_back(measures);
  DataStructure dsd;
  dsd.ref = {"T", "DSD", "1.0"};
  for (auto [id, kind] : {std::pair{"AREA", ComponentKind::kDimension},
                          {"DEMO", ComponentKind::kMeasureDimension},
                          {"TIME_PERIOD", ComponentKind::kTimeDimension},
                          {"OBS_VALUE", ComponentKind::kMeasure},
                          {"OBS_STATUS", ComponentKind::kAttribute}}) {
    Component c;
    c.id = id;
    c.kind = kind;
    if (kind == ComponentKind::kMeasureDimension) c.local = Representation{measures.ref, {}};
    dsd.components.push_back(c);
  }
  all.data_structures.push_back(dsd);
  return StructureLookup(std::move(all));
}

}  // namespace

TEST_CASE("2.1: with explicit measures the type of an Obs is its measure") {
  auto network = measure_network();
  auto flow = network.data_structure({"T", "DSD", "1.0"});
  REQUIRE(flow);
  CHECK(flow->missing.empty());
  REQUIRE(flow->components[1].coded());
  CHECK(flow->components[1].codes->find("DEATHS") == 1);

  auto explicit_message = [](std::string_view inside, std::string_view at) {
    std::string text = ss_message(inside, at);
    text.replace(text.find("namespace="), 0, R"(explicitMeasures="true" )");
    return text;
  };
  SECTION("the measure dimension at the observation") {
    Reading r = read_text(explicit_message(R"(
<Series AREA="KG" TIME_PERIOD="2026"><Obs xsi:type="n:BIRTHS" OBS_VALUE="1" OBS_STATUS="A"/>
<Obs xsi:type="n:DEATHS" type="DEATHS" OBS_VALUE="2"/></Series>)",
                                           "DEMO"),
                          network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"run 'KG' 'BIRTHS':", "  '2026' OBS_VALUE='1' OBS_STATUS='A' @4",
                          "run 'KG' 'DEATHS':", "  '2026' OBS_VALUE='2' @5"});
  }
  SECTION("flat") {
    Reading r = read_text(explicit_message(R"(
<Obs xsi:type="n:BIRTHS" AREA="KG" TIME_PERIOD="2026" OBS_VALUE="1"/>
<Obs xsi:type="n:DEATHS" DEMO="DEATHS" AREA="KG" TIME_PERIOD="2026" OBS_VALUE="2"/>)",
                                           "AllDimensions"),
                          network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"run 'KG' 'BIRTHS':", "  '2026' OBS_VALUE='1' @4",
                          "run 'KG' 'DEATHS':", "  '2026' OBS_VALUE='2' @5"});
  }
  SECTION("not where time is at the observation") {
    Reading r =
        read_text(explicit_message(R"(<Series AREA="KG" DEMO="BIRTHS"/>)", "TIME_PERIOD"), network);
    CHECK(rules_of(r.findings) == Lines{"header-value"});
  }
  SECTION("not explicit: the measure dimension is a dimension as any other") {
    Reading r = read_text(ss_message(R"(
<Series AREA="KG" TIME_PERIOD="2026"><Obs DEMO="BIRTHS" OBS_VALUE="1"/></Series>)",
                                     "DEMO"),
                          network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"run 'KG' 'BIRTHS':", "  '2026' OBS_VALUE='1' @4"});
  }
}

}  // namespace focalpost
