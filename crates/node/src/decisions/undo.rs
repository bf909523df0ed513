//! `portcullis decisions undo`.

use super::{account, officer, organisation, reason, reference_of, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context, bail};
use portcullis_decide::{Reference, undo};
use portcullis_store::TransactionName;
use portcullis_types::{OfficerId, Protected};
use std::io::{self, Write};

/// Take back the latest decision on an alert; it stays on file
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Reference of the alert
    reference: Reference,

    /// Account name of the person who takes it back
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,

    /// Why, in the officer's own words
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    reason: Protected,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let why = reason(&args.reason)?;
    let account = account();
    let place = Place::new(environment);
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let mut store =
        place.existing_store()?.context("nothing has been decided here yet; check --data")?;
    let undone = store.write(TransactionName("decisions.undo"), |w| {
        let mut decisions = w.decisions(&organisation())?;
        decisions.retain(|decision| reference_of(decision) == args.reference);
        let Some(last) = decisions.iter().rposition(|decision| decision.undoing.is_none()) else {
            match decisions.pop().and_then(|decision| decision.undoing) {
                Some(undoing) => bail!(
                    "the decision on `{}` was already undone by `{}`",
                    args.reference,
                    undoing.officer
                ),
                None => bail!("there is no decision on `{}`", args.reference),
            }
        };
        let decision = decisions.swap_remove(last);
        let (officer, why) = (args.officer.clone(), why.clone());
        let change = undo(clock, rng, decision, officer, why, account.as_deref())?;
        w.put_decision(&change)?;
        Ok(change.into_state())
    })?;
    writeln!(
        io::stdout().lock(),
        "{}: no longer {}, undone by {}",
        args.reference,
        undone.judgement.verdict,
        args.officer
    )?;
    Ok(Outcome::Clear)
}
