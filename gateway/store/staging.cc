// SPDX-License-Identifier: Apache-2.0
//
// Staging: from the columns of a batch to compact rows, with everything that a merge needs decided.
#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "store/merge.h"

namespace focalpost {
namespace {

/// The number of a text that SQLite gives back digit for digit as an INTEGER: "0", "-12", no "+1",
/// "-0" or "007", at most 18 digits.
bool canonical_integer(std::string_view text, std::int64_t& number) {
  std::size_t i = text.front() == '-' ? 1 : 0;
  std::size_t digits = text.size() - i;
  if (digits == 0 || digits > 18) return false;
  if (text[i] == '0') {
    number = 0;
    return text.size() == 1;
  }
  std::int64_t n = 0;
  for (; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    n = n * 10 + (text[i] - '0');
  }
  number = text.front() == '-' ? -n : n;
  return true;
}

}  // namespace

std::string attributes_json(
    const std::vector<std::pair<std::string_view, std::string_view>>& values) {
  if (values.empty()) return {};
  std::string json = "{";
  auto quote = [&](std::string_view text) {
    json += '"';
    for (char c : text) {
      if (c == '"' || c == '\\') {
        json += '\\';
        json += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      } else {
        json += c;
      }
    }
    json += '"';
  };
  for (auto [name, value] : values) {
    if (json.size() > 1) json += ',';
    quote(name);
    json += ':';
    quote(value);
  }
  return json + "}";
}

std::vector<std::pair<std::string, std::string>> read_attributes_json(std::string_view json) {
  std::vector<std::pair<std::string, std::string>> result;
  std::size_t i = 0;
  auto text = [&]() -> std::optional<std::string> {
    while (i < json.size() && json[i] != '"') ++i;
    if (i >= json.size()) return {};
    std::string out;
    for (++i; i < json.size() && json[i] != '"'; ++i) {
      if (json[i] != '\\' || i + 1 >= json.size()) {
        out += json[i];
        continue;
      }
      ++i;
      if (json[i] == 'u' && i + 4 < json.size()) {
        // attributes_json escapes only control characters in this way
        int code = 0;
        for (int k = 1; k <= 4; ++k) {
          char c = json[i + std::size_t(k)];
          code = code * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
        }
        out += static_cast<char>(code);
        i += 4;
      } else {
        out += json[i];
      }
    }
    ++i;
    return out;
  };
  for (;;) {
    auto name = text();
    if (!name) return result;
    auto value = text();
    if (!value) return result;
    result.emplace_back(*std::move(name), *std::move(value));
  }
}

std::string attributes_over(std::string_view before, std::string_view given) {
  auto merged = read_attributes_json(before);
  for (auto& [name, value] : read_attributes_json(given)) {
    auto same =
        std::find_if(merged.begin(), merged.end(), [&](auto& m) { return m.first == name; });
    if (same == merged.end())
      merged.emplace_back(std::move(name), std::move(value));
    else
      same->second = std::move(value);
  }
  std::sort(merged.begin(), merged.end());
  return attributes_json({merged.begin(), merged.end()});
}

void StagedRows::begin(std::shared_ptr<const FlowStructure> structure, Action action) {
  clear();
  structure_ = std::move(structure);
  action_ = action;
  total_codes_.clear();
  for (std::size_t d = 0; d < structure_->dimension_count; ++d) {
    const FlowComponent& component = structure_->components[d];
    total_codes_.push_back(component.coded() ? component.codes->find("_T") : kNoCode);
  }
}

void StagedRows::clear() {
  rows_.clear();
  series_.clear();
  series_places_.clear();
  codes_.assign(1, "");
  extras_.clear();
  attributes_.clear();
  deletes_.clear();
  arena_.clear();
}

std::size_t StagedRows::bytes() const {
  return rows_.capacity() * sizeof(Row) + series_.capacity() * (sizeof(Series) + 64) +
         arena_.bytes() + extras_.capacity() * (sizeof(Extra) + 64);
}

std::uint16_t StagedRows::code_number(std::string_view code) {
  if (code.empty()) return 0;
  for (std::size_t i = 1; i < codes_.size(); ++i)
    if (codes_[i] == code) return static_cast<std::uint16_t>(i);
  codes_.emplace_back(code);
  return static_cast<std::uint16_t>(codes_.size() - 1);
}

std::uint32_t StagedRows::series_number(const ObservationBatch& batch, std::size_t run,
                                        std::uint16_t measure) {
  auto key = batch.key(run);
  key_buffer_.clear();
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (i > 0) key_buffer_ += '.';
    key_buffer_ += key[i];
  }
  // Several measures of one key are several series; the measure's number keeps them apart here.
  if (structure_->measure_count > 1)
    key_buffer_ += static_cast<char>(measure - structure_->measure + 1);
  if (auto known = series_places_.find(std::string_view(key_buffer_));
      known != series_places_.end())
    return known->second;
  std::string_view stored = arena_.copy(key_buffer_);
  auto number = static_cast<std::uint32_t>(series_.size());
  series_places_.emplace(stored, number);
  Series series{};
  series.key = structure_->measure_count > 1 ? stored.substr(0, stored.size() - 1) : stored;
  series.measure = measure;
  series.all_total = true;
  auto codes = batch.codes(run);
  for (std::size_t d = 0; d < codes.size(); ++d)
    if (total_codes_[d] != kNoCode && codes[d] != total_codes_[d]) series.all_total = false;
  if (structure_->ref_area < key.size()) series.area = arena_.copy(key[structure_->ref_area]);
  series_.push_back(std::move(series));
  return number;
}

