// SPDX-License-Identifier: Apache-2.0
//
// One shape serves all: a component is `prefix value suffix`, as an XML attribute in
// structure-specific data and as a Value element in generic data. Series and observations are lines
// of their own without indentation: a file is read by people only where it went wrong, and then by
// the number of its line.
#include "sdmx/ml_data_writer.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/clock.h"
#include "model/multi_value.h"
#include "model/period.h"
#include "sdmx/batch_walk.h"
#include "sdmx/schema_writer.h"
#include "sdmx/xml_out.h"

namespace focalpost::sdmx {
namespace {

constexpr std::string_view kBase = "http://www.sdmx.org/resources/sdmxml/schemas/";
constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";

ArtefactClass class_of(const FlowStructure& structure) {
  return structure.dataflow.empty() ? ArtefactClass::kDataStructure : ArtefactClass::kDataflow;
}

std::string_view root_of(DataFormat format) {
  switch (format) {
    case DataFormat::kGeneric21:
      return "GenericData";
    case DataFormat::kGenericTimeSeries21:
      return "GenericTimeSeriesData";
    case DataFormat::kStructureSpecificTimeSeries21:
      return "StructureSpecificTimeSeriesData";
    default:
      return "StructureSpecificData";
  }
}

/// As a BasicTimePeriodType, which a dataset's dates must be; a reporting period becomes its first
/// or last day.
std::string basic_period(const std::string& text, bool end) {
  auto period = Period::parse(text);
  if (!period) return {};
  if (period->kind() == PeriodKind::kRange) return {};
  if (period->kind() == PeriodKind::kDateTime) return text;
  const bool gregorian = std::none_of(text.begin(), text.end(), [](char c) {
    return c >= 'A' && c <= 'Y';  // a zone Z may stay
  });
  if (gregorian) return text;
  return date_text(end ? period->end_day() - 1 : period->first_day());
}

class MlDataWriter final : public BatchWalk<MlDataWriter> {
 public:
  MlDataWriter(DataFormat format, ByteSink sink, bool flat)
      : format_(format), out_(std::move(sink)), flat_asked_(flat) {
    generic_ = format == DataFormat::kGeneric21 || format == DataFormat::kGenericTimeSeries21;
    series_root_ = format == DataFormat::kGenericTimeSeries21 ||
                   format == DataFormat::kStructureSpecificTimeSeries21;
    v30_ = format == DataFormat::kStructureSpecific30;
    if (series_root_) flat_asked_ = false;
  }

 private:
  friend class BatchWalk<MlDataWriter>;

  bool wildcards() const { return v30_; }
  Status flush_if_full() { return out_.pass_on(); }

  // ---- the message

  Status start(const OutgoingMessage& message) {
    FP_TRY(check_header(message.header));
    for (const auto& structure : message.structures) FP_TRY(check_structure(*structure));
    if (format_ == DataFormat::kGenericTimeSeries21 && message.structures.size() > 1)
      return not_right("a GenericTimeSeriesData message has one structure only",
                       "Write GenericData instead.");
    const std::string base = fmt::format("{}{}/", kBase, v30_ ? "v3_0" : "v2_1");
    out_.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mes:");
    out_.raw(root_of(format_));
    out_.attribute("xmlns:mes", base + "message");
    out_.attribute("xmlns:com", base + "common");
    if (generic_) {
      out_.attribute("xmlns:gen", base + "data/generic");
    } else {
      out_.attribute("xmlns:ss", base + "data/structurespecific");
      out_.attribute("xmlns:xsi", kXsi);
      for (std::size_t i = 0; i < message.structures.size(); ++i)
        out_.attribute("xmlns:ns" + std::to_string(i + 1), space_of(*message.structures[i]));
    }
    out_.raw(">\n");
    header(message);
    return out_.pass_on();
  }

  Status check_structure(const FlowStructure& structure) const {
    if (!v30_ && structure.measure_count > 1)
      return not_right(fmt::format("{} has {} measures and SDMX-ML 2.1 has one",
                                   structure.name().text(), structure.measure_count),
                       "Write SDMX-ML 3.0 or SDMX-CSV 2.0 instead.");
    if (series_root_ && structure.time == kNoComponent)
      return not_right(fmt::format("{} has no time dimension", structure.name().text()),
                       "Write the form that is not for time series alone.");
    return {};
  }

