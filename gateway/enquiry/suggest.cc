// SPDX-License-Identifier: Apache-2.0
#include "enquiry/suggest.h"

#include <algorithm>
#include <array>
#include <span>

namespace focalpost::enquiry {
namespace {

constexpr std::size_t kMostSuggestions = 3;
constexpr std::size_t kLongestWord = 48;

std::size_t reach_of(std::size_t letters) {
  return letters < 3 ? 0 : letters <= 5 ? 1 : letters <= 8 ? 2 : 3;
}

/// Optimal string alignment; `most` + 1 where it is more.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > most || b.size() > kLongestWord) return most + 1;
  std::array<std::array<std::uint8_t, kLongestWord + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& before = rows[(i + 1) % 3];
    row[0] = static_cast<std::uint8_t>(i);
    std::uint8_t least = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::uint8_t cost = std::min<std::uint8_t>(
          {static_cast<std::uint8_t>(above[j] + 1), static_cast<std::uint8_t>(row[j - 1] + 1),
           static_cast<std::uint8_t>(above[j - 1] + (a[i - 1] != b[j - 1]))});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost = std::min(cost, static_cast<std::uint8_t>(before[j - 2] + 1));
      row[j] = cost;
      least = std::min(least, cost);
    }
    if (least > most) return most + 1;
  }
  return rows[a.size() % 3][b.size()];
}

bool in_flow(const Lexicon::Flow& flow, const Meaning& meaning) {
  return std::any_of(flow.dims.begin(), flow.dims.end(), [&](const Lexicon::Dimension& one) {
    return meaning.kind == Kind::kDimension ? one.id == meaning.value
                                            : one.list == static_cast<std::int32_t>(meaning.list);
  });
}

constexpr Kind kArguments[] = {Kind::kFlow,   Kind::kArea,  Kind::kDimension, Kind::kCode,
                               Kind::kFormat, Kind::kMonth, Kind::kRhythm,    Kind::kAudience};

std::span<const Kind> kinds_of(Wanted wanted) {
  static constexpr Kind kCommands[] = {Kind::kCommand}, kCodes[] = {Kind::kCode};
  switch (wanted) {
    case Wanted::kCommand:
      return kCommands;
    case Wanted::kCode:
      return kCodes;
    case Wanted::kFlow:
      return std::span(kArguments).first(1);
    case Wanted::kArea:
      return std::span(kArguments).subspan(1, 1);
    case Wanted::kArgument:
      break;
  }
  return kArguments;
}

/// More than `most` bits.
bool more_bits(std::uint64_t bits, std::size_t most) {
  for (; most > 0 && bits; --most) bits &= bits - 1;
  return bits != 0;
}

struct Near {
  std::size_t distance;
  std::size_t place;
};

void look_for(const Lexicon& lexicon, std::string_view folded, std::size_t reach, Wanted wanted,
              const Lexicon::Flow* flow, std::int32_t list, std::vector<Near>& found) {
  const std::uint64_t letters = letters_in(folded);
  for (Kind kind : kinds_of(wanted)) {
    // Without an indicator no dimension is likelier than another.
    if (wanted == Wanted::kArgument && !flow && (kind == Kind::kDimension || kind == Kind::kCode))
      continue;
    const auto [from, to] = lexicon.of_kind[static_cast<std::size_t>(kind)];
    for (std::size_t i = from; i < to; ++i) {
      const CandidateKey& key = lexicon.keys[i];
      const std::size_t size = key.size;
      if (size < 3 || size > folded.size() + reach || size + reach < folded.size()) continue;
      if (list >= 0 && key.list != list) continue;
      // Each step changes at most two letters of those that occur.
      if (more_bits(key.letters ^ letters, 2 * reach)) continue;
      const Candidate& one = lexicon.candidates[i];
      // Of short words another one of the same length is as likely: a code has to begin alike.
      if (folded.size() <= 3 && size <= 3 && wanted != Wanted::kCommand &&
          one.folded[0] != folded[0])
        continue;
      if (flow && (kind == Kind::kDimension || kind == Kind::kCode) && !in_flow(*flow, one.meaning))
        continue;
      const std::size_t far = distance(folded, one.folded, reach);
      if (far <= reach) found.push_back({far, i});
    }
  }
}

std::vector<Near> all_near(const Lexicon& lexicon, std::string_view folded, Wanted wanted,
                           const Lexicon::Flow* flow, std::int32_t list) {
  std::vector<Near> found;
  if (folded.size() > kLongestWord || folded.size() < 3) return found;
  look_for(lexicon, folded, reach_of(folded.size()), wanted, flow, list, found);
  std::string last;
  if (found.empty())
    for (bool ukrainian : {false, true}) {
      std::string other = other_layout(folded, ukrainian);
      if (other.empty() || other == last) break;
      last = other;
      look_for(lexicon, other, folded.size() > 5 ? 1 : 0, wanted, flow, list, found);
    }
  std::stable_sort(found.begin(), found.end(),
                   [](const Near& a, const Near& b) { return a.distance < b.distance; });
  return found;
}

}  // namespace

std::vector<std::string> suggest(const Lexicon& lexicon, std::string_view folded, Wanted wanted,
                                 const Lexicon::Flow* flow, std::int32_t list) {
  std::vector<std::string> shown;
  std::vector<const Meaning*> meant;
  for (const Near& near : all_near(lexicon, folded, wanted, flow, list)) {
    const Candidate& one = lexicon.candidates[near.place];
    if (std::any_of(meant.begin(), meant.end(), [&](auto* m) { return m->same(one.meaning); }) ||
        std::find(shown.begin(), shown.end(), one.shown) != shown.end())
      continue;
    meant.push_back(&one.meaning);
    shown.push_back(one.shown);
    if (shown.size() == kMostSuggestions) break;
  }
  return shown;
}

const Candidate* nearest_command(const Lexicon& lexicon, std::string_view folded) {
  const auto found = all_near(lexicon, folded, Wanted::kCommand, nullptr, -1);
  return found.empty() ? nullptr : &lexicon.candidates[found.front().place];
}

}  // namespace focalpost::enquiry
