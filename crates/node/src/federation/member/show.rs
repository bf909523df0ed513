//! `portcullis member show` and `export`.

use super::super::{counted, history, known, now, read_proposal, table, write};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::Context as _;
use portcullis_federation::MemberFile;
use std::io::{self, Write};
use std::path::PathBuf;

/// Show who is in, with which keys, until when; or what a proposed list changes and what it lacks
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A proposed list; signatures of several files are put together
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The history of the list, where this node is not in the federation yet
    #[arg(long, value_name = "FILE", requires = "files")]
    history: Option<PathBuf>,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let at = now(environment)?;
    let mut store = Place::new(environment).needed_store()?;
    let mut out = io::stdout().lock();
    if args.files.is_empty() {
        let history = history(&mut store)?;
        let forks = store.read(|r| r.member_forks(&organisation()))?;
        let current = history.current();
        let list = current.list();
        writeln!(out, "federation  {}", list.federation)?;
        writeln!(out, "version     {} of {}", list.version, list.issued)?;
        writeln!(out, "digest      {}\n", current.digest())?;
        table::members(&mut out, list, at)?;
        for fork in &forks {
            writeln!(
                out,
                "\nthere are two lists of version {}, both signed; signed both: {}",
                fork.version(),
                table::names(&fork.both())
            )?;
        }
        return Ok(if forks.is_empty() { Outcome::Clear } else { Outcome::Unsound });
    }
    let mut signed = read_proposal(&args.files)?;
    let known = known(&mut store, &signed.list().federation, args.history.as_ref())?;
    let (tally, dropped) = counted(known.as_ref(), &mut signed)?;
    let list = signed.list();
    writeln!(out, "proposed  version {} of `{}`, {}", list.version, list.federation, list.issued)?;
    writeln!(out, "digest    {}", signed.digest())?;
    table::dropped(&mut out, &dropped)?;
    table::changes(&mut out, known.as_ref().map(|history| history.current().list()), list)?;
    let Some(tally) = tally else { return Ok(Outcome::Unsound) };
    table::tally(&mut out, &signed, &tally)?;
    Ok(if tally.is_complete() { Outcome::Clear } else { Outcome::Unsound })
}

/// Write every version of the list to a file, for whoever joins or was away
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// The proof of two lists of one version instead, where one was found
    #[arg(long)]
    proof: bool,

    /// Where it goes
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn export(args: &ExportArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    if args.proof {
        let fork = store.read(|r| r.member_forks(&organisation()))?.into_iter().next();
        let fork = fork.context("no two lists of one version were found here")?;
        write(&args.out, &MemberFile::Fork(Box::new(fork)))?;
        writeln!(io::stdout(), "wrote the proof to `{}`", args.out.display())?;
        return Ok(Outcome::Clear);
    }
    let lists = history(&mut store)?.lists().to_vec();
    let count = lists.len();
    let files = MemberFile::of_lists(lists);
    let mut out = io::stdout().lock();
    for (number, file) in files.iter().enumerate() {
        let mut name = args.out.clone().into_os_string();
        if number > 0 {
            name.push(format!(".{}", number.saturating_add(1)));
        }
        let path = PathBuf::from(name);
        write(&path, file)?;
        writeln!(out, "wrote `{}`", path.display())?;
    }
    let some = |number: usize, what: &str| {
        format!("{number} {what}{}", if number == 1 { "" } else { "s" })
    };
    writeln!(out, "{} in {}", some(count, "version"), some(files.len(), "file"))?;
    Ok(Outcome::Clear)
}
