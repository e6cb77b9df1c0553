// SPDX-License-Identifier: Apache-2.0
//
// digest: what became known in a period, as a letter to who subscribed to it.
//
// Owns: what a digest says and in which order: numbers by indicator and country, new and revised
// and by how much, with a small picture of the totals; descriptions; structures; what is due next;
// questions that wait; and to a coordinator what waits for a word, and addresses that do not work.
// Never: looks anything up, decides who may see what: facts come in as they may leave.
//
// The same facts give the same letter, so that many subscribers share one: nothing in it is a
// single person's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compose/receipt.h"
#include "compose/transcript.h"
#include "model/lookup.h"
#include "model/period.h"

namespace focalpost {

inline constexpr std::size_t kDigestCharts = 6;  ///< of one letter
inline constexpr std::size_t kDigestLines = 20;  ///< of one list; the rest is counted
inline constexpr int kDigestChartWidth = 460, kDigestChartHeight = 250;

struct DigestRevision {
  std::string key;  ///< "M.KG._T._T._T._T.PER"
  Period period;
  std::string before, after;
  double relative = 0;  ///< |after - before| / |before|
};

/// What one institution's numbers of one country and indicator did.
struct DigestChange {
  std::string flow, area, provider;
  std::shared_ptr<const FlowStructure> structure;
  std::uint64_t added = 0, revised = 0, withdrawn = 0;
  std::uint64_t others = 0;           ///< that were too many to be told apart
  std::optional<Period> first, last;  ///< of those added and revised
  std::optional<DigestRevision> largest;
  bool any() const { return added + revised + withdrawn + others > 0; }
};

struct DigestDefinition {
  std::string flow;  ///< empty: of the institution's data as a whole
  std::string provider;
  std::vector<std::string> areas;
};

struct DigestStructure {
  std::string artefact_class;  ///< "Codelist"
  std::string id, version;
  Texts names;
};

struct DigestDue {
  std::string flow, provider;
  std::vector<std::string> areas;
  Period period;
  Time due{};
};

struct DigestRequest {
  std::string name;  ///< "2026-000147"
  std::vector<std::string> areas, flows;
  std::string with;    ///< institution that is to answer; empty: nobody
  bool asked = false;  ///< by the reader's institution
  std::uint64_t days = 0;
};

struct DigestHeld {
  std::string docket, provider, file;
  std::uint64_t days = 0;
};

struct DigestDead {
  std::string address, provider;
  Time since{};
};

/// How an institution kept its own promises in the last twelve months.
struct DigestKept {
  std::string provider;
  std::uint64_t promised = 0, in_time = 0, late = 0, missed = 0, extended = 0;
};

struct DigestFacts {
  std::string lang, zone, rhythm;
  std::vector<std::string> flows, areas;  ///< the selection; empty: all
  Time since{}, until{};                  ///< the period
  std::vector<DigestChange> changes;
  /// Totals of one country each, of indicators that changed.
  std::vector<std::shared_ptr<const AnswerTable>> charts;
  std::vector<DigestDefinition> definitions;
  std::vector<DigestStructure> structures;
  std::vector<DigestDue> due;
  std::vector<DigestRequest> requests;
  std::vector<DigestHeld> held;
  std::vector<DigestDead> dead;
  std::vector<DigestKept> kept;                 ///< of those whom a coordinator looks after
  std::vector<mime::OutgoingAttachment> files;  ///< the changes
  bool files_left_out = false;                  ///< they would have been too large
};

/// Pictures that were drawn, by what is in them: several letters have the same.
class DigestPictures {
 public:
  struct Picture {
    std::string name, content_id, png;
  };
  std::size_t drawn() const { return pictures_.size(); }

 private:
  friend class DigestComposer;
  std::map<std::string, Picture> pictures_;
};

/// Error: as compose_receipt().
Result<Receipt> compose_digest(const DigestFacts& facts, DigestPictures& pictures,
                               const StructureLookup& structures, const Voice& voice,
                               const Letterhead& letterhead);

}  // namespace focalpost
