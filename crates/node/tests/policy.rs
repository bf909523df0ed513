//! `portcullis policy`: what an operator who writes policies goes through.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An operator's folder, with the program's policies copied into it.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.ends(0, &["policy", "copy", desk.policies().to_str().unwrap()]);
        desk
    }

    fn policies(&self) -> PathBuf {
        self.folder.path().join("policies")
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.policies().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    fn cases(&self) -> Vec<String> {
        let mut cases: Vec<String> = fs::read_dir(self.policies().join("cases"))
            .unwrap()
            .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
            .collect();
        cases.sort();
        cases
    }

    /// Standard output of a command that ends with this status; of one that could not be done, what it
    /// says of that.
    fn ends(&self, status: i32, args: &[&str]) -> String {
        let output = run(self.folder.path(), args);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{args:?}: {out} {err}");
        if status == 2 { err } else { out }
    }

    fn check(&self, status: i32) -> String {
        self.ends(status, &["policy", "check", self.policies().to_str().unwrap()])
    }

    fn test(&self, status: i32, more: &[&str]) -> String {
        let (policies, cases) = (self.policies(), self.cases());
        let mut args = vec!["policy", "test", "--policies", policies.to_str().unwrap()];
        args.extend(more);
        args.extend(cases.iter().map(String::as_str));
        self.ends(status, &args)
    }
}

/// Where there is no node: no data, no key.
fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(args)
        .env("PORTCULLIS_DATA", folder.join("no-data"))
        .env("PORTCULLIS_KEY_FILE", folder.join("no-key"))
        .env_remove("PORTCULLIS_POLICIES")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_copy_of_the_policies_is_what_the_program_judges_by() {
    let desk = Desk::new();
    let version = |line: String| line.split("version ").nth(1).unwrap().trim().to_owned();
    let own = version(desk.check(0));
    assert_eq!(own, version(desk.ends(0, &["policy", "check"])));
    assert!(desk.test(0, &[]).ends_with(" cases, 0 fail\n"));
    let again = desk.ends(2, &["policy", "copy", desk.policies().to_str().unwrap()]);
    assert!(again.contains("name another folder"), "{again}");
    assert!(!desk.folder.path().join("no-data").exists());
}

#[test]
fn a_policy_with_a_fault_is_refused_with_its_place_and_nothing_is_judged_by_others() {
    let desk = Desk::new();
    desk.change("2-labels.cedar", "principal.clearance", "principal.clearence");
    let place = "`2-labels.cedar`, line 11, column 22";
    assert!(desk.check(1).contains(place));
    let policies = desk.policies();
    let policies = policies.to_str().unwrap();
    let explain = ["policy", "explain", "officer", "read", "alert", "--policies", policies];
    assert!(desk.ends(2, &explain).contains(place));
    assert!(desk.test(2, &[]).contains(place));
}

// THREATS T-25
#[test]
fn a_server_does_not_start_on_policies_with_a_fault() {
    let desk = Desk::new();
    desk.change("4-acts.cedar", "forbid", "forbit");
    let policies = desk.policies();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--policies", policies.to_str().unwrap()];
    assert!(desk.ends(2, &serve).contains("`4-acts.cedar`, line "));
}

#[test]
fn a_rule_that_went_missing_is_named_and_its_cases_fail() {
    let desk = Desk::new();
    fs::remove_file(desk.policies().join("3-parties.cedar")).unwrap();
    let checked = desk.check(1);
    assert!(checked.contains("another-party-by-office: Whoever holds office"), "{checked}");
    let tested = desk.test(1, &[]);
    assert!(tested.contains("a minister reads nothing of another party"), "{tested}");
}

#[test]
fn what_is_allowed_no_longer_is_named_and_is_no_fault() {
    let desk = Desk::new();
    fs::remove_file(desk.policies().join("5-outside.cedar")).unwrap();
    let checked = desk.check(0);
    assert!(checked.contains("strangers-match: Where the server offers it"), "{checked}");
}

