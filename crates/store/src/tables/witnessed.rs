//! What this node, as a witness, has seen of others' logs. It never goes back.

use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use portcullis_audit::{Digest, Seen};
use portcullis_types::OrganisationId;

/// What is known of the last checkpoint of a log that was cosigned here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) seen: Seen,
    /// No: it comes from a backup, and this node may have cosigned more since.
    pub(crate) confirmed: bool,
}

/// The last checkpoint of a log that was cosigned here, for whatever organisation: all of them cosign
/// with one key, so what it stands for is one history.
pub(crate) fn seen(open: &Open<'_>, origin: &str) -> Result<Option<Known>, StoreError> {
    open.row(
        "SELECT origin, size, root, confirmed FROM witnessed WHERE origin = $1
         ORDER BY size DESC, confirmed DESC LIMIT 1",
        &[origin.into()],
    )?
    .map(|row| {
        let cells = Cells::new(open, "witnessed", "origin", &row);
        let seen = Seen { size: cells.count("size")?, root: Digest::new(cells.bytes("root")?) };
        Ok(Known { seen, confirmed: cells.raw::<i64>("confirmed")? == 1 })
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
    note: &str,
) -> Result<(), StoreError> {
    open.execute(
        "INSERT INTO witnessed (origin, organisation, size, root, note, confirmed, written_by)
         VALUES ($1, $2, $3, $4, $5, 1, $6)
         ON CONFLICT (organisation, origin) DO UPDATE SET
             size = excluded.size, root = excluded.root, note = excluded.note,
             confirmed = excluded.confirmed, written_by = excluded.written_by",
        &[
            origin.into(),
            organisation.as_str().into(),
            integer(seen.size).into(),
            seen.root.as_bytes().into(),
            note.into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}
