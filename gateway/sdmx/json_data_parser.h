// SPDX-License-Identifier: Apache-2.0
//
// json_data_parser: the class that reads SDMX-JSON data messages.
//
// Inside the room only, for the files that make up the class: json_data_reader.cc (message,
// dataset; what the format is like is said there), json_data_structures.cc (what the message says
// of its components), json_data_values.cc (attributes, keys and observations).
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/multi_value.h"
#include "sdmx/flat_reader.h"
#include "sdmx/json_pull.h"

namespace focalpost::sdmx {

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

/// A place in a list; none if the text is no small number.
std::optional<std::uint32_t> read_index(std::string_view text);
/// Text that an XML message can carry too, without the marks of lists.
bool is_plain_text(std::string_view text);
/// The link that says what the data are of: an agreement if it is the first, else a dataflow,
/// else a data structure. Null: there is none.
const JsonLink* main_link(const std::vector<JsonLink>& links);

class JsonDataReader final : public FlatReader {
  using Event = JsonPull::Event;
  using Place = FlatRows::Place;

 public:
  JsonDataReader(ByteSource& bytes, const Detection& detection, const StructureLookup& lookup,
                 FindingSink& sink, const Limits& limits)
      : FlatReader("sdmx-json", bytes, detection, lookup, sink, limits),
        message_pull_(input_, limits),
        pull_(&message_pull_),
        list_(limits.text_bytes) {}

  Result<ObservationBatch*> next() override;

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

  void step();

  // ---- the message

  void step_members(Event event);

  /// Two members of one name would let two programs read two messages.
  bool once(bool& seen, std::string_view name);

  void note_schema(std::string_view schema);

  void read_meta(Event event);

  void read_party(Event event, std::string& id);

  // ---- the structures

  void read_structure(Event event);

  void read_links(std::vector<JsonLink>& links);

  void read_levels(JsonLevels& levels, std::string_view what);

  void read_component(Event event, JsonComponent& component);

  /// One more thing of the structures is remembered.
  void keep(std::size_t bytes);

  /// Of a code its id, of a value the value; of 1.0's texts, which have neither, the name.
  std::string component_value(Event event);

  // ---- dataSets that come before their structures

  void hold();

  void replay();

  // ---- the dataset

  void step_datasets(Event event);

  void step_dataset(Event event);

  void read_action(std::string_view text);

  /// Before the first data of the dataset: its structure.
  void begin_dataset();

  JsonStructure* structure_of();

  /// Which component of the DSD each of the message's is.
  void find_components();

  void find_component(JsonComponent& component, const JsonLevels* levels);

  void end_dataset();  ///< the dataset attributes too

  // ---- values of levels above the observation

  void read_dataset_attributes();

  /// Those that the DSD has at the dataset too; the others go with the observations.
  void give_dataset_attributes();

  void set_defaults(const std::vector<JsonComponent>& list, std::vector<Standing>& values);

  /// An array with a place for each component of the list; what is absent has its default.
  void read_values(const std::vector<JsonComponent>& list, std::vector<Standing>& values);

  void read_group_attributes();

  void step_series_map(Event event);

  void step_series(Event event);

  /// A series without observations, or with attributes that came behind them.
  void end_series();

  // ---- observations

  void step_observations(Event event);

  bool read_observation();

  void add_text(std::uint16_t component, std::string text, Position at);

  void add_defaults(const std::vector<JsonComponent>& list);

  void add_unless_set(const std::vector<Standing>& values);

  void add_dataset_values();

  // ---- keys

  /// The dimensions that have one value in the whole dataset.
  void add_standing_key();

  static std::string_view view(const std::string& text) {
    return text.empty() ? std::string_view() : std::string_view(text);
  }

  /// "0:4:1". Parts are left out in a Delete (any value) and in keys of groups (`partial`); "~" is
  /// a dimension switched off. With no dimension at this level the key has nothing to say.
  bool add_key(std::string_view what, std::string_view key,
               const std::vector<const JsonComponent*>& dimensions, Position at,
               bool partial = false);

  void no_such_value(const JsonComponent& component, std::string_view index, Position at);

  // ---- values

  /// A value in the data; none for null and for what is wrong.
  std::optional<std::string> data_value(Event event, const JsonComponent& component);

  /// A text, a number, an object of texts by language, or an array of these.
  std::optional<std::string> any_value(Event event, std::string_view component);

  void read_languages(Event event, std::string_view component);

  std::optional<std::string> listed(std::string_view component);

  /// The text of a string, a number or a truth value; "" of null and of what is none (a finding
  /// says so).
  std::string scalar(Event event);

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
  void wanted(Event event, std::string_view what, std::string_view expected);

  // ---- findings

  Finding make(const Rule& rule, std::string_view component, std::string_view value) const {
    return FlatReader::make(rule, pull_->at(), component, value);
  }
  void report(const Rule& rule, std::string_view component, std::string_view value,
              std::string_view expected = {}) {
    FlatReader::report(rule, pull_->at(), component, value, expected);
  }

  void stop_at(const Rule& rule, std::string_view component, std::string_view expected);

  void finish();

  JsonPull message_pull_;
  JsonPull* pull_;  ///< the message's, then that of the held text
  State state_ = State::kStart;
  bool in_data_ = false;
  bool seen_meta_ = false, seen_data_ = false, seen_structures_ = false, seen_datasets_ = false;

  std::deque<JsonStructure> structures_;
  std::uint64_t components_ = 0, items_ = 0, kept_bytes_ = 0;

  std::string held_text_;
  std::uint32_t held_line_ = 1;
  std::optional<MemorySource> held_source_;
  std::optional<Utf8Input> held_input_;
  std::optional<JsonPull> held_pull_;

  // the dataset
  bool begun_ = false;  ///< its structure was sought
  bool seen_series_ = false, seen_observations_ = false, seen_attributes_ = false,
       seen_groups_ = false;
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

}  // namespace focalpost::sdmx
