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
#include <deque>
#include <optional>

#include "base/text.h"
#include "model/multi_value.h"
#include "sdmx/batch_builder.h"
#include "sdmx/flat_rows.h"
#include "sdmx/json_pull.h"
#include "sdmx/resolve.h"
#include "sdmx/utf8_input.h"

namespace focalpost::sdmx {
namespace {

using Event = JsonPull::Event;
using Place = FlatRows::Place;

/// A component as the message describes it.
struct JsonComponent {
  std::string id;
  Position at;
  std::uint32_t key_position = UINT32_MAX;
  bool indexed = false;  ///< the data have places in `values`, not values
  std::vector<std::string> values;
  std::string fallback;                    ///< its default
  std::uint16_t component = kNoComponent;  ///< in the structure of the present dataset
};

struct JsonLevels {
  std::vector<JsonComponent> dataset, group, series, observation;
  bool given = false;
};

struct JsonLink {
  ArtefactClass artefact_class = ArtefactClass::kOther;
  Ref ref;
};

struct JsonStructure {
  Position at;
  std::vector<JsonLink> links;
  JsonLevels dimensions, measures, attributes;
  std::vector<std::uint32_t> datasets;
};

/// A value of a level above the observation.
struct Standing {
  std::uint16_t component = kNoComponent;
  std::string text;
  Position at;
};

std::optional<std::uint32_t> read_index(std::string_view text) {
  if (text.empty() || text.size() > 9) return {};
  std::uint32_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return {};
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number;
}

/// Text that an XML message can carry too, without the marks of lists.
bool is_plain_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
}

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

/// The link that says what the data are of: an agreement if it is the first, else a dataflow,
/// else a data structure. Null: there is none.
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

class JsonDataReader final : public DataReader {
 public:
  JsonDataReader(ByteSource& bytes, const Detection& detection, const StructureLookup& lookup,
                 FindingSink& sink, const Limits& limits)
      : input_(bytes, detection),
        message_pull_(input_, limits),
        pull_(&message_pull_),
        lookup_(lookup),
        sink_(sink),
        limits_(limits),
        rows_(builder_, sink),
        list_(limits.text_bytes) {
    message_.format = "sdmx-json";
    message_.version = detection.version;
  }

  Result<ObservationBatch*> next() override {
    while (!builder_.ready() && state_ != State::kDone) {
      step();
      if (pull_->error()) return *pull_->error();
    }
    return builder_.take();
  }
  const DataMessage& message() const override { return message_; }

 private:
  enum class State : std::uint8_t {
    kStart,
    kMembers,  ///< of the message or of data
    kTail,
    kDataSets,
    kDataSet,
    kSeriesMap,
    kSeries,
    kObservations,
    kDone,
  };

