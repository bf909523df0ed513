-- Version 3: who may see what.

CREATE TABLE label (                    -- each label that a record bears or bore, once
    record_number BIGINT PRIMARY KEY REFERENCES record (number), -- its own record; what others bear it by
    organisation  TEXT COLLATE "C" NOT NULL,
    blind         BYTEA NOT NULL,        -- blind; of its bytes, so that there is one of each
    sealed        BYTEA,                 -- sealed; its bytes as docs/adr/0020-labels.md has them
    written_by    TEXT COLLATE "C" NOT NULL,
    UNIQUE (organisation, blind),
    CHECK (length(blind) = 32)
);

CREATE TRIGGER label_is_not_deleted BEFORE DELETE ON label
FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER label_is_not_truncated BEFORE TRUNCATE ON label
FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER label_is_not_changed BEFORE UPDATE OF record_number, organisation, blind ON label
FOR EACH ROW EXECUTE FUNCTION refuse();

-- NULL is the open label. Deferred, because a backup has the records before the labels.
ALTER TABLE record ADD COLUMN label BIGINT
    REFERENCES label (record_number) DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX record_by_label ON record (label) WHERE label IS NOT NULL;

CREATE TRIGGER record_keeps_a_label BEFORE UPDATE OF label ON record
FOR EACH ROW WHEN (OLD.label IS NOT NULL AND NEW.label IS NULL) EXECUTE FUNCTION refuse();

-- The order in which readers go through them.
CREATE INDEX decision_by_time ON decision (organisation, at_us, id);
CREATE INDEX raised_by_time ON raised (organisation, first_raised_at_us, pair);

-- What rows bear by which readers go through them: the label of their record, 0 for the open one. It is
-- there to find them by, so that what a reader doesn't see costs him no time; `record` has what counts.
-- NULL in an event that is no news to readers.
ALTER TABLE raised ADD COLUMN bears BIGINT NOT NULL DEFAULT 0;
ALTER TABLE decision ADD COLUMN bears BIGINT NOT NULL DEFAULT 0;
ALTER TABLE list ADD COLUMN bears BIGINT NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN bears BIGINT;
UPDATE event SET bears = 0 WHERE record IN
    (SELECT number FROM record WHERE kind IN ('decision', 'screening', 'list-history'));

CREATE INDEX decision_by_label ON decision (organisation, bears, at_us, id);
CREATE INDEX raised_by_label ON raised (organisation, bears, first_raised_at_us, pair);
CREATE INDEX raised_by_reference_and_label ON raised (organisation, reference, bears);
DROP INDEX raised_by_reference;
CREATE INDEX list_by_label ON list (organisation, bears, name);
CREATE INDEX event_by_label ON event (organisation, bears, position) WHERE bears IS NOT NULL;
