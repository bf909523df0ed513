//! What one administrator proposes.

use super::approval::in_days;
use super::{Grants, Office, PersonState, Signature, Telling};
use crate::{Change, Digest, NotAPersonError, RecordKind, StatedReason, check_person};
use jiff::SignedDuration;
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, OfficerId,
    OrganisationId, PersonId, Protected, Purpose, Rng, Role,
};
use serde::{Deserialize, Serialize};

/// Days within which a proposal is approved or lapses.
pub const PROPOSAL_DAYS: i64 = 7;

/// The longest that an administrator of another organisation may approve without being let in anew, in
/// days: nobody here notices when he leaves there.
pub const OUTSIDE_LONGEST_DAYS: i64 = 366;

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Proposed {
    /// To make somebody an officer, with these roles.
    MakeOfficer {
        /// The account he gets.
        officer: OfficerId,
        /// His name.
        name: Protected,
        /// What he may do.
        grants: Grants,
    },
    /// To let somebody do other things than until now.
    ChangeGrants {
        /// His account.
        officer: OfficerId,
        /// What he may do from then on, in place of all before.
        grants: Grants,
    },
    /// To lift a suspension.
    Reinstate {
        /// The account.
        officer: OfficerId,
    },
    /// To take all ways to sign in and the keys away and invite him anew. What was sealed to him
    /// stays closed.
    ResetSignIn {
        /// The account.
        officer: OfficerId,
    },
    /// To print a new sheet of recovery codes; the one before holds no longer.
    RecoveryCodes,
    /// To let an administrator of another organisation approve here.
    OutsideAdministrator {
        /// Who.
        person: PersonId,
        /// The key that he signs with (Ed25519).
        #[serde(with = "super::bytes")]
        key: [u8; 32],
        /// Until when he may; at most [`OUTSIDE_LONGEST_DAYS`] away.
        until: EventTime,
    },
}

impl Proposed {
    /// The account that it is about, where it is about one.
    pub fn officer(&self) -> Option<&OfficerId> {
        match self {
            Self::MakeOfficer { officer, .. }
            | Self::ChangeGrants { officer, .. }
            | Self::Reinstate { officer }
            | Self::ResetSignIn { officer } => Some(officer),
            Self::RecoveryCodes | Self::OutsideAdministrator { .. } => None,
        }
    }

    /// The code used in files and events.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MakeOfficer { .. } => "make-officer",
            Self::ChangeGrants { .. } => "change-grants",
            Self::Reinstate { .. } => "reinstate",
            Self::ResetSignIn { .. } => "reset-sign-in",
            Self::RecoveryCodes => "recovery-codes",
            Self::OutsideAdministrator { .. } => "outside-administrator",
        }
    }

    /// Whether whoever it is about is invited to enrol by it.
    pub fn invites(&self) -> bool {
        matches!(self, Self::MakeOfficer { .. } | Self::ResetSignIn { .. })
    }
}

/// How whoever proposed proved who he is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Proof {
    /// He signed [`Draft::statement`].
    Signature(Signature),
    /// A recovery code of this digest, for an administrator whose sign-in is to be reset because he
    /// has lost it.
    RecoveryCode(Digest),
}

/// How a proposal ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// It was approved and holds.
    Approved {
        /// When.
        at: EventTime,
        /// By whom.
        second: super::Second,
    },
    /// It was refused, or taken back.
    Refused {
        /// When.
        at: EventTime,
        /// By which administrator.
        by: OfficerId,
    },
    /// Its author was suspended, has left, or what he may do was changed: what he proposed went with it.
    Closed {
        /// When.
        at: EventTime,
        /// The event that told of it.
        event: EventId,
    },
}

/// A proposal that is not made yet: what its author signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The id of the proposal.
    pub(super) id: EventId,
    pub(super) organisation: OrganisationId,
    pub(super) what: Proposed,
    pub(super) by: OfficerId,
    pub(super) at: EventTime,
    pub(super) reason: StatedReason,
    /// The count of changes of the person it is about; 0 where he isn't there yet.
    pub(super) revision: u64,
    /// Digest of the first half of the invitation, shown to whoever proposes.
    pub(super) invitation: Option<Digest>,
}

