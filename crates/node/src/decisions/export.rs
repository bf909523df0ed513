//! `portcullis decisions export`.

use super::rows;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::private_file;
use crate::report::words::several;
use crate::screen::paths::{self, Written};
use anyhow::Context;
use clap::ValueEnum;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Write all decisions, those undone included, to a file
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file, readable by you alone
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// How to write them [default: by the ending of the file, else csv]
    #[arg(long, value_enum)]
    format: Option<Form>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a spreadsheet
    Csv,
    /// For programs: one object a line
    Jsonl,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    paths::check(&[], &[Written { option: "--out", path: &args.out }], &environment.data)?;
    let decisions = rows::all(environment)?;
    let ending = args.out.extension().and_then(|ending| ending.to_str());
    let form = args.format.unwrap_or(match ending {
        Some("jsonl" | "json") => Form::Jsonl,
        _ => Form::Csv,
    });
    let write = || -> anyhow::Result<()> {
        let mut out = BufWriter::new(private_file::create(&args.out)?);
        match form {
            Form::Csv => rows::csv(&mut out, &decisions)?,
            Form::Jsonl => rows::json_lines(&mut out, &decisions)?,
        }
        Ok(out.flush()?)
    };
    write().with_context(|| format!("cannot write `{}`", args.out.display()))?;
    let count = several(decisions.len() as u64, "decision", "decisions");
    writeln!(io::stdout().lock(), "{count} written to `{}`", args.out.display())?;
    Ok(Outcome::Clear)
}
