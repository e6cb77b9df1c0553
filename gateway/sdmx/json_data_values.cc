// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "sdmx/json_data_parser.h"

namespace focalpost::sdmx {

// ---------------------------------------------------------- values of levels above the observation

void JsonDataReader::read_dataset_attributes() {
  read_values(structure_->attributes.dataset, dataset_values_);
  give_dataset_attributes();
  if (!(seen_series_ || seen_observations_) || deleting()) return;
  if (std::any_of(dataset_values_.begin(), dataset_values_.end(), [&](const Standing& value) {
        return rows_.place(value.component) != Place::kDataset;
      }))
    report(rules::json_form, "attributes", {}, "before series, observations");
}

void JsonDataReader::give_dataset_attributes() {
  if (deleting() || !usable_) return;
  rows_.clear_row();
  bool any = false;
  for (const Standing& value : dataset_values_) {
    if (rows_.place(value.component) != Place::kDataset) continue;
    rows_.add(Place::kDataset, {value.component, value.text, value.at});
    any = true;
  }
  if (any) rows_.finish_row(pull_->at());
}

void JsonDataReader::set_defaults(const std::vector<JsonComponent>& list,
                                  std::vector<Standing>& values) {
  values.clear();
  if (deleting()) return;
  for (const JsonComponent& component : list)
    if (component.component != kNoComponent && !component.fallback.empty())
      values.push_back({component.component, component.fallback, component.at});
}

void JsonDataReader::read_values(const std::vector<JsonComponent>& list,
                                 std::vector<Standing>& values) {
  values.clear();
  std::size_t i = 0;
  each_element(pull_->next(), "attributes", [&](Event one) {
    if (i >= list.size()) {
      skip_value(one);
      return;
    }
    const JsonComponent& component = list[i++];
    const Position at = pull_->at();
    auto text = data_value(one, component);
    if (!text && !deleting() && !component.fallback.empty()) text = component.fallback;
    if (text && component.component != kNoComponent)
      values.push_back({component.component, std::move(*text), at});
  });
  for (; i < list.size() && !deleting(); ++i)
    if (list[i].component != kNoComponent && !list[i].fallback.empty())
      values.push_back({list[i].component, list[i].fallback, pull_->at()});
}

void JsonDataReader::read_group_attributes() {
  each_member(pull_->next(), "dimensionGroupAttributes", [&](const std::string& key) {
    const Position at = pull_->at();
    rows_.clear_row();
    const bool good = add_key("dimensionGroupAttributes", key, all_dimensions_, at, true);
    read_values(structure_->attributes.group, group_values_);
    if (!good || !usable_) return;
    for (const Standing& value : group_values_)
      rows_.add(rows_.place(value.component), {value.component, value.text, value.at});
    if (!group_values_.empty()) rows_.finish_row(at);
  });
}

void JsonDataReader::step_series_map(Event event) {
  if (event == Event::kObjectEnd) {
    state_ = State::kDataSet;
    return;
  }
  series_key_ = pull_->text();
  series_at_ = pull_->at();
  set_defaults(structure_->attributes.series, series_values_);
  series_read_ = false;
  series_observations_ = 0;
  in_series_ = true;
  const Event value = pull_->next();
  if (value != Event::kObject) {
    in_series_ = false;
    return wanted(value, "series", "object");
  }
  state_ = State::kSeries;
}

void JsonDataReader::step_series(Event event) {
  if (event == Event::kObjectEnd) {
    if (series_observations_ == 0 || series_values_late_) end_series();
    series_values_late_ = false;
    in_series_ = false;
    state_ = State::kSeriesMap;
    return;
  }
  const std::string_view name = pull_->text();
  if (name == "attributes") {
    if (!once(series_read_, "attributes")) return;
    read_values(structure_->attributes.series, series_values_);
    for (const Standing& value : series_values_)
      if (series_observations_ > 0) {
        series_values_late_ = true;
        if (rows_.place(value.component) == Place::kColumn && !deleting()) {
          report(rules::json_form, "attributes", {}, "before observations");
          break;
        }
      }
  } else if (name == "observations") {
    const Event value = pull_->next();
    if (value != Event::kObject) return wanted(value, "observations", "object");
    state_ = State::kObservations;
  } else {
    skip();
  }
}

void JsonDataReader::end_series() {
  if (!usable_) return;
  rows_.clear_row();
  add_standing_key();
  if (!add_key("series", series_key_, series_dimensions_, series_at_)) return;
  bool any = false;
  auto add = [&](const std::vector<Standing>& values) {
    for (const Standing& value : values) {
      const Place place = rows_.place(value.component);
      if (place == Place::kColumn && !deleting()) continue;
      rows_.add(place, {value.component, value.text, value.at});
      any = true;
    }
  };
  if (deleting() && series_observations_ > 0) return;
  if (series_read_) add(series_values_);
  if (series_observations_ == 0 && any && !deleting()) add_dataset_values();
  if (any || deleting()) rows_.finish_row(series_at_);
}

// ------------------------------------------------------------------------------------ observations

void JsonDataReader::step_observations(Event event) {
  if (event == Event::kObjectEnd) {
    state_ = in_series_ ? State::kSeries : State::kDataSet;
    return;
  }
  const std::string key(pull_->text());
  const Position at = pull_->at();
  rows_.clear_row();
  row_texts_used_ = 0;
  set_.assign(flow_->components.size(), false);
  bool good = usable_;
  if (good) add_standing_key();
  if (good && in_series_) good = add_key("series", series_key_, series_dimensions_, series_at_);
  if (good) good = add_key("observations", key, observation_dimensions_, at);
  ++series_observations_;
  const Event value = pull_->next();
  if (value == Event::kArray) {
    good = read_observation() && good;
  } else if (value != Event::kNull) {
    good = false;
    wanted(value, "observations", "array");
  }
  if (!good || value == Event::kFault) return;
  if (!deleting()) {
    add_defaults(structure_->attributes.observation);
    if (in_series_) add_unless_set(series_values_);
    add_unless_set(dataset_values_);
  }
  rows_.finish_row(at);
}

bool JsonDataReader::read_observation() {
  const std::vector<JsonComponent>& attributes = structure_->attributes.observation;
  std::size_t i = 0;
  for (Event one = pull_->next(); one != Event::kArrayEnd; one = pull_->next(), ++i) {
    if (one == Event::kFault || stop_) return false;
    const JsonComponent* component = i < measures_.size() ? measures_[i]
                                     : i - measures_.size() < attributes.size()
                                         ? &attributes[i - measures_.size()]
                                         : nullptr;
    if (!component) {  // places of annotations
      skip_value(one);
      continue;
    }
    const Position at = pull_->at();
    auto text = data_value(one, *component);
    if (text) add_text(component->component, std::move(*text), at);
  }
  return true;
}

void JsonDataReader::add_text(std::uint16_t component, std::string text, Position at) {
  if (component == kNoComponent || set_[component]) return;
  set_[component] = true;
  if (row_texts_used_ == row_texts_.size()) row_texts_.emplace_back();
  std::string& kept = row_texts_[row_texts_used_++];
  kept = std::move(text);
  rows_.add(rows_.place(component), {component, kept, at});
}

void JsonDataReader::add_defaults(const std::vector<JsonComponent>& list) {
  for (const JsonComponent& component : list)
    if (!component.fallback.empty()) add_text(component.component, component.fallback, pull_->at());
}

void JsonDataReader::add_unless_set(const std::vector<Standing>& values) {
  for (const Standing& value : values) {
    const Place place = rows_.place(value.component);
    if (set_[value.component] || place == Place::kDataset) continue;
    set_[value.component] = true;
    rows_.add(place, {value.component, value.text, value.at});
  }
  // A dataset's attribute at a lower level is kept once, like any other.
  for (const Standing& value : values)
    if (rows_.place(value.component) == Place::kDataset && &values != &dataset_values_)
      rows_.add(Place::kDataset, {value.component, value.text, value.at});
}

void JsonDataReader::add_dataset_values() {
  for (const Standing& value : dataset_values_) {
    const Place place = rows_.place(value.component);
    if (place == Place::kRun || place == Place::kGroup)
      rows_.add(place, {value.component, value.text, value.at});
  }
}

// -------------------------------------------------------------------------------------------- keys

void JsonDataReader::add_standing_key() {
  for (const JsonComponent& dimension : structure_->dimensions.dataset)
    if (dimension.component != kNoComponent && !dimension.values.empty())
      rows_.add(rows_.place(dimension.component),
                {dimension.component, view(dimension.values.front()), structure_->at});
}

bool JsonDataReader::add_key(std::string_view what, std::string_view key,
                             const std::vector<const JsonComponent*>& dimensions, Position at,
                             bool partial) {
  if (dimensions.empty()) return true;
  std::string_view rest = key;
  bool good =
      std::count(key.begin(), key.end(), ':') + 1 == static_cast<std::ptrdiff_t>(dimensions.size());
  for (std::size_t i = 0; good && i < dimensions.size(); ++i) {
    const JsonComponent& dimension = *dimensions[i];
    const std::string_view part = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part == "~") continue;
    if (part.empty()) {
      good = partial || deleting();
      continue;
    }
    auto index = read_index(part);
    if (!index || *index >= dimension.values.size()) {
      no_such_value(dimension, part, at);
      return false;
    }
    if (dimension.component != kNoComponent)
      rows_.add(rows_.place(dimension.component),
                {dimension.component, view(dimension.values[*index]), at});
  }
  if (good) return true;
  Finding finding = make(rules::json_form, what, key);
  finding.at = at;
  for (const JsonComponent* dimension : dimensions)
    finding.expected += (finding.expected.empty() ? "" : ":") + dimension->id;
  finding.expected = shorten(finding.expected, 200);
  add(std::move(finding));
  return false;
}

