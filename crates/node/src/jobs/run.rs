//! `portcullis jobs run`.

use super::worker::Worker;
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::stop::Stop;
use jiff::SignedDuration;
use portcullis_store::{Sequencer, WorkerId};

/// Do what is due, and go on until stopped (Ctrl-C)
///
/// Puts leaves into the log at each boundary, erases every night what is due and needs no person, and
/// does what else is in the queue. Any number may run at once, on several machines where they share a
/// database and one keyring file, on a shared file system: each job is done by one.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Do what is due now, and end
    #[arg(long)]
    once: bool,

    /// How long a job belongs to this worker before another may take it, in seconds
    ///
    /// A worker that lives renews its lease. One that is killed holds up its job for so long.
    #[arg(long, value_name = "SECONDS", default_value_t = 300,
          value_parser = clap::value_parser!(u32).range(1..=86_400))]
    lease: u32,
}

const AFTER: &str = "\
A worker that is stopped finishes the step it is at. One that is killed loses nothing: what a job
changes is kept with its end or not at all, and another worker begins it again.

Exit status: 0  done    1  a job was given up, and waits for a person: jobs list --given-up";

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let store = Place::new(environment).store()?;
    let stop = Stop::on_request()?;
    let id = WorkerId::random(environment.rng.as_mut());
    let sequencer = Sequencer::new(organisation(), environment.rng.as_mut());
    let lasts = SignedDuration::from_secs(args.lease.into());
    let mut worker = Worker { store, environment, id, sequencer, stop, lasts };
    let done = if args.once { worker.once() } else { worker.go_on() };
    // Whatever came of it: nobody need wait for this process any more.
    let left = worker.leave();
    done?;
    left?;
    let given_up = worker.store.read(|r| r.given_up_jobs(&organisation()))?;
    let waits = given_up.iter().any(|job| job.dealt_with.is_none());
    Ok(if waits { Outcome::Alerts } else { Outcome::Clear })
}
