//! `portcullis people recovery`: the sheet in the safe.

use super::{Who, digest, new_code, office, opened};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::Context as _;
use clap::Subcommand;
use portcullis_decide::people::{RECOVERY_CODES, codes_printed};
use portcullis_keys::{CodeKind, SecretCode};
use portcullis_store::TransactionName;
use portcullis_types::EventId;
use std::io::{self, Write};

/// Recovery codes, which stand in for a second administrator: print, status
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the sheet that two administrators allowed; it is shown once
    Print {
        /// The approved proposal
        proposal: EventId,

        #[command(flatten)]
        who: Who,
    },
    /// Show which codes are left and when others were used
    Status,
}

pub(super) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Print { proposal, who } => print(proposal, &who, environment),
        Verb::Status => status(environment),
    }
}

fn print(id: EventId, who: &Who, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    // Whoever prints it holds it: he proves who he is.
    drop(who.keys(&mut store)?);
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let codes: Vec<SecretCode> =
        (0..RECOVERY_CODES).map(|_| new_code(rng, CodeKind::Recovery)).collect();
    let digests: Vec<_> = codes.iter().map(digest).collect();
    store.write(TransactionName("people.recovery"), |w| {
        let office = w.office(&organisation())?;
        let proposal = w.proposal(&organisation(), id)?;
        let proposal = proposal.with_context(|| format!("there is no proposal `{id}`"))?;
        let change = codes_printed(clock, rng, &office, proposal, who.officer.clone(), &digests)
            .context("no sheet was printed; propose `recovery-codes`, have it approved, and print it once within 7 days")?;
        w.put_recovery_codes(&change)?;
        anyhow::Ok(())
    })?;
    write_sheet(&mut io::stdout().lock(), &codes)?;
    Ok(Outcome::Clear)
}

/// Writes the sheet.
pub(super) fn write_sheet(out: &mut impl Write, codes: &[SecretCode]) -> io::Result<()> {
    writeln!(
        out,
        "\nRecovery codes. Print this sheet, put it in a safe in a sealed envelope, and clear the screen: it is\nshown once. Each code stands in once for a second administrator; using one is an event that everybody\nsees. A slip of the pen is noticed.\n"
    )?;
    for (place, code) in (1..).zip(codes) {
        writeln!(out, "  {place}   {}", code.grouped().as_str())?;
    }
    writeln!(out)
}

fn status(environment: &mut Environment) -> anyhow::Result<Outcome> {
    let office = office(&mut opened(environment)?)?;
    let mut out = io::stdout().lock();
    if office.codes.is_empty() {
        writeln!(out, "There is no sheet of recovery codes.")?;
    }
    for code in &office.codes {
        match code.used_at {
            None => writeln!(out, "{}   not used", code.place)?,
            Some(at) => writeln!(out, "{}   USED {at}", code.place)?,
        }
    }
    Ok(Outcome::Clear)
}
