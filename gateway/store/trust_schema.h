// SPDX-License-Identifier: Apache-2.0
//
// trust_schema: the tables of version 3: how sure it is who sent a message, and why.
#pragma once

namespace focalpost {

inline constexpr const char* kTrustSchema = R"sql(
-- What gave or denied a docket's sender its assurance.
CREATE TABLE docket_trust (
  docket INTEGER PRIMARY KEY REFERENCES docket ON DELETE CASCADE,
  why    TEXT NOT NULL,              -- 'dmarc', 'smime', 'no-pin' ...: flow/assurance.h
  detail TEXT NOT NULL,              -- a domain, a fingerprint
  remark TEXT NOT NULL               -- what the operator should notice; mostly ''
) STRICT;

-- Signed contents that were accepted as signed, each once. Stays when its docket goes.
CREATE TABLE signed_content (
  hash    TEXT PRIMARY KEY,          -- SHA-256, hex, of the content without line ends' variants
  docket  INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Forged reports that `check` mailed to the gateway, and whether they arrived.
CREATE TABLE authserv_probe (
  id          INTEGER PRIMARY KEY,
  authserv_id TEXT NOT NULL,         -- as pinned then
  at          INTEGER NOT NULL,
  removed     INTEGER NOT NULL       -- 1: the server took all of them out
) STRICT;
)sql";

}  // namespace focalpost