  static bool is_flat(const FlowStructure& structure, bool asked) {
    return asked || structure.time == kNoComponent;
  }
  std::string space_of(const FlowStructure& structure) const {
    return data_schema_namespace(structure, flat_asked_);
  }

  void header(const OutgoingMessage& message) {
    const OutgoingHeader& h = message.header;
    sdmx::write_header_head(out_, h);
    for (const LocalText& name : h.names) {
      out_.open("com:Name");
      out_.attribute("xml:lang", name.lang);
      out_.text(name.text);
      out_.close();
    }
    for (std::size_t i = 0; i < message.structures.size(); ++i) {
      const FlowStructure& structure = *message.structures[i];
      out_.open("mes:Structure");
      out_.attribute("structureID", "S" + std::to_string(i + 1));
      if (!generic_) out_.attribute("namespace", space_of(structure));
      out_.attribute("dimensionAtObservation", is_flat(structure, flat_asked_)
                                                   ? std::string_view("AllDimensions")
                                                   : structure.components[structure.time].id);
      const bool dataflow = !structure.dataflow.empty();
      const std::string_view element = dataflow ? "com:StructureUsage" : "com:Structure";
      if (v30_) {
        out_.element(element, urn(class_of(structure), structure.name()));
      } else {
        out_.open(element);
        out_.open("Ref");
        out_.attribute("agencyID", structure.name().agency);
        out_.attribute("id", structure.name().id);
        if (!structure.name().version.empty()) out_.attribute("version", structure.name().version);
        out_.close();
        out_.close();
      }
      out_.close();
    }
    out_.close();
  }

  Status finish() {
    out_.raw("\n</mes:");
    out_.raw(root_of(format_));
    out_.raw(">\n");
    return out_.flush();
  }

  // ---- the dataset

  Status start_dataset() {
    flat_ = is_flat(flow(), flat_asked_);
    prefixes_.clear();
    for (const FlowComponent& component : flow().components)
      prefixes_.push_back(generic_ ? "<gen:Value id=\"" + component.id + "\" value=\""
                                   : " " + component.id + "=\"");
    suffix_ = generic_ ? "\"/>" : "\"";
    const std::string prefix = generic_ ? "" : "ss:";
    auto date = [&](std::string_view name, const std::string& text) {
      if (!text.empty()) out_.attribute(prefix + std::string(name), text);
    };
    auto moment = [](const std::string& text) {
      auto period = Period::parse(text);
      return period && period->kind() == PeriodKind::kDateTime ? text : std::string();
    };
    out_.raw("\n<mes:DataSet");
    out_.attribute(prefix + "structureRef", "S" + std::to_string(place() + 1));
    out_.attribute(
        prefix + "action",
        action_name(dataset().action == Action::kMerge ? Action::kAppend : dataset().action));
    date("reportingBeginDate", basic_period(dataset().reporting_begin, false));
    date("reportingEndDate", basic_period(dataset().reporting_end, true));
    date("validFromDate", moment(dataset().valid_from));
    date("validToDate", moment(dataset().valid_to));
    if (!generic_) {
      if (!v30_) out_.attribute("ss:dataScope", "DataStructure");
      out_.attribute("xsi:type", fmt::format("ns{}:DataSetType", place() + 1));
    }
    if (!generic_ && !v30_)
      for (const OutgoingValue& value : dataset().attributes) component(value);
    out_.raw(">");
    if (dataset().provider) provider(*dataset().provider);
    if (!dataset().attributes.empty() && (generic_ || v30_)) {
      out_.raw(generic_ ? "\n<gen:Attributes>" : "\n<Atts");
      for (const OutgoingValue& value : dataset().attributes) component(value);
      if (generic_)
        out_.raw("</gen:Attributes>");
      else
        end_tag("Atts", {});
    }
    held_.assign(flow().groups.size(), {});
    held_bytes_ = 0;
    return refusal_ ? Status(*refusal_) : out_.pass_on();
  }

