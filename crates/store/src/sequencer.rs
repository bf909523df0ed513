//! The one that puts waiting leaves into the log, on the clock.
//!
//! At each boundary of the log's interval its tree grows by a constant number of leaves: those that
//! wait, oldest first, in places drawn at random, and decoys in all others. What does not fit waits
//! for the next boundary. A boundary that nobody attended to is made up for: the sizes are those it
//! would have had. So neither size nor time of a checkpoint says what happened (THREATS T-15).

use crate::database::{Database, Open};
use crate::settings::{lease, release};
use crate::tables::log::{self, Log, LogTiles, StoredCheckpoint};
use crate::{StoreError, TransactionName};
use portcullis_audit::{
    Checkpoint, DecoyKey, FinishedTile, Frontier, KeyName, LogSigner, Place, TreeError,
    decoy_commitment,
};
use portcullis_types::{OrganisationId, Rng};

/// How long the sequencer's place is kept for it after its last sign of life.
const LEASE_US: i64 = 30_000_000;

/// The longest time that is made up for without being asked: 31 days. A clock that jumps ahead would
/// have the log sign checkpoints of a time to come, and take no event until then.
const MOST_S: u64 = 31 * 24 * 60 * 60;

/// Puts the leaves of one organisation into its log. Any number of processes may try; one does.
#[derive(Debug)]
pub struct Sequencer {
    organisation: OrganisationId,
    holder: [u8; 16],
    /// The edge of the tree as this process last left it, and the log it is of.
    edge: Option<(u64, Frontier)>,
    /// The most that it makes up for.
    most_s: u64,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sequenced {
    /// Intervals that were filled; each has its checkpoint.
    pub intervals: u64,
    /// Leaves of events that came into the log.
    pub real: u64,
    /// Leaves in the log now.
    pub size: u64,
    /// Leaves that wait for the next boundary.
    pub waiting: u64,
}

/// Why the log was not attended to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SequenceError {
    /// There is no log.
    #[error("there is no log yet; open one with `portcullis audit open`")]
    NoLog,
    /// Another process does it.
    #[error("another process puts leaves into the log")]
    AnotherHolds,
    /// Nobody attended to the log for longer than is made up for, or the clock is wrong.
    #[error(
        "nobody attended to the log for {days} days, if the clock is right; if it is, run `portcullis audit sequence --catch-up`"
    )]
    TooFarBehind {
        /// Days since the last checkpoint.
        days: u64,
    },
    /// What is stored isn't a log.
    #[error("the log in the store is damaged; run `portcullis doctor`")]
    Damaged {
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sequencer {
    /// One that hasn't begun.
    pub fn new(organisation: OrganisationId, rng: &mut dyn Rng) -> Self {
        let mut holder = [0; 16];
        rng.fill(&mut holder);
        Self { organisation, holder, edge: None, most_s: MOST_S }
    }

    /// One that makes up for any time, once a person has looked at the clock.
    #[must_use]
    pub fn catching_up(self) -> Self {
        Self { most_s: u64::MAX, ..self }
    }

    /// Fills every interval that is over: one transaction each.
    ///
    /// # Errors
    ///
    /// [`SequenceError`]; what was filled before stays.
    pub fn attend(
        &mut self,
        database: &mut Database,
        now_us: u64,
    ) -> Result<Sequenced, SequenceError> {
        self.attend_while(database, now_us, |_| true)
    }

    /// As [`Sequencer::attend`]; after each interval it is said what was done so far, and the rest
    /// is left for later when `go_on` says no.
    ///
    /// # Errors
    ///
    /// As [`Sequencer::attend`].
    pub fn attend_while(
        &mut self,
        database: &mut Database,
        now_us: u64,
        mut go_on: impl FnMut(&Sequenced) -> bool,
    ) -> Result<Sequenced, SequenceError> {
        let mut done = Sequenced::default();
        loop {
            let edge = self.edge.take();
            let (organisation, holder) = (&self.organisation, &self.holder);
            let most_s = self.most_s;
            let step = database.transact(TransactionName("log.sequence"), |open| {
                fill_one(open, organisation, holder, (now_us, most_s), edge.as_ref())
            })?;
            done.size = step.size;
            done.waiting = step.waiting;
            self.edge = Some(step.edge);
            if !step.filled {
                return Ok(done);
            }
            done.intervals += 1;
            done.real += step.real;
            if !go_on(&done) {
                return Ok(done);
            }
        }
    }

    /// Gives its place up, so that another process need not wait until it counts as gone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    pub fn leave(&mut self, database: &mut Database) -> Result<(), StoreError> {
        let holder = &self.holder;
        database
            .transact(TransactionName("log.leave"), |open| release(open, "log.sequencer", holder))
    }
}

