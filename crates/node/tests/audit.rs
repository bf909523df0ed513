//! `portcullis audit`, from opening a log to somebody who checks it without a node.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod kept;

use portcullis_store::Sequencer;
use portcullis_testkit::SeededRng;
use portcullis_types::OrganisationId;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ORIGIN: &str = "log.example/screening";

const LISTED: &str = r#"{"id":"inv-1","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1958-03-21"],"country":["ru"]}}
"#;

const DONORS: &str = "Name,Date of birth\nQuillon Examplesson,1958-03-21\n";

/// Protected text that nobody who has only the log may find.
const PLANTED: [&str; 3] = ["Quillon", "Examplesson", "another father"];

/// A data folder, and the program run on it.
struct Node {
    folder: tempfile::TempDir,
}

impl Node {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A node with a log of `leaves` each hour, one decision, and its reference.
    fn with_decision(leaves: u32) -> (Self, String) {
        let node = Self::new();
        node.open(leaves);
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
            "not her: another father",
        ]);
        (node, reference)
    }

    fn open(&self, leaves: u32) -> String {
        let leaves = leaves.to_string();
        let out = self.ok(&[
            "audit",
            "open",
            "--origin",
            ORIGIN,
            "--leaves",
            &leaves,
            "--officer",
            "o.testwick",
        ]);
        out.lines().last().unwrap().to_owned()
    }

    /// Lets so many hours of the log pass.
    fn hours(&self, number: u64) {
        let mut store = kept::store(&self.path("data"), &self.path("key"));
        let organisation = OrganisationId::new("own").unwrap();
        let (log, size) = store
            .read_logs(&organisation, |view| {
                let log = view.current()?.unwrap();
                let size = view.size(&log)?;
                Ok::<_, portcullis_store::StoreError>((log, size))
            })
            .unwrap();
        let done = size / u64::from(log.pace.per_interval());
        let mut sequencer = Sequencer::new(organisation, &mut SeededRng::new(5));
        sequencer.attend(&mut store, log.pace.boundary(done + number)).unwrap();
        sequencer.leave(&mut store).unwrap();
    }

    fn export(&self, name: &str) -> String {
        let path = self.path(name).to_str().unwrap().to_owned();
        self.ok(&["audit", "export", &path]);
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(args)
            .env("PORTCULLIS_DATA", self.path("data"))
            .env("PORTCULLIS_KEY_FILE", self.path("key"))
            .env("USER", "o.testwick")
            .output()
            .unwrap()
    }

    fn ok(&self, args: &[&str]) -> String {
        self.ends(0, args)
    }

    /// Standard output of a command that ends with this status.
    fn ends(&self, status: i32, args: &[&str]) -> String {
        let output = self.run(args);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{args:?}: {out} {err}");
        tells_nothing(&err);
        out
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stdout));
        text(&output.stderr)
    }

    /// The ids of events of a kind.
    fn events(&self, kind: &str) -> Vec<String> {
        let out = self.ok(&["audit", "events", "--kind", kind]);
        out.lines().map(|line| line.split_once(' ').unwrap().0.to_owned()).collect()
    }
}

/// Runs the program where there is no node: no data, no key, no home.
fn anywhere(args: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(args)
        .env("PORTCULLIS_DATA", folder.path().join("none"))
        .env("PORTCULLIS_KEY_FILE", folder.path().join("no-key"))
        .output()
        .unwrap();
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "it made something");
    let said = text(&output.stdout) + &text(&output.stderr);
    (output.status.code(), said)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn tells_nothing(text: &str) {
    for planted in PLANTED {
        assert!(!text.contains(planted), "`{planted}` in: {text}");
    }
}

/// All files below a folder but the lock.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with(".lock") {
                found.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_node_has_one_log_and_says_its_key_when_it_is_opened() {
    let node = Node::new();
    assert!(node.refused(&["audit", "sequence"]).contains("nothing is kept here yet"));
    let key = node.open(256);
    assert!(key.starts_with(&format!("{ORIGIN}+")), "{key}");
    let again = node.refused(&["audit", "open", "--origin", "another", "--officer", "o.testwick"]);
    assert!(again.contains("is open already"), "{again}");
    let shared = node.refused(&["audit", "open", "--origin", "another", "--officer", "admin"]);
    assert!(shared.contains("admin"), "{shared}");
    let early = node.path("log").to_str().unwrap().to_owned();
    assert!(node.refused(&["audit", "export", &early]).contains("no checkpoint yet"));
}

