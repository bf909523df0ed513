//! Proposals: made, and decided on once.

use super::{Kept, all, differs, kept, record_of, sealed};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::tables::records;
use portcullis_decide::Digest;
use portcullis_decide::people::{Outcome, Proof, Proposal, RecoveryCode, Second};
use portcullis_keys::RecordNumber;
use portcullis_types::{Event, EventId, EventTime, OrganisationId, PersonId};

impl Kept for Proposal {
    const TABLE: &'static str = "person_proposal";
    fn id(&self) -> &[u8] {
        self.id_bytes()
    }
}

fn state(proposal: &Proposal) -> &'static str {
    match proposal.outcome() {
        None => "open",
        Some(Outcome::Approved { .. }) => "approved",
        Some(Outcome::Refused { .. } | Outcome::Closed { .. }) => "refused",
    }
}

fn agrees(proposal: &Proposal, cells: &Cells<'_>) -> Result<Option<&'static str>, StoreError> {
    let text = |column| cells.raw::<String>(column);
    Ok(differs("state", text("state")? == state(proposal))
        .or(differs("organisation", text("organisation")? == proposal.organisation().as_str())))
}

/// A proposal.
pub(crate) fn one(
    open: &Open<'_>,
    organisation: &OrganisationId,
    id: EventId,
) -> Result<Option<Proposal>, StoreError> {
    let row = open.row(
        "SELECT * FROM person_proposal WHERE organisation = $1 AND id = $2",
        &[organisation.as_str().into(), id.as_bytes().into()],
    )?;
    match row {
        Some(row) => kept(open, &row, agrees),
        None => Ok(None),
    }
}

/// All proposals, those made first before the others.
pub(crate) fn every(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<Proposal>, StoreError> {
    let rows = open.query(
        "SELECT * FROM person_proposal WHERE organisation = $1 ORDER BY record_number",
        &[organisation.as_str().into()],
    )?;
    all(open, &rows, agrees)
}

/// Closes what this officer proposed and nobody decided on: what happened took from him what he
/// proposed it as.
pub(super) fn close_those_of(
    open: &Open<'_>,
    person: &PersonId,
    event: &Event,
) -> Result<(), StoreError> {
    let rows = open.query(
        "SELECT * FROM person_proposal WHERE organisation = $1 AND state = 'open'",
        &[person.organisation.as_str().into()],
    )?;
    for proposal in all(open, &rows, agrees)? {
        if *proposal.by() == person.officer {
            let record = record(open, &proposal)?;
            decide(open, &proposal.closed(event), record)?;
        }
    }
    Ok(())
}

/// The record of a proposal.
pub(super) fn record(open: &Open<'_>, proposal: &Proposal) -> Result<RecordNumber, StoreError> {
    record_of(
        open,
        "person_proposal",
        "SELECT id, record_number FROM person_proposal WHERE organisation = $1 AND id = $2",
        &[proposal.organisation().as_str().into(), proposal.id().as_bytes().into()],
        "proposal",
    )
}

pub(super) fn add(
    open: &Open<'_>,
    proposal: &Proposal,
    record: RecordNumber,
) -> Result<(), StoreError> {
    let details = sealed(open, record, proposal)?;
    open.execute(
        "INSERT INTO person_proposal (id, organisation, record_number, state, details, written_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            proposal.id().as_bytes().into(),
            proposal.organisation().as_str().into(),
            records::value(record),
            state(proposal).into(),
            (&details).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

pub(super) fn decide(
    open: &Open<'_>,
    proposal: &Proposal,
    record: RecordNumber,
) -> Result<(), StoreError> {
    let details = sealed(open, record, proposal)?;
    let changed = open.execute(
        "UPDATE person_proposal SET state = $1, details = $2, written_by = $3
         WHERE organisation = $4 AND id = $5 AND state = 'open'",
        &[
            state(proposal).into(),
            (&details).into(),
            open.written_by().into(),
            proposal.organisation().as_str().into(),
            proposal.id().as_bytes().into(),
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Overtaken { what: "proposal" }) }
}

pub(super) fn put_details(
    open: &Open<'_>,
    proposal: &Proposal,
    record: RecordNumber,
) -> Result<(), StoreError> {
    let details = sealed(open, record, proposal)?;
    open.execute(
        "UPDATE person_proposal SET details = $1, written_by = $2
         WHERE organisation = $3 AND id = $4",
        &[
            (&details).into(),
            open.written_by().into(),
            proposal.organisation().as_str().into(),
            proposal.id().as_bytes().into(),
        ],
    )
    .map(drop)
}

/// Whether a recovery code of this digest was used for this proposal.
fn uses(proposal: &Proposal, digest: &Digest) -> bool {
    let by_code = |outcome: &Outcome| match outcome {
        Outcome::Approved { second: Second::RecoveryCode { digest: used, .. }, .. } => {
            used == digest
        }
        _ => false,
    };
    *proposal.proof() == Proof::RecoveryCode(*digest) || proposal.outcome().is_some_and(by_code)
}

/// Notes that a recovery code was used for this proposal.
pub(super) fn use_code(
    open: &Open<'_>,
    proposal: &Proposal,
    digest: &Digest,
    at: EventTime,
) -> Result<(), StoreError> {
    let organisation = proposal.organisation();
    let overtaken = || StoreError::Overtaken { what: "recovery code" };
    // The row may have been put back; what it was used for is there still.
    let mut others = every(open, organisation)?.into_iter();
    if others.any(|other| other.id() != proposal.id() && uses(&other, digest)) {
        return Err(overtaken());
    }
    let row = open.row(
        "SELECT * FROM recovery_code WHERE organisation = $1 AND id = $2",
        &[organisation.as_str().into(), digest.as_bytes().into()],
    )?;
    let row = row.ok_or_else(overtaken)?;
    let code: Option<RecoveryCode> = kept(open, &row, |_, _| Ok(None))?;
    let code = code.filter(|code| code.used_at.is_none()).ok_or_else(overtaken)?;
    let record = Cells::new(open, "recovery_code", "id", &row).record_number("record_number")?;
    let details = sealed(open, record, &RecoveryCode { used_at: Some(at), ..code })?;
    open.execute(
        "UPDATE recovery_code SET details = $1, written_by = $2
         WHERE organisation = $3 AND id = $4",
        &[
            (&details).into(),
            open.written_by().into(),
            organisation.as_str().into(),
            digest.as_bytes().into(),
        ],
    )
    .map(drop)
}
