//! `portcullis decisions`, from a screening to its memory and back.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod kept;

use portcullis_store::StoreError;
use portcullis_types::{Actor, OrganisationId, Purpose};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A data folder with one list, and the program run on it.
struct Node {
    folder: tempfile::TempDir,
}

const LISTED: &str = r#"{"id":"inv-1","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1958-03-21"],"country":["ru"]}}
{"id":"inv-2","schema":"Person","properties":{"name":["Orsolya Testwick"],"birthDate":["1961-07-02"]}}
"#;

const DONORS: &str =
    "Name,Date of birth\nQuillon Examplesson,1958-03-21\nOrsolya Testwick,1961-07-02\n";

impl Node {
    fn new() -> Self {
        let node = Self { folder: tempfile::tempdir().unwrap() };
        let list = node.write("list.json", LISTED);
        node.ok(&["lists", "add", "invented", "--file", &list]);
        node
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
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stdout));
        text(&output.stderr)
    }

    /// The hits of each person screened.
    fn screen(&self, donors: &str) -> Vec<Value> {
        self.screen_as("donor", donors)
    }

    fn screen_as(&self, class: &str, people: &str) -> Vec<Value> {
        let file = self.write("people.csv", people);
        let output = self
            .run(&["screen", &file, "--class", class, "--list", "invented", "--format", "jsonl"]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn references(&self) -> Vec<String> {
        self.screen(DONORS)
            .iter()
            .map(|person| person["hits"][0]["reference"].as_str().unwrap().to_owned())
            .collect()
    }

    fn decide(&self, reference: &str, verdict: &str) -> String {
        self.ok(&[
            "decisions",
            "add",
            reference,
            "--verdict",
            verdict,
            "--officer",
            "q.officer",
            "--reason",
            "not her: another father",
        ])
    }

    fn decisions(&self) -> Vec<Value> {
        let out = self.ok(&["decisions", "list", "--all", "--format", "jsonl"]);
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn hits(person: &Value) -> usize {
    person["hits"].as_array().unwrap().len()
}

#[test]
fn a_pair_found_not_the_same_is_not_raised_again() {
    let node = Node::new();
    let references = node.references();
    node.decide(&references[0], "not-same");
    // Next quarter: the rows in another order, with another donor before.
    let next = "Name,Date of birth\nBarnaby Nobodyson,1970-01-02\nOrsolya Testwick,1961-07-02\nQuillon Examplesson,1958-03-21\n";
    let people = node.screen(next);
    assert_eq!(people.iter().map(hits).collect::<Vec<_>>(), [0, 1, 0]);
}

#[test]
fn the_same_and_unsure_stay_raised() {
    for verdict in ["same", "unsure"] {
        let node = Node::new();
        let references = node.references();
        node.decide(&references[0], verdict);
        assert_eq!(hits(&node.screen(DONORS)[0]), 1);
    }
}

#[test]
fn a_changed_donor_is_raised_again_and_told_why() {
    let node = Node::new();
    node.decide(&node.references()[0], "not-same");
    let people =
        node.screen("Name,Date of birth,Nationality\nQuillon Examplesson,1958-03-21,Russia\n");
    assert_eq!(hits(&people[0]), 1);
    let why = people[0]["hits"][0]["raised_again"].as_str().unwrap();
    assert!(why.contains("country in your file") && why.contains("q.officer"), "{why}");
    assert!(!why.contains("father"), "{why}");
}

#[test]
fn a_namesake_at_another_address_is_raised_when_only_the_name_is_known() {
    let node = Node::new();
    let donor = |postcode| format!("Name,Postcode\nQuillon Examplesson,{postcode}\n");
    let people = node.screen(&donor("ZZ1 1ZZ"));
    let reference = people[0]["hits"][0]["reference"].as_str().unwrap().to_owned();
    node.decide(&reference, "not-same");
    assert_eq!(hits(&node.screen(&donor("zz11zz"))[0]), 0);
    let people = node.screen(&donor("ZZ9 9ZZ"));
    assert_eq!(hits(&people[0]), 1);
    let why = people[0]["hits"][0]["raised_again"].as_str().unwrap();
    assert!(why.contains("address in your file"), "{why}");
}

#[test]
fn a_country_does_not_make_two_namesakes_one_person() {
    let node = Node::new();
    let donor =
        |postcode| format!("Name,Postcode,Country\nQuillon Examplesson,{postcode},Iceland\n");
    let people = node.screen(&donor("ZZ1 1AA"));
    node.decide(people[0]["hits"][0]["reference"].as_str().unwrap(), "not-same");
    assert_eq!(hits(&node.screen(&donor("ZZ1 1AA"))[0]), 0);
    let people = node.screen(&donor("YY9 9BB"));
    assert_eq!(hits(&people[0]), 1);
    let why = people[0]["hits"][0]["raised_again"].as_str().unwrap();
    assert!(why.contains("address in your file"), "{why}");
    assert_eq!(hits(&node.screen(&donor(""))[0]), 1);
}

#[test]
fn a_decision_on_a_donor_says_nothing_of_staff() {
    let node = Node::new();
    node.decide(&node.references()[0], "not-same");
    let people = node.screen_as("staff", DONORS);
    assert_eq!(hits(&people[0]), 1);
    let why = people[0]["hits"][0]["raised_again"].as_str().unwrap();
    assert!(why.contains("purpose, which was to screen donors"), "{why}");
    assert!(why.contains("q.officer found it not the same"), "{why}");
    // Decided for both, it is quiet for both, each by its own decision.
    node.decide(people[0]["hits"][0]["reference"].as_str().unwrap(), "not-same");
    assert_eq!(hits(&node.screen_as("staff", DONORS)[0]), 0);
    assert_eq!(hits(&node.screen(DONORS)[0]), 0);
    assert_eq!(node.decisions().len(), 2);
}

#[test]
fn the_reference_of_a_quiet_alert_undoes_its_decision() {
    let node = Node::new();
    let donor =
        |address| format!("Name,Postcode,Address\nQuillon Examplesson,ZZ1 1ZZ,\"{address}\"\n");
    let people = node.screen(&donor("1 Invented Street"));
    let decided = people[0]["hits"][0]["reference"].as_str().unwrap().to_owned();
    node.decide(&decided, "not-same");
    let people = node.screen(&donor("Flat 2, 1 Invented St"));
    assert_eq!(hits(&people[0]), 0);
    let shown = people[0]["decided"][0]["reference"].as_str().unwrap();
    assert_eq!(shown, decided);
    node.ok(&["decisions", "undo", shown, "--officer", "s.senior", "--reason", "wrong row"]);
    assert_eq!(hits(&node.screen(&donor("1 Invented Street"))[0]), 1);
}

#[test]
fn a_changed_record_is_raised_again_and_told_why() {
    let node = Node::new();
    node.decide(&node.references()[0], "not-same");
    node.write("list.json", &LISTED.replace("[\"ru\"]", "[\"ru\",\"hu\"]"));
    node.ok(&["lists", "update"]);
    let people = node.screen(DONORS);
    assert_eq!(hits(&people[0]), 1);
    let why = people[0]["hits"][0]["raised_again"].as_str().unwrap();
    assert!(why.contains("country on the list"), "{why}");
}

#[test]
fn a_new_issue_that_leaves_the_record_alone_raises_nothing() {
    let node = Node::new();
    node.decide(&node.references()[0], "not-same");
    let more = r#"{"id":"inv-3","schema":"Person","properties":{"name":["Zebedee Fixturebane"]}}"#;
    node.write("list.json", &format!("{more}\n{LISTED}"));
    node.ok(&["lists", "update"]);
    assert_eq!(hits(&node.screen(DONORS)[0]), 0);
}

#[test]
fn an_undone_decision_raises_the_pair_again_and_stays_on_file() {
    let node = Node::new();
    let reference = node.references().remove(0);
    node.decide(&reference, "not-same");
    let undo = ["decisions", "undo", &reference, "--officer", "s.senior", "--reason", "wrong row"];
    node.ok(&undo);
    assert_eq!(hits(&node.screen(DONORS)[0]), 1);
    let decisions = node.decisions();
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0]["officer"], "q.officer");
    assert_eq!(decisions[0]["undone_by"], "s.senior");
    assert_eq!(decisions[0]["undone_reason"], "wrong row");
    assert!(node.ok(&["decisions", "list"]).starts_with("0 decisions"));
    assert!(node.refused(&undo).contains("already undone by `s.senior`"));
}

#[test]
fn a_decision_without_officer_reason_or_verdict_is_refused() {
    let node = Node::new();
    let reference = node.references().remove(0);
    let all = ["--verdict", "not-same", "--officer", "q.officer", "--reason", "born elsewhere"];
    for missing in [0, 2, 4] {
        let mut args = vec!["decisions", "add", &reference];
        args.extend(all.iter().enumerate().filter(|(n, _)| *n / 2 * 2 != missing).map(|(_, a)| *a));
        node.refused(&args);
    }
    for (option, empty) in [(3, ""), (3, "  "), (5, ""), (5, " \t "), (1, "perhaps")] {
        let mut options = all;
        options[option] = empty;
        node.refused(&[&["decisions", "add", &reference], &options[..]].concat());
    }
    node.refused(&["decisions", "undo", &reference, "--officer", "q.officer"]);
    node.refused(&["decisions", "undo", &reference, "--officer", "q.officer", "--reason", " "]);
    assert_eq!(node.decisions().len(), 0);
}

#[test]
fn an_account_that_is_no_person_decides_nothing() {
    // THREATS T-02
    let node = Node::new();
    let reference = node.references().remove(0);
    for account in ["job", "system", "cron", "root", "1", "Administrator", "nobody"] {
        let said = [
            node.refused(&[
                "decisions",
                "add",
                &reference,
                "--verdict",
                "not-same",
                "--officer",
                account,
                "--reason",
                "x",
            ]),
            node.refused(&["decisions", "undo", &reference, "--officer", account, "--reason", "x"]),
        ];
        assert!(said.iter().all(|said| said.contains("taken by a person")), "{said:?}");
    }
    let table = format!("reference,verdict,officer,reason\n{reference},not-same,cron,x\n");
    let file = node.write("decisions.csv", &table);
    assert_eq!(node.run(&["decisions", "add", "--from", &file]).status.code(), Some(3));
    assert_eq!(node.decisions().len(), 0);
}

#[test]
fn a_decision_and_its_undoing_are_events_with_their_officers() {
    let node = Node::new();
    let reference = node.references().remove(0);
    node.decide(&reference, "same");
    node.ok(&["decisions", "undo", &reference, "--officer", "s.senior", "--reason", "wrong row"]);
    let mut store = kept::store(&node.path("data"), &node.path("key"));
    let organisation = OrganisationId::new("own").unwrap();
    let events = store.read::<_, StoreError>(|r| r.events(&organisation)).unwrap();
    let told: Vec<_> = events
        .iter()
        .filter(|event| event.kind.as_str().starts_with("screening.decision"))
        .map(|event| {
            let Actor::Officer(officer) = &event.actor else { panic!("a job decided") };
            let reason = event.details.text("reason").unwrap().reveal();
            // The name is what the officer says, the account what the machine says.
            let account = event.details.text("account").unwrap().reveal();
            assert_eq!(account, whoami::username().unwrap());
            (event.kind.as_str(), officer.as_str(), event.purpose, reason)
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "screening.decision.recorded",
                "q.officer",
                Purpose::ScreenDonor,
                "not her: another father"
            ),
            ("screening.decision.undone", "s.senior", Purpose::ScreenDonor, "wrong row"),
        ]
    );
}

