//! `portcullis lists`, from a server that behaves and from one that does not.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod kept;
mod lists_server;

use lists_server::{Act, Server, answer, raw};
use portcullis_store::StoreError;
use portcullis_types::{Actor, OrganisationId};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A data folder of its own, and the program run on it.
struct Node {
    folder: tempfile::TempDir,
}

impl Node {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command
            .args(args)
            .env("PORTCULLIS_DATA", self.data())
            .env("PORTCULLIS_KEY_FILE", self.data().with_extension("key"))
            .env("USER", "o.testwick");
        for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a command that must succeed, and gives what it said on stderr.
    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = text(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        said
    }

    /// Runs a command that must fail with status 2, and gives what it said on stderr.
    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stderr));
        text(&output.stderr)
    }

    fn status(&self) -> Value {
        let output = self.run(&["lists", "status", "--format", "json"]);
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The records of the list in use, as screening finds them.
    fn entries(&self) -> u64 {
        self.status()[0]["entries"].as_u64().unwrap()
    }

    /// Whether screening raises an alert for this invented person against the stored lists.
    fn raises(&self, name: &str) -> bool {
        let people = self.folder.path().join("people.csv");
        fs::write(&people, format!("Name,Date of birth\n{name},1958-03-21\n")).unwrap();
        let output = self.run(&["screen", people.to_str().unwrap(), "--class", "donor"]);
        match output.status.code() {
            Some(0) => false,
            Some(1) => true,
            _ => panic!("{}", text(&output.stderr)),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Invented people, a different one on each line.
fn people(names: &[&str]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (number, name) in names.iter().enumerate() {
        writeln!(
            lines,
            r#"{{"id":"inv-{number}","schema":"Person","properties":{{"name":["{name}"],"birthDate":["1958-03-21"],"topics":["sanction"]}}}}"#
        )
        .unwrap();
    }
    lines
}

const FIRST: [&str; 3] = ["Orsolya Testwick", "Quillon Examplesson", "Zebedee Fixturebane"];
const SECOND: [&str; 4] =
    ["Orsolya Testwick", "Quillon Examplesson", "Zebedee Fixturebane", "Peregrine Mockingham"];

fn whole(body: &[u8]) -> Act {
    Act::Send(answer("200 OK", &[("etag", "\"one\"")], body))
}

/// A node whose list comes from a server that has just served the first issue.
fn served() -> (Node, Server) {
    let server = Server::new(vec![whole(&people(&FIRST))]);
    let node = Node::new();
    node.ok(&["lists", "add", "invented", "--url", &server.url("/list.json")]);
    assert_eq!(node.entries(), 3);
    (node, server)
}

/// Updates against this act, which must fail with these words and leave the first issue in use.
fn update_fails(act: Act, options: &[&str], words: &str) {
    let (node, server) = served();
    server.act(vec![act]);
    let before = node.status();
    let said = node.refused(&[&["lists", "update", "invented"], options].concat());
    assert!(said.contains(words), "`{words}` is not in: {said}");
    assert!(said.contains("stays in use"), "{said}");
    assert_eq!(node.status(), before);
    assert!(node.raises("Quillon Examplesson"));
    assert!(leftovers(&node.data()).is_empty());
}

/// Folders of issues that did not come into use.
fn leftovers(data: &Path) -> Vec<PathBuf> {
    let lists = fs::read_dir(data.join("lists")).unwrap().map(|entry| entry.unwrap().path());
    lists.filter(|path| path.to_str().unwrap().contains(".incoming-")).collect()
}

#[test]
fn a_list_added_from_the_web_is_read_and_screens() {
    let (node, _server) = served();
    let status = node.status();
    assert_eq!(status[0]["name"], "invented");
    assert_eq!(status[0]["format"], "ftm");
    assert_eq!(status[0]["set_aside"], 0);
    assert!(node.raises("Quillon Examplesson"));
    assert!(!node.raises("Barnaby Nobodyson"));
}

#[test]
fn an_unchanged_list_is_asked_for_on_condition_and_kept() {
    let (node, server) = served();
    server.act(vec![Act::Send(raw("304 Not Modified", &[], b""))]);
    let said = node.ok(&["lists", "update"]);
    assert!(said.contains("no newer issue"), "{said}");
    // RFC 9110 section 13.1.2.
    assert!(server.requests()[0].contains("if-none-match: \"one\""));
    assert_eq!(node.entries(), 3);
}

#[test]
fn a_date_of_change_is_asked_for_too() {
    let date = "Wed, 01 Jan 2025 00:00:00 GMT";
    let server =
        Server::new(vec![Act::Send(answer("200 OK", &[("last-modified", date)], &people(&FIRST)))]);
    let node = Node::new();
    node.ok(&["lists", "add", "invented", "--url", &server.url("/list.json")]);
    server.act(vec![Act::Send(raw("304 Not Modified", &[], b""))]);
    node.ok(&["lists", "update", "invented"]);
    // RFC 9110 section 13.1.3.
    assert!(server.requests()[0].contains("if-modified-since: wed, 01 jan 2025 00:00:00 gmt"));
}

#[test]
fn a_server_that_sends_the_same_again_makes_no_new_issue() {
    let (node, _server) = served();
    let said = node.ok(&["lists", "update"]);
    assert!(said.contains("no newer issue"), "{said}");
    assert_eq!(node.status()[0]["issues_kept"].as_array().unwrap().len(), 1);
}

#[test]
fn a_new_issue_takes_the_place_of_the_old_which_is_kept() {
    let (node, server) = served();
    assert!(!node.raises("Peregrine Mockingham"));
    server.act(vec![whole(&people(&SECOND))]);
    node.ok(&["lists", "update", "invented"]);
    assert_eq!(node.entries(), 4);
    assert!(node.raises("Peregrine Mockingham"));
    assert_eq!(node.status()[0]["issues_kept"].as_array().unwrap().len(), 2);
}

#[test]
#[cfg(unix)]
fn every_folder_and_file_of_the_data_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (node, server) = served();
    server.act(vec![whole(&people(&SECOND))]);
    node.ok(&["lists", "update"]);
    assert!(node.raises("Quillon Examplesson"));
    let mut open = vec![node.data()];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        let kind = fs::metadata(&path).unwrap();
        assert_eq!(kind.permissions().mode() & 0o077, 0, "{}", path.display());
        seen += 1;
        if kind.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    // data, lists, invented, versions and two issues with a file each, and more beside them.
    assert!(seen >= 8, "{seen}");
}

#[test]
fn only_five_issues_are_kept() {
    let (node, server) = served();
    for number in 0..6 {
        let names: Vec<String> = (0..4).map(|n| format!("Orsolya Testwick {number}{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        server.act(vec![whole(&people(&names))]);
        node.ok(&["lists", "update"]);
    }
    assert_eq!(node.status()[0]["issues_kept"].as_array().unwrap().len(), 5);
    let folders = fs::read_dir(node.data().join("lists/invented/versions")).unwrap().count();
    assert_eq!(folders, 5);
}

// THREATS T-06
#[test]
fn a_process_killed_in_the_middle_leaves_the_old_issue_in_use() {
    let (node, server) = served();
    let mut bytes = answer("200 OK", &[], &people(&SECOND));
    bytes.truncate(bytes.len() / 2);
    server.act(vec![Act::Stall(bytes)]);
    let mut update = node.command(&["lists", "update"]).spawn().unwrap();
    while server.requests().is_empty() {
        std::thread::yield_now();
    }
    update.kill().unwrap();
    update.wait().unwrap();
    assert_eq!(node.entries(), 3);
    assert!(node.raises("Quillon Examplesson"));
    server.act(vec![whole(&people(&SECOND))]);
    node.ok(&["lists", "update"]);
    assert_eq!(node.entries(), 4);
    assert!(leftovers(&node.data()).is_empty());
}

#[test]
fn every_change_of_a_list_is_an_event_with_its_officer() {
    let (node, server) = served();
    node.ok(&["lists", "update"]);
    server.act(vec![whole(&people(&SECOND))]);
    node.ok(&["lists", "update", "--officer", "q.examplesson"]);
    server.act(vec![Act::Send(answer("404 Not Found", &[], b""))]);
    node.refused(&["lists", "update"]);
    node.ok(&["lists", "remove", "invented", "--yes"]);
    let mut store = kept::store(&node.data(), &node.data().with_extension("key"));
    let organisation = OrganisationId::new("own").unwrap();
    let events = store.read::<_, StoreError>(|r| r.events(&organisation)).unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| match &event.actor {
            Actor::Officer(officer) => (event.kind.as_str(), officer.as_str()),
            Actor::Job(_) => panic!("a job changed a list"),
        })
        .collect();
    assert_eq!(
        told,
        [
            ("lists.added", "o.testwick"),
            ("lists.checked", "o.testwick"),
            ("lists.updated", "q.examplesson"),
            ("lists.removed", "o.testwick"),
        ]
    );
}

#[test]
fn what_a_process_that_died_left_behind_is_swept_away() {
    let (node, server) = served();
    let lists = node.data().join("lists");
    for left in [lists.join(".incoming-abc"), lists.join("invented/versions/0123456789abcdef")] {
        fs::create_dir(&left).unwrap();
        fs::write(left.join("list.json"), people(&SECOND)).unwrap();
    }
    assert!(!node.raises("Peregrine Mockingham"));
    server.act(vec![whole(&people(&SECOND[..2]))]);
    node.ok(&["lists", "update"]);
    assert!(leftovers(&node.data()).is_empty());
    assert_eq!(fs::read_dir(lists.join("invented/versions")).unwrap().count(), 2);
}

#[test]
fn a_missing_page_leaves_the_old_issue_in_use() {
    update_fails(Act::Send(answer("404 Not Found", &[], b"gone")), &[], "404");
}

#[test]
fn a_broken_server_leaves_the_old_issue_in_use() {
    update_fails(Act::Send(answer("500 Internal Server Error", &[], b"")), &[], "500");
}

#[test]
fn a_file_stated_to_be_too_large_is_refused() {
    let body = people(&SECOND);
    let act = Act::Send(answer("200 OK", &[], &body));
    update_fails(act, &["--max-size", "100"], "--max-size");
}

#[test]
fn a_file_that_turns_out_too_large_is_refused() {
    let act = Act::Send(raw("200 OK", &[], &people(&SECOND)));
    update_fails(act, &["--max-size", "100"], "--max-size");
}

#[test]
fn a_packed_file_that_unpacks_to_too_much_is_refused() {
    let body = gzip(&people(&SECOND.repeat(100)));
    assert!(body.len() < 10_000);
    update_fails(Act::Send(answer("200 OK", &[], &body)), &["--max-size", "10000"], "--max-size");
}

#[test]
fn a_server_that_stalls_before_answering_is_given_up() {
    update_fails(Act::Stall(Vec::new()), &["--timeout", "1"], "in time");
}

#[test]
fn a_server_that_stalls_in_the_middle_is_given_up() {
    let mut bytes = answer("200 OK", &[], &people(&SECOND));
    bytes.truncate(bytes.len() / 2);
    update_fails(Act::Stall(bytes), &["--timeout", "1"], "in time");
}

#[test]
fn a_body_that_breaks_off_is_refused() {
    let mut bytes = answer("200 OK", &[], &people(&SECOND));
    // At the end of a line: what came would read as a shorter list.
    let last_line = people(&SECOND[3..]).len();
    bytes.truncate(bytes.len() - last_line);
    update_fails(Act::Send(bytes), &[], "broke off");
}

#[test]
fn a_chunked_body_that_breaks_off_is_refused() {
    let body = people(&SECOND);
    let mut chunk = format!("{:x}\r\n", body.len()).into_bytes();
    chunk.extend_from_slice(&body);
    // Without the last chunk (RFC 9112 section 7.1).
    chunk.extend_from_slice(b"\r\n");
    let act = Act::Send(raw("200 OK", &[("transfer-encoding", "chunked")], &chunk));
    update_fails(act, &[], "could not be fetched");
}

#[test]
fn a_checksum_that_differs_is_refused() {
    update_fails(whole(&people(&SECOND)), &["--sha256", &"0".repeat(64)], "SHA-256");
}

#[test]
fn a_checksum_that_agrees_is_taken() {
    let (node, server) = served();
    let path = node.folder.path().join("second.json");
    fs::write(&path, people(&SECOND)).unwrap();
    let digest = Command::new("sha256sum").arg(&path).output();
    let Ok(digest) = digest else {
        eprintln!("skipped: no sha256sum to compare with");
        return;
    };
    let digest = text(&digest.stdout)[..64].to_owned();
    server.act(vec![whole(&people(&SECOND))]);
    node.ok(&["lists", "update", "invented", "--sha256", &digest]);
    assert_eq!(node.entries(), 4);
}

#[test]
fn a_web_page_in_place_of_a_list_is_refused() {
    let page = b"<!DOCTYPE html><html><body>We are down for maintenance</body></html>";
    update_fails(Act::Send(answer("200 OK", &[], page)), &[], "web page");
    let typed = answer("200 OK", &[("content-type", "text/html; charset=utf-8")], page);
    update_fails(Act::Send(typed), &[], "web page");
}

#[test]
fn a_file_in_which_nothing_can_be_read_is_refused() {
    for (body, words) in [
        (&b""[..], "not one record"),
        (b"not a list\n", "no JSON object"),
        (&[0, 1, 2, 3, 255], "not a text file"),
    ] {
        update_fails(Act::Send(answer("200 OK", &[], body)), &[], words);
    }
}

#[test]
fn a_list_that_shrank_by_more_than_half_needs_a_word() {
    let short = people(&FIRST[1..2]);
    update_fails(whole(&short), &[], "--accept-shrink");
    let (node, server) = served();
    server.act(vec![whole(&short)]);
    node.ok(&["lists", "update", "--accept-shrink"]);
    assert_eq!(node.entries(), 1);
}

#[test]
fn nothing_but_loopback_is_fetched_without_encryption() {
    let node = Node::new();
    let said = node.refused(&["lists", "add", "x", "--url", "http://lists.example/a.csv"]);
    assert!(said.contains("https"), "{said}");
}

#[test]
fn a_redirect_within_the_machine_is_followed() {
    let (node, server) = served();
    let moved = raw("302 Found", &[("location", "/elsewhere?x=1")], b"");
    server.act(vec![Act::Send(moved), whole(&people(&SECOND))]);
    node.ok(&["lists", "update"]);
    assert!(server.requests()[1].starts_with("get /elsewhere?x=1 "));
    assert_eq!(node.entries(), 4);
}

#[test]
fn a_redirect_to_an_unencrypted_address_is_refused() {
    let moved = raw("302 Found", &[("location", "http://lists.example/list.json")], b"");
    update_fails(Act::Send(moved), &[], "not encrypted");
}

#[test]
fn redirects_without_end_are_refused() {
    let moved = raw("302 Found", &[("location", "/again")], b"");
    update_fails(Act::Send(moved), &[], "sends on more than");
}

#[test]
fn a_packed_list_is_unpacked() {
    for body in [gzip(&people(&FIRST)), zstd::encode_all(&people(&FIRST)[..], 0).unwrap()] {
        let node = Node::new();
        let server = Server::new(vec![whole(&body)]);
        node.ok(&["lists", "add", "invented", "--url", &server.url("/list.json.gz")]);
        assert_eq!(node.entries(), 3);
    }
}

#[test]
fn a_body_packed_for_the_way_is_unpacked() {
    let node = Node::new();
    let body = gzip(&people(&FIRST));
    let server =
        Server::new(vec![Act::Send(answer("200 OK", &[("content-encoding", "gzip")], &body))]);
    node.ok(&["lists", "add", "invented", "--url", &server.url("/list.json")]);
    assert_eq!(node.entries(), 3);
}

#[test]
fn a_file_that_is_no_list_is_not_added() {
    let node = Node::new();
    let path = node.folder.path().join("list.json");
    for (body, words) in [
        (&b""[..], "is empty"),
        (b"Dear sir,\n", "--format"),
        (&[0, 1, 2, 3, 255], "not a text file"),
        (b"<html><body>log in</body></html>", "web page"),
    ] {
        fs::write(&path, body).unwrap();
        let said = node.refused(&["lists", "add", "invented", "--file", path.to_str().unwrap()]);
        assert!(said.contains(words), "`{words}` is not in: {said}");
        assert_eq!(node.status().as_array().unwrap().len(), 0);
    }
}

#[test]
fn a_list_that_fails_to_be_added_leaves_nothing() {
    let node = Node::new();
    let server = Server::new(vec![Act::Send(answer("404 Not Found", &[], b""))]);
    node.refused(&["lists", "add", "invented", "--url", &server.url("/list.json")]);
    assert_eq!(node.status().as_array().unwrap().len(), 0);
    assert!(!node.data().join("lists/invented").exists());
}

#[test]
fn a_list_is_added_and_updated_from_a_file() {
    let node = Node::new();
    let path = node.folder.path().join("list.json");
    fs::write(&path, people(&FIRST)).unwrap();
    node.ok(&["lists", "add", "invented", "--file", path.to_str().unwrap()]);
    fs::write(&path, people(&SECOND)).unwrap();
    assert_eq!(node.entries(), 3);
    node.ok(&["lists", "update"]);
    assert_eq!(node.entries(), 4);
    // Gone from where it came from: the kept copy stays in use.
    fs::remove_file(&path).unwrap();
    node.refused(&["lists", "update"]);
    assert!(node.raises("Peregrine Mockingham"));
}

#[test]
fn a_name_that_is_taken_or_unknown_is_refused() {
    let (node, server) = served();
    let said = node.refused(&["lists", "add", "invented", "--url", &server.url("/")]);
    assert!(said.contains("lists update invented"), "{said}");
    let said = node.refused(&["lists", "add", "no-such-list"]);
    assert!(said.contains("uk-sanctions-list"), "{said}");
    let said = node.refused(&["lists", "update", "no-such-list"]);
    assert!(said.contains("there are: invented"), "{said}");
    node.refused(&["lists", "add", "../elsewhere", "--url", &server.url("/")]);
}

#[test]
fn a_damaged_compiled_index_is_rebuilt_with_a_word_about_it() {
    let (node, _server) = served();
    for damage in [0, 9, 45, 200] {
        let folder = node.data().join("lists/.compiled");
        let path = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        bytes[damage] ^= 0x55;
        fs::write(&path, bytes).unwrap();
        let people = node.folder.path().join("people.csv");
        fs::write(&people, "Name\nQuillon Examplesson\n").unwrap();
        let output = node.run(&["screen", people.to_str().unwrap(), "--class", "donor"]);
        let said = text(&output.stderr);
        assert!(said.contains("compiling it anew"), "byte {damage}: {said}");
        // Now it is whole again, and nothing more is said.
        let output = node.run(&["screen", people.to_str().unwrap(), "--class", "donor"]);
        assert!(!text(&output.stderr).contains("compiling it anew"));
    }
}

#[test]
fn an_index_of_another_issue_is_never_used() {
    let (node, server) = served();
    let folder = node.data().join("lists/.compiled");
    let only = |folder: &Path| fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let old = fs::read(only(&folder)).unwrap();
    server.act(vec![whole(&people(&SECOND))]);
    node.ok(&["lists", "update"]);
    fs::write(only(&folder), old).unwrap();
    assert!(node.raises("Peregrine Mockingham"));
}

#[test]
fn damaged_files_are_noticed_and_fetched_again() {
    let (node, server) = served();
    let versions = node.data().join("lists/invented/versions");
    let issue = fs::read_dir(versions).unwrap().next().unwrap().unwrap().path();
    fs::write(issue.join("list.json"), people(&FIRST[..1])).unwrap();
    fs::remove_dir_all(node.data().join("lists/.compiled")).unwrap();
    let people_file = node.folder.path().join("people.csv");
    fs::write(&people_file, "Name\nQuillon Examplesson\n").unwrap();
    let screen = ["screen", people_file.to_str().unwrap(), "--class", "donor"];
    assert!(node.refused(&screen).contains("missing or damaged"));
    server.act(vec![whole(&people(&FIRST))]);
    node.ok(&["lists", "update"]);
    // Asked without condition: the copy here was worth nothing.
    assert!(!server.requests()[0].contains("if-none-match"));
    assert!(node.raises("Quillon Examplesson"));
}

#[test]
fn a_difference_is_told_by_record() {
    let (node, server) = served();
    let changed = text(&people(&SECOND)).replacen("1958-03-21", "1959", 1);
    server.act(vec![whole(changed.as_bytes())]);
    node.ok(&["lists", "update"]);
    let output = node.run(&["lists", "diff", "invented", "--format", "jsonl"]);
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["change"], &lines[0]["record"]), (&"added".into(), &"inv-3".into()));
    assert_eq!((&lines[1]["change"], &lines[1]["record"]), (&"changed".into(), &"inv-0".into()));
    assert_eq!(lines[1]["facts"][0], "birth-date");
    let table = text(&node.run(&["lists", "diff", "invented"]).stdout);
    assert!(table.contains("1 record added, 0 removed, 1 changed"), "{table}");
    let csv = text(&node.run(&["lists", "diff", "invented", "--format", "csv"]).stdout);
    assert!(csv.starts_with("change,record,name,facts\nadded,inv-3,Peregrine Mockingham,\n"));
}

#[test]
fn a_difference_needs_two_issues() {
    let (node, _server) = served();
    let said = node.refused(&["lists", "diff", "invented"]);
    assert!(said.contains("no issue `previous`"), "{said}");
    assert!(node.refused(&["lists", "diff", "nothing"]).contains("there are: invented"));
}

#[test]
fn a_list_is_removed_only_when_told_so_twice() {
    let (node, _server) = served();
    assert!(node.refused(&["lists", "remove", "invented"]).contains("--yes"));
    assert_eq!(node.entries(), 3);
    node.ok(&["lists", "remove", "invented", "--yes"]);
    assert_eq!(node.status().as_array().unwrap().len(), 0);
    assert!(!node.data().join("lists/invented").exists());
    assert!(node.refused(&["lists", "remove", "invented", "--yes"]).contains("no list"));
}

#[test]
fn rows_that_cannot_be_read_are_counted_and_kept() {
    let node = Node::new();
    let path = node.folder.path().join("list.json");
    let mut lines = people(&FIRST);
    lines.extend_from_slice(b"=HYPERLINK(\"https://x.example\")\n");
    fs::write(&path, lines).unwrap();
    let said = node.ok(&["lists", "add", "invented", "--file", path.to_str().unwrap()]);
    assert!(said.contains("set aside 1"), "{said}");
    assert_eq!(node.status()[0]["set_aside"], 1);
    let versions = node.data().join("lists/invented/versions");
    let issue = fs::read_dir(versions).unwrap().next().unwrap().unwrap().path();
    let aside = fs::read_to_string(issue.join("set-aside.csv")).unwrap();
    assert_eq!(aside.lines().count(), 2);
    // THREATS T-10
    assert!(aside.contains("\"'=HYPERLINK"), "{aside}");
}

#[test]
fn two_processes_that_update_at_once_lose_nothing() {
    let (node, server) = served();
    server.act(vec![whole(&people(&SECOND))]);
    let mut running: Vec<_> =
        (0..4).map(|_| node.command(&["lists", "update", "--again"]).spawn().unwrap()).collect();
    for process in &mut running {
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(node.entries(), 4);
    assert_eq!(node.status()[0]["issues_kept"].as_array().unwrap().len(), 2);
    assert!(node.raises("Peregrine Mockingham"));
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (node, _server) = served();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o077;
    assert_eq!(mode(node.data()), 0);
    assert_eq!(mode(node.data().join("portcullis.db")), 0);
    assert_eq!(mode(node.data().join("lists/invented/versions")), 0);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The real lists, beside the workspace; absent from most machines.
fn real(path: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if !data.exists() {
        eprintln!("skipped: `{path}` of the shared data is not here");
        return None;
    }
    Some(data)
}

#[test]
fn real_lists_are_kept_with_the_counts_of_their_index() {
    let node = Node::new();
    let Some(uk) = real("uk-sanctions-list-2026") else { return };
    let Some(fara) = real("fara/FARA_All_ForeignPrincipals.csv.zst") else { return };
    let mut args = vec!["lists".to_owned(), "add".to_owned(), "uk-sanctions-list".to_owned()];
    for table in [
        "subjects.csv",
        "subject_names.csv.zst",
        "subject_dobs.csv",
        "subject_countries.csv.zst",
        "subject_identifiers.csv.zst",
    ] {
        args.extend(["--file".to_owned(), uk.join(table).to_str().unwrap().to_owned()]);
    }
    node.ok(&args.iter().map(String::as_str).collect::<Vec<_>>());
    node.ok(&["lists", "add", "fara-principals", "--file", fara.to_str().unwrap()]);
    let status = node.status();
    // The index of the shared data: 17,358 foreign principals, 15 ragged rows among them; 6,046
    // subjects as last updated on 29 April 2026.
    let read = status[0]["entries"].as_u64().unwrap() + status[0]["set_aside"].as_u64().unwrap();
    assert_eq!(status[0]["set_aside"], 15);
    assert!(read <= 17_358, "{read}");
    assert_eq!(status[1]["entries"], 6_046);
    assert_eq!(status[1]["published"], "2026-04-29");
    assert_eq!(status[1]["overdue"], true);
}

#[test]
fn a_list_from_a_file_is_overdue_by_its_rhythm() {
    let node = Node::new();
    let path = node.folder.path().join("targets.simple.csv");
    let header = "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,\
                  phones,emails,program_ids,dataset,first_seen,last_seen,last_change\n";
    let row = "inv-1,Person,Orsolya Testwick,,1958-03-21,hu,,,,,,,Invented,2020-01-01T00:00:00,\
               2020-01-02T00:00:00,2020-01-02T00:00:00\n";
    fs::write(&path, format!("{header}{row}")).unwrap();
    node.ok(&["lists", "add", "invented", "--file", path.to_str().unwrap(), "--every", "30"]);
    let said = text(&node.run(&["lists", "status"]).stderr);
    assert!(said.contains("warning: `invented` is") && said.contains("30 days"), "{said}");
    assert_eq!(node.status()[0]["overdue"], true);
}
