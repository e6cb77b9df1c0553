// SPDX-License-Identifier: Apache-2.0
//
// SDMX-JSON data messages, and the parser below them.
#include "base/json.h"
#include "model/multi_value.h"
#include "sdmx/json_pull.h"
#include "sdmx_fixture.h"

namespace focalpost {

using Lines = std::vector<std::string>;

namespace {

constexpr std::string_view kMeta =
    R"("meta":{"id":"M1","prepared":"2026-01-01T00:00:00Z","test":false,"sender":{"id":"XX"}})";
constexpr std::string_view kLinks =
    R"x("links":[{"rel":"dataflow","urn":"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOW(1.0)"}])x";
/// FREQ at the dataSet, AREA and SEX at the series, time at the observation.
constexpr std::string_view kDimensions =
    R"("dimensions":{"dataSet":[{"id":"FREQ","keyPosition":0,"values":[{"id":"M"}]}],
"series":[{"id":"AREA","keyPosition":1,"values":[{"id":"KG"},{"id":"KZ"}]},
{"id":"SEX","keyPosition":2,"values":[{"id":"F"},{"id":"M"}]}],
"observation":[{"id":"TIME_PERIOD","keyPosition":3,"values":[{"id":"2026-01"},{"value":"2026-02"}]}]})";
constexpr std::string_view kFlatDimensions =
    R"("dimensions":{"observation":[{"id":"SEX","keyPosition":2,"values":[{"id":"F"},{"id":"M"}]},
{"id":"AREA","keyPosition":1,"values":[{"id":"KG"}]},{"id":"FREQ","keyPosition":0,"values":[{"id":"M"}]},
{"id":"TIME_PERIOD","keyPosition":3,"values":[{"id":"2026-01"},{"id":"2026-02"}]}]})";

/// A message of one structure and these dataSets.
std::string message(std::string_view datasets, std::string_view attributes = "",
                    std::string_view dimensions = kDimensions) {
  return fmt::format("{{\n{},\n\"data\":{{\"structures\":[{{{},\n{}{}{}}}],\n\"dataSets\":[{}]}}}}",
                     kMeta, kLinks, dimensions, attributes.empty() ? "" : ",\n", attributes,
                     datasets);
}

/// The events of a text, or the rule that it breaks.
std::string events(std::string_view text, std::size_t span = ByteSource::kMaxSpan) {
  using Event = sdmx::JsonPull::Event;
  MemorySource source(text, span);
  sdmx::Utf8Input input(source, Detection());
  Limits limits;
  sdmx::JsonPull pull(input, limits);
  std::string all;
  for (;;) {
    switch (pull.next()) {
      case Event::kObject:
        all += '{';
        break;
      case Event::kObjectEnd:
        all += '}';
        break;
      case Event::kArray:
        all += '[';
        break;
      case Event::kArrayEnd:
        all += ']';
        break;
      case Event::kKey:
        all += "k:" + std::string(pull.text()) + " ";
        break;
      case Event::kString:
        all += "s:" + std::string(pull.text()) + " ";
        break;
      case Event::kNumber:
        all += std::string(pull.text()) + " ";
        break;
      case Event::kTrue:
        all += "t ";
        break;
      case Event::kFalse:
        all += "f ";
        break;
      case Event::kNull:
        all += "n ";
        break;
      case Event::kEnd:
        return all;
      case Event::kFault:
        return pull.rule() ? std::string(pull.rule()->id) : "input";
    }
  }
}

}  // namespace

