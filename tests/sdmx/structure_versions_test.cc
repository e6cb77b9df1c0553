// SPDX-License-Identifier: Apache-2.0
//
// Structure messages of 2.0, 3.0 and 3.1 say the same as those of 2.1 do.
#include "sdmx/key_family.h"
#include "sdmx_fixture.h"

namespace focalpost {

using Lines = std::vector<std::string>;

namespace {

std::string message20(std::string_view inside) {
  return R"(<Structure xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message" )"
         R"(xmlns:s="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/structure" )"
         R"(xmlns:c="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/common">)"
         R"(<Header><ID>M2</ID><Test>false</Test><Prepared>2026-01-01T00:00:00Z</Prepared>)"
         R"(<Sender id="XX"/></Header>)"
         "\n" +
         std::string(inside) + "</Structure>";
}

std::string message30(std::string_view inside) {
  return R"(<m:Structure xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message" )"
         R"(xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure" )"
         R"(xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common">)"
         R"(<m:Header><m:ID>M3</m:ID><m:Test>false</m:Test><m:Prepared>2026-01-01T00:00:00Z)"
         R"(</m:Prepared><m:Sender id="XX"/></m:Header><m:Structures>)"
         "\n" +
         std::string(inside) + "</m:Structures></m:Structure>";
}

constexpr std::string_view kUrn = "urn:sdmx:org.sdmx.infomodel.";

const Component& part(const DataStructure& dsd, std::string_view id) {
  for (const Component& component : dsd.components)
    if (component.id == id) return component;
  FAIL("no component " << id);
  return dsd.components.front();
}

}  // namespace