struct Step {
    filled: bool,
    real: u64,
    size: u64,
    waiting: u64,
    edge: (u64, Frontier),
}

fn fill_one(
    open: &Open<'_>,
    organisation: &OrganisationId,
    holder: &[u8; 16],
    (now_us, most_s): (u64, u64),
    edge: Option<&(u64, Frontier)>,
) -> Result<Step, SequenceError> {
    let log = log::current(open, organisation)?.ok_or(SequenceError::NoLog)?;
    let now = i64::try_from(now_us).unwrap_or(i64::MAX);
    if !lease(open, "log.sequencer", holder, now, LEASE_US)? {
        return Err(SequenceError::AnotherHolds);
    }
    let size = log::size(open, &log)?;
    let mut frontier = match edge {
        Some((number, frontier)) if *number == log.number && frontier.size() == size => {
            frontier.clone()
        }
        _ => Frontier::restore(size, &LogTiles { open, log: &log }).map_err(unreadable)?,
    };
    let due = log.pace.due(now_us, size).map_err(damaged)?;
    let behind = due.intervals().count() as u64;
    let behind_s = behind.saturating_mul(u64::from(log.pace.interval_s()));
    if behind_s > most_s {
        return Err(SequenceError::TooFarBehind { days: behind_s / (24 * 60 * 60) });
    }
    let Some(interval) = due.intervals().next() else {
        let waiting = log::count_waiting(open, organisation)?;
        return Ok(Step { filled: false, real: 0, size, waiting, edge: (log.number, frontier) });
    };
    let per_interval = u64::from(log.pace.per_interval());
    let waiting = log::waiting(open, organisation, per_interval)?;
    let seed: [u8; 32] = open.random();
    let places = log.pace.places(waiting.len(), &seed);
    let decoy_key = DecoyKey::new(*open.keyring().decoy_key());
    let mut finished = Vec::new();
    for (index, place) in (size..).zip(places) {
        let (event, entry) = match place {
            Place::Real(number) => {
                let (position, commitment) = waiting.get(number).ok_or_else(|| {
                    SequenceError::Damaged { source: "a leaf that does not wait".into() }
                })?;
                (Some(*position), *commitment)
            }
            Place::Decoy => (None, decoy_commitment(&decoy_key, &log.origin, index)),
        };
        log::append(open, organisation, &log, index, &entry, event)?;
        frontier.append(entry.as_bytes(), &mut finished);
    }
    let partial: Vec<FinishedTile> = frontier.partial_tiles().collect();
    for tile in finished.iter().chain(&partial) {
        log::put_tile(open, organisation, &log, tile)?;
    }
    let checkpoint = sign(open, &log, &frontier, interval)?;
    log::put_checkpoint(open, organisation, &log, &checkpoint)?;
    Ok(Step {
        filled: true,
        real: u64::try_from(waiting.len()).unwrap_or(u64::MAX),
        size: frontier.size(),
        waiting: 0,
        edge: (log.number, frontier),
    })
}

fn sign(
    open: &Open<'_>,
    log: &Log,
    frontier: &Frontier,
    interval: u64,
) -> Result<StoredCheckpoint, SequenceError> {
    let name: KeyName = log.origin.parse().map_err(damaged)?;
    let signer = LogSigner::of_origin(name, &open.keyring().log_seed());
    let checkpoint =
        Checkpoint::new(&log.origin, frontier.size(), frontier.root()).map_err(damaged)?;
    Ok(StoredCheckpoint {
        size: frontier.size(),
        at_us: log.pace.boundary(interval),
        note: checkpoint.sign(&signer).to_string(),
    })
}

fn damaged(source: impl std::error::Error + Send + Sync + 'static) -> SequenceError {
    SequenceError::Damaged { source: Box::new(source) }
}

fn unreadable(error: TreeError<StoreError>) -> SequenceError {
    damaged(error)
}
