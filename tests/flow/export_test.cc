// SPDX-License-Identifier: Apache-2.0
//
// What `export` writes is what the store holds and the viewer may see, in every format.
#include "flow/export.h"

#include <sys/stat.h>

#include <map>
#include <set>

#include "catch.h"
#include "lab.h"
#include "said.h"
#include "store/merge.h"
#include "store/reader.h"

using namespace lab;

namespace {

struct Exported {
  std::string text;
  ExportCount count;
};

Exported write(Lab& lab, ExportRequest request, std::string_view format = "ss-2.1") {
  Exported result;
  request.format = must(output_format(format));
  result.count =
      must(export_observations(lab.home(), request, lab.clock.now(), sink_to(result.text)));
  return result;
}
ExportRequest of(std::string dataflow, std::string key = {}) {
  ExportRequest request;
  request.dataflow = std::move(dataflow);
  request.key = std::move(key);
  return request;
}
std::string refused(Lab& lab, const ExportRequest& request) {
  std::string text;
  auto result = export_observations(lab.home(), request, lab.clock.now(), sink_to(text));
  CHECK(text.empty());
  if (result.ok()) return "(accepted)";
  CHECK(result.error().kind == ErrorKind::kUsage);
  return result.error().what + ". " + result.error().to_do;
}

/// What the store's own reader gives a coordinator.
Said stored(Lab& lab, const Ref& dataflow) {
  Said said;
  ObservationReader reader(lab.home().store().database(), lab.home().snapshot());
  Viewer all{{}, {}, true, lab.clock.now()};
  Selection selection;
  selection.dataflow = dataflow;
  must(reader.read(selection, all, [&](const DataBatch& batch) -> Status {
    for (const auto& series : batch.series) {
      for (auto& [id, value] : read_attributes_json(series.attributes))
        said.series[series.key].insert(id + "=" + value);
      for (std::uint32_t c = series.first; c < series.first + series.count; ++c) {
        const auto& cell = batch.cells[c];
        auto& values = said.cells["Replace " + series.key + " " + cell.period.text()];
        values.insert("there");
        if (cell.has_value) values.insert("OBS_VALUE=" + std::string(cell.value));
        if (!cell.status.empty()) values.insert("OBS_STATUS=" + std::string(cell.status));
        if (!cell.conf.empty()) values.insert("CONF_STATUS=" + std::string(cell.conf));
        for (auto& [id, value] : read_attributes_json(cell.attributes))
          values.insert(id + "=" + value);
      }
    }
    return {};
  }));
  return said;
}

/// Rows of border crossings: month, value, and "COMPONENT=value" of what else they say.
struct Row {
  std::string month, value;
  std::map<std::string, std::string> more = {};
  std::string area = "MD", citizenship = "_T";
};
std::string crossings_file(const std::vector<Row>& rows, char action = 'R') {
  const char* others[] = {"OBS_STATUS", "CONF_STATUS", "EMBARGO_TIME", "COVERAGE_GEO",
                          "COMMENT_DSET"};
  std::string csv =
      "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,DIRECTION,CITIZENSHIP,COUNTERPART_AREA,BORDER,"
      "PURPOSE,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,TIME_PER_COLLECT";
  for (const char* id : others) csv += std::string(",") + id;
  csv += "\r\n";
  for (const Row& row : rows) {
    csv += fmt::format("dataflow,FP:CROSSINGS(1.0),{},M,{},ENTRY,{},_T,_T,_T,EVT,{},{},{}", action,
                       row.area, row.citizenship, row.month, row.value, action == 'D' ? "" : "S");
    for (const char* id : others)
      csv += "," + (row.more.contains(id) ? row.more.at(id) : std::string());
    csv += "\r\n";
  }
  return csv;
}
/// Mails it from the border guard of a country and takes it in; releases it if it is held.
void file(Lab& lab, const std::string& csv, std::string_view country = "md") {
  Letter letter;
  letter.from = fmt::format("border.statistics@border.{}.example", country);
  std::string uid = lab.put(letter.attach("crossings.csv", csv).bytes());
  lab.once();
  auto docket = lab.docket_of(uid);
  REQUIRE(docket);
  if (docket->docket.outcome == Outcome::kHeld) lab.release(docket->docket.number);
  docket = lab.docket_of(uid);
  INFO(lab.replies_to(*docket).back()->text());
  REQUIRE(docket->docket.outcome == Outcome::kFiled);
  lab.clock.advance(std::chrono::hours(24));
}
const std::string kTotal = "M.MD.ENTRY._T._T._T._T.EVT";

}  // namespace

