//! `portcullis lists update`.

use super::place::Place;
use super::take::{self, Ready, TakeArgs};
use super::{ListStore, OfficerArgs, intake, say};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::report::words::several;
use anyhow::{Context, bail};
use portcullis_decide::{Keeping, KeptIssue, KeptList, ListName};
use portcullis_ingest::ListFormat;
use portcullis_types::{Label, OfficerId};

/// Fetch the newest issue of lists, where there is a newer one
///
/// The issue in use stays in use until the new one has been fetched, checked and read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The lists [default: all]
    names: Vec<ListName>,

    /// Fetch and read even what has not changed
    #[arg(long)]
    again: bool,

    #[command(flatten)]
    take: TakeArgs,

    #[command(flatten)]
    officer: OfficerArgs,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let officer = args.officer.officer()?;
    let store = ListStore::open(environment)?;
    let names: Vec<ListName> = if args.names.is_empty() {
        store.lists().iter().map(|list| list.name.clone()).collect()
    } else {
        for name in &args.names {
            store.named(name.as_str())?;
        }
        args.names.clone()
    };
    if names.is_empty() {
        bail!("there is no list yet; add one with `lists add`");
    }
    if names.len() > 1 && !args.take.sha256.is_empty() {
        bail!("--sha256 is of one list; name that list alone");
    }
    let mut failed: Option<anyhow::Error> = None;
    let mut failures = 0;
    for name in &names {
        if let Err(error) = update(args, name, officer.clone(), environment) {
            failures += 1;
            let error = error.context(format!(
                "`{name}` could not be updated; its issue from before stays in use"
            ));
            if names.len() == 1 {
                return Err(error);
            }
            say(&format!("{error:#}"));
            failed = Some(error);
        }
    }
    match failed {
        None => Ok(Outcome::Clear),
        Some(_) => bail!("{failures} of {} lists could not be updated", names.len()),
    }
}

fn update(
    args: &Args,
    name: &ListName,
    officer: OfficerId,
    environment: &mut Environment,
) -> anyhow::Result<()> {
    let place = Place::new(environment);
    let _lock = place.lock()?;
    // Read under the lock: another process may have updated it while this one waited.
    let list = take::current(&place, name.as_str())?
        .with_context(|| format!("the list `{name}` has been removed meanwhile"))?;
    let checksums = args.take.checksums_for(list.addresses.len())?;
    let is_whole = intake::is_whole(&place.issue(&list.name, list.current.digest), &list.current);
    if !is_whole {
        say(&format!("the kept files of `{name}` are missing or damaged; fetching them again"));
    }
    let previous = (is_whole && !args.again).then_some(&list);
    let fetched = intake::fetch(&place, &list.addresses, previous, checksums, args.take.limits())?;
    let Some(incoming) = fetched else {
        say(&format!("`{name}`: no newer issue than {}", list.current.version));
        return take::note_checked(&place, list, officer, environment);
    };
    let format = ListFormat::from_code(&list.format)
        .with_context(|| format!("this program does not know the format `{}`", list.format))?;
    let taken = take::check(
        &incoming,
        &args.take,
        Some(format),
        &list.source,
        &list.organisation,
        Some(list.current.entries),
        environment,
    )?;
    let before = list.current.clone();
    let mut list = KeptList { checked_at: environment.clock.now(), ..list };
    list.replace(taken.issue.clone());
    // It bears what it bore.
    let label = Label::open();
    let ready = Ready { incoming, taken, how: Keeping::Updated, label, list };
    let list = take::put_into_use(&place, ready, officer, environment)?;
    let records = |issue: &KeptIssue| several(issue.entries, "record", "records");
    let now = format!("issue {} with {}", list.current.version, records(&list.current));
    if before.digest == list.current.digest {
        say(&format!("`{name}`: read again, {now}"));
    } else {
        let before = format!("issue {} with {}", before.version, records(&before));
        say(&format!("`{name}`: {now} takes the place of {before}"));
    }
    Ok(())
}
