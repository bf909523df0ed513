//! What may go to a member, and nothing else (THREATS T-45).

use super::sealed::SealedPlace;
use super::{CopyText, NoticeCopy, OpenedPart, Received, SealedPart};
use crate::approval::{Approved, Released, Signatures, Verified};
use crate::directory::Directory;
use crate::message::{Message, Outgoing};
use crate::notice::{Marking, Notice, NoticeHead, Part, Substance, Tearline};
use crate::onward::OnwardDecision;
use portcullis_federation::{Member, Moment};
use portcullis_types::{Audience, Level, OfficerId, OrganisationId, PersonId, Rng};

/// Parts of a notice that may go to one member. It is made only where their level is within the
/// member's ceiling and their marking admits it; and only from it an outgoing message is made:
///
/// ```compile_fail,E0277
/// use portcullis_share::{Approved, Notice, Outgoing};
/// fn send(to: portcullis_types::OrganisationId, notice: Approved<Notice>) -> Outgoing {
///     Outgoing::new(to, notice) // a notice goes through `Cleared`
/// }
/// ```
///
/// ```compile_fail,E0277
/// use portcullis_share::{NoticeCopy, Outgoing};
/// fn send(to: portcullis_types::OrganisationId, copy: NoticeCopy) -> Outgoing {
///     Outgoing::new(to, copy) // what came in does not go out again
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Cleared<'a> {
    head: NoticeHead,
    signatures: Signatures,
    to: &'a Member,
    tearline: Option<&'a Part<Tearline>>,
    substance: Option<&'a Part<Substance>>,
    conduit: Option<&'a Member>,
    onward: Option<&'a Approved<OnwardDecision>>,
    at: Moment,
}

/// Why something may not go to somebody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCleared {
    /// The member does not take part.
    #[error("this organisation is not a member at this time; nothing goes to it")]
    NotAMember,
    /// It is above the member's ceiling.
    #[error("level {level} is above this organisation's ceiling {ceiling}; send the tearline")]
    AboveCeiling {
        /// Of the part.
        level: u8,
        /// Of the member.
        ceiling: u8,
    },
    /// It may not be released to the organisation.
    #[error(
        "this may not be released to this organisation; send the tearline or change who may have it"
    )]
    NotReleasable,
    /// There is no tearline.
    #[error("this notice has no tearline; write one and have it approved")]
    NoTearline,
    /// The person is not in the directory of that organisation.
    #[error("this person is not in the directory of the organisation at this time")]
    NotInDirectory,
    /// The person may not read it.
    #[error("this person is not cleared for this, or it may not be released to the person")]
    NotForPerson,
    /// It may be read by some at the organisation, and so must be sealed to a person.
    #[error("not everybody at this organisation may read this; seal it to a person")]
    NeedsAPerson,
    /// It goes through the node of a conduit that may not read it.
    #[error(
        "this goes through a conduit that may not read it; seal it to a person, or name the conduit among who may have it"
    )]
    NotForConduit,
    /// It expired or lapsed.
    #[error("this expired or lapsed; write it anew")]
    Over,
    /// The leave to pass it on is not for this.
    #[error("the originator's leave is not for this copy, holder and recipient, or has run out")]
    NoLeave,
}

impl<'a> Cleared<'a> {
    /// Clears the whole of a notice for a member.
    ///
    /// # Errors
    /// [`NotCleared`] when it is above the member's ceiling, or may not be released to it.
    pub fn whole(
        notice: &'a Verified<Notice>,
        to: &'a Member,
        at: Moment,
    ) -> Result<Self, NotCleared> {
        let document = notice.document();
        admits(to, &document.substance.marking)?;
        Ok(Self { substance: Some(&document.substance), ..Self::begin(notice, to, at)? })
    }

    /// Clears the tearline of a notice for a member.
    ///
    /// # Errors
    /// [`NotCleared`] when there is none, it is above the member's ceiling, or may not be released to
    /// everybody there.
    pub fn tearline(
        notice: &'a Verified<Notice>,
        to: &'a Member,
        at: Moment,
    ) -> Result<Self, NotCleared> {
        let tearline = notice.document().tearline.as_ref().ok_or(NotCleared::NoTearline)?;
        admits(to, &tearline.marking)?;
        if !is_for_all(&tearline.marking) {
            return Err(NotCleared::NeedsAPerson);
        }
        Self::begin(notice, to, at)
    }

