//! The versions of a list that a node has taken, one after the other.

use crate::quorum::Tally;
use crate::{
    Dated, Fingerprint, Fork, ForkError, ListDigest, Member, MemberList, Moment, RefusedList,
    SignedList, SigningPublic,
};
use portcullis_keys::SealingPublic;
use portcullis_types::{Body, OrganisationId};
use std::collections::{BTreeMap, BTreeSet};

/// How far the clock of another may be ahead, in seconds.
const MOST_AHEAD_S: u64 = 300;

/// How long a proposal may go round, in seconds: eight weeks. What is older is no use to whoever holds
/// retired keys, and a proposal that was given up can't come back.
const MOST_BEHIND_S: u64 = 8 * 7 * 86_400;

/// Which lists are taken by their age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Those issued in the last eight weeks.
    Recent,
    /// All: this node was away.
    Any,
}

/// The fingerprints that were compared in person. Who is pinned changes its keys itself or not at
/// all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins(BTreeMap<OrganisationId, Fingerprint>);

impl Pins {
    /// Pins an organisation, in place of what was pinned for it.
    pub fn insert(&mut self, organisation: OrganisationId, fingerprint: Fingerprint) {
        self.0.insert(organisation, fingerprint);
    }

    /// What is pinned for an organisation.
    pub fn get(&self, organisation: &OrganisationId) -> Option<Fingerprint> {
        self.0.get(organisation).copied()
    }

    /// All that are pinned, by organisation.
    pub fn iter(&self) -> impl Iterator<Item = (&OrganisationId, Fingerprint)> {
        self.0.iter().map(|(organisation, fingerprint)| (organisation, *fingerprint))
    }
}

/// The public keys that this organisation holds the secrets of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnKeys {
    /// Which organisation.
    pub id: OrganisationId,
    /// What it signs with.
    pub signing: BTreeSet<SigningPublic>,
    /// What others seal to.
    pub sealing: BTreeSet<SealingPublic>,
}

impl OwnKeys {
    /// Whether this organisation holds, or held as the list before says, every key that the member
    /// has for it. Keys that ended or were lost before the list was issued are not asked for: with
    /// those nobody signs, and to those nobody seals.
    pub fn cover(&self, before: Option<&Member>, member: &Member, issued: Moment) -> bool {
        let old = before.map(|before| &before.keys);
        let (old_signing, old_sealing) =
            (old.map(|old| old.signing.as_slice()), old.map(|old| old.sealing.as_slice()));
        all_own(&member.keys.signing, issued, &self.signing, old_signing)
            && all_own(&member.keys.sealing, issued, &self.sealing, old_sealing)
    }
}

fn all_own<K: Ord>(
    keys: &[Dated<K>],
    issued: Moment,
    own: &BTreeSet<K>,
    old: Option<&[Dated<K>]>,
) -> bool {
    let was = |key: &K| old.is_some_and(|old| old.iter().any(|one| one.key == *key));
    keys.iter()
        .filter(|dated| !dated.is_over(issued))
        .all(|dated| own.contains(&dated.key) || was(&dated.key))
}

/// A version that may be taken: it was checked against the one before, the pins and the clock. Only
/// [`History`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    signed: SignedList,
    voted: BTreeSet<OrganisationId>,
    pins: Pins,
}

impl Accepted {
    /// The list with its signatures.
    pub fn signed(&self) -> &SignedList {
        &self.signed
    }

    /// What it says.
    pub fn list(&self) -> &MemberList {
        self.signed.list()
    }

    /// Who agreed.
    pub fn voted(&self) -> &BTreeSet<OrganisationId> {
        &self.voted
    }

    /// What is pinned once it is taken.
    pub fn pins(&self) -> &Pins {
        &self.pins
    }
}

/// What became of a list that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// It is the one in force.
    Known,
    /// It follows, and may be taken.
    Next(Box<Accepted>),
}

/// The versions that a node has taken, from the first to the one in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// INVARIANT: not empty, and each follows on the one before.
    lists: Vec<SignedList>,
    pins: Pins,
}

impl History {
    /// Goes through all versions from the founding one on, for an organisation that joins. It must be
    /// a member in the last of them, under its own keys, and every service and overseer in it must be
    /// pinned.
    ///
    /// # Errors
    /// [`RefusedList`] with what is not as it must be.
    pub fn join(
        lists: Vec<SignedList>,
        now: Moment,
        mut pins: Pins,
        own: &OwnKeys,
    ) -> Result<Vec<Accepted>, RefusedList> {
        let voted = follow_all(&lists)?;
        let last = lists.last().ok_or(RefusedList::Empty)?.list();
        not_ahead(last, now)?;
        let not_a_member = || RefusedList::NotAMember { organisation: own.id.clone() };
        let member = last.member(&own.id).filter(|member| member.revoked.is_none());
        let member = member.ok_or_else(not_a_member)?;
        if !own.cover(None, member, last.issued) {
            return Err(RefusedList::OwnKeys);
        }
        pins.insert(own.id.clone(), fingerprint(member));
        check_pins(&pins, last)?;
        let accepted = |(signed, voted)| Accepted { signed, voted, pins: pins.clone() };
        Ok(lists.into_iter().zip(voted).map(accepted).collect())
    }

