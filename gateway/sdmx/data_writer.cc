// SPDX-License-Identifier: Apache-2.0
#include "sdmx/data_writer.h"

#include <algorithm>
#include <map>

#include "sdmx/batch_builder.h"
#include "sdmx/batch_walk.h"
#include "sdmx/csv_data_writer.h"
#include "sdmx/data_reader.h"
#include "sdmx/ml_data_writer.h"
#include "sdmx/xml_out.h"

namespace focalpost {
namespace {

constexpr std::pair<DataFormat, std::string_view> kNames[] = {
    {DataFormat::kStructureSpecific21, "structurespecific-2.1"},
    {DataFormat::kStructureSpecificTimeSeries21, "structurespecific-timeseries-2.1"},
    {DataFormat::kGeneric21, "generic-2.1"},
    {DataFormat::kGenericTimeSeries21, "generic-timeseries-2.1"},
    {DataFormat::kStructureSpecific30, "structurespecific-3.0"},
    {DataFormat::kCsv10, "csv-1.0"},
    {DataFormat::kCsv20, "csv-2.0"},
};

}  // namespace

std::string_view data_format_name(DataFormat format) {
  for (auto [f, name] : kNames)
    if (f == format) return name;
  return "";
}

std::optional<DataFormat> data_format_from_name(std::string_view name) {
  for (auto [format, n] : kNames)
    if (n == name) return format;
  return {};
}

std::vector<std::string_view> data_format_names() {
  std::vector<std::string_view> names;
  for (auto [format, name] : kNames) names.push_back(name);
  return names;
}

namespace sdmx {

Status check_names(const FlowStructure& structure) {
  for (std::size_t c = 0; c < structure.components.size(); ++c) {
    const std::string& id = structure.components[c].id;
    if (!is_ncname(id))
      return not_right(fmt::format("\"{}\" of {} cannot be the name of a component",
                                   one_line(shorten(id, 80)), structure.name().text()),
                       "Ids begin with a letter and go on with letters, digits, _ and -.");
    if (structure.find(id) != c)
      return not_right(
          fmt::format("two components of {} are called {}", structure.name().text(), id));
  }
  for (const FlowGroup& group : structure.groups)
    if (!group.implied && !is_ncname(group.id))
      return not_right(fmt::format("\"{}\" of {} cannot be the name of a group",
                                   one_line(shorten(group.id, 80)), structure.name().text()));
  return {};
}

}  // namespace sdmx

std::unique_ptr<MessageWriter> make_data_writer(DataFormat format, ByteSink sink,
                                                const DataWriteOptions& options,
                                                const Limits& limits) {
  if (format == DataFormat::kCsv10 || format == DataFormat::kCsv20)
    return sdmx::make_csv_writer(format, std::move(sink), options, limits);
  return sdmx::make_ml_writer(format, std::move(sink), options.flat);
}

// ---- rows

struct RowFeed::Inside {
  MessageWriter& writer;
  sdmx::BatchBuilder builder;
  std::vector<sdmx::RowValue> values;
  std::uint16_t time;

  std::span<const sdmx::RowValue> taken(std::span<const OutgoingValue> from) {
    values.clear();
    for (const OutgoingValue& value : from) values.push_back({value.component, value.value, {}});
    return values;
  }
  Status pass_on() {
    while (builder.ready()) FP_TRY(writer.write(*builder.take()));
    return {};
  }
};

RowFeed::RowFeed(MessageWriter& writer, std::shared_ptr<const FlowStructure> structure)
    : inside_(new Inside{writer, {}, {}, structure->time}) {
  inside_->builder.begin_dataset(0, std::move(structure));
}
RowFeed::~RowFeed() = default;

Status RowFeed::group(std::uint16_t group, std::span<const std::string_view> key,
                      std::span<const OutgoingValue> attributes) {
  inside_->builder.group(group, key, inside_->taken(attributes), {});
  return inside_->pass_on();
}

Status RowFeed::series(std::span<const std::string_view> key,
                       std::span<const OutgoingValue> attributes) {
  inside_->builder.begin_run(key, {});
  for (const OutgoingValue& value : attributes)
    inside_->builder.run_attribute(value.component, value.value, {});
  return inside_->pass_on();
}

Status RowFeed::observation(std::string_view time, std::span<const OutgoingValue> values) {
  inside_->builder.add_observation({});
  if (inside_->time != kNoComponent && time.data()) inside_->builder.set_time(time);
  for (const OutgoingValue& value : values)
    if (value.value.data()) inside_->builder.set(value.component, value.value);
  return inside_->pass_on();
}

Status RowFeed::finish() {
  inside_->builder.end_dataset();
  return inside_->pass_on();
}

// ---- copying

struct DataSurvey::Dataset {
  using Values = std::vector<std::pair<std::uint16_t, std::string>>;
  std::uint32_t index = 0;
  DatasetHead head;
  Values attributes;
  struct Group {
    std::uint16_t group = 0;
    std::vector<std::string> key;  ///< "" where absent
    Values values;
  };
  std::vector<Group> groups;
  std::map<std::pair<std::uint16_t, std::vector<std::string>>, std::size_t> places;

