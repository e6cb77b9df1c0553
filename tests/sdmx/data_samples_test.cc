// SPDX-License-Identifier: Apache-2.0
//
// Every SDMX-ML data message among the samples whose structure is at hand is read without an error;
// where one is said, the reason stands here.
#include <map>
#include <memory>
#include <set>

#include "sdmx_fixture.h"

namespace focalpost {
namespace {

bool is_exr(const Structures& structures) {
  const std::string& id = structures.data_structures.at(0).ref.id;
  return id == "ECB_EXR" || id == "ECB_EXR1" || id == "ECB_EXR_COMPLEX_ATTRIBUTES";
}

}  // namespace

TEST_CASE("data messages of all versions among the samples are read") {
  const std::filesystem::path reference = reference_folder();
  if (reference.empty()) {
    WARN("the reference samples are not here: skipped");
    return;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(reference / "samples"))
    if (entry.path().extension() == ".xml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  // The samples use one name for different structures; a message is tried with each file that
  // defines what it names, before all others.
  std::vector<Structures> defining;
  Structures all;
  for (const auto& file : files) {
    const std::string text = file_text(file);
    if (detect(text).kind != FileKind::kSdmxMlStructure) continue;
    FindingList findings(10);
    Structures one = read_structure_text(text, findings);
    // The samples' data speak of ECB_EXR_RG, their structure file calls the same DSD ECB_EXR_CG.
    for (DataStructure& dsd : one.data_structures)
      if (dsd.ref.id == "ECB_EXR_CG") dsd.ref.id = "ECB_EXR_RG";
    if (!one.data_structures.empty()) defining.push_back(one);
    all.merge(std::move(one));
  }
  std::vector<std::unique_ptr<StructureLookup>> lookups;
  for (const Structures& one : defining) {
    Structures together = all;
    together.merge(one);
    // The 3.0 samples' data are of ECB:EXR, for which no sample has a structure; they have the
    // components of these.
    for (Dataflow& flow : together.dataflows)
      if (flow.ref.id == "EXR" && is_exr(one)) flow.structure = one.data_structures[0].ref;
    lookups.push_back(std::make_unique<StructureLookup>(std::move(together)));
  }

  std::map<std::string, std::size_t> read;  // by version and root
  std::set<std::string> said;
  for (const auto& file : files) {
    const std::string text = file_text(file);
    const Detection detection = detect(text);
    if (detection.kind != FileKind::kSdmxMlData) continue;
    const std::string name = file.filename().string();
    INFO(file.string());
    bool known = false, right = false;
    std::set<std::string> wrong;
    for (std::size_t i = 0; i < lookups.size() && !right; ++i) {
      bool named = is_exr(defining[i]) && text.find("=ECB:EXR(1.0)") != text.npos;
      for (const DataStructure& dsd : defining[i].data_structures)
        named = named || text.find(dsd.ref.id) != text.npos;
      for (const Dataflow& flow : all.dataflows)
        for (const DataStructure& dsd : defining[i].data_structures)
          named = named || (flow.structure.id == dsd.ref.id && text.find(flow.ref.id) != text.npos);
      if (!named) continue;
      Reading r = read_text(text, *lookups[i]);
      CHECK_FALSE(r.error);
      std::set<std::string> errors;
      bool missing = false;
      for (const Finding& f : r.findings.listed()) {
        missing = missing || f.rule == &rules::unknown_structure;
        // Codelists that no sample has do not matter for the form.
        if (f.rule->severity == Severity::kError && f.rule != &rules::structure_incomplete)
          errors.insert(fmt::format("{} {} {}", name, f.rule->id, f.component));
      }
      if (missing) continue;
      known = true;
      right = errors.empty();
      if (wrong.empty() || errors.size() < wrong.size()) wrong = std::move(errors);
      if (right && r.observations > 0) ++read[detection.version + " " + detection.root];
    }
    // This one is said to be of MD:TEST and has the data of another structure.
    if (name == "data_prov_agree.xml") continue;
    if (known && !right) said.insert(wrong.begin(), wrong.end());
  }
  for (const auto& [kind, count] : read) UNSCOPED_INFO(kind << ": " << count);
  CHECK(read["2.0 GenericData"] == 1);
  CHECK(read["2.1 GenericData"] >= 10);
  CHECK(read["2.1 StructureSpecificData"] >= 10);
  CHECK(read["2.1 GenericTimeSeriesData"] == 3);
  CHECK(read["2.1 StructureSpecificTimeSeriesData"] == 3);
  CHECK(read["3.0 StructureSpecificData"] >= 4);
  CHECK(read["3.1 StructureSpecificData"] >= 1);
  for (const std::string& line : said) UNSCOPED_INFO(line);
  CHECK(said == std::set<std::string>{
                    // Not read: nobody sends it.
                    "UtilitySample.xml unsupported-message ",
                    // structureRef="test" where the header has "TEST".
                    "str_dif_ref_and_ID.xml structure-ref structureRef",
                    // AVAILABILITY at groups, which by its structure belongs to the series.
                    "str_ser_group.xml wrong-level AVAILABILITY",
                });
}

}  // namespace focalpost