TEST_CASE("every dataflow in every format says what the store holds") {
  Lab lab;
  for (const std::string& name : letter_names()) lab.put(letter(name));
  lab.once();
  std::size_t with_data = 0;
  for (const auto& flow : lab.home().lookup().flows()) {
    const Said wanted = stored(lab, flow->dataflow);
    with_data += wanted.cells.empty() ? 0 : 1;
    Said first;
    for (std::string_view format : output_format_names()) {
      INFO(flow->dataflow.text() << " " << format);
      const Exported exported = write(lab, of(flow->dataflow.id), format);
      CHECK(exported.count.observations == wanted.cells.size());
      CHECK(exported.count.withheld + exported.count.withdrawn == 0);
      if (!can_be_read(lab.home().lookup(), exported.text)) continue;
      // A table without rows says nothing, not even what it is a table of.
      if (wanted.cells.empty() && format.starts_with("csv")) continue;
      const Said said = read_again(lab.home().lookup(), exported.text);
      CHECK(said.cells == wanted.cells);
      CHECK(said.series == wanted.series);
      if (format == "ss-2.1") first = said;
      CHECK(said.groups == first.groups);
      CHECK(said.datasets == first.datasets);
    }
    if (flow->dataflow.id == "ASYLUM")
      CHECK(first.groups == std::set<std::string>{".KG..... COVERAGE_GEO=Вся территория страны"});
  }
  CHECK(with_data >= 8);
}

TEST_CASE("a key, periods and names choose what is exported") {
  Lab lab;
  for (const char* name : {"01-asylum-xml", "03-zip-flows-stock", "05-crossings-csv1"})
    lab.put(letter(name));
  lab.once();
  auto count = [&](const std::string& flow, const std::string& key) {
    return write(lab, of(flow, key)).count.observations;
  };
  const auto all = count("ASYLUM", "");
  CHECK(all == 54);
  CHECK(count("FP:ASYLUM(1.0)", "all") == all);
  CHECK(count("FP:ASYLUM", "M.KG") == all);
  CHECK(count("ASYLUM", "*.KZ+KG.....PER+CASE") == all);
  CHECK(count("ASYLUM", "M.KG+KZ.......") == all);
  CHECK(count("ASYLUM", "M.KZ") == 0);
  CHECK(count("ASYLUM", "..AF+PK") == 6);
  ExportRequest request = of("ASYLUM", "M.KG._T._T._T._T.PER");
  request.from = "2026-02";
  CHECK(write(lab, request).count.observations == 2);
  request.until = "2026-02";
  const Exported one = write(lab, request);
  CHECK(one.count.observations == 1);
  CHECK(read_again(lab.home().lookup(), one.text).cells.begin()->first ==
        "Replace M.KG._T._T._T._T.PER 2026-02");

  CHECK(refused(lab, of("ASYLM")) == "the dataflow \"ASYLM\" is not known. Did you mean ASYLUM?");
  CHECK(refused(lab, of("XX:ASYLUM")).starts_with("the dataflow \"XX:ASYLUM\" is not known"));
  CHECK(refused(lab, of("ASYLUM(7.0)")) ==
        "the dataflow FP:ASYLUM(7.0) is not known. The newest version is FP:ASYLUM(1.0).");
  CHECK(refused(lab, of("ASYLUM", "M.KGG")).starts_with("\"KGG\" is not a code of REF_AREA"));
  CHECK(refused(lab, of("ASYLUM", "M.KG+")).starts_with("\"\" is not a code of REF_AREA"));
  CHECK(refused(lab, of("ASYLUM", "M.KG.......PER"))
            .starts_with("the key M.KG.......PER has 9 parts and FP:ASYLUM(1.0) has 7 dimensions. "
                         "Its keys are FREQ.REF_AREA."));
  request = of("ASYLUM");
  request.from = "2026-13";
  CHECK(refused(lab, request).starts_with("--from 2026-13 is not a time period"));
  request = of("ASYLUM");
  request.viewer = "KG_SM";
  CHECK(refused(lab, request) == "the institution \"KG_SM\" is not known. Did you mean KG_SMS?");
  request = of("ASYLUM");
  request.as_of = "yesterday";
  CHECK(refused(lab, request).starts_with("--as-of yesterday is not a date"));
  request.as_of = request.changes_since = "2026-01-01";
  CHECK(refused(lab, request).starts_with("--as-of and --changes-since cannot go together"));
}

