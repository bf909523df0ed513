-- Version 4: people who act for the organisation, what they sign in with, and what volunteers hand in.
--
-- What each table says is in `details`, sealed under the key of its record: what stands in the clear
-- beside it is there to search by, and a row where the two differ is refused.

CREATE TABLE person (                   -- never deleted: an account is not given to anybody else
    id            BLOB PRIMARY KEY,     -- 16 random bytes
    organisation  TEXT NOT NULL,
    account       TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- whose key seals it
    state         TEXT NOT NULL,        -- invited, active, suspended, left
    details       BLOB,                 -- sealed; name, roles, clearance, public keys, invitation
    written_by    TEXT NOT NULL,
    UNIQUE (organisation, account),
    CHECK (length(id) = 16),
    CHECK (state IN ('invited', 'active', 'suspended', 'left'))
) STRICT;

CREATE INDEX person_by_record ON person (record_number);
CREATE TRIGGER person_is_not_deleted BEFORE DELETE ON person
BEGIN SELECT RAISE(ABORT, 'a person leaves, and is never deleted'); END;

CREATE TABLE person_proposal (          -- what one administrator proposed, and what became of it
    id            BLOB PRIMARY KEY,     -- the event that told of it
    organisation  TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- its own
    state         TEXT NOT NULL,        -- open, approved, refused
    details       BLOB,                 -- sealed; what, by whom, why, with both signatures
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 16),
    CHECK (state IN ('open', 'approved', 'refused'))
) STRICT;

CREATE INDEX person_proposal_open ON person_proposal (organisation) WHERE state = 'open';
CREATE INDEX person_proposal_by_record ON person_proposal (record_number);
CREATE TRIGGER person_proposal_is_not_deleted BEFORE DELETE ON person_proposal
BEGIN SELECT RAISE(ABORT, 'a proposal is decided on, never deleted'); END;
CREATE TRIGGER person_proposal_is_decided_once BEFORE UPDATE OF state ON person_proposal
WHEN OLD.state <> 'open'
BEGIN SELECT RAISE(ABORT, 'a proposal is decided on once'); END;

CREATE TABLE person_outside (           -- administrators of other organisations who may approve here
    id            BLOB PRIMARY KEY,     -- the proposal by which he was let in
    organisation  TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- of that proposal
    details       BLOB,                 -- sealed; who, and the key that he signs with
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 16)
) STRICT;

CREATE INDEX person_outside_by_record ON person_outside (record_number);

CREATE TABLE recovery_code (            -- the sheet in the safe
    id            BLOB PRIMARY KEY,     -- digest of the code
    organisation  TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- of what allowed the sheet
    details       BLOB,                 -- sealed; its number on the sheet, and when it was used
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 32)
) STRICT;

CREATE INDEX recovery_code_by_record ON recovery_code (record_number);

CREATE TABLE credential (               -- what somebody signs in with
    id            BLOB PRIMARY KEY,     -- 16 random bytes
    organisation  TEXT NOT NULL,
    account       TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- of the person
    kind          TEXT NOT NULL,        -- passkey, oidc
    lookup        BLOB NOT NULL,        -- digest of the passkey's id, or of issuer and subject
    details       BLOB,                 -- sealed; what verifies it, and what its owner calls it
    written_by    TEXT NOT NULL,
    UNIQUE (organisation, kind, lookup),
    CHECK (length(id) = 16),
    CHECK (length(lookup) = 32),
    CHECK (kind IN ('passkey', 'oidc'))
) STRICT;

CREATE INDEX credential_by_account ON credential (organisation, account);
CREATE INDEX credential_by_record ON credential (record_number);

CREATE TABLE personal_key (             -- somebody's own keys, wrapped under what only he has
    id            BLOB PRIMARY KEY,     -- 16 random bytes
    organisation  TEXT NOT NULL,
    account       TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- of the person
    credential    BLOB,                 -- the passkey that unwraps it; none for a passphrase
    details       BLOB,                 -- sealed; within, wrapped: the keyring alone does not open it
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 16),
    CHECK (length(credential) = 16)
) STRICT;

CREATE INDEX personal_key_by_account ON personal_key (organisation, account);
CREATE INDEX personal_key_by_record ON personal_key (record_number);

CREATE TABLE session (                  -- who is signed in
    id            BLOB PRIMARY KEY,     -- the event that told of it
    organisation  TEXT NOT NULL,
    account       TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- its own
    digest        BLOB NOT NULL UNIQUE, -- of its token
    began_at_us   INTEGER NOT NULL,
    seen_at_us    INTEGER NOT NULL,     -- when it was last used
    details       BLOB,                 -- sealed; how he signed in, and when he confirmed it
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 16),
    CHECK (length(digest) = 32)
) STRICT;

CREATE INDEX session_by_account ON session (organisation, account);
CREATE INDEX session_by_record ON session (record_number);

CREATE TABLE api_token (                -- programs that act for an officer
    id            BLOB PRIMARY KEY,     -- the event that told of it
    organisation  TEXT NOT NULL,
    account       TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- of the person
    digest        BLOB NOT NULL UNIQUE, -- of the token
    details       BLOB,                 -- sealed; what it may be used for, until when
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 16),
    CHECK (length(digest) = 32)
) STRICT;

CREATE INDEX api_token_by_account ON api_token (organisation, account);
CREATE INDEX api_token_by_record ON api_token (record_number);

CREATE TABLE submit_link (              -- by which volunteers hand in
    id            BLOB PRIMARY KEY,     -- the event that told of it
    organisation  TEXT NOT NULL,
    account       TEXT NOT NULL,        -- who made it
    record_number INTEGER NOT NULL REFERENCES record (number), -- of that person
    digest        BLOB NOT NULL UNIQUE, -- of the secret in it
    uses          INTEGER NOT NULL,     -- how often it was used
    details       BLOB,                 -- sealed; for whom, until when, how often
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 16),
    CHECK (length(digest) = 32),
    CHECK (uses >= 0)
) STRICT;

CREATE INDEX submit_link_by_record ON submit_link (record_number);

CREATE TABLE submission (               -- what was handed in
    id            BLOB PRIMARY KEY,     -- the event that told of it
    organisation  TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- its own
    at_us         INTEGER NOT NULL,
    details       BLOB,                 -- sealed; what was filled in
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 16)
) STRICT;

CREATE INDEX submission_by_record ON submission (record_number);
