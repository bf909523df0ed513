//! Who may act for the organisation, and who has said so: officers and their roles, administrators in
//! twos, sign-in, tokens, and links for volunteers.
//!
//! Whatever gives somebody more (an office, a role, a clearance, a compartment, a new way to sign in)
//! is proposed by one administrator and approved by another ([`Draft::propose`], [`approve`]), each
//! with a key of his own: both signatures are kept and verified here. Whatever takes away
//! ([`suspend`], [`end`]) one administrator does at once. In an office of two, a recovery code that
//! lies printed in a safe stands in for one of them, or an administrator of another organisation
//! (THREATS T-29).
//!
//! An account proves nothing here: who only states a name can do nothing.

mod approval;
mod bytes;
pub(crate) mod codes;
mod credential;
mod deeds;
mod enrolment;
mod first;
mod link;
mod office;
mod outside;
mod person;
mod proposal;
mod proven;
mod replay;
mod session;
mod signed;
mod token;
mod told;

pub use approval::{Approval, ApproveError, Outside, Second, approve, codes_printed, refuse};
pub use credential::{
    Credential, CredentialKind, KeyWay, RemovedCredential, WrappedKeys, add_credential,
    add_wrapped_keys, remove_credential,
};
pub use deeds::{Deed, Ending, SuspendError, end, suspend};
pub use enrolment::{EnrolError, Enrolment, enrol};
pub use first::{FirstError, FirstPeople, NewAdministrator, first_people};
pub use link::{
    CloseLinkError, LinkError, LinkOrder, Submission, SubmissionError, SubmissionForm, SubmitLink,
    close_link, make_link, submit,
};
pub use office::{Office, RECOVERY_CODES, RecoveryCode, RecoveryCodes};
pub use outside::{OutsideEnding, RemoveOutsideError, RemovedOutside, remove_outside};
pub use person::{Grants, Invitation, Person, PersonState, PublicKeys, Term};
pub use proposal::{
    Draft, OUTSIDE_LONGEST_DAYS, Outcome, PROPOSAL_DAYS, Proof, Proposal, ProposeError, Proposed,
    draft,
};
pub use proven::{Unproven, unproven};
pub use session::{
    EndedSession, IDLE, LONGEST, STEP_UP, Session, SessionOver, begin_session, confirm_session,
    end_session,
};
pub use signed::Signature;
pub use token::{ApiToken, Scope, TOKEN_LONGEST_DAYS, TokenError, make_token, revoke_token};
pub use told::{Told, sheet};

use crate::Change;
use crate::RecordKind;
use crate::decision::kind;
use portcullis_types::{Actor, Details, Event, EventId, EventTime, OrganisationId, Purpose};

/// What happened, as an event.
struct Telling {
    id: EventId,
    kind: &'static str,
    at: EventTime,
    organisation: OrganisationId,
    actor: Actor,
    purpose: Purpose,
    details: Details,
}

impl Telling {
    /// The state together with the event.
    fn of<T>(self, state: T, record_kind: RecordKind) -> Change<T> {
        let event = Event {
            id: self.id,
            kind: kind(self.kind),
            at: self.at,
            organisation: self.organisation,
            actor: self.actor,
            purpose: self.purpose,
            gateway: None,
            details: self.details,
        };
        Change::new(state, event, record_kind)
    }
}

#[cfg(test)]
mod tests;
