//! How sensitive something is and who may have it.

use crate::OrganisationId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Level of a classification scheme, as a rank: higher is more sensitive. Which rank bears which
/// name (OFFICIAL, SECRET, TOP SECRET) is data of the node's scheme, not code.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Level(pub u8);

/// Whom something may be released to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Audience {
    /// Every member of the federation.
    Everyone,
    /// Only these organisations; an empty set is nobody.
    Only(BTreeSet<OrganisationId>),
}

/// A label: level, compartments, handling words and audience. Labels form a lattice. What is made
/// from two things bears the [`Label::join`] of their labels; lowering a label is never done by
/// code, it needs a newly written and approved text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Label {
    /// How sensitive.
    pub level: Level,
    /// Compartments a reader must all be in.
    pub compartments: BTreeSet<Box<str>>,
    /// Handling instructions a reader must follow.
    pub handling: BTreeSet<Box<str>>,
    /// Who may have it.
    pub audience: Audience,
}

impl Label {
    /// The label of open data: lowest level, no compartment, everyone.
    pub fn open() -> Self {
        Self {
            level: Level(0),
            compartments: BTreeSet::new(),
            handling: BTreeSet::new(),
            audience: Audience::Everyone,
        }
    }

    /// The least label that is at least as strict as both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self {
            level: self.level.max(other.level),
            compartments: self.compartments.union(&other.compartments).cloned().collect(),
            handling: self.handling.union(&other.handling).cloned().collect(),
            audience: match (&self.audience, &other.audience) {
                (Audience::Everyone, audience) | (audience, Audience::Everyone) => audience.clone(),
                (Audience::Only(a), Audience::Only(b)) => {
                    Audience::Only(a.intersection(b).cloned().collect())
                }
            },
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
        let audience = prop_oneof![
            Just(Audience::Everyone),
            proptest::collection::btree_set("[x-z]", 0..3).prop_map(|set| Audience::Only(
                set.iter().map(|s| OrganisationId::new(s).unwrap()).collect()
            )),
        ];
        (0..4_u8, words(), words(), audience).prop_map(|(level, c, h, audience)| Label {
            level: Level(level),
            compartments: c.into_iter().map(Into::into).collect(),
            handling: h.into_iter().map(Into::into).collect(),
            audience,
        })
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
        fn open_is_the_bottom(a in labels()) {
            prop_assert!(Label::open().is_within(&a));
        }
    }
}
