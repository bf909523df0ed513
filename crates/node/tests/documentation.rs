//! Every command that the documents and the help show is one that the program knows.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn portcullis(arguments: &[String], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(arguments)
        .current_dir(folder)
        .env("PORTCULLIS_DATA", folder.join("state"))
        .env("PORTCULLIS_KEY_FILE", folder.join("key"))
        .env("USER", "q.examplesson")
        .output()
        .unwrap()
}

/// Splits a line as a shell does, as far as the documents need it.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            _ => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// The arguments of each command that a text shows on a line of its own.
fn commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    joined
        .lines()
        .map(|line| line.trim().split("  #").next().unwrap_or_default())
        .map(|line| line.split(" > ").next().unwrap_or_default())
        .filter_map(|line| line.strip_prefix("portcullis ").or(line.strip_prefix("./run ")))
        .map(words)
        .filter(|words| {
            words.first().is_some_and(|first| first.bytes().all(|b| b.is_ascii_lowercase()))
        })
        .collect()
}

/// The parts of a Markdown text that stand between fences.
fn fenced(text: &str) -> String {
    text.split("```").skip(1).step_by(2).collect()
}

fn guide() -> String {
    fs::read_to_string(root().join("docs/guide/screening.md")).unwrap()
}

/// Asks for help in place of running: whatever stands before is checked all the same.
fn is_known(mut arguments: Vec<String>, folder: &Path) -> Result<(), String> {
    let reference = arguments.iter_mut().find(|argument| *argument == "REFERENCE");
    if let Some(reference) = reference {
        "7K3QX-9WZ2M".clone_into(reference);
    }
    if let Some(key) = arguments.iter_mut().find(|argument| *argument == "KEY") {
        // The example in the documentation of Go's package `note`.
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".clone_into(key);
    }
    for (stands_for, example) in
        [("PROPOSAL", "7f3c1f0e-5d1b-4c58-9a35-0d3c1b2a4f60".to_owned()), ("HEX", "0".repeat(64))]
    {
        arguments
            .iter_mut()
            .filter(|word| *word == stands_for)
            .for_each(|w| w.clone_from(&example));
    }
    arguments.push("--help".to_owned());
    let output = portcullis(&arguments, folder);
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn every_command_in_the_documents_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let more = ["audit.md", "exchange.md", "jobs.md", "keys.md", "retention.md", "people.md"]
        .map(|name| fs::read_to_string(root().join("docs/guide").join(name)).unwrap());
    let commands = commands(&fenced(&(readme + &guide() + &more.concat())));
    assert!(commands.len() >= 35, "{}", commands.len());
    let unknown: Vec<String> =
        commands.into_iter().filter_map(|c| is_known(c, folder.path()).err()).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn every_command_in_the_help_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let pages: [&[&str]; 16] = [
        &[],
        &["screen"],
        &["match"],
        &["people"],
        &["demo"],
        &["lists", "add"],
        &["lists", "update"],
        &["decisions", "add"],
        &["decisions", "undo"],
        &["audit", "open"],
        &["audit", "prove"],
        &["audit", "verify"],
        &["audit", "witness"],
        &["retention", "report"],
        &["retention", "keep"],
        &["retention", "erase"],
    ];
    let mut unknown = Vec::new();
    for page in pages {
        let mut arguments: Vec<String> = page.iter().map(|word| (*word).to_owned()).collect();
        arguments.push("--help".to_owned());
        let help = String::from_utf8(portcullis(&arguments, folder.path()).stdout).unwrap();
        let (_, examples) = help.split_once("Example").unwrap_or_default();
        unknown.extend(
            commands(examples).into_iter().filter_map(|c| is_known(c, folder.path()).err()),
        );
    }
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn the_guides_commands_on_invented_people_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = 0;
    for arguments in commands(&fenced(&guide())) {
        let offline = arguments.iter().any(|word| word.contains("try"))
            || arguments.join(" ") == "lists status";
        // Needs an issue from before, which a first run has not.
        if !offline || arguments.iter().any(|word| word == "--since") {
            continue;
        }
        let output = portcullis(&arguments, folder.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let status = output.status.code().unwrap();
        let expected = match arguments[0].as_str() {
            "screen" => 1,
            _ => 0,
        };
        assert_eq!(status, expected, "portcullis {}: {said}", arguments.join(" "));
        run += 1;
    }
    assert!(run >= 6, "{run}");
    assert!(folder.path().join("report.html").exists());
    assert!(folder.path().join("alerts.xlsx").exists());
}
