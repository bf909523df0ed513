//! The policies: read once, held to the schema, asked many times.

use crate::cases::Case;
use crate::facts::{Principal, SCHEMA, Unfit, Words};
use crate::judgement::{Allowed, Denial, Ground, Judgement, Rule};
use crate::reading::{self, PoliciesError};
use crate::split::Split;
use crate::{Act, Asker, Deed, Scope, SignIn, Thing, ThingKind};
use cedar_policy::{
    AuthorizationError, Authorizer, Decision, Entities, Policy, PolicyId, PolicySet, Request,
};
use jiff::Timestamp;
use portcullis_types::Label;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Write as _;

/// A file of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Its name, for messages.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// The policies that the program brings along: name and text of each file.
pub const SHIPPED: &[(&str, &str)] = &[
    ("1-roles.cedar", include_str!("../policies/1-roles.cedar")),
    ("2-labels.cedar", include_str!("../policies/2-labels.cedar")),
    ("3-parties.cedar", include_str!("../policies/3-parties.cedar")),
    ("4-acts.cedar", include_str!("../policies/4-acts.cedar")),
    ("5-outside.cedar", include_str!("../policies/5-outside.cedar")),
];

/// Which policies judged: the first 16 hexadecimal digits of the SHA-256 of schema and files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyVersion(Box<str>);

impl fmt::Display for PolicyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The policies in force. They are trusted: whoever can change their files decides who may see and
/// do what on this node, up to what is sealed to a person.
#[derive(Debug)]
pub struct Policies {
    words: Words,
    set: PolicySet,
    split: Split,
    rules: BTreeMap<PolicyId, Rule>,
    version: PolicyVersion,
}

/// A question, but for the thing's label.
struct Asking<'a> {
    principal: &'a Principal,
    request: Request,
    set: &'a PolicySet,
}

