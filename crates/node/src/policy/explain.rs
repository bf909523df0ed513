//! `portcullis policy explain`: why something is allowed or refused.

use super::folder::{PoliciesFrom, in_force, text, whose};
use crate::exit::Outcome;
use crate::report::words::plain;
use anyhow::{Context, bail};
use jiff::Timestamp;
use portcullis_access::cases::{self, Case};
use portcullis_access::{Effect, Ground, Judgement, Policies, Rule};
use portcullis_types::Purpose;
use std::io::{self, Write};
use std::path::PathBuf;
use toml::{Table, Value};

/// Say which policies allow or forbid something
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Who asks: a name from the cases, or a table in TOML
    #[arg(value_name = "ASKER")]
    asker: String,

    /// What is to be done: read, count, copy, match, screen, decide, undo, mark, extend, erase, release,
    /// propose, approve, make, revoke, run, submit
    #[arg(value_name = "ACT")]
    act: String,

    /// To what: a name from the cases, or a table in TOML
    #[arg(value_name = "THING")]
    thing: String,

    /// What for, like `screen-donor`
    #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
    purpose: Option<Purpose>,

    /// When; else noon of 1 June 2026, when the program's cases are asked, or `now`
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// Files of cases whose names are used; without any, those of the program
    #[arg(long, value_name = "FILE", num_args = 1..)]
    cases: Vec<PathBuf>,

    #[command(flatten)]
    from: PoliciesFrom,
}

const AFTER: &str = "\
Examples:
  May a minister of party A read an alert about party B's donor?
    portcullis policy explain minister read '{ like = \"alert\", party = \"party-b\" }'
  And an officer who is cleared for less than it is marked?
    portcullis policy explain '{ like = \"officer\", clearance = 0 }' read '{ like = \"alert\", level = 1 }'
  With policies of your own:
    portcullis policy explain officer release alert --policies policies

Exit status: 0  allowed    1  refused    2  could not be looked at";

fn purpose(text: &str) -> Result<Purpose, String> {
    Purpose::from_code(text).ok_or_else(|| {
        let all: Vec<&str> = Purpose::ALL.iter().map(|purpose| purpose.code()).collect();
        format!("a purpose is one of {}", all.join(", "))
    })
}

pub(super) fn run(args: &Args, now: Timestamp) -> anyhow::Result<Outcome> {
    let policies = in_force(&args.from)?;
    let case = case(args, now)?;
    let judgement = case.judge(&policies);
    let mut out = io::stdout().lock();
    writeln!(out, "policies: {}, version {}", whose(&args.from), policies.version())?;
    match &judgement {
        Judgement::Allowed(_) => writeln!(out, "ALLOWED")?,
        Judgement::Denied(denial) => {
            writeln!(out, "REFUSED")?;
            match denial.ground() {
                Ground::Meaningless => {
                    writeln!(
                        out,
                        "The schema knows no such act on such a thing by such an asker."
                    )?;
                }
                Ground::Failed(rules) => {
                    writeln!(out, "What can't be worked out is refused, whatever else allows it:")?;
                    list(&mut out, rules.iter())?;
                }
                Ground::NothingAllows | Ground::Forbidden(_) => (),
            }
        }
    }
    applying(&mut out, &policies, &case)?;
    if let Judgement::Denied(denial) = &judgement {
        writeln!(out, "The asker is told: {}", plain(&denial.to_string()))?;
        return Ok(Outcome::Unsound);
    }
    Ok(Outcome::Clear)
}

fn applying(out: &mut impl Write, policies: &Policies, case: &Case) -> anyhow::Result<()> {
    let applying = policies.applying(case.now, &case.asker, case.deed, &case.thing);
    for (effect, some, none) in [
        (Effect::Forbid, "It is forbidden by:", "Nothing forbids it."),
        (Effect::Permit, "It is allowed by:", "Nothing allows it."),
    ] {
        let rules: Vec<&Rule> = applying.iter().filter(|rule| rule.effect() == effect).collect();
        writeln!(out, "{}", if rules.is_empty() { none } else { some })?;
        list(out, rules.into_iter())?;
    }
    Ok(())
}

fn list<'a>(out: &mut impl Write, rules: impl Iterator<Item = &'a Rule>) -> anyhow::Result<()> {
    for rule in rules {
        writeln!(out, "  {}: {}", plain(rule.id()), plain(rule.says()))?;
    }
    Ok(())
}

/// The question as a case, which is what names and tables stand in. What it expects is not looked at.
fn case(args: &Args, now: Timestamp) -> anyhow::Result<Case> {
    let mut case = Table::new();
    case.insert("name".to_owned(), "the question".into());
    case.insert("asker".to_owned(), name_or_table(&args.asker)?);
    case.insert("act".to_owned(), args.act.as_str().into());
    case.insert("thing".to_owned(), name_or_table(&args.thing)?);
    case.insert("refused".to_owned(), Value::Array(Vec::new()));
    if let Some(purpose) = args.purpose {
        case.insert("purpose".to_owned(), purpose.code().into());
    }
    match args.at.as_deref() {
        Some("now") => drop(case.insert("now".to_owned(), now.to_string().into())),
        Some(at) => {
            let at: Timestamp = at
                .parse()
                .with_context(|| format!("`{at}` is no time like 2026-06-01T12:00:00Z"))?;
            case.insert("now".to_owned(), at.to_string().into());
        }
        None => (),
    }
    let question =
        toml::to_string(&Table::from_iter([("case".to_owned(), vec![Value::from(case)].into())]))?;
    let mut texts: Vec<(String, String)> = Vec::new();
    for path in &args.cases {
        texts.push((path.display().to_string(), text(path)?));
    }
    if args.cases.is_empty() {
        texts.extend(cases::SHIPPED.iter().map(|&(n, text)| (n.to_owned(), text.to_owned())));
    }
    texts.push(("the command line".to_owned(), question));
    let cases = Case::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    cases.into_iter().next_back().context("there is no question")
}

/// A name, or a table as it would stand in a file.
fn name_or_table(text: &str) -> anyhow::Result<Value> {
    if !text.trim_start().starts_with('{') {
        return Ok(text.into());
    }
    let table: Table = toml::from_str(&format!("it = {text}"))
        .with_context(|| format!("`{}` is no table in TOML", plain(text)))?;
    match table.get("it") {
        Some(value @ Value::Table(_)) => Ok(value.clone()),
        _ => bail!("`{}` is neither a name nor a table", plain(text)),
    }
}
