//! `cargo xtask bench log`: what a leaf costs, on a store that grows.

use crate::say;
use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use portcullis_audit::{Tree, verify_inclusion};
use portcullis_decide::{OpenedLog, open_log, raise};
use portcullis_keys::Unlock;
use portcullis_store::{Database, KeyringPlace, Sequencer, StoreError, TransactionName};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Actor, JobName, OrganisationId, Purpose};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// What to measure.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Leaves in the log at which to measure, smallest first
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    sizes: Vec<u64>,
    /// Seconds of single commits at each size, half of them by `SQLite` alone
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Folder for the store; its disk is what is measured
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// Leaves in one transaction, when many are written together.
const BATCH: u64 = 10_000;

/// Single commits in a row, of ours and of `SQLite` alone in turn.
const SLICE: u32 = 50;

/// Leaves that an interval takes.
const PER_INTERVAL: u32 = 10_240;

/// Seconds of an interval.
const INTERVAL_S: u32 = 60;

/// Proofs to make and to verify at each size.
const PROOFS: u64 = 2_000;

/// What was measured at one size.
struct Figures {
    size: u64,
    batched: f64,
    sequenced: f64,
    single: f64,
    bare: f64,
    prove_us: f64,
    verify_us: f64,
    bytes_per_leaf: f64,
}

/// Measures, and prints a table.
pub(crate) fn run(args: &Args) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = args.folder.as_deref().unwrap_or(temporary.path());
    let mut bench = Bench::new(folder)?;
    let mut rows = Vec::new();
    for size in &args.sizes {
        say(&format!("to {size} leaves"))?;
        rows.push(bench.at(*size, Duration::from_secs(args.seconds))?);
    }
    say(
        "| leaves | batched/s | sequenced/s | single/s | SQLite alone/s | ratio | prove µs | verify µs | bytes/leaf |",
    )?;
    say("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")?;
    for f in rows {
        say(&format!(
            "| {} | {:.0} | {:.0} | {:.0} | {:.0} | {:.2} | {:.0} | {:.1} | {:.0} |",
            f.size,
            f.batched,
            f.sequenced,
            f.single,
            f.bare,
            f.single / f.bare,
            f.prove_us,
            f.verify_us,
            f.bytes_per_leaf
        ))?;
    }
    Ok(())
}

struct Bench {
    path: PathBuf,
    database: Database,
    bare: Connection,
    sequencer: Sequencer,
    organisation: OrganisationId,
    clock: MockClock,
    rng: SeededRng,
    intervals: u64,
    written: u64,
}

const START_US: u64 = 1_740_830_400_000_000;

impl Bench {
    fn new(folder: &Path) -> Result<Self> {
        let path = folder.join("portcullis.db");
        let keyring =
            KeyringPlace::new(folder.join("keyring"), Unlock::KeyFile(Zeroizing::new([7; 32])));
        let mut database = Database::open_sqlite(&path, keyring, Box::new(SeededRng::new(1)))?;
        let organisation = OrganisationId::new("own")?;
        let (clock, mut rng) = (MockClock::default(), SeededRng::new(2));
        let opened = OpenedLog {
            organisation: organisation.clone(),
            origin: "bench.example/log".to_owned(),
            start_us: START_US,
            interval_s: INTERVAL_S,
            per_interval: PER_INTERVAL,
            link: None,
        };
        let actor = Actor::Job(JobName::new("bench")?);
        let change = open_log(&clock, &mut rng, actor, opened)?;
        database.write::<_, StoreError>(TransactionName("bench"), |w| w.open_log(&change))?;
        let sequencer = Sequencer::new(organisation.clone(), &mut rng);
        let bare = Connection::open(folder.join("bare.db"))?;
        bare.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
             CREATE TABLE row (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
        )?;
        Ok(Self {
            path,
            database,
            bare,
            sequencer,
            organisation,
            clock,
            rng,
            intervals: 0,
            written: 1,
        })
    }

