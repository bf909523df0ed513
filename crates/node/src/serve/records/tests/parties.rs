//! Between parties, and under the control of whoever something comes from, end to end (THREATS T-24).

use super::node::{Node, label, other, own, reader};
use super::script::{Deed, Sort, Step, reference, take};
use super::talk::{Heard, ask, get, post};
use portcullis_access::{Person, Scope, SignIn};
use portcullis_decide::Verdict;
use portcullis_testkit::MockClock;
use portcullis_types::{Body, Clock, Label, OrganisationId, Role};
use std::collections::BTreeSet;

fn party_a() -> OrganisationId {
    OrganisationId::new("party-a").unwrap()
}

fn matter_of(parties: &[OrganisationId]) -> Label {
    Label { parties: parties.iter().cloned().collect(), ..Label::open() }
}

/// Somebody of a ministry, who may hold office in a party.
fn of_ministry(party: Option<OrganisationId>) -> Person {
    let roles = [Role::Officer, Role::Auditor];
    Person { body: Body::Taskforce, party, ..reader(&roles, 2, &["river"]) }
}

fn node(reader: &Person, deeds: impl IntoIterator<Item = Deed>) -> Node {
    let node = Node::new(reader);
    for (at, deed) in (1..).zip(deeds) {
        let number = u64::try_from(at).unwrap();
        take(&node, reader, &Step { at, number, sort: Sort::Hidden, deed });
    }
    node.at(3_600);
    node
}

/// A list, a pair and a decision, each the matter of these parties.
fn of_parties(parties: &[OrganisationId]) -> Vec<Deed> {
    let label = matter_of(parties);
    vec![
        Deed::Keep { list: 0, issue: 1, label: label.clone() },
        Deed::Show { people: vec![2], list: 0, label: label.clone() },
        Deed::Decide { who: 2, list: 0, verdict: Verdict::Unsure, label },
    ]
}

async fn hear(node: &Node, path: &str) -> Heard {
    ask(node, &get(path)).await
}

/// How many lists, alerts and decisions somebody is shown, and how many he is told that there are.
async fn shown(node: &Node) -> [usize; 4] {
    let mut shown = [0; 4];
    for (n, what) in ["lists", "alerts", "decisions"].into_iter().enumerate() {
        let heard = hear(node, &format!("/api/v1/{what}")).await;
        shown[n] = heard.json()["items"].as_array().unwrap().len();
    }
    let counts = hear(node, "/api/v1/counts").await.json();
    shown[3] = usize::try_from(counts["alerts"].as_u64().unwrap()).unwrap();
    shown
}

fn decision() -> String {
    format!(
        r#"{{"reference":"{}","verdict":"same","reason":"the same","purpose":"screen-donor"}}"#,
        reference(2, 0)
    )
}

