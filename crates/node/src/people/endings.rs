//! `portcullis people suspend` and `end`: one administrator, at once.

use super::{Who, office, opened};
use crate::decisions::{officer, organisation, reason, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use portcullis_decide::people::{self, Deed, Ending};
use portcullis_store::TransactionName;
use portcullis_types::{OfficerId, Protected};
use std::io::{self, Write as _};

#[derive(Debug, clap::Args)]
struct Common {
    /// His account
    #[arg(value_parser = officer)]
    account: OfficerId,

    #[command(flatten)]
    who: Who,

    /// Why, in your own words
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    reason: Protected,
}

/// Suspend somebody at once: he may do nothing until two administrators lift it
#[derive(Debug, clap::Args)]
pub(super) struct SuspendArgs {
    #[command(flatten)]
    common: Common,
}

/// End somebody's office at once, for good
#[derive(Debug, clap::Args)]
pub(super) struct EndArgs {
    #[command(flatten)]
    common: Common,
}

pub(super) fn suspend(
    args: &SuspendArgs,
    environment: &mut Environment,
) -> anyhow::Result<Outcome> {
    done(&args.common, Deed::Suspend, environment)
}

pub(super) fn end(args: &EndArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    done(&args.common, Deed::End, environment)
}

fn done(args: &Common, deed: Deed, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    let ending = Ending {
        deed,
        officer: args.account.clone(),
        by: args.who.officer.clone(),
        reason: reason(&args.reason)?,
    };
    let statement = ending.statement(&office(&mut store)?);
    let signature = args.who.sign(&mut store, &statement)?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let person = store.write(TransactionName("people.end"), |w| {
        let (office, ending) = (w.office(&organisation())?, ending.clone());
        let change = match deed {
            Deed::Suspend => people::suspend(clock, rng, &office, ending, signature)?,
            Deed::End => people::end(clock, rng, &office, ending, signature)?,
        };
        w.put_person(&change)?;
        anyhow::Ok(change.into_state())
    })?;
    writeln!(
        io::stdout(),
        "{} is {} from now on: sessions are over, tokens open nothing",
        person.person.officer,
        person.state
    )?;
    Ok(Outcome::Clear)
}
