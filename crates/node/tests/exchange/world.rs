//! A federation of nodes, each with a store of its own, and what passes between them.

use portcullis_decide::exchange::traffic::{NewMessage, queue_message};
use portcullis_exchange::outgoing::Urgency;
use portcullis_exchange::{Conversation, Payload};
use portcullis_federation::MemberList;
use portcullis_keys::KeyFileText;
use portcullis_store::{Database, KeyringPlace, Link, StoreError, TransactionName};
use portcullis_testkit::SeededRng;
use portcullis_types::{Actor, Clock, OfficerId, OrganisationId, Purpose};
use std::cell::Cell;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const SERVICE: &str = "service.example";
pub(crate) const PARTY_A: &str = "party-a.example";
pub(crate) const PARTY_B: &str = "party-b.example";

pub(crate) const TEST: TransactionName = TransactionName("tests");

/// What a node calls its own organisation in its store.
pub(crate) fn node() -> OrganisationId {
    OrganisationId::new("own").unwrap()
}

pub(crate) fn id(name: &str) -> OrganisationId {
    OrganisationId::new(name).unwrap()
}

/// The time.
#[derive(Debug)]
pub(crate) struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "other processes go by the real clock")]
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

#[expect(clippy::disallowed_methods, reason = "waits for another process")]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}

/// Waits for something that another process does.
pub(crate) fn eventually(what: &str, mut look: impl FnMut() -> bool) {
    let began = Instant::now();
    while !look() {
        assert!(began.elapsed() < Duration::from_mins(1), "in a minute it did not happen: {what}");
        pause(Duration::from_millis(100));
    }
}

