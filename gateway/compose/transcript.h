// SPDX-License-Identifier: Apache-2.0
//
// transcript: the answer to an enquiry: each command as it was understood, then what is known.
//
// Owns: how numbers of several countries and years become a table that can be read, which notes
// stand under it, what makes two countries not comparable and how that is said. Never: looks
// anything up, decides who may see what: facts come in as they may leave.
//
// A table of the mail has at most kRowsShown rows; what does not fit is attached, and the answer
// says so. Values are shown digit for digit, grouped as the language groups them.
//
// Danger: the words of a command are a stranger's. They are repeated only where Letterhead::quote
// says so, on one line, as values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compose/offered.h"
#include "compose/receipt.h"
#include "enquiry/enquiry.h"
#include "mime/compose.h"
#include "model/docket.h"
#include "model/lookup.h"
#include "model/metadata.h"
#include "model/period.h"
#include "render/modules.h"

namespace focalpost {

inline constexpr std::size_t kRowsShown = 40;
inline constexpr std::size_t kPeriodsCharted = 3;  ///< as many make a line

enum class CellMark : std::uint8_t {
  kNothing,  ///< nothing was filed for it
  kValue,    ///< also none, where the status says why
  kWithheld,
  kEmbargo,  ///< withheld until `until`
};

struct AnswerCell {
  CellMark mark = CellMark::kNothing;
  std::string value, status;
  std::optional<Time> until;
};

struct AnswerSeries {
  std::vector<std::string> codes;  ///< one per dimension
  std::string provider;            ///< of its newest cell
  std::vector<AnswerCell> cells;   ///< one per period of the table
};

/// Series of one frequency, of one way to collect (stocks at the beginning and at the end of a
/// period are never one table) and of one unit multiplier.
struct AnswerTable {
  std::shared_ptr<const FlowStructure> flow;
  std::string freq;             ///< code of FREQ; "" where there is none
  std::string collect;          ///< TIME_PER_COLLECT: S, A, B, E, M or ""
  std::string multiplier;       ///< UNIT_MULT: "3" for thousands; "" or "0"
  std::vector<Period> periods;  ///< ascending, without gaps between first and last
  std::vector<AnswerSeries> series;
};

/// What a provider says about what it counts.
struct AnswerDefinition {
  std::string area, provider;
  const MetadataStructure* structure = nullptr;  ///< null: it has not described it
  std::vector<ReportedAttribute> attributes;
  Time filed_at{};
};

struct AnswerData {
  std::shared_ptr<const FlowStructure> flow;
  std::vector<AnswerTable> tables;
  std::vector<AnswerDefinition> definitions;  ///< one for each area in the tables
  bool whole = false;                         ///< all concepts are shown, not what numbers need
  bool with_table = true, with_chart = true;
  std::vector<std::string> areas_missing;  ///< asked for by name, and nothing is there
  bool rarest = false;                     ///< of each area the rarest frequency alone was read
  bool cut = false;                        ///< more was asked for than is read for one mail
};

/// One line of a list.
struct AnswerFact {
  enum class Kind : std::uint8_t {
    kIndicator,     ///< flow, areas
    kCountry,       ///< areas (one), flows, providers
    kInstitution,   ///< provider, areas
    kPerson,        ///< provider, person (name), role, address (masked)
    kDue,           ///< flow, areas, provider, period, at; of the own institution's also state
    kDocket,        ///< docket, at, outcome, text: its subject
    kModule,        ///< number, text: its title
    kSubscription,  ///< flows, areas, text: its rhythm, at: when the next digest comes, if one does
    kExample,       ///< text: which ("get"); flows, areas and period to fill it with
  };
  Kind kind = Kind::kExample;
  std::vector<std::string> flows, areas, providers;
  std::string person, role, address, text;
  int number = 0;
  std::string state;  ///< "missed": "duty.state.<state>" of the phrases; empty: not said
  Period period;
  Time at{};
  std::optional<DocketNumber> docket;
  Outcome outcome = Outcome::kAnswered;
};

/// A sentence: "answer.<key>" of the phrases, with ready words.
struct AnswerSentence {
  std::string key;
  std::vector<std::pair<std::string, std::string>> args = {};
  std::optional<Finding> finding = {};  ///< its sentence instead
};

struct Answered {
  std::optional<enquiry::Command> command;
  std::vector<AnswerSentence> sentences;
  std::optional<OfferedAnswer> offer;  ///< to a question: an answer to a like one
  std::vector<AnswerData> data;
  std::vector<AnswerFact> facts;
  std::optional<TrainingModule> module;  ///< to be read, with its questions
  std::vector<mime::OutgoingAttachment> attachments;
};

struct Transcript {
  std::vector<Answered> answers;
  std::vector<enquiry::Unknown> lines;  ///< that were nearly commands
  std::uint64_t not_read = 0;           ///< commands beyond what is read of one mail
  std::vector<AnswerFact> examples;     ///< that would work for this person
};

/// Who asks, in whose eyes: the definition beside a number of the own country is left out.
struct TranscriptReader {
  std::vector<std::string> own_areas;
  std::string lang, zone;
};

/// The letter; charts are drawn and attached.
Result<Receipt> compose_transcript(const Docket& docket, Transcript transcript,
                                   const TranscriptReader& reader,
                                   const StructureLookup& structures, const Voice& voice,
                                   const Letterhead& letterhead);

/// The same without a letter around it, for `focalpost get`.
Result<std::string> transcript_text(Transcript transcript, const TranscriptReader& reader,
                                    const StructureLookup& structures, const Voice& voice);

}  // namespace focalpost
