//! `cargo xtask soak`: the long checks at full length.
//!
//! Each check has a full length. What a run reaches is kept in a state file, so that a later run
//! goes on where this one stopped. A check that failed is tried again.

use crate::fuzz::Fuzzers;
use crate::say;
use crate::workspace::{cache, root};
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Full length of a fuzz target.
const FUZZ_SECONDS: u64 = 3_600;
/// How long a fuzz target runs before its progress is kept and the next one has its turn.
const SLICE_SECONDS: u64 = 30;
/// Full length of the property tests: rounds, each with another seed.
const PROPERTY_ROUNDS: u64 = 20;
/// Cases of each property in a round; an ordinary run has 256.
const PROPERTY_CASES: &str = "10000";

/// Full length of the crash tests: kills, on each kind of store.
const KILLS: u64 = 500;
/// Kills in a turn; as many as one store is killed before the next is begun.
const KILLS_IN_A_TURN: u64 = 25;

/// Full length of the tests of worlds that differ in what is hidden: pairs of worlds.
const WORLDS: u64 = 10_000;
/// Pairs of worlds in a turn.
const WORLDS_IN_A_TURN: u64 = 1_000;

/// How long to go on.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Begin nothing more after so many minutes; the next run goes on from there. A turn that was
    /// begun is finished: of a fuzz target half a minute, of the tests some minutes
    #[arg(long)]
    minutes: Option<u64>,
    /// Forget what earlier runs reached
    #[arg(long)]
    fresh: bool,
    /// Only checks whose name begins so, like `crashes` or `fuzz events`
    #[arg(long, value_name = "CHECK")]
    only: Option<String>,
}

/// What earlier runs reached.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    checks: BTreeMap<String, Reached>,
}

/// How far one check has come.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Reached {
    /// Of its full length, in its own unit.
    done: u64,
    /// What went wrong, when it did.
    failure: Option<String>,
}

/// A check that takes long.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Check {
    /// One fuzz target; length in seconds.
    Fuzz(String),
    /// The property tests of one package with more cases; length in rounds.
    Properties(String),
    /// Processes and servers that are killed while they write, full disks, damaged files; length in
    /// kills.
    Crashes,
    /// Worlds that differ only in what a reader may not read; length in pairs of worlds.
    Worlds,
    /// Tests that an ordinary run leaves out because they take long; length 1.
    IgnoredTests,
}

impl Check {
    fn name(&self) -> String {
        match self {
            Self::Fuzz(target) => format!("fuzz {target}"),
            Self::Properties(package) => format!("properties {package}"),
            Self::Crashes => "crashes".to_owned(),
            Self::Worlds => "worlds".to_owned(),
            Self::IgnoredTests => "long tests".to_owned(),
        }
    }

    fn full(&self) -> (u64, &'static str) {
        match self {
            Self::Fuzz(_) => (FUZZ_SECONDS, "s"),
            Self::Properties(_) => (PROPERTY_ROUNDS, "rounds"),
            Self::Crashes => (KILLS, "kills"),
            Self::Worlds => (WORLDS, "worlds"),
            Self::IgnoredTests => (1, "round"),
        }
    }

    /// How much of the length one turn covers.
    fn turn(&self, left: Duration) -> u64 {
        match self {
            Self::Fuzz(_) => SLICE_SECONDS.min(left.as_secs().max(5)),
            Self::Properties(_) | Self::IgnoredTests => 1,
            Self::Crashes => KILLS_IN_A_TURN,
            Self::Worlds => WORLDS_IN_A_TURN,
        }
    }
}