    /// Clears what a holder opened for the one to whom the originator lets it be passed on.
    ///
    /// # Errors
    /// [`NotCleared`] when the leave is for something else, or the part is above the member's ceiling.
    pub fn onward(
        opened: &'a OpenedPart,
        leave: &'a Approved<OnwardDecision>,
        to: &'a Member,
        at: Moment,
    ) -> Result<Self, NotCleared> {
        let held = (opened.head(), opened.holder(), opened.signatures().clone());
        let part = opened.part();
        let cleared = Self::with_leave(held, leave, to, at)?;
        within_ceiling(to, part.marking.label.level)?;
        Ok(Self { substance: Some(part), ..cleared })
    }

    /// Clears the tearline that a holder has for the one to whom the originator lets it be passed on.
    ///
    /// # Errors
    /// [`NotCleared`] when the leave is for something else, there is no tearline, or it is above the
    /// member's ceiling.
    pub fn onward_tearline(
        received: &'a Received,
        leave: &'a Approved<OnwardDecision>,
        to: &'a Member,
        at: Moment,
    ) -> Result<Self, NotCleared> {
        let holder = received.copy().recipient();
        let held = (received.head(), holder, received.verified().signatures());
        let part = received.tearline(at).ok_or(NotCleared::NoTearline)?;
        let cleared = Self::with_leave(held, leave, to, at)?;
        within_ceiling(to, part.marking.label.level)?;
        Ok(Self { tearline: Some(part), ..cleared })
    }

    /// What a holder has, for the one whom the leave names.
    fn with_leave(
        (head, holder, signatures): (&NoticeHead, &OrganisationId, Signatures),
        leave: &'a Approved<OnwardDecision>,
        to: &'a Member,
        at: Moment,
    ) -> Result<Self, NotCleared> {
        let decision = leave.document();
        let fits = decision.is_leave_for(head)
            && decision.holder == *holder
            && decision.to == to.id
            && at < decision.until;
        if !fits {
            return Err(NotCleared::NoLeave);
        }
        takes_part(to, at)?;
        if head.heading.expires <= at {
            return Err(NotCleared::Over);
        }
        Ok(Self {
            head: head.clone(),
            signatures,
            to,
            tearline: None,
            substance: None,
            conduit: None,
            onward: Some(leave),
            at,
        })
    }

    /// A notice for a member, with its tearline where everybody there may read that.
    fn begin(notice: &'a Verified<Notice>, to: &'a Member, at: Moment) -> Result<Self, NotCleared> {
        takes_part(to, at)?;
        if notice.is_over(at) {
            return Err(NotCleared::Over);
        }
        let document = notice.document();
        let for_all =
            |part: &&Part<Tearline>| admits(to, &part.marking).is_ok() && is_for_all(&part.marking);
        Ok(Self {
            head: document.head(),
            signatures: notice.signatures(),
            to,
            tearline: document.tearline.as_ref().filter(for_all),
            substance: None,
            conduit: None,
            onward: None,
            at,
        })
    }

    /// Says that this member is the conduit of the notice, so that parts that are not sealed to a person
    /// may go through its node, where it may read them. Without it they don't.
    ///
    /// # Errors
    /// [`NotCleared`] when it does not take part, or is not the conduit.
    pub fn through(self, conduit: &'a Member) -> Result<Self, NotCleared> {
        takes_part(conduit, self.at)?;
        if self.way() != Some(&conduit.id) {
            return Err(NotCleared::NotForConduit);
        }
        Ok(Self { conduit: Some(conduit), ..self })
    }

    /// Through whose node it goes. What is passed on goes straight.
    fn way(&self) -> Option<&OrganisationId> {
        self.head.heading.conduit.as_ref().filter(|_| self.onward.is_none())
    }

    /// Whether a part may go as it is, for those to see through whose node it goes.
    fn is_for_conduit(&self, marking: &Marking) -> bool {
        self.way().is_none() || self.conduit.is_some_and(|one| admits(one, marking).is_ok())
    }

