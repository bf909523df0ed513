//! Erasing records, and the proof that it was done.

use super::{Disposal, HeldRecord, RecordKind, RecordNumber, day_of};
use crate::decision::kind;
use crate::{Change, NotAPersonError, check_person};
use jiff::civil::Date;
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, JobName, OfficerId,
    OrganisationId, Purpose, Rng,
};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Most records that one event tells of. At eight bytes a number they take an eighth of the 64,000
/// bytes that the details of an event may have.
pub const MAX_ERASED_TOGETHER: usize = 1_000;

/// Longest reference of a case, in bytes: the longest word of an event.
const MAX_REFERENCE_BYTES: usize = 64;

/// Records that are no more.
///
/// Its event is the proof of their disposal. It has a record of its own, which is kept longer, and
/// holds numbers, kinds, how many, and on what basis; nothing of what was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The organisation that controlled them.
    pub organisation: OrganisationId,
    /// When (UTC).
    pub at: EventTime,
    /// Their numbers, in order; at most [`MAX_ERASED_TOGETHER`].
    pub records: Vec<RecordNumber>,
    /// Why they went.
    pub basis: Basis,
}

/// Why records were erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// Their review date had come, and the schedule says that they go.
    Due,
    /// Their review date had come, and an officer looked at them.
    Reviewed,
    /// There was a duty to erase them before.
    Duty {
        /// Which.
        duty: ErasureDuty,
        /// Under what the organisation keeps what led to it.
        case: CaseReference,
    },
}

impl Basis {
    /// The code used in files and events.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Reviewed => "reviewed",
            Self::Duty { duty, .. } => duty.code(),
        }
    }
}

/// What an officer erases records for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfficerBasis {
    /// Their review date has come, and they are needed no longer.
    Reviewed,
    /// There is a duty to erase them, whatever their review date.
    Duty {
        /// Which.
        duty: ErasureDuty,
        /// Under what the organisation keeps what led to it, such as the request.
        case: CaseReference,
    },
}

impl From<OfficerBasis> for Basis {
    fn from(basis: OfficerBasis) -> Self {
        match basis {
            OfficerBasis::Reviewed => Self::Reviewed,
            OfficerBasis::Duty { duty, case } => Self::Duty { duty, case },
        }
    }
}

/// A duty to erase without undue delay: UK GDPR Art. 17(1), by its letters. Letter (f), on services
/// offered to children, has no place here. Whether an exception of Art. 17(3) applies is for the
/// officer to weigh before erasing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErasureDuty {
    /// (a) The data are no longer needed for their purpose.
    NotNeeded,
    /// (b) Consent was withdrawn, and there is no other ground.
    ConsentWithdrawn,
    /// (c) The person objects, and nothing overrides that.
    Objection,
    /// (d) The processing was unlawful.
    Unlawful,
    /// (e) The law obliges to erase.
    LegalObligation,
}

impl ErasureDuty {
    /// Every duty.
    pub const ALL: [Self; 5] = [
        Self::NotNeeded,
        Self::ConsentWithdrawn,
        Self::Objection,
        Self::Unlawful,
        Self::LegalObligation,
    ];

    /// The code used in files and events.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotNeeded => "not-needed",
            Self::ConsentWithdrawn => "consent-withdrawn",
            Self::Objection => "objection",
            Self::Unlawful => "unlawful",
            Self::LegalObligation => "legal-obligation",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.code() == code)
    }
}

/// Under what the organisation keeps the request or finding that led to an erasure (`sar-2026-014`).
/// It outlives what is erased, so it takes the place of a reason in words, which would name the
/// person; for the same reason it must hold a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseReference(Arc<str>);

/// Why a text is not the reference of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the reference of a case has 1 to {MAX_REFERENCE_BYTES} of a-z, 0-9, `-` and `.`, a digit among them; it outlives what is erased, so put no name in it"
)]
pub struct CaseReferenceError;

impl CaseReference {
    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CaseReference {
    type Err = CaseReferenceError;

    fn from_str(text: &str) -> Result<Self, CaseReferenceError> {
        let allowed =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
        let has_digit = text.bytes().any(|b| b.is_ascii_digit());
        if has_digit && text.len() <= MAX_REFERENCE_BYTES && text.bytes().all(allowed) {
            Ok(Self(Arc::from(text)))
        } else {
            Err(CaseReferenceError)
        }
    }
}

impl fmt::Display for CaseReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why records can't be erased. Nothing is erased then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EraseError {
    /// One isn't due yet.
    #[error(
        "record `{number}` is kept until {review_on}; before that an officer erases it for a duty to do so"
    )]
    NotDue {
        /// Its number.
        number: RecordNumber,
        /// Its review date.
        review_on: Date,
    },
    /// A person must look at one.
    #[error(
        "record `{number}` is reviewed by a person, so no job erases it; an officer erases or keeps it"
    )]
    NeedsReview {
        /// Its number.
        number: RecordNumber,
    },
    /// One is a proof, which must not go before its time.
    #[error("record `{number}` is a proof that names nobody concerned; it stays until {review_on}")]
    Proof {
        /// Its number.
        number: RecordNumber,
        /// Its review date.
        review_on: Date,
    },
    /// One is named twice.
    #[error("record `{number}` is named twice")]
    NamedTwice {
        /// Its number.
        number: RecordNumber,
    },
    /// The officer is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("the erasure cannot be written as an event")]
    Event(#[from] EventError),
}

