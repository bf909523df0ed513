//! `portcullis keys`, from the first key to the last copy of an old one.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

const LISTED: &str = r#"{"id":"inv-1","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1958-03-21"],"country":["ru"]}}
"#;

const DONORS: &str = "Name,Date of birth\nQuillon Examplesson,1958-03-21\n";

/// A data folder with one decision, and the program run on it.
struct Node {
    folder: tempfile::TempDir,
}

impl Node {
    fn new() -> Self {
        let node = Self { folder: tempfile::tempdir().unwrap() };
        let list = node.write("list.json", LISTED);
        node.ok(&["lists", "add", "invented", "--file", &list]);
        let file = node.write("donors.csv", DONORS);
        let screened = node
            .run(&["screen", &file, "--class", "donor", "--list", "invented", "--format", "jsonl"]);
        let person: serde_json::Value =
            serde_json::from_str(text(&screened.stdout).lines().next().unwrap()).unwrap();
        let reference = person["hits"][0]["reference"].as_str().unwrap().to_owned();
        node.ok(&[
            "decisions",
            "add",
            &reference,
            "--verdict",
            "not-same",
            "--officer",
            "q.officer",
            "--reason",
            "another father",
        ]);
        node
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.at(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        self.with_key(&["--key-file", &self.at("keys/key")], args)
    }

    fn with_key(&self, key: &[&str], args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args([args, key].concat())
            .env("PORTCULLIS_DATA", self.path("data"))
            .env("USER", "o.testwick")
            .output()
            .unwrap()
    }

    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stdout));
        text(&output.stderr)
    }

    fn decisions(&self) -> String {
        self.ok(&["decisions", "list", "--format", "csv"])
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const OFFICER: [&str; 2] = ["--officer", "o.testwick"];

#[test]
fn keys_are_rotated_and_the_old_ones_destroyed_and_nothing_is_lost() {
    let node = Node::new();
    let before = node.decisions();
    let rotated = node.ok(&[&["keys", "rotate"][..], &OFFICER].concat());
    assert!(rotated.contains("generation 2 is in use"), "{rotated}");
    assert!(rotated.contains("keys destroy 1 --yes"), "{rotated}");
    assert_eq!(node.decisions(), before);
    let status = node.ok(&["keys", "status"]);
    assert!(status.contains("generation   2, in use"), "{status}");
    assert!(status.contains("generation   1, only backups"), "{status}");
    let destroy = |generation: &str| {
        [&["keys", "destroy", generation, "--yes"][..], &OFFICER]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let run = |args: Vec<String>| node.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let unsure = node.refused(&[&["keys", "destroy", "1"][..], &OFFICER].concat());
    assert!(unsure.contains("say --yes"), "{unsure}");
    assert!(text(&run(destroy("2")).stderr).contains("is the one in use"));
    assert!(text(&run(destroy("7")).stderr).contains("holds no generation `7`"));
    assert!(run(destroy("1")).status.success());
    assert_eq!(node.decisions(), before);
    assert!(!node.ok(&["keys", "status"]).contains("generation   1"));
    // Each change has its event.
    let events = node.ok(&["audit", "events"]);
    let kinds: Vec<&str> = events.lines().filter_map(|line| line.split("  ").nth(2)).collect();
    assert!(kinds.ends_with(&["keys.rotated", "keys.destroyed"]), "{kinds:?}");
}

#[test]
fn the_keyring_is_locked_with_something_else_and_the_old_key_opens_it_no_more() {
    let node = Node::new();
    let before = node.decisions();
    let passphrase = node.write("passphrase", "four plainly invented words\n");
    node.ok(&[&["keys", "change", "--to-passphrase-file", &passphrase][..], &OFFICER].concat());
    assert!(node.refused(&["decisions", "list"]).contains("cannot unlock the keyring"));
    let with = ["--passphrase-file", passphrase.as_str()];
    let listed = node.with_key(&with, &["decisions", "list", "--format", "csv"]);
    assert_eq!(text(&listed.stdout), before);
    let paper = node.with_key(&with, &["keys", "paper"]);
    assert!(text(&paper.stderr).contains("locked with a passphrase"));
    // And to a new key file, which is made.
    let key = node.at("other/key");
    let changed =
        node.with_key(&with, &[&["keys", "change", "--to-key-file", &key][..], &OFFICER].concat());
    assert!(changed.status.success(), "{}", text(&changed.stderr));
    let listed = node.with_key(&["--key-file", &key], &["decisions", "list", "--format", "csv"]);
    assert_eq!(text(&listed.stdout), before);
    assert_eq!(node.with_key(&with, &["decisions", "list"]).status.code(), Some(2));
}

#[test]
fn a_copy_of_the_keyring_and_the_key_on_paper_open_what_was_kept() {
    let node = Node::new();
    let before = node.decisions();
    let copy = node.at("copy");
    let said = node.ok(&["keys", "copy", &copy]);
    assert!(said.contains("those erased later included"), "{said}");
    assert!(node.refused(&["keys", "copy", &copy]).contains("cannot write"));
    let paper = node.ok(&["keys", "paper"]);
    let line = paper.lines().find(|line| line.starts_with("portcullis-key-1")).unwrap();
    let typed = node.write("typed", line);
    fs::rename(node.path("copy"), node.path("data/keyring")).unwrap();
    let listed = node.with_key(&["--key-file", &typed], &["decisions", "list", "--format", "csv"]);
    assert_eq!(text(&listed.stdout), before, "{}", text(&listed.stderr));
}

#[cfg(unix)]
#[test]
fn a_key_that_lies_with_the_data_or_open_to_others_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let node = Node::new();
    let warnings = |status: &str| status.lines().filter(|line| line.starts_with("warning")).count();
    // Everything of a test is on one disk.
    let status = node.ok(&["keys", "status"]);
    assert_eq!(warnings(&status), 1, "{status}");
    assert!(status.contains("on the same disk as the keyring"), "{status}");
    let key = node.at("data/key");
    fs::copy(node.path("keys/key"), &key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let status = text(&node.with_key(&["--key-file", &key], &["keys", "status"]).stdout);
    assert!(status.contains("is in the data folder"), "{status}");
    assert!(status.contains("others on this machine may read"), "{status}");
}

#[test]
fn keys_are_changed_by_a_person_and_shown_only_where_there_are_any() {
    let node = Node::new();
    let refused = node.refused(&["keys", "rotate", "--officer", "admin"]);
    assert!(refused.contains("admin"), "{refused}");
    let empty = tempfile::tempdir().unwrap();
    let data = empty.path().to_str().unwrap();
    assert!(node.refused(&["keys", "status", "--data", data]).contains("nothing is kept here"));
}
