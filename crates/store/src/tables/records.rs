//! Records: what is kept, reviewed and erased as one, under a key of its own.

use crate::cells::Cells;
use crate::database::Open;
use crate::{InconsistencyError, StoreError};
use portcullis_decide::Retention;
use portcullis_keys::RecordNumber;
use portcullis_types::OrganisationId;

/// Opens a record. Its number is new: no record has it or ever had it.
pub(crate) fn open_new(
    open: &Open<'_>,
    organisation: &OrganisationId,
    retention: &Retention,
) -> Result<RecordNumber, StoreError> {
    let review_on = retention.review_on.to_string();
    let row = open.row(
        "INSERT INTO record (organisation, kind, purpose, review_on, disposal, written_by)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING number",
        &[
            organisation.as_str().into(),
            retention.kind.code().into(),
            retention.purpose.code().into(),
            review_on.as_str().into(),
            retention.disposal.code().into(),
            open.written_by().into(),
        ],
    )?;
    match row {
        Some(row) => Cells::new(open, "record", "number", &row).record_number("number"),
        None => Err(no_number()),
    }
}

fn no_number() -> StoreError {
    let row = crate::error::RowName::id(b"");
    InconsistencyError { table: "record", column: "number", row }.into()
}

/// Puts the review date of a record off, or brings it forward, as a schedule says anew.
pub(crate) fn renew(
    open: &Open<'_>,
    number: RecordNumber,
    retention: &Retention,
) -> Result<(), StoreError> {
    let review_on = retention.review_on.to_string();
    open.execute(
        "UPDATE record SET review_on = $1, disposal = $2, purpose = $3, written_by = $4
         WHERE number = $5",
        &[
            review_on.as_str().into(),
            retention.disposal.code().into(),
            retention.purpose.code().into(),
            open.written_by().into(),
            value(number),
        ],
    )
    .map(drop)
}

/// A number as a value of a statement.
pub(crate) fn value(number: RecordNumber) -> crate::engine::Value<'static> {
    crate::cells::integer(number.value()).into()
}