TEST_CASE("2.0: code lists, concepts, key families and dataflows") {
  FindingList findings(100);
  Structures all = read_structure_text(message20(R"(<CodeLists>
<s:CodeList id="CL_FREQ" agencyID="SDMX" version="1.1"><s:Name xml:lang="en">Frequency</s:Name>
<s:Code value="A"><s:Description xml:lang="en">Annual</s:Description></s:Code>
<s:Code value="M" parentCode="A"><s:Description>Monthly</s:Description></s:Code></s:CodeList>
<s:CodeList id="CL_TYPE" agencyID="T"><s:Name>Type</s:Name><s:Code value="P"><s:Description>p</s:Description></s:Code></s:CodeList>
</CodeLists><Concepts>
<s:Concept id="FREQ" agencyID="T"><s:Name>Frequency</s:Name></s:Concept>
<s:Concept id="NOTE" agencyID="T"><s:Name>Note</s:Name><s:TextFormat textType="String" maxLength="7"/></s:Concept>
<s:ConceptScheme id="CS" agencyID="T"><s:Name>Scheme</s:Name><s:Concept id="UNIT" coreRepresentation="CL_TYPE"><s:Name>Unit</s:Name></s:Concept></s:ConceptScheme>
</Concepts><KeyFamilies><s:KeyFamily id="KF" agencyID="T" version="2.0" isFinal="true"><s:Name>Key family</s:Name><s:Components>
<s:Dimension conceptRef="FREQ" codelist="CL_FREQ" isFrequencyDimension="true"/>
<s:Dimension conceptRef="TYPE" codelist="CL_TYPE" codelistAgency="T" codelistVersion="1.0" isMeasureDimension="true"/>
<s:TimeDimension conceptRef="TIME"><s:TextFormat textType="Date"/></s:TimeDimension>
<s:Group id="Sibling"><s:DimensionRef>TYPE</s:DimensionRef><s:Description>x</s:Description></s:Group>
<s:PrimaryMeasure conceptRef="VALUE"><s:TextFormat textType="Double"/></s:PrimaryMeasure>
<s:CrossSectionalMeasure conceptRef="STOCKS" measureDimension="TYPE" code="P"/>
<s:Attribute conceptRef="UNIT" attachmentLevel="Series" assignmentStatus="Mandatory"/>
<s:Attribute conceptRef="NOTE" attachmentLevel="Observation" assignmentStatus="Conditional"><s:AttachmentMeasure>STOCKS</s:AttachmentMeasure></s:Attribute>
<s:Attribute conceptRef="PLACE" attachmentLevel="Group" assignmentStatus="Conditional"><s:AttachmentGroup>Sibling</s:AttachmentGroup></s:Attribute>
<s:Attribute conceptRef="SOURCE" attachmentLevel="DataSet" assignmentStatus="Conditional"/>
</s:Components><s:Annotations><c:Annotation><c:AnnotationTitle>t</c:AnnotationTitle><c:AnnotationText xml:lang="ru">x</c:AnnotationText></c:Annotation></s:Annotations></s:KeyFamily></KeyFamilies>
<Dataflows><s:Dataflow id="FLOW" agencyID="T"><s:Name>Flow</s:Name><s:KeyFamilyRef><s:KeyFamilyID>KF</s:KeyFamilyID><s:KeyFamilyAgencyID>T</s:KeyFamilyAgencyID></s:KeyFamilyRef></s:Dataflow></Dataflows>
<OrganisationSchemes><s:OrganisationScheme id="ORGS" agencyID="T"/></OrganisationSchemes>)"),
                                       findings);
  CHECK(lines_of(findings) == Lines{"structure-kept 24:22 OrganisationScheme=T:ORGS(1.0)"});
  REQUIRE(all.codelists.size() == 2);
  CHECK(all.codelists[0].ref.text() == "SDMX:CL_FREQ(1.1)");
  CHECK(text_in(all.codelists[0].codes[0].names, "en") == "Annual");
  CHECK(all.codelists[0].codes[1].parent == "A");
  CHECK(all.codelists[1].ref.text() == "T:CL_TYPE(1.0)");
  REQUIRE(all.concept_schemes.size() == 2);
  CHECK(all.concept_schemes[0].ref.text() == "T:STANDALONE_CONCEPT_SCHEME(1.0)");
  CHECK(all.concept_schemes[0].concepts.size() == 2);
  REQUIRE(all.data_structures.size() == 1);
  const DataStructure& dsd = all.data_structures[0];
  CHECK(dsd.is_final);
  CHECK(dsd.annotations.at(0).texts.at(0).lang == "ru");
  std::string ids;
  for (const Component& component : dsd.components) ids += component.id + " ";
  CHECK(ids == "FREQ TYPE TIME_PERIOD OBS_VALUE UNIT NOTE PLACE SOURCE ");
  CHECK(part(dsd, "FREQ").local->enumeration->text() == "SDMX:CL_FREQ(1.1)");
  CHECK(part(dsd, "TYPE").annotations.at(0) ==
        Annotation{"STOCKS", std::string(sdmx::kMeasureAnnotation), "P", {}});
  CHECK(part(dsd, "TIME_PERIOD").concept_identity.id == "TIME");
  CHECK(part(dsd, "TIME_PERIOD").local->format->type == DataType::kGregorianDay);
  CHECK(part(dsd, "OBS_VALUE").concept_identity.id == "VALUE");
  CHECK(part(dsd, "UNIT").mandatory);
  CHECK(part(dsd, "UNIT").relationship.dimensions == Lines{"FREQ", "TYPE"});
  CHECK(part(dsd, "UNIT").concept_identity.scheme.text() == "T:CS(1.0)");
  CHECK(part(dsd, "NOTE").concept_identity.scheme.id == "STANDALONE_CONCEPT_SCHEME");
  CHECK(part(dsd, "PLACE").relationship.group == "Sibling");
  CHECK(dsd.groups.at(0).dimensions == Lines{"TYPE"});
  REQUIRE(all.dataflows.size() == 1);
  CHECK(all.dataflows[0].structure.text() == "T:KF(2.0)");

  StructureLookup lookup(std::move(all));
  auto flow = lookup.flow({"T", "FLOW", "1.0"});
  REQUIRE(flow);
  CHECK(flow->missing.empty());
  CHECK(flow->components[flow->find("UNIT")].coded());
  CHECK(flow->components[flow->find("NOTE")].format.max_length == 7u);
}

