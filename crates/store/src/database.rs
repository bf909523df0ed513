//! A store over any engine: transactions, and the keyring that opens what is in them.

use crate::engine::postgres::Postgres;
use crate::engine::sqlite::Sqlite;
use crate::engine::{Access, Engine, EngineError, Row, Session, Value};
use crate::error::Doing;
use crate::labels::Visible;
use crate::vault::{KeyringPlace, Vault};
use crate::{KeyringError, Reader, StoreError, TransactionName, Writer, migrations, settings};
use portcullis_decide::Schedule;
use portcullis_keys::{Keyring, Place, RecordNumber, SealError};
use portcullis_types::Rng;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::path::Path;
use std::time::Duration;

/// How often a transaction is tried before the store gives up.
const TRIES: u32 = 12;

/// The first wait before a transaction is tried again; each one after is up to twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(2);

/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// What a node remembers, in `SQLite` or in `PostgreSQL`.
#[derive(Debug)]
pub struct Database {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) vault: Vault,
    pub(crate) rng: Randomness,
    schedule: Schedule,
}

/// Randomness that a transaction may draw on while it is only looked at.
#[derive(Debug)]
pub(crate) struct Randomness(RefCell<Box<dyn Rng + Send>>);

impl Randomness {
    pub(crate) fn new(rng: Box<dyn Rng + Send>) -> Self {
        Self(RefCell::new(rng))
    }

    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        self.0.borrow_mut().fill(bytes);
    }
}

impl Database {
    /// Opens the store in this file of `SQLite`, whose keyring is in another; makes both when there
    /// is neither.
    ///
    /// # Errors
    ///
    /// [`StoreError::NewerSchema`] when a later version of the program wrote it,
    /// [`StoreError::NotOurs`] when another program did, [`StoreError::RolledBack`] when its end is
    /// missing, [`StoreError::Keyring`] when its keyring cannot be used; else why it cannot be opened.
    pub fn open_sqlite(
        path: &Path,
        keyring: KeyringPlace,
        rng: Box<dyn Rng + Send>,
    ) -> Result<Self, StoreError> {
        Self::over(Box::new(Sqlite::open(path)?), keyring, rng)
    }

    /// Opens the store in a database of `PostgreSQL`, at an address like
    /// `postgres://user@host/database`; takes the database when it is empty. The way to another
    /// machine is always encrypted, and the server's certificate checked.
    ///
    /// # Errors
    ///
    /// As [`Database::open_sqlite`], but for [`StoreError::RolledBack`]: the server is trusted to
    /// keep its end. No error holds the password.
    pub fn open_postgres(
        address: &str,
        keyring: KeyringPlace,
        rng: Box<dyn Rng + Send>,
    ) -> Result<Self, StoreError> {
        Self::over(Box::new(Postgres::open(address)?), keyring, rng)
    }

    pub(crate) fn over(
        mut engine: Box<dyn Engine>,
        keyring: KeyringPlace,
        rng: Box<dyn Rng + Send>,
    ) -> Result<Self, StoreError> {
        migrations::bring_up_to_date(engine.as_mut())?;
        Self::over_schema(engine, keyring, rng)
    }

