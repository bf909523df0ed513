//! `portcullis retention erase`.

use super::number;
use crate::decisions::{account, officer, organisation};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::several;
use anyhow::{Context, bail};
use portcullis_decide::{
    CaseReference, ErasureDuty, HeldRecord, OfficerBasis, RecordNumber, erase,
};
use portcullis_store::TransactionName;
use portcullis_types::OfficerId;
use std::io::{self, Write};

/// Erase records, after a review or because the law demands it
///
/// What they held is gone then, and the key that opens it: no copy of the store, however old, opens it. It
/// can't be undone. A proof stays, with your name, the numbers and the basis, and nothing of what was
/// erased.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Numbers of the records, as `retention list` shows them
    #[arg(value_name = "RECORD", value_parser = number, required = true)]
    records: Vec<RecordNumber>,

    /// Account name of the person who erases them; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,

    /// Why: reviewed, or a duty to erase (UK GDPR Art. 17(1)): not-needed, consent-withdrawn,
    /// objection, unlawful, legal-obligation
    #[arg(long, value_name = "CODE", value_parser = basis)]
    basis: Basis,

    /// For a duty: the reference under which you keep the request and your reasons
    #[arg(long, value_name = "REFERENCE")]
    case: Option<CaseReference>,
}

const AFTER: &str = "\
Examples:
  A record that is due, and needed no longer:
    portcullis retention erase 4711 --basis reviewed --officer q.examplesson
  All that is held of somebody who objects, before it is due:
    portcullis retention erase 4711 4712 --basis objection --case sar-2026-014 \\
      --officer q.examplesson

The proof outlives what is erased, so there is no reason in words: it would name the person. Keep
yours under the reference of the case.";

#[derive(Debug, Clone, Copy)]
enum Basis {
    Reviewed,
    Duty(ErasureDuty),
}

fn basis(code: &str) -> Result<Basis, String> {
    if code == "reviewed" {
        return Ok(Basis::Reviewed);
    }
    ErasureDuty::from_code(code).map(Basis::Duty).ok_or_else(|| {
        let duties = ErasureDuty::ALL.map(ErasureDuty::code).join(", ");
        format!("the basis is reviewed, or a duty: {duties}")
    })
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let basis = match (args.basis, &args.case) {
        (Basis::Reviewed, None) => OfficerBasis::Reviewed,
        (Basis::Reviewed, Some(_)) => {
            bail!("a review has no case; leave `--case` out, or name the duty with `--basis`")
        }
        (Basis::Duty(duty), Some(case)) => OfficerBasis::Duty { duty, case: case.clone() },
        (Basis::Duty(duty), None) => bail!(
            "name the case under which you keep what led to it, like `--case sar-2026-014`, for the basis `{}`",
            duty.code()
        ),
    };
    let account = account();
    let mut store = Place::new(environment).needed_store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store.write(TransactionName("retention.erase"), |w| {
        let records = args
            .records
            .iter()
            .map(|number| {
                w.record(&organisation(), *number)?
                    .with_context(|| format!("there is no record `{number}`, or it was erased"))
            })
            .collect::<anyhow::Result<Vec<HeldRecord>>>()?;
        let (officer, basis) = (&args.officer, basis.clone());
        for change in erase(clock, rng, officer, basis, &records, account.as_deref())? {
            w.erase(&change)?;
        }
        anyhow::Ok(())
    })?;
    let number = u64::try_from(args.records.len()).unwrap_or(u64::MAX);
    let records = several(number, "record", "records");
    writeln!(io::stdout().lock(), "{records} erased by {}", args.officer)?;
    Ok(Outcome::Clear)
}
