// SPDX-License-Identifier: Apache-2.0
//
// What the data writers write, byte for byte, and what they refuse to write.
#include "write_fixture.h"

namespace focalpost {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;
using Key = std::vector<const char*>;  // null: absent

const DataFormat kFormats[] = {DataFormat::kStructureSpecific21,
                               DataFormat::kStructureSpecificTimeSeries21,
                               DataFormat::kGeneric21,
                               DataFormat::kGenericTimeSeries21,
                               DataFormat::kStructureSpecific30,
                               DataFormat::kCsv10,
                               DataFormat::kCsv20};

/// Writes a message row by row; the first Error is kept and ends the writing.
class Message {
 public:
  Message(DataFormat format, std::shared_ptr<const FlowStructure> flow,
          const DataWriteOptions& options = {}, const Limits& limits = {})
      : flow_(std::move(flow)), writer_(make_data_writer(format, sink_to(text), options, limits)) {
    OutgoingMessage message;
    message.header.id = "M_1";
    message.header.prepared = "2026-01-15T09:00:00Z";
    message.header.sender = "XX";
    message.structures = {flow_};
    take(writer_->begin(message));
  }

  Message& dataset(const Values& attributes = {}, Action action = Action::kReplace) {
    OutgoingDataset dataset;
    dataset.structure = flow_;
    dataset.action = action;
    auto values = outgoing(attributes);
    dataset.attributes = values;
    if (error.empty()) take(writer_->begin_dataset(dataset));
    feed_ = std::make_unique<RowFeed>(*writer_, flow_);
    return *this;
  }
  Message& group(const std::string& id, const Key& key, const Values& attributes) {
    auto number = static_cast<std::uint16_t>(flow_->find_group(id) - flow_->groups.data());
    if (error.empty()) take(feed_->group(number, views(key), outgoing(attributes)));
    return *this;
  }
  Message& series(const Key& key, const Values& attributes = {}) {
    if (error.empty()) take(feed_->series(views(key), outgoing(attributes)));
    return *this;
  }
  Message& obs(const char* time, const Values& values) {
    std::string_view when = time ? std::string_view(time) : std::string_view();
    if (error.empty()) take(feed_->observation(when, outgoing(values)));
    return *this;
  }
  /// Ends the dataset and the message; what was written, or the Error.
  std::string end() {
    next();
    if (error.empty()) take(writer_->end());
    return error.empty() ? text : error;
  }
  Message& next() {
    if (error.empty()) take(feed_->finish());
    if (error.empty()) take(writer_->end_dataset());
    return *this;
  }

  std::string text, error;

 private:
  void take(const Status& status) {
    if (!status.ok()) error = "error: " + status.error().what;
  }
  std::vector<OutgoingValue> outgoing(const Values& values) const {
    std::vector<OutgoingValue> result;
    for (const auto& [id, value] : values) {
      std::uint16_t component = flow_->find(id);
      REQUIRE(component != kNoComponent);
      result.push_back({component, value});
    }
    return result;
  }
  static std::vector<std::string_view> views(const Key& key) {
    std::vector<std::string_view> result;
    for (const char* part : key)
      result.push_back(part ? std::string_view(part) : std::string_view());
    return result;
  }

  std::shared_ptr<const FlowStructure> flow_;
  std::unique_ptr<MessageWriter> writer_;
  std::unique_ptr<RowFeed> feed_;
};

std::shared_ptr<const FlowStructure> flow_of(const StructureLookup& lookup) {
  return lookup.flow({"T", "FLOW", "1.0"});
}

/// From the dataset's tag on, without the end of the message.
std::string body(const std::string& text) {
  auto from = text.find("<mes:DataSet");
  if (from == text.npos) return text;
  return text.substr(from, text.rfind("</mes:DataSet>") - from);
}

std::string sample(DataFormat format, const StructureLookup& lookup, bool flat = false) {
  DataWriteOptions options;
  options.flat = flat;
  Message message(format, flow_of(lookup), options);
  message.dataset({{"SOURCE", "s & t"}})
      .group("ByArea", {nullptr, "KG", nullptr}, {{"PLACE", "all"}})
      .series({"M", "KG", "F"}, {{"UNIT", "PER"}})
      .obs("2026-01", {{"OBS_STATUS", "A"}, {"OBS_VALUE", "1.50"}})
      .obs("2026-02", {{"OBS_STATUS", "M"}})
      .series({"M", "KZ", "F"})
      .obs("2026-01", {{"OBS_VALUE", "NaN"}, {"NOTE", ""}});
  return message.end();
}

/// T:FLOW without its time dimension and with a second measure.
StructureLookup other_network(bool time, bool second_measure) {
  StructureLookup small = small_network();
  Structures all = small.structures();
  auto& components = all.data_structures[0].components;
  if (!time)
    components.erase(std::find_if(components.begin(), components.end(), [](const Component& c) {
      return c.kind == ComponentKind::kTimeDimension;
    }));
  if (second_measure) {
    Component measure;
    measure.id = "SHARE";
    measure.kind = ComponentKind::kMeasure;
    components.push_back(measure);
  }
  return StructureLookup(std::move(all));
}

}  // namespace

