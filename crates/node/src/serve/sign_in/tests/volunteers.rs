//! What somebody without an account can do with a link, and what he cannot learn.

use super::browser::{Browser, Node, Page};
use axum::http::StatusCode;
use portcullis_store::StoreError;

const LINK: [(&str, &str); 4] =
    [("note", "Planted-note"), ("class", "donor"), ("days", "7"), ("uses", "1")];

async fn link(node: &Node, browser: &mut Browser<'_>) -> String {
    let made = browser.form("/links", &LINK).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let address = made.element("link");
    let _ = node;
    address.strip_prefix(super::browser::ORIGIN_OF_PAGES).unwrap().to_owned()
}

async fn form_of(browser: &mut Browser<'_>, address: &str) -> Page {
    let opened = browser.get(address).await;
    assert_eq!(opened.leads_to(), "/hand-in");
    browser.get("/hand-in").await
}

// THREATS T-34
#[tokio::test(start_paused = true)]
async fn a_volunteer_hands_in_once_and_sees_that_it_was_received() {
    let node = Node::new();
    let [(mut officer, _), _] = node.office().await;
    let address = link(&node, &mut officer).await;
    let mut volunteer = Browser::of(&node);
    let page = form_of(&mut volunteer, &address).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("Planted-note") && !page.body.contains("testwick"));
    assert!(page.body.contains("to check donors against") && page.body.contains("after 90 days"));
    assert!(page.body.contains("Its officers read it"), "{}", page.body);
    let token = page.hidden_after("<form", "form");
    let filled = [("form", token.as_str()), ("name", "Planted-Donorsson"), ("birth_date", "1971")];
    let sent = volunteer.bare_form("/hand-in", &filled).await;
    assert_eq!(sent.leads_to(), "/hand-in/received", "{}", sent.body);
    let received = volunteer.get("/hand-in/received").await;
    assert!(received.body.contains("was received") && !received.body.contains("Planted"));
    assert!(volunteer.cookies.is_empty());
    let kept = node.store(|store| {
        store.read::<_, StoreError>(|reader| reader.submissions(&crate::decisions::organisation()))
    });
    assert_eq!(kept.unwrap()[0].form.name.reveal(), "Planted-Donorsson");
}

// THREATS T-34
#[tokio::test(start_paused = true)]
async fn links_that_are_not_open_look_alike() {
    let node = Node::new();
    let [(mut officer, _), _] = node.office().await;
    let used_up = link(&node, &mut officer).await;
    let mut volunteer = Browser::of(&node);
    let token = form_of(&mut volunteer, &used_up).await.hidden_after("<form", "form");
    volunteer.bare_form("/hand-in", &[("form", &token), ("name", "Planted")]).await;
    let closed = link(&node, &mut officer).await;
    let links = officer.get("/links").await;
    let id = links.hidden_after("/links/close", "id");
    officer.form("/links/close", &[("id", &id)]).await;
    let lapsed = link(&node, &mut officer).await;
    node.minutes(8 * 24 * 60);
    let unknown = format!(
        "/hand-in/{}",
        crate::serve::sign_in::new_code(portcullis_keys::CodeKind::Link).0.reveal()
    );
    let mut pages = Vec::new();
    let unreadable = ["/hand-in/nonsense", "/hand-in/%00%ff", "/hand-in/%ff"];
    let real = [&used_up, &closed, &lapsed, &unknown].map(String::as_str);
    for address in real.into_iter().chain(unreadable) {
        let page = form_of(&mut Browser::of(&node), address).await;
        pages.push((page.status, page.body));
    }
    pages.push({
        let page = Browser::of(&node).get("/hand-in").await;
        (page.status, page.body)
    });
    assert_eq!(pages[0].0, StatusCode::NOT_FOUND);
    for page in &pages {
        assert_eq!(*page, pages[0]);
    }
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn a_form_of_another_browser_hands_in_nothing() {
    let node = Node::new();
    let [(mut officer, _), _] = node.office().await;
    let address = link(&node, &mut officer).await;
    let token = form_of(&mut Browser::of(&node), &address).await.hidden_after("<form", "form");
    let mut other = Browser::of(&node);
    form_of(&mut other, &address).await;
    let sent = other.bare_form("/hand-in", &[("form", &token), ("name", "Planted")]).await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
}
