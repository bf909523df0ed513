//! Jobs that come again and again.

use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use jiff::Timestamp;
use portcullis_types::{JobName, OrganisationId};

/// The moment for which a job that comes again and again was last enqueued.
pub(crate) fn last(
    open: &Open<'_>,
    organisation: &OrganisationId,
    kind: &JobName,
) -> Result<Option<Timestamp>, StoreError> {
    open.row(
        "SELECT kind, last_us FROM scheduled WHERE organisation = $1 AND kind = $2",
        &[organisation.as_str().into(), kind.as_str().into()],
    )?
    .map(|row| Cells::new(open, "scheduled", "kind", &row).timestamp("last_us"))
    .transpose()
}

/// Notes that moment.
pub(crate) fn put(
    open: &Open<'_>,
    organisation: &OrganisationId,
    kind: &JobName,
    moment: Timestamp,
) -> Result<(), StoreError> {
    open.execute(
        "INSERT INTO scheduled (organisation, kind, last_us, written_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organisation, kind) DO UPDATE SET
             last_us = excluded.last_us, written_by = excluded.written_by",
        &[
            organisation.as_str().into(),
            kind.as_str().into(),
            moment.as_microsecond().into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}
