//! Jobs that were given up, and what an officer does about them.

use super::{Failure, JobKey};
use crate::decision::kind;
use crate::{Change, NotAPersonError, RecordKind, RecordNumber, StatedReason, check_person};
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, JobName, OfficerId,
    OrganisationId, Protected, Purpose, Rng,
};

/// Longest account of a failure that is kept, in characters; the rest is cut off.
pub const FAILURE_MAX_CHARACTERS: usize = 2_000;

/// A job that failed for the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedJob {
    /// The organisation that it was for.
    pub organisation: OrganisationId,
    /// What it was for.
    pub purpose: Purpose,
    /// What kind of job.
    pub name: JobName,
    /// Which one.
    pub key: JobKey,
    /// The record that holds what it was given. It may be erased before anybody deals with the job.
    pub record: RecordNumber,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub failure: Failure,
    /// What the program said of it. Protected text: an error tells what it stumbled over.
    pub account: Protected,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUpJob {
    /// The id of the event that told of it.
    pub id: EventId,
    /// When (UTC).
    pub at: EventTime,
    /// The job.
    pub job: FailedJob,
    /// Who dealt with it, if somebody did.
    pub dealt_with: Option<DealtWith>,
}

/// How an officer dealt with a job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealtWith {
    /// What was done.
    pub deed: Deed,
    /// When (UTC).
    pub at: EventTime,
    /// Who.
    pub officer: OfficerId,
    /// Why.
    pub reason: StatedReason,
}

/// What an officer does with a job that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// It is tried again, as if it never had been.
    Retried,
    /// It is never done.
    Discarded,
}

impl Deed {
    /// Every deed.
    pub const ALL: [Self; 2] = [Self::Retried, Self::Discarded];

    /// The code used in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Retried => "retried",
            Self::Discarded => "discarded",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.code() == code)
    }

    fn event_kind(self) -> &'static str {
        match self {
            Self::Retried => "jobs.retried",
            Self::Discarded => "jobs.discarded",
        }
    }
}

/// Why a job that was given up can't be dealt with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DealError {
    /// Somebody did before.
    #[error("`{officer}` has already dealt with this job: it was {}", deed.code())]
    AlreadyDealtWith {
        /// Who did.
        officer: OfficerId,
        /// What was done.
        deed: Deed,
    },
    /// The officer is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("what was done with the job cannot be written as an event")]
    Event(#[from] EventError),
}

/// Gives a job up, for a person to see.
///
/// # Errors
///
/// [`EventError::OutOfRange`] when the clock stands outside 1970 to 9999.
pub fn give_up(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    mut job: FailedJob,
) -> Result<Change<GivenUpJob>, EventError> {
    let at = EventTime::rounded_down(clock.now())?;
    let id = EventId::random(rng);
    let account: String = job.account.reveal().chars().take(FAILURE_MAX_CHARACTERS).collect();
    job.account = Protected::new(account);
    let mut details = job_details(&job)?;
    details.insert("attempts", u64::from(job.attempts))?;
    details.insert("failure", job.failure.code())?;
    details.insert("failure-account", Detail::Text(job.account.clone()))?;
    let actor = Actor::Job(job.name.clone());
    let event = event(id, "jobs.given-up", at, actor, &job, details);
    let given_up = GivenUpJob { id, at, job, dealt_with: None };
    Ok(Change::new(given_up, event, RecordKind::GivenUpJob))
}

/// Has a job that was given up tried again. `account` is as for [`record()`](crate::record()).
///
/// # Errors
///
/// [`DealError::AlreadyDealtWith`] when somebody retried or discarded it before;
/// [`DealError::Officer`] when the officer is an account of a machine; [`DealError::Event`] when the
/// clock stands outside 1970 to 9999 or the account is too long.
pub fn retry(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    given_up: GivenUpJob,
    officer: OfficerId,
    reason: StatedReason,
    account: Option<&str>,
) -> Result<Change<GivenUpJob>, DealError> {
    deal(clock, rng, given_up, Deed::Retried, officer, reason, account)
}

/// Discards a job that was given up: it is never done. `account` is as for
/// [`record()`](crate::record()).
///
/// # Errors
///
/// As for [`retry`].
pub fn discard(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    given_up: GivenUpJob,
    officer: OfficerId,
    reason: StatedReason,
    account: Option<&str>,
) -> Result<Change<GivenUpJob>, DealError> {
    deal(clock, rng, given_up, Deed::Discarded, officer, reason, account)
}

fn deal(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    given_up: GivenUpJob,
    deed: Deed,
    officer: OfficerId,
    reason: StatedReason,
    account: Option<&str>,
) -> Result<Change<GivenUpJob>, DealError> {
    check_person(&officer)?;
    if let Some(DealtWith { officer, deed, .. }) = given_up.dealt_with {
        return Err(DealError::AlreadyDealtWith { officer, deed });
    }
    let at = EventTime::rounded_down(clock.now())?;
    let mut details = job_details(&given_up.job)?;
    details.insert("given-up", Detail::Bytes(given_up.id.as_bytes().to_vec()))?;
    details.insert("reason", Detail::Text(reason.text().clone()))?;
    if let Some(account) = account {
        details.insert("account", account)?;
    }
    let (id, actor) = (EventId::random(rng), Actor::Officer(officer.clone()));
    let event = event(id, deed.event_kind(), at, actor, &given_up.job, details);
    let dealt_with = Some(DealtWith { deed, at, officer, reason });
    Ok(Change::new(GivenUpJob { dealt_with, ..given_up }, event, RecordKind::GivenUpJob))
}

fn job_details(job: &FailedJob) -> Result<Details, EventError> {
    let mut details = Details::new();
    details.insert("job", job.name.as_str())?;
    details.insert("key", job.key.as_str())?;
    details.insert("record", job.record.value())?;
    Ok(details)
}

fn event(
    id: EventId,
    code: &'static str,
    at: EventTime,
    actor: Actor,
    job: &FailedJob,
    details: Details,
) -> Event {
    Event {
        id,
        kind: kind(code),
        at,
        organisation: job.organisation.clone(),
        actor,
        purpose: job.purpose,
        gateway: None,
        details,
    }
}