TEST_CASE("JSON: events") {
  CHECK(events(R"( {"a":[1,-2.50,3e-7,"x\"\u00e9\ud83d\ude00\n",true,false,null,{},[]]} )") ==
        "{k:a [1 -2.50 3e-7 s:x\"\u00e9\U0001F600\n t f n {}[]]}");
  CHECK(events("12") == "12 ");
  CHECK(events("\"\\u0000\"") == "json-not-well-formed");
  CHECK(events(std::string(65, '[')) == "json-too-deep");
  CHECK(events("\"" + std::string(70'000, 'x') + "\"") == "text-too-long");
  CHECK(events("[1,\"\xFF\"]") == "input");
  CHECK(events(std::string(70'000, '1')) == "text-too-long");
}

TEST_CASE("JSON: what is right and wrong is what the library says") {
  const std::vector<std::string> texts = {"{}",
                                          "[]",
                                          "\"\"",
                                          "0",
                                          "-0",
                                          "1.0",
                                          "1e5",
                                          "1E+5",
                                          "true",
                                          " null\r\n",
                                          "[1,2]",
                                          "[[],{}]",
                                          R"({"a":1,"a":2})",
                                          R"("\/\b\f\n\r\t\\")",
                                          R"("\ud834\udd1e")",
                                          "",
                                          " ",
                                          "{",
                                          "[",
                                          "\"",
                                          "\"\\",
                                          "\"\\u12",
                                          "[1,]",
                                          "[,1]",
                                          "{,}",
                                          R"({"a"})",
                                          R"({"a":})",
                                          R"({"a":1,})",
                                          R"({a:1})",
                                          R"({"a" 1})",
                                          "[1 2]",
                                          "[1}",
                                          R"({"a":1])",
                                          "01",
                                          "-",
                                          "+1",
                                          ".5",
                                          "1.",
                                          "1e",
                                          "1e+",
                                          "0x1",
                                          "tru",
                                          "trues",
                                          "nul",
                                          "True",
                                          "'a'",
                                          "\"a\tb\"",
                                          R"("\x")",
                                          R"("\ud834")",
                                          R"("\udd1e")",
                                          R"("\ud834x")",
                                          "{}{}",
                                          "1 2",
                                          "]",
                                          "}",
                                          ":",
                                          "// a\n1",
                                          "[1]x",
                                          "NaN",
                                          "Infinity"};
  for (const std::string& text : texts) {
    INFO(text);
    const std::string whole = events(text);
    const bool good = whole != "json-not-well-formed" && whole != "truncated";
    CHECK(good == nlohmann::json::accept(text));
    for (std::size_t span : {1, 2, 3}) CHECK(events(text, span) == whole);
    // Cut anywhere, it is wrong or another number, never read beyond its end.
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
      const std::string part = text.substr(0, cut);
      const std::string said = events(part);
      CHECK((said != "json-not-well-formed" && said != "truncated") ==
            nlohmann::json::accept(part));
    }
  }
}

TEST_CASE("SDMX-JSON 2.0: series") {
  auto network = small_network();
  const std::string text = message(
      R"({"structure":0,"action":"Append","validFrom":"2026-01-01","attributes":[0],
"series":{"0:0":{"attributes":[1],"annotations":[0],"observations":{"0":[1.50,0],"1":[null,null,7]}},
"1:1":{"observations":{"1":["12"]}}}})",
      R"("attributes":{"dataSet":[{"id":"SOURCE","values":[{"value":"census"}]}],
"series":[{"id":"UNIT","values":[{"id":"PER"},{"id":"EUR"}]}],
"observation":[{"id":"OBS_STATUS","values":[{"id":"A"},{"id":"P"}]}]})");
  for (std::size_t span : {std::size_t(1), std::size_t(7), ByteSource::kMaxSpan}) {
    Reading r = read_text(text, network, span);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"dataset SOURCE='census'", "run 'M' 'KG' 'F': UNIT='EUR'",
                          "  '2026-01' OBS_VALUE='1.50' OBS_STATUS='A' @12", "  '2026-02' @12",
                          "run 'M' 'KZ' 'M':", "  '2026-02' OBS_VALUE='12' @13"});
    CHECK(r.datasets_ended == 1);
    REQUIRE(r.message.datasets.size() == 1);
    CHECK(r.message.datasets[0].action == Action::kAppend);
    CHECK(r.message.datasets[0].action_given);
    CHECK(r.message.datasets[0].valid_from == "2026-01-01");
    CHECK(r.message.datasets[0].structure.text() == "T:FLOW(1.0)");
    CHECK(r.message.format == "sdmx-json");
    CHECK(r.message.version == "2.0");
    CHECK(r.message.id == "M1");
    CHECK(r.message.sender == "XX");
  }
}

