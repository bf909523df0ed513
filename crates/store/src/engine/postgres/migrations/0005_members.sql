-- Version 5: which organisations are members. Lists are public to the federation and prove themselves
-- by their signatures; nothing here is about a person.

CREATE TABLE own_organisation (         -- what this node's organisation is called in the federation
    organisation TEXT COLLATE "C" PRIMARY KEY,
    id           TEXT COLLATE "C" NOT NULL,         -- its id there
    name         TEXT COLLATE "C" NOT NULL,
    body         TEXT COLLATE "C" NOT NULL,         -- code of a body
    event        BYTEA NOT NULL UNIQUE,  -- the event that told of it
    seal         BYTEA NOT NULL,         -- of all this, under a key of the keyring
    written_by   TEXT COLLATE "C" NOT NULL,
    CHECK (length(event) = 16),
    CHECK (length(seal) = 32)
);

CREATE TRIGGER own_organisation_is_not_deleted BEFORE DELETE ON own_organisation
FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER own_organisation_is_not_truncated BEFORE TRUNCATE ON own_organisation
FOR EACH STATEMENT EXECUTE FUNCTION refuse();

CREATE TABLE member_list (              -- the versions of the list that were taken, from the founding one
    organisation   TEXT COLLATE "C" NOT NULL,
    federation     TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL,
    digest         BYTEA NOT NULL,       -- what the next version names
    signed         BYTEA NOT NULL,       -- the list with its signatures, as docs/spec/member-list.md has it
    pins           TEXT COLLATE "C" NOT NULL,       -- fingerprints that were compared, as of this version
    accepted_at_us BIGINT NOT NULL,
    event          BYTEA NOT NULL UNIQUE, -- the event that told of it
    seal           BYTEA NOT NULL,       -- of digest and pins, under a key of the keyring
    written_by     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, federation, version),
    CHECK (version >= 1),
    CHECK (length(digest) = 32),
    CHECK (length(event) = 16),
    CHECK (length(seal) = 32)
);

CREATE TRIGGER member_list_is_not_deleted BEFORE DELETE ON member_list
FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER member_list_is_not_truncated BEFORE TRUNCATE ON member_list
FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER member_list_is_not_changed
BEFORE UPDATE OF organisation, federation, version, digest, signed, accepted_at_us, event ON member_list
FOR EACH ROW EXECUTE FUNCTION refuse();

CREATE TABLE member_vote (              -- which proposed lists this organisation signed
    organisation TEXT COLLATE "C" NOT NULL,
    federation   TEXT COLLATE "C" NOT NULL,
    version      BIGINT NOT NULL,
    digest       BYTEA NOT NULL,
    at_us        BIGINT NOT NULL,
    event        BYTEA NOT NULL UNIQUE,  -- the event that told of it
    written_by   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, federation, version, digest),
    CHECK (length(digest) = 32),
    CHECK (length(event) = 16)
);

CREATE TRIGGER member_vote_is_not_deleted BEFORE DELETE ON member_vote
FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER member_vote_is_not_truncated BEFORE TRUNCATE ON member_vote
FOR EACH STATEMENT EXECUTE FUNCTION refuse();

CREATE TABLE member_fork (              -- proof of two lists of one version
    organisation TEXT COLLATE "C" NOT NULL,
    digest       BYTEA NOT NULL,         -- of the one that was not taken
    proof        BYTEA NOT NULL,         -- both, as docs/spec/member-list.md has it
    found_at_us  BIGINT NOT NULL,
    event        BYTEA NOT NULL UNIQUE,  -- the event that told of it
    written_by   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, digest),
    CHECK (length(digest) = 32),
    CHECK (length(event) = 16)
);

CREATE TRIGGER member_fork_is_not_deleted BEFORE DELETE ON member_fork
FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER member_fork_is_not_truncated BEFORE TRUNCATE ON member_fork
FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER member_fork_is_not_changed BEFORE UPDATE OF organisation, digest, proof ON member_fork
FOR EACH ROW EXECUTE FUNCTION refuse();

-- The events of the federation, and a few others, are in records of this kind.
CREATE INDEX record_of_log ON record (organisation, number) WHERE kind = 'log';
