//! Running the peers' scripts on the same sets, and reading what they print.

use super::data::{name, open};
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the peers' environment needs from the Python package index.
const PACKAGES: [&str; 4] = ["nomenklatura", "followthemoney", "rigour", "rapidfuzz"];

/// The peer's own default threshold, at which it is quoted.
const THRESHOLD: &str = "0.7";

/// What the peer printed of one set of pairs.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PeerPairs {
    /// At its default threshold.
    pub(crate) default: PeerCounts,
    /// Average precision.
    #[serde(rename = "ap")]
    pub(crate) average_precision: f64,
    /// Comparisons per second of processor time.
    #[serde(rename = "cmp_per_s")]
    pub(crate) per_cpu_second: f64,
}

/// Counts of the peer at a threshold.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct PeerCounts {
    tp: u32,
    fp: u32,
    #[serde(rename = "fn")]
    missed: u32,
    /// F1.
    pub(crate) f1: f64,
}

impl PeerCounts {
    /// Precision, from the counts rather than from the rounded figure.
    pub(crate) fn precision(self) -> f64 {
        super::metrics::share(self.tp, self.tp + self.fp)
    }

    /// Recall, likewise.
    pub(crate) fn recall(self) -> f64 {
        super::metrics::share(self.tp, self.tp + self.missed)
    }
}

/// What the peer printed of one set of queries.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PeerQueries {
    /// Share of queries flagged.
    pub(crate) flagged: f64,
    /// Alerts per query.
    pub(crate) alerts_per_query: f64,
    /// Queries per second of processor time.
    pub(crate) queries_per_cpu_s: f64,
    /// Milliseconds of processor time: median.
    pub(crate) cpu_ms_p50: f64,
    /// 95th percentile.
    pub(crate) cpu_ms_p95: f64,
    /// 99th percentile.
    pub(crate) cpu_ms_p99: f64,
    /// Share of the expected found.
    pub(crate) hit_recall: Option<f64>,
    /// Share of the expected retrieved.
    pub(crate) candidate_recall: Option<f64>,
    /// Peak memory.
    pub(crate) rss_mb: f64,
}

/// All that the peer printed, by set.
#[derive(Debug, Default)]
pub(crate) struct PeerFigures {
    /// Sets of pairs.
    pub(crate) pairs: BTreeMap<String, PeerPairs>,
    /// Sets of queries.
    pub(crate) queries: BTreeMap<String, PeerQueries>,
    /// Seconds of processor time to load and index the list.
    pub(crate) load_seconds: Option<f64>,
}

impl PeerFigures {
    /// Reads the JSON lines that the scripts print; lines of other kinds are passed over.
    pub(crate) fn read(&mut self, printed: &str) -> Result<()> {
        for line in printed.lines().filter(|l| l.starts_with('{')) {
            let value: serde_json::Value = serde_json::from_str(line)?;
            let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
            if let Some(file) = text("queries") {
                let set = name(Path::new(file)).to_owned();
                self.queries.insert(set, serde_json::from_value(value)?);
            } else if let Some(file) = text("file") {
                let set = name(Path::new(file)).to_owned();
                self.pairs.insert(set, serde_json::from_value(value)?);
            } else {
                let number = |key: &str| value.get(key).and_then(serde_json::Value::as_f64);
                self.load_seconds =
                    number("load_cpu_s").zip(number("index_build_cpu_s")).map(|(a, b)| a + b);
            }
        }
        Ok(())
    }

    /// Reads what an earlier run kept in a folder.
    pub(crate) fn from_folder(folder: &Path) -> Result<Self> {
        let mut figures = Self::default();
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "json") {
                figures.read(&fs::read_to_string(&path)?)?;
            }
        }
        if figures.pairs.is_empty() && figures.queries.is_empty() {
            bail!("{} holds no figures of a peer", folder.display());
        }
        Ok(figures)
    }
}

/// The scripts, the environment they run in and where they write.
#[derive(Debug)]
pub(crate) struct Peer {
    python: PathBuf,
    scripts: PathBuf,
    unpacked: PathBuf,
    kept: PathBuf,
}

