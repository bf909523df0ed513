//! What messages say, cut into parts so that no row is large.

use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::tables::records;
use portcullis_exchange::{PART_BYTES, Payload};
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::OrganisationId;
use zeroize::Zeroizing;

const TABLE: &str = "exchange_content";

/// The id of a part: of the record, and as which part, from 1.
pub(super) fn part_id(record: RecordNumber, number: u16) -> [u8; 10] {
    let mut id = [0; 10];
    let both = record.value().to_be_bytes().into_iter().chain(number.to_be_bytes());
    id.iter_mut().zip(both).for_each(|(byte, from)| *byte = from);
    id
}

/// Keeps what the message of a record says.
pub(super) fn put(
    open: &Open<'_>,
    organisation: &OrganisationId,
    record: RecordNumber,
    content: &Payload,
) -> Result<(), StoreError> {
    for (number, part) in (1_u16..).zip(content.chunks(PART_BYTES)) {
        let id = part_id(record, number);
        let place = Place { table: TABLE, row: &id, column: "content" };
        let sealed = open.seal(record, &place, part)?;
        open.execute(
            "INSERT INTO exchange_content (id, organisation, record_number, content, written_by)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                (&id).into(),
                organisation.as_str().into(),
                records::value(record),
                (&sealed).into(),
                open.written_by().into(),
            ],
        )?;
    }
    Ok(())
}

/// What the message of a record says, and in how many parts it is kept.
pub(super) fn get(open: &Open<'_>, record: RecordNumber) -> Result<(Payload, u16), StoreError> {
    let rows = open.query(
        "SELECT id, content FROM exchange_content WHERE record_number = $1 ORDER BY id",
        &[records::value(record)],
    )?;
    let mut content = Zeroizing::new(Vec::with_capacity(rows.len().saturating_mul(PART_BYTES)));
    let mut parts = 0_u16;
    for row in &rows {
        let cells = Cells::new(open, TABLE, "id", row);
        parts = parts.saturating_add(1);
        // Parts that are missing or doubled would make another message.
        if cells.bytes("id")? != part_id(record, parts) {
            return Err(cells.bad("id"));
        }
        let part = cells.sealed(record, "content")?.ok_or(StoreError::Erased)?;
        content.extend_from_slice(&part);
    }
    Ok((Payload::from(content), parts))
}

/// Takes it away.
pub(super) fn remove(open: &Open<'_>, record: RecordNumber) -> Result<(), StoreError> {
    let of = [records::value(record)];
    open.execute("DELETE FROM exchange_content WHERE record_number = $1", &of).map(drop)
}
