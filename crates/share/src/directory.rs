//! Who can be sealed to, in an organisation: office, keys, clearance. Signed by the organisation.

use crate::Office;
use crate::approval::{OrganisationSigner, SKEW_S, is_key_of, is_signed};
use crate::codec::{record, to_bytes};
use portcullis_federation::{FederationName, MemberList, Moment, SigningPublic};
use portcullis_keys::SealingPublic;
use portcullis_types::{Level, OfficerId, OrganisationId};
use std::collections::BTreeSet;

/// What stands before a directory that is signed.
const DOMAIN: &[u8] = b"portcullis-directory/v1";

record! {
    /// Somebody who can be sealed to.
    pub DirectoryEntry: 1500 {
        /// The account there. Its text names nobody to strangers.
        1 officer: OfficerId,
        /// The office he holds.
        2 office: Office,
        /// The key that is sealed to.
        3 sealing: SealingPublic,
        /// The key he signs with.
        4 signing: SigningPublic,
        /// How sensitive a thing he may read.
        5 clearance: Level,
        /// Which compartments he is in.
        6 compartments: BTreeSet<Box<str>>,
        /// From when this holds.
        7 from: Moment,
        /// Until when.
        8 until: Moment,
    }
}

record! {
    /// A directory as it is written.
    pub DirectoryText {
        /// In which federation.
        1 federation: FederationName,
        /// Whose.
        2 organisation: OrganisationId,
        /// Which version, from 1.
        3 version: u64,
        /// When it was issued.
        4 issued: Moment,
        /// Who is in it, in the order of their accounts.
        5 entries: Vec<DirectoryEntry>,
    }
}

record! {
    /// A directory with a signature that nobody has checked yet.
    pub SignedDirectory {
        /// What it says.
        1 text: DirectoryText,
        /// With which key it is signed.
        2 key: SigningPublic,
        /// The signature.
        3 signature: [u8; 64],
    }
}

/// A directory that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory(DirectoryText);

/// Why a directory was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// Its organisation is unknown, revoked, not yet or no longer a member.
    #[error("`{organisation}` is not a member of this federation at this time")]
    NotAMember {
        /// Whose directory it is said to be.
        organisation: OrganisationId,
    },
    /// It is signed with a key that the organisation did not have.
    #[error("the directory was signed with a key that the organisation did not have")]
    Key,
    /// Its signature does not fit.
    #[error("the signature of the directory does not fit: it was changed; ask for it again")]
    Signature,
    /// It was issued in the future.
    #[error("the directory was issued in the future, at `{issued}`; check the clock")]
    Future {
        /// When it says it was.
        issued: Moment,
    },
    /// It is no later than the one held.
    #[error("the directory has version {version}, and version {held} is held already")]
    Older {
        /// Its version.
        version: u64,
        /// The version held.
        held: u64,
    },
    /// Two entries are of one account or have one key, or they are not in order.
    #[error("`{officer}` stands twice in the directory, or not in order, or has another's key")]
    Order {
        /// Who.
        officer: OfficerId,
    },
}

impl DirectoryError {
    /// Its name in vectors, events and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAMember { .. } => "not-a-member",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Future { .. } => "future",
            Self::Older { .. } => "older",
            Self::Order { .. } => "order",
        }
    }
}

impl DirectoryText {
    /// Signs it.
    pub fn sign(self, signer: &OrganisationSigner) -> SignedDirectory {
        let signature = signer.sign(DOMAIN, &to_bytes(&self));
        SignedDirectory { text: self, key: signer.public(), signature }
    }
}

impl SignedDirectory {
    /// Verifies it. `held` is the directory of the same organisation that it would replace.
    ///
    /// # Errors
    /// [`DirectoryError`] with what is wrong.
    pub fn verify(
        self,
        members: &MemberList,
        held: Option<&Directory>,
        at: Moment,
    ) -> Result<Directory, DirectoryError> {
        let Self { text, key, signature } = self;
        let member = members.member(&text.organisation).filter(|member| member.takes_part(at));
        let none = || DirectoryError::NotAMember { organisation: text.organisation.clone() };
        let member = member.filter(|_| text.federation == members.federation).ok_or_else(none)?;
        if !is_key_of(member, &key, text.issued, at) {
            return Err(DirectoryError::Key);
        }
        if !is_signed(&key, DOMAIN, &to_bytes(&text), &signature) {
            return Err(DirectoryError::Signature);
        }
        if text.issued > at.later(SKEW_S) {
            return Err(DirectoryError::Future { issued: text.issued });
        }
        if let Some(Directory(held)) = held
            && held.organisation == text.organisation
            && text.version <= held.version
            && *held != text
        {
            return Err(DirectoryError::Older { version: text.version, held: held.version });
        }
        let mut keys = BTreeSet::new();
        let mut before: Option<&DirectoryEntry> = None;
        for entry in &text.entries {
            let follows = before.is_none_or(|before| before.officer < entry.officer);
            let own = keys.insert(entry.sealing.as_bytes().as_slice())
                && keys.insert(entry.signing.as_bytes().as_slice());
            if !follows || !own {
                return Err(DirectoryError::Order { officer: entry.officer.clone() });
            }
            before = Some(entry);
        }
        Ok(Directory(text))
    }
}

impl Directory {
    /// Whose it is.
    pub fn organisation(&self) -> &OrganisationId {
        &self.0.organisation
    }

    /// Which version.
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// Everybody in it whose entry holds at this moment.
    pub fn at(&self, at: Moment) -> impl Iterator<Item = &DirectoryEntry> {
        self.0.entries.iter().filter(move |entry| entry.from <= at && at < entry.until)
    }

    /// The entry of an account that holds at this moment.
    pub fn entry(&self, officer: &OfficerId, at: Moment) -> Option<&DirectoryEntry> {
        self.at(at).find(|entry| entry.officer == *officer)
    }
}