TEST_CASE("writing: structure-specific 2.1") {
  auto lookup = small_network();
  CHECK(sample(DataFormat::kStructureSpecific21, lookup) ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<mes:StructureSpecificData xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOW(1.0):ObsLevelDim:TIME_PERIOD">
<mes:Header>
  <mes:ID>M_1</mes:ID>
  <mes:Test>false</mes:Test>
  <mes:Prepared>2026-01-15T09:00:00Z</mes:Prepared>
  <mes:Sender id="XX"/>
  <mes:Structure structureID="S1" namespace="urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOW(1.0):ObsLevelDim:TIME_PERIOD" dimensionAtObservation="TIME_PERIOD">
    <com:StructureUsage>
      <Ref agencyID="T" id="FLOW" version="1.0"/>
    </com:StructureUsage>
  </mes:Structure>
</mes:Header>
<mes:DataSet ss:structureRef="S1" ss:action="Replace" ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" SOURCE="s &amp; t">
<Group xsi:type="ns1:ByArea" AREA="KG" PLACE="all"/>
<Series FREQ="M" AREA="KG" SEX="F" UNIT="PER">
<Obs TIME_PERIOD="2026-01" OBS_VALUE="1.50" OBS_STATUS="A"/>
<Obs TIME_PERIOD="2026-02" OBS_STATUS="M"/>
</Series>
<Series FREQ="M" AREA="KZ" SEX="F">
<Obs TIME_PERIOD="2026-01" OBS_VALUE="NaN" NOTE=""/>
</Series>
</mes:DataSet>
</mes:StructureSpecificData>
)");
  CHECK(body(sample(DataFormat::kStructureSpecificTimeSeries21, lookup)) ==
        body(sample(DataFormat::kStructureSpecific21, lookup)));
  CHECK(
      body(sample(DataFormat::kStructureSpecific21, lookup, true)) ==
      R"(<mes:DataSet ss:structureRef="S1" ss:action="Replace" ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" SOURCE="s &amp; t">
<Group xsi:type="ns1:ByArea" AREA="KG" PLACE="all"/>
<Obs FREQ="M" AREA="KG" SEX="F" UNIT="PER" TIME_PERIOD="2026-01" OBS_VALUE="1.50" OBS_STATUS="A"/>
<Obs FREQ="M" AREA="KG" SEX="F" UNIT="PER" TIME_PERIOD="2026-02" OBS_STATUS="M"/>
<Obs FREQ="M" AREA="KZ" SEX="F" TIME_PERIOD="2026-01" OBS_VALUE="NaN" NOTE=""/>
)");
}

