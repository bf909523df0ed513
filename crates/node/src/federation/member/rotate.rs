//! `portcullis member rotate`.

use super::super::{OfficerArgs, history, moment, now, own};
use super::propose::{check_lost, find, finish, next, replace};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::Context as _;
use clap::ValueEnum;
use portcullis_decide::members::{OwnKeyChange, OwnKeyDeed, change_own_key};
use portcullis_federation::{Dated, Moment};
use std::path::PathBuf;

/// Draw a new key of this organisation, and propose the list that names it
///
/// The key before signs until the new one begins, and goes on opening what was sealed to it. The list
/// needs this organisation's own signature (`portcullis member sign` makes it with both keys) and a
/// quorum.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which key
    #[arg(long, value_enum)]
    key: Key,

    /// Since when the key before may be in wrong hands, where it is lost
    #[arg(long, value_name = "TIME", value_parser = moment)]
    lost_since: Option<Moment>,

    /// Where the proposed list goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    #[command(flatten)]
    officer: OfficerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Key {
    /// What the organisation signs with
    Signing,
    /// What others seal to
    Sealing,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let (own, _) = own(&mut store)?;
    let history = history(&mut store)?;
    let mut list = next(&history, now(environment)?)?;
    let keys = store.own_public_keys();
    let member = find(&mut list, &own.id)?.clone();
    // When the last key of the list began, when that of the keyring, and whether the list has it.
    let (deed, listed, begun, is_listed) = match args.key {
        Key::Signing => {
            let (of, newest) = (&member.keys.signing, keys.signing.last());
            let is_listed = newest.is_none_or(|(_, key)| of.iter().any(|one| one.key == *key));
            (
                OwnKeyDeed::SigningBegun,
                of.last().map(|one| one.from),
                newest.map(|one| one.0),
                is_listed,
            )
        }
        Key::Sealing => {
            let (of, newest) = (&member.keys.sealing, keys.sealing.last());
            let is_listed = newest.is_none_or(|(_, key)| of.iter().any(|one| one.key == *key));
            (
                OwnKeyDeed::SealingBegun,
                of.last().map(|one| one.from),
                newest.map(|one| one.0),
                is_listed,
            )
        }
    };
    check_lost(args.lost_since, listed, list.issued)?;
    // A key that was drawn before and that no list names yet is proposed again; but whoever took the
    // keyring has that one too.
    if is_listed || args.lost_since.is_some() {
        let from = begun.map_or(list.issued, |last| list.issued.max(last.later(1)));
        let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
        let by = args.officer.by();
        let change = change_own_key(clock, rng, &by, OwnKeyChange { deed, from })?;
        store.change_own_key(&change)?;
    }
    let keys = store.own_public_keys();
    let issued = list.issued;
    let member = find(&mut list, &own.id)?;
    let none = "the new key is not in the keyring";
    match args.key {
        Key::Signing => {
            let (from, key) = keys.signing.last().context(none)?;
            let new = vec![Dated::from(*key, *from)];
            replace(&mut member.keys.signing, new, issued, args.lost_since);
        }
        Key::Sealing => {
            let (from, key) = keys.sealing.last().context(none)?;
            let new = vec![Dated::from(key.clone(), *from)];
            replace(&mut member.keys.sealing, new, issued, args.lost_since);
        }
    }
    finish(list, Some(&history), &args.out)
}
