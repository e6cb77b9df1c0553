// SPDX-License-Identifier: Apache-2.0
#include "sdmx/detect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/charset.h"
#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool ends_name(char c) {
  return is_space(c) || c == '=' || c == '/' || c == '>' || c == '<';
}

void skip_space(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

/// Drops everything up to and with `mark`; everything if it is not there.
void skip_past(std::string_view& text, std::string_view mark) {
  auto at = text.find(mark);
  text.remove_prefix(at == text.npos ? text.size() : at + mark.size());
}

/// The next name="value" of a tag; an empty name at the tag's end.
std::pair<std::string_view, std::string_view> next_attribute(std::string_view& text) {
  skip_space(text);
  std::size_t n = 0;
  while (n < text.size() && !ends_name(text[n]) && text[n] != '?') ++n;
  std::string_view name = text.substr(0, n);
  text.remove_prefix(n);
  skip_space(text);
  if (name.empty() || text.empty() || text.front() != '=') return {};
  text.remove_prefix(1);
  skip_space(text);
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) return {};
  auto end = text.find(text.front(), 1);
  std::string_view value = text.substr(1, end == text.npos ? text.npos : end - 1);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return {name, value};
}

/// `text` starts at the root element's '<' or before it. False: this is no XML.
bool read_root(std::string_view text, Detection& found) {
  for (;;) {
    skip_space(text);
    if (text.size() < 2 || text.front() != '<') return false;
    if (text.starts_with("<?xml") && text.size() > 5 && is_space(text[5])) {
      std::string_view declaration = text.substr(5);
      skip_past(text, "?>");
      for (;;) {
        auto [name, value] = next_attribute(declaration);
        if (name.empty()) break;
        if (name == "encoding") found.declared_encoding = value;
      }
    } else if (text.starts_with("<?")) {
      skip_past(text, "?>");
    } else if (text.starts_with("<!--")) {
      text.remove_prefix(4);
      skip_past(text, "-->");
    } else if (text[1] == '!') {
      // A document type; its declarations are passed over here, the readers refuse the file.
      text.remove_prefix(2);
      text.remove_prefix(std::min(text.find('<'), text.size()));
    } else {
      break;
    }
  }
  text.remove_prefix(1);
  if (!is_name_start(text.front())) return false;
  std::size_t n = 0;
  while (n < text.size() && !ends_name(text[n])) ++n;
  std::string_view qualified = text.substr(0, n);
  text.remove_prefix(n);
  auto colon = qualified.find(':');
  std::string_view prefix = colon == qualified.npos ? "" : qualified.substr(0, colon);
  found.root = colon == qualified.npos ? qualified : qualified.substr(colon + 1);
  const std::string declares = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
  for (;;) {
    auto [name, value] = next_attribute(text);
    if (name.empty()) break;
    if (name == declares) found.root_namespace = value;
  }
  return true;
}

FileKind kind_of_root(const Detection& found) {
  SdmxNamespace ns = sdmx_namespace(found.root_namespace);
  if (ns.part != "message") return FileKind::kOtherXml;
  constexpr std::array<std::string_view, 8> data = {
      "GenericData",           "GenericTimeSeriesData",
      "StructureSpecificData", "StructureSpecificTimeSeriesData",
      "CompactData",           "UtilityData",
      "CrossSectionalData",    "MessageGroup"};
  if (std::find(data.begin(), data.end(), found.root) != data.end()) return FileKind::kSdmxMlData;
  return found.root == "Structure" ? FileKind::kSdmxMlStructure : FileKind::kSdmxMlOther;
}

/// Any character may separate. One that is unusual must do so once more, behind an id.
bool is_separator(std::string_view text) {
  const char c = text.front();
  if (c == ',' || c == ';' || c == '\t' || c == '|') return true;
  constexpr std::string_view kUnusual = "!#%&*+/:<=>?\\^`{}~";
  if (kUnusual.find(c) == kUnusual.npos) return false;
  text.remove_prefix(1);
  std::string_view id = text.substr(0, text.find(c));
  return !id.empty() && id.size() < text.size() &&
         std::all_of(id.begin(), id.end(), [](char letter) {
           return is_name_start(letter) || (letter >= '0' && letter <= '9') || letter == '-';
         });
}

/// SDMX-CSV 1.0 starts with DATAFLOW, 2.x with STRUCTURE or STRUCTURE[;].
bool read_table_start(std::string_view text, Detection& found) {
  const bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  if (text.starts_with("DATAFLOW")) {
    found.version = "1.0";
    text.remove_prefix(8);
  } else if (text.starts_with("STRUCTURE")) {
    found.version = "2.0";
    text.remove_prefix(9);
    if (text.size() >= 3 && text[0] == '[' && text[2] == ']') {
      found.sub_separator = text[1];
      text.remove_prefix(3);
    }
  } else {
    return false;
  }
  if (quoted && text.starts_with('"')) text.remove_prefix(1);
  if (text.empty() || !is_separator(text)) {
    found.version.clear();
    found.sub_separator = 0;
    return false;
  }
  found.separator = text.front();
  return true;
}

