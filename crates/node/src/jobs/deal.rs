//! `portcullis jobs retry` and `portcullis jobs discard`.

use super::{id_of, short};
use crate::decisions::{account, officer, organisation, reason, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::bail;
use portcullis_decide::{GivenUpJob, discard, retry};
use portcullis_store::{Reader, StoreError, TransactionName};
use portcullis_types::{OfficerId, Protected};
use std::io::{self, Write};

/// Which job, who, and why.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id of the job, as `jobs list --given-up` shows it; its beginning is enough
    #[arg(value_name = "ID", value_parser = id)]
    id: String,

    /// Account name of the person who says so; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,

    /// Why, in the officer's own words
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    reason: Protected,
}

pub(super) const AFTER: &str = "\
It is an event with your name and your reason. A job can be dealt with once; one that is retried
and given up again is a new case.";

/// What is done with the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Retry,
    Discard,
}

fn id(text: &str) -> Result<String, String> {
    let text = text.to_ascii_lowercase();
    if text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text)
    } else {
        Err("an id has at least four of 0-9 and a-f, as `portcullis jobs list` shows it".to_owned())
    }
}

pub(super) fn run(args: &Args, way: Way, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let (why, account) = (reason(&args.reason)?, account());
    let mut store = Place::new(environment).needed_store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let name = TransactionName(match way {
        Way::Retry => "jobs.retry",
        Way::Discard => "jobs.discard",
    });
    let id = store.write(name, |w| {
        let (id, given_up) = find(&*w, &args.id)?;
        let (officer, why) = (args.officer.clone(), why.clone());
        let change = match way {
            Way::Retry => retry(clock, rng, given_up, officer, why, account.as_deref())?,
            Way::Discard => discard(clock, rng, given_up, officer, why, account.as_deref())?,
        };
        match w.deal_with_job(&change) {
            Err(StoreError::Erased) => {
                bail!("what the job was given was erased, so it can only be discarded")
            }
            dealt => dealt?,
        }
        anyhow::Ok(id)
    })?;
    let done = match way {
        Way::Retry => "waits to be tried again",
        Way::Discard => "discarded; it is never done",
    };
    writeln!(io::stdout().lock(), "{}: {done}, by {}", short(&id), args.officer)?;
    Ok(Outcome::Clear)
}

/// The job that waits for a person and whose id begins so.
fn find(reader: &dyn Reader, beginning: &str) -> anyhow::Result<(String, GivenUpJob)> {
    let jobs = reader.jobs(&organisation())?;
    let given_up = reader.given_up_jobs(&organisation())?;
    let (open, dealt): (Vec<_>, Vec<_>) = given_up
        .into_iter()
        .map(|given_up| (id_of(&given_up, &jobs), given_up))
        .filter(|(id, _)| id.starts_with(beginning))
        .partition(|(_, given_up)| given_up.dealt_with.is_none());
    let mut open = open.into_iter();
    match (open.next(), open.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => bail!("several ids begin with `{beginning}`; give more of it"),
        (None, _) => {
            let last = dealt.into_iter().next_back();
            let dealt_with = last.and_then(|(_, given_up)| given_up.dealt_with);
            if let Some(dealt_with) = dealt_with {
                let (officer, deed) = (dealt_with.officer, dealt_with.deed.code());
                bail!("`{officer}` has already dealt with this job: it was {deed}");
            }
            match jobs.iter().find(|job| job.id.to_string().starts_with(beginning)) {
                Some(job) => bail!(
                    "the job `{beginning}` is {}; a person deals with those that were given up",
                    job.state.code()
                ),
                None => bail!("there is no job `{beginning}`"),
            }
        }
    }
}
