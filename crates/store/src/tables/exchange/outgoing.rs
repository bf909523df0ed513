//! What waits for one peer.

use super::heading::Heading;
use super::{Way, blind, contents, peers, seconds};
use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::engine::{Row, Value};
use crate::tables::records;
use portcullis_exchange::outgoing::{Outbox, Outgoing, OutgoingState, PartSet, Urgency};
use portcullis_exchange::{Conversation, EnvelopeDigest, MessageDigest, Payload};
use portcullis_federation::Moment;
use portcullis_keys::RecordNumber;

const TABLE: &str = "exchange_outgoing";

/// The rows of what waits for one peer.
pub(crate) struct OutboxRows<'a, 'c> {
    open: &'a Open<'c>,
    way: Way<'a>,
    /// The record of the message that is being queued.
    record: Option<RecordNumber>,
}

impl<'a, 'c> OutboxRows<'a, 'c> {
    pub(crate) fn new(open: &'a Open<'c>, way: Way<'a>) -> Self {
        Self { open, way, record: None }
    }

    /// The same, to queue a message that has this record.
    pub(crate) fn queueing(open: &'a Open<'c>, way: Way<'a>, record: RecordNumber) -> Self {
        Self { open, way, record: Some(record) }
    }

    /// The record of a message that waits or is kept.
    pub(crate) fn record_of(
        &self,
        message: &MessageDigest,
    ) -> Result<Option<RecordNumber>, StoreError> {
        let id = self.id(message);
        let row = self.open.row(
            "SELECT id, record_number FROM exchange_outgoing
             WHERE id = $1 AND organisation = $2 AND peer = $3",
            &[(&id).into(), self.organisation(), self.peer()],
        )?;
        row.map(|row| Cells::new(self.open, TABLE, "id", &row).record_number("record_number"))
            .transpose()
    }

    fn id(&self, message: &MessageDigest) -> [u8; 32] {
        blind(self.open, self.way.organisation, message)
    }

    fn organisation(&self) -> Value<'a> {
        self.way.organisation.as_str().into()
    }

    fn peer(&self) -> Value<'a> {
        self.way.peer.as_str().into()
    }

    fn made(&self, row: &Row) -> Result<Outgoing, StoreError> {
        let cells = Cells::new(self.open, TABLE, "id", row);
        let heading = Heading::agreeing(&cells, self.way)?;
        let small = |column| cells.make(column, |number: i64| u16::try_from(number).ok());
        let set = |column| cells.bytes(column).map(PartSet::from_bytes);
        Ok(Outgoing {
            message: heading.message,
            conversation: heading.conversation,
            sequence: cells.count("sequence")?,
            order: cells.count("place")?,
            urgency: cells.make("urgency", |code: i64| {
                u8::try_from(code).ok().and_then(Urgency::from_code)
            })?,
            queued: heading.queued,
            expires: seconds(&cells, "expires_s")?,
            state: cells.make("state", |code: String| OutgoingState::from_code(&code))?,
            count: small("count")?,
            acknowledged: set("acknowledged")?,
            sent: set("sent")?,
            rounds: small("rounds")?,
            due: seconds(&cells, "due_s")?,
        })
    }

    fn every(&self, rows: &[Row]) -> Result<Vec<Outgoing>, StoreError> {
        rows.iter().map(|row| self.made(row)).collect()
    }

    fn messages(&self, rows: &[Row]) -> Result<Vec<MessageDigest>, StoreError> {
        let message = |row| {
            let cells = Cells::new(self.open, TABLE, "id", row);
            Ok(Heading::agreeing(&cells, self.way)?.message)
        };
        rows.iter().map(message).collect()
    }
}

impl Outbox for OutboxRows<'_, '_> {
    type Error = StoreError;

