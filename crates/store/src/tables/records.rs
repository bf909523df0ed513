//! Records: what is kept, reviewed and erased as one, under a key of its own.

use crate::cells::Cells;
use crate::database::Open;
use crate::engine::Row;
use crate::error::RowName;
use crate::{InconsistencyError, StoreError};
use jiff::civil::Date;
use portcullis_decide::{Disposal, HeldRecord, RecordKind, Retention};
use portcullis_keys::RecordNumber;
use portcullis_types::{OrganisationId, Purpose};

const TABLE: &str = "record";

/// Rows read at a time.
const PAGE: i64 = 500;

/// Opens a record. Its number is new: no record has it or ever had it.
pub(crate) fn open_new(
    open: &Open<'_>,
    organisation: &OrganisationId,
    retention: Retention,
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
        Some(row) => Cells::new(open, TABLE, "number", &row).record_number("number"),
        None => Err(no_number()),
    }
}

fn no_number() -> StoreError {
    InconsistencyError { table: TABLE, column: "number", row: RowName::id(b"") }.into()
}

/// Puts the review date of a record off, or brings it forward, as a schedule says anew; but never
/// before the day until which an officer keeps it.
pub(crate) fn renew(
    open: &Open<'_>,
    number: RecordNumber,
    retention: Retention,
) -> Result<(), StoreError> {
    let review_on = retention.review_on.to_string();
    open.execute(
        "UPDATE record SET
             review_on = CASE WHEN extensions > 0 AND review_on > $1 THEN review_on ELSE $1 END,
             disposal = $2, purpose = $3, written_by = $4
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

/// A record that was not erased.
pub(crate) fn held(
    open: &Open<'_>,
    organisation: &OrganisationId,
    number: portcullis_decide::RecordNumber,
) -> Result<Option<HeldRecord>, StoreError> {
    open.row(
        "SELECT * FROM record WHERE number = $1 AND organisation = $2 AND erased_at_us IS NULL",
        &[integer(number).into(), organisation.as_str().into()],
    )?
    .map(|row| made(open, organisation, &row))
    .transpose()
}

/// Some of the records that are due on a day, after a number, by their numbers; and the number to go
/// on from, unless these are the last. What is still on its way to another organisation, or waits to
/// be handled, is left out until it is not.
pub(crate) fn due(
    open: &Open<'_>,
    organisation: &OrganisationId,
    on: Date,
    after: Option<portcullis_decide::RecordNumber>,
) -> Result<(Vec<HeldRecord>, Option<portcullis_decide::RecordNumber>), StoreError> {
    let on = on.to_string();
    let rows = open.query(
        "SELECT * FROM record
         WHERE organisation = $1 AND erased_at_us IS NULL AND review_on <= $2 AND number > $3
             AND (kind <> $5 OR NOT (
                 EXISTS (SELECT 1 FROM exchange_outgoing WHERE record_number = number)
                 OR EXISTS (SELECT 1 FROM exchange_open WHERE record_number = number)
                 OR EXISTS (SELECT 1 FROM exchange_inbox WHERE record_number = number)))
         ORDER BY number LIMIT $4",
        &[
            organisation.as_str().into(),
            on.as_str().into(),
            after.map_or(0, integer).into(),
            PAGE.into(),
            RecordKind::Traffic.code().into(),
        ],
    )?;
    let records: Vec<HeldRecord> =
        rows.iter().map(|row| made(open, organisation, row)).collect::<Result<_, _>>()?;
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == PAGE;
    let last = records.last().map(|record| record.number);
    Ok((records, last.filter(|_| full)))
}

fn made(
    open: &Open<'_>,
    organisation: &OrganisationId,
    row: &Row,
) -> Result<HeldRecord, StoreError> {
    let cells = Cells::new(open, TABLE, "number", row);
    Ok(HeldRecord {
        number: cells.held_number("number")?,
        organisation: organisation.clone(),
        retention: Retention {
            kind: cells.make("kind", |code: String| RecordKind::from_code(&code))?,
            purpose: cells.make("purpose", |code: String| Purpose::from_code(&code))?,
            review_on: cells.parse("review_on")?,
            disposal: cells.make("disposal", |code: String| Disposal::from_code(&code))?,
        },
        extensions: cells.make("extensions", |number: i64| number.try_into().ok())?,
    })
}

/// How many records there are of one kind and purpose, and how they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordCount {
    /// What they hold.
    pub kind: RecordKind,
    /// What they are kept for.
    pub purpose: Purpose,
    /// What happens to them on their review date.
    pub disposal: Disposal,
    /// Those that are there.
    pub held: u64,
    /// Of these, those whose review date has come.
    pub due: u64,
    /// Of these, those whose review date was before today.
    pub overdue: u64,
    /// Of those that are there, those that an officer keeps longer than was said at first.
    pub kept_longer: u64,
    /// Those that were erased.
    pub erased: u64,
    /// The next review date after today.
    pub next: Option<Date>,
}

/// How many records there are, by kind, purpose and disposal.
pub(crate) fn counts(
    open: &Open<'_>,
    organisation: &OrganisationId,
    today: Date,
) -> Result<Vec<RecordCount>, StoreError> {
    let today = today.to_string();
    let rows = open.query(
        "SELECT kind, purpose, disposal,
             count(*) FILTER (WHERE erased_at_us IS NULL) AS held,
             count(*) FILTER (WHERE erased_at_us IS NULL AND review_on <= $2) AS due,
             count(*) FILTER (WHERE erased_at_us IS NULL AND review_on < $2) AS overdue,
             count(*) FILTER (WHERE erased_at_us IS NULL AND extensions > 0) AS kept_longer,
             count(*) FILTER (WHERE erased_at_us IS NOT NULL) AS erased,
             min(CASE WHEN erased_at_us IS NULL AND review_on > $2 THEN review_on END) AS next
         FROM record WHERE organisation = $1
         GROUP BY kind, purpose, disposal ORDER BY kind, purpose, disposal",
        &[organisation.as_str().into(), today.as_str().into()],
    )?;
    let make = |row| {
        let cells = Cells::new(open, TABLE, "kind", row);
        Ok(RecordCount {
            kind: cells.make("kind", |code: String| RecordKind::from_code(&code))?,
            purpose: cells.make("purpose", |code: String| Purpose::from_code(&code))?,
            disposal: cells.make("disposal", |code: String| Disposal::from_code(&code))?,
            held: cells.count("held")?,
            due: cells.count("due")?,
            overdue: cells.count("overdue")?,
            kept_longer: cells.count("kept_longer")?,
            erased: cells.count("erased")?,
            next: cells.make("next", |day: Option<String>| match day {
                None => Some(None),
                Some(day) => day.parse().ok().map(Some),
            })?,
        })
    };
    rows.iter().map(make).collect()
}

/// A number as a value of a statement.
pub(crate) fn value(number: RecordNumber) -> crate::engine::Value<'static> {
    crate::cells::integer(number.value()).into()
}

/// The number of a record, as the rules know it, as the database holds it.
pub(crate) fn integer(number: portcullis_decide::RecordNumber) -> i64 {
    crate::cells::integer(number.value())
}

/// The number of a record, as the rules know it, for the keyring.
pub(crate) fn key(number: portcullis_decide::RecordNumber) -> Result<RecordNumber, StoreError> {
    RecordNumber::new(number.value()).ok_or_else(no_number)
}
