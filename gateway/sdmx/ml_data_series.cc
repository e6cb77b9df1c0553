// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/text.h"
#include "sdmx/ml_data_parser.h"

namespace focalpost::sdmx {

// ------------------------------------------------------------------------------------------ series

void MlDataReader::start_series(const Attributes& attributes) {
  series_in_ = place_;
  place_ = Place::kSeries;
  in_series_ = true;
  if (!flow_) return;
  if (placement_.layout == Layout::kFlat && !mixed_reported_) {
    mixed_reported_ = true;
    report(rules::unknown_element, "Series", {}, "Obs");
  }
  series_at_ = here();
  run_begun_ = false;
  series_step_ = 0;
  std::fill(key_.begin(), key_.end(), std::string_view());
  series_attributes_.clear();
  series_time_ = {};
  // The parser's text goes with this call; findings name the key as long as the series is open.
  if (!group_pending_) scratch_.clear();
  if (v30()) builder_.close_run();
  if (generic_) return only(attributes);
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (attributes.qualified(i)) {
      foreign_attribute(attributes, i);
      continue;
    }
    NameCache::Entry entry = series_names_.find(attributes.local(i), i, [&](const xmlChar* name) {
      return entry_of(name, Level::kSeries);
    });
    std::string_view value = scratch_.copy(attributes.value(i));
    switch (entry.use) {
      case Use::kKey:
        key_[entry.component] = value;
        break;
      case Use::kTime:
        series_time_ = value;
        break;
      case Use::kRunAttribute:
        series_attributes_.push_back({entry.component, value, series_at_});
        break;
      default:
        misplaced(entry, view(attributes.local(i)));
    }
  }
  // Elsewhere, and where Comp elements may follow, the first observation says more.
  if (placement_.layout == Layout::kTimeSeries && !v30()) begin_run();
}

void MlDataReader::begin_run() {
  if (run_begun_) return;
  run_begun_ = true;
  builder_.begin_run(key_, series_at_);
  for (const RowValue& attribute : series_attributes_)
    builder_.run_attribute(attribute.component, attribute.value, attribute.at);
  series_attributes_.clear();
}

void MlDataReader::start_in_series(const xmlChar* local, const xmlChar* uri,
                                   const Attributes& attributes) {
  const std::string_view name = view(local);
  if (generic_ && uri == payload_uri_ && name == "SeriesKey") {
    if (series_step_ > 0) misordered(local);
    series_step_ = 1;
    only(attributes);
    place_ = Place::kSeriesKey;
  } else if (generic_ && uri == payload_uri_ && local == attributes_) {
    if (series_step_ != 1) misordered(local);
    series_step_ = 2;
    only(attributes);
    place_ = Place::kSeriesAttributes;
  } else if (v30() && local == comp_name_ && !uri) {
    if (series_step_ == 3) {
      misordered(local);
      skip_ = 1;
    } else {
      start_comp(attributes, Level::kSeries);
    }
  } else {
    pass_over(local, uri, "Obs");
  }
}

void MlDataReader::end_series() {
  in_series_ = false;
  if (!flow_) return;
  if (group_pending_) emit_group();  // its first series had no key
  if (series_step_ != 3 && parts_deleted_ && !series_attributes_.empty()) {
    // 3.0: only these attributes are to go, not the series. Nobody can do that here.
    report(rules::delete_part, flow_->components[series_attributes_.front().component].id, {});
    series_attributes_.clear();
    return;
  }
  if (placement_.layout == Layout::kTimeSeries) {
    begin_run();
  } else if (series_step_ != 3) {
    // A cross-section without observations still says its (partial) key.
    begin_run();
    builder_.close_run();
  }
}

// ------------------------------------------------------------------------------------ observations

