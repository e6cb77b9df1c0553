// SPDX-License-Identifier: Apache-2.0
#include "flow/timeliness.h"

#include <algorithm>
#include <map>

#include "flow/duties.h"
#include "flow/reminders.h"

namespace focalpost {
namespace {

constexpr std::size_t kMostCounted = 1'000'000;

double median(std::vector<std::int64_t>& all) {
  std::sort(all.begin(), all.end());
  const std::size_t half = all.size() / 2;
  if (all.size() % 2 == 1) return static_cast<double>(all[half]);
  return static_cast<double>(all[half - 1] + all[half]) / 2;
}

}  // namespace

Result<std::vector<Timeliness>> timeliness(Home& home, Time now) {
  using std::chrono::days;
  std::vector<Timeliness> all;
  FP_ASSIGN(auto since, duties_since(home));
  if (!since) return all;
  std::map<std::string, Timeliness> of;
  std::map<std::string, std::vector<std::int64_t>> delays;
  DutyBook book(home, now);
  const auto today = std::chrono::floor<days>(now).time_since_epoch().count();
  const Time from = std::max(now - kTimelinessBack, *since);
  for (const Duty& duty : duties(book.lookup(), from, now, kMostCounted)) {
    FP_ASSIGN(const DutyStanding standing, book.standing(duty));
    Timeliness& one = of[standing.key.provider];
    one.provider = standing.key.provider;
    for (const std::string& area : standing.areas)
      if (std::find(one.areas.begin(), one.areas.end(), area) == one.areas.end())
        one.areas.push_back(area);
    one.extended += standing.extensions > 0;
    if (standing.state == DutyState::kEmpty) {
      ++one.empty;
      continue;
    }
    if (standing.received) {
      const auto came = std::chrono::floor<days>(*standing.received).time_since_epoch().count();
      delays[one.provider].push_back(came - standing.due);
    }
    // What may still come in time says nothing yet.
    if (today <= standing.last_day && !standing.fulfilled()) continue;
    ++one.promised;
    one.in_time += standing.state == DutyState::kReceived;
    one.late += standing.state == DutyState::kLate;
    one.partly += standing.state == DutyState::kPartly;
    one.missed += standing.state == DutyState::kMissed;
  }
  for (auto& [provider, one] : of) {
    FP_ASSIGN(one.revisions, home.store().duties().revisions(provider, now - kTimelinessBack));
    if (auto known = delays.find(provider); known != delays.end())
      one.median_delay = median(known->second);
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace focalpost
