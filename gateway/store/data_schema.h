// SPDX-License-Identifier: Apache-2.0
//
// data_schema: the tables of series, observations and their history.
//
// Plain rows: any SQLite tool reads them, most easily through the view `data`. The rows are merged
// series by series by the program (merge.h). `observation` and `history` name their series and
// filing without a REFERENCES clause: checking it costs a third of the time of a large filing, and
// both rows are written by the same function in the same transaction.
#pragma once

namespace focalpost {

inline constexpr const char* kDataSchema = R"sql(
-- A dataflow together with the DSD version that its series keys follow.
CREATE TABLE flow (
  id             INTEGER PRIMARY KEY,
  dataflow       TEXT NOT NULL,      -- 'FP:ASYLUM': agency and id; versions of a dataflow share data
  data_structure TEXT NOT NULL,      -- 'FP:DSD_ASYLUM(1.0)'
  dimensions     TEXT NOT NULL,      -- 'FREQ.REF_AREA.SEX': the order of the parts of a key
  UNIQUE (dataflow, data_structure)
) STRICT;

CREATE TABLE series (
  id      INTEGER PRIMARY KEY,
  flow    INTEGER NOT NULL REFERENCES flow,
  key     TEXT NOT NULL,             -- 'M.KG._T._T._T._T.PER'
  measure TEXT NOT NULL,             -- 'OBS_VALUE'
  area    TEXT,                      -- the key's REF_AREA, if it has one
  attributes TEXT,                   -- of the series, JSON
  attributes_filing INTEGER,         -- the filing that brought them
  UNIQUE (flow, key, measure)
) STRICT;
CREATE INDEX series_by_area ON series (flow, area);
CREATE TABLE series_history (
  series     INTEGER NOT NULL,
  filing     INTEGER NOT NULL,
  attributes TEXT,
  ended_by   INTEGER NOT NULL,
  PRIMARY KEY (series, filing)
) STRICT, WITHOUT ROWID;

-- Time periods in use: the number of model/period.h, its spelling, first day and last day.
CREATE TABLE period (
  id         INTEGER PRIMARY KEY,
  text       TEXT NOT NULL,
  kind       TEXT NOT NULL,          -- A S T Q M W D, or '' for dateTime and ranges
  first_day  TEXT NOT NULL,
  last_day   TEXT NOT NULL
) STRICT;

-- One accepted dataset.
CREATE TABLE filing (
  id             INTEGER PRIMARY KEY,
  docket         INTEGER NOT NULL REFERENCES docket,
  item           INTEGER NOT NULL,   -- number of the item in its docket
  dataset        INTEGER NOT NULL,   -- place of the dataset in its message, from 0
  flow           INTEGER NOT NULL REFERENCES flow,
  provider       TEXT NOT NULL,      -- 'KG_SMS'
  agreement      TEXT NOT NULL,      -- 'FP:PA_KG_SMS_ASYLUM(1.0)', '' if there was none to name
  action         TEXT NOT NULL,      -- Replace, Append, Delete, Merge
  filed_at       INTEGER NOT NULL,   -- milliseconds since 1970, UTC
  prepared       INTEGER,            -- of the message's header
  origin_gateway TEXT NOT NULL,
  origin_docket  TEXT NOT NULL,
  origin_order   INTEGER NOT NULL,   -- grows with every filing of the origin gateway
  created        INTEGER NOT NULL DEFAULT 0,
  revised        INTEGER NOT NULL DEFAULT 0,
  unchanged      INTEGER NOT NULL DEFAULT 0,
  withdrawn      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX filing_by_docket ON filing (docket);
CREATE INDEX filing_by_time ON filing (filed_at);

-- Which series a filing changed: from here to what is new since a moment, without a scan.
CREATE TABLE filing_series (
  filing INTEGER NOT NULL,
  series INTEGER NOT NULL,
  PRIMARY KEY (filing, series)
) STRICT, WITHOUT ROWID;

-- The newest version of every cell.
CREATE TABLE observation (
  series     INTEGER NOT NULL,
  period     INTEGER NOT NULL,
  value      ANY,                    -- INTEGER if it was written as one, else TEXT as sent; NULL: none
  status     TEXT,                   -- OBS_STATUS; NULL is A
  conf       TEXT,                   -- CONF_STATUS; NULL is F
  attributes TEXT,                   -- the other attributes, JSON
  visible_at INTEGER,                -- NULL: as soon as filed; else the end of its embargo
  withdrawn  INTEGER,                -- 1: taken back by its owner
  filing     INTEGER NOT NULL,
  PRIMARY KEY (series, period)
) STRICT, WITHOUT ROWID;
-- Where something may be hidden from others, and from there what follows (disclosure.h).
CREATE INDEX observation_not_free ON observation (series, conf, visible_at) WHERE conf <> 'F';
-- From here to the embargoes that ended since a moment.
CREATE INDEX observation_by_embargo ON observation (visible_at) WHERE visible_at IS NOT NULL;

-- Earlier versions, each with the filing that brought it and the one that ended it.
CREATE TABLE history (
  series     INTEGER NOT NULL,
  period     INTEGER NOT NULL,
  filing     INTEGER NOT NULL,
  value      ANY,
  status     TEXT,
  conf       TEXT,
  attributes TEXT,
  visible_at INTEGER,
  withdrawn  INTEGER,
  ended_by   INTEGER NOT NULL,
  PRIMARY KEY (series, period, filing)
) STRICT, WITHOUT ROWID;

-- Attributes of groups ('g:GROUP:KEY') and of a provider's datasets ('d:PROVIDER').
CREATE TABLE attribute (
  flow      INTEGER NOT NULL REFERENCES flow,
  target    TEXT NOT NULL,
  component TEXT NOT NULL,
  value     TEXT NOT NULL,
  filing    INTEGER NOT NULL,
  PRIMARY KEY (flow, target, component)
) STRICT, WITHOUT ROWID;
CREATE TABLE attribute_history (
  flow      INTEGER NOT NULL REFERENCES flow,
  target    TEXT NOT NULL,
  component TEXT NOT NULL,
  filing    INTEGER NOT NULL,
  value     TEXT NOT NULL,
  ended_by  INTEGER NOT NULL,
  PRIMARY KEY (flow, target, component, filing)
) STRICT, WITHOUT ROWID;

-- For people with a SQLite tool.
CREATE VIEW data AS
  SELECT f.dataflow, s.key, s.measure, p.text AS time_period, o.value, o.status, o.conf,
         o.attributes, i.provider, i.filed_at / 1000 AS filed_at_unix, o.visible_at, o.withdrawn
  FROM observation o
  JOIN series s ON s.id = o.series
  JOIN flow f ON f.id = s.flow
  JOIN period p ON p.id = o.period
  JOIN filing i ON i.id = o.filing;
)sql";

}  // namespace focalpost
