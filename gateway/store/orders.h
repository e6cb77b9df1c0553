// SPDX-License-Identifier: Apache-2.0
//
// orders: what the operator asked for and is not done yet. A verb writes an order beside a running
// `run`, which carries it out when it looks around next.
//
// The one order there is: to release what a docket holds. It stands until the docket is filed and
// its message has left Held.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/docket.h"
#include "store/statements.h"

namespace focalpost {

struct ReleaseOrder {
  std::int64_t docket = 0;
  DocketNumber number;
};

class Orders {
 public:
  explicit Orders(Statements& statements) : statements_(statements) {}

  /// Nothing new if it is ordered already. One statement: alone it commits by itself.
  Status release(std::int64_t docket, Time now);
  /// Oldest first.
  Result<std::vector<ReleaseOrder>> releases();
  Status done(std::int64_t docket);

 private:
  Statements& statements_;
};

}  // namespace focalpost
