//! What came from one peer, until it is whole and at its turn.

use super::heading::Heading;
use super::{Way, blind, contents::part_id, note, peers, received, seconds};
use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::engine::{Row, Value};
use crate::tables::records;
use portcullis_decide::RecordKind;
use portcullis_decide::exchange::traffic::Traffic;
use portcullis_exchange::incoming::{Delivery, Inbox, OpenMessage, Thread};
use portcullis_exchange::outgoing::PartSet;
use portcullis_exchange::{Conversation, Incarnation, MessageDigest, Payload};
use portcullis_federation::Moment;
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::{Clock, Purpose};

const OPEN: &str = "exchange_open";
const PART: &str = "exchange_part";
const THREAD: &str = "exchange_thread";

/// The rows of what came from one peer.
pub(crate) struct InboxRows<'a, 'c> {
    open: &'a Open<'c>,
    clock: &'a dyn Clock,
    way: Way<'a>,
}

impl<'a, 'c> InboxRows<'a, 'c> {
    pub(crate) fn new(open: &'a Open<'c>, clock: &'a dyn Clock, way: Way<'a>) -> Self {
        Self { open, clock, way }
    }

    fn organisation(&self) -> Value<'a> {
        self.way.organisation.as_str().into()
    }

    fn peer(&self) -> Value<'a> {
        self.way.peer.as_str().into()
    }

    /// Whose, in which life and conversation, at which place.
    fn at<'v>(&self, thread: &'v Thread, sequence: u64) -> [Value<'v>; 5]
    where
        'a: 'v,
    {
        let [organisation, peer, life, conversation] = self.of(thread);
        [organisation, peer, life, conversation, integer(sequence).into()]
    }

    fn of<'v>(&self, thread: &'v Thread) -> [Value<'v>; 4]
    where
        'a: 'v,
    {
        let Thread { incarnation, conversation } = thread;
        let life = incarnation.as_bytes().into();
        [self.organisation(), self.peer(), life, conversation.as_bytes().into()]
    }

    fn record_at(
        &self,
        thread: &Thread,
        sequence: u64,
    ) -> Result<Option<RecordNumber>, StoreError> {
        let row = self.open.row(
            "SELECT id, record_number FROM exchange_open
             WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4
                 AND sequence = $5",
            &self.at(thread, sequence),
        )?;
        row.map(|row| Cells::new(self.open, OPEN, "id", &row).record_number("record_number"))
            .transpose()
    }

    /// The record that a message got when its first part came.
    fn record_of(&self, message: &MessageDigest) -> Result<Option<RecordNumber>, StoreError> {
        let blind = blind(self.open, self.way.organisation, message);
        let row = self.open.row(
            "SELECT id, record_number FROM exchange_open
             WHERE message = $1 AND organisation = $2 AND peer = $3 ORDER BY id LIMIT 1",
            &[(&blind).into(), self.organisation(), self.peer()],
        )?;
        row.map(|row| Cells::new(self.open, OPEN, "id", &row).record_number("record_number"))
            .transpose()
    }

    fn open_record(&self) -> Result<RecordNumber, StoreError> {
        let today = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let schedule = self.open.schedule();
        let retention = schedule.retention_for(RecordKind::Traffic, Purpose::Oversight, today);
        records::open_new(self.open, self.way.organisation, retention)
    }

    fn threads(&self, rows: &[Row]) -> Result<Vec<Thread>, StoreError> {
        let one = |row| {
            let cells = Cells::new(self.open, OPEN, "conversation", row);
            Ok(Thread {
                incarnation: Incarnation::from_bytes(cells.bytes("life")?),
                conversation: Conversation::from_bytes(cells.bytes("conversation")?),
            })
        };
        rows.iter().map(one).collect()
    }

    fn insert_open(
        &self,
        thread: &Thread,
        sequence: u64,
        open: &OpenMessage,
    ) -> Result<(), StoreError> {
        let record = self.open_record()?;
        let id: [u8; 16] = self.open.random();
        let blind = blind(self.open, self.way.organisation, &open.message);
        let heading = Heading {
            message: open.message,
            conversation: thread.conversation,
            queued: open.queued,
            parts: open.count,
            peer: self.way.peer.clone(),
        };
        let heading = heading.seal(self.open, OPEN, record, &id)?;
        self.open
            .execute(
                "INSERT INTO exchange_open
                     (id, organisation, peer, life, conversation, sequence, record_number, message,
                      queued_s, count, arrived, heading, written_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                &[
                    (&id).into(),
                    self.organisation(),
                    self.peer(),
                    thread.incarnation.as_bytes().into(),
                    thread.conversation.as_bytes().into(),
                    integer(sequence).into(),
                    records::value(record),
                    (&blind).into(),
                    integer(open.queued.seconds()).into(),
                    i64::from(open.count).into(),
                    open.arrived.as_bytes().into(),
                    (&heading).into(),
                    self.open.written_by().into(),
                ],
            )
            .map(drop)
    }

    fn insert_void(
        &self,
        thread: &Thread,
        sequence: u64,
        queued: Moment,
    ) -> Result<(), StoreError> {
        let [organisation, peer, life, conversation, sequence] = self.at(thread, sequence);
        let (queued, by) = (integer(queued.seconds()).into(), self.open.written_by().into());
        self.open
            .execute(
                "INSERT INTO exchange_void
                     (organisation, peer, life, conversation, sequence, queued_s, written_by)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[organisation, peer, life, conversation, sequence, queued, by],
            )
            .map(drop)
    }
}

impl Inbox for InboxRows<'_, '_> {
    type Error = StoreError;

    fn newest(&mut self) -> Result<Option<Incarnation>, StoreError> {
        Ok(peers::state(self.open, self.way)?.life)
    }

    fn set_newest(&mut self, incarnation: Incarnation) -> Result<(), StoreError> {
        peers::set_life(self.open, self.way, incarnation)
    }

    fn next(&mut self, thread: &Thread) -> Result<u64, StoreError> {
        let row = self.open.row(
            "SELECT conversation, next FROM exchange_thread
             WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4",
            &self.of(thread),
        )?;
        row.map_or(Ok(1), |row| Cells::new(self.open, THREAD, "conversation", &row).count("next"))
    }

    fn set_next(&mut self, thread: &Thread, sequence: u64) -> Result<(), StoreError> {
        let [organisation, peer, life, conversation, next] = self.at(thread, sequence);
        self.open
            .execute(
                "INSERT INTO exchange_thread
                     (organisation, peer, life, conversation, next, written_by)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (organisation, peer, life, conversation) DO UPDATE SET
                     next = excluded.next, written_by = excluded.written_by",
                &[organisation, peer, life, conversation, next, self.open.written_by().into()],
            )
            .map(drop)
    }

    fn was_delivered(&mut self, message: &MessageDigest) -> Result<bool, StoreError> {
        let blind = blind(self.open, self.way.organisation, message);
        let row = self.open.row(
            "SELECT message FROM exchange_delivered
             WHERE organisation = $1 AND peer = $2 AND message = $3",
            &[self.organisation(), self.peer(), (&blind).into()],
        )?;
        Ok(row.is_some())
    }

    fn deliver(&mut self, delivery: Delivery) -> Result<(), StoreError> {
        let traffic = Traffic::Delivered { from: self.way.peer.clone(), message: delivery.message };
        let record = self.record_of(&delivery.message)?;
        let record = note(self.open, self.clock, self.way.organisation, record, traffic)?;
        received::put(self.open, self.clock, self.way, record, &delivery)?;
        let blind = blind(self.open, self.way.organisation, &delivery.message);
        self.open
            .execute(
                "INSERT INTO exchange_delivered (organisation, peer, message, queued_s, written_by)
                 VALUES ($1, $2, $3, $4, $5)",
                &[
                    self.organisation(),
                    self.peer(),
                    (&blind).into(),
                    integer(delivery.queued.seconds()).into(),
                    self.open.written_by().into(),
                ],
            )
            .map(drop)
    }

    fn forget_delivered(&mut self, queued_before: Moment) -> Result<(), StoreError> {
        self.open
            .execute(
                "DELETE FROM exchange_delivered
                 WHERE organisation = $1 AND peer = $2 AND queued_s < $3",
                &[self.organisation(), self.peer(), integer(queued_before.seconds()).into()],
            )
            .map(drop)
    }

    fn open_parts(&mut self) -> Result<u64, StoreError> {
        let row = self.open.row(
            "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) AS parts FROM exchange_open
             WHERE organisation = $1 AND peer = $2",
            &[self.organisation(), self.peer()],
        )?;
        row.map_or(Ok(0), |row| Cells::new(self.open, OPEN, "parts", &row).count("parts"))
    }

    fn open(&mut self, thread: &Thread, sequence: u64) -> Result<Option<OpenMessage>, StoreError> {
        let of = self.at(thread, sequence);
        let row = self.open.row(
            "SELECT * FROM exchange_open
             WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4
                 AND sequence = $5",
            &of,
        )?;
        if let Some(row) = row {
            let cells = Cells::new(self.open, OPEN, "id", &row);
            let heading = Heading::agreeing(&cells, self.way)?;
            if cells.count("count")? != u64::from(heading.parts) {
                return Err(cells.bad("count"));
            }
            return Ok(Some(OpenMessage {
                message: heading.message,
                queued: heading.queued,
                count: heading.parts,
                arrived: PartSet::from_bytes(cells.bytes("arrived")?),
            }));
        }
        let row = self.open.row(
            "SELECT conversation, queued_s FROM exchange_void
             WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4
                 AND sequence = $5",
            &of,
        )?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::new(self.open, "exchange_void", "conversation", &row);
        Ok(Some(OpenMessage {
            message: MessageDigest::from_bytes([0; 32]),
            queued: seconds(&cells, "queued_s")?,
            count: 0,
            arrived: PartSet::NONE,
        }))
    }

    fn set_open(
        &mut self,
        thread: &Thread,
        sequence: u64,
        open: &OpenMessage,
    ) -> Result<(), StoreError> {
        let known = self.open(thread, sequence)?;
        let same = known.is_some_and(|known| {
            known.count > 0
                && (known.message, known.queued, known.count)
                    == (open.message, open.queued, open.count)
        });
        if same {
            let [organisation, peer, life, conversation, sequence] = self.at(thread, sequence);
            let (arrived, by) = (open.arrived.as_bytes().into(), self.open.written_by().into());
            return self
                .open
                .execute(
                    "UPDATE exchange_open SET arrived = $6, written_by = $7
                     WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4
                         AND sequence = $5",
                    &[organisation, peer, life, conversation, sequence, arrived, by],
                )
                .map(drop);
        }
        self.remove_open(thread, sequence)?;
        if open.count == 0 {
            self.insert_void(thread, sequence, open.queued)
        } else {
            self.insert_open(thread, sequence, open)
        }
    }

    fn remove_open(&mut self, thread: &Thread, sequence: u64) -> Result<(), StoreError> {
        let of = self.at(thread, sequence);
        if let Some(record) = self.record_at(thread, sequence)? {
            let parts = [records::value(record)];
            self.open.execute("DELETE FROM exchange_part WHERE record_number = $1", &parts)?;
            self.open.execute(
                "DELETE FROM exchange_open
                 WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4
                     AND sequence = $5",
                &of,
            )?;
        }
        self.open
            .execute(
                "DELETE FROM exchange_void
                 WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4
                     AND sequence = $5",
                &of,
            )
            .map(drop)
    }

    fn open_in(&mut self, thread: &Thread) -> Result<Vec<u64>, StoreError> {
        let rows = self.open.query(
            "SELECT sequence FROM exchange_open
             WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4
             UNION
             SELECT sequence FROM exchange_void
             WHERE organisation = $1 AND peer = $2 AND life = $3 AND conversation = $4
             ORDER BY sequence",
            &self.of(thread),
        )?;
        let sequence = |row| Cells::new(self.open, OPEN, "sequence", row).count("sequence");
        rows.iter().map(sequence).collect()
    }

    fn threads_with_older(&mut self, queued_before: Moment) -> Result<Vec<Thread>, StoreError> {
        let rows = self.open.query(
            "SELECT life, conversation FROM exchange_open
             WHERE organisation = $1 AND peer = $2 AND queued_s < $3
             UNION
             SELECT life, conversation FROM exchange_void
             WHERE organisation = $1 AND peer = $2 AND queued_s < $3
             ORDER BY life, conversation",
            &[self.organisation(), self.peer(), integer(queued_before.seconds()).into()],
        )?;
        self.threads(&rows)
    }

    fn threads_before(&mut self, incarnation: Incarnation) -> Result<Vec<Thread>, StoreError> {
        let rows = self.open.query(
            "SELECT life, conversation FROM exchange_open
             WHERE organisation = $1 AND peer = $2 AND life < $3
             UNION
             SELECT life, conversation FROM exchange_void
             WHERE organisation = $1 AND peer = $2 AND life < $3
             ORDER BY life, conversation",
            &[self.organisation(), self.peer(), incarnation.as_bytes().into()],
        )?;
        self.threads(&rows)
    }

    fn part(
        &mut self,
        thread: &Thread,
        sequence: u64,
        number: u16,
    ) -> Result<Option<Payload>, StoreError> {
        let Some(record) = self.record_at(thread, sequence)? else { return Ok(None) };
        let id = part_id(record, number);
        let row = self
            .open
            .row("SELECT id, content FROM exchange_part WHERE id = $1", &[(&id).into()])?;
        let Some(row) = row else { return Ok(None) };
        let opened = Cells::new(self.open, PART, "id", &row).sealed(record, "content")?;
        Ok(opened.map(|part| Payload::new(part.to_vec())))
    }

    fn set_part(
        &mut self,
        thread: &Thread,
        sequence: u64,
        number: u16,
        part: &Payload,
    ) -> Result<(), StoreError> {
        let record = self.record_at(thread, sequence)?;
        let record = record.ok_or(StoreError::Overtaken { what: "message" })?;
        let id = part_id(record, number);
        let place = Place { table: PART, row: &id, column: "content" };
        let sealed = self.open.seal(record, &place, part)?;
        self.open
            .execute(
                "INSERT INTO exchange_part (id, organisation, record_number, content, written_by)
                 VALUES ($1, $2, $3, $4, $5)",
                &[
                    (&id).into(),
                    self.organisation(),
                    records::value(record),
                    (&sealed).into(),
                    self.open.written_by().into(),
                ],
            )
            .map(drop)
    }
}
