//! Who is tied to whom, as declared.

use crate::exchange::telling::Telling;
use crate::exchange::{ActError, Acting};
use crate::people::codes::vocabulary;
use crate::{Change, Digest, RecordKind, StatedReason};
use portcullis_types::{Clock, PersonId, Protected, Rng};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How somebody is tied to a subject.
    TieKind {
        /// They are the same person: a subject whom the organisation knows by one of its accounts.
        Same = "same",
        /// Employs the subject, or did.
        Employs = "employs",
        /// Is employed by the subject, or was.
        EmployedBy = "employed-by",
        /// Is a relative, or of one household.
        Related = "related",
        /// Funds the subject, or did.
        Funds = "funds",
        /// Is funded by the subject, or was.
        FundedBy = "funded-by",
        /// Sponsors the subject: a pass, a visa, a membership.
        Sponsors = "sponsors",
        /// Is sponsored by the subject.
        SponsoredBy = "sponsored-by",
        /// Is in business with the subject.
        InBusiness = "in-business",
        /// Is close to the subject in another way.
        Close = "close",
    }
}

/// What tells one subject from another, without telling who it is: a digest of what the organisation
/// knows the subject by. Whoever can guess what went in can test the guess, so it is kept sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubjectMark(Digest);

impl SubjectMark {
    /// The mark of a subject with this name and identifier, as they are written in the organisation's
    /// own register of ties.
    pub fn of(name: &Protected, identifier: &Protected) -> Self {
        let parts = [name.reveal().as_bytes(), identifier.reveal().as_bytes()];
        Self(Digest::of("exchange/subject", parts))
    }
}

/// Whom a notice is about, as far as it matters for who may be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Subject {
    /// A person of a member organisation.
    Member(PersonId),
    /// Anybody or anything else.
    Other(SubjectMark),
}

/// That somebody is tied to a subject. A tie has no end: whoever employed somebody last year is not
/// the one to be warned of him this year. One that was declared by mistake is struck.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tie {
    /// Who.
    pub person: PersonId,
    /// How.
    pub kind: TieKind,
    /// To whom.
    pub subject: Subject,
}

/// Declares a tie, one's own or another's.
///
/// # Errors
/// [`ActError`].
pub fn declare_tie(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    tie: Tie,
) -> Result<Change<Tie>, ActError> {
    let event = of_tie("duty.tie-declared", &tie)?.by(clock, rng, acting)?;
    Ok(Change::new(tie, event, RecordKind::Tie))
}

/// Strikes a tie that was declared by mistake. That lets somebody be told things, so it has a reason,
/// and nobody strikes his own.
///
/// # Errors
/// [`StrikeTieError`].
pub fn strike_tie(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    tie: Tie,
    reason: &StatedReason,
) -> Result<Change<Tie>, StrikeTieError> {
    if tie.person.officer == acting.officer && tie.person.organisation == acting.organisation {
        return Err(StrikeTieError::Own);
    }
    let telling = of_tie("duty.tie-struck", &tie).map_err(ActError::from)?;
    let event = telling.because(reason).map_err(ActError::from)?.by(clock, rng, acting)?;
    Ok(Change::new(tie, event, RecordKind::Tie))
}

/// Why a tie isn't struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StrikeTieError {
    /// It is the officer's own.
    #[error("nobody strikes a tie of his own; ask another officer")]
    Own,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Not to whom: an event is read by more people than the register of ties.
fn of_tie(kind: &'static str, tie: &Tie) -> Result<Telling, portcullis_types::EventError> {
    Telling::of(kind)
        .with("organisation", tie.person.organisation.as_str())?
        .with("officer", tie.person.officer.as_str())?
        .with("tie", tie.kind.code())
}
