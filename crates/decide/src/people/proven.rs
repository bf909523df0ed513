//! Whether what stands was signed by those who are said to have signed it.

use super::replay::Replay;
use super::{Credential, Office, Proposal, Told};
use portcullis_types::{EventId, OfficerId, PersonId};

/// What stands in the store and nobody signed, or nobody who might. Whoever has the database and the
/// keyring can write it there; he can't sign it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// A proposal that its author did not sign, or not as an administrator.
    #[error(
        "proposal {proposal} is not signed by `{officer}`, who is said to have made it, as an administrator"
    )]
    Proposal {
        /// Which.
        proposal: EventId,
        /// Who is said to have made it.
        officer: OfficerId,
    },
    /// An approval that whoever approved did not sign, or might not give.
    #[error(
        "the approval of proposal {proposal} is not signed by who is said to have given it, or is none that he might give"
    )]
    Approval {
        /// Of which proposal.
        proposal: EventId,
    },
    /// Somebody has a key that he did not enrol with.
    #[error("the key of `{officer}` is not the one that he was invited to enrol with")]
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
    /// Somebody stands otherwise than the events say.
    #[error("`{officer}` is not invited, active, suspended or gone as the events say")]
    State {
        /// Who.
        officer: OfficerId,
    },
    /// Nobody made him an officer.
    #[error("nobody approved that `{officer}` is here")]
    Person {
        /// Who.
        officer: OfficerId,
    },
    /// Somebody signs in with what no event tells of.
    #[error("no event tells of something that `{officer}` signs in with")]
    Credential {
        /// Who.
        officer: OfficerId,
    },
    /// Nobody let in the administrator outside, or not like this.
    #[error("nobody approved that `{person}` approves here, or not with this key")]
    Outside {
        /// Who.
        person: PersonId,
    },
    /// A sheet of codes that two did not allow.
    #[error("a sheet of recovery codes was printed that nobody approved")]
    Sheet,
    /// Other codes than those printed, or one whose use was hidden or made up.
    #[error("the recovery codes are not those that were printed last, or were not used as it says")]
    Codes,
}

/// What stands of an office and was not signed by two who might, as far as its proposals and events were
/// not erased: all that the events tell is gone through by the rules that held then.
pub fn unproven(
    office: &Office,
    credentials: &[Credential],
    proposals: &[Proposal],
    told: &Told,
) -> Vec<Unproven> {
    let replay = Replay::of(&office.organisation, proposals, told);
    let mut found = replay.found;
    for person in &office.people {
        let officer = person.person.officer.clone();
        let Some(told) = replay.office.person(&officer) else {
            found.push(Unproven::Person { officer });
            continue;
        };
        let key = |keys: &super::PublicKeys| keys.signing;
        if told.keys.as_ref().map(key) != person.keys.as_ref().map(key) {
            found.push(Unproven::Key { officer: officer.clone() });
        }
        if told.grants != person.grants {
            found.push(Unproven::Grants { officer: officer.clone() });
        }
        if told.state != person.state {
            found.push(Unproven::State { officer });
        }
    }
    for credential in credentials {
        let officer = credential.person.officer.clone();
        if replay.credentials.get(&credential.id) != Some(&(officer.clone(), credential.lookup)) {
            found.push(Unproven::Credential { officer });
        }
    }
    for outside in &office.outside {
        if !replay.office.outside.contains(outside) {
            found.push(Unproven::Outside { person: outside.person.clone() });
        }
    }
    if !office.codes.is_empty() && office.codes != replay.office.codes {
        found.push(Unproven::Codes);
    }
    found
}
