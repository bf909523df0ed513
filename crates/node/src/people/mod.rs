//! `portcullis people`: who may act here, and who has said so.

mod approve;
mod endings;
mod first;
mod grants;
mod links;
mod list;
mod outside;
mod passphrase;
mod propose;
mod recovery;
mod tokens;
mod typed;

use crate::decisions::{officer, organisation};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context as _, bail};
use clap::Subcommand;
use portcullis_decide::Digest;
use portcullis_decide::people::{KeyWay, Office, Person, Signature};
use portcullis_keys::{CodeKind, KeyLock, KeyOwner, PersonalKeys, SecretCode, UnwrapError};
use portcullis_store::{Database, Reader, StoreError};
use portcullis_types::{OfficerId, Rng};
use std::path::PathBuf;

/// Who may act here, and who has said so
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const AFTER: &str = "\
Whatever gives somebody more is proposed by one administrator and approved by another, each with the
passphrase of his own keys:
    portcullis people propose make n.person --name \"N. Person\" --role officer \\
      --officer o.testwick --reason \"joins compliance\"
    portcullis people approve PROPOSAL --officer q.examplesson
Whatever takes away, one administrator does at once:
    portcullis people suspend n.person --officer o.testwick --reason \"lost laptop\"";

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::ListArgs),
    Show(list::ShowArgs),
    Proposals(list::ProposalsArgs),
    First(first::Args),
    Propose(propose::Args),
    Approve(approve::ApproveArgs),
    Refuse(approve::RefuseArgs),
    Suspend(endings::SuspendArgs),
    End(endings::EndArgs),
    RemoveOutside(outside::RemoveArgs),
    Recovery(recovery::Args),
    Passphrase(passphrase::Args),
    Request(outside::RequestArgs),
    Answer(outside::AnswerArgs),
    Key(outside::KeyArgs),
    Token(tokens::Args),
    Link(links::Args),
    Submissions(links::SubmissionsArgs),
}

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::List(args) => list::list(&args, environment),
        Verb::Show(args) => list::show(&args, environment),
        Verb::Proposals(args) => list::proposals(&args, environment),
        Verb::First(args) => first::run(&args, environment),
        Verb::Propose(args) => propose::run(args, environment),
        Verb::Approve(args) => approve::approve(&args, environment),
        Verb::Refuse(args) => approve::refuse(&args, environment),
        Verb::Suspend(args) => endings::suspend(&args, environment),
        Verb::End(args) => endings::end(&args, environment),
        Verb::RemoveOutside(args) => outside::remove(&args, environment),
        Verb::Recovery(args) => recovery::run(args, environment),
        Verb::Passphrase(args) => passphrase::run(args, environment),
        Verb::Request(args) => outside::request(&args, environment),
        Verb::Answer(args) => outside::answer(&args, environment),
        Verb::Key(args) => outside::key(&args, environment),
        Verb::Token(args) => tokens::run(args, environment),
        Verb::Link(args) => links::run(args, environment),
        Verb::Submissions(args) => links::submissions(&args, environment),
    }
}

/// Who acts. On the machine anybody can state a name: what counts is the passphrase.
#[derive(Debug, Clone, clap::Args)]
struct Who {
    /// Your account name
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,

    /// File whose first line is the passphrase of your own keys; else it is asked for
    #[arg(long, value_name = "FILE")]
    own_passphrase_file: Option<PathBuf>,
}

impl Who {
    /// Unlocks the keys of whoever acts: nobody else can.
    fn keys(&self, store: &mut Database) -> anyhow::Result<PersonalKeys> {
        let ways = store.read(|r| r.wrapped_keys(&organisation(), &self.officer)).map_err(said)?;
        let ways: Vec<_> = ways.into_iter().filter(|way| way.way == KeyWay::Passphrase).collect();
        if ways.is_empty() {
            bail!(
                "`{}` has no keys under a passphrase; set one with `portcullis people passphrase set`, or do this in the browser with a passkey",
                self.officer
            );
        }
        let file = self.own_passphrase_file.as_deref();
        let passphrase = typed::passphrase(&self.officer, file, typed::Asked::ToUnlock)?;
        let own = organisation();
        let owner = owner(&own, &self.officer);
        let lock = KeyLock::Passphrase(&passphrase);
        for way in ways {
            match PersonalKeys::unwrap(&way.bytes, &owner, &lock) {
                Ok(keys) => return Ok(keys),
                Err(UnwrapError::WrongLock) => {}
                Err(error) => return Err(error).context("cannot unlock the keys"),
            }
        }
        bail!("this is not the passphrase of `{}`", self.officer)
    }

    /// Signs a statement.
    fn sign(&self, store: &mut Database, statement: &[u8]) -> anyhow::Result<Signature> {
        Ok(Signature::from_bytes(self.keys(store)?.sign(statement)))
    }
}

fn owner<'a>(
    organisation: &'a portcullis_types::OrganisationId,
    officer: &'a OfficerId,
) -> KeyOwner<'a> {
    KeyOwner { organisation: organisation.as_str(), account: officer.as_str() }
}

/// What the store said, as it is.
fn said(error: StoreError) -> anyhow::Error {
    error.into()
}

fn opened(environment: &Environment) -> anyhow::Result<Database> {
    Place::new(environment)
        .existing_store()?
        .context("there is nobody here yet; begin with `portcullis people first`")
}

fn office(store: &mut Database) -> anyhow::Result<Office> {
    store.read(|r: &dyn Reader| r.office(&organisation())).map_err(said)
}

fn known(office: &Office, officer: &OfficerId) -> anyhow::Result<Person> {
    let person = office.person(officer).cloned();
    person.with_context(|| format!("nobody has the account `{officer}`"))
}

fn new_code(rng: &mut dyn Rng, kind: CodeKind) -> SecretCode {
    SecretCode::random(&mut |bytes| rng.fill(bytes), kind)
}

fn digest(code: &SecretCode) -> Digest {
    Digest::from_bytes(code.digest())
}
