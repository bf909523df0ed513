//! A node in this process, and browsers that visit it.

use crate::environment::{Environment, SystemRng};
use crate::key_file::KeySource;
use crate::lists::Place;
use crate::serve::args::Args;
use crate::serve::listen::Peer;
use crate::serve::sign_in::new_code;
use crate::serve::state::State;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use clap::Parser;
use jiff::SignedDuration;
use portcullis_decide::people::{NewAdministrator, first_people};
use portcullis_keys::{CodeKind, SecretCode};
use portcullis_store::{Database, StoreError, TransactionName};
use portcullis_testkit::authenticator::{Given, SoftPasskey, Verification};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Clock, OfficerId, Role};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(super) const ORIGIN_OF_PAGES: &str = "https://portcullis.example.org";

pub(super) struct Node {
    pub(super) folder: TempDir,
    pub(super) state: Arc<State>,
    pub(super) app: Router,
    pub(super) clock: Arc<MockClock>,
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

impl Node {
    pub(super) fn new() -> Self {
        Self::with(&[])
    }

    pub(super) fn with(more: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(MockClock::default());
        let environment = Environment {
            data: folder.path().to_owned(),
            key: KeySource::File(folder.path().join("key")),
            server: None,
            schedule: None,
            clock: Box::new(MockClock::default()),
            rng: Box::new(SystemRng),
        };
        let place = Place::new(&environment);
        drop(place.store().unwrap());
        let line = ["serve", "--rate", "0", "--site", ORIGIN_OF_PAGES];
        let line = Line::parse_from(line.iter().chain(more));
        let mut state = State::new(&line.args, &environment).unwrap();
        state.clock = Arc::clone(&clock) as Arc<dyn Clock + Send + Sync>;
        let state = Arc::new(state);
        let app = crate::serve::app(&state);
        Self { folder, state, app, clock }
    }

    pub(super) fn minutes(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    pub(super) fn store<T>(&self, work: impl FnOnce(&mut Database) -> T) -> T {
        self.state.store.on_this_thread(work).unwrap()
    }

    /// Two administrators who were invited, with their codes.
    pub(super) fn begin_office(&self) -> [SecretCode; 2] {
        let made = ["o.testwick", "q.examplesson"].map(|account| {
            let (code, digest) = new_code(CodeKind::Invitation);
            let one = NewAdministrator {
                officer: OfficerId::new(account).unwrap(),
                name: format!("Planted-{account}").into(),
                roles: BTreeSet::from([Role::Officer]),
                invitation: digest,
            };
            (code, one)
        });
        let people = made.each_ref().map(|(_, one)| one.clone());
        self.store(|store| {
            store.write::<_, StoreError>(TransactionName("test.first"), |writer| {
                let office = writer.office(&crate::decisions::organisation())?;
                let rng = &mut SystemRng;
                let change = first_people(&*self.clock, rng, &office, &people, &[]).unwrap();
                writer.put_first_people(&change)
            })
        })
        .unwrap();
        made.map(|(code, _)| code)
    }

    /// Both administrators, enrolled and signed in.
    pub(super) async fn office(&self) -> [(Browser<'_>, SoftPasskey); 2] {
        let [one, other] = self.begin_office();
        let mut first = Browser::of(self);
        let one = first.enrol("o.testwick", one.reveal(), one.reveal()).await;
        let mut second = Browser::of(self);
        let other = second.enrol("q.examplesson", other.reveal(), other.reveal()).await;
        [(first, one), (second, other)]
    }
}

pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Page {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn leads_to(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of an element that has this id.
    pub(super) fn element(&self, id: &str) -> String {
        let begins = format!("id=\"{id}\">");
        let at = self.body.find(&begins).unwrap() + begins.len();
        self.body[at..].split('<').next().unwrap().to_owned()
    }

    /// The value of the first hidden field of this name after a text.
    pub(super) fn hidden_after(&self, text: &str, name: &str) -> String {
        let from = self.body.find(text).unwrap();
        let begins = format!("name=\"{name}\" value=\"");
        let at = from + self.body[from..].find(&begins).unwrap() + begins.len();
        self.body[at..].split('"').next().unwrap().to_owned()
    }
}

pub(super) struct Browser<'a> {
    node: &'a Node,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) origin: &'static str,
    /// From where it comes; all that name no address come from one.
    pub(super) address: Option<IpAddr>,
    seed: u64,
}

impl<'a> Browser<'a> {
    pub(super) fn of(node: &'a Node) -> Self {
        Self { node, cookies: BTreeMap::new(), origin: ORIGIN_OF_PAGES, address: None, seed: 1 }
    }

    async fn ask(&mut self, request: Request<Body>) -> Page {
        let response = self.node.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for value in parts.headers.get_all(SET_COOKIE) {
            let pair = value.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
            self.cookies.retain(|_, value| !value.is_empty());
        }
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Page { status: parts.status, headers: parts.headers, body }
    }

    fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let builder = Request::builder().method(method).uri(path);
        let builder = match self.address {
            Some(address) => builder.extension(Peer(address)),
            None => builder,
        };
        if cookies.is_empty() { builder } else { builder.header(COOKIE, cookies.join("; ")) }
    }

    pub(super) async fn get(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        self.ask(request).await
    }

    pub(super) async fn json(&mut self, path: &str, sent: &Value) -> Page {
        let request = self
            .request(Method::POST, path)
            .header(ORIGIN, self.origin)
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(sent.to_string()))
            .unwrap();
        self.ask(request).await
    }