void MlDataReader::start_obs(const Attributes& attributes) {
  const bool in_series = place_ == Place::kSeries;
  place_ = Place::kObs;
  if (!flow_) return;
  Position at = here();
  const bool flat = placement_.layout == Layout::kFlat;
  if (in_series == flat && !mixed_reported_ && (in_series || !v30())) {
    mixed_reported_ = true;
    report(rules::unknown_element, "Obs", {}, in_series ? "DataSet/Obs" : "Series/Obs");
  }
  if (!in_series) phase_ = Phase::kData;
  series_step_ = 3;
  obs_at_ = at;
  obs_step_ = 0;
  direct_ = in_series && placement_.layout == Layout::kTimeSeries;
  if (direct_) {
    if (!run_begun_) begin_run();
    builder_.add_observation(at);
    if (generic_) return only(attributes);
    // The values of a tag lie behind each other in the parser's buffer, unless a reference had to
    // be resolved in one. They are copied in one go, with what is between them.
    std::string_view from, kept;
    if (const std::string_view stretch = attributes.stretch();
        stretch.data() && in_buffer(stretch)) {
      from = stretch;
      kept = builder_.keep(stretch);
    }
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      const NameCache::Entry& entry = obs_entry(attributes, i);
      std::string_view value = attributes.value(i);
      if (entry.use == Use::kColumn && from.data())
        builder_.set_kept(
            entry.component,
            kept.substr(static_cast<std::size_t>(value.data() - from.data()), value.size()));
      else if (entry.use == Use::kTime && from.data())
        builder_.set_kept_time(
            kept.substr(static_cast<std::size_t>(value.data() - from.data()), value.size()));
      else if (entry.use == Use::kColumn)
        builder_.set(entry.component, value);
      else if (entry.use == Use::kTime)
        builder_.set_time(value);
      else
        obs_other(entry, attributes, i);
    }
    return;
  }
  if (in_series) {
    obs_key_ = key_;
    obs_time_ = series_time_;
  } else {
    std::fill(obs_key_.begin(), obs_key_.end(), std::string_view());
    obs_time_ = {};
  }
  obs_level_ = !in_series && !flat ? Level::kFlatObs : Level::kObs;
  obs_values_.clear();
  obs_attributes_ = in_series ? series_attributes_ : std::vector<RowValue>();
  obs_scratch_.clear();
  if (generic_) return only(attributes);
  if (measure_dimension_ != kNoComponent) explicit_measure(attributes);
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const NameCache::Entry& entry = obs_entry(attributes, i);
    if (entry.use == Use::kUnknown || entry.use == Use::kWrongLevel)
      obs_other(entry, attributes, i);
    else
      row_component(entry, view(attributes.local(i)), obs_scratch_.copy(attributes.value(i)));
  }
}

void MlDataReader::explicit_measure(const Attributes& attributes) {
  std::string_view type = attributes.get("type");
  for (std::size_t i = 0; i < attributes.size() && !type.data(); ++i)
    if (attributes.local(i) == type_ && attributes.qualified(i)) {
      type = trim(attributes.value(i));
      type.remove_prefix(type.find(':') + 1);
    }
  if (!type.data()) return;
  for (std::size_t i = 0; i < attributes.size(); ++i)
    if (!attributes.qualified(i) && attributes.value(i) == type &&
        view(attributes.local(i)) == flow_->components[measure_dimension_].id)
      return;  // said twice, and the same
  row_component({nullptr, measure_dimension_, Use::kKey}, "xsi:type", obs_scratch_.copy(type));
}

void MlDataReader::obs_other(const NameCache::Entry& entry, const Attributes& attributes,
                             std::size_t i) {
  if (attributes.qualified(i))
    foreign_attribute(attributes, i);
  else if (measure_dimension_ == kNoComponent || attributes.local(i) != type_)
    misplaced(entry, view(attributes.local(i)));
}

