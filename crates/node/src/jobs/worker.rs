//! The worker: puts what is due into the queue, takes jobs out of it, and keeps the log going.

use super::kinds::{Ended, Failed, KINDS, Kind, Work};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::report::words::several;
use crate::stop::Stop;
use anyhow::Context;
use jiff::SignedDuration;
use portcullis_decide::{BackOff, Cadence, Next};
use portcullis_store::{
    Database, LeaseTerms, LeasedJob, RecurringJob, SequenceError, Sequencer, StoreError, WorkerId,
};
use portcullis_types::{Clock, JobName, Protected};
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

/// How often an idle worker looks into the queue.
const LOOK: Duration = Duration::from_secs(2);

/// Does jobs until it is asked to stop.
pub(super) struct Worker<'a> {
    pub(super) store: Database,
    pub(super) environment: &'a mut Environment,
    pub(super) id: WorkerId,
    pub(super) sequencer: Sequencer,
    pub(super) stop: Stop,
    /// How long a job is this worker's alone, before another may take it.
    pub(super) lasts: SignedDuration,
}

impl Worker<'_> {
    /// Does all that is due now.
    pub(super) fn once(&mut self) -> anyhow::Result<()> {
        self.enqueue_due()?;
        self.attend_log()?;
        // Of those who erased and were stopped before the keys were gone.
        if let Err(error) = self.store.finish_erasures() {
            say(format_args!("the keys of erased records could not be taken out yet: {error}"));
        }
        while !self.stop.asked() {
            let Some(job) = self.lease()? else { return Ok(()) };
            self.work_on(&job)?;
            // Between jobs: a boundary may have come.
            self.attend_log()?;
        }
        Ok(())
    }

    /// Does what is due, and again, until asked to stop.
    pub(super) fn go_on(&mut self) -> anyhow::Result<()> {
        while !self.stop.asked() {
            match self.once() {
                // Somebody else holds the database for long; it is there again before long.
                Err(error) if is_busy(&error) => say(format_args!("{error}")),
                done => done?,
            }
            self.stop.wait(LOOK);
        }
        Ok(())
    }

    /// Lets go of what others may wait for.
    pub(super) fn leave(&mut self) -> Result<(), StoreError> {
        self.sequencer.leave(&mut self.store)
    }

    fn clock(&self) -> &dyn Clock {
        self.environment.clock.as_ref()
    }

    fn enqueue_due(&mut self) -> anyhow::Result<()> {
        for kind in KINDS {
            let Some(cadence) = kind.cadence else { continue };
            let job = RecurringJob {
                organisation: organisation(),
                purpose: kind.purpose,
                kind: kind.job_name(),
                cadence: cadence.parse::<Cadence>()?,
            };
            self.store.enqueue_due(self.environment.clock.as_ref(), &job)?;
        }
        Ok(())
    }

    /// Fills the intervals of the log that are over. Where another process does it, or there is no
    /// log, there is nothing to do.
    fn attend_log(&mut self) -> anyhow::Result<()> {
        let now_us = u64::try_from(self.clock().now().as_microsecond()).unwrap_or_default();
        let stop = self.stop.clone();
        match self.sequencer.attend_while(&mut self.store, now_us, |_| !stop.asked()) {
            Ok(done) if done.intervals > 0 => tell(format_args!(
                "log: {} filled, {}",
                several(done.intervals, "interval", "intervals"),
                several(done.size, "leaf in it", "leaves in it")
            )),
            Ok(_) | Err(SequenceError::NoLog | SequenceError::AnotherHolds) => Ok(()),
            // Whatever else is due is done all the same.
            Err(error @ SequenceError::TooFarBehind { .. }) => {
                say(format_args!("{error}"));
                Ok(())
            }
            Err(SequenceError::Store(error)) => Err(error.into()),
            Err(error) => Err(error).context("cannot put leaves into the log"),
        }
    }

    fn lease(&mut self) -> Result<Option<LeasedJob>, StoreError> {
        let kinds: Vec<JobName> = KINDS.iter().map(Kind::job_name).collect();
        let terms = LeaseTerms {
            organisation: &organisation(),
            worker: self.id,
            kinds: &kinds,
            most: 1,
            lasts: self.lasts,
            back_off: &BackOff::default(),
        };
        Ok(self.store.lease_jobs(self.environment.clock.as_ref(), &terms)?.pop())
    }

    fn work_on(&mut self, job: &LeasedJob) -> anyhow::Result<()> {
        let kind = KINDS.iter().find(|kind| kind.name == job.kind.as_str());
        let kind = kind.context("the queue gave a kind of job that nobody asked for")?;
        let mut work = Work {
            store: &mut self.store,
            clock: self.environment.clock.as_ref(),
            rng: self.environment.rng.as_mut(),
            job,
            lasts: self.lasts,
            stop: &self.stop,
        };
        let name = format!("{} {}", job.kind.as_str(), job.key);
        match (kind.work)(&mut work) {
            Ok(Ended::Done(how)) => tell(format_args!("{name}: done; {how}")),
            Ok(Ended::PutBack) => tell(format_args!("{name}: put back, to be gone on with")),
            Err(failed) => self.failed(job, &name, &failed),
        }
    }

    fn failed(&mut self, job: &LeasedJob, name: &str, failed: &Failed) -> anyhow::Result<()> {
        let causes: Vec<String> = failed.error.chain().map(ToString::to_string).collect();
        let account = Protected::new(causes.join("; "));
        let back_off = BackOff::default();
        let clock = self.environment.clock.as_ref();
        match self.store.fail_job(clock, job, failed.failure, &account, &back_off) {
            Ok(Next::RetryAt(at)) => {
                say(format_args!("{name}: failed, and is tried again at {at:.0}"));
                Ok(())
            }
            Ok(Next::GiveUp) => {
                say(format_args!(
                    "{name}: given up; see why with `portcullis jobs list --given-up`"
                ));
                Ok(())
            }
            Err(StoreError::LeaseLost) => {
                say(format_args!("{name}: took too long, and another worker has it now"));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn is_busy(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::Busy { .. }))
}

fn tell(line: fmt::Arguments<'_>) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}

/// Says something on stderr. Nobody listening is no reason to stop.
fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}
