//! What another administrator approves.

use super::proposal::{PROPOSAL_DAYS, check};
use super::told::sheet_detail;
use super::{
    Grants, Invitation, Office, Outcome, Person, PersonState, Proof, Proposal, ProposeError,
    Proposed, RecoveryCode, RecoveryCodes, Signature, Telling,
};
use crate::{Change, Digest, RecordKind};
use jiff::SignedDuration;
use portcullis_types::{
    Actor, Clock, Detail, Details, EventError, EventId, EventTime, OfficerId, PersonId, Purpose,
    Rng, Role,
};
use serde::{Deserialize, Serialize};

/// An administrator of another organisation who may approve here, by his signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// The proposal by which he was let in.
    pub id: EventId,
    /// Who.
    pub person: PersonId,
    /// The key that he signs with (Ed25519).
    #[serde(with = "super::bytes")]
    pub key: [u8; 32],
    /// Until when he may; that moment is not part of it.
    pub until: EventTime,
}

/// Who stands beside whoever proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Second {
    /// Another administrator, who signed [`Proposal::approval_statement`].
    Administrator {
        /// Who.
        officer: OfficerId,
        /// His signature.
        signature: Signature,
    },
    /// An administrator who has a recovery code of this digest; it may be the one who proposed it.
    RecoveryCode {
        /// Digest of the code.
        digest: Digest,
        /// Who used it.
        officer: OfficerId,
        /// His signature of [`Proposal::approval_statement`]; none only where his own sign-in is reset
        /// because he has lost what he would sign with.
        signature: Option<Signature>,
    },
    /// An administrator outside, who signed [`Proposal::approval_statement`].
    Outside {
        /// Who.
        person: PersonId,
        /// His signature.
        signature: Signature,
    },
}

/// What an approval changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The proposal, with its outcome.
    pub proposal: Proposal,
    /// The person as he now is.
    pub person: Option<Person>,
    /// The administrator outside who was let in.
    pub outside: Option<Outside>,
}

