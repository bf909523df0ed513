//! What readers are shown.

use portcullis_decide::{Decision, RecordMark, reference};
use portcullis_store::{DecisionCount, SeenAlert, SeenDecision, SeenList};
use portcullis_types::{Actor, Audience, Detail, Event, Label};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of something.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Rows<T> {
    /// What there is, the latest first.
    pub(super) items: Vec<T>,
    /// What to give as `after` to go on; nothing at the end.
    pub(super) next: Option<String>,
}

/// How sensitive something is, and who may have it. That it is for named people is told, and not who
/// they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct LabelShown {
    /// The level, as a rank: higher is more sensitive.
    #[schema(example = 0)]
    level: u8,
    /// Compartments that a reader must be in, all of them.
    compartments: Vec<String>,
    /// Handling instructions.
    handling: Vec<String>,
    /// Organisations it may be released to; nothing for everyone.
    organisations: Option<Vec<String>>,
    /// Whether it may be released to named people alone.
    named_people_only: bool,
}

impl From<&Label> for LabelShown {
    fn from(label: &Label) -> Self {
        let words = |words: &std::collections::BTreeSet<Box<str>>| {
            words.iter().map(|word| word.as_ref().to_owned()).collect()
        };
        Self {
            level: label.level.0,
            compartments: words(&label.compartments),
            handling: words(&label.handling),
            organisations: match &label.organisations {
                Audience::Everyone => None,
                Audience::Only(these) => {
                    Some(these.iter().map(|one| one.as_str().to_owned()).collect())
                }
            },
            named_people_only: matches!(label.people, Audience::Only(_)),
        }
    }
}

/// A record of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecordShown {
    /// The list, as its records call it.
    #[schema(example = "uk-sanctions-list")]
    pub(super) source: String,
    /// Its issue.
    pub(super) list_version: String,
    /// The id of the record in it.
    pub(super) id: String,
    /// A name that stands there.
    pub(super) name: String,
}

impl RecordShown {
    #[cfg(test)]
    pub(super) fn invented(source: &str, name: &str) -> Self {
        let (source, name) = (source.to_owned(), name.to_owned());
        Self { source, list_version: "1".to_owned(), id: "R1".to_owned(), name }
    }

    fn of(mark: &RecordMark, name: &str) -> Self {
        Self {
            source: mark.source.as_str().to_owned(),
            list_version: mark.list_version.as_str().to_owned(),
            id: mark.record.as_str().to_owned(),
            name: name.to_owned(),
        }
    }
}

/// A pair that was shown to people.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AlertShown {
    /// Its short name, under which it is decided on.
    #[schema(example = "7K3QX-9WZ2M")]
    pub(super) reference: String,
    /// What the screening was for.
    #[schema(example = "screen-donor")]
    pub(super) purpose: &'static str,
    /// How likely both are one subject, from 0 to 1. No score decides.
    #[schema(minimum = 0.0, maximum = 1.0)]
    pub(super) score: f64,
    /// A name of whoever was screened.
    pub(super) query_name: String,
    /// The record.
    pub(super) record: RecordShown,
    /// When it was first shown (UTC).
    #[schema(format = DateTime)]
    pub(super) first_raised_at: String,
    /// When it was last shown (UTC).
    #[schema(format = DateTime)]
    pub(super) last_raised_at: String,
    /// What it bears. A pair that was shown under two labels is there twice.
    pub(super) label: LabelShown,
}

impl From<&SeenAlert> for AlertShown {
    fn from(seen: &SeenAlert) -> Self {
        let pair = &seen.pair;
        Self {
            reference: seen.reference.to_string(),
            purpose: pair.purpose.code(),
            score: pair.score.0,
            query_name: pair.query_name.reveal().to_owned(),
            record: RecordShown::of(&pair.record, pair.record_name.reveal()),
            first_raised_at: seen.first_raised_at.timestamp().to_string(),
            last_raised_at: seen.last_raised_at.timestamp().to_string(),
            label: (&seen.label).into(),
        }
    }
}

/// What was shown under one reference.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Showings {
    /// The reference.
    #[schema(example = "7K3QX-9WZ2M")]
    pub(super) reference: String,
    /// Each showing, those under another label apart; at least one.
    pub(super) showings: Vec<AlertShown>,
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionShown {
    /// Its id.
    #[schema(format = "uuid")]
    pub(super) id: String,
    /// When it was taken (UTC).
    #[schema(format = DateTime)]
    pub(super) decided_at: String,
    /// The short name of the pair.
    #[schema(example = "7K3QX-9WZ2M")]
    pub(super) reference: String,
    /// What the screening was for.
    #[schema(example = "screen-donor")]
    pub(super) purpose: &'static str,
    /// What was found: `not-same`, `same` or `unsure`.
    #[schema(example = "not-same")]
    pub(super) verdict: &'static str,
    /// Who decided.
    pub(super) officer: String,
    /// Why, in the officer's words.
    pub(super) reason: String,
    /// A name of whoever was screened.
    pub(super) query_name: String,
    /// The record.
    pub(super) record: RecordShown,
    /// How it was taken back; nothing while it stands.
    pub(super) undone: Option<UndoingShown>,
    /// What it bears.
    pub(super) label: LabelShown,
}

/// How a decision was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UndoingShown {
    /// When (UTC).
    #[schema(format = DateTime)]
    pub(super) undone_at: String,
    /// Who.
    pub(super) officer: String,
    /// Why, in the officer's words.
    pub(super) reason: String,
}

