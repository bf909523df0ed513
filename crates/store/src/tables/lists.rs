//! Lists of which copies are kept.

use super::{events, labels, records};
use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::engine::Row;
use crate::labels::visible;
use portcullis_decide::{
    Address, Change, Digest, ForgottenList, KeptFile, KeptIssue, KeptList, ListName,
};
use portcullis_keys::RecordNumber;
use portcullis_types::{Label, OrganisationId, SourceId};

pub(crate) fn put(open: &Open<'_>, change: &Change<KeptList>) -> Result<(), StoreError> {
    let list = change.state();
    let (organisation, name) = (list.organisation.as_str(), list.name.as_str());
    let record = match record_of(open, &list.organisation, &list.name)? {
        Some(record) => {
            records::renew(open, record, change.retention(open.schedule()))?;
            record
        }
        None => records::open_new(open, &list.organisation, change.retention(open.schedule()))?,
    };
    let before = labels::of_record(open, record)?;
    let label = labels::raise(open, change.event(), record, change.label())?;
    one_label_for_a_source(open, list, &label)?;
    if label != before {
        // A list that is new may be of a source that another list, since forgotten, was of.
        labels::raise_what_was_made(open, change.event(), &list.source, &label)?;
    }
    events::append(open, change.event(), record)?;
    open.execute(
        "INSERT INTO list (organisation, name, record_number, source, format, rhythm_days,
             checked_at_us, kept_event, written_by, bears)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
             (SELECT coalesce(v.label, 0) FROM record v WHERE v.number = $3))
         ON CONFLICT (organisation, name) DO UPDATE SET
             source = excluded.source, format = excluded.format,
             rhythm_days = excluded.rhythm_days, checked_at_us = excluded.checked_at_us,
             kept_event = excluded.kept_event, written_by = excluded.written_by,
             bears = excluded.bears",
        &[
            organisation.into(),
            name.into(),
            records::value(record),
            list.source.as_str().into(),
            list.format.as_str().into(),
            list.rhythm_days.map(i64::from).into(),
            list.checked_at.as_microsecond().into(),
            change.event().id.as_bytes().into(),
            open.written_by().into(),
        ],
    )?;
    open.execute(
        "DELETE FROM list_address WHERE organisation = $1 AND list = $2",
        &[organisation.into(), name.into()],
    )?;
    open.execute(
        "DELETE FROM list_issue WHERE organisation = $1 AND list = $2",
        &[organisation.into(), name.into()],
    )?;
    for (place, address) in (0_i64..).zip(&list.addresses) {
        open.execute(
            "INSERT INTO list_address (organisation, list, place, address, written_by)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                organisation.into(),
                name.into(),
                place.into(),
                address.as_str().into(),
                open.written_by().into(),
            ],
        )?;
    }
    for (place, issue) in (0_i64..).zip(list.issues()) {
        put_issue(open, list, place, issue)?;
    }
    Ok(())
}

/// Refuses a list whose records name a source that a list under another label has: of a pair nobody
/// could tell whose label it takes.
fn one_label_for_a_source(
    open: &Open<'_>,
    list: &KeptList,
    label: &Label,
) -> Result<(), StoreError> {
    let rows = open.query(
        "SELECT v.label, l.blind, l.record_number AS label_record, l.sealed
         FROM list t JOIN record v ON v.number = t.record_number
         LEFT JOIN label l ON l.record_number = v.label
         WHERE t.organisation = $1 AND t.source = $2 AND t.name <> $3",
        &[
            list.organisation.as_str().into(),
            list.source.as_str().into(),
            list.name.as_str().into(),
        ],
    )?;
    for row in &rows {
        if labels::of_row(open, row)? != *label {
            return Err(StoreError::SourceLabels { origin: list.source.as_str().to_owned() });
        }
    }
    Ok(())
}

/// Whether this is the record of a list, and another list has records of the same source.
pub(crate) fn shares_its_source(open: &Open<'_>, record: RecordNumber) -> Result<bool, StoreError> {
    let row = open.row(
        "SELECT o.name FROM list t JOIN list o ON o.organisation = t.organisation
             AND o.source = t.source AND o.name <> t.name
         WHERE t.record_number = $1 LIMIT 1",
        &[records::value(record)],
    )?;
    Ok(row.is_some())
}

/// The source of the list whose record this is.
pub(crate) fn source_of(
    open: &Open<'_>,
    record: RecordNumber,
) -> Result<Option<SourceId>, StoreError> {
    let row = open
        .row("SELECT name, source FROM list WHERE record_number = $1", &[records::value(record)])?;
    row.map(|row| Cells::new(open, "list", "name", &row).parse("source")).transpose()
}

/// The record that holds what was done with a list.
pub(crate) fn record_of(
    open: &Open<'_>,
    organisation: &OrganisationId,
    name: &ListName,
) -> Result<Option<RecordNumber>, StoreError> {
    open.row(
        "SELECT name, record_number FROM list WHERE organisation = $1 AND name = $2",
        &[organisation.as_str().into(), name.as_str().into()],
    )?
    .map(|row| Cells::new(open, "list", "name", &row).record_number("record_number"))
    .transpose()
}

