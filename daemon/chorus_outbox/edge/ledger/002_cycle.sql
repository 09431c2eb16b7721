-- What becomes of an invoice after its deposit: followed until paid, sent back, corrected; attachments; flows.
-- The table is made anew because SQLite can't widen a CHECK (the caller has switched foreign keys off).
CREATE TABLE invoice_2 (
    id            INTEGER PRIMARY KEY,
    file          TEXT NOT NULL,
    origin        BLOB NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('seen', 'withdrawn', 'ready', 'waiting', 'sending', 'in_doubt',
                                                 'integrating', 'accepted', 'sent', 'paid', 'refused', 'failed')),
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
    sent_at       TEXT,
    action        TEXT NOT NULL DEFAULT 'deposit',
    flow          TEXT NOT NULL DEFAULT '',
    uploaded      TEXT NOT NULL DEFAULT '{}',
    attached      TEXT NOT NULL DEFAULT '[]',
    pays_in_silence INTEGER NOT NULL DEFAULT 0,
    look_at       TEXT,
    looks         INTEGER NOT NULL DEFAULT 0,
    told          TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO invoice_2 (
    id, file, origin, state, folder, first_seen, updated_at, stem, to_folder, to_stem, corrected, members,
    signature, sha256, sent_sha256, size, supplier, siret, recipient_name, number, date, gross, fields,
    payload, signed, problems, attachment_id, receipt, attempts, doubts, negatives, faults, refusal, begun_at,
    next_try_at, sent_at
) SELECT
    id, file, origin, state, folder, first_seen, updated_at, stem, to_folder, to_stem, corrected, members,
    signature, sha256, sent_sha256, size, supplier, siret, recipient_name, number, date, gross, fields,
    payload, signed, problems, attachment_id, receipt, attempts, doubts, negatives, faults, refusal, begun_at,
    next_try_at, sent_at
FROM invoice;
DROP TABLE invoice;
ALTER TABLE invoice_2 RENAME TO invoice;

-- The promise "at most one deposit for one (supplier, number, year)": whatever has a receipt holds its number for good.
CREATE UNIQUE INDEX one_deposit ON invoice (supplier, number, substr(date, 1, 4))
    WHERE receipt IS NOT NULL OR state IN ('ready', 'waiting', 'sending', 'in_doubt', 'integrating', 'accepted', 'sent',
                                           'paid');

CREATE INDEX invoice_state ON invoice (state);  -- every turn of the loop asks by state: not all rows that are followed
CREATE INDEX invoice_sha256 ON invoice (sha256) WHERE sha256 <> '';
CREATE INDEX invoice_number ON invoice (number) WHERE number <> '';
CREATE INDEX invoice_followed ON invoice (look_at) WHERE look_at IS NOT NULL;

-- What recipients require, as Chorus Pro said it last; data is JSON.
CREATE TABLE recipient (
    siret    TEXT PRIMARY KEY,
    asked_at TEXT NOT NULL,
    data     TEXT NOT NULL
) STRICT;

-- When the technical account's password ends (a day; null: Chorus Pro does not say), and when that was asked.
CREATE TABLE technical_account (
    login         TEXT PRIMARY KEY,
    password_ends TEXT,
    asked_at      TEXT NOT NULL
) STRICT;
