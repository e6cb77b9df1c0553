// SPDX-License-Identifier: Apache-2.0
//
// local_time: what a person's calendar and clock show, in the zone where that person lives.
//
// Zones are IANA names ("Asia/Bishkek"); one that is not known counts as UTC. Days are numbered
// from 1970-01-01, as everywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace focalpost {

/// What calendar and clock show.
struct LocalMoment {
  std::int64_t day = 0;
  int minute = 0;  ///< since midnight by the clock
};

/// Not for several threads at once.
class LocalTime {
 public:
  explicit LocalTime(std::string_view zone);
  LocalTime(LocalTime&&) noexcept;
  ~LocalTime();

  LocalMoment shown(Time moment) const;
  /// The local day of a moment.
  std::int64_t day(Time moment) const { return shown(moment).day; }
  /// When the clock shows that hour (0 to 23) of a local day. An hour that a change of the clock
  /// leaves out: the first moment after it; one that comes twice: the first of them.
  Time at(std::int64_t day, int hour) const;

 private:
  struct Zone;
  std::unique_ptr<Zone> zone_;
};

LocalMoment local_time(Time moment, std::string_view zone);
/// Whether ICU knows a zone of this name.
bool is_zone(std::string_view zone);

}  // namespace focalpost
