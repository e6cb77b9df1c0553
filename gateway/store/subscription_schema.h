// SPDX-License-Identifier: Apache-2.0
//
// subscription_schema: the tables of version 7: subscriptions, and the digests that were made for
// them.
#pragma once

namespace focalpost {

inline constexpr const char* kSubscriptionSchema = R"sql(
-- Who gets a digest of what. What an address is told is its own matter: nothing here names a
-- person, and what a contact may see is looked up when the digest is made.
CREATE TABLE subscription (
  id         INTEGER PRIMARY KEY,
  address    TEXT NOT NULL,           -- lower case; '' once forgotten
  lang       TEXT NOT NULL,           -- of its letters, while the address is nobody's in the roster
  rhythm     TEXT NOT NULL,           -- daily, weekly, monthly, quarterly
  flows      TEXT NOT NULL,           -- 'ASYLUM,LABOUR', sorted; '': all
  areas      TEXT NOT NULL,           -- 'KG,KZ', sorted; '': all
  state      TEXT NOT NULL,           -- unconfirmed, active, ended
  opened_at  INTEGER NOT NULL,        -- when it was asked for
  ended_at   INTEGER,
  told_until INTEGER NOT NULL,        -- what became known by then has been told
  told_day   INTEGER NOT NULL,        -- the local day, since 1970, at whose beginning the last
                                      -- period ended that was told of
  said_in    INTEGER REFERENCES docket ON DELETE SET NULL  -- the message that asked for it last
) STRICT;
CREATE UNIQUE INDEX subscription_of ON subscription (address, flows, areas)
  WHERE state <> 'ended';
CREATE INDEX subscription_state ON subscription (state, id);
CREATE INDEX subscription_by_docket ON subscription (said_in) WHERE said_in IS NOT NULL;

-- One row for each subscription and period: whatever happens, there is never a second digest.
CREATE TABLE digest (
  subscription INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
  day          INTEGER NOT NULL,      -- the local day at whose beginning the period ended
  since        INTEGER NOT NULL,      -- what became known after this ...
  until        INTEGER NOT NULL,      -- ... and by then
  what         TEXT NOT NULL,         -- sent; nothing: nothing had happened; refused: see gate.h
  outbox       INTEGER REFERENCES outbox ON DELETE SET NULL,
  made_at      INTEGER NOT NULL,
  PRIMARY KEY (subscription, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX digest_by_outbox ON digest (outbox) WHERE outbox IS NOT NULL;

-- Addresses that want nothing from us but answers.
CREATE TABLE address_stop (
  address TEXT PRIMARY KEY,           -- lower case
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace focalpost
