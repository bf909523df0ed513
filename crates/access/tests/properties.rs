//! What holds whatever the labels and whoever asks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use jiff::Timestamp;
use portcullis_access::{
    Act, Asker, Deed, Effect, Ground, Judgement, Person, Policies, Recovery, SignIn, Thing,
    ThingKind,
};
use portcullis_types::{
    Audience, Body, Label, Level, OfficerId, OrganisationId, PersonId, Purpose, Role,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static POLICIES: LazyLock<Policies> = LazyLock::new(Policies::shipped);

fn organisations() -> impl Strategy<Value = OrganisationId> {
    "party-[ab]|council-c".prop_map(|text| OrganisationId::new(&text).unwrap())
}

fn people() -> impl Strategy<Value = PersonId> {
    (organisations(), "[pq]").prop_map(|(organisation, officer)| PersonId {
        organisation,
        officer: OfficerId::new(&officer).unwrap(),
    })
}

fn audience<T: Ord + Clone + std::fmt::Debug>(
    one: impl Strategy<Value = T>,
) -> impl Strategy<Value = Audience<T>> {
    prop_oneof![
        2 => Just(Audience::Everyone),
        1 => proptest::collection::btree_set(one, 0..4).prop_map(Audience::Only),
    ]
}

fn words() -> impl Strategy<Value = BTreeSet<Box<str>>> {
    proptest::collection::btree_set("north|south|orcon", 0..3)
        .prop_map(|words| words.into_iter().map(Into::into).collect())
}

fn labels() -> impl Strategy<Value = Label> {
    let several = || proptest::collection::btree_set(organisations(), 0..2);
    let audiences = (audience(organisations()), audience(people()));
    let parts = (0..3_u8, words(), words(), audiences, several(), several());
    parts.prop_map(
        |(level, compartments, handling, (organisations, people), parties, originators)| Label {
            level: Level(level),
            compartments,
            handling,
            organisations,
            people,
            parties,
            originators,
        },
    )
}

fn some<T: Copy + std::fmt::Debug + 'static>(of: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(of)
}

fn askers() -> impl Strategy<Value = Person> {
    let noon = noon();
    let roles = proptest::collection::btree_set(some(Role::ALL), 1..4);
    let parts =
        (people(), some(Body::ALL), roles, 0..3_u8, words(), proptest::option::of(organisations()));
    parts.prop_map(move |(id, body, roles, clearance, compartments, party)| Person {
        id,
        body,
        roles,
        clearance: Level(clearance),
        compartments,
        party,
        from: None,
        until: None,
        sign_in: SignIn::Session { signed_in_at: noon, confirmed_at: Some(noon) },
    })
}

fn things() -> impl Strategy<Value = Thing> {
    let person = || proptest::option::of(people());
    let parts = (
        some(ThingKind::ALL),
        labels(),
        organisations(),
        organisations(),
        proptest::option::of(organisations()),
        person(),
        person(),
        proptest::option::of(some(Purpose::ALL)),
        (
            proptest::collection::btree_set(people(), 0..2),
            proptest::collection::btree_set(people(), 0..2),
        ),
    );
    parts.prop_map(
        |(kind, label, controller, originator, party, author, subject, purpose, named)| Thing {
            kind,
            label,
            controller,
            originator,
            party,
            author,
            subject,
            purpose,
            recipients: named.0,
            outside: named.1,
        },
    )
}

fn may(asker: &Person, act: Act, thing: &Thing) -> bool {
    let noon = noon();
    let deed = act.for_purpose(Purpose::ScreenDonor);
    POLICIES.judge(noon, &asker.clone().into(), deed, thing).is_allowed()
}

fn noon() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

