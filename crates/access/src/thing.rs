//! What is asked for.

use crate::codes::codes;
use portcullis_types::{Label, OrganisationId, PersonId, Purpose};
use std::collections::BTreeSet;

codes! {
    /// What kind of thing it is. Each is a type of the policies.
    ThingKind {
        /// A list to screen against.
        List = "List",
        /// Somebody on a list whom somebody screened may be.
        Alert = "Alert",
        /// What an officer found about an alert.
        Decision = "Decision",
        /// Something that happened: history.
        Event = "Event",
        /// Figures of the organisation: rates, times, by body and by party.
        Figures = "Figures",
        /// A person's account.
        Account = "Account",
        /// A way for a person to sign in: a passkey, an account at the provider.
        WayIn = "WayIn",
        /// A proposed change of somebody's roles.
        RoleChange = "RoleChange",
        /// A token of a person's.
        Token = "Token",
        /// A submit-only link.
        Link = "Link",
        /// What was handed in through one.
        Submission = "Submission",
        /// The member list of the federation, or a proposed change of it.
        Members = "Members",
        /// A job of the node.
        Job = "Job",
        /// A backup.
        Backup = "Backup",
        /// A warning to named people.
        Notice = "Notice",
        /// A question about a named person or company.
        Enquiry = "Enquiry",
        /// What an organisation had to do with somebody an alert names.
        Exposure = "Exposure",
    }
}

/// A thing, as far as policies look at it. What it says is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub kind: ThingKind,
    /// How sensitive it is, and who may have it.
    pub label: Label,
    /// Which organisation answers for this copy.
    pub controller: OrganisationId,
    /// Which organisation made what it says. Its label may name others.
    pub originator: OrganisationId,
    /// Which party's matter it is, where it is one's. Its label may name others: the barrier between
    /// parties knows it by these two alone.
    pub party: Option<OrganisationId>,
    /// Who wrote or proposed it.
    pub author: Option<PersonId>,
    /// Whose account, role or token it is.
    pub subject: Option<PersonId>,
    /// What it is kept for.
    pub purpose: Option<Purpose>,
    /// To whom it is sealed, which is less than whom its label lets have it.
    pub recipients: BTreeSet<PersonId>,
    /// People of other organisations who may approve it, as agreed beforehand.
    pub outside: BTreeSet<PersonId>,
}

impl Thing {
    /// A thing with an open label that this organisation made and answers for, and nothing else
    /// known about it.
    pub fn new(kind: ThingKind, controller: OrganisationId) -> Self {
        Self {
            kind,
            label: Label::open(),
            originator: controller.clone(),
            controller,
            party: None,
            author: None,
            subject: None,
            purpose: None,
            recipients: BTreeSet::new(),
            outside: BTreeSet::new(),
        }
    }
}
