//! `portcullis member`: who is in the federation, and how that changes.

mod accept;
mod card;
mod pin;
mod propose;
mod rotate;
mod show;
mod sign;
mod verify;

use crate::environment::Environment;
use crate::exit::Outcome;
use clap::Subcommand;

/// Who is in the federation: show, propose, sign, accept, verify, rotate, revoke
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const AFTER: &str = "\
How a member is added, all of it by files:
  the newcomer    portcullis init --card new.card ...
  a member        portcullis member propose --add new.card --ceiling new.example=1 --out list4
  all who agree   portcullis member sign list4 --out list4.ours --officer q.examplesson
  everybody       portcullis member accept list4.* --officer q.examplesson
  the newcomer    portcullis join history --pin ... (a member made it: `member export --out history`)

Exit status: 0 done, nothing missing; 1 looked at, and something is missing or not sound; 2 refused.";

#[derive(Debug, Subcommand)]
enum Verb {
    Show(show::Args),
    Card(card::Args),
    Found(propose::FoundArgs),
    Propose(propose::Args),
    Revoke(propose::RevokeArgs),
    Rotate(rotate::Args),
    Sign(sign::Args),
    Accept(accept::Args),
    Export(show::ExportArgs),
    Verify(verify::Args),
    Pin(pin::Args),
}

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Show(args) => show::run(&args, environment),
        Verb::Card(args) => card::run(&args, environment),
        Verb::Found(args) => propose::found(&args, environment),
        Verb::Propose(args) => propose::run(&args, environment),
        Verb::Revoke(args) => propose::revoke(&args, environment),
        Verb::Rotate(args) => rotate::run(&args, environment),
        Verb::Sign(args) => sign::run(&args, environment),
        Verb::Accept(args) => accept::run(&args, environment),
        Verb::Export(args) => show::export(&args, environment),
        Verb::Verify(args) => verify::run(&args, environment),
        Verb::Pin(args) => pin::run(&args, environment),
    }
}