    /// Sends a form without the token that the page has for it.
    pub(super) async fn bare_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| {
                let bytes: Vec<String> = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
                format!("{name}={}", bytes.concat())
            })
            .collect();
        let request = self
            .request(Method::POST, path)
            .header(ORIGIN, self.origin)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.ask(request).await
    }

    /// Sends a form as a page of somebody who is signed in has it.
    pub(super) async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form = self.form_token().await;
        let fields: Vec<_> = fields.iter().copied().chain([("form", form.as_str())]).collect();
        self.bare_form(path, &fields).await
    }

    pub(super) async fn form_token(&mut self) -> String {
        self.get("/account").await.hidden_after("<body>", "form")
    }

    pub(super) async fn enrol(&mut self, account: &str, one: &str, other: &str) -> SoftPasskey {
        let invited = json!({ "account": account, "one": one, "other": other });
        let begun = self.json("/enrol/begin", &invited).await;
        assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
        let (passkey, sent) = self.made(&begun.json(), "blue key");
        let finished = self.json("/enrol/finish", &sent).await;
        assert_eq!(finished.status, StatusCode::OK, "{}", finished.body);
        passkey
    }

    /// A new passkey, and what a page sends when it was made.
    pub(super) fn made(&mut self, begun: &Value, label: &str) -> (SoftPasskey, Value) {
        self.seed += 1;
        let account = begun["options"]["publicKey"]["user"]["name"].as_str().unwrap();
        let seed = account
            .bytes()
            .fold(self.seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let rng = &mut SeededRng::new(seed);
        let options = &begun["options"];
        let (passkey, given) =
            SoftPasskey::create(rng, options, ORIGIN_OF_PAGES, Verification::Done);
        let mut sent = sent(&begun["ceremony"], &given);
        sent["label"] = label.into();
        (passkey, sent)
    }

    pub(super) async fn sign_in(&mut self, passkey: &mut SoftPasskey) -> Page {
        let begun = self.json("/sign-in/passkey/begin", &json!({})).await.json();
        let given = passkey.get(&begun["options"], ORIGIN_OF_PAGES);
        self.json("/sign-in/passkey/finish", &sent(&begun["ceremony"], &given)).await
    }

    pub(super) async fn confirm(&mut self, passkey: &mut SoftPasskey) -> Page {
        let form = self.form_token().await;
        let begun = self.json("/confirm/begin", &json!({ "form": form })).await.json();
        let given = passkey.get(&begun["options"], ORIGIN_OF_PAGES);
        let mut sent = sent(&begun["ceremony"], &given);
        sent["form"] = form.into();
        sent["next"] = "/approvals".into();
        self.json("/confirm/finish", &sent).await
    }
}

/// What a page sends when a passkey has answered.
pub(super) fn sent(ceremony: &Value, given: &Given) -> Value {
    use base64::Engine as _;
    let encode = |bytes| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    json!({ "ceremony": ceremony, "answer": given.answer, "prf": given.prf.map(encode) })
}
