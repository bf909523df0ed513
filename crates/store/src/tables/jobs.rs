//! Jobs: what waits to be done, who has it, what was given up.

use super::{given_up_jobs, records};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use crate::engine::Row;
use crate::queue::{Enqueued, JobId, JobState, LeaseTerms, LeasedJob, NewJob, StoredJob};
use jiff::Timestamp;
use portcullis_decide::{BackOff, FailedJob, Failure, Next, RecordKind, give_up};
use portcullis_keys::Place;
use portcullis_types::{Clock, JobName, OrganisationId, Protected, Purpose, Rng};
use std::fmt;
use std::num::NonZeroU32;

const TABLE: &str = "job";

/// Jobs taken from workers that stopped, at a time.
const TAKEN_BACK: i64 = 100;

/// Puts a job into the queue, unless one of the same kind and key is or was there.
pub(crate) fn enqueue(
    open: &Open<'_>,
    clock: &dyn Clock,
    job: &NewJob,
) -> Result<Enqueued, StoreError> {
    let row = open.row(
        "SELECT id FROM job WHERE organisation = $1 AND kind = $2 AND key = $3",
        &[job.organisation.as_str().into(), job.kind.as_str().into(), job.key.as_str().into()],
    )?;
    if let Some(row) = row {
        let cells = Cells::new(open, TABLE, "id", &row);
        return Ok(Enqueued::Before(JobId::from_bytes(cells.bytes("id")?)));
    }
    let now = clock.now();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let retention = open.schedule().retention_for(RecordKind::Job, job.purpose, today);
    let record = records::open_new(open, &job.organisation, retention)?;
    let id: [u8; 16] = open.random();
    let payload = open.seal(record, &place(&id, "payload"), job.payload.reveal().as_bytes())?;
    let added = open.execute(
        "INSERT INTO job (id, organisation, record_number, kind, key, purpose, payload, state,
             enqueued_at_us, not_before_us, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (organisation, kind, key) DO NOTHING",
        &[
            (&id).into(),
            job.organisation.as_str().into(),
            records::value(record),
            job.kind.as_str().into(),
            job.key.as_str().into(),
            job.purpose.code().into(),
            (&payload).into(),
            JobState::Waiting.code().into(),
            now.as_microsecond().into(),
            job.not_before.unwrap_or(now).as_microsecond().into(),
            open.written_by().into(),
        ],
    )?;
    if added == 1 {
        Ok(Enqueued::New(JobId::from_bytes(id)))
    } else {
        Err(StoreError::Overtaken { what: "job" })
    }
}

fn place<'a>(id: &'a [u8; 16], column: &'static str) -> Place<'a> {
    Place { table: TABLE, row: id, column }
}

// The one statement in which the databases differ: `PostgreSQL` passes by rows that another worker
// is taking at this moment, while in `SQLite` only one transaction writes at a time anyway.
macro_rules! take {
    ($locking:literal) => {
        concat!(
            "WITH taken AS MATERIALIZED (
                 SELECT id FROM job
                 WHERE organisation = $1 AND kind = $2 AND state = 'waiting' AND not_before_us <= $3
                 ORDER BY not_before_us, id LIMIT $4 ",
            $locking,
            ")
             UPDATE job SET state = 'leased', attempts = attempts + 1, lease = lease + 1,
                 lease_holder = $5, lease_until_us = $6, written_by = $7
             WHERE id IN (SELECT id FROM taken)
             RETURNING id, record_number, key, purpose, payload, attempts, lease, not_before_us"
        )
    };
}

const TAKE: &str = take!("");
const TAKE_PASSING_BY: &str = take!("FOR UPDATE SKIP LOCKED");

/// Leases what waits and is due: kinds in the order asked for, of each the longest due first.
pub(crate) fn lease(
    open: &Open<'_>,
    now: Timestamp,
    terms: &LeaseTerms<'_>,
) -> Result<Vec<LeasedJob>, StoreError> {
    let until = now.saturating_add(terms.lasts).unwrap_or(Timestamp::MAX);
    let sql = if open.passes_by_locks() { TAKE_PASSING_BY } else { TAKE };
    let mut leased = Vec::new();
    for kind in terms.kinds {
        let room = i64::from(terms.most).saturating_sub(i64::try_from(leased.len()).unwrap_or(0));
        if room <= 0 {
            break;
        }
        let mut rows = open.query(
            sql,
            &[
                terms.organisation.as_str().into(),
                kind.as_str().into(),
                now.as_microsecond().into(),
                room.into(),
                terms.worker.as_bytes().into(),
                until.as_microsecond().into(),
                open.written_by().into(),
            ],
        )?;
        rows.sort_by_key(|row| {
            let cells = Cells::new(open, TABLE, "id", row);
            (cells.count("not_before_us").ok(), cells.bytes::<16>("id").ok())
        });
        for row in &rows {
            leased.extend(leased_job(open, terms.organisation, kind, row, now)?);
        }
    }
    Ok(leased)
}

