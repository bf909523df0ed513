//! Development tasks of Portcullis: `cargo xtask <task>`.

mod bench;
mod fuzz;
mod layers;
mod soak;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::io::Write as _;

/// Development tasks of Portcullis.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check that crates use only what layers.toml allows, and that the documents name what is there
    Layers,
    /// Run every fuzz target for some seconds
    Fuzz(fuzz::Args),
    /// Run the long checks at full length, going on where the last run stopped
    Soak(soak::Args),
    /// Measure on labelled data
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Precision, recall, speed and memory of screening
    Screening(bench::Args),
    /// What a likeness between two spellings of a word says, in bits
    Likeness(bench::likeness::Args),
    /// What a leaf of the log costs, on a store that grows
    Log(bench::log::Args),
    /// How fast a node answers, and from when on it doesn't keep up
    Serve(bench::serve::Args),
}

fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Layers => {
            let broken = layers::broken()?;
            anyhow::ensure!(broken.is_empty(), "{}", broken.join("\n"));
            Ok(())
        }
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Soak(args) => soak::run(&args),
        Task::Bench(Bench::Likeness(args)) => bench::likeness::run(&args),
        Task::Bench(Bench::Log(args)) => bench::log::run(&args),
        Task::Bench(Bench::Serve(args)) => bench::serve::run(&args),
        Task::Bench(Bench::Screening(args)) => bench::screening(&args, &workspace::cache()),
    }
}

/// Prints a line.
fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}
