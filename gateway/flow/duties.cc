// SPDX-License-Identifier: Apache-2.0
#include "flow/duties.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "compose/names.h"

namespace focalpost {
namespace {

constexpr std::array<std::string_view, 7> kStates = {"open",     "partly", "received", "late",
                                                     "extended", "empty",  "missed"};
constexpr std::size_t kMostSeries = 200;  ///< that one agreement asks for
constexpr std::size_t kMostWithin = 60;   ///< finer periods in one
constexpr int kLongestHolidays = 60;      ///< days without a working day, against a wrong list

std::int64_t number_of(Time t) {
  return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

bool may_occur(const AgreementTerms& terms, std::uint16_t component, std::int32_t code) {
  return std::all_of(terms.rules.begin(), terms.rules.end(),
                     [&](const RegionRule& rule) { return rule.allows_value(component, code); });
}

PeriodKind kind_of_freq(std::string_view freq) {
  for (PeriodKind kind :
       {PeriodKind::kYear, PeriodKind::kSemester, PeriodKind::kTrimester, PeriodKind::kQuarter,
        PeriodKind::kMonth, PeriodKind::kWeek, PeriodKind::kDay})
    if (freq.size() == 1 && freq[0] == frequency_of(kind)) return kind;
  return PeriodKind::kNone;
}

/// That of the period, or the coarsest finer one that the agreement covers; empty: none.
std::string freq_for(const AgreementTerms& terms, PeriodKind kind) {
  const FlowStructure& flow = *terms.flow;
  if (!flow.components[flow.freq].coded()) return std::string(1, frequency_of(kind));
  for (auto k = static_cast<int>(kind); k <= static_cast<int>(PeriodKind::kDay); ++k) {
    std::string freq(1, frequency_of(static_cast<PeriodKind>(k)));
    const std::int32_t code = flow.components[flow.freq].codes->find(freq);
    if (code != kNoCode && may_occur(terms, flow.freq, code)) return freq;
  }
  return {};
}

std::vector<Period> periods_in(Period period, std::string_view freq) {
  const PeriodKind kind = kind_of_freq(freq);
  if (freq.empty() || agrees(period.kind(), freq) || kind == PeriodKind::kNone) return {period};
  std::vector<Period> all;
  for (std::int64_t n = Period::containing(kind, period.first_day()).ordinal();; ++n) {
    const Period one = Period::at(kind, n);
    if (one.first_day() >= period.end_day() || all.size() == kMostWithin) return all;
    if (one.first_day() >= period.first_day()) all.push_back(one);
  }
}

}  // namespace

std::string_view duty_state_name(DutyState state) {
  return kStates[static_cast<std::size_t>(state)];
}

bool WorkingDays::works(std::int64_t day) const {
  const unsigned weekday =
      std::chrono::weekday(std::chrono::sys_days(std::chrono::days(day))).iso_encoding();
  if (weekday > 5) return false;
  return std::none_of(areas_.begin(), areas_.end(), [&](const std::string& area) {
    return settings_.is_holiday(area, static_cast<long>(day));
  });
}

std::int64_t WorkingDays::same_or_next(std::int64_t day) const {
  for (int count = 0; count < kLongestHolidays && !works(day); ++count) ++day;
  return day;
}

std::int64_t WorkingDays::later(std::int64_t day, int count) const {
  while (count-- > 0) day = same_or_next(day + 1);
  return day;
}

std::string dataflow_key(const Ref& dataflow) {
  return dataflow.agency + ":" + dataflow.id;
}

DutyKey key_of(const Duty& duty) {
  return {duty.terms->agreement->provider.id, dataflow_key(duty.terms->agreement->dataflow),
          duty.period};
}

const DutyBook::Required& DutyBook::required(const AgreementTerms& terms, PeriodKind kind) {
  auto [place, added] = required_.try_emplace(&terms);
  Required& made = place->second;
  if (!added) return made;
  const FlowStructure& flow = *terms.flow;
  const std::vector<std::string> covered = terms.areas();
  made.areas = flow.countries_among(covered);
  if (made.areas.empty()) made.areas = covered;

  std::vector<std::vector<std::string>> parts(flow.dimension_count);
  if (const Annotation* given = find_annotation(terms.agreement->annotations, "FP_REQUIRED")) {
    const auto written = split(given->title, '.');
    if (written.size() == parts.size())
      for (std::size_t d = 0; d < parts.size(); ++d)
        for (std::string_view code : split(written[d], '+'))
          if (!trim(code).empty()) parts[d].emplace_back(trim(code));
  }
  // Codes that the agreement does not cover cannot be waited for.
  bool any = false;
  for (std::uint16_t d = 0; d < flow.dimension_count; ++d) {
    const FlowComponent& dimension = flow.components[d];
    if (parts[d].empty()) {
      if (d == flow.freq)
        parts[d].push_back(freq_for(terms, kind));
      else if (d == flow.ref_area)
        parts[d] = made.areas;
      else
        parts[d].emplace_back(usual_code(dimension));
    }
    any = any || parts[d].empty() || parts[d].front().empty();
    if (dimension.coded())
      for (const std::string& code : parts[d]) {
        const std::int32_t number = dimension.codes->find(code);
        any = any || number == kNoCode || !may_occur(terms, d, number);
      }
  }
  if (flow.freq != kNoComponent && !parts[flow.freq].empty()) made.freq = parts[flow.freq].front();
  std::vector<std::vector<std::string>> keys = {{}};
  for (std::size_t d = 0; d < parts.size() && !any; ++d) {
    std::vector<std::vector<std::string>> longer;
    for (const auto& key : keys)
      for (const std::string& code : parts[d]) {
        if (longer.size() == kMostSeries) break;
        longer.push_back(key);
        longer.back().push_back(code);
      }
    keys = std::move(longer);
  }
  if (any) keys.clear();
  for (const auto& key : keys) {
    Wanted& one = made.series.emplace_back();
    for (const std::string& code : key) one.key += (one.key.empty() ? "" : ".") + code;
    if (flow.ref_area != kNoComponent) one.area = key[flow.ref_area];
  }
  if (any && made.areas.empty()) made.series.push_back({});
  if (any)
    for (const std::string& area : made.areas) made.series.push_back({"", area});
  return made;
}

WorkingDays DutyBook::working_days(const Duty& duty) {
  return {home_.settings().calendar, required(*duty.terms, duty.period.kind()).areas};
}

std::int64_t DutyBook::due_day(const Duty& duty) {
  return working_days(duty).same_or_next(number_of(duty.due));
}

std::optional<Duty> DutyBook::find(const DutyKey& key) const {
  for (const AgreementTerms& terms : lookup_->agreements())
    if (terms.agreement->provider.id == key.provider &&
        dataflow_key(terms.agreement->dataflow) == key.dataflow)
      if (auto duty = duty_of(terms, key.period)) return duty;
  return {};
}

Result<DutyStanding> DutyBook::standing(const Duty& duty) {
  DutyStanding made;
  made.duty = duty;
  made.key = key_of(duty);
  Duties stored = home_.store().duties();
  bool empty = false;
  FP_ASSIGN(auto said, stored.said(made.key));
  for (const DutySaid& one : said) {
    if (one.at > now_) continue;
    if (one.what == DutySaid::What::kExtended) {
      made.extended_days = std::min(made.extended_days + one.days, kMostExtension);
      ++made.extensions;
      made.extended_at = one.at;
    }
    empty = empty || one.what == DutySaid::What::kEmpty;
    made.disowned = made.disowned || one.what == DutySaid::What::kNotMine;
  }
  const Required& wanted = required(*duty.terms, duty.period.kind());
  const WorkingDays working = working_days(duty);
  made.areas = wanted.areas;
  // From the day that people were told.
  made.due = working.same_or_next(working.same_or_next(number_of(duty.due)) + made.extended_days);
  made.last_day =
      std::max(made.due, working.same_or_next(number_of(duty.grace) + made.extended_days));

  std::size_t there = 0, all = 0;
  std::optional<Time> newest;
  for (const Wanted& series : wanted.series)
    for (Period period : periods_in(duty.period, wanted.freq)) {
      ++all;
      std::optional<Time> filed;
      if (!series.key.empty()) {
        FP_ASSIGN(filed, stored.first_filed(made.key.dataflow, series.key, period));
      } else {
        FP_ASSIGN(filed,
                  stored.first_filed_by(made.key.dataflow, made.key.provider, series.area, period));
      }
      if (filed) {
        ++there;
        newest = std::max(newest.value_or(*filed), *filed);
      } else if (std::find(made.missing.begin(), made.missing.end(), series.area) ==
                 made.missing.end()) {
        made.missing.push_back(series.area);
      }
    }
  const Time deadline{std::chrono::days(made.last_day + 1)};
  if (there == all && all > 0) {
    made.received = newest;
    made.state = *newest < deadline ? DutyState::kReceived : DutyState::kLate;
  } else if (empty) {
    made.state = DutyState::kEmpty;
  } else if (there > 0) {
    made.state = DutyState::kPartly;
  } else if (now_ >= deadline) {
    made.state = DutyState::kMissed;
  } else {
    made.state = made.extensions > 0 ? DutyState::kExtended : DutyState::kOpen;
  }
  return made;
}

}  // namespace focalpost
