// SPDX-License-Identifier: Apache-2.0
//
// judge: whether a line is a command, nearly one, or free words.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/limits.h"
#include "enquiry/enquiry.h"
#include "enquiry/lexicon.h"

namespace focalpost::enquiry {

enum class LineKind { kFree, kCommand, kNear, kGreeting, kSignature };

struct Judged {
  LineKind kind = LineKind::kFree;
  Command command;  ///< kCommand; of a greeting nothing
  Unknown near;     ///< kNear
  /// kCommand: its word alone, nothing behind it.
  bool bare = false;
};

/// `text`: one line, valid UTF-8, trimmed, not empty.
/// `looks`: how often a word that was probably meant may still be looked for, in all of a mail.
Judged judge(std::string_view text, const Lexicon& lexicon, const Limits& limits, Time now,
             std::size_t& looks);

inline constexpr std::size_t kMostLooks = 60;

/// Token after a mark of a reply with its colon at the beginning of a subject; as bytes; 0: none.
std::size_t past_reply_mark(std::string_view subject, const Lexicon& lexicon);

/// "-- ", "> ...", "-----Original Message-----": what ends reading whatever the language.
bool ends_reading(std::string_view line);

}  // namespace focalpost::enquiry
