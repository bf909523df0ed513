//! The process that is killed.

use crate::op::{Kind, Op, list_name, officer, organisation, seed_in};
use crate::place::Place;
use jiff::SignedDuration;
use portcullis_decide::{
    BackOff, Change, Decision, ErasureDuty, HeldRecord, OfficerBasis, OpenedLog, RecordKind,
    RecordNumber, erase, open_log,
};
use portcullis_store::{
    Database, LeaseTerms, NewJob, RotationError, SequenceError, Sequencer, StoreError,
    TransactionName, WorkerId, Writer,
};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Actor, Clock as _, Event, JobName, Purpose};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) const FOLDER: &str = "PORTCULLIS_CRASH_FOLDER";
pub(crate) const ADDRESS: &str = "PORTCULLIS_CRASH_ADDRESS";
/// Which process this is: a number above all earlier ones, and the time it is.
pub(crate) const NUMBER: &str = "PORTCULLIS_CRASH_NUMBER";
pub(crate) const NOW_US: &str = "PORTCULLIS_CRASH_NOW_US";

/// The test that is the process.
pub(crate) const TEST: &str = "child::writes_until_it_is_killed";

/// How long a process goes on that nobody kills.
const LONGEST: Duration = Duration::from_secs(20);

pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(20);

pub(crate) const CRASH: TransactionName = TransactionName("tests.crash");

#[test]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let number = |name| std::env::var(name).unwrap().parse::<u64>().unwrap();
    let place = Place { folder: PathBuf::from(folder), address: std::env::var(ADDRESS).ok() };
    let process = Process {
        place,
        number: number(NUMBER),
        clock: MockClock::at(
            jiff::Timestamp::from_microsecond(number(NOW_US).cast_signed()).unwrap(),
        ),
        next: AtomicU64::new(0),
        started: Instant::now(),
    };
    process.run();
}

struct Process {
    place: Place,
    number: u64,
    clock: MockClock,
    next: AtomicU64,
    started: Instant,
}

/// How a change ended that was not kept; a process then goes on with the next.
enum Ended {
    /// Nobody listens any more, or the time is up.
    Stop,
    /// This one wasn't kept.
    Refused,
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        say(&format!("trouble {}", chain(&error)));
        Self::Refused
    }
}

/// An error with its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.replace('\n', " ")
}