TEST_CASE("2.0: what is wrong in a structure message is said") {
  FindingList findings(100);
  read_structure_text(
      message20(R"(<CodeLists><s:CodeLst/><s:CodeList agencyID="T">text</s:CodeList></CodeLists>
<Nothing/><KeyFamilies><s:KeyFamily id="K" agencyID="T"><s:Components><s:Attribute conceptRef="A" attachmentLevel="Top"/></s:Components></s:KeyFamily></KeyFamilies>)"),
      findings);
  CHECK(rules_of(findings) == Lines{"unknown-element", "header-value", "unexpected-text",
                                    "unknown-element", "header-value"});
}

TEST_CASE("2.0: what there is no shape for is kept as it came") {
  FindingList findings(100);
  Structures all = read_structure_text(
      message20(R"(<CategorySchemes><s:CategoryScheme id="CATS" agencyID="T" version="2.0">
<s:Name xml:lang="ru">Разделы</s:Name><s:Category id="A"/></s:CategoryScheme></CategorySchemes>
<HierarchicalCodelists><s:HierarchicalCodelist id="HCL" agencyID="T"/></HierarchicalCodelists>
<CodeLists><s:CodeList id="CL" agencyID="T"/></CodeLists>)"),
      findings);
  CHECK(rules_of(findings) == Lines{"structure-kept", "structure-kept"});
  CHECK(all.codelists.size() == 1);
  REQUIRE(all.others.size() == 2);
  CHECK(all.others[0].element == "CategoryScheme");
  CHECK(all.others[0].ref.text() == "T:CATS(2.0)");
  CHECK(all.others[0].xml.find("Разделы</s:Name><s:Category id=\"A\"></s:Category>") !=
        std::string::npos);
  CHECK(all.others[0].xml.find("v2_0/structure") != std::string::npos);
  CHECK(all.others[1].ref.text() == "T:HCL(1.0)");
}

