// SPDX-License-Identifier: Apache-2.0
//
// intake: which messages are being processed, so that one that ends the program is found out.
//
// The protocol (DESIGN.md section 6, "Poison"):
//   begin_batch(keys)          committed before anything of the batch is looked at
//   done(key)                  in the transaction that commits the message's docket
//   put_back(keys)             the batch was given up for a reason that is nobody's fault
// At start, before the first begin_batch:
//   suspects()                 what was in hand when the program ended, each to be done alone:
//   charge(key, weight)        committed before its parse; the caller compares the sum with its
//   limit
//
// Never decides: weights and limits are the caller's. A failure that is not the message's (disk
// full, BUSY, a lost line) is taken back with a negative weight.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/message_key.h"
#include "store/statements.h"

namespace focalpost {

struct Suspect {
  MessageKey key;
  Time since{};             ///< taken in hand first
  std::int64_t charge = 0;  ///< so far
};

class Intake {
 public:
  explicit Intake(Statements& statements) : statements_(statements) {}

  /// Commits by itself: not inside a transaction. A key that is known keeps its charge.
  Status begin_batch(std::span<const MessageKey> keys, Time now);
  /// The message has its docket: forgets the key and its charge. A key not in hand is no error.
  Status done(const MessageKey& key);
  /// Not processed after all: the keys are no longer in hand, charges stay. Commits by itself.
  Status put_back(std::span<const MessageKey> keys);

  /// What was in hand or has a charge, oldest first.
  Result<std::vector<Suspect>> suspects();
  /// Adds to what the message was charged, never going below 0, and returns the sum. Commits by
  /// itself: inside a transaction the crash would take the charge with it.
  Result<std::int64_t> charge(const MessageKey& key, std::int64_t weight, Time now);
  /// 0 for a message that was never charged.
  Result<std::int64_t> charge_of(const MessageKey& key);

 private:
  Statements& statements_;
};

}  // namespace focalpost