proptest! {
    // THREATS T-23
    #[test]
    fn nothing_is_done_to_what_is_not_cleared_and_released(
        asker in askers(), act in some(Act::ALL), thing in things(),
    ) {
        if may(&asker, act, &thing) {
            let label = &thing.label;
            prop_assert!(label.level <= asker.clearance);
            prop_assert!(label.compartments.is_subset(&asker.compartments));
            prop_assert!(label.organisations.admits(&asker.id.organisation));
            prop_assert!(label.people.admits(&asker.id));
        }
    }

    // THREATS T-24
    #[test]
    fn nothing_of_another_party_is_reached_by_any_role(
        asker in askers(), act in some(Act::ALL), thing in things(),
    ) {
        if may(&asker, act, &thing) {
            for whose in thing.party.iter().chain(&thing.label.parties) {
                prop_assert!(asker.party.as_ref().is_none_or(|own| own == whose));
                prop_assert!(asker.body != Body::Party || asker.id.organisation == *whose);
            }
        }
    }

    // THREATS T-23
    #[test]
    fn what_others_keep_control_of_is_passed_on_by_nobody_else(
        asker in askers(), thing in things(),
    ) {
        if thing.label.handling.contains("orcon") && may(&asker, Act::Release, &thing) {
            let own = &asker.id.organisation;
            prop_assert!(thing.label.originators.iter().all(|one| one == own));
            prop_assert!(thing.originator == thing.controller || thing.originator == *own);
        }
    }

    // THREATS T-25
    #[test]
    fn nothing_is_approved_by_who_proposed_it_or_whom_it_is_about(
        asker in askers(), thing in things(),
    ) {
        if may(&asker, Act::Approve, &thing) {
            prop_assert!(thing.author.is_some_and(|author| author != asker.id));
            prop_assert!(thing.subject.is_none_or(|subject| subject != asker.id));
        }
    }

    #[test]
    fn administrators_and_operators_read_no_protected_text(asker in askers(), thing in things()) {
        let roles = [Role::Administrator, Role::Operator].into();
        let asker = Person { roles, ..asker };
        let protected = [
            ThingKind::Alert, ThingKind::Decision, ThingKind::Event, ThingKind::Submission,
            ThingKind::Notice, ThingKind::Enquiry, ThingKind::Exposure,
        ];
        prop_assert!(!protected.contains(&thing.kind) || !may(&asker, Act::Read, &thing));
    }

    /// Read, count and match reach no further for a stricter label, so what bears the join of two
    /// labels is seen by nobody who may not see both parts.
    #[test]
    fn a_stricter_label_shows_nothing_more(
        asker in askers(), thing in things(), other in labels(),
        act in some(&[Act::Read, Act::Count, Act::Match]),
    ) {
        let stricter = Thing { label: thing.label.join(&other), ..thing.clone() };
        prop_assert!(!may(&asker, act, &stricter) || may(&asker, act, &thing));
    }

    /// Judging looks only at the policies that can apply; looking at each must find no other.
    #[test]
    fn what_a_judgement_rests_on_is_every_policy_that_applies(
        asker in askers(), act in some(Act::ALL), thing in things(),
        purpose in proptest::option::of(some(Purpose::ALL)),
    ) {
        let asker = Asker::from(asker);
        let deed = Deed { act, purpose, recovery: Recovery::NoCode };
        let applying = POLICIES.applying(noon(), &asker, deed, &thing);
        let (forbid, permit): (Vec<_>, Vec<_>) =
            applying.into_iter().partition(|rule| rule.effect() == Effect::Forbid);
        match POLICIES.judge(noon(), &asker, deed, &thing) {
            Judgement::Allowed(allowed) => {
                prop_assert!(forbid.is_empty());
                prop_assert_eq!(allowed.by(), permit);
            }
            Judgement::Denied(denial) => match denial.ground() {
                Ground::Forbidden(rules) => prop_assert_eq!(rules, &forbid),
                _ => prop_assert!(forbid.is_empty() && permit.is_empty()),
            },
        }
    }

    #[test]
    fn visible_is_what_judging_each_label_says(
        asker in askers(), thing in things(),
        many in proptest::collection::vec(labels(), 0..6),
        act in some(&[Act::Read, Act::Count]),
    ) {
        let asker = Asker::from(asker);
        let seen = POLICIES.visible(noon(), &asker, act, &thing, many.iter().enumerate());
        for (i, label) in many.iter().enumerate() {
            let one = Thing { label: label.clone(), ..thing.clone() };
            let judged = POLICIES.judge(noon(), &asker, act, &one);
            prop_assert_eq!(judged.is_allowed(), seen.contains(&i));
        }
    }
}
