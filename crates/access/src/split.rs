//! The policies that can apply at all to an act on a kind of thing by a kind of asker.
//!
//! Which of them a question reaches is seen from their scope, once, so that a judgement does not look at
//! each of them. Whatever is left out would have been passed over on the same three comparisons, before
//! any condition: it could neither apply nor fail.

use crate::facts::{AskerKind, Words};
use crate::{Act, ThingKind};
use cedar_policy::{
    ActionConstraint, EntityTypeName, Policy, PolicySet, PrincipalConstraint, ResourceConstraint,
};
use std::collections::BTreeMap;

/// For each asker, act and thing that the schema has together, the policies that can apply.
#[derive(Debug)]
pub(crate) struct Split(BTreeMap<(AskerKind, Act, ThingKind), PolicySet>);

impl Split {
    pub(crate) fn new(words: &Words, all: &PolicySet) -> Self {
        let mut sets = BTreeMap::new();
        for environment in words.schema.request_envs() {
            let asker = AskerKind::ALL
                .into_iter()
                .find(|&kind| words.asker_type(kind) == environment.principal());
            let act = Act::ALL.iter().find(|&&act| words.act(act) == Some(environment.action()));
            let kind = ThingKind::ALL
                .iter()
                .find(|&&kind| words.type_of(kind) == Some(environment.resource()));
            let (Some(asker), Some(&act), Some(&kind)) = (asker, act, kind) else { continue };
            let reaches = |policy: &&Policy| {
                of_asker(policy, environment.principal())
                    && of_act(words, policy, act)
                    && of_thing(policy, environment.resource())
            };
            if let Ok(set) = PolicySet::from_policies(all.policies().filter(reaches).cloned()) {
                sets.insert((asker, act, kind), set);
            }
        }
        Self(sets)
    }

    /// The policies that can apply; none where the schema has no such question.
    pub(crate) fn of(&self, asker: AskerKind, act: Act, kind: ThingKind) -> Option<&PolicySet> {
        self.0.get(&(asker, act, kind))
    }
}

fn of_asker(policy: &Policy, asker: &EntityTypeName) -> bool {
    match policy.principal_constraint() {
        PrincipalConstraint::Is(kind) | PrincipalConstraint::IsIn(kind, _) => kind == *asker,
        PrincipalConstraint::Eq(one) => one.type_name() == asker,
        PrincipalConstraint::Any | PrincipalConstraint::In(_) => true,
    }
}

fn of_act(words: &Words, policy: &Policy, act: Act) -> bool {
    let Some(own) = words.act(act) else { return true };
    match policy.action_constraint() {
        ActionConstraint::Eq(one) => one == *own,
        // INVARIANT: the schema has no groups of actions, so to be in one is to be it. What is none of
        // ours stays in.
        ActionConstraint::In(these) => these
            .iter()
            .any(|one| one == own || !Act::ALL.iter().any(|&act| words.act(act) == Some(one))),
        ActionConstraint::Any => true,
    }
}

fn of_thing(policy: &Policy, thing: &EntityTypeName) -> bool {
    match policy.resource_constraint() {
        ResourceConstraint::Is(kind) | ResourceConstraint::IsIn(kind, _) => kind == *thing,
        ResourceConstraint::Eq(one) => one.type_name() == thing,
        ResourceConstraint::Any | ResourceConstraint::In(_) => true,
    }
}
