//! `portcullis init`.

use super::{OfficerArgs, now, own_card, table, write};
use crate::decisions::{officer, organisation};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context as _, bail};
use portcullis_audit::{KeyName, Pace};
use portcullis_decide::members::{OwnOrganisation, establish};
use portcullis_decide::{OpenedLog, open_log};
use portcullis_federation::{MemberFile, MemberName};
use portcullis_store::TransactionName;
use portcullis_types::{Actor, Body, OfficerId, OrganisationId};
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::path::PathBuf;

/// Seconds between two checkpoints, and leaves that each adds, where nothing else is said.
const PACE: (u32, u32) = (3_600, 256);

/// Make this organisation: what it is called, what it is, and its keys
///
/// On a terminal it asks for what is not given. It draws the organisation's signing and sealing keys,
/// opens its log where one is named, and prints the card: what others compare on the telephone.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Its id in the federation, for good: a short name, best a domain of yours
    #[arg(long, value_name = "ID", value_parser = id)]
    id: Option<OrganisationId>,

    /// What it is called
    #[arg(long, value_name = "NAME")]
    name: Option<MemberName>,

    /// What it is: party, service, parliament, vetting, library, taskforce, police, council,
    /// devolved, overseer
    #[arg(long, value_name = "KIND", value_parser = body)]
    body: Option<Body>,

    /// Open the log under this name; leave it out to do so later with `portcullis audit open`
    #[arg(long, value_name = "ORIGIN")]
    log: Option<KeyName>,

    /// Under which name this node cosigns others' logs, if it does
    #[arg(long, value_name = "NAME", env = "PORTCULLIS_WITNESS_NAME")]
    cosigner: Option<KeyName>,

    /// Where the card goes, to be handed to whoever proposes you as a member
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,

    /// Your account name, for the record; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: Option<OfficerId>,
}

const AFTER: &str = "\
Example:
  portcullis init --id party.example --name \"Party of Tests\" --body party \\
    --log log.party.example --card party.card --officer q.examplesson

What comes next: the first two administrators (`portcullis people first`), then the federation
(`portcullis join`).";

fn id(text: &str) -> Result<OrganisationId, String> {
    OrganisationId::new(text).map_err(|error| error.to_string())
}

fn body(text: &str) -> Result<Body, String> {
    Body::from_code(text).ok_or_else(|| {
        let codes: Vec<_> = Body::ALL.iter().map(|body| body.code()).collect();
        format!("it is one of {}", codes.join(", "))
    })
}

pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let own = OwnOrganisation {
        id: asked(args.id, "--id", "Its id, best a domain of yours (party.example)", id)?,
        name: asked(args.name, "--name", "What it is called", |text| {
            text.parse().map_err(|error| format!("{error}"))
        })?,
        body: asked(args.body, "--body", "What it is (party, service, parliament, ...)", body)?,
    };
    let by = asked(args.officer, "--officer", "Your account name, for the record", officer)?;
    let by = OfficerArgs { officer: by }.by();
    let at = now(environment)?;
    let pace = Pace::beginning(crate::audit::now_us(environment), PACE.0, PACE.1)?;
    let mut store = Place::new(environment).store()?;
    if let Some(made) = store.read(|r| r.own_organisation(&organisation()))? {
        bail!("this node is that of `{}` already; see `portcullis member card`", made.id);
    }
    store.make_own_keys(at)?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("members.init"), |w| {
        w.put_own_organisation(&establish(clock, rng, &by, own.clone())?)?;
        let Some(origin) = args.log.as_ref() else { return anyhow::Ok(()) };
        if w.log(&organisation())?.is_some() {
            return Ok(());
        }
        let log = OpenedLog {
            organisation: organisation(),
            origin: origin.to_string(),
            start_us: pace.start_us(),
            interval_s: pace.interval_s(),
            per_interval: pace.per_interval(),
            link: None,
        };
        let officer = Actor::Officer(by.officer.clone());
        w.open_log(&open_log(clock, rng, officer, log)?)?;
        Ok(())
    })?;
    let card = own_card(&mut store, args.cosigner.as_ref())?;
    let mut out = io::stdout().lock();
    table::card(&mut out, &card)?;
    if let Some(path) = &args.card {
        write(path, &MemberFile::Card(Box::new(card)))?;
        writeln!(out, "\nwrote the card to `{}`; it is no secret", path.display())?;
    }
    writeln!(
        out,
        "\nNext:\n  make copies of keyring and key:  portcullis keys copy FILE; portcullis keys paper\n  make the first administrators:    portcullis people first\n  join the federation:              portcullis join"
    )?;
    Ok(Outcome::Clear)
}

/// What was given, or is asked for on a terminal.
fn asked<T>(
    given: Option<T>,
    option: &str,
    question: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> anyhow::Result<T> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !io::stdin().is_terminal() {
        bail!("say `{option}`: {question}");
    }
    loop {
        let mut err = io::stderr().lock();
        write!(err, "{question}: ")?;
        err.flush()?;
        let mut line = String::new();
        let length = io::stdin().lock().read_line(&mut line).context("cannot read the answer")?;
        if length == 0 {
            bail!("say `{option}`: {question}");
        }
        match read(line.trim()) {
            Ok(value) => return Ok(value),
            Err(error) => writeln!(err, "{error}")?,
        }
    }
}