    fn next_sequence(&mut self, conversation: Conversation) -> Result<u64, StoreError> {
        let row = self.open.row(
            "INSERT INTO exchange_sequence (organisation, peer, conversation, last, written_by)
             VALUES ($1, $2, $3, 1, $4)
             ON CONFLICT (organisation, peer, conversation) DO UPDATE SET
                 last = exchange_sequence.last + 1, written_by = excluded.written_by
             RETURNING conversation, last",
            &[
                self.organisation(),
                self.peer(),
                conversation.as_bytes().into(),
                self.open.written_by().into(),
            ],
        )?;
        row.map_or(Ok(1), |row| {
            Cells::new(self.open, "exchange_sequence", "conversation", &row).count("last")
        })
    }

    fn restart_sequences(&mut self) -> Result<(), StoreError> {
        let of = [self.organisation(), self.peer()];
        self.open
            .execute("DELETE FROM exchange_sequence WHERE organisation = $1 AND peer = $2", &of)
            .map(drop)
    }

    fn next_order(&mut self) -> Result<u64, StoreError> {
        peers::next_order(self.open, self.way)
    }

    fn insert(&mut self, row: &Outgoing, content: &Payload) -> Result<(), StoreError> {
        let record = self.record.take().ok_or(StoreError::Overtaken { what: "message" })?;
        let id = self.id(&row.message);
        let heading = Heading {
            message: row.message,
            conversation: row.conversation,
            queued: row.queued,
            parts: row.count,
            peer: self.way.peer.clone(),
        };
        let heading = heading.seal(self.open, TABLE, record, &id)?;
        self.open.execute(
            "INSERT INTO exchange_outgoing
                 (id, organisation, peer, record_number, conversation, sequence, place, urgency,
                  queued_s, expires_s, state, count, acknowledged, sent, rounds, begun, due_s,
                  heading, written_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                 $18, $19)",
            &[
                (&id).into(),
                self.organisation(),
                self.peer(),
                records::value(record),
                row.conversation.as_bytes().into(),
                integer(row.sequence).into(),
                integer(row.order).into(),
                i64::from(row.urgency.code()).into(),
                integer(row.queued.seconds()).into(),
                integer(row.expires.seconds()).into(),
                row.state.code().into(),
                i64::from(row.count).into(),
                row.acknowledged.as_bytes().into(),
                row.sent.as_bytes().into(),
                i64::from(row.rounds).into(),
                i64::from(row.is_begun()).into(),
                integer(row.due.seconds()).into(),
                (&heading).into(),
                self.open.written_by().into(),
            ],
        )?;
        contents::put(self.open, self.way.organisation, record, content)
    }

