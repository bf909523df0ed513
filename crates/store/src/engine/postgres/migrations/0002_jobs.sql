-- Version 2: jobs. Only adds tables, so programs of version 1 go on working beside it.

CREATE TABLE job (
    id              BYTEA PRIMARY KEY,   -- 16 random bytes; tells nothing of order or time
    organisation    TEXT COLLATE "C" NOT NULL,
    record_number   BIGINT NOT NULL REFERENCES record (number), -- whose key seals it
    kind            TEXT COLLATE "C" NOT NULL,      -- which part of the program does it
    key             TEXT COLLATE "C" NOT NULL,      -- of two with one kind and one key only one is done; names nobody
    purpose         TEXT COLLATE "C" NOT NULL,      -- code of a purpose
    payload         BYTEA,               -- sealed; what it was given
    state           TEXT COLLATE "C" NOT NULL,
    attempts        BIGINT NOT NULL DEFAULT 0, -- begun; from 0 again when an officer has it retried
    enqueued_at_us  BIGINT NOT NULL,
    not_before_us   BIGINT NOT NULL,   -- it is not begun before
    lease           BIGINT NOT NULL DEFAULT 0, -- counts its leases; whoever has an earlier one is refused
    lease_holder    BYTEA,               -- 16 random bytes of the worker that has it
    lease_until_us  BIGINT,            -- then it is taken from it
    failure         TEXT COLLATE "C",               -- code of the last failure
    failure_account BYTEA,               -- sealed; what the program said of the last failure
    finished_at_us  BIGINT,            -- done, given up or discarded
    written_by      TEXT COLLATE "C" NOT NULL,
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
);

CREATE INDEX job_waiting ON job (organisation, kind, not_before_us) WHERE state = 'waiting';
CREATE INDEX job_leased ON job (organisation, lease_until_us) WHERE state = 'leased';
CREATE INDEX job_by_record ON job (record_number);

CREATE TABLE given_up_job (             -- what a person sees to
    id              BYTEA PRIMARY KEY, -- the event that told of it
    organisation    TEXT COLLATE "C" NOT NULL,
    record_number   BIGINT NOT NULL REFERENCES record (number), -- its own, which outlives the job's
    at_us           BIGINT NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,      -- of the job
    key             TEXT COLLATE "C" NOT NULL,      -- of the job
    purpose         TEXT COLLATE "C" NOT NULL,      -- code of a purpose
    job_record      BIGINT NOT NULL REFERENCES record (number), -- of the job; may have been erased
    attempts        BIGINT NOT NULL,
    failure         TEXT COLLATE "C" NOT NULL,      -- code of the last failure
    failure_account BYTEA,               -- sealed; what the program said of it
    dealt_event     BYTEA UNIQUE, -- the event that told what was done about it
    deed            TEXT COLLATE "C",
    dealt_at_us     BIGINT,
    dealt_by        TEXT COLLATE "C",               -- account of the person who saw to it: never a job
    dealt_reason    BYTEA,               -- sealed; in the officer's words
    written_by      TEXT COLLATE "C" NOT NULL,
    FOREIGN KEY (record_number, id) REFERENCES event (record, id),
    FOREIGN KEY (record_number, dealt_event) REFERENCES event (record, id),
    CHECK (deed IN ('retried', 'discarded')),
    CHECK (trim(dealt_by) <> ''),
    -- Dealt with by somebody, somehow, at some time: all or none.
    CHECK ((dealt_event IS NULL) = (deed IS NULL)),
    CHECK ((dealt_event IS NULL) = (dealt_at_us IS NULL)),
    CHECK ((dealt_event IS NULL) = (dealt_by IS NULL))
);

CREATE INDEX given_up_job_open ON given_up_job (organisation, kind, key) WHERE dealt_event IS NULL;
CREATE INDEX given_up_job_by_record ON given_up_job (record_number);

CREATE TRIGGER given_up_job_is_not_deleted BEFORE DELETE ON given_up_job
FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER given_up_job_is_not_truncated BEFORE TRUNCATE ON given_up_job
FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER given_up_job_is_dealt_with_once BEFORE UPDATE OF dealt_event, deed, dealt_at_us, dealt_by
ON given_up_job
FOR EACH ROW WHEN (OLD.dealt_event IS NOT NULL) EXECUTE FUNCTION refuse();

CREATE TABLE scheduled (                -- jobs that come again and again
    organisation TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    last_us      BIGINT NOT NULL,      -- the moment for which it was last enqueued
    written_by   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, kind)
);
