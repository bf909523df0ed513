-- Version 3: who may see what.

CREATE TABLE label (                    -- each label that a record bears or bore, once
    record_number INTEGER PRIMARY KEY REFERENCES record (number), -- its own record; what others bear it by
    organisation  TEXT NOT NULL,
    blind         BLOB NOT NULL,        -- blind; of its bytes, so that there is one of each
    sealed        BLOB,                 -- sealed; its bytes as docs/adr/0020-labels.md has them
    written_by    TEXT NOT NULL,
    UNIQUE (organisation, blind),
    CHECK (length(blind) = 32)
) STRICT;

CREATE TRIGGER label_is_not_deleted BEFORE DELETE ON label
BEGIN SELECT RAISE(ABORT, 'a label is erased with its record, never deleted'); END;
CREATE TRIGGER label_is_not_changed BEFORE UPDATE OF record_number, organisation, blind ON label
BEGIN SELECT RAISE(ABORT, 'a label is never changed'); END;

-- NULL is the open label. Deferred, because a backup has the records before the labels.
ALTER TABLE record ADD COLUMN label INTEGER
    REFERENCES label (record_number) DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX record_by_label ON record (label) WHERE label IS NOT NULL;

CREATE TRIGGER record_keeps_a_label BEFORE UPDATE OF label ON record
WHEN OLD.label IS NOT NULL AND NEW.label IS NULL
BEGIN SELECT RAISE(ABORT, 'a label is raised, never taken away'); END;

-- The order in which readers go through them.
CREATE INDEX decision_by_time ON decision (organisation, at_us, id);
CREATE INDEX raised_by_time ON raised (organisation, first_raised_at_us, pair);

-- What rows bear by which readers go through them: the label of their record, 0 for the open one. It is
-- there to find them by, so that what a reader doesn't see costs him no time; `record` has what counts.
-- NULL in an event that is no news to readers.
ALTER TABLE raised ADD COLUMN bears INTEGER NOT NULL DEFAULT 0;
ALTER TABLE decision ADD COLUMN bears INTEGER NOT NULL DEFAULT 0;
ALTER TABLE list ADD COLUMN bears INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN bears INTEGER;
UPDATE event SET bears = 0 WHERE record IN
    (SELECT number FROM record WHERE kind IN ('decision', 'screening', 'list-history'));

CREATE INDEX decision_by_label ON decision (organisation, bears, at_us, id);
CREATE INDEX raised_by_label ON raised (organisation, bears, first_raised_at_us, pair);
CREATE INDEX raised_by_reference_and_label ON raised (organisation, reference, bears);
DROP INDEX raised_by_reference;
CREATE INDEX list_by_label ON list (organisation, bears, name);
CREATE INDEX event_by_label ON event (organisation, bears, position) WHERE bears IS NOT NULL;
