-- Version 6: what is exchanged with other organisations, until it is handled here and acknowledged there.
--
-- What is said is sealed in `content`, cut into parts of which none is large. `heading` seals which
-- message a row is of, between whom and in which conversation: what stands in the clear beside it is
-- there to search by, and a row where the two differ is refused. Messages are searched for by a blind
-- digest: their own one would let whoever has the database alone try what they may say.

CREATE TABLE exchange_life (            -- the lives of this node: it begins one when it is restored
    organisation  TEXT NOT NULL,
    life          BLOB NOT NULL,        -- incarnation; the greatest is the one of today
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, life),
    CHECK (length(life) = 16)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER exchange_life_is_not_deleted BEFORE DELETE ON exchange_life
BEGIN SELECT RAISE(ABORT, 'a life that began stays'); END;
CREATE TRIGGER exchange_life_is_not_changed BEFORE UPDATE ON exchange_life
BEGIN SELECT RAISE(ABORT, 'a life that began stays'); END;

CREATE TABLE exchange_peer (            -- whom something was exchanged with
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,        -- the id of its organisation in the member list
    life          BLOB,                 -- its greatest incarnation that was seen
    last_order    INTEGER NOT NULL,     -- that of the last message queued for it
    request_s     INTEGER,              -- when its last request was made that was taken, by its clock
    tick          INTEGER,              -- the number of the last poll made there
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, peer),
    CHECK (length(life) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange_sequence (        -- how many messages of a conversation were numbered in this life
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,
    conversation  BLOB NOT NULL,
    last          INTEGER NOT NULL,     -- the number of the last one
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, peer, conversation),
    CHECK (length(conversation) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange_outgoing (        -- messages to others
    id            BLOB PRIMARY KEY,     -- blind; of the message
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- its own
    conversation  BLOB NOT NULL,
    sequence      INTEGER NOT NULL,     -- as which message of the conversation, from 1
    place         INTEGER NOT NULL,     -- as which message to this peer
    urgency       INTEGER NOT NULL,     -- 0 goes first
    queued_s      INTEGER NOT NULL,
    expires_s     INTEGER NOT NULL,     -- when it is of no more use
    state         TEXT NOT NULL,        -- waiting, acknowledged, dead, buried
    count         INTEGER NOT NULL,     -- how many envelopes it takes
    acknowledged  BLOB NOT NULL,        -- which of them are, a bit for each
    sent          BLOB NOT NULL,        -- which were sent in this round, a bit for each
    rounds        INTEGER NOT NULL,     -- how often all of it was sent
    begun         INTEGER NOT NULL,     -- 1 once something of it was sent
    due_s         INTEGER NOT NULL,     -- when something of it is to be sent
    heading       BLOB NOT NULL,        -- sealed
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 32),
    CHECK (length(conversation) = 16),
    CHECK (sequence >= 1),
    CHECK (urgency BETWEEN 0 AND 2),
    CHECK (state IN ('waiting', 'acknowledged', 'dead', 'buried')),
    CHECK (count BETWEEN 1 AND 256),
    CHECK (length(acknowledged) = 32),
    CHECK (length(sent) = 32),
    CHECK (begun IN (0, 1))
) STRICT;

-- What goes next is found without looking at what waits behind it.
CREATE INDEX exchange_outgoing_by_turn ON exchange_outgoing (organisation, peer, urgency, place, due_s)
    WHERE state IN ('waiting', 'dead');
CREATE INDEX exchange_outgoing_begun ON exchange_outgoing (organisation, peer, count)
    WHERE state = 'waiting' AND begun = 1;
CREATE INDEX exchange_outgoing_by_expiry ON exchange_outgoing (organisation, peer, expires_s)
    WHERE state = 'waiting';
CREATE INDEX exchange_outgoing_finished ON exchange_outgoing (organisation, peer, queued_s)
    WHERE state IN ('acknowledged', 'buried');
CREATE INDEX exchange_outgoing_by_conversation
    ON exchange_outgoing (organisation, peer, conversation, sequence);
CREATE INDEX exchange_outgoing_by_record ON exchange_outgoing (record_number);

CREATE TABLE exchange_attempt (         -- which envelope that may still be acknowledged holds what
    organisation  TEXT NOT NULL,
    envelope      BLOB NOT NULL,        -- its digest
    message       BLOB NOT NULL,        -- the id of the message
    number        INTEGER NOT NULL,     -- as which of its envelopes
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, envelope),
    CHECK (length(envelope) = 32),
    CHECK (length(message) = 32),
    CHECK (number BETWEEN 1 AND 256)
) STRICT, WITHOUT ROWID;

CREATE INDEX exchange_attempt_by_message ON exchange_attempt (message);

