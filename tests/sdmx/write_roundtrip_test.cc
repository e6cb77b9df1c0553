// SPDX-License-Identifier: Apache-2.0
//
// Every data message at hand, read, written in every format, read again: the same cube. What is
// written is valid by the official schemas and by the schema that we make of its structure.
#include "write_fixture.h"

namespace focalpost {
namespace {

struct Way {
  DataFormat format;
  bool flat;
  char separator = ',';
};
const Way kWays[] = {
    {DataFormat::kStructureSpecific21, false},
    {DataFormat::kStructureSpecific21, true},
    {DataFormat::kStructureSpecificTimeSeries21, false},
    {DataFormat::kGeneric21, false},
    {DataFormat::kGeneric21, true},
    {DataFormat::kGenericTimeSeries21, false},
    {DataFormat::kStructureSpecific30, false},
    {DataFormat::kStructureSpecific30, true},
    {DataFormat::kCsv10, false},
    {DataFormat::kCsv10, false, ';'},
    {DataFormat::kCsv20, false},
    {DataFormat::kCsv20, false, '\t'},
};

std::string name_of(const Way& way) {
  return fmt::format("{}{}", data_format_name(way.format), way.flat ? " flat" : "");
}

/// Whether messages of this version can be read by now.
bool is_read(const std::string& text, const StructureLookup& lookup) {
  FindingList findings(10);
  Limits limits;
  MemorySource source(text);
  auto reader = open_data(source, detect(text), lookup, findings, limits);
  return rules_of(findings) != std::vector<std::string>{"unsupported-message"};
}

/// There and back in every way, and from every way once more into another one. Returns how many
/// formats took it; `refused`: what the others said.
std::size_t there_and_back(const std::string& name, std::string_view text,
                           const StructureLookup& lookup, Validator* validator,
                           std::vector<std::string>& refused) {
  const CubeReading original = read_cubes(text, lookup);
  REQUIRE_FALSE(original.failed());
  const CubeReading as_table = read_cubes(text, lookup, {true, false});
  const CubeReading as_plain_table = read_cubes(text, lookup, {true, true});
  std::size_t taken = 0;
  std::string before;
  for (const Way& way : kWays) {
    INFO(name << " as " << name_of(way));
    DataWriteOptions options;
    options.flat = way.flat;
    options.separator = way.separator;
    auto written = rewrite(text, lookup, way.format, options);
    if (!written.ok()) {
      CHECK(written.error().kind == ErrorKind::kNotRight);
      refused.push_back(name + " as " + name_of(way) + ": " + written.error().what);
      continue;
    }
    ++taken;
    if (validator && !is_csv(way.format)) {
      const bool v30 = way.format == DataFormat::kStructureSpecific30;
      const bool generic =
          way.format == DataFormat::kGeneric21 || way.format == DataFormat::kGenericTimeSeries21;
      FindingList findings(10);
      Limits limits;
      MemorySource source(text);
      auto reader = open_data(source, detect(text), lookup, findings, limits);
      auto survey = DataSurvey::of(*reader, limits);
      REQUIRE(survey.ok());
      if (generic)
        validator->add(nullptr, false, false, name, *written);
      else if (survey->message.structures.size() == 1)
        validator->add(survey->message.structures[0].get(), way.flat, v30, name, *written);
    }
    if (!is_read(*written, lookup)) continue;
    CubeOptions as{is_csv(way.format), way.format == DataFormat::kCsv10};
    const CubeReading back = read_cubes(*written, lookup, as);
    CHECK(back.findings.errors() + back.findings.warnings() == 0);
    const Cubes& wanted = as.any_action ? as_plain_table.cubes
                          : as.table    ? as_table.cubes
                                        : original.cubes;
    CHECK(back.cubes == wanted);
    // From a table, where attributes stand on rows, back into messages.
    if (way.format == DataFormat::kCsv20) {
      for (DataFormat next : {DataFormat::kStructureSpecific21, DataFormat::kGeneric21}) {
        auto again = rewrite(*written, lookup, next);
        if (!again.ok()) UNSCOPED_INFO(again.error().what);
        REQUIRE(again.ok());
        CHECK(read_cubes(*again, lookup, {true, false}).cubes == as_table.cubes);
      }
    }
    // The same once more gives the same bytes.
    auto twice = rewrite(*written, lookup, way.format, options);
    REQUIRE(twice.ok());
    auto without_header = [](std::string text_of_message) {
      return text_of_message.substr(text_of_message.find("DataSet"));
    };
    if (is_csv(way.format))
      CHECK(*twice == *written);
    else
      CHECK(without_header(*twice) == without_header(*written));
  }
  return taken;
}

std::string from_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0, buffer = 0;
  for (char c : text) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    auto value = alphabet.find(c);
    if (value == alphabet.npos) continue;
    buffer = buffer << 6 | static_cast<unsigned>(value);
    if ((bits += 6) >= 8) out += static_cast<char>(buffer >> (bits -= 8) & 255);
  }
  return out;
}

