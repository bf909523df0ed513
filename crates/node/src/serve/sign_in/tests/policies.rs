//! That the policies of whoever runs the node hold on the pages, too (THREATS T-23).

use super::browser::{Browser, Node};
use axum::http::StatusCode;
use portcullis_access::SHIPPED;
use serde_json::json;
use std::fs;
use tempfile::TempDir;

/// The program's own policies, and one that forbids this.
fn without(act: &str, kind: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in SHIPPED {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let own = format!(
        "@id(\"own\")\n@says(\"Planted rule: not here.\")\n\
         forbid (principal, action == Action::\"{act}\", resource is {kind});\n"
    );
    fs::write(folder.path().join("9-own.cedar"), own).unwrap();
    folder
}

const OFFICER: [(&str, &str); 5] = [
    ("account", "a.newcomer"),
    ("name", "Planted-newcomer"),
    ("days", "90"),
    ("role-officer", "yes"),
    ("reason", "one more"),
];

const TOKEN: [(&str, &str); 3] = [("note", "tests"), ("days", "7"), ("scope-match", "yes")];

const LINK: [(&str, &str); 4] = [("note", "n"), ("class", "donor"), ("days", "7"), ("uses", "1")];

/// What pages answer that somebody asks for who may: all that the policies could forbid.
async fn asked(
    first: &mut Browser<'_>,
    second: &mut Browser<'_>,
    path: &str,
) -> (StatusCode, String) {
    let page = match path {
        "make a token" => first.form("/tokens", &TOKEN).await,
        "revoke a token" => {
            first.form("/tokens", &TOKEN).await;
            let id = first.get("/tokens").await.hidden_after("/tokens/revoke", "id");
            first.form("/tokens/revoke", &[("id", &id)]).await
        }
        "make a link" => first.form("/links", &LINK).await,
        "close a link" => {
            first.form("/links", &LINK).await;
            let id = first.get("/links").await.hidden_after("/links/close", "id");
            first.form("/links/close", &[("id", &id)]).await
        }
        "propose" => first.form("/approvals/propose", &OFFICER).await,
        "approve" => {
            first.form("/approvals/propose", &OFFICER).await;
            let waiting = second.get("/approvals").await;
            let id = waiting.hidden_after("/approvals/approve", "id");
            let seen = waiting.hidden_after("/approvals/approve", "seen");
            second.form("/approvals/approve", &[("id", &id), ("seen", &seen)]).await
        }
        "refuse" => {
            first.form("/approvals/propose", &OFFICER).await;
            let id = second.get("/approvals").await.hidden_after("/approvals/approve", "id");
            second.form("/approvals/refuse", &[("id", &id)]).await
        }
        page => first.get(page).await,
    };
    (page.status, page.body)
}

#[tokio::test(start_paused = true)]
async fn what_the_policies_of_the_node_forbid_no_page_does() {
    for (act, kind, path) in [
        ("read", "Account", "/account"),
        ("read", "RoleChange", "/approvals"),
        ("read", "Token", "/tokens"),
        ("read", "Link", "/links"),
        ("make", "Token", "make a token"),
        ("revoke", "Token", "revoke a token"),
        ("make", "Link", "make a link"),
        ("revoke", "Link", "close a link"),
        ("propose", "RoleChange", "propose"),
        ("approve", "RoleChange", "approve"),
        ("revoke", "RoleChange", "refuse"),
    ] {
        let plain = Node::new();
        let [(mut first, _), (mut second, _)] = plain.office().await;
        let (status, body) = asked(&mut first, &mut second, path).await;
        assert!(status.is_success() || status.is_redirection(), "{path} {status} {body}");

        let policies = without(act, kind);
        let node = Node::with(&["--policies", policies.path().to_str().unwrap()]);
        let [(mut first, _), (mut second, _)] = node.office().await;
        let (status, body) = asked(&mut first, &mut second, path).await;
        if act == "read" {
            assert_eq!(status, StatusCode::NOT_FOUND, "{path} {body}");
        } else {
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} {body}");
            assert!(body.contains("Planted rule: not here."), "{path} {body}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_policies_forbid_it_nobody_changes_how_he_signs_in() {
    for (act, path) in [
        ("make", "/account/passkeys/begin"),
        ("make", "/account/provider"),
        ("revoke", "/account/passkeys/remove"),
    ] {
        let policies = without(act, "WayIn");
        let node = Node::with(&["--policies", policies.path().to_str().unwrap()]);
        let [(mut browser, _), _] = node.office().await;
        let answer = if path.ends_with("begin") {
            let form = browser.form_token().await;
            browser.json(path, &json!({ "form": form })).await
        } else {
            browser.form(path, &[("id", "none")]).await
        };
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {}", answer.body);
        assert!(answer.body.contains("Planted rule: not here."), "{path} {}", answer.body);
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_policies_forbid_it_nobody_hands_anything_in() {
    let policies = without("submit", "Submission");
    let node = Node::with(&["--policies", policies.path().to_str().unwrap()]);
    let [(mut officer, _), _] = node.office().await;
    let address = officer.form("/links", &LINK).await.element("link");
    let address = address.strip_prefix(super::browser::ORIGIN_OF_PAGES).unwrap().to_owned();
    let mut volunteer = Browser::of(&node);
    volunteer.get(&address).await;
    let form = volunteer.get("/hand-in").await.hidden_after("<form", "form");
    let sent = volunteer.bare_form("/hand-in", &[("form", &form), ("name", "Planted")]).await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND, "{}", sent.body);
}

#[tokio::test(start_paused = true)]
async fn a_link_or_a_token_is_made_with_a_fresh_confirmation_alone() {
    let node = Node::new();
    let [(mut officer, mut passkey), _] = node.office().await;
    node.minutes(6);
    for (path, fields) in [("/links", &LINK[..]), ("/tokens", &TOKEN[..])] {
        let stale = officer.form(path, fields).await;
        assert_eq!(stale.leads_to(), format!("/confirm?next={path}"));
    }
    officer.confirm(&mut passkey).await;
    for (path, fields) in [("/links", &LINK[..]), ("/tokens", &TOKEN[..])] {
        let made = officer.form(path, fields).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    }
}
