//! The federation: making this organisation, joining, and seeing to the list of members.
//!
//! Everything goes by files: a card of who an organisation is, a proposed list, the same with
//! signatures, and the history that a newcomer is given. None of them is secret, and none is believed
//! before it was checked.

mod init;
mod join;
mod member;
mod table;

use crate::decisions::{officer, organisation};
use crate::environment::Environment;
use crate::private_file;
use anyhow::{Context as _, bail};
use portcullis_audit::{KeyName, VerifierKey};
use portcullis_decide::members::{By, OwnOrganisation};
use portcullis_federation::{
    Card, Dated, FederationName, Fingerprint, History, MemberFile, MemberKeys, Moment, OwnKeys,
    Pins, RefusedList, SignedList, Tally,
};
use portcullis_store::{Database, StoreError};
use portcullis_types::{Level, OfficerId, OrganisationId};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use init::{Args as InitArgs, run as init};
pub(crate) use join::{Args as JoinArgs, run as join};
pub(crate) use member::{Args as MemberArgs, run as member};

/// Who answers for it.
#[derive(Debug, Clone, clap::Args)]
struct OfficerArgs {
    /// Your account name, for the record; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,
}

impl OfficerArgs {
    fn by(&self) -> By {
        By { organisation: organisation(), officer: self.officer.clone() }
    }
}

/// What belongs to a member, as `ID=VALUE`.
#[derive(Debug, Clone)]
struct Of<T> {
    id: OrganisationId,
    value: T,
}