/// Tells whoever started this. With nobody there, there is nothing more to do.
fn say(line: &str) {
    let line = format!("\n@ {line}\n");
    let mut out = std::io::stdout().lock();
    if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

pub(crate) fn digest_of(event: &Event) -> String {
    hex(&Sha256::digest(event.to_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes everything");
    }
    text
}

impl Process {
    fn run(&self) {
        let mut database = self.open();
        while self.open_log(&mut database).is_err() && self.going_on() {}
        say("ready");
        thread::scope(|scope| {
            scope.spawn(|| self.again_and_again(Self::decide));
            scope.spawn(|| self.again_and_again(Self::show_and_keep_lists));
            scope.spawn(|| self.again_and_again(Self::work));
            scope.spawn(|| self.again_and_again(Self::erase));
            scope.spawn(|| self.again_and_again(Self::sequence));
            scope.spawn(|| self.again_and_again(Self::rotate));
        });
    }

    fn again_and_again(&self, write: impl Fn(&Self, &mut Database) -> Result<(), Ended>) {
        let mut database = self.open();
        while self.going_on() {
            if let Err(Ended::Stop) = write(self, &mut database) {
                return;
            }
        }
    }

    fn going_on(&self) -> bool {
        self.started.elapsed() < LONGEST
    }

    /// Opens the store. One that can't be opened is no reason to go: the server may come back.
    fn open(&self) -> Database {
        loop {
            match self.place.try_open(self.seed()) {
                Ok(database) => return database,
                Err(error) => {
                    say(&format!("unopened {}", chain(&error)));
                    if !self.going_on() {
                        std::process::exit(0);
                    }
                    pause();
                }
            }
        }
    }

    fn seed(&self) -> u64 {
        (self.number << 32) | self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A change that is about to be made. Each moves the clock on.
    fn op(&self, kind: Kind, of: u64) -> Op {
        self.clock.advance(SignedDuration::from_secs(1));
        Op { kind, seed: self.seed(), at_us: self.clock.now().as_microsecond(), of }
    }

    /// Makes a change, and tells of it before and after.
    fn make(
        &self,
        op: Op,
        event: Option<&Event>,
        make: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<(), Ended> {
        if !self.going_on() {
            return Err(Ended::Stop);
        }
        let digest = event.map_or_else(|| "-".to_owned(), digest_of);
        say(&format!("try {op} {digest}"));
        match make() {
            Ok(()) => {
                say(&format!("ack {op}"));
                Ok(())
            }
            Err(error) => {
                // These are kept before the keyring is changed.
                let of_keys = matches!(op.kind, Kind::Erase | Kind::Rotate | Kind::Destroy);
                let open = of_keys || matches!(error, StoreError::Unconfirmed { .. });
                // Each change moves the clock on, so a job may be taken from who was slow with it.
                let late = matches!(error, StoreError::LeaseLost);
                let word = match (open, late) {
                    (true, _) => "unsure",
                    (false, true) => "late",
                    (false, false) => "refused",
                };
                say(&format!("{word} {op} {}", chain(&error)));
                Err(Ended::Refused)
            }
        }
    }

    fn write(
        &self,
        database: &mut Database,
        op: Op,
        event: &Event,
        mut work: impl FnMut(&mut dyn Writer) -> Result<(), StoreError>,
    ) -> Result<(), Ended> {
        self.make(op, Some(event), || database.write(CRASH, |writer| work(writer)))
    }

    fn open_log(&self, database: &mut Database) -> Result<(), Ended> {
        let op = self.op(Kind::OpenLog, 0);
        if database.read::<_, Ended>(|r| Ok(r.log(&organisation())?))?.is_some() {
            return Ok(());
        }
        if self.number % 2 == 1 {
            // The other process does it.
            pause();
            return Err(Ended::Refused);
        }
        let opened = OpenedLog {
            organisation: organisation(),
            origin: format!("party.example/log-{}", self.number),
            start_us: op.at_us.unsigned_abs() / 10_000_000 * 10_000_000,
            interval_s: 10,
            per_interval: 16,
            link: None,
        };
        let actor = Actor::Officer(officer());
        let change = open_log(&op.clock(), &mut op.rng(), actor, opened).unwrap();
        self.write(database, op, change.event(), |w| {
            if w.log(&organisation())?.is_some() {
                return Err(StoreError::Overtaken { what: "log" });
            }
            w.open_log(&change)
        })
    }

    fn put(&self, database: &mut Database, op: Op, change: &Change<Decision>) -> Result<(), Ended> {
        self.write(database, op, change.event(), |w| w.put_decision(change))
    }

    /// Two decisions, and the first undone.
    fn decide(&self, database: &mut Database) -> Result<(), Ended> {
        let first = self.op(Kind::Decide, 0);
        let decided = first.decision();
        self.put(database, first, &decided)?;
        let second = self.op(Kind::Decide, 0);
        self.put(database, second, &second.decision())?;
        let undoing = self.op(Kind::Undo, first.seed);
        self.put(database, undoing, &undoing.undoing(decided.into_state()))
    }

    fn show_and_keep_lists(&self, database: &mut Database) -> Result<(), Ended> {
        let shown = self.op(Kind::Raise, 0);
        let change = shown.raising();
        self.write(database, shown, change.event(), |w| w.put_raised(&change))?;
        // Odd and even processes run at the same time, and each has its own list.
        let mine = self.number % 2;
        let kept = self.op(Kind::List, mine);
        let change = kept.keeping();
        self.write(database, kept, change.event(), |w| w.put_list(&change))?;
        if kept.seed.is_multiple_of(5) {
            let forgotten = self.op(Kind::Forget, mine);
            let change = forgotten.forgetting();
            self.write(database, forgotten, change.event(), |w| w.forget_list(&change))?;
        }
        let lists = database.read::<_, Ended>(|r| Ok(r.lists(&organisation())?))?;
        let name = list_name(mine);
        if lists.iter().any(|list| list.name.as_str() == name && list.earlier.len() != 1) {
            say("trouble a list was read that nobody wrote");
        }
        Ok(())
    }

    /// Enqueues a job, and does one.
    fn work(&self, database: &mut Database) -> Result<(), Ended> {
        let op = self.op(Kind::Enqueue, 0);
        let job = NewJob {
            organisation: organisation(),
            purpose: Purpose::Oversight,
            kind: job_kind(),
            key: op.job_key().parse().unwrap(),
            payload: op.job_key().as_str().into(),
            not_before: None,
        };
        self.make(op, None, || database.enqueue(&self.clock, &job).map(drop))?;
        do_one_job(database, &self.clock, self.seed(), |database, job_seed, job| {
            let op = self.op(Kind::Finish, job_seed);
            let change = op.decision();
            self.make(op, Some(change.event()), || {
                database.finish_job(&self.clock, CRASH, job, |w| w.put_decision(&change))
            })
        })
        .map(drop)
    }

    /// Makes a decision and erases it. One at a time, so that the record is known by its purpose.
    fn erase(&self, database: &mut Database) -> Result<(), Ended> {
        if self.number % 2 == 1 {
            return Err(Ended::Stop);
        }
        let (mut after, mut record) = find_doomed(database, None)?;
        while self.going_on() {
            if let Some(found) = record.take() {
                self.erase_one(database, &found)?;
            }
            let op = self.op(Kind::Doomed, 0);
            self.put(database, op, &op.decision())?;
            (after, record) = find_doomed(database, after)?;
        }
        Ok(())
    }

    fn erase_one(&self, database: &mut Database, record: &HeldRecord) -> Result<(), Ended> {
        let decisions = database.read::<_, Ended>(|r| Ok(r.decisions(&organisation())?))?;
        let doomed = decisions.iter().find(|d| d.judgement.purpose == Purpose::ScreenStaff);
        let Some(seed) = doomed.and_then(|d| seed_in(d.judgement.query_name.reveal())) else {
            say("trouble a decision is erased and its record is not");
            return Err(Ended::Stop);
        };
        let op = self.op(Kind::Erase, seed);
        let case = "sar-2026-014".parse().unwrap();
        let basis = OfficerBasis::Duty { duty: ErasureDuty::Objection, case };
        let records = std::slice::from_ref(record);
        let changes = erase(&op.clock(), &mut op.rng(), &officer(), basis, records, None).unwrap();
        let [change] = changes.as_slice() else { panic!("one record, one erasure") };
        self.write(database, op, change.event(), |w| w.erase(change))
    }

    /// Begins a generation of keys, seals everything under it, and destroys the others.
    fn rotate(&self, database: &mut Database) -> Result<(), Ended> {
        if self.number % 2 == 1 {
            return Err(Ended::Stop);
        }
        let generations = database.keyring_state().generations;
        let newest = generations.iter().max().copied().unwrap_or_default();
        let op = self.op(Kind::Rotate, u64::from(newest) + 1);
        let change = op.key_change();
        self.make(op, Some(change.event()), || {
            database.begin_generation(&change).map_err(of_the_store)
        })?;
        database.reseal(|_| self.going_on())?;
        for generation in generations {
            let op = self.op(Kind::Destroy, u64::from(generation));
            let change = op.key_change();
            self.make(op, Some(change.event()), || {
                database.destroy_generation(&change).map_err(of_the_store)
            })?;
        }
        // All others write in the meantime.
        for _ in 0..20 {
            pause();
        }
        Ok(())
    }

    fn sequence(&self, database: &mut Database) -> Result<(), Ended> {
        let mut sequencer = Sequencer::new(organisation(), &mut SeededRng::new(self.seed()));
        while self.going_on() {
            let now = self.clock.now().as_microsecond().unsigned_abs();
            match sequencer.attend(database, now) {
                Ok(done) => tell_of_checkpoint(database, done.size)?,
                Err(SequenceError::AnotherHolds) => {}
                Err(error) => {
                    say(&format!("trouble {}", chain(&error)));
                    return Err(Ended::Refused);
                }
            }
            pause();
        }
        Ok(())
    }
}

/// Nobody else changes the keys, so that nothing but the store can stand in the way.
fn of_the_store(error: RotationError) -> StoreError {
    match error {
        RotationError::Store(error) => error,
        other => {
            say(&format!("trouble {}", chain(&other)));
            StoreError::Overtaken { what: "keys" }
        }
    }
}

pub(crate) fn job_kind() -> JobName {
    JobName::new("tests.decide").unwrap()
}

/// Leases a job and does it; whether there was one.
pub(crate) fn do_one_job<E: From<StoreError>>(
    database: &mut Database,
    clock: &MockClock,
    seed: u64,
    finish: impl FnOnce(&mut Database, u64, &portcullis_store::LeasedJob) -> Result<(), E>,
) -> Result<bool, E> {
    let attempts = NonZeroU32::new(1_000).unwrap();
    let second = SignedDuration::from_secs(1);
    let terms = LeaseTerms {
        organisation: &organisation(),
        worker: WorkerId::random(&mut SeededRng::new(seed)),
        kinds: &[job_kind()],
        most: 1,
        lasts: LEASE,
        back_off: &BackOff::new(second, second, attempts).unwrap(),
    };
    let Some(job) = database.lease_jobs(clock, &terms)?.pop() else { return Ok(false) };
    let of = job.key.as_str().strip_prefix("job-").unwrap().parse().unwrap();
    assert_eq!(job.payload.reveal(), job.key.as_str());
    finish(database, of, &job)?;
    Ok(true)
}

/// The record of the decision that is to be erased, and the number to go on from.
fn find_doomed(
    database: &mut Database,
    after: Option<RecordNumber>,
) -> Result<(Option<RecordNumber>, Option<HeldRecord>), Ended> {
    let end = "9999-12-31".parse().unwrap();
    let mut after = after;
    loop {
        let (page, further) =
            database.read::<_, Ended>(|r| Ok(r.due_records(&organisation(), end, after)?))?;
        let doomed = page.iter().find(|record| {
            record.retention.kind == RecordKind::Decision
                && record.retention.purpose == Purpose::ScreenStaff
        });
        if let Some(doomed) = doomed {
            return Ok((Some(doomed.number), Some(doomed.clone())));
        }
        match further {
            Some(_) => after = further,
            None => return Ok((after, None)),
        }
    }
}

fn tell_of_checkpoint(database: &mut Database, size: u64) -> Result<(), Ended> {
    let seen = database.read_logs::<_, Ended>(&organisation(), |view| {
        let Some(log) = view.current()? else { return Ok(None) };
        Ok(view.checkpoint(&log, size)?)
    })?;
    if let Some(checkpoint) = seen {
        say(&format!("seen {size} {}", hex(checkpoint.note.as_bytes())));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "another process is waited for")]
pub(crate) fn pause() {
    thread::sleep(Duration::from_millis(5));
}
