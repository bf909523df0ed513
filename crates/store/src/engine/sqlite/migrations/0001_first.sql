-- Version 1: records, events and their leaves, the log, decisions, raised pairs, kept lists.
--
-- Times end in _us: microseconds since 1970-01-01T00:00:00Z, because events state them so.
-- `organisation` is on every row: who controls it (UK GDPR Art. 4(7)).
-- `written_by` is on every row: the name of the transaction that wrote it last, to trace faults.
-- "Sealed" marks what is encrypted under the key of its record (docs/spec/keyring.md), bound to its
-- table, row and column. NULL where the record was erased. "Blind" marks a digest under a secret key:
-- equal things have equal digests, and nobody without the keyring can try names.

PRAGMA application_id = 0x50435354; -- PCST

CREATE TABLE setting (               -- of the store itself, so of no organisation
    name         TEXT PRIMARY KEY,
    value        BLOB NOT NULL,
    written_by   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (                 -- who may do what only one process may do; of no organisation
    name         TEXT PRIMARY KEY,
    holder       BLOB NOT NULL,      -- 16 random bytes of the process
    until_us     INTEGER NOT NULL,   -- then anybody may take it
    written_by   TEXT NOT NULL,
    CHECK (length(holder) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (                -- what is kept, reviewed and erased as one
    number       INTEGER PRIMARY KEY AUTOINCREMENT, -- from 1, below 2^40; names its key; never used again
    organisation TEXT NOT NULL,
    kind         TEXT NOT NULL,      -- code of a kind of record
    purpose      TEXT NOT NULL,      -- code of a purpose: no processing without one (UK GDPR Art. 5(1)(b))
    review_on    TEXT NOT NULL,      -- day, YYYY-MM-DD, on which to erase it or to look again
    disposal     TEXT NOT NULL,      -- what happens on that day
    extensions   INTEGER NOT NULL DEFAULT 0, -- how often a person put the day off
    erased_at_us INTEGER,            -- when it was erased; its key is gone since
    written_by   TEXT NOT NULL,
    CHECK (number BETWEEN 1 AND 1099511627775),
    CHECK (length(review_on) = 10),
    CHECK (disposal IN ('erase', 'review')),
    CHECK (extensions >= 0)
) STRICT;

CREATE INDEX record_by_review ON record (organisation, review_on) WHERE erased_at_us IS NULL;

CREATE TRIGGER record_is_not_deleted BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'a record is erased, never deleted'); END;
CREATE TRIGGER record_stays_erased BEFORE UPDATE ON record WHEN OLD.erased_at_us IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an erased record is never changed'); END;

CREATE TABLE erasing (               -- records whose key is still to be taken out of the keyring
    number       INTEGER PRIMARY KEY REFERENCES record (number),
    organisation TEXT NOT NULL,
    written_by   TEXT NOT NULL
) STRICT;

CREATE TABLE event (
    position     INTEGER PRIMARY KEY AUTOINCREMENT, -- order of appending, from 1
    id           BLOB NOT NULL,         -- 16 random bytes; tells nothing of order or time
    organisation TEXT NOT NULL,
    record       INTEGER NOT NULL REFERENCES record (number), -- whose key seals it
    commitment   BLOB NOT NULL,         -- salted digest of the event: its leaf in the log
    sealed       BLOB,                  -- sealed; 32 bytes of salt and the canonical bytes of docs/spec/event.md
    written_by   TEXT NOT NULL,
    CHECK (length(id) = 16),
    CHECK (length(commitment) = 32)
) STRICT;

-- With the record in front a new id goes to the end of the index; by itself it would go anywhere, and
-- each of many events in a transaction would change another page.
CREATE UNIQUE INDEX event_by_record ON event (record, id);

CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;
-- `sealed` alone may change: sealed anew under another key, or gone when the record is erased. What
-- it says can't: the commitment holds it.
CREATE TRIGGER event_is_not_changed BEFORE UPDATE OF position, id, organisation, record, commitment
ON event
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_stays_erased BEFORE UPDATE OF sealed ON event WHEN OLD.sealed IS NULL
BEGIN SELECT RAISE(ABORT, 'an erased event is never written again'); END;

CREATE TABLE leaf_waiting (             -- leaves that are not in the log yet
    position     INTEGER PRIMARY KEY REFERENCES event (position),
    organisation TEXT NOT NULL,
    written_by   TEXT NOT NULL
) STRICT;

CREATE TABLE log (                      -- one at a time is open; a restore opens the next
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation TEXT NOT NULL,
    origin       TEXT NOT NULL UNIQUE,  -- first line of its checkpoints
    start_us     INTEGER NOT NULL,      -- its size is a matter of the time since then alone
    interval_s   INTEGER NOT NULL,      -- seconds between checkpoints
    per_interval INTEGER NOT NULL,      -- leaves in each, decoys included
    link         TEXT,                  -- signed note that ties it to the log before it
    closed_at_us INTEGER,               -- when the next one took its place
    written_by   TEXT NOT NULL,
    CHECK (start_us >= 0),
    CHECK (interval_s > 0),
    CHECK (per_interval > 0)
) STRICT;

CREATE TABLE log_entry (
    log          INTEGER NOT NULL REFERENCES log (number),
    place        INTEGER NOT NULL,      -- index in the log, from 0
    organisation TEXT NOT NULL,
    entry        BLOB NOT NULL,         -- the leaf: a commitment, of an event or of a decoy
    event        INTEGER REFERENCES event (position), -- NULL for a decoy
    written_by   TEXT NOT NULL,
    PRIMARY KEY (log, place),
    CHECK (place >= 0),
    CHECK (length(entry) = 32)
) STRICT, WITHOUT ROWID;

CREATE INDEX log_entry_by_event ON log_entry (event) WHERE event IS NOT NULL;

CREATE TRIGGER log_entry_is_not_changed BEFORE UPDATE ON log_entry
BEGIN SELECT RAISE(ABORT, 'an entry of the log is never changed'); END;
CREATE TRIGGER log_entry_is_not_deleted BEFORE DELETE ON log_entry
BEGIN SELECT RAISE(ABORT, 'an entry of the log is never deleted'); END;

CREATE TABLE log_tile (                 -- made of log_entry; kept so that a proof need not read all of it
    log          INTEGER NOT NULL REFERENCES log (number),
    level        INTEGER NOT NULL,
    place        INTEGER NOT NULL,      -- from 0, in its level
    organisation TEXT NOT NULL,
    hashes       BLOB NOT NULL,         -- up to 256 digests of 32 bytes; the last of a level grows
    written_by   TEXT NOT NULL,
    PRIMARY KEY (log, level, place),
    CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0)
) STRICT;

CREATE TABLE log_checkpoint (
    log          INTEGER NOT NULL REFERENCES log (number),
    size         INTEGER NOT NULL,      -- leaves
    organisation TEXT NOT NULL,
    at_us        INTEGER NOT NULL,      -- the boundary of the interval, by the clock
    note         TEXT NOT NULL,         -- signed by the log
    written_by   TEXT NOT NULL,
    PRIMARY KEY (log, size),
    CHECK (size > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_cosignature (          -- what witnesses added
    log          INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    witness      TEXT NOT NULL,         -- its name, as in the signature
    key_id       INTEGER NOT NULL,      -- that of its key: it may have a new one under the same name
    organisation TEXT NOT NULL,
    line         TEXT NOT NULL,         -- the signature line
    written_by   TEXT NOT NULL,
    PRIMARY KEY (log, size, witness, key_id),
    FOREIGN KEY (log, size) REFERENCES log_checkpoint (log, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE witnessed (                -- what this node, as a witness, has seen of others' logs
    origin       TEXT NOT NULL,
    organisation TEXT NOT NULL,
    size         INTEGER NOT NULL,      -- of the last checkpoint that it cosigned; never shrinks
    root         BLOB NOT NULL,
    note         TEXT NOT NULL,         -- that checkpoint
    confirmed    INTEGER NOT NULL,      -- 0 from a restore until a newer one is shown: it may be outdated
    written_by   TEXT NOT NULL,
    PRIMARY KEY (organisation, origin),
    CHECK (size >= 0),
    CHECK (confirmed IN (0, 1)),
    CHECK (length(root) = 32)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER witnessed_does_not_shrink BEFORE UPDATE ON witnessed WHEN NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'a witness never goes back'); END;

CREATE TABLE decision (
    position             INTEGER PRIMARY KEY AUTOINCREMENT,         -- order of deciding, from 1
    id                   BLOB NOT NULL UNIQUE, -- that of the event that recorded it
    organisation         TEXT NOT NULL,
    record_number        INTEGER NOT NULL REFERENCES record (number),
    at_us                INTEGER NOT NULL,
    purpose              TEXT NOT NULL,  -- code of a purpose
    verdict              TEXT NOT NULL,
    officer              TEXT NOT NULL,  -- account of the person who decided: never a job
    reason               BLOB,           -- sealed; in the officer's words
    query_name           BLOB,           -- sealed; for people to read, not compared
    record_name          BLOB,           -- sealed; for people to read, not compared
    query_mark           BLOB,           -- sealed; digests of facts, by which a lapse is found
    record_mark          BLOB,           -- sealed; source, issue, id and digests of the record
    undone_event         BLOB UNIQUE,    -- the event that undid it
    undone_at_us         INTEGER,
    undone_by            TEXT,           -- account of the person who undid it
    undone_reason        BLOB,           -- sealed; in the officer's words
    written_by           TEXT NOT NULL,
    FOREIGN KEY (record_number, id) REFERENCES event (record, id),
    FOREIGN KEY (record_number, undone_event) REFERENCES event (record, id),
    CHECK (verdict IN ('not-same', 'same', 'unsure')),
    CHECK (at_us >= 0),
    CHECK (trim(officer) <> ''),
    -- Undone by somebody, at some time: all or none.
    CHECK ((undone_event IS NULL) = (undone_at_us IS NULL)),
    CHECK ((undone_event IS NULL) = (undone_by IS NULL)),
    CHECK (trim(undone_by) <> '')
) STRICT;

CREATE INDEX decision_by_record ON decision (record_number);

CREATE TRIGGER decision_is_not_deleted BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'a decision is undone, never deleted'); END;
CREATE TRIGGER decision_is_undone_once BEFORE UPDATE OF undone_event, undone_at_us, undone_by
ON decision WHEN OLD.undone_event IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a decision is undone once'); END;
CREATE TRIGGER decision_is_not_changed BEFORE UPDATE OF
    id, organisation, record_number, at_us, purpose, verdict, officer
ON decision
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;

CREATE TABLE raised (
    organisation       TEXT NOT NULL,
    pair               BLOB NOT NULL,    -- blind; of the facts of both sides
    reference          BLOB NOT NULL,    -- blind; of what people type, like 7K3QX-9WZ2M
    record_number      INTEGER NOT NULL REFERENCES record (number),
    first_raised_at_us INTEGER NOT NULL,
    last_raised_at_us  INTEGER NOT NULL,
    raised_event       BLOB NOT NULL, -- of the last showing; in the record of the screening
    purpose            TEXT NOT NULL,    -- of the last showing
    score              REAL NOT NULL,    -- probability from 0 to 1, at the last showing
    query_name         BLOB,             -- sealed; for people to read, not compared
    record_name        BLOB,             -- sealed; for people to read, not compared
    query_mark         BLOB,             -- sealed; digests of facts
    record_mark        BLOB,             -- sealed; source, issue at the last showing, id and digests
    written_by         TEXT NOT NULL,
    PRIMARY KEY (organisation, pair),
    CHECK (length(pair) = 32),
    CHECK (length(reference) = 32),
    CHECK (first_raised_at_us BETWEEN 0 AND last_raised_at_us),
    CHECK (score BETWEEN 0 AND 1)
) STRICT;

CREATE INDEX raised_by_reference ON raised (organisation, reference);
CREATE INDEX raised_by_record ON raised (record_number);
CREATE INDEX raised_by_event ON raised (raised_event);

CREATE TABLE list (
    organisation  TEXT NOT NULL,
    name          TEXT NOT NULL,    -- what the list is called here; names its folder
    record_number INTEGER NOT NULL REFERENCES record (number), -- whose key seals its events
    source        TEXT NOT NULL,    -- what its records call it
    format        TEXT NOT NULL,    -- code of a format of ingest
    rhythm_days   INTEGER,          -- days between issues, as its publisher works; NULL when nobody said
    checked_at_us INTEGER NOT NULL, -- when somebody last looked for a new issue
    kept_event    BLOB NOT NULL, -- of the last change
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, name),
    FOREIGN KEY (record_number, kept_event) REFERENCES event (record, id),
    CHECK (length(name) BETWEEN 1 AND 64),
    CHECK (rhythm_days > 0)
) STRICT;

CREATE TABLE list_address (
    organisation TEXT NOT NULL,
    list         TEXT NOT NULL,
    place        INTEGER NOT NULL, -- from 0, in the order the format wants its files
    address      TEXT NOT NULL,    -- web address or absolute path
    written_by   TEXT NOT NULL,
    PRIMARY KEY (organisation, list, place),
    FOREIGN KEY (organisation, list) REFERENCES list (organisation, name) ON DELETE CASCADE
) STRICT;

CREATE TABLE list_issue (
    organisation   TEXT NOT NULL,
    list           TEXT NOT NULL,
    digest         BLOB NOT NULL,    -- SHA-256 over the files; two issues of one day are two
    place          INTEGER NOT NULL, -- 0 is the issue that screening uses; higher is earlier
    version        TEXT NOT NULL,    -- what its publisher calls it, else the beginning of `digest`
    published      TEXT,             -- day, YYYY-MM-DD, where the list states it
    recorded_at_us INTEGER NOT NULL, -- when it was read
    entries        INTEGER NOT NULL, -- records read
    set_aside      INTEGER NOT NULL, -- rows that could not be read
    written_by     TEXT NOT NULL,
    PRIMARY KEY (organisation, list, digest),
    UNIQUE (organisation, list, place),
    FOREIGN KEY (organisation, list) REFERENCES list (organisation, name) ON DELETE CASCADE,
    CHECK (length(digest) = 32),
    CHECK (entries > 0),             -- an issue that nothing was read from is never kept
    CHECK (set_aside >= 0)
) STRICT;

CREATE TABLE list_file (
    organisation  TEXT NOT NULL,
    list          TEXT NOT NULL,
    issue         BLOB NOT NULL,
    place         INTEGER NOT NULL, -- from 0, in the order the format wants its files
    name          TEXT NOT NULL,    -- in the folder of the issue
    address       TEXT NOT NULL,    -- where it came from
    sha256        BLOB NOT NULL,    -- of its bytes as fetched
    size_bytes    INTEGER NOT NULL, -- as fetched
    entity_tag    TEXT,             -- RFC 9110 section 8.8.3, to ask again on condition
    last_modified TEXT,             -- RFC 9110 section 8.8.2, to ask again on condition
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, list, issue, place),
    FOREIGN KEY (organisation, list, issue)
        REFERENCES list_issue (organisation, list, digest) ON DELETE CASCADE,
    CHECK (length(sha256) = 32),
    CHECK (size_bytes >= 0)
) STRICT;
