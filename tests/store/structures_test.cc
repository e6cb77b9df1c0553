// SPDX-License-Identifier: Apache-2.0
#include "store/structures.h"

#include "temporary_store.h"

using namespace focalpost;

namespace {

Ref ref(const char* id, const char* version = "1.0") {
  return {"FP", id, version};
}

template <typename T>
T artefact(const char* id, const char* name) {
  T result;
  result.ref = ref(id);
  result.names = {
      {"ru", std::string("ру ") + name}, {"en", name}, {"uk", std::string("ук ") + name}};
  return result;
}

/// Something in every field of every shape of model/structure.h.
Structures rich() {
  Structures s;

  auto sex = artefact<Codelist>("CL_SEX", "Sex");
  sex.descriptions = {{"en", "Sexes, with <markup> & \"quotes\"\nand lines"}};
  sex.annotations = {{"A", "type", "title", {{"en", "text"}, {"ru", "текст"}}}, {"", "", "", {}}};
  sex.is_final = true;
  sex.valid_from = "2020-01-01";
  sex.valid_to = "2030-01-01T00:00:00";
  sex.codes = {
      {"_T", "", {{"en", "Total"}, {"ru", "Всего"}}, {}, {}},
      {"F", "_T", {{"en", "Female"}}, {{"en", "Women and girls"}}, {}},
      {"M", "_T", {{"en", "Male"}}, {}, {{"FP_ALIAS", "", "1", {}}, {"FP_ALIAS", "", "MALE", {}}}}};
  auto area = artefact<Codelist>("CL_AREA", "Area");
  area.is_partial = true;
  area.codes = {{"KG", "", {{"en", "Kyrgyzstan"}}, {}, {}}};
  s.codelists = {sex, area};

  auto concepts = artefact<ConceptScheme>("CONCEPTS", "Concepts");
  Representation coded;
  coded.enumeration = ref("CL_SEX");
  Representation text;
  text.format = TextFormat{};
  text.format->type = DataType::kDecimal;
  text.format->min_length = 0;
  text.format->max_length = 350;
  text.format->decimals = 2;
  text.format->min_value = "0";
  text.format->max_value = "1e6";
  text.format->start_value = "1";
  text.format->end_value = "9";
  text.format->interval = "2";
  text.format->start_time = "2000";
  text.format->end_time = "2030";
  text.format->pattern = "[A-Z]{2}";
  text.format->is_sequence = true;
  text.format->is_multilingual = true;
  concepts.concepts = {
      {"SEX", "", {{"en", "Sex"}}, {}, {}, coded},
      {"OBS_VALUE", "SEX", {{"en", "Value"}}, {{"en", "d"}}, {{"X", "", "", {}}}, text},
      {"PLAIN", "", {}, {}, {}, {}},
      {"EMPTY", "", {}, {}, {}, Representation{}}};
  s.concept_schemes = {concepts};

  auto dsd = artefact<DataStructure>("DSD_ASYLUM", "Asylum");
  using Kind = AttributeRelationship::Kind;
  ConceptRef concept_ref{ref("CONCEPTS"), "SEX"};
  dsd.components = {
      {"SEX",
       ComponentKind::kDimension,
       concept_ref,
       coded,
       {{"FP_DEFAULT", "", "_T", {}}},
       false,
       {}},
      {"MD", ComponentKind::kMeasureDimension, concept_ref, {}, {}, false, {}},
      {"TIME_PERIOD",
       ComponentKind::kTimeDimension,
       {{"FP", "CONCEPTS", ""}, "TIME"},
       text,
       {},
       false,
       {}},
      {"OBS_VALUE", ComponentKind::kMeasure, {}, {}, {}, false, {}},
      {"A", ComponentKind::kAttribute, concept_ref, {}, {}, true, {Kind::kDataset, {}, ""}},
      {"B",
       ComponentKind::kAttribute,
       concept_ref,
       {},
       {},
       true,
       {Kind::kDimensions, {"SEX", "MD"}, "G"}},
      {"C", ComponentKind::kAttribute, concept_ref, {}, {}, false, {Kind::kGroup, {}, "G"}},
      {"D", ComponentKind::kAttribute, concept_ref, {}, {}, false, {Kind::kObservation, {}, ""}}};
  dsd.groups = {{"G", {"SEX"}}, {"H", {}}};
  s.data_structures = {dsd};

  auto flow = artefact<Dataflow>("ASYLUM", "Asylum applicants");
  flow.structure = ref("DSD_ASYLUM");
  s.dataflows = {flow};

  auto providers = artefact<OrganisationScheme>("DATA_PROVIDERS", "Providers");
  Contact contact{"FP1",
                  {{"en", "Focal point (example)"}},
                  {{"en", "Migration"}, {"ru", "Миграция"}},
                  {{"en", "focal point"}, {"en", "substitute"}},
                  {"b@stat.example", "a@stat.example"},
                  {"+996 1"},
                  {"+996 2"},
                  {"https://stat.example"}};
  providers.organisations = {{"KG_NSC",
                              {{"en", "Statistics (example)"}},
                              {{"en", "d"}},
                              {{"FP_LANG:FP1", "", "ru", {{"en", "Asia/Bishkek"}}}},
                              {contact, Contact{}}},
                             {"KZ_BNS", {}, {}, {}, {}}};
  auto agencies = artefact<OrganisationScheme>("AGENCIES", "Agencies");
  agencies.scheme_class = ArtefactClass::kAgencyScheme;
  s.organisation_schemes = {agencies, providers};

  auto agreement = artefact<ProvisionAgreement>("PA_KG", "Agreement");
  agreement.dataflow = ref("ASYLUM");
  agreement.provider = {ref("DATA_PROVIDERS"), "KG_NSC"};
  agreement.annotations = {{"FP_AUDIENCE", "", "public", {}}};
  s.agreements = {agreement};

  auto constraint = artefact<ContentConstraint>("CC_KG", "Constraint");
  constraint.allowed = true;
  constraint.attached_to = {{ArtefactClass::kProvisionAgreement, ref("PA_KG"), ""},
                            {ArtefactClass::kDataProviderScheme, ref("DATA_PROVIDERS"), "KG_NSC"}};
  KeyValues areas{"REF_AREA", {{"KG", true}, {"KZ", false}}, "", ""};
  KeyValues time{"TIME_PERIOD", {}, "2020", "2030"};
  constraint.regions = {{true, {areas, time}, {{"OBS_STATUS", {{"A", false}}, "", ""}}},
                        {false, {}, {}}};
  constraint.key_sets = {{false, {{areas}, {areas, time}}}, {true, {}}};
  constraint.reference_from = "2020-01-01T00:00:00";
  constraint.reference_to = "2030-01-01T00:00:00";
  constraint.periodicity = "P1M";
  constraint.offset = "P30D";
  constraint.tolerance = "P5D";
  s.constraints = {constraint, artefact<ContentConstraint>("CC_EMPTY", "Empty")};

  using Selection = CodelistExtension::Selection;
  s.codelists[1].extensions = {{ref("CL_SEX"), "", Selection::kAll, {}},
                               {ref("CL_SEX", ""), "P_", Selection::kOnly, {{"F%", true, true}}},
                               {ref("CL_SEX"), "", Selection::kAllBut, {{"M", false, false}}}};
  auto values = artefact<Codelist>("VALUES", "Values");
  values.codes = {{"€ / %", "", {{"en", "Sign"}}, {{"en", "d"}}, {{"X", "", "", {}}}}};
  s.value_lists = {values};
  s.concept_schemes[0].concepts[3].core->enumeration = ref("VALUES");
  s.concept_schemes[0].concepts[3].core->value_list = true;
  s.constraints[0].regions[0].keys[0].values[0].without_root = true;
  auto msd = artefact<MetadataStructure>("MSD", "Metadata");
  TextFormat period;
  period.type = DataType::kObservationalTimePeriod;
  msd.targets = {{"T",
                  {{MetadataTarget::Object::Kind::kIdentifiable, "O", "Dataflow", "urn:x", {}},
                   {MetadataTarget::Object::Kind::kPeriod, "P", "", "", period}}}};
  MetadataAttribute inner;
  inner.id = "INNER";
  inner.parent = 0;
  inner.concept_identity = concept_ref;
  inner.local = text;
  inner.annotations = {{"FP_AUTO", "", "true", {}}};
  inner.min_occurs = 0;
  inner.max_occurs = 0;
  MetadataAttribute outer;
  outer.id = "OUTER";
  outer.presentational = true;
  msd.reports = {{"R", {{"A", "", "", {}}}, {"T"}, {outer, inner}}};
  s.metadata_structures = {msd};
  auto metadataflow = artefact<Metadataflow>("MDF", "Flow");
  metadataflow.structure = ref("MSD");
  metadataflow.targets = {"urn:a", "urn:b"};
  s.metadataflows = {metadataflow};
  auto metadata_agreement = artefact<MetadataAgreement>("MPA", "Agreement");
  metadata_agreement.metadataflow = ref("MDF");
  metadata_agreement.provider = {ref("DATA_PROVIDERS"), "KG_NSC"};
  metadata_agreement.targets = {"urn:c"};
  s.metadata_agreements = {metadata_agreement};

  s.others = {{"Categorisation", ref("C1"), "<str:Categorisation id=\"C1\"/>"},
              {"ReportingTaxonomy", ref("C1"), "<x/>"}};
  return s;
}

StructuresSaved save(Store& store, const Structures& structures, const char* when = "2026-03-01") {
  Transaction transaction = must(store.begin());
  StructuresSaved report = must(store.structures().save(structures, at(when)));
  must(transaction.commit());
  return report;
}

/// A filing of data under the DSD of rich().
void file_something(Store& store) {
  DocketRecord record = opened(store, "1");
  std::string docket = std::to_string(record.docket.id);
  must(store.database().execute(
      "INSERT INTO flow (id, dataflow, data_structure, dimensions) "
      "VALUES (1, 'FP:ASYLUM', 'FP:DSD_ASYLUM(1.0)', 'SEX'); "
      "INSERT INTO filing (docket, item, dataset, flow, provider, agreement, action, filed_at, "
      "origin_gateway, origin_docket, origin_order) "
      "VALUES (" +
      docket + ", 1, 0, 1, 'KG_NSC', '', 'Replace', 0, 'g', 'd', 1)"));
}

}  // namespace