void StagedRows::take(const ObservationBatch& batch) {
  const FlowStructure& flow = *structure_;
  struct Other {
    std::string_view id;
    const std::vector<std::string_view>* text;
    bool embargo;
  };
  std::vector<Other> others;
  const ObservationBatch::Column* status = nullptr;
  const ObservationBatch::Column* conf = nullptr;
  std::vector<const ObservationBatch::Column*> measures(flow.measure_count, nullptr);
  for (const auto& column : batch.columns) {
    if (column.component >= flow.measure && column.component < flow.measure + flow.measure_count)
      measures[std::size_t(column.component - flow.measure)] = &column;
    else if (column.component == flow.obs_status)
      status = &column;
    else if (column.component == flow.conf_status)
      conf = &column;
  }
  for (std::size_t c = 0; c < flow.components.size();
       ++c)  // in the DSD's order, whatever the file's
    if (const auto* column = batch.column(static_cast<std::uint16_t>(c));
        column && flow.components[c].kind == ComponentKind::kAttribute && column != status &&
        column != conf)
      others.push_back({flow.components[c].id, &column->text, c == flow.embargo_time});

  auto attributes_of = [&](std::uint32_t first, std::uint32_t count) {
    std::vector<std::pair<std::string_view, std::string_view>> values;
    for (std::uint32_t i = first; i < first + count; ++i)
      if (const auto& a = batch.attributes[i]; !a.value.empty())
        values.emplace_back(flow.components[a.component].id, a.value);
    std::sort(values.begin(), values.end());
    return values;
  };
  for (const auto& a : batch.dataset_attributes)
    if (!a.value.empty())
      attributes_.push_back({"d:", flow.components[a.component].id, std::string(a.value)});
  for (const auto& group : batch.groups) {
    std::string target = "g:" + flow.groups[group.group].id + ":";
    for (std::size_t i = 0; i < flow.groups[group.group].dimensions.size(); ++i) {
      if (i > 0) target += '.';
      target += batch.group_keys[group.key_first + flow.groups[group.group].dimensions[i]];
    }
    for (auto [id, value] : attributes_of(group.attribute_first, group.attribute_count))
      attributes_.push_back({target, std::string(id), std::string(value)});
  }

  std::string_view last_status, last_conf;
  std::uint16_t last_status_number = 0, last_conf_number = 0;
  std::vector<std::pair<std::string_view, std::string_view>> extra_values;
  for (std::size_t r = 0; r < batch.runs.size(); ++r) {
    const auto& run = batch.runs[r];
    if (run.judged_bad) continue;
    if (action_ == Action::kDelete) {
      std::vector<std::string> key(batch.key(r).begin(), batch.key(r).end());
      if (run.count == 0)
        deletes_.push_back({std::move(key), Period()});
      else
        for (std::size_t o = run.first; o < run.first + run.count; ++o)
          deletes_.push_back({key, batch.period.empty() ? Period() : batch.period[o]});
      continue;
    }
    for (std::uint16_t m = 0; m < flow.measure_count; ++m) {
      const auto* values = measures[m];
      std::uint32_t series = series_number(batch, r, static_cast<std::uint16_t>(flow.measure + m));
      if (run.attribute_count > 0) {
        std::string json = attributes_json(attributes_of(run.attribute_first, run.attribute_count));
        // A series may come in several runs, each with some of its attributes.
        std::string& known = series_[series].attributes;
        if (known.empty())
          known = std::move(json);
        else if (known != json)
          known = attributes_over(known, json);
      }
      for (std::size_t o = run.first; o < std::size_t(run.first) + run.count; ++o) {
        std::string_view value = values ? values->text[o] : std::string_view{};
        std::string_view s = status ? status->text[o] : std::string_view{};
        if (value == "NaN" || value == "#N/A") value = {};
        if (value.empty() && s.empty()) continue;  // "not provided"
        std::string_view c = conf ? conf->text[o] : std::string_view{};
        Row row;
        row.period = batch.period.empty() ? 0 : batch.period[o].number();
        row.series = series;
        if (s != last_status || s.data() == nullptr) {
          last_status_number = code_number(s);
          last_status = s;
        }
        if (c != last_conf || c.data() == nullptr) {
          last_conf_number = code_number(c);
          last_conf = c;
        }
        row.status = last_status_number;
        row.conf = last_conf_number;
        row.text_size = 0;
        if (value.empty()) {
          row.kind = ValueKind::kNull;
          row.number = 0;
        } else if (canonical_integer(value, row.number)) {
          row.kind = ValueKind::kInteger;
        } else {
          row.kind = ValueKind::kText;
          row.text = arena_.copy(value).data();
          row.text_size = static_cast<std::uint32_t>(value.size());
        }
        row.extra = 0;
        if (!others.empty()) {
          extra_values.clear();
          std::optional<Time> embargo;
          for (const Other& other : others)
            if (std::string_view text = (*other.text)[o]; !text.empty()) {
              extra_values.emplace_back(other.id, text);
              if (other.embargo && c == "E") embargo = parse_time(text);
            }
          if (!extra_values.empty()) {
            extras_.push_back({attributes_json(extra_values), embargo});
            row.extra = static_cast<std::uint32_t>(extras_.size());
          }
        }
        rows_.push_back(row);
      }
    }
  }
}

}  // namespace focalpost
