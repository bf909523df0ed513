//! `portcullis audit open`.

use super::{now_us, time};
use crate::decisions::{officer, organisation};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context, bail};
use jiff::SignedDuration;
use portcullis_audit::{KeyName, Pace};
use portcullis_decide::{OpenedLog, open_log};
use portcullis_store::{StoreError, TransactionName};
use portcullis_types::{Actor, OfficerId};
use std::io::{self, Write};

/// Open the log, once and for all
///
/// From then on the log grows on the clock: after each interval by the same number of leaves,
/// whatever happened. Leaves of events take the places of decoys, and nobody outside can tell one from
/// the other. Events from before wait and come into the log first.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// What the log is called, for good: a name under a domain of yours, without spaces
    #[arg(long, value_name = "NAME")]
    origin: KeyName,

    /// How often it grows: 1h, 15m, 1d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = interval)]
    interval: u32,

    /// By how many leaves; more than events in the busiest interval, best a multiple of 256
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    leaves: u32,

    /// Account name of the person who opens it; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,
}

const AFTER: &str = "\
Example:
  portcullis audit open --origin log.party.example/screening --officer q.examplesson

It prints the key of the log. Give it to witnesses and overseers, by a way on which nobody can change
it: they check everything against it.";

fn interval(text: &str) -> Result<u32, String> {
    let wrong = || "give a time of at least a second, like `1h` or `15m`".to_owned();
    let interval: SignedDuration = text.parse().map_err(|_| wrong())?;
    let whole = interval.subsec_nanos() == 0;
    u32::try_from(interval.as_secs()).ok().filter(|s| *s > 0 && whole).ok_or_else(wrong)
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let pace = Pace::beginning(now_us(environment), args.interval, args.leaves)?;
    let mut store = Place::new(environment).store()?;
    let organisation = organisation();
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("audit.open"), |w| {
        if let Some(log) = w.log(&organisation)? {
            bail!("the log `{}` is open already; a node has one log", log.origin);
        }
        let log = OpenedLog {
            organisation: organisation.clone(),
            origin: args.origin.to_string(),
            start_us: pace.start_us(),
            interval_s: pace.interval_s(),
            per_interval: pace.per_interval(),
            link: None,
        };
        let change = open_log(clock, rng, Actor::Officer(args.officer.clone()), log)?;
        w.open_log(&change)?;
        anyhow::Ok(())
    })?;
    let key = store.read_logs(&organisation, |view| {
        let log = view.current()?;
        Ok::<_, StoreError>(log.and_then(|log| view.key(&log)))
    })?;
    let key = key.context("the log was opened and is not there")?;
    let mut out = io::stdout().lock();
    writeln!(out, "opened the log `{}`", args.origin)?;
    writeln!(
        out,
        "{} leaves every {:#}, the first at {}",
        args.leaves,
        SignedDuration::from_secs(args.interval.into()),
        time(pace.boundary(1))
    )?;
    writeln!(out, "key of the log, for witnesses and overseers:")?;
    writeln!(out, "{key}")?;
    Ok(Outcome::Clear)
}
