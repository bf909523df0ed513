//! `portcullis doctor`.

use super::progress::Bar;
use super::surroundings;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words;
use portcullis_store::{Closeness, Finding, Soundness, StoreError, examine_files};
use serde::Serialize;
use std::io::{self, Write};

/// Look whether what is kept is sound, and say what to do
///
/// Looks at the files, the keyring, every encrypted cell, every event and its place in the log, and at
/// what waits for a person. Changes nothing, and shows nothing that is protected. A store that does not
/// open is looked at as far as that goes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status:
  0  all is sound      1  somebody should look at something      2  something is broken")]
pub(crate) struct Args {
    /// Write the findings as JSON
    #[arg(long)]
    json: bool,
    /// Leave out what reads every row
    #[arg(long)]
    quick: bool,
}

/// Does it.
#[expect(clippy::needless_pass_by_value, reason = "as every command takes its arguments")]
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let findings = examine(&args, environment);
    let worst = findings.iter().map(|finding| finding.soundness).max();
    let worst = worst.unwrap_or(Soundness::Sound);
    let mut out = anstream::stdout().lock();
    if args.json {
        json(&mut out, worst, &findings)?;
    } else {
        text(&mut out, worst, &findings)?;
    }
    Ok(match worst {
        Soundness::Sound => Outcome::Clear,
        Soundness::Look => Outcome::Unsound,
        Soundness::Broken => Outcome::Broken,
    })
}

fn examine(args: &Args, environment: &Environment) -> Vec<Finding> {
    let place = Place::new(environment);
    let mut findings = surroundings::examine(&place, environment);
    let in_file = environment.server.is_none();
    if in_file && !place.store_path().exists() {
        findings.push(Finding::look(
            "store",
            "there is none yet",
            "begin with `portcullis screen`, or put one back with `portcullis restore`",
        ));
        return findings;
    }
    if in_file {
        let files = examine_files(&place.store_path());
        let broken = files.iter().any(|finding| finding.soundness == Soundness::Broken);
        findings.extend(files);
        if broken {
            findings.push(Finding::broken(
                "store",
                "it was not opened, so that nothing more is lost",
                "see to what is broken first",
            ));
            return findings;
        }
    }
    let mut store = match place.existing_store() {
        Ok(Some(store)) => store,
        Ok(None) => return findings,
        Err(error) => {
            findings.push(unopened(&error));
            return findings;
        }
    };
    findings.push(Finding::sound("store", format!("it opens, on {}", store.engine_name())));
    let closeness = if args.quick { Closeness::Quick } else { Closeness::EveryRow };
    let now_us = u64::try_from(environment.clock.now().as_microsecond()).unwrap_or_default();
    let bar = Bar::new("looking");
    let organisation = crate::decisions::organisation();
    let found = store.examine(&organisation, now_us, closeness, &mut |progress| bar.show(progress));
    bar.clear();
    findings.extend(found);
    findings
}

/// Why a store did not open. The errors of the store say what to do themselves.
fn unopened(error: &anyhow::Error) -> Finding {
    let (subject, advice) = match error.downcast_ref::<StoreError>() {
        Some(StoreError::Keyring(_)) => ("keyring", "put the newest copy of the keyring in place"),
        Some(StoreError::RolledBack { .. } | StoreError::Damaged { .. }) => (
            "store",
            "copy all its files elsewhere, then restore the latest backup with `portcullis restore --replace`",
        ),
        Some(StoreError::NewerSchema { .. }) => ("schema", "update the program"),
        Some(StoreError::Busy { .. }) => ("store", "look again when the other process is done"),
        Some(_) => ("store", "see that the place is right and may be read and written"),
        None => ("key", "see that what unlocks the keyring is in place"),
    };
    Finding::failed(subject, error.as_ref(), advice)
}

fn text(out: &mut impl Write, worst: Soundness, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let colour = match finding.soundness {
            Soundness::Sound => anstyle::AnsiColor::Green,
            Soundness::Look => anstyle::AnsiColor::Yellow,
            Soundness::Broken => anstyle::AnsiColor::Red,
        };
        let style = colour.on_default();
        let word = finding.soundness.as_str();
        let says = words::plain(&format!("{}: {}", finding.subject, finding.says));
        writeln!(out, "{style}{word:<6}{style:#} {says}")?;
        if let Some(advice) = finding.advice {
            writeln!(out, "       to do: {advice}")?;
        }
    }
    let last = match worst {
        Soundness::Sound => "All is sound.",
        Soundness::Look => "Nothing is broken; somebody should look at the lines above.",
        Soundness::Broken => "Something is broken.",
    };
    writeln!(out, "\n{last}")
}

#[derive(Serialize)]
struct Report<'a> {
    soundness: &'static str,
    findings: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    subject: &'a str,
    soundness: &'static str,
    says: &'a str,
    advice: Option<&'static str>,
}

impl<'a> Line<'a> {
    fn of(finding: &'a Finding) -> Self {
        let Finding { subject, soundness, says, advice } = finding;
        Self { subject, soundness: soundness.as_str(), says, advice: *advice }
    }
}

fn json(out: &mut impl Write, worst: Soundness, findings: &[Finding]) -> anyhow::Result<()> {
    let findings = findings.iter().map(Line::of).collect();
    serde_json::to_writer_pretty(&mut *out, &Report { soundness: worst.as_str(), findings })?;
    Ok(writeln!(out)?)
}