    /// What was taken before, as it was kept. The signatures are checked again, so that nobody who
    /// can write to the place where they are kept adds a member.
    ///
    /// # Errors
    /// [`RefusedList`] when one does not follow on the one before.
    pub fn kept(lists: Vec<SignedList>, pins: Pins) -> Result<Self, RefusedList> {
        follow_all(&lists)?;
        if lists.is_empty() {
            return Err(RefusedList::Empty);
        }
        Ok(Self { lists, pins })
    }

    /// The list in force.
    #[expect(clippy::missing_panics_doc, reason = "there is at least one")]
    pub fn current(&self) -> &SignedList {
        self.lists.last().expect("a history holds at least one list")
    }

    /// All versions, the founding one first.
    pub fn lists(&self) -> &[SignedList] {
        &self.lists
    }

    /// What is pinned.
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// Whether a list of this digest was taken.
    pub fn holds(&self, digest: ListDigest) -> bool {
        self.lists.iter().any(|signed| signed.digest() == digest)
    }

    /// Takes out of a proposed list, or another one of a version that was taken, the signatures that
    /// don't count, and says whose they are said to be. See [`Tally::sift`].
    pub fn sift(&self, signed: &mut SignedList) -> BTreeSet<OrganisationId> {
        let before = signed.list().version.checked_sub(1).and_then(|version| self.at(version));
        let founds = signed.list().version == 1;
        let known = before.map(SignedList::list);
        if known.is_none() && !founds {
            return BTreeSet::new();
        }
        Tally::sift(known, signed)
    }

    /// The version of this number, if it was taken.
    fn at(&self, version: u64) -> Option<&SignedList> {
        self.lists.get(usize::try_from(version.checked_sub(1)?).ok()?)
    }

    /// Which signatures a proposed list has, and which it still needs.
    ///
    /// # Errors
    /// [`RefusedList`] when it does not follow on the list in force, whoever signs it.
    pub fn tally(&self, signed: &SignedList) -> Result<Tally, RefusedList> {
        let current = self.current();
        let (list, held) = (signed.list(), current.list());
        if list.federation != held.federation {
            return Err(other_federation(list, held));
        }
        let offered = list.version;
        if offered <= held.version {
            return Err(RefusedList::Rollback { offered, held: held.version });
        }
        follow(Some(current), signed)
    }

    /// Looks whether a list follows on the one in force and may be taken.
    ///
    /// # Errors
    /// [`RefusedList`] with what keeps it from being taken.
    pub fn offer(
        &self,
        signed: &SignedList,
        now: Moment,
        age: Age,
        own: &OwnKeys,
    ) -> Result<Offered, RefusedList> {
        let current = self.current();
        let (list, held) = (signed.list(), current.list());
        if list.federation != held.federation {
            return Err(other_federation(list, held));
        }
        if signed.digest() == current.digest() {
            return Ok(Offered::Known);
        }
        if list.version <= held.version {
            return Err(self.older(signed));
        }
        let tally = follow(Some(current), signed)?;
        if !tally.is_complete() {
            return Err(RefusedList::NotSigned { missing: tally.missing });
        }
        not_ahead(list, now)?;
        if age == Age::Recent {
            not_behind(list, now)?;
        }
        let before = held.member(&own.id);
        let member = list.member(&own.id);
        if member.is_some_and(|member| !own.cover(before, member, list.issued)) {
            return Err(RefusedList::OwnKeys);
        }
        let pins = self.pins_after(list, &tally.voted)?;
        let accepted = Accepted { signed: signed.clone(), voted: tally.voted, pins };
        Ok(Offered::Next(Box::new(accepted)))
    }

    /// Takes a list that was offered.
    pub fn take(&mut self, accepted: Accepted) {
        self.pins = accepted.pins;
        self.lists.push(accepted.signed);
    }

    /// Pins what was compared in person, in place of what was pinned.
    pub fn pin(&mut self, organisation: OrganisationId, fingerprint: Fingerprint) {
        self.pins.insert(organisation, fingerprint);
    }

    /// What is pinned once a list is taken: who is pinned keeps its keys, changed them with its own
    /// signature, or was compared anew.
    fn pins_after(
        &self,
        list: &MemberList,
        voted: &BTreeSet<OrganisationId>,
    ) -> Result<Pins, RefusedList> {
        let mut pins = self.pins.clone();
        let before = self.current().list();
        check_all_pinned(&pins, list)?;
        for member in in_force(list) {
            let Some(pinned) = pins.get(&member.id) else { continue };
            let fingerprint = fingerprint(member);
            if pinned == fingerprint {
                continue;
            }
            let unchanged = before.member(&member.id).map(self::fingerprint) == Some(pinned);
            if !unchanged || !voted.contains(&member.id) {
                return Err(RefusedList::Pinned { member: member.id.clone(), fingerprint });
            }
            pins.insert(member.id.clone(), fingerprint);
        }
        Ok(pins)
    }