#[test]
fn a_reference_never_shown_is_refused() {
    let node = Node::new();
    node.references();
    let options = ["--verdict", "not-same", "--officer", "q.officer", "--reason", "x"];
    let said = node.refused(&[&["decisions", "add", "00000-00000"], &options[..]].concat());
    assert!(said.contains("no alert `00000-00000`"), "{said}");
    node.refused(&[&["decisions", "add", "not a reference"], &options[..]].concat());
    let said =
        node.refused(&["decisions", "undo", "00000-00000", "--officer", "a", "--reason", "b"]);
    assert!(said.contains("no decision on"), "{said}");
}

#[test]
fn of_several_references_all_are_taken_or_none() {
    let node = Node::new();
    let references = node.references();
    let options = ["--verdict", "not-same", "--officer", "q.officer", "--reason", "x"];
    let with_a_wrong_one = ["decisions", "add", &references[0], "00000-00000"];
    node.refused(&[&with_a_wrong_one, &options[..]].concat());
    assert_eq!(node.decisions().len(), 0);
    let both = ["decisions", "add", &references[0], &references[1]];
    node.ok(&[&both, &options[..]].concat());
    assert_eq!(node.decisions().len(), 2);
}

#[test]
fn a_reference_may_be_typed_carelessly() {
    let node = Node::new();
    let reference = node.references().remove(0).to_lowercase().replace('-', "");
    node.decide(&reference, "not-same");
    assert_eq!(hits(&node.screen(DONORS)[0]), 0);
}