impl Policies {
    /// The policies that the program brings along.
    ///
    /// # Panics
    ///
    /// Never: they are part of the program, and its tests read them.
    pub fn shipped() -> Self {
        let file = |&(name, text): &(&str, &str)| PolicyFile {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        Self::read(SHIPPED.iter().map(file)).expect("the tests read the policies of the program")
    }

    /// Reads an operator's own policies, which take the place of the program's. Each file must parse
    /// and hold to the schema strictly, without a warning, and each policy must have an `@id` of its
    /// own and say in `@says` what it does.
    ///
    /// # Errors
    ///
    /// [`PoliciesError`] with every fault found, and where it is.
    pub fn read(files: impl IntoIterator<Item = PolicyFile>) -> Result<Self, PoliciesError> {
        let mut files: Vec<PolicyFile> = files.into_iter().collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let words = Words::new();
        let set = reading::read(&words.schema, &files)?;
        let rules = set.policies().map(|policy| (policy.id().clone(), Rule::of(policy))).collect();
        let split = Split::new(&words, &set);
        Ok(Self { words, rules, set, split, version: version(&files) })
    }

    /// Which policies these are. Whoever is judged by others sees another version.
    pub fn version(&self) -> &PolicyVersion {
        &self.version
    }

    /// Every policy, in order of the ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// Whether this asker may do this to this thing now.
    ///
    /// What no policy allows is denied. So is what any policy forbids, and everything where a policy
    /// can't be worked out or the question doesn't hold to the schema.
    pub fn judge(
        &self,
        now: Timestamp,
        asker: &Asker,
        deed: impl Into<Deed>,
        thing: &Thing,
    ) -> Judgement {
        let deed = deed.into();
        let principal = self.words.asker(asker);
        let weigh = |deed| {
            let asking = self.asking(now, &principal, deed, thing.kind);
            self.weigh(&asking, thing, &thing.label)
        };
        match weigh(deed) {
            Ok(by) => Judgement::Allowed(Allowed {
                act: deed.act,
                kind: thing.kind,
                label: thing.label.clone(),
                by,
            }),
            Err(ground) => Judgement::Denied(Denial {
                who: asker.into(),
                act: deed.act,
                kind: thing.kind,
                ground,
                known: deed.act.brings_the_thing()
                    || (deed.act != Act::Read && weigh(Act::Read.into()).is_ok()),
            }),
        }
    }

    /// Which scope a token lacks for this: the one without which it is denied, and with which it is
    /// allowed. `None` where it is no token, or the lack of a scope is not all that is in the way.
    ///
    /// Ask of a thing that anybody could think of, and the answer is no secret from a token's holder:
    /// it then says nothing of what there is.
    pub fn lacking_scope(
        &self,
        now: Timestamp,
        asker: &Asker,
        deed: impl Into<Deed>,
        thing: &Thing,
    ) -> Option<Scope> {
        let SignIn::Token { scopes, until } = &asker.person()?.sign_in else { return None };
        let deed = deed.into();
        let may = |asker: &Asker| self.judge(now, asker, deed, thing).is_allowed();
        if may(asker) {
            return None;
        }
        let with = |scope: Scope| {
            let mut person = asker.person()?.clone();
            let scopes = scopes.iter().copied().chain([scope]).collect();
            person.sign_in = SignIn::Token { scopes, until: *until };
            may(&person.into()).then_some(scope)
        };
        Scope::ALL.iter().copied().filter(|scope| !scopes.contains(scope)).find_map(with)
    }

    /// Of these labels, those under which this asker may do this to things that are otherwise like
    /// this one. One decision for each label.
    pub fn visible<'l, I: Ord>(
        &self,
        now: Timestamp,
        asker: &Asker,
        deed: impl Into<Deed>,
        like: &Thing,
        labels: impl IntoIterator<Item = (I, &'l Label)>,
    ) -> BTreeSet<I> {
        let principal = self.words.asker(asker);
        let asking = self.asking(now, &principal, deed.into(), like.kind);
        labels
            .into_iter()
            .filter(|(_, label)| self.weigh(&asking, like, label).is_ok())
            .map(|(id, _)| id)
            .collect()
    }

    /// Every policy that applies, with its effect: those that allow something are told also where
    /// others forbid it. For whoever writes policies; an asker is told a [`Denial`].
    pub fn applying(
        &self,
        now: Timestamp,
        asker: &Asker,
        deed: impl Into<Deed>,
        thing: &Thing,
    ) -> Vec<Rule> {
        let principal = self.words.asker(asker);
        let Ok((request, entities)) = self.question(now, &principal, deed.into(), thing) else {
            return Vec::new();
        };
        let applies = |policy: &&Policy| {
            let alone = PolicySet::from_policies([(*policy).clone()]);
            alone.is_ok_and(|alone| {
                let response = Authorizer::new().is_authorized(&request, &alone, &entities);
                response.diagnostics().reason().next().is_some()
            })
        };
        let ids = self.set.policies().filter(applies).map(Policy::id).collect();
        self.told(ids)
    }

    /// Every policy, as Cedar has it.
    pub(crate) fn set(&self) -> &PolicySet {
        &self.set
    }

    /// The question that a case puts, as Cedar has it.
    pub(crate) fn question_of(&self, case: &Case) -> Result<(Request, Entities), Unfit> {
        self.question(case.now, &self.words.asker(&case.asker), case.deed, &case.thing)
    }

    fn question(
        &self,
        now: Timestamp,
        principal: &Result<Principal, Unfit>,
        deed: Deed,
        thing: &Thing,
    ) -> Result<(Request, Entities), Unfit> {
        let Asking { principal, request, .. } = self.asking(now, principal, deed, thing.kind)?;
        Ok((request, self.words.known(principal, thing, &thing.label)?))
    }

    /// What of a question doesn't depend on the thing's label.
    fn asking<'a>(
        &'a self,
        now: Timestamp,
        principal: &'a Result<Principal, Unfit>,
        deed: Deed,
        kind: ThingKind,
    ) -> Result<Asking<'a>, Unfit> {
        let principal = principal.as_ref().map_err(|unfit| *unfit)?;
        let request = self.words.request(now, principal, deed, kind)?;
        let set = self.split.of(principal.kind, deed.act, kind).unwrap_or(&self.set);
        Ok(Asking { principal, request, set })
    }

    /// The policies that allow it under this label, or the ground for denying it.
    fn weigh(
        &self,
        asking: &Result<Asking<'_>, Unfit>,
        thing: &Thing,
        label: &Label,
    ) -> Result<Vec<Rule>, Ground> {
        let known = asking
            .as_ref()
            .map_err(|unfit| *unfit)
            .and_then(|asking| Ok((asking, self.words.known(asking.principal, thing, label)?)));
        let (asking, entities) = known.map_err(|unfit| match unfit {
            Unfit::Meaningless => Ground::Meaningless,
            Unfit::Malformed => Ground::Failed(Vec::new()),
        })?;
        let response = Authorizer::new().is_authorized(&asking.request, asking.set, &entities);
        let diagnostics = response.diagnostics();
        // INVARIANT: an error anywhere is a denial. Cedar leaves a policy out that fails, and one that
        // was to forbid would then forbid nothing.
        let failed = diagnostics.errors().map(|error| match error {
            AuthorizationError::PolicyEvaluationError(error) => error.policy_id(),
        });
        let failed: BTreeSet<&PolicyId> = failed.collect();
        if !failed.is_empty() {
            return Err(Ground::Failed(self.told(failed)));
        }
        let reasons = self.told(diagnostics.reason().collect());
        match (response.decision(), reasons.is_empty()) {
            (Decision::Allow, _) => Ok(reasons),
            (Decision::Deny, true) => Err(Ground::NothingAllows),
            (Decision::Deny, false) => Err(Ground::Forbidden(reasons)),
        }
    }

    fn told(&self, ids: BTreeSet<&PolicyId>) -> Vec<Rule> {
        ids.into_iter().filter_map(|id| self.rules.get(id).cloned()).collect()
    }
}

