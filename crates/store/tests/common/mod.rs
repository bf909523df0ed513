//! Places where a store can be, for cases that run on each kind of store.

#![allow(
    dead_code,
    reason = "each test binary takes this module in as a whole and uses another part of it, so that `expect` would fail in those that use all"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use portcullis_decide::{
    Change, Decision, Judgement, QueryMark, RecordMark, StatedReason, Verdict, record,
};
use portcullis_keys::Unlock;
use portcullis_store::{Database, KeyringPlace, TransactionName};
use portcullis_testkit::postgres::PostgresServer;
use portcullis_testkit::{SeededRng, dossier};
use portcullis_types::{Clock, OfficerId, OrganisationId, Property, Purpose, Rng};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

pub(crate) const TEST: TransactionName = TransactionName("tests");

/// A place where any number of connections to one store can be opened.
pub(crate) trait Place: Sync {
    /// None where what it needs is not installed.
    fn new() -> Option<Self>
    where
        Self: Sized;
    fn open(&self) -> Database;
    /// The file of its keyring.
    fn keyring(&self) -> PathBuf;
}

/// What unlocks the keyring of every place.
pub(crate) fn unlock() -> Unlock {
    Unlock::KeyFile(Zeroizing::new([7; 32]))
}

/// Randomness that differs each time: two connections that drew the same ids would collide.
pub(crate) fn randomness() -> Box<dyn Rng + Send> {
    static SEED: AtomicU64 = AtomicU64::new(1);
    let process = u64::from(std::process::id()) << 48;
    Box::new(SeededRng::new(process ^ (SEED.fetch_add(1, Ordering::Relaxed) << 32)))
}

pub(crate) struct SqlitePlace(pub(crate) tempfile::TempDir);

/// The store and its keyring in this folder.
pub(crate) fn open_sqlite(folder: &Path) -> Database {
    let keyring = KeyringPlace::new(folder.join("keyring"), unlock());
    Database::open_sqlite(&folder.join("store.db"), keyring, randomness()).unwrap()
}

impl Place for SqlitePlace {
    fn new() -> Option<Self> {
        tempfile::tempdir().ok().map(Self)
    }

    fn open(&self) -> Database {
        open_sqlite(self.0.path())
    }

    fn keyring(&self) -> PathBuf {
        self.0.path().join("keyring")
    }
}

/// A database of its own on the server of this process; no case is run where `PostgreSQL` is not
/// installed.
pub(crate) struct PostgresPlace {
    address: String,
    folder: tempfile::TempDir,
}

impl Place for PostgresPlace {
    fn new() -> Option<Self> {
        let address = PostgresServer::shared()?.database();
        Some(Self { address, folder: tempfile::tempdir().unwrap() })
    }

    fn open(&self) -> Database {
        let keyring = KeyringPlace::new(self.keyring(), unlock());
        Database::open_postgres(&self.address, keyring, randomness()).unwrap()
    }

    fn keyring(&self) -> PathBuf {
        self.folder.path().join("keyring")
    }
}

/// Runs each case on each kind of store.
#[macro_export]
macro_rules! suite {
    ($($case:ident,)*) => {
        mod sqlite {
            use $crate::common::Place as _;
            $(#[test] fn $case() { super::$case(&$crate::common::SqlitePlace::new().unwrap()); })*
        }

        mod postgres {
            use $crate::common::Place as _;
            $(#[test] fn $case() {
                if let Some(place) = $crate::common::PostgresPlace::new() {
                    super::$case(&place);
                }
            })*
        }
    };
}

pub(crate) fn organisation() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

pub(crate) fn officer() -> OfficerId {
    OfficerId::new("q.examplesson").unwrap()
}

pub(crate) fn reason(text: &str) -> StatedReason {
    StatedReason::new(text).unwrap()
}

/// A decision on a pair of invented people.
pub(crate) fn decided(clock: &dyn Clock, seed: u64, name: &str, why: &str) -> Change<Decision> {
    let query = dossier("q.csv", "2", &[(Property::Name, name), (Property::BirthDate, "1971")]);
    let listed = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
    let judgement = Judgement {
        organisation: organisation(),
        purpose: Purpose::ScreenDonor,
        query: QueryMark::of(&query),
        record: RecordMark::of(&listed),
        query_name: name.into(),
        record_name: "Orsolia Testwicke".into(),
        verdict: Verdict::NotSame,
        officer: officer(),
        reason: reason(why),
    };
    record(clock, &mut SeededRng::new(seed), judgement, None).unwrap()
}
