//! `portcullis backup`, `restore` and `doctor`: from a loss to a store that is whole again.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod kept;

use portcullis_audit::{Attested, LogLink, Note};
use portcullis_store::StoreError;
use portcullis_types::OrganisationId;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LISTED: &str = r#"{"id":"inv-1","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1958-03-21"],"country":["ru"]}}
{"id":"inv-2","schema":"Person","properties":{"name":["Orsolya Testwick"],"birthDate":["1961-07-02"]}}
"#;

const DONORS: [&str; 2] = ["Quillon Examplesson,1958-03-21", "Orsolya Testwick,1961-07-02"];

const REASON: &str = "another father than the one listed";

/// A data folder, a key apart from it, and the program run on them.
struct Node {
    folder: tempfile::TempDir,
}

impl Node {
    /// With a list, a log and a decision.
    fn new() -> Self {
        let node = Self { folder: tempfile::tempdir().unwrap() };
        let list = node.write("list.json", LISTED);
        node.ok(&["audit", "open", "--origin", "log.example/party", "--officer", "o.testwick"]);
        node.ok(&["lists", "add", "invented", "--file", &list]);
        node.decide(0);
        node
    }

    /// A folder of its own with the key and the keyring of another node, and nothing else.
    fn with_keys_of(other: &Self) -> Self {
        let node = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(node.path("data")).unwrap();
        fs::copy(other.path("data/keyring"), node.path("data/keyring")).unwrap();
        fs::copy(other.path("key"), node.path("key")).unwrap();
        close(&node.path("data"), 0o700);
        node
    }

