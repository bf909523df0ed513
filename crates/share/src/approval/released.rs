//! A document with signatures that nobody has checked yet, and the check.

use super::{Approvable, Approved, Checks, Proposed, RefusedRelease, ReleaseRole};
use super::{SKEW_S, Signatures, Signed, Urgent};
use crate::codec::{Field, Fields, FormError, Stop, Written, from_bytes, to_bytes};
use minicbor::{Decoder, Encoder};
use portcullis_federation::{Member, Moment};

/// A document that is said to be released. It is a claim: [`Released::verify`] makes it more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released<T> {
    pub(crate) document: T,
    pub(crate) signatures: Signatures,
}

/// A release that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified<T> {
    /// Two officers signed it.
    Approved(Approved<T>),
    /// One officer signed it, and another must confirm it in time.
    Urgent(Urgent<T>),
}

impl<T: Approvable> Verified<T> {
    /// The document.
    pub fn document(&self) -> &T {
        match self {
            Self::Approved(approved) => approved.document(),
            Self::Urgent(urgent) => urgent.document(),
        }
    }

    /// The signatures.
    pub fn signatures(&self) -> Signatures {
        match self {
            Self::Approved(approved) => approved.signatures().clone(),
            Self::Urgent(urgent) => urgent.signatures(),
        }
    }

    /// Whether it counts no more: it expired, or nobody confirmed it in time.
    pub fn is_over(&self, at: Moment) -> bool {
        let lapsed = matches!(self, Self::Urgent(urgent) if urgent.is_lapsed(at));
        lapsed || self.document().expires().is_some_and(|expires| expires <= at)
    }
}

impl<T> From<Approved<T>> for Verified<T> {
    fn from(approved: Approved<T>) -> Self {
        Self::Approved(approved)
    }
}

impl<T> From<Urgent<T>> for Verified<T> {
    fn from(urgent: Urgent<T>) -> Self {
        Self::Urgent(urgent)
    }
}

impl<T> From<Approved<T>> for Released<T> {
    fn from(approved: Approved<T>) -> Self {
        Self { document: approved.document, signatures: *approved.signatures }
    }
}

impl<T: Approvable> Released<T> {
    /// What it says, which nobody has checked.
    pub fn claimed(&self) -> &T {
        &self.document
    }

    /// The signatures, which nobody has checked.
    pub fn claimed_signatures(&self) -> &Signatures {
        &self.signatures
    }

    /// A document with signatures that are said to be on it. It is no more than a claim.
    pub fn from_parts(document: T, signatures: Signatures) -> Self {
        Self { document, signatures }
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(self)
    }

    /// Reads one from its canonical bytes, and from no others.
    ///
    /// # Errors
    /// [`FormError`] when they are not the canonical bytes of such a document.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormError> {
        from_bytes(bytes)
    }

    /// Checks it anew: both officers attested by the originator, two people with two keys, on this very
    /// document, in time, and nothing in it that nobody might sign when they did. Who reads back what he
    /// has kept gives the time and the member list of when it came.
    ///
    /// # Errors
    /// [`RefusedRelease`] with the first thing that is wrong.
    pub fn verify(self, checks: &Checks<'_>) -> Result<Verified<T>, RefusedRelease> {
        verify_signatures(&self.document, &self.signatures, checks)?;
        let last = signed_last(&self.signatures);
        self.document.check(&Checks { at: last, ..*checks }).map_err(RefusedRelease::Faults)?;
        let Self { document, signatures } = self;
        match (&signatures.approver, signatures.confirm_by) {
            (Some(_), _) => {
                Ok(Verified::Approved(Approved { document, signatures: Box::new(signatures) }))
            }
            (None, Some(by)) if by <= checks.at => Err(RefusedRelease::Lapsed { by }),
            (None, Some(confirm_by)) => Ok(Verified::Urgent(Urgent {
                document,
                author: Box::new(signatures.author),
                confirm_by,
            })),
            (None, None) => Err(RefusedRelease::OneSignature),
        }
    }

    /// As [`Self::verify`], where only what two officers signed will do.
    ///
    /// # Errors
    /// [`RefusedRelease`] with the first thing that is wrong.
    pub fn verify_approved(self, checks: &Checks<'_>) -> Result<Approved<T>, RefusedRelease> {
        match self.verify(checks)? {
            Verified::Approved(approved) => Ok(approved),
            Verified::Urgent(_) => Err(RefusedRelease::OneSignature),
        }
    }

    /// Checks anew what its author has signed and nobody has approved.
    ///
    /// # Errors
    /// [`RefusedRelease`] with the first thing that is wrong.
    pub fn verify_proposed(self, checks: &Checks<'_>) -> Result<Proposed<T>, RefusedRelease> {
        let signatures = Signatures { approver: None, ..self.signatures };
        verify_signatures(&self.document, &signatures, checks)?;
        let last = signed_last(&signatures);
        self.document.check(&Checks { at: last, ..*checks }).map_err(RefusedRelease::Faults)?;
        let Signatures { author, confirm_by, .. } = signatures;
        Ok(Proposed { document: self.document, author, confirm_by })
    }
}

