//! The kinds of jobs there are, and what does each.

use crate::report::words::several;
use crate::retention;
use crate::stop::Stop;
use jiff::SignedDuration;
use portcullis_decide::Failure;
use portcullis_store::{Database, LeasedJob, TransactionName};
use portcullis_types::{Clock, JobName, Purpose, Rng};

/// A kind of job.
pub(super) struct Kind {
    /// What it is called, in the queue and in events.
    pub(super) name: &'static str,
    /// What it does, for people.
    pub(super) does: &'static str,
    /// What it is for.
    pub(super) purpose: Purpose,
    /// How often it comes by itself, if it does.
    pub(super) cadence: Option<&'static str>,
    /// Does one.
    pub(super) work: fn(&mut Work<'_>) -> Result<Ended, Failed>,
}

/// All kinds, those first that are to be done first. To add one: a row here and a function below. What
/// it changes in the store belongs into the transaction that ends it (`Database::finish_job`), so that it is
/// done once whoever dies over it.
pub(super) const KINDS: &[Kind] = &[Kind {
    name: "retention.run",
    does: "erases what is due and needs no person",
    purpose: Purpose::Oversight,
    cadence: Some("daily at 02:30"),
    work: run_retention,
}];

impl Kind {
    /// The name as the queue knows it.
    pub(super) fn job_name(&self) -> JobName {
        JobName::new(self.name).expect("a constant that is a word, which a test reads")
    }
}

/// A job in the hands of a worker.
pub(super) struct Work<'a> {
    pub(super) store: &'a mut Database,
    pub(super) clock: &'a dyn Clock,
    pub(super) rng: &'a mut dyn Rng,
    pub(super) job: &'a LeasedJob,
    /// How long a lease lasts; it is renewed between the steps of a long job.
    pub(super) lasts: SignedDuration,
    pub(super) stop: &'a Stop,
}

/// How a job ended that did not fail.
pub(super) enum Ended {
    /// It is done; in words for people.
    Done(String),
    /// The worker was asked to stop, and let go of it.
    PutBack,
}

/// Why an attempt at a job failed.
pub(super) struct Failed {
    pub(super) failure: Failure,
    pub(super) error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        // Unless a kind knows better: the network, the disk, another process.
        Self { failure: Failure::Passing, error: error.into() }
    }
}

/// Erasing is whole in itself, page by page: a page that was erased is not due any more. So this job
/// has nothing left to do in its last transaction but to end.
fn run_retention(work: &mut Work<'_>) -> Result<Ended, Failed> {
    let Work { store, clock, rng, job, lasts, stop } = work;
    let swept = retention::sweep(store, *clock, *rng, |store, _| {
        store.renew_lease(*clock, job, *lasts)?;
        Ok(!stop.asked())
    })?;
    if !swept.is_complete {
        store.put_job_back(job)?;
        return Ok(Ended::PutBack);
    }
    store.finish_job(*clock, TransactionName("retention.end"), job, |_| anyhow::Ok(()))?;
    Ok(Ended::Done(format!(
        "{} erased, {} for a person",
        several(swept.total(), "record", "records"),
        several(swept.waits(), "waits", "wait")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_decide::Cadence;

    #[test]
    fn every_kind_has_a_name_and_a_cadence_that_can_be_read() {
        for kind in KINDS {
            assert_eq!(kind.job_name().as_str(), kind.name);
            assert!(kind.cadence.is_none_or(|text| text.parse::<Cadence>().is_ok()));
        }
    }
}
