//! Links by which volunteers hand in, and what they handed in.

use super::{Kept, all, differs, kept, office, record_of, record_of_person, sealed};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::tables::{events, records};
use portcullis_decide::people::{Submission, SubmitLink};
use portcullis_decide::{Change, Digest};
use portcullis_types::{EventTime, OrganisationId, PersonId};

impl Kept for SubmitLink {
    const TABLE: &'static str = "submit_link";
    fn id(&self) -> &[u8] {
        self.id.as_bytes()
    }
}

impl Kept for Submission {
    const TABLE: &'static str = "submission";
    fn id(&self) -> &[u8] {
        self.id.as_bytes()
    }
}

fn agrees(link: &SubmitLink, cells: &Cells<'_>) -> Result<Option<&'static str>, StoreError> {
    let account: String = cells.raw("account")?;
    Ok(differs("account", account == link.made_by.officer.as_str())
        .or(differs("digest", cells.digest("digest")? == link.digest))
        .or(differs("uses", cells.count("uses")? == u64::from(link.uses))))
}

/// The link of this digest.
pub(crate) fn of_digest(
    open: &Open<'_>,
    organisation: &OrganisationId,
    digest: &Digest,
) -> Result<Option<SubmitLink>, StoreError> {
    let row = open.row(
        "SELECT * FROM submit_link WHERE organisation = $1 AND digest = $2",
        &[organisation.as_str().into(), digest.as_bytes().into()],
    )?;
    match row {
        Some(row) => kept(open, &row, agrees),
        None => Ok(None),
    }
}

/// All links, those included that are closed.
pub(crate) fn every(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<SubmitLink>, StoreError> {
    let rows = open.query(
        "SELECT * FROM submit_link WHERE organisation = $1 ORDER BY id",
        &[organisation.as_str().into()],
    )?;
    all(open, &rows, agrees)
}

/// All that was handed in and not erased, the latest last.
pub(crate) fn submissions(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<Submission>, StoreError> {
    let rows = open.query(
        "SELECT * FROM submission WHERE organisation = $1 ORDER BY at_us, id",
        &[organisation.as_str().into()],
    )?;
    all(open, &rows, |_, _| Ok(None))
}

/// Writes a new link, or that one was closed.
pub(crate) fn put(open: &Open<'_>, change: &Change<SubmitLink>) -> Result<(), StoreError> {
    let link = change.state();
    let (organisation, officer) = (&link.made_by.organisation, &link.made_by.officer);
    if link.closed_at.is_some() {
        let record = record(open, organisation, link)?;
        events::append(open, change.event(), record)?;
        return update(open, link);
    }
    let record = record_of_person(open, organisation, officer)?;
    events::append(open, change.event(), record)?;
    let details = sealed(open, record, link)?;
    open.execute(
        "INSERT INTO submit_link (id, organisation, account, record_number, digest, uses, details,
             written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            link.id.as_bytes().into(),
            organisation.as_str().into(),
            officer.as_str().into(),
            records::value(record),
            link.digest.as_bytes().into(),
            i64::from(link.uses).into(),
            (&details).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

fn record(
    open: &Open<'_>,
    organisation: &OrganisationId,
    link: &SubmitLink,
) -> Result<portcullis_keys::RecordNumber, StoreError> {
    record_of(
        open,
        "submit_link",
        "SELECT id, record_number FROM submit_link WHERE organisation = $1 AND id = $2",
        &[organisation.as_str().into(), link.id.as_bytes().into()],
        "link",
    )
}

fn update(open: &Open<'_>, link: &SubmitLink) -> Result<(), StoreError> {
    let organisation = &link.made_by.organisation;
    let details = sealed(open, record(open, organisation, link)?, link)?;
    open.execute(
        "UPDATE submit_link SET uses = $1, details = $2, written_by = $3
         WHERE organisation = $4 AND id = $5",
        &[
            i64::from(link.uses).into(),
            (&details).into(),
            open.written_by().into(),
            organisation.as_str().into(),
            link.id.as_bytes().into(),
        ],
    )
    .map(drop)
}

/// Closes all links of somebody.
pub(super) fn close_those_of(
    open: &Open<'_>,
    person: &PersonId,
    at: EventTime,
) -> Result<(), StoreError> {
    let rows = open.query(
        "SELECT * FROM submit_link WHERE organisation = $1 AND account = $2",
        &[person.organisation.as_str().into(), person.officer.as_str().into()],
    )?;
    for link in all(open, &rows, agrees)? {
        if link.closed_at.is_none() {
            update(open, &SubmitLink { closed_at: Some(at), ..link })?;
        }
    }
    Ok(())
}

/// Writes what was handed in, and counts the use of its link: refused when the link was closed, used up
/// or lapsed meanwhile.
pub(crate) fn submit(open: &Open<'_>, change: &Change<Submission>) -> Result<(), StoreError> {
    let submission = change.state();
    let organisation = &submission.made_by.organisation;
    let row = open.row(
        "SELECT * FROM submit_link WHERE organisation = $1 AND id = $2",
        &[organisation.as_str().into(), submission.link.as_bytes().into()],
    )?;
    let link: Option<SubmitLink> = match row {
        Some(row) => kept(open, &row, agrees)?,
        None => None,
    };
    let made_by = office::person(open, organisation, &submission.made_by.officer)?;
    let link = link.filter(|link| made_by.is_some_and(|by| link.takes(submission.at, &by)));
    let link = link.ok_or(StoreError::Overtaken { what: "link" })?;
    update(open, &SubmitLink { uses: link.uses.saturating_add(1), ..link })?;
    let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)?;
    let details = sealed(open, record, submission)?;
    open.execute(
        "INSERT INTO submission (id, organisation, record_number, at_us, details, written_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            submission.id.as_bytes().into(),
            organisation.as_str().into(),
            records::value(record),
            submission.at.timestamp().as_microsecond().into(),
            (&details).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}