// THREATS T-25
#[expect(clippy::disallowed_methods, reason = "the program under test has the real clock")]
#[test]
fn a_server_says_at_its_start_what_it_no_longer_forbids() {
    let desk = Desk::new();
    fs::remove_file(desk.policies().join("2-labels.cedar")).unwrap();
    let (policies, log) = (desk.policies(), desk.folder.path().join("log"));
    let mut server = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["serve", "--listen", "127.0.0.1:0", "--policies", policies.to_str().unwrap()])
        .env("PORTCULLIS_DATA", desk.folder.path().join("data"))
        .env("PORTCULLIS_KEY_FILE", desk.folder.path().join("key"))
        .env_remove("PORTCULLIS_POLICIES")
        .stdout(fs::File::create(&log).unwrap())
        .stderr(fs::File::options().append(true).open(&log).unwrap())
        .spawn()
        .unwrap();
    let mut said = String::new();
    for _ in 0..300 {
        said = fs::read_to_string(&log).unwrap();
        if said.contains("listening") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    server.kill().unwrap();
    server.wait().unwrap();
    for id in ["clearance", "compartments", "originator-control"] {
        let warned = said.lines().any(|line| line.contains("WARN") && line.contains(id));
        assert!(warned, "{id}: {said}");
    }
}

#[test]
fn of_many_faults_in_a_file_the_first_are_told_and_the_rest_counted() {
    let desk = Desk::new();
    let path = desk.policies().join("1-roles.cedar");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, text.replace("resource.controller", "resource.controler")).unwrap();
    let checked = desk.check(1);
    assert_eq!(checked.matches("`controler`").count(), 5, "{checked}");
    assert!(checked.contains("`1-roles.cedar`: and "), "{checked}");
}

#[test]
fn a_clause_that_no_case_holds_is_named() {
    let desk = Desk::new();
    desk.change(
        "5-outside.cedar",
        "principal.matching_offered",
        "principal.matching_offered && resource.level < 9",
    );
    let tested = desk.test(1, &["--mutate"]);
    assert!(
        tested.contains("UNNOTICED strangers-match: `resource.level < 9` always true"),
        "{tested}"
    );
}

#[test]
fn a_folder_without_policies_is_refused() {
    let desk = Desk::new();
    let cases = desk.policies().join("cases");
    let refused = desk.ends(2, &["policy", "check", cases.to_str().unwrap()]);
    assert!(refused.contains("holds no policies"), "{refused}");
}

#[test]
fn explaining_says_what_forbids_what_allows_and_what_is_told() {
    let desk = Desk::new();
    let thing = "{ like = \"alert\", controller = \"taskforce\", party = \"party-b\" }";
    let explained = desk.ends(1, &["policy", "explain", "minister", "read", thing]);
    let lines: Vec<&str> = explained.lines().skip(1).collect();
    assert!(
        matches!(lines.as_slice(), [
            "REFUSED",
            "It is forbidden by:",
            forbids,
            "It is allowed by:",
            allows,
            "The asker is told: there is no such thing here, or it is not for you",
        ] if forbids.starts_with("  another-party-by-office: ")
            && allows.starts_with("  officer-reads-alerts: ")),
        "{explained}"
    );
    let asked = ["policy", "explain", "officer", "decide", "alert", "--purpose", "screen-donor"];
    assert!(desk.ends(0, &asked).contains("ALLOWED"));
    desk.ends(2, &["policy", "explain", "officer", "reed", "alert"]);
    desk.ends(2, &["policy", "explain", "{ like = ", "read", "alert"]);
    desk.ends(2, &["policy", "explain", "nobody-of-this-name", "read", "alert"]);
}

#[test]
fn what_a_stranger_is_told_holds_no_escape_sequences() {
    let desk = Desk::new();
    desk.change(
        "3-parties.cedar",
        "gets at no other party's",
        "\\u{1b}[2J gets at no other party's",
    );
    let policies = desk.policies();
    let shown = desk.ends(0, &["policy", "show", "--policies", policies.to_str().unwrap()]);
    assert!(!shown.contains('\u{1b}'), "{shown}");
}
