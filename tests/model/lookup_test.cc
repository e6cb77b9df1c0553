// SPDX-License-Identifier: Apache-2.0
#include "model/lookup.h"

#include "catch.h"

using namespace focalpost;

namespace {

Codelist areas() {
  Codelist list;
  list.ref = {"FP", "CL_AREA", "1.0"};
  struct Row {
    const char *id, *parent;
  };
  for (Row row :
       {Row{"KG", ""}, Row{"KG-B", "KG"}, Row{"KG-B1", "KG-B"}, Row{"KZ", ""}, Row{"X", ""}}) {
    Code code;
    code.id = row.id;
    code.parent = row.parent;
    list.codes.push_back(code);
  }
  list.codes[0].annotations = {{"FP_ALIAS", "", "KGZ", {}}, {"FP_ALIAS", "", "417", {}}};
  return list;
}

Component coded(std::string id, ComponentKind kind) {
  Component c;
  c.id = std::move(id);
  c.kind = kind;
  c.local.emplace();
  c.local->enumeration = Ref{"FP", "CL_AREA", "1.0"};
  return c;
}

/// Two dimensions of areas, time, a measure, two attributes; flow FLOW in versions 1.0 and 1.10.
Structures world() {
  Structures bag;
  bag.codelists = {areas()};
  DataStructure dsd;
  dsd.ref = {"FP", "DSD", "1.0"};
  Component time, measure, status, group, both;
  time.id = "TIME_PERIOD";
  time.kind = ComponentKind::kTimeDimension;
  measure.id = "OBS_VALUE";
  measure.kind = ComponentKind::kMeasure;
  status = coded("STATUS", ComponentKind::kAttribute);
  group = coded("COVERAGE", ComponentKind::kAttribute);
  group.relationship.kind = AttributeRelationship::Kind::kGroup;
  group.relationship.group = "ByArea";
  both = coded("WITH_TIME", ComponentKind::kAttribute);
  both.relationship.kind = AttributeRelationship::Kind::kDimensions;
  both.relationship.dimensions = {"REF_AREA", "TIME_PERIOD"};
  // Out of order on purpose: components are numbered by kind.
  dsd.components = {status,
                    measure,
                    time,
                    coded("REF_AREA", ComponentKind::kDimension),
                    coded("PARTNER", ComponentKind::kDimension),
                    group,
                    both};
  dsd.groups = {{"ByArea", {"REF_AREA"}}};
  bag.data_structures = {dsd};
  for (const char* version : {"1.10", "1.9"}) {
    Dataflow flow;
    flow.ref = {"FP", "FLOW", version};
    flow.structure = {"FP", "DSD", ""};
    bag.dataflows.push_back(flow);
  }
  return bag;
}

ContentConstraint allow(ArtefactClass c, Ref ref, CubeRegion region) {
  ContentConstraint constraint;
  constraint.ref = {"FP", "CC", "1.0"};
  constraint.allowed = true;
  constraint.attached_to = {{c, std::move(ref), ""}};
  constraint.regions = {std::move(region)};
  return constraint;
}

bool allows(const RegionRule& rule, std::int32_t area, std::int32_t partner) {
  const std::int32_t codes[] = {area, partner};
  return rule.allows_key(codes);
}

enum : std::int32_t { KG, KG_B, KG_B1, KZ, X };

}  // namespace

TEST_CASE("CodeTable: codes by id, alias and family") {
  Codelist list = areas();
  CodeTable table(list);
  CHECK(table.size() == 5);
  CHECK(table.find("KG-B") == KG_B);
  CHECK(table.find("X") == X);
  CHECK(table.find("Y") == kNoCode);
  CHECK(table.find("kg") == kNoCode);
  CHECK(table.find("") == kNoCode);
  CHECK(table.parent(KG_B1) == KG_B);
  CHECK(table.parent(KZ) == kNoCode);
  REQUIRE(table.children(KG).size() == 1);
  CHECK(table.children(KG)[0] == KG_B);
  CHECK(table.children(KZ).empty());
  CHECK(table.by_alias("417") == std::vector<std::int32_t>{KG});
  CHECK(table.by_alias("KG").empty());
}

TEST_CASE("NameTable: many names, the first of equal ones counts") {
  std::vector<std::string> texts;
  for (int i = 0; i < 5000; ++i) texts.push_back("N" + std::to_string(i % 4000));
  NameTable table;
  table.build({texts.begin(), texts.end()});
  for (int i = 0; i < 4000; ++i) REQUIRE(table.find(texts[std::size_t(i)]) == i);
  CHECK(table.find("N4000") == -1);
  CHECK(NameTable().find("A") == -1);
  CHECK(NameTable().find("AB") == -1);
}

