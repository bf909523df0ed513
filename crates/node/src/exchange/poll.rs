//! `portcullis exchange poll`.

use super::driver::{now, tidy};
use super::polling::{Polled, Polling};
use super::say;
use super::standing::{Standing, Standings};
use super::terms::{Terms, TermsArgs};
use crate::environment::{Environment, SystemClock};
use crate::exit::Outcome;
use crate::lists::Place;
use crate::serve::pool::Pool;
use anyhow::Context as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ask the nodes of the other members, and exchange what waits with each of them
///
/// Each is asked at its own moment, which follows from the clock alone, so this may take as long as
/// from one poll to the next. A node that serves does this by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Go on until stopped (Ctrl-C)
    #[arg(long, conflicts_with = "now")]
    follow: bool,

    /// Ask at once: whoever watches the line sees that somebody wanted to
    #[arg(long)]
    now: bool,

    #[command(flatten)]
    terms: TermsArgs,
}

const AFTER: &str = "\
Exit status: 0  all of them answered, or were asked by another process    1  some did not";

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    now(environment.clock.as_ref())?;
    store.read(Standing::read)?;
    tidy(&mut store, environment.clock.as_ref())?;
    drop(store);
    let all_answered = Arc::new(AtomicBool::new(true));
    let answered = Arc::clone(&all_answered);
    let polling = Arc::new(Polling::new(
        Pool::open(Place::new(environment))?,
        Arc::new(SystemClock),
        Terms::from(&args.terms),
        Arc::new(Standings::default()),
        Box::new(move |peer, polled| match polled {
            Polled::Answered(brought) => {
                say(format_args!("`{peer}` answered"));
                super::tell_refused(peer, brought);
            }
            Polled::AskedElsewhere => say(format_args!("`{peer}` was asked by another process")),
            Polled::Failed(error) => {
                answered.store(false, Ordering::Relaxed);
                say(format_args!("`{peer}` was asked in vain ({}): {error}", error.code()));
            }
        }),
    ));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads to ask with")?;
    runtime.block_on(async {
        let done = async {
            match (args.follow, args.now) {
                (true, _) => {
                    polling.go_on().await;
                    Ok(1)
                }
                (false, true) => polling.everybody_now().await,
                (false, false) => polling.everybody_once().await,
            }
        };
        tokio::select! {
            done = done => {
                if done? == 0 {
                    say(format_args!("no member says where its node is reached, so none was asked"));
                }
                anyhow::Ok(())
            }
            stopped = tokio::signal::ctrl_c() => stopped.context("cannot listen for a request to stop"),
        }
    })?;
    let well = args.follow || all_answered.load(Ordering::Relaxed);
    Ok(if well { Outcome::Clear } else { Outcome::Unsound })
}
