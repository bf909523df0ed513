//! `portcullis people propose`.

use super::grants::GrantArgs;
use super::{Who, digest, new_code, office, opened, typed};
use crate::decisions::{officer, organisation, reason, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::Context as _;
use clap::Subcommand;
use jiff::SignedDuration;
use portcullis_decide::people::{PROPOSAL_DAYS, Proof, Proposed, draft};
use portcullis_keys::CodeKind;
use portcullis_store::TransactionName;
use portcullis_types::{EventTime, OfficerId, OrganisationId, PersonId, Protected};
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Propose that somebody may do more; another administrator approves it within 7 days
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make somebody an officer
    Make {
        /// The account he gets
        #[arg(value_parser = officer)]
        account: OfficerId,

        /// His name, for people to read
        #[arg(long, value_name = "TEXT", value_parser = unchecked)]
        name: Protected,

        #[command(flatten)]
        grants: GrantArgs,

        #[command(flatten)]
        common: Common,
    },
    /// Let somebody do other things than until now: all that he may do, anew
    Change {
        /// His account
        #[arg(value_parser = officer)]
        account: OfficerId,

        #[command(flatten)]
        grants: GrantArgs,

        #[command(flatten)]
        common: Common,
    },
    /// Lift a suspension
    Reinstate {
        /// His account
        #[arg(value_parser = officer)]
        account: OfficerId,

        #[command(flatten)]
        common: Common,
    },
    /// Invite somebody anew who has lost what he signs in with; his keys are new, and what was sealed
    /// to the old ones stays closed for good
    ResetSignIn {
        /// His account
        #[arg(value_parser = officer)]
        account: OfficerId,

        /// Use a recovery code in place of your passphrase: you are the administrator who lost it
        #[arg(long)]
        recovery_code: bool,

        /// File whose first line is the recovery code; else it is asked for
        #[arg(long, value_name = "FILE", requires = "recovery_code")]
        recovery_code_file: Option<PathBuf>,

        #[command(flatten)]
        common: Common,
    },
    /// Print a new sheet of recovery codes; the one before holds no longer
    RecoveryCodes {
        #[command(flatten)]
        common: Common,
    },
    /// Let an administrator of another organisation approve here
    Outside {
        /// His organisation
        organisation: OrganisationId,

        /// His account there
        #[arg(value_parser = officer)]
        account: OfficerId,

        /// The key that he signs with, as `portcullis people key` says at his place
        #[arg(long, value_name = "HEX", value_parser = key)]
        key: [u8; 32],

        /// For how many days he may approve, at most 366
        #[arg(long, value_name = "NUMBER", default_value_t = 180)]
        days: u16,

        #[command(flatten)]
        common: Common,
    },
}

fn key(text: &str) -> Result<[u8; 32], String> {
    super::outside::from_hex(text).ok_or_else(|| "a key has 64 hexadecimal digits".to_owned())
}

#[derive(Debug, Clone, clap::Args)]
struct Common {
    #[command(flatten)]
    who: Who,

    /// Why, in your own words
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    reason: Protected,
}

pub(super) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let now = EventTime::rounded_down(environment.clock.now())?;
    let mut code = None;
    let (what, common) = match args.what {
        What::Make { account, name, grants, common } => {
            let grants = grants.grants(now)?;
            (Proposed::MakeOfficer { officer: account, name, grants }, common)
        }
        What::Change { account, grants, common } => {
            let grants = grants.grants(now)?;
            (Proposed::ChangeGrants { officer: account, grants }, common)
        }
        What::Reinstate { account, common } => (Proposed::Reinstate { officer: account }, common),
        What::ResetSignIn { account, recovery_code, recovery_code_file, common } => {
            code = recovery_code.then_some(recovery_code_file);
            (Proposed::ResetSignIn { officer: account }, common)
        }
        What::RecoveryCodes { common } => (Proposed::RecoveryCodes, common),
        What::Outside { organisation, account, key, days, common } => {
            let person = PersonId { organisation, officer: account };
            let later =
                now.timestamp().checked_add(SignedDuration::from_hours(24 * i64::from(days)));
            let until = EventTime::rounded_down(later.context("the calendar ends before")?)?;
            (Proposed::OutsideAdministrator { person, key, until }, common)
        }
    };
    let why = reason(&common.reason)?;
    let mut store = opened(environment)?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let half = what.invites().then(|| new_code(rng, CodeKind::Invitation));
    let by = common.who.officer.clone();
    let office = office(&mut store)?;
    let draft = draft(clock, rng, &office, by, what, why, half.as_ref().map(digest))?;
    let proof = match code {
        None => Proof::Signature(common.who.sign(&mut store, &draft.statement())?),
        Some(file) => {
            let code = typed::code(CodeKind::Recovery, "Recovery code: ", file.as_deref())?;
            Proof::RecoveryCode(digest(&code))
        }
    };
    let proposal = store
        .write(TransactionName("people.propose"), |w| {
            let office = w.office(&organisation())?;
            let change = draft.clone().propose(&office, proof.clone())?;
            w.put_proposal(&change)?;
            anyhow::Ok(change.into_state())
        })
        .context("nothing was proposed")?;
    let mut out = io::stdout().lock();
    writeln!(out, "proposed {}: {}", proposal.what().code(), proposal.id())?;
    writeln!(
        out,
        "Another administrator approves it within {PROPOSAL_DAYS} days:\n    portcullis people approve {} --officer ACCOUNT",
        proposal.id()
    )?;
    if let Some(half) = half {
        writeln!(
            out,
            "Your half of the invitation, shown now and never again; give it to the person yourself:\n    {}",
            half.grouped().as_str()
        )?;
    }
    Ok(Outcome::Clear)
}