TEST_CASE("3.0: references are URNs, attributes may have several values") {
  FindingList findings(100);
  Structures all = read_structure_text(
      message30(fmt::format(
          R"(<s:Codelists><s:Codelist id="CL" agencyID="T" version="1.0.0"><c:Name xml:lang="en">n</c:Name>
<s:Code id="A"><c:Name xml:lang="en">a</c:Name></s:Code><s:Code id="B"><c:Name>b</c:Name><s:Parent>A</s:Parent></s:Code></s:Codelist></s:Codelists>
<s:ConceptSchemes><s:ConceptScheme id="CS" agencyID="T" version="1.0"><c:Annotations><c:Annotation><c:AnnotationValue>v</c:AnnotationValue></c:Annotation></c:Annotations>
<c:Name>n</c:Name><s:Concept id="AREA"><c:Name>n</c:Name><s:CoreRepresentation><s:Enumeration>{0}codelist.Codelist=T:CL(1.0.0)</s:Enumeration></s:CoreRepresentation></s:Concept></s:ConceptScheme></s:ConceptSchemes>
<s:DataStructures><s:DataStructure id="DSD" agencyID="T" version="1.0"><c:Name>n</c:Name><s:DataStructureComponents>
<s:DimensionList id="DimensionDescriptor"><s:Dimension id="AREA" position="1"><s:ConceptIdentity>{0}conceptscheme.Concept=T:CS(1.0).AREA</s:ConceptIdentity></s:Dimension>
<s:TimeDimension id="TIME_PERIOD"><s:ConceptIdentity>{0}conceptscheme.Concept=T:CS(1.0).AREA</s:ConceptIdentity><s:LocalRepresentation><s:TextFormat textType="ObservationalTimePeriod"/></s:LocalRepresentation></s:TimeDimension></s:DimensionList>
<s:Group id="G"><s:GroupDimension><s:DimensionReference>AREA</s:DimensionReference></s:GroupDimension></s:Group>
<s:AttributeList id="AttributeDescriptor">
<s:Attribute id="TITLE" usage="mandatory"><s:ConceptIdentity>{0}conceptscheme.Concept=T:CS(1.0).AREA</s:ConceptIdentity><s:LocalRepresentation minOccurs="1" maxOccurs="unbounded"><s:TextFormat textType="String"/></s:LocalRepresentation><s:AttributeRelationship><s:Dimension>AREA</s:Dimension></s:AttributeRelationship></s:Attribute>
<s:Attribute id="S" usage="optional"><s:ConceptIdentity>{0}conceptscheme.Concept=T:CS(1.0).AREA</s:ConceptIdentity><s:LocalRepresentation maxOccurs="3"><s:Enumeration>{0}codelist.ValueList=T:VL(1.0)</s:Enumeration></s:LocalRepresentation><s:AttributeRelationship><s:Observation/></s:AttributeRelationship><s:MeasureRelationship><s:Measure>M1</s:Measure></s:MeasureRelationship></s:Attribute>
<s:Attribute id="D"><s:ConceptIdentity>{0}conceptscheme.Concept=T:CS(1.0).AREA</s:ConceptIdentity><s:AttributeRelationship><s:Dataflow/></s:AttributeRelationship></s:Attribute>
<s:Attribute id="P"><s:ConceptIdentity>{0}conceptscheme.Concept=T:CS(1.0).AREA</s:ConceptIdentity><s:AttributeRelationship><s:Group>G</s:Group></s:AttributeRelationship></s:Attribute>
</s:AttributeList>
<s:MeasureList id="MeasureDescriptor"><s:Measure id="M1" usage="mandatory"><s:ConceptIdentity>{0}conceptscheme.Concept=T:CS(1.0).AREA</s:ConceptIdentity><s:LocalRepresentation><s:TextFormat textType="Double"/></s:LocalRepresentation></s:Measure>
<s:Measure id="M2"><s:ConceptIdentity>{0}conceptscheme.Concept=T:CS(1.0).AREA</s:ConceptIdentity><s:LocalRepresentation><s:TextFormat textType="Double"/></s:LocalRepresentation></s:Measure></s:MeasureList>
</s:DataStructureComponents></s:DataStructure></s:DataStructures>
<s:Dataflows><s:Dataflow id="F" agencyID="T" version="1.0"><c:Name>n</c:Name><s:Structure>{0}datastructure.DataStructure=T:DSD(1.0)</s:Structure></s:Dataflow></s:Dataflows>
<s:ProvisionAgreements><s:ProvisionAgreement id="PA" agencyID="T" version="1.0"><c:Name>n</c:Name><s:Dataflow>{0}datastructure.Dataflow=T:F(1.0)</s:Dataflow><s:DataProvider>{0}base.DataProvider=T:DATA_PROVIDERS(1.0).XX</s:DataProvider></s:ProvisionAgreement></s:ProvisionAgreements>
<s:DataConstraints><s:DataConstraint id="C" agencyID="T" version="1.0" role="Allowed"><c:Name>n</c:Name><s:ConstraintAttachment><s:Dataflow>{0}datastructure.Dataflow=T:F(1.0)</s:Dataflow></s:ConstraintAttachment><s:CubeRegion include="true"><s:KeyValue id="AREA"><s:Value>B</s:Value></s:KeyValue><s:Component id="S"><s:Value>x</s:Value></s:Component></s:CubeRegion></s:DataConstraint></s:DataConstraints>
<s:ValueLists><s:ValueList id="VL" agencyID="T" version="1.0"><c:Name>n</c:Name><s:ValueItem id="$"/></s:ValueList></s:ValueLists>
)",
          kUrn)),
      findings);
  CHECK(rules_of(findings) == Lines{});
  CHECK(all.value_lists.at(0).codes.at(0).id == "$");
  CHECK(all.codelists.at(0).is_final);
  CHECK(all.codelists[0].codes.at(1).parent == "A");
  CHECK_FALSE(all.data_structures.at(0).is_final);
  const DataStructure& dsd = all.data_structures[0];
  std::string ids;
  for (const Component& component : dsd.components) ids += component.id + " ";
  CHECK(ids == "AREA TIME_PERIOD M1 M2 TITLE S D P ");
  CHECK(part(dsd, "AREA").concept_identity.scheme.text() == "T:CS(1.0)");
  CHECK(part(dsd, "TITLE").mandatory);
  CHECK(part(dsd, "TITLE").local->max_occurs == 0);
  CHECK(part(dsd, "S").local->max_occurs == 3);
  CHECK_FALSE(part(dsd, "S").mandatory);
  CHECK(part(dsd, "S").local->enumeration->text() == "T:VL(1.0)");
  CHECK(part(dsd, "S").local->value_list);
  using Kind = AttributeRelationship::Kind;
  CHECK(part(dsd, "S").relationship.kind == Kind::kObservation);
  CHECK(part(dsd, "D").relationship.kind == Kind::kDataset);
  CHECK(part(dsd, "P").relationship.group == "G");
  CHECK(part(dsd, "TITLE").relationship.dimensions == Lines{"AREA"});
  CHECK(part(dsd, "M1").mandatory);
  CHECK(dsd.groups.at(0).dimensions == Lines{"AREA"});
  CHECK(all.dataflows.at(0).structure.text() == "T:DSD(1.0)");
  CHECK(all.agreements.at(0).dataflow.text() == "T:F(1.0)");
  CHECK(all.agreements[0].provider.id == "XX");
  CHECK(all.agreements[0].provider.scheme.text() == "T:DATA_PROVIDERS(1.0)");
  REQUIRE(all.constraints.size() == 1);
  CHECK(all.constraints[0].allowed);
  CHECK(all.constraints[0].attached_to.at(0).ref.text() == "T:F(1.0)");
  CHECK(all.constraints[0].regions.at(0).keys.at(0).values.at(0).code == "B");
  CHECK(all.constraints[0].regions[0].attributes.at(0).component == "S");

  StructureLookup lookup(std::move(all));
  auto flow = lookup.flow({"T", "F", "1.0"});
  REQUIRE(flow);
  CHECK(flow->missing.empty());
  CHECK(flow->measure_count == 2);
  CHECK(flow->components[flow->find("AREA")].coded());
  CHECK(flow->components[flow->find("S")].codes->find("$") == 0);
  CHECK(flow->components[flow->find("TITLE")].max_values == 0);
  CHECK(flow->constraints.size() == 1);
}

TEST_CASE("structure messages of all versions among the samples are read") {
  const std::filesystem::path reference = reference_folder();
  if (reference.empty()) {
    WARN("the reference samples are not here: skipped");
    return;
  }
  std::size_t files = 0;
  Lines said;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(reference / "samples")) {
    if (entry.path().extension() != ".xml") continue;
    const std::string text = file_text(entry.path());
    const Detection detection = detect(text);
    if (detection.kind != FileKind::kSdmxMlStructure) continue;
    ++files;
    FindingList findings(100);
    read_structure_text(text, findings);
    for (const Finding& f : findings.listed())
      if (f.rule->severity == Severity::kError)
        said.push_back(fmt::format("{} {} {}={} {}", entry.path().filename().string(), f.rule->id,
                                   f.component, f.value, f.at.line));
  }
  std::sort(said.begin(), said.end());
  CHECK(files > 50);
  CHECK(said == Lines{
                    // Structures in Structures.
                    "empty_message.xml unknown-element Structures= 13",
                    // Wrong on purpose.
                    "invalid.xml unknown-element AAAAAAAAAAAAAAAAAAAA= 9",
                });
}

}  // namespace focalpost
