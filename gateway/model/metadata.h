// SPDX-License-Identifier: Apache-2.0
//
// metadata: reference metadata as plain data: what somebody writes about their figures.
//
// A metadata set holds reports; a report says what it is about (targets) and gives concepts with
// texts or codes, some inside others. What they must look like a MetadataStructure says
// (model/structure.h). SDMX 2.1 section 2, chapter 7 and SDMXMetadataGeneric.xsd of 2.1 and 3.0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/observation.h"
#include "model/structure.h"

namespace focalpost {

/// One concept of a report. Lists of them are flat, in document order: what is around an attribute
/// comes before it.
struct ReportedAttribute {
  std::string id;
  std::int32_t parent = -1;  ///< place in the same list of the attribute around it
  std::string value;         ///< a code, or a text without language; "": none
  Texts texts;               ///< one for each language
  bool structured = false;   ///< the texts are XHTML, as markup
  Position at;

  /// Says the same, wherever it stood in a file.
  friend bool operator==(const ReportedAttribute& a, const ReportedAttribute& b) {
    return a.id == b.id && a.parent == b.parent && a.value == b.value && a.texts == b.texts &&
           a.structured == b.structured;
  }
};

/// "STAT_UNIT", "STAT_UNIT.STAT_UNIT_NOTE", "COLLECTION#2.DATA_DESCR": the way to an attribute; a
/// number from the second of its name in the same place on.
std::vector<std::string> attribute_paths(const std::vector<ReportedAttribute>& attributes);

/// "PER; Persons who applied": an attribute as one text: its value, then its text in `lang` (or in
/// every language, each after its tag, if `lang` is empty).
std::string attribute_text(const ReportedAttribute& attribute, std::string_view lang);

struct ReportTarget {
  std::string id;   ///< 2.1: of the target object
  std::string urn;  ///< of what is meant; 3.0: may have '*' in it; "": something without a URN
  Position at;
  friend bool operator==(const ReportTarget& a, const ReportTarget& b) {
    return a.id == b.id && a.urn == b.urn;
  }
};

struct MetadataReport {
  std::string id;         ///< 2.1: of the ReportStructure; 3.0: ""
  std::string target_id;  ///< 2.1: of the MetadataTarget
  std::vector<ReportTarget> targets;
  std::vector<ReportedAttribute> attributes;
  Position at;
  friend bool operator==(const MetadataReport& a, const MetadataReport& b) {
    return a.id == b.id && a.target_id == b.target_id && a.targets == b.targets &&
           a.attributes == b.attributes;
  }
};

struct MetadataSet {
  Ref ref;  ///< 3.0: its own; 2.1: id alone, setID
  Texts names;
  /// What it is made after: a MetadataStructure, a Metadataflow or a metadata agreement.
  ArtefactClass structure_class = ArtefactClass::kMetadataStructure;
  Ref structure;
  Action action = Action::kReplace;
  std::string provider;  ///< DataProvider's id, if the set or the header says one
  std::vector<MetadataReport> reports;
  Position at;
  friend bool operator==(const MetadataSet& a, const MetadataSet& b) {
    return a.ref == b.ref && a.names == b.names && a.structure_class == b.structure_class &&
           a.structure == b.structure && a.action == b.action && a.provider == b.provider &&
           a.reports == b.reports;
  }
};

/// What is to be filed of one report, judged: about what, by whom, in the order of its structure.
struct MetadataDescription {
  Ref structure;         ///< of the MetadataStructure
  Ref dataflow;          ///< that is described; empty: the provider itself (the inventory)
  std::string provider;  ///< id
  Action action = Action::kReplace;
  std::vector<ReportedAttribute> attributes;
};

}  // namespace focalpost