  void provider(const ProviderRef& ref) {
    out_.raw(generic_ ? "\n<gen:DataProvider>" : "\n<DataProvider>");
    if (v30_) {
      std::string name = "urn:sdmx:org.sdmx.infomodel.base.DataProvider=";
      out_.value(name + ref.scheme.text() + "." + ref.id);
    } else {
      out_.raw("<Ref");
      out_.attribute("agencyID", ref.scheme.agency);
      out_.attribute("maintainableParentID", ref.scheme.id);
      if (!ref.scheme.version.empty())
        out_.attribute("maintainableParentVersion", ref.scheme.version);
      out_.attribute("id", ref.id);
      out_.raw("/>");
    }
    out_.raw(generic_ ? "</gen:DataProvider>" : "</DataProvider>");
  }

  Status finish_dataset() {
    for (const auto& keys : held_)
      for (const auto& [key, held] : keys)
        if (!held.used)
          return not_right(
              fmt::format("attributes of a partial key of {} have no series in their dataset",
                          flow().name().text()),
              "Write SDMX-ML 3.0 instead.");
    out_.raw("\n</mes:DataSet>");
    return out_.pass_on();
  }

  // ---- groups

  Status group(const ObservationBatch& batch, const ObservationBatch::GroupValue& group) {
    if (any_run() && !v30_)
      return not_right(fmt::format("a group {} comes behind the series of its dataset",
                                   flow().groups[group.group].id),
                       "SDMX-ML 2.1 wants groups first: read the file twice (copy_data).");
    auto attributes =
        std::span(batch.attributes).subspan(group.attribute_first, group.attribute_count);
    if (generic_ && attributes.empty()) return {};
    const FlowGroup& declared = flow().groups[group.group];
    if (declared.implied && !v30_) return hold(batch, group, declared);
    auto key = [&] {
      for (std::uint16_t d = 0; d < flow().dimension_count; ++d)
        if (std::string_view part = batch.group_keys[group.key_first + d]; part.data())
          component({d, part});
    };
    if (generic_) {
      out_.raw("\n<gen:Group");
      out_.attribute("type", declared.id);
      out_.raw("><gen:GroupKey>");
      key();
      out_.raw("</gen:GroupKey><gen:Attributes>");
    } else {
      out_.raw(declared.implied ? "\n<Atts" : "\n<Group");
      if (!declared.implied)
        out_.attribute("xsi:type", fmt::format("ns{}:{}", place() + 1, declared.id));
      key();
    }
    for (const auto& attribute : attributes) component({attribute.component, attribute.value});
    if (generic_)
      out_.raw("</gen:Attributes></gen:Group>");
    else
      end_tag(declared.implied ? "Atts" : "Group", {});
    return refusal_ ? Status(*refusal_) : out_.pass_on();
  }

  /// 2.1 has no place for attributes of a partial key but every series that they are of.
  Status hold(const ObservationBatch& batch, const ObservationBatch::GroupValue& group,
              const FlowGroup& declared) {
    std::string key =
        held_key({batch.group_keys.data() + group.key_first, flow().dimension_count}, declared);
    Held& held = held_[group.group][key];
    held_bytes_ += key.size() + sizeof(Held);
    for (std::uint32_t a = 0; a < group.attribute_count; ++a) {
      const auto& attribute = batch.attributes[group.attribute_first + a];
      if (std::any_of(held.values.begin(), held.values.end(),
                      [&](const auto& known) { return known.first == attribute.component; }))
        continue;
      held.values.emplace_back(attribute.component, std::string(attribute.value));
      held_bytes_ += attribute.value.size() + sizeof(held.values.back());
    }
    if (held_bytes_ > kHeldBytes)
      return not_right("the dataset has more partial keys than can be kept for their series",
                       "Write SDMX-ML 3.0 instead.");
    return {};
  }

  static std::string held_key(std::span<const std::string_view> key, const FlowGroup& group) {
    std::string text;
    for (std::uint16_t d : group.dimensions)
      if (d < key.size()) text.append(key[d]).push_back('\n');
    return text;
  }

  // ---- series

