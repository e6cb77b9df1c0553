// SPDX-License-Identifier: Apache-2.0
//
// trust: which signed contents were accepted already, and what came of trying the mail server's
// reports (flow/assurance.h, flow/check_trust.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/statements.h"

namespace focalpost {

/// Whether the server pinned as `authserv_id` removed forged reports when it was tried last.
struct AuthservProbe {
  Time at{};
  bool removed = false;
};

class TrustTables {
 public:
  explicit TrustTables(Statements& statements) : statements_(statements) {}

  /// Notes that the content of this hash came signed, in this docket. The docket in which it came
  /// first: another one than `docket` if it was accepted before. Inside a transaction.
  Result<std::int64_t> accept_signed(std::string_view hash, std::int64_t docket, Time now);

  /// One statement: alone it commits by itself.
  Status note_probe(std::string_view authserv_id, bool removed, Time now);
  /// The newest with this very id; nothing: never tried.
  Result<std::optional<AuthservProbe>> newest_probe(std::string_view authserv_id);

 private:
  Statements& statements_;
};

}  // namespace focalpost