#[tokio::test(start_paused = true)]
async fn a_minister_meets_nothing_of_another_party_than_his_own() {
    for (office, matter, sees) in [
        (Some(party_a()), vec![other()], false),
        (Some(party_a()), vec![party_a(), other()], false),
        (Some(party_a()), vec![party_a()], true),
        (Some(party_a()), vec![], true),
        (None, vec![other()], true),
    ] {
        let node = node(&of_ministry(office.clone()), of_parties(&matter));
        let expected = if sees { [1; 4] } else { [0; 4] };
        assert_eq!(shown(&node).await, expected, "{office:?} {matter:?}");
        let found = if sees { 200 } else { 404 };
        for path in [
            format!("/api/v1/alerts/{}", reference(2, 0)),
            format!("/api/v1/history/alerts/{}", reference(2, 0)),
            "/api/v1/lists/list-0".to_owned(),
            "/api/v1/history/lists/list-0".to_owned(),
        ] {
            assert_eq!(hear(&node, &path).await.status, found, "{office:?} {matter:?} {path}");
        }
        let decided = ask(&node, &post("/api/v1/decisions", decision())).await;
        assert_eq!(decided.status, if sees { 201 } else { 404 }, "{office:?} {matter:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_party_holds_is_its_own_matter_without_anybody_saying_so() {
    let plain = || {
        let label = label(1, &[]);
        vec![
            Deed::Keep { list: 0, issue: 1, label: label.clone() },
            Deed::Show { people: vec![2], list: 0, label: label.clone() },
            Deed::Decide { who: 2, list: 0, verdict: Verdict::Unsure, label },
        ]
    };
    let officer = reader(&[Role::Officer, Role::Auditor], 2, &[]);
    for (office, sees) in [(None, true), (Some(own()), true), (Some(other()), false)] {
        let node = node(&Person { party: office.clone(), ..officer.clone() }, plain());
        let expected = if sees { [1; 4] } else { [0; 4] };
        assert_eq!(shown(&node).await, expected, "{office:?}");
    }
    // And what came there from another party stays that party's.
    let node = node(&officer, of_parties(&[other()]));
    assert_eq!(shown(&node).await, [0; 4]);
}

/// A pair under the originator's control, which another organisation made, or this one.
fn under_control(originators: &[OrganisationId]) -> Vec<Deed> {
    let label = Label {
        handling: ["orcon".into()].into(),
        originators: originators.iter().cloned().collect(),
        ..Label::open()
    };
    vec![
        Deed::Keep { list: 0, issue: 1, label: Label::open() },
        Deed::Show { people: vec![2], list: 0, label: label.clone() },
        Deed::Decide { who: 2, list: 0, verdict: Verdict::Unsure, label },
    ]
}

// THREATS T-23
#[tokio::test(start_paused = true)]
async fn what_another_keeps_control_of_is_read_and_not_copied_out() {
    let signed_in = reader(&[Role::Officer], 1, &[]);
    let sign_in = SignIn::Token {
        scopes: BTreeSet::from([Scope::DecisionsRead]),
        until: MockClock::default().now() + jiff::SignedDuration::from_hours(24),
    };
    let by_token = Person { sign_in, ..signed_in.clone() };
    let elsewhere = OrganisationId::new("service-x").unwrap();
    for (originators, copied) in
        [(vec![elsewhere.clone()], 0), (vec![own(), elsewhere], 0), (vec![own()], 1), (vec![], 1)]
    {
        for (reader, what) in [&signed_in, &by_token]
            .into_iter()
            .flat_map(|one| ["alerts", "decisions"].map(|what| (one, what)))
        {
            let node = node(reader, under_control(&originators));
            let path = format!("/api/v1/{what}");
            assert_eq!(hear(&node, &path).await.json()["items"].as_array().unwrap().len(), 1);
            let table = ask(&node, &get(&path).table()).await;
            assert_eq!(table.status, 200);
            // The row of headings stands there in any case.
            assert_eq!(table.body.lines().count(), 1 + copied, "{originators:?} {}", table.body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_is_for_the_purpose_that_the_pair_was_shown_for() {
    let node = node(&of_ministry(None), of_parties(&[]));
    let decide = |purpose: &str| decision().replace("screen-donor", purpose);
    for (body, status) in [
        (decide("screen-staff"), 403),
        (decide("oversight"), 403),
        (decide("curiosity"), 422),
        (decision().replace(r#","purpose":"screen-donor""#, ""), 422),
        (decision(), 201),
    ] {
        let heard = ask(&node, &post("/api/v1/decisions", body.clone())).await;
        assert_eq!(heard.status, status, "{body} {}", heard.body);
    }
    let decisions = hear(&node, "/api/v1/decisions").await.json();
    let id = decisions["items"][0]["id"].as_str().unwrap();
    for (purpose, status) in [("screen-staff", 403), ("screen-donor", 200)] {
        let body = format!(r#"{{"reason":"wrong row","purpose":"{purpose}"}}"#);
        let heard = ask(&node, &post(format!("/api/v1/decisions/{id}/undo"), body)).await;
        assert_eq!(heard.status, status, "{purpose} {}", heard.body);
    }
}
