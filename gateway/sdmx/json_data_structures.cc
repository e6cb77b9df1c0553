// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "sdmx/json_data_parser.h"

namespace focalpost::sdmx {
namespace {

/// A link by the URN, else by the address of a web service: ".../dataflow/ECB/EXR/1.0?x=y".
std::optional<JsonLink> read_link(std::string_view urn_text, std::string_view href) {
  if (auto urn = parse_urn(urn_text)) return JsonLink{urn->artefact_class, urn->ref};
  struct Word {
    std::string_view word;
    ArtefactClass meant;
  };
  static constexpr Word kWords[] = {{"dataflow", ArtefactClass::kDataflow},
                                    {"datastructure", ArtefactClass::kDataStructure},
                                    {"provisionagreement", ArtefactClass::kProvisionAgreement}};
  href = href.substr(0, href.find_first_of("?#"));
  std::vector<std::string_view> parts = split(href, '/');
  for (std::size_t i = 0; i + 2 < parts.size(); ++i)
    for (const Word& word : kWords)
      if (parts[i] == word.word)
        return JsonLink{word.meant, Ref{std::string(parts[i + 1]), std::string(parts[i + 2]),
                                        i + 3 < parts.size() && parts[i + 3] != "latest"
                                            ? std::string(parts[i + 3])
                                            : std::string()}};
  return {};
}

}  // namespace

std::optional<std::uint32_t> read_index(std::string_view text) {
  if (text.empty() || text.size() > 9) return {};
  std::uint32_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return {};
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number;
}

bool is_plain_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
}

const JsonLink* main_link(const std::vector<JsonLink>& links) {
  auto first_of = [&](ArtefactClass wanted) -> const JsonLink* {
    for (const JsonLink& link : links)
      if (link.artefact_class == wanted) return &link;
    return nullptr;
  };
  const JsonLink* agreement = first_of(ArtefactClass::kProvisionAgreement);
  if (agreement && agreement == &links.front()) return agreement;
  if (const JsonLink* flow = first_of(ArtefactClass::kDataflow)) return flow;
  if (const JsonLink* structure = first_of(ArtefactClass::kDataStructure)) return structure;
  return agreement;
}

// ---------------------------------------------------------------------------------- the structures

void JsonDataReader::read_structure(Event event) {
  if (structures_.size() >= limits_.datasets)
    return stop_at(rules::too_many_datasets, {}, std::to_string(limits_.datasets));
  JsonStructure& structure = structures_.emplace_back();
  structure.at = pull_->at();
  components_ = 0;
  each_member(event, "structure", [&](const std::string& name) {
    if (name == "links")
      read_links(structure.links);
    else if (name == "dimensions")
      read_levels(structure.dimensions, name);
    else if (name == "measures")
      read_levels(structure.measures, name);
    else if (name == "attributes")
      read_levels(structure.attributes, name);
    else if (name == "dataSets")
      each_element(pull_->next(), name, [&](Event one) {
        auto index = read_index(scalar(one));
        if (index && structure.datasets.size() < limits_.datasets)
          structure.datasets.push_back(*index);
      });
    else
      skip();
  });
}

void JsonDataReader::read_links(std::vector<JsonLink>& links) {
  each_element(pull_->next(), "links", [&](Event one) {
    std::string urn_text, href;
    each_member(one, "links", [&](const std::string& name) {
      if (name == "urn")
        urn_text = scalar(pull_->next());
      else if (name == "href")
        href = scalar(pull_->next());
      else
        skip();
    });
    if (auto link = read_link(urn_text, href); link && links.size() < 100) links.push_back(*link);
  });
}

void JsonDataReader::read_levels(JsonLevels& levels, std::string_view what) {
  levels.given = true;
  each_member(pull_->next(), what, [&](const std::string& name) {
    // QUIRK: the name is dataSet; a sample of the field guide has "dataset".
    std::vector<JsonComponent>* list = ascii_iequal(name, "dataSet") ? &levels.dataset
                                       : name == "dimensionGroup"    ? &levels.group
                                       : name == "series"            ? &levels.series
                                       : name == "observation"       ? &levels.observation
                                                                     : nullptr;
    if (!list) return skip();
    if (!list->empty()) {
      report(rules::component_twice, name, {});
      return skip();
    }
    each_element(pull_->next(), name, [&](Event one) {
      if (++components_ > limits_.components)
        return stop_at(rules::json_form, what, "≤ " + std::to_string(limits_.components));
      read_component(one, list->emplace_back());
    });
  });
}

void JsonDataReader::read_component(Event event, JsonComponent& component) {
  component.at = pull_->at();
  keep(sizeof component);
  each_member(event, "component", [&](const std::string& name) {
    if (name == "id") {
      component.id = shorten(scalar(pull_->next()), 200);
    } else if (name == "keyPosition") {
      component.key_position = read_index(scalar(pull_->next())).value_or(UINT32_MAX);
    } else if (name == "default") {
      component.fallback = any_value(pull_->next(), component.id).value_or("");
    } else if (name == "values") {
      each_element(pull_->next(), name,
                   [&](Event one) { component.values.push_back(component_value(one)); });
      component.indexed = !component.values.empty();
    } else {
      skip();
    }
  });
}

void JsonDataReader::keep(std::size_t bytes) {
  kept_bytes_ += bytes;
  if (++items_ > limits_.structure_items || kept_bytes_ > limits_.stage_memory)
    stop_at(rules::json_form, "values", "≤ " + std::to_string(limits_.structure_items));
}

std::string JsonDataReader::component_value(Event event) {
  std::string id, value, title;
  each_member(event, "values", [&](const std::string& name) {
    if (name == "id")
      id = scalar(pull_->next());
    else if (name == "value" || name == "values")
      value = any_value(pull_->next(), "values").value_or("");
    else if (name == "name")
      title = scalar(pull_->next());
    else
      skip();
  });
  std::string& text = !id.empty() ? id : !value.empty() ? value : title;
  keep(text.size() + sizeof text);
  if (is_multi(text) || is_plain_text(text)) return std::move(text);
  report(rules::json_form, "values", one_line(text));
  return {};
}

}  // namespace focalpost::sdmx
