// SPDX-License-Identifier: Apache-2.0
#include "sdmx/detect.h"

#include "base/text.h"
#include "catch.h"

namespace focalpost {

using namespace std::string_view_literals;

TEST_CASE("what a file is, from its first bytes") {
  auto of = [](std::string_view head) { return describe(detect(head)); };
  const std::string ns = "http://www.sdmx.org/resources/sdmxml/schemas/";
  CHECK(of("") == "empty");
  CHECK(of("\xEF\xBB\xBF \r\n\t") == "empty");
  CHECK(of("<?xml version='1.0'?><!-- <a> --><?pi <b>?>\n<m:GenericData a='>' xmlns:m='" + ns +
           "v2_1/message'>") == "sdmx-ml 2.1 GenericData");
  CHECK(of("<StructureSpecificData xmlns=\"" + ns + "v3_0/message\"") ==
        "sdmx-ml 3.0 StructureSpecificData");
  CHECK(of("<CompactData xmlns=\"http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message\">") ==
        "sdmx-ml 2.0 CompactData");
  CHECK(of("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>") == "xml x");
  CHECK(of("<html>") == "xml html");
  CHECK(of("< 5 persons") == "text");
  CHECK(of("DATAFLOW,FREQ\n") == "sdmx-csv 1.0");
  CHECK(of("STRUCTURE[;],STRUCTURE_ID\n") == "sdmx-csv 2.0");
  CHECK(of("DATAFLOW^FREQ^AREA\n") == "sdmx-csv 1.0");
  CHECK(of("DATAFLOW: see below: no\n") == "text");
  CHECK(of("STRUCTURES of cities\n") == "text");
  CHECK(of("date,value\n1,2\n") == "text");
  CHECK(of("\x50\x4B\x03\x04\x00\x00"sv) == "binary");
  CHECK(of("\xFF\xFE<\0x\0/\0>\0"sv) == "xml x");
}

TEST_CASE("kinds, separators and encodings") {
  const std::string ns = " xmlns=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\">";
  CHECK(detect("<GenericTimeSeriesData" + ns).kind == FileKind::kSdmxMlData);
  CHECK(detect("<Structure" + ns).kind == FileKind::kSdmxMlStructure);
  CHECK(detect("<RegistryInterface" + ns).kind == FileKind::kSdmxMlOther);
  CHECK(detect("<GenericMetadata" + ns).kind == FileKind::kSdmxMlOther);
  CHECK(detect("DATAFLOW;FREQ").separator == ';');
  CHECK(detect("\"DATAFLOW\"\t\"FREQ\"").separator == '\t');
  CHECK(detect("STRUCTURE[|];STRUCTURE_ID").sub_separator == '|');
  CHECK(detect("<?xml version=\"1.0\" encoding='cp1251'?><a/>").encoding == "windows-1251");
  CHECK(detect("<?xml version=\"1.0\" encoding='UTF-7'?><a/>").encoding.empty());
}

TEST_CASE("detect: what it says of a file is UTF-8, whatever the file is") {
  // Found by fuzzing: these words go into receipts.
  for (const char* text : {"<?xml version=\"1.0\" encoding=\"UT\xD1-8\"?><a/>", "<\xE9t\xE9/>",
                           "<a xmlns=\"urn:\xFF\"/>"}) {
    const Detection found = detect(text);
    CHECK(found.kind == FileKind::kOtherXml);
    CHECK(is_utf8(found.declared_encoding));
    CHECK(is_utf8(found.root));
    CHECK(is_utf8(found.root_namespace));
    CHECK(is_utf8(describe(found)));
  }
}

}  // namespace focalpost