impl DecisionShown {
    pub(super) fn of(decision: &Decision, label: &Label) -> Self {
        let judgement = &decision.judgement;
        let short = reference(judgement.purpose, &judgement.query, &judgement.record);
        Self {
            id: decision.id.to_string(),
            decided_at: decision.at.timestamp().to_string(),
            reference: short.to_string(),
            purpose: judgement.purpose.code(),
            verdict: judgement.verdict.code(),
            officer: judgement.officer.as_str().to_owned(),
            reason: judgement.reason.text().reveal().to_owned(),
            query_name: judgement.query_name.reveal().to_owned(),
            record: RecordShown::of(&judgement.record, judgement.record_name.reveal()),
            undone: decision.undoing.as_ref().map(|undoing| UndoingShown {
                undone_at: undoing.at.timestamp().to_string(),
                officer: undoing.officer.as_str().to_owned(),
                reason: undoing.reason.text().reveal().to_owned(),
            }),
            label: label.into(),
        }
    }
}

impl From<&SeenDecision> for DecisionShown {
    fn from(seen: &SeenDecision) -> Self {
        Self::of(&seen.decision, &seen.label)
    }
}

/// A decision to be taken. The officer is whoever is signed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDecision {
    /// The short name of the pair.
    #[schema(example = "7K3QX-9WZ2M")]
    pub(super) reference: String,
    /// What was found: `not-same`, `same` or `unsure`.
    #[schema(example = "not-same")]
    pub(super) verdict: String,
    /// Why, in the officer's own words.
    #[schema(min_length = 1, example = "born 1971, not 1958")]
    pub(super) reason: String,
    /// What for: that which the pair was shown for, and no other.
    #[schema(example = "screen-donor")]
    pub(super) purpose: String,
}

/// Why a decision is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WhyUndone {
    /// Why, in the officer's own words.
    #[schema(min_length = 1, example = "wrong row")]
    pub(super) reason: String,
    /// What for: that which the decision was taken for, and no other.
    #[schema(example = "screen-donor")]
    pub(super) purpose: String,
}

/// A list of which copies are kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListShown {
    /// What it is called here.
    #[schema(example = "uk-sanctions-list")]
    pub(super) name: String,
    /// What its records call it.
    pub(super) source: String,
    /// Its format.
    pub(super) format: String,
    /// The issue in use.
    pub(super) version: String,
    /// The day it was published, where it says so.
    #[schema(format = Date)]
    pub(super) published: Option<String>,
    /// When it was read (UTC).
    #[schema(format = DateTime)]
    pub(super) recorded_at: String,
    /// When somebody last looked for a new issue (UTC).
    #[schema(format = DateTime)]
    pub(super) checked_at: String,
    /// Records read.
    pub(super) entries: u64,
    /// Rows that could not be read.
    pub(super) set_aside: u64,
    /// What it bears.
    pub(super) label: LabelShown,
}

impl From<&SeenList> for ListShown {
    fn from(seen: &SeenList) -> Self {
        let (list, current) = (&seen.list, &seen.list.current);
        Self {
            name: list.name.to_string(),
            source: list.source.as_str().to_owned(),
            format: list.format.clone(),
            version: current.version.as_str().to_owned(),
            published: current.published.map(|day| day.to_string()),
            recorded_at: current.recorded_at.to_string(),
            checked_at: list.checked_at.to_string(),
            entries: current.entries,
            set_aside: current.set_aside,
            label: (&seen.label).into(),
        }
    }
}

/// Every list that the asker may read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListsShown {
    /// The lists, by name.
    pub(super) items: Vec<ListShown>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Happened {
    /// The id of its event.
    #[schema(format = "uuid")]
    pub(super) id: String,
    /// What.
    #[schema(example = "screening.decision.recorded")]
    pub(super) kind: String,
    /// When (UTC).
    #[schema(format = DateTime)]
    pub(super) at: String,
    /// The account of the person who did it; nothing where the node did.
    pub(super) officer: Option<String>,
    /// Why, where somebody said.
    pub(super) reason: Option<String>,
}

impl From<&Event> for Happened {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind.as_str().to_owned(),
            at: event.at.timestamp().to_string(),
            officer: match &event.actor {
                Actor::Officer(officer) => Some(officer.as_str().to_owned()),
                Actor::Job(_) => None,
            },
            reason: match event.details.get("reason") {
                Some(Detail::Text(text)) => Some(text.reveal().to_owned()),
                _ => None,
            },
        }
    }
}

/// What happened to one thing, the first first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct History {
    /// What happened.
    pub(super) items: Vec<Happened>,
}

/// How many there are of what the asker may count. What the token lacks a scope for is left out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Counts {
    /// Pairs that were shown; one that was shown under two labels counts twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) alerts: Option<u64>,
    /// Lists of which copies are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) lists: Option<u64>,
    /// Decisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) decisions: Option<Vec<CountedDecisions>>,
}

/// How many decisions there are of one purpose and verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountedDecisions {
    /// What the screening was for.
    #[schema(example = "screen-donor")]
    pub(super) purpose: &'static str,
    /// What was found.
    #[schema(example = "not-same")]
    pub(super) verdict: &'static str,
    /// Those that stand.
    pub(super) standing: u64,
    /// Those that were taken back.
    pub(super) undone: u64,
}

impl Counts {
    /// Each number as its kind allows.
    pub(super) fn of(
        alerts: Option<u64>,
        lists: Option<u64>,
        decisions: Option<&[DecisionCount]>,
    ) -> Self {
        let counted = |count: &DecisionCount| CountedDecisions {
            purpose: count.purpose.code(),
            verdict: count.verdict.code(),
            standing: count.standing,
            undone: count.undone,
        };
        let decisions = decisions.map(|counts| counts.iter().map(counted).collect());
        Self { alerts, lists, decisions }
    }
}