TEST_CASE("SDMX-JSON: flat observations, and data before their structure") {
  auto network = small_network();
  const std::string data =
      R"([{"action":"Information","observations":{"0:0:0:0":[1,0],"1:0:0:1":[2.0]}}])";
  const std::string structure = fmt::format(
      R"({{"links":[{{"href":"https://x.example/rest/dataflow/T/FLOW/1.0?a=b","rel":"dataflow"}}],{},
"attributes":{{"observation":[{{"id":"NOTE","values":[{{"name":"a \"b\"\n\u00e9"}}]}}]}}}})",
      kFlatDimensions);
  const Lines rows = {"run 'M' 'KG' 'F':", "  '2026-01' OBS_VALUE='1' NOTE='a \"b\"\n\u00e9' @2",
                      "run 'M' 'KG' 'M':", "  '2026-02' OBS_VALUE='2.0' @2"};
  Reading r = read_text(
      fmt::format("{{{},\n\"data\":{{\"dataSets\":{},\"structure\":{}}}}}", kMeta, data, structure),
      network);
  CHECK(lines_of(r.findings) == Lines{});
  CHECK(r.rows == rows);
  CHECK(r.message.version == "1.0");
  CHECK(r.message.datasets[0].action == Action::kInformation);
  SECTION("the draft before 1.0") {
    r = read_text(fmt::format(R"({{"header":{{"id":"A","sender":{{"id":"B"}}}},
"structure":{},"dataSets":{}}})",
                              structure, data),
                  network);
    CHECK(lines_of(r.findings) == Lines{"header-quirk 1:2 header="});
    CHECK(r.rows.size() == 4);
  }
  SECTION("too much before the structure") {
    Limits limits;
    limits.stage_memory = 40;
    r = read_text(fmt::format("{{{},\n\"data\":{{\"dataSets\":{},\"structure\":{}}}}}", kMeta, data,
                              structure),
                  network, 64, limits);
    CHECK(rules_of(r.findings) == Lines{"json-order"});
    CHECK(r.observations == 0);
  }
}

