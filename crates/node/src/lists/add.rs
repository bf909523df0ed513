//! `portcullis lists add`.

use super::place::Place;
use super::take::{self, Ready, TakeArgs};
use super::{OfficerArgs, intake, say, sources};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::label::{MarkingArgs, Scheme};
use crate::report::words::several;
use anyhow::{Context, bail};
use portcullis_decide::{Address, Keeping, KeptList, ListName};
use portcullis_ingest::{KnownSource, ListFormat};
use std::fs;
use std::path::PathBuf;

/// Add a list: by its well-known name, or from files or web addresses
///
/// Lists known by name need nothing else; `lists status --known` shows them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to call the list, or the name of a well-known one
    name: ListName,

    /// A file of the list; several times when it has several. It may be packed (.gz, .zst, .zip)
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    file: Vec<PathBuf>,

    /// A web address of the list; several times when it has several files
    #[arg(long, value_name = "URL")]
    url: Vec<String>,

    /// The format [default: recognised from the file]
    #[arg(long, visible_alias = "list-format", value_name = "CODE", value_parser = format)]
    format: Option<ListFormat>,

    /// How often a new issue is to be expected, in days; `lists status` warns after that
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    every: Option<u32>,

    #[command(flatten)]
    take: TakeArgs,

    #[command(flatten)]
    officer: OfficerArgs,

    #[command(flatten)]
    marking: MarkingArgs,
}

fn format(code: &str) -> Result<ListFormat, String> {
    ListFormat::from_code(code).ok_or_else(|| {
        let codes: Vec<_> = ListFormat::ALL.iter().map(|format| format.code()).collect();
        format!("known formats are: {}", codes.join(", "))
    })
}

pub(super) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let officer = args.officer.officer()?;
    let known = sources::known(args.name.as_str());
    let addresses = addresses(&args, known)?;
    let checksums = args.take.checksums_for(addresses.len())?;
    let label = args.marking.label(&Scheme::in_force(&environment.data)?)?;
    let place = Place::new(environment);
    let _lock = place.lock()?;
    if take::current(&place, args.name.as_str())?.is_some() {
        bail!(
            "there is a list `{0}` already; fetch its newest issue with `lists update {0}`, or remove it first",
            args.name
        );
    }
    // A file given for a known list may be of another of its publisher's formats.
    let official = known.filter(|_| args.file.is_empty() && args.url.is_empty());
    let fetched = intake::fetch(&place, &addresses, None, checksums, args.take.limits());
    let fetched = match official {
        Some(known) => fetched.with_context(|| {
            format!(
                "`{}` could not be fetched; its publisher tells of it at {}, and a file saved from there can be added with --file",
                args.name, known.page
            )
        }),
        None => fetched,
    };
    let incoming = fetched?.context("a list that is new has changed")?;
    let source = args.name.as_str().parse()?;
    let format = args.format.or(official.map(|known| known.format));
    let taken =
        take::check(&incoming, &args.take, format, &source, &organisation(), None, environment)?;
    let list = KeptList {
        organisation: organisation(),
        name: args.name,
        source,
        format: taken.format.code().to_owned(),
        addresses,
        rhythm_days: args.every.or(known.and_then(sources::rhythm_days)),
        checked_at: environment.clock.now(),
        current: taken.issue.clone(),
        earlier: Vec::new(),
    };
    let ready = Ready { incoming, taken, how: Keeping::Added, label, list };
    let list = take::put_into_use(&place, ready, officer, environment)?;
    say(&format!(
        "added `{}`, issue {}: {}",
        list.name,
        list.current.version,
        several(list.current.entries, "record", "records")
    ));
    if let Some(since) = sources::retired_since(list.source.as_str()) {
        say(&format!(
            "warning: `{}` has not been kept up to date by its publisher since {since}; do not use it alone",
            list.name
        ));
    }
    Ok(Outcome::Clear)
}

fn addresses(args: &Args, known: Option<&KnownSource>) -> anyhow::Result<Vec<Address>> {
    if !args.url.is_empty() {
        return Ok(args.url.iter().map(|url| Address::Url(url.as_str().into())).collect());
    }
    if !args.file.is_empty() {
        return args.file.iter().map(file_address).collect();
    }
    match known {
        Some(known) => Ok(sources::addresses(known)),
        None => bail!(
            "`{}` is not a list known by name; say where it is with --file or --url. Known are: {}",
            args.name,
            sources::names().join(", ")
        ),
    }
}

/// The absolute path, so that `lists update` finds the file from any folder.
fn file_address(path: &PathBuf) -> anyhow::Result<Address> {
    let path =
        fs::canonicalize(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let text = path.to_str().context("the path of a list must be readable as text")?;
    Ok(Address::File(text.into()))
}
