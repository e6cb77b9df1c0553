// SPDX-License-Identifier: Apache-2.0
#include "compose/names.h"

#include "base/text.h"
#include "compose/shown.h"

namespace focalpost {
namespace {

const Concept* find_concept(const Structures& structures, const ConceptRef& ref) {
  for (const ConceptScheme& scheme : structures.concept_schemes)
    if (scheme.ref == ref.scheme)
      for (const Concept& item : scheme.concepts)
        if (item.id == ref.id) return &item;
  return nullptr;
}

}  // namespace

std::string_view usual_code(const FlowComponent& dimension) {
  const Annotation* usual =
      dimension.source ? find_annotation(dimension.source->annotations, "FP_DEFAULT") : nullptr;
  if (!usual && dimension.codes) {
    if (dimension.codes->find("_T") >= 0) return "_T";
    usual = find_annotation(dimension.codes->list().annotations, "FP_DEFAULT");
  }
  return usual ? std::string_view(usual->title) : std::string_view();
}

bool means_total(const FlowComponent& dimension, std::string_view code) {
  return code == "_T" || (!code.empty() && code == usual_code(dimension));
}

std::string component_name(const FlowComponent& component, const Structures& structures,
                           std::string_view lang) {
  const Concept* item =
      component.source ? find_concept(structures, component.source->concept_identity) : nullptr;
  return item ? name_or(item->names, lang, component.id) : shown(component.id);
}

std::string code_name(const FlowComponent& component, std::string_view id, std::string_view lang) {
  if (!component.coded()) return shown(id);
  std::int32_t code = component.codes->find(id);
  return code == kNoCode ? shown(id) : name_or(component.codes->code(code).names, lang, id);
}

std::string concept_in_words(std::string_view path, const MetadataStructure& structure,
                             const StructureLookup& structures, std::string_view lang) {
  std::string made;
  for (std::string_view part : split(path, '.')) {
    const auto number = part.find('#');
    const std::string_view id = part.substr(0, number);
    std::string name = shown(id);
    for (const ReportStructure& report : structure.reports)
      for (const MetadataAttribute& attribute : report.attributes)
        if (attribute.id == id)
          if (const Concept* item = structures.concept_of(attribute.concept_identity))
            name = name_or(item->names, lang, id);
    made += (made.empty() ? "" : ", ") + name;
    if (number != part.npos) made += " " + shown(part.substr(number + 1));
  }
  return made;
}

std::string series_in_words(std::string_view series, const FlowStructure* flow,
                            const Structures& structures, const Phrases& phrases, bool with_area) {
  std::vector<std::string_view> codes = split(series, '.');
  if (!flow || codes.size() != flow->dimension_count) return shown(series, 400);
  std::string made;
  for (std::uint16_t i = 0; i < flow->dimension_count; ++i) {
    const FlowComponent& dimension = flow->components[i];
    if (i == flow->freq || codes[i].empty() || means_total(dimension, codes[i])) continue;
    if (i == flow->ref_area && !with_area) continue;
    if (!made.empty()) made += "; ";
    made += component_name(dimension, structures, phrases.lang()) + ": " +
            code_name(dimension, codes[i], phrases.lang());
  }
  return made.empty() ? phrases.text_or("series.total", shown(series)) : made;
}

}  // namespace focalpost
