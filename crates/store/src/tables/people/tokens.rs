//! Tokens of programs.

use super::{Kept, all, differs, kept, record_of, record_of_person, sealed};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::tables::{events, records};
use portcullis_decide::people::ApiToken;
use portcullis_decide::{Change, Digest};
use portcullis_keys::RecordNumber;
use portcullis_types::{EventTime, OrganisationId, PersonId};

impl Kept for ApiToken {
    const TABLE: &'static str = "api_token";
    fn id(&self) -> &[u8] {
        self.id.as_bytes()
    }
}

fn agrees(token: &ApiToken, cells: &Cells<'_>) -> Result<Option<&'static str>, StoreError> {
    let account: String = cells.raw("account")?;
    Ok(differs("account", account == token.person.officer.as_str())
        .or(differs("digest", cells.digest("digest")? == token.digest)))
}

/// The token of this digest.
pub(crate) fn of_digest(
    open: &Open<'_>,
    organisation: &OrganisationId,
    digest: &Digest,
) -> Result<Option<ApiToken>, StoreError> {
    let row = open.row(
        "SELECT * FROM api_token WHERE organisation = $1 AND digest = $2",
        &[organisation.as_str().into(), digest.as_bytes().into()],
    )?;
    match row {
        Some(row) => kept(open, &row, agrees),
        None => Ok(None),
    }
}

/// All tokens, those included that hold no longer.
pub(crate) fn every(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<ApiToken>, StoreError> {
    let rows = open.query(
        "SELECT * FROM api_token WHERE organisation = $1 ORDER BY account, id",
        &[organisation.as_str().into()],
    )?;
    all(open, &rows, agrees)
}

/// Writes a new token, or that one was revoked.
pub(crate) fn put(open: &Open<'_>, change: &Change<ApiToken>) -> Result<(), StoreError> {
    let token = change.state();
    let (organisation, officer) = (&token.person.organisation, &token.person.officer);
    if token.revoked_at.is_some() {
        let record = record_of(
            open,
            "api_token",
            "SELECT id, record_number FROM api_token WHERE organisation = $1 AND id = $2",
            &[organisation.as_str().into(), token.id.as_bytes().into()],
            "token",
        )?;
        events::append(open, change.event(), record)?;
        return update(open, token, record);
    }
    let record = record_of_person(open, organisation, officer)?;
    events::append(open, change.event(), record)?;
    let details = sealed(open, record, token)?;
    open.execute(
        "INSERT INTO api_token (id, organisation, account, record_number, digest, details,
             written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            token.id.as_bytes().into(),
            organisation.as_str().into(),
            officer.as_str().into(),
            records::value(record),
            token.digest.as_bytes().into(),
            (&details).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

fn update(open: &Open<'_>, token: &ApiToken, record: RecordNumber) -> Result<(), StoreError> {
    let details = sealed(open, record, token)?;
    open.execute(
        "UPDATE api_token SET details = $1, written_by = $2 WHERE organisation = $3 AND id = $4",
        &[
            (&details).into(),
            open.written_by().into(),
            token.person.organisation.as_str().into(),
            token.id.as_bytes().into(),
        ],
    )
    .map(drop)
}

/// Ends all tokens of somebody.
pub(super) fn end_those_of(
    open: &Open<'_>,
    person: &PersonId,
    record: RecordNumber,
    at: EventTime,
) -> Result<(), StoreError> {
    let rows = open.query(
        "SELECT * FROM api_token WHERE organisation = $1 AND account = $2",
        &[person.organisation.as_str().into(), person.officer.as_str().into()],
    )?;
    for token in all(open, &rows, agrees)? {
        if token.revoked_at.is_none() {
            update(open, &ApiToken { revoked_at: Some(at), ..token }, record)?;
        }
    }
    Ok(())
}
