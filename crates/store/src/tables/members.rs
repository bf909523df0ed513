//! The federation: what this organisation is called in it, the lists taken, votes cast, forks found.
//!
//! Nothing here is sealed: lists are public to the federation and prove themselves by their
//! signatures, which are checked each time they are read. What they can't prove (what was compared in
//! person, which list is in force, who this node is) bears a seal that only the keyring makes.

mod told;

pub(crate) use told::{ACCEPTED, Named, named};

use super::{events, records};
use crate::cells::{Cells, integer};
use crate::database::Open;
use crate::error::RowName;
use crate::{InconsistencyError, StoreError};
use portcullis_decide::Change;
use portcullis_decide::members::{
    AcceptedList, CastVote, FoundFork, OwnOrganisation, PinnedMember,
};
use portcullis_federation::{
    FederationName, Fork, History, ListDigest, MemberFile, MemberList, Pins, SignedList,
};
use portcullis_types::{Body, OrganisationId};
use subtle::ConstantTimeEq as _;

const OWN: &str = "own_organisation";
const LIST: &str = "member_list";
const VOTE: &str = "member_vote";
const FORK: &str = "member_fork";

/// The seal of what a row says.
fn seal(open: &Open<'_>, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    open.keyring().blind(purpose, &bytes)
}

fn is_sealed(cells: &Cells<'_>, expected: [u8; 32]) -> Result<(), StoreError> {
    let stated: [u8; 32] = cells.bytes("seal")?;
    if bool::from(stated.ct_eq(&expected)) { Ok(()) } else { Err(cells.bad("seal")) }
}

fn record_event<T>(
    open: &Open<'_>,
    organisation: &OrganisationId,
    change: &Change<T>,
) -> Result<(), StoreError> {
    let record = records::open_new(open, organisation, change.retention(open.schedule()))?;
    events::append(open, change.event(), record)
}

fn once(changed: u64, what: &'static str) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Overtaken { what }) }
}

/// Makes the organisation what it is called in the federation, once.
pub(crate) fn put_own(open: &Open<'_>, change: &Change<OwnOrganisation>) -> Result<(), StoreError> {
    let (own, event) = (change.state(), change.event());
    record_event(open, &event.organisation, change)?;
    let seal = own_seal(open, own);
    let changed = open.execute(
        "INSERT INTO own_organisation (organisation, id, name, body, event, seal, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organisation) DO NOTHING",
        &[
            event.organisation.as_str().into(),
            own.id.as_str().into(),
            own.name.as_str().into(),
            own.body.code().into(),
            event.id.as_bytes().into(),
            (&seal).into(),
            open.written_by().into(),
        ],
    )?;
    once(changed, "organisation")
}

fn own_seal(open: &Open<'_>, own: &OwnOrganisation) -> [u8; 32] {
    let parts = [own.id.as_str(), own.name.as_str(), own.body.code()].map(str::as_bytes);
    seal(open, "members/own", &parts)
}

