// SPDX-License-Identifier: Apache-2.0
//
// reader: the one way in which data leave the store.
//
// Owns the rules of DESIGN.md section 6 on who sees what: audience, confidentiality, embargo,
// residual disclosure, withdrawal. There is no way to read observations without a Viewer; whoever
// composes an answer, a digest or a page asks here and writes what it gets.
//
// The rules. A cell belongs to the provider of the filing that brought its newest version: the
// owner. Owner and coordinators see everything; withdrawn cells too, with their last value. For all
// others:
// - Audience: FP_AUDIENCE of the filing's provision agreement, in the agreement's newest version.
//   public: everybody; network: any institution; codes of countries separated by spaces: their
//   institutions; institution: the owner. Whoever is not in it does not learn that the cell exists.
//   If the agreement is not known any more, the audience is the owner.
// - Confidentiality: CONF_STATUS F or none is free; any other (N, C, D, S, A, ...) is withheld. E
// is
//   withheld until its embargo ends; without an end it counts as N. The newest CONF_STATUS holds
//   for all vintages; a vintage that was confidential in its time stays withheld too.
// - Residual disclosure (disclosure.h): what could be computed from the rest is withheld too.
// - A withdrawn cell is named, without value, status and attributes; so is a withheld one, with its
//   CONF_STATUS unless it is withheld for others' sake.
//
// Residual disclosure is decided twice: first for everybody alike, so that two viewers together see
// no more than one of them, and then once more with what this viewer's audience leaves out. Cells
// that the viewer owns stay open. A vintage hides at least what the newest data hide.
//
// The slice. A choice of cells to hide can reach through all dimensions, so it is made on the whole
// slice even if one number is asked for: all series whose codes hang together, dimension by
// dimension, with those of a series asked for (the tree of a code in its codelist: for a country
// its regions, for a citizenship all citizenships, for a frequency only itself), at the same
// period. The same series in the same order every time, hence the same choice whatever is asked
// for.
//
// Dangers: one Reader serves one thread, as its connection does. read() sees one state of the store
// from beginning to end; the sink must not write to the same connection.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/lookup.h"
#include "model/observation.h"
#include "model/period.h"
#include "model/reference.h"
#include "model/viewer.h"
#include "store/statements.h"

namespace focalpost {

/// Which cells are asked for.
struct Selection {
  Ref dataflow;  ///< agency and id; data of all its versions are one. A DSD where filed under it
  /// By dimension id, the codes wanted; a dimension that is not named or has none: any code. Series
  /// of a DSD version without such a dimension are not meant.
  std::map<std::string, std::vector<std::string>> codes;
  std::optional<Period> from, to;  ///< periods that lie within first day of `from`, last of `to`
  bool latest = false;             ///< of every series only the last period that has a cell
  /// The state of the store at a moment: the newest version filed by then; for others than owner
  /// and coordinators the newest that could be seen by then.
  std::optional<Time> as_of;
  /// Only cells whose newest version came with a later filing than this.
  std::optional<std::int64_t> since_filing;
  /// Only cells that changed after this moment and not after the viewer's now: when they were
  /// filed, or for those who must wait for it, when their embargo ended.
  std::optional<Time> since;
};

enum class CellState : std::uint8_t { kShown, kWithheld, kWithdrawn };
enum class WithheldReason : std::uint8_t {
  kNone,
  kConfidential,
  kEmbargo,   ///< Cell::visible_at says until when
  kResidual,  ///< it would give away another
};

/// Some series with their cells. A series is never cut. All views live until the sink returns.
struct DataBatch {
  struct Series {
    std::int64_t id = 0;
    std::shared_ptr<const FlowStructure> structure;  ///< the DSD version that its key follows
    std::string key;                                 ///< "M.KG._T._T"
    std::vector<std::string_view> parts;             ///< of `key`, one per dimension
    std::string measure;                             ///< "OBS_VALUE"
    std::string attributes;                          ///< of the series, JSON; "" for none
    std::uint32_t first = 0, count = 0;              ///< its cells, by period
  };
  struct Cell {
    Period period;
    CellState state = CellState::kShown;
    WithheldReason reason = WithheldReason::kNone;
    bool has_value = false;
    std::string_view value;       ///< as it was sent
    std::string_view status;      ///< OBS_STATUS; "" is A
    std::string_view conf;        ///< CONF_STATUS; "" is F
    std::string_view attributes;  ///< the others, JSON (read_attributes_json in merge.h)
    std::string_view provider;
    std::int64_t filing = 0;  ///< that brought this version
    Time filed_at{};
    std::optional<Time> visible_at;  ///< end of its embargo
  };
  std::vector<Series> series;
  std::vector<Cell> cells;
  Arena arena;
};

/// An attribute of a group ("g:GROUP:KEY") or of a provider's datasets ("d:PROVIDER").
struct AttachedAttribute {
  std::string target, component, value;
  std::string provider;
  Time filed_at{};
};

class ObservationReader {
 public:
  /// The database must outlive this. `structures` gives hierarchies and audiences.
  ObservationReader(Database& database, std::shared_ptr<const StructureLookup> structures);

  using Sink = std::function<Status(const DataBatch&)>;
  /// Gives what `viewer` may see of `selection` in batches, series in no particular order; an Error
  /// of the sink ends it. A dataflow without data gives nothing. The Error kUsage if the structures
  /// lack a DSD that has data: its hierarchies are needed to hide what must be hidden.
  Status read(const Selection& selection, const Viewer& viewer, const Sink& sink);
  /// The same until `take` has enough and says no; whether it was given everything.
  using Take = std::function<Result<bool>(const DataBatch&)>;
  Result<bool> read_some(const Selection& selection, const Viewer& viewer, const Take& take);

  /// Attributes of groups and datasets that the viewer is in the audience of: the newest, or those
  /// that were the newest at a moment.
  Result<std::vector<AttachedAttribute>> attributes(const Ref& dataflow, const Viewer& viewer,
                                                    std::optional<Time> as_of = {});

 private:
  class Pass;
  std::shared_ptr<const StructureLookup> structures_;
  Statements statements_;
};

}  // namespace focalpost
