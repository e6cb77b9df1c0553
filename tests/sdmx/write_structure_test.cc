// SPDX-License-Identifier: Apache-2.0
//
// Structures written and read again, and valid by the official schemas.
#include "write_fixture.h"

namespace focalpost {
namespace {

using Kind = AttributeRelationship::Kind;

OutgoingHeader header_for_test() {
  OutgoingHeader header;
  header.id = "TEST_1";
  header.prepared = "2026-01-15T09:00:00Z";
  header.sender = "FP";
  header.receiver = "ALL";
  header.names = {{"en", "a <test>"}};
  return header;
}

std::string written(const Structures& structures, StructureFormat format = StructureFormat::k21,
                    std::vector<std::string> expected_left_out = {}) {
  std::string text;
  auto done = write_structures(structures, header_for_test(), sink_to(text), format);
  if (!done.ok()) UNSCOPED_INFO(done.error().what);
  REQUIRE(done.ok());
  std::vector<std::string> left_out;
  for (const LeftOut& one : *done)
    left_out.push_back(one.artefact + ": " + one.reason + (one.whole ? "" : " (in part)"));
  CHECK(left_out == expected_left_out);
  return text;
}

/// Kept artefacts carry the namespace declarations of where they came from; they are compared
/// without them.
std::string without_declarations(std::string xml) {
  for (auto at = xml.find(" xmlns"); at != xml.npos; at = xml.find(" xmlns"))
    xml.erase(at, xml.find('"', xml.find('"', at) + 1) + 1 - at);
  return xml;
}

Structures read_again(const std::string& text) {
  FindingList findings(100);
  Structures all = read_structure_text(text, findings);
  for (const Finding& finding : findings.listed()) {
    INFO(finding.rule->id << " " << finding.component << " " << finding.value);
    CHECK(finding.rule->severity == Severity::kInfo);
  }
  return all;
}

void check_same(Structures a, Structures b) {
  for (Structures* all : {&a, &b}) {
    for (OtherArtefact& other : all->others) other.xml = without_declarations(other.xml);
    std::stable_sort(all->others.begin(), all->others.end(), [](const auto& x, const auto& y) {
      return std::tie(x.element, x.ref) < std::tie(y.element, y.ref);
    });
  }
  CHECK(a.codelists == b.codelists);
  CHECK(a.concept_schemes == b.concept_schemes);
  CHECK(a.data_structures == b.data_structures);
  CHECK(a.dataflows == b.dataflows);
  CHECK(a.organisation_schemes == b.organisation_schemes);
  CHECK(a.agreements == b.agreements);
  CHECK(a.constraints == b.constraints);
  CHECK(a.value_lists == b.value_lists);
  CHECK(a.metadata_structures == b.metadata_structures);
  CHECK(a.metadataflows == b.metadataflows);
  CHECK(a.metadata_agreements == b.metadata_agreements);
  REQUIRE(a.others.size() == b.others.size());
  for (std::size_t i = 0; i < a.others.size(); ++i) {
    CHECK(a.others[i].ref.text() == b.others[i].ref.text());
    CHECK(a.others[i].xml == b.others[i].xml);
  }
}

}  // namespace

TEST_CASE("structures: the shipped network comes back as it was") {
  std::size_t files = 0;
  Structures all;
  for (const auto& entry : std::filesystem::directory_iterator(SOURCE_DIR "/schemas")) {
    if (entry.path().extension() != ".xml") continue;
    INFO(entry.path().filename().string());
    FindingList findings(10);
    Structures one = read_structure_text(file_text(entry.path()), findings);
    check_same(one, read_again(written(one)));
    all.merge(std::move(one));
    ++files;
  }
  CHECK(files > 10);
  const std::string text = written(all);
  check_same(all, read_again(text));
  if (!Validator::ready()) {
    WARN("the official schemas or xmllint are not here: nothing is validated");
    return;
  }
  Validator validator;
  validator.add(nullptr, false, false, "network.xml", text);
  CHECK(validator.run() == "");
}

TEST_CASE("structures: the shipped network in 3.0") {
  Structures all = shipped_structures();
  // 3.0 has no reference period, and two cube regions at most.
  std::vector<std::string> expected;
  for (const ContentConstraint& constraint : all.constraints)
    if (constraint.regions.size() > 2)
      expected.push_back("ContentConstraint " + constraint.ref.text() +
                         ": SDMX-ML 3.0 has two cube regions at most");
  for (const ContentConstraint& constraint : all.constraints)
    if (constraint.regions.size() <= 2 && !constraint.reference_from.empty())
      expected.push_back("ContentConstraint " + constraint.ref.text() +
                         ": SDMX-ML 3.0 has no reference period (in part)");
  for (const MetadataStructure& structure : all.metadata_structures)
    expected.push_back("MetadataStructure " + structure.ref.text() +
                       ": in SDMX-ML 3.0 the flow says what reports are about (in part)");
  const std::string text = written(all, StructureFormat::k30, expected);
  CHECK(detect(text).version == "3.0");
  if (!Validator::ready()) {
    WARN("the official schemas or xmllint are not here: nothing is validated");
    return;
  }
  Validator validator;
  validator.add(nullptr, false, true, "network.xml", text);
  CHECK(validator.run() == "");
}

TEST_CASE("structures: every shape that the model has") {
  Structures all;
  Codelist list;
  list.ref = {"T.SUB", "CL", "1.1"};
  list.names = {{"en", "List & more"}, {"ru", "Список"}, {"pt-BR", "\"Lista\""}};
  list.descriptions = {{"en", "  spaces\tand\nlines  "}};
  list.annotations = {{"A", "type", "title <b>", {{"en", "one"}, {"en", "two"}}},
                      {"", "", "", {}},
                      {"A", "", "", {}}};
  list.is_final = true;
  list.is_partial = true;
  list.valid_from = "2026-01-01T00:00:00";
  list.valid_to = "2027-01-01T00:00:00Z";
  list.codes = {
      {"_T", "", {{"en", "Total"}}, {}, {}},
      {"A", "_T", {{"en", "A"}, {"uk", "А"}}, {{"en", "d"}}, {{"FP_ALIAS", "", "a", {}}}}};
  all.codelists.push_back(list);
  ConceptScheme scheme;
  scheme.ref = {"T", "CS", "1.0"};
  scheme.names = {{"en", "Concepts"}};
  TextFormat text;
  text.type = DataType::kString;
  text.min_length = 1;
  text.max_length = 20;
  text.pattern = "[A-Z<&\"]+";
  text.is_multilingual = true;
  scheme.concepts = {{"TOP", "", {{"en", "Top"}}, {}, {}, Representation{{}, text}},
                     {"BELOW", "TOP", {{"en", "Below"}}, {}, {}, Representation{list.ref, {}}}};
  all.concept_schemes.push_back(scheme);
  DataStructure dsd;
  dsd.ref = {"T", "DSD", "2.0"};
  dsd.names = {{"en", "Structure"}};
  auto add = [&](std::string id, ComponentKind kind) -> Component& {
    Component component;
    component.id = std::move(id);
    component.kind = kind;
    component.concept_identity = {scheme.ref, "TOP"};
    dsd.components.push_back(component);
    return dsd.components.back();
  };
  add("FREQ", ComponentKind::kDimension).local = Representation{list.ref, {}};
  add("AREA", ComponentKind::kDimension).annotations = {{"FP_DEFAULT", "", "_T", {}}};
  TextFormat coded;
  coded.max_length = 3;
  add("SEX", ComponentKind::kDimension).local = Representation{list.ref, coded};
  TextFormat time;
  time.type = DataType::kGregorianYearMonth;
  time.start_time = "2000-01";
  add("TIME_PERIOD", ComponentKind::kTimeDimension).local = Representation{{}, time};
  TextFormat number;
  number.type = DataType::kDecimal;
  number.min_value = "-1.5";
  number.max_value = "100";
  number.decimals = 2;
  add("OBS_VALUE", ComponentKind::kMeasure).local = Representation{{}, number};
  auto attribute = [&](std::string id, AttributeRelationship relation,
                       bool mandatory) -> Component& {
    Component& component = add(std::move(id), ComponentKind::kAttribute);
    component.relationship = std::move(relation);
    component.mandatory = mandatory;
    return component;
  };
  attribute("A_SET", {Kind::kDataset, {}, {}}, false);
  attribute("A_SERIES", {Kind::kDimensions, {"FREQ", "AREA", "SEX"}, {}}, true);
  attribute("A_PART", {Kind::kDimensions, {"AREA"}, "ByArea"}, false);
  attribute("A_GROUP", {Kind::kGroup, {}, "ByArea"}, false);
  attribute("A_OBS", {Kind::kObservation, {}, {}}, true);
  TextFormat day;
  day.type = DataType::kMonthDay;
  attribute("REPORTING_YEAR_START_DAY", {Kind::kDimensions, {"FREQ"}, {}}, false).local =
      Representation{{}, day};
  TextFormat steps;
  steps.type = DataType::kIncremental;
  steps.is_sequence = true;
  steps.interval = "2";
  steps.start_value = "0";
  steps.end_value = "10";
  attribute("A_STEPS", {Kind::kObservation, {}, {}}, false).local = Representation{{}, steps};
  dsd.groups = {{"ByArea", {"AREA"}}, {"Sibling", {"AREA", "SEX"}}};
  all.data_structures.push_back(dsd);
  Dataflow flow;
  flow.ref = {"T", "FLOW", "1.0"};
  flow.names = {{"en", "Flow"}};
  flow.structure = dsd.ref;
  all.dataflows.push_back(flow);
  for (auto scheme_class : {ArtefactClass::kAgencyScheme, ArtefactClass::kDataProviderScheme,
                            ArtefactClass::kDataConsumerScheme}) {
    OrganisationScheme organisations;
    organisations.scheme_class = scheme_class;
    organisations.ref = {"T",
                         scheme_class == ArtefactClass::kAgencyScheme         ? "AGENCIES"
                         : scheme_class == ArtefactClass::kDataProviderScheme ? "DATA_PROVIDERS"
                                                                              : "DATA_CONSUMERS",
                         "1.0"};
    organisations.names = {{"en", "Organisations"}};
    Contact contact;
    contact.id = "c1";
    contact.names = {{"en", "Unit"}, {"ru", "Отдел"}};
    contact.departments = {{"en", "D"}};
    contact.roles = {{"en", "focal point"}};
    contact.emails = {"a@b.example", "c@d.example"};
    contact.phones = {"+1 <2>"};
    contact.faxes = {"3"};
    contact.uris = {"http://a.example/?x=1&y=2"};
    Contact second;
    second.names = {{"en", "Other"}};
    organisations.organisations = {{"ORG",
                                    {{"en", "Org"}},
                                    {{"en", "what"}},
                                    {{"FP_LANG:c1", "", "ru", {}}},
                                    {contact, second}},
                                   {"EMPTY", {{"en", "Empty"}}, {}, {}, {}}};
    all.organisation_schemes.push_back(organisations);
  }
  ProvisionAgreement agreement;
  agreement.ref = {"T", "PA", "1.0"};
  agreement.names = {{"en", "Agreement"}};
  agreement.dataflow = flow.ref;
  agreement.provider = {{"T", "DATA_PROVIDERS", "1.0"}, "ORG"};
  all.agreements.push_back(agreement);
  ContentConstraint constraint;
  constraint.ref = {"T", "CC", "1.0"};
  constraint.names = {{"en", "Constraint"}};
  constraint.allowed = true;
  constraint.attached_to = {{ArtefactClass::kDataflow, flow.ref, {}}};
  CubeRegion region;
  region.keys = {{"AREA", {{"_T", true}, {"A", false}}, {}, {}},
                 {"TIME_PERIOD", {}, "2020-01", "2025-12"}};
  region.attributes = {{"A_OBS", {{"x", false}}, {}, {}}};
  constraint.regions = {region, {false, {{"TIME_PERIOD", {}, "2030", {}}}, {}}};
  constraint.key_sets = {
      {false, {{{"AREA", {{"A", false}}, {}, {}}, {"SEX", {{"A", false}}, {}, {}}}}}};
  constraint.periodicity = "P1M";
  constraint.offset = "P45D";
  constraint.tolerance = "P10D";
  constraint.reference_from = "2026-01-01T00:00:00";
  constraint.reference_to = "2099-12-31T23:59:59";
  all.constraints.push_back(constraint);
  ContentConstraint actual = constraint;
  actual.ref.id = "CC2";
  actual.allowed = false;
  actual.attached_to = {
      {ArtefactClass::kDataProviderScheme, {"T", "DATA_PROVIDERS", "1.0"}, "ORG"}};
  actual.regions = {{true, {{"TIME_PERIOD", {}, {}, "2030"}}, {}}};
  actual.key_sets.clear();
  all.constraints.push_back(actual);
  for (auto [c, ref] : {std::pair(ArtefactClass::kDataStructure, dsd.ref),
                        std::pair(ArtefactClass::kProvisionAgreement, agreement.ref)}) {
    ContentConstraint more = actual;
    more.ref.id = "CC_" + std::string(class_name(c));
    more.attached_to = {{c, ref, {}}, {c, ref, {}}};
    all.constraints.push_back(more);
  }
  OtherArtefact other;
  other.element = "Categorisation";
  other.ref = {"T", "CAT", "1.0"};
  other.xml =
      R"(<s:Categorisation xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure" )"
      R"(xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" id="CAT" agencyID="T" )"
      R"(version="1.0"><c:Name xml:lang="en">x &lt; y</c:Name></s:Categorisation>)";
  all.others.push_back(other);

  const std::string text_21 = written(all);
  check_same(all, read_again(text_21));
  Structures newer = all;
  newer.others.clear();
  std::vector<std::string> without_period;
  for (const ContentConstraint& one : newer.constraints)
    without_period.push_back("ContentConstraint " + one.ref.text() +
                             ": SDMX-ML 3.0 has no reference period (in part)");
  const std::string text_30 = written(newer, StructureFormat::k30, without_period);
  if (!Validator::ready()) {
    WARN("the official schemas or xmllint are not here: nothing is validated");
    return;
  }
  Validator validator;
  validator.add(nullptr, false, false, "all.xml", text_21);
  validator.add(nullptr, false, true, "all.xml", text_30);
  CHECK(validator.run() == "");
}