    /// What is to be said of a list that is not newer than the one in force.
    fn older(&self, signed: &SignedList) -> RefusedList {
        let list = signed.list();
        let (offered, held) = (list.version, self.current().list().version);
        let Some(ours) = self.at(offered) else { return RefusedList::OtherPast { offered } };
        if ours.digest() == signed.digest() {
            return RefusedList::Rollback { offered, held };
        }
        let before = offered.checked_sub(1).and_then(|version| self.at(version)).cloned();
        match Fork::new(before, ours.clone(), signed.clone()) {
            Ok(fork) => RefusedList::Fork { fork: Box::new(fork) },
            Err(ForkError::Refused(refused)) => refused,
            Err(ForkError::NotTwo) => RefusedList::OtherPast { offered },
            Err(ForkError::NotSigned) => RefusedList::Rollback { offered, held },
        }
    }
}

fn other_federation(list: &MemberList, held: &MemberList) -> RefusedList {
    RefusedList::OtherFederation { offered: list.federation.clone(), held: held.federation.clone() }
}

fn fingerprint(member: &Member) -> Fingerprint {
    Fingerprint::new(&member.id, member.body, &member.keys)
}

fn in_force(list: &MemberList) -> impl Iterator<Item = &Member> {
    list.members.iter().filter(|member| member.revoked.is_none())
}

/// Whether every member that must be pinned is, and every one that is has the fingerprint pinned.
fn check_pins(pins: &Pins, list: &MemberList) -> Result<(), RefusedList> {
    check_all_pinned(pins, list)?;
    for member in in_force(list) {
        let fingerprint = fingerprint(member);
        if pins.get(&member.id).is_some_and(|pinned| pinned != fingerprint) {
            return Err(RefusedList::Pinned { member: member.id.clone(), fingerprint });
        }
    }
    Ok(())
}

fn check_all_pinned(pins: &Pins, list: &MemberList) -> Result<(), RefusedList> {
    let unpinned = |m: &&Member| m.is_pinned_kind() && pins.get(&m.id).is_none();
    let members: BTreeSet<_> = in_force(list).filter(unpinned).map(|m| m.id.clone()).collect();
    if members.is_empty() { Ok(()) } else { Err(RefusedList::Unpinned { members }) }
}

fn not_ahead(list: &MemberList, now: Moment) -> Result<(), RefusedList> {
    if list.issued > now.later(MOST_AHEAD_S) {
        return Err(RefusedList::Future { issued: list.issued });
    }
    Ok(())
}

fn not_behind(list: &MemberList, now: Moment) -> Result<(), RefusedList> {
    if list.issued.later(MOST_BEHIND_S) < now {
        return Err(RefusedList::Stale { issued: list.issued });
    }
    Ok(())
}

fn follow_all(lists: &[SignedList]) -> Result<Vec<BTreeSet<OrganisationId>>, RefusedList> {
    let mut before = None;
    let mut voted = Vec::with_capacity(lists.len());
    for signed in lists {
        let tally = follow(before, signed)?;
        if !tally.is_complete() {
            return Err(RefusedList::NotSigned { missing: tally.missing });
        }
        voted.push(tally.voted);
        before = Some(signed);
    }
    Ok(voted)
}

/// Whether a list follows on another or founds a federation, and which signatures it has.
fn follow(before: Option<&SignedList>, signed: &SignedList) -> Result<Tally, RefusedList> {
    let list = signed.list();
    let Some(before) = before else {
        if list.version != 1 {
            return Err(RefusedList::Gap { offered: list.version, held: 0 });
        }
        let kinds: BTreeSet<Body> = list.members.iter().map(|member| member.body).collect();
        if kinds.len() < 2 {
            return Err(RefusedList::Alone);
        }
        return Tally::of(None, signed);
    };
    let held = before.list();
    if list.federation != held.federation {
        return Err(other_federation(list, held));
    }
    let (offered, held_version) = (list.version, held.version);
    if Some(offered) != held_version.checked_add(1) {
        return Err(if offered <= held_version {
            RefusedList::Rollback { offered, held: held_version }
        } else {
            RefusedList::Gap { offered, held: held_version }
        });
    }
    if list.previous != Some(before.digest()) {
        return Err(RefusedList::OtherPast { offered });
    }
    if list.issued < held.issued {
        return Err(RefusedList::Backdated);
    }
    let dropped = in_force(held).find(|member| list.member(&member.id).is_none());
    if let Some(member) = dropped {
        return Err(RefusedList::Dropped { member: member.id.clone() });
    }
    Tally::of(Some(held), signed)
}
