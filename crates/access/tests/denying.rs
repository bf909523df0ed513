//! What is denied, and what is told of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::file;
use portcullis_access::cases::{Case, SHIPPED as CASES};
use portcullis_access::{
    Act, Asker, Denial, ForAsker, Ground, Judgement, OpenMatching, Person, Policies, Remedy,
    SHIPPED, Scope, SignIn, Thing, ThingKind,
};
use portcullis_types::{
    Audience, Body, Label, Level, OfficerId, OrganisationId, PersonId, Purpose, Role,
};

/// The case whose name begins so.
fn case(name: &str) -> Case {
    let cases = Case::read(CASES.iter().copied()).unwrap();
    cases.into_iter().find(|case| case.name.starts_with(name)).unwrap()
}

/// The policies that the program brings along, and this file.
fn with(text: &str) -> Policies {
    let own = [("9-own.cedar", text)];
    Policies::read(SHIPPED.iter().chain(&own).map(|&(name, text)| file(name, text))).unwrap()
}

fn denied(judgement: Judgement) -> Denial {
    judgement.into_result().unwrap_err()
}

/// Passes the strict validation, and overflows for whoever has a clearance above 0.
const OVERFLOWS: &str = "principal.clearance + 9223372036854775807 > 0";

// THREATS T-23
#[test]
fn a_policy_that_cannot_be_worked_out_denies_what_others_allow() {
    let case = case("an officer reads alerts");
    for effect in ["permit", "forbid"] {
        let policies = with(&format!(
            "@id(\"broken\")\n@says(\"Counts beyond the largest number.\")\n\
             {effect} (principal is Person, action, resource) when {{ {OVERFLOWS} }};"
        ));
        let denial = denied(case.judge(&policies));
        assert!(matches!(denial.ground(), Ground::Failed(rules) if rules.len() == 1), "{effect}");
        assert_eq!(
            denial.for_auditor().to_string(),
            "`party-a/orsolya.testwick` may not read Alert: policies that could not be worked out: `broken`"
        );
        let seen = policies.visible(
            case.now,
            &case.asker,
            Act::Read,
            &case.thing,
            [(1, &case.thing.label)],
        );
        assert!(seen.is_empty());
    }
}

#[test]
fn a_policy_that_forbids_outweighs_all_that_allow() {
    let policies = with(
        "@id(\"closed\")\n@says(\"Nothing is read on this node.\")\n\
         forbid (principal, action == Action::\"read\", resource);",
    );
    let case = case("an officer reads alerts");
    let denial = denied(case.judge(&policies));
    assert!(matches!(denial.ground(), Ground::Forbidden(rules) if rules.len() == 1));
}

#[test]
fn without_policies_that_allow_nothing_is_allowed() {
    let policies = common::alone(
        "@id(\"one\")\n@says(\"Forbids what nobody asks for.\")\n\
         forbid (principal, action == Action::\"undo\", resource);",
    )
    .unwrap();
    let denial = denied(case("an officer reads alerts").judge(&policies));
    assert_eq!(denial.ground(), &Ground::NothingAllows);
}

// THREATS T-24
#[test]
fn what_is_hidden_is_told_of_as_what_is_not_there_whatever_hides_it() {
    let policies = Policies::shipped();
    let case = case("an officer reads alerts");
    let hidden = |change: &dyn Fn(&mut Thing)| {
        let mut thing = case.thing.clone();
        change(&mut thing);
        [Act::Read, Act::Decide, Act::Erase, Act::Release].map(|act| {
            let deed = act.for_purpose(Purpose::ScreenDonor);
            denied(policies.judge(case.now, &case.asker, deed, &thing))
        })
    };
    let organisation = OrganisationId::new("council-c").unwrap();
    let ways: [Vec<Denial>; 5] = [
        hidden(&|thing| thing.label.level = Level(9)).to_vec(),
        hidden(&|thing| thing.label.compartments = ["south".into()].into()).to_vec(),
        hidden(&|thing| thing.label.organisations = Audience::Only([organisation.clone()].into()))
            .to_vec(),
        hidden(&|thing| thing.party = Some(organisation.clone())).to_vec(),
        hidden(&|thing| thing.controller = organisation.clone()).to_vec(),
    ];
    for denial in ways.iter().flatten() {
        assert_eq!(denial.for_asker(), ForAsker::Absent, "{}", denial.for_auditor());
        assert_eq!(denial.to_string(), "there is no such thing here, or it is not for you");
    }
}