TEST_CASE("writing: generic 2.1") {
  auto lookup = small_network();
  CHECK(body(sample(DataFormat::kGeneric21, lookup)) ==
        R"(<mes:DataSet structureRef="S1" action="Replace">
<gen:Attributes><gen:Value id="SOURCE" value="s &amp; t"/></gen:Attributes>
<gen:Group type="ByArea"><gen:GroupKey><gen:Value id="AREA" value="KG"/></gen:GroupKey><gen:Attributes><gen:Value id="PLACE" value="all"/></gen:Attributes></gen:Group>
<gen:Series><gen:SeriesKey><gen:Value id="FREQ" value="M"/><gen:Value id="AREA" value="KG"/><gen:Value id="SEX" value="F"/></gen:SeriesKey><gen:Attributes><gen:Value id="UNIT" value="PER"/></gen:Attributes>
<gen:Obs><gen:ObsDimension value="2026-01"/><gen:ObsValue value="1.50"/><gen:Attributes><gen:Value id="OBS_STATUS" value="A"/></gen:Attributes></gen:Obs>
<gen:Obs><gen:ObsDimension value="2026-02"/><gen:Attributes><gen:Value id="OBS_STATUS" value="M"/></gen:Attributes></gen:Obs>
</gen:Series>
<gen:Series><gen:SeriesKey><gen:Value id="FREQ" value="M"/><gen:Value id="AREA" value="KZ"/><gen:Value id="SEX" value="F"/></gen:SeriesKey>
<gen:Obs><gen:ObsDimension value="2026-01"/><gen:ObsValue value="NaN"/><gen:Attributes><gen:Value id="NOTE" value=""/></gen:Attributes></gen:Obs>
</gen:Series>
)");
  const std::string flat = sample(DataFormat::kGeneric21, lookup, true);
  CHECK(flat.find(R"(dimensionAtObservation="AllDimensions")") != flat.npos);
  CHECK(
      flat.find(
          R"(<gen:Obs><gen:ObsKey><gen:Value id="FREQ" value="M"/><gen:Value id="AREA" value="KG"/><gen:Value id="SEX" value="F"/><gen:Value id="TIME_PERIOD" value="2026-02"/></gen:ObsKey><gen:Attributes><gen:Value id="UNIT" value="PER"/><gen:Value id="OBS_STATUS" value="M"/></gen:Attributes></gen:Obs>)") !=
      flat.npos);
}

TEST_CASE("writing: structure-specific 3.0") {
  auto lookup = small_network();
  const std::string text = sample(DataFormat::kStructureSpecific30, lookup);
  CHECK(
      text.find("<com:StructureUsage>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOW(1.0)"
                "</com:StructureUsage>") != text.npos);
  CHECK(body(text) ==
        R"(<mes:DataSet ss:structureRef="S1" ss:action="Replace" xsi:type="ns1:DataSetType">
<Atts SOURCE="s &amp; t"/>
<Group xsi:type="ns1:ByArea" AREA="KG" PLACE="all"/>
<Series FREQ="M" AREA="KG" SEX="F" UNIT="PER">
<Obs TIME_PERIOD="2026-01" OBS_VALUE="1.50" OBS_STATUS="A"/>
<Obs TIME_PERIOD="2026-02" OBS_STATUS="M"/>
</Series>
<Series FREQ="M" AREA="KZ" SEX="F">
<Obs TIME_PERIOD="2026-01" OBS_VALUE="NaN" NOTE=""/>
</Series>
)");
}

TEST_CASE("writing: SDMX-CSV") {
  auto lookup = small_network();
  CHECK(sample(DataFormat::kCsv10, lookup) ==
        "DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,NOTE,UNIT,PLACE,SOURCE\r\n"
        "T:FLOW(1.0),M,KG,F,2026-01,1.50,A,,PER,all,s & t\r\n"
        "T:FLOW(1.0),M,KG,F,2026-02,,M,,PER,all,s & t\r\n"
        "T:FLOW(1.0),M,KZ,F,2026-01,NaN,,,,,s & t\r\n");
  CHECK(sample(DataFormat::kCsv20, lookup) ==
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,NOTE,UNIT,"
        "PLACE,SOURCE\r\n"
        "dataflow,T:FLOW(1.0),R,M,KG,F,2026-01,1.50,A,,PER,all,s & t\r\n"
        "dataflow,T:FLOW(1.0),R,M,KG,F,2026-02,,M,,PER,all,s & t\r\n"
        "dataflow,T:FLOW(1.0),R,M,KZ,F,2026-01,NaN,,,,,s & t\r\n");
  CHECK(Message(DataFormat::kCsv20, lookup.data_structure({"T", "DSD", "1.0"}), {false, ';'})
            .dataset()
            .series({"M", "a;b", "F"})
            .obs("2026", {{"OBS_VALUE", "1.5"}, {"NOTE", "say \"a\",\nor b"}})
            .end() ==
        "STRUCTURE;STRUCTURE_ID;ACTION;FREQ;AREA;SEX;TIME_PERIOD;OBS_VALUE;OBS_STATUS;NOTE;UNIT;"
        "PLACE;SOURCE\r\n"
        "datastructure;T:DSD(1.0);R;M;\"a;b\";F;2026;1.5;;\"say \"\"a\"\",\nor b\";;;\r\n");
  CHECK(Message(DataFormat::kCsv10, lookup.data_structure({"T", "DSD", "1.0"})).error ==
        "error: SDMX-CSV 1.0 names a dataflow, and T:DSD(1.0) is a data structure");
  CHECK(Message(DataFormat::kCsv20, flow_of(lookup), {false, 'x'}).error ==
        "error: 'x' separates no fields of SDMX-CSV");
}

