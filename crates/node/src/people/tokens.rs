//! `portcullis people token`: programs that act for an officer.

use super::list::shown;
use super::{Who, digest, known, new_code, office, opened, said};
use crate::decisions::{officer, organisation, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::Context as _;
use clap::Subcommand;
use portcullis_decide::people::{Scope, make_token, revoke_token};
use portcullis_keys::CodeKind;
use portcullis_store::TransactionName;
use portcullis_types::{EventId, EventTime, OfficerId, Protected};
use std::collections::BTreeSet;
use std::io::{self, Write as _};

/// Tokens for programs that act for an officer: make, list, revoke
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a token for yourself; it is shown once
    Make(MakeArgs),
    /// List all tokens
    List,
    /// Revoke a token: yours, or as an administrator anybody's
    Revoke {
        /// The token, as `portcullis people token list` shows it
        token: EventId,

        /// Your account name
        #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
        officer: OfficerId,
    },
}

#[derive(Debug, clap::Args)]
struct MakeArgs {
    #[command(flatten)]
    who: Who,

    /// What it may be used for; several times for several
    ///
    /// match, screen, lists.read, decisions.read, history.read: as far as your roles go.
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope, required = true)]
    scopes: Vec<Scope>,

    /// For how many days, at most 365
    #[arg(long, value_name = "NUMBER", default_value_t = 90)]
    days: u16,

    /// What it is for
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    note: Protected,
}

fn scope(code: &str) -> Result<Scope, String> {
    Scope::from_code(code).ok_or_else(|| {
        let codes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.code()).collect();
        format!("the scopes are {}", codes.join(", "))
    })
}

pub(super) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Make(args) => make(&args, environment),
        Verb::List => list(environment),
        Verb::Revoke { token, officer } => revoke(token, &officer, environment),
    }
}

fn make(args: &MakeArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    // A token acts in his name, so a name that is stated is not enough.
    drop(args.who.keys(&mut store)?);
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let code = new_code(rng, CodeKind::Token);
    let scopes: BTreeSet<Scope> = args.scopes.iter().copied().collect();
    let token = store.write(TransactionName("people.token"), |w| {
        let person = known(&w.office(&organisation())?, &args.who.officer)?;
        let (scopes, note) = (scopes.clone(), args.note.clone());
        let change = make_token(clock, rng, &person, digest(&code), scopes, args.days, note)?;
        w.put_api_token(&change)?;
        anyhow::Ok(change.into_state())
    })?;
    writeln!(
        io::stdout(),
        "{}\n\nShown now and never again. It holds until {}; to revoke it:\n    portcullis people token revoke {} --officer {}",
        code.reveal(),
        token.until,
        token.id,
        args.who.officer
    )?;
    Ok(Outcome::Clear)
}

fn list(environment: &mut Environment) -> anyhow::Result<Outcome> {
    let now = EventTime::rounded_down(environment.clock.now())?;
    let mut store = opened(environment)?;
    let office = office(&mut store)?;
    let tokens = store.read(|r| r.api_tokens(&organisation())).map_err(said)?;
    let mut out = io::stdout().lock();
    for token in tokens {
        let may = office.person(&token.person.officer).map(|person| token.scopes(now, person));
        let may: Vec<&str> = may.unwrap_or_default().into_iter().map(Scope::code).collect();
        let may = if may.is_empty() { "nothing now".to_owned() } else { may.join(" ") };
        writeln!(
            out,
            "{} {:<24} until {} {may}: {}",
            token.id,
            token.person.officer,
            token.until,
            shown(token.note.reveal())
        )?;
    }
    Ok(Outcome::Clear)
}

fn revoke(
    id: EventId,
    officer: &OfficerId,
    environment: &mut Environment,
) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("people.token"), |w| {
        let by = known(&w.office(&organisation())?, officer)?;
        let mut tokens = w.api_tokens(&organisation())?.into_iter();
        let token = tokens.find(|token| token.id == id);
        let token = token.with_context(|| format!("there is no token `{id}`"))?;
        w.put_api_token(&revoke_token(clock, rng, &by, token)?)?;
        anyhow::Ok(())
    })?;
    writeln!(io::stdout(), "revoked {id}")?;
    Ok(Outcome::Clear)
}