fn put_issue(
    open: &Open<'_>,
    list: &KeptList,
    place: i64,
    issue: &KeptIssue,
) -> Result<(), StoreError> {
    let published = issue.published.map(|day| day.to_string());
    open.execute(
        "INSERT INTO list_issue (organisation, list, digest, place, version, published,
             recorded_at_us, entries, set_aside, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            list.organisation.as_str().into(),
            list.name.as_str().into(),
            issue.digest.as_bytes().into(),
            place.into(),
            issue.version.as_str().into(),
            published.as_deref().into(),
            issue.recorded_at.as_microsecond().into(),
            integer(issue.entries).into(),
            integer(issue.set_aside).into(),
            open.written_by().into(),
        ],
    )?;
    for (place, file) in (0_i64..).zip(&issue.files) {
        open.execute(
            "INSERT INTO list_file (organisation, list, issue, place, name, address, sha256,
                 size_bytes, entity_tag, last_modified, written_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                list.organisation.as_str().into(),
                list.name.as_str().into(),
                issue.digest.as_bytes().into(),
                place.into(),
                file.name.as_str().into(),
                file.address.as_str().into(),
                file.sha256.as_bytes().into(),
                integer(file.size_bytes).into(),
                file.entity_tag.as_deref().into(),
                file.last_modified.as_deref().into(),
                open.written_by().into(),
            ],
        )?;
    }
    Ok(())
}

pub(crate) fn forget(open: &Open<'_>, change: &Change<ForgottenList>) -> Result<(), StoreError> {
    let list = change.state();
    let record = record_of(open, &list.organisation, &list.name)?
        .ok_or(StoreError::Overtaken { what: "list" })?;
    labels::raise(open, change.event(), record, change.label())?;
    events::append(open, change.event(), record)?;
    open.execute(
        "DELETE FROM list WHERE organisation = $1 AND name = $2",
        &[list.organisation.as_str().into(), list.name.as_str().into()],
    )
    .map(drop)
}

/// All lists, by name.
pub(crate) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<KeptList>, StoreError> {
    let rows = open.query(
        concat!(
            "SELECT t.* FROM list t JOIN record v ON v.number = t.record_number
             WHERE t.organisation = $1 AND ",
            visible!(),
            " ORDER BY t.name"
        ),
        &[organisation.as_str().into(), open.visible().value().into()],
    )?;
    rows.iter().map(|row| made(open, organisation, row)).collect()
}

/// The list in a row.
pub(crate) fn made(
    open: &Open<'_>,
    organisation: &OrganisationId,
    row: &Row,
) -> Result<KeptList, StoreError> {
    let cells = Cells::new(open, "list", "name", row);
    let name: ListName = cells.parse("name")?;
    let mut issues = issues(open, organisation, &name)?.into_iter();
    // Every list has an issue, and screening uses the first.
    let current = issues.next().ok_or_else(|| cells.bad("name"))?;
    Ok(KeptList {
        organisation: organisation.clone(),
        source: cells.parse("source")?,
        format: cells.raw("format")?,
        addresses: addresses(open, organisation, &name)?,
        rhythm_days: cells.make("rhythm_days", |days: Option<i64>| match days {
            None => Some(None),
            Some(days) => days.try_into().ok().map(Some),
        })?,
        checked_at: cells.timestamp("checked_at_us")?,
        current,
        earlier: issues.collect(),
        name,
    })
}

fn addresses(
    open: &Open<'_>,
    organisation: &OrganisationId,
    list: &ListName,
) -> Result<Vec<Address>, StoreError> {
    let rows = open.query(
        "SELECT list, address FROM list_address WHERE organisation = $1 AND list = $2
         ORDER BY place",
        &[organisation.as_str().into(), list.as_str().into()],
    )?;
    let make = |row| {
        let address: String = Cells::new(open, "list_address", "list", row).raw("address")?;
        Ok(Address::from_text(&address))
    };
    rows.iter().map(make).collect()
}

fn issues(
    open: &Open<'_>,
    organisation: &OrganisationId,
    list: &ListName,
) -> Result<Vec<KeptIssue>, StoreError> {
    let rows = open.query(
        "SELECT * FROM list_issue WHERE organisation = $1 AND list = $2 ORDER BY place",
        &[organisation.as_str().into(), list.as_str().into()],
    )?;
    let make = |row| {
        let cells = Cells::new(open, "list_issue", "digest", row);
        let digest = cells.digest("digest")?;
        Ok(KeptIssue {
            digest,
            version: cells.parse("version")?,
            published: cells.make("published", |day: Option<String>| match day {
                None => Some(None),
                Some(day) => day.parse().ok().map(Some),
            })?,
            recorded_at: cells.timestamp("recorded_at_us")?,
            entries: cells.count("entries")?,
            set_aside: cells.count("set_aside")?,
            files: files(open, organisation, list, digest)?,
        })
    };
    rows.iter().map(make).collect()
}

fn files(
    open: &Open<'_>,
    organisation: &OrganisationId,
    list: &ListName,
    issue: Digest,
) -> Result<Vec<KeptFile>, StoreError> {
    let rows = open.query(
        "SELECT * FROM list_file WHERE organisation = $1 AND list = $2 AND issue = $3
         ORDER BY place",
        &[organisation.as_str().into(), list.as_str().into(), issue.as_bytes().into()],
    )?;
    let make = |row| {
        let cells = Cells::new(open, "list_file", "issue", row);
        Ok(KeptFile {
            name: cells.raw("name")?,
            address: Address::from_text(&cells.raw::<String>("address")?),
            sha256: cells.digest("sha256")?,
            size_bytes: cells.count("size_bytes")?,
            entity_tag: cells.raw("entity_tag")?,
            last_modified: cells.raw("last_modified")?,
        })
    };
    rows.iter().map(make).collect()
}