TEST_CASE("writing: rows of a table that no observation speaks of") {
  auto lookup = small_network();
  auto write = [&](DataFormat format, int what) {
    Message message(format, flow_of(lookup));
    message.dataset(what == 0 ? Values{{"SOURCE", "s"}} : Values{});
    if (what == 1) message.group("ByArea", {nullptr, "KG", nullptr}, {{"PLACE", "p"}});
    if (what == 2) message.series({"M", "KG", "F"}, {{"UNIT", "PER"}});
    if (what == 3) message.series({"M", "KG", "F"});
    std::string text = message.end();
    return text.starts_with("error") ? text : text.substr(text.find('\n') + 1);
  };
  CHECK(write(DataFormat::kCsv20, 0) == "dataflow,T:FLOW(1.0),R,,,,,,,,,,s\r\n");
  CHECK(write(DataFormat::kCsv20, 1) == "dataflow,T:FLOW(1.0),R,,KG,,,,,,,p,\r\n");
  CHECK(write(DataFormat::kCsv20, 2) == "dataflow,T:FLOW(1.0),R,M,KG,F,,,,,PER,,\r\n");
  CHECK(write(DataFormat::kCsv20, 3) == "");
  CHECK(write(DataFormat::kCsv10, 0) ==
        "error: the dataset has attributes and no observation, which SDMX-CSV 1.0 cannot say");
  CHECK(write(DataFormat::kCsv10, 1).starts_with("error: a group ByArea has attributes"));
  CHECK(write(DataFormat::kCsv10, 2).starts_with("error: a series has attributes"));
  CHECK(write(DataFormat::kCsv10, 3) == "");
}

TEST_CASE("writing: every text comes back as it was") {
  auto lookup = small_network();
  const std::string all_of_it =
      "<a b=\"c\">&amp;'\t\n\r\n] ]]> ;,|\t  \xc2\x80 \xd0\x96 \xe2\x80\xa8 \xf0\x9f\x98\x80 \x7f";
  for (DataFormat format : kFormats)
    for (bool flat : {false, true}) {
      if (format == DataFormat::kStructureSpecific30) continue;  // read elsewhere
      INFO(data_format_name(format) << flat);
      Message message(format, flow_of(lookup), {flat, '|'});
      std::string text =
          message.dataset({{"SOURCE", all_of_it}})
              .group("ByArea", {nullptr, all_of_it.c_str(), nullptr}, {{"PLACE", all_of_it}})
              .series({"M", all_of_it.c_str(), "F"}, {{"UNIT", all_of_it}})
              .obs("2026-01", {{"OBS_VALUE", "1"}, {"NOTE", all_of_it}})
              .end();
      REQUIRE(message.error == "");
      const CubeReading back = read_cubes(text, lookup, {false, true});
      CHECK(back.findings.total() == 0);
      REQUIRE(back.cubes.size() == 1);
      const Cube& cube = back.cubes.begin()->second;
      CHECK(cube.observations ==
            std::multiset<std::string>{"'M' '" + all_of_it + "' 'F' '2026-01' NOTE='" + all_of_it +
                                       "' OBS_VALUE='1'"});
      CHECK(cube.attributes ==
            std::set<std::string>{"SOURCE @ = " + all_of_it,
                                  "PLACE @ " + all_of_it + " = " + all_of_it,
                                  "UNIT @ M " + all_of_it + " F = " + all_of_it});
    }
}

