// SPDX-License-Identifier: Apache-2.0
//
// duty_words: what somebody answers to a letter that lists what is due: no data, extend 14, not
// mine, in the words of any language of the vocabulary (`duty` in words.txt).
//
// Strict, since an answer ends reminders: a line counts only if it begins with such words and all
// behind them is understood (a number of days or weeks, an indicator, a country, a period, words
// that say nothing). "No data yet, we will send them tomorrow" is no answer. Greetings and blank
// lines before are passed over; the first other line ends the answers, unless it comes first: then
// there are none. These words mean nothing in other letters (read.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "enquiry/vocabulary.h"
#include "model/period.h"

namespace focalpost::enquiry {

struct DutyWord {
  enum class What : std::uint8_t { kNoData, kExtend, kNotMine };
  What what = What::kNoData;
  std::optional<std::uint32_t> days;  ///< kExtend; nothing: not said
  std::vector<std::string> flows, areas;
  std::optional<Period> from, to;
};

/// `own`: the text above any quote, UTF-8. At most Limits::enquiry_commands.
std::vector<DutyWord> read_duty_words(std::string_view own, const Vocabulary& vocabulary,
                                      const Limits& limits, Time now);

}  // namespace focalpost::enquiry
