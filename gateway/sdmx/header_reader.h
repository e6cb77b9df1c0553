// SPDX-License-Identifier: Apache-2.0
//
// header_reader: the Header of an SDMX-ML 2.1 message, from parser events.
//
// Inside the room only. Source: SDMXMessage.xsd, BaseHeaderType, and SDMXCommon.xsd,
// PayloadStructureType. Presence and values are judged; a wrong order is a warning.
// Names, contacts and sources are passed over: nothing here is made of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "model/finding.h"
#include "sdmx/xml_push.h"

namespace focalpost::sdmx {

/// What a dataset's structureRef refers to.
struct HeaderStructure {
  std::string id;     ///< structureID
  std::string space;  ///< namespace of the structure-specific schema
  std::string dimension_at_observation;
  bool explicit_measures = false;
  ArtefactClass structure_class = ArtefactClass::kDataStructure;
  Ref ref;  ///< empty: could not be read (a finding said so)
  Position at;
};

class HeaderReader {
 public:
  HeaderReader(DataMessage& message, FindingSink& sink, const Limits& limits, bool data_message,
               bool v20);

  /// Start and end tags and text below Header; `message_uri` and so on are judged by the last part
  /// of the namespace.
  void start(std::string_view local, std::string_view uri, const Attributes& attributes,
             Position at);
  void end();
  void characters(std::string_view text, Position at);
  /// At </Header> (or where it should have been): what is missing.
  void finish(Position at);

  const std::vector<HeaderStructure>& structures() const { return structures_; }
  const std::string& action() const { return action_; }      ///< DataSetAction, "" if none
  const std::string& provider() const { return provider_; }  ///< DataProvider's id
  const std::string& reporting_begin() const { return reporting_begin_; }
  const std::string& reporting_end() const { return reporting_end_; }
  /// 2.0: KeyFamilyRef and KeyFamilyAgency, "" if none.
  const Ref& key_family() const { return key_family_; }

 private:
  /// A child of Header that is known: is it the second, or behind one that it should precede?
  void note_place(std::string_view local, std::string_view uri);
  void value_read(std::string_view element, std::string_view text);
  void report(const Rule& rule, std::string_view component, std::string_view value,
              std::string_view expected = {}, std::string_view detail = {});
  std::string checked_id(std::string_view component, std::string_view id);

  DataMessage& message_;
  FindingSink& sink_;
  const Limits& limits_;
  bool data_message_, v20_;
  std::size_t depth_ = 0;  ///< below Header
  std::string element_;    ///< the child of Header we are in
  std::string second_;     ///< its child
  std::string text_;
  bool collecting_ = false;
  Position at_;
  std::uint32_t seen_ = 0;  ///< bits of the children met so far
  std::size_t references_ = 0;
  bool order_reported_ = false;
  bool has_id_ = false, has_test_ = false, has_prepared_ = false, has_sender_ = false;
  std::vector<HeaderStructure> structures_;
  std::string action_, provider_, reporting_begin_, reporting_end_;
  Ref key_family_;
};

/// Reads Ref's attributes (or, of an item, those of its scheme); without a version the version is
/// "", whatever the schema's default.
Ref ref_of(const Attributes& attributes);
/// True, false, or neither: an xs:boolean with white space around it.
std::optional<bool> read_boolean(std::string_view text);

}  // namespace focalpost::sdmx
