// SPDX-License-Identifier: Apache-2.0
//
// Reference metadata: structures of it, value lists and extended codelists there and back; metadata
// messages of 2.1 and 3.0 there and back, valid by the official schemas.
#include "sdmx/metadata_reader.h"
#include "sdmx/metadata_writer.h"
#include "write_fixture.h"

namespace focalpost {
namespace {

using Lines = std::vector<std::string>;

OutgoingHeader metadata_header() {
  OutgoingHeader header;
  header.id = "M1";
  header.prepared = "2026-01-15T09:00:00Z";
  header.sender = "FP";
  return header;
}

std::string written(const Structures& all, StructureFormat format, const Lines& left_out = {}) {
  std::string text;
  auto done = write_structures(all, metadata_header(), sink_to(text), format);
  REQUIRE(done.ok());
  Lines said;
  for (const LeftOut& one : *done) said.push_back(one.artefact + ": " + one.reason);
  CHECK(said == left_out);
  return text;
}

Structures read_again(std::string_view text) {
  FindingList findings(20);
  Structures all = read_structure_text(text, findings);
  CHECK(lines_of(findings) == Lines{});
  return all;
}

Maintainable named(const char* id) {
  Maintainable made;
  made.ref = {"T", id, "1.0"};
  made.names = {{"en", id}, {"ru", std::string("ру ") + id}};
  return made;
}

MetadataAttribute attribute(const char* id, std::int32_t parent, std::uint32_t least,
                            std::uint32_t most) {
  MetadataAttribute made;
  made.id = id;
  made.parent = parent;
  made.concept_identity = {{"T", "CS", "1.0"}, id};
  made.min_occurs = least;
  made.max_occurs = most;
  made.local.emplace();
  made.local->format.emplace();
  return made;
}

/// A structure with everything that a shape has.
Structures metadata_structures(bool v30) {
  Structures all;
  MetadataStructure msd;
  static_cast<Maintainable&>(msd) = named("MSD");
  ReportStructure report;
  if (!v30) {
    using Kind = MetadataTarget::Object::Kind;
    TextFormat other;
    other.type = DataType::kOther;
    TextFormat time;
    time.type = DataType::kObservationalTimePeriod;
    MetadataTarget target;
    target.id = "TARGET";
    target.objects = {{Kind::kIdentifiable, "FLOW", "Dataflow", "", other},
                      {Kind::kIdentifiable,
                       "CODE",
                       "Code",
                       "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=T:CL(1.0)",
                       {}},
                      {Kind::kKeyValues, "DIMENSION_DESCRIPTOR_VALUES_TARGET", "", "", other},
                      {Kind::kDataset, "DATA_SET_TARGET", "", "", other},
                      {Kind::kConstraint, "CONSTRAINT_CONTENT_TARGET", "", "", other},
                      {Kind::kPeriod, "REPORT_PERIOD_TARGET", "", "", time}};
    msd.targets = {target};
    report.id = "REPORT";
    report.targets = {"TARGET"};
  }
  report.annotations = {{"R", "type", "title", {{"en", "text"}}}};
  report.attributes = {attribute("A", -1, 0, 0), attribute("A1", 0, 1, 1), attribute("A2", 0, 0, 3),
                       attribute("A21", 2, 1, 1), attribute("B", -1, 1, 1)};
  report.attributes[0].presentational = true;
  report.attributes[0].local.reset();
  report.attributes[1].annotations = {{"FP_AUTO", "", "true", {}}};
  report.attributes[1].local->format.reset();
  report.attributes[1].local->enumeration = Ref{"T", "CL", "1.0"};
  report.attributes[4].local->format->is_multilingual = true;
  report.attributes[4].local->format->max_length = 350;
  msd.reports = {report};
  all.metadata_structures = {msd};
  Metadataflow flow;
  static_cast<Maintainable&>(flow) = named("MDF");
  flow.structure = msd.ref;
  if (v30) flow.targets = {"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:*(*)"};
  all.metadataflows = {flow};
  MetadataAgreement agreement;
  static_cast<Maintainable&>(agreement) = named("MPA");
  agreement.metadataflow = flow.ref;
  agreement.provider = {{"T", v30 ? "METADATA_PROVIDERS" : "DATA_PROVIDERS", "1.0"}, "ORG"};
  if (v30) agreement.targets = {"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOW(1.0)"};
  all.metadata_agreements = {agreement};
  return all;
}

void same(const Structures& a, const Structures& b) {
  CHECK(a.codelists == b.codelists);
  CHECK(a.value_lists == b.value_lists);
  CHECK(a.constraints == b.constraints);
  CHECK(a.concept_schemes == b.concept_schemes);
  REQUIRE(a.metadata_structures.size() == b.metadata_structures.size());
  for (std::size_t i = 0; i < a.metadata_structures.size(); ++i) {
    CHECK(a.metadata_structures[i].targets == b.metadata_structures[i].targets);
    CHECK(a.metadata_structures[i].reports == b.metadata_structures[i].reports);
  }
  CHECK(a.metadataflows == b.metadataflows);
  CHECK(a.metadata_agreements == b.metadata_agreements);
  CHECK(a.others == b.others);
}

ReportedAttribute said(const char* id, std::int32_t parent, const char* value, Texts texts = {}) {
  ReportedAttribute made;
  made.id = id;
  made.parent = parent;
  made.value = value;
  made.texts = std::move(texts);
  return made;
}

OutgoingMetadata description() {
  OutgoingMetadata out;
  out.metadataflow = {"FP", "METHOD", "1.0"};
  MetadataSet& set = out.set;
  set.ref = {"FP", "SET1", "2.0"};
  set.names = {{"en", "Methodology"}, {"uk", "Методика"}};
  set.structure = {"FP", "MSD_METHOD", "1.0"};
  MetadataReport& report = set.reports.emplace_back();
  report.id = "METHOD";
  report.target_id = "AGREEMENT";
  report.targets = {
      {"AGREEMENT", "urn:sdmx:org.sdmx.infomodel.registry.ProvisionAgreement=FP:PA(1.0)", {}}};
  report.attributes = {
      said("DATA_DESCR", -1, "", {{"en", "One & <two>"}, {"ru", "Раз\nдва"}}),
      said("STAT_UNIT", -1, "PER"),
      said("NOTE", 1, "", {{"en", "persons who applied"}}),
      said("DEEP", 2, "x"),
      said("STAT_POP", -1, "NAT"),
      said("STAT_POP", -1, "STLS"),
      said("RICH", -1, "",
           {{"en", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a &amp; b</p></div>"}})};
  report.attributes.back().structured = true;
  return out;
}

std::vector<MetadataSet> read_metadata_text(std::string_view text, FindingList& findings,
                                            DataMessage& message, const Limits& limits = {}) {
  MemorySource source(text);
  const Detection detection = detect(text);
  REQUIRE(is_metadata(detection));
  auto sets = read_metadata(source, detection, findings, limits, message);
  REQUIRE(sets.ok());
  return std::move(*sets);
}

}  // namespace

TEST_CASE("structures of metadata come back as they were, in 2.1 and in 3.0") {
  const Structures old = metadata_structures(false), newer = metadata_structures(true);
  const std::string text_21 = written(old, StructureFormat::k21);
  same(old, read_again(text_21));
  const std::string text_30 = written(newer, StructureFormat::k30);
  same(newer, read_again(text_30));
  // What the other version cannot say is named.
  written(newer, StructureFormat::k21,
          {"Metadataflow T:MDF(1.0): SDMX-ML 2.1 has no targets of flows",
           "MetadataStructure T:MSD(1.0): in SDMX-ML 2.1 a report says what it is about",
           "ProvisionAgreement T:MPA(1.0): SDMX-ML 2.1 has no targets of agreements"});
  written(old, StructureFormat::k30,
          {"MetadataStructure T:MSD(1.0): in SDMX-ML 3.0 the flow says what reports are about"});
  if (!Validator::ready()) {
    WARN("the official schemas or xmllint are not here: nothing is validated");
    return;
  }
  Validator validator;
  validator.add(nullptr, false, false, "metadata.xml", text_21);
  validator.add(nullptr, false, true, "metadata.xml", text_30);
  CHECK(validator.run() == "");
}

TEST_CASE("extended codelists, value lists and wildcards come back as they were in 3.0") {
  Structures all;
  Codelist base, extended, values;
  static_cast<Maintainable&>(base) = named("BASE");
  base.codes = {{"A", "", {{"en", "a"}}, {}, {}}, {"B", "A", {{"en", "b"}}, {}, {}}};
  static_cast<Maintainable&>(extended) = named("EXT");
  using Selection = CodelistExtension::Selection;
  extended.extensions = {
      {base.ref, "", Selection::kAll, {}},
      {base.ref, "P_", Selection::kOnly, {{"A", true, true}, {"B%", true, false}}},
      {base.ref, "", Selection::kAllBut, {{"A", false, false}}}};
  static_cast<Maintainable&>(values) = named("VALUES");
  values.codes = {{"€ / $", "", {{"en", "money"}}, {{"en", "both"}}, {}}, {"", "", {}, {}, {}}};
  values.codes[1].id = "%";
  all.codelists = {base, extended};
  all.value_lists = {values};
  ContentConstraint constraint;
  static_cast<Maintainable&>(constraint) = named("CC");
  constraint.allowed = true;
  constraint.attached_to = {{ArtefactClass::kDataflow, {"T", "FLOW", "1.0"}, {}}};
  KeyValues key;
  key.component = "AREA";
  key.values = {{"KG%", false, false}, {"KZ", true, true}};
  constraint.regions = {{true, {key}, {}}};
  all.constraints = {constraint};
  ConceptScheme concepts;
  static_cast<Maintainable&>(concepts) = named("CS");
  Representation sign;
  sign.enumeration = values.ref;
  sign.value_list = true;
  concepts.concepts = {{"SIGN", "", {{"en", "s"}}, {}, {}, sign}};
  all.concept_schemes = {concepts};
  const std::string text = written(all, StructureFormat::k30);
  same(all, read_again(text));
  written(all, StructureFormat::k21,
          {"Codelist T:EXT(1.0): SDMX-ML 2.1 has no extension of codelists",
           "Codelist T:EXT(1.0): SDMX-ML 2.1 has no extension of codelists",
           "Codelist T:EXT(1.0): SDMX-ML 2.1 has no extension of codelists",
           "ConceptScheme T:CS(1.0): SDMX-ML 2.1 has no value lists",
           "ValueList T:VALUES(1.0): SDMX-ML 2.1 has no value lists"});
  if (!Validator::ready()) return;
  Validator validator;
  validator.add(nullptr, false, true, "lists.xml", text);
  CHECK(validator.run() == "");
}

TEST_CASE("the shipped structures of metadata are read without a finding") {
  const Structures all = read_again(file_text(SOURCE_DIR "/schemas/metadata.xml"));
  REQUIRE(all.metadata_structures.size() == 2);
  const MetadataStructure& method = all.metadata_structures[0];
  CHECK(method.ref.text() == "FP:MSD_METHOD(1.0)");
  REQUIRE(method.reports.size() == 1);
  CHECK(method.targets.at(0).objects.at(0).object_type == "ProvisionAgreement");
  std::size_t required = 0, top = 0;
  for (const MetadataAttribute& one : method.reports[0].attributes) {
    top += one.parent < 0;
    required += one.parent < 0 && one.min_occurs > 0;
  }
  // NETWORK.md section 4: twenty concepts; required without condition.
  CHECK(top == 20);
  CHECK(required == 12);
  for (const ConceptScheme& scheme : all.concept_schemes)
    for (const Concept& item : scheme.concepts) {
      INFO(item.id);
      CHECK(item.names.size() == 3);
      CHECK(item.descriptions.size() == 3);
    }
}

TEST_CASE("metadata messages come back as they were, in 2.1 and in 3.0") {
  OutgoingMetadata out = description();
  for (MetadataFormat format : {MetadataFormat::k21, MetadataFormat::k30}) {
    const bool v30 = format == MetadataFormat::k30;
    INFO(v30);
    std::string text;
    REQUIRE(write_metadata({out}, metadata_header(), sink_to(text), format).ok());
    FindingList findings(20);
    DataMessage message;
    auto sets = read_metadata_text(text, findings, message);
    CHECK(lines_of(findings) == Lines{});
    CHECK(message.id == "M1");
    REQUIRE(sets.size() == 1);
    MetadataSet wanted = out.set;
    if (v30) {
      // The set is its only report, and names its flow.
      wanted.structure_class = ArtefactClass::kMetadataflow;
      wanted.structure = out.metadataflow;
      wanted.reports[0].id.clear();
      wanted.reports[0].target_id.clear();
      wanted.reports[0].targets[0].id.clear();
    } else {
      wanted.ref = {"", "SET1", ""};
    }
    CHECK(sets[0].reports == wanted.reports);
    CHECK(sets[0] == wanted);
    if (!Validator::ready()) continue;
    // The schema of XHTML itself is not among the official ones.
    OutgoingMetadata plain = out;
    plain.set.reports[0].attributes.pop_back();
    text.clear();
    REQUIRE(write_metadata({plain}, metadata_header(), sink_to(text), format).ok());
    Validator validator;
    validator.add(nullptr, false, v30, "set.xml", text);
    CHECK(validator.run() == "");
  }
  out.set.reports[0].targets.clear();
  std::string text;
  CHECK_FALSE(write_metadata({out}, metadata_header(), sink_to(text)).ok());
}

TEST_CASE("metadata messages: what is wrong is said, and limits hold") {
  std::string text;
  REQUIRE(write_metadata({description()}, metadata_header(), sink_to(text)).ok());
  auto changed = [&](std::string_view from, std::string_view to) {
    std::string made = text;
    auto at = made.find(from);
    REQUIRE(at != made.npos);
    made.replace(at, from.size(), to);
    FindingList findings(20);
    DataMessage message;
    read_metadata_text(made, findings, message);
    return rules_of(findings);
  };
  CHECK(changed("structureRef=\"MSD1\"", "structureRef=\"MSD9\"") == Lines{"structure-ref"});
  CHECK(changed("action=\"Replace\"", "action=\"Destroy\"") == Lines{"unknown-action"});
  CHECK(changed("<gen:AttributeSet>", "<gen:Atributes/><gen:AttributeSet>") ==
        Lines{"unknown-element"});
  CHECK(changed("</gen:Report>", "stray</gen:Report>") == Lines{"unexpected-text"});
  CHECK(changed("</gen:Report>", "</gen:Rapport>") == Lines{"not-well-formed"});
  Limits limits;
  limits.metadata_attributes = 3;
  FindingList findings(20);
  DataMessage message;
  CHECK(read_metadata_text(text, findings, message, limits).empty());
  CHECK(rules_of(findings) == Lines{"message-too-large"});
}

TEST_CASE("metadata messages of others are read") {
  const std::filesystem::path reference = reference_folder();
  if (reference.empty()) {
    WARN("the reference samples are not here: skipped");
    return;
  }
  std::size_t files = 0, attributes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(reference)) {
    if (entry.path().extension() != ".xml") continue;
    const std::string text = file_text(entry.path());
    const Detection detection = detect(text);
    if (!is_metadata(detection)) continue;
    INFO(entry.path().string());
    FindingList findings(20);
    DataMessage message;
    auto sets = read_metadata_text(text, findings, message);
    CHECK(findings.errors() == 0);
    CHECK_FALSE(sets.empty());
    for (const MetadataSet& set : sets)
      for (const MetadataReport& report : set.reports) attributes += report.attributes.size();
    ++files;
  }
  CHECK(files >= 3);
  CHECK(attributes > 20);
}

}  // namespace focalpost
