//! An office from its first day: two administrators, an officer, and what each of them may not do.

use super::browser::{Browser, Node};
use crate::environment::SystemRng;
use axum::http::StatusCode;
use portcullis_decide::StatedReason;
use portcullis_decide::people::{Deed, Ending, Signature, suspend};
use portcullis_signin::Token;
use portcullis_store::{StoreError, TransactionName};
use portcullis_types::OfficerId;

const OFFICER: [(&str, &str); 4] = [
    ("account", "a.newcomer"),
    ("name", "Planted-newcomer"),
    ("role-officer", "yes"),
    ("reason", "Planted-reason: the office needs one more"),
];

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn two_administrators_make_an_officer_who_enrols_signs_in_and_signs_out() {
    let node = Node::new();
    let [(mut first, _), (mut second, mut second_passkey)] = node.office().await;

    let proposed = first.form("/approvals/propose", &OFFICER).await;
    assert_eq!(proposed.status, StatusCode::OK, "{}", proposed.body);
    let one = proposed.element("half");

    // Who proposed it cannot approve it, whatever he sends.
    let waiting = second.get("/approvals").await;
    assert!(waiting.body.contains("Planted-newcomer") && waiting.body.contains("o.testwick"));
    let id = waiting.hidden_after("/approvals/approve", "id");
    let seen = waiting.hidden_after("/approvals/approve", "seen");
    let own = first.form("/approvals/approve", &[("id", &id), ("seen", &seen)]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    assert!(own.body.contains("Nobody approves what he or she proposed"), "{}", own.body);

    // A confirmation that is too old is none.
    node.minutes(6);
    let approval = [("id", id.as_str()), ("seen", seen.as_str())];
    let stale = second.form("/approvals/approve", &approval).await;
    assert_eq!(stale.leads_to(), "/confirm?next=/approvals");
    let confirmed = second.confirm(&mut second_passkey).await;
    assert_eq!(confirmed.json()["next"], "/approvals");
    let approved = second.form("/approvals/approve", &approval).await;
    assert_eq!(approved.status, StatusCode::OK, "{}", approved.body);
    let other = approved.element("half");
    assert_ne!(one, other);

    // Neither half alone lets anybody in.
    let mut stranger = Browser::of(&node);
    for halves in [[&one, &one], [&other, &other]] {
        let sent =
            serde_json::json!({ "account": "a.newcomer", "one": halves[0], "other": halves[1] });
        let refused = stranger.json("/enrol/begin", &sent).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }

    let mut officer = Browser::of(&node);
    let mut passkey = officer.enrol("a.newcomer", &one, &other).await;
    assert!(officer.get("/account").await.body.contains("Your keys are unlocked"));
    officer.form("/sign-out", &[]).await;
    assert_eq!(officer.get("/account").await.leads_to(), "/sign-in");

    let signed_in = officer.sign_in(&mut passkey).await;
    assert_eq!(signed_in.json()["next"], "/account", "{}", signed_in.body);
    let account = officer.get("/account").await;
    assert!(account.body.contains("Your keys are unlocked"));
    assert!(account.body.contains("Planted-newcomer"));
    // He is no administrator.
    assert_eq!(officer.get("/approvals").await.status, StatusCode::NOT_FOUND);
    let tried = officer.form("/approvals/approve", &[("id", &id)]).await;
    assert_eq!(tried.status, StatusCode::NOT_FOUND);
    let out = officer.form("/sign-out", &[]).await;
    assert_eq!(out.leads_to(), "/sign-in");
    assert!(officer.cookies.is_empty());

    // The invitation was used.
    let sent = serde_json::json!({ "account": "a.newcomer", "one": one, "other": other });
    assert_eq!(stranger.json("/enrol/begin", &sent).await.status, StatusCode::FORBIDDEN);
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn nobody_approves_what_he_was_not_shown() {
    let node = Node::new();
    let [(mut first, _), (mut second, _)] = node.office().await;
    first.form("/approvals/propose", &OFFICER).await;
    let shown = second.get("/approvals").await;
    let seen = shown.hidden_after("/approvals/approve", "seen");
    // Another proposal takes its place under the same button.
    let other =
        OFFICER.map(|(name, value)| (name, if name == "account" { "b.another" } else { value }));
    first.form("/approvals/propose", &other).await;
    let both = second.get("/approvals").await;
    let card = &both.body[both.body.find("b.another").unwrap()..];
    let begins = "name=\"id\" value=\"";
    let id = card[card.find(begins).unwrap() + begins.len()..].split('"').next().unwrap();
    for wrong in [seen.as_str(), "", "nonsense"] {
        let refused = second.form("/approvals/approve", &[("id", id), ("seen", wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("not what you were shown"), "{}", refused.body);
    }
    assert!(second.get("/approvals").await.body.contains("b.another"), "it still waits");
}

#[tokio::test(start_paused = true)]
async fn a_term_of_no_possible_length_is_refused() {
    let node = Node::new();
    let [(mut first, _), _] = node.office().await;
    for days in ["400000000000000", "9223372036854775807", "-1", "0", "36501", "x"] {
        let fields: Vec<_> = OFFICER.into_iter().chain([("days", days)]).collect();
        let refused = first.form("/approvals/propose", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
    }
    let fields: Vec<_> = OFFICER.into_iter().chain([("days", "36500")]).collect();
    assert_eq!(first.form("/approvals/propose", &fields).await.status, StatusCode::OK);
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn nobody_approves_with_locked_keys() {
    let node = Node::new();
    let [(mut first, _), (mut second, _)] = node.office().await;
    first.form("/approvals/propose", &OFFICER).await;
    let id = second.get("/approvals").await.hidden_after("/approvals/approve", "id");
    for digest in node.state.sign_in.own_keys.all() {
        node.state.sign_in.own_keys.forget(&digest);
    }
    let locked = second.form("/approvals/approve", &[("id", &id)]).await;
    assert_eq!(locked.status, StatusCode::FORBIDDEN);
    assert!(locked.body.contains("Your keys are locked"));
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn a_session_ends_when_what_somebody_may_do_changes() {
    let node = Node::new();
    let [(mut first, _), (mut second, _)] = node.office().await;
    let reset = [("account", "q.examplesson"), ("reason", "lost the key")];
    // About himself nobody approves; here it is the person himself.
    first.form("/approvals/reset", &reset).await;
    let waiting = second.get("/approvals").await;
    let id = waiting.hidden_after("/approvals/approve", "id");
    let seen = waiting.hidden_after("/approvals/approve", "seen");
    let own = second.form("/approvals/approve", &[("id", &id), ("seen", &seen)]).await;
    assert!(own.body.contains("a change of his or her own roles"), "{}", own.body);
    assert_eq!(second.get("/account").await.status, StatusCode::OK);

    let token = Token::parse(&first.cookies["__Host-portcullis"]).unwrap();
    let keys = node.state.sign_in.own_keys.of(&token.digest()).unwrap();
    node.store(|store| {
        store.write::<_, StoreError>(TransactionName("test.suspend"), |writer| {
            let office = writer.office(&crate::decisions::organisation())?;
            let ending = Ending {
                deed: Deed::Suspend,
                officer: OfficerId::new("q.examplesson").unwrap(),
                by: OfficerId::new("o.testwick").unwrap(),
                reason: StatedReason::new("on leave").unwrap(),
            };
            let signature = Signature::from_bytes(keys.sign(&ending.statement(&office)));
            let change = suspend(&*node.clock, &mut SystemRng, &office, ending, signature);
            writer.put_person(&change.unwrap())
        })
    })
    .unwrap();
    assert_eq!(second.get("/account").await.leads_to(), "/sign-in");
}