#[test]
fn it_is_refused_to_open_a_log_at_an_impossible_pace() {
    let node = Node::new();
    let open = |more: &[&str]| {
        node.refused(
            &[&["audit", "open", "--origin", "x", "--officer", "o.testwick"], more].concat(),
        )
    };
    for interval in ["0s", "500ms", "-1h", "soon", "200y"] {
        assert!(open(&[&format!("--interval={interval}")]).contains("interval"), "{interval}");
    }
    assert!(open(&["--leaves", "0"]).contains("leaves"));
}

// THREATS T-15: the real clock, too, makes checkpoints of constant growth.
#[test]
#[expect(clippy::disallowed_methods, reason = "the program under test has the real clock")]
fn on_the_real_clock_each_interval_adds_the_same_number() {
    let node = Node::new();
    node.ok(&[
        "audit",
        "open",
        "--origin",
        ORIGIN,
        "--interval",
        "1s",
        "--leaves",
        "10",
        "--officer",
        "o.testwick",
    ]);
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let out = node.ok(&["audit", "sequence"]);
    assert!(out.contains("with 1 leaf of an event"), "{out}");
    let folder = node.export("log");
    let size = |folder: &str| -> u64 {
        let checkpoint = fs::read_to_string(format!("{folder}/checkpoint")).unwrap();
        checkpoint.lines().nth(1).unwrap().parse().unwrap()
    };
    let before = size(&folder);
    assert_eq!(before % 10, 0);
    std::thread::sleep(std::time::Duration::from_secs(1));
    // Another process goes on at once: the first gave its place up.
    node.ok(&["audit", "sequence"]);
    node.export("log");
    let after = size(&folder);
    assert!(after > before && after % 10 == 0, "{before} {after}");
}

#[test]
fn an_export_is_sound_to_whoever_has_the_key_and_tells_nothing() {
    let (node, _) = Node::with_decision(300);
    node.hours(2);
    let folder = node.export("log");
    let key = fs::read_to_string(node.path("log/vkeys")).unwrap().trim().to_owned();
    let (status, said) = anywhere(&["audit", "verify", &folder, "--key", &key]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("leaves     600") && said.ends_with("sound\n"), "{said}");
    tells_nothing(&said);
    let policy = node.write("policy", &format!("log {key}\nquorum none\n"));
    assert_eq!(anywhere(&["audit", "verify", &folder, "--policy", &policy]).0, Some(0));
    // Without a key it is said that the one at hand came along.
    let (status, said) = anywhere(&["audit", "verify", &folder]);
    assert_eq!(status, Some(0));
    assert!(said.contains("came with the export"), "{said}");
    for (path, bytes) in files(&node.path("log")) {
        tells_nothing(&path.to_string_lossy());
        tells_nothing(&String::from_utf8_lossy(&bytes));
    }
}

