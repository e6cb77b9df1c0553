// SPDX-License-Identifier: Apache-2.0
#include "store/figures.h"

#include "model/period.h"

namespace focalpost {
namespace {
constexpr std::int64_t kDayMillis = 86'400'000;
}

Result<Figures> figures(Statements& statements, Time now, int days, std::size_t events) {
  Figures result;
  Database& database = statements.database();
  {
    FP_ASSIGN(auto rows, statements.get("SELECT outcome, count(*) FROM docket GROUP BY outcome"));
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      if (auto outcome = outcome_from_name(rows->text(0)))
        result.dockets.emplace_back(*outcome, static_cast<std::uint64_t>(rows->integer(1)));
    }
  }
  {
    std::int64_t today = to_millis(std::chrono::floor<std::chrono::days>(now)) / kDayMillis;
    FP_ASSIGN(auto rows, statements.get("SELECT received_at / 86400000, outcome, count(*) "
                                        "FROM docket WHERE received_at >= ? GROUP BY 1, 2 "
                                        "ORDER BY 1 DESC, 2"));
    rows->bind_all((today - days + 1) * kDayMillis);
    for (;;) {
      FP_ASSIGN(bool row, rows->step());
      if (!row) break;
      if (auto outcome = outcome_from_name(rows->text(1)))
        result.days.push_back(
            {date_text(rows->integer(0)), *outcome, static_cast<std::uint64_t>(rows->integer(2))});
    }
  }
  FP_ASSIGN(result.outbox, Outbox(statements).counts());

  auto number = [&](std::string_view sql) -> Result<std::uint64_t> {
    FP_ASSIGN(auto n, database.query_integer(sql));
    return static_cast<std::uint64_t>(n.value_or(0));
  };
  FP_ASSIGN(result.in_hand, number("SELECT count(*) FROM in_hand"));
  FP_ASSIGN(result.held_items, number("SELECT count(*) FROM item WHERE outcome = 'held'"));
  FP_ASSIGN(result.filings, number("SELECT count(*) FROM filing"));
  FP_ASSIGN(result.series, number("SELECT count(*) FROM series"));
  FP_ASSIGN(std::uint64_t pages, number("PRAGMA page_count"));
  FP_ASSIGN(std::uint64_t page_size, number("PRAGMA page_size"));
  result.store_bytes = pages * page_size;

  auto moment = [&](std::string_view sql) -> Result<std::optional<Time>> {
    FP_ASSIGN(auto at, database.query_integer(sql));
    return at ? std::optional(from_millis(*at)) : std::nullopt;
  };
  FP_ASSIGN(result.last_received, moment("SELECT max(received_at) FROM docket"));
  FP_ASSIGN(result.last_filed, moment("SELECT max(filed_at) FROM filing"));
  FP_ASSIGN(result.last_sent, moment("SELECT max(sent_at) FROM outbox WHERE sent_at IS NOT NULL"));
  FP_ASSIGN(result.events, Events(statements).last(events, EventLevel::kWarning));
  return result;
}

}  // namespace focalpost
