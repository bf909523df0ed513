//! `portcullis member found`, `propose` and `revoke`: lists that nobody has signed yet.

use super::super::{
    Of, end_of, history, level_of, moment, now, of, own_card, read_card, table, write,
};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context as _, bail, ensure};
use portcullis_audit::KeyName;
use portcullis_federation::{
    Card, Dated, Endpoint, FederationName, History, Member, MemberFile, MemberList, Moment,
    Revocation, RevocationReason, SignedList,
};
use portcullis_types::{Level, OrganisationId};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Propose the founding list of a federation, from the cards of those who found it
///
/// This organisation is one of them. All of them sign it.
#[derive(Debug, clap::Args)]
pub(super) struct FoundArgs {
    /// What the federation is called, for good
    #[arg(long, value_name = "NAME")]
    federation: FederationName,

    /// The cards of the others
    #[arg(long, value_name = "CARD", required = true)]
    add: Vec<PathBuf>,

    /// Under which name this node cosigns others' logs, if it does
    #[arg(long, value_name = "NAME", env = "PORTCULLIS_WITNESS_NAME")]
    cosigner: Option<KeyName>,

    #[command(flatten)]
    edits: Edits,

    /// Where the proposed list goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What is set for members that are in the list.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Edits {
    /// The highest level that may be sent to a member [default for a new one: 0]
    #[arg(long, value_name = "ID=LEVEL", value_parser = level_of)]
    ceiling: Vec<Of<Level>>,

    /// Until when it is a member: to the end of a day (UTC), or to a time
    #[arg(long, value_name = "ID=DAY", value_parser = end_of)]
    until: Vec<Of<Moment>>,

    /// Where its node is reached; without one it exchanges files
    #[arg(long, value_name = "ID=ADDRESS", value_parser = endpoint_of)]
    endpoint: Vec<Of<Endpoint>>,
}

fn endpoint_of(text: &str) -> Result<Of<Endpoint>, String> {
    of(text, |value| value.parse().map_err(|error| format!("{error}")))
}

/// Propose a change of the list: members added, what is set for them, keys from a new card
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The card of an organisation to add, or to take in again after it was revoked
    #[arg(long, value_name = "CARD")]
    add: Vec<PathBuf>,

    /// The new card of a member whose keys change
    #[arg(long, value_name = "CARD")]
    update: Vec<PathBuf>,

    /// Since when the keys of that member that are replaced may be in wrong hands
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "update")]
    lost_since: Option<Moment>,

    #[command(flatten)]
    edits: Edits,

    /// Where the proposed list goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Propose that an organisation is a member no more
#[derive(Debug, clap::Args)]
pub(super) struct RevokeArgs {
    /// Which
    #[arg(value_name = "ID")]
    member: OrganisationId,

    /// Why: left, dissolved, keys-lost, breach
    #[arg(long, value_name = "REASON", value_parser = reason)]
    why: RevocationReason,

    /// Since when [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Moment>,

    /// Where the proposed list goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn reason(text: &str) -> Result<RevocationReason, String> {
    RevocationReason::from_code(text)
        .ok_or_else(|| "it is `left`, `dissolved`, `keys-lost` or `breach`".to_owned())
}

pub(super) fn found(args: &FoundArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let issued = now(environment)?;
    let mut store = Place::new(environment).needed_store()?;
    let mut cards = vec![own_card(&mut store, args.cosigner.as_ref())?];
    for path in &args.add {
        let card = read_card(path)?;
        if cards.iter().any(|other| other.id == card.id) {
            bail!(
                "`{}` is in the list already; leave out your own card, and give each once",
                card.id
            );
        }
        cards.push(card);
    }
    let mut list = MemberList {
        federation: args.federation.clone(),
        version: 1,
        previous: None,
        issued,
        members: cards.into_iter().map(|card| member(card, issued)).collect(),
    };
    edit(&mut list, &args.edits)?;
    finish(list, None, &args.out)
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let history = history(&mut Place::new(environment).needed_store()?)?;
    let mut list = next(&history, now(environment)?)?;
    for path in &args.add {
        let card = read_card(path)?;
        let new = member(card, list.issued);
        match list.members.iter_mut().find(|member| member.id == new.id) {
            Some(old) if old.revoked.is_some() => *old = new,
            Some(_) => bail!("`{}` is a member already; new keys go with `--update`", new.id),
            None => list.members.push(new),
        }
    }
    for path in &args.update {
        let card = read_card(path)?;
        let issued = list.issued;
        let old = find(&mut list, &card.id)?;
        let begun = [
            old.keys.signing.last().map(|key| key.from),
            old.keys.sealing.last().map(|key| key.from),
        ];
        check_lost(args.lost_since, begun.into_iter().flatten().min(), issued)?;
        replace(&mut old.keys.signing, card.keys.signing, issued, args.lost_since);
        replace(&mut old.keys.sealing, card.keys.sealing, issued, args.lost_since);
        replace(&mut old.keys.log, card.keys.log, issued, args.lost_since);
        replace(&mut old.keys.cosigning, card.keys.cosigning, issued, args.lost_since);
    }
    edit(&mut list, &args.edits)?;
    finish(list, Some(&history), &args.out)
}