// THREATS T-17: whatever is altered in an export is found and named.
#[test]
fn any_file_of_an_export_that_is_altered_cut_or_gone_is_named() {
    let (node, _) = Node::with_decision(300);
    node.hours(1);
    let folder = node.export("log");
    let key = fs::read_to_string(node.path("log/vkeys")).unwrap().trim().to_owned();
    let verify = || anywhere(&["audit", "verify", &folder, "--key", &key]);
    for (path, bytes) in files(&node.path("log")) {
        let name = path.strip_prefix(node.path("log")).unwrap().to_str().unwrap().to_owned();
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            fs::write(&path, &altered).unwrap();
            let (status, said) = verify();
            assert_eq!(status, Some(1), "{name}, byte {at}: {said}");
            // A tile over two others is at fault, or they are: the root decides, and names one.
            assert!(said.contains(&name) || name.starts_with("tile/1"), "{name}: {said}");
        }
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(verify().0, Some(1), "{name} cut");
        if name != "vkeys" {
            fs::remove_file(&path).unwrap();
            let (status, said) = verify();
            assert_eq!(status, Some(1), "{name} gone: {said}");
            assert!(said.contains(&name), "{name}: {said}");
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(verify().0, Some(0));
}

#[test]
fn what_cannot_be_looked_at_is_told_apart_from_what_is_not_sound() {
    let node = Node::new();
    let key = node.open(256);
    let file = node.write("empty", "");
    for args in [
        vec!["audit", "verify", "/nowhere-at-all"],
        vec!["audit", "verify", node.folder.path().to_str().unwrap()],
        vec!["audit", "verify", &file],
        vec!["audit", "verify", &file, "--policy", &file],
    ] {
        assert_eq!(anywhere(&args).0, Some(2), "{args:?}");
    }
    assert_eq!(anywhere(&["audit", "verify", &file, "--key", &key]).0, Some(1));
}

#[test]
fn an_export_is_written_on_with_what_is_new_alone() {
    let (node, _) = Node::with_decision(300);
    node.hours(1);
    node.export("log");
    let before = files(&node.path("log"));
    let time = |name: &str| fs::metadata(node.path("log").join(name)).unwrap().modified().unwrap();
    let first = time("tile/entries/000");
    node.hours(1);
    let path = node.path("log").to_str().unwrap().to_owned();
    node.ok(&["audit", "export", &path]);
    assert_eq!(time("tile/entries/000"), first, "a full tile is written once");
    let after = files(&node.path("log"));
    assert_ne!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    // What was at the edge has been outgrown: 600 leaves are two full tiles and one of 88.
    let names: Vec<&str> = after
        .keys()
        .filter_map(|path| path.strip_prefix(node.path("log/tile/entries")).ok()?.to_str())
        .collect();
    assert_eq!(names, ["000", "001", "002.p/88"]);
    assert!(node.ok(&["audit", "export", &path]).contains("0 files new"));
    assert_eq!(anywhere(&["audit", "verify", &path]).0, Some(0));
}

// THREATS T-17: a store that was put back to an old copy is noticed by what was exported.
#[test]
fn an_export_is_not_written_over_with_another_history() {
    let (node, _) = Node::with_decision(300);
    node.hours(1);
    let old = files(&node.path("data"));
    node.hours(1);
    node.export("log");
    let before = files(&node.path("log"));
    // The whole folder, so that nothing in it tells.
    fs::remove_dir_all(node.path("data")).unwrap();
    for (path, bytes) in old {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let path = node.path("log").to_str().unwrap().to_owned();
    let said = node.refused(&["audit", "export", &path]);
    assert!(said.contains("keep the folder as evidence"), "{said}");
    assert_eq!(files(&node.path("log")), before);
}

#[test]
fn a_receipt_shows_that_an_event_is_in_the_log_and_not_what_it_says() {
    let (node, reference) = Node::with_decision(300);
    let decided = node.events("screening.decision.recorded").remove(0);
    let out = node.ends(3, &["audit", "prove", &decided]);
    assert!(out.contains("will be in the log at"), "{out}");
    node.hours(2);
    node.export("log");
    let key = fs::read_to_string(node.path("log/vkeys")).unwrap().trim().to_owned();
    let receipt = node.ok(&["audit", "prove", &decided]);
    assert!(receipt.starts_with("c2sp.org/tlog-proof@v1\n"), "{receipt}");
    tells_nothing(&receipt);
    let path = node.write("a.tlog-proof", &receipt);
    let (status, said) = anywhere(&["audit", "verify", &path, "--key", &key]);
    assert_eq!(status, Some(0), "{said}");
    // Some bytes of each line, all of which stand for something.
    for at in (0..receipt.len()).step_by(7) {
        let mut bytes = receipt.clone().into_bytes();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(anywhere(&["audit", "verify", &path, "--key", &key]).0, Some(1), "byte {at}");
    }
    // All that was decided on an alert, into a folder, with what opens it.
    node.ok(&["decisions", "undo", &reference, "--officer", "o.testwick", "--reason", "an error"]);
    node.hours(1);
    let folder = node.path("all").to_str().unwrap().to_owned();
    node.ok(&["audit", "prove", "--all-of", &reference, "--open", "--out", &folder]);
    let written = files(&node.path("all"));
    assert_eq!(written.len(), 4, "{:?}", written.keys());
    for (path, bytes) in &written {
        let path = path.to_str().unwrap();
        let (status, said) = anywhere(&["audit", "verify", path, "--key", &key]);
        assert_eq!(status, Some(0), "{path}: {said}");
        tells_nothing(&said);
        if path.ends_with(".tlog-proof") {
            tells_nothing(&String::from_utf8_lossy(bytes));
        }
    }
    let opening = node.path(&format!("all/{decided}.opening"));
    let shown =
        anywhere(&["audit", "verify", opening.to_str().unwrap(), "--key", &key, "--show"]).1;
    assert!(shown.contains("reason: not her: another father"), "{shown}");
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert!(node.refused(&["audit", "prove", unknown]).contains("there is no event"));
}

#[test]
fn a_decoy_can_be_shown_to_be_one_and_an_event_cannot() {
    let (node, _) = Node::with_decision(4);
    node.hours(3);
    node.export("log");
    let key = fs::read_to_string(node.path("log/vkeys")).unwrap().trim().to_owned();
    let real: Vec<u64> = node
        .ok(&["audit", "events"])
        .lines()
        .map(|line| line.rsplit_once(' ').unwrap().1.parse().unwrap())
        .collect();
    // Opened, a list, one showing, one decision.
    assert_eq!(real.len(), 4);
    for index in 0..12_u64 {
        let number = index.to_string();
        let path = node.path(&number).to_str().unwrap().to_owned();
        let args = ["audit", "prove", "--decoy", &number, "--out", &path];
        if real.contains(&index) {
            assert!(node.refused(&args).contains("stands for an event"));
        } else {
            node.ok(&args);
            let (status, said) =
                anywhere(&["audit", "verify", &format!("{path}.opening"), "--key", &key]);
            assert_eq!(status, Some(0), "{said}");
            assert!(said.contains("a decoy: nothing happened"), "{said}");
        }
    }
    assert!(node.refused(&["audit", "prove", "--decoy", "12"]).contains("no entry 12"));
}

// THREATS T-17: a witness never cosigns a log that went back, and says what it has seen.
#[test]
fn a_witness_cosigns_a_log_that_grew_and_none_that_went_back() {
    let (party, overseer) = (Node::with_decision(256).0, Node::new());
    party.hours(1);
    let folder = party.export("log");
    let early = party.path("early").to_str().unwrap().to_owned();
    party.ok(&["audit", "export", &early]);
    let key = fs::read_to_string(party.path("log/vkeys")).unwrap().trim().to_owned();
    let name = "overseer.example";
    let witness = overseer.ok(&["audit", "witness", "key", "--name", name]).trim().to_owned();
    let request = |folder: &str, old: &str| {
        let request = anywhere(&["audit", "witness", "request", "--log", folder, "--old", old]);
        assert_eq!(request.0, Some(0), "{}", request.1);
        overseer.write("request", &request.1)
    };
    let cosign = |request: &str| {
        overseer.run(&["audit", "witness", "cosign", request, "--name", name, "--log", &key])
    };
    let cosigned = cosign(&request(&folder, "0"));
    assert_eq!(cosigned.status.code(), Some(0), "{}", text(&cosigned.stderr));
    let line = party.write("cosignature", &text(&cosigned.stdout));
    // Another witness's key doesn't take it, nor does the log when it was altered.
    let other = Node::new().ok(&["audit", "witness", "key", "--name", name]).trim().to_owned();
    let add =
        |witness: &str| ["audit", "witness", "add", &line, "--witness", witness].map(str::to_owned);
    let run = |args: &[String]| party.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run(&add(&other)).status.code(), Some(2));
    assert_eq!(run(&add(&witness)).status.code(), Some(0));
    party.hours(1);
    party.export("log");
    // The receipt that is asked for is against the checkpoint that was witnessed.
    let policy =
        party.write("policy", &format!("log {key}\nwitness overseer {witness}\nquorum overseer\n"));
    let opened = party.events("log.opened").remove(0);
    let receipt = party.write("r", &party.ok(&["audit", "prove", &opened, "--witnessed"]));
    let (status, said) = anywhere(&["audit", "verify", &receipt, "--policy", &policy]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("witnessed  by overseer.example"), "{said}");
    let latest = party.write("r", &party.ok(&["audit", "prove", &opened]));
    let (status, said) = anywhere(&["audit", "verify", &latest, "--policy", &policy]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("too few witnesses"), "{said}");
    // It grew; then it shows what it was.
    assert_eq!(cosign(&request(&folder, "256")).status.code(), Some(0));
    let back = cosign(&request(&early, "0"));
    assert_eq!(back.status.code(), Some(1));
    assert!(
        text(&back.stdout).contains("older than what was cosigned here, of 512 leaves"),
        "{}",
        text(&back.stdout)
    );
    // A request from the wrong place is told from where to go on.
    let wrong = cosign(&request(&folder, "256"));
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("--old 512"), "{}", text(&wrong.stderr));
}

