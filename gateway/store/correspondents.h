// SPDX-License-Identifier: Apache-2.0
//
// correspondents: what is remembered of addresses: how many replies one got lately, against loops
// of two robots; which cannot be reached; and whose owner is away.
//
// An address is dead after kDeadAfterBounces messages came back, none of them followed by a sign of
// life, the last at least kDeadAfter later than the first. One message that comes back may be that
// message's fault; any number in an hour may be one broken server's, which answers "no such user"
// for everybody until it is repaired; three over a day or more are an address that does not work.
// Messages leave for a focal point some times a month, so that this takes days or weeks, not years.
// A bounce that stood alone for kBounceMemory is forgotten at the next one: what came back once in
// a year is not dead.
//
// Never decides: what a bounce is and whether it is believed is `flow`'s, so is who is told; the
// budget of replies is Limits::replies_per_hour, its use is the caller's. An address is compared
// without ASCII case.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/statements.h"

namespace focalpost {

inline constexpr std::int64_t kDeadAfterBounces = 3;
inline constexpr std::chrono::hours kDeadAfter{24};
inline constexpr std::chrono::hours kBounceMemory{60 * 24};

/// An address whose mail came back.
struct AddressTrouble {
  std::string address;       ///< lower case
  std::int64_t bounces = 0;  ///< messages, each counted once by the caller
  Time first{}, last{};
  std::string text;                ///< what the server said last
  std::optional<Time> dead_since;  ///< when it was taken for dead
  std::optional<Time> told;        ///< when the coordinators last were told
};

class Correspondents {
 public:
  explicit Correspondents(Statements& statements) : statements_(statements) {}

  /// Replies to this address after the minute of `since`.
  Result<std::uint64_t> replies_since(std::string_view address, Time since);
  /// In the transaction that enqueues the reply.
  Status note_reply(std::string_view address, Time now);
  /// Forgets what no budget looks at any more.
  Status forget_before(Time before);

  /// One more message came back. What is known of the address now. Inside a transaction.
  Result<AddressTrouble> note_bounce(std::string_view address, std::string_view text, Time now);
  /// A sign of life at `when`: a message from there, or the report that one arrived there. Forgets
  /// the bounces before.
  Status note_alive(std::string_view address, Time when);
  /// The coordinators were told.
  Status note_told(std::string_view address, Time now);
  Result<std::optional<AddressTrouble>> trouble(std::string_view address);
  /// A program said at `when` that nobody reads what is sent there now. The newest stands.
  Status note_away(std::string_view address, Time when);
  /// Its owner wrote.
  Status note_back(std::string_view address);
  /// When it was last said; nothing: not, or its owner has written since.
  Result<std::optional<Time>> away_since(std::string_view address);

  /// Those taken for dead, the longest first.
  Result<std::vector<AddressTrouble>> dead(std::size_t limit);

 private:
  Statements& statements_;
};

}  // namespace focalpost
