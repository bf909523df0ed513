//! `portcullis decisions`: what named officers decided on alerts.

mod add;
mod bulk;
mod export;
mod list;
mod memory;
mod pair;
mod rows;
mod undo;

pub(crate) use memory::{DecisionMemory, Raised, record_raised, reference};

use crate::environment::Environment;
use crate::exit::Outcome;
use clap::Subcommand;
use portcullis_decide::{
    Decision, Judgement, ReasonError, Reference, StatedReason, Verdict, check_person,
};
use portcullis_types::{OfficerId, OrganisationId, Protected};
use std::convert::Infallible;

/// Decisions of named officers.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Add(add::Args),
    List(list::Args),
    Undo(undo::Args),
    Export(export::Args),
}

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Add(args) => add::run(&args, environment),
        Verb::List(args) => list::run(&args, environment),
        Verb::Undo(args) => undo::run(&args, environment),
        Verb::Export(args) => export::run(&args, environment),
    }
}

/// The organisation that this node works for.
pub(crate) fn organisation() -> OrganisationId {
    OrganisationId::new("own").expect("a constant that is an id")
}

/// Takes the name of a person who answers for something.
pub(crate) fn officer(text: &str) -> Result<OfficerId, String> {
    let officer = OfficerId::new(text)
        .map_err(|error| format!("{error}; give the account name of a person"))?;
    check_person(&officer).map_err(|error| error.to_string())?;
    Ok(officer)
}

/// What the machine calls whoever runs the program. The officer is who they say they are; until
/// people sign in, this stands beside it in the event.
pub(crate) fn account() -> Option<String> {
    whoami::username().ok()
}

/// Takes a reason unchecked: what clap refuses, it repeats, and a reason is protected text.
#[expect(clippy::unnecessary_wraps, reason = "the form in which clap wants it")]
pub(crate) fn unchecked(text: &str) -> Result<Protected, Infallible> {
    Ok(Protected::new(text))
}

pub(crate) fn reason(text: &Protected) -> Result<StatedReason, ReasonError> {
    StatedReason::new(text.reveal())
}

fn verdict(code: &str) -> Result<Verdict, String> {
    Verdict::from_code(&code.trim().to_ascii_lowercase())
        .ok_or_else(|| "a verdict is `not-same`, `same` or `unsure`".to_owned())
}

/// The reference that a decision was taken under, by which it can be undone.
pub(crate) fn reference_of(decision: &Decision) -> Reference {
    let Judgement { purpose, query, record, .. } = &decision.judgement;
    portcullis_decide::reference(*purpose, query, record)
}
