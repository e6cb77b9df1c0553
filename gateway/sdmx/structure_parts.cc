// SPDX-License-Identifier: Apache-2.0
#include "sdmx/structure_parts.h"

#include <charconv>
#include <utility>

#include "sdmx/header_reader.h"

namespace focalpost::sdmx {
namespace {

/// Data types of 2.0 (SDMXStructure.xsd, TextTypeType) that have other names since.
constexpr std::pair<std::string_view, DataType> kTypes20[] = {
    {"Date", DataType::kGregorianDay},
    {"Year", DataType::kGregorianYear},
    {"YearMonth", DataType::kGregorianYearMonth},
    {"Timespan", DataType::kTimeRange},
};

/// Data types that are legal and by which nothing is judged here.
constexpr std::string_view kNotJudged[] = {
    "GeospatialInformation",         "KeyValues",        "IdentifiableReference",
    "AttachmentConstraintReference", "DataSetReference",
};

std::optional<DataType> data_type(std::string_view name, bool v20) {
  if (auto known = data_type_from_name(name)) return known;
  for (std::string_view legal : kNotJudged)
    if (legal == name) return DataType::kOther;
  if (v20)
    for (auto [old_name, type] : kTypes20)
      if (old_name == name) return type;
  return {};
}

}  // namespace

TextFormat read_text_format(
    const Attributes& attributes,
    const std::function<void(std::string_view name, std::string_view value)>& wrong, bool v20) {
  TextFormat format;
  if (std::string_view type = attributes.get("textType"); type.data()) {
    auto known = data_type(type, v20);
    if (!known) wrong("textType", type);
    format.type = known.value_or(DataType::kOther);
  }
  auto number = [&](std::string_view name) -> std::optional<std::uint32_t> {
    std::string_view text = attributes.get(name);
    std::uint32_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty()) return {};
    if (error != std::errc() || end != text.data() + text.size()) {
      wrong(name, text);
      return {};
    }
    return value;
  };
  format.min_length = number("minLength");
  format.max_length = number("maxLength");
  format.decimals = number("decimals");
  format.min_value = attributes.get("minValue");
  format.max_value = attributes.get("maxValue");
  format.start_value = attributes.get("startValue");
  format.end_value = attributes.get("endValue");
  format.interval = attributes.get("interval");
  format.start_time = attributes.get("startTime");
  format.end_time = attributes.get("endTime");
  format.pattern = attributes.get("pattern");
  format.is_sequence = read_boolean(attributes.get("isSequence")).value_or(false);
  format.is_multilingual = read_boolean(attributes.get("isMultiLingual")).value_or(false);
  return format;
}

}  // namespace focalpost::sdmx
