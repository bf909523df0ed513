//! Events: appended, never changed.

use super::Open;
use crate::StoreError;
use portcullis_types::{Event, OrganisationId};
use rusqlite::params;

pub(super) fn append(open: &Open<'_>, event: &Event) -> Result<(), StoreError> {
    open.execute(
        "INSERT INTO event (id, organisation, kind, at_us, bytes, written_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            event.id.as_bytes().as_slice(),
            event.organisation.as_str(),
            event.kind.as_str(),
            event.at.timestamp().as_microsecond(),
            event.to_bytes(),
            open.written_by(),
        ],
    )
    .map(drop)
}

pub(super) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<Event>, StoreError> {
    open.rows(
        "event",
        "SELECT position, id, organisation, kind, at_us, bytes FROM event
         WHERE organisation = ?1 ORDER BY position",
        [organisation.as_str()],
        |cells| {
            let event = cells.make("bytes", |bytes: Vec<u8>| Event::from_bytes(&bytes).ok())?;
            // The copies exist to search by; one that differs from the bytes would hide the event.
            if cells.bytes("id")? != *event.id.as_bytes() {
                return Err(cells.bad("id"));
            }
            if cells.raw::<String>("kind")? != event.kind.as_str() {
                return Err(cells.bad("kind"));
            }
            if cells.event_time("at_us")? != event.at {
                return Err(cells.bad("at_us"));
            }
            if event.organisation != *organisation {
                return Err(cells.bad("organisation"));
            }
            Ok(event)
        },
    )
}