TEST_CASE("structures come back exactly, in order, after the store was closed") {
  TemporaryFolder folder;
  fs::path path = folder.file("store.sqlite");
  {
    Store store = must(Store::create(path));
    CHECK(must(store.structures().load()) == Structures{});
    StructuresSaved report = save(store, rich());
    CHECK(report.added == rich().urns());
    CHECK(report.changed.empty());
    CHECK(report.unchanged.empty());
  }
  Store store = must(Store::open(path));
  Structures loaded = must(store.structures().load());
  CHECK(loaded.codelists == rich().codelists);
  CHECK(loaded.concept_schemes == rich().concept_schemes);
  CHECK(loaded.data_structures == rich().data_structures);
  CHECK(loaded.dataflows == rich().dataflows);
  CHECK(loaded.organisation_schemes == rich().organisation_schemes);
  CHECK(loaded.agreements == rich().agreements);
  CHECK(loaded.constraints == rich().constraints);
  CHECK(loaded.value_lists == rich().value_lists);
  CHECK(loaded.metadata_structures == rich().metadata_structures);
  CHECK(loaded.metadataflows == rich().metadataflows);
  CHECK(loaded.metadata_agreements == rich().metadata_agreements);
  CHECK(loaded.others == rich().others);
}

TEST_CASE("saving means what Structures::merge means") {
  Store store = memory_store();
  save(store, rich());
  std::int64_t revision = must(store.structures().revision());

  SECTION("the same again writes nothing") {
    StructuresSaved report = save(store, rich(), "2026-04-01");
    CHECK(report.added.empty());
    CHECK(report.changed.empty());
    CHECK(report.unchanged == rich().urns());
    CHECK(must(store.structures().revision()) == revision);
    CHECK(rows(store,
               "SELECT count(*) FROM artefact WHERE changed_at > (SELECT min(changed_at) "
               "FROM artefact)") == std::vector<std::string>{"0"});
  }
  SECTION("a changed codelist keeps its place, a new one comes last") {
    Structures newer;
    newer.codelists = {artefact<Codelist>("CL_NEW", "New"), rich().codelists[0]};
    newer.codelists[1].codes.push_back({"_U", "", {{"en", "Unknown"}}, {}, {}});
    StructuresSaved report = save(store, newer);
    CHECK(report.added == std::vector{urn(ArtefactClass::kCodelist, ref("CL_NEW"))});
    CHECK(report.changed == std::vector{urn(ArtefactClass::kCodelist, ref("CL_SEX"))});
    CHECK(must(store.structures().revision()) == revision + 1);
    Structures expected = rich();
    expected.merge(newer);
    Structures loaded = must(store.structures().load());
    CHECK(loaded == expected);
    CHECK(loaded.codelists[0].ref.id == "CL_SEX");
  }
  SECTION("a mailed scheme changes its own organisations and leaves the others") {
    Structures newer;
    newer.organisation_schemes = {rich().organisation_schemes[1]};
    Organisation mine = newer.organisation_schemes[0].organisations[1];
    mine.names = {{"en", "Bureau (example)"}};
    mine.contacts = {Contact{"N", {}, {}, {}, {"n@bns.example"}, {}, {}, {}}};
    newer.organisation_schemes[0].organisations = {mine};
    StructuresSaved report = save(store, newer);
    CHECK(report.changed.size() == 1);
    Structures expected = rich();
    expected.merge(newer);
    Structures loaded = must(store.structures().load());
    CHECK(loaded == expected);
    REQUIRE(loaded.organisation_schemes[1].organisations.size() == 2);
    CHECK(loaded.organisation_schemes[1].organisations[0].contacts.size() == 2);
  }
  SECTION("every other kind is replaced whole") {
    Structures newer = rich();
    newer.codelists.clear();
    newer.concept_schemes[0].concepts.pop_back();
    newer.data_structures[0].components.pop_back();
    newer.data_structures[0].groups.pop_back();
    newer.dataflows[0].structure = ref("DSD_ASYLUM", "2.0");
    newer.agreements[0].provider.id = "KZ_BNS";
    newer.constraints[0].regions.pop_back();
    newer.constraints[0].attached_to.pop_back();
    newer.others[0].xml = "<y/>";
    save(store, newer);
    Structures expected = rich();
    expected.merge(newer);
    CHECK(must(store.structures().load()) == expected);
  }
  SECTION("another version is another artefact") {
    Structures newer;
    newer.data_structures = rich().data_structures;
    newer.data_structures[0].ref.version = "2.0";
    CHECK(save(store, newer).added.size() == 1);
    CHECK(must(store.structures().load()).data_structures.size() == 2);
  }
}

