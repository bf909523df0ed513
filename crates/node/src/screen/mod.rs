//! `portcullis screen`: who in this file may be the same as somebody on these lists?

pub(crate) mod args;
pub(crate) mod engine;
pub(crate) mod finding;
pub(crate) mod job;
pub(crate) mod lists;
pub(crate) mod output;
pub(crate) mod paths;
pub(crate) mod people;
mod progress;
mod repeats;
pub(crate) mod settings;
pub(crate) mod side_file;
mod since;
pub(crate) mod summary;

use crate::decisions::DecisionMemory;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::input;
use crate::parallel;
use crate::report::Report;
use crate::report::html::HtmlReport;
use crate::report::json::JsonReport;
use crate::report::spreadsheet::{CsvReport, WorkbookReport};
use crate::report::table::TableReport;
use anyhow::Context;
use args::{Args, Format};
use engine::Engine;
use finding::{Heading, Summary};
use job::Job;
use output::Output;
use paths::Written;
use people::People;
use portcullis_ingest::ReadContext;
use portcullis_ingest::people::{ColumnMap, DateOrder, PeopleFormat, PeopleOptions};
use portcullis_matching::Settings;
use portcullis_types::PopulationClass;
use side_file::SideFile;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;

/// How many bytes are looked at to tell a trial.
const HEAD_BYTES: u64 = 16_384;

/// Runs `portcullis screen`.
pub(crate) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let began = environment.clock.now();
    let format = args.format();
    check(args, format)?;
    let side_file = SideFile::of(&args.file, args.set_aside.as_deref(), args.out.as_deref());
    check_paths(args, &side_file, environment)?;
    let settings = settings(args);
    let input = input::open(&args.file)?;
    let (head, input) = input::peek(input, HEAD_BYTES)
        .with_context(|| format!("cannot read `{}`", args.file.display()))?;
    let class = class(args, format, &head)?;
    let people_format = PeopleFormat::detect(&input::name(&args.file), &head);
    let options = PeopleOptions {
        class: class.unwrap_or(PopulationClass::Donor),
        map: ColumnMap::parse(&args.map)?,
        context: ReadContext {
            source: "people".parse()?,
            version: "own".parse()?,
            recorded_at: began,
            controller: "own".parse()?,
        },
        format: Some(people_format),
        date_order: if args.month_first {
            DateOrder::MonthDayYear
        } else {
            DateOrder::DayMonthYear
        },
    };
    let lists = lists::open(&args.lists, args.list_format.as_deref(), environment)?;
    let memory = match class {
        Some(_) => Some(DecisionMemory::load(environment)?),
        None => None,
    };
    let heading = Heading {
        file: input::name(&args.file),
        class,
        lists: lists.infos.clone(),
        since: args.since.clone(),
        settings,
        at: began,
        explain: args.explain,
        marking: args.marking.clone(),
    };
    let people = People::read(input::name(&args.file), input, options, class.is_some())
        .context("the system gives no thread to read the file with")?;
    let output = Output::open(args.out.as_deref())?;
    let report = report(format, people_format, &output, heading.clone())?;
    let before = match &args.since {
        Some(since) => Some(since::open(&args.lists, since, environment)?),
        None => None,
    };
    let job = Job {
        file: &args.file,
        people,
        engine: Engine { lists: Arc::new(lists), before, memory, settings },
        reports: vec![report],
        side_file,
        jobs: args.jobs.unwrap_or_else(parallel::default_jobs),
        began,
    };
    let summary = job.run(environment)?;
    output.keep()?;
    summary::write(&mut anstream::stderr().lock(), &heading, &summary, args.out.as_deref())?;
    Ok(outcome(&summary))
}

/// How a screening with this summary ends.
pub(crate) fn outcome(summary: &Summary) -> Outcome {
    if summary.alerts > 0 {
        Outcome::Alerts
    } else if summary.set_aside > 0 || summary.people == 0 {
        Outcome::Incomplete
    } else {
        Outcome::Clear
    }
}

fn check(args: &Args, format: Format) -> anyhow::Result<()> {
    let to_terminal = args.out.is_none() && std::io::stdout().is_terminal();
    if to_terminal && matches!(format, Format::Xlsx | Format::Html) {
        anyhow::bail!("this format is not for a terminal; name a file with `--out PATH`");
    }
    Ok(())
}

/// Every file that is read, and the two that are written.
fn check_paths(args: &Args, side_file: &SideFile, environment: &Environment) -> anyhow::Result<()> {
    let mut read = lists::files(&args.lists)?;
    read.push(args.file.clone());
    let out = args.out.as_deref().map(|path| Written { option: "--out", path });
    let aside = side_file.path().map(|path| Written { option: "--set-aside", path });
    let written: Vec<_> = out.into_iter().chain(aside).collect();
    Ok(paths::check(&read, &written, &environment.data)?)
}

fn settings(args: &Args) -> Settings {
    let settings = args.score.settings();
    let candidates = args.limit.map_or(settings.candidates, std::num::NonZeroUsize::get);
    Settings { candidates, ..settings }
}

fn report(
    format: Format,
    input: PeopleFormat,
    output: &Output,
    heading: Heading,
) -> anyhow::Result<Box<dyn Report>> {
    Ok(match format {
        Format::Table => Box::new(TableReport::new(output.coloured()?, heading, columns())),
        Format::Csv => Box::new(CsvReport::new(output.bytes()?, heading)?),
        Format::Xlsx => Box::new(WorkbookReport::new(output.bytes()?, heading)?),
        Format::Jsonl => Box::new(JsonReport::new(output.bytes()?, heading, input)),
        Format::Html => Box::new(HtmlReport::new(output.bytes()?, heading)?),
    })
}

/// Columns to wrap sentences at when no terminal says otherwise.
const USUAL_COLUMNS: usize = 110;

/// Columns of the terminal, or a usual number.
pub(crate) fn columns() -> usize {
    terminal_size::terminal_size().map_or(USUAL_COLUMNS, |(width, _)| usize::from(width.0))
}

/// Who is in the file. A trial (lines of a query with what is expected) may leave it out: nobody can
/// decide on its results.
fn class(args: &Args, format: Format, head: &[u8]) -> anyhow::Result<Option<PopulationClass>> {
    if args.class.is_some() {
        return Ok(args.class);
    }
    if !is_trial(head) {
        anyhow::bail!(class_is_needed());
    }
    if format != Format::Jsonl {
        anyhow::bail!("a trial without `--class` is written with `--format jsonl` only");
    }
    Ok(None)
}

/// Whether a file begins with a line like `{"query": ENTITY, ...}`.
fn is_trial(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let key = b"\"query\"";
    line.starts_with(b"{") && line.windows(key.len()).any(|window| window == key)
}

/// What the four classes are, for whoever did not say.
fn class_is_needed() -> String {
    let mut text = "say who is in the file with `--class`, because the law differs:".to_owned();
    for class in PopulationClass::ALL {
        let meaning = match class {
            PopulationClass::Donor => "gives, or wishes to give, money or kind",
            PopulationClass::Candidate => "stands, or wishes to stand, for election",
            PopulationClass::Staff => "is, or wishes to be, employed",
            PopulationClass::Associate => "works closely with a representative, not employed",
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  --class {:<9}  {meaning}", class.code());
    }
    text
}