void JsonDataReader::no_such_value(const JsonComponent& component, std::string_view index,
                                   Position at) {
  Finding finding = make(rules::json_index, component.id, index);
  finding.at = at;
  finding.expected = std::to_string(component.values.size());
  add(std::move(finding));
}

// ------------------------------------------------------------------------------------------ values

std::optional<std::string> JsonDataReader::data_value(Event event, const JsonComponent& component) {
  if (!component.indexed) return any_value(event, component.id);
  if (event == Event::kNull) return {};
  if (event == Event::kNumber) {
    const Position at = pull_->at();
    auto index = read_index(pull_->text());
    if (!index || *index >= component.values.size()) {
      no_such_value(component, pull_->text(), at);
      return {};
    }
    if (component.values[*index].empty()) return {};
    return component.values[*index];
  }
  if (event != Event::kArray) {
    wanted(event, component.id, "index");
    return {};
  }
  // Several codes of one attribute.
  list_.clear();
  each_element(event, component.id, [&](Event one) {
    if (one != Event::kNumber) return wanted(one, component.id, "index");
    auto index = read_index(pull_->text());
    if (!index || *index >= component.values.size())
      return no_such_value(component, pull_->text(), pull_->at());
    list_.value(component.values[*index]);
  });
  return listed(component.id);
}

