//! `portcullis label`: who may read what is kept.

mod marking;
mod scheme;

pub(crate) use marking::MarkingArgs;
pub(crate) use scheme::Scheme;

use crate::decisions::{officer, organisation, reason, reference_of, unchecked};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use portcullis_decide::{ListName, RecordNumber, Reference, relabel};
use portcullis_store::{Labelled, Reader, StoreError, TransactionName};
use portcullis_types::{EventId, Label, OfficerId, Protected};
use std::io::{self, Write};

/// Who may read what: show, raise, scheme
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what something is marked as
    Show(Thing),
    Raise(Raise),
    /// Show the marking scheme that is in force
    Scheme {
        /// As the text that can be changed
        #[arg(long)]
        text: bool,
    },
}

/// What is marked.
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = false)]
struct Thing {
    /// A list, and what was made from it
    #[arg(long, value_name = "NAME")]
    list: Option<ListName>,

    /// A pair that was shown, by its reference, and the decisions on it
    #[arg(long, value_name = "REFERENCE")]
    alert: Option<Reference>,

    /// A decision, by its id
    #[arg(long, value_name = "ID")]
    decision: Option<EventId>,
}

/// Mark something more strictly than it is marked
///
/// What is given is added to the marking that it bears; nothing is ever taken off. With a list go all
/// pairs that were shown and all decisions that name somebody on it.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
struct Raise {
    #[command(flatten)]
    thing: Thing,

    #[command(flatten)]
    marking: MarkingArgs,

    /// Account name of the person who marks it; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,

    /// Why, in the officer's own words
    #[arg(long, value_name = "TEXT", value_parser = unchecked)]
    reason: Protected,
}

const AFTER: &str = "\
Examples:
    portcullis label raise --list held-list --level SECRET --compartment river \\
      --officer q.examplesson --reason \"names a source\"
    portcullis label raise --alert 7K3QX-9WZ2M --only-for q.examplesson \\
      --officer q.examplesson --reason \"a colleague is named\"

Whoever reads it at this moment and is not let in any more loses it from sight. To pass on less, write
a text that may be released.";

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Show(thing) => show(&thing, environment),
        Verb::Raise(args) => raise(&args, environment),
        Verb::Scheme { text } => show_scheme(text, environment),
    }
}

impl Thing {
    /// What it is called, and the records that it is in. A pair that was shown under two labels is in
    /// two.
    fn records<R: Reader + ?Sized>(
        &self,
        reader: &R,
    ) -> Result<(String, Vec<RecordNumber>), StoreError> {
        let (named, things) = if let Some(list) = &self.list {
            (format!("list `{list}`"), vec![Labelled::List(list.clone())])
        } else if let Some(reference) = self.alert {
            let mut things = vec![Labelled::Alert(reference)];
            let decisions = reader.decisions(&organisation())?;
            let on_it = decisions.iter().filter(|one| reference_of(one) == reference);
            things.extend(on_it.map(|decision| Labelled::Decision(decision.id)));
            (format!("alert {reference}"), things)
        } else {
            let decision = self.decision.map(Labelled::Decision);
            let id = self.decision.map(|id| id.to_string()).unwrap_or_default();
            (format!("decision {id}"), decision.into_iter().collect())
        };
        let mut records = Vec::new();
        for thing in &things {
            records.extend(reader.records_of(&organisation(), thing)?);
        }
        Ok((named, records))
    }
}

fn show(thing: &Thing, environment: &Environment) -> anyhow::Result<Outcome> {
    let scheme = Scheme::in_force(&environment.data)?;
    let mut store = Place::new(environment).needed_store()?;
    let (named, labels) = store.read(|r| {
        let (named, records) = thing.records(r)?;
        let labels = records.into_iter().map(|number| r.record_label(&organisation(), number));
        Ok::<_, StoreError>((named, labels.collect::<Result<Vec<Label>, _>>()?))
    })?;
    ensure!(!labels.is_empty(), "there is no {named}");
    let mut out = io::stdout().lock();
    for label in labels {
        writeln!(out, "{named}: {}", crate::report::words::plain(&scheme.words(&label)))?;
    }
    Ok(Outcome::Clear)
}

fn raise(args: &Raise, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let scheme = Scheme::in_force(&environment.data)?;
    let (label, why) = (args.marking.label(&scheme)?, reason(&args.reason)?);
    if label == Label::open() && args.marking.names_a_level() {
        bail!("that is the lowest level; a marking is raised and never lowered");
    }
    if label == Label::open() {
        bail!(
            "say how it is to be marked, with --level, --compartment, --handling, --release-to, --only-for or --matter-of"
        );
    }
    let mut store = Place::new(environment).needed_store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    let (named, marked, raised) = store.write(TransactionName("label.raise"), |w| {
        let (named, records) = args.thing.records(w)?;
        ensure!(!records.is_empty(), "there is no {named}");
        let (mut marked, mut raised) = (Label::open(), 0_usize);
        for number in records {
            let before = w.record_label(&organisation(), number)?;
            let after = before.join(&label);
            marked = marked.join(&after);
            if after == before {
                continue;
            }
            let record = w.record(&organisation(), number)?.context("it was erased meanwhile")?;
            let officer = args.officer.clone();
            w.relabel(&relabel(clock, rng, &record, &before, &after, officer, &why)?)?;
            raised += 1;
        }
        anyhow::Ok((named, marked, raised))
    })?;
    let done = if raised == 0 { "is marked so already" } else { "is marked" };
    let words = scheme.words(&marked);
    writeln!(io::stdout().lock(), "{named} {done}: {}", crate::report::words::plain(&words))?;
    Ok(Outcome::Clear)
}

fn show_scheme(text: bool, environment: &Environment) -> anyhow::Result<Outcome> {
    let scheme = Scheme::in_force(&environment.data)?;
    let mut out = io::stdout().lock();
    if text {
        let own = std::fs::read_to_string(environment.data.join(scheme::FILE));
        write!(out, "{}", own.as_deref().unwrap_or(scheme::DEFAULT))?;
        return Ok(Outcome::Clear);
    }
    writeln!(out, "rank  level")?;
    for (level, name) in scheme.levels() {
        writeln!(out, "{:>4}  {name}", level.0)?;
    }
    Ok(Outcome::Clear)
}