/// An object that speaks of dataSets, or of a structure as data messages describe it.
bool read_json_start(std::string_view text, Detection& found) {
  skip_space(text);
  if (!text.starts_with('{')) return false;
  auto has = [&](std::string_view word) { return text.find(word) != text.npos; };
  if (has("sdmx-json-structure-schema") || has("sdmx-json-metadata-schema")) return false;
  const bool several = has("\"structures\"");
  if (!has("sdmx-json-data-schema") && !has("\"dataSets\"") &&
      !((several || has("\"structure\"")) && has("\"dimensions\"") &&
        (has("\"observation\"") || has("\"keyPosition\""))))
    return false;
  found.version = several ? "2.0" : "1.0";
  for (std::string_view version : {"1.0", "2.0", "2.1"})
    if (has("/" + std::string(version) + "/sdmx-json-data-schema")) found.version = version;
  return true;
}

bool looks_binary(std::string_view text) {
  std::size_t control = 0;
  for (char c : text) {
    if (c == 0) return true;
    control += static_cast<unsigned char>(c) < 0x20 && !is_space(c) && c != '\f';
  }
  return control * 100 > text.size();
}

}  // namespace

SdmxNamespace sdmx_namespace(std::string_view uri) {
  // QUIRK: 2.0 is written with capitals and 2.1 without; files mix them up. Taken without case.
  constexpr std::string_view base = "http://www.sdmx.org/resources/sdmxml/schemas/";
  if (!ascii_istarts_with(uri, base)) return {};
  uri.remove_prefix(base.size());
  auto slash = uri.find('/');
  if (slash == uri.npos) return {};
  std::string_view version = uri.substr(0, slash);
  constexpr std::pair<std::string_view, std::string_view> versions[] = {
      {"v1_0", "1.0"}, {"v2_0", "2.0"}, {"v2_1", "2.1"}, {"v3_0", "3.0"}, {"v3_1", "3.1"}};
  for (auto [written, meant] : versions)
    if (ascii_iequal(version, written)) return {meant, uri.substr(slash + 1)};
  return {};
}

Detection detect(std::string_view head) {
  head = head.substr(0, kDetectBytes);
  Detection found;
  std::string converted;
  std::string_view text = head;
  using std::string_view_literals::operator""sv;
  std::string_view wide;
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) {
    wide = "UTF-16";
    found.bom = true;
  } else if (head.starts_with("<\0"sv)) {
    wide = "UTF-16LE";
  } else if (head.starts_with("\0<"sv)) {
    wide = "UTF-16BE";
  } else if (head.starts_with(kBom)) {
    found.bom = true;
    text.remove_prefix(kBom.size());
  }
  if (!wide.empty()) {
    found.encoding = wide;
    auto result = to_utf8(head.substr(0, head.size() & ~std::size_t{1}), wide);
    if (!result.ok()) {
      found.kind = FileKind::kBinary;
      return found;
    }
    converted = std::move(result.value().text);
    text = converted;
    if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  }
  if (trim(text).empty()) return found;
  if (looks_binary(text)) {
    found.kind = FileKind::kBinary;
    return found;
  }
  if (read_root(text, found)) {
    // These go into sentences, and nobody has looked at the bytes yet.
    for (std::string* said : {&found.declared_encoding, &found.root, &found.root_namespace})
      *said = to_valid_utf8(*said);
    found.version = sdmx_namespace(found.root_namespace).version;
    found.kind = kind_of_root(found);
    // A byte order mark or zero bytes are stronger than what the declaration says (XML 1.0 annex
    // F).
    if (wide.empty() && !found.bom && !found.declared_encoding.empty()) {
      found.encoding = canonical_charset(found.declared_encoding);
      // What was read byte by byte cannot be in two or four bytes a character.
      if (found.encoding.starts_with("UTF-16") || found.encoding.starts_with("UTF-32"))
        found.encoding.clear();
    }
  } else {
    found.kind = read_table_start(text, found)  ? FileKind::kSdmxCsv
                 : read_json_start(text, found) ? FileKind::kSdmxJsonData
                                                : FileKind::kText;
  }
  return found;
}

std::string describe(const Detection& detection) {
  switch (detection.kind) {
    case FileKind::kEmpty:
      return "empty";
    case FileKind::kSdmxMlData:
    case FileKind::kSdmxMlStructure:
    case FileKind::kSdmxMlOther:
      return fmt::format("sdmx-ml {} {}", detection.version, one_line(shorten(detection.root, 60)));
    case FileKind::kOtherXml:
      return fmt::format("xml {}", one_line(shorten(detection.root, 60)));
    case FileKind::kSdmxJsonData:
      return "sdmx-json " + detection.version;
    case FileKind::kSdmxCsv:
      return "sdmx-csv " + detection.version;
    case FileKind::kText:
      return "text";
    case FileKind::kBinary:
      return "binary";
  }
  return "";
}

}  // namespace focalpost
