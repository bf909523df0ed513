//! `portcullis member sign`.

use super::super::{OfficerArgs, counted, known, own, read_proposal, refused, table, write};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context as _, bail, ensure};
use portcullis_decide::members::vote;
use portcullis_federation::{MemberFile, MemberList, RefusedList, Tally};
use portcullis_store::TransactionName;
use std::collections::BTreeSet;
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

    /// The history of the list, where this node is not in the federation yet: what the proposal
    /// changes is shown, and who signed is checked
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,

    #[command(flatten)]
    officer: OfficerArgs,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut signed = read_proposal(std::slice::from_ref(&args.file))?;
    let mut store = Place::new(environment).needed_store()?;
    let (own, keys) = own(&mut store)?;
    let known = known(&mut store, &signed.list().federation, args.history.as_ref())?;
    let (_, dropped) = counted(known.as_ref(), &mut signed)?;
    let list = signed.list().clone();
    let before = known.as_ref().map(|history| history.current().list());
    let entry = |list: &MemberList| list.member(&own.id).cloned();
    let (was, is) = (before.and_then(entry), entry(&list));
    if is.as_ref().is_some_and(|member| !keys.cover(was.as_ref(), member, list.issued)) {
        return Err(refused(RefusedList::OwnKeys));
    }
    // By the rule by which signatures are counted: one that does not count is never given.
    let named: BTreeSet<_> = [was, is]
        .into_iter()
        .flatten()
        .flat_map(|member| member.keys.signing)
        .map(|dated| dated.key)
        .filter(|key| keys.signing.contains(key) && Tally::counts(before, &list, &own.id, key))
        .collect();
    ensure!(
        !named.is_empty(),
        "neither the list in force nor this one names `{}` with a key that it has and that counts",
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
                "another list of version {} was signed here; if both come to be signed by enough, that is proof against this organisation; once the others too have given the first one up, say `--instead`",
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
    let (tally, _) = counted(known.as_ref(), &mut signed)?;
    let path = args.out.as_ref().unwrap_or(&args.file);
    write(path, &MemberFile::Lists(vec![signed.clone()]))?;
    let mut out = io::stdout().lock();
    writeln!(out, "signed version {} of `{}` as `{}`", list.version, list.federation, own.id)?;
    table::dropped(&mut out, &dropped)?;
    table::changes(&mut out, before, &list)?;
    if let Some(tally) = tally {
        table::tally(&mut out, &signed, &tally)?;
    }
    writeln!(out, "wrote it to `{}`", path.display())?;
    Ok(Outcome::Clear)
}
