// SPDX-License-Identifier: Apache-2.0
//
// enquiry: from what a person wrote to commands, in the words of any language that the vocabulary
// has.
//
// Owns: what is a command and what is not, where reading ends, what the words of a command mean,
// which command or word was probably meant. Never: looks anything up in the store, decides who may
// ask, answers. Every sentence is the templates'.
//
// Forgiving: case, punctuation, order of words, look-alike letters, marks of replies; but nothing
// is guessed in silence: what was not understood is in `unknown`, with what was probably meant.
//
// Dangers: the text is a stranger's. Every count has a limit (limits.h: commands of a mail, words
// of a command), what lies beyond is counted, not read. Nothing recurses.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/period.h"
#include "model/reference.h"

namespace focalpost::enquiry {

enum class Verb : std::uint8_t {
  kHelp,
  kIndicators,
  kCountries,
  kCalendar,
  kStatus,     ///< docket, or all that is open of the asker
  kGet,        ///< also an SDMX REST key
  kHow,        ///< methodology notes
  kInventory,  ///< who collects what
  kWho,        ///< institutions and roles
  kForm,
  kAsk,  ///< `text` is the question
  kSubscribe,
  kUnsubscribe,
  kLanguage,  ///< lang
  kStop,
  kPublish,   ///< flows become public
  kAudience,  ///< flows; areas, or `text` public, network, institution
  kDecline,   ///< `text`: the reason
  kForward,   ///< `text`: to whom
  kClose,
  kModule,      ///< number: a training module; 0: which there are. `text`: answers to its check
  kAddContact,  ///< `text`: institution, address, role, language
  kPause,       ///< `text`: institution, indicators, until when
  kResume,      ///< `text`: institution, indicators
};

/// "get", "help": as phrases and logs name it.
std::string_view verb_name(Verb verb);

enum class Format : std::uint8_t { kTable, kCsv, kSdmx, kChart };

/// A word that was not understood.
struct Unknown {
  std::string word;                      ///< as written, one line, shortened
  std::vector<std::string> suggestions;  ///< at most 3, nearest first, ready to be typed
};

struct Command {
  Verb verb = Verb::kHelp;
  std::string line;                ///< as written: one line, UTF-8, shortened
  std::string lang;                ///< of its first word, if that is a word of one language only
  std::vector<std::string> flows;  ///< ids of dataflows of the snapshot, no id twice
  std::vector<std::string> areas;  ///< codes of REF_AREA
  std::optional<Period> from, to;  ///< both set by "2024"; from alone by "since 2019"
  bool latest = false;
  std::vector<std::string> by;  ///< dimension ids, as they are in the DSD of the first flow
  std::map<std::string, std::vector<std::string>> codes;  ///< of other dimensions
  std::vector<Format> formats;
  std::optional<Time> as_of;  ///< end of the day that was named, UTC
  std::string docket;         ///< "2026-000147"
  std::string language;       ///< "ru": kLanguage; of others the language of the answer, if named
  int number = 0;             ///< kModule: 1 to 99; 0: not said
  std::string rhythm;         ///< kSubscribe: "daily", "weekly", "monthly", ...; empty: not said
  bool implied = false;       ///< GET was left out: "ASYLUM KG 2024"
  /// Its word was in capital letters. Where not, the subject or a line of a letter that data come
  /// with may read like a command: «Данные об убежище за июнь 2026».
  bool capitals = false;
  std::string text;  ///< free words: the question, the reason, the name; lines kept
  std::vector<Unknown> unknown;
  /// "data/ASYLUM/M.KG._T": `codes` has then every dimension of which the key names codes, and
  /// dimensions left open are `open`.
  bool rest = false;
  std::vector<std::string> open;
};

struct Enquiry {
  std::vector<Command> commands;  ///< in the order written
  /// Lines that look like commands, with a typo or an unknown first word.
  std::vector<Unknown> lines;
  std::uint64_t not_read = 0;  ///< commands beyond the limit
  /// No command at all: what the person wrote above quote and signature. Empty: nothing.
  std::string free_words;
  std::size_t from_subject = 0;  ///< how many of `commands`, the first ones, stood in the subject
  bool reply = false;            ///< the subject has a mark of a reply: what stands in it is old
  bool cut = false;              ///< the text was longer than what is read of one
};

}  // namespace focalpost::enquiry
