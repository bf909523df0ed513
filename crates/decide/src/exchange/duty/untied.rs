//! Who may be told: neither a subject nor tied to one.

use super::{Subject, Tie, TieKind};
use portcullis_share::NoticeId;
use portcullis_types::PersonId;
use std::collections::BTreeSet;

/// People of whom it was checked that none is a subject of the notice or tied to one. Only [`untied`]
/// makes it, for one notice, so that whoever is sent a copy or turned to at night has been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untied {
    notice: NoticeId,
    people: BTreeSet<PersonId>,
    passed_over: BTreeSet<PersonId>,
}

/// Why nobody may be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UntiedError {
    /// Somebody who was named as a recipient is the subject.
    #[error("`{person}` is a subject of the notice, so the notice does not go there")]
    IsSubject {
        /// Who.
        person: PersonId,
    },
    /// Somebody who was named as a recipient is tied to a subject.
    #[error("`{person}` is tied to a subject of the notice ({kind}); choose another recipient")]
    Tied {
        /// Who.
        person: PersonId,
        /// How.
        kind: TieKind,
    },
    /// Nobody was named.
    #[error("a notice has at least one recipient")]
    Nobody,
}

/// Checks whom a notice may go to. `recipients` are those named: one who is a subject, or tied to one,
/// refuses the whole, so that an officer thinks again. `others` may be turned to when they don't read
/// it (deputies, a line of duty): whoever of these must not know is passed over without a word.
///
/// # Errors
/// [`UntiedError`].
pub fn untied(
    notice: NoticeId,
    recipients: &BTreeSet<PersonId>,
    others: &BTreeSet<PersonId>,
    subjects: &BTreeSet<Subject>,
    ties: &BTreeSet<Tie>,
) -> Result<Untied, UntiedError> {
    if recipients.is_empty() {
        return Err(UntiedError::Nobody);
    }
    for person in recipients {
        let named = person.clone();
        match barred(person, subjects, ties) {
            None => {}
            Some(TieKind::Same) => return Err(UntiedError::IsSubject { person: named }),
            Some(kind) => return Err(UntiedError::Tied { person: named, kind }),
        }
    }
    let (passed_over, others): (BTreeSet<_>, BTreeSet<_>) =
        others.iter().cloned().partition(|person| barred(person, subjects, ties).is_some());
    Ok(Untied { notice, people: recipients.union(&others).cloned().collect(), passed_over })
}

/// Why somebody must not know, if so. THREATS T-49.
fn barred(
    person: &PersonId,
    subjects: &BTreeSet<Subject>,
    ties: &BTreeSet<Tie>,
) -> Option<TieKind> {
    if subjects.contains(&Subject::Member(person.clone())) {
        return Some(TieKind::Same);
    }
    let own = ties.iter().filter(|tie| tie.person == *person);
    own.filter(|tie| subjects.contains(&tie.subject)).map(|tie| tie.kind).min()
}

impl Untied {
    /// For which notice they were looked at.
    pub fn notice(&self) -> NoticeId {
        self.notice
    }

    /// Whether somebody was looked at for this notice, and may be told.
    pub fn admits(&self, notice: NoticeId, person: &PersonId) -> bool {
        self.notice == notice && self.people.contains(person)
    }

    /// Who may be told.
    pub fn people(&self) -> &BTreeSet<PersonId> {
        &self.people
    }

    /// Who was passed over, for the originator's own eyes.
    pub fn passed_over(&self) -> &BTreeSet<PersonId> {
        &self.passed_over
    }
}
