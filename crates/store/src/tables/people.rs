//! People, what they sign in with, and what volunteers hand in.
//!
//! What a row says is one sealed cell, `details`; what stands in the clear beside it is there to search
//! by, and a row where the two differ is refused.

pub(crate) mod credentials;
pub(crate) mod links;
pub(crate) mod office;
pub(crate) mod proposals;
pub(crate) mod sessions;
pub(crate) mod tokens;

use super::records;
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::engine::{Row, Value};
use jiff::tz::TimeZone;
use portcullis_decide::people::PersonState;
use portcullis_decide::{Change, RecordKind};
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::{OfficerId, OrganisationId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// What a row says.
pub(crate) trait Kept: Serialize + DeserializeOwned {
    /// The table.
    const TABLE: &'static str;

    /// The id of the row.
    fn id(&self) -> &[u8];
}

/// What a row says, sealed for it.
fn sealed<T: Kept>(open: &Open<'_>, record: RecordNumber, kept: &T) -> Result<Vec<u8>, StoreError> {
    let text = serde_json::to_vec(kept).map(Zeroizing::new);
    let text = text.expect("texts, numbers and maps with texts as keys");
    let place = Place { table: T::TABLE, row: kept.id(), column: "details" };
    open.seal(record, &place, &text)
}

/// What a row says; none where the record was erased. `agrees` compares it with what stands in the
/// clear beside it, and names the column that differs.
fn kept<T: Kept>(
    open: &Open<'_>,
    row: &Row,
    agrees: impl FnOnce(&T, &Cells<'_>) -> Result<Option<&'static str>, StoreError>,
) -> Result<Option<T>, StoreError> {
    let cells = Cells::new(open, T::TABLE, "id", row);
    let record = cells.record_number("record_number")?;
    let Some(plain) = cells.sealed(record, "details")? else { return Ok(None) };
    let kept: T = serde_json::from_slice(&plain).map_err(|_| cells.bad("details"))?;
    if kept.id() != cells.raw::<Vec<u8>>("id")?.as_slice() {
        return Err(cells.bad("id"));
    }
    match agrees(&kept, &cells)? {
        None => Ok(Some(kept)),
        Some(column) => Err(cells.bad(column)),
    }
}

/// All that these rows say.
fn all<T: Kept>(
    open: &Open<'_>,
    rows: &[Row],
    mut agrees: impl FnMut(&T, &Cells<'_>) -> Result<Option<&'static str>, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.extend(kept(open, row, &mut agrees)?);
    }
    Ok(found)
}

/// The column that differs, where one does.
fn differs(column: &'static str, same: bool) -> Option<&'static str> {
    (!same).then_some(column)
}

/// The record of a row, of the table of what it says.
fn record_of(
    open: &Open<'_>,
    table: &'static str,
    sql: &'static str,
    values: &[Value<'_>],
    what: &'static str,
) -> Result<RecordNumber, StoreError> {
    let row = open.row(sql, values)?.ok_or(StoreError::Overtaken { what })?;
    Cells::new(open, table, "id", &row).record_number("record_number")
}

/// The record of a person.
fn record_of_person(
    open: &Open<'_>,
    organisation: &OrganisationId,
    officer: &OfficerId,
) -> Result<RecordNumber, StoreError> {
    record_of(
        open,
        "person",
        "SELECT id, record_number FROM person WHERE organisation = $1 AND account = $2",
        &[organisation.as_str().into(), officer.as_str().into()],
        "person",
    )
}

/// Opens a record of another kind than the change's own: one event may make several.
fn open_beside<T>(
    open: &Open<'_>,
    organisation: &OrganisationId,
    change: &Change<T>,
    kind: RecordKind,
) -> Result<RecordNumber, StoreError> {
    let event = change.event();
    let day = event.at.timestamp().to_zoned(TimeZone::UTC).date();
    let retention = open.schedule().retention_for(kind, event.purpose, day);
    records::open_new(open, organisation, retention)
}

/// Whether this record is of a person who is still there.
pub(crate) fn is_in_office(
    open: &Open<'_>,
    organisation: &OrganisationId,
    number: i64,
) -> Result<bool, StoreError> {
    let row = open.row(
        "SELECT id FROM person
         WHERE record_number = $1 AND organisation = $2 AND state <> $3 AND details IS NOT NULL",
        &[number.into(), organisation.as_str().into(), PersonState::Left.code().into()],
    )?;
    Ok(row.is_some())
}
