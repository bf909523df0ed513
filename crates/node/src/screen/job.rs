//! A screening from the first person to the last: read, screen, write, remember, count.

use super::engine::Engine;
use super::finding::{Finding, Quiet, SHOWN, Summary};
use super::people::{Incoming, People};
use super::progress::Progress;
use super::side_file::SideFile;
use crate::decisions::{self, Raised};
use crate::environment::Environment;
use crate::parallel;
use crate::report::Report;
use anyhow::Context;
use jiff::Timestamp;
use portcullis_ingest::ReadError;
use portcullis_types::{PopulationClass, Purpose};
use std::num::NonZeroUsize;
use std::path::Path;

/// Everything a screening needs.
pub(crate) struct Job<'a> {
    /// The file of people, for what is said about it.
    pub(crate) file: &'a Path,
    /// The people.
    pub(crate) people: People,
    /// What each of them is screened with.
    pub(crate) engine: Engine,
    /// Where findings go, in order.
    pub(crate) reports: Vec<Box<dyn Report + 'a>>,
    /// Where rows go that cannot be read.
    pub(crate) side_file: SideFile,
    /// Number of threads.
    pub(crate) jobs: NonZeroUsize,
    /// When it began.
    pub(crate) began: Timestamp,
}

impl Job<'_> {
    /// Screens everybody, and tells what came of it.
    pub(crate) fn run(self, environment: &mut Environment) -> anyhow::Result<Summary> {
        let progress = Progress::new(self.file, self.people.bytes());
        let mut sink = Sink {
            summary: Summary::default(),
            side_file: self.side_file,
            pending: Vec::new(),
            progress,
            reports: self.reports,
        };
        let (engine, file) = (&self.engine, self.file);
        parallel::in_order(
            self.jobs,
            self.people,
            |incoming| incoming.as_ref().map_or(0, Incoming::weight),
            |incoming| incoming.map(|incoming| screened(engine, incoming)),
            |result: Result<Screened, ReadError>| -> anyhow::Result<()> {
                let screened =
                    result.with_context(|| format!("cannot read `{}`", file.display()))?;
                sink.take(screened, environment)
            },
        )?;
        sink.finish(self.began, environment)
    }
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

struct Sink<'a> {
    summary: Summary,
    side_file: SideFile,
    pending: Vec<Finding>,
    progress: Progress,
    reports: Vec<Box<dyn Report + 'a>>,
}

impl Sink<'_> {
    fn take(&mut self, screened: Screened, environment: &mut Environment) -> anyhow::Result<()> {
        match screened {
            Screened::Person(finding) => {
                for report in &mut self.reports {
                    report.person(&finding)?;
                }
                self.count(&finding);
                if finding.subject.class.is_some() && !finding.alerts.is_empty() {
                    self.pending.push(*finding);
                }
                if self.pending.len() >= PENDING {
                    self.remember(environment)?;
                }
            }
            Screened::Other(Incoming::SetAside(row)) => {
                for report in &mut self.reports {
                    report.set_aside(&row)?;
                }
                self.side_file.keep(row, &mut self.summary)?;
            }
            Screened::Other(Incoming::Warning(warning)) => {
                self.summary.noticed += 1;
                if self.summary.warnings.len() < SHOWN {
                    self.summary.warnings.push(warning);
                }
            }
            Screened::Other(Incoming::NamingNobody(rows)) => self.summary.naming_nobody = rows,
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
        summary.gone += finding.gone.len() as u64;
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
        self.progress.person();
    }

    /// Remembers what was shown, so that its references can be decided on.
    fn remember(&mut self, environment: &mut Environment) -> anyhow::Result<()> {
        let findings = std::mem::take(&mut self.pending);
        for class in PopulationClass::ALL {
            let raised: Vec<Raised<'_>> = findings
                .iter()
                .filter(|finding| finding.subject.class == Some(*class))
                .flat_map(|finding| finding.alerts.iter().map(move |alert| (finding, alert)))
                .flat_map(|(finding, alert)| {
                    alert.records().map(move |record| Raised {
                        query: &finding.subject.dossier,
                        record: &record.dossier,
                        score: record.pair.score,
                    })
                })
                .collect();
            if !raised.is_empty() {
                decisions::record_raised(environment, Purpose::from(*class), &raised)?;
            }
        }
        Ok(())
    }

    fn finish(
        mut self,
        began: Timestamp,
        environment: &mut Environment,
    ) -> anyhow::Result<Summary> {
        self.remember(environment)?;
        self.progress.clear();
        let mut summary = self.summary;
        self.side_file.finish(&mut summary)?;
        summary.elapsed = environment.clock.now().duration_since(began).unsigned_abs();
        for report in self.reports {
            report.finish(&summary)?;
        }
        Ok(summary)
    }
}
