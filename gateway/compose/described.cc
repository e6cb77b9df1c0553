// SPDX-License-Identifier: Apache-2.0
#include "compose/described.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "compose/names.h"
#include "compose/shown.h"

namespace focalpost {
namespace {

constexpr std::size_t kTextCharacters = 4000;
constexpr std::string_view kDefining[] = {"STAT_CONC_DEF", "DATA_DESCR"};

/// What somebody wrote, as lines of a letter.
std::string free_text(std::string_view text) {
  return shown(text, kTextCharacters);
}

const MetadataAttribute* attribute_of(const MetadataStructure& structure, std::string_view id) {
  for (const ReportStructure& report : structure.reports)
    for (const MetadataAttribute& attribute : report.attributes)
      if (attribute.id == id) return &attribute;
  return nullptr;
}

std::string code_in_words(const MetadataStructure& structure, std::string_view id,
                          std::string_view value, const Names& names) {
  const MetadataAttribute* attribute = attribute_of(structure, id);
  auto codes = attribute ? codes_of(*attribute, names.structures()) : nullptr;
  const std::int32_t code = codes ? codes->find(value) : kNoCode;
  return code == kNoCode ? shown(value, kTextCharacters)
                         : name_or(codes->code(code).names, names.lang(), value);
}

}  // namespace

Names::Names(const StructureLookup& structures, std::string_view lang)
    : structures_(structures), lang_(lang) {
  for (const auto& flow : structures.flows()) {
    flows_[flow->name().id] = flow;
    if (!areas_ && flow->ref_area < flow->dimension_count &&
        flow->components[flow->ref_area].coded())
      areas_ = flow->components[flow->ref_area].codes;
  }
}

std::string Names::flow(std::string_view id) const {
  auto found = flows_.find(id);
  return found == flows_.end() || !found->second->names_of
             ? shown(id)
             : name_or(found->second->names_of->names, lang_, id);
}

std::string Names::area(std::string_view id) const {
  const std::int32_t code = areas_ ? areas_->find(id) : kNoCode;
  return code == kNoCode ? shown(id) : name_or(areas_->code(code).names, lang_, id);
}

std::string Names::provider(std::string_view id) const {
  for (const OrganisationScheme& scheme : structures_.structures().organisation_schemes)
    if (scheme.scheme_class == ArtefactClass::kDataProviderScheme)
      for (const Organisation& one : scheme.organisations)
        if (one.id == id) return name_or(one.names, lang_, id);
  return shown(id);
}

const FlowStructure* Names::structure(std::string_view id) const {
  auto found = flows_.find(id);
  return found == flows_.end() ? nullptr : found->second.get();
}

std::shared_ptr<const CodeTable> codes_of(const MetadataAttribute& attribute,
                                          const StructureLookup& structures) {
  const Representation* representation = attribute.local ? &*attribute.local : nullptr;
  if (!representation)
    if (const Concept* item = structures.concept_of(attribute.concept_identity); item && item->core)
      representation = &*item->core;
  return representation && representation->enumeration
             ? structures.codelist(*representation->enumeration)
             : nullptr;
}

std::string attribute_in_words(const MetadataStructure& structure,
                               const ReportedAttribute& attribute, const Names& names) {
  std::string made;
  if (!attribute.value.empty())
    made = code_in_words(structure, attribute.id, attribute.value, names);
  const std::string_view text = text_in(attribute.texts, names.lang());
  if (!text.empty()) made += (made.empty() ? "" : "; ") + free_text(text);
  return made;
}

std::string whose(const AnswerDefinition& one, const Names& names, Words& words) {
  if (one.area.empty()) return names.provider(one.provider);
  if (one.provider.empty()) return names.area(one.area);
  // Names of institutions often begin with the country's.
  const std::string provider = names.provider(one.provider);
  if (provider.starts_with(names.area(one.area))) return provider;
  return words("definition.whose", {{"area", names.area(one.area)}, {"institution", provider}});
}

std::vector<SaidConcept> said_concepts(const AnswerDefinition& one, const Names& names) {
  std::vector<SaidConcept> said;
  const auto paths = attribute_paths(one.attributes);
  for (std::size_t i = 0; one.structure && i < one.attributes.size(); ++i) {
    std::string text = attribute_in_words(*one.structure, one.attributes[i], names);
    if (text.empty()) continue;
    said.push_back({one.attributes[i].id,
                    concept_in_words(paths[i], *one.structure, names.structures(), names.lang()),
                    std::move(text)});
  }
  return said;
}

Value whole_definition(const AnswerDefinition& one, const Names& names, Words& words) {
  Value::List lines;
  for (SaidConcept& said : said_concepts(one, names))
    lines.push_back(Value().set("concept", std::move(said.name)).set("text", std::move(said.text)));
  const bool missing = lines.empty();
  return Value()
      .set("whose", whose(one, names, words))
      .set("lines", std::move(lines))
      .set("state",
           missing ? words("definition.missing")
                   : words("definition.updated", {{"date", words.phrases().date(one.filed_at)}}));
}

std::vector<std::string> table_notes(const AnswerTable& table, const TableMarks& marks,
                                     const Names& names, Words& words) {
  std::vector<std::string> notes;
  const FlowStructure& flow = *table.flow;
  for (const std::string& status : marks.statuses)
    notes.push_back(
        words("table.status",
              {{"code", shown(status)},
               {"name", flow.obs_status == kNoComponent
                            ? shown(status)
                            : code_name(flow.components[flow.obs_status], status, names.lang())}}));
  if (marks.nothing) notes.push_back(words("table.nothing"));
  if (marks.withheld) notes.push_back(words("table.withheld"));
  for (Time until : marks.until)
    notes.push_back(words("table.until", {{"date", words.phrases().date_time(until)}}));
  std::vector<std::string> providers;
  for (const AnswerSeries& series : table.series)
    if (!series.provider.empty() &&
        std::find(providers.begin(), providers.end(), series.provider) == providers.end())
      providers.push_back(series.provider);
  if (!providers.empty())
    notes.push_back(
        words.count("table.source", providers.size(), {{"names", names.providers(providers)}}));
  return notes;
}

std::string defining_text(const AnswerDefinition& one, const Names& names) {
  std::string text;
  for (std::string_view id : kDefining)
    for (const ReportedAttribute& attribute : one.attributes)
      if (one.structure && text.empty() && attribute.id == id && attribute.parent < 0)
        text = attribute_in_words(*one.structure, attribute, names);
  return text;
}

std::string short_definition(const AnswerDefinition& one, const Names& names, Words& words) {
  const std::string text = defining_text(one, names);
  return text.empty()
             ? text
             : words("definition.short", {{"whose", whose(one, names, words)}, {"text", text}});
}

std::vector<Difference> differences_between(const std::vector<AnswerDefinition>& definitions,
                                            const Names& names) {
  std::vector<Difference> made;
  const MetadataStructure* structure = nullptr;
  for (const AnswerDefinition& one : definitions)
    if (one.structure) structure = one.structure;
  if (!structure || definitions.size() < 2) return made;
  for (const ReportStructure& report : structure->reports)
    for (const MetadataAttribute& attribute : report.attributes) {
      if (!codes_of(attribute, names.structures())) continue;
      std::vector<std::pair<const AnswerDefinition*, std::vector<std::string>>> said;
      for (const AnswerDefinition& one : definitions) {
        std::vector<std::string> values;
        for (const ReportedAttribute& given : one.attributes)
          if (given.id == attribute.id && !given.value.empty()) values.push_back(given.value);
        std::sort(values.begin(), values.end());
        if (!values.empty()) said.emplace_back(&one, std::move(values));
      }
      const bool same = std::all_of(said.begin(), said.end(), [&](const auto& one) {
        return one.second == said.front().second;
      });
      if (said.size() < 2 || same) continue;
      Difference& difference = made.emplace_back();
      difference.concept_id = attribute.id;
      difference.name =
          concept_in_words(attribute.id, *structure, names.structures(), names.lang());
      for (const auto& [one, values] : said)
        difference.said.push_back({one, names.list(values, [&](const std::string& value) {
                                     return code_in_words(*structure, attribute.id, value, names);
                                   })});
    }
  return made;
}

Value::List differences(const std::vector<AnswerDefinition>& definitions, const Names& names,
                        Words& words) {
  Value::List made;
  for (const Difference& difference : differences_between(definitions, names)) {
    std::string list;
    for (const Difference::Said& said : difference.said) {
      list += list.empty() ? "" : "; ";
      list += words("difference.one", {{"area", names.area(said.by->area)}, {"value", said.value}});
    }
    made.push_back(Value().set(
        "text", words("difference.in", {{"concept", difference.name}, {"list", list}})));
  }
  return made;
}

}  // namespace focalpost
