//! A federation of a service, a parliament, an overseer and two parties, wholly by files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

const NAMES: [(&str, &str); 5] = [
    ("service.example", "service"),
    ("parliament.example", "parliament"),
    ("overseer.example", "overseer"),
    ("party-a.example", "party"),
    ("party-b.example", "party"),
];

/// Several nodes, and a table on which they leave files for one another.
struct World {
    folder: tempfile::TempDir,
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

impl World {
    /// All are made, and none has joined.
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        for (name, body) in NAMES {
            world.init(name, body);
        }
        world
    }

    fn init(&self, name: &str, body: &str) {
        let card = self.at(&format!("{name}.card"));
        let title = format!("The {body} of tests");
        let args = ["--id", name, "--name", &title, "--body", body, "--card", &card];
        self.officer(name, &[&["init"], args.as_slice()].concat());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn run(&self, node: &str, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(args)
            .env("PORTCULLIS_DATA", self.path(node).join("data"))
            .env("PORTCULLIS_KEY_FILE", self.path(node).join("key"))
            .env("USER", "q.examplesson")
            .output()
            .unwrap()
    }

    fn ok(&self, node: &str, args: &[&str]) -> String {
        let output = self.run(node, args);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{node} {args:?}: {errors}");
        text(&output.stdout).to_owned()
    }

    /// With the officer who answers for it.
    fn officer(&self, node: &str, args: &[&str]) -> String {
        self.ok(node, &[args, &["--officer", "q.examplesson"]].concat())
    }

    /// What is refused, by its name.
    fn refused(&self, node: &str, args: &[&str], code: &str) {
        let output = self.run(node, &[args, &["--officer", "q.examplesson"]].concat());
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{node} {args:?}: {errors}");
        assert!(errors.contains(&format!("the list is refused ({code})")), "{errors}");
    }

    fn fingerprint(&self, node: &str) -> String {
        let card = self.ok(node, &["member", "card"]);
        let line = card.lines().find(|line| line.starts_with("fingerprint")).unwrap();
        line.trim_start_matches("fingerprint").trim().to_owned()
    }

    fn pins(&self) -> [String; 2] {
        ["service.example", "overseer.example"]
            .map(|name| format!("--pin={name}={}", self.fingerprint(name)))
    }

    fn found(&self) {
        self.found_with(&NAMES.map(|(name, _)| name));
    }

    /// Everybody signs the founding list and joins.
    fn found_with(&self, names: &[&str]) {
        let others = names.iter().filter(|name| **name != "service.example");
        let cards: Vec<String> = others.map(|name| self.at(&format!("{name}.card"))).collect();
        let list = self.at("list1");
        let mut args = vec!["member", "found", "--federation", "federation.example"];
        for card in &cards {
            args.extend(["--add", card]);
        }
        args.extend(["--ceiling", "party-a.example=2", "--out", &list]);
        self.ok("service.example", &args);
        for name in names {
            self.officer(name, &["member", "sign", &list]);
        }
        let [service, overseer] = self.pins();
        for name in names {
            self.officer(name, &["join", &list, &service, &overseer]);
        }
    }

    /// When the list in force was proposed.
    fn issued(&self, node: &str) -> String {
        let shown = self.ok(node, &["member", "show"]);
        let line = shown.lines().find(|line| line.starts_with("version")).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    }

    fn sign(&self, list: &str, names: &[&str]) {
        for name in names {
            self.officer(name, &["member", "sign", list]);
        }
    }
}

// THREATS T-26 T-27
#[test]
fn a_federation_is_founded_grows_and_refuses_all_by_files() {
    let world = World::new();
    world.found();
    let shown = world.ok("party-a.example", &["member", "show"]);
    assert!(shown.contains("federation  federation.example\nversion     1"), "{shown}");
    assert!(shown.contains("overseer.example  The overseer of tests, overseer"), "{shown}");

    // A newcomer is proposed by one, signed by a quorum and by itself, and taken by all.
    world.init("party-c.example", "party");
    let (card, list) = (world.at("party-c.example.card"), world.at("list2"));
    world.ok("party-b.example", &["member", "propose", "--add", &card, "--out", &list]);
    let output = world.run("party-b.example", &["member", "show", &list]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    for missing in
        ["1 more of kind service,", "1 more of kind parliament,", "2 more of kind party,"]
    {
        assert!(shown.contains(&format!("missing   {missing}")), "{missing}: {shown}");
    }
    world.refused("party-b.example", &["member", "accept", &list], "not-signed");
    let four = ["service.example", "parliament.example", "overseer.example", "party-a.example"];
    world.sign(&list, &four);
    // Signatures come in any order, in files of their own.
    let apart = world.at("list2.party-b");
    world.officer("party-b.example", &["member", "sign", &list, "--out", &apart]);
    world.refused("party-a.example", &["member", "accept", &list, &apart], "not-signed");
    world.sign(&list, &["party-c.example"]);
    for (name, _) in NAMES {
        world.officer(name, &["member", "accept", &apart, &list]);
    }
    let history = world.at("history");
    world.ok("party-a.example", &["member", "export", "--out", &history]);
    let [service, overseer] = world.pins();
    world.refused("party-c.example", &["join", &history, &service], "unpinned");
    world.officer("party-c.example", &["join", &history, &service, &overseer]);
    assert!(world.ok("party-c.example", &["member", "show"]).contains("version     2"));

    // An older list, a history that was cut, and a flipped bit.
    world.refused("party-a.example", &["member", "accept", &world.at("list1")], "rollback");
    let verified = world.ok("party-a.example", &["member", "verify", &history]);
    assert!(verified.contains("sound: versions 1 to 2"), "{verified}");
    let mut bytes = fs::read(&history).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&history, bytes).unwrap();
    let output = world.run("party-a.example", &["member", "verify", &history]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("bad-signature"), "{}", text(&output.stdout));
}

// THREATS T-27 T-28
#[test]
fn a_service_rotates_its_key_and_nobody_else_does_it_for_it() {
    let world = World::new();
    world.found();
    let others = ["parliament.example", "overseer.example", "party-a.example", "party-b.example"];
    let list = world.at("list2");
    let before = world.fingerprint("service.example");
    let rotate = ["member", "rotate", "--key", "signing", "--out", &list];
    world.officer("service.example", &rotate);
    world.sign(&list, &others);
    world.refused("party-a.example", &["member", "accept", &list], "not-signed");
    world.sign(&list, &["service.example"]);
    for (name, _) in NAMES {
        world.officer(name, &["member", "accept", &list]);
    }
    assert_ne!(world.fingerprint("service.example"), before);
    // The next list is signed with the new key.
    let list = world.at("list3");
    let revoke = ["member", "revoke", "party-b.example", "--why", "left", "--out", &list];
    world.ok("overseer.example", &revoke);
    world.sign(&list, &["service.example"]);
    world.sign(&list, &others);
    world.officer("party-a.example", &["member", "accept", &list]);
    let shown = world.ok("party-a.example", &["member", "show"]);
    assert!(shown.contains("revoked since"), "{shown}");
}

// THREATS T-26 T-27
#[test]
fn whoever_reports_a_lost_key_signs_on_with_the_new_one_alone() {
    let world = World::new();
    world.found();
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    let (list, next) = (world.at("list2"), world.at("list3"));
    let rotate = ["member", "rotate", "--key", "signing", "--out", &list];
    let node = "party-a.example";
    for (since, why) in [("2000-01-01", "before the key began"), ("2999-01-01", "yet to come")] {
        let when = ["--lost-since", since, "--officer", "q.examplesson"];
        let output = world.run(node, &[rotate.as_slice(), &when].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
    let since = world.issued("party-a.example");
    world.officer(node, &[rotate.as_slice(), &["--lost-since", &since]].concat());
    world.sign(&list, &names);
    for name in &names {
        world.officer(name, &["member", "accept", &list]);
    }
    world.ok(
        "service.example",
        &["member", "propose", "--ceiling", "party-b.example=3", "--out", &next],
    );
    for name in &names {
        let signed = world.officer(name, &["member", "sign", &next]);
        assert!(!signed.contains("left out"), "{signed}");
    }
    for name in &names {
        world.officer(name, &["member", "accept", &next]);
    }
    assert!(world.ok(node, &["member", "show"]).contains("version     3"));
}

// THREATS T-27
#[test]
fn a_party_that_lost_everything_is_made_anew_named_by_the_others_and_joins_again() {
    let world = World::new();
    world.init("party-c.example", "party");
    let mut names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    names.push("party-c.example");
    world.found_with(&names);
    fs::remove_dir_all(world.path("party-c.example")).unwrap();
    world.init("party-c.example", "party");
    let (card, list) = (world.at("party-c.example.card"), world.at("list2"));
    let since = world.issued("party-a.example");
    let propose = ["member", "propose", "--update", &card, "--lost-since", &since, "--out", &list];
    world.ok("party-a.example", &propose);
    names.pop();
    world.sign(&list, &names);
    // The newcomer sees what it signs, once it has the history.
    let history = world.at("history");
    world.ok("party-a.example", &["member", "export", "--out", &history]);
    let output = world.run("party-c.example", &["member", "show", &list, "--history", &history]);
    let shown = text(&output.stdout);
    assert!(shown.contains("changes   party-c.example: signing keys, sealing keys"), "{shown}");
    let blind = world.run("party-c.example", &["member", "show", &list]);
    assert!(text(&blind.stdout).contains("does not know the version before"));
    let signed =
        world.officer("party-c.example", &["member", "sign", &list, "--history", &history]);
    assert!(signed.contains("complete"), "{signed}");
    for name in &names {
        world.officer(name, &["member", "accept", &list]);
    }
    world.ok("party-a.example", &["member", "export", "--out", &history]);
    let [service, overseer] = world.pins();
    world.officer("party-c.example", &["join", &history, &service, &overseer]);
    assert!(world.ok("party-c.example", &["member", "show"]).contains("version     2"));
}

// THREATS T-28
#[test]
fn a_party_leaves_for_another_federation_and_comes_back_to_what_it_took() {
    let world = World::new();
    world.found();
    let (first, second) = (world.at("list1"), world.at("g1"));
    let card = world.at("library.example.card");
    world.init("library.example", "library");
    let node = "party-b.example";
    let found = ["member", "found", "--federation", "other.example", "--add", &card];
    world.ok(node, &[found.as_slice(), &["--out", &second]].concat());
    world.sign(&second, &[node, "library.example"]);
    let held = ["join", &second, "--officer", "q.examplesson"];
    assert_eq!(world.run(node, &held).status.code(), Some(2), "it says what it leaves");
    world.officer(node, &["join", &second, "--leave", "federation.example"]);
    assert!(world.ok(node, &["member", "show"]).contains("federation  other.example"));
    let [service, overseer] = world.pins();
    let back = ["join", &first, &service, &overseer, "--leave", "other.example"];
    world.officer(node, &back);
    assert!(world.ok(node, &["member", "show"]).contains("federation  federation.example"));
    assert!(world.ok("party-a.example", &["member", "show"]).contains("version     1"));

    // What it took before it left is not taken back.
    let list = world.at("list2");
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    world.ok(node, &["member", "propose", "--ceiling", "party-b.example=3", "--out", &list]);
    world.sign(&list, &names);
    world.officer(node, &["member", "accept", &list]);
    world.officer(node, &["join", &second, "--leave", "federation.example"]);
    let output = world.run(node, &[back.as_slice(), &["--officer", "q.examplesson"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("ask for the newest"), "{}", text(&output.stderr));
    world.officer(node, &["join", &first, &list, &service, &overseer, "--leave", "other.example"]);
    assert!(world.ok(node, &["member", "show"]).contains("version     2"));
}

// THREATS T-26
#[test]
fn a_signature_that_does_not_count_is_left_out_of_a_proposal_and_spoils_nothing() {
    let world = World::new();
    world.found();
    world.init("party-z.example", "party");
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    let list = world.at("list2");
    world.ok(
        "service.example",
        &["member", "propose", "--ceiling", "party-b.example=3", "--out", &list],
    );
    world.sign(&list, &names);
    let mut bytes = fs::read(&list).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let spoilt = world.at("spoilt");
    fs::write(&spoilt, bytes).unwrap();
    let shown = world.run("party-a.example", &["member", "show", &spoilt]);
    let shown = text(&shown.stdout);
    assert!(
        shown.contains("left out  signatures that do not count, said to be of service.example")
    );
    world.refused("party-a.example", &["member", "accept", &spoilt], "not-signed");
    // Put together with good ones it does no harm; and whoever has no say gives no signature.
    world.officer("party-a.example", &["member", "accept", &spoilt, &list]);
    let args = ["member", "sign", &list, "--officer", "q.examplesson"];
    let output = world.run("party-z.example", &args);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("that counts"), "{}", text(&output.stderr));
}

// THREATS T-27
#[test]
fn two_lists_of_one_version_are_kept_as_proof_and_signing_the_second_is_refused_first() {
    let world = World::new();
    world.found();
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    let (one, other) = (world.at("one"), world.at("other"));
    let propose = |ceiling: &str, out: &str| {
        world.ok("party-a.example", &["member", "propose", "--ceiling", ceiling, "--out", out]);
    };
    propose("party-b.example=3", &one);
    propose("party-b.example=4", &other);
    world.sign(&one, &names);
    let output =
        world.run("party-a.example", &["member", "sign", &other, "--officer", "q.examplesson"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("another list of version 2 was signed here"));
    for name in &names {
        world.officer(name, &["member", "sign", &other, "--instead"]);
    }
    world.officer("party-b.example", &["member", "accept", &one]);
    world.refused("party-b.example", &["member", "accept", &other], "fork");
    let output = world.run("party-b.example", &["member", "show"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("there are two lists of version 2"));
    let proof = world.at("proof");
    world.ok("party-b.example", &["member", "export", "--proof", "--out", &proof]);
    let output = world.run("party-a.example", &["member", "verify", &proof]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("proof of two lists of version 2"));
}

#[test]
fn what_is_not_given_is_asked_for_by_name_where_there_is_no_terminal() {
    let world = World { folder: tempfile::tempdir().unwrap() };
    let output = world.run("party.example", &["init", "--id", "party.example"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("say `--name`"), "{}", text(&output.stderr));
    assert!(!world.path("party.example").exists());
}
