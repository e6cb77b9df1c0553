// SPDX-License-Identifier: Apache-2.0
//
// Structure messages, and the official samples of SDMX 2.1 where they are at hand.
#include "sdmx_fixture.h"

namespace focalpost {

using Lines = std::vector<std::string>;

namespace {

std::string structure_message(std::string_view inside) {
  return fmt::format(
      R"(<?xml version="1.0"?><mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" )"
      R"(xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure" )"
      R"(xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">)"
      R"(<mes:Header><mes:ID>M1</mes:ID><mes:Test>false</mes:Test><mes:Prepared>2026-01-01T00:00:00Z</mes:Prepared>)"
      R"(<mes:Sender id="XX"/></mes:Header><mes:Structures>{}</mes:Structures></mes:Structure>)",
      inside);
}

Structures read(std::string_view inside, Lines expected = {}) {
  FindingList findings(100);
  Structures all = read_structure_text(structure_message(inside), findings);
  CHECK(lines_of(findings) == expected);
  return all;
}

}  // namespace

TEST_CASE("codelists and concepts") {
  Structures all = read(
      R"(<str:Codelists><str:Codelist id="CL" agencyID="T" version="2.1" isFinal="true" isPartial="true">
<com:Annotations><com:Annotation id="FP_X"><com:AnnotationTitle>t</com:AnnotationTitle><com:AnnotationType>y</com:AnnotationType>
<com:AnnotationURL>http://a.example</com:AnnotationURL><com:AnnotationText xml:lang="ru">да &amp; нет</com:AnnotationText></com:Annotation></com:Annotations>
<com:Name>List</com:Name><com:Name xml:lang="uk">Список</com:Name><com:Description xml:lang="en">D</com:Description>
<str:Code id="A"><com:Name xml:lang="en">a</com:Name></str:Code>
<str:Code id="B"><com:Name xml:lang="en">b</com:Name><str:Parent><Ref id="A"/></str:Parent></str:Code>
</str:Codelist></str:Codelists>
<str:Concepts><str:ConceptScheme id="CS" agencyID="T"><com:Name>Concepts</com:Name><str:Concept id="SEX"><com:Name>Sex</com:Name>
<str:CoreRepresentation><str:Enumeration><URN>urn:sdmx:org.sdmx.infomodel.codelist.Codelist=T:CL(2.1)</URN></str:Enumeration></str:CoreRepresentation>
</str:Concept></str:ConceptScheme></str:Concepts>)");
  REQUIRE(all.codelists.size() == 1);
  const Codelist& list = all.codelists[0];
  CHECK(list.ref.text() == "T:CL(2.1)");
  CHECK(list.is_final);
  CHECK(list.is_partial);
  CHECK(list.names == Texts{{"en", "List"}, {"uk", "Список"}});
  CHECK(list.descriptions == Texts{{"en", "D"}});
  CHECK(list.annotations == Annotations{{"FP_X", "y", "t", {{"ru", "да & нет"}}}});
  REQUIRE(list.codes.size() == 2);
  CHECK(list.codes[1].id == "B");
  CHECK(list.codes[1].parent == "A");
  REQUIRE(all.concept_schemes.size() == 1);
  CHECK(all.concept_schemes[0].ref.version == "1.0");
  CHECK(all.concept_schemes[0].concepts[0].core->enumeration->text() == "T:CL(2.1)");
}

