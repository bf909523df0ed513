//! The log grows on the clock, whatever happened, and holds everything that did.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use jiff::SignedDuration;
use portcullis_audit::{
    AddCheckpoint, Checkpoint, Digest, KnownLog, LogSigner, Opened, Opening, Outcome, Policy,
    verify_export,
};
use portcullis_decide::{
    Change, Decision, Judgement, OpenedLog, QueryMark, RecordMark, StatedReason, Verdict, open_log,
    record,
};
use portcullis_keys::Unlock;
use portcullis_store::{
    Database, KeyringPlace, SequenceError, Sequencer, StoreError, StoredCheckpoint, TransactionName,
};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{Actor, Clock, OfficerId, OrganisationId, Property, Purpose, Rng};
use proptest::prelude::*;
use zeroize::Zeroizing;

const TEST: TransactionName = TransactionName("tests");
/// `MockClock` stands at 12:00:00 when it begins, a multiple of the interval.
const INTERVAL_S: u32 = 60;
const PER_INTERVAL: u32 = 8;

struct World {
    _folder: tempfile::TempDir,
    database: Database,
    sequencer: Sequencer,
    clock: MockClock,
    rng: SeededRng,
}

fn organisation() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

fn now_us(clock: &MockClock) -> u64 {
    u64::try_from(clock.now().as_microsecond()).unwrap()
}

impl World {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let unlock = Unlock::KeyFile(Zeroizing::new([7; 32]));
        let keyring = KeyringPlace::new(folder.path().join("keyring"), unlock);
        let path = folder.path().join("store.db");
        let mut database =
            Database::open_sqlite(&path, keyring, Box::new(SeededRng::new(seed))).unwrap();
        let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed + 1));
        let log = OpenedLog {
            organisation: organisation(),
            origin: "party.example/log".to_owned(),
            start_us: now_us(&clock),
            interval_s: INTERVAL_S,
            per_interval: PER_INTERVAL,
            link: None,
        };
        let officer = Actor::Officer(OfficerId::new("o.testwick").unwrap());
        let change = open_log(&clock, &mut rng, officer, log).unwrap();
        database.write::<_, StoreError>(TEST, |w| w.open_log(&change)).unwrap();
        let sequencer = Sequencer::new(organisation(), &mut rng);
        Self { _folder: folder, database, sequencer, clock, rng }
    }

    /// Somebody decides, so many times.
    fn decide(&mut self, times: usize) {
        for _ in 0..times {
            let change = decision(&self.clock, &mut self.rng);
            self.database.write::<_, StoreError>(TEST, |w| w.put_decision(&change)).unwrap();
        }
    }

    fn attend(&mut self) {
        self.sequencer.attend(&mut self.database, now_us(&self.clock)).unwrap();
    }

    /// Every checkpoint that there is, and when it was made.
    fn checkpoints(&mut self) -> Vec<(u64, u64)> {
        self.database
            .read_logs(&organisation(), |logs| {
                let log = logs.current()?.unwrap();
                let size = logs.size(&log)?;
                let found: Result<Vec<Option<StoredCheckpoint>>, StoreError> =
                    (0..=size).map(|size| logs.checkpoint(&log, size)).collect();
                Ok::<_, StoreError>(
                    found?.into_iter().flatten().map(|c| (c.size, c.at_us)).collect(),
                )
            })
            .unwrap()
    }

    /// Checks the whole log as an outsider would; says how large it is.
    fn verified(&mut self) -> u64 {
        self.database
            .read_logs(&organisation(), |logs| {
                let log = logs.current()?.unwrap();
                let size = logs.size(&log)?;
                let checkpoint = logs.checkpoint(&log, size)?.unwrap();
                let key = logs.key(&log).unwrap();
                let policy = Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap();
                verify_export(&logs.tiles(&log), checkpoint.note.as_bytes(), &policy).unwrap();
                Ok::<_, StoreError>(size)
            })
            .unwrap()
    }

    /// Positions of the events in the order of their leaves in the log.
    fn sequenced(&mut self) -> Vec<Option<u64>> {
        self.database
            .read_logs(&organisation(), |logs| {
                let log = logs.current()?.unwrap();
                (0..logs.size(&log)?)
                    .map(|index| Ok(logs.leaf(&log, index)?.unwrap().event))
                    .collect::<Result<_, StoreError>>()
            })
            .unwrap()
    }
}

