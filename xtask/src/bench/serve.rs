//! `cargo xtask bench serve`: how fast a node answers, and from when on it doesn't keep up.
//!
//! The load is open: each request has its moment, whether those before it were answered or not, and its
//! time counts from that moment. A generator that waits for answers would hide the queue that it makes.

mod client;
mod load;
mod node;
mod queries;

use crate::say;
use crate::workspace::root;
use anyhow::{Context as _, Result, ensure};
use load::{Load, Outcome};
use node::Node;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A list as FollowTheMoney JSON lines (.zst, too); without one, people are invented
    #[arg(long, value_name = "FILE", default_value = "../shared/bench/screening/list.jsonl.zst")]
    list: PathBuf,
    /// How many people are invented where there is no list
    #[arg(long, default_value_t = 25_000)]
    people: usize,
    /// Requests in a second
    #[arg(long, default_value_t = 300)]
    rate: u32,
    /// For how many seconds
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Connections that are kept open
    #[arg(long, default_value_t = 200)]
    connections: usize,
    /// Rates to find the point at which the node no longer keeps up; none where none is named
    #[arg(long, value_delimiter = ',', num_args = 0.., default_value = "400,600,800,1000,1200,1600,2000,2400")]
    rising: Vec<u32>,
    /// Seconds at each of them
    #[arg(long, default_value_t = 10)]
    rising_seconds: u32,
    /// Fail when the 99th percentile is above so many milliseconds, or any request fails
    #[arg(long, value_name = "MS")]
    most_p99_ms: Option<f64>,
    /// The program, when it is built already
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Where the random choice of queries begins
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the benchmark and prints its tables.
pub(crate) fn run(args: &Args) -> Result<()> {
    let program = match &args.program {
        Some(program) => program.clone(),
        None => build()?,
    };
    let folder = tempfile::tempdir()?;
    let (names, list) = queries::list(&root().join(&args.list), args.people, folder.path())?;
    say(&format!(
        "load of the machine before: {}",
        fs::read_to_string("/proc/loadavg").unwrap_or_default().trim()
    ))?;

    let empty = Node::start(&program, &folder.path().join("empty"))?;
    let idle_mb = empty.memory_mb()?;
    say(&format!("without a list: answers after {} ms, {idle_mb:.0} MB", empty.started_ms))?;
    empty.stop()?;

    let data = folder.path().join("full");
    node::add_list(&program, &data, &list)?;
    let full = Node::start(&program, &data)?;
    full.wait_for_lists()?;
    say(&format!(
        "with {} records: ready after {} ms, {:.0} MB",
        names.len(),
        full.started_ms,
        full.memory_mb()?
    ))?;
    let bodies = queries::bodies(&names, args.seed);
    // So that what is measured is a node that runs, not one that has just begun.
    load::run(&full, &bodies, Load { rate: 50, seconds: 3, connections: args.connections })?;

    say(&format!("\n{} connections, POST /match/default, one query each", args.connections))?;
    say(HEADING)?;
    let (rate, seconds, connections) = (args.rate, args.seconds, args.connections);
    let main = measured(&full, &bodies, Load { rate, seconds, connections })?;
    for rate in args.rising.iter().copied() {
        let load = Load { rate, seconds: args.rising_seconds, connections };
        let outcome = measured(&full, &bodies, load)?;
        if outcome.percentile(0.99) > Duration::from_secs(1) || outcome.failed > 0 {
            say("no longer keeps up")?;
            break;
        }
    }
    full.stop()?;
    if let Some(most_ms) = args.most_p99_ms {
        let p99_ms = load::ms(main.percentile(0.99));
        ensure!(main.failed == 0, "{} requests failed", main.failed);
        ensure!(p99_ms <= most_ms, "the 99th percentile is {p99_ms:.1} ms, not {most_ms} at most");
    }
    Ok(())
}

const HEADING: &str = "  asked/s  answered/s  failed    p50 ms    p90 ms    p99 ms  p99.9 ms    max ms  node CPU  generator CPU    MB before  MB after";

fn measured(node: &Node, bodies: &[String], load: Load) -> Result<Outcome> {
    let before_mb = node.memory_mb()?;
    let outcome = load::run(node, bodies, load)?;
    let at = |share| load::ms(outcome.percentile(share));
    say(&format!(
        "{:>9}  {:>10.1}  {:>6}  {:>8.2}  {:>8.2}  {:>8.2}  {:>8.2}  {:>8.2}  {:>7.0}%  {:>12.0}%  {:>11.0}  {:>8.0}",
        load.rate,
        outcome.answered_per_second(),
        outcome.failed,
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        at(1.0),
        outcome.node_share * 100.0,
        outcome.generator_share * 100.0,
        before_mb,
        node.memory_mb()?,
    ))?;
    if let Some(first) = &outcome.first_failure {
        say(&format!("           first failure: {first}"))?;
    }
    Ok(outcome)
}

fn build() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--locked", "--package", "portcullis-node"])
        .current_dir(root())
        .status()?;
    ensure!(built.success(), "the program can't be built");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
    target
        .join("release/portcullis")
        .canonicalize()
        .context("the program that was built is not there")
}
