// SPDX-License-Identifier: Apache-2.0
#include "store/orders.h"

namespace focalpost {

Status Orders::release(std::int64_t docket, Time now) {
  return statements_.run(
      "INSERT INTO release_order (docket, ordered_at) VALUES (?, ?) ON CONFLICT DO NOTHING", docket,
      to_millis(now));
}

Result<std::vector<ReleaseOrder>> Orders::releases() {
  FP_ASSIGN(auto rows, statements_.get("SELECT d.id, d.year, d.serial FROM release_order o "
                                       "JOIN docket d ON d.id = o.docket "
                                       "ORDER BY o.ordered_at, d.id"));
  std::vector<ReleaseOrder> result;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    result.push_back(
        {rows->integer(0),
         {static_cast<int>(rows->integer(1)), static_cast<std::uint32_t>(rows->integer(2))}});
  }
}

Status Orders::done(std::int64_t docket) {
  return statements_.run("DELETE FROM release_order WHERE docket = ?", docket);
}

}  // namespace focalpost