fn leased_job(
    open: &Open<'_>,
    organisation: &OrganisationId,
    kind: &JobName,
    row: &Row,
    now: Timestamp,
) -> Result<Option<LeasedJob>, StoreError> {
    let cells = Cells::new(open, TABLE, "id", row);
    let (id, lease) = (JobId::from_bytes(cells.bytes("id")?), cells.count("lease")?);
    let record = cells.record_number("record_number")?;
    let Some(payload) = cells.sealed_text(record, "payload")? else {
        // Erased since the backup that this row is from.
        end(open, id, lease, JobState::Discarded, now)?;
        return Ok(None);
    };
    Ok(Some(LeasedJob {
        id,
        organisation: organisation.clone(),
        purpose: cells.make("purpose", |code: String| Purpose::from_code(&code))?,
        kind: kind.clone(),
        key: cells.parse("key")?,
        payload,
        attempts: cells
            .make("attempts", |n: i64| u32::try_from(n).ok().and_then(NonZeroU32::new))?,
        record: cells.held_number("record_number")?,
        lease,
    }))
}

/// Holds a lease for longer.
pub(crate) fn renew(open: &Open<'_>, job: &LeasedJob, until: Timestamp) -> Result<(), StoreError> {
    let changed = open.execute(
        "UPDATE job SET lease_until_us = $1, written_by = $2
         WHERE id = $3 AND state = 'leased' AND lease = $4",
        &[
            until.as_microsecond().into(),
            open.written_by().into(),
            job.id.as_bytes().into(),
            crate::cells::integer(job.lease).into(),
        ],
    )?;
    held(changed)
}

/// Lets go of a job that was not begun: the attempt does not count.
pub(crate) fn put_back(open: &Open<'_>, job: &LeasedJob) -> Result<(), StoreError> {
    let changed = open.execute(
        "UPDATE job SET state = 'waiting', attempts = attempts - 1, lease_holder = NULL,
             lease_until_us = NULL, written_by = $1
         WHERE id = $2 AND state = 'leased' AND lease = $3",
        &[
            open.written_by().into(),
            job.id.as_bytes().into(),
            crate::cells::integer(job.lease).into(),
        ],
    )?;
    held(changed)
}

/// Ends a leased job.
pub(crate) fn end(
    open: &Open<'_>,
    id: JobId,
    lease: u64,
    state: JobState,
    now: Timestamp,
) -> Result<(), StoreError> {
    let changed = open.execute(
        "UPDATE job SET state = $1, finished_at_us = $2, lease_holder = NULL,
             lease_until_us = NULL, written_by = $3
         WHERE id = $4 AND state = 'leased' AND lease = $5",
        &[
            state.code().into(),
            now.as_microsecond().into(),
            open.written_by().into(),
            id.as_bytes().into(),
            crate::cells::integer(lease).into(),
        ],
    )?;
    held(changed)
}

/// Whether a statement that names a lease found it.
fn held(changed: u64) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
}

/// An attempt at a job that has failed.
pub(crate) struct FailedAttempt<'a> {
    pub(crate) failure: Failure,
    pub(crate) account: &'a Protected,
    pub(crate) back_off: &'a BackOff,
}

/// Puts off a job whose attempt failed, or gives it up.
pub(crate) fn fail(
    open: &Open<'_>,
    clock: &dyn Clock,
    job: &LeasedJob,
    failed: &FailedAttempt<'_>,
) -> Result<Next, StoreError> {
    let (now, mut rng) = (clock.now(), Draw(open));
    let next = failed.back_off.after_failure(now, &mut rng, job.attempts, failed.failure);
    let (state, not_before, finished) = match next {
        Next::RetryAt(at) => (JobState::Waiting, at, None),
        Next::GiveUp => (JobState::GivenUp, now, Some(now.as_microsecond())),
    };
    let record = records::key(job.record)?;
    let account = failed.account.reveal().as_bytes();
    let account = open.seal(record, &place(job.id.as_bytes(), "failure_account"), account)?;
    let changed = open.execute(
        "UPDATE job SET state = $1, not_before_us = $2, finished_at_us = $3, failure = $4,
             failure_account = $5, lease_holder = NULL, lease_until_us = NULL, written_by = $6
         WHERE id = $7 AND state = 'leased' AND lease = $8",
        &[
            state.code().into(),
            not_before.as_microsecond().into(),
            finished.into(),
            failed.failure.code().into(),
            (&account).into(),
            open.written_by().into(),
            job.id.as_bytes().into(),
            crate::cells::integer(job.lease).into(),
        ],
    )?;
    held(changed)?;
    if next == Next::GiveUp {
        let given_up = FailedJob {
            organisation: job.organisation.clone(),
            purpose: job.purpose,
            name: job.kind.clone(),
            key: job.key.clone(),
            record: job.record,
            attempts: job.attempts.get(),
            failure: failed.failure,
            account: failed.account.clone(),
        };
        let change =
            give_up(clock, &mut rng, given_up).map_err(|source| StoreError::Event { source })?;
        given_up_jobs::put(open, &change)?;
    }
    Ok(next)
}

