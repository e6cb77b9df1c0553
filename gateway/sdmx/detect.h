// SPDX-License-Identifier: Apache-2.0
//
// detect: what a file is, told from its first bytes.
//
// Owns: the table of SDMX namespaces and root elements. Never parses: it looks for the byte order
// mark, the XML declaration and the first start tag, or for the first cell of a table, or for the
// names of members that only SDMX-JSON has, in one linear walk. What it says is a rough answer; the
// readers find out whether the file keeps its promise.
//
// Dangers: names of extensions and Content-Types are not looked at on purpose, people get them
// wrong.
#pragma once

#include <string>
#include <string_view>

namespace focalpost {

/// How much of a file detect() may want to see.
inline constexpr std::size_t kDetectBytes = 64 * 1024;

enum class FileKind {
  kEmpty,            ///< nothing, or nothing but white space
  kSdmxMlData,       ///< a data message of SDMX-ML, any version
  kSdmxMlStructure,  ///< a structure message
  kSdmxMlOther,      ///< metadata, query, registry, an error answer of a web service
  kOtherXml,
  kSdmxCsv,
  kSdmxJsonData,  ///< a data message of SDMX-JSON
  kText,
  kBinary,
};

struct Detection {
  FileKind kind = FileKind::kEmpty;
  std::string version;         ///< of SDMX-ML, -CSV or -JSON: "2.1", "1.0"; "" if not SDMX
  std::string root;            ///< XML: local name of the root element
  std::string root_namespace;  ///< XML: its namespace
  std::string encoding =
      "UTF-8";  ///< canonical name (base/charset.h); "" if what is declared is not known
  std::string declared_encoding;  ///< as written in the XML declaration; "" if there is none
  bool bom = false;               ///< starts with a byte order mark
  char separator = ',';           ///< CSV: between fields
  char sub_separator = 0;         ///< CSV 2.0: declared in STRUCTURE[;]; 0 if none
};

/// `head`: the first kDetectBytes of a file, or all of it if it is shorter.
Detection detect(std::string_view head);

/// "sdmx-ml 2.1 StructureSpecificData", "sdmx-csv 1.0", "xml html", "text", ...
std::string describe(const Detection& detection);

/// The version ("2.1") that a namespace of SDMX-ML belongs to and its last part ("message",
/// "data/generic"); both empty for any other namespace.
struct SdmxNamespace {
  std::string_view version;
  std::string_view part;
};
SdmxNamespace sdmx_namespace(std::string_view uri);

}  // namespace focalpost
