//! Whose signatures a list needs, and which are there.

use crate::rules::{self, NewMember};
use crate::{MemberList, RefusedList, SignedList, SigningPublic};
use portcullis_types::{Body, OrganisationId};
use std::collections::{BTreeMap, BTreeSet};

/// The bodies that must agree, each with how many of it at least.
///
/// INVARIANT: of each, more than half. So two quorums share a member, and two lists of one version
/// show who signed both.
const KINDS: [(Body, usize); 4] =
    [(Body::Service, 1), (Body::Parliament, 1), (Body::Overseer, 1), (Body::Party, 2)];

/// Whose agreement a change of a list needs: more than half of the services, of the parliaments, of the
/// overseers and of the parties, and of these at least two, as far as the list has them; where it has
/// none of these, more than half of all; and in any case organisations of two kinds, as far as the
/// list has two. Two quorums of one list always share a member.
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
    /// Organisations of this kind.
    Of {
        /// Of which kind.
        body: Body,
        /// How many more.
        more: usize,
        /// Who could.
        of: BTreeSet<OrganisationId>,
    },
    /// Organisations of whatever kind, where the list has no service, parliament, overseer or party.
    Any {
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
        let lacking = |voters: &BTreeSet<OrganisationId>, least: usize| {
            let needed = least.min(voters.len()).max(majority(voters.len()));
            let more = needed.saturating_sub(voters.intersection(voted).count());
            (more > 0).then(|| (more, voters.difference(voted).cloned().collect()))
        };
        let mut must_agree = false;
        for (body, least) in KINDS {
            let Some(voters) = self.voters.get(&body) else { continue };
            must_agree = true;
            if let Some((more, of)) = lacking(voters, least) {
                missing.push(Missing::Of { body, more, of });
            }
        }
        if !must_agree {
            let all: BTreeSet<_> = self.voters.values().flatten().cloned().collect();
            if let Some((more, of)) = lacking(&all, 0) {
                missing.push(Missing::Any { more, of });
            }
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

/// More than half of so many; none of none.
fn majority(of: usize) -> usize {
    of.div_euclid(2).saturating_add(1).min(of)
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
            let say = rules::say(before, list, &who(), &signature.key);
            if !say.is_any() {
                return Err(RefusedList::Stranger { signer: who() });
            }
            if say.votes {
                voted.insert(who());
            }
            if say.agrees {
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
            let there = |key: &SigningPublic| new.contains(&(member.id.clone(), *key));
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

    /// Whether a signature by this key of an organisation would count, as a vote or as agreement.
    pub fn counts(
        before: Option<&MemberList>,
        list: &MemberList,
        signer: &OrganisationId,
        key: &SigningPublic,
    ) -> bool {
        rules::say(before, list, signer, key).is_any()
    }

    /// Takes out of a proposed list the signatures that are not valid or don't count, and says whose
    /// they are said to be. They are no part of what the list says: whoever carries it can add some.
    pub fn sift(before: Option<&MemberList>, signed: &mut SignedList) -> BTreeSet<OrganisationId> {
        let (list, digest) = (signed.list().clone(), signed.digest());
        signed.retain(|signature| {
            Self::counts(before, &list, &signature.signer, &signature.key)
                && signature.is_valid(&list, digest)
        })
    }

    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}