fn decision(clock: &MockClock, rng: &mut dyn Rng) -> Change<Decision> {
    let judgement = Judgement {
        organisation: organisation(),
        purpose: Purpose::ScreenDonor,
        query: QueryMark::of(&dossier("q.csv", "2", &[(Property::Name, "Orsolya Testwick")])),
        record: RecordMark::of(&dossier("a-list", "R1", &[(Property::Name, "O Testwicke")])),
        query_name: "Orsolya Testwick".into(),
        record_name: "O Testwicke".into(),
        verdict: Verdict::NotSame,
        officer: OfficerId::new("q.examplesson").unwrap(),
        reason: StatedReason::new("thirteen years apart").unwrap(),
    };
    record(clock, rng, judgement, None).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    // THREATS T-15
    #[test]
    fn two_worlds_that_differ_in_what_happened_have_the_same_checkpoints_at_the_same_times(
        steps in proptest::collection::vec((0_i64..200, 0_usize..14), 1..12),
        seed in 1_u64..1_000_000,
    ) {
        let (mut quiet, mut busy) = (World::new(seed), World::new(seed + 1_000_000));
        for (seconds, decisions) in steps {
            busy.decide(decisions);
            for world in [&mut quiet, &mut busy] {
                world.clock.advance(SignedDuration::from_secs(seconds));
                world.attend();
            }
            prop_assert_eq!(quiet.checkpoints(), busy.checkpoints());
        }
        // Each stands at the boundary of its interval and has what the clock says, by hand:
        // the n-th is made n intervals after the start, with n times the leaves of one.
        let start = now_us(&MockClock::default());
        for (number, (size, at_us)) in (1_u64..).zip(busy.checkpoints()) {
            prop_assert_eq!(size, number * u64::from(PER_INTERVAL));
            prop_assert_eq!(at_us, start + number * u64::from(INTERVAL_S) * 1_000_000);
        }
    }

    #[test]
    fn every_event_comes_into_the_log_once_and_in_order(
        steps in proptest::collection::vec((0_i64..200, 0_usize..14), 1..8),
        seed in 1_u64..1_000_000,
    ) {
        let mut world = World::new(seed);
        // The opening of the log is the first event.
        let mut events = 1;
        for (seconds, decisions) in steps {
            world.decide(decisions);
            events += u64::try_from(decisions).unwrap();
            world.clock.advance(SignedDuration::from_secs(seconds));
            world.attend();
        }
        let intervals = i64::try_from(events.div_ceil(u64::from(PER_INTERVAL))).unwrap();
        world.clock.advance(SignedDuration::from_secs(intervals * i64::from(INTERVAL_S)));
        world.attend();
        let real: Vec<u64> = world.sequenced().into_iter().flatten().collect();
        prop_assert_eq!(real, (1..=events).collect::<Vec<_>>());
        prop_assert!(world.verified() >= events);
    }
}

#[test]
fn what_does_not_fit_waits_for_the_next_interval() {
    let mut world = World::new(1);
    world.decide(20);
    world.clock.advance(SignedDuration::from_secs(60));
    let done = world.sequencer.attend(&mut world.database, now_us(&world.clock)).unwrap();
    // 21 events with the opening of the log, of which 8 fit.
    assert_eq!((done.intervals, done.real, done.size, done.waiting), (1, 8, 8, 13));
    world.clock.advance(SignedDuration::from_secs(120));
    let done = world.sequencer.attend(&mut world.database, now_us(&world.clock)).unwrap();
    assert_eq!((done.intervals, done.real, done.size, done.waiting), (2, 13, 24, 0));
    assert_eq!(world.verified(), 24);
}

