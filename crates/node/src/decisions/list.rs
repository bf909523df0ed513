//! `portcullis decisions list`.

use super::rows::{self, Row};
use super::unchecked;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::report::words::{plain, several};
use clap::ValueEnum;
use portcullis_decide::Decision;
use portcullis_types::{OfficerId, Protected};
use std::io::{self, Write};

/// Show decisions, with who took them and why
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Show those undone, too
    #[arg(long)]
    all: bool,

    /// Only those of this officer
    #[arg(long, visible_alias = "by", value_name = "NAME")]
    officer: Option<OfficerId>,

    /// Only those with all these words in the name of the person or of the record, whatever their
    /// case and accents; parts of words will do
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    name: Option<Protected>,

    /// How to write them
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Table,
    /// For a spreadsheet
    Csv,
    /// For programs: one object a line
    Jsonl,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut decisions = rows::all(environment)?;
    if let Some(name) = &args.name {
        let found = rows::named(environment, name)?;
        decisions.retain(|decision| found.contains(&decision.id));
    }
    decisions.retain(|decision| {
        let officer = &decision.judgement.officer;
        (args.all || decision.undoing.is_none())
            && args.officer.as_ref().is_none_or(|wanted| wanted == officer)
    });
    let mut out = io::stdout().lock();
    match args.format {
        Form::Csv => rows::csv(&mut out, &decisions)?,
        Form::Jsonl => rows::json_lines(&mut out, &decisions)?,
        Form::Table => table(&mut out, &decisions)?,
    }
    Ok(Outcome::Clear)
}

fn table(out: &mut impl Write, decisions: &[Decision]) -> io::Result<()> {
    for decision in decisions {
        let row = Row::from(decision);
        let text = |text: &str| plain(text);
        writeln!(out, "{}  {}", row.reference, decision.judgement.verdict)?;
        writeln!(out, "  query    {}", text(row.query_name))?;
        writeln!(
            out,
            "  record   {} ({} {}, issue {})",
            text(row.record_name),
            text(row.source),
            text(row.record),
            text(row.list_version)
        )?;
        writeln!(out, "  decided  {:.0} by {}", row.decided_at, text(row.officer))?;
        writeln!(out, "  reason   {}", text(row.reason))?;
        if row.by_name_and_place {
            writeln!(
                out,
                "  note     neither a birth date nor an identifier was known; a namesake of the same post code or address, or likewise without one, is taken for the same"
            )?;
        }
        if let (Some(at), Some(by), Some(reason)) =
            (row.undone_at, row.undone_by, row.undone_reason)
        {
            writeln!(out, "  undone   {at:.0} by {}: {}", text(by), text(reason))?;
        }
    }
    writeln!(out, "{}", several(decisions.len() as u64, "decision", "decisions"))
}
