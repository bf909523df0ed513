//! A store with something of everything in it, and what is asked of it.

use portcullis_decide::{
    CaseReference, Change, Decision, Digest, ErasureDuty, Judgement, Keeping, KeptFile, KeptIssue,
    KeptList, OfficerBasis, OpenedLog, QueryMark, RaisedPair, RecordMark, StatedReason, Verdict,
    erase, open_log, raise, record, undo,
};
use portcullis_keys::Unlock;
use portcullis_store::{
    BackupSummary, Database, KeyringPlace, RestoreError, RestoreOrder, Restored, Restoring,
    Sequencer, StoreError, TransactionName,
};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{
    Actor, Clock, Dossier, Event, ListVersion, OfficerId, OrganisationId, Property, Purpose, Score,
    SourceId,
};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(crate) const TEST: TransactionName = TransactionName("tests");
pub(crate) const ORIGIN: &str = "party.example/log";
pub(crate) const PER_INTERVAL: u32 = 8;
pub(crate) const INTERVAL_S: u32 = 3_600;

/// Names that were given to the store and must be found nowhere in a backup.
pub(crate) const PLANTED: [&str; 4] =
    ["Orsolya Testwick", "Orsolia Testwicke", "thirteen years apart", "wrong row"];

pub(crate) fn organisation() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

pub(crate) fn officer() -> OfficerId {
    OfficerId::new("o.testwick").unwrap()
}

/// Randomness that differs each time.
pub(crate) fn randomness() -> SeededRng {
    static SEED: AtomicU64 = AtomicU64::new(1);
    SeededRng::new(SEED.fetch_add(1, Ordering::Relaxed) << 32)
}

pub(crate) fn unlock() -> Unlock {
    Unlock::KeyFile(Zeroizing::new([7; 32]))
}

/// A folder with a store and its keyring.
pub(crate) struct Home(pub(crate) TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with this one's keyring, and no store.
    pub(crate) fn with_keyring_of(other: &Self) -> Self {
        let home = Self::new();
        std::fs::copy(other.keyring(), home.keyring()).unwrap();
        home
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("store.db")
    }

    pub(crate) fn keyring(&self) -> PathBuf {
        self.0.path().join("keyring")
    }

    pub(crate) fn place(&self) -> KeyringPlace {
        KeyringPlace::new(self.keyring(), unlock())
    }

    pub(crate) fn try_open(&self) -> Result<Database, StoreError> {
        Database::open_sqlite(&self.path(), self.place(), Box::new(randomness()))
    }

    pub(crate) fn open(&self) -> Database {
        self.try_open().unwrap()
    }

    pub(crate) fn restore(&self, backup: &[u8]) -> Result<Restored, RestoreError> {
        self.restore_as(backup, &order())
    }

    pub(crate) fn restore_as(
        &self,
        backup: &[u8],
        order: &RestoreOrder<'_>,
    ) -> Result<Restored, RestoreError> {
        restoring(order, &mut |_| {}, |restoring| {
            restoring.into_sqlite(&self.path(), self.place(), &mut Cursor::new(backup))
        })
    }
}

pub(crate) fn order() -> RestoreOrder<'static> {
    static ORGANISATION: std::sync::LazyLock<OrganisationId> =
        std::sync::LazyLock::new(organisation);
    RestoreOrder {
        organisation: &ORGANISATION,
        actor: Actor::Officer(officer()),
        shredded: None,
        witnessed: None,
    }
}

