//! Jobs that were given up: what a person sees to.

use super::jobs::{failure, word};
use super::{events, records};
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use portcullis_decide::{Change, DealtWith, Deed, FailedJob, GivenUpJob, StatedReason};
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::{EventId, OrganisationId, Purpose};

const TABLE: &str = "given_up_job";

/// Writes that a job was given up, or what an officer did about it.
pub(crate) fn put(open: &Open<'_>, change: &Change<GivenUpJob>) -> Result<(), StoreError> {
    let given_up = change.state();
    match &given_up.dealt_with {
        Some(dealt_with) => deal(open, change, dealt_with),
        None => add(open, change),
    }
}

fn add(open: &Open<'_>, change: &Change<GivenUpJob>) -> Result<(), StoreError> {
    let (given_up, job) = (change.state(), &change.state().job);
    let record = records::open_new(open, &job.organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)?;
    let place = Place { table: TABLE, row: given_up.id.as_bytes(), column: "failure_account" };
    let account = open.seal(record, &place, job.account.reveal().as_bytes())?;
    open.execute(
        "INSERT INTO given_up_job (id, organisation, record_number, at_us, kind, key, purpose,
             job_record, attempts, failure, failure_account, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            given_up.id.as_bytes().into(),
            job.organisation.as_str().into(),
            records::value(record),
            given_up.at.timestamp().as_microsecond().into(),
            job.name.as_str().into(),
            job.key.as_str().into(),
            job.purpose.code().into(),
            records::integer(job.record).into(),
            i64::from(job.attempts).into(),
            job.failure.code().into(),
            (&account).into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

fn deal(
    open: &Open<'_>,
    change: &Change<GivenUpJob>,
    dealt_with: &DealtWith,
) -> Result<(), StoreError> {
    let (given_up, job) = (change.state(), &change.state().job);
    let organisation = job.organisation.as_str();
    let row = open
        .row(
            "SELECT id, record_number FROM given_up_job WHERE id = $1 AND organisation = $2",
            &[given_up.id.as_bytes().into(), organisation.into()],
        )?
        .ok_or(StoreError::Overtaken { what: "job" })?;
    let record = Cells::new(open, TABLE, "id", &row).record_number("record_number")?;
    events::append(open, change.event(), record)?;
    let place = Place { table: TABLE, row: given_up.id.as_bytes(), column: "dealt_reason" };
    let reason = open.seal(record, &place, dealt_with.reason.text().reveal().as_bytes())?;
    let at_us = dealt_with.at.timestamp().as_microsecond();
    let changed = open.execute(
        "UPDATE given_up_job SET dealt_event = $1, deed = $2, dealt_at_us = $3, dealt_by = $4,
             dealt_reason = $5, written_by = $6
         WHERE id = $7 AND dealt_event IS NULL",
        &[
            change.event().id.as_bytes().into(),
            dealt_with.deed.code().into(),
            at_us.into(),
            dealt_with.officer.as_str().into(),
            (&reason).into(),
            open.written_by().into(),
            given_up.id.as_bytes().into(),
        ],
    )?;
    if changed != 1 {
        return Err(StoreError::Overtaken { what: "job" });
    }
    let job_id: crate::engine::Value<'_> = records::integer(job.record).into();
    match dealt_with.deed {
        Deed::Retried => {
            let changed = open.execute(
                "UPDATE job SET state = 'waiting', attempts = 0, not_before_us = $1,
                     finished_at_us = NULL, written_by = $2
                 WHERE record_number = $3 AND organisation = $4 AND state = 'given-up'",
                &[at_us.into(), open.written_by().into(), job_id, organisation.into()],
            )?;
            // What it was given is gone, so nobody can do it any more.
            if changed == 1 { Ok(()) } else { Err(StoreError::Erased) }
        }
        Deed::Discarded => open
            .execute(
                "UPDATE job SET state = 'discarded', finished_at_us = $1, written_by = $2
                 WHERE record_number = $3 AND organisation = $4 AND state = 'given-up'",
                &[at_us.into(), open.written_by().into(), job_id, organisation.into()],
            )
            .map(drop),
    }
}

/// All jobs that were given up and not erased, those given up first before the others.
pub(crate) fn all(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<GivenUpJob>, StoreError> {
    let rows = open.query(
        "SELECT * FROM given_up_job WHERE organisation = $1 AND failure_account IS NOT NULL
         ORDER BY at_us, id",
        &[organisation.as_str().into()],
    )?;
    let mut jobs = Vec::with_capacity(rows.len());
    for row in &rows {
        let cells = Cells::new(open, TABLE, "id", row);
        let record = cells.record_number("record_number")?;
        let Some(account) = cells.sealed_text(record, "failure_account")? else { continue };
        jobs.push(GivenUpJob {
            id: EventId::from_bytes(cells.bytes("id")?),
            at: cells.event_time("at_us")?,
            job: FailedJob {
                organisation: organisation.clone(),
                purpose: cells.make("purpose", |code: String| Purpose::from_code(&code))?,
                name: word(&cells, "kind")?,
                key: cells.parse("key")?,
                record: cells.held_number("job_record")?,
                attempts: cells.make("attempts", |number: i64| number.try_into().ok())?,
                failure: failure(&cells)?.ok_or_else(|| cells.bad("failure"))?,
                account,
            },
            dealt_with: dealt_with(&cells, record)?,
        });
    }
    Ok(jobs)
}

fn dealt_with(cells: &Cells<'_>, record: RecordNumber) -> Result<Option<DealtWith>, StoreError> {
    let deed = cells.make("deed", |code: Option<String>| match code {
        None => Some(None),
        Some(code) => Deed::from_code(&code).map(Some),
    })?;
    let Some(deed) = deed else { return Ok(None) };
    let bad = || cells.bad("dealt_reason");
    let reason = cells.sealed_text(record, "dealt_reason")?.ok_or_else(bad)?;
    Ok(Some(DealtWith {
        deed,
        at: cells.event_time("dealt_at_us")?,
        officer: cells.parse("dealt_by")?,
        reason: StatedReason::new(reason.reveal()).map_err(|_| bad())?,
    }))
}
