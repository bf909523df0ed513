//! `portcullis retention keep`.

use super::number;
use crate::decisions::{account, officer, organisation, reason, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::Context;
use jiff::civil::Date;
use portcullis_decide::{RecordNumber, keep_until};
use portcullis_store::TransactionName;
use portcullis_types::{OfficerId, Protected};
use std::io::{self, Write};

/// Keep a record longer, until a day on which somebody looks again
///
/// At most two years from today at a time. It is an event with your name and your reason, and it is
/// counted.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Number of the record, as `retention list` shows it
    #[arg(value_name = "RECORD", value_parser = number)]
    record: RecordNumber,

    /// Its new review date (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    until: Date,

    /// Account name of the person who keeps it; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,

    /// Why, in the officer's own words
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    reason: Protected,
}

const AFTER: &str = "\
Example:
    portcullis retention keep 4711 --until 2028-11-22 --officer q.examplesson \\
      --reason \"donates every year\"

The reason is sealed in the record and goes with it.";

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let (why, account) = (reason(&args.reason)?, account());
    let mut store = Place::new(environment).needed_store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let kept = store.write(TransactionName("retention.keep"), |w| {
        let record = w
            .record(&organisation(), args.record)?
            .with_context(|| format!("there is no record `{}`", args.record))?;
        let (officer, why) = (args.officer.clone(), why.clone());
        let change = keep_until(clock, rng, officer, why, record, args.until, account.as_deref())?;
        w.keep(&change)?;
        anyhow::Ok(change.into_state())
    })?;
    writeln!(
        io::stdout().lock(),
        "record {}: kept until {} by {}",
        args.record,
        kept.record.retention.review_on,
        args.officer
    )?;
    Ok(Outcome::Clear)
}
