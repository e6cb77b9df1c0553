// SPDX-License-Identifier: Apache-2.0
#include "model/docket.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace focalpost {
namespace {

constexpr std::pair<Outcome, std::string_view> kOutcomes[] = {
    {Outcome::kFailed, "failed"},     {Outcome::kHeld, "held"},
    {Outcome::kRejected, "rejected"}, {Outcome::kOpen, "open"},
    {Outcome::kFiled, "filed"},       {Outcome::kUnchanged, "unchanged"},
    {Outcome::kTested, "tested"},     {Outcome::kAnswered, "answered"},
    {Outcome::kNotice, "notice"},     {Outcome::kIgnored, "ignored"},
};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  for (auto [o, name] : kOutcomes)
    if (o == outcome) return name;
  return "";
}

std::optional<Outcome> outcome_from_name(std::string_view name) {
  for (auto [o, n] : kOutcomes)
    if (n == name) return o;
  return {};
}

std::string_view act_name(Act act) {
  constexpr std::string_view names[] = {"enquire", "file",       "revise", "answer", "subscribe",
                                        "extend",  "structures", "roster", "command"};
  return names[static_cast<std::size_t>(act)];
}

std::string DocketNumber::text() const {
  return fmt::format("{:04}-{:06}", year, serial);
}

std::optional<DocketNumber> DocketNumber::parse(std::string_view text) {
  if (text.size() < 6 || text.size() > 15 || text[4] != '-') return {};
  DocketNumber number;
  auto [y, bad_year] = std::from_chars(text.data(), text.data() + 4, number.year);
  auto [s, bad_serial] = std::from_chars(text.data() + 5, text.data() + text.size(), number.serial);
  if (bad_year != std::errc() || bad_serial != std::errc() || y != text.data() + 4 ||
      s != text.data() + text.size() || number.serial == 0)
    return {};
  return number;
}

Outcome outcome_of(const std::vector<Item>& items) {
  Outcome first = Outcome::kIgnored;
  for (const Item& item : items) first = std::min(first, item.outcome);
  return first;
}

std::string_view hold_reason_name(HoldReason reason) {
  constexpr std::string_view names[] = {"",      "assurance", "large-change", "append",
                                        "older", "effects",   "touched"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace focalpost