#[test]
fn many_decisions_come_from_a_spreadsheet_and_bad_rows_are_set_aside() {
    let node = Node::new();
    let references = node.references();
    let mut csv = "Reference,Verdict,Officer,Reason\r\n".to_owned();
    let _ =
        write!(csv, "{},not-same,q.officer,\"another father, another town\"\r\n", references[0]);
    let _ = write!(csv, "{},not-same,q.officer,\r\n", references[1]);
    csv += "00000-00000,not-same,q.officer,no such alert\r\n";
    csv += "\r\n";
    csv += "nonsense,perhaps,q.officer,x\r\n";
    let file = node.write("decisions.csv", &csv);
    let output = node.run(&["decisions", "add", "--from", &file]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("1 decision recorded from 4 rows"),
        "{}",
        text(&output.stdout)
    );
    assert_eq!(node.decisions().len(), 1);
    assert_eq!(hits(&node.screen(DONORS)[0]), 0);
    let aside = fs::read_to_string(node.path("decisions.csv.set-aside.csv")).unwrap();
    let lines: Vec<&str> = aside.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].starts_with("3,\"there is no reason"), "{}", lines[1]);
    assert!(lines[2].starts_with("4,"), "{}", lines[2]);
    assert!(lines[2].contains("no alert"), "{}", lines[2]);
    assert!(lines[3].starts_with("6,"), "{}", lines[3]);
}