TEST_CASE("SDMX-JSON: a value belongs where the DSD says, wherever it stands") {
  auto network = small_network();
  SECTION("up at the dataSet") {
    Reading r = read_text(
        message(
            R"({"attributes":[0,"x","all","PER"],"series":{"0:0":{"observations":{"0":[1],"1":[2]}}}})",
            R"("attributes":{"dataSet":[{"id":"OBS_STATUS","values":[{"id":"P"}]},{"id":"NOTE"},
{"id":"PLACE"},{"id":"UNIT"}]})"),
        network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"group ByArea - 'KG' -: PLACE='all'", "run 'M' 'KG' 'F': UNIT='PER'",
                          "  '2026-01' OBS_VALUE='1' OBS_STATUS='P' NOTE='x' @10",
                          "  '2026-02' OBS_VALUE='2' OBS_STATUS='P' NOTE='x' @10"});
  }
  SECTION("down at the series and the observation") {
    Reading r = read_text(
        message(
            R"({"series":{"0:0":{"attributes":["census"],"observations":{"0":[1,"all","PER"],"1":[2,"all","EUR"]}}}})",
            R"("attributes":{"series":[{"id":"SOURCE"}],"observation":[{"id":"PLACE"},{"id":"UNIT"}]})"),
        network);
    CHECK(lines_of(r.findings) == Lines{"attribute-conflict 9:104 UNIT=EUR"});
    CHECK(r.rows == Lines{"dataset SOURCE='census'", "group ByArea - 'KG' -: PLACE='all'",
                          "run 'M' 'KG' 'F': UNIT='PER'", "  '2026-01' OBS_VALUE='1' @9",
                          "  '2026-02' OBS_VALUE='2' @9"});
  }
  SECTION("defaults") {
    Reading r = read_text(
        message(
            R"({"series":{"0:0":{"observations":{"0":[1],"1":[2,null],"0":[3,1]}}}})",
            R"("attributes":{"dataSet":[{"id":"SOURCE","default":"register"}],"series":[{"id":"UNIT","default":"PER"}],
"observation":[{"id":"OBS_STATUS","default":"A","values":[{"id":"A"},{"id":"P"}]}]})"),
        network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"dataset SOURCE='register'", "run 'M' 'KG' 'F': UNIT='PER'",
                          "  '2026-01' OBS_VALUE='1' OBS_STATUS='A' @10",
                          "  '2026-02' OBS_VALUE='2' OBS_STATUS='A' @10",
                          "  '2026-01' OBS_VALUE='3' OBS_STATUS='P' @10"});
  }
  SECTION("groups of dimensions") {
    Reading r = read_text(
        message(
            R"({"dimensionGroupAttributes":{":1::":["all",null],"0:0:0:":[null,0]}})",
            R"("attributes":{"dimensionGroup":[{"id":"PLACE"},{"id":"UNIT","values":[{"id":"PER"}]}]})"),
        network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"group ByArea - 'KZ' -: PLACE='all'", "run 'M' 'KG' 'F': UNIT='PER'"});
    CHECK(r.observations == 0);
  }
  SECTION("a series with attributes alone, and attributes behind the observations") {
    Reading r = read_text(
        message(
            R"({"series":{"0:0":{"attributes":["PER"]},"1:0":{"observations":{"0":[1]},"attributes":["EUR"]},"1:1":{}}})",
            R"("attributes":{"series":[{"id":"UNIT"}]})"),
        network);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.rows == Lines{"run 'M' 'KG' 'F': UNIT='PER'", "run 'M' 'KZ' 'F': UNIT='EUR'",
                          "  '2026-01' OBS_VALUE='1' @9"});
  }
}

TEST_CASE("SDMX-JSON: several values, languages, several measures") {
  Structures all = small_network().structures();
  Component second = all.data_structures[0].components[4];
  second.id = "COUNT2";
  auto& components = all.data_structures[0].components;
  components.insert(components.begin() + 5, second);
  StructureLookup network(std::move(all));
  Reading r = read_text(message(R"({"series":{"0:0":{"observations":{
"0":[1,2,["a","b"],[0,1]],"1":[3,null,{"en":"V","fr":"W"}]}},"1:0":{"observations":{
"0":[1,2,[{"en":"V1"},{"en":"V2"}]],"1":[1,2,["one"],0]}}}})",
                                R"("measures":{"observation":[{"id":"OBS_VALUE"},{"id":"COUNT2"}]},
"attributes":{"observation":[{"id":"NOTE","format":{"isMultiLingual":true}},{"id":"OBS_STATUS","values":[{"id":"A"},{"id":"P"}]}]})"),
                        network);
  CHECK(lines_of(r.findings) == Lines{});
  REQUIRE(r.rows.size() == 6);
  Lines shown;
  for (std::string row : r.rows) {
    for (char& c : row) c = c == kNextValue ? '^' : c == kNextText ? '|' : c;
    shown.push_back(row);
  }
  CHECK(shown[1] == "  '2026-01' OBS_VALUE='1' COUNT2='2' NOTE='^a^b' OBS_STATUS='^A^P' @11");
  CHECK(shown[2] == "  '2026-02' OBS_VALUE='3' NOTE='^|en|V|fr|W' @11");
  CHECK(shown[4] == "  '2026-01' OBS_VALUE='1' COUNT2='2' NOTE='^|en|V1^|en|V2' @12");
  CHECK(shown[5] == "  '2026-02' OBS_VALUE='1' COUNT2='2' NOTE='one' OBS_STATUS='A' @12");
}