TEST_CASE("what is not committed is not saved, and saving needs a transaction") {
  Store store = memory_store();
  CHECK(store.structures().save(rich(), {}).error().kind == ErrorKind::kBug);
  {
    Transaction given_up = must(store.begin());
    must(store.structures().save(rich(), {}));
  }
  CHECK(must(store.structures().load()) == Structures{});
}

TEST_CASE("a data structure with filed data does not change") {
  Store store = memory_store();
  save(store, rich());
  Structures newer;
  newer.data_structures = rich().data_structures;
  newer.codelists = {artefact<Codelist>("CL_NEW", "New")};

  SECTION("as long as nothing is filed it may") {
    newer.data_structures[0].components.pop_back();
    CHECK(save(store, newer).immutable.empty());
    CHECK(must(store.structures().load()).data_structures == newer.data_structures);
  }
  SECTION("a component less: nothing at all is written") {
    file_something(store);
    newer.data_structures[0].components.pop_back();
    StructuresSaved report = save(store, newer);
    CHECK(report.immutable == std::vector{ref("DSD_ASYLUM")});
    CHECK(report.added.empty());
    CHECK(must(store.structures().load()) == rich());
  }
  SECTION("another group") {
    file_something(store);
    newer.data_structures[0].groups.clear();
    CHECK(save(store, newer).immutable.size() == 1);
  }
  SECTION("its names may be corrected") {
    file_something(store);
    newer.data_structures[0].names[0].text = "Убежище";
    StructuresSaved report = save(store, newer);
    CHECK(report.immutable.empty());
    CHECK(report.changed.size() == 1);
  }
  SECTION("a new version may differ") {
    file_something(store);
    newer.data_structures[0].ref.version = "1.1";
    newer.data_structures[0].components.pop_back();
    CHECK(save(store, newer).immutable.empty());
  }
}

