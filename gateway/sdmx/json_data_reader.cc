// SPDX-License-Identifier: Apache-2.0
//
// The message: meta, and in data (the draft: at the top) the structures and dataSets. A structure
// lists, level by level, the components that the message uses and their values; the data say the
// places in these lists: "0:4:1" for a key, [12.5, 0] for an observation. Source: SDMX-JSON field
// guide and schemas 1.0, 2.0, 2.1.
//
// Where a value stands says nothing of where it belongs: a component with one value in the whole
// message goes up to the dataSet, whatever its level in the DSD. So every observation becomes a row
// of all that is above it, and FlatRows puts each value where it belongs.
//
// Members of an object may come in any order, and many services write dataSets before structures.
// Such dataSets are kept as text without white space, up to Limits::stage_memory, and read once the
// message has ended. Within a dataSet what changes the meaning of data (structure, action) must
// come before them; if it does not, that is an error, and nothing of the message is filed.
#include "sdmx/json_data_reader.h"

#include <algorithm>

#include "base/text.h"
#include "sdmx/json_data_parser.h"

namespace focalpost::sdmx {

Result<ObservationBatch*> JsonDataReader::next() {
  while (!builder_.ready() && state_ != State::kDone) {
    step();
    if (pull_->error()) return *pull_->error();
  }
  return builder_.take();
}

void JsonDataReader::step() {
  if (stop_) return finish();
  const Event event = pull_->next();
  if (event == Event::kFault) return finish();
  switch (state_) {
    case State::kStart:
      if (event != Event::kObject) return stop_at(rules::json_form, "message", "object");
      state_ = State::kMembers;
      break;
    case State::kMembers:
      step_members(event);
      break;
    case State::kTail:
      if (held_text_.empty()) return finish();
      replay();
      break;
    case State::kDataSets:
      step_datasets(event);
      break;
    case State::kDataSet:
      step_dataset(event);
      break;
    case State::kSeriesMap:
      step_series_map(event);
      break;
    case State::kSeries:
      step_series(event);
      break;
    case State::kObservations:
      step_observations(event);
      break;
    case State::kDone:
      break;
  }
}

// ------------------------------------------------------------------------------------- the message

void JsonDataReader::step_members(Event event) {
  if (event == Event::kObjectEnd) {
    if (!in_data_) state_ = State::kTail;
    in_data_ = false;
    return;
  }
  const std::string name = shorten(pull_->text(), 80);
  if (name == "$schema") {
    note_schema(scalar(pull_->next()));
  } else if ((name == "meta" || name == "header") && !in_data_) {
    // QUIRK: before 1.0 it was "header", and there was no "data" around the rest.
    if (!once(seen_meta_, name)) return;
    if (name == "header") report(rules::header_quirk, name, {});
    read_meta(pull_->next());
  } else if (name == "data" && !in_data_) {
    if (!once(seen_data_, name)) return;
    const Event value = pull_->next();
    if (value == Event::kObject)
      in_data_ = true;
    else
      wanted(value, name, "object");
  } else if (name == "structure") {
    if (!once(seen_structures_, name)) return;
    read_structure(pull_->next());
  } else if (name == "structures") {
    if (!once(seen_structures_, name)) return;
    each_element(pull_->next(), name, [&](Event one) { read_structure(one); });
  } else if (name == "dataSets") {
    if (!once(seen_datasets_, name)) return;
    const Event value = pull_->next();
    if (value == Event::kArray && seen_structures_)
      state_ = State::kDataSets;
    else if (value == Event::kArray)
      hold();
    else
      wanted(value, name, "array");
  } else {
    skip();
  }
}

bool JsonDataReader::once(bool& seen, std::string_view name) {
  if (!seen) return seen = true;
  report(rules::component_twice, name, {});
  skip();
  return false;
}

void JsonDataReader::note_schema(std::string_view schema) {
  for (std::string_view version : {"1.0", "2.0", "2.1"})
    if (schema.find("/" + std::string(version)) != schema.npos) message_.version = version;
}

void JsonDataReader::read_meta(Event event) {
  each_member(event, "meta", [&](const std::string& name) {
    if (name == "id") {
      message_.id = shorten(scalar(pull_->next()), 200);
    } else if (name == "prepared") {
      message_.prepared = shorten(scalar(pull_->next()), 80);
    } else if (name == "schema") {
      note_schema(scalar(pull_->next()));
    } else if (name == "test") {
      const Event value = pull_->next();
      message_.test = value == Event::kTrue;
      if (message_.test) report(rules::test_message, "test", "true");
      skip_value(value);
    } else if (name == "sender") {
      read_party(pull_->next(), message_.sender);
    } else if (name == "receiver") {
      read_party(pull_->next(), message_.receiver);
    } else if (name == "receivers") {
      each_element(pull_->next(), name, [&](Event one) { read_party(one, message_.receiver); });
    } else {
      skip();
    }
  });
}

void JsonDataReader::read_party(Event event, std::string& id) {
  each_member(event, "sender", [&](const std::string& name) {
    if (name == "id" && id.empty())
      id = shorten(scalar(pull_->next()), 200);
    else
      skip();
  });
}

// ------------------------------------------------------ dataSets that come before their structures

void JsonDataReader::hold() {
  held_line_ = pull_->at().line;
  std::uint32_t line = held_line_;
  const std::size_t level = pull_->depth();
  held_text_ = "[";
  bool first = true;
  auto comma = [&] {
    if (!first) held_text_ += ',';
    first = false;
  };
  auto quoted = [&] {
    held_text_ += '"';
    for (char c : pull_->text()) {
      if (c == '"' || c == '\\') held_text_ += '\\';
      if (static_cast<unsigned char>(c) >= 0x20) {
        held_text_ += c;
      } else {
        static constexpr std::string_view kHex = "0123456789abcdef";
        held_text_ += c < 0x10 ? "\\u000" : "\\u001";
        held_text_ += kHex[static_cast<unsigned char>(c) & 0xF];
      }
    }
    held_text_ += '"';
  };
  while (pull_->depth() >= level) {
    const Event event = pull_->next();
    if (event == Event::kFault) return;
    for (; line < pull_->at().line && held_text_.size() <= limits_.stage_memory; ++line)
      held_text_ += '\n';
    switch (event) {
      case Event::kObject:
      case Event::kArray:
        comma();
        held_text_ += event == Event::kObject ? '{' : '[';
        first = true;
        break;
      case Event::kObjectEnd:
      case Event::kArrayEnd:
        held_text_ += event == Event::kObjectEnd ? '}' : ']';
        first = false;
        break;
      case Event::kKey:
        comma();
        quoted();
        held_text_ += ':';
        first = true;
        break;
      case Event::kString:
        comma();
        quoted();
        break;
      case Event::kNumber:
        comma();
        held_text_ += pull_->text();
        break;
      case Event::kTrue:
        comma();
        held_text_ += "true";
        break;
      case Event::kFalse:
        comma();
        held_text_ += "false";
        break;
      default:
        comma();
        held_text_ += "null";
        break;
    }
    if (held_text_.size() > limits_.stage_memory) return stop_at(rules::json_order, "dataSets", {});
  }
}

void JsonDataReader::replay() {
  held_source_.emplace(held_text_);
  held_input_.emplace(*held_source_, Detection());
  held_pull_.emplace(*held_input_, limits_);
  held_pull_->start_at_line(held_line_);
  pull_ = &*held_pull_;
  pull_->next();  // the array
  state_ = State::kDataSets;
}

// ------------------------------------------------------------------------------------- the dataset

void JsonDataReader::step_datasets(Event event) {
  if (event == Event::kArrayEnd) {
    if (held_pull_) return finish();
    state_ = State::kMembers;
    return;
  }
  if (event != Event::kObject) return wanted(event, "dataSets", "object");
  if (!open_dataset(pull_->at())) return;
  begun_ = seen_series_ = seen_observations_ = seen_attributes_ = seen_groups_ = false;
  structure_ = nullptr;
  dataset_structure_.reset();
  dataset_links_.clear();
  dataset_values_.clear();
  state_ = State::kDataSet;
}

void JsonDataReader::step_dataset(Event event) {
  if (event == Event::kObjectEnd) {
    begin_dataset();
    end_dataset();
    state_ = State::kDataSets;
    return;
  }
  const std::string name = shorten(pull_->text(), 80);
  if (name == "structure" || name == "action") {
    if (begun_) {
      report(rules::json_form, name, {}, "before series, observations, attributes");
      return skip();
    }
    const std::string text = scalar(pull_->next());
    if (name == "action")
      read_action(text);
    else if (!text.empty())
      dataset_structure_ = read_index(text).value_or(UINT32_MAX);
  } else if (name == "reportingBegin") {
    head().reporting_begin = shorten(scalar(pull_->next()), 80);
  } else if (name == "reportingEnd") {
    head().reporting_end = shorten(scalar(pull_->next()), 80);
  } else if (name == "validFrom") {
    head().valid_from = shorten(scalar(pull_->next()), 80);
  } else if (name == "validTo") {
    head().valid_to = shorten(scalar(pull_->next()), 80);
  } else if (name == "links" && !begun_) {
    read_links(dataset_links_);
  } else if (name == "attributes") {
    begin_dataset();
    if (!once(seen_attributes_, name)) return;
    if (flow_)
      read_dataset_attributes();
    else
      skip();
  } else if (name == "dimensionGroupAttributes") {
    begin_dataset();
    if (!once(seen_groups_, name)) return;
    if (flow_)
      read_group_attributes();
    else
      skip();
  } else if (name == "series" || name == "observations") {
    begin_dataset();
    if (!once(name == "series" ? seen_series_ : seen_observations_, name)) return;
    const Event value = pull_->next();
    if (value != Event::kObject) return wanted(value, name, "object");
    if (!flow_) {
      if (!pull_->skip(value)) return;
      return;
    }
    in_series_ = false;
    state_ = name == "series" ? State::kSeriesMap : State::kObservations;
  } else {
    skip();
  }
}

void JsonDataReader::read_action(std::string_view text) {
  if (text.empty()) return;
  head().action_given = true;
  for (Action action :
       {Action::kReplace, Action::kAppend, Action::kDelete, Action::kInformation, Action::kMerge})
    if (text == action_name(action)) {
      head().action = action;
      return;
    }
  head().action = Action::kInformation;
  report(rules::unknown_action, "action", text, "Merge, Replace, Delete, Append, Information");
}

void JsonDataReader::begin_dataset() {
  if (begun_) return;
  begun_ = true;
  structure_ = structure_of();
  if (!structure_) return;
  const JsonLink* link = main_link(structure_->links);
  if (!link) link = main_link(dataset_links_);
  if (!link) return report(rules::header_incomplete, "structure.links", {});
  head().structure_class = link->artefact_class;
  head().structure = link->ref;
  use_structure();
  if (flow_) find_components();
}

JsonStructure* JsonDataReader::structure_of() {
  std::uint32_t number = dataset_structure_.value_or(0);
  if (!dataset_structure_)
    for (std::size_t s = 0; s < structures_.size(); ++s)
      if (std::find(structures_[s].datasets.begin(), structures_[s].datasets.end(), index_) !=
          structures_[s].datasets.end()) {
        number = static_cast<std::uint32_t>(s);
        break;
      }
  if (number < structures_.size()) return &structures_[number];
  report(rules::structure_ref, "structure",
         dataset_structure_ ? std::to_string(number) : std::string());
  return nullptr;
}

void JsonDataReader::find_components() {
  known_.assign(flow_->components.size(), false);
  for (JsonLevels* levels :
       {&structure_->dimensions, &structure_->measures, &structure_->attributes})
    for (auto* list : {&levels->dataset, &levels->group, &levels->series, &levels->observation})
      for (JsonComponent& component : *list) find_component(component, levels);
  all_dimensions_.clear();
  for (auto* list : {&structure_->dimensions.dataset, &structure_->dimensions.series,
                     &structure_->dimensions.observation})
    for (const JsonComponent& component : *list) all_dimensions_.push_back(&component);
  const bool numbered =
      std::all_of(all_dimensions_.begin(), all_dimensions_.end(),
                  [](const JsonComponent* d) { return d->key_position != UINT32_MAX; });
  std::stable_sort(all_dimensions_.begin(), all_dimensions_.end(),
                   [&](const JsonComponent* a, const JsonComponent* b) {
                     return numbered ? a->key_position < b->key_position
                                     : a->component < b->component;
                   });
  auto pointers = [](const std::vector<JsonComponent>& list) {
    std::vector<const JsonComponent*> to;
    for (const JsonComponent& component : list) to.push_back(&component);
    return to;
  };
  series_dimensions_ = pointers(structure_->dimensions.series);
  observation_dimensions_ = pointers(structure_->dimensions.observation);
  set_defaults(structure_->attributes.dataset, dataset_values_);
  measures_.clear();
  if (structure_->measures.given) {
    measures_ = pointers(structure_->measures.observation);
  } else if (flow_->measure != kNoComponent) {
    // 1.0, and where there is only OBS_VALUE.
    std::uint16_t value = flow_->find("OBS_VALUE");
    plain_measure_.id = flow_->components[value == kNoComponent ? flow_->measure : value].id;
    plain_measure_.component = value == kNoComponent ? flow_->measure : value;
    measures_.push_back(&plain_measure_);
  }
  usable_ = true;
  for (std::uint16_t c = 0; c < flow_->components.size(); ++c) {
    if ((c >= flow_->dimension_count && c != flow_->time) || known_[c] || deleting()) continue;
    usable_ = false;
    Finding finding = make(rules::missing_dimension, flow_->components[c].id, {});
    finding.at = structure_->at;
    sink_.add(std::move(finding));
  }
}

void JsonDataReader::find_component(JsonComponent& component, const JsonLevels* levels) {
  component.component = flow_->find(component.id);
  const bool dimensions = levels == &structure_->dimensions;
  if (component.component != kNoComponent) {
    const bool dimension =
        component.component < flow_->dimension_count || component.component == flow_->time;
    if (dimension != dimensions) component.component = kNoComponent;
  }
  Finding finding = make(rules::unknown_component, component.id, {});
  finding.at = component.at;
  if (component.component == kNoComponent) {
    std::vector<std::string_view> known;
    for (const FlowComponent& one : flow_->components) known.push_back(one.id);
    finding.suggestions = nearest(component.id, known);
    if (!dimensions && finding.suggestions.empty() && is_metadata_path(component.id))
      finding.rule = &rules::metadata_left_out;
    sink_.add(std::move(finding));
  } else if (known_[component.component]) {
    component.component = kNoComponent;
    finding.rule = &rules::component_twice;
    sink_.add(std::move(finding));
  } else {
    known_[component.component] = true;
  }
}

void JsonDataReader::end_dataset() {
  if (in_dataset_ && flow_ && builder_.in_dataset() && !seen_attributes_) give_dataset_attributes();
  FlatReader::end_dataset(pull_->at());
}

// ----------------------------------------------------------------------------------------- walking

void JsonDataReader::wanted(Event event, std::string_view what, std::string_view expected) {
  if (event == Event::kNull || event == Event::kFault) return;
  report(rules::json_form, what, {}, expected);
  skip_value(event);
}

// ---------------------------------------------------------------------------------------- findings

void JsonDataReader::stop_at(const Rule& rule, std::string_view component,
                             std::string_view expected) {
  if (!stop_) report(rule, component, {}, expected);
  stop_ = true;
}

void JsonDataReader::finish() {
  if (!stop_ && pull_->rule()) {
    Finding finding = make(*pull_->rule(), {}, {});
    finding.detail = pull_->detail();
    add(std::move(finding));
  }
  if (in_dataset_) {
    begin_dataset();
    end_dataset();
  }
  state_ = State::kDone;
  const bool whole = !stop_ && !pull_->rule() && !input_.fault();
  // QUIRK: meta has to say id and sender; who sent a mail is known from it.
  if (whole && (message_.id.empty() || message_.sender.empty())) {
    Finding finding;
    finding.rule = &rules::header_quirk;
    finding.component = "meta";
    sink_.add(std::move(finding));
  }
  end_message(whole, pull_->at());
}

// -------------------------------------------------------------------------------------------- door

std::unique_ptr<DataReader> open_json_data(ByteSource& bytes, const Detection& detection,
                                           const StructureLookup& structures, FindingSink& sink,
                                           const Limits& limits) {
  return std::make_unique<JsonDataReader>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost::sdmx