TEST_CASE("SDMX-JSON: attributes of metadata within others are left out, and said") {
  auto network = small_network();
  Reading r =
      read_text(message(R"({"series":{"0:0":{"observations":{"0":[1,"a","b"]}}}})",
                        R"("attributes":{"observation":[{"id":"CONTACT.NAME"},{"id":"NOTE"}]})"),
                network);
  CHECK(rules_of(r.findings) == Lines{"metadata-left-out"});
  CHECK(r.findings.listed()[0].component == "CONTACT.NAME");
  REQUIRE(r.rows.size() == 2);
  CHECK(r.rows[1].starts_with("  '2026-01' OBS_VALUE='1' NOTE='b'"));
}

TEST_CASE("SDMX-JSON: deletes") {
  auto network = small_network();
  const std::string_view attributes =
      R"("attributes":{"series":[{"id":"UNIT"}],"observation":[{"id":"NOTE"}]})";
  Reading r = read_text(
      message(
          R"({"action":"Delete","series":{"0:0":{"observations":{"0":[],"1":[1,"x"]}},"1:0":{},":1":{},
"0:1":{"observations":{"0":null}}}},{"action":"Delete"})",
          attributes),
      network);
  CHECK(lines_of(r.findings) == Lines{"no-observation 10:55"});
  CHECK(r.rows ==
        Lines{"run 'M' 'KG' 'F':", "  '2026-01' @9", "  '2026-02' @9",
              "run 'M' 'KZ' 'F':", "run 'M' - 'M':", "run 'M' 'KG' 'M':", "  '2026-01' @10"});
  SECTION("of parts") {
    r = read_text(
        message(
            R"({"action":"Delete","series":{"0:0":{"observations":{"0":[null,"x"]}},"1:0":{"attributes":["PER"]}}})",
            attributes),
        network);
    CHECK(rules_of(r.findings) == Lines{"delete-part", "delete-part", "no-observation"});
  }
  SECTION("a key has all its parts otherwise") {
    r = read_text(message(R"({"action":"Merge","series":{":1":{"observations":{"0":[1]}}}})"),
                  network);
    CHECK(rules_of(r.findings) == Lines{"json-form", "no-observation"});
    CHECK(r.message.datasets[0].action == Action::kMerge);
  }
}

TEST_CASE("SDMX-JSON: several structures") {
  auto network = small_network(true);
  const std::string other = fmt::format(
      R"x({{"links":[{{"urn":"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:OTHER(1.0)"}}],{},"dataSets":[2]}})x",
      kFlatDimensions);
  Reading r = read_text(
      fmt::format(R"({{{},"data":{{"structures":[{{{},{},"dataSets":[0,1]}},{}],"dataSets":[
{{"series":{{"0:0":{{"observations":{{"0":[1]}}}}}}}},
{{"structure":1,"observations":{{"0:0:0:0":[2]}}}},
{{"observations":{{"1:0:0:0":[3]}}}},{{"structure":7,"observations":{{"1:0:0:0":[3]}}}}]}}}})",
                  kMeta, kLinks, kDimensions, other),
      network);
  CHECK(lines_of(r.findings) == Lines{"structure-ref 9:49 structure=7"});
  REQUIRE(r.message.datasets.size() == 4);
  CHECK(r.message.datasets[0].structure.id == "FLOW");
  CHECK(r.message.datasets[1].structure.id == "OTHER");
  CHECK(r.message.datasets[2].structure.id == "OTHER");
  CHECK(!r.message.datasets[3].flow);
  CHECK(r.observations == 3);
}