TEST_CASE("a viewer gets what that viewer may see") {
  Lab lab;
  file(lab, crossings_file({{"2026-01", "777001", {}, "MD", "_T"},
                            {"2026-02", "777002", {{"CONF_STATUS", "C"}}, "MD", "_T"},
                            {"2026-03",
                             "777003",
                             {{"CONF_STATUS", "E"}, {"EMBARGO_TIME", "2026-09-01T08:00:00Z"}},
                             "MD",
                             "_T"}}));
  for (std::string_view format : output_format_names()) {
    INFO(format);
    ExportRequest request = of("CROSSINGS");
    const Exported all = write(lab, request, format);
    CHECK(all.count.observations == 3);
    CHECK(all.count.withheld == 0);
    CHECK(all.count.confidential == 2);
    CHECK(all.text.find("777002") != std::string::npos);
    const bool read = can_be_read(lab.home().lookup(), all.text);
    if (read)
      CHECK(read_again(lab.home().lookup(), all.text).cells["Replace " + kTotal + " 2026-02"] ==
            std::set<std::string>{"there", "OBS_VALUE=777002", "CONF_STATUS=C"});
    for (const char* viewer : {"public", "KZ_BS"}) {
      request.viewer = viewer;
      const Exported some = write(lab, request, format);
      CHECK(some.count.observations == 3);
      CHECK(some.count.withheld == 2);
      CHECK(some.count.confidential == 0);
      CHECK(some.text.find("777001") != std::string::npos);
      CHECK(some.text.find("777002") == std::string::npos);
      CHECK(some.text.find("777003") == std::string::npos);
      if (!read) continue;
      Said said = read_again(lab.home().lookup(), some.text);
      CHECK(said.cells["Replace " + kTotal + " 2026-02"] ==
            std::set<std::string>{"there", "OBS_STATUS=Q", "CONF_STATUS=C"});
      CHECK(said.cells["Replace " + kTotal + " 2026-03"] ==
            std::set<std::string>{"there", "OBS_STATUS=Q", "CONF_STATUS=E",
                                  "EMBARGO_TIME=2026-09-01T08:00:00Z"});
    }
    request.viewer = "MD_GIB";
    CHECK(write(lab, request, format).text.find("777002") != std::string::npos);
  }
  // The embargo ends.
  lab.clock.set(at("2026-09-01T08:00:00Z"));
  ExportRequest request = of("CROSSINGS");
  request.viewer = "public";
  const Exported later = write(lab, request);
  CHECK(later.count.withheld == 1);
  CHECK(later.text.find("777003") != std::string::npos);
}

TEST_CASE("what is for its institution alone does not leave for others") {
  Lab lab;
  std::string refusals =
      "DATAFLOW,FREQ,REF_AREA,CITIZENSHIP,BORDER,REASON,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,"
      "TIME_PER_COLLECT\r\nFP:REFUSALS(1.0),A,KZ,_T,_T,_T,PER,2025,888001,S\r\n";
  file(lab, refusals, "kz");
  ExportRequest request = of("REFUSALS");
  CHECK(write(lab, request).count.observations == 1);
  request.viewer = "KZ_BS";
  CHECK(write(lab, request).count.observations == 1);
  for (const char* viewer : {"public", "MD_GIB"}) {
    request.viewer = viewer;
    const Exported none = write(lab, request);
    CHECK(none.count.observations == 0);
    CHECK(none.text.find("KZ\"") == std::string::npos);
    CHECK(read_again(lab.home().lookup(), none.text) == Said{});
  }
}

