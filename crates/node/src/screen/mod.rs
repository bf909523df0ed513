//! `portcullis screen`: who in this file may be the same as somebody on these lists?

pub(crate) mod args;
pub(crate) mod engine;
pub(crate) mod finding;
pub(crate) mod lists;
pub(crate) mod output;
pub(crate) mod people;
pub(crate) mod settings;
mod side_file;
mod summary;

use crate::decisions::{self, DecisionMemory, Raised};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::parallel;
use crate::report::Report;
use crate::report::html::HtmlReport;
use crate::report::json::JsonReport;
use crate::report::spreadsheet::{CsvReport, WorkbookReport};
use crate::report::table::TableReport;
use anyhow::Context;
use args::{Args, Format};
use engine::Engine;
use finding::{Finding, Heading, Quiet, SHOWN, Summary};
use indicatif::{ProgressBar, ProgressStyle};
use output::Output;
use people::Incoming;
use portcullis_matching::Settings;
use portcullis_types::{PopulationClass, Purpose};
use side_file::SideFile;
use std::io::IsTerminal;
use std::path::Path;

/// Runs `portcullis screen`.
pub(crate) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let began = environment.clock.now();
    let format = args.format();
    check(args, format)?;
    let class = args.class;
    let settings = settings(args);
    let lists = lists::open(&args.lists, environment)?;
    let memory = match class {
        Some(_) => Some(DecisionMemory::load(environment)?),
        None => None,
    };
    let heading = Heading {
        file: file_name(&args.file),
        class,
        lists: lists.infos.clone(),
        settings,
        at: began,
        explain: args.explain,
        marking: args.marking.clone(),
    };
    let people = people::open(&args.file, environment)?;
    let output = Output::open(args.out.as_deref())?;
    let mut report = report(format, &output, heading.clone())?;
    let engine = Engine { lists, memory, settings };
    let mut sink = Sink {
        summary: Summary::default(),
        side_file: SideFile::of(&args.file, args.set_aside.as_deref()),
        purpose: class.map(Purpose::from),
        pending: Vec::new(),
        progress: progress(),
    };
    parallel::in_order(
        args.jobs.unwrap_or_else(parallel::default_jobs),
        people,
        |incoming| incoming.as_ref().map_or(0, Incoming::weight),
        |incoming| incoming.map(|incoming| screened(&engine, incoming)),
        |result: anyhow::Result<Screened>| {
            let screened =
                result.with_context(|| format!("cannot read `{}`", args.file.display()))?;
            sink.take(screened, report.as_mut(), environment)
        },
    )?;
    let mut summary = sink.finish(environment)?;
    summary.elapsed = environment.clock.now().duration_since(began).unsigned_abs();
    report.finish(&summary)?;
    output.keep()?;
    summary::write(&mut anstream::stderr().lock(), &heading, &summary, args.out.as_deref())?;
    Ok(outcome(&summary))
}