TEST_CASE("writing: characters that no format takes") {
  auto lookup = small_network();
  for (DataFormat format : kFormats)
    for (int place = 0; place < 5; ++place)
      for (std::string bad : {"a\x01z", "a\x1bz", "a\xffz", "\xed\xa0\x80", "\xef\xbf\xbf"}) {
        INFO(data_format_name(format) << " " << place);
        Message message(format, flow_of(lookup));
        auto text = [&](int here) { return here == place ? bad : std::string("x"); };
        std::string area = text(1);
        std::string said =
            message.dataset({{"SOURCE", text(0)}})
                .group("ByArea", {nullptr, area.c_str(), nullptr}, {{"PLACE", text(2)}})
                .series({"M", area.c_str(), "F"}, {{"UNIT", text(3)}})
                .obs("2026-01", {{"NOTE", text(4)}})
                .end();
        CHECK(said.starts_with("error: the text \""));
        CHECK(message.text.find(bad) == std::string::npos);
      }
}

TEST_CASE("writing: keys, times and the order of things") {
  auto lookup = small_network();
  auto partial = [&](DataFormat format, Action action, bool flat = false) {
    return Message(format, flow_of(lookup), {flat, ','})
        .dataset({}, action)
        .series({"M", nullptr, "F"})
        .end();
  };
  for (DataFormat format : kFormats) {
    INFO(data_format_name(format));
    CHECK(partial(format, Action::kReplace) == "error: series M..F has no AREA");
  }
  CHECK(partial(DataFormat::kStructureSpecific21, Action::kDelete) ==
        "error: series M..F has no AREA");
  CHECK(body(partial(DataFormat::kStructureSpecific30, Action::kDelete)) ==
        R"(<mes:DataSet ss:structureRef="S1" ss:action="Delete" xsi:type="ns1:DataSetType">)"
        "\n<Series FREQ=\"M\" SEX=\"F\"/>\n");
  CHECK(body(partial(DataFormat::kStructureSpecific30, Action::kDelete, true)) ==
        R"(<mes:DataSet ss:structureRef="S1" ss:action="Delete" xsi:type="ns1:DataSetType">)"
        "\n<Obs FREQ=\"M\" SEX=\"F\"/>\n");
  CHECK(partial(DataFormat::kCsv20, Action::kDelete).ends_with("D,M,,F,,,,,,,\r\n"));
  CHECK(partial(DataFormat::kCsv10, Action::kDelete) == "error: SDMX-CSV 1.0 cannot delete");

  for (DataFormat format : kFormats) {
    INFO(data_format_name(format));
    CHECK(Message(format, flow_of(lookup))
              .dataset()
              .series({"M", "KG", "F"})
              .obs(nullptr, {{"OBS_VALUE", "1"}})
              .end() == "error: an observation of series M.KG.F has no time period");
    CHECK(Message(format, flow_of(lookup))
              .dataset()
              .group("ByArea", {"M", nullptr, nullptr}, {{"PLACE", "x"}})
              .end() == "error: a group ByArea has no AREA");
  }
  CHECK(Message(DataFormat::kStructureSpecific21, flow_of(lookup), {true, ','})
            .dataset()
            .series({"M", "KG", "F"})
            .end() == "error: a series without observations cannot stand in flat SDMX-ML 2.1 data");

  // A group behind the series of its dataset.
  auto late = [&](DataFormat format) {
    std::string text;
    auto writer = make_data_writer(format, sink_to(text));
    OutgoingMessage message;
    message.header = {"M", false, "2026-01-01", "XX", "", {}};
    message.structures = {flow_of(lookup)};
    REQUIRE(writer->begin(message).ok());
    OutgoingDataset dataset;
    dataset.structure = flow_of(lookup);
    REQUIRE(writer->begin_dataset(dataset).ok());
    const std::string_view key[] = {"M", "KG", "F"}, area[] = {{}, "KG", {}};
    const OutgoingValue value[] = {{flow_of(lookup)->find("PLACE"), "x"}};
    RowFeed first(*writer, flow_of(lookup)), second(*writer, flow_of(lookup));
    REQUIRE(first.series(key, {}).ok());
    REQUIRE(first.observation("2026", {}).ok());
    REQUIRE(first.finish().ok());
    REQUIRE(second.group(0, area, value).ok());
    return second.finish().ok() && writer->end_dataset().ok() && writer->end().ok();
  };
  CHECK_FALSE(late(DataFormat::kStructureSpecific21));
  CHECK_FALSE(late(DataFormat::kGeneric21));
  CHECK(late(DataFormat::kStructureSpecific30));
  CHECK(late(DataFormat::kCsv20));
}

