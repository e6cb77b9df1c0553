// SPDX-License-Identifier: Apache-2.0
//
// described: names of indicators, countries and institutions, and what providers say about what
// they count, in the words of a language. Private to the room.
//
// Countries are compared by code only, texts are shown: "Differs in time criterion: KG 6 months, KZ
// 12 months", never which of them is right (NETWORK.md section 4).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compose/blocks.h"
#include "compose/data_table.h"
#include "compose/transcript.h"
#include "render/value.h"

namespace focalpost {

/// Names in one language. The structures must outlive it, and so must `lang`.
class Names {
 public:
  Names(const StructureLookup& structures, std::string_view lang);

  std::string flow(std::string_view id) const;
  std::string area(std::string_view id) const;
  std::string provider(std::string_view id) const;
  const FlowStructure* structure(std::string_view id) const;
  template <typename Name>
  std::string list(const std::vector<std::string>& ids, Name name) const {
    std::string made;
    for (const std::string& id : ids) made += (made.empty() ? "" : ", ") + name(id);
    return made;
  }
  std::string areas(const std::vector<std::string>& ids) const {
    return list(ids, [&](const std::string& id) { return area(id); });
  }
  std::string flows(const std::vector<std::string>& ids) const {
    return list(ids, [&](const std::string& id) { return flow(id); });
  }
  std::string providers(const std::vector<std::string>& ids) const {
    return list(ids, [&](const std::string& id) { return provider(id); });
  }
  const StructureLookup& structures() const { return structures_; }
  std::string_view lang() const { return lang_; }

 private:
  const StructureLookup& structures_;
  std::string_view lang_;
  std::map<std::string, std::shared_ptr<const FlowStructure>, std::less<>> flows_;
  std::shared_ptr<const CodeTable> areas_;
};

/// What stands under a table: what its marks mean, and whose the numbers are.
std::vector<std::string> table_notes(const AnswerTable& table, const TableMarks& marks,
                                     const Names& names, Words& words);

/// The codelist of a coded concept; null: it is not coded.
std::shared_ptr<const CodeTable> codes_of(const MetadataAttribute& attribute,
                                          const StructureLookup& structures);
/// "6 months; Counted from the date of entry."
std::string attribute_in_words(const MetadataStructure& structure,
                               const ReportedAttribute& attribute, const Names& names);
/// "Kyrgyzstan (National Statistical Committee)"
std::string whose(const AnswerDefinition& one, const Names& names, Words& words);
/// What a provider wrote of one concept.
struct SaidConcept {
  std::string id, name, text;  ///< name and text in words
};
/// All of them that have words, in the order of the structure.
std::vector<SaidConcept> said_concepts(const AnswerDefinition& one, const Names& names);
/// Everything that a provider wrote: whose, lines [concept, text], state.
Value whole_definition(const AnswerDefinition& one, const Names& names, Words& words);
/// What the numbers of a country count; empty: that is not described.
std::string defining_text(const AnswerDefinition& one, const Names& names);
/// The same as a paragraph that says whose it is.
std::string short_definition(const AnswerDefinition& one, const Names& names, Words& words);

/// A coded concept in which definitions differ, with what each says.
struct Difference {
  std::string concept_id, name;
  struct Said {
    const AnswerDefinition* by;
    std::string value;  ///< in words
  };
  std::vector<Said> said;
};
std::vector<Difference> differences_between(const std::vector<AnswerDefinition>& definitions,
                                            const Names& names);
/// [text]: "Differs in time criterion: Kyrgyzstan 6 months, Kazakhstan 12 months."
Value::List differences(const std::vector<AnswerDefinition>& definitions, const Names& names,
                        Words& words);

}  // namespace focalpost