#[test]
fn who_may_see_a_thing_is_told_the_rule_in_plain_words() {
    let denial = denied(
        case("what is under another's control is not passed on").judge(&Policies::shipped()),
    );
    assert_eq!(
        denial.to_string(),
        "What is marked `orcon` is passed on or copied out only by the organisation that it comes from."
    );
    assert_eq!(
        denial.for_auditor().to_string(),
        "`party-a/orsolya.testwick` may not release Alert: forbidden by `originator-control`"
    );
}

#[test]
fn who_has_only_to_confirm_is_told_so() {
    let told = |name: &str| match denied(case(name).judge(&Policies::shipped())).for_asker() {
        ForAsker::Refused { remedy, .. } => remedy,
        ForAsker::Absent => None,
    };
    assert_eq!(told("approving needs a confirmation"), Some(Remedy::Confirm));
    assert_eq!(told("a confirmation alone does not help where more is in the way"), None);
}

// THREATS T-23
#[test]
fn no_word_of_a_label_and_no_party_is_told_to_anybody() {
    let planted = "quillon-examplesson";
    let organisation = OrganisationId::new(planted).unwrap();
    let case = case("an officer reads alerts");
    let mut thing = case.thing.clone();
    thing.label.compartments = [planted.into()].into();
    thing.label.handling = [planted.into()].into();
    thing.label.organisations = Audience::Only([organisation.clone()].into());
    thing.party = Some(organisation.clone());
    thing.originator = organisation;
    let policies = Policies::shipped();
    for act in [Act::Read, Act::Release, Act::Decide] {
        let denial = denied(policies.judge(case.now, &case.asker, act, &thing));
        let told = format!("{denial} {} {} {denial:?}", denial.for_asker(), denial.for_auditor());
        assert!(!told.contains(planted), "{told}");
    }
}

#[test]
fn nobody_is_taken_for_somebody_of_another_organisation() {
    // Written one after the other with a stroke between, both would be `a/b/c`.
    let person = |organisation: &str, officer: &str| PersonId {
        organisation: OrganisationId::new(organisation).unwrap(),
        officer: OfficerId::new(officer).unwrap(),
    };
    let asker = |id: PersonId| {
        let recipient = case("a recipient reads what is sealed to him").asker;
        let person = Person { id, ..recipient.person().unwrap().clone() };
        Asker::from(person)
    };
    let policies = Policies::shipped();
    let case = case("a recipient reads what is sealed to him");
    for (named, other) in [
        (person("a/b", "c"), person("a", "b/c")),
        (person("a%2Fb", "c"), person("a/b", "c")),
        (person("a", "b"), person("b", "b")),
    ] {
        let mut thing = case.thing.clone();
        thing.recipients = [named.clone()].into();
        let may = |id: &PersonId| {
            policies.judge(case.now, &asker(id.clone()), Act::Read, &thing).is_allowed()
        };
        assert!(may(&named), "{named}");
        assert!(!may(&other), "{other}");
    }
}

#[test]
fn every_word_of_our_vocabularies_is_one_of_the_schema() {
    // A word that the schema doesn't know would make every question with it fail.
    let policies = Policies::shipped();
    let case = case("an officer reads alerts");
    let officer = case.asker.person().unwrap();
    for &body in Body::ALL {
        let asker = Person { body, roles: Role::ALL.iter().copied().collect(), ..officer.clone() };
        let judged = policies.judge(case.now, &asker.into(), Act::Read, &case.thing);
        assert!(judged.is_allowed(), "{body}: {judged:?}");
    }
    let sign_in = SignIn::Token { scopes: Scope::ALL.iter().copied().collect(), until: case.now };
    let asker = Asker::from(Person { sign_in, ..officer.clone() });
    for &purpose in Purpose::ALL {
        let mut thing = case.thing.clone();
        thing.purpose = Some(purpose);
        for &kind in ThingKind::ALL {
            for &act in Act::ALL {
                thing.kind = kind;
                let judged = policies.judge(case.now, &asker, act.for_purpose(purpose), &thing);
                let denial = judged.into_result().unwrap_err();
                assert!(!matches!(denial.ground(), Ground::Failed(_)), "{}", denial.for_auditor());
            }
        }
    }
}