impl Peer {
    /// Makes the environment when it is not there yet. `data` is the folder with `peers` in it.
    pub(crate) fn prepare(data: &Path, cache: &Path) -> Result<Self> {
        let scripts = [data.join("peers"), data.join("../peers")]
            .into_iter()
            .find(|folder| folder.is_dir())
            .with_context(|| format!("no folder `peers` in or beside {}", data.display()))?
            .canonicalize()?;
        let environment = cache.join("peer-venv");
        let python = environment.join("bin/python");
        if !runs(Command::new(&python).args(["-c", "import nomenklatura, rigour, rapidfuzz"])) {
            run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
            let pip = || {
                let mut command = Command::new(&python);
                command.args(["-m", "pip", "install", "--quiet"]);
                command
            };
            run(pip().args(PACKAGES))?;
            // Only some versions of the packages use it, and it needs libicu-dev to build.
            runs(pip().arg("PyICU"));
        }
        let (unpacked, kept) = (cache.join("peer-data"), cache.join("peer-figures"));
        fs::create_dir_all(&unpacked)?;
        fs::create_dir_all(&kept)?;
        Ok(Self { python, scripts, unpacked, kept })
    }

    /// Scores a set of pairs.
    pub(crate) fn pairs(&self, set: &Path, figures: &mut PeerFigures) -> Result<()> {
        let mut command = self.script("peer_nomenklatura_pairs.py");
        command.arg(self.unpack(set)?);
        command.args(["-a", "logic-v2", "-t", THRESHOLD, "--runs", "2", "--out"]);
        command.arg(self.kept.join(format!("{}.csv", name(set))));
        self.read(command, name(set), figures)
    }

    /// Screens sets of queries against the list.
    pub(crate) fn queries(
        &self,
        list: &Path,
        sets: &[PathBuf],
        figures: &mut PeerFigures,
    ) -> Result<()> {
        let mut command = self.script("peer_nomenklatura_screen.py");
        command.arg(self.unpack(list)?);
        for set in sets {
            command.arg(self.unpack(set)?);
        }
        command.args(["-t", THRESHOLD]);
        self.read(command, "screen", figures)
    }

    fn script(&self, file: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(self.scripts.join(file));
        command
    }

    fn unpack(&self, set: &Path) -> Result<PathBuf> {
        let to = self.unpacked.join(format!("{}.jsonl", name(set)));
        std::io::copy(&mut open(set)?, &mut File::create(&to)?)?;
        Ok(to)
    }

    fn read(&self, mut command: Command, keep: &str, figures: &mut PeerFigures) -> Result<()> {
        let output = command.output().with_context(|| format!("{command:?}"))?;
        if !output.status.success() {
            bail!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        let printed = String::from_utf8(output.stdout)?;
        fs::write(self.kept.join(format!("{keep}.json")), &printed)?;
        figures.read(&printed)
    }
}

fn runs(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_scripts_print_is_read_by_set() {
        let printed = r#"{"list": "x/list.jsonl", "n": 3, "load_cpu_s": 1.5, "index": "token", "index_build_cpu_s": 2.5, "rss_mb": 9}
{"queries": "x/queries_a.jsonl", "n": 4, "flagged": 0.25, "alerts_per_query": 0.5, "cpu_ms_p50": 1.0, "cpu_ms_p95": 2.0, "cpu_ms_p99": 3.0, "queries_per_cpu_s": 40.0, "rss_mb": 10}
no json
{"file": "x/pairs_b.jsonl", "default": {"tp": 3, "fp": 1, "fn": 2, "tn": 4, "f1": 0.6667}, "ap": 0.9, "cmp_per_s": 100}"#;
        let mut figures = PeerFigures::default();
        figures.read(printed).unwrap();
        assert_eq!(figures.load_seconds, Some(4.0));
        assert!(figures.queries.contains_key("queries_a"));
        let pairs = figures.pairs.get("pairs_b").unwrap();
        assert!((pairs.default.precision() - 0.75).abs() < 1e-9);
        assert!((pairs.default.recall() - 0.6).abs() < 1e-9);
    }
}
