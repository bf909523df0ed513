//! Events: appended with the leaf that commits to them. What one says never changes; it goes when its
//! record is erased.

use super::records;
use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use portcullis_audit::{Commitment, Salt, commit};
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::{Event, EventId, OrganisationId};

/// Bytes of salt before the bytes of the event.
const SALT_BYTES: usize = 32;

/// Rows read at a time.
const PAGE: i64 = 1_000;

pub(crate) fn append(
    open: &Open<'_>,
    event: &Event,
    record: RecordNumber,
) -> Result<(), StoreError> {
    let salt: [u8; SALT_BYTES] = open.random();
    let bytes = event.to_bytes();
    let commitment = commit(&Salt::new(salt), &bytes);
    let plain = zeroize::Zeroizing::new([salt.as_slice(), &bytes].concat());
    let id = event.id.as_bytes();
    let place = Place { table: "event", row: id, column: "sealed" };
    let sealed = open.seal(record, &place, &plain)?;
    let row = open.row(
        "INSERT INTO event (id, organisation, record, commitment, sealed, written_by, bears)
         VALUES ($1, $2, $3, $4, $5, $6,
             (SELECT coalesce(v.label, 0) FROM record v
              WHERE v.number = $3 AND v.kind IN ('decision', 'screening', 'list-history')))
         RETURNING position",
        &[
            id.into(),
            event.organisation.as_str().into(),
            records::value(record),
            commitment.as_bytes().into(),
            (&sealed).into(),
            open.written_by().into(),
        ],
    )?;
    let position = match &row {
        Some(row) => Cells::new(open, "event", "position", row).count("position")?,
        None => 0,
    };
    open.execute(
        "INSERT INTO leaf_waiting (position, organisation, written_by) VALUES ($1, $2, $3)",
        &[integer(position).into(), event.organisation.as_str().into(), open.written_by().into()],
    )?;
    open.wrote_event(position);
    Ok(())
}

/// An event as the store keeps it, with what opens its leaf.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its position in the store, from 1.
    pub position: u64,
    /// The event.
    pub event: Event,
    /// The salt of its leaf.
    pub salt: Salt,
    /// Its leaf.
    pub commitment: Commitment,
}

/// The events after a position, oldest first, at most a page of them; and the position to go on
/// from, unless these are the last. Erased ones are left out.
pub(crate) fn after(
    open: &Open<'_>,
    organisation: &OrganisationId,
    position: u64,
) -> Result<(Vec<StoredEvent>, Option<u64>), StoreError> {
    let rows = open.query(
        "SELECT position, id, record, commitment, sealed FROM event
         WHERE organisation = $1 AND position > $2 ORDER BY position LIMIT $3",
        &[organisation.as_str().into(), integer(position).into(), PAGE.into()],
    )?;
    let mut events = Vec::with_capacity(rows.len());
    let mut last = position;
    for row in &rows {
        let cells = Cells::new(open, "event", "id", row);
        last = cells.count("position")?;
        if let Some(event) = stored(&cells, organisation)? {
            events.push(event);
        }
    }
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == PAGE;
    Ok((events, full.then_some(last)))
}

/// An event; none where there is none or it was erased.
pub(crate) fn one(
    open: &Open<'_>,
    organisation: &OrganisationId,
    id: EventId,
) -> Result<Option<StoredEvent>, StoreError> {
    let row = open.row(
        "SELECT position, id, record, commitment, sealed FROM event
         WHERE organisation = $1 AND id = $2",
        &[organisation.as_str().into(), id.as_bytes().into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    stored(&Cells::new(open, "event", "id", &row), organisation)
}

/// The events in a record, oldest first.
pub(crate) fn of_record(
    open: &Open<'_>,
    organisation: &OrganisationId,
    record: RecordNumber,
) -> Result<Vec<Event>, StoreError> {
    let rows = open.query(
        "SELECT position, id, record, commitment, sealed FROM event
         WHERE organisation = $1 AND record = $2 ORDER BY position",
        &[organisation.as_str().into(), records::value(record)],
    )?;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        let cells = Cells::new(open, "event", "id", row);
        events.extend(stored(&cells, organisation)?.map(|stored| stored.event));
    }
    Ok(events)
}

/// All events, oldest first, without those that were erased.
pub(crate) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<Event>, StoreError> {
    let mut events = Vec::new();
    let mut next = Some(0);
    while let Some(position) = next {
        let (page, further) = after(open, organisation, position)?;
        events.extend(page.into_iter().map(|stored| stored.event));
        next = further;
    }
    Ok(events)
}

pub(crate) fn stored(
    cells: &Cells<'_>,
    organisation: &OrganisationId,
) -> Result<Option<StoredEvent>, StoreError> {
    let record = cells.record_number("record")?;
    let Some(plain) = cells.sealed(record, "sealed")? else { return Ok(None) };
    let bad = || cells.bad("sealed");
    let (salt, bytes) = plain.split_first_chunk::<SALT_BYTES>().ok_or_else(bad)?;
    let event = Event::from_bytes(bytes).map_err(|_| bad())?;
    // The copies exist to search by; one that differs from the bytes would hide the event.
    if cells.bytes("id")? != *event.id.as_bytes() {
        return Err(cells.bad("id"));
    }
    if event.organisation != *organisation {
        return Err(cells.bad("organisation"));
    }
    let salt = Salt::new(*salt);
    let commitment = cells.make("commitment", |bytes: Vec<u8>| Commitment::from_entry(&bytes))?;
    if commit(&salt, bytes) != commitment {
        return Err(cells.bad("commitment"));
    }
    Ok(Some(StoredEvent { position: cells.count("position")?, event, salt, commitment }))
}

/// The position of the last event; 0 where there is none.
pub(crate) fn last_position(open: &Open<'_>) -> Result<u64, StoreError> {
    let row = open.row("SELECT coalesce(max(position), 0) AS position FROM event", &[])?;
    row.map_or(Ok(0), |row| Cells::new(open, "event", "position", &row).count("position"))
}
