//! Everybody who may act, the sheet of recovery codes, administrators outside.

use super::proposals::{self, use_code};
use super::{
    Kept, all, differs, kept, links, open_beside, record_of, record_of_person, sealed, tokens,
};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::engine::Row;
use crate::tables::{events, records};
use portcullis_decide::people::{
    Approval, FirstPeople, Office, Outside, Person, PersonState, Proof, Proposal, Proposed,
    RecoveryCode, RecoveryCodes, RemovedOutside, Second, sheet,
};
use portcullis_decide::{Change, RecordKind};
use portcullis_keys::RecordNumber;
use portcullis_types::{Event, OfficerId, OrganisationId};

impl Kept for Person {
    const TABLE: &'static str = "person";
    fn id(&self) -> &[u8] {
        self.id.as_bytes()
    }
}

impl Kept for Outside {
    const TABLE: &'static str = "person_outside";
    fn id(&self) -> &[u8] {
        self.id.as_bytes()
    }
}

impl Kept for RecoveryCode {
    const TABLE: &'static str = "recovery_code";
    fn id(&self) -> &[u8] {
        self.digest.as_bytes()
    }
}

fn agrees(person: &Person, cells: &Cells<'_>) -> Result<Option<&'static str>, StoreError> {
    let text = |column| cells.raw::<String>(column);
    Ok(differs("account", text("account")? == person.person.officer.as_str())
        .or(differs("state", text("state")? == person.state.code()))
        .or(differs("organisation", text("organisation")? == person.person.organisation.as_str())))
}

fn of(open: &Open<'_>, row: Option<Row>) -> Result<Option<Person>, StoreError> {
    match row {
        Some(row) => kept(open, &row, agrees),
        None => Ok(None),
    }
}

/// A person.
pub(crate) fn person(
    open: &Open<'_>,
    organisation: &OrganisationId,
    officer: &OfficerId,
) -> Result<Option<Person>, StoreError> {
    let row = open.row(
        "SELECT * FROM person WHERE organisation = $1 AND account = $2",
        &[organisation.as_str().into(), officer.as_str().into()],
    )?;
    of(open, row)
}

/// Everybody and everything that may approve.
pub(crate) fn office(open: &Open<'_>, organisation: &OrganisationId) -> Result<Office, StoreError> {
    let whose = [organisation.as_str().into()];
    let rows =
        open.query("SELECT * FROM person WHERE organisation = $1 ORDER BY account", &whose)?;
    let people = all(open, &rows, agrees)?;
    let rows = open.query("SELECT * FROM recovery_code WHERE organisation = $1", &whose)?;
    let mut codes: Vec<RecoveryCode> = all(open, &rows, |_, _| Ok(None))?;
    codes.sort_by_key(|code| code.place);
    // Whoever adds a row here does not add it to what an event told.
    let printed = match codes.first() {
        Some(code) => events::one(open, organisation, code.series)?,
        None => None,
    };
    let sheet = printed.map_or_else(Vec::new, |printed| sheet(&printed.event));
    let rows =
        open.query("SELECT * FROM person_outside WHERE organisation = $1 ORDER BY id", &whose)?;
    let outside = all(open, &rows, |_, _| Ok(None))?;
    Ok(Office { organisation: organisation.clone(), people, codes, sheet, outside })
}

/// Writes a person as he now is. Sessions that began under another authority are over.
pub(crate) fn put(open: &Open<'_>, change: &Change<Person>) -> Result<(), StoreError> {
    let person = change.state();
    let record = record_of_person(open, &person.person.organisation, &person.person.officer)?;
    events::append(open, change.event(), record)?;
    update(open, person, record, change.event())
}

/// As [`put`], where the event is written elsewhere.
pub(super) fn update(
    open: &Open<'_>,
    person: &Person,
    record: RecordNumber,
    event: &Event,
) -> Result<(), StoreError> {
    let (organisation, officer) = (&person.person.organisation, &person.person.officer);
    let overtaken = StoreError::Overtaken { what: "person" };
    let Some(before) = self::person(open, organisation, officer)? else { return Err(overtaken) };
    if before.id != person.id || before.revision.checked_add(1) != Some(person.revision) {
        return Err(overtaken);
    }
    let details = sealed(open, record, person)?;
    open.execute(
        "UPDATE person SET state = $1, details = $2, written_by = $3
         WHERE organisation = $4 AND account = $5",
        &[
            person.state.code().into(),
            (&details).into(),
            open.written_by().into(),
            organisation.as_str().into(),
            officer.as_str().into(),
        ],
    )?;
    if before.authority == person.authority {
        return Ok(());
    }
    open.execute(
        "DELETE FROM session WHERE organisation = $1 AND account = $2",
        &[organisation.as_str().into(), officer.as_str().into()],
    )?;
    // Whoever enrols anew or is suspended may have lost what programs hold in his name, too.
    match person.state {
        PersonState::Active => {}
        PersonState::Invited => tokens::end_those_of(open, &person.person, record, event.at)?,
        PersonState::Suspended | PersonState::Left => {
            tokens::end_those_of(open, &person.person, record, event.at)?;
            links::close_those_of(open, &person.person, event.at)?;
        }
    }
    proposals::close_those_of(open, &person.person, event)
}

fn add(open: &Open<'_>, person: &Person, record: RecordNumber) -> Result<(), StoreError> {
    let details = sealed(open, record, person)?;
    open.execute(
        "INSERT INTO person (id, organisation, account, record_number, state, details, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            person.id.as_bytes().into(),
            person.person.organisation.as_str().into(),
            person.person.officer.as_str().into(),
            records::value(record),
            person.state.code().into(),
            (&details).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// Whether anybody is or was here, erased ones included.
fn anybody(open: &Open<'_>, organisation: &OrganisationId) -> Result<bool, StoreError> {
    let row = open.row(
        "SELECT count(*) AS number FROM person WHERE organisation = $1",
        &[organisation.as_str().into()],
    )?;
    row.map_or(Ok(0), |row| Cells::new(open, "person", "number", &row).count("number"))
        .map(|number| number > 0)
}

/// Writes the first administrators.
pub(crate) fn put_first(open: &Open<'_>, change: &Change<FirstPeople>) -> Result<(), StoreError> {
    let FirstPeople { people, codes } = change.state();
    let organisation = &codes.organisation;
    if anybody(open, organisation)? {
        return Err(StoreError::Overtaken { what: "first administrators" });
    }
    let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)?;
    for person in people {
        let record = open_beside(open, organisation, change, RecordKind::Person)?;
        add(open, person, record)?;
    }
    add_codes(open, codes, record)
}

/// Writes a sheet of recovery codes in place of the one before.
pub(crate) fn put_codes(open: &Open<'_>, change: &Change<RecoveryCodes>) -> Result<(), StoreError> {
    let codes = change.state();
    let overtaken = || StoreError::Overtaken { what: "proposal" };
    let proposal = codes.allowed_by.as_ref().ok_or_else(overtaken)?;
    let before = proposals::one(open, &codes.organisation, proposal.id())?;
    if before.ok_or_else(overtaken)?.printed_at().is_some() {
        return Err(overtaken());
    }
    let record = proposals::record(open, proposal)?;
    events::append(open, change.event(), record)?;
    proposals::put_details(open, proposal, record)?;
    open.execute(
        "DELETE FROM recovery_code WHERE organisation = $1",
        &[codes.organisation.as_str().into()],
    )?;
    add_codes(open, codes, record)
}

fn add_codes(
    open: &Open<'_>,
    codes: &RecoveryCodes,
    record: RecordNumber,
) -> Result<(), StoreError> {
    for code in &codes.codes {
        let details = sealed(open, record, code)?;
        open.execute(
            "INSERT INTO recovery_code (id, organisation, record_number, details, written_by)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                code.digest.as_bytes().into(),
                codes.organisation.as_str().into(),
                records::value(record),
                (&details).into(),
                open.written_by().into(),
            ],
        )?;
    }
    Ok(())
}

/// Takes an administrator outside off.
pub(crate) fn remove_outside(
    open: &Open<'_>,
    change: &Change<RemovedOutside>,
) -> Result<(), StoreError> {
    let RemovedOutside { organisation, let_in } = change.state();
    let mut told = false;
    for id in let_in {
        let values = [organisation.as_str().into(), id.as_bytes().into()];
        let record = record_of(
            open,
            "person_outside",
            "SELECT id, record_number FROM person_outside WHERE organisation = $1 AND id = $2",
            &values,
            "administrator outside",
        )?;
        if !told {
            events::append(open, change.event(), record)?;
            told = true;
        }
        open.execute("DELETE FROM person_outside WHERE organisation = $1 AND id = $2", &values)?;
    }
    if told { Ok(()) } else { Err(StoreError::Overtaken { what: "administrator outside" }) }
}

/// Writes a new proposal, or that one was refused.
pub(crate) fn put_proposal(open: &Open<'_>, change: &Change<Proposal>) -> Result<(), StoreError> {
    let proposal = change.state();
    if proposal.outcome().is_some() {
        let record = proposals::record(open, proposal)?;
        events::append(open, change.event(), record)?;
        return proposals::decide(open, proposal, record);
    }
    let organisation = proposal.organisation();
    let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)?;
    if let Proof::RecoveryCode(digest) = proposal.proof() {
        use_code(open, proposal, digest, proposal.at())?;
    }
    proposals::add(open, proposal, record)
}

