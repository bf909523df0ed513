//! What do organisations say to each other, and who answers for it?
//!
//! Everything said is a [`Message`] with canonical bytes: an enquiry and its answer, a report, a
//! notice with its corrections, receipts, outcome and withdrawal, requests to pass something on. What
//! an organisation releases is signed by two of its officers ([`Approved`]), whom it attests, and
//! whoever receives it checks that ([`Released::verify`]). What goes to somebody is only what his
//! organisation's ceiling and the marking allow ([`Cleared`]), sealed to the person it is for.
//!
//! The crate does no I/O, has no clock and no randomness, and knows nothing of how messages travel.
//! It refuses to decide what is true, necessary or proportionate: it makes sure that two named
//! officers said so. The bytes are specified in `docs/spec/messages.md`.
//!
//! Trust: whoever holds the signing key of an organisation can attest officers, and so release what
//! he likes in its name; whoever holds two officers' own keys can do so until they are found out.
//! Whoever signs the provision register decides under which provisions employment and office are
//! decided on.

#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod about;
mod answer;
mod approval;
mod codec;
mod copy;
mod directory;
mod enquiry;
mod faults;
mod id;
mod message;
mod notice;
mod onward;
mod pointer;
mod provision;
mod receipt;
mod report;
mod text;
mod withdrawal;

pub use about::{BirthDate, Identifier, Named, PartyKind};
pub use answer::{Answer, AnswerCode, AnswerText, AnswerVocabulary};
pub use approval::{
    Approvable, ApprovalError, Approved, Attested, Checks, Confirmation, Draft, OrganisationSigner,
    Proposed, RefusedRelease, ReleaseDigest, ReleaseOfficer, ReleaseRole, Released, Signatures,
    Signed, Urgent, Verified,
};
pub use codec::FormError;
pub use copy::{
    Arrival, Cleared, NotCleared, NoticeCopy, OpenCopyError, OpenedPart, Received, SealedPart,
};
pub use directory::{Directory, DirectoryEntry, DirectoryError, DirectoryText, SignedDirectory};
pub use enquiry::Enquiry;
pub use faults::{Fault, Faults};
pub use id::{EnquiryId, IdTextError, NoticeId, OnwardId, PointerId, ReleaseOfficerId, ReportId};
pub use message::{Message, Outgoing, Unlabelled};
pub use notice::{
    Category, Commitment, Confidence, Considered, Correction, CorrectionReason, Donation,
    DonationScope, Finding, FindingKind, Grounds, Heading, Marking, MayTell, Notice, NoticeHead,
    NoticeSubject, Part, PartOf, Probability, ReleasePurpose, SubjectRole, Substance, Tearline,
};
pub use onward::{OnwardDecision, OnwardRequest, OnwardVerdict};
pub use pointer::Pointer;
pub use provision::{NotCovered, Provision, ProvisionRegister, RegisterError, RegisterText};
pub use receipt::{Outcome, OutcomeAct, Receipt, ReceiptOf, ReceiptStage, Reliance};
pub use report::{ApproachSign, Report, ReportKind};
pub use text::{Line, Office, Prose, TextError, Word};
pub use withdrawal::{Remedy, Withdrawal, WithdrawalReason};

codec::kept!(Notice, NoticeCopy, ReleaseOfficer, SignedDirectory, Confirmation);
