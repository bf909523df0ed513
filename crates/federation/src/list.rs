//! The member list: a version of who is a member.

use crate::codec::{self, FormError};
use crate::member::{Dated, KeyKind, Member};
use crate::{FederationName, Moment};
use portcullis_audit::KeyKind as VerifierKind;
use portcullis_types::OrganisationId;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt;

/// What stands before a document in its digest.
const DOMAIN: &[u8] = b"portcullis-member-list/v1";

/// Members of a list, at most.
pub(crate) const MOST_MEMBERS: usize = 1000;

/// Keys of one kind of a member, at most.
pub(crate) const MOST_KEYS: usize = 32;

/// Bytes of a document, at most.
pub(crate) const MOST_BYTES: usize = 8 << 20;

/// The digest of a list: what the next version names, and what signatures and the log bind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListDigest([u8; 32]);

impl ListDigest {
    /// The digest of these bytes of a document.
    pub(crate) fn of(document: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(DOMAIN).chain_update(document).finalize().into())
    }

    /// The digest with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ListDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ListDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListDigest({self})")
    }
}

/// One version of the list of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberList {
    /// Which federation's.
    pub federation: FederationName,
    /// Which version, from 1.
    pub version: u64,
    /// The digest of the version before; none for version 1.
    pub previous: Option<ListDigest>,
    /// When it was proposed.
    pub issued: Moment,
    /// The members, in the order of their ids.
    pub members: Vec<Member>,
}

/// Why a list says something that no list can say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Version 1 names a list before it, or a later one names none.
    #[error("version 1 names no list before it, and every later version names one")]
    Previous,
    /// It has no member or too many.
    #[error("a list has 1 to {MOST_MEMBERS} members, this one has {count}")]
    Count {
        /// How many.
        count: usize,
    },
    /// Members are not in order, or one stands twice.
    #[error("`{member}` stands twice in the list, or not in order")]
    Order {
        /// Which.
        member: OrganisationId,
    },
    /// A time ends before it begins, or something is lost or revoked that is yet to come.
    #[error(
        "a time of `{member}` ends before it begins, or something is lost or revoked before its time"
    )]
    Times {
        /// Whose.
        member: OrganisationId,
    },
    /// It has no key of a kind that it needs, or too many.
    #[error("`{member}` needs 1 to {MOST_KEYS} {kind} keys")]
    Keys {
        /// Who.
        member: OrganisationId,
        /// Of which kind.
        kind: KeyKind,
    },
    /// The keys of a kind don't follow one another.
    #[error(
        "the {kind} keys of `{member}` do not follow one another; each ends where the next begins, and the last does not end"
    )]
    Succession {
        /// Whose.
        member: OrganisationId,
        /// Of which kind.
        kind: KeyKind,
    },
    /// A key is for something else.
    #[error("a {kind} key of `{member}` is a key for something else")]
    OtherKind {
        /// Whose.
        member: OrganisationId,
        /// Of which kind.
        kind: KeyKind,
    },
    /// A key stands for two things or two organisations.
    #[error("a {kind} key of `{member}` stands in the list twice; every use needs its own")]
    SharedKey {
        /// Whose.
        member: OrganisationId,
        /// Of which kind.
        kind: KeyKind,
    },
}

impl MemberList {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::list_bytes(self)
    }

    /// Reads a list from its canonical bytes, and from no others.
    ///
    /// # Errors
    /// [`FormError`] when they are too many, malformed, of another version, not canonical, or say
    /// something that no list can say.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormError> {
        let list = codec::read_list(bytes)?;
        list.check()?;
        Ok(list)
    }

    /// The digest of the list.
    pub fn digest(&self) -> ListDigest {
        ListDigest::of(&self.to_bytes())
    }

    /// The member with this id, revoked or not.
    pub fn member(&self, id: &OrganisationId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == *id)
    }

    /// Whether the list says only what a list can say.
    ///
    /// # Errors
    /// [`ListError`] with what it can't say.
    pub fn check(&self) -> Result<(), ListError> {
        if self.version == 0 || (self.version == 1) != self.previous.is_none() {
            return Err(ListError::Previous);
        }
        if self.members.is_empty() || self.members.len() > MOST_MEMBERS {
            return Err(ListError::Count { count: self.members.len() });
        }
        if let Some(pair) = self.members.array_windows().find(|[a, b]| a.id >= b.id) {
            let [_, second] = pair;
            return Err(ListError::Order { member: second.id.clone() });
        }
        let mut seen = BTreeSet::new();
        self.members.iter().try_for_each(|member| check_member(member, self.issued, &mut seen))
    }
}

fn check_member(
    member: &Member,
    issued: Moment,
    seen: &mut BTreeSet<Vec<u8>>,
) -> Result<(), ListError> {
    let id = || member.id.clone();
    let ahead = member.revoked.is_some_and(|revoked| revoked.since > issued);
    if ahead || member.until.is_some_and(|until| until <= member.from) {
        return Err(ListError::Times { member: id() });
    }
    let keys = &member.keys;
    check_keys(member, issued, KeyKind::Signing, &keys.signing)?;
    check_keys(member, issued, KeyKind::Sealing, &keys.sealing)?;
    check_keys(member, issued, KeyKind::Log, &keys.log)?;
    check_keys(member, issued, KeyKind::Cosigning, &keys.cosigning)?;
    let of_kind = |kind, verifier, allowed| {
        if verifier == allowed { Ok(()) } else { Err(ListError::OtherKind { member: id(), kind }) }
    };
    for dated in &keys.log {
        of_kind(KeyKind::Log, dated.key.kind(), VerifierKind::Log)?;
    }
    for dated in &keys.cosigning {
        of_kind(KeyKind::Cosigning, dated.key.kind(), VerifierKind::Cosigner)?;
    }
    let signing = keys.signing.iter().map(|d| (KeyKind::Signing, d.key.as_bytes().to_vec()));
    let sealing = keys.sealing.iter().map(|d| (KeyKind::Sealing, d.key.as_bytes().to_vec()));
    let log = keys.log.iter().map(|d| (KeyKind::Log, d.key.public().to_vec()));
    let cosigning = keys.cosigning.iter().map(|d| (KeyKind::Cosigning, d.key.public().to_vec()));
    for (kind, bytes) in signing.chain(sealing).chain(log).chain(cosigning) {
        if !seen.insert(bytes) {
            return Err(ListError::SharedKey { member: id(), kind });
        }
    }
    Ok(())
}

fn check_keys<K>(
    member: &Member,
    issued: Moment,
    kind: KeyKind,
    keys: &[Dated<K>],
) -> Result<(), ListError> {
    let id = || member.id.clone();
    let needed = matches!(kind, KeyKind::Signing | KeyKind::Sealing);
    if keys.len() > MOST_KEYS || (needed && keys.is_empty()) {
        return Err(ListError::Keys { member: id(), kind });
    }
    let untimely = |key: &Dated<K>| {
        key.until.is_some_and(|until| until <= key.from)
            || key.lost.is_some_and(|lost| lost < key.from || lost > issued.max(key.from))
    };
    if keys.iter().any(untimely) {
        return Err(ListError::Times { member: id() });
    }
    let follows = |[one, next]: &[Dated<K>; 2]| {
        let ends = one.until.map_or(one.lost.is_some(), |until| until == next.from);
        one.from < next.from && ends
    };
    let last = keys.last().is_none_or(|last| {
        last.until.is_none() && (last.lost.is_none() || member.revoked.is_some())
    });
    if last && keys.array_windows().all(follows) {
        Ok(())
    } else {
        Err(ListError::Succession { member: id(), kind })
    }
}
