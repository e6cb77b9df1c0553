// SPDX-License-Identifier: Apache-2.0
#include "compose/alphabet.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "compose/names.h"

namespace focalpost {
namespace {

/// What decides where a code stands.
struct Place {
  int group = 1;  ///< 0 before the countries, 1 a country, 2 behind them
  std::string country, name;
  bool region = false;
  std::int32_t number = 0;  ///< in the codelist
};

class CodeOrder {
 public:
  CodeOrder(const FlowStructure& flow, const FlowComponent& dimension, const Phrases& phrases)
      : dimension_(dimension), phrases_(phrases) {
    if (!dimension.coded() || flow.ref_area >= flow.dimension_count) return;
    const FlowComponent& areas = flow.components[flow.ref_area];
    if (!areas.coded()) return;
    std::size_t shared = 0;
    const CodeTable& codes = *dimension.codes;
    for (std::size_t c = 0; c < codes.size(); ++c) {
      const auto code = static_cast<std::int32_t>(c);
      if (areas.codes->find(codes.id(code)) == kNoCode) continue;
      if (shared++ == 0) first_country_ = code;
    }
    if (2 * shared > codes.size()) areas_ = areas.codes.get();
  }

  /// Their ranks, by code.
  std::map<std::string, std::size_t> ranks(const std::vector<std::string>& codes) const {
    std::vector<std::pair<Place, const std::string*>> places;
    for (const std::string& code : codes) places.emplace_back(place_of(code), &code);
    std::stable_sort(places.begin(), places.end(),
                     [&](const auto& a, const auto& b) { return before(a.first, b.first); });
    std::map<std::string, std::size_t> made;
    for (std::size_t i = 0; i < places.size(); ++i) made[*places[i].second] = i;
    return made;
  }

 private:
  Place place_of(const std::string& code) const {
    Place place;
    place.number = dimension_.coded() ? dimension_.codes->find(code) : kNoCode;
    const std::int32_t area = areas_ ? areas_->find(code) : kNoCode;
    if (area == kNoCode) {
      place.group = areas_ && place.number > first_country_ ? 2 : 0;
      return place;
    }
    std::int32_t country = area;
    // Codelists have been checked for circles; this one is a few levels deep.
    for (int up = 0; up < 10 && areas_->parent(country) >= 0; ++up)
      country = areas_->parent(country);
    place.region = country != area;
    place.country = name_of(country);
    place.name = name_of(area);
    return place;
  }
  std::string name_of(std::int32_t area) const {
    const std::string_view name = text_in(areas_->code(area).names, phrases_.lang());
    return std::string(name.empty() ? areas_->id(area) : name);
  }
  bool before(const Place& a, const Place& b) const {
    if (a.group != b.group) return a.group < b.group;
    if (a.group != 1) return a.number < b.number;
    if (a.country != b.country) return phrases_.less(a.country, b.country);
    if (a.region != b.region) return b.region;
    return a.name != b.name && phrases_.less(a.name, b.name);
  }

  const FlowComponent& dimension_;
  const Phrases& phrases_;
  const CodeTable* areas_ = nullptr;  ///< null: the dimension is none of countries
  std::int32_t first_country_ = 0;
};

}  // namespace

void order_series(AnswerTable& table, const Phrases& phrases) {
  const FlowStructure& flow = *table.flow;
  std::vector<std::vector<std::size_t>> keys(table.series.size());
  for (std::uint16_t d = 0; d < flow.dimension_count; ++d) {
    std::vector<std::string> codes;
    for (const AnswerSeries& series : table.series) codes.push_back(series.codes[d]);
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    if (codes.size() < 2) continue;
    const auto ranks = CodeOrder(flow, flow.components[d], phrases).ranks(codes);
    for (std::size_t i = 0; i < table.series.size(); ++i)
      keys[i].push_back(ranks.at(table.series[i].codes[d]));
  }
  std::vector<std::size_t> order(table.series.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  std::vector<AnswerSeries> sorted;
  sorted.reserve(order.size());
  for (std::size_t i : order) sorted.push_back(std::move(table.series[i]));
  table.series = std::move(sorted);
}

void order_transcript(Transcript& transcript, const Names& names, const Phrases& phrases) {
  auto by_name = [&](const std::string& a, const std::string& b) {
    return a != b && phrases.less(names.area(a), names.area(b));
  };
  auto sort_areas = [&](std::vector<std::string>& areas) {
    std::stable_sort(areas.begin(), areas.end(), by_name);
  };
  for (Answered& one : transcript.answers) {
    for (AnswerData& data : one.data) {
      for (AnswerTable& table : data.tables) order_series(table, phrases);
      std::stable_sort(data.definitions.begin(), data.definitions.end(),
                       [&](const AnswerDefinition& a, const AnswerDefinition& b) {
                         return by_name(a.area, b.area);
                       });
      sort_areas(data.areas_missing);
    }
    for (AnswerFact& fact : one.facts)
      if (fact.kind != AnswerFact::Kind::kCountry && fact.kind != AnswerFact::Kind::kExample)
        sort_areas(fact.areas);
    const bool countries =
        std::all_of(one.facts.begin(), one.facts.end(),
                    [](const AnswerFact& fact) { return fact.kind == AnswerFact::Kind::kCountry; });
    if (countries)
      std::stable_sort(one.facts.begin(), one.facts.end(),
                       [&](const AnswerFact& a, const AnswerFact& b) {
                         return by_name(a.areas.front(), b.areas.front());
                       });
  }
}

}  // namespace focalpost
