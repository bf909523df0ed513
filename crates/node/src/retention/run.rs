//! `portcullis retention run`: erases what is due and needs no person.

use super::today;
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::{count, several};
use crate::stop::Stop;
use indicatif::ProgressBar;
use portcullis_decide::{Disposal, HeldRecord, RecordKind, RecordNumber, erase_due};
use portcullis_store::{Database, StoreError, TransactionName};
use portcullis_types::{Clock, JobName, Rng};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Erase what is due, and say what waits for a person
///
/// Erases every record whose review date has come and for which the schedule says `erase`. Doing it twice
/// erases nothing more. `portcullis jobs run` does it every night.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Show what would be erased, and erase nothing
    #[arg(long)]
    dry_run: bool,
}

const AFTER: &str = "\
Erasing takes away what the record held and the key that opens it: no copy of the store, however
old, opens it then. It can't be undone.

Exit status: 0  nothing waits for a person    1  records that are due wait for a person";

/// What came of going through what is due.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sweep {
    /// What was erased, or would be.
    pub(crate) erased: BTreeMap<RecordKind, u64>,
    /// What waits for a person.
    pub(crate) waiting: BTreeMap<RecordKind, u64>,
    /// Whether all that is due was gone through.
    pub(crate) is_complete: bool,
}

impl Sweep {
    /// How many records wait for a person.
    pub(crate) fn waits(&self) -> u64 {
        self.waiting.values().copied().fold(0, u64::saturating_add)
    }

    /// How many were erased.
    pub(crate) fn total(&self) -> u64 {
        self.erased.values().copied().fold(0, u64::saturating_add)
    }

    fn add(&mut self, page: &[HeldRecord]) {
        for HeldRecord { retention, .. } in page {
            let by_kind = match retention.disposal {
                Disposal::Erase => &mut self.erased,
                Disposal::Review => &mut self.waiting,
            };
            let number = by_kind.entry(retention.kind).or_default();
            *number = number.saturating_add(1);
        }
    }
}

/// Who erases, in the events that tell of it.
pub(crate) fn job_name() -> JobName {
    JobName::new("retention.run").expect("a constant that is a word")
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let swept = if args.dry_run {
        look(&mut store, clock)?
    } else {
        let stop = Stop::on_request()?;
        let bar = ProgressBar::new_spinner();
        let swept = sweep(&mut store, clock, rng, |_, swept| {
            bar.set_message(format!("erased {}", several(swept.total(), "record", "records")));
            bar.tick();
            Ok(!stop.asked())
        });
        bar.finish_and_clear();
        swept?
    };
    say(&swept, args.dry_run)?;
    Ok(if swept.waits() == 0 { Outcome::Clear } else { Outcome::Alerts })
}

fn look(store: &mut Database, clock: &dyn Clock) -> Result<Sweep, StoreError> {
    store.read(|r| {
        let (mut swept, mut after) = (Sweep::default(), None);
        loop {
            let (page, more) = r.due_records(&organisation(), today(clock), after)?;
            swept.add(&page);
            let Some(last) = more else {
                swept.is_complete = true;
                return Ok(swept);
            };
            after = Some(last);
        }
    })
}

/// Erases what is due and needs no person, some records in each transaction. `go_on` is asked between
/// them. THREATS T-20.
pub(crate) fn sweep(
    store: &mut Database,
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    mut go_on: impl FnMut(&mut Database, &Sweep) -> anyhow::Result<bool>,
) -> anyhow::Result<Sweep> {
    let (mut swept, mut after): (_, Option<RecordNumber>) = (Sweep::default(), None);
    while go_on(store, &swept)? {
        // What is due is read in the transaction that erases it, so nobody can keep a record between.
        let (page, more) = store.write(TransactionName("retention.run"), |w| {
            let (page, more) = w.due_records(&organisation(), today(clock), after)?;
            let erasable: Vec<HeldRecord> = page
                .iter()
                .filter(|record| record.retention.disposal == Disposal::Erase)
                .cloned()
                .collect();
            for change in erase_due(clock, rng, &job_name(), &erasable)? {
                w.erase(&change)?;
            }
            anyhow::Ok((page, more))
        })?;
        swept.add(&page);
        let Some(last) = more else {
            swept.is_complete = true;
            break;
        };
        after = Some(last);
    }
    Ok(swept)
}

fn say(swept: &Sweep, dry_run: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let erased = if dry_run { "would be erased" } else { "erased" };
    for (kind, number) in &swept.erased {
        writeln!(out, "{:<14} {} {erased}", kind.code(), count(*number))?;
    }
    for (kind, number) in &swept.waiting {
        writeln!(out, "{:<14} {} due, for a person to review", kind.code(), count(*number))?;
    }
    let total = several(swept.total(), "record", "records");
    writeln!(
        out,
        "{total} {erased}; {} for a person.",
        match swept.waits() {
            0 => "nothing waits".to_owned(),
            waits => several(waits, "waits", "wait"),
        }
    )?;
    if swept.waits() > 0 {
        writeln!(out, "See them with: portcullis retention list --due")?;
    }
    Ok(())
}
