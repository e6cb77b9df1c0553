// SPDX-License-Identifier: Apache-2.0
//
// stored_history: what an institution has filed of a series so far, to judge what it sends now.
//
// Gives only cells whose newest version came with a filing of that institution itself. It may see
// those whatever their audience, confidentiality or embargo, hence no Viewer; what others filed in
// the same series it must not learn from a warning. Sees what the open transaction has merged.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "model/history.h"
#include "store/statements.h"

namespace focalpost {

class StoredHistory final : public HistoryLookup {
 public:
  StoredHistory(Statements& statements, std::string provider)
      : statements_(statements), provider_(std::move(provider)) {}

  Status cells(const FlowStructure& flow, std::string_view key, const PastWanted& wanted,
               std::vector<PastCell>& cells) override;

 private:
  Result<std::optional<std::int64_t>> flow_of(const FlowStructure& flow);
  Result<bool> own(std::int64_t filing);
  /// Reads the row's period, value and filing; nothing is added if others filed it.
  Status add(Statement& row, std::vector<PastCell>& cells);

  Statements& statements_;
  std::string provider_;
  const FlowStructure* flow_known_ = nullptr;
  std::optional<std::int64_t> flow_;
  std::unordered_map<std::int64_t, bool> own_;  ///< by filing
};

}  // namespace focalpost