TEST_CASE("FlowStructure: components numbered by kind, levels resolved") {
  StructureLookup lookup(world());
  auto flow = lookup.flow({"FP", "FLOW", ""});
  REQUIRE(flow);
  CHECK(flow->dataflow.version == "1.10");  // the latest, by number
  CHECK(flow->dimension_count == 2);
  CHECK(flow->find("REF_AREA") == 0);
  CHECK(flow->find("PARTNER") == 1);
  CHECK(flow->time == 2);
  CHECK(flow->measure == 3);
  CHECK(flow->measure_count == 1);
  CHECK(flow->ref_area == 0);
  CHECK(flow->freq == kNoComponent);
  CHECK(flow->find("NOTHING") == kNoComponent);
  CHECK(flow->components[flow->find("COVERAGE")].dimensions == std::vector<std::uint16_t>{0});
  // An attribute that hangs on time hangs on the observation.
  CHECK(flow->components[flow->find("WITH_TIME")].level ==
        AttributeRelationship::Kind::kObservation);
  CHECK(flow->components[flow->time].format.type == DataType::kObservationalTimePeriod);
  const std::string_view key[] = {"KG", ""};
  CHECK(flow->series_key(key) == "KG.");
  CHECK(flow->missing.empty());
  CHECK(lookup.flow({"FP", "FLOW", "2.0"}) == nullptr);
  CHECK(lookup.flows().size() == 1);
  CHECK(lookup.data_structure({"FP", "DSD", "1.0"})->dataflow.empty());
}

TEST_CASE("a flow outlives the lookup that made it") {
  std::shared_ptr<const FlowStructure> flow;
  {
    StructureLookup lookup(world());
    flow = lookup.flow({"FP", "FLOW", ""});
  }
  CHECK(flow->components[0].codes->find("KZ") == KZ);
  CHECK(flow->components[0].source->id == "REF_AREA");
}

TEST_CASE("a codelist that is not there is told") {
  Structures bag = world();
  bag.codelists.clear();
  StructureLookup lookup(bag);
  auto flow = lookup.flow({"FP", "FLOW", ""});
  REQUIRE_FALSE(flow->missing.empty());
  CHECK(flow->missing[0] == "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=FP:CL_AREA(1.0)");
}

TEST_CASE("constraints as code sets") {
  Structures bag = world();
  const Ref flow_ref{"FP", "FLOW", ""};
  auto rule_of = [&](CubeRegion region) {
    bag.constraints = {allow(ArtefactClass::kDataflow, flow_ref, std::move(region))};
    return StructureLookup(bag).flow(flow_ref)->constraints.at(0);
  };
  SECTION("an including region, with what lies below a code") {
    RegionRule rule = rule_of({true, {{"REF_AREA", {{"KG", true}}, "", ""}}, {}});
    CHECK(allows(rule, KG, KZ));
    CHECK(allows(rule, KG_B1, KZ));
    CHECK_FALSE(allows(rule, KZ, KG));
    CHECK(allows(rule, kNoCode, KG));  // unknown: the benefit of the doubt
    CHECK(rule.allows_value(0, KG_B));
    CHECK_FALSE(rule.allows_value(0, KZ));
    CHECK(rule.allows_value(1, KZ));
  }
  SECTION("a child named before its parent does not stop the cascade") {
    RegionRule rule = rule_of({true, {{"REF_AREA", {{"KG-B", false}, {"KG", true}}, "", ""}}, {}});
    CHECK(allows(rule, KG_B1, KZ));
  }
  SECTION("without cascade a code stands alone") {
    RegionRule rule = rule_of({true, {{"REF_AREA", {{"KG", false}}, "", ""}}, {}});
    CHECK_FALSE(allows(rule, KG_B, KZ));
  }
  SECTION("an excluding region: all of its dimensions together") {
    RegionRule rule = rule_of(
        {false, {{"REF_AREA", {{"KG", false}}, "", ""}, {"PARTNER", {{"KZ", false}}, "", ""}}, {}});
    CHECK_FALSE(allows(rule, KG, KZ));
    CHECK(allows(rule, KG, KG));
    CHECK(allows(rule, KG, kNoCode));
    CHECK(rule.allows_value(0, KG));
  }
  SECTION("an excluding region of one component forbids the value") {
    RegionRule rule = rule_of({false, {{"REF_AREA", {{"KG", false}}, "", ""}}, {}});
    CHECK_FALSE(rule.allows_value(0, KG));
    CHECK(rule.allows_value(0, KZ));
  }
  SECTION("what is excluded by time or attribute too, the key does not decide") {
    RegionRule timed = rule_of(
        {false, {{"REF_AREA", {{"KG", false}}, "", ""}, {"TIME_PERIOD", {}, "2020", ""}}, {}});
    CHECK(allows(timed, KG, KZ));
    REQUIRE(timed.regions[0].times.size() == 1);
    CHECK(timed.regions[0].times[0].to_day == INT64_MAX);
    RegionRule attributed = rule_of(
        {false, {{"REF_AREA", {{"KG", false}}, "", ""}}, {{"STATUS", {{"X", false}}, "", ""}}});
    CHECK(allows(attributed, KG, KZ));
  }
  SECTION("key sets") {
    ContentConstraint constraint = allow(ArtefactClass::kDataflow, flow_ref, {});
    constraint.regions.clear();
    constraint.key_sets = {
        {true,
         {{{"REF_AREA", {{"KG", false}}, "", ""}, {"PARTNER", {{"KZ", false}}, "", ""}},
          {{"REF_AREA", {{"KZ", false}}, "", ""}}}}};
    bag.constraints = {constraint};
    RegionRule rule = StructureLookup(bag).flow(flow_ref)->constraints.at(0);
    CHECK(allows(rule, KG, KZ));
    CHECK_FALSE(allows(rule, KG, KG));
    CHECK(allows(rule, KZ, X));
  }
  SECTION("Actual only describes") {
    bag.constraints = {allow(ArtefactClass::kDataflow, flow_ref, {true, {}, {}})};
    bag.constraints[0].allowed = false;
    CHECK(StructureLookup(bag).flow(flow_ref)->constraints.empty());
  }
}

