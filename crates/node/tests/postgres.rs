//! The same commands over a server of PostgreSQL, told by `PORTCULLIS_STORE`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use portcullis_testkit::postgres::PostgresServer;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const LISTED: &str = r#"{"id":"inv-1","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1958-03-21"],"country":["ru"]}}
"#;
const DONORS: &str = "Name,Date of birth\nQuillon Examplesson,1958-03-21\n";

fn run(folder: &Path, store: &str, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(args)
        .current_dir(folder)
        .env("PORTCULLIS_DATA", folder.join("data"))
        .env("PORTCULLIS_KEY_FILE", folder.join("key"))
        .env("PORTCULLIS_STORE", store)
        .env("USER", "o.testwick")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn ok(folder: &Path, store: &str, args: &[&str]) -> String {
    let output = run(folder, store, args);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn what_is_decided_is_remembered_on_a_server() {
    let Some(server) = PostgresServer::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (folder, store) = (folder.path(), server.database());
    fs::write(folder.join("list.jsonl"), LISTED).unwrap();
    fs::write(folder.join("donors.csv"), DONORS).unwrap();
    ok(folder, &store, &["lists", "add", "invented", "--file", "list.jsonl"]);
    let screen =
        ["screen", "donors.csv", "--class", "donor", "--list", "invented", "--format", "jsonl"];
    let screened: Value = serde_json::from_str(ok(folder, &store, &screen).trim()).unwrap();
    let reference = screened["hits"][0]["reference"].as_str().unwrap();
    let officer = ["--officer", "q.officer", "--reason", "not him: another father"];
    let add = ["decisions", "add", reference, "--verdict", "not-same"];
    ok(folder, &store, &[&add[..], &officer[..]].concat());
    let again: Value = serde_json::from_str(ok(folder, &store, &screen).trim()).unwrap();
    assert_eq!(again["hits"].as_array().unwrap().len(), 0);
    // Nothing of it is in a file of the data folder, and no name is in the clear on the server.
    assert!(!folder.join("data/portcullis.db").exists());
    let rows = server.sql(&store, "SELECT d::text FROM decision d");
    assert!(rows.contains("not-same") && !rows.contains("Examplesson"), "{rows}");
}

#[test]
fn an_address_that_leads_nowhere_is_told_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let store = "postgres://portcullis:planted-password@127.0.0.1:1/none";
    let output = run(folder.path(), store, &["decisions", "list"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("127.0.0.1") && !said.contains("planted-password"), "{said}");
}
