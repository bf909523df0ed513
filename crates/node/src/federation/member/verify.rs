//! `portcullis member verify`.

use super::super::{Of, now, pin_of, read, table};
use crate::environment::Environment;
use crate::exit::Outcome;
use portcullis_federation::{Card, Fingerprint, Fork, History, MemberFile, Pins, SignedList};
use std::io::{self, Write};
use std::path::PathBuf;

/// Check a history of lists, or the proof of two lists of one version; needs no node and no key
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The fingerprint of an organisation in the last list, as it read it out to you
    #[arg(long, value_name = "ID=FINGERPRINT", value_parser = pin_of)]
    pin: Vec<Of<Fingerprint>>,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    match read(&args.file)? {
        MemberFile::Card(card) => {
            table::card(&mut out, &card)?;
            Ok(Outcome::Clear)
        }
        MemberFile::Fork(fork) => Ok(proved(&mut out, &fork)?),
        MemberFile::Lists(lists) => verify(&mut out, args, environment, lists),
    }
}

fn proved(out: &mut impl Write, fork: &Fork) -> io::Result<Outcome> {
    let [one, other] = fork.lists();
    writeln!(out, "proof of two lists of version {}:", fork.version())?;
    writeln!(out, "  {}\n  {}", one.digest(), other.digest())?;
    if let Some(before) = fork.before() {
        writeln!(out, "both follow on {}", before.digest())?;
    }
    writeln!(out, "signed both: {}", table::names(&fork.both()))?;
    Ok(Outcome::Unsound)
}

fn verify(
    out: &mut impl Write,
    args: &Args,
    environment: &Environment,
    lists: Vec<SignedList>,
) -> anyhow::Result<Outcome> {
    let history = match History::kept(lists, Pins::default()) {
        Ok(history) => history,
        Err(error) => {
            writeln!(out, "not sound ({}): {error}", error.code())?;
            return Ok(Outcome::Unsound);
        }
    };
    let list = history.current().list();
    writeln!(out, "sound: versions 1 to {} of `{}`", list.version, list.federation)?;
    writeln!(out, "digest {}\n", history.current().digest())?;
    table::members(out, list, now(environment)?)?;
    let mut outcome = Outcome::Clear;
    for pin in &args.pin {
        let found = list.member(&pin.id).map(|member| Card::from(member).fingerprint());
        if found != Some(pin.value) {
            writeln!(out, "\n`{}` has another fingerprint in this list", pin.id)?;
            outcome = Outcome::Unsound;
        }
    }
    Ok(outcome)
}
