// SPDX-License-Identifier: Apache-2.0
//
// orders: what was decided about a docket that holds something, and is not done yet: by the
// operator with a verb beside a running `run`, by its sender's word, by a coordinator's, by time.
// Whoever has the home's lock carries it out when it looks around next (flow/release.h).
//
// An order stands until it is carried out and the message has left Held. There is one a docket: the
// first word counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/docket.h"
#include "store/statements.h"

namespace focalpost {

enum class Decision : std::uint8_t {
  kRelease,  ///< the operator or a coordinator: file it
  kConfirm,  ///< its sender: yes
  kRefuse,   ///< its sender: no
  kReject,   ///< a coordinator: no
  kExpire,   ///< nobody said anything
};
std::string_view decision_name(Decision decision);

struct HeldOrder {
  std::int64_t docket = 0;
  DocketNumber number;  ///< as read; not looked at when written
  Decision decision = Decision::kRelease;
  /// The attempt that was meant; nothing: any.
  std::optional<std::uint32_t> attempt;
  std::optional<std::int64_t> confirmation;  ///< kConfirm: by which
  std::optional<std::int64_t> said_in;       ///< docket of the message that said so
};

class Orders {
 public:
  explicit Orders(Statements& statements) : statements_(statements) {}

  /// Nothing new if something is ordered already. One statement: alone it commits by itself.
  Status add(const HeldOrder& order, Time now);
  /// Oldest first.
  Result<std::vector<HeldOrder>> all();
  Status done(std::int64_t docket);

 private:
  Statements& statements_;
};

}  // namespace focalpost