TEST_CASE("the state at a moment, with the attributes of that time") {
  Lab lab;  // it is 2026-05-20, and each filing takes a day
  file(lab, crossings_file({{"2026-01", "1000", {{"COVERAGE_GEO", "old"}}}}));
  file(lab, crossings_file({{"2026-01", "1001", {{"COVERAGE_GEO", "new"}}}, {"2026-02", "5"}}));
  auto as_of = [&](const char* date) {
    ExportRequest request = of("CROSSINGS");
    request.as_of = date;
    return read_again(lab.home().lookup(), write(lab, request).text);
  };
  CHECK(as_of("2026-05-19").cells.empty());
  const Said first = as_of("2026-05-20"), second = as_of("2026-05-21");
  CHECK(first.cells.size() == 1);
  CHECK(first.cells.at("Replace " + kTotal + " 2026-01").contains("OBS_VALUE=1000"));
  CHECK(first.groups == std::set<std::string>{".MD...... COVERAGE_GEO=old"});
  CHECK(second.cells.size() == 2);
  CHECK(second.cells.at("Replace " + kTotal + " 2026-01").contains("OBS_VALUE=1001"));
  CHECK(second.groups == std::set<std::string>{".MD...... COVERAGE_GEO=new"});
  CHECK(as_of("2026-05-21T08:59:00Z") == first);
}

TEST_CASE("changes: what is new or revised, and what was withdrawn as Delete") {
  Lab lab;
  file(lab, crossings_file({{"2026-01", "1000"}, {"2026-02", "1001"}, {"2026-03", "1002"}}));
  file(lab, crossings_file({{"2026-04", "1003"}, {"2026-03", "1010"}}));  // on the 21st
  file(lab, crossings_file({{"2026-01", ""}}, 'D'));                      // on the 22nd
  auto since = [&](const char* date, std::string_view format) {
    ExportRequest request = of("CROSSINGS");
    request.changes_since = date;
    return write(lab, request, format);
  };
  for (std::string_view format : output_format_names()) {
    INFO(format);
    if (format == "csv-1.0") {
      ExportRequest request = of("CROSSINGS");
      request.changes_since = "2026-05-21";
      request.format = must(output_format(format));
      std::string text;
      auto result = export_observations(lab.home(), request, lab.clock.now(), sink_to(text));
      REQUIRE(!result.ok());
      CHECK(result.error().what == "SDMX-CSV 1.0 cannot delete");
      continue;
    }
    const Exported some = since("2026-05-21", format);
    CHECK(some.count.datasets == 2);
    CHECK(some.count.observations == 2);
    CHECK(some.count.withdrawn == 1);
    if (!can_be_read(lab.home().lookup(), some.text)) continue;
    const Said said = read_again(lab.home().lookup(), some.text);
    REQUIRE(said.cells.size() == 3);
    CHECK(said.cells.at("Delete " + kTotal + " 2026-01") == std::set<std::string>{"there"});
    CHECK(said.cells.contains("Replace " + kTotal + " 2026-04"));
    CHECK(said.cells.at("Replace " + kTotal + " 2026-03").contains("OBS_VALUE=1010"));
    CHECK(read_again(lab.home().lookup(), since("2026-05-22", format).text).cells.size() == 1);
    CHECK(since("2026-05-23", format).count.datasets == 0);
  }
  // Without it what was withdrawn is not there.
  CHECK(write(lab, of("CROSSINGS")).count.observations == 3);
}