TEST_CASE("structures: what is missing or cannot be said") {
  Structures all;
  Codelist list;
  list.ref = {"T", "CL", "1.0"};
  list.codes = {{"A", "", {{"en_GB", "a"}, {"not a language", "b"}}, {}, {}}};
  all.codelists.push_back(list);
  Structures back = read_again(written(all));
  CHECK(back.codelists[0].names == Texts{{"und", "CL"}});
  CHECK(back.codelists[0].codes[0].names == Texts{{"en-GB", "a"}, {"und", "b"}});

  all = {};
  DataStructure dsd;
  dsd.ref = {"T", "DSD", "1.0"};
  dsd.components.resize(3);
  dsd.components[0].id = "A";
  dsd.components[1].id = "M1";
  dsd.components[1].kind = ComponentKind::kMeasure;
  dsd.components[2].id = "M2";
  dsd.components[2].kind = ComponentKind::kMeasure;
  all.data_structures.push_back(dsd);
  OtherArtefact other;
  other.element = "Hierarchy";
  other.ref = {"T", "H", "1.0"};
  other.xml =
      R"(<s:Hierarchy xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure"/>)";
  all.others.push_back(other);
  CHECK(read_again(written(all, StructureFormat::k21,
                           {"Hierarchy T:H(1.0): its version of SDMX-ML is another one",
                            "DataStructure T:DSD(1.0): SDMX-ML 2.1 has one measure, called "
                            "OBS_VALUE"}))
            .size() == 0);
  CHECK(written(all, StructureFormat::k30).find("<s:Hierarchy ") != std::string::npos);
}