TEST_CASE("a data structure and its dataflow") {
  auto identity = [](std::string_view id) {
    return fmt::format(
        R"(<str:ConceptIdentity><Ref agencyID="T" maintainableParentID="CS" id="{}"/></str:ConceptIdentity>)",
        id);
  };
  Structures all = read(fmt::format(
      R"(<str:Dataflows><str:Dataflow id="F" agencyID="T"><com:Name>F</com:Name><str:Structure><Ref agencyID="T" id="D"/></str:Structure></str:Dataflow></str:Dataflows>
<str:DataStructures><str:DataStructure id="D" agencyID="T"><com:Name>D</com:Name><str:DataStructureComponents>
<str:DimensionList id="DimensionDescriptor"><str:Dimension position="2">{0}</str:Dimension>
<str:TimeDimension id="TIME_PERIOD" position="3">{1}<str:LocalRepresentation><str:TextFormat textType="ObservationalTimePeriod"/></str:LocalRepresentation></str:TimeDimension>
<str:Dimension id="FREQ" position="1">{2}</str:Dimension></str:DimensionList>
<str:Group id="G"><str:GroupDimension><str:DimensionReference><Ref id="FREQ"/></str:DimensionReference></str:GroupDimension></str:Group>
<str:AttributeList id="AttributeDescriptor"><str:Attribute id="A1" assignmentStatus="Mandatory">{3}
<str:LocalRepresentation><str:TextFormat textType="String" minLength="1" maxLength="350" pattern="[A-Z]+"/></str:LocalRepresentation>
<str:AttributeRelationship><str:Dimension><Ref id="FREQ"/></str:Dimension><str:AttachmentGroup><Ref id="G"/></str:AttachmentGroup></str:AttributeRelationship></str:Attribute>
<str:Attribute id="A2" assignmentStatus="Conditional">{3}<str:AttributeRelationship><str:None/></str:AttributeRelationship></str:Attribute>
<str:Attribute id="A3" assignmentStatus="Conditional">{3}<str:AttributeRelationship><str:Group><Ref id="G"/></str:Group></str:AttributeRelationship></str:Attribute>
<str:Attribute id="A4" assignmentStatus="Conditional">{3}<str:AttributeRelationship><str:PrimaryMeasure><Ref id="OBS_VALUE"/></str:PrimaryMeasure></str:AttributeRelationship></str:Attribute></str:AttributeList>
<str:MeasureList id="MeasureDescriptor"><str:PrimaryMeasure id="OBS_VALUE">{4}<str:LocalRepresentation><str:TextFormat textType="Decimal" minValue="0" decimals="2"/></str:LocalRepresentation></str:PrimaryMeasure></str:MeasureList>
</str:DataStructureComponents></str:DataStructure></str:DataStructures>)",
      identity("SEX"), identity("TIME_PERIOD"), identity("FREQ"), identity("A"),
      identity("OBS_VALUE")));
  REQUIRE(all.dataflows.size() == 1);
  CHECK(all.dataflows[0].structure.text() == "T:D(1.0)");
  REQUIRE(all.data_structures.size() == 1);
  const DataStructure& dsd = all.data_structures[0];
  Lines ids;
  for (const Component& c : dsd.components) ids.push_back(c.id);
  // By position; an id that is not given is the concept's; time last, then measures, then
  // attributes.
  CHECK(ids == Lines{"FREQ", "SEX", "TIME_PERIOD", "OBS_VALUE", "A1", "A2", "A3", "A4"});
  CHECK(dsd.components[1].concept_identity == ConceptRef{{"T", "CS", "1.0"}, "SEX"});
  CHECK(dsd.components[3].local->format->type == DataType::kDecimal);
  CHECK(dsd.components[3].local->format->min_value == "0");
  CHECK(dsd.components[3].local->format->decimals == 2u);
  using Kind = AttributeRelationship::Kind;
  CHECK(dsd.components[4].mandatory);
  CHECK(dsd.components[4].relationship == AttributeRelationship{Kind::kDimensions, {"FREQ"}, "G"});
  CHECK(dsd.components[4].local->format->max_length == 350u);
  CHECK(dsd.components[4].local->format->pattern == "[A-Z]+");
  CHECK(dsd.components[5].relationship.kind == Kind::kDataset);
  CHECK(dsd.components[6].relationship == AttributeRelationship{Kind::kGroup, {}, "G"});
  CHECK(dsd.components[7].relationship.kind == Kind::kObservation);
  CHECK(dsd.groups == std::vector<GroupDimensions>{{"G", {"FREQ"}}});
}

