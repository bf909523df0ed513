//! `cargo xtask bench screening`: how good and how fast screening is, on labelled sets.

mod data;
pub(crate) mod likeness;
pub(crate) mod log;
mod metrics;
mod peer;
mod run;
pub(crate) mod serve;
mod table;

use crate::workspace::root;
use anyhow::{Context as _, Result};
use cpu_time::ThreadTime;
use peer::{Peer, PeerFigures};
use portcullis_matching::{Index, Settings};
use portcullis_types::Score;
use run::{PairFigures, QueryFigures};
use serde::Serialize;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder with `list.jsonl.zst`, `pairs_*.jsonl.zst` and `queries_*.jsonl.zst` (or the same
    /// without `.zst`), or with a subfolder `screening` that holds them
    #[arg(long, default_value = "../shared/bench")]
    data: PathBuf,
    /// Only the sets whose name holds this text
    #[arg(long)]
    only: Option<String>,
    /// Run the peer's scripts too, in the folder `peers` of the data, and print both side by side
    #[arg(long)]
    peer: bool,
    /// Take the peer's figures from the JSON files of an earlier run instead
    #[arg(long, value_name = "DIR", conflicts_with = "peer")]
    peer_from: Option<PathBuf>,
    /// Alert from this score up
    #[arg(long)]
    threshold: Option<f64>,
    /// Probability of a match before any evidence
    #[arg(long)]
    prior: Option<f64>,
    /// Write the figures as JSON too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Everything measured of Portcullis.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    threshold: f64,
    prior: f64,
    candidates: usize,
    pairs: Vec<PairFigures>,
    list: Option<ListFigures>,
    queries: Vec<QueryFigures>,
}

/// Figures of reading and compiling the list; seconds are processor time of one thread.
#[derive(Debug, Serialize)]
pub(crate) struct ListFigures {
    entries: usize,
    unreadable: usize,
    read_seconds: f64,
    compile_seconds: f64,
    compiled_mb: f64,
    load_seconds: f64,
    memory_mb: f64,
    peak_memory_mb: f64,
}

/// Runs the benchmark and prints its tables.
pub(crate) fn screening(args: &Args, cache: &Path) -> Result<()> {
    let folder = if args.data.is_dir() { args.data.clone() } else { root().join(&args.data) };
    let sets = data::Sets::find(&folder)?;
    let wanted =
        |path: &PathBuf| args.only.as_ref().is_none_or(|text| data::name(path).contains(text));
    let pair_sets: Vec<_> = sets.pairs.into_iter().filter(wanted).collect();
    let query_sets: Vec<_> = sets.queries.into_iter().filter(wanted).collect();
    let default = Settings::default();
    let settings = Settings {
        threshold: args.threshold.map_or(default.threshold, Score),
        prior: args.prior.map_or(default.prior, Score),
        ..default
    };
    let mut report = Report {
        threshold: settings.threshold.0,
        prior: settings.prior.0,
        candidates: settings.candidates,
        pairs: Vec::new(),
        list: None,
        queries: Vec::new(),
    };
    for path in &pair_sets {
        report.pairs.push(run::pairs(data::name(path), &data::read_pairs(path)?, &settings));
    }
    let list = if query_sets.is_empty() {
        None
    } else {
        Some(sets.list.context("queries need a list: no list.jsonl[.zst] stands beside them")?)
    };
    if let Some(path) = &list {
        let (index, figures) = load(path)?;
        report.list = Some(figures);
        for path in &query_sets {
            let queries = data::read_queries(path)?;
            report.queries.push(run::queries(data::name(path), &queries, &index, &settings));
        }
        if let Some(list) = &mut report.list {
            list.peak_memory_mb = memory_mb("VmHWM:");
        }
    }
    let peer = match &args.peer_from {
        Some(folder) => Some(PeerFigures::from_folder(folder)?),
        None if args.peer => {
            Some(run_peer(&folder, cache, &pair_sets, list.as_deref(), &query_sets)?)
        }
        None => None,
    };
    let mut out = std::io::stdout().lock();
    out.write_all(table::report(&report, peer.as_ref()).as_bytes())?;
    if let Some(path) = &args.json {
        std::fs::write(path, serde_json::to_string_pretty(&report)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Compiles the list, and loads it again from its compiled form, which is what then screens.
fn load(path: &Path) -> Result<(Index, ListFigures)> {
    let started = ThreadTime::now();
    let (dossiers, unreadable) = data::read_list(path)?;
    let read_seconds = started.elapsed().as_secs_f64();
    let entries = dossiers.len();
    let started = ThreadTime::now();
    let built = Index::build(dossiers);
    let compiled = built.to_bytes()?;
    let compile_seconds = started.elapsed().as_secs_f64();
    drop(built);
    let started = ThreadTime::now();
    let index = Index::from_bytes(&compiled)?;
    let load_seconds = started.elapsed().as_secs_f64();
    let compiled_mb = f64::from(metrics::count(compiled.len())) / 1e6;
    drop(compiled);
    let figures = ListFigures {
        entries,
        unreadable,
        read_seconds,
        compile_seconds,
        compiled_mb,
        load_seconds,
        memory_mb: memory_mb("VmRSS:"),
        peak_memory_mb: memory_mb("VmHWM:"),
    };
    Ok((index, figures))
}

fn run_peer(
    data: &Path,
    cache: &Path,
    pairs: &[PathBuf],
    list: Option<&Path>,
    queries: &[PathBuf],
) -> Result<PeerFigures> {
    let peer = Peer::prepare(data, cache)?;
    let mut figures = PeerFigures::default();
    for set in pairs {
        peer.pairs(set, &mut figures)?;
    }
    if let Some(list) = list {
        peer.queries(list, queries, &mut figures)?;
    }
    Ok(figures)
}

/// Memory of this process in megabytes, by its name in `/proc/self/status`; 0 where there is none.
fn memory_mb(name: &str) -> f64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        })
        .map_or(0.0, |kilobytes| kilobytes / 1024.0)
}
