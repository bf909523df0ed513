//! `portcullis join`.

use super::{Of, OfficerArgs, how_to_pin, now, own, pin_of, pins, read_lists, table};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::bail;
use portcullis_decide::members::accept_list;
use portcullis_federation::{FederationName, Fingerprint, History};
use portcullis_store::TransactionName;
use std::io::{self, Write};
use std::path::PathBuf;

/// Join a federation by its list, with the fingerprints of its services and overseers
///
/// The file holds every version of the list, from the founding one on. Each is checked against the one
/// before. The fingerprints come from the organisations themselves, in person or on the telephone,
/// never from whoever sent the file.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The lists; signatures of several files are put together
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// The fingerprint of a service or overseer, as it read it out to you
    #[arg(long, value_name = "ID=FINGERPRINT", value_parser = pin_of)]
    pin: Vec<Of<Fingerprint>>,

    /// Leave this federation for it
    #[arg(long, value_name = "FEDERATION")]
    leave: Option<FederationName>,

    #[command(flatten)]
    officer: OfficerArgs,
}

const AFTER: &str = "\
Example:
  portcullis join federation.members --officer q.examplesson \\
    --pin \"service.example=482137 093314 620518 771290 105526 384471\" \\
    --pin \"overseer.example=...\"";

pub(crate) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let lists = read_lists(&args.files)?;
    let at = now(environment)?;
    let mut store = Place::new(environment).needed_store()?;
    let (_, keys) = own(&mut store)?;
    let by = args.officer.by();
    let accepted = History::join(lists, at, pins(&args.pin), &keys)
        .map_err(|error| how_to_pin(error, "--pin ID=FINGERPRINT"))?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("members.join"), |w| {
        if let Some(held) = w.member_history(&organisation())? {
            let held = &held.current().list().federation;
            let same = accepted.first().is_some_and(|first| first.list().federation == *held);
            if same {
                bail!("this node is in `{held}` already; later versions go to `portcullis member accept`");
            }
            if args.leave.as_ref() != Some(held) {
                bail!("this node is in `{held}`; to leave it for this one, say `--leave {held}`");
            }
        }
        // Whoever comes back goes on from where it left: nothing that it took is taken back.
        let first = accepted.first().map(|first| first.list().federation.clone());
        let left = match &first {
            Some(federation) => w.member_history_of(&organisation(), federation)?,
            None => None,
        };
        for (place, kept) in left.iter().flat_map(History::lists).enumerate() {
            match accepted.get(place).map(|one| one.signed().digest()) {
                Some(digest) if digest == kept.digest() => {}
                Some(_) => bail!("version {} is another than this node took when it was in this federation; tell the overseer", kept.list().version),
                None => bail!("this node took version {} when it was in this federation; ask for the newest", kept.list().version),
            }
        }
        for one in &accepted {
            w.put_member_list(&accept_list(clock, rng, &by, one.clone())?)?;
        }
        Ok(())
    })?;
    let mut out = io::stdout().lock();
    if let Some(last) = accepted.last() {
        let list = last.list();
        writeln!(out, "joined `{}` at version {} of its list\n", list.federation, list.version)?;
        table::members(&mut out, list, at)?;
    }
    Ok(Outcome::Clear)
}
