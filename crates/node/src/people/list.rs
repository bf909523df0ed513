//! `portcullis people list`, `show` and `proposals`.

use super::{known, office, opened, said};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use portcullis_decide::StatedReason;
use portcullis_decide::people::{
    Grants, Office, Outcome as Ended, Person, PersonState, Proof, Proposal, Proposed, Second,
};
use portcullis_types::{EventTime, OfficerId, Role};
use std::io::{self, Write};

/// List everybody who may act here, and what needs a look
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Those included who have left
    #[arg(long)]
    all: bool,
}

pub(super) fn list(args: &ListArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let now = EventTime::rounded_down(environment.clock.now())?;
    let mut store = opened(environment)?;
    let office = office(&mut store)?;
    let proposals = store.read(|r| r.proposals(&organisation())).map_err(said)?;
    let mut out = io::stdout().lock();
    for person in &office.people {
        if person.state == PersonState::Left && !args.all {
            continue;
        }
        writeln!(
            out,
            "{:<24} {:<10} {:<40} {}",
            person.person.officer,
            state(person, now),
            roles(person, now),
            shown(person.name.reveal())
        )?;
    }
    for line in needs_a_look(&office, &proposals, now) {
        writeln!(out, "! {line}")?;
    }
    Ok(Outcome::Clear)
}

fn state(person: &Person, now: EventTime) -> &'static str {
    if person.state == PersonState::Active && !person.stands(now) {
        return "not now";
    }
    person.state.code()
}

fn roles(person: &Person, now: EventTime) -> String {
    let all: Vec<&str> = person.roles(now).into_iter().map(Role::code).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(" ") }
}

/// What nobody may miss.
fn needs_a_look(office: &Office, proposals: &[Proposal], now: EventTime) -> Vec<String> {
    let mut lines = Vec::new();
    let administrators = office.administrators(now);
    if administrators < 2 {
        let are = if administrators == 1 { "administrator is" } else { "administrators are" };
        lines.push(format!("{administrators} {are} in office; what gives anybody more takes two, or a recovery code"));
    }
    for code in &office.codes {
        if let Some(at) = code.used_at {
            lines.push(format!("recovery code {} was USED {at}", code.place));
        }
    }
    let left = office.codes.iter().filter(|code| code.used_at.is_none()).count();
    if left == 0 && administrators < 3 {
        lines.push(
            "there is no recovery code; propose `recovery-codes`, and put the sheet in a safe"
                .to_owned(),
        );
    }
    for outside in &office.outside {
        let (person, until) = (&outside.person, outside.until);
        lines.push(if now < until {
            format!("{person} of another organisation may approve here until {until}")
        } else {
            format!("{person} of another organisation might approve here until {until}")
        });
    }
    for proposal in proposals {
        let (what, about) = (proposal.what().code(), proposal.what().officer());
        if let Some(Ended::Approved { second: Second::RecoveryCode { officer, .. }, .. }) =
            proposal.outcome()
        {
            let about = about.map_or_else(String::new, |about| format!(" of {about}"));
            lines.push(format!("{what}{about} was approved by {officer} WITH A RECOVERY CODE"));
        }
    }
    for proposal in proposals.iter().filter(|proposal| proposal.is_open(now)) {
        lines.push(format!("{} waits for approval: {}", proposal.what().code(), proposal.id()));
    }
    lines
}

/// Show all that is kept of somebody
#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// His account
    account: OfficerId,
}

pub(super) fn show(args: &ShowArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let now = EventTime::rounded_down(environment.clock.now())?;
    let mut store = opened(environment)?;
    let person = known(&office(&mut store)?, &args.account)?;
    let (credentials, ways) = store
        .read(|r| {
            let own = organisation();
            Ok((r.credentials(&own, &args.account)?, r.wrapped_keys(&own, &args.account)?))
        })
        .map_err(said)?;
    let mut out = io::stdout().lock();
    writeln!(out, "account      {}", person.person.officer)?;
    writeln!(out, "name         {}", shown(person.name.reveal()))?;
    writeln!(out, "stands       {}", state(&person, now))?;
    write_grants(&mut out, &person.grants)?;
    writeln!(
        out,
        "enrolled     {}",
        if person.keys.is_some() { "yes, with keys of his own" } else { "no" }
    )?;
    for credential in &credentials {
        writeln!(
            out,
            "signs in by  {} {}, since {}",
            credential.kind,
            shown(credential.label.reveal()),
            credential.made_at
        )?;
    }
    for way in &ways {
        writeln!(out, "keys open by {}, since {}", way.way, way.made_at)?;
    }
    Ok(Outcome::Clear)
}

