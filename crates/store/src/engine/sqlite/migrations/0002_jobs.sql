-- Version 2: jobs. Only adds tables, so programs of version 1 go on working beside it.

CREATE TABLE job (
    id              BLOB PRIMARY KEY,   -- 16 random bytes; tells nothing of order or time
    organisation    TEXT NOT NULL,
    record_number   INTEGER NOT NULL REFERENCES record (number), -- whose key seals it
    kind            TEXT NOT NULL,      -- which part of the program does it
    key             TEXT NOT NULL,      -- of two with one kind and one key only one is done; names nobody
    purpose         TEXT NOT NULL,      -- code of a purpose
    payload         BLOB,               -- sealed; what it was given
    state           TEXT NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0, -- begun; from 0 again when an officer has it retried
    enqueued_at_us  INTEGER NOT NULL,
    not_before_us   INTEGER NOT NULL,   -- it is not begun before
    lease           INTEGER NOT NULL DEFAULT 0, -- counts its leases; whoever has an earlier one is refused
    lease_holder    BLOB,               -- 16 random bytes of the worker that has it
    lease_until_us  INTEGER,            -- then it is taken from it
    failure         TEXT,               -- code of the last failure
    failure_account BLOB,               -- sealed; what the program said of the last failure
    finished_at_us  INTEGER,            -- done, given up or discarded
    written_by      TEXT NOT NULL,
    UNIQUE (organisation, kind, key),
    CHECK (length(id) = 16),
    CHECK (length(key) BETWEEN 1 AND 64),
    CHECK (state IN ('waiting', 'leased', 'done', 'given-up', 'discarded')),
    CHECK (attempts >= 0),
    CHECK (lease >= 0),
    CHECK (length(lease_holder) = 16),
    -- Somebody has it until some time: both or neither.
    CHECK ((state = 'leased') = (lease_holder IS NOT NULL)),
    CHECK ((state = 'leased') = (lease_until_us IS NOT NULL)),
    CHECK ((state IN ('waiting', 'leased')) = (finished_at_us IS NULL))
) STRICT;

CREATE INDEX job_waiting ON job (organisation, kind, not_before_us) WHERE state = 'waiting';
CREATE INDEX job_leased ON job (organisation, lease_until_us) WHERE state = 'leased';
CREATE INDEX job_by_record ON job (record_number);

CREATE TABLE given_up_job (             -- what a person sees to
    id              BLOB PRIMARY KEY, -- the event that told of it
    organisation    TEXT NOT NULL,
    record_number   INTEGER NOT NULL REFERENCES record (number), -- its own, which outlives the job's
    at_us           INTEGER NOT NULL,
    kind            TEXT NOT NULL,      -- of the job
    key             TEXT NOT NULL,      -- of the job
    purpose         TEXT NOT NULL,      -- code of a purpose
    job_record      INTEGER NOT NULL REFERENCES record (number), -- of the job; may have been erased
    attempts        INTEGER NOT NULL,
    failure         TEXT NOT NULL,      -- code of the last failure
    failure_account BLOB,               -- sealed; what the program said of it
    dealt_event     BLOB UNIQUE, -- the event that told what was done about it
    deed            TEXT,
    dealt_at_us     INTEGER,
    dealt_by        TEXT,               -- account of the person who saw to it: never a job
    dealt_reason    BLOB,               -- sealed; in the officer's words
    written_by      TEXT NOT NULL,
    FOREIGN KEY (record_number, id) REFERENCES event (record, id),
    FOREIGN KEY (record_number, dealt_event) REFERENCES event (record, id),
    CHECK (deed IN ('retried', 'discarded')),
    CHECK (trim(dealt_by) <> ''),
    -- Dealt with by somebody, somehow, at some time: all or none.
    CHECK ((dealt_event IS NULL) = (deed IS NULL)),
    CHECK ((dealt_event IS NULL) = (dealt_at_us IS NULL)),
    CHECK ((dealt_event IS NULL) = (dealt_by IS NULL))
) STRICT;

CREATE INDEX given_up_job_open ON given_up_job (organisation, kind, key) WHERE dealt_event IS NULL;
CREATE INDEX given_up_job_by_record ON given_up_job (record_number);

CREATE TRIGGER given_up_job_is_not_deleted BEFORE DELETE ON given_up_job
BEGIN SELECT RAISE(ABORT, 'a job that was given up is dealt with, never deleted'); END;
CREATE TRIGGER given_up_job_is_dealt_with_once BEFORE UPDATE OF dealt_event, deed, dealt_at_us, dealt_by
ON given_up_job WHEN OLD.dealt_event IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a job that was given up is dealt with once'); END;

CREATE TABLE scheduled (                -- jobs that come again and again
    organisation TEXT NOT NULL,
    kind         TEXT NOT NULL,
    last_us      INTEGER NOT NULL,      -- the moment for which it was last enqueued
    written_by   TEXT NOT NULL,
    PRIMARY KEY (organisation, kind)
) STRICT, WITHOUT ROWID;
