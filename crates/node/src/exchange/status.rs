//! `portcullis exchange status`.

use super::driver::now;
use super::standing::Standing;
use super::terms::{Terms, TermsArgs};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::{plain, several};
use portcullis_exchange::Pace;
use portcullis_federation::{Member, Moment};
use portcullis_store::{PeerState, Reader, RefusedCount, WaitingCount};
use portcullis_types::OrganisationId;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Show with whom this node exchanges, what waits for whom, and what was refused
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// For programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    terms: TermsArgs,
}

const AFTER: &str = "\
`polled` is when this node last asked there; `heard` when a request of the node there was made that was
taken here, by the clock there. Either is enough to exchange. What was refused is that of 90 days.

Exit status: 0  all is well    1  messages were given up that nobody was told of there, or some wait
for whoever is no member";

/// All that is shown.
#[derive(Debug, Serialize)]
struct Shown {
    federation: String,
    own: String,
    to_be_handled: u64,
    to_be_handled_since: Option<String>,
    peers: Vec<PeerRow>,
    /// Of whom it is not known to be true.
    refused_of_strangers: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
struct PeerRow {
    id: String,
    body: Option<&'static str>,
    is_member: bool,
    address: Option<String>,
    polled: Option<String>,
    heard: Option<String>,
    waiting: u64,
    oldest: Option<String>,
    given_up: u64,
    refused: BTreeMap<String, u64>,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let terms = Terms::from(&args.terms);
    let at = now(environment.clock.as_ref())?;
    let mut store = Place::new(environment).needed_store()?;
    let shown = store.read(|r| look(r, &terms, at))?;
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &shown)?;
        writeln!(out)?;
    } else {
        table(&mut out, &shown)?;
    }
    let is_well = |row: &PeerRow| row.given_up == 0 && (row.is_member || row.waiting == 0);
    Ok(if shown.peers.iter().all(is_well) { Outcome::Clear } else { Outcome::Unsound })
}

fn look(reader: &dyn Reader, terms: &Terms, at: Moment) -> anyhow::Result<Shown> {
    let (node, standing) = (organisation(), Standing::read(reader)?);
    let mut ids: BTreeSet<OrganisationId> =
        standing.peers(at).map(|peer| peer.id.clone()).collect();
    ids.extend(reader.exchange_peers(&node)?);
    let counts = reader.outgoing_counts(&node)?;
    let refused = reader.exchange_refused(&node)?;
    let (waiting, since) = reader.arrivals_waiting(&node)?;
    let mut peers = Vec::with_capacity(ids.len());
    for id in &ids {
        let member = standing.list().member(id);
        let state = reader.exchange_peer(&node, id)?;
        let pace = terms.pace(standing.own(), id);
        let count = counts.iter().find(|count| count.peer == *id);
        let is_member = member.is_some_and(|member| member.takes_part(at));
        let address = member.and_then(|member| address(terms, member));
        peers.push(row(id, (member, is_member, address), &state, pace, count, &refused));
    }
    Ok(Shown {
        federation: standing.list().federation.to_string(),
        own: standing.own().to_string(),
        to_be_handled: waiting,
        to_be_handled_since: since.map(|since| since.to_string()),
        peers,
        refused_of_strangers: refused_of(None, &refused),
    })
}

/// Where it is reached, or that this can't be used.
fn address(terms: &Terms, member: &Member) -> Option<String> {
    match terms.address(member) {
        Ok(address) => address.map(|address| address.to_string()),
        Err(error) => Some(format!("({error})")),
    }
}

fn row(
    id: &OrganisationId,
    (member, is_member, address): (Option<&Member>, bool, Option<String>),
    state: &PeerState,
    pace: Pace,
    count: Option<&WaitingCount>,
    refused: &[RefusedCount],
) -> PeerRow {
    let polled = state.last_tick.and_then(|tick| pace.moment_of(tick));
    PeerRow {
        id: id.to_string(),
        body: member.map(|member| member.body.code()),
        is_member,
        address,
        polled: polled.map(|at| at.to_string()),
        heard: state.last_request.map(|at| at.to_string()),
        waiting: count.map_or(0, |count| count.waiting),
        oldest: count.and_then(|count| count.oldest).map(|at| at.to_string()),
        given_up: count.map_or(0, |count| count.dead),
        refused: refused_of(Some(id), refused),
    }
}

/// How often what was refused of somebody, by its name.
fn refused_of(peer: Option<&OrganisationId>, refused: &[RefusedCount]) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for one in refused.iter().filter(|one| one.peer.as_ref() == peer) {
        let count: &mut u64 = all.entry(one.reason.clone()).or_default();
        *count = count.saturating_add(one.count);
    }
    all
}

fn table(out: &mut impl Write, shown: &Shown) -> io::Result<()> {
    writeln!(out, "federation  {}", plain(&shown.federation))?;
    writeln!(out, "this node   {}", plain(&shown.own))?;
    let since = shown.to_be_handled_since.as_deref().unwrap_or("-");
    match shown.to_be_handled {
        0 => writeln!(out, "came        all is handled\n")?,
        count => writeln!(
            out,
            "came        {} to be handled, the first since {since}\n",
            several(count, "message", "messages")
        )?,
    }
    let header = ["id", "body", "polled", "heard", "waiting", "oldest", "given up", "refused"];
    let mut rows: Vec<Vec<String>> = vec![header.map(str::to_owned).to_vec()];
    rows.extend(shown.peers.iter().map(cells));
    let widths: Vec<usize> = (0..header.len())
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(String::len).max())
        .map(|width| width.unwrap_or(0))
        .collect();
    for row in &rows {
        let padded: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())?;
    }
    for row in &shown.peers {
        let reached = match &row.address {
            Some(address) => format!("at {}", plain(address)),
            None => "says no address, so it has to ask here, or files are carried".to_owned(),
        };
        writeln!(out, "\n{}: {reached}", plain(&row.id))?;
        by_name(out, &row.refused)?;
    }
    if !shown.refused_of_strangers.is_empty() {
        writeln!(out, "\nof strangers, or of whoever can't be told from one:")?;
        by_name(out, &shown.refused_of_strangers)?;
    }
    Ok(())
}

fn by_name(out: &mut impl Write, refused: &BTreeMap<String, u64>) -> io::Result<()> {
    refused.iter().try_for_each(|(code, count)| writeln!(out, "  refused  {code}: {count}"))
}

fn cells(row: &PeerRow) -> Vec<String> {
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let body = match (row.body, row.is_member) {
        (Some(body), true) => body.to_owned(),
        (Some(body), false) => format!("{body}, no member now"),
        (None, _) => "no member".to_owned(),
    };
    let refused: u64 = row.refused.values().sum();
    vec![
        plain(&row.id),
        body,
        or(&row.polled),
        or(&row.heard),
        row.waiting.to_string(),
        or(&row.oldest),
        row.given_up.to_string(),
        refused.to_string(),
    ]
}
