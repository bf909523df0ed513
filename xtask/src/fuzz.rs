//! Builds the fuzz targets and runs them.
//!
//! Works on stable Rust without further tools: the flags are those that `cargo fuzz` gives, without
//! a sanitizer, which our code does without because it forbids `unsafe`. `cargo fuzz run <target>`
//! works as well where it is installed.

use crate::workspace::{cache, root};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What the compiler must add so that libFuzzer sees which code an input reaches.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions -Coverflow-checks --cfg fuzzing";

/// How to run the targets.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seconds for each target
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Seed, so that a run can be repeated; 0 draws one
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Only this target
    #[arg(long)]
    target: Option<String>,
}

/// Built targets; none by default.
#[derive(Debug, Default)]
pub(crate) struct Fuzzers {
    folder: PathBuf,
    /// Names of the targets, in order.
    pub(crate) names: Vec<String>,
}

/// Builds and runs.
pub(crate) fn run(args: &Args) -> Result<()> {
    let fuzzers = Fuzzers::build()?;
    let wanted = |name: &&String| args.target.as_ref().is_none_or(|target| target == *name);
    let names: Vec<&String> = fuzzers.names.iter().filter(wanted).collect();
    anyhow::ensure!(!names.is_empty(), "there is no such fuzz target");
    // As many at a time as there are cores: a target uses one.
    let next = AtomicUsize::new(0);
    let turns = || {
        let mut failed = Vec::new();
        while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = fuzzers.run(name, args.seconds, args.seed) {
                failed.push(format!("{error:#}"));
            }
        }
        failed
    };
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let failed: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(turns)).collect();
        let died = |_| vec!["a thread that runs fuzz targets died".to_owned()];
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(died)).collect()
    });
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

impl Fuzzers {
    /// Builds all targets in a folder outside the checkout.
    pub(crate) fn build() -> Result<Self> {
        let host = host()?;
        let target = cache().join("fuzz-target");
        let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--release", "--locked", "--bins", "--target", &host])
            .arg("--manifest-path")
            .arg(root().join("fuzz/Cargo.toml"))
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTFLAGS", COVERAGE)
            .status()?;
        if !status.success() {
            bail!("the fuzz targets do not build");
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(root().join("fuzz/fuzz_targets"))? {
            let path = entry?.path();
            if let Some(name) = path.file_stem().and_then(|n| n.to_str()) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(Self { folder: target.join(host).join("release"), names })
    }

    /// Runs one target for a while, beginning with its seeds and what earlier runs found.
    pub(crate) fn run(&self, name: &str, seconds: u64, seed: u32) -> Result<()> {
        let corpus = cache().join("fuzz-corpus").join(name);
        let artifacts = root().join("fuzz/artifacts").join(name);
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&artifacts)?;
        let output = Command::new(self.folder.join(name))
            .arg(&corpus)
            .arg(seeds(name))
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-seed={seed}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .args(["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"])
            .output()
            .with_context(|| format!("cannot run the fuzz target {name}"))?;
        let printed = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let tail: Vec<&str> = printed.lines().rev().take(30).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            bail!("fuzz target {name} failed:\n{}", tail.join("\n"));
        }
        let executed = printed
            .lines()
            .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
            .unwrap_or(" ?");
        crate::say(&format!("fuzz {name}: {} inputs in {seconds} s", executed.trim()))
    }
}

fn seeds(name: &str) -> PathBuf {
    Path::new(&root()).join("fuzz/seeds").join(name)
}

/// The triple of this machine: with it named, build scripts are built without the flags.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    String::from_utf8(output.stdout)?
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .context("rustc does not say what machine it is for")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fuzz_target_is_declared_and_has_seeds() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        let targets = fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap();
        let mut count = 0;
        for entry in targets {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not declared");
            let seeds = fs::read_dir(seeds(name)).map_or(0, Iterator::count);
            assert!(seeds > 0, "{name} has no seeds");
            count += 1;
        }
        assert_eq!(manifest.matches("[[bin]]").count(), count);
    }

    #[test]
    fn every_format_has_a_fuzz_target() {
        let targets = fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap();
        let code: String =
            targets.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
        for format in portcullis_ingest::ListFormat::ALL {
            assert!(code.contains(&format!("ListFormat::{format:?},")), "{format:?}");
        }
        for format in ["Csv", "Tsv", "Xlsx", "FollowTheMoney"] {
            assert!(code.contains(&format!("PeopleFormat::{format},")), "{format}");
        }
    }
}