    fn at(&mut self, size: u64, budget: Duration) -> Result<Figures> {
        let missing = size.saturating_sub(self.written);
        let started = Instant::now();
        for _ in 0..missing / BATCH {
            self.write(BATCH)?;
        }
        self.write(missing % BATCH)?;
        let batched = rate(missing, started.elapsed());
        let started = Instant::now();
        let sequenced = self.sequence()?;
        let sequenced = rate(sequenced, started.elapsed());
        let (single, bare) = self.single(budget)?;
        let (prove_us, verify_us) = self.prove()?;
        let bytes = std::fs::metadata(&self.path)?.len();
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let bytes_per_leaf = bytes as f64 / self.written as f64;
        Ok(Figures { size, batched, sequenced, single, bare, prove_us, verify_us, bytes_per_leaf })
    }

    fn write(&mut self, leaves: u64) -> Result<()> {
        let (clock, rng, organisation) = (&self.clock, &mut self.rng, &self.organisation);
        let changes = (0..leaves)
            .map(|_| raise(clock, rng, organisation.clone(), Purpose::ScreenDonor, Vec::new()))
            .collect::<Result<Vec<_>, _>>()?;
        self.database.write::<_, StoreError>(TransactionName("bench"), |w| {
            changes.iter().try_for_each(|change| w.put_raised(change))
        })?;
        self.written = self.written.saturating_add(leaves);
        Ok(())
    }

    /// Puts everything that waits into the log.
    fn sequence(&mut self) -> Result<u64> {
        let mut real = 0_u64;
        loop {
            self.intervals = self.intervals.saturating_add(1);
            let now = START_US
                .saturating_add(self.intervals.saturating_mul(u64::from(INTERVAL_S) * 1_000_000));
            let done = self.sequencer.attend(&mut self.database, now)?;
            real = real.saturating_add(done.real);
            if done.waiting == 0 {
                return Ok(real);
            }
        }
    }

    /// Commits of one leaf, and of one row by `SQLite` alone, in turn.
    fn single(&mut self, budget: Duration) -> Result<(f64, f64)> {
        let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
        let (mut commits, row) = (0_u64, [7_u8; 400]);
        while ours.saturating_add(theirs) < budget {
            let started = Instant::now();
            for _ in 0..SLICE {
                self.write(1)?;
            }
            ours = ours.saturating_add(started.elapsed());
            let started = Instant::now();
            for _ in 0..SLICE {
                self.bare.execute("INSERT INTO row (bytes) VALUES (?1)", [&row[..]])?;
            }
            theirs = theirs.saturating_add(started.elapsed());
            commits = commits.saturating_add(u64::from(SLICE));
        }
        Ok((rate(commits, ours), rate(commits, theirs)))
    }

    /// Microseconds to make a proof of a leaf out of the stored tiles, and to verify one.
    fn prove(&mut self) -> Result<(f64, f64)> {
        self.database.read_logs(&self.organisation, |logs| {
            let log = logs.current()?.context("no log")?;
            let size = logs.size(&log)?;
            let tiles = logs.tiles(&log);
            let mut tree = Tree::new(&tiles, size);
            let root = tree.root()?;
            let step = usize::try_from((size / PROOFS).max(1))?;
            let indexes: Vec<u64> = (0..size).step_by(step).collect();
            let started = Instant::now();
            let mut proofs = Vec::new();
            for index in indexes {
                proofs.push((index, tree.leaf(index)?, tree.inclusion(index)?));
            }
            let proving = started.elapsed();
            let started = Instant::now();
            for (index, leaf, proof) in &proofs {
                verify_inclusion(leaf, *index, size, proof, &root)?;
            }
            let verifying = started.elapsed();
            Ok((each_us(proofs.len(), proving), each_us(proofs.len(), verifying)))
        })
    }
}

/// Microseconds that each of so many took.
fn each_us(count: usize, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let count = count.max(1) as f64;
    took.as_secs_f64() * 1e6 / count
}

fn rate(count: u64, took: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let count = count as f64;
    count / took.as_secs_f64().max(1e-9)
}