/// Writes an approval, and what it changes.
pub(crate) fn put_approval(open: &Open<'_>, change: &Change<Approval>) -> Result<(), StoreError> {
    let Approval { proposal, person, outside } = change.state();
    let organisation = proposal.organisation();
    let record = proposals::record(open, proposal)?;
    events::append(open, change.event(), record)?;
    proposals::decide(open, proposal, record)?;
    if let Some(portcullis_decide::people::Outcome::Approved {
        at,
        second: Second::RecoveryCode { digest, .. },
    }) = proposal.outcome()
    {
        use_code(open, proposal, digest, *at)?;
    }
    if let Some(outside) = outside {
        let details = sealed(open, record, outside)?;
        open.execute(
            "INSERT INTO person_outside (id, organisation, record_number, details, written_by)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                outside.id.as_bytes().into(),
                organisation.as_str().into(),
                records::value(record),
                (&details).into(),
                open.written_by().into(),
            ],
        )?;
    }
    let Some(person) = person else { return Ok(()) };
    match proposal.what() {
        Proposed::MakeOfficer { .. } => {
            let record = open_beside(open, organisation, change, RecordKind::Person)?;
            add(open, person, record)
        }
        Proposed::ResetSignIn { officer } => {
            let values = [organisation.as_str().into(), officer.as_str().into()];
            open.execute(
                "DELETE FROM credential WHERE organisation = $1 AND account = $2",
                &values,
            )?;
            open.execute(
                "DELETE FROM personal_key WHERE organisation = $1 AND account = $2",
                &values,
            )?;
            update(open, person, record_of_person(open, organisation, officer)?, change.event())
        }
        _ => {
            let officer = &person.person.officer;
            update(open, person, record_of_person(open, organisation, officer)?, change.event())
        }
    }
}
