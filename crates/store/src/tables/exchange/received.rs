//! Messages of others that came as a whole, until they are handled.

use super::heading::Heading;
use super::{Way, contents, moment, seconds};
use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::tables::records;
use portcullis_exchange::incoming::Delivery;
use portcullis_exchange::{Conversation, MessageDigest, Payload};
use portcullis_federation::Moment;
use portcullis_keys::RecordNumber;
use portcullis_types::{Clock, OrganisationId};

const TABLE: &str = "exchange_inbox";

/// A message of another organisation that is to be handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// In which order they came: of one conversation as they were said.
    pub position: u64,
    /// Whose it is, by its id in the member list.
    pub peer: OrganisationId,
    /// In which conversation.
    pub conversation: Conversation,
    /// Which message.
    pub message: MessageDigest,
    /// When its sender queued it, by its own clock.
    pub queued: Moment,
    /// When it had its turn here.
    pub arrived: Moment,
    /// What it says.
    pub content: Payload,
}

/// Keeps a message until it is handled.
pub(super) fn put(
    open: &Open<'_>,
    clock: &dyn Clock,
    way: Way<'_>,
    record: RecordNumber,
    delivery: &Delivery,
) -> Result<(), StoreError> {
    contents::put(open, way.organisation, record, &delivery.content)?;
    let parts = delivery.content.len().div_ceil(portcullis_exchange::PART_BYTES);
    let heading = Heading {
        message: delivery.message,
        conversation: delivery.conversation,
        queued: delivery.queued,
        parts: u16::try_from(parts).unwrap_or(u16::MAX),
        peer: way.peer.clone(),
    };
    let id: [u8; 16] = open.random();
    let heading = heading.seal(open, TABLE, record, &id)?;
    open.execute(
        "INSERT INTO exchange_inbox
             (id, organisation, record_number, arrived_s, heading, written_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            (&id).into(),
            way.organisation.as_str().into(),
            records::value(record),
            integer(moment(clock)?.seconds()).into(),
            (&heading).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// The messages that are to be handled, after a position, so many at most.
pub(crate) fn after(
    open: &Open<'_>,
    organisation: &OrganisationId,
    position: u64,
    most: usize,
) -> Result<Vec<Arrival>, StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = open.query(
        "SELECT * FROM exchange_inbox WHERE organisation = $1 AND position > $2
         ORDER BY position LIMIT $3",
        &[organisation.as_str().into(), integer(position).into(), most.into()],
    )?;
    let one = |row| {
        let cells = Cells::new(open, TABLE, "id", row);
        let heading = Heading::of(&cells)?;
        let (content, parts) = contents::get(open, cells.record_number("record_number")?)?;
        if parts != heading.parts {
            return Err(cells.bad("heading"));
        }
        Ok(Arrival {
            position: cells.count("position")?,
            peer: heading.peer,
            conversation: heading.conversation,
            message: heading.message,
            queued: heading.queued,
            arrived: seconds(&cells, "arrived_s")?,
            content,
        })
    };
    rows.iter().map(one).collect()
}

/// It was handled: takes it away with what it says.
pub(crate) fn handled(
    open: &Open<'_>,
    organisation: &OrganisationId,
    position: u64,
) -> Result<(), StoreError> {
    let of = [organisation.as_str().into(), integer(position).into()];
    let row = open.row(
        "SELECT id, record_number FROM exchange_inbox WHERE organisation = $1 AND position = $2",
        &of,
    )?;
    let row = row.ok_or(StoreError::Overtaken { what: "message" })?;
    let record = Cells::new(open, TABLE, "id", &row).record_number("record_number")?;
    contents::remove(open, record)?;
    open.execute("DELETE FROM exchange_inbox WHERE organisation = $1 AND position = $2", &of)
        .map(drop)
}

/// How many wait to be handled, and since when.
pub(crate) fn waiting(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<(u64, Option<Moment>), StoreError> {
    let row = open.row(
        "SELECT count(*) AS number, min(arrived_s) AS oldest FROM exchange_inbox
         WHERE organisation = $1",
        &[organisation.as_str().into()],
    )?;
    let Some(row) = row else { return Ok((0, None)) };
    let cells = Cells::new(open, TABLE, "number", &row);
    let oldest = cells.make("oldest", |oldest: Option<i64>| match oldest {
        None => Some(None),
        Some(at) => u64::try_from(at).ok().and_then(Moment::new).map(Some),
    })?;
    Ok((cells.count("number")?, oldest))
}
