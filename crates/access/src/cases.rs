//! Cases in files: who asks for what, whether it is allowed, and by which policy.
//!
//! ```toml
//! [asker.officer]
//! id = "party-a/o.testwick"
//! body = "party"
//! roles = ["officer"]
//! clearance = 1
//! signed_in_at = "2026-06-01T09:00:00Z"
//!
//! [thing.alert]
//! kind = "Alert"
//! controller = "party-a"
//!
//! [[case]]
//! name = "an officer reads an alert"
//! asker = "officer"
//! act = ["read", "count"]
//! thing = { like = "alert", level = 1 }
//! allowed = ["officer-reads-alerts"]
//! ```

mod form;

use crate::judgement::{Denial, ForAsker, Ground, Judgement, Remedy, Rule};
use crate::{Asker, Deed, Policies, Thing};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fmt;

pub use form::CasesError;

/// The cases of the policies that the program brings along: name and text of each file.
pub const SHIPPED: &[(&str, &str)] = &[
    ("0-people-and-things.toml", include_str!("../cases/0-people-and-things.toml")),
    ("1-roles.toml", include_str!("../cases/1-roles.toml")),
    ("2-labels.toml", include_str!("../cases/2-labels.toml")),
    ("3-parties.toml", include_str!("../cases/3-parties.toml")),
    ("4-acts.toml", include_str!("../cases/4-acts.toml")),
    ("5-outside.toml", include_str!("../cases/5-outside.toml")),
];

/// A question to the policies and the answer that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it shows, in a sentence, and which of several askers, acts and things it is.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// When it is asked.
    pub now: Timestamp,
    /// Who asks.
    pub asker: Asker,
    /// What for.
    pub deed: Deed,
    /// Of which thing.
    pub thing: Thing,
    /// What must come out.
    pub expected: Answer,
    /// What the asker must be told, where that is part of the case.
    pub told: Option<Telling>,
}

/// What policies answer, by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Allowed, by exactly these.
    Allowed(BTreeSet<String>),
    /// Refused, by exactly these; if there are none, nothing allows it.
    Refused(BTreeSet<String>),
    /// Refused, as exactly these could not be worked out.
    Failed(BTreeSet<String>),
    /// Refused, as the schema knows no such question.
    Meaningless,
}

impl Answer {
    /// Whether it is allowed.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, ids: &BTreeSet<String>| {
            ids.iter().try_for_each(|id| write!(f, " `{id}`"))
        };
        match self {
            Self::Allowed(ids) => f.write_str("allowed by").and_then(|()| list(f, ids)),
            Self::Refused(ids) if ids.is_empty() => f.write_str("refused: nothing allows it"),
            Self::Refused(ids) => f.write_str("refused by").and_then(|()| list(f, ids)),
            Self::Failed(ids) => {
                f.write_str("refused: could not be worked out:").and_then(|()| list(f, ids))
            }
            Self::Meaningless => f.write_str("refused: the schema knows no such question"),
        }
    }
}

/// What an asker is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// The same as of what isn't there.
    Absent,
    /// That it is refused, and by which rule.
    Refused,
    /// That it is refused until the sign-in is confirmed.
    Confirm,
}

impl Telling {
    fn of(denial: &Denial) -> Self {
        match denial.for_asker() {
            ForAsker::Absent => Self::Absent,
            ForAsker::Refused { remedy: Some(Remedy::Confirm), .. } => Self::Confirm,
            ForAsker::Refused { remedy: None, .. } => Self::Refused,
        }
    }
}

impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "that there is no such thing",
            Self::Refused => "that it is refused",
            Self::Confirm => "to confirm the sign-in",
        })
    }
}

impl Case {
    /// Reads the cases of these files, given as name and text. Askers and things of one file can be
    /// used in all.
    ///
    /// # Errors
    ///
    /// [`CasesError`] when a file isn't TOML of this form, or uses a name that nothing has.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Vec<Self>, CasesError> {
        form::read(files)
    }

    /// What these policies answer.
    pub fn judge(&self, policies: &Policies) -> Judgement {
        policies.judge(self.now, &self.asker, self.deed, &self.thing)
    }

    /// Whether these policies answer as they must; if not, in what they differ.
    ///
    /// # Errors
    ///
    /// [`Difference`] when they answer something else, or tell the asker something else.
    pub fn check(&self, policies: &Policies) -> Result<(), Difference> {
        let judgement = self.judge(policies);
        let found = Answer::from(&judgement);
        let told = match &judgement {
            Judgement::Allowed(_) => None,
            Judgement::Denied(denial) => Some(Telling::of(denial)),
        };
        if found != self.expected {
            return Err(Difference::Answer { expected: self.expected.clone(), found });
        }
        match self.told {
            Some(expected) if told != Some(expected) => Err(Difference::Told { expected, told }),
            _ => Ok(()),
        }
    }
}

impl From<&Judgement> for Answer {
    fn from(judgement: &Judgement) -> Self {
        let ids = |rules: &[Rule]| rules.iter().map(|rule| rule.id().to_owned()).collect();
        match judgement {
            Judgement::Allowed(allowed) => Self::Allowed(ids(allowed.by())),
            Judgement::Denied(denial) => match denial.ground() {
                Ground::NothingAllows => Self::Refused(BTreeSet::new()),
                Ground::Forbidden(rules) => Self::Refused(ids(rules)),
                Ground::Failed(rules) => Self::Failed(ids(rules)),
                Ground::Meaningless => Self::Meaningless,
            },
        }
    }
}

/// In what policies differ from a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// They answer something else.
    #[error("should be {expected}, but is {found}")]
    Answer {
        /// What they must answer.
        expected: Answer,
        /// What they answer.
        found: Answer,
    },
    /// The asker is told something else.
    #[error("should tell the asker {expected}, but tells {}", .told.map_or_else(|| "nothing".to_owned(), |told| told.to_string()))]
    Told {
        /// What the asker must be told.
        expected: Telling,
        /// What the asker is told.
        told: Option<Telling>,
    },
}
