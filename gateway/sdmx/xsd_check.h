// SPDX-License-Identifier: Apache-2.0
//
// xsd_check: a message held against XML Schema, as other people's tools do it.
//
// The official schemas of the message's version, and for structure-specific data the schema of the
// data structure (schema_writer.h) or one that somebody gives, are compiled by libxml2; the message
// then runs through the same armoured parser as everything that is read (xml_push.h: no document
// type, no entities, limits), and its events are handed to libxml2's schema validator. One pass,
// no tree.
//
// A second opinion beside validation, never instead of it: a schema knows nothing of duplicates,
// mandatory attributes, constraints, or periods and frequencies. The words are libxml2's, without
// the namespaces in braces.
//
// The official schemas do not ship with the program: they come by name from whoever calls. Nothing
// else is ever loaded, from the disk or from the network.
//
// Dangers: while a schema is compiled, libxml2's loader of external entities is ours for the whole
// process; calls are serialised. Enumerations are searched linearly (docs/limits.md).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/lookup.h"
#include "model/observation.h"

namespace focalpost {

struct XsdMessage {
  Position at;
  std::string text;
};

struct XsdResult {
  std::vector<XsdMessage> messages;
  bool stopped = false;     ///< after Limits::findings_listed messages; there may be more
  std::string not_checked;  ///< why there is nothing to say: CSV, no schema for such a layout
  bool valid() const { return messages.empty() && not_checked.empty(); }
};

/// The text of an official schema of a version ("2.1") by its file name ("SDMXMessage.xsd");
/// nothing if there is none.
using OfficialSchemas =
    std::function<std::optional<std::string>(std::string_view version, std::string_view name)>;

/// Compiled schemas, kept from one message to the next. Those of one set of official schemas, and
/// of one thread. Holds kMost of them and then begins anew.
class XsdSchemas {
 public:
  static constexpr std::size_t kMost = 64;
  XsdSchemas();
  ~XsdSchemas();
  XsdSchemas(const XsdSchemas&) = delete;
  XsdSchemas& operator=(const XsdSchemas&) = delete;

  struct Inside;
  Inside& inside() { return *inside_; }

 private:
  std::unique_ptr<Inside> inside_;
};

struct XsdRequest {
  OfficialSchemas official;
  /// A schema to use instead of the one made of the data structure: one for the namespace of the
  /// data, or, without a target namespace, one for whole messages. Empty: none.
  std::string own;
  /// Null: schemas are compiled for each message.
  XsdSchemas* kept = nullptr;
};

/// `bytes` from the first byte of the file on. An Error is about the source or the schemas.
Result<XsdResult> check_by_xsd(ByteSource& bytes, const StructureLookup& structures,
                               const XsdRequest& request, const Limits& limits);

}  // namespace focalpost
