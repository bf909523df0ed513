//! Which organisations are members, with which keys, and who agreed to it?
//!
//! Nobody owns the federation. Its [`MemberList`] is a document with canonical bytes: each version
//! names the digest of the one before, and is signed by a quorum of the members that the one before
//! names ([`Quorum`]): more than half of the services, parliaments, overseers and parties. [`History`] takes
//! version after version and refuses by name whatever does not follow: too few signatures, a key
//! changed without its owner, an older version, a gap, a second list of the same version (of which
//! it keeps the proof, [`Fork`]).
//!
//! Services and overseers are pinned: their [`Fingerprint`]s are compared in person at joining, and
//! from then on only they themselves change their keys, whoever else signs.
//!
//! The crate does no I/O, has no clock and no randomness. It refuses to decide who should be a
//! member. The bytes and the rules are specified in `docs/spec/member-list.md`.
//!
//! Trust: whoever holds the signing keys of a quorum decides who is a member; whoever holds that of
//! one organisation alone can change nothing but keep it from agreeing.

#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod card;
mod codec;
mod file;
mod fingerprint;
mod fork;
mod history;
mod list;
mod member;
mod moment;
mod names;
mod quorum;
mod refused;
mod rules;
mod signature;

pub use card::Card;
pub use codec::FormError;
pub use file::{FileError, MemberFile};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use fork::{Fork, ForkError};
pub use history::{Accepted, Age, History, Offered, OwnKeys, Pins};
pub use list::{ListDigest, ListError, MemberList};
pub use member::{Dated, KeyKind, Member, MemberKeys, Revocation, RevocationReason, SigningPublic};
pub use moment::Moment;
pub use names::{Endpoint, FederationName, MemberName, NameError};
pub use quorum::{Missing, Quorum, Tally};
pub use refused::RefusedList;
pub use signature::{ListSigner, Signature, SignedList};