  Status begin_run(std::span<const std::string_view> key,
                   std::span<const ObservationBatch::AttributeValue> attributes) {
    key_text_.clear();
    attribute_text_.clear();
    std::optional<Error> error;
    auto append = [&](std::string& to, std::uint16_t c, std::string_view text) {
      to += prefixes_[c];
      append_checked(to, text, true, error);
      to += suffix_;
    };
    for (std::uint16_t d = 0; d < key.size(); ++d)
      if (key[d].data()) append(key_text_, d, key[d]);
    comp_text_.clear();
    auto append_attribute = [&](std::uint16_t c, std::string_view text) {
      if (is_multi(text))
        append_comp(comp_text_, {c, text});
      else
        append(attribute_text_, c, text);
    };
    for (const auto& attribute : attributes) append_attribute(attribute.component, attribute.value);
    for (std::size_t g = 0; !v30_ && g < held_.size(); ++g) {
      if (held_[g].empty()) continue;
      auto held = held_[g].find(held_key(key, flow().groups[g]));
      if (held == held_[g].end()) continue;
      held->second.used = true;
      for (const auto& [component, text] : held->second.values)
        if (std::none_of(attributes.begin(), attributes.end(),
                         [c = component](const auto& own) { return own.component == c; }))
          append_attribute(component, text);
    }
    if (error) return *error;
    if (refusal_) return *refusal_;
    tag_open_ = false;
    if (flat_) return {};
    if (generic_) {
      out_.raw("\n<gen:Series><gen:SeriesKey>");
      out_.raw(key_text_);
      out_.raw("</gen:SeriesKey>");
      if (!attribute_text_.empty()) generic_attributes(attribute_text_);
    } else {
      out_.raw("\n<Series");
      out_.raw(key_text_);
      out_.raw(attribute_text_);
      tag_open_ = true;
      if (!comp_text_.empty()) {
        out_.raw(">");
        out_.raw(comp_text_);
        tag_open_ = false;
      }
    }
    return {};
  }

  Status end_run(std::uint64_t observations) {
    if (!flat_) {
      out_.raw(tag_open_ ? "/>" : generic_ ? "\n</gen:Series>" : "\n</Series>");
      return {};
    }
    if (observations > 0) return {};
    if (!v30_)
      return not_right("a series without observations cannot stand in flat SDMX-ML 2.1 data",
                       "Write time series data instead.");
    out_.raw("\n<Obs");
    out_.raw(key_text_);
    out_.raw(attribute_text_);
    end_tag("Obs", comp_text_);
    return {};
  }

  // ---- observations

  /// Measures before attributes, in the order of the structure whatever that of the columns.
  void bind(const ObservationBatch& batch) {
    measures_.clear();
    attributes_.clear();
    for (const ObservationBatch::Column& column : batch.columns) {
      const bool measure = flow().components[column.component].kind == ComponentKind::kMeasure;
      (measure ? measures_ : attributes_).push_back(&column);
    }
    auto order = [](const auto* a, const auto* b) { return a->component < b->component; };
    std::sort(measures_.begin(), measures_.end(), order);
    std::sort(attributes_.begin(), attributes_.end(), order);
  }

  Status observation(const ObservationBatch& batch, std::size_t i) {
    if (tag_open_) out_.raw(">");
    tag_open_ = false;
    const std::string_view time = flow().time == kNoComponent ? std::string_view() : batch.time[i];
    if (generic_)
      generic_observation(time, i);
    else
      specific_observation(time, i);
    if (refusal_) return *refusal_;
    return out_.full() ? out_.flush() : Status();
  }

  void specific_observation(std::string_view time, std::size_t i) {
    out_.raw("\n<Obs");
    if (flat_) {
      out_.raw(key_text_);
      out_.raw(attribute_text_);
    }
    if (time.data()) component({flow().time, time});
    columns(measures_, i);
    columns(attributes_, i);
    end_tag("Obs", flat_ ? std::string_view(comp_text_) : std::string_view());
  }