void MlDataReader::row_component(const NameCache::Entry& entry, std::string_view name,
                                 std::string_view value) {
  switch (entry.use) {
    case Use::kKey:
      if (obs_key_[entry.component].data()) return twice(name);
      obs_key_[entry.component] = value;
      return;
    case Use::kTime:
      if (obs_time_.data()) return twice(name);
      obs_time_ = value;
      return;
    case Use::kColumn:
      for (const RowValue& known : obs_values_)
        if (known.component == entry.component) return twice(name);
      obs_values_.push_back({entry.component, value, obs_at_});
      return;
    case Use::kRunAttribute:
      for (const RowValue& known : obs_attributes_)
        if (known.component == entry.component) return twice(name);
      obs_attributes_.push_back({entry.component, value, obs_at_});
      return;
    default:
      misplaced(entry, name);
  }
}

void MlDataReader::start_in_obs(const xmlChar* local, const xmlChar* uri,
                                const Attributes& attributes) {
  const std::string_view name = view(local);
  const bool flat = !in_series_;
  if (v30() && local == comp_name_ && !uri) {
    start_comp(attributes, direct_ ? Level::kObs : obs_level_);
  } else if (!generic_ || uri != payload_uri_) {
    pass_over(local, uri, {});
  } else if (v20() && name == "Time") {
    step_in_obs(1, local);
    begin_text(Place::kTime);
  } else if (!v20() && name == (flat ? "ObsKey" : "ObsDimension")) {
    step_in_obs(1, local);
    if (flat) {
      only(attributes);
      place_ = Place::kObsKey;
    } else {
      leaf(Place::kObs);
      obs_dimension(attributes);
    }
  } else if (name == "ObsValue") {
    step_in_obs(2, local);
    leaf(Place::kObs);
    only(attributes, "id", "value");
    if (flow_ && flow_->measure != kNoComponent)
      obs_component({nullptr, flow_->measure, Use::kColumn}, "ObsValue", value_of(attributes));
  } else if (local == attributes_) {
    step_in_obs(3, local);
    only(attributes);
    place_ = Place::kObsAttributes;
  } else {
    pass_over(local, uri,
              flat ? "ObsKey, ObsValue, Attributes" : "ObsDimension, ObsValue, Attributes");
  }
}

void MlDataReader::step_in_obs(int step, const xmlChar* local) {
  if (step <= obs_step_) misordered(local);
  obs_step_ = std::max(obs_step_, step);
}

void MlDataReader::obs_dimension(const Attributes& attributes) {
  const std::uint16_t at = placement_.at_observation;
  if (!flow_) return;
  only(attributes, "id", "value");
  if (at == kNoComponent) return;
  obs_component({nullptr, at, at == flow_->time ? Use::kTime : Use::kKey}, "ObsDimension",
                value_of(attributes));
}

void MlDataReader::end_time() {
  if (!flow_) return;
  if (flow_->time == kNoComponent)
    misplaced({}, "Time");
  else
    obs_component({nullptr, flow_->time, Use::kTime}, "Time", trim(text_));
}

void MlDataReader::end_obs() {
  if (!flow_) return;
  if (parts_deleted_)
    // 3.0: only these attributes are to go, not the observation. Nobody can do that here.
    if (const std::uint16_t part = attribute_deleted(); part != kNoComponent)
      report(rules::delete_part, flow_->components[part].id, {});
  if (direct_) return;
  builder_.add_row(obs_key_, obs_time_, obs_values_, obs_attributes_, obs_at_, conflicts_);
  for (const RowValue& conflict : conflicts_) {
    Finding finding =
        make(rules::attribute_conflict, flow_->components[conflict.component].id, conflict.value);
    finding.at = conflict.at;
    finding.series = flow_->series_key(obs_key_);
    sink_.add(std::move(finding));
  }
}

std::uint16_t MlDataReader::attribute_deleted() const {
  std::uint16_t attribute = kNoComponent;
  for (std::uint16_t c = 0; c < flow_->components.size(); ++c) {
    const ComponentKind kind = flow_->components[c].kind;
    const bool given =
        direct_ ? builder_.is_set(c)
                : std::any_of(obs_values_.begin(), obs_values_.end(),
                              [&](const RowValue& value) { return value.component == c; });
    if (given && kind == ComponentKind::kMeasure) return kNoComponent;
    if (given && kind == ComponentKind::kAttribute && attribute == kNoComponent) attribute = c;
  }
  return attribute;
}

