//! Whose signatures a list needs, and which are there.

use crate::rules::{self, NewMember};
use crate::{MemberList, RefusedList, SignedList};
use portcullis_types::{Body, OrganisationId};
use std::collections::{BTreeMap, BTreeSet};

/// The bodies of which one each must agree.
const ONE_EACH: [Body; 3] = [Body::Service, Body::Parliament, Body::Overseer];

/// How many parties must agree.
const PARTIES: usize = 2;

/// Whose agreement a change of a list needs: one service, one parliament, one overseer and two
/// parties, as far as the list has them, and in any case organisations of two kinds, as far as the
/// list has two.
///
/// Every member that is not revoked has a vote, whether its time has begun or run out: nobody gets
/// rid of a vote by choosing the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    voters: BTreeMap<Body, BTreeSet<OrganisationId>>,
}

/// What a list still needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// One organisation of this kind.
    One {
        /// Of which kind.
        body: Body,
        /// Who could.
        of: BTreeSet<OrganisationId>,
    },
    /// Parties.
    Parties {
        /// How many more.
        more: usize,
        /// Who could.
        of: BTreeSet<OrganisationId>,
    },
    /// Somebody of another kind than those that signed.
    AnotherKind {
        /// Who could.
        of: BTreeSet<OrganisationId>,
    },
    /// The organisation itself, with the key that the list before names: its keys, what it is or
    /// where it is reached change.
    Owner {
        /// Who.
        member: OrganisationId,
    },
    /// The organisation itself, with the key that this list names: it is new, or the key is.
    Newcomer {
        /// Who.
        member: OrganisationId,
    },
}

impl Quorum {
    /// Whose agreement a change of this list needs.
    pub fn of(list: &MemberList) -> Self {
        let mut voters = BTreeMap::<_, BTreeSet<_>>::new();
        for member in list.members.iter().filter(|member| member.revoked.is_none()) {
            voters.entry(member.body).or_default().insert(member.id.clone());
        }
        Self { voters }
    }

    /// What is missing when these have agreed; nothing when it is enough.
    pub fn missing(&self, voted: &BTreeSet<OrganisationId>) -> Vec<Missing> {
        let mut missing = Vec::new();
        let of_body = |body| self.voters.get(&body).cloned().unwrap_or_default();
        for body in ONE_EACH {
            let of = of_body(body);
            if !of.is_empty() && of.is_disjoint(voted) {
                missing.push(Missing::One { body, of });
            }
        }
        let parties = of_body(Body::Party);
        let agreed = parties.intersection(voted).count();
        let more = PARTIES.min(parties.len()).saturating_sub(agreed);
        if more > 0 {
            let of = parties.difference(voted).cloned().collect();
            missing.push(Missing::Parties { more, of });
        }
        let agreed = |these: &&BTreeSet<OrganisationId>| !these.is_disjoint(voted);
        let kinds = self.voters.values().filter(agreed).count();
        if missing.is_empty() && kinds < self.voters.len().min(2) {
            let others = self.voters.values().filter(|these| these.is_disjoint(voted));
            missing.push(Missing::AnotherKind { of: others.flatten().cloned().collect() });
        }
        missing
    }
}

/// Which signatures a list has, and which it still needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Who agreed, by the keys of the list before; for a founding list, its members that signed.
    pub voted: BTreeSet<OrganisationId>,
    /// What is still missing.
    pub missing: Vec<Missing>,
}

impl Tally {
    /// Counts the signatures of a list that follows on another, or founds a federation.
    ///
    /// # Errors
    /// [`RefusedList::BadSignature`] and [`RefusedList::Stranger`]: a signature that does not count
    /// is never passed over.
    pub fn of(before: Option<&MemberList>, signed: &SignedList) -> Result<Self, RefusedList> {
        let list = signed.list();
        let (mut voted, mut new) = (BTreeSet::new(), BTreeSet::new());
        for signature in signed.signatures() {
            let who = || signature.signer.clone();
            if !signature.is_valid(list, signed.digest()) {
                return Err(RefusedList::BadSignature { signer: who() });
            }
            let has_say =
                before.is_some_and(|b| rules::has_vote(b, list.issued, &who(), &signature.key));
            let joins = rules::is_named(list, &who(), &signature.key);
            if !has_say && !joins {
                return Err(RefusedList::Stranger { signer: who() });
            }
            if has_say {
                voted.insert(who());
            }
            if joins {
                new.insert((who(), signature.key));
            }
        }
        let Some(before) = before else {
            let signed_by = |id: &OrganisationId| new.iter().any(|(signer, _)| signer == id);
            let absent = list.members.iter().filter(|member| !signed_by(&member.id));
            let missing = absent.map(|m| Missing::Newcomer { member: m.id.clone() }).collect();
            return Ok(Self {
                voted: new.into_iter().map(|(signer, _)| signer).collect(),
                missing,
            });
        };
        let mut missing = Quorum::of(before).missing(&voted);
        for member in &list.members {
            let old = before.member(&member.id);
            if rules::needs_owner(old, member) && !voted.contains(&member.id) {
                missing.push(Missing::Owner { member: member.id.clone() });
            }
            let there = |key: &crate::SigningPublic| new.contains(&(member.id.clone(), *key));
            let lacks = match rules::newcomer(old, member) {
                NewMember::No => false,
                NewMember::WithKey(key) => !there(&key),
            };
            if lacks {
                missing.push(Missing::Newcomer { member: member.id.clone() });
            }
        }
        Ok(Self { voted, missing })
    }

    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}
