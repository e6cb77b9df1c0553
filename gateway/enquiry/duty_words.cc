// SPDX-License-Identifier: Apache-2.0
#include "enquiry/duty_words.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "enquiry/judge.h"
#include "enquiry/sentence.h"

namespace focalpost::enquiry {
namespace {

constexpr std::size_t kMostPolite = 6;        ///< "please", «прошу»
constexpr std::size_t kMostLinesBefore = 5;   ///< greetings
constexpr std::uint32_t kMostDays = 100'000;  ///< more is the same as this

using Phrase = Lexicon::DutyPhrase;

/// Token behind the longest phrase of this sort at `i`; 0: there is none.
std::size_t past_phrase(const Line& line, std::size_t i, bool unit, std::uint32_t& value) {
  std::size_t end = 0;
  for (const Phrase& phrase : line.lexicon().duty_phrases) {
    if (phrase.unit != unit) continue;
    std::size_t at = i;
    const bool fits = std::all_of(phrase.words.begin(), phrase.words.end(), [&](const auto& word) {
      return line.word(at) && (line[at].fold == word || line[at].look == look_of(word)) && ++at;
    });
    if (!fits || at <= end) continue;
    end = at;
    value = phrase.value;
  }
  return end;
}

std::optional<DutyWord> word_in(const Line& line, Time now) {
  std::size_t i = 0;
  while (line.sign(i)) ++i;
  // "Hello! No data."
  for (const Meaning& one : line.at(i).meanings)
    if (one.kind == Kind::kMark && one.value == static_cast<std::uint32_t>(Mark::kGreeting)) {
      while (line.word(i)) ++i;
      while (line.sign(i)) ++i;
      break;
    }
  for (std::size_t count = 0; count <= kMostPolite; ++count) {
    std::uint32_t what = 0, unit = 0;
    std::size_t behind = past_phrase(line, i, false, what);
    if (behind == 0) {
      const Found& found = line.at(i);
      if (!line.word(i) || !found.of(Kind::kSkip)) return {};
      i = found.end;
      while (line.sign(i) == ',' || line.sign(i) == '!' || line.sign(i) == ':') ++i;
      continue;
    }
    DutyWord said;
    said.what = static_cast<DutyWord::What>(what);
    // The first short number that is no part of a date, with its unit; what stands around it is
    // read by itself.
    std::string rest(line.written(behind, line.size()));
    if (said.what == DutyWord::What::kExtend)
      for (std::size_t at = behind; at < line.size(); ++at) {
        if (!line.word(at) || !line[at].number || line[at].fold.size() > 3) continue;
        if (at + 1 < line.size() && line[at + 1].glued && line.sign(at + 1) != '.') continue;
        if (line[at].glued) continue;
        std::uint32_t number = 0;
        const std::string& digits = line[at].fold;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        const std::size_t unit_end = past_phrase(line, at + 1, true, unit);
        said.days = std::min(number * (unit_end ? unit : 1), kMostDays);
        rest = std::string(line.written(behind, at)) + " , " +
               std::string(line.written(unit_end ? unit_end : at + 1, line.size()));
        break;
      }
    const Line around(rest, line.lexicon(), line.size() + 2);
    Reading reading = read_sentence(around, 0, Verb::kForm, now, 0);
    if (reading.strange_words > 0 || reading.speech || line.cut()) return {};
    said.flows = std::move(reading.command.flows);
    said.areas = std::move(reading.command.areas);
    said.from = reading.command.from;
    said.to = reading.command.to;
    return said;
  }
  return {};
}

}  // namespace

std::vector<DutyWord> read_duty_words(std::string_view own, const Vocabulary& vocabulary,
                                      const Limits& limits, Time now) {
  std::vector<DutyWord> all;
  const Lexicon& lexicon = vocabulary.lexicon();
  const std::string clean = clean_text(own.substr(0, limits.enquiry_bytes));
  std::size_t before = 0;
  for (std::string_view line : split(clean, '\n')) {
    line = trim(line);
    if (line.empty()) continue;
    if (line.size() > limits.enquiry_line_bytes || ends_reading(line)) break;
    auto said = word_in(Line(line, lexicon, limits.command_words), now);
    if (said && all.size() < limits.enquiry_commands) {
      all.push_back(std::move(*said));
      continue;
    }
    std::size_t looks = 0;
    const bool greeting =
        all.empty() && judge(line, lexicon, limits, now, looks).kind == LineKind::kGreeting;
    if (!greeting || ++before > kMostLinesBefore) break;
  }
  return all;
}

}  // namespace focalpost::enquiry