  void generic_observation(std::string_view time, std::size_t i) {
    if (flat_) {
      out_.raw("\n<gen:Obs><gen:ObsKey>");
      out_.raw(key_text_);
      if (time.data()) component({flow().time, time});
      out_.raw("</gen:ObsKey>");
    } else {
      out_.raw("\n<gen:Obs><gen:ObsDimension value=\"");
      out_.value(time);
      out_.raw("\"/>");
    }
    for (const auto* column : measures_)
      if (column->text[i].data()) {
        if (is_multi(column->text[i])) refuse(column->component);
        out_.raw("<gen:ObsValue value=\"");
        out_.value(column->text[i]);
        out_.raw("\"/>");
      }
    bool any = flat_ && !attribute_text_.empty();
    for (const auto* column : attributes_) any = any || column->text[i].data();
    if (any) {
      out_.raw("<gen:Attributes>");
      if (flat_) out_.raw(attribute_text_);
      columns(attributes_, i);
      out_.raw("</gen:Attributes>");
    }
    out_.raw("</gen:Obs>");
  }

  void columns(const std::vector<const ObservationBatch::Column*>& list, std::size_t i) {
    for (const ObservationBatch::Column* column : list)
      if (std::string_view text = column->text[i]; text.data())
        component({column->component, text});
  }

  void component(const OutgoingValue& value) {
    if (is_multi(value.value)) return append_comp(comps_, value);
    out_.raw(prefixes_[value.component]);
    out_.value(value.value);
    out_.raw(suffix_);
  }

  /// Ends a start tag whose attributes were written by component(); what did not fit into an
  /// attribute, and `more`, stand inside.
  void end_tag(std::string_view element, std::string_view more) {
    if (comps_.empty() && more.empty()) return out_.raw("/>");
    out_.raw(">");
    out_.raw(more);
    out_.raw(comps_);
    out_.raw("</");
    out_.raw(element);
    out_.raw(">");
    comps_.clear();
  }

  /// 3.0: a component with several values or languages, as an element.
  void append_comp(std::string& to, const OutgoingValue& value) {
    if (!v30_) return refuse(value.component);
    const FlowComponent& component = flow().components[value.component];
    to += fmt::format("\n<Comp id=\"{}\" xsi:type=\"ns{}:{}\">", component.id, place() + 1,
                      complex_type_name(component));
    std::optional<Error> error;
    std::size_t open = SIZE_MAX;
    each_text(value.value, [&](const ValueText& one) {
      if (one.value != open) to += open == SIZE_MAX ? "<Value>" : "</Value><Value>";
      open = one.value;
      if (one.lang.empty()) return append_checked(to, one.text, false, error);
      to += "<com:Text xml:lang=\"";
      append_checked(to, one.lang, true, error);
      to += "\">";
      append_checked(to, one.text, false, error);
      to += "</com:Text>";
    });
    to += "</Value></Comp>";
    if (error) refusal_ = error;
  }

  void refuse(std::uint16_t c) {
    refusal_ = not_right(
        fmt::format("{} has several values or languages, for which SDMX-ML 2.1 has no form",
                    flow().components[c].id),
        "Write SDMX-ML 3.0 or SDMX-CSV 2.0 instead.");
  }

  void generic_attributes(std::string_view values) {
    out_.raw("<gen:Attributes>");
    out_.raw(values);
    out_.raw("</gen:Attributes>");
  }

  DataFormat format_;
  XmlOut out_;
  bool flat_asked_, generic_ = false, series_root_ = false, v30_ = false;

  // the dataset
  bool flat_ = false;
  std::vector<std::string> prefixes_;  ///< by component
  std::string_view suffix_;

  // the series
  std::string key_text_, attribute_text_;  ///< flat: repeated with each observation
  std::string comp_text_;                  ///< 3.0: the attributes that are elements
  bool tag_open_ = false;                  ///< structure-specific: <Series ... without its end

  // attributes of partial keys, 2.1
  static constexpr std::size_t kHeldBytes = 64 << 20;
  struct Held {
    std::vector<std::pair<std::uint16_t, std::string>> values;
    bool used = false;
  };
  std::vector<std::map<std::string, Held>> held_;  ///< by group and key
  std::size_t held_bytes_ = 0;

  std::string comps_;             ///< for the end of the open start tag
  std::optional<Error> refusal_;  ///< what this format cannot say

  // the batch
  std::vector<const ObservationBatch::Column*> measures_, attributes_;
};

}  // namespace

std::unique_ptr<MessageWriter> make_ml_writer(DataFormat format, ByteSink sink, bool flat) {
  return std::make_unique<MlDataWriter>(format, std::move(sink), flat);
}

}  // namespace focalpost::sdmx
