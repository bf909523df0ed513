//! A small federation of invented organisations, whose keys follow from their names.

#![allow(
    dead_code,
    reason = "each test binary takes this module in as a whole and uses another part of it, so that `expect` would fail in those that use all"
)]

use portcullis_federation::{
    Card, Dated, FederationName, History, ListSigner, Member, MemberKeys, MemberList, Moment,
    OwnKeys, Pins, SignedList,
};
use portcullis_keys::SealingKey;
use portcullis_types::{Body, Level, OrganisationId};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

pub(crate) const FOUNDED: u64 = 1_800_000_000;

pub(crate) fn id(name: &str) -> OrganisationId {
    OrganisationId::new(name).unwrap()
}

pub(crate) fn at(seconds: u64) -> Moment {
    Moment::new(FOUNDED + seconds).unwrap()
}

/// The seed of a key of an organisation; each time it rotates, the next number.
fn seed(name: &str, what: &str, number: u32) -> [u8; 32] {
    Sha256::digest(format!("{name}/{what}/{number}")).into()
}

pub(crate) fn signer(name: &str, number: u32) -> ListSigner {
    ListSigner::new(&seed(name, "signing", number))
}

pub(crate) fn sealing(name: &str, number: u32) -> SealingKey {
    SealingKey::from_seed(&seed(name, "sealing", number))
}

pub(crate) fn body_of(name: &str) -> Body {
    match name.split('-').next().unwrap() {
        "service" => Body::Service,
        "parliament" => Body::Parliament,
        "overseer" => Body::Overseer,
        "party" => Body::Party,
        "library" => Body::Library,
        other => unreachable!("{other} is no kind"),
    }
}

pub(crate) fn keys(name: &str, number: u32, from: Moment) -> MemberKeys {
    MemberKeys {
        signing: vec![Dated::from(signer(name, number).public(), from)],
        sealing: vec![Dated::from(sealing(name, number).public(), from)],
        log: Vec::new(),
        cosigning: Vec::new(),
    }
}

pub(crate) fn member(name: &str, from: Moment) -> Member {
    Member {
        id: id(name),
        name: format!("The {name} of tests").parse().unwrap(),
        body: body_of(name),
        ceiling: Level(1),
        from,
        until: None,
        revoked: None,
        endpoint: None,
        keys: keys(name, 0, from),
    }
}

pub(crate) fn federation() -> FederationName {
    "federation.example".parse().unwrap()
}

pub(crate) fn founding(names: &[&str]) -> MemberList {
    let mut members: Vec<Member> = names.iter().map(|name| member(name, at(0))).collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    MemberList { federation: federation(), version: 1, previous: None, issued: at(0), members }
}

/// A service, a parliament, an overseer, two parties and a library.
pub(crate) const SIX: [&str; 6] =
    ["library-a", "overseer-a", "parliament-a", "party-a", "party-b", "service-a"];

pub(crate) fn signed_by(list: &MemberList, names: &[&str]) -> SignedList {
    let mut signed = SignedList::new(list).unwrap();
    for name in names {
        signed.add(signer(name, 0).sign(&id(name), list));
    }
    signed
}

pub(crate) fn own(name: &str, numbers: &[u32]) -> OwnKeys {
    OwnKeys {
        id: id(name),
        signing: numbers.iter().map(|number| signer(name, *number).public()).collect(),
        sealing: numbers.iter().map(|number| sealing(name, *number).public()).collect(),
    }
}

/// The pins of the services and overseers in a list.
pub(crate) fn pins(list: &MemberList) -> Pins {
    let mut pins = Pins::default();
    for member in list.members.iter().filter(|member| member.is_pinned_kind()) {
        pins.insert(member.id.clone(), Card::from(member).fingerprint());
    }
    pins
}

/// As `party-a` has it after the founding.
pub(crate) fn founded(names: &[&str]) -> History {
    let list = founding(names);
    let accepted =
        History::join(vec![signed_by(&list, names)], at(0), pins(&list), &own(names[0], &[0]));
    let accepted = accepted.unwrap();
    let lists = accepted.iter().map(|one| one.signed().clone()).collect();
    History::kept(lists, accepted[0].pins().clone()).unwrap()
}

/// The list that follows and says the same, an hour later.
pub(crate) fn next(history: &History) -> MemberList {
    let held = history.current().list();
    MemberList {
        version: held.version + 1,
        previous: Some(history.current().digest()),
        issued: held.issued.later(3_600),
        ..held.clone()
    }
}

pub(crate) fn change<'l>(list: &'l mut MemberList, name: &str) -> &'l mut Member {
    list.members.iter_mut().find(|member| member.id == id(name)).unwrap()
}

pub(crate) fn add(list: &mut MemberList, member: Member) {
    list.members.push(member);
    list.members.sort_by(|a, b| a.id.cmp(&b.id));
}

pub(crate) fn later(list: &MemberList) -> Moment {
    list.issued.later(1)
}

/// Whether these are enough for a change of a list with these members, said another way than in the
/// program: each sentence of the rule by itself.
pub(crate) fn is_quorum(members: &BTreeSet<&str>, signers: &BTreeSet<&str>) -> bool {
    let count = |set: &BTreeSet<&str>, body| set.iter().filter(|n| body_of(n) == body).count();
    let more_than_half = [Body::Service, Body::Parliament, Body::Overseer, Body::Party]
        .into_iter()
        .all(|body| count(members, body) == 0 || 2 * count(signers, body) > count(members, body));
    let parties = count(signers, Body::Party) >= count(members, Body::Party).min(2);
    let only_others = members.iter().all(|name| body_of(name) == Body::Library);
    let half_of_all = !only_others || members.is_empty() || 2 * signers.len() > members.len();
    let kinds =
        |set: &BTreeSet<&str>| set.iter().map(|n| body_of(n)).collect::<BTreeSet<_>>().len();
    more_than_half && parties && half_of_all && kinds(signers) >= kinds(members).min(2)
}
