//! Rows as a reader goes through them: label by label, those that he sees. What he doesn't see is not
//! passed over, so that however much of it there is costs him no time (THREATS T-39).

use super::records;
use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::engine::{FromCell, Row, Value};
use portcullis_keys::RecordNumber;
use portcullis_types::OrganisationId;
use std::cmp::Reverse;

/// A statement over the rows of an organisation, `$1`, in two forms.
pub(crate) struct ByLabel {
    /// Whatever they bear; `$2` is NULL.
    pub(crate) every: &'static str,
    /// Those under the label `$2`.
    pub(crate) one: &'static str,
}

/// A statement in which this row bears a label and `v` is its record. The row's own number finds it;
/// the record's is what counts.
macro_rules! by_label {
    ($before:expr, $row:literal, $after:expr) => {
        $crate::tables::by_label::ByLabel {
            every: concat!($before, "CAST($2 AS BIGINT) IS NULL", $after),
            one: concat!($before, $row, ".bears = $2 AND coalesce(v.label, 0) = $2", $after),
        }
    };
}

pub(crate) use by_label;

/// The rows of what the reader sees, those under one label after those under another. Values from `$3`
/// on follow.
pub(crate) fn rows(
    open: &Open<'_>,
    statement: &ByLabel,
    organisation: &OrganisationId,
    further: &[Value<'_>],
) -> Result<Vec<Row>, StoreError> {
    let ask =
        |sql, label| open.query(sql, &[&[organisation.as_str().into(), label], further].concat());
    let Some(labels) = open.visible().numbers() else { return ask(statement.every, Value::Null) };
    let mut rows = Vec::new();
    for label in labels {
        rows.append(&mut ask(statement.one, label.into())?);
    }
    Ok(rows)
}

/// The sum of what is counted under each label.
pub(crate) fn count(
    open: &Open<'_>,
    table: &'static str,
    statement: &ByLabel,
    organisation: &OrganisationId,
) -> Result<u64, StoreError> {
    rows(open, statement, organisation, &[])?.iter().try_fold(0_u64, |sum, row| {
        Ok(sum.saturating_add(Cells::new(open, table, "number", row).count("number")?))
    })
}

/// A page of rows under several labels, of each of which the first so many are there: the latest first.
pub(crate) fn latest(rows: &mut Vec<Row>, (at, id): (&str, &str), most: u16) {
    let bytes = |row: &Row| row.cell(id).and_then(Vec::<u8>::from_cell);
    rows.sort_by_cached_key(|row| Reverse((number(row, at), bytes(row))));
    rows.truncate(most.into());
}

/// A number in a row, to put rows in order by.
pub(crate) fn number(row: &Row, column: &str) -> Option<i64> {
    row.cell(column).and_then(i64::from_cell)
}

/// Has what is in a record be found under the label that the record bears now.
pub(crate) fn follow(
    open: &Open<'_>,
    record: RecordNumber,
    label: RecordNumber,
) -> Result<(), StoreError> {
    for sql in [
        "UPDATE raised SET bears = $1, written_by = $2 WHERE record_number = $3",
        "UPDATE decision SET bears = $1, written_by = $2 WHERE record_number = $3",
        "UPDATE list SET bears = $1, written_by = $2 WHERE record_number = $3",
        "UPDATE event SET bears = $1, written_by = $2 WHERE record = $3 AND bears IS NOT NULL",
    ] {
        let label = integer(label.value()).into();
        open.execute(sql, &[label, open.written_by().into(), records::value(record)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
