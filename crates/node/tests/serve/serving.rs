//! Beginning, answering and ending.

use crate::node::{Answer, Folder, LISTED, eventually};
use serde_json::{Value, json};
use std::io::{BufReader, Write};

fn query(name: &str) -> Value {
    json!({"queries": {"a": {"schema": "Person", "properties": {"name": [name]}}}})
}

#[test]
fn a_node_tells_that_it_lives_and_what_browsers_may_do() {
    let folder = Folder::new();
    let node = folder.serve(&[]);
    let answer = node.get("/health");
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})));
    assert_eq!(node.get("/ready").status, 200);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
        assert_eq!(node.get("/nothing").header(name), Some(value), "{name}");
    }
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(answer.header("x-request-id").map(str::len), Some(16));
    assert_eq!(answer.header("strict-transport-security"), None, "only with TLS");
}

// THREATS T-37
#[test]
fn nobody_else_is_served_without_tls_unless_somebody_says_so() {
    let folder = Folder::new();
    let refused = folder.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--tls-cert"));
}

// THREATS T-37
#[test]
fn a_stranger_matches_only_where_nobody_else_can_be_one() {
    let folder = Folder::with_list();
    let alone = folder.serve_lists(&[]);
    assert_eq!(alone.post("/match/default", &query("Quillon Examplesson")).status, 200);
    // A page of somebody else that has a browser call this machine by a name of its own.
    let rebound = [("Host", "evil.example"), ("Content-Type", "application/json")];
    let body = query("Quillon Examplesson").to_string();
    alone.ask("POST", "/match/default", &rebound, body.as_bytes()).is_problem(421);
    drop(alone);
    let reached = folder.serve(&["--behind-proxy"]);
    for path in ["/match/default", "/match/invented", "/match/nothing"] {
        reached.post(path, &query("Quillon Examplesson")).is_problem(401);
    }
    reached.get("/entities/inv-1").is_problem(401);
    reached.get("/metrics").is_problem(401);
    drop(reached);
    let open = folder.serve_lists(&["--behind-proxy", "--open-matching"]);
    assert_eq!(open.post("/match/default", &query("Quillon Examplesson")).status, 200);
    open.get("/metrics").is_problem(401);
    let screened = open.ask(
        "POST",
        "/screen?class=donor",
        &[("Content-Type", "text/csv")],
        b"Name\nQuillon Examplesson\n",
    );
    screened.is_problem(401);
}

#[test]
fn what_runs_when_the_node_is_stopped_is_ended_and_nothing_new_begins() {
    let folder = Folder::with_list();
    let mut node = folder.serve_lists(&[]);
    let body = query("Quillon Examplesson").to_string();
    let (first, rest) = body.split_at(10);
    let mut stream = node.connect();
    let head = format!(
        "POST /match/default HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{first}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Until its head was taken, a request has not begun.
    eventually("the request has begun", || node.get("/metrics").json_free_of_zero_connections());
    node.terminate();
    eventually("nothing new begins", || {
        std::net::TcpStream::connect(node.address).is_err().then_some(())
    });
    stream.write_all(rest.as_bytes()).unwrap();
    assert_eq!(Answer::read(&mut BufReader::new(stream)).status, 200);
    assert_eq!(node.wait().code(), Some(0));
}

impl Answer {
    /// Whether at least two connections are open: the one that asks, and another.
    fn json_free_of_zero_connections(&self) -> Option<()> {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        let line = text.lines().find_map(|l| l.strip_prefix("portcullis_connections "))?;
        (line.parse::<u32>().ok()? >= 2).then_some(())
    }
}

#[test]
fn the_same_score_comes_out_as_on_the_command_line() {
    let folder = Folder::with_list();
    let person = json!({"id": "d-1", "schema": "Person", "properties": {
        "name": ["Quillon Exampleson"], "birthDate": ["1958-03-21"]}});
    let people = folder.write("donors.jsonl", &person.to_string());
    let screened = folder.run(&["screen", &people, "--class", "donor", "--format", "jsonl"]);
    let line: Value = serde_json::from_slice(&screened.stdout).unwrap();
    let node = folder.serve_lists(&[]);
    let asked = json!({"queries": {"a": person}});
    let found = node.post("/match/default", &asked).json();
    let result = &found["responses"]["a"]["results"][0];
    let (here, there) =
        (result["score"].as_f64().unwrap(), line["hits"][0]["score"].as_f64().unwrap());
    assert!((here - there).abs() < 1e-9, "{here} and {there}");
    assert_eq!(result["id"], line["hits"][0]["id"]);
}

#[test]
fn a_list_that_comes_while_the_node_serves_is_matched_against() {
    let folder = Folder::new();
    let node = folder.serve(&[]);
    node.post("/match/default", &query("Quillon Examplesson")).is_problem(404);
    folder.add_list("later", LISTED);
    eventually("the list is there", || {
        let found = node.post("/match/later", &query("Quillon Examplesson"));
        (found.status == 200)
            .then(|| assert_eq!(found.json()["responses"]["a"]["total"]["value"], 1))
    });
}

#[test]
fn the_description_that_is_printed_is_the_one_that_is_served() {
    let folder = Folder::new();
    let printed = folder.run(&["serve", "--print-openapi"]);
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let node = folder.serve(&[]);
    assert_eq!(node.get("/openapi.json").json(), printed);
    assert!(printed["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = printed["paths"].as_object().unwrap();
    for path in [
        "/match/{dataset}",
        "/search/{dataset}",
        "/entities/{id}",
        "/screen",
        "/reconcile/{dataset}",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
}