/// Runs the checks in turns until all are done or the time is up, and prints how far each is.
pub(crate) fn run(args: &Args) -> Result<()> {
    let only = args.only.as_deref().unwrap_or_default();
    let mut checks = vec![Check::Crashes, Check::Worlds, Check::IgnoredTests];
    checks.extend(with_properties()?.into_iter().map(Check::Properties));
    // They take minutes to build.
    let fuzzers = if only.is_empty() || only.starts_with("fuzz") {
        say("building the fuzz targets")?;
        Fuzzers::build()?
    } else {
        Fuzzers::default()
    };
    checks.extend(fuzzers.names.iter().cloned().map(Check::Fuzz));
    checks.retain(|check| check.name().starts_with(only));
    anyhow::ensure!(!checks.is_empty(), "there is no check whose name begins with `{only}`");
    let path = state_path();
    let mut state = if args.fresh { State::default() } else { read(&path)? };
    for reached in state.checks.values_mut() {
        reached.failure = None;
    }
    let started = Instant::now();
    let budget = args.minutes.map_or(Duration::MAX, |m| Duration::from_secs(m.saturating_mul(60)));
    while let Some(check) = next(&checks, &state) {
        let left = budget.saturating_sub(started.elapsed());
        if left.is_zero() {
            break;
        }
        let reached = state.checks.entry(check.name()).or_default();
        let turn = check.turn(left).min(check.full().0.saturating_sub(reached.done));
        let (full, unit) = check.full();
        say(&format!("{}: from {} of {full} {unit}, {turn} more", check.name(), reached.done))?;
        match take_turn(check, turn, reached.done, &fuzzers) {
            Ok(()) => reached.done = reached.done.saturating_add(turn),
            Err(error) => reached.failure = Some(format!("{error:#}")),
        }
        write(&path, &state)?;
    }
    say(&table(&checks, &state))?;
    let failed = state.checks.values().filter_map(|reached| reached.failure.as_deref());
    let failed: Vec<&str> = failed.collect();
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

/// The check that is behind the others, of those neither done nor failed.
fn next<'a>(checks: &'a [Check], state: &State) -> Option<&'a Check> {
    let permille = |check: &Check| {
        let done = state.checks.get(&check.name()).map_or(0, |reached| reached.done);
        done.saturating_mul(1_000) / check.full().0
    };
    checks
        .iter()
        .filter(|check| {
            permille(check) < 1_000
                && state.checks.get(&check.name()).is_none_or(|reached| reached.failure.is_none())
        })
        .min_by_key(|check| permille(check))
}

fn take_turn(check: &Check, turn: u64, done: u64, fuzzers: &Fuzzers) -> Result<()> {
    // A seed for each turn: going on must not go over the same ground again.
    let seed = done.saturating_add(2);
    match check {
        Check::Fuzz(target) => fuzzers.run(target, turn, u32::try_from(seed).unwrap_or(0)),
        Check::Properties(package) => test(
            &["--package", package, "--lib", "--bins", "--tests"],
            &["--skip", "nothing_acknowledged"],
            &[("PROPTEST_CASES", PROPERTY_CASES), ("PROPTEST_RNG_SEED", &seed.to_string())],
        ),
        Check::Crashes => test(
            &["--package", "portcullis-store", "--test", "crash"],
            &[],
            &[
                ("PORTCULLIS_KILLS", &turn.to_string()),
                ("PORTCULLIS_CRASH_SEED", &seed.to_string()),
            ],
        ),
        Check::Worlds => test(
            &["--package", "portcullis-node", "--bin", "portcullis"],
            &["worlds_that_differ_in_what_is_hidden"],
            &[
                ("PORTCULLIS_WORLDS", &turn.to_string()),
                ("PORTCULLIS_WORLDS_SEED", &seed.to_string()),
            ],
        ),
        Check::IgnoredTests => {
            test(&["--workspace", "--lib", "--bins", "--tests"], &["--ignored"], &[])
        }
    }
}

/// Runs tests, built to be fast and to notice what overflows.
fn test(what: &[&str], arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--quiet", "--profile", "soak", "--locked"])
        .args(what)
        .arg("--")
        .args(arguments)
        .current_dir(root())
        .envs(variables.iter().copied())
        .status()?;
    if !status.success() {
        let variables: Vec<String> =
            variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        bail!("tests failed: {} {}", variables.join(" "), what.join(" "));
    }
    Ok(())
}