TEST_CASE("writing: calls out of order, a sink that fails, headers that are wrong") {
  auto lookup = small_network();
  for (DataFormat format : kFormats) {
    INFO(data_format_name(format));
    std::string text;
    auto writer = make_data_writer(format, sink_to(text));
    OutgoingDataset dataset;
    dataset.structure = flow_of(lookup);
    OutgoingMessage message;
    message.header = {"M", false, "2026-01-01", "XX", "", {}};
    message.structures = {flow_of(lookup)};
    auto is_bug = [](const Status& status) {
      return !status.ok() && status.error().kind == ErrorKind::kBug;
    };
    CHECK(is_bug(writer->begin_dataset(dataset)));
    CHECK(is_bug(writer->write(ObservationBatch())));
    CHECK(is_bug(writer->end()));
    REQUIRE(writer->begin(message).ok());
    CHECK(is_bug(writer->begin(message)));
    CHECK(is_bug(writer->end_dataset()));
    OutgoingDataset other;
    other.structure = lookup.data_structure({"T", "DSD", "1.0"});
    CHECK(is_bug(writer->begin_dataset(other)));

    auto full =
        make_data_writer(format, [](std::string_view) { return Status(temporary("disk full")); });
    REQUIRE(full->begin(message).ok());
    Status done = full->end();
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().what == "disk full");
    CHECK(done.error().retry_helps());

    message.header.id = "a.b";
    CHECK(make_data_writer(format, sink_to(text))->begin(message).ok() == is_csv(format));
  }
  CHECK(legal_id("IREF.2019:12") == "IREF_2019_12");
  CHECK(legal_id("") == "UNKNOWN");
  for (std::string_view name : data_format_names())
    CHECK(data_format_name(data_format_from_name(name).value()) == name);
  CHECK_FALSE(data_format_from_name("xls"));
}

TEST_CASE("writing: several measures, no time, ids that are no names") {
  auto two = other_network(true, true);
  auto write = [&](const StructureLookup& lookup, DataFormat format, const char* time) {
    return Message(format, flow_of(lookup))
        .dataset()
        .series({"A", "KG", "F"})
        .obs(time, {{"OBS_VALUE", "1"}})
        .end();
  };
  for (DataFormat format : kFormats) {
    std::string said = write(two, format, "2026");
    const bool fits = format == DataFormat::kStructureSpecific30 || format == DataFormat::kCsv20;
    CHECK(said.starts_with("error: T:FLOW(1.0) has 2 measures") != fits);
  }
  CHECK(body(Message(DataFormat::kStructureSpecific30, flow_of(two))
                 .dataset()
                 .series({"A", "KG", "F"})
                 .obs("2026", {{"SHARE", "2"}, {"OBS_STATUS", "A"}, {"OBS_VALUE", "1"}})
                 .end())
            .find(R"(<Obs TIME_PERIOD="2026" OBS_VALUE="1" SHARE="2" OBS_STATUS="A"/>)") !=
        std::string::npos);

  auto timeless = other_network(false, false);
  for (DataFormat format : kFormats) {
    INFO(data_format_name(format));
    std::string said = write(timeless, format, nullptr);
    if (format == DataFormat::kStructureSpecificTimeSeries21 ||
        format == DataFormat::kGenericTimeSeries21) {
      CHECK(said == "error: T:FLOW(1.0) has no time dimension");
      continue;
    }
    if (!is_csv(format)) CHECK(said.find(R"(dimensionAtObservation="AllDimensions")") != said.npos);
    if (format == DataFormat::kStructureSpecific30) continue;
    CHECK(read_cubes(said, timeless, {true, true}).cubes.begin()->second.observations ==
          std::multiset<std::string>{"'A' 'KG' 'F'  OBS_VALUE='1'"});
  }

  Structures all = small_network().structures();
  all.data_structures[0].components[0].id = "a\"b";
  StructureLookup strange(std::move(all));
  for (DataFormat format : kFormats)
    CHECK(Message(format, flow_of(strange)).error.starts_with("error: \"a\"b\" of T:FLOW(1.0)"));
  all = small_network().structures();
  all.data_structures[0].components[6].id = "AREA";
  StructureLookup twice(std::move(all));
  CHECK(Message(DataFormat::kCsv20, flow_of(twice)).error ==
        "error: two components of T:FLOW(1.0) are called AREA");
}