#[test]
fn rows_set_aside_are_written_over_no_file() {
    let node = Node::new();
    let csv = format!(
        "reference,verdict,officer,reason\n{},not-same,q.officer,x\nnonsense,same,q.officer,x\n",
        node.references()[0]
    );
    let file = node.write("k.csv", &csv);
    fs::hard_link(&file, node.path("hard.csv")).unwrap();
    let hard = node.path("hard.csv").to_str().unwrap().to_owned();
    let round_about = node.path("data/../k.csv").to_str().unwrap().to_owned();
    let kept = node.path("data/portcullis.db").to_str().unwrap().to_owned();
    for aside in [&file, &hard, &round_about, &kept] {
        node.refused(&["decisions", "add", "--from", &file, "--set-aside", aside]);
        assert_eq!(fs::read_to_string(&file).unwrap(), csv);
        assert_eq!(node.decisions().len(), 0);
    }
    node.refused(&["decisions", "export", "--out", &kept]);
    // What was set aside before, and perhaps corrected since, stays.
    node.write("k.csv.set-aside.csv", "corrected");
    let output = node.run(&["decisions", "add", "--from", &file]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("k.csv.set-aside-2.csv"), "{}", text(&output.stdout));
    assert_eq!(fs::read_to_string(node.path("k.csv.set-aside.csv")).unwrap(), "corrected");
    let aside = fs::read_to_string(node.path("k.csv.set-aside-2.csv")).unwrap();
    assert!(aside.contains("nonsense"), "{aside}");
}

#[test]
fn what_a_spreadsheet_leaves_out_is_taken_from_the_options() {
    let node = Node::new();
    let references = node.references();
    let file =
        node.write("decisions.csv", &format!("reference\n{}\n{}\n", references[0], references[1]));
    node.ok(&[
        "decisions",
        "add",
        "--from",
        &file,
        "--verdict",
        "not-same",
        "--officer",
        "q.officer",
        "--reason",
        "seen in person",
    ]);
    assert_eq!(node.decisions().len(), 2);
}

#[test]
fn the_results_of_a_screening_can_be_decided_as_they_are() {
    let node = Node::new();
    let donors = format!("{DONORS}Barnaby Nobodyson,1970-01-02\n");
    let lines: Vec<String> = node.screen(&donors).iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 3);
    let file = node.write("results.jsonl", &lines.join("\n"));
    node.ok(&[
        "decisions",
        "add",
        "--from",
        &file,
        "--verdict",
        "not-same",
        "--officer",
        "q.officer",
        "--reason",
        "seen in person",
    ]);
    assert_eq!(node.screen(DONORS).iter().map(hits).sum::<usize>(), 0);
}

#[test]
fn a_file_that_is_no_table_of_decisions_is_refused() {
    let node = Node::new();
    let file = node.write("decisions.csv", "name,verdict\nx,same\n");
    assert!(node.refused(&["decisions", "add", "--from", &file]).contains("`reference`"));
    fs::write(node.path("decisions.csv"), [0, 1, 2]).unwrap();
    assert!(node.refused(&["decisions", "add", "--from", &file]).contains("not a text file"));
    node.refused(&["decisions", "add", "--from", "no-such-file.csv"]);
}

