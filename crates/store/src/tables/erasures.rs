//! Erasing records, and keeping them longer than was said.

use super::{SEALED, Wipe, events, labels, records};
use crate::StoreError;
use crate::database::Open;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_decide::{Basis, Change, Disposal, Erasure, RecordNumber, Review};
use portcullis_types::EventTime;

/// Takes away what these records hold, and appends the proof. Their keys go from the keyring once
/// this is kept ([`erasing`](crate::erasing)).
pub(crate) fn erase(open: &Open<'_>, change: &Change<Erasure>) -> Result<(), StoreError> {
    let erasure = change.state();
    let mut label = change.label().clone();
    for number in &erasure.records {
        mark_erased(open, erasure, *number)?;
        label = labels::join(&label, &labels::of_record(open, records::key(*number)?)?);
        let number = records::integer(*number).into();
        for table in SEALED {
            match table.wipe {
                Wipe::Cells(sql) => open.execute(sql, &[number, open.written_by().into()])?,
                Wipe::Rows(sql) => open.execute(sql, &[number])?,
            };
        }
        open.execute(
            "INSERT INTO erasing (number, organisation, written_by) VALUES ($1, $2, $3)",
            &[number, erasure.organisation.as_str().into(), open.written_by().into()],
        )?;
    }
    let proof = records::open_new(open, &erasure.organisation, change.retention(open.schedule()))?;
    labels::raise(open, change.event(), proof, &label)?;
    events::append(open, change.event(), proof)?;
    open.erased_record();
    Ok(())
}

/// `decide` has judged the records as they were read. Here they must still be so: whoever read them
/// in another transaction may have been overtaken by an officer who keeps one.
fn mark_erased(open: &Open<'_>, erasure: &Erasure, number: RecordNumber) -> Result<(), StoreError> {
    let organisation = erasure.organisation.as_str();
    let number = records::integer(number);
    let in_use = open.row(
        "SELECT name FROM list WHERE record_number = $1 AND organisation = $2",
        &[number.into(), organisation.into()],
    )?;
    if in_use.is_some() {
        return Err(StoreError::InUse { what: "list" });
    }
    if super::people::is_in_office(open, &erasure.organisation, number)? {
        return Err(StoreError::InUse { what: "person" });
    }
    if labels::is_borne(open, number)? {
        return Err(StoreError::InUse { what: "label" });
    }
    if super::exchange::is_under_way(open, number)? {
        return Err(StoreError::InUse { what: "message" });
    }
    let (waits_for_date, asks_nobody) = match erasure.basis {
        Basis::Due => (1_i64, 1_i64),
        Basis::Reviewed => (1, 0),
        Basis::Duty { .. } => (0, 0),
    };
    let today = day_of(erasure.at).to_string();
    let changed = open.execute(
        "UPDATE record SET erased_at_us = $1, written_by = $2
         WHERE number = $3 AND organisation = $4 AND erased_at_us IS NULL
             AND ($5 = 0 OR review_on <= $6) AND ($7 = 0 OR disposal = $8)",
        &[
            erasure.at.timestamp().as_microsecond().into(),
            open.written_by().into(),
            number.into(),
            organisation.into(),
            waits_for_date.into(),
            today.as_str().into(),
            asks_nobody.into(),
            Disposal::Erase.code().into(),
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Overtaken { what: "record" }) }
}

/// Puts the review date of a record off.
pub(crate) fn keep(open: &Open<'_>, change: &Change<Review>) -> Result<(), StoreError> {
    let record = &change.state().record;
    let review_on = record.retention.review_on.to_string();
    let changed = open.execute(
        "UPDATE record SET review_on = $1, extensions = $2, written_by = $3
         WHERE number = $4 AND organisation = $5 AND erased_at_us IS NULL
             AND extensions = $2 - 1 AND review_on < $1",
        &[
            review_on.as_str().into(),
            i64::from(record.extensions).into(),
            open.written_by().into(),
            records::integer(record.number).into(),
            record.organisation.as_str().into(),
        ],
    )?;
    if changed != 1 {
        return Err(StoreError::Overtaken { what: "record" });
    }
    let number = records::key(record.number)?;
    labels::raise(open, change.event(), number, change.label())?;
    events::append(open, change.event(), number)
}

fn day_of(at: EventTime) -> Date {
    at.timestamp().to_zoned(TimeZone::UTC).date()
}
