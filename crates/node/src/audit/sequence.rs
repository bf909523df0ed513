//! `portcullis audit sequence`.

use super::{bar, now_us, time};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::several;
use crate::stop::Stop;
use portcullis_store::{Database, Log, SequenceError, Sequenced, Sequencer, StoreError};
use std::io::{self, Write};
use std::time::Duration;

/// How long one that watches waits before it tries again to take the place of another.
const ANOTHER: Duration = Duration::from_secs(10);

/// Put the leaves that wait into the log
///
/// Fills every interval that is over, with leaves of events and with decoys, and signs a checkpoint for
/// each. One that was missed is made up for. `portcullis jobs run` does the same.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Go on at each boundary until stopped (Ctrl-C)
    #[arg(long)]
    watch: bool,

    /// Make up for more than 31 days, once you have looked whether the clock is right
    #[arg(long)]
    catch_up: bool,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let stop = Stop::on_request()?;
    let mut sequencer = Sequencer::new(organisation(), environment.rng.as_mut());
    if args.catch_up {
        sequencer = sequencer.catching_up();
    }
    let done = go_on(args, environment, &mut store, &mut sequencer, &stop);
    // Whatever came of it: nobody need wait for this process any more.
    let left = sequencer.leave(&mut store);
    done?;
    left?;
    Ok(Outcome::Clear)
}

fn go_on(
    args: &Args,
    environment: &Environment,
    store: &mut Database,
    sequencer: &mut Sequencer,
    stop: &Stop,
) -> anyhow::Result<()> {
    loop {
        let now = now_us(environment);
        let wait = match attend(sequencer, store, now, stop) {
            Ok((log, done)) => {
                say(&log, &done)?;
                let next = log.pace.boundary(log.pace.interval_at(now).saturating_add(1));
                Duration::from_micros(next.saturating_sub(now_us(environment)))
            }
            Err(SequenceError::AnotherHolds) if args.watch => ANOTHER,
            Err(error) => return Err(error.into()),
        };
        if !args.watch || stop.asked() {
            return Ok(());
        }
        stop.wait(wait);
        if stop.asked() {
            return Ok(());
        }
    }
}

fn attend(
    sequencer: &mut Sequencer,
    store: &mut Database,
    now_us: u64,
    stop: &Stop,
) -> Result<(Log, Sequenced), SequenceError> {
    let found = store.read_logs(&organisation(), |view| {
        let Some(log) = view.current()? else { return Ok(None) };
        let size = view.size(&log)?;
        Ok::<_, StoreError>(Some((log, size)))
    })?;
    let (log, size) = found.ok_or(SequenceError::NoLog)?;
    let due = log.pace.size_at(now_us).saturating_sub(size) / u64::from(log.pace.per_interval());
    let bar = bar("filling intervals", due);
    let done = sequencer.attend_while(store, now_us, |done| {
        bar.set_position(done.intervals);
        !stop.asked()
    });
    bar.finish_and_clear();
    Ok((log, done?))
}

fn say(log: &Log, done: &Sequenced) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let next = done.size / u64::from(log.pace.per_interval()) + 1;
    writeln!(
        out,
        "{} filled, with {}; {} in the log; {}; next at {}",
        several(done.intervals, "interval", "intervals"),
        several(done.real, "leaf of an event", "leaves of events"),
        several(done.size, "leaf", "leaves"),
        if done.waiting == 0 {
            "none waits".to_owned()
        } else {
            several(done.waiting, "waits", "wait")
        },
        time(log.pace.boundary(next))
    )
}