#[test]
fn a_clock_that_jumps_ahead_does_not_carry_the_log_with_it() {
    let mut world = World::new(1);
    world.clock.advance(SignedDuration::from_hours(24 * 32));
    let now = now_us(&world.clock);
    let refused = world.sequencer.attend(&mut world.database, now);
    assert!(matches!(refused, Err(SequenceError::TooFarBehind { days: 32 })), "{refused:?}");
    assert_eq!(world.checkpoints(), []);
    // A day is made up for without being asked.
    world.clock.advance(SignedDuration::from_hours(-24 * 31));
    let now = now_us(&world.clock);
    let done = world.sequencer.attend(&mut world.database, now).unwrap();
    assert_eq!(done.intervals, 24 * 60);
}

#[test]
fn only_one_process_attends_to_the_log_at_a_time() {
    let mut world = World::new(1);
    world.clock.advance(SignedDuration::from_secs(60));
    world.attend();
    let mut other = Sequencer::new(organisation(), &mut SeededRng::new(77));
    world.clock.advance(SignedDuration::from_secs(1));
    let refused = other.attend(&mut world.database, now_us(&world.clock));
    assert!(matches!(refused, Err(SequenceError::AnotherHolds)));
    // The first gives no sign of life any more, and the other takes its place.
    world.clock.advance(SignedDuration::from_secs(60));
    let done = other.attend(&mut world.database, now_us(&world.clock)).unwrap();
    assert_eq!(done.size, 16);
    assert_eq!(world.verified(), 16);
}

#[test]
fn an_event_and_a_decoy_open_and_neither_opens_as_the_other() {
    let mut world = World::new(1);
    world.decide(2);
    world.clock.advance(SignedDuration::from_secs(60));
    world.attend();
    let leaves = world.sequenced();
    let (stored, _) =
        world.database.read::<_, StoreError>(|r| r.events_after(&organisation(), 0)).unwrap();
    world
        .database
        .read_logs(&organisation(), |logs| {
            let log = logs.current()?.unwrap();
            for (index, event) in (0_u64..).zip(&leaves) {
                let leaf = logs.leaf(&log, index)?.unwrap();
                let decoy = logs.decoy(&log, index)?;
                let Some(position) = event else {
                    assert_eq!(decoy.unwrap().verify(&leaf.entry), Opened::Decoy);
                    continue;
                };
                assert!(decoy.is_none(), "an event passes for a decoy");
                let stored = stored.iter().find(|stored| stored.position == *position).unwrap();
                let payload = Zeroizing::new(stored.event.to_bytes());
                let opening = Opening { salt: stored.salt.clone(), payload };
                assert_eq!(opening.verify(&leaf.entry), Opened::Real);
                let empty = Opening { payload: Zeroizing::new(Vec::new()), ..opening };
                assert_eq!(empty.verify(&leaf.entry), Opened::Mismatch);
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(leaves.iter().flatten().count(), 3);
}

/// The cosigning key is one for the whole node: what it says must be one history of each log.
#[test]
fn two_organisations_of_a_node_do_not_cosign_two_histories_of_one_log() {
    const ORIGIN: &str = "another.example/log";
    let mut world = World::new(9);
    let signer = LogSigner::new(ORIGIN.parse().unwrap(), &[3; 32]);
    let logs = [KnownLog { origin: ORIGIN.to_owned(), keys: vec![signer.verifier()] }];
    let mut ask = |organisation: &str, root: u8| {
        let organisation = OrganisationId::new(organisation).unwrap();
        let checkpoint = Checkpoint::new(ORIGIN, 5, Digest::new([root; 32])).unwrap();
        let request =
            AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: checkpoint.sign(&signer) };
        let name = "witness.example".parse().unwrap();
        let bytes = request.to_bytes();
        world.database.cosign(&organisation, 7, &name, &logs, &bytes).unwrap().outcome
    };
    assert_eq!(ask("party-of-tests", 1), Outcome::Cosigned);
    assert_eq!(ask("another-party", 2), Outcome::OtherSize);
}
