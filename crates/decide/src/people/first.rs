//! The first administrators, whom nobody could approve.

use super::approval::{in_days, sheet};
use super::told::sheet_detail;
use super::{
    Grants, Invitation, Office, PROPOSAL_DAYS, Person, PersonState, RECOVERY_CODES, RecoveryCodes,
    Telling, Term,
};
use crate::{Change, Digest, NotAPersonError, RecordKind, check_person};
use portcullis_types::{
    Actor, Clock, Details, EventError, EventId, EventTime, Level, OfficerId, PersonId, Protected,
    Purpose, Rng, Role,
};
use std::collections::{BTreeMap, BTreeSet};

/// The event that tells of them.
pub(super) const FIRST: &str = "people.first-administrators";

/// One of the first administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdministrator {
    /// The account he gets.
    pub officer: OfficerId,
    /// His name.
    pub name: Protected,
    /// Other roles beside that of administrator.
    pub roles: BTreeSet<Role>,
    /// Digest of the invitation that is shown once.
    pub invitation: Digest,
}

/// The first administrators, and the sheet of recovery codes where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPeople {
    /// They.
    pub people: Vec<Person>,
    /// The sheet.
    pub codes: RecoveryCodes,
}

/// Why there are no first administrators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FirstError {
    /// There are people already.
    #[error("there are people already; propose further ones with `portcullis people propose`")]
    NotTheFirst,
    /// One alone, without a sheet.
    #[error(
        "an office begins with two administrators, or with one and a sheet of {RECOVERY_CODES} recovery codes"
    )]
    TwoNeeded,
    /// Both are one.
    #[error("the two administrators are two people, with an account each")]
    SameAccount,
    /// An account is no person's.
    #[error(transparent)]
    Account(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("the first administrators cannot be written as an event")]
    Event(#[from] EventError),
}

/// Makes the first administrators: two, or one together with a sheet of recovery codes of which
/// `codes` are the digests.
///
/// # Errors
///
/// [`FirstError`]; above all [`FirstError::NotTheFirst`] when there is anybody already, even one who
/// has left.
pub fn first_people(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    administrators: &[NewAdministrator],
    codes: &[Digest],
) -> Result<Change<FirstPeople>, FirstError> {
    if !office.people.is_empty() {
        return Err(FirstError::NotTheFirst);
    }
    let whole_sheet = codes.len() == usize::from(RECOVERY_CODES);
    if administrators.is_empty()
        || (administrators.len() < 2 && !whole_sheet)
        || (!codes.is_empty() && !whole_sheet)
    {
        return Err(FirstError::TwoNeeded);
    }
    let accounts: BTreeSet<&OfficerId> = administrators.iter().map(|one| &one.officer).collect();
    if accounts.len() != administrators.len() {
        return Err(FirstError::SameAccount);
    }
    let at = EventTime::rounded_down(clock.now())?;
    let series = EventId::random(rng);
    let mut details = Details::new();
    details.insert("codes", codes.len() as u64)?;
    details.insert("sheet", sheet_detail(codes))?;
    let mut people = Vec::new();
    for (number, one) in (1_u8..).zip(administrators) {
        check_person(&one.officer)?;
        details.insert(&format!("officer-{number}"), one.officer.as_str())?;
        let term = Term { from: at, until: None };
        let roles: BTreeMap<Role, Term> =
            one.roles.iter().copied().chain([Role::Administrator]).map(|r| (r, term)).collect();
        let invitation = Invitation {
            proposers: one.invitation,
            approvers: one.invitation,
            until: in_days(at, PROPOSAL_DAYS),
        };
        let codes: Vec<&str> = roles.keys().map(|role| role.code()).collect();
        details.insert(&format!("roles-{number}"), codes.join(" ").as_str())?;
        people.push(Person {
            id: EventId::random(rng),
            person: PersonId {
                organisation: office.organisation.clone(),
                officer: one.officer.clone(),
            },
            name: one.name.clone(),
            grants: Grants {
                roles,
                clearance: Level::default(),
                compartments: BTreeSet::new(),
                party: None,
                term,
            },
            state: PersonState::Invited,
            keys: None,
            invitation: Some(invitation),
            authority: 1,
            revision: 1,
        });
    }
    let actor = administrators.first().map(|one| one.officer.clone());
    let telling = Telling {
        id: series,
        kind: FIRST,
        at,
        organisation: office.organisation.clone(),
        actor: Actor::Officer(actor.ok_or(FirstError::TwoNeeded)?),
        purpose: Purpose::Oversight,
        details,
    };
    let codes = RecoveryCodes {
        organisation: office.organisation.clone(),
        allowed_by: None,
        codes: sheet(series, codes),
    };
    Ok(telling.of(FirstPeople { people, codes }, RecordKind::PersonChange))
}