/// What the organisation is called in the federation.
pub(crate) fn own(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Option<OwnOrganisation>, StoreError> {
    let row = open.row(
        "SELECT organisation, id, name, body, seal FROM own_organisation WHERE organisation = $1",
        &[organisation.as_str().into()],
    )?;
    let Some(row) = row else { return Ok(None) };
    let cells = Cells::new(open, OWN, "organisation", &row);
    let own = OwnOrganisation {
        id: cells.parse("id")?,
        name: cells.parse("name")?,
        body: cells.make("body", |code: String| Body::from_code(&code))?,
    };
    is_sealed(&cells, own_seal(open, &own))?;
    Ok(Some(own))
}

/// Takes a version of the list.
pub(crate) fn put_list(open: &Open<'_>, change: &Change<AcceptedList>) -> Result<(), StoreError> {
    let (state, event) = (change.state(), change.event());
    record_event(open, &event.organisation, change)?;
    let (signed, list) = (state.accepted.signed(), state.accepted.list());
    let pins = pins_text(state.accepted.pins());
    let seal = list_seal(open, &list.federation, signed.digest(), &pins);
    let held = head(open, &event.organisation)?;
    if held.is_some_and(|held| held.federation == list.federation && held.version >= list.version) {
        return Err(StoreError::Overtaken { what: "member list" });
    }
    // Whoever comes back to a federation that it left has the list already, and pins anew.
    let changed = open.execute(
        "INSERT INTO member_list (organisation, federation, version, digest, signed, pins,
             accepted_at_us, event, seal, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (organisation, federation, version) DO UPDATE
             SET pins = excluded.pins, seal = excluded.seal, written_by = excluded.written_by
             WHERE member_list.digest = excluded.digest",
        &[
            event.organisation.as_str().into(),
            list.federation.as_str().into(),
            integer(list.version).into(),
            signed.digest().as_bytes().into(),
            (&MemberFile::Lists(vec![signed.clone()]).to_bytes()).into(),
            pins.as_str().into(),
            state.at.timestamp().as_microsecond().into(),
            event.id.as_bytes().into(),
            (&seal).into(),
            open.written_by().into(),
        ],
    )?;
    once(changed, "member list")?;
    put_head(open, &event.organisation, list, signed.digest(), &pins)
}

/// Which list is in force: what the rows can't say, of which the newest may have been taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Of which federation.
    pub(crate) federation: FederationName,
    /// Its version.
    pub(crate) version: u64,
    /// Which list.
    pub(crate) digest: ListDigest,
    seal: [u8; 32],
}

impl Head {
    pub(crate) fn named(&self) -> Named {
        (self.federation.to_string(), self.version, self.digest.as_bytes().to_vec())
    }
}

/// The setting in which the head stands: seal, version, digest, federation.
const HEAD: &str = "members/head/";

fn head_name(organisation: &OrganisationId) -> String {
    format!("{HEAD}{}", organisation.as_str())
}

fn head_seal(
    open: &Open<'_>,
    organisation: &OrganisationId,
    (federation, version): (&FederationName, u64),
    digest: ListDigest,
    pins: &str,
) -> [u8; 32] {
    let version = version.to_be_bytes();
    let parts: [&[u8]; 5] = [
        organisation.as_str().as_bytes(),
        federation.as_str().as_bytes(),
        &version,
        digest.as_bytes(),
        pins.as_bytes(),
    ];
    seal(open, "members/head", &parts)
}

fn put_head(
    open: &Open<'_>,
    organisation: &OrganisationId,
    list: &MemberList,
    digest: ListDigest,
    pins: &str,
) -> Result<(), StoreError> {
    let of = (&list.federation, list.version);
    let seal = head_seal(open, organisation, of, digest, pins);
    let version = list.version.to_be_bytes();
    let parts: [&[u8]; 4] =
        [&seal, &version, digest.as_bytes(), list.federation.as_str().as_bytes()];
    let (name, value) = (head_name(organisation), parts.concat());
    open.execute(
        "INSERT INTO setting (name, value, written_by) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, written_by = excluded.written_by",
        &[name.as_str().into(), (&value).into(), open.written_by().into()],
    )
    .map(drop)
}

