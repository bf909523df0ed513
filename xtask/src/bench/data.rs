//! Reading the labelled sets: JSON lines, plain or compressed.

use anyhow::{Context as _, Result, bail};
use portcullis_ingest::read_entity;
use portcullis_types::{Dossier, Origin};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder of sets: `list.jsonl.zst`, `pairs_*.jsonl.zst`, `queries_*.jsonl.zst`, or the same
/// without `.zst`.
#[derive(Debug)]
pub(crate) struct Sets {
    /// The list that queries are screened against.
    pub(crate) list: Option<PathBuf>,
    /// Labelled pairs.
    pub(crate) pairs: Vec<PathBuf>,
    /// Queries with the ids they should find.
    pub(crate) queries: Vec<PathBuf>,
}

/// Two entities and whether they are the same.
#[derive(Debug)]
pub(crate) struct LabelledPair {
    /// One side; `None` when it cannot be read.
    pub(crate) query: Option<Dossier>,
    /// The other side.
    pub(crate) record: Option<Dossier>,
    /// The label.
    pub(crate) is_match: bool,
    /// What kind of pair, where the set says so.
    pub(crate) category: Option<String>,
}

/// An entity to screen, and what should be found.
#[derive(Debug)]
pub(crate) struct LabelledQuery {
    /// Whom to screen; `None` when it cannot be read.
    pub(crate) query: Option<Dossier>,
    /// Ids of which at least one should be found; empty means that nothing should.
    pub(crate) expected: BTreeSet<String>,
}

#[derive(Deserialize)]
struct PairLine {
    query: Value,
    candidate: Value,
    #[serde(rename = "match")]
    is_match: bool,
    category: Option<String>,
}

#[derive(Deserialize)]
struct QueryLine {
    query: Value,
    expected: Vec<String>,
}

impl Sets {
    /// Finds the sets in a folder, or in its `screening` subfolder.
    pub(crate) fn find(folder: &Path) -> Result<Self> {
        let inner = folder.join("screening");
        let folder = if inner.is_dir() { inner } else { folder.to_owned() };
        let mut sets = Self { list: None, pairs: Vec::new(), queries: Vec::new() };
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let file = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let plain = file.strip_suffix(".zst").unwrap_or(file);
            if plain.strip_suffix(".jsonl").is_none() {
                continue;
            }
            match name(&path).split_once('_') {
                Some(("pairs", _)) => sets.pairs.push(path),
                Some(("queries", _)) => sets.queries.push(path),
                None if name(&path) == "list" => sets.list = Some(path),
                _ => {}
            }
        }
        sets.pairs.sort();
        sets.queries.sort();
        if sets.pairs.is_empty() && sets.queries.is_empty() {
            bail!("no pairs_*.jsonl[.zst] or queries_*.jsonl[.zst] in {}", folder.display());
        }
        Ok(sets)
    }
}

/// The file's name without its endings.
pub(crate) fn name(path: &Path) -> &str {
    let file = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    file.strip_suffix(".zst").unwrap_or(file).strip_suffix(".jsonl").unwrap_or(file)
}

/// Opens a file, decompressing it when it ends in `.zst`.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    if path.extension().is_some_and(|e| e == "zst") {
        Ok(Box::new(zstd::Decoder::new(file)?))
    } else {
        Ok(Box::new(file))
    }
}

fn lines<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for (i, line) in BufReader::new(open(path)?).lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            let value = serde_json::from_str(&line)
                .with_context(|| format!("line {} of {}", i + 1, path.display()))?;
            all.push(value);
        }
    }
    Ok(all)
}

fn origin(source: &str) -> Result<Arc<Origin>> {
    Ok(Arc::new(Origin {
        source: source.parse()?,
        version: "bench".parse()?,
        recorded_at: "2026-01-01T00:00:00Z".parse()?,
        controller: "bench".parse()?,
    }))
}

fn entity(value: &Value, row: usize, origin: &Arc<Origin>) -> Option<Dossier> {
    read_entity(value, row as u64, origin).ok()
}

/// Reads a list; also says how many lines could not be read.
pub(crate) fn read_list(path: &Path) -> Result<(Vec<Dossier>, usize)> {
    let origin = origin("bench-list")?;
    let lines: Vec<Value> = lines(path)?;
    let total = lines.len();
    let dossiers: Vec<_> =
        lines.iter().enumerate().filter_map(|(i, v)| entity(v, i + 1, &origin)).collect();
    let unreadable = total - dossiers.len();
    Ok((dossiers, unreadable))
}

/// Reads labelled pairs.
pub(crate) fn read_pairs(path: &Path) -> Result<Vec<LabelledPair>> {
    let (left, right) = (origin("bench-queries")?, origin("bench-list")?);
    let lines: Vec<PairLine> = lines(path)?;
    let pair = |(i, line): (usize, PairLine)| LabelledPair {
        query: entity(&line.query, i + 1, &left),
        record: entity(&line.candidate, i + 1, &right),
        is_match: line.is_match,
        category: line.category,
    };
    Ok(lines.into_iter().enumerate().map(pair).collect())
}

/// Reads labelled queries.
pub(crate) fn read_queries(path: &Path) -> Result<Vec<LabelledQuery>> {
    let origin = origin("bench-queries")?;
    let lines: Vec<QueryLine> = lines(path)?;
    let query = |(i, line): (usize, QueryLine)| LabelledQuery {
        query: entity(&line.query, i + 1, &origin),
        expected: line.expected.into_iter().collect(),
    };
    Ok(lines.into_iter().enumerate().map(query).collect())
}