  void step() {
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

  // ---- the message

  void step_members(Event event) {
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

  /// Two members of one name would let two programs read two messages.
  bool once(bool& seen, std::string_view name) {
    if (!seen) return seen = true;
    report(rules::component_twice, name, {});
    skip();
    return false;
  }

  void note_schema(std::string_view schema) {
    for (std::string_view version : {"1.0", "2.0", "2.1"})
      if (schema.find("/" + std::string(version)) != schema.npos) message_.version = version;
  }

  void read_meta(Event event) {
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

  void read_party(Event event, std::string& id) {
    each_member(event, "sender", [&](const std::string& name) {
      if (name == "id" && id.empty())
        id = shorten(scalar(pull_->next()), 200);
      else
        skip();
    });
  }

  // ---- the structures

  void read_structure(Event event) {
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

  void read_links(std::vector<JsonLink>& links) {
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

  void read_levels(JsonLevels& levels, std::string_view what) {
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

  void read_component(Event event, JsonComponent& component) {
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

  /// One more thing of the structures is remembered.
  void keep(std::size_t bytes) {
    kept_bytes_ += bytes;
    if (++items_ > limits_.structure_items || kept_bytes_ > limits_.stage_memory)
      stop_at(rules::json_form, "values", "≤ " + std::to_string(limits_.structure_items));
  }

  /// Of a code its id, of a value the value; of 1.0's texts, which have neither, the name.
  std::string component_value(Event event) {
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

  // ---- dataSets that come before their structures

  void hold() {
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
      if (held_text_.size() > limits_.stage_memory)
        return stop_at(rules::json_order, "dataSets", {});
    }
  }

  void replay() {
    held_source_.emplace(held_text_);
    held_input_.emplace(*held_source_, Detection());
    held_pull_.emplace(*held_input_, limits_);
    held_pull_->start_at_line(held_line_);
    pull_ = &*held_pull_;
    pull_->next();  // the array
    state_ = State::kDataSets;
  }

  // ---- the dataset

  void step_datasets(Event event) {
    if (event == Event::kArrayEnd) {
      if (held_pull_) return finish();
      state_ = State::kMembers;
      return;
    }
    if (event != Event::kObject) return wanted(event, "dataSets", "object");
    if (message_.datasets.size() >= limits_.datasets)
      return stop_at(rules::too_many_datasets, {}, std::to_string(limits_.datasets));
    index_ = static_cast<std::uint32_t>(message_.datasets.size());
    message_.datasets.emplace_back().at = pull_->at();
    in_dataset_ = true;
    begun_ = seen_series_ = seen_observations_ = seen_attributes_ = seen_groups_ = false;
    flow_.reset();
    structure_ = nullptr;
    dataset_structure_.reset();
    dataset_links_.clear();
    dataset_values_.clear();
    state_ = State::kDataSet;
  }

  DatasetHead& head() { return message_.datasets.back(); }
  bool deleting() { return head().action == Action::kDelete; }

  void step_dataset(Event event) {
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

  void read_action(std::string_view text) {
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

  /// Before the first data of the dataset: its structure.
  void begin_dataset() {
    if (begun_) return;
    begun_ = true;
    structure_ = structure_of();
    if (!structure_) return;
    const JsonLink* link = main_link(structure_->links);
    if (!link) link = main_link(dataset_links_);
    if (!link) return report(rules::header_incomplete, "structure.links", {});
    head().structure_class = link->artefact_class;
    head().structure = link->ref;
    flow_ = resolve_structure(lookup_, head().structure_class, head().structure, index_, head().at,
                              sink_);
    head().flow = flow_;
    if (!flow_) return;
    rows_.begin_dataset(index_, flow_, head().action);
    find_components();
  }

  JsonStructure* structure_of() {
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

  /// Which component of the DSD each of the message's is.
  void find_components() {
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

  void find_component(JsonComponent& component, const JsonLevels* levels) {
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
      sink_.add(std::move(finding));
    } else if (known_[component.component]) {
      component.component = kNoComponent;
      finding.rule = &rules::component_twice;
      sink_.add(std::move(finding));
    } else {
      known_[component.component] = true;
    }
  }

  void end_dataset() {
    if (!in_dataset_) return;
    if (flow_ && builder_.in_dataset()) {
      if (!seen_attributes_) give_dataset_attributes();
      rows_.end_dataset();
      if (builder_.empty_dataset() && usable_) report(rules::no_observation, {}, {});
    }
    in_dataset_ = false;
    flow_.reset();
  }

  // ---- values of levels above the observation

  void read_dataset_attributes() {
    read_values(structure_->attributes.dataset, dataset_values_);
    give_dataset_attributes();
    if (!(seen_series_ || seen_observations_) || deleting()) return;
    if (std::any_of(dataset_values_.begin(), dataset_values_.end(), [&](const Standing& value) {
          return rows_.place(value.component) != Place::kDataset;
        }))
      report(rules::json_form, "attributes", {}, "before series, observations");
  }

  /// Those that the DSD has at the dataset too; the others go with the observations.
  void give_dataset_attributes() {
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

  void set_defaults(const std::vector<JsonComponent>& list, std::vector<Standing>& values) {
    values.clear();
    if (deleting()) return;
    for (const JsonComponent& component : list)
      if (component.component != kNoComponent && !component.fallback.empty())
        values.push_back({component.component, component.fallback, component.at});
  }

  /// An array with a place for each component of the list; what is absent has its default.
  void read_values(const std::vector<JsonComponent>& list, std::vector<Standing>& values) {
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

  void read_group_attributes() {
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

  void step_series_map(Event event) {
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

  void step_series(Event event) {
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

  /// A series without observations, or with attributes that came behind them.
  void end_series() {
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

  // ---- observations

  void step_observations(Event event) {
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

  bool read_observation() {
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

  void add_text(std::uint16_t component, std::string text, Position at) {
    if (component == kNoComponent || set_[component]) return;
    set_[component] = true;
    if (row_texts_used_ == row_texts_.size()) row_texts_.emplace_back();
    std::string& kept = row_texts_[row_texts_used_++];
    kept = std::move(text);
    rows_.add(rows_.place(component), {component, kept, at});
  }

  void add_defaults(const std::vector<JsonComponent>& list) {
    for (const JsonComponent& component : list)
      if (!component.fallback.empty())
        add_text(component.component, component.fallback, pull_->at());
  }

  void add_unless_set(const std::vector<Standing>& values) {
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

  void add_dataset_values() {
    for (const Standing& value : dataset_values_) {
      const Place place = rows_.place(value.component);
      if (place == Place::kRun || place == Place::kGroup)
        rows_.add(place, {value.component, value.text, value.at});
    }
  }

  // ---- keys

  /// The dimensions that have one value in the whole dataset.
  void add_standing_key() {
    for (const JsonComponent& dimension : structure_->dimensions.dataset)
      if (dimension.component != kNoComponent && !dimension.values.empty())
        rows_.add(rows_.place(dimension.component),
                  {dimension.component, view(dimension.values.front()), structure_->at});
  }

  static std::string_view view(const std::string& text) {
    return text.empty() ? std::string_view() : std::string_view(text);
  }

  /// "0:4:1". Parts are left out in a Delete (any value) and in keys of groups (`partial`); "~" is
  /// a dimension switched off. With no dimension at this level the key has nothing to say.
  bool add_key(std::string_view what, std::string_view key,
               const std::vector<const JsonComponent*>& dimensions, Position at,
               bool partial = false) {
    if (dimensions.empty()) return true;
    std::string_view rest = key;
    bool good = std::count(key.begin(), key.end(), ':') + 1 ==
                static_cast<std::ptrdiff_t>(dimensions.size());
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

  void no_such_value(const JsonComponent& component, std::string_view index, Position at) {
    Finding finding = make(rules::json_index, component.id, index);
    finding.at = at;
    finding.expected = std::to_string(component.values.size());
    add(std::move(finding));
  }

  // ---- values

  /// A value in the data; none for null and for what is wrong.
  std::optional<std::string> data_value(Event event, const JsonComponent& component) {
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

  /// A text, a number, an object of texts by language, or an array of these.
  std::optional<std::string> any_value(Event event, std::string_view component) {
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

  void read_languages(Event event, std::string_view component) {
    each_member(event, component, [&](const std::string& language) {
      const Event value = pull_->next();
      if (value != Event::kString) return wanted(value, component, "text");
      list_.value_in(language, pull_->text());
    });
  }

  std::optional<std::string> listed(std::string_view component) {
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

  /// The text of a string, a number or a truth value; "" of null and of what is none (a finding
  /// says so).
  std::string scalar(Event event) {
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

  // ---- walking

  /// Calls member(name) for each; it has to take the value.
  template <typename Member>
  void each_member(Event event, std::string_view what, Member member) {
    if (event != Event::kObject) return wanted(event, what, "object");
    for (Event one = pull_->next(); one == Event::kKey && !stop_; one = pull_->next()) {
      const std::string name(pull_->text());
      member(name);
    }
  }

  template <typename Element>
  void each_element(Event event, std::string_view what, Element element) {
    if (event != Event::kArray) return wanted(event, what, "array");
    for (Event one = pull_->next(); one != Event::kArrayEnd && one != Event::kFault && !stop_;
         one = pull_->next())
      element(one);
  }

  void skip() { pull_->skip(pull_->next()); }
  void skip_value(Event event) { pull_->skip(event); }

  /// Something else was begun than what has to stand here; null is always as good as nothing.
  void wanted(Event event, std::string_view what, std::string_view expected) {
    if (event == Event::kNull || event == Event::kFault) return;
    report(rules::json_form, what, {}, expected);
    skip_value(event);
  }

  // ---- findings

  Finding make(const Rule& rule, std::string_view component, std::string_view value) const {
    Finding finding;
    finding.rule = &rule;
    if (in_dataset_) finding.dataset = index_;
    finding.at = pull_->at();
    finding.component = shorten(component, 80);
    finding.value = shorten(one_line(value), 80);
    return finding;
  }

  void add(Finding finding) {
    if (sink_.listing(finding.dataset))
      sink_.add(std::move(finding));
    else
      sink_.count(*finding.rule, finding.dataset);
  }

  void report(const Rule& rule, std::string_view component, std::string_view value,
              std::string_view expected = {}) {
    const std::uint32_t dataset = in_dataset_ ? index_ : Finding::kNoDataset;
    if (!sink_.listing(dataset)) return sink_.count(rule, dataset);
    Finding finding = make(rule, component, value);
    finding.expected = expected;
    sink_.add(std::move(finding));
  }

  void stop_at(const Rule& rule, std::string_view component, std::string_view expected) {
    if (!stop_) report(rule, component, {}, expected);
    stop_ = true;
  }

  void finish() {
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
    // QUIRK: meta has to say id and sender; who sent a mail is known from it.
    if (!stop_ && !pull_->rule() && !input_.fault() &&
        (message_.id.empty() || message_.sender.empty())) {
      Finding finding;
      finding.rule = &rules::header_quirk;
      finding.component = "meta";
      sink_.add(std::move(finding));
    }
    if (input_.fault()) {
      Finding finding = make(rules::bad_encoding, {}, input_.fault()->encoding);
      finding.dataset = Finding::kNoDataset;
      finding.suggestions = input_.fault()->suggestions;
      sink_.add(std::move(finding));
    } else if (!stop_ && !pull_->rule() && message_.datasets.empty()) {
      Finding finding;
      finding.rule = &rules::no_dataset;
      sink_.add(std::move(finding));
    }
  }

  Utf8Input input_;
  JsonPull message_pull_;
  JsonPull* pull_;  ///< the message's, then that of the held text
  const StructureLookup& lookup_;
  FindingSink& sink_;
  const Limits& limits_;
  BatchBuilder builder_;
  FlatRows rows_;
  DataMessage message_;
  State state_ = State::kStart;
  bool stop_ = false, in_data_ = false;
  bool seen_meta_ = false, seen_data_ = false, seen_structures_ = false, seen_datasets_ = false;

  std::deque<JsonStructure> structures_;
  std::uint64_t components_ = 0, items_ = 0, kept_bytes_ = 0;

  std::string held_text_;
  std::uint32_t held_line_ = 1;
  std::optional<MemorySource> held_source_;
  std::optional<Utf8Input> held_input_;
  std::optional<JsonPull> held_pull_;

  // the dataset
  bool in_dataset_ = false;
  bool begun_ = false;   ///< its structure was sought
  bool usable_ = false;  ///< every dimension is described
  bool seen_series_ = false, seen_observations_ = false, seen_attributes_ = false,
       seen_groups_ = false;
  std::uint32_t index_ = 0;
  std::shared_ptr<const FlowStructure> flow_;  ///< null: the dataset is passed over
  JsonStructure* structure_ = nullptr;
  std::optional<std::uint32_t> dataset_structure_;
  std::vector<JsonLink> dataset_links_;
  std::vector<bool> known_;  ///< by component: described
  std::vector<const JsonComponent*> all_dimensions_, series_dimensions_, observation_dimensions_,
      measures_;
  JsonComponent plain_measure_;
  std::vector<Standing> dataset_values_, group_values_;

  // the series
  bool in_series_ = false, series_read_ = false, series_values_late_ = false;
  std::string series_key_;
  Position series_at_;
  std::vector<Standing> series_values_;
  std::size_t series_observations_ = 0;

  // the observation
  std::vector<bool> set_;  ///< by component
  std::deque<std::string> row_texts_;
  std::size_t row_texts_used_ = 0;
  MultiText list_;
};

}  // namespace

std::unique_ptr<DataReader> open_json_data(ByteSource& bytes, const Detection& detection,
                                           const StructureLookup& structures, FindingSink& sink,
                                           const Limits& limits) {
  return std::make_unique<JsonDataReader>(bytes, detection, structures, sink, limits);
}

}  // namespace focalpost::sdmx