    fn update(&mut self, row: &Outgoing) -> Result<(), StoreError> {
        let id = self.id(&row.message);
        let changed = self.open.execute(
            "UPDATE exchange_outgoing SET sequence = $2, urgency = $3, expires_s = $4, state = $5,
                 count = $6, acknowledged = $7, sent = $8, rounds = $9, begun = $10, due_s = $11,
                 place = $12, written_by = $13
             WHERE id = $1 AND organisation = $14 AND peer = $15",
            &[
                (&id).into(),
                integer(row.sequence).into(),
                i64::from(row.urgency.code()).into(),
                integer(row.expires.seconds()).into(),
                row.state.code().into(),
                i64::from(row.count).into(),
                row.acknowledged.as_bytes().into(),
                row.sent.as_bytes().into(),
                i64::from(row.rounds).into(),
                i64::from(row.is_begun()).into(),
                integer(row.due.seconds()).into(),
                integer(row.order).into(),
                self.open.written_by().into(),
                self.organisation(),
                self.peer(),
            ],
        )?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Overtaken { what: "message" }) }
    }

    fn remove(&mut self, message: &MessageDigest) -> Result<(), StoreError> {
        self.forget_attempts(message)?;
        self.drop_content(message)?;
        let id = self.id(message);
        self.open
            .execute(
                "DELETE FROM exchange_outgoing WHERE id = $1 AND organisation = $2 AND peer = $3",
                &[(&id).into(), self.organisation(), self.peer()],
            )
            .map(drop)
    }

    fn row(&mut self, message: &MessageDigest) -> Result<Option<Outgoing>, StoreError> {
        let id = self.id(message);
        let row = self.open.row(
            "SELECT * FROM exchange_outgoing WHERE id = $1 AND organisation = $2 AND peer = $3",
            &[(&id).into(), self.organisation(), self.peer()],
        )?;
        row.map(|row| self.made(&row)).transpose()
    }

    fn content(&mut self, message: &MessageDigest) -> Result<Payload, StoreError> {
        let id = self.id(message);
        let row = self.open.row(
            "SELECT * FROM exchange_outgoing WHERE id = $1 AND organisation = $2 AND peer = $3",
            &[(&id).into(), self.organisation(), self.peer()],
        )?;
        let Some(row) = row else { return Ok(Payload::new(Vec::new())) };
        let cells = Cells::new(self.open, TABLE, "id", &row);
        let heading = Heading::agreeing(&cells, self.way)?;
        let (content, parts) = contents::get(self.open, cells.record_number("record_number")?)?;
        let waits = cells.raw::<String>("state")? == OutgoingState::Waiting.code();
        // Content goes as a whole; with a part missing, something else would be sent.
        let whole = parts == heading.parts || (parts == 0 && !waits);
        if whole { Ok(content) } else { Err(cells.bad("count")) }
    }

    fn drop_content(&mut self, message: &MessageDigest) -> Result<(), StoreError> {
        match self.record_of(message)? {
            Some(record) => contents::remove(self.open, record),
            None => Ok(()),
        }
    }

    fn due(&mut self, now: Moment, most: usize) -> Result<Vec<Outgoing>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = self.open.query(
            "SELECT * FROM exchange_outgoing
             WHERE organisation = $1 AND peer = $2 AND state IN ('waiting', 'dead')
                 AND due_s <= $3
             ORDER BY urgency, place LIMIT $4",
            &[self.organisation(), self.peer(), integer(now.seconds()).into(), most.into()],
        )?;
        self.every(&rows)
    }

    fn begun_parts(&mut self) -> Result<u64, StoreError> {
        let row = self.open.row(
            "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) AS parts FROM exchange_outgoing
             WHERE organisation = $1 AND peer = $2 AND state = 'waiting' AND begun = 1",
            &[self.organisation(), self.peer()],
        )?;
        row.map_or(Ok(0), |row| Cells::new(self.open, TABLE, "parts", &row).count("parts"))
    }

    fn conversation(&mut self, conversation: Conversation) -> Result<Vec<Outgoing>, StoreError> {
        let rows = self.open.query(
            "SELECT * FROM exchange_outgoing
             WHERE organisation = $1 AND peer = $2 AND conversation = $3 ORDER BY sequence",
            &[self.organisation(), self.peer(), conversation.as_bytes().into()],
        )?;
        self.every(&rows)
    }

    fn first_sequence(&mut self, conversation: Conversation) -> Result<Option<u64>, StoreError> {
        let row = self.open.row(
            "SELECT id, sequence FROM exchange_outgoing
             WHERE organisation = $1 AND peer = $2 AND conversation = $3
             ORDER BY sequence LIMIT 1",
            &[self.organisation(), self.peer(), conversation.as_bytes().into()],
        )?;
        row.map(|row| Cells::new(self.open, TABLE, "id", &row).count("sequence")).transpose()
    }

    fn all(&mut self) -> Result<Vec<MessageDigest>, StoreError> {
        let rows = self.open.query(
            "SELECT id, record_number, conversation, queued_s, heading FROM exchange_outgoing
             WHERE organisation = $1 AND peer = $2 ORDER BY conversation, sequence",
            &[self.organisation(), self.peer()],
        )?;
        self.messages(&rows)
    }

    fn overdue(&mut self, now: Moment) -> Result<Vec<MessageDigest>, StoreError> {
        let rows = self.open.query(
            "SELECT id, record_number, conversation, queued_s, heading FROM exchange_outgoing
             WHERE organisation = $1 AND peer = $2 AND state = 'waiting' AND expires_s <= $3
             ORDER BY expires_s, place",
            &[self.organisation(), self.peer(), integer(now.seconds()).into()],
        )?;
        self.messages(&rows)
    }

    fn finished_before(&mut self, queued: Moment) -> Result<Vec<Outgoing>, StoreError> {
        let rows = self.open.query(
            "SELECT * FROM exchange_outgoing
             WHERE organisation = $1 AND peer = $2 AND state IN ('acknowledged', 'buried')
                 AND queued_s <= $3
             ORDER BY conversation, sequence",
            &[self.organisation(), self.peer(), integer(queued.seconds()).into()],
        )?;
        self.every(&rows)
    }

    fn attempt(
        &mut self,
        envelope: EnvelopeDigest,
        message: &MessageDigest,
        number: u16,
    ) -> Result<(), StoreError> {
        let id = self.id(message);
        self.open
            .execute(
                "INSERT INTO exchange_attempt (organisation, envelope, message, number, written_by)
                 VALUES ($1, $2, $3, $4, $5)",
                &[
                    self.organisation(),
                    envelope.as_bytes().into(),
                    (&id).into(),
                    i64::from(number).into(),
                    self.open.written_by().into(),
                ],
            )
            .map(drop)
    }

    fn attempted(
        &mut self,
        envelope: &EnvelopeDigest,
    ) -> Result<Option<(MessageDigest, u16)>, StoreError> {
        let row = self.open.row(
            "SELECT o.id, o.record_number, o.conversation, o.queued_s, o.heading, a.number
             FROM exchange_attempt a JOIN exchange_outgoing o ON o.id = a.message
             WHERE a.organisation = $1 AND a.envelope = $2 AND o.organisation = $1
                 AND o.peer = $3",
            &[self.organisation(), envelope.as_bytes().into(), self.peer()],
        )?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::new(self.open, TABLE, "id", &row);
        let number = cells.make("number", |number: i64| u16::try_from(number).ok())?;
        Ok(Some((Heading::agreeing(&cells, self.way)?.message, number)))
    }

    fn forget_attempts(&mut self, message: &MessageDigest) -> Result<(), StoreError> {
        let id = self.id(message);
        let of = [(&id).into()];
        self.open.execute("DELETE FROM exchange_attempt WHERE message = $1", &of).map(drop)
    }
}