  std::uint64_t add(const ObservationBatch& batch) {
    std::uint64_t bytes = 0;
    for (const auto& value : batch.dataset_attributes) {
      attributes.emplace_back(value.component, value.value);
      bytes += value.value.size() + 64;
    }
    for (const auto& from : batch.groups) {
      Group group;
      group.group = from.group;
      for (std::uint16_t d = 0; d < batch.structure->dimension_count; ++d) {
        group.key.emplace_back(batch.group_keys[from.key_first + d]);
        bytes += 2 * (group.key.back().size() + sizeof(std::string));
      }
      for (std::uint32_t a = from.attribute_first; a < from.attribute_first + from.attribute_count;
           ++a) {
        group.values.emplace_back(batch.attributes[a].component, batch.attributes[a].value);
        bytes += batch.attributes[a].value.size() + 64;
      }
      auto [place, fresh] = places.try_emplace({group.group, group.key}, groups.size());
      // Said twice with different values: both are kept, who reads them decides.
      if (fresh || !join(groups[place->second].values, group.values))
        groups.push_back(std::move(group));
    }
    return bytes;
  }

  static bool join(Values& known, const Values& more) {
    auto find = [&](std::uint16_t c) {
      return std::find_if(known.begin(), known.end(), [&](const auto& v) { return v.first == c; });
    };
    for (const auto& [component, text] : more)
      if (auto old = find(component); old != known.end() && old->second != text) return false;
    for (const auto& value : more)
      if (find(value.first) == known.end()) known.push_back(value);
    return true;
  }
};

DataSurvey::DataSurvey() = default;
DataSurvey::DataSurvey(DataSurvey&&) noexcept = default;
DataSurvey& DataSurvey::operator=(DataSurvey&&) noexcept = default;
DataSurvey::~DataSurvey() = default;

Result<DataSurvey> DataSurvey::of(DataReader& reader, const Limits& limits) {
  DataSurvey survey;
  for (;;) {
    FP_ASSIGN(ObservationBatch * batch, reader.next());
    if (!batch) break;
    FP_TRY(survey.take(*batch, limits));
  }
  survey.finish(reader.message());
  return survey;
}

Status DataSurvey::take(const ObservationBatch& batch, const Limits& limits) {
  if (datasets_.empty() || datasets_.back().index != batch.dataset)
    datasets_.emplace_back().index = batch.dataset;
  bytes_ += datasets_.back().add(batch);
  if (bytes_ > limits.stage_memory)
    return not_right("the attributes of groups and datasets are too many to be kept",
                     "Raise the limit stage_memory.");
  return {};
}

void DataSurvey::finish(const DataMessage& read) {
  message.header = header_of(read);
  for (Dataset& dataset : datasets_) {
    dataset.head = read.datasets[dataset.index];
    auto& structures = message.structures;
    if (std::none_of(structures.begin(), structures.end(),
                     [&](const auto& known) { return known->name() == dataset.head.flow->name(); }))
      structures.push_back(dataset.head.flow);
  }
}

namespace {

/// Text views of kept values, for as long as those live.
std::vector<OutgoingValue> views(const std::vector<std::pair<std::uint16_t, std::string>>& values) {
  std::vector<OutgoingValue> result;
  for (const auto& [component, text] : values) result.push_back({component, text});
  return result;
}

}  // namespace

Status copy_data(const DataSurvey& survey, DataReader& reader, MessageWriter& writer) {
  FP_TRY(writer.begin(survey.message));
  auto dataset = survey.datasets_.begin();
  bool open = false;
  for (;;) {
    FP_ASSIGN(ObservationBatch * batch, reader.next());
    if (!batch) break;
    if (!open) {
      if (dataset == survey.datasets_.end() || dataset->index != batch->dataset)
        return temporary("the message changed while it was read a second time");
      OutgoingDataset outgoing;
      outgoing.structure = dataset->head.flow;
      outgoing.action = dataset->head.action;
      outgoing.reporting_begin = dataset->head.reporting_begin;
      outgoing.reporting_end = dataset->head.reporting_end;
      outgoing.valid_from = dataset->head.valid_from;
      outgoing.valid_to = dataset->head.valid_to;
      outgoing.attributes = views(dataset->attributes);
      FP_TRY(writer.begin_dataset(outgoing));
      open = true;
      RowFeed feed(writer, outgoing.structure);
      for (const auto& group : dataset->groups) {
        std::vector<std::string_view> key(group.key.begin(), group.key.end());
        for (std::string_view& part : key)
          if (part.empty()) part = {};
        FP_TRY(feed.group(group.group, key, views(group.values)));
      }
      FP_TRY(feed.finish());
    }
    batch->groups.clear();
    FP_TRY(writer.write(*batch));
    if (batch->last_of_dataset) {
      FP_TRY(writer.end_dataset());
      open = false;
      ++dataset;
    }
  }
  return writer.end();
}

}  // namespace focalpost
