// SPDX-License-Identifier: Apache-2.0
#include "sample.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "base/limits.h"
#include "flow/home.h"
#include "flow/load.h"

namespace focalpost::bench {
namespace {

constexpr std::string_view kV21 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/";

/// SplitMix64: small, and the same everywhere.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t limit) {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return (z ^ (z >> 31)) % limit;
  }

 private:
  std::uint64_t state_;
};

std::string_view fixed_code(std::string_view dimension) {
  if (dimension == "FREQ") return "M";
  if (dimension == "REF_AREA") return "KG";
  if (dimension == "UNIT_MEASURE") return "PER";
  return {};
}

}  // namespace

Sample::Sample(std::shared_ptr<const FlowStructure> flow) : flow_(std::move(flow)) {
  for (std::uint16_t d = 0; d < flow_->dimension_count; ++d) {
    if (!fixed_code(flow_->components[d].id).empty()) continue;
    varied_.push_back(d);
    keys_ *= flow_->components[d].codes->size();
  }
  areas_.push_back("KG");
  for (std::string_view area : flow_->components[flow_->ref_area].codes->ids())
    if (area != "KG") areas_.push_back(area);
}

std::string Sample::areas(std::size_t count) const {
  std::string list;
  for (std::size_t i = 0; i < count && i < areas_.size(); ++i)
    list += (i > 0 ? "," : "") + std::string(areas_[i]);
  return list;
}

std::uint64_t Sample::totals() const {
  std::uint64_t number = 0;
  for (std::uint16_t d : varied_) {
    const CodeTable& codes = *flow_->components[d].codes;
    number = number * codes.size() + std::uint64_t(codes.find("_T"));
  }
  return number;
}

std::vector<std::string_view> Sample::key(std::uint64_t series) const {
  std::vector<std::string_view> key;
  for (std::uint16_t d = 0; d < flow_->dimension_count; ++d)
    key.push_back(fixed_code(flow_->components[d].id));
  key[flow_->ref_area] = areas_[std::size_t(series / keys_) % areas_.size()];
  std::uint64_t rest = series % keys_;
  for (auto d = varied_.rbegin(); d != varied_.rend(); ++d) {
    const CodeTable& codes = *flow_->components[*d].codes;
    key[*d] = codes.id(static_cast<std::int32_t>(rest % codes.size()));
    rest /= codes.size();
  }
  return key;
}

std::string Sample::target_namespace() const {
  return fmt::format(
      "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={}:ObsLevelDim:TIME_PERIOD",
      flow_->dataflow.text());
}

std::string Sample::head(const Size& size) const {
  const Ref& ref = flow_->dataflow;
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<mes:StructureSpecificData xmlns:mes="{0}message" xmlns:com="{0}common"
    xmlns:ss="{0}data/structurespecific" xmlns:ns1="{1}"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <mes:Header>
    <mes:ID>KG_SMS_{5}_{6}</mes:ID>
    <mes:Test>false</mes:Test>
    <mes:Prepared>2026-04-14T10:05:00+06:00</mes:Prepared>
    <mes:Sender id="KG_SMS"/>
    <mes:Receiver id="FP"/>
    <mes:Structure structureID="S1" namespace="{1}" dimensionAtObservation="TIME_PERIOD">
      <com:StructureUsage><Ref agencyID="{2}" id="{3}" version="{4}"/></com:StructureUsage>
    </mes:Structure>
  </mes:Header>
  <mes:DataSet ss:structureRef="S1" ss:dataScope="DataStructure" ss:action="Replace" xsi:type="ns1:DataSetType">
)",
      kV21, target_namespace(), ref.agency, ref.id, ref.version, size.first_series, size.series);
}

std::string Sample::tail() {
  return "  </mes:DataSet>\n</mes:StructureSpecificData>\n";
}