// THREATS T-17: who shows two people different histories is found out by the two.
#[test]
fn a_log_that_shows_two_histories_is_found_out() {
    let (node, _) = Node::with_decision(256);
    node.hours(1);
    let early = node.export("early");
    // Two copies of one store go on apart: their decoys are the same, their events are not.
    let twin = Node::new();
    fs::create_dir(twin.path("data")).unwrap();
    for (path, bytes) in files(&node.path("data")) {
        let _ = fs::write(twin.path("data").join(path.file_name().unwrap()), bytes);
    }
    fs::copy(node.path("key"), twin.path("key")).unwrap();
    let list = twin.write("list.json", LISTED);
    twin.ok(&["lists", "add", "another", "--file", &list]);
    node.hours(2);
    twin.hours(1);
    let (one, other) = (node.export("log"), twin.export("log"));
    let key = fs::read_to_string(node.path("log/vkeys")).unwrap().trim().to_owned();
    let checkpoint = format!("{other}/checkpoint");
    let (status, said) =
        anywhere(&["audit", "verify", &one, "--key", &key, "--against", &checkpoint, &early]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("different histories"), "{said}");
    // What it prints is evidence for anybody.
    let begin = said.find("portcullis-log-split/v1").unwrap();
    let end =
        said.find("\n\nNOT SOUND").map_or_else(|| said.find("NOT SOUND").unwrap(), |at| at + 1);
    let evidence = node.write("evidence", &said[begin..end]);
    let (status, said) = anywhere(&["audit", "verify", &evidence, "--key", &key]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("the evidence is valid"), "{said}");
    // Those who hold the same log agree, be it earlier or later.
    let (status, said) = anywhere(&["audit", "verify", &one, "--key", &key, "--against", &early]);
    assert_eq!(status, Some(0), "{said}");
    // Without the tiles of the later one nobody can tell.
    let (head, early_head) = (format!("{one}/checkpoint"), format!("{early}/checkpoint"));
    let (status, said) =
        anywhere(&["audit", "verify", &head, "--key", &key, "--against", &early_head]);
    assert_eq!(status, Some(2), "{said}");
}

#[cfg(unix)]
#[test]
#[expect(clippy::disallowed_methods, reason = "the program under test has the real clock")]
fn one_that_watches_keeps_others_away_and_stops_when_asked() {
    use std::io::{BufRead, BufReader};
    let node = Node::new();
    node.ok(&[
        "audit",
        "open",
        "--origin",
        ORIGIN,
        "--interval",
        "1s",
        "--leaves",
        "10",
        "--officer",
        "o.testwick",
    ]);
    let mut watching = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["audit", "sequence", "--watch"])
        .env("PORTCULLIS_DATA", node.path("data"))
        .env("PORTCULLIS_KEY_FILE", node.path("key"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(watching.stdout.take().unwrap()).lines();
    // The first look, and one at a boundary.
    let second = said.by_ref().take(2).last().unwrap().unwrap();
    assert!(second.contains("filled"), "{second}");
    assert!(node.refused(&["audit", "sequence"]).contains("another process"));
    let id = watching.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(watching.wait().unwrap().code(), Some(0));
    std::thread::sleep(std::time::Duration::from_millis(100));
    node.ok(&["audit", "sequence"]);
}