    fn decide(&self, donor: usize) {
        let donors = format!("Name,Date of birth\n{}\n", DONORS[donor]);
        let donors = self.write("donors.csv", &donors);
        let output = self.run(&["screen", &donors, "--class", "donor", "--format", "jsonl"]);
        let line = text(&output.stdout);
        let person: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
        let reference = person["hits"][0]["reference"].as_str().unwrap();
        self.ok(&[
            "decisions",
            "add",
            reference,
            "--verdict",
            "not-same",
            "--officer",
            "o.testwick",
            "--reason",
            REASON,
        ]);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.name(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(args)
            .env("PORTCULLIS_DATA", self.path("data"))
            .env("PORTCULLIS_KEY_FILE", self.path("key"))
            .env_remove("PORTCULLIS_STORE")
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

    /// What the doctor says, and how it ends.
    fn doctor(&self) -> (Option<i32>, Value) {
        let output = self.run(&["doctor", "--json"]);
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
    }

    fn kinds(&self) -> Vec<String> {
        let organisation = OrganisationId::new("own").unwrap();
        let mut store = kept::store(&self.path("data"), &self.path("key"));
        let events: Result<_, StoreError> = store.read(|r| r.events(&organisation));
        events.unwrap().iter().map(|event| event.kind.as_str().to_owned()).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[cfg(unix)]
fn close(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn close(_: &Path, _: u32) {}

/// The findings about a subject.
fn about<'v>(report: &'v Value, subject: &str) -> Vec<&'v Value> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().filter(|finding| finding["subject"] == subject).collect()
}

#[test]
fn a_node_that_lost_its_store_has_it_again_from_a_backup_and_the_keyring() {
    let node = Node::new();
    let said = node.ok(&["backup", &node.name("monday.backup")]);
    assert!(said.contains("a copy of the keyring"), "{said}");
    assert!(said.contains("data/keyring") && said.contains("the key file"), "{said}");
    let decisions = node.ok(&["decisions", "list"]);
    let kinds = node.kinds();

    let new = Node::with_keys_of(&node);
    let backup = node.name("monday.backup");
    let said = new.ok(&["restore", &backup, "--officer", "o.testwick"]);
    assert!(said.contains("is lost, and must be done again"), "{said}");
    assert!(said.contains("the backup 0") || said.contains("the backup has 0 leaves"), "{said}");
    let organisation = OrganisationId::new("own").unwrap();
    let mut store = kept::store(&new.path("data"), &new.path("key"));
    let keys = store.read_logs(&organisation, |view| {
        Ok::<_, StoreError>(view.logs()?.iter().filter_map(|log| view.key(log)).collect::<Vec<_>>())
    });
    drop(store);
    let keys = keys.unwrap();
    // The note that is printed can be taken as it stands, up to the empty line after it.
    let link = &said[said.find("portcullis-log-link/v1").unwrap()..];
    let end = link.rfind("\n\u{2014} ").unwrap() + 1;
    let end = end + link[end..].find('\n').unwrap() + 1;
    let link = Note::parse(&link.as_bytes()[..end]).unwrap();
    let (_, attested) = LogLink::open(&link, &keys[0], &keys[1]).unwrap();
    assert_eq!(attested, Attested::ByBoth);
    assert_eq!(new.ok(&["decisions", "list"]), decisions);
    let restored = [kinds, vec!["log.opened".to_owned(), "store.restored".to_owned()]].concat();
    assert_eq!(new.kinds(), restored);
    // Nothing is left of how it was made.
    let names: Vec<String> = fs::read_dir(new.path("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.iter().all(|name| !name.starts_with(".restoring")), "{names:?}");
}

#[cfg(unix)]
#[test]
fn a_backup_and_a_restored_store_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let node = Node::new();
    let backup = node.name("monday.backup");
    node.ok(&["backup", &backup]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(Path::new(&backup)), 0o600);
    let new = Node::with_keys_of(&node);
    new.ok(&["restore", &backup, "--officer", "o.testwick"]);
    assert_eq!(mode(&new.path("data/portcullis.db")), 0o600);
    assert_eq!(mode(&new.path("data/portcullis.db-mark")), 0o600);
}

#[test]
fn a_backup_is_not_written_over_without_a_word() {
    let node = Node::new();
    let file = node.write("notes.txt", "mine");
    let said = node.refused(&["backup", &file]);
    assert!(said.contains("--force"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    node.ok(&["backup", &file, "--force"]);
    assert!(node.ok(&["backup", "--check", &file]).contains("A node with this keyring made it."));
}

#[test]
fn the_list_of_what_was_shredded_is_written_for_a_restore_with_an_older_keyring() {
    let node = Node::new();
    let (backup, list) = (node.name("monday.backup"), node.name("shredded.txt"));
    node.ok(&["backup", &backup, "--shredded-list", &list]);
    let first = fs::read_to_string(&list).unwrap();
    assert!(first.starts_with("portcullis-shredded 1\n"), "{first}");
    // Alone, too, and over the one before.
    node.ok(&["backup", "--shredded-list", &list]);
    assert_eq!(fs::read_to_string(&list).unwrap(), first);
    let new = Node::with_keys_of(&node);
    new.ok(&["restore", &backup, "--officer", "o.testwick", "--shredded-list", &list]);

    let altered = node.write("altered.txt", &first.replace("revision 1", "revision 9"));
    let other = Node::with_keys_of(&node);
    let said = other.refused(&[
        "restore",
        &backup,
        "--officer",
        "o.testwick",
        "--shredded-list",
        &altered,
    ]);
    assert!(said.contains("digest does not fit"), "{said}");
    assert!(!other.path("data/portcullis.db").exists());
}

#[test]
fn a_damaged_backup_is_named_and_nothing_is_restored_from_it() {
    let node = Node::new();
    let file = node.name("monday.backup");
    node.ok(&["backup", &file]);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let said = node.refused(&["backup", "--check", &file]);
    assert!(said.contains("block ") && said.contains("of table `"), "{said}");
    let new = Node::with_keys_of(&node);
    let said = new.refused(&["restore", &file, "--officer", "o.testwick"]);
    assert!(said.contains("nothing was restored") && said.contains("of table `"), "{said}");
    let left: Vec<_> =
        fs::read_dir(new.path("data")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_str().unwrap().starts_with("keyring")), "{left:?}");
}

#[test]
fn a_store_is_replaced_only_when_asked_for_and_moved_aside_whole() {
    let node = Node::new();
    let backup = node.name("monday.backup");
    node.ok(&["backup", &backup]);
    let at_backup = node.kinds();
    node.decide(1);
    let at_the_end = node.kinds();
    let said = node.refused(&["restore", &backup, "--officer", "o.testwick"]);
    assert!(said.contains("--replace"), "{said}");
    assert_eq!(node.kinds(), at_the_end);

    let said = node.ok(&["restore", &backup, "--replace", "--officer", "o.testwick"]);
    assert!(said.contains("replaced-"), "{said}");
    assert_eq!(node.kinds()[..at_backup.len()], at_backup);
    assert_eq!(node.kinds().len(), at_backup.len() + 2);
    let aside = fs::read_dir(node.path("data"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("replaced-"))
        .unwrap();
    fs::copy(node.path("data/keyring"), aside.join("keyring")).unwrap();
    let mut old = kept::store(&aside, &node.path("key"));
    let organisation = OrganisationId::new("own").unwrap();
    let events: Result<_, StoreError> = old.read(|r| r.events(&organisation));
    assert_eq!(events.unwrap().len(), at_the_end.len());
}

#[test]
fn without_the_keyring_or_with_that_of_another_nothing_is_restored() {
    let node = Node::new();
    let backup = node.name("monday.backup");
    node.ok(&["backup", &backup]);
    let bare = Node::with_keys_of(&node);
    fs::remove_file(bare.path("data/keyring")).unwrap();
    let said = bare.refused(&["restore", &backup, "--officer", "o.testwick"]);
    assert!(said.contains("keyring") && said.contains("is missing"), "{said}");
    assert!(!bare.path("data/portcullis.db").exists());
    let other = Node::with_keys_of(&Node::new());
    let said = other.refused(&["restore", &backup, "--officer", "o.testwick"]);
    assert!(said.contains("another keyring"), "{said}");
    assert!(!other.path("data/portcullis.db").exists());
}

// THREATS T-02: a restore takes away what others did, so a person answers for it.
#[test]
fn a_job_restores_nothing() {
    let node = Node::new();
    let backup = node.name("monday.backup");
    node.ok(&["backup", &backup]);
    let new = Node::with_keys_of(&node);
    new.refused(&["restore", &backup, "--officer", "root"]);
    assert!(!new.path("data/portcullis.db").exists());
}

#[test]
fn the_doctor_finds_a_cared_for_store_sound_and_says_what_is_left_to_do() {
    let node = Node::new();
    close(&node.path("key"), 0o600);
    let (status, report) = node.doctor();
    assert_eq!(status, Some(1), "{report:#}");
    let looked: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["soundness"] != "sound")
        .map(|finding| finding["subject"].as_str().unwrap())
        .collect();
    // Everything of a test is on one disk.
    let key: &[&str] = if cfg!(unix) { &["key"] } else { &[] };
    assert_eq!(looked, [key, &["witnesses", "backup"]].concat(), "{report:#}");
    if cfg!(unix) {
        assert!(about(&report, "key")[0]["says"].as_str().unwrap().contains("same disk"));
    }
    node.ok(&["backup", &node.name("monday.backup")]);
    let (_, report) = node.doctor();
    assert_eq!(about(&report, "backup")[0]["soundness"], "sound");
    assert_eq!(about(&report, "table `event`")[0]["soundness"], "sound");
}

// THREATS T-01
#[test]
fn the_doctor_shows_nothing_that_is_protected() {
    let node = Node::new();
    for args in [&["doctor"][..], &["doctor", "--json"], &["doctor", "--quick"]] {
        let output = node.run(args);
        for bytes in [&output.stdout, &output.stderr] {
            let said = text(bytes).to_lowercase();
            for name in ["quillon", "examplesson", "1958-03", "another father"] {
                assert!(!said.contains(name), "{said}");
            }
        }
    }
}

#[test]
fn the_doctor_looks_at_a_store_that_does_not_open() {
    let node = Node::new();
    let store = node.path("data/portcullis.db");
    let mut bytes = fs::read(&store).unwrap();
    bytes[..16].fill(0);
    fs::write(&store, bytes).unwrap();
    let (status, report) = node.doctor();
    assert_eq!(status, Some(2), "{report:#}");
    assert_eq!(about(&report, "database file")[0]["soundness"], "broken", "{report:#}");
    // What is around it was looked at all the same.
    assert_eq!(about(&report, "key").len(), 1);
}

#[test]
fn the_doctor_says_that_the_keyring_is_missing() {
    let node = Node::new();
    fs::remove_file(node.path("data/keyring")).unwrap();
    let (status, report) = node.doctor();
    assert_eq!(status, Some(2), "{report:#}");
    let found = about(&report, "keyring");
    assert!(found[0]["says"].as_str().unwrap().contains("is missing"), "{report:#}");
}

#[test]
fn the_doctor_finds_an_old_copy_that_was_put_back() {
    let node = Node::new();
    let old = fs::read(node.path("data/portcullis.db")).unwrap();
    node.decide(1);
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(node.path(&format!("data/portcullis.db{ending}")));
    }
    fs::write(node.path("data/portcullis.db"), old).unwrap();
    let (status, report) = node.doctor();
    assert_eq!(status, Some(2), "{report:#}");
    let said = about(&report, "store")[0]["says"].as_str().unwrap();
    assert!(said.contains("an old copy was put in its place"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_doctor_sees_what_others_may_read_and_a_key_that_lies_with_the_data() {
    let node = Node::new();
    close(&node.path("data/keyring"), 0o644);
    fs::copy(node.path("key"), node.path("data/key")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["doctor", "--json"])
        .env("PORTCULLIS_DATA", node.path("data"))
        .env("PORTCULLIS_KEY_FILE", node.path("data/key"))
        .env_remove("PORTCULLIS_STORE")
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let permissions = about(&report, "permissions")[0];
    assert_eq!(permissions["soundness"], "look");
    assert!(permissions["says"].as_str().unwrap().contains("data/keyring"), "{permissions:#}");
    assert_eq!(about(&report, "key")[0]["soundness"], "look");
}
