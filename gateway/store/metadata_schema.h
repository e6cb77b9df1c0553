// SPDX-License-Identifier: Apache-2.0
//
// metadata_schema: the tables of version 2: reference metadata, and what structures of 3.0 have
// beyond the columns of version 1.
#pragma once

namespace focalpost {

inline constexpr const char* kMetadataSchema = R"sql(
-- Nested parts of codelists (extensions), metadata structures, -flows and -agreements.
CREATE TABLE artefact_detail (
  artefact INTEGER PRIMARY KEY REFERENCES artefact ON DELETE CASCADE,
  detail   TEXT NOT NULL             -- JSON
) STRICT;

-- What a provider wrote about a dataflow, or about itself: every version of it. The newest holds.
CREATE TABLE metadata_set (
  id                INTEGER PRIMARY KEY,
  structure         TEXT NOT NULL,   -- 'FP:MSD_METHOD': versions of it are one history
  structure_version TEXT NOT NULL,
  dataflow          TEXT NOT NULL,   -- 'FP:ASYLUM'; '': the provider itself
  provider          TEXT NOT NULL,   -- 'KG_NSC'
  version           INTEGER NOT NULL,-- from 1
  docket            INTEGER REFERENCES docket ON DELETE SET NULL,
  item              INTEGER NOT NULL,
  action            TEXT NOT NULL,   -- 'Replace', 'Append', 'Delete'
  filed_at          INTEGER NOT NULL,
  prepared          INTEGER,         -- of the message's header
  UNIQUE (structure, dataflow, provider, version)
) STRICT;

-- Its concepts, in the order of the structure.
CREATE TABLE metadata_value (
  metadata_set INTEGER NOT NULL REFERENCES metadata_set ON DELETE CASCADE,
  position     INTEGER NOT NULL,     -- from 0
  parent       INTEGER NOT NULL,     -- position of the concept around it; -1: none
  attribute    TEXT NOT NULL,        -- 'STAT_UNIT'
  value        TEXT NOT NULL,        -- a code, or a text without language; '': none
  structured   INTEGER NOT NULL,     -- 1: the texts are XHTML
  PRIMARY KEY (metadata_set, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE metadata_text (
  metadata_set INTEGER NOT NULL REFERENCES metadata_set ON DELETE CASCADE,
  position     INTEGER NOT NULL,     -- of the concept
  seq          INTEGER NOT NULL,     -- from 0
  lang         TEXT NOT NULL,
  text         TEXT NOT NULL,
  PRIMARY KEY (metadata_set, position, seq)
) STRICT, WITHOUT ROWID;

-- For people with a SQLite tool: what holds now.
CREATE VIEW metadata AS
  SELECT s.structure, s.dataflow, s.provider, v.attribute, v.value, t.lang, t.text,
         datetime(s.filed_at / 1000, 'unixepoch') AS filed_at
  FROM metadata_set s
  JOIN metadata_value v ON v.metadata_set = s.id
  LEFT JOIN metadata_text t ON t.metadata_set = s.id AND t.position = v.position
  WHERE s.version = (SELECT max(version) FROM metadata_set n
                     WHERE n.structure = s.structure AND n.dataflow = s.dataflow
                       AND n.provider = s.provider);
)sql";

}  // namespace focalpost
