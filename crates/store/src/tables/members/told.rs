//! What events tell of the member list. Whoever takes rows away can't take them out of the log.

use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::tables::events;
use portcullis_types::{Detail, Details, OrganisationId};

/// A list, by federation, version and digest.
pub(crate) type Named = (String, u64, Vec<u8>);

/// The kind of event that tells of a list which was taken.
pub(crate) const ACCEPTED: &str = "members.list-accepted";

/// Which list the details of an event name.
pub(crate) fn named(details: &Details) -> Option<Named> {
    match (details.get("federation"), details.get("version"), details.get("list")) {
        (
            Some(Detail::Text(federation)),
            Some(Detail::Number(version)),
            Some(Detail::Bytes(digest)),
        ) => Some((federation.reveal().to_owned(), *version, digest.clone())),
        _ => None,
    }
}

/// The list that was taken last, as its event has it.
pub(crate) fn last_accepted(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Option<Named>, StoreError> {
    let rows = open.query(
        "SELECT e.position, e.id, e.record, e.commitment, e.sealed
         FROM record v JOIN event e ON e.record = v.number
         WHERE v.organisation = $1 AND v.kind = 'log' ORDER BY e.position DESC",
        &[organisation.as_str().into()],
    )?;
    for row in &rows {
        let stored = events::stored(&Cells::new(open, "event", "id", row), organisation)?;
        let event = stored.map(|stored| stored.event);
        if let Some(event) = event.filter(|event| event.kind.as_str() == ACCEPTED) {
            return Ok(named(&event.details));
        }
    }
    Ok(None)
}
