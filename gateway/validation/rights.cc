// SPDX-License-Identifier: Apache-2.0
#include "validation/rights.h"

#include <algorithm>

namespace focalpost {
namespace {

bool restricts(const Region& region, std::size_t component) {
  return component < region.allowed.size() && !region.allowed[component].empty();
}

/// `wildcard`: what a kNoCode in a restricted dimension counts as.
bool inside(const Region& region, std::span<const std::int32_t> codes, bool wildcard) {
  for (std::size_t c = 0; c < codes.size(); ++c) {
    if (!restricts(region, c)) continue;
    if (codes[c] < 0 ? !wildcard : !region.allowed[c][static_cast<std::size_t>(codes[c])])
      return false;
  }
  return true;
}

bool covered(const RegionRule& rule, std::span<const std::int32_t> codes) {
  bool any_including = false, included = false;
  for (const Region& region : rule.regions) {
    if (region.include) {
      any_including = true;
      included = included || inside(region, codes, false);
    } else if (region.times.empty() && inside(region, codes, true)) {
      return false;
    }
  }
  if (any_including && !included) return false;
  for (const RegionRule::Keys& set : rule.key_sets)
    if (set.holds(codes, !set.include) != set.include) return false;
  return true;
}

}  // namespace

CodeValidity validity_of(const Code& code) {
  CodeValidity validity;
  const Annotation* valid = find_annotation(code.annotations, "FP_VALID");
  if (valid) {
    std::string_view title = valid->title;
    auto slash = title.find('/');
    validity.days = days_between(
        title.substr(0, slash), slash == title.npos ? std::string_view{} : title.substr(slash + 1));
    validity.limited = validity.days != DayRange{};
  }
  if (const Annotation* by = find_annotation(code.annotations, "FP_REPLACED_BY")) {
    validity.successor = by->title;
    if (!valid) {
      validity.limited = true;
      validity.days = {INT64_MAX, INT64_MIN};
    }
  }
  return validity;
}

bool has_times(const RegionRule& rule) {
  return std::any_of(rule.regions.begin(), rule.regions.end(),
                     [](const Region& region) { return !region.times.empty(); });
}

void add_times(const RegionRule& rule, std::uint32_t number, std::span<const std::int32_t> codes,
               Window& window) {
  std::vector<DayRange> allowed, excluded;
  bool open = true, including = false;
  for (const Region& region : rule.regions) {
    if (!inside(region, codes, true)) continue;
    DayRange range;
    for (const Region::Time& time : region.times) {
      range.first = std::max(range.first, time.from_day);
      range.last = std::min(range.last, time.to_day);
    }
    if (!region.include) {
      if (!region.times.empty()) excluded.push_back(range);
      continue;
    }
    if (!including) open = false;
    including = true;
    if (region.times.empty()) open = true;
    allowed.push_back(range);
  }
  if (open) allowed.clear();
  if (allowed.empty() && excluded.empty()) return;
  window.allowed = std::move(allowed);
  window.excluded = std::move(excluded);
  window.rule = number;
}

bool allows_text(const RegionRule& rule, std::uint16_t component, std::string_view text) {
  bool restricted = false;
  for (const Region& region : rule.regions) {
    if (!region.include) continue;
    const std::vector<std::string>* texts = nullptr;
    for (const auto& [c, list] : region.texts)
      if (c == component) texts = &list;
    if (!texts || std::find(texts->begin(), texts->end(), text) != texts->end()) return true;
    restricted = true;
  }
  return !restricted;
}

Right::Right(const AgreementTerms& terms, const FlowStructure& flow)
    : terms_(&terms),
      flow_(&flow),
      same_(terms.flow.get() == &flow),
      reference_(days_between(terms.reference_from, terms.reference_to)) {
  if (same_ || !terms.flow) return;
  for (std::uint16_t d = 0; d < terms.flow->dimension_count; ++d)
    places_.push_back(flow.find(terms.flow->components[d].id));
}

std::vector<std::int32_t> Right::translated(std::span<const std::int32_t> codes) const {
  std::vector<std::int32_t> result(places_.size(), kNoCode);
  for (std::size_t d = 0; d < places_.size(); ++d) {
    if (places_[d] >= codes.size()) continue;
    const FlowComponent& from = flow_->components[places_[d]];
    const FlowComponent& to = terms_->flow->components[d];
    if (codes[places_[d]] >= 0 && from.coded() && to.coded())
      result[d] = to.codes->find(from.codes->id(codes[places_[d]]));
  }
  return result;
}

bool Right::covers(std::span<const std::int32_t> codes) const {
  std::vector<std::int32_t> other;
  if (!same_) {
    if (!terms_->flow) return false;
    other = translated(codes);
    codes = other;
  }
  return std::all_of(terms_->rules.begin(), terms_->rules.end(),
                     [&](const RegionRule& rule) { return covered(rule, codes); });
}

std::vector<DayRange> Right::periods(std::span<const std::int32_t> codes) const {
  std::vector<DayRange> result{reference_};
  std::vector<std::int32_t> other;
  if (!same_) {
    other = translated(codes);
    codes = other;
  }
  for (const RegionRule& rule : terms_->rules) {
    Window window;
    add_times(rule, 0, codes, window);
    if (window.allowed.empty()) continue;
    std::vector<DayRange> narrower;
    for (const DayRange& a : result)
      for (const DayRange& b : window.allowed)
        narrower.push_back({std::max(a.first, b.first), std::min(a.last, b.last)});
    result = std::move(narrower);
  }
  return result;
}

bool Right::covers_value(std::uint16_t dimension, std::int32_t code) const {
  std::vector<std::int32_t> codes(flow_->dimension_count, kNoCode);
  codes[dimension] = code;
  std::vector<std::int32_t> other;
  std::uint16_t place = dimension;
  if (!same_) {
    if (!terms_->flow) return false;
    other = translated(codes);
    place = terms_->flow->find(flow_->components[dimension].id);
    if (place >= other.size()) return true;
    code = other[place];
  }
  return std::all_of(terms_->rules.begin(), terms_->rules.end(), [&](const RegionRule& rule) {
    if (code >= 0) return rule.allows_value(place, code);
    return std::any_of(
               rule.regions.begin(), rule.regions.end(),
               [&](const Region& region) { return region.include && !restricts(region, place); }) ||
           rule.regions.empty();
  });
}

const RegionRule* Right::refused_by(std::uint16_t component, std::int32_t code) const {
  if (!terms_->flow || code < 0) return nullptr;
  if (!same_) {
    // Codes of another version are compared by their ids.
    const std::string_view id = flow_->components[component].codes->id(code);
    component = terms_->flow->find(flow_->components[component].id);
    if (component == kNoComponent || !terms_->flow->components[component].coded()) return nullptr;
    code = terms_->flow->components[component].codes->find(id);
  }
  for (const RegionRule& rule : terms_->rules)
    if (!rule.allows_value(component, code)) return &rule;
  return nullptr;
}

std::vector<std::string_view> Right::named(std::uint16_t dimension) const {
  std::vector<std::string_view> ids;
  if (!terms_->flow) return ids;
  std::uint16_t place = terms_->flow->find(flow_->components[dimension].id);
  if (place == kNoComponent) return ids;
  const FlowComponent& component = terms_->flow->components[place];
  if (!component.coded()) return ids;
  for (const RegionRule& rule : terms_->rules)
    for (const Region& region : rule.regions)
      if (region.include && restricts(region, place))
        for (std::size_t c = 0; c < region.allowed[place].size() && ids.size() < 20; ++c)
          if (region.allowed[place][c]) ids.push_back(component.codes->id(std::int32_t(c)));
  return ids;
}

}  // namespace focalpost
