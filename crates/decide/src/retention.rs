//! What is kept, how long, and what happens then (UK GDPR Art. 5(1)(e)).
//!
//! Everything the store holds stands in a numbered *record*: a decision, a pair that was shown, the
//! history of a list. A record has a purpose, a review date and a disposal, and nothing is kept
//! without them. What comes of failures of retention, review and disposal was before the
//! Investigatory Powers Tribunal in 2023 (Liberty v Security Service, case 1 of that year).

mod erasure;
mod review;
mod schedule;

pub use erasure::{
    Basis, CaseReference, CaseReferenceError, EraseError, Erasure, ErasureDuty,
    MAX_ERASED_TOGETHER, OfficerBasis, erase, erase_due,
};
pub use review::{KeepError, Review, keep_until};
pub use schedule::{Period, PeriodError, Rule, Schedule, ScheduleError, ScheduleFault};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_types::{EventTime, OrganisationId, Purpose};
use std::fmt;

/// The number of a record in the store, below 2^40. It says nothing of what the record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordNumber(u64);

/// Numbers of records are below this, so that the tree their keys come from is 40 levels deep.
const RECORDS: u64 = 1 << 40;

/// Why a number is not the number of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the number of a record is below {RECORDS}, this one is `{number}`")]
pub struct RecordNumberError {
    /// The number.
    pub number: u64,
}

impl RecordNumber {
    /// Takes a number as that of a record.
    ///
    /// # Errors
    ///
    /// [`RecordNumberError`] when it is 2^40 or more.
    pub fn new(number: u64) -> Result<Self, RecordNumberError> {
        if number < RECORDS { Ok(Self(number)) } else { Err(RecordNumberError { number }) }
    }

    /// The number.
    pub fn value(self) -> u64 {
        self.0
    }
}

impl fmt::Display for RecordNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A decision on a pair, and its undoing.
    Decision,
    /// A pair as it was shown to people.
    RaisedPair,
    /// That a screening took place, and how many pairs it showed; nobody's name.
    Screening,
    /// A list of which copies are kept, and what was done with it.
    ListHistory,
    /// A job that waits, runs or is done, with what it was given.
    Job,
    /// That a job was given up, why, and what an officer did about it.
    GivenUpJob,
    /// What was done with the log, its keys and the store: opened, rotated, backed up, restored.
    Log,
    /// The proof that records were erased: their numbers, kinds and count, and on what basis.
    Disposal,
    /// A label that records bear, sealed: who may read what is sensitive itself.
    Label,
    /// Somebody who acts for the organisation: roles, keys, ways to sign in, tokens and links.
    Person,
    /// That a role or an office was proposed and approved, and by whom.
    PersonChange,
    /// That somebody signed in.
    SignIn,
    /// What a volunteer handed in by a link.
    Submission,
    /// An enquiry, its answer, and when each was sent.
    Enquiry,
    /// What one organisation reported to another: an approach, a doubt.
    Report,
    /// What an enquiry, a report or a match led to: who assessed it, and what was found.
    Referral,
    /// A notice of the own organisation, its approvals, its copies and who is owed what.
    Notice,
    /// A copy of somebody else's notice, and what was done about it.
    NoticeCopy,
    /// Who is on duty when.
    DutyRoster,
    /// Who is tied to whom, so that nobody is told of himself.
    Tie,
    /// What the exchange sent, received and refused, without what was said.
    Traffic,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::Decision,
        Self::RaisedPair,
        Self::Screening,
        Self::ListHistory,
        Self::Job,
        Self::GivenUpJob,
        Self::Log,
        Self::Disposal,
        Self::Label,
        Self::Person,
        Self::PersonChange,
        Self::SignIn,
        Self::Submission,
        Self::Enquiry,
        Self::Report,
        Self::Referral,
        Self::Notice,
        Self::NoticeCopy,
        Self::DutyRoster,
        Self::Tie,
        Self::Traffic,
    ];

    /// The code used in files and events.
    pub fn code(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::RaisedPair => "raised-pair",
            Self::Screening => "screening",
            Self::ListHistory => "list-history",
            Self::Job => "job",
            Self::GivenUpJob => "given-up-job",
            Self::Log => "log",
            Self::Disposal => "disposal",
            Self::Label => "label",
            Self::Person => "person",
            Self::PersonChange => "person-change",
            Self::SignIn => "sign-in",
            Self::Submission => "submission",
            Self::Enquiry => "enquiry",
            Self::Report => "report",
            Self::Referral => "referral",
            Self::Notice => "notice",
            Self::NoticeCopy => "notice-copy",
            Self::DutyRoster => "duty-roster",
            Self::Tie => "tie",
            Self::Traffic => "exchange-traffic",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Why a person must look before such a record is erased, where one must; a schedule that lets
    /// the job erase it is refused.
    pub fn must_be_reviewed(self) -> Option<&'static str> {
        match self {
            Self::Decision => Some("without the decision the pair is raised again"),
            Self::ListHistory => Some("without it the list is screened against no longer"),
            Self::GivenUpJob => Some("nobody may have seen that the job was given up"),
            Self::Label => Some("without it nobody reads what bears it"),
            Self::Person => Some("without it nobody can say who the officer was"),
            Self::PersonChange => Some("without it nobody can say who made somebody an officer"),
            Self::Submission => Some("nobody may have looked at what was handed in"),
            Self::Report => Some("nobody may have looked at what was reported"),
            Self::Referral => Some("what it led to may still be open"),
            Self::Notice => Some("without it its copies can't be corrected or withdrawn"),
            Self::NoticeCopy => Some("without it nobody can say what was relied on"),
            Self::Tie => Some("without it somebody may be told what is about himself"),
            Self::RaisedPair
            | Self::Screening
            | Self::Job
            | Self::Log
            | Self::SignIn
            | Self::Enquiry
            | Self::DutyRoster
            | Self::Traffic
            | Self::Disposal => None,
        }
    }

    /// Whether it proves what was done with other records, and names nobody whom those concern.
    pub(crate) fn is_proof(self) -> bool {
        matches!(self, Self::Log | Self::Disposal)
    }
}

/// What happens to a record once its review date has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposal {
    /// It is erased by the job, without a question.
    Erase,
    /// A person decides: erase it, or keep it to a later day, with a reason. Until then it is kept
    /// and counted as overdue.
    Review,
}

impl Disposal {
    /// Every disposal.
    pub const ALL: [Self; 2] = [Self::Erase, Self::Review];

    /// The code used in files and events.
    pub fn code(self) -> &'static str {
        match self {
            Self::Erase => "erase",
            Self::Review => "review",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|disposal| disposal.code() == code)
    }
}

/// How long one record is kept, what for, and what happens then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Retention {
    /// What the record holds.
    pub kind: RecordKind,
    /// What it is kept for.
    pub purpose: Purpose,
    /// The first day (UTC) on which it is due.
    pub review_on: Date,
    /// What happens to it then.
    pub disposal: Disposal,
}

impl Retention {
    /// Whether the review date has come, on this day (UTC).
    pub fn is_due(&self, today: Date) -> bool {
        self.review_on <= today
    }
}

/// A record that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRecord {
    /// Its number.
    pub number: RecordNumber,
    /// The organisation that controls it.
    pub organisation: OrganisationId,
    /// How long it is kept.
    pub retention: Retention,
    /// How often an officer has put its review date off.
    pub extensions: u32,
}

/// The day (UTC) that a time falls on.
pub(crate) fn day_of(at: EventTime) -> Date {
    at.timestamp().to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests;
