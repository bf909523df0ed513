//! What a client may take of the node: bytes, time, and the place of others.

use crate::node::{Answer, Folder};
use std::io::{BufReader, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

/// What a client that sends nothing, or not the whole of it, is given at most: ten seconds, and some
/// for a machine that is busy.
const GIVEN: Duration = Duration::from_secs(25);

// THREATS T-36
#[test]
fn who_sends_too_slowly_is_answered_or_cut_off_within_seconds() {
    let folder = Folder::new();
    let node = folder.serve(&[]);
    let cut_off = |sent: &'static [u8], drip: &'static [u8]| {
        let mut stream = node.connect();
        move || {
            let began = Instant::now();
            stream.write_all(sent).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
            let mut answer = Vec::new();
            let mut drip = drip.iter();
            loop {
                if let Some(byte) = drip.next() {
                    let _ = stream.write_all(&[*byte]);
                }
                let mut bytes = [0; 1024];
                match stream.read(&mut bytes) {
                    Ok(0) => break,
                    Ok(count) => answer.extend_from_slice(&bytes[..count]),
                    Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                    Err(_) => assert!(began.elapsed() < GIVEN, "still waiting"),
                }
            }
            String::from_utf8_lossy(&answer).into_owned()
        }
    };
    let nothing = thread::spawn(cut_off(b"", b""));
    let a_head =
        thread::spawn(cut_off(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Drip: ", &[b'a'; 60]));
    let a_method = thread::spawn(cut_off(b"PR", b""));
    let idle = thread::spawn(cut_off(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", b""));
    let a_body = thread::spawn(cut_off(
        b"POST /match/default HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
        &[b' '; 60],
    ));
    assert_eq!(nothing.join().unwrap(), "");
    assert_eq!(a_method.join().unwrap(), "");
    let a_head = a_head.join().unwrap();
    assert!(a_head.is_empty() || a_head.starts_with("HTTP/1.1 408"), "{a_head}");
    assert!(idle.join().unwrap().starts_with("HTTP/1.1 200"));
    assert!(a_body.join().unwrap().starts_with("HTTP/1.1 408"));
}

#[test]
fn slow_clients_do_not_keep_others_waiting() {
    let folder = Folder::new();
    let node = folder.serve(&["--max-requests", "4"]);
    let slow: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = node.connect();
            let head =
                b"POST /match/default HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{";
            stream.write_all(head).unwrap();
            stream
        })
        .collect();
    let began = Instant::now();
    assert_eq!(node.get("/health").status, 200);
    assert!(began.elapsed() < Duration::from_secs(5));
    drop(slow);
}

// THREATS T-36
#[test]
fn a_body_that_is_too_large_is_answered_and_the_answer_arrives() {
    let folder = Folder::new();
    let node = folder.serve(&[]);
    let body = vec![b'x'; 10_000_000];
    let mut stream = node.connect();
    let head = format!(
        "POST /match/default HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    let mut stream = BufReader::new(stream);
    Answer::read(&mut stream).is_problem(413);
    // What was passed over was passed over to its end: the connection goes on.
    stream.get_mut().write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(Answer::read(&mut stream).status, 200);
}

#[test]
fn a_body_of_unknown_length_is_counted_as_it_comes() {
    let folder = Folder::new();
    let node = folder.serve(&["--max-body", "100000"]);
    let mut stream = node.connect();
    let head = b"POST /match/default HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head).unwrap();
    for _ in 0..30 {
        stream.write_all(format!("2710\r\n{}\r\n", "x".repeat(10_000)).as_bytes()).unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    Answer::read(&mut BufReader::new(stream)).is_problem(413);
}

#[test]
fn who_asks_whether_to_send_too_much_is_told_before_sending() {
    let folder = Folder::new();
    let node = folder.serve(&[]);
    let mut stream = node.connect();
    let head = b"POST /match/default HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10000000\r\n\r\n";
    stream.write_all(head).unwrap();
    Answer::read(&mut BufReader::new(stream)).is_problem(413);
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let folder = Folder::new();
    let node = folder.serve(&[]);
    let long = "x".repeat(100_000);
    let mut stream = node.connect();
    // It may answer before all of it is sent.
    let _ = stream.write_all(
        format!("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: {long}\r\n\r\n").as_bytes(),
    );
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(node.get("/health").status, 200);
}

// THREATS T-36
#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    let folder = Folder::new();
    let node = folder.serve(&["--rate", "5"]);
    let answers: Vec<_> = (0..40).map(|_| node.get("/health")).collect();
    let limited: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert!(limited.len() > 20, "{}", limited.len());
    for answer in limited {
        answer.is_problem(429);
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
}

#[test]
fn one_address_cannot_hold_all_connections() {
    let folder = Folder::new();
    let node = folder.serve(&["--max-connections", "8"]);
    let mut held: Vec<_> = (0..6).map(|_| node.connect()).collect();
    // Four of eight are this address's; the others are ended at once.
    let mut ended = 0;
    for stream in &mut held {
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        ended += usize::from(matches!(stream.read(&mut [0; 1]), Ok(0)));
    }
    assert_eq!(ended, 2);
}

// THREATS T-36
#[test]
fn announced_bodies_that_do_not_come_take_nothing_from_others() {
    let folder = Folder::new();
    let node = folder.serve(&["--max-requests", "4"]);
    let head = b"POST /match/default HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{";
    let slow: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = node.connect();
            stream.write_all(head).unwrap();
            stream
        })
        .collect();
    for path in ["/health", "/algorithms"] {
        assert_eq!(node.get(path).status, 200, "{path}");
    }
    let query = serde_json::json!({ "queries": {} });
    assert_eq!(node.post("/match/default", &query).status, 404, "there is no list");
    drop(slow);
}

// THREATS T-35
#[test]
fn a_node_of_its_own_machine_takes_nothing_from_a_proxy() {
    let folder = Folder::new();
    let node = folder.serve(&[]);
    assert_eq!(node.get("/metrics").status, 200);
    for header in ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"] {
        let answer = node.ask("GET", "/metrics", &[(header, "203.0.113.9")], b"");
        answer.is_problem(421);
    }
    // As nginx passes on where its `proxy_pass` stands alone.
    let mut stream = node.connect();
    let host = node.address;
    write!(stream, "GET /metrics HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 421") || answer.starts_with("HTTP/1.1 421"), "{answer}");
    let proxied = folder.serve(&["--behind-proxy"]);
    let answer = proxied.ask("GET", "/health", &[("X-Forwarded-For", "203.0.113.9")], b"");
    assert_eq!(answer.status, 200);
    assert_eq!(proxied.get("/metrics").status, 401);
}