TEST_CASE("SDMX-JSON: what is wrong") {
  auto network = small_network();
  auto said = [&](const std::string& text) { return rules_of(read_text(text, network).findings); };
  auto data = [&](std::string_view series, std::string_view attributes = "") {
    return message(fmt::format(R"({{"series":{}}})", series), attributes);
  };
  const std::string_view status =
      R"("attributes":{"observation":[{"id":"OBS_STATUS","values":[{"id":"A"}]}]})";
  SECTION("indexes") {
    Reading r = read_text(
        data(
            R"({"0:9":{"observations":{"0":[1]}},"0:0":{"observations":{"2":[1],"0":[1,1],"1":[1,-1],"x":[2]}},
"0":{"observations":{"0":[1]}},"0:0:0":{"observations":{"0":[1]}},"0:99999999999":{"observations":{"0":[1]}}})",
            status),
        network);
    CHECK(lines_of(r.findings) ==
          Lines{"json-index 9:24 SEX=9", "json-index 9:80 TIME_PERIOD=2",
                "json-index 9:95 OBS_STATUS=1", "json-index 9:105 OBS_STATUS=-1",
                "json-index 9:109 TIME_PERIOD=x", "json-form 10:1 series=0",
                "json-form 10:32 series=0:0:0", "json-index 10:67 SEX=99999999999"});
    CHECK(r.findings.listed()[0].expected == "2");
    CHECK(r.findings.listed()[5].expected == "AREA:SEX");
    CHECK(r.observations == 2);
  }
  SECTION("forms") {
    CHECK(said("{\"dataSets\":") == Lines{"truncated"});
    CHECK(said("{\"dataSets\":[}") == Lines{"json-not-well-formed"});
    CHECK(said("{\"dataSets\":5}") == Lines{"json-form", "header-quirk", "no-dataset"});
    CHECK(said("{\"dataSets\":[],\"dataSets\":[]}") ==
          Lines{"component-twice", "header-quirk", "no-dataset"});
    CHECK(said(data("[]")) == Lines{"json-form", "no-observation"});
    CHECK(said(data(R"({"0:0":7})")) == Lines{"json-form", "no-observation"});
    CHECK(said(data(R"({"0:0":{"observations":{"0":7}}})")) ==
          Lines{"json-form", "no-observation"});
    CHECK(said(data(R"({"0:0":{"observations":{"0":[[1,[2]]]}}})")) == Lines{"json-form"});
    CHECK(said(data(R"({"0:0":{"observations":{"0":[1,"A"]}}})", status)) == Lines{"json-form"});
    CHECK(said(data(R"({"0:0":{"observations":{"0":["a\u001eb"]}}})")) == Lines{"json-form"});
    CHECK(said(message(R"({"series":{},"action":"Delete"})")) ==
          Lines{"json-form", "no-observation"});
    CHECK(said(message(R"({"action":"Remove","series":{}})")) ==
          Lines{"unknown-action", "no-observation"});
    CHECK(said(message(R"({"series":{"0:0":{"observations":{"0":[1]}}},"attributes":["P"]})",
                       R"("attributes":{"dataSet":[{"id":"OBS_STATUS"}]})")) == Lines{"json-form"});
  }
  SECTION("components") {
    CHECK(said(data("{}", R"("attributes":{"series":[{"id":"UNTI"}]})")) ==
          Lines{"unknown-component", "no-observation"});
    CHECK(
        said(data("{}", R"("attributes":{"series":[{"id":"UNIT"}],"dataSet":[{"id":"UNIT"}]})")) ==
        Lines{"component-twice", "no-observation"});
    CHECK(said(message("{}", "", R"("dimensions":{"series":[{"id":"FREQ"},{"id":"SEX"}]})")) ==
          Lines{"missing-dimension", "missing-dimension"});
    CHECK(said(message("{}", "", R"("dimensions":{"series":[{"id":"UNIT"}]})"))[0] ==
          "unknown-component");
  }
  SECTION("no structure") {
    CHECK(said(fmt::format(R"({{{},"data":{{"dataSets":[{{"series":{{}}}}]}}}})", kMeta)) ==
          Lines{"structure-ref"});
    CHECK(said(fmt::format(R"({{{},"data":{{"structure":{{{}}},"dataSets":[{{}}]}}}})", kMeta,
                           kDimensions)) == Lines{"header-incomplete"});
  }
  SECTION("cut anywhere: never silent, never an observation too many") {
    const std::string text = data(R"({"0:0":{"observations":{"0":[1],"1":[2]}}})");
    for (std::size_t cut = 0; cut + 1 < text.size(); ++cut) {
      const std::string part = text.substr(0, cut);
      Reading r;
      MemorySource source(part);
      read_data(source, text, network, r);
      CHECK(r.findings.errors() > 0);
      CHECK(r.observations <= 2);
    }
  }
}

