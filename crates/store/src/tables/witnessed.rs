//! What this node, as a witness, has seen of others' logs. It never goes back.

use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use portcullis_audit::{AddCheckpoint, Digest, Seen};
use portcullis_types::OrganisationId;

/// The last checkpoint of a log that was cosigned here.
pub(crate) fn seen(
    open: &Open<'_>,
    organisation: &OrganisationId,
    origin: &str,
) -> Result<Option<Seen>, StoreError> {
    open.row(
        "SELECT origin, size, root FROM witnessed WHERE organisation = $1 AND origin = $2",
        &[organisation.as_str().into(), origin.into()],
    )?
    .map(|row| {
        let cells = Cells::new(open, "witnessed", "origin", &row);
        Ok(Seen { size: cells.count("size")?, root: Digest::new(cells.bytes("root")?) })
    })
    .transpose()
}

/// Keeps what was seen, with the checkpoint as the log signed it: evidence, should it ever sign
/// another.
pub(crate) fn put(
    open: &Open<'_>,
    organisation: &OrganisationId,
    origin: &str,
    seen: Seen,
    request: &[u8],
) -> Result<(), StoreError> {
    let note = AddCheckpoint::parse(request).map(|request| request.checkpoint.to_string());
    let note = note.unwrap_or_default();
    open.execute(
        "INSERT INTO witnessed (origin, organisation, size, root, note, written_by)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organisation, origin) DO UPDATE SET
             size = excluded.size, root = excluded.root, note = excluded.note,
             written_by = excluded.written_by",
        &[
            origin.into(),
            organisation.as_str().into(),
            integer(seen.size).into(),
            seen.root.as_bytes().into(),
            note.as_str().into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}