void Sample::append_series(std::string& out, std::uint64_t series, std::uint32_t months) const {
  auto codes = key(series);
  out += "    <Series";
  for (std::uint16_t d = 0; d < flow_->dimension_count; ++d) {
    out += ' ';
    out += flow_->components[d].id;
    out += "=\"";
    out += codes[d];
    out += '"';
  }
  out += " TIME_PER_COLLECT=\"S\" UNIT_MULT=\"0\" DECIMALS=\"0\">\n";
  Draw draw(series * 7919 + 1);
  auto value = static_cast<std::int64_t>(draw.below(3000));
  for (std::uint32_t m = 0; m < months; ++m) {
    value = std::max<std::int64_t>(0, value + static_cast<std::int64_t>(draw.below(121)) - 60);
    fmt::format_to(std::back_inserter(out),
                   "      <Obs TIME_PERIOD=\"{}-{:02}\" OBS_VALUE=\"{}\" OBS_STATUS=\"{}\" "
                   "CONF_STATUS=\"{}\"/>\n",
                   kFirstYear + int(m / 12), m % 12 + 1, value, "AAAAAAAAPEBU"[draw.below(12)],
                   "FFFFFFFFFFFFFFFFFFFFFFNC"[draw.below(24)]);
  }
  out += "    </Series>\n";
}

std::string Sample::xml_text(const Size& size) const {
  std::string all;
  xml(size, [&](const std::string& piece) { all += piece; });
  return all;
}

std::string Sample::schema(const std::filesystem::path& official) const {
  std::string types, series, observation, dataset, groups;
  // One simple type for a codelist, and the attributes of each level.
  for (const FlowComponent& component : flow_->components) {
    std::string type = "xs:string";
    if (component.coded()) {
      type = "CL_of_" + component.id;
      types +=
          fmt::format("<xs:simpleType name=\"{}\"><xs:restriction base=\"xs:string\">\n", type);
      for (std::string_view code : component.codes->ids())
        types += fmt::format("<xs:enumeration value=\"{}\"/>\n", code);
      types += "</xs:restriction></xs:simpleType>\n";
    } else if (component.kind == ComponentKind::kMeasure || component.id == "PRE_BREAK_VALUE") {
      type = "NotNegative";
    } else if (component.format.type == DataType::kDateTime) {
      type = "xs:dateTime";
    }
    using Level = AttributeRelationship::Kind;
    if (component.kind == ComponentKind::kTimeDimension) continue;  // the base type has it
    bool dimension = component.kind == ComponentKind::kDimension;
    std::string line = fmt::format("<xs:attribute name=\"{}\" type=\"{}\" use=\"{}\"/>\n",
                                   component.id, type, dimension ? "required" : "optional");
    if (dimension ||
        (component.kind == ComponentKind::kAttribute && component.level == Level::kDimensions))
      series += line;
    else if (component.kind == ComponentKind::kMeasure || component.level == Level::kObservation)
      observation += line;
    else if (component.level == Level::kDataset)
      dataset += line;
  }
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{0}" targetNamespace="{0}"
    xmlns:dsd="{1}data/structurespecific" xmlns:common="{1}common"
    elementFormDefault="qualified" attributeFormDefault="unqualified">
<xs:import namespace="{1}data/structurespecific" schemaLocation="{2}/SDMXDataStructureSpecific.xsd"/>
<xs:import namespace="{1}common" schemaLocation="{2}/SDMXCommon.xsd"/>
{3}<xs:simpleType name="NotNegative"><xs:restriction base="xs:decimal">
<xs:minInclusive value="0"/></xs:restriction></xs:simpleType>
<xs:complexType name="DataSetType"><xs:complexContent><xs:restriction base="dsd:TimeSeriesDataSetType">
<xs:sequence>
<xs:element ref="common:Annotations" minOccurs="0"/>
<xs:element name="DataProvider" type="common:DataProviderReferenceType" form="unqualified" minOccurs="0"/>
<xs:choice minOccurs="0">
<xs:element name="Series" type="SeriesType" form="unqualified" maxOccurs="unbounded"/>
</xs:choice>
</xs:sequence>
{4}<xs:attribute name="REPORTING_YEAR_START_DAY" type="xs:gMonthDay" use="prohibited"/>
</xs:restriction></xs:complexContent></xs:complexType>
<xs:complexType name="SeriesType"><xs:complexContent><xs:restriction base="dsd:TimeSeriesType">
<xs:sequence>
<xs:element ref="common:Annotations" minOccurs="0"/>
<xs:element name="Obs" type="ObsType" form="unqualified" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence>
{5}<xs:attribute name="REPORTING_YEAR_START_DAY" type="xs:gMonthDay" use="prohibited"/>
</xs:restriction></xs:complexContent></xs:complexType>
<xs:complexType name="ObsType"><xs:complexContent><xs:restriction base="dsd:TimeSeriesObsType">
<xs:sequence><xs:element ref="common:Annotations" minOccurs="0"/></xs:sequence>
{6}<xs:attribute name="REPORTING_YEAR_START_DAY" type="xs:gMonthDay" use="prohibited"/>
</xs:restriction></xs:complexContent></xs:complexType>
</xs:schema>
)",
      target_namespace(), kV21, official.string(), types, dataset, series, observation);
}

