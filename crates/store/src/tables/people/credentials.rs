//! What people sign in with, and their own keys, wrapped.

use super::{Kept, all, differs, kept, office, record_of_person, sealed};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::tables::{events, records};
use portcullis_decide::people::{
    Credential, CredentialKind, Enrolment, RemovedCredential, WrappedKeys,
};
use portcullis_decide::{Change, Digest};
use portcullis_keys::RecordNumber;
use portcullis_types::{OfficerId, OrganisationId};

impl Kept for Credential {
    const TABLE: &'static str = "credential";
    fn id(&self) -> &[u8] {
        self.id.as_bytes()
    }
}

impl Kept for WrappedKeys {
    const TABLE: &'static str = "personal_key";
    fn id(&self) -> &[u8] {
        self.id.as_bytes()
    }
}

fn agrees(credential: &Credential, cells: &Cells<'_>) -> Result<Option<&'static str>, StoreError> {
    let text = |column| cells.raw::<String>(column);
    Ok(differs("account", text("account")? == credential.person.officer.as_str())
        .or(differs("kind", text("kind")? == credential.kind.code()))
        .or(differs("lookup", cells.digest("lookup")? == credential.lookup)))
}

/// All that somebody signs in with.
pub(crate) fn of_person(
    open: &Open<'_>,
    organisation: &OrganisationId,
    officer: &OfficerId,
) -> Result<Vec<Credential>, StoreError> {
    let rows = open.query(
        "SELECT * FROM credential WHERE organisation = $1 AND account = $2 ORDER BY id",
        &[organisation.as_str().into(), officer.as_str().into()],
    )?;
    all(open, &rows, agrees)
}

/// The credential that this finds.
pub(crate) fn found_by(
    open: &Open<'_>,
    organisation: &OrganisationId,
    kind: CredentialKind,
    lookup: &Digest,
) -> Result<Option<Credential>, StoreError> {
    let row = open.row(
        "SELECT * FROM credential WHERE organisation = $1 AND kind = $2 AND lookup = $3",
        &[organisation.as_str().into(), kind.code().into(), lookup.as_bytes().into()],
    )?;
    match row {
        Some(row) => kept(open, &row, agrees),
        None => Ok(None),
    }
}

/// The ways to unlock somebody's own keys.
pub(crate) fn wrapped(
    open: &Open<'_>,
    organisation: &OrganisationId,
    officer: &OfficerId,
) -> Result<Vec<WrappedKeys>, StoreError> {
    let rows = open.query(
        "SELECT * FROM personal_key WHERE organisation = $1 AND account = $2 ORDER BY id",
        &[organisation.as_str().into(), officer.as_str().into()],
    )?;
    all(open, &rows, |wrapped: &WrappedKeys, cells| {
        let account: String = cells.raw("account")?;
        Ok(differs("account", account == wrapped.person.officer.as_str()))
    })
}

/// Writes that somebody came in.
pub(crate) fn enrol(open: &Open<'_>, change: &Change<Enrolment>) -> Result<(), StoreError> {
    let Enrolment { person, credential, wrapped } = change.state();
    let record = record_of_person(open, &person.person.organisation, &person.person.officer)?;
    events::append(open, change.event(), record)?;
    office::update(open, person, record, change.event())?;
    if let Some(credential) = credential {
        add(open, credential, record)?;
    }
    for wrapped in wrapped {
        add_wrapped(open, wrapped, record)?;
    }
    Ok(())
}

/// Writes a new credential.
pub(crate) fn put(open: &Open<'_>, change: &Change<Credential>) -> Result<(), StoreError> {
    let credential = change.state();
    let (organisation, officer) = (&credential.person.organisation, &credential.person.officer);
    let record = record_of_person(open, organisation, officer)?;
    events::append(open, change.event(), record)?;
    add(open, credential, record)
}

/// Writes a new way to unlock keys.
pub(crate) fn put_wrapped(open: &Open<'_>, change: &Change<WrappedKeys>) -> Result<(), StoreError> {
    let wrapped = change.state();
    let (organisation, officer) = (&wrapped.person.organisation, &wrapped.person.officer);
    let record = record_of_person(open, organisation, officer)?;
    events::append(open, change.event(), record)?;
    add_wrapped(open, wrapped, record)
}

fn add(open: &Open<'_>, credential: &Credential, record: RecordNumber) -> Result<(), StoreError> {
    let details = sealed(open, record, credential)?;
    open.execute(
        "INSERT INTO credential (id, organisation, account, record_number, kind, lookup, details,
             written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            credential.id.as_bytes().into(),
            credential.person.organisation.as_str().into(),
            credential.person.officer.as_str().into(),
            records::value(record),
            credential.kind.code().into(),
            credential.lookup.as_bytes().into(),
            (&details).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

fn add_wrapped(
    open: &Open<'_>,
    wrapped: &WrappedKeys,
    record: RecordNumber,
) -> Result<(), StoreError> {
    if wrapped.credential.is_none() {
        // One passphrase at a time: whoever changes it doesn't want the one before to open anything.
        open.execute(
            "DELETE FROM personal_key
             WHERE organisation = $1 AND account = $2 AND credential IS NULL",
            &[wrapped.person.organisation.as_str().into(), wrapped.person.officer.as_str().into()],
        )?;
    }
    let details = sealed(open, record, wrapped)?;
    open.execute(
        "INSERT INTO personal_key (id, organisation, account, record_number, credential, details,
             written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            wrapped.id.as_bytes().into(),
            wrapped.person.organisation.as_str().into(),
            wrapped.person.officer.as_str().into(),
            records::value(record),
            wrapped.credential.as_ref().map(|id| id.as_bytes().as_slice()).into(),
            (&details).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// Writes what using a credential changed in it: its counter, and when.
pub(crate) fn renew(open: &Open<'_>, credential: &Credential) -> Result<(), StoreError> {
    let (organisation, officer) = (&credential.person.organisation, &credential.person.officer);
    let record = record_of_person(open, organisation, officer)?;
    let details = sealed(open, record, credential)?;
    let changed = open.execute(
        "UPDATE credential SET details = $1, written_by = $2
         WHERE organisation = $3 AND account = $4 AND id = $5",
        &[
            (&details).into(),
            open.written_by().into(),
            organisation.as_str().into(),
            officer.as_str().into(),
            credential.id.as_bytes().into(),
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Overtaken { what: "credential" }) }
}

/// Takes a credential away, and the keys wrapped under it.
pub(crate) fn remove(
    open: &Open<'_>,
    change: &Change<RemovedCredential>,
) -> Result<(), StoreError> {
    let RemovedCredential { id, person } = change.state();
    let record = record_of_person(open, &person.organisation, &person.officer)?;
    events::append(open, change.event(), record)?;
    let values =
        [person.organisation.as_str().into(), person.officer.as_str().into(), id.as_bytes().into()];
    let changed = open.execute(
        "DELETE FROM credential WHERE organisation = $1 AND account = $2 AND id = $3",
        &values,
    )?;
    if changed != 1 {
        return Err(StoreError::Overtaken { what: "credential" });
    }
    open.execute(
        "DELETE FROM personal_key WHERE organisation = $1 AND account = $2 AND credential = $3",
        &values,
    )
    .map(drop)
}