TEST_CASE("structures: characters and headers that are refused") {
  Structures all;
  Codelist list;
  list.ref = {"T", "CL", "1.0"};
  for (const char* bad : {"a\x01z", "a\xff", "a\xed\xa0\x80", "\xef\xbf\xbe", "\xc0\x80"}) {
    list.names = {{"en", bad}};
    all.codelists = {list};
    std::string text;
    auto done = write_structures(all, header_for_test(), sink_to(text));
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == ErrorKind::kNotRight);
    CHECK(text.empty());
  }
  all = {};
  OutgoingHeader header = header_for_test();
  header.sender = "a b";
  std::string text;
  CHECK_FALSE(write_structures(all, header, sink_to(text)).ok());
  header = header_for_test();
  header.prepared = "yesterday";
  CHECK_FALSE(write_structures(all, header, sink_to(text)).ok());
  CHECK_FALSE(write_structures(all, header_for_test(), [](std::string_view) {
                return Status(temporary("disk full"));
              }).ok());
}

TEST_CASE("structures: official samples of SDMX 2.1 come back as they were") {
  const std::filesystem::path reference = reference_folder();
  if (reference.empty()) {
    WARN("the reference samples are not here: skipped");
    return;
  }
  Validator validator;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(reference)) {
    if (entry.path().extension() != ".xml") continue;
    std::string text = file_text(entry.path());
    const Detection detection = detect(text);
    if (detection.kind != FileKind::kSdmxMlStructure || detection.version != "2.1") continue;
    FindingList findings(100);
    Structures all = read_structure_text(text, findings);
    if (findings.errors() > 0) continue;
    INFO(entry.path().string());
    std::string again;
    auto done = write_structures(all, header_for_test(), sink_to(again));
    REQUIRE(done.ok());
    ++files;
    if (done->empty()) check_same(all, read_again(again));
    // Official samples are valid, those of peers need not be.
    if (Validator::ready() &&
        entry.path().string().find("sdmx-twg__sdmx-ml-v2_1") != std::string::npos)
      validator.add(nullptr, false, false, entry.path().filename().string(), again);
  }
  CHECK(files > 10);
  if (validator.files() > 0) CHECK(validator.run() == "");
}

}  // namespace focalpost
