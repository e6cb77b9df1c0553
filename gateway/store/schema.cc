// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <fmt/format.h>

#include <string>

#include "store/confirmation_schema.h"
#include "store/data_schema.h"
#include "store/duty_schema.h"
#include "store/metadata_schema.h"
#include "store/public_answer_schema.h"
#include "store/request_schema.h"
#include "store/subscription_schema.h"
#include "store/trust_schema.h"

namespace focalpost {
namespace {

// Times are milliseconds since 1970-01-01 UTC. Texts that are not known are '' rather than NULL.
constexpr const char* kCaseSchema = R"sql(
-- Few things that the program must remember: 'gateway_id', 'origin_order', 'structures_revision'.
CREATE TABLE setting (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- What the operator should know; the last 1,000.
CREATE TABLE event (
  id    INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL,
  level TEXT NOT NULL,               -- info, warning, error
  text  TEXT NOT NULL                -- one sentence
) STRICT;

-- One message's case.
CREATE TABLE docket (
  id           INTEGER PRIMARY KEY,
  year         INTEGER NOT NULL,     -- number 2026-000147 is year 2026 ...
  serial       INTEGER NOT NULL,     -- ... and serial 147
  attempt      INTEGER NOT NULL,     -- the newest; from 1, one more with every retry
  message_id   TEXT NOT NULL,        -- '<...>' as sent; may be forged
  subject      TEXT NOT NULL,
  address      TEXT NOT NULL,        -- of From; '' if there is none
  display      TEXT NOT NULL,        -- its display name
  registered   INTEGER NOT NULL,     -- 1: From is a contact's address
  provider     TEXT NOT NULL,        -- 'KG_NSC' if registered
  contact      TEXT NOT NULL,        -- id of the contact in it
  lang         TEXT NOT NULL,        -- of the replies
  assurance    INTEGER NOT NULL,     -- 0 none .. 4 signed
  received_at  INTEGER NOT NULL,
  finished_at  INTEGER NOT NULL,     -- when the newest attempt was judged
  outcome      TEXT NOT NULL,        -- the first that applies of its items'
  folder       TEXT NOT NULL,        -- where the message belongs: 'Filed', 'Enquiries/Open'
  reason       TEXT NOT NULL,        -- why failed, ignored or a notice
  kept_segment INTEGER,              -- where the raw bytes are kept; NULL: nowhere
  kept_offset  INTEGER,
  content_hash TEXT NOT NULL,        -- of the decoded content, hex; '' if nothing was decoded
  UNIQUE (year, serial)
) STRICT;
CREATE INDEX docket_by_time ON docket (received_at, outcome);
CREATE INDEX docket_by_message ON docket (message_id, address, content_hash);

-- The messages of a docket, where the mailbox had them: the first and its redeliveries and moves.
CREATE TABLE docket_message (
  mailbox      TEXT NOT NULL,        -- 'imap://host/user', or the Maildir's name
  folder       TEXT NOT NULL,        -- 'INBOX'
  uid_validity INTEGER NOT NULL,
  uid          TEXT NOT NULL,
  docket       INTEGER NOT NULL REFERENCES docket ON DELETE CASCADE,
  PRIMARY KEY (mailbox, folder, uid_validity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX docket_message_by_docket ON docket_message (docket);

-- One thing in a message that got a verdict, as of the docket's newest attempt.
CREATE TABLE item (
  docket   INTEGER NOT NULL REFERENCES docket ON DELETE CASCADE,
  number   INTEGER NOT NULL,         -- from 1
  path     TEXT NOT NULL,            -- 'a.zip!b.xml'
  kind     TEXT NOT NULL,            -- 'sdmx-ml 2.1 StructureSpecificData'
  sha256   TEXT NOT NULL,            -- of the attachment, decoded, hex
  outcome  TEXT NOT NULL,
  hold     TEXT NOT NULL,            -- why held: assurance, large-change, append, older
  test     INTEGER NOT NULL,         -- 1: judged only, as its header asked
  prepared TEXT NOT NULL,            -- of the SDMX header, as written
  errors   INTEGER NOT NULL,         -- all, also those not listed in `finding`
  warnings INTEGER NOT NULL,
  infos    INTEGER NOT NULL,
  PRIMARY KEY (docket, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_held ON item (docket, number) WHERE outcome = 'held';

-- One dataset of an item, and what it did (or would do) to the data.
CREATE TABLE item_dataset (
  docket           INTEGER NOT NULL,
  item             INTEGER NOT NULL,
  position         INTEGER NOT NULL, -- from 0
  structure        TEXT NOT NULL,    -- 'FP:ASYLUM(1.0)'
  dataflow         TEXT NOT NULL,    -- 'ASYLUM'
  action           TEXT NOT NULL,    -- Replace, Append, Delete, Information, Merge
  series           INTEGER NOT NULL, -- in the file
  observations     INTEGER NOT NULL,
  first_period     TEXT NOT NULL,
  last_period      TEXT NOT NULL,
  areas            TEXT NOT NULL,    -- JSON array of codes
  created          INTEGER NOT NULL, -- cells
  revised          INTEGER NOT NULL,
  unchanged        INTEGER NOT NULL,
  withdrawn        INTEGER NOT NULL,
  left_alone       INTEGER NOT NULL, -- stored in the file's series, not in the file
  series_touched   INTEGER NOT NULL,
  largest_relative REAL NOT NULL,    -- of the revised: |after - before| / |before|
  cells            TEXT NOT NULL,    -- JSON array of the largest changes
  PRIMARY KEY (docket, item, position),
  FOREIGN KEY (docket, item) REFERENCES item (docket, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a check said, in the order in which it was said.
CREATE TABLE finding (
  docket      INTEGER NOT NULL,
  item        INTEGER NOT NULL,
  seq         INTEGER NOT NULL,      -- from 0
  rule        TEXT NOT NULL,         -- 'unknown-code'
  dataset     INTEGER,               -- from 0; NULL: of the whole message
  line        INTEGER NOT NULL,      -- from 1; 0: not known
  col         INTEGER NOT NULL,
  series      TEXT NOT NULL,         -- 'M.KG._T'
  period      TEXT NOT NULL,
  component   TEXT NOT NULL,
  value       TEXT NOT NULL,         -- what stood there, shortened
  expected    TEXT NOT NULL,
  suggestions TEXT NOT NULL,         -- JSON array
  detail      TEXT NOT NULL,
  count       INTEGER NOT NULL,      -- how many faults this row stands for
  PRIMARY KEY (docket, item, seq),
  FOREIGN KEY (docket, item) REFERENCES item (docket, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Bytes that are sent, each stored once.
CREATE TABLE blob (
  id    INTEGER PRIMARY KEY,
  hash  TEXT UNIQUE,                 -- SHA-256, hex; NULL: of one message alone
  bytes BLOB NOT NULL
) STRICT;

-- Outgoing mail, written in the same transaction as its cause.
CREATE TABLE outbox (
  id            INTEGER PRIMARY KEY,
  docket        INTEGER REFERENCES docket ON DELETE SET NULL,  -- NULL: digests, reminders
  attempt       INTEGER NOT NULL,    -- the docket's
  kind          TEXT NOT NULL,       -- receipt, help, notice, answer, digest, undeliverable, ...
  message_id    TEXT NOT NULL UNIQUE,-- final before the first attempt to send
  recipient     TEXT NOT NULL,       -- envelope: RCPT TO
  envelope_from TEXT NOT NULL,       -- envelope: MAIL FROM of the last attempt; '' is <>
  subject       TEXT NOT NULL,
  lang          TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  not_before    INTEGER NOT NULL,    -- next attempt
  state         TEXT NOT NULL,       -- waiting, sending, sent, failed, delivered, bounced
  attempts      INTEGER NOT NULL,    -- to send
  first_tried   INTEGER,             -- NULL: not yet
  last_error    TEXT NOT NULL,       -- what the server or a report said last; '' if all is well
  sent_at       INTEGER,             -- NULL: not yet
  settled_at    INTEGER,             -- when it became failed, delivered or bounced
  copy_due      INTEGER NOT NULL     -- 1: sent, and its copy is not in the folder Sent yet
) STRICT;
CREATE INDEX outbox_by_state ON outbox (state, not_before);
CREATE INDEX outbox_by_docket ON outbox (docket);
CREATE INDEX outbox_by_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX outbox_by_copy ON outbox (id) WHERE copy_due = 1;

-- The bytes of an outgoing message: its pieces one after the other.
CREATE TABLE outbox_piece (
  outbox   INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
  position INTEGER NOT NULL,         -- from 0
  blob     INTEGER NOT NULL REFERENCES blob,
  PRIMARY KEY (outbox, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_piece_by_blob ON outbox_piece (blob);

-- Replies of the last hours, counted by the minute, for the budget of a correspondent.
CREATE TABLE reply_log (
  address TEXT NOT NULL,             -- lower case
  minute  INTEGER NOT NULL,          -- since 1970
  replies INTEGER NOT NULL,
  PRIMARY KEY (address, minute)
) STRICT, WITHOUT ROWID;
CREATE INDEX reply_log_by_minute ON reply_log (minute);

-- Addresses whose mail came back, until they give a sign of life.
CREATE TABLE address_trouble (
  address    TEXT PRIMARY KEY,       -- lower case
  bounces    INTEGER NOT NULL,       -- messages that came back, each counted once
  first_at   INTEGER NOT NULL,       -- when the first of these came back
  last_at    INTEGER NOT NULL,
  last_text  TEXT NOT NULL,          -- what the server said last
  dead_since INTEGER,                -- NULL: not yet taken for dead
  told_at    INTEGER                 -- when the coordinators were last told; NULL: never
) STRICT, WITHOUT ROWID;

-- Messages being processed, and what the ones that ended the program were charged.
CREATE TABLE in_hand (
  mailbox      TEXT NOT NULL,
  folder       TEXT NOT NULL,
  uid_validity INTEGER NOT NULL,
  uid          TEXT NOT NULL,
  since        INTEGER NOT NULL,
  working      INTEGER NOT NULL,     -- 1: taken in hand and not given back
  charge       INTEGER NOT NULL,     -- 0: never suspected
  PRIMARY KEY (mailbox, folder, uid_validity, uid)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* kStructureSchema = R"sql(
-- A maintainable artefact of SDMX. The order of ids is the order of arrival.
CREATE TABLE artefact (
  id          INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,         -- codelist, concept_scheme, data_structure, dataflow,
                                     -- organisation_scheme, agreement, constraint, other
  class       TEXT NOT NULL,         -- as in its URN: 'Codelist', 'DataProviderScheme'; kind other:
                                     -- the name of its XML element
  agency      TEXT NOT NULL,
  artefact_id TEXT NOT NULL,
  version     TEXT NOT NULL,
  is_final    INTEGER NOT NULL,
  is_partial  INTEGER NOT NULL,      -- of codelists
  valid_from  TEXT NOT NULL,         -- xs:dateTime as written; '': open
  valid_to    TEXT NOT NULL,
  changed_at  INTEGER NOT NULL,
  docket      INTEGER REFERENCES docket ON DELETE SET NULL,  -- which brought this text of it
  UNIQUE (kind, class, agency, artefact_id, version)
) STRICT;

-- Codes, concepts and organisations, in document order.
CREATE TABLE scheme_item (
  artefact       INTEGER NOT NULL REFERENCES artefact ON DELETE CASCADE,
  position       INTEGER NOT NULL,   -- from 1
  id             TEXT NOT NULL,
  parent         TEXT NOT NULL,      -- id of the parent in the same scheme; '': none
  representation TEXT,               -- of a concept, JSON
  PRIMARY KEY (artefact, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheme_item_by_id ON scheme_item (artefact, id);

-- A person or desk of an organisation; names and roles are in structure_text.
CREATE TABLE contact (
  artefact INTEGER NOT NULL REFERENCES artefact ON DELETE CASCADE,
  item     INTEGER NOT NULL,         -- position of the organisation
  position INTEGER NOT NULL,         -- from 1
  id       TEXT NOT NULL,
  PRIMARY KEY (artefact, item, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE contact_address (
  artefact INTEGER NOT NULL REFERENCES artefact ON DELETE CASCADE,
  item     INTEGER NOT NULL,
  contact  INTEGER NOT NULL,         -- position of the contact
  kind     TEXT NOT NULL,            -- email, phone, fax, uri
  seq      INTEGER NOT NULL,         -- from 0
  address  TEXT NOT NULL,
  PRIMARY KEY (artefact, item, contact, kind, seq)
) STRICT, WITHOUT ROWID;

-- Texts in languages of an artefact (item 0, contact 0), of an item (contact 0) or of a contact.
CREATE TABLE structure_text (
  artefact INTEGER NOT NULL REFERENCES artefact ON DELETE CASCADE,
  item     INTEGER NOT NULL,         -- position of the item
  contact  INTEGER NOT NULL,         -- position of the contact
  kind     TEXT NOT NULL,            -- name, description, department, role
  seq      INTEGER NOT NULL,         -- from 0
  lang     TEXT NOT NULL,            -- as sent: 'en', 'ru', 'uk'
  text     TEXT NOT NULL,
  PRIMARY KEY (artefact, item, contact, kind, seq)
) STRICT, WITHOUT ROWID;

-- Annotations of an artefact (item 0) or of an item: FP_ALIAS, FP_LANG:<contact>, ...
CREATE TABLE annotation (
  artefact INTEGER NOT NULL REFERENCES artefact ON DELETE CASCADE,
  item     INTEGER NOT NULL,
  seq      INTEGER NOT NULL,         -- from 0
  id       TEXT NOT NULL,
  type     TEXT NOT NULL,
  title    TEXT NOT NULL,
  texts    TEXT NOT NULL,            -- JSON array of {lang, text}
  PRIMARY KEY (artefact, item, seq)
) STRICT, WITHOUT ROWID;

-- Dimensions, measures and attributes of a data structure, in that order.
CREATE TABLE component (
  artefact       INTEGER NOT NULL REFERENCES artefact ON DELETE CASCADE,
  position       INTEGER NOT NULL,   -- from 0
  id             TEXT NOT NULL,
  kind           TEXT NOT NULL,      -- dimension, measure_dimension, time_dimension, measure, attribute
  concept_scheme TEXT NOT NULL,      -- 'FP:CONCEPTS(1.0)'
  concept        TEXT NOT NULL,
  enumeration    TEXT,               -- 'FP:CL_SEX(1.0)'; for reading: it is in `representation` too
  representation TEXT,               -- JSON; NULL: that of the concept
  mandatory      INTEGER NOT NULL,   -- of attributes
  relationship   TEXT NOT NULL,      -- of attributes: dataset, dimensions, group, observation
  dimensions     TEXT NOT NULL,      -- relationship dimensions: JSON array of ids
  group_id       TEXT NOT NULL,
  annotations    TEXT NOT NULL,      -- JSON
  PRIMARY KEY (artefact, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE dimension_group (
  artefact   INTEGER NOT NULL REFERENCES artefact ON DELETE CASCADE,
  position   INTEGER NOT NULL,       -- from 0
  id         TEXT NOT NULL,
  dimensions TEXT NOT NULL,          -- JSON array of ids
  PRIMARY KEY (artefact, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE dataflow (
  artefact  INTEGER PRIMARY KEY REFERENCES artefact ON DELETE CASCADE,
  structure TEXT NOT NULL            -- 'FP:DSD_ASYLUM(1.0)'
) STRICT;

CREATE TABLE agreement (
  artefact        INTEGER PRIMARY KEY REFERENCES artefact ON DELETE CASCADE,
  dataflow        TEXT NOT NULL,     -- 'FP:ASYLUM(1.0)'
  provider_scheme TEXT NOT NULL,     -- 'FP:DATA_PROVIDERS(1.0)'
  provider        TEXT NOT NULL      -- 'KG_NSC'
) STRICT;

CREATE TABLE content_constraint (
  artefact       INTEGER PRIMARY KEY REFERENCES artefact ON DELETE CASCADE,
  allowed        INTEGER NOT NULL,   -- 1: type="Allowed"
  regions        TEXT NOT NULL,      -- JSON: cube regions
  key_sets       TEXT NOT NULL,      -- JSON: sets of keys
  reference_from TEXT NOT NULL,      -- ReferencePeriod, as written
  reference_to   TEXT NOT NULL,
  periodicity    TEXT NOT NULL,      -- ReleaseCalendar: xs:duration each
  due_offset     TEXT NOT NULL,
  tolerance      TEXT NOT NULL
) STRICT;
CREATE TABLE constraint_attachment (
  artefact       INTEGER NOT NULL REFERENCES artefact ON DELETE CASCADE,
  position       INTEGER NOT NULL,   -- from 0
  attached_class TEXT NOT NULL,      -- 'ProvisionAgreement'
  attached_to    TEXT NOT NULL,      -- 'FP:PA_KG_NSC_ASYLUM(1.0)'
  item           TEXT NOT NULL,      -- the organisation, where a provider is meant
  PRIMARY KEY (artefact, position)
) STRICT, WITHOUT ROWID;

-- What this version does not use: its own XML.
CREATE TABLE other_artefact (
  artefact INTEGER PRIMARY KEY REFERENCES artefact ON DELETE CASCADE,
  xml      TEXT NOT NULL
) STRICT;

-- For people with a SQLite tool.
CREATE VIEW code_name AS
  SELECT a.agency || ':' || a.artefact_id || '(' || a.version || ')' AS codelist, i.id AS code,
         t.lang, t.text AS name
  FROM artefact a
  JOIN scheme_item i ON i.artefact = a.id
  JOIN structure_text t ON t.artefact = a.id AND t.item = i.position AND t.contact = 0
                       AND t.kind = 'name'
  WHERE a.kind = 'codelist';
CREATE VIEW provider_name AS
  SELECT a.agency || ':' || a.artefact_id || '(' || a.version || ')' AS scheme, i.id AS provider,
         t.lang, t.text AS name
  FROM artefact a
  JOIN scheme_item i ON i.artefact = a.id
  JOIN structure_text t ON t.artefact = a.id AND t.item = i.position AND t.contact = 0
                       AND t.kind = 'name'
  WHERE a.class = 'DataProviderScheme';
CREATE VIEW dataflow_name AS
  SELECT a.agency || ':' || a.artefact_id AS dataflow, a.version, d.structure, t.lang,
         t.text AS name
  FROM artefact a
  JOIN dataflow d ON d.artefact = a.id
  JOIN structure_text t ON t.artefact = a.id AND t.item = 0 AND t.contact = 0 AND t.kind = 'name';
CREATE VIEW roster AS
  SELECT a.agency || ':' || a.artefact_id || '(' || a.version || ')' AS scheme,
         i.id AS organisation, c.id AS contact, r.text AS role, d.address AS email
  FROM artefact a
  JOIN scheme_item i ON i.artefact = a.id
  JOIN contact c ON c.artefact = a.id AND c.item = i.position
  LEFT JOIN structure_text r ON r.artefact = a.id AND r.item = c.item AND r.contact = c.position
                            AND r.kind = 'role'
  LEFT JOIN contact_address d ON d.artefact = a.id AND d.item = c.item AND d.contact = c.position
                             AND d.kind = 'email'
  WHERE a.kind = 'organisation_scheme';
)sql";

constexpr const char* kWatchSchema = R"sql(
-- A mail server as it was met: when it answered last, since when it does not.
CREATE TABLE server_contact (
  name          TEXT PRIMARY KEY,    -- 'gateway@mail.example' as in docket_message; 'outgoing'
  known_at      INTEGER NOT NULL,    -- first tried
  reached_at    INTEGER,             -- NULL: never yet
  mail_at       INTEGER,             -- last time something new lay in it
  failing_since INTEGER,             -- NULL: it answered when it was tried last
  failed_at     INTEGER,
  error         TEXT NOT NULL        -- of the last failure
) STRICT, WITHOUT ROWID;

-- What the operator is to know at once, or was told lately.
CREATE TABLE alert (
  key        TEXT PRIMARY KEY,       -- 'mailbox:gateway@mail.example'
  kind       TEXT NOT NULL,          -- mailbox, mute, outgoing, outbox, disk, failed
  text       TEXT NOT NULL,
  to_do      TEXT NOT NULL,
  since      INTEGER NOT NULL,
  told_at    INTEGER,                -- NULL: never
  cleared_at INTEGER                 -- NULL: it is so now
) STRICT, WITHOUT ROWID;
CREATE INDEX docket_failed ON docket (finished_at) WHERE outcome = 'failed';

-- What the operator asked for and is not done yet.
CREATE TABLE release_order (
  docket     INTEGER PRIMARY KEY REFERENCES docket ON DELETE CASCADE,
  ordered_at INTEGER NOT NULL
) STRICT;
)sql";

/// Where the tables stand; refuses what is not ours to touch.
Result<std::int64_t> known_version(Database& database) {
  FP_ASSIGN(auto version, database.query_integer("PRAGMA user_version"));
  FP_ASSIGN(auto application, database.query_integer("PRAGMA application_id"));
  FP_ASSIGN(auto tables, database.query_integer("SELECT count(*) FROM sqlite_master"));
  bool fresh = *version == 0 && *application == 0 && *tables == 0;
  if (!fresh && *application != kApplicationId)
    return usage_error("this file is a database of another program, not a store of focalpost",
                       "Check which folder is given as the home.");
  if (*version > kSchemaVersion)
    return usage_error(
        fmt::format("the store was written by a newer focalpost (tables of version {}, this "
                    "program knows {})",
                    *version, kSchemaVersion),
        "Use the newer program, or put back a backup made before it was installed.");
  return *version;
}

}  // namespace

Status migrate(Database& database) {
  FP_ASSIGN(std::int64_t seen, known_version(database));
  if (seen == kSchemaVersion) return {};
  FP_ASSIGN(Transaction transaction, Transaction::begin(database));
  // Again under the lock: another process may have been faster.
  FP_ASSIGN(std::int64_t version, known_version(database));
  if (version < 1) {
    FP_TRY(database.execute(kCaseSchema));
    FP_TRY(database.execute(kStructureSchema));
    FP_TRY(database.execute(kDataSchema));
    FP_TRY(database.execute(kWatchSchema));
  }
  if (version < 2) FP_TRY(database.execute(kMetadataSchema));
  if (version < 3) {
    FP_TRY(database.execute(kConfirmationSchema));
    FP_TRY(database.execute(kTrustSchema));
  }
  if (version < 4) FP_TRY(database.execute(kRequestSchema));
  if (version < 5) FP_TRY(database.execute(kPublicAnswerSchema));
  if (version < 6) FP_TRY(database.execute(kDutySchema));
  if (version < 7) FP_TRY(database.execute(kSubscriptionSchema));
  FP_TRY(database.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={};",
                                      kApplicationId, kSchemaVersion)));
  return transaction.commit();
}

Status check_schema(Database& database) {
  FP_ASSIGN(std::int64_t version, known_version(database));
  if (version == kSchemaVersion) return {};
  return usage_error(fmt::format("the store has tables of version {}, this program needs {}",
                                 version, kSchemaVersion),
                     "Run `focalpost once`: it brings the store up to date.");
}

}  // namespace focalpost