fn outcome(summary: &Summary) -> Outcome {
    if summary.alerts > 0 {
        Outcome::Alerts
    } else if summary.set_aside > 0 {
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

fn settings(args: &Args) -> Settings {
    let settings = args.score.settings();
    let candidates = args.limit.map_or(settings.candidates, std::num::NonZeroUsize::get);
    Settings { candidates, ..settings }
}

fn file_name(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "standard input".to_owned();
    }
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn report(format: Format, output: &Output, heading: Heading) -> anyhow::Result<Box<dyn Report>> {
    Ok(match format {
        Format::Table => Box::new(TableReport::new(output.coloured()?, heading, columns())),
        Format::Csv => Box::new(CsvReport::new(output.bytes()?, heading)?),
        Format::Xlsx => Box::new(WorkbookReport::new(output.bytes()?, heading)?),
        Format::Jsonl => Box::new(JsonReport::new(output.bytes()?, heading)),
        Format::Html => Box::new(HtmlReport::new(output.bytes()?, heading)?),
    })
}

/// Columns to wrap sentences at when no terminal says otherwise.
const USUAL_COLUMNS: usize = 110;

fn columns() -> usize {
    terminal_size::terminal_size().map_or(USUAL_COLUMNS, |(width, _)| usize::from(width.0))
}

fn progress() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {human_pos} screened, {per_sec}, {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
    // Hidden by itself when standard error is no terminal.
    ProgressBar::new_spinner().with_style(style)
}

/// What became of one row.
enum Screened {
    Person(Box<Finding>),
    Other(Incoming),
}

fn screened(engine: &Engine, incoming: Incoming) -> Screened {
    match incoming {
        Incoming::Person(subject) => Screened::Person(Box::new(engine.screen(*subject))),
        other => Screened::Other(other),
    }
}

/// How many findings wait before what they raised is remembered.
const PENDING: usize = 2_000;

struct Sink {
    summary: Summary,
    side_file: SideFile,
    purpose: Option<Purpose>,
    pending: Vec<Finding>,
    progress: ProgressBar,
}

impl Sink {
    fn take(
        &mut self,
        screened: Screened,
        report: &mut dyn Report,
        environment: &mut Environment,
    ) -> anyhow::Result<()> {
        match screened {
            Screened::Person(finding) => {
                report.person(&finding)?;
                self.count(&finding);
                if self.purpose.is_some() && !finding.alerts.is_empty() {
                    self.pending.push(*finding);
                }
                if self.pending.len() >= PENDING {
                    self.remember(environment)?;
                }
            }
            Screened::Other(Incoming::SetAside(row)) => {
                self.side_file.keep(row, &mut self.summary)?
            }
            Screened::Other(Incoming::Warning(warning)) => {
                if self.summary.warnings.len() < SHOWN {
                    self.summary.warnings.push(warning);
                }
            }
            Screened::Other(Incoming::Person(_)) => {}
        }
        Ok(())
    }

    fn count(&mut self, finding: &Finding) {
        let summary = &mut self.summary;
        summary.people += 1;
        summary.people_with_alerts += u64::from(!finding.alerts.is_empty());
        summary.alerts += finding.alerts.len() as u64;
        summary.quiet += finding.decided.len() as u64;
        for alert in &finding.alerts {
            if let Some(why) = &alert.raised_again {
                summary.raised_again += 1;
                if summary.raised_again_rows.len() < SHOWN {
                    let (row, reference) = (finding.subject.row, alert.reference().unwrap_or("-"));
                    summary.raised_again_rows.push(format!("row {row}  {reference}  {why}"));
                }
            }
        }
        for decided in &finding.decided {
            if summary.quiet_rows.len() < SHOWN {
                let row = finding.subject.row;
                summary.quiet_rows.push(Quiet { row, decided: decided.clone() });
            }
        }
        self.progress.inc(1);
    }

    /// Remembers what was shown, so that its references can be decided on.
    fn remember(&mut self, environment: &mut Environment) -> anyhow::Result<()> {
        let Some(purpose) = self.purpose else { return Ok(()) };
        let findings = std::mem::take(&mut self.pending);
        let raised: Vec<Raised<'_>> = findings
            .iter()
            .flat_map(|finding| finding.alerts.iter().map(move |alert| (finding, alert)))
            .flat_map(|(finding, alert)| {
                alert.records().map(move |record| Raised {
                    query: &finding.subject.dossier,
                    record: &record.dossier,
                    score: record.pair.score,
                })
            })
            .collect();
        if raised.is_empty() {
            return Ok(());
        }
        decisions::record_raised(environment, purpose, &raised)
    }

    fn finish(mut self, environment: &mut Environment) -> anyhow::Result<Summary> {
        self.remember(environment)?;
        self.progress.finish_and_clear();
        let mut summary = self.summary;
        summary.set_aside_file = self.side_file.finish()?;
        Ok(summary)
    }
}

/// What the four classes are, for whoever did not say.
pub(crate) fn class_is_needed() -> String {
    let meaning = |class: &PopulationClass| match class {
        PopulationClass::Donor => "gives, or wishes to give, money or kind",
        PopulationClass::Candidate => "stands, or wishes to stand, for election",
        PopulationClass::Staff => "is, or wishes to be, employed",
        PopulationClass::Associate => "works closely with a representative without being employed",
    };
    let mut text = "say who is in the file with `--class`, because the law differs:".to_owned();
    for class in PopulationClass::ALL {
        text.push_str(&format!("\n  --class {:<9}  {}", class.code(), meaning(class)));
    }
    text
}