/// A proposal, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    pub(super) draft: Draft,
    pub(super) proof: Proof,
    pub(super) outcome: Option<Outcome>,
    /// When the sheet that it allowed was printed.
    pub(super) printed_at: Option<EventTime>,
}

/// Why something can't be proposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// Whoever proposes is no administrator now.
    #[error("`{officer}` is no administrator who has enrolled and is in office")]
    NotAnAdministrator {
        /// Who.
        officer: OfficerId,
    },
    /// He did not prove who he is.
    #[error("the proof is not that of `{officer}`; unlock your own key with your own passphrase")]
    NotProven {
        /// Who.
        officer: OfficerId,
    },
    /// The account is no person's.
    #[error(transparent)]
    Account(#[from] NotAPersonError),
    /// The account is taken.
    #[error("there is or was a person with the account `{officer}`; choose another")]
    AccountTaken {
        /// The account.
        officer: OfficerId,
    },
    /// Nobody has the account.
    #[error("nobody has the account `{officer}`; see `portcullis people list`")]
    NoSuchPerson {
        /// The account.
        officer: OfficerId,
    },
    /// He stands otherwise than it needs.
    #[error("`{officer}` is {state}, so there is nothing to propose")]
    State {
        /// The account.
        officer: OfficerId,
        /// Where he stands.
        state: PersonState,
    },
    /// A term ends before it begins.
    #[error("a term ends after it begins; look at the dates")]
    Term,
    /// He would have no role.
    #[error("an officer has at least one role; to end his office use `portcullis people end`")]
    NoRole,
    /// No administrator would be left.
    #[error(
        "`{officer}` is the last administrator without an end; make another one first, who enrols"
    )]
    LastAdministrator {
        /// The account.
        officer: OfficerId,
    },
    /// An administrator of the own organisation is none from outside.
    #[error("an administrator outside is one of another organisation")]
    NotOutside,
    /// He would approve for too long, or not at all.
    #[error("an administrator outside may approve for 1 to {OUTSIDE_LONGEST_DAYS} days")]
    OutsideTerm,
    /// The event can't be made.
    #[error("the proposal cannot be written as an event")]
    Event(#[from] EventError),
}

/// Begins a proposal: what there is to sign. `invitation` is the digest of the half of an invitation
/// that is shown to whoever proposes, where the proposal [invites](Proposed::invites).
///
/// # Errors
///
/// [`ProposeError`], except for [`ProposeError::NotProven`].
pub fn draft(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    by: OfficerId,
    what: Proposed,
    reason: StatedReason,
    invitation: Option<Digest>,
) -> Result<Draft, ProposeError> {
    let at = EventTime::rounded_down(clock.now())?;
    let revision = check(office, &what, at)?;
    let (id, organisation) = (EventId::random(rng), office.organisation.clone());
    Ok(Draft { id, organisation, what, by, at, reason, revision, invitation })
}

/// Whether what is proposed can be, and the count of changes of the person it is about.
pub(super) fn check(office: &Office, what: &Proposed, at: EventTime) -> Result<u64, ProposeError> {
    match what {
        Proposed::MakeOfficer { officer, grants, .. } => {
            check_person(officer)?;
            check_grants(grants)?;
            match office.person(officer) {
                None => Ok(0),
                Some(_) => Err(ProposeError::AccountTaken { officer: officer.clone() }),
            }
        }
        Proposed::ChangeGrants { officer, grants } => {
            check_grants(grants)?;
            let revision = stands(office, officer, |state| state != PersonState::Left)?;
            let stays = grants.term.until.is_none()
                && grants.term.from <= at
                && grants
                    .roles
                    .get(&Role::Administrator)
                    .is_some_and(|term| term.until.is_none() && term.from <= at);
            let was = office
                .person(officer)
                .is_some_and(|person| person.has_role(Role::Administrator, at));
            if was && !stays && !office.remains_administered_without(officer, at) {
                return Err(ProposeError::LastAdministrator { officer: officer.clone() });
            }
            Ok(revision)
        }
        Proposed::Reinstate { officer } => {
            stands(office, officer, |state| state == PersonState::Suspended)
        }
        Proposed::ResetSignIn { officer } => stands(office, officer, |state| {
            matches!(state, PersonState::Active | PersonState::Invited)
        }),
        Proposed::RecoveryCodes => Ok(0),
        Proposed::OutsideAdministrator { person, until, .. } => {
            check_person(&person.officer)?;
            if person.organisation == office.organisation {
                return Err(ProposeError::NotOutside);
            }
            if *until <= at || *until > in_days(at, OUTSIDE_LONGEST_DAYS) {
                return Err(ProposeError::OutsideTerm);
            }
            Ok(0)
        }
    }
}

