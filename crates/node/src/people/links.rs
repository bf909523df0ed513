//! `portcullis people link` and `submissions`: what volunteers hand in.

use super::list::shown;
use super::{Who, digest, known, new_code, office, opened, said};
use crate::decisions::{officer, organisation, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::Context as _;
use clap::Subcommand;
use portcullis_decide::people::{LinkOrder, SubmitLink, close_link, make_link};
use portcullis_keys::CodeKind;
use portcullis_store::TransactionName;
use portcullis_types::{EventId, EventTime, OfficerId, PopulationClass, Protected};
use std::io::{self, Write as _};

/// Links by which volunteers hand in and see nothing: make, list, close
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a link; its secret is shown once
    Make(MakeArgs),
    /// List all links
    List,
    /// Close a link: yours, or as an administrator anybody's
    Close {
        /// The link, as `portcullis people link list` shows it
        link: EventId,

        /// Your account name
        #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
        officer: OfficerId,
    },
}

#[derive(Debug, clap::Args)]
struct MakeArgs {
    /// Who answers for what comes in
    #[command(flatten)]
    who: Who,

    /// What the people are who are handed in: donor, candidate, staff, associate
    #[arg(long, value_name = "CLASS", value_parser = class)]
    class: PopulationClass,

    /// For how many days, at most 90
    #[arg(long, value_name = "NUMBER", default_value_t = 14)]
    days: u16,

    /// How often it may be used
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    uses: u32,

    /// What it is for
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    note: Protected,
}

fn class(code: &str) -> Result<PopulationClass, String> {
    PopulationClass::from_code(code)
        .ok_or_else(|| "the classes are donor, candidate, staff, associate".to_owned())
}

pub(super) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Make(args) => make(&args, environment),
        Verb::List => list(environment),
        Verb::Close { link, officer } => close(link, &officer, environment),
    }
}

fn make(args: &MakeArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    // He answers for what comes in, so a name that is stated is not enough.
    drop(args.who.keys(&mut store)?);
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let code = new_code(rng, CodeKind::Link);
    let link = store.write(TransactionName("people.link"), |w| {
        let person = known(&w.office(&organisation())?, &args.who.officer)?;
        let order = LinkOrder {
            class: args.class,
            note: args.note.clone(),
            days: args.days,
            most_uses: args.uses,
        };
        let change = make_link(clock, rng, &person, digest(&code), order)?;
        w.put_submit_link(&change)?;
        anyhow::Ok(change.into_state())
    })?;
    writeln!(
        io::stdout(),
        "{}\n\nShown now and never again: the end of the address that the volunteers get. It holds until {}, for\n{} uses; to close it:\n    portcullis people link close {} --officer {}",
        code.reveal(),
        link.until,
        link.most_uses,
        link.id,
        args.who.officer
    )?;
    Ok(Outcome::Clear)
}

fn list(environment: &mut Environment) -> anyhow::Result<Outcome> {
    let now = EventTime::rounded_down(environment.clock.now())?;
    let mut store = opened(environment)?;
    let office = office(&mut store)?;
    let links = store.read(|r| r.submit_links(&organisation())).map_err(said)?;
    let takes = |link: &SubmitLink| {
        office.person(&link.made_by.officer).is_some_and(|made_by| link.takes(now, made_by))
    };
    let mut out = io::stdout().lock();
    for link in links {
        writeln!(
            out,
            "{} {:<24} {} {} until {}, {} of {} uses: {}",
            link.id,
            link.made_by.officer,
            link.class,
            if takes(&link) { "open" } else { "closed" },
            link.until,
            link.uses,
            link.most_uses,
            shown(link.note.reveal())
        )?;
    }
    Ok(Outcome::Clear)
}

fn close(
    id: EventId,
    officer: &OfficerId,
    environment: &mut Environment,
) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("people.link"), |w| {
        let by = known(&w.office(&organisation())?, officer)?;
        let link = w.submit_links(&organisation())?.into_iter().find(|link| link.id == id);
        let link = link.with_context(|| format!("there is no link `{id}`"))?;
        w.put_submit_link(&close_link(clock, rng, &by, link)?)?;
        anyhow::Ok(())
    })?;
    writeln!(io::stdout(), "closed {id}")?;
    Ok(Outcome::Clear)
}

/// Write what volunteers handed in, one object a line; protected text
///
/// It asks nobody who they are: whoever administers this machine and has its keyring reads all of it.
#[derive(Debug, clap::Args)]
pub(super) struct SubmissionsArgs {
    /// Only what came by this link
    #[arg(long, value_name = "LINK")]
    link: Option<EventId>,
}

pub(super) fn submissions(
    args: &SubmissionsArgs,
    environment: &mut Environment,
) -> anyhow::Result<Outcome> {
    let submissions =
        opened(environment)?.read(|r| r.submissions(&organisation())).map_err(said)?;
    let mut out = io::stdout().lock();
    for submission in submissions {
        if args.link.is_some_and(|link| link != submission.link) {
            continue;
        }
        serde_json::to_writer(
            &mut out,
            &serde_json::json!({
                "at": submission.at.to_string(),
                "link": submission.link,
                "class": submission.class,
                "submission": submission.form,
            }),
        )?;
        writeln!(out)?;
    }
    Ok(Outcome::Clear)
}