    /// As [`Database::over`], with the schema as it is.
    pub(crate) fn over_schema(
        mut engine: Box<dyn Engine>,
        keyring: KeyringPlace,
        rng: Box<dyn Rng + Send>,
    ) -> Result<Self, StoreError> {
        let rng = Randomness::new(rng);
        let vault = settings::open_vault(engine.as_mut(), keyring, &rng)?;
        let mut database = Self { engine, vault, rng, schedule: Schedule::default() };
        database.check_end()?;
        // Where the keyring can't be written at this moment, what is there can still be read; whoever
        // opens the store next, or works in it, finishes.
        for unfinished in [database.finish_erasures(), database.finish_key_change()] {
            match unfinished {
                Ok(()) | Err(StoreError::Keyring(KeyringError::File { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(database)
    }

    /// Keeps records for as long as this says, from now on.
    #[must_use]
    pub fn with_schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// What the store is built on, for people: `SQLite`, `PostgreSQL`.
    pub fn engine_name(&self) -> &'static str {
        self.engine.name()
    }

    /// Looks at one moment: whatever is written meanwhile isn't seen.
    ///
    /// # Errors
    ///
    /// Whatever `look` returns, or why the store cannot be read.
    pub fn read<T, E: From<StoreError>>(
        &mut self,
        look: impl FnOnce(&dyn Reader) -> Result<T, E>,
    ) -> Result<T, E> {
        self.look(|open| look(open))
    }

    /// Changes state, all or nothing. What `work` reads is still true when the change is kept. It
    /// is called again when somebody else changed the same things at the same time.
    ///
    /// # Errors
    ///
    /// Whatever `work` returns, and nothing has changed then; or why the store cannot be written.
    /// [`StoreError::Unconfirmed`] alone leaves it open whether the change was kept, and with
    /// [`StoreError::KeyKept`] it was.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        name: TransactionName,
        mut work: impl FnMut(&mut dyn Writer) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact(name, |open| work(open))
    }

    /// As [`Database::read`], for the store's own tables.
    pub(crate) fn look<T, E: From<StoreError>>(
        &mut self,
        look: impl FnOnce(&Open<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.look_as(&Visible::all(), look)
    }

    /// As [`Database::look`], with the eyes of one reader.
    pub(crate) fn look_as<T, E: From<StoreError>>(
        &mut self,
        visible: &Visible,
        look: impl FnOnce(&Open<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let doing = Doing::Reading;
        loop {
            let session = self.engine.begin(Access::Read).map_err(|e| doing.failed(e))?;
            let open = Open::new(session, self.vault.keyring(), &self.rng, &self.schedule, doing)
                .seen_by(visible.clone());
            // Within the transaction: the rows it sees may be sealed under keys made since.
            let seen = settings::seen_keyring(&open)?;
            match self.vault.compare(&seen).map_err(StoreError::from)? {
                Ordering::Less => {}
                Ordering::Equal | Ordering::Greater => return look(&open),
            }
            drop(open);
            self.catch_up(seen.revision)?;
        }
    }

    /// As [`Database::write`], for the store's own tables.
    pub(crate) fn transact<T, E: From<StoreError>>(
        &mut self,
        name: TransactionName,
        work: impl FnMut(&mut Open<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact_with(Access::Write, name, work)
    }

    /// As [`Database::transact`], with the eyes of one reader.
    pub(crate) fn transact_as<T, E: From<StoreError>>(
        &mut self,
        visible: &Visible,
        name: TransactionName,
        mut work: impl FnMut(&mut Open<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact_with(Access::Write, name, |open| {
            open.visible.clone_from(visible);
            work(open)
        })
    }

    /// As [`Database::transact`], with another right than to write.
    pub(crate) fn transact_with<T, E: From<StoreError>>(
        &mut self,
        access: Access,
        name: TransactionName,
        mut work: impl FnMut(&mut Open<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let doing = Doing::Writing(name.0);
        let mut tried = 0;
        loop {
            tried += 1;
            match self.try_once(access, doing, &mut work) {
                Tried::OldKeyring { expected } => self.catch_up(expected)?,
                Tried::Kept { value, last_position, erased } => {
                    if let Some(position) = last_position {
                        self.engine.acknowledged(position);
                    }
                    if erased {
                        self.finish_erasures().map_err(|error| match error {
                            StoreError::Keyring(source) => StoreError::KeyKept { source },
                            other => other,
                        })?;
                    }
                    return Ok(value);
                }
                Tried::Overlapped(_) if tried < TRIES => wait(&self.rng, tried),
                Tried::Overlapped(error) | Tried::Failed(error) => return Err(error),
            }
        }
    }

    fn try_once<T, E: From<StoreError>>(
        &mut self,
        access: Access,
        doing: Doing,
        work: &mut impl FnMut(&mut Open<'_>) -> Result<T, E>,
    ) -> Tried<T, E> {
        let failed = |error: EngineError| {
            let overlapped = matches!(error, EngineError::Conflict(_));
            let error = E::from(doing.failed(error));
            if overlapped { Tried::Overlapped(error) } else { Tried::Failed(error) }
        };
        let session = match self.engine.begin(access) {
            Ok(session) => session,
            Err(error) => return failed(error),
        };
        let mut open = Open::new(session, self.vault.keyring(), &self.rng, &self.schedule, doing);
        // Within the transaction: what it seals is sealed under the keys that hold when it is kept.
        let compared = settings::seen_keyring(&open)
            .and_then(|seen| Ok((self.vault.compare(&seen)?, seen.revision)));
        let announced = match compared {
            Ok((Ordering::Less, expected)) => return Tried::OldKeyring { expected },
            Ok((Ordering::Equal, _)) => Ok(()),
            // The keyring in its file is ahead of what the store has seen of it: whoever changed it
            // was stopped in between. Others must read it again before they meet what is sealed here.
            Ok((Ordering::Greater, _)) => settings::put_seen_keyring(&open, self.vault.keyring()),
            Err(error) => Err(error),
        };
        match announced {
            Ok(()) => {}
            Err(error) if open.overlapped.get() => return Tried::Overlapped(error.into()),
            Err(error) => return Tried::Failed(error.into()),
        }
        let value = match work(&mut open) {
            Ok(value) => value,
            Err(error) if open.overlapped.get() => return Tried::Overlapped(error),
            Err(error) => return Tried::Failed(error),
        };
        let (last_position, erased) = (open.last_position.get(), open.erased.get());
        match open.session.into_inner().commit() {
            Ok(()) => Tried::Kept { value, last_position, erased },
            Err(error) => failed(error),
        }
    }

    /// Reads the keyring again: another process has changed it since.
    fn catch_up(&mut self, expected: u64) -> Result<(), StoreError> {
        self.vault.reload()?;
        let found = self.vault.keyring().revision();
        if expected > found {
            let path = self.vault.path().to_owned();
            return Err(KeyringError::Old { path, found, expected }.into());
        }
        Ok(())
    }

    /// Refuses a store that has lost its end since a change was last acknowledged.
    fn check_end(&mut self) -> Result<(), StoreError> {
        let Some(expected) = self.engine.last_acknowledged() else { return Ok(()) };
        let session = self.engine.begin(Access::Read).map_err(|e| Doing::Opening.failed(e))?;
        let open =
            Open::new(session, self.vault.keyring(), &self.rng, &self.schedule, Doing::Opening);
        let found = crate::tables::events::last_position(&open)?;
        if found < expected { Err(StoreError::RolledBack { expected, found }) } else { Ok(()) }
    }
}

/// What came of one try of a transaction.
enum Tried<T, E> {
    Kept {
        value: T,
        last_position: Option<u64>,
        erased: bool,
    },
    Overlapped(E),
    /// Another process has changed the keyring since it was read; nothing was done.
    OldKeyring {
        /// The revision that the store has seen.
        expected: u64,
    },
    Failed(E),
}

#[expect(clippy::disallowed_methods, reason = "lets another transaction finish first")]
fn wait(rng: &Randomness, tried: u32) {
    let most = FIRST_WAIT.saturating_mul(1 << tried.min(16)).min(LONGEST_WAIT);
    let mut random = [0];
    rng.fill(&mut random);
    // At least half of it, so that two which collided don't collide again at once.
    std::thread::sleep(most.mul_f64(0.5 + f64::from(random[0]) / 512.0));
}

/// A transaction that has begun.
pub(crate) struct Open<'c> {
    session: RefCell<Box<dyn Session + 'c>>,
    keyring: &'c Keyring,
    rng: &'c Randomness,
    schedule: &'c Schedule,
    doing: Doing,
    overlapped: Cell<bool>,
    /// Of the last event it wrote.
    last_position: Cell<Option<u64>>,
    /// Whether it erased a record.
    erased: Cell<bool>,
    /// What is left out of what a reader sees.
    visible: Visible,
}

impl<'c> Open<'c> {
    pub(crate) fn new(
        session: Box<dyn Session + 'c>,
        keyring: &'c Keyring,
        rng: &'c Randomness,
        schedule: &'c Schedule,
        doing: Doing,
    ) -> Self {
        Self {
            session: RefCell::new(session),
            keyring,
            rng,
            schedule,
            doing,
            overlapped: Cell::new(false),
            last_position: Cell::new(None),
            erased: Cell::new(false),
            visible: Visible::all(),
        }
    }

    /// The same, with the eyes of one reader.
    pub(crate) fn seen_by(self, visible: Visible) -> Self {
        Self { visible, ..self }
    }

    /// What the reader sees.
    pub(crate) fn visible(&self) -> &Visible {
        &self.visible
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        self.keyring
    }

    pub(crate) fn schedule(&self) -> &Schedule {
        self.schedule
    }

    pub(crate) fn written_by(&self) -> &'static str {
        match self.doing {
            Doing::Writing(name) => name,
            Doing::Reading | Doing::Opening => "store.open",
        }
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes);
        bytes
    }

    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        self.rng.fill(bytes);
    }

    pub(crate) fn wrote_event(&self, position: u64) {
        self.last_position.set(Some(position));
    }

    pub(crate) fn erased_record(&self) {
        self.erased.set(true);
    }

    pub(crate) fn execute(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        self.session.borrow_mut().execute(sql, values).map_err(|error| self.failed(error))
    }

    pub(crate) fn query(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        self.session.borrow_mut().query(sql, values).map_err(|error| self.failed(error))
    }

    /// Has a column that counts up by itself go on after this number.
    pub(crate) fn count_from(
        &self,
        table: &'static str,
        column: &'static str,
        last: i64,
    ) -> Result<(), StoreError> {
        let counted = self.session.borrow_mut().count_from(table, column, last);
        counted.map_err(|error| self.failed(error))
    }

    /// Whether `FOR UPDATE SKIP LOCKED` is understood, and needed.
    pub(crate) fn passes_by_locks(&self) -> bool {
        self.session.borrow().passes_by_locks()
    }

    /// The only row of a statement that gives one at most.
    pub(crate) fn row(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// Seals a value for its cell.
    pub(crate) fn seal(
        &self,
        record: RecordNumber,
        place: &Place<'_>,
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        self.keyring.seal(&mut |bytes| self.rng.fill(bytes), record, place, plain).map_err(
            |error| match error {
                SealError::Shredded { .. } => StoreError::Erased,
                error @ SealError::TooLong { .. } => {
                    StoreError::Database { doing: self.doing, source: error.into() }
                }
            },
        )
    }

    fn failed(&self, error: EngineError) -> StoreError {
        if matches!(error, EngineError::Conflict(_)) {
            self.overlapped.set(true);
        }
        self.doing.failed(error)
    }

    /// Keeps what was done, where nobody is told of it.
    pub(crate) fn commit(self) -> Result<(), StoreError> {
        let doing = self.doing;
        self.session.into_inner().commit().map_err(|error| doing.failed(error))
    }
}