/// Which list is in force, as was written last. Its seal is checked with the pins of its row.
pub(crate) fn head(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Option<Head>, StoreError> {
    let name = head_name(organisation);
    let row =
        open.row("SELECT name, value FROM setting WHERE name = $1", &[name.as_str().into()])?;
    let Some(row) = row else { return Ok(None) };
    Cells::new(open, "setting", "name", &row)
        .make("value", |bytes: Vec<u8>| read_head(&bytes))
        .map(Some)
}

fn read_head(bytes: &[u8]) -> Option<Head> {
    let (seal, rest) = bytes.split_first_chunk::<32>()?;
    let (version, rest) = rest.split_first_chunk::<8>()?;
    let (digest, federation) = rest.split_first_chunk::<32>()?;
    Some(Head {
        federation: std::str::from_utf8(federation).ok()?.parse().ok()?,
        version: u64::from_be_bytes(*version),
        digest: ListDigest::from_bytes(*digest),
        seal: *seal,
    })
}

fn list_seal(
    open: &Open<'_>,
    federation: &FederationName,
    digest: ListDigest,
    pins: &str,
) -> [u8; 32] {
    let parts = [federation.as_str().as_bytes(), digest.as_bytes(), pins.as_bytes()];
    seal(open, "members/list", &parts)
}

/// One line for each that is pinned. No id holds a control character.
fn pins_text(pins: &Pins) -> String {
    let line = |(id, fingerprint)| format!("{id}\t{fingerprint}\n");
    pins.iter().map(line).collect()
}

fn read_pins(text: &str) -> Option<Pins> {
    let mut pins = Pins::default();
    for line in text.lines() {
        let (id, fingerprint) = line.split_once('\t')?;
        pins.insert(OrganisationId::new(id).ok()?, fingerprint.parse().ok()?);
    }
    Some(pins)
}

/// The lists of the federation that this node is in; none before it joined one.
pub(crate) fn history(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Option<History>, StoreError> {
    let bad =
        || InconsistencyError { table: LIST, column: "version", row: RowName::number(0) }.into();
    let (head, told) = (head(open, organisation)?, told::last_accepted(open, organisation)?);
    // The head has no number that only grows: an old one, put back with the rows of its time, is told
    // by the event of the list that came after.
    if head.as_ref().map(Head::named) != told {
        return Err(bad());
    }
    let Some(head) = head else {
        let any = open.row(
            "SELECT version FROM member_list WHERE organisation = $1 LIMIT 1",
            &[organisation.as_str().into()],
        )?;
        return if any.is_none() { Ok(None) } else { Err(bad()) };
    };
    let history = history_of(open, organisation, &head.federation)?.ok_or_else(bad)?;
    let (current, pins) = (history.current(), pins_text(history.pins()));
    let of = (&head.federation, head.version);
    let expected = head_seal(open, organisation, of, head.digest, &pins);
    let same = current.list().version == head.version && current.digest() == head.digest;
    if same && bool::from(head.seal.ct_eq(&expected)) { Ok(Some(history)) } else { Err(bad()) }
}

/// The lists of a federation that this node is in, or was in.
pub(crate) fn history_of(
    open: &Open<'_>,
    organisation: &OrganisationId,
    federation: &FederationName,
) -> Result<Option<History>, StoreError> {
    let rows = open.query(
        "SELECT federation, version, digest, signed, pins, seal FROM member_list
         WHERE organisation = $1 AND federation = $2 ORDER BY version",
        &[organisation.as_str().into(), federation.as_str().into()],
    )?;
    let (mut lists, mut last) = (Vec::with_capacity(rows.len()), None);
    for row in &rows {
        let cells = Cells::new(open, LIST, "version", row);
        let signed = cells.make("signed", |bytes: Vec<u8>| one_list(&bytes))?;
        if cells.bytes("digest")? != *signed.digest().as_bytes() {
            return Err(cells.bad("digest"));
        }
        let (federation, text) = (cells.parse("federation")?, cells.raw::<String>("pins")?);
        is_sealed(&cells, list_seal(open, &federation, signed.digest(), &text))?;
        last = Some(read_pins(&text).ok_or_else(|| cells.bad("pins"))?);
        lists.push(signed);
    }
    let Some(pins) = last else { return Ok(None) };
    let bad = |_| InconsistencyError { table: LIST, column: "signed", row: RowName::number(0) };
    Ok(Some(History::kept(lists, pins).map_err(bad)?))
}

fn one_list(bytes: &[u8]) -> Option<SignedList> {
    match MemberFile::from_bytes(bytes).ok()? {
        MemberFile::Lists(lists) => <[SignedList; 1]>::try_from(lists).ok().map(|[one]| one),
        MemberFile::Card(_) | MemberFile::Fork(_) => None,
    }
}

/// Pins what was compared in person, with the list in force.
pub(crate) fn put_pin(open: &Open<'_>, change: &Change<PinnedMember>) -> Result<(), StoreError> {
    let (pinned, event) = (change.state(), change.event());
    let overtaken = StoreError::Overtaken { what: "member list" };
    let history = history(open, &event.organisation)?.ok_or(overtaken)?;
    record_event(open, &event.organisation, change)?;
    let mut pins = history.pins().clone();
    pins.insert(pinned.member.clone(), pinned.fingerprint);
    let (text, current) = (pins_text(&pins), history.current());
    let seal = list_seal(open, &pinned.federation, current.digest(), &text);
    let changed = open.execute(
        "UPDATE member_list SET pins = $1, seal = $2, written_by = $3
         WHERE organisation = $4 AND federation = $5 AND version = $6",
        &[
            text.as_str().into(),
            (&seal).into(),
            open.written_by().into(),
            event.organisation.as_str().into(),
            pinned.federation.as_str().into(),
            integer(current.list().version).into(),
        ],
    )?;
    once(changed, "member list")?;
    put_head(open, &event.organisation, current.list(), current.digest(), &text)
}

/// Keeps which list was signed.
pub(crate) fn put_vote(open: &Open<'_>, change: &Change<CastVote>) -> Result<(), StoreError> {
    let (vote, event) = (change.state(), change.event());
    record_event(open, &event.organisation, change)?;
    let changed = open.execute(
        "INSERT INTO member_vote (organisation, federation, version, digest, at_us, event, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (organisation, federation, version, digest) DO NOTHING",
        &[
            event.organisation.as_str().into(),
            vote.federation.as_str().into(),
            integer(vote.version).into(),
            vote.digest.as_bytes().into(),
            vote.at.timestamp().as_microsecond().into(),
            event.id.as_bytes().into(),
            open.written_by().into(),
        ],
    )?;
    once(changed, "vote")
}

/// Which lists of a version were signed here.
pub(crate) fn votes(
    open: &Open<'_>,
    organisation: &OrganisationId,
    (federation, version): (&FederationName, u64),
) -> Result<Vec<ListDigest>, StoreError> {
    let rows = open.query(
        "SELECT version, digest FROM member_vote
         WHERE organisation = $1 AND federation = $2 AND version = $3 ORDER BY digest",
        &[organisation.as_str().into(), federation.as_str().into(), integer(version).into()],
    )?;
    let digest = |row| Cells::new(open, VOTE, "version", row).bytes("digest");
    rows.iter().map(|row| digest(row).map(ListDigest::from_bytes)).collect()
}

/// Keeps the proof that there are two lists of one version. One that is known already is kept once.
pub(crate) fn put_fork(open: &Open<'_>, change: &Change<FoundFork>) -> Result<(), StoreError> {
    let (found, event) = (change.state(), change.event());
    let [_, other] = found.fork.lists();
    record_event(open, &event.organisation, change)?;
    let proof = MemberFile::Fork(Box::new(found.fork.clone())).to_bytes();
    open.execute(
        "INSERT INTO member_fork (organisation, digest, proof, found_at_us, event, written_by)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organisation, digest) DO NOTHING",
        &[
            event.organisation.as_str().into(),
            other.digest().as_bytes().into(),
            (&proof).into(),
            found.at.timestamp().as_microsecond().into(),
            event.id.as_bytes().into(),
            open.written_by().into(),
        ],
    )
    .map(drop)
}

/// Every proof of two lists of one version, by their digests.
pub(crate) fn forks(
    open: &Open<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<Fork>, StoreError> {
    let rows = open.query(
        "SELECT digest, proof FROM member_fork WHERE organisation = $1 ORDER BY digest",
        &[organisation.as_str().into()],
    )?;
    let one = |bytes: Vec<u8>| match MemberFile::from_bytes(&bytes).ok()? {
        MemberFile::Fork(fork) => Some(*fork),
        MemberFile::Lists(_) | MemberFile::Card(_) => None,
    };
    rows.iter().map(|row| Cells::new(open, FORK, "digest", row).make("proof", one)).collect()
}

/// Keeps only the event of a change to the organisation's own keys; they are in the keyring.
pub(crate) fn put_own_key<T>(open: &Open<'_>, change: &Change<T>) -> Result<(), StoreError> {
    record_event(open, &change.event().organisation, change)
}
