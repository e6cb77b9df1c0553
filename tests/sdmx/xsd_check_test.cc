// SPDX-License-Identifier: Apache-2.0
//
// Messages held against XML Schema. The official schemas are not part of the project: without them
// only what needs none is tested.
#include "sdmx/xsd_check.h"

#include <fstream>
#include <sstream>

#include "write_fixture.h"

namespace focalpost {
namespace {

bool official_here() {
  static const bool here = !reference_folder().empty() &&
                           std::filesystem::exists(reference_folder() / "xsd-2.1") &&
                           std::filesystem::exists(reference_folder() / "xsd-3.0");
  if (!here) WARN("the official schemas are not here: skipped");
  return here;
}

std::optional<std::string> official(std::string_view version, std::string_view name) {
  const auto file = reference_folder() / ("xsd-" + std::string(version)) / std::string(name);
  if (!std::filesystem::exists(file)) return {};
  return file_text(file);
}

XsdResult check(std::string_view text, const StructureLookup& lookup, const std::string& own = {},
                std::uint64_t most = 200) {
  Limits limits;
  limits.findings_listed = most;
  MemorySource source(text, 100);
  auto result = check_by_xsd(source, lookup, {official, own}, limits);
  INFO((result.ok() ? "" : result.error().what));
  REQUIRE(result.ok());
  return std::move(*result);
}

std::string said(const XsdResult& result) {
  std::string all = result.not_checked;
  for (const XsdMessage& message : result.messages)
    all += fmt::format("{}:{} {}\n", message.at.line, message.at.column, message.text);
  return all;
}

/// A month of asylum applicants in some format.
std::string message_in(const StructureLookup& lookup, DataFormat format, bool flat = false) {
  const std::vector<std::string_view> key = {"M", "KG", "_T", "_T", "_T", "_T", "PER"};
  return small_message(lookup.flow({"FP", "ASYLUM", ""}), format, flat, key);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != text.npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("xsd: what the program writes is valid, what is wrong has its place") {
  if (!official_here()) return;
  StructureLookup lookup(shipped_structures());
  for (auto [format, flat] : {std::pair{DataFormat::kStructureSpecific21, false},
                              {DataFormat::kStructureSpecific21, true},
                              {DataFormat::kStructureSpecificTimeSeries21, false},
                              {DataFormat::kGeneric21, false},
                              {DataFormat::kStructureSpecific30, false},
                              {DataFormat::kStructureSpecific30, true}}) {
    INFO(data_format_name(format) << " " << flat);
    const std::string good = message_in(lookup, format, flat);
    CHECK(said(check(good, lookup)) == "");
    if (format == DataFormat::kGeneric21) continue;  // its schema knows no codes
    const std::string bad = replaced(good, "\"KG\"", "\"KGG\"");
    const XsdResult result = check(bad, lookup);
    CHECK(!result.valid());
    REQUIRE(!result.messages.empty());
    const auto place = bad.find("\"KGG\"");
    CHECK(result.messages[0].at.line ==
          1 + std::count(bad.begin(), bad.begin() + long(place), '\n'));
    CHECK(result.messages[0].text.find("'REF_AREA'") != std::string::npos);
    CHECK(result.messages[0].text.find("{urn") == std::string::npos);
    // Text that the parser hands over in another way than attributes.
    CHECK(said(check(replaced(good, "<mes:Test>false", "<mes:Test>maybe"), lookup))
              .find("Element 'Test': 'maybe' is not a valid value") != std::string::npos);
    CHECK(said(check(replaced(good, "<mes:Prepared>", "<mes:Sent>x</mes:Sent><mes:Prepared>"),
                     lookup))
              .find("Element 'Sent': This element is not expected.") != std::string::npos);
  }
}

TEST_CASE("xsd: structure messages are checked too") {
  if (!official_here()) return;
  StructureLookup lookup(shipped_structures());
  for (const char* name : {"asylum.xml", "codelists.xml", "example-network.xml"}) {
    INFO(name);
    const std::string text = file_text(std::string(SOURCE_DIR "/schemas/") + name);
    CHECK(said(check(text, lookup)) == "");
  }
}

TEST_CASE("xsd: armour, limits and what is not asked") {
  if (!official_here()) return;
  StructureLookup lookup(shipped_structures());
  const std::string good = message_in(lookup, DataFormat::kStructureSpecific21);
  const std::string entity =
      replaced(good, "?>", "?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>");
  CHECK(said(check(entity, lookup)).find("not read to its end: dtd-refused") != std::string::npos);
  CHECK(said(check(good.substr(0, good.size() - 30), lookup)).find("not read to its end") !=
        std::string::npos);
  std::string many = good;
  for (int i = 0; i < 20; ++i)
    many = replaced(many, "<Obs TIME_PERIOD=\"2026-01\"",
                    "<Obs TIME_PERIOD=\"x\"/><Obs TIME_PERIOD=\"2026-01\"");
  CHECK(check(many, lookup).messages.size() == 20);
  const XsdResult cut = check(many, lookup, {}, 5);
  CHECK(cut.messages.size() == 5);
  CHECK(cut.stopped);
  CHECK(check(message_in(lookup, DataFormat::kCsv20), lookup).not_checked ==
        "sdmx-csv 2.0 has no XML Schema");
  // A layout that no schema is made for.
  CHECK(check(replaced(good, "dimensionAtObservation=\"TIME_PERIOD\"",
                       "dimensionAtObservation=\"SEX\""),
              lookup)
            .not_checked == "there is no schema for data with SEX at the observation");
  // A namespace of the producer's own.
  const std::string space =
      "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=FP:ASYLUM(1.0):ObsLevelDim:TIME_PERIOD";
  std::string foreign = good;
  for (int i = 0; i < 2; ++i) foreign = replaced(foreign, space, "http://schemas.example/asylum");
  CHECK(said(check(foreign, lookup)) == "");
}

TEST_CASE("xsd: a namespace that is no URI is the message's fault, and nobody else's") {
  if (!official_here()) return;
  StructureLookup lookup(shipped_structures());
  const std::string good = message_in(lookup, DataFormat::kStructureSpecific21);
  const std::string bad = replaced(good, "namespace=\"urn:sdmx", "namespace=\" %urn:sdmx");
  CHECK(said(check(bad, lookup)).find("Element 'DataSet'") != std::string::npos);
}

TEST_CASE("xsd: schemas that are kept say the same") {
  if (!official_here()) return;
  StructureLookup lookup(shipped_structures());
  XsdSchemas kept;
  std::size_t asked = 0;
  XsdRequest request;
  request.official = [&](std::string_view version, std::string_view name) {
    ++asked;
    return official(version, name);
  };
  request.kept = &kept;
  const Limits limits;
  auto messages = [&](const std::string& text) {
    MemorySource source(text);
    auto result = check_by_xsd(source, lookup, request, limits);
    REQUIRE(result.ok());
    return result->messages.size();
  };
  const std::string good = message_in(lookup, DataFormat::kStructureSpecific21);
  CHECK(messages(good) == 0);
  const std::size_t once = asked;
  CHECK(once > 0);
  CHECK(messages(replaced(good, "\"KG\"", "\"KGG\"")) > 0);
  CHECK(messages(good) == 0);
  CHECK(asked == once);
  // Another layout is another schema.
  CHECK(messages(message_in(lookup, DataFormat::kStructureSpecific21, true)) == 0);
  CHECK(asked > once);
}

TEST_CASE("xsd: a schema that somebody gives") {
  if (!official_here()) return;
  StructureLookup lookup(shipped_structures());
  const std::string good = message_in(lookup, DataFormat::kStructureSpecific21);
  std::string own;
  REQUIRE(write_data_schema(*lookup.flow({"FP", "ASYLUM", ""}), sink_to(own), {}).ok());
  CHECK(said(check(good, lookup, own)) == "");
  CHECK(said(check(good, lookup, replaced(own, "value=\"KG\"", "value=\"QQ\"")))
            .find("'KG' is not an element of the set") != std::string::npos);
  Limits limits;
  MemorySource source(good);
  auto broken =
      check_by_xsd(source, lookup, {official, replaced(own, "xs:string", "xs:strin")}, limits);
  REQUIRE(!broken.ok());
  CHECK(broken.error().kind == ErrorKind::kUsage);
  CHECK(broken.error().what.starts_with("the schemas cannot be used: focalpost-1.xsd: "));
}

TEST_CASE("xsd: only schemas that are given are used") {
  StructureLookup lookup(shipped_structures());
  const std::string good = message_in(lookup, DataFormat::kStructureSpecific21);
  Limits limits;
  std::vector<std::string> asked;
  XsdRequest request;
  request.official = [&](std::string_view version, std::string_view name) {
    asked.push_back(std::string(version) + " " + std::string(name));
    return std::optional<std::string>();
  };
  MemorySource source(good);
  auto nothing = check_by_xsd(source, lookup, request, limits);
  REQUIRE(!nothing.ok());
  CHECK(nothing.error().what == "the schema SDMXMessage.xsd of SDMX-ML 2.1 is not there");
  REQUIRE(!asked.empty());
  CHECK(asked.front() == "2.1 SDMXMessage.xsd");
  // One that points elsewhere gets there by name only.
  asked.clear();
  request.official = [&](std::string_view, std::string_view name) -> std::optional<std::string> {
    asked.emplace_back(name);
    if (name != "SDMXMessage.xsd") return {};
    return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"http://www."
           "sdmx.org/resources/sdmxml/schemas/v2_1/message\"><xs:include "
           "schemaLocation=\"file:///etc/hostname\"/></xs:schema>";
  };
  MemorySource again(good);
  auto elsewhere = check_by_xsd(again, lookup, request, limits);
  REQUIRE(!elsewhere.ok());
  CHECK(std::find(asked.begin(), asked.end(), "hostname") != asked.end());
}

}  // namespace focalpost