TEST_CASE("agreements and roster") {
  Structures bag = world();
  ProvisionAgreement agreement;
  agreement.ref = {"FP", "PA", "1.0"};
  agreement.dataflow = {"FP", "FLOW", "1.9"};
  agreement.provider = {{"FP", "DATA_PROVIDERS", "1.0"}, "KG_NSC"};
  agreement.annotations = {{"FP_AUDIENCE", "", "public", {}}};
  agreement.valid_from = "2025-01-01T00:00:00";
  agreement.valid_to = "2026-01-01T00:00:00";
  bag.agreements = {agreement};
  ContentConstraint constraint = allow(ArtefactClass::kProvisionAgreement, agreement.ref,
                                       {true, {{"REF_AREA", {{"KG", true}}, "", ""}}, {}});
  constraint.reference_from = "2026-01";
  constraint.periodicity = "P1M";
  constraint.offset = "P45D";
  bag.constraints = {constraint};
  OrganisationScheme scheme;
  scheme.ref = {"FP", "DATA_PROVIDERS", "1.0"};
  Organisation organisation;
  organisation.id = "KG_NSC";
  organisation.annotations = {{"FP_LANG:c1", "", "ru", {{"en", "Asia/Bishkek"}}}};
  Contact contact;
  contact.id = "c1";
  contact.roles = {{"en", "Focal point"}};
  contact.emails = {"Migration@Stat.example"};
  organisation.contacts = {contact};
  scheme.organisations = {organisation};
  bag.organisation_schemes = {scheme};
  StructureLookup lookup(bag);

  auto found = lookup.agreements(agreement.provider, {"FP", "FLOW", "1.10"});
  REQUIRE(found.size() == 1);
  CHECK(found[0]->flow == lookup.flow({"FP", "FLOW", "1.9"}));
  CHECK(found[0]->rules.size() == 1);
  CHECK(found[0]->reference_from == "2026-01");
  CHECK(found[0]->offset == "P45D");
  CHECK(found[0]->audience == "public");
  CHECK(found[0]->valid_at(*parse_time("2025-06-01")));
  CHECK_FALSE(found[0]->valid_at(*parse_time("2024-12-31")));
  CHECK_FALSE(found[0]->valid_at(*parse_time("2026-06-01")));
  CHECK(lookup.agreements({agreement.provider.scheme, "KZ_BNS"}, {"FP", "FLOW", ""}).empty());
  CHECK(lookup.agreement({"FP", "PA", ""}) == found[0]);

  const RosterEntry* entry = lookup.contact(" migration@stat.EXAMPLE ");
  REQUIRE(entry);
  CHECK(entry->provider == agreement.provider);
  CHECK(entry->lang == "ru");
  CHECK(entry->zone == "Asia/Bishkek");
  CHECK(entry->has_role("focal point"));
  CHECK_FALSE(entry->has_role("coordinator"));
  CHECK(lookup.contact("nobody@stat.example") == nullptr);
  CHECK(lookup.organisation(agreement.provider)->id == "KG_NSC");
}
