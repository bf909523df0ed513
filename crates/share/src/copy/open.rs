//! Taking a copy: what the recipient's node checks, and what its reader can open.

use super::{CopyText, NoticeCopy};
use crate::Office;
use crate::approval::{Checks, RefusedRelease, Released, Signatures, Verified};
use crate::message::{Message, Outgoing};
use crate::notice::{Marking, NoticeHead, Part, Substance, Tearline};
use portcullis_federation::Moment;
use portcullis_keys::{SealingKey, UnsealError};
use portcullis_types::{OrganisationId, PersonId};

/// Between whom a copy came.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Whose node this is: the copy's recipient, or its conduit.
    pub own: &'a OrganisationId,
    /// Who sent it, as the exchange verified: the originator, the conduit, or a holder with leave.
    pub from: &'a OrganisationId,
}

/// A copy that was verified: two officers of its originator released it, and what it shows is what they
/// signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    copy: NoticeCopy,
    verified: Verified<NoticeHead>,
}

/// The substance of a notice, opened by its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedPart {
    head: NoticeHead,
    signatures: Signatures,
    holder: OrganisationId,
    copy: u64,
    part: Part<Substance>,
}

/// Why a copy did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenCopyError {
    /// There is nothing in it but heading and tearline.
    #[error(
        "this copy holds the tearline alone; ask the originator for more, if you must know more"
    )]
    Nothing,
    /// It is for somebody else.
    #[error("this copy is for another person")]
    OtherPerson,
    /// It must not be shown yet.
    #[error("this must not be shown before the embargo ends")]
    Embargo,
    /// It expired or was not confirmed.
    #[error("this expired, or nobody confirmed it in time; it must not be acted on")]
    Over,
    /// It is not to be released to this person or office.
    #[error("this may not be released to this person or office")]
    NotReleasable,
    /// The seal does not open.
    #[error(transparent)]
    Seal(#[from] UnsealError),
    /// What is inside is not what the officers signed.
    #[error("what is inside is not what two officers signed; tell the originator")]
    OtherPart,
}

impl OpenCopyError {
    /// Its name in vectors, events and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::OtherPerson => "other-person",
            Self::Embargo => "embargo",
            Self::Over => "over",
            Self::NotReleasable => "not-releasable",
            Self::Seal(UnsealError::UnknownSuite { .. }) => "unknown-suite",
            Self::Seal(UnsealError::NotForThis) => "not-for-this",
            Self::OtherPart => "other-part",
        }
    }
}

impl NoticeCopy {
    /// Checks a copy that came in: its way, its release, its times, its rules, and that what it shows is
    /// what two officers signed and is for its recipient.
    ///
    /// # Errors
    /// [`RefusedRelease`] with the first thing that is wrong.
    pub fn verify(
        self,
        arrival: &Arrival<'_>,
        checks: &Checks<'_>,
    ) -> Result<Received, RefusedRelease> {
        let CopyText { head, signatures, copy, recipient, tearline, sealed, open, onward } =
            &self.0;
        let Arrival { own, from } = *arrival;
        let heading = &head.heading;
        let conduit = heading.conduit.as_ref().filter(|_| onward.is_none());
        if own != recipient && conduit != Some(own) {
            return Err(RefusedRelease::OtherRecipient { recipient: recipient.clone() });
        }
        let holder = onward.as_ref().map(|leave| &leave.claimed().holder);
        if ![Some(&heading.originator), conduit, holder].contains(&Some(from)) {
            return Err(RefusedRelease::OtherSender { sender: from.clone() });
        }
        let released = Released { document: head.clone(), signatures: signatures.clone() };
        let verified = released.verify(checks)?;
        let other = |part| Err(RefusedRelease::OtherPart { part });
        let admits =
            |marking: &Marking| onward.is_some() || marking.label.organisations.admits(recipient);
        if tearline
            .as_ref()
            .is_some_and(|part| Some(part.commitment()) != head.tearline || !admits(&part.marking))
        {
            return other("tearline");
        }
        if let Some(part) = open
            && (part.commitment() != head.substance || !admits(&part.marking) || sealed.is_some())
        {
            return other("substance");
        }
        if sealed.as_ref().is_some_and(|sealed| sealed.person().organisation != *recipient) {
            return other("sealed");
        }
        if let Some(leave) = onward {
            let decision = leave.clone().verify_approved(checks)?;
            let decision = decision.document();
            let fits = decision.is_leave_for(head)
                && decision.to == *recipient
                && decision.copy == Some(*copy)
                && decision.person.as_ref() == sealed.as_ref().map(|one| &one.person().officer);
            if !fits {
                return other("onward");
            }
        }
        Ok(Received { copy: self, verified })
    }
}

