//! `portcullis member card`.

use super::super::{own_card, table, write};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use portcullis_audit::KeyName;
use portcullis_federation::MemberFile;
use std::io;
use std::path::PathBuf;

/// Show the card of this organisation: who it is and its fingerprint, to be read out
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Under which name this node cosigns others' logs, if it does
    #[arg(long, value_name = "NAME", env = "PORTCULLIS_WITNESS_NAME")]
    cosigner: Option<KeyName>,

    /// Where the card goes
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let card = own_card(&mut store, args.cosigner.as_ref())?;
    table::card(&mut io::stdout().lock(), &card)?;
    if let Some(path) = &args.out {
        write(path, &MemberFile::Card(Box::new(card)))?;
    }
    Ok(Outcome::Clear)
}
