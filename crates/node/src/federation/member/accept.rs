//! `portcullis member accept`.

use super::super::{OfficerArgs, history, how_to_pin, now, own, read_lists, table};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use portcullis_decide::members::{By, accept_list, find_fork};
use portcullis_federation::{
    Age, Fork, History, Moment, Offered, OwnKeys, RefusedList, SignedList,
};
use portcullis_store::{Database, TransactionName};
use std::io::{self, Write};
use std::path::PathBuf;

/// Take lists that follow on the one in force, if they have the signatures that they need
///
/// Whatever does not follow is refused by name, and nothing changes. A second list of one version is
/// kept as proof.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Lists; signatures of several files are put together
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Take lists that were issued more than eight weeks ago: this node was away
    #[arg(long)]
    away: bool,

    #[command(flatten)]
    officer: OfficerArgs,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let lists = read_lists(&args.files)?;
    let at = now(environment)?;
    let mut store = Place::new(environment).needed_store()?;
    let (_, keys) = own(&mut store)?;
    let by = args.officer.by();
    let held = history(&mut store)?;
    let version = held.current().list().version;
    // A history file begins with what is held; an old list alone is refused as what it is.
    let newest = lists.last().map(SignedList::digest);
    let new = lists.iter().filter(|one| !held.holds(one.digest()) || Some(one.digest()) == newest);
    let age = if args.away { Age::Any } else { Age::Recent };
    for signed in new {
        if let Err(error) = take(&mut store, environment, &by, signed, (at, age), &keys)? {
            if let RefusedList::Fork { fork } = &error {
                keep(&mut store, environment, &by, fork)?;
            }
            if let RefusedList::NotSigned { missing } = &error {
                table::missing(&mut io::stderr().lock(), missing)?;
            }
            return Err(how_to_pin(error, "portcullis member pin ID FINGERPRINT"));
        }
    }
    let history = history(&mut store)?;
    let list = history.current().list();
    let mut out = io::stdout().lock();
    if list.version == version {
        writeln!(out, "version {version} of `{}` is in force already", list.federation)?;
    } else {
        writeln!(out, "version {} of `{}` is in force\n", list.version, list.federation)?;
        table::members(&mut out, list, at)?;
    }
    Ok(Outcome::Clear)
}

fn take(
    store: &mut Database,
    environment: &mut Environment,
    by: &By,
    signed: &SignedList,
    (at, age): (Moment, Age),
    keys: &OwnKeys,
) -> anyhow::Result<Result<(), RefusedList>> {
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("members.accept"), |w| {
        let held: Option<History> = w.member_history(&organisation())?;
        let offered = held.map_or(Err(RefusedList::Empty), |held| {
            let mut signed = signed.clone();
            held.sift(&mut signed);
            held.offer(&signed, at, age, keys)
        });
        match offered {
            Ok(Offered::Known) => {}
            Ok(Offered::Next(next)) => w.put_member_list(&accept_list(clock, rng, by, *next)?)?,
            Err(error) => return anyhow::Ok(Err(error)),
        }
        Ok(Ok(()))
    })
}

fn keep(
    store: &mut Database,
    environment: &mut Environment,
    by: &By,
    fork: &Fork,
) -> anyhow::Result<()> {
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("members.fork"), |w| {
        let known = w.member_forks(&organisation())?;
        if !known.contains(fork) {
            w.put_member_fork(&find_fork(clock, rng, by, fork.clone())?)?;
        }
        anyhow::Ok(())
    })
}
