-- One row an invoice, one row an event. Times are ISO 8601 in UTC; names are bytes because they need not be UTF-8.
CREATE TABLE invoice (
    id            INTEGER PRIMARY KEY,
    file          TEXT NOT NULL,
    origin        BLOB NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('seen', 'withdrawn', 'ready', 'waiting', 'sending', 'in_doubt',
                                                 'accepted', 'sent', 'refused', 'failed')),
    folder        TEXT NOT NULL,
    first_seen    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    stem          BLOB NOT NULL DEFAULT x'',
    to_folder     TEXT NOT NULL DEFAULT '',
    to_stem       BLOB NOT NULL DEFAULT x'',
    corrected     INTEGER NOT NULL DEFAULT 0,
    members       TEXT NOT NULL DEFAULT '[]',
    signature     TEXT NOT NULL DEFAULT '',
    sha256        TEXT NOT NULL DEFAULT '',
    sent_sha256   TEXT NOT NULL DEFAULT '',
    size          INTEGER NOT NULL DEFAULT 0,
    supplier      TEXT NOT NULL DEFAULT '',
    siret         TEXT NOT NULL DEFAULT '',
    recipient_name TEXT NOT NULL DEFAULT '',
    number        TEXT NOT NULL DEFAULT '',
    date          TEXT,
    gross         TEXT,
    fields        TEXT NOT NULL DEFAULT '{}',
    payload       TEXT NOT NULL DEFAULT '',
    signed        INTEGER NOT NULL DEFAULT 0,
    problems      TEXT NOT NULL DEFAULT '[]',
    attachment_id INTEGER,
    receipt       TEXT,
    attempts      INTEGER NOT NULL DEFAULT 0,
    doubts        INTEGER NOT NULL DEFAULT 0,
    negatives     INTEGER NOT NULL DEFAULT 0,
    faults        INTEGER NOT NULL DEFAULT 0,
    refusal       TEXT,
    begun_at      TEXT,
    next_try_at   TEXT,
    sent_at       TEXT
) STRICT;

-- The promise "at most one deposit for one (supplier, number, year)", kept by the database itself.
CREATE UNIQUE INDEX one_deposit ON invoice (supplier, number, substr(date, 1, 4))
    WHERE state IN ('ready', 'waiting', 'sending', 'in_doubt', 'accepted', 'sent');

CREATE INDEX invoice_open ON invoice (id)
    WHERE state IN ('ready', 'waiting', 'sending', 'in_doubt', 'accepted', 'refused');
CREATE INDEX invoice_seen ON invoice (origin) WHERE state IN ('seen', 'withdrawn', 'failed');
CREATE INDEX invoice_sha256 ON invoice (sha256) WHERE sha256 <> '';
CREATE INDEX invoice_number ON invoice (number) WHERE number <> '';

-- Which ledger this is, how many deposits it has begun, and until which invoice date it must ask before it sends.
CREATE TABLE identity (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    instance    TEXT NOT NULL,
    generation  INTEGER NOT NULL,
    doubt_until TEXT
) STRICT;

CREATE TABLE event (
    id         INTEGER PRIMARY KEY,
    invoice_id INTEGER NOT NULL REFERENCES invoice (id),
    at         TEXT NOT NULL,
    event      TEXT NOT NULL,
    state      TEXT NOT NULL,
    detail     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX event_invoice ON event (invoice_id, id);