TEST_CASE("writing: several datasets and structures, provider, dates, actions") {
  auto lookup = small_network(true);
  for (DataFormat format : kFormats) {
    INFO(data_format_name(format));
    std::string text;
    auto writer = make_data_writer(format, sink_to(text));
    OutgoingMessage message;
    message.header = {"M", true, "2026-01-01", "XX", "YY", {{"en", "n"}}};
    message.structures = {lookup.flow({"T", "FLOW", ""}), lookup.flow({"T", "OTHER", ""})};
    Status begun = writer->begin(message);
    if (format == DataFormat::kGenericTimeSeries21) {
      CHECK_FALSE(begun.ok());
      continue;
    }
    REQUIRE(begun.ok());
    for (int i = 0; i < 3; ++i) {
      OutgoingDataset dataset;
      dataset.structure = message.structures[i == 1];
      dataset.action = i == 2 ? Action::kMerge : Action::kInformation;
      dataset.provider = ProviderRef{{"T", "DATA_PROVIDERS", "1.0"}, "ORG"};
      dataset.reporting_begin = "2026-Q1";
      dataset.reporting_end = "2026-Q1";
      dataset.valid_from = "2026-01-01T00:00:00";
      dataset.valid_to = "nonsense";
      REQUIRE(writer->begin_dataset(dataset).ok());
      RowFeed feed(*writer, dataset.structure);
      const std::string_view key[] = {"M", "KG", "F"};
      const OutgoingValue value[] = {{dataset.structure->measure, "1"}};
      REQUIRE(feed.series(key, {}).ok());
      REQUIRE(feed.observation("2026-01", value).ok());
      REQUIRE(feed.finish().ok());
      REQUIRE(writer->end_dataset().ok());
    }
    REQUIRE(writer->end().ok());
    if (format == DataFormat::kStructureSpecific30) {
      CHECK(text.find("<DataProvider>urn:sdmx:org.sdmx.infomodel.base.DataProvider="
                      "T:DATA_PROVIDERS(1.0).ORG</DataProvider>") != text.npos);
      continue;
    }
    Reading back = read_text(text, lookup);
    CHECK(back.findings.errors() + back.findings.warnings() == 0);
    REQUIRE(back.message.datasets.size() == 3);
    CHECK(back.message.datasets[1].flow->dataflow.id == "OTHER");
    CHECK(back.observations == 3);
    if (format == DataFormat::kCsv10) continue;
    CHECK(back.message.datasets[0].action == Action::kInformation);
    // Merge came with SDMX-CSV 2.1 and SDMX-ML 3.1; 3.0 calls it Append.
    CHECK(back.message.datasets[2].action == (is_csv(format) ? Action::kMerge : Action::kAppend));
    if (is_csv(format)) continue;
    CHECK(back.message.test);
    CHECK(back.message.receiver == "YY");
    CHECK(back.message.datasets[0].provider == "ORG");
    CHECK(back.message.datasets[0].reporting_begin == "2026-01-01");
    CHECK(back.message.datasets[0].reporting_end == "2026-03-31");
    CHECK(back.message.datasets[0].valid_from == "2026-01-01T00:00:00");
    CHECK(back.message.datasets[0].valid_to == "");
  }
}

