// SPDX-License-Identifier: Apache-2.0
//
// confirmation_schema: the tables of version 3: who was asked for a word about what is held, and
// what was decided about it.
#pragma once

namespace focalpost {

inline constexpr const char* kConfirmationSchema = R"sql(
-- One letter that asks for a word: YES or NO. What its token is made of is here; the token is not.
CREATE TABLE confirmation (
  id          INTEGER PRIMARY KEY,
  address     TEXT NOT NULL,         -- who was asked and alone may answer, lower case; '': only
                                     -- coordinators were told
  provider    TEXT NOT NULL,         -- 'KG_NSC'
  contact     TEXT NOT NULL,
  asked_at    INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  reminded_at INTEGER,               -- NULL: not yet
  answered_at INTEGER,               -- NULL: not yet
  answer      TEXT NOT NULL          -- yes, no; '' while there is none
) STRICT;
CREATE INDEX confirmation_open ON confirmation (asked_at)
  WHERE answered_at IS NULL AND reminded_at IS NULL;

-- What it asks about. A docket that was judged again since is another attempt, and not meant.
CREATE TABLE confirmation_item (
  confirmation INTEGER NOT NULL REFERENCES confirmation ON DELETE CASCADE,
  docket       INTEGER NOT NULL REFERENCES docket ON DELETE CASCADE,
  attempt      INTEGER NOT NULL,
  item         INTEGER NOT NULL,
  act          TEXT NOT NULL,        -- why it is held: assurance, large-change, append, older, ...
  content_hash TEXT NOT NULL,        -- the docket's
  PRIMARY KEY (confirmation, docket, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX confirmation_item_by_docket ON confirmation_item (docket, attempt);

-- What was decided about a docket that holds something, until it is carried out.
ALTER TABLE release_order ADD COLUMN verdict TEXT NOT NULL DEFAULT 'release';  -- release, confirm,
                                                                 -- refuse, reject, expire
ALTER TABLE release_order ADD COLUMN attempt INTEGER;            -- of the docket; NULL: any
ALTER TABLE release_order ADD COLUMN confirmation INTEGER;       -- by which the sender decided
ALTER TABLE release_order ADD COLUMN said_in INTEGER REFERENCES docket ON DELETE SET NULL;
)sql";

}  // namespace focalpost