TEST_CASE("providers, agreements and constraints") {
  Structures all = read(
      R"(<str:OrganisationSchemes><str:DataProviderScheme id="DATA_PROVIDERS" agencyID="FP"><com:Name>P</com:Name>
<str:DataProvider id="KG"><com:Name>Example</com:Name><str:Contact id="c1"><com:Name>Unit</com:Name><str:Department>Dept</str:Department><str:Role>focal point</str:Role>
<str:Telephone>1</str:Telephone><str:Fax>2</str:Fax><str:URI>http://a.example</str:URI><str:Email>
 a@b.example </str:Email></str:Contact></str:DataProvider></str:DataProviderScheme></str:OrganisationSchemes>
<str:Constraints><str:ContentConstraint id="CC" agencyID="FP" type="Allowed"><com:Name>C</com:Name>
<str:ConstraintAttachment><str:ProvisionAgreement><Ref agencyID="FP" id="PA1" version="1.0"/></str:ProvisionAgreement><str:ProvisionAgreement><Ref agencyID="FP" id="PA2" version="1.0"/></str:ProvisionAgreement></str:ConstraintAttachment>
<str:CubeRegion include="true"><com:KeyValue id="AREA"><com:Value cascadeValues="true">KG</com:Value><com:Value>KZ</com:Value></com:KeyValue>
<com:KeyValue id="TIME_PERIOD"><com:TimeRange><com:StartPeriod isInclusive="true">2020-01</com:StartPeriod><com:EndPeriod isInclusive="false">2026-01</com:EndPeriod></com:TimeRange></com:KeyValue>
<com:Attribute id="OBS_STATUS"><com:Value>A</com:Value></com:Attribute></str:CubeRegion>
<str:DataKeySet isIncluded="false"><str:Key><com:KeyValue id="SEX"><com:Value>F</com:Value></com:KeyValue></str:Key></str:DataKeySet>
<str:ReleaseCalendar><str:Periodicity>P1M</str:Periodicity><str:Offset>P45D</str:Offset><str:Tolerance>P10D</str:Tolerance></str:ReleaseCalendar>
<str:ReferencePeriod startTime="2026-01-01T00:00:00" endTime="2099-12-31T23:59:59"/></str:ContentConstraint></str:Constraints>
<str:ProvisionAgreements><str:ProvisionAgreement id="PA1" agencyID="FP" validFrom="2026-01-01T00:00:00"><com:Name>A</com:Name>
<str:StructureUsage><Ref agencyID="FP" id="ASYLUM" version="1.0"/></str:StructureUsage>
<str:DataProvider><Ref agencyID="FP" maintainableParentID="DATA_PROVIDERS" maintainableParentVersion="1.0" id="KG"/></str:DataProvider></str:ProvisionAgreement></str:ProvisionAgreements>)");
  REQUIRE(all.organisation_schemes.size() == 1);
  const Contact& contact = all.organisation_schemes[0].organisations[0].contacts[0];
  CHECK(contact.emails == Lines{"a@b.example"});
  CHECK(contact.phones == Lines{"1"});
  CHECK(contact.faxes == Lines{"2"});
  CHECK(contact.roles == Texts{{"en", "focal point"}});
  REQUIRE(all.agreements.size() == 1);
  CHECK(all.agreements[0].provider == ProviderRef{{"FP", "DATA_PROVIDERS", "1.0"}, "KG"});
  CHECK(all.agreements[0].valid_from == "2026-01-01T00:00:00");
  REQUIRE(all.constraints.size() == 1);
  const ContentConstraint& c = all.constraints[0];
  CHECK(c.allowed);
  CHECK(c.attached_to.size() == 2);
  REQUIRE(c.regions.size() == 1);
  CHECK(c.regions[0].keys[0].values == std::vector<KeyValues::Value>{{"KG", true}, {"KZ", false}});
  CHECK(c.regions[0].keys[1].time_from == "2020-01");
  CHECK(c.regions[0].keys[1].time_to == "2025-12");
  CHECK(c.regions[0].attributes[0].component == "OBS_STATUS");
  CHECK_FALSE(c.key_sets[0].included);
  CHECK(c.key_sets[0].keys[0][0].values[0].code == "F");
  CHECK(c.periodicity == "P1M");
  CHECK(c.reference_from == "2026-01-01T00:00:00");
}

