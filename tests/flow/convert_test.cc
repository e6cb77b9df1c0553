// SPDX-License-Identifier: Apache-2.0
//
// What `convert` writes says what the file said; what is not right, or cannot be said, is refused.
#include "flow/convert.h"

#include "catch.h"
#include "lab.h"
#include "said.h"

using namespace lab;

namespace {

struct Bench {
  Lab lab;
  Limits limits;
  Folder_ folder;
  CheckContext context;
  std::vector<CheckedFile> judged;

  Bench() {
    context.lookup = &lab.home().lookup();
    context.limits = &limits;
    context.now = lab.clock.now();
    context.temporary = folder.path();
  }
  fs::path put(const std::string& name, std::string_view bytes) {
    must(write_file_durably(folder.path() / name, bytes));
    return folder.path() / name;
  }
  Result<Conversion> convert(const fs::path& path, std::string_view format, std::string& text) {
    judged.clear();
    return convert_file(
        path, must(output_format(format)), context,
        [&](CheckedFile checked) { judged.push_back(std::move(checked)); }, sink_to(text));
  }
  std::string refusal(const fs::path& path, std::string_view format) {
    std::string text;
    auto done = convert(path, format, text);
    return done.ok() ? "(done)" : done.error().what;
  }
  /// The bytes of the one thing in a file.
  std::string inside(const fs::path& path) {
    std::string bytes;
    must(each_file(path, context, [&](const std::string&, ByteSource& source) -> Status {
      CHECK(bytes.empty());
      FP_ASSIGN(bytes, read_all(source, 64 << 20));
      return {};
    }));
    return bytes;
  }
};

}  // namespace

TEST_CASE("letters with one data message, in every format") {
  Bench bench;
  const fs::path spool = fs::path(SOURCE_DIR) / "spool";
  for (const char* name : {"01-asylum-xml", "02-asylum-decisions-generic", "04-gz-flows",
                           "05-crossings-csv1", "06-labour-csv2", "13-forwarded"}) {
    const fs::path path = spool / (std::string(name) + ".eml");
    const Said wanted = read_again(*bench.context.lookup, bench.inside(path));
    CHECK(wanted.cells.size() > 10);
    for (std::string_view format : output_format_names()) {
      INFO(name << " " << format);
      std::string text;
      const Conversion done = must(bench.convert(path, format, text));
      CHECK(done.right);
      CHECK(done.observations == wanted.cells.size());
      REQUIRE(bench.judged.size() == 1);
      CHECK(done.name == bench.judged[0].name);
      if (!can_be_read(*bench.context.lookup, text)) continue;
      CHECK(read_again(*bench.context.lookup, text) == wanted);
      // And on from there.
      std::string again;
      must(bench.convert(bench.put("again", text), "ss-2.1", again));
      CHECK(read_again(*bench.context.lookup, again) == wanted);
    }
  }
}

TEST_CASE("a header stays what it was; a table gets one") {
  Bench bench;
  std::string text;
  must(bench.convert(fs::path(SOURCE_DIR) / "spool" / "01-asylum-xml.eml", "generic-2.1", text));
  const DataMessage& before = bench.judged[0].file.message;
  for (const std::string& part :
       {"<mes:ID>" + before.id + "<", "<mes:Prepared>" + before.prepared + "<",
        "<mes:Sender id=\"" + before.sender + "\""}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  text.clear();
  must(bench.convert(bench.put("a.csv", crossings("2026-01", "12")), "ss-2.1", text));
  for (const char* part :
       {"<mes:ID>CROSSINGS<", "<mes:Prepared>2026-05-20T09:00:00Z<", "<mes:Sender id=\"FP\""}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("what is not right is not converted") {
  Bench bench;
  const fs::path spool = fs::path(SOURCE_DIR) / "spool";
  for (const char* name : {"09-asylum-with-errors", "14-truncated", "17-question"}) {
    INFO(name);
    std::string text;
    const Conversion done =
        must(bench.convert(spool / (std::string(name) + ".eml"), "csv-2.0", text));
    CHECK(!done.right);
    CHECK(text.empty());
    REQUIRE(bench.judged.size() == 1);
    CHECK(bench.judged[0].file.findings.errors() > 0);
  }
}

TEST_CASE("what cannot be converted is refused with its name") {
  Bench bench;
  const fs::path source = SOURCE_DIR;
  CHECK(bench.refusal(source / "spool" / "03-zip-flows-stock.eml", "csv-2.0")
            .ends_with("03-zip-flows-stock.eml holds 2 data messages"));
  CHECK(bench.refusal(source / "schemas" / "asylum.xml", "csv-2.0")
            .starts_with("there are no data to convert: "));
  CHECK(bench.refusal(bench.folder.path() / "none.xml", "csv-2.0").starts_with("cannot open "));
  const fs::path withdrawal =
      bench.put("delete.csv",
                "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,DIRECTION,CITIZENSHIP,"
                "COUNTERPART_AREA,BORDER,PURPOSE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE\r\n"
                "dataflow,FP:CROSSINGS(1.0),D,M,MD,ENTRY,_T,_T,_T,,EVT,,\r\n");
  CHECK(bench.refusal(withdrawal, "csv-1.0") == "SDMX-CSV 1.0 cannot delete");
  CHECK(bench.refusal(withdrawal, "ss-2.1") == "series M.MD.ENTRY._T._T._T..EVT has no PURPOSE");
  std::string text;
  CHECK(must(bench.convert(withdrawal, "ss-3.0", text)).right);
  auto format = output_format("xls");
  REQUIRE(!format.ok());
  CHECK(format.error().to_do.find("ss-2.1 ") != std::string::npos);
}
