//! The queue of jobs: what waits to be done, and who may do it.
//!
//! A worker *leases* a job: for a while it alone may do it. What a job changes is written in the
//! transaction that ends it ([`Database::finish_job`]), so it is written once, however often the job
//! was begun. A worker that stops loses the job to another when its lease runs out, and whatever it
//! still tries to keep then is refused: each lease has a number, and the job knows the last.
//!
//! Taking, holding and putting off a job tells of nothing that happened to anybody, so it makes no
//! event; what a job does, and that it was given up, does.
//!
//! The clocks of the machines that work on one queue are trusted to agree within the time of a lease.
//! Where they do not, a job may be begun twice, and still only one of the two is kept.

use crate::database::{Database, Open};
use crate::engine::Access;
use crate::tables::jobs::{self, FailedAttempt};
use crate::tables::scheduled;
use crate::{StoreError, TransactionName, Writer};
use jiff::{SignedDuration, Timestamp};
use portcullis_decide::{BackOff, Cadence, Failure, JobKey, Next, RecordNumber};
use portcullis_types::{Clock, JobName, OrganisationId, Protected, Purpose, Rng};
use std::fmt;
use std::num::NonZeroU32;

/// The id of a job: 128 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId([u8; 16]);

impl JobId {
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One that does jobs: a process, or a thread of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerId([u8; 16]);

impl WorkerId {
    /// Draws a new id.
    pub fn random(rng: &mut dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// A job on its way into the queue.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The organisation that it is for.
    pub organisation: OrganisationId,
    /// What it is for.
    pub purpose: Purpose,
    /// Which part of the program does it.
    pub kind: JobName,
    /// Of two jobs with one kind and one key, only one is done. Names nobody.
    pub key: JobKey,
    /// What it is given. Sealed, and erased with the record of the job.
    pub payload: Protected,
    /// It is not begun before this time (UTC); at once when there is none.
    pub not_before: Option<Timestamp>,
}

/// What became of a job on its way into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It waits now.
    New(JobId),
    /// One with its kind and key was there before, done or not, and is the one. Nothing was changed.
    Before(JobId),
}

/// A job that comes again and again.
#[derive(Debug, Clone)]
pub struct RecurringJob {
    /// The organisation that it is for.
    pub organisation: OrganisationId,
    /// What it is for.
    pub purpose: Purpose,
    /// Which part of the program does it.
    pub kind: JobName,
    /// How often.
    pub cadence: Cadence,
}

/// Which jobs a worker wants.
#[derive(Debug, Clone, Copy)]
pub struct LeaseTerms<'a> {
    /// The organisation that they are for.
    pub organisation: &'a OrganisationId,
    /// Who will do them.
    pub worker: WorkerId,
    /// Which kinds, those first that are to be done first.
    pub kinds: &'a [JobName],
    /// At most how many.
    pub most: u32,
    /// For how long. Whoever needs longer asks for more in time.
    pub lasts: SignedDuration,
    /// How attempts are spread of jobs whose worker stopped.
    pub back_off: &'a BackOff,
}

/// A job that its holder alone may do, for a while.
#[derive(Debug)]
pub struct LeasedJob {
    /// Its id.
    pub id: JobId,
    /// The organisation that it is for.
    pub organisation: OrganisationId,
    /// What it is for.
    pub purpose: Purpose,
    /// Which part of the program does it.
    pub kind: JobName,
    /// Which one.
    pub key: JobKey,
    /// What it was given.
    pub payload: Protected,
    /// How often it was begun, this time included.
    pub attempts: NonZeroU32,
    /// The record that holds what it was given.
    pub record: RecordNumber,
    /// Which lease of the job this is.
    pub(crate) lease: u64,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobState {
    /// It waits to be done.
    Waiting,
    /// A worker has it.
    Leased,
    /// It is done.
    Done,
    /// It failed for the last time, and waits for a person.
    GivenUp,
    /// It is never done.
    Discarded,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Leased, Self::Done, Self::GivenUp, Self::Discarded];