CREATE TABLE exchange_owed (            -- envelopes that are kept here, and not acknowledged yet
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,
    envelope      BLOB NOT NULL,        -- its digest
    taken_s       INTEGER NOT NULL,
    told          INTEGER NOT NULL,     -- 1 while the request is answered that acknowledges it
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, peer, envelope),
    CHECK (length(envelope) = 32),
    CHECK (told IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange_thread (          -- conversations, each in one life of its sender's node
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,
    life          BLOB NOT NULL,        -- incarnation
    conversation  BLOB NOT NULL,
    next          INTEGER NOT NULL,     -- the message whose turn it is
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, peer, life, conversation),
    CHECK (length(life) = 16),
    CHECK (length(conversation) = 16),
    CHECK (next >= 1)
) STRICT, WITHOUT ROWID;

CREATE TABLE exchange_open (            -- messages of which parts came, or all before their turn
    id            BLOB PRIMARY KEY,     -- 16 random bytes
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,
    life          BLOB NOT NULL,
    conversation  BLOB NOT NULL,
    sequence      INTEGER NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- its own
    message       BLOB NOT NULL,        -- blind
    queued_s      INTEGER NOT NULL,     -- when its sender queued it
    count         INTEGER NOT NULL,     -- how many parts it has
    arrived       BLOB NOT NULL,        -- which came, a bit for each
    heading       BLOB NOT NULL,        -- sealed
    written_by    TEXT NOT NULL,
    UNIQUE (organisation, peer, life, conversation, sequence),
    CHECK (length(id) = 16),
    CHECK (length(life) = 16),
    CHECK (length(conversation) = 16),
    CHECK (length(message) = 32),
    CHECK (count BETWEEN 1 AND 256),
    CHECK (length(arrived) = 32)
) STRICT;

CREATE INDEX exchange_open_by_age ON exchange_open (organisation, peer, queued_s, count);
CREATE INDEX exchange_open_by_message ON exchange_open (message);
CREATE INDEX exchange_open_by_record ON exchange_open (record_number);

CREATE TABLE exchange_void (            -- places of messages that need not be waited for
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,
    life          BLOB NOT NULL,
    conversation  BLOB NOT NULL,
    sequence      INTEGER NOT NULL,
    queued_s      INTEGER NOT NULL,     -- no later than when its sender said so
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, peer, life, conversation, sequence),
    CHECK (length(life) = 16),
    CHECK (length(conversation) = 16)
) STRICT, WITHOUT ROWID;

CREATE INDEX exchange_void_by_age ON exchange_void (organisation, peer, queued_s);

CREATE TABLE exchange_part (            -- parts of messages that are not whole, or not at their turn
    id            BLOB PRIMARY KEY,     -- 8 bytes of the record's number, 2 of the part's
    organisation  TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- of the message
    content       BLOB NOT NULL,        -- sealed; 14,000 bytes at most
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 10)
) STRICT;

CREATE INDEX exchange_part_by_record ON exchange_part (record_number);

CREATE TABLE exchange_content (         -- what messages say, to others or to be handled here
    id            BLOB PRIMARY KEY,     -- 8 bytes of the record's number, 2 of the part's
    organisation  TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- of the message
    content       BLOB NOT NULL,        -- sealed; 14,000 bytes at most
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 10)
) STRICT;

CREATE INDEX exchange_content_by_record ON exchange_content (record_number);

CREATE TABLE exchange_inbox (           -- messages of others, to be handled in this order
    position      INTEGER PRIMARY KEY AUTOINCREMENT,
    id            BLOB NOT NULL UNIQUE, -- 16 random bytes
    organisation  TEXT NOT NULL,
    record_number INTEGER NOT NULL REFERENCES record (number), -- its own
    arrived_s     INTEGER NOT NULL,     -- when it had its turn
    heading       BLOB NOT NULL,        -- sealed; with whose it is
    written_by    TEXT NOT NULL,
    CHECK (length(id) = 16)
) STRICT;

CREATE INDEX exchange_inbox_by_position ON exchange_inbox (organisation, position);
CREATE INDEX exchange_inbox_by_record ON exchange_inbox (record_number);

CREATE TABLE exchange_delivered (       -- messages that are not taken again
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,
    message       BLOB NOT NULL,        -- blind
    queued_s      INTEGER NOT NULL,     -- when its sender queued it
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, peer, message),
    CHECK (length(message) = 32)
) STRICT, WITHOUT ROWID;

CREATE INDEX exchange_delivered_by_age ON exchange_delivered (organisation, peer, queued_s);

CREATE TABLE exchange_refused (         -- how often what was refused
    organisation  TEXT NOT NULL,
    peer          TEXT NOT NULL,        -- whose it was; empty where that is not known to be true
    reason        TEXT NOT NULL,        -- code
    day           TEXT NOT NULL,        -- YYYY-MM-DD
    count         INTEGER NOT NULL,
    first_us      INTEGER NOT NULL,     -- the first of the day, which an event tells of
    last_us       INTEGER NOT NULL,     -- the last of the day
    written_by    TEXT NOT NULL,
    PRIMARY KEY (organisation, peer, reason, day),
    CHECK (length(day) = 10),
    CHECK (count >= 1)
) STRICT, WITHOUT ROWID;

CREATE INDEX exchange_refused_by_day ON exchange_refused (organisation, day);