pub(super) fn revoke(args: &RevokeArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let history = history(&mut Place::new(environment).needed_store()?)?;
    let mut list = next(&history, now(environment)?)?;
    let since = args.since.unwrap_or(list.issued);
    ensure!(since <= list.issued, "`--since` is yet to come; a revocation works at once");
    let member = find(&mut list, &args.member)?;
    member.revoked = Some(Revocation { since, reason: args.why });
    finish(list, Some(&history), &args.out)
}

/// A list that follows on the one in force and says the same.
pub(super) fn next(history: &History, now: Moment) -> anyhow::Result<MemberList> {
    let current = history.current();
    let held = current.list();
    Ok(MemberList {
        version: held.version.checked_add(1).context("there are no more versions")?,
        previous: Some(current.digest()),
        issued: now.max(held.issued),
        ..held.clone()
    })
}

pub(super) fn find<'l>(
    list: &'l mut MemberList,
    id: &OrganisationId,
) -> anyhow::Result<&'l mut Member> {
    list.members
        .iter_mut()
        .find(|member| member.id == *id)
        .with_context(|| format!("`{id}` is no member"))
}

fn member(card: Card, from: Moment) -> Member {
    let Card { id, name, body, keys } = card;
    let (until, revoked, endpoint) = (None, None, None);
    Member { id, name, body, ceiling: Level(0), from, until, revoked, endpoint, keys }
}

/// Whether keys that began at this moment can have been lost then, by what is known now.
pub(super) fn check_lost(
    lost: Option<Moment>,
    begun: Option<Moment>,
    now: Moment,
) -> anyhow::Result<()> {
    let Some(lost) = lost else { return Ok(()) };
    ensure!(lost <= now, "`--lost-since` is yet to come; say when it may have been lost");
    if let Some(begun) = begun {
        ensure!(lost >= begun, "`--lost-since` is before the key began; it began at {begun}");
    }
    Ok(())
}

/// Lets new keys follow on the last one, where they are new.
pub(super) fn replace<K: PartialEq>(
    keys: &mut Vec<Dated<K>>,
    new: Vec<Dated<K>>,
    issued: Moment,
    lost: Option<Moment>,
) {
    for mut new in new {
        if keys.iter().any(|old| old.key == new.key) {
            continue;
        }
        if let Some(last) = keys.last_mut() {
            new.from = new.from.max(issued).max(last.from.later(1));
            match lost {
                Some(lost) => last.lost = Some(lost.max(last.from)),
                None => last.until = Some(new.from),
            }
        }
        keys.push(new);
    }
}

fn edit(list: &mut MemberList, edits: &Edits) -> anyhow::Result<()> {
    for Of { id, value } in &edits.ceiling {
        find(list, id)?.ceiling = *value;
    }
    for Of { id, value } in &edits.until {
        find(list, id)?.until = Some(*value);
    }
    for Of { id, value } in &edits.endpoint {
        find(list, id)?.endpoint = Some(value.clone());
    }
    Ok(())
}

/// Puts the members in order, says what the list changes, and writes it.
pub(super) fn finish(
    mut list: MemberList,
    history: Option<&History>,
    path: &Path,
) -> anyhow::Result<Outcome> {
    list.members.sort_by(|a, b| a.id.cmp(&b.id));
    let before = history.map(|history| history.current().list());
    ensure!(before.is_none_or(|before| before.members != list.members), "this changes nothing");
    let signed = SignedList::new(&list)?;
    let digest = signed.digest();
    write(path, &MemberFile::Lists(vec![signed]))?;
    let mut out = io::stdout().lock();
    writeln!(out, "proposed  version {} of `{}`", list.version, list.federation)?;
    writeln!(out, "digest    {digest}")?;
    table::changes(&mut out, before, &list)?;
    writeln!(
        out,
        "\nwrote it to `{}`; whoever agrees signs it: portcullis member sign",
        path.display()
    )?;
    Ok(Outcome::Clear)
}