pub(crate) fn randomness() -> SeededRng {
    static SEED: AtomicU64 = AtomicU64::new(1);
    let process = u64::from(std::process::id()) << 48;
    SeededRng::new(process ^ (SEED.fetch_add(1, Ordering::Relaxed) << 32))
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Nodes of one federation.
pub(crate) struct World {
    folder: tempfile::TempDir,
    /// When the last poll was made by hand: a request of the same second is a replay.
    polled_s: Cell<i64>,
}

impl World {
    /// Nodes of these organisations, which have joined.
    pub(crate) fn new(names: &[&str]) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap(), polled_s: Cell::new(0) };
        for name in names {
            world.init(name);
        }
        let list = world.at("list");
        let mut args = vec!["member", "found", "--federation", "federation.example"];
        let cards: Vec<String> =
            names.iter().map(|name| world.at(&format!("{name}.card"))).collect();
        for card in &cards[1..] {
            args.extend(["--add", card]);
        }
        args.extend(["--out", &list]);
        world.ok(names[0], &args);
        world.sign(&list, names);
        let mut join = vec!["join".to_owned(), list];
        for name in names.iter().filter(|name| name.starts_with("service")) {
            join.push(format!("--pin={name}={}", world.fingerprint(name)));
        }
        for name in names {
            world.officer(name, &join.iter().map(String::as_str).collect::<Vec<_>>());
        }
        world
    }

    fn init(&self, name: &str) {
        let body = name.split(['-', '.']).next().unwrap();
        let (card, title) = (self.at(&format!("{name}.card")), format!("The {body} of tests"));
        let args = ["init", "--id", name, "--name", &title, "--body", body, "--card", &card];
        self.officer(name, &args);
    }

    fn fingerprint(&self, node: &str) -> String {
        let card = self.ok(node, &["member", "card"]);
        let line = card.lines().find(|line| line.starts_with("fingerprint")).unwrap();
        line.trim_start_matches("fingerprint").trim().to_owned()
    }

    pub(crate) fn sign(&self, list: &str, names: &[&str]) {
        for name in names {
            self.officer(name, &["member", "sign", list]);
        }
    }

    pub(crate) fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, node: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command
            .env("PORTCULLIS_DATA", self.path(node).join("data"))
            .env("PORTCULLIS_KEY_FILE", self.path(node).join("key"))
            .env("USER", "q.examplesson")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, node: &str, args: &[&str]) -> Output {
        self.command(node).args(args).output().unwrap()
    }

    pub(crate) fn ok(&self, node: &str, args: &[&str]) -> String {
        let output = self.run(node, args);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{node} {args:?}: {errors}");
        text(&output.stdout).to_owned()
    }

    pub(crate) fn officer(&self, node: &str, args: &[&str]) -> String {
        self.ok(node, &[args, &["--officer", "q.examplesson"]].concat())
    }

    /// Serves, and waits until it listens.
    pub(crate) fn serve(&self, name: &str, args: &[&str]) -> Serving {
        self.serve_at(name, "127.0.0.1:0", args)
    }

    pub(crate) fn serve_at(&self, name: &str, address: &str, args: &[&str]) -> Serving {
        let mut process = self
            .command(name)
            .args(["serve", "--log-format", "json", "--listen", address])
            .args(args)
            .stdout(Stdio::null())
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
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut serving = Serving { name: name.to_owned(), process, address, log };
        eventually("the node listens", || {
            assert!(serving.process.try_wait().unwrap().is_none(), "{}", serving.log());
            let log = serving.log();
            let mut said = log.lines().filter_map(|line| serde_json::from_str(line).ok());
            let address = said.find_map(|l: serde_json::Value| l["address"].as_str()?.parse().ok());
            address.inspect(|address| serving.address = *address).is_some()
        });
        serving
    }

    /// The store of a node, beside whatever else has it open.
    pub(crate) fn store(&self, node: &str) -> Database {
        let data = self.path(node).join("data");
        let key = std::fs::read_to_string(self.path(node).join("key")).unwrap();
        let key: KeyFileText = key.parse().unwrap();
        let keyring = KeyringPlace::new(data.join("keyring"), key.unlock());
        let rng = Box::new(randomness());
        Database::open_sqlite(&data.join("portcullis.db"), keyring, rng).unwrap()
    }

    pub(crate) fn list(&self, at: &str) -> MemberList {
        let history = self.store(at).read(|r| r.member_history(&node()));
        history.map_err(|error: StoreError| error).unwrap().unwrap().current().list().clone()
    }

    /// Queues what one says to another.
    pub(crate) fn post(&self, from: &str, to: &str, conversation: u8, says: &[u8]) {
        let new = NewMessage {
            from: id(from),
            to: id(to),
            conversation: Conversation::from_bytes([conversation; 16]),
            content: Payload::new(says.to_vec()),
            urgency: Urgency::Routine,
            expires: None,
        };
        let by = (Actor::Officer(OfficerId::new("q.examplesson").unwrap()), Purpose::Oversight);
        let change = queue_message(&Now, &mut randomness(), &node(), by, new).unwrap();
        self.store(from).write::<_, StoreError>(TEST, |w| w.queue_message(&change)).unwrap();
    }

    /// What came to a node, in its order: from whom, in which conversation, and what it says.
    pub(crate) fn came(&self, to: &str) -> Vec<(String, u8, Vec<u8>)> {
        let arrivals = self.store(to).read(|r| r.arrivals(&node(), 0, 1_000));
        let arrivals = arrivals.map_err(|error: StoreError| error).unwrap();
        let one = |arrival: &portcullis_store::Arrival| {
            let conversation = arrival.conversation.as_bytes()[0];
            (arrival.peer.to_string(), conversation, arrival.content.to_vec())
        };
        arrivals.iter().map(one).collect()
    }

    /// What one heard from another in a conversation, as text.
    pub(crate) fn heard(&self, to: &str, from: &str, conversation: u8) -> Vec<String> {
        let came = self.came(to).into_iter();
        came.filter(|(peer, at, _)| peer == from && *at == conversation)
            .map(|(_, _, says)| text(&says).to_owned())
            .collect()
    }

    /// A node asks another by hand.
    pub(crate) fn poll(&self, asker: &str, holder: &Serving) -> Output {
        while Now.now().as_second() <= self.polled_s.get() {
            pause(Duration::from_millis(20));
        }
        self.polled_s.set(Now.now().as_second() + 1);
        let at = format!("--exchange-at={}", holder.reached());
        self.run(asker, &["exchange", "poll", "--now", &at])
    }

    pub(crate) fn poll_ok(&self, asker: &str, holder: &Serving) {
        let output = self.poll(asker, holder);
        let (said, log) = (text(&output.stderr), holder.log());
        assert_eq!(output.status.code(), Some(0), "{asker}: {said}\n{log}");
    }

    /// A request of one node to another, as bytes.
    pub(crate) fn request(&self, from: &str, to: &str) -> Vec<u8> {
        let (list, own, peer, node) = (self.list(from), id(from), id(to), node());
        let link = Link { organisation: &node, own: &own, peer: &peer, list: &list };
        let size = portcullis_exchange::FrameSize::POLL;
        let made = self
            .store(from)
            .write(TEST, |w| w.make_request(&Now, link, size, 0))
            .map_err(|error: portcullis_store::ExchangeError| error);
        made.unwrap().to_bytes()
    }

    /// `status --json` of a node.
    pub(crate) fn status(&self, node: &str) -> serde_json::Value {
        serde_json::from_slice(&self.run(node, &["exchange", "status", "--json"]).stdout).unwrap()
    }
}

/// A node that serves; killed when dropped.
pub(crate) struct Serving {
    pub(crate) name: String,
    process: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// Without what names the request.
    pub(crate) headers: Vec<(String, usize)>,
    pub(crate) body: Vec<u8>,
    pub(crate) took: Duration,
}

impl Serving {
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// As `--exchange-at` takes it.
    pub(crate) fn reached(&self) -> String {
        format!("{}=http://{}", self.name, self.address)
    }

    /// Brings bytes to where other nodes bring theirs.
    pub(crate) fn bring(&self, kind: &str, bytes: &[u8]) -> Answered {
        let began = Instant::now();
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let request = agent.post(format!("http://{}/exchange/v1/poll", self.address));
        let mut response = request.header("Content-Type", kind).send(bytes).unwrap();
        let headers =
            response.headers().iter().map(|(name, value)| (name.to_string(), value.len()));
        let mut headers: Vec<_> = headers.collect();
        headers.sort();
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_vec().unwrap();
        Answered { status, headers, body, took: began.elapsed() }
    }

    pub(crate) fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.address);
        ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