/// Why a proposal isn't approved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApproveError {
    /// It was approved, refused or has lapsed.
    #[error(
        "the proposal waits for nobody any more: it was dealt with, or {PROPOSAL_DAYS} days are over; propose it again"
    )]
    NotOpen,
    /// Whoever approves is the one who proposed.
    #[error("`{officer}` proposed it; another administrator approves")]
    OwnProposal {
        /// Who.
        officer: OfficerId,
    },
    /// Whoever approves is the one it is about.
    #[error("it is about `{officer}`; another administrator approves")]
    AboutOneself {
        /// Who.
        officer: OfficerId,
    },
    /// Whoever proposed it is no administrator any more, or it isn't his signature.
    #[error(
        "it is not proven that `{officer}` proposed it, who would have to be an administrator in office now; have it proposed again"
    )]
    NotProposed {
        /// Who it says proposed it.
        officer: OfficerId,
    },
    /// Whoever approves is no administrator who proved it, nor has a code that holds.
    #[error(
        "this is no approval: it takes the signature of an administrator in office, whether or not with a recovery code that was not used"
    )]
    NotProven,
    /// No recovery code stands in for the second administrator here.
    #[error("no recovery code approves this `{what}`; it takes another administrator")]
    NotByCode {
        /// What is proposed.
        what: &'static str,
    },
    /// The code is the one that it was proposed with.
    #[error("the proposal was made with this recovery code; approving takes another one")]
    SameCode,
    /// The person was changed since it was proposed.
    #[error("the person was changed since it was proposed; look, and propose it again")]
    Overtaken,
    /// It invites somebody, and there is no second half of the invitation.
    #[error("it invites somebody, which takes the second half of an invitation")]
    NoInvitation,
    /// It can't be done any more.
    #[error(transparent)]
    Refused(#[from] ProposeError),
    /// The event can't be made.
    #[error("the approval cannot be written as an event")]
    Event(#[from] EventError),
}

/// Approves a proposal: what was proposed holds from now on. `invitation` is the digest of the half
/// of an invitation that is shown to whoever approves, where the proposal
/// [invites](Proposed::invites).
///
/// # Errors
///
/// [`ApproveError`]: whoever proposed never approves without a recovery code, nor whoever it is about,
/// nor anybody who does not prove that he may; and nothing is approved that its author did not sign, or
/// may propose no longer.
pub fn approve(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    proposal: Proposal,
    second: Second,
    invitation: Option<Digest>,
) -> Result<Change<Approval>, ApproveError> {
    let at = EventTime::rounded_down(clock.now())?;
    if !proposal.is_open(at) || proposal.draft.organisation != office.organisation {
        return Err(ApproveError::NotOpen);
    }
    if !proposal.is_proven(office, at) {
        return Err(ApproveError::NotProposed { officer: proposal.by().clone() });
    }
    let (mut details, kind, actor) = judged(office, &proposal, &second, at)?;
    if check(office, &proposal.draft.what, at)? != proposal.draft.revision {
        return Err(ApproveError::Overtaken);
    }
    let invitation = match (proposal.draft.what.invites(), proposal.draft.invitation, invitation) {
        (false, _, _) => None,
        (true, Some(proposers), Some(approvers)) => {
            Some(Invitation { proposers, approvers, until: in_days(at, PROPOSAL_DAYS) })
        }
        (true, _, _) => return Err(ApproveError::NoInvitation),
    };
    details.insert("what", proposal.draft.what.code())?;
    details.insert("proposal", Detail::Bytes(proposal.id().as_bytes().to_vec()))?;
    if let Some(officer) = proposal.draft.what.officer() {
        details.insert("officer", officer.as_str())?;
    }
    match &proposal.draft.what {
        Proposed::ChangeGrants { .. } => details.insert("ends", "sessions, open proposals")?,
        Proposed::ResetSignIn { .. } => {
            details.insert("ends", "sessions, credentials, keys, tokens, open proposals")?;
        }
        _ => {}
    }
    let person = changed(office, &proposal, invitation);
    let outside = match &proposal.draft.what {
        Proposed::OutsideAdministrator { person, key, until } => {
            Some(Outside { id: proposal.id(), person: person.clone(), key: *key, until: *until })
        }
        _ => None,
    };
    let telling = Telling {
        id: EventId::random(rng),
        kind,
        at,
        organisation: office.organisation.clone(),
        actor,
        purpose: Purpose::Oversight,
        details,
    };
    let proposal = Proposal { outcome: Some(Outcome::Approved { at, second }), ..proposal };
    Ok(telling.of(Approval { proposal, person, outside }, RecordKind::PersonChange))
}

/// Whether these two are two: the details, the kind and the actor of the event then.
pub(super) fn judged(
    office: &Office,
    proposal: &Proposal,
    second: &Second,
    at: EventTime,
) -> Result<(Details, &'static str, Actor), ApproveError> {
    let mut details = Details::new();
    let statement = proposal.approval_statement();
    match second {
        Second::Administrator { officer, signature } => {
            let officer = officer.clone();
            if officer == proposal.draft.by {
                return Err(ApproveError::OwnProposal { officer });
            }
            if proposal.draft.what.officer() == Some(&officer) {
                return Err(ApproveError::AboutOneself { officer });
            }
            if !office.signed(&officer, at, &statement, signature) {
                return Err(ApproveError::NotProven);
            }
            details.insert("signature", Detail::Bytes(signature.as_bytes().to_vec()))?;
            Ok((details, "people.approved", Actor::Officer(officer)))
        }
        Second::RecoveryCode { digest, officer, signature } => {
            if proposal.proof == Proof::RecoveryCode(*digest) {
                return Err(ApproveError::SameCode);
            }
            may_by_code(office, proposal, officer, at)?;
            let proven = match signature {
                Some(signature) => office.signed(officer, at, &statement, signature),
                // He has lost what he would sign with. That it is his own sign-in was looked at with
                // the proof of the proposal.
                None => {
                    matches!(proposal.proof, Proof::RecoveryCode(_)) && officer == proposal.by()
                }
            };
            let code = office.unused_code(digest).filter(|_| proven);
            let code = code.ok_or(ApproveError::NotProven)?;
            details.insert("recovery-code", Detail::Bytes(digest.as_bytes().to_vec()))?;
            if let Some(signature) = signature {
                details.insert("signature", Detail::Bytes(signature.as_bytes().to_vec()))?;
            }
            details.insert("place", u64::from(code.place))?;
            Ok((details, "people.approved-with-recovery-code", Actor::Officer(officer.clone())))
        }
        Second::Outside { person, signature } => {
            if matches!(&proposal.draft.what,
                Proposed::OutsideAdministrator { person: about, .. } if about == person)
            {
                return Err(ApproveError::AboutOneself { officer: person.officer.clone() });
            }
            let mut known = office.outside.iter();
            let signed = known.any(|outside| {
                outside.person == *person
                    && at < outside.until
                    && signature.is_of(&statement, &outside.key)
            });
            if !signed {
                return Err(ApproveError::NotProven);
            }
            details.insert("signature", Detail::Bytes(signature.as_bytes().to_vec()))?;
            details.insert("outside", person.organisation.as_str())?;
            Ok((details, "people.approved-outside", Actor::Officer(person.officer.clone())))
        }
    }
}

/// Whether a recovery code in the hands of this officer may stand in for the second administrator. It
/// may not where it would last: what stands beside administrators from then on, or more for either of the
/// two who may be one and the same. Nor, while somebody else is an administrator, for what would have that
/// one person act as two: another administrator, or somebody in whose place he enrols with both halves.
fn may_by_code(
    office: &Office,
    proposal: &Proposal,
    officer: &OfficerId,
    at: EventTime,
) -> Result<(), ApproveError> {
    let what = &proposal.draft.what;
    let not_by_code = ApproveError::NotByCode { what: what.code() };
    let about = match what {
        Proposed::RecoveryCodes | Proposed::OutsideAdministrator { .. } => return Err(not_by_code),
        // His own way in, which he lost; nobody else's.
        Proposed::ResetSignIn { officer: about } => {
            let own = about == officer && about == proposal.by();
            return if own { Ok(()) } else { Err(not_by_code) };
        }
        Proposed::MakeOfficer { officer, .. }
        | Proposed::ChangeGrants { officer, .. }
        | Proposed::Reinstate { officer } => officer,
    };
    let either = [officer, proposal.by()];
    if either.contains(&about) {
        return Err(ApproveError::AboutOneself { officer: about.clone() });
    }
    let is_one = |grants: &Grants| grants.roles.contains_key(&Role::Administrator);
    let was_one = office.person(about).is_some_and(|person| is_one(&person.grants));
    let lasts = match what {
        Proposed::MakeOfficer { grants, .. } => is_one(grants) || officer == proposal.by(),
        Proposed::ChangeGrants { grants, .. } => is_one(grants) || was_one,
        _ => was_one,
    };
    if lasts && office.has_administrators_beside(&either, at) { Err(not_by_code) } else { Ok(()) }
}

/// The person it is about, as he is once it holds.
pub(super) fn changed(
    office: &Office,
    proposal: &Proposal,
    invitation: Option<Invitation>,
) -> Option<Person> {
    let officer = proposal.draft.what.officer()?;
    let person = office.person(officer).cloned();
    let next = |person: Person| Person {
        authority: person.authority.saturating_add(1),
        revision: person.revision.saturating_add(1),
        ..person
    };
    match &proposal.draft.what {
        Proposed::MakeOfficer { officer, name, grants } => Some(Person {
            id: proposal.id(),
            person: PersonId {
                organisation: office.organisation.clone(),
                officer: officer.clone(),
            },
            name: name.clone(),
            grants: grants.clone(),
            state: PersonState::Invited,
            keys: None,
            invitation,
            authority: 1,
            revision: 1,
        }),
        Proposed::ChangeGrants { grants, .. } => {
            Some(next(Person { grants: grants.clone(), ..person? }))
        }
        Proposed::Reinstate { .. } => {
            let person = person?;
            // Whoever was suspended before he enrolled still has to.
            let state =
                if person.keys.is_some() { PersonState::Active } else { PersonState::Invited };
            Some(next(Person { state, ..person }))
        }
        Proposed::ResetSignIn { .. } => {
            Some(next(Person { state: PersonState::Invited, keys: None, invitation, ..person? }))
        }
        Proposed::RecoveryCodes | Proposed::OutsideAdministrator { .. } => None,
    }
}

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// So many days later; at once where the calendar ends before.
pub(super) fn in_days(at: EventTime, days: i64) -> EventTime {
    let later = at.timestamp().checked_add(SignedDuration::from_secs(days.saturating_mul(DAY)));
    later.ok().and_then(|later| EventTime::rounded_down(later).ok()).unwrap_or(at)
}

/// Refuses a proposal, or takes one's own back. It is the safe side, so a name that is stated is
/// enough.
///
/// # Errors
///
/// [`ApproveError::NotOpen`]; [`ApproveError::NotProven`] when `by` is no administrator.
pub fn refuse(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    proposal: Proposal,
    by: OfficerId,
) -> Result<Change<Proposal>, ApproveError> {
    let at = EventTime::rounded_down(clock.now())?;
    if proposal.outcome.is_some() || proposal.draft.organisation != office.organisation {
        return Err(ApproveError::NotOpen);
    }
    if office.administrator(&by, at).is_none() {
        return Err(ApproveError::NotProven);
    }
    let mut details = Details::new();
    details.insert("proposal", Detail::Bytes(proposal.id().as_bytes().to_vec()))?;
    details.insert("what", proposal.draft.what.code())?;
    let telling = Telling {
        id: EventId::random(rng),
        kind: "people.refused",
        at,
        organisation: office.organisation.clone(),
        actor: Actor::Officer(by.clone()),
        purpose: Purpose::Oversight,
        details,
    };
    let proposal = Proposal { outcome: Some(Outcome::Refused { at, by }), ..proposal };
    Ok(telling.of(proposal, RecordKind::PersonChange))
}

/// The event that tells of a new sheet.
pub(super) const PRINTED: &str = "people.recovery-codes-printed";

/// Notes the sheet of codes that a proposal allowed, once it is drawn: `digests` are those of the
/// codes, in their order on the sheet.
///
/// # Errors
///
/// [`ApproveError::NotOpen`] when the proposal allows none, or its sheet was printed already;
/// [`ApproveError::NotProven`] when `by` is no administrator, or those who allowed it did not sign.
pub fn codes_printed(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    proposal: Proposal,
    by: OfficerId,
    digests: &[Digest],
) -> Result<Change<RecoveryCodes>, ApproveError> {
    let at = EventTime::rounded_down(clock.now())?;
    let (approved_at, second) = match &proposal.outcome {
        Some(Outcome::Approved { at, second }) => (*at, second),
        _ => return Err(ApproveError::NotOpen),
    };
    if proposal.draft.organisation != office.organisation
        || proposal.draft.what != Proposed::RecoveryCodes
        || proposal.printed_at.is_some()
        || at >= in_days(approved_at, PROPOSAL_DAYS)
    {
        return Err(ApproveError::NotOpen);
    }
    if !proposal.is_proven(office, at) {
        return Err(ApproveError::NotProposed { officer: proposal.by().clone() });
    }
    judged(office, &proposal, second, at)?;
    if office.administrator(&by, at).is_none() {
        return Err(ApproveError::NotProven);
    }
    let organisation = proposal.draft.organisation.clone();
    let series = EventId::random(rng);
    let codes = sheet(series, digests);
    let mut details = Details::new();
    details.insert("proposal", Detail::Bytes(proposal.id().as_bytes().to_vec()))?;
    details.insert("codes", codes.len() as u64)?;
    details.insert("sheet", sheet_detail(digests))?;
    let telling = Telling {
        id: series,
        kind: PRINTED,
        at,
        organisation: organisation.clone(),
        actor: Actor::Officer(by),
        purpose: Purpose::Oversight,
        details,
    };
    let allowed_by = Some(Proposal { printed_at: Some(at), ..proposal });
    Ok(telling.of(RecoveryCodes { organisation, allowed_by, codes }, RecordKind::PersonChange))
}

pub(super) fn sheet(series: EventId, digests: &[Digest]) -> Vec<RecoveryCode> {
    (1..)
        .zip(digests)
        .map(|(place, digest)| RecoveryCode { series, place, digest: *digest, used_at: None })
        .collect()
}
