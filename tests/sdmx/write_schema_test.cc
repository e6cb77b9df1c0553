// SPDX-License-Identifier: Apache-2.0
//
// The schema that is made of a data structure: it takes what is right and refuses what is wrong.
#include "write_fixture.h"

namespace focalpost {
namespace {

std::string schema_of(const FlowStructure& flow, const SchemaOptions& options = {}) {
  std::string text;
  Status done = write_data_schema(flow, sink_to(text), options);
  return done.ok() ? text : "error: " + done.error().what;
}

/// A network with one of every data type as attributes T_<name> of observations, FREQ coded.
StructureLookup typed_network(bool time_type = false) {
  Structures all = small_network().structures();
  Codelist list;
  list.ref = {"T", "CL_FREQ", "1.0"};
  list.codes = {{"A", "", {}, {}, {}}, {"M", "", {}, {}, {}}};
  all.codelists.push_back(list);
  DataStructure& dsd = all.data_structures[0];
  dsd.components[0].local = Representation{list.ref, {}};
  for (int type = 0; type <= static_cast<int>(DataType::kOther); ++type) {
    Component component;
    component.kind = ComponentKind::kAttribute;
    component.id = "T_" + std::string(data_type_name(static_cast<DataType>(type)));
    TextFormat format;
    format.type = static_cast<DataType>(type);
    component.local = Representation{{}, format};
    dsd.components.push_back(component);
  }
  auto facets = [&](const char* id, auto change) {
    Component component;
    component.kind = ComponentKind::kAttribute;
    component.id = id;
    TextFormat format;
    change(format);
    component.local = Representation{{}, format};
    dsd.components.push_back(component);
  };
  facets("F_TEXT", [](TextFormat& f) {
    f.min_length = 2;
    f.max_length = 4;
    f.pattern = "[A-Z]+&?";
  });
  facets("F_NUMBER", [](TextFormat& f) {
    f.type = DataType::kDecimal;
    f.min_value = "0";
    f.max_value = "10.5";
    f.decimals = 1;
  });
  facets("F_OPEN", [](TextFormat& f) {
    f.type = DataType::kExclusiveValueRange;
    f.min_value = "0";
    f.max_value = "1";
  });
  facets("F_INT", [](TextFormat& f) {
    f.type = DataType::kInteger;
    f.min_value = "nonsense";
    f.max_value = "7";
    f.min_length = 3;  // says nothing about a number in XML Schema
  });
  if (time_type) {
    TextFormat month;
    month.type = DataType::kGregorianYearMonth;
    for (Component& component : dsd.components)
      if (component.kind == ComponentKind::kTimeDimension)
        component.local = Representation{{}, month};
  }
  return StructureLookup(std::move(all));
}

/// What xmllint finds wrong with one observation that has these XML attributes.
bool valid(const StructureLookup& lookup, const std::string& observation, bool flat = false,
           bool v30 = false) {
  auto flow = lookup.flow({"T", "FLOW", "1.0"});
  std::string text = small_message(
      flow, v30 ? DataFormat::kStructureSpecific30 : DataFormat::kStructureSpecific21, flat);
  const std::string obs = "<Obs " + observation + "/>";
  const std::string inside =
      flat ? obs : "<Series FREQ=\"M\" AREA=\"x\" SEX=\"y\">" + obs + "</Series>";
  text.insert(text.find("</mes:DataSet>"), inside);
  Validator validator;
  validator.add(flow.get(), flat, v30, "one.xml", text);
  return validator.run().empty();
}

}  // namespace

TEST_CASE("a schema's namespace and what it is made of") {
  auto lookup = typed_network();
  auto flow = lookup.flow({"T", "FLOW", "1.0"});
  CHECK(data_schema_namespace(*flow, false) ==
        "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOW(1.0):ObsLevelDim:TIME_PERIOD");
  CHECK(data_schema_namespace(*lookup.data_structure({"T", "DSD", ""}), true) ==
        "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=T:DSD(1.0):ObsLevelDim:"
        "AllDimensions");
  SchemaOptions options;
  options.official = "http://schemas.example/";
  const std::string text = schema_of(*flow, options);
  for (const char* part :
       {"schemaLocation=\"http://schemas.example/SDMXCommon.xsd\"",
        "<xs:simpleType name=\"T.CL_FREQ.1.0\">", "<xs:enumeration value=\"M\"/>",
        "<xs:attribute name=\"FREQ\" type=\"T.CL_FREQ.1.0\" use=\"required\"/>",
        "<xs:restriction base=\"dsd:TimeSeriesDataSetType\">", "<xs:complexType name=\"ByArea\">",
        "<xs:pattern value=\"[A-Z]+&amp;?\"/>"})
    CHECK(text.find(part) != text.npos);
}

TEST_CASE("structures that can have no schema") {
  auto change = [](auto edit) {
    Structures all = small_network().structures();
    edit(all.data_structures[0]);
    StructureLookup lookup(std::move(all));
    return schema_of(*lookup.flow({"T", "FLOW", "1.0"}));
  };
  CHECK(change([](DataStructure& dsd) {
          dsd.components[1].local = Representation{Ref{"T", "CL_NONE", "1.0"}, {}};
        }) == "error: the codelist T:CL_NONE(1.0) of AREA is not known");
  CHECK(change([](DataStructure& dsd) {
          TextFormat format;
          format.pattern = "[a-";
          dsd.components[1].local = Representation{{}, format};
        }) == "error: the pattern \"[a-\" of AREA is no regular expression of XML Schema");
  CHECK(change([](DataStructure& dsd) { dsd.groups[0].id = "ObsType"; }) ==
        "error: a group of T:FLOW(1.0) is called ObsType, as another type of its schema");
  CHECK(change([](DataStructure& dsd) {
          dsd.groups[0].id = "a b";
        }).starts_with("error: \"a b\" of T:FLOW(1.0) cannot be the name of a group"));
}

TEST_CASE("a schema takes what is right and refuses what is wrong") {
  if (!Validator::ready()) {
    WARN("the official schemas or xmllint are not here: skipped");
    return;
  }
  auto lookup = typed_network();
  const std::string time = "TIME_PERIOD=\"2026-01\" ";
  CHECK(valid(lookup, time + "OBS_VALUE=\"1\" OBS_STATUS=\"A\""));
  CHECK_FALSE(valid(lookup, "OBS_VALUE=\"1\""));          // no period
  CHECK_FALSE(valid(lookup, "TIME_PERIOD=\"2026-13\""));  // no such month
  CHECK_FALSE(valid(lookup, time + "OBS_STATUS=\"Z\""));  // no such code
  CHECK_FALSE(valid(lookup, time + "NONSENSE=\"1\""));    // no such component
  CHECK_FALSE(valid(lookup, time + "UNIT=\"PER\""));      // of the series
  CHECK_FALSE(valid(lookup, time + "REPORTING_YEAR_START_DAY=\"--07-01\""));
  struct Pair {
    const char *name, *right, *wrong;
  };
  const Pair values[] = {
      {"F_TEXT", "AB&amp;", "ABCDE"},
      {"F_TEXT", "ABCD", "A"},
      {"F_TEXT", "AB", "ab"},
      {"F_NUMBER", "10.5", "10.55"},
      {"F_NUMBER", "0", "-1"},
      {"F_NUMBER", "1.5", "11"},
      {"F_OPEN", "0.5", "0"},
      {"F_INT", "7", "8"},
      {"F_INT", "-1", "1.5"},
      {"T_Boolean", "true", "yes"},
      {"T_Double", "1e5", "x"},
      {"T_Short", "1", "70000"},
      {"T_Alpha", "ab", "a1"},
      {"T_GregorianYear", "2026", "26"},
      {"T_ReportingQuarter", "2026-Q1", "2026-Q5"},
      {"T_DateTime", "2026-01-01T00:00:00", "2026"},
      {"T_Duration", "P1M", "1M"},
      {"T_MonthDay", "--01-01", "01-01"},
      {"T_TimeRange", "2026-01-01/P1M", "2026-01/P1M"},
  };
  for (const Pair& pair : values) {
    INFO(pair.name << " " << pair.right << " " << pair.wrong);
    CHECK(valid(lookup, time + pair.name + "=\"" + pair.right + "\""));
    CHECK_FALSE(valid(lookup, time + pair.name + "=\"" + pair.wrong + "\""));
  }
  auto months = typed_network(true);
  CHECK(valid(months, time));
  CHECK_FALSE(valid(months, "TIME_PERIOD=\"2026-Q1\""));
  const std::string key = "FREQ=\"M\" AREA=\"x\" SEX=\"y\" ";
  CHECK(valid(lookup, key + time + "UNIT=\"PER\" OBS_VALUE=\"1\"", true));
  CHECK_FALSE(valid(lookup, "AREA=\"x\" SEX=\"y\" " + time, true));
  CHECK_FALSE(valid(lookup, key + "PLACE=\"p\" " + time, true));  // of the group
  // In 3.0 dimensions may be left out; the rest is the same.
  CHECK(valid(lookup, "AREA=\"x\" " + time, true, true));
  CHECK_FALSE(valid(lookup, time + "OBS_STATUS=\"Z\"", false, true));
  CHECK(valid(lookup, time + "OBS_STATUS=\"A\"", false, true));
}

TEST_CASE("a schema for every structure of the shipped network") {
  if (!Validator::ready()) {
    WARN("the official schemas or xmllint are not here: skipped");
    return;
  }
  StructureLookup lookup(shipped_structures());
  Validator validator;
  std::size_t schemas = 0;
  for (const auto& flow : lookup.flows())
    for (bool flat : {false, true})
      for (bool v30 : {false, true}) {
        std::string text;
        auto writer = make_data_writer(
            v30 ? DataFormat::kStructureSpecific30 : DataFormat::kStructureSpecific21,
            sink_to(text), {flat, ','});
        OutgoingMessage message;
        message.header = {"M", false, "2026-01-01", "XX", "", {}};
        message.structures = {flow};
        REQUIRE(writer->begin(message).ok());
        OutgoingDataset dataset;
        dataset.structure = flow;
        REQUIRE(writer->begin_dataset(dataset).ok());
        // The first code of each list, the dataset's and the groups' attributes too.
        std::vector<std::string_view> key;
        for (std::uint16_t d = 0; d < flow->dimension_count; ++d)
          key.push_back(flow->components[d].codes->id(0));
        RowFeed feed(*writer, flow);
        for (std::uint16_t g = 0; g < flow->groups.size(); ++g) {
          std::vector<std::string_view> part(flow->dimension_count);
          for (std::uint16_t d : flow->groups[g].dimensions) part[d] = key[d];
          REQUIRE(feed.group(g, part, {}).ok());
        }
        REQUIRE(feed.series(key, {}).ok());
        const OutgoingValue value[] = {{flow->measure, "1"}};
        REQUIRE(feed.observation("2026", value).ok());
        REQUIRE(feed.finish().ok());
        REQUIRE(writer->end_dataset().ok());
        REQUIRE(writer->end().ok());
        validator.add(flow.get(), flat, v30, flow->dataflow.id, text);
        ++schemas;
      }
  CHECK(schemas == 40);
  CHECK(validator.run() == "");
}

}  // namespace focalpost
