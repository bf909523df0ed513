//! Processes are killed, and now and then the server under them.

use crate::check::{Numbers, check};
use crate::child::{ADDRESS, CRASH, FOLDER, NOW_US, NUMBER, TEST, digest_of, do_one_job};
use crate::ledger::{Fate, Ledger};
use crate::op::{Kind, Op, organisation};
use crate::place::Place;
use portcullis_store::{JobState, StoreError};
use portcullis_testkit::postgres::{Options, PostgresServer};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::Clock as _;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often to kill before a new store is begun: checks read all of it.
const KILLS_A_STORE: u64 = 25;

/// The longest that a process may write.
const LONGEST_MS: u64 = 300;

/// How long anything may take that is no failure.
const PATIENCE: Duration = Duration::from_secs(15);

/// 2025-03-01T12:00:00Z.
pub(crate) const BEGIN_US: i64 = 1_740_830_400_000_000;

/// Between one process and the next: every lease has run out.
pub(crate) const BREAK_US: i64 = 60_000_000;

/// How often to kill, unless the environment says otherwise.
pub(crate) fn kills(unless_said: u64) -> u64 {
    number("PORTCULLIS_KILLS").unwrap_or(unless_said)
}

pub(crate) fn first_seed() -> u64 {
    number("PORTCULLIS_CRASH_SEED").unwrap_or(1)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// A process that writes.
pub(crate) struct Writing {
    child: Child,
    ready: Receiver<()>,
    /// How many changes it was told were kept, and how many could not be.
    counts: Arc<[AtomicU64; 2]>,
    reader: JoinHandle<Vec<String>>,
}

impl Writing {
    /// The command that starts a process; `wrap` goes before it.
    pub(crate) fn command(place: &Place, number: u64, now_us: i64, wrap: &[&str]) -> Command {
        let program = std::env::current_exe().unwrap();
        let mut command = match wrap {
            [] => Command::new(program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        command
            .args(["--exact", TEST, "--nocapture", "--test-threads=1"])
            .env(FOLDER, &place.folder)
            .env(NUMBER, number.to_string())
            .env(NOW_US, now_us.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if let Some(address) = &place.address {
            command.env(ADDRESS, address);
        }
        command
    }

    pub(crate) fn start(place: &Place, number: u64, now_us: i64) -> Self {
        Self::spawn(&mut Self::command(place, number, now_us, &[]))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let (tell, ready) = channel();
        let counts = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
        let counting = Arc::clone(&counts);
        let reader = thread::spawn(move || {
            let mut lines = Vec::new();
            for line in out.lines().map_while(Result::ok) {
                if line == "@ ready" {
                    // Whoever does not wait for it does not mind.
                    let _ = tell.send(());
                } else if line.starts_with("@ ") {
                    let refusals = ["@ refused", "@ unopened", "@ unsure"];
                    let refused = refusals.iter().any(|word| line.starts_with(word));
                    for (said, count) in [line.starts_with("@ ack"), refused].iter().zip(&*counting)
                    {
                        count.fetch_add(u64::from(*said), Ordering::Relaxed);
                    }
                    lines.push(line);
                }
            }
            lines
        });
        Self { child, ready, counts, reader }
    }

    pub(crate) fn wait_until_ready(&self) {
        // A process that is gone has no more to say.
        let _ = self.ready.recv_timeout(PATIENCE);
    }

    /// Waits until so many more changes were kept.
    pub(crate) fn wait_until_kept(&self, more: u64) {
        Self::wait_for(&self.counts[0], more);
    }

    /// Waits until so many more could not be.
    pub(crate) fn wait_until_refused(&self, more: u64) {
        Self::wait_for(&self.counts[1], more);
    }

    fn wait_for(count: &AtomicU64, more: u64) {
        let (wanted, started) = (count.load(Ordering::Relaxed) + more, Instant::now());
        while count.load(Ordering::Relaxed) < wanted {
            assert!(started.elapsed() < PATIENCE, "it does not come to that");
            pause_briefly();
        }
    }

    /// Kills it; gives what it said.
    pub(crate) fn kill(mut self) -> Vec<String> {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none_or(|status| status.success()), "a process failed: {ended:?}");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap()
    }
}

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Processes,
    Server,
}

/// One store, and what kills it.
struct Round<'a> {
    place: &'a Place,
    numbers: &'a dyn Numbers,
    server: Option<&'a PostgresServer>,
    ledger: Ledger,
    rng: SeededRng,
    number: u64,
    leaves: u64,
}

impl<'a> Round<'a> {
    fn new(
        place: &'a Place,
        numbers: &'a dyn Numbers,
        server: Option<&'a PostgresServer>,
        seed: u64,
    ) -> Self {
        let ledger = Ledger::beginning(BEGIN_US);
        // Even, as a process is that erases.
        let number = 2;
        Self { place, numbers, server, ledger, rng: SeededRng::new(seed), number, leaves: 0 }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.rng.next_u64() % end
    }

    /// Lets processes write, kills, and checks.
    fn once(&mut self, victim: Victim) {
        let now_us = self.ledger.latest_us + BREAK_US;
        let writers = 1 + self.below(2);
        let writing: Vec<Writing> = (0..writers)
            .map(|writer| Writing::start(self.place, self.number + writer, now_us))
            .collect();
        self.number += 2;
        // One in four is killed while it opens the store.
        if self.below(4) != 0 || victim == Victim::Server {
            writing[0].wait_until_ready();
        }
        self.wait(LONGEST_MS);
        if let (Victim::Server, Some(server)) = (victim, self.server) {
            server.kill();
            // What they do without a server, they are told.
            self.wait(LONGEST_MS / 3);
        }
        for writing in writing {
            let lines = writing.kill();
            self.ledger.take(&lines);
            self.wait(20);
        }
        if let (Victim::Server, Some(server)) = (victim, self.server) {
            server.restart();
        } else if self.server.is_none() {
            // Nothing but a kill has happened: no process had a reason to be refused.
            assert_eq!(self.ledger.trouble, Vec::<String>::new());
        }
        self.check();
    }

    fn check(&mut self) {
        self.numbers.wait_for_the_dead();
        let seed = self.rng.next_u64();
        match check(self.place, &mut self.ledger, self.numbers, seed) {
            Ok(found) => {
                assert!(found.leaves >= self.leaves, "the log has shrunk");
                self.leaves = found.leaves;
            }
            Err(fault) => {
                panic!("{fault}\nwhat processes said: {:#?}", self.ledger.trouble)
            }
        }
    }

    /// Does all jobs that are left, whoever had them.
    fn finish_jobs(&mut self) {
        let clock = MockClock::at(
            jiff::Timestamp::from_microsecond(self.ledger.latest_us + BREAK_US).unwrap(),
        );
        let mut database = self.place.try_open(self.rng.next_u64()).unwrap();
        loop {
            // Jobs that were taken back wait a little.
            clock.advance(jiff::SignedDuration::from_secs(5));
            let ledger = &mut self.ledger;
            let seed = self.rng.next_u64();
            let finish = |database: &mut portcullis_store::Database, of, job: &_| {
                let at_us = clock.now().as_microsecond();
                let op = Op { kind: Kind::Finish, seed: !seed, at_us, of };
                let change = op.decision();
                ledger.tries(op, Some(digest_of(change.event())));
                database.finish_job(&clock, CRASH, job, |w| w.put_decision(&change))?;
                ledger.ends(op, Fate::Kept);
                Ok::<(), StoreError>(())
            };
            if !do_one_job(&mut database, &clock, seed, finish).unwrap() {
                break;
            }
        }
        let jobs = database.read::<_, StoreError>(|r| r.jobs(&organisation())).unwrap();
        assert!(jobs.iter().all(|job| job.state == JobState::Done), "a job is never done");
        drop(database);
        self.check();
    }

    fn wait(&mut self, at_most_ms: u64) {
        let until = Instant::now() + Duration::from_micros(self.below(at_most_ms * 1_000));
        while Instant::now() < until {
            pause_briefly();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the moment of a kill is a matter of real time")]
pub(crate) fn pause_briefly() {
    thread::sleep(Duration::from_micros(200));
}

/// Kills so often, on store after store.
fn kill_again_and_again(
    kills: u64,
    victim: impl Fn(u64) -> Victim,
    mut store: impl FnMut(&mut dyn FnMut(&Place, &dyn Numbers, Option<&PostgresServer>)),
) {
    let (mut done, mut acknowledged) = (0, BTreeMap::new());
    while done < kills {
        let seed = first_seed() + done;
        let these = (kills - done).min(KILLS_A_STORE);
        let told = Told(seed);
        store(&mut |place, numbers, server| {
            let mut round = Round::new(place, numbers, server, seed);
            for kill in 0..these {
                round.once(victim(done + kill));
            }
            round.finish_jobs();
            for entry in round.ledger.entries().filter(|entry| entry.fate == Fate::Kept) {
                *acknowledged.entry(entry.op.kind).or_insert(0_u64) += 1;
            }
        });
        drop(told);
        done += these;
    }
    let kept: u64 = acknowledged.values().sum();
    assert!(kept > kills, "processes were killed before they did anything");
    println!("{kills} kills, {kept} changes kept: {acknowledged:?}");
}

/// Says the seed when a test fails.
pub(crate) struct Told(pub(crate) u64);

impl Drop for Told {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("failed with PORTCULLIS_CRASH_SEED={}", self.0);
        }
    }
}

/// Asks the file.
pub(crate) struct InFile<'a>(pub(crate) &'a Place);

impl Numbers for InFile<'_> {
    fn number(&self, sql: &str) -> Result<i64, String> {
        let connection = rusqlite::Connection::open(self.0.file()).map_err(|e| e.to_string())?;
        connection.query_row(sql, [], |row| row.get(0)).map_err(|e| e.to_string())
    }

    fn dense(&self) -> bool {
        true
    }

    fn wait_for_the_dead(&self) {}
}