fn stands(
    office: &Office,
    officer: &OfficerId,
    may: impl FnOnce(PersonState) -> bool,
) -> Result<u64, ProposeError> {
    let officer = officer.clone();
    match office.person(&officer) {
        None => Err(ProposeError::NoSuchPerson { officer }),
        Some(person) if may(person.state) => Ok(person.revision),
        Some(person) => Err(ProposeError::State { officer, state: person.state }),
    }
}

fn check_grants(grants: &Grants) -> Result<(), ProposeError> {
    if grants.roles.is_empty() {
        return Err(ProposeError::NoRole);
    }
    let mut terms = grants.roles.values().chain([&grants.term]);
    if terms.any(|term| term.until.is_some_and(|until| until <= term.from)) {
        return Err(ProposeError::Term);
    }
    Ok(())
}

impl Draft {
    /// Whose proposal it is.
    pub fn organisation(&self) -> &OrganisationId {
        &self.organisation
    }

    /// What is proposed.
    pub fn what(&self) -> &Proposed {
        &self.what
    }

    /// Who proposes it.
    pub fn by(&self) -> &OfficerId {
        &self.by
    }

    /// When.
    pub fn at(&self) -> EventTime {
        self.at
    }

    /// Why. Protected text.
    pub fn reason(&self) -> &StatedReason {
        &self.reason
    }

    /// What whoever approves signs with his own key.
    pub fn approval_statement(&self) -> Vec<u8> {
        statement(b"portcullis/people/approval/1\n", &self.digest())
    }

    /// The digest of all that it says: what both sign. Whoever is shown it and then signs, signs what he
    /// was shown.
    #[expect(clippy::missing_panics_doc, reason = "texts as keys always write as JSON")]
    pub fn digest(&self) -> Digest {
        let text = serde_json::to_vec(self).expect("texts, numbers and maps with texts as keys");
        Digest::of("people/proposal", [text.as_slice()])
    }

    /// What whoever proposes signs with his own key.
    pub fn statement(&self) -> Vec<u8> {
        statement(b"portcullis/people/proposal/1\n", &self.digest())
    }

    /// Makes the proposal. A recovery code stands in for the signature only where the sign-in of the
    /// administrator who proposes is itself to be reset: he has lost what he would sign with.
    ///
    /// # Errors
    ///
    /// [`ProposeError::NotAnAdministrator`] and [`ProposeError::NotProven`].
    pub fn propose(self, office: &Office, proof: Proof) -> Result<Change<Proposal>, ProposeError> {
        let officer = || self.by.clone();
        let proven = match &proof {
            Proof::Signature(signature) => {
                if office.administrator(&self.by, self.at).is_none() {
                    return Err(ProposeError::NotAnAdministrator { officer: officer() });
                }
                office.signed(&self.by, self.at, &self.statement(), signature)
            }
            Proof::RecoveryCode(digest) => {
                if !self.is_by_an_administrator(office, self.at) {
                    return Err(ProposeError::NotAnAdministrator { officer: officer() });
                }
                self.resets_its_author() && office.unused_code(digest).is_some()
            }
        };
        if !proven {
            return Err(ProposeError::NotProven { officer: officer() });
        }
        let mut details = Details::new();
        details.insert("what", self.what.code())?;
        details.insert("statement", Detail::Bytes(self.digest().as_bytes().to_vec()))?;
        details.insert("reason", Detail::Text(self.reason.text().clone()))?;
        if let Some(officer) = self.what.officer() {
            details.insert("officer", officer.as_str())?;
        }
        let kind = match &proof {
            Proof::Signature(signature) => {
                details.insert("signature", Detail::Bytes(signature.as_bytes().to_vec()))?;
                "people.proposed"
            }
            Proof::RecoveryCode(digest) => {
                details.insert("recovery-code", Detail::Bytes(digest.as_bytes().to_vec()))?;
                "people.proposed-with-recovery-code"
            }
        };
        let telling = Telling {
            id: self.id,
            kind,
            at: self.at,
            organisation: self.organisation.clone(),
            actor: Actor::Officer(self.by.clone()),
            purpose: Purpose::Oversight,
            details,
        };
        let proposal = Proposal { draft: self, proof, outcome: None, printed_at: None };
        Ok(telling.of(proposal, RecordKind::PersonChange))
    }
}

