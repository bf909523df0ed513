//! `portcullis lists remove`.

use super::place::Place;
use super::take;
use super::{OfficerArgs, compiled, say};
use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::{Context, bail};
use portcullis_decide::ListName;
use portcullis_store::{StoreError, TransactionName};
use std::fs;

/// Remove a list with all its kept issues
///
/// Decisions on its records are kept, and so is the record of its being added, updated and removed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The list
    name: ListName,

    /// Yes, remove it
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    officer: OfficerArgs,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let officer = args.officer.officer()?;
    let place = Place::new(environment);
    let _lock = place.lock()?;
    let list = take::current(&place, args.name.as_str())?
        .with_context(|| format!("there is no list `{}`", args.name))?;
    if !args.yes {
        bail!(
            "`{}` would be removed with {} kept issues; say --yes to do it",
            list.name,
            list.issues().count()
        );
    }
    let change = list.forget(environment.clock.as_ref(), environment.rng.as_mut(), officer)?;
    place
        .store()?
        .write(TransactionName("lists.remove"), |w| w.forget_list(&change))
        .map_err(|error: StoreError| error)?;
    let folder = place.list(&change.state().name);
    fs::remove_dir_all(&folder).with_context(|| {
        format!("the list is no longer used, but `{}` could not be deleted", folder.display())
    })?;
    compiled::clear(&place, None);
    say(&format!("removed `{}` with all its issues; decisions on its records are kept", args.name));
    Ok(Outcome::Clear)
}