std::string Sample::driver_schema(const std::filesystem::path& official,
                                  std::string_view schema) const {
  return fmt::format(
      R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="{}message" schemaLocation="{}/SDMXMessage.xsd"/>
<xs:import namespace="{}" schemaLocation="{}"/>
</xs:schema>
)",
      kV21, official.string(), target_namespace(), schema);
}

std::string mail_head(std::string_view message_id, std::string_view file_name) {
  return fmt::format(
      "From: Asylum statistics <{}>\r\n"
      "To: gateway@network.example\r\n"
      "Subject: Asylum applicants\r\n"
      "Date: Tue, 14 Apr 2026 10:12:31 +0600\r\n"
      "Message-ID: <{}@migration.kg.example>\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=\"=-next-part\"\r\n"
      "\r\n"
      "--=-next-part\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "\r\n"
      "Please find our figures attached.\r\n"
      "\r\n"
      "--=-next-part\r\n"
      "Content-Type: application/xml; name=\"{}\"\r\n"
      "Content-Disposition: attachment; filename=\"{}\"\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "\r\n",
      kSender, message_id, file_name, file_name);
}

std::string mail_tail() {
  return "\r\n--=-next-part--\r\n";
}

std::string base64_lines(std::string_view bytes) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve(bytes.size() * 4 / 3 + bytes.size() / 28 + 8);
  for (std::size_t line = 0; line < bytes.size(); line += 57) {
    std::string_view part = bytes.substr(line, 57);
    for (std::size_t i = 0; i < part.size(); i += 3) {
      auto at = [&](std::size_t n) -> std::uint32_t {
        return i + n < part.size() ? static_cast<unsigned char>(part[i + n]) : 0;
      };
      std::uint32_t three = at(0) << 16 | at(1) << 8 | at(2);
      out += alphabet[three >> 18];
      out += alphabet[three >> 12 & 63];
      out += i + 1 < part.size() ? alphabet[three >> 6 & 63] : '=';
      out += i + 2 < part.size() ? alphabet[three & 63] : '=';
    }
    out += "\r\n";
  }
  return out;
}

void write_mail(const std::filesystem::path& path, std::string_view xml,
                std::string_view message_id) {
  std::ofstream out(path, std::ios::binary);
  out << mail_head(message_id, "asylum_kg.xml");
  constexpr std::size_t piece = 57 * 1024;
  for (std::size_t i = 0; i < xml.size(); i += piece) out << base64_lines(xml.substr(i, piece));
  out << mail_tail();
  if (!out.flush()) {
    std::cerr << "cannot write " << path << "\n";
    std::exit(1);
  }
}

std::string mail_text(std::string_view xml, std::string_view message_id) {
  return mail_head(message_id, "asylum_kg.xml") + base64_lines(xml) + mail_tail();
}

std::shared_ptr<const StructureLookup> shipped_network() {
  auto structures = load_structures(default_network(share_directory(), true), Limits());
  if (!structures.ok()) {
    std::cerr << structures.error().what << "\n";
    std::exit(1);
  }
  return std::make_shared<const StructureLookup>(std::move(*structures));
}

std::shared_ptr<const FlowStructure> asylum(const StructureLookup& network) {
  auto flow = network.flow({"FP", "ASYLUM", "1.0"});
  if (!flow) {
    std::cerr << "the network has no dataflow FP:ASYLUM(1.0)\n";
    std::exit(1);
  }
  return flow;
}

}  // namespace focalpost::bench