    /// The code used in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::GivenUp => "given-up",
            Self::Discarded => "discarded",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A job as it stands in the queue, without what it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredJob {
    /// Its id.
    pub id: JobId,
    /// What it is for.
    pub purpose: Purpose,
    /// Which part of the program does it.
    pub kind: JobName,
    /// Which one.
    pub key: JobKey,
    /// The record that holds what it was given.
    pub record: RecordNumber,
    /// How it stands.
    pub state: JobState,
    /// How often it was begun.
    pub attempts: u32,
    /// When it came into the queue (UTC).
    pub enqueued_at: Timestamp,
    /// It is not begun before this time (UTC).
    pub not_before: Timestamp,
    /// Until when its worker has it.
    pub leased_until: Option<Timestamp>,
    /// Why its last attempt failed.
    pub failure: Option<Failure>,
    /// What the program said of that. Protected text.
    pub account: Option<Protected>,
    /// When it was done, given up or discarded.
    pub finished_at: Option<Timestamp>,
}

impl Database {
    /// Puts a job into the queue, unless one of the same kind and key is or was there. To enqueue it
    /// with the change that needs it, use [`Writer::enqueue`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    pub fn enqueue(&mut self, clock: &dyn Clock, job: &NewJob) -> Result<Enqueued, StoreError> {
        self.transact(TransactionName("jobs.enqueue"), |open| jobs::enqueue(open, clock, job))
    }

    /// Puts a job into the queue whose time has come, once for each time however many processes try.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    pub fn enqueue_due(
        &mut self,
        clock: &dyn Clock,
        job: &RecurringJob,
    ) -> Result<Option<Enqueued>, StoreError> {
        let now = clock.now();
        let due = |open: &Open<'_>| {
            let last = scheduled::last(open, &job.organisation, &job.kind)?;
            Ok(job.cadence.due(last, now))
        };
        if self.look::<_, StoreError>(due)?.is_none() {
            return Ok(None);
        }
        self.transact(TransactionName("jobs.schedule"), |open| {
            let Some(moment) = due(open)? else { return Ok(None) };
            scheduled::put(open, &job.organisation, &job.kind, moment)?;
            let new = NewJob {
                organisation: job.organisation.clone(),
                purpose: job.purpose,
                kind: job.kind.clone(),
                key: JobKey::of_moment(moment),
                payload: Protected::new(""),
                not_before: None,
            };
            jobs::enqueue(open, clock, &new).map(Some)
        })
    }

    /// Leases jobs that wait and are due. Jobs of workers that have stopped are put off first, or
    /// given up.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be taken.
    pub fn lease_jobs(
        &mut self,
        clock: &dyn Clock,
        terms: &LeaseTerms<'_>,
    ) -> Result<Vec<LeasedJob>, StoreError> {
        let organisation = terms.organisation;
        if self.look(|open| jobs::any_to_take_back(open, organisation, clock.now()))? {
            self.transact(TransactionName("jobs.take-back"), |open| {
                jobs::take_back(open, clock, organisation, terms.back_off)
            })?;
        }
        self.transact_with(Access::Claim, TransactionName("jobs.lease"), |open| {
            jobs::lease(open, clock.now(), terms)
        })
    }

    /// Holds a job for longer, from now on.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] when it was taken from this worker.
    pub fn renew_lease(
        &mut self,
        clock: &dyn Clock,
        job: &LeasedJob,
        lasts: SignedDuration,
    ) -> Result<(), StoreError> {
        let until = clock.now().saturating_add(lasts).unwrap_or(Timestamp::MAX);
        self.transact(TransactionName("jobs.renew"), |open| jobs::renew(open, job, until))
    }

    /// Lets go of a job that was not begun. The attempt does not count.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] when it was taken from this worker.
    pub fn put_job_back(&mut self, job: &LeasedJob) -> Result<(), StoreError> {
        self.transact(TransactionName("jobs.put-back"), |open| jobs::put_back(open, job))
    }

    /// Ends a job, together with all that it changes: both are kept, or neither.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] when it was taken from this worker, and `work` is not called then;
    /// whatever `work` returns; else as [`Database::write`].
    pub fn finish_job<T, E: From<StoreError>>(
        &mut self,
        clock: &dyn Clock,
        name: TransactionName,
        job: &LeasedJob,
        mut work: impl FnMut(&mut dyn Writer) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact(name, |open| {
            jobs::end(open, job.id, job.lease, JobState::Done, clock.now())?;
            work(open)
        })
    }

    /// Puts off a job whose attempt failed, or gives it up, with the event that tells of it. `account`
    /// is what the program says of the failure.
    ///
    /// # Errors
    ///
    /// [`StoreError::LeaseLost`] when it was taken from this worker.
    pub fn fail_job(
        &mut self,
        clock: &dyn Clock,
        job: &LeasedJob,
        failure: Failure,
        account: &Protected,
        back_off: &BackOff,
    ) -> Result<Next, StoreError> {
        self.transact(TransactionName("jobs.fail"), |open| {
            jobs::fail(open, clock, job, &FailedAttempt { failure, account, back_off })
        })
    }
}
