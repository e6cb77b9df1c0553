// SPDX-License-Identifier: Apache-2.0
//
// digest_facts: what became known to somebody in a time, read once for all who may see the same.
//
// A News is read for a viewer and a time, over all indicators; digests of any selection are cut out
// of it, so that reading costs what changed, not how many subscribers or selections there are.
// What changed is what store/reader.h gives as changed since then (when it was filed, or when its
// embargo ended), compared with what the same viewer could see at that moment: nothing is told
// that could not have been seen.
//
// The viewer's `now` is the end of the time: what comes later is told in the next digest.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "compose/digest.h"
#include "flow/home.h"
#include "flow/timeliness.h"
#include "model/viewer.h"

namespace focalpost {

/// Cells that are compared with what was there before; of further ones it is only counted that they
/// changed.
inline constexpr std::size_t kCellsCompared = 200'000;
/// Series of an indicator that are looked up one by one for that; more are looked up as a whole.
inline constexpr std::size_t kCodesCompared = 300;
inline constexpr std::size_t kDigestFiles = 30;
inline constexpr std::size_t kDigestFileBytes = 8 << 20;  ///< all together

struct News {
  Viewer viewer;
  Time since{};
  std::vector<DigestChange> changes;
  /// By indicator, institution and country: codes of REF_AREA under which something changed.
  std::map<std::string, std::map<std::string, std::map<std::string, std::set<std::string>>>> areas;
  std::vector<std::shared_ptr<const AnswerTable>> charts;
  std::vector<DigestDefinition> definitions;
  std::vector<DigestStructure> structures;

  bool any() const { return !changes.empty() || !definitions.empty() || !structures.empty(); }
};
/// `viewer.now`: the end of the time.
Result<News> read_news(Home& home, const Viewer& viewer, Time since);

/// What of it is of a selection; both empty: all.
void cut_out(const News& news, const std::vector<std::string>& flows,
             const std::vector<std::string>& areas, DigestFacts& facts);

/// Files of changes that were written: of what, indicator, institution, country. Without a name: it
/// would have been too large.
using ChangeFiles = std::map<std::tuple<const News*, std::string, std::string, std::string>,
                             mime::OutgoingAttachment>;
/// The changes of a selection as SDMX-CSV 2.0, a file for each indicator, institution and country,
/// so that another gateway can file each as its institution's. `news` stays where it is.
Status attach_changes(Home& home, const News& news, ChangeFiles& written, DigestFacts& facts);

/// What is due next after `facts.until`, of the selection, that the viewer may know of.
void add_due(Home& home, const Viewer& viewer, std::chrono::days ahead, DigestFacts& facts);

/// Open requests of and for an institution; to a coordinator all that are with somebody whom he
/// looks after, and what waits for a word, and dead addresses. Whether some of that is new since
/// `facts.since`.
Result<bool> add_waiting(Home& home, const RosterEntry& reader, DigestFacts& facts);

/// To a coordinator, of whom he looks after: how promises were kept. No news by itself.
void add_kept(const StructureLookup& lookup, const RosterEntry& reader,
              const std::vector<Timeliness>& all, DigestFacts& facts);

}  // namespace focalpost
