//! Releasing a notice at its moment.

use super::{IssuedNotice, NoticeStage};
use crate::exchange::copies::{CopyFor, IssuedCopy, Ledger};
use crate::exchange::duty::Untied;
use crate::exchange::telling::moment;
use crate::{Change, RecordKind};
use portcullis_federation::Moment;
use portcullis_share::NoticeId;
use portcullis_types::{Clock, EventError, Gateway, JobName, OrganisationId, PersonId, Rng};
use std::collections::BTreeSet;

/// For whom copies are made: checked against who may be told, so that there is no copy for a subject or
/// for somebody tied to one (THREATS T-49).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    notice: NoticeId,
    recipients: BTreeSet<CopyFor>,
}

/// Why copies are not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopiesError {
    /// There are none.
    #[error("a notice has at least one recipient")]
    Nobody,
    /// Somebody was not looked at, or must not know.
    #[error("`{person}` was not found free of ties to the subjects; choose another recipient")]
    NotUntied {
        /// Who.
        person: PersonId,
    },
    /// Who may be told was looked into for another notice.
    #[error("who may be told was looked into for another notice; do so for this one")]
    OtherNotice,
    /// Everybody there would read it, and somebody there must not.
    #[error("somebody at `{organisation}` must not read this; seal it to a person there")]
    NeedsAPerson {
        /// Where.
        organisation: OrganisationId,
    },
}

impl Copies {
    /// Copies of a notice for these.
    ///
    /// # Errors
    /// [`CopiesError`].
    pub fn new(
        notice: NoticeId,
        recipients: impl IntoIterator<Item = CopyFor>,
        untied: &Untied,
    ) -> Result<Self, CopiesError> {
        let recipients: BTreeSet<_> = recipients.into_iter().collect();
        for to in &recipients {
            check(to, notice, untied)?;
        }
        if recipients.is_empty() {
            return Err(CopiesError::Nobody);
        }
        Ok(Self { notice, recipients })
    }

    /// For whom they are, in the order in which they are numbered.
    pub fn recipients(&self) -> &BTreeSet<CopyFor> {
        &self.recipients
    }

    pub(super) fn are_of(&self, notice: &IssuedNotice) -> bool {
        self.notice == notice.id
    }

    pub(super) fn into_ledger(self, made: Moment) -> Ledger {
        let mut ledger = Ledger::default();
        for to in self.recipients {
            let added = ledger.add(ledger.next_number(), IssuedCopy::new(to, 1, None, made));
            debug_assert_eq!(added, Ok(()), "the next number is free");
        }
        ledger
    }
}

/// Whether a copy may be for this one.
pub(super) fn check(to: &CopyFor, notice: NoticeId, untied: &Untied) -> Result<(), CopiesError> {
    match to.person() {
        Some(person) if untied.admits(notice, &person) => Ok(()),
        Some(person) => Err(CopiesError::NotUntied { person }),
        None if untied.notice() != notice => Err(CopiesError::OtherNotice),
        None if untied.passed_over().iter().all(|one| one.organisation != to.organisation) => {
            Ok(())
        }
        None => Err(CopiesError::NeedsAPerson { organisation: to.organisation.clone() }),
    }
}

/// Why a notice isn't released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseNoticeError {
    /// Two officers have not approved it, or it is out.
    #[error("the notice does not wait for its release; two officers approve it first")]
    NotApproved,
    /// The copies are those of another notice.
    #[error("the copies are those of another notice")]
    OtherNotice,
    /// Its moment hasn't come.
    #[error("the notice is released at {release}")]
    NotYet {
        /// When.
        release: Moment,
    },
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Releases an approved notice once its moment has come, as copies with numbers from 1. A job does it:
/// the officers have decided, and nobody is to choose the moment.
///
/// # Errors
/// [`ReleaseNoticeError`].
pub fn release_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    notice: IssuedNotice,
    copies: Copies,
    gateway: Gateway,
) -> Result<Change<IssuedNotice>, ReleaseNoticeError> {
    let NoticeStage::Approved { release, .. } = &notice.stage else {
        return Err(ReleaseNoticeError::NotApproved);
    };
    if !copies.are_of(&notice) {
        return Err(ReleaseNoticeError::OtherNotice);
    }
    let now = moment(clock)?;
    if now < *release {
        return Err(ReleaseNoticeError::NotYet { release: *release });
    }
    let count = copies.recipients().len() as u64;
    let telling = notice.telling("notice.released")?.through(gateway).with("copies", count)?;
    let event = telling.by_job(clock, rng, notice.whose(), job)?;
    let stage = NoticeStage::Released { urgent: None, reason: None };
    let ledger = copies.into_ledger(now);
    Ok(Change::new(IssuedNotice { stage, ledger, ..notice }, event, RecordKind::Notice))
}
