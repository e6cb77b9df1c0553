// SPDX-License-Identifier: Apache-2.0
#include "validation/metadata_judge.h"

#include "catch.h"

using namespace focalpost;

namespace {

using Lines = std::vector<std::string>;

MetadataAttribute attribute(const char* id, std::int32_t parent, std::uint32_t least,
                            std::uint32_t most, bool coded = false) {
  MetadataAttribute made;
  made.id = id;
  made.parent = parent;
  made.min_occurs = least;
  made.max_occurs = most;
  made.local.emplace();
  if (coded) {
    made.local->enumeration = Ref{"T", "CL_UNIT", "1.0"};
  } else {
    made.local->format.emplace();
    made.local->format->is_multilingual = true;
    made.local->format->max_length = 20;
  }
  return made;
}

StructureLookup world() {
  Structures all;
  Codelist units;
  units.ref = {"T", "CL_UNIT", "1.0"};
  units.codes = {{"PER", "", {}, {}, {{"FP_ALIAS", "", "persons", {}}}}, {"CASE", "", {}, {}, {}}};
  all.codelists = {units};
  MetadataStructure msd;
  msd.ref = {"T", "MSD", "1.0"};
  MetadataTarget target;
  target.id = "TARGET";
  target.objects.resize(1);
  target.objects[0].object_type = "ProvisionAgreement";
  msd.targets = {target};
  ReportStructure report;
  report.id = "REPORT";
  report.attributes = {attribute("DESCR", -1, 1, 1),   attribute("UNIT", -1, 1, 2, true),
                       attribute("NOTE", 1, 0, 1),     attribute("TIME", -1, 0, 1),
                       attribute("UPDATED", -1, 1, 1), attribute("DAYS", -1, 0, 1)};
  report.attributes[3].annotations = {{std::string(kRequiredFor), "", "FLOWS STOCK", {}}};
  report.attributes[4].annotations = {{std::string(kAutomatic), "", "true", {}}};
  report.attributes[5].local->format->is_multilingual = false;
  report.attributes[5].local->format->type = DataType::kInteger;
  msd.reports = {report};
  all.metadata_structures = {msd};
  Metadataflow flow;
  flow.ref = {"T", "MDF", "1.0"};
  flow.structure = {"T", "MSD", ""};
  all.metadataflows = {flow};
  OrganisationScheme providers;
  providers.ref = {"T", "DP", "1.0"};
  providers.organisations.resize(2);
  providers.organisations[0].id = "KG";
  providers.organisations[1].id = "KZ";
  all.organisation_schemes = {providers};
  for (const char* id : {"ASYLUM", "FLOWS"}) {
    Dataflow dataflow;
    dataflow.ref = {"T", id, "1.0"};
    all.dataflows.push_back(dataflow);
    for (const char* provider : {"KG", "KZ"}) {
      ProvisionAgreement agreement;
      agreement.ref = {"T", std::string("PA_") + provider + "_" + id, "1.0"};
      agreement.dataflow = dataflow.ref;
      agreement.provider = {providers.ref, provider};
      all.agreements.push_back(agreement);
    }
  }
  return StructureLookup(std::move(all));
}

ReportedAttribute said(const char* id, std::int32_t parent, const char* value, Texts texts = {}) {
  ReportedAttribute made;
  made.id = id;
  made.parent = parent;
  made.value = value;
  made.texts = std::move(texts);
  return made;
}

constexpr const char* kAgreement = "urn:sdmx:org.sdmx.infomodel.registry.ProvisionAgreement=T:";

MetadataSet set_of(std::vector<ReportedAttribute> attributes,
                   std::string target = std::string(kAgreement) + "PA_KG_ASYLUM(1.0)") {
  MetadataSet set;
  set.structure = {"T", "MSD", "1.0"};
  set.reports.resize(1);
  set.reports[0].id = "REPORT";
  set.reports[0].targets = {{"TARGET", std::move(target), {}}};
  set.reports[0].attributes = std::move(attributes);
  return set;
}

const Texts kText{{"en", "text"}, {"ru", "текст"}};

struct Judged {
  Lines findings;
  std::vector<MetadataDescription> descriptions;
};

Judged judged(const MetadataSet& set, const char* sender = "KG") {
  static const StructureLookup lookup = world();
  FindingList findings(50);
  std::optional<ProviderRef> provider;
  if (sender) provider = ProviderRef{{"T", "DP", "1.0"}, sender};
  Judged result;
  result.descriptions = judge_metadata(set, 0, lookup, provider, findings);
  for (const Finding& one : findings.listed()) {
    std::string line(one.rule->id);
    if (!one.component.empty()) line += " " + one.component;
    if (!one.value.empty()) line += "=" + one.value;
    if (!one.expected.empty()) line += " [" + one.expected + "]";
    for (const std::string& suggestion : one.suggestions) line += " ?" + suggestion;
    result.findings.push_back(line);
  }
  return result;
}

}  // namespace

