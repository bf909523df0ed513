//! What comes out: allowed, or denied with as much of a reason as the asker may know.

use crate::{Act, Asker, ThingKind};
use cedar_policy::Policy;
use portcullis_types::{Label, PersonId};
use std::fmt;
use std::sync::Arc;

/// Whether something may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Judgement {
    /// It may.
    Allowed(Allowed),
    /// It may not.
    Denied(Denial),
}

impl Judgement {
    /// Whether it may be done.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    /// The permission, or the denial as an error.
    ///
    /// # Errors
    ///
    /// [`Denial`] when it may not be done.
    pub fn into_result(self) -> Result<Allowed, Denial> {
        match self {
            Self::Allowed(allowed) => Ok(allowed),
            Self::Denied(denial) => Err(denial),
        }
    }
}

/// That something may be done. Only [`Policies::judge`](crate::Policies::judge) makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    pub(crate) act: Act,
    pub(crate) kind: ThingKind,
    pub(crate) label: Label,
    pub(crate) by: Vec<Rule>,
}

impl Allowed {
    /// What may be done.
    pub fn act(&self) -> Act {
        self.act
    }

    /// To which kind of thing.
    pub fn kind(&self) -> ThingKind {
        self.kind
    }

    /// Up to which label.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The policies that allow it, in order of their ids.
    pub fn by(&self) -> &[Rule] {
        &self.by
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    id: Box<str>,
    effect: Effect,
    says: Box<str>,
    source: Option<Box<str>>,
    remedy: Option<Remedy>,
}

/// What a policy does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It allows.
    Permit,
    /// It forbids, and outweighs all that allow.
    Forbid,
}

/// A policy, as it is told to people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule(Arc<Told>);

impl Rule {
    pub(crate) fn of(policy: &Policy) -> Self {
        let id: &str = policy.id().as_ref();
        Self(Arc::new(Told {
            id: id.into(),
            effect: match policy.effect() {
                cedar_policy::Effect::Permit => Effect::Permit,
                cedar_policy::Effect::Forbid => Effect::Forbid,
            },
            says: policy.annotation("says").unwrap_or_default().into(),
            source: policy.annotation("source").map(Into::into),
            remedy: policy.annotation("remedy").and_then(Remedy::from_code),
        }))
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// What it says, in plain English.
    pub fn says(&self) -> &str {
        &self.0.says
    }

    /// Where the rule comes from, where it says so.
    pub fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// What it does where it applies.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }
}

/// What an asker can do about a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// Confirm the sign-in with a passkey, and ask again.
    Confirm,
}

impl Remedy {
    /// Reads the word that a policy has in `@remedy`.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        (code == "confirm").then_some(Self::Confirm)
    }
}

/// Why something is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// No policy allows it.
    NothingAllows,
    /// These policies forbid it, in order of their ids.
    Forbidden(Vec<Rule>),
    /// These policies could not be worked out, so nothing is allowed, whatever the others say.
    Failed(Vec<Rule>),
    /// Nothing of this kind can be done to such a thing by such an asker.
    Meaningless,
}

/// That something may not be done, and why. As an error it says what the asker may know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.for_asker())]
pub struct Denial {
    pub(crate) who: Who,
    pub(crate) act: Act,
    pub(crate) kind: ThingKind,
    pub(crate) ground: Ground,
    /// Whether the asker may know of the thing.
    pub(crate) known: bool,
}

/// Who was denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    Anonymous,
    LinkHolder,
    Person(PersonId),
}

impl From<&Asker> for Who {
    fn from(asker: &Asker) -> Self {
        match asker {
            Asker::Anonymous(_) => Self::Anonymous,
            Asker::LinkHolder(_) => Self::LinkHolder,
            Asker::Person(person) => Self::Person(person.id.clone()),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("somebody without an account"),
            Self::LinkHolder => f.write_str("a holder of a link"),
            Self::Person(person) => write!(f, "`{person}`"),
        }
    }
}

/// What an asker is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForAsker<'a> {
    /// What somebody is told who asks for what isn't there, and nothing else.
    Absent,
    /// The asker knows of the thing and may not do this.
    Refused {
        /// The rules in the way; none where simply no policy allows it.
        rules: &'a [Rule],
        /// What the asker can do about it, where that is all that is in the way.
        remedy: Option<Remedy>,
    },
}

impl Denial {
    /// What the asker is told: of a thing that he or she may not know of, the same as of one that
    /// isn't there.
    pub fn for_asker(&self) -> ForAsker<'_> {
        if !self.known {
            return ForAsker::Absent;
        }
        let rules = match &self.ground {
            Ground::Forbidden(rules) => rules.as_slice(),
            Ground::NothingAllows | Ground::Failed(_) | Ground::Meaningless => &[],
        };
        let remedy = match rules {
            [only] => only.0.remedy,
            _ => None,
        };
        ForAsker::Refused { rules, remedy }
    }

    /// What an auditor is told: who asked for what, and every reason. Holds no protected text.
    pub fn for_auditor(&self) -> ForAuditor<'_> {
        ForAuditor(self)
    }

    /// Why.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }
}

impl fmt::Display for ForAsker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is no such thing here, or it is not for you"),
            Self::Refused { rules: [], .. } => f.write_str("none of your roles allows it"),
            Self::Refused { rules, .. } => {
                for (i, rule) in rules.iter().enumerate() {
                    let between = if i == 0 { "" } else { " " };
                    write!(f, "{between}{}", rule.says())?;
                }
                Ok(())
            }
        }
    }
}

/// What an auditor is told, as a line.
#[derive(Debug, Clone, Copy)]
pub struct ForAuditor<'a>(&'a Denial);

impl fmt::Display for ForAuditor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Denial { who, act, kind, ground, .. } = self.0;
        write!(f, "{who} may not {act} {kind}: ")?;
        let list = |f: &mut fmt::Formatter<'_>, rules: &[Rule]| {
            rules.iter().try_for_each(|rule| write!(f, " `{}`", rule.id()))
        };
        match ground {
            Ground::NothingAllows => f.write_str("no policy allows it"),
            Ground::Meaningless => f.write_str("the schema knows no such act"),
            Ground::Forbidden(rules) => {
                f.write_str("forbidden by")?;
                list(f, rules)
            }
            Ground::Failed(rules) => {
                f.write_str("policies that could not be worked out:")?;
                list(f, rules)
            }
        }
    }
}