impl Received {
    /// Heading and commitments.
    pub fn head(&self) -> &NoticeHead {
        self.verified.document()
    }

    /// The release: approved, or urgent and to be confirmed.
    pub fn verified(&self) -> &Verified<NoticeHead> {
        &self.verified
    }

    /// The copy.
    pub fn copy(&self) -> &NoticeCopy {
        &self.copy
    }

    /// Takes the confirmation of what was released urgently.
    ///
    /// # Errors
    /// [`RefusedRelease`] when it lapsed, was confirmed already, or the confirmation does not count.
    pub fn confirmed(
        self,
        checks: &Checks<'_>,
        confirmation: &crate::Confirmation,
    ) -> Result<Self, RefusedRelease> {
        let Verified::Urgent(urgent) = self.verified else {
            return Err(RefusedRelease::OtherDocument);
        };
        let approved = urgent.confirmed(checks, confirmation)?;
        let signatures = approved.signatures().clone();
        let copy = NoticeCopy(CopyText { signatures, ..self.copy.0 });
        Ok(Self { copy, verified: Verified::Approved(approved) })
    }

    /// The tearline, where everybody at this organisation may read it now: the embargo ended, and the
    /// notice is not over.
    pub fn tearline(&self, at: Moment) -> Option<&Part<Tearline>> {
        let waits = self.head().heading.embargo.is_some_and(|embargo| at < embargo);
        let shown = !waits && !self.verified.is_over(at);
        self.copy.0.tearline.as_ref().filter(|_| shown)
    }

    /// Opens what is for a person, with his key, or what is for everybody.
    ///
    /// # Errors
    /// [`OpenCopyError`] with the reason.
    pub fn open(
        &self,
        me: &PersonId,
        office: &Office,
        key: &SealingKey,
        at: Moment,
    ) -> Result<OpenedPart, OpenCopyError> {
        if self.verified.is_over(at) {
            return Err(OpenCopyError::Over);
        }
        if self.head().heading.embargo.is_some_and(|embargo| at < embargo) {
            return Err(OpenCopyError::Embargo);
        }
        let CopyText { sealed, open, onward, .. } = &self.copy.0;
        let part = match (sealed, open) {
            (Some(sealed), _) if sealed.person() != me => return Err(OpenCopyError::OtherPerson),
            (Some(sealed), _) => {
                let text = sealed.open(key, &self.copy)?.ok_or(OpenCopyError::OtherPart)?;
                text.substance
            }
            (None, Some(part)) => part.clone(),
            (None, None) => return Err(OpenCopyError::Nothing),
        };
        if part.commitment() != self.head().substance {
            return Err(OpenCopyError::OtherPart);
        }
        let Marking { label, offices } = &part.marking;
        let admitted = label.organisations.admits(&me.organisation)
            && label.people.admits(me)
            && offices.admits(office);
        if me.organisation != self.copy.0.recipient || !(admitted || onward.is_some()) {
            return Err(OpenCopyError::NotReleasable);
        }
        Ok(OpenedPart {
            head: self.head().clone(),
            signatures: self.verified.signatures(),
            holder: self.copy.0.recipient.clone(),
            copy: self.copy.0.copy,
            part,
        })
    }

    /// Hands a copy on, unopened, to the one it is for: what a conduit does. None where this copy
    /// has arrived, or `own` is not its conduit.
    pub fn forward(&self, own: &OrganisationId) -> Option<Outgoing> {
        let recipient = &self.copy.0.recipient;
        let is_conduit = self.head().heading.conduit.as_ref() == Some(own);
        if !is_conduit || recipient == own {
            return None;
        }
        let copy = self.copy.clone();
        let corrects = self.head().heading.correction.is_some();
        let message = if corrects { Message::Correction(copy) } else { Message::Notice(copy) };
        Some(Outgoing::cleared(recipient.clone(), message))
    }
}

impl OpenedPart {
    /// The substance, with its marking.
    pub fn part(&self) -> &Part<Substance> {
        &self.part
    }

    /// Heading and commitments.
    pub fn head(&self) -> &NoticeHead {
        &self.head
    }

    /// The number of the copy, which is shown with the text.
    pub fn copy(&self) -> u64 {
        self.copy
    }

    pub(crate) fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    pub(crate) fn holder(&self) -> &OrganisationId {
        &self.holder
    }
}