#[test]
fn a_pair_is_decided_by_row_and_record_without_a_reference() {
    let node = Node::new();
    let file = node.write("donors.csv", DONORS);
    let options = ["--verdict", "not-same", "--officer", "q.officer", "--reason", "x"];
    let pair = [
        "decisions",
        "add",
        "--query-file",
        &file,
        "--row",
        "2",
        "--record",
        "invented:inv-1",
        "--class",
        "donor",
    ];
    node.ok(&[&pair, &options[..]].concat());
    let people = node.screen(DONORS);
    assert_eq!(people.iter().map(hits).collect::<Vec<_>>(), [0, 1]);
    for (at, wrong, words) in [
        (5, "99", "no person"),
        (7, "invented:inv-9", "no record"),
        (7, "elsewhere:inv-1", "no stored list"),
        (7, "inv-1", "SOURCE:ID"),
    ] {
        let mut pair = pair;
        pair[at] = wrong;
        let said = node.refused(&[&pair, &options[..]].concat());
        assert!(said.contains(words), "`{words}` is not in: {said}");
    }
}

#[test]
fn the_list_shows_who_decided_and_why() {
    let node = Node::new();
    node.decide(&node.references()[0], "not-same");
    let table = node.ok(&["decisions", "list"]);
    for words in
        ["not the same", "Quillon Examplesson", "q.officer", "another father", "1 decision"]
    {
        assert!(table.contains(words), "`{words}` is not in: {table}");
    }
    assert!(
        node.ok(&["decisions", "list", "--officer", "somebody.else"]).starts_with("0 decisions")
    );
}

#[test]
fn an_export_is_readable_by_its_owner_alone_and_safe_in_a_spreadsheet() {
    let node = Node::new();
    let reference = node.references().remove(0);
    node.ok(&[
        "decisions",
        "add",
        &reference,
        "--verdict",
        "not-same",
        "--officer",
        "q.officer",
        "--reason",
        "=HYPERLINK(\"https://x.example\")",
    ]);
    let out = node.path("decisions.csv");
    node.ok(&["decisions", "export", "--out", out.to_str().unwrap()]);
    let csv = fs::read_to_string(&out).unwrap();
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.contains("\"'=HYPERLINK"), "{csv}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o077, 0);
    }
    let out = node.path("decisions.jsonl");
    node.ok(&["decisions", "export", "--out", out.to_str().unwrap()]);
    let line: Value = serde_json::from_str(fs::read_to_string(&out).unwrap().trim()).unwrap();
    assert_eq!(line["reference"], reference);
    assert_eq!(line["purpose"], "screen-donor");
}

#[test]
fn a_reason_never_shows_in_an_error() {
    let node = Node::new();
    let said = node.refused(&[
        "decisions",
        "add",
        "00000-00000",
        "--verdict",
        "not-same",
        "--officer",
        "q.officer",
        "--reason",
        "Orsolya told me so",
    ]);
    assert!(!said.contains("Orsolya"), "{said}");
    let long = "Orsolya ".repeat(2_000);
    let said = node.refused(&[
        "decisions",
        "add",
        "00000-00000",
        "--verdict",
        "not-same",
        "--officer",
        "q.officer",
        "--reason",
        &long,
    ]);
    assert!(!said.contains("Orsolya"), "{said}");
}

#[test]
fn looking_at_decisions_where_there_are_none_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node { folder };
    assert!(node.ok(&["decisions", "list"]).starts_with("0 decisions"));
    assert!(!node.path("data").exists());
    let said =
        node.refused(&["decisions", "undo", "00000-00000", "--officer", "a", "--reason", "b"]);
    assert!(said.contains("nothing has been decided"), "{said}");
}

#[test]
fn decisions_are_found_by_a_part_of_a_name() {
    let node = Node::new();
    for reference in node.references() {
        node.decide(&reference, "not-same");
    }
    let named = |name: &str| node.ok(&["decisions", "list", "--name", name]);
    let found = named("TESTW\u{00EF}ck ors");
    assert!(found.contains("Orsolya Testwick") && found.ends_with("1 decision\n"), "{found}");
    assert!(named("nobody").starts_with("0 decisions"));
}
