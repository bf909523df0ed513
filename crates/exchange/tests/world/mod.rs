//! A few invented organisations, whose keys follow from their names, and the rows of their nodes.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary takes this module in as a whole and uses another part of it, so that `expect` would fail in those that use all"
)]

mod rows;
mod side;

pub(crate) use rows::{InboxRows, OutboxRows};
pub(crate) use side::{Side, poll, read};

use portcullis_exchange::{ExchangeSigner, Incarnation, Recipient, Sender};
use portcullis_federation::{
    Dated, ListSigner, Member, MemberKeys, MemberList, Moment, Revocation, RevocationReason,
};
use portcullis_keys::SealingKey;
pub(crate) use portcullis_testkit::SeededRng;
use portcullis_types::{Body, Level, OrganisationId};
use sha2::{Digest as _, Sha256};

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

pub(crate) fn signer(name: &str, number: u32) -> ExchangeSigner {
    ExchangeSigner::new(&seed(name, "signing", number))
}

pub(crate) fn sealing(name: &str, number: u32) -> SealingKey {
    SealingKey::from_seed(&seed(name, "sealing", number))
}

pub(crate) fn member(name: &str, from: Moment) -> Member {
    let signing = ListSigner::new(&seed(name, "signing", 0)).public();
    Member {
        id: id(name),
        name: format!("The {name} of tests").parse().unwrap(),
        body: if name.starts_with("service") { Body::Service } else { Body::Party },
        ceiling: Level(1),
        from,
        until: None,
        revoked: None,
        endpoint: None,
        keys: MemberKeys {
            signing: vec![Dated::from(signing, from)],
            sealing: vec![Dated::from(sealing(name, 0).public(), from)],
            log: Vec::new(),
            cosigning: Vec::new(),
        },
    }
}

pub(crate) fn list(names: &[&str]) -> MemberList {
    let mut members: Vec<Member> = names.iter().map(|name| member(name, at(0))).collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    let federation = "federation.example".parse().unwrap();
    MemberList { federation, version: 1, previous: None, issued: at(0), members }
}

pub(crate) fn change<'l>(list: &'l mut MemberList, name: &str) -> &'l mut Member {
    list.members.iter_mut().find(|member| member.id == id(name)).unwrap()
}

/// From a moment on, a member uses the keys of this number.
pub(crate) fn rotate(list: &mut MemberList, name: &str, number: u32, from: Moment) {
    let keys = &mut change(list, name).keys;
    keys.signing.last_mut().unwrap().until = Some(from);
    keys.sealing.last_mut().unwrap().until = Some(from);
    let signing = ListSigner::new(&seed(name, "signing", number)).public();
    keys.signing.push(Dated::from(signing, from));
    keys.sealing.push(Dated::from(sealing(name, number).public(), from));
}

pub(crate) fn revoke(list: &mut MemberList, name: &str) {
    change(list, name).revoked =
        Some(Revocation { since: at(0), reason: RevocationReason::Breach });
}

/// An organisation with the keys that it has.
pub(crate) struct Node {
    pub(crate) id: OrganisationId,
    pub(crate) incarnation: Incarnation,
    pub(crate) signer: ExchangeSigner,
    pub(crate) keys: Vec<SealingKey>,
}

impl Node {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            id: id(name),
            incarnation: Incarnation::begin(at(0), &mut SeededRng::new(1)),
            signer: signer(name, 0),
            keys: vec![sealing(name, 0)],
        }
    }

    pub(crate) fn sender<'a>(&'a self, list: &'a MemberList) -> Sender<'a> {
        Sender { list, id: &self.id, incarnation: self.incarnation, signer: &self.signer }
    }

    pub(crate) fn recipient<'a>(&'a self, list: &'a MemberList) -> Recipient<'a> {
        Recipient { list, id: &self.id, keys: &self.keys }
    }
}