/// Asks the server.
struct OnServer<'a>(&'a PostgresServer, &'a str);

impl Numbers for OnServer<'_> {
    fn number(&self, sql: &str) -> Result<i64, String> {
        self.0.sql(self.1, sql).parse().map_err(|_| "no number".to_owned())
    }

    fn dense(&self) -> bool {
        false
    }

    fn wait_for_the_dead(&self) {
        let others = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND backend_type = 'client backend'";
        let started = Instant::now();
        while self.number(others) != Ok(0) {
            assert!(started.elapsed() < PATIENCE, "the server works on for nobody");
            pause_briefly();
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_processes_are_killed() {
    kill_again_and_again(
        kills(20),
        |_| Victim::Processes,
        |go| {
            let folder = tempfile::tempdir().unwrap();
            let place = Place::sqlite(folder.path());
            go(&place, &InFile(&place), None);
        },
    );
}

#[test]
fn nothing_acknowledged_is_lost_when_processes_or_their_server_are_killed() {
    let Some(server) = PostgresServer::start(&Options::default()) else { return };
    // The server at each third.
    let victim = |kill: u64| if kill % 3 == 2 { Victim::Server } else { Victim::Processes };
    kill_again_and_again(kills(9), victim, |go| {
        let folder = tempfile::tempdir().unwrap();
        let address = server.database();
        let place = Place { folder: folder.path().to_owned(), address: Some(address.clone()) };
        go(&place, &OnServer(&server, &address), Some(&server));
    });
}