TEST_CASE("writing: a long series is a stream, and one series") {
  auto lookup = small_network();
  constexpr int kMany = 3 * kBatchObservations + 17;
  for (DataFormat format : kFormats)
    for (bool flat : {false, true}) {
      INFO(data_format_name(format) << flat);
      std::size_t largest = 0;
      std::string text;
      auto writer = make_data_writer(format,
                                     [&](std::string_view piece) {
                                       largest = std::max(largest, piece.size());
                                       text += piece;
                                       return Status();
                                     },
                                     {flat, ','});
      OutgoingMessage message;
      message.header = {"M", false, "2026-01-01", "XX", "", {}};
      message.structures = {flow_of(lookup)};
      REQUIRE(writer->begin(message).ok());
      OutgoingDataset dataset;
      dataset.structure = flow_of(lookup);
      REQUIRE(writer->begin_dataset(dataset).ok());
      RowFeed feed(*writer, flow_of(lookup));
      const std::string_view key[] = {"D", "KG", "F"};
      const OutgoingValue unit[] = {{flow_of(lookup)->find("UNIT"), "PER"}};
      REQUIRE(feed.series(key, unit).ok());
      for (int i = 0; i < kMany; ++i) {
        std::string time = Period::at(PeriodKind::kDay, 20000 + i).text();
        std::string number = std::to_string(i);
        const OutgoingValue value[] = {{dataset.structure->measure, number}};
        REQUIRE(feed.observation(time, value).ok());
      }
      REQUIRE(feed.finish().ok());
      REQUIRE(writer->end_dataset().ok());
      REQUIRE(writer->end().ok());
      CHECK(largest < 68 * 1024);
      if (format == DataFormat::kStructureSpecific30) continue;
      Reading back = read_text(text, lookup);
      CHECK(back.findings.total() == 0);
      CHECK(back.runs == 1);
      CHECK(back.observations == kMany);
      REQUIRE(back.rows.size() == kMany + 1);
      CHECK(back.rows.front() == "run 'D' 'KG' 'F': UNIT='PER'");
      CHECK(back.rows.back().find("OBS_VALUE='" + std::to_string(kMany - 1) + "'") !=
            std::string::npos);
    }
}

TEST_CASE("writing: what must be kept in memory is bounded") {
  auto lookup = small_network();
  Limits limits;
  limits.stage_memory = 20'000;
  Message message(DataFormat::kCsv20, flow_of(lookup), {}, limits);
  message.dataset();
  for (int i = 0; i < 1000; ++i)
    message.group("ByArea", {nullptr, std::to_string(i).c_str(), nullptr}, {{"PLACE", "x"}});
  CHECK(message.end() == "error: the dataset has more groups than can be kept for their rows");

  std::string groups;
  for (int i = 0; i < 1000; ++i)
    groups += fmt::format(R"(<Group xsi:type="n:ByArea" AREA="{}" PLACE="x"/>)", i);
  const std::string text = ss_message(groups);
  FindingList findings(10);
  MemorySource source(text);
  auto reader = open_data(source, detect(text), lookup, findings, limits);
  CHECK_FALSE(DataSurvey::of(*reader, limits).ok());
  MemorySource again(text);
  auto second = open_data(again, detect(text), lookup, findings, limits);
  CHECK(DataSurvey::of(*second, Limits()).ok());
}

TEST_CASE("writing: a table's attributes find their place in a message") {
  auto lookup = small_network();
  // Attributes of group and dataset come late, on rows of their series.
  const std::string table =
      "DATAFLOW,FREQ,AREA,SEX,TIME_PERIOD,OBS_VALUE,UNIT,PLACE,SOURCE\n"
      "T:FLOW(1.0),M,KZ,F,2026-01,1,PER,,\n"
      "T:FLOW(1.0),M,KG,F,2026-01,2,PER,p,\n"
      "T:FLOW(1.0),M,KG,F,2026-02,3,PER,p,s\n";
  auto text = rewrite(table, lookup, DataFormat::kStructureSpecific21);
  REQUIRE(text.ok());
  CHECK(
      body(*text) ==
      R"(<mes:DataSet ss:structureRef="S1" ss:action="Replace" ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" SOURCE="s">
<Group xsi:type="ns1:ByArea" AREA="KG" PLACE="p"/>
<Series FREQ="M" AREA="KZ" SEX="F" UNIT="PER">
<Obs TIME_PERIOD="2026-01" OBS_VALUE="1"/>
</Series>
<Series FREQ="M" AREA="KG" SEX="F" UNIT="PER">
<Obs TIME_PERIOD="2026-01" OBS_VALUE="2"/>
<Obs TIME_PERIOD="2026-02" OBS_VALUE="3"/>
</Series>
)");
}

}  // namespace focalpost
