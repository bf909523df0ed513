//! What is sent stays out of logs, figures, errors and addresses.

use crate::node::{Folder, Node};
use serde_json::json;

/// Words that stand nowhere but in what is sent.
const PLANTED: [&str; 3] = ["plantedson", "Gr%C3%BCnplanted", "grünplanted"];

/// What an answer that is no result may not hold.
fn is_silent(node: &Node, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) {
    let answer = node.ask(method, path, headers, body);
    let mut said = String::from_utf8_lossy(&answer.body).into_owned();
    for (_, value) in &answer.headers {
        said.push_str(value);
    }
    if answer.status != 200 {
        for word in PLANTED {
            assert!(!said.to_lowercase().contains(&word.to_lowercase()), "{method} {path}: {said}");
        }
    }
}

// THREATS T-35
#[test]
fn no_name_that_is_sent_is_logged_counted_or_repeated_in_an_error() {
    let folder = Folder::with_list();
    let node = folder.serve_lists(&["--max-body", "20000", "--time-limit", "5"]);
    let name = "Quillon Plantedson";
    let json_header = ("Content-Type", "application/json");
    let good = json!({"queries": {name: {"id": name, "schema": "Person", "properties": {
        "name": [name], "plantedson": [name]}}}});
    let bodies: Vec<Vec<u8>> = vec![
        good.to_string().into_bytes(),
        format!(r#"{{"queries": {{"{name}": {{"schema": "{name}", "properties": {{}}}}}}}}"#).into(),
        format!(r#"{{"queries": "{name}"}}"#).into(),
        format!(r#"{{"queries": {{"a": {{"schema": "Person", "properties": {{"birthDate": ["{name}"]}}}}}}}}"#).into(),
        format!(r#"{{"queries": {{"a": {{"schema": "Person", "properties": {{"name": ["{name}"#).into(),
        name.as_bytes().to_vec(),
        [b"\xff\xfe".as_slice(), name.as_bytes()].concat(),
        name.repeat(5_000).into_bytes(),
    ];
    let paths = [
        "/match/default",
        "/match/plantedson",
        "/match/Gr%C3%BCnplanted",
        "/match/default?algorithm=plantedson",
        "/match/default?limit=plantedson&threshold=plantedson",
        "/match/default?changed_since=plantedson",
        "/match/default?include_dataset=plantedson",
        "/match/%ffplantedson",
        "/reconcile/default",
        "/reconcile/plantedson",
        "/screen?class=plantedson",
        "/plantedson",
    ];
    for path in paths {
        for body in &bodies {
            is_silent(&node, "POST", path, &[json_header], body);
            is_silent(&node, "POST", path, &[], body);
        }
        is_silent(&node, "PUT", path, &[json_header], &bodies[0]);
        is_silent(&node, "PLANTEDSON", path, &[], b"");
    }
    for path in [
        "/search/default?q=Quillon+Plantedson",
        "/search/default?q=Quillon+Plantedson&schema=plantedson",
        "/search/default?q=a&limit=plantedson",
        "/search/default?plantedson=%zz&q=%ff%feplantedson",
        "/entities/plantedson",
        "/entities/Gr%C3%BCnplanted",
        "/reconcile/default?queries=plantedson",
        "/reconcile/default?extend=%7B%22plantedson%22%3A1%7D",
        "/reconcile/default/preview?id=plantedson",
        "/reconcile/default/suggest/entity?prefix=plantedson",
        "/catalog/plantedson",
    ] {
        is_silent(&node, "GET", path, &[], b"");
        is_silent(
            &node,
            "GET",
            path,
            &[
                ("X-Name", name),
                ("X-Request-Id", name),
                ("traceparent", name),
                ("User-Agent", name),
                ("Referer", "http://localhost/plantedson"),
                ("Origin", "http://localhost.plantedson"),
                ("Cookie", "portcullis=plantedson; other=plantedson"),
            ],
            b"",
        );
        for authorization in ["Bearer plantedson", "ApiKey plantedson", "plantedson"] {
            is_silent(&node, "GET", path, &[("Authorization", authorization)], b"");
        }
        is_silent(&node, "GET", path, &[("Host", "plantedson.example")], b"");
    }
    // Requests that are none.
    for raw in [
        "GET /plantedson\r\n\r\n",
        "GET /search/plantedson HTTP/9.9\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: localhost\r\nBad Header plantedson\r\n\r\n",
        "POST /match/default HTTP/1.1\r\nHost: localhost\r\nContent-Length: plantedson\r\n\r\n",
    ] {
        use std::io::{Read, Write};
        let mut stream = node.connect();
        stream.write_all(raw.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!String::from_utf8_lossy(&answer).to_lowercase().contains("plantedson"), "{raw}");
    }
    let metrics = String::from_utf8(node.get("/metrics").body).unwrap();
    assert!(metrics.contains(r#"route="/match/{dataset}""#), "{metrics}");
    let log = node.log();
    assert!(log.lines().count() > 200, "{log}");
    for (place, text) in [("log", log.to_lowercase()), ("metrics", metrics.to_lowercase())] {
        for word in PLANTED {
            assert!(!text.contains(&word.to_lowercase()), "{word} stands in the {place}");
        }
        assert!(!text.contains("examplesson"), "a listed name stands in the {place}");
    }
}
