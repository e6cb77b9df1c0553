// SPDX-License-Identifier: Apache-2.0
#include "store/trust.h"

namespace focalpost {

Result<std::int64_t> TrustTables::accept_signed(std::string_view hash, std::int64_t docket,
                                                Time now) {
  FP_TRY(statements_.need_transaction("a signed content is accepted"));
  FP_TRY(
      statements_.run("INSERT INTO signed_content (hash, docket, seen_at) VALUES (?, ?, ?) "
                      "ON CONFLICT (hash) DO NOTHING",
                      hash, docket, to_millis(now)));
  FP_ASSIGN(auto rows, statements_.get("SELECT docket FROM signed_content WHERE hash = ?"));
  rows->bind_all(hash);
  FP_ASSIGN(bool row, rows->step());
  if (!row) return bug("a signed content that was just written is not there");
  return rows->integer(0);
}

Status TrustTables::note_probe(std::string_view authserv_id, bool removed, Time now) {
  return statements_.run("INSERT INTO authserv_probe (authserv_id, at, removed) VALUES (?, ?, ?)",
                         authserv_id, to_millis(now), std::int64_t{removed});
}

Result<std::optional<AuthservProbe>> TrustTables::newest_probe(std::string_view authserv_id) {
  FP_ASSIGN(auto rows, statements_.get("SELECT at, removed FROM authserv_probe WHERE authserv_id = "
                                       "? ORDER BY id DESC LIMIT 1"));
  rows->bind_all(authserv_id);
  FP_ASSIGN(bool row, rows->step());
  std::optional<AuthservProbe> probe;
  if (row) probe = AuthservProbe{from_millis(rows->integer(0)), rows->integer(1) != 0};
  return probe;
}

}  // namespace focalpost