fn of<T>(text: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Of<T>, String> {
    let (id, value) = text.split_once('=').ok_or("give it as `ID=VALUE`")?;
    let id = OrganisationId::new(id).map_err(|error| error.to_string())?;
    Ok(Of { id, value: read(value)? })
}

fn pin_of(text: &str) -> Result<Of<Fingerprint>, String> {
    of(text, |value| value.parse().map_err(|error| format!("{error}")))
}

fn level_of(text: &str) -> Result<Of<Level>, String> {
    of(text, |value| value.parse().map(Level).map_err(|_| "a level is 0 to 255".to_owned()))
}

/// Until when: to the end of a day (UTC), as for people, or to a time.
fn end_of(text: &str) -> Result<Of<Moment>, String> {
    of(text, |value| {
        let day = value.parse::<jiff::civil::Date>().ok();
        match day.map(jiff::civil::Date::tomorrow) {
            Some(next) => moment(&next.map_err(|_| "there is no such day".to_owned())?.to_string()),
            None => moment(value),
        }
    })
}

/// Since when: from the beginning of a day (UTC), or from a time.
fn moment(text: &str) -> Result<Moment, String> {
    let day = text.parse::<jiff::civil::Date>().ok();
    let at = match day {
        Some(day) => day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        None => text.parse::<jiff::Timestamp>().ok(),
    };
    at.and_then(Moment::of)
        .ok_or_else(|| "give a day like 2027-03-01, or a time like 2027-03-01T09:00:00Z".to_owned())
}

fn now(environment: &Environment) -> anyhow::Result<Moment> {
    Moment::of(environment.clock.now()).context("the clock stands outside 1970 to 9999")
}

fn read(path: &Path) -> anyhow::Result<MemberFile> {
    let refused = || format!("cannot read `{}`", path.display());
    let bytes = fs::read(path).with_context(refused)?;
    MemberFile::from_bytes(&bytes).with_context(refused)
}

fn read_card(path: &Path) -> anyhow::Result<Card> {
    match read(path)? {
        MemberFile::Card(card) => Ok(*card),
        MemberFile::Lists(_) | MemberFile::Fork(_) => {
            bail!("`{}` is not the card of an organisation", path.display())
        }
    }
}

/// The lists of files, each version once, with the signatures of all of them.
fn read_lists(paths: &[PathBuf]) -> anyhow::Result<Vec<SignedList>> {
    let mut all: Vec<SignedList> = Vec::new();
    for path in paths {
        let MemberFile::Lists(lists) = read(path)? else {
            bail!("`{}` holds no list of members", path.display());
        };
        for signed in lists {
            match all.iter_mut().find(|one| one.digest() == signed.digest()) {
                Some(one) => signed.signatures().iter().for_each(|s| one.add(s.clone())),
                None => all.push(signed),
            }
        }
    }
    all.sort_by_key(|signed| signed.list().version);
    Ok(all)
}

/// The one list of a file: a proposal.
fn read_proposal(paths: &[PathBuf]) -> anyhow::Result<SignedList> {
    let mut lists = read_lists(paths)?;
    match (lists.pop(), lists.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => bail!("there is no list in it"),
        (Some(_), false) => bail!("give one proposed list, in one or several files"),
    }
}

fn write(path: &Path, file: &MemberFile) -> anyhow::Result<()> {
    private_file::put(path, &file.to_bytes())
        .with_context(|| format!("cannot write `{}`", path.display()))
}

/// Says by its name why a list is refused.
fn refused(error: RefusedList) -> anyhow::Error {
    let code = error.code();
    anyhow::Error::from(error).context(format!("the list is refused ({code})"))
}

/// As [`refused`], and how fingerprints are pinned here.
fn how_to_pin(error: RefusedList, how: &str) -> anyhow::Error {
    let pins = matches!(error, RefusedList::Pinned { .. } | RefusedList::Unpinned { .. });
    let error = refused(error);
    if pins {
        error.context(format!("a fingerprint is missing or another; pin it with `{how}`"))
    } else {
        error
    }
}

/// What this organisation is called, and its public keys.
fn own(store: &mut Database) -> anyhow::Result<(OwnOrganisation, OwnKeys)> {
    let own = store.read(|r| r.own_organisation(&organisation()))?;
    let own = own.context("this organisation is not made yet; begin with `portcullis init`")?;
    let keys = store.own_public_keys();
    let signing = keys.signing.into_iter().map(|(_, key)| key).collect();
    let sealing = keys.sealing.into_iter().map(|(_, key)| key).collect();
    let keys = OwnKeys { id: own.id.clone(), signing, sealing };
    Ok((own, keys))
}

/// The lists that a proposal follows on: what this node took in that federation, or else what a file
/// says, which is checked in itself alone.
fn known(
    store: &mut Database,
    federation: &FederationName,
    file: Option<&PathBuf>,
) -> anyhow::Result<Option<History>> {
    let held = store.read(|r| r.member_history(&organisation()))?;
    if let Some(held) = held.filter(|held| held.current().list().federation == *federation) {
        return Ok(Some(held));
    }
    let Some(path) = file else { return Ok(None) };
    let history = History::kept(read_lists(std::slice::from_ref(path))?, Pins::default());
    history.map(Some).map_err(refused)
}

/// Leaves out of a proposal the signatures that don't count, and counts the others.
fn counted(
    known: Option<&History>,
    signed: &mut SignedList,
) -> anyhow::Result<(Option<Tally>, BTreeSet<OrganisationId>)> {
    match known {
        Some(history) => {
            let dropped = history.sift(signed);
            Ok((Some(history.tally(signed).map_err(refused)?), dropped))
        }
        None if signed.list().version == 1 => {
            let dropped = Tally::sift(None, signed);
            Ok((Some(Tally::of(None, signed).map_err(refused)?), dropped))
        }
        None => Ok((None, BTreeSet::new())),
    }
}

fn history(store: &mut Database) -> anyhow::Result<History> {
    let history = store.read(|r| r.member_history(&organisation()))?;
    history.context("this node has joined no federation yet; see `portcullis join --help`")
}

/// The card of this organisation, with the keys that it uses last.
fn own_card(store: &mut Database, cosigner: Option<&KeyName>) -> anyhow::Result<Card> {
    let (own, _) = own(store)?;
    let keys = store.own_public_keys();
    let none = "the keyring holds no keys of the organisation; see `portcullis init`";
    let (from, signing) = keys.signing.last().context(none)?;
    let (sealing_from, sealing) = keys.sealing.last().context(none)?;
    let log: Option<VerifierKey> = store.read_logs(&organisation(), |view| {
        let log = view.current()?;
        Ok::<_, StoreError>(log.and_then(|log| view.key(&log)))
    })?;
    let cosigning = cosigner.map(|name| store.witness_key(name));
    let dated = |key: VerifierKey| Dated::from(key, *from);
    Ok(Card {
        id: own.id,
        name: own.name,
        body: own.body,
        keys: MemberKeys {
            signing: vec![Dated::from(*signing, *from)],
            sealing: vec![Dated::from(sealing.clone(), *sealing_from)],
            log: log.map(dated).into_iter().collect(),
            cosigning: cosigning.map(dated).into_iter().collect(),
        },
    })
}

fn pins(given: &[Of<Fingerprint>]) -> Pins {
    let mut pins = Pins::default();
    for pin in given {
        pins.insert(pin.id.clone(), pin.value);
    }
    pins
}
