-- Version 5: which organisations are members. Lists are public to the federation and prove themselves
-- by their signatures; nothing here is about a person.

CREATE TABLE own_organisation (         -- what this node's organisation is called in the federation
    organisation TEXT PRIMARY KEY,
    id           TEXT NOT NULL,         -- its id there
    name         TEXT NOT NULL,
    body         TEXT NOT NULL,         -- code of a body
    event        BLOB NOT NULL UNIQUE,  -- the event that told of it
    seal         BLOB NOT NULL,         -- of all this, under a key of the keyring
    written_by   TEXT NOT NULL,
    CHECK (length(event) = 16),
    CHECK (length(seal) = 32)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER own_organisation_is_not_deleted BEFORE DELETE ON own_organisation
BEGIN SELECT RAISE(ABORT, 'an organisation stays what it is called'); END;

CREATE TABLE member_list (              -- the versions of the list that were taken, from the founding one
    organisation   TEXT NOT NULL,
    federation     TEXT NOT NULL,
    version        INTEGER NOT NULL,
    digest         BLOB NOT NULL,       -- what the next version names
    signed         BLOB NOT NULL,       -- the list with its signatures, as docs/spec/member-list.md has it
    pins           TEXT NOT NULL,       -- fingerprints that were compared, as of this version
    accepted_at_us INTEGER NOT NULL,
    event          BLOB NOT NULL UNIQUE, -- the event that told of it
    seal           BLOB NOT NULL,       -- of digest and pins, under a key of the keyring
    written_by     TEXT NOT NULL,
    PRIMARY KEY (organisation, federation, version),
    CHECK (version >= 1),
    CHECK (length(digest) = 32),
    CHECK (length(event) = 16),
    CHECK (length(seal) = 32)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER member_list_is_not_deleted BEFORE DELETE ON member_list
BEGIN SELECT RAISE(ABORT, 'a list that was taken stays'); END;
CREATE TRIGGER member_list_is_not_changed
BEFORE UPDATE OF organisation, federation, version, digest, signed, accepted_at_us, event ON member_list
BEGIN SELECT RAISE(ABORT, 'a list that was taken stays'); END;

CREATE TABLE member_vote (              -- which proposed lists this organisation signed
    organisation TEXT NOT NULL,
    federation   TEXT NOT NULL,
    version      INTEGER NOT NULL,
    digest       BLOB NOT NULL,
    at_us        INTEGER NOT NULL,
    event        BLOB NOT NULL UNIQUE,  -- the event that told of it
    written_by   TEXT NOT NULL,
    PRIMARY KEY (organisation, federation, version, digest),
    CHECK (length(digest) = 32),
    CHECK (length(event) = 16)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER member_vote_is_not_deleted BEFORE DELETE ON member_vote
BEGIN SELECT RAISE(ABORT, 'what was signed stays signed'); END;

CREATE TABLE member_fork (              -- proof of two lists of one version
    organisation TEXT NOT NULL,
    digest       BLOB NOT NULL,         -- of the one that was not taken
    proof        BLOB NOT NULL,         -- both, as docs/spec/member-list.md has it
    found_at_us  INTEGER NOT NULL,
    event        BLOB NOT NULL UNIQUE,  -- the event that told of it
    written_by   TEXT NOT NULL,
    PRIMARY KEY (organisation, digest),
    CHECK (length(digest) = 32),
    CHECK (length(event) = 16)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER member_fork_is_not_deleted BEFORE DELETE ON member_fork
BEGIN SELECT RAISE(ABORT, 'a proof is kept'); END;
CREATE TRIGGER member_fork_is_not_changed BEFORE UPDATE OF organisation, digest, proof ON member_fork
BEGIN SELECT RAISE(ABORT, 'a proof is kept'); END;

-- The events of the federation, and a few others, are in records of this kind.
CREATE INDEX record_of_log ON record (organisation, number) WHERE kind = 'log';
