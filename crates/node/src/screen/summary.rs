//! The last words of a screening, on standard error.

use super::finding::{Heading, Summary};
use crate::report::words::{self, several};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};
use std::path::Path;

const BOLD: Style = Style::new().bold();
const WARN: Style = AnsiColor::Yellow.on_default();

/// How many lines of a kind are told one by one.
const TOLD: usize = 20;

/// Writes the summary.
pub(crate) fn write(
    out: &mut impl Write,
    heading: &Heading,
    summary: &Summary,
    written_to: Option<&Path>,
) -> io::Result<()> {
    let people =
        several(summary.people, words::class(heading.class, 1), words::class(heading.class, 2));
    let lists = several(heading.lists.len() as u64, "list", "lists");
    let elapsed = words::elapsed(summary.elapsed);
    writeln!(out, "{BOLD}{people} screened against {lists} in {elapsed}{BOLD:#}")?;
    if let Some(since) = &heading.since {
        writeln!(out, "  only what is new or changed since {} is told", words::plain(since))?;
    }
    if summary.people == 0 {
        writeln!(
            out,
            "  {WARN}nobody was screened, so this says nothing about anybody{WARN:#}; check the file and its columns"
        )?;
    } else if summary.alerts == 0 {
        writeln!(out, "  no alert")?;
    } else {
        writeln!(
            out,
            "  {BOLD}{}{BOLD:#} for {}; a named person must decide each, with",
            several(summary.alerts, "alert", "alerts"),
            several(summary.people_with_alerts, "person", "people"),
        )?;
        writeln!(
            out,
            "    portcullis decisions add REFERENCE --verdict not-same --officer OFFICER --reason \"...\""
        )?;
    }
    remembered(out, summary)?;
    if summary.gone > 0 {
        let records = several(summary.gone, "record", "records");
        writeln!(out, "  {records} named by an alert before the update, and by none now")?;
    }
    if summary.set_aside > 0 {
        let file = summary.set_aside_file.as_ref();
        writeln!(
            out,
            "  {WARN}{} could not be read; nobody named there was screened{WARN:#}{}",
            several(summary.set_aside, "row", "rows"),
            file.map_or_else(String::new, |path| format!(": {}", path.display()))
        )?;
    }
    if let Some(path) = &summary.earlier_set_aside_file {
        writeln!(out, "  no row was set aside; {} is of an earlier run", path.display())?;
    }
    if summary.naming_nobody > 0 {
        writeln!(out, "  {}", words::naming_nobody(summary.naming_nobody))?;
    }
    for warning in summary.warnings.iter().take(TOLD) {
        writeln!(out, "  {WARN}note:{WARN:#} {}", words::plain(warning))?;
    }
    and_more(out, summary.noticed)?;
    for list in &heading.lists {
        let style = if list.is_stale() { WARN } else { Style::new() };
        let advice = if list.is_stale() { "; look for a newer issue" } else { "" };
        writeln!(
            out,
            "  searched {}, issue {}, {style}{}{advice}{style:#}, {}",
            words::plain(&list.title),
            list.version,
            list.age(),
            several(list.records, "record", "records"),
        )?;
        if list.set_aside > 0 {
            writeln!(
                out,
                "    {WARN}{} of it could not be read{WARN:#}",
                several(list.set_aside, "row", "rows")
            )?;
        }
        for warning in &list.warnings {
            writeln!(out, "    {WARN}note:{WARN:#} {}", words::plain(warning))?;
        }
    }
    writeln!(
        out,
        "  prior {}, threshold {}, {}, {}",
        words::prior(heading.settings.prior),
        heading.settings.threshold.0,
        portcullis_matching::NORMALISER,
        portcullis_matching::MODEL,
    )?;
    if let Some(path) = written_to {
        writeln!(out, "  written to {}", path.display())?;
    }
    Ok(())
}

fn remembered(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    if summary.quiet > 0 {
        let them = several(summary.quiet, "alert", "alerts");
        writeln!(out, "  {them} not raised, because somebody decided and nothing changed since:")?;
        for quiet in summary.quiet_rows.iter().take(TOLD) {
            let decided = &quiet.decided;
            writeln!(
                out,
                "    row {}  {}  by {} on {}",
                quiet.row, decided.reference, decided.by, decided.on
            )?;
        }
        and_more(out, summary.quiet)?;
    }
    if summary.raised_again > 0 {
        let them = several(summary.raised_again, "alert", "alerts");
        writeln!(out, "  {them} raised again although decided before:")?;
        for row in summary.raised_again_rows.iter().take(TOLD) {
            writeln!(out, "    {}", words::plain(row))?;
        }
        and_more(out, summary.raised_again)?;
    }
    Ok(())
}

fn and_more(out: &mut impl Write, all: u64) -> io::Result<()> {
    let more = all.saturating_sub(TOLD as u64);
    if more > 0 { writeln!(out, "    and {} more", words::count(more)) } else { Ok(()) }
}