fn version(files: &[PolicyFile]) -> PolicyVersion {
    let mut digest = Sha256::new();
    let parts = files.iter().flat_map(|file| [file.name.as_str(), file.text.as_str()]);
    for part in std::iter::once(SCHEMA).chain(parts) {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part);
    }
    let mut text = String::new();
    for byte in digest.finalize().iter().take(8) {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    PolicyVersion(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Person, SignIn, ThingKind};
    use portcullis_types::{Body, Level, OfficerId, OrganisationId, PersonId, Role};

    fn officer() -> Asker {
        let organisation = OrganisationId::new("party-a").unwrap();
        Person {
            id: PersonId { organisation, officer: OfficerId::new("o.testwick").unwrap() },
            body: Body::Party,
            roles: BTreeSet::from([Role::Officer]),
            clearance: Level(1),
            compartments: BTreeSet::new(),
            party: None,
            from: None,
            until: None,
            sign_in: SignIn::Session { signed_in_at: Timestamp::UNIX_EPOCH, confirmed_at: None },
        }
        .into()
    }

    #[test]
    fn an_officer_reads_an_alert_of_her_own_organisation_up_to_her_clearance() {
        let policies = Policies::shipped();
        let own = OrganisationId::new("party-a").unwrap();
        let mut thing = Thing::new(ThingKind::Alert, own);
        let judged = policies.judge(Timestamp::UNIX_EPOCH, &officer(), Act::Read, &thing);
        assert!(judged.is_allowed(), "{judged:?}");
        thing.label.level = Level(2);
        let judged = policies.judge(Timestamp::UNIX_EPOCH, &officer(), Act::Read, &thing);
        assert!(!judged.is_allowed(), "{judged:?}");
    }
}