/// The packages that have property tests, as those say which they depend on.
fn with_properties() -> Result<Vec<String>> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(root().join("crates"))? {
        let folder = entry?.path();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let name = folder.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.filter(|_| manifest.contains("\nproptest.workspace")) {
            packages.push(format!("portcullis-{name}"));
        }
    }
    packages.sort();
    Ok(packages)
}

fn table(checks: &[Check], state: &State) -> String {
    let mut lines = vec![String::new(), format!("{:<28}{:>16}  result", "check", "reached")];
    let (mut passed, mut failed) = (0, 0);
    for check in checks {
        let reached = state.checks.get(&check.name()).cloned().unwrap_or_default();
        let (full, unit) = check.full();
        let result = match (&reached.failure, reached.done >= full) {
            (Some(_), _) => {
                failed += 1;
                "FAILED"
            }
            (None, true) => {
                passed += 1;
                "passed"
            }
            (None, false) => "not yet through; run again to go on",
        };
        let progress = format!("{}/{full} {unit}", reached.done);
        lines.push(format!("{:<28}{progress:>16}  {result}", check.name()));
    }
    let open = checks.len() - passed - failed;
    lines.push(format!("{passed} passed, {failed} failed, {open} to go on with"));
    lines.join("\n")
}

fn state_path() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| cache().join("target"), PathBuf::from)
        .join("soak.json")
}

fn read(path: &PathBuf) -> Result<State> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged; use --fresh", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(State::default()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Replaces the file as a whole, so that a run cut short leaves the last state readable.
fn write(path: &PathBuf, state: &State) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_extension("new");
    fs::write(&new, serde_json::to_string_pretty(state)?)?;
    Ok(fs::rename(&new, path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(list: &[(&str, u64, bool)]) -> State {
        let reached =
            |done, failed: bool| Reached { done, failure: failed.then(|| "it broke".to_owned()) };
        State { checks: list.iter().map(|&(n, d, f)| (n.to_owned(), reached(d, f))).collect() }
    }

    fn checks() -> Vec<Check> {
        vec![Check::Crashes, Check::Fuzz("a".to_owned()), Check::Fuzz("b".to_owned())]
    }

    #[test]
    fn the_check_that_is_behind_has_its_turn() {
        let checks = checks();
        assert_eq!(next(&checks, &State::default()), checks.first());
        let later =
            state(&[("crashes", 250, false), ("fuzz a", 1_900, false), ("fuzz b", 30, false)]);
        assert_eq!(next(&checks, &later), checks.get(2));
    }

    #[test]
    fn a_check_that_is_through_or_failed_has_no_turn() {
        let done =
            state(&[("crashes", 500, false), ("fuzz a", 3_600, false), ("fuzz b", 120, true)]);
        assert_eq!(next(&checks(), &done), None);
        let table = table(&checks(), &done);
        assert!(table.ends_with("2 passed, 1 failed, 0 to go on with"), "{table}");
    }

    #[test]
    fn packages_with_property_tests_are_found_by_what_they_depend_on() {
        let packages = with_properties().unwrap();
        assert!(packages.contains(&"portcullis-audit".to_owned()), "{packages:?}");
        assert!(!packages.contains(&"portcullis-testkit".to_owned()), "{packages:?}");
    }

    #[test]
    fn what_was_reached_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("soak.json");
        assert!(read(&path).unwrap().checks.is_empty());
        write(&path, &state(&[("fuzz a", 240, false)])).unwrap();
        assert_eq!(read(&path).unwrap().checks.get("fuzz a").unwrap().done, 240);
        fs::write(&path, "{").unwrap();
        assert!(read(&path).is_err());
    }
}