/// The base64 parts of a letter.
std::vector<std::string> attachments_of(const std::string& letter) {
  std::vector<std::string> result;
  constexpr std::string_view mark = "Content-Transfer-Encoding: base64";
  for (auto at = letter.find(mark); at != letter.npos; at = letter.find(mark, at + 1)) {
    auto blank = letter.find("\n\n", at);
    auto blank_crlf = letter.find("\r\n\r\n", at);
    auto from = std::min(blank, blank_crlf);
    if (from == letter.npos) continue;
    result.push_back(
        from_base64(std::string_view(letter).substr(from, letter.find("\n--", from + 3) - from)));
  }
  return result;
}

}  // namespace

TEST_CASE("round trip: what the example letters carry") {
  StructureLookup lookup(shipped_structures());
  std::unique_ptr<Validator> validator;
  if (Validator::ready())
    validator = std::make_unique<Validator>();
  else
    WARN("the official schemas or xmllint are not here: nothing is validated");
  std::size_t messages = 0, taken = 0;
  std::vector<std::string> refused;
  for (const auto& entry : std::filesystem::directory_iterator(SOURCE_DIR "/spool")) {
    if (entry.path().extension() != ".eml") continue;
    const std::string name = entry.path().filename().string();
    for (const std::string& attachment : attachments_of(file_text(entry.path()))) {
      const FileKind kind = detect(attachment).kind;
      if (kind != FileKind::kSdmxMlData && kind != FileKind::kSdmxCsv) continue;
      if (read_cubes(attachment, lookup).failed()) continue;
      ++messages;
      // This one has wrong codes on purpose.
      const bool valid = name.find("with-errors") == name.npos;
      taken += there_and_back(name, attachment, lookup, valid ? validator.get() : nullptr, refused);
    }
  }
  CHECK(messages >= 8);
  CHECK(refused == std::vector<std::string>{});
  CHECK(taken == messages * std::size(kWays));
  if (validator) CHECK(validator->run() == "");
}

TEST_CASE("round trip: the official samples") {
  const std::filesystem::path reference = reference_folder();
  if (reference.empty()) {
    WARN("the reference samples are not here: skipped");
    return;
  }
  Structures all;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(reference / "samples"))
    if (entry.path().extension() == ".xml" || entry.path().extension() == ".csv")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::string text = file_text(file);
    if (detect(text).kind != FileKind::kSdmxMlStructure ||
        file.string().find("query") != std::string::npos)
      continue;
    FindingList findings(100);
    all.merge(read_structure_text(text, findings));
  }
  // The samples' data speak of ECB_EXR_RG, their structure file calls the same DSD ECB_EXR_CG.
  for (DataStructure& dsd : all.data_structures)
    if (dsd.ref.id == "ECB_EXR_CG") dsd.ref.id = "ECB_EXR_RG";
  // SDMX-CSV 1.0 names dataflows, and the samples have none for these.
  for (const char* id : {"ECB_EXR_NG", "ECB_EXR_SG", "ECB_EXR_RG"}) {
    Dataflow flow;
    flow.ref = {"ECB", std::string(id) + "_FLOW", "1.0"};
    flow.names = {{"en", id}};
    flow.structure = {"ECB", id, "1.0"};
    all.dataflows.push_back(flow);
  }
  StructureLookup lookup(std::move(all));
  Validator validator;
  std::size_t official = 0, others = 0;
  std::vector<std::string> refused;
  for (const auto& file : files) {
    std::string text = file_text(file);
    const FileKind kind = detect(text).kind;
    if (kind != FileKind::kSdmxMlData && kind != FileKind::kSdmxCsv) continue;
    if (!is_read(text, lookup)) continue;
    const CubeReading reading = read_cubes(text, lookup);
    if (reading.failed() || reading.cubes.empty()) continue;
    const std::string name = std::filesystem::relative(file, reference / "samples").string();
    const bool ours = name.find("sdmx-ml-v2_1") != name.npos;
    // This one has areas (EL) that are not in the codelist of its own sample structure.
    const bool valid = ours && name.find("demography_xs") == name.npos;
    std::vector<std::string> said;
    std::size_t taken = there_and_back(name, text, lookup,
                                       valid && Validator::ready() ? &validator : nullptr, said);
    if (ours) {
      ++official;
      CHECK(said == std::vector<std::string>{});
      CHECK(taken == std::size(kWays));
    } else {
      ++others;
      refused.insert(refused.end(), said.begin(), said.end());
    }
  }
  CHECK(official >= 24);
  for (const std::string& line : refused) UNSCOPED_INFO(line);
  CHECK(others > 0);
  if (validator.files() > 0) CHECK(validator.run() == "");
}

}  // namespace focalpost
