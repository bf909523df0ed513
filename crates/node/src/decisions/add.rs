//! `portcullis decisions add`.

use super::{account, bulk, officer, organisation, pair, reason, unchecked, verdict};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context, bail};
use portcullis_decide::{
    Change, Decision, Judgement, RaisedPair, Reference, StatedReason, Verdict, record,
};
use portcullis_store::{Reader, StoreError, TransactionName};
use portcullis_types::{Clock, OfficerId, PopulationClass, Protected, Rng};
use std::io::{self, Write};
use std::path::PathBuf;

/// Record what an officer decided on alerts
///
/// A pair found not to be the same is not raised again for the same purpose until a name, birth
/// date, identifier or country of either side changes; where neither a birth date nor an identifier
/// of the person screened is known, until the post code or address does. One found to be the same, or
/// left unsure, stays raised.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// References of alerts, as `screen` shows them
    #[arg(
        value_name = "REFERENCE",
        required_unless_present_any = ["from", "query_file"],
        conflicts_with_all = ["from", "query_file"]
    )]
    references: Vec<Reference>,

    /// What was found: not-same, same or unsure
    #[arg(long, value_name = "VERDICT", value_parser = verdict, required_unless_present = "from")]
    pub(super) verdict: Option<Verdict>,

    /// Account name of the person who decided; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer, required_unless_present = "from")]
    pub(super) officer: Option<OfficerId>,

    /// Why, in the officer's own words
    #[arg(long, value_name = "TEXT", value_parser = unchecked, required_unless_present = "from")]
    pub(super) reason: Option<Protected>,

    /// Many at once: a CSV file with the columns reference, verdict, officer and reason, or a file
    /// of JSON lines with these fields; what a row leaves out is taken from the options
    #[arg(long, value_name = "FILE", conflicts_with = "query_file")]
    pub(super) from: Option<PathBuf>,

    /// Where rows go that cannot be taken [default: FILE.set-aside.csv]; never over a file that is
    /// there, but under the next free name
    #[arg(long, value_name = "FILE", requires = "from")]
    pub(super) set_aside: Option<PathBuf>,

    /// Without a reference: the file that was screened
    #[arg(long, value_name = "FILE", requires_all = ["row", "record", "class"])]
    query_file: Option<PathBuf>,

    /// Without a reference: the row of that file, counted from 1 with the header as row 1
    #[arg(long, value_name = "N", requires = "query_file")]
    row: Option<u64>,

    /// Without a reference: the record of the list, as SOURCE:ID
    #[arg(long, value_name = "SOURCE:ID", requires = "query_file")]
    record: Option<String>,

    /// Without a reference: who the person is: donor, candidate, staff or associate
    #[arg(long, value_name = "CLASS", value_parser = class, requires = "query_file")]
    class: Option<PopulationClass>,

    /// Without a reference: which column holds a field, as for `screen`
    #[arg(long, value_name = "FIELD=HEADER", requires = "query_file")]
    map: Vec<String>,
}

const AFTER: &str = "\
Examples:
  One alert is not the donor:
    portcullis decisions add 7K3QX-9WZ2M --verdict not-same --officer q.examplesson \\
      --reason \"born 1971, not 1958\"
  The decisions of a meeting, from a spreadsheet saved as CSV:
    portcullis decisions add --from decisions.csv --officer q.examplesson

The reason is kept with the decision and shown by `decisions list`; it is never written to a log.";

fn class(code: &str) -> Result<PopulationClass, String> {
    PopulationClass::from_code(code)
        .ok_or_else(|| "a class is donor, candidate, staff or associate".to_owned())
}

/// Who decided what, and why.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    pub(super) officer: OfficerId,
    pub(super) reason: StatedReason,
}

impl Finding {
    fn on(self, pair: RaisedPair) -> Judgement {
        Judgement {
            organisation: pair.organisation,
            purpose: pair.purpose,
            query: pair.query,
            record: pair.record,
            query_name: pair.query_name,
            record_name: pair.record_name,
            verdict: self.verdict,
            officer: self.officer,
            reason: self.reason,
        }
    }

    /// The decision on a pair, ready to be written.
    pub(super) fn decide(
        self,
        clock: &dyn Clock,
        rng: &mut dyn Rng,
        pair: RaisedPair,
        account: Option<&str>,
    ) -> anyhow::Result<Change<Decision>> {
        Ok(record(clock, rng, self.on(pair), account)?)
    }
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    if let Some(file) = &args.from {
        return bulk::run(args, file, environment);
    }
    let finding = Finding {
        verdict: args.verdict.context("a decision has a verdict")?,
        officer: args.officer.clone().context("a decision has an officer")?,
        reason: reason(args.reason.as_ref().context("a decision has a reason")?)?,
    };
    let without_reference = match (&args.query_file, args.row, &args.record, args.class) {
        (Some(file), Some(row), Some(record), Some(class)) => {
            Some(pair::find(file, row, record, class, &args.map, environment)?)
        }
        _ => None,
    };
    let account = account();
    let mut store = Place::new(environment).store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let decided = store.write(TransactionName("decisions.add"), |w| {
        let pairs = match &without_reference {
            Some(pair) => vec![pair.clone()],
            None => args
                .references
                .iter()
                .map(|reference| raised(&*w, *reference))
                .collect::<anyhow::Result<_>>()?,
        };
        let mut references = Vec::new();
        for pair in pairs {
            references.push(pair.reference());
            let change = finding.clone().decide(clock, rng, pair, account.as_deref())?;
            w.put_decision(&change)?;
        }
        anyhow::Ok(references)
    })?;
    let mut out = io::stdout().lock();
    for reference in decided {
        writeln!(out, "{reference}: {}, decided by {}", finding.verdict, finding.officer)?;
    }
    Ok(Outcome::Clear)
}

/// The pair that was shown under a reference.
pub(super) fn raised(reader: &dyn Reader, reference: Reference) -> anyhow::Result<RaisedPair> {
    let pairs = reader
        .raised(&organisation(), reference)
        .map_err(|error: StoreError| error)
        .context("cannot look up the alert")?;
    let mut pairs = pairs.into_iter();
    match (pairs.next(), pairs.next()) {
        (Some(pair), None) => Ok(pair),
        (Some(_), Some(_)) => bail!(
            "two alerts happen to share the reference `{reference}`; name the one you mean with --query-file, --row and --record"
        ),
        (None, _) => bail!(
            "no alert `{reference}` was ever shown here; check it against the report, and that --data names the folder that the screening used"
        ),
    }
}
