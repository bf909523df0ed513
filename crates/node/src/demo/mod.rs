//! `portcullis demo`: the main job on invented people, offline, in a few seconds.

mod data;

use crate::decisions::DecisionMemory;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::input;
use crate::parallel;
use crate::report::Report;
use crate::report::html::HtmlReport;
use crate::report::table::TableReport;
use crate::screen::engine::Engine;
use crate::screen::finding::Heading;
use crate::screen::job::Job;
use crate::screen::output::{Output, is_special};
use crate::screen::people::People;
use crate::screen::side_file::SideFile;
use crate::screen::{columns, summary};
use anyhow::Context;
use jiff::tz::TimeZone;
use portcullis_ingest::ReadContext;
use portcullis_ingest::people::{ColumnMap, DateOrder, PeopleOptions};
use portcullis_matching::Settings;
use portcullis_types::PopulationClass;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Screen invented donors against invented lists and write a report
///
/// Shows what Portcullis does without needing a list, a file or a network: forty invented gifts, three
/// invented lists, names in Cyrillic, Arabic and Chinese letters, partial birth dates, weak aliases, a
/// namesake, and rows that cannot be read. Nobody in it exists. Nothing is stored.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Where the report goes
    #[arg(long, value_name = "PATH", default_value = "portcullis-demo-report.html")]
    out: PathBuf,

    /// Keep the invented files in this folder, to try things with
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
}

const AFTER: &str = "\
Examples:
  portcullis demo
  portcullis demo --files try
  portcullis screen try/donors.csv --class donor --list try/exposed.jsonl --explain

Exit status:
  0  the demonstration ran        2  it could not";

const MARKING: &str = "DEMONSTRATION: invented people only";

/// Runs the demonstration. Alerts are what it is meant to show, so they do not change its exit status.
pub(crate) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let began = environment.clock.now();
    let today = began.to_zoned(TimeZone::UTC).date();
    // Decisions of the real data folder have nothing to say on invented people, nor do these
    // belong there.
    let data = std::mem::replace(&mut environment.data, folder.path().join("data"));
    let files = args.files.as_deref();
    check_report(&args.out)?;
    if let Some(folder) = files {
        data::write(folder, today)?;
        // The report must not go over one of these either.
        check_report(&args.out)?;
    }
    let side_file = match files {
        Some(folder) => SideFile::of(&folder.join("donors.csv"), None, Some(&args.out)),
        None => SideFile::none(),
    };
    let result = screen(args, environment, side_file);
    environment.data = data;
    result?;
    next(args)?;
    Ok(Outcome::Clear)
}

/// Refuses to write the report over anything but the report of an earlier demonstration.
fn check_report(path: &Path) -> anyhow::Result<()> {
    const HEAD_BYTES: u64 = 32_768;
    if !path.is_file() || is_special(path) {
        return Ok(());
    }
    let (head, _) = input::peek(input::open(path)?, HEAD_BYTES)?;
    let head = String::from_utf8_lossy(&head);
    if head.starts_with("<!doctype html>") && head.contains(MARKING) {
        return Ok(());
    }
    anyhow::bail!(
        "`{}` is no report of an earlier demonstration and is not written over; name another file with `--out PATH`",
        path.display()
    )
}

fn screen(args: &Args, environment: &mut Environment, side_file: SideFile) -> anyhow::Result<()> {
    let began = environment.clock.now();
    let today = began.to_zoned(TimeZone::UTC).date();
    let lists = data::lists(today, began)?;
    let settings = Settings::default();
    let heading = Heading {
        file: "donors.csv (invented)".to_owned(),
        class: Some(PopulationClass::Donor),
        lists: lists.infos.clone(),
        since: None,
        settings,
        at: began,
        explain: true,
        marking: MARKING.to_owned(),
    };
    let options = PeopleOptions {
        class: PopulationClass::Donor,
        map: ColumnMap::default(),
        context: ReadContext {
            source: "people".parse()?,
            version: "invented".parse()?,
            recorded_at: began,
            controller: "own".parse()?,
        },
        format: None,
        date_order: DateOrder::DayMonthYear,
    };
    let donors = Box::new(Cursor::new(data::donors(today).into_bytes()));
    let page = Output::open(Some(&args.out))?;
    let terminal = Output::open(None)?;
    let reports: Vec<Box<dyn Report>> = vec![
        Box::new(TableReport::new(terminal.coloured()?, heading.clone(), columns())),
        Box::new(HtmlReport::new(page.bytes()?, heading.clone())?),
    ];
    let job = Job {
        file: Path::new("donors.csv"),
        people: People::read("donors.csv".to_owned(), donors, options, true)?,
        engine: Engine {
            lists: Arc::new(lists),
            before: None,
            memory: Some(DecisionMemory::load(environment)?),
            settings,
        },
        reports,
        side_file,
        jobs: parallel::default_jobs(),
        began,
    };
    let summary = job.run(environment)?;
    page.keep()?;
    summary::write(&mut anstream::stdout().lock(), &heading, &summary, Some(&args.out))?;
    Ok(())
}

fn next(args: &Args) -> anyhow::Result<()> {
    let bold = anstyle::Style::new().bold();
    let mut out = anstream::stdout().lock();
    writeln!(
        out,
        "
{bold}Nobody here exists.{bold:#} Open {bold}{}{bold:#} in a browser, or print it.

{bold}Next{bold:#}
  1. Fetch a list:         portcullis lists add uk-sanctions-list
  2. Screen your own file: portcullis screen donors.csv --class donor --out report.html
  3. Decide, by name:      portcullis decisions add REFERENCE --verdict not-same --officer OFFICER --reason \"...\"
  Each explains itself:    portcullis screen --help",
        args.out.display()
    )?;
    Ok(())
}
