//! Which key opens this cell, and how is it made unopenable for good, old backups included?
//!
//! Every record has a number ([`RecordNumber`]) and its own key. The keys of all records come out
//! of one seed through a binary tree of digests, and the [`Keyring`] holds as few seeds of that
//! tree as it can. [`Keyring::shred`] replaces the seed above a record by the seeds beside the way
//! down to it: from then on nobody can derive the key of this record, be it with the database,
//! every backup of it, the log and the keyring together, while every other key is still there.
//!
//! A cell is sealed for its [`Place`]: moved to another row, column, table or record, it does not
//! open. The keyring itself is kept outside the database and its backups, locked by a key file
//! or a passphrase ([`Unlock`]).
//!
//! What is sealed to somebody's public key ([`SealingPublic`]) opens with the secret beside it
//! ([`SealingKey`]) and with nothing else: for organisations, and for people whose text neither
//! keyring nor administrator may open.
//!
//! The crate does no I/O and refuses to choose randomness: bytes at random are an input. It does
//! not decide what is shredded. What it cannot do is take back copies: a copy of the keyring from
//! before, together with what unlocks it, undoes a shredding for whoever holds both. The bytes are
//! specified in `docs/spec/keyring.md`.
//!
//! The keyring is trusted: whoever can read it unlocked can open every record that is not
//! shredded and sign as the log, and whoever can change it can make any record unopenable.

#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod bech32m;
mod cell;
mod contents;
mod file;
mod key_file;
mod keyring;
mod list;
mod number;
mod organisation;
mod path;
mod personal;
mod ranges;
mod sealing;
mod secret;
mod tree;

pub use cell::{OpenError, Opened, Place, SealError};
pub use file::{Unlock, UnlockError, UnlockKind};
pub use key_file::{KeyFileError, KeyFileText};
pub use keyring::{DestroyError, Keyring};
pub use list::{ReplayError, ShreddedList, ShreddedListError};
pub use number::RecordNumber;
pub use organisation::{OrganisationKey, OrganisationKeyError};
pub use personal::{
    CodeKind, KeyLock, KeyOwner, Passphrase, PassphraseError, PersonalKeys, SecretCode,
    SecretCodeError, UnwrapError,
};
pub use sealing::{
    SEALING_ADDS_BYTES, SEALING_PUBLIC_BYTES, SealingKey, SealingPublic, SealingPublicError,
    UnsealError,
};