std::optional<std::string> JsonDataReader::any_value(Event event, std::string_view component) {
  switch (event) {
    case Event::kNull:
    case Event::kFault:
      return {};
    case Event::kObject:
      list_.clear();
      list_.next_value();
      read_languages(event, component);
      return listed(component);
    case Event::kArray:
      list_.clear();
      each_element(event, component, [&](Event one) {
        if (one == Event::kObject) {
          list_.next_value();
          read_languages(one, component);
        } else if (one == Event::kArray) {
          wanted(one, component, "value");
        } else if (one != Event::kNull) {
          list_.value(scalar(one));
        }
      });
      return listed(component);
    default: {
      std::string text = scalar(event);
      if (text.empty()) return {};
      if (is_plain_text(text)) return text;
      report(rules::json_form, component, one_line(text));
      return {};
    }
  }
}

void JsonDataReader::read_languages(Event event, std::string_view component) {
  each_member(event, component, [&](const std::string& language) {
    const Event value = pull_->next();
    if (value != Event::kString) return wanted(value, component, "text");
    list_.value_in(language, pull_->text());
  });
}

std::optional<std::string> JsonDataReader::listed(std::string_view component) {
  const std::string_view text = list_.text();
  bool plain = !list_.refused();
  each_text(text, [&](const ValueText& one) { plain = plain && is_plain_text(one.text); });
  if (!plain) {
    report(rules::json_form, component, {});
    return {};
  }
  if (text.empty()) return {};
  return std::string(text);
}

std::string JsonDataReader::scalar(Event event) {
  switch (event) {
    case Event::kString:
    case Event::kNumber:
      return std::string(pull_->text());
    case Event::kTrue:
      return "true";
    case Event::kFalse:
      return "false";
    case Event::kObject:
    case Event::kArray:
      wanted(event, "value", "text");
      return {};
    default:
      return {};
  }
}

}  // namespace focalpost::sdmx