TEST_CASE("names are plain rows that any SQLite tool joins") {
  Store store = memory_store();
  save(store, rich());
  CHECK(rows(store,
             "SELECT name FROM code_name WHERE codelist = 'FP:CL_SEX(1.0)' AND code = '_T' "
             "AND lang = 'ru'") == std::vector<std::string>{"Всего"});
  CHECK(rows(store, "SELECT name FROM provider_name WHERE provider = 'KG_NSC'") ==
        std::vector<std::string>{"Statistics (example)"});
  CHECK(rows(store,
             "SELECT structure, name FROM dataflow_name WHERE dataflow = 'FP:ASYLUM' AND "
             "lang = 'en'") == std::vector<std::string>{"FP:DSD_ASYLUM(1.0)|Asylum applicants"});
  CHECK(rows(store,
             "SELECT DISTINCT email FROM roster WHERE organisation = 'KG_NSC' AND "
             "role = 'focal point' ORDER BY email") ==
        std::vector<std::string>{"a@stat.example", "b@stat.example"});
  CHECK(rows(store, "SELECT dataflow, provider FROM agreement") ==
        std::vector<std::string>{"FP:ASYLUM(1.0)|KG_NSC"});
  CHECK(rows(store, "SELECT DISTINCT enumeration FROM component WHERE id = 'SEX'") ==
        std::vector<std::string>{"FP:CL_SEX(1.0)"});
}
