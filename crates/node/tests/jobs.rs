//! `portcullis jobs`: what the node does by itself, whoever kills it, and what people see of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod kept;
mod upkeep;

use jiff::SignedDuration;
use portcullis_decide::{BackOff, Failure};
use portcullis_store::{Database, JobState, LeaseTerms, NewJob, WorkerId};
use portcullis_testkit::SeededRng;
use portcullis_testkit::postgres::PostgresServer;
use portcullis_types::{Actor, Detail, JobName, Purpose};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;
use upkeep::{Node, days_ago, own, show};

fn listed(node: &Node, status: i32, args: &[&str]) -> Vec<Value> {
    let out = node.ends(status, &[&["jobs", "list", "--format", "jsonl"], args].concat());
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_is_scheduled_is_done_once_for_its_moment() {
    let node = Node::new();
    show(&mut node.store(), 100, ["Orsolya Testwick".to_owned()].into_iter());
    let first = node.ok(&["jobs", "run", "--once"]);
    assert!(first.contains("retention.run") && first.contains("1 record erased"), "{first}");
    // The moment has come, and is done with.
    assert_eq!(node.ok(&["jobs", "run", "--once"]), "");
    assert!(listed(&node, 0, &[]).is_empty());
    let all = listed(&node, 0, &["--all"]);
    assert_eq!((all.len(), &all[0]["state"]), (1, &"done".into()));
    // At half past two (UTC), as `jobs list --kinds` says.
    assert!(all[0]["key"].as_str().unwrap().ends_with("t02.30.00z"));
    assert!(node.ok(&["jobs", "list", "--kinds"]).contains("daily at 02:30"));
}

/// How many of three workers that start at once say that they did the job.
fn done_by_three(node: &Node, store: Option<&str>) -> usize {
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let mut worker = node.command(&["jobs", "run", "--once"]);
            if let Some(address) = store {
                worker.env("PORTCULLIS_STORE", address);
            }
            worker.stdout(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut done = 0;
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        assert!(output.status.success());
        done += upkeep::text(&output.stdout).matches("done;").count();
    }
    done
}

#[test]
fn workers_that_start_at_once_do_a_job_once() {
    let node = Node::new();
    assert_eq!(done_by_three(&node, None), 1);
    assert_eq!(listed(&node, 0, &["--all"]).len(), 1);
}

#[test]
fn workers_that_share_a_server_do_a_job_once() {
    let Some(server) = PostgresServer::shared() else { return };
    let node = Node::new();
    let address = server.database();
    assert_eq!(done_by_three(&node, Some(&address)), 1);
    let mut list = node.command(&["jobs", "list", "--all"]);
    let output = list.env("PORTCULLIS_STORE", &address).output().unwrap();
    assert!(upkeep::text(&output.stdout).ends_with("1 job\n"));
}

/// A job that failed so that it was given up at once.
fn give_up(store: &mut Database, key: &str) {
    let (clock, kind) = (days_ago(0), JobName::new("retention.run").unwrap());
    let job = NewJob {
        organisation: own(),
        purpose: Purpose::Oversight,
        kind: kind.clone(),
        key: key.parse().unwrap(),
        payload: "".into(),
        not_before: None,
    };
    store.enqueue(&clock, &job).unwrap();
    let terms = LeaseTerms {
        organisation: &own(),
        worker: WorkerId::random(&mut SeededRng::new(3)),
        kinds: &[kind],
        most: 1,
        lasts: SignedDuration::from_mins(1),
        back_off: &BackOff::default(),
    };
    let leased = store.lease_jobs(&clock, &terms).unwrap().remove(0);
    let account = "the disk is full".into();
    store.fail_job(&clock, &leased, Failure::Lasting, &account, &BackOff::default()).unwrap();
}

#[test]
fn a_job_that_was_given_up_waits_for_a_person_who_has_it_retried() {
    let node = Node::new();
    give_up(&mut node.store(), "by-hand");
    // A worker doesn't touch it, and says that it is there.
    node.ends(1, &["jobs", "run", "--once"]);
    let waiting = listed(&node, 1, &["--given-up"]);
    assert_eq!((waiting.len(), &waiting[0]["account"]), (1, &"the disk is full".into()));
    let table = node.ends(1, &["jobs", "list", "--given-up"]);
    assert!(table.contains("the disk is full") && table.contains("1 job waits"), "{table}");
    let id = &waiting[0]["id"].as_str().unwrap()[..8];
    let deal = |way: &str, officer: &str| {
        let args = ["jobs", way, id, "--officer", officer, "--reason", "there is room again"];
        node.run(&args)
    };
    // A job does not have itself retried.
    assert_eq!(deal("retry", "cron").status.code(), Some(2));
    assert_eq!(listed(&node, 1, &["--given-up"]).len(), 1);
    assert!(deal("retry", "q.examplesson").status.success());
    assert!(listed(&node, 0, &["--given-up"]).is_empty());
    assert!(node.ok(&["jobs", "run", "--once"]).contains("retention.run by-hand: done"));
    let again = deal("discard", "o.testwick");
    assert_eq!(again.status.code(), Some(2));
    assert!(upkeep::text(&again.stderr).contains("`q.examplesson` has already dealt"));
    let events = node.store().read(|r| r.events(&own())).unwrap();
    let of = |kind: &str| events.iter().find(|event| event.kind.as_str() == kind).unwrap();
    assert!(matches!(of("jobs.given-up").actor, Actor::Job(_)));
    assert!(matches!(of("jobs.retried").actor, Actor::Officer(_)));
}

#[test]
fn a_job_that_a_person_discards_is_never_done() {
    let node = Node::new();
    give_up(&mut node.store(), "by-hand");
    let id = listed(&node, 1, &["--given-up"])[0]["id"].as_str().unwrap().to_owned();
    let reason = ["--officer", "q.examplesson", "--reason", "no use any more"];
    node.ok(&[&["jobs", "discard", &id], &reason[..]].concat());
    assert!(!node.ok(&["jobs", "run", "--once"]).contains("by-hand"));
    let states: Vec<Value> = listed(&node, 0, &["--all"])
        .into_iter()
        .filter(|job| job["key"] == "by-hand")
        .map(|job| job["state"].clone())
        .collect();
    assert_eq!(states, ["discarded"]);
    for (id, said) in [("0000", "there is no job `0000`"), ("xyz", "0-9 and a-f")] {
        let refused = node.refused(&[&["jobs", "retry", id], &reason[..]].concat());
        assert!(refused.contains(said), "{refused}");
    }
    let done = listed(&node, 0, &["--all"]);
    let done = done.iter().find(|job| job["state"] == "done").unwrap()["id"].as_str().unwrap();
    let refused = node.refused(&[&["jobs", "retry", done], &reason[..]].concat());
    assert!(refused.contains("is done; a person deals with those that were given up"), "{refused}");
}

/// THREATS T-21: a worker that is killed while it erases leaves pages that are erased whole, with one
/// proof each, and a job that another worker takes and ends.
#[test]
#[expect(clippy::disallowed_methods, reason = "waits for other processes and the real clock")]
fn a_worker_that_is_killed_leaves_work_that_another_ends_once() {
    const PAIRS: usize = 2_400;
    let node = Node::new();
    let mut store = node.store();
    for hundred in 0..PAIRS / 100 {
        let names = (0..100).map(|number| format!("Orsolya Testwick-{hundred}-{number}"));
        show(&mut store, 100 + i64::try_from(hundred).unwrap(), names);
    }
    let run = ["jobs", "run", "--once", "--lease", "1"];
    let erased = |store: &mut Database| {
        let today = "9999-12-31".parse().unwrap();
        let counts = store.read(|r| r.record_counts(&own(), today)).unwrap();
        counts.iter().map(|count| count.erased).sum::<u64>()
    };
    let mut child = node.command(&run).stdout(Stdio::null()).spawn().unwrap();
    while erased(&mut store) == 0 && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was done before it could be killed");
    let jobs = store.read(|r| r.jobs(&own())).unwrap();
    assert_eq!((jobs.len(), jobs[0].state), (1, JobState::Leased));
    let before = erased(&mut store);
    assert!(before < PAIRS as u64);
    // A second later nobody has it, and after ten more at most it is tried again.
    for _ in 0..150 {
        thread::sleep(Duration::from_millis(100));
        node.ok(&run);
        if store.read(|r| r.jobs(&own())).unwrap()[0].state == JobState::Done {
            break;
        }
    }
    let job = store.read(|r| r.jobs(&own())).unwrap().remove(0);
    assert_eq!((job.state, job.attempts), (JobState::Done, 2));
    assert_eq!(erased(&mut store), PAIRS as u64);
    // Every record is in one proof.
    let events = store.read(|r| r.events(&own())).unwrap();
    let mut proven = Vec::new();
    for event in events.iter().filter(|event| event.kind.as_str() == "retention.erased") {
        let Some(Detail::Bytes(numbers)) = event.details.get("records") else { continue };
        proven.extend(numbers.chunks(8).map(<[u8]>::to_vec));
    }
    let distinct: BTreeSet<&Vec<u8>> = proven.iter().collect();
    assert_eq!((proven.len(), distinct.len()), (PAIRS, PAIRS));
}

#[cfg(unix)]
#[test]
fn a_worker_that_is_asked_to_stop_ends_well() {
    let node = Node::new();
    node.ok(&[
        "audit",
        "open",
        "--origin",
        "log.example/jobs",
        "--interval",
        "1s",
        "--officer",
        "q.examplesson",
    ]);
    let mut child = node.command(&["jobs", "run"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // It has seen to the log and to retention, and goes on.
    let mut seen = String::new();
    while !(seen.contains("log: ") && seen.contains("retention.run")) {
        seen.push_str(&lines.next().unwrap().unwrap());
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // Its place at the log is free at once.
    assert!(node.ok(&["audit", "sequence"]).contains("in the log"));
}
