-- Version 1: events, decisions, raised pairs, kept lists.
--
-- Times end in _us: microseconds since 1970-01-01T00:00:00Z, because events state them so.
-- `organisation` is on every row: who controls it (UK GDPR Art. 4(7)).
-- `written_by` is on every row: the name of the transaction that wrote it last, to trace faults.
-- "Protected" marks text about a person or a person's reasons: never in a log or an error.

CREATE TABLE event (
    position     INTEGER PRIMARY KEY,  -- order of appending, from 1; what a log will be built from
    id           BLOB NOT NULL UNIQUE, -- 16 random bytes; tells nothing of order or time
    organisation TEXT NOT NULL,
    kind         TEXT NOT NULL,        -- word such as lists.updated; copied out of `bytes` to search by
    at_us        INTEGER NOT NULL,     -- copied out of `bytes` to search by
    bytes        BLOB NOT NULL,        -- protected; canonical bytes of docs/spec/event.md, the truth of the row
    written_by   TEXT NOT NULL,
    CHECK (length(id) = 16),
    CHECK (length(kind) BETWEEN 1 AND 64),
    CHECK (at_us >= 0),
    CHECK (length(bytes) <= 65536)
) STRICT;

CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;

CREATE TABLE decision (
    position             INTEGER PRIMARY KEY,                       -- order of deciding, from 1
    id                   BLOB NOT NULL UNIQUE REFERENCES event (id), -- the event that recorded it
    organisation         TEXT NOT NULL,
    at_us                INTEGER NOT NULL,
    purpose              TEXT NOT NULL,  -- code of a purpose: no processing without one (UK GDPR Art. 5(1)(b))
    verdict              TEXT NOT NULL,
    officer              TEXT NOT NULL,  -- account of the person who decided: never a job
    reason               TEXT NOT NULL,  -- protected; in the officer's words
    query_name           TEXT NOT NULL,  -- protected; for people to read, not compared
    record_name          TEXT NOT NULL,  -- protected; for people to read, not compared
    query_name_digest    BLOB NOT NULL,  -- SHA-256 of all names of the query; one digest for each
    query_birth_digest   BLOB NOT NULL,  --   kind of fact, so that a lapse can say which changed
    query_number_digest  BLOB NOT NULL,
    query_country_digest BLOB NOT NULL,
    query_handles        BLOB NOT NULL,  -- SHA-256 digests end to end, sorted: one for each name and number
    query_postcodes      BLOB NOT NULL,  -- the same for post codes and addresses: they tell namesakes
    query_addresses      BLOB NOT NULL,  --   apart where no birth date or identifier is known
    source               TEXT NOT NULL,  -- with `record` the identity of the record
    list_version         TEXT NOT NULL,  -- the issue that the officer saw
    record               TEXT NOT NULL,
    record_name_digest    BLOB NOT NULL,
    record_birth_digest   BLOB NOT NULL,
    record_number_digest  BLOB NOT NULL,
    record_country_digest BLOB NOT NULL,
    undone_event         BLOB UNIQUE REFERENCES event (id), -- the event that undid it
    undone_at_us         INTEGER,
    undone_by            TEXT,           -- account of the person who undid it
    undone_reason        TEXT,           -- protected; in the officer's words
    written_by           TEXT NOT NULL,
    CHECK (verdict IN ('not-same', 'same', 'unsure')),
    CHECK (at_us >= 0),
    CHECK (trim(officer) <> ''),
    CHECK (trim(reason) <> ''),
    CHECK (length(query_name_digest) = 32 AND length(query_birth_digest) = 32),
    CHECK (length(query_number_digest) = 32 AND length(query_country_digest) = 32),
    CHECK (length(record_name_digest) = 32 AND length(record_birth_digest) = 32),
    CHECK (length(record_number_digest) = 32 AND length(record_country_digest) = 32),
    CHECK (length(query_handles) % 32 = 0),
    CHECK (length(query_postcodes) % 32 = 0 AND length(query_addresses) % 32 = 0),
    -- Undone by somebody, at some time, for a reason: all or none.
    CHECK ((undone_event IS NULL) = (undone_at_us IS NULL)),
    CHECK ((undone_event IS NULL) = (undone_by IS NULL)),
    CHECK ((undone_event IS NULL) = (undone_reason IS NULL)),
    CHECK (trim(undone_by) <> '' AND trim(undone_reason) <> '')
) STRICT;

