//! `portcullis member pin`.

use super::super::{OfficerArgs, history};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use portcullis_decide::members::{PinnedMember, pin};
use portcullis_federation::{Fingerprint, FingerprintError};
use portcullis_store::TransactionName;
use portcullis_types::OrganisationId;
use std::io::{self, Write};

/// Keep the fingerprint of an organisation that you compared with it in person
///
/// For a service or an overseer that is new, or that lost its keys and has others. Compare it with
/// somebody there whom you know, never with whoever sent the list.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which organisation
    #[arg(value_name = "ID")]
    member: OrganisationId,

    /// Its fingerprint, as it read it out to you
    #[arg(value_name = "FINGERPRINT", value_parser = fingerprint)]
    fingerprint: Fingerprint,

    #[command(flatten)]
    officer: OfficerArgs,
}

fn fingerprint(text: &str) -> Result<Fingerprint, FingerprintError> {
    text.parse()
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let federation = history(&mut store)?.current().list().federation.clone();
    let pinned =
        PinnedMember { federation, member: args.member.clone(), fingerprint: args.fingerprint };
    let by = args.officer.by();
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("members.pin"), |w| {
        w.put_member_pin(&pin(clock, rng, &by, pinned.clone())?)?;
        anyhow::Ok(())
    })?;
    writeln!(io::stdout(), "`{}` is pinned to {}", args.member, args.fingerprint)?;
    Ok(Outcome::Clear)
}
