// SPDX-License-Identifier: Apache-2.0
//
// duty_schema: the tables of version 6: what people answered about what they promised, and who was
// reminded of what.
#pragma once

namespace focalpost {

inline constexpr const char* kDutySchema = R"sql(
-- What was said about one promised period of one institution. Whether it was received the data say.
CREATE TABLE duty_said (
  id       INTEGER PRIMARY KEY,
  provider TEXT NOT NULL,            -- 'KG_SMS'
  dataflow TEXT NOT NULL,            -- 'FP:ASYLUM': agency and id
  period   INTEGER NOT NULL,         -- number of model/period.h
  what     TEXT NOT NULL,            -- extended, empty, not-mine
  days     INTEGER NOT NULL,         -- extended: by so many more
  contact  TEXT NOT NULL,            -- id of the contact who said it
  at       INTEGER NOT NULL,
  said_in  INTEGER REFERENCES docket ON DELETE SET NULL,  -- the message that said it
  UNIQUE (provider, dataflow, period, what, said_in)
) STRICT;
CREATE INDEX duty_said_by_docket ON duty_said (said_in) WHERE said_in IS NOT NULL;

-- A letter that lists what is due. Its token is made of this row.
CREATE TABLE reminder (
  id       INTEGER PRIMARY KEY,
  address  TEXT NOT NULL,            -- lower case; '': there was nobody to write to
  provider TEXT NOT NULL,            -- the reader's institution
  contact  TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;
CREATE INDEX reminder_by_address ON reminder (address, at);

-- What a letter lists.
CREATE TABLE reminder_duty (
  reminder INTEGER NOT NULL REFERENCES reminder ON DELETE CASCADE,
  provider TEXT NOT NULL,            -- whose duty
  dataflow TEXT NOT NULL,
  period   INTEGER NOT NULL,
  stage    TEXT NOT NULL,            -- before, after, substitute, coordinator, not-mine
  PRIMARY KEY (reminder, provider, dataflow, period, stage)
) STRICT, WITHOUT ROWID;
CREATE INDEX reminder_duty_by_duty ON reminder_duty (provider, dataflow, period);
)sql";

}  // namespace focalpost
