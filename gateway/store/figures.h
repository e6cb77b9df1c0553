// SPDX-License-Identifier: Apache-2.0
//
// figures: what `status` shows of the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/docket.h"
#include "store/events.h"
#include "store/outbox.h"
#include "store/statements.h"

namespace focalpost {

struct Figures {
  struct Day {
    std::string date;  ///< "2026-03-01", UTC
    Outcome outcome = Outcome::kIgnored;
    std::uint64_t dockets = 0;
  };
  std::vector<std::pair<Outcome, std::uint64_t>> dockets;  ///< of all time, by outcome
  std::vector<Day> days;  ///< the last ones, newest first; days without are left out
  OutboxCounts outbox;
  std::uint64_t in_hand = 0;  ///< messages being processed or charged
  std::uint64_t held_items = 0;
  std::uint64_t filings = 0, series = 0;
  std::optional<Time> last_received, last_filed, last_sent;
  std::uint64_t store_bytes = 0;  ///< of the file, without its write-ahead log
  std::vector<Event> events;      ///< warnings and errors, the newest first
};

/// `days` back from `now`; `events` at most.
Result<Figures> figures(Statements& statements, Time now, int days = 7, std::size_t events = 10);

}  // namespace focalpost
