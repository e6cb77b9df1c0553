// SPDX-License-Identifier: Apache-2.0
//
// ml_data_parser: the class that reads SDMX-ML data, all but 2.0's CrossSectionalData.
//
// Inside the room only, for the files that make up the class: ml_data_reader.cc (events, message,
// dataset; the elements are listed there), ml_data_parts.cc (partial keys, groups, components that
// are elements), ml_data_series.cc (series, observations: the hot path).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/multi_value.h"
#include "sdmx/key_family.h"
#include "sdmx/ml_reader_core.h"

namespace focalpost::sdmx {

class MlDataReader final : public XmlPushOf<MlDataReader, MlReaderCore> {
 public:
  MlDataReader(ByteSource& bytes, const Detection& detection, const StructureLookup& lookup,
               FindingSink& sink, const Limits& limits)
      : XmlPushOf(bytes, detection, lookup, sink, limits), multi_(limits.text_bytes) {
    generic_ = detection.root.starts_with("Generic");
    compact_ = detection.root == "CompactData";
    time_series_only_ = detection.root.ends_with("TimeSeriesData");
    specific_uri_ = sdmx_uri(compact_ ? "compact" : "data/structurespecific");
    payload_uri_ = !generic_ ? nullptr : sdmx_uri(v20() ? "generic" : "data/generic");
    obs_ = intern("Obs");
    series_ = intern("Series");
    group_ = intern("Group");
    annotations_ = intern("Annotations");
    provider_ = intern("DataProvider");
    value_ = intern("Value");
    attributes_ = intern("Attributes");
    type_ = intern("type");
    atts_ = intern("Atts");
    comp_name_ = intern("Comp");
    metadata_ = intern("Metadata");
  }

 private:
  friend class XmlPushOf<MlDataReader, MlReaderCore>;

  enum class Place : std::uint8_t {
    kOutside,
    kDataSet,
    kProvider,
    kGroup,
    kSeries,
    kObs,
    kProviderText,
    // 3.0
    kAtts,
    kComp,
    kCompValue,
    kCompText,
    // 2.0 generic
    kKeyFamilyRef,
    kTime,
    // generic only
    kGroupKey,
    kSeriesKey,
    kObsKey,
    kDatasetAttributes,
    kGroupAttributes,
    kSeriesAttributes,
    kObsAttributes,
    kLeaf
  };

  // ---- parser events

  void start(const xmlChar* local, const xmlChar* uri, const Attributes& attributes,
             const xmlChar**, int);

  void end(const xmlChar*, const xmlChar*);

  void characters(std::string_view text);

  void begin_text(Place place);

  void collect(std::string_view text);

  /// What may stand at the end of any part of a dataset, or is not known there.
  void pass_over(const xmlChar* local, const xmlChar* uri, std::string_view expected);

  // ---- the message

  bool dataset_space(const xmlChar* uri) override;

  void start_dataset(const xmlChar* uri, const Attributes& attributes) override;

  void begin_components();

  /// 2.0: the structure of the open dataset by everything that names it. `ref`: its KeyFamilyRef.
  void use_named_family(std::string_view ref);

  /// structureRef and its like: in the structure-specific namespace, or unqualified in generic
  /// data and in 2.0.
  std::string_view set_attribute(const Attributes& attributes, std::string_view name,
                                 bool quirk = true);

  const HeaderStructure* header_structure(const Attributes& attributes);

  void choose_layout(const HeaderStructure& structure);

  void take_provider();

  // ---- the dataset

  enum class Phase : std::uint8_t { kAnnotations, kProvider, kAttributes, kGroups, kData };

  /// Elements come in the order of the schema; reported once for a dataset.
  void in_order(Phase phase, const xmlChar* local);

  void start_in_dataset(const xmlChar* local, const xmlChar* uri, const Attributes& attributes);

  /// What 2.0 alone has; false: go on as in 2.1.
  bool start_in_dataset20(const xmlChar* local, const xmlChar* uri, const Attributes& attributes);

  void dataset_components(const Attributes& attributes);

  /// Attributes of DataSet that are no components: one that is passed over unread could have been
  /// an action.
  void judge_set_attributes(const Attributes& attributes);

  NameCache::Entry entry_of(const xmlChar* name, Level level) const;
  Use use_at(std::uint16_t component, Level level) const;

  // ---- attributes of the dataset or of a partial key (3.0)

  void start_atts(const Attributes& attributes);

  void atts_component(std::uint16_t component, std::string_view name, std::string_view value,
                      Position at);

  /// Each attribute goes to its own level: the dataset, the partial key of the dimensions it hangs
  /// on, the series or the observation.
  void end_atts();

  void partial_key_attribute(const RowValue& value);

  // ---- components that are elements (3.0)

  void start_comp(const Attributes& attributes, Level level);

  void start_in_comp(const xmlChar* local, const xmlChar* uri, const Attributes& attributes);

  void start_in_comp_value(const xmlChar* local, const xmlChar* uri, const Attributes& attributes);

  void end_comp_value();

  void end_comp();

  // ---- groups

  /// `name`: 2.0, where the element's name is the group's.
  void start_group(const Attributes& attributes, std::string_view name);

  void group_component(const NameCache::Entry& entry, std::string_view name, std::string_view value,
                       Position at);

  void start_in_group(const xmlChar* local, const xmlChar* uri, const Attributes& attributes);

  void end_group();