TEST_CASE("what has no shape here is kept whole, with its namespaces") {
  Structures all = read(
      R"(<str:Categorisations><str:Categorisation id="C1" agencyID="T" version="1.0"><com:Name xml:lang="en">a &lt; "b"</com:Name><str:Source><Ref id="x&quot;y"/></str:Source></str:Categorisation></str:Categorisations>)",
      {"structure-kept 1:425 Categorisation=T:C1(1.0)"});
  REQUIRE(all.others.size() == 1);
  CHECK(all.others[0].element == "Categorisation");
  const std::string& xml = all.others[0].xml;
  CHECK(xml.find("<str:Categorisation xmlns:mes=") == 0);
  CHECK(
      xml.find(
          R"(id="C1" agencyID="T" version="1.0"><com:Name xml:lang="en">a &lt; "b"</com:Name><str:Source><Ref id="x&quot;y"></Ref></str:Source></str:Categorisation>)") !=
      xml.npos);
}

TEST_CASE("structure messages that cannot be used") {
  auto rules = [](std::string_view text, const Limits& limits = {}) {
    FindingList findings(100);
    Structures all = read_structure_text(text, findings, limits);
    CHECK(all.size() == 0);
    return rules_of(findings);
  };
  CHECK(rules("") == Lines{"empty-file"});
  CHECK(rules("<a/>") == Lines{"not-sdmx"});
  CHECK(rules("hello") == Lines{"not-data"});
  std::string text = structure_message(
      R"(<str:Codelists><str:Codelist id="CL" agencyID="T"><str:Code id="A"/><str:Code id="B"/></str:Codelist></str:Codelists>)");
  CHECK(rules(text.substr(0, text.size() - 40)) == Lines{"truncated"});
  Limits few;
  few.structure_items = 2;
  CHECK(rules(text, few) == Lines{"message-too-large"});
}

TEST_CASE("an element that the schema does not have") {
  Structures all = read(
      R"(<str:Codelists><str:Codelist id="CL" agencyID="T"><str:Cod id="A"/></str:Codelist></str:Codelists>)",
      {"unknown-element 1:454 Cod="});
  CHECK(all.codelists.size() == 1);
}

TEST_CASE("the project's own network reads without findings") {
  std::filesystem::path folder = SOURCE_DIR "/schemas";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".xml") continue;
    std::string text = file_text(entry.path());
    if (detect(text).kind != FileKind::kSdmxMlStructure) continue;
    ++files;
    FindingList findings(100);
    Structures all = read_structure_text(text, findings);
    INFO(entry.path().filename().string());
    CHECK(lines_of(findings) == Lines{});
    CHECK(all.size() > 0);
  }
  CHECK(files > 0);
}

