//! How sensitive something is and who may have it.

use crate::{OfficerId, OrganisationId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Level of a classification scheme, as a rank: higher is more sensitive. Which rank bears which
/// name (OFFICIAL, SECRET, TOP SECRET) is data of the node's scheme, not code.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Level(pub u8);

/// A person of an organisation: the same account name in two organisations is two people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonId {
    /// Whose member.
    pub organisation: OrganisationId,
    /// Which account there.
    pub officer: OfficerId,
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.organisation, self.officer)
    }
}

/// Whom something may be released to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Audience<T: Ord> {
    /// Everyone.
    Everyone,
    /// Only these; an empty set is nobody.
    Only(BTreeSet<T>),
}

impl<T: Ord + Clone> Audience<T> {
    /// Whether this one is part of it.
    pub fn admits(&self, one: &T) -> bool {
        match self {
            Self::Everyone => true,
            Self::Only(these) => these.contains(one),
        }
    }

    /// Those who are part of both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Everyone, audience) | (audience, Self::Everyone) => audience.clone(),
            (Self::Only(a), Self::Only(b)) => Self::Only(a.intersection(b).cloned().collect()),
        }
    }
}

/// A label: level, compartments, handling words, to whom it may be released, and whose matter and
/// words it is where that is somebody else's. Labels form a lattice. What is made from two things bears the [`Label::join`] of their labels; lowering a label
/// is never done by code, it needs a newly written and approved text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// How sensitive.
    pub level: Level,
    /// Compartments a reader must all be in.
    pub compartments: BTreeSet<Box<str>>,
    /// Handling instructions a reader must follow.
    pub handling: BTreeSet<Box<str>>,
    /// Organisations it may be released to.
    pub organisations: Audience<OrganisationId>,
    /// People it may be released to, within those organisations.
    pub people: Audience<PersonId>,
    /// Parties whose matters it holds, where it came from elsewhere. What is made from matters of two
    /// parties is both's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub parties: BTreeSet<OrganisationId>,
    /// Other organisations that made what it says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub originators: BTreeSet<OrganisationId>,
}

impl Label {
    /// The label of open data: lowest level, no compartment, everyone.
    pub fn open() -> Self {
        Self {
            level: Level(0),
            compartments: BTreeSet::new(),
            handling: BTreeSet::new(),
            organisations: Audience::Everyone,
            people: Audience::Everyone,
            parties: BTreeSet::new(),
            originators: BTreeSet::new(),
        }
    }

    /// The least label that is at least as strict as both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self {
            level: self.level.max(other.level),
            compartments: self.compartments.union(&other.compartments).cloned().collect(),
            handling: self.handling.union(&other.handling).cloned().collect(),
            organisations: self.organisations.join(&other.organisations),
            people: self.people.join(&other.people),
            parties: self.parties.union(&other.parties).cloned().collect(),
            originators: self.originators.union(&other.originators).cloned().collect(),
        }
    }

    /// Whether this label is at most as strict as the other in every part.
    pub fn is_within(&self, other: &Self) -> bool {
        self.join(other) == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels() -> impl Strategy<Value = Label> {
        let words = || proptest::collection::btree_set("[a-c]", 0..3);
        let organisation = || "[x-z]".prop_map(|s| OrganisationId::new(&s).unwrap());
        let person = (organisation(), "[p-q]").prop_map(|(organisation, officer)| PersonId {
            organisation,
            officer: OfficerId::new(&officer).unwrap(),
        });
        let organisations = audience(organisation());
        let several = || proptest::collection::btree_set(organisation(), 0..3);
        (0..4_u8, words(), words(), organisations, audience(person), several(), several()).prop_map(
            |(level, c, h, organisations, people, parties, originators)| Label {
                level: Level(level),
                compartments: c.into_iter().map(Into::into).collect(),
                handling: h.into_iter().map(Into::into).collect(),
                organisations,
                people,
                parties,
                originators,
            },
        )
    }

    fn audience<T: Ord + Clone + std::fmt::Debug>(
        one: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = Audience<T>> {
        prop_oneof![
            Just(Audience::Everyone),
            proptest::collection::btree_set(one, 0..3).prop_map(Audience::Only),
        ]
    }

    proptest! {
        #[test]
        fn join_is_a_least_upper_bound(a in labels(), b in labels(), c in labels()) {
            prop_assert_eq!(a.join(&b), b.join(&a));
            prop_assert_eq!(a.join(&b).join(&c), a.join(&b.join(&c)));
            prop_assert_eq!(a.join(&a), a.clone());
            prop_assert!(a.is_within(&a.join(&b)));
            if a.is_within(&c) && b.is_within(&c) {
                prop_assert!(a.join(&b).is_within(&c));
            }
        }

        #[test]
        fn what_is_nobodys_in_particular_is_written_as_before_there_were_parties(a in labels()) {
            let plain = Label { parties: BTreeSet::new(), originators: BTreeSet::new(), ..a.clone() };
            let written = serde_json::to_string(&plain).unwrap();
            prop_assert!(!written.contains("parties") && !written.contains("originators"));
            let again: Label = serde_json::from_slice(&serde_json::to_vec(&a).unwrap()).unwrap();
            prop_assert_eq!(again, a);
        }

        #[test]
        fn open_is_the_bottom(a in labels()) {
            prop_assert!(Label::open().is_within(&a));
        }
    }
}
