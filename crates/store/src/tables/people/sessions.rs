//! Sessions.

use super::{Kept, differs, kept, record_of};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::tables::{events, records};
use portcullis_decide::people::{EndedSession, LONGEST, Session};
use portcullis_decide::{Change, Digest};
use portcullis_keys::RecordNumber;
use portcullis_types::{EventId, EventTime, OrganisationId};

impl Kept for Session {
    const TABLE: &'static str = "session";
    fn id(&self) -> &[u8] {
        self.id.as_bytes()
    }
}

fn agrees(session: &Session, cells: &Cells<'_>) -> Result<Option<&'static str>, StoreError> {
    let account: String = cells.raw("account")?;
    Ok(differs("account", account == session.person.officer.as_str())
        .or(differs("digest", cells.digest("digest")? == session.digest)))
}

/// The session of this digest.
pub(crate) fn of_digest(
    open: &Open<'_>,
    organisation: &OrganisationId,
    digest: &Digest,
) -> Result<Option<Session>, StoreError> {
    let row = open.row(
        "SELECT * FROM session WHERE organisation = $1 AND digest = $2",
        &[organisation.as_str().into(), digest.as_bytes().into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    let seen_at = Cells::new(open, "session", "id", &row).event_time("seen_at_us")?;
    Ok(kept(open, &row, agrees)?.map(|session| Session { seen_at, ..session }))
}

/// Writes a session that begins, or that it was confirmed.
pub(crate) fn put(open: &Open<'_>, change: &Change<Session>) -> Result<(), StoreError> {
    let session = change.state();
    if change.event().id != session.id {
        return confirm(open, change);
    }
    let organisation = &session.person.organisation;
    let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)?;
    let began_at_us = session.began_at.timestamp().as_microsecond();
    // Whatever is over anyway goes with it: nobody else would take it away.
    open.execute(
        "DELETE FROM session WHERE organisation = $1 AND began_at_us <= $2",
        &[
            organisation.as_str().into(),
            began_at_us.saturating_sub(i64::try_from(LONGEST.as_micros()).unwrap_or(0)).into(),
        ],
    )?;
    let details = super::sealed(open, record, session)?;
    open.execute(
        "INSERT INTO session (id, organisation, account, record_number, digest, began_at_us,
             seen_at_us, details, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            session.id.as_bytes().into(),
            organisation.as_str().into(),
            session.person.officer.as_str().into(),
            records::value(record),
            session.digest.as_bytes().into(),
            began_at_us.into(),
            session.seen_at.timestamp().as_microsecond().into(),
            (&details).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

fn confirm(open: &Open<'_>, change: &Change<Session>) -> Result<(), StoreError> {
    let session = change.state();
    let record = record(open, &session.person.organisation, session.id)?;
    events::append(open, change.event(), record)?;
    let details = super::sealed(open, record, session)?;
    open.execute(
        "UPDATE session SET details = $1, digest = $2, seen_at_us = $3, written_by = $4
         WHERE id = $5",
        &[
            (&details).into(),
            session.digest.as_bytes().into(),
            session.seen_at.timestamp().as_microsecond().into(),
            open.written_by().into(),
            session.id.as_bytes().into(),
        ],
    )
    .map(drop)
}

fn record(
    open: &Open<'_>,
    organisation: &OrganisationId,
    id: EventId,
) -> Result<RecordNumber, StoreError> {
    record_of(
        open,
        "session",
        "SELECT id, record_number FROM session WHERE organisation = $1 AND id = $2",
        &[organisation.as_str().into(), id.as_bytes().into()],
        "session",
    )
}

/// Notes that a session was used.
pub(crate) fn touch(
    open: &Open<'_>,
    organisation: &OrganisationId,
    id: EventId,
    at: EventTime,
) -> Result<(), StoreError> {
    open.execute(
        "UPDATE session SET seen_at_us = $1, written_by = $2
         WHERE organisation = $3 AND id = $4 AND seen_at_us < $1",
        &[
            at.timestamp().as_microsecond().into(),
            open.written_by().into(),
            organisation.as_str().into(),
            id.as_bytes().into(),
        ],
    )
    .map(drop)
}

/// Ends a session of somebody, or all of them.
pub(crate) fn end(open: &Open<'_>, change: &Change<EndedSession>) -> Result<(), StoreError> {
    let EndedSession { person, id } = change.state();
    let organisation = &person.organisation;
    if let Some(id) = id {
        let record = record(open, organisation, *id)?;
        events::append(open, change.event(), record)?;
        return open
            .execute(
                "DELETE FROM session WHERE organisation = $1 AND account = $2 AND id = $3",
                &[
                    organisation.as_str().into(),
                    person.officer.as_str().into(),
                    id.as_bytes().into(),
                ],
            )
            .map(drop);
    }
    let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)?;
    open.execute(
        "DELETE FROM session WHERE organisation = $1 AND account = $2",
        &[organisation.as_str().into(), person.officer.as_str().into()],
    )
    .map(drop)
}