/// When the last officer signed. The rules of that moment are those that count: neither writing early
/// nor sending late makes a provision hold that did not when somebody released under it.
fn signed_last(signatures: &Signatures) -> Moment {
    signatures.approver.as_ref().map_or(signatures.author.at, |approver| approver.at)
}

/// Whether the signatures that are there count for this document.
pub(super) fn verify_signatures<T: Approvable>(
    document: &T,
    signatures: &Signatures,
    checks: &Checks<'_>,
) -> Result<(), RefusedRelease> {
    let originator = document.originator();
    let member = checks.members.member(originator).filter(|member| member.takes_part(checks.at));
    let member =
        member.ok_or_else(|| RefusedRelease::NotAMember { originator: originator.clone() })?;
    let Signatures { author, approver, confirm_by } = signatures;
    verify_one(document, member, author, ReleaseRole::Author, signatures, checks)?;
    if let Some(approver) = approver {
        let (one, other) = (&author.officer.attested, &approver.officer.attested);
        if one.officer == other.officer {
            return Err(RefusedRelease::SameOfficer);
        }
        if one.key == other.key {
            return Err(RefusedRelease::SameKey);
        }
        verify_one(document, member, approver, ReleaseRole::Approver, signatures, checks)?;
        if approver.at < author.at || confirm_by.is_some_and(|by| approver.at > by) {
            return Err(RefusedRelease::Times);
        }
    }
    if confirm_by.is_some_and(|by| by <= author.at) {
        return Err(RefusedRelease::Times);
    }
    match document.expires() {
        Some(at) if at <= checks.at => Err(RefusedRelease::Expired { at }),
        _ => Ok(()),
    }
}

fn verify_one<T: Approvable>(
    document: &T,
    member: &Member,
    signed: &Signed,
    role: ReleaseRole,
    signatures: &Signatures,
    checks: &Checks<'_>,
) -> Result<(), RefusedRelease> {
    let officer = &signed.officer;
    officer
        .check(checks.members, member, signed.at, checks.at)
        .map_err(|no| RefusedRelease::officer(no, role))?;
    if !officer.attested.roles.contains(&role) {
        return Err(RefusedRelease::Role { role });
    }
    if !signed.says(document.digest(), role, signatures.confirm_by) {
        return Err(RefusedRelease::Signature { role });
    }
    if signed.at > checks.at.later(SKEW_S) {
        return Err(RefusedRelease::Times);
    }
    Ok(())
}

impl<T: Approvable> Field for Released<T> {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.map(2)?.u8(1)?;
        self.document.write(e)?;
        e.u8(2)?;
        self.signatures.write(e)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        let mut fields = Fields::begin(d)?;
        let document = fields.next(1, "document")?;
        let signatures = fields.next(2, "signatures")?;
        fields.end()?;
        Ok(Self { document, signatures })
    }
}