/// How many messages wait for each peer, and how many were given up of which it does not know yet.
pub(crate) fn counts(
    open: &Open<'_>,
    organisation: &portcullis_types::OrganisationId,
) -> Result<Vec<WaitingCount>, StoreError> {
    let rows = open.query(
        "SELECT peer, count(*) FILTER (WHERE state = 'waiting') AS waiting,
             count(*) FILTER (WHERE state = 'dead') AS dead,
             min(CASE WHEN state = 'waiting' THEN queued_s END) AS oldest
         FROM exchange_outgoing
         WHERE organisation = $1 AND state IN ('waiting', 'dead')
         GROUP BY peer ORDER BY peer",
        &[organisation.as_str().into()],
    )?;
    let one = |row| {
        let cells = Cells::new(open, TABLE, "peer", row);
        Ok(WaitingCount {
            peer: cells.parse("peer")?,
            waiting: cells.count("waiting")?,
            dead: cells.count("dead")?,
            oldest: cells.make("oldest", |oldest: Option<i64>| match oldest {
                None => Some(None),
                Some(at) => u64::try_from(at).ok().and_then(Moment::new).map(Some),
            })?,
        })
    };
    rows.iter().map(one).collect()
}

/// What waits for one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCount {
    /// For whom.
    pub peer: portcullis_types::OrganisationId,
    /// Messages that it does not have, as far as is known.
    pub waiting: u64,
    /// Messages that were given up, which it was not told yet.
    pub dead: u64,
    /// When the oldest that waits was queued.
    pub oldest: Option<Moment>,
}
