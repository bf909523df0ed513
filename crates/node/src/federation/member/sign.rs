//! `portcullis member sign`.

use super::super::{OfficerArgs, own, read_proposal, refused, table, write};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context as _, bail, ensure};
use portcullis_decide::members::vote;
use portcullis_federation::{MemberFile, Tally};
use portcullis_store::TransactionName;
use std::io::{self, Write};
use std::path::PathBuf;

/// Agree to a proposed list in the name of this organisation
///
/// Look at what it changes first: portcullis member show FILE.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The proposed list
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Where it goes with the signature [default: in its place]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Sign although another list of this version was signed here: if both come to be signed by
    /// enough, there is proof against this organisation
    #[arg(long)]
    instead: bool,

    #[command(flatten)]
    officer: OfficerArgs,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut signed = read_proposal(std::slice::from_ref(&args.file))?;
    let mut store = Place::new(environment).needed_store()?;
    let (own, keys) = own(&mut store)?;
    let history = store.read(|r| r.member_history(&organisation()))?;
    // A list with a signature that does not count is not signed: whoever sent it is asked again.
    if let Some(history) = &history {
        history.tally(&signed).map_err(refused)?;
    } else if signed.list().version == 1 {
        Tally::of(None, &signed).map_err(refused)?;
    }
    let before = history.as_ref().map(|history| history.current().list().clone());
    let list = signed.list().clone();
    let entry = |list: &portcullis_federation::MemberList| list.member(&own.id).cloned();
    let named: Vec<_> = [before.as_ref().and_then(entry), entry(&list)]
        .into_iter()
        .flatten()
        .flat_map(|member| member.keys.signing)
        .filter(|dated| dated.until.is_none_or(|until| list.issued < until))
        .map(|dated| dated.key)
        .filter(|key| keys.signing.contains(key))
        .collect();
    ensure!(
        !named.is_empty(),
        "neither the list in force nor this one names `{}` with a key that it has",
        own.id
    );
    let of = (list.federation.clone(), list.version);
    let digest = signed.digest();
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let by = args.officer.by();
    // Kept before the signature is given: what was signed can't be denied, nor forgotten.
    store.write(TransactionName("members.sign"), |w| {
        let votes = w.member_votes(&organisation(), (&of.0, of.1))?;
        if votes.contains(&digest) {
            return anyhow::Ok(());
        }
        if !votes.is_empty() && !args.instead {
            bail!(
                "another list of version {} was signed here; if both come to be signed by enough, that is proof against this organisation; say `--instead` if it is meant",
                of.1
            );
        }
        w.put_member_vote(&vote(clock, rng, &by, of.clone(), digest)?)?;
        Ok(())
    })?;
    for key in named {
        let signature = store.sign_list(&key, &own.id, &list).context("the key is gone")?;
        signed.add(signature);
    }
    let path = args.out.as_ref().unwrap_or(&args.file);
    let tally = history.as_ref().map(|history| history.tally(&signed)).transpose();
    write(path, &MemberFile::Lists(vec![signed.clone()]))?;
    let mut out = io::stdout().lock();
    writeln!(out, "signed version {} of `{}` as `{}`", list.version, list.federation, own.id)?;
    table::changes(&mut out, before.as_ref().filter(|_| list.version > 1), &list)?;
    if let Ok(Some(tally)) = tally {
        table::tally(&mut out, &signed, &tally)?;
    }
    writeln!(out, "wrote it to `{}`", path.display())?;
    Ok(Outcome::Clear)
}