/// Erases what is due and what the schedule lets go without a question: all that a job may erase.
/// There is a change for each organisation and purpose, and for each [`MAX_ERASED_TOGETHER`] of those.
///
/// # Errors
///
/// [`EraseError::NotDue`] and [`EraseError::NeedsReview`] name the first record that must stay, and
/// then none goes; [`EraseError::NamedTwice`]; [`EraseError::Event`] when the clock stands outside
/// 1970 to 9999.
pub fn erase_due(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    records: &[HeldRecord],
) -> Result<Vec<Change<Erasure>>, EraseError> {
    let at = EventTime::rounded_down(clock.now())?;
    for HeldRecord { number, retention, .. } in records {
        if retention.disposal == Disposal::Review {
            return Err(EraseError::NeedsReview { number: *number });
        }
    }
    all_due(records, day_of(at))?;
    proofs(rng, at, &Actor::Job(job.clone()), None, &Basis::Due, records)
}

/// Erases what an officer says must go: after a review what is due, and for a duty to erase what is
/// not due yet. The changes are as for [`erase_due`]. `account` is as for [`record()`](crate::record()).
///
/// # Errors
///
/// [`EraseError::NotDue`] after a review, and [`EraseError::Proof`] for a duty, name the first record
/// that must stay, and then none goes; [`EraseError::Officer`] when the officer is an account of a
/// machine; [`EraseError::NamedTwice`]; [`EraseError::Event`] as for [`erase_due`], or when the account
/// is too long.
pub fn erase(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    officer: &OfficerId,
    basis: OfficerBasis,
    records: &[HeldRecord],
    account: Option<&str>,
) -> Result<Vec<Change<Erasure>>, EraseError> {
    check_person(officer)?;
    let at = EventTime::rounded_down(clock.now())?;
    match basis {
        OfficerBasis::Reviewed => all_due(records, day_of(at))?,
        OfficerBasis::Duty { .. } => no_proofs(records)?,
    }
    proofs(rng, at, &Actor::Officer(officer.clone()), account, &basis.into(), records)
}

fn all_due(records: &[HeldRecord], today: Date) -> Result<(), EraseError> {
    match records.iter().find(|record| !record.retention.is_due(today)) {
        Some(HeldRecord { number, retention, .. }) => {
            Err(EraseError::NotDue { number: *number, review_on: retention.review_on })
        }
        None => Ok(()),
    }
}

/// Whoever could erase a proof early could erase something and leave no trace of having done so.
fn no_proofs(records: &[HeldRecord]) -> Result<(), EraseError> {
    match records.iter().find(|record| record.retention.kind.is_proof()) {
        Some(HeldRecord { number, retention, .. }) => {
            Err(EraseError::Proof { number: *number, review_on: retention.review_on })
        }
        None => Ok(()),
    }
}

fn proofs(
    rng: &mut dyn Rng,
    at: EventTime,
    actor: &Actor,
    account: Option<&str>,
    basis: &Basis,
    records: &[HeldRecord],
) -> Result<Vec<Change<Erasure>>, EraseError> {
    let mut kinds = BTreeMap::new();
    let mut groups: BTreeMap<(&OrganisationId, Purpose), Vec<RecordNumber>> = BTreeMap::new();
    for HeldRecord { number, organisation, retention, .. } in records {
        if kinds.insert(*number, retention.kind).is_some() {
            return Err(EraseError::NamedTwice { number: *number });
        }
        groups.entry((organisation, retention.purpose)).or_default().push(*number);
    }
    let mut changes = Vec::new();
    for ((organisation, purpose), mut numbers) in groups {
        numbers.sort_unstable();
        for numbers in numbers.chunks(MAX_ERASED_TOGETHER) {
            let kinds = numbers.iter().filter_map(|number| kinds.get(number).copied());
            let event = Event {
                id: EventId::random(rng),
                kind: kind("retention.erased"),
                at,
                organisation: organisation.clone(),
                actor: actor.clone(),
                purpose,
                gateway: None,
                details: details(basis, numbers, kinds, account)?,
            };
            let erasure = Erasure {
                organisation: organisation.clone(),
                at,
                records: numbers.to_vec(),
                basis: basis.clone(),
            };
            changes.push(Change::new(erasure, event, RecordKind::Disposal));
        }
    }
    Ok(changes)
}

fn details(
    basis: &Basis,
    numbers: &[RecordNumber],
    kinds: impl Iterator<Item = RecordKind>,
    account: Option<&str>,
) -> Result<Details, EventError> {
    let mut by_kind: BTreeMap<RecordKind, u64> = BTreeMap::new();
    for kind in kinds {
        let count = by_kind.entry(kind).or_default();
        *count = count.saturating_add(1);
    }
    let mut details = Details::new();
    details.insert("basis", basis.code())?;
    if let Basis::Duty { case, .. } = basis {
        details.insert("case", case.as_str())?;
    }
    details.insert("count", numbers.len() as u64)?;
    for (kind, count) in by_kind {
        details.insert(&format!("count.{}", kind.code()), count)?;
    }
    let numbers = numbers.iter().flat_map(|number| number.value().to_be_bytes()).collect();
    details.insert("records", Detail::Bytes(numbers))?;
    if let Some(account) = account {
        details.insert("account", account)?;
    }
    Ok(details)
}

#[cfg(test)]
mod tests;
