// SPDX-License-Identifier: Apache-2.0
//
// publications: what became known, to whom, when: filings that were released and embargoes that
// ended.
//
// Owns: the exchange log, and the marks by which a page made of the data knows that it is out of
// date. Never: says how many cells a filing has, or what of it waits or was refused.
//
// A filing is known to who is in the audience of its agreement, in the agreement's newest version;
// of an agreement that is not known any more, to its provider and to coordinators (reader.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/lookup.h"
#include "model/period.h"
#include "model/viewer.h"
#include "store/database.h"

namespace focalpost {

struct Publication {
  enum class Kind : std::uint8_t { kNew, kRevised, kWithdrawn, kReleased };
  Kind kind = Kind::kNew;  ///< kReleased: an embargo ended
  std::int64_t filing = 0;
  Time at{};
  Ref dataflow;  ///< without version
  std::string provider;
  std::optional<Period> first, last;  ///< as the file had them; of kReleased those that were shown
};
/// What `viewer` may know of, the newest first; filings that changed nothing are left out.
Result<std::vector<Publication>> publications(Database& database, const StructureLookup& structures,
                                              const Viewer& viewer, std::size_t most);

/// Where a dataflow stands.
struct FlowMark {
  std::int64_t filing = 0;       ///< the newest
  Time filed_at{};               ///< of it
  std::optional<Time> released;  ///< end of the newest embargo that has ended
};
/// By dataflow ("FP:ASYLUM").
Result<std::map<std::string, FlowMark>> flow_marks(Database& database, Time now);
/// Grows with every description that is filed.
Result<std::int64_t> description_mark(Database& database);

}  // namespace focalpost