/// Restores a day after everything else happened.
pub(crate) fn restoring<T>(
    order: &RestoreOrder<'_>,
    progress: &mut dyn FnMut(portcullis_store::Progress),
    run: impl FnOnce(Restoring<'_>) -> T,
) -> T {
    let clock = later(24);
    run(Restoring::new(&clock, Box::new(randomness()), order, progress))
}

/// The time so many hours after everything began.
pub(crate) fn later(hours: i64) -> MockClock {
    let clock = MockClock::default();
    clock.advance(jiff::SignedDuration::from_hours(hours));
    clock
}

pub(crate) fn us(clock: &MockClock) -> u64 {
    u64::try_from(clock.now().as_microsecond()).unwrap()
}

pub(crate) fn back_up(store: &mut Database) -> (Vec<u8>, BackupSummary) {
    let mut bytes = Vec::new();
    let summary = store.back_up(&mut bytes, MockClock::default().now(), &mut |_| {}).unwrap();
    (bytes, summary)
}

fn query() -> Dossier {
    dossier("q.csv", "2", &[(Property::Name, "Orsolya Testwick"), (Property::BirthDate, "1971")])
}

fn listed() -> Dossier {
    dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke"), (Property::Country, "ru")])
}

pub(crate) fn decided() -> Change<Decision> {
    let judgement = Judgement {
        organisation: organisation(),
        purpose: Purpose::ScreenDonor,
        query: QueryMark::of(&query()),
        record: RecordMark::of(&listed()),
        query_name: "Orsolya Testwick".into(),
        record_name: "Orsolia Testwicke".into(),
        verdict: Verdict::NotSame,
        officer: OfficerId::new("q.examplesson").unwrap(),
        reason: StatedReason::new("thirteen years apart").unwrap(),
    };
    record(&MockClock::default(), &mut randomness(), judgement, None).unwrap()
}

pub(crate) fn decide(store: &mut Database) {
    let change = decided();
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
}

fn undone(store: &mut Database) {
    let change = decided();
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    let reason = StatedReason::new("wrong row").unwrap();
    let state = change.into_state();
    let undo =
        undo(&MockClock::default(), &mut randomness(), state, officer(), reason, None).unwrap();
    store.write(TEST, |w| w.put_decision(&undo)).unwrap();
}

fn pair() -> RaisedPair {
    RaisedPair::of(organisation(), Purpose::ScreenDonor, &query(), &listed(), Score(0.75))
}

fn kept() -> KeptList {
    let issue = KeptIssue {
        digest: Digest::from_bytes([2; 32]),
        version: ListVersion::new("2025-01-02").unwrap(),
        published: "2025-01-02".parse().ok(),
        recorded_at: MockClock::default().now(),
        entries: 7,
        set_aside: 1,
        files: vec![KeptFile {
            name: "1-a.csv".to_owned(),
            address: portcullis_decide::Address::from_text("https://lists.example/a.csv"),
            sha256: Digest::from_bytes([9; 32]),
            size_bytes: 1_000,
            entity_tag: Some("\"abc\"".to_owned()),
            last_modified: None,
        }],
    };
    KeptList {
        organisation: organisation(),
        name: "invented".parse().unwrap(),
        source: SourceId::new("invented-source").unwrap(),
        format: "invented-csv".to_owned(),
        addresses: vec![portcullis_decide::Address::from_text("https://lists.example/a.csv")],
        rhythm_days: Some(7),
        checked_at: MockClock::default().now(),
        current: issue,
        earlier: vec![],
    }
}

/// Something of everything, with a log of which one interval is over.
pub(crate) fn fill(store: &mut Database) {
    let (clock, actor) = (MockClock::default(), Actor::Officer(officer()));
    let log = OpenedLog {
        organisation: organisation(),
        origin: ORIGIN.to_owned(),
        start_us: us(&clock) - us(&clock) % 3_600_000_000,
        interval_s: INTERVAL_S,
        per_interval: PER_INTERVAL,
        link: None,
    };
    let change = open_log(&clock, &mut randomness(), actor, log).unwrap();
    store.write(TEST, |w| w.open_log(&change)).unwrap();
    decide(store);
    undone(store);
    let raised =
        raise(&clock, &mut randomness(), organisation(), Purpose::ScreenDonor, vec![pair()]);
    let raised = raised.unwrap();
    store.write(TEST, |w| w.put_raised(&raised)).unwrap();
    let change = Keeping::Added.done(&clock, &mut randomness(), officer(), kept()).unwrap();
    store.write(TEST, |w| w.put_list(&change)).unwrap();
    sequence(store, 1);
    decide(store);
}

/// Fills the intervals of the log up to so many hours after everything began.
pub(crate) fn sequence(store: &mut Database, hours: i64) -> u64 {
    let mut sequencer = Sequencer::new(organisation(), &mut randomness());
    sequencer.attend(store, us(&later(hours))).unwrap().size
}

/// Erases the record of the first decision that is there.
pub(crate) fn erase_first_decision(store: &mut Database) {
    let number = (1..)
        .map(|number| portcullis_decide::RecordNumber::new(number).unwrap())
        .find_map(|number| {
            let held = store.read(|r| r.record(&organisation(), number)).unwrap()?;
            (held.retention.kind == portcullis_decide::RecordKind::Decision).then_some(held)
        })
        .unwrap();
    let case: CaseReference = "sar-2025-001".parse().unwrap();
    let basis = OfficerBasis::Duty { duty: ErasureDuty::Objection, case };
    let changes =
        erase(&MockClock::default(), &mut randomness(), &officer(), basis, &[number], None);
    for change in changes.unwrap() {
        store.write(TEST, |w| w.erase(&change)).unwrap();
    }
}

/// All that can be read, in words; the events apart.
pub(crate) fn everything(store: &mut Database) -> (Vec<String>, Vec<Event>) {
    let organisation = organisation();
    store
        .read(|r| -> Result<_, StoreError> {
            let mut all = Vec::new();
            for decision in r.decisions(&organisation)? {
                let judged = &decision.judgement;
                let reason = judged.reason.text().reveal().to_owned();
                let undone = decision.undoing.as_ref().map(|u| u.reason.text().reveal().to_owned());
                let names = [judged.query_name.reveal(), judged.record_name.reveal()];
                all.push(format!("{decision:?} {reason} {undone:?} {names:?}"));
            }
            for pair in r.raised(&organisation, pair().reference())? {
                all.push(format!("{pair:?} {}", pair.query_name.reveal()));
            }
            all.extend(r.lists(&organisation)?.iter().map(|list| format!("{list:?}")));
            let counts = r.record_counts(&organisation, "2025-03-02".parse().unwrap())?;
            // What a restore itself tells is of this kind.
            let others = counts.iter().filter(|c| c.kind != portcullis_decide::RecordKind::Log);
            all.extend(others.map(|count| format!("{count:?}")));
            Ok((all, r.events(&organisation)?))
        })
        .unwrap()
}

/// The bytes of a backup with its blocks unpacked, as `docs/spec/backup.md` says.
pub(crate) fn unpacked(backup: &[u8]) -> Vec<u8> {
    let mut all = backup[..21].to_vec();
    let mut rest = &backup[21..];
    while !rest.is_empty() {
        let stored = usize::try_from(u32::from_be_bytes(rest[1..5].try_into().unwrap())).unwrap();
        let body = &rest[9..9 + stored];
        if rest[0] == b'R' {
            all.extend(zstd::decode_all(body).unwrap());
        } else {
            all.extend_from_slice(body);
        }
        rest = &rest[9 + stored + 32..];
    }
    all
}

pub(crate) fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Copies the files of a store as somebody with access to the disk would.
pub(crate) fn copy_store(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
