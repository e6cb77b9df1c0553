// SPDX-License-Identifier: Apache-2.0
//
// structures: the network's structures as rows.
//
// load() gives exactly what was saved, in the same order; save() has the meaning of
// Structures::merge, by being made of it. An artefact that does not change is not written.
//
// Danger: a data structure under which data were filed is immutable, since the keys of the stored
// series follow it; save() writes nothing at all then and says which those are. Names and
// annotations of it may be corrected; its components and groups are what must not change.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/structure.h"
#include "store/statements.h"

namespace focalpost {

/// URNs of what came, by what it meant.
struct StructuresSaved {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> unchanged;
  std::vector<Ref> immutable;  ///< data structures with data; if there are any nothing was written
};

class StructureTables {
 public:
  explicit StructureTables(Statements& statements) : statements_(statements) {}

  Result<Structures> load();
  /// Inside a transaction. `docket`: id of what brought them.
  Result<StructuresSaved> save(const Structures& newer, Time now,
                               std::optional<std::int64_t> docket = {});
  /// Every series that is filed: its dataflow ('FP:ASYLUM'), its data structure and its key, flow
  /// by flow. The views live until `take` returns; its Error ends it.
  Status each_series(
      const std::function<Status(std::string_view dataflow, std::string_view data_structure,
                                 std::string_view key)>& take);
  /// Grows with every save() that wrote something: a cheap way to notice that another process did.
  Result<std::int64_t> revision();

 private:
  Statements& statements_;
};

}  // namespace focalpost
