// SPDX-License-Identifier: Apache-2.0
//
// SDMX-CSV 1.0 and 2.0.
#include "sdmx/csv_records.h"
#include "sdmx_fixture.h"

namespace focalpost {

using Lines = std::vector<std::string>;

TEST_CASE("SDMX-CSV 1.0") {
  auto network = small_network();
  Reading r = read_text(
      "DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT\r\n"
      "T:FLOW(1.0),M,KG,F,2026-01,12,A,PER\r\n"
      "T:FLOW(1.0),M,KG,F,2026-02,,,PER\r\n"
      "T:FLOW(1.0),M,KG,M,2026-01,14,A,\r\n",
      network);
  CHECK(lines_of(r.findings) == Lines{});
  CHECK(r.rows == Lines{"run 'M' 'KG' 'F': UNIT='PER'",
                        "  '2026-01' OBS_VALUE='12' OBS_STATUS='A' @2", "  '2026-02' @3",
                        "run 'M' 'KG' 'M':", "  '2026-01' OBS_VALUE='14' OBS_STATUS='A' @4"});
  CHECK(r.message.version == "1.0");
  CHECK(r.datasets_ended == 1);
}

TEST_CASE("SDMX-CSV 2.0: actions make datasets") {
  auto network = small_network();
  Reading r = read_text(
      "\xEF\xBB\xBFSTRUCTURE[;],STRUCTURE_ID,ACTION,SEX,AREA,FREQ,TIME_PERIOD,OBS_VALUE,SOURCE,"
      "PLACE\n"
      "dataflow,T:FLOW(1.0),A,F,KG,M,2026-01,12,census,all\n"
      "dataflow,T:FLOW(1.0),A,M,KG,M,2026-01,13,census,all\n"
      "dataflow,T:FLOW(1.0),A,M,KZ,M,2026-01,14,register,\"a \"\"b\"\"\nc\"\n"
      "datastructure,T:DSD(1.0),D,F,KG,M,,,,\n",
      network);
  CHECK(lines_of(r.findings) == Lines{"attribute-conflict 4:9 SOURCE=register"});
  REQUIRE(r.message.datasets.size() == 2);
  CHECK(r.message.datasets[0].action == Action::kAppend);
  CHECK(r.message.datasets[1].action == Action::kDelete);
  CHECK(r.message.datasets[1].flow->dataflow.text() == "T:FLOW(1.0)");
  CHECK(r.rows == Lines{"dataset SOURCE='census'", "group ByArea - 'KG' -: PLACE='all'",
                        "group ByArea - 'KZ' -: PLACE='a \"b\"\nc'",
                        "run 'M' 'KG' 'F':", "  '2026-01' OBS_VALUE='12' @2",
                        "run 'M' 'KG' 'M':", "  '2026-01' OBS_VALUE='13' @3", "run 'M' 'KZ' 'M':",
                        "  '2026-01' OBS_VALUE='14' @4", "run 'M' 'KG' 'F':", "  - @6"});
}

TEST_CASE("CSV: semicolons, decimal commas, labels") {
  auto network = small_network();
  Reading r = read_text(
      "DATAFLOW;FREQ: Frequency;AREA: Area;SEX: Sex;TIME_PERIOD: Time;OBS_VALUE: Value;OBS_STATUS: "
      "Status;NOTE: Note\n"
      "T:FLOW(1.0): A flow;M;KG;F;2026-01;1,5;A: Normal;1,5: kept\n"
      "T:FLOW(1.0): A flow;M;KG;F;2026-02;1,234,5;P: Provisional;\n",
      network);
  CHECK(lines_of(r.findings) == Lines{});
  CHECK(r.rows ==
        Lines{"run 'M' 'KG' 'F':", "  '2026-01' OBS_VALUE='1.5' OBS_STATUS='A' NOTE='1,5: kept' @2",
              "  '2026-02' OBS_VALUE='1,234,5' OBS_STATUS='P' @3"});
  SECTION("a comma is no decimal sign where it separates") {
    Reading c = read_text(
        "DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE\nT:FLOW(1.0),M,KG,F,2026-01,\"1,5\"\n",
        network);
    CHECK(c.rows.back() == "  '2026-01' OBS_VALUE='1,5' @2");
  }
}

TEST_CASE("CSV: what is wrong with the header") {
  auto network = small_network();
  auto lines = [&](std::string_view text) { return lines_of(read_text(text, network).findings); };
  CHECK(lines("DATAFLOW,FREQ,AREA,TIME_PERIOD,OBS_VALUE\nT:FLOW(1.0),M,KG,2026,1\n") ==
        Lines{"csv-header 1:0 SEX="});
  CHECK(lines("DATAFLOW,FREQ,FREQ\nT:FLOW(1.0),M,M\n") == Lines{"csv-header 1:3 FREQ="});
  CHECK(lines("DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VAL\nT:FLOW(1.0),M,KG,F,2026,1\n") ==
        Lines{"unknown-component 2:6 OBS_VAL="});
  CHECK(lines("DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VAL\nT:FLOW(1.0),M,KG,F,2026,\n") ==
        Lines{"unknown-component 1:6 OBS_VAL="});
  CHECK(lines("DATAFLOW,FREQ\nT:FLOV(1.0),M\n") ==
        Lines{"unknown-structure 2:1 Dataflow=T:FLOV(1.0)"});
  CHECK(lines("DATAFLOW,FREQ\n") == Lines{"no-dataset 0:0"});
  CHECK(lines("STRUCTURE,ACTION,FREQ\ndataflow,R,M\n") == Lines{"csv-header 1:0 STRUCTURE_ID="});
  CHECK(lines("STRUCTURE,STRUCTURE_ID,NOTE[]\ndataflow,T:FLOW(1.0),x\n") ==
        Lines{"unsupported-message 1:3 NOTE[]="});
  CHECK(lines("STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,SEX,TIME_PERIOD\ndataflow,T:FLOW(1.0),M,M,"
              "KG,F,2026\n") == Lines{"unknown-action 2:3 ACTION=M"});
}

TEST_CASE("CSV: what is wrong with a row") {
  auto network = small_network();
  const std::string head = "DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE,NOTE\n";
  auto read = [&](const std::string& rows) { return read_text(head + rows, network); };
  Reading r = read(
      "T:FLOW(1.0),M,KG,F,2026-01\nT:FLOW(1.0),M,KG,F,2026-02,1,a\"b\nT:FLOW(1.0),M,KG,F,2026-03,1,"
      "\"a\" \n"
      "T:FLOW(1.0),M,KG,F,2026-04,1,ok\n");
  CHECK(lines_of(r.findings) == Lines{"csv-fields 2:0 =5", "csv-quotes 3:0", "csv-quotes 4:0"});
  CHECK(r.findings.listed()[0].expected == "7");
  CHECK(r.rows.back() == "  '2026-04' OBS_VALUE='1' NOTE='ok' @5");
  CHECK(rules_of(read("T:FLOW(1.0),M,KG,F,2026-01,1,\"open\nT:FLOW(1.0)").findings) ==
        Lines{"csv-quotes", "no-dataset"});
  SECTION("limits") {
    Limits limits;
    limits.csv_line_bytes = 1000;
    limits.text_bytes = 100;
    std::string row = "T:FLOW(1.0),M,KG,F,2026-01,1," + std::string(200, 'x') + "\n";
    CHECK(rules_of(read_text(head + row, network, 64, limits).findings) ==
          Lines{"text-too-long", "no-dataset"});
    std::string quoted = "T:FLOW(1.0),M,KG,F,2026-01,1,\"" + std::string(5000, '\n');
    CHECK(rules_of(read_text(head + quoted, network, 64, limits).findings) ==
          Lines{"csv-line-too-long"});
  }
}

TEST_CASE("CSV: the size of the pieces does not matter") {
  auto network = small_network();
  std::string text =
      "DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE,NOTE\r\n"
      "T:FLOW(1.0),M,KG,F,2026-01,1,\"a \"\"q\"\"\r\n, é\"\r\n\r\n"
      "T:FLOW(1.0),M,KG,F,2026-02,1,\"\"\r\n"
      "T:FLOW(1.0),M,KG,F,2026-02,1,x\"y\"\r\n"
      "T:FLOW(1.0),M,KG,M,2026-03,1,end";
  Reading whole = read_text(text, network);
  CHECK(whole.rows.size() == 5);
  for (std::size_t span : {1, 2, 3, 5, 17}) {
    Reading r = read_text(text, network, span);
    CHECK(r.rows == whole.rows);
    CHECK(lines_of(r.findings) == lines_of(whole.findings));
  }
}

TEST_CASE("CSV in another character set") {
  auto network = small_network();
  const std::string head = "DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE,NOTE\n";
  // "Бишкек" in Windows-1251, which nothing declares.
  Reading r = read_text(head + "T:FLOW(1.0),M,KG,F,2026,1,\xC1\xE8\xF8\xEA\xE5\xEA\n", network);
  CHECK(rules_of(r.findings).back() == "bad-encoding");
  CHECK(r.findings.listed().back().suggestions == Lines{"windows-1251"});
}

}  // namespace focalpost
