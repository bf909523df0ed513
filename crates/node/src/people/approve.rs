//! `portcullis people approve` and `refuse`.

use super::{Who, digest, list, new_code, opened, outside, said, typed};
use crate::decisions::{officer, organisation};
use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::{Context as _, bail};
use portcullis_decide::Digest;
use portcullis_decide::people::{Proof, Proposal, Second, Signature, approve as approved};
use portcullis_keys::CodeKind;
use portcullis_store::{Database, TransactionName};
use portcullis_types::{EventId, OfficerId, OrganisationId, PersonId};
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;

/// Approve what another administrator proposed
#[derive(Debug, clap::Args)]
pub(super) struct ApproveArgs {
    /// The proposal, as `portcullis people proposals` shows it
    proposal: EventId,

    #[command(flatten)]
    who: Who,

    /// The digest of what you approve, as `portcullis people proposals` shows it; without it you are asked
    #[arg(long, value_name = "HEX", value_parser = digest_of)]
    digest: Option<Digest>,

    /// Use a recovery code from the safe in place of a second administrator
    #[arg(long)]
    recovery_code: bool,

    /// File whose first line is the recovery code; else it is asked for
    #[arg(long, value_name = "FILE", requires = "recovery_code")]
    recovery_code_file: Option<PathBuf>,

    /// The organisation of the administrator outside who signed it; `--officer` is his account there
    #[arg(
        long,
        value_name = "ORGANISATION",
        requires = "signature",
        conflicts_with = "recovery_code"
    )]
    outside: Option<OrganisationId>,

    /// His signature, as `portcullis people answer` gave it
    #[arg(long, value_name = "HEX", value_parser = signature, requires = "outside")]
    signature: Option<Signature>,
}

fn signature(text: &str) -> Result<Signature, String> {
    outside::from_hex(text)
        .map(Signature::from_bytes)
        .ok_or_else(|| "a signature has 128 hexadecimal digits".to_owned())
}

pub(super) fn one(store: &mut Database, id: EventId) -> anyhow::Result<Proposal> {
    let proposal = store.read(|r| r.proposal(&organisation(), id)).map_err(said)?;
    proposal.with_context(|| format!("there is no proposal `{id}`"))
}

pub(super) fn approve(
    args: &ApproveArgs,
    environment: &mut Environment,
) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    let proposal = one(&mut store, args.proposal)?;
    if proposal.outcome().is_some() {
        bail!("the proposal was dealt with; see `portcullis people proposals --all`");
    }
    agreed(args.digest, &proposal)?;
    let officer = args.who.officer.clone();
    let second = match (args.recovery_code, &args.outside, args.signature) {
        (true, _, _) => {
            let file = args.recovery_code_file.as_deref();
            // Whoever lost his keys has nothing to sign with, and brings a second code instead.
            let signature = match proposal.proof() {
                Proof::RecoveryCode(_) if officer == *proposal.by() => None,
                _ => Some(args.who.sign(&mut store, &proposal.approval_statement())?),
            };
            let code = typed::code(CodeKind::Recovery, "Recovery code: ", file)?;
            Second::RecoveryCode { digest: digest(&code), officer, signature }
        }
        (false, Some(organisation), Some(signature)) => {
            let person = PersonId { organisation: organisation.clone(), officer };
            Second::Outside { person, signature }
        }
        (false, _, _) => {
            // Told before a passphrase is asked for.
            if officer == *proposal.by() {
                bail!("`{officer}` proposed it; another administrator approves");
            }
            let signature = args.who.sign(&mut store, &proposal.approval_statement())?;
            Second::Administrator { officer, signature }
        }
    };
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let half = proposal.what().invites().then(|| new_code(rng, CodeKind::Invitation));
    let invitation = half.as_ref().map(digest);
    let approval = store.write(TransactionName("people.approve"), |w| {
        let office = w.office(&organisation())?;
        let missing = || format!("there is no proposal `{}`", args.proposal);
        let proposal = w.proposal(&organisation(), args.proposal)?.with_context(missing)?;
        let change = approved(clock, rng, &office, proposal, second.clone(), invitation)?;
        w.put_approval(&change)?;
        anyhow::Ok(change.into_state())
    })?;
    let mut out = io::stdout().lock();
    writeln!(out, "approved {}: {}", approval.proposal.what().code(), args.proposal)?;
    if args.recovery_code {
        writeln!(
            out,
            "The code is used up. Cross it out on the sheet; `portcullis people recovery status` says which."
        )?;
    }
    if let (Some(half), Some(person)) = (half, approval.person) {
        writeln!(
            out,
            "Your half of the invitation, shown now and never again; give it to the person yourself:\n    {}\nWith both halves he enrols within 7 days:\n    portcullis people passphrase set --officer {}",
            half.grouped().as_str(),
            person.person.officer
        )?;
    }
    Ok(Outcome::Clear)
}

/// Shows what is approved, and has it said that this is meant: what is signed is the digest of what was
/// shown, and the store does not take the signature of anything else.
fn agreed(meant: Option<Digest>, proposal: &Proposal) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    list::write_proposal(&mut out, proposal)?;
    writeln!(out)?;
    out.flush()?;
    let shown = proposal.draft().digest();
    match meant {
        Some(meant) if meant == shown => Ok(()),
        Some(_) => bail!("this is not what has the digest that you gave; nothing was approved"),
        None if io::stdin().is_terminal() => {
            write!(out, "Do you approve this? Type yes: ")?;
            out.flush()?;
            let mut answer = String::new();
            io::stdin().lock().take(16).read_line(&mut answer)?;
            if answer.trim() == "yes" {
                return Ok(());
            }
            bail!("nothing was approved")
        }
        None => bail!("nothing was approved; read it and run this again with `--digest {shown}`"),
    }
}

fn digest_of(text: &str) -> Result<Digest, String> {
    outside::from_hex(text)
        .map(Digest::from_bytes)
        .ok_or_else(|| "a digest has 64 hexadecimal digits".to_owned())
}

/// Refuse a proposal, or take your own back
#[derive(Debug, clap::Args)]
pub(super) struct RefuseArgs {
    /// The proposal
    proposal: EventId,

    /// Your account name
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,
}

pub(super) fn refuse(args: &RefuseArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = opened(environment)?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("people.refuse"), |w| {
        let office = w.office(&organisation())?;
        let missing = || format!("there is no proposal `{}`", args.proposal);
        let proposal = w.proposal(&organisation(), args.proposal)?.with_context(missing)?;
        let by = args.officer.clone();
        let change = portcullis_decide::people::refuse(clock, rng, &office, proposal, by)?;
        w.put_proposal(&change)?;
        anyhow::Ok(())
    })?;
    writeln!(io::stdout(), "refused {}", args.proposal)?;
    Ok(Outcome::Clear)
}
