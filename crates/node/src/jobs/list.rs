//! `portcullis jobs list`.

use super::kinds::KINDS;
use super::{id_of, short};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::{plain, several};
use clap::ValueEnum;
use jiff::Timestamp;
use portcullis_decide::GivenUpJob;
use portcullis_store::{JobState, StoreError, StoredJob};
use serde::Serialize;
use std::io::{self, Write};

/// Show the jobs that wait, run or were given up
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Those that were given up and that nobody has dealt with yet, with what went wrong
    #[arg(long, conflicts_with = "all")]
    given_up: bool,

    /// Those that are done or discarded, too
    #[arg(long)]
    all: bool,

    /// Show the kinds of jobs there are instead
    #[arg(long, conflicts_with_all = ["given_up", "all"])]
    kinds: bool,

    /// How to write them
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

const AFTER: &str = "\
A job that was given up waits for a person, who has it retried or discards it:
    portcullis jobs list --given-up
    portcullis jobs retry 5f3a9c01 --officer q.examplesson \\
      --reason \"the disk has room again\"

With --given-up, exit status 1 says that there are some.";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Table,
    /// For programs: one object a line
    Jsonl,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    if args.kinds {
        return kinds();
    }
    let (jobs, given_up) = Place::new(environment).needed_store()?.read(|r| {
        Ok::<_, StoreError>((r.jobs(&organisation())?, r.given_up_jobs(&organisation())?))
    })?;
    if args.given_up {
        return list_given_up(args.format, &jobs, &given_up);
    }
    let ended = |state| matches!(state, JobState::Done | JobState::Discarded);
    let shown = jobs.iter().filter(|job| args.all || !ended(job.state));
    let mut out = io::stdout().lock();
    match args.format {
        Form::Jsonl => {
            for job in shown {
                serde_json::to_writer(&mut out, &Row::from(job))?;
                writeln!(out)?;
            }
        }
        Form::Table => table(&mut out, shown)?,
    }
    Ok(Outcome::Clear)
}

fn kinds() -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    for kind in KINDS {
        let cadence = kind.cadence.map_or_else(String::new, |cadence| format!("; {cadence} (UTC)"));
        writeln!(out, "{:<16} {}{cadence}", kind.name, kind.does)?;
    }
    Ok(Outcome::Clear)
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    id: String,
    kind: &'a str,
    key: &'a str,
    state: &'static str,
    attempts: u32,
    record: u64,
    enqueued_at: Timestamp,
    not_before: Timestamp,
    leased_until: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    failure: Option<&'static str>,
    account: Option<&'a str>,
}

impl<'a> From<&'a StoredJob> for Row<'a> {
    fn from(job: &'a StoredJob) -> Self {
        Self {
            id: job.id.to_string(),
            kind: job.kind.as_str(),
            key: job.key.as_str(),
            state: job.state.code(),
            attempts: job.attempts,
            record: job.record.value(),
            enqueued_at: job.enqueued_at,
            not_before: job.not_before,
            leased_until: job.leased_until,
            finished_at: job.finished_at,
            failure: job.failure.map(portcullis_decide::Failure::code),
            account: job.account.as_ref().map(portcullis_types::Protected::reveal),
        }
    }
}

fn table<'a>(
    out: &mut impl Write,
    jobs: impl Iterator<Item = &'a StoredJob>,
) -> anyhow::Result<()> {
    let mut number = 0;
    for job in jobs {
        number += 1;
        let id = job.id.to_string();
        let state = match (job.state, job.leased_until, job.finished_at) {
            (JobState::Waiting, ..) => format!("waiting, not before {:.0}", job.not_before),
            (JobState::Leased, Some(until), _) => format!("a worker has it until {until:.0}"),
            (state, _, Some(at)) => format!("{} at {at:.0}", state.code()),
            (state, ..) => state.code().to_owned(),
        };
        writeln!(out, "{}  {} {}", short(&id), job.kind.as_str(), job.key)?;
        writeln!(out, "  state     {state}")?;
        writeln!(out, "  attempts  {}", job.attempts)?;
        if let Some(account) = &job.account {
            writeln!(out, "  failed    {}", plain(account.reveal()))?;
        }
    }
    writeln!(out, "{}", several(number, "job", "jobs"))?;
    Ok(())
}

#[derive(Debug, Serialize)]
struct GivenUpRow<'a> {
    id: String,
    kind: &'a str,
    key: &'a str,
    given_up_at: Timestamp,
    attempts: u32,
    failure: &'static str,
    account: &'a str,
    record: u64,
}

fn list_given_up(
    form: Form,
    jobs: &[StoredJob],
    given_up: &[GivenUpJob],
) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    let mut number = 0;
    for given_up in given_up.iter().filter(|job| job.dealt_with.is_none()) {
        number += 1;
        let row = GivenUpRow {
            id: id_of(given_up, jobs),
            kind: given_up.job.name.as_str(),
            key: given_up.job.key.as_str(),
            given_up_at: given_up.at.timestamp(),
            attempts: given_up.job.attempts,
            failure: given_up.job.failure.code(),
            account: given_up.job.account.reveal(),
            record: given_up.job.record.value(),
        };
        match form {
            Form::Jsonl => {
                serde_json::to_writer(&mut out, &row)?;
                writeln!(out)?;
            }
            Form::Table => {
                writeln!(out, "{}  {} {}", short(&row.id), row.kind, row.key)?;
                let times = several(row.attempts.into(), "attempt", "attempts");
                writeln!(out, "  given up  {:.0}, after {times}", row.given_up_at)?;
                writeln!(out, "  failed    {}", plain(row.account))?;
            }
        }
    }
    if form == Form::Table {
        let waiting = several(number, "job waits", "jobs wait");
        writeln!(out, "{waiting} for a person")?;
    }
    Ok(if number == 0 { Outcome::Clear } else { Outcome::Alerts })
}
