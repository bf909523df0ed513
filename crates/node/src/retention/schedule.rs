//! `portcullis retention schedule`: how long each kind of record is kept.

use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::Context;
use clap::Subcommand;
use portcullis_decide::Schedule;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where an organisation's own schedule is, in the data folder.
const FILE: &str = "retention.toml";

/// How long each kind of record is kept: show, check
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

const AFTER: &str = "\
To make it your own, begin with the text of the default, change it, and check it:
    portcullis retention schedule show --text > retention.toml
    portcullis retention schedule check retention.toml
Then put it into the data folder as `retention.toml`. It holds for what is kept from then on.";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the schedule that is in force
    Show {
        /// As the text that can be changed, with the reasons
        #[arg(long)]
        text: bool,
    },
    /// Look whether a file is a schedule
    Check {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// The schedule that is in force: the one that is named, else the organisation's own in the data
/// folder, else the default.
pub(crate) fn in_force(data: &Path, named: Option<&Path>) -> anyhow::Result<Schedule> {
    text(data, named)?.map_or_else(|| Ok(Schedule::default()), |own| parse(&own.path, &own.text))
}

/// A schedule of the organisation's own.
struct Own {
    path: PathBuf,
    text: String,
}

fn text(data: &Path, named: Option<&Path>) -> anyhow::Result<Option<Own>> {
    let path = named.map_or_else(|| data.join(FILE), Path::to_owned);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(Own { path, text })),
        // One that is named must be there: nothing is kept by another by mistake.
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => Err(error)
            .with_context(|| format!("cannot read the retention schedule `{}`", path.display())),
    }
}

fn parse(path: &Path, text: &str) -> anyhow::Result<Schedule> {
    text.parse().with_context(|| format!("cannot use the retention schedule `{}`", path.display()))
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    match &args.verb {
        Some(Verb::Check { file }) => {
            let text = fs::read_to_string(file)
                .with_context(|| format!("cannot read `{}`", file.display()))?;
            let schedule = parse(file, &text)?;
            writeln!(
                out,
                "`{}` is a schedule: {} rules",
                file.display(),
                schedule.rules().count()
            )?;
        }
        Some(Verb::Show { text: true }) => {
            let own = text(&environment.data, environment.schedule.as_deref())?;
            let text = own.map_or_else(|| Schedule::DEFAULT_TEXT.to_owned(), |own| own.text);
            out.write_all(text.as_bytes())?;
        }
        Some(Verb::Show { text: false }) | None => {
            let named = environment.schedule.as_deref();
            let whose = match text(&environment.data, named)? {
                Some(own) => format!("your own, in `{}`", own.path.display()),
                None => "the default".to_owned(),
            };
            writeln!(out, "The schedule in force is {whose}.\n")?;
            writeln!(out, "{:<14} {:<16} {:<10} {:<7}", "KIND", "PURPOSE", "KEEP", "THEN")?;
            for (kind, purpose, rule) in in_force(&environment.data, named)?.rules() {
                let purpose = purpose.map_or("all others", portcullis_types::Purpose::code);
                let (kind, then) = (kind.code(), rule.disposal.code());
                let keep = rule.period.to_string();
                writeln!(out, "{kind:<14} {purpose:<16} {keep:<10} {then:<7}")?;
            }
        }
    }
    Ok(Outcome::Clear)
}
