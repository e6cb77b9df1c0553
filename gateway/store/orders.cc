// SPDX-License-Identifier: Apache-2.0
#include "store/orders.h"

#include <array>

namespace focalpost {
namespace {

constexpr std::array<std::string_view, 5> kDecisions = {"release", "confirm", "refuse", "reject",
                                                        "expire"};

}  // namespace

std::string_view decision_name(Decision decision) {
  return kDecisions[static_cast<std::size_t>(decision)];
}

Status Orders::add(const HeldOrder& order, Time now) {
  FP_ASSIGN(auto insert,
            statements_.get("INSERT INTO release_order (docket, ordered_at, verdict, attempt, "
                            "confirmation, said_in) VALUES (?, ?, ?, ?, ?, ?) "
                            "ON CONFLICT DO NOTHING"));
  insert->bind_all(order.docket, to_millis(now), decision_name(order.decision));
  order.attempt ? insert->bind(4, std::int64_t{*order.attempt}) : insert->bind_null(4);
  order.confirmation ? insert->bind(5, *order.confirmation) : insert->bind_null(5);
  order.said_in ? insert->bind(6, *order.said_in) : insert->bind_null(6);
  return insert->run();
}

Result<std::vector<HeldOrder>> Orders::all() {
  FP_ASSIGN(auto rows, statements_.get("SELECT d.id, d.year, d.serial, o.verdict, o.attempt, "
                                       "o.confirmation, o.said_in FROM release_order o "
                                       "JOIN docket d ON d.id = o.docket "
                                       "ORDER BY o.ordered_at, d.id"));
  std::vector<HeldOrder> result;
  for (;;) {
    FP_ASSIGN(bool row, rows->step());
    if (!row) return result;
    HeldOrder& order = result.emplace_back();
    order.docket = rows->integer(0);
    order.number = {static_cast<int>(rows->integer(1)),
                    static_cast<std::uint32_t>(rows->integer(2))};
    for (std::size_t v = 0; v < kDecisions.size(); ++v)
      if (kDecisions[v] == rows->text(3)) order.decision = static_cast<Decision>(v);
    if (!rows->is_null(4)) order.attempt = static_cast<std::uint32_t>(rows->integer(4));
    if (!rows->is_null(5)) order.confirmation = rows->integer(5);
    if (!rows->is_null(6)) order.said_in = rows->integer(6);
  }
}

Status Orders::done(std::int64_t docket) {
  return statements_.run("DELETE FROM release_order WHERE docket = ?", docket);
}

}  // namespace focalpost