  /// 2.0: a group that holds its series may leave its key to them. Called again when the first
  /// series' key is known.
  void emit_group();

  // ---- series

  void start_series(const Attributes& attributes);

  void begin_run();

  void start_in_series(const xmlChar* local, const xmlChar* uri, const Attributes& attributes);

  void end_series();

  // ---- observations

  void start_obs(const Attributes& attributes);

  /// 2.1: with explicit measures the type of an Obs is the value of the measure dimension:
  /// xsi:type="ns1:LEXP", which fixes type="LEXP" (SDMX 2.1 section 3A).
  void explicit_measure(const Attributes& attributes);

  const NameCache::Entry& obs_entry(const Attributes& attributes, std::size_t i) {
    static constexpr NameCache::Entry foreign{};
    if (attributes.qualified(i)) return foreign;
    if (!direct_ && obs_level_ == Level::kFlatObs)
      return flat_names_.find(attributes.local(i), i,
                              [&](const xmlChar* name) { return entry_of(name, obs_level_); });
    return obs_names_.find(attributes.local(i), i,
                           [&](const xmlChar* name) { return entry_of(name, Level::kObs); });
  }

  void obs_other(const NameCache::Entry& entry, const Attributes& attributes, std::size_t i);

  /// A value of an observation that says its own key.
  void row_component(const NameCache::Entry& entry, std::string_view name, std::string_view value);

  void start_in_obs(const xmlChar* local, const xmlChar* uri, const Attributes& attributes);

  void step_in_obs(int step, const xmlChar* local);

  /// The id of ObsDimension is optional, and "CURRENY" in the standard's own samples: the header's
  /// dimensionAtObservation decides.
  void obs_dimension(const Attributes& attributes);

  /// 2.0: <Time>2000-01</Time>.
  void end_time();

  void end_obs();

  /// 3.0: the first of the attributes that a Delete names without a measure.
  std::uint16_t attribute_deleted() const;

  // ---- generic values

  /// generic:Value with id (2.0: concept) and value, wherever it stands.
  void component_value(const Attributes& attributes);

  /// What says something in a place where generic data say nothing, which would be lost unseen.
  void only(const Attributes& attributes, std::string_view one = {}, std::string_view other = {});

  /// The schema requires `value`; a Value without one is the same as an empty one, which validation
  /// judges.
  static std::string_view value_of(const Attributes& attributes);

  void series_component(const NameCache::Entry& entry, std::string_view id, std::string_view value);

  void obs_component(const NameCache::Entry& entry, std::string_view id, std::string_view value);

  void leaf(Place back);

  // ---- findings

  void misplaced(const NameCache::Entry& entry, std::string_view name);

  /// A qualified attribute of a Series or an Obs: xsi:type is allowed (and means explicit measures,
  /// which the header declares), anything else is not.
  void foreign_attribute(const Attributes& attributes, std::size_t i);

  // names and namespaces as unique pointers; payload_uri_ is null where elements are unqualified
  const xmlChar *specific_uri_, *payload_uri_;
  const xmlChar *obs_, *series_, *group_, *annotations_, *provider_, *value_, *attributes_, *type_,
      *atts_, *comp_name_, *metadata_;
  bool generic_ = false, compact_ = false, time_series_only_ = false;

  // where we are
  Place place_ = Place::kOutside, leaf_in_ = Place::kOutside;
  std::string text_;  ///< of the element whose text is wanted
  bool text_too_long_ = false;

  // the dataset
  Placement placement_;
  std::uint16_t measure_dimension_ = kNoComponent;  ///< whose values are the types of Obs
  Phase phase_ = Phase::kAnnotations;
  bool mixed_reported_ = false;
  bool parts_deleted_ = false;  ///< 3.0's Delete, which may be of attributes alone
  NameCache obs_names_, flat_names_, series_names_;
  // 2.0
  bool structure_pending_ = false;
  std::string_view space_;  ///< the namespace of the DataSet element
  KeyFamilyNames named_;

  // the group, or the partial key
  const FlowGroup* current_group_ = nullptr;
  bool group_pending_ = false;
  Position group_at_;
  std::vector<std::string_view> group_key_;
  std::vector<RowValue> group_attributes_;
  std::vector<std::string_view> atts_key_;
  std::string_view atts_time_;
  std::vector<RowValue> atts_values_;

  // the series
  Place series_in_ = Place::kDataSet;
  bool in_series_ = false, run_begun_ = false;
  int series_step_ = 0;  ///< generic: 1 key, 2 attributes; 3 observations
  Position series_at_;
  std::vector<std::string_view> key_;
  std::vector<RowValue> series_attributes_;
  std::string_view series_time_;
  Arena scratch_;  ///< texts of the group or series while it is read

  // the observation
  bool direct_ = false;  ///< goes straight into the batch
  Level obs_level_ = Level::kObs;
  int obs_step_ = 0;
  Position obs_at_;
  std::vector<std::string_view> obs_key_;
  std::string_view obs_time_;
  std::vector<RowValue> obs_values_, obs_attributes_, conflicts_;
  Arena obs_scratch_;

  // the component that is an element
  Place comp_in_ = Place::kObs;
  std::string comp_id_, lang_;
  NameCache::Entry comp_;
  Position comp_at_;
  MultiText multi_;
  std::size_t value_texts_ = 0;
  bool in_structured_ = false;
};

}  // namespace focalpost::sdmx
