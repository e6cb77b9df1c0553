// SPDX-License-Identifier: Apache-2.0
//
// docket: one message's case, as plain data (DESIGN.md section 1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/finding.h"

namespace focalpost {

/// What became of an item. The order is that of "worst first" for a docket's folder.
enum class Outcome : std::uint8_t {
  kFailed,    ///< could not be processed; the reason is in the docket
  kHeld,      ///< waits for the sender or a coordinator
  kRejected,  ///< data with errors
  kOpen,      ///< waits for a person's answer
  kFiled,
  kUnchanged,  ///< nothing new in it
  kTested,     ///< judged and answered, not filed, as asked
  kAnswered,
  kNotice,  ///< bounce, out-of-office, another robot
  kIgnored,
};
std::string_view outcome_name(Outcome outcome);
std::optional<Outcome> outcome_from_name(std::string_view name);

/// How sure we are who sent it (DESIGN.md section 5).
enum class Assurance : std::uint8_t {
  kNone = 0,       ///< nothing
  kFrom = 1,       ///< the From address alone
  kAligned = 2,    ///< aligned DKIM or DMARC pass reported by the pinned authserv-id
  kConfirmed = 3,  ///< this docket confirmed by token
  kSigned = 4,     ///< S/MIME or OpenPGP signature bound to the contact
};

/// What somebody wants to do; the policy table says what assurance it needs.
enum class Act : std::uint8_t {
  kEnquire,
  kFile,
  kRevise,
  kAnswer,
  kSubscribe,
  kExtend,
  kStructures,
  kRoster,
  kCommand,
};
std::string_view act_name(Act act);

/// "2026-000147"
struct DocketNumber {
  int year = 0;
  std::uint32_t serial = 0;
  std::string text() const;
  static std::optional<DocketNumber> parse(std::string_view text);
  friend auto operator<=>(const DocketNumber&, const DocketNumber&) = default;
};

/// Who sent a message, as far as it could be told.
struct Sender {
  std::string address;  ///< From's address, lower-case domain; empty if there is none
  std::string display;  ///< its display name, for people only
  bool registered = false;
  std::string provider;  ///< id of the data provider ("KG_NSC"), if registered
  std::string contact;   ///< id of the contact in it
  std::string lang = "en";
  Assurance assurance = Assurance::kNone;
  std::string why;         ///< what gave or denied it: "dmarc", "no-pin" (flow/assurance.h)
  std::string why_detail;  ///< a domain, a fingerprint; on one line
  std::string remark;      ///< what the operator should notice about the sender; mostly empty
};

/// How one cell changed by a filing; at most 20 are listed, the largest relative changes first.
struct CellChange {
  enum class Kind : std::uint8_t { kNew, kRevised, kWithdrawn };
  Kind kind = Kind::kRevised;
  std::string series;
  std::string period;
  std::string component;      ///< measure or attribute that changed; "OBS_VALUE" mostly
  std::string before, after;  ///< as written; empty: no value
  double relative = 0;        ///< |after - before| / |before|; 0 where it means nothing
};

/// What one dataset did to the store.
struct ChangeSummary {
  std::uint64_t created = 0;  ///< new cells
  std::uint64_t revised = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t left = 0;       ///< stored in the series of the file, not in it, left alone
  std::uint64_t series = 0;     ///< series touched
  double largest_relative = 0;  ///< of the revised
  std::vector<CellChange> cells;

  bool changed() const { return created + revised + withdrawn > 0; }
};

/// Why something waits (NETWORK.md section 3).
enum class HoldReason : std::uint8_t {
  kNone,
  kAssurance,  ///< the policy wants a higher assurance
  kLargeChange,
  kAppend,   ///< an explicit Append meets another stored value
  kOlder,    ///< Prepared is older than what it would overwrite
  kEffects,  ///< structures that invalidate filed data or agreements
  kTouched,  ///< confirmed, but what it changes was filed anew in the meantime
};
std::string_view hold_reason_name(HoldReason reason);

/// One dataset inside an item.
struct DatasetOutcome {
  std::string structure;     ///< "FP:ASYLUM(1.0)"
  std::string name_lang_id;  ///< dataflow id, for its name in a language
  Action action = Action::kReplace;
  std::uint64_t series = 0;
  std::uint64_t observations = 0;
  std::string first_period, last_period;
  std::vector<std::string> areas;
  ChangeSummary change;
};

/// One thing in a message that got a verdict: an attachment, a member of an archive, a command.
struct Item {
  std::uint32_t number = 0;  ///< 1-based in the docket
  std::string path;          ///< "a.zip!b.xml", as shown to people
  std::string kind;          ///< "sdmx-ml 2.1 StructureSpecificData", "sdmx-csv 1.0", "?"
  std::string sha256;        ///< of the attachment as sent (decoded), hex
  Outcome outcome = Outcome::kIgnored;
  HoldReason hold = HoldReason::kNone;
  bool test = false;
  std::string prepared;  ///< of the SDMX header
  std::vector<DatasetOutcome> datasets;
  std::vector<Finding> findings;  ///< the listed ones
  std::uint64_t errors = 0, warnings = 0, infos = 0;
};

/// Of a message with these items: the first that applies of theirs.
Outcome outcome_of(const std::vector<Item>& items);

struct Docket {
  std::int64_t id = 0;  ///< the store's own
  DocketNumber number;
  std::uint32_t attempt = 1;  ///< a Retry is a new attempt in the same docket
  std::string message_id;     ///< of the message, "<...>"; may be forged
  std::string subject;
  Sender sender;
  Time received{};
  Outcome outcome = Outcome::kIgnored;
  std::string reason;  ///< why failed, ignored or a notice, one sentence
  std::vector<Item> items;
};

}  // namespace focalpost