#[test]
fn a_time_that_cedar_cannot_hold_denies() {
    let policies = Policies::shipped();
    let case = case("an officer reads alerts");
    let before_christ = "-000044-03-15T12:00:00Z".parse().unwrap();
    let denial = denied(policies.judge(before_christ, &case.asker, Act::Read, &case.thing));
    assert_eq!(denial.ground(), &Ground::Failed(Vec::new()));
}

#[test]
fn a_stranger_sees_none_of_the_labels_but_the_open_one() {
    let policies = Policies::shipped();
    let open = Label::open();
    let level = Label { level: Level(1), ..Label::open() };
    let nobody = Label { organisations: Audience::Only([].into()), ..Label::open() };
    let list = case("a stranger matches where it is offered");
    let labels = [(0, &open), (1, &level), (2, &nobody)];
    let seen = |matching| {
        policies.visible(list.now, &Asker::Anonymous(matching), Act::Read, &list.thing, labels)
    };
    assert_eq!(seen(OpenMatching::Offered), [0].into());
    assert!(seen(OpenMatching::Closed).is_empty());
}

/// Somebody of party A with these roles, by a token with these scopes.
fn by_token(roles: &[Role], scopes: &[Scope]) -> Asker {
    let asker = case("a token without a scope does nothing").asker;
    let mut person = asker.person().unwrap().clone();
    let SignIn::Token { until, .. } = person.sign_in else { unreachable!("it is a token") };
    person.roles = roles.iter().copied().collect();
    person.sign_in = SignIn::Token { scopes: scopes.iter().copied().collect(), until };
    person.into()
}

// THREATS T-31
#[test]
fn a_token_is_told_the_scope_that_alone_is_in_the_way() {
    let policies = Policies::shipped();
    let case = case("an officer reads alerts");
    let lacks = |asker: &Asker, act: Act, thing: &Thing| {
        let deed = act.for_purpose(Purpose::ScreenDonor);
        policies.lacking_scope(case.now, asker, deed, thing)
    };
    let officer = |scopes: &[Scope]| by_token(&[Role::Officer], scopes);
    let thing = |kind| Thing { kind, ..case.thing.clone() };
    for (act, kind, wanted) in [
        (Act::Read, ThingKind::Alert, Scope::DecisionsRead),
        (Act::Copy, ThingKind::Decision, Scope::DecisionsRead),
        (Act::Read, ThingKind::List, Scope::ListsRead),
        (Act::Match, ThingKind::List, Scope::Match),
        (Act::Screen, ThingKind::List, Scope::Screen),
        (Act::Read, ThingKind::Event, Scope::HistoryRead),
    ] {
        let others: Vec<Scope> = Scope::ALL.iter().copied().filter(|s| *s != wanted).collect();
        assert_eq!(lacks(&officer(&others), act, &thing(kind)), Some(wanted), "{act} {kind}");
        assert_eq!(lacks(&officer(&[wanted]), act, &thing(kind)), None, "{act} {kind}");
    }
    // No scope is for it.
    assert_eq!(lacks(&officer(&[]), Act::Decide, &thing(ThingKind::Alert)), None);
    // Nor may whoever stands behind the token.
    let operator = by_token(&[Role::Operator], &[]);
    assert_eq!(lacks(&operator, Act::Read, &thing(ThingKind::Alert)), None);
    let hidden = Label { level: Level(9), ..Label::open() };
    let hidden = Thing { label: hidden, ..thing(ThingKind::Alert) };
    assert_eq!(lacks(&officer(&[]), Act::Read, &hidden), None);
    // It is no token.
    assert_eq!(lacks(&case.asker, Act::Approve, &thing(ThingKind::Alert)), None);
}