TEST_CASE("official samples of SDMX 2.1") {
  const std::filesystem::path reference = reference_folder();
  if (reference.empty()) {
    WARN("the reference samples are not here: skipped");
    return;
  }
  const auto folder = reference / "samples/sdmx-twg__sdmx-ml-v2_1/samples";
  Structures all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".xml") continue;
    std::string text = file_text(entry.path());
    if (detect(text).kind != FileKind::kSdmxMlStructure) continue;
    FindingList findings(100);
    Structures one = read_structure_text(text, findings);
    INFO(entry.path().string());
    for (const Finding& f : findings.listed()) {
      INFO(f.rule->id << " " << f.component << " " << f.value << " " << f.at.line);
      // Kept artefacts and Test=true are notes, not faults.
      CHECK(f.rule->severity == Severity::kInfo);
    }
    CHECK(one.size() > 0);
    if (entry.path().string().find("query") == std::string::npos) all.merge(std::move(one));
  }
  // The samples' data speak of ECB_EXR_RG, their structure file calls the same DSD ECB_EXR_CG.
  for (DataStructure& dsd : all.data_structures)
    if (dsd.ref.id == "ECB_EXR_CG") dsd.ref.id = "ECB_EXR_RG";
  StructureLookup lookup(std::move(all));
  struct Expected {
    const char* file;
    std::size_t groups, runs, observations;
  };
  const Expected samples[] = {
      {"exr/ecb_exr_ng/generic/ecb_exr_ng_flat.xml", 0, 4, 12},
      {"exr/ecb_exr_ng/generic/ecb_exr_ng_ts.xml", 0, 4, 12},
      {"exr/ecb_exr_ng/generic/ecb_exr_ng_ts_gf.xml", 0, 4, 12},
      {"exr/ecb_exr_ng/generic/ecb_exr_ng_xs.xml", 0, 12, 12},
      {"exr/ecb_exr_ng/structured/ecb_exr_ng_flat.xml", 0, 4, 12},
      {"exr/ecb_exr_ng/structured/ecb_exr_ng_ts.xml", 0, 4, 12},
      {"exr/ecb_exr_ng/structured/ecb_exr_ng_ts_gf.xml", 0, 4, 12},
      {"exr/ecb_exr_ng/structured/ecb_exr_ng_xs.xml", 0, 12, 12},
      {"exr/ecb_exr_rg/generic/ecb_exr_rg_flat.xml", 5, 4, 12},
      {"exr/ecb_exr_rg/generic/ecb_exr_rg_ts.xml", 5, 4, 12},
      {"exr/ecb_exr_rg/generic/ecb_exr_rg_ts_gf.xml", 5, 4, 12},
      {"exr/ecb_exr_rg/generic/ecb_exr_rg_xs.xml", 5, 12, 12},
      {"exr/ecb_exr_rg/structured/ecb_exr_rg_flat.xml", 5, 4, 12},
      {"exr/ecb_exr_rg/structured/ecb_exr_rg_ts.xml", 5, 4, 12},
      {"exr/ecb_exr_rg/structured/ecb_exr_rg_ts_gf.xml", 5, 4, 12},
      {"exr/ecb_exr_rg/structured/ecb_exr_rg_xs.xml", 5, 12, 12},
      {"exr/ecb_exr_sg/generic/ecb_exr_sg_flat.xml", 4, 4, 12},
      {"exr/ecb_exr_sg/generic/ecb_exr_sg_ts.xml", 4, 4, 12},
      {"exr/ecb_exr_sg/generic/ecb_exr_sg_ts_gf.xml", 4, 4, 12},
      {"exr/ecb_exr_sg/generic/ecb_exr_sg_xs.xml", 4, 12, 12},
      {"exr/ecb_exr_sg/structured/ecb_exr_sg_ts.xml", 4, 4, 12},
      {"exr/ecb_exr_sg/structured/ecb_exr_sg_ts_gf.xml", 4, 4, 12},
      {"exr/ecb_exr_sg/structured/ecb_exr_sg_ts_gf_flat.xml", 4, 4, 12},
      {"exr/ecb_exr_sg/structured/ecb_exr_sg_xs.xml", 4, 12, 12},
  };
  for (const Expected& sample : samples) {
    INFO(sample.file);
    Reading r = read_text(file_text(folder / sample.file), lookup);
    CHECK(lines_of(r.findings) == Lines{});
    CHECK(r.groups == sample.groups);
    CHECK(r.runs == sample.runs);
    CHECK(r.observations == sample.observations);
  }
  Reading explicit_measures = read_text(file_text(folder / "demography/demography_xs.xml"), lookup);
  CHECK(rules_of(explicit_measures.findings) == Lines{"test-message"});
  CHECK(explicit_measures.observations == 60);
}

}  // namespace focalpost