CREATE INDEX decision_by_record ON decision (organisation, source, record);

CREATE TRIGGER decision_is_not_deleted BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'a decision is undone, never deleted'); END;
CREATE TRIGGER decision_is_undone_once BEFORE UPDATE ON decision
WHEN OLD.undone_event IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a decision is undone once'); END;
CREATE TRIGGER decision_is_not_changed BEFORE UPDATE OF
    id, organisation, at_us, purpose, verdict, officer, reason, query_name, record_name,
    query_name_digest, query_birth_digest, query_number_digest, query_country_digest, query_handles,
    query_postcodes, query_addresses, source, list_version, record,
    record_name_digest, record_birth_digest, record_number_digest, record_country_digest
ON decision
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;

CREATE TABLE raised (
    organisation         TEXT NOT NULL,
    reference            TEXT NOT NULL,    -- what people type, like 7K3QX-9WZ2M
    pair_digest          BLOB NOT NULL,    -- SHA-256 over the facts of both sides; begins with `reference`
    first_raised_at_us   INTEGER NOT NULL,
    last_raised_at_us    INTEGER NOT NULL,
    raised_event         BLOB NOT NULL REFERENCES event (id), -- of the last showing
    purpose              TEXT NOT NULL,    -- of the last showing
    score                REAL NOT NULL,    -- probability from 0 to 1, at the last showing
    query_name           TEXT NOT NULL,    -- protected; for people to read, not compared
    record_name          TEXT NOT NULL,    -- protected; for people to read, not compared
    query_name_digest    BLOB NOT NULL,
    query_birth_digest   BLOB NOT NULL,
    query_number_digest  BLOB NOT NULL,
    query_country_digest BLOB NOT NULL,
    query_handles        BLOB NOT NULL,
    query_postcodes      BLOB NOT NULL,
    query_addresses      BLOB NOT NULL,
    source               TEXT NOT NULL,
    list_version         TEXT NOT NULL,    -- the issue at the last showing
    record               TEXT NOT NULL,
    record_name_digest    BLOB NOT NULL,
    record_birth_digest   BLOB NOT NULL,
    record_number_digest  BLOB NOT NULL,
    record_country_digest BLOB NOT NULL,
    written_by           TEXT NOT NULL,
    PRIMARY KEY (organisation, reference, pair_digest),
    CHECK (length(reference) = 11),
    CHECK (length(pair_digest) = 32),
    CHECK (first_raised_at_us BETWEEN 0 AND last_raised_at_us),
    CHECK (score BETWEEN 0 AND 1),
    CHECK (length(query_name_digest) = 32 AND length(query_birth_digest) = 32),
    CHECK (length(query_number_digest) = 32 AND length(query_country_digest) = 32),
    CHECK (length(record_name_digest) = 32 AND length(record_birth_digest) = 32),
    CHECK (length(record_number_digest) = 32 AND length(record_country_digest) = 32),
    CHECK (length(query_handles) % 32 = 0),
    CHECK (length(query_postcodes) % 32 = 0 AND length(query_addresses) % 32 = 0)
) STRICT;

CREATE TABLE list (
    organisation  TEXT NOT NULL,
    name          TEXT NOT NULL,    -- what the list is called here; names its folder
    source        TEXT NOT NULL,    -- what its records call it
    format        TEXT NOT NULL,    -- code of a format of ingest
    rhythm_days   INTEGER,          -- days between issues, as its publisher works; NULL when nobody said
    checked_at_us INTEGER NOT NULL, -- when somebody last looked for a new issue
    kept_event    BLOB NOT NULL REFERENCES event (id), -- of the last change
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, name),
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