fn write_grants(out: &mut impl Write, grants: &Grants) -> io::Result<()> {
    for (role, term) in &grants.roles {
        writeln!(out, "role         {role}, {}", said_term(term.from, term.until))?;
    }
    writeln!(out, "clearance    {}", grants.clearance.0)?;
    for compartment in &grants.compartments {
        writeln!(out, "compartment  {}", shown(compartment))?;
    }
    if let Some(party) = &grants.party {
        writeln!(out, "party        {party}")?;
    }
    writeln!(out, "in office    {}", said_term(grants.term.from, grants.term.until))
}

fn said_term(from: EventTime, until: Option<EventTime>) -> String {
    match until {
        Some(until) => format!("from {from} until {until}"),
        None => format!("from {from}"),
    }
}

/// List what was proposed and waits for approval
#[derive(Debug, clap::Args)]
pub(super) struct ProposalsArgs {
    /// Those included that were dealt with or have lapsed
    #[arg(long)]
    all: bool,
}

pub(super) fn proposals(
    args: &ProposalsArgs,
    environment: &mut Environment,
) -> anyhow::Result<Outcome> {
    let now = EventTime::rounded_down(environment.clock.now())?;
    let mut store = opened(environment)?;
    let proposals = store.read(|r| r.proposals(&organisation())).map_err(said)?;
    let mut out = io::stdout().lock();
    for proposal in proposals.iter().filter(|proposal| args.all || proposal.is_open(now)) {
        write_proposal(&mut out, proposal)?;
        writeln!(out, "{}\n", ended(proposal, now))?;
    }
    Ok(Outcome::Clear)
}

/// All that a proposal says, and the digest of it that is signed.
pub(super) fn write_proposal(out: &mut impl Write, proposal: &Proposal) -> io::Result<()> {
    writeln!(out, "{}", proposal.id())?;
    let proof = match proposal.proof() {
        Proof::Signature(_) => "his signature",
        Proof::RecoveryCode(_) => "A RECOVERY CODE",
    };
    writeln!(out, "proposed by  {}, {}, with {proof}", proposal.by(), proposal.at())?;
    write_proposed(out, proposal.what(), proposal.reason())?;
    writeln!(out, "digest       {}", proposal.draft().digest())
}

fn ended(proposal: &Proposal, now: EventTime) -> String {
    match proposal.outcome() {
        None if proposal.is_open(now) => "waits for approval".to_owned(),
        None => "lapsed".to_owned(),
        Some(Ended::Refused { at, by }) => format!("refused by {by}, {at}"),
        Some(Ended::Closed { at, .. }) => {
            format!("closed, because {} may do otherwise since {at}", proposal.by())
        }
        Some(Ended::Approved { at, second }) => match second {
            Second::Administrator { officer, .. } => format!("approved by {officer}, {at}"),
            Second::RecoveryCode { officer, signature: Some(_), .. } => {
                format!("approved by {officer} WITH A RECOVERY CODE, {at}")
            }
            Second::RecoveryCode { officer, signature: None, .. } => {
                format!("approved WITH A RECOVERY CODE, {at}, by somebody who says he is {officer}")
            }
            Second::Outside { person, .. } => format!("approved by {person}, outside, {at}"),
        },
    }
}

pub(super) fn write_proposed(
    out: &mut impl Write,
    what: &Proposed,
    reason: &StatedReason,
) -> io::Result<()> {
    match what.officer() {
        Some(officer) => writeln!(out, "what         {} {officer}", what.code())?,
        None => writeln!(out, "what         {}", what.code())?,
    }
    match what {
        Proposed::MakeOfficer { name, grants, .. } => {
            writeln!(out, "name         {}", shown(name.reveal()))?;
            write_grants(out, grants)?;
        }
        Proposed::ChangeGrants { grants, .. } => write_grants(out, grants)?,
        Proposed::OutsideAdministrator { person, key, until } => {
            let key = super::outside::to_hex(key);
            writeln!(out, "who          {person}\nkey          {key}\nuntil        {until}")?;
        }
        Proposed::Reinstate { .. } | Proposed::ResetSignIn { .. } | Proposed::RecoveryCodes => {}
    }
    writeln!(out, "why          {}", shown(reason.text().reveal()))
}

/// Text from outside, without what a terminal would obey.
pub(super) fn shown(text: &str) -> String {
    crate::report::words::plain(text)
}
