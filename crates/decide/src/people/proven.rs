//! Whether what stands was signed by those who are said to have signed it.

use super::{Office, Outcome, Proof, Proposal, Proposed, Second, Signature};
use portcullis_types::{Actor, Detail, Event, EventId, EventTime, OfficerId, PersonId};
use std::collections::{BTreeMap, BTreeSet};

/// The events in which the keys and the first administrators are told of.
const ENROLLED: &str = "people.enrolled";
const FIRST: &str = "people.first-administrators";

/// What stands in the store and nobody signed. Whoever has the database and the keyring can write it
/// there; he can't sign it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// A proposal that its author did not sign.
    #[error("proposal {proposal} is not signed by `{officer}`, who is said to have made it")]
    Proposal {
        /// Which.
        proposal: EventId,
        /// Who is said to have made it.
        officer: OfficerId,
    },
    /// An approval that whoever approved did not sign.
    #[error("the approval of proposal {proposal} is not signed by who is said to have given it")]
    Approval {
        /// Of which proposal.
        proposal: EventId,
    },
    /// Somebody has a key that he did not enrol with.
    #[error("the key of `{officer}` is not the one that he enrolled with")]
    Key {
        /// Who.
        officer: OfficerId,
    },
    /// Somebody may do otherwise than was approved last.
    #[error("`{officer}` may do otherwise than was approved")]
    Grants {
        /// Who.
        officer: OfficerId,
    },
    /// Nobody made him an officer.
    #[error("nobody approved that `{officer}` is here")]
    Person {
        /// Who.
        officer: OfficerId,
    },
    /// Nobody let in the administrator outside, or not like this.
    #[error("nobody approved that `{person}` approves here, or not with this key")]
    Outside {
        /// Who.
        person: PersonId,
    },
}

/// The keys that people enrolled with, and who was first, as the events tell.
#[derive(Debug, Clone, Default)]
pub struct Enrolled {
    keys: BTreeMap<OfficerId, Vec<(EventTime, [u8; 32])>>,
    first: BTreeSet<OfficerId>,
}

impl Enrolled {
    /// Notes what this event tells of it. Events come in the order in which they happened.
    pub fn note(&mut self, event: &Event) {
        match (event.kind.as_str(), &event.actor, event.details.get("signing-key")) {
            (ENROLLED, Actor::Officer(officer), Some(Detail::Bytes(key))) => {
                if let Ok(key) = key.as_slice().try_into() {
                    self.keys.entry(officer.clone()).or_default().push((event.at, key));
                }
            }
            (FIRST, _, _) => {
                let named = event.details.iter().filter(|(name, _)| name.starts_with("officer-"));
                self.first.extend(named.filter_map(|(_, detail)| match detail {
                    Detail::Text(account) => OfficerId::new(account.reveal()).ok(),
                    _ => None,
                }));
            }
            _ => {}
        }
    }

    /// The key that somebody signed with at this time.
    fn key(&self, officer: &OfficerId, at: EventTime) -> Option<&[u8; 32]> {
        let mut until_then = self.keys.get(officer)?.iter().filter(|(since, _)| *since <= at);
        until_then.next_back().map(|(_, key)| key)
    }

    fn signed(
        &self,
        officer: &OfficerId,
        at: EventTime,
        statement: &[u8],
        signature: &Signature,
    ) -> bool {
        self.key(officer, at).is_some_and(|key| signature.is_of(statement, key))
    }
}

/// What stands of an office and was not signed, as far as its proposals and events were not erased.
pub fn unproven(office: &Office, proposals: &[Proposal], enrolled: &Enrolled) -> Vec<Unproven> {
    let mut found = Vec::new();
    for proposal in proposals {
        let (draft, id) = (proposal.draft(), proposal.id());
        let proposed = match proposal.proof() {
            Proof::Signature(signature) => {
                enrolled.signed(draft.by(), draft.at(), &draft.statement(), signature)
            }
            // Only the sheet knows the code, and the sheet may be another by now.
            Proof::RecoveryCode(_) => draft.resets_its_author(),
        };
        if !proposed {
            found.push(Unproven::Proposal { proposal: id, officer: draft.by().clone() });
        }
        if let Some(Outcome::Approved { at, second }) = proposal.outcome()
            && !approved(proposals, enrolled, proposal, *at, second)
        {
            found.push(Unproven::Approval { proposal: id });
        }
    }
    for person in &office.people {
        let officer = &person.person.officer;
        if let Some(keys) = &person.keys
            && enrolled.keys.get(officer).and_then(|keys| keys.last()).map(|(_, key)| key)
                != Some(&keys.signing)
        {
            found.push(Unproven::Key { officer: officer.clone() });
        }
        let about =
            proposals.iter().filter_map(|proposal| match (proposal.what(), proposal.outcome()) {
                (
                    Proposed::MakeOfficer { officer: about, grants, .. }
                    | Proposed::ChangeGrants { officer: about, grants },
                    Some(Outcome::Approved { at, .. }),
                ) if about == officer => Some((*at, grants)),
                _ => None,
            });
        let about: Vec<_> = about.collect();
        let latest = about.iter().map(|(at, _)| *at).max();
        let first = enrolled.first.contains(officer);
        // Several within one moment: any of them may have been the last.
        let mut last = about.iter().filter(|(at, _)| Some(*at) == latest);
        if about.is_empty() && !first {
            found.push(Unproven::Person { officer: officer.clone() });
        } else if !about.is_empty() && !last.any(|(_, grants)| **grants == person.grants) {
            found.push(Unproven::Grants { officer: officer.clone() });
        }
    }
    for outside in &office.outside {
        let let_in = proposals.iter().any(|proposal| {
            proposal.id() == outside.id
                && matches!(proposal.outcome(), Some(Outcome::Approved { .. }))
                && *proposal.what()
                    == Proposed::OutsideAdministrator {
                        person: outside.person.clone(),
                        key: outside.key,
                        until: outside.until,
                    }
        });
        if !let_in {
            found.push(Unproven::Outside { person: outside.person.clone() });
        }
    }
    found
}

/// Whether whoever approved a proposal signed that, at that time.
fn approved(
    proposals: &[Proposal],
    enrolled: &Enrolled,
    proposal: &Proposal,
    at: EventTime,
    second: &Second,
) -> bool {
    let statement = proposal.approval_statement();
    match second {
        Second::Administrator { officer, signature }
        | Second::RecoveryCode { officer, signature: Some(signature), .. } => {
            enrolled.signed(officer, at, &statement, signature)
        }
        Second::RecoveryCode { officer, signature: None, .. } => {
            officer == proposal.by() && proposal.draft().resets_its_author()
        }
        Second::Outside { person, signature } => proposals.iter().any(|other| {
            let approved = matches!(other.outcome(), Some(Outcome::Approved { .. }));
            match other.what() {
                Proposed::OutsideAdministrator { person: let_in, key, until } => {
                    approved && let_in == person && at < *until && signature.is_of(&statement, key)
                }
                _ => false,
            }
        }),
    }
}