TEST_CASE("SDMX-JSON: hostile") {
  auto network = small_network();
  SECTION("depth") {
    for (std::string_view open : {"[", "{\"a\":"}) {
      std::string text = "{\"dataSets\":";
      for (int i = 0; i < 1'000'000; ++i) text += open;
      Reading r = read_text(text, network);
      CHECK(rules_of(r.findings).back() == "json-too-deep");
    }
  }
  SECTION("values without end") {
    std::string text = R"({"structure":{"dimensions":{"series":[{"id":"FREQ","values":[)";
    for (int i = 0; i < 5000; ++i) text += "{\"id\":\"x\"},";
    Limits limits;
    limits.structure_items = 1000;
    Reading r = read_text(text + "0]}]}},\"dataSets\":[]}", network, 4096, limits);
    CHECK(rules_of(r.findings) == Lines{"json-form"});
    limits = {};
    limits.stage_memory = 20'000;
    CHECK(rules_of(read_text(text + "0]}]}},\"dataSets\":[]}", network, 4096, limits).findings) ==
          Lines{"json-form"});
  }
  SECTION("components and datasets without end") {
    std::string many;
    for (int i = 0; i < 3000; ++i) many += fmt::format("{}{{\"id\":\"A{}\"}}", i ? "," : "", i);
    Reading r =
        read_text(message("", fmt::format("\"attributes\":{{\"series\":[{}]}}", many)), network);
    CHECK(rules_of(r.findings) == Lines{"json-form"});
    many = "{}";
    for (int i = 0; i < 3000; ++i) many += ",{}";
    CHECK(rules_of(read_text(message(many), network).findings).back() == "too-many-datasets");
  }
  SECTION("a key that comes again and again, and a string that is too long") {
    std::string series;
    for (int i = 0; i < 20'000; ++i) series += R"("0:0":{"observations":{"0":[1]}},)";
    Reading r = read_text(message("{\"series\":{" + series + "\"1:1\":{}}}"), network);
    CHECK(r.observations == 20'000);
    CHECK(r.batches > 4);
    CHECK(rules_of(read_text("{\"dataSets\":[\"" + std::string(100'000, 'x') + "\"]}", network)
                       .findings) == Lines{"text-too-long"});
  }
}

TEST_CASE("SDMX-JSON: the official samples") {
  const std::filesystem::path reference = reference_folder();
  std::size_t read = 0;
  if (!reference.empty())
    for (const auto& entry : std::filesystem::recursive_directory_iterator(reference / "samples")) {
      if (entry.path().extension() != ".json") continue;
      const std::string text = file_text(entry.path());
      if (detect(text).kind != FileKind::kSdmxJsonData) continue;
      INFO(entry.path().string());
      Reading r = read_text(text, small_network());
      CHECK(!r.error);
      for (const std::string& rule : rules_of(r.findings))
        CHECK((rule == "unknown-structure" || rule == "header-quirk" || rule == "test-message"));
      ++read;
    }
  if (read == 0) WARN("no SDMX-JSON samples are here: skipped");
}

TEST_CASE("SDMX-JSON is told from other JSON") {
  CHECK(describe(detect(
            R"({"$schema":"https://json.sdmx.org/2.1/sdmx-json-data-schema.json","meta":{)")) ==
        "sdmx-json 2.1");
  CHECK(describe(detect(message("{}"))) == "sdmx-json 2.0");
  CHECK(
      detect(
          R"({"meta":{"schema":"https://x.example/2.0/sdmx-json-structure-schema.json"},"data":{)")
          .kind == FileKind::kText);
  CHECK(detect(R"({"type":"FeatureCollection"})").kind == FileKind::kText);
}

}  // namespace focalpost
