// SPDX-License-Identifier: Apache-2.0
//
// What agreements promise, as days.
#include "flow/calendar.h"

#include <set>

#include "catch.h"
#include "lab.h"

using namespace lab;
using namespace std::chrono_literals;

namespace {

std::string day(Time t) {
  return format_rfc3339(t).substr(0, 10);
}

}  // namespace

TEST_CASE("durations of whole days and months") {
  CHECK(parse_duration("P45D")->days == 45);
  CHECK(parse_duration("P1Y2M")->months == 14);
  CHECK(parse_duration("P2W")->days == 14);
  for (const char* wrong : {"", "P", "45D", "P-1D", "PT5H", "P1", "P1.5M", "P9999999D", "P1D "})
    CHECK_FALSE(parse_duration(wrong));
}

TEST_CASE("a monthly agreement is due once a month, its offset after the month's last day") {
  Lab lab;
  // ASYLUM of Kyrgyzstan: P1M, 45 days, 10 days of grace, from January 2026.
  std::vector<std::string> seen;
  for (const Duty& duty :
       duties(lab.home().lookup(), at("2026-01-01T00:00:00Z"), at("2026-07-01T00:00:00Z")))
    if (duty.terms->agreement->ref.id == "PA_KG_SMS_ASYLUM")
      seen.push_back(duty.period.text() + " by " + day(duty.due) + ", late after " +
                     day(duty.grace));
  CHECK(seen == std::vector<std::string>{"2026-01 by 2026-03-17, late after 2026-03-27",
                                         "2026-02 by 2026-04-14, late after 2026-04-24",
                                         "2026-03 by 2026-05-15, late after 2026-05-25",
                                         "2026-04 by 2026-06-14, late after 2026-06-24"});
}

TEST_CASE("no duty is told twice, none is left out, wherever the window is cut") {
  Lab lab;
  const Time begin = at("2025-06-01T00:00:00Z"), end = at("2027-06-01T00:00:00Z");
  auto names = [](const std::vector<Duty>& list) {
    std::multiset<std::string> all;
    for (const Duty& duty : list)
      all.insert(duty.terms->agreement->ref.text() + " " + duty.period.text());
    return all;
  };
  const auto whole = names(duties(lab.home().lookup(), begin, end, 100'000));
  REQUIRE(whole.size() > 400);
  std::multiset<std::string> pieces;
  for (Time from = begin; from < end; from += 24h) {
    const auto one = names(duties(lab.home().lookup(), from, std::min(from + 24h, end)));
    pieces.insert(one.begin(), one.end());
  }
  CHECK(pieces == whole);
  CHECK(std::set<std::string>(whole.begin(), whole.end()).size() == whole.size());
}

TEST_CASE("the list is bounded and the soonest come first") {
  Lab lab;
  const auto few =
      duties(lab.home().lookup(), at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"), 5);
  REQUIRE(few.size() == 5);
  CHECK(std::is_sorted(few.begin(), few.end(),
                       [](const Duty& a, const Duty& b) { return a.due < b.due; }));
}
