//! A node that serves, and requests to it byte by byte.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Invented people on the list of the tests.
pub(crate) const LISTED: &str = concat!(
    r#"{"id":"inv-1","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1958-03-21"],"country":["ru"],"topics":["sanction"]}}"#,
    "\n",
    r#"{"id":"inv-2","schema":"Person","properties":{"name":["Orsolya Testwick"],"birthDate":["1971-11-02"],"nationality":["hu"]}}"#,
    "\n",
    r#"{"id":"inv-3","schema":"Company","properties":{"name":["Placeholt Widgets Limited"],"jurisdiction":["gb"],"registrationNumber":["01234567"]}}"#,
    "\n",
);

/// A data folder, and whatever runs on it.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// One with the list `invented`.
    pub(crate) fn with_list() -> Self {
        let folder = Self::new();
        folder.add_list("invented", LISTED);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn add_list(&self, name: &str, lines: &str) {
        let file = self.write(&format!("{name}.jsonl"), lines);
        let added = self.run(&["lists", "add", name, "--officer", "q.officer", "--file", &file]);
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.arg("--data").arg(self.path("data")).arg("--key-file").arg(self.path("key"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Serves, and waits until it listens.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Node {
        let mut process = self
            .command()
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (mut stderr, kept) = (BufReader::new(process.stderr.take().unwrap()), Arc::clone(&log));
        thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|count| count > 0) {
                kept.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        let mut node = Node { process, address: SocketAddr::from(([127, 0, 0, 1], 0)), log };
        node.address = eventually("the node listens", || {
            assert!(node.process.try_wait().unwrap().is_none(), "it ended: {}", node.log());
            let log = node.log();
            let mut said = log.lines().filter_map(|l| serde_json::from_str(l).ok());
            said.find_map(|l: serde_json::Value| l["address"].as_str()?.parse().ok())
        });
        node
    }

    /// Serves, and waits until lists can be matched against.
    pub(crate) fn serve_lists(&self, arguments: &[&str]) -> Node {
        let node = self.serve(arguments);
        eventually("lists are ready", || (node.get("/readyz").status == 200).then_some(()));
        node
    }
}

/// A node that serves.
pub(crate) struct Node {
    process: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Node {
    /// What it has told so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> Answer {
        let json = ("Content-Type", "application/json");
        self.ask("POST", path, &[json], body.to_string().as_bytes())
    }

    /// Asks on a connection of its own.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut stream = self.connect();
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str("Host: localhost\r\n");
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        write!(head, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        Answer::read(&mut BufReader::new(stream))
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads one; status 0 when the other end hung up instead.
    pub(crate) fn read(stream: &mut impl BufRead) -> Self {
        let mut line = String::new();
        let _ = stream.read_line(&mut line);
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let mut headers = Vec::new();
        loop {
            line.clear();
            let count = stream.read_line(&mut line).unwrap_or(0);
            let Some((name, value)) = line.split_once(':').filter(|_| count > 0) else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Self { status, headers, body: Vec::new() };
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        answer.body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut answer.body).unwrap();
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    /// Asserts that it is a problem of this status, as RFC 9457 has it.
    pub(crate) fn is_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.json()["status"], status);
        assert!(self.json()["detail"].as_str().unwrap().len() > 10);
    }
}

/// Waits for something that another process does.
#[expect(clippy::disallowed_methods, reason = "waits for another process")]
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        if let Some(found) = look() {
            return found;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("in a minute it did not happen that {what}");
}
