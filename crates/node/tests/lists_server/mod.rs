//! A web server on this machine that does what a test tells it to, well or badly.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with one connection.
pub(crate) enum Act {
    /// Sends these bytes and closes.
    Send(Vec<u8>),
    /// Sends these bytes and then nothing, without closing.
    Stall(Vec<u8>),
}

/// The server. It serves one act for each connection, and the last one from then on.
pub(crate) struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    acts: Arc<Mutex<Vec<Act>>>,
}

impl Server {
    pub(crate) fn new(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let acts = Arc::new(Mutex::new(acts));
        let (seen, script) = (Arc::clone(&requests), Arc::clone(&acts));
        thread::spawn(move || {
            let mut stalled = Vec::new();
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                seen.lock().unwrap().push(request(&connection));
                let mut script = script.lock().unwrap();
                let act = if script.len() > 1 { Some(script.remove(0)) } else { None };
                let act = act.as_ref().or(script.first());
                match act {
                    // A client that has seen enough closes first.
                    Some(Act::Send(bytes)) => _ = connection.write_all(bytes),
                    Some(Act::Stall(bytes)) => {
                        let _ = connection.write_all(bytes);
                        stalled.push(connection);
                    }
                    None => {}
                }
            }
        });
        Self { address, requests, acts }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// From now on.
    pub(crate) fn act(&self, acts: Vec<Act>) {
        *self.acts.lock().unwrap() = acts;
        self.requests.lock().unwrap().clear();
    }

    /// The requests seen since the last [`Server::act`], with their headers in small letters.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn request(connection: &TcpStream) -> String {
    let mut lines = BufReader::new(connection).lines();
    let mut request = String::new();
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            break;
        }
        request.push_str(&line.to_ascii_lowercase());
        request.push('\n');
    }
    request
}

/// An answer with a body of stated length.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let mut headers = headers.to_vec();
    headers.push(("content-length", &length));
    raw(status, &headers, body)
}

/// An answer with exactly these headers.
pub(crate) fn raw(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\nconnection: close\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}