/// Takes jobs from workers that have stopped, as far as there are any: each is an attempt that
/// failed, so that a job which kills its worker is given up in the end.
pub(crate) fn take_back(
    open: &Open<'_>,
    clock: &dyn Clock,
    organisation: &OrganisationId,
    back_off: &BackOff,
) -> Result<(), StoreError> {
    let rows = open.query(
        "SELECT * FROM job
         WHERE organisation = $1 AND state = 'leased' AND lease_until_us <= $2
         ORDER BY lease_until_us, id LIMIT $3",
        &[organisation.as_str().into(), clock.now().as_microsecond().into(), TAKEN_BACK.into()],
    )?;
    let account = Protected::new("the worker that had it stopped, or took longer than its lease");
    for row in &rows {
        let kind: JobName = word(&Cells::new(open, TABLE, "id", row), "kind")?;
        let failed = FailedAttempt { failure: Failure::Passing, account: &account, back_off };
        if let Some(job) = leased_job(open, organisation, &kind, row, clock.now())? {
            fail(open, clock, &job, &failed)?;
        }
    }
    Ok(())
}

/// Whether a worker has stopped that had a job.
pub(crate) fn any_to_take_back(
    open: &Open<'_>,
    organisation: &OrganisationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = open.row(
        "SELECT id FROM job WHERE organisation = $1 AND state = 'leased' AND lease_until_us <= $2
         LIMIT 1",
        &[organisation.as_str().into(), now.as_microsecond().into()],
    )?;
    Ok(row.is_some())
}

/// A word of an event out of a cell.
pub(crate) fn word(cells: &Cells<'_>, column: &'static str) -> Result<JobName, StoreError> {
    cells.make(column, |text: String| JobName::new(&text).ok())
}

/// All jobs, those enqueued first before the others.
pub(crate) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<StoredJob>, StoreError> {
    let rows = open.query(
        "SELECT * FROM job WHERE organisation = $1 ORDER BY enqueued_at_us, id",
        &[organisation.as_str().into()],
    )?;
    let make = |row| {
        let cells = Cells::new(open, TABLE, "id", row);
        let record = cells.record_number("record_number")?;
        let moment = |column| {
            cells.make(column, |at_us: Option<i64>| match at_us {
                None => Some(None),
                Some(at_us) => Timestamp::from_microsecond(at_us).ok().map(Some),
            })
        };
        Ok(StoredJob {
            id: JobId::from_bytes(cells.bytes("id")?),
            purpose: cells.make("purpose", |code: String| Purpose::from_code(&code))?,
            kind: word(&cells, "kind")?,
            key: cells.parse("key")?,
            record: cells.held_number("record_number")?,
            state: cells.make("state", |code: String| JobState::from_code(&code))?,
            attempts: cells.make("attempts", |number: i64| number.try_into().ok())?,
            enqueued_at: cells.timestamp("enqueued_at_us")?,
            not_before: cells.timestamp("not_before_us")?,
            leased_until: moment("lease_until_us")?,
            failure: failure(&cells)?,
            account: cells.sealed_text(record, "failure_account")?,
            finished_at: moment("finished_at_us")?,
        })
    };
    rows.iter().map(make).collect()
}

/// The kind of a failure, where there was one.
pub(crate) fn failure(cells: &Cells<'_>) -> Result<Option<Failure>, StoreError> {
    cells.make("failure", |code: Option<String>| match code {
        None => Some(None),
        Some(code) => Failure::from_code(&code).map(Some),
    })
}

/// The store's randomness, for the rules.
struct Draw<'o, 'c>(&'o Open<'c>);

impl fmt::Debug for Draw<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draw")
    }
}

impl Rng for Draw<'_, '_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let random: [u8; 8] = self.0.random();
            chunk.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
        }
    }
}
