//! `portcullis people request`, `answer` and `key`: an administrator of another organisation approves.

use super::{Who, approve::one, known, office, opened};
use crate::decisions::{officer, organisation, reason, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::{Context as _, bail};
use portcullis_decide::people::{Draft, OutsideEnding, remove_outside};
use portcullis_store::TransactionName;
use portcullis_types::{EventId, OfficerId, OrganisationId, PersonId, Protected};
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Longest request read, in bytes.
const REQUEST_BYTES: u64 = 1 << 20;

/// Write a proposal out, for an administrator of another organisation to approve; protected text
#[derive(Debug, clap::Args)]
pub(super) struct RequestArgs {
    /// The proposal
    proposal: EventId,
}

pub(super) fn request(
    args: &RequestArgs,
    environment: &mut Environment,
) -> anyhow::Result<Outcome> {
    let proposal = one(&mut opened(environment)?, args.proposal)?;
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, proposal.draft())?;
    writeln!(out)?;
    Ok(Outcome::Clear)
}

/// Approve what another organisation asks you to; gives the signature that it hands in
#[derive(Debug, clap::Args)]
pub(super) struct AnswerArgs {
    /// The file that it sent
    file: PathBuf,

    #[command(flatten)]
    who: Who,

    /// You have read it and approve it; without this it is only shown
    #[arg(long)]
    approve: bool,
}

pub(super) fn answer(args: &AnswerArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let refused = || format!("cannot read `{}`", args.file.display());
    let length = fs::metadata(&args.file).with_context(refused)?.len();
    if length > REQUEST_BYTES {
        bail!("`{}` is longer than any request", args.file.display());
    }
    let text = fs::read(&args.file).with_context(refused)?;
    let Ok(draft) = serde_json::from_slice::<Draft>(&text) else {
        // What is wrong where could name somebody.
        bail!("`{}` is no request that `portcullis people request` wrote", args.file.display());
    };
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{} asks you to approve, as proposed by {} on {}:",
        draft.organisation(),
        draft.by(),
        draft.at()
    )?;
    super::list::write_proposed(&mut out, draft.what(), draft.reason())?;
    if !args.approve {
        writeln!(out, "To approve it, run this again with --approve.")?;
        return Ok(Outcome::Clear);
    }
    let mut store = opened(environment)?;
    let signature = args.who.sign(&mut store, &draft.approval_statement())?;
    writeln!(
        out,
        "approved. Your signature, for them to hand in:\n{}",
        to_hex(signature.as_bytes())
    )?;
    Ok(Outcome::Clear)
}

/// Take an administrator of another organisation off at once: he approves nothing here any more
#[derive(Debug, clap::Args)]
pub(super) struct RemoveArgs {
    /// His organisation
    organisation: OrganisationId,

    /// His account there
    #[arg(value_parser = officer)]
    account: OfficerId,

    #[command(flatten)]
    who: Who,

    /// Why, in your own words
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    reason: Protected,
}

pub(super) fn remove(args: &RemoveArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    let ending = OutsideEnding {
        person: PersonId { organisation: args.organisation.clone(), officer: args.account.clone() },
        by: args.who.officer.clone(),
        reason: reason(&args.reason)?,
    };
    let statement = ending.statement(&office(&mut store)?);
    let signature = args.who.sign(&mut store, &statement)?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("people.remove-outside"), |w| {
        let office = w.office(&organisation())?;
        w.remove_outside(&remove_outside(clock, rng, &office, ending.clone(), signature)?)?;
        anyhow::Ok(())
    })?;
    writeln!(io::stdout(), "{} approves nothing here from now on", ending.person)?;
    Ok(Outcome::Clear)
}

/// Show the public key that somebody signs with
#[derive(Debug, clap::Args)]
pub(super) struct KeyArgs {
    /// His account
    account: OfficerId,
}

pub(super) fn key(args: &KeyArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let person = known(&office(&mut opened(environment)?)?, &args.account)?;
    let keys = person.keys.with_context(|| format!("`{}` has not enrolled", args.account))?;
    writeln!(io::stdout(), "{}", to_hex(&keys.signing))?;
    Ok(Outcome::Clear)
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub(super) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}