    /// A copy for a person, sealed to his key.
    ///
    /// # Errors
    /// [`NotCleared`] when the directory does not have the person, the person may not read it, or there
    /// is nothing but a tearline, which is for all.
    pub fn to_person(
        &self,
        rng: &mut dyn Rng,
        copy: u64,
        directory: &Directory,
        officer: &OfficerId,
    ) -> Result<Outgoing, NotCleared> {
        let substance = self.substance.ok_or(NotCleared::NoLeave)?;
        if *directory.organisation() != self.to.id {
            return Err(NotCleared::NotInDirectory);
        }
        let entry = directory.entry(officer, self.at).ok_or(NotCleared::NotInDirectory)?;
        let person = PersonId { organisation: self.to.id.clone(), officer: officer.clone() };
        let Marking { label, offices } = &substance.marking;
        let released = match self.onward {
            Some(leave) => {
                let decision = leave.document();
                decision.person.as_ref() == Some(officer) && decision.copy == Some(copy)
            }
            None => label.people.admits(&person) && offices.admits(&entry.office),
        };
        let cleared =
            label.level <= entry.clearance && label.compartments.is_subset(&entry.compartments);
        if !released || !cleared {
            return Err(NotCleared::NotForPerson);
        }
        let heading = &self.head.heading;
        let place = SealedPlace { notice: heading.id, version: heading.version, copy, person };
        let mut random = |bytes: &mut [u8]| rng.fill(bytes);
        let sealed = SealedPart::seal(&mut random, &entry.sealing, place, substance);
        Ok(self.outgoing(CopyText { sealed: Some(sealed), ..self.text(copy) }))
    }

    /// A copy for a whole organisation.
    ///
    /// # Errors
    /// [`NotCleared::NeedsAPerson`] when not everybody there may read it.
    pub fn to_organisation(&self, copy: u64) -> Result<Outgoing, NotCleared> {
        let leave = self.onward.map(Approved::document);
        let Some(substance) = self.substance else {
            if leave.is_some_and(|leave| leave.person.is_some() || leave.copy != Some(copy)) {
                return Err(NotCleared::NoLeave);
            }
            let text = self.text(copy);
            if text.tearline.is_none() {
                return Err(NotCleared::NotForConduit);
            }
            return Ok(self.outgoing(text));
        };
        if self.onward.is_some() || !is_for_all(&substance.marking) {
            return Err(NotCleared::NeedsAPerson);
        }
        if !self.is_for_conduit(&substance.marking) {
            return Err(NotCleared::NotForConduit);
        }
        Ok(self.outgoing(CopyText { open: Some(substance.clone()), ..self.text(copy) }))
    }

    fn text(&self, copy: u64) -> CopyText {
        CopyText {
            head: self.head.clone(),
            signatures: self.signatures.clone(),
            copy,
            recipient: self.to.id.clone(),
            tearline: self.tearline.filter(|part| self.is_for_conduit(&part.marking)).cloned(),
            sealed: None,
            open: None,
            onward: self.onward.map(|leave| Released::from(leave.clone())),
        }
    }

    fn outgoing(&self, text: CopyText) -> Outgoing {
        let to = self.way().unwrap_or(&text.recipient).clone();
        let corrects = text.head.heading.correction.is_some();
        let copy = NoticeCopy(text);
        let message = if corrects { Message::Correction(copy) } else { Message::Notice(copy) };
        Outgoing::cleared(to, message)
    }
}

/// Whether everybody at an organisation may read it.
fn is_for_all(marking: &Marking) -> bool {
    marking.label.people == Audience::Everyone
        && marking.offices == Audience::Everyone
        && marking.label.compartments.is_empty()
}

fn takes_part(to: &Member, at: Moment) -> Result<(), NotCleared> {
    if to.takes_part(at) { Ok(()) } else { Err(NotCleared::NotAMember) }
}

fn within_ceiling(to: &Member, level: Level) -> Result<(), NotCleared> {
    if level <= to.ceiling {
        return Ok(());
    }
    Err(NotCleared::AboveCeiling { level: level.0, ceiling: to.ceiling.0 })
}

fn admits(to: &Member, marking: &Marking) -> Result<(), NotCleared> {
    within_ceiling(to, marking.label.level)?;
    if marking.label.organisations.admits(&to.id) {
        return Ok(());
    }
    Err(NotCleared::NotReleasable)
}
