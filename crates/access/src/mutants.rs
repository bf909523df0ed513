//! Do the cases hold every clause of the policies?
//!
//! Each policy is changed in every place where it says something, one change at a time: the policy
//! left out, each part of its scope and each condition left out and turned round, each clause within
//! a condition made always true, always false and turned round, each comparison moved by one, each
//! member of a list left out. A change that no case notices is a clause that no case holds.
//!
//! The changes are made in Cedar's own JSON form of policies, so that none is missed because of how a
//! policy is laid out.

mod changes;

use crate::Policies;
use crate::cases::{Answer, Case};
use cedar_policy::{
    AuthorizationError, Authorizer, Decision, Effect, Entities, Policy, PolicyId, PolicySet,
    Request,
};
use changes::{Change, changes};
use std::collections::{BTreeMap, BTreeSet};

/// Why policies cannot be changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MutantsError {
    /// A policy has no form in JSON, or none that can be read back.
    #[error("`{policy}` can't be changed: {change}")]
    NotChangeable {
        /// The policy.
        policy: String,
        /// The change.
        change: String,
        /// What Cedar says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A case does not hold for the policies as they are.
    #[error("a case doesn't hold before anything is changed: {case}")]
    CaseFails {
        /// The case.
        case: String,
    },
}

/// What was changed, and what the cases noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many changes were made.
    pub changes: usize,
    /// How many of them a case noticed because something was allowed in place of refused, or the
    /// other way round. A case noticed the others by the policy that allowed or refused.
    pub by_outcome: usize,
    /// Those that no case noticed.
    pub unnoticed: Vec<Unnoticed>,
}

/// A change that no case noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnoticed {
    /// The policy.
    pub policy: String,
    /// The change.
    pub change: String,
}

/// What one policy says of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vote {
    Silent,
    Speaks,
    Fails,
}

/// Changes every clause of these policies and looks which changes these cases notice.
///
/// # Errors
///
/// [`MutantsError`] when a policy can't be changed, or a case fails before anything is changed.
pub fn run(policies: &Policies, cases: &[Case]) -> Result<Report, MutantsError> {
    let mut questions = Vec::new();
    for case in cases {
        if let Err(difference) = case.check(policies) {
            return Err(MutantsError::CaseFails { case: format!("{}: {difference}", case.name) });
        }
        if let Ok((request, entities)) = policies.question_of(case) {
            if let Some(request) = another_act(&request) {
                questions.push(Question::new(None, request, entities.clone()));
            }
            questions.push(Question::new(Some(&case.expected), request, entities));
        }
    }
    for policy in policies.set().policies() {
        let alone = alone(policy)?;
        for question in &mut questions {
            let vote = question.vote(&alone);
            question.votes.insert(policy.id().clone(), (policy.effect(), vote));
        }
    }
    let mut report = Report { changes: 0, by_outcome: 0, unnoticed: Vec::new() };
    for policy in policies.set().policies() {
        for change in changes(policy)? {
            let alone = change.policy.as_ref().map(alone).transpose()?;
            report.changes = report.changes.saturating_add(1);
            match notice(policy, alone.as_ref(), &questions) {
                Notice::Outcome => report.by_outcome = report.by_outcome.saturating_add(1),
                Notice::Reason => (),
                Notice::Nobody => report.unnoticed.push(unnoticed(policy, change)),
            }
        }
    }
    report.unnoticed.sort_by(|a, b| (&a.policy, &a.change).cmp(&(&b.policy, &b.change)));
    Ok(report)
}

/// The same question with an act that no schema has: whatever allows it allows what it doesn't name.
fn another_act(request: &Request) -> Option<Request> {
    let action = "Action::\"another\"".parse().ok()?;
    let (principal, resource) = (request.principal()?.clone(), request.resource()?.clone());
    Request::new(principal, action, resource, request.context()?.clone(), None).ok()
}

fn unnoticed(policy: &Policy, change: Change) -> Unnoticed {
    Unnoticed { policy: policy.id().to_string(), change: change.says }
}

/// A set of this policy alone.
fn alone(policy: &Policy) -> Result<PolicySet, MutantsError> {
    PolicySet::from_policies([policy.clone()]).map_err(|error| MutantsError::NotChangeable {
        policy: policy.id().to_string(),
        change: "standing alone".to_owned(),
        source: Box::new(error),
    })
}

enum Notice {
    Outcome,
    Reason,
    Nobody,
}

fn notice(policy: &Policy, changed: Option<&PolicySet>, questions: &[Question<'_>]) -> Notice {
    let mut noticed = Notice::Nobody;
    for question in questions {
        let vote = changed.map_or(Vote::Silent, |set| question.vote(set));
        let answer = question.answer(policy.id(), vote);
        let Some(expected) = question.expected else {
            // One that is allowed unchanged is written so; it holds nothing.
            if answer.is_allowed() && !question.answers().is_allowed() {
                return Notice::Outcome;
            }
            continue;
        };
        if answer.is_allowed() != expected.is_allowed() {
            return Notice::Outcome;
        }
        if answer != *expected {
            noticed = Notice::Reason;
        }
    }
    noticed
}

/// A case, put to Cedar, with what each policy says of it.
struct Question<'a> {
    /// What must come out; none where it is only that nothing is allowed.
    expected: Option<&'a Answer>,
    request: Request,
    entities: Entities,
    votes: BTreeMap<PolicyId, (Effect, Vote)>,
}

impl<'a> Question<'a> {
    fn new(expected: Option<&'a Answer>, request: Request, entities: Entities) -> Self {
        Self { expected, request, entities, votes: BTreeMap::new() }
    }

    fn vote(&self, alone: &PolicySet) -> Vote {
        let response = Authorizer::new().is_authorized(&self.request, alone, &self.entities);
        let diagnostics = response.diagnostics();
        let failed = |AuthorizationError::PolicyEvaluationError(_): &AuthorizationError| true;
        if diagnostics.errors().any(failed) {
            Vote::Fails
        } else if diagnostics.reason().next().is_some() {
            Vote::Speaks
        } else {
            debug_assert_eq!(response.decision(), Decision::Deny);
            Vote::Silent
        }
    }

    /// What all policies answer together.
    fn answers(&self) -> Answer {
        together(self.votes.iter().map(|(id, &(effect, vote))| (id, effect, vote)))
    }

    /// What they answer when this one votes so.
    fn answer(&self, changed: &PolicyId, vote: Vote) -> Answer {
        let vote = |id: &PolicyId, was: Vote| if id == changed { vote } else { was };
        together(self.votes.iter().map(|(id, &(effect, was))| (id, effect, vote(id, was))))
    }
}

/// What comes of the votes: an error is a denial, whoever forbids outweighs whoever permits.
fn together<'a>(votes: impl Iterator<Item = (&'a PolicyId, Effect, Vote)>) -> Answer {
    let (mut failed, mut forbid, mut permit) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (id, effect, vote) in votes {
        match (vote, effect) {
            (Vote::Silent, _) => false,
            (Vote::Fails, _) => failed.insert(id.to_string()),
            (Vote::Speaks, Effect::Forbid) => forbid.insert(id.to_string()),
            (Vote::Speaks, Effect::Permit) => permit.insert(id.to_string()),
        };
    }
    if !failed.is_empty() {
        Answer::Failed(failed)
    } else if !forbid.is_empty() {
        Answer::Refused(forbid)
    } else if !permit.is_empty() {
        Answer::Allowed(permit)
    } else {
        Answer::Refused(BTreeSet::new())
    }
}
