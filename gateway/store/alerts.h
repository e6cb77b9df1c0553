// SPDX-License-Identifier: Apache-2.0
//
// alerts: what is wrong now and when the operator was told of it, and the facts of the store that
// alerts rest on.
//
// Never decides: what is wrong, and how often one tells, is `flow`'s.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/docket.h"
#include "store/statements.h"

namespace focalpost {

struct AlertRecord {
  std::string key;   ///< "mailbox:gateway@mail.example"
  std::string kind;  ///< "mailbox"
  std::string text;  ///< one sentence, the newest
  std::string to_do;
  Time since{};                 ///< of this time that it is wrong
  std::optional<Time> told;     ///< last time; also of an earlier time that it was wrong
  std::optional<Time> cleared;  ///< nothing: it is wrong now

  bool open() const { return !cleared; }
};

class AlertTable {
 public:
  explicit AlertTable(Statements& statements) : statements_(statements) {}

  Result<std::optional<AlertRecord>> find(std::string_view key);
  /// The oldest first.
  Result<std::vector<AlertRecord>> open();
  /// Adds or replaces. Texts are made one line of at most 500 characters.
  Status put(const AlertRecord& record);
  /// Forgets what has been right again, and was not told of, since then.
  Status forget_before(Time before);

 private:
  Statements& statements_;
};

/// Letters that have not left.
struct OutboxBacklog {
  std::uint64_t waiting = 0;
  std::optional<Time> oldest;  ///< created
  std::string error;           ///< why that one has not left, if it was tried
};
/// Without those of one kind, if it is given.
Result<OutboxBacklog> outbox_backlog(Statements& statements, std::string_view without_kind = {});

/// Dockets that failed.
struct FailedDockets {
  std::uint64_t count = 0;
  std::optional<DocketNumber> newest;
  std::string reason;  ///< of that one
};
Result<FailedDockets> failed_dockets_after(Statements& statements, Time after);

}  // namespace focalpost