TEST_CASE("a set that is right gives a description in the order of its structure") {
  Judged all = judged(
      set_of({said("UNIT", -1, "PER"), said("NOTE", 0, "", kText), said("DESCR", -1, "", kText),
              said("UNIT", -1, "CASE"), said("DAYS", -1, "45")}));
  CHECK(all.findings == Lines{});
  REQUIRE(all.descriptions.size() == 1);
  const MetadataDescription& one = all.descriptions[0];
  CHECK(one.structure.text() == "T:MSD(1.0)");
  CHECK(one.dataflow.text() == "T:ASYLUM");
  CHECK(one.provider == "KG");
  CHECK(attribute_paths(one.attributes) == Lines{"DESCR", "UNIT", "UNIT.NOTE", "UNIT#2", "DAYS"});
}

TEST_CASE("concepts: missing, unknown, in the wrong place, too often, automatic") {
  CHECK(judged(set_of({})).findings == Lines{"missing-concept DESCR", "missing-concept UNIT"});
  // A condition: for some dataflows more is required.
  CHECK(judged(set_of({said("DESCR", -1, "", kText), said("UNIT", -1, "PER")},
                      std::string(kAgreement) + "PA_KG_FLOWS(1.0)"))
            .findings == Lines{"missing-concept TIME"});
  CHECK(judged(set_of({said("DESCR", -1, "", kText), said("UNIT", -1, "PER"),
                       said("DESCRR", -1, "x"), said("NOTE", -1, "", kText),
                       said("DESCR", -1, "", kText), said("UPDATED", -1, "2026-01-01")}))
            .findings == Lines{"unknown-concept DESCRR ?DESCR", "concept-place NOTE [UNIT]",
                               "concept-automatic UPDATED", "concept-twice DESCR [1]"});
  MetadataSet deleted = set_of({});
  deleted.action = Action::kDelete;
  Judged gone = judged(deleted);
  CHECK(gone.findings == Lines{});
  CHECK(gone.descriptions.at(0).action == Action::kDelete);
  MetadataSet part = set_of({said("DAYS", -1, "45")});
  part.action = Action::kAppend;
  CHECK(judged(part).findings == Lines{});
}

TEST_CASE("concepts: codes, languages and formats") {
  CHECK(judged(set_of({said("DESCR", -1, "", kText), said("UNIT", -1, "persons")})).findings ==
        Lines{"unknown-code UNIT=persons ?PER"});
  CHECK(judged(set_of({said("DESCR", -1, "", kText), said("UNIT", -1, "", kText)})).findings ==
        Lines{"concept-without-value UNIT=text"});
  CHECK(judged(set_of({said("DESCR", -1, "plain"), said("UNIT", -1, "PER")})).findings ==
        Lines{"concept-without-text DESCR=plain"});
  CHECK(judged(set_of({said("DESCR", -1, "", {{"en", " "}}), said("UNIT", -1, "PER")})).findings ==
        Lines{"concept-without-value DESCR"});
  CHECK(judged(set_of({said("DESCR", -1, "", {{"en", "a"}, {"en", "b"}}), said("UNIT", -1, "PER"),
                       said("DAYS", -1, "soon")}))
            .findings == Lines{"language-twice DESCR=en", "type-mismatch DAYS=soon [Integer]"});
  CHECK(judged(set_of({said("DESCR", -1, "", {{"en", "more than twenty letters"}}),
                       said("UNIT", -1, "PER")}))
            .findings == Lines{"too-long DESCR=more than twenty letters [20]"});
}

TEST_CASE("targets: agreements, dataflows, wildcards, others' agreements") {
  const std::vector<ReportedAttribute> right{said("DESCR", -1, "", kText), said("UNIT", -1, "PER"),
                                             said("TIME", -1, "", kText)};
  auto about = [&](std::string target, const char* sender = "KG") {
    Judged result = judged(set_of(right, std::move(target)), sender);
    Lines lines = result.findings;
    for (const MetadataDescription& one : result.descriptions)
      lines.push_back(one.dataflow.id + " " + one.provider);
    return lines;
  };
  CHECK(about("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=T:FLOWS(1.0)") ==
        Lines{"FLOWS KG"});
  CHECK(about(std::string(kAgreement) + "PA_*(*)") == Lines{"ASYLUM KG", "FLOWS KG"});
  const std::string other = std::string(kAgreement) + "PA_KZ_ASYLUM(1.0)";
  CHECK(about(other) == Lines{"not-owner=" + other});
  CHECK(about(other, nullptr) == Lines{"ASYLUM KZ"});
  CHECK(about("") == Lines{"metadata-target"});
  const std::string provider = "urn:sdmx:org.sdmx.infomodel.base.DataProvider=T:DP(1.0).KG";
  CHECK(about(provider) == Lines{"metadata-target=" + provider + " [T:MSD(1.0)]"});
}

TEST_CASE("structures and reports that are not known") {
  MetadataSet set = set_of({});
  set.structure.id = "MSDD";
  CHECK(judged(set).findings == Lines{"unknown-metadata=T:MSDD(1.0) ?T:MSD(1.0)"});
  set = set_of({});
  set.reports[0].id = "OTHER";
  CHECK(judged(set).findings == Lines{"unknown-metadata=OTHER ?REPORT"});
  set = set_of({said("DESCR", -1, "", kText), said("UNIT", -1, "PER")});
  set.structure_class = ArtefactClass::kMetadataflow;
  set.structure = {"T", "MDF", ""};
  set.reports[0].id.clear();
  CHECK(judged(set).findings == Lines{});
  set.reports.clear();
  CHECK(judged(set).findings == Lines{"no-dataset"});
}
