//! Signatures of organisations on a list.

use crate::codec::FormError;
use crate::list::{ListDigest, MemberList};
use crate::member::SigningPublic;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use portcullis_types::OrganisationId;
use std::collections::BTreeSet;
use std::fmt;

/// What stands before everything that is signed about lists.
const DOMAIN: &[u8] = b"portcullis-member-list-signature/v1";

/// A signature that an organisation is said to have made. It is believed once [`crate::History`] or
/// [`crate::Tally`] took it.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    /// Who signed.
    pub signer: OrganisationId,
    /// With which key.
    pub key: SigningPublic,
    /// The signature.
    pub bytes: [u8; 64],
}

impl Signature {
    /// Whether the key made it, over this list.
    pub(crate) fn is_valid(&self, list: &MemberList, digest: ListDigest) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&self.bytes);
        VerifyingKey::from_bytes(self.key.as_bytes()).is_ok_and(|key| {
            key.verify_strict(&message(list, digest, &self.signer), &signature).is_ok()
        })
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature").field("signer", &self.signer).finish_non_exhaustive()
    }
}

/// What is signed: it binds federation, version, the list before, the list itself and who signs.
fn message(list: &MemberList, digest: ListDigest, signer: &OrganisationId) -> Vec<u8> {
    let mut message = DOMAIN.to_vec();
    for text in [list.federation.as_str(), signer.as_str()] {
        message.extend_from_slice(&(text.len() as u64).to_be_bytes());
        message.extend_from_slice(text.as_bytes());
    }
    message.extend_from_slice(&list.version.to_be_bytes());
    message.extend_from_slice(list.previous.as_ref().map_or([0; 32].as_slice(), |d| d.as_bytes()));
    message.extend_from_slice(digest.as_bytes());
    message
}

/// The key that an organisation signs lists with.
///
/// It is trusted: whoever has it has the vote of the organisation.
pub struct ListSigner(SigningKey);

impl ListSigner {
    /// The key that follows from a secret seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public key.
    #[expect(clippy::missing_panics_doc, reason = "a key that follows from a seed is usable")]
    pub fn public(&self) -> SigningPublic {
        SigningPublic::from_bytes(self.0.verifying_key().as_bytes())
            .expect("a key that follows from a seed is usable")
    }

    /// Signs a list for the organisation.
    pub fn sign(&self, signer: &OrganisationId, list: &MemberList) -> Signature {
        let bytes = self.0.sign(&message(list, list.digest(), signer)).to_bytes();
        Signature { signer: signer.clone(), key: self.public(), bytes }
    }
}

impl fmt::Debug for ListSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListSigner(…)")
    }
}

/// A list with signatures, which are not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedList {
    list: MemberList,
    document: Vec<u8>,
    digest: ListDigest,
    signatures: Vec<Signature>,
}

impl SignedList {
    /// A list that nobody has signed yet.
    ///
    /// # Errors
    /// [`FormError`] when it says something that no list can say, or too much.
    pub fn new(list: &MemberList) -> Result<Self, FormError> {
        Self::from_parts(list.to_bytes(), Vec::new())
    }

    /// A list from its document, with signatures.
    ///
    /// # Errors
    /// [`FormError`] when the document is not the canonical bytes of a list.
    pub fn from_parts(document: Vec<u8>, signatures: Vec<Signature>) -> Result<Self, FormError> {
        let list = MemberList::from_bytes(&document)?;
        let digest = ListDigest::of(&document);
        let mut signed = Self { list, document, digest, signatures: Vec::new() };
        for signature in signatures {
            signed.add(signature);
        }
        Ok(signed)
    }

    /// What the list says.
    pub fn list(&self) -> &MemberList {
        &self.list
    }

    /// The canonical bytes of the list.
    pub fn document(&self) -> &[u8] {
        &self.document
    }

    /// The digest of the list.
    pub fn digest(&self) -> ListDigest {
        self.digest
    }

    /// The signatures, in the order of signers and keys.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature. In which order they come makes no difference, nor does one that comes twice.
    pub fn add(&mut self, signature: Signature) {
        let order = |one: &Signature| (one.signer.clone(), one.key, one.bytes);
        if let Err(place) = self.signatures.binary_search_by_key(&order(&signature), order) {
            self.signatures.insert(place, signature);
        }
    }

    /// Keeps these signatures alone, and says whose the others are said to be.
    pub(crate) fn retain(
        &mut self,
        mut keep: impl FnMut(&Signature) -> bool,
    ) -> BTreeSet<OrganisationId> {
        let mut dropped = BTreeSet::new();
        self.signatures.retain(|signature| {
            let kept = keep(signature);
            if !kept {
                dropped.insert(signature.signer.clone());
            }
            kept
        });
        dropped
    }
}
