//! Why a list is not taken, each reason by its name.

use crate::quorum::Missing;
use crate::{FederationName, Fingerprint, Fork, Moment};
use portcullis_types::OrganisationId;
use std::collections::BTreeSet;

/// Why a list is not taken. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedList {
    /// There is no list at all.
    #[error("there is no list in it")]
    Empty,
    /// It is the list of another federation.
    #[error("this is a list of the federation `{offered}`; this node is in `{held}`")]
    OtherFederation {
        /// Whose it is.
        offered: FederationName,
        /// Whose list this node holds.
        held: FederationName,
    },
    /// A founding list that one body alone makes.
    #[error("a federation is founded by at least two organisations of two kinds")]
    Alone,
    /// A signature is not by the key that it names, or not over this list.
    #[error(
        "the signature of `{signer}` is not valid: the list or the signature was changed, or it is forged"
    )]
    BadSignature {
        /// Who is said to have signed.
        signer: OrganisationId,
    },
    /// A signature by somebody, or by a key, that has nothing to say here.
    #[error("`{signer}` signed and has no say in this list, or not with this key")]
    Stranger {
        /// Who signed.
        signer: OrganisationId,
    },
    /// Signatures are missing.
    #[error("signatures are missing; see what `portcullis member show` says of this list")]
    NotSigned {
        /// Which.
        missing: Vec<Missing>,
    },
    /// It is older than the one in force.
    #[error(
        "this is version {offered}, and version {held} is in force; an older list is not taken"
    )]
    Rollback {
        /// Its version.
        offered: u64,
        /// The version in force.
        held: u64,
    },
    /// Versions between are missing.
    #[error(
        "this is version {offered}, and only version {held} is held; ask for the versions between"
    )]
    Gap {
        /// Its version.
        offered: u64,
        /// The version in force.
        held: u64,
    },
    /// It follows on another list than the one held.
    #[error(
        "version {offered} follows on another list than the one held here; ask for the whole history, and tell the overseer"
    )]
    OtherPast {
        /// Its version.
        offered: u64,
    },
    /// A second list of one version, signed like the first.
    #[error("there are two lists of version {}, and both are signed: this is the proof; give it to the overseer", .fork.version())]
    Fork {
        /// The proof.
        fork: Box<Fork>,
    },
    /// It says that it was issued before the one before it.
    #[error("the list says that it was issued before the one that it follows on")]
    Backdated,
    /// It says that it was issued in the future.
    #[error("the list says that it was issued at {issued}, which is yet to come; check the clock")]
    Future {
        /// When.
        issued: Moment,
    },
    /// A member that was not revoked stands in it no more.
    #[error("`{member}` stands in the list no more, and was not revoked before")]
    Dropped {
        /// Who.
        member: OrganisationId,
    },
    /// It was issued too long ago.
    #[error(
        "the list says that it was issued at {issued}, more than eight weeks ago; propose it anew, or, where this node was away, say so"
    )]
    Stale {
        /// When.
        issued: Moment,
    },
    /// The keys of a pinned organisation are others, and it did not sign that with the key pinned.
    #[error(
        "the keys of `{member}` are pinned here, and are others in this list without its own signature; have it read its fingerprint out to you, and pin that"
    )]
    Pinned {
        /// Who.
        member: OrganisationId,
        /// What its fingerprint would be.
        fingerprint: Fingerprint,
    },
    /// Services or overseers whose keys nobody compared.
    #[error(
        "nobody compared the fingerprints of these services and overseers: {}; have each read its own out to you, and pin that",
        .members.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
    )]
    Unpinned {
        /// Who.
        members: BTreeSet<OrganisationId>,
    },
    /// It names keys for this organisation that are none of its own.
    #[error(
        "the list names keys for this organisation that it does not have: somebody wants to pass for it"
    )]
    OwnKeys,
    /// This organisation is not in it.
    #[error("this organisation, `{organisation}`, is no member in this list")]
    NotAMember {
        /// This organisation.
        organisation: OrganisationId,
    },
}

impl RefusedList {
    /// The name of the reason, as the specification has it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::OtherFederation { .. } => "other-federation",
            Self::Alone => "alone",
            Self::BadSignature { .. } => "bad-signature",
            Self::Stranger { .. } => "stranger",
            Self::NotSigned { .. } => "not-signed",
            Self::Rollback { .. } => "rollback",
            Self::Gap { .. } => "gap",
            Self::OtherPast { .. } => "other-past",
            Self::Fork { .. } => "fork",
            Self::Backdated => "backdated",
            Self::Future { .. } => "future",
            Self::Stale { .. } => "stale",
            Self::Dropped { .. } => "dropped",
            Self::Pinned { .. } => "pinned",
            Self::Unpinned { .. } => "unpinned",
            Self::OwnKeys => "own-keys",
            Self::NotAMember { .. } => "not-a-member",
        }
    }
}