impl Draft {
    /// Whether its author would be an administrator at this time if he had what he signs with.
    fn is_by_an_administrator(&self, office: &Office, at: EventTime) -> bool {
        office.person(&self.by).is_some_and(|person| {
            !matches!(person.state, PersonState::Suspended | PersonState::Left)
                && person.grants.term.includes(at)
                && (person.grants.roles.get(&Role::Administrator))
                    .is_some_and(|term| term.includes(at))
        })
    }

    /// Whether it is the sign-in of its own author that is to be reset.
    pub(super) fn resets_its_author(&self) -> bool {
        matches!(&self.what, Proposed::ResetSignIn { officer } if *officer == self.by)
    }
}

pub(super) fn statement(usage: &[u8], digest: &Digest) -> Vec<u8> {
    [usage, digest.as_bytes()].concat()
}

impl Proposal {
    /// Its id.
    pub fn id(&self) -> EventId {
        self.draft.id
    }

    /// The bytes of its id.
    pub fn id_bytes(&self) -> &[u8; 16] {
        self.draft.id.as_bytes()
    }

    /// What its author signed.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Whose.
    pub fn organisation(&self) -> &OrganisationId {
        &self.draft.organisation
    }

    /// What is proposed.
    pub fn what(&self) -> &Proposed {
        &self.draft.what
    }

    /// Who proposed it.
    pub fn by(&self) -> &OfficerId {
        &self.draft.by
    }

    /// When.
    pub fn at(&self) -> EventTime {
        self.draft.at
    }

    /// Why. Protected text.
    pub fn reason(&self) -> &StatedReason {
        &self.draft.reason
    }

    /// How it was proven who proposed it.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Whether whoever proposed it may do so at this time, and it is he who did: what was read back is
    /// not believed because it was written.
    pub(super) fn is_proven(&self, office: &Office, at: EventTime) -> bool {
        let draft = &self.draft;
        match &self.proof {
            Proof::Signature(signature) => {
                office.signed(&draft.by, at, &draft.statement(), signature)
            }
            Proof::RecoveryCode(digest) => {
                draft.resets_its_author()
                    && draft.is_by_an_administrator(office, at)
                    && office.code(digest).is_some_and(|code| code.used_at == Some(draft.at))
            }
        }
    }

    /// Whether whoever is said to have proposed it may do so at this time, whether or not he did.
    pub(super) fn by_administrator(&self, office: &Office, at: EventTime) -> bool {
        match &self.proof {
            Proof::Signature(_) => office.administrator(self.by(), at).is_some(),
            Proof::RecoveryCode(_) => self.draft.is_by_an_administrator(office, at),
        }
    }

    /// What became of it.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// When the sheet of codes that it allowed was printed.
    pub fn printed_at(&self) -> Option<EventTime> {
        self.printed_at
    }

    /// The proposal, where it still waits, closed by an event that took from its author what he proposed
    /// it as.
    #[must_use]
    pub fn closed(self, event: &Event) -> Self {
        let closed = Outcome::Closed { at: event.at, event: event.id };
        Self { outcome: self.outcome.or(Some(closed)), ..self }
    }

    /// Whether it waits for somebody to approve it at this time.
    pub fn is_open(&self, at: EventTime) -> bool {
        let most = SignedDuration::from_hours(24 * PROPOSAL_DAYS);
        let age = at.timestamp().duration_since(self.draft.at.timestamp());
        self.outcome.is_none() && age < most && age >= SignedDuration::ZERO
    }

    /// What whoever approves signs with his own key.
    pub fn approval_statement(&self) -> Vec<u8> {
        self.draft.approval_statement()
    }
}