TEST_CASE("attributes of datasets: one dataset for all who agree, else one for each") {
  Lab lab;
  file(lab, crossings_file({{"2026-01", "10", {{"COMMENT_DSET", "as before"}}}}));
  file(lab, crossings_file({{"2026-01", "20", {{"COMMENT_DSET", "as before"}}, "UZ"}}), "uz");
  Exported exported = write(lab, of("CROSSINGS"));
  CHECK(exported.count.datasets == 1);
  CHECK(read_again(lab.home().lookup(), exported.text).datasets ==
        std::set<std::string>{" COMMENT_DSET=as before"});

  file(lab, crossings_file({{"2026-02", "30", {{"COMMENT_DSET", "counted anew"}}, "UZ"}}), "uz");
  file(lab, crossings_file({{"2026-01", "40", {}, "UA"}}), "ua");
  for (std::string_view format : {"ss-2.1", "generic-2.1", "ss-2.1-flat"}) {
    INFO(format);
    exported = write(lab, of("CROSSINGS"), format);
    CHECK(exported.count.datasets == 3);
    CHECK(exported.count.observations == 4);
    const Said said = read_again(lab.home().lookup(), exported.text);
    CHECK(said.cells.size() == 4);
    CHECK(said.datasets == std::set<std::string>{"UZ_SBS COMMENT_DSET=counted anew",
                                                 "MD_GIB COMMENT_DSET=as before"});
  }
  // One of them alone needs no second.
  CHECK(write(lab, of("CROSSINGS", "M.UZ")).count.datasets == 1);
}

TEST_CASE("a file is there whole or not at all") {
  Folder_ folder;
  const fs::path target = folder.path() / "data.xml";
  auto names = [&] { return must(list_directory(folder.path())).size(); };
  {
    Outlet outlet = must(Outlet::open(target));
    must(outlet.sink()("half"));
    CHECK(!fs::exists(target));
  }
  CHECK(names() == 0);
  for (const char* text : {"first", "second, longer"}) {
    Outlet outlet = must(Outlet::open(target));
    ByteSink sink = outlet.sink();
    must(sink(text));
    must(outlet.commit());
    CHECK(must(read_file(target)) == text);
  }
  CHECK(names() == 1);
  {
    Outlet secret = must(Outlet::open(folder.path() / "secret.xml", 0600));
    must(secret.commit());
    CHECK((fs::status(folder.path() / "secret.xml").permissions() & fs::perms(077)) ==
          fs::perms::none);
    fs::remove(folder.path() / "secret.xml");
  }
  {
    Outlet outlet = must(Outlet::open(target));
    must(outlet.sink()("third"));
  }
  CHECK(must(read_file(target)) == "second, longer");
  // Through a link to the file that it names.
  fs::create_symlink("data.xml", folder.path() / "link.xml");
  Outlet outlet = must(Outlet::open(folder.path() / "link.xml"));
  must(outlet.sink()("fourth"));
  must(outlet.commit());
  CHECK(fs::is_symlink(folder.path() / "link.xml"));
  CHECK(must(read_file(target)) == "fourth");
  CHECK(!Outlet::open(folder.path()).ok());
  CHECK(!Outlet::open(folder.path() / "no" / "such.xml").ok());
  // What is no ordinary file is written to, not replaced.
  Outlet null = must(Outlet::open("/dev/null"));
  must(null.sink()("gone"));
  must(null.commit());
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("structures of one dataflow are enough to read its data") {
  Lab lab;
  for (const auto& flow : lab.home().lookup().flows()) {
    INFO(flow->dataflow.text());
    StructureLookup alone(structures_of(lab.home().lookup(), *flow));
    auto again = alone.flow(flow->dataflow);
    REQUIRE(again);
    CHECK(again->missing == flow->missing);
    REQUIRE(again->components.size() == flow->components.size());
    for (std::size_t c = 0; c < flow->components.size(); ++c) {
      CHECK(again->components[c].id == flow->components[c].id);
      REQUIRE(again->components[c].coded() == flow->components[c].coded());
      if (flow->components[c].coded())
        CHECK(again->components[c].codes->size() == flow->components[c].codes->size());
    }
    CHECK(alone.structures().dataflows.size() == 1);
    CHECK(alone.structures().organisation_schemes.empty());
  }
}
