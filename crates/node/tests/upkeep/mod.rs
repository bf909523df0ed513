//! A data folder with things in it that are old, and the program run on it.

#![allow(
    dead_code,
    reason = "each test binary takes this module in as a whole and uses another part of it, so that `expect` would fail in those that use all"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::kept;
use jiff::{SignedDuration, Timestamp};
use portcullis_decide::{
    Judgement, QueryMark, RaisedPair, RecordMark, StatedReason, Verdict, raise, record,
};
use portcullis_store::{Database, TransactionName};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{OfficerId, OrganisationId, Property, Purpose, Score};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

pub(crate) const TEST: TransactionName = TransactionName("tests");

const LISTED: &str = r#"{"id":"inv-1","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1958-03-21"],"country":["ru"]}}
"#;

pub(crate) struct Node {
    folder: tempfile::TempDir,
}

impl Node {
    /// A node that keeps one list, and so has a store.
    pub(crate) fn new() -> Self {
        let node = Self { folder: tempfile::tempdir().unwrap() };
        let list = node.write("list.json", LISTED);
        node.ok(&["lists", "add", "invented", "--file", &list]);
        node
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Beside the program. Opened once in a test: each time it draws the same random ids.
    pub(crate) fn store(&self) -> Database {
        kept::store(&self.path("data"), &self.path("key"))
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command
            .args(args)
            .env("PORTCULLIS_DATA", self.path("data"))
            .env("PORTCULLIS_KEY_FILE", self.path("key"))
            .env("USER", "o.testwick");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What it writes when it ends with this status.
    pub(crate) fn ends(&self, status: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {}", text(&output.stderr));
        text(if status == 2 { &output.stderr } else { &output.stdout })
    }

    pub(crate) fn ok(&self, args: &[&str]) -> String {
        self.ends(0, args)
    }

    pub(crate) fn refused(&self, args: &[&str]) -> String {
        self.ends(2, args)
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn own() -> OrganisationId {
    OrganisationId::new("own").unwrap()
}

/// A clock so many days before today: the program has the real one.
#[expect(clippy::disallowed_methods, reason = "the program under test has the real clock")]
pub(crate) fn days_ago(days: i64) -> MockClock {
    MockClock::at(Timestamp::now() - SignedDuration::from_hours(24 * days))
}

/// Shows pairs of invented people, so many days ago. Shown a hundred days ago, they are due since ten.
pub(crate) fn show(store: &mut Database, days: i64, names: impl Iterator<Item = String>) {
    let listed = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
    let pairs: Vec<RaisedPair> = names
        .map(|name| {
            let query = dossier("q.csv", "2", &[(Property::Name, name.as_str())]);
            RaisedPair::of(own(), Purpose::ScreenDonor, &query, &listed, Score(0.5))
        })
        .collect();
    let mut rng = SeededRng::new(u64::try_from(days).unwrap() << 20);
    let change = raise(&days_ago(days), &mut rng, own(), Purpose::ScreenDonor, pairs).unwrap();
    store.write(TEST, |w| w.put_raised(&change)).unwrap();
}

/// A decision on a donor, so many days ago; due after six years.
pub(crate) fn decide(store: &mut Database, days: i64, name: &str) {
    let query = dossier("q.csv", "2", &[(Property::Name, name)]);
    let listed = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
    let judgement = Judgement {
        organisation: own(),
        purpose: Purpose::ScreenDonor,
        query: QueryMark::of(&query),
        record: RecordMark::of(&listed),
        query_name: name.into(),
        record_name: "Orsolia Testwicke".into(),
        verdict: Verdict::NotSame,
        officer: OfficerId::new("q.examplesson").unwrap(),
        reason: StatedReason::new("another mother").unwrap(),
    };
    let mut rng = SeededRng::new(u64::try_from(days).unwrap() << 21);
    let change = record(&days_ago(days), &mut rng, judgement, None).unwrap();
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
}
