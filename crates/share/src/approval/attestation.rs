//! An organisation attests who may release for it: a key and an office, and no name.

use super::SKEW_S;
use crate::codec::{record, to_bytes, vocabulary};
use crate::{Office, ReleaseOfficerId};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use portcullis_federation::{FederationName, Member, MemberList, Moment, SigningPublic};
use portcullis_types::OrganisationId;
use std::collections::BTreeSet;
use std::fmt;

/// What stands before an attestation that is signed.
const DOMAIN: &[u8] = b"portcullis-release-officer/v1";

/// For how long an attestation holds, at most, in seconds: whoever leaves must drop out by himself.
const MOST_HOLDS_S: u64 = 400 * 24 * 3600;

vocabulary! {
    /// What an officer may do about a release.
    ReleaseRole {
        /// Write one and sign it first.
        Author = "author", "writes and signs first";
        /// Sign what another wrote.
        Approver = "approver", "signs what another wrote";
    }
}

record! {
    /// What an organisation says of one of its officers.
    pub Attested {
        /// In which federation.
        1 federation: FederationName,
        /// Whose officer.
        2 organisation: OrganisationId,
        /// Which officer, without a name: the same whatever key he has. No two people share one.
        3 officer: ReleaseOfficerId,
        /// The office he holds.
        4 office: Office,
        /// The key he signs with.
        5 key: SigningPublic,
        /// What he may do.
        6 roles: BTreeSet<ReleaseRole>,
        /// From when.
        7 from: Moment,
        /// Until when.
        8 until: Moment,
        /// When this was attested.
        9 attested: Moment,
    }
}

record! {
    /// An officer, attested by the organisation's signing key. It is believed once a release with it
    /// was verified.
    pub ReleaseOfficer {
        /// What is attested.
        1 attested: Attested,
        /// The organisation's key.
        2 key: SigningPublic,
        /// Its signature.
        3 signature: [u8; 64],
    }
}

/// The key that an organisation signs with what it attests and publishes.
///
/// It is trusted: whoever has it can make officers and directories for the organisation.
pub struct OrganisationSigner(SigningKey);

impl OrganisationSigner {
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

    /// Attests an officer.
    pub fn attest(&self, attested: Attested) -> ReleaseOfficer {
        let signature = self.sign(DOMAIN, &to_bytes(&attested));
        ReleaseOfficer { attested, key: self.public(), signature }
    }

    pub(crate) fn sign(&self, domain: &[u8], bytes: &[u8]) -> [u8; 64] {
        self.0.sign(&[domain, bytes].concat()).to_bytes()
    }
}

impl fmt::Debug for OrganisationSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrganisationSigner(…)")
    }
}

/// Whether the key made the signature.
pub(crate) fn is_signed(
    key: &SigningPublic,
    domain: &[u8],
    bytes: &[u8],
    signature: &[u8; 64],
) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    VerifyingKey::from_bytes(key.as_bytes())
        .is_ok_and(|key| key.verify_strict(&[domain, bytes].concat(), &signature).is_ok())
}

/// Whether it was the organisation's key at the moment stated, and is not known as lost since: with a
/// lost key anybody states any moment.
pub(crate) fn is_key_of(member: &Member, key: &SigningPublic, stated: Moment, at: Moment) -> bool {
    member.keys.signing.iter().any(|dated| {
        dated.key == *key && dated.is_in_use(stated) && dated.lost.is_none_or(|lost| at < lost)
    })
}

/// Why an attestation does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoOfficer {
    OtherOrganisation,
    Key,
    Signature,
    Times,
}

impl ReleaseOfficer {
    /// Whether it counts for something that was signed at a moment.
    pub(crate) fn check(
        &self,
        members: &MemberList,
        member: &Member,
        signed: Moment,
        at: Moment,
    ) -> Result<(), NoOfficer> {
        let Attested { federation, organisation, from, until, attested, .. } = &self.attested;
        if *federation != members.federation || *organisation != member.id {
            return Err(NoOfficer::OtherOrganisation);
        }
        if !is_key_of(member, &self.key, *attested, at) {
            return Err(NoOfficer::Key);
        }
        if !is_signed(&self.key, DOMAIN, &to_bytes(&self.attested), &self.signature) {
            return Err(NoOfficer::Signature);
        }
        let holds = *from <= signed && signed < *until && *until <= from.later(MOST_HOLDS_S);
        if holds && *attested <= signed.later(SKEW_S) { Ok(()) } else { Err(NoOfficer::Times) }
    }
}
