//! What is wrong with a store is found, whoever did it and by whatever way.

use crate::world::{Home, decide, erase_first_decision, fill, later, organisation, sequence, us};
use portcullis_store::{Closeness, Database, Finding, Soundness, StoreError, examine_files};
use rusqlite::Connection;

fn examine(store: &mut Database, hours: i64) -> Vec<Finding> {
    let now = us(&later(hours));
    store.examine(&organisation(), now, Closeness::EveryRow, &mut |_| {})
}

/// Whatever isn't sound, but for what is left to do in a store without witness and backup.
fn unsound(findings: &[Finding]) -> Vec<(&str, Soundness)> {
    findings
        .iter()
        .filter(|finding| finding.soundness != Soundness::Sound)
        .map(|finding| (finding.subject.as_str(), finding.soundness))
        .filter(|(subject, _)| !["witnesses", "backup"].contains(subject))
        .collect()
}

/// Changes the file as somebody would who has it and a program for it.
fn alter(home: &Home, statements: &str) {
    let connection = Connection::open(home.path()).unwrap();
    connection.execute_batch(statements).unwrap();
}

fn filled() -> Home {
    let home = Home::new();
    fill(&mut home.open());
    home
}

#[test]
fn a_store_that_nobody_touched_is_sound() {
    let home = filled();
    let mut store = home.open();
    erase_first_decision(&mut store);
    sequence(&mut store, 5);
    let findings = examine(&mut store, 5);
    assert_eq!(unsound(&findings), []);
    // What was erased is counted, and is no fault.
    let decisions = findings.iter().find(|f| f.subject == "table `decision`").unwrap();
    assert!(decisions.says.ends_with("are empty"), "{}", decisions.says);
}

// THREATS T-13, T-17: a sealed cell opens in its own place alone, and the log shows what was altered.
#[test]
fn each_kind_of_tampering_is_found_and_named() {
    let event_triggers = "DROP TRIGGER event_is_not_changed; DROP TRIGGER event_is_not_deleted;";
    let entry_triggers =
        "DROP TRIGGER log_entry_is_not_changed; DROP TRIGGER log_entry_is_not_deleted;";
    let cases = [
        ("UPDATE decision SET reason = query_name WHERE position = 1;", "table `decision`"),
        ("UPDATE event SET sealed = zeroblob(length(sealed)) WHERE position = 2;", "table `event`"),
        ("UPDATE event SET commitment = zeroblob(32) WHERE position = 2;", "leaves"),
        ("DELETE FROM leaf_waiting;", "leaves"),
        ("UPDATE log_entry SET entry = zeroblob(32) WHERE place = 3;", "log `party.example/log`"),
        ("DELETE FROM log_entry WHERE place = 7;", "log `party.example/log`"),
        ("UPDATE log_tile SET hashes = zeroblob(length(hashes));", "log `party.example/log`"),
        (
            "UPDATE log_checkpoint SET note = replace(note, 'party', 'other');",
            "log `party.example/log`",
        ),
        ("UPDATE raised SET query_mark = record_mark;", "table `raised`"),
        ("UPDATE event SET organisation = 'stray' WHERE position = 2;", "organisations"),
        ("UPDATE log_checkpoint SET organisation = 'stray';", "organisations"),
    ];
    for (statement, subject) in cases {
        let home = filled();
        alter(&home, &format!("{event_triggers}{entry_triggers}{statement}"));
        let findings = examine(&mut home.open(), 1);
        let found = unsound(&findings);
        assert!(found.contains(&(subject, Soundness::Broken)), "{statement}: {found:?}");
        for finding in findings {
            assert_eq!(finding.soundness == Soundness::Sound, finding.advice.is_none());
        }
    }
}

#[test]
fn a_log_that_nobody_attends_to_is_looked_at() {
    let home = filled();
    let mut store = home.open();
    let findings = examine(&mut store, 10);
    assert_eq!(unsound(&findings), [("pace of the log", Soundness::Look)]);
    sequence(&mut store, 10);
    assert_eq!(unsound(&examine(&mut store, 10)), []);
    // The clock went back.
    let findings = examine(&mut store, 3);
    assert_eq!(unsound(&findings), [("pace of the log", Soundness::Look)]);
}

#[test]
fn more_leaves_than_an_interval_takes_are_looked_at() {
    let home = filled();
    let mut store = home.open();
    (0..20).for_each(|_| decide(&mut store));
    assert_eq!(unsound(&examine(&mut store, 1)), [("waiting leaves", Soundness::Look)]);
}

#[test]
fn a_quick_look_reads_no_cell_and_finds_the_rest() {
    let home = filled();
    alter(&home, "UPDATE decision SET reason = query_name WHERE position = 1;");
    let mut store = home.open();
    let now = us(&later(10));
    let findings = store.examine(&organisation(), now, Closeness::Quick, &mut |_| {});
    assert_eq!(unsound(&findings), [("pace of the log", Soundness::Look)]);
}

#[test]
fn no_finding_holds_a_planted_name() {
    let home = filled();
    alter(&home, "UPDATE decision SET reason = query_name WHERE position = 1;");
    let mut findings = examine(&mut home.open(), 10);
    findings.extend(examine_files(&home.path()));
    for finding in findings {
        for name in crate::world::PLANTED {
            assert!(!finding.says.contains(name), "{}", finding.says);
        }
    }
}

#[test]
fn a_database_file_with_a_damaged_page_is_broken() {
    let home = filled();
    let mut bytes = std::fs::read(home.path()).unwrap();
    let page = 4_096 * 5;
    bytes[page..page + 100].fill(0xff);
    std::fs::write(home.path(), bytes).unwrap();
    match home.try_open() {
        Ok(mut store) => {
            let found = examine(&mut store, 1);
            assert!(found.iter().any(|f| f.soundness == Soundness::Broken), "{found:?}");
        }
        Err(error) => assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}"),
    }
}
