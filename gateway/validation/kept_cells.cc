// SPDX-License-Identifier: Apache-2.0
#include "validation/kept_cells.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace focalpost {
namespace {

constexpr std::size_t kKeptForReuse = 32'768;
/// Of dimensions without codes.
constexpr std::size_t kMostText = 1 << 20;

std::string_view run_value(const ObservationBatch& batch, std::size_t run,
                           std::uint16_t component) {
  if (component == kNoComponent) return {};
  const ObservationBatch::Run& r = batch.runs[run];
  for (std::size_t k = 0; k < r.attribute_count; ++k)
    if (batch.attributes[r.attribute_first + k].component == component)
      return batch.attributes[r.attribute_first + k].value;
  return {};
}

}  // namespace

KeptCells::KeptCells(std::shared_ptr<const FlowStructure> structure)
    : structure_(std::move(structure)),
      dimensions_(structure_->dimension_count),
      unit_mult_(structure_->find("UNIT_MULT")),
      collected_(structure_->find("TIME_PER_COLLECT")) {
  for (std::size_t d = 0; d < dimensions_; ++d) {
    const FlowComponent& component = structure_->components[d];
    totals_.push_back(component.coded() ? component.codes->find("_T") : kNoCode);
  }
}

bool KeptCells::open(const ObservationBatch& batch, std::size_t run, std::uint32_t number) {
  auto texts = batch.key(run);
  std::vector<std::int32_t> codes(dimensions_);
  bool all_total = true;
  for (std::size_t d = 0; d < dimensions_; ++d) {
    if (structure_->components[d].coded()) {
      codes[d] = batch.codes(run)[d];
    } else {
      auto known = text_numbers_.find(std::string(texts[d]));
      if (known == text_numbers_.end()) {
        text_bytes_ += texts[d].size() + 64;
        if (text_bytes_ > kMostText) return false;
        known = text_numbers_.emplace(texts[d], std::int32_t(texts_.size())).first;
        texts_.emplace_back(texts[d]);
      }
      codes[d] = known->second;
    }
    if (totals_[d] != kNoCode && codes[d] != totals_[d]) all_total = false;
  }
  if (series_.size() <= number) {
    series_.resize(number + 1);
    codes_.resize(series_.size() * dimensions_, kNoCode);
  }
  std::copy(codes.begin(), codes.end(), codes_.begin() + std::ptrdiff_t(number * dimensions_));
  Series& series = series_[number];
  series.all_total = all_total;
  // Anything but a small number is an error that others tell of.
  std::string_view power = run_value(batch, run, unit_mult_);
  if (power.size() == 1 && power[0] >= '0' && power[0] <= '9')
    series.power = static_cast<std::int8_t>(power[0] - '0');
  std::string_view collected = run_value(batch, run, collected_);
  series.adds_up = collected.empty() || collected == "S";
  return true;
}

void KeptCells::add(const ObservationBatch& batch, std::size_t run, std::uint32_t number,
                    const JudgedNumbers& numbers) {
  const ObservationBatch::Run& r = batch.runs[run];
  PeriodKind kind = number < series_.size() ? series_[number].kind : PeriodKind::kNone;
  std::uint8_t decimals = 0;
  for (std::size_t i = r.first; i < r.first + r.count; ++i) {
    const Period period = batch.period[i];
    if (numbers.skipped[i] || period.empty()) continue;
    if (period.kind() != kind) {
      if (kind != PeriodKind::kNone || period.kind() > PeriodKind::kDay) continue;
      if (!open(batch, run, number)) return;
      kind = period.kind();
      std::string_view freq;
      if (structure_->freq < dimensions_) freq = batch.key(run)[structure_->freq];
      const char usual = frequency_of(kind);
      series_[number].regular =
          kind != PeriodKind::kDay && (freq.empty() || freq == std::string_view(&usual, 1));
    }
    rows_.push_back(
        {numbers.value[i], static_cast<std::int32_t>(numbers.ordinal[i]), number, batch.at[i]});
    decimals = std::max(decimals, numbers.decimals[i]);
  }
  if (kind == PeriodKind::kNone) return;
  series_[number].kind = kind;
  series_[number].decimals = std::max(series_[number].decimals, decimals);
}

void KeptCells::sort() {
  auto before = [](const Row& a, const Row& b) {
    return a.series != b.series ? a.series < b.series : a.ordinal < b.ordinal;
  };
  if (!std::is_sorted(rows_.begin(), rows_.end(), before))
    std::stable_sort(rows_.begin(), rows_.end(), before);
  auto same = [](const Row& a, const Row& b) {
    return a.series == b.series && a.ordinal == b.ordinal;
  };
  rows_.erase(std::unique(rows_.begin(), rows_.end(), same), rows_.end());
}

std::uint32_t KeptCells::forget(bool last_too) {
  const auto count = static_cast<std::uint32_t>(series_.size());
  if (last_too || count == 0) {
    if (rows_.capacity() > kKeptForReuse) rows_ = {};
    rows_.clear();
    series_.clear();
    codes_.clear();
    return count;
  }
  // Once the rows are those of a piece, the memory for a whole dataset is given back.
  rows_.erase(rows_.begin(), std::find_if(rows_.begin(), rows_.end(),
                                          [&](const Row& row) { return row.series == count - 1; }));
  if (rows_.capacity() > kKeptForReuse) rows_.shrink_to_fit();
  for (Row& row : rows_) row.series = 0;
  series_.erase(series_.begin(), series_.end() - 1);
  codes_.erase(codes_.begin(), codes_.end() - std::ptrdiff_t(dimensions_));
  return count - 1;
}

std::string KeptCells::key(std::uint32_t series) const {
  std::vector<std::string_view> parts;
  auto numbers = codes(series);
  for (std::size_t d = 0; d < dimensions_; ++d) {
    const FlowComponent& component = structure_->components[d];
    parts.push_back(component.coded() ? component.codes->id(numbers[d])
                                      : std::string_view(texts_[std::size_t(numbers[d])]));
  }
  return structure_->series_key(parts);
}

std::string KeptCells::shown_key(std::uint32_t series) const {
  return one_line(shorten(key(series), 200));
}

std::size_t KeptCells::bytes() const {
  return rows_.capacity() * sizeof(Row) + series_.capacity() * sizeof(Series) +
         codes_.capacity() * sizeof(std::int32_t) + 2 * text_bytes_;
}

std::string number_text(double value, int decimals) {
  std::string text = fmt::format("{}", value);
  if (decimals >= 0 || text.find('e') != text.npos)
    text = fmt::format("{:.{}f}", value, std::clamp(decimals, 0, 15));
  if (text.find('.') != text.npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace focalpost
