// SPDX-License-Identifier: Apache-2.0
//
// duties: how what was promised stands: what of it came, when, and what was said about it.
//
// Owns: which cells fulfil a duty, on which day it is due once weekends, holidays and extensions
// are counted, and which of the states below it is in. Never: writes anything, asks or reminds
// anybody (reminders.h), shows an institution's lateness to others (whoever asks here sees to
// that).
//
// Which cells. The agreement's FP_REQUIRED is a series key, "+" joins codes that are all needed, an
// empty part means what follows: of FREQ the frequency of the period, or where the agreement has a
// finer one alone all its periods within; of REF_AREA each country that the agreement covers; of
// any other dimension its usual code (compose/names.h: the total). Without FP_REQUIRED all parts
// are empty: the all-total series. Where a dimension has no usual code, or the agreement does not
// cover the series of totals, any series that the institution filed for that country fulfils it. A
// cell counts if it has a value or a status (a missing value with status O, M, L, ...), provisional
// or not; one that was taken back does not.
//
// When. A cell came when its first version was filed: revisions make nothing late. A duty was
// received when the newest of its cells came.
//
// Late. Only by the own promise: after the last day of grace, which extensions move, as they move
// the due day; what then falls on a weekend or a holiday of the country ([calendar] holidays) moves
// to the next working day. Days end at midnight UTC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/calendar.h"
#include "flow/home.h"
#include "store/duties.h"

namespace focalpost {

/// Of all extensions of a duty together, and how often it can be extended.
inline constexpr std::uint32_t kMostExtension = 90, kMostExtensions = 2;

enum class DutyState : std::uint8_t {
  kOpen,      ///< nothing yet, and it is not late
  kPartly,    ///< some of it
  kReceived,  ///< all of it, in time
  kLate,      ///< all of it, after the grace
  kExtended,  ///< nothing yet; more time was asked for, and it is not over
  kEmpty,     ///< the institution says that there are no data
  kMissed,    ///< nothing, and the grace is over
};
/// "open", "partly", "received", "late", "extended", "empty", "missed".
std::string_view duty_state_name(DutyState state);

/// Days on which an institution works, as numbers since 1970-01-01.
class WorkingDays {
 public:
  /// Both outlive this.
  WorkingDays(const CalendarSettings& settings, const std::vector<std::string>& areas)
      : settings_(settings), areas_(areas) {}
  bool works(std::int64_t day) const;
  std::int64_t same_or_next(std::int64_t day) const;
  /// `count` working days later.
  std::int64_t later(std::int64_t day, int count) const;

 private:
  const CalendarSettings& settings_;
  const std::vector<std::string>& areas_;
};

struct DutyStanding {
  Duty duty;
  DutyKey key;
  std::int64_t due = 0;       ///< day, moved as said above
  std::int64_t last_day = 0;  ///< that is not late
  DutyState state = DutyState::kOpen;
  std::vector<std::string> areas;    ///< countries it is about
  std::vector<std::string> missing;  ///< those of them of which something is missing
  std::optional<Time> received;      ///< all of it
  std::uint32_t extended_days = 0, extensions = 0;
  std::optional<Time> extended_at;  ///< the last time
  bool disowned = false;            ///< somebody who was asked said "not mine"

  bool fulfilled() const { return state == DutyState::kReceived || state == DutyState::kLate; }
  /// Nothing more is expected.
  bool settled() const { return fulfilled() || state == DutyState::kEmpty; }
};

/// "FP:ASYLUM", as the store calls a dataflow.
std::string dataflow_key(const Ref& dataflow);
DutyKey key_of(const Duty& duty);

/// How duties stand at a moment. The home outlives it; it keeps the structures as they were.
class DutyBook {
 public:
  DutyBook(Home& home, Time now) : home_(home), lookup_(home.snapshot()), now_(now) {}

  const StructureLookup& lookup() const { return *lookup_; }
  Time now() const { return now_; }
  Result<DutyStanding> standing(const Duty& duty);
  /// Nothing: no agreement promises it any more.
  std::optional<Duty> find(const DutyKey& key) const;
  /// The due day as shown to people: moved off weekends and holidays, without extensions.
  std::int64_t due_day(const Duty& duty);
  WorkingDays working_days(const Duty& duty);

 private:
  /// A series, or (no key) any that the institution filed for the area.
  struct Wanted {
    std::string key, area;
  };
  struct Required {
    std::vector<std::string> areas;
    std::vector<Wanted> series;
    std::string freq;  ///< empty: whatever the period says
  };
  const Required& required(const AgreementTerms& terms, PeriodKind kind);

  Home& home_;
  std::shared_ptr<const StructureLookup> lookup_;
  Time now_;
  std::map<const AgreementTerms*, Required> required_;
};

}  // namespace focalpost
