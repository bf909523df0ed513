//! `portcullis keys rotate`.

use super::OfficerArgs;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::several;
use crate::stop::Stop;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use portcullis_decide::KeyDeed;
use portcullis_store::{Database, Resealed, StoreError};
use std::io::{self, Write};

/// Begin new keys and seal everything anew under them, while others go on working
///
/// Stopped or cut off, it goes on where it was when it is run again. The keys before stay in the
/// keyring, for backups from before, until they are destroyed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    officer: OfficerArgs,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let stop = Stop::on_request()?;
    let mut out = io::stdout().lock();
    if half_done(&mut store)? {
        writeln!(out, "a rotation was cut off; it goes on")?;
    } else {
        let generation = current(&store).saturating_add(1);
        let change = args.officer.change(environment, KeyDeed::Rotated, generation)?;
        store.begin_generation(&change)?;
    }
    let done = reseal(&mut store, &stop)?;
    let state = store.keyring_state();
    if stop.asked() {
        writeln!(out, "stopped; run it again to go on")?;
        return Ok(Outcome::Incomplete);
    }
    writeln!(
        out,
        "{} sealed anew; generation {} is in use",
        several(done.cells, "cell", "cells"),
        current(&store)
    )?;
    for generation in state.generations.iter().filter(|one| **one != current(&store)) {
        writeln!(
            out,
            "Backups from before now need generation {generation}. When the last of them is gone:\n  portcullis keys destroy {generation} --yes --officer NAME"
        )?;
    }
    writeln!(
        out,
        "Copies of the keyring from before now are out of date; make new ones:\n  portcullis keys copy FILE"
    )?;
    Ok(Outcome::Clear)
}

fn current(store: &Database) -> u32 {
    store.keyring_state().generations.last().copied().unwrap_or_default()
}

/// Whether something is still sealed under an earlier generation.
fn half_done(store: &mut Database) -> Result<bool, StoreError> {
    let generations = store.keyring_state().generations;
    let Some((_, older)) = generations.split_last() else { return Ok(false) };
    for generation in older {
        if store.sealed_under(*generation)? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn reseal(store: &mut Database, stop: &Stop) -> Result<Resealed, StoreError> {
    let style = ProgressStyle::with_template("sealing anew {bar:30} {percent:>3} %, {eta} left");
    let bar =
        ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let done = store.reseal(|done| {
        bar.set_length(done.of_rows);
        bar.set_position(done.rows);
        !stop.asked()
    });
    bar.finish_and_clear();
    done
}
