// SPDX-License-Identifier: Apache-2.0
//
// request_schema: the tables of version 4: questions that a person answers, and who is away.
#pragma once

namespace focalpost {

inline constexpr const char* kRequestSchema = R"sql(
-- A question for a person; its number is its docket's.
CREATE TABLE request (
  id            INTEGER PRIMARY KEY,
  docket        INTEGER NOT NULL REFERENCES docket ON DELETE CASCADE,
  part          INTEGER NOT NULL,     -- 1: the message's only or first question
  asker         TEXT NOT NULL,        -- address, lower case; '' once forgotten. It is nowhere else in
                                      -- these tables.
  provider      TEXT NOT NULL,        -- of a registered asker: 'KG_NSC'; '': somebody outside
  contact       TEXT NOT NULL,
  lang          TEXT NOT NULL,        -- of letters to the asker
  sure          INTEGER NOT NULL,     -- 1: sure enough who asks to repeat the question to that address
  thread        TEXT NOT NULL,        -- Message-IDs, oldest first, with spaces between
  subject       TEXT NOT NULL,
  areas         TEXT NOT NULL,        -- 'KG,KZ'
  flows         TEXT NOT NULL,        -- 'ASYLUM'
  question      TEXT NOT NULL,        -- the asker's own words; lines end in LF
  state         TEXT NOT NULL,        -- unconfirmed, open, answered, declined, closed, lapsed
  with_address  TEXT NOT NULL,        -- who is to answer, lower case; '': nobody
  with_role     TEXT NOT NULL,        -- focal point, substitute, coordinator
  with_provider TEXT NOT NULL,
  with_contact  TEXT NOT NULL,
  opened_at     INTEGER NOT NULL,     -- when it was asked, or confirmed
  passed_at     INTEGER,              -- when it was put before who it is with; NULL: not yet
  reminded_at   INTEGER,              -- when that person was reminded; NULL: not yet
  reminders     INTEGER NOT NULL,     -- in all
  settled_at    INTEGER,              -- when it was answered, declined, closed or lapsed
  said          TEXT NOT NULL,        -- the newest answer, or why it was declined
  is_public     INTEGER NOT NULL,     -- 1: who answered lets everybody read the answer
  move_due      INTEGER NOT NULL,     -- 1: its message may lie in another folder than its docket says
  UNIQUE (docket, part)
) STRICT;
CREATE INDEX request_open ON request (opened_at) WHERE state IN ('open', 'unconfirmed');
CREATE INDEX request_of_asker ON request (asker) WHERE state IN ('open', 'unconfirmed');
CREATE INDEX request_move ON request (docket) WHERE move_due = 1;
CREATE INDEX request_public ON request (settled_at) WHERE is_public = 1;

-- A letter of ours whose answer is about a request. Its token is made of this row.
CREATE TABLE request_letter (
  id       INTEGER PRIMARY KEY,
  request  INTEGER NOT NULL REFERENCES request ON DELETE CASCADE,
  kind     TEXT NOT NULL,             -- ask: to who is to answer; confirm, answer: to the asker
  address  TEXT NOT NULL,             -- lower case; '': the asker's
  provider TEXT NOT NULL,
  contact  TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;
CREATE INDEX request_letter_by_request ON request_letter (request);

-- What became of it, for people.
CREATE TABLE request_event (
  request INTEGER NOT NULL REFERENCES request ON DELETE CASCADE,
  seq     INTEGER NOT NULL,           -- from 0
  at      INTEGER NOT NULL,
  what    TEXT NOT NULL,              -- opened, confirmed, passed-on, reminded, substituted,
                                      -- escalated, forwarded, answered, declined, closed, lapsed
  who     TEXT NOT NULL,              -- 'KG_SMS, focal point'; never the asker
  said_in INTEGER REFERENCES docket ON DELETE SET NULL,  -- the message that did it
  PRIMARY KEY (request, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_event_by_docket ON request_event (said_in) WHERE said_in IS NOT NULL;

-- Files that go with the question, and those that came with a public answer.
CREATE TABLE request_file (
  request    INTEGER NOT NULL REFERENCES request ON DELETE CASCADE,
  kind       TEXT NOT NULL,           -- question, answer
  position   INTEGER NOT NULL,        -- from 0
  name       TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes      BLOB NOT NULL,
  PRIMARY KEY (request, kind, position)
) STRICT;

-- Contacts of whom a program said that they are away, until they write themselves.
CREATE TABLE address_away (
  address  TEXT PRIMARY KEY,          -- lower case
  noted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace focalpost
