//! Why a release does not count, and why somebody could not sign.

use super::ReleaseRole;
use super::attestation::NoOfficer;
use crate::faults::Faults;
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;

/// Why a document was not taken as released.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedRelease {
    /// Its originator is unknown, revoked, not yet or no longer a member.
    #[error("`{originator}` is not a member of the federation at that time; ask who sent this")]
    NotAMember {
        /// Who is said to have made it.
        originator: OrganisationId,
    },
    /// An attestation is of another organisation or federation.
    #[error("the {role} is not an officer of the organisation that is said to have made this")]
    OtherOrganisation {
        /// Whose attestation.
        role: ReleaseRole,
    },
    /// An attestation was signed with a key that the member list does not have for that time, or
    /// that was lost.
    #[error("the attestation of the {role} was made with a key that the organisation did not have")]
    AttestationKey {
        /// Whose attestation.
        role: ReleaseRole,
    },
    /// An attestation is not signed by the key it names.
    #[error("the attestation of the {role} is not signed by the organisation")]
    AttestationSignature {
        /// Whose attestation.
        role: ReleaseRole,
    },
    /// An attestation does not hold at the time of the signature.
    #[error(
        "the {role} was not attested for the time of the signature; it needs a new attestation"
    )]
    AttestationTimes {
        /// Whose attestation.
        role: ReleaseRole,
    },
    /// An officer is not attested for what he did.
    #[error("the officer who signed may not do what the {role} does")]
    Role {
        /// As what he signed.
        role: ReleaseRole,
    },
    /// Both signatures are of one person.
    #[error("both signatures are of one officer; a second officer must sign")]
    SameOfficer,
    /// Both signatures are of one key.
    #[error("both signatures are made with one key; a second officer must sign with his own")]
    SameKey,
    /// A signature does not fit.
    #[error("the signature of the {role} does not fit: this was changed, or somebody else signed")]
    Signature {
        /// Whose.
        role: ReleaseRole,
    },
    /// Nobody approved it.
    #[error("a second officer has not signed this")]
    OneSignature,
    /// It was signed in the future, or approved before it was written.
    #[error("its times are out of order or in the future; check the clocks")]
    Times,
    /// It expired.
    #[error("this expired at `{at}`")]
    Expired {
        /// When.
        at: Moment,
    },
    /// It was released urgently, and nobody confirmed it in time.
    #[error("nobody confirmed this by `{by}`, so it does not count; ask for it again")]
    Lapsed {
        /// By when it had to be confirmed.
        by: Moment,
    },
    /// A confirmation is of something else.
    #[error("this confirms something else")]
    OtherDocument,
    /// It is not for this organisation.
    #[error("this copy is for `{recipient}`; hand it on unopened or destroy it")]
    OtherRecipient {
        /// For whom it is.
        recipient: OrganisationId,
    },
    /// Whoever sent it has no part in it.
    #[error(
        "`{sender}` sent this copy, and is neither its originator nor its conduit nor a holder with leave"
    )]
    OtherSender {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// A part is another than the officers signed.
    #[error("the part `{part}` is not what the officers signed, or not for this organisation")]
    OtherPart {
        /// Which.
        part: &'static str,
    },
    /// It says what nobody may sign.
    #[error("it is not as the rules want it: {0}")]
    Faults(#[source] Faults),
}

impl RefusedRelease {
    /// Its name in vectors, events and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAMember { .. } => "not-a-member",
            Self::OtherOrganisation { .. } => "other-organisation",
            Self::AttestationKey { .. } => "attestation-key",
            Self::AttestationSignature { .. } => "attestation-signature",
            Self::AttestationTimes { .. } => "attestation-times",
            Self::Role { .. } => "role",
            Self::SameOfficer => "same-officer",
            Self::SameKey => "same-key",
            Self::Signature { .. } => "signature",
            Self::OneSignature => "one-signature",
            Self::Times => "times",
            Self::Expired { .. } => "expired",
            Self::Lapsed { .. } => "lapsed",
            Self::OtherDocument => "other-document",
            Self::OtherRecipient { .. } => "other-recipient",
            Self::OtherSender { .. } => "other-sender",
            Self::OtherPart { .. } => "other-part",
            Self::Faults(_) => "faults",
        }
    }

    pub(crate) fn officer(no: NoOfficer, role: ReleaseRole) -> Self {
        match no {
            NoOfficer::OtherOrganisation => Self::OtherOrganisation { role },
            NoOfficer::Key => Self::AttestationKey { role },
            NoOfficer::Signature => Self::AttestationSignature { role },
            NoOfficer::Times => Self::AttestationTimes { role },
        }
    }
}

/// Why an officer could not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// The keys are not those that his organisation attested.
    #[error("these keys are not the ones attested for this officer; have them attested")]
    OtherKey,
    /// What came out would not count.
    #[error(transparent)]
    Refused(#[from] RefusedRelease),
}