// ---------------------------------------------------------------------------------- generic values

void MlDataReader::component_value(const Attributes& attributes) {
  if (!flow_) return;
  std::string_view id = attributes.get(v20() ? "concept" : "id");
  if (attributes.size() != 2 || !id.data() || !attributes.get("value").data())
    only(attributes, "id", "value");
  std::uint16_t component = find_component(trim(id));
  Level level = Level::kObs;
  if (place_ == Place::kGroupKey || place_ == Place::kGroupAttributes) level = Level::kGroup;
  if (place_ == Place::kSeriesKey || place_ == Place::kSeriesAttributes) level = Level::kSeries;
  if (place_ == Place::kDatasetAttributes) level = Level::kDataset;
  NameCache::Entry entry{nullptr, component, use_at(component, level)};
  // A dimension among the attributes, or the other way round.
  const bool key_place =
      place_ == Place::kGroupKey || place_ == Place::kSeriesKey || place_ == Place::kObsKey;
  const bool key_use = entry.use == Use::kKey || entry.use == Use::kTime;
  const bool measure =
      component != kNoComponent && flow_->components[component].kind == ComponentKind::kMeasure;
  if (entry.use != Use::kUnknown && (key_place != key_use || measure)) entry.use = Use::kWrongLevel;
  std::string_view value = value_of(attributes);
  switch (level) {
    case Level::kDataset:
      if (entry.use == Use::kDatasetAttribute)
        builder_.dataset_attribute(component, value, here());
      else
        misplaced(entry, id);
      return;
    case Level::kGroup:
      if (current_group_) group_component(entry, id, value, here());
      return;
    case Level::kSeries:
      series_component(entry, id, value);
      return;
    default:
      obs_component(entry, id, value);
      return;
  }
}

void MlDataReader::only(const Attributes& attributes, std::string_view one,
                        std::string_view other) {
  if (v20()) return;
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    std::string_view name = view(attributes.local(i));
    if (attributes.qualified(i))
      foreign_attribute(attributes, i);
    else if (name != one && name != other)
      report(rules::unknown_component, name, attributes.value(i));
  }
}

std::string_view MlDataReader::value_of(const Attributes& attributes) {
  std::string_view value = attributes.get("value");
  return value.data() ? value : std::string_view("");
}

void MlDataReader::series_component(const NameCache::Entry& entry, std::string_view id,
                                    std::string_view value) {
  switch (entry.use) {
    case Use::kKey:
      if (key_[entry.component].data()) return twice(id);
      key_[entry.component] = scratch_.copy(value);
      return;
    case Use::kTime:
      if (series_time_.data()) return twice(id);
      series_time_ = scratch_.copy(value);
      return;
    case Use::kRunAttribute:
      for (const RowValue& known : series_attributes_)
        if (known.component == entry.component) return twice(id);
      series_attributes_.push_back({entry.component, scratch_.copy(value), here()});
      return;
    default:
      misplaced(entry, id);
  }
}

void MlDataReader::obs_component(const NameCache::Entry& entry, std::string_view id,
                                 std::string_view value) {
  if (!direct_) {
    if (entry.use == Use::kUnknown || entry.use == Use::kWrongLevel)
      misplaced(entry, id);
    else
      row_component(entry, id, obs_scratch_.copy(value));
  } else if (entry.use == Use::kTime) {
    if (builder_.time_is_set()) return twice(id);
    builder_.set_time(value);
  } else if (entry.use == Use::kColumn) {
    if (!builder_.set(entry.component, value)) twice(id);
  } else {
    misplaced(entry, id);
  }
}

void MlDataReader::leaf(Place back) {
  leaf_in_ = back;
  place_ = Place::kLeaf;
}

}  // namespace focalpost::sdmx
